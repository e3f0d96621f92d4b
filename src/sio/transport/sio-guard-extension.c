/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The guard of a WebSocket. libsoup limits one frame; a message of endless small fragments grows until memory is gone
 * (CVE-2025-32049). An extension is shown every frame before libsoup keeps it. */

#include "sio-guard-extension.h"

#include "../sio-error.h"

struct _SioGuardExtension {
  SoupWebsocketExtension parent_instance;

  guint64         max_message_size;
  guint           max_fragments;
  SioGuardControl control; /* NULL once released */
  gpointer        data;

  guint64         size;        /* of the message so far */
  guint           n_fragments;
};

G_DEFINE_FINAL_TYPE (SioGuardExtension, sio_guard_extension, SOUP_TYPE_WEBSOCKET_EXTENSION)

static GBytes *
sio_guard_extension_process_incoming (SoupWebsocketExtension  *extension,
                                      guint8                  *header,
                                      GBytes                  *payload,
                                      GError                 **error)
{
  SioGuardExtension *self = SIO_GUARD_EXTENSION (extension);
  gboolean last = (header[0] & 0x80) != 0;
  guint opcode = header[0] & 0x0f;
  gsize size;
  const char *data;

  if (G_LIKELY (last && (opcode == 1 || opcode == 2)))
    return payload; /* a whole message in one frame, which libsoup has measured */

  data = g_bytes_get_data (payload, &size);
  if ((opcode & 0x08) != 0)
    {
      if (self->control != NULL)
        self->control (self->data, opcode, (SioSpan) { data, size });
      return payload;
    }

  self->size += size;
  self->n_fragments++;
  if (self->size > self->max_message_size || self->n_fragments > self->max_fragments)
    {
      if (self->size > self->max_message_size)
        g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                     "a fragmented message is larger than max-payload (%" G_GUINT64_FORMAT " bytes)", self->max_message_size);
      else
        g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE, "a message has more fragments than max-fragments (%u)",
                     self->max_fragments);
      g_bytes_unref (payload);
      return NULL;
    }

  if (last)
    {
      self->size = 0;
      self->n_fragments = 0;
    }
  return payload;
}

static GBytes *
sio_guard_extension_process_outgoing (SoupWebsocketExtension  *extension,
                                      guint8                  *header,
                                      GBytes                  *payload,
                                      GError                 **error)
{
  return payload;
}

static void
sio_guard_extension_class_init (SioGuardExtensionClass *klass)
{
  SoupWebsocketExtensionClass *extension_class = SOUP_WEBSOCKET_EXTENSION_CLASS (klass);

  /* never negotiated: it is put into the connection's list directly */
  extension_class->name = "x-sio-guard";
  extension_class->process_incoming_message = sio_guard_extension_process_incoming;
  extension_class->process_outgoing_message = sio_guard_extension_process_outgoing;
}

static void
sio_guard_extension_init (SioGuardExtension *self)
{
}

/**
 * sio_guard_extension_new:
 * @max_message_size: bytes, for a message of several frames
 * @max_fragments: how many frames that may be
 * @control: told of control frames
 * @data: for @control
 *
 * Returns: (transfer full): a guard for one connection
 */
SioGuardExtension *
sio_guard_extension_new (guint64         max_message_size,
                         guint           max_fragments,
                         SioGuardControl control,
                         gpointer        data)
{
  SioGuardExtension *self = g_object_new (SIO_TYPE_GUARD_EXTENSION, NULL);

  self->max_message_size = max_message_size;
  self->max_fragments = max_fragments;
  self->control = control;
  self->data = data;
  return self;
}

void
sio_guard_extension_release (SioGuardExtension *self)
{
  self->control = NULL;
}
