/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Scripted recordings, and the lines that they must print. */

#include "recording-script.h"
#include "sioscope-print.h"
#include "sioscope-recording-copy.h"

#include <glib/gstdio.h>

static char *
print_all (SioscopeRecording  *recording,
           SioscopePrintDepth  depth)
{
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, depth);
  GString *out = g_string_new (NULL);

  while (sioscope_printer_next (printer, out))
    ;
  return g_string_free (out, FALSE);
}

static void
assert_lines_are_json (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr(GError) error = NULL;

      sio_json_validate (lines[i], strlen (lines[i]), 1024, NULL, NULL, &error);
      g_assert_no_error (error);
    }
}

static void
assert_prints (const char         *script,
               SioscopePrintDepth  depth,
               const char         *expected)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  g_autofree char *printed = print_all (recording, depth);

  assert_lines_are_json (printed);
  g_assert_cmpstr (printed, ==, expected);
}

static void
test_session (void)
{
  assert_prints (
    "0 state connecting transport=polling\n"
    "2 state open transport=polling sid=abc eio=4 server=4\n"
    "3 packet out 40\n"
    "4 socket connecting /\n"
    "5 packet in 40{\"sid\":\"s1\"}\n"
    "5 socket connected / reason=s1\n"
    "6 state upgrading transport=websocket\n"
    "7 state upgraded transport=websocket\n"
    "8 packet out 420[\"login\",{\"n\":1.0,\"big\":18446744073709551615}] tag=1\n"
    "20 packet in 430[\"ok\"]\n"
    "21 packet in 42/admin,7[\"confirm\"]\n"
    "30 packet out 43/admin,7[true]\n"
    "25002 engine in 2\n"
    "25002 engine out 3\n"
    "50002 engine in 2\n"
    "50010 state closed transport=websocket reason=transport_close again=1\n"
    "50010 socket disconnected / reason=transport_close again=1\n"
    "50010 state waiting attempt=1 delay=1000 min=500 max=1500\n"
    "51010 state connecting transport=polling attempt=1\n"
    "51012 state attempt-failed transport=polling attempt=1 reason=transport_error message=refused again=1\n"
    "51012 socket connect-error / reason=refused again=1\n"
    "51012 state waiting attempt=2 delay=2000\n"
    "53012 state connecting transport=polling attempt=2\n"
    "53020 state open transport=polling attempt=2 sid=def eio=4\n",
    SIOSCOPE_PRINT_EVENTS,
    "{\"kind\":\"state\",\"time\":0.000000,\"state\":\"connecting\",\"transport\":\"polling\"}\n"
    "{\"kind\":\"state\",\"time\":0.002000,\"state\":\"open\",\"transport\":\"polling\",\"sid\":\"abc\",\"eio\":4,\"server\":4,"
    "\"ping_interval_ms\":25000,\"ping_timeout_ms\":20000,\"max_payload\":1000000}\n"
    "{\"kind\":\"connect\",\"time\":0.005000,\"nsp\":\"/\",\"id\":\"s1\",\"recovered\":false}\n"
    "{\"kind\":\"state\",\"time\":0.006000,\"state\":\"upgrading\",\"transport\":\"websocket\"}\n"
    "{\"kind\":\"state\",\"time\":0.007000,\"state\":\"upgraded\",\"transport\":\"websocket\"}\n"
    "{\"kind\":\"event\",\"time\":0.008000,\"nsp\":\"/\",\"direction\":\"out\",\"event\":\"login\","
    "\"args\":[{\"n\":1.0,\"big\":18446744073709551615}],\"id\":0}\n"
    "{\"kind\":\"ack\",\"time\":0.020000,\"nsp\":\"/\",\"direction\":\"in\",\"args\":[\"ok\"],\"id\":0,\"event\":\"login\","
    "\"rtt_ms\":12.000}\n"
    "{\"kind\":\"event\",\"time\":0.021000,\"nsp\":\"/admin\",\"direction\":\"in\",\"event\":\"confirm\",\"args\":[],\"id\":7}\n"
    "{\"kind\":\"ack\",\"time\":0.030000,\"nsp\":\"/admin\",\"direction\":\"out\",\"args\":[true],\"id\":7,\"event\":\"confirm\"}\n"
    "{\"kind\":\"ping\",\"time\":25.002000,\"since_ms\":25000.000}\n"
    "{\"kind\":\"ping\",\"time\":50.002000,\"since_ms\":25000.000}\n"
    "{\"kind\":\"state\",\"time\":50.010000,\"state\":\"closed\",\"transport\":\"websocket\",\"reason\":\"transport close\"}\n"
    "{\"kind\":\"disconnect\",\"time\":50.010000,\"nsp\":\"/\",\"reason\":\"transport close\",\"active\":true}\n"
    "{\"kind\":\"state\",\"time\":50.010000,\"state\":\"waiting\",\"attempt\":1,\"delay_ms\":1000}\n"
    "{\"kind\":\"reconnect_attempt\",\"time\":51.010000,\"attempt\":1}\n"
    "{\"kind\":\"state\",\"time\":51.010000,\"state\":\"connecting\",\"transport\":\"polling\",\"attempt\":1}\n"
    "{\"kind\":\"state\",\"time\":51.012000,\"state\":\"closed\",\"transport\":\"polling\",\"attempt\":1,"
    "\"reason\":\"transport error\",\"message\":\"refused\"}\n"
    "{\"kind\":\"reconnect_error\",\"time\":51.012000,\"attempt\":1,\"message\":\"refused\"}\n"
    "{\"kind\":\"connect_error\",\"time\":51.012000,\"nsp\":\"/\",\"message\":\"refused\",\"active\":true}\n"
    "{\"kind\":\"state\",\"time\":51.012000,\"state\":\"waiting\",\"attempt\":2,\"delay_ms\":2000}\n"
    "{\"kind\":\"reconnect_attempt\",\"time\":53.012000,\"attempt\":2}\n"
    "{\"kind\":\"state\",\"time\":53.012000,\"state\":\"connecting\",\"transport\":\"polling\",\"attempt\":2}\n"
    "{\"kind\":\"state\",\"time\":53.020000,\"state\":\"open\",\"transport\":\"polling\",\"sid\":\"def\",\"eio\":4,"
    "\"ping_interval_ms\":25000,\"ping_timeout_ms\":20000,\"max_payload\":1000000,\"attempt\":2}\n"
    "{\"kind\":\"reconnect\",\"time\":53.020000,\"attempt\":2}\n");
}

static void
test_endings (void)
{
  assert_prints (
    "1 socket connect-error /admin reason=not_authorized data={\"code\":401}\n"
    "2 emit ack-timeout / 3 slow tag=1\n"
    "3 emit dropped / -1 tick tag=2\n"
    "4 emit buffered / -1 later tag=3\n"
    "5 error packet bad\n"
    "6 note gone_on\n"
    "7 state connecting transport=polling attempt=3\n"
    "8 state attempt-failed attempt=3 message=refused\n"
    "9 state failed attempt=3\n",
    SIOSCOPE_PRINT_EVENTS,
    "{\"kind\":\"connect_error\",\"time\":0.001000,\"nsp\":\"/admin\",\"message\":\"not authorized\",\"data\":{\"code\":401},"
    "\"active\":false}\n"
    "{\"kind\":\"ack_timeout\",\"time\":0.002000,\"nsp\":\"/\",\"id\":3,\"event\":\"slow\"}\n"
    "{\"kind\":\"error\",\"time\":0.003000,\"message\":\"the transport was busy: a volatile event was not sent\","
    "\"where\":\"emit\",\"nsp\":\"/\",\"event\":\"tick\"}\n"
    "{\"kind\":\"error\",\"time\":0.005000,\"message\":\"bad\",\"where\":\"packet\"}\n"
    "{\"kind\":\"error\",\"time\":0.006000,\"message\":\"gone on\",\"where\":\"recording\"}\n"
    "{\"kind\":\"reconnect_attempt\",\"time\":0.007000,\"attempt\":3}\n"
    "{\"kind\":\"state\",\"time\":0.007000,\"state\":\"connecting\",\"transport\":\"polling\",\"attempt\":3}\n"
    "{\"kind\":\"state\",\"time\":0.008000,\"state\":\"closed\",\"attempt\":3,\"message\":\"refused\"}\n"
    "{\"kind\":\"reconnect_error\",\"time\":0.008000,\"attempt\":3,\"message\":\"refused\"}\n"
    "{\"kind\":\"state\",\"time\":0.009000,\"state\":\"failed\",\"attempt\":3}\n"
    "{\"kind\":\"reconnect_failed\",\"time\":0.009000,\"attempt\":3}\n");
}

static void
test_layers (void)
{
  assert_prints (
    "1 http GET 200 3 http://h/socket.io/?EIO=4 headers=Accept:_*/* response=40\n"
    "2 packet in 40 transport=polling\n"
    "3 packet in 42[\"a\",1]\n"
    "4 engine out 2probe\n"
    "5 frame in 9 hi\n",
    SIOSCOPE_PRINT_FRAMES,
    "{\"kind\":\"http\",\"time\":0.001000,\"method\":\"GET\",\"url\":\"http://h/socket.io/?EIO=4\",\"status\":200,\"ms\":3.000,"
    "\"request_headers\":{\"Accept\":\"*/*\"},\"response_headers\":{\"Content-Type\":\"text/plain\","
    "\"Set-Cookie\":[\"a\",\"b\"]}}\n"
    "{\"kind\":\"frame\",\"time\":0.001000,\"direction\":\"in\",\"transport\":\"polling\",\"data\":\"40\"}\n"
    "{\"kind\":\"packet\",\"time\":0.002000,\"layer\":\"engine\",\"direction\":\"in\",\"type\":\"message\",\"data\":\"0\"}\n"
    "{\"kind\":\"packet\",\"time\":0.002000,\"layer\":\"socket\",\"direction\":\"in\",\"type\":\"connect\",\"data\":\"0\"}\n"
    "{\"kind\":\"frame\",\"time\":0.003000,\"direction\":\"in\",\"transport\":\"websocket\",\"data\":\"42[\\\"a\\\",1]\"}\n"
    "{\"kind\":\"packet\",\"time\":0.003000,\"layer\":\"engine\",\"direction\":\"in\",\"type\":\"message\",\"data\":\"2[\\\"a\\\",1]\"}\n"
    "{\"kind\":\"packet\",\"time\":0.003000,\"layer\":\"socket\",\"direction\":\"in\",\"type\":\"event\",\"data\":\"2[\\\"a\\\",1]\"}\n"
    "{\"kind\":\"event\",\"time\":0.003000,\"nsp\":\"/\",\"direction\":\"in\",\"event\":\"a\",\"args\":[1]}\n"
    "{\"kind\":\"frame\",\"time\":0.004000,\"direction\":\"out\",\"transport\":\"websocket\",\"data\":\"2probe\"}\n"
    "{\"kind\":\"packet\",\"time\":0.004000,\"layer\":\"engine\",\"direction\":\"out\",\"type\":\"ping\",\"data\":\"probe\"}\n"
    "{\"kind\":\"frame\",\"time\":0.005000,\"direction\":\"in\",\"transport\":\"websocket\",\"data\":\"hi\"}\n");
}

/* A binary event is printed when it is whole, and holds back what came later; one that can never be whole is not printed. */
static void
test_binary (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording =
    script_record ("1 packet in 452-[\"b\",{\"_placeholder\":true,\"num\":1},[{\"_placeholder\":true,\"num\":0}]]\n"
                   "2 attachment in 0 abc\n"
                   "3 engine in 2\n", &recorder);
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_EVENTS);
  g_autoptr(GString) out = g_string_new (NULL);

  g_assert_false (sioscope_printer_next (printer, out));
  g_assert_cmpuint (out->len, ==, 0);

  script_play (recorder, recording, "4 attachment in 1 x\n5 packet in 451-[\"half\",{\"_placeholder\":true,\"num\":0}]\n");
  while (sioscope_printer_next (printer, out))
    ;
  g_assert_cmpstr (out->str, ==,
                   "{\"kind\":\"event\",\"time\":0.001000,\"nsp\":\"/\",\"direction\":\"in\",\"event\":\"b\","
                   "\"args\":[{\"$binary\":\"eA==\"},[{\"$binary\":\"YWJj\"}]]}\n"
                   "{\"kind\":\"ping\",\"time\":0.003000,\"since_ms\":3.000}\n");

  g_string_truncate (out, 0);
  script_play (recorder, recording, "6 state closed reason=transport_close again=1\n7 packet in 42[\"next\"]\n");
  while (sioscope_printer_next (printer, out))
    ;
  g_assert_cmpstr (out->str, ==,
                   "{\"kind\":\"state\",\"time\":0.006000,\"state\":\"closed\",\"reason\":\"transport close\"}\n"
                   "{\"kind\":\"event\",\"time\":0.007000,\"nsp\":\"/\",\"direction\":\"in\",\"event\":\"next\",\"args\":[]}\n");
}

/* Rows are given back as soon as they are printed: an ack still knows its event. */
static void
test_passing_on (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record ("1 packet out 425[\"q\"]\n", &recorder);
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, SIOSCOPE_PRINT_EVENTS);
  g_autoptr(GString) out = g_string_new (NULL);

  g_assert_true (sioscope_printer_next (printer, out));
  sioscope_recorder_discard_before (recorder, 1);
  g_assert_cmpuint (sioscope_recording_get_first_row (recording), ==, 1);
  g_string_truncate (out, 0);
  script_play (recorder, recording, "4 packet in 435[]\n");
  while (sioscope_printer_next (printer, out))
    ;
  g_assert_cmpstr (out->str, ==, "{\"kind\":\"ack\",\"time\":0.004000,\"nsp\":\"/\",\"direction\":\"in\",\"args\":[],\"id\":5,"
                                 "\"event\":\"q\",\"rtt_ms\":3.000}\n");

  script_play (recorder, recording, "5 packet in 42[\"lost\"]\n6 packet in 42[\"kept\"]\n");
  sioscope_recorder_discard_before (recorder, 3);
  g_string_truncate (out, 0);
  while (sioscope_printer_next (printer, out))
    ;
  assert_lines_are_json (out->str);
  g_assert_true (g_str_has_prefix (out->str, "{\"kind\":\"error\",\"time\":0.006000,\"message\":\"1 rows were discarded"));
  g_assert_true (g_str_has_suffix (out->str, "\"event\":\"kept\",\"args\":[]}\n"));
}

/* From a file it prints what it printed live. */
static void
test_file (void)
{
  static const char script[] =
    "0 state connecting transport=websocket\n"
    "2 state open transport=websocket sid=abc eio=4\n"
    "3 packet in 42[\"a\",\"line~\\u2028\"]\n"
    "4 packet out 451-[\"b\",{\"_placeholder\":true,\"num\":0}]\n"
    "5 attachment out 0 bytes\n";
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
  g_autofree char *live = NULL, *later = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) opened = NULL;

  {
    g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "t");
    g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);

    script_play (recorder, recording, script);
    live = print_all (recording, SIOSCOPE_PRINT_FRAMES);
  }
  opened = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  later = print_all (opened, SIOSCOPE_PRINT_FRAMES);
  g_assert_cmpstr (later, ==, live);
  assert_lines_are_json (later);
  g_unlink (path);
  g_rmdir (dir);
}

/* More headers than a line lists: how many more is said. */
static void
test_many_headers (void)
{
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
  g_autoptr(GString) headers = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autofree char *printed = NULL;
  SioscopeEntry entry = { .kind = SIOSCOPE_KIND_HTTP, .id = -1, .ref = SIOSCOPE_NO_ROW, .max_payload = -1 };

  for (guint i = 0; i < 300; i++)
    g_string_append_printf (headers, "X-%u: a\r\n", i);
  entry.method = SIO_SPAN_LITERAL ("GET");
  entry.uri = SIO_SPAN_LITERAL ("http://h/");
  entry.request_headers = SIO_SPAN_LITERAL ("Accept: */*\r\n");
  entry.response_headers = (SioSpan) { headers->str, headers->len };

  recording = sioscope_recording_new_copy (path, "t", NULL, 0, &error);
  g_assert_no_error (error);
  sioscope_recording_append_entry (recording, &entry, &error);
  g_assert_no_error (error);
  sioscope_recording_finish_copy (recording, &error);
  g_assert_no_error (error);
  printed = print_all (recording, SIOSCOPE_PRINT_FRAMES);
  assert_lines_are_json (printed);
  g_assert_nonnull (strstr (printed, "\"X-255\":\"a\"},\"response_headers_left_out\":44"));
  g_assert_null (strstr (printed, "request_headers_left_out"));
  g_unlink (path);
  g_rmdir (dir);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/print/session", test_session);
  g_test_add_func ("/print/endings", test_endings);
  g_test_add_func ("/print/layers", test_layers);
  g_test_add_func ("/print/binary", test_binary);
  g_test_add_func ("/print/passing-on", test_passing_on);
  g_test_add_func ("/print/file", test_file);
  g_test_add_func ("/print/many-headers", test_many_headers);

  return g_test_run ();
}
