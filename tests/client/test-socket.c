/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One namespace against a server that says what the test wants, each body over polling and over websocket: joining and
 * leaving, events both ways, what waits and what is dropped. Acks have a file of their own. */

#include "client-fixture.h"

static void
assert_heard (Client     *self,
              const char *expected)
{
  g_autofree char *said = heard_dup (self->heard);

  g_assert_cmpstr (said, ==, expected);
}

static void
test_connect (Client *self)
{
  client_connect (self);
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "id1");
  assert_heard (self, "manager open\nsocket connect\n");
  sio_socket_connect (self->socket); /* is already */
  client_expect_nothing (self);
  g_assert_cmpstr (tap_log_find (self->tap, "socket / connected"), ==, "socket / connected (id1) active");
}

static void
test_namespaces (Client *self)
{
  SioSocket *admin = client_get_socket (self, "/admin");

  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "40/admin,{\"sid\":\"a\"}");
  WAIT_FOR (sio_socket_get_connected (admin));
  client_connect (self);

  raw_session_send (self->session, "42/admin,[\"e\",1]");
  raw_session_send (self->session, "42[\"e\",2]");
  raw_session_send (self->session, "42/other,[\"e\",3]"); /* nobody asked for it */
  raw_session_send (self->session, "41/other,");
  WAIT_FOR (tap_log_count (self->tap, "error packet") == 2);
  g_assert_cmpuint (heard_count (self->heard, "socket/admin e:[1]"), ==, 1);
  g_assert_cmpuint (heard_count (self->heard, "socket e:[2]"), ==, 1);
  g_assert_cmpuint (self->heard->n_events, ==, 2);

  /* the engine stays as long as one is active */
  sio_socket_disconnect (self->socket);
  client_expect (self, "41");
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
  sio_socket_disconnect (admin);
  client_expect (self, "41/admin,");
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
}

static void
test_auth (Client *self)
{
  g_autoptr(GError) error = NULL;

  sio_options_set_auth (self->options, "{\"from\":\"options\"}", &error);
  g_assert_no_error (error);
  sio_socket_connect (self->socket);
  client_expect (self, "40{\"from\":\"options\"}");
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));

  /* the socket's own, and as it was written */
  sio_socket_set_auth (self->socket, "{ \"token\" : 1.0 }", &error);
  g_assert_no_error (error);
  raw_session_drop (self->session, FALSE);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40{ \"token\" : 1.0 }");

  g_assert_false (sio_socket_set_auth (self->socket, "null", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
}

static void
test_refused (Client *self)
{
  static const struct { const char *packet; const char *heard; } cases[] = {
    { "44{\"message\":\"no\",\"data\":{\"c\":1.0}}", "socket connect_error:no {\"c\":1.0}" },
    { "44\"just text\"", "socket connect_error:just text" },
    { "44{\"other\":1}", "socket connect_error: {\"other\":1}" },
    { "44{\"message\":7}", "socket connect_error:7" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      heard_clear (self->heard);
      sio_socket_connect (self->socket);
      client_expect (self, "40");
      raw_session_send (self->session, cases[i].packet);
      WAIT_FOR (heard_find (self->heard, "socket connect_error") != NULL);
      g_assert_cmpstr (heard_find (self->heard, "socket connect_error"), ==, cases[i].heard);
      g_assert_cmpstr (g_ptr_array_index (self->heard->lines, 1), ==, "manager close:forced close");
      g_assert_false (sio_socket_get_active (self->socket));
      WAIT_FOR (!sio_manager_get_closing (self->manager));
    }
}

static void
test_kicked (Client *self)
{
  client_connect (self);
  heard_clear (self->heard);
  raw_session_send (self->session, "41");
  WAIT_FOR (!sio_socket_get_active (self->socket));
  assert_heard (self, "manager close:forced close\nsocket disconnect:io server disconnect\n");
  g_assert_cmpstr (tap_log_find (self->tap, "socket / disconnected"), ==, "socket / disconnected (io server disconnect)");
  g_assert_null (tap_log_find (self->tap, "state waiting"));
}

static void
test_second_connect (Client *self)
{
  client_connect (self);
  raw_session_send (self->session, "40{\"sid\":\"id2\"}");
  raw_session_send (self->session, "44{\"message\":\"late\"}");
  WAIT_FOR (tap_log_count (self->tap, "error packet") == 2);
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "id1");
  assert_heard (self, "manager open\nsocket connect\n");
}

/* Left before the answer: the server is told as soon as it thinks that we are in. Never two CONNECTs. */
static void
test_left_while_connecting (Client *self)
{
  SioSocket *admin = client_get_socket (self, "/admin");

  client_connect (self);
  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  sio_socket_disconnect (admin);
  sio_socket_connect (admin);
  sio_socket_disconnect (admin);
  client_expect_nothing (self);
  raw_session_send (self->session, "40/admin,{\"sid\":\"a\"}");
  client_expect (self, "41/admin,");
  g_assert_false (sio_socket_get_active (admin));
  g_assert_null (heard_find (self->heard, "socket/admin"));

  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "40/admin,{\"sid\":\"b\"}");
  WAIT_FOR (sio_socket_get_connected (admin));
  g_assert_cmpstr (sio_socket_get_id (admin), ==, "b");
}

static void
test_events (Client *self)
{
  client_connect (self);
  raw_session_send (self->session, "42[\"e\",1.0,\"\\u00e9\",{\"a\":1,\"a\":2}, 18446744073709551615]");
  WAIT_FOR (self->heard->n_events == 1);
  g_assert_cmpstr (heard_find (self->heard, "socket e:"), ==,
                   "socket e:[1.0,\"\\u00e9\",{\"a\":1,\"a\":2},18446744073709551615]");

  client_emit (self, "out", "[1.0, \"x\"]");
  client_expect (self, "42[\"out\",[1.0, \"x\"]]");
  client_emit (self, "none", NULL);
  client_expect (self, "42[\"none\"]");
  client_emit (self, "quote \" and \n", "1");
  client_expect (self, "42[\"quote \\\" and \\n\",1]");
}

static void
test_binary (Client *self)
{
  client_connect (self);
  client_emit (self, "b", "{\"x\":[{\"$binary\":\"AQI=\"},{\"$binary\":\"\"}]}");
  client_expect (self, "452-[\"b\",{\"x\":[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]}]");
  client_expect (self, "bAQI=");
  client_expect (self, "b");

  raw_session_send (self->session, "452-[\"in\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, "\1\2", 2);
  raw_session_send (self->session, "2"); /* a heartbeat in between is fine */
  raw_session_send_binary (self->session, "", 0);
  WAIT_FOR (self->heard->n_events == 1);
  g_assert_cmpstr (heard_find (self->heard, "socket in:"), ==, "socket in:[{\"$bin\":\"\"},{\"$bin\":\"0102\"}]");
  g_assert_nonnull (tap_log_find (self->tap, "attachment in 1 0"));
  g_assert_nonnull (tap_log_find (self->tap, "attachment out 0 2"));
}

static void
test_reserved (Client *self)
{
  static const char *names[] = {
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
  };

  client_connect (self);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_socket_emit (self->socket, names[i], NULL, NULL, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    }
  g_assert_cmpuint (tap_log_count (self->tap, "emit refused"), ==, G_N_ELEMENTS (names));
  client_expect_nothing (self);
}

/* A person's own placeholder beside binary data would be read as an attachment, or end the connection. */
static void
test_own_placeholder (Client *self)
{
  static const struct {
    const char *json;
    gboolean    binary;
    const char *sent; /* NULL: refused */
  } cases[] = {
    { "{\"_placeholder\":true,\"num\":0}", FALSE, "42[\"e\",{\"_placeholder\":true,\"num\":0}]" },
    { "{\"_placeholder\":true,\"num\":0}", TRUE, NULL },
    { "[{\"_placeholder\":true,\"num\":\"splice\"}]", TRUE, NULL },
    { "{\"\\u005fplaceholder\":true}", TRUE, NULL },
    { "{\"_placeholder\":true,\"num\":0,\"x\":{\"$binary\":\"AQ==\"}}", FALSE, NULL },
    { "{\"_placeholder\":false,\"num\":7}", TRUE,
      "451-[\"e\",{\"_placeholder\":false,\"num\":7},{\"_placeholder\":true,\"num\":0}]" },
    { "\"{\\\"_placeholder\\\":true}\"", TRUE,
      "451-[\"e\",\"{\\\"_placeholder\\\":true}\",{\"_placeholder\":true,\"num\":0}]" },
  };

  client_connect (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(SioArguments) args = sio_arguments_new ();
      g_autoptr(GBytes) bytes = g_bytes_new ("\1", 1);
      g_autoptr(GError) error = NULL;

      g_assert_true (sio_arguments_add_json (args, cases[i].json, -1, TRUE, NULL));
      if (cases[i].binary)
        sio_arguments_add_binary (args, bytes);
      g_assert_cmpint (sio_socket_emit (self->socket, "e", args, NULL, &error), ==, cases[i].sent != NULL);
      if (cases[i].sent == NULL)
        g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      else
        {
          client_expect (self, cases[i].sent);
          if (sio_arguments_get_attachments (args)->len > 0)
            client_expect (self, "bAQ==");
        }
    }
  client_expect_nothing (self);

  /* an answer is no better */
  {
    g_autoptr(SioArguments) args = sio_arguments_new ();
    g_autoptr(GBytes) bytes = g_bytes_new ("\1", 1);
    g_autoptr(GError) error = NULL;

    raw_session_send (self->session, "427[\"q\"]");
    WAIT_FOR (self->heard->n_events == 1);
    sio_arguments_add_binary (args, bytes);
    g_assert_true (sio_arguments_add_json (args, "{\"_placeholder\":true,\"num\":1}", -1, TRUE, NULL));
    g_assert_false (sio_socket_reply (self->socket, 7, args, 0, &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    g_assert_true (sio_socket_reply (self->socket, 7, NULL, 0, NULL));
    client_expect (self, "437[]");
  }
}

/* What was emitted before waits, in order, and goes out before "connect" is said. */
static void
test_send_buffer (Client *self)
{
  client_emit (self, "one", "1");
  client_emit (self, "two", "{\"$binary\":\"AQ==\"}");
  g_assert_cmpuint (tap_log_count (self->tap, "emit buffered"), ==, 2);
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  client_emit (self, "three", NULL);
  client_expect_nothing (self);
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  client_expect (self, "42[\"one\",1]");
  client_expect (self, "451-[\"two\",{\"_placeholder\":true,\"num\":0}]");
  client_expect (self, "bAQ==");
  client_expect (self, "42[\"three\"]");

  /* it survives a disconnection */
  sio_socket_disconnect (self->socket);
  client_expect (self, "41");
  client_emit (self, "four", NULL);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  client_connect (self);
  client_expect (self, "42[\"four\"]");
}

static void
test_send_buffer_full (Client *self)
{
  g_autofree char *text = g_strnfill (6 * 1024 * 1024, 'x');
  g_autoptr(SioArguments) big = sio_arguments_new ();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 10000; i++)
    g_assert_true (client_emit (self, "e", NULL));
  g_assert_false (sio_socket_emit (self->socket, "e", NULL, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_assert_cmpuint (tap_log_count (self->tap, "emit refused / \"e\""), ==, 1);
  g_clear_error (&error);

  /* bytes count too, but one message is always taken */
  {
    SioSocket *other = client_get_socket (self, "/other");

    sio_arguments_add_string (big, text);
    g_assert_true (sio_socket_emit (other, "big", big, NULL, &error));
    g_assert_no_error (error);
    g_assert_false (sio_socket_emit (other, "big", big, NULL, &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  }
}

static void
test_receive_buffer (Client *self)
{
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  raw_session_send (self->session, "42[\"early\",1]");
  raw_session_send (self->session, "451-[\"early\",{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, "\7", 1);
  client_expect_nothing (self);
  g_assert_cmpuint (self->heard->n_events, ==, 0);
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  assert_heard (self, "manager open\nsocket early:[1]\nsocket early:[{\"$bin\":\"07\"}]\nsocket connect\n");
}

static void
test_receive_buffer_full (Client *self)
{
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  for (int i = 0; i < 10003; i++)
    raw_session_send (self->session, "42[\"early\"]");
  WAIT_FOR (tap_log_count (self->tap, "error limit") == 3);
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (self->heard->n_events, ==, 10000);
}

static void
test_volatile (Client *self)
{
  SioEmitOptions options = { .is_volatile = TRUE, .tag = 5 };
  g_autoptr(GError) error = NULL;

  g_assert_false (sio_socket_emit (self->socket, "v", NULL, &options, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_nonnull (tap_log_find (self->tap, "emit dropped / \"v\" id=-1 tag=5"));

  sio_socket_connect (self->socket);
  client_expect (self, "40");
  g_assert_false (sio_socket_emit (self->socket, "v", NULL, &options, NULL));
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));

  /* one that follows another at once finds the transport busy */
  client_expect_nothing (self);
  {
    gboolean sent = FALSE;

    WAIT_FOR (sent || (sent = sio_socket_emit (self->socket, "first", NULL, &options, NULL)));
  }
  g_assert_false (sio_socket_emit (self->socket, "second", NULL, &options, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  client_expect (self, "42[\"first\"]");
  client_expect_nothing (self);
}

/* --- listeners --- */

typedef struct {
  Client *client;
  guint   id;
} Once;

static void
say_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  heard_add (((Once *) data)->client->heard, "said");
}

static void
remove_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  Once *other = data;

  heard_add (other->client->heard, "removes");
  sio_socket_off (socket, other->id);
  sio_socket_on (socket, "e", say_cb, other, NULL); /* from the next one on */
}

static void
count_destroyed (gpointer data)
{
  heard_add (((Once *) data)->client->heard, "destroyed");
}

static void
prepended_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  heard_add (((Once *) data)->client->heard, "prepended");
}

static void
signal_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  g_autofree char *line = g_strdup_printf ("signal %s", event);

  heard_add (((Client *) data)->heard, line);
}

static void
test_listeners (Client *self)
{
  Once victim = { self, 0 };
  guint once;

  client_connect (self);
  heard_clear (self->heard);
  sio_socket_on (self->socket, "e", remove_cb, &victim, NULL);
  victim.id = sio_socket_on (self->socket, "e", say_cb, &victim, count_destroyed);
  once = sio_socket_once (self->socket, "e", prepended_cb, &victim, NULL);
  sio_socket_prepend_any (self->socket, prepended_cb, &victim, NULL);
  g_signal_connect (self->socket, "event::e", G_CALLBACK (signal_cb), self);
  g_assert_cmpuint (once, !=, 0);

  raw_session_send (self->session, "42[\"e\"]");
  WAIT_FOR (heard_find (self->heard, "signal") != NULL);
  /* the fixture's own listener for all of them says "socket e" */
  /* what is taken off is freed once the turn is over */
  assert_heard (self, "prepended\nsocket e:[]\nremoves\nprepended\ndestroyed\nsignal e\n");

  heard_clear (self->heard);
  raw_session_send (self->session, "42[\"f\"]");
  raw_session_send (self->session, "42[\"e\"]");
  WAIT_FOR (heard_find (self->heard, "signal") != NULL);
  assert_heard (self, "prepended\nsocket f:[]\nprepended\nsocket e:[]\nremoves\nsaid\nsignal e\n");

  sio_socket_off (self->socket, 0);
  heard_clear (self->heard);
  raw_session_send (self->session, "42[\"e\"]");
  WAIT_FOR (heard_find (self->heard, "signal") != NULL);
  assert_heard (self, "signal e\n");
}

static void
outgoing_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  g_autofree char *text = heard_format_args (args);
  g_autofree char *line = g_strdup_printf ("outgoing %s%s", event, text);

  heard_add (((Client *) data)->heard, line);
}

static void
test_outgoing (Client *self)
{
  sio_socket_on_any_outgoing (self->socket, outgoing_cb, self, NULL);
  client_emit (self, "buffered", "1");
  assert_heard (self, "");
  client_connect (self);
  client_expect (self, "42[\"buffered\",1]");
  client_emit (self, "e", NULL);
  /* when they are written */
  assert_heard (self, "manager open\noutgoing buffered[1]\nsocket connect\noutgoing e[]\n");
}

/* --- what is wrong --- */

static void
test_malformed (Client *self)
{
  static const char *packets[] = {
    "4", "49", "42", "42{}", "42[]", "42[{}]", "42[\"connect\"]", "42[\"a\"", "42[\"a\"]x", "42[null]", "43", "431{}",
    "40[]", "40null", "41[]", "45[\"a\"]", "45x-[\"a\"]", "4565-[\"a\"]", "451-[\"a\",{\"_placeholder\":true,\"num\":1}]",
    "451-[\"a\",{\"_placeholder\":true,\"num\":\"splice\"}]", "42[\"a\",NaN]", "4299999999999999999999[\"a\"]", "42\xff[\"a\"]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      client_connect (self);
      heard_clear (self->heard);
      tap_log_clear (self->tap);
      raw_session_send (self->session, packets[i]);
      WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
      if (g_utf8_validate (packets[i], -1, NULL))
        {
          assert_heard (self, "socket disconnect:parse error\nmanager close:parse error\n");
          g_assert_cmpuint (tap_log_count (self->tap, "error packet"), ==, 1);
          g_assert_nonnull (tap_log_find (self->tap, "state closed (parse error) again"));
        }
      g_assert_true (sio_socket_get_active (self->socket));
      WAIT_FOR (!sio_manager_get_closing (self->manager));

      sio_manager_reconnect_now (self->manager);
      client_expect (self, "40");
      raw_session_send (self->session, "40{\"sid\":\"id1\"}");
      WAIT_FOR (sio_socket_get_connected (self->socket));
      sio_socket_disconnect (self->socket);
      client_expect (self, "41");
      WAIT_FOR (!sio_manager_get_closing (self->manager));
    }
}

static void
test_stray_binary (Client *self)
{
  client_connect (self);
  raw_session_send_binary (self->session, "x", 1);
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
  g_assert_nonnull (tap_log_find (self->tap, "error packet got binary data"));
}

static void
test_text_between_attachments (Client *self)
{
  client_connect (self);
  raw_session_send (self->session, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
  raw_session_send (self->session, "42[\"e\"]");
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
  g_assert_nonnull (tap_log_find (self->tap, "error packet got plaintext data"));
  g_assert_cmpuint (self->heard->n_events, ==, 0);
}

/* Half a packet is forgotten with its engine. */
static void
test_half_a_packet (Client *self)
{
  client_connect (self);
  raw_session_send (self->session, "452-[\"b\",{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, "x", 1);
  client_expect_nothing (self);
  raw_session_drop (self->session, FALSE);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40");
  raw_session_send (self->session, "40{\"sid\":\"id2\"}");
  raw_session_send (self->session, "42[\"e\"]");
  WAIT_FOR (heard_count (self->heard, "socket e:[]") == 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("connect", test_connect);
  client_add ("namespaces", test_namespaces);
  client_add ("auth", test_auth);
  client_add ("refused", test_refused);
  client_add ("kicked", test_kicked);
  client_add ("second-connect", test_second_connect);
  client_add ("left-while-connecting", test_left_while_connecting);
  client_add ("events", test_events);
  client_add ("binary", test_binary);
  client_add ("reserved", test_reserved);
  client_add ("own-placeholder", test_own_placeholder);
  client_add ("send-buffer", test_send_buffer);
  client_add ("send-buffer-full", test_send_buffer_full);
  client_add ("receive-buffer", test_receive_buffer);
  client_add ("receive-buffer-full", test_receive_buffer_full);
  client_add ("volatile", test_volatile);
  client_add ("listeners", test_listeners);
  client_add ("outgoing", test_outgoing);
  client_add ("malformed", test_malformed);
  client_add ("stray-binary", test_stray_binary);
  client_add ("text-between-attachments", test_text_between_attachments);
  client_add ("half-a-packet", test_half_a_packet);

  return g_test_run ();
}
