/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Importing: which of the formats it is, the file that is read, the recording that is made, progress and cancelling. */

#include "sioscope-import-private.h"
#include "sioscope-ndjson-private.h"

#include "wire/sio-json-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRESS_INTERVAL_US (G_USEC_PER_SEC / 4)
/* What a format must show itself in. */
#define SNIFF_SIZE 4096

typedef enum {
  FORMAT_NONE,
  FORMAT_NDJSON,
  FORMAT_HAR,
} Format;

G_DEFINE_QUARK (sioscope-import-error-quark, sioscope_import_error)

static SioSpan
skip_mark (SioSpan text)
{
  if (text.size >= 3 && memcmp (text.data, "\xef\xbb\xbf", 3) == 0)
    return (SioSpan) { text.data + 3, text.size - 3 };
  return text;
}

/* By the first member: ours says its format, and an HTTP Archive is one. */
static Format
sniff (SioSpan text)
{
  SioscopeImportReader reader;
  gboolean first = TRUE;
  SioSpan name, value;

  text = skip_mark (text);
  text.size = MIN (text.size, SNIFF_SIZE);
  sioscope_import_reader_init (&reader, text);
  if (!sioscope_import_open (&reader, '{') || !sioscope_import_more (&reader, &first, '}')
      || !sioscope_import_name (&reader, &name))
    return FORMAT_NONE;
  if (sio_json_token_equals (name, "log"))
    return sioscope_import_open (&reader, '{') ? FORMAT_HAR : FORMAT_NONE;
  if (sio_json_token_equals (name, "format") && sioscope_import_value (&reader, &value)
      && sio_json_token_equals (value, SIOSCOPE_NDJSON_FORMAT))
    return FORMAT_NDJSON;
  return FORMAT_NONE;
}

static int
open_source (const char   *source,
             gsize        *size,
             GError      **error)
{
  g_autofree char *name = g_filename_display_name (source);
  struct stat info;
  /* Not blocking: somebody may name a pipe. */
  int fd = open (source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      int number = errno;

      g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (number), "%s: %s", name, g_strerror (number));
    }
  else if (S_ISDIR (info.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "%s: that is a folder", name);
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s: that is no ordinary file", name);
  else
    {
      *size = (gsize) info.st_size;
      return fd;
    }
  if (fd >= 0)
    close (fd);
  return -1;
}

/**
 * sioscope_import_is_foreign:
 * @source: path of a file
 *
 * Looks at its first bytes, not at its name. What they say may still be wrong further on.
 *
 * Returns: whether it is of a format that sioscope_import_file() reads; a recording is not, nor what cannot be read
 */
gboolean
sioscope_import_is_foreign (const char *source)
{
  char buffer[SNIFF_SIZE];
  gsize size, n = 0;
  int fd;

  g_return_val_if_fail (source != NULL, FALSE);

  fd = open_source (source, &size, NULL);
  if (fd < 0)
    return FALSE;
  while (n < sizeof buffer)
    {
      gssize got = read (fd, buffer + n, sizeof buffer - n);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      n += (gsize) got;
    }
  close (fd);
  return sniff ((SioSpan) { buffer, n }) != FORMAT_NONE;
}

gboolean
sioscope_import_go_on (SioscopeImport  *self,
                       double           done,
                       GError         **error)
{
  gint64 now_us;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (self->progress == NULL)
    return TRUE;
  now_us = g_get_monotonic_time ();
  if (now_us >= self->told_us + PROGRESS_INTERVAL_US)
    {
      self->told_us = now_us;
      self->progress (CLAMP (done, 0.0, 1.0), self->progress_data);
    }
  return TRUE;
}

gboolean
sioscope_import_begin (SioscopeImport  *self,
                       const char      *title,
                       const char      *client,
                       gint64           start_real_us,
                       GError         **error)
{
  self->recording = sioscope_recording_new_copy (self->path, title, client, start_real_us, error);
  return self->recording != NULL;
}

gboolean
sioscope_import_append (SioscopeImport       *self,
                        const SioscopeEntry  *entry,
                        GError              **error)
{
  self->last_us = entry->time_us;
  return sioscope_recording_append_entry (self->recording, entry, error);
}

/**
 * sioscope_import_file:
 * @source: path of the file to read
 * @path: path of the recording to make, which must not exist; its mode is 0600
 * @progress: (nullable) (scope call): told how far, on the thread of the caller
 * @progress_data: for @progress
 * @cancellable: (nullable): a cancellable
 * @error: where to put what went wrong
 *
 * Reads NDJSON or a HAR and makes a recording of it. Takes memory for the largest row, and for a HAR a little for each exchange,
 * however large @source is. While it is read @source must not become shorter.
 *
 * Any thread, and blocks.
 *
 * Returns: %FALSE with a #SioscopeImportError, whose message says where and what was expected, or with what GIO says of the files. Then
 *   nothing is left at @path
 */
gboolean
sioscope_import_file (const char        *source,
                      const char        *path,
                      SioscopeProgress   progress,
                      gpointer           progress_data,
                      GCancellable      *cancellable,
                      GError           **error)
{
  SioscopeImport self = { .path = path, .progress = progress, .progress_data = progress_data, .cancellable = cancellable };
  void *mapping = NULL;
  gsize size = 0;
  Format format;
  gboolean good;
  int fd;

  g_return_val_if_fail (source != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  fd = open_source (source, &size, error);
  if (fd < 0)
    return FALSE;
  if (size > 0)
    mapping = mmap (NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  close (fd);
  if (mapping == MAP_FAILED)
    {
      int number = errno;
      g_autofree char *name = g_filename_display_name (source);

      g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (number), "%s: %s", name, g_strerror (number));
      return FALSE;
    }

  self.text = skip_mark ((SioSpan) { mapping, size });
  self.scratch = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  format = size > 0 ? sniff (self.text) : FORMAT_NONE;
  if (format == FORMAT_NONE)
    {
      g_autofree char *name = g_filename_display_name (source);

      g_set_error (error, SIOSCOPE_IMPORT_ERROR, SIOSCOPE_IMPORT_ERROR_UNKNOWN,
                   "%s: neither NDJSON of this program nor an HTTP Archive (HAR)", name);
      good = FALSE;
    }
  else
    good = format == FORMAT_NDJSON ? sioscope_import_ndjson (&self, error) : sioscope_import_har (&self, error);
  good = good && sioscope_recording_finish_copy (self.recording, error);
  if (good && progress != NULL)
    progress (1.0, progress_data);

  /* One that was not finished takes its file with it. */
  g_clear_object (&self.recording);
  g_ptr_array_unref (self.scratch);
  if (mapping != NULL)
    munmap (mapping, size);
  return good;
}

typedef struct {
  char             *source;
  char             *path;
  SioscopeProgress  progress;
  gpointer          progress_data;
} Job;

typedef struct {
  GTask *task; /* keeps the job and its callbacks' data as long as a call is under way */
  double done;
} Told;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->source);
  g_free (job->path);
  g_free (job);
}

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
  Job *job = g_task_get_task_data (told->task);

  if (!g_task_get_completed (told->task))
    job->progress (told->done, job->progress_data);
  return G_SOURCE_REMOVE;
}

/* On the thread that works: over to where it was begun. */
static void
pass_on (double   done,
         gpointer data)
{
  GTask *task = data;
  Told *told = g_new (Told, 1);
  GSource *source = g_idle_source_new ();

  told->task = g_object_ref (task);
  told->done = done;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, tell_cb, told, told_free);
  g_source_set_static_name (source, "[sioscope] import progress");
  g_source_attach (source, g_task_get_context (task));
  g_source_unref (source);
}

static void
run_job (GTask        *task,
         gpointer      object,
         gpointer      data,
         GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr(GError) error = NULL;

  if (sioscope_import_file (job->source, job->path, job->progress != NULL ? pass_on : NULL, task, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * sioscope_import_async:
 * @source: path of the file to read
 * @path: path of the recording to make, which must not exist
 * @progress: (nullable) (scope async): told how far, on the thread-default context of the caller, never after @callback
 * @progress_data: for @progress
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @data: for @callback
 *
 * sioscope_import_file() on a thread of its own.
 */
void
sioscope_import_async (const char          *source,
                       const char          *path,
                       SioscopeProgress     progress,
                       gpointer             progress_data,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             data)
{
  g_autoptr(GTask) task = NULL;
  Job *job;

  g_return_if_fail (source != NULL);
  g_return_if_fail (path != NULL);

  task = g_task_new (NULL, cancellable, callback, data);
  g_task_set_source_tag (task, sioscope_import_async);
  job = g_new0 (Job, 1);
  job->source = g_strdup (source);
  job->path = g_strdup (path);
  job->progress = progress;
  job->progress_data = progress_data;
  g_task_set_task_data (task, job, job_free);
  /* A file that is done is done, whoever cancelled a moment later: else it would be there and said not to be. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run_job);
}

/**
 * sioscope_import_finish:
 * @result: what the callback was given
 * @error: where to put what went wrong
 *
 * Returns: as sioscope_import_file()
 */
gboolean
sioscope_import_finish (GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, sioscope_import_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
