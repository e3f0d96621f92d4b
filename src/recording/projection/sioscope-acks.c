/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-acks-private.h"

/* Socket.IO protocol 5, "Acknowledgement": an ack has the namespace and the id of its event and
 * goes the other way. Ids of ours never start again; the server's do with every session. */

#define PENDING_LIMIT 65536
#define NSP_LIMIT     1024
#define NSP_SIZE_MAX  512
#define NSP_UNKNOWN   G_MAXUINT
#define ID_MAX        ((G_GINT64_CONSTANT (1) << 53) - 1)
#define TRIM_STEP     65536

typedef struct {
  guint64 row;
  guint64 other_row;
  gint64  time_us : 56; /* of the event; once it is answered, the latency */
  guint64 state   : 8;  /* SioscopeAckState */
} AckEvent;

G_STATIC_ASSERT (sizeof (AckEvent) == 24);

typedef struct {
  guint64 row;
  guint64 event; /* its number */
} AckAnswer;

void
sioscope_acks_init (SioscopeAcks *self)
{
  self->events = g_array_new (FALSE, FALSE, sizeof (AckEvent));
  self->n_events_dropped = 0;
  self->answers = g_array_new (FALSE, FALSE, sizeof (AckAnswer));
  sioscope_row_map_init (&self->pending[SIO_DIRECTION_IN], PENDING_LIMIT);
  sioscope_row_map_init (&self->pending[SIO_DIRECTION_OUT], PENDING_LIMIT);
  self->nsps = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->last_nsp = 0;
}

void
sioscope_acks_clear (SioscopeAcks *self)
{
  g_array_unref (self->events);
  g_array_unref (self->answers);
  g_ptr_array_unref (self->nsps);
  sioscope_row_map_clear (&self->pending[SIO_DIRECTION_IN]);
  sioscope_row_map_clear (&self->pending[SIO_DIRECTION_OUT]);
}

static gboolean
nsp_equals (SioscopeAcks *self,
            guint         index,
            SioSpan       nsp)
{
  gsize size;
  const void *data = g_bytes_get_data (g_ptr_array_index (self->nsps, index), &size);

  return size == nsp.size && memcmp (data, nsp.data, size) == 0;
}

/* There are few, and their names are short; a server that invents thousands, or megabytes, gets no pairs for them. */
static guint
nsp_number (SioscopeAcks *self,
            SioSpan       nsp,
            gboolean      add)
{
  if (nsp.size == 0 || nsp.size > NSP_SIZE_MAX)
    return NSP_UNKNOWN;
  if (self->last_nsp < self->nsps->len && nsp_equals (self, self->last_nsp, nsp))
    return self->last_nsp;
  for (guint i = 0; i < self->nsps->len; i++)
    if (nsp_equals (self, i, nsp))
      return self->last_nsp = i;
  if (!add || self->nsps->len >= NSP_LIMIT)
    return NSP_UNKNOWN;
  g_ptr_array_add (self->nsps, g_bytes_new (nsp.data, nsp.size));
  return self->last_nsp = self->nsps->len - 1;
}

static gboolean
make_key (SioscopeAcks *self,
          SioSpan       nsp,
          gint64        id,
          gboolean      add,
          guint64      *key)
{
  guint number = nsp_number (self, nsp, add);

  if (number == NSP_UNKNOWN || id < 0 || id > ID_MAX)
    return FALSE;
  *key = (guint64) number << 53 | (guint64) id;
  return TRUE;
}

static AckEvent *
get_event (SioscopeAcks *self,
           guint64       number)
{
  if (number < self->n_events_dropped || number - self->n_events_dropped >= self->events->len)
    return NULL;
  return &g_array_index (self->events, AckEvent, number - self->n_events_dropped);
}

void
sioscope_acks_add_event (SioscopeAcks *self,
                         SioDirection  direction,
                         SioSpan       nsp,
                         gint64        id,
                         guint64       row,
                         gint64        time_us)
{
  AckEvent event = { .row = row, .other_row = SIOSCOPE_NO_ROW, .time_us = time_us, .state = SIOSCOPE_ACK_PENDING };
  guint64 key;

  if (!make_key (self, nsp, id, TRUE, &key))
    return;
  sioscope_row_map_set (&self->pending[direction], key, self->n_events_dropped + self->events->len);
  g_array_append_val (self->events, event);
}

gint64
sioscope_acks_answer (SioscopeAcks *self,
                      SioDirection  direction,
                      SioSpan       nsp,
                      gint64        id,
                      guint64       row,
                      gint64        time_us)
{
  guint64 key, number;
  AckEvent *event;
  AckAnswer answer;

  if (!make_key (self, nsp, id, FALSE, &key))
    return -1;
  number = sioscope_row_map_take (&self->pending[direction == SIO_DIRECTION_IN ? SIO_DIRECTION_OUT : SIO_DIRECTION_IN],
                                  key);
  event = number != SIOSCOPE_ROW_MAP_NONE ? get_event (self, number) : NULL;
  if (event == NULL)
    return -1;

  event->other_row = row;
  event->time_us = MAX (0, time_us - event->time_us);
  event->state = SIOSCOPE_ACK_ANSWERED;
  answer = (AckAnswer) { row, number };
  g_array_append_val (self->answers, answer);
  return event->time_us;
}

static void
end_event (SioscopeAcks     *self,
           guint64           number,
           SioscopeAckState  state,
           guint64           row)
{
  AckEvent *event = get_event (self, number);

  if (event == NULL)
    return;
  event->state = state;
  event->other_row = row;
}

gboolean
sioscope_acks_fail (SioscopeAcks     *self,
                    SioSpan           nsp,
                    gint64            id,
                    SioscopeAckState  state,
                    guint64           row)
{
  guint64 key, number;

  if (!make_key (self, nsp, id, FALSE, &key))
    return FALSE;
  number = sioscope_row_map_take (&self->pending[SIO_DIRECTION_OUT], key);
  if (number == SIOSCOPE_ROW_MAP_NONE)
    return FALSE;
  end_event (self, number, state, row);
  return TRUE;
}

typedef struct {
  SioscopeAcks *acks;
  guint64       row;
} Abandon;

static void
abandon_cb (guint64  number,
            gpointer data)
{
  Abandon *abandon = data;

  end_event (abandon->acks, number, SIOSCOPE_ACK_ABANDONED, abandon->row);
}

gboolean
sioscope_acks_abandon_in (SioscopeAcks *self,
                          SioSpan       nsp,
                          guint64       row)
{
  SioscopeRowMap *pending = &self->pending[SIO_DIRECTION_IN];
  guint before = sioscope_row_map_get_n (pending);
  Abandon abandon = { self, row };
  guint64 mask = 0, bits = 0;

  if (nsp.size != 0)
    {
      guint number = nsp_number (self, nsp, FALSE);

      if (number == NSP_UNKNOWN)
        return FALSE;
      mask = ~(guint64) ID_MAX;
      bits = (guint64) number << 53;
    }
  sioscope_row_map_remove_matching (pending, mask, bits, abandon_cb, &abandon);
  return sioscope_row_map_get_n (pending) != before;
}

/* Both arrays begin with the row and are in its order. Returns the first element at or after row. */
static guint
find_row (GArray  *array,
          gsize    element_size,
          guint64  row)
{
  guint low = 0, high = array->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      guint64 there;

      memcpy (&there, array->data + middle * element_size, sizeof there);
      if (there < row)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

SioscopeAck
sioscope_acks_lookup (SioscopeAcks *self,
                      guint64       row)
{
  SioscopeAck ack = { SIOSCOPE_ACK_NONE, SIOSCOPE_NO_ROW, -1 };
  guint i = find_row (self->events, sizeof (AckEvent), row);
  AckEvent *event;

  if (i < self->events->len && (event = &g_array_index (self->events, AckEvent, i))->row == row)
    {
      ack.state = (SioscopeAckState) event->state;
      ack.other_row = event->other_row;
      ack.latency_us = event->state == SIOSCOPE_ACK_ANSWERED ? event->time_us : -1;
      return ack;
    }

  i = find_row (self->answers, sizeof (AckAnswer), row);
  if (i < self->answers->len && g_array_index (self->answers, AckAnswer, i).row == row
      && (event = get_event (self, g_array_index (self->answers, AckAnswer, i).event)) != NULL)
    {
      ack.state = SIOSCOPE_ACK_ANSWERED;
      ack.other_row = event->row;
      ack.latency_us = event->time_us;
    }
  return ack;
}

void
sioscope_acks_trim (SioscopeAcks *self,
                    guint64       first_row)
{
  guint n = find_row (self->events, sizeof (AckEvent), first_row);

  if (n >= TRIM_STEP)
    {
      g_array_remove_range (self->events, 0, n);
      self->n_events_dropped += n;
    }
  n = find_row (self->answers, sizeof (AckAnswer), first_row);
  if (n >= TRIM_STEP)
    g_array_remove_range (self->answers, 0, n);
}
