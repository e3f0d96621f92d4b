/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioServerGuard: a WebSocket "extension" that changes nothing and is never negotiated, but sees
 * every frame. libsoup 3.2 limits frames, not messages: without it, fragments without end would be
 * collected without end (CVE-2025-32049). */

#include "sio-server-private.h"

/* A message in more pieces than this is an attack, not a proxy. */
#define MAX_FRAGMENTS 16384

#define OPCODE_CONTINUATION 0x0
#define OPCODE_CONTROL_BIT  0x8
#define FIN_BIT             0x80

#define SIO_TYPE_SERVER_GUARD (sio_server_guard_get_type ())
G_DECLARE_FINAL_TYPE (SioServerGuard, sio_server_guard, SIO, SERVER_GUARD, SoupWebsocketExtension)

struct _SioServerGuard {
  SoupWebsocketExtension  parent_instance;

  gsize                   max_size;

  gsize                   size;        /* of the message that is being collected */
  guint                   n_fragments;
};

G_DEFINE_FINAL_TYPE (SioServerGuard, sio_server_guard, SOUP_TYPE_WEBSOCKET_EXTENSION)

static GBytes *
sio_server_guard_process_incoming_message (SoupWebsocketExtension  *extension,
                                           guint8                  *header,
                                           GBytes                  *payload,
                                           GError                 **error)
{
  SioServerGuard *self = SIO_SERVER_GUARD (extension);
  guint8 opcode = header[0] & 0x0f;

  if (opcode & OPCODE_CONTROL_BIT)
    return payload;

  if (opcode != OPCODE_CONTINUATION)
    {
      self->size = 0;
      self->n_fragments = 0;
    }

  self->size += g_bytes_get_size (payload);
  self->n_fragments++;

  if (self->size > self->max_size || self->n_fragments > MAX_FRAGMENTS)
    {
      g_set_error (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG,
                   "message of more than %" G_GSIZE_FORMAT " bytes or %d fragments",
                   self->max_size, MAX_FRAGMENTS);
      g_bytes_unref (payload);
      return NULL;
    }

  if (header[0] & FIN_BIT)
    {
      self->size = 0;
      self->n_fragments = 0;
    }

  return payload;
}

static GBytes *
sio_server_guard_process_outgoing_message (SoupWebsocketExtension  *extension,
                                           guint8                  *header,
                                           GBytes                  *payload,
                                           GError                 **error)
{
  return payload;
}

static void
sio_server_guard_class_init (SioServerGuardClass *klass)
{
  SoupWebsocketExtensionClass *extension_class = SOUP_WEBSOCKET_EXTENSION_CLASS (klass);

  extension_class->name = "x-sio-server-guard";
  extension_class->process_incoming_message = sio_server_guard_process_incoming_message;
  extension_class->process_outgoing_message = sio_server_guard_process_outgoing_message;
}

static void
sio_server_guard_init (SioServerGuard *self)
{
}

/*< private >
 * sio_server_guard_new:
 * @max_size: bytes of one message, all its fragments together
 *
 * Returns: (transfer full): an entry for the list of extensions of soup_websocket_connection_new()
 */
SoupWebsocketExtension *
sio_server_guard_new (gsize max_size)
{
  SioServerGuard *self = g_object_new (SIO_TYPE_SERVER_GUARD, NULL);

  self->max_size = max_size;
  return SOUP_WEBSOCKET_EXTENSION (self);
}
