/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sentence for each way in which no answer came. */

#include "sio-network-error.h"

#include "../sio-error.h"
#include "../wire/sio-printable.h"

#include <gnutls/gnutls.h>

/* A server, or what poses as one, has a say in some of GIO's messages. */
#define MAX_ORIGINAL_CHARS 300

static GError *
new_error (SioError    code,
           const char *original,
           const char *format,
           ...) G_GNUC_PRINTF (3, 4);

static GError *
new_error (SioError    code,
           const char *original,
           const char *format,
           ...)
{
  g_autofree char *sentence = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  return g_error_new (SIO_ERROR, (int) code, "%s (%s)", sentence, original);
}

static char *
dup_host_and_port (const SioHttpTrace *trace)
{
  GUri *uri = soup_message_get_uri (trace->message);
  const char *host = g_uri_get_host (uri);

  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%d" : "%s:%d", host, g_uri_get_port (uri));
}

static gboolean
is_tls (const SioHttpTrace *trace)
{
  return sio_http_get_url (trace->http)->tls;
}

/* TLS. GIO has one code for many things, and its messages are in the person's language, as are GnuTLS's words in them. */

/* RFC 8446 6; -1: the peer sent none. */
static int
find_alert (const GError *error)
{
  for (int alert = 1; alert <= 120; alert++)
    {
      const char *name = gnutls_alert_get_name ((gnutls_alert_description_t) alert);

      if (name != NULL && g_str_has_suffix (error->message, name))
        return alert;
    }
  return -1;
}

static GError *
new_certificate_error (const SioHttpTrace *trace,
                       const char         *original)
{
  const char *host = g_uri_get_host (soup_message_get_uri (trace->message));
  g_autofree char *why = sio_tls_explain (trace->certificate, trace->tls_errors, host);
  g_autofree char *fingerprint = sio_tls_dup_fingerprint (trace->certificate);

  return new_error (SIO_ERROR_TLS, original,
                    "the certificate of %s is not accepted: %s. Its SHA-256 fingerprint is %s: \"trusted-fingerprints\" accepts "
                    "exactly this one, \"ca-file\" an issuer", host, why, fingerprint);
}

static GError *
new_tls_error (const SioHttpTrace *trace,
               const GError       *error,
               const char         *original,
               const char         *where)
{
  gboolean ours = trace->side->tls.identity != NULL;
  int alert = find_alert (error);

  if (trace->phase == SIO_HTTP_PHASE_PROXY)
    return new_error (SIO_ERROR_TLS, original,
                      "no secure connection to the proxy %s: only the system's authorities are trusted for it",
                      trace->proxy != NULL ? trace->proxy : "on the way");
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED) || alert == GNUTLS_A_CERTIFICATE_REQUIRED)
    return new_error (SIO_ERROR_TLS, original,
                      ours ? "%s wants another client certificate than the one of \"cert-file\" or \"pfx-file\""
                           : "%s wants a client certificate: give one with \"cert-file\" and \"key-file\", or \"pfx-file\"", where);
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE) && trace->certificate != NULL
      && trace->tls_errors != 0)
    return new_certificate_error (trace, original);
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS)
      || strstr (error->message, gnutls_strerror (GNUTLS_E_UNEXPECTED_PACKET)) != NULL)
    return new_error (SIO_ERROR_TLS, original,
                      "%s does not speak TLS: for a server without it use http:// or ws://", where);
  if (alert >= 0)
    return new_error (SIO_ERROR_TLS, original, "%s ended the TLS handshake%s", where,
                      ours ? "; it may not accept the client certificate"
                           : "; it may want a client certificate (\"cert-file\"), or a version of TLS that is not offered");
  return new_error (SIO_ERROR_TLS, original, "no secure connection to %s", where);
}

/* GIO */

static GError *
new_resolver_error (const SioHttpTrace *trace,
                    const GError       *error,
                    const char         *original)
{
  const char *host = g_uri_get_host (soup_message_get_uri (trace->message));

  if (trace->side->proxy != NULL && strchr (trace->side->proxy, '@') == NULL
      && strcmp (trace->side->proxy, "direct://") != 0 && strstr (error->message, host) == NULL)
    return new_error (SIO_ERROR_UNREACHABLE, original, "the name of the proxy %s is not found", trace->side->proxy);
  if (error->code == G_RESOLVER_ERROR_TEMPORARY_FAILURE)
    return new_error (SIO_ERROR_UNREACHABLE, original,
                      "no name server answers for \"%s\": is this machine connected to the network?", host);
  return new_error (SIO_ERROR_UNREACHABLE, original, "the name \"%s\" is not known: is it spelled right?", host);
}

static GError *
new_proxy_error (const SioHttpTrace *trace,
                 const GError       *error,
                 const char         *original,
                 const char         *where)
{
  const char *proxy = trace->proxy != NULL ? trace->proxy : "on the way";

  switch (error->code)
    {
    case G_IO_ERROR_PROXY_AUTH_FAILED:
      return new_error (SIO_ERROR_UNAUTHORIZED, original,
                        "the proxy %s does not take the user and password of the option \"proxy\"", proxy);
    case G_IO_ERROR_PROXY_NEED_AUTH:
      return new_error (SIO_ERROR_UNAUTHORIZED, original,
                        "the proxy %s wants a user and password: SCHEME://USER:PASSWORD@HOST:PORT in the option \"proxy\"", proxy);
    case G_IO_ERROR_PROXY_NOT_ALLOWED:
      return new_error (SIO_ERROR_UNREACHABLE, original, "the proxy %s does not allow a connection to %s", proxy, where);
    default:
      return new_error (SIO_ERROR_UNREACHABLE, original, "the proxy %s did not connect to %s", proxy, where);
    }
}

static gboolean
is_proxy_error (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED);
}

static GError *
new_connect_error (const SioHttpTrace *trace,
                   const GError       *error,
                   const char         *original,
                   const char         *where)
{
  if (trace->proxy != NULL)
    return new_error (SIO_ERROR_UNREACHABLE, original,
                      "no connection to the proxy %s: is it running, is the option \"proxy\" right?",
                      trace->proxy);
  switch (error->code)
    {
    case G_IO_ERROR_CONNECTION_REFUSED:
      return new_error (SIO_ERROR_UNREACHABLE, original,
                        "nothing listens at %s: is the server running, is the port right?", where);
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
      return new_error (SIO_ERROR_UNREACHABLE, original,
                        "there is no way to %s: is this machine connected to its network?", where);
    case G_IO_ERROR_TIMED_OUT:
      return new_error (SIO_ERROR_TIMED_OUT, original,
                        "%s does not answer: it may be down, or a firewall drops what is sent to it", where);
    case G_IO_ERROR_FAILED:
    case G_IO_ERROR_INVALID_ARGUMENT:
    case G_IO_ERROR_ADDRESS_IN_USE:
    case G_IO_ERROR_NOT_FOUND:
      if (trace->side->local_address != NULL)
        return new_error (SIO_ERROR_UNREACHABLE, original,
                          "no connection to %s from %s: is the option \"local-address\" an address of "
                          "this machine, and of the same kind?", where, trace->side->local_address);
      G_GNUC_FALLTHROUGH;
    default:
      return new_error (SIO_ERROR_UNREACHABLE, original, "no connection to %s", where);
    }
}

/* The connection was there. */
static GError *
new_broken_error (const SioHttpTrace *trace,
                  const GError       *error,
                  const char         *original,
                  const char         *where)
{
  if (strstr (error->message, g_dgettext ("libsoup-3.0", "Header too big")) != NULL)
    return new_error (SIO_ERROR_TOO_LARGE, original, "the headers of %s's answer are larger than 64 KiB", where);

  switch (trace->phase)
    {
    case SIO_HTTP_PHASE_READING:
      return new_error (SIO_ERROR_UNREACHABLE, original, "the connection to %s broke in the middle of the answer", where);
    case SIO_HTTP_PHASE_TLS:
      return new_error (SIO_ERROR_TLS, original,
                        "%s closed the connection in the TLS handshake: does this port speak TLS?", where);
    case SIO_HTTP_PHASE_PROXY:
      return new_error (SIO_ERROR_UNREACHABLE, original, "the proxy %s closed the connection",
                        trace->proxy != NULL ? trace->proxy : "on the way");
    default:
      return new_error (SIO_ERROR_UNREACHABLE, original, "%s closed the connection before it answered%s", where,
                        !is_tls (trace) ? ": if this port speaks TLS, use https:// or wss://"
                        : trace->side->tls.identity != NULL ? ": it may not accept the client certificate"
                        : ": it may want a client certificate (\"cert-file\")");
    }
}

GError *
sio_network_error_new (const SioHttpTrace *trace,
                       const GError       *error)
{
  g_autofree char *original = sio_printable (error->message, -1, MAX_ORIGINAL_CHARS);
  g_autofree char *where = NULL;

  if (error->domain == SIO_ERROR)
    return g_error_copy (error);

  where = dup_host_and_port (trace);
  if (error->domain == G_TLS_ERROR)
    return new_tls_error (trace, error, original, where);
  if (error->domain == G_RESOLVER_ERROR)
    return new_resolver_error (trace, error, original);
  if (is_proxy_error (error))
    return new_proxy_error (trace, error, original, where);
  if (error->domain == SOUP_SESSION_ERROR)
    return new_error (SIO_ERROR_NOT_SOCKET_IO, original, "what answers at %s does not speak HTTP%s", where,
                      is_tls (trace) ? "" : "; if this port speaks TLS, use https:// or wss://");
  if (error->domain == SOUP_WEBSOCKET_ERROR)
    return new_error (SIO_ERROR_NOT_SOCKET_IO, original,
                      "%s answered the WebSocket handshake in a way that RFC 6455 does not allow",
                      where);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return new_error (SIO_ERROR_CLOSED, original, "the request to %s was dropped", where);
  if (trace->phase <= SIO_HTTP_PHASE_CONNECTING && trace->socket == NULL)
    return new_connect_error (trace, error, original, where);
  return new_broken_error (trace, error, original, where);
}

/* WebSockets */

GError *
sio_network_error_new_for_websocket (const GError *error,
                                     gsize         max_payload)
{
  g_autofree char *original = sio_printable (error->message, -1, MAX_ORIGINAL_CHARS);

  if (error->domain == SIO_ERROR)
    return g_error_copy (error);
  if (g_error_matches (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG))
    return g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE, "a frame is larger than max-payload (%" G_GSIZE_FORMAT " bytes)",
                        max_payload);
  if (error->domain == SOUP_WEBSOCKET_ERROR)
    return new_error (SIO_ERROR_MALFORMED, original, "the server sent what RFC 6455 does not allow on a WebSocket: %s",
                      error->code == SOUP_WEBSOCKET_CLOSE_BAD_DATA ? "text that is not UTF-8" : "a wrong frame");
  return new_error (SIO_ERROR_CLOSED, original, "the connection was lost");
}

GError *
sio_network_error_new_for_close (guint       code,
                                 const char *reason)
{
  g_autofree char *shown = NULL;

  if (code == 0)
    return g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, "the connection was lost: no close frame came");
  if (code == SOUP_WEBSOCKET_CLOSE_NO_STATUS)
    return g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, "the server closed the WebSocket without a code");

  shown = sio_printable (reason, -1, 123);
  return g_error_new (SIO_ERROR, SIO_ERROR_CLOSED, "the server closed the WebSocket with code %u%s%s", code,
                      *shown != '\0' ? ": " : "", shown);
}

GError *
sio_network_error_new_for_late_code (SioSpan payload)
{
  guint code = payload.size >= 2 ? (guint) (guchar) payload.data[0] << 8 | (guchar) payload.data[1] : 0;
  g_autofree char *reason = NULL;

  /* service restart, try again later, bad gateway */
  if (code < 1012 || code > 1014)
    return NULL;

  reason = g_strndup (payload.data + 2, payload.size - 2);
  return sio_network_error_new_for_close (code, reason);
}
