/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes out: emits, the buffer in which they wait for the namespace, acks in both directions. */

#include "sio-manager-private.h"

#include "../sio-arguments-private.h"
#include "../wire/sio-json.h"

void
sio_socket_tap_emit (SioSocket         *self,
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

/* what: "event" or "ack". */
static gboolean
check_arguments (SioSocket     *self,
                 SioArguments  *args,
                 const char    *what,
                 GError       **error)
{
  guint limit = sio_options_get_max_attachments_out (self->manager->options);
  guint n_attachments = args != NULL ? sio_arguments_get_attachments (args)->len : 0;

  /* Socket.IO parser 4.2.6, 3.4.4, 3.3.5: a server that gets more closes the whole connection */
  if (n_attachments > limit)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "%u binary attachments; servers take %u in one %s (max-attachments-out)", n_attachments, limit, what);
      return FALSE;
    }
  return args == NULL || sio_arguments_check_binary (args, error);
}

/* What the client 2.x emits to itself instead of sending it. */
static gboolean
is_reserved_in_2 (const char *event)
{
  static const char * const names[] = {
    "connect", "connect_error", "connect_timeout", "connecting", "disconnect", "error", "reconnect", "reconnect_attempt",
    "reconnect_failed", "reconnect_error", "reconnecting", "ping", "pong", NULL,
  };

  return g_strv_contains (names, event);
}

/* A server 4.x that lets clients 2.x in ("allowEIO3") closes the connection at a name that is reserved there. That it is one is
 * known from 4.5 on. */
static gboolean
is_reserved (SioManager *manager,
             const char *event)
{
  if (sio_manager_get_revision (manager) != 3)
    return sio_event_is_reserved (event);
  return is_reserved_in_2 (event) || (manager->opened.server == 4 && sio_event_is_reserved (event));
}

static gboolean
check_event (SioSocket     *self,
             const char    *event,
             SioArguments  *args,
             GError       **error)
{
  if (!g_utf8_validate (event, -1, NULL))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                           "the event's name is not valid UTF-8");
      return FALSE;
    }
  if (is_reserved (self->manager, event))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is a reserved event name%s", event,
                   sio_manager_get_revision (self->manager) == 3 && !is_reserved_in_2 (event)
                     ? ": this server is a 4.x that speaks to clients 2.x, and closes the connection at it" : "");
      return FALSE;
    }
  return check_arguments (self, args, "event", error);
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

/* For one more event in a buffer of ours. One is always taken, however large. */
gboolean
sio_socket_check_room (SioSocket          *self,
                       const char         *what,
                       const GQueue       *buffer,
                       gsize               buffered,
                       const SioOutgoing  *outgoing,
                       GError            **error)
{
  SioOptions *options = self->manager->options;

  if (buffer->length < sio_options_get_max_queued_packets (options)
      && (buffer->length == 0 || buffered + outgoing->size <= sio_options_get_max_queued_size (options)))
    return TRUE;

  g_set_error (error, SIO_ERROR, SIO_ERROR_FULL,
               "the %s of %s is full: %u events, %" G_GSIZE_FORMAT " bytes (max-queued-packets, max-queued-size)",
               what, self->nsp, buffer->length, buffered);
  return FALSE;
}

static gboolean
buffer_event (SioSocket    *self,
              SioOutgoing  *outgoing,
              GError      **error)
{
  if (!sio_socket_check_room (self, "send buffer", &self->send_buffer, self->send_buffer_size, outgoing, error))
    return FALSE;

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
      g_autoptr(GError) error = NULL;
      SioPendingAck *ack = NULL;

      /* out of the buffer before the listeners run: they may come back here */
      sio_outgoing_unref (g_queue_pop_head (&self->send_buffer));
      self->send_buffer_size -= outgoing->size;
      if (outgoing->id >= 0)
        ack = sio_ack_table_look_up (self->acks, outgoing->id);
      if (ack != NULL)
        ack->buffered = FALSE;

      if (!write_event (self, outgoing, &error))
        {
          /* the parser that is there now cannot say it, and never will */
          if (g_error_matches (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT))
            {
              sio_socket_tap_emit (self, SIO_TAP_EMIT_REFUSED, outgoing, error->message);
              sio_socket_refuse_ack (self, outgoing->id, error);
              continue;
            }
          if (ack != NULL)
            ack->buffered = TRUE;
          g_queue_push_head (&self->send_buffer, g_steal_pointer (&outgoing));
          self->send_buffer_size += ((SioOutgoing *) self->send_buffer.head->data)->size;
          return;
        }
    }

  sio_retry_queue_drain (self);
}

/* What waits goes first. A heartbeat that is overdue says that the connection is dead, whatever the kernel thinks. */
gboolean
sio_socket_is_writable (SioSocket *self)
{
  return self->state == SIO_SOCKET_STATE_CONNECTED && self->send_buffer.length == 0
         && sio_manager_is_ready (self->manager);
}

/* FALSE: nothing was sent. */
gboolean
sio_socket_emit_try (SioSocket  *self,
                     SioRetry   *retry,
                     GError    **error)
{
  gint64 id = self->next_ack_id++;
  g_autoptr(SioOutgoing) outgoing = sio_outgoing_new_event (self->nsp, retry->outgoing->name, retry->outgoing->arguments,
                                                            id, retry->outgoing->tag);

  retry->id = id;
  sio_socket_expect_ack (self, outgoing, retry->timeout_ms, FALSE, NULL, retry);
  return write_event (self, outgoing, error) || !sio_socket_forget_ack (self, id);
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
  gboolean queued;
  gboolean writable;
  gboolean done;
  gint64 id = -1;

  if (options == NULL)
    options = &none;
  want_ack = options->want_ack || task != NULL;
  queued = !options->is_volatile && sio_options_get_retries (self->options) > 0;

  if (self->manager == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_CLOSED, "the manager is gone");
      return FALSE;
    }
  if (want_ack && !queued)
    id = self->next_ack_id;
  outgoing = sio_outgoing_new_event (self->nsp, event, args, id, options->tag);

  if (!check_event (self, event, args, &local_error))
    goto refused;
  if (queued)
    {
      if (!sio_retry_queue_add (self, outgoing, options->timeout_ms, task, &local_error))
        goto refused;
      if (self->retries.length > 1 || !sio_socket_is_writable (self))
        sio_socket_tap_emit (self, SIO_TAP_EMIT_BUFFERED, outgoing, "it waits for its turn in the retry queue");
      sio_retry_queue_drain (self);
      return TRUE;
    }
  if (want_ack && sio_ack_table_get_size (self->acks) >= sio_options_get_max_pending_acks (self->manager->options))
    {
      g_set_error (&local_error, SIO_ERROR, SIO_ERROR_FULL,
                   "%u acks of %s are pending already (max-pending-acks)", sio_ack_table_get_size (self->acks), self->nsp);
      goto refused;
    }

  writable = sio_socket_is_writable (self);
  if (options->is_volatile
      && (!writable || !sio_engine_is_writable (self->manager->link->engine)))
    {
      g_set_error_literal (&local_error, SIO_ERROR, writable ? SIO_ERROR_FULL : SIO_ERROR_CLOSED,
                           writable ? "volatile and the transport is busy: dropped"
                                    : "volatile and the namespace is not connected: dropped");
      sio_socket_tap_emit (self, SIO_TAP_EMIT_DROPPED, outgoing, local_error->message);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  if (want_ack)
    {
      self->next_ack_id++;
      sio_socket_expect_ack (self, outgoing, options->timeout_ms, !writable, task, NULL);
    }

  if (writable)
    done = write_event (self, outgoing, &local_error);
  else
    done = buffer_event (self, outgoing, &local_error);

  /* a tap that ended everything meanwhile has had the ack abandoned: then that was the answer */
  if (!done && (!want_ack || sio_socket_forget_ack (self, id)))
    goto refused;

  if (done && !writable)
    sio_socket_tap_emit (self, SIO_TAP_EMIT_BUFFERED, outgoing, NULL);
  g_clear_object (&task);
  return TRUE;

refused:
  sio_socket_tap_emit (self, SIO_TAP_EMIT_REFUSED, outgoing, local_error->message);
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
  else if (check_arguments (self, args, "ack", &local_error) && sio_manager_send (self->manager, outgoing, &local_error))
    {
      g_queue_unlink (&self->answerable_order, link);
      g_hash_table_remove (self->answerable, &ack_id);
      g_list_free_1 (link);
      return TRUE;
    }

  sio_socket_tap_emit (self, SIO_TAP_EMIT_REFUSED, outgoing, local_error->message);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
