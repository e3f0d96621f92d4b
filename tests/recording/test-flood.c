/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Servers that want our disk: what they do wrong is recorded, and does not grow in the telling. */

#include "sio.h"
#include "sioscope-recorder.h"
#include "sioscope-recording-private.h"
#include "sioscope-waiting-private.h"
#include "test-util.h"

static gint64 now_us;

static gint64
fake_now (void)
{
  return now_us;
}

static void
report (SioscopeRecorder *recorder,
        SioSpan           bytes)
{
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_REFUSED, "EVENT for /x, which was not asked for: ignored");

  SIO_TAP_GET_IFACE (recorder)->error (SIO_TAP (recorder), "packet", error, bytes);
}

static char *
dup_message (SioscopeRecording *recording,
             guint64            row,
             gsize             *raw_size)
{
  SioscopeEntry entry;

  g_assert_true (sioscope_recording_read (recording, row, &entry));
  g_assert_cmpint (entry.kind, ==, SIOSCOPE_KIND_ERROR);
  if (raw_size != NULL)
    *raw_size = entry.raw.size;
  return g_strndup (entry.message.data, entry.message.size);
}

static void
test_errors (void)
{
  g_autoptr (SioscopeRecording) recording = sioscope_recording_new (NULL, "http://h/");
  g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  SioSpan bytes = SIO_SPAN_LITERAL ("42/x,[\"a\"]");

  now_us = g_get_monotonic_time ();
  sioscope_recorder_set_clock_for_tests (recorder, fake_now);
  for (guint second = 0; second < 3; second++)
    {
      for (guint i = 0; i < 50000; i++)
        report (recorder, bytes);
      now_us += G_USEC_PER_SEC;
    }
  sioscope_recorder_flush (recorder);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 302); /* what is untold of the last second comes yet */
  for (guint second = 0; second < 2; second++)
    {
      g_autofree char *message = dup_message (recording, second * 101 + 100, NULL);

      g_assert_cmpstr (message, ==, "49900 more errors within a second are not recorded one by one");
    }

  /* by itself, even if nothing more happens */
  WAIT_FOR (sioscope_recording_get_n_rows (recording) == 303);
  report (recorder, bytes);
  sioscope_recorder_finish (recorder);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 304);
}

/* The first is whole; the others have a megabyte together. */
static void
test_bytes (void)
{
  g_autoptr (SioscopeRecording) recording = sioscope_recording_new (NULL, "http://h/");
  g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autofree char *text = g_strnfill (3 * 1024 * 1024, 'x');
  gsize total = 0;

  now_us = g_get_monotonic_time ();
  sioscope_recorder_set_clock_for_tests (recorder, fake_now);
  report (recorder, (SioSpan) { text, 3 * 1024 * 1024 });
  for (guint i = 0; i < 50; i++)
    report (recorder, (SioSpan) { text, 100 * 1024 });
  now_us += G_USEC_PER_SEC;
  for (guint i = 0; i < 50; i++)
    report (recorder, (SioSpan) { text, 100 * 1024 });
  sioscope_recorder_finish (recorder);

  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 101);
  for (guint64 row = 0; row < 101; row++)
    {
      gsize size;
      g_autofree char *message = dup_message (recording, row, &size);

      g_assert_true (g_str_has_suffix (message, "ignored"));
      if (row == 0)
        g_assert_cmpuint (size, ==, 3 * 1024 * 1024);
      else
        g_assert_true (size == 0 || size == 100 * 1024);
      total += size;
    }
  g_assert_cmpuint (total, ==, 3 * 1024 * 1024 + 10 * 100 * 1024);
}

static SioSpan
number_namespace (char  *text,
                  guint  number,
                  gsize  size)
{
  memset (text, 'n', 16);
  g_snprintf (text, 16, "/%u", number);
  text[strlen (text)] = 'n';
  return (SioSpan) { text, size };
}

/* Names of namespaces are kept to pair acks with events. The server chooses them. */
static void
test_namespaces (void)
{
  g_autofree char *text = g_strnfill (1024 * 1024, 'n');
  SioscopeWaiting waiting;
  SioscopeAsked asked = { 0 };
  gsize kept = 0;

  sioscope_waiting_init (&waiting);
  for (guint i = 0; i < 5000; i++)
    {
      asked.row = i;
      sioscope_waiting_add (&waiting, SIO_DIRECTION_IN, number_namespace (text, i, i % 2 == 0 ? 1024 * 1024 - i : 500), 0, &asked);
    }
  g_assert_cmpuint (waiting.nsps->len, <=, 1024);
  for (guint i = 0; i < waiting.nsps->len; i++)
    kept += g_bytes_get_size (waiting.nsps->pdata[i]);
  g_assert_cmpuint (kept, <=, 1024 * 512);

  /* and those that are known go on being paired */
  sioscope_waiting_add (&waiting, SIO_DIRECTION_IN, SIO_SPAN_LITERAL ("/a"), 0, &asked);
  g_assert_false (sioscope_waiting_answer (&waiting, SIO_DIRECTION_OUT, SIO_SPAN_LITERAL ("/a"), 0, &asked)); /* came too late */
  g_assert_true (sioscope_waiting_answer (&waiting, SIO_DIRECTION_OUT, number_namespace (text, 1, 500), 0, &asked));
  g_assert_cmpuint (asked.row, ==, 1);
  sioscope_waiting_clear (&waiting);
}

static gint64
fill (const guint64 *keys,
      guint          n)
{
  gint64 start = g_get_monotonic_time ();
  SioscopeRowMap map;

  sioscope_row_map_init (&map, n);
  for (guint i = 0; i < n; i++)
    sioscope_row_map_set (&map, keys[i], i);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (sioscope_row_map_get (&map, keys[i]), ==, i);
  sioscope_row_map_clear (&map);
  return g_get_monotonic_time () - start;
}

/* Ack ids that fall together under the usual ways of hashing numbers cost no more than others. */
static void
test_chosen_ids (void)
{
  const guint n = 30000;
  g_autofree guint64 *plain = g_new (guint64, n);
  g_autofree guint64 *low = g_new (guint64, n);
  g_autofree guint64 *golden = g_new (guint64, n);
  guint64 inverse = 1;
  gint64 usual;

  /* of the odd number that is often used, modulo 2^64 (Newton) */
  for (guint i = 0; i < 6; i++)
    inverse *= 2 - inverse * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  for (guint i = 0; i < n; i++)
    {
      plain[i] = i;
      low[i] = (guint64) i << 33;
      golden[i] = inverse * ((guint64) i << 48);
    }

  usual = fill (plain, n);
  g_assert_cmpint (fill (low, n), <, usual * 20 + 100000);
  g_assert_cmpint (fill (golden, n), <, usual * 20 + 100000);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/flood/errors", test_errors);
  g_test_add_func ("/flood/bytes", test_bytes);
  g_test_add_func ("/flood/namespaces", test_namespaces);
  g_test_add_func ("/flood/chosen-ids", test_chosen_ids);

  return g_test_run ();
}
