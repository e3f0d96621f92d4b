/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bodies of polling: many packets in one. Revision 4 is here, and what both revisions share. */

#include "sio-engine-payload-private.h"

#include "../sio-error.h"

/* Engine.IO 4, "HTTP long-polling": packets of one body are separated by it. */
#define SEPARATOR '\x1e'

/**
 * sio_payload_get_shape:
 * @body: a polling body
 *
 * What the first bytes look like; nothing is decoded. To be asked before the first body of a session is read: the
 * first digit of a length of revision 3 would pass for a packet type of revision 4, and a length of 1xx for "close".
 * The content type is not asked, because servers and proxies do not agree on it.
 *
 * Later the revision is known: in a session of revision 4 every body is %SIO_PAYLOAD_SHAPE_EIO4; in one of revision 3
 * what is not %SIO_PAYLOAD_SHAPE_EIO3_BINARY is to be read as %SIO_PAYLOAD_SHAPE_EIO3_TEXT, where the iterator says
 * what is wrong with it.
 */
SioPayloadShape
sio_payload_get_shape (SioSpan body)
{
  gboolean binary = body.size > 0 && (body.data[0] == 0 || body.data[0] == 1);
  gsize start = binary ? 1 : 0;
  gsize i = start;

  while (i < body.size && i < start + SIO_PAYLOAD_EIO3_MAX_DIGITS
         && (binary ? (guchar) body.data[i] <= 9 : g_ascii_isdigit (body.data[i])))
    i++;

  if (i > start && i < body.size
      && body.data[i] == (binary ? SIO_PAYLOAD_EIO3_BINARY_LENGTH_END : SIO_PAYLOAD_EIO3_LENGTH_END))
    return binary ? SIO_PAYLOAD_SHAPE_EIO3_BINARY : SIO_PAYLOAD_SHAPE_EIO3_TEXT;

  if (body.size > 0 && ((body.data[0] >= '0' && body.data[0] <= '0' + SIO_ENGINE_PACKET_NOOP) || body.data[0] == 'b'))
    return SIO_PAYLOAD_SHAPE_EIO4;

  return SIO_PAYLOAD_SHAPE_NONE;
}

/**
 * sio_payload_iter_init:
 * @iter: (out caller-allocates): an iterator
 * @shape: how the packets are kept apart; not %SIO_PAYLOAD_SHAPE_NONE
 * @body: a polling body; must outlive @iter. In the two text shapes it must be valid UTF-8, in the binary shape the
 *   iterator checks each text unit
 *
 * Goes through the packets of a body. An empty body holds one empty unit in revision 4, as in the official parser, and
 * decoding that fails; it is an error in the text shape of revision 3, and holds nothing in the binary shape.
 */
void
sio_payload_iter_init (SioPayloadIter *iter, SioPayloadShape shape, SioSpan body)
{
  g_return_if_fail (iter != NULL);
  g_return_if_fail (shape != SIO_PAYLOAD_SHAPE_NONE);

  iter->shape = shape;
  iter->start = body.size > 0 ? body.data : "";
  iter->next = iter->start;
  iter->end = iter->start + body.size;
  iter->done = FALSE;
}

static void
iter_next_eio4 (SioPayloadIter *iter, SioSpan *unit)
{
  const char *separator = NULL;
  const char *start = iter->next;

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
}

/**
 * sio_payload_iter_next:
 * @iter: an iterator
 * @unit: (out): the next packet, undecoded
 * @is_binary: (out): whether it is for sio_engine_packet_decode_binary(); else for sio_engine_packet_decode_text()
 * @error: return location
 *
 * What stands in front of a malformed place comes out first, as in the official parser. Takes time in proportion to the
 * unit, whatever its length says. Empty units of revision 3's text shape are left out.
 *
 * Returns: %FALSE at the end, with @error unset; %FALSE with %SIO_ERROR_MALFORMED if the rest cannot be read
 */
gboolean
sio_payload_iter_next (SioPayloadIter  *iter,
                       SioSpan         *unit,
                       gboolean        *is_binary,
                       GError         **error)
{
  g_return_val_if_fail (iter != NULL && unit != NULL && is_binary != NULL, FALSE);

  if (iter->done)
    return FALSE;

  *is_binary = FALSE;
  switch (iter->shape)
    {
    case SIO_PAYLOAD_SHAPE_EIO4:
      iter_next_eio4 (iter, unit);
      return TRUE;

    case SIO_PAYLOAD_SHAPE_EIO3_TEXT:
      return sio_payload_iter_next_eio3_text (iter, unit, error);

    case SIO_PAYLOAD_SHAPE_EIO3_BINARY:
      return sio_payload_iter_next_eio3_binary (iter, unit, is_binary, error);

    case SIO_PAYLOAD_SHAPE_NONE:
      break;
    }

  g_return_val_if_reached (FALSE);
}

static gsize
count_packets (SioPayloadShape shape, SioSpan body)
{
  gsize n = 0;

  if (shape == SIO_PAYLOAD_SHAPE_EIO4)
    {
      n = 1;
      for (gsize i = 0; i < body.size; i++)
        n += body.data[i] == SEPARATOR;
    }
  else
    {
      SioPayloadIter iter;
      SioSpan unit;
      gboolean is_binary;

      sio_payload_iter_init (&iter, shape, body);
      while (sio_payload_iter_next (&iter, &unit, &is_binary, NULL))
        n++;
    }

  return n;
}

/**
 * sio_payload_check_count:
 * @shape: how the packets are kept apart; not %SIO_PAYLOAD_SHAPE_NONE
 * @body: a body
 * @max_packets: how many packets it may hold
 * @error: return location
 *
 * Counts before anything of the body is decoded. A server that has gathered events while a poll was away may send
 * hundreds of thousands at once; more than that are an attack, because each of them becomes much more than its few
 * bytes for whoever keeps it. Of a malformed body of revision 3 only what can be read is counted.
 *
 * Returns: %FALSE with %SIO_ERROR_TOO_LARGE if there are more than @max_packets
 */
gboolean
sio_payload_check_count (SioPayloadShape   shape,
                         SioSpan           body,
                         guint             max_packets,
                         GError          **error)
{
  gsize n;

  g_return_val_if_fail (shape != SIO_PAYLOAD_SHAPE_NONE, FALSE);

  n = count_packets (shape, body);
  if (n > max_packets)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                   "payload too large: %" G_GSIZE_FORMAT " packets in one body, the limit is %u", n, max_packets);
      return FALSE;
    }

  return TRUE;
}

static void
append_separator (GString *body)
{
  if (body->len > 0)
    g_string_append_c (body, SEPARATOR);
}

/**
 * sio_payload_append_text:
 * @eio: the revision, 3 or 4
 * @body: a body of that revision
 * @type: the packet's type
 * @data: its payload, valid UTF-8
 *
 * Appends one packet.
 */
void
sio_payload_append_text (guint                eio,
                         GString             *body,
                         SioEnginePacketType  type,
                         SioSpan              data)
{
  g_return_if_fail (eio == 3 || eio == 4);
  g_return_if_fail (body != NULL);

  if (eio == 4)
    append_separator (body);
  else
    g_string_append_printf (body, "%" G_GSIZE_FORMAT "%c", 1 + sio_utf16_length (data), SIO_PAYLOAD_EIO3_LENGTH_END);

  g_string_append_c (body, (char) ('0' + type));
  if (data.size > 0)
    g_string_append_len (body, data.data, (gssize) data.size);
}

static gsize
base64_size (guint eio, gsize size)
{
  return (eio == 3 ? 2 : 1) + (size + 2) / 3 * 4;
}

/**
 * sio_payload_append_binary:
 * @eio: the revision, 3 or 4
 * @body: a body of that revision
 * @bytes: a binary message
 *
 * Appends one binary message as base64, which servers of both revisions take. The binary shape of revision 3 is only
 * read.
 */
void
sio_payload_append_binary (guint eio, GString *body, SioSpan bytes)
{
  g_return_if_fail (eio == 3 || eio == 4);
  g_return_if_fail (body != NULL);

  if (eio == 4)
    append_separator (body);
  else
    g_string_append_printf (body, "%" G_GSIZE_FORMAT "%c", base64_size (eio, bytes.size), SIO_PAYLOAD_EIO3_LENGTH_END);

  sio_engine_packet_append_base64 (eio, bytes, body);
}

/* The digits and the colon of revision 3, nothing in 4. */
static gsize
length_size (guint eio, gsize length)
{
  gsize n = 2;

  if (eio == 4)
    return 0;

  for (; length >= 10; length /= 10)
    n++;

  return n;
}

/**
 * sio_payload_text_size:
 * @eio: the revision, 3 or 4
 * @data: the payload of a packet. Only its size is looked at
 *
 * How many bytes the packet takes in a body, without separator. In revision 3 a packet that is not ASCII may take one
 * byte less, because its length is counted in UTF-16 units.
 */
gsize
sio_payload_text_size (guint eio, SioSpan data)
{
  g_return_val_if_fail (eio == 3 || eio == 4, 0);

  return length_size (eio, 1 + data.size) + 1 + data.size;
}

/**
 * sio_payload_binary_size:
 * @eio: the revision, 3 or 4
 * @bytes: a binary message. Only its size is looked at
 *
 * How many bytes the message takes in a body, without separator.
 */
gsize
sio_payload_binary_size (guint eio, SioSpan bytes)
{
  gsize size;

  g_return_val_if_fail (eio == 3 || eio == 4, 0);

  size = base64_size (eio, bytes.size);
  return length_size (eio, size) + size;
}

/**
 * sio_payload_slice:
 * @eio: the revision, 3 or 4
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
sio_payload_slice (guint        eio,
                   const gsize *sizes,
                   guint        n_packets,
                   gsize        max_payload)
{
  gsize separator = eio == 4 ? 1 : 0;
  gsize total = 0;

  g_return_val_if_fail (eio == 3 || eio == 4, 0);
  g_return_val_if_fail (sizes != NULL || n_packets == 0, 0);

  if (max_payload == 0)
    return n_packets;

  for (guint i = 0; i < n_packets; i++)
    {
      /* The separator first: a size may be anything, and must not wrap around. */
      if (i > 0 && (total >= max_payload || sizes[i] > max_payload - total - separator))
        return i;
      total += i > 0 ? sizes[i] + separator : sizes[i];
    }

  return n_packets;
}
