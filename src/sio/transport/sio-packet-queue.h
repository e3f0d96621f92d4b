/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioPacketQueue: the engine's write buffer. The engine puts packets in; whatever transport is
 * current takes them out when it can write. So nothing is lost or doubled when the transport
 * changes. */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/* What one of it holds is owned by it. */
typedef struct {
  SioEnginePacketType type;
  gboolean            binary;
  gboolean            whole; /* bytes begins with the type's digit */
  GBytes             *bytes; /* NULL: no payload */
} SioQueuedPacket;

typedef struct {
  SioQueuedPacket *items; /* a ring */
  guint            capacity;
  guint            head;
  guint            n;
  gsize            size;  /* payload bytes waiting */
  guint64          n_taken; /* ever; tells progress */
  guint64          n_messages_taken;   /* of them, messages: handed to a transport */
  guint64          n_messages_written; /* of those: known to have left the process, or to have been answered */
  gint64           ping_taken_us; /* monotonic: when a ping was handed to a transport last; the engine sets it to 0 */
} SioPacketQueue;

void             sio_packet_queue_clear      (SioPacketQueue      *self);
void             sio_packet_queue_push       (SioPacketQueue      *self,
                                              SioEnginePacketType  type,
                                              gboolean             binary,
                                              gboolean             whole,
                                              GBytes              *bytes);
/* For heartbeats, which must not wait behind megabytes. */
void             sio_packet_queue_push_front (SioPacketQueue      *self,
                                              SioEnginePacketType  type);
/* The one that is taken after nth others, or NULL; it stays in the queue. */
const SioQueuedPacket *
                 sio_packet_queue_peek       (SioPacketQueue      *self,
                                              guint                nth);
/* Without the digit. */
SioSpan          sio_queued_packet_get_payload (const SioQueuedPacket *self);
/* Takes the next one out: *packet becomes the caller's, bytes and all. FALSE if there is none. */
gboolean         sio_packet_queue_pop        (SioPacketQueue      *self,
                                              SioQueuedPacket     *packet);
/* For transports: everything that was taken so far is out. */
void             sio_packet_queue_note_written (SioPacketQueue    *self);

G_END_DECLS
