/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Events and acks from the server: to the listeners, or kept until the namespace is connected. */

#include "sio-manager-private.h"

#include "../sio-arguments-private.h"
#include "../wire/sio-json.h"

/* An offset is an id of the server's adapter; what is longer is somebody's text. */
#define MAX_OFFSET_SIZE 256

/* An event that came before CONNECT was answered. */
typedef struct {
  GBytes    *raw; /* a copy: the packet may be a few bytes of a body of many megabytes */
  GPtrArray *attachments; /* (nullable) */
  gsize      size;
} ReceivedEvent;

static void
received_event_free (ReceivedEvent *self)
{
  g_bytes_unref (self->raw);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  g_free (self);
}

/* The signal is looked at with every detail: g_signal_has_handler_pending() would need the name as a quark. */
gboolean
sio_socket_has_audience (SioSocket *self)
{
  if (self->listeners.n_incoming > 0)
    return TRUE;
  return g_signal_handler_find (self, G_SIGNAL_MATCH_ID, sio_socket_event_signal, 0, NULL, NULL, NULL) != 0;
}

static void
emit_event_signal (SioSocket    *self,
                   const char   *event,
                   SioArguments *args,
                   gint64        ack_id)
{
  if (g_signal_handler_find (self, G_SIGNAL_MATCH_ID, sio_socket_event_signal, 0, NULL, NULL, NULL) == 0)
    return;
  /* A name that no handler asked for has no quark, and does not get one: quarks are never freed, and the server
   * chooses the names. */
  g_signal_emit (self, sio_socket_event_signal, g_quark_try_string (event), event, args, ack_id);
}

static void
note_answerable (SioSocket *self,
                 gint64     id)
{
  guint limit = sio_options_get_max_pending_acks (self->manager->options);
  gint64 *key;

  if (g_hash_table_contains (self->answerable, &id))
    return;

  while (self->answerable_order.length > 0 && self->answerable_order.length >= limit)
    {
      gint64 *oldest = g_queue_pop_head (&self->answerable_order);

      sio_manager_tap_error (self->manager, "limit", SIO_ERROR_FULL, SIO_NO_SPAN,
                             "more than %u events of %s wait for an answer (max-pending-acks): the one with id %"
                             G_GINT64_FORMAT " can no longer be answered", limit, self->nsp, *oldest);
      g_hash_table_remove (self->answerable, oldest); /* frees it */
    }

  key = g_memdup2 (&id, sizeof id);
  g_queue_push_tail (&self->answerable_order, key);
  g_hash_table_insert (self->answerable, key, self->answerable_order.tail);
}

void
sio_socket_forget_answerable (SioSocket *self)
{
  g_queue_clear (&self->answerable_order);
  g_hash_table_remove_all (self->answerable);
}

/* Socket.IO protocol 5, "Connection state recovery": the server appends a string to the events that it can send again.
 * Those with an ack id never carry one, so their last string is the sender's own. */
static void
note_offset (SioSocket       *self,
             const SioPacket *packet)
{
  SioJsonIter iter;
  SioSpan element;
  SioSpan last = { NULL, 0 };

  if (packet->id >= 0 || packet->n_args == 0)
    return;

  sio_json_iter_init (&iter, packet->args);
  while (sio_json_iter_next (&iter, &element))
    last = element;
  if (last.size == 0 || last.size > MAX_OFFSET_SIZE || sio_json_get_type (last) != SIO_JSON_STRING)
    return;

  /* kept as the token that it was: it goes back as it came */
  g_free (self->offset);
  self->offset = g_strndup (last.data, last.size);
}

/* The socket is connected. Anything may be gone afterwards. */
void
sio_socket_deliver (SioSocket       *self,
                    GBytes          *owner,
                    const SioPacket *packet,
                    GPtrArray       *attachments)
{
  g_autoptr(SioArguments) args = NULL;
  g_autoptr(GString) name = NULL;

  if (packet->id >= 0)
    note_answerable (self, packet->id);
  if (self->session != NULL)
    note_offset (self, packet);
  if (!sio_socket_has_audience (self))
    return;

  args = sio_arguments_new_received (owner, packet->args, packet->n_args, attachments);
  name = sio_json_unquote (packet->event);

  sio_listeners_call (&self->listeners, SIO_LISTENER_ANY, self, name->str, args, packet->id);
  if (self->manager != NULL)
    sio_listeners_call (&self->listeners, SIO_LISTENER_EVENT, self, name->str, args, packet->id);
  if (self->manager != NULL)
    emit_event_signal (self, name->str, args, packet->id);
}

void
sio_socket_buffer_received (SioSocket *self,
                            SioSpan    raw,
                            GPtrArray *attachments)
{
  SioOptions *options = self->manager->options;
  ReceivedEvent *event;
  gsize size = raw.size;

  for (guint i = 0; attachments != NULL && i < attachments->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (attachments, i));

  if (self->receive_buffer.length >= sio_options_get_max_queued_packets (options)
      || (self->receive_buffer.length > 0
          && self->receive_buffer_size + size > sio_options_get_max_queued_size (options)))
    {
      sio_manager_tap_error (self->manager, "limit", SIO_ERROR_FULL, raw,
                             "too many events for %s before it was connected (max-queued-packets, max-queued-size): "
                             "ignored", self->nsp);
      return;
    }

  event = g_new0 (ReceivedEvent, 1);
  event->raw = g_bytes_new (raw.data, raw.size);
  event->attachments = attachments != NULL ? g_ptr_array_ref (attachments) : NULL;
  event->size = size;
  g_queue_push_tail (&self->receive_buffer, event);
  self->receive_buffer_size += size;
}

/* In order, before what waits to be sent and before "connect": the official client's onconnect(). */
void
sio_socket_flush_received (SioSocket *self)
{
  while (self->state == SIO_SOCKET_STATE_CONNECTED && self->receive_buffer.length > 0)
    {
      ReceivedEvent *event = g_queue_pop_head (&self->receive_buffer);
      SioPacket packet;
      SioSpan text;

      self->receive_buffer_size -= event->size;
      text.data = g_bytes_get_data (event->raw, &text.size);
      text = (SioSpan) { text.data + 1, text.size - 1 };

      /* it was decoded with the same limits when it came */
      if (sio_packet_decode (text, &self->manager->limits, &packet, NULL))
        sio_socket_deliver (self, event->raw, &packet, event->attachments);
      received_event_free (event);
    }
}

void
sio_socket_clear_received (SioSocket *self)
{
  g_queue_clear_full (&self->receive_buffer, (GDestroyNotify) received_event_free);
  self->receive_buffer_size = 0;
}

void
sio_socket_handle_ack (SioSocket       *self,
                       GBytes          *owner,
                       SioSpan          raw,
                       const SioPacket *packet,
                       GPtrArray       *attachments)
{
  g_autoptr(SioPendingAck) ack = NULL;
  SioPendingAck *known = sio_ack_table_look_up (self->acks, packet->id);

  /* an event that is still here cannot have been answered */
  if (known != NULL && !known->buffered)
    ack = sio_ack_table_steal (self->acks, packet->id);
  if (ack == NULL)
    {
      sio_manager_tap_error (self->manager, "packet", SIO_ERROR_REFUSED, raw,
                             "ack %" G_GINT64_FORMAT " of %s, which nobody waits for: ignored",
                             packet->id, self->nsp);
      return;
    }

  if (ack->task != NULL || ack->retry != NULL)
    {
      g_autoptr(SioArguments) args = sio_arguments_new_received (owner, packet->args, packet->n_args, attachments);

      sio_socket_answer_ack (ack, args);
    }
}

/* L6: an event of which nobody knows what is in it is for nobody, and an answer likewise. That it came was told already. */
void
sio_socket_handle_too_deep (SioSocket       *self,
                            SioSpan          raw,
                            const SioPacket *packet)
{
  gboolean is_ack = packet->type == SIO_PACKET_ACK || packet->type == SIO_PACKET_BINARY_ACK;
  SioPendingAck *known = is_ack ? sio_ack_table_look_up (self->acks, packet->id) : NULL;

  if (self->state != SIO_SOCKET_STATE_CONNECTED)
    {
      sio_socket_ignore (self, raw, packet, "which is not connected");
    }
  else if (!is_ack)
    {
      /* whoever reads the text may still answer */
      if (packet->id >= 0)
        note_answerable (self, packet->id);
    }
  else if (known != NULL && !known->buffered)
    {
      g_autoptr(SioPendingAck) ack = sio_ack_table_steal (self->acks, packet->id);
      g_autoptr(GError) error = g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE,
                                             "the answer nests deeper than %u levels (max-depth)",
                                             self->manager->limits.max_depth);

      if (ack->task != NULL)
        g_task_return_error (ack->task, g_steal_pointer (&error));
      else if (ack->retry != NULL)
        sio_retry_settle (ack->retry, NULL, error);
    }
}
