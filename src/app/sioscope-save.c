/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A file chooser, then the bytes. */

#include "config.h"

#include "sioscope-save.h"

#include <glib/gi18n.h>

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
