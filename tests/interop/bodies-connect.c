/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Coming and going: the first connection, namespaces, who is let in, who is sent away. */

#include "interop.h"

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
  SioSocket *admin = interop_get_socket (self, "/admin");
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
  SioSocket *nowhere = interop_get_socket (self, "/nowhere");

  interop_connect (self);
  sio_socket_connect (nowhere);
  WAIT_FOR (heard_count (self->heard, "socket/nowhere connect_error:Invalid namespace") == 1);
  /* servers 2.x may let somebody in at the next attempt */
  g_assert_cmpint (sio_socket_get_active (nowhere), ==, interop_get_major () == 2);
  g_assert_true (sio_socket_get_connected (self->socket));
}

/* What lets somebody into /auth: the auth of CONNECT, for 2.x the query. */
static void
set_token (SioSocket  *socket,
           const char *token)
{
  g_autofree char *auth = g_strdup_printf ("{ \"token\": \"%s\", \"n\": 1.0 }", token);
  g_autofree char *parameter = g_strdup_printf ("token=%s", token);
  const char *query[] = { parameter, NULL };
  g_autoptr(GError) error = NULL;

  if (interop_get_major () == 2)
    sio_socket_set_query (socket, query);
  else
    sio_socket_set_auth (socket, auth, &error);
  g_assert_no_error (error);
}

static void
test_auth (Interop *self)
{
  SioSocket *guarded = interop_get_socket (self, "/auth");
  g_autoptr(GError) error = NULL;

  g_assert_false (sio_socket_set_auth (guarded, "[1]", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  set_token (guarded, "wrong");
  sio_socket_connect (guarded);
  WAIT_FOR (heard_find (self->heard, "socket/auth connect_error:") != NULL);
  if (interop_get_major () == 2)
    {
      /* an error with data is its data there, and the socket stays asked for */
      g_assert_cmpstr (heard_find (self->heard, "socket/auth connect_error:"), ==,
                       "socket/auth connect_error: {\"code\":401,\"hint\":\"token\",\"given\":\"wrong\"}");
      g_assert_true (sio_socket_get_active (guarded));
      g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
    }
  else
    {
      g_assert_cmpstr (heard_find (self->heard, "socket/auth connect_error:"), ==,
                       "socket/auth connect_error:not authorized "
                       "{\"code\":401,\"hint\":\"token\",\"given\":\"wrong\"}");
      g_assert_cmpstr (tap_log_find (self->tap, "socket /auth connect-error"), ==,
                       "socket /auth connect-error (not authorized) "
                       "data={\"code\":401,\"hint\":\"token\",\"given\":\"wrong\"}");
      g_assert_false (sio_socket_get_active (guarded));
      /* it was the only one: nothing is left to be connected for, and nothing tries again */
      g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
    }

  /* the auth is read at each CONNECT */
  set_token (guarded, "secret");
  sio_socket_connect (guarded);
  WAIT_FOR (heard_count (self->heard, interop_get_major () == 2
                                        ? "socket/auth welcome:[\"secret\"]"
                                        : "socket/auth welcome:[{\"token\":\"secret\",\"n\":1}]") == 1);
  g_assert_true (sio_socket_get_connected (guarded));
}

static void
test_kick (Interop *self)
{
  g_autofree char *said = NULL;
  g_autofree char *history = NULL;

  interop_settle (self);
  heard_clear (self->heard);
  interop_emit (self, "kick", NULL);
  WAIT_FOR (heard_find (self->heard, "socket disconnect:") != NULL);

  said = heard_dup (self->heard);
  g_assert_cmpstr (said, ==, "manager close:forced close\nsocket disconnect:io server disconnect\n");
  g_assert_false (sio_socket_get_active (self->socket));
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  g_assert_null (tap_log_find (self->tap, "state waiting"));

  /* asked again, it comes again; and that is what the server calls it */
  interop_connect (self);
  history = interop_ask_text (self, "history", NULL);
  g_assert_nonnull (strstr (history, "[[\"connection\",\"/\"],[\"disconnect\",\"/\",\"server namespace disconnect\"],[\"connection\",\"/\"]"));
}

static void
test_kick_all (Interop *self)
{
  SioSocket *admin = interop_get_socket (self, "/admin");

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
test_handshake (Interop *self)
{
  const char *query[] = { "plain=1", "with blank & more=ü=😀", "empty=", NULL };
  const char *headers[] = { "X-Interop: one, two", "User-Agent: interop", NULL };
  g_autofree char *told = NULL;
  g_autoptr(GError) error = NULL;

  sio_options_set_query (self->options, query);
  sio_options_set_extra_headers (self->options, headers, &error);
  g_assert_no_error (error);
  interop_connect (self);
  told = interop_ask_text (self, "handshake", NULL);
  g_assert_nonnull (strstr (told, "\"plain\":\"1\",\"with blank & more\":\"ü=😀\",\"empty\":\"\""));
  g_assert_nonnull (strstr (told, "\"x-interop\":\"one, two\""));
  g_assert_nonnull (strstr (told, "\"user-agent\":\"interop\""));
}

/* The server knows a namespace by the same id as we do; Socket.IO 2 leaves it to the client to find it. */
static void
test_ids (Interop *self)
{
  SioSocket *sockets[] = { self->socket, interop_get_socket (self, "/admin") };

  sio_socket_connect (sockets[1]);
  interop_connect (self);
  WAIT_FOR (sio_socket_get_connected (sockets[1]));
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      g_autofree char *expected = g_strdup_printf ("[\"%s\"]", sio_socket_get_id (sockets[i]));
      g_autofree char *told = NULL;
      g_autoptr(SioArguments) answer = NULL;
      g_autoptr(GError) error = NULL;

      answer = interop_ask (sockets[i], "id", NULL, 15000, &error);
      g_assert_no_error (error);
      told = heard_format_args (answer);
      g_assert_cmpstr (told, ==, expected);
    }
}

/* It is the connection's; Socket.IO 2 is told it with the namespace too. */
static void
test_query_in_url (Interop *self)
{
  g_autoptr(SioManager) manager = NULL;
  g_autoptr(SioArguments) answer = NULL;
  g_autofree char *told = NULL;
  g_autoptr(GError) error = NULL;
  SioSocket *admin;

  manager = sio_manager_new (node_server_get_url (self->server, "/admin?key=a%20b&%C3%BC=1"), self->options, &error);
  g_assert_no_error (error);
  admin = sio_manager_get_socket (manager, sio_manager_get_nsp (manager), &error);
  g_assert_no_error (error);
  sio_socket_connect (admin);
  WAIT_FOR (sio_socket_get_connected (admin));
  answer = interop_ask (admin, "handshake", NULL, 15000, &error);
  g_assert_no_error (error);
  told = heard_format_args (answer);
  g_assert_nonnull (strstr (told, "\"key\":\"a b\",\"ü\":\"1\""));
  sio_manager_close (manager);
  WAIT_FOR (!sio_manager_get_closing (manager));
}

/* How many of requests have part in their URL. */
static guint
count (const char *requests,
       const char *part)
{
  g_auto(GStrv) urls = g_strsplit (requests, "\"", -1);
  guint n = 0;

  for (guint i = 0; urls[i] != NULL; i++)
    n += strstr (urls[i], "EIO=") != NULL && strstr (urls[i], part) != NULL;
  return n;
}

/* The server sees one session an attempt, however its version was found; from the second one on it is known. */
static void
test_detect (Interop *self)
{
  guint revision = interop_get_major () == 2 ? 3 : 4;
  g_autofree char *first = NULL;
  g_autofree char *all = NULL;

  g_assert_cmpuint (sio_options_get_server (self->options), ==, 0);
  interop_settle (self);
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, revision);
  first = interop_ask_text (self, "requests", NULL);
  g_assert_cmpuint (count (first, "EIO=") - count (first, "sid="), ==, 1);
  g_assert_cmpuint (count (first, "transport=websocket"), ==, self->way == WAY_POLLING ? 0 : 1);

  tap_log_clear (self->tap);
  sio_manager_cut (self->manager);
  interop_settle (self);
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, revision);
  all = interop_ask_text (self, "requests", NULL);
  g_assert_cmpuint (count (all, "EIO=") - count (all, "sid="), ==, 2);
  if (revision == 4)
    g_assert_cmpuint (count (all, "EIO=3"), ==, 0);
}

static void
test_fixed (Interop *self)
{
  g_autofree char *answer = NULL;
  g_autoptr(GError) error = NULL;

  sio_options_set_server (self->options, interop_get_major (), &error);
  g_assert_no_error (error);
  interop_settle (self);
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, interop_get_major () == 2 ? 3 : 4);
  answer = interop_ask_text (self, "ack", "1");
  g_assert_cmpstr (answer, ==, "[1]");
}

/* Who insists on another version is told so, or waits in vain; never half a connection. A server 2.x that is asked for by
 * WebSocket lets every revision in and answers "40", without an id: its connection stays open, as the official client's does. */
static void
test_wrong_version (Interop *self)
{
  g_autoptr(GError) error = NULL;

  sio_options_set_server (self->options, interop_get_major () == 2 ? 4 : 2, &error);
  g_assert_no_error (error);
  sio_options_set_timeout_ms (self->options, 1000);
  sio_socket_connect (self->socket);
  if (interop_get_major () == 2 && self->way == WAY_WEBSOCKET)
    WAIT_FOR (tap_log_find (self->tap, interop_is_msgpack () ? "error packet a text message where msgpack is binary"
                                                             : "socket / connect-error (It seems you are") != NULL);
  else
    WAIT_FOR (heard_find (self->heard, "socket connect_error:") != NULL);
  g_assert_cmpuint (heard_count (self->heard, "socket connect"), ==, 0);
}

/* Newer servers may serve clients 2.x too. */
static void
test_as_2 (Interop *self)
{
  SioSocket *admin = interop_get_socket (self, "/admin");
  g_autofree char *answer = NULL;
  g_autoptr(GError) error = NULL;

  sio_options_set_server (self->options, 2, &error);
  g_assert_no_error (error);
  sio_socket_connect (admin);
  interop_settle (self);
  WAIT_FOR (sio_socket_get_connected (admin));
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 3);
  answer = interop_ask_text (self, "ack", "\"é😀\",{\"$binary\":\"AQID\"}");
  g_assert_cmpstr (answer, ==, "[\"é😀\",{\"$bin\":\"010203\"}]");
}

const InteropCase interop_connect_cases[] = {
  { "connect", test_connect },
  { "handshake", test_handshake },
  { "ids", test_ids },
  { "query-in-url", test_query_in_url },
  { "detect", test_detect, "{}" },
  { "fixed", test_fixed },
  { "wrong-version", test_wrong_version },
  { "as-2", test_as_2, "{\"allowEIO3\":true}", 3, "a server 2.x needs no leave for clients 2.x",
    "the parser of servers 3.x and 4.x is not that of clients 2.x" },
  { "namespaces", test_namespaces },
  { "unknown-namespace", test_unknown_namespace },
  { "auth", test_auth },
  { "kick", test_kick, "{}" },
  { "kick-all", test_kick_all },
  { "leave", test_leave, "{}" },
  { NULL },
};
