/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes from the transports and what it means to a session. Engine.IO 4, "Packet types". */

#include "sio-engine-private.h"

#include "../sio-error.h"
#include "../wire/sio-engine-packet.h"

/* More control packets than that in five seconds are an attack or a fault. */
#define MAX_CONTROLS 5000
#define CONTROL_WINDOW_US (5 * G_USEC_PER_SEC)

void
sio_engine_fail_malformed (SioEngine *self,
                           GError    *malformed,
                           SioSpan    bytes)
{
  g_autoptr (GError) error = malformed;

  sio_engine_ref_internal (self);
  SIO_TAP_CALL (self->tap, error, "engine", error, bytes);
  sio_engine_fail (self, "transport error", error);
  sio_engine_unref_internal (self);
}

void
sio_engine_tap_packet (SioEngine           *self,
                       SioDirection         direction,
                       SioTransportKind     kind,
                       SioEnginePacketType  type,
                       SioSpan              raw)
{
  SIO_TAP_CALL (self->tap, engine_packet, direction, kind, type, raw);
}

gboolean
sio_engine_count_control (SioEngine *self)
{
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_monotonic_time ();

  if (now - self->control_since_us > CONTROL_WINDOW_US)
    {
      self->control_since_us = now;
      self->n_controls = 0;
    }
  if (++self->n_controls <= MAX_CONTROLS)
    return TRUE;

  error = g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE, "more than %d control packets within 5 s", MAX_CONTROLS);
  SIO_TAP_CALL (self->tap, error, "limit", error, (SioSpan) { 0 });
  sio_engine_fail (self, "transport error", error);
  return FALSE;
}

static void
sio_engine_handle_open (SioEngine *self,
                        SioSpan    raw,
                        SioSpan    json)
{
  GError *error = NULL;

  self->handshake = sio_handshake_parse (json, &error);
  if (self->handshake == NULL)
    {
      sio_engine_fail_malformed (self, error, raw);
      return;
    }

  sio_engine_stop_source (&self->attempt);
  sio_http_set_sid (self->http, self->handshake->sid);
  sio_transport_start (self->transport, self->handshake);
  sio_engine_move_to (self, SIO_ENGINE_STATE_OPEN);
  sio_engine_start_heartbeat (self);
  self->listener.opened (self->data, self->handshake, SIO_ENGINE_REVISION, NULL);

  if (self->state == SIO_ENGINE_STATE_OPEN && self->try_upgrade
      && sio_transport_get_kind (self->transport) == SIO_TRANSPORT_KIND_POLLING
      && g_strv_contains ((const char * const *) self->handshake->upgrades, "websocket"))
    sio_engine_start_upgrade (self);
}

/* Whatever is not a text message on an open session. */
static void
sio_engine_read_packet (SioEngine *self,
                        GBytes    *owner,
                        SioSpan    unit)
{
  SioTransportKind kind = sio_transport_get_kind (self->transport);
  SioEnginePacket packet = { 0 };
  GError *error = NULL;

  if (!sio_engine_packet_decode_text (4, unit, &packet, &error))
    {
      sio_engine_fail_malformed (self, error, unit);
      return;
    }

  if (packet.type != SIO_ENGINE_PACKET_MESSAGE)
    {
      sio_engine_tap_packet (self, SIO_DIRECTION_IN, kind, packet.type, unit);
      if (self->state == SIO_ENGINE_STATE_CLOSED || !sio_engine_count_control (self))
        goto out;
    }

  if (self->state == SIO_ENGINE_STATE_OPENING && packet.type != SIO_ENGINE_PACKET_OPEN)
    {
      sio_engine_fail_malformed (self, g_error_new (SIO_ERROR, SIO_ERROR_MALFORMED,
                                                    "the first packet is \"%s\", expected \"open\"",
                                                    sio_engine_packet_type_get_name (packet.type)), unit);
      goto out;
    }

  switch (packet.type)
    {
    case SIO_ENGINE_PACKET_OPEN:
      if (self->state == SIO_ENGINE_STATE_OPENING)
        sio_engine_handle_open (self, unit, packet.data);
      else
        sio_engine_fail_malformed (self, g_error_new_literal (SIO_ERROR, SIO_ERROR_MALFORMED, "a second open packet"), unit);
      break;

    case SIO_ENGINE_PACKET_CLOSE:
      /* Over WebSocket the close of the WebSocket is what counts. */
      if (kind == SIO_TRANSPORT_KIND_POLLING)
        {
          error = g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, "the server sent a close packet");
          sio_engine_fail (self, "transport close", error);
          g_clear_error (&error);
        }
      break;

    case SIO_ENGINE_PACKET_PING:
      sio_engine_handle_ping (self);
      break;

    case SIO_ENGINE_PACKET_MESSAGE:
      if (packet.binary)
        {
          g_autoptr (GBytes) bytes = packet.decoded != NULL ? g_bytes_ref (packet.decoded)
                                                            : g_bytes_new (packet.data.data, packet.data.size);

          self->listener.binary (self->data, bytes, kind);
        }
      else
        self->listener.text (self->data, owner, unit, kind);
      break;

    case SIO_ENGINE_PACKET_PONG:
    case SIO_ENGINE_PACKET_UPGRADE:
    case SIO_ENGINE_PACKET_NOOP:
      break;
    }

out:
  sio_engine_packet_clear (&packet);
}

static void
sio_engine_transport_text (gpointer      data,
                           SioTransport *transport,
                           GBytes       *owner,
                           SioSpan       unit)
{
  SioEngine *self = data;

  /* The one path that a million messages a second take. Nothing of us may be touched after it. */
  if (G_LIKELY (unit.size > 0 && unit.data[0] == '4' && self->state != SIO_ENGINE_STATE_OPENING
                && transport == self->transport))
    {
      self->listener.text (self->data, owner, unit, transport->klass->kind);
      return;
    }

  sio_engine_ref_internal (self);
  if (transport == self->transport)
    sio_engine_read_packet (self, owner, unit);
  else if (transport == self->probe)
    sio_engine_probe_text (self, unit);
  sio_engine_unref_internal (self);
}

static void
sio_engine_transport_binary (gpointer      data,
                             SioTransport *transport,
                             GBytes       *bytes)
{
  SioEngine *self = data;
  SioSpan span;

  if (G_LIKELY (self->state != SIO_ENGINE_STATE_OPENING && transport == self->transport))
    {
      self->listener.binary (self->data, bytes, transport->klass->kind);
      return;
    }

  span.data = g_bytes_get_data (bytes, &span.size);
  sio_engine_ref_internal (self);
  if (transport == self->transport)
    sio_engine_fail_malformed (self, g_error_new_literal (SIO_ERROR, SIO_ERROR_MALFORMED,
                                                          "the first frame is binary, expected an open packet"), span);
  else if (transport == self->probe)
    sio_engine_probe_text (self, span);
  sio_engine_unref_internal (self);
}

static void
sio_engine_transport_control (gpointer      data,
                              SioTransport *transport)
{
  sio_engine_count_control (data);
}

static void
sio_engine_transport_opened (gpointer      data,
                             SioTransport *transport)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  if (transport == self->probe)
    sio_engine_probe_opened (self);
  sio_engine_unref_internal (self);
}

static void
sio_engine_transport_drained (gpointer      data,
                              SioTransport *transport)
{
  SioEngine *self = data;

  if (transport != self->transport)
    return;

  if (self->state == SIO_ENGINE_STATE_CLOSING)
    sio_engine_go_on_closing (self);
  else if (self->state == SIO_ENGINE_STATE_OPEN && self->listener.drained != NULL)
    self->listener.drained (self->data);
}

static void
sio_engine_transport_paused (gpointer      data,
                             SioTransport *transport)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  sio_engine_finish_upgrade (self);
  sio_engine_unref_internal (self);
}

static void
sio_engine_transport_closed (gpointer      data,
                             SioTransport *transport,
                             const char   *reason,
                             const GError *error)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  if (transport == self->transport)
    sio_engine_fail (self, reason, error);
  else if (transport == self->probe)
    sio_engine_abandon_upgrade (self, error);
  sio_engine_unref_internal (self);
}

const SioTransportListener sio_engine_transport_listener = {
  .opened = sio_engine_transport_opened,
  .text = sio_engine_transport_text,
  .binary = sio_engine_transport_binary,
  .control = sio_engine_transport_control,
  .drained = sio_engine_transport_drained,
  .paused = sio_engine_transport_paused,
  .closed = sio_engine_transport_closed,
};
