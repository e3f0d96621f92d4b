/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client against socket.io 3 and 4 from npm (the module is INTEROP_MODULE), each body over polling, over websocket, and while going from one to the other. */

#include "interop.h"

/* Short, so that a frozen server is noticed soon; long enough for a busy machine. */
#define SHORT_PINGS "{\"pingInterval\":400,\"pingTimeout\":600}"

#define MEGABYTE (1024 * 1024)

static SioSocket *
get_socket (Interop    *self,
            const char *nsp)
{
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, &error);

  g_assert_no_error (error);
  if (socket != self->socket)
    heard_watch_socket (self->heard, socket);
  return socket;
}

static void
test_connect (Interop *self)
{
  g_autofree char *sid = NULL;

  interop_connect (self);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
  g_assert_nonnull (sio_socket_get_id (self->socket));
  g_assert_cmpuint (sio_manager_get_attempt (self->manager), ==, 0);

  if (self->way == WAY_UPGRADE)
    {
      WAIT_FOR (tap_log_count (self->tap, "state upgraded") == 1);
      g_assert_cmpint (sio_manager_get_transport (self->manager), ==, SIO_TRANSPORT_KIND_WEBSOCKET);
    }
  else
    g_assert_cmpint (sio_manager_get_transport (self->manager), ==,
                     self->way == WAY_POLLING ? SIO_TRANSPORT_KIND_POLLING : SIO_TRANSPORT_KIND_WEBSOCKET);
  g_assert_nonnull (tap_log_find (self->tap, "state open attempt=0"));

  sid = interop_ask_text (self, "history", NULL);
  g_assert_nonnull (strstr (sid, "connection"));
}

static void
test_namespaces (Interop *self)
{
  SioSocket *admin = get_socket (self, "/admin");
  g_autoptr(SioArguments) args = interop_args ("1");
  g_autoptr(GError) error = NULL;

  sio_socket_connect (admin);
  interop_connect (self);
  WAIT_FOR (sio_socket_get_connected (admin));
  g_assert_cmpstr (sio_socket_get_id (admin), !=, sio_socket_get_id (self->socket));
  g_assert_cmpuint (tap_log_count (self->tap, "state open"), ==, 1);

  sio_socket_emit (admin, "echo", args, NULL, &error);
  g_assert_no_error (error);
  interop_emit (self, "echo", "2");
  WAIT_FOR (heard_count (self->heard, "socket/admin echo:[1]") == 1
            && heard_count (self->heard, "socket echo:[2]") == 1);

  /* one leaves and comes again on the same connection, the other does not notice */
  sio_socket_disconnect (admin);
  g_assert_cmpuint (heard_count (self->heard, "socket/admin disconnect:io client disconnect"), ==, 1);
  g_assert_false (sio_socket_get_active (admin));
  sio_socket_connect (admin);
  WAIT_FOR (sio_socket_get_connected (admin));
  interop_emit (self, "echo", "3");
  WAIT_FOR (heard_count (self->heard, "socket echo:[3]") == 1);
  g_assert_cmpuint (tap_log_count (self->tap, "state open"), ==, 1);
  g_assert_cmpuint (heard_count (self->heard, "socket connect"), ==, 1);
}

static void
test_unknown_namespace (Interop *self)
{
  SioSocket *nowhere = get_socket (self, "/nowhere");

  interop_connect (self);
  sio_socket_connect (nowhere);
  WAIT_FOR (heard_count (self->heard, "socket/nowhere connect_error:Invalid namespace") == 1);
  g_assert_false (sio_socket_get_active (nowhere));
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_auth (Interop *self)
{
  SioSocket *guarded = get_socket (self, "/auth");
  g_autoptr(GError) error = NULL;

  g_assert_false (sio_socket_set_auth (guarded, "[1]", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  sio_socket_set_auth (guarded, "{\"token\":\"wrong\"}", &error);
  g_assert_no_error (error);
  sio_socket_connect (guarded);
  WAIT_FOR (heard_find (self->heard, "socket/auth connect_error:") != NULL);
  g_assert_cmpstr (heard_find (self->heard, "socket/auth connect_error:"), ==,
                   "socket/auth connect_error:not authorized {\"code\":401,\"hint\":\"token\",\"given\":\"wrong\"}");
  g_assert_cmpstr (tap_log_find (self->tap, "socket /auth connect-error"), ==,
                   "socket /auth connect-error (not authorized) data={\"code\":401,\"hint\":\"token\",\"given\":\"wrong\"}");
  g_assert_false (sio_socket_get_active (guarded));
  /* it was the only one: nothing is left to be connected for, and nothing tries again */
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);

  /* the auth is read at each CONNECT */
  sio_socket_set_auth (guarded, "{ \"token\": \"secret\", \"n\": 1.0 }", &error);
  g_assert_no_error (error);
  sio_socket_connect (guarded);
  WAIT_FOR (heard_count (self->heard, "socket/auth welcome:[{\"token\":\"secret\",\"n\":1}]") == 1);
  g_assert_true (sio_socket_get_connected (guarded));
}

static void
test_types (Interop *self)
{
  interop_connect (self);
  interop_emit (self, "types", NULL);
  WAIT_FOR (self->heard->n_events == 1);

  /* as received, not as understood */
  g_assert_cmpstr (heard_find (self->heard, "socket types:"), ==,
                   "socket types:[\"text\",\"\",0,-1,1.5,1e+21,9007199254740991,true,false,null,"
                   "[],[1,[2,[3]]],{},{\"a\":{\"b\":[null,{\"c\":\"d\"}]}},"
                   "\"emoji 😀 and family 👨‍👩‍👧\",\"line\xe2\x80\xa8separator\xe2\x80\xa9\","
                   "\"quote \\\" backslash \\\\ slash / newline \\n tab \\t nul \\u0000\"]");
}

static void
test_types_out (Interop *self)
{
  g_autofree char *answer = NULL;

  interop_connect (self);
  answer = interop_ask_text (self, "ack",
                             "\"text\",\"\",0,-1,1.5,1e21,true,false,null,[],[1,[2,[3]]],{},{\"a\":{\"b\":[null]}},"
                             "\"emoji 😀 \\ud83d\\ude00\",\"line\xe2\x80\xa8separator\xe2\x80\xa9\",\"\\u0000\\n\"");
  g_assert_cmpstr (answer, ==,
                   "[\"text\",\"\",0,-1,1.5,1e+21,true,false,null,[],[1,[2,[3]]],{},{\"a\":{\"b\":[null]}},"
                   "\"emoji 😀 😀\",\"line\xe2\x80\xa8separator\xe2\x80\xa9\",\"\\u0000\\n\"]");
}

static void
test_event_names (Interop *self)
{
  interop_connect (self);
  /* a name is just a string: quotes, blanks and emoji come back */
  interop_emit (self, "echo", "\"with \\\"quotes\\\" and 😀\"");
  WAIT_FOR (heard_count (self->heard, "socket echo:[\"with \\\"quotes\\\" and 😀\"]") == 1);
}

static void
test_binary_in (Interop *self)
{
  g_autofree char *answer = NULL;

  interop_connect (self);
  interop_emit (self, "binary", NULL);
  WAIT_FOR (self->heard->n_events == 1);
  g_assert_cmpstr (heard_find (self->heard, "socket binary:"), ==,
                   "socket binary:[{\"deep\":[{\"_placeholder\":true,\"num\":0},"
                   "{\"bytes\":{\"_placeholder\":true,\"num\":1},\"none\":{\"_placeholder\":true,\"num\":2}}],"
                   "\"text\":\"beside\"},{\"$bin\":\"6c617374\"}]");
  g_assert_nonnull (tap_log_find (self->tap, "attachment in 2 0"));
  g_assert_nonnull (tap_log_find (self->tap, "attachment in 3 4"));

  answer = interop_ask_text (self, "ack-binary", NULL);
  g_assert_nonnull (strstr (answer, "_placeholder"));
}

static void
test_binary_out (Interop *self)
{
  g_autofree char *answer = NULL;

  interop_connect (self);
  answer = interop_ask_text (self, "ack",
                             "{\"$binary\":\"AQID\"},{\"a\":[{\"$binary\":\"\"},1]},\"x\"");
  g_assert_true (g_str_has_prefix (answer, "[{\"$bin\":\"010203\"},{\"a\":[{\"_placeholder\":true,\"num\":1},1]},\"x\"]"));

  answer = (g_free (answer), interop_ask_text (self, "measure", "{\"$binary\":\"AAECA//+\"}"));
  g_assert_cmpstr (answer, ==, "[{\"size\":6,\"kind\":\"binary\",\"last\":254}]");

  /* ten are what a server takes */
  for (int n = 10; n <= 11; n++)
    {
      g_autoptr(SioArguments) args = sio_arguments_new ();
      g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
      g_autoptr(GError) error = NULL;

      for (int i = 0; i < n; i++)
        sio_arguments_add_binary (args, bytes);
      sio_socket_emit (self->socket, "echo", args, NULL, &error);
      if (n == 10)
        g_assert_no_error (error);
      else
        g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    }
  WAIT_FOR (heard_find (self->heard, "socket echo:[{\"$bin\":\"78\"}") != NULL);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_acks (Interop *self)
{
  g_autofree char *answer = NULL;
  gint64 question;
  g_autoptr(SioArguments) args = NULL;
  g_autoptr(GError) error = NULL;

  interop_connect (self);
  answer = interop_ask_text (self, "ack", "5,{\"test\":true}");
  g_assert_cmpstr (answer, ==, "[5,{\"test\":true}]");

  /* the other way */
  interop_emit (self, "ask", "\"how?\"");
  WAIT_FOR (heard_count (self->heard, "socket question:[\"how?\"]") == 1);
  question = self->heard->last_ack_id;
  g_assert_cmpint (question, >=, 0);
  args = interop_args ("\"so\",{\"$binary\":\"AQ==\"}");
  g_assert_true (sio_socket_reply (self->socket, question, args, 7, &error));
  g_assert_no_error (error);
  WAIT_FOR (heard_count (self->heard, "socket answer:[\"so\",{\"$bin\":\"01\"}]") == 1);

  /* once */
  g_assert_false (sio_socket_reply (self->socket, question, args, 7, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
}

static void
test_ack_timeout (Interop *self)
{
  g_autoptr(SioArguments) args = interop_args ("250");
  g_autoptr(SioArguments) answer = NULL;
  g_autoptr(GError) error = NULL;

  interop_connect (self);
  answer = interop_ask (self->socket, "no-ack", NULL, 50, &error);
  g_assert_null (answer);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-timeout / \"no-ack\" id=0"));
  g_clear_error (&error);

  /* one that comes too late is told as what it is */
  answer = interop_ask (self->socket, "late-ack", args, 50, &error);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  WAIT_FOR (tap_log_count (self->tap, "error packet ack 1 of /, which nobody waits for") == 1);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_big (Interop *self)
{
  g_autofree char *text = g_malloc (5 * MEGABYTE + 1);
  g_autofree guchar *bytes = g_malloc0 (5 * MEGABYTE);
  g_autoptr(SioArguments) as_text = sio_arguments_new ();
  g_autoptr(SioArguments) as_bytes = sio_arguments_new ();
  g_autoptr(SioArguments) answer = NULL;
  g_autoptr(GBytes) all = NULL;
  g_autofree char *told = NULL;
  g_autoptr(GError) error = NULL;

  memset (text, 'y', 5 * MEGABYTE);
  text[5 * MEGABYTE] = '\0';
  bytes[5 * MEGABYTE - 1] = 9;
  all = g_bytes_new (bytes, 5 * MEGABYTE);
  sio_arguments_add_string (as_text, text);
  sio_arguments_add_binary (as_bytes, all);
  interop_connect (self);

  answer = interop_ask (self->socket, "measure", as_text, 15000, &error);
  g_assert_no_error (error);
  told = heard_format_args (answer);
  g_assert_cmpstr (told, ==, "[{\"size\":5242880,\"kind\":\"text\",\"last\":121}]");
  g_clear_pointer (&told, g_free);
  g_clear_pointer (&answer, sio_arguments_unref);

  answer = interop_ask (self->socket, "measure", as_bytes, 15000, &error);
  g_assert_no_error (error);
  told = heard_format_args (answer);
  g_assert_cmpstr (told, ==, "[{\"size\":5242880,\"kind\":\"binary\",\"last\":9}]");

  interop_emit (self, "big", "5242880");
  WAIT_FOR (heard_find (self->heard, "socket big:[\"xxxx") != NULL);
  g_assert_cmpuint (strlen (heard_find (self->heard, "socket big:")), ==, strlen ("socket big:[\"\"]") + 5 * MEGABYTE);

  interop_emit (self, "big-binary", "5242880");
  WAIT_FOR (heard_find (self->heard, "socket big-binary:") != NULL);
  g_assert_nonnull (tap_log_find (self->tap, "attachment in 0 5242880"));
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_order (Interop *self)
{
  g_autofree char *expected = NULL;
  GString *lines = g_string_new (NULL);
  g_autofree char *heard = NULL;

  /* some before it is connected, some after, and on the way from polling to websocket: none lost, none twice, in order */
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d", i);

      if (i == 50)
        interop_connect (self);
      interop_emit (self, "echo", text);
      if (i > 50)
        g_main_context_iteration (NULL, FALSE);
    }
  WAIT_FOR (self->heard->n_events == 200);

  for (int i = 0; i < 200; i++)
    g_string_append_printf (lines, "socket echo:[%d]\n", i);
  expected = g_string_free (lines, FALSE);
  heard_clear (self->heard);
  heard = tap_log_dup (self->tap, "packet in EVENT");
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *line = g_strdup_printf ("packet in EVENT / \"echo\" %d id=-1\n", i);

      g_assert_true (g_str_has_prefix (heard, line));
      memmove (heard, heard + strlen (line), strlen (heard) - strlen (line) + 1);
    }
}

static void
test_flood (Interop *self)
{
  interop_connect (self);
  interop_emit (self, "flood", "20000");
  WAIT_FOR_SECONDS (heard_count (self->heard, "socket flooded:[20000]") == 1, 60);
  g_assert_cmpuint (self->heard->n_events, ==, 20001);
  g_assert_cmpuint (tap_log_count (self->tap, "packet in EVENT / \"tick\""), ==, 20000);
  g_assert_cmpstr (heard_find (self->heard, "socket tick:"), ==, "socket tick:[0]");
}

static void
test_kick (Interop *self)
{
  g_autofree char *said = NULL;

  interop_connect (self);
  if (self->way == WAY_UPGRADE)
    WAIT_FOR (tap_log_count (self->tap, "state upgraded") == 1);
  heard_clear (self->heard);
  interop_emit (self, "kick", NULL);
  WAIT_FOR (heard_find (self->heard, "socket disconnect:") != NULL);

  said = heard_dup (self->heard);
  g_assert_cmpstr (said, ==, "manager close:forced close\nsocket disconnect:io server disconnect\n");
  g_assert_false (sio_socket_get_active (self->socket));
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  g_assert_null (tap_log_find (self->tap, "state waiting"));

  /* asked again, it comes again */
  interop_connect (self);
}

static void
test_kick_all (Interop *self)
{
  SioSocket *admin = get_socket (self, "/admin");

  interop_connect (self);
  sio_socket_connect (admin);
  WAIT_FOR (sio_socket_get_connected (admin));
  interop_emit (self, "kick-all", NULL);
  WAIT_FOR (heard_count (self->heard, "socket disconnect:io server disconnect") == 1
            && heard_count (self->heard, "socket/admin disconnect:io server disconnect") == 1);
  g_assert_null (tap_log_find (self->tap, "state waiting"));
}

static void
test_leave (Interop *self)
{
  g_autofree char *history = NULL;

  interop_connect (self);
  sio_socket_disconnect (self->socket);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  WAIT_FOR (!sio_manager_get_closing (self->manager));

  /* the goodbye was heard */
  interop_connect (self);
  history = interop_ask_text (self, "history", NULL);
  g_assert_nonnull (strstr (history, "[\"disconnect\",\"/\",\"client namespace disconnect\"]"));
}

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
  interop_connect (self);
  heard_clear (self->heard);
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  g_assert_cmpuint (heard_count (self->heard, "socket disconnect:transport close"), ==, 1);
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect:1"), ==, 1);
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

  interop_connect (self);
  interop_emit (self, "echo", "1");
  WAIT_FOR (self->heard->n_events == 1);
  /* the server adds the offset */
  g_assert_nonnull (heard_find (self->heard, "socket echo:[1,\""));
  id = g_strdup (sio_socket_get_id (self->socket));

  /* what is sent while we are away comes when we are back, before "connect" */
  interop_emit (self, "echo-later", "60,2");
  interop_emit (self, "echo-later", "120,3");
  {
    g_autofree char *known = interop_ask_text (self, "ack", "0");
  }
  sio_options_set_reconnection_delay_ms (sio_manager_get_options (self->manager), 400);
  sio_options_set_reconnection_delay_max_ms (sio_manager_get_options (self->manager), 400);
  sio_options_set_randomization_factor (sio_manager_get_options (self->manager), 0);
  heard_clear (self->heard);
  /* the server's side: it keeps only the sessions that it knows to be lost */
  interop_emit (self, "cut", NULL);
  WAIT_FOR (heard_count (self->heard, "socket connect") == 1);

  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, id);
  g_assert_nonnull (tap_log_find (self->tap, "packet out CONNECT / {\"pid\":"));
  g_assert_cmpuint (tap_log_count (self->tap, "socket / connected"), ==, 2);
  g_assert_cmpuint (self->heard->n_events, ==, 2);
  g_assert_nonnull (heard_find (self->heard, "socket echo:[3,\""));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  interop_add ("connect", test_connect, NULL);
  interop_add ("namespaces", test_namespaces, NULL);
  interop_add ("unknown-namespace", test_unknown_namespace, NULL);
  interop_add ("auth", test_auth, NULL);
  interop_add ("types", test_types, NULL);
  interop_add ("types-out", test_types_out, NULL);
  interop_add ("event-names", test_event_names, NULL);
  interop_add ("binary-in", test_binary_in, NULL);
  interop_add ("binary-out", test_binary_out, NULL);
  interop_add ("acks", test_acks, NULL);
  interop_add ("ack-timeout", test_ack_timeout, NULL);
  interop_add ("big", test_big, NULL);
  interop_add ("order", test_order, NULL);
  interop_add ("flood", test_flood, NULL);
  interop_add ("kick", test_kick, NULL);
  interop_add ("kick-all", test_kick_all, NULL);
  interop_add ("leave", test_leave, NULL);
  interop_add ("cut", test_cut, NULL);
  interop_add ("restart", test_restart, "{}");
  interop_add ("frozen", test_frozen, SHORT_PINGS);
  interop_add ("heartbeats", test_heartbeats, SHORT_PINGS);
  /* Socket.IO 4.6 brought it. */
  if (g_str_equal (interop_get_module (), "socket.io-v4"))
    interop_add ("recovery", test_recovery, "{\"connectionStateRecovery\":{}}");

  return interop_run ();
}
