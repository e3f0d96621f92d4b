/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The statistics as an object: which rows were counted, and what came of it. */

#include "sioscope-statistics-private.h"
#include "sioscope-recording-index.h"

#define FIRST_WIDTH_US 100000
#define TAGS_LIMIT     65536

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeStatistics, sioscope_statistics, G_TYPE_OBJECT)

/**
 * sioscope_statistics_new:
 * @recording: what to count
 *
 * Costs nothing that is not made: whoever shows no figures makes none.
 *
 * Returns: (transfer full): statistics that have looked at no row yet
 */
SioscopeStatistics *
sioscope_statistics_new (SioscopeRecording *recording)
{
  SioscopeStatistics *self;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);

  self = g_object_new (SIOSCOPE_TYPE_STATISTICS, NULL);
  self->recording = g_object_ref (recording);
  return self;
}

/**
 * sioscope_statistics_get_recording:
 * @self: statistics
 *
 * Returns: (transfer none): what they count
 */
SioscopeRecording *
sioscope_statistics_get_recording (SioscopeStatistics *self)
{
  return self->recording;
}

static guint
fold_state (SioscopeStatistics  *self,
            const SioscopeEntry *entry)
{
  guint changed = sioscope_statistics_phase_state (self, entry);

  if (entry->state == SIO_TAP_STATE_CLOSED || entry->state == SIO_TAP_STATE_ATTEMPT_FAILED || entry->state == SIO_TAP_STATE_FAILED)
    changed |= sioscope_statistics_abandon_in (self, (SioSpan) { NULL, 0 });
  return changed | sioscope_statistics_cut_state (self, entry);
}

static guint
fold_socket (SioscopeStatistics  *self,
             const SioscopeEntry *entry,
             guint                name)
{
  guint changed = sioscope_statistics_phase_socket (self, entry, name) | sioscope_statistics_fold_replays (self, entry, name);

  if (entry->socket_change == SIO_TAP_SOCKET_DISCONNECTED)
    changed |= sioscope_statistics_abandon_in (self, entry->nsp);
  return changed;
}

static guint
fold_row (SioscopeStatistics *self,
          guint64             row)
{
  SioscopeIndexWord word = sioscope_recording_get_word (self->recording, row);
  SioscopeEntry entry;

  if (!sioscope_recording_read (self->recording, row, &entry))
    {
      self->n_missed++;
      return 0;
    }
  self->now_us = MAX (self->now_us, entry.time_us);
  switch (entry.kind)
    {
    case SIOSCOPE_KIND_PACKET:
      return sioscope_statistics_fold_packet (self, &entry, SIOSCOPE_INDEX_NAME (word));
    case SIOSCOPE_KIND_ATTACHMENT:
      return sioscope_statistics_fold_attachment (self, &entry);
    case SIOSCOPE_KIND_ENGINE:
      sioscope_statistics_count_traffic (self, entry.direction, entry.raw.size);
      return SIOSCOPE_STATISTICS_TRAFFIC | sioscope_statistics_phase_engine (self, &entry);
    case SIOSCOPE_KIND_HTTP:
      return sioscope_statistics_fold_http (self, &entry) | sioscope_statistics_phase_http (self, &entry);
    case SIOSCOPE_KIND_STATE:
      return fold_state (self, &entry);
    case SIOSCOPE_KIND_SOCKET:
      return fold_socket (self, &entry, SIOSCOPE_INDEX_NAME (word));
    case SIOSCOPE_KIND_EMIT:
      return sioscope_statistics_fold_emit (self, &entry);
    case SIOSCOPE_KIND_FRAME:
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
    default:
      return 0;
    }
}

/**
 * sioscope_statistics_update:
 * @self: statistics
 * @max_rows: how many rows to fold in at most; 0 for all
 *
 * Counts what was published since, and emits #SioscopeStatistics::changed once if something came of it. What the
 * getters returned before is not valid any more. A row takes about a tenth of a microsecond.
 *
 * Rows that a recording in memory discards later stay counted; those that it discarded before are told by
 * sioscope_statistics_get_n_missed().
 *
 * Returns: %TRUE if rows are left
 */
gboolean
sioscope_statistics_update (SioscopeStatistics *self,
                            guint64             max_rows)
{
  guint64 n_rows = sioscope_recording_get_n_rows (self->recording), first = self->next_row;
  guint64 row = sioscope_recording_skip_discarded (self->recording, first), end;
  guint changed = 0;

  self->n_missed += row - first;
  end = max_rows == 0 || n_rows - MIN (row, n_rows) <= max_rows ? n_rows : row + max_rows;
  for (; row < end; row++)
    changed |= fold_row (self, row);
  self->next_row = MAX (row, first);

  self->emits.n_waiting = sioscope_waiting_get_n (&self->waiting, SIO_DIRECTION_OUT);
  if (self->waiting.n_forgotten > 0)
    self->limits |= SIOSCOPE_STATISTICS_LATENCIES | SIOSCOPE_STATISTICS_EMITS;
  if (self->cut_of_tag.was_full)
    self->limits |= SIOSCOPE_STATISTICS_EMITS;
  if (changed != 0)
    g_signal_emit (self, signals[CHANGED], 0, changed);
  return self->next_row < n_rows;
}

/**
 * sioscope_statistics_get_events:
 * @self: statistics
 * @n: (out): how many
 *
 * One line for each name and direction, in the order of their first events; a line never changes its place. At most 4098: what has no
 * line of its own, or no number, is counted in one for each direction whose name is %SIOSCOPE_NAME_UNNUMBERED.
 *
 * Returns: (transfer none) (array length=n): the lines; valid until the next update
 */
const SioscopeEventCount *
sioscope_statistics_get_events (SioscopeStatistics *self,
                                guint              *n)
{
  *n = self->events->len;
  return (const SioscopeEventCount *) (gpointer) self->events->data;
}

/**
 * sioscope_statistics_find_event:
 * @self: statistics
 * @name: the recording's number
 * @direction: which way
 *
 * Returns: the number of the line where such events are counted, or %G_MAXUINT if there were none
 */
guint
sioscope_statistics_find_event (SioscopeStatistics *self,
                                guint               name,
                                SioDirection        direction)
{
  GArray *lines;

  g_return_val_if_fail (direction <= SIO_DIRECTION_OUT, G_MAXUINT);

  lines = self->lines[direction];
  if (name < lines->len && g_array_index (lines, guint32, name) != 0)
    return g_array_index (lines, guint32, name) - 1;
  return name == SIOSCOPE_NAME_UNNUMBERED ? self->others[direction] : G_MAXUINT;
}

/**
 * sioscope_statistics_get_rate:
 * @self: statistics
 * @event: the number of a line
 * @now_us: the time of the recording, as sioscope_recording_get_now_us() tells it
 *
 * Counts the tenth of a second that runs at @now_us and the 49 before it, and divides by the time from their begin to @now_us: between 4.9
 * and 5 seconds, less if the recording is younger. How many a second there were in all is count by the time of the recording.
 *
 * Returns: how many a second
 */
double
sioscope_statistics_get_rate (SioscopeStatistics *self,
                              guint               event,
                              gint64              now_us)
{
  g_return_val_if_fail (event < self->states->len, 0);

  return sioscope_rate_get (&g_array_index (self->states, SioscopeEventState, event).rate, now_us);
}

/**
 * sioscope_statistics_get_latency:
 * @self: statistics
 * @event: the number of a line
 * @latency: (out caller-allocates): how long its acks took
 *
 * Percentiles are found when they are asked for, by nearest rank; that takes a time in proportion to the number of acks, a millisecond for
 * a hundred thousand.
 *
 * Returns: %FALSE if there were no acks; @latency is not touched then
 */
gboolean
sioscope_statistics_get_latency (SioscopeStatistics *self,
                                 guint               event,
                                 SioscopeLatency    *latency)
{
  SioscopeLatencies *all;

  g_return_val_if_fail (event < self->states->len, FALSE);

  all = &g_array_index (self->states, SioscopeEventState, event).latencies;
  if (all->n == 0)
    return FALSE;
  *latency = (SioscopeLatency) { all->n, all->min_us, sioscope_latencies_get (all, 50), sioscope_latencies_get (all, 95),
                                 all->max_us, all->classes == NULL };
  return TRUE;
}

/**
 * sioscope_statistics_get_traffic:
 * @self: statistics
 * @n: (out): how many buckets
 * @width_us: (out): how long each is, microseconds
 *
 * Buckets begin with a tenth of a second, and become twice as long when there would be more than 4096: sums stay exact.
 *
 * Returns: (transfer none) (array length=n): what passed in each; valid until the next update
 */
const SioscopeTraffic *
sioscope_statistics_get_traffic (SioscopeStatistics *self,
                                 guint              *n,
                                 gint64             *width_us)
{
  *n = self->traffic->len;
  *width_us = self->width_us;
  return (const SioscopeTraffic *) (gpointer) self->traffic->data;
}

/**
 * sioscope_statistics_get_total_traffic:
 * @self: statistics
 *
 * Returns: (transfer none): what passed altogether
 */
const SioscopeTraffic *
sioscope_statistics_get_total_traffic (SioscopeStatistics *self)
{
  return &self->total;
}

/**
 * sioscope_statistics_get_total_http:
 * @self: statistics
 *
 * Messages over polling are in the bodies of these exchanges, and in the traffic too: do not add the two.
 *
 * Returns: (transfer none): requests and answers, their headers and bodies
 */
const SioscopeTraffic *
sioscope_statistics_get_total_http (SioscopeStatistics *self)
{
  return &self->http;
}

/**
 * sioscope_statistics_get_emits:
 * @self: statistics
 *
 * Returns: (transfer none): what became of all our emits
 */
const SioscopeEmits *
sioscope_statistics_get_emits (SioscopeStatistics *self)
{
  return &self->emits;
}

/**
 * sioscope_statistics_get_cuts:
 * @self: statistics
 * @n: (out): how many
 *
 * Emits that waited are followed by their tags; those without a tag are counted as buffered only.
 *
 * Returns: (transfer none) (array length=n): the ends of connections, oldest first, some thousands at most; valid until the next update
 */
const SioscopeCut *
sioscope_statistics_get_cuts (SioscopeStatistics *self,
                              guint              *n)
{
  *n = self->cuts->len;
  return (const SioscopeCut *) (gpointer) self->cuts->data;
}

/**
 * sioscope_statistics_get_handshakes:
 * @self: statistics
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the attempts, oldest first, some thousands at most; valid until the next update
 */
const SioscopeHandshake *
sioscope_statistics_get_handshakes (SioscopeStatistics *self,
                                    guint              *n)
{
  *n = self->handshakes->len;
  return (const SioscopeHandshake *) (gpointer) self->handshakes->data;
}

/**
 * sioscope_statistics_get_joins:
 * @self: statistics
 * @handshake: the number of a handshake
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the namespaces that were asked for from that attempt until the next; valid until the next
 *   update
 */
const SioscopeJoin *
sioscope_statistics_get_joins (SioscopeStatistics *self,
                               guint               handshake,
                               guint              *n)
{
  guint64 start, end;

  g_return_val_if_fail (handshake < self->join_starts->len, NULL);

  start = g_array_index (self->join_starts, guint64, handshake);
  end = handshake + 1 < self->join_starts->len ? g_array_index (self->join_starts, guint64, handshake + 1)
                                               : self->n_joins_forgotten + self->joins->len;
  start = MAX (start, self->n_joins_forgotten) - self->n_joins_forgotten;
  end = MAX (end, self->n_joins_forgotten) - self->n_joins_forgotten;
  *n = (guint) (end - start);
  return (const SioscopeJoin *) (gpointer) self->joins->data + start;
}

/**
 * sioscope_statistics_get_recoveries:
 * @self: statistics
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the recoveries of state, oldest first, some thousands at most; valid until the next update
 */
const SioscopeRecovery *
sioscope_statistics_get_recoveries (SioscopeStatistics *self,
                                    guint              *n)
{
  *n = self->recoveries->len;
  return (const SioscopeRecovery *) (gpointer) self->recoveries->data;
}

/**
 * sioscope_statistics_get_end_us:
 * @self: statistics
 *
 * Returns: the latest time of a row that was counted
 */
gint64
sioscope_statistics_get_end_us (SioscopeStatistics *self)
{
  return self->now_us;
}

/**
 * sioscope_statistics_get_n_missed:
 * @self: statistics
 *
 * Returns: how many rows were discarded before they could be counted
 */
guint64
sioscope_statistics_get_n_missed (SioscopeStatistics *self)
{
  return self->n_missed;
}

/**
 * sioscope_statistics_get_limits:
 * @self: statistics
 *
 * Returns: which parts are not complete, because there was too much of it
 */
SioscopeStatisticsPart
sioscope_statistics_get_limits (SioscopeStatistics *self)
{
  return self->limits;
}

/**
 * sioscope_statistics_dup_limits:
 * @self: statistics
 *
 * Returns: (transfer full) (nullable): the same in English, or %NULL if everything is complete
 */
char *
sioscope_statistics_dup_limits (SioscopeStatistics *self)
{
  static const char * const words[] = {
    "events with other names are counted together",
    "latencies are rounded, or some acks are not told from others",
    NULL,
    "the oldest cuts or emits are not followed any more",
    "the oldest attempts are forgotten",
    "the oldest recoveries are forgotten",
  };
  GString *text;

  if (self->limits == 0)
    return NULL;
  text = g_string_new ("Too many to count each: ");
  for (guint i = 0, n = 0; i < G_N_ELEMENTS (words); i++)
    if ((self->limits & (1u << i)) && words[i] != NULL)
      g_string_append_printf (text, "%s%s", n++ > 0 ? "; " : "", words[i]);
  return g_string_free (text, FALSE);
}

static void
state_clear (gpointer data)
{
  sioscope_latencies_clear (&((SioscopeEventState *) data)->latencies);
}

static void
sioscope_statistics_finalize (GObject *object)
{
  SioscopeStatistics *self = SIOSCOPE_STATISTICS (object);
  GArray *arrays[] = {
    self->events, self->states, self->lines[0], self->lines[1], self->traffic, self->cuts, self->handshakes, self->join_starts,
    self->joins, self->nsps, self->recoveries,
  };

  g_clear_object (&self->recording);
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_unref (arrays[i]);
  sioscope_waiting_clear (&self->waiting);
  sioscope_replays_clear (&self->replays);
  sioscope_row_map_clear (&self->cut_of_tag);

  G_OBJECT_CLASS (sioscope_statistics_parent_class)->finalize (object);
}

static void
sioscope_statistics_class_init (SioscopeStatisticsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_statistics_finalize;

  /**
   * SioscopeStatistics::changed:
   * @self: the statistics
   * @what: #SioscopeStatisticsPart flags, as a guint
   *
   * An update changed something. Emitted from sioscope_statistics_update(), once a call at most.
   */
  signals[CHANGED] = g_signal_new ("changed", SIOSCOPE_TYPE_STATISTICS, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
sioscope_statistics_init (SioscopeStatistics *self)
{
  self->events = g_array_new (FALSE, TRUE, sizeof (SioscopeEventCount));
  self->states = g_array_new (FALSE, TRUE, sizeof (SioscopeEventState));
  g_array_set_clear_func (self->states, state_clear);
  for (guint direction = 0; direction < 2; direction++)
    {
      self->lines[direction] = g_array_new (FALSE, TRUE, sizeof (guint32));
      self->others[direction] = SIOSCOPE_STATISTICS_NO_EVENT;
      self->last[direction] = (SioscopeLastPacket) { SIOSCOPE_NO_ROW, SIOSCOPE_STATISTICS_NO_EVENT, FALSE };
    }
  self->traffic = g_array_new (FALSE, TRUE, sizeof (SioscopeTraffic));
  self->width_us = FIRST_WIDTH_US;
  self->cuts = g_array_new (FALSE, TRUE, sizeof (SioscopeCut));
  self->handshakes = g_array_new (FALSE, TRUE, sizeof (SioscopeHandshake));
  self->join_starts = g_array_new (FALSE, TRUE, sizeof (guint64));
  self->joins = g_array_new (FALSE, TRUE, sizeof (SioscopeJoin));
  self->nsps = g_array_new (FALSE, TRUE, sizeof (SioscopeNspState));
  self->recoveries = g_array_new (FALSE, TRUE, sizeof (SioscopeRecovery));
  self->probe_us = -1;
  self->upgrading_us = -1;
  sioscope_waiting_init (&self->waiting);
  sioscope_replays_init (&self->replays);
  sioscope_row_map_init (&self->cut_of_tag, TAGS_LIMIT);
}
