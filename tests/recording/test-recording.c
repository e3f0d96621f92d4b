/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The file: what is written is read, also by another thread meanwhile. */

#include "recording-script.h"
#include "sioscope-recording-private.h"
#include "test-util.h"

#include <glib/gstdio.h>

typedef struct {
  char *dir;
  char *path;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->dir, "a.sioscope", NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_unlink (fixture->path);
  g_rmdir (fixture->dir);
  g_free (fixture->path);
  g_free (fixture->dir);
}

static const char script_of_all[] =
  "1 state connecting transport=polling\n"
  "2 state open transport=polling sid=abc eio=4 server=4\n"
  "3 packet out 40/admin,{\"token\":1}\n"
  "4 socket connected /admin reason=sid1 recovered=1\n"
  "5 packet in 452-/admin,0[\"b\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]\n"
  "6 attachment in 0 first\n"
  "7 engine in 2\n"
  "8 attachment in 1 second\n"
  "9 packet out 43/admin,0[1] tag=77\n"
  "10 frame in 10 beat\n"
  "11 http POST 200 4 http://h/ request=42[] response=ok headers=A:_b\n"
  "12 emit lost /admin 5 bye args=1,[2,3] tag=9 text=gone\n"
  "13 error packet wrong\n"
  "14 note hello\n"
  "15 state waiting attempt=2 delay=1500 min=1000 max=2000 reason=transport_close message=reset\n";

static void
assert_all_kinds (SioscopeRecording *recording)
{
  SioscopeEntry e;
  g_autoptr(GPtrArray) attachments = NULL;

  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 15);
  for (guint64 row = 0; row < 15; row++)
    {
      g_assert_true (sioscope_recording_read (recording, row, &e));
      g_assert_cmpuint (e.row, ==, row);
      g_assert_cmpint (e.time_us, ==, (gint64) (row + 1) * 1000);
      g_assert_cmpint (sioscope_recording_get_kind (recording, row), ==, e.kind);
    }
  g_assert_false (sioscope_recording_read (recording, 15, &e));
  g_assert_cmpint (sioscope_recording_get_kind (recording, 15), ==, 0);

  sioscope_recording_read (recording, 1, &e);
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_STATE);
  g_assert_cmpint (e.state, ==, SIO_TAP_STATE_OPEN);
  g_assert_cmpint (e.transport, ==, SIO_TRANSPORT_KIND_POLLING);
  g_assert_true (sio_span_equals (e.sid, "abc"));
  g_assert_cmpuint (e.eio, ==, 4);
  g_assert_cmpuint (e.server, ==, 4);
  g_assert_cmpuint (e.ping_interval_ms, ==, 25000);
  g_assert_cmpuint (e.ping_timeout_ms, ==, 20000);
  g_assert_cmpint (e.max_payload, ==, 1000000);

  sioscope_recording_read (recording, 2, &e);
  g_assert_cmpint (e.packet_type, ==, SIO_PACKET_CONNECT);
  g_assert_cmpint (e.direction, ==, SIO_DIRECTION_OUT);
  g_assert_true (sio_span_equals (e.nsp, "/admin"));
  g_assert_true (sio_span_equals (e.args, "{\"token\":1}"));
  g_assert_cmpint (e.id, ==, -1);

  sioscope_recording_read (recording, 3, &e);
  g_assert_cmpint (e.socket_change, ==, SIO_TAP_SOCKET_CONNECTED);
  g_assert_true (sio_span_equals (e.nsp, "/admin"));
  g_assert_true (sio_span_equals (e.reason, "sid1"));
  g_assert_true (e.recovered);

  sioscope_recording_read (recording, 4, &e);
  g_assert_cmpint (e.packet_type, ==, SIO_PACKET_BINARY_EVENT);
  g_assert_cmpint (e.id, ==, 0);
  g_assert_cmpuint (e.n_attachments, ==, 2);
  g_assert_cmpuint (e.n_args, ==, 2);
  g_assert_true (sio_span_equals (e.event, "\"b\""));
  g_assert_true (sio_span_equals (e.args, "{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}"));
  attachments = sioscope_recording_dup_attachments (recording, 4);
  g_assert_cmpuint (attachments->len, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (attachments->pdata[1], NULL), g_bytes_get_size (attachments->pdata[1]),
                   "second", 6);

  sioscope_recording_read (recording, 7, &e);
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_ATTACHMENT);
  g_assert_cmpuint (e.ref, ==, 4);
  g_assert_cmpuint (e.index, ==, 1);

  sioscope_recording_read (recording, 6, &e);
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_ENGINE);
  g_assert_cmpint (e.engine_type, ==, SIO_ENGINE_PACKET_PING);

  sioscope_recording_read (recording, 8, &e);
  g_assert_cmpint (e.packet_type, ==, SIO_PACKET_ACK);
  g_assert_cmpint (e.id, ==, 0);
  g_assert_cmpuint (e.tag, ==, 77);
  g_assert_true (sio_span_equals (e.raw, "43/admin,0[1]"));

  sioscope_recording_read (recording, 9, &e);
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_FRAME);
  g_assert_cmpuint (e.opcode, ==, 10);
  g_assert_true (sio_span_equals (e.raw, "beat"));

  sioscope_recording_read (recording, 10, &e);
  g_assert_true (sio_span_equals (e.method, "POST"));
  g_assert_true (sio_span_equals (e.uri, "http://h/"));
  g_assert_cmpuint (e.status, ==, 200);
  g_assert_cmpint (e.duration_us, ==, 4000);
  g_assert_true (sio_span_equals (e.request_headers, "A: b"));
  g_assert_true (sio_span_equals (e.request_body, "42[]"));
  g_assert_true (sio_span_equals (e.response_body, "ok"));

  sioscope_recording_read (recording, 11, &e);
  g_assert_cmpint (e.fate, ==, SIO_TAP_EMIT_LOST);
  g_assert_cmpint (e.id, ==, 5);
  g_assert_cmpuint (e.tag, ==, 9);
  g_assert_cmpuint (e.n_args, ==, 2);
  g_assert_true (sio_span_equals (e.args, "1,[2,3]"));
  g_assert_true (sio_span_equals (e.message, "gone"));

  sioscope_recording_read (recording, 12, &e);
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_ERROR);
  g_assert_true (sio_span_equals (e.reason, "packet"));

  sioscope_recording_read (recording, 14, &e);
  g_assert_cmpuint (e.attempt, ==, 2);
  g_assert_cmpuint (e.delay_ms, ==, 1500);
  g_assert_cmpuint (e.delay_min_ms, ==, 1000);
  g_assert_cmpuint (e.delay_max_ms, ==, 2000);
  g_assert_true (sio_span_equals (e.message, "reset"));
  g_assert_true (sio_span_equals (e.error_domain, "sio-error-quark"));
  g_assert_cmpint (e.error_code, ==, SIO_ERROR_REFUSED);
}

static void
test_roundtrip (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) opened = NULL;
  GStatBuf st;
  gint64 start;

  {
    g_autoptr(SioscopeRecording) recording = sioscope_recording_new (fixture->path, "http://localhost:3000");
    g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);

    script_play (recorder, recording, script_of_all);
    assert_all_kinds (recording);
    g_assert_true (sioscope_recording_get_live (recording));
    g_assert_cmpstr (sioscope_recording_get_path (recording), ==, fixture->path);
    start = sioscope_recording_get_start_real_us (recording);
    sioscope_recorder_finish (recorder);
    g_assert_false (sioscope_recording_get_live (recording));
    g_assert_cmpint (sioscope_recording_get_now_us (recording), ==, 15000);
    script_play (recorder, recording, "20 note too_late\n");
    assert_all_kinds (recording);
  }

  opened = sioscope_recording_open (fixture->path, &error);
  g_assert_no_error (error);
  assert_all_kinds (opened);
  g_assert_null (sioscope_recording_dup_notice (opened));
  g_assert_cmpstr (sioscope_recording_get_title (opened), ==, "http://localhost:3000");
  g_assert_cmpint (sioscope_recording_get_start_real_us (opened), ==, start);
  g_assert_cmpint (sioscope_recording_get_now_us (opened), ==, 15000);
  g_assert_false (sioscope_recording_get_live (opened));
  g_assert_cmpint (g_stat (fixture->path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
}

static void
test_memory (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script_of_all, &recorder);

  assert_all_kinds (recording);
  g_assert_null (sioscope_recording_get_path (recording));
  sioscope_recorder_discard_before (recorder, 7);
  g_assert_cmpuint (sioscope_recording_get_first_row (recording), ==, 7);
  g_assert_cmpint (sioscope_recording_get_kind (recording, 6), ==, 0);
  g_assert_cmpint (sioscope_recording_get_kind (recording, 7), ==, SIOSCOPE_KIND_ATTACHMENT);
}

static void
count_cb (SioscopeRecording *recording,
          guint             *n)
{
  ++*n;
}

/* However many rows: one wake-up, and rows are there without anybody flushing as soon as the context has slept. */
static void
test_advanced (void)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (NULL, "t");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  guint n = 0;

  g_signal_connect (recording, "advanced", G_CALLBACK (count_cb), &n);
  for (guint i = 0; i < 100000; i++)
    sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "x");
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), <, 100000);
  WAIT_FOR (n > 0);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 100000);
  g_assert_cmpuint (n, <=, 2);

  while (g_main_context_iteration (NULL, FALSE))
    ;
  n = 0;
  sioscope_recorder_finish (recorder);
  WAIT_FOR (n == 1);
}

/* Nothing is ever written over, and a file that lives is told from one that was left. */
static void
test_second_writer (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(SioscopeRecording) first = sioscope_recording_new (fixture->path, "first");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (first);
  g_autoptr(SioscopeRecording) second = sioscope_recording_new (fixture->path, "second");
  g_autoptr(SioscopeRecording) reader = NULL, later = NULL;
  g_autofree char *notice = sioscope_recording_dup_notice (second);
  g_autofree char *reader_notice = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (sioscope_recording_get_path (second));
  g_assert_nonnull (strstr (notice, "File exists"));
  script_play (recorder, first, "1 note one\n");

  reader = sioscope_recording_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (reader), ==, 1);
  reader_notice = sioscope_recording_dup_notice (reader);
  g_assert_nonnull (strstr (reader_notice, "still being written"));

  sioscope_recorder_finish (recorder);
  later = sioscope_recording_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_null (sioscope_recording_dup_notice (later));
}

#define FLOOD_ROWS 2000000

static void
append_event (SioscopeRecorder *recorder,
              guint             number)
{
  char text[64];
  gsize size = (gsize) g_snprintf (text, sizeof text, "42[\"tick\",%u]", number);
  SioTapPacket packet = {
    .direction = SIO_DIRECTION_IN,
    .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
    .type = SIO_PACKET_EVENT,
    .raw = { text, size },
    .nsp = { "/", 1 },
    .event = { text + 3, 6 },
    .args = { text + 10, size - 11 },
    .n_args = 1,
    .id = -1,
  };

  SIO_TAP_GET_IFACE (recorder)->packet (SIO_TAP (recorder), &packet);
}

static gboolean
flood_cb (gpointer data)
{
  SioscopeRecorder *recorder = data;
  guint *next = g_object_get_data (G_OBJECT (recorder), "next");

  for (guint i = 0; i < 1000 && *next < FLOOD_ROWS; i++)
    append_event (recorder, (*next)++);
  return *next < FLOOD_ROWS;
}

static gpointer
flood_thread (gpointer data)
{
  SioscopeRecording *recording = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(GSource) source = g_idle_source_new ();
  guint next = 0;

  g_main_context_push_thread_default (context);
  recorder = sioscope_recorder_new (recording);
  g_object_set_data (G_OBJECT (recorder), "next", &next);
  g_source_set_callback (source, flood_cb, recorder, NULL);
  g_source_attach (source, context);
  while (next < FLOOD_ROWS)
    g_main_context_iteration (context, TRUE);
  sioscope_recorder_finish (recorder);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
assert_event (SioscopeRecording *recording,
              guint64            row,
              guint64            number)
{
  SioscopeEntry e;
  char expected[32];

  g_assert_true (sioscope_recording_read (recording, row, &e));
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_PACKET);
  g_snprintf (expected, sizeof expected, "%" G_GUINT64_FORMAT, number);
  g_assert_true (sio_span_equals (e.args, expected));
  g_assert_true (sio_span_equals (e.event, "\"tick\""));
}

/* One thread writes as fast as it can, this one checks every row while it goes on. */
static void
test_two_threads (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (fixture->path, "flood");
  GThread *thread;
  guint64 seen = 0;
  guint n_advanced = 0, n_looks = 0;

  g_signal_connect (recording, "advanced", G_CALLBACK (count_cb), &n_advanced);
  thread = g_thread_new ("flood", flood_thread, recording);
  while (seen < FLOOD_ROWS)
    {
      guint64 n_rows = sioscope_recording_get_n_rows (recording);

      if (n_rows == seen)
        WAIT_FOR (sioscope_recording_get_n_rows (recording) != seen);
      n_looks++;
      for (; seen < n_rows; seen++)
        assert_event (recording, seen, seen);
    }
  g_thread_join (thread);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, FLOOD_ROWS);
  WAIT_FOR (n_advanced > 0);
  g_test_message ("%u looks, %u wake-ups for %u rows", n_looks, n_advanced, FLOOD_ROWS);
  g_assert_cmpuint (n_advanced, <, 100000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, body) g_test_add ("/recording/" name, Fixture, NULL, set_up, body, tear_down)
  ADD ("roundtrip", test_roundtrip);
  g_test_add_func ("/recording/memory", test_memory);
  g_test_add_func ("/recording/advanced", test_advanced);
  ADD ("second-writer", test_second_writer);
  ADD ("two-threads", test_two_threads);
#undef ADD

  return g_test_run ();
}
