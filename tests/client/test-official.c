/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cases of the official client's own suite (socket.ts) that no other test here has by the way: ids, refusals, leaving and
 * coming back, order, volatile packets, acks and the end of a connection, heartbeats. */

#include "client-fixture.h"
#include "engine/sio-engine.h"

static void
ask (Client     *self,
     const char *event,
     guint       timeout_ms,
     Answer     *answer)
{
  SioEmitOptions options = { .timeout_ms = timeout_ms };

  sio_socket_emit_with_ack_async (self->socket, event, NULL, &options, NULL, answer_cb, answer);
}

/* --- ids --- */

static void
test_id_of_namespace (Client *self)
{
  SioSocket *foo = client_get_socket (self, "/foo");

  client_connect (self);
  sio_socket_connect (foo);
  client_expect (self, "40/foo,");
  raw_session_send (self->session, "40/foo,{\"sid\":\"of-foo\"}");
  WAIT_FOR (sio_socket_get_connected (foo));
  g_assert_cmpstr (sio_socket_get_id (foo), ==, "of-foo");
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "id1");
}

static void
test_id_cleared (Client *self)
{
  g_autofree char *id = NULL;
  gboolean connected;

  client_connect (self);
  sio_socket_disconnect (self->socket);
  g_object_get (self->socket, "id", &id, "connected", &connected, NULL);
  g_assert_null (id);
  g_assert_null (sio_socket_get_id (self->socket));
  g_assert_false (connected);
  g_assert_false (sio_socket_get_recovered (self->socket));
}

static void
test_id_changes (Client *self)
{
  client_connect (self);
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "id1");
  client_lose (self, TRUE);
  g_assert_null (sio_socket_get_id (self->socket));
  client_rejoin (self);
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "id2");
}

/* --- connect_error --- */

static void
test_left_while_opening (Client *self)
{
  sio_socket_connect (self->socket);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CONNECTING);
  sio_socket_disconnect (self->socket);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  g_assert_null (heard_find (self->heard, "socket connect_error"));
  g_assert_null (heard_find (self->heard, "manager error"));
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
}

static void
silent_script (RawConnection *connection, guint n, gpointer data)
{
  raw_connection_await_end (connection);
}

static void
test_open_timeout (gconstpointer transport)
{
  const char *transports[] = { transport, NULL };
  g_autoptr(RawPeer) peer = raw_peer_new (silent_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(Heard) heard = heard_new ();
  SioManager *manager;
  SioSocket *socket;

  sio_options_set_transports (options, transports, NULL);
  sio_options_set_timeout_ms (options, 20);
  sio_options_set_reconnection (options, FALSE);
  manager = sio_manager_new (url, options, NULL);
  socket = sio_manager_get_socket (manager, "/", NULL);
  heard_watch_socket (heard, socket);
  sio_socket_connect (socket);
  WAIT_FOR (heard->lines->len > 0);
  g_assert_cmpstr (g_ptr_array_index (heard->lines, 0), ==, "socket connect_error:timeout");
  g_assert_cmpuint (heard->lines->len, ==, 1);
  g_assert_finalize_object (manager);
}

static void
test_error_when_connected (Client *self)
{
  client_connect (self);
  client_lose (self, TRUE);
  g_assert_nonnull (heard_find (self->heard, "socket disconnect:transport "));
  g_assert_null (heard_find (self->heard, "socket connect_error"));
}

static void
test_refused_namespace (Client *self)
{
  SioSocket *no = client_get_socket (self, "/no");

  client_connect (self);
  sio_options_set_reconnection_delay_ms (self->options, 10);
  sio_socket_connect (no);
  client_expect (self, "40/no,");
  raw_session_send (self->session, "44/no,{\"message\":\"Auth failed (custom namespace)\",\"data\":{\"a\":\"b\",\"c\":3}}");
  WAIT_FOR (!sio_socket_get_active (no));
  g_assert_cmpstr (heard_find (self->heard, "socket/no"), ==,
                   "socket/no connect_error:Auth failed (custom namespace) {\"a\":\"b\",\"c\":3}");

  /* it is not asked for again, and the other one goes on */
  client_expect_nothing (self);
  g_assert_true (sio_socket_get_connected (self->socket));
  client_lose (self, TRUE);
  client_rejoin (self);
  client_expect_nothing (self);
  g_assert_false (sio_socket_get_active (no));
}

/* --- leaving and coming back --- */

static void
test_disconnect_reconnect (Client *self)
{
  gboolean joined = FALSE;

  client_connect (self);
  sio_socket_disconnect (self->socket);
  /* at once, while the goodbye is still being written: two sessions have no order, and the fixture knows one at a time */
  sio_socket_connect (self->socket);
  g_assert_nonnull (tap_log_find (self->tap, "packet out DISCONNECT"));
  while (!joined)
    {
      g_autofree char *packet = NULL;

      WAIT_FOR (packet != NULL || (packet = raw_session_take (self->session)) != NULL);
      joined = g_str_equal (packet, "40");
    }
  raw_session_send (self->session, "40{\"sid\":\"id2\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (heard_count (self->heard, "socket connect"), ==, 2);
  g_assert_cmpuint (heard_count (self->heard, "socket disconnect:io client disconnect"), ==, 1);
}

static void
second_cb (SioSocket *socket, Client *self)
{
  client_emit (self, "second", NULL);
}

static void
test_order (Client *self)
{
  g_signal_connect (self->socket, "connect", G_CALLBACK (second_cb), self);
  client_emit (self, "first", NULL);
  client_connect (self);
  client_expect (self, "42[\"first\"]");
  client_expect (self, "42[\"second\"]");
}

/* --- volatile --- */

static const SioEmitOptions is_volatile = { .is_volatile = TRUE };

static void
test_volatile_not_connected (Client *self)
{
  g_assert_false (sio_socket_emit (self->socket, "v", NULL, &is_volatile, NULL));
  client_connect (self);
  client_expect_nothing (self);
}

static void
test_volatile_not_ready (Client *self)
{
  gboolean sent = FALSE;

  client_connect (self);
  client_expect_nothing (self);
  WAIT_FOR (sent || (sent = client_emit (self, "ordinary", NULL)));
  g_assert_false (sio_socket_emit (self->socket, "v", NULL, &is_volatile, NULL));
  client_expect (self, "42[\"ordinary\"]");
  client_expect_nothing (self);
}

static void
test_volatile_ready (Client *self)
{
  gboolean sent = FALSE;

  client_connect (self);
  WAIT_FOR (sent || (sent = sio_socket_emit (self->socket, "v", NULL, &is_volatile, NULL)));
  client_expect (self, "42[\"v\"]");
}

/* --- acks and the end of a connection --- */

static void
test_plain_ack_dropped (Client *self)
{
  SioEmitOptions options = { .want_ack = TRUE };

  client_connect (self);
  g_assert_true (sio_socket_emit (self->socket, "e", NULL, &options, NULL));
  client_expect (self, "420[\"e\"]");
  client_lose (self, TRUE);
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-abandoned / \"e\" id=0 tag=0: socket has been disconnected"));
  client_rejoin (self);
  raw_session_send (self->session, "430[]");
  WAIT_FOR (tap_log_find (self->tap, "error packet ack 0 of /, which nobody waits for") != NULL);
}

static void
assert_abandoned (Client *self, guint timeout_ms, guint ack_timeout_ms)
{
  g_auto(Answer) answer = { 0 };

  sio_options_set_ack_timeout_ms (self->options, ack_timeout_ms);
  client_connect (self);
  ask (self, "e", timeout_ms, &answer);
  client_expect (self, "420[\"e\"]");
  sio_socket_disconnect (self->socket);
  WAIT_FOR (answer.n_calls == 1);
  g_assert_error (answer.error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_cmpstr (answer.error->message, ==, "socket has been disconnected");
}

static void
test_abandoned_with_timeout (Client *self)
{
  assert_abandoned (self, 10000, 0);
}

static void
test_abandoned_with_option (Client *self)
{
  assert_abandoned (self, 0, 10000);
}

static void
test_abandoned_promise (Client *self)
{
  assert_abandoned (self, 0, 0);
}

static void
test_unsent_ack_kept (Client *self)
{
  g_auto(Answer) answer = { 0 };

  client_connect (self);
  sio_socket_disconnect (self->socket);
  client_expect (self, "41");
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  ask (self, "e", 0, &answer);
  client_connect (self);
  client_expect (self, "420[\"e\"]");
  raw_session_send (self->session, "430[7]");
  WAIT_FOR (answer.n_calls == 1);
  g_assert_no_error (answer.error);
}

static void
test_timeout_words (Client *self)
{
  g_auto(Answer) unsent = { 0 };
  g_auto(Answer) sent = { 0 };

  ask (self, "unsent", 10, &unsent);
  WAIT_FOR (unsent.n_calls == 1);
  g_assert_error (unsent.error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_cmpstr (unsent.error->message, ==, "operation has timed out");
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-timeout / \"unsent\" id=0 tag=0: "
                                             "operation has timed out; it was never sent"));

  client_connect (self);
  ask (self, "sent", 10, &sent);
  client_expect (self, "421[\"sent\"]");
  WAIT_FOR (sent.n_calls == 1);
  g_assert_cmpstr (sent.error->message, ==, "operation has timed out");
  raw_session_send (self->session, "431[]"); /* too late */
  client_expect_nothing (self);
}

/* It runs on while nobody is connected, and takes the event out of the buffer. */
static void
test_timeout_while_waiting (Client *self)
{
  g_auto(Answer) answer = { 0 };

  client_connect (self);
  client_lose (self, TRUE);
  ask (self, "e", 10, &answer);
  WAIT_FOR (answer.n_calls == 1);
  g_assert_error (answer.error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  client_rejoin (self);
  client_expect_nothing (self);
}

/* An id that a double cannot tell from its neighbours is malformed, in an ack as in an event. */
static void
test_id_too_large (Client *self)
{
  static const char *packets[] = { "439007199254740992[]", "429007199254740992[\"e\"]" };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      client_connect (self);
      heard_clear (self->heard);
      raw_session_send (self->session, packets[i]);
      WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
      sio_manager_close (self->manager);
      WAIT_FOR (!sio_manager_get_closing (self->manager));
    }

  /* the largest one is fine */
  client_connect (self);
  raw_session_send (self->session, "429007199254740991[\"e\"]");
  WAIT_FOR (self->heard->last_ack_id == G_GINT64_CONSTANT (9007199254740991));
}

/* --- the heartbeat --- */

static gint64 later_us;

static gint64
late_clock (void)
{
  return g_get_monotonic_time () + later_us;
}

static void
test_throttled (Client *self)
{
  later_us = 0;
  sio_engine_set_clock_for_tests (late_clock);
  client_connect (self);
  client_emit (self, "before", NULL);
  client_expect (self, "42[\"before\"]");

  /* the machine slept: the timer has not noticed yet that no ping came in time */
  later_us = 46 * G_USEC_PER_SEC;
  g_assert_true (sio_socket_get_connected (self->socket));
  client_emit (self, "after", NULL);
  g_assert_nonnull (tap_log_find (self->tap, "emit buffered / \"after\""));
  WAIT_FOR (heard_count (self->heard, "socket disconnect:ping timeout") == 1);
  later_us = 0;
  client_rejoin (self);
  client_expect (self, "42[\"after\"]");
  sio_engine_set_clock_for_tests (NULL);
}

/* --- the heartbeat of a server 2.x --- */

static void
heartbeat_script (RawConnection *connection, guint n, gpointer data)
{
  g_auto(RawRequest) request = { 0 };
  g_autoptr(GString) payload = g_string_new (NULL);
  guint8 first;

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_connection_accept_websocket (connection, &request, NULL, 0);
  raw_connection_write_frame (connection, 0x81,
                              "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":20,\"pingTimeout\":20000}", -1);
  raw_connection_write_frame (connection, 0x81, "40", -1);
  while (raw_connection_read_frame (connection, &first, payload))
    if (g_str_equal (payload->str, "2"))
      raw_connection_write_frame (connection, 0x81, "3", -1);
}

static void
ping_cb (SioManager *manager, guint *n)
{
  ++*n;
}

static void
pong_cb (SioManager *manager, gint64 rtt_us, guint *n)
{
  g_assert_cmpint (rtt_us, >=, 0);
  g_assert_cmpint (rtt_us, <, 20 * G_USEC_PER_SEC);
  ++*n;
}

static void
test_pong (void)
{
  g_autoptr(RawPeer) peer = raw_peer_new (heartbeat_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_autoptr(SioOptions) options = sio_options_new ();
  guint n_pings = 0;
  guint n_pongs = 0;
  SioManager *manager;

  sio_options_set_transports (options, (const char * const[]) { "websocket", NULL }, NULL);
  g_assert_true (sio_options_set_server (options, 2, NULL));
  manager = sio_manager_new (url, options, NULL);
  g_signal_connect (manager, "ping", G_CALLBACK (ping_cb), &n_pings);
  g_signal_connect (manager, "pong", G_CALLBACK (pong_cb), &n_pongs);
  sio_socket_connect (sio_manager_get_socket (manager, "/", NULL));
  WAIT_FOR (n_pongs >= 2);
  g_assert_cmpuint (n_pings, >=, n_pongs);
  g_assert_finalize_object (manager);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("id/namespace", test_id_of_namespace);
  client_add ("id/cleared", test_id_cleared);
  client_add ("id/changes", test_id_changes);
  client_add ("connect-error/left-while-opening", test_left_while_opening);
  g_test_add_data_func ("/client/polling/connect-error/open-timeout", "polling", test_open_timeout);
  g_test_add_data_func ("/client/websocket/connect-error/open-timeout", "websocket", test_open_timeout);
  client_add ("connect-error/not-when-connected", test_error_when_connected);
  client_add ("connect-error/refused-namespace", test_refused_namespace);
  client_add ("disconnect-then-reconnect", test_disconnect_reconnect);
  client_add ("events-in-order", test_order);
  client_add ("volatile/not-connected", test_volatile_not_connected);
  client_add ("volatile/not-ready", test_volatile_not_ready);
  client_add ("volatile/ready", test_volatile_ready);
  client_add ("acks/plain-dropped", test_plain_ack_dropped);
  client_add ("acks/abandoned/timeout", test_abandoned_with_timeout);
  client_add ("acks/abandoned/ack-timeout", test_abandoned_with_option);
  client_add ("acks/abandoned/promise", test_abandoned_promise);
  client_add ("acks/unsent-kept", test_unsent_ack_kept);
  client_add ("acks/timeout-words", test_timeout_words);
  client_add ("acks/timeout-while-waiting", test_timeout_while_waiting);
  client_add ("acks/id-too-large", test_id_too_large);
  client_add ("throttled", test_throttled);
  g_test_add_func ("/client/reconnect/pong", test_pong);

  return g_test_run ();
}
