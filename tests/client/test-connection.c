/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cases of the official client's connection.ts that no other test here has by the way: who connects when, who comes back after what,
 * and what arrives. */

#include "client-fixture.h"
#include "node-server.h"

static void
join (Client     *self,
      SioSocket  *socket)
{
  const char *nsp = sio_socket_get_nsp (socket);
  g_autofree char *connect = g_str_equal (nsp, "/") ? g_strdup ("40") : g_strconcat ("40", nsp, ",", NULL);
  g_autofree char *answer = g_strconcat (connect, "{\"sid\":\"id\"}", NULL);

  client_expect (self, connect);
  raw_session_send (self->session, answer);
  WAIT_FOR (sio_socket_get_connected (socket));
}

static void
lose (Client *self)
{
  raw_session_drop (self->session, FALSE);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
}

/* So that the machine goes on by itself. */
static void
be_quick (Client *self)
{
  sio_options_set_reconnection_delay_ms (self->options, 5);
  sio_options_set_reconnection_delay_max_ms (self->options, 20);
}

static void
leave (Client     *self,
       SioSocket  *socket)
{
  sio_socket_disconnect (socket);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  for (char *sent; (sent = raw_session_take (self->session)) != NULL; )
    g_free (sent);
}

static void
test_auto_connect_off (Client *self)
{
  sio_options_set_auto_connect (self->options, FALSE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  g_assert_false (sio_socket_get_active (self->socket));
  g_assert_null (tap_log_find (self->tap, "state"));
}

static void
test_different_querystrings (Client *self)
{
  g_autofree char *url = raw_session_dup_url (self->session);
  g_autofree char *one_url = g_strconcat (url, "?woot", NULL);
  g_autofree char *two_url = g_strconcat (url, "?woot2", NULL);
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioSocket) one = NULL;
  g_autoptr(SioSocket) two = NULL;

  sio_options_set_auto_connect (options, FALSE);
  one = sio_io (one_url, options, NULL);
  two = sio_io (two_url, options, NULL);
  g_assert_true (one != two);
  g_assert_true (sio_socket_get_manager (one) != sio_socket_get_manager (two));
}

static void
test_date_with_ack (Client *self)
{
  client_connect (self);
  raw_session_send (self->session, "421[\"date\",\"2026-11-20T22:00:00.000Z\",{\"date\":\"2026-11-20T22:00:00.000Z\"}]");
  WAIT_FOR (heard_count (self->heard,
                         "socket date:[\"2026-11-20T22:00:00.000Z\",{\"date\":\"2026-11-20T22:00:00.000Z\"}]") == 1);
  {
    g_autoptr(SioArguments) args = sio_arguments_new ();

    sio_arguments_add_string (args, "2026-11-20T22:00:00.000Z");
    g_assert_true (sio_socket_reply (self->socket, 1, args, 0, NULL));
  }
  client_expect (self, "431[\"2026-11-20T22:00:00.000Z\"]");
}

static void
test_namespace_later (Client *self)
{
  SioSocket *foo = client_get_socket (self, "/foo");

  client_connect (self);
  sio_socket_connect (foo);
  join (self, foo);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_namespace_after_close (Client *self)
{
  SioSocket *foo = client_get_socket (self, "/foo");

  client_connect (self);
  leave (self, self->socket);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  sio_socket_connect (foo);
  join (self, foo);
}

static void
test_reconnect_by_default (Client *self)
{
  be_quick (self);
  client_connect (self);
  raw_session_drop (self->session, FALSE);
  WAIT_FOR (heard_count (self->heard, "manager reconnect:1") == 1);
  join (self, self->socket);
}

static void
test_reconnect_manually (Client *self)
{
  client_connect (self);
  leave (self, self->socket);
  g_assert_cmpuint (heard_count (self->heard, "socket disconnect:io client disconnect"), ==, 1);
  sio_socket_connect (self->socket);
  join (self, self->socket);
  g_assert_cmpuint (heard_count (self->heard, "socket connect"), ==, 2);
}

static void
test_reconnect_after_manually (Client *self)
{
  test_reconnect_manually (self);
  be_quick (self);
  raw_session_drop (self->session, FALSE);
  WAIT_FOR (heard_count (self->heard, "manager reconnect:1") == 1);
  join (self, self->socket);
}

static void
test_not_when_force_closed (Client *self)
{
  be_quick (self);
  client_connect (self);
  leave (self, self->socket);
  client_connect (self); /* whatever was to come had its time */
  g_assert_null (heard_find (self->heard, "manager reconnect"));
}

static void
test_stop_when_force_closed (Client *self)
{
  client_connect (self);
  lose (self);
  sio_socket_disconnect (self->socket);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  g_assert_null (heard_find (self->heard, "manager reconnect_attempt"));
}

static void
test_reconnect_after_stopping (Client *self)
{
  client_connect (self);
  lose (self);
  sio_socket_disconnect (self->socket);
  sio_socket_connect (self->socket);
  join (self, self->socket);
}

static void
leave_cb (SioManager *manager,
          guint       attempt,
          SioSocket  *socket)
{
  sio_socket_disconnect (socket);
}

/* In the middle of reconnecting one of two is left: the other goes on. */
static void
test_stop_one_keep_another (Client *self)
{
  SioSocket *other = client_get_socket (self, "/other");

  client_connect (self);
  sio_socket_connect (other);
  join (self, other);
  g_signal_connect (self->manager, "reconnect-attempt", G_CALLBACK (leave_cb), self->socket);
  lose (self);
  heard_clear (self->heard);
  sio_manager_reconnect_now (self->manager);
  join (self, other);
  g_assert_false (sio_socket_get_active (self->socket));
  g_assert_cmpuint (heard_count (self->heard, "socket connect"), ==, 0);
}

static void
test_stop_trying (Client *self)
{
  client_connect (self);
  g_signal_connect (self->manager, "reconnect-attempt", G_CALLBACK (leave_cb), self->socket);
  lose (self);
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_CLOSED);
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_attempt:1"), ==, 1);
  g_assert_null (heard_find (self->heard, "manager reconnect:"));
}

/* The session that is left and the one that is joined are two connections, which have no order between them: the words of the
 * first may come second, or be refused because its session is over. */
static gboolean
has_asked_for_other (Client *self)
{
  char *sent;

  while ((sent = raw_session_take (self->session)) != NULL)
    {
      gboolean asked = g_str_equal (sent, "40/other,");

      g_assert_true (asked || g_str_equal (sent, "41") || g_str_equal (sent, "1"));
      g_free (sent);
      if (asked)
        return TRUE;
    }
  return FALSE;
}

static void
test_connect_while_leaving (Client *self)
{
  SioSocket *other = client_get_socket (self, "/other");

  gboolean asked = FALSE;

  client_connect (self);
  sio_socket_disconnect (self->socket);
  sio_socket_connect (other);
  g_assert_cmpuint (tap_log_count (self->tap, "packet out DISCONNECT /"), ==, 1);
  WAIT_FOR (asked || (asked = has_asked_for_other (self)));
  raw_session_send (self->session, "40/other,{\"sid\":\"id\"}");
  WAIT_FOR (sio_socket_get_connected (other) && !sio_manager_get_closing (self->manager));
}

/* One of two is left: the connection is the other's, and closes with it. */
static void
test_close_with_the_last (Client *self)
{
  SioSocket *foo = client_get_socket (self, "/foo");

  client_connect (self);
  sio_socket_connect (foo);
  join (self, foo);
  sio_socket_disconnect (foo);
  client_expect (self, "41/foo,");
  client_expect_nothing (self);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
  g_assert_true (sio_socket_get_connected (self->socket));
  sio_socket_disconnect (self->socket);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
}

static void
test_default_timeout (Client *self)
{
  g_assert_cmpuint (sio_options_get_timeout_ms (self->options), ==, 20000);
  client_connect (self);
  g_assert_null (heard_find (self->heard, "manager reconnect"));
  g_assert_null (heard_find (self->heard, "manager error"));
}

static void
test_decoding_exception (Client *self)
{
  client_connect (self);
  heard_clear (self->heard);
  raw_session_send (self->session, "4bad");
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  g_assert_cmpuint (heard_count (self->heard, "socket disconnect:parse error"), ==, 1);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  for (char *sent; (sent = raw_session_take (self->session)) != NULL; )
    g_free (sent);
  sio_manager_reconnect_now (self->manager);
  join (self, self->socket);
}

/* --- where nobody listens --- */

typedef struct {
  SioOptions *options;
  SioManager *manager;
  SioSocket  *socket;
  TapLog     *tap;
  Heard      *heard;
} Nobody;

static double
middling (gpointer data)
{
  return 0.5;
}

static void
nobody_set_up (Nobody        *self,
               gconstpointer  data)
{
  self->options = sio_options_new ();
  sio_options_set_reconnection_delay_ms (self->options, 2);
  sio_options_set_reconnection_delay_max_ms (self->options, 100);
  sio_options_set_randomization_factor (self->options, 0.2);
  sio_options_set_reconnection_attempts (self->options, 2);
  self->manager = sio_manager_new ("http://127.0.0.1:1", self->options, NULL); /* tcpmux: nobody has it */
  sio_manager_set_random_for_tests (self->manager, middling, NULL);
  self->tap = tap_log_new ();
  sio_manager_set_tap (self->manager, SIO_TAP (self->tap));
  self->heard = heard_new ();
  heard_watch_manager (self->heard, self->manager);
  self->socket = sio_manager_get_socket (self->manager, "/", NULL);
}

static void
nobody_tear_down (Nobody        *self,
                  gconstpointer  data)
{
  g_assert_finalize_object (self->manager);
  g_assert_finalize_object (self->options);
  g_assert_finalize_object (self->tap);
  heard_free (self->heard);
}

static void
test_incorrect_address (Nobody        *self,
                        gconstpointer  data)
{
  sio_socket_connect (self->socket);
  WAIT_FOR (heard_count (self->heard, "manager reconnect_failed") == 1);
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_attempt:1"), ==, 1);
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_attempt:2"), ==, 1);
  g_assert_null (heard_find (self->heard, "manager reconnect_attempt:3"));
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_error"), ==, 2);

  /* asked by hand it begins anew */
  heard_clear (self->heard);
  sio_socket_connect (self->socket);
  WAIT_FOR (heard_count (self->heard, "manager reconnect_failed") == 1);
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_attempt:2"), ==, 1);
}

static void
test_growing_delay (Nobody        *self,
                    gconstpointer  data)
{
  guint before = 0;
  guint n = 0;

  sio_options_set_reconnection_attempts (self->options, 3);
  sio_options_set_reconnection_delay_ms (self->options, 10);
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);
  {
    g_autofree char *lines = tap_log_dup (self->tap, "state waiting");
    g_auto(GStrv) split = g_strsplit (lines, "\n", -1);

    for (; *split[n] != '\0'; n++)
      {
        guint delay = (guint) g_ascii_strtoull (strstr (split[n], "delay=") + 6, NULL, 10);

        g_assert_cmpuint (delay, >, before);
        before = delay;
      }
  }
  g_assert_cmpuint (n, ==, 3);
}

static void
test_reconnection_disabled (Nobody        *self,
                            gconstpointer  data)
{
  sio_options_set_reconnection (self->options, FALSE);
  sio_socket_connect (self->socket);
  WAIT_FOR (heard_count (self->heard, "manager error") == 1);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_FAILED);
  g_assert_null (heard_find (self->heard, "manager reconnect"));
}

static void
test_another_socket_meanwhile (Nobody        *self,
                               gconstpointer  data)
{
  sio_socket_connect (self->socket);
  WAIT_FOR (heard_find (self->heard, "manager error") != NULL);
  sio_socket_connect (sio_manager_get_socket (self->manager, "/room1", NULL));
  WAIT_FOR (heard_count (self->heard, "manager reconnect_failed") == 1);
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_attempt:2"), ==, 1);
  g_assert_null (heard_find (self->heard, "manager reconnect_attempt:3"));
}

/* --- socket.io 4.8 --- */

typedef struct {
  NodeServer *server;
  SioOptions *options;
  SioManager *manager;
  SioSocket  *socket;
  Heard      *heard;
} Real;

static void
real_set_up (Real          *self,
             gconstpointer  transport)
{
  g_autoptr(GError) error = NULL;

  self->server = node_server_start ("socket.io-v4", NULL);
  self->options = sio_options_new ();
  sio_options_set_transports (self->options, (const char * const[]) { transport, NULL }, NULL);
  self->manager = sio_manager_new (node_server_get_url (self->server, ""), self->options, &error);
  g_assert_no_error (error);
  self->socket = sio_manager_get_socket (self->manager, "/", NULL);
  self->heard = heard_new ();
  heard_watch_socket (self->heard, self->socket);
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_socket_get_connected (self->socket));
  heard_clear (self->heard);
}

static void
real_tear_down (Real          *self,
                gconstpointer  transport)
{
  g_assert_finalize_object (self->manager);
  g_assert_finalize_object (self->options);
  heard_free (self->heard);
  node_server_stop (self->server);
}

static void
echo (Real       *self,
      const char *json)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GError) error = NULL;

  sio_arguments_add_json (args, json, -1, TRUE, &error);
  g_assert_no_error (error);
  g_assert_true (sio_socket_emit (self->socket, "echo", args, NULL, &error));
  g_assert_no_error (error);
}

static void
expect_echoes (Real       *self,
               const char *expected)
{
  guint n = 0;

  for (const char *p = expected; *p != '\0'; p++)
    n += *p == '\n';
  WAIT_FOR (self->heard->n_events == n);
  {
    g_autofree char *said = heard_dup (self->heard);

    g_assert_cmpstr (said, ==, expected);
  }
}

static void
test_values (Real          *self,
             gconstpointer  transport)
{
  echo (self, "\"localhost\"");
  echo (self, "false");
  echo (self, "\"てすと\"");
  echo (self, "\"Ä ä Ö ö Ü ü ß\"");
  echo (self, "\"utf8 — string\"");
  echo (self, "\"2026-11-20T22:00:00.000Z\"");
  echo (self, "{\"date\":\"2026-11-20T22:00:00.000Z\"}");
  expect_echoes (self,
                 "socket echo:[\"localhost\"]\nsocket echo:[false]\nsocket echo:[\"てすと\"]\nsocket echo:[\"Ä ä Ö ö Ü ü ß\"]\n"
                 "socket echo:[\"utf8 — string\"]\nsocket echo:[\"2026-11-20T22:00:00.000Z\"]\n"
                 "socket echo:[{\"date\":\"2026-11-20T22:00:00.000Z\"}]\n");
}

static void
test_binary (Real          *self,
             gconstpointer  transport)
{
  echo (self, "{\"$binary\":\"YXNkZmFzZGY=\"}");
  echo (self, "{\"hello\":\"lol\",\"message\":{\"$binary\":\"aG93ZHk=\"},\"goodbye\":\"gotcha\"}");
  echo (self, "{\"$binary\":\"YQ==\"}");
  echo (self, "\"between\"");
  echo (self, "{\"$binary\":\"Yg==\"}");
  expect_echoes (self,
                 "socket echo:[{\"$bin\":\"6173646661736466\"}]\n"
                 "socket echo:[{\"hello\":\"lol\",\"message\":{\"_placeholder\":true,\"num\":0},\"goodbye\":\"gotcha\"}]\n"
                 "socket echo:[{\"$bin\":\"61\"}]\nsocket echo:[\"between\"]\nsocket echo:[{\"$bin\":\"62\"}]\n");
}

/* The server wants an answer, and says what it got. */
static void
test_acks (Real          *self,
           gconstpointer  transport)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();

  g_assert_true (sio_socket_emit (self->socket, "ask", NULL, NULL, NULL));
  WAIT_FOR (self->heard->last_ack_id >= 0);
  sio_arguments_add_json (args, "5", -1, FALSE, NULL);
  sio_arguments_add_json (args, "{\"test\":true}", -1, FALSE, NULL);
  g_assert_true (sio_socket_reply (self->socket, self->heard->last_ack_id, args, 0, NULL));
  WAIT_FOR (heard_count (self->heard, "socket answer:[5,{\"test\":true}]") == 1);
}

#define ADD_NOBODY(name, body) \
  g_test_add ("/client/connection/" name, Nobody, NULL, nobody_set_up, body, nobody_tear_down)
#define ADD_REAL(name, body)                                                                               \
  G_STMT_START {                                                                                           \
    g_test_add ("/client/polling/connection/" name, Real, "polling", real_set_up, body, real_tear_down);   \
    g_test_add ("/client/websocket/connection/" name, Real, "websocket", real_set_up, body, real_tear_down); \
  } G_STMT_END

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("connection/auto-connect-off", test_auto_connect_off);
  client_add ("connection/different-querystrings", test_different_querystrings);
  client_add ("connection/date-with-ack", test_date_with_ack);
  client_add ("connection/namespace-after-connection", test_namespace_later);
  client_add ("connection/namespace-after-connection-closed", test_namespace_after_close);
  client_add ("connection/reconnects-by-default", test_reconnect_by_default);
  client_add ("connection/reconnects-manually", test_reconnect_manually);
  client_add ("connection/reconnects-after-reconnecting-manually", test_reconnect_after_manually);
  client_add ("connection/not-when-force-closed", test_not_when_force_closed);
  client_add ("connection/stops-when-force-closed", test_stop_when_force_closed);
  client_add ("connection/reconnects-after-stopping", test_reconnect_after_stopping);
  client_add ("connection/stops-one-and-keeps-another", test_stop_one_keep_another);
  client_add ("connection/stops-trying", test_stop_trying);
  client_add ("connection/connects-while-disconnecting-another", test_connect_while_leaving);
  client_add ("connection/closes-with-the-last-socket", test_close_with_the_last);
  client_add ("connection/default-timeout", test_default_timeout);
  client_add ("connection/decoding-exception", test_decoding_exception);
  ADD_NOBODY ("incorrect-address", test_incorrect_address);
  ADD_NOBODY ("growing-delay", test_growing_delay);
  ADD_NOBODY ("reconnection-disabled", test_reconnection_disabled);
  ADD_NOBODY ("another-socket-meanwhile", test_another_socket_meanwhile);
  ADD_REAL ("values", test_values);
  ADD_REAL ("binary", test_binary);
  ADD_REAL ("acks", test_acks);

  return g_test_run ();
}
