/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-fates-private.h"
#include "sioscope-projection-private.h"

static gboolean
says (const SioscopeEntry *entry,
      const char          *words)
{
  return entry->message.size > 0 && g_strstr_len (entry->message.data, (gssize) entry->message.size, words) != NULL;
}

SioscopeFate
sioscope_fate_of_entry (const SioscopeEntry *entry)
{
  switch (entry->fate)
    {
    case SIO_TAP_EMIT_BUFFERED:
      return SIOSCOPE_FATE_BUFFERED;
    case SIO_TAP_EMIT_DROPPED:
      return SIOSCOPE_FATE_DROPPED;
    case SIO_TAP_EMIT_REFUSED:
      return SIOSCOPE_FATE_REFUSED;
    case SIO_TAP_EMIT_ACK_TIMEOUT:
    case SIO_TAP_EMIT_ACK_ABANDONED:
    case SIO_TAP_EMIT_LOST:
    default:
      break;
    }
  /* What the library says beside them; docs/projections.md has the words. */
  if (says (entry, "it will be sent again"))
    return SIOSCOPE_FATE_TRIED_AGAIN;
  if (says (entry, "never sent"))
    return SIOSCOPE_FATE_NEVER_SENT;
  if (entry->fate == SIO_TAP_EMIT_ACK_TIMEOUT)
    return SIOSCOPE_FATE_TIMED_OUT;
  return sio_span_equals (entry->message, "cancelled") ? SIOSCOPE_FATE_CANCELLED : SIOSCOPE_FATE_MAY_BE_LOST;
}

static SioscopeFate
fate_of_packet (SioscopeProjection  *self,
                const SioscopeEntry *packet,
                guint64             *why_row)
{
  guint64 lost = sioscope_row_map_get (&self->lost, packet->row);
  SioscopeEntry entry;
  SioscopeAck ack;

  if (packet->direction != SIO_DIRECTION_OUT
      || (packet->packet_type != SIO_PACKET_EVENT && packet->packet_type != SIO_PACKET_BINARY_EVENT))
    return SIOSCOPE_FATE_NONE;

  ack = sioscope_acks_lookup (&self->acks, self->recording, packet->row);
  if (packet->id < 0 && lost != SIOSCOPE_ROW_MAP_NONE)
    ack = (SioscopeAck) { SIOSCOPE_ACK_ABANDONED, lost, -1 };
  if (why_row != NULL && ack.other_row != SIOSCOPE_NO_ROW)
    *why_row = ack.other_row;

  switch (ack.state)
    {
    case SIOSCOPE_ACK_PENDING:
      return SIOSCOPE_FATE_WAITING;
    case SIOSCOPE_ACK_ANSWERED:
      return SIOSCOPE_FATE_ACKED;
    case SIOSCOPE_ACK_TIMED_OUT:
    case SIOSCOPE_ACK_ABANDONED:
      if (sioscope_recording_read (self->recording, ack.other_row, &entry) && entry.kind == SIOSCOPE_KIND_EMIT)
        return sioscope_fate_of_entry (&entry);
      return ack.state == SIOSCOPE_ACK_TIMED_OUT ? SIOSCOPE_FATE_TIMED_OUT : SIOSCOPE_FATE_MAY_BE_LOST;
    case SIOSCOPE_ACK_NONE:
    default:
      return SIOSCOPE_FATE_HANDED_OVER;
    }
}

/**
 * sioscope_projection_get_fate:
 * @self: a projection
 * @row: the row of an event that we sent, or of the fate of an emit
 * @why_row: (out) (optional): the row that tells it: the ack, the end; @row itself if there is none
 *
 * Of an event that was sent several times, because there was no answer, this is the fate of the one try. What is said in a row that was
 * discarded is not known any more.
 *
 * Returns: what became of the emit; %SIOSCOPE_FATE_NONE if @row is none of ours
 */
SioscopeFate
sioscope_projection_get_fate (SioscopeProjection *self,
                              guint64             row,
                              guint64            *why_row)
{
  SioscopeEntry entry;
  guint64 sent;

  if (why_row != NULL)
    *why_row = row;
  if (!sioscope_recording_read (self->recording, row, &entry))
    return SIOSCOPE_FATE_NONE;
  if (entry.kind == SIOSCOPE_KIND_PACKET)
    return fate_of_packet (self, &entry, why_row);
  if (entry.kind != SIOSCOPE_KIND_EMIT)
    return SIOSCOPE_FATE_NONE;

  /* It waited; and then? */
  sent = entry.fate == SIO_TAP_EMIT_BUFFERED && entry.tag != 0 ? sioscope_projection_get_emit_row (self, entry.tag)
                                                                : SIOSCOPE_NO_ROW;
  if (sent != SIOSCOPE_NO_ROW && sent > row)
    return sioscope_projection_get_fate (self, sent, why_row);
  return sioscope_fate_of_entry (&entry);
}

/**
 * sioscope_projection_get_fate_of_tag:
 * @self: a projection
 * @tag: an emit's tag, not 0
 * @why_row: (out) (optional): the row that tells it, or %SIOSCOPE_NO_ROW
 *
 * Of an event that was sent several times this is the fate of the last try. The last 65536 tags at least are remembered.
 *
 * Returns: what became of the emit; %SIOSCOPE_FATE_NONE if nothing is known of it
 */
SioscopeFate
sioscope_projection_get_fate_of_tag (SioscopeProjection *self,
                                     guint64             tag,
                                     guint64            *why_row)
{
  guint64 row = sioscope_projection_get_emit_row (self, tag);

  if (row == SIOSCOPE_NO_ROW)
    row = sioscope_row_map_get (&self->buffered, tag);
  if (row != SIOSCOPE_ROW_MAP_NONE)
    return sioscope_projection_get_fate (self, row, why_row);
  if (why_row != NULL)
    *why_row = SIOSCOPE_NO_ROW;
  return SIOSCOPE_FATE_NONE;
}
