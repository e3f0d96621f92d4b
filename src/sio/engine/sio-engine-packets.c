/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes from the transports and what it means to a session. Engine.IO 4, "Packet types". */

#include "sio-engine-private.h"

#include "../sio-error.h"
#include "../transport/sio-websocket-transport.h"
#include "../wire/sio-engine-packet.h"

/* Over how long max-control-rate is looked at: a poll that was away for a while may bring many at once. */
#define CONTROL_WINDOW_S 5

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
  guint rate = sio_options_get_max_control_rate (self->options);
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_monotonic_time ();

  if (now - self->control_since_us > CONTROL_WINDOW_S * G_USEC_PER_SEC)
    {
      self->control_since_us = now;
      self->n_controls = 0;
    }
  if (++self->n_controls <= (guint64) rate * CONTROL_WINDOW_S)
    return TRUE;

  error = g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE,
                       "more control packets than max-control-rate (%u a second, over %d s)", rate, CONTROL_WINDOW_S);
  SIO_TAP_CALL (self->tap, error, "limit", error, (SioSpan) { 0 });
  if (self->transport != NULL && sio_transport_get_kind (self->transport) == SIO_TRANSPORT_KIND_WEBSOCKET)
    sio_websocket_transport_refuse (self->transport, 1008);
  sio_engine_fail (self, "transport error", error);
  return FALSE;
}

static void
sio_engine_handle_open (SioEngine *self,
                        SioSpan    raw,
                        SioSpan    json)
{
  GError *error = NULL;
  SioHandshake *handshake = sio_handshake_parse (json, &error);

  if (handshake == NULL)
    {
      sio_engine_fail_malformed (self, error, raw);
      return;
    }

  self->handshake = handshake;
  sio_engine_stop_source (&self->attempt);
  sio_http_set_sid (self->http, self->handshake->sid);
  sio_transport_start (self->transport, self->handshake);
  sio_engine_take_handshake (self);
}

static void
sio_engine_handle_message (SioEngine       *self,
                           GBytes          *owner,
                           SioSpan          unit,
                           SioEnginePacket *packet)
{
  SioTransportKind kind = sio_transport_get_kind (self->transport);
  g_autoptr (GBytes) bytes = NULL;

  if (!packet->binary)
    {
      self->listener.text (self->data, owner, unit, kind);
      return;
    }

  if (packet->decoded != NULL)
    bytes = g_bytes_ref (packet->decoded);
  else
    bytes = g_bytes_new_from_bytes (owner, (gsize) (packet->data.data - (const char *) g_bytes_get_data (owner, NULL)),
                                    packet->data.size);
  self->listener.binary (self->data, bytes, kind);
}

/* Whatever is not a plain message on an open session. raw: all of it, the type included. */
static void
sio_engine_take_packet (SioEngine       *self,
                        GBytes          *owner,
                        SioSpan          raw,
                        SioEnginePacket *packet)
{
  static const char digits[] = "0123456";
  SioTransportKind kind = sio_transport_get_kind (self->transport);
  g_autoptr (GError) error = NULL;

  /* Engine.IO 3 can write any packet as bytes: whoever watches is shown the text that means the same. */
  if (packet->binary && packet->type != SIO_ENGINE_PACKET_MESSAGE)
    raw = (SioSpan) { digits + packet->type, 1 };

  if (packet->type != SIO_ENGINE_PACKET_MESSAGE)
    {
      sio_engine_tap_packet (self, SIO_DIRECTION_IN, kind, packet->type, raw);
      if (self->state == SIO_ENGINE_STATE_CLOSED || !sio_engine_count_control (self))
        return;
    }

  if (self->handshake == NULL && packet->type != SIO_ENGINE_PACKET_OPEN)
    {
      sio_engine_fail_malformed (self, g_error_new (SIO_ERROR, SIO_ERROR_MALFORMED,
                                                    "the first packet is \"%s\", expected \"open\"",
                                                    sio_engine_packet_type_get_name (packet->type)), raw);
      return;
    }
  if (packet->type == SIO_ENGINE_PACKET_PING && !sio_engine_settle (self, FALSE))
    return;

  switch (packet->type)
    {
    case SIO_ENGINE_PACKET_OPEN:
      if (self->handshake == NULL)
        sio_engine_handle_open (self, raw, packet->data);
      else
        sio_engine_fail_malformed (self, g_error_new_literal (SIO_ERROR, SIO_ERROR_MALFORMED, "a second open packet"), raw);
      break;

    case SIO_ENGINE_PACKET_CLOSE:
      /* Over WebSocket the close of the WebSocket is what counts. */
      if (kind == SIO_TRANSPORT_KIND_POLLING)
        {
          error = g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, "the server sent a close packet");
          sio_engine_fail (self, "transport close", error);
        }
      break;

    case SIO_ENGINE_PACKET_PING:
      sio_engine_handle_ping (self);
      break;

    case SIO_ENGINE_PACKET_PONG:
      sio_engine_handle_pong (self);
      break;

    case SIO_ENGINE_PACKET_MESSAGE:
      sio_engine_handle_message (self, owner, raw, packet);
      break;

    case SIO_ENGINE_PACKET_UPGRADE:
    case SIO_ENGINE_PACKET_NOOP:
      break;
    }
}

static void
sio_engine_read_text (SioEngine *self,
                      GBytes    *owner,
                      SioSpan    unit)
{
  SioEnginePacket packet = { 0 };
  GError *error = NULL;

  if (unit.size > 0 && (*unit.data == '4' || *unit.data == 'b') && !sio_engine_settle (self, TRUE))
    return;
  if (sio_engine_packet_decode_text (self->eio, unit, &packet, &error))
    sio_engine_take_packet (self, owner, unit, &packet);
  else
    sio_engine_fail_malformed (self, error, unit);
  sio_engine_packet_clear (&packet);
}

static void
sio_engine_read_binary (SioEngine *self,
                        GBytes    *bytes)
{
  SioEnginePacket packet = { 0 };
  GError *error = NULL;
  SioSpan unit;

  if (!sio_engine_settle (self, TRUE))
    return;
  unit.data = g_bytes_get_data (bytes, &unit.size);
  if (self->handshake == NULL)
    sio_engine_fail_malformed (self, g_error_new_literal (SIO_ERROR, SIO_ERROR_MALFORMED,
                                                          "the first frame is binary, expected an open packet"), unit);
  else if (sio_engine_packet_decode_binary (self->eio, unit, &packet, &error))
    sio_engine_take_packet (self, bytes, unit, &packet);
  else
    sio_engine_fail_malformed (self, error, unit);
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
      if (G_UNLIKELY (self->eio == 3))
        sio_engine_note_heard (self);
      self->listener.text (self->data, owner, unit, transport->klass->kind);
      return;
    }

  sio_engine_ref_internal (self);
  if (transport == self->transport)
    {
      self->accepted = FALSE;
      sio_engine_note_heard (self);
      sio_engine_read_text (self, owner, unit);
    }
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

  if (G_LIKELY (self->eio == 4 && self->state != SIO_ENGINE_STATE_OPENING && transport == self->transport))
    {
      self->listener.binary (self->data, bytes, transport->klass->kind);
      return;
    }

  span.data = g_bytes_get_data (bytes, &span.size);
  sio_engine_ref_internal (self);
  if (transport == self->transport)
    {
      self->accepted = FALSE;
      sio_engine_note_heard (self);
      sio_engine_read_binary (self, bytes);
    }
  else if (transport == self->probe)
    sio_engine_probe_text (self, span);
  sio_engine_unref_internal (self);
}

static void
sio_engine_transport_control (gpointer      data,
                              SioTransport *transport)
{
  sio_engine_ref_internal (data);
  sio_engine_count_control (data);
  sio_engine_unref_internal (data);
}

static void
sio_engine_transport_answered (gpointer      data,
                               SioTransport *transport,
                               guint         eio)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  if (transport == self->transport)
    sio_engine_take_answer (self, eio);
  sio_engine_unref_internal (self);
}

static void
sio_engine_transport_opened (gpointer      data,
                             SioTransport *transport)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  if (transport == self->probe)
    sio_engine_probe_opened (self);
  else
    self->accepted = TRUE;
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
sio_engine_transport_written (gpointer      data,
                              SioTransport *transport)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  if (transport == self->transport)
    sio_engine_note_written (self);
  sio_engine_unref_internal (self);
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
  .answered = sio_engine_transport_answered,
  .text = sio_engine_transport_text,
  .binary = sio_engine_transport_binary,
  .control = sio_engine_transport_control,
  .written = sio_engine_transport_written,
  .drained = sio_engine_transport_drained,
  .paused = sio_engine_transport_paused,
  .closed = sio_engine_transport_closed,
};
