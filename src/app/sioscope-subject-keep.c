/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a subject's recording is, what it is called, whether it is safe there, and saving it. */

#include "config.h"

#include "sioscope-looks.h"
#include "sioscope-save.h"
#include "sioscope-subject-private.h"

#include <glib/gi18n.h>

/**
 * sioscope_subject_dup_recording_title:
 * @path: a recording's file
 * @title: (nullable): what the file says that it is of
 *
 * The file of a recording that nobody has saved has a name that we made up: what it is of says more.
 *
 * Returns: (transfer full): what to call it, safe to show
 */
char *
sioscope_subject_dup_recording_title (const char *path, const char *title)
{
  g_autofree char *name = NULL;

  if (title == NULL || *title == '\0')
    {
      name = g_filename_display_basename (path);
      return sioscope_looks_dup_safe (name);
    }
  name = g_strdup (g_str_has_prefix (title, "http://") ? title + strlen ("http://") : title);
  if (g_str_has_suffix (name, "/"))
    name[strlen (name) - 1] = '\0';
  return sioscope_looks_dup_safe (name);
}

/**
 * sioscope_subject_dup_folder:
 *
 * Where the recordings are that nobody has saved. Made if it is not there, for this user only.
 *
 * Returns: (transfer full): the folder's path
 */
char *
sioscope_subject_dup_folder (void)
{
  char *folder = g_build_filename (g_get_user_data_dir (), "sioscope", "recordings", NULL);

  /* If that fails the recording cannot be made there either, and it says why in its own notice. */
  (void) g_mkdir_with_parents (folder, 0700);
  return folder;
}

/**
 * sioscope_subject_dup_new_path:
 * @name: of a host or a file; only letters, digits, dots and dashes of it are taken
 *
 * Where a recording can be made that nobody has saved yet. Never call it with a text that a server has chosen.
 *
 * Returns: (transfer full): a path in sioscope_subject_dup_folder() at which there is nothing
 */
char *
sioscope_subject_dup_new_path (const char *name)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *folder = sioscope_subject_dup_folder ();
  g_autofree char *when = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *safe = g_strdup (name);

  g_strcanon (safe, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", '_');
  if (safe[0] == '.' || safe[0] == '-')
    safe[0] = '_';

  for (guint number = 1;; number++)
    {
      g_autofree char *suffix = number > 1 ? g_strdup_printf ("-%u", number) : g_strdup ("");
      g_autofree char *file_name = g_strdup_printf ("%.100s-%s%s.sioscope", safe, when, suffix);
      char *path = g_build_filename (folder, file_name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return path;
      g_free (path);
    }
}

/* Everything in it is in a file that the person has chosen. */
static gboolean
sioscope_subject_is_kept_elsewhere (SioscopeSubject *self)
{
  return self->saved_rows != G_MAXUINT64 && self->saved_rows == sioscope_recording_get_n_rows (self->recording);
}

/* What has been saved, and up to where. */
typedef struct
{
  SioscopeRecording *recording;
  guint64 n_rows;
} Saving;

static void
saving_free (gpointer data)
{
  g_object_unref (((Saving *) data)->recording);
  g_free (data);
}

static void
sioscope_subject_saved (GTask *task, gboolean done, GError *error)
{
  SioscopeSubject *self = g_task_get_source_object (task);
  Saving *saving = g_task_get_task_data (task);

  if (!done)
    {
      g_task_return_error (task, error);
      return;
    }
  if (saving->recording == self->recording)
    self->saved_rows = saving->n_rows;
  g_task_return_boolean (task, TRUE);
}

static void
sioscope_subject_exported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  sioscope_subject_saved (task, sioscope_export_finish (SIOSCOPE_RECORDING (source), result, &error), error);
}

static void
sioscope_subject_copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  sioscope_subject_saved (task, sioscope_save_copy_finish (G_FILE (source), result, &error), error);
}

/**
 * sioscope_subject_save_async:
 * @self: a subject
 * @destination: where to; replaced when all of it is written, mode 0600
 * @progress: (nullable): called on this context
 * @progress_data: for @progress
 * @cancellable: (nullable): stops it; @destination is as before then
 * @callback: called once
 * @data: for @callback
 *
 * Writes the whole recording as far as it has been published, secrets included. The connection goes on.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if there is nothing to save yet, and with the errors of sioscope_export_async().
 */
void
sioscope_subject_save_async (SioscopeSubject     *self,
                             GFile               *destination,
                             SioscopeProgress     progress,
                             gpointer             progress_data,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);
  const SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_RECORDING, .include_secrets = TRUE };
  Saving *saving;

  g_task_set_source_tag (task, sioscope_subject_save_async);
  if (self->recording == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is nothing to save yet"));
      g_object_unref (task);
      return;
    }

  saving = g_new0 (Saving, 1);
  saving->recording = g_object_ref (self->recording);
  saving->n_rows = sioscope_recording_get_n_rows (self->recording);
  g_task_set_task_data (task, saving, saving_free);
  /* A file that was opened is copied as it is, damage and all; what this run records may be in memory in part. */
  if (self->connection == NULL)
    {
      g_autoptr (GFile) source = g_file_new_for_path (sioscope_recording_get_path (self->recording));

      sioscope_save_copy_async (source, destination, progress, progress_data, cancellable, sioscope_subject_copied_cb, task);
    }
  else
    sioscope_export_async (self->recording, &options, destination, progress, progress_data, cancellable,
                           sioscope_subject_exported_cb, task);
}

gboolean
sioscope_subject_save_finish (SioscopeSubject *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * sioscope_subject_get_unsaved:
 * @self: a subject
 *
 * Returns: whether its recording is in the folder of unsaved ones and holds what is nowhere else
 */
gboolean
sioscope_subject_get_unsaved (SioscopeSubject *self)
{
  return (self->connection != NULL || self->leftover) && self->recording != NULL &&
         sioscope_recording_get_path (self->recording) != NULL && sioscope_recording_get_n_rows (self->recording) > 0 &&
         !sioscope_subject_is_kept_elsewhere (self);
}

/**
 * sioscope_subject_dup_risk:
 * @self: a subject
 *
 * Where the disk refused, a recording is in memory from there on.
 *
 * Returns: (transfer full) (nullable): what went wrong with keeping it, safe to show, if ending it now can lose something; else %NULL
 */
char *
sioscope_subject_dup_risk (SioscopeSubject *self)
{
  g_autofree char *notice = NULL;

  if (self->connection == NULL || sioscope_subject_is_kept_elsewhere (self))
    return NULL;
  notice = sioscope_recording_dup_notice (self->recording);
  return notice != NULL ? sioscope_looks_dup_safe (notice) : NULL;
}
