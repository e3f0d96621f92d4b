/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a window can be given to show: a URL, a file, the demo. */

#include "config.h"

#include "sioscope-connect-options.h"
#include "sioscope-import.h"
#include "sioscope-job.h"
#include "sioscope-looks.h"
#include "sioscope-start-page.h"
#include "sioscope-window-private.h"

#include <glib/gi18n.h>

/* What the server may want, and was for the last session only. */
static void
sioscope_window_tell_forgotten (SioscopeWindow *self, SioscopeProfile *profile)
{
  const char *const *forgotten = sioscope_profile_get_forgotten (profile);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) titles = NULL;
  g_autofree char *list = NULL;
  g_autofree char *text = NULL;

  if (*forgotten == NULL)
    return;
  for (; *forgotten != NULL; forgotten++)
    g_strv_builder_add (builder, sioscope_connect_options_get_title (*forgotten));
  titles = g_strv_builder_end (builder);
  list = g_strjoinv (", ", titles);
  /* Translators: names of options, with commas between */
  text = g_strdup_printf (_("Secrets are not kept on the disk. Edit the connection to enter again: %s"), list);
  sioscope_window_toast (self, text);
}

void
sioscope_window_connect (SioscopeWindow *self, SioscopeSubject *subject)
{
  GtkWidget *page = sioscope_window_find_page (self, subject);
  g_autoptr (GError) error = NULL;
  g_autofree char *mistake = NULL;

  if (!sioscope_subject_connect (subject, &error))
    {
      const char *option = sioscope_profile_find_mistake (sioscope_subject_get_profile (subject), NULL);

      /* Translators: the name of an option, and what is wrong with it */
      mistake = option != NULL ? g_strdup_printf (_("%s: %s"), sioscope_connect_options_get_title (option), error->message)
                               : g_strdup (error->message);
    }
  else
    sioscope_window_tell_forgotten (self, sioscope_subject_get_profile (subject));
  if (page != NULL)
    sioscope_connection_view_set_mistake (SIOSCOPE_CONNECTION_VIEW (page), mistake);
}

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

SioscopeSubject *
sioscope_window_find_recording (SioscopeWindow *self, const char *path)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->recordings)); i++)
    {
      g_autoptr (SioscopeSubject) listed = g_list_model_get_item (G_LIST_MODEL (self->recordings), i);

      if (g_strcmp0 (sioscope_recording_get_path (sioscope_subject_get_recording (listed)), path) == 0)
        return g_steal_pointer (&listed);
    }
  return NULL;
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

/* One file on its way into the window. */
typedef struct
{
  SioscopeWindow *window;
  SioscopeJob *job;
  char *source;    /* that the person has chosen */
  char *path;      /* of the recording: the same, or what is imported */
  gboolean foreign;
} Opening;

static void
opening_free (Opening *opening)
{
  sioscope_job_end (opening->job);
  g_object_unref (opening->job);
  g_object_unref (opening->window);
  g_free (opening->source);
  g_free (opening->path);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static void
opening_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *path = data;
  SioscopeRecording *recording = NULL;
  GError *error = NULL;

  if (!sioscope_import_is_foreign (path))
    recording = sioscope_recording_open (path, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, recording, g_object_unref);
}

static void opening_opened_cb (GObject *source, GAsyncResult *result, gpointer data);

static void
opening_open (Opening *opening)
{
  GCancellable *cancellable = sioscope_job_get_cancellable (opening->job);
  g_autoptr (GTask) task = g_task_new (opening->window, cancellable, opening_opened_cb, opening);

  /* Reading cannot be interrupted, but nobody has to wait for it. */
  g_task_set_return_on_cancel (task, TRUE);
  g_task_set_task_data (task, g_strdup (opening->path), g_free);
  g_task_run_in_thread (task, opening_thread);
}

static void
opening_failed (Opening *opening, const GError *error)
{
  if (opening->window->recordings != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sioscope_window_tell_unreadable (opening->window, opening->source, error);
}

static void
opening_imported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Opening) opening = data;
  g_autoptr (GError) error = NULL;

  if (!sioscope_import_finish (result, &error))
    opening_failed (opening, error);
  else
    opening_open (g_steal_pointer (&opening));
}

static void
opening_import (Opening *opening)
{
  g_autofree char *name = g_path_get_basename (opening->source);
  char *dot = strrchr (name, '.');

  if (dot != NULL)
    *dot = '\0';
  opening->foreign = TRUE;
  g_free (opening->path);
  opening->path = sioscope_subject_dup_new_path (name);
  sioscope_import_async (opening->source, opening->path, sioscope_job_progress, opening->job,
                         sioscope_job_get_cancellable (opening->job), opening_imported_cb, opening);
}

static void
opening_opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (source);
  g_autoptr (Opening) opening = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SioscopeRecording) recording = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (SioscopeSubject) subject = NULL;
  g_autofree char *folder = NULL;
  gboolean leftover;

  if (error != NULL)
    {
      opening_failed (opening, error);
      return;
    }
  if (self->recordings == NULL)
    return;
  if (recording == NULL)
    {
      opening_import (g_steal_pointer (&opening));
      return;
    }

  folder = g_path_get_dirname (opening->path);
  leftover = g_str_equal (folder, sioscope_keeper_get_folder (self->keeper));
  /* Asked for twice, it is shown once. */
  subject = sioscope_window_find_recording (self, opening->path);
  if (subject == NULL)
    {
      subject = sioscope_subject_new_for_recording (recording, leftover);
      if (leftover)
        sioscope_keeper_hold (self->keeper, opening->path);
      g_list_store_append (self->recordings, subject);
      if (opening->foreign)
        sioscope_window_look_after_recordings (self);
    }
  sioscope_window_select (self, subject);
}

/**
 * sioscope_window_open_file:
 * @self: a window
 * @path: a recording, or what can be made one: our NDJSON, or a HAR
 *
 * Shows it when it has been read, which does not hold up the window. What is wrong with it is said in a dialog.
 */
void
sioscope_window_open_file (SioscopeWindow *self, const char *path)
{
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  g_autoptr (SioscopeSubject) listed = sioscope_window_find_recording (self, canonical);
  g_autofree char *name = g_filename_display_basename (canonical);
  g_autofree char *safe = sioscope_looks_dup_safe (name);
  /* Translators: a file's name */
  g_autofree char *title = g_strdup_printf (_("Opening %s…"), safe);
  Opening *opening;

  if (listed != NULL)
    {
      sioscope_window_select (self, listed);
      return;
    }
  opening = g_new0 (Opening, 1);
  opening->window = g_object_ref (self);
  opening->job = sioscope_job_new (self->jobs, title);
  opening->source = g_strdup (canonical);
  opening->path = g_steal_pointer (&canonical);
  opening_open (opening);
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

/* Files that were let go over the window. */
gboolean
sioscope_window_drop_cb (SioscopeWindow *self, const GValue *value)
{
  GSList *files = g_value_get_boxed (value);

  for (GSList *l = files; l != NULL; l = l->next)
    {
      const char *path = g_file_peek_path (l->data);

      if (path != NULL)
        sioscope_window_open_file (self, path);
      else
        sioscope_window_toast (self, _("Only files of this computer can be opened"));
    }
  return files != NULL;
}
