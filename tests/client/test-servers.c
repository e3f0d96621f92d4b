/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Namespaces, refusals and parsers against the real servers: 2.5 with its implicit "/" and its queries, 3.1, 4.8, and 4.8 as it serves
 * clients 2.x; with JSON and with msgpack. */

#include "client-fixture.h"
#include "node-server.h"

typedef struct {
  const char *name;
  const char *module;
  const char *options; /* of the server */
  guint       speak;   /* the client's option "server" */
  guint       eio;     /* what is spoken then */
  gboolean    msgpack;
  const char *transport; /* "upgrade": polling first */
} Case;

typedef struct {
  const Case *which;
  NodeServer *server;
  SioOptions *options;
  SioManager *manager;
  SioSocket  *socket;
  TapLog     *tap;
  Heard      *heard;
} Fixture;

static void
fixture_clear (Fixture *self)
{
  sio_manager_close (self->manager);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  g_assert_finalize_object (self->manager);
  g_assert_finalize_object (self->options);
  g_assert_finalize_object (self->tap);
  heard_free (self->heard);
  node_server_stop (self->server);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
fixture_init (Fixture    *self,
              const Case *which)
{
  g_autoptr(GError) error = NULL;
  gboolean upgrade = g_str_equal (which->transport, "upgrade");

  self->which = which;
  self->server = node_server_start (which->module, which->options);
  self->options = sio_options_new ();
  sio_options_set_transports (self->options, (const char * const[]) { upgrade ? "polling" : which->transport,
                                                                      upgrade ? "websocket" : NULL, NULL }, &error);
  g_assert_no_error (error);
  sio_options_set_server (self->options, which->speak, &error);
  g_assert_no_error (error);
  sio_options_set_reconnection_delay_ms (self->options, 60000);
  sio_options_set_reconnection_delay_max_ms (self->options, 60000);
  if (which->msgpack)
    {
      g_autoptr(SioParser) parser = sio_msgpack_parser_new ();

      sio_options_set_parser (self->options, parser);
    }
  self->manager = sio_manager_new (node_server_get_url (self->server, ""), self->options, &error);
  g_assert_no_error (error);
  self->tap = tap_log_new ();
  sio_manager_set_tap (self->manager, SIO_TAP (self->tap));
  self->heard = heard_new ();
  self->socket = sio_manager_get_socket (self->manager, "/", NULL);
  heard_watch_socket (self->heard, self->socket);
}

static SioSocket *
get_socket (Fixture    *self,
            const char *nsp)
{
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, NULL);

  heard_watch_socket (self->heard, socket);
  return socket;
}

static void
emit_json (SioSocket  *socket,
           const char *event,
           const char *json)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GError) error = NULL;

  sio_arguments_add_json (args, json, -1, TRUE, &error);
  g_assert_no_error (error);
  sio_socket_emit (socket, event, args, NULL, &error);
  g_assert_no_error (error);
}

/* "/" and another, ids, events with binary data both ways, answers both ways, leaving and coming back, a lost connection. */
static void
test_life (gconstpointer data)
{
  g_auto(Fixture) self = { 0 };
  gboolean legacy = ((const Case *) data)->eio == 3;
  g_autofree char *id = NULL;
  SioSocket *admin;

  fixture_init (&self, data);
  admin = get_socket (&self, "/admin");
  sio_socket_connect (self.socket);
  sio_socket_connect (admin);
  WAIT_FOR (sio_socket_get_connected (self.socket) && sio_socket_get_connected (admin));
  g_assert_cmpuint (sio_manager_get_revision (self.manager), ==, self.which->eio);
  id = g_strconcat ("/admin#", sio_socket_get_id (self.socket), NULL);
  g_assert_cmpint (g_str_equal (sio_socket_get_id (admin), id), ==, legacy);

  heard_clear (self.heard);
  emit_json (self.socket, "echo", "[1,\"é\",{\"$binary\":\"AAEC\"}]");
  WAIT_FOR (heard_find (self.heard, "socket echo:[[1,\"é\",{\"_placeholder\":true,\"num\":0}]]") != NULL);
  emit_json (admin, "ask", "\"why\"");
  WAIT_FOR (heard_count (self.heard, "socket/admin question:[\"why\"]") == 1);
  {
    g_autoptr(SioArguments) args = sio_arguments_new ();
    g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);

    sio_arguments_add_binary (args, bytes);
    g_assert_true (sio_socket_reply (admin, self.heard->last_ack_id, args, 0, NULL));
  }
  WAIT_FOR (heard_count (self.heard, "socket/admin answer:[{\"$bin\":\"78\"}]") == 1);

  sio_socket_disconnect (admin);
  sio_socket_connect (admin);
  WAIT_FOR (sio_socket_get_connected (admin));
  emit_json (admin, "echo", "2");
  WAIT_FOR (heard_count (self.heard, "socket/admin echo:[2]") == 1);

  sio_manager_cut (self.manager);
  WAIT_FOR (sio_manager_get_state (self.manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_reconnect_now (self.manager);
  WAIT_FOR (sio_socket_get_connected (self.socket) && sio_socket_get_connected (admin));
  g_assert_cmpuint (sio_manager_get_revision (self.manager), ==, self.which->eio);
  emit_json (self.socket, "echo", "3");
  WAIT_FOR (heard_count (self.heard, "socket echo:[3]") == 1);
  if (legacy)
    g_assert_false (g_str_has_suffix (id, sio_socket_get_id (self.socket)));

  /* sent away from one: the other stays */
  g_assert_true (sio_socket_emit (admin, "kick", NULL, NULL, NULL));
  WAIT_FOR (heard_count (self.heard, "socket/admin disconnect:io server disconnect") == 1);
  g_assert_false (sio_socket_get_active (admin));
  g_assert_true (sio_socket_get_connected (self.socket));
  g_assert_cmpuint (tap_log_count (self.tap, "error packet"), ==, 0);
}

/* "/" is left while another stays, and joined again. */
static void
test_root_again (gconstpointer data)
{
  g_auto(Fixture) self = { 0 };
  SioSocket *admin;

  fixture_init (&self, data);
  admin = get_socket (&self, "/admin");
  sio_socket_connect (self.socket);
  sio_socket_connect (admin);
  WAIT_FOR (sio_socket_get_connected (self.socket) && sio_socket_get_connected (admin));
  sio_socket_disconnect (self.socket);
  sio_socket_connect (self.socket);
  WAIT_FOR (sio_socket_get_connected (self.socket));
  emit_json (self.socket, "echo", "1");
  WAIT_FOR (heard_count (self.heard, "socket echo:[1]") == 1);
  g_assert_true (sio_socket_get_connected (admin));
}

/* Only another namespace is asked for. */
static void
test_without_root (gconstpointer data)
{
  g_auto(Fixture) self = { 0 };
  SioSocket *admin;

  fixture_init (&self, data);
  admin = get_socket (&self, "/admin");
  sio_socket_connect (admin);
  WAIT_FOR (sio_socket_get_connected (admin));
  emit_json (admin, "echo", "1");
  WAIT_FOR (heard_count (self.heard, "socket/admin echo:[1]") == 1);
  g_assert_cmpuint (tap_log_count (self.tap, "error"), ==, 0);
}

/* /auth wants a token; and there is none of that name. */
static void
test_refusals (gconstpointer data)
{
  g_auto(Fixture) self = { 0 };
  gboolean legacy = ((const Case *) data)->eio == 3;
  SioSocket *guarded;
  SioSocket *nowhere;

  fixture_init (&self, data);
  guarded = get_socket (&self, "/auth");
  nowhere = get_socket (&self, "/nowhere");
  sio_socket_connect (self.socket);
  sio_socket_connect (guarded);
  sio_socket_connect (nowhere);
  WAIT_FOR (heard_find (self.heard, "socket/auth connect_error:") != NULL);
  WAIT_FOR (heard_count (self.heard, "socket/nowhere connect_error:Invalid namespace") == 1);
  WAIT_FOR (sio_socket_get_connected (self.socket));
  g_assert_nonnull (strstr (heard_find (self.heard, "socket/auth connect_error:"), "\"code\":401"));
  g_assert_cmpint (sio_socket_get_active (guarded), ==, legacy);
  g_assert_cmpint (sio_socket_get_active (nowhere), ==, legacy);

  /* with the token: 2.x takes it from the query, later ones from auth */
  sio_socket_set_query (guarded, (const char * const[]) { "token=secret", NULL });
  sio_socket_set_auth (guarded, "{\"token\":\"secret\"}", NULL);
  sio_socket_connect (guarded);
  WAIT_FOR (sio_socket_get_connected (guarded));
  emit_json (guarded, "echo", "1");
  WAIT_FOR (heard_count (self.heard, "socket/auth echo:[1]") == 1);
  g_assert_true (sio_socket_get_connected (self.socket));
}

static void
add (const char    *name,
     const Case    *which,
     GTestDataFunc  body)
{
  g_autofree char *path = g_strdup_printf ("/client/servers/%s/%s/%s/%s", which->name, which->msgpack ? "msgpack" : "json",
                                           which->transport, name);

  g_test_add_data_func_full (path, g_memdup2 (which, sizeof *which), body, g_free);
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *name; const char *module; const char *json; const char *msgpack; guint speak; guint eio; } servers[] = {
    { "2.5", "socket.io-v2", NULL, "{\"parser\":\"msgpack\"}", 0, 3 },
    { "2.5-asked-for", "socket.io-v2", NULL, "{\"parser\":\"msgpack\"}", 2, 3 },
    { "3.1", "socket.io-v3", NULL, "{\"parser\":\"msgpack\"}", 0, 4 },
    { "4.8", "socket.io-v4", NULL, "{\"parser\":\"msgpack\"}", 0, 4 },
    { "4.8-as-2", "socket.io-v4", "{\"allowEIO3\":true}", NULL, 2, 3 },
  };
  static const char *transports[] = { "polling", "websocket", "upgrade" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    for (guint msgpack = 0; msgpack < 2; msgpack++)
      for (guint j = 0; j < G_N_ELEMENTS (transports); j++)
        {
          Case which = { servers[i].name, servers[i].module, msgpack ? servers[i].msgpack : servers[i].json,
                         servers[i].speak, servers[i].eio, msgpack, transports[j] };

          if (msgpack && servers[i].msgpack == NULL)
            continue; /* its parser is the one of 4.8, which a client 2.x cannot speak */
          add ("life", &which, test_life);
          if (msgpack || j == 2)
            continue;
          add ("without-root", &which, test_without_root);
          add ("root-again", &which, test_root_again);
          add ("refusals", &which, test_refusals);
        }

  return g_test_run ();
}
