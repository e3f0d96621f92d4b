/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioHttp: the two sides, the URIs, the cookies, and the report to the tap. Engine.IO, "HTTP long-polling". */

#include "sio-http-private.h"

#include "../sio-error.h"

struct _SioHttp {
  const SioTapHandle *tap;
  SioUrl             *url;
  SioHttpSide         polling;
  SioHttpSide         websocket;
  SioCookieStore     *cookies;     /* NULL: none are kept */
  GPtrArray          *traces;      /* of SioHttpTrace, not owned: the requests under way */

  guint               eio;
  gboolean            poll_base64;
  char               *sid;         /* NULL before the handshake */
};

/* libsoup 3.2 has no other way to keep HTTP/2 out, whose completion bugs a server can reach. When
 * the program starts, because nothing may change the environment once there are threads. */
__attribute__ ((constructor)) static void
sio_http_force_http1 (void)
{
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
}

/**
 * sio_http_new:
 * @url: where to; copied
 * @options: read now, as they count for each transport; a later change does not matter
 * @eio: the Engine.IO revision to ask for
 * @cookies: (nullable): the manager's store
 * @tap: must outlive the result; who listens may change
 *
 * One client for one engine: a stuck request of one connection cannot keep another waiting.
 *
 * Returns: (transfer full): free with sio_http_free()
 */
SioHttp *
sio_http_new (const SioUrl       *url,
              SioOptions         *options,
              guint               eio,
              SioCookieStore     *cookies,
              const SioTapHandle *tap)
{
  SioHttp *self = g_new0 (SioHttp, 1);

  self->tap = tap;
  self->eio = eio;
  self->url = g_new0 (SioUrl, 1);
  self->url->tls = url->tls;
  self->url->scheme = g_strdup (url->scheme);
  self->url->host = g_strdup (url->host);
  self->url->port = url->port;
  self->url->nsp = g_strdup (url->nsp);
  self->url->query = g_strdup (url->query);
  self->traces = g_ptr_array_new ();
  self->cookies = cookies != NULL ? sio_cookie_store_ref (cookies) : NULL;

  sio_http_side_init (&self->polling, url, options, SIO_TRANSPORT_KIND_POLLING);
  sio_http_side_init (&self->websocket, url, options, SIO_TRANSPORT_KIND_WEBSOCKET);

  return self;
}

void
sio_http_free (SioHttp *self)
{
  if (self == NULL)
    return;

  sio_http_side_clear (&self->polling);
  sio_http_side_clear (&self->websocket);
  /* a request that is cancelled ends later; it has nothing to look at any more */
  while (self->traces->len > 0)
    sio_http_trace_detach (self->traces->pdata[self->traces->len - 1]);
  g_clear_pointer (&self->traces, g_ptr_array_unref);
  g_clear_pointer (&self->url, sio_url_free);
  g_clear_pointer (&self->cookies, sio_cookie_store_unref);
  g_clear_pointer (&self->sid, g_free);
  g_free (self);
}

void
sio_http_mute (SioHttp *self)
{
  static const SioTapHandle nobody = { 0 };

  self->tap = &nobody;
}

void
sio_http_set_sid (SioHttp    *self,
                  const char *sid)
{
  g_free (self->sid);
  self->sid = g_strdup (sid);
}

gboolean
sio_http_has_session (SioHttp *self)
{
  return self->sid != NULL;
}

void
sio_http_set_eio (SioHttp *self,
                  guint    eio)
{
  self->eio = eio;
}

guint
sio_http_get_eio (SioHttp *self)
{
  return self->eio;
}

void
sio_http_set_poll_base64 (SioHttp  *self,
                          gboolean  poll_base64)
{
  self->poll_base64 = poll_base64;
}

const SioTapHandle *
sio_http_get_tap (SioHttp *self)
{
  return self->tap;
}

const SioUrl *
sio_http_get_url (SioHttp *self)
{
  return self->url;
}

const SioHttpSide *
sio_http_get_side (SioHttp  *self,
                   gboolean  websocket)
{
  return websocket ? &self->websocket : &self->polling;
}

gsize
sio_http_get_max_payload (SioHttp *self)
{
  return self->websocket.max_payload;
}

void
sio_http_add_trace (SioHttp      *self,
                    SioHttpTrace *trace)
{
  g_ptr_array_add (self->traces, trace);
}

void
sio_http_remove_trace (SioHttp      *self,
                       SioHttpTrace *trace)
{
  g_ptr_array_remove (self->traces, trace);
}

char *
sio_http_dup_phase (SioHttp *self)
{
  return self->traces->len > 0 ? sio_http_trace_dup_phase (self->traces->pdata[self->traces->len - 1]) : NULL;
}

/* URIs */

/* Five digits of the time and three of luck, base 36: what the official client of 4.8 sends. */
static char *
timestamp_token (void)
{
  static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  char token[9];
  guint64 ms = (guint64) g_get_real_time () / 1000;

  for (guint i = 5; i-- > 0; ms /= 36)
    token[i] = digits[ms % 36];
  for (guint i = 5; i < 8; i++)
    token[i] = digits[g_random_int_range (0, 36)];
  token[8] = '\0';
  return g_strdup (token);
}

/* "Engine.IO: URL and query parameters" */
static char *
sio_http_build_uri (SioHttp  *self,
                    gboolean  websocket)
{
  const SioHttpSide *side = sio_http_get_side (self, websocket);
  g_autofree char *base = sio_url_build (self->url, websocket, side->path, NULL);
  GString *uri = g_string_new (base);
  g_autoptr (GString) query = g_string_new (NULL);

  for (guint i = 0; i < side->query->len; i++)
    g_string_append_printf (query, "%s&", (const char *) side->query->pdata[i]);
  g_string_append_printf (query, "EIO=%u&transport=%s", self->eio, websocket ? "websocket" : "polling");
  if (side->timestamp_param != NULL)
    {
      g_autofree char *name = sio_url_escape (side->timestamp_param);
      g_autofree char *token = timestamp_token ();

      g_string_append_printf (query, "&%s=%s", name, token);
    }
  if (side->force_base64 || (self->poll_base64 && !websocket))
    g_string_append (query, "&b64=1");
  if (self->sid != NULL)
    {
      g_autofree char *sid = sio_url_escape (self->sid);

      g_string_append_printf (query, "&sid=%s", sid);
    }

  /* one slash stays one, with or without the option */
  if (!side->slash && uri->str[uri->len - 1] == '/' && !g_str_equal (side->path, "/"))
    g_string_truncate (uri, uri->len - 1);
  g_string_append_printf (uri, "?%s", query->str);
  return g_string_free (uri, FALSE);
}

SoupMessage *
sio_http_new_message (SioHttp     *self,
                      const char  *method,
                      gboolean     websocket,
                      GError     **error)
{
  const SioHttpSide *side = sio_http_get_side (self, websocket);
  g_autofree char *text = sio_http_build_uri (self, websocket);
  g_autofree char *cookies = NULL;
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GError) local_error = NULL;
  SoupMessage *message;

  if (side->identity_error != NULL)
    {
      g_propagate_error (error, g_error_copy (side->identity_error));
      return NULL;
    }

  uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, &local_error);
  if (uri == NULL)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "the address and the options make no URI: %s",
                   local_error->message);
      return NULL;
    }

  message = soup_message_new_from_uri (method, uri);
  /* Redirects would carry tokens to another host. Without IDEMPOTENT each POST opens a connection;
   * 3.2 does not repeat it. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | (websocket ? 0 : SOUP_MESSAGE_IDEMPOTENT));
  if (self->cookies != NULL && side->with_credentials)
    cookies = sio_cookie_store_dup_header (self->cookies, self->url->tls, g_get_real_time ());
  sio_http_side_add_headers (side, soup_message_get_request_headers (message), cookies, websocket || self->url->tls);
  return message;
}

/* The report */

static char *
headers_to_text (SoupMessageHeaders *headers)
{
  GString *text = g_string_new (NULL);
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    g_string_append_printf (text, "%s: %s\r\n", name, value);
  return g_string_free (text, FALSE);
}

static void
sio_http_take_cookies (SioHttp            *self,
                       const SioHttpTrace *trace)
{
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;

  if (self->cookies == NULL || !trace->side->with_credentials)
    return;

  soup_message_headers_iter_init (&iter, soup_message_get_response_headers (trace->message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strcasecmp (name, "Set-Cookie") == 0)
      sio_cookie_store_set (self->cookies, value, g_get_real_time ());
}

void
sio_http_report (SioHttp            *self,
                 const SioHttpTrace *trace,
                 gint64              started_us,
                 GBytes             *request_body,
                 SioSpan             response_body,
                 const GError       *error)
{
  SoupMessage *message = trace->message;
  g_autofree char *uri = NULL;
  g_autofree char *request_headers = NULL;
  g_autofree char *response_headers = NULL;
  g_autofree char *fingerprint = NULL;
  g_autofree char *certificate = NULL;
  SioHttpExchange exchange = { 0 };
  gsize size = 0;

  sio_http_take_cookies (self, trace);
  if (self->tap->tap == NULL || self->tap->iface->http == NULL)
    return;

  uri = g_uri_to_string (soup_message_get_uri (message));
  request_headers = headers_to_text (soup_message_get_request_headers (message));
  response_headers = headers_to_text (soup_message_get_response_headers (message));

  exchange.method = soup_message_get_method (message);
  exchange.uri = uri;
  exchange.started_us = started_us;
  exchange.ended_us = g_get_monotonic_time ();
  exchange.status = soup_message_get_status (message);
  exchange.reason = exchange.status != 0 ? soup_message_get_reason_phrase (message) : NULL;
  exchange.request_headers = request_headers;
  exchange.response_headers = response_headers;
  if (request_body != NULL)
    {
      exchange.request_body.data = g_bytes_get_data (request_body, &size);
      exchange.request_body.size = size;
    }
  exchange.response_body = response_body;
  if (trace->certificate != NULL)
    {
      fingerprint = sio_tls_dup_fingerprint (trace->certificate);
      certificate = sio_tls_describe (trace->certificate);
      exchange.tls_errors = trace->tls_errors;
      exchange.tls_fingerprint = fingerprint;
      exchange.tls_certificate = certificate;
    }
  exchange.error = error;
  SIO_TAP_CALL (self->tap, http, &exchange);
}
