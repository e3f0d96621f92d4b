/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine alone against real servers: socket.io 2.5, 3.1 and 4.8. What namespaces say is written here by hand. */

#include "engine-fixture.h"
#include "node-server.h"

typedef struct {
  const char *path;
  const char *module;
  const char *options;    /* of the server; short intervals, so that heartbeats are seen */
  guint       server;     /* the option; 0: to be found out */
  const char *transports;
  guint       eio;
  const char *how;        /* a part of it; NULL: nobody had to find out */
} Case;

#define FAST "\"pingInterval\":150,\"pingTimeout\":5000"
/* nothing comes from this one until well after the time in which a server 2.x would have spoken */
#define SLOW "\"pingInterval\":2500,\"pingTimeout\":5000"
#define LENGTH "begins with a length"
#define FIRST "spoke first"
#define PACKET "begins with a packet"
#define SILENT "did not speak first"
#define PAYLOAD "maxPayload"

static const Case cases[] = {
  { "2.5/polling",           "socket.io-v2", "{" FAST "}", 0, "polling",           3, LENGTH },
  { "2.5/websocket",         "socket.io-v2", "{" FAST "}", 0, "websocket",         3, FIRST },
  { "2.5/upgrade",           "socket.io-v2", "{" FAST "}", 0, "polling,websocket", 3, LENGTH },
  { "2.5/asked/polling",     "socket.io-v2", "{" FAST "}", 2, "polling",           3, NULL },
  { "2.5/asked/websocket",   "socket.io-v2", "{" FAST "}", 2, "websocket",         3, NULL },
  { "3.1/polling",           "socket.io-v3", "{" FAST "}", 0, "polling",           4, PACKET },
  { "3.1/websocket",         "socket.io-v3", "{" SLOW "}", 0, "websocket",         4, SILENT },
  { "3.1/upgrade",           "socket.io-v3", "{" FAST "}", 0, "polling,websocket", 4, PACKET },
  { "3.1/asked/websocket",   "socket.io-v3", "{" FAST "}", 3, "websocket",         4, NULL },
  { "3.1/allow-eio3/polling",   "socket.io-v3", "{\"allowEIO3\":true," FAST "}", 2, "polling",           3, NULL },
  { "3.1/allow-eio3/websocket", "socket.io-v3", "{\"allowEIO3\":true," FAST "}", 2, "websocket",         3, NULL },
  { "4.8/polling",           "socket.io-v4", "{" FAST "}", 0, "polling",           4, PAYLOAD },
  { "4.8/websocket",         "socket.io-v4", "{" FAST "}", 0, "websocket",         4, PAYLOAD },
  { "4.8/upgrade",           "socket.io-v4", "{" FAST "}", 0, "polling,websocket", 4, PAYLOAD },
  { "4.8/asked/upgrade",     "socket.io-v4", "{" FAST "}", 4, "polling,websocket", 4, NULL },
  { "4.8/allow-eio3/auto",      "socket.io-v4", "{\"allowEIO3\":true," FAST "}", 0, "polling,websocket", 4, PAYLOAD },
  { "4.8/allow-eio3/polling",   "socket.io-v4", "{\"allowEIO3\":true," FAST "}", 2, "polling",           3, NULL },
  { "4.8/allow-eio3/websocket", "socket.io-v4", "{\"allowEIO3\":true," FAST "}", 2, "websocket",         3, NULL },
  { "4.8/allow-eio3/upgrade",   "socket.io-v4", "{\"allowEIO3\":true," FAST "}", 2, "polling,websocket", 3, NULL },
};

static void
servers_init (Fixture    *fixture,
              const char *transports,
              guint       server)
{
  fixture_init (fixture, transports);
  g_assert_true (sio_options_set_server (fixture->options, server, NULL));
}

/* In Engine.IO 3 the server joins us to the namespace by itself. */
static void
join (Fixture *fixture)
{
  if (fixture->eio == 4)
    g_assert_true (fixture_send (fixture, "0", NULL));
  while (fixture->n_texts == 0 && !fixture->closed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_str_has_prefix (fixture->log->pdata[1], fixture->eio == 4 ? "text 40{\"sid\":" : "text 40"));
}

static void
expect_echo (Fixture *fixture)
{
  g_autoptr (GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) header = g_bytes_new_static ("51-[\"echo\",{\"_placeholder\":true,\"num\":0}]", 41);

  g_assert_true (fixture_send (fixture, "2[\"echo\",\"€ 😀 utf8 \\u0000\"]", NULL));
  g_ptr_array_add (attachments, g_bytes_new ("\0\1\2\377", 4));
  g_assert_true (sio_engine_send (fixture->engine, TRUE, header, attachments, NULL));
  WAIT_FOR (fixture_has (fixture, "binary AAEC/w==") || fixture->closed);
  g_assert_false (fixture->closed);
  g_assert_true (fixture_has (fixture, "text 42[\"echo\",\"€ 😀 utf8 \\u0000\"]"));
  g_assert_true (fixture_has (fixture, "text 451-[\"echo\",{\"_placeholder\":true,\"num\":0}]"));
}

static void
test_session (gconstpointer data)
{
  const Case *this = data;
  g_auto (Fixture) fixture;
  g_autoptr (NodeServer) server = node_server_start (this->module, this->options);
  gboolean upgrades = strchr (this->transports, ',') != NULL;

  servers_init (&fixture, this->transports, this->server);
  fixture_open_url (&fixture, node_server_get_url (server, "/"));
  WAIT_FOR (fixture.opened || fixture.closed);
  g_assert_no_error (fixture.error);
  g_assert_cmpuint (fixture.eio, ==, this->eio);
  if (this->how == NULL)
    g_assert_null (fixture.how);
  else
    g_assert_nonnull (strstr (fixture.how, this->how));

  join (&fixture);
  expect_echo (&fixture); /* over polling, or while the transports change */
  if (upgrades)
    {
      WAIT_FOR (fixture_has (&fixture, "upgraded"));
      g_ptr_array_set_size (fixture.log, 1);
      expect_echo (&fixture);
    }
  WAIT_FOR ((this->eio == 3 ? fixture.n_pongs : fixture.n_pings) >= (strstr (this->options, FAST) != NULL ? 3 : 1));
  g_assert_false (fixture.closed);
  g_assert_cmpuint (fixture_count_tap (&fixture, "error "), ==, 0);
  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
}

/* Asked for by the options, and it is another one: said clearly, before any session. */
static void
test_wrong_server (void)
{
  static const struct { const char *module; guint server; const char *transports; const char *reason; const char *message; } wrong[] = {
    { "socket.io-v2", 4, "polling",   "connect error", "the server speaks Engine.IO 3, which is Socket.IO 2" },
    { "socket.io-v2", 3, "polling",   "connect error", "set it to 2" },
    { "socket.io-v3", 2, "polling",   "connect error", "does not take Engine.IO 3" },
    { "socket.io-v3", 2, "websocket", "timeout",       "does not take Engine.IO 3" },
    { "socket.io-v4", 2, "polling",   "connect error", "Unsupported protocol version (code 5)" },
    { "socket.io-v4", 2, "websocket", "connect error", "does not take Engine.IO 3" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Fixture) fixture;
      g_autoptr (NodeServer) server = node_server_start (wrong[i].module, NULL);

      servers_init (&fixture, wrong[i].transports, wrong[i].server);
      if (g_str_equal (wrong[i].reason, "timeout"))
        sio_options_set_timeout_ms (fixture.options, 1000);
      fixture_open_url (&fixture, node_server_get_url (server, "/"));
      WAIT_FOR (fixture.closed);
      g_test_message ("%s", fixture.error->message);
      fixture_expect_closed (&fixture, wrong[i].reason, SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION);
      fixture_expect_message (&fixture, wrong[i].message);
      g_assert_false (fixture.opened);
    }
}

/* The server was replaced by a newer one: the same attempt finds that out. */
static void
test_replaced_server (gconstpointer transports)
{
  g_auto (Fixture) fixture;
  g_autoptr (NodeServer) server = node_server_start ("socket.io-v4", NULL);

  servers_init (&fixture, transports, 0);
  fixture.memory.revision = 3;
  fixture_open_url (&fixture, node_server_get_url (server, "/"));
  WAIT_FOR (fixture.opened || fixture.closed);
  g_assert_no_error (fixture.error);
  g_assert_cmpuint (fixture.eio, ==, 4);
  g_assert_nonnull (strstr (fixture.how, "asked again, for 4"));
  join (&fixture);
  expect_echo (&fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/servers/", cases[i].path, NULL);

      g_test_add_data_func (path, &cases[i], test_session);
    }
  g_test_add_func ("/engine/servers/wrong", test_wrong_server);
  g_test_add_data_func ("/engine/servers/replaced/polling", "polling", test_replaced_server);
  g_test_add_data_func ("/engine/servers/replaced/websocket", "websocket", test_replaced_server);

  return g_test_run ();
}
