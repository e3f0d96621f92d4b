/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The interface alone: who implements it says how packets are written. All of its methods must be implemented; what
 * they are called with has been checked here. */

#include "sio-parser.h"

G_DEFINE_INTERFACE (SioParser, sio_parser, G_TYPE_OBJECT)

static void
sio_parser_default_init (SioParserInterface *iface)
{
}

/**
 * sio_parser_get_name:
 * @self: a parser
 *
 * Returns: (transfer none): a short name for people
 */
const char *
sio_parser_get_name (SioParser *self)
{
  g_return_val_if_fail (SIO_IS_PARSER (self), NULL);

  return SIO_PARSER_GET_IFACE (self)->get_name (self);
}

/**
 * sio_parser_decode:
 * @self: a parser
 * @revision: of Socket.IO's protocol: 4 (servers 2.x) or 5 (3.x, 4.x)
 * @is_text: whether @message is a text message
 * @message: one Engine.IO message, without Engine.IO's digit
 * @limits: what must not be exceeded
 * @packet: the packet is appended to it, in socket.io's own encoding
 * @attachments: (element-type GBytes): the binary values are appended to it
 * @error: %SIO_ERROR_MALFORMED or %SIO_ERROR_TOO_LARGE; @packet and @attachments are then of no use
 *
 * Reads one message as one packet.
 *
 * Returns: whether it is one
 */
gboolean
sio_parser_decode (SioParser              *self,
                   guint                   revision,
                   gboolean                is_text,
                   SioSpan                 message,
                   const SioParserLimits  *limits,
                   GString                *packet,
                   GPtrArray              *attachments,
                   GError                **error)
{
  g_return_val_if_fail (SIO_IS_PARSER (self), FALSE);
  g_return_val_if_fail (revision == 4 || revision == 5, FALSE);
  g_return_val_if_fail (message.data != NULL || message.size == 0, FALSE);
  g_return_val_if_fail (limits != NULL && limits->max_depth <= 1024, FALSE);
  g_return_val_if_fail (packet != NULL && attachments != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return SIO_PARSER_GET_IFACE (self)->decode (self, revision, is_text, message, limits, packet, attachments, error);
}

/**
 * sio_parser_encode:
 * @self: a parser
 * @revision: of Socket.IO's protocol: 4 (servers 2.x) or 5 (3.x, 4.x)
 * @packet: one packet in socket.io's own encoding, valid, without Engine.IO's digit
 * @attachments: (nullable) (element-type GBytes): its binary values
 * @is_text: (out): whether the result is a text message
 * @error: %SIO_ERROR_INVALID_ARGUMENT if it cannot be written in this format
 *
 * Writes one packet as one message.
 *
 * Returns: (transfer full): the message, or %NULL
 */
GBytes *
sio_parser_encode (SioParser  *self,
                   guint       revision,
                   SioSpan     packet,
                   GPtrArray  *attachments,
                   gboolean   *is_text,
                   GError    **error)
{
  g_return_val_if_fail (SIO_IS_PARSER (self), NULL);
  g_return_val_if_fail (revision == 4 || revision == 5, NULL);
  g_return_val_if_fail (packet.data != NULL || packet.size == 0, NULL);
  g_return_val_if_fail (is_text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return SIO_PARSER_GET_IFACE (self)->encode (self, revision, packet, attachments, is_text, error);
}
