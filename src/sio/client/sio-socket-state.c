/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machine of one namespace, and CONNECT, CONNECT_ERROR and DISCONNECT, which move it. */

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
  if (from == SIO_SOCKET_STATE_CONNECTED)
    {
      g_clear_pointer (&self->id, g_free);
      self->recovered = FALSE;
    }
  sio_socket_notify_state (self, from);
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
  sio_socket_auth_forget (self);
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
    g_signal_emit (self, sio_socket_signals[SIO_SOCKET_SIGNAL_DISCONNECT], 0, reason, error);

  sio_socket_fail_acks (loss->acks, "socket has been disconnected");
  g_clear_pointer (&loss->acks, g_ptr_array_unref);
}

/* Takes the socket out of the manager's care, which may close it. Then reason is announced, in the official order:
 * the manager's "close" first. */
void
sio_socket_become_inactive (SioSocket  *self,
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
    g_signal_emit (self, sio_socket_signals[SIO_SOCKET_SIGNAL_DISCONNECT], 0, reason, NULL);
  sio_socket_fail_acks (abandoned, "socket has been disconnected");
}

void
sio_socket_orphan (SioSocket *self)
{
  g_autoptr(SioSocket) kept = g_object_ref (self);
  g_autoptr(GPtrArray) abandoned = sio_socket_abandon_acks (self, /* buffered_too= */ TRUE);

  sio_socket_auth_forget (self);
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
    g_signal_emit (self, sio_socket_signals[SIO_SOCKET_SIGNAL_CONNECT_ERROR], 0, message, data);
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
  const char *auth = sio_socket_auth_get (self);
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

gboolean
sio_socket_send_disconnect (SioSocket *self)
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
      g_autofree char *payload = NULL;
      g_autoptr(SioOutgoing) outgoing = NULL;

      if (!sio_socket_auth_is_ready (self))
        return;
      payload = dup_connect_payload (self);
      outgoing = sio_outgoing_new_control (SIO_PACKET_CONNECT, self->nsp, payload);
      if (!sio_manager_send (self->manager, outgoing, NULL))
        return;
      sio_socket_auth_forget (self);
      self->connect_owed = TRUE;
      self->said_old_server = FALSE;
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
  if (self->disconnect_owed && !sio_socket_send_disconnect (self))
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
  if (sid == NULL && self->said_old_server)
    {
      ignore (self, raw, packet, "again without an id");
      return;
    }
  if (sid == NULL)
    {
      self->said_old_server = TRUE;
      tap_change (self, SIO_TAP_SOCKET_CONNECT_ERROR, OLD_SERVER_MESSAGE, no_data, TRUE);
      sio_socket_emit_connect_error (self, OLD_SERVER_MESSAGE, NULL);
      return;
    }

  self->connect_owed = FALSE;
  if (self->state == SIO_SOCKET_STATE_INACTIVE)
    {
      /* we left before the answer came; only now can the server be told */
      sio_socket_send_disconnect (self);
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

  sio_socket_flush_received (self);
  sio_socket_flush_sends (self);
  if (self->state == SIO_SOCKET_STATE_CONNECTED)
    g_signal_emit (self, sio_socket_signals[SIO_SOCKET_SIGNAL_CONNECT], 0);
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
  sio_socket_become_inactive (self, NULL, FALSE);
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
  sio_socket_become_inactive (self, "io server disconnect", TRUE);
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
