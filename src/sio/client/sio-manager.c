/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioManager: the object, its namespaces and what may be asked of it. How it opens, loses and reopens engines is in
 * sio-manager-reconnect.c, what comes in is in sio-manager-link.c. */

#include "sio-manager-private.h"

enum {
  PROP_STATE = 1,
  PROP_OPTIONS,
  PROP_ATTEMPT,
  PROP_TRANSPORT,
  PROP_CLOSING,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
guint sio_manager_signals[SIO_MANAGER_N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioManager, sio_manager, G_TYPE_OBJECT)

/**
 * sio_manager_state_get_type:
 *
 * Returns: an enum type; its nicks are siocat's words
 */
GType
sio_manager_state_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { SIO_MANAGER_STATE_CLOSED, "SIO_MANAGER_STATE_CLOSED", "closed" },
        { SIO_MANAGER_STATE_CONNECTING, "SIO_MANAGER_STATE_CONNECTING", "connecting" },
        { SIO_MANAGER_STATE_OPEN, "SIO_MANAGER_STATE_OPEN", "open" },
        { SIO_MANAGER_STATE_WAITING, "SIO_MANAGER_STATE_WAITING", "waiting" },
        { SIO_MANAGER_STATE_FAILED, "SIO_MANAGER_STATE_FAILED", "failed" },
        { 0, NULL, NULL },
      };

      g_once_init_leave (&type, g_enum_register_static ("SioManagerState", values));
    }
  return type;
}

void
sio_manager_notify_state (SioManager *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
sio_manager_notify_attempt (SioManager *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ATTEMPT]);
}

void
sio_manager_notify_transport (SioManager *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSPORT]);
}

void
sio_manager_notify_closing (SioManager *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOSING]);
}

/* --- the object --- */

static guint
span_hash (gconstpointer key)
{
  const SioSpan *span = key;
  guint hash = 5381;

  for (gsize i = 0; i < span->size; i++)
    hash = hash * 33 + (guchar) span->data[i];
  return hash;
}

static gboolean
span_equal (gconstpointer a,
            gconstpointer b)
{
  const SioSpan *one = a;
  const SioSpan *two = b;

  return one->size == two->size && memcmp (one->data, two->data, one->size) == 0;
}

/**
 * sio_manager_new:
 * @url: what io (url) takes; its path is a namespace, see sio_manager_get_nsp()
 * @options: (nullable): is kept and read again at each attempt; %NULL for the defaults
 * @error: %SIO_ERROR_INVALID_ARGUMENT if @url is none
 *
 * Makes a manager for the thread-default main context. Nothing is opened yet.
 *
 * Returns: (transfer full): the manager, or %NULL
 */
SioManager *
sio_manager_new (const char  *url,
                 SioOptions  *options,
                 GError     **error)
{
  SioUrl *parsed;
  SioManager *self;

  g_return_val_if_fail (url != NULL, NULL);
  g_return_val_if_fail (options == NULL || SIO_IS_OPTIONS (options), NULL);

  parsed = sio_url_parse (url, error);
  if (parsed == NULL)
    return NULL;

  self = g_object_new (SIO_TYPE_MANAGER, NULL);
  self->context = g_main_context_ref_thread_default ();
  self->url = parsed;
  self->options = options != NULL ? g_object_ref (options) : sio_options_new ();
  g_signal_connect_object (self->options, "notify::reconnection",
                           G_CALLBACK (sio_manager_reconnection_changed), self, G_CONNECT_SWAPPED);
  return self;
}

static void
sio_manager_dispose (GObject *object)
{
  SioManager *self = SIO_MANAGER (object);

  if (!self->disposed && sio_put_off (self, self->context, (SioPutOffFunc) g_object_run_dispose))
    return;
  if (!self->disposed)
    {
      self->disposed = TRUE;
      sio_io_forget (self);
      sio_manager_stop_timers (self);

      for (guint i = 0; i < self->sockets->len; i++)
        sio_socket_orphan (g_ptr_array_index (self->sockets, i));
      self->last_socket = NULL;

      /* without a word: who wants the goodbye to be said closes first and waits for "closing" to end */
      g_clear_pointer (&self->link, sio_manager_link_free);
      while (self->leaving->len > 0)
        sio_manager_link_left (self, g_ptr_array_index (self->leaving, 0));

      sio_packet_assembler_clear (&self->assembler);
      self->state = SIO_MANAGER_STATE_CLOSED;
      sio_manager_set_tap (self, NULL);
    }

  G_OBJECT_CLASS (sio_manager_parent_class)->dispose (object);
}

static void
sio_manager_finalize (GObject *object)
{
  SioManager *self = SIO_MANAGER (object);

  g_assert (self->wait_timer == NULL);

  g_ptr_array_unref (self->leaving);
  g_hash_table_unref (self->by_nsp);
  for (guint i = 0; i < self->sockets->len; i++)
    if (self->held_by_sockets)
      sio_io_release (self, g_ptr_array_index (self->sockets, i));
    else
      g_object_unref (g_ptr_array_index (self->sockets, i));
  g_ptr_array_unref (self->sockets);
  g_clear_pointer (&self->memory.cookies, sio_cookie_store_unref);
  g_clear_object (&self->options);
  g_clear_pointer (&self->url, sio_url_free);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (sio_manager_parent_class)->finalize (object);
}

static void
sio_manager_get_property (GObject    *object,
                          guint       property_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  SioManager *self = SIO_MANAGER (object);

  switch (property_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_OPTIONS:
      g_value_set_object (value, self->options);
      break;
    case PROP_ATTEMPT:
      g_value_set_uint (value, self->attempt);
      break;
    case PROP_TRANSPORT:
      g_value_set_int (value, (int) sio_manager_get_transport (self));
      break;
    case PROP_CLOSING:
      g_value_set_boolean (value, self->leaving->len > 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
add_signal (int         number,
            const char *name,
            guint       n_params,
            GType       first,
            GType       second,
            GType       third)
{
  sio_manager_signals[number] = g_signal_new (name, SIO_TYPE_MANAGER, G_SIGNAL_RUN_LAST, 0,
                                              NULL, NULL, NULL, G_TYPE_NONE, n_params, first, second, third);
}

static void
sio_manager_class_init (SioManagerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = sio_manager_dispose;
  object_class->finalize = sio_manager_finalize;
  object_class->get_property = sio_manager_get_property;

  /**
   * SioManager:state:
   *
   * Where it is. Changes by the steps of sio_manager_get_edges() only.
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, SIO_TYPE_MANAGER_STATE,
                                              SIO_MANAGER_STATE_CLOSED, readable);
  /**
   * SioManager:options:
   *
   * What it reads at each attempt.
   */
  properties[PROP_OPTIONS] = g_param_spec_object ("options", NULL, NULL, SIO_TYPE_OPTIONS, readable);
  /**
   * SioManager:attempt:
   *
   * Number of the reconnection attempt that runs or is waited for, from 1; 0 on the first connection and while open.
   */
  properties[PROP_ATTEMPT] = g_param_spec_uint ("attempt", NULL, NULL, 0, G_MAXUINT, 0, readable);
  /**
   * SioManager:transport:
   *
   * A #SioTransportKind: what carries packets now.
   */
  properties[PROP_TRANSPORT] = g_param_spec_int ("transport", NULL, NULL, 0, G_MAXINT, 0, readable);
  /**
   * SioManager:closing:
   *
   * Whether an engine that was closed still writes what it was given before, the goodbye included.
   */
  properties[PROP_CLOSING] = g_param_spec_boolean ("closing", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * SioManager::open:
   *
   * The engine is open; the active sockets have sent their CONNECT.
   */
  add_signal (SIO_MANAGER_SIGNAL_OPEN, "open", 0, 0, 0, 0);
  /**
   * SioManager::close:
   * @reason: in socket.io's words
   * @error: (nullable): the detail behind it
   *
   * It was open and is not any more, or it was asked to close. After "disconnect" of its sockets.
   */
  add_signal (SIO_MANAGER_SIGNAL_CLOSE, "close", 2, G_TYPE_STRING, G_TYPE_ERROR, 0);
  /**
   * SioManager::error:
   * @error: why
   *
   * An attempt failed, or the transport broke while open. After "connect-error" of its sockets.
   */
  add_signal (SIO_MANAGER_SIGNAL_ERROR, "error", 1, G_TYPE_ERROR, 0, 0);
  /**
   * SioManager::reconnect-attempt:
   * @attempt: from 1
   *
   * Just before an attempt. Options that are changed now count already.
   */
  add_signal (SIO_MANAGER_SIGNAL_RECONNECT_ATTEMPT, "reconnect-attempt", 1, G_TYPE_UINT, 0, 0);
  /**
   * SioManager::reconnect:
   * @attempt: the one that succeeded
   *
   * After "open", before the namespaces are connected.
   */
  add_signal (SIO_MANAGER_SIGNAL_RECONNECT, "reconnect", 1, G_TYPE_UINT, 0, 0);
  /**
   * SioManager::reconnect-error:
   * @error: why
   *
   * A reconnection attempt failed. After "error".
   */
  add_signal (SIO_MANAGER_SIGNAL_RECONNECT_ERROR, "reconnect-error", 1, G_TYPE_ERROR, 0, 0);
  /**
   * SioManager::reconnect-failed:
   *
   * The attempts are used up. Before the last "reconnect-error", as in the official client.
   */
  add_signal (SIO_MANAGER_SIGNAL_RECONNECT_FAILED, "reconnect-failed", 0, 0, 0, 0);
  /**
   * SioManager::ping:
   *
   * The server's heartbeat came, or ours was sent to a server 2.x. Engine.IO protocol, "Heartbeat".
   */
  add_signal (SIO_MANAGER_SIGNAL_PING, "ping", 0, 0, 0, 0);
  /**
   * SioManager::pong:
   * @rtt_us: how long the answer took, microseconds
   *
   * Our heartbeat was answered: servers 2.x only, where "ping" says that it was sent. Engine.IO protocol 3, "Heartbeat".
   */
  add_signal (SIO_MANAGER_SIGNAL_PONG, "pong", 1, G_TYPE_INT64, 0, 0);
  /**
   * SioManager::transition:
   * @from: the state it left
   * @to: the state it is in
   * @why: the reason that stands in sio_manager_get_edges()
   */
  add_signal (SIO_MANAGER_SIGNAL_TRANSITION, "transition", 3,
              SIO_TYPE_MANAGER_STATE, SIO_TYPE_MANAGER_STATE, G_TYPE_STRING);
}

static void
sio_manager_init (SioManager *self)
{
  self->leaving = g_ptr_array_new ();
  self->sockets = g_ptr_array_new ();
  self->by_nsp = g_hash_table_new (span_hash, span_equal);
  self->limits = SIO_PACKET_DEFAULT_LIMITS;
}

/**
 * sio_manager_get_options:
 * @self: a manager
 *
 * Returns: (transfer none): what it reads at each attempt
 */
SioOptions *
sio_manager_get_options (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), NULL);

  return self->options;
}

/**
 * sio_manager_get_state:
 * @self: a manager
 *
 * Returns: where it is
 */
SioManagerState
sio_manager_get_state (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), SIO_MANAGER_STATE_CLOSED);

  return self->state;
}

/**
 * sio_manager_get_attempt:
 * @self: a manager
 *
 * Returns: see #SioManager:attempt
 */
guint
sio_manager_get_attempt (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  return self->attempt;
}

/**
 * sio_manager_get_transport:
 * @self: a manager
 *
 * Returns: what carries packets now; NONE unless an engine is open or opening
 */
SioTransportKind
sio_manager_get_transport (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), SIO_TRANSPORT_KIND_NONE);

  if (self->link == NULL)
    return SIO_TRANSPORT_KIND_NONE;
  return sio_engine_get_transport (self->link->engine);
}

/**
 * sio_manager_get_revision:
 * @self: a manager
 *
 * Returns: the revision of Engine.IO that the session speaks, or the last one spoke: 3 or 4, and with 3 the server is a
 *   Socket.IO 2.x one; 0: there was none yet
 */
guint
sio_manager_get_revision (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  return self->revision;
}

/**
 * sio_manager_get_closing:
 * @self: a manager
 *
 * Returns: whether an engine that was closed still writes what it was given before. Disposing of
 *   the manager now would cut it off
 */
gboolean
sio_manager_get_closing (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), FALSE);

  return self->leaving->len > 0;
}

/**
 * sio_manager_get_unwritten:
 * @self: a manager
 * @bytes: (out) (optional): how large they are together, attachments included
 *
 * How much was sent and is not known to be written: whoever has much to say waits while this is
 * high, because a full buffer (8 MiB or 10 000 packets) refuses what comes. Watched with a tap
 * only; else it is always 0.
 *
 * Returns: the number of packets
 */
guint
sio_manager_get_unwritten (SioManager *self,
                           gsize      *bytes)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  if (self->link != NULL)
    sio_manager_link_settle (self->link);
  if (bytes != NULL)
    *bytes = self->link != NULL ? self->link->unwritten_size : 0;

  return self->link != NULL ? self->link->unwritten.length : 0;
}

/**
 * sio_manager_get_nsp:
 * @self: a manager
 *
 * Returns: (transfer none): the namespace in the URL, verbatim; "/" if there was none
 */
const char *
sio_manager_get_nsp (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), NULL);

  return self->url->nsp;
}

/**
 * sio_manager_set_tap:
 * @self: a manager
 * @tap: (nullable): who is told everything from now on; %NULL takes the one that is there off
 *
 * There is at most one. The manager keeps it alive until another is set or the manager is disposed of.
 *
 * A tap is told in the middle of things. What its methods ask for that opens, closes, joins, leaves or disposes is done when
 * what they were told of is over, at the next turn of the loop.
 */
void
sio_manager_set_tap (SioManager *self,
                     SioTap     *tap)
{
  SioTap *old;

  g_return_if_fail (SIO_IS_MANAGER (self));
  g_return_if_fail (tap == NULL || SIO_IS_TAP (tap));

  old = self->tap.tap;
  if (old == tap)
    return;

  if (tap != NULL)
    g_object_ref (tap);
  sio_tap_handle_set (&self->tap, tap);
  if (self->link != NULL)
    sio_tap_handle_set (&self->link->tap, tap);
  for (guint i = 0; i < self->leaving->len; i++)
    sio_tap_handle_set (&((SioManagerLink *) g_ptr_array_index (self->leaving, i))->tap, tap);
  g_clear_object (&old);
}

/**
 * sio_manager_set_random_for_tests:
 * @self: a manager
 * @random01: (nullable): gives a number in [0, 1); %NULL restores g_random_double()
 * @data: for @random01
 */
void
sio_manager_set_random_for_tests (SioManager *self,
                                  double    (*random01) (gpointer data),
                                  gpointer    data)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  self->random01 = random01;
  self->random_data = data;
}
