/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A binary packet arrives as its header and then its attachments, one message each, nothing between.
 * Socket.IO protocol 5, "Binary". */

#include "sio-packet.h"

#include "sio-json-private.h"
#include "../sio-error.h"

/**
 * sio_packet_assembler_begin:
 * @self: an assembler that waits for nothing; all zero is one
 * @owner: the bytes that @header points into
 * @header: a decoded packet with at least one attachment. One without is complete already and has no business here
 *
 * A text message that arrives while @self.owner is set is the server's error, for the caller to report.
 */
void
sio_packet_assembler_begin (SioPacketAssembler *self,
                            GBytes             *owner,
                            const SioPacket    *header)
{
  g_return_if_fail (self != NULL && self->owner == NULL);
  g_return_if_fail (owner != NULL && header != NULL && header->n_attachments > 0);

  self->owner = g_bytes_ref (owner);
  self->header = *header;
  self->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->size = g_bytes_get_size (owner);
}

/**
 * sio_packet_assembler_add:
 * @self: an assembler
 * @bytes: a binary message
 * @max_size: how many bytes header and attachments may have together. The bytes that the placeholders stand for
 *   may not have more either: one attachment can be named many times
 * @complete: (out): whether the packet is complete; then use it and call sio_packet_assembler_clear()
 * @error: return location
 *
 * Fails with %SIO_ERROR_MALFORMED if no packet waits for an attachment, with %SIO_ERROR_TOO_LARGE at the limit.
 */
gboolean
sio_packet_assembler_add (SioPacketAssembler  *self,
                          GBytes              *bytes,
                          gsize                max_size,
                          gboolean            *complete,
                          GError             **error)
{
  gsize size;

  g_return_val_if_fail (self != NULL && bytes != NULL && complete != NULL, FALSE);

  if (self->owner == NULL || self->attachments->len >= self->header.n_attachments)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                   "binary message of %" G_GSIZE_FORMAT " bytes although no packet waits for an attachment",
                   g_bytes_get_size (bytes));
      return FALSE;
    }

  size = g_bytes_get_size (bytes);
  if (self->size > max_size || size > max_size - self->size)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                   "attachment %u of %u makes the packet larger than the limit of %" G_GSIZE_FORMAT " bytes (max-payload)",
                   self->attachments->len + 1, self->header.n_attachments, max_size);
      return FALSE;
    }

  if (self->attachments->len + 1 == self->header.n_attachments)
    {
      gsize named;

      g_ptr_array_add (self->attachments, g_bytes_ref (bytes));
      named = sio_json_sum_placeholders (self->header.payload, self->attachments);
      if (named > max_size)
        {
          g_ptr_array_set_size (self->attachments, (int) self->attachments->len - 1);
          g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                       "the packet's placeholders stand for %" G_GSIZE_FORMAT " bytes, the limit is %" G_GSIZE_FORMAT
                       " (max-payload)",
                       named, max_size);
          return FALSE;
        }
      *complete = TRUE;
    }
  else
    {
      g_ptr_array_add (self->attachments, g_bytes_ref (bytes));
      *complete = FALSE;
    }

  self->size += size;
  return TRUE;
}

/**
 * sio_packet_assembler_clear:
 * @self: an assembler
 *
 * Drops what is collected. To be called when a packet was complete and when the engine closes.
 */
void
sio_packet_assembler_clear (SioPacketAssembler *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->owner, g_bytes_unref);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  memset (self, 0, sizeof *self);
}
