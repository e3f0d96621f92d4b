/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Socket.IO client 4.6, "retries": at least once, in order. Each try is an ordinary emit with an ack id of its own, and is
 * sent while connected only: no clock runs before. A try that the connection takes with it counts. */

#include "sio-manager-private.h"

static void
retry_clear (gpointer data)
{
  SioRetry *self = data;

  g_assert (self->cancel == NULL);
  g_clear_object (&self->task);
  sio_outgoing_unref (self->outgoing);
}

void
sio_retry_unref (SioRetry *self)
{
  g_rc_box_release_full (self, retry_clear);
}

static void
tap_fate (SioRetry       *self,
          SioTapEmitFate  fate,
          const char     *text)
{
  SioOutgoing seen = *self->outgoing;

  seen.id = self->id;
  sio_socket_tap_emit (self->socket, fate, &seen, text);
}

/* Out of the queue. The caller holds a reference. */
static void
leave (SioRetry *self)
{
  SioSocket *socket = self->socket;

  if (self->cancel != NULL)
    g_source_destroy (self->cancel);
  g_clear_pointer (&self->cancel, g_source_unref);
  g_queue_remove (&socket->retries, self);
  socket->retries_size -= self->outgoing->size;
  self->socket = NULL;
  sio_retry_unref (self);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  SioRetry *self = g_rc_box_acquire (data);
  g_autoptr(SioSocket) socket = g_object_ref (self->socket);
  g_autoptr(SioPendingAck) ack = NULL;

  if (self->id >= 0)
    ack = sio_ack_table_steal (socket->acks, self->id);
  tap_fate (self, SIO_TAP_EMIT_ACK_ABANDONED, self->n_tries == 0 ? "cancelled; it was never sent" : "cancelled");
  leave (self);
  g_task_return_error_if_cancelled (self->task);
  sio_retry_unref (self);
  sio_retry_queue_drain (socket);
  return G_SOURCE_REMOVE;
}

gboolean
sio_retry_queue_add (SioSocket    *socket,
                     SioOutgoing  *outgoing,
                     guint         timeout_ms,
                     GTask        *task,
                     GError      **error)
{
  SioRetry *self;

  if (!sio_socket_check_room (socket, "retry queue", &socket->retries, socket->retries_size, outgoing, error))
    return FALSE;

  self = g_rc_box_new0 (SioRetry);
  self->socket = socket;
  self->outgoing = sio_outgoing_ref (outgoing);
  self->timeout_ms = timeout_ms;
  self->task = task;
  self->id = -1;
  if (task != NULL)
    self->cancel = sio_socket_watch_cancellable (socket, task, cancelled_cb, self, NULL);

  g_queue_push_tail (&socket->retries, self);
  socket->retries_size += outgoing->size;
  return TRUE;
}

/* The end of an event, whichever. */
static void
finish (SioRetry     *self,
        SioArguments *args,
        const GError *error)
{
  leave (self);
  if (self->task == NULL)
    return;
  if (error != NULL)
    g_task_return_error (self->task, g_error_copy (error));
  else
    g_task_return_pointer (self->task, sio_arguments_ref (args), (GDestroyNotify) sio_arguments_unref);
}

void
sio_retry_queue_drain (SioSocket *socket)
{
  SioRetry *self;

  while ((self = g_queue_peek_head (&socket->retries)) != NULL && self->id < 0 && sio_socket_is_writable (socket))
    {
      g_autoptr(GError) error = NULL;

      g_rc_box_acquire (self);
      self->n_tries++;
      if (!sio_socket_emit_try (socket, self, &error) && self->socket != NULL)
        {
          self->id = -1;
          if (!g_error_matches (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT))
            {
              /* no room now, or no connection any more: sio_socket_push() comes back here */
              self->n_tries--;
              sio_retry_unref (self);
              return;
            }
          tap_fate (self, SIO_TAP_EMIT_REFUSED, error->message);
          finish (self, NULL, error);
        }
      sio_retry_unref (self);
    }
}

static gboolean
is_used_up (SioRetry *self)
{
  return self->n_tries > sio_options_get_retries (self->socket->options);
}

char *
sio_retry_describe (SioRetry   *self,
                    const char *why)
{
  if (is_used_up (self))
    return g_strdup_printf (self->n_tries == 1 ? "%s; given up after %u try" : "%s; given up after %u tries",
                            why, self->n_tries);
  return g_strdup_printf ("%s; that was try %u of %u, it will be sent again", why, self->n_tries,
                          sio_options_get_retries (self->socket->options) + 1);
}

void
sio_retry_settle (SioRetry     *self,
                  SioArguments *args,
                  const GError *error)
{
  g_autoptr(SioSocket) socket = NULL;

  if (self->socket == NULL)
    return;

  socket = g_object_ref (self->socket);
  g_rc_box_acquire (self);
  self->id = -1;
  if (error == NULL || is_used_up (self))
    finish (self, args, error);
  sio_retry_unref (self);
  sio_retry_queue_drain (socket);
}

void
sio_retry_queue_steal_all (SioSocket *socket,
                           GPtrArray *acks)
{
  SioRetry *self;

  for (guint i = 0; i < acks->len; i++)
    {
      SioPendingAck *ack = g_ptr_array_index (acks, i);

      if (ack->retry == NULL)
        continue;
      ack->task = g_steal_pointer (&ack->retry->task);
      leave (ack->retry);
    }

  while ((self = g_queue_peek_head (&socket->retries)) != NULL)
    {
      SioSpan event = self->outgoing->event;
      SioPendingAck *ack = g_new0 (SioPendingAck, 1);

      ack->id = -1;
      ack->tag = self->outgoing->tag;
      ack->event = g_strndup (event.data, event.size);
      ack->buffered = self->n_tries == 0;
      ack->deadline_us = -1;
      ack->task = g_steal_pointer (&self->task);
      g_ptr_array_add (acks, ack);
      leave (self);
    }
}
