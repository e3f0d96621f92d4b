/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The projection as an object: which rows were folded in, and what came of it. */

#include "sioscope-projection-private.h"
#include "sioscope-recording-index.h"

#define TAGS_LIMIT 65536

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeProjection, sioscope_projection, G_TYPE_OBJECT)

/**
 * sioscope_projection_new:
 * @recording: what to conclude from
 *
 * Returns: (transfer full): a projection that has looked at no row yet
 */
SioscopeProjection *
sioscope_projection_new (SioscopeRecording *recording)
{
  SioscopeProjection *self;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);

  self = g_object_new (SIOSCOPE_TYPE_PROJECTION, NULL);
  self->recording = g_object_ref (recording);
  return self;
}

/**
 * sioscope_projection_get_recording:
 * @self: a projection
 *
 * Returns: (transfer none): what it concludes from
 */
SioscopeRecording *
sioscope_projection_get_recording (SioscopeProjection *self)
{
  return self->recording;
}

/**
 * sioscope_projection_update_to:
 * @self: a projection
 * @end: a number of rows that are published
 *
 * As sioscope_projection_update(), but for whoever goes row by row: what the getters say is true of the moment before row @end. Rows
 * that were folded in already stay so.
 */
void
sioscope_projection_update_to (SioscopeProjection *self,
                               guint64             end)
{
  guint64 row = sioscope_recording_skip_discarded (self->recording, self->next_row);
  SioscopeHole hole;
  guint changed = 0;

  for (; row < end; row++)
    changed |= sioscope_projection_fold_row (self, row);
  self->next_row = MAX (row, self->next_row);
  hole = sioscope_recording_get_hole (self->recording);
  if (hole.start < hole.end)
    sioscope_acks_trim (&self->acks, hole.start, MIN (hole.end, self->next_row));

  if (changed != 0)
    g_signal_emit (self, signals[CHANGED], 0, changed);
}

/**
 * sioscope_projection_update:
 * @self: a projection
 * @max_rows: how many rows to fold in at most; 0 for all
 *
 * Folds in what was published since, and emits #SioscopeProjection::changed once if something came of it. What the
 * getters returned before is not valid any more.
 *
 * Returns: %TRUE if rows are left
 */
gboolean
sioscope_projection_update (SioscopeProjection *self,
                            guint64             max_rows)
{
  guint64 n_rows = sioscope_recording_get_n_rows (self->recording);
  guint64 row = sioscope_recording_skip_discarded (self->recording, self->next_row);

  sioscope_projection_update_to (self, max_rows == 0 || n_rows - MIN (row, n_rows) <= max_rows
                                         ? n_rows : row + max_rows);
  return self->next_row < n_rows;
}

/**
 * sioscope_projection_get_status:
 * @self: a projection
 *
 * Returns: (transfer none): where the connection stands; valid until the next update
 */
const SioscopeStatus *
sioscope_projection_get_status (SioscopeProjection *self)
{
  return &self->status;
}

/**
 * sioscope_projection_get_segments:
 * @self: a projection
 * @n: (out): how many
 *
 * The oldest are forgotten when there are more than some thousands.
 *
 * Returns: (transfer none) (array length=n): the connection's history, oldest first; valid until the next update
 */
const SioscopeSegment *
sioscope_projection_get_segments (SioscopeProjection *self,
                                  guint              *n)
{
  *n = self->segments->len;
  return (const SioscopeSegment *) (gpointer) self->segments->data;
}

/**
 * sioscope_projection_get_marks:
 * @self: a projection
 * @n: (out): how many
 *
 * When there are more than some thousands, old heartbeats are forgotten first.
 *
 * Returns: (transfer none) (array length=n): what happened at a moment, oldest first; valid until the next update
 */
const SioscopeMark *
sioscope_projection_get_marks (SioscopeProjection *self,
                               guint              *n)
{
  *n = self->marks->len;
  return (const SioscopeMark *) (gpointer) self->marks->data;
}

/**
 * sioscope_projection_get_namespaces:
 * @self: a projection
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the namespaces in the order in which they were first
 *   seen; valid until the next update
 */
const SioscopeNamespace *
sioscope_projection_get_namespaces (SioscopeProjection *self,
                                    guint              *n)
{
  *n = self->namespaces->len;
  return (const SioscopeNamespace *) (gpointer) self->namespaces->data;
}

/**
 * sioscope_projection_get_ack:
 * @self: a projection
 * @row: the row of an event or of an ack
 *
 * The latency is read from the two rows: once either is discarded it is not known any more, except that of an ack whose event was
 * discarded before it came (the last 65536 of those).
 *
 * Returns: what became of the event, or which event the ack answers
 */
SioscopeAck
sioscope_projection_get_ack (SioscopeProjection *self,
                             guint64             row)
{
  return sioscope_acks_lookup (&self->acks, self->recording, row);
}

/**
 * sioscope_projection_get_emit_row:
 * @self: a projection
 * @tag: the emit's tag, not 0
 *
 * The last 65536 tags at least are remembered.
 *
 * Returns: the row of its packet, or of its fate if it never went out; %SIOSCOPE_NO_ROW if neither is known
 */
guint64
sioscope_projection_get_emit_row (SioscopeProjection *self,
                                  guint64             tag)
{
  guint64 row = sioscope_row_map_get (&self->tags, tag);

  return row != SIOSCOPE_ROW_MAP_NONE ? row : SIOSCOPE_NO_ROW;
}

/**
 * sioscope_projection_get_replayed:
 * @self: a projection
 * @row: any row
 *
 * The same for a file and for a live recording once CONNECT is answered; #SioscopeProjection::changed tells when that is. Nothing
 * is known any more of the oldest of more than some ten thousand recoveries.
 *
 * Returns: whether @row is an event that the server sent again when it recovered the state of the namespace
 */
gboolean
sioscope_projection_get_replayed (SioscopeProjection *self,
                                  guint64             row)
{
  SioscopeEntry entry;

  return self->replays.ranges->len > 0 && sioscope_recording_read (self->recording, row, &entry)
         && sioscope_replays_lookup (&self->replays, &entry);
}

/**
 * sioscope_projection_get_joining:
 * @self: a projection
 *
 * Returns: whether the answer to a CONNECT that may recover a namespace is awaited: only then it is known which of the events since were
 *   sent again
 */
gboolean
sioscope_projection_get_joining (SioscopeProjection *self)
{
  return self->replays.n_asked != 0;
}

/**
 * sioscope_projection_get_undecided:
 * @self: a projection
 * @entry: the row that was folded in last, or a newer one
 *
 * Returns: whether @entry is an event of which a later row tells whether it was sent again
 */
gboolean
sioscope_projection_get_undecided (SioscopeProjection  *self,
                                   const SioscopeEntry *entry)
{
  return sioscope_replays_undecided (&self->replays, entry);
}

/**
 * sioscope_projection_get_n_pending:
 * @self: a projection
 *
 * Returns: how many of our emits wait for the server's answer
 */
guint
sioscope_projection_get_n_pending (SioscopeProjection *self)
{
  return sioscope_waiting_get_n (&self->acks.waiting, SIO_DIRECTION_OUT);
}

/**
 * sioscope_projection_get_forgotten:
 * @self: a projection
 *
 * Returns: what it does not know any more, because there was too much of it
 */
SioscopeForgotten
sioscope_projection_get_forgotten (SioscopeProjection *self)
{
  SioscopeForgotten forgotten = self->forgotten;

  if (self->acks.waiting.n_forgotten > 0)
    forgotten |= SIOSCOPE_FORGOTTEN_ACKS;
  if (self->tags.was_full || self->buffered.was_full || self->lost.was_full)
    forgotten |= SIOSCOPE_FORGOTTEN_TAGS;
  if (self->replays.forgotten)
    forgotten |= SIOSCOPE_FORGOTTEN_REPLAYS;
  return forgotten;
}

/**
 * sioscope_projection_dup_forgotten:
 * @self: a projection
 *
 * Returns: (transfer full) (nullable): the same in English, or %NULL if it knows everything
 */
char *
sioscope_projection_dup_forgotten (SioscopeProjection *self)
{
  static const char * const words[] = {
    "the oldest stretches of the history", "old heartbeats and other marks", "some namespaces",
    "some events that waited for an ack", "old emits", "the oldest recoveries",
  };
  SioscopeForgotten forgotten = sioscope_projection_get_forgotten (self);
  GString *text;

  if (forgotten == 0)
    return NULL;
  text = g_string_new ("Too many to remember all: ");
  for (guint i = 0, n = 0; i < G_N_ELEMENTS (words); i++)
    if (forgotten & (1u << i))
      g_string_append_printf (text, "%s%s", n++ > 0 ? ", " : "", words[i]);
  g_string_append (text, " are forgotten here, but not in the recording");
  return g_string_free (text, FALSE);
}

static void
namespace_clear (gpointer data)
{
  SioscopeNamespace *nsp = data;

  g_free (nsp->nsp);
  g_free (nsp->reason);
  g_free (nsp->id);
}

static void
sioscope_projection_finalize (GObject *object)
{
  SioscopeProjection *self = SIOSCOPE_PROJECTION (object);

  g_clear_object (&self->recording);
  g_array_unref (self->segments);
  g_array_unref (self->marks);
  g_array_unref (self->namespaces);
  sioscope_acks_clear (&self->acks);
  sioscope_replays_clear (&self->replays);
  sioscope_row_map_clear (&self->tags);
  sioscope_row_map_clear (&self->buffered);
  sioscope_row_map_clear (&self->lost);
  g_free (self->status.sid);
  g_free (self->status.parser);
  g_free (self->status.how);
  g_free (self->status.tls_fingerprint);
  g_free (self->status.tls_certificate);
  g_free (self->status.reason);
  g_free (self->status.message);

  G_OBJECT_CLASS (sioscope_projection_parent_class)->finalize (object);
}

static void
sioscope_projection_class_init (SioscopeProjectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_projection_finalize;

  /**
   * SioscopeProjection::changed:
   * @self: the projection
   * @what: #SioscopeChanged flags, as a guint
   *
   * An update changed something. Emitted from sioscope_projection_update(), once a call at most.
   */
  signals[CHANGED] = g_signal_new ("changed", SIOSCOPE_TYPE_PROJECTION, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
sioscope_projection_init (SioscopeProjection *self)
{
  self->status.retry_at_us = -1;
  self->status.last_ping_us = -1;
  self->status.rtt_us = -1;
  self->probe_sent_us = -1;
  self->ping_sent_us = -1;
  self->segments = g_array_new (FALSE, TRUE, sizeof (SioscopeSegment));
  self->marks = g_array_new (FALSE, FALSE, sizeof (SioscopeMark));
  self->namespaces = g_array_new (FALSE, TRUE, sizeof (SioscopeNamespace));
  g_array_set_clear_func (self->namespaces, namespace_clear);
  sioscope_acks_init (&self->acks);
  sioscope_replays_init (&self->replays);
  sioscope_row_map_init (&self->tags, TAGS_LIMIT);
  sioscope_row_map_init (&self->buffered, TAGS_LIMIT);
  sioscope_row_map_init (&self->lost, TAGS_LIMIT);
}
