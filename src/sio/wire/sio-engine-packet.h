/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Engine.IO packets: a type digit and a payload. Pure functions. Engine.IO 4, "Packet encoding". */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/* A view into the frame or body it was read from, which must outlive it. */
typedef struct {
  SioEnginePacketType type;
  gboolean            binary; /* a binary message; type is MESSAGE */
  SioSpan             data;   /* the payload without its digit; for binary the bytes */
  GBytes             *decoded; /* owned; set if data was base64, else NULL */
} SioEnginePacket;

void         sio_engine_packet_clear         (SioEnginePacket  *packet);

/* One text unit: a WebSocket text frame or one unit of an EIO4 polling body. "b…" is base64. */
gboolean     sio_engine_packet_decode_text   (SioSpan           text,
                                              SioEnginePacket  *packet,
                                              GError          **error);

/* EIO4 polling body: units separated by U+001E. Units come out undecoded, in order. */
typedef struct { const char *next; const char *end; gboolean done; } SioPayloadIter;
void         sio_payload_iter_init           (SioPayloadIter   *iter,
                                              SioSpan           body);
gboolean     sio_payload_iter_next           (SioPayloadIter   *iter,
                                              SioSpan          *unit);

/* Appends one packet to a polling body, the separator included if it is not the first. */
void         sio_payload_append_text         (GString          *body,
                                              SioEnginePacketType type,
                                              SioSpan           data);
void         sio_payload_append_binary       (GString          *body,
                                              SioSpan           bytes);

/* How many bytes the packet takes in a body, without separator. For maxPayload. */
gsize        sio_payload_text_size           (SioSpan           data);
gsize        sio_payload_binary_size         (SioSpan           bytes);

/* How many of the queued packets go into the next body, each of the size that the two above say. At least one. */
guint        sio_payload_slice               (const gsize      *sizes,
                                              guint             n_packets,
                                              gsize             max_payload);

/* More packets than that in one body are refused, whatever their size. */
#define SIO_PAYLOAD_MAX_PACKETS 1000000
gboolean     sio_payload_check_count         (SioSpan           body,
                                              GError          **error);

/* "97:0{…", or the same in the binary form: a server that speaks Engine.IO 3. Ask before decoding the first body. */
gboolean     sio_payload_looks_like_eio3     (SioSpan           body);

const char  *sio_engine_packet_type_get_name (SioEnginePacketType type);

G_END_DECLS
