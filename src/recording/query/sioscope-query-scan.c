/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks at rows: the new ones first, then on downwards from where it began. What is recorded later can change what was said of a row
 * before, as it tells what became of an ack, or that an event was replayed: rows for which that is open are remembered and looked at
 * again once it is not. */

#include "sioscope-query-scan-private.h"
#include "sioscope-recording-index.h"

#define STEP_US        2000
#define ROWS_PER_CLOCK 64u
#define FOLD_ROWS      2048

static gboolean
is_stopped (SioscopeQueryScan *self)
{
  return g_atomic_int_get (self->stop) != 0;
}

static void
add_found (SioscopeQueryScan *self,
           SioscopeQueryPart  part,
           guint64            row)
{
  SioscopeQueryBlock *block = self->found[part];

  if (block == NULL)
    {
      block = self->found[part] = g_malloc (sizeof *block + self->block_rows * sizeof *block->rows);
      block->part = part;
      block->n = 0;
    }
  block->rows[block->n++] = (guint32) row;
  self->n_found++;
}

static gboolean
is_full (SioscopeQueryScan *self,
         SioscopeQueryPart  part)
{
  return self->found[part] != NULL && self->found[part]->n >= self->block_rows;
}

static gboolean
is_pending (SioscopeQueryScan *self,
            guint64            row)
{
  return (sioscope_recording_get_word (self->recording, row) & SIOSCOPE_INDEX_HAS_ID) != 0
         && sioscope_projection_get_ack (self->acks, row).state == SIOSCOPE_ACK_PENDING;
}

/* While any namespace is about to be joined, each event that came may turn out to have been replayed. */
static gboolean
is_open (SioscopeQueryScan *self,
         guint64            row)
{
  return is_pending (self, row)
         || (sioscope_projection_get_joining (self->acks) && sioscope_show_of_row (self->recording, row) == SIOSCOPE_SHOW_EVENTS);
}

/* FALSE if it was stopped meanwhile: then nothing is known about the row. */
static gboolean
look_at (SioscopeQueryScan *self,
         SioscopeQueryPart  part,
         guint64            row)
{
  gboolean wanted = self->everything ? sioscope_recording_get_word (self->recording, row) != 0
                                     : sioscope_matcher_wants (self->matcher, row);

  if (is_stopped (self))
    return FALSE;
  if (wanted)
    add_found (self, part, row);
  if (self->needs_acks && is_open (self, row))
    {
      guint32 small = (guint32) row;

      g_array_append_val (self->open, small);
    }
  return TRUE;
}

static void
acks_changed_cb (SioscopeQueryScan *self,
                 guint              what)
{
  self->acks_changed |= (what & SIOSCOPE_CHANGED_ACKS) != 0;
  self->replays_changed |= (what & SIOSCOPE_CHANGED_REPLAYED) != 0;
}

/* What became of acks is known before rows are asked for it. FALSE if it was stopped. */
static gboolean
fold_acks (SioscopeQueryScan *self)
{
  while (sioscope_projection_update (self->acks, FOLD_ROWS))
    if (is_stopped (self))
      return FALSE;
  return TRUE;
}

/* Goes once through the rows that were open, in as many steps as it takes, and keeps those that still are. */
static void
look_again (SioscopeQueryScan *self)
{
  if (!self->again)
    {
      /* What is told together says of each row one thing only. */
      if (sioscope_query_scan_has_changes (self))
        return;
      self->again = TRUE;
      self->again_all = self->replays_changed;
      self->again_next = self->again_kept = 0;
      self->acks_changed = self->replays_changed = FALSE;
    }
  for (; self->again_next < self->open->len; self->again_next++)
    {
      guint32 row = g_array_index (self->open, guint32, self->again_next);

      if (self->again_all || !is_pending (self, row))
        {
          gboolean wanted;

          if (is_full (self, SIOSCOPE_QUERY_COME) || is_full (self, SIOSCOPE_QUERY_GONE))
            return;
          wanted = sioscope_matcher_wants (self->matcher, row);
          if (is_stopped (self))
            return;
          add_found (self, wanted ? SIOSCOPE_QUERY_COME : SIOSCOPE_QUERY_GONE, row);
        }
      if (is_open (self, row))
        g_array_index (self->open, guint32, self->again_kept++) = row;
    }
  g_array_set_size (self->open, self->again_kept);
  self->again = FALSE;
}

static gboolean
wants_again (SioscopeQueryScan *self)
{
  return self->again || self->acks_changed || self->replays_changed;
}

static void
look_upwards (SioscopeQueryScan *self,
              guint              enough,
              gint64             deadline)
{
  self->high = MAX (self->high, sioscope_recording_skip_discarded (self->recording, self->high));
  for (guint i = 1; self->high < self->target; i++)
    {
      if (is_full (self, SIOSCOPE_QUERY_NEWER) || self->n_found >= enough
          || !look_at (self, SIOSCOPE_QUERY_NEWER, self->high))
        return;
      self->high++;
      if (i >= self->block_rows || (i % ROWS_PER_CLOCK == 0 && g_get_monotonic_time () >= deadline))
        return;
    }
}

static void
look_downwards (SioscopeQueryScan *self,
                guint              enough,
                gint64             deadline)
{
  for (guint i = 1; self->low > 0; i++)
    {
      SioscopeHole hole = sioscope_recording_get_hole (self->recording);

      if (self->low > hole.start && self->low <= hole.end)
        {
          self->low = hole.start;
          continue;
        }
      if (is_full (self, SIOSCOPE_QUERY_OLDER) || self->n_found >= enough
          || !look_at (self, SIOSCOPE_QUERY_OLDER, self->low - 1))
        return;
      self->low--;
      if (i >= self->block_rows || (i % ROWS_PER_CLOCK == 0 && g_get_monotonic_time () >= deadline))
        return;
    }
}

void
sioscope_query_scan_init (SioscopeQueryScan *self,
                          SioscopeRecording *recording,
                          const gint        *stop)
{
  *self = (SioscopeQueryScan) { .recording = recording, .stop = stop };
  self->open = g_array_new (FALSE, FALSE, sizeof (guint32));
}

static void
forget_found (SioscopeQueryScan *self)
{
  for (guint i = 0; i < SIOSCOPE_QUERY_N_PARTS; i++)
    g_clear_pointer (&self->found[i], g_free);
  self->n_found = 0;
}

void
sioscope_query_scan_clear (SioscopeQueryScan *self)
{
  forget_found (self);
  g_clear_pointer (&self->matcher, sioscope_matcher_free);
  if (self->acks != NULL)
    g_signal_handlers_disconnect_by_data (self->acks, self);
  g_clear_object (&self->acks);
  g_clear_pointer (&self->open, g_array_unref);
}

void
sioscope_query_scan_begin (SioscopeQueryScan *self,
                           SioscopeFilter    *filter,
                           guint64            target)
{
  forget_found (self);
  g_clear_pointer (&self->matcher, sioscope_matcher_free);
  g_array_set_size (self->open, 0);

  self->needs_acks = sioscope_filter_needs_acks (filter);
  if (self->needs_acks && self->acks == NULL)
    {
      self->acks = sioscope_projection_new (self->recording);
      g_signal_connect_swapped (self->acks, "changed", G_CALLBACK (acks_changed_cb), self);
    }
  self->again = self->acks_changed = self->replays_changed = FALSE;
  self->everything = sioscope_filter_is_everything (filter);
  if (!self->everything)
    {
      self->matcher = sioscope_matcher_new (filter, self->recording, self->needs_acks ? self->acks : NULL);
      sioscope_matcher_set_stop (self->matcher, self->stop);
    }
  self->low = self->high = self->target = target;
}

void
sioscope_query_scan_step (SioscopeQueryScan *self,
                          guint              enough)
{
  gint64 deadline = g_get_monotonic_time () + STEP_US;

  if (self->needs_acks)
    {
      if (!fold_acks (self))
        return;
      if (wants_again (self))
        look_again (self);
    }
  if (!is_stopped (self))
    look_upwards (self, enough, deadline);
  /* However many come, the old ones get their turn. */
  if (!is_stopped (self))
    look_downwards (self, enough, MAX (deadline, g_get_monotonic_time () + STEP_US / 2));
}

gboolean
sioscope_query_scan_has_changes (SioscopeQueryScan *self)
{
  return self->found[SIOSCOPE_QUERY_COME] != NULL || self->found[SIOSCOPE_QUERY_GONE] != NULL;
}

gboolean
sioscope_query_scan_is_through (SioscopeQueryScan *self)
{
  return self->low == 0 && self->high >= self->target && !wants_again (self);
}
