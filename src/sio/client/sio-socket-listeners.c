/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who hears of a socket's events: socket.io's on(), once(), off() and their kin. */

#include "sio-socket-private.h"

/**
 * sio_socket_on:
 * @self: a socket
 * @event: which events to hear of
 * @func: is called for each of them
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when the listener is taken off
 *
 * Returns: an id for sio_socket_off(); never 0
 */
guint
sio_socket_on (SioSocket      *self,
               const char     *event,
               SioEventFunc    func,
               gpointer        user_data,
               GDestroyNotify  destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (event != NULL && func != NULL, 0);

  return sio_listeners_add (&self->listeners, SIO_LISTENER_EVENT, event, FALSE, FALSE, func, user_data, destroy);
}

/**
 * sio_socket_once:
 * @self: a socket
 * @event: which event to wait for
 * @func: is called for the next one
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when the listener is taken off
 *
 * Like sio_socket_on(), but taken off just before it is called.
 *
 * Returns: an id for sio_socket_off(); never 0
 */
guint
sio_socket_once (SioSocket      *self,
                 const char     *event,
                 SioEventFunc    func,
                 gpointer        user_data,
                 GDestroyNotify  destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (event != NULL && func != NULL, 0);

  return sio_listeners_add (&self->listeners, SIO_LISTENER_EVENT, event, TRUE, FALSE, func, user_data, destroy);
}

/**
 * sio_socket_on_any:
 * @self: a socket
 * @func: is called for every event that comes in, before those of sio_socket_on()
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when the listener is taken off
 *
 * Returns: an id for sio_socket_off(); never 0
 */
guint
sio_socket_on_any (SioSocket      *self,
                   SioEventFunc    func,
                   gpointer        user_data,
                   GDestroyNotify  destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  return sio_listeners_add (&self->listeners, SIO_LISTENER_ANY, NULL, FALSE, FALSE, func, user_data, destroy);
}

/**
 * sio_socket_prepend_any:
 * @self: a socket
 * @func: is called for every event that comes in, before all others
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when the listener is taken off
 *
 * Returns: an id for sio_socket_off(); never 0
 */
guint
sio_socket_prepend_any (SioSocket      *self,
                        SioEventFunc    func,
                        gpointer        user_data,
                        GDestroyNotify  destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  return sio_listeners_add (&self->listeners, SIO_LISTENER_ANY, NULL, FALSE, TRUE, func, user_data, destroy);
}

/**
 * sio_socket_on_any_outgoing:
 * @self: a socket
 * @func: is called for every event when it is handed to the transport; not for acks
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when the listener is taken off
 *
 * Returns: an id for sio_socket_off(); never 0
 */
guint
sio_socket_on_any_outgoing (SioSocket      *self,
                            SioEventFunc    func,
                            gpointer        user_data,
                            GDestroyNotify  destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  return sio_listeners_add (&self->listeners, SIO_LISTENER_ANY_OUTGOING, NULL, FALSE, FALSE,
                            func, user_data, destroy);
}

/**
 * sio_socket_prepend_any_outgoing:
 * @self: a socket
 * @func: is called for every event when it is handed to the transport, before all others; not for acks
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when the listener is taken off
 *
 * Returns: an id for sio_socket_off(); never 0
 */
guint
sio_socket_prepend_any_outgoing (SioSocket      *self,
                                 SioEventFunc    func,
                                 gpointer        user_data,
                                 GDestroyNotify  destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  return sio_listeners_add (&self->listeners, SIO_LISTENER_ANY_OUTGOING, NULL, FALSE, TRUE, func, user_data, destroy);
}

/**
 * sio_socket_off:
 * @self: a socket
 * @handler_id: which listener; 0 takes all of them off
 *
 * It is not called any more, even for the event that is being delivered: its data may be gone. The official client would
 * call it this once.
 */
void
sio_socket_off (SioSocket *self,
                guint      handler_id)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  if (handler_id == 0)
    sio_listeners_clear (&self->listeners);
  else
    sio_listeners_remove (&self->listeners, handler_id);
}

/**
 * sio_socket_off_event:
 * @self: a socket
 * @event: (nullable): which event; %NULL is every event
 *
 * Takes off all functions of sio_socket_on() and sio_socket_once() for @event.
 */
void
sio_socket_off_event (SioSocket  *self,
                      const char *event)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  sio_listeners_remove_kind (&self->listeners, SIO_LISTENER_EVENT, event);
}

/**
 * sio_socket_off_any:
 * @self: a socket
 *
 * Takes off all functions of sio_socket_on_any() and sio_socket_prepend_any().
 */
void
sio_socket_off_any (SioSocket *self)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  sio_listeners_remove_kind (&self->listeners, SIO_LISTENER_ANY, NULL);
}

/**
 * sio_socket_off_any_outgoing:
 * @self: a socket
 *
 * Takes off all functions of sio_socket_on_any_outgoing() and sio_socket_prepend_any_outgoing().
 */
void
sio_socket_off_any_outgoing (SioSocket *self)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  sio_listeners_remove_kind (&self->listeners, SIO_LISTENER_ANY_OUTGOING, NULL);
}

/**
 * sio_socket_get_n_listeners:
 * @self: a socket
 * @event: (nullable): which event; %NULL is every event
 *
 * Returns: how many functions of sio_socket_on() and sio_socket_once() there are for @event
 */
guint
sio_socket_get_n_listeners (SioSocket  *self,
                            const char *event)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);

  return sio_listeners_count (&self->listeners, SIO_LISTENER_EVENT, event);
}

/**
 * sio_socket_get_n_listeners_any:
 * @self: a socket
 *
 * Returns: how many functions of sio_socket_on_any() and sio_socket_prepend_any() there are
 */
guint
sio_socket_get_n_listeners_any (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);

  return sio_listeners_count (&self->listeners, SIO_LISTENER_ANY, NULL);
}

/**
 * sio_socket_get_n_listeners_any_outgoing:
 * @self: a socket
 *
 * Returns: how many functions of sio_socket_on_any_outgoing() and sio_socket_prepend_any_outgoing() there are
 */
guint
sio_socket_get_n_listeners_any_outgoing (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);

  return sio_listeners_count (&self->listeners, SIO_LISTENER_ANY_OUTGOING, NULL);
}
