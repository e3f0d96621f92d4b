/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ways in which no connection comes about, in words: names, addresses, deadlines and their phase, servers that are something
 * else, headers without end. */

#include "network-fixture.h"
#include "transport/sio-network-error.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A resolver that does what a test says. */

#define TYPE_TEST_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver {
  GResolver   parent_instance;

  const char *addresses; /* "127.0.0.2 127.0.0.1"; NULL: error */
  int         error;     /* -1: never answers */
  guint       n_lookups;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  g_autoptr (GTask) task = data;

  g_task_return_error_if_cancelled (task);
}

static void
test_resolver_lookup_async (GResolver                *resolver,
                            const char               *name,
                            GResolverNameLookupFlags  flags,
                            GCancellable             *cancellable,
                            GAsyncReadyCallback       callback,
                            gpointer                  data)
{
  TestResolver *self = TEST_RESOLVER (resolver);
  GTask *task = g_task_new (self, cancellable, callback, data);

  self->n_lookups++;
  if (self->addresses != NULL && (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) == 0)
    {
      g_auto (GStrv) parts = g_strsplit (self->addresses, " ", -1);
      GList *list = NULL;

      for (guint i = g_strv_length (parts); i-- > 0;)
        list = g_list_prepend (list, g_inet_address_new_from_string (parts[i]));
      g_task_return_pointer (task, list, (GDestroyNotify) g_resolver_free_addresses);
    }
  else if (self->error >= 0)
    g_task_return_new_error (task, G_RESOLVER_ERROR, self->error, "said by the test about %s", name);
  else
    {
      g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), task, NULL);
      return;
    }
  g_object_unref (task);
}

static GList *
test_resolver_lookup_finish (GResolver     *resolver,
                             GAsyncResult  *result,
                             GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name_with_flags_async = test_resolver_lookup_async;
  G_RESOLVER_CLASS (klass)->lookup_by_name_with_flags_finish = test_resolver_lookup_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* Until the end of the scope the program asks this one. */
static TestResolver *
use_resolver (const char *addresses,
              int         error)
{
  TestResolver *self = g_object_new (TYPE_TEST_RESOLVER, NULL);

  self->addresses = addresses;
  self->error = error;
  g_resolver_set_default (G_RESOLVER (self));
  return self;
}

static GResolver *real_resolver;

static void
stop_using_resolver (TestResolver *self)
{
  g_resolver_set_default (real_resolver);
  g_object_unref (self);
}

typedef TestResolver ResolverInUse;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ResolverInUse, stop_using_resolver)

/* Names */

static void
test_unknown_name (gconstpointer transport)
{
  g_autoptr (ResolverInUse) resolver = NULL;
  g_auto (Network) network;

  network_init (&network, transport);
  /* the machine's own resolver: a name that RFC 6761 promises never to be */
  network_open (&network, "http://no-such-host.invalid:3000/");
  WAIT_FOR (network.closed);
  g_assert_error (network.error, SIO_ERROR, SIO_ERROR_UNREACHABLE);
  network_expect_part (&network, "no-such-host.invalid");

  resolver = use_resolver (NULL, G_RESOLVER_ERROR_NOT_FOUND);
  network_expect_failure (&network, "http://some.where/", SIO_ERROR_UNREACHABLE,
                          "the name \"some.where\" is not known: is it spelled right? (", "said by the test", NULL);
  g_assert_cmpuint (network_get_exchange (&network, 0)->status, ==, 0);
  g_assert_error (network_get_exchange (&network, 0)->error, SIO_ERROR, SIO_ERROR_UNREACHABLE);
}

static void
accept_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request))
    raw_connection_respond (connection, "418 Teapot", NULL, "short and stout", -1);
}

/* And then it answers again: nothing remembers the failure. */
static void
test_resolver_recovers (gconstpointer transport)
{
  g_autoptr (ResolverInUse) resolver = use_resolver (NULL, G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  g_autoptr (RawPeer) peer = raw_peer_new (accept_script, NULL);
  g_autofree char *url = g_strdup_printf ("http://some.where:%u/", raw_peer_get_port (peer));
  g_auto (Network) network;

  network_init (&network, transport);
  network_expect_failure (&network, url, SIO_ERROR_UNREACHABLE, "no name server answers for \"some.where\"", NULL);
  resolver->addresses = "127.0.0.1";
  network_expect_failure (&network, url, SIO_ERROR_REFUSED, "HTTP 418", NULL);
}

static void
test_resolver_hangs (gconstpointer transport)
{
  g_autoptr (ResolverInUse) resolver = use_resolver (NULL, -1);
  g_auto (Network) network;

  network_init (&network, transport);
  sio_options_set_timeout_ms (network.options, 300);
  network_expect_failure (&network, "http://some.where/", SIO_ERROR_TIMED_OUT,
                          "no open packet came within 300 ms, while looking up the name some.where", NULL);
  g_assert_cmpstr (network.reason, ==, "timeout");
}

/* Connecting */

static void
test_refused (gconstpointer transport)
{
  g_autoptr (RawPeer) peer = raw_peer_new (accept_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_autofree char *words = g_strdup_printf ("nothing listens at 127.0.0.1:%u: is the server running, is the port right? (",
                                            raw_peer_get_port (peer));
  g_auto (Network) network;

  g_clear_pointer (&peer, raw_peer_free);
  network_init (&network, transport);
  network_expect_failure (&network, url, SIO_ERROR_UNREACHABLE, words, "Connection refused", NULL);
}

/* Listens, and what the kernel takes for it is used up: who comes now gets no answer. */
typedef struct {
  int fds[4];
} FullListener;

static void
full_listener_clear (FullListener *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->fds); i++)
    close (self->fds[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FullListener, full_listener_clear)

static void
full_listener_init (FullListener *self,
                    guint32       host,
                    guint16      *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (*port), .sin_addr = { htonl (host) } };
  socklen_t size = sizeof address;

  self->fds[0] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (self->fds[0], (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (self->fds[0], 0), ==, 0);
  g_assert_cmpint (getsockname (self->fds[0], (struct sockaddr *) &address, &size), ==, 0);
  for (guint i = 1; i < G_N_ELEMENTS (self->fds); i++)
    {
      self->fds[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      connect (self->fds[i], (struct sockaddr *) &address, size);
    }
  *port = ntohs (address.sin_port);
}

static void
test_connect_hangs (gconstpointer transport)
{
  g_auto (FullListener) listener;
  g_autofree char *url = NULL;
  g_auto (Network) network;
  guint16 port = 0;

  full_listener_init (&listener, INADDR_LOOPBACK, &port);
  url = g_strdup_printf ("http://127.0.0.1:%u/", port);
  network_init (&network, transport);
  sio_options_set_timeout_ms (network.options, 300);
  network_expect_failure (&network, url, SIO_ERROR_TIMED_OUT, "while connecting to 127.0.0.1:", NULL);
}

/* The first address does not answer; the second one is tried before anybody loses patience. RFC 8305. */
static void
test_second_address (gconstpointer transport)
{
  g_autoptr (ResolverInUse) resolver = use_resolver ("127.0.0.2 127.0.0.1", G_RESOLVER_ERROR_NOT_FOUND);
  g_autoptr (RawPeer) peer = raw_peer_new (accept_script, NULL);
  g_autofree char *url = g_strdup_printf ("http://some.where:%u/", raw_peer_get_port (peer));
  g_auto (FullListener) listener;
  g_auto (Network) network;
  guint16 port = (guint16) raw_peer_get_port (peer);
  gint64 start = g_get_monotonic_time ();

  full_listener_init (&listener, INADDR_LOOPBACK + 1, &port);
  network_init (&network, transport);
  network_expect_failure (&network, url, SIO_ERROR_REFUSED, "HTTP 418", NULL);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

/* Phases after that */

static void
silent_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  raw_connection_await_end (connection);
}

static void
test_tls_hangs (gconstpointer transport)
{
  g_autoptr (RawPeer) peer = raw_peer_new (silent_script, NULL);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/", raw_peer_get_port (peer));
  g_auto (Network) network;

  network_init (&network, transport);
  sio_options_set_timeout_ms (network.options, 300);
  network_expect_failure (&network, url, SIO_ERROR_TIMED_OUT, "while in the TLS handshake with 127.0.0.1:", NULL);
}

typedef struct {
  const char *begin;
  const char *drip;
} Drip;

static void
drip_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  const Drip *drip = data;
  g_auto (RawRequest) request = { 0 };

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_connection_write (connection, drip->begin, -1);
  while (raw_connection_write (connection, drip->drip, -1) && raw_connection_sleep (connection, 20))
    ;
}

static void
test_drips (gconstpointer transport)
{
  static const struct { Drip drip; const char *words; gboolean polling_only; } cases[] = {
    { { "", "" }, "while waiting for the answer of 127.0.0.1:", FALSE },
    { { "HTTP/1.1 2", "0" }, "while waiting for the answer of 127.0.0.1:", FALSE },
    { { "HTTP/1.1 200 OK\r\nX-Drip: ", "x" }, "while waiting for the answer of 127.0.0.1:", FALSE },
    { { "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n0{", " " }, "while reading the answer of 127.0.0.1:", TRUE },
    { { "HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\nno", " " }, "while reading the answer of 127.0.0.1:", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RawPeer) peer = NULL;
      g_autofree char *url = NULL;
      g_auto (Network) network;

      if (cases[i].polling_only && g_str_equal (transport, "websocket"))
        {
          network_init (&network, transport);
          continue;
        }
      peer = raw_peer_new (drip_script, (gpointer) &cases[i].drip);
      url = raw_peer_dup_url (peer);
      network_init (&network, transport);
      sio_options_set_timeout_ms (network.options, 300);
      network_expect_failure (&network, url, SIO_ERROR_TIMED_OUT, cases[i].words, NULL);
      g_assert_error (network_get_exchange (&network, 0)->error, SIO_ERROR, SIO_ERROR_CLOSED);
    }
}

static void
websocket_silence_script (RawConnection *connection,
                          guint          n,
                          gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request)
      && raw_connection_accept_websocket (connection, &request, NULL, 0))
    raw_connection_await_end (connection);
}

static void
test_no_open_packet (void)
{
  g_autoptr (RawPeer) peer = raw_peer_new (websocket_silence_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_auto (Network) network;

  network_init (&network, "websocket");
  sio_options_set_timeout_ms (network.options, 300);
  network_expect_failure (&network, url, SIO_ERROR_TIMED_OUT, "no open packet came within 300 ms", NULL);
  g_assert_null (strstr (network.error->message, "while"));
}

/* Answers */

static void
answer_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request))
    raw_connection_write (connection, data, -1);
}

static void
test_answers (gconstpointer transport)
{
  static const struct { const char *answer; SioError polling; const char *words; SioError websocket; const char *websocket_words; } cases[] = {
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nnobody", SIO_ERROR_NOT_SOCKET_IO,
      "HTTP 404 Not Found: nobody; there is no Socket.IO server at the path /socket.io/: is the option \"path\" right?",
      SIO_ERROR_NOT_SOCKET_IO, "a plain request to the same address shows them); there is no Socket.IO server at the path" },
    { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n\n <!DOCTYPE html>\n<title>Log in</title>", SIO_ERROR_NOT_SOCKET_IO,
      "not an Engine.IO response: text/html, a web page:   <!DOCTYPE html> <title>Log in</title>",
      SIO_ERROR_REFUSED, "not a WebSocket handshake: HTTP 200 OK" },
    { "HTTP/1.1 302 Found\r\nLocation: https://login.test/\r\nContent-Length: 0\r\n\r\n", SIO_ERROR_REFUSED,
      "the server redirects to https://login.test/; redirects are not followed, connect to that address if you trust it",
      SIO_ERROR_REFUSED, "the server redirects to https://login.test/" },
    { "HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nlogin", SIO_ERROR_UNAUTHORIZED, "HTTP 401 Unauthorized: login",
      SIO_ERROR_UNAUTHORIZED, "HTTP 401 Unauthorized" },
    { "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", SIO_ERROR_UNAUTHORIZED,
      "wants credentials: a header \"Authorization\"", SIO_ERROR_UNAUTHORIZED, "wants credentials" },
    { "HTTP/1.1 403 Forbidden\r\nContent-Length: 32\r\n\r\n{\"code\":4,\"message\":\"Forbidden\"}", SIO_ERROR_UNAUTHORIZED,
      "(code 4); the server's \"allowRequest\"", SIO_ERROR_UNAUTHORIZED, "does not let us in" },
    { "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 19\r\n\r\n<html>nginx</html>\n", SIO_ERROR_REFUSED,
      "HTTP 502 Bad Gateway; a proxy or load balancer answers, and does not reach the server behind it: <html>nginx</html>",
      SIO_ERROR_REFUSED, "does not reach the server behind it" },
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 18\r\n\r\n<html>gone</html>\n", SIO_ERROR_NOT_SOCKET_IO,
      "is the option \"path\" right? <html>gone</html>", SIO_ERROR_NOT_SOCKET_IO, "is the option \"path\" right?" },
    { "HTTP/1.1 301 Moved\r\nLocation: https://new.test/socket.io/?EIO=4&t=x\r\nContent-Length: 0\r\n\r\n", SIO_ERROR_REFUSED,
      "redirects to https://new.test/; ", SIO_ERROR_REFUSED, "redirects to https://new.test/; " },
    { "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", SIO_ERROR_REFUSED, "larger than the server takes",
      SIO_ERROR_REFUSED, "HTTP 413" },
    { "HTTP/1.1 400 Bad Request\r\n\r\n{\"code\":0,\"message\":\"Transport unknown\"}", SIO_ERROR_REFUSED,
      "HTTP 400 Bad Request: Transport unknown (code 0)", SIO_ERROR_REFUSED, "HTTP 400 Bad Request (the server's words did not come through" },
    { "HTTP/1.1 400 Bad Request\r\n\r\n{\"code\":1,\"message\":\"Session ID unknown\"}", SIO_ERROR_UNKNOWN_SESSION, "(code 1)",
      SIO_ERROR_REFUSED, "HTTP 400" },
    { "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nbusy", SIO_ERROR_REFUSED,
      "HTTP 503 Service Unavailable: busy (Retry-After: 120)", SIO_ERROR_REFUSED, "(Retry-After: 120)" },
    { "SSH-2.0-OpenSSH_9.2p1\r\n", SIO_ERROR_NOT_SOCKET_IO, "does not speak HTTP", SIO_ERROR_NOT_SOCKET_IO, "does not speak HTTP" },
    { "", SIO_ERROR_UNREACHABLE, "closed the connection before it answered", SIO_ERROR_UNREACHABLE, "closed the connection before it answered" },
    { "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
      SIO_ERROR_REFUSED, "101", SIO_ERROR_NOT_SOCKET_IO, "in a way that RFC 6455 does not allow" },
  };
  gboolean websocket = g_str_equal (transport, "websocket");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RawPeer) peer = NULL;
      g_autofree char *url = NULL;
      g_auto (Network) network;

      network_init (&network, transport);
      /* nobody polls to be given a WebSocket, and libsoup waits for more */
      if (!websocket && g_str_has_prefix (cases[i].answer, "HTTP/1.1 101"))
        continue;
      peer = raw_peer_new (answer_script, (gpointer) cases[i].answer);
      url = raw_peer_dup_url (peer);
      network_expect_failure (&network, url, (int) (websocket ? cases[i].websocket : cases[i].polling),
                              websocket ? cases[i].websocket_words : cases[i].words, NULL);
      g_assert_cmpuint (raw_peer_get_n_connections (peer), ==, 1);
    }
}

/* Bodies without end that libsoup would keep, or drain for as long as they last. */

static void
endless_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_connection_write (connection, data, -1);
  while (raw_connection_write (connection, large, 1024 * 1024))
    ;
}

static void
test_endless (gconstpointer transport)
{
  static const struct { const char *answer; SioError code; } cases[] = {
    { "HTTP/1.1 401 Unauthorized\r\n\r\n", SIO_ERROR_UNAUTHORIZED },
    { "HTTP/1.1 401 Unauthorized\r\nContent-Length: 99999999999\r\n\r\n", SIO_ERROR_UNAUTHORIZED },
    { "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n2540be3ff\r\n", SIO_ERROR_UNAUTHORIZED },
    { "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", SIO_ERROR_UNAUTHORIZED },
    { "HTTP/1.1 421 Misdirected Request\r\n\r\n", SIO_ERROR_REFUSED },
    { "HTTP/1.1 404 Not Found\r\n\r\n", SIO_ERROR_NOT_SOCKET_IO },
    { "HTTP/1.1 503 Service Unavailable\r\n\r\n", SIO_ERROR_REFUSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RawPeer) peer = raw_peer_new (endless_script, (gpointer) cases[i].answer);
      g_autofree char *url = raw_peer_dup_url (peer);
      g_autofree char *status = g_strndup (cases[i].answer + strlen ("HTTP/1.1 "), 3);
      guint64 before G_GNUC_UNUSED = test_reset_peak_memory ();
      gint64 start = g_get_monotonic_time ();
      g_auto (Network) network;

      network_init (&network, transport);
      network_expect_failure (&network, url, (int) cases[i].code, "HTTP ", status, NULL);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
#if !defined (__SANITIZE_ADDRESS__)
      g_assert_cmpuint (test_get_memory ("VmHWM:"), <, before + 50 * 1024 * 1024);
#endif
      g_assert_cmpuint (raw_peer_get_n_connections (peer), ==, 1);
    }
}

static void
informational_script (RawConnection *connection,
                      guint          n,
                      gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (!raw_connection_read_request (connection, &request))
    return;
  for (guint i = 0; i < 3; i++)
    raw_connection_write (connection, "HTTP/1.1 103 Early Hints\r\n\r\n", -1);
  raw_connection_respond (connection, "403 Forbidden", NULL, "", 0);
}

static void
test_informational (gconstpointer transport)
{
  g_autoptr (RawPeer) peer = raw_peer_new (informational_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_auto (Network) network;

  network_init (&network, transport);
  sio_options_set_max_informational (network.options, 3);
  network_expect_failure (&network, url, SIO_ERROR_UNAUTHORIZED, "HTTP 403", NULL);
  sio_options_set_max_informational (network.options, 2);
  network_expect_failure (&network, url, SIO_ERROR_TOO_LARGE, "more than 2 interim (1xx) answers", NULL);
}

static void
headers_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autofree char *line = g_strnfill (1000, 'h');
  guint i = 0;

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_connection_write (connection, "HTTP/1.1 200 OK\r\n", -1);
  while (raw_connection_printf (connection, "X-%u: %s\r\n", i++, line))
    ;
}

static void
test_headers (gconstpointer transport)
{
  g_autoptr (RawPeer) peer = raw_peer_new (headers_script, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_auto (Network) network;

  network_init (&network, transport);
  network_expect_failure (&network, url, SIO_ERROR_TOO_LARGE, "larger than 64 KiB", NULL);
}

/* What cannot be brought about here. */
static void
test_mapping (void)
{
  static const SioTapHandle nobody = { 0 };
  g_autoptr (SioUrl) url = sio_url_parse ("http://h:81", NULL);
  g_autoptr (SioOptions) options = sio_options_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  SioHttp *http = sio_http_new (url, options, 4, NULL, &nobody);
  g_autoptr (SoupMessage) message = sio_http_new_message (http, "GET", FALSE, NULL);
  const struct { GQuark domain; int code; SioError expected; const char *words; } cases[] = {
    { G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE, SIO_ERROR_UNREACHABLE, "there is no way to h:81: is this machine connected" },
    { G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, SIO_ERROR_UNREACHABLE, "there is no way to h:81" },
    { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, SIO_ERROR_TIMED_OUT, "h:81 does not answer" },
    { G_IO_ERROR, G_IO_ERROR_FAILED, SIO_ERROR_UNREACHABLE, "no connection to h:81" },
    { G_IO_ERROR, G_IO_ERROR_CANCELLED, SIO_ERROR_CLOSED, "dropped" },
    { G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED, SIO_ERROR_UNREACHABLE, "the proxy on the way does not allow" },
    { G_RESOLVER_ERROR, G_RESOLVER_ERROR_INTERNAL, SIO_ERROR_UNREACHABLE, "\"h\"" },
    { G_TLS_ERROR, G_TLS_ERROR_MISC, SIO_ERROR_TLS, "no secure connection to h:81" },
    { G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED, SIO_ERROR_TLS, "h:81 wants a client certificate" },
    { SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_ENCODING, SIO_ERROR_NOT_SOCKET_IO, "does not speak HTTP" },
  };
  SioHttpTrace trace = { 0 };

  sio_http_trace_attach (&trace, http, message, cancellable, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (cases[i].domain, cases[i].code, "own\x1bwords");
      g_autoptr (GError) told = sio_network_error_new (&trace, error);

      g_assert_error (told, SIO_ERROR, (int) cases[i].expected);
      g_assert_nonnull (strstr (told->message, cases[i].words));
      g_assert_nonnull (strstr (told->message, "(own\\u{001B}words)"));
    }
  sio_http_trace_clear (&trace);
  sio_http_free (http);
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  real_resolver = g_resolver_get_default ();

  network_add ("errors", "unknown-name", test_unknown_name);
  network_add ("errors", "resolver-recovers", test_resolver_recovers);
  network_add ("errors", "resolver-hangs", test_resolver_hangs);
  network_add ("errors", "refused", test_refused);
  network_add ("errors", "connect-hangs", test_connect_hangs);
  network_add ("errors", "second-address", test_second_address);
  network_add ("errors", "tls-hangs", test_tls_hangs);
  network_add ("errors", "slow-loris", test_drips);
  network_add ("errors", "answers", test_answers);
  network_add ("errors", "answers-without-end", test_endless);
  network_add ("errors", "interim-answers", test_informational);
  network_add ("errors", "headers-without-end", test_headers);
  g_test_add_func ("/errors/websocket/no-open-packet", test_no_open_packet);
  g_test_add_func ("/errors/mapping", test_mapping);

  result = g_test_run ();
  g_object_unref (real_resolver);
  return result;
}
