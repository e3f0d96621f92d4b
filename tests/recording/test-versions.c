/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What came with other versions, parsers and certificates: recorded, read from a file as it was live, folded and printed. */

#include "recording-script.h"
#include "sioscope-print.h"
#include "sioscope-recording-private.h"

#include <glib/gstdio.h>

/* Two missed events of "/" come back before its CONNECT; "/other" is joined anew, and one more event comes afterwards. */
static const char recovery[] =
  "0 state connecting transport=websocket\n"
  "1 state open transport=websocket sid=a eio=4\n"
  "1 packet out 40\n"
  "1 socket connecting /\n"
  "2 packet in 40{\"sid\":\"s\",\"pid\":\"p\"}\n"
  "2 socket connected / reason=s\n"
  "3 packet in 42[\"first\",\"o1\"]\n"
  "4 state closed transport=websocket reason=transport_close again=1\n"
  "4 socket disconnected / reason=transport_close again=1\n"
  "5 state connecting transport=websocket attempt=1\n"
  "6 state open transport=websocket attempt=1 sid=b eio=4\n"
  "6 packet out 40{\"pid\":\"p\",\"offset\":\"o1\"}\n"
  "6 socket connecting /\n"
  "6 packet out 40/other,\n"
  "6 socket connecting /other\n"
  "7 packet in 42[\"missed\",1,\"o2\"]\n"
  "7 packet in 42/other,[\"early\"]\n"
  "8 packet in 451-[\"missed-too\",{\"_placeholder\":true,\"num\":0},\"o3\"]\n"
  "8 attachment in 0 xyz\n";

static const char recovered[] =
  "9 packet in 40{\"sid\":\"s\",\"pid\":\"p\"}\n"
  "9 socket connected / reason=s recovered=1\n"
  "10 packet in 42[\"later\",\"o4\"]\n"
  "11 packet in 40/other,{\"sid\":\"t\"}\n"
  "11 socket connected /other reason=t\n";

static char *
list_replayed (SioscopeProjection *projection)
{
  SioscopeRecording *recording = sioscope_projection_get_recording (projection);
  GString *names = g_string_new (NULL);
  SioscopeEntry entry;

  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    if (sioscope_projection_get_replayed (projection, row) && sioscope_recording_read (recording, row, &entry))
      g_string_append_len (names, entry.event.data, (gssize) entry.event.size);
  return g_string_free (names, FALSE);
}

static void
changed_cb (SioscopeProjection *projection,
            guint               what,
            guint              *seen)
{
  *seen |= what;
}

static void
test_replayed_live (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (recovery, &recorder);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);
  g_autofree char *before = NULL, *after = NULL;
  guint seen = 0;

  g_signal_connect (projection, "changed", G_CALLBACK (changed_cb), &seen);
  sioscope_projection_update (projection, 0);
  before = list_replayed (projection);
  g_assert_cmpstr (before, ==, "");
  g_assert_false (seen & SIOSCOPE_CHANGED_REPLAYED);

  script_play (recorder, recording, recovered);
  sioscope_projection_update (projection, 0);
  after = list_replayed (projection);
  g_assert_cmpstr (after, ==, "\"missed\"\"missed-too\"");
  g_assert_true (seen & SIOSCOPE_CHANGED_REPLAYED);
}

static char *
print_all (SioscopePrinter *printer)
{
  GString *out = g_string_new (NULL);

  while (sioscope_printer_next (printer, out))
    ;
  return g_string_free (out, FALSE);
}

static guint
count (const char *text,
       const char *what)
{
  guint n = 0;

  for (const char *p = strstr (text, what); p != NULL; p = strstr (p + 1, what))
    n++;
  return n;
}

static void
assert_prints_replayed (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean missed = strstr (lines[i], "\"event\":\"missed") != NULL;

      g_assert_cmpint (strstr (lines[i], "\"replayed\":true") != NULL, ==, missed);
    }
  g_assert_cmpuint (count (text, "\"replayed\":true"), ==, 2);
  g_assert_nonnull (strstr (text, "\"event\":\"later\""));
  g_assert_nonnull (strstr (text, "\"event\":\"early\""));
}

static void
test_replayed_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.sioscope", NULL);
  g_autoptr(SioscopeRecording) written = sioscope_recording_new (path, "script");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (written);
  g_autoptr(SioscopeRecording) file = NULL;
  g_autoptr(SioscopeProjection) projection = NULL;
  g_autoptr(SioscopePrinter) printer = NULL;
  g_autofree char *replayed = NULL, *printed = NULL;

  script_play (recorder, written, recovery);
  script_play (recorder, written, recovered);
  sioscope_recorder_finish (recorder);

  file = sioscope_recording_open (path, NULL);
  projection = sioscope_projection_new (file);
  sioscope_projection_update (projection, 0);
  replayed = list_replayed (projection);
  g_assert_cmpstr (replayed, ==, "\"missed\"\"missed-too\"");

  printer = sioscope_printer_new (file, SIOSCOPE_PRINT_EVENTS);
  printed = print_all (printer);
  assert_prints_replayed (printed);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Live, the line waits for the answer, and for no longer. */
static void
test_replayed_printed_live (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (recovery, &recorder);
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_EVENTS);
  g_autofree char *first = print_all (printer);
  g_autofree char *second = NULL, *both = NULL;

  g_assert_null (strstr (first, "missed"));
  script_play (recorder, recording, recovered);
  second = print_all (printer);
  both = g_strconcat (first, second, NULL);
  assert_prints_replayed (both);
}

static void
test_not_recovered (void)
{
  g_autofree char *script = g_strconcat (recovery, "9 packet in 40{\"sid\":\"u\",\"pid\":\"q\"}\n"
                                         "9 socket connected / reason=u\n", NULL);
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_EVENTS);
  g_autofree char *replayed = NULL, *printed = NULL;

  sioscope_projection_update (projection, 0);
  replayed = list_replayed (projection);
  g_assert_cmpstr (replayed, ==, "");
  printed = print_all (printer);
  g_assert_nonnull (strstr (printed, "\"missed-too\""));
  g_assert_cmpuint (count (printed, "replayed"), ==, 0);
}

/* A server that never answers CONNECT and sends all the same: what it sends is printed when the connection is over. */
static void
test_never_answered (void)
{
  g_autofree char *script = g_strconcat (recovery, "50 state closed transport=websocket reason=ping_timeout again=1\n", NULL);
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_EVENTS);
  g_autofree char *printed = print_all (printer);

  g_assert_nonnull (strstr (printed, "\"missed-too\""));
  g_assert_cmpuint (count (printed, "replayed"), ==, 0);
}

/* ── Another parser ── */

static const char msgpack[] =
  "0 state connecting transport=websocket\n"
  "1 state open transport=websocket sid=a eio=4 parser=msgpack reason=the_open_packet_has_maxPayload\n"
  "2 packet in 40{\"sid\":\"s\"} wire=\x82\xa4type\n"
  "2 socket connected / reason=s\n"
  "3 packet out 4517-[\"hi\",{\"_placeholder\":true,\"num\":0}] wire=\x83\xa4" "DATA\n"
  "3 attachment out 0 xyz\n";

static void
test_wire (void)
{
  g_autofree char *script = g_strdup (msgpack);
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(SioscopeProjection) projection = NULL;
  g_autoptr(SioscopePrinter) printer = NULL;
  g_autofree char *printed = NULL;
  SioscopeEntry entry;

  /* One attachment with the ack id 7. */
  memcpy (strstr (script, "4517-"), "451-7", 5);
  recording = script_record (script, &recorder);
  projection = sioscope_projection_new (recording);
  sioscope_projection_update (projection, 0);
  g_assert_cmpstr (sioscope_projection_get_status (projection)->parser, ==, "msgpack");
  g_assert_cmpstr (sioscope_projection_get_status (projection)->how, ==, "the open packet has maxPayload");

  g_assert_true (sioscope_recording_read (recording, 2, &entry));
  g_assert_true (sio_span_equals (entry.wire, "\x82\xa4type"));
  g_assert_true (sio_span_equals (entry.raw, "40{\"sid\":\"s\"}"));
  g_assert_true (sioscope_recording_read (recording, 4, &entry));
  g_assert_true (sio_span_equals (entry.wire, "\x83\xa4" "DATA"));
  g_assert_true (sio_span_equals (entry.event, "\"hi\""));
  g_assert_cmpint (entry.id, ==, 7);

  /* What was inside of the message went over the wire once. */
  printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_FRAMES);
  printed = print_all (printer);
  g_assert_cmpuint (count (printed, "\"kind\":\"frame\""), ==, 2);
  g_assert_cmpuint (count (printed, "\"parser\":\"msgpack\""), ==, 1);
  g_assert_cmpuint (count (printed, "\"layer\":\"engine\""), ==, 2);
  g_assert_nonnull (strstr (printed, "\"data\":{\"$binary\":\"g6REQVRB\"}"));
  g_assert_nonnull (strstr (printed, "\"args\":[{\"$binary\":\"eHl6\"}]"));
  g_assert_nonnull (strstr (printed, "\"reason\":\"the open packet has maxPayload\""));
}

/* A record whose message would reach outside of it is damaged; without the flag the same bytes are a packet. */
static void
test_wire_damaged (void)
{
  guint8 record[SIOSCOPE_RECORD_HEADER_SIZE + SIOSCOPE_PACKET_FIELDS_SIZE + 8] = { 0 };
  SioscopeEntry entry;

  sioscope_put32 (record, sizeof record);
  record[4] = SIOSCOPE_KIND_PACKET;
  sioscope_put32 (record + 24, 2);
  memcpy (record + 64, "40xx", 4);
  sioscope_put32 (record + 68, 5);
  g_assert_true (sioscope_recording_parse (record, sizeof record, 0, &entry));
  g_assert_cmpuint (entry.wire.size, ==, 0);

  record[7] = SIOSCOPE_PACKET_HAS_WIRE;
  g_assert_false (sioscope_recording_parse (record, sizeof record, 0, &entry));
  g_assert_cmpint (entry.kind, ==, SIOSCOPE_KIND_ERROR);

  sioscope_put32 (record + 68, 2);
  g_assert_true (sioscope_recording_parse (record, sizeof record, 0, &entry));
  g_assert_true (sio_span_equals (entry.wire, "xx"));
  g_assert_true (sio_span_equals (entry.raw, "40"));
}

/* ── Certificates ── */

static void
test_tls (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording =
    script_record ("0 state connecting transport=polling\n"
                   "5 http GET 0 5 https://localhost/socket.io/?EIO=4 tls=9 fingerprint=AB:CD certificate=Subject:_CN=x~\n"
                   "5 state attempt-failed transport=polling reason=transport_error message=no again=0\n", &recorder);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);
  const SioscopeStatus *status = sioscope_projection_get_status (projection);
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_FRAMES);
  g_autofree char *printed = NULL;
  SioscopeEntry entry;

  sioscope_projection_update (projection, 0);
  g_assert_true (status->tls_refused);
  g_assert_cmpuint (status->tls_errors, ==, G_TLS_CERTIFICATE_UNKNOWN_CA | G_TLS_CERTIFICATE_EXPIRED);
  g_assert_cmpstr (status->tls_fingerprint, ==, "AB:CD");
  g_assert_cmpstr (status->tls_certificate, ==, "Subject: CN=x\n");
  g_assert_false (status->plain);
  g_assert_true (sioscope_recording_read (recording, 1, &entry));
  g_assert_cmpuint (entry.tls_errors, ==, 9);
  g_assert_true (sio_span_equals (entry.tls_fingerprint, "AB:CD"));

  printed = print_all (printer);
  g_assert_nonnull (strstr (printed, "\"tls_fingerprint\":\"AB:CD\""));
  g_assert_nonnull (strstr (printed, "\"tls_errors\":[\"unknown-ca\",\"expired\"]"));

  /* Accepted by its fingerprint: still not trusted by anybody else. */
  script_play (recorder, recording,
               "10 state connecting transport=polling\n"
               "15 http GET 200 5 https://localhost/socket.io/?EIO=4 tls=1 fingerprint=AB:CD\n");
  sioscope_projection_update (projection, 0);
  g_assert_false (status->tls_refused);
  g_assert_cmpuint (status->tls_errors, ==, G_TLS_CERTIFICATE_UNKNOWN_CA);

  /* And another attempt has one that is good. */
  script_play (recorder, recording,
               "20 state connecting transport=polling attempt=1\n"
               "25 http GET 200 5 https://localhost/socket.io/?EIO=4 fingerprint=EF\n");
  sioscope_projection_update (projection, 0);
  g_assert_cmpuint (status->tls_errors, ==, 0);
  g_assert_cmpstr (status->tls_fingerprint, ==, "EF");
}

static void
assert_credentials (const char *line,
                    gboolean    expected)
{
  g_autofree char *script = g_strconcat ("0 state connecting transport=polling\n", line, NULL);
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);

  sioscope_projection_update (projection, 0);
  g_assert_cmpint (sioscope_projection_get_status (projection)->credentials, ==, expected);
}

static void
test_credentials (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording =
    script_record ("0 state connecting transport=polling\n5 http GET 200 5 http://h/socket.io/?EIO=4\n", &recorder);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);

  sioscope_projection_update (projection, 0);
  g_assert_true (sioscope_projection_get_status (projection)->plain);

  assert_credentials ("1 http GET 200 1 http://h/socket.io/?EIO=4&sid=abc", FALSE);
  assert_credentials ("1 http GET 200 1 http://h/socket.io/?EIO=4&token=abc", TRUE);
  assert_credentials ("1 http GET 200 1 http://h/ headers=Sec-WebSocket-Key:_x~Accept:_*~", FALSE);
  assert_credentials ("1 http GET 200 1 http://h/ headers=Accept:_*~Authorization:_x~", TRUE);
  assert_credentials ("1 packet out 40{\"token\":1}", TRUE);
  assert_credentials ("1 packet out 40", FALSE);
  assert_credentials ("1 packet in 40{\"sid\":\"x\"}", FALSE);
  assert_credentials ("1 packet out 40{\"pid\":\"p\",\"offset\":\"o\"}", FALSE);
}

/* ── The same attempt in another way ── */

static void
test_connecting_again (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording =
    script_record ("0 state connecting transport=polling attempt=2\n"
                   "5 state connecting transport=websocket attempt=2 reason=polling_is_disabled\n"
                   "9 state open transport=websocket attempt=2 sid=a eio=3 server=2\n"
                   "10 engine out 2\n"
                   "17 engine in 3\n", &recorder);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_EVENTS);
  g_autofree char *printed = print_all (printer);
  const SioscopeSegment *segments;
  guint n;

  sioscope_projection_update (projection, 0);
  segments = sioscope_projection_get_segments (projection, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpint (segments[0].phase, ==, SIOSCOPE_PHASE_CONNECTING);
  g_assert_cmpint (segments[0].transport, ==, SIO_TRANSPORT_KIND_WEBSOCKET);
  g_assert_cmpint (segments[0].start_us, ==, 0);
  g_assert_cmpint (segments[0].end_us, ==, 9000);
  g_assert_cmpuint (count (printed, "reconnect_attempt"), ==, 1);
  g_assert_nonnull (strstr (printed, "\"state\":\"connecting\",\"transport\":\"websocket\",\"attempt\":2,"
                                     "\"reason\":\"polling is disabled\""));

  /* Engine.IO 3: we ask, and the answer's way is known. */
  g_assert_nonnull (strstr (printed, "{\"kind\":\"ping\",\"time\":0.017000,\"rtt_ms\":7.000}"));
  g_assert_cmpint (sioscope_projection_get_status (projection)->rtt_us, ==, 7000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replayed/live", test_replayed_live);
  g_test_add_func ("/replayed/file", test_replayed_file);
  g_test_add_func ("/replayed/printed-live", test_replayed_printed_live);
  g_test_add_func ("/replayed/not-recovered", test_not_recovered);
  g_test_add_func ("/replayed/never-answered", test_never_answered);
  g_test_add_func ("/wire/read-and-printed", test_wire);
  g_test_add_func ("/wire/damaged", test_wire_damaged);
  g_test_add_func ("/tls/certificate", test_tls);
  g_test_add_func ("/tls/credentials-in-the-clear", test_credentials);
  g_test_add_func ("/state/connecting-again-and-eio3-round-trip", test_connecting_again);
  return g_test_run ();
}
