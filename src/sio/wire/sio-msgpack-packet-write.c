/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing socket.io-msgpack-parser's messages, byte for byte as the official client does. */

#include "sio-msgpack-private.h"

#include "sio-json-private.h"
#include "sio-packet.h"
#include "../sio-error.h"

static void
write_key (GByteArray *out, const char *key)
{
  sio_msgpack_write_string (out, (SioSpan) { key, strlen (key) });
}

static gboolean
write_data (GByteArray *out, const SioPacket *packet, GPtrArray *attachments, GError **error)
{
  write_key (out, "data");
  if (packet->payload.size == 0)
    {
      sio_msgpack_write_undefined (out);
      return TRUE;
    }

  return sio_msgpack_write_json (out, packet->payload, packet->n_attachments > 0 ? attachments : NULL, error);
}

static void
write_id (GByteArray *out, const SioPacket *packet)
{
  if (packet->id < 0)
    return;

  write_key (out, "id");
  sio_msgpack_write_uint (out, (guint64) packet->id);
}

static void
write_nsp (GByteArray *out, const SioPacket *packet)
{
  write_key (out, "nsp");
  sio_msgpack_write_string (out, packet->nsp);
}

static void
write_options (GByteArray *out)
{
  write_key (out, "options");
  sio_msgpack_write_map (out, 1);
  write_key (out, "compress");
  sio_msgpack_write_boolean (out, TRUE);
}

/* The keys in the order of the official client, because somebody will compare bytes. */
static gboolean
write_packet (GByteArray *out, guint revision, const SioPacket *packet, GPtrArray *attachments, GError **error)
{
  SioPacketType type = revision == 4 ? packet->type : sio_msgpack_get_text_type (packet->type, FALSE);
  guint n_id = packet->id >= 0 ? 1 : 0;

  switch (packet->type)
    {
    case SIO_PACKET_CONNECT:
      sio_msgpack_write_map (out, 3 + n_id);
      write_key (out, "type");
      sio_msgpack_write_uint (out, type);
      if (!write_data (out, packet, NULL, error))
        return FALSE;
      write_id (out, packet);
      write_nsp (out, packet);
      return TRUE;

    case SIO_PACKET_DISCONNECT:
      sio_msgpack_write_map (out, 2 + n_id);
      write_key (out, "type");
      sio_msgpack_write_uint (out, type);
      write_id (out, packet);
      write_nsp (out, packet);
      return TRUE;

    case SIO_PACKET_CONNECT_ERROR:
      sio_msgpack_write_map (out, 3 + n_id);
      write_key (out, "type");
      sio_msgpack_write_uint (out, type);
      write_id (out, packet);
      write_nsp (out, packet);
      return write_data (out, packet, NULL, error);

    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      sio_msgpack_write_map (out, 4 + n_id);
      write_key (out, "type");
      sio_msgpack_write_uint (out, type);
      if (!write_data (out, packet, attachments, error))
        return FALSE;
      write_options (out);
      write_id (out, packet);
      write_nsp (out, packet);
      return TRUE;

    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      sio_msgpack_write_map (out, 3 + n_id);
      write_key (out, "type");
      sio_msgpack_write_uint (out, type);
      write_id (out, packet);
      if (!write_data (out, packet, attachments, error))
        return FALSE;
      write_nsp (out, packet);
      return TRUE;
    }

  g_return_val_if_reached (FALSE);
}

static GBytes *
encode_text (const SioPacket *packet)
{
  GString *text = g_string_new (NULL);
  const char *query = memchr (packet->nsp.data, '?', packet->nsp.size);

  g_string_printf (text, "{\"type\":%d", (int) packet->type);
  if (packet->type == SIO_PACKET_CONNECT && query != NULL)
    {
      g_string_append (text, ",\"query\":");
      sio_json_append_quoted (text, query + 1, packet->nsp.data + packet->nsp.size - query - 1);
    }
  if (packet->id >= 0)
    g_string_append_printf (text, ",\"id\":%" G_GINT64_FORMAT, packet->id);
  g_string_append (text, ",\"nsp\":");
  sio_json_append_quoted (text, packet->nsp.data, (gssize) packet->nsp.size);
  if (packet->payload.size > 0)
    {
      g_string_append (text, ",\"data\":");
      g_string_append_len (text, packet->payload.data, (gssize) packet->payload.size);
    }
  g_string_append_c (text, '}');

  return g_string_free_to_bytes (text);
}

GBytes *
sio_msgpack_encode_packet (guint       revision,
                           SioSpan     packet,
                           GPtrArray  *attachments,
                           gboolean   *is_text,
                           GError    **error)
{
  SioPacketLimits limits = { G_MAXUINT, SIO_JSON_HARD_MAX_DEPTH, revision };
  guint n_attachments = attachments != NULL ? attachments->len : 0;
  g_autoptr (GByteArray) out = NULL;
  g_autoptr (GError) malformed = NULL;
  SioPacket decoded;

  if (!sio_packet_decode (packet, &limits, &decoded, &malformed))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, malformed->message);
      return NULL;
    }
  if (decoded.n_attachments != n_attachments)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "the packet has %u attachments, but %u were given",
                   decoded.n_attachments, n_attachments);
      return NULL;
    }

  *is_text = revision == 4 && !sio_msgpack_is_event_or_ack (decoded.type);
  if (*is_text)
    return encode_text (&decoded);

  out = g_byte_array_sized_new ((guint) MIN (packet.size + 64, G_MAXINT32));
  if (!write_packet (out, revision, &decoded, attachments, error))
    return NULL;

  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
