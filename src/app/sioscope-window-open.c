/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a window can be given to show: a URL, a file, the demo, and what an earlier run left behind. */

#include "config.h"

#include "sioscope-looks.h"
#include "sioscope-start-page.h"
#include "sioscope-window-private.h"

#include <glib/gi18n.h>

#define MAX_LEFTOVERS 20

/**
 * sioscope_window_open_url:
 * @self: a window
 * @url: as one would type it
 *
 * Connects to @url. If a saved connection has that URL it is that one, else one that is not saved. With a URL that cannot be
 * connected to the start page is shown, with it in the entry and what is wrong with it below.
 */
void
sioscope_window_open_url (SioscopeWindow *self, const char *url)
{
  g_autoptr (SioscopeProfile) profile = NULL;
  SioscopeSubject *subject = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->connections)); i++)
    {
      g_autoptr (SioscopeSubject) candidate = g_list_model_get_item (G_LIST_MODEL (self->connections), i);

      if (g_strcmp0 (sioscope_profile_get_url (sioscope_subject_get_profile (candidate)), url) == 0)
        {
          subject = candidate;
          break;
        }
    }
  if (subject == NULL)
    {
      g_autoptr (SioOptions) options = NULL;
      g_autoptr (GError) error = NULL;

      profile = sioscope_profile_new (url);
      options = sioscope_profile_make_options (profile, &error);
      if (options == NULL)
        {
          g_autofree char *mistake = sioscope_looks_dup_safe (error->message);

          sioscope_window_select (self, NULL);
          sioscope_start_page_propose (SIOSCOPE_START_PAGE (self->start_page), url, mistake);
          return;
        }
      subject = sioscope_window_add_profile (self, profile, FALSE);
    }
  sioscope_window_select (self, subject);
  if (!sioscope_subject_get_active (subject))
    sioscope_window_connect (self, subject);
}

static void
sioscope_window_tell_unreadable (SioscopeWindow *self, const char *path, const GError *error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *where = g_filename_display_name (path);
  /* Translators: a file's name */
  g_autofree char *heading = g_strdup_printf (_("Could not open %s"), name);
  g_autofree char *body = strstr (error->message, where) != NULL ? g_strdup (error->message)
                                                                 : g_strdup_printf ("%s\n\n%s", error->message, where);
  g_autofree char *safe_heading = sioscope_looks_dup_safe (heading);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), safe_heading, NULL);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

void
sioscope_window_open_file (SioscopeWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioscopeSubject) subject = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->recordings)); i++)
    {
      g_autoptr (SioscopeSubject) listed = g_list_model_get_item (G_LIST_MODEL (self->recordings), i);

      if (g_strcmp0 (sioscope_recording_get_path (sioscope_subject_get_recording (listed)), path) == 0)
        {
          sioscope_window_select (self, listed);
          return;
        }
    }

  subject = sioscope_subject_new_for_file (path, FALSE, &error);
  if (subject == NULL)
    {
      sioscope_window_tell_unreadable (self, path, error);
      return;
    }
  g_list_store_append (self->recordings, subject);
  sioscope_window_select (self, subject);
}

void
sioscope_window_open_demo (SioscopeWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  if (self->demo == NULL)
    {
      g_autoptr (SioscopeProfile) profile = NULL;

      url = sioscope_demo_server_start (&error);
      if (url == NULL)
        {
          sioscope_window_toast (self, error->message);
          return;
        }
      profile = sioscope_profile_new (url);
      g_object_set (profile, "name", _("Demo Server"), NULL);
      self->demo = g_object_ref (sioscope_window_add_profile (self, profile, FALSE));
      self->demo_greeted = FALSE;
    }
  sioscope_window_select (self, self->demo);
  if (!sioscope_subject_get_active (self->demo))
    sioscope_window_connect (self, self->demo);
}

static int
compare_start (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 start_a = sioscope_recording_get_start_real_us (sioscope_subject_get_recording ((SioscopeSubject *) a));
  gint64 start_b = sioscope_recording_get_start_real_us (sioscope_subject_get_recording ((SioscopeSubject *) b));

  return (start_a < start_b) - (start_a > start_b);
}

/**
 * sioscope_window_list_leftovers:
 * @self: a window
 *
 * Lists what an earlier run could not delete because it ended unexpectedly, the newest first: nothing that was recorded
 * is lost.
 */
void
sioscope_window_list_leftovers (SioscopeWindow *self)
{
  g_autofree char *folder = sioscope_subject_dup_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  if (dir == NULL)
    return;
  for (const char *name = g_dir_read_name (dir); name != NULL && n < MAX_LEFTOVERS; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (SioscopeSubject) subject = NULL;

      if (!g_str_has_suffix (name, ".sioscope"))
        continue;
      subject = sioscope_subject_new_for_file (path, TRUE, NULL);
      /* One that cannot be read stays where it is; a file that never got its first row is no loss. */
      if (subject == NULL)
        continue;
      g_list_store_insert_sorted (self->recordings, subject, compare_start, NULL);
      n++;
    }
}
