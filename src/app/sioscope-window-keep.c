/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The recordings that nobody has saved: looked after, offered, and deleted when a person or the limits say so. */

#include "config.h"

#include "sioscope-format.h"
#include "sioscope-job.h"
#include "sioscope-settings.h"
#include "sioscope-window-private.h"

#include <glib/gi18n.h>

/* Nothing of one that a connection of this window still writes: it has its own line. */
static gboolean
sioscope_window_is_writing (SioscopeWindow *self, const char *path)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->connections)); i++)
    {
      g_autoptr (SioscopeSubject) subject = g_list_model_get_item (G_LIST_MODEL (self->connections), i);
      SioscopeRecording *recording = sioscope_subject_get_recording (subject);

      if (recording != NULL && g_strcmp0 (sioscope_recording_get_path (recording), path) == 0)
        return TRUE;
    }
  for (guint i = 0; i < self->ending->len; i++)
    if (g_strcmp0 (sioscope_recording_get_path (g_ptr_array_index (self->ending, i)), path) == 0)
      return TRUE;
  return FALSE;
}

/* Of which day the newest is, and how large they are; NULL: there is none. */
static char *
sioscope_window_dup_unsaved_words (SioscopeWindow *self, guint64 bytes)
{
  g_autofree char *when = NULL, *size = sioscope_format_size (bytes);

  if (self->unsaved->len == 0)
    return NULL;
  when = sioscope_recovery_page_dup_when (((const SioscopeKept *) g_ptr_array_index (self->unsaved, 0))->start_us);
  /* Translators: when the newest of several recordings was begun, and the size of all of them */
  return g_strdup_printf (self->unsaved->len == 1 ? _("%s · %s") : _("newest %s · %s"), when, size);
}

static void
sioscope_window_update_unsaved (SioscopeWindow *self, const SioscopeKeeping *keeping)
{
  g_autofree char *count = NULL, *title = NULL, *words = NULL, *label = NULL;
  guint64 bytes = 0;

  g_ptr_array_set_size (self->unsaved, 0);
  for (guint i = 0; i < keeping->recordings->len; i++)
    {
      SioscopeKept *kept = g_ptr_array_index (keeping->recordings, i);

      if (sioscope_window_is_writing (self, kept->path))
        continue;
      g_ptr_array_add (self->unsaved, g_object_ref (kept));
      bytes += kept->size;
    }

  sioscope_recovery_page_set_recordings (self->recovery_page, self->unsaved);
  if (self->preferences != NULL)
    sioscope_preferences_set_used (self->preferences, self->unsaved->len, bytes);
  /* While its page is shown the row stays, and says so when nothing is left. */
  count = sioscope_format_count (self->unsaved->len);
  title = g_strdup_printf (ngettext ("%s unsaved recording", "%s unsaved recordings", self->unsaved->len), count);
  words = sioscope_window_dup_unsaved_words (self, bytes);
  label = words != NULL ? g_strdup_printf ("%s, %s", title, words) : g_strdup (title);
  gtk_label_set_text (self->unsaved_title, title);
  gtk_label_set_text (self->unsaved_words, words);
  gtk_widget_set_visible (GTK_WIDGET (self->unsaved_words), words != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->unsaved_words), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->unsaved_row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  sioscope_window_update_lists (self);
}

static void
sioscope_window_looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SioscopeWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SioscopeKeeping) keeping = sioscope_keeper_look_finish (SIOSCOPE_KEEPER (source), result, &error);

  self->looking = FALSE;
  if (self->recordings == NULL)
    return;
  if (keeping == NULL)
    {
      sioscope_window_toast (self, error->message);
      return;
    }
  sioscope_window_update_unsaved (self, keeping);
  if (keeping->n_removed > 0)
    {
      g_autofree char *size = sioscope_format_size (keeping->removed_bytes);
      /* Translators: how many, and their size */
      g_autofree char *text = g_strdup_printf (ngettext ("%u old unsaved recording was deleted (%s)",
                                                         "%u old unsaved recordings were deleted (%s)", keeping->n_removed),
                                               keeping->n_removed, size);

      sioscope_window_toast (self, text);
    }
  if (keeping->message != NULL)
    {
      /* Translators: a file, and why */
      g_autofree char *text = g_strdup_printf (_("An old recording could not be deleted: %s"), keeping->message);

      sioscope_window_toast (self, text);
    }
  if (self->look_again)
    {
      self->look_again = FALSE;
      sioscope_window_look_after_recordings (self);
    }
}

/**
 * sioscope_window_look_after_recordings:
 * @self: a window
 *
 * Applies the limits and shows what is there then.
 */
void
sioscope_window_look_after_recordings (SioscopeWindow *self)
{
  if (self->keeper == NULL)
    return;
  if (self->looking)
    {
      self->look_again = TRUE;
      return;
    }
  self->looking = TRUE;
  sioscope_keeper_set_limits (self->keeper, (guint64) sioscope_settings_get_int ("keep-megabytes") * 1000 * 1000,
                              (guint) sioscope_settings_get_int ("keep-days"));
  /* While the limits are being chosen a slip of the hand deletes nothing. */
  sioscope_keeper_look_async (self->keeper, self->preferences == NULL, NULL, sioscope_window_looked_cb, g_object_ref (self));
}

static void
sioscope_window_deleted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SioscopeWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean deleted = sioscope_keeper_delete_finish (SIOSCOPE_KEEPER (source), result, &error);

  if (self->recordings == NULL)
    return;
  if (!deleted)
    sioscope_window_toast (self, error->message);
  sioscope_window_look_after_recordings (self);
}

/**
 * sioscope_window_delete_unsaved:
 * @self: a window
 * @path: a recording in the folder of unsaved ones
 *
 * Deletes it for good. If that fails it is said.
 */
void
sioscope_window_delete_unsaved (SioscopeWindow *self, const char *path)
{
  const char *paths[] = { path, NULL };

  sioscope_keeper_delete_async (self->keeper, paths, sioscope_window_deleted_cb, g_object_ref (self));
}

static void
sioscope_window_delete_response_cb (SioscopeWindow *self, const char *response, GObject *dialog)
{
  const char *path = g_object_get_data (dialog, "path");
  g_autoptr (SioscopeSubject) open = NULL;

  if (!g_str_equal (response, "delete"))
    return;
  open = sioscope_window_find_recording (self, path);
  if (open != NULL)
    sioscope_window_close (self, open);
  sioscope_window_delete_unsaved (self, path);
}

/**
 * sioscope_window_ask_delete:
 * @self: a window
 * @path: a recording that nobody has saved
 * @title: what it is called, safe to show
 *
 * Asks, and deletes it for good if that is the answer; if it is open its page goes too.
 */
void
sioscope_window_ask_delete (SioscopeWindow *self, const char *path, const char *title)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Delete This Recording?"), NULL);
  /* Translators: the name of a recording */
  g_autofree char *body = g_strdup_printf (_("%s was never saved. Deleting it cannot be undone."), title);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("C_ancel"), "delete", _("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete", ADW_RESPONSE_DESTRUCTIVE);
  g_object_set_data_full (G_OBJECT (dialog), "path", g_strdup (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (sioscope_window_delete_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
sioscope_window_toast_delete_cb (SioscopeWindow *self, GObject *toast)
{
  sioscope_window_delete_unsaved (self, g_object_get_data (toast, "path"));
}

static void
sioscope_window_ended_cb (SioscopeWindow *self, SioscopeRecording *recording)
{
  if (sioscope_recording_get_live (recording) || self->ending == NULL)
    return;
  g_signal_handlers_disconnect_by_func (recording, sioscope_window_ended_cb, self);
  g_ptr_array_remove_fast (self->ending, recording);
  sioscope_window_look_after_recordings (self);
}

/**
 * sioscope_window_end:
 * @self: a window
 * @subject: a connection or a recording that is being closed
 * @tell: whether to say what becomes of what was recorded
 *
 * Ends it, and sees to what it leaves behind.
 */
void
sioscope_window_end (SioscopeWindow *self, SioscopeSubject *subject, gboolean tell)
{
  SioscopeRecording *shown = sioscope_subject_get_recording (subject);
  g_autoptr (SioscopeRecording) recording = shown != NULL ? g_object_ref (shown) : NULL;
  gboolean ours = sioscope_subject_get_connection (subject) != NULL;
  gboolean unsaved = sioscope_subject_get_unsaved (subject);
  guint days = (guint) sioscope_settings_get_int ("keep-days");

  sioscope_subject_end (subject);
  if (recording == NULL || sioscope_recording_get_path (recording) == NULL)
    return;
  if (!ours)
    {
      if (sioscope_subject_get_leftover (subject))
        {
          sioscope_keeper_let_go (self->keeper, sioscope_recording_get_path (recording));
          sioscope_window_look_after_recordings (self);
        }
      return;
    }

  if (tell && unsaved)
    {
      g_autofree char *text = days > 0 ? g_strdup_printf (ngettext ("What was recorded is kept for %u day",
                                                                    "What was recorded is kept for %u days", days), days)
                                       : g_strdup (_("What was recorded is kept"));
      AdwToast *toast = adw_toast_new (text);

      adw_toast_set_button_label (toast, _("Delete"));
      g_object_set_data_full (G_OBJECT (toast), "path", g_strdup (sioscope_recording_get_path (recording)), g_free);
      g_signal_connect_object (toast, "button-clicked", G_CALLBACK (sioscope_window_toast_delete_cb), self, G_CONNECT_SWAPPED);
      adw_toast_overlay_add_toast (self->toasts, toast);
    }

  /* Until its writer has finished nobody may touch it. */
  g_ptr_array_add (self->ending, g_object_ref (recording));
  g_signal_connect_object (recording, "advanced", G_CALLBACK (sioscope_window_ended_cb), self, G_CONNECT_SWAPPED);
  sioscope_window_ended_cb (self, recording);
}

static gboolean
sioscope_window_close_cb (gpointer data)
{
  gtk_window_close (data);
  return G_SOURCE_REMOVE;
}

/* Not from within the response of a dialog, or of whoever is just being told something: a GTK window that goes while its dialog is held by
 * its own signal leaves that dialog with a pointer to nothing. */
static void
sioscope_window_close_soon (SioscopeWindow *self)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, sioscope_window_close_cb, g_object_ref (self), g_object_unref);
}

static void
sioscope_window_risk_response_cb (SioscopeWindow *self, const char *response, GObject *dialog)
{
  SioscopeSubject *subject = g_object_get_data (dialog, "subject");
  gboolean all = g_object_get_data (dialog, "all") != NULL;

  if (g_str_equal (response, "save"))
    sioscope_window_save (self, subject);
  else if (g_str_equal (response, "lose") && all)
    {
      self->closing = TRUE;
      sioscope_window_close_soon (self);
    }
  else if (g_str_equal (response, "lose"))
    sioscope_window_close (self, subject);
}

/**
 * sioscope_window_ask_about_loss:
 * @self: a window
 * @subject: what is about to be closed
 * @all: the whole window is
 *
 * Asks, if something of it is in memory only, and closes it if that is the answer.
 *
 * Returns: %FALSE: there is nothing to ask
 */
gboolean
sioscope_window_ask_about_loss (SioscopeWindow *self, SioscopeSubject *subject, gboolean all)
{
  g_autofree char *risk = sioscope_subject_dup_risk (subject);
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;
  GtkWidget *dialog;

  if (risk == NULL)
    return FALSE;
  /* Translators: the name of a connection */
  heading = g_strdup_printf (_("Close %s Without Saving?"), sioscope_subject_get_title (subject));
  /* Translators: what went wrong */
  body = g_strdup_printf (_("%s\n\nWhat is in memory only is lost when it is closed."), risk);
  dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, NULL);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("C_ancel"), "lose", _("_Close"), "save", _("_Save…"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "lose", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "subject", g_object_ref (subject), g_object_unref);
  g_object_set_data (G_OBJECT (dialog), "all", GINT_TO_POINTER (all));
  g_signal_connect_object (dialog, "response", G_CALLBACK (sioscope_window_risk_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return TRUE;
}

static void
sioscope_window_job_over_cb (SioscopeWindow *self)
{
  if (!self->cancelling || gtk_widget_get_first_child (GTK_WIDGET (self->jobs)) != NULL)
    return;
  self->cancelling = FALSE;
  sioscope_window_close_soon (self);
}

static void
sioscope_window_jobs_response_cb (SioscopeWindow *self, const char *response)
{
  if (!g_str_equal (response, "close"))
    return;
  self->cancelling = TRUE;
  for (GtkWidget *job = gtk_widget_get_first_child (GTK_WIDGET (self->jobs)); job != NULL; job = gtk_widget_get_next_sibling (job))
    {
      g_signal_connect_object (job, "notify::parent", G_CALLBACK (sioscope_window_job_over_cb), self, G_CONNECT_SWAPPED);
      g_cancellable_cancel (sioscope_job_get_cancellable (SIOSCOPE_JOB (job)));
    }
  sioscope_window_job_over_cb (self);
}

/**
 * sioscope_window_ask_about_jobs:
 * @self: a window that is about to be closed
 *
 * Asks, if something is still being written or read, and closes it if that is the answer, when all that is cancelled: nothing that
 * is half stays behind.
 *
 * Returns: %FALSE: there is nothing to ask
 */
gboolean
sioscope_window_ask_about_jobs (SioscopeWindow *self)
{
  GtkWidget *job = gtk_widget_get_first_child (GTK_WIDGET (self->jobs));
  g_autofree char *body = NULL;
  GtkWidget *dialog;

  if (job == NULL)
    return FALSE;
  if (self->cancelling)
    return TRUE;
  /* Translators: what is going on, such as: Exporting file.har… */
  body = g_strdup_printf (_("%s\n\nIf the window is closed now, that is cancelled."), sioscope_job_get_title (SIOSCOPE_JOB (job)));
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Close Before It Is Done?"), NULL);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "wait", _("_Wait"), "close", _("_Close"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "close", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "wait");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "wait");
  g_signal_connect_object (dialog, "response", G_CALLBACK (sioscope_window_jobs_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return TRUE;
}

void
sioscope_window_unsaved_command_cb (SioscopeWindow *self, const char *command, SioscopeKept *kept)
{
  g_autofree char *title = sioscope_subject_dup_recording_title (kept->path, kept->title);

  if (g_str_equal (command, "open"))
    sioscope_window_open_file (self, kept->path);
  else if (g_str_equal (command, "save"))
    sioscope_window_save_unsaved (self, kept->path);
  else if (g_str_equal (command, "delete"))
    sioscope_window_ask_delete (self, kept->path, title);
}

static void
sioscope_window_delete_all_response_cb (SioscopeWindow *self, const char *response)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;

  if (!g_str_equal (response, "delete"))
    return;
  for (guint i = 0; i < self->unsaved->len; i++)
    {
      const SioscopeKept *kept = g_ptr_array_index (self->unsaved, i);
      g_autoptr (SioscopeSubject) open = sioscope_window_find_recording (self, kept->path);

      /* What another program writes is not ours to end; what is being looked at was not meant. */
      if (!kept->being_written && open == NULL)
        g_strv_builder_add (builder, kept->path);
    }
  paths = g_strv_builder_end (builder);
  sioscope_keeper_delete_async (self->keeper, (const char *const *) paths, sioscope_window_deleted_cb, g_object_ref (self));
}

static void
sioscope_window_ask_delete_all (SioscopeWindow *self)
{
  guint n = self->unsaved->len;
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self->preferences), _("Delete All Unsaved Recordings?"), NULL);
  g_autofree char *body =
    g_strdup_printf (ngettext ("%u recording was never saved. Deleting it cannot be undone. One that is open stays.",
                               "%u recordings were never saved. Deleting them cannot be undone. Those that are open stay.", n), n);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("C_ancel"), "delete", _("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (sioscope_window_delete_all_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
sioscope_window_show_unsaved_folder (SioscopeWindow *self)
{
  g_autoptr (GFile) folder = g_file_new_for_path (sioscope_keeper_get_folder (self->keeper));

  sioscope_window_show_folder (self, folder);
}

static void
sioscope_window_preferences_closed_cb (SioscopeWindow *self)
{
  g_clear_weak_pointer (&self->preferences);
  sioscope_window_look_after_recordings (self);
}

/**
 * sioscope_window_show_preferences:
 * @self: a window
 *
 * Opens the preferences. What is beyond the limits that were chosen goes when they are closed.
 */
void
sioscope_window_show_preferences (SioscopeWindow *self)
{
  if (self->preferences == NULL)
    {
      g_set_weak_pointer (&self->preferences, sioscope_preferences_new (GTK_WINDOW (self)));
      g_signal_connect_object (self->preferences, "show-folder", G_CALLBACK (sioscope_window_show_unsaved_folder), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->preferences, "delete-all", G_CALLBACK (sioscope_window_ask_delete_all), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->preferences, "destroy", G_CALLBACK (sioscope_window_preferences_closed_cb), self, G_CONNECT_SWAPPED);
      sioscope_window_look_after_recordings (self);
    }
  gtk_window_present (GTK_WINDOW (self->preferences));
}
