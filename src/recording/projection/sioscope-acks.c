/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-acks-private.h"

#define LATENCIES_LIMIT 65536
#define TRIM_STEP       65536

/* How far away the other row is; 0: not known, or further than 2^29 rows. */
#define DISTANCE_MAX    ((1u << 29) - 1)

typedef struct {
  guint32 row;
  guint32 distance : 29; /* of an event: to what ended it; of an ack: back to its event */
  guint32 state    : 3;  /* SioscopeAckState; of an ack: NONE */
} AckPair;

G_STATIC_ASSERT (sizeof (AckPair) == 8);
G_STATIC_ASSERT (SIOSCOPE_ACK_ABANDONED < 8 && SIOSCOPE_ACK_NONE == 0);

void
sioscope_acks_init (SioscopeAcks *self)
{
  self->pairs = g_array_new (FALSE, FALSE, sizeof (AckPair));
  sioscope_waiting_init (&self->waiting);
  sioscope_row_map_init (&self->latencies, LATENCIES_LIMIT);
}

void
sioscope_acks_clear (SioscopeAcks *self)
{
  g_array_unref (self->pairs);
  sioscope_waiting_clear (&self->waiting);
  sioscope_row_map_clear (&self->latencies);
}

/* The first pair at or after row. Whoever folds asks for what is near the end. */
static guint
find_row (SioscopeAcks *self,
          guint64       row)
{
  const AckPair *pairs = (const AckPair *) (gpointer) self->pairs->data;
  guint high = self->pairs->len, low = high, step = 16;

  while (low > 0 && pairs[low - 1].row >= row)
    {
      high = low;
      low -= MIN (low, step);
      step = MIN (step * 2, 1u << 30);
    }
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (pairs[middle].row < row)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static AckPair *
get_pair (SioscopeAcks *self,
          guint64       row)
{
  guint i = find_row (self, row);
  AckPair *pair = i < self->pairs->len ? &g_array_index (self->pairs, AckPair, i) : NULL;

  return pair != NULL && pair->row == row ? pair : NULL;
}

static guint32
distance (guint64 from,
          guint64 to)
{
  return to - from <= DISTANCE_MAX ? (guint32) (to - from) : 0;
}

static void
add_pair (SioscopeAcks     *self,
          guint64           row,
          guint32           to,
          SioscopeAckState  state)
{
  AckPair pair = { .row = (guint32) row, .distance = to, .state = state };

  /* 34 GB of index lie before the first such row. */
  if (row < G_MAXUINT32)
    g_array_append_val (self->pairs, pair);
}

void
sioscope_acks_add_event (SioscopeAcks *self,
                         SioDirection  direction,
                         SioSpan       nsp,
                         gint64        id,
                         guint64       row,
                         gint64        time_us)
{
  SioscopeAsked event = { .row = row, .time_us = time_us };

  sioscope_waiting_add (&self->waiting, direction, nsp, id, &event);
  add_pair (self, row, 0, SIOSCOPE_ACK_PENDING);
}

static void
end_event (SioscopeAcks     *self,
           guint64           event_row,
           SioscopeAckState  state,
           guint64           row)
{
  AckPair *pair = get_pair (self, event_row);

  if (pair == NULL)
    return;
  pair->state = state;
  pair->distance = distance (event_row, row);
}

gint64
sioscope_acks_answer (SioscopeAcks      *self,
                      SioscopeRecording *recording,
                      SioDirection       direction,
                      SioSpan            nsp,
                      gint64             id,
                      guint64            row,
                      gint64             time_us)
{
  SioscopeAsked event;
  gint64 latency_us;

  if (!sioscope_waiting_answer (&self->waiting, direction, nsp, id, &event))
    return -1;
  latency_us = MAX (0, time_us - event.time_us);
  end_event (self, event.row, SIOSCOPE_ACK_ANSWERED, row);
  add_pair (self, row, distance (event.row, row), SIOSCOPE_ACK_NONE);
  if (sioscope_recording_get_kind (recording, event.row) == 0)
    sioscope_row_map_set (&self->latencies, row, (guint64) latency_us);
  return latency_us;
}

gboolean
sioscope_acks_fail (SioscopeAcks     *self,
                    SioSpan           nsp,
                    gint64            id,
                    SioscopeAckState  state,
                    guint64           row)
{
  SioscopeAsked event;

  if (!sioscope_waiting_fail (&self->waiting, nsp, id, &event))
    return FALSE;
  end_event (self, event.row, state, row);
  return TRUE;
}

typedef struct {
  SioscopeAcks *acks;
  guint64       row;
} Abandon;

static void
abandon_cb (const SioscopeAsked *event,
            gpointer             data)
{
  Abandon *abandon = data;

  end_event (abandon->acks, event->row, SIOSCOPE_ACK_ABANDONED, abandon->row);
}

gboolean
sioscope_acks_abandon_in (SioscopeAcks *self,
                          SioSpan       nsp,
                          guint64       row)
{
  guint before = sioscope_waiting_get_n (&self->waiting, SIO_DIRECTION_IN);
  Abandon abandon = { self, row };

  sioscope_waiting_abandon_in (&self->waiting, nsp, abandon_cb, &abandon);
  return sioscope_waiting_get_n (&self->waiting, SIO_DIRECTION_IN) != before;
}

static gint64
read_latency (SioscopeAcks      *self,
              SioscopeRecording *recording,
              guint64            event_row,
              guint64            ack_row)
{
  SioscopeEntry entry;
  guint64 kept;
  gint64 time_us;

  if (!sioscope_recording_read (recording, event_row, &entry))
    {
      kept = sioscope_row_map_get (&self->latencies, ack_row);
      return kept != SIOSCOPE_ROW_MAP_NONE ? (gint64) kept : -1;
    }
  time_us = entry.time_us;
  return sioscope_recording_read (recording, ack_row, &entry) ? MAX (0, entry.time_us - time_us) : -1;
}

SioscopeAck
sioscope_acks_lookup (SioscopeAcks      *self,
                      SioscopeRecording *recording,
                      guint64            row)
{
  SioscopeAck ack = { SIOSCOPE_ACK_NONE, SIOSCOPE_NO_ROW, -1 };
  const AckPair *pair = get_pair (self, row);

  if (pair == NULL)
    return ack;
  ack.state = pair->state != SIOSCOPE_ACK_NONE ? (SioscopeAckState) pair->state : SIOSCOPE_ACK_ANSWERED;
  if (pair->distance == 0)
    return ack;
  ack.other_row = pair->state != SIOSCOPE_ACK_NONE ? row + pair->distance : row - pair->distance;
  if (ack.state == SIOSCOPE_ACK_ANSWERED)
    ack.latency_us = read_latency (self, recording, MIN (row, ack.other_row), MAX (row, ack.other_row));
  return ack;
}

void
sioscope_acks_trim (SioscopeAcks *self,
                    guint64       start,
                    guint64       end)
{
  guint from = find_row (self, start), n = find_row (self, end) - from;

  if (n >= TRIM_STEP)
    g_array_remove_range (self->pairs, from, n);
}
