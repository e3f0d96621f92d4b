/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Entries of a HAR: http://www.softwareishard.com/blog/har-12-spec/, and for WebSockets what Chrome writes. */

#include "sioscope-har-private.h"
#include "sioscope-headers-private.h"

#include "wire/sio-base64.h"
#include "wire/sio-engine-packet.h"
#include "wire/sio-json.h"

/* As the handshake's reader has it. */
#define MAX_SID 256

#define OPCODE_TEXT 1
#define OPCODE_BINARY 2

gint64
sioscope_har_add_us (gint64 a,
                     gint64 b)
{
  gint64 sum;

  if (__builtin_add_overflow (a, b, &sum))
    return a > 0 ? G_MAXINT64 : G_MININT64;
  return sum;
}

void
sioscope_har_read_address (SioSpan             url,
                           SioscopeHarAddress *address)
{
  const char *p = url.size != 0 ? memchr (url.data, '?', url.size) : NULL, *end = url.data + url.size;

  *address = (SioscopeHarAddress) { 0 };
  while (p != NULL && p < end && *p != '#')
    {
      const char *part = p + 1, *part_end = part;
      SioSpan text;

      while (part_end < end && *part_end != '&' && *part_end != '#')
        part_end++;
      text = (SioSpan) { part, (gsize) (part_end - part) };
      if (sio_span_equals (text, "EIO=3") || sio_span_equals (text, "EIO=4"))
        address->eio = (guint) (text.data[4] - '0');
      else if (sio_span_equals (text, "transport=polling"))
        address->transport = SIO_TRANSPORT_KIND_POLLING;
      else if (sio_span_equals (text, "transport=websocket"))
        address->transport = SIO_TRANSPORT_KIND_WEBSOCKET;
      else if (text.size > 4 && memcmp (text.data, "b64=", 4) == 0)
        address->base64 = TRUE;
      else if (text.size > 4 && text.size <= 4 + MAX_SID && memcmp (text.data, "sid=", 4) == 0)
        address->sid = (SioSpan) { text.data + 4, text.size - 4 };
      p = part_end < end ? part_end : NULL;
    }
  if (address->transport == SIO_TRANSPORT_KIND_NONE)
    address->eio = 0;
}

static void
append_quoted (GString *out,
               SioSpan  text)
{
  sio_json_append_quoted (out, text.size != 0 ? text.data : "", (gssize) text.size);
}

static void
append_member (GString    *out,
               const char *name,
               SioSpan     text)
{
  g_string_append_printf (out, "\"%s\":", name);
  append_quoted (out, text);
}

static SioSpan
trim (const char *p,
      const char *end)
{
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  while (p < end && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  return (SioSpan) { p, (gsize) (end - p) };
}

static gboolean
next_header (SioSpan *lines,
             SioSpan *name,
             SioSpan *value)
{
  if (!sioscope_headers_next (lines, name, value))
    return FALSE;
  *name = trim (name->data, name->data + name->size);
  *value = trim (value->data, value->data + value->size);
  return TRUE;
}

static gboolean
is_name (SioSpan     name,
         const char *wanted)
{
  return name.size == strlen (wanted) && g_ascii_strncasecmp (name.data, wanted, name.size) == 0;
}

static SioSpan
find_header (SioSpan     lines,
             const char *wanted)
{
  SioSpan name, value;

  while (next_header (&lines, &name, &value))
    if (is_name (name, wanted))
      return value;
  return (SioSpan) { NULL, 0 };
}

static void
append_headers (GString *out,
                SioSpan  lines)
{
  const char *separator = "";
  SioSpan name, value;

  g_string_append (out, "\"headers\":[");
  while (next_header (&lines, &name, &value))
    {
      g_string_append_printf (out, "%s{", separator);
      append_member (out, "name", name);
      g_string_append_c (out, ',');
      append_member (out, "value", value);
      g_string_append_c (out, '}');
      separator = ",";
    }
  g_string_append_c (out, ']');
}

/* "a=b; c=d": of a request each is a cookie, of a response only the first, and the others say what it is. */
static void
append_cookie_parts (GString     *out,
                     SioSpan      text,
                     gboolean     is_response,
                     const char **separator)
{
  const char *p = text.data, *end = p + text.size;
  gboolean first = TRUE;

  while (p != NULL && p < end)
    {
      const char *part_end = memchr (p, ';', (gsize) (end - p));
      const char *equals;
      SioSpan name, value = { NULL, 0 };

      part_end = part_end != NULL ? part_end : end;
      equals = memchr (p, '=', (gsize) (part_end - p));
      name = trim (p, equals != NULL ? equals : part_end);
      if (equals != NULL)
        value = trim (equals + 1, part_end);
      p = part_end + 1;
      if (first || !is_response)
        {
          if (name.size == 0)
            continue;
          g_string_append_printf (out, "%s{", *separator);
          append_member (out, "name", name);
          g_string_append_c (out, ',');
          append_member (out, "value", value);
          if (!is_response)
            g_string_append_c (out, '}');
          *separator = ",";
          first = FALSE;
        }
      else if (is_name (name, "path") || is_name (name, "domain"))
        {
          g_string_append_c (out, ',');
          append_member (out, is_name (name, "path") ? "path" : "domain", value);
        }
      else if (is_name (name, "httponly") || is_name (name, "secure"))
        g_string_append_printf (out, ",\"%s\":true", is_name (name, "secure") ? "secure" : "httpOnly");
    }
  if (is_response && !first)
    g_string_append_c (out, '}');
}

static void
append_cookies (GString  *out,
                SioSpan   lines,
                gboolean  is_response)
{
  const char *separator = "";
  SioSpan name, value;

  g_string_append (out, "\"cookies\":[");
  while (next_header (&lines, &name, &value))
    if (is_name (name, is_response ? "set-cookie" : "cookie"))
      append_cookie_parts (out, value, is_response, &separator);
  g_string_append_c (out, ']');
}

/* As it stands in the address: what is encoded there stays so. */
static void
append_query (GString *out,
              SioSpan  url)
{
  const char *p = url.size != 0 ? memchr (url.data, '?', url.size) : NULL, *end = url.data + url.size;
  const char *separator = "";

  g_string_append (out, "\"queryString\":[");
  while (p != NULL && p < end && *p != '#')
    {
      const char *part = p + 1, *part_end = part, *equals;

      while (part_end < end && *part_end != '&' && *part_end != '#')
        part_end++;
      equals = memchr (part, '=', (gsize) (part_end - part));
      if (part_end > part)
        {
          g_string_append_printf (out, "%s{", separator);
          append_member (out, "name", (SioSpan) { part, (gsize) ((equals != NULL ? equals : part_end) - part) });
          g_string_append_c (out, ',');
          append_member (out, "value", equals != NULL ? (SioSpan) { equals + 1, (gsize) (part_end - equals - 1) }
                                                      : (SioSpan) { NULL, 0 });
          g_string_append_c (out, '}');
          separator = ",";
        }
      p = part_end < end ? part_end : NULL;
    }
  g_string_append_c (out, ']');
}

/* The text of a body, or its base64 and then what says so. */
static void
append_body (GString    *out,
             SioSpan     body,
             const char *encoding)
{
  g_string_append (out, ",\"text\":");
  if (body.size == 0 || sio_utf8_validate (body))
    {
      append_quoted (out, body);
      return;
    }
  g_string_append_c (out, '"');
  sio_base64_append (out, body.data, body.size);
  g_string_append_printf (out, "\",\"%s\":\"base64\"", encoding);
}

static void
append_request (GString             *out,
                const SioscopeEntry *entry,
                const char          *version)
{
  g_string_append (out, "\"request\":{");
  append_member (out, "method", entry->method.size != 0 ? entry->method : SIO_SPAN_LITERAL ("GET"));
  g_string_append_c (out, ',');
  append_member (out, "url", entry->uri);
  g_string_append_printf (out, ",\"httpVersion\":\"%s\",", version);
  append_cookies (out, entry->request_headers, FALSE);
  g_string_append_c (out, ',');
  append_headers (out, entry->request_headers);
  g_string_append_c (out, ',');
  append_query (out, entry->uri);
  if (entry->request_body.size != 0)
    {
      g_string_append (out, ",\"postData\":{");
      append_member (out, "mimeType", find_header (entry->request_headers, "content-type"));
      append_body (out, entry->request_body, "_encoding");
      g_string_append_c (out, '}');
    }
  g_string_append_printf (out, ",\"headersSize\":-1,\"bodySize\":%" G_GSIZE_FORMAT "}", entry->request_body.size);
}

static void
append_response (GString             *out,
                 const SioscopeEntry *entry,
                 const char          *version)
{
  g_string_append_printf (out, ",\"response\":{\"status\":%u,", entry->status);
  append_member (out, "statusText", entry->reason);
  g_string_append_printf (out, ",\"httpVersion\":\"%s\",", version);
  append_cookies (out, entry->response_headers, TRUE);
  g_string_append_c (out, ',');
  append_headers (out, entry->response_headers);
  g_string_append_printf (out, ",\"content\":{\"size\":%" G_GSIZE_FORMAT ",", entry->response_body.size);
  append_member (out, "mimeType", find_header (entry->response_headers, "content-type"));
  if (entry->response_body.size != 0)
    append_body (out, entry->response_body, "encoding");
  g_string_append (out, "},");
  append_member (out, "redirectURL", find_header (entry->response_headers, "location"));
  g_string_append_printf (out, ",\"headersSize\":-1,\"bodySize\":%" G_GSIZE_FORMAT, entry->response_body.size);
  if (entry->message.size != 0)
    {
      g_string_append_c (out, ',');
      append_member (out, "_error", entry->message);
    }
  g_string_append_c (out, '}');
}

static void
append_calendar (GString *out,
                 gint64   real_us)
{
  gint64 us = CLAMP (real_us, 0, G_GINT64_CONSTANT (253402300799999999) /* of the year 9999 */);
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (us / G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");

  g_string_append_printf (out, "\"%s.%06dZ\"", text, (int) (us % G_USEC_PER_SEC));
}

void
sioscope_har_append_entry (GString             *out,
                           const SioscopeEntry *entry,
                           gint64               start_real_us,
                           gboolean             is_socket,
                           const char          *comment)
{
  gint64 duration_us = MAX (0, entry->duration_us);
  gint64 start_us = sioscope_har_add_us (start_real_us, entry->time_us - duration_us);
  /* A WebSocket begins with HTTP/1.1; which version others had the recording does not say. */
  const char *version = is_socket ? "HTTP/1.1" : "unknown";
  g_autofree char *ms = g_strdup_printf ("%" G_GINT64_FORMAT ".%03d", duration_us / 1000, (int) (duration_us % 1000));

  g_string_append (out, "{\"startedDateTime\":");
  append_calendar (out, start_us);
  g_string_append_printf (out, ",\"time\":%s,", ms);
  append_request (out, entry, version);
  append_response (out, entry, version);
  g_string_append_printf (out, ",\"cache\":{},\"timings\":{\"send\":0,\"wait\":%s,\"receive\":0},\"_resourceType\":\"%s\"", ms,
                          is_socket ? "websocket" : "xhr");
  if (entry->tls_fingerprint.size != 0)
    {
      g_string_append_c (out, ',');
      append_member (out, "_tlsFingerprint", entry->tls_fingerprint);
    }
  if (entry->tls_errors != 0)
    g_string_append_printf (out, ",\"_tlsErrors\":%u", entry->tls_errors);
  if (comment != NULL)
    {
      g_string_append_c (out, ',');
      append_member (out, "comment", (SioSpan) { comment, strlen (comment) });
    }
}

static void
append_frame (GString *out,
              guint    opcode,
              SioSpan  prefix,
              SioSpan  data)
{
  g_string_append_printf (out, "\"opcode\":%u,\"data\":", opcode);
  if (opcode == OPCODE_TEXT)
    {
      gsize start = out->len;

      append_quoted (out, data);
      g_string_insert_len (out, (gssize) start + 1, prefix.data, (gssize) prefix.size);
      return;
    }
  g_string_append_c (out, '"');
  if (prefix.size == 0)
    sio_base64_append (out, data.data, data.size);
  else
    {
      g_autofree char *whole = g_malloc (prefix.size + data.size);

      memcpy (whole, prefix.data, prefix.size);
      if (data.size != 0)
        memcpy (whole + prefix.size, data.data, data.size);
      sio_base64_append (out, whole, prefix.size + data.size);
    }
  g_string_append_c (out, '"');
}

static void
append_binary (GString                  *out,
               SioSpan                   bytes,
               const SioscopeHarAddress *address)
{
  g_autoptr(GString) text = NULL;

  if (!address->base64)
    {
      append_frame (out, OPCODE_BINARY, sio_engine_packet_get_binary_prefix (address->eio), bytes);
      return;
    }
  text = g_string_new (NULL);
  sio_engine_packet_append_base64 (address->eio, bytes, text);
  append_frame (out, OPCODE_TEXT, (SioSpan) { NULL, 0 }, (SioSpan) { text->str, text->len });
}

void
sioscope_har_append_message (GString                  *out,
                             const SioscopeEntry      *entry,
                             gint64                    real_us,
                             const SioscopeHarAddress *address)
{
  static const SioSpan none = { NULL, 0 };
  guint64 size = real_us < 0 ? 0 - (guint64) real_us : (guint64) real_us;

  g_string_append_printf (out, "{\"type\":\"%s\",\"time\":%s%" G_GUINT64_FORMAT ".%06u,",
                          entry->direction == SIO_DIRECTION_OUT ? "send" : "receive", real_us < 0 ? "-" : "",
                          size / G_USEC_PER_SEC, (guint) (size % G_USEC_PER_SEC));
  if (entry->kind == SIOSCOPE_KIND_FRAME)
    append_frame (out, entry->opcode, none, entry->raw);
  else if (entry->kind == SIOSCOPE_KIND_ATTACHMENT)
    append_binary (out, entry->raw, address);
  else if (entry->wire.size == 0)
    append_frame (out, OPCODE_TEXT, none, entry->raw);
  /* With another parser: a message is text only if it can be. */
  else if (sio_utf8_validate (entry->wire))
    append_frame (out, OPCODE_TEXT, SIO_SPAN_LITERAL ("4"), entry->wire);
  else
    append_binary (out, entry->wire, address);
  g_string_append_c (out, '}');
}
