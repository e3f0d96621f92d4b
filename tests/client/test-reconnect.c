/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reconnection machine: which delays, how many attempts, and what is said to whom in which order. */

#include "client-fixture.h"

/* A port on which nobody listens, as long as the socket lives. */
static GSocket *
reserve_port (char **url)
{
  g_autoptr(GInetAddress) host = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (host, 0);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, address, FALSE, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (socket, &error);
  *url = g_strdup_printf ("http://127.0.0.1:%u/", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  return socket;
}

typedef struct {
  GSocket      *nobody;
  SioOptions   *options;
  SioManager   *manager;
  SioSocket    *socket;
  TapLog       *tap;
  Heard        *heard;
  const double *luck;
} Fixture;

static double
luck (gpointer data)
{
  Fixture *self = data;

  return *self->luck++;
}

static const double half[] = { 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 };

/* kind: "refused", where nobody listens, or "silent", where nobody answers. */
static void
set_up (Fixture       *self,
        gconstpointer  kind)
{
  static const char *transports[] = { "polling", NULL };
  g_autofree char *url = NULL;
  g_autoptr(GError) error = NULL;

  self->nobody = reserve_port (&url);
  if (g_str_equal (kind, "silent"))
    {
      g_socket_listen (self->nobody, &error);
      g_assert_no_error (error);
    }

  self->options = sio_options_new ();
  sio_options_set_transports (self->options, transports, NULL);
  sio_options_set_reconnection_delay_ms (self->options, 2);
  sio_options_set_reconnection_delay_max_ms (self->options, 10);
  self->manager = sio_manager_new (url, self->options, &error);
  g_assert_no_error (error);
  self->luck = half;
  sio_manager_set_random_for_tests (self->manager, luck, self);
  self->tap = tap_log_new ();
  sio_manager_set_tap (self->manager, SIO_TAP (self->tap));
  self->heard = heard_new ();
  heard_watch_manager (self->heard, self->manager);
  self->socket = sio_manager_get_socket (self->manager, "/", NULL);
  heard_watch_socket (self->heard, self->socket);
}

static void
tear_down (Fixture       *self,
           gconstpointer  kind)
{
  g_assert_finalize_object (self->manager);
  g_assert_finalize_object (self->options);
  g_assert_finalize_object (self->tap);
  heard_free (self->heard);
  g_object_unref (self->nobody);
}

/* What came, without the words of the operating system. */
static void
assert_heard (Fixture    *self,
              const char *expected)
{
  GString *text = g_string_new (NULL);
  g_autofree char *said = NULL;

  for (guint i = 0; i < self->heard->lines->len; i++)
    {
      const char *line = g_ptr_array_index (self->heard->lines, i);

      if (g_str_has_prefix (line, "socket connect_error:") && !g_str_has_suffix (line, ":timeout"))
        line = "socket connect_error";
      g_string_append_printf (text, "%s\n", line);
    }
  said = g_string_free (text, FALSE);
  g_assert_cmpstr (said, ==, expected);
}

static void
test_attempts (Fixture       *self,
               gconstpointer  kind)
{
  g_autofree char *states = NULL;

  sio_options_set_reconnection_attempts (self->options, 2);
  sio_socket_connect (self->socket);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CONNECTING);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);

  /* the order of socket.io-client 4.8.4 */
  assert_heard (self,
                "socket connect_error\nmanager error\n"
                "manager reconnect_attempt:1\nsocket connect_error\nmanager error\nmanager reconnect_error\n"
                "manager reconnect_attempt:2\nsocket connect_error\nmanager error\nmanager reconnect_failed\n"
                "manager reconnect_error\n");
  /* 2 · 2^n, a quarter more as 0.5 · 0.5 and an odd tenth say */
  states = tap_log_dup (self->tap, "state");
  g_assert_cmpstr (states, ==,
                   "state connecting attempt=0 polling\n"
                   "state attempt-failed attempt=0 polling (connect error) again\n"
                   "state waiting attempt=1 delay=2\n"
                   "state connecting attempt=1 polling\n"
                   "state attempt-failed attempt=1 polling (connect error) again\n"
                   "state waiting attempt=2 delay=5\n"
                   "state connecting attempt=2 polling\n"
                   "state attempt-failed attempt=2 polling (connect error)\n"
                   "state failed (attempts used up)\n");
  g_assert_true (sio_socket_get_active (self->socket));
  g_assert_cmpuint (sio_manager_get_attempt (self->manager), ==, 0);

  /* asked anew it begins anew */
  heard_clear (self->heard);
  self->luck = half;
  sio_socket_connect (self->socket);
  WAIT_FOR (heard_count (self->heard, "manager reconnect_failed") == 1);
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_attempt:2"), ==, 1);
}

static void
test_off (Fixture       *self,
          gconstpointer  kind)
{
  sio_options_set_reconnection (self->options, FALSE);
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);
  assert_heard (self, "socket connect_error\nmanager error\n");
  g_assert_nonnull (tap_log_find (self->tap, "state failed (reconnection off)"));
}

static void
test_turned_off (Fixture       *self,
                 gconstpointer  kind)
{
  sio_options_set_reconnection_delay_ms (self->options, 60000);
  sio_options_set_reconnection_delay_max_ms (self->options, 60000);
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_options_set_reconnection (self->options, FALSE);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_FAILED);
}

static void
test_timeout (Fixture       *self,
              gconstpointer  kind)
{
  sio_options_set_timeout_ms (self->options, 30);
  sio_options_set_reconnection_attempts (self->options, 2);
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);
  assert_heard (self,
                "socket connect_error:timeout\nmanager error\n"
                "manager reconnect_attempt:1\nsocket connect_error:timeout\nmanager error\nmanager reconnect_error\n"
                "manager reconnect_attempt:2\nsocket connect_error:timeout\nmanager error\nmanager reconnect_failed\n"
                "manager reconnect_error\n");
  g_assert_nonnull (tap_log_find (self->tap, "state attempt-failed attempt=0 polling (timeout) again"));
}

/* Whoever leaves while it opens hears of no error. */
static void
test_close_while_opening (Fixture       *self,
                          gconstpointer  kind)
{
  sio_socket_connect (self->socket);
  for (int i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  sio_socket_disconnect (self->socket);
  assert_heard (self, "manager close:forced close\n");
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  g_assert_false (sio_manager_get_closing (self->manager));
  g_assert_false (sio_socket_get_active (self->socket));
}

static void
test_stop (Fixture       *self,
           gconstpointer  kind)
{
  sio_options_set_reconnection_delay_ms (self->options, 60000);
  sio_options_set_reconnection_delay_max_ms (self->options, 60000);
  sio_manager_stop_reconnecting (self->manager); /* nothing to stop */
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);

  sio_socket_connect (self->socket);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  g_assert_cmpuint (sio_manager_get_attempt (self->manager), ==, 1);
  sio_manager_reconnect_now (self->manager);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CONNECTING);
  sio_manager_stop_reconnecting (self->manager);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_FAILED);
  g_assert_nonnull (tap_log_find (self->tap, "state failed (stopped)"));
  g_assert_true (sio_socket_get_active (self->socket));

  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_stop_reconnecting (self->manager);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_FAILED);
  sio_manager_close (self->manager);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
}

/* One namespace is left during the wait, the other goes on; with the last one the waiting ends. */
static void
test_leave_while_waiting (Fixture       *self,
                          gconstpointer  kind)
{
  SioSocket *other = sio_manager_get_socket (self->manager, "/other", NULL);

  sio_options_set_reconnection_delay_ms (self->options, 60000);
  sio_options_set_reconnection_delay_max_ms (self->options, 60000);
  sio_socket_connect (self->socket);
  sio_socket_connect (other);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_socket_disconnect (self->socket);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_WAITING);
  sio_socket_disconnect (other);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  g_assert_null (heard_find (self->heard, "socket disconnect"));
}

/* --- against a server --- */

static void
test_lost (Client *self)
{
  g_autofree char *said = NULL;
  gboolean polling = sio_options_get_transports (self->options)[0][0] == 'p';

  client_connect (self);
  heard_clear (self->heard);
  raw_session_drop (self->session, FALSE);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40");
  raw_session_send (self->session, "40{\"sid\":\"id2\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));

  said = heard_dup (self->heard);
  g_assert_cmpstr (said, ==, polling
                     ? "manager error\nsocket disconnect:transport error\nmanager close:transport error\n"
                       "manager reconnect_attempt:1\nmanager open\nmanager reconnect:1\nsocket connect\n"
                     : "socket disconnect:transport close\nmanager close:transport close\n"
                       "manager reconnect_attempt:1\nmanager open\nmanager reconnect:1\nsocket connect\n");
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "id2");
}

static void
count_ping_cb (SioManager *manager,
               guint      *n)
{
  ++*n;
}

static void
test_ping (Client *self)
{
  guint n = 0;

  g_signal_connect (self->manager, "ping", G_CALLBACK (count_ping_cb), &n);
  client_connect (self);
  client_expect_nothing (self);
  client_expect_nothing (self);
  g_assert_cmpuint (n, ==, 2);
}

static void
test_close (Client *self)
{
  g_autofree char *said = NULL;

  client_connect (self);
  heard_clear (self->heard);
  client_emit (self, "last", "1");
  sio_manager_close (self->manager);
  said = heard_dup (self->heard);
  g_assert_cmpstr (said, ==, "socket disconnect:forced close\nmanager close:forced close\n");
  /* what was handed over is still written */
  client_expect (self, "42[\"last\",1]");
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  WAIT_FOR (raw_session_get_goodbye (self->session) != NULL);

  /* the socket is still asked for */
  g_assert_true (sio_socket_get_active (self->socket));
  sio_manager_open (self->manager);
  client_expect (self, "40");
}

static void
set_query_cb (SioManager *manager,
              guint       attempt,
              Client     *self)
{
  g_autoptr(GError) error = NULL;

  sio_options_set_auth (sio_manager_get_options (manager), "{\"fresh\":true}", &error);
  g_assert_no_error (error);
  sio_manager_reconnect_now (manager); /* it is about to */
}

static void
test_options_at_attempt (Client *self)
{
  client_connect (self);
  g_signal_connect (self->manager, "reconnect-attempt", G_CALLBACK (set_query_cb), self);
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40{\"fresh\":true}");
  g_assert_cmpuint (tap_log_count (self->tap, "state connecting attempt=1"), ==, 1);
}

static void
test_disposed_tap (Client *self)
{
  client_connect (self);
  sio_manager_set_tap (self->manager, NULL);
  g_assert_finalize_object (self->tap);
  self->tap = tap_log_new ();
  sio_manager_set_tap (self->manager, SIO_TAP (self->tap));
  raw_session_send (self->session, "42[\"e\"]");
  WAIT_FOR (tap_log_count (self->tap, "packet in EVENT") == 1);
}

#define ADD_TEST(name, kind, body) g_test_add ("/client/reconnect/" name, Fixture, kind, set_up, body, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_TEST ("attempts", "refused", test_attempts);
  ADD_TEST ("off", "refused", test_off);
  ADD_TEST ("turned-off", "refused", test_turned_off);
  ADD_TEST ("timeout", "silent", test_timeout);
  ADD_TEST ("close-while-opening", "silent", test_close_while_opening);
  ADD_TEST ("stop", "refused", test_stop);
  ADD_TEST ("leave-while-waiting", "refused", test_leave_while_waiting);
  client_add ("reconnect/lost", test_lost);
  client_add ("reconnect/ping", test_ping);
  client_add ("reconnect/close", test_close);
  client_add ("reconnect/options-at-attempt", test_options_at_attempt);
  client_add ("reconnect/another-tap", test_disposed_tap);

  return g_test_run ();
}
