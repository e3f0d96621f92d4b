/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Socket.IO 2.x: namespaces as protocol 4 has them. */

#include "client-fixture.h"

/* As servers 2.x open: nothing in it tells them from 3.x and 4.0. */
#define OPEN "{\"sid\":\"S\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}"

static SioSocket *
get_admin (Client *self)
{
  return client_get_socket (self, "/admin");
}

/* The manager is open and the server has greeted. */
static Client *
greet (const char *url_end)
{
  Client *self = client_new_full ("websocket", OPEN, url_end);

  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 0);
  sio_manager_open (self->manager);
  raw_session_send (self->session, "40");
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_OPEN);
  WAIT_FOR (tap_log_count (self->tap, "packet in CONNECT /") == 1);
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 3);
  return self;
}

/* Nothing was sent that was not taken: servers 2.x answer no ping, so an event is sent behind it. */
static void
expect_nothing (Client *self)
{
  client_emit (self, "fence", NULL);
  client_expect (self, "42[\"fence\"]");
}

/* What was sent before shall have arrived, and an answer to it as well. */
static void
settle (Client     *self,
        const char *packet)
{
  guint n = tap_log_count (self->tap, "packet in");

  raw_session_send (self->session, packet);
  WAIT_FOR (tap_log_count (self->tap, "packet in") == n + 1);
}

static void
join_admin (Client    *self,
            SioSocket *admin)
{
  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "40/admin,");
  WAIT_FOR (sio_socket_get_connected (admin));
}

static void
test_root (void)
{
  g_autoptr(Client) self = client_new_full ("websocket", OPEN, "");

  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 0);
  sio_socket_connect (self->socket);
  raw_session_send (self->session, "40");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "S");
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 3);
  g_assert_nonnull (tap_log_find (self->tap, "state open attempt=0 websocket eio=3 (the server spoke first"));
  g_assert_nonnull (tap_log_find (self->tap, "packet in CONNECT / id=-1"));
  g_assert_null (tap_log_find (self->tap, "packet out"));
  g_assert_null (tap_log_find (self->tap, "error"));
  expect_nothing (self);
}

/* Everybody is in "/": whoever asks for it later is there at once, and until then nothing is wrong. */
static void
test_root_not_asked_for (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  join_admin (self, admin);
  g_assert_cmpstr (sio_socket_get_id (admin), ==, "/admin#S");
  g_assert_null (tap_log_find (self->tap, "error"));

  sio_socket_connect (self->socket);
  g_assert_true (sio_socket_get_connected (self->socket));
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "S");
  expect_nothing (self);
}

static void
test_events (void)
{
  static const guchar bytes[] = { 4, 1, 2 };
  g_autoptr(Client) self = greet ("");

  sio_socket_connect (self->socket);
  heard_clear (self->heard);
  raw_session_send (self->session, "42[\"ev\",1]");
  raw_session_send (self->session, "42[\"connect\"]"); /* reserved on our side only */
  raw_session_send (self->session, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, bytes, sizeof bytes);
  WAIT_FOR (self->heard->n_events == 3);
  g_assert_cmpuint (heard_count (self->heard, "socket ev:[1]"), ==, 1);
  g_assert_cmpuint (heard_count (self->heard, "socket connect:[]"), ==, 1);
  g_assert_cmpuint (heard_count (self->heard, "socket b:[{\"$bin\":\"0102\"}]"), ==, 1);
}

/* Socket.IO 2.x, option "query": with the namespace, encoded; one of the URL as it is. */
static void
test_query (void)
{
  static const struct { const char *url_end; const char *option; const char *own; const char *packet; } cases[] = {
    { "", NULL, NULL, "40/admin," },
    { "", "token=a b,c&d=é", NULL, "40/admin?token=a%20b%2Cc%26d%3D%C3%A9," },
    { "", "token=abc", "other=1", "40/admin?other=1," },
    { "", "token=abc", "", "40/admin," },
    { "", "flag", NULL, "40/admin?flag=," },
    { "?token=a,b%20c&x", NULL, NULL, "40/admin?token=a%2Cb%20c&x," },
    { "?token=url", "token=option", NULL, "40/admin?token=option," },
    { "?token=url", NULL, "token=own", "40/admin?token=own," },
    { "?token=url", NULL, "", "40/admin," },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Client) self = greet (cases[i].url_end);
      SioSocket *admin = get_admin (self);

      if (cases[i].option != NULL)
        sio_options_set_query (self->options, (const char * const[]) { cases[i].option, NULL });
      if (cases[i].own != NULL)
        sio_socket_set_query (admin, (const char * const[]) { *cases[i].own != '\0' ? cases[i].own : NULL, NULL });
      sio_socket_connect (admin);
      client_expect (self, cases[i].packet);
      g_assert_nonnull (tap_log_find (self->tap, "packet out CONNECT /admin id=-1"));
      raw_session_send (self->session, "40/admin,");
      WAIT_FOR (sio_socket_get_connected (admin));
    }
}

/* Several parameters are one query. */
static void
test_query_several (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  sio_socket_set_query (admin, (const char * const[]) { "a=1", "b=2=3", NULL });
  sio_socket_connect (admin);
  client_expect (self, "40/admin?a=1&b=2%3D3,");
}

/* Whatever it says: it is told, the namespace stays asked for, the connection stays, and the next one asks again. */
static void
test_refusals (void)
{
  static const struct { const char *payload; const char *line; } cases[] = {
    { "\"Invalid namespace\"", "socket/admin connect_error:Invalid namespace" },
    { "{\"message\":\"Invalid namespace\"}", "socket/admin connect_error:Invalid namespace" },
    { "{\"message\":\"no\",\"data\":{\"code\":1}}", "socket/admin connect_error:no {\"code\":1}" },
    { "{\"message\":\"no\",\"code\":1}", "socket/admin connect_error:no {\"message\":\"no\",\"code\":1}" },
    { "{\"code\":\"E1\"}", "socket/admin connect_error: {\"code\":\"E1\"}" },
    { "[1]", "socket/admin connect_error: [1]" },
    { "42", "socket/admin connect_error: 42" }, /* an id, to who reads from the left */
    { "true", "socket/admin connect_error: true" },
    { "", "socket/admin connect_error:" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Client) self = greet ("");
      SioSocket *admin = get_admin (self);
      g_autofree char *packet = g_strconcat ("44/admin,", cases[i].payload, NULL);

      g_test_message ("%s", packet);
      sio_socket_connect (self->socket);
      sio_socket_connect (admin);
      client_expect (self, "40/admin,");
      heard_clear (self->heard);
      raw_session_send (self->session, packet);
      WAIT_FOR (self->heard->lines->len == 1);
      if (!g_str_equal (cases[i].payload, "42"))
        g_assert_cmpstr (g_ptr_array_index (self->heard->lines, 0), ==, cases[i].line);
      g_assert_true (sio_socket_get_active (admin));
      g_assert_false (sio_socket_get_connected (admin));
      g_assert_cmpint (sio_socket_get_state (admin), ==, SIO_SOCKET_STATE_WAITING);
      g_assert_cmpuint (tap_log_count (self->tap, "socket /admin connect-error"), ==, 1);
      g_assert_true (g_str_has_suffix (tap_log_find (self->tap, "socket /admin connect-error"), " active"));
      g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
      expect_nothing (self);
    }
}

static void
test_refused_asks_again (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  sio_socket_connect (self->socket);
  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "44/admin,\"no\"");
  WAIT_FOR (heard_count (self->heard, "socket/admin connect_error:no") == 1);

  /* not by itself … */
  expect_nothing (self);
  settle (self, "42[\"e\"]");
  expect_nothing (self);

  /* … but if it is asked to */
  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "44/admin,\"no\"");
  WAIT_FOR (heard_count (self->heard, "socket/admin connect_error:no") == 2);

  /* and over the next connection */
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_reconnect_now (self->manager);
  raw_session_send (self->session, "40");
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "40/admin,");
  WAIT_FOR (sio_socket_get_connected (admin));
}

static void
test_refused_and_left (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  sio_socket_connect (self->socket);
  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "44/admin,\"no\"");
  WAIT_FOR (heard_count (self->heard, "socket/admin connect_error:no") == 1);
  sio_socket_disconnect (admin);
  g_assert_false (sio_socket_get_active (admin));
  expect_nothing (self);
  g_assert_cmpuint (heard_count (self->heard, "socket/admin disconnect:io client disconnect"), ==, 0);
}

/* A middleware of "/" that refuses: every namespace hears of it. */
static void
test_root_error (void)
{
  g_autoptr(Client) self = client_new_full ("websocket", OPEN, "");
  SioSocket *admin = get_admin (self);
  SioSocket *other = client_get_socket (self, "/other");

  sio_socket_connect (self->socket);
  sio_socket_connect (admin);
  raw_session_send (self->session, "44\"nope\"");
  WAIT_FOR (heard_count (self->heard, "socket connect_error:nope") == 1);
  WAIT_FOR (heard_count (self->heard, "socket/admin connect_error:nope") == 1);
  g_assert_cmpuint (heard_count (self->heard, "socket/other connect_error:nope"), ==, 0); /* was not asked for */
  g_assert_false (sio_socket_get_active (other));
  g_assert_true (sio_socket_get_active (self->socket));
  g_assert_cmpint (sio_socket_get_state (self->socket), ==, SIO_SOCKET_STATE_WAITING);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
  client_expect (self, "40/admin,");

  /* it was not about /admin: that may still be answered */
  raw_session_send (self->session, "40/admin,");
  WAIT_FOR (sio_socket_get_connected (admin));

  /* the middleware thought better of it */
  raw_session_send (self->session, "40");
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

/* socket.use () of a server 2.x: an error about an event, while the namespace is connected and stays so. */
static void
test_error_while_connected (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  sio_socket_connect (self->socket);
  join_admin (self, admin);
  heard_clear (self->heard);
  raw_session_send (self->session, "44/admin,\"not that event\"");
  WAIT_FOR (heard_count (self->heard, "socket/admin connect_error:not that event") == 1);
  g_assert_true (sio_socket_get_connected (admin));
  raw_session_send (self->session, "44\"for all\"");
  WAIT_FOR (heard_count (self->heard, "socket/admin connect_error:for all") == 1);
  WAIT_FOR (heard_count (self->heard, "socket connect_error:for all") == 1);
  g_assert_cmpuint (tap_log_count (self->tap, "packet in CONNECT_ERROR"), ==, 2);
  g_assert_null (tap_log_find (self->tap, "socket /admin connect-error")); /* it did not move */
  g_assert_true (sio_socket_get_connected (admin));
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_unknown_type (void)
{
  g_autoptr(Client) self = greet ("");

  sio_socket_connect (self->socket);
  raw_session_send (self->session, "47");
  raw_session_send (self->session, "4abc");
  WAIT_FOR (tap_log_count (self->tap, "error packet packet of a type that Socket.IO 2 does not know") == 2);
  expect_nothing (self);
  g_assert_true (sio_socket_get_connected (self->socket));

  /* what is malformed otherwise ends the connection as ever */
  raw_session_send (self->session, "42{}");
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
}

/* A server 2.x with the parser msgpack greets in JSON, and never again says a thing that could be read. */
static void
test_other_parser (void)
{
  g_autoptr(Client) self = client_new_full ("websocket", OPEN, "");

  sio_manager_open (self->manager);
  raw_session_send (self->session, "4{\"type\":0,\"nsp\":\"/\"}");
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
  g_assert_cmpuint (tap_log_count (self->tap, "error packet this packet is as the parser msgpack writes it: "
                                   "{\"type\":0,\"nsp\":\"/\"}"), ==, 1);
  g_assert_cmpuint (tap_log_count (self->tap, "error packet packet of a type"), ==, 0);
}

static void
test_sent_away (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  sio_socket_connect (self->socket);
  join_admin (self, admin);
  raw_session_send (self->session, "41/admin,");
  WAIT_FOR (heard_count (self->heard, "socket/admin disconnect:io server disconnect") == 1);
  g_assert_false (sio_socket_get_active (admin));
  g_assert_true (sio_socket_get_connected (self->socket));

  heard_clear (self->heard);
  raw_session_send (self->session, "41");
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_CLOSED);
  g_assert_cmpstr (g_ptr_array_index (self->heard->lines, 0), ==, "manager close:forced close");
  g_assert_cmpstr (g_ptr_array_index (self->heard->lines, 1), ==, "socket disconnect:io server disconnect");
}

/* "/" is left while another stays: coming back takes asking, which a server without middlewares does not answer. */
static void
test_root_left_and_back (void)
{
  static const char *answers[] = { NULL, "40", "44\"no\"" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr(Client) self = greet ("");
      SioSocket *admin = get_admin (self);

      sio_socket_connect (self->socket);
      join_admin (self, admin);
      sio_socket_disconnect (self->socket);
      client_expect (self, "41");
      sio_socket_connect (self->socket);
      client_expect (self, "40");
      g_assert_false (sio_socket_get_connected (self->socket));
      if (answers[i] != NULL)
        raw_session_send (self->session, answers[i]);
      if (i == 2)
        {
          WAIT_FOR (heard_count (self->heard, "socket connect_error:no") == 1);
          g_assert_true (sio_socket_get_active (self->socket));
          g_assert_false (sio_socket_get_connected (self->socket));
        }
      else
        {
          WAIT_FOR (sio_socket_get_connected (self->socket));
          expect_nothing (self);
        }
      g_assert_true (sio_socket_get_connected (admin));
    }
}

static void
test_left_before_the_answer (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  sio_socket_connect (self->socket);
  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  sio_socket_disconnect (admin);
  raw_session_send (self->session, "40/admin,");
  client_expect (self, "41/admin,");
  g_assert_false (sio_socket_get_active (admin));
}

/* A namespace that was not asked for, an answer twice: reported and ignored. */
static void
test_strangers (void)
{
  g_autoptr(Client) self = greet ("");
  SioSocket *admin = get_admin (self);

  sio_socket_connect (self->socket);
  settle (self, "40");
  g_assert_cmpuint (tap_log_count (self->tap, "error packet CONNECT for /, which is connected already: ignored"), ==, 1);
  settle (self, "40/x,");
  g_assert_cmpuint (tap_log_count (self->tap, "error packet CONNECT for the namespace /x, which was not asked for"), ==, 1);
  settle (self, "40/admin,");
  g_assert_cmpuint (tap_log_count (self->tap, "error packet CONNECT for /admin, which was not asked for: ignored"), ==, 1);
  settle (self, "41/admin,");
  g_assert_cmpuint (tap_log_count (self->tap, "error packet DISCONNECT for /admin, which is not connected: ignored"), ==, 1);
  g_assert_false (sio_socket_get_active (admin));
  expect_nothing (self);
}

static void
test_reserved_names (void)
{
  static const char *names[] = { "connect", "connect_error", "connect_timeout", "connecting", "disconnect", "error", "reconnect",
                                 "reconnect_attempt", "reconnect_failed", "reconnect_error", "reconnecting", "ping", "pong" };
  g_autoptr(Client) self = greet ("");

  sio_socket_connect (self->socket);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_socket_emit (self->socket, names[i], NULL, NULL, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    }
  expect_nothing (self);
  /* reserved only since 3.0 */
  g_assert_true (client_emit (self, "disconnecting", NULL));
  client_expect (self, "42[\"disconnecting\"]");
}

/* A server 4.x that lets clients 2.x in has the names of both, and cuts whoever uses one of its own. */
static void
test_reserved_names_of_both (void)
{
  static const char *names[] = { "connect", "disconnect", "ping", "disconnecting", "newListener", "removeListener" };
  g_autoptr(Client) self = client_new_full ("websocket", "{\"sid\":\"S\",\"upgrades\":[],\"pingInterval\":25000,"
                                            "\"pingTimeout\":20000,\"maxPayload\":1000000}", "");

  sio_options_set_server (self->options, 2, NULL);
  sio_socket_connect (self->socket);
  raw_session_send (self->session, "40");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_socket_emit (self->socket, names[i], NULL, NULL, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      g_assert_cmpint (strstr (error->message, "this server is a 4.x") != NULL, ==, i >= 3);
    }
  expect_nothing (self);
}

/* --- found out late: over WebSocket the server kept silent until it was asked --- */

static Client *
guess (guint server)
{
  Client *self = client_new_full ("websocket", OPEN, "");

  sio_options_set_server (self->options, server, NULL);
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 4);
  return self;
}

static void
test_late_answer (void)
{
  g_autoptr(Client) self = guess (0);

  client_emit (self, "waits", NULL);
  raw_session_send (self->session, "40");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  client_expect (self, "42[\"waits\"]");
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 3);
  g_assert_cmpstr (sio_socket_get_id (self->socket), ==, "S");
  g_assert_null (heard_find (self->heard, "socket connect_error"));
  g_assert_nonnull (tap_log_find (self->tap, "state open attempt=0 websocket eio=3 (CONNECT was answered without an id"));

  /* the next attempt knows */
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  tap_log_clear (self->tap);
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_OPEN);
  g_assert_nonnull (tap_log_find (self->tap, "state open attempt=1 websocket eio=3 (Engine.IO 3, as in the session before)"));
  raw_session_send (self->session, "40");
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

static void
test_late_refusal (void)
{
  g_autoptr(Client) self = guess (0);

  raw_session_send (self->session, "44\"no\"");
  WAIT_FOR (heard_count (self->heard, "socket connect_error:no") == 1);
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 3);
  g_assert_true (sio_socket_get_active (self->socket));
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
}

/* Whoever asked for 3 or 4 is told what the official client would say. */
static void
test_late_answer_unwanted (void)
{
  for (guint server = 3; server <= 4; server++)
    {
      g_autoptr(Client) self = guess (server);

      raw_session_send (self->session, "40");
      WAIT_FOR (heard_find (self->heard, "socket connect_error:It seems you are trying to reach a Socket.IO server in v2.x") != NULL);
      g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 4);
      g_assert_true (sio_socket_get_active (self->socket));
    }
}

/* An answer with an id ends the doubt: what comes without one later is only odd. */
static void
test_no_doubt (void)
{
  g_autoptr(Client) self = guess (0);
  SioSocket *admin = get_admin (self);

  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  sio_socket_connect (admin);
  client_expect (self, "40/admin,");
  raw_session_send (self->session, "40/admin,");
  WAIT_FOR (heard_find (self->heard, "socket/admin connect_error:It seems") != NULL);
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 4);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/legacy/root", test_root);
  g_test_add_func ("/client/legacy/root-not-asked-for", test_root_not_asked_for);
  g_test_add_func ("/client/legacy/events", test_events);
  g_test_add_func ("/client/legacy/query", test_query);
  g_test_add_func ("/client/legacy/query-several", test_query_several);
  g_test_add_func ("/client/legacy/refusals", test_refusals);
  g_test_add_func ("/client/legacy/refused-asks-again", test_refused_asks_again);
  g_test_add_func ("/client/legacy/refused-and-left", test_refused_and_left);
  g_test_add_func ("/client/legacy/root-error", test_root_error);
  g_test_add_func ("/client/legacy/error-while-connected", test_error_while_connected);
  g_test_add_func ("/client/legacy/unknown-type", test_unknown_type);
  g_test_add_func ("/client/legacy/other-parser", test_other_parser);
  g_test_add_func ("/client/legacy/sent-away", test_sent_away);
  g_test_add_func ("/client/legacy/root-left-and-back", test_root_left_and_back);
  g_test_add_func ("/client/legacy/left-before-the-answer", test_left_before_the_answer);
  g_test_add_func ("/client/legacy/strangers", test_strangers);
  g_test_add_func ("/client/legacy/reserved-names", test_reserved_names);
  g_test_add_func ("/client/legacy/reserved-names-of-both", test_reserved_names_of_both);
  g_test_add_func ("/client/legacy/late-answer", test_late_answer);
  g_test_add_func ("/client/legacy/late-refusal", test_late_refusal);
  g_test_add_func ("/client/legacy/late-answer-unwanted", test_late_answer_unwanted);
  g_test_add_func ("/client/legacy/no-doubt", test_no_doubt);

  return g_test_run ();
}
