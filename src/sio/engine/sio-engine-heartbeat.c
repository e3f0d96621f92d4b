/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The heartbeat of Engine.IO 4: the server pings, we answer, and a ping that does not come is the
 * end. Engine.IO 4, "Heartbeat". */

#include "sio-engine-private.h"

#include "../sio-error.h"
#include <time.h>

/* The timer of the loop stands still while the machine sleeps, the clock of the deadline does not:
 * look at least so often. */
#define MAX_STEP_MS 2000

static gint64 (*clock_for_tests) (void);

/* Microseconds that also pass while the machine is suspended. */
gint64
sio_engine_get_now_us (void)
{
  struct timespec now;

  if (clock_for_tests != NULL)
    return clock_for_tests ();
  if (clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return g_get_monotonic_time ();
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/**
 * sio_engine_set_clock_for_tests:
 * @now_us: (nullable): microseconds, never going back; %NULL for the real clock
 *
 * The clock of all engines' deadlines. Set it before there is one.
 */
void
sio_engine_set_clock_for_tests (gint64 (*now_us) (void))
{
  clock_for_tests = now_us;
}

static void sio_engine_arm_heartbeat (SioEngine *self);

static gboolean
sio_engine_heartbeat_cb (gpointer data)
{
  SioEngine *self = data;

  sio_engine_stop_source (&self->heartbeat);
  if (sio_engine_is_expired (self))
    {
      g_autoptr (GError) error = g_error_new (SIO_ERROR, SIO_ERROR_TIMED_OUT,
                                              "no ping came within ping-interval + ping-timeout (%u + %u ms)",
                                              self->handshake->ping_interval_ms, self->handshake->ping_timeout_ms);

      sio_engine_finish (self, "ping timeout", error);
    }
  else
    sio_engine_arm_heartbeat (self);
  return G_SOURCE_REMOVE;
}

static void
sio_engine_arm_heartbeat (SioEngine *self)
{
  gint64 left_ms = (self->deadline_us - sio_engine_get_now_us () + 999) / 1000;

  self->heartbeat = sio_engine_add_timeout (self, (guint) CLAMP (left_ms, 1, MAX_STEP_MS), sio_engine_heartbeat_cb);
}

/* The next ping is due within ping-interval + ping-timeout. Only pings move the deadline. */
void
sio_engine_start_heartbeat (SioEngine *self)
{
  gint64 ms = (gint64) self->handshake->ping_interval_ms + self->handshake->ping_timeout_ms;

  self->deadline_us = sio_engine_get_now_us () + ms * 1000;
  if (self->heartbeat == NULL)
    sio_engine_arm_heartbeat (self);
}

void
sio_engine_handle_ping (SioEngine *self)
{
  sio_engine_start_heartbeat (self);

  if (self->state == SIO_ENGINE_STATE_CLOSING && self->queue.n == 0)
    return; /* it will not outlive the answer */
  sio_packet_queue_push_front (&self->queue, SIO_ENGINE_PACKET_PONG);
  sio_engine_tap_packet (self, SIO_DIRECTION_OUT, sio_engine_get_transport (self), SIO_ENGINE_PACKET_PONG,
                         SIO_SPAN_LITERAL ("3"));
  if (self->transport != NULL && self->upgrade != SIO_UPGRADE_PAUSING)
    sio_transport_flush (self->transport);

  if (self->state == SIO_ENGINE_STATE_OPEN && self->listener.ping != NULL)
    self->listener.ping (self->data);
}

/**
 * sio_engine_is_expired:
 * @self: an engine
 *
 * Whether the server's ping is overdue, time of suspend included. The timer may not have noticed
 * yet; what is sent now goes to a connection that is most likely dead.
 */
gboolean
sio_engine_is_expired (SioEngine *self)
{
  return self->deadline_us != 0 && sio_engine_get_now_us () > self->deadline_us;
}
