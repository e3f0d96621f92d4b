/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Engine.IO packets and polling bodies, revision 4. Works on views; the only memory taken is for base64. */

#include "sio-engine-packet.h"

#include "sio-base64.h"
#include "../sio-error.h"

/* Engine.IO 4, "HTTP long-polling": packets of one body are separated by it. */
#define SEPARATOR '\x1e'

/* Engine.IO 4, "Packet encoding": binary messages in text, no type digit. */
#define BASE64_MARK 'b'

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

/**
 * sio_engine_packet_decode_text:
 * @text: one WebSocket text frame, or one unit of a polling body
 * @packet: (out caller-allocates): the packet; a view into @text. Clear it after use. Untouched on failure
 * @error: return location
 *
 * Fails with %SIO_ERROR_MALFORMED if @text is empty or does not start with 0 to 6 or "b".
 */
gboolean
sio_engine_packet_decode_text (SioSpan           text,
                               SioEnginePacket  *packet,
                               GError          **error)
{
  char c;

  g_return_val_if_fail (packet != NULL, FALSE);

  if (text.size == 0)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                           "empty Engine.IO packet, expected a type from 0 to 6 or 'b'");
      return FALSE;
    }

  c = text.data[0];
  if (c >= '0' && c <= '0' + SIO_ENGINE_PACKET_NOOP)
    {
      *packet = (SioEnginePacket) {
        .type = (SioEnginePacketType) (c - '0'),
        .data = { text.data + 1, text.size - 1 },
      };
      return TRUE;
    }

  if (c == BASE64_MARK)
    {
      GBytes *decoded = sio_base64_decode (text.data + 1, text.size - 1);
      gsize size;
      const char *data = g_bytes_get_data (decoded, &size);

      *packet = (SioEnginePacket) {
        .type = SIO_ENGINE_PACKET_MESSAGE,
        .binary = TRUE,
        .data = { data, size },
        .decoded = decoded,
      };
      return TRUE;
    }

  if (c > 0x20 && c < 0x7f)
    g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                 "Engine.IO packet type is '%c', expected 0 to 6 or 'b'", c);
  else
    g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                 "Engine.IO packet type is byte 0x%02x, expected 0 to 6 or 'b'", (guchar) c);

  return FALSE;
}

/**
 * sio_payload_iter_init:
 * @iter: (out caller-allocates): an iterator
 * @body: a polling body; must outlive @iter
 *
 * An empty body holds one empty unit, as in the official parser; decoding that fails.
 */
void
sio_payload_iter_init (SioPayloadIter *iter, SioSpan body)
{
  g_return_if_fail (iter != NULL);

  iter->next = body.size > 0 ? body.data : "";
  iter->end = iter->next + body.size;
  iter->done = FALSE;
}

/**
 * sio_payload_iter_next:
 * @iter: an iterator
 * @unit: (out): the next packet, undecoded
 *
 * Returns: %FALSE if there are no more
 */
gboolean
sio_payload_iter_next (SioPayloadIter *iter, SioSpan *unit)
{
  const char *separator = NULL;
  const char *start;

  g_return_val_if_fail (iter != NULL && unit != NULL, FALSE);

  if (iter->done)
    return FALSE;

  start = iter->next;
  if (start < iter->end)
    separator = memchr (start, SEPARATOR, (gsize) (iter->end - start));

  if (separator != NULL)
    {
      *unit = (SioSpan) { start, (gsize) (separator - start) };
      iter->next = separator + 1;
    }
  else
    {
      *unit = (SioSpan) { start, (gsize) (iter->end - start) };
      iter->next = iter->end;
      iter->done = TRUE;
    }

  return TRUE;
}

/**
 * sio_payload_check_count:
 * @body: a body
 * @error: return location
 *
 * Looks for separators only, before anything of the body is decoded. A server that has gathered
 * events while a poll was away may send hundreds of thousands at once; more than
 * %SIO_PAYLOAD_MAX_PACKETS are an attack, because each of them becomes much more than its few bytes
 * for whoever keeps it.
 *
 * Returns: %FALSE with %SIO_ERROR_TOO_LARGE if there are more than %SIO_PAYLOAD_MAX_PACKETS
 */
gboolean
sio_payload_check_count (SioSpan body, GError **error)
{
  guint n = 1;

  for (gsize i = 0; i < body.size; i++)
    n += body.data[i] == SEPARATOR;

  if (n > SIO_PAYLOAD_MAX_PACKETS)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE, "payload too large: %u packets in one body, the limit is %d",
                   n, SIO_PAYLOAD_MAX_PACKETS);
      return FALSE;
    }

  return TRUE;
}

/**
 * sio_payload_looks_like_eio3:
 * @body: the body of a handshake answer
 *
 * Whether a server answered in Engine.IO 3: "97:0{…", or a zero, the digits as bytes, 255, "0{…".
 * Such a body must not be decoded as revision 4: the first digit of the length reads as a packet
 * type, and a length of 1xx as "close".
 */
gboolean
sio_payload_looks_like_eio3 (SioSpan body)
{
  gboolean binary = body.size > 0 && body.data[0] == '\0';
  gsize start = binary ? 1 : 0;
  gsize i = start;

  while (i < body.size && i < start + 10
         && (binary ? (guchar) body.data[i] <= 9 : g_ascii_isdigit (body.data[i])))
    i++;

  return i > start && body.size - i >= 3 && body.data[i] == (binary ? '\377' : ':')
         && body.data[i + 1] == '0' && body.data[i + 2] == '{';
}

static void
append_separator (GString *body)
{
  if (body->len > 0)
    g_string_append_c (body, SEPARATOR);
}

void
sio_payload_append_text (GString             *body,
                         SioEnginePacketType  type,
                         SioSpan              data)
{
  g_return_if_fail (body != NULL);

  append_separator (body);
  g_string_append_c (body, (char) ('0' + type));
  if (data.size > 0)
    g_string_append_len (body, data.data, (gssize) data.size);
}

void
sio_payload_append_binary (GString *body, SioSpan bytes)
{
  g_return_if_fail (body != NULL);

  append_separator (body);
  g_string_append_c (body, BASE64_MARK);
  sio_base64_append (body, bytes.data, bytes.size);
}

gsize
sio_payload_text_size (SioSpan data)
{
  return 1 + data.size;
}

gsize
sio_payload_binary_size (SioSpan bytes)
{
  return 1 + (bytes.size + 2) / 3 * 4;
}

/**
 * sio_payload_slice:
 * @sizes: (array length=n_packets): what each queued packet takes, in order: sio_payload_text_size() or
 *   sio_payload_binary_size()
 * @n_packets: how many are queued
 * @max_payload: the server's limit in bytes, 0 for none
 *
 * How many of the queued packets go into the next POST, separators counted. The sizes are exact, where the official
 * client estimates base64 by a factor of 1.33 and may be refused. A packet that is too large alone goes
 * alone: the server says what it thinks of it. Engine.IO 4, "maxPayload".
 *
 * Returns: 0 only if @n_packets is 0
 */
guint
sio_payload_slice (const gsize *sizes, guint n_packets, gsize max_payload)
{
  gsize total = 0;

  g_return_val_if_fail (sizes != NULL || n_packets == 0, 0);

  if (max_payload == 0)
    return n_packets;

  for (guint i = 0; i < n_packets; i++)
    {
      /* The separator first: a size may be anything, and must not wrap around. */
      if (i > 0 && (total >= max_payload || sizes[i] > max_payload - total - 1))
        return i;
      total += i > 0 ? sizes[i] + 1 : sizes[i];
    }

  return n_packets;
}

const char *
sio_engine_packet_type_get_name (SioEnginePacketType type)
{
  static const char * const names[] = { "open", "close", "ping", "pong", "message", "upgrade", "noop" };

  return (guint) type < G_N_ELEMENTS (names) ? names[type] : "unknown";
}
