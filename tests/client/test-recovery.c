/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connection state recovery: what is asked for, what comes before "connect", and what a server that lies can do. */

#include "client-fixture.h"
#include "node-server.h"

typedef struct {
  guint    n_connects;
  gboolean recovered;
  guint    n_events; /* that had come by then */
  Client  *client;
} Connects;

static void
connect_cb (SioSocket *socket,
            Connects  *connects)
{
  connects->n_connects++;
  connects->recovered = sio_socket_get_recovered (socket);
  connects->n_events = connects->client->heard->n_events;
}

static void
begin (Client     *self,
       const char *answer)
{
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  raw_session_send (self->session, answer);
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

static void
receive (Client     *self,
         const char *packet)
{
  guint n = tap_log_count (self->tap, "packet in");

  raw_session_send (self->session, packet);
  WAIT_FOR (tap_log_count (self->tap, "packet in") == n + 1);
}

/* The connection is lost, and what the next CONNECT carries. */
static void
come_back (Client     *self,
           const char *connect)
{
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  heard_clear (self->heard);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, connect);
}

static void
test_recovered (Client *self)
{
  Connects connects = { .client = self };
  g_autofree char *said = NULL;

  g_signal_connect (self->socket, "connect", G_CALLBACK (connect_cb), &connects);
  begin (self, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  g_assert_false (connects.recovered);
  receive (self, "42[\"e\",1,\"off\\u00311\"]");
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off\\u00311\"}");
  g_assert_false (sio_socket_get_recovered (self->socket));
  raw_session_send (self->session, "42[\"missed\",1,\"off2\"]");
  raw_session_send (self->session, "42[\"missed\",2,\"off3\"]");
  raw_session_send (self->session, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));

  said = heard_dup (self->heard);
  g_assert_cmpstr (said, ==, "manager reconnect_attempt:1\nmanager open\nmanager reconnect:1\n"
                             "socket missed:[1,\"off2\"]\nsocket missed:[2,\"off3\"]\nsocket connect\n");
  g_assert_cmpuint (connects.n_connects, ==, 2);
  g_assert_true (connects.recovered);
  g_assert_cmpuint (connects.n_events, ==, 2);
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "id1");
  g_assert_nonnull (tap_log_find (self->tap, "socket / connected (id1) active recovered"));
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off3\"}");
}

/* Without an event there is nothing to go on from; the server then does not even try. */
static void
test_no_offset (Client *self)
{
  begin (self, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  come_back (self, "40{\"pid\":\"p1\"}");
}

static void
test_auth_wins (Client *self)
{
  begin (self, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  receive (self, "42[\"e\",\"off1\"]");
  g_assert_true (sio_socket_set_auth (self->socket, "{ \"pid\":\"mine\",\"a\":1}", NULL));
  /* of two members of one name the last one counts */
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off1\",\"pid\":\"mine\",\"a\":1}");
  raw_session_send (self->session, "40{\"sid\":\"id2\",\"pid\":\"p1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_true (sio_socket_set_auth (self->socket, "{ }", NULL));
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off1\"}");
}

/* The last argument, if it is a string, of what the server can send again. */
static void
test_offsets (Client *self)
{
  g_autofree char *text = g_strnfill (300, 'x');
  g_autofree char *long_text = g_strdup_printf ("42[\"e\",\"%s\"]", text);

  begin (self, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  receive (self, "42[\"e\",{\"a\":\"b\"},\"off1\"]");
  receive (self, "427[\"e\",\"wants an answer\"]");
  receive (self, "42[\"e\",\"text\",1]");
  receive (self, "42[\"e\"]");
  receive (self, "42[\"e\",[\"text\"]]");
  receive (self, long_text);
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off1\"}");
  raw_session_send (self->session, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));

  /* a binary event has one too; and what is volatile and ends in text cannot be told apart, for nobody */
  raw_session_send (self->session, "451-[\"e\",{\"_placeholder\":true,\"num\":0},\"off2\"]");
  raw_session_send_binary (self->session, "x", 1);
  WAIT_FOR (self->heard->n_events == 1);
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off2\"}");
}

/* Without a pid nothing is noted: the text is somebody's own. */
static void
test_not_offered (Client *self)
{
  begin (self, "40{\"sid\":\"id1\"}");
  receive (self, "42[\"e\",\"text\"]");
  come_back (self, "40");
}

/* Also over a parting that somebody wanted. */
static void
test_kept_over_disconnect (Client *self)
{
  begin (self, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  receive (self, "42[\"e\",\"off1\"]");
  sio_socket_disconnect (self->socket);
  client_expect (self, "41");
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  sio_socket_connect (self->socket);
  client_expect (self, "40{\"pid\":\"p1\",\"offset\":\"off1\"}");
}

/* A server that says other things than before, or nonsense: it is a new session, and the old one is forgotten. */
static void
test_lies (Client *self)
{
  static const struct { const char *answer; gboolean recovered; const char *id; const char *next; } cases[] = {
    { "40{\"sid\":\"id2\",\"pid\":\"p2\"}", FALSE, "id2", "40{\"pid\":\"p2\"}" },
    { "40{\"sid\":\"id1\",\"pid\":\"p2\"}", FALSE, "id1", "40{\"pid\":\"p2\"}" },
    { "40{\"sid\":\"id2\",\"pid\":\"p1\"}", TRUE, "id2", "40{\"pid\":\"p1\",\"offset\":\"off1\"}" },
    { "40{\"sid\":\"id2\"}", FALSE, "id2", "40" },
    { "40{\"sid\":\"id2\",\"pid\":7}", FALSE, "id2", "40" },
    { "40{\"sid\":\"id2\",\"pid\":\"\"}", FALSE, "id2", "40" },
    { "40{\"sid\":\"id2\",\"pid\":null}", FALSE, "id2", "40" },
    { "40{\"sid\":\"id2\",\"pid\":\"p1\",\"pid\":\"p2\"}", FALSE, "id2", "40{\"pid\":\"p2\"}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Client) other = client_new (sio_options_get_transports (self->options)[0]);

      g_test_message ("%s", cases[i].answer);
      begin (other, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
      receive (other, "42[\"e\",\"off1\"]");
      come_back (other, "40{\"pid\":\"p1\",\"offset\":\"off1\"}");
      raw_session_send (other->session, cases[i].answer);
      WAIT_FOR (sio_socket_get_connected (other->socket));
      g_assert_cmpint (sio_socket_get_recovered (other->socket), ==, cases[i].recovered);
      g_assert_cmpstr (sio_socket_get_id (other->socket), ==, cases[i].id);
      come_back (other, cases[i].next);
    }
}

/* The end comes while the missed events do: they are asked for again, and none of them is told twice. */
static void
test_lost_again (Client *self)
{
  begin (self, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  receive (self, "42[\"e\",\"off1\"]");
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off1\"}");
  receive (self, "42[\"missed\",\"off2\"]");
  come_back (self, "40{\"pid\":\"p1\",\"offset\":\"off1\"}");
  raw_session_send (self->session, "42[\"missed\",\"off2\"]");
  raw_session_send (self->session, "40{\"sid\":\"id1\",\"pid\":\"p1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (self->heard->n_events, ==, 1);
}

/* --- socket.io 4.8 --- */

static gboolean
knock_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_real (gconstpointer transport)
{
  g_autoptr(NodeServer) server = node_server_start ("socket.io-v4", "{\"connectionStateRecovery\":{}}");
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioManager) manager = NULL;
  g_autoptr(TapLog) tap = tap_log_new ();
  g_autoptr(Heard) heard = heard_new ();
  g_autoptr(SioArguments) now = sio_arguments_new ();
  g_autoptr(SioArguments) later = sio_arguments_new ();
  g_autofree char *id = NULL;
  gboolean knocked = FALSE;
  SioSocket *socket;

  sio_options_set_transports (options, (const char * const[]) { transport, NULL }, NULL);
  sio_options_set_reconnection_delay_ms (options, 60000);
  sio_options_set_reconnection_delay_max_ms (options, 60000);
  manager = sio_manager_new (node_server_get_url (server, ""), options, NULL);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  socket = sio_manager_get_socket (manager, "/", NULL);
  heard_watch_socket (heard, socket);
  sio_socket_connect (socket);
  WAIT_FOR (sio_socket_get_connected (socket));
  g_assert_false (sio_socket_get_recovered (socket));
  id = g_strdup (sio_socket_get_id (socket));

  sio_arguments_add_json (now, "1", -1, FALSE, NULL);
  g_assert_true (sio_socket_emit (socket, "echo", now, NULL, NULL));
  WAIT_FOR (heard->n_events == 1);
  sio_arguments_add_json (later, "200", -1, FALSE, NULL);
  sio_arguments_add_json (later, "\"while away\"", -1, FALSE, NULL);
  g_assert_true (sio_socket_emit (socket, "echo-later", later, NULL, NULL));
  WAIT_FOR (sio_manager_get_unwritten (manager, NULL) == 0);
  sio_manager_cut (manager);
  WAIT_FOR (sio_manager_get_state (manager) == SIO_MANAGER_STATE_WAITING);
  heard_clear (heard);

  /* the event happens while we are away */
  g_timeout_add (600, knock_cb, &knocked);
  WAIT_FOR (knocked);
  sio_manager_reconnect_now (manager);
  WAIT_FOR (sio_socket_get_connected (socket));
  g_assert_true (sio_socket_get_recovered (socket));
  g_assert_cmpstr (sio_socket_get_id (socket), ==, id);
  g_assert_cmpuint (heard->lines->len, ==, 2);
  g_assert_true (g_str_has_prefix (g_ptr_array_index (heard->lines, 0), "socket echo:[\"while away\",\""));
  g_assert_cmpstr (g_ptr_array_index (heard->lines, 1), ==, "socket connect");

  /* what comes now comes once */
  g_assert_true (sio_socket_emit (socket, "echo", now, NULL, NULL));
  WAIT_FOR (heard->n_events == 2);
  sio_socket_disconnect (socket);
  WAIT_FOR (!sio_manager_get_closing (manager));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("recovery/recovered", test_recovered);
  client_add ("recovery/no-offset", test_no_offset);
  client_add ("recovery/auth-keys-win", test_auth_wins);
  client_add ("recovery/offsets", test_offsets);
  client_add ("recovery/not-offered", test_not_offered);
  client_add ("recovery/kept-over-disconnect", test_kept_over_disconnect);
  client_add ("recovery/a-server-that-lies", test_lies);
  client_add ("recovery/lost-again", test_lost_again);
  g_test_add_data_func ("/client/polling/recovery/socket.io-4.8-has-an-accessible-id-and-missed-events", "polling", test_real);
  g_test_add_data_func ("/client/websocket/recovery/socket.io-4.8-has-an-accessible-id-and-missed-events", "websocket", test_real);

  return g_test_run ();
}
