/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-events-figures.h"

#include "sioscope-filter.h"

/* The clock is looked at after so many rows: some milliseconds. */
#define ROWS_AT_ONCE 32768

void
sioscope_events_figures_free (SioscopeEventsFigures *self)
{
  g_array_unref (self->lines);
  g_free (self);
}

/* A line, and where it stands. */
typedef struct {
  SioscopeEventsLine line;
  guint              event;     /* its number in the statistics */
  guint              nsp;       /* which namespace, by first appearance */
} Candidate;

static int
compare_counts (gconstpointer a,
                gconstpointer b)
{
  const Candidate *x = a, *y = b;

  if (x->line.count != y->line.count)
    return x->line.count > y->line.count ? -1 : 1;
  return x->event < y->event ? -1 : x->event > y->event;
}

static int
compare_places (gconstpointer a,
                gconstpointer b)
{
  const Candidate *x = a, *y = b;

  if (x->nsp != y->nsp)
    return x->nsp < y->nsp ? -1 : 1;
  return x->event < y->event ? -1 : x->event > y->event;
}

static guint
find_namespace (GHashTable        *namespaces,
                SioscopeRecording *recording,
                guint              number)
{
  g_autoptr(GBytes) key = NULL;
  SioscopeName name;
  gpointer index;

  /* Those without a name of their own come last. */
  if (number == SIOSCOPE_NAME_UNNUMBERED || !sioscope_recording_get_name (recording, number, &name))
    return G_MAXUINT;
  /* Names live as long as the recording. */
  key = g_bytes_new_static (name.nsp.data, name.nsp.size);
  if (!g_hash_table_lookup_extended (namespaces, key, NULL, &index))
    {
      index = GUINT_TO_POINTER (g_hash_table_size (namespaces));
      g_hash_table_insert (namespaces, g_steal_pointer (&key), index);
    }
  return GPOINTER_TO_UINT (index);
}

static SioscopeEventsFigures *
make_figures (SioscopeStatistics *statistics)
{
  SioscopeRecording *recording = sioscope_statistics_get_recording (statistics);
  SioscopeEventsFigures *figures = g_new0 (SioscopeEventsFigures, 1);
  g_autoptr(GHashTable) namespaces = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr(GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  gboolean live = sioscope_recording_get_live (recording);
  gint64 end_us = sioscope_statistics_get_end_us (statistics);
  gint64 now_us = live ? MAX (sioscope_recording_get_now_us (recording), end_us) : end_us;
  const SioscopeEventCount *events;
  guint n;

  events = sioscope_statistics_get_events (statistics, &n);
  for (guint i = 0; i < n; i++)
    {
      Candidate candidate = { .event = i, .nsp = find_namespace (namespaces, recording, events[i].name) };

      candidate.line = (SioscopeEventsLine) {
        .name = events[i].name, .direction = events[i].direction, .count = events[i].count,
        .n_asked = events[i].n_asked, .n_answered = events[i].n_answered,
        .n_timed_out = events[i].n_timed_out, .n_pending = events[i].n_pending, .p95_us = -1,
      };
      g_array_append_val (candidates, candidate);
    }
  if (n > SIOSCOPE_EVENTS_MAX_LINES)
    {
      g_array_sort (candidates, compare_counts);
      for (guint i = SIOSCOPE_EVENTS_MAX_LINES; i < n; i++)
        figures->n_hidden_events += g_array_index (candidates, Candidate, i).line.count;
      figures->n_hidden = n - SIOSCOPE_EVENTS_MAX_LINES;
      g_array_set_size (candidates, SIOSCOPE_EVENTS_MAX_LINES);
    }
  g_array_sort (candidates, compare_places);

  figures->lines = g_array_sized_new (FALSE, FALSE, sizeof (SioscopeEventsLine), candidates->len);
  for (guint i = 0; i < candidates->len; i++)
    {
      Candidate *candidate = &g_array_index (candidates, Candidate, i);
      SioscopeLatency latency;

      /* The first moment of a recording makes no rate of one event. */
      if (live && now_us >= G_USEC_PER_SEC)
        candidate->line.rate = sioscope_statistics_get_rate (statistics, candidate->event, now_us);
      else
        candidate->line.rate = (double) candidate->line.count * G_USEC_PER_SEC / (double) MAX (end_us, G_USEC_PER_SEC);
      if (candidate->line.n_answered > 0 && sioscope_statistics_get_latency (statistics, candidate->event, &latency))
        candidate->line.p95_us = latency.p95_us;
      g_array_append_val (figures->lines, candidate->line);
    }
  figures->n_missed = sioscope_statistics_get_n_missed (statistics);
  return figures;
}

static void
count_thread (GTask        *task,
              gpointer      source,
              gpointer      task_data,
              GCancellable *cancellable)
{
  SioscopeStatistics *statistics = source;
  gint64 until = g_get_monotonic_time () + *(gint64 *) task_data;
  SioscopeEventsFigures *figures;
  gboolean left;

  do
    left = sioscope_statistics_update (statistics, ROWS_AT_ONCE);
  while (left && g_get_monotonic_time () < until && !g_cancellable_is_cancelled (cancellable));

  if (g_task_return_error_if_cancelled (task))
    return;
  figures = make_figures (statistics);
  figures->complete = !left;
  g_task_return_pointer (task, figures, (GDestroyNotify) sioscope_events_figures_free);
}

void
sioscope_events_count_async (SioscopeStatistics  *statistics,
                             gint64               time_us,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (statistics, cancellable, callback, data);
  gint64 *budget = g_new (gint64, 1);

  *budget = time_us;
  g_task_set_source_tag (task, sioscope_events_count_async);
  g_task_set_task_data (task, budget, g_free);
  g_task_run_in_thread (task, count_thread);
}

SioscopeEventsFigures *
sioscope_events_count_finish (SioscopeStatistics  *statistics,
                              GAsyncResult        *result,
                              GError             **error)
{
  g_return_val_if_fail (g_task_is_valid (result, statistics), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* What cannot be typed, or would move the text around it, as JSON escapes it: so the language quotes as well. */
static void
append_character (GString  *out,
                  gunichar  c)
{
  GUnicodeType type = g_unichar_type (c);

  if (g_unichar_isprint (c) && type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR)
    g_string_append_unichar (out, c);
  else if (c > 0xffff)
    g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
  else
    g_string_append_printf (out, "\\u%04x", c);
}

/* escaped: it is the inside of a JSON string, and has its escapes already. */
static gboolean
append_quoted (GString *out,
               SioSpan  text,
               gboolean escaped)
{
  const char *end = text.data + text.size;

  if (!g_utf8_validate_len (text.data, text.size, NULL))
    return FALSE;
  g_string_append_c (out, '"');
  for (const char *p = text.data; p < end; p = g_utf8_next_char (p))
    {
      if (!escaped && (*p == '"' || *p == '\\'))
        g_string_append_c (out, '\\');
      append_character (out, g_utf8_get_char (p));
    }
  g_string_append_c (out, '"');
  return TRUE;
}

char *
sioscope_events_dup_filter (SioscopeRecording *recording,
                            guint              number)
{
  g_autoptr(SioscopeFilter) filter = NULL;
  g_autoptr(GString) line = g_string_new ("event:");
  SioscopeName name;
  gboolean quoted;

  if (number == SIOSCOPE_NAME_UNNUMBERED || !sioscope_recording_get_name (recording, number, &name) || name.event.size == 0)
    return NULL;
  /* A number can be a name as well. */
  quoted = name.event.size >= 2 && name.event.data[0] == '"';
  if (!append_quoted (line, quoted ? (SioSpan) { name.event.data + 1, name.event.size - 2 } : name.event, quoted))
    return NULL;
  g_string_append (line, " ns:");
  if (!append_quoted (line, name.nsp, FALSE))
    return NULL;
  /* Too long, or nothing that the language knows: then nothing is offered that would be refused. */
  filter = sioscope_filter_new (line->str, NULL, NULL);
  return filter != NULL ? g_string_free (g_steal_pointer (&line), FALSE) : NULL;
}
