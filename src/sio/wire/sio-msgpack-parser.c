/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioParser for socket.io-msgpack-parser, the one that the official client's option parser takes most often. */

#include "sio-msgpack-private.h"

#define SIO_TYPE_MSGPACK_PARSER (sio_msgpack_parser_get_type ())
G_DECLARE_FINAL_TYPE (SioMsgpackParser, sio_msgpack_parser, SIO, MSGPACK_PARSER, GObject)

struct _SioMsgpackParser {
  GObject parent_instance;
};

static void sio_msgpack_parser_iface_init (SioParserInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioMsgpackParser, sio_msgpack_parser, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIO_TYPE_PARSER, sio_msgpack_parser_iface_init))

static const char *
sio_msgpack_parser_get_name (SioParser *parser)
{
  return "msgpack";
}

static gboolean
sio_msgpack_parser_decode (SioParser              *parser,
                           guint                   revision,
                           gboolean                is_text,
                           SioSpan                 message,
                           const SioParserLimits  *limits,
                           GString                *packet,
                           GPtrArray              *attachments,
                           GError                **error)
{
  return sio_msgpack_decode_packet (revision, is_text, message, limits, packet, attachments, error);
}

static GBytes *
sio_msgpack_parser_encode (SioParser  *parser,
                           guint       revision,
                           SioSpan     packet,
                           GPtrArray  *attachments,
                           gboolean   *is_text,
                           GError    **error)
{
  return sio_msgpack_encode_packet (revision, packet, attachments, is_text, error);
}

static void
sio_msgpack_parser_iface_init (SioParserInterface *iface)
{
  iface->get_name = sio_msgpack_parser_get_name;
  iface->decode = sio_msgpack_parser_decode;
  iface->encode = sio_msgpack_parser_encode;
}

static void
sio_msgpack_parser_class_init (SioMsgpackParserClass *klass)
{
}

static void
sio_msgpack_parser_init (SioMsgpackParser *self)
{
}

/**
 * sio_msgpack_parser_new:
 *
 * socket.io-msgpack-parser: a packet is one binary message of msgpack with its binary values inside. Revision 5 of
 * Socket.IO's protocol is version 3 of the official parser; revision 4 is version 2, where CONNECT, DISCONNECT and
 * ERROR are JSON text.
 *
 * Numbers come out as they are: integers of 64 bits with all their digits, floats as the shortest text that reads back
 * as the same double. What JSON does not have comes out as an object of one member, and such an object is written back
 * as what it stands for, so that a person can send it too:
 *
 * - `{"$undefined":true}`: JavaScript's undefined. As the whole data of a packet it is no data
 * - `{"$date":1500}`: a Date, in milliseconds since 1970
 * - `{"$number":"NaN"}`, `"Infinity"`, `"-Infinity"`
 * - `{"$ext":[-1,"AAAAAA=="]}`: an extension with its type, from -128 to 127, and its bytes in base64
 * - `{"$map":[[1,"one"],[2,"two"]]}`: a map with a key that is no string, or with a key that is one of these names, so
 *   that nothing is taken for what it is not
 * - `{"$binary":"AQI="}`: binary in CONNECT and CONNECT_ERROR, which have no attachments. In an event or ack it is an
 *   attachment, with socket.io's placeholder in its place. It is written as a Buffer, never as an ArrayBuffer
 *
 * Objects of these names that look otherwise (`{"$date":"today"}`, or with other members beside) are ordinary objects.
 *
 * When encoding, a number without fraction and exponent is an integer in its smallest form, and one that does not fit
 * 64 bits a double if that is the same number, else an error; every other number is the nearest double, which must be
 * finite. The keys of a packet are in the official client's order, `options` with `compress` included.
 *
 * A message is refused with %SIO_ERROR_MALFORMED, which names the byte, if it is no packet: a length beyond its end,
 * bytes behind it, the byte 0xc1, invalid UTF-8, keys that are missing, there twice or of the wrong type, a namespace
 * with a comma. It is refused with %SIO_ERROR_TOO_LARGE if it exceeds the limits, before memory is taken for it. As in
 * the official parser, an event's name is not looked at.
 *
 * Returns: (transfer full): a parser
 */
SioParser *
sio_msgpack_parser_new (void)
{
  return g_object_new (SIO_TYPE_MSGPACK_PARSER, NULL);
}
