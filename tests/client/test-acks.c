/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Acks in both directions: answered, late, abandoned, cancelled; and what was handed to a transport that died. */

#include "client-fixture.h"

static void
ask (Client       *self,
     const char   *event,
     guint         timeout_ms,
     GCancellable *cancellable,
     Answer       *answer)
{
  SioEmitOptions options = { .timeout_ms = timeout_ms, .tag = 9 };

  sio_socket_emit_with_ack_async (self->socket, event, NULL, &options, cancellable, answer_cb, answer);
  g_assert_cmpuint (answer->n_calls, ==, 0); /* never before it returns */
}

static void
test_answered (Client *self)
{
  g_auto(Answer) first = { 0 };
  g_auto(Answer) second = { 0 };
  g_auto(Answer) binary = { 0 };
  g_autofree char *text = NULL;

  client_connect (self);
  ask (self, "a", 0, NULL, &first);
  ask (self, "b", 0, NULL, &second);
  ask (self, "c", 0, NULL, &binary);
  client_expect (self, "420[\"a\"]");
  client_expect (self, "421[\"b\"]");
  client_expect (self, "422[\"c\"]");

  /* in any order, each to its own */
  raw_session_send (self->session, "431[2.0]");
  WAIT_FOR (second.n_calls == 1);
  g_assert_no_error (second.error);
  text = heard_format_args (second.args);
  g_assert_cmpstr (text, ==, "[2.0]");
  raw_session_send (self->session, "430[]");
  raw_session_send (self->session, "461-2[{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, "\5", 1);
  WAIT_FOR (first.n_calls == 1 && binary.n_calls == 1);
  g_assert_cmpuint (sio_arguments_get_n (first.args), ==, 0);
  g_assert_cmpuint (g_bytes_get_size (sio_arguments_get_binary (binary.args, 0)), ==, 1);

  /* twice, and one that was never asked for */
  raw_session_send (self->session, "430[]");
  raw_session_send (self->session, "4399[]");
  WAIT_FOR (tap_log_count (self->tap, "error packet ack") == 2);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_timeout (Client *self)
{
  g_auto(Answer) late = { 0 };
  g_auto(Answer) by_option = { 0 };
  g_auto(Answer) in_time = { 0 };

  client_connect (self);
  ask (self, "in-time", 60000, NULL, &in_time);
  client_expect (self, "420[\"in-time\"]");
  ask (self, "late", 20, NULL, &late);
  client_expect (self, "421[\"late\"]");
  WAIT_FOR (late.n_calls == 1);
  g_assert_error (late.error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-timeout / \"late\" id=1 tag=9"));
  g_assert_cmpuint (in_time.n_calls, ==, 0);

  sio_options_set_ack_timeout_ms (self->options, 20);
  ask (self, "by-option", 0, NULL, &by_option);
  WAIT_FOR (by_option.n_calls == 1);
  g_assert_error (by_option.error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  raw_session_send (self->session, "430[]");
  WAIT_FOR (in_time.n_calls == 1);
  g_assert_no_error (in_time.error);
}

/* The clock runs while it waits to be sent; then it need not be sent any more. */
static void
test_timeout_unsent (Client *self)
{
  g_auto(Answer) late = { 0 };

  client_emit (self, "before", NULL);
  ask (self, "late", 20, NULL, &late);
  client_emit (self, "after", NULL);
  WAIT_FOR (late.n_calls == 1);
  g_assert_error (late.error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  client_connect (self);
  client_expect (self, "42[\"before\"]");
  client_expect (self, "42[\"after\"]");
  client_expect_nothing (self);
}

static void
test_abandoned (Client *self)
{
  g_auto(Answer) sent = { 0 };
  g_auto(Answer) unsent = { 0 };
  g_auto(Answer) next = { 0 };

  client_connect (self);
  ask (self, "sent", 0, NULL, &sent);
  client_expect (self, "420[\"sent\"]");
  client_lose (self, FALSE);
  WAIT_FOR (sent.n_calls == 1);
  g_assert_error (sent.error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-abandoned / \"sent\" id=0 tag=9"));

  /* what was not sent is sent later, with an id that was never used, and then lives on */
  ask (self, "unsent", 0, NULL, &unsent);
  client_rejoin (self);
  client_expect (self, "421[\"unsent\"]");
  raw_session_send (self->session, "430[]"); /* an answer to the life before */
  raw_session_send (self->session, "431[]");
  WAIT_FOR (unsent.n_calls == 1);
  g_assert_no_error (unsent.error);

  /* leaving ends it too */
  ask (self, "next", 0, NULL, &next);
  client_expect (self, "422[\"next\"]");
  sio_socket_disconnect (self->socket);
  WAIT_FOR (next.n_calls == 1);
  g_assert_error (next.error, SIO_ERROR, SIO_ERROR_CLOSED);
}

static void
test_cancelled (Client *self)
{
  g_autoptr(GCancellable) before = g_cancellable_new ();
  g_autoptr(GCancellable) unsent = g_cancellable_new ();
  g_autoptr(GCancellable) sent = g_cancellable_new ();
  Answer answers[3] = { { 0 } };

  g_cancellable_cancel (before);
  ask (self, "before", 0, before, &answers[0]);
  ask (self, "unsent", 0, unsent, &answers[1]);
  client_emit (self, "stays", NULL);
  g_cancellable_cancel (unsent);
  WAIT_FOR (answers[0].n_calls == 1 && answers[1].n_calls == 1);
  g_assert_error (answers[0].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (answers[1].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  client_connect (self);
  client_expect (self, "42[\"stays\"]");
  ask (self, "sent", 0, sent, &answers[2]);
  client_expect (self, "421[\"sent\"]");
  g_cancellable_cancel (sent);
  WAIT_FOR (answers[2].n_calls == 1);
  g_assert_error (answers[2].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  raw_session_send (self->session, "431[]");
  WAIT_FOR (tap_log_count (self->tap, "error packet ack 1") == 1);
  for (guint i = 0; i < 3; i++)
    answer_clear (&answers[i]);
}

static void
test_refused (Client *self)
{
  g_auto(Answer) reserved = { 0 };

  ask (self, "disconnect", 0, NULL, &reserved);
  WAIT_FOR (reserved.n_calls == 1);
  g_assert_error (reserved.error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
}

static void
test_full (Client *self)
{
  SioEmitOptions options = { .want_ack = TRUE };
  g_autoptr(GError) error = NULL;

  client_connect (self);
  for (guint i = 0; i < 10000; i++)
    {
      gboolean done = FALSE;

      /* the transport may be full for a while */
      WAIT_FOR (done || (done = sio_socket_emit (self->socket, "e", NULL, &options, NULL)));
    }
  g_assert_false (sio_socket_emit (self->socket, "e", NULL, &options, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_clear_error (&error);
  raw_session_send (self->session, "435000[]");
  WAIT_FOR (tap_log_count (self->tap, "packet in ACK") == 1);
  g_assert_true (sio_socket_emit (self->socket, "e", NULL, &options, &error));
  g_assert_no_error (error);
  sio_socket_disconnect (self->socket);
  g_assert_cmpuint (tap_log_count (self->tap, "emit ack-abandoned"), >=, 9999);
}

static void
test_reply (Client *self)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GError) error = NULL;

  client_connect (self);
  sio_arguments_add_json (args, "\"yes\"", -1, FALSE, NULL);
  sio_arguments_add_json (args, "{\"$binary\":\"AQ==\"}", -1, TRUE, NULL);

  raw_session_send (self->session, "420[\"q\"]");
  raw_session_send (self->session, "4217[\"q\"]");
  WAIT_FOR (self->heard->n_events == 2);
  g_assert_cmpint (self->heard->last_ack_id, ==, 17);
  g_assert_true (sio_socket_reply (self->socket, 17, NULL, 3, &error));
  client_expect (self, "4317[]");
  g_assert_nonnull (tap_log_find (self->tap, "packet out ACK / id=17 tagged"));
  g_assert_true (sio_socket_reply (self->socket, 0, args, 0, &error));
  client_expect (self, "461-0[\"yes\",{\"_placeholder\":true,\"num\":0}]");
  client_expect (self, "bAQ==");

  /* once, and only what was asked for */
  g_assert_false (sio_socket_reply (self->socket, 17, NULL, 3, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (sio_socket_reply (self->socket, 5, NULL, 3, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  client_expect_nothing (self);

  /* an answer belongs to the connection of its question */
  raw_session_send (self->session, "4218[\"q\"]");
  WAIT_FOR (self->heard->n_events == 3);
  client_lose (self, FALSE);
  g_assert_false (sio_socket_reply (self->socket, 18, NULL, 0, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_clear_error (&error);
  client_rejoin (self);
  g_assert_false (sio_socket_reply (self->socket, 18, NULL, 0, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  client_expect_nothing (self);
}

/* A server that asks and asks: the oldest questions can no longer be answered, the others can. */
static void
test_reply_full (Client *self)
{
  g_autoptr(GError) error = NULL;

  client_connect (self);
  for (int i = 0; i < 10001; i++)
    {
      g_autofree char *packet = g_strdup_printf ("42%d[\"q\"]", i);

      raw_session_send (self->session, packet);
    }
  WAIT_FOR (self->heard->n_events == 10001);
  g_assert_cmpuint (tap_log_count (self->tap, "error limit"), ==, 1);
  g_assert_false (sio_socket_reply (self->socket, 0, NULL, 0, NULL));
  g_assert_true (sio_socket_reply (self->socket, 1, NULL, 0, &error));
  g_assert_no_error (error);
  client_expect (self, "431[]");
}

/* Told once each, and no more than is known: one was on its way, one had not left. */
static void
test_lost (void)
{
  g_autoptr(Client) self = client_new ("polling");

  client_connect (self);
  client_expect_nothing (self);
  tap_log_clear (self->tap);
  raw_session_set_post_status (self->session, ""); /* never answered */
  client_emit (self, "lost", "1");
  client_expect (self, "42[\"lost\",1]");
  client_emit (self, "behind", NULL);
  client_lose (self, FALSE);
  g_assert_cmpstr (tap_log_find (self->tap, "emit lost / \"lost\""), ==,
                   "emit lost / \"lost\" id=-1 tag=0: it may be lost: the connection ended while it was being written");
  g_assert_cmpstr (tap_log_find (self->tap, "emit lost / \"behind\""), ==,
                   "emit lost / \"behind\" id=-1 tag=0: "
                   "it was never sent: the connection ended while it waited in the write buffer");
  g_assert_cmpuint (tap_log_count (self->tap, "emit"), ==, 2);
}

/* Whatever the server has read, or the system has taken, is not called lost; and it is not kept either. */
static void
test_written (Client *self)
{
  gsize bytes = 1;

  client_connect (self);
  for (guint i = 0; i < 100; i++)
    client_emit (self, "written", "1");
  for (guint i = 0; i < 100; i++)
    client_expect (self, "42[\"written\",1]");
  WAIT_FOR (sio_manager_get_unwritten (self->manager, &bytes) == 0);
  g_assert_cmpuint (bytes, ==, 0);
  client_lose (self, FALSE);
  g_assert_cmpuint (tap_log_count (self->tap, "emit lost"), ==, 0);

  client_rejoin (self);
  client_emit (self, "farewell", NULL);
  sio_manager_close (self->manager);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  client_expect (self, "42[\"farewell\"]");
  g_assert_cmpuint (tap_log_count (self->tap, "emit lost"), ==, 0);
}

/* A server that does not read: each emit is written, perhaps lost, or lost for sure, in this order and once. */
static void
unread_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  raw_connection_set_small_buffers (connection);
  if (!raw_connection_read_request (connection, &request) || !raw_connection_accept_websocket (connection, &request, NULL, 0))
    return;
  raw_connection_write_frame (connection, 0x81, "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,"
                              "\"pingTimeout\":20000}", -1);
  raw_connection_write_frame (connection, 0x81, "40{\"sid\":\"id1\"}", -1);
  raw_connection_sleep (connection, 60000);
}

static guint
count (const char *text,
       const char *what)
{
  guint n = 0;

  while ((text = strstr (text, what)) != NULL)
    {
      n++;
      text++;
    }
  return n;
}

static void
test_lost_unread (void)
{
  g_autoptr (RawPeer) peer = raw_peer_new (unread_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_autoptr (SioOptions) options = sio_options_new ();
  g_autoptr (SioManager) manager = NULL;
  g_autoptr (TapLog) tap = tap_log_new ();
  g_autofree char *text = g_strnfill (64 * 1024, 'x');
  g_autofree char *emits = NULL;
  SioSocket *socket;
  gboolean never = FALSE;
  guint n_sent = 0;
  guint n_never;
  guint n_maybe;

  sio_options_set_transports (options, (const char * const[]) { "websocket", NULL }, NULL);
  sio_options_set_reconnection (options, FALSE);
  manager = sio_manager_new (url, options, NULL);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  socket = sio_manager_get_socket (manager, "/", NULL);
  sio_socket_connect (socket);
  WAIT_FOR (sio_socket_get_connected (socket));
  tap_log_clear (tap);

  while (n_sent < 100)
    {
      g_autoptr (SioArguments) args = sio_arguments_new ();
      SioEmitOptions with_tag = { .tag = ++n_sent };

      sio_arguments_add_string (args, text);
      g_assert_true (sio_socket_emit (socket, "big", args, &with_tag, NULL));
    }
  /* as far as it goes: the pipe is full then */
  for (guint last = G_MAXUINT; last != sio_manager_get_unwritten (manager, NULL);)
    {
      last = sio_manager_get_unwritten (manager, NULL);
      for (guint i = 0; i < 20; i++)
        g_main_context_iteration (NULL, FALSE);
    }
  sio_manager_cut (manager);
  WAIT_FOR (sio_manager_get_state (manager) == SIO_MANAGER_STATE_FAILED);

  emits = tap_log_dup (tap, "emit lost");
  n_never = count (emits, "it was never sent");
  n_maybe = count (emits, "it may be lost");
  g_test_message ("%u written, %u perhaps, %u never sent", n_sent - n_maybe - n_never, n_maybe, n_never);
  g_assert_cmpuint (n_never, >, 0);
  g_assert_cmpuint (n_maybe, >=, 1); /* what libsoup holds */
  g_assert_cmpuint (n_maybe, <=, 3);

  for (guint tag = n_sent - n_maybe - n_never + 1; tag <= n_sent; tag++)
    {
      g_autofree char *mark = g_strdup_printf ("tag=%u:", tag);
      const char *line = strstr (emits, mark);

      g_assert_nonnull (line);
      g_assert_null (strstr (line + 1, mark));
      if (g_str_has_prefix (line + strlen (mark), " it was never"))
        never = TRUE;
      else
        g_assert_false (never);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("acks/answered", test_answered);
  client_add ("acks/timeout", test_timeout);
  client_add ("acks/timeout-unsent", test_timeout_unsent);
  client_add ("acks/abandoned", test_abandoned);
  client_add ("acks/cancelled", test_cancelled);
  client_add ("acks/refused", test_refused);
  client_add ("acks/full", test_full);
  client_add ("acks/reply", test_reply);
  client_add ("acks/reply-full", test_reply_full);
  g_test_add_func ("/client/polling/acks/lost", test_lost);
  client_add ("acks/written", test_written);
  g_test_add_func ("/client/websocket/acks/lost-unread", test_lost_unread);

  return g_test_run ();
}
