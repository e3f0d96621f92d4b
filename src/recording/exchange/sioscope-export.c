/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is asked from outside: into a stream, into a file, on a thread of its own. */

#include <errno.h>
#include <unistd.h>

#include <gio/gunixoutputstream.h>

#include "sioscope-export.h"
#include "sioscope-exporter-private.h"

static const struct {
  const char *word;
  const char *extension;
  void      (*write) (SioscopeExporter *self);
} formats[SIOSCOPE_N_FORMATS] = {
  [SIOSCOPE_FORMAT_NDJSON] = { "ndjson", "ndjson", sioscope_export_ndjson },
  [SIOSCOPE_FORMAT_CSV] = { "csv", "csv", sioscope_export_csv },
  [SIOSCOPE_FORMAT_HAR] = { "har", "har", sioscope_export_har },
  [SIOSCOPE_FORMAT_TEXT] = { "text", "txt", sioscope_export_text },
  [SIOSCOPE_FORMAT_RECORDING] = { "sioscope", "sioscope", NULL /* into a file only */ },
};

/**
 * sioscope_format_get_word:
 * @format: a format
 *
 * Returns: what it is called on a command line
 */
const char *
sioscope_format_get_word (SioscopeFormat format)
{
  g_return_val_if_fail ((guint) format < SIOSCOPE_N_FORMATS, NULL);

  return formats[format].word;
}

/**
 * sioscope_format_get_extension:
 * @format: a format
 *
 * Returns: how the names of its files end, without the dot
 */
const char *
sioscope_format_get_extension (SioscopeFormat format)
{
  g_return_val_if_fail ((guint) format < SIOSCOPE_N_FORMATS, NULL);

  return formats[format].extension;
}

/**
 * sioscope_format_from_word:
 * @word: what somebody typed
 * @format: (out): the format that is called so
 *
 * Returns: %FALSE if none is
 */
gboolean
sioscope_format_from_word (const char     *word,
                           SioscopeFormat *format)
{
  for (guint i = 0; i < SIOSCOPE_N_FORMATS; i++)
    if (g_str_equal (formats[i].word, word))
      {
        *format = (SioscopeFormat) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * sioscope_export_write:
 * @recording: what to write; a live one is written as far as it is now
 * @options: how. Not %SIOSCOPE_FORMAT_RECORDING, which needs a file
 * @out: where to; it is flushed and not closed
 * @progress: (nullable) (scope call): told how far it is, on this thread
 * @progress_data: for @progress
 * @cancellable: (nullable): stops it
 * @error: GIO's
 *
 * Any thread, and blocks. If it fails, @out has a part of the whole.
 *
 * Returns: whether all of it was written
 */
gboolean
sioscope_export_write (SioscopeRecording            *recording,
                       const SioscopeExportOptions  *options,
                       GOutputStream                *out,
                       SioscopeProgress              progress,
                       gpointer                      progress_data,
                       GCancellable                 *cancellable,
                       GError                      **error)
{
  g_autoptr(SioscopeExporter) exporter = NULL;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), FALSE);
  g_return_val_if_fail (options->format != SIOSCOPE_FORMAT_RECORDING, FALSE);

  exporter = sioscope_exporter_new (recording, options, out, progress, progress_data, cancellable);
  if (options->format == SIOSCOPE_FORMAT_NDJSON && options->lines != NULL)
    sioscope_export_lines (exporter);
  else
    formats[options->format].write (exporter);
  return sioscope_exporter_finish (exporter, error);
}

static gboolean
write_recording (SioscopeRecording            *recording,
                 const SioscopeExportOptions  *options,
                 const char                   *path,
                 SioscopeProgress              progress,
                 gpointer                      progress_data,
                 GCancellable                 *cancellable,
                 GError                      **error)
{
  g_autoptr(SioscopeExporter) exporter = sioscope_exporter_new (recording, options, NULL, progress, progress_data, cancellable);

  sioscope_export_recording (exporter, path);
  return sioscope_exporter_finish (exporter, error);
}

static gboolean
write_file (SioscopeRecording            *recording,
            const SioscopeExportOptions  *options,
            int                           fd,
            SioscopeProgress              progress,
            gpointer                      progress_data,
            GCancellable                 *cancellable,
            GError                      **error)
{
  g_autoptr(GOutputStream) stream = g_unix_output_stream_new (fd, FALSE);
  gboolean written = sioscope_export_write (recording, options, stream, progress, progress_data, cancellable, error);

  if (written && fsync (fd) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno), g_strerror (errno));
      written = FALSE;
    }
  /* The error of a network's disk may come as late as this. */
  if (close (fd) != 0 && errno != EINTR && written)
    {
      g_set_error_literal (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno), g_strerror (errno));
      written = FALSE;
    }
  return written;
}

/**
 * sioscope_export_file:
 * @recording: what to write; a live one is written as far as it is now
 * @options: how
 * @path: where to
 * @progress: (nullable) (scope call): told how far it is, on this thread
 * @progress_data: for @progress
 * @cancellable: (nullable): stops it
 * @error: GIO's; the message names the place
 *
 * Any thread, and blocks. What is at @path is replaced when all of the new file is on the disk, and stays if anything fails. It must not
 * be a symbolic link, nor anything but a file.
 *
 * Returns: whether all of it is there
 */
gboolean
sioscope_export_file (SioscopeRecording            *recording,
                      const SioscopeExportOptions  *options,
                      const char                   *path,
                      SioscopeProgress              progress,
                      gpointer                      progress_data,
                      GCancellable                 *cancellable,
                      GError                      **error)
{
  g_auto(SioscopePlacing) placing = { .folder = -1 };
  g_autofree char *name = NULL;
  gboolean written;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (!sioscope_placing_begin (&placing, path, error))
    return FALSE;
  name = g_filename_display_name (path);
  if (options->format == SIOSCOPE_FORMAT_RECORDING)
    written = write_recording (recording, options, placing.temporary, progress, progress_data, cancellable, error);
  else
    {
      int fd = sioscope_placing_create (&placing, error);

      if (fd < 0)
        return FALSE;
      written = write_file (recording, options, fd, progress, progress_data, cancellable, error);
    }
  if (!written)
    {
      g_prefix_error (error, "%s: ", name);
      return FALSE;
    }
  return sioscope_placing_finish (&placing, error);
}

/* One export on its thread: a copy of what was asked, and the way back for its progress. */
typedef struct {
  SioscopeExportOptions options;
  SioscopeExportLines   lines;
  char                 *path;
  SioscopeProgress      progress;
  gpointer              progress_data;
  GMainContext         *context;
} Work;

static void
work_free (Work *work)
{
  g_clear_pointer (&work->options.filter, sioscope_filter_unref);
  g_free (work->path);
  g_main_context_unref (work->context);
  g_free (work);
}

typedef struct {
  GTask *task; /* while it lives, so does the work */
  double done;
} Told;

static void
told_free (gpointer data)
{
  Told *told = data;

  g_object_unref (told->task);
  g_free (told);
}

static gboolean
tell_cb (gpointer data)
{
  Told *told = data;
  Work *work = g_task_get_task_data (told->task);

  work->progress (told->done, work->progress_data);
  return G_SOURCE_REMOVE;
}

/* In the order of their sources, and the task's own comes last: nothing is told after the callback. */
static void
progress_cb (double   done,
             gpointer data)
{
  GTask *task = data;
  Work *work = g_task_get_task_data (task);
  g_autoptr(GSource) source = g_idle_source_new ();
  Told *told = g_new (Told, 1);

  *told = (Told) { g_object_ref (task), done };
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, tell_cb, told, told_free);
  g_source_set_static_name (source, "sioscope export progress");
  g_source_attach (source, work->context);
}

static void
export_thread_cb (GTask        *task,
                  gpointer      source,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  Work *work = task_data;
  g_autoptr(GError) error = NULL;

  if (sioscope_export_file (source, &work->options, work->path, work->progress != NULL ? progress_cb : NULL, task, cancellable,
                            &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * sioscope_export_async:
 * @recording: what to write
 * @options: how; copied
 * @destination: where to
 * @progress: (nullable) (scope notified): told how far it is, on the thread-default context of the caller, and not after @callback
 * @progress_data: for @progress
 * @cancellable: (nullable): stops it; what is at @destination stays
 * @callback: called when it is over
 * @data: for @callback
 *
 * sioscope_export_file() on a thread of its own. A @destination without a path (one that is not mounted here) is refused with
 * %G_IO_ERROR_NOT_SUPPORTED: such places cannot be replaced in one step.
 */
void
sioscope_export_async (SioscopeRecording           *recording,
                       const SioscopeExportOptions *options,
                       GFile                       *destination,
                       SioscopeProgress             progress,
                       gpointer                     progress_data,
                       GCancellable                *cancellable,
                       GAsyncReadyCallback          callback,
                       gpointer                     data)
{
  g_autoptr(GTask) task = NULL;
  Work *work;

  g_return_if_fail (SIOSCOPE_IS_RECORDING (recording));
  g_return_if_fail (G_IS_FILE (destination));

  task = g_task_new (recording, cancellable, callback, data);
  g_task_set_source_tag (task, sioscope_export_async);
  /* Whether it was cancelled in time is for the thread to say: the file may already be there. */
  g_task_set_check_cancellable (task, FALSE);

  work = g_new0 (Work, 1);
  work->options = *options;
  if (options->filter != NULL)
    sioscope_filter_ref (options->filter);
  if (options->lines != NULL)
    {
      work->lines = *options->lines;
      work->options.lines = &work->lines;
    }
  work->path = g_file_get_path (destination);
  work->progress = progress;
  work->progress_data = progress_data;
  work->context = g_main_context_ref_thread_default ();
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);

  if (work->path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (destination);

      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               "%s: only files on this computer can be written; save it here and copy it there", uri);
      return;
    }
  g_task_run_in_thread (task, export_thread_cb);
}

/**
 * sioscope_export_finish:
 * @recording: what was written
 * @result: what the callback was given
 * @error: GIO's; the message names the place
 *
 * Returns: whether all of it is there
 */
gboolean
sioscope_export_finish (SioscopeRecording  *recording,
                        GAsyncResult       *result,
                        GError            **error)
{
  g_return_val_if_fail (g_task_is_valid (result, recording), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
