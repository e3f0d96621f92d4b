/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Events by name and direction, their acks, what was replayed, and traffic. An event costs one look into an array. */

#include "sioscope-statistics-private.h"

#define LINES_MAX      4096
#define LATENCIES_MAX  (8 * 1024 * 1024)
#define BUCKETS_MAX    4096
#define RECOVERIES_MAX 4096
#define SLOT_US        (SIOSCOPE_STATISTICS_RATE_WINDOW_US / SIOSCOPE_RATE_SLOTS)

static SioscopeEventCount *
get_event (SioscopeStatistics *self,
           guint               i)
{
  return &g_array_index (self->events, SioscopeEventCount, i);
}

static SioscopeEventState *
get_state (SioscopeStatistics *self,
           guint               i)
{
  return &g_array_index (self->states, SioscopeEventState, i);
}

/* --- rates --- */

static void
rate_add (SioscopeRate *self,
          gint64        time_us)
{
  gint64 slot = time_us / SLOT_US;

  if (slot - self->last >= SIOSCOPE_RATE_SLOTS)
    memset (self->counts, 0, sizeof self->counts);
  else
    for (gint64 i = self->last + 1; i <= slot; i++)
      self->counts[i % SIOSCOPE_RATE_SLOTS] = 0;
  self->last = MAX (self->last, slot);
  self->counts[self->last % SIOSCOPE_RATE_SLOTS]++;
}

double
sioscope_rate_get (const SioscopeRate *self,
                   gint64              now_us)
{
  gint64 slot = MAX (now_us, 0) / SLOT_US, first = MAX (0, slot - (SIOSCOPE_RATE_SLOTS - 1));
  gint64 known = MAX (first, self->last - (SIOSCOPE_RATE_SLOTS - 1));
  guint64 n = 0;

  for (gint64 i = known; i <= MIN (slot, self->last); i++)
    n += self->counts[i % SIOSCOPE_RATE_SLOTS];
  return (double) n * G_USEC_PER_SEC / (double) MAX (now_us - first * SLOT_US, SLOT_US);
}

/* --- traffic --- */

/* Two buckets become one: sums stay what they are. */
static void
widen (SioscopeStatistics *self)
{
  SioscopeTraffic *buckets = (SioscopeTraffic *) (gpointer) self->traffic->data;
  guint n = (self->traffic->len + 1) / 2;

  for (guint i = 0; i < self->traffic->len; i++)
    {
      SioscopeTraffic bucket = buckets[i];

      if (i % 2 == 0)
        buckets[i / 2] = bucket;
      else
        for (guint direction = 0; direction < 2; direction++)
          {
            buckets[i / 2].messages[direction] += bucket.messages[direction];
            buckets[i / 2].bytes[direction] += bucket.bytes[direction];
          }
    }
  g_array_set_size (self->traffic, n);
  self->width_us *= 2;
}

void
sioscope_statistics_count_traffic (SioscopeStatistics *self,
                                   SioDirection        direction,
                                   gsize               bytes)
{
  SioscopeTraffic *bucket;

  while (self->now_us / self->width_us >= BUCKETS_MAX)
    widen (self);
  if (self->now_us / self->width_us >= self->traffic->len)
    g_array_set_size (self->traffic, (guint) (self->now_us / self->width_us) + 1);
  bucket = &g_array_index (self->traffic, SioscopeTraffic, self->now_us / self->width_us);
  bucket->messages[direction]++;
  bucket->bytes[direction] += bytes;
  self->total.messages[direction]++;
  self->total.bytes[direction] += bytes;
}

guint
sioscope_statistics_fold_http (SioscopeStatistics  *self,
                               const SioscopeEntry *entry)
{
  self->http.messages[SIO_DIRECTION_OUT]++;
  self->http.bytes[SIO_DIRECTION_OUT] += entry->request_headers.size + entry->request_body.size;
  self->http.messages[SIO_DIRECTION_IN] += entry->status != 0;
  self->http.bytes[SIO_DIRECTION_IN] += entry->response_headers.size + entry->response_body.size;
  return SIOSCOPE_STATISTICS_TRAFFIC;
}

/* --- events --- */

static guint
add_line (SioscopeStatistics *self,
          guint               name,
          SioDirection        direction)
{
  SioscopeEventCount event = { .name = name, .direction = direction };
  SioscopeEventState state = { .nsp = G_MAXUINT };

  g_array_append_val (self->events, event);
  g_array_append_val (self->states, state);
  return self->events->len - 1;
}

static guint
line_of (SioscopeStatistics *self,
         guint               name,
         SioDirection        direction)
{
  GArray *lines = self->lines[direction];
  guint32 *line;

  if (G_LIKELY (name < lines->len && (line = &g_array_index (lines, guint32, name), *line != 0)))
    return *line - 1;
  if (name == SIOSCOPE_NAME_NONE || name == SIOSCOPE_NAME_UNNUMBERED || self->events->len >= LINES_MAX)
    {
      self->limits |= SIOSCOPE_STATISTICS_EVENTS;
      if (self->others[direction] == SIOSCOPE_STATISTICS_NO_EVENT)
        self->others[direction] = add_line (self, SIOSCOPE_NAME_UNNUMBERED, direction);
      return self->others[direction];
    }
  if (name >= lines->len)
    g_array_set_size (lines, name + 1);
  g_array_index (lines, guint32, name) = add_line (self, name, direction) + 1;
  return self->events->len - 1;
}

/* While a namespace is asked for, or since it was recovered. */
static guint
count_replayed (SioscopeStatistics  *self,
                const SioscopeEntry *entry,
                guint                i)
{
  gboolean other = i == self->others[SIO_DIRECTION_IN];
  guint number = get_state (self, i)->nsp;
  SioscopeNspState *nsp;

  if (other || number == G_MAXUINT)
    number = sioscope_replays_get_number (&self->replays, entry->nsp);
  if (number >= self->nsps->len)
    return 0;
  if (!other)
    get_state (self, i)->nsp = number;

  nsp = &g_array_index (self->nsps, SioscopeNspState, number);
  if (sioscope_replays_is_asked (&self->replays, number))
    {
      nsp->n_undecided++;
      if (other)
        nsp->n_other++;
      else
        get_state (self, i)->n_undecided++;
      return 0;
    }
  if (nsp->recovery <= self->n_recoveries_forgotten)
    return 0;
  g_array_index (self->recoveries, SioscopeRecovery, nsp->recovery - 1 - self->n_recoveries_forgotten).n_new++;
  return SIOSCOPE_STATISTICS_RECOVERIES;
}

static guint
fold_event (SioscopeStatistics  *self,
            const SioscopeEntry *entry,
            guint                name,
            gsize                bytes)
{
  guint i = line_of (self, name, entry->direction);
  SioscopeEventCount *event = get_event (self, i);
  guint changed = SIOSCOPE_STATISTICS_EVENTS;
  guint64 cut = 0;

  if (event->count++ == 0)
    {
      event->first_row = entry->row;
      event->first_us = entry->time_us;
    }
  event->last_row = entry->row;
  event->last_us = entry->time_us;
  event->bytes += bytes;
  rate_add (&get_state (self, i)->rate, self->now_us);
  self->last[entry->direction].event = i;

  if (entry->direction == SIO_DIRECTION_OUT)
    {
      cut = sioscope_statistics_hand_over (self, entry);
      changed |= SIOSCOPE_STATISTICS_EMITS;
    }
  else if (self->replays.n_asked > 0 || self->n_recovered > 0)
    changed |= count_replayed (self, entry, i);
  if (entry->id >= 0)
    {
      SioscopeAsked asked = { entry->row, entry->time_us, (cut & G_MAXUINT32) << 32 | i };

      event->n_asked++;
      event->n_pending++;
      sioscope_waiting_add (&self->waiting, entry->direction, entry->nsp, entry->id, &asked);
      changed |= SIOSCOPE_STATISTICS_LATENCIES;
    }
  return changed;
}

static guint
fold_ack (SioscopeStatistics  *self,
          const SioscopeEntry *entry)
{
  SioscopeAsked asked;
  SioscopeEventCount *event;

  if (entry->id < 0 || !sioscope_waiting_answer (&self->waiting, entry->direction, entry->nsp, entry->id, &asked))
    return 0;
  event = get_event (self, (guint) (asked.data & G_MAXUINT32));
  event->n_answered++;
  event->n_pending--;

  if (++self->n_latencies > LATENCIES_MAX && !self->coarse)
    {
      self->coarse = TRUE;
      self->limits |= SIOSCOPE_STATISTICS_LATENCIES;
      for (guint i = 0; i < self->states->len; i++)
        if (get_state (self, i)->latencies.n > 0)
          sioscope_latencies_coarsen (&get_state (self, i)->latencies);
    }
  if (self->coarse)
    sioscope_latencies_coarsen (&get_state (self, (guint) (asked.data & G_MAXUINT32))->latencies);
  sioscope_latencies_add (&get_state (self, (guint) (asked.data & G_MAXUINT32))->latencies,
                          MAX (0, entry->time_us - asked.time_us));

  if (entry->direction == SIO_DIRECTION_OUT)
    return SIOSCOPE_STATISTICS_LATENCIES;
  sioscope_statistics_acked (self, &asked);
  return SIOSCOPE_STATISTICS_LATENCIES | SIOSCOPE_STATISTICS_EMITS;
}

guint
sioscope_statistics_fold_packet (SioscopeStatistics  *self,
                                 const SioscopeEntry *entry,
                                 guint                name)
{
  gsize bytes = entry->wire.size != 0 ? entry->wire.size : entry->raw.size;

  sioscope_statistics_count_traffic (self, entry->direction, bytes);
  self->last[entry->direction] = (SioscopeLastPacket) { entry->row, SIOSCOPE_STATISTICS_NO_EVENT, entry->wire.size != 0 };
  switch (entry->packet_type)
    {
    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      return SIOSCOPE_STATISTICS_TRAFFIC | fold_event (self, entry, name, bytes);
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      return SIOSCOPE_STATISTICS_TRAFFIC | fold_ack (self, entry);
    case SIO_PACKET_CONNECT:
    case SIO_PACKET_DISCONNECT:
    case SIO_PACKET_CONNECT_ERROR:
    default:
      return SIOSCOPE_STATISTICS_TRAFFIC;
    }
}

guint
sioscope_statistics_fold_attachment (SioscopeStatistics  *self,
                                     const SioscopeEntry *entry)
{
  const SioscopeLastPacket *last = &self->last[entry->direction];
  gboolean known = entry->ref != SIOSCOPE_NO_ROW && entry->ref == last->row;

  /* Another parser has it inside of the message, which was counted. */
  if (known && last->message)
    return 0;
  sioscope_statistics_count_traffic (self, entry->direction, entry->raw.size);
  if (!known || last->event == SIOSCOPE_STATISTICS_NO_EVENT)
    return SIOSCOPE_STATISTICS_TRAFFIC;
  get_event (self, last->event)->bytes += entry->raw.size;
  return SIOSCOPE_STATISTICS_TRAFFIC | SIOSCOPE_STATISTICS_EVENTS;
}

static void
abandon_cb (const SioscopeAsked *asked,
            gpointer             data)
{
  SioscopeEventCount *event = get_event (data, (guint) (asked->data & G_MAXUINT32));

  event->n_abandoned++;
  event->n_pending--;
}

guint
sioscope_statistics_abandon_in (SioscopeStatistics *self,
                                SioSpan             nsp)
{
  guint before = sioscope_waiting_get_n (&self->waiting, SIO_DIRECTION_IN);

  if (before == 0)
    return 0;
  sioscope_waiting_abandon_in (&self->waiting, nsp, abandon_cb, self);
  return sioscope_waiting_get_n (&self->waiting, SIO_DIRECTION_IN) != before ? SIOSCOPE_STATISTICS_LATENCIES : 0;
}

/* --- replays --- */

static void
add_recovery (SioscopeStatistics  *self,
              const SioscopeEntry *entry,
              guint                name,
              SioscopeNspState    *nsp)
{
  SioscopeRecovery recovery = {
    .name = name,
    .start_row = sioscope_replays_get_last_start (&self->replays),
    .end_row = entry->row,
    .time_us = entry->time_us,
    .n_replayed = nsp->n_undecided,
  };

  if (self->recoveries->len >= RECOVERIES_MAX)
    {
      g_array_remove_range (self->recoveries, 0, RECOVERIES_MAX / 4);
      self->n_recoveries_forgotten += RECOVERIES_MAX / 4;
      self->limits |= SIOSCOPE_STATISTICS_RECOVERIES;
    }
  g_array_append_val (self->recoveries, recovery);
  nsp->recovery = self->n_recoveries_forgotten + self->recoveries->len;
  self->n_recovered++;
}

/* What came while the namespace was asked for is decided. */
static void
decide (SioscopeStatistics *self,
        guint               number,
        SioscopeNspState   *nsp,
        gboolean            replayed)
{
  if (nsp->n_undecided == 0)
    return;
  for (guint i = 0; i < self->states->len; i++)
    {
      SioscopeEventState *state = get_state (self, i);

      if (state->nsp != number || state->n_undecided == 0)
        continue;
      if (replayed)
        get_event (self, i)->n_replayed += state->n_undecided;
      state->n_undecided = 0;
    }
  if (replayed && nsp->n_other > 0)
    get_event (self, self->others[SIO_DIRECTION_IN])->n_replayed += nsp->n_other;
  nsp->n_undecided = 0;
  nsp->n_other = 0;
}

guint
sioscope_statistics_fold_replays (SioscopeStatistics  *self,
                                  const SioscopeEntry *entry,
                                  guint                name)
{
  gboolean replayed = sioscope_replays_fold (&self->replays, entry);
  guint number = sioscope_replays_get_number (&self->replays, entry->nsp);
  SioscopeNspState *nsp;

  if (self->replays.forgotten)
    self->limits |= SIOSCOPE_STATISTICS_RECOVERIES;
  if (number == G_MAXUINT)
    return 0;
  if (number >= self->nsps->len)
    g_array_set_size (self->nsps, number + 1);
  nsp = &g_array_index (self->nsps, SioscopeNspState, number);
  if (nsp->recovery != 0)
    {
      nsp->recovery = 0;
      self->n_recovered--;
    }
  if (replayed)
    add_recovery (self, entry, name, nsp);
  decide (self, number, nsp, replayed);
  return replayed ? SIOSCOPE_STATISTICS_RECOVERIES | SIOSCOPE_STATISTICS_EVENTS : 0;
}
