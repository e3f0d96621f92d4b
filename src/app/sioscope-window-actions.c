/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be done in the window, by menu, key and button alike. */

#include "config.h"

#include "sioscope-connect-dialog.h"
#include "sioscope-settings.h"
#include "sioscope-window-private.h"

#include <glib/gi18n.h>

static void
sioscope_window_add_file_filters (GtkFileChooser *chooser)
{
  static const char *const suffixes[] = { "sioscope", "ndjson", "jsonl", "har" };
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Recordings, NDJSON and HAR"));
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    gtk_file_filter_add_suffix (filter, suffixes[i]);
  gtk_file_chooser_add_filter (chooser, filter);
  gtk_file_filter_set_name (all, _("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (chooser, all);
}

static void
sioscope_window_open_response_cb (GtkFileChooserNative *chooser, int response, gpointer data)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      const char *path = g_file_peek_path (file);

      if (path != NULL)
        sioscope_window_open_file (data, path);
      else
        sioscope_window_toast (data, _("Only files of this computer can be opened"));
    }
  g_object_unref (chooser);
}

static void
sioscope_window_open_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Open"), GTK_WINDOW (widget),
                                                               GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  sioscope_window_add_file_filters (GTK_FILE_CHOOSER (chooser));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (sioscope_window_open_response_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
sioscope_window_new_accepted_cb (SioscopeWindow *self, SioscopeProfile *profile)
{
  g_autoptr (GError) error = NULL;
  gboolean saved = sioscope_profile_store_add (self->store, profile, &error);
  SioscopeSubject *subject;

  if (!saved)
    sioscope_window_toast (self, error->message);
  subject = sioscope_window_add_profile (self, profile, saved);
  sioscope_window_select (self, subject);
  sioscope_window_connect (self, subject);
}

static void
sioscope_window_new_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SioscopeConnectDialog *dialog = sioscope_connect_dialog_new (GTK_WINDOW (widget), NULL, NULL);

  g_signal_connect_object (dialog, "accepted", G_CALLBACK (sioscope_window_new_accepted_cb), widget, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
sioscope_window_edit_accepted_cb (SioscopeSubject *subject, SioscopeProfile *profile, SioscopeConnectDialog *dialog)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (dialog)));
  g_autoptr (GError) error = NULL;
  gboolean stored;

  /* Editing one that is not saved is how it is kept. */
  stored = sioscope_subject_get_saved (subject) ? sioscope_profile_store_save (self->store, &error)
                                                : sioscope_profile_store_add (self->store, profile, &error);
  if (stored)
    sioscope_subject_set_saved (subject, TRUE);
  else
    sioscope_window_toast (self, error->message);
  sioscope_subject_profile_changed (subject);
  if (subject == sioscope_window_get_subject (self))
    sioscope_connection_view_set_mistake (sioscope_window_get_view (self), NULL);
  if (sioscope_subject_get_active (subject))
    sioscope_window_toast (self, _("The change takes effect at the next attempt"));
}

static void
sioscope_window_trust_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (widget);
  SioscopeSubject *subject = sioscope_window_get_subject (self);
  g_autoptr (GError) error = NULL;

  if (subject == NULL || !sioscope_subject_trust_certificate (subject))
    return;
  if (sioscope_subject_get_saved (subject) && !sioscope_profile_store_save (self->store, &error))
    sioscope_window_toast (self, error->message);
}

/* option: where to begin, or NULL */
static void
sioscope_window_edit (SioscopeWindow *self, SioscopeSubject *subject, const char *option)
{
  SioscopeConnectDialog *dialog = sioscope_connect_dialog_new (GTK_WINDOW (self), sioscope_subject_get_profile (subject), NULL);

  if (sioscope_subject_get_active (subject))
    sioscope_connect_dialog_set_notice (dialog, _("It is connected, or trying to be. What you change takes effect at the next attempt; another URL, when you "
                                                  "connect again."));
  if (option != NULL)
    sioscope_connect_dialog_show_option (dialog, option);
  g_signal_connect_object (dialog, "accepted", G_CALLBACK (sioscope_window_edit_accepted_cb), subject, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
sioscope_window_edit_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (widget);
  SioscopeSubject *subject = sioscope_window_get_subject (self);

  if (subject != NULL && sioscope_subject_get_live (subject))
    sioscope_window_edit (self, subject, sioscope_profile_find_mistake (sioscope_subject_get_profile (subject), NULL));
}

static void
sioscope_window_duplicate (SioscopeWindow *self, SioscopeSubject *subject)
{
  SioscopeConnectDialog *dialog = sioscope_connect_dialog_new (GTK_WINDOW (self), NULL, sioscope_subject_get_profile (subject));

  g_signal_connect_object (dialog, "accepted", G_CALLBACK (sioscope_window_new_accepted_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
sioscope_window_remove (SioscopeWindow *self, SioscopeSubject *subject)
{
  g_autoptr (GError) error = NULL;

  /* The connection goes; asked about what it recorded, one decides that first and removes it then. */
  if (sioscope_window_ask_about_loss (self, subject, FALSE))
    return;
  if (sioscope_subject_get_saved (subject) &&
      !sioscope_profile_store_remove (self->store, sioscope_subject_get_profile (subject), &error))
    {
      sioscope_window_toast (self, error->message);
      return;
    }
  sioscope_subject_set_saved (subject, FALSE);
  sioscope_window_close (self, subject);
}

/**
 * sioscope_window_command:
 * @self: a window
 * @subject: a line of the sidebar
 * @command: what its menu asked for
 *
 * Does it. @subject may be gone from the window afterwards.
 */
void
sioscope_window_command (SioscopeWindow *self, SioscopeSubject *subject, const char *command)
{
  if (g_str_equal (command, "connect"))
    {
      sioscope_window_select (self, subject);
      sioscope_window_connect (self, subject);
    }
  else if (g_str_equal (command, "disconnect"))
    sioscope_subject_disconnect (subject);
  else if (g_str_equal (command, "edit"))
    sioscope_window_edit (self, subject, NULL);
  else if (g_str_equal (command, "duplicate"))
    sioscope_window_duplicate (self, subject);
  else if (g_str_equal (command, "remove"))
    sioscope_window_remove (self, subject);
  else if (g_str_equal (command, "save"))
    sioscope_window_save (self, subject);
  else if (g_str_equal (command, "export"))
    {
      /* What the filter shows must be seen. */
      sioscope_window_select (self, subject);
      sioscope_window_export (self);
    }
  else if (g_str_equal (command, "close"))
    sioscope_window_close (self, subject);
  else if (g_str_equal (command, "delete"))
    sioscope_window_ask_delete (self, sioscope_recording_get_path (sioscope_subject_get_recording (subject)),
                                sioscope_subject_get_title (subject));
}

/* The actions on the chosen page that are one call. */
static void
sioscope_window_page_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (widget);
  SioscopeConnectionView *view = sioscope_window_get_view (self);
  SioscopeSubject *subject = sioscope_window_get_subject (self);
  SioscopeConnection *connection = subject != NULL ? sioscope_subject_get_connection (subject) : NULL;
  SioscopeLogView *log = view != NULL ? sioscope_connection_view_get_log (view) : NULL;

  if (view == NULL)
    return;
  if (g_str_equal (action, "win.connect"))
    sioscope_window_connect (self, subject);
  else if (g_str_equal (action, "win.disconnect"))
    sioscope_subject_disconnect (subject);
  else if (g_str_equal (action, "win.reconnect-now"))
    {
      if (connection != NULL && sioscope_subject_get_active (subject))
        sioscope_connection_reconnect_now (connection);
      else
        sioscope_window_connect (self, subject);
    }
  else if (g_str_equal (action, "win.stop") && connection != NULL)
    sioscope_connection_stop_reconnecting (connection);
  else if (g_str_equal (action, "win.cut") && connection != NULL)
    sioscope_connection_cut (connection);
  else if (g_str_equal (action, "win.save"))
    sioscope_window_save (self, subject);
  else if (g_str_equal (action, "win.export"))
    sioscope_window_export (self);
  else if (g_str_equal (action, "win.filter"))
    sioscope_connection_view_focus_filter (view);
  else if (g_str_equal (action, "win.search"))
    sioscope_connection_view_focus_search (view);
  else if (g_str_equal (action, "win.events"))
    sioscope_connection_view_show_events (view);
  else if (g_str_equal (action, "win.log"))
    sioscope_connection_view_focus_log (view);
  else if (g_str_equal (action, "win.emitter"))
    sioscope_connection_view_focus_emitter (view);
  else if (g_str_equal (action, "win.send"))
    sioscope_emitter_send (sioscope_connection_view_get_emitter (view));
  else if (g_str_equal (action, "win.pause"))
    sioscope_log_view_set_paused (log, !sioscope_log_view_get_paused (log));
  else if (g_str_equal (action, "win.follow"))
    sioscope_log_view_follow (log);
}

static void
sioscope_window_close_page_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (widget);
  SioscopeSubject *subject = sioscope_window_get_subject (self);

  if (subject == NULL)
    gtk_window_close (GTK_WINDOW (self));
  else if (!sioscope_window_ask_about_loss (self, subject, FALSE))
    sioscope_window_close (self, subject);
}

static void
sioscope_window_demo_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  sioscope_window_open_demo (SIOSCOPE_WINDOW (widget));
}

static void
sioscope_window_preferences_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  sioscope_window_show_preferences (SIOSCOPE_WINDOW (widget));
}

static void
sioscope_window_page_number_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (widget);
  g_autoptr (SioscopeSubject) subject =
    g_list_model_get_item (G_LIST_MODEL (self->connections), (guint) g_variant_get_int32 (parameter) - 1);

  if (subject != NULL)
    sioscope_window_select (self, subject);
}

static void
sioscope_window_about_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  static const char *const developers[] = { "The Sioscope contributors", NULL };

  adw_show_about_window (GTK_WINDOW (widget),
                         "application-name", _("Sioscope"),
                         "application-icon", SIOSCOPE_APP_ID,
                         "version", SIOSCOPE_VERSION,
                         "comments", _("Watch and talk to Socket.IO servers"),
                         "developers", developers,
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: your names, one on each line */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

void
sioscope_window_install_actions (GtkWidgetClass *widget_class)
{
  static const char *const on_page[] = {
    "win.connect", "win.disconnect", "win.reconnect-now", "win.stop", "win.cut", "win.save", "win.export", "win.filter", "win.search", "win.log",
    "win.emitter", "win.send", "win.pause", "win.follow", "win.events",
  };

  for (guint i = 0; i < G_N_ELEMENTS (on_page); i++)
    gtk_widget_class_install_action (widget_class, on_page[i], NULL, sioscope_window_page_action);
  gtk_widget_class_install_action (widget_class, "win.new", NULL, sioscope_window_new_action);
  gtk_widget_class_install_action (widget_class, "win.open", NULL, sioscope_window_open_action);
  gtk_widget_class_install_action (widget_class, "win.close-page", NULL, sioscope_window_close_page_action);
  gtk_widget_class_install_action (widget_class, "win.demo", NULL, sioscope_window_demo_action);
  gtk_widget_class_install_action (widget_class, "win.edit", NULL, sioscope_window_edit_action);
  gtk_widget_class_install_action (widget_class, "win.trust-certificate", NULL, sioscope_window_trust_action);
  gtk_widget_class_install_action (widget_class, "win.page", "i", sioscope_window_page_number_action);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, sioscope_window_preferences_action);
  gtk_widget_class_install_action (widget_class, "win.about", NULL, sioscope_window_about_action);
}
