/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A file chooser, then the bytes; and a file as it is. */

#include "config.h"

#include "sioscope-save.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * sioscope_save_dup_name:
 * @bytes: what will be saved
 * @what: what it is, a word of ours
 * @extension: without the dot
 *
 * Returns: (transfer full): a name for the file that holds nothing a server has chosen
 */
char *
sioscope_save_dup_name (GBytes     *bytes,
                        const char *what,
                        const char *extension)
{
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

  return g_strdup_printf ("sioscope-%s-%.12s.%s", what, hash, extension);
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(GTask) task = data;
  GError *error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
response_cb (GtkNativeDialog *dialog,
             int              response,
             gpointer         data)
{
  g_autoptr(GTask) task = data;
  g_autoptr(GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);

  if (file == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "nothing was chosen");
      return;
    }
  g_file_replace_contents_bytes_async (file, g_task_get_task_data (task), /* etag= */ NULL, /* backup= */ FALSE,
                                       G_FILE_CREATE_PRIVATE, g_task_get_cancellable (task), written_cb,
                                       g_object_ref (task));
}

/**
 * sioscope_save_bytes_async:
 * @widget: over whose window the file chooser opens
 * @bytes: what to save; kept until it is written
 * @name: the name to propose, see sioscope_save_dup_name()
 * @cancellable: (nullable): stops the writing
 * @callback: called once
 * @data: for @callback
 *
 * Asks for a file and writes @bytes into it. Fails with %G_IO_ERROR_CANCELLED if the person chose none.
 */
void
sioscope_save_bytes_async (GtkWidget           *widget,
                           GBytes              *bytes,
                           const char          *name,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             data)
{
  GTask *task = g_task_new (widget, cancellable, callback, data);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkFileChooserNative *dialog =
    gtk_file_chooser_native_new (_("Save"), GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                 GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), _("_Cancel"));

  g_task_set_source_tag (task, sioscope_save_bytes_async);
  g_task_set_task_data (task, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  /* The task and the dialog go together: the answer releases both. */
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

gboolean
sioscope_save_bytes_finish (GtkWidget     *widget,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, widget), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* One copy on its thread, and the way back for its progress. */
typedef struct {
  GFile            *destination;
  SioscopeProgress  progress;
  gpointer          progress_data;
  GMainContext     *context;
  gint64            told_us;
} Copy;

typedef struct {
  SioscopeProgress  progress;
  gpointer          data;
  double            done;
} Told;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  g_object_unref (copy->destination);
  g_main_context_unref (copy->context);
  g_free (copy);
}

static gboolean
told_cb (gpointer data)
{
  Told *told = data;

  told->progress (told->done, told->data);
  return G_SOURCE_REMOVE;
}

static void
copy_progress_cb (goffset done, goffset total, gpointer data)
{
  g_autoptr(GSource) source = NULL;
  Copy *copy = data;
  Told *told;

  if (copy->progress == NULL || total <= 0 || g_get_monotonic_time () - copy->told_us < 100 * 1000)
    return;
  copy->told_us = g_get_monotonic_time ();
  told = g_new (Told, 1);
  *told = (Told) { copy->progress, copy->progress_data, (double) done / (double) total };
  /* Before the callback of the task, whose source comes later with the same priority. */
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, told_cb, told, g_free);
  g_source_set_static_name (source, "[sioscope] save progress");
  g_source_attach (source, copy->context);
}

/* Only a file of this computer can be asked for that. */
static gboolean
sioscope_save_sync (GFile *file, GError **error)
{
  const char *path = g_file_peek_path (file);
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  int saved_errno = 0;

  if (path == NULL)
    return TRUE;
  if (fd < 0 || fchmod (fd, 0600) != 0 || fsync (fd) != 0)
    saved_errno = errno;
  if (fd >= 0)
    close (fd);
  if (saved_errno != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", path, g_strerror (saved_errno));
  return saved_errno == 0;
}

static void
copy_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copy *copy = data;
  g_autoptr(GFile) folder = g_file_get_parent (copy->destination);
  g_autofree char *name = g_strdup_printf (".sioscope-%08x%08x", g_random_int (), g_random_int ());
  g_autoptr(GFile) temporary = folder != NULL ? g_file_get_child (folder, name) : NULL;
  GError *error = NULL;

  if (temporary == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "%s", g_strerror (EISDIR));
      return;
    }
  /* The old file is there until the new one is whole. */
  if (g_file_copy (source, temporary, G_FILE_COPY_NOFOLLOW_SYMLINKS, cancellable, copy_progress_cb, copy, &error) &&
      sioscope_save_sync (temporary, &error) &&
      g_file_move (temporary, copy->destination, G_FILE_COPY_OVERWRITE | G_FILE_COPY_NO_FALLBACK_FOR_MOVE, NULL, NULL, NULL, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_file_delete (temporary, NULL, NULL);
  g_task_return_error (task, error);
}

/**
 * sioscope_save_copy_async:
 * @source: a file
 * @destination: where to
 * @progress: (nullable): called on this context, a few times a second
 * @progress_data: for @progress
 * @cancellable: (nullable): stops it
 * @callback: called once
 * @data: for @callback
 *
 * Copies the bytes of @source. Until all of them are on the disk, @destination is as before.
 */
void
sioscope_save_copy_async (GFile               *source,
                          GFile               *destination,
                          SioscopeProgress     progress,
                          gpointer             progress_data,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (source, cancellable, callback, data);
  Copy *copy = g_new0 (Copy, 1);

  g_task_set_source_tag (task, sioscope_save_copy_async);
  copy->destination = g_object_ref (destination);
  copy->progress = progress;
  copy->progress_data = progress_data;
  copy->context = g_main_context_ref_thread_default ();
  g_task_set_task_data (task, copy, copy_free);
  g_task_run_in_thread (task, copy_thread);
}

gboolean
sioscope_save_copy_finish (GFile         *source,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
