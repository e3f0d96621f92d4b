/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "describe.h"

static void
add_name (GString            *out,
          SioscopeStatistics *statistics,
          guint               number)
{
  SioscopeName name;

  if (!sioscope_recording_get_name (sioscope_statistics_get_recording (statistics), number, &name))
    g_string_append (out, "(others)");
  else
    g_string_append_printf (out, "%.*s%s%.*s", (int) name.nsp.size, name.nsp.data, name.event.size > 0 ? " " : "",
                            (int) name.event.size, name.event.size > 0 ? name.event.data : "");
}

static void
add_row (GString    *out,
         const char *what,
         guint64     row)
{
  if (row != SIOSCOPE_NO_ROW)
    g_string_append_printf (out, " %s @%d", what, (int) row);
}

/* Milliseconds, with what is below them where there is something. */
static void
add_ms (GString    *out,
        const char *what,
        gint64      us)
{
  if (us < 0)
    return;
  g_string_append_printf (out, " %s %d", what, (int) (us / 1000));
  if (us % 1000 != 0)
    g_string_append_printf (out, ".%03d", (int) (us % 1000));
}

char *
describe_events (SioscopeStatistics *statistics)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeEventCount *list = sioscope_statistics_get_events (statistics, &n);

  for (guint i = 0; i < n; i++)
    {
      const SioscopeEventCount *e = &list[i];

      g_string_append (out, i > 0 ? "\n" : "");
      add_name (out, statistics, e->name);
      g_string_append_printf (out, " %s %d×%dB @%d-%d", e->direction == SIO_DIRECTION_IN ? "in" : "out", (int) e->count, (int) e->bytes,
                              (int) e->first_row, (int) e->last_row);
      add_ms (out, "from", e->first_us);
      add_ms (out, "to", e->last_us);
      if (e->n_replayed > 0)
        g_string_append_printf (out, " replayed %d", (int) e->n_replayed);
      if (e->n_asked > 0)
        g_string_append_printf (out, " asked %d answered %d timed-out %d abandoned %d pending %d", (int) e->n_asked, (int) e->n_answered,
                                (int) e->n_timed_out, (int) e->n_abandoned, (int) e->n_pending);
      g_assert_cmpuint (e->n_asked, ==, e->n_answered + e->n_timed_out + e->n_abandoned + e->n_pending);
      g_assert_cmpuint (sioscope_statistics_find_event (statistics, e->name, e->direction), ==, i);
    }
  return g_string_free (out, FALSE);
}

char *
describe_latencies (SioscopeStatistics *statistics)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeEventCount *list = sioscope_statistics_get_events (statistics, &n);

  for (guint i = 0; i < n; i++)
    {
      SioscopeLatency l;

      if (!sioscope_statistics_get_latency (statistics, i, &l))
        continue;
      g_string_append (out, out->len > 0 ? "\n" : "");
      add_name (out, statistics, list[i].name);
      g_string_append_printf (out, " %s n %d", list[i].direction == SIO_DIRECTION_IN ? "in" : "out", (int) l.n);
      add_ms (out, "min", l.min_us);
      add_ms (out, "p50", l.p50_us);
      add_ms (out, "p95", l.p95_us);
      add_ms (out, "max", l.max_us);
      g_string_append (out, l.exact ? "" : " rounded");
    }
  return g_string_free (out, FALSE);
}

static void
add_traffic (GString               *out,
             const SioscopeTraffic *traffic)
{
  g_string_append_printf (out, "in %d×%dB out %d×%dB", (int) traffic->messages[SIO_DIRECTION_IN], (int) traffic->bytes[SIO_DIRECTION_IN],
                          (int) traffic->messages[SIO_DIRECTION_OUT], (int) traffic->bytes[SIO_DIRECTION_OUT]);
}

char *
describe_traffic (SioscopeStatistics *statistics)
{
  GString *out = g_string_new (NULL);
  gint64 width_us;
  guint n;
  const SioscopeTraffic *list = sioscope_statistics_get_traffic (statistics, &n, &width_us);

  g_string_append_printf (out, "each %d", (int) (width_us / 1000));
  for (guint i = 0; i < n; i++)
    if (list[i].messages[0] + list[i].messages[1] > 0)
      {
        g_string_append_printf (out, "; %u: ", i);
        add_traffic (out, &list[i]);
      }
  g_string_append (out, "; all: ");
  add_traffic (out, sioscope_statistics_get_total_traffic (statistics));
  g_string_append (out, "; http: ");
  add_traffic (out, sioscope_statistics_get_total_http (statistics));
  return g_string_free (out, FALSE);
}

static void
add_emits (GString             *out,
           const SioscopeEmits *emits)
{
  static const char * const words[] = {
    "buffered", "handed-over", "waiting", "acked", "timed-out", "may-be-lost", "tried-again", "cancelled", "never-sent", "dropped",
    "refused",
  };
  const guint64 *counts = (const guint64 *) emits;

  G_STATIC_ASSERT (sizeof *emits == G_N_ELEMENTS (words) * sizeof (guint64));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (counts[i] > 0)
      g_string_append_printf (out, " %s %d", words[i], (int) counts[i]);
}

char *
describe_emits (SioscopeStatistics *statistics)
{
  GString *out = g_string_new ("all:");
  guint n;
  const SioscopeCut *list = sioscope_statistics_get_cuts (statistics, &n);

  add_emits (out, sioscope_statistics_get_emits (statistics));
  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (out, "\ncut @%d%s", (int) list[i].row, list[i].asked ? " asked" : "");
      add_ms (out, "at", list[i].time_us);
      add_row (out, "open", list[i].open_row);
      add_ms (out, "at", list[i].open_us);
      g_string_append_printf (out, " in flight %d:", (int) list[i].n_in_flight);
      add_emits (out, &list[i].emits);
    }
  return g_string_free (out, FALSE);
}

char *
describe_handshakes (SioscopeStatistics *statistics)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeHandshake *list = sioscope_statistics_get_handshakes (statistics, &n);

  for (guint i = 0; i < n; i++)
    {
      const SioscopeHandshake *h = &list[i];
      guint n_joins;
      const SioscopeJoin *joins = sioscope_statistics_get_joins (statistics, i, &n_joins);

      g_string_append_printf (out, "%s#%u @%d", i > 0 ? "\n" : "", h->attempt, (int) h->row);
      add_ms (out, "at", h->start_us);
      g_string_append_printf (out, " http %u", h->n_http);
      add_row (out, "last", h->http_row);
      add_ms (out, "sent", h->request_us);
      add_ms (out, "took", h->http_us);
      add_ms (out, "open", h->open_us);
      add_ms (out, "joined", h->joined_us);
      add_ms (out, "probe", h->probe_us);
      add_row (out, "upgrade-http", h->upgrade_http_row);
      add_ms (out, "took", h->upgrade_http_us);
      add_ms (out, "upgrade", h->upgrade_us);
      add_ms (out, "upgraded", h->upgraded_us);
      add_row (out, "no-upgrade", h->upgrade_failed_row);
      add_row (out, "failed", h->failed_row);
      add_ms (out, "after", h->failed_us);
      for (guint j = 0; j < n_joins; j++)
        {
          g_string_append (out, "; ");
          add_name (out, statistics, joins[j].name);
          g_string_append_printf (out, " @%d", (int) joins[j].row);
          add_ms (out, "at", joins[j].time_us);
          add_row (out, joins[j].refused ? "refused" : "answer", joins[j].answer_row);
          add_ms (out, "took", joins[j].took_us);
        }
    }
  return g_string_free (out, FALSE);
}

char *
describe_recoveries (SioscopeStatistics *statistics)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeRecovery *list = sioscope_statistics_get_recoveries (statistics, &n);

  for (guint i = 0; i < n; i++)
    {
      g_string_append (out, i > 0 ? "\n" : "");
      add_name (out, statistics, list[i].name);
      g_string_append_printf (out, " @%d-%d", (int) list[i].start_row, (int) list[i].end_row);
      add_ms (out, "at", list[i].time_us);
      g_string_append_printf (out, " replayed %d new %d", (int) list[i].n_replayed, (int) list[i].n_new);
    }
  return g_string_free (out, FALSE);
}

char *
describe_all (SioscopeStatistics *statistics)
{
  g_autofree char *events = describe_events (statistics);
  g_autofree char *latencies = describe_latencies (statistics);
  g_autofree char *traffic = describe_traffic (statistics);
  g_autofree char *emits = describe_emits (statistics);
  g_autofree char *handshakes = describe_handshakes (statistics);
  g_autofree char *recoveries = describe_recoveries (statistics);

  return g_strjoin ("\n\n", events, latencies, traffic, emits, handshakes, recoveries, NULL);
}
