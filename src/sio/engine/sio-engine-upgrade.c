/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From polling to WebSocket without losing, doubling or reordering a packet. Engine.IO, "Upgrade";
 * in the order of the official implementation, which probes first and pauses polling only when the
 * probe was answered. */

#include "sio-engine-private.h"

#include "../sio-error.h"
#include "../transport/sio-websocket-transport.h"

/* From the second handshake to the last poll's answer; the server gives up after as long. */
#define PROBE_TIMEOUT_MS 10000

static guint probe_timeout_ms = PROBE_TIMEOUT_MS;

/**
 * sio_engine_set_probe_timeout_for_tests:
 * @ms: how long an upgrade may take, milliseconds; 0 for what it is usually
 *
 * For upgrades that start later, of all engines.
 */
void
sio_engine_set_probe_timeout_for_tests (guint ms)
{
  probe_timeout_ms = ms > 0 ? ms : PROBE_TIMEOUT_MS;
}

static void
sio_engine_tap_upgrade (SioEngine    *self,
                        SioTapState   state,
                        const GError *error)
{
  SioTapStateChange change = { 0 };

  /* Closing: the tap has been told that the connection is closed, and no state follows that. The
   * packets of the goodbye, which do pass, are told as they pass. */
  if (self->state == SIO_ENGINE_STATE_CLOSING)
    return;

  change.state = state;
  change.transport = state == SIO_TAP_STATE_UPGRADE_FAILED ? SIO_TRANSPORT_KIND_POLLING : SIO_TRANSPORT_KIND_WEBSOCKET;
  change.reason = error != NULL ? "probe error" : NULL;
  change.error = error;
  SIO_TAP_CALL (self->tap, state, &change);
}

static gboolean
sio_engine_probing_cb (gpointer data)
{
  SioEngine *self = data;
  g_autoptr (GError) error = NULL;

  sio_engine_stop_source (&self->probing);
  error = g_error_new (SIO_ERROR, SIO_ERROR_TIMED_OUT,
                       self->upgrade == SIO_UPGRADE_PAUSING ? "the pending poll was not answered within %u ms"
                                                            : "the probe was not answered within %u ms",
                       probe_timeout_ms);
  sio_engine_abandon_upgrade (self, error);
  return G_SOURCE_REMOVE;
}

void
sio_engine_start_upgrade (SioEngine *self)
{
  self->upgrade = SIO_UPGRADE_PROBING;
  sio_engine_note_websocket (FALSE);
  self->probe = sio_websocket_transport_new (self->http, self->options, /* queue= */ NULL, &sio_engine_transport_listener,
                                             self);
  self->probing = sio_engine_add_timeout (self, probe_timeout_ms, sio_engine_probing_cb);
  sio_transport_open (self->probe);
}

static void
sio_engine_drop_probe (SioEngine *self)
{
  SioTransport *probe = g_steal_pointer (&self->probe);

  sio_engine_stop_source (&self->probing);
  if (probe != NULL)
    {
      sio_transport_abandon (probe);
      sio_transport_unref (probe);
    }
}

void
sio_engine_abandon_upgrade (SioEngine    *self,
                            const GError *error)
{
  gboolean pausing = self->upgrade == SIO_UPGRADE_PAUSING;

  if (self->upgrade != SIO_UPGRADE_PROBING && !pausing)
    return;

  sio_engine_ref_internal (self);
  self->upgrade = SIO_UPGRADE_FAILED;
  sio_engine_drop_probe (self);
  if (error != NULL)
    {
      sio_engine_tap_upgrade (self, SIO_TAP_STATE_UPGRADE_FAILED, error);
      if (pausing && self->transport != NULL)
        sio_transport_resume (self->transport);
      sio_engine_go_on_closing (self);
    }
  sio_engine_unref_internal (self);
}

void
sio_engine_probe_opened (SioEngine *self)
{
  sio_engine_tap_packet (self, SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_WEBSOCKET, SIO_ENGINE_PACKET_PING,
                         SIO_SPAN_LITERAL ("2probe"));
  if (self->probe != NULL)
    sio_transport_send_now (self->probe, SIO_ENGINE_PACKET_PING, SIO_SPAN_LITERAL ("probe"));
}

void
sio_engine_probe_text (SioEngine *self,
                       SioSpan    unit)
{
  if (self->upgrade == SIO_UPGRADE_PROBING && sio_span_equals (unit, "3probe"))
    {
      sio_engine_tap_packet (self, SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_WEBSOCKET, SIO_ENGINE_PACKET_PONG, unit);
      if (self->upgrade != SIO_UPGRADE_PROBING)
        return;
      self->upgrade = SIO_UPGRADE_PAUSING;
      sio_engine_note_websocket (TRUE);
      sio_engine_tap_upgrade (self, SIO_TAP_STATE_UPGRADING, NULL);
      if (self->upgrade == SIO_UPGRADE_PAUSING)
        sio_transport_pause (self->transport);
    }
  else
    {
      g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_MALFORMED,
                                                      self->upgrade == SIO_UPGRADE_PAUSING
                                                      ? "a packet came over the WebSocket before it was asked for"
                                                      : "the probe's answer is not \"3probe\"");

      SIO_TAP_CALL (self->tap, error, "engine", error, unit);
      sio_engine_abandon_upgrade (self, error);
    }
}

/* Polling is silent: the WebSocket becomes the transport, says so, and takes over what waits. */
void
sio_engine_finish_upgrade (SioEngine *self)
{
  SioTransport *polling = self->transport;

  if (self->upgrade != SIO_UPGRADE_PAUSING)
    return;

  self->transport = g_steal_pointer (&self->probe);
  sio_engine_stop_source (&self->probing);
  self->upgrade = SIO_UPGRADE_DONE;
  sio_transport_abandon (polling);
  sio_transport_unref (polling);

  sio_engine_tap_packet (self, SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_WEBSOCKET, SIO_ENGINE_PACKET_UPGRADE,
                         SIO_SPAN_LITERAL ("5"));
  if (self->transport == NULL)
    return;
  sio_transport_send_now (self->transport, SIO_ENGINE_PACKET_UPGRADE, (SioSpan) { 0 });
  if (self->transport == NULL)
    return;
  self->transport->queue = &self->queue;

  sio_engine_tap_upgrade (self, SIO_TAP_STATE_UPGRADED, NULL);
  if (self->transport != NULL && self->listener.upgraded != NULL)
    self->listener.upgraded (self->data);
  if (self->transport != NULL)
    sio_transport_flush (self->transport);
  sio_engine_go_on_closing (self);
}
