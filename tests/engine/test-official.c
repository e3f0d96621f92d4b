/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cases of the official engine client's own tests that need a real server, in our words: what a server's limit does, and
 * binary of every way. */

#include "engine-fixture.h"
#include "node-server.h"

static NodeServer *
official_init (Fixture    *fixture,
               const char *transports,
               const char *options)
{
  NodeServer *server = node_server_start ("socket.io-v4", options);

  fixture_init (fixture, transports);
  fixture_open_url (fixture, node_server_get_url (server, "/"));
  WAIT_FOR (fixture->opened || fixture->closed);
  g_assert_no_error (fixture->error);
  g_assert_true (fixture_send (fixture, "0", NULL));
  WAIT_FOR (fixture->n_texts == 1);
  return server;
}

/* maxPayload is 100 bytes of UTF-8, separators and types counted: no POST is larger, and all of it comes back. */
static void
test_merge_text (void)
{
  static const char * const words[] = { "a", "abc", "€€€€€€€€€€", "😀😀😀😀😀", "0123456789012345678901234567890123456789", "z" };
  g_auto (Fixture) fixture;
  g_autoptr (NodeServer) server = official_init (&fixture, "polling", "{\"maxHttpBufferSize\":100}");

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *text = g_strdup_printf ("2[\"echo\",\"%s\"]", words[i]);

      g_assert_true (fixture_send (&fixture, text, NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *line = g_strdup_printf ("text 42[\"echo\",\"%s\"]", words[i]);

      WAIT_FOR (fixture_has (&fixture, line) || fixture.closed);
    }
  g_assert_no_error (fixture.error);
  g_assert_cmpuint (fixture_count_tap (&fixture, "http POST 200"), <, 1 + G_N_ELEMENTS (words)); /* some went together */
  g_assert_cmpuint (fixture_count_tap (&fixture, "http POST 413"), ==, 0);
}

/* The same for binary, which is base64 over polling: 4 bytes for each 3 that were begun. */
static void
test_merge_binary (void)
{
  static const guint sizes[] = { 72, 20, 20, 1, 1, 1 };
  g_auto (Fixture) fixture;
  g_autoptr (NodeServer) server = official_init (&fixture, "polling", "{\"maxHttpBufferSize\":100}");
  g_autoptr (GBytes) header = g_bytes_new_static ("51-[\"echo\",{\"_placeholder\":true,\"num\":0}]", 41);
  guint n_binary = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autofree guint8 *data = g_malloc (sizes[i]);

      memset (data, (int) i, sizes[i]);
      g_ptr_array_add (attachments, g_bytes_new (data, sizes[i]));
      g_assert_true (sio_engine_send (fixture.engine, TRUE, header, attachments, NULL));
    }
  while (n_binary < G_N_ELEMENTS (sizes) && !fixture.closed)
    {
      g_main_context_iteration (NULL, TRUE);
      n_binary = 0;
      for (guint i = 0; i < fixture.log->len; i++)
        n_binary += g_str_has_prefix (fixture.log->pdata[i], "binary ");
    }
  g_assert_no_error (fixture.error);
  g_assert_cmpuint (fixture_count_tap (&fixture, "http POST 413"), ==, 0);
  g_assert_cmpuint (fixture_count_tap (&fixture, "http POST 200"), <, 1 + 2 * G_N_ELEMENTS (sizes));
}

/* A message that is too large alone is sent all the same: the server says what it thinks of it. */
static void
test_too_large_polling (void)
{
  g_auto (Fixture) fixture;
  g_autoptr (NodeServer) server = official_init (&fixture, "polling", "{\"maxHttpBufferSize\":100}");
  g_autofree char *text = g_strnfill (200, 'x');

  g_assert_true (fixture_send (&fixture, text, NULL));
  WAIT_FOR (fixture.closed);
  g_assert_true (fixture_has (&fixture, "closed transport error"));
  g_assert_nonnull (fixture.error);
  g_assert_true (g_error_matches (fixture.error, SIO_ERROR, SIO_ERROR_REFUSED)
                 || g_error_matches (fixture.error, SIO_ERROR, SIO_ERROR_TOO_LARGE));
  fixture_expect_message (&fixture, "413");
  g_assert_cmpuint (fixture_count_tap (&fixture, "http POST 413"), ==, 1);
}

static void
test_too_large_websocket (void)
{
  g_auto (Fixture) fixture;
  g_autoptr (NodeServer) server = official_init (&fixture, "websocket", "{\"maxHttpBufferSize\":100}");
  g_autofree char *text = g_strnfill (200, 'x');

  g_assert_true (fixture_send (&fixture, text, NULL));
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  fixture_expect_message (&fixture, "code 1009");
  g_assert_true (fixture_has_tap (&fixture, "frame in 8 1009")); /* and no reason */
}

/* Binary comes back as it went, also beside text of many bytes, also as base64. */

typedef struct {
  const char *path;
  const char *transports;
  gboolean    force_base64;
} Way;

static const Way ways[] = {
  { "/engine/official/binary/polling", "polling", FALSE },
  { "/engine/official/binary/polling-force-base64", "polling", TRUE },
  { "/engine/official/binary/websocket", "websocket", FALSE },
  { "/engine/official/binary/websocket-force-base64", "websocket", TRUE },
  { "/engine/official/binary/upgrade", "polling,websocket", FALSE },
};

static void
test_binary (gconstpointer data)
{
  const Way *way = data;
  g_auto (Fixture) fixture;
  g_autoptr (NodeServer) server = node_server_start ("socket.io-v4", NULL);
  g_autoptr (GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) header = g_bytes_new_static ("51-[\"echo\",\"cash money €€€ 😀\",{\"_placeholder\":true,\"num\":0}]",
                                                  strlen ("51-[\"echo\",\"cash money €€€ 😀\",{\"_placeholder\":true,\"num\":0}]"));

  fixture_init (&fixture, way->transports);
  sio_options_set_force_base64 (fixture.options, way->force_base64);
  fixture_open_url (&fixture, node_server_get_url (server, "/"));
  WAIT_FOR (fixture.opened);
  if (strchr (way->transports, ',') != NULL)
    WAIT_FOR (fixture_has (&fixture, "upgraded"));
  g_assert_true (fixture_send (&fixture, "0", NULL));
  WAIT_FOR (fixture.n_texts == 1);
  g_ptr_array_add (attachments, g_bytes_new ("\0\1\2\3\4", 5));
  g_assert_true (sio_engine_send (fixture.engine, TRUE, header, attachments, NULL));
  WAIT_FOR (fixture_has (&fixture, "binary AAECAwQ="));
  g_assert_true (fixture_has (&fixture, "text 451-[\"echo\",\"cash money €€€ 😀\",{\"_placeholder\":true,\"num\":0}]"));
  if (g_str_equal (way->transports, "websocket"))
    {
      g_assert_cmpint (fixture_has_tap (&fixture, "frame out 1 bAAECAwQ="), ==, way->force_base64);
      g_assert_cmpint (fixture_has_tap (&fixture, "frame in 1 bAAECAwQ="), ==, way->force_base64);
    }
}

/* The session is not known to who is asked. */
static void
stranger_script (RawConnection *connection,
                 guint          n,
                 gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    if (raw_request_has_parameter (&request, "sid", NULL))
      raw_connection_respond (connection, "400 Bad Request", "Content-Type: application/json\r\n",
                              "{\"code\":1,\"message\":\"Session ID unknown\"}", -1);
    else
      raw_connection_respond (connection, "200 OK", NULL,
                              "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}", -1);
}

static void
test_session_id_unknown (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, stranger_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_UNKNOWN_SESSION);
  fixture_expect_message (&fixture, "HTTP 400 Bad Request: Session ID unknown (code 1)");
}

/* Over WebSocket a server says so when it refuses the handshake, in its own words and as HTML. */
static void
stranger_websocket_script (RawConnection *connection,
                           guint          n,
                           gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request))
    raw_connection_respond (connection, "400 Bad Request", "Connection: close\r\nContent-type: text/html\r\n",
                            "Session ID unknown", -1);
}

static void
test_session_id_unknown_websocket (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  fixture_use_peer (&fixture, stranger_websocket_script, NULL);
  fixture_open (&fixture);
  WAIT_FOR (fixture.closed);
  g_assert_true (fixture_has (&fixture, "closed connect error"));
  g_assert_true (fixture.error->domain == SIO_ERROR);
  fixture_expect_message (&fixture, "HTTP 400 Bad Request");
  g_assert_cmpuint (fixture_count_tap (&fixture, "http GET 400"), ==, 1);
}

/* What was closed takes nothing more. */
static void
test_send_after_close (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, transport);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  sio_engine_close (fixture.engine, "forced close");
  g_assert_false (fixture_send (&fixture, "2[\"too late\"]", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_CLOSED);
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  g_assert_cmpuint (sio_engine_get_progress (fixture.engine).n_handed, ==, 0);
}

static void
test_no_transports (void)
{
  static const char * const none[] = { NULL };
  g_autoptr (SioOptions) options = sio_options_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (sio_options_set_transports (options, none, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (sio_options_get_transports (options)[0]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/official/merge-packets-according-to-max-payload", test_merge_text);
  g_test_add_func ("/engine/official/merge-binary-packets-according-to-max-payload", test_merge_binary);
  g_test_add_func ("/engine/official/packet-above-max-payload/polling", test_too_large_polling);
  g_test_add_func ("/engine/official/packet-above-max-payload/websocket", test_too_large_websocket);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    g_test_add_data_func (ways[i].path, &ways[i], test_binary);
  g_test_add_func ("/engine/official/session-id-unknown/polling", test_session_id_unknown);
  g_test_add_func ("/engine/official/session-id-unknown/websocket", test_session_id_unknown_websocket);
  g_test_add_data_func ("/engine/official/send-after-close/polling", "polling", test_send_after_close);
  g_test_add_data_func ("/engine/official/send-after-close/websocket", "websocket", test_send_after_close);
  g_test_add_func ("/engine/official/no-transports", test_no_transports);

  return g_test_run ();
}
