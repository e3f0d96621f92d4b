/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioSocket: the object and what may be asked of it. Its states and the packets that move it are in
 * sio-socket-state.c, what is emitted and received in sio-socket-emit.c and sio-socket-receive.c. */

#include "sio-manager-private.h"

enum {
  PROP_ID = 1,
  PROP_NSP,
  PROP_STATE,
  PROP_CONNECTED,
  PROP_ACTIVE,
  PROP_RECOVERED,
  PROP_AUTH,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
guint sio_socket_signals[SIO_SOCKET_N_SIGNALS];
guint sio_socket_event_signal;

G_DEFINE_FINAL_TYPE (SioSocket, sio_socket, G_TYPE_OBJECT)

/**
 * sio_socket_state_get_type:
 *
 * Returns: an enum type
 */
GType
sio_socket_state_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { SIO_SOCKET_STATE_INACTIVE, "SIO_SOCKET_STATE_INACTIVE", "inactive" },
        { SIO_SOCKET_STATE_WAITING, "SIO_SOCKET_STATE_WAITING", "waiting" },
        { SIO_SOCKET_STATE_CONNECTING, "SIO_SOCKET_STATE_CONNECTING", "connecting" },
        { SIO_SOCKET_STATE_CONNECTED, "SIO_SOCKET_STATE_CONNECTED", "connected" },
        { 0, NULL, NULL },
      };

      g_once_init_leave (&type, g_enum_register_static ("SioSocketState", values));
    }
  return type;
}

/* What else changes with the state. */
void
sio_socket_notify_state (SioSocket      *self,
                         SioSocketState  from)
{
  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  if (from == SIO_SOCKET_STATE_CONNECTED || self->state == SIO_SOCKET_STATE_CONNECTED)
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ID]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECOVERED]);
    }
  if (from == SIO_SOCKET_STATE_INACTIVE || self->state == SIO_SOCKET_STATE_INACTIVE)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
  g_object_thaw_notify (G_OBJECT (self));
}

SioSocket *
sio_socket_new (SioManager   *manager,
                const char   *nsp,
                SioOptions   *options,
                GMainContext *context)
{
  SioSocket *self = g_object_new (SIO_TYPE_SOCKET, NULL);

  self->manager = manager;
  self->options = g_object_ref (options);
  self->nsp = g_strdup (nsp);
  self->nsp_key = (SioSpan) { self->nsp, strlen (self->nsp) };
  self->acks = sio_ack_table_new (context, sio_socket_acks_expired, self);
  return self;
}

static void
sio_socket_finalize (GObject *object)
{
  SioSocket *self = SIO_SOCKET (object);

  g_assert (self->retries.length == 0);
  sio_socket_clear_received (self);
  sio_socket_clear_sends (self);
  sio_socket_forget_answerable (self);
  g_hash_table_unref (self->answerable);
  sio_listeners_clear (&self->listeners);
  g_clear_pointer (&self->acks, sio_ack_table_free);
  sio_socket_auth_clear (self);
  g_clear_object (&self->options);
  g_strfreev (self->query);
  g_free (self->nsp);
  g_free (self->id);
  g_free (self->session);
  g_free (self->offset);

  G_OBJECT_CLASS (sio_socket_parent_class)->finalize (object);
}

static void
sio_socket_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  SioSocket *self = SIO_SOCKET (object);

  switch (property_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NSP:
      g_value_set_string (value, self->nsp);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, sio_socket_get_connected (self));
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, sio_socket_get_active (self));
      break;
    case PROP_RECOVERED:
      g_value_set_boolean (value, self->recovered);
      break;
    case PROP_AUTH:
      g_value_set_string (value, self->auth);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
sio_socket_class_init (SioSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = sio_socket_finalize;
  object_class->get_property = sio_socket_get_property;

  /**
   * SioSocket:id:
   *
   * What the server calls this socket; %NULL unless connected. Not the engine's session id.
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, readable);
  /**
   * SioSocket:nsp:
   *
   * The namespace, beginning with "/".
   */
  properties[PROP_NSP] = g_param_spec_string ("nsp", NULL, NULL, NULL, readable);
  /**
   * SioSocket:state:
   *
   * Where it is.
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, SIO_TYPE_SOCKET_STATE,
                                              SIO_SOCKET_STATE_INACTIVE, readable);
  /**
   * SioSocket:connected:
   *
   * Whether the server accepted the namespace on this connection.
   */
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, readable);
  /**
   * SioSocket:active:
   *
   * Whether it was asked for: it is connected, or will be whenever the manager opens.
   */
  properties[PROP_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, FALSE, readable);
  /**
   * SioSocket:recovered:
   *
   * Whether the server restored the session of the connection before. Valid from "connect" to "disconnect".
   */
  properties[PROP_RECOVERED] = g_param_spec_boolean ("recovered", NULL, NULL, FALSE, readable);
  /**
   * SioSocket:auth:
   *
   * What CONNECT carries: text of a JSON object; %NULL: the manager's option.
   */
  properties[PROP_AUTH] = g_param_spec_string ("auth", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * SioSocket::connect:
   *
   * The server accepted the namespace. What it had sent before was delivered, what waited to be sent was written.
   */
  sio_socket_signals[SIO_SOCKET_SIGNAL_CONNECT] =
    g_signal_new ("connect", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0,
                  NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * SioSocket::disconnect:
   * @reason: in socket.io's words
   * @error: (nullable): the detail behind it
   *
   * The connection ended. It may come without a "connect" before it, if the answer to CONNECT never came.
   */
  sio_socket_signals[SIO_SOCKET_SIGNAL_DISCONNECT] =
    g_signal_new ("disconnect", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0,
                  NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  /**
   * SioSocket::connect-error:
   * @message: why
   * @data: (nullable): JSON text that the server sent along
   *
   * An attempt of the manager failed (then the socket is still active), or the server refused the namespace (then it is
   * not). After a refusal of a server 2.x it is active too, and is asked for again over the next connection; such a server
   * also says it about single events while the namespace is connected.
   */
  sio_socket_signals[SIO_SOCKET_SIGNAL_CONNECT_ERROR] =
    g_signal_new ("connect-error", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0,
                  NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  /**
   * SioSocket::event:
   * @event: its name; the signal's detail
   * @args: the arguments
   * @ack_id: what sio_socket_reply() takes, or -1 if the server wants no ack
   *
   * An event came. After the functions of sio_socket_on_any() and sio_socket_on().
   */
  sio_socket_event_signal = g_signal_new ("event", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 3,
                                          G_TYPE_STRING, SIO_TYPE_ARGUMENTS, G_TYPE_INT64);
}

/* The server chooses these ids, and shall not be able to choose ten thousand that fall together. */
static guint
id_hash (gconstpointer key)
{
  static gsize seed;
  guint64 id;

  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, (gsize) g_random_int () << 1 | 1);

  id = (*(const guint64 *) key ^ seed) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd) + seed;
  id = (id ^ id >> 33) * G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  return (guint) (id >> 32);
}

static void
sio_socket_init (SioSocket *self)
{
  g_queue_init (&self->send_buffer);
  g_queue_init (&self->retries);
  g_queue_init (&self->receive_buffer);
  g_queue_init (&self->answerable_order);
  self->answerable = g_hash_table_new_full (id_hash, g_int64_equal, g_free, NULL);
}

/**
 * sio_socket_get_nsp:
 * @self: a socket
 *
 * Returns: (transfer none): the namespace, beginning with "/"
 */
const char *
sio_socket_get_nsp (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->nsp;
}

/**
 * sio_socket_get_id:
 * @self: a socket
 *
 * Returns: (transfer none) (nullable): what the server calls it; %NULL unless connected
 */
const char *
sio_socket_get_id (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->id;
}

/**
 * sio_socket_get_state:
 * @self: a socket
 *
 * Returns: where it is
 */
SioSocketState
sio_socket_get_state (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), SIO_SOCKET_STATE_INACTIVE);

  return self->state;
}

/**
 * sio_socket_get_connected:
 * @self: a socket
 *
 * Returns: whether the server accepted the namespace on this connection
 */
gboolean
sio_socket_get_connected (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->state == SIO_SOCKET_STATE_CONNECTED;
}

/**
 * sio_socket_get_active:
 * @self: a socket
 *
 * Returns: whether it is connected, or will be whenever the manager opens
 */
gboolean
sio_socket_get_active (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->state != SIO_SOCKET_STATE_INACTIVE;
}

/**
 * sio_socket_get_recovered:
 * @self: a socket
 *
 * Returns: whether the server restored the session of the connection before; valid from "connect" to "disconnect"
 */
gboolean
sio_socket_get_recovered (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->recovered;
}

/**
 * sio_socket_get_manager:
 * @self: a socket
 *
 * Returns: (transfer none) (nullable): whose namespace this is; %NULL once the manager is gone
 */
SioManager *
sio_socket_get_manager (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->manager;
}

/**
 * sio_socket_set_query:
 * @self: a socket
 * @query: (nullable): "K=V" each, not encoded; %NULL for the manager's option and the query of its URL
 *
 * What a server 2.x is sent along with CONNECT, from the next one on. Others do not get it: there the query belongs to the
 * connection as a whole, #SioOptions:query.
 */
void
sio_socket_set_query (SioSocket          *self,
                      const char * const *query)
{
  char **copy;

  g_return_if_fail (SIO_IS_SOCKET (self));

  copy = g_strdupv ((char **) query);
  g_strfreev (self->query);
  self->query = copy;
}

/**
 * sio_socket_connect:
 * @self: a socket
 *
 * Asks for the namespace. Opens the manager unless it is about to open already; while it waits for
 * its next attempt, this waits for that too. Nothing happens if it is connected or connecting.
 */
void
sio_socket_connect (SioSocket *self)
{
  g_autoptr(SioSocket) kept = NULL;

  g_return_if_fail (SIO_IS_SOCKET (self));

  if (self->manager != NULL && sio_put_off (self, self->manager->context, (SioPutOffFunc) sio_socket_connect))
    return;
  if (self->manager == NULL || self->state == SIO_SOCKET_STATE_CONNECTING
      || self->state == SIO_SOCKET_STATE_CONNECTED)
    return;

  kept = g_object_ref (self);
  if (self->state == SIO_SOCKET_STATE_INACTIVE)
    sio_socket_move_to (self, SIO_SOCKET_STATE_WAITING);
  /* a handler of notify may have thought better of it */
  if (self->manager == NULL || self->state != SIO_SOCKET_STATE_WAITING)
    return;

  self->refused = FALSE;
  sio_manager_open (self->manager);
  sio_socket_push (self);
}

/**
 * sio_socket_disconnect:
 * @self: a socket
 *
 * Leaves the namespace. If it was the last one the manager closes, and stops trying if it was trying.
 */
void
sio_socket_disconnect (SioSocket *self)
{
  g_autoptr(SioSocket) kept = NULL;
  gboolean connected;

  g_return_if_fail (SIO_IS_SOCKET (self));

  if (self->manager != NULL && sio_put_off (self, self->manager->context, (SioPutOffFunc) sio_socket_disconnect))
    return;
  if (self->manager == NULL || self->state == SIO_SOCKET_STATE_INACTIVE)
    return;

  kept = g_object_ref (self);
  connected = self->state == SIO_SOCKET_STATE_CONNECTED;
  if (connected)
    sio_socket_send_disconnect (self);
  sio_socket_become_inactive (self, "io client disconnect", connected);
}
