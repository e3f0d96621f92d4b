/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Folds entries into what a person wants to know. A pure function of the rows: nothing here looks at a clock or asks the
 * client. Every list has a limit, because a server that never gives peace must not fill our memory. */

#include "sioscope-acks-private.h"
#include "sioscope-recording-private.h"

#define SEGMENTS_MAX   16384
#define MARKS_MAX      8192
#define NAMESPACES_MAX 1024
#define TAGS_LIMIT     65536

struct _SioscopeProjection {
  GObject parent_instance;

  SioscopeRecording *recording;
  guint64            next_row;

  SioscopeStatus     status;
  gboolean           waiting_unsaid; /* the connection will try again, but WAITING has not said when */
  gint64             probe_sent_us;  /* -1: none is under way */
  gint64             ping_sent_us;   /* Engine.IO 3: ours; -1: none */

  GArray            *segments;
  GArray            *marks;
  GArray            *namespaces;
  SioscopeAcks       acks;
  SioscopeRowMap     tags;
};

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeProjection, sioscope_projection, G_TYPE_OBJECT)

static void
set_from_span (char    **where,
               SioSpan   span)
{
  g_free (*where);
  *where = span.size != 0 ? g_utf8_make_valid (span.data, (gssize) MIN (span.size, 65536)) : NULL;
}

static gboolean
span_is_one_of (SioSpan             span,
                const char * const *words)
{
  for (; *words != NULL; words++)
    if (sio_span_equals (span, *words))
      return TRUE;
  return FALSE;
}

static guint
add_mark (SioscopeProjection  *self,
          SioscopeMarkKind     kind,
          const SioscopeEntry *entry)
{
  SioscopeMark mark = { kind, entry->time_us, entry->row };

  if (self->marks->len >= MARKS_MAX)
    {
      guint n = self->marks->len, kept = 0;
      SioscopeMark *marks = (SioscopeMark *) (gpointer) self->marks->data;

      /* Heartbeats of the older half go first: there are many and each says little. */
      for (guint i = 0; i < n; i++)
        if (i >= n / 2 || marks[i].kind != SIOSCOPE_MARK_PING)
          marks[kept++] = marks[i];
      g_array_set_size (self->marks, kept);
      if (kept > MARKS_MAX * 3 / 4)
        g_array_remove_range (self->marks, 0, kept - MARKS_MAX * 3 / 4);
    }
  g_array_append_val (self->marks, mark);
  return SIOSCOPE_CHANGED_MARKS;
}

static SioscopeSegment *
last_segment (SioscopeProjection *self)
{
  if (self->segments->len == 0)
    return NULL;
  return &g_array_index (self->segments, SioscopeSegment, self->segments->len - 1);
}

/* Ends what was and begins what entry says. */
static guint
begin_segment (SioscopeProjection  *self,
               SioscopePhase        phase,
               const SioscopeEntry *entry)
{
  SioscopeSegment *last = last_segment (self);
  SioscopeSegment segment = {
    .phase = phase,
    .transport = SIO_TRANSPORT_KIND_NONE,
    .start_us = entry->time_us,
    .end_us = -1,
    .attempt = entry->attempt,
    .row = entry->row,
    .end_row = SIOSCOPE_NO_ROW,
  };

  if (phase == SIOSCOPE_PHASE_CONNECTING || phase == SIOSCOPE_PHASE_CONNECTED)
    segment.transport = entry->transport;
  if (last != NULL)
    {
      last->end_us = MAX (entry->time_us, last->start_us);
      last->end_row = entry->row;
      segment.start_us = last->end_us;
    }
  if (self->segments->len >= SEGMENTS_MAX)
    g_array_remove_range (self->segments, 0, SEGMENTS_MAX / 4);
  g_array_append_val (self->segments, segment);

  self->status.phase = phase;
  self->status.transport = segment.transport;
  self->status.since_us = segment.start_us;
  self->status.attempt = entry->attempt;
  self->status.retry_at_us = -1;
  self->waiting_unsaid = FALSE;
  return SIOSCOPE_CHANGED_STATUS | SIOSCOPE_CHANGED_SEGMENTS;
}

static guint
set_rtt (SioscopeProjection *self,
         gint64              rtt_us)
{
  if (rtt_us < 0 || rtt_us == self->status.rtt_us)
    return 0;
  self->status.rtt_us = rtt_us;
  return SIOSCOPE_CHANGED_STATUS;
}

static void
set_why (SioscopeProjection  *self,
         const SioscopeEntry *entry)
{
  if (entry->reason.size == 0 && entry->message.size == 0)
    return;
  set_from_span (&self->status.reason, entry->reason);
  set_from_span (&self->status.message, entry->message);
}

/* The session is over, by whatever end. */
static guint
end_session (SioscopeProjection  *self,
             const SioscopeEntry *entry)
{
  g_clear_pointer (&self->status.sid, g_free);
  self->status.last_ping_us = -1;
  self->probe_sent_us = -1;
  self->ping_sent_us = -1;
  set_why (self, entry);
  return sioscope_acks_abandon_in (&self->acks, (SioSpan) { NULL, 0 }, entry->row) ? SIOSCOPE_CHANGED_ACKS : 0;
}

static guint
fold_closed (SioscopeProjection  *self,
             const SioscopeEntry *entry)
{
  static const char * const by_us[] = { "io client disconnect", "forced close", NULL };
  guint changed = end_session (self, entry);

  if (self->status.phase == SIOSCOPE_PHASE_CONNECTED
      && (entry->active || !span_is_one_of (entry->reason, by_us)))
    changed |= add_mark (self, SIOSCOPE_MARK_LOST, entry);
  if (self->status.phase == SIOSCOPE_PHASE_IDLE && !entry->active && self->segments->len > 0)
    return changed | SIOSCOPE_CHANGED_STATUS;

  changed |= begin_segment (self, entry->active ? SIOSCOPE_PHASE_WAITING : SIOSCOPE_PHASE_IDLE, entry);
  self->waiting_unsaid = entry->active;
  return changed;
}

static guint
fold_waiting (SioscopeProjection  *self,
              const SioscopeEntry *entry)
{
  SioscopeSegment *segment;

  /* What ended the connection began the waiting already: one stretch and not two. */
  if (self->status.phase != SIOSCOPE_PHASE_WAITING || !self->waiting_unsaid)
    begin_segment (self, SIOSCOPE_PHASE_WAITING, entry);
  self->waiting_unsaid = FALSE;
  segment = last_segment (self);
  segment->row = entry->row;
  segment->attempt = entry->attempt;
  segment->delay_ms = entry->delay_ms;
  segment->delay_min_ms = entry->delay_min_ms;
  segment->delay_max_ms = entry->delay_max_ms;
  self->status.attempt = entry->attempt;
  self->status.retry_at_us = entry->time_us + (gint64) entry->delay_ms * 1000;
  set_why (self, entry);
  return SIOSCOPE_CHANGED_STATUS | SIOSCOPE_CHANGED_SEGMENTS;
}

static guint
fold_state (SioscopeProjection  *self,
            const SioscopeEntry *entry)
{
  guint changed = 0;

  switch (entry->state)
    {
    case SIO_TAP_STATE_CONNECTING:
      self->status.rtt_us = -1;
      return begin_segment (self, SIOSCOPE_PHASE_CONNECTING, entry);

    case SIO_TAP_STATE_OPEN:
      changed = begin_segment (self, SIOSCOPE_PHASE_CONNECTED, entry);
      set_from_span (&self->status.sid, entry->sid);
      g_clear_pointer (&self->status.reason, g_free);
      g_clear_pointer (&self->status.message, g_free);
      self->status.eio = entry->eio;
      self->status.server = entry->server;
      self->status.ping_interval_ms = entry->ping_interval_ms;
      self->status.ping_timeout_ms = entry->ping_timeout_ms;
      self->status.last_ping_us = -1;
      return changed;

    case SIO_TAP_STATE_UPGRADED:
      return begin_segment (self, SIOSCOPE_PHASE_CONNECTED, entry)
             | add_mark (self, SIOSCOPE_MARK_UPGRADE, entry);

    case SIO_TAP_STATE_CLOSED:
      return fold_closed (self, entry);

    case SIO_TAP_STATE_ATTEMPT_FAILED:
      changed = end_session (self, entry) | add_mark (self, SIOSCOPE_MARK_FAILED, entry);
      changed |= begin_segment (self, entry->active ? SIOSCOPE_PHASE_WAITING : SIOSCOPE_PHASE_FAILED, entry);
      self->waiting_unsaid = entry->active;
      return changed;

    case SIO_TAP_STATE_WAITING:
      return fold_waiting (self, entry);

    case SIO_TAP_STATE_FAILED:
      changed = end_session (self, entry) | SIOSCOPE_CHANGED_STATUS;
      if (self->status.phase != SIOSCOPE_PHASE_FAILED)
        changed |= begin_segment (self, SIOSCOPE_PHASE_FAILED, entry);
      return changed;

    case SIO_TAP_STATE_UPGRADING:
    case SIO_TAP_STATE_UPGRADE_FAILED:
      return 0;
    }
  return 0;
}

static void
namespace_clear (gpointer data)
{
  SioscopeNamespace *nsp = data;

  g_free (nsp->nsp);
  g_free (nsp->reason);
  g_free (nsp->id);
}

static SioscopeNamespace *
get_namespace (SioscopeProjection *self,
               SioSpan             name)
{
  SioscopeNamespace added = { NULL };
  g_autofree char *text = g_utf8_make_valid (name.data, (gssize) MIN (name.size, 65536));

  for (guint i = 0; i < self->namespaces->len; i++)
    {
      SioscopeNamespace *nsp = &g_array_index (self->namespaces, SioscopeNamespace, i);

      if (g_strcmp0 (nsp->nsp, text) == 0)
        return nsp;
    }
  if (self->namespaces->len >= NAMESPACES_MAX)
    return NULL;
  added.nsp = g_steal_pointer (&text);
  g_array_append_val (self->namespaces, added);
  return &g_array_index (self->namespaces, SioscopeNamespace, self->namespaces->len - 1);
}

static guint
fold_socket (SioscopeProjection  *self,
             const SioscopeEntry *entry)
{
  SioscopeNamespace *nsp = get_namespace (self, entry->nsp);
  guint changed = SIOSCOPE_CHANGED_NAMESPACES;

  if (entry->socket_change == SIO_TAP_SOCKET_DISCONNECTED
      && sioscope_acks_abandon_in (&self->acks, entry->nsp, entry->row))
    changed |= SIOSCOPE_CHANGED_ACKS;
  if (entry->socket_change == SIO_TAP_SOCKET_CONNECT_ERROR && !entry->active)
    changed |= add_mark (self, SIOSCOPE_MARK_REFUSED, entry);
  if (nsp == NULL)
    return changed;

  nsp->since_us = entry->time_us;
  nsp->row = entry->row;
  nsp->refused = FALSE;
  g_clear_pointer (&nsp->id, g_free);
  switch (entry->socket_change)
    {
    case SIO_TAP_SOCKET_CONNECTING:
      nsp->state = SIO_SOCKET_STATE_CONNECTING;
      break;
    case SIO_TAP_SOCKET_CONNECTED:
      nsp->state = SIO_SOCKET_STATE_CONNECTED;
      g_clear_pointer (&nsp->reason, g_free);
      set_from_span (&nsp->id, entry->reason);
      break;
    case SIO_TAP_SOCKET_CONNECT_ERROR:
      nsp->refused = !entry->active;
      G_GNUC_FALLTHROUGH;
    case SIO_TAP_SOCKET_DISCONNECTED:
      nsp->state = entry->active ? SIO_SOCKET_STATE_CONNECTING : SIO_SOCKET_STATE_INACTIVE;
      set_from_span (&nsp->reason, entry->reason);
      break;
    }
  return changed;
}

static guint
fold_engine (SioscopeProjection  *self,
             const SioscopeEntry *entry)
{
  gboolean probe = sio_span_equals (entry->raw, "2probe") || sio_span_equals (entry->raw, "3probe");
  gboolean in = entry->direction == SIO_DIRECTION_IN;

  if (probe && entry->engine_type == SIO_ENGINE_PACKET_PING && !in)
    self->probe_sent_us = entry->time_us;
  else if (probe && entry->engine_type == SIO_ENGINE_PACKET_PONG && in && self->probe_sent_us >= 0)
    {
      gint64 rtt_us = entry->time_us - self->probe_sent_us;

      self->probe_sent_us = -1;
      return set_rtt (self, rtt_us);
    }
  else if (!probe && entry->engine_type == SIO_ENGINE_PACKET_PING && in)
    {
      self->status.last_ping_us = entry->time_us;
      return SIOSCOPE_CHANGED_STATUS | add_mark (self, SIOSCOPE_MARK_PING, entry);
    }
  else if (!probe && entry->engine_type == SIO_ENGINE_PACKET_PING && !in)
    self->ping_sent_us = entry->time_us;
  else if (!probe && entry->engine_type == SIO_ENGINE_PACKET_PONG && in && self->ping_sent_us >= 0)
    {
      gint64 rtt_us = entry->time_us - self->ping_sent_us;

      /* Engine.IO 3: we ask and the server answers. */
      self->ping_sent_us = -1;
      self->status.last_ping_us = entry->time_us;
      return SIOSCOPE_CHANGED_STATUS | set_rtt (self, rtt_us) | add_mark (self, SIOSCOPE_MARK_PING, entry);
    }
  return 0;
}

static guint
fold_packet (SioscopeProjection  *self,
             const SioscopeEntry *entry)
{
  guint changed = 0;

  if (entry->tag != 0)
    {
      sioscope_row_map_set (&self->tags, entry->tag, entry->row);
      changed |= SIOSCOPE_CHANGED_ACKS;
    }
  if (entry->id < 0)
    return changed;

  if (entry->packet_type == SIO_PACKET_EVENT || entry->packet_type == SIO_PACKET_BINARY_EVENT)
    sioscope_acks_add_event (&self->acks, entry->direction, entry->nsp, entry->id, entry->row, entry->time_us);
  else if (entry->packet_type == SIO_PACKET_ACK || entry->packet_type == SIO_PACKET_BINARY_ACK)
    {
      gint64 latency_us = sioscope_acks_answer (&self->acks, entry->direction, entry->nsp, entry->id,
                                                entry->row, entry->time_us);

      if (latency_us >= 0 && entry->direction == SIO_DIRECTION_IN)
        changed |= set_rtt (self, latency_us);
    }
  else
    return changed;
  return changed | SIOSCOPE_CHANGED_ACKS;
}

static guint
fold_emit (SioscopeProjection  *self,
           const SioscopeEntry *entry)
{
  SioscopeAckState state = SIOSCOPE_ACK_ABANDONED;
  guint changed = 0;

  /* Its packet, once there is one, says more than its fate. */
  if (entry->fate != SIO_TAP_EMIT_BUFFERED && entry->tag != 0
      && sioscope_row_map_get (&self->tags, entry->tag) == SIOSCOPE_ROW_MAP_NONE)
    {
      sioscope_row_map_set (&self->tags, entry->tag, entry->row);
      changed |= SIOSCOPE_CHANGED_ACKS;
    }

  switch (entry->fate)
    {
    case SIO_TAP_EMIT_BUFFERED:
      return changed;
    case SIO_TAP_EMIT_DROPPED:
    case SIO_TAP_EMIT_REFUSED:
    case SIO_TAP_EMIT_LOST:
      changed |= add_mark (self, SIOSCOPE_MARK_EMIT_LOST, entry);
      break;
    case SIO_TAP_EMIT_ACK_TIMEOUT:
      state = SIOSCOPE_ACK_TIMED_OUT;
      break;
    case SIO_TAP_EMIT_ACK_ABANDONED:
      break;
    }
  if (entry->id >= 0 && sioscope_acks_fail (&self->acks, entry->nsp, entry->id, state, entry->row))
    changed |= SIOSCOPE_CHANGED_ACKS;
  return changed;
}

static guint
fold_row (SioscopeProjection *self,
          guint64             row)
{
  SioscopeIndexWord word = sioscope_recording_get_word (self->recording, row);
  SioscopeEntry entry;

  /* Most rows of a flood say nothing here, and are not even looked at. */
  switch ((guint) SIOSCOPE_INDEX_KIND (word))
    {
    case SIOSCOPE_KIND_PACKET:
      if ((word & (SIOSCOPE_INDEX_HAS_ID | SIOSCOPE_INDEX_HAS_TAG)) == 0)
        return 0;
      break;
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_HTTP:
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
      break;
    default:
      return 0;
    }
  if (!sioscope_recording_read (self->recording, row, &entry))
    return 0;

  switch ((guint) entry.kind)
    {
    case SIOSCOPE_KIND_PACKET:
      return fold_packet (self, &entry);
    case SIOSCOPE_KIND_ENGINE:
      return fold_engine (self, &entry);
    case SIOSCOPE_KIND_HTTP:
      if (sio_span_equals (entry.method, "POST") && entry.status == 200)
        return set_rtt (self, entry.duration_us);
      return 0;
    case SIOSCOPE_KIND_STATE:
      return fold_state (self, &entry);
    case SIOSCOPE_KIND_SOCKET:
      return fold_socket (self, &entry);
    case SIOSCOPE_KIND_EMIT:
      return fold_emit (self, &entry);
    default:
      return 0;
    }
}

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

/* Folds in the rows below end, which must be published. */
void
sioscope_projection_update_to (SioscopeProjection *self,
                               guint64             end)
{
  guint64 row = sioscope_recording_skip_discarded (self->recording, self->next_row);
  guint64 first_row = sioscope_recording_get_first_row (self->recording);
  guint changed = 0;

  for (; row < end; row++)
    changed |= fold_row (self, row);
  self->next_row = MAX (row, self->next_row);
  if (first_row != 0)
    sioscope_acks_trim (&self->acks, first_row);

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
 * Returns: (transfer none) (array length=n): the namespaces in the order in which they were first seen; valid until the next update
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
 * Returns: what became of the event, or which event the ack answers
 */
SioscopeAck
sioscope_projection_get_ack (SioscopeProjection *self,
                             guint64             row)
{
  return sioscope_acks_lookup (&self->acks, row);
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
 * sioscope_projection_get_n_pending:
 * @self: a projection
 *
 * Returns: how many of our emits wait for the server's answer
 */
guint
sioscope_projection_get_n_pending (SioscopeProjection *self)
{
  return sioscope_row_map_get_n (&self->acks.pending[SIO_DIRECTION_OUT]);
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
  sioscope_row_map_clear (&self->tags);
  g_free (self->status.sid);
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
  sioscope_row_map_init (&self->tags, TAGS_LIMIT);
}
