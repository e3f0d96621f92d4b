/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Folds entries into what a person wants to know. A pure function of the rows: nothing here looks
 * at a clock or asks the client. Every list has a limit, because a server that never gives peace
 * must not fill our memory. */

#include "sioscope-projection-private.h"
#include "sioscope-recording-index.h"
#include "sioscope-secrets.h"

#define SEGMENTS_MAX   16384
#define MARKS_MAX      8192
#define NAMESPACES_MAX 1024
#define NSP_SIZE_MAX   512
#define TEXT_SIZE_MAX  65536
#define NSP_TEXT_MAX   4096

static void
set_text (char    **where,
          SioSpan   span,
          gsize     max)
{
  g_free (*where);
  *where = span.size != 0 ? g_utf8_make_valid (span.data, (gssize) MIN (span.size, max)) : NULL;
}

static void
set_from_span (char    **where,
               SioSpan   span)
{
  set_text (where, span, TEXT_SIZE_MAX);
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
      self->forgotten |= SIOSCOPE_FORGOTTEN_MARKS;
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
    {
      g_array_remove_range (self->segments, 0, SEGMENTS_MAX / 4);
      self->forgotten |= SIOSCOPE_FORGOTTEN_SEGMENTS;
    }
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

gboolean
sioscope_projection_ended_by_us (const SioscopeEntry *entry)
{
  static const char * const by_us[] = { "io client disconnect", "forced close", NULL };

  return !entry->active && span_is_one_of (entry->reason, by_us);
}

static guint
fold_closed (SioscopeProjection  *self,
             const SioscopeEntry *entry)
{
  guint changed = end_session (self, entry);

  if (self->status.phase == SIOSCOPE_PHASE_CONNECTED && !sioscope_projection_ended_by_us (entry))
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

/* The link below belongs to one attempt. */
static void
forget_link (SioscopeProjection *self)
{
  self->status.plain = FALSE;
  self->status.tls_errors = 0;
  self->status.tls_refused = FALSE;
  g_clear_pointer (&self->status.tls_fingerprint, g_free);
  g_clear_pointer (&self->status.tls_certificate, g_free);
}

static guint
fold_http (SioscopeProjection  *self,
           const SioscopeEntry *entry)
{
  SioscopeStatus *status = &self->status;
  gboolean plain = entry->uri.size > 4 && (memcmp (entry->uri.data, "http:", 5) == 0 || memcmp (entry->uri.data, "ws:", 3) == 0);
  gboolean refused = entry->tls_errors != 0 && entry->status == 0;
  guint changed = 0;

  if (plain != status->plain || refused != status->tls_refused
      || (entry->tls_fingerprint.size != 0 && (entry->tls_errors != status->tls_errors || status->tls_fingerprint == NULL
                                               || !sio_span_equals (entry->tls_fingerprint, status->tls_fingerprint))))
    {
      status->plain = plain;
      status->tls_refused = refused;
      status->tls_errors = entry->tls_errors;
      set_from_span (&status->tls_fingerprint, entry->tls_fingerprint);
      set_from_span (&status->tls_certificate, entry->tls_certificate);
      changed = SIOSCOPE_CHANGED_STATUS;
    }
  if (!status->credentials
      && (sioscope_headers_have_secret (entry->request_headers) || sioscope_uri_has_secret (entry->uri)))
    {
      status->credentials = TRUE;
      changed = SIOSCOPE_CHANGED_STATUS;
    }
  if (sio_span_equals (entry->method, "POST") && entry->status == 200)
    changed |= set_rtt (self, entry->duration_us);
  return changed;
}

/* Said again within an attempt: it goes on in another way, and is still the same one. */
static guint
go_on_connecting (SioscopeProjection  *self,
                  const SioscopeEntry *entry)
{
  last_segment (self)->transport = entry->transport;
  self->status.transport = entry->transport;
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
      if (self->status.phase == SIOSCOPE_PHASE_CONNECTING && self->status.attempt == entry->attempt)
        return go_on_connecting (self, entry);
      self->status.rtt_us = -1;
      forget_link (self);
      return begin_segment (self, SIOSCOPE_PHASE_CONNECTING, entry);

    case SIO_TAP_STATE_OPEN:
      changed = begin_segment (self, SIOSCOPE_PHASE_CONNECTED, entry);
      set_from_span (&self->status.sid, entry->sid);
      g_clear_pointer (&self->status.reason, g_free);
      g_clear_pointer (&self->status.message, g_free);
      self->status.eio = entry->eio;
      self->status.server = entry->server;
      set_from_span (&self->status.how, entry->reason);
      set_from_span (&self->status.parser, entry->parser);
      self->status.ping_interval_ms = entry->ping_interval_ms;
      self->status.ping_timeout_ms = entry->ping_timeout_ms;
      self->status.last_ping_us = -1;
      return changed;

    case SIO_TAP_STATE_UPGRADED:
      /* A session that is closed while it changes over ends the change first: that makes it no more connected. */
      if (self->status.phase != SIOSCOPE_PHASE_CONNECTED)
        return 0;
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

static SioscopeNamespace *
get_namespace (SioscopeProjection *self,
               SioSpan             name)
{
  SioscopeNamespace added = { NULL };
  g_autofree char *text = NULL;

  if (name.size > NSP_SIZE_MAX)
    {
      self->forgotten |= SIOSCOPE_FORGOTTEN_NAMESPACES;
      return NULL;
    }
  text = g_utf8_make_valid (name.data, (gssize) name.size);
  for (guint i = 0; i < self->namespaces->len; i++)
    {
      SioscopeNamespace *nsp = &g_array_index (self->namespaces, SioscopeNamespace, i);

      if (g_strcmp0 (nsp->nsp, text) == 0)
        return nsp;
    }
  if (self->namespaces->len >= NAMESPACES_MAX)
    {
      self->forgotten |= SIOSCOPE_FORGOTTEN_NAMESPACES;
      return NULL;
    }
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

  if (sioscope_replays_fold (&self->replays, entry))
    changed |= SIOSCOPE_CHANGED_REPLAYED;
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
      set_text (&nsp->id, entry->reason, NSP_TEXT_MAX);
      break;
    case SIO_TAP_SOCKET_CONNECT_ERROR:
      nsp->refused = !entry->active;
      G_GNUC_FALLTHROUGH;
    case SIO_TAP_SOCKET_DISCONNECTED:
      nsp->state = entry->active ? SIO_SOCKET_STATE_WAITING : SIO_SOCKET_STATE_INACTIVE;
      set_text (&nsp->reason, entry->reason, NSP_TEXT_MAX);
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

/* What CONNECT carries besides the recovery's own: auth. */
static gboolean
has_auth (const SioscopeEntry *entry)
{
  SioSpan pid;

  return entry->direction == SIO_DIRECTION_OUT && entry->args.size > 2
         && !sio_json_object_get (entry->args, "pid", &pid);
}

static guint
fold_packet (SioscopeProjection  *self,
             const SioscopeEntry *entry)
{
  guint changed = 0;

  if (entry->packet_type == SIO_PACKET_CONNECT && !self->status.credentials && has_auth (entry))
    {
      self->status.credentials = TRUE;
      changed |= SIOSCOPE_CHANGED_STATUS;
    }
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
      gint64 latency_us = sioscope_acks_answer (&self->acks, self->recording, entry->direction, entry->nsp, entry->id,
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

  if (entry->fate == SIO_TAP_EMIT_BUFFERED && entry->tag != 0)
    {
      sioscope_row_map_set (&self->buffered, entry->tag, entry->row);
      changed |= SIOSCOPE_CHANGED_ACKS;
    }
  else if (entry->fate == SIO_TAP_EMIT_LOST && entry->tag != 0 && entry->id < 0)
    {
      guint64 row = sioscope_row_map_get (&self->tags, entry->tag);

      if (row != SIOSCOPE_ROW_MAP_NONE)
        sioscope_row_map_set (&self->lost, row, entry->row);
      changed |= SIOSCOPE_CHANGED_ACKS;
    }

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

guint
sioscope_projection_fold_row (SioscopeProjection *self,
                              guint64             row)
{
  SioscopeIndexWord word = sioscope_recording_get_word (self->recording, row);
  SioscopeEntry entry;

  /* Most rows of a flood say nothing here, and are not even looked at. */
  switch ((guint) SIOSCOPE_INDEX_KIND (word))
    {
    case SIOSCOPE_KIND_PACKET:
      if ((word & (SIOSCOPE_INDEX_HAS_ID | SIOSCOPE_INDEX_HAS_TAG)) == 0
          && SIOSCOPE_INDEX_TYPE (word) != SIO_PACKET_CONNECT)
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
      return fold_http (self, &entry);
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
