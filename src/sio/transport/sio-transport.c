/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What both transports have in common: their life. */

#include "sio-transport.h"

SioTransport *
sio_transport_init (SioTransport               *self,
                    const SioTransportClass    *klass,
                    SioHttp                    *http,
                    SioPacketQueue             *queue,
                    const SioTransportListener *listener,
                    gpointer                    data)
{
  self->klass = klass;
  self->http = http;
  self->queue = queue;
  self->listener = listener;
  self->data = data;
  self->ref_count = 1;
  return self;
}

SioTransport *
sio_transport_ref (SioTransport *self)
{
  self->ref_count++;
  return self;
}

void
sio_transport_unref (SioTransport *self)
{
  g_assert (self->ref_count > 0);

  if (--self->ref_count > 0)
    return;

  self->dead = TRUE;
  self->klass->finalize (self);
  g_free (self);
}

void
sio_transport_abandon (SioTransport *self)
{
  if (self->dead)
    return;

  self->dead = TRUE;
  self->klass->abandon (self);
  self->queue = NULL;
  self->http = NULL;
}

void
sio_transport_fail (SioTransport *self,
                    const char   *reason,
                    const GError *error)
{
  SioTransport *alive;

  if (self->dead)
    return;

  alive = sio_transport_ref (self);
  sio_transport_abandon (self);
  self->listener->closed (self->data, self, reason, error);
  sio_transport_unref (alive);
}
