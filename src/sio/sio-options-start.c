/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of SioOptions that decide how a connection begins: version, parser, transports, and whose manager it is. */

#include "sio-options-private.h"

#include "sio-error.h"

/**
 * sio_options_get_server:
 * @self: options
 *
 * Returns: 0, 2, 3 or 4; see #SioOptions:server
 */
guint
sio_options_get_server (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->server;
}

/**
 * sio_options_set_server:
 * @self: options
 * @server: the major version of Socket.IO: 2, 3, 4, or 0 to find out
 * @error: %SIO_ERROR_INVALID_ARGUMENT for any other number
 *
 * Sets #SioOptions:server, or nothing if it fails.
 *
 * Returns: whether it was set
 */
gboolean
sio_options_set_server (SioOptions  *self,
                        guint        server,
                        GError     **error)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  if (server == 1 || server > 4)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "%u is not a version of Socket.IO that is spoken here, expected 2, 3 or 4, or 0 to find out", server);
      return FALSE;
    }

  sio_options_assign_uint (self, &self->server, server, SIO_OPTIONS_PROP_SERVER);
  return TRUE;
}

/**
 * sio_options_get_parser:
 * @self: options
 *
 * Returns: (transfer none) (nullable): the parser; see #SioOptions:parser
 */
SioParser *
sio_options_get_parser (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (SioParser *) self->parser;
}

/**
 * sio_options_set_parser:
 * @self: options
 * @parser: (nullable): a parser; %NULL for socket.io's own
 *
 * Sets #SioOptions:parser.
 */
void
sio_options_set_parser (SioOptions *self,
                        SioParser  *parser)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  sio_options_assign_object (self, &self->parser, parser, SIO_OPTIONS_PROP_PARSER);
}

/**
 * sio_options_get_protocols:
 * @self: options
 *
 * Returns: (transfer none) (array zero-terminated=1): never %NULL; see #SioOptions:protocols
 */
const char * const *
sio_options_get_protocols (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (const char * const *) self->protocols;
}

/**
 * sio_options_set_protocols:
 * @self: options
 * @protocols: (nullable) (array zero-terminated=1): names of sub-protocols; %NULL for none
 * @error: %SIO_ERROR_INVALID_ARGUMENT if one is empty, there twice, or has a character that no token has
 *
 * Sets #SioOptions:protocols, or nothing if it fails. RFC 6455, "Sec-WebSocket-Protocol".
 *
 * Returns: whether they were set
 */
gboolean
sio_options_set_protocols (SioOptions          *self,
                           const char * const  *protocols,
                           GError             **error)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  for (guint i = 0; protocols != NULL && protocols[i] != NULL; i++)
    {
      if (*protocols[i] == '\0' || !sio_options_is_token (protocols[i]))
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                       "\"%.80s\" is not the name of a sub-protocol: letters, digits and !#$%%&'*+-.^_`|~ are allowed",
                       protocols[i]);
          return FALSE;
        }
      for (guint k = 0; k < i; k++)
        if (strcmp (protocols[i], protocols[k]) == 0)
          {
            g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                         "the sub-protocol \"%s\" is there twice", protocols[i]);
            return FALSE;
          }
    }

  sio_options_assign_strv (self, &self->protocols, protocols, SIO_OPTIONS_PROP_PROTOCOLS);
  return TRUE;
}

/**
 * sio_options_get_transport_options:
 * @self: options
 * @kind: a transport
 *
 * Returns: (transfer none) (nullable): what counts for @kind in place of @self
 */
SioOptions *
sio_options_get_transport_options (SioOptions       *self,
                                   SioTransportKind  kind)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  switch (kind)
    {
    case SIO_TRANSPORT_KIND_POLLING:
      return (SioOptions *) self->polling_options;
    case SIO_TRANSPORT_KIND_WEBSOCKET:
      return (SioOptions *) self->websocket_options;
    case SIO_TRANSPORT_KIND_NONE:
    default:
      return NULL;
    }
}

/**
 * sio_options_set_transport_options:
 * @self: options
 * @kind: %SIO_TRANSPORT_KIND_POLLING or %SIO_TRANSPORT_KIND_WEBSOCKET
 * @overrides: (nullable): options; what was never set in them does not count
 *
 * Lets some values differ for one transport: transportOptions of the official client. As in its version 4, they win
 * over those of @self.
 */
void
sio_options_set_transport_options (SioOptions       *self,
                                   SioTransportKind  kind,
                                   SioOptions       *overrides)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));
  g_return_if_fail (kind != SIO_TRANSPORT_KIND_NONE);
  g_return_if_fail (overrides != self);

  if (kind == SIO_TRANSPORT_KIND_POLLING)
    sio_options_assign_object (self, &self->polling_options, overrides, SIO_OPTIONS_PROP_POLLING_OPTIONS);
  else
    sio_options_assign_object (self, &self->websocket_options, overrides, SIO_OPTIONS_PROP_WEBSOCKET_OPTIONS);
}

/**
 * sio_options_get_remember_upgrade:
 * @self: options
 *
 * Returns: the value; see #SioOptions:remember-upgrade
 */
/**
 * sio_options_set_remember_upgrade:
 * @self: options
 * @remember_upgrade: the new value
 *
 * Sets #SioOptions:remember-upgrade.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (remember_upgrade, REMEMBER_UPGRADE)

/**
 * sio_options_get_try_all_transports:
 * @self: options
 *
 * Returns: the value; see #SioOptions:try-all-transports
 */
/**
 * sio_options_set_try_all_transports:
 * @self: options
 * @try_all_transports: the new value
 *
 * Sets #SioOptions:try-all-transports.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (try_all_transports, TRY_ALL_TRANSPORTS)

/**
 * sio_options_get_add_trailing_slash:
 * @self: options
 *
 * Returns: the value; see #SioOptions:add-trailing-slash
 */
/**
 * sio_options_set_add_trailing_slash:
 * @self: options
 * @add_trailing_slash: the new value
 *
 * Sets #SioOptions:add-trailing-slash.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (add_trailing_slash, ADD_TRAILING_SLASH)

/**
 * sio_options_get_timestamp_websocket:
 * @self: options
 *
 * Returns: the value; see #SioOptions:timestamp-websocket
 */
/**
 * sio_options_set_timestamp_websocket:
 * @self: options
 * @timestamp_websocket: the new value
 *
 * Sets #SioOptions:timestamp-websocket.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (timestamp_websocket, TIMESTAMP_WEBSOCKET)

/**
 * sio_options_get_force_new:
 * @self: options
 *
 * Returns: the value; see #SioOptions:force-new
 */
/**
 * sio_options_set_force_new:
 * @self: options
 * @force_new: the new value
 *
 * Sets #SioOptions:force-new.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (force_new, FORCE_NEW)

/**
 * sio_options_get_multiplex:
 * @self: options
 *
 * Returns: the value; see #SioOptions:multiplex
 */
/**
 * sio_options_set_multiplex:
 * @self: options
 * @multiplex: the new value
 *
 * Sets #SioOptions:multiplex.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (multiplex, MULTIPLEX)

/**
 * sio_options_get_auto_connect:
 * @self: options
 *
 * Returns: the value; see #SioOptions:auto-connect
 */
/**
 * sio_options_set_auto_connect:
 * @self: options
 * @auto_connect: the new value
 *
 * Sets #SioOptions:auto-connect.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (auto_connect, AUTO_CONNECT)
