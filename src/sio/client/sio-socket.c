/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioSocket: the states of one namespace and the packets that move it. What is emitted and received is in
 * sio-socket-emit.c and sio-socket-receive.c. */

#include "sio-manager-private.h"

#include "../wire/sio-json.h"

/* Ids and sessions of real servers have 20 bytes. */
#define MAX_ID_SIZE 1024

/* The words of the official client, which people search the web for. */
#define OLD_SERVER_MESSAGE \
  "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible " \
  "(more information here: https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)"

static const SioSocketEdge edges[] = {
  { SIO_SOCKET_STATE_INACTIVE,   SIO_SOCKET_STATE_WAITING,    "asked to connect" },
  { SIO_SOCKET_STATE_WAITING,    SIO_SOCKET_STATE_CONNECTING, "CONNECT was sent" },
  { SIO_SOCKET_STATE_WAITING,    SIO_SOCKET_STATE_INACTIVE,   "asked to disconnect" },
  { SIO_SOCKET_STATE_CONNECTING, SIO_SOCKET_STATE_CONNECTED,  "the server accepted" },
  { SIO_SOCKET_STATE_CONNECTING, SIO_SOCKET_STATE_WAITING,    "the connection was lost" },
  { SIO_SOCKET_STATE_CONNECTING, SIO_SOCKET_STATE_INACTIVE,   "refused, or asked to disconnect" },
  { SIO_SOCKET_STATE_CONNECTED,  SIO_SOCKET_STATE_WAITING,    "the connection was lost" },
  { SIO_SOCKET_STATE_CONNECTED,  SIO_SOCKET_STATE_INACTIVE,   "sent away, or asked to disconnect" },
};

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

enum {
  SIGNAL_CONNECT,
  SIGNAL_DISCONNECT,
  SIGNAL_CONNECT_ERROR,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];
guint sio_socket_event_signal;

G_DEFINE_FINAL_TYPE (SioSocket, sio_socket, G_TYPE_OBJECT)

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

const SioSocketEdge *
sio_socket_get_edges (guint *n_edges)
{
  *n_edges = G_N_ELEMENTS (edges);
  return edges;
}

/* The only place where the state changes. */
gboolean
sio_socket_move_to (SioSocket      *self,
                    SioSocketState  to)
{
  SioSocketState from = self->state;
  gboolean known = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (edges) && !known; i++)
    known = edges[i].from == from && edges[i].to == to;
  g_return_val_if_fail (known, FALSE);

  self->state = to;

  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  if (from == SIO_SOCKET_STATE_CONNECTED)
    {
      g_clear_pointer (&self->id, g_free);
      self->recovered = FALSE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECOVERED]);
    }
  if (from == SIO_SOCKET_STATE_CONNECTED || to == SIO_SOCKET_STATE_CONNECTED)
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ID]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
    }
  if (from == SIO_SOCKET_STATE_INACTIVE || to == SIO_SOCKET_STATE_INACTIVE)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
  g_object_thaw_notify (G_OBJECT (self));
  return TRUE;
}

static void
tap_change (SioSocket          *self,
            SioTapSocketChange  change,
            const char         *reason,
            SioSpan             data,
            gboolean            active)
{
  SioTapSocketEvent event;

  event.change = change;
  event.nsp = self->nsp;
  event.reason = reason;
  event.data = data;
  event.active = active;
  event.recovered = self->recovered;
  SIO_TAP_CALL (&self->manager->tap, socket, &event);
}

static const SioSpan no_data = { NULL, 0 };

/* --- leaving --- */

static void
stop_rejoin (SioSocket *self)
{
  if (self->rejoin == NULL)
    return;
  g_source_destroy (self->rejoin);
  g_clear_pointer (&self->rejoin, g_source_unref);
}

static gboolean
rejoin_cb (gpointer data)
{
  SioSocket *self = data;

  stop_rejoin (self);
  sio_socket_push (self);
  return G_SOURCE_REMOVE;
}

/* The connection's own things end with it. Acks of events that still wait to be sent stay. */
static GPtrArray *
forget_connection (SioSocket *self)
{
  sio_socket_forget_answerable (self);
  sio_socket_clear_received (self);
  return sio_socket_abandon_acks (self, /* buffered_too= */ FALSE);
}

void
sio_socket_detach (SioSocket     *self,
                   const char    *reason,
                   gboolean       active,
                   SioSocketLoss *loss)
{
  g_object_freeze_notify (G_OBJECT (self));
  loss->was = self->state;
  self->connect_owed = FALSE;
  self->disconnect_owed = FALSE;
  stop_rejoin (self);

  if (loss->was == SIO_SOCKET_STATE_CONNECTING || loss->was == SIO_SOCKET_STATE_CONNECTED)
    {
      sio_socket_move_to (self, SIO_SOCKET_STATE_WAITING);
      tap_change (self, SIO_TAP_SOCKET_DISCONNECTED, reason, no_data, active);
    }
  loss->acks = forget_connection (self);
}

void
sio_socket_announce (SioSocket     *self,
                     const char    *reason,
                     const GError  *error,
                     SioSocketLoss *loss)
{
  g_object_thaw_notify (G_OBJECT (self));

  /* the official client says both; protocol: "transport error before CONNECT answer" */
  if (loss->was == SIO_SOCKET_STATE_CONNECTING && error != NULL && g_str_equal (reason, "transport error"))
    sio_socket_emit_connect_error (self, error->message, NULL);
  if (self->manager != NULL
      && (loss->was == SIO_SOCKET_STATE_CONNECTING || loss->was == SIO_SOCKET_STATE_CONNECTED))
    g_signal_emit (self, signals[SIGNAL_DISCONNECT], 0, reason, error);

  sio_socket_fail_acks (loss->acks, "socket has been disconnected");
  g_clear_pointer (&loss->acks, g_ptr_array_unref);
}

/* Takes the socket out of the manager's care, which may close it. Then reason is announced, in the official order:
 * the manager's "close" first. */
static void
become_inactive (SioSocket  *self,
                 const char *reason,
                 gboolean    announce)
{
  g_autoptr(GPtrArray) abandoned = NULL;

  g_object_freeze_notify (G_OBJECT (self));
  sio_socket_move_to (self, SIO_SOCKET_STATE_INACTIVE);
  if (reason != NULL)
    tap_change (self, SIO_TAP_SOCKET_DISCONNECTED, reason, no_data, FALSE);
  abandoned = forget_connection (self);
  sio_manager_socket_left (self->manager);
  g_object_thaw_notify (G_OBJECT (self));

  if (announce && self->manager != NULL)
    g_signal_emit (self, signals[SIGNAL_DISCONNECT], 0, reason, NULL);
  sio_socket_fail_acks (abandoned, "socket has been disconnected");
}

void
sio_socket_orphan (SioSocket *self)
{
  g_autoptr(SioSocket) kept = g_object_ref (self);
  g_autoptr(GPtrArray) abandoned = sio_socket_abandon_acks (self, /* buffered_too= */ TRUE);

  sio_socket_forget_answerable (self);
  sio_socket_clear_received (self);
  sio_socket_clear_sends (self);
  stop_rejoin (self);
  self->manager = NULL;
  if (self->state != SIO_SOCKET_STATE_INACTIVE)
    sio_socket_move_to (self, SIO_SOCKET_STATE_INACTIVE);
  sio_socket_fail_acks (abandoned, "the manager is gone");
}

void
sio_socket_emit_connect_error (SioSocket  *self,
                               const char *message,
                               const char *data)
{
  if (self->manager != NULL)
    g_signal_emit (self, signals[SIGNAL_CONNECT_ERROR], 0, message, data);
}

void
sio_socket_tap_attempt_failed (SioSocket  *self,
                               const char *message,
                               gboolean    active)
{
  tap_change (self, SIO_TAP_SOCKET_CONNECT_ERROR, message, no_data, active);
}

/* --- connecting --- */

/* The session to recover goes in front: of two members of the same name the last one counts, so that the person's own
 * win, as in the official client. */
static char *
dup_connect_payload (SioSocket *self)
{
  const char *auth = self->auth != NULL ? self->auth : sio_options_get_auth (self->manager->options);
  const char *rest = NULL;
  GString *out;

  if (self->session == NULL)
    return g_strdup (auth);

  out = g_string_new ("{\"pid\":");
  g_string_append (out, self->session);
  if (self->offset != NULL)
    g_string_append_printf (out, ",\"offset\":%s", self->offset);

  if (auth != NULL)
    {
      rest = strchr (auth, '{') + 1;
      rest += strspn (rest, " \t\r\n");
    }
  if (rest != NULL && *rest != '}')
    {
      g_string_append_c (out, ',');
      g_string_append (out, rest);
    }
  else
    g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

static gboolean
send_disconnect (SioSocket *self)
{
  g_autoptr(SioOutgoing) outgoing = sio_outgoing_new_control (SIO_PACKET_DISCONNECT, self->nsp, NULL);

  /* If the engine is full the server goes on thinking that we are here; it is told as soon as there is room. */
  self->disconnect_owed = !sio_manager_send (self->manager, outgoing, NULL);
  if (self->disconnect_owed)
    return FALSE;

  stop_rejoin (self);
  self->rejoin = g_timeout_source_new (SIO_SOCKET_REJOIN_DELAY_MS);
  g_source_set_static_name (self->rejoin, "[sio] rejoin");
  g_source_set_callback (self->rejoin, rejoin_cb, self, NULL);
  g_source_attach (self->rejoin, self->manager->context);
  return TRUE;
}

static void
send_connect (SioSocket *self)
{
  /* A CONNECT that was not answered yet serves again: a second one makes a server 4.x close the whole connection. */
  if (!self->connect_owed)
    {
      g_autofree char *payload = dup_connect_payload (self);
      g_autoptr(SioOutgoing) outgoing = sio_outgoing_new_control (SIO_PACKET_CONNECT, self->nsp, payload);

      if (!sio_manager_send (self->manager, outgoing, NULL))
        return;
      self->connect_owed = TRUE;
    }

  tap_change (self, SIO_TAP_SOCKET_CONNECTING, NULL, no_data, TRUE);
  sio_socket_move_to (self, SIO_SOCKET_STATE_CONNECTING);
}

void
sio_socket_push (SioSocket *self)
{
  g_autoptr(SioSocket) kept = g_object_ref (self);

  if (self->manager == NULL || !sio_manager_is_ready (self->manager))
    return;
  if (self->disconnect_owed && !send_disconnect (self))
    return;

  if (self->state != SIO_SOCKET_STATE_WAITING)
    sio_socket_flush_sends (self);
  else if (self->rejoin == NULL)
    send_connect (self);
}

/* --- packets --- */

static char *
dup_token (SioSpan     payload,
           const char *name)
{
  SioSpan token;

  if (payload.size == 0 || !sio_json_object_get (payload, name, &token)
      || sio_json_get_type (token) != SIO_JSON_STRING || token.size < 3 || token.size > MAX_ID_SIZE)
    return NULL;
  return g_strndup (token.data, token.size);
}

static void
ignore (SioSocket       *self,
        SioSpan          raw,
        const SioPacket *packet,
        const char      *why)
{
  sio_manager_tap_error (self->manager, "packet", SIO_ERROR_REFUSED, raw, "%s for %s, %s: ignored",
                         sio_packet_type_get_name (packet->type), self->nsp, why);
}

static void
handle_connect (SioSocket       *self,
                const SioPacket *packet,
                SioSpan          raw)
{
  g_autofree char *sid = NULL;
  g_autofree char *session = NULL;
  g_autoptr(GString) id = NULL;

  if (!self->connect_owed)
    {
      ignore (self, raw, packet, self->state == SIO_SOCKET_STATE_CONNECTED
                                   ? "which is connected already" : "which was not asked for");
      return;
    }

  sid = dup_token (packet->payload, "sid");
  if (sid == NULL)
    {
      tap_change (self, SIO_TAP_SOCKET_CONNECT_ERROR, OLD_SERVER_MESSAGE, no_data, TRUE);
      sio_socket_emit_connect_error (self, OLD_SERVER_MESSAGE, NULL);
      return;
    }

  self->connect_owed = FALSE;
  if (self->state == SIO_SOCKET_STATE_INACTIVE)
    {
      /* we left before the answer came; only now can the server be told */
      send_disconnect (self);
      return;
    }

  id = sio_json_unquote ((SioSpan) { sid, strlen (sid) });
  session = dup_token (packet->payload, "pid");
  self->recovered = session != NULL && g_strcmp0 (session, self->session) == 0;
  if (!self->recovered)
    g_clear_pointer (&self->offset, g_free);
  g_free (self->session);
  self->session = g_steal_pointer (&session);
  g_free (self->id);
  self->id = g_strdup (id->str);

  tap_change (self, SIO_TAP_SOCKET_CONNECTED, self->id, no_data, TRUE);
  sio_socket_move_to (self, SIO_SOCKET_STATE_CONNECTED);
  if (self->recovered)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECOVERED]);

  sio_socket_flush_received (self);
  sio_socket_flush_sends (self);
  if (self->state == SIO_SOCKET_STATE_CONNECTED)
    g_signal_emit (self, signals[SIGNAL_CONNECT], 0);
}

/* {"message":…,"data":…}, a string, or anything else: all of them are seen (protocol: "CONNECT_ERROR"). */
static void
handle_connect_error (SioSocket       *self,
                      const SioPacket *packet,
                      SioSpan          raw)
{
  g_autoptr(GString) message = NULL;
  g_autofree char *data = NULL;
  SioSpan data_span = no_data;
  SioSpan token;

  if (!self->connect_owed)
    {
      ignore (self, raw, packet, "which waits for no answer");
      return;
    }
  self->connect_owed = FALSE;
  if (self->state == SIO_SOCKET_STATE_INACTIVE)
    return;

  if (packet->payload.size == 0)
    message = g_string_new ("");
  else if (sio_json_get_type (packet->payload) == SIO_JSON_STRING)
    message = sio_json_unquote (packet->payload);
  else if (sio_json_get_type (packet->payload) == SIO_JSON_OBJECT
           && sio_json_object_get (packet->payload, "message", &token))
    {
      message = sio_json_unquote (token);
      sio_json_object_get (packet->payload, "data", &data_span);
    }
  else
    {
      message = g_string_new ("");
      data_span = packet->payload;
    }

  if (data_span.size > 0)
    data = g_strndup (data_span.data, data_span.size);
  tap_change (self, SIO_TAP_SOCKET_CONNECT_ERROR, message->str, data_span, FALSE);
  become_inactive (self, NULL, FALSE);
  sio_socket_emit_connect_error (self, message->str, data);
}

static void
handle_disconnect (SioSocket       *self,
                   const SioPacket *packet,
                   SioSpan          raw)
{
  if (self->state != SIO_SOCKET_STATE_CONNECTED && self->state != SIO_SOCKET_STATE_CONNECTING)
    {
      ignore (self, raw, packet, "which is not connected");
      return;
    }

  self->connect_owed = FALSE;
  become_inactive (self, "io server disconnect", TRUE);
}

void
sio_socket_handle_packet (SioSocket       *self,
                          GBytes          *owner,
                          SioSpan          raw,
                          const SioPacket *packet,
                          GPtrArray       *attachments)
{
  g_autoptr(SioSocket) kept = g_object_ref (self);

  switch (packet->type)
    {
    case SIO_PACKET_CONNECT:
      handle_connect (self, packet, raw);
      break;

    case SIO_PACKET_CONNECT_ERROR:
      handle_connect_error (self, packet, raw);
      break;

    case SIO_PACKET_DISCONNECT:
      handle_disconnect (self, packet, raw);
      break;

    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      if (self->state == SIO_SOCKET_STATE_CONNECTED)
        sio_socket_deliver (self, owner, packet, attachments);
      else if (self->state == SIO_SOCKET_STATE_CONNECTING)
        sio_socket_buffer_received (self, raw, attachments);
      else
        ignore (self, raw, packet, "which is not connected");
      break;

    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      if (self->state == SIO_SOCKET_STATE_CONNECTED)
        sio_socket_handle_ack (self, owner, raw, packet, attachments);
      else
        ignore (self, raw, packet, "which is not connected");
      break;

    default:
      g_assert_not_reached ();
    }
}

/* --- the object --- */

SioSocket *
sio_socket_new (SioManager   *manager,
                const char   *nsp,
                GMainContext *context)
{
  SioSocket *self = g_object_new (SIO_TYPE_SOCKET, NULL);

  self->manager = manager;
  self->nsp = g_strdup (nsp);
  self->nsp_key = (SioSpan) { self->nsp, strlen (self->nsp) };
  self->acks = sio_ack_table_new (context, sio_socket_acks_expired, self);
  return self;
}

static void
sio_socket_finalize (GObject *object)
{
  SioSocket *self = SIO_SOCKET (object);

  sio_socket_clear_received (self);
  sio_socket_clear_sends (self);
  sio_socket_forget_answerable (self);
  g_hash_table_unref (self->answerable);
  sio_listeners_clear (&self->listeners);
  g_clear_pointer (&self->acks, sio_ack_table_free);
  g_free (self->nsp);
  g_free (self->auth);
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
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, SIO_TYPE_SOCKET_STATE,
                                              SIO_SOCKET_STATE_INACTIVE, readable);
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
  properties[PROP_AUTH] = g_param_spec_string ("auth", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * SioSocket::connect:
   *
   * The server accepted the namespace. What it had sent before was delivered, what waited to be sent was written.
   */
  signals[SIGNAL_CONNECT] = g_signal_new ("connect", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * SioSocket::disconnect:
   * @reason: in socket.io's words
   * @error: (nullable): the detail behind it
   *
   * The connection ended. It may come without a "connect" before it, if the answer to CONNECT never came.
   */
  signals[SIGNAL_DISCONNECT] = g_signal_new ("disconnect", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0,
                                             NULL, NULL, NULL, G_TYPE_NONE, 2,
                                             G_TYPE_STRING, G_TYPE_ERROR);
  /**
   * SioSocket::connect-error:
   * @message: why
   * @data: (nullable): JSON text that the server sent along
   *
   * An attempt of the manager failed (then the socket is still active), or the server refused the namespace (then it is not).
   */
  signals[SIGNAL_CONNECT_ERROR] = g_signal_new ("connect-error", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0,
                                                NULL, NULL, NULL, G_TYPE_NONE, 2,
                                                G_TYPE_STRING, G_TYPE_STRING);
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

static void
sio_socket_init (SioSocket *self)
{
  g_queue_init (&self->send_buffer);
  g_queue_init (&self->receive_buffer);
  g_queue_init (&self->answerable_order);
  self->answerable = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

const char *
sio_socket_get_nsp (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->nsp;
}

const char *
sio_socket_get_id (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->id;
}

SioSocketState
sio_socket_get_state (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), SIO_SOCKET_STATE_INACTIVE);

  return self->state;
}

gboolean
sio_socket_get_connected (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->state == SIO_SOCKET_STATE_CONNECTED;
}

gboolean
sio_socket_get_active (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->state != SIO_SOCKET_STATE_INACTIVE;
}

/**
 * sio_socket_get_manager:
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
 * sio_socket_set_auth:
 * @self: a socket
 * @auth: (nullable): text of a JSON object; %NULL for the manager's option
 * @error: %SIO_ERROR_INVALID_ARGUMENT if it is none
 *
 * What goes along with CONNECT, from the next one on.
 */
gboolean
sio_socket_set_auth (SioSocket   *self,
                     const char  *auth,
                     GError     **error)
{
  SioJsonType type;
  gsize offset;

  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  if (auth != NULL)
    {
      g_autoptr(GError) local_error = NULL;

      if (!sio_json_validate (auth, strlen (auth), SIO_JSON_DEFAULT_MAX_DEPTH, &type, &offset, &local_error))
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "auth is not JSON: %s", local_error->message);
          return FALSE;
        }
      /* servers 4.x close the whole connection on anything else */
      if (type != SIO_JSON_OBJECT)
        {
          g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "auth is not a JSON object");
          return FALSE;
        }
    }

  if (g_strcmp0 (self->auth, auth) == 0)
    return TRUE;
  g_free (self->auth);
  self->auth = g_strdup (auth);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AUTH]);
  return TRUE;
}

/**
 * sio_socket_connect:
 *
 * Asks for the namespace. Opens the manager unless it is about to open already; while it waits for its next attempt, this
 * waits for that too. Nothing happens if it is connected or connecting.
 */
void
sio_socket_connect (SioSocket *self)
{
  g_autoptr(SioSocket) kept = NULL;

  g_return_if_fail (SIO_IS_SOCKET (self));

  if (self->manager == NULL || self->state == SIO_SOCKET_STATE_CONNECTING
      || self->state == SIO_SOCKET_STATE_CONNECTED)
    return;

  kept = g_object_ref (self);
  if (self->state == SIO_SOCKET_STATE_INACTIVE)
    sio_socket_move_to (self, SIO_SOCKET_STATE_WAITING);
  /* a handler of notify may have thought better of it */
  if (self->manager == NULL || self->state != SIO_SOCKET_STATE_WAITING)
    return;

  sio_manager_open (self->manager);
  sio_socket_push (self);
}

/**
 * sio_socket_disconnect:
 *
 * Leaves the namespace. If it was the last one the manager closes, and stops trying if it was trying.
 */
void
sio_socket_disconnect (SioSocket *self)
{
  g_autoptr(SioSocket) kept = NULL;
  gboolean connected;

  g_return_if_fail (SIO_IS_SOCKET (self));

  if (self->manager == NULL || self->state == SIO_SOCKET_STATE_INACTIVE)
    return;

  kept = g_object_ref (self);
  connected = self->state == SIO_SOCKET_STATE_CONNECTED;
  if (connected)
    send_disconnect (self);
  become_inactive (self, "io client disconnect", connected);
}

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

/* Like sio_socket_on(), for one event only. */
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

/* Every event that comes in, before those who wait for it by name. */
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

/* Like sio_socket_on_any(), before all the others. */
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

/* Every event when it is handed to the transport; not acks. */
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

/* Takes one listener off; 0 takes all of them. It is not called any more, even for the event that is being delivered. */
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
