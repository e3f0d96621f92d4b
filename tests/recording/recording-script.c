/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "recording-script.h"
#include "sioscope-recording-private.h"
#include "wire/sio-packet.h"

static gint64 script_now_us;

static gint64
script_clock (void)
{
  return script_now_us;
}

static guint
find_word (const char         *word,
           const char * const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_equal (word, words[i]))
      return i;
  g_error ("no such word in a script: %s", word);
}

static const char *
get_value (char       **words,
           const char  *name)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], name) && words[i][strlen (name)] == '=')
      return words[i] + strlen (name) + 1;
  return NULL;
}

static guint
get_number (char       **words,
            const char  *name)
{
  const char *value = get_value (words, name);

  return value != NULL ? (guint) g_ascii_strtoull (value, NULL, 10) : 0;
}

static SioSpan
span_of (const char *text)
{
  return text != NULL ? (SioSpan) { text, strlen (text) } : (SioSpan) { NULL, 0 };
}

static SioTransportKind
get_transport (char **words)
{
  const char *value = get_value (words, "transport");

  if (value == NULL)
    return SIO_TRANSPORT_KIND_NONE;
  return g_str_equal (value, "polling") ? SIO_TRANSPORT_KIND_POLLING : SIO_TRANSPORT_KIND_WEBSOCKET;
}

static SioDirection
get_direction (const char *word)
{
  static const char * const words[] = { "in", "out", NULL };

  return (SioDirection) find_word (word, words);
}

static void
play_state (SioTap  *tap,
            char   **words)
{
  static const char * const states[] = {
    "connecting", "open", "upgrading", "upgraded", "upgrade-failed", "closed", "attempt-failed", "waiting",
    "failed", NULL
  };
  g_autoptr(GError) error = NULL;
  SioTapStateChange change = {
    .state = (SioTapState) find_word (words[2], states),
    .transport = get_transport (words),
    .reason = get_value (words, "reason"),
    .attempt = get_number (words, "attempt"),
    .delay_ms = get_number (words, "delay"),
    .delay_min_ms = get_number (words, "min"),
    .delay_max_ms = get_number (words, "max"),
    .will_reconnect = (gboolean) get_number (words, "again"),
    .sid = get_value (words, "sid"),
    .eio = get_number (words, "eio"),
    .server = get_number (words, "server"),
    .parser = get_value (words, "parser"),
  };

  if (change.state == SIO_TAP_STATE_OPEN)
    {
      change.ping_interval_ms = 25000;
      change.ping_timeout_ms = 20000;
      change.max_payload = 1000000;
    }
  if (get_value (words, "message") != NULL)
    change.error = error = g_error_new_literal (SIO_ERROR, SIO_ERROR_REFUSED, get_value (words, "message"));
  SIO_TAP_GET_IFACE (tap)->state (tap, &change);
}

static void
play_packet (SioTap  *tap,
             char   **words)
{
  SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;
  g_autoptr(GError) error = NULL;
  SioSpan raw = span_of (words[3]);
  SioTapPacket packet = { 0 };
  SioPacket decoded;

  sio_packet_decode ((SioSpan) { raw.data + 1, raw.size - 1 }, &limits, &decoded, &error);
  g_assert_no_error (error);
  packet.direction = get_direction (words[2]);
  packet.transport = get_transport (words) != SIO_TRANSPORT_KIND_NONE ? get_transport (words)
                                                                      : SIO_TRANSPORT_KIND_WEBSOCKET;
  packet.type = decoded.type;
  packet.raw = raw;
  packet.nsp = decoded.nsp;
  packet.event = decoded.event;
  packet.args = decoded.type == SIO_PACKET_CONNECT || decoded.type == SIO_PACKET_CONNECT_ERROR ? decoded.payload
                                                                                               : decoded.args;
  packet.n_args = decoded.n_args;
  packet.n_attachments = decoded.n_attachments;
  packet.id = decoded.id;
  packet.tag = get_number (words, "tag");
  packet.wire = span_of (get_value (words, "wire"));
  SIO_TAP_GET_IFACE (tap)->packet (tap, &packet);
}

static void
play_socket (SioTap  *tap,
             char   **words)
{
  static const char * const changes[] = { "connecting", "connected", "connect-error", "disconnected", NULL };
  SioTapSocketEvent event = {
    .change = (SioTapSocketChange) find_word (words[2], changes),
    .nsp = words[3],
    .reason = get_value (words, "reason"),
    .data = span_of (get_value (words, "data")),
    .active = (gboolean) get_number (words, "again"),
    .recovered = (gboolean) get_number (words, "recovered"),
  };

  SIO_TAP_GET_IFACE (tap)->socket (tap, &event);
}

static void
play_emit (SioTap  *tap,
           char   **words)
{
  static const char * const fates[] = {
    "buffered", "dropped", "refused", "ack-timeout", "ack-abandoned", "lost", NULL
  };
  g_autofree char *event = g_strdup_printf ("\"%s\"", words[5]);
  SioTapEmit emit = {
    .fate = (SioTapEmitFate) find_word (words[2], fates),
    .nsp = words[3],
    .event = span_of (event),
    .args = span_of (get_value (words, "args")),
    .id = g_ascii_strtoll (words[4], NULL, 10),
    .tag = get_number (words, "tag"),
    .text = get_value (words, "text"),
  };

  SIO_TAP_GET_IFACE (tap)->emit (tap, &emit);
}

static void
play_http (SioTap  *tap,
           char   **words)
{
  SioHttpExchange exchange = {
    .method = words[2],
    .uri = words[5],
    .status = (guint) g_ascii_strtoull (words[3], NULL, 10),
    .reason = "OK",
    .started_us = script_now_us - g_ascii_strtoll (words[4], NULL, 10) * 1000,
    .ended_us = script_now_us,
    .request_headers = get_value (words, "headers") != NULL ? get_value (words, "headers") : "",
    .response_headers = "Content-Type: text/plain\r\nSet-Cookie: a\r\nset-cookie: b\r\n",
    .request_body = span_of (get_value (words, "request")),
    .response_body = span_of (get_value (words, "response")),
    .tls_errors = (GTlsCertificateFlags) get_number (words, "tls"),
    .tls_fingerprint = get_value (words, "fingerprint"),
    .tls_certificate = get_value (words, "certificate"),
  };

  SIO_TAP_GET_IFACE (tap)->http (tap, &exchange);
}

static void
play_line (SioscopeRecorder *recorder,
           char            **words)
{
  SioTap *tap = SIO_TAP (recorder);
  SioTapInterface *iface = SIO_TAP_GET_IFACE (tap);
  const char *what = words[1];

  if (g_str_equal (what, "state"))
    play_state (tap, words);
  else if (g_str_equal (what, "packet"))
    play_packet (tap, words);
  else if (g_str_equal (what, "socket"))
    play_socket (tap, words);
  else if (g_str_equal (what, "emit"))
    play_emit (tap, words);
  else if (g_str_equal (what, "http"))
    play_http (tap, words);
  else if (g_str_equal (what, "attachment"))
    iface->attachment (tap, get_direction (words[2]), SIO_TRANSPORT_KIND_WEBSOCKET,
                       (guint) g_ascii_strtoull (words[3], NULL, 10), span_of (words[4]));
  else if (g_str_equal (what, "engine"))
    iface->engine_packet (tap, get_direction (words[2]), SIO_TRANSPORT_KIND_WEBSOCKET,
                          (SioEnginePacketType) (words[3][0] - '0'), span_of (words[3]));
  else if (g_str_equal (what, "frame"))
    iface->frame (tap, get_direction (words[2]), SIO_TRANSPORT_KIND_WEBSOCKET,
                  (guint) g_ascii_strtoull (words[3], NULL, 10), span_of (words[4]));
  else if (g_str_equal (what, "error"))
    sioscope_recorder_note (recorder, SIOSCOPE_KIND_ERROR, words[2], words[3]);
  else if (g_str_equal (what, "note"))
    sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, words[2]);
  else
    g_error ("no such thing in a script: %s", what);
}

void
script_play (SioscopeRecorder  *recorder,
             SioscopeRecording *recording,
             const char        *script)
{
  g_auto(GStrv) lines = g_strsplit (script, "\n", -1);

  sioscope_recorder_set_clock_for_tests (recorder, script_clock);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) words = g_strsplit (g_strstrip (lines[i]), " ", -1);
      guint n = 0;

      if (words[0] == NULL || words[0][0] == '\0')
        continue;
      for (guint w = 0; words[w] != NULL; w++)
        if (words[w][0] != '\0')
          words[n++] = words[w];
        else
          g_free (words[w]);
      words[n] = NULL;
      for (guint w = 2; w < n; w++)
        for (char *p = words[w]; *p != '\0' && !g_str_equal (words[1], "packet"); p++)
          *p = *p == '_' ? ' ' : *p == '~' ? '\n' : *p;
      script_now_us = recording->start_monotonic_us + g_ascii_strtoll (words[0], NULL, 10) * 1000;
      play_line (recorder, words);
    }
  sioscope_recorder_flush (recorder);
}

SioscopeRecording *
script_record (const char        *script,
               SioscopeRecorder **recorder)
{
  SioscopeRecording *recording = sioscope_recording_new (NULL, "script");

  *recorder = sioscope_recorder_new (recording);
  script_play (*recorder, recording, script);
  return recording;
}
