/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One row in words. */

#include <time.h>

#include "sioscope-text-private.h"
#include "wire/sio-base64.h"

static gboolean
is_visible (gunichar c)
{
  if (c < 0x80)
    return c >= 0x20 && c != 0x7f;
  return !(c < 0xa0
           || c == 0x00ad
           || c == 0x061c
           || (c >= 0x200b && c <= 0x200f)
           || (c >= 0x2028 && c <= 0x202e)
           || (c >= 0x2060 && c <= 0x206f)
           || c == 0xfeff
           || (c >= 0xfff9 && c <= 0xfffb)
           || (c >= 0xe0000 && c <= 0xe007f));
}

void
sioscope_append_visible (GString *out,
                         SioSpan  text)
{
  const char *p = text.data, *end = p + text.size;

  while (p < end)
    {
      const char *start = p;
      gunichar c;

      while (p < end && (guchar) *p >= 0x20 && (guchar) *p < 0x7f)
        p++;
      if (p > start)
        {
          g_string_append_len (out, start, p - start);
          continue;
        }
      c = *p == '\0' ? 0 : g_utf8_get_char_validated (p, end - p);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (out, "\\x{%02X}", (guchar) *p++);
          continue;
        }
      if (is_visible (c))
        g_string_append_unichar (out, c);
      else
        g_string_append_printf (out, "\\u{%X}", c);
      p += c == 0 ? 1 : g_unichar_to_utf8 (c, NULL);
    }
}

void
sioscope_append_utc (GString *out,
                     gint64   real_us)
{
  gint64 seconds = real_us / G_USEC_PER_SEC, rest = real_us % G_USEC_PER_SEC;
  time_t when;
  struct tm parts;
  char text[32];

  if (rest < 0)
    {
      rest += G_USEC_PER_SEC;
      seconds--;
    }
  when = (time_t) seconds;
  /* A file may claim any time. */
  if (gmtime_r (&when, &parts) == NULL || strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
    g_string_append_printf (out, "%" G_GINT64_FORMAT ".%06d", seconds, (int) rest);
  else
    g_string_append_printf (out, "%s.%06dZ", text, (int) rest);
}

const char *
sioscope_row_kind_word (const SioscopeEntry *entry)
{
  static const char * const packets[] = { "connect", "disconnect", "event", "ack", "connect_error", "event", "ack" };
  static const char * const engine[] = { "open", "close", "ping", "pong", "message", "upgrade", "noop" };

  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET: return (guint) entry->packet_type < G_N_ELEMENTS (packets) ? packets[entry->packet_type] : "packet";
    case SIOSCOPE_KIND_ENGINE: return (guint) entry->engine_type < G_N_ELEMENTS (engine) ? engine[entry->engine_type] : "packet";
    case SIOSCOPE_KIND_ATTACHMENT: return "attachment";
    case SIOSCOPE_KIND_FRAME: return "frame";
    case SIOSCOPE_KIND_HTTP: return "http";
    case SIOSCOPE_KIND_STATE: return "state";
    case SIOSCOPE_KIND_SOCKET: return "namespace";
    case SIOSCOPE_KIND_EMIT: return "emit";
    case SIOSCOPE_KIND_ERROR: return "error";
    case SIOSCOPE_KIND_NOTE: return "note";
    }
  return "unknown";
}

const char *
sioscope_row_status_word (const SioscopeEntry *entry)
{
  static const char * const states[] = {
    [SIO_TAP_STATE_CONNECTING] = "connecting",
    [SIO_TAP_STATE_OPEN] = "open",
    [SIO_TAP_STATE_UPGRADING] = "upgrading",
    [SIO_TAP_STATE_UPGRADED] = "upgraded",
    [SIO_TAP_STATE_UPGRADE_FAILED] = "upgrade failed",
    [SIO_TAP_STATE_CLOSED] = "closed",
    [SIO_TAP_STATE_ATTEMPT_FAILED] = "attempt failed",
    [SIO_TAP_STATE_WAITING] = "waiting",
    [SIO_TAP_STATE_FAILED] = "gave up",
  };
  static const char * const changes[] = {
    [SIO_TAP_SOCKET_CONNECTING] = "connecting",
    [SIO_TAP_SOCKET_CONNECTED] = "connected",
    [SIO_TAP_SOCKET_CONNECT_ERROR] = "refused",
    [SIO_TAP_SOCKET_DISCONNECTED] = "disconnected",
  };
  static const char * const fates[] = {
    [SIO_TAP_EMIT_BUFFERED] = "buffered",
    [SIO_TAP_EMIT_DROPPED] = "dropped",
    [SIO_TAP_EMIT_REFUSED] = "refused",
    [SIO_TAP_EMIT_ACK_TIMEOUT] = "ack timed out",
    [SIO_TAP_EMIT_ACK_ABANDONED] = "ack abandoned",
    [SIO_TAP_EMIT_LOST] = "lost",
  };

  switch (entry->kind)
    {
    case SIOSCOPE_KIND_STATE: return (guint) entry->state < G_N_ELEMENTS (states) ? states[entry->state] : NULL;
    case SIOSCOPE_KIND_SOCKET: return (guint) entry->socket_change < G_N_ELEMENTS (changes) ? changes[entry->socket_change] : NULL;
    case SIOSCOPE_KIND_EMIT: return (guint) entry->fate < G_N_ELEMENTS (fates) ? fates[entry->fate] : NULL;
    case SIOSCOPE_KIND_PACKET:
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
    case SIOSCOPE_KIND_HTTP:
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
      break;
    }
  return NULL;
}

const char *
sioscope_row_direction_word (const SioscopeEntry *entry)
{
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
      return entry->direction == SIO_DIRECTION_IN ? "in" : "out";
    case SIOSCOPE_KIND_HTTP:
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
      break;
    }
  return "";
}

gsize
sioscope_row_size (const SioscopeEntry *entry)
{
  if (entry->kind == SIOSCOPE_KIND_HTTP)
    return entry->request_body.size + entry->response_body.size;
  return entry->wire.size != 0 ? entry->wire.size : entry->raw.size;
}

static void
append_span (GString *out,
             SioSpan  text)
{
  g_string_append_len (out, text.data, (gssize) text.size);
}

static void
append_more (GString    *out,
             gsize       start,
             const char *between,
             SioSpan     text)
{
  if (text.size == 0)
    return;
  if (out->len > start)
    g_string_append (out, between);
  append_span (out, text);
}

static void
append_open (GString             *out,
             const SioscopeEntry *entry)
{
  g_string_append_printf (out, "sid %.*s, Engine.IO %u", (int) MIN (entry->sid.size, G_MAXINT),
                          entry->sid.size != 0 ? entry->sid.data : "", entry->eio);
  if (entry->server != 0)
    g_string_append_printf (out, ", server %u", entry->server);
  g_string_append_printf (out, ", ping every %u ms, timeout %u ms", entry->ping_interval_ms, entry->ping_timeout_ms);
  if (entry->max_payload != 0)
    g_string_append_printf (out, ", at most %" G_GINT64_FORMAT " bytes", entry->max_payload);
  append_more (out, 0, ", parser ", entry->parser);
}

static void
append_packet (GString             *out,
               const SioscopeEntry *entry)
{
  switch (entry->packet_type)
    {
    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      g_string_append_c (out, '[');
      append_span (out, entry->args);
      g_string_append_c (out, ']');
      break;
    case SIO_PACKET_CONNECT:
    case SIO_PACKET_DISCONNECT:
    case SIO_PACKET_CONNECT_ERROR:
      append_span (out, entry->args);
      break;
    }
}

void
sioscope_append_row_text (GString             *out,
                          const SioscopeEntry *entry)
{
  gsize start = out->len;

  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
      append_packet (out, entry);
      break;
    case SIOSCOPE_KIND_ATTACHMENT:
      g_string_append (out, "base64:");
      sio_base64_append (out, entry->raw.data, entry->raw.size);
      break;
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
      append_span (out, entry->raw);
      break;
    case SIOSCOPE_KIND_HTTP:
      append_span (out, entry->method);
      append_more (out, start, " ", entry->uri);
      append_more (out, start, " ", entry->reason);
      append_more (out, start, ": ", entry->message);
      break;
    case SIOSCOPE_KIND_STATE:
      if (entry->state == SIO_TAP_STATE_OPEN)
        append_open (out, entry);
      else if (entry->state == SIO_TAP_STATE_WAITING)
        g_string_append_printf (out, "attempt %u in %u ms", entry->attempt, entry->delay_ms);
      append_more (out, start, "; ", entry->reason);
      append_more (out, start, ": ", entry->message);
      break;
    case SIOSCOPE_KIND_SOCKET:
      append_span (out, entry->reason);
      append_more (out, start, " ", entry->args);
      append_more (out, start, ": ", entry->message);
      break;
    case SIOSCOPE_KIND_EMIT:
      if (entry->args.size != 0)
        {
          g_string_append_c (out, '[');
          append_span (out, entry->args);
          g_string_append_c (out, ']');
        }
      append_more (out, start, " ", entry->message);
      break;
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
      append_span (out, entry->reason);
      append_more (out, start, ": ", entry->message);
      append_more (out, start, " | ", entry->raw);
      break;
    }
}
