/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a request looks like: the URI's parts, headers, sub-protocols, where it comes from; and that each transport has its own. */

#include "network-fixture.h"
#include "transport/sio-http-private.h"

#define OPEN "{\"sid\":\"s\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000}"

static char *
dup_uri (const char *text,
         SioOptions *options,
         gboolean    websocket)
{
  static const SioTapHandle nobody = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (SioUrl) url = sio_url_parse (text, &error);
  g_autoptr (SioOptions) own = options != NULL ? g_object_ref (options) : sio_options_new ();
  g_autoptr (SoupMessage) message = NULL;
  SioHttp *http;
  char *uri;

  g_assert_no_error (error);
  if (options == NULL)
    sio_options_set_timestamp_requests (own, FALSE);
  http = sio_http_new (url, own, 4, NULL, &nobody);
  message = sio_http_new_message (http, "GET", websocket, &error);
  g_assert_no_error (error);
  uri = g_uri_to_string (soup_message_get_uri (message));
  sio_http_free (http);
  return uri;
}

static void
check_uri (const char *text,
           gboolean    websocket,
           const char *expected)
{
  g_autofree char *uri = dup_uri (text, NULL, websocket);

  g_assert_cmpstr (uri, ==, expected);
}

/* The official client's cases, by their titles. */

static void
test_uri_http (void)
{
  check_uri ("http://localhost", FALSE, "http://localhost/socket.io/?EIO=4&transport=polling");
}

static void
test_uri_http_without_port (void)
{
  check_uri ("http://localhost:80", FALSE, "http://localhost/socket.io/?EIO=4&transport=polling");
}

static void
test_uri_http_with_port (void)
{
  check_uri ("http://localhost:3000", FALSE, "http://localhost:3000/socket.io/?EIO=4&transport=polling");
}

static void
test_uri_https_without_port (void)
{
  check_uri ("https://localhost", FALSE, "https://localhost/socket.io/?EIO=4&transport=polling");
  check_uri ("https://localhost:443", FALSE, "https://localhost/socket.io/?EIO=4&transport=polling");
}

static void
test_uri_https_with_port (void)
{
  check_uri ("https://localhost:3000", FALSE, "https://localhost:3000/socket.io/?EIO=4&transport=polling");
  /* 80 is not TLS's own */
  check_uri ("https://localhost:80", FALSE, "https://localhost:80/socket.io/?EIO=4&transport=polling");
}

static void
test_uri_ipv6 (void)
{
  check_uri ("http://[::1]", FALSE, "http://[::1]/socket.io/?EIO=4&transport=polling");
  check_uri ("http://[::1]:8080", FALSE, "http://[::1]:8080/socket.io/?EIO=4&transport=polling");
}

static void
test_uri_ws (void)
{
  check_uri ("ws://test", TRUE, "ws://test/socket.io/?EIO=4&transport=websocket");
  check_uri ("ws://test:80", TRUE, "ws://test/socket.io/?EIO=4&transport=websocket");
}

static void
test_uri_wss (void)
{
  check_uri ("wss://test", TRUE, "wss://test/socket.io/?EIO=4&transport=websocket");
}

static void
test_uri_ws_ipv6 (void)
{
  check_uri ("http://[::1]:80", TRUE, "ws://[::1]/socket.io/?EIO=4&transport=websocket");
  check_uri ("http://[::1]:8080", TRUE, "ws://[::1]:8080/socket.io/?EIO=4&transport=websocket");
}

static void
check_timestamp (const char *uri,
                 const char *param)
{
  g_autofree char *pattern = g_strdup_printf ("[?&]%s=[0-9a-z]{8}(&|$)", param);

  if (!g_regex_match_simple (pattern, uri, 0, 0))
    g_error ("no timestamp %s in %s", param, uri);
}

static void
test_uri_timestamps (void)
{
  g_autoptr (SioOptions) options = sio_options_new ();
  g_autofree char *polling = dup_uri ("http://localhost", options, FALSE);
  g_autofree char *websocket = dup_uri ("http://localhost", options, TRUE);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  check_timestamp (polling, "t");
  g_assert_cmpstr (websocket, ==, "ws://localhost/socket.io/?EIO=4&transport=websocket");

  sio_options_set_timestamp_websocket (options, TRUE);
  sio_options_set_timestamp_param (options, "no cache");
  first = dup_uri ("http://localhost", options, TRUE);
  second = dup_uri ("http://localhost", options, TRUE);
  check_timestamp (first, "no%20cache");
  g_assert_cmpstr (first, !=, second);
}

static void
test_add_trailing_slash (void)
{
  static const struct { const char *path; const char *with; const char *without; } cases[] = {
    { "/socket.io/", "http://h/socket.io/?", "http://h/socket.io?" },
    { "/socket.io", "http://h/socket.io/?", "http://h/socket.io?" },
    { "a/b", "http://h/a/b/?", "http://h/a/b?" },
    { "/", "http://h/?", "http://h/?" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioOptions) options = sio_options_new ();
      g_autofree char *with = NULL;
      g_autofree char *without = NULL;

      sio_options_set_path (options, cases[i].path);
      with = dup_uri ("http://h", options, FALSE);
      g_assert_true (g_str_has_prefix (with, cases[i].with));
      sio_options_set_add_trailing_slash (options, FALSE);
      without = dup_uri ("http://h", options, FALSE);
      g_assert_true (g_str_has_prefix (without, cases[i].without));
    }
}

static void
test_revision_and_base64 (void)
{
  static const SioTapHandle nobody = { 0 };
  g_autoptr (SioUrl) url = sio_url_parse ("http://h?EIO=9&a=1", NULL);
  g_autoptr (SioOptions) options = sio_options_new ();
  static const char * const expected[] = { "/socket.io/?a=1&EIO=3&transport=polling&b64=1&sid=x%2F1",
                                           "/socket.io/?a=1&EIO=3&transport=websocket&sid=x%2F1" };
  SioHttp *http;

  sio_options_set_timestamp_requests (options, FALSE);
  http = sio_http_new (url, options, 4, NULL, &nobody);
  g_assert_cmpuint (sio_http_get_eio (http), ==, 4);
  sio_http_set_eio (http, 3);
  sio_http_set_poll_base64 (http, TRUE);
  sio_http_set_sid (http, "x/1");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SoupMessage) message = sio_http_new_message (http, "GET", i == 1, NULL);
      g_autofree char *uri = g_uri_to_string (soup_message_get_uri (message));

      g_assert_true (g_str_has_suffix (uri, expected[i]));
    }
  sio_http_free (http);
}

/* What eio (url) makes of an address. */
static void
test_addresses (void)
{
  static const struct { const char *text; const char *host; guint port; gboolean tls; } cases[] = {
    { "http://localhost", "localhost", 80, FALSE },
    { "https://localhost", "localhost", 443, TRUE },
    { "wss://localhost", "localhost", 443, TRUE },
    { "wss://localhost:2020", "localhost", 2020, TRUE },
    { "localhost", "localhost", 80, FALSE },
    { "localhost:8080", "localhost", 8080, FALSE },
    { "http://[::1]", "::1", 80, FALSE },
    { "http://[::1]:8080", "::1", 8080, FALSE },
    { "[::1]", "::1", 80, FALSE },
    { "https://[::1]:", "::1", 443, TRUE },
    { "[::1]:8080", "::1", 8080, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SioUrl) url = sio_url_parse (cases[i].text, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (url->host, ==, cases[i].host);
      g_assert_cmpuint (url->port, ==, cases[i].port);
      g_assert_cmpint (url->tls, ==, cases[i].tls);
    }
}

/* On the wire */

typedef struct {
  GMutex     mutex;
  GPtrArray *requests; /* of char *: "GET /target\nname: value\n…" */
} Wire;

static void
note_request (Wire       *wire,
              RawRequest *request)
{
  GString *text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer name;
  gpointer value;

  g_string_printf (text, "%s %s\n", request->method, request->target);
  g_hash_table_iter_init (&iter, request->headers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_string_append_printf (text, "%s: %s\n", (char *) name, (char *) value);
  g_mutex_lock (&wire->mutex);
  g_ptr_array_add (wire->requests, g_string_free (text, FALSE));
  g_mutex_unlock (&wire->mutex);
  raw_peer_wake_tests ();
}

static void
wire_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  Wire *wire = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      note_request (wire, &request);
      if (raw_request_get_header (&request, "upgrade") != NULL)
        {
          const char *protocols = raw_request_get_header (&request, "sec-websocket-protocol");

          if (protocols != NULL)
            {
              g_auto (GStrv) offered = g_strsplit (protocols, ",", -1);
              const char *key = raw_request_get_header (&request, "sec-websocket-key");
              g_autofree char *text = g_strconcat (key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", NULL);
              g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
              g_autofree char *accept = NULL;
              guint8 digest[20];
              gsize size = sizeof digest;

              g_checksum_update (sha1, (const guchar *) text, -1);
              g_checksum_get_digest (sha1, digest, &size);
              accept = g_base64_encode (digest, size);
              raw_connection_printf (connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                     "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", accept,
                                     g_strstrip (offered[g_strv_length (offered) - 1]));
            }
          else
            raw_connection_accept_websocket (connection, &request, NULL, 0);
          if (!raw_request_has_parameter (&request, "sid", NULL))
            raw_connection_write_frame (connection, 0x81, "0" OPEN, -1);
          raw_connection_await_end (connection);
          return;
        }
      if (!raw_request_has_parameter (&request, "sid", NULL))
        raw_connection_respond (connection, "200 OK", NULL, "0" OPEN, -1);
      else if (g_str_equal (request.method, "POST"))
        raw_connection_respond (connection, "200 OK", NULL, "ok", -1);
      else
        raw_connection_await_end (connection);
    }
}

static void
wire_init (Wire *self)
{
  memset (self, 0, sizeof *self);
  g_mutex_init (&self->mutex);
  self->requests = g_ptr_array_new_with_free_func (g_free);
}

static void
wire_clear (Wire *self)
{
  g_ptr_array_unref (self->requests);
  g_mutex_clear (&self->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wire, wire_clear)

/* The first request with that beginning and that part, or NULL. Asked until it is there. */
static const char *
wire_find (Wire       *self,
           const char *begin,
           const char *part)
{
  const char *found = NULL;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; found == NULL && i < self->requests->len; i++)
    if (g_str_has_prefix (self->requests->pdata[i], begin) && strstr (self->requests->pdata[i], part) != NULL)
      found = self->requests->pdata[i];
  g_mutex_unlock (&self->mutex);
  return found;
}

static void
open_with_upgrade (Network *network,
                   RawPeer *peer)
{
  g_autofree char *url = raw_peer_dup_url (peer);

  network_open_well (network, url);
  network_send (network, "0");
}

static void
test_extra_headers (void)
{
  static const char * const headers[] = { "X-Custom: my secret", "Cookie: own=1", "Accept-Encoding: gzip", NULL };
  g_auto (Wire) wire;
  g_auto (Network) network;
  g_autoptr (RawPeer) peer = NULL;
  static const struct { const char *begin; const char *part; } kinds[] = {
    { "GET /socket.io/?EIO=4&transport=polling", "" },
    { "POST /", "" },
    { "GET /socket.io/?EIO=4&transport=websocket", "upgrade: " },
  };

  wire_init (&wire);
  peer = raw_peer_new (wire_script, &wire);
  network_init (&network, "polling,websocket");
  g_assert_true (sio_options_set_extra_headers (network.options, headers, NULL));
  open_with_upgrade (&network, peer);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const char *request;

      WAIT_FOR (wire_find (&wire, kinds[i].begin, kinds[i].part) != NULL);
      request = wire_find (&wire, kinds[i].begin, kinds[i].part);
      g_assert_nonnull (strstr (request, "\nx-custom: my secret\n"));
      g_assert_nonnull (strstr (request, "\ncookie: own=1\n"));
      /* nothing that we could not read */
      g_assert_null (strstr (request, "\naccept-encoding: "));
      g_assert_null (strstr (request, "\norigin: "));
      g_assert_null (strstr (request, "\nsec-websocket-extensions: "));
    }
  g_clear_pointer (&network.engine, sio_engine_free);
  g_clear_pointer (&peer, raw_peer_free);
}

static void
test_per_transport (void)
{
  static const char * const headers[] = { "X-For: all", NULL };
  static const char * const own_headers[] = { "X-For: websocket", NULL };
  static const char * const query[] = { "q=polling & all", NULL };
  static const char * const own_query[] = { "q=websocket", NULL };
  static const char * const protocols[] = { "one", "two", NULL };
  g_autoptr (SioOptions) overrides = sio_options_new ();
  g_auto (Wire) wire;
  g_auto (Network) network;
  g_autoptr (RawPeer) peer = NULL;
  const char *request;

  wire_init (&wire);
  peer = raw_peer_new (wire_script, &wire);
  network_init (&network, "polling,websocket");
  g_assert_true (sio_options_set_extra_headers (network.options, headers, NULL));
  sio_options_set_query (network.options, query);
  g_assert_true (sio_options_set_extra_headers (overrides, own_headers, NULL));
  sio_options_set_query (overrides, own_query);
  sio_options_set_path (overrides, "/ws");
  sio_options_set_timestamp_websocket (overrides, TRUE);
  g_assert_true (sio_options_set_protocols (overrides, protocols, NULL));
  sio_options_set_transport_options (network.options, SIO_TRANSPORT_KIND_WEBSOCKET, overrides);

  open_with_upgrade (&network, peer);
  WAIT_FOR (wire_find (&wire, "GET /ws/?q=websocket&EIO=4&transport=websocket&t=", "sid=s") != NULL);
  request = wire_find (&wire, "GET /ws/", "");
  g_assert_nonnull (strstr (request, "\nx-for: websocket\n"));
  g_assert_nonnull (strstr (request, "\nsec-websocket-protocol: one, two\n"));
  WAIT_FOR (wire_find (&wire, "POST /socket.io/?q=polling%20%26%20all&EIO=4&transport=polling&t=", "x-for: all\n") != NULL);
  g_clear_pointer (&network.engine, sio_engine_free);
  g_clear_pointer (&peer, raw_peer_free);
}

/* Offered in order; what the server took is in its headers. */
static void
test_protocols (void)
{
  static const char * const protocols[] = { "one", "two", NULL };
  g_auto (Wire) wire;
  g_auto (Network) network;
  g_autoptr (RawPeer) peer = NULL;
  g_autofree char *url = NULL;

  wire_init (&wire);
  peer = raw_peer_new (wire_script, &wire);
  network_init (&network, "websocket");
  g_assert_true (sio_options_set_protocols (network.options, protocols, NULL));
  url = raw_peer_dup_url (peer);
  network_open_well (&network, url);
  g_assert_nonnull (strstr (network_get_exchange (&network, 0)->request_headers, "Sec-WebSocket-Protocol: one, two\r\n"));
  g_assert_nonnull (strstr (network_get_exchange (&network, 0)->response_headers, "Sec-WebSocket-Protocol: two\r\n"));
  g_clear_pointer (&network.engine, sio_engine_free);
  g_clear_pointer (&peer, raw_peer_free);
}

static void
address_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request))
    raw_connection_respond (connection, "404 Not Found", NULL, "", 0);
}

/* 127.0.0.0/8 is all this machine's; one from elsewhere cannot be had. */
static void
test_local_address (gconstpointer transport)
{
  g_autoptr (RawPeer) peer = raw_peer_new (address_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_auto (Network) network;

  network_init (&network, transport);
  g_assert_true (sio_options_set_local_address (network.options, "127.0.0.7", NULL));
  network_expect_failure (&network, url, SIO_ERROR_NOT_SOCKET_IO, "404", NULL);
  g_assert_true (sio_options_set_local_address (network.options, "192.0.2.7", NULL));
  network_expect_failure (&network, url, SIO_ERROR_UNREACHABLE, "192.0.2.7", "local-address", NULL);
}

/* Each poll of its own, also the one that waits for the server to say something. */
static void
test_request_timeout (void)
{
  g_auto (Wire) wire;
  g_auto (Network) network;
  g_autoptr (RawPeer) peer = NULL;
  g_autofree char *url = NULL;

  wire_init (&wire);
  peer = raw_peer_new (wire_script, &wire);
  network_init (&network, "polling");
  sio_options_set_request_timeout_ms (network.options, 300);
  url = raw_peer_dup_url (peer);
  network_open_well (&network, url);
  WAIT_FOR (network.closed);
  g_assert_cmpstr (network.reason, ==, "transport error");
  g_assert_error (network.error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  network_expect_part (&network, "the GET was not answered in time (300 ms), while waiting for the answer of 127.0.0.1:");
  g_clear_pointer (&network.engine, sio_engine_free);
  g_clear_pointer (&peer, raw_peer_free);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/requests/uri/http", test_uri_http);
  g_test_add_func ("/requests/uri/http-without-port", test_uri_http_without_port);
  g_test_add_func ("/requests/uri/http-with-port", test_uri_http_with_port);
  g_test_add_func ("/requests/uri/https-without-port", test_uri_https_without_port);
  g_test_add_func ("/requests/uri/https-with-port", test_uri_https_with_port);
  g_test_add_func ("/requests/uri/timestamps", test_uri_timestamps);
  g_test_add_func ("/requests/uri/ipv6", test_uri_ipv6);
  g_test_add_func ("/requests/uri/ws", test_uri_ws);
  g_test_add_func ("/requests/uri/wss", test_uri_wss);
  g_test_add_func ("/requests/uri/ws-ipv6", test_uri_ws_ipv6);
  g_test_add_func ("/requests/uri/add-trailing-slash", test_add_trailing_slash);
  g_test_add_func ("/requests/uri/revision-base64-sid", test_revision_and_base64);
  g_test_add_func ("/requests/addresses", test_addresses);
  g_test_add_func ("/requests/extra-headers-on-all-kinds", test_extra_headers);
  g_test_add_func ("/requests/options-of-one-transport", test_per_transport);
  g_test_add_func ("/requests/protocols", test_protocols);
  g_test_add_data_func ("/requests/polling/local-address", "polling", test_local_address);
  g_test_add_data_func ("/requests/websocket/local-address", "websocket", test_local_address);
  g_test_add_func ("/requests/request-timeout", test_request_timeout);

  return g_test_run ();
}
