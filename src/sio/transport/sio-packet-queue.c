/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The write buffer: a ring of packets that grows; its limits are the engine's business. */

#include "sio-packet-queue.h"

static gsize
packet_size (const SioQueuedPacket *packet)
{
  return packet->bytes != NULL ? g_bytes_get_size (packet->bytes) - packet->whole : 0;
}

SioSpan
sio_queued_packet_get_payload (const SioQueuedPacket *self)
{
  SioSpan payload = { 0 };

  if (self->bytes == NULL)
    return payload;
  payload.data = g_bytes_get_data (self->bytes, &payload.size);
  return self->whole ? (SioSpan) { payload.data + 1, payload.size - 1 } : payload;
}

static void
sio_packet_queue_grow (SioPacketQueue *self)
{
  guint capacity = MAX (16, self->capacity * 2);
  SioQueuedPacket *items;

  if (self->n < self->capacity)
    return;

  items = g_new (SioQueuedPacket, capacity);
  for (guint i = 0; i < self->n; i++)
    items[i] = self->items[(self->head + i) % self->capacity];
  g_free (self->items);
  self->items = items;
  self->capacity = capacity;
  self->head = 0;
}

/**
 * sio_packet_queue_clear:
 * @self: a queue; all zeros is an empty one
 *
 * Drops what waits and frees the memory; what was counted stays. The queue may be used again.
 */
void
sio_packet_queue_clear (SioPacketQueue *self)
{
  for (guint i = 0; i < self->n; i++)
    g_clear_pointer (&self->items[(self->head + i) % self->capacity].bytes, g_bytes_unref);
  g_clear_pointer (&self->items, g_free);
  self->capacity = self->head = self->n = 0;
  self->size = 0;
}

/**
 * sio_packet_queue_push:
 * @self: a queue
 * @type: the packet's type
 * @binary: the payload is a binary message
 * @whole: @bytes is the whole packet, a text with its digit
 * @bytes: (nullable): the payload; a reference is taken
 *
 * Appends one packet.
 */
void
sio_packet_queue_push (SioPacketQueue      *self,
                       SioEnginePacketType  type,
                       gboolean             binary,
                       gboolean             whole,
                       GBytes              *bytes)
{
  SioQueuedPacket *packet;

  sio_packet_queue_grow (self);
  packet = &self->items[(self->head + self->n) % self->capacity];
  packet->type = type;
  packet->binary = binary;
  packet->whole = whole;
  packet->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  self->n++;
  self->size += packet_size (packet);
}

/**
 * sio_packet_queue_push_front:
 * @self: a queue
 * @type: the packet's type
 *
 * Puts a packet without payload in front of all others. If the same kind is in front already, one
 * is enough: a server that pings and does not read cannot make us pile up pongs.
 */
void
sio_packet_queue_push_front (SioPacketQueue      *self,
                             SioEnginePacketType  type)
{
  const SioQueuedPacket *first = sio_packet_queue_peek (self, 0);

  if (first != NULL && first->type == type && first->bytes == NULL)
    return;

  sio_packet_queue_grow (self);
  self->head = (self->head + self->capacity - 1) % self->capacity;
  self->items[self->head] = (SioQueuedPacket) { .type = type };
  self->n++;
}

const SioQueuedPacket *
sio_packet_queue_peek (SioPacketQueue *self,
                       guint           nth)
{
  return nth < self->n ? &self->items[(self->head + nth) % self->capacity] : NULL;
}

gboolean
sio_packet_queue_pop (SioPacketQueue  *self,
                      SioQueuedPacket *packet)
{
  if (self->n == 0)
    return FALSE;

  *packet = self->items[self->head];
  self->head = (self->head + 1) % self->capacity;
  self->n--;
  self->size -= packet_size (packet);
  self->n_taken++;
  if (packet->type == SIO_ENGINE_PACKET_MESSAGE)
    self->n_messages_taken++;
  else if (packet->type == SIO_ENGINE_PACKET_PING)
    self->ping_taken_us = g_get_monotonic_time ();
  return TRUE;
}

/**
 * sio_packet_queue_note_written:
 * @self: a queue
 *
 * A transport says that all it took is out of its hands: the system has it, or the server has answered for it.
 */
void
sio_packet_queue_note_written (SioPacketQueue *self)
{
  self->n_messages_written = self->n_messages_taken;
}
