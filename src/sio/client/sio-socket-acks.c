/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How an ack that we wait for ends: answered, too late, abandoned with its connection, cancelled. The tap knows before
 * anybody is called. */

#include "sio-manager-private.h"

/* The arguments are not kept for an ack: a megabyte that was sent must not wait here for its answer. */
static void
tap_ack_fate (SioSocket           *self,
              SioTapEmitFate       fate,
              const SioPendingAck *ack,
              const char          *text)
{
  SioOutgoing seen = { 0 };

  seen.event = (SioSpan) { ack->event, strlen (ack->event) };
  seen.id = ack->id;
  seen.tag = ack->tag;
  sio_socket_tap_emit (self, fate, &seen, text);
}

/* An emit that waits for an ack no more need not be sent any more, if it was not yet. */
static void
unbuffer (SioSocket *self,
          gint64     id)
{
  for (GList *link = self->send_buffer.head; link != NULL; link = link->next)
    {
      SioOutgoing *outgoing = link->data;

      if (outgoing->id == id)
        {
          self->send_buffer_size -= outgoing->size;
          g_queue_delete_link (&self->send_buffer, link);
          sio_outgoing_unref (outgoing);
          return;
        }
    }
}

static void
fail (SioPendingAck *ack,
      const GError  *error)
{
  if (ack->task != NULL)
    g_task_return_error (ack->task, g_error_copy (error));
  else if (ack->retry != NULL)
    sio_retry_settle (ack->retry, NULL, error);
}

/* Socket.IO client 4.x, "timeout": forgotten, taken out of the send buffer, an error for who waits. */
void
sio_socket_acks_expired (gpointer   data,
                         GPtrArray *acks)
{
  g_autoptr(SioSocket) self = g_object_ref (data);
  g_autoptr(GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_TIMED_OUT, "operation has timed out");

  for (guint i = 0; i < acks->len; i++)
    {
      SioPendingAck *ack = g_ptr_array_index (acks, i);
      g_autofree char *text = NULL;

      if (ack->buffered)
        {
          unbuffer (self, ack->id);
          text = g_strconcat (error->message, "; it was never sent", NULL);
        }
      else if (ack->retry != NULL)
        text = sio_retry_describe (ack->retry, error->message);
      tap_ack_fate (self, SIO_TAP_EMIT_ACK_TIMEOUT, ack, text != NULL ? text : error->message);
    }

  for (guint i = 0; i < acks->len; i++)
    fail (g_ptr_array_index (acks, i), error);
}

/* Acks that can never come: the connection that they would have come over has ended. Those whose event still waits in
 * the send buffer are asked anew later, unless the manager is going (for_ever). The tap knows when this returns; who waits
 * is told by _fail_acks(). */
GPtrArray *
sio_socket_abandon_acks (SioSocket *self,
                         gboolean   for_ever)
{
  GPtrArray *acks = sio_ack_table_steal_all (self->acks, for_ever);
  const char *why = for_ever ? "the manager is gone" : "socket has been disconnected";

  if (for_ever)
    sio_retry_queue_steal_all (self, acks);

  for (guint i = 0; i < acks->len; i++)
    {
      SioPendingAck *ack = g_ptr_array_index (acks, i);
      g_autofree char *text = NULL;

      if (ack->buffered)
        text = g_strconcat (why, "; it was never sent", NULL);
      else if (ack->retry != NULL && !for_ever)
        text = sio_retry_describe (ack->retry, why);
      tap_ack_fate (self, SIO_TAP_EMIT_ACK_ABANDONED, ack, text != NULL ? text : why);
    }
  return acks;
}

void
sio_socket_fail_acks (GPtrArray  *acks,
                      const char *message)
{
  g_autoptr(GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, message);

  for (guint i = 0; i < acks->len; i++)
    fail (g_ptr_array_index (acks, i), error);
}

void
sio_socket_answer_ack (SioPendingAck *ack,
                       SioArguments  *args)
{
  if (ack->task != NULL)
    g_task_return_pointer (ack->task, sio_arguments_ref (args), (GDestroyNotify) sio_arguments_unref);
  else if (ack->retry != NULL)
    sio_retry_settle (ack->retry, args, NULL);
}

/* Watched in the loop and not with g_cancellable_connect(), whose callback may come from any thread. */
GSource *
sio_socket_watch_cancellable (SioSocket              *self,
                              GTask                  *task,
                              GCancellableSourceFunc  callback,
                              gpointer                data,
                              GDestroyNotify          destroy)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  GSource *source;

  if (cancellable == NULL)
    return NULL;

  source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (source, "[sio] ack cancelled");
  g_source_set_callback (source, G_SOURCE_FUNC (callback), data, destroy);
  g_source_attach (source, self->manager->context);
  return source;
}

typedef struct {
  SioSocket *socket;
  gint64     id;
} Cancellation;

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  Cancellation *cancellation = data;
  g_autoptr(SioSocket) self = g_object_ref (cancellation->socket);
  g_autoptr(SioPendingAck) ack = sio_ack_table_steal (self->acks, cancellation->id);

  if (ack != NULL)
    {
      if (ack->buffered)
        unbuffer (self, ack->id);
      tap_ack_fate (self, SIO_TAP_EMIT_ACK_ABANDONED, ack,
                    ack->buffered ? "cancelled; it was never sent" : "cancelled");
      g_task_return_error_if_cancelled (ack->task);
    }
  return G_SOURCE_REMOVE;
}

/* Before the event is written: a listener of what goes out may do anything, and the ack must be found then. task and retry:
 * (nullable): who waits for it. */
void
sio_socket_expect_ack (SioSocket         *self,
                       const SioOutgoing *outgoing,
                       guint              timeout_ms,
                       gboolean           buffered,
                       GTask             *task,
                       SioRetry          *retry)
{
  SioPendingAck *ack = g_new0 (SioPendingAck, 1);

  if (timeout_ms == 0)
    timeout_ms = sio_options_get_ack_timeout_ms (self->options);

  ack->id = outgoing->id;
  ack->tag = outgoing->tag;
  ack->event = g_strndup (outgoing->event.data, outgoing->event.size);
  ack->buffered = buffered;
  ack->deadline_us = timeout_ms > 0 ? g_get_monotonic_time () + (gint64) timeout_ms * 1000 : -1;
  if (retry != NULL)
    ack->retry = g_rc_box_acquire (retry);
  if (task != NULL)
    {
      Cancellation *cancellation = g_new (Cancellation, 1);

      cancellation->socket = self;
      cancellation->id = ack->id;
      ack->task = g_object_ref (task);
      ack->cancel = sio_socket_watch_cancellable (self, task, cancelled_cb, cancellation, g_free);
      if (ack->cancel == NULL)
        g_free (cancellation);
    }
  sio_ack_table_add (self->acks, ack);
}

gboolean
sio_socket_forget_ack (SioSocket *self,
                       gint64     id)
{
  SioPendingAck *ack = sio_ack_table_steal (self->acks, id);

  if (ack == NULL)
    return FALSE;
  sio_pending_ack_free (ack);
  return TRUE;
}

/* The event cannot be sent after all. */
void
sio_socket_refuse_ack (SioSocket    *self,
                       gint64        id,
                       const GError *error)
{
  g_autoptr(SioPendingAck) ack = id >= 0 ? sio_ack_table_steal (self->acks, id) : NULL;

  if (ack != NULL)
    fail (ack, error);
}
