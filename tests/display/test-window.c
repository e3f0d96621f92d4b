/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window: empty, on the demo in every size, light and dark, on a file, and what remains of it. */

#include "config.h"

#include "sioscope-settings.h"
#include "sioscope-subject.h"
#include "sioscope-words.h"
#include "window-util.h"

#include "sioscope-profile-private.h"
#include "sioscope-window-private.h"

#include <glib/gstdio.h>

/* What nobody saved is kept: each test that counts begins without. */
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

static guint
count_recordings (void)
{
  g_autofree char *folder = sioscope_subject_dup_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_first_start (void)
{
  SioscopeWindow *window = window_util_open (1100, 720);
  GtkWidget *url = window_util_find (GTK_WIDGET (window), "GtkEntry", "url");
  GtkWidget *connect = window_util_find (GTK_WIDGET (window), "GtkButton", "connect");

  g_assert_null (sioscope_window_get_view (window));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "Try the Demo Server"));
  g_assert_false (gtk_widget_get_sensitive (connect));
  window_util_picture (window, "start-light");

  gtk_editable_set_text (GTK_EDITABLE (url), "https://example.org:8443/admin?token=1");
  g_assert_true (gtk_widget_get_sensitive (connect));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "example.org port 8443, namespace /admin, path /socket.io/"));
  gtk_editable_set_text (GTK_EDITABLE (url), "ftp://example.org");
  g_assert_false (gtk_widget_get_sensitive (connect));

  window_util_dark (TRUE);
  window_util_picture (window, "start-dark");
  window_util_dark (FALSE);
  window_util_resize (window, 400, 640);
  window_util_picture (window, "start-narrow");
  window_util_close (window);
}

static void
test_demo_sizes (void)
{
  static const struct { const char *name; int width, height; } sizes[] = {
    { "small", 900, 600 }, { "normal", 1280, 860 }, { "wide", 1600, 1000 }, { "narrow", 420, 720 },
  };
  SioscopeWindow *window;

  forget_recordings ();
  window = window_util_open_demo (1280, 860);
  sioscope_log_view_set_selected_row (sioscope_connection_view_get_log (sioscope_window_get_view (window)), 12);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *light = g_strdup_printf ("demo-%s-light", sizes[i].name);
      g_autofree char *dark = g_strdup_printf ("demo-%s-dark", sizes[i].name);

      window_util_resize (window, sizes[i].width, sizes[i].height);
      window_util_dark (FALSE);
      window_util_picture (window, light);
      window_util_dark (TRUE);
      window_util_picture (window, dark);

      /* Narrow it has everything; else it keeps at least half of what there is for it and what is below it. */
      if (sizes[i].width >= 900)
        {
          GtkWidget *log = GTK_WIDGET (sioscope_connection_view_get_log (sioscope_window_get_view (window)));
          GtkWidget *panes = window_util_find (GTK_WIDGET (window), "SioscopePanes", NULL);

          g_assert_cmpint (gtk_widget_get_height (log) * 2 + 2, >=, gtk_widget_get_height (panes));
        }
    }
  window_util_dark (FALSE);

  g_assert_cmpuint (count_recordings (), ==, 1);
  window_util_close (window);
  /* It was not saved, and not deleted. */
  g_assert_cmpuint (count_recordings (), ==, 1);
}

static gboolean
is_http (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_HTTP;
}

static gboolean
is_binary (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_PACKET && entry->packet_type == SIO_PACKET_BINARY_EVENT;
}

/* Every page of what there is to know about a row, for the eyes. */
static void
test_details_pages (void)
{
  static const struct { const char *name; gboolean (*is) (const SioscopeEntry *); } rows[] = {
    { "http", is_http }, { "binary", is_binary },
  };
  SioscopeWindow *window = window_util_open_demo (1600, 1000);
  SioscopeConnectionView *view = sioscope_window_get_view (window);
  SioscopeRecording *recording = sioscope_subject_get_recording (sioscope_connection_view_get_subject (view));
  GtkWidget *details = window_util_find (GTK_WIDGET (view), "SioscopeDetailsView", NULL);
  GtkWidget *stack = window_util_find (details, "GtkStack", "pages");
  GtkSelectionModel *pages = gtk_stack_get_pages (GTK_STACK (stack));

  window_util_dark (TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SioscopeEntry entry;
      guint64 row = 0;

      while (!(sioscope_recording_read (recording, row, &entry) && rows[i].is (&entry)))
        g_assert_cmpuint (++row, <, sioscope_recording_get_n_rows (recording));
      sioscope_log_view_set_selected_row (sioscope_connection_view_get_log (view), row);
      for (guint page = 0; page < g_list_model_get_n_items (G_LIST_MODEL (pages)); page++)
        {
          g_autofree char *name = g_strdup_printf ("details-%s-%u", rows[i].name, page);

          gtk_selection_model_select_item (pages, page, TRUE);
          window_util_picture (window, name);
        }
      gtk_selection_model_select_item (pages, 0, TRUE);
    }
  window_util_dark (FALSE);
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

static void
test_file (void)
{
  SioscopeWindow *window = window_util_open_demo (1280, 860);
  SioscopeSubject *subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  g_autofree char *path = g_build_filename (g_get_home_dir (), "monday.sioscope", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  gboolean saved = FALSE;
  guint64 n;
  GStatBuf st;

  n = sioscope_recording_get_n_rows (sioscope_subject_get_recording (subject));
  sioscope_subject_save_async (subject, file, NULL, NULL, NULL, saved_cb, &saved);
  WAIT_FOR (saved);
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0600);

  sioscope_window_open_file (window, path);
  WAIT_FOR (sioscope_connection_view_get_subject (sioscope_window_get_view (window)) != subject);
  subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  g_assert_false (sioscope_subject_get_live (subject));
  g_assert_cmpuint (sioscope_recording_get_n_rows (sioscope_subject_get_recording (subject)), >=, n);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "A recording, read-only") != NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "/admin") != NULL);
  /* Nobody can be talked to. */
  g_assert_null (window_util_find_text (GTK_WIDGET (window), "Event to emit"));
  window_util_picture (window, "file-light");

  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-page", NULL);
  g_assert_null (sioscope_window_get_view (window));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  window_util_close (window);
  g_unlink (path);
}

/* A URL that is none is shown where it can be corrected, and no connection is made of it. */
static void
test_bad_url (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  GtkWidget *url = window_util_find (GTK_WIDGET (window), "GtkEntry", "url");
  GtkWidget *hint = window_util_find (GTK_WIDGET (window), "GtkLabel", "hint");

  sioscope_window_open_url (window, "ftp://example.org/<b>");
  g_assert_null (sioscope_window_get_view (window));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (url)), ==, "ftp://example.org/<b>");
  g_assert_true (gtk_widget_has_css_class (hint, "error"));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (hint)), !=, "");
  g_assert_true (gtk_widget_get_mapped (hint));
  window_util_picture (window, "bad-url");
  window_util_close (window);
}

/* Who is sent away by the server is told so and can come back; who left is not. */
static void
test_kicked (void)
{
  SioscopeWindow *window = window_util_open_demo (900, 600);
  SioscopeSubject *subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  SioscopeConnection *connection = sioscope_subject_get_connection (subject);
  GtkWidget *bar = window_util_find (GTK_WIDGET (window), "GtkRevealer", "trouble_revealer");

  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (bar)));
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (SioArguments) none = sio_arguments_new ();

      sioscope_connection_emit (connection, i == 0 ? "/admin" : "/", "kick", none, FALSE, 0, FALSE);
    }
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "The server closed /. A client does not come back") != NULL);
  g_assert_true (gtk_revealer_get_reveal_child (GTK_REVEALER (bar)));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "Not connected: The server closed this namespace"));
  window_util_picture (window, "kicked");
  {
    SioscopeRecording *recording = sioscope_subject_get_recording (subject);
    SioscopeEntry entry;
    guint64 row = sioscope_recording_get_n_rows (recording);
    g_autofree char *words = NULL;

    /* Nobody here closed it. */
    while (row-- > 0)
      if (sioscope_recording_read (recording, row, &entry) && entry.kind == SIOSCOPE_KIND_STATE)
        break;
    words = sioscope_words_row (recording, &entry);
    g_assert_cmpstr (words, ==, "Closed, since no namespace is left");
  }

  gtk_widget_activate_action (GTK_WIDGET (window), "win.reconnect-now", NULL);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  WAIT_FOR (!gtk_revealer_get_reveal_child (GTK_REVEALER (bar)));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.disconnect", NULL);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_IDLE);
  {
    SioscopeRecording *recording = sioscope_subject_get_recording (subject);
    SioscopeEntry entry;
    guint64 row = sioscope_recording_get_n_rows (recording);
    g_autofree char *words = NULL;

    while (row-- > 0)
      if (sioscope_recording_read (recording, row, &entry) && entry.kind == SIOSCOPE_KIND_STATE)
        break;
    words = sioscope_words_row (recording, &entry);
    g_assert_cmpstr (words, ==, "Connection closed · Closed by us");
  }
  g_assert_null (window_util_find_text (GTK_WIDGET (window), "A client does not come back"));
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (bar)));
  window_util_close (window);
}

static GtkWidget *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window))
        return window;
    }
  return NULL;
}

/* A saved connection with something wrong in it says what and where, and leads there. */
static void
test_wrong_profile (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new ("localhost:3000");
  SioscopeSubject *subject = sioscope_window_add_profile (window, profile, FALSE);

  sioscope_profile_set_option (profile, "timeout-ms", "<b>soon");
  sioscope_window_select (window, subject);
  sioscope_window_connect (window, subject);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "This Connection Cannot Be Made") != NULL);
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "Longest attempt, in milliseconds: “<b>soon” is not a whole number"));
  g_assert_false (sioscope_subject_get_active (subject));
  window_util_picture (window, "wrong-profile");

  sioscope_profile_set_option (profile, "timeout-ms", NULL);
  sioscope_window_connect (window, subject);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "This Connection Cannot Be Made") == NULL);
  window_util_close (window);
}

/* A saved connection whose token was for the last session only. */
static void
test_forgotten (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new ("localhost:1");
  SioscopeSubject *subject = sioscope_window_add_profile (window, profile, FALSE);
  const char *const forgotten[] = { "auth", "passphrase", NULL };

  sioscope_profile_set_forgotten (profile, forgotten);
  sioscope_window_select (window, subject);
  sioscope_window_connect (window, subject);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "Edit the connection to enter again: Auth, Passphrase of the key") != NULL);
  window_util_close (window);
}

static void
test_no_recording (void)
{
  GtkWidget *dialog = NULL;
  SioscopeWindow *window = window_util_open (900, 600);
  g_autofree char *path = g_build_filename (g_get_home_dir (), "<b>bad.sioscope", NULL);

  g_assert_true (g_file_set_contents (path, "this is no recording", -1, NULL));
  sioscope_window_open_file (window, path);
  g_assert_null (sioscope_window_get_view (window));
  /* What and where; the name is text and no markup. */
  WAIT_FOR ((dialog = find_dialog ()) != NULL && gtk_widget_get_mapped (dialog));
  g_assert_nonnull (window_util_find_text (dialog, "Could not open <b>bad.sioscope"));
  g_assert_nonnull (window_util_find_text (dialog, path));
  window_util_picture ((SioscopeWindow *) dialog, "could-not-open");
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (find_dialog () == NULL);
  window_util_close (window);
  g_unlink (path);
}

static void
test_switches (void)
{
  SioscopeWindow *window = window_util_open_demo (1280, 860);
  SioscopeConnectionView *view = sioscope_window_get_view (window);
  GtkWidget *emitter = GTK_WIDGET (sioscope_connection_view_get_emitter (view));

  g_assert_true (gtk_widget_get_mapped (emitter));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-emitter", NULL);
  WAIT_FOR (!gtk_widget_get_mapped (emitter));
  g_assert_false (sioscope_settings_get_boolean ("show-emitter"));
  window_util_picture (window, "demo-without-emitter");

  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-details", NULL);
  window_util_resize (window, 1280, 861);
  window_util_picture (window, "demo-log-only");

  /* Ctrl+E brings it back and puts the cursor there. */
  gtk_widget_activate_action (GTK_WIDGET (window), "win.emitter", NULL);
  WAIT_FOR (gtk_widget_get_mapped (emitter));
  g_assert_true (gtk_widget_is_ancestor (gtk_root_get_focus (GTK_ROOT (window)), emitter));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-details", NULL);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-sidebar", NULL);
  g_assert_false (sioscope_settings_get_boolean ("show-sidebar"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-sidebar", NULL);
  g_assert_true (sioscope_settings_get_boolean ("show-sidebar"));
  window_util_close (window);
}

static void
test_drafts_survive (void)
{
  SioscopeWindow *window = window_util_open_demo (1280, 860);
  SioscopeConnectionView *demo = sioscope_window_get_view (window);
  GtkWidget *event = window_util_find (GTK_WIDGET (demo), "GtkEntry", "event");

  gtk_editable_set_text (GTK_EDITABLE (event), "half a na");
  /* Nobody listens on port 1. */
  sioscope_window_open_url (window, "http://127.0.0.1:1/");
  g_assert_true (sioscope_window_get_view (window) != demo);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "Retry 1 in") != NULL);
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "Reconnect Now"));
  window_util_picture (window, "retry-light");
  window_util_dark (TRUE);
  window_util_picture (window, "retry-dark");
  window_util_dark (FALSE);

  window_util_resize (window, 900, 600);
  window_util_picture (window, "retry-small");
  window_util_resize (window, 1280, 860);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.stop", NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "Retry") == NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "i", 1);
  g_assert_true (sioscope_window_get_view (window) == demo);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (event)), ==, "half a na");
  window_util_close (window);
}

static void
test_namespaces (void)
{
  SioscopeWindow *window = window_util_open_demo (1280, 860);
  SioscopeSubject *subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  GtkWidget *bar = window_util_find (GTK_WIDGET (window), "SioscopeNamespacesBar", NULL);

  /* Refused: in words, not by its colour alone. */
  sioscope_connection_join (sioscope_subject_get_connection (subject), "/orders<b>", NULL);
  WAIT_FOR (window_util_find_text (bar, "/orders<b>") != NULL);
  WAIT_FOR (window_util_find_text (bar, "Refused: ") != NULL);
  window_util_picture (window, "namespaces-light");
  window_util_dark (TRUE);
  window_util_picture (window, "namespaces-dark");
  window_util_dark (FALSE);

  sioscope_connection_leave (sioscope_subject_get_connection (subject), "/admin");
  WAIT_FOR (window_util_find_text (bar, "Not connected") != NULL);
  /* One that was left is no place to send to. */
  {
    GtkDropDown *nsp = GTK_DROP_DOWN (window_util_find (GTK_WIDGET (window), "GtkDropDown", "nsp"));

    WAIT_FOR (g_list_model_get_n_items (gtk_drop_down_get_model (nsp)) == 1);
  }
  window_util_close (window);
}

static void
test_closing (void)
{
  SioscopeWindow *window;
  SioscopeSubject *subject;

  forget_recordings ();
  window = window_util_open_demo (1280, 860);
  subject = sioscope_connection_view_get_subject (sioscope_window_get_view (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.disconnect", NULL);
  WAIT_FOR (!sioscope_subject_get_active (subject));
  /* What was recorded is still there, and what comes is added to it. */
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (window), "Closed"));
  g_assert_cmpuint (count_recordings (), ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.connect", NULL);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  g_assert_cmpuint (count_recordings (), ==, 1);

  g_object_add_weak_pointer (G_OBJECT (subject), (gpointer *) &subject);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-page", NULL);
  g_assert_null (sioscope_window_get_view (window));
  WAIT_FOR (subject == NULL);
  g_assert_cmpuint (count_recordings (), ==, 1);
  window_util_close (window);
}

int
main (int argc, char *argv[])
{
  window_util_init (&argc, &argv);

  g_test_add_func ("/window/first-start", test_first_start);
  g_test_add_func ("/window/demo-sizes", test_demo_sizes);
  g_test_add_func ("/window/details-pages", test_details_pages);
  g_test_add_func ("/window/file", test_file);
  g_test_add_func ("/window/bad-url", test_bad_url);
  g_test_add_func ("/window/kicked", test_kicked);
  g_test_add_func ("/window/no-recording", test_no_recording);
  g_test_add_func ("/window/wrong-profile", test_wrong_profile);
  g_test_add_func ("/window/forgotten-secrets", test_forgotten);
  g_test_add_func ("/window/switches", test_switches);
  g_test_add_func ("/window/namespaces", test_namespaces);
  g_test_add_func ("/window/closing", test_closing);
  g_test_add_func ("/window/drafts-survive", test_drafts_survive);

  return window_util_run ();
}
