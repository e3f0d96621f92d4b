/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioHttp: the session, its guards, URIs, headers, and the report to the tap. Engine.IO, "HTTP long-polling". */

#include "sio-http-private.h"

#include "../sio-error.h"
#include "../wire/sio-json.h"
#include "../wire/sio-printable.h"

/* How much of a refusal's body a message quotes. */
#define MAX_QUOTED_CHARS 200

struct _SioHttp {
  SoupSession        *session;
  const SioTapHandle *tap;

  SioUrl     *url;
  char       *path;
  GPtrArray  *query;          /* the person's own "k=v", encoded */
  GPtrArray  *headers;        /* "Name: value" */
  guint       eio;
  gboolean    force_base64;
  char       *timestamp_param; /* NULL: no timestamps */
  gsize       max_payload;

  char       *sid;            /* NULL before the handshake */
};

/* libsoup 3.2 has no other way to keep HTTP/2 out, whose completion bugs a server can reach. When
 * the program starts, because nothing may change the environment once there are threads. */
__attribute__ ((constructor)) static void
sio_http_force_http1 (void)
{
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
}

static gboolean
is_own_parameter (SioHttp    *self,
                  const char *key)
{
  return g_str_equal (key, "EIO") || g_str_equal (key, "transport") || g_str_equal (key, "sid")
         || (self->force_base64 && g_str_equal (key, "b64"))
         || g_strcmp0 (self->timestamp_param, key) == 0;
}

/* Takes "K=V", adds it percent-encoded unless it is one of ours, which win. */
static void
sio_http_add_parameter (SioHttp    *self,
                        const char *key,
                        const char *value)
{
  g_autofree char *escaped_key = NULL;
  g_autofree char *escaped_value = NULL;

  if (*key == '\0' || is_own_parameter (self, key))
    return;

  escaped_key = sio_url_escape (key);
  escaped_value = sio_url_escape (value);
  g_ptr_array_add (self->query, g_strconcat (escaped_key, "=", escaped_value, NULL));
}

static char *
unescape_or_dup (const char *text)
{
  char *unescaped = g_uri_unescape_string (text, NULL);

  /* a stray "%" is taken as it stands */
  return unescaped != NULL && g_utf8_validate (unescaped, -1, NULL) ? unescaped
                                                                    : (g_free (unescaped), g_strdup (text));
}

/* A query in the URL replaces the option, as in the official client. */
static void
sio_http_collect_query (SioHttp    *self,
                        SioOptions *options)
{
  const char * const *entries = sio_options_get_query (options);

  if (self->url->query != NULL && *self->url->query != '\0')
    {
      g_auto (GStrv) pieces = g_strsplit (self->url->query, "&", -1);

      for (guint i = 0; pieces[i] != NULL; i++)
        {
          char *equals = strchr (pieces[i], '=');
          g_autofree char *key = NULL;
          g_autofree char *value = NULL;

          if (equals != NULL)
            *equals = '\0';
          key = unescape_or_dup (pieces[i]);
          value = unescape_or_dup (equals != NULL ? equals + 1 : "");
          sio_http_add_parameter (self, key, value);
        }
      return;
    }

  for (guint i = 0; entries != NULL && entries[i] != NULL; i++)
    {
      const char *equals = strchr (entries[i], '=');
      g_autofree char *key = equals != NULL ? g_strndup (entries[i], (gsize) (equals - entries[i])) : g_strdup (entries[i]);

      sio_http_add_parameter (self, key, equals != NULL ? equals + 1 : "");
    }
}

/**
 * sio_http_new:
 * @url: where to; copied
 * @options: read now; a later change does not matter
 * @eio: the Engine.IO revision to ask for
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
              const SioTapHandle *tap)
{
  SioHttp *self = g_new0 (SioHttp, 1);
  const char * const *headers = sio_options_get_extra_headers (options);

  self->session = soup_session_new_with_options ("max-conns", 256,
                                                 "max-conns-per-host", 64,
                                                 "timeout", 0,
                                                 "idle-timeout", 30,
                                                 NULL);
  /* A hostile Digest challenge crashes the first (CVE-2025-4476), a gzip bomb needs the second. */
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);

  self->tap = tap;
  self->url = g_new0 (SioUrl, 1);
  self->url->tls = url->tls;
  self->url->scheme = g_strdup (url->scheme);
  self->url->host = g_strdup (url->host);
  self->url->port = url->port;
  self->url->nsp = g_strdup (url->nsp);
  self->url->query = g_strdup (url->query);

  self->path = g_strdup (sio_options_get_path (options));
  self->eio = eio;
  self->force_base64 = sio_options_get_force_base64 (options);
  if (sio_options_get_timestamp_requests (options))
    self->timestamp_param = g_strdup (sio_options_get_timestamp_param (options));
  /* 0 would mean "no limit" to libsoup, and crash it */
  self->max_payload = MAX (1, sio_options_get_max_payload (options));

  self->query = g_ptr_array_new_with_free_func (g_free);
  sio_http_collect_query (self, options);
  self->headers = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    g_ptr_array_add (self->headers, g_strdup (headers[i]));

  return self;
}

void
sio_http_free (SioHttp *self)
{
  if (self == NULL)
    return;

  soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_pointer (&self->url, sio_url_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->query, g_ptr_array_unref);
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  g_clear_pointer (&self->timestamp_param, g_free);
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

const SioTapHandle *
sio_http_get_tap (SioHttp *self)
{
  return self->tap;
}

gsize
sio_http_get_max_payload (SioHttp *self)
{
  return self->max_payload;
}

SoupSession *
sio_http_get_session (SioHttp *self)
{
  return self->session;
}

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
  g_autoptr (GPtrArray) query = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->query->len; i++)
    g_ptr_array_add (query, g_strdup (self->query->pdata[i]));
  g_ptr_array_add (query, g_strdup_printf ("EIO=%u", self->eio));
  g_ptr_array_add (query, g_strdup (websocket ? "transport=websocket" : "transport=polling"));
  if (self->timestamp_param != NULL && !websocket)
    {
      g_autofree char *name = sio_url_escape (self->timestamp_param);
      g_autofree char *token = timestamp_token ();

      g_ptr_array_add (query, g_strconcat (name, "=", token, NULL));
    }
  if (self->force_base64)
    g_ptr_array_add (query, g_strdup ("b64=1"));
  if (self->sid != NULL)
    {
      g_autofree char *sid = sio_url_escape (self->sid);

      g_ptr_array_add (query, g_strconcat ("sid=", sid, NULL));
    }
  g_ptr_array_add (query, NULL);

  return sio_url_build (self->url, websocket, self->path, (const char * const *) query->pdata);
}

static void
sio_http_add_headers (SioHttp            *self,
                      SoupMessageHeaders *headers)
{
  soup_message_headers_replace (headers, "Accept", "*/*");

  for (guint i = 0; i < self->headers->len; i++)
    {
      const char *line = self->headers->pdata[i];
      const char *colon = strchr (line, ':');
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (colon == NULL || colon == line)
        continue;
      name = g_strstrip (g_strndup (line, (gsize) (colon - line)));
      value = g_strstrip (g_strdup (colon + 1));
      /* nothing here decodes an answer, so none may come compressed */
      if (g_ascii_strcasecmp (name, "Accept-Encoding") == 0)
        continue;
      if (g_ascii_strcasecmp (name, "Accept") == 0)
        soup_message_headers_replace (headers, name, value);
      else
        soup_message_headers_append (headers, name, value);
    }
}

SoupMessage *
sio_http_new_message (SioHttp     *self,
                      const char  *method,
                      gboolean     websocket,
                      GError     **error)
{
  g_autofree char *text = sio_http_build_uri (self, websocket);
  g_autoptr (GUri) uri = NULL;
  SoupMessage *message;

  uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, error);
  if (uri == NULL)
    return NULL;

  message = soup_message_new_from_uri (method, uri);
  /* Redirects would carry tokens to another host. Without IDEMPOTENT each POST opens a connection;
   * 3.2 does not repeat it. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | (websocket ? 0 : SOUP_MESSAGE_IDEMPOTENT));
  sio_http_add_headers (self, soup_message_get_request_headers (message));
  return message;
}

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

void
sio_http_report (SioHttp      *self,
                 SoupMessage  *message,
                 gint64        started_us,
                 GBytes       *request_body,
                 SioSpan       response_body,
                 const GError *error)
{
  g_autofree char *uri = NULL;
  g_autofree char *request_headers = NULL;
  g_autofree char *response_headers = NULL;
  SioHttpExchange exchange = { 0 };
  gsize size = 0;

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
  exchange.error = error;
  SIO_TAP_CALL (self->tap, http, &exchange);
}

/* {"code":1,"message":"Session ID unknown"}: Engine.IO, "Errors" */
static gboolean
parse_refusal (SioSpan   body,
               char    **message,
               gint64   *code)
{
  SioJsonType type;
  gsize offset;
  SioSpan value;

  if (body.size == 0 || body.size > 4096
      || !sio_json_validate (body.data, body.size, SIO_JSON_DEFAULT_MAX_DEPTH, &type, &offset, NULL)
      || type != SIO_JSON_OBJECT
      || !sio_json_object_get (body, "message", &value)
      || sio_json_get_type (value) != SIO_JSON_STRING)
    return FALSE;

  {
    g_autoptr (GString) text = sio_json_unquote (value);

    *message = sio_printable (text->str, (gssize) text->len, MAX_QUOTED_CHARS);
  }
  *code = -1;
  if (sio_json_object_get (body, "code", &value) && value.size == 1 && g_ascii_isdigit (*value.data))
    *code = *value.data - '0';
  return TRUE;
}

GError *
sio_http_refusal_new (SoupMessage *message,
                      SioSpan      body)
{
  guint status = soup_message_get_status (message);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *location = soup_message_headers_get_one (headers, "Location");
  const char *retry_after = soup_message_headers_get_one (headers, "Retry-After");
  g_autofree char *reason = sio_printable (soup_message_get_reason_phrase (message), -1, 60);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *said = NULL;
  gint64 code = -1;

  g_string_printf (text, "HTTP %u%s%s", status, *reason != '\0' ? " " : "", reason);

  if (status >= 300 && status < 400 && location != NULL)
    {
      g_autofree char *where = sio_printable (location, -1, MAX_QUOTED_CHARS);

      g_string_append_printf (text, ": the server redirects to %s; redirects are not followed", where);
    }
  else if (parse_refusal (body, &said, &code))
    {
      g_string_append_printf (text, ": %s", said);
      if (code >= 0)
        g_string_append_printf (text, " (code %d)", (int) code);
    }
  else if (body.size > 0)
    {
      said = sio_printable (body.data, (gssize) body.size, MAX_QUOTED_CHARS);
      g_string_append_printf (text, ": %s", said);
    }

  if (retry_after != NULL)
    {
      g_autofree char *when = sio_printable (retry_after, -1, 40);

      g_string_append_printf (text, " (Retry-After: %s)", when);
    }

  return g_error_new_literal (SIO_ERROR, code == 5 ? SIO_ERROR_UNSUPPORTED_VERSION : SIO_ERROR_REFUSED, text->str);
}
