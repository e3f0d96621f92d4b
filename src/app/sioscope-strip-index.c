/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The history by time, so that drawing and walking cost the same after a minute and after a month. */

#include "config.h"

#include "sioscope-strip-index.h"

/* A server can make heartbeats and cuts without end; beyond this the oldest are not drawn one by one any more. */
#define MAX_ENTRIES 200000u

void
sioscope_strip_index_init (SioscopeStripIndex *self)
{
  self->stops = g_array_new (FALSE, FALSE, sizeof (SioscopeStop));
  self->heartbeats = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->n_marks = 0;
  self->n_segments = 0;
}

void
sioscope_strip_index_clear (SioscopeStripIndex *self)
{
  g_clear_pointer (&self->stops, g_array_unref);
  g_clear_pointer (&self->heartbeats, g_array_unref);
}

static void
add_stop (SioscopeStripIndex *self,
          SioscopeStop        stop)
{
  if (self->stops->len > 0)
    {
      SioscopeStop *last = &g_array_index (self->stops, SioscopeStop, self->stops->len - 1);

      /* A cut is a mark and the beginning of a segment: one stop, told as the mark. */
      if (last->row == stop.row)
        {
          if (stop.is_mark)
            *last = stop;
          return;
        }
    }
  if (self->stops->len >= MAX_ENTRIES)
    g_array_remove_range (self->stops, 0, MAX_ENTRIES / 2);
  g_array_append_val (self->stops, stop);
}

/* Takes in what the projection has learned since. Both of its lists only grow, and are in order of time. */
void
sioscope_strip_index_update (SioscopeStripIndex *self,
                             SioscopeProjection *projection)
{
  guint n_marks, n_segments;
  const SioscopeMark *marks = sioscope_projection_get_marks (projection, &n_marks);
  const SioscopeSegment *segments = sioscope_projection_get_segments (projection, &n_segments);

  while (self->n_marks < n_marks || self->n_segments < n_segments)
    {
      const SioscopeMark *mark = self->n_marks < n_marks ? &marks[self->n_marks] : NULL;
      const SioscopeSegment *segment = self->n_segments < n_segments ? &segments[self->n_segments] : NULL;

      /* By rows: what happened in the same microsecond has an order all the same. */
      if (segment != NULL && (mark == NULL || segment->row == SIOSCOPE_NO_ROW || segment->row <= mark->row))
        {
          self->n_segments++;
          if (segment->row != SIOSCOPE_NO_ROW)
            add_stop (self, (SioscopeStop) { .time_us = segment->start_us, .row = segment->row });
        }
      else
        {
          self->n_marks++;
          if (mark->kind != SIOSCOPE_MARK_PING)
            add_stop (self, (SioscopeStop) { .time_us = mark->time_us, .row = mark->row, .is_mark = TRUE,
                                             .kind = mark->kind });
          else
            {
              if (self->heartbeats->len >= MAX_ENTRIES)
                g_array_remove_range (self->heartbeats, 0, MAX_ENTRIES / 2);
              g_array_append_val (self->heartbeats, mark->time_us);
            }
        }
    }
}

guint
sioscope_strip_index_find_stop (SioscopeStripIndex *self,
                                gint64              time_us)
{
  guint low = 0;

  for (guint high = self->stops->len; low < high;)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->stops, SioscopeStop, middle).time_us < time_us)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

guint
sioscope_strip_index_find_heartbeat (SioscopeStripIndex *self,
                                     gint64              time_us)
{
  guint low = 0;

  for (guint high = self->heartbeats->len; low < high;)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->heartbeats, gint64, middle) < time_us)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

guint
sioscope_strip_index_find_segment (const SioscopeSegment *segments,
                                   guint                  n,
                                   gint64                 time_us)
{
  guint low = 0;

  for (guint high = n; low < high;)
    {
      guint middle = low + (high - low) / 2;

      if (segments[middle].end_us >= 0 && segments[middle].end_us <= time_us)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}
