/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Engine.IO packets, a type digit and a payload, and the bodies of polling that hold many. Revisions 3 and 4, which
 * every function is told by "eio". Pure functions. Engine.IO, "Packet encoding" and "Payload encoding". */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/* A view into the frame or body it was read from, which must outlive it. */
typedef struct {
  SioEnginePacketType type;
  gboolean            binary; /* came as bytes or base64. In revision 4 type is MESSAGE then, in 3 it may be any */
  SioSpan             data;   /* the payload without its digit; for binary the bytes */
  GBytes             *decoded; /* owned; set if data was base64, else NULL */
} SioEnginePacket;

void         sio_engine_packet_clear         (SioEnginePacket  *packet);

/* One WebSocket text frame or one text unit of a polling body. "b…" is base64, in revision 3 "b4…". */
gboolean     sio_engine_packet_decode_text   (guint             eio,
                                              SioSpan           text,
                                              SioEnginePacket  *packet,
                                              GError          **error);
/* One WebSocket binary frame or one binary unit of a polling body. Revision 3: the first byte is the type. */
gboolean     sio_engine_packet_decode_binary (guint             eio,
                                              SioSpan           bytes,
                                              SioEnginePacket  *packet,
                                              GError          **error);

/* What a binary message has in front of its bytes in a WebSocket frame: nothing, or the byte 4. */
SioSpan      sio_engine_packet_get_binary_prefix (guint         eio);
/* A binary message as text: "b…" or "b4…". */
void         sio_engine_packet_append_base64 (guint             eio,
                                              SioSpan           bytes,
                                              GString          *text);

const char  *sio_engine_packet_type_get_name (SioEnginePacketType type);

/* How the packets of a polling body are kept apart. */
typedef enum {
  SIO_PAYLOAD_SHAPE_NONE,        /* neither: no body of Engine.IO */
  SIO_PAYLOAD_SHAPE_EIO4,        /* U+001E between them */
  SIO_PAYLOAD_SHAPE_EIO3_TEXT,   /* "5:4text": the length in UTF-16 units */
  SIO_PAYLOAD_SHAPE_EIO3_BINARY, /* 0 for text or 1, the digits of the length in bytes by value, 255 */
} SioPayloadShape;

SioPayloadShape sio_payload_get_shape        (SioSpan           body);

/* Units come out undecoded, in order. Its fields are private. */
typedef struct {
  SioPayloadShape shape;
  const char     *start;
  const char     *next;
  const char     *end;
  gboolean        done;
} SioPayloadIter;

void         sio_payload_iter_init           (SioPayloadIter   *iter,
                                              SioPayloadShape   shape,
                                              SioSpan           body);
/* FALSE at the end, and with error set if the body is malformed from here on. */
gboolean     sio_payload_iter_next           (SioPayloadIter   *iter,
                                              SioSpan          *unit,
                                              gboolean         *is_binary,
                                              GError          **error);
gboolean     sio_payload_check_count         (SioPayloadShape   shape,
                                              SioSpan           body,
                                              guint             max_packets,
                                              GError          **error);

/* Appends one packet to a polling body, in revision 4 with the separator if it is not the first. */
void         sio_payload_append_text         (guint             eio,
                                              GString          *body,
                                              SioEnginePacketType type,
                                              SioSpan           data);
void         sio_payload_append_binary       (guint             eio,
                                              GString          *body,
                                              SioSpan           bytes);

/* How many bytes the packet takes in a body, without separator. Only the size of data is looked at. */
gsize        sio_payload_text_size           (guint             eio,
                                              SioSpan           data);
gsize        sio_payload_binary_size         (guint             eio,
                                              SioSpan           bytes);

/* How many of the queued packets go into the next body, each of the size that the two above say. At least one. */
guint        sio_payload_slice               (guint             eio,
                                              const gsize      *sizes,
                                              guint             n_packets,
                                              gsize             max_payload);

G_END_DECLS
