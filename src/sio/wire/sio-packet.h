/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Socket.IO packets as text. Decoding notes where things are; it makes no objects. Socket.IO
 * protocol 4 and 5, "Packet encoding". */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

typedef struct {
  guint max_attachments; /* per packet */
  guint max_depth;       /* of the JSON */
  guint revision;        /* of Socket.IO's protocol: 4 (servers 2.x), else 5 */
} SioPacketLimits;

#define SIO_PACKET_DEFAULT_LIMITS ((SioPacketLimits) { 64, 256, 5 })

/* A view into the text it was decoded from. */
typedef struct {
  SioPacketType type;
  guint         n_attachments;
  SioSpan       nsp;     /* static "/" where the wire left it out */
  gint64        id;      /* -1: none; 0 is an id */
  SioSpan       payload; /* the whole JSON; size 0 if there is none */
  SioSpan       event;   /* events: the name's token, a string with its quotes or a number */
  SioSpan       args;    /* events: what follows the name, commas between; acks: what is between the brackets */
  guint         n_args;
} SioPacket;

/* text is a Socket.IO packet (the Engine.IO digit already taken off). Strict where the official
 * parser is strict, and where its leniency is an accident (empty text, blanks in ids, missing
 * payload of an event or ack): an error. For types 5 and 6 the placeholders are checked too. On
 * failure packet is untouched. In revision 4 an unknown type is SIO_ERROR_UNSUPPORTED_VERSION, which is to be reported
 * and then ignored, as the official 2.x client ignores it; every other error ends the connection. */
gboolean    sio_packet_decode        (SioSpan                 text,
                                      const SioPacketLimits  *limits,
                                      SioPacket              *packet,
                                      GError                **error);

/* The same for an event or ack that nests too deep: without payload and arguments. */
gboolean    sio_packet_decode_shallow (SioSpan                text,
                                      const SioPacketLimits  *limits,
                                      SioPacket              *packet,
                                      GError                **error);

/* Appends type, attachments, namespace and id: everything in front of the JSON. CONNECT of revision 4 may carry a query
 * behind the namespace: "/admin?token=abc". */
void        sio_packet_append_header (GString                *out,
                                      SioPacketType           type,
                                      guint                   n_attachments,
                                      const char             *nsp,
                                      gint64                  id);

/* The names that neither side may use as an event in revision 5. `name` is plain text. */
gboolean    sio_event_is_reserved    (const char             *name);

const char *sio_packet_type_get_name (SioPacketType           type);

/* Collects a header and its attachments. At most one packet at a time; anything else in between is an error of the
 * server. Owns copies of nothing: it keeps a reference on the header's bytes. */
typedef struct {
  GBytes    *owner;        /* what header points into; NULL while nothing is pending */
  SioPacket  header;
  GPtrArray *attachments;  /* of GBytes */
  gsize      size;         /* bytes collected, header included */
} SioPacketAssembler;

void        sio_packet_assembler_begin (SioPacketAssembler   *self,
                                      GBytes                 *owner,
                                      const SioPacket        *header);
/* Takes one binary message. *complete tells that header and attachments may now be used; then call _clear(). */
gboolean    sio_packet_assembler_add  (SioPacketAssembler    *self,
                                      GBytes                 *bytes,
                                      gsize                   max_size,
                                      gboolean               *complete,
                                      GError                **error);
void        sio_packet_assembler_clear (SioPacketAssembler   *self);

G_END_DECLS
