/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* NDJSON loses nothing: what is exported and imported is the same recording, byte for byte. */

#include "test-import-util.h"
#include "recording-script.h"
#include "sioscope-recording-copy.h"

#include <glib/gstdio.h>

/* Export, import, export: the same lines; and the recordings are the same if their records are those that a recorder writes. */
static void
assert_comes_back (Folder            *folder,
                   SioscopeRecording *recording,
                   const char        *path)
{
  g_autofree char *first = folder_path (folder, "first.ndjson");
  g_autofree char *second = folder_path (folder, "second.ndjson");
  g_autofree char *made = folder_path (folder, "made.sioscope");
  g_autoptr(SioscopeRecording) imported = NULL;
  g_autoptr(GError) error = NULL;
  GStatBuf info;

  export_to (recording, SIOSCOPE_FORMAT_NDJSON, first);
  g_assert_true (sioscope_import_is_foreign (first));
  sioscope_import_file (first, made, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (made, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_false (sioscope_import_is_foreign (made));
  imported = sioscope_recording_open (made, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sioscope_recording_get_start_real_us (imported), ==, sioscope_recording_get_start_real_us (recording));
  g_assert_cmpstr (sioscope_recording_get_title (imported), ==, sioscope_recording_get_title (recording));
  g_assert_cmpstr (sioscope_recording_get_client (imported), ==, sioscope_recording_get_client (recording));
  export_to (imported, SIOSCOPE_FORMAT_NDJSON, second);
  assert_same_files (first, second);
  if (path != NULL)
    assert_same_files (path, made);
  g_remove (first);
  g_remove (second);
  g_remove (made);
}

/* What is told without secrets is read as it is told. */
static void
assert_redacted_comes_back (Folder            *folder,
                            SioscopeRecording *recording)
{
  g_autofree char *first = folder_path (folder, "first.ndjson");
  g_autofree char *second = folder_path (folder, "second.ndjson");
  g_autofree char *made = folder_path (folder, "made.sioscope");
  g_autoptr(SioscopeRecording) imported = NULL;
  g_autoptr(GError) error = NULL;

  export_redacted (recording, SIOSCOPE_FORMAT_NDJSON, first);
  sioscope_import_file (first, made, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  imported = sioscope_recording_open (made, &error);
  g_assert_no_error (error);
  export_to (imported, SIOSCOPE_FORMAT_NDJSON, second);
  assert_same_files (first, second);
  g_remove (first);
  g_remove (second);
  g_remove (made);
}

static void
test_real (gconstpointer data)
{
  Folder folder;
  g_autofree char *path = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;

  folder_open (&folder);
  path = folder_path (&folder, "real.sioscope");
  real_record (data, path);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), >, 60);
  assert_comes_back (&folder, recording, path);
  assert_redacted_comes_back (&folder, recording);
  folder_close (&folder, "real.sioscope", NULL);
}

#define SPAN(literal) ((SioSpan) { literal, sizeof (literal) - 1 })

/* Whatever a server could send, and what it could not. */
static const SioSpan hostile[] = {
  { NULL, 0 },
  { "\0", 1 },
  { "plain", 5 },
  { "\xff\xfe\x00 no UTF-8", 12 },
  { "\xed\xa0\x80 half a pair", 15 },
  { "line\nend\r\nand \xe2\x80\xa8 and \x7f", 24 },
  { "\"quoted\" \\u0041 \\ud800 \x01\x1f", 26 },
  { "{\"$binary\":\"AAAA\"}", 18 },
  { "{\"$text\":\"x\"}", 13 },
  { "\"\\ud800\"", 8 },
  { "[1,\n2]", 6 },
  { "123456789012345678901234567890.5e-400", 37 },
  { " 1 ", 3 },
  { "1,2,{\"a\":[]}", 12 },
  { "Name: value\r\n\r\nOther: \xff\r\n", 24 },
  { "]},\"kind\":\"note\"", 16 },
  { "{ \"$binary\" : 1 }", 17 },
  { "{\"\\u0024binary\":\"AAAA\"}", 23 },
};

static SioscopeEntry
new_entry (SioscopeKind kind)
{
  return (SioscopeEntry) { .kind = kind, .id = -1, .ref = SIOSCOPE_NO_ROW };
}

static void
append (SioscopeRecording   *recording,
        const SioscopeEntry *entry)
{
  g_autoptr(GError) error = NULL;

  sioscope_recording_append_entry (recording, entry, &error);
  g_assert_no_error (error);
}

/* Every kind, with all its fields at their ends. */
static void
append_all (SioscopeRecording *recording,
            SioSpan            text,
            gboolean           high)
{
  SioscopeEntry entry;
  /* Beside the raw text, not a part of it. */
  g_autofree char *copy = g_memdup2 (text.data, text.size);
  SioSpan beside = { copy, text.size };
  SioSpan nsp = text.size != 0 ? beside : SIO_SPAN_LITERAL ("/");

  for (guint type = SIO_PACKET_CONNECT; type <= SIO_PACKET_BINARY_ACK; type++)
    {
      entry = new_entry (SIOSCOPE_KIND_PACKET);
      entry.direction = high ? SIO_DIRECTION_OUT : SIO_DIRECTION_IN;
      entry.transport = (SioTransportKind) (type % 3);
      entry.time_us = high ? G_MAXINT64 : 0;
      entry.packet_type = (SioPacketType) type;
      entry.raw = text;
      entry.wire = text;
      entry.nsp = nsp;
      entry.event = beside;
      entry.args = beside;
      entry.n_args = high ? G_MAXUINT : 0;
      entry.n_attachments = high ? G_MAXUINT : 0;
      entry.id = high ? G_MAXINT64 : type == 0 ? -1 : 0;
      entry.tag = high ? G_MAXUINT64 : 0;
      append (recording, &entry);
    }

  entry = new_entry (SIOSCOPE_KIND_ATTACHMENT);
  entry.transport = SIO_TRANSPORT_KIND_WEBSOCKET;
  entry.raw = text;
  append (recording, &entry);
  entry.ref = sioscope_recording_get_n_rows (recording);
  entry.index = high ? G_MAXUINT : 1;
  entry.ref = 0;
  append (recording, &entry);

  for (guint type = 0; type <= SIO_ENGINE_PACKET_NOOP; type++)
    {
      entry = new_entry (SIOSCOPE_KIND_ENGINE);
      entry.engine_type = (SioEnginePacketType) type;
      entry.raw = text;
      append (recording, &entry);
    }
  entry = new_entry (SIOSCOPE_KIND_FRAME);
  entry.opcode = high ? 15 : 0;
  entry.raw = text;
  append (recording, &entry);

  entry = new_entry (SIOSCOPE_KIND_HTTP);
  entry.method = entry.uri = entry.reason = entry.message = entry.error_domain = text;
  entry.request_headers = entry.response_headers = entry.request_body = entry.response_body = text;
  entry.tls_fingerprint = entry.tls_certificate = text;
  entry.status = high ? G_MAXUINT : 0;
  entry.duration_us = high ? G_MAXINT64 : G_MININT64;
  entry.tls_errors = high ? G_MAXUINT : 5;
  entry.error_code = high ? G_MAXINT : G_MININT;
  append (recording, &entry);

  for (guint state = 0; state <= SIO_TAP_STATE_FAILED; state++)
    {
      entry = new_entry (SIOSCOPE_KIND_STATE);
      entry.state = (SioTapState) state;
      entry.transport = (SioTransportKind) (state % 3);
      entry.reason = entry.message = entry.error_domain = entry.sid = entry.parser = text;
      entry.error_code = high ? -1 : 1;
      entry.active = high;
      entry.attempt = entry.delay_ms = entry.delay_min_ms = entry.delay_max_ms = high ? G_MAXUINT : 1;
      entry.eio = entry.server = entry.ping_interval_ms = entry.ping_timeout_ms = high ? G_MAXUINT : 0;
      entry.max_payload = high ? G_MAXINT64 : G_MININT64;
      append (recording, &entry);
    }
  for (guint change = 0; change <= SIO_TAP_SOCKET_DISCONNECTED; change++)
    {
      entry = new_entry (SIOSCOPE_KIND_SOCKET);
      entry.socket_change = (SioTapSocketChange) change;
      entry.nsp = nsp;
      entry.reason = entry.args = text;
      entry.active = high;
      entry.recovered = !high;
      append (recording, &entry);
    }
  for (guint fate = 0; fate <= SIO_TAP_EMIT_LOST; fate++)
    {
      entry = new_entry (SIOSCOPE_KIND_EMIT);
      entry.fate = (SioTapEmitFate) fate;
      entry.nsp = nsp;
      entry.event = entry.args = entry.message = text;
      entry.n_args = high ? G_MAXUINT : 0;
      entry.id = high ? G_MAXINT64 : -1;
      entry.tag = high ? G_MAXUINT64 : 0;
      append (recording, &entry);
    }
  for (guint kind = SIOSCOPE_KIND_ERROR; kind <= SIOSCOPE_KIND_NOTE; kind++)
    {
      entry = new_entry ((SioscopeKind) kind);
      entry.reason = entry.message = entry.error_domain = entry.raw = text;
      entry.error_code = high ? 1 : -1;
      entry.direction = high ? SIO_DIRECTION_OUT : SIO_DIRECTION_IN;
      entry.transport = high ? SIO_TRANSPORT_KIND_POLLING : SIO_TRANSPORT_KIND_NONE;
      append (recording, &entry);
    }
}

static void
test_every_field (void)
{
  Folder folder;
  g_autofree char *path = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;

  folder_open (&folder);
  path = folder_path (&folder, "all.sioscope");
  recording = sioscope_recording_new_copy (path, "title \"\\ \xe2\x80\xa8", "client 1.0", -1234567, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      append_all (recording, hostile[i], FALSE);
      append_all (recording, hostile[i], TRUE);
    }
  sioscope_recording_finish_copy (recording, &error);
  g_assert_no_error (error);
  assert_comes_back (&folder, recording, path);
  folder_close (&folder, "all.sioscope", NULL);
}

/* Rows that cannot be read are rows all the same. */
static void
test_damaged (void)
{
  Folder folder;
  g_autofree char *path = NULL, *bytes = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;
  SioscopeEntry entry;
  char *place;
  gsize size;

  folder_open (&folder);
  path = folder_path (&folder, "damaged.sioscope");
  recording = sioscope_recording_new_copy (path, "", NULL, 0, &error);
  entry = new_entry (SIOSCOPE_KIND_PACKET);
  entry.packet_type = SIO_PACKET_EVENT;
  entry.nsp = SIO_SPAN_LITERAL ("/");
  entry.raw = SIO_SPAN_LITERAL ("42[\"find-me\"]");
  append (recording, &entry);
  append (recording, &entry);
  sioscope_recording_finish_copy (recording, &error);
  g_clear_object (&recording);

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  place = memmem (bytes, size, "42[\"find-me\"]", 13);
  g_assert_nonnull (place);
  place[-40] = '\xff'; /* the size of the raw packet */
  place[-39] = '\xff';
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_true (sioscope_recording_read (recording, 0, &entry));
  g_assert_cmpint (entry.kind, ==, SIOSCOPE_KIND_ERROR);
  assert_comes_back (&folder, recording, NULL);
  folder_close (&folder, "damaged.sioscope", NULL);
}

/* ── What people look into with jq ── */

static char *
export_script (const char *script,
               const char *filter_line)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr(SioscopeFilter) filter = filter_line != NULL ? sioscope_filter_new (filter_line, NULL, NULL) : NULL;
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_NDJSON, .filter = filter, .include_secrets = TRUE };
  g_autoptr(GError) error = NULL;

  g_assert_true (filter_line == NULL || filter != NULL);
  sioscope_export_write (recording, &options, out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (out, "", 1, NULL, NULL, NULL);
  g_output_stream_close (out, NULL, NULL);
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (out));
}

static void
test_lines (void)
{
  g_autofree char *text =
    export_script ("0 state connecting transport=websocket\n"
                   "1500 packet in 4217[\"chat\",{\"n\":1.50},[]]\n"
                   "1501 packet out 451-/a,[\"b\",{\"_placeholder\":true,\"num\":0}]\n"
                   "1501 attachment out 0 xyz\n"
                   "1600 engine in 2\n"
                   "1700 http GET 200 5 http://h/?EIO=4 headers=A:_b~\n", NULL);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, 8);
  g_assert_true (g_str_has_prefix (lines[0], "{\"format\":\"sioscope-ndjson\",\"version\":1,\"title\":\"script\",\"client\":"));
  g_assert_nonnull (strstr (lines[0], ",\"start_us\":"));
  g_assert_cmpstr (lines[2], ==, "{\"kind\":\"packet\",\"time\":1.500000,\"row\":1,\"direction\":\"in\",\"transport\":\"websocket\","
                   "\"type\":\"event\",\"nsp\":\"/\",\"event\":\"chat\",\"args\":[{\"n\":1.50},[]],\"n_args\":2,\"id\":17,"
                   "\"raw\":\"4217[\\\"chat\\\",{\\\"n\\\":1.50},[]]\"}");
  g_assert_nonnull (strstr (lines[3], "\"nsp\":\"/a\",\"event\":\"b\",\"args\":[{\"_placeholder\":true,\"num\":0}]"));
  g_assert_cmpstr (lines[4], ==, "{\"kind\":\"attachment\",\"time\":1.501000,\"row\":3,\"direction\":\"out\","
                   "\"transport\":\"websocket\",\"ref\":2,\"index\":0,\"data\":{\"$binary\":\"eHl6\"}}");
  g_assert_nonnull (strstr (lines[5], "\"type\":\"ping\",\"raw\":\"2\""));
  g_assert_nonnull (strstr (lines[6], "\"method\":\"GET\",\"url\":\"http://h/?EIO=4\",\"status\":200,\"ms\":5.000"));
}

/* Of some rows: the packet of an attachment is found by the number that it has in the file, or it is known to be missing. */
static void
test_filtered (void)
{
  g_autofree char *text = export_script ("0 state connecting transport=websocket\n"
                                         "1 packet in 42[\"other\"]\n"
                                         "2 packet in 451-[\"wanted\",{\"_placeholder\":true,\"num\":0}]\n"
                                         "3 engine in 2\n"
                                         "4 attachment in 0 xyz\n", "event:wanted");
  Folder folder;
  g_autofree char *source = NULL, *path = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;
  SioscopeEntry entry;

  folder_open (&folder);
  source = folder_path (&folder, "source");
  path = folder_path (&folder, "made");
  g_assert_true (g_file_set_contents (source, text, -1, NULL));
  sioscope_import_file (source, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 2);
  g_assert_true (sioscope_recording_read (recording, 1, &entry));
  g_assert_cmpint (entry.kind, ==, SIOSCOPE_KIND_ATTACHMENT);
  g_assert_cmpuint (entry.ref, ==, 0);
  folder_close (&folder, "source", "made", NULL);
}

/* ── What is wrong, and where ── */

#define HEAD "{\"format\":\"sioscope-ndjson\",\"version\":1,\"title\":\"t\",\"client\":\"c\",\"start_us\":5}\n"

static void
test_wrong (void)
{
  static const struct { const char *text, *message; } cases[] = {
    { "{\"format\":\"sioscope-ndjson\",\"version\":2,\"start_us\":5}\n", "line 1, byte 39: version 2 of the format is newer" },
    { "{\"format\":\"sioscope-ndjson\",\"version\":1}\n", "line 1, byte 1: expected \"start_us\"" },
    { "{\"format\":\"sioscope-ndjson\",\"version\":1,\"start_us\":5.5}\n", "\"start_us\": expected a whole number" },
    { "{\"format\":\"sioscope-ndjson\",\"version\":1,\"start_us\":5,\"more\":1}\n", "the first line has no \"more\"" },
    { HEAD "{\"kind\":\"note\"}\n", "line 2, byte 1: expected \"time\" in every row" },
    { HEAD "{\"time\":1}\n", "line 2, byte 1: expected \"kind\"" },
    { HEAD "\n{\"kind\":\"nonsense\",\"time\":1}\n", "line 3, byte 9: \"kind\": expected packet" },
    { HEAD "{\"kind\":\"note\",\"time\":1.0000001}\n", "line 2, byte 23: \"time\": expected seconds" },
    { HEAD "{\"kind\":\"note\",\"time\":-1}\n", "\"time\": expected seconds" },
    { HEAD "{\"kind\":\"note\",\"time\":99999999999999999999}\n", "\"time\": expected seconds" },
    { HEAD "{\"kind\":\"note\",\"time\":1", "line 2, byte 24: expected ',' or '}'" },
    { HEAD "{\"kind\":\"note\",\"time\":1} x\n", "line 2, byte 26: expected nothing more" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"time\":2}\n", "line 2, byte 25: \"time\" is there twice" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"\\u0061\":2}\n", "without escapes" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"opcode\":2}\n", "line 2, byte 25: a row of kind \"note\" has no \"opcode\"" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"message\":5}\n", "line 2, byte 35: \"message\": expected a string" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"message\":\"\\ud800\"}\n", "half surrogate pairs" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"message\":{\"$binary\":\"A\"}}\n", "\"message\": expected a string" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"message\":{\"$binary\":\"AB==\"}}\n", "\"message\": expected a string" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"message\":{\"$binary\":\"AA==\",\"x\":1}}\n", "\"message\": expected a string" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"message\":\"a\nb\"}\n", "line 2, byte 37: expected" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"row\":5}\n{\"kind\":\"note\",\"time\":1,\"row\":5}\n",
      "line 3, byte 31: \"row\": expected a number above" },
    { HEAD "{\"kind\":\"frame\",\"time\":1,\"direction\":\"up\",\"opcode\":1,\"data\":\"\"}\n",
      "\"direction\": expected one of in, out, found \"up\"" },
    { HEAD "{\"kind\":\"frame\",\"time\":1,\"direction\":\"in\",\"opcode\":16,\"data\":\"\"}\n", "an opcode from 0 to 15" },
    { HEAD "{\"kind\":\"frame\",\"time\":1,\"direction\":\"in\",\"data\":\"\"}\n", "expected \"opcode\" in a row of kind \"frame\"" },
    { HEAD "{\"kind\":\"attachment\",\"time\":1,\"direction\":\"in\",\"ref\":0,\"index\":0,\"data\":{\"$binary\":\"\"}}\n",
      "\"ref\": expected the number of a row before this one" },
    { HEAD "{\"kind\":\"packet\",\"time\":1,\"direction\":\"in\",\"type\":\"event\",\"nsp\":\"/\",\"raw\":\"42[]\",\"id\":-1}\n",
      "\"id\": expected" },
    { HEAD "{\"kind\":\"packet\",\"time\":1,\"direction\":\"in\",\"type\":\"event\",\"nsp\":\"/\",\"raw\":\"42[]\",\"tag\":18446744073709551616}\n",
      "\"tag\": expected" },
    { HEAD "{\"kind\":\"note\",\"time\":1,\"message\":\"\xff\"}\n", "line 2, byte 36: expected valid UTF-8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = import_wrong (cases[i].text, strlen (cases[i].text), SIOSCOPE_IMPORT_ERROR_INVALID);

      if (strstr (message, cases[i].message) == NULL)
        g_error ("%s\ngives: %s\nnot: %s", cases[i].text, message, cases[i].message);
    }
}

/* What others add for themselves, and other shapes of the same. */
static void
test_lenient (void)
{
  static const char text[] =
    "\xef\xbb\xbf" "{ \"format\" : \"sioscope-ndjson\" , \"version\":1,\"start_us\":5,\"_mine\":[]}\r\n"
    "\r\n"
    "{\"_mine\":1,\"time\":15e-1,\"message\":\"\\u0061\\ud83d\\ude00\",\"kind\":\"note\"}\r\n"
    "{\"kind\":\"packet\",\"time\":2,\"direction\":\"in\",\"type\":\"event\",\"nsp\":\"/\",\"raw\":\"42[\\\"a\\\",1]\",\"event\":\"a\",\"args\":[ 1 ],\"n_args\":1}";
  Folder folder;
  g_autofree char *source = NULL, *path = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;
  SioscopeEntry entry;

  folder_open (&folder);
  source = folder_path (&folder, "source");
  path = folder_path (&folder, "made");
  g_assert_true (g_file_set_contents (source, text, sizeof text - 1, NULL));
  sioscope_import_file (source, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 2);
  g_assert_true (sioscope_recording_read (recording, 0, &entry));
  g_assert_cmpint (entry.time_us, ==, 1500000);
  g_assert_true (sio_span_equals (entry.message, "a\xf0\x9f\x98\x80"));
  g_assert_true (sioscope_recording_read (recording, 1, &entry));
  g_assert_true (sio_span_equals (entry.args, "1"));
  g_assert_true (entry.args.data >= entry.raw.data && entry.args.data < entry.raw.data + entry.raw.size);
  folder_close (&folder, "source", "made", NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ndjson/every-field", test_every_field);
  g_test_add_func ("/ndjson/damaged", test_damaged);
  g_test_add_func ("/ndjson/lines", test_lines);
  g_test_add_func ("/ndjson/filtered", test_filtered);
  g_test_add_func ("/ndjson/wrong", test_wrong);
  g_test_add_func ("/ndjson/lenient", test_lenient);
  real_add_tests ("/ndjson/real", test_real);
  return g_test_run ();
}
