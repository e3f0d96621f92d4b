/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The heartbeat. Engine.IO 4: the server pings, we answer, and a ping that does not come is the end. Engine.IO 3: we ping,
 * and whatever comes shows that the server is there. Engine.IO, "Heartbeat". */

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
  g_autoptr (GError) error = NULL;

  sio_engine_stop_source (&self->heartbeat);
  if (!sio_engine_is_expired (self))
    {
      sio_engine_arm_heartbeat (self);
      return G_SOURCE_REMOVE;
    }

  if (self->eio == 3)
    error = g_error_new (SIO_ERROR, SIO_ERROR_TIMED_OUT, "nothing came within ping-timeout (%u ms) after our ping",
                         self->handshake->ping_timeout_ms);
  else
    error = g_error_new (SIO_ERROR, SIO_ERROR_TIMED_OUT, "no ping came within ping-interval + ping-timeout (%u + %u ms)",
                         self->handshake->ping_interval_ms, self->handshake->ping_timeout_ms);
  sio_engine_finish (self, "ping timeout", error);
  return G_SOURCE_REMOVE;
}

static void
sio_engine_arm_heartbeat (SioEngine *self)
{
  gint64 left_ms = (self->deadline_us - sio_engine_get_now_us () + 999) / 1000;

  self->heartbeat = sio_engine_add_timeout (self, (guint) CLAMP (left_ms, 1, MAX_STEP_MS), sio_engine_heartbeat_cb);
}

/* A deadline that comes later than before is found out about when the timer looks. */
static void
sio_engine_set_deadline (SioEngine *self,
                         gint64     ms)
{
  self->deadline_us = sio_engine_get_now_us () + ms * 1000;
  if (self->heartbeat == NULL)
    sio_engine_arm_heartbeat (self);
}

static gint64
sio_engine_get_patience_ms (SioEngine *self)
{
  return (gint64) self->handshake->ping_interval_ms + self->handshake->ping_timeout_ms;
}

/* In front of what waits, and now if that can be. */
static void
sio_engine_send_beat (SioEngine           *self,
                      SioEnginePacketType  type,
                      SioSpan              raw)
{
  sio_packet_queue_push_front (&self->queue, type);
  sio_engine_tap_packet (self, SIO_DIRECTION_OUT, sio_engine_get_transport (self), type, raw);
  if (self->transport != NULL && self->upgrade != SIO_UPGRADE_PAUSING)
    sio_transport_flush (self->transport);
}

/* Engine.IO 3 */

static gboolean
sio_engine_ping_cb (gpointer data)
{
  SioEngine *self = data;

  sio_engine_stop_source (&self->ping);
  if (self->state != SIO_ENGINE_STATE_OPEN)
    return G_SOURCE_REMOVE;

  sio_engine_ref_internal (self);
  self->queue.ping_taken_us = 0;
  self->ping_unwritten = TRUE;
  /* this one comes earlier than the timer may look */
  sio_engine_stop_source (&self->heartbeat);
  sio_engine_set_deadline (self, self->handshake->ping_timeout_ms);
  sio_engine_send_beat (self, SIO_ENGINE_PACKET_PING, SIO_SPAN_LITERAL ("2"));
  sio_engine_unref_internal (self);
  return G_SOURCE_REMOVE;
}

static void
sio_engine_schedule_ping (SioEngine *self)
{
  sio_engine_stop_source (&self->ping);
  self->ping = sio_engine_add_timeout (self, self->handshake->ping_interval_ms, sio_engine_ping_cb);
}

static void
sio_engine_tell_of_ping (SioEngine *self)
{
  if (!self->ping_unwritten || self->queue.ping_taken_us == 0)
    return;

  self->ping_unwritten = FALSE;
  if (self->state == SIO_ENGINE_STATE_OPEN && self->listener.ping != NULL)
    self->listener.ping (self->data);
}

void
sio_engine_note_written (SioEngine *self)
{
  sio_packet_queue_note_written (&self->queue);
  sio_engine_tell_of_ping (self);
}

void
sio_engine_note_heard (SioEngine *self)
{
  if (self->eio == 3 && (self->state == SIO_ENGINE_STATE_OPEN || self->state == SIO_ENGINE_STATE_CLOSING))
    sio_engine_set_deadline (self, sio_engine_get_patience_ms (self));
}

void
sio_engine_handle_pong (SioEngine *self)
{
  gint64 taken_us = self->queue.ping_taken_us;

  if (self->eio != 3 || self->state != SIO_ENGINE_STATE_OPEN)
    return; /* of the probe, or of nothing at all */

  sio_engine_schedule_ping (self);
  if (taken_us == 0)
    return;

  /* an answer may overtake the news that its question is out */
  sio_engine_tell_of_ping (self);
  self->queue.ping_taken_us = 0;
  if (self->state == SIO_ENGINE_STATE_OPEN && self->listener.pong != NULL)
    self->listener.pong (self->data, g_get_monotonic_time () - taken_us);
}

/* Both */

/* Engine.IO 4: the next ping is due within ping-interval + ping-timeout; only pings move the deadline. Engine.IO 3: there is
 * none before the first packet or our first ping. */
void
sio_engine_start_heartbeat (SioEngine *self)
{
  if (self->eio == 3)
    sio_engine_schedule_ping (self);
  else
    sio_engine_set_deadline (self, sio_engine_get_patience_ms (self));
}

void
sio_engine_stop_heartbeat (SioEngine *self)
{
  sio_engine_stop_source (&self->heartbeat);
  sio_engine_stop_source (&self->ping);
  self->deadline_us = 0;
}

void
sio_engine_handle_ping (SioEngine *self)
{
  if (self->eio == 3)
    {
      g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION,
                                                      "the server sent a ping, which in Engine.IO 3 only clients do:"
                                                      " it may speak Engine.IO 4. Ignored");

      SIO_TAP_CALL (self->tap, error, "engine", error, SIO_SPAN_LITERAL ("2"));
      return;
    }

  self->guessed = FALSE; /* no server of Socket.IO 2 pings */
  sio_engine_set_deadline (self, sio_engine_get_patience_ms (self));
  if (self->state == SIO_ENGINE_STATE_CLOSING && self->queue.n == 0)
    return; /* it will not outlive the answer */
  sio_engine_send_beat (self, SIO_ENGINE_PACKET_PONG, SIO_SPAN_LITERAL ("3"));
  if (self->state == SIO_ENGINE_STATE_OPEN && self->listener.ping != NULL)
    self->listener.ping (self->data);
}

/**
 * sio_engine_is_expired:
 * @self: an engine
 *
 * Whether the server's ping, or in Engine.IO 3 its answer to ours, is overdue, time of suspend included. The timer may not
 * have noticed yet; what is sent now goes to a connection that is most likely dead.
 */
gboolean
sio_engine_is_expired (SioEngine *self)
{
  return self->deadline_us != 0 && sio_engine_get_now_us () > self->deadline_us;
}
