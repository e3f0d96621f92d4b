/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Printing: opens the file, or makes a recording of it that is there for as long as it is printed, and hands it to the export. */

#include <glib/gstdio.h>
#include <signal.h>

#include "siocat-interrupt.h"
#include "siocat-output.h"
#include "siocat-print.h"
#include "sioscope-import.h"

/* ── Standard output as a stream ── */

#define SIOCAT_TYPE_PRINT_STREAM (siocat_print_stream_get_type ())
G_DECLARE_FINAL_TYPE (SiocatPrintStream, siocat_print_stream, SIOCAT, PRINT_STREAM, GOutputStream)

struct _SiocatPrintStream {
  GOutputStream parent_instance;
};

G_DEFINE_FINAL_TYPE (SiocatPrintStream, siocat_print_stream, G_TYPE_OUTPUT_STREAM)

static gssize
siocat_print_stream_write (GOutputStream  *stream,
                           const void     *data,
                           gsize           size,
                           GCancellable   *cancellable,
                           GError        **error)
{
  siocat_output_write (data, size);
  if (!siocat_output_is_broken ())
    return (gssize) size;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "nobody reads any more");
  return -1;
}

static void
siocat_print_stream_class_init (SiocatPrintStreamClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = siocat_print_stream_write;
}

static void
siocat_print_stream_init (SiocatPrintStream *self)
{
}

/* ── The job ── */

typedef struct {
  const char                  *file;
  const SioscopeExportOptions *options;
  const char                  *output;
  GCancellable                *cancellable;
  GMainLoop                   *loop;

  char                        *folder;  /* for the recording of a foreign file; NULL if there is none */
  char                        *path;
  gboolean                     done;
  gboolean                     opened;
  GError                      *error;   /* of the file that is read unless opened */
} Job;

static SioscopeRecording *
open_foreign (Job *job)
{
  job->folder = g_dir_make_tmp ("siocat-XXXXXX", &job->error); /* 0700 */
  if (job->folder == NULL)
    return NULL;
  job->path = g_build_filename (job->folder, "recording.sioscope", NULL);
  if (!sioscope_import_file (job->file, job->path, NULL, NULL, job->cancellable, &job->error))
    return NULL;
  return sioscope_recording_open (job->path, &job->error);
}

static void
remove_foreign (Job *job)
{
  if (job->path != NULL)
    g_unlink (job->path);
  if (job->folder != NULL)
    g_rmdir (job->folder);
  g_clear_pointer (&job->path, g_free);
  g_clear_pointer (&job->folder, g_free);
}

static gpointer
job_thread (gpointer data)
{
  Job *job = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GOutputStream) stream = NULL;
  g_autofree char *notice = NULL;

  /* A recording tells of news on the context that it was made in. */
  g_main_context_push_thread_default (context);
  recording = sioscope_import_is_foreign (job->file) ? open_foreign (job) : sioscope_recording_open (job->file, &job->error);
  if (recording != NULL)
    {
      job->opened = TRUE;
      /* A torn last row is no error: that is how a recording looks whose program was killed. */
      notice = sioscope_recording_dup_notice (recording);
      if (notice != NULL)
        siocat_complain ("%s: %s", job->file, notice);
      if (job->output != NULL)
        job->done = sioscope_export_file (recording, job->options, job->output, NULL, NULL, job->cancellable, &job->error);
      else
        {
          stream = g_object_new (SIOCAT_TYPE_PRINT_STREAM, NULL);
          job->done = sioscope_export_write (recording, job->options, stream, NULL, NULL, job->cancellable, &job->error);
        }
    }
  g_clear_object (&recording);
  remove_foreign (job);
  g_main_context_pop_thread_default (context);
  g_main_loop_quit (job->loop);
  return NULL;
}

static gboolean
interrupted_cb (gpointer data)
{
  Job *job = data;

  g_cancellable_cancel (job->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
start_cb (gpointer data)
{
  g_thread_unref (g_thread_new ("print", job_thread, data));
  return G_SOURCE_REMOVE;
}

static SiocatStatus
finish (Job *job)
{
  SiocatStatus status = siocat_output_finish (SIOCAT_DONE);

  if (job->done || siocat_output_is_broken ())
    return status;
  /* Who opens a recording names the file, who reads what another program wrote does not. */
  if (!job->opened && !g_str_has_prefix (job->error->message, job->file))
    siocat_complain ("%s: %s", job->file, job->error->message);
  else
    siocat_complain ("%s", job->error->message);
  return SIOCAT_FILE;
}

SiocatStatus
siocat_print_run (const char                  *file,
                  const SioscopeExportOptions *options,
                  const char                  *output)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Job job = { .file = file, .options = options, .output = output, .cancellable = cancellable, .loop = loop };
  SiocatStatus status;

  siocat_interrupt_watch (interrupted_cb, &job);
  g_idle_add (start_cb, &job);
  g_main_loop_run (loop);

  /* All is as it was: now the signal does what it would have done. */
  if (siocat_interrupt_is_pending () && !job.done)
    {
      g_clear_error (&job.error);
      signal (SIGINT, SIG_DFL);
      raise (SIGINT);
    }
  status = finish (&job);
  g_clear_error (&job.error);
  return status;
}
