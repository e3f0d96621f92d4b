/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The retry queue: at least once, in order, one in flight. The first four are the official client's own cases, byte for
 * byte on the wire. */

#include "client-fixture.h"

static void
ask (Client       *self,
     const char   *event,
     const char   *arg,
     guint64       tag,
     GCancellable *cancellable,
     Answer       *answer)
{
  SioEmitOptions options = { .tag = tag };
  g_autoptr(SioArguments) args = sio_arguments_new ();

  if (arg != NULL)
    sio_arguments_add_json (args, arg, -1, FALSE, NULL);
  sio_socket_emit_with_ack_async (self->socket, event, args, &options, cancellable, answer_cb, answer);
  g_assert_cmpuint (answer->n_calls, ==, 0);
}

static void
test_order (Client *self)
{
  Answer answers[3] = { { 0 } };

  sio_options_set_retries (self->options, 1);
  sio_options_set_ack_timeout_ms (self->options, 5000);
  for (guint i = 0; i < 3; i++)
    ask (self, "echo", i == 0 ? "1" : i == 1 ? "2" : "3", 0, NULL, &answers[i]);
  client_connect (self);
  client_expect (self, "420[\"echo\",1]");
  client_expect_nothing (self);
  raw_session_send (self->session, "430[1]");
  client_expect (self, "421[\"echo\",2]");
  g_assert_cmpuint (answers[0].n_calls, ==, 1);
  client_expect_nothing (self);
  raw_session_send (self->session, "431[2]");
  client_expect (self, "422[\"echo\",3]");
  raw_session_send (self->session, "432[3]");
  WAIT_FOR (answers[2].n_calls == 1);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_no_error (answers[i].error);
      answer_clear (&answers[i]);
    }
  sio_socket_disconnect (self->socket);
  client_expect (self, "41");
}

static void
test_never_acknowledged (Client *self)
{
  g_auto(Answer) answer = { 0 };
  g_autofree char *fates = NULL;

  sio_options_set_retries (self->options, 3);
  sio_options_set_ack_timeout_ms (self->options, 50);
  ask (self, "nack", NULL, 7, NULL, &answer);
  client_connect (self);
  client_expect (self, "420[\"nack\"]");
  client_expect (self, "421[\"nack\"]");
  client_expect (self, "422[\"nack\"]");
  client_expect (self, "423[\"nack\"]");
  WAIT_FOR (answer.n_calls == 1);
  g_assert_error (answer.error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_cmpstr (answer.error->message, ==, "operation has timed out");
  client_expect_nothing (self);

  /* what a person sees: each try, and what follows from its end */
  fates = tap_log_dup (self->tap, "emit");
  g_assert_cmpstr (fates, ==,
                   "emit buffered / \"nack\" id=-1 tag=7: it waits for its turn in the retry queue\n"
                   "emit ack-timeout / \"nack\" id=0 tag=7: "
                   "operation has timed out; that was try 1 of 4, it will be sent again\n"
                   "emit ack-timeout / \"nack\" id=1 tag=7: "
                   "operation has timed out; that was try 2 of 4, it will be sent again\n"
                   "emit ack-timeout / \"nack\" id=2 tag=7: "
                   "operation has timed out; that was try 3 of 4, it will be sent again\n"
                   "emit ack-timeout / \"nack\" id=3 tag=7: operation has timed out; given up after 4 tries\n");
  g_assert_cmpuint (tap_log_count (self->tap, "packet out EVENT"), ==, 4);
}

/* The clock of an ack does not run before it was sent. */
static void
test_not_while_disconnected (Client *self)
{
  g_auto(Answer) answer = { 0 };
  gint64 until_us;

  sio_options_set_retries (self->options, 3);
  sio_options_set_ack_timeout_ms (self->options, 10);
  ask (self, "echo", "1", 0, NULL, &answer);
  for (until_us = g_get_monotonic_time () + 60 * G_TIME_SPAN_MILLISECOND; g_get_monotonic_time () < until_us; )
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  g_assert_cmpuint (answer.n_calls, ==, 0);
  sio_options_set_ack_timeout_ms (self->options, 5000);
  client_connect (self);
  client_expect (self, "420[\"echo\",1]");
  raw_session_send (self->session, "430[1]");
  WAIT_FOR (answer.n_calls == 1);
  g_assert_no_error (answer.error);
}

static void
emit_in_connect (SioSocket *socket, gpointer data)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();

  sio_arguments_add_json (args, "null", -1, FALSE, NULL);
  g_assert_true (sio_socket_emit (socket, "echo", args, NULL, NULL));
}

static void
test_connect_handler (Client *self)
{
  sio_options_set_retries (self->options, 3);
  g_signal_connect (self->socket, "connect", G_CALLBACK (emit_in_connect), NULL);
  client_connect (self);
  client_expect (self, "420[\"echo\",null]");
  client_expect_nothing (self);
}

/* A try that the connection takes with it counts; the next one goes out on CONNECT, before "connect" is said. */
static void
test_lost (Client *self)
{
  g_auto(Answer) first = { 0 };
  g_auto(Answer) second = { 0 };

  sio_options_set_retries (self->options, 1);
  client_connect (self);
  ask (self, "first", NULL, 1, NULL, &first);
  ask (self, "second", NULL, 2, NULL, &second);
  client_expect (self, "420[\"first\"]");
  client_lose (self, FALSE);
  g_assert_cmpuint (first.n_calls, ==, 0);
  g_assert_cmpstr (tap_log_find (self->tap, "emit ack-abandoned"), ==,
                   "emit ack-abandoned / \"first\" id=0 tag=1: "
                   "socket has been disconnected; that was try 1 of 2, it will be sent again");
  client_rejoin (self);
  client_expect (self, "421[\"first\"]");
  raw_session_send (self->session, "430[]"); /* an answer to the life before */
  client_expect_nothing (self);
  tap_log_clear (self->tap);
  client_lose (self, FALSE);
  WAIT_FOR (first.n_calls == 1);
  g_assert_error (first.error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_cmpstr (first.error->message, ==, "socket has been disconnected");
  g_assert_cmpstr (tap_log_find (self->tap, "emit ack-abandoned"), ==,
                   "emit ack-abandoned / \"first\" id=1 tag=1: socket has been disconnected; given up after 2 tries");

  client_rejoin (self);
  client_expect (self, "422[\"second\"]");
  raw_session_send (self->session, "432[]");
  WAIT_FOR (second.n_calls == 1);
  g_assert_no_error (second.error);
}

/* What is left survives leaving the namespace, like the send buffer. */
static void
test_left (Client *self)
{
  g_auto(Answer) answer = { 0 };

  sio_options_set_retries (self->options, 5);
  client_connect (self);
  ask (self, "e", NULL, 0, NULL, &answer);
  client_expect (self, "420[\"e\"]");
  sio_socket_disconnect (self->socket);
  client_expect (self, "41");
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  g_assert_cmpuint (answer.n_calls, ==, 0);
  client_connect (self);
  client_expect (self, "421[\"e\"]");
  raw_session_send (self->session, "431[]");
  WAIT_FOR (answer.n_calls == 1);
  g_assert_no_error (answer.error);
}

/* Volatile events bypass it, and so do those of a socket without retries. An ack is asked for even if nobody waits for it. */
static void
test_bypassed (Client *self)
{
  SioEmitOptions options = { .is_volatile = TRUE };

  sio_options_set_retries (self->options, 3);
  g_assert_false (sio_socket_emit (self->socket, "v", NULL, &options, NULL));
  client_connect (self);
  client_emit (self, "queued", NULL);
  client_expect (self, "420[\"queued\"]");
  client_expect_nothing (self);
  {
    gboolean sent = FALSE;

    WAIT_FOR (sent || (sent = sio_socket_emit (self->socket, "v", NULL, &options, NULL)));
  }
  client_expect (self, "42[\"v\"]");
  sio_options_set_retries (self->options, 0);
  client_emit (self, "plain", NULL);
  client_expect (self, "42[\"plain\"]");
  raw_session_send (self->session, "430[]");
  client_expect_nothing (self);
}

static void
test_cancelled (Client *self)
{
  g_autoptr(GCancellable) unsent = g_cancellable_new ();
  g_autoptr(GCancellable) sent = g_cancellable_new ();
  g_auto(Answer) first = { 0 };
  g_auto(Answer) second = { 0 };
  g_auto(Answer) third = { 0 };

  sio_options_set_retries (self->options, 3);
  client_connect (self);
  ask (self, "first", NULL, 1, sent, &first);
  ask (self, "second", NULL, 2, unsent, &second);
  ask (self, "third", NULL, 3, NULL, &third);
  client_expect (self, "420[\"first\"]");
  g_cancellable_cancel (unsent);
  WAIT_FOR (second.n_calls == 1);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-abandoned / \"second\" id=-1 tag=2: cancelled; it was never sent"));
  g_cancellable_cancel (sent);
  WAIT_FOR (first.n_calls == 1);
  g_assert_error (first.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-abandoned / \"first\" id=0 tag=1: cancelled"));
  client_expect (self, "421[\"third\"]");
  raw_session_send (self->session, "431[]");
  WAIT_FOR (third.n_calls == 1);
  g_assert_no_error (third.error);
}

static void
test_full (Client *self)
{
  SioEmitOptions options = { .tag = 5 };
  g_autoptr(GError) error = NULL;

  sio_options_set_retries (self->options, 1);
  sio_options_set_max_queued_packets (self->options, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_true (client_emit (self, "e", NULL));
  g_assert_false (sio_socket_emit (self->socket, "e", NULL, &options, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_assert_nonnull (tap_log_find (self->tap, "emit refused / \"e\" id=-1 tag=5"));
  g_clear_error (&error);

  /* what is refused is not queued */
  g_assert_false (sio_socket_emit (self->socket, "connect", NULL, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
}

static void
test_gone (void)
{
  Client *self = client_new ("websocket");
  SioSocket *socket = g_object_ref (self->socket);
  Answer answers[3] = { { 0 } };

  sio_options_set_retries (self->options, 1);
  client_connect (self);
  ask (self, "sent", NULL, 1, NULL, &answers[0]);
  ask (self, "unsent", NULL, 2, NULL, &answers[1]);
  ask (self, "unsent", NULL, 3, NULL, &answers[2]);
  client_emit (self, "nobody", NULL);
  client_expect (self, "420[\"sent\"]");
  g_signal_handlers_disconnect_by_data (socket, self->heard);
  g_assert_finalize_object (g_steal_pointer (&self->manager));
  WAIT_FOR (answers[0].n_calls + answers[1].n_calls + answers[2].n_calls == 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_error (answers[i].error, SIO_ERROR, SIO_ERROR_CLOSED);
      answer_clear (&answers[i]);
    }
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-abandoned / \"sent\" id=0 tag=1: the manager is gone"));
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-abandoned / \"unsent\" id=-1 tag=2: the manager is gone; it was never sent"));
  g_assert_cmpuint (tap_log_count (self->tap, "emit ack-abandoned"), ==, 4);
  sio_socket_off (socket, 0);
  g_assert_finalize_object (socket);

  client_free (self);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("retries/preserve-the-order", test_order);
  client_add ("retries/not-acknowledged", test_never_acknowledged);
  client_add ("retries/not-while-disconnected", test_not_while_disconnected);
  client_add ("retries/once-in-connect-handler", test_connect_handler);
  client_add ("retries/connection-lost", test_lost);
  client_add ("retries/namespace-left", test_left);
  client_add ("retries/bypassed", test_bypassed);
  client_add ("retries/cancelled", test_cancelled);
  client_add ("retries/full", test_full);
  g_test_add_func ("/client/retries/manager-gone", test_gone);

  return g_test_run ();
}
