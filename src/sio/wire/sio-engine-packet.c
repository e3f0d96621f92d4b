/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Engine.IO packets, revisions 3 and 4. Works on views; the only memory taken is for base64. */

#include "sio-engine-packet.h"

#include "sio-base64.h"
#include "../sio-error.h"

/* Engine.IO, "Packet encoding": a binary message in text. In revision 3 the type's digit follows. */
#define BASE64_MARK 'b'

/* What a character or byte of type may be, for people. */
#define TYPES_EIO3 "0 to 6"
#define TYPES_EIO4 "0 to 6 or 'b'"

/**
 * sio_engine_packet_clear:
 * @packet: a packet that was decoded, or all zero
 *
 * Frees what the packet owns and makes it all zero.
 */
void
sio_engine_packet_clear (SioEnginePacket *packet)
{
  g_return_if_fail (packet != NULL);

  g_clear_pointer (&packet->decoded, g_bytes_unref);
  memset (packet, 0, sizeof *packet);
}

static gboolean
is_type_digit (char c)
{
  return c >= '0' && c <= '0' + SIO_ENGINE_PACKET_NOOP;
}

static gboolean
fail_type (char c, const char *what, const char *expected, GError **error)
{
  if (c > 0x20 && c < 0x7f)
    g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "%s is '%c', expected %s", what, c, expected);
  else
    g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "%s is byte 0x%02x, expected %s", what, (guchar) c, expected);

  return FALSE;
}

static void
decode_base64 (SioEnginePacketType type, SioSpan text, SioEnginePacket *packet)
{
  *packet = (SioEnginePacket) { .type = type, .binary = TRUE, .decoded = sio_base64_decode (text.data, text.size) };
  packet->data.data = g_bytes_get_data (packet->decoded, &packet->data.size);
}

/**
 * sio_engine_packet_decode_text:
 * @eio: the revision, 3 or 4
 * @text: one WebSocket text frame, or one text unit of a polling body
 * @packet: (out caller-allocates): the packet; a view into @text. Clear it after use. Untouched on failure
 * @error: return location
 *
 * Fails with %SIO_ERROR_MALFORMED if @text is empty or does not start with 0 to 6 or "b", in revision 3 with 0 to 6
 * behind the "b". A base64 packet of revision 4 that is read as revision 3 is often no error, but other bytes.
 */
gboolean
sio_engine_packet_decode_text (guint             eio,
                               SioSpan           text,
                               SioEnginePacket  *packet,
                               GError          **error)
{
  char c;

  g_return_val_if_fail (eio == 3 || eio == 4, FALSE);
  g_return_val_if_fail (packet != NULL, FALSE);

  if (text.size == 0)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                           "empty Engine.IO packet, expected a type from " TYPES_EIO4);
      return FALSE;
    }

  c = text.data[0];
  if (is_type_digit (c))
    {
      *packet = (SioEnginePacket) {
        .type = (SioEnginePacketType) (c - '0'),
        .data = { text.data + 1, text.size - 1 },
      };
      return TRUE;
    }

  if (c != BASE64_MARK)
    return fail_type (c, "Engine.IO packet type", TYPES_EIO4, error);

  if (eio == 4)
    {
      decode_base64 (SIO_ENGINE_PACKET_MESSAGE, (SioSpan) { text.data + 1, text.size - 1 }, packet);
      return TRUE;
    }

  if (text.size == 1)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                           "Engine.IO packet ends after 'b', expected a type from " TYPES_EIO3);
      return FALSE;
    }
  if (!is_type_digit (text.data[1]))
    return fail_type (text.data[1], "Engine.IO packet type after 'b'", TYPES_EIO3, error);

  decode_base64 ((SioEnginePacketType) (text.data[1] - '0'), (SioSpan) { text.data + 2, text.size - 2 }, packet);
  return TRUE;
}

/**
 * sio_engine_packet_decode_binary:
 * @eio: the revision, 3 or 4
 * @bytes: one WebSocket binary frame, or one binary unit of a polling body (revision 3 only)
 * @packet: (out caller-allocates): the packet; a view into @bytes. Untouched on failure
 * @error: return location
 *
 * In revision 4 every binary frame is a message, the empty one too. In revision 3 the first byte is the type as a
 * number; fails with %SIO_ERROR_MALFORMED if it is missing or unknown, where the official client ignores the frame.
 */
gboolean
sio_engine_packet_decode_binary (guint             eio,
                                 SioSpan           bytes,
                                 SioEnginePacket  *packet,
                                 GError          **error)
{
  g_return_val_if_fail (eio == 3 || eio == 4, FALSE);
  g_return_val_if_fail (packet != NULL, FALSE);

  if (eio == 4)
    {
      *packet = (SioEnginePacket) { .type = SIO_ENGINE_PACKET_MESSAGE, .binary = TRUE, .data = bytes };
      return TRUE;
    }

  if (bytes.size == 0)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                           "empty binary Engine.IO packet, expected the type as a byte from " TYPES_EIO3);
      return FALSE;
    }
  if ((guchar) bytes.data[0] > SIO_ENGINE_PACKET_NOOP)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                   "type of the binary Engine.IO packet is byte 0x%02x, expected " TYPES_EIO3, (guchar) bytes.data[0]);
      return FALSE;
    }

  *packet = (SioEnginePacket) {
    .type = (SioEnginePacketType) bytes.data[0],
    .binary = TRUE,
    .data = { bytes.data + 1, bytes.size - 1 },
  };
  return TRUE;
}

/**
 * sio_engine_packet_get_binary_prefix:
 * @eio: the revision, 3 or 4
 *
 * Returns: what a binary message has in front of its bytes in a WebSocket's binary frame: nothing, or the byte 4;
 * static
 */
SioSpan
sio_engine_packet_get_binary_prefix (guint eio)
{
  g_return_val_if_fail (eio == 3 || eio == 4, ((SioSpan) { NULL, 0 }));

  return eio == 3 ? SIO_SPAN_LITERAL ("\x04") : (SioSpan) { NULL, 0 };
}

/**
 * sio_engine_packet_append_base64:
 * @eio: the revision, 3 or 4
 * @bytes: a binary message
 * @text: where to
 *
 * Appends the message as text: what goes into a polling body, and into a text frame with the option force-base64.
 */
void
sio_engine_packet_append_base64 (guint eio, SioSpan bytes, GString *text)
{
  g_return_if_fail (eio == 3 || eio == 4);
  g_return_if_fail (text != NULL);

  g_string_append_c (text, BASE64_MARK);
  if (eio == 3)
    g_string_append_c (text, '0' + SIO_ENGINE_PACKET_MESSAGE);
  sio_base64_append (text, bytes.data, bytes.size);
}

const char *
sio_engine_packet_type_get_name (SioEnginePacketType type)
{
  static const char * const names[] = { "open", "close", "ping", "pong", "message", "upgrade", "noop" };

  return (guint) type < G_N_ELEMENTS (names) ? names[type] : "unknown";
}
