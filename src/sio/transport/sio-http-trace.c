/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What libsoup's signals tell of a message: how far it is, who answers, with which certificate. And the two decisions that
 * cannot wait for its end: whether that certificate is taken, and how many interim answers are. */

#include "sio-http-private.h"

#include "../sio-error.h"

static char *
dup_endpoint (GSocketAddress *address)
{
  g_autofree char *host = NULL;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return NULL;

  host = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

static void
sio_http_trace_note_address (SioHttpTrace *self,
                             GIOStream    *connection)
{
  g_autoptr (GSocketAddress) address = NULL;

  if (!G_IS_SOCKET_CONNECTION (connection))
    return;
  address = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (connection), NULL);
  if (address == NULL)
    return;

  g_free (self->address);
  self->address = dup_endpoint (address);
  if (G_IS_PROXY_ADDRESS (address))
    {
      g_free (self->proxy);
      self->proxy = g_strdup (self->address);
    }
}

static void
sio_http_trace_note_certificate (SioHttpTrace         *self,
                                 GTlsCertificate      *certificate,
                                 GTlsCertificateFlags  errors)
{
  if (certificate == NULL)
    return;
  g_set_object (&self->certificate, certificate);
  self->tls_errors = errors;
}

static void
sio_http_trace_network_event_cb (SoupMessage        *message,
                                 GSocketClientEvent  event,
                                 GIOStream          *connection,
                                 SioHttpTrace       *self)
{
  switch (event)
    {
    case G_SOCKET_CLIENT_RESOLVING:
      self->phase = SIO_HTTP_PHASE_RESOLVING;
      break;
    case G_SOCKET_CLIENT_CONNECTING:
      self->phase = SIO_HTTP_PHASE_CONNECTING;
      sio_http_trace_note_address (self, connection);
      break;
    case G_SOCKET_CLIENT_CONNECTED:
      self->phase = SIO_HTTP_PHASE_SENDING;
      sio_http_trace_note_address (self, connection);
      if (G_IS_SOCKET_CONNECTION (connection))
        g_set_object (&self->socket, g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)));
      break;
    case G_SOCKET_CLIENT_PROXY_NEGOTIATING:
      self->phase = SIO_HTTP_PHASE_PROXY;
      break;
    case G_SOCKET_CLIENT_TLS_HANDSHAKING:
      self->phase = SIO_HTTP_PHASE_TLS;
      break;
    case G_SOCKET_CLIENT_TLS_HANDSHAKED:
      if (G_IS_TLS_CONNECTION (connection))
        sio_http_trace_note_certificate (self, g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (connection)),
                                         g_tls_connection_get_peer_certificate_errors (G_TLS_CONNECTION (connection)));
      self->phase = SIO_HTTP_PHASE_SENDING;
      break;
    case G_SOCKET_CLIENT_RESOLVED:
    case G_SOCKET_CLIENT_PROXY_NEGOTIATED:
    case G_SOCKET_CLIENT_COMPLETE:
    default:
      break;
    }
}

static gboolean
sio_http_trace_accept_certificate_cb (SoupMessage          *message,
                                      GTlsCertificate      *certificate,
                                      GTlsCertificateFlags  errors,
                                      SioHttpTrace         *self)
{
  sio_http_trace_note_certificate (self, certificate, errors);
  return sio_tls_accepts (&self->side->tls, certificate);
}

static void
sio_http_trace_wrote_body_cb (SoupMessage  *message,
                              SioHttpTrace *self)
{
  self->phase = SIO_HTTP_PHASE_WAITING;
}

static void
sio_http_trace_got_headers_cb (SoupMessage  *message,
                               SioHttpTrace *self)
{
  self->phase = SIO_HTTP_PHASE_READING;
  if (sio_http_is_unreadable_refusal (self))
    sio_http_trace_cancel (self, sio_http_refusal_new (self, (SioSpan) { 0 }));
}

static void
sio_http_trace_got_informational_cb (SoupMessage  *message,
                                     SioHttpTrace *self)
{
  if (soup_message_get_status (message) == SOUP_STATUS_SWITCHING_PROTOCOLS
      || ++self->n_informational <= self->side->max_informational)
    return;

  sio_http_trace_cancel (self, g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE,
                                            "more than %u interim (1xx) answers (max-informational)",
                                            self->side->max_informational));
}

void
sio_http_trace_attach (SioHttpTrace *self,
                       SioHttp      *http,
                       SoupMessage  *message,
                       GCancellable *cancellable,
                       gboolean      websocket)
{
  self->http = http;
  self->side = sio_http_get_side (http, websocket);
  self->message = g_object_ref (message);
  self->cancellable = g_object_ref (cancellable);

  if (self->side->tls.identity != NULL)
    soup_message_set_tls_client_certificate (message, self->side->tls.identity);
  g_signal_connect (message, "network-event", G_CALLBACK (sio_http_trace_network_event_cb), self);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (sio_http_trace_accept_certificate_cb), self);
  g_signal_connect (message, "wrote-body", G_CALLBACK (sio_http_trace_wrote_body_cb), self);
  g_signal_connect (message, "got-headers", G_CALLBACK (sio_http_trace_got_headers_cb), self);
  g_signal_connect (message, "got-informational", G_CALLBACK (sio_http_trace_got_informational_cb), self);
  sio_http_add_trace (http, self);
}

void
sio_http_trace_detach (SioHttpTrace *self)
{
  if (self->http == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->message, self);
  /* an open connection that was there already told nothing of itself */
  if (self->certificate == NULL)
    sio_http_trace_note_certificate (self, soup_message_get_tls_peer_certificate (self->message),
                                     soup_message_get_tls_peer_certificate_errors (self->message));
  sio_http_remove_trace (self->http, self);
  self->http = NULL;
}

void
sio_http_trace_clear (SioHttpTrace *self)
{
  sio_http_trace_detach (self);
  self->side = NULL;
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->proxy, g_free);
  g_clear_object (&self->socket);
  g_clear_object (&self->certificate);
  g_clear_error (&self->own_error);
}

void
sio_http_trace_cancel (SioHttpTrace *self,
                       GError       *error)
{
  if (self->own_error != NULL)
    {
      g_error_free (error);
      return;
    }

  self->own_error = error;
  g_cancellable_cancel (self->cancellable);
}

char *
sio_http_trace_dup_phase (const SioHttpTrace *self)
{
  GUri *uri = soup_message_get_uri (self->message);
  const char *host = g_uri_get_host (uri);
  g_autofree char *whole = g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%d" : "%s:%d", host, g_uri_get_port (uri));
  const char *address = self->address != NULL ? self->address : whole;

  switch (self->phase)
    {
    case SIO_HTTP_PHASE_RESOLVING:
      return g_strdup_printf ("looking up the name %s", host);
    case SIO_HTTP_PHASE_CONNECTING:
      return g_strdup_printf ("connecting to %s%s", self->proxy != NULL ? "the proxy " : "", address);
    case SIO_HTTP_PHASE_PROXY:
      return g_strdup_printf ("waiting for the proxy %s to connect to %s", address, whole);
    case SIO_HTTP_PHASE_TLS:
      return g_strdup_printf ("in the TLS handshake with %s", whole);
    case SIO_HTTP_PHASE_STARTING:
    case SIO_HTTP_PHASE_SENDING:
      return g_strdup_printf ("sending the request to %s", whole);
    case SIO_HTTP_PHASE_WAITING:
      return g_strdup_printf ("waiting for the answer of %s", whole);
    case SIO_HTTP_PHASE_READING:
    default:
      return g_strdup_printf ("reading the answer of %s", whole);
    }
}
