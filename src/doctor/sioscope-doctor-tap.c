/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-doctor-tap.h"

static void doctor_tap_iface_init (SioTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (DoctorTap, doctor_tap, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIO_TYPE_TAP, doctor_tap_iface_init))

static gboolean
has_header (const char *lines,
            const char *name)
{
  g_autofree char *all = g_ascii_strdown (lines != NULL ? lines : "", -1);
  g_autofree char *inside = g_strconcat ("\r\n", name, ":", NULL);

  return g_str_has_prefix (all, inside + 2) || strstr (all, inside) != NULL;
}

static void
doctor_tap_http (SioTap                *tap,
                 const SioHttpExchange *exchange)
{
  DoctorTap *self = DOCTOR_TAP (tap);

  if (strstr (exchange->uri, "transport=websocket") != NULL)
    {
      self->websocket_status = exchange->status;
      return;
    }

  if (exchange->status == 200 && g_str_equal (exchange->method, "POST"))
    self->n_posts++;
  else if (exchange->status == 200)
    self->n_polls++;
  self->compressed |= has_header (exchange->response_headers, "content-encoding");
}

static void
doctor_tap_engine_packet (SioTap              *tap,
                          SioDirection         direction,
                          SioTransportKind     transport,
                          SioEnginePacketType  type,
                          SioSpan              raw)
{
  DoctorTap *self = DOCTOR_TAP (tap);
  SioSpan upgrades;

  if (direction != SIO_DIRECTION_IN)
    return;

  if (type == SIO_ENGINE_PACKET_OPEN && raw.size > 1)
    self->may_upgrade = sio_json_object_get ((SioSpan) { raw.data + 1, raw.size - 1 }, "upgrades", &upgrades)
                        && g_strstr_len (upgrades.data, (gssize) upgrades.size, "\"websocket\"") != NULL;
  else if ((type == SIO_ENGINE_PACKET_PING || type == SIO_ENGINE_PACKET_PONG) && raw.size == 1 && self->first_ping_us < 0)
    self->first_ping_us = g_get_monotonic_time () - self->opened_us;
}

static void
doctor_tap_state (SioTap                  *tap,
                  const SioTapStateChange *change)
{
  DoctorTap *self = DOCTOR_TAP (tap);

  switch (change->state)
    {
    case SIO_TAP_STATE_OPEN:
      self->opened = TRUE;
      self->opened_us = g_get_monotonic_time ();
      self->eio = change->eio;
      self->server = change->server;
      self->ping_interval_ms = change->ping_interval_ms;
      self->ping_timeout_ms = change->ping_timeout_ms;
      self->max_payload = change->max_payload;
      g_free (self->how);
      self->how = g_strdup (change->reason);
      break;

    case SIO_TAP_STATE_UPGRADED:
      self->upgraded = TRUE;
      break;

    case SIO_TAP_STATE_UPGRADE_FAILED:
      g_free (self->upgrade_failure);
      self->upgrade_failure = g_strdup (change->error != NULL ? change->error->message
                                        : change->reason != NULL ? change->reason : "no reason was given");
      break;

    case SIO_TAP_STATE_CLOSED:
    case SIO_TAP_STATE_ATTEMPT_FAILED:
    case SIO_TAP_STATE_FAILED:
      self->over = TRUE;
      if (self->error == NULL && change->error != NULL)
        self->error = g_error_copy (change->error);
      else if (self->error == NULL && change->reason != NULL)
        self->error = g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, change->reason);
      break;

    case SIO_TAP_STATE_CONNECTING:
    case SIO_TAP_STATE_UPGRADING:
    case SIO_TAP_STATE_WAITING:
    default:
      break;
    }
}

static void
doctor_tap_socket (SioTap                  *tap,
                   const SioTapSocketEvent *event)
{
  DoctorTap *self = DOCTOR_TAP (tap);

  if (event->change == SIO_TAP_SOCKET_CONNECTED)
    self->joined = TRUE;
  /* One that fails with its connection is told by the state. */
  else if (event->change == SIO_TAP_SOCKET_CONNECT_ERROR && self->opened && !self->over && self->refusal == NULL)
    {
      self->refusal = g_strdup (event->reason);
      self->refusal_data = event->data.size > 0 ? g_strndup (event->data.data, event->data.size) : NULL;
    }
}

static void
doctor_tap_iface_init (SioTapInterface *iface)
{
  iface->http = doctor_tap_http;
  iface->engine_packet = doctor_tap_engine_packet;
  iface->state = doctor_tap_state;
  iface->socket = doctor_tap_socket;
}

static void
doctor_tap_finalize (GObject *object)
{
  DoctorTap *self = DOCTOR_TAP (object);

  g_free (self->how);
  g_free (self->upgrade_failure);
  g_free (self->refusal);
  g_free (self->refusal_data);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (doctor_tap_parent_class)->finalize (object);
}

static void
doctor_tap_class_init (DoctorTapClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = doctor_tap_finalize;
}

static void
doctor_tap_init (DoctorTap *self)
{
  self->first_ping_us = -1;
}

DoctorTap *
doctor_tap_new (void)
{
  return g_object_new (DOCTOR_TYPE_TAP, NULL);
}
