/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The server against raw sockets: who may call, how much it takes, and what it does when it goes.
 * */

#include "server/sio-server.h"
#include "sio-error.h"
#include "test-util.h"

typedef struct {
  SioServer *server;
  guint      port;
  GString   *log; /* what the listener heard */
} Fixture;

static void
engine_cb (gpointer data, const char *sid, const char *state, const char *detail)
{
  g_string_append_printf (data, "engine %s %s\n", state, detail);
}

static void
error_cb (gpointer data, const char *where, const char *message)
{
  g_string_append_printf (data, "error %s: %s\n", where, message);
}

static void
set_up_at (Fixture *fixture, const char *host)
{
  SioServerOptions options = SIO_SERVER_DEFAULT_OPTIONS;
  SioServerListener listener = { .engine = engine_cb, .error = error_cb };
  g_autoptr(GError) error = NULL;

  options.host = host;
  fixture->server = sio_server_new (&options, &error);
  g_assert_no_error (error);
  fixture->log = g_string_new (NULL);
  sio_server_set_listener (fixture->server, &listener, fixture->log);
  sio_server_behave_as_engine_echo (fixture->server);
  fixture->port = sio_server_get_port (fixture->server);
  g_assert_cmpuint (fixture->port, >, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_at (fixture, "127.0.0.1");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->server);
  g_string_free (fixture->log, TRUE);
}

/* ---- a raw connection ---- */

typedef struct {
  GSocket  *socket;
  GString  *in;
  gboolean  eof;
} Raw;

static Raw *
raw_connect_to (const char *host, guint port)
{
  Raw *self = g_new0 (Raw, 1);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string (host, port);
  g_autoptr(GError) error = NULL;

  self->socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM,
                               G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_connect (self->socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
  self->in = g_string_new (NULL);
  return self;
}

static Raw *
raw_connect (Fixture *fixture)
{
  return raw_connect_to ("127.0.0.1", fixture->port);
}

static void
raw_free (Raw *self)
{
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_string_free (self->in, TRUE);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Raw, raw_free)

static void
raw_pump (Raw *self)
{
  char buffer[4096];

  for (;;)
    {
      gssize n = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, NULL);

      if (n > 0)
        g_string_append_len (self->in, buffer, n);
      else if (n == 0 || !g_socket_is_connected (self->socket) || errno != EAGAIN)
        self->eof = TRUE;
      if (n <= 0)
        return;
    }
}

static gboolean
raw_has (Raw *self, const char *text)
{
  raw_pump (self);
  return strstr (self->in->str, text) != NULL;
}

static gboolean
raw_is_over (Raw *self)
{
  raw_pump (self);
  return self->eof;
}

/* Returns FALSE if the other side does not take it any more. */
static gboolean
raw_send (Raw *self, const char *data, gsize size)
{
  while (size > 0)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_send (self->socket, data, size, NULL, &error);

      if (n > 0)
        {
          data += n;
          size -= (gsize) n;
        }
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          return FALSE;
        }
      g_main_context_iteration (NULL, FALSE);
    }

  return TRUE;
}

static void
raw_request (Raw *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
raw_request (Raw *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  g_string_truncate (self->in, 0);
  g_assert_true (raw_send (self, text, strlen (text)));
}

/* A tick for conditions that no source of ours wakes up for. */
static gboolean
tick_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

#define WAIT_FOR_RAW(condition)                      \
  G_STMT_START {                                     \
    guint tick_ = g_timeout_add (2, tick_cb, NULL);  \
    WAIT_FOR (condition);                            \
    g_source_remove (tick_);                         \
  } G_STMT_END

#define GET "GET /socket.io/?EIO=4&transport=polling"
#define POST "POST /socket.io/?EIO=4&transport=polling"

static char *
shake_hands (Fixture *fixture, Raw *raw)
{
  const char *sid;

  raw_request (raw, GET " HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", fixture->port);
  WAIT_FOR_RAW (raw_has (raw, "\"maxPayload\":1000000}"));
  g_assert_true (g_str_has_prefix (raw->in->str, "HTTP/1.1 200"));
  sid = strstr (raw->in->str, "\"sid\":\"");
  g_assert_nonnull (sid);
  return g_strndup (sid + 7, 20);
}

/* ---- who may call ---- */

static const char upgrade_headers[] =
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

static void
test_strangers (Fixture *fixture, gconstpointer data)
{
  const struct { const char *host, *origin; gboolean welcome; } callers[] = {
    { "127.0.0.1:%u", NULL, TRUE },
    { "localhost:%u", NULL, TRUE },
    { "LocalHost:%u", NULL, TRUE },
    { "[::1]:%u", NULL, TRUE },
    { "127.0.0.1:%u", "http://127.0.0.1:%u", TRUE },
    { "127.0.0.1:%u", "http://localhost:%u", TRUE },
    { "127.0.0.1", NULL, FALSE },
    { "127.0.0.1:1", NULL, FALSE },
    { "127.0.0.1:0%u", NULL, FALSE },
    { "rebind.evil.test:%u", NULL, FALSE },
    { "127.0.0.1.evil.test:%u", NULL, FALSE },
    { "localhost.evil.test:%u", NULL, FALSE },
    { "127.0.0.1:%u", "http://evil.test", FALSE },
    { "127.0.0.1:%u", "http://evil.test:%u", FALSE },
    { "127.0.0.1:%u", "https://127.0.0.1:%u", FALSE },
    { "127.0.0.1:%u", "http://127.0.0.1:%u/", FALSE },
    { "127.0.0.1:%u", "http://127.0.0.1", FALSE },
    { "127.0.0.1:%u", "null", FALSE },
  };
  g_autofree char *port = g_strdup_printf ("%u", fixture->port);

  for (guint websocket = 0; websocket < 2; websocket++)
    for (guint i = 0; i < G_N_ELEMENTS (callers); i++)
      {
        g_autoptr(Raw) raw = raw_connect (fixture);
        g_autoptr(GString) text = g_string_new (NULL);

        g_string_printf (text, "GET /socket.io/?EIO=4&transport=%s HTTP/1.1\r\nHost: %s\r\n",
                         websocket ? "websocket" : "polling", callers[i].host);
        if (callers[i].origin != NULL)
          g_string_append_printf (text, "Origin: %s\r\n", callers[i].origin);
        if (websocket)
          g_string_append (text, upgrade_headers);
        g_string_append (text, "\r\n");
        g_string_replace (text, "%u", port, 0);

        g_test_message ("%s", text->str);
        raw_request (raw, "%s", text->str);
        WAIT_FOR_RAW (raw_has (raw, "\r\n\r\n"));
        g_test_message ("%s", raw->in->str);
        if (!callers[i].welcome)
          g_assert_true (raw_has (raw, "HTTP/1.1 403") && raw_has (raw, "no-store"));
        else if (websocket)
          g_assert_true (raw_has (raw, "HTTP/1.1 101"));
        else
          g_assert_true (raw_has (raw, "HTTP/1.1 200"));
        g_assert_false (raw_has (raw, "Access-Control"));
      }
}

static void
test_no_host (Fixture *fixture, gconstpointer data)
{
  g_autoptr(Raw) raw = raw_connect (fixture);

  raw_request (raw, GET " HTTP/1.0\r\n\r\n");
  WAIT_FOR_RAW (raw_has (raw, "\r\n\r\n"));
  g_assert_false (raw_has (raw, " 200 "));
  g_assert_cmpstr (fixture->log->str, !=, "");
  g_assert_null (strstr (fixture->log->str, "engine open"));
}

static void
test_wrong_requests (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *request, *status, *body; } cases[] = {
    { "GET /socket.io/?EIO=2&transport=polling", "400", "{\"code\":5,\"message\":\"Unsupported protocol version\"}" },
    { "GET /socket.io/?EIO=4&transport=carrier-pigeon", "400", "{\"code\":0,\"message\":\"Transport unknown\"}" },
    { "GET /socket.io/", "400", "{\"code\":0,\"message\":\"Transport unknown\"}" },
    { "GET /socket.io/?EIO=4&transport=polling&sid=x", "400", "{\"code\":1,\"message\":\"Session ID unknown\"}" },
    { "DELETE /socket.io/?EIO=4&transport=polling", "400", "{\"code\":2,\"message\":\"Bad handshake method\"}" },
    { "GET /socket.io/?EIO=4&transport=websocket", "400", "{\"code\":3,\"message\":\"Bad request\"}" },
    { "GET /socket.io?EIO=4&transport=polling", "404", "Not found" },
    { "GET /", "404", "Not found" },
  };
  g_autoptr(Raw) raw = raw_connect (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *status = g_strdup_printf ("HTTP/1.1 %s", cases[i].status);

      raw_request (raw, "%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", cases[i].request, fixture->port);
      WAIT_FOR_RAW (raw_has (raw, cases[i].body));
      g_assert_true (g_str_has_prefix (raw->in->str, status));
    }
}

/* ---- how much it takes ---- */

static gsize
get_memory_kib (void)
{
  g_autofree char *text = NULL;
  const char *peak;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  peak = strstr (text, "VmHWM:");
  return peak != NULL ? (gsize) g_ascii_strtoull (peak + 6, NULL, 10) : 0;
}

static void
test_large_post (Fixture *fixture, gconstpointer data)
{
  gboolean chunked = data != NULL;
  g_autoptr(Raw) raw = raw_connect (fixture);
  g_autofree char *sid = shake_hands (fixture, raw);
  g_autofree char *piece = g_strnfill (50000, 'x');
  gsize before;

  raw_request (raw, POST "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n\r\n", sid, fixture->port,
               chunked ? "Transfer-Encoding: chunked" : "Content-Length: 40000000");
  before = get_memory_kib ();
  for (guint i = 0; i < 800; i++)
    {
      if (chunked)
        g_assert_true (raw_send (raw, "c350\r\n", 6));
      g_assert_true (raw_send (raw, piece, 50000));
      if (chunked)
        g_assert_true (raw_send (raw, "\r\n", 2));
    }
  if (chunked)
    g_assert_true (raw_send (raw, "0\r\n\r\n", 5));
  WAIT_FOR_RAW (raw_has (raw, "HTTP/1.1 413"));
#ifndef __SANITIZE_ADDRESS__ /* keeps freed memory for a while */
  g_assert_cmpuint (get_memory_kib () - before, <, 16 * 1024);
#else
  (void) before;
#endif
  WAIT_FOR_RAW (raw_is_over (raw));

  /* The session is as it was. */
  {
    g_autoptr(Raw) again = raw_connect (fixture);

    raw_request (again, POST "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 2\r\n\r\n4x",
                 sid, fixture->port);
    WAIT_FOR_RAW (raw_has (again, "\r\n\r\nok"));
  }
}

/* Somebody who goes on and on is cut off. */
static void
test_endless_post (Fixture *fixture, gconstpointer data)
{
  g_autoptr(Raw) raw = raw_connect (fixture);
  g_autofree char *piece = g_strnfill (50000, 'x');
  guint i;

  raw_request (raw, "POST /elsewhere HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 4000000000\r\n\r\n",
               fixture->port);
  for (i = 0; i < 4000 && raw_send (raw, piece, 50000); i++)
    ;
  g_assert_cmpuint (i, <, 4000);
}

static void
test_second_get (Fixture *fixture, gconstpointer data)
{
  g_autoptr(Raw) first = raw_connect (fixture);
  g_autoptr(Raw) second = raw_connect (fixture);
  g_autofree char *sid = shake_hands (fixture, first);

  raw_request (first, GET "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", sid, fixture->port);
  g_assert_false (raw_has (first, "HTTP"));
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  raw_request (second, GET "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", sid, fixture->port);
  WAIT_FOR_RAW (raw_has (first, "\r\n\r\n1") && raw_has (second, "\r\n\r\n"));
  g_assert_true (raw_has (first, "HTTP/1.1 200"));
  g_assert_true (raw_has (second, "HTTP/1.1 400"));
  g_assert_nonnull (strstr (fixture->log->str, "engine closed transport error"));
}

static void
test_second_post (Fixture *fixture, gconstpointer data)
{
  g_autoptr(Raw) poll = raw_connect (fixture);
  g_autoptr(Raw) first = raw_connect (fixture);
  g_autoptr(Raw) second = raw_connect (fixture);
  g_autofree char *sid = shake_hands (fixture, poll);

  raw_request (first, POST "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 5\r\n\r\n4a", sid, fixture->port);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  raw_request (second, POST "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 2\r\n\r\n4b", sid, fixture->port);
  WAIT_FOR_RAW (raw_has (second, "\r\n\r\n"));
  g_assert_true (raw_has (second, "HTTP/1.1 400"));
  WAIT_FOR_RAW (raw_is_over (first));
  g_assert_false (raw_has (first, "HTTP"));
  g_assert_nonnull (strstr (fixture->log->str, "engine closed transport error"));
}

static void
test_broken_post (Fixture *fixture, gconstpointer data)
{
  g_autoptr(Raw) poll = raw_connect (fixture);
  g_autofree char *sid = shake_hands (fixture, poll);

  {
    g_autoptr(Raw) post = raw_connect (fixture);

    raw_request (post, POST "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 5\r\n\r\n4a", sid, fixture->port);
    for (guint i = 0; i < 20; i++)
      g_main_context_iteration (NULL, FALSE);
  }
  WAIT_FOR_RAW (strstr (fixture->log->str, "engine closed transport error") != NULL);
}

static void
test_sixty_four (Fixture *fixture, gconstpointer data)
{
  g_autoptr(Raw) raw = raw_connect (fixture);

  for (guint i = 0; i < 64; i++)
    {
      g_autofree char *sid = shake_hands (fixture, raw);
    }
  raw_request (raw, GET " HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", fixture->port);
  WAIT_FOR_RAW (raw_has (raw, "Too many sessions"));
  g_assert_true (g_str_has_prefix (raw->in->str, "HTTP/1.1 503"));
}

/* Frames in the same segment as the request for the upgrade, before the 101: they wait in libsoup's
 * buffer. */
static void
test_early_frames (Fixture *fixture, gconstpointer data)
{
  static const char frame[] = "\x81\x85\0\0\0\0" "4abcd";
  g_autoptr(Raw) raw = raw_connect (fixture);
  g_autoptr(GString) text = g_string_new (NULL);

  g_string_printf (text, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n",
                   fixture->port, upgrade_headers);
  g_string_append_len (text, frame, sizeof frame - 1);
  g_assert_true (raw_send (raw, text->str, text->len));
  WAIT_FOR_RAW (raw_has (raw, "4abcd"));
}

/* A frame that claims 2^64 - 1 bytes. */
static void
test_huge_frame (Fixture *fixture, gconstpointer data)
{
  static const char frame[] = "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff" "abcd" "xxxx";
  g_autoptr(Raw) raw = raw_connect (fixture);

  raw_request (raw, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n",
               fixture->port, upgrade_headers);
  WAIT_FOR_RAW (raw_has (raw, "maxPayload"));
  g_assert_true (raw_send (raw, frame, sizeof frame - 1));
  WAIT_FOR_RAW (raw_is_over (raw));
  g_assert_nonnull (strstr (fixture->log->str, "engine closed transport error"));
}

/* ---- beginning and end ---- */

static void
test_options (void)
{
  SioServerOptions wrong[] = {
    SIO_SERVER_DEFAULT_OPTIONS, SIO_SERVER_DEFAULT_OPTIONS, SIO_SERVER_DEFAULT_OPTIONS, SIO_SERVER_DEFAULT_OPTIONS,
    SIO_SERVER_DEFAULT_OPTIONS, SIO_SERVER_DEFAULT_OPTIONS, SIO_SERVER_DEFAULT_OPTIONS,
  };

  wrong[0].host = "0.0.0.0";
  wrong[1].host = NULL;
  wrong[2].path = "socket.io";
  wrong[3].port = 65536;
  wrong[4].ping_interval_ms = 0;
  wrong[5].ping_timeout_ms = 86400001;
  wrong[6].max_payload = 0;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (sio_server_new (&wrong[i], &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_port_taken (Fixture *fixture, gconstpointer data)
{
  SioServerOptions options = SIO_SERVER_DEFAULT_OPTIONS;
  g_autoptr(GError) error = NULL;

  options.port = fixture->port;
  g_assert_null (sio_server_new (&options, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

static void
test_close (Fixture *fixture, gconstpointer data)
{
  SioServerOptions options = SIO_SERVER_DEFAULT_OPTIONS;
  g_autoptr(Raw) poll = raw_connect (fixture);
  g_autoptr(Raw) websocket = raw_connect (fixture);
  g_autofree char *sid = shake_hands (fixture, poll);
  g_autoptr(SioServer) second = NULL;
  g_autoptr(GError) error = NULL;

  raw_request (poll, GET "&sid=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", sid, fixture->port);
  raw_request (websocket, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n",
               fixture->port, upgrade_headers);
  WAIT_FOR_RAW (raw_has (websocket, "maxPayload"));

  sio_server_close (fixture->server);
  sio_server_close (fixture->server);
  g_assert_cmpuint (sio_server_get_port (fixture->server), ==, 0);

  /* The port is free at once. */
  options.port = fixture->port;
  second = sio_server_new (&options, &error);
  g_assert_no_error (error);

  WAIT_FOR_RAW (raw_has (poll, "\r\n\r\n1"));
  WAIT_FOR_RAW (raw_has (websocket, "\x88"));
  WAIT_FOR_RAW (raw_is_over (websocket) && raw_is_over (poll));
}

static void
test_ipv6 (void)
{
  static const char * const hosts[] = { "::1", "localhost" };
  g_autoptr(GSocket) probe = g_socket_new (G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("::1", 0);

  if (probe == NULL || !g_socket_bind (probe, any, FALSE, NULL))
    {
      g_test_skip ("no IPv6 here");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      Fixture fixture;

      set_up_at (&fixture, hosts[i]);
      {
        g_autoptr(Raw) raw = raw_connect_to ("::1", fixture.port);
        g_autofree char *sid = shake_hands (&fixture, raw);
      }
      if (i == 1)
        {
          g_autoptr(Raw) raw = raw_connect_to ("127.0.0.1", fixture.port);
          g_autofree char *sid = shake_hands (&fixture, raw);
        }
      tear_down (&fixture, NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, data, body) g_test_add ("/server/" path, Fixture, data, set_up, body, tear_down)
  g_test_add_func ("/server/options", test_options);
  g_test_add_func ("/server/ipv6", test_ipv6);
  ADD ("port-taken", NULL, test_port_taken);
  ADD ("strangers", NULL, test_strangers);
  ADD ("no-host", NULL, test_no_host);
  ADD ("wrong-requests", NULL, test_wrong_requests);
  ADD ("large-post/length", NULL, test_large_post);
  ADD ("large-post/chunked", "chunked", test_large_post);
  ADD ("endless-post", NULL, test_endless_post);
  ADD ("second-get", NULL, test_second_get);
  ADD ("second-post", NULL, test_second_post);
  ADD ("broken-post", NULL, test_broken_post);
  ADD ("sixty-four", NULL, test_sixty_four);
  ADD ("early-frames", NULL, test_early_frames);
  ADD ("huge-frame", NULL, test_huge_frame);
  ADD ("close", NULL, test_close);
#undef ADD

  return g_test_run ();
}
