/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes out: emits, the buffer in which they wait for the namespace, acks in both directions. */

#include "sio-manager-private.h"

#include "../sio-arguments-private.h"
#include "../wire/sio-json.h"

static void
tap_fate (SioSocket         *self,
          SioTapEmitFate     fate,
          const SioOutgoing *outgoing,
          const char        *text)
{
  SioTapEmit emit;

  if (self->manager == NULL)
    return;

  emit.fate = fate;
  emit.nsp = self->nsp;
  emit.event = outgoing->event;
  emit.args = outgoing->args;
  emit.id = outgoing->id;
  emit.tag = outgoing->tag;
  emit.text = text;
  SIO_TAP_CALL (&self->manager->tap, emit, &emit);
}

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
  tap_fate (self, fate, &seen, text);
}

/* what: "event" or "ack". */
static gboolean
check_arguments (SioArguments  *args,
                 const char    *what,
                 GError       **error)
{
  guint n_attachments = args != NULL ? sio_arguments_get_attachments (args)->len : 0;

  /* Socket.IO parser 4.2.6, 3.4.4, 3.3.5: a server that gets more closes the whole connection */
  if (n_attachments > SIO_SOCKET_MAX_ATTACHMENTS_OUT)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "%u binary attachments; servers take %d in one %s",
                   n_attachments, SIO_SOCKET_MAX_ATTACHMENTS_OUT, what);
      return FALSE;
    }
  return args == NULL || sio_arguments_check_binary (args, error);
}

static gboolean
check_event (const char    *event,
             SioArguments  *args,
             GError       **error)
{
  if (!g_utf8_validate (event, -1, NULL))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                           "the event's name is not valid UTF-8");
      return FALSE;
    }
  if (sio_event_is_reserved (event))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is a reserved event name", event);
      return FALSE;
    }
  return check_arguments (args, "event", error);
}

/* Hands an event to the engine and tells those who listen to what goes out. */
static gboolean
write_event (SioSocket    *self,
             SioOutgoing  *outgoing,
             GError      **error)
{
  if (!sio_manager_send (self->manager, outgoing, error))
    return FALSE;

  if (self->listeners.n_outgoing > 0)
    {
      g_autoptr(SioArguments) none = outgoing->arguments == NULL ? sio_arguments_new () : NULL;

      sio_listeners_call (&self->listeners, SIO_LISTENER_ANY_OUTGOING, self, outgoing->name,
                          outgoing->arguments != NULL ? outgoing->arguments : none, outgoing->id);
    }
  return TRUE;
}

static gboolean
buffer_event (SioSocket    *self,
              SioOutgoing  *outgoing,
              GError      **error)
{
  /* one message is always taken, however large */
  if (self->send_buffer.length >= SIO_SOCKET_MAX_BUFFERED_PACKETS
      || (self->send_buffer.length > 0
          && self->send_buffer_size + outgoing->size > SIO_SOCKET_MAX_BUFFERED_BYTES))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_FULL,
                   "the send buffer of %s is full: %u events, %" G_GSIZE_FORMAT " bytes",
                   self->nsp, self->send_buffer.length, self->send_buffer_size);
      return FALSE;
    }

  g_queue_push_tail (&self->send_buffer, sio_outgoing_ref (outgoing));
  self->send_buffer_size += outgoing->size;
  return TRUE;
}

void
sio_socket_clear_sends (SioSocket *self)
{
  g_queue_clear_full (&self->send_buffer, (GDestroyNotify) sio_outgoing_unref);
  self->send_buffer_size = 0;
}

/* In order. Stops where the engine is full and goes on when it has drained. */
void
sio_socket_flush_sends (SioSocket *self)
{
  while (self->state == SIO_SOCKET_STATE_CONNECTED && self->send_buffer.length > 0
         && sio_manager_is_ready (self->manager))
    {
      g_autoptr(SioOutgoing) outgoing = sio_outgoing_ref (g_queue_peek_head (&self->send_buffer));
      SioPendingAck *ack = NULL;

      /* out of the buffer before the listeners run: they may come back here */
      sio_outgoing_unref (g_queue_pop_head (&self->send_buffer));
      self->send_buffer_size -= outgoing->size;
      if (outgoing->id >= 0)
        ack = sio_ack_table_look_up (self->acks, outgoing->id);
      if (ack != NULL)
        ack->buffered = FALSE;

      if (!write_event (self, outgoing, NULL))
        {
          if (ack != NULL)
            ack->buffered = TRUE;
          g_queue_push_head (&self->send_buffer, g_steal_pointer (&outgoing));
          self->send_buffer_size += ((SioOutgoing *) self->send_buffer.head->data)->size;
          return;
        }
    }
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

void
sio_socket_acks_expired (gpointer   data,
                         GPtrArray *acks)
{
  g_autoptr(SioSocket) self = g_object_ref (data);

  for (guint i = 0; i < acks->len; i++)
    {
      SioPendingAck *ack = g_ptr_array_index (acks, i);

      if (ack->buffered)
        unbuffer (self, ack->id);
      tap_ack_fate (self, SIO_TAP_EMIT_ACK_TIMEOUT, ack,
                    ack->buffered ? "operation has timed out; it was never sent" : "operation has timed out");
    }

  for (guint i = 0; i < acks->len; i++)
    {
      SioPendingAck *ack = g_ptr_array_index (acks, i);

      if (ack->task != NULL)
        g_task_return_new_error (ack->task, SIO_ERROR, SIO_ERROR_TIMED_OUT, "operation has timed out");
    }
}

/* Acks that can never come: the connection that they would have come over has ended. Those whose event still waits in
 * the send buffer are asked anew later. The tap knows when this returns; who waits is told by _fail_acks(). */
GPtrArray *
sio_socket_abandon_acks (SioSocket *self,
                         gboolean   buffered_too)
{
  GPtrArray *acks = sio_ack_table_steal_all (self->acks, buffered_too);

  for (guint i = 0; i < acks->len; i++)
    tap_ack_fate (self, SIO_TAP_EMIT_ACK_ABANDONED, g_ptr_array_index (acks, i),
                  "socket has been disconnected");
  return acks;
}

void
sio_socket_fail_acks (GPtrArray  *acks,
                      const char *message)
{
  for (guint i = 0; i < acks->len; i++)
    {
      SioPendingAck *ack = g_ptr_array_index (acks, i);

      if (ack->task != NULL)
        g_task_return_new_error (ack->task, SIO_ERROR, SIO_ERROR_CLOSED, "%s", message);
    }
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

/* Watched in the loop and not with g_cancellable_connect(), whose callback may come from any thread. */
static void
watch_cancellable (SioSocket     *self,
                   SioPendingAck *ack)
{
  GCancellable *cancellable = g_task_get_cancellable (ack->task);
  Cancellation *cancellation;

  if (cancellable == NULL)
    return;

  cancellation = g_new (Cancellation, 1);
  cancellation->socket = self;
  cancellation->id = ack->id;
  ack->cancel = g_cancellable_source_new (cancellable);
  g_source_set_static_name (ack->cancel, "[sio] ack cancelled");
  g_source_set_callback (ack->cancel, G_SOURCE_FUNC (cancelled_cb), cancellation, g_free);
  g_source_attach (ack->cancel, self->manager->context);
}

/* task: (transfer full) (nullable): who waits for the ack. It is left alone on failure. */
static gboolean
emit (SioSocket             *self,
      const char            *event,
      SioArguments          *args,
      const SioEmitOptions  *options,
      GTask                 *task,
      GError               **error)
{
  static const SioEmitOptions none = { 0 };
  g_autoptr(SioOutgoing) outgoing = NULL;
  g_autoptr(GError) local_error = NULL;
  gboolean want_ack;
  gboolean writable;
  guint timeout_ms;
  SioPendingAck *ack = NULL;
  gboolean done;
  gint64 id = -1;

  if (options == NULL)
    options = &none;
  want_ack = options->want_ack || task != NULL;

  if (self->manager == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_CLOSED, "the manager is gone");
      return FALSE;
    }
  if (want_ack)
    id = self->next_ack_id;
  outgoing = sio_outgoing_new_event (self->nsp, event, args, id, options->tag);

  if (!check_event (event, args, &local_error))
    goto refused;
  if (want_ack && sio_ack_table_get_size (self->acks) >= SIO_ACK_TABLE_MAX_PENDING)
    {
      g_set_error (&local_error, SIO_ERROR, SIO_ERROR_FULL,
                   "%d acks of %s are pending already", SIO_ACK_TABLE_MAX_PENDING, self->nsp);
      goto refused;
    }

  /* What waits goes first. A heartbeat that is overdue says that the connection is dead, whatever the kernel thinks. */
  writable = self->state == SIO_SOCKET_STATE_CONNECTED && self->send_buffer.length == 0
             && sio_manager_is_ready (self->manager);
  if (options->is_volatile
      && (!writable || !sio_engine_is_writable (self->manager->link->engine)))
    {
      g_set_error_literal (&local_error, SIO_ERROR, writable ? SIO_ERROR_FULL : SIO_ERROR_CLOSED,
                           writable ? "volatile and the transport is busy: dropped"
                                    : "volatile and the namespace is not connected: dropped");
      tap_fate (self, SIO_TAP_EMIT_DROPPED, outgoing, local_error->message);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  if (want_ack)
    {
      self->next_ack_id++;
      timeout_ms = options->timeout_ms;
      if (timeout_ms == 0)
        timeout_ms = sio_options_get_ack_timeout_ms (self->options);

      ack = g_new0 (SioPendingAck, 1);
      ack->id = id;
      ack->tag = options->tag;
      ack->event = g_strndup (outgoing->event.data, outgoing->event.size);
      ack->buffered = !writable;
      ack->deadline_us = -1;
      if (timeout_ms > 0)
        ack->deadline_us = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
      sio_ack_table_add (self->acks, ack);
    }

  /* Known before it is written: a listener of what goes out may do anything, and the task must be found then. */
  if (ack != NULL && task != NULL)
    {
      ack->task = g_object_ref (task);
      watch_cancellable (self, ack);
    }

  if (writable)
    done = write_event (self, outgoing, &local_error);
  else
    done = buffer_event (self, outgoing, &local_error);

  if (!done)
    {
      if (ack != NULL)
        sio_pending_ack_free (sio_ack_table_steal (self->acks, id));
      goto refused;
    }

  if (!writable)
    tap_fate (self, SIO_TAP_EMIT_BUFFERED, outgoing, NULL);
  g_clear_object (&task);
  return TRUE;

refused:
  tap_fate (self, SIO_TAP_EMIT_REFUSED, outgoing, local_error->message);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/**
 * sio_socket_emit:
 * @self: a socket; it need not be connected, events wait in its buffer
 * @event: the event's name
 * @args: (nullable): the arguments; none if %NULL
 * @options: (nullable): %NULL for an ordinary event without ack
 * @error: set if nothing was sent or buffered
 *
 * Emits @event. While the namespace is not connected it waits, and goes out in order once it is (Socket.IO client,
 * "Offline behavior"); volatile ones are dropped instead. An ack that is asked for here is seen by the tap alone.
 *
 * Fails with %SIO_ERROR_INVALID_ARGUMENT for a reserved name, more than 10 attachments, or a
 * placeholder of the caller's own beside attachments, %SIO_ERROR_FULL if the buffer, the acks or,
 * for a volatile event, the transport are full, %SIO_ERROR_CLOSED for a volatile event without
 * connection.
 *
 * Returns: %TRUE if it was handed to the transport or buffered
 */
gboolean
sio_socket_emit (SioSocket             *self,
                 const char            *event,
                 SioArguments          *args,
                 const SioEmitOptions  *options,
                 GError               **error)
{
  g_autoptr(SioSocket) kept = NULL;

  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (event != NULL, FALSE);

  kept = g_object_ref (self);
  return emit (self, event, args, options, NULL, error);
}

/**
 * sio_socket_send:
 * @self: a socket; it need not be connected, events wait in its buffer
 * @args: (nullable): the arguments; none if %NULL
 * @options: (nullable): %NULL for an ordinary event without ack
 * @error: set if nothing was sent or buffered
 *
 * sio_socket_emit() of the event "message".
 *
 * Returns: %TRUE if it was handed to the transport or buffered
 */
gboolean
sio_socket_send (SioSocket             *self,
                 SioArguments          *args,
                 const SioEmitOptions  *options,
                 GError               **error)
{
  return sio_socket_emit (self, "message", args, options, error);
}

/**
 * sio_socket_emit_with_ack_async:
 * @self: a socket; it need not be connected, events wait in its buffer
 * @event: the event's name
 * @args: (nullable): the arguments; none if %NULL
 * @options: (nullable): `want_ack` is implied
 * @cancellable: (nullable): forgets the ack; an event already sent stays sent, one that waits in
 *   the buffer is taken out
 * @callback: called once, never before this returns
 * @user_data: for @callback
 *
 * Emits @event and completes when the server acknowledges it.
 *
 * Fails like sio_socket_emit(), with %SIO_ERROR_TIMED_OUT, or with %SIO_ERROR_CLOSED if the connection or the namespace
 * ends first.
 */
void
sio_socket_emit_with_ack_async (SioSocket            *self,
                                const char           *event,
                                SioArguments         *args,
                                const SioEmitOptions *options,
                                GCancellable         *cancellable,
                                GAsyncReadyCallback   callback,
                                gpointer              user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(GError) error = NULL;

  g_return_if_fail (SIO_IS_SOCKET (self));
  g_return_if_fail (event != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, sio_socket_emit_with_ack_async);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!emit (self, event, args, options, g_object_ref (task), &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
    }
}

/**
 * sio_socket_emit_with_ack_finish:
 * @self: a socket
 * @result: what the callback got
 * @error: why there is no ack
 *
 * Returns: (transfer full): the arguments of the ack, or %NULL
 */
SioArguments *
sio_socket_emit_with_ack_finish (SioSocket     *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * sio_socket_reply:
 * @self: a socket
 * @ack_id: the id that came with the server's event
 * @args: (nullable): the arguments of the ack; none if %NULL
 * @tag: an arbitrary number that the tap gets to see; 0 for none
 * @error: set if nothing was sent
 *
 * Answers an event of the server. An id is good for one answer, over the connection that the event came over: after a
 * reconnection the server may have given the same number to another question.
 *
 * Fails with %SIO_ERROR_CLOSED if the namespace is not connected, %SIO_ERROR_INVALID_ARGUMENT if
 * the id was not asked for, was answered already, or for too many attachments, %SIO_ERROR_FULL if
 * the transport takes no more now; then it may be tried again.
 *
 * Returns: %TRUE if it was handed to the transport
 */
gboolean
sio_socket_reply (SioSocket     *self,
                  gint64         ack_id,
                  SioArguments  *args,
                  guint64        tag,
                  GError       **error)
{
  g_autoptr(SioOutgoing) outgoing = NULL;
  g_autoptr(GError) local_error = NULL;
  GList *link;

  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  if (self->manager == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_CLOSED, "the manager is gone");
      return FALSE;
    }

  outgoing = sio_outgoing_new_ack (self->nsp, args, ack_id, tag);
  link = g_hash_table_lookup (self->answerable, &ack_id);

  if (self->state != SIO_SOCKET_STATE_CONNECTED)
    g_set_error (&local_error, SIO_ERROR, SIO_ERROR_CLOSED,
                 "%s is not connected any more: nobody waits for the answer %" G_GINT64_FORMAT, self->nsp, ack_id);
  else if (link == NULL)
    g_set_error (&local_error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                 "the server did not ask for the answer %" G_GINT64_FORMAT
                 " over this connection, or it was given already", ack_id);
  else if (check_arguments (args, "ack", &local_error) && sio_manager_send (self->manager, outgoing, &local_error))
    {
      g_queue_unlink (&self->answerable_order, link);
      g_hash_table_remove (self->answerable, &ack_id);
      g_list_free_1 (link);
      return TRUE;
    }

  tap_fate (self, SIO_TAP_EMIT_REFUSED, outgoing, local_error->message);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
