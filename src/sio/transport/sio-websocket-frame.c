/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames out: a digit in front of a text; in front of bytes nothing, or the type of Engine.IO 3. One copy at most. */

#include "sio-websocket-frame.h"

#include "../wire/sio-engine-packet.h"

static GBytes *
new_prefixed (SioSpan prefix,
              SioSpan data)
{
  char *bytes = g_malloc (prefix.size + data.size);

  memcpy (bytes, prefix.data, prefix.size);
  if (data.size > 0)
    memcpy (bytes + prefix.size, data.data, data.size);
  return g_bytes_new_take (bytes, prefix.size + data.size);
}

GBytes *
sio_websocket_frame_new_text (SioEnginePacketType type,
                              SioSpan             data)
{
  char digit = (char) ('0' + type);

  return new_prefixed ((SioSpan) { &digit, 1 }, data);
}

/**
 * sio_websocket_frame_new_binary:
 * @eio: the revision, 3 or 4
 * @force_base64: as text
 * @message: the bytes
 * @type: (out): 1 if the frame is text, 2 if it is binary
 *
 * Returns: (transfer full): what goes over the WebSocket; @message itself if nothing is to be added
 */
GBytes *
sio_websocket_frame_new_binary (guint     eio,
                                gboolean  force_base64,
                                GBytes   *message,
                                guint    *type)
{
  SioSpan prefix = sio_engine_packet_get_binary_prefix (eio);
  SioSpan data;

  data.data = g_bytes_get_data (message, &data.size);
  *type = force_base64 ? 1 : 2;
  if (force_base64)
    {
      GString *text = g_string_sized_new (data.size / 3 * 4 + 8);

      sio_engine_packet_append_base64 (eio, data, text);
      return g_string_free_to_bytes (text);
    }
  return prefix.size > 0 ? new_prefixed (prefix, data) : g_bytes_ref (message);
}
