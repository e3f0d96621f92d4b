/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What became of our emits, altogether and around each end of a connection. */

#include "sioscope-fates-private.h"
#include "sioscope-projection-private.h"
#include "sioscope-statistics-private.h"

#define CUTS_MAX 4096

static void
add_fate (SioscopeEmits *emits,
          SioscopeFate   fate)
{
  switch (fate)
    {
    case SIOSCOPE_FATE_BUFFERED: emits->n_buffered++; break;
    case SIOSCOPE_FATE_HANDED_OVER: emits->n_handed_over++; break;
    case SIOSCOPE_FATE_WAITING: emits->n_waiting++; break;
    case SIOSCOPE_FATE_ACKED: emits->n_acked++; break;
    case SIOSCOPE_FATE_TIMED_OUT: emits->n_timed_out++; break;
    case SIOSCOPE_FATE_MAY_BE_LOST: emits->n_may_be_lost++; break;
    case SIOSCOPE_FATE_TRIED_AGAIN: emits->n_tried_again++; break;
    case SIOSCOPE_FATE_CANCELLED: emits->n_cancelled++; break;
    case SIOSCOPE_FATE_NEVER_SENT: emits->n_never_sent++; break;
    case SIOSCOPE_FATE_DROPPED: emits->n_dropped++; break;
    case SIOSCOPE_FATE_REFUSED: emits->n_refused++; break;
    case SIOSCOPE_FATE_NONE:
    default: break;
    }
}

/* It waited for its answer, and does so no more. */
static void
settle (SioscopeEmits *emits,
        SioscopeFate   fate)
{
  if (emits->n_waiting > 0)
    emits->n_waiting--;
  add_fate (emits, fate);
}

static SioscopeCut *
get_cut (SioscopeStatistics *self,
         guint64             number)
{
  if (number <= self->n_cuts_forgotten || number - self->n_cuts_forgotten > self->cuts->len)
    return NULL;
  return &g_array_index (self->cuts, SioscopeCut, number - self->n_cuts_forgotten - 1);
}

static guint64
last_cut (SioscopeStatistics *self)
{
  return self->cuts->len > 0 ? self->n_cuts_forgotten + self->cuts->len : 0;
}

static guint64
cut_of_tag (SioscopeStatistics *self,
            guint64             tag)
{
  guint64 number = tag != 0 ? sioscope_row_map_get (&self->cut_of_tag, tag) : SIOSCOPE_ROW_MAP_NONE;

  return number != SIOSCOPE_ROW_MAP_NONE ? number : 0;
}

guint64
sioscope_statistics_hand_over (SioscopeStatistics  *self,
                               const SioscopeEntry *entry)
{
  guint64 number = cut_of_tag (self, entry->tag);
  SioscopeCut *cut = get_cut (self, number);

  add_fate (&self->emits, SIOSCOPE_FATE_HANDED_OVER);
  if (cut == NULL)
    return 0;
  add_fate (&cut->emits, SIOSCOPE_FATE_HANDED_OVER);
  if (entry->id >= 0)
    add_fate (&cut->emits, SIOSCOPE_FATE_WAITING);
  return number;
}

void
sioscope_statistics_acked (SioscopeStatistics  *self,
                           const SioscopeAsked *event)
{
  SioscopeCut *cut = get_cut (self, event->data >> 32);

  add_fate (&self->emits, SIOSCOPE_FATE_ACKED);
  if (cut != NULL)
    settle (&cut->emits, SIOSCOPE_FATE_ACKED);
}

/* It went to a transport, and this is its end. */
static void
end_sent (SioscopeStatistics  *self,
          const SioscopeAsked *event,
          SioscopeFate         fate)
{
  guint64 own = event->data >> 32, last = last_cut (self);
  SioscopeCut *cut = get_cut (self, own);

  add_fate (&self->emits, fate);
  if (cut != NULL)
    settle (&cut->emits, fate);
  if (self->session || last == 0 || last == own)
    return;
  /* It was in flight when the connection ended. */
  cut = get_cut (self, last);
  settle (&cut->emits, fate);
}

static void
end_lost (SioscopeStatistics  *self,
          const SioscopeAsked *event, /* NULL: it did not wait */
          SioscopeFate         fate)
{
  SioscopeCut *cut;

  /* What is told before the row that says that the connection ended. */
  if (self->session)
    {
      self->ending.n_in_flight++;
      add_fate (&self->ending.emits, fate);
    }
  if (event != NULL)
    {
      end_sent (self, event, fate);
      return;
    }
  add_fate (&self->emits, fate);
  cut = self->session ? NULL : get_cut (self, last_cut (self));
  if (cut != NULL)
    {
      cut->n_in_flight++;
      add_fate (&cut->emits, fate);
    }
}

guint
sioscope_statistics_fold_emit (SioscopeStatistics  *self,
                               const SioscopeEntry *entry)
{
  SioscopeFate fate = sioscope_fate_of_entry (entry);
  SioscopeCut *cut = self->away ? get_cut (self, last_cut (self)) : NULL;
  guint changed = SIOSCOPE_STATISTICS_EMITS;
  SioscopeAsked event;
  gboolean waited = entry->fate != SIO_TAP_EMIT_BUFFERED && entry->id >= 0
                    && sioscope_waiting_fail (&self->waiting, entry->nsp, entry->id, &event);

  if (waited)
    {
      SioscopeEventCount *line = &g_array_index (self->events, SioscopeEventCount, event.data & G_MAXUINT32);

      line->n_pending--;
      if (entry->fate == SIO_TAP_EMIT_ACK_TIMEOUT)
        line->n_timed_out++;
      else
        line->n_abandoned++;
      changed |= SIOSCOPE_STATISTICS_LATENCIES;
    }

  switch (entry->fate)
    {
    case SIO_TAP_EMIT_BUFFERED:
      if (cut != NULL && entry->tag != 0)
        sioscope_row_map_set (&self->cut_of_tag, entry->tag, last_cut (self));
      G_GNUC_FALLTHROUGH;
    case SIO_TAP_EMIT_DROPPED:
    case SIO_TAP_EMIT_REFUSED:
      add_fate (&self->emits, fate);
      if (cut != NULL)
        add_fate (&cut->emits, fate);
      break;

    case SIO_TAP_EMIT_LOST:
      end_lost (self, waited ? &event : NULL, fate);
      break;

    case SIO_TAP_EMIT_ACK_TIMEOUT:
    case SIO_TAP_EMIT_ACK_ABANDONED:
      if (waited)
        end_sent (self, &event, fate);
      else if (fate == SIOSCOPE_FATE_NEVER_SENT)
        {
          add_fate (&self->emits, fate);
          cut = get_cut (self, cut_of_tag (self, entry->tag));
          if (cut != NULL)
            add_fate (&cut->emits, fate);
        }
      /* Else another row told the end of it before. */
      break;
    }
  return changed;
}

static void
add_cut (SioscopeStatistics  *self,
         const SioscopeEntry *entry)
{
  guint n_waiting = sioscope_waiting_get_n (&self->waiting, SIO_DIRECTION_OUT);
  SioscopeCut cut = self->ending;

  cut.row = entry->row;
  cut.time_us = entry->time_us;
  cut.asked = sioscope_projection_ended_by_us (entry);
  cut.open_row = SIOSCOPE_NO_ROW;
  cut.open_us = -1;
  cut.n_in_flight += n_waiting;
  cut.emits.n_waiting = n_waiting;
  if (self->cuts->len >= CUTS_MAX)
    {
      g_array_remove_range (self->cuts, 0, CUTS_MAX / 4);
      self->n_cuts_forgotten += CUTS_MAX / 4;
      self->limits |= SIOSCOPE_STATISTICS_EMITS;
    }
  g_array_append_val (self->cuts, cut);
}

guint
sioscope_statistics_cut_state (SioscopeStatistics  *self,
                               const SioscopeEntry *entry)
{
  SioscopeCut *cut = get_cut (self, last_cut (self));

  if (entry->state == SIO_TAP_STATE_OPEN)
    {
      self->session = TRUE;
      memset (&self->ending, 0, sizeof self->ending);
      if (cut == NULL || cut->open_row != SIOSCOPE_NO_ROW)
        return 0;
      cut->open_row = entry->row;
      cut->open_us = entry->time_us;
      return SIOSCOPE_STATISTICS_EMITS;
    }
  if (entry->state != SIO_TAP_STATE_CLOSED || !self->session)
    return 0;
  add_cut (self, entry);
  self->session = FALSE;
  self->away = TRUE;
  memset (&self->ending, 0, sizeof self->ending);
  return SIOSCOPE_STATISTICS_EMITS;
}
