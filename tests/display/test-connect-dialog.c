/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The connect dialog: what is typed is explained, mistakes are told at their field, and what was asked for is in the profile. */

#include "window-util.h"

#include "sioscope-connect-dialog.h"
#include "sioscope-connect-options.h"
#include "sioscope-looks.h"

static void
accepted_cb (SioscopeConnectDialog *dialog, SioscopeProfile *profile, gpointer data)
{
  g_set_object ((SioscopeProfile **) data, profile);
}

static SioscopeConnectDialog *
open_dialog (SioscopeWindow *window, SioscopeProfile *edited, SioscopeProfile **accepted)
{
  SioscopeConnectDialog *dialog = sioscope_connect_dialog_new (GTK_WINDOW (window), edited, NULL);

  g_signal_connect (dialog, "accepted", G_CALLBACK (accepted_cb), accepted);
  gtk_window_present (GTK_WINDOW (dialog));
  WAIT_FOR (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  return dialog;
}

static SioscopeOptionRow *
get_row (SioscopeConnectDialog *dialog, const char *option)
{
  GtkWidget *row = window_util_find_named (GTK_WIDGET (dialog), "SioscopeOptionRow", option);

  g_assert_nonnull (row);
  return SIOSCOPE_OPTION_ROW (row);
}

static GtkWidget *
get_accept (SioscopeConnectDialog *dialog)
{
  return window_util_find (GTK_WIDGET (dialog), "GtkButton", "accept");
}

static void
accept (SioscopeConnectDialog *dialog)
{
  gpointer alive = dialog;

  g_object_add_weak_pointer (G_OBJECT (dialog), &alive);
  window_util_press (get_accept (dialog));
  WAIT_FOR (alive == NULL);
}

static gboolean
is_expanded (SioscopeConnectDialog *dialog, const char *option)
{
  GtkWidget *expander = gtk_widget_get_ancestor (GTK_WIDGET (get_row (dialog, option)), ADW_TYPE_EXPANDER_ROW);

  return adw_expander_row_get_expanded (ADW_EXPANDER_ROW (expander));
}

static void
test_simple (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (SioscopeProfile) profile = NULL;
  SioscopeConnectDialog *dialog = open_dialog (window, NULL, &profile);
  GtkWidget *url = window_util_find (GTK_WIDGET (dialog), "AdwEntryRow", "url");

  g_assert_false (gtk_widget_get_sensitive (get_accept (dialog)));
  gtk_editable_set_text (GTK_EDITABLE (url), "localhost:99999");
  g_assert_true (gtk_widget_has_css_class (url, "error"));
  g_assert_false (gtk_widget_get_sensitive (get_accept (dialog)));
  gtk_editable_set_text (GTK_EDITABLE (url), "localhost:3000/admin");
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (dialog), "namespace /admin, path /socket.io/"));
  sioscope_option_row_set_text (get_row (dialog, "path"), "/elsewhere/");
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (dialog), "namespace /admin, path /elsewhere/"));
  sioscope_option_row_set_text (get_row (dialog, "path"), NULL);
  window_util_picture ((SioscopeWindow *) dialog, "connect-dialog");
  accept (dialog);

  g_assert_nonnull (profile);
  g_assert_cmpstr (sioscope_profile_get_url (profile), ==, "localhost:3000/admin");
  /* What nobody touched is not set. */
  for (const char *const *name = sioscope_profile_list_options (); *name != NULL; name++)
    g_assert_null (sioscope_profile_get_option (profile, *name));
  window_util_close (window);
}

/* Every option of a profile has its row, and every row an option. */
static void
test_complete (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (SioscopeProfile) profile = NULL;
  SioscopeConnectDialog *dialog = open_dialog (window, NULL, &profile);
  const SioscopeOptionGroup *groups;
  guint n_groups = 0;
  guint n_rows = 0;

  groups = sioscope_connect_options_get_groups (&n_groups);
  for (guint i = 0; i < n_groups; i++)
    for (const SioscopeOption *option = groups[i].options; option->option != NULL; option++)
      {
        g_assert_true (g_strv_contains (sioscope_profile_list_options (), option->option));
        n_rows++;
      }
  for (const char *const *name = sioscope_profile_list_options (); *name != NULL; name++)
    {
      g_autofree char *text = sioscope_option_row_dup_text (get_row (dialog, *name));
      g_autofree char *standard = sioscope_profile_dup_option_default (*name);

      g_assert_cmpstr (text, ==, standard);
      g_assert_false (sioscope_option_row_get_wrong (get_row (dialog, *name)));
    }
  g_assert_cmpuint (n_rows, ==, g_strv_length ((char **) sioscope_profile_list_options ()));
  gtk_window_destroy (GTK_WINDOW (dialog));
  window_util_close (window);
}

static const struct { const char *option, *bad, *good; } cases[] = {
  { "server", NULL, "2" },
  { "parser", NULL, "msgpack" },
  { "transports", "pigeon", "websocket" },
  { "path", NULL, "/sio/" },
  { "upgrade", NULL, "false" },
  { "auth", "{\"token\":}", "{\"token\": \"demo\"}" },
  { "auth", "[1]", "{\"token\": \"demo\"}" },
  { "ask-auth", NULL, "true" },
  { "query", "room", "room=7\nx=1" },
  { "extra-headers", "no header", "X-A: 1\nX-B: 2" },
  { "extra-headers", "Host: elsewhere", "X-A: 1\nX-B: 2" },
  { "protocols", "a b", "a\nb" },
  { "ca-file", "/nowhere/ca.pem", "" },
  { "cert-file", "cert.pem", "" },
  { "trusted-fingerprints", "AB:CD", "" },
  { "proxy", "no proxy", "http://localhost:3128" },
  { "local-address", "here", "127.0.0.1" },
  { "timeout-ms", "soon", "5000" },
  { "timeout-ms", "-1", "5000" },
  { "timeout-ms", "99999999999", "5000" },
  { "randomization-factor", "1.5", "0.25" },
  { "randomization-factor", "nan", "0.25" },
  { "max-payload", "0", "1000" },
  { "max-depth", "4096", "64" },
  { "reject-unauthorized", NULL, "false" },
};

static void
test_mistakes (void)
{
  SioscopeWindow *window = window_util_open (900, 600);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioscopeProfile) profile = NULL;
      SioscopeConnectDialog *dialog = open_dialog (window, NULL, &profile);
      GtkWidget *url = window_util_find (GTK_WIDGET (dialog), "AdwEntryRow", "url");
      SioscopeOptionRow *row = get_row (dialog, cases[i].option);

      gtk_editable_set_text (GTK_EDITABLE (url), "localhost:3000");
      g_assert_false (is_expanded (dialog, cases[i].option));
      if (cases[i].bad != NULL)
        {
          sioscope_option_row_set_text (row, cases[i].bad);
          g_assert_true (sioscope_option_row_get_wrong (row));
          g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (row), "error"));
          /* It stays open and leads there. */
          window_util_press (get_accept (dialog));
          g_assert_null (profile);
          g_assert_true (gtk_widget_get_visible (GTK_WIDGET (dialog)));
          g_assert_true (is_expanded (dialog, cases[i].option));
        }
      sioscope_option_row_set_text (row, cases[i].good);
      g_assert_false (sioscope_option_row_get_wrong (row));
      accept (dialog);
      g_assert_nonnull (profile);
      g_assert_cmpstr (sioscope_profile_get_option (profile, cases[i].option), ==, *cases[i].good != '\0' ? cases[i].good : NULL);
    }
  window_util_close (window);
}

static void
test_edit (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (SioscopeProfile) edited = sioscope_profile_new ("localhost:3000");
  g_autoptr (SioscopeProfile) profile = NULL;
  SioscopeConnectDialog *dialog;
  g_autofree char *shown = NULL;
  gpointer alive;

  sioscope_profile_set_option (edited, "server", "3");
  sioscope_profile_set_option (edited, "transports", "pigeon\ncarrier");
  sioscope_profile_set_option (edited, "timeout-ms", "soon");
  dialog = open_dialog (window, edited, &profile);
  /* As it is, right or wrong. */
  shown = sioscope_option_row_dup_text (get_row (dialog, "transports"));
  g_assert_cmpstr (shown, ==, "pigeon\ncarrier");
  g_assert_true (sioscope_option_row_get_wrong (get_row (dialog, "transports")));
  g_assert_true (sioscope_option_row_get_wrong (get_row (dialog, "timeout-ms")));
  g_assert_true (sioscope_option_row_get_changed (get_row (dialog, "server")));

  /* Let go of, nothing is changed. */
  sioscope_option_row_set_text (get_row (dialog, "server"), "4");
  alive = dialog;
  g_object_add_weak_pointer (G_OBJECT (dialog), &alive);
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (alive == NULL);
  g_assert_cmpstr (sioscope_profile_get_option (edited, "server"), ==, "3");

  dialog = open_dialog (window, edited, &profile);
  sioscope_option_row_set_text (get_row (dialog, "transports"), "websocket");
  sioscope_option_row_set_text (get_row (dialog, "timeout-ms"), "20000");
  accept (dialog);
  g_assert_true (profile == edited);
  g_assert_cmpstr (sioscope_profile_get_option (edited, "transports"), ==, "websocket");
  g_assert_null (sioscope_profile_get_option (edited, "timeout-ms"));
  g_assert_cmpstr (sioscope_profile_get_option (edited, "server"), ==, "3");
  window_util_close (window);
}

static void
show_group (SioscopeConnectDialog *dialog, const char *option, gboolean shown)
{
  GtkWidget *expander = gtk_widget_get_ancestor (GTK_WIDGET (get_row (dialog, option)), ADW_TYPE_EXPANDER_ROW);

  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (expander), shown);
}

static void
test_looks (void)
{
  static const char *const first[] = { "server", "auth", "ca-file", "proxy", "reconnection", "max-payload" };
  SioscopeWindow *window = window_util_open (900, 600);

  for (guint dark = 0; dark < 2; dark++)
    for (guint i = 0; i < G_N_ELEMENTS (first); i++)
      {
        g_autoptr (SioscopeProfile) profile = NULL;
        SioscopeConnectDialog *dialog = open_dialog (window, NULL, &profile);
        g_autofree char *name = g_strdup_printf ("connect-dialog-%s-%s", first[i], dark ? "dark" : "light");
        GtkWidget *url = window_util_find (GTK_WIDGET (dialog), "AdwEntryRow", "url");

        window_util_dark (dark != 0);
        gtk_window_set_default_size (GTK_WINDOW (dialog), i % 2 == 0 ? 560 : 400, 1000);
        gtk_editable_set_text (GTK_EDITABLE (url), "https://chat.example/admin");
        sioscope_option_row_set_text (get_row (dialog, "auth"), "{\"token\":}");
        sioscope_option_row_set_text (get_row (dialog, "query"), "room=7");
        sioscope_option_row_set_text (get_row (dialog, "server"), "2");
        sioscope_option_row_set_text (get_row (dialog, "reject-unauthorized"), "false");
        sioscope_option_row_set_text (get_row (dialog, "timeout-ms"), "soon");
        sioscope_option_row_set_forgotten (get_row (dialog, "passphrase"), TRUE);
        show_group (dialog, first[i], TRUE);
        for (guint n = 0; n < 30; n++)
          gtk_test_widget_wait_for_draw (GTK_WIDGET (dialog));
        window_util_picture ((SioscopeWindow *) dialog, name);
        gtk_window_destroy (GTK_WINDOW (dialog));
      }
  window_util_dark (FALSE);
  window_util_close (window);
}

/* A sentence of the library has the option as this dialog calls it; what is not an option stays as it is. */
static void
test_reasons (void)
{
  static const struct { const char *message; const char *sentence; } all[] = {
    { "perhaps another parser (the option \"parser\")", "perhaps another parser (the option “Parser”)" },
    { "a header \"Authorization\" in \"extra-headers\"", "a header \"Authorization\" in “Headers”" },
    { "the name \"no-such\" and \"", "the name \"no-such\" and \"" },
    { "\"path\"\"ca-file\"", "“Path”“Own authorities”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *refused = sioscope_looks_dup_reason ("refused", all[i].message, 0);
      g_autofree char *used_up = sioscope_looks_dup_reason ("attempts used up", all[i].message, 0);
      g_autofree char *both = g_strdup_printf ("All attempts are used up: %s", all[i].sentence);

      g_assert_cmpstr (refused, ==, all[i].sentence);
      g_assert_cmpstr (used_up, ==, both);
    }
}

/* A closed group names some of what is in it: who looks for the parser or the auth finds the way. */
static void
test_contents (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (SioscopeProfile) profile = NULL;
  SioscopeConnectDialog *dialog = open_dialog (window, NULL, &profile);
  GtkWidget *parser = gtk_widget_get_ancestor (GTK_WIDGET (get_row (dialog, "parser")), ADW_TYPE_EXPANDER_ROW);
  GtkWidget *auth = gtk_widget_get_ancestor (GTK_WIDGET (get_row (dialog, "auth")), ADW_TYPE_EXPANDER_ROW);

  g_assert_cmpstr (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (parser)), ==, "Server · Parser · Transports …");
  g_assert_true (g_str_has_prefix (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (auth)), "Auth · "));
  gtk_window_destroy (GTK_WINDOW (dialog));
  window_util_close (window);
}

int
main (int argc, char *argv[])
{
  window_util_init (&argc, &argv);

  g_test_add_func ("/connect-dialog/simple", test_simple);
  g_test_add_func ("/connect-dialog/every-option-has-a-row", test_complete);
  g_test_add_func ("/connect-dialog/mistake-at-the-field", test_mistakes);
  g_test_add_func ("/connect-dialog/edit", test_edit);
  g_test_add_func ("/connect-dialog/contents-of-a-group", test_contents);
  g_test_add_func ("/connect-dialog/options-in-reasons", test_reasons);
  g_test_add_func ("/connect-dialog/looks", test_looks);
  return window_util_run ();
}
