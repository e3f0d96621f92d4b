/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manager's namespaces: made once each, kept as long as the manager. */

#include "sio-manager-private.h"

void
sio_manager_socket_left (SioManager *self)
{
  for (guint i = 0; i < self->sockets->len; i++)
    if (sio_socket_get_active (g_ptr_array_index (self->sockets, i)))
      return;

  if (self->state != SIO_MANAGER_STATE_FAILED)
    sio_manager_close (self);
}

SioSocket *
sio_manager_add_socket (SioManager  *self,
                        const char  *nsp,
                        SioOptions  *options,
                        GError     **error)
{
  guint limit = sio_options_get_max_namespaces (self->options);
  SioSocket *socket;

  if (self->disposed)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_CLOSED, "the manager is gone");
      return NULL;
    }
  /* Socket.IO protocol 5, "Packet encoding": a comma ends the namespace */
  if (*nsp != '/' || strchr (nsp, ',') != NULL || !g_utf8_validate (nsp, -1, NULL))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                           "a namespace begins with \"/\", has no comma in it, and is valid UTF-8");
      return NULL;
    }
  if (strlen (nsp) > SIO_MANAGER_MAX_NAMESPACE_SIZE)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "the namespace has %" G_GSIZE_FORMAT " bytes; %d are allowed",
                   strlen (nsp), SIO_MANAGER_MAX_NAMESPACE_SIZE);
      return NULL;
    }
  if (self->sockets->len >= limit)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_FULL,
                   "there are %u namespaces on this connection already (max-namespaces)", self->sockets->len);
      return NULL;
    }

  socket = sio_socket_new (self, nsp, options, self->context);
  g_ptr_array_add (self->sockets, socket);
  g_hash_table_insert (self->by_nsp, &socket->nsp_key, socket);
  if (self->held_by_sockets)
    sio_io_hold (self, socket);
  return socket;
}

/**
 * sio_manager_get_socket:
 * @self: a manager
 * @nsp: (nullable): a namespace, beginning with "/"; %NULL and "" are "/"
 * @error: %SIO_ERROR_INVALID_ARGUMENT if @nsp cannot be one, %SIO_ERROR_FULL if there are #SioOptions:max-namespaces
 *
 * A socket of a manager that sio_manager_new() made connects when it is told to. On a manager of sio_io() it connects by
 * itself, again too if it is inactive, unless #SioOptions:auto-connect is off.
 *
 * Returns: (transfer none): the socket of @nsp, the same one at each call; or %NULL
 */
SioSocket *
sio_manager_get_socket (SioManager  *self,
                        const char  *nsp,
                        GError     **error)
{
  SioSocket *socket;
  SioSpan key;

  g_return_val_if_fail (SIO_IS_MANAGER (self), NULL);

  if (nsp == NULL || *nsp == '\0')
    nsp = "/";
  key = (SioSpan) { nsp, strlen (nsp) };

  socket = g_hash_table_lookup (self->by_nsp, &key);
  if (socket == NULL)
    socket = sio_manager_add_socket (self, nsp, self->options, error);
  if (socket != NULL && self->held_by_sockets && sio_options_get_auto_connect (self->options))
    sio_socket_connect (socket);
  return socket;
}
