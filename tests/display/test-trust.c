/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Certificates in the window, against a real server that has a certificate of its own: told in words, trusted on request, and never
 * forgotten to be said. */

#include "window-util.h"

#include "certificates.h"
#include "network-fixture.h"
#include "sioscope-window-private.h"

/* For all tests: GIO reads the files whenever a connection begins, and the network thread may begin one while a window closes. */
static Certificates *certificates;

static gboolean
shows (SioscopeWindow *window, const char *text)
{
  return window_util_find_text (GTK_WIDGET (window), text) != NULL;
}

static void
test_self_signed (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autofree char *options = NULL;
  g_autofree char *fingerprint = NULL;
  g_autoptr (Helper) server = NULL;
  SioscopeSubject *subject;

  certificates_make (certificates, "self", NULL, "127.0.0.1", CERTIFICATE_PLAIN);
  fingerprint = certificates_dup_fingerprint (certificates, "self");
  options = g_strdup_printf ("{\"cert\":\"%s\",\"key\":\"%s\"}", certificates_get_path (certificates, "self.crt"),
                             certificates_get_path (certificates, "self.key"));
  server = helper_start ("server.mjs", options);

  sioscope_window_open_url (window, helper_get_url (server, "https"));
  subject = sioscope_window_get_subject (window);
  WAIT_FOR (shows (window, "The server’s certificate is not accepted"));
  g_assert_true (shows (window, "it is self-signed, or its issuer is not known here"));
  WAIT_FOR (shows (window, fingerprint));
  g_assert_false (shows (window, "Unverified"));
  window_util_picture (window, "certificate-900x600-light");
  window_util_dark (TRUE);
  window_util_resize (window, 420, 800);
  window_util_picture (window, "certificate-420x800-dark");
  window_util_dark (FALSE);
  window_util_resize (window, 900, 600);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.trust-certificate", NULL);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  WAIT_FOR (shows (window, "Unverified"));
  g_assert_false (shows (window, "The server’s certificate is not accepted"));
  g_assert_cmpstr (sioscope_profile_get_option (sioscope_subject_get_profile (subject), "trusted-fingerprints"), ==,
                   fingerprint);
  window_util_picture (window, "unverified-900x600-light");

  /* For this connection only. */
  {
    g_autoptr (SioscopeProfile) other = sioscope_profile_new (helper_get_url (server, "wss"));

    subject = sioscope_window_add_profile (window, other, FALSE);
    sioscope_window_select (window, subject);
    sioscope_window_connect (window, subject);
  }
  WAIT_FOR (shows (window, "The server’s certificate is not accepted"));
  window_util_close (window);
}

/* One that is expired and of another host says both; one whose authority is known says nothing. */
static void
test_own_authority (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (Helper) server = NULL;
  g_autoptr (Helper) old = NULL;
  g_autofree char *options = NULL;
  g_autofree char *old_options = NULL;

  certificates_make (certificates, "ca", NULL, NULL, CERTIFICATE_CA);
  certificates_make (certificates, "good", "ca", "127.0.0.1", CERTIFICATE_PLAIN);
  certificates_make (certificates, "old", "ca", "elsewhere.example", CERTIFICATE_EXPIRED);
  options = g_strdup_printf ("{\"cert\":\"%s\",\"key\":\"%s\"}", certificates_get_path (certificates, "good.crt"),
                             certificates_get_path (certificates, "good.key"));
  old_options = g_strdup_printf ("{\"cert\":\"%s\",\"key\":\"%s\"}", certificates_get_path (certificates, "old.crt"),
                                 certificates_get_path (certificates, "old.key"));
  server = helper_start ("server.mjs", options);
  old = helper_start ("server.mjs", old_options);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SioscopeProfile) profile = sioscope_profile_new (helper_get_url (i == 0 ? server : old, "https"));
      SioscopeSubject *subject;

      sioscope_profile_set_option (profile, "ca-file", certificates_get_path (certificates, "ca.crt"));
      sioscope_profile_set_option (profile, "auth", "{\"token\":\"x\"}");
      subject = sioscope_window_add_profile (window, profile, FALSE);
      sioscope_window_select (window, subject);
      sioscope_window_connect (window, subject);
      if (i == 0)
        {
          WAIT_FOR (shows (window, "Connected"));
          WAIT_FOR (sioscope_subject_get_status (subject)->credentials);
          g_assert_false (shows (window, "Unverified"));
          g_assert_false (shows (window, "Not encrypted"));
        }
      else
        {
          WAIT_FOR (shows (window, "it is for another host, it has expired"));
          g_assert_true (shows (window, "elsewhere.example"));
        }
    }
  window_util_close (window);
}

static void
test_not_encrypted (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (Helper) server = helper_start ("server.mjs", "{}");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SioscopeProfile) profile = sioscope_profile_new (helper_get_url (server, "http"));
      SioscopeSubject *subject;

      if (i == 1)
        sioscope_profile_set_option (profile, "auth", "{\"token\":\"x\"}");
      subject = sioscope_window_add_profile (window, profile, FALSE);
      sioscope_window_select (window, subject);
      sioscope_window_connect (window, subject);
      WAIT_FOR (shows (window, "Connected"));
      if (i == 0)
        g_assert_false (shows (window, "Not encrypted"));
      else
        WAIT_FOR (shows (window, "Not encrypted"));
    }
  window_util_picture (window, "not-encrypted-900x600-light");
  window_util_close (window);
}

static GtkWidget *
find_in_bar (SioscopeWindow *window, const char *type, const char *id)
{
  return window_util_find (window_util_find (GTK_WIDGET (window), "SioscopeAuthBar", NULL), type, id);
}

/* One bar, however many namespaces ask; it asks again after a cut, with what was said the last time. */
static void
test_ask_auth (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (Helper) server = helper_start ("server.mjs", "{}");
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new (helper_get_url (server, "http"));
  SioscopeSubject *subject;
  SioscopeConnection *connection;
  GtkWidget *join, *auth;

  sioscope_profile_set_option (profile, "ask-auth", "true");
  sioscope_profile_set_option (profile, "reconnection-delay-ms", "60000");
  subject = sioscope_window_add_profile (window, profile, FALSE);
  sioscope_window_select (window, subject);
  sioscope_window_connect (window, subject);
  WAIT_FOR (shows (window, "/ is about to be joined"));
  connection = sioscope_subject_get_connection (subject);
  sioscope_connection_join (connection, "/admin", NULL);
  join = find_in_bar (window, "GtkButton", "join");
  auth = find_in_bar (window, "GtkEntry", "auth");

  gtk_editable_set_text (GTK_EDITABLE (auth), "{\"token\":");
  g_assert_false (gtk_widget_get_sensitive (join));
  g_assert_true (shows (window, "Column "));
  window_util_picture (window, "ask-auth-900x600-light");
  gtk_editable_set_text (GTK_EDITABLE (auth), "[1]");
  g_assert_false (gtk_widget_get_sensitive (join));
  gtk_editable_set_text (GTK_EDITABLE (auth), "{\"token\":\"first\"}");
  g_assert_true (gtk_widget_get_sensitive (join));
  g_assert_false (sioscope_subject_get_status (subject)->credentials);
  window_util_press (join);
  WAIT_FOR (sioscope_subject_get_status (subject)->credentials);

  /* The next one is asked for now, and nothing of the first one's answer is there. */
  WAIT_FOR (shows (window, "/admin is about to be joined"));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (auth)), ==, "");
  window_util_press (find_in_bar (window, "GtkButton", "decline"));
  WAIT_FOR (!shows (window, "is about to be joined"));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.cut", NULL);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_WAITING);
  g_assert_false (shows (window, "is about to be joined"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.reconnect-now", NULL);
  WAIT_FOR (shows (window, "/ is about to be joined"));
  g_assert_false (shows (window, "/admin is about"));

  /* Not asked any more: the value goes along, and nobody waits. */
  sioscope_profile_set_option (profile, "ask-auth", NULL);
  sioscope_subject_profile_changed (subject);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  WAIT_FOR (!shows (window, "is about to be joined"));
  window_util_close (window);
}

/* What was changed takes effect at the next attempt, on the same connection and in the same recording. */
static void
test_options_at_the_next_attempt (void)
{
  SioscopeWindow *window = window_util_open (900, 600);
  g_autoptr (Helper) server = helper_start ("server.mjs", "{}");
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new (helper_get_url (server, "http"));
  SioscopeSubject *subject = sioscope_window_add_profile (window, profile, FALSE);
  SioscopeRecording *recording;

  sioscope_profile_set_option (profile, "transports", "polling");
  sioscope_window_select (window, subject);
  sioscope_window_connect (window, subject);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  g_assert_cmpint (sioscope_subject_get_status (subject)->transport, ==, SIO_TRANSPORT_KIND_POLLING);
  recording = sioscope_subject_get_recording (subject);

  sioscope_profile_set_option (profile, "transports", "websocket");
  sioscope_profile_set_option (profile, "reconnection-delay-ms", "10");
  sioscope_subject_profile_changed (subject);
  g_assert_cmpint (sioscope_subject_get_status (subject)->transport, ==, SIO_TRANSPORT_KIND_POLLING);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.cut", NULL);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED &&
            sioscope_subject_get_status (subject)->transport == SIO_TRANSPORT_KIND_WEBSOCKET);
  g_assert_true (sioscope_subject_get_recording (subject) == recording);
  window_util_close (window);
}

int
main (int argc, char *argv[])
{
  int status;

  window_util_init (&argc, &argv);

  g_test_add_func ("/trust/self-signed", test_self_signed);
  g_test_add_func ("/trust/own-authority", test_own_authority);
  g_test_add_func ("/trust/not-encrypted", test_not_encrypted);
  g_test_add_func ("/trust/ask-auth", test_ask_auth);
  g_test_add_func ("/options/at-the-next-attempt", test_options_at_the_next_attempt);
  certificates = certificates_new ();
  status = window_util_run ();
  certificates_free (certificates);
  return status;
}
