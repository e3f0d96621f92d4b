/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What leaves the window as a file: recordings as they are, and exports of them. */

#include "config.h"

#include "sioscope-export-dialog.h"
#include "sioscope-format.h"
#include "sioscope-job.h"
#include "sioscope-log-view.h"
#include "sioscope-looks.h"
#include "sioscope-save.h"
#include "sioscope-window-private.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* One recording on its way out. */
typedef struct
{
  SioscopeWindow *window;
  SioscopeSubject *subject;         /* NULL: the file at path is copied */
  char *path;
  GFile *destination;               /* NULL until one was chosen */
  SioscopeJob *job;                 /* likewise */
  GtkFileChooserNative *chooser;
} Saving;

static void
saving_free (Saving *saving)
{
  if (saving->job != NULL)
    sioscope_job_end (saving->job);
  g_clear_object (&saving->job);
  g_clear_object (&saving->chooser);
  g_clear_object (&saving->subject);
  g_clear_object (&saving->destination);
  g_free (saving->path);
  g_object_unref (saving->window);
  g_free (saving);
}

static void
sioscope_window_folder_shown_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SioscopeWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_full_finish (GTK_WINDOW (source), result, &error) && self->recordings != NULL &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sioscope_window_toast (self, error->message);
}

/**
 * sioscope_window_show_folder:
 * @self: a window
 * @folder: a folder
 *
 * Shows it in the file manager.
 */
void
sioscope_window_show_folder (SioscopeWindow *self, GFile *folder)
{
  g_autofree char *uri = g_file_get_uri (folder);

  gtk_show_uri_full (GTK_WINDOW (self), uri, GDK_CURRENT_TIME, NULL, sioscope_window_folder_shown_cb, g_object_ref (self));
}

static void
sioscope_window_toast_folder_cb (SioscopeWindow *self, GObject *toast)
{
  sioscope_window_show_folder (self, g_object_get_data (toast, "folder"));
}

/**
 * sioscope_window_tell_written:
 * @self: a window
 * @text: what was done, safe to show
 * @file: what was written
 *
 * Says so, and offers to show where it is.
 */
void
sioscope_window_tell_written (SioscopeWindow *self, const char *text, GFile *file)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (escaped);
  GFile *folder = g_file_get_parent (file);

  if (folder != NULL)
    {
      adw_toast_set_button_label (toast, _("Show Folder"));
      g_object_set_data_full (G_OBJECT (toast), "folder", folder, g_object_unref);
      g_signal_connect_object (toast, "button-clicked", G_CALLBACK (sioscope_window_toast_folder_cb), self, G_CONNECT_SWAPPED);
    }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
saving_done (Saving *saving, gboolean done, const GError *error)
{
  SioscopeWindow *self = saving->window;

  if (self->recordings != NULL)
    {
      if (done)
        sioscope_window_tell_written (self, _("Recording saved, with its credentials"), saving->destination);
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        sioscope_window_toast (self, error->message);
      /* It is where the person wants it: what is left behind here would only be found twice. */
      if (done && saving->subject == NULL)
        sioscope_window_delete_unsaved (self, saving->path);
    }
  saving_free (saving);
}

static void
saving_saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean done = sioscope_subject_save_finish (SIOSCOPE_SUBJECT (source), result, &error);

  saving_done (data, done, error);
}

static void
saving_copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean done = sioscope_save_copy_finish (G_FILE (source), result, &error);

  saving_done (data, done, error);
}

/* Takes saving. */
static void
saving_begin (Saving *saving)
{
  g_autofree char *name = g_file_get_basename (saving->destination);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *safe = sioscope_looks_dup_safe (shown);
  /* Translators: a file's name */
  g_autofree char *title = g_strdup_printf (_("Saving %s…"), safe);

  saving->job = sioscope_job_new (saving->window->jobs, title);
  if (saving->subject != NULL)
    sioscope_subject_save_async (saving->subject, saving->destination, sioscope_job_progress, saving->job,
                                 sioscope_job_get_cancellable (saving->job), saving_saved_cb, saving);
  else
    {
      g_autoptr (GFile) source = g_file_new_for_path (saving->path);

      sioscope_save_copy_async (source, saving->destination, sioscope_job_progress, saving->job,
                                sioscope_job_get_cancellable (saving->job), saving_copied_cb, saving);
    }
}

/* The folder of unsaved recordings is no place to save to: what is in it is deleted one day, and is being written. Told, if so. */
static gboolean
sioscope_window_refuses (SioscopeWindow *self, GFile *destination)
{
  g_autoptr (GFile) parent = g_file_get_parent (destination);
  const char *path = parent != NULL ? g_file_peek_path (parent) : NULL;
  GStatBuf there;
  GStatBuf ours;

  if (path == NULL || g_stat (path, &there) != 0 || g_stat (sioscope_keeper_get_folder (self->keeper), &ours) != 0 ||
      there.st_dev != ours.st_dev || there.st_ino != ours.st_ino)
    return FALSE;
  sioscope_window_toast (self, _("Choose another folder: this one is for recordings that were not saved"));
  return TRUE;
}

static void
saving_response_cb (Saving *saving, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    saving->destination = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (saving->chooser));
  g_clear_object (&saving->chooser);
  if (saving->destination != NULL && !sioscope_window_refuses (saving->window, saving->destination))
    saving_begin (saving);
  else
    saving_free (saving);
}

/* Takes saving. path: what its name is proposed by, or NULL */
static void
saving_choose (Saving *saving, const char *path)
{
  /* Translators: the title of a file chooser: the file will hold secrets */
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Save With Credentials (to Share It, Export Instead)"),
                                                               GTK_WINDOW (saving->window), GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : g_strdup ("recording.sioscope");
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  gtk_file_filter_set_name (filter, _("Sioscope recordings"));
  gtk_file_filter_add_pattern (filter, "*.sioscope");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  saving->chooser = chooser;
  g_signal_connect_swapped (chooser, "response", G_CALLBACK (saving_response_cb), saving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
sioscope_window_save (SioscopeWindow *self, SioscopeSubject *subject)
{
  SioscopeRecording *recording = sioscope_subject_get_recording (subject);
  Saving *saving;

  if (recording == NULL)
    {
      sioscope_window_toast (self, _("There is nothing to save yet"));
      return;
    }
  saving = g_new0 (Saving, 1);
  saving->window = g_object_ref (self);
  saving->subject = g_object_ref (subject);
  saving_choose (saving, sioscope_recording_get_path (recording));
}

/**
 * sioscope_window_save_unsaved:
 * @self: a window
 * @path: a recording in the folder of unsaved ones
 *
 * Asks where to and moves it there, without opening it. If it is open, it is saved as any other.
 */
void
sioscope_window_save_unsaved (SioscopeWindow *self, const char *path)
{
  g_autoptr (SioscopeSubject) open = sioscope_window_find_recording (self, path);
  Saving *saving;

  if (open != NULL)
    {
      sioscope_window_save (self, open);
      return;
    }
  saving = g_new0 (Saving, 1);
  saving->window = g_object_ref (self);
  saving->path = g_strdup (path);
  saving_choose (saving, path);
}

/* One export under way. */
typedef struct
{
  SioscopeWindow *window;
  SioscopeJob *job;
  GFile *destination;
  guint64 n_rows;     /* that are written; G_MAXUINT64: not known */
} Exporting;

static void
exporting_free (Exporting *exporting)
{
  sioscope_job_end (exporting->job);
  g_object_unref (exporting->job);
  g_object_unref (exporting->destination);
  g_object_unref (exporting->window);
  g_free (exporting);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Exporting, exporting_free)

static void
exporting_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Exporting) exporting = data;
  g_autoptr (GError) error = NULL;
  gboolean done = sioscope_export_finish (SIOSCOPE_RECORDING (source), result, &error);

  if (exporting->window->recordings == NULL)
    return;
  if (done && exporting->n_rows != G_MAXUINT64)
    {
      g_autofree char *count = sioscope_format_count (exporting->n_rows);
      g_autofree char *text =
        g_strdup_printf (ngettext ("%s row exported", "%s rows exported", (gulong) MIN (exporting->n_rows, G_MAXULONG)), count);

      sioscope_window_tell_written (exporting->window, text, exporting->destination);
    }
  else if (done)
    sioscope_window_tell_written (exporting->window, _("What the filter shows was exported"), exporting->destination);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      /* Translators: why */
      g_autofree char *text = g_strdup_printf (_("Could not be exported: %s"), error->message);

      sioscope_window_toast (exporting->window, text);
    }
}

/**
 * sioscope_window_export_to:
 * @self: a window
 * @recording: what
 * @options: how
 * @destination: where to
 *
 * Writes it while the window stays usable; the outcome is said.
 */
void
sioscope_window_export_to (SioscopeWindow *self, SioscopeRecording *recording, const SioscopeExportOptions *options, GFile *destination)
{
  Exporting *exporting;
  g_autofree char *name = g_file_get_basename (destination);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *safe = sioscope_looks_dup_safe (shown);
  /* Translators: a file's name */
  g_autofree char *title = g_strdup_printf (_("Exporting %s…"), safe);

  if (sioscope_window_refuses (self, destination))
    return;
  exporting = g_new0 (Exporting, 1);
  exporting->window = g_object_ref (self);
  exporting->destination = g_object_ref (destination);
  exporting->job = sioscope_job_new (self->jobs, title);
  exporting->n_rows = options->filter == NULL ? sioscope_recording_get_n_rows (recording) : G_MAXUINT64;
  sioscope_export_async (recording, options, destination, sioscope_job_progress, exporting->job,
                         sioscope_job_get_cancellable (exporting->job), exporting_done_cb, exporting);
}

static void
sioscope_window_export_accepted_cb (SioscopeExportDialog *dialog, GFile *destination, SioscopeRecording *recording)
{
  SioscopeExportOptions options;

  sioscope_export_dialog_get_options (dialog, &options);
  sioscope_window_export_to (SIOSCOPE_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (dialog))), recording, &options, destination);
}

/**
 * sioscope_window_export:
 * @self: a window
 *
 * Asks how and where to the shown recording is exported, and does it.
 */
void
sioscope_window_export (SioscopeWindow *self)
{
  SioscopeConnectionView *view = sioscope_window_get_view (self);
  SioscopeSubject *subject = sioscope_window_get_subject (self);
  g_autoptr (SioscopeFilter) filter = NULL;
  gboolean chosen = FALSE;
  guint64 n_shown = G_MAXUINT64;
  SioscopeRecording *recording = subject != NULL ? sioscope_subject_get_recording (subject) : NULL;
  const char *path = recording != NULL ? sioscope_recording_get_path (recording) : NULL;
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : g_strdup ("recording");
  SioscopeExportDialog *dialog;

  if (recording == NULL)
    {
      sioscope_window_toast (self, _("There is nothing to export yet"));
      return;
    }
  if (g_str_has_suffix (name, ".sioscope"))
    name[strlen (name) - strlen (".sioscope")] = '\0';
  if (view != NULL)
    filter = sioscope_log_view_dup_filter (sioscope_connection_view_get_log (view), &chosen, &n_shown);
  dialog = sioscope_export_dialog_new (GTK_WINDOW (self), sioscope_recording_get_n_rows (recording), filter, n_shown,
                                       chosen, name);
  g_signal_connect_data (dialog, "accepted", G_CALLBACK (sioscope_window_export_accepted_cb), g_object_ref (recording),
                         (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
