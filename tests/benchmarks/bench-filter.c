/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A filter over a million rows of 50 bytes: through SioscopeQuery, and through its matcher in this thread; beside memmem() over the
 * same bytes, row by row, which knows where they are and folds no letters. Prints ratios; passes and fails nothing. */

#include <string.h>

#include "bench-util.h"
#include "sioscope-query.h"
#include "sioscope-recorder.h"

#define N_ROWS     1000000u
#define EVENT_SIZE 50
#define N_ROUNDS   7
#define FIRST_ROWS 100u

typedef struct {
  SioscopeRecording *recording;
  SioSpan           *spans; /* of each row: what a floor need not look up */
} Bench;

static double
now_ms (void)
{
  return (double) g_get_monotonic_time () / 1000;
}

static SioscopeRecording *
record (void)
{
  SioscopeRecording *recording = sioscope_recording_new (NULL, "filter");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);

  for (guint i = 0; i < N_ROWS; i++)
    {
      char raw[EVENT_SIZE + 1];
      SioTapPacket packet = { .direction = SIO_DIRECTION_IN, .transport = SIO_TRANSPORT_KIND_WEBSOCKET, .type = SIO_PACKET_EVENT,
                              .nsp = SIO_SPAN_LITERAL ("/"), .n_args = 1, .id = -1 };
      int n = g_snprintf (raw, sizeof raw, "42[\"%s\",{\"id\":%u,\"to\":\"%s\"", i % 10 == 0 ? "trade" : "quote", N_ROWS + i,
                          i % 1000 == 0 ? "needle" : "others");

      /* All of one length, however long the name is. */
      memset (raw + n, ' ', (gsize) (EVENT_SIZE - n));
      memcpy (raw + EVENT_SIZE - 2, "}]", 2);
      packet.raw = (SioSpan) { raw, EVENT_SIZE };
      packet.event = (SioSpan) { raw + 3, 7 };
      packet.args = (SioSpan) { raw + 11, EVENT_SIZE - 12 };
      SIO_TAP_GET_IFACE (recorder)->packet (SIO_TAP (recorder), &packet);
    }
  sioscope_recorder_finish (recorder);
  return recording;
}

static double
run_floor (const Bench *bench,
           const char  *needle,
           guint       *n_found)
{
  double start = now_ms ();
  gsize size = strlen (needle);

  *n_found = 0;
  for (guint row = N_ROWS; row-- > 0;)
    *n_found += memmem (bench->spans[row].data, bench->spans[row].size, needle, size) != NULL;
  return now_ms () - start;
}

static double
run_matcher (const Bench    *bench,
             SioscopeFilter *filter,
             guint          *n_found)
{
  double start = now_ms ();
  g_autoptr(SioscopeProjection) acks = NULL;
  g_autoptr(SioscopeMatcher) matcher = NULL;

  if (sioscope_filter_needs_acks (filter))
    {
      acks = sioscope_projection_new (bench->recording);
      sioscope_projection_update (acks, 0);
    }
  matcher = sioscope_matcher_new (filter, bench->recording, acks);
  *n_found = 0;
  for (guint row = N_ROWS; row-- > 0;)
    *n_found += sioscope_matcher_wants (matcher, row);
  return now_ms () - start;
}

/* As a window waits for it, in its main loop. */
static double
run_query (const Bench    *bench,
           SioscopeFilter *filter,
           guint          *n_found,
           double         *first_ms)
{
  SioscopeQuery *query = sioscope_query_new (bench->recording);
  SioscopeQueryProgress progress;
  double start = now_ms (), took;

  *n_found = 0;
  *first_ms = 0;
  sioscope_query_set_filter (query, filter);
  do
    {
      SioscopeQueryBlock *block;

      g_main_context_iteration (NULL, TRUE);
      progress = sioscope_query_get_progress (query);
      while ((block = sioscope_query_take (query)) != NULL)
        {
          *n_found += block->n;
          g_free (block);
        }
      if (*first_ms <= 0 && (*n_found >= FIRST_ROWS || progress.through))
        *first_ms = now_ms () - start;
    }
  while (!progress.through);
  took = now_ms () - start;
  g_object_unref (query);
  return took;
}

static void
bench_line (const Bench *bench,
            const char  *line,
            const char  *needle)
{
  double floors[N_ROUNDS], matchers[N_ROUNDS], queries[N_ROUNDS], firsts[N_ROUNDS], floor = 0, matcher, query;
  guint n_floor = 0, n_matcher = 0, n_query = 0;
  g_autoptr(SioscopeFilter) filter = sioscope_filter_new (line, NULL, NULL);

  g_assert_nonnull (filter);
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      if (needle != NULL)
        floors[i] = run_floor (bench, needle, &n_floor);
      matchers[i] = run_matcher (bench, filter, &n_matcher);
      queries[i] = run_query (bench, filter, &n_query, &firsts[i]);
    }
  g_assert_cmpuint (n_matcher, ==, n_query);
  matcher = bench_quantile (matchers, N_ROUNDS, 0.5);
  query = bench_quantile (queries, N_ROUNDS, 0.5);
  if (needle == NULL)
    {
      g_print ("%-24s | %8u | %8s | %8.1f        | %8.1f        | %8.2f\n", line, n_query, "", matcher, query,
               bench_quantile (firsts, N_ROUNDS, 0.5));
      return;
    }
  g_assert_cmpuint (n_floor, ==, n_query);
  floor = bench_quantile (floors, N_ROUNDS, 0.5);
  g_print ("%-24s | %8u | %8.1f | %8.1f (%4.2f) | %8.1f (%4.2f) | %8.2f\n", line, n_query, floor, matcher,
           bench_ratio (matcher, floor), query, bench_ratio (query, floor), bench_quantile (firsts, N_ROUNDS, 0.5));
}

int
main (void)
{
  Bench bench = { record (), g_new (SioSpan, N_ROWS) };

  for (guint row = 0; row < N_ROWS; row++)
    {
      SioscopeEntry entry;

      if (!sioscope_recording_read (bench.recording, row, &entry))
        g_error ("row %u is not there", row);
      bench.spans[row] = entry.raw;
    }
  g_print ("one million rows of %d bytes, milliseconds, medians of %d rounds; in brackets: beside memmem, goal at most 1\n", EVENT_SIZE,
           N_ROUNDS);
  g_print ("%-24s | %8s | %8s | %-15s | %-15s | %s\n", "filter", "found", "memmem", "matcher", "query", "first 100");
  bench_line (&bench, "needle", "needle");
  bench_line (&bench, "zzz", "zzz");
  bench_line (&bench, "trade", "trade");
  bench_line (&bench, "id", "id");
  bench_line (&bench, "event:trade", NULL);
  bench_line (&bench, "kind:event", NULL);
  bench_line (&bench, "size:>1k", NULL);
  bench_line (&bench, "arg[0].id:1500000", NULL);
  bench_line (&bench, "/needle|noodle/", NULL);
  bench_line (&bench, "ack:pending", NULL);
  g_free (bench.spans);
  g_object_unref (bench.recording);
  return 0;
}
