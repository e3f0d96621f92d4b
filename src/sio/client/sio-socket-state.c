/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machine of one namespace: its states, how it is left and lost, and who gets which packet. How it is joined is in
 * sio-socket-connect.c. */

#include "sio-manager-private.h"

static const SioSocketEdge edges[] = {
  { SIO_SOCKET_STATE_INACTIVE,   SIO_SOCKET_STATE_WAITING,    "asked to connect" },
  { SIO_SOCKET_STATE_WAITING,    SIO_SOCKET_STATE_CONNECTING, "CONNECT was sent" },
  { SIO_SOCKET_STATE_WAITING,    SIO_SOCKET_STATE_INACTIVE,   "asked to disconnect" },
  { SIO_SOCKET_STATE_CONNECTING, SIO_SOCKET_STATE_CONNECTED,  "the server accepted" },
  { SIO_SOCKET_STATE_CONNECTING, SIO_SOCKET_STATE_WAITING,    "the connection was lost, or a server 2.x refused" },
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

void
sio_socket_tap_change (SioSocket          *self,
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

/* --- leaving --- */

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
  self->refused = FALSE;
  sio_socket_stop_rejoin (self);

  if (loss->was == SIO_SOCKET_STATE_CONNECTING || loss->was == SIO_SOCKET_STATE_CONNECTED)
    {
      sio_socket_move_to (self, SIO_SOCKET_STATE_WAITING);
      sio_socket_tap_change (self, SIO_TAP_SOCKET_DISCONNECTED, reason, SIO_NO_SPAN, active);
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
  self->refused = FALSE;
  if (self->state == SIO_SOCKET_STATE_CONNECTING)
    sio_socket_stop_rejoin (self);
  sio_socket_move_to (self, SIO_SOCKET_STATE_INACTIVE);
  if (reason != NULL)
    sio_socket_tap_change (self, SIO_TAP_SOCKET_DISCONNECTED, reason, SIO_NO_SPAN, FALSE);
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
  sio_socket_stop_rejoin (self);
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
  sio_socket_tap_change (self, SIO_TAP_SOCKET_CONNECT_ERROR, message, SIO_NO_SPAN, active);
}

/* --- packets --- */

void
sio_socket_ignore (SioSocket       *self,
                   SioSpan          raw,
                   const SioPacket *packet,
                   const char      *why)
{
  sio_manager_tap_error (self->manager, "packet", SIO_ERROR_REFUSED, raw, "%s for %s, %s: ignored",
                         sio_packet_type_get_name (packet->type), self->nsp, why);
}

static void
handle_disconnect (SioSocket       *self,
                   const SioPacket *packet,
                   SioSpan          raw)
{
  sio_socket_note_root (self, FALSE);
  if (self->state != SIO_SOCKET_STATE_CONNECTED && self->state != SIO_SOCKET_STATE_CONNECTING)
    {
      sio_socket_ignore (self, raw, packet, "which is not connected");
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
      sio_socket_handle_connect (self, packet, raw);
      break;

    case SIO_PACKET_CONNECT_ERROR:
      sio_socket_handle_connect_error (self, packet, raw);
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
        sio_socket_ignore (self, raw, packet, "which is not connected");
      break;

    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      if (self->state == SIO_SOCKET_STATE_CONNECTED)
        sio_socket_handle_ack (self, owner, raw, packet, attachments);
      else
        sio_socket_ignore (self, raw, packet, "which is not connected");
      break;

    default:
      g_assert_not_reached ();
    }
}
