/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioParser: how Socket.IO packets are written into Engine.IO messages, where it is not socket.io's own way. */

#pragma once

#include "sio-types.h"

G_BEGIN_DECLS

/**
 * SioParser:
 *
 * Translates between a wire format of its own and socket.io's (Socket.IO protocol, "Packet encoding"), which is what the
 * rest of the library, a tap and a recording read. Both sides of a connection must use the same one; nothing is negotiated.
 *
 * One parser may serve many managers of one thread; it keeps no state between calls.
 */
#define SIO_TYPE_PARSER (sio_parser_get_type ())
G_DECLARE_INTERFACE (SioParser, sio_parser, SIO, PARSER, GObject)

/**
 * SioParserLimits:
 * @max_depth: levels of nesting, at most 1024
 * @max_attachments: binary values in one packet
 * @max_size: bytes of what is made of one message: text and binary values together
 *
 * What a parser must not exceed, whatever the message says.
 */
typedef struct {
  guint max_depth;
  guint max_attachments;
  gsize max_size;
} SioParserLimits;

/**
 * SioParserInterface:
 * @get_name: a short name for people: "msgpack"
 * @decode: one Engine.IO message to one packet. Appends the packet's text in socket.io's encoding to @packet, without
 *   Engine.IO's digit, binary values as placeholders; and the binary values to @attachments (of #GBytes).
 *   @revision is 4 (servers 2.x) or 5 (3.x, 4.x). %FALSE with %SIO_ERROR_MALFORMED or %SIO_ERROR_TOO_LARGE, and then
 *   nothing is appended; except if nothing is wrong with an event or ack but that its arguments nest too deep: then
 *   @packet is given without them (`2/nsp,17["name"]`, `3/nsp,17[]`) along with %SIO_ERROR_TOO_LARGE. The connection goes
 *   on after that, and ends after any other error
 * @encode: the other way; %NULL with %SIO_ERROR_INVALID_ARGUMENT if the packet cannot be said in this format.
 *   *@is_text tells whether the message is a text or a binary one
 */
struct _SioParserInterface {
  GTypeInterface parent_iface;

  const char *(*get_name) (SioParser              *self);
  gboolean    (*decode)   (SioParser              *self,
                           guint                   revision,
                           gboolean                is_text,
                           SioSpan                 message,
                           const SioParserLimits  *limits,
                           GString                *packet,
                           GPtrArray              *attachments,
                           GError                **error);
  GBytes     *(*encode)   (SioParser              *self,
                           guint                   revision,
                           SioSpan                 packet,
                           GPtrArray              *attachments,
                           gboolean               *is_text,
                           GError                **error);
};

const char *sio_parser_get_name    (SioParser              *self);
gboolean    sio_parser_decode      (SioParser              *self,
                                    guint                   revision,
                                    gboolean                is_text,
                                    SioSpan                 message,
                                    const SioParserLimits  *limits,
                                    GString                *packet,
                                    GPtrArray              *attachments,
                                    GError                **error);
GBytes     *sio_parser_encode      (SioParser              *self,
                                    guint                   revision,
                                    SioSpan                 packet,
                                    GPtrArray              *attachments,
                                    gboolean               *is_text,
                                    GError                **error);

/* socket.io-msgpack-parser: what the option parser of the official client takes most often. (transfer full) */
SioParser  *sio_msgpack_parser_new (void);

G_END_DECLS
