/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What becomes of recordings that nobody saved: offered, opened, saved, deleted, within limits; and what is opened and exported. */

#include "config.h"

#include "sioscope-export-dialog.h"
#include "sioscope-job.h"
#include "sioscope-recorder.h"
#include "sioscope-save.h"
#include "sioscope-settings.h"
#include "sioscope-subject.h"
#include "window-util.h"

#include "sioscope-window-private.h"

#include <glib/gstdio.h>
#include <utime.h>

#define DAY_S (24 * 3600)

static void
forget_recordings (void)
{
  g_autofree char *folder = sioscope_subject_dup_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

/* As a run that was killed leaves it. */
static char *
leave_behind (const char *name, const char *title, int days)
{
  g_autofree char *folder = sioscope_subject_dup_folder ();
  char *path = g_build_filename (folder, name, NULL);
  struct utimbuf times = { .actime = time (NULL) - days * DAY_S, .modtime = time (NULL) - days * DAY_S };
  g_autoptr (SioscopeRecording) recording = sioscope_recording_new (path, title);
  g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);

  sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "left behind");
  sioscope_recorder_finish (recorder);
  g_assert_cmpint (utime (path, &times), ==, 0);
  return path;
}

static GtkWidget *
find_dialog (const char *type)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

      if (g_str_equal (G_OBJECT_TYPE_NAME (toplevel), type) && gtk_widget_get_mapped (toplevel))
        return toplevel;
    }
  return NULL;
}

/* As its button does. */
static void
answer (GtkWidget *dialog, const char *response)
{
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static GtkWidget *
row_button (SioscopeWindow *window, const char *title, const char *command)
{
  GtkWidget *label = window_util_find_text (GTK_WIDGET (window->recovery_page), title);

  g_assert_nonnull (label);
  return window_util_find_named (gtk_widget_get_parent (gtk_widget_get_parent (label)), "GtkButton", command);
}

static void
show_unsaved (SioscopeWindow *window)
{
  WAIT_FOR (gtk_widget_get_mapped (window->unsaved_row));
  gtk_list_box_select_row (window->unsaved_list, GTK_LIST_BOX_ROW (window->unsaved_row));
  g_assert_true (gtk_stack_get_visible_child (window->pages) == GTK_WIDGET (window->recovery_page));
}

/* One line, however many; the list behind it; nothing is opened by itself. */
static void
test_offered (void)
{
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *bad = NULL;
  g_autofree char *folder = sioscope_subject_dup_folder ();
  SioscopeWindow *window;
  GtkWidget *dialog = NULL;

  forget_recordings ();
  one = leave_behind ("made-up-1.sioscope", "http://one.example:3000/", 2);
  two = leave_behind ("made-up-2.sioscope", "https://two.example/<b>", 3);
  bad = g_build_filename (folder, "bad.sioscope", NULL);
  g_assert_true (g_file_set_contents (bad, "no recording at all, and longer than the header of one", -1, NULL));

  window = window_util_open (900, 600);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "3 unsaved recordings") != NULL);
  g_assert_null (sioscope_window_get_view (window));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (window->recordings)), ==, 0);
  show_unsaved (window);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "one.example:3000") != NULL);
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "https://two.example/<b>"));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "bad.sioscope"));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "not a recording"));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "Up to 2.0 GB are kept, for 30 days."));
  g_assert_false (gtk_widget_get_sensitive (row_button (window, "bad.sioscope", "open")));
  g_assert_false (gtk_widget_get_sensitive (row_button (window, "bad.sioscope", "save")));
  g_assert_true (gtk_widget_get_sensitive (row_button (window, "bad.sioscope", "delete")));
  window_util_picture (window, "unsaved-light");
  window_util_dark (TRUE);
  window_util_picture (window, "unsaved-dark");
  window_util_dark (FALSE);

  /* Opened when it is asked for, under the name of what it is of. */
  window_util_press (row_button (window, "one.example:3000", "open"));
  WAIT_FOR (sioscope_window_get_view (window) != NULL);
  g_assert_true (sioscope_subject_get_leftover (sioscope_connection_view_get_subject (sioscope_window_get_view (window))));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "1 row · unsaved"));
  window_util_picture (window, "unsaved-open");

  /* Asked for again it is not opened twice. */
  sioscope_window_open_file (window, one);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (window->recordings)), ==, 1);

  /* Deleting is asked about, and closes what was open. */
  show_unsaved (window);
  window_util_press (row_button (window, "one.example:3000", "delete"));
  WAIT_FOR ((dialog = find_dialog ("AdwMessageDialog")) != NULL);
  g_assert_nonnull (window_util_find_text (dialog, "one.example:3000 was never saved."));
  answer (dialog, "cancel");
  WAIT_FOR (find_dialog ("AdwMessageDialog") == NULL);
  g_assert_true (g_file_test (one, G_FILE_TEST_EXISTS));
  window_util_press (row_button (window, "one.example:3000", "delete"));
  WAIT_FOR ((dialog = find_dialog ("AdwMessageDialog")) != NULL);
  answer (dialog, "delete");
  WAIT_FOR (!g_file_test (one, G_FILE_TEST_EXISTS));
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "2 unsaved recordings") != NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (window->recordings)), ==, 0);
  g_assert_true (g_file_test (two, G_FILE_TEST_EXISTS));
  window_util_close (window);
}

/* Beyond the limits it goes, and that is said. */
static void
test_limits (void)
{
  g_autofree char *young = NULL;
  g_autofree char *old = NULL;
  SioscopeWindow *window;
  GtkWidget *dialog;

  forget_recordings ();
  young = leave_behind ("young.sioscope", "http://young.example/", 2);
  old = leave_behind ("old.sioscope", "http://old.example/", 40);
  window = window_util_open (900, 600);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "1 unsaved recording") != NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "1 old unsaved recording was deleted") != NULL);
  window_util_picture (window, "unsaved-deleted");
  g_assert_false (g_file_test (old, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (young, G_FILE_TEST_EXISTS));

  /* Its page is still shown when the last one is gone, and the sidebar does not go on telling of it. */
  show_unsaved (window);
  window_util_press (row_button (window, "young.example", "delete"));
  WAIT_FOR ((dialog = find_dialog ("AdwMessageDialog")) != NULL);
  answer (dialog, "delete");
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "0 unsaved recordings") != NULL);
  g_assert_true (gtk_widget_get_mapped (window->unsaved_row));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window->unsaved_words)));
  window_util_close (window);
}

/* Closed without saving: kept, said, and gone if that is wanted. */
static void
test_closed (void)
{
  SioscopeWindow *window;
  g_autofree char *path = NULL;
  GtkWidget *label;
  GtkWidget *toast;

  forget_recordings ();
  window = window_util_open_demo (900, 600);
  path = g_strdup (sioscope_recording_get_path (sioscope_subject_get_recording (
                     sioscope_connection_view_get_subject (sioscope_window_get_view (window)))));
  g_assert_false (gtk_widget_get_mapped (window->unsaved_row));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-page", NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "What was recorded is kept for 30 days") != NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "1 unsaved recording") != NULL);
  window_util_picture (window, "unsaved-closed");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));

  label = window_util_find_text (GTK_WIDGET (window), "What was recorded is kept for 30 days");
  toast = gtk_widget_get_ancestor (label, g_type_from_name ("AdwToastWidget"));
  window_util_press (gtk_widget_get_ancestor (window_util_find_text (toast, "Delete"), GTK_TYPE_BUTTON));
  WAIT_FOR (!g_file_test (path, G_FILE_TEST_EXISTS));
  WAIT_FOR (!gtk_widget_get_mapped (window->unsaved_row));
  window_util_close (window);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  sioscope_subject_save_finish (SIOSCOPE_SUBJECT (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

/* What was saved in full is not kept a second time. */
static void
test_saved (void)
{
  SioscopeWindow *window;
  SioscopeSubject *subject;
  g_autofree char *path = NULL;
  g_autofree char *there = g_build_filename (g_get_home_dir (), "saved.sioscope", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (there);
  g_autoptr (GError) error = NULL;
  gboolean saved = FALSE;

  forget_recordings ();
  window = window_util_open_demo (900, 600);
  subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  path = g_strdup (sioscope_recording_get_path (sioscope_subject_get_recording (subject)));
  sioscope_subject_disconnect (subject);
  WAIT_FOR (!sioscope_subject_get_active (subject));
  g_assert_true (sioscope_subject_get_unsaved (subject));
  sioscope_subject_save_async (subject, file, NULL, NULL, NULL, saved_cb, &saved);
  WAIT_FOR (saved);
  g_assert_false (sioscope_subject_get_unsaved (subject));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-page", NULL);
  g_assert_null (window_util_find_text (GTK_WIDGET (window), "What was recorded is kept for 30 days"));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  window_util_close (window);

  {
    g_autoptr (SioscopeRecording) copy = sioscope_recording_open (there, &error);

    g_assert_no_error (error);
    g_assert_null (sioscope_recording_dup_notice (copy));
    g_assert_cmpuint (sioscope_recording_get_n_rows (copy), >, 10);
  }
  g_unlink (there);
}

/* What is chosen counts; nothing is deleted before the choice is over. */
static void
test_preferences (void)
{
  g_autofree char *young = NULL;
  g_autofree char *old = NULL;
  SioscopeWindow *window;
  GtkWidget *dialog = NULL;
  GtkWidget *days;

  forget_recordings ();
  young = leave_behind ("young.sioscope", "http://young.example/", 2);
  old = leave_behind ("old.sioscope", "http://old.example/", 12);
  window = window_util_open (900, 600);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.preferences", NULL);
  WAIT_FOR ((dialog = find_dialog ("SioscopePreferences")) != NULL);
  WAIT_FOR (window_util_find_text (dialog, " in 2 recordings") != NULL);
  days = window_util_find (dialog, "AdwComboRow", "keep_days");
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (days)), ==, 2);
  window_util_picture ((SioscopeWindow *) dialog, "preferences-light");
  window_util_dark (TRUE);
  window_util_picture ((SioscopeWindow *) dialog, "preferences-dark");
  window_util_dark (FALSE);

  adw_combo_row_set_selected (ADW_COMBO_ROW (days), 1);
  g_assert_cmpint (sioscope_settings_get_int ("keep-days"), ==, 7);
  gtk_switch_set_active (GTK_SWITCH (window_util_find (dialog, "GtkSwitch", "redact")), FALSE);
  g_assert_true (sioscope_settings_get_boolean ("export-credentials"));
  gtk_switch_set_active (GTK_SWITCH (window_util_find (dialog, "GtkSwitch", "redact")), TRUE);
  g_assert_false (sioscope_settings_get_boolean ("export-credentials"));
  g_assert_true (g_file_test (old, G_FILE_TEST_EXISTS));
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (!g_file_test (old, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (young, G_FILE_TEST_EXISTS));
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "1 unsaved recording") != NULL);

  /* A value that is none of the choices has its line. */
  sioscope_settings_set_int ("keep-days", 12);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.preferences", NULL);
  WAIT_FOR ((dialog = find_dialog ("SioscopePreferences")) != NULL);
  days = window_util_find (dialog, "AdwComboRow", "keep_days");
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (days)), ==, 2);
  g_assert_cmpint (sioscope_settings_get_int ("keep-days"), ==, 12);
  sioscope_settings_set_int ("keep-days", 30);

  WAIT_FOR (window_util_find_text (dialog, " in 1 recording") != NULL);
  window_util_press (window_util_find (dialog, "GtkButton", "delete_all"));
  WAIT_FOR ((dialog = find_dialog ("AdwMessageDialog")) != NULL);
  answer (dialog, "delete");
  WAIT_FOR (!g_file_test (young, G_FILE_TEST_EXISTS));
  dialog = find_dialog ("SioscopePreferences");
  WAIT_FOR (window_util_find_text (dialog, "Nothing is unsaved") != NULL);
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (find_dialog ("SioscopePreferences") == NULL);
  window_util_close (window);
}

/* What is proposed, what is warned of, and what is chosen. */
static void
test_export_dialog (void)
{
  static const struct { const char *word; SioscopeFormat format; } words[] = {
    { "ndjson", SIOSCOPE_FORMAT_NDJSON }, { "csv", SIOSCOPE_FORMAT_CSV }, { "har", SIOSCOPE_FORMAT_HAR },
    { "text", SIOSCOPE_FORMAT_TEXT }, { "sioscope", SIOSCOPE_FORMAT_RECORDING },
  };
  SioscopeWindow *window = window_util_open_demo (900, 600);
  GtkWidget *dialog = NULL;
  SioscopeExportOptions options;

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export", NULL);
  WAIT_FOR ((dialog = find_dialog ("SioscopeExportDialog")) != NULL);
  g_assert_null (window_util_find_text (dialog, "Credentials will be in the file"));
  /* The chips have been left as they are: everything is proposed, but there is the choice. */
  g_assert_nonnull (window_util_find_text (dialog, "What the filter shows"));
  sioscope_export_dialog_get_options (SIOSCOPE_EXPORT_DIALOG (dialog), &options);
  g_assert_cmpint (options.format, ==, SIOSCOPE_FORMAT_RECORDING);
  g_assert_false (options.include_secrets);
  g_assert_null (options.filter);
  window_util_picture ((SioscopeWindow *) dialog, "export-light");

  gtk_switch_set_active (GTK_SWITCH (window_util_find (dialog, "GtkSwitch", "redact")), FALSE);
  WAIT_FOR (window_util_find_text (dialog, "Credentials will be in the file") != NULL);
  window_util_dark (TRUE);
  window_util_picture ((SioscopeWindow *) dialog, "export-dark");
  window_util_dark (FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gtk_check_button_set_active (GTK_CHECK_BUTTON (window_util_find_named (dialog, "GtkCheckButton", words[i].word)), TRUE);
      sioscope_export_dialog_get_options (SIOSCOPE_EXPORT_DIALOG (dialog), &options);
      g_assert_cmpint (options.format, ==, words[i].format);
      g_assert_true (options.include_secrets);
    }
  /* For this export only. */
  g_assert_false (sioscope_settings_get_boolean ("export-credentials"));
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (find_dialog ("SioscopeExportDialog") == NULL);
  window_util_close (window);
}

/* With a filter there is a choice, and what is looked at is proposed. */
static void
test_export_filter (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (GError) error = NULL;
  g_autoptr (SioscopeFilter) filter = sioscope_filter_new ("event:echo", NULL, &error);
  SioscopeExportDialog *dialog;
  SioscopeExportOptions options;

  g_assert_no_error (error);
  dialog = sioscope_export_dialog_new (GTK_WINDOW (window), 12401, filter, 204, TRUE, "name");
  gtk_window_present (GTK_WINDOW (dialog));
  WAIT_FOR (window_util_find_text (GTK_WIDGET (dialog), "What the filter shows") != NULL);
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (dialog), "401 rows"));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (dialog), "204 rows"));
  sioscope_export_dialog_get_options (dialog, &options);
  g_assert_true (options.filter == filter);
  window_util_picture ((SioscopeWindow *) dialog, "export-filter");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (window_util_find (GTK_WIDGET (dialog), "GtkCheckButton", "everything")), TRUE);
  sioscope_export_dialog_get_options (dialog, &options);
  g_assert_null (options.filter);
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (find_dialog ("SioscopeExportDialog") == NULL);
  window_util_close (window);
}

/* What is being written is neither given up without a word nor left half behind. */
static void
test_close_while_busy (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (SioscopeJob) job = sioscope_job_new (window->jobs, "Exporting shared.har…");
  GCancellable *cancellable = sioscope_job_get_cancellable (job);
  gpointer alive = window;
  GtkWidget *dialog;

  g_object_add_weak_pointer (G_OBJECT (window), &alive);
  gtk_window_close (GTK_WINDOW (window));
  WAIT_FOR ((dialog = find_dialog ("AdwMessageDialog")) != NULL);
  g_assert_nonnull (window_util_find_text (dialog, "Exporting shared.har…"));
  window_util_picture (window, "close-while-busy");
  answer (dialog, "wait");
  WAIT_FOR (find_dialog ("AdwMessageDialog") == NULL);
  g_assert_nonnull (alive);
  g_assert_false (g_cancellable_is_cancelled (cancellable));

  gtk_window_close (GTK_WINDOW (window));
  WAIT_FOR ((dialog = find_dialog ("AdwMessageDialog")) != NULL);
  answer (dialog, "close");
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  gtk_window_close (GTK_WINDOW (window));
  g_assert_nonnull (alive);
  sioscope_job_end (job);
  WAIT_FOR (alive == NULL);
}

/* Every format from the window; what can be opened again is. */
static void
test_export_import (void)
{
  SioscopeWindow *window;
  SioscopeSubject *subject;
  SioscopeRecording *recording;
  guint64 n_rows;

  forget_recordings ();
  window = window_util_open_demo (1100, 720);
  subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  sioscope_subject_disconnect (subject);
  WAIT_FOR (!sioscope_subject_get_active (subject));
  recording = g_object_ref (sioscope_subject_get_recording (subject));
  n_rows = sioscope_recording_get_n_rows (recording);

  for (guint i = 0; i < SIOSCOPE_N_FORMATS; i++)
    {
      const SioscopeExportOptions options = { .format = (SioscopeFormat) i };
      g_autofree char *name = g_strdup_printf ("shared.%s", sioscope_format_get_extension (options.format));
      g_autofree char *path = g_build_filename (g_get_home_dir (), name, NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autofree char *contents = NULL;
      gsize length;
      GStatBuf st;

      sioscope_window_export_to (window, recording, &options, file);
      WAIT_FOR (g_file_test (path, G_FILE_TEST_EXISTS));
      WAIT_FOR (gtk_widget_get_first_child (GTK_WIDGET (window->jobs)) == NULL);
      g_assert_cmpint (g_stat (path, &st), ==, 0);
      g_assert_cmphex (st.st_mode & 0777, ==, 0600);
      g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
      g_assert_cmpuint (length, >, 100);
      g_assert_null (g_strstr_len (contents, (gssize) length, "\"token\":\"demo\""));

      if (options.format != SIOSCOPE_FORMAT_CSV && options.format != SIOSCOPE_FORMAT_TEXT)
        {
          SioscopeSubject *opened;

          sioscope_window_open_file (window, path);
          WAIT_FOR (sioscope_connection_view_get_subject (sioscope_window_get_view (window)) != subject);
          opened = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
          g_assert_cmpint (sioscope_subject_get_leftover (opened), ==, options.format != SIOSCOPE_FORMAT_RECORDING);
          if (options.format != SIOSCOPE_FORMAT_HAR)
            g_assert_cmpuint (sioscope_recording_get_n_rows (sioscope_subject_get_recording (opened)), ==, n_rows);
          else
            window_util_picture (window, "import-har");
          gtk_widget_activate_action (GTK_WIDGET (window), "win.close-page", NULL);
          sioscope_window_select (window, subject);
        }
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_object_unref (recording);
  window_util_close (window);
}

/* What cannot be written or was cancelled is not there; the reason is said, and nothing else of it. */
static void
test_export_fails (void)
{
  SioscopeWindow *window = window_util_open_demo (900, 600);
  /* More than can be written before the button is pressed. */
  g_autoptr (SioscopeRecording) recording = sioscope_recording_new (NULL, "many");
  g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  const SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_NDJSON };
  g_autofree char *nowhere = g_build_filename (g_get_home_dir (), "no", "such", "folder.ndjson", NULL);
  g_autofree char *path = g_build_filename (g_get_home_dir (), "cancelled.ndjson", NULL);
  g_autoptr (GFile) no_file = g_file_new_for_path (nowhere);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *job;

  for (int i = 0; i < 200000; i++)
    sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "one of many");
  sioscope_recorder_finish (recorder);
  sioscope_window_export_to (window, recording, &options, no_file);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "Could not be exported: ") != NULL);
  window_util_picture (window, "export-failed");

  /* Nor where it would be deleted one day. */
  {
    g_autofree char *folder = sioscope_subject_dup_folder ();
    g_autofree char *inside = g_build_filename (folder, "mine.ndjson", NULL);
    g_autoptr (GFile) inside_file = g_file_new_for_path (inside);

    sioscope_window_export_to (window, recording, &options, inside_file);
    g_assert_null (gtk_widget_get_first_child (GTK_WIDGET (window->jobs)));
    g_assert_false (g_file_test (inside, G_FILE_TEST_EXISTS));
  }

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  sioscope_window_export_to (window, recording, &options, file);
  job = gtk_widget_get_first_child (GTK_WIDGET (window->jobs));
  sioscope_job_progress (0.4, job);
  gtk_widget_set_visible (job, TRUE);
  window_util_press (window_util_find (job, "GtkButton", NULL));
  WAIT_FOR (gtk_widget_get_first_child (GTK_WIDGET (window->jobs)) == NULL);
  g_assert_null (window_util_find_text (GTK_WIDGET (window), " rows exported"));
  {
    g_autofree char *contents = NULL;

    g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
    g_assert_true (g_str_equal (contents, "mine"));
  }
  g_unlink (path);
  window_util_close (window);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
copy (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) destination = g_file_new_for_path (to);
  g_autoptr (GAsyncResult) result = NULL;

  sioscope_save_copy_async (source, destination, NULL, NULL, cancellable, copied_cb, &result);
  WAIT_FOR (result != NULL);
  return sioscope_save_copy_finish (source, result, error);
}

/* Byte for byte and for this user only; or as it was, with nothing beside it. */
static void
test_copy (void)
{
  g_autofree char *place = g_build_filename (g_get_home_dir (), "place", NULL);
  g_autofree char *to = g_build_filename (place, "copy.sioscope", NULL);
  g_autofree char *missing = g_build_filename (place, "missing.sioscope", NULL);
  g_autofree char *from = NULL;
  g_autofree char *wanted = NULL;
  g_autofree char *got = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  gsize wanted_length, got_length;
  GStatBuf st;

  forget_recordings ();
  from = leave_behind ("from.sioscope", "http://from.example/", 0);
  g_assert_cmpint (g_mkdir (place, 0755), ==, 0);
  g_assert_true (g_file_set_contents_full (to, "old", -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));

  g_assert_false (copy (missing, to, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_false (copy (from, to, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (to, &got, NULL, NULL));
  g_assert_cmpstr (got, ==, "old");
  g_clear_pointer (&got, g_free);

  g_assert_true (copy (from, to, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (from, &wanted, &wanted_length, NULL));
  g_assert_true (g_file_get_contents (to, &got, &got_length, NULL));
  g_assert_cmpmem (got, got_length, wanted, wanted_length);
  g_assert_cmpint (g_stat (to, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0600);

  dir = g_dir_open (place, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "copy.sioscope");
  g_assert_null (g_dir_read_name (dir));
  g_unlink (to);
  g_rmdir (place);
}

/* At its largest size a recording goes on in memory, which is said; and saving it saves that too. */
static void
test_largest (void)
{
  g_autofree char *path = g_build_filename (g_get_home_dir (), "largest.sioscope", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (SioscopeRecording) recording = NULL;
  g_autoptr (SioscopeRecording) copy = NULL;
  g_autoptr (GError) error = NULL;
  SioscopeWindow *window;
  SioscopeSubject *subject;
  gboolean saved = FALSE;
  GStatBuf st;

  forget_recordings ();
  sioscope_settings_set_int ("recording-megabytes", 2);
  window = window_util_open_demo (900, 600);
  sioscope_settings_set_int ("recording-megabytes", 16000);
  subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  recording = g_object_ref (sioscope_subject_get_recording (subject));
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (SioArguments) args = sio_arguments_new ();

      sio_arguments_add_json (args, "1000", -1, FALSE, &error);
      g_assert_no_error (error);
      sioscope_connection_emit (sioscope_subject_get_connection (subject), "/", "big", args, FALSE, 0, FALSE);
    }
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "The recording has reached its largest size") != NULL);
  window_util_picture (window, "largest");
  sioscope_subject_disconnect (subject);
  WAIT_FOR (!sioscope_subject_get_active (subject));
  g_assert_cmpint (g_stat (sioscope_recording_get_path (recording), &st), ==, 0);
  g_assert_cmpint (st.st_size, <=, 2000 * 1000);

  sioscope_subject_save_async (subject, file, NULL, NULL, NULL, saved_cb, &saved);
  WAIT_FOR (saved);
  copy = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (copy), ==, sioscope_recording_get_n_rows (recording));
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_size, >, 2000 * 1000);
  window_util_close (window);
  g_unlink (path);
}

/* Files that are dropped on the window are opened; what is none of ours is said. */
static void
test_drop (void)
{
  g_autofree char *one = NULL;
  g_autofree char *path = g_build_filename (g_get_home_dir (), "dropped.sioscope", NULL);
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GSList) files = g_slist_append (NULL, file);
  gboolean taken = FALSE;

  one = leave_behind ("dropped.sioscope", "http://dropped.example/", 0);
  g_assert_cmpint (g_rename (one, path), ==, 0);
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, files);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &taken);
    }
  g_assert_true (taken);
  WAIT_FOR (sioscope_window_get_view (window) != NULL);
  g_assert_cmpstr (sioscope_subject_get_title (sioscope_connection_view_get_subject (sioscope_window_get_view (window))), ==, "dropped.sioscope");
  g_assert_false (sioscope_subject_get_leftover (sioscope_connection_view_get_subject (sioscope_window_get_view (window))));
  /* Closed, the file of the person stays. */
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-page", NULL);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  window_util_close (window);
  g_unlink (path);
}

/* A file that cannot be imported is said to be so, and leaves nothing behind. */
static void
test_bad_import (void)
{
  g_autofree char *path = g_build_filename (g_get_home_dir (), "bad.har", NULL);
  SioscopeWindow *window;
  GtkWidget *dialog = NULL;
  g_autofree char *folder = sioscope_subject_dup_folder ();
  g_autoptr (GDir) dir = NULL;

  forget_recordings ();
  window = window_util_open (900, 600);
  g_assert_true (g_file_set_contents (path, "{\"log\":{\"version\":\"1.2\",\"entries\":[{]", -1, NULL));
  sioscope_window_open_file (window, path);
  WAIT_FOR ((dialog = find_dialog ("AdwMessageDialog")) != NULL);
  g_assert_nonnull (window_util_find_text (dialog, "Could not open bad.har"));
  window_util_picture ((SioscopeWindow *) dialog, "bad-import");
  gtk_window_destroy (GTK_WINDOW (dialog));
  dir = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
  window_util_close (window);
  g_unlink (path);
}

/* A line for what takes a while; the button ends it. */
static void
test_job (void)
{
  SioscopeWindow *window = window_util_open_demo (900, 600);
  g_autoptr (SioscopeJob) job = sioscope_job_new (window->jobs, "Exporting monday.ndjson…");

  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (job)));
  WAIT_FOR (gtk_widget_get_mapped (GTK_WIDGET (job)));
  sioscope_job_progress (0.4, job);
  window_util_picture (window, "job-light");
  window_util_dark (TRUE);
  window_util_picture (window, "job-dark");
  window_util_dark (FALSE);
  window_util_press (window_util_find (GTK_WIDGET (job), "GtkButton", NULL));
  g_assert_true (g_cancellable_is_cancelled (sioscope_job_get_cancellable (job)));
  sioscope_job_end (job);
  g_assert_null (gtk_widget_get_first_child (GTK_WIDGET (window->jobs)));
  window_util_close (window);
}

int
main (int argc, char *argv[])
{
  window_util_init (&argc, &argv);

  g_test_add_func ("/keeping/offered", test_offered);
  g_test_add_func ("/keeping/limits", test_limits);
  g_test_add_func ("/keeping/closed", test_closed);
  g_test_add_func ("/keeping/saved", test_saved);
  g_test_add_func ("/keeping/preferences", test_preferences);
  g_test_add_func ("/keeping/export-dialog", test_export_dialog);
  g_test_add_func ("/keeping/export-filter", test_export_filter);
  g_test_add_func ("/keeping/close-while-busy", test_close_while_busy);
  g_test_add_func ("/keeping/export-import", test_export_import);
  g_test_add_func ("/keeping/export-fails", test_export_fails);
  g_test_add_func ("/keeping/copy", test_copy);
  g_test_add_func ("/keeping/largest", test_largest);
  g_test_add_func ("/keeping/drop", test_drop);
  g_test_add_func ("/keeping/bad-import", test_bad_import);
  g_test_add_func ("/keeping/job", test_job);

  return window_util_run ();
}
