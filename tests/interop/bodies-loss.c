/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lost connections: cut, restarted and frozen servers, what waits meanwhile and what comes back. */

#include "interop.h"

static void
test_restart (Interop *self)
{
  g_autofree char *id = NULL;

  interop_connect (self);
  interop_emit (self, "echo", "1");
  WAIT_FOR (heard_count (self->heard, "socket echo:[1]") == 1);
  id = g_strdup (sio_socket_get_id (self->socket));

  node_server_kill (self->server);
  WAIT_FOR (tap_log_count (self->tap, "state attempt-failed") >= 2);
  g_assert_true (sio_socket_get_active (self->socket));
  /* waits until somebody is there */
  interop_emit (self, "echo", "\"meanwhile\"");
  node_server_restart (self->server);

  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpstr (sio_socket_get_id (self->socket), !=, id);
  WAIT_FOR (heard_count (self->heard, "socket echo:[\"meanwhile\"]") == 1);
  g_assert_nonnull (heard_find (self->heard, "manager reconnect:"));
  g_assert_cmpuint (heard_count (self->heard, "socket connect"), ==, 2);
}

static void
test_cut (Interop *self)
{
  g_autofree char *history = NULL;

  interop_connect (self);
  heard_clear (self->heard);
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  g_assert_cmpuint (heard_count (self->heard, "socket disconnect:transport close"), ==, 1);
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect:1"), ==, 1);

  /* the server has seen two come; when it notices that one is gone depends on the transport */
  history = interop_ask_text (self, "history", NULL);
  g_assert_nonnull (strstr (history, "[\"connection\",\"/\"]"));
  g_assert_nonnull (strstr (strstr (history, "[\"connection\",\"/\"]") + 1, "[\"connection\",\"/\"]"));
}

static void
test_frozen (Interop *self)
{
  gint64 start_us;

  interop_connect (self);
  interop_emit (self, "echo", "1");
  WAIT_FOR (heard_count (self->heard, "socket echo:[1]") == 1);

  node_server_freeze (self->server);
  start_us = g_get_monotonic_time ();
  WAIT_FOR (heard_find (self->heard, "socket disconnect:") != NULL);
  g_assert_cmpstr (heard_find (self->heard, "socket disconnect:"), ==, "socket disconnect:ping timeout");
  /* interval and timeout together, and a busy machine's second and a half */
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 2500 * G_TIME_SPAN_MILLISECOND);
  g_assert_true (sio_socket_get_active (self->socket));

  node_server_thaw (self->server);
  WAIT_FOR (sio_socket_get_connected (self->socket));
  interop_emit (self, "echo", "2");
  WAIT_FOR (heard_count (self->heard, "socket echo:[2]") == 1);
}

static void
test_heartbeats (Interop *self)
{
  interop_connect (self);
  /* three intervals: who does not answer pings would have been thrown out */
  for (int i = 0; i < 3; i++)
    {
      g_autoptr(SioArguments) args = interop_args ("500");
      g_autoptr(SioArguments) answer = NULL;
      g_autoptr(GError) error = NULL;

      answer = interop_ask (self->socket, "late-ack", args, 15000, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (heard_count (self->heard, "socket connect"), ==, 1);
  g_assert_null (heard_find (self->heard, "socket disconnect"));
}

static void
test_recovery (Interop *self)
{
  g_autofree char *id = NULL;
  g_autofree char *recovered = NULL;

  interop_connect (self);
  interop_emit (self, "echo", "1");
  WAIT_FOR (self->heard->n_events == 1);
  /* the server adds the offset */
  g_assert_nonnull (heard_find (self->heard, "socket echo:[1,\""));
  id = g_strdup (sio_socket_get_id (self->socket));

  /* what is sent while we are away comes when we are back, before "connect" */
  sio_options_set_reconnection_delay_ms (sio_manager_get_options (self->manager), 400);
  sio_options_set_reconnection_delay_max_ms (sio_manager_get_options (self->manager), 400);
  sio_options_set_randomization_factor (sio_manager_get_options (self->manager), 0);
  heard_clear (self->heard);
  /* the server's side: it keeps only the sessions that it knows to be lost */
  interop_emit (self, "cut", "2,3");
  WAIT_FOR (heard_count (self->heard, "socket connect") == 1);

  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, id);
  g_assert_true (sio_socket_get_recovered (self->socket));
  g_assert_nonnull (tap_log_find (self->tap, "packet out CONNECT / {\"pid\":"));
  recovered = g_strdup_printf ("socket / connected (%s) active recovered", id);
  g_assert_cmpuint (tap_log_count (self->tap, recovered), ==, 1);
  g_assert_cmpuint (tap_log_count (self->tap, "socket / connected"), ==, 2);
  g_assert_cmpuint (self->heard->n_events, ==, 2);
  g_assert_nonnull (heard_find (self->heard, "socket echo:[3,\""));
}

/* The server has forgotten: a new session, and it says so. */
static void
test_not_recovered (Interop *self)
{
  g_autofree char *id = NULL;

  interop_connect (self);
  interop_emit (self, "echo", "1");
  WAIT_FOR (self->heard->n_events == 1);
  id = g_strdup (sio_socket_get_id (self->socket));

  node_server_kill (self->server);
  WAIT_FOR (!sio_socket_get_connected (self->socket));
  node_server_restart (self->server);
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_nonnull (tap_log_find (self->tap, "packet out CONNECT / {\"pid\":"));
  g_assert_cmpstr (sio_socket_get_id (self->socket), !=, id);
  g_assert_false (sio_socket_get_recovered (self->socket));
  interop_emit (self, "echo", "2");
  WAIT_FOR (heard_find (self->heard, "socket echo:[2,\"") != NULL);
}

static void
ask_later (Interop       *self,
           const char    *event,
           const char    *args,
           GAsyncResult **result)
{
  g_autoptr(SioArguments) arguments = interop_args (args);

  sio_socket_emit_with_ack_async (self->socket, event, arguments, NULL, NULL, interop_answered_cb, result);
}

/* What was emitted before the connection and while it was away arrives once, in order; an answer that cannot come any more
 * fails, one whose question is still to be asked waits. */
static void
test_buffers (Interop *self)
{
  g_autoptr(GAsyncResult) abandoned = NULL;
  g_autoptr(GAsyncResult) kept = NULL;
  g_autoptr(SioArguments) answer = NULL;
  g_autofree char *told = NULL;
  g_autofree char *echoes = NULL;
  g_autoptr(GError) error = NULL;

  interop_emit (self, "echo", "1");
  interop_emit (self, "echo", "{\"$binary\":\"Ag==\"}");
  interop_settle (self);
  WAIT_FOR (self->heard->n_events == 2);

  ask_later (self, "no-ack", NULL, &abandoned);
  interop_emit (self, "echo", "3");
  WAIT_FOR (self->heard->n_events == 3);
  sio_manager_cut (self->manager);
  interop_emit (self, "echo", "4");
  ask_later (self, "ack", "5", &kept);
  interop_emit (self, "echo", "6,{\"$binary\":\"Bg==\"}");
  WAIT_FOR (abandoned != NULL);
  answer = sio_socket_emit_with_ack_finish (self->socket, abandoned, &error);
  g_assert_null (answer);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (kept);

  WAIT_FOR (self->heard->n_events == 5 && kept != NULL);
  answer = sio_socket_emit_with_ack_finish (self->socket, kept, &error);
  g_assert_no_error (error);
  told = heard_format_args (answer);
  g_assert_cmpstr (told, ==, "[5]");
  {
    /* nothing comes twice: this goes behind all of it */
    g_autofree char *last = interop_ask_text (self, "ack", "0");
  }
  echoes = interop_dup_echoes (self);
  g_assert_cmpstr (echoes, ==, "socket echo:[1]\nsocket echo:[{\"$bin\":\"02\"}]\nsocket echo:[3]\n"
                               "socket echo:[4]\nsocket echo:[6,{\"$bin\":\"06\"}]\n");
}

const InteropCase interop_loss_cases[] = {
  { "cut", test_cut, "{}" },
  { "buffers", test_buffers },
  { "restart", test_restart, "{}" },
  { "frozen", test_frozen, SHORT_PINGS },
  { "heartbeats", test_heartbeats, SHORT_PINGS },
  { "recovery", test_recovery, "{\"connectionStateRecovery\":{}}", 4, "connection state recovery came with Socket.IO 4.6" },
  { "not-recovered", test_not_recovered, "{\"connectionStateRecovery\":{}}", 4,
    "connection state recovery came with Socket.IO 4.6" },
  { NULL },
};
