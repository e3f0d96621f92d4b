/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Any recording: counted while it grows, in portions of any size, counted at once, counted from its file, and counted by hand must
 * give the same. */

#include "describe.h"
#include "recording-script.h"

#include <glib/gstdio.h>

static guint
luck (guint below)
{
  return (guint) g_test_rand_int_range (0, (gint32) below);
}

/* Something that may happen, likely or not. */
static void
add_line (GString *script,
          gint64   ms,
          guint   *next_id)
{
  static const char * const nsps[] = { "/", "/a", "/b" };
  static const char * const names[] = { "tick", "tock", "q" };
  static const char * const fates[] = { "ack-timeout", "ack-abandoned", "lost" };
  static const char * const texts[] = { "it_was_never_sent", "it_may_be_lost", "cancelled", "that_was_try_1_of_2,_it_will_be_sent_again" };
  const char *nsp = nsps[luck (3)], *name = names[luck (3)];
  g_autofree char *prefix = nsp[1] != '\0' ? g_strconcat (nsp, ",", NULL) : g_strdup ("");

  switch (luck (14))
    {
    case 0:
    case 1:
    case 2:
      g_string_append_printf (script, "%d packet in 42%s[\"%s\",%u]\n", (int) ms, prefix, name, luck (1000));
      break;
    case 3:
      g_string_append_printf (script, "%d packet in 42%s%u[\"%s\"]\n", (int) ms, prefix, luck (6), name);
      break;
    case 4:
      g_string_append_printf (script, "%d packet out 42%s%u[\"%s\"] tag=%u\n", (int) ms, prefix, (*next_id)++, name, luck (20));
      break;
    case 5:
      g_string_append_printf (script, "%d packet out 42%s[\"%s\"] tag=%u\n", (int) ms, prefix, name, luck (20));
      break;
    case 6:
    case 7:
      g_string_append_printf (script, "%d packet in 43%s%u[]\n", (int) ms, prefix, *next_id - MIN (*next_id, luck (10)));
      break;
    case 8:
      g_string_append_printf (script, "%d packet out 43%s%u[]\n", (int) ms, prefix, luck (6));
      break;
    case 9:
      g_string_append_printf (script, "%d emit %s %s %u %s tag=%u text=%s\n", (int) ms, fates[luck (3)], nsp,
                              *next_id - MIN (*next_id, luck (10)), name, luck (20), texts[luck (4)]);
      break;
    case 10:
      g_string_append_printf (script, "%d emit %s %s -1 %s tag=%u\n", (int) ms, luck (2) == 0 ? "buffered" : luck (2) == 0 ? "dropped" : "refused",
                              nsp, name, luck (20));
      break;
    case 11:
      g_string_append_printf (script, "%d packet in 451-%s[\"%s\",{\"_placeholder\":true,\"num\":0}]\n%d attachment in 0 abc\n", (int) ms, prefix,
                              name, (int) ms);
      break;
    case 12:
      {
        static const char * const changes[] = { "connecting", "connecting", "connected", "connected", "disconnected", "connect-error" };

        g_string_append_printf (script, "%d socket %s %s recovered=%u\n", (int) ms, changes[luck (6)], nsp, luck (2));
        break;
      }
    default:
      {
        static const char * const states[] = { "connecting", "open", "upgrading", "upgraded", "closed", "attempt-failed", "waiting" };

        if (luck (3) == 0)
          g_string_append_printf (script, "%d state %s attempt=%u again=1\n", (int) ms, states[luck (7)], luck (3));
        else if (luck (2) == 0)
          g_string_append_printf (script, "%d http GET 200 %u http://h/?transport=%s response=ok\n", (int) ms, luck (50),
                                  luck (2) == 0 ? "polling" : "websocket");
        else
          g_string_append_printf (script, "%d engine %s\n", (int) ms, luck (2) == 0 ? "out 2probe" : "in 3probe");
        break;
      }
    }
}

/* --- by hand --- */

typedef struct {
  SioscopeEventCount count;
  char              *nsp;
  char              *event;
  GArray            *latencies;
} Line;

static void
line_clear (gpointer data)
{
  Line *line = data;

  g_free (line->nsp);
  g_free (line->event);
  g_array_unref (line->latencies);
}

static gboolean
same_text (SioSpan a,
           SioSpan b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

static gboolean
is_event (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_PACKET
         && (entry->packet_type == SIO_PACKET_EVENT || entry->packet_type == SIO_PACKET_BINARY_EVENT);
}

/* How the wait of the event ends: looks at all that follows. */
static SioscopeAckState
find_end (SioscopeRecording   *recording,
          const SioscopeEntry *event,
          gint64              *latency_us)
{
  SioscopeEntry entry;

  for (guint64 row = event->row + 1; sioscope_recording_read (recording, row, &entry); row++)
    {
      gboolean same = entry.id == event->id && same_text (entry.nsp, event->nsp);

      if (is_event (&entry) && entry.direction == event->direction && same)
        return SIOSCOPE_ACK_PENDING;
      if (entry.kind == SIOSCOPE_KIND_PACKET && same && entry.direction != event->direction
          && (entry.packet_type == SIO_PACKET_ACK || entry.packet_type == SIO_PACKET_BINARY_ACK))
        {
          *latency_us = entry.time_us - event->time_us;
          return SIOSCOPE_ACK_ANSWERED;
        }
      if (entry.kind == SIOSCOPE_KIND_EMIT && event->direction == SIO_DIRECTION_OUT && same && entry.fate != SIO_TAP_EMIT_BUFFERED)
        return entry.fate == SIO_TAP_EMIT_ACK_TIMEOUT ? SIOSCOPE_ACK_TIMED_OUT : SIOSCOPE_ACK_ABANDONED;
      if (event->direction != SIO_DIRECTION_IN)
        continue;
      if (entry.kind == SIOSCOPE_KIND_STATE
          && (entry.state == SIO_TAP_STATE_CLOSED || entry.state == SIO_TAP_STATE_ATTEMPT_FAILED || entry.state == SIO_TAP_STATE_FAILED))
        return SIOSCOPE_ACK_ABANDONED;
      if (entry.kind == SIOSCOPE_KIND_SOCKET && entry.socket_change == SIO_TAP_SOCKET_DISCONNECTED && same_text (entry.nsp, event->nsp))
        return SIOSCOPE_ACK_ABANDONED;
    }
  return SIOSCOPE_ACK_PENDING;
}

/* What the namespace did last before the event is to be asked for, and what it does next is to be connected and recovered. */
static gboolean
is_replayed (SioscopeRecording   *recording,
             const SioscopeEntry *event)
{
  SioscopeEntry entry;

  for (guint64 row = event->row;; row--)
    {
      if (row == 0)
        return FALSE;
      sioscope_recording_read (recording, row - 1, &entry);
      if (entry.kind != SIOSCOPE_KIND_SOCKET || !same_text (entry.nsp, event->nsp))
        continue;
      if (entry.socket_change != SIO_TAP_SOCKET_CONNECTING)
        return FALSE;
      break;
    }
  for (guint64 row = event->row + 1; sioscope_recording_read (recording, row, &entry); row++)
    if (entry.kind == SIOSCOPE_KIND_SOCKET && same_text (entry.nsp, event->nsp))
      return entry.socket_change == SIO_TAP_SOCKET_CONNECTED && entry.recovered;
  return FALSE;
}

static Line *
find_line (GArray              *lines,
           const SioscopeEntry *entry)
{
  Line added = { { 0 } };

  for (guint i = 0; i < lines->len; i++)
    {
      Line *line = &g_array_index (lines, Line, i);

      if (line->count.direction == entry->direction && sio_span_equals (entry->nsp, line->nsp)
          && sio_span_equals (entry->event, line->event))
        return line;
    }
  added.count.direction = entry->direction;
  added.count.first_row = entry->row;
  added.count.first_us = entry->time_us;
  added.nsp = g_strndup (entry->nsp.data, entry->nsp.size);
  added.event = g_strndup (entry->event.data, entry->event.size);
  added.latencies = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_array_append_val (lines, added);
  return &g_array_index (lines, Line, lines->len - 1);
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  const gint64 *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

static void
check_line (SioscopeStatistics *statistics,
            guint               i,
            Line               *line)
{
  guint n;
  const SioscopeEventCount *count = &sioscope_statistics_get_events (statistics, &n)[i];
  SioscopeLatency latency;
  SioscopeName name;
  gint64 *sorted = (gint64 *) (gpointer) line->latencies->data;

  g_assert_true (sioscope_recording_get_name (sioscope_statistics_get_recording (statistics), count->name, &name));
  g_assert_true (sio_span_equals (name.nsp, line->nsp) && sio_span_equals (name.event, line->event));
  line->count.name = count->name;
  g_assert_cmpmem (count, sizeof *count, &line->count, sizeof line->count);

  g_assert_cmpint (sioscope_statistics_get_latency (statistics, i, &latency), ==, line->latencies->len > 0);
  if (line->latencies->len == 0)
    return;
  g_array_sort (line->latencies, compare_times);
  n = line->latencies->len;
  g_assert_cmpuint (latency.n, ==, n);
  g_assert_cmpint (latency.min_us, ==, sorted[0]);
  g_assert_cmpint (latency.p50_us, ==, sorted[(n * 50 + 99) / 100 - 1]);
  g_assert_cmpint (latency.p95_us, ==, sorted[(n * 95 + 99) / 100 - 1]);
  g_assert_cmpint (latency.max_us, ==, sorted[n - 1]);
  g_assert_true (latency.exact);
}

static void
check_by_hand (SioscopeStatistics *statistics)
{
  SioscopeRecording *recording = sioscope_statistics_get_recording (statistics);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);
  g_autoptr(GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));
  SioscopeTraffic total = { { 0 } }, sum = { { 0 } };
  const SioscopeTraffic *buckets;
  const SioscopeEmits *emits = sioscope_statistics_get_emits (statistics);
  guint64 fates[SIOSCOPE_FATE_REFUSED + 1] = { 0 }, n_sent = 0;
  gint64 width_us;
  SioscopeEntry entry;
  Line *last = NULL;
  guint n;

  g_array_set_clear_func (lines, line_clear);
  sioscope_projection_update (projection, 0);
  for (guint64 row = 0; sioscope_recording_read (recording, row, &entry); row++)
    {
      gint64 latency_us = -1;

      if (entry.kind == SIOSCOPE_KIND_PACKET || entry.kind == SIOSCOPE_KIND_ENGINE || entry.kind == SIOSCOPE_KIND_ATTACHMENT)
        {
          total.messages[entry.direction]++;
          total.bytes[entry.direction] += entry.raw.size;
        }
      if (entry.kind == SIOSCOPE_KIND_ATTACHMENT)
        last->count.bytes += entry.raw.size;
      if (!is_event (&entry))
        continue;

      last = find_line (lines, &entry);
      last->count.count++;
      last->count.bytes += entry.raw.size;
      last->count.last_row = row;
      last->count.last_us = entry.time_us;
      if (entry.direction == SIO_DIRECTION_IN)
        {
          gboolean replayed = is_replayed (recording, &entry);

          last->count.n_replayed += replayed;
          g_assert_cmpint (sioscope_projection_get_replayed (projection, row), ==, replayed);
        }
      else
        {
          n_sent++;
          fates[sioscope_projection_get_fate (projection, row, NULL)]++;
        }
      if (entry.id < 0)
        continue;
      last->count.n_asked++;
      switch (find_end (recording, &entry, &latency_us))
        {
        case SIOSCOPE_ACK_ANSWERED:
          last->count.n_answered++;
          g_array_append_val (last->latencies, latency_us);
          g_assert_cmpint (sioscope_projection_get_ack (projection, row).latency_us, ==, latency_us);
          break;
        case SIOSCOPE_ACK_TIMED_OUT: last->count.n_timed_out++; break;
        case SIOSCOPE_ACK_ABANDONED: last->count.n_abandoned++; break;
        case SIOSCOPE_ACK_PENDING: last->count.n_pending++; break;
        case SIOSCOPE_ACK_NONE:
        default: g_assert_not_reached ();
        }
    }

  sioscope_statistics_get_events (statistics, &n);
  g_assert_cmpuint (n, ==, lines->len);
  for (guint i = 0; i < n; i++)
    check_line (statistics, i, &g_array_index (lines, Line, i));

  g_assert_cmpmem (sioscope_statistics_get_total_traffic (statistics), sizeof total, &total, sizeof total);
  buckets = sioscope_statistics_get_traffic (statistics, &n, &width_us);
  for (guint i = 0; i < n; i++)
    for (guint direction = 0; direction < 2; direction++)
      {
        sum.messages[direction] += buckets[i].messages[direction];
        sum.bytes[direction] += buckets[i].bytes[direction];
      }
  g_assert_cmpmem (&sum, sizeof sum, &total, sizeof total);

  /* One truth: what single events came to is what the sums say. */
  g_assert_cmpuint (emits->n_handed_over, ==, n_sent);
  g_assert_cmpuint (emits->n_acked, ==, fates[SIOSCOPE_FATE_ACKED]);
  g_assert_cmpuint (emits->n_waiting, ==, fates[SIOSCOPE_FATE_WAITING]);
  g_assert_cmpuint (emits->n_timed_out, ==, fates[SIOSCOPE_FATE_TIMED_OUT]);
}

static void
test_any (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sioscope-statistics-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "any.sioscope", NULL);

  for (guint round = 0; round < 60; round++)
    {
      g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "any");
      g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
      g_autoptr(SioscopeStatistics) live = sioscope_statistics_new (recording);
      g_autoptr(SioscopeStatistics) at_once = sioscope_statistics_new (recording);
      g_autoptr(SioscopeStatistics) of_file = NULL;
      g_autoptr(SioscopeRecording) file = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *expected = NULL;
      gint64 ms = 0;
      guint next_id = 0;

      g_assert_nonnull (sioscope_recording_get_path (recording));
      for (guint portion = luck (12) + 1; portion > 0; portion--)
        {
          g_autoptr(GString) script = g_string_new (NULL);

          for (guint i = luck (40); i > 0; i--)
            {
              ms += luck (4) == 0 ? luck (3000) : luck (5);
              add_line (script, ms, &next_id);
            }
          script_play (recorder, recording, script->str);
          for (guint i = luck (4); i > 0; i--)
            sioscope_statistics_update (live, luck (20) + 1);
        }
      while (sioscope_statistics_update (live, luck (20) + 1))
        ;
      sioscope_statistics_update (at_once, 0);
      expected = describe_all (at_once);
      ASSERT_TEXT (describe_all (live), expected);
      check_by_hand (live);

      sioscope_recorder_finish (recorder);
      file = sioscope_recording_open (path, &error);
      g_assert_no_error (error);
      of_file = sioscope_statistics_new (file);
      sioscope_statistics_update (of_file, 0);
      ASSERT_TEXT (describe_all (of_file), expected);
      /* A server that uses an id again while its first event waits: that is said. */
      g_assert_cmpint (sioscope_statistics_get_limits (of_file) & ~(SIOSCOPE_STATISTICS_LATENCIES | SIOSCOPE_STATISTICS_EMITS), ==, 0);
      g_assert_cmpuint (sioscope_statistics_get_n_missed (of_file), ==, 0);
      g_unlink (path);
    }
  g_rmdir (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statistics/any", test_any);
  return g_test_run ();
}
