/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server that answers, and not with what was asked for: its status, its words, and what they may mean. */

#include "sio-http-private.h"

#include "../sio-error.h"
#include "../wire/sio-json.h"
#include "../wire/sio-printable.h"

/* How much of a refusal's body a message quotes. */
#define MAX_QUOTED_CHARS 200
#define MAX_JSON_SIZE 4096
/* Engine.IO, "Errors" */
#define CODE_UNKNOWN_SESSION 1
#define CODE_FORBIDDEN 4

/* {"code":1,"message":"Session ID unknown"}: Engine.IO, "Errors" */
static gboolean
parse_refusal (SioSpan   body,
               char    **message,
               int      *code)
{
  SioJsonType type;
  gsize offset;
  SioSpan value;

  if (body.size == 0 || body.size > MAX_JSON_SIZE
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

static SioError
get_code (guint status,
          int   code)
{
  switch (code)
    {
    case CODE_UNKNOWN_SESSION:
      return SIO_ERROR_UNKNOWN_SESSION;
    case CODE_FORBIDDEN:
      return SIO_ERROR_UNAUTHORIZED;
    case 5:
      return SIO_ERROR_UNSUPPORTED_VERSION;
    default:
      break;
    }
  switch (status)
    {
    case SOUP_STATUS_UNAUTHORIZED:
    case SOUP_STATUS_FORBIDDEN:
    case SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED:
      return SIO_ERROR_UNAUTHORIZED;
    case SOUP_STATUS_NOT_FOUND:
      return SIO_ERROR_NOT_SOCKET_IO;
    default:
      return SIO_ERROR_REFUSED;
    }
}

static gboolean
is_websocket (const SioHttpTrace *trace)
{
  const char *scheme = g_uri_get_scheme (soup_message_get_uri (trace->message));

  return g_str_equal (scheme, "ws") || g_str_equal (scheme, "wss");
}

/* What to do about it, in the words of the options. */
static void
append_advice (GString            *text,
               const SioHttpTrace *trace,
               guint               status,
               int                 code)
{
  GUri *uri = soup_message_get_uri (trace->message);
  g_autofree char *path = sio_printable (g_uri_get_path (uri), -1, MAX_QUOTED_CHARS);

  if (code == CODE_UNKNOWN_SESSION)
    g_string_append (text, "; the server that answered did not begin this session, or was restarted");
  if (code == CODE_FORBIDDEN)
    g_string_append (text, "; the server's \"allowRequest\" or its list of origins does not let us in");
  if (code >= 0)
    return;
  switch (status)
    {
    case SOUP_STATUS_BAD_REQUEST:
      if (is_websocket (trace))
        g_string_append (text, "; so answers a proxy that does not pass WebSockets on, and a server that did not begin this "
                         "session");
      break;
    case SOUP_STATUS_UNAUTHORIZED:
      g_string_append (text, "; the server, or a proxy before it, wants credentials: a header \"Authorization\" in "
                       "\"extra-headers\"");
      break;
    case SOUP_STATUS_FORBIDDEN:
      g_string_append (text, "; the server, or a proxy before it, does not let us in");
      break;
    case SOUP_STATUS_NOT_FOUND:
      g_string_append_printf (text, "; there is no Socket.IO server at the path %s: is the option \"path\" right?", path);
      break;
    case SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE:
      g_string_append (text, "; the message is larger than the server takes (its maxHttpBufferSize, or a proxy's limit)");
      break;
    case SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED:
      g_string_append_printf (text, "; the proxy %s wants a user and password: "
                              "http://USER:PASSWORD@HOST:PORT in the option \"proxy\"",
                              trace->proxy != NULL ? trace->proxy : "on the way");
      break;
    case SOUP_STATUS_BAD_GATEWAY:
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
    case SOUP_STATUS_GATEWAY_TIMEOUT:
      if (trace->proxy != NULL)
        g_string_append_printf (text, "; the proxy %s may have said that", trace->proxy);
      else if (status != SOUP_STATUS_SERVICE_UNAVAILABLE)
        g_string_append (text, "; a proxy or load balancer answers, and does not reach the server behind it");
      break;
    default:
      break;
    }
}

/* libsoup keeps all of three kinds of bodies before it hands out the first byte, because it could ask again with a password,
 * or over another connection. And it drains that of a refused WebSocket, which it hands to nobody, for as long as it lasts. */
gboolean
sio_http_is_unreadable_refusal (const SioHttpTrace *trace)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (trace->message);
  guint status = soup_message_get_status (trace->message);

  if (is_websocket (trace))
    return status != SOUP_STATUS_SWITCHING_PROTOCOLS;

  switch (status)
    {
    case SOUP_STATUS_UNAUTHORIZED:
    case SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED:
    case SOUP_STATUS_MISDIRECTED_REQUEST:
      return soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH
             || soup_message_headers_get_content_length (headers) > SIO_HTTP_MAX_REFUSAL_SIZE;
    default:
      return FALSE;
    }
}

static gboolean
is_page (SioSpan body)
{
  while (body.size > 0 && g_ascii_isspace (*body.data))
    {
      body.data++;
      body.size--;
    }
  return body.size > 0 && *body.data == '<';
}

/* Where a redirect leads: an address that can be connected to if only the server is another one, and without our query,
 * which is made anew for each request. */
static char *
dup_target (const SioHttpTrace *trace,
            const char         *location)
{
  GUri *asked = soup_message_get_uri (trace->message);
  g_autoptr (GUri) uri = g_uri_parse_relative (asked, location, SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *whole = NULL;

  if (uri == NULL)
    return sio_printable (location, -1, MAX_QUOTED_CHARS);
  whole = g_uri_join (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri), g_uri_get_port (uri),
                      g_str_equal (g_uri_get_path (uri), g_uri_get_path (asked)) ? "" : g_uri_get_path (uri), NULL, NULL);
  return sio_printable (whole, -1, MAX_QUOTED_CHARS);
}

static gboolean
has_body (SoupMessageHeaders *headers)
{
  return soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH
         || soup_message_headers_get_content_length (headers) > 0;
}

GError *
sio_http_refusal_new (const SioHttpTrace *trace,
                      SioSpan             body)
{
  SoupMessage *message = trace->message;
  guint status = soup_message_get_status (message);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *location = soup_message_headers_get_one (headers, "Location");
  const char *retry_after = soup_message_headers_get_one (headers, "Retry-After");
  g_autofree char *reason = sio_printable (soup_message_get_reason_phrase (message), -1, 60);
  g_autoptr (GString) text = g_string_new (status < 300 && is_websocket (trace) ? "not a WebSocket handshake: " : NULL);
  g_autofree char *said = NULL;
  gboolean advised = FALSE;
  int code = -1;

  g_string_append_printf (text, "HTTP %u%s%s", status, *reason != '\0' ? " " : "", reason);

  if (status >= 300 && status < 400 && location != NULL)
    {
      g_autofree char *where = dup_target (trace, location);

      g_string_append_printf (text, ": the server redirects to %s; redirects are not followed, connect to that address "
                              "if you trust it", where);
    }
  else if (parse_refusal (body, &said, &code))
    {
      g_string_append_printf (text, ": %s", said);
      if (code >= 0)
        g_string_append_printf (text, " (code %d)", code);
    }
  else if (body.size > 0)
    {
      /* what helps comes before a page, which nobody reads to its end */
      if (is_page (body))
        {
          append_advice (text, trace, status, code);
          advised = TRUE;
        }
      said = sio_printable (body.data, (gssize) body.size, MAX_QUOTED_CHARS);
      g_string_append_printf (text, "%s %s", text->str[text->len - 1] == '?' ? "" : ":", said);
    }
  else if (is_websocket (trace) && has_body (headers))
    g_string_append (text, " (the server's words did not come through; a plain request to the same address shows them)");

  if (!advised)
    append_advice (text, trace, status, code);
  if (body.size == 0 && !is_websocket (trace) && sio_http_is_unreadable_refusal (trace))
    g_string_append (text, " (what else the server said was not read: it is too much, or it did not say how much)");
  if (retry_after != NULL)
    {
      g_autofree char *when = sio_printable (retry_after, -1, 40);

      g_string_append_printf (text, " (Retry-After: %s)", when);
    }

  return g_error_new_literal (SIO_ERROR, (int) get_code (status, code), text->str);
}

GError *
sio_http_check_page (const SioHttpTrace *trace,
                     SioSpan             body)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (trace->message);
  const char *type = soup_message_headers_get_one (headers, "Content-Type");
  g_autofree char *shown_type = NULL;
  g_autofree char *start = NULL;

  if (!is_page (body))
    return NULL;

  shown_type = sio_printable (type != NULL ? type : "no content type", -1, 60);
  start = sio_printable (body.data, (gssize) body.size, 60);
  return g_error_new (SIO_ERROR, SIO_ERROR_NOT_SOCKET_IO,
                      "not an Engine.IO response: %s, a web page: %s; is the address, and the option \"path\", that of a "
                      "Socket.IO server?", shown_type, start);
}
