/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manager's machine: attempts, their timeout, the delays between them, and what is said to whom in which order.
 * After the official client: first everything is in its new state and the tap knows, then the handlers are called, who
 * may do anything, close and dispose included. */

#include "sio-manager-private.h"

/* The official client counts from 0 again whenever an engine opens, and so asks a server that
 * accepts and closes at once each second for ever. Its delays are kept for so many failures in a
 * row; then nobody is there who waits, and a minute is often enough. */
#define MANY_FAILURES 50
#define PATIENT_DELAY_MAX_MS 60000

#define STOPPED "stopped"
#define REFUSED "refused"
#define RECONNECTION_OFF "reconnection off"
#define ATTEMPTS_USED_UP "attempts used up"

static void
clear_timer (GSource **timer)
{
  if (*timer == NULL)
    return;
  g_source_destroy (*timer);
  g_clear_pointer (timer, g_source_unref);
}

void
sio_manager_stop_timers (SioManager *self)
{
  clear_timer (&self->wait_timer);
}

static GSource *
start_timer (SioManager  *self,
             guint        delay_ms,
             GSourceFunc  func,
             const char  *name)
{
  GSource *timer = g_timeout_source_new (delay_ms);

  g_source_set_name (timer, name);
  g_source_set_callback (timer, func, self, NULL);
  g_source_attach (timer, self->context);
  return timer;
}

/* One step: nobody hears of the number before the state fits it. */
static void
move_with_attempt (SioManager      *self,
                   guint            attempt,
                   SioManagerState  to)
{
  gboolean changed = self->attempt != attempt;

  self->attempt = attempt;
  sio_manager_move_to (self, to);
  if (changed)
    sio_manager_notify_attempt (self);
}

static SioTransportKind
first_transport (SioManager *self)
{
  const char * const *transports = sio_options_get_transports (self->options);

  if (transports == NULL || transports[0] == NULL)
    return SIO_TRANSPORT_KIND_NONE;
  return g_str_equal (transports[0], "websocket") ? SIO_TRANSPORT_KIND_WEBSOCKET : SIO_TRANSPORT_KIND_POLLING;
}

static GPtrArray *
dup_sockets (SioManager *self)
{
  GPtrArray *sockets = g_ptr_array_new_full (self->sockets->len, g_object_unref);

  for (guint i = 0; i < self->sockets->len; i++)
    g_ptr_array_add (sockets, g_object_ref (g_ptr_array_index (self->sockets, i)));
  return sockets;
}

/* --- the end of an engine --- */

static void
drop_link (SioManager *self,
           const char *reason)
{
  SioManagerLink *link = g_steal_pointer (&self->link);

  sio_packet_assembler_clear (&self->assembler);
  self->congested = FALSE;
  self->doubtful = FALSE;
  self->root_joined = FALSE;
  self->root_left = FALSE;

  if (link != NULL)
    sio_manager_let_go (self, link, reason);
}

static GArray *
detach_sockets (SioManager *self,
                GPtrArray  *sockets,
                const char *reason,
                gboolean    will_reconnect)
{
  GArray *losses = g_array_sized_new (FALSE, TRUE, sizeof (SioSocketLoss), sockets->len);

  g_array_set_size (losses, sockets->len);
  for (guint i = 0; i < sockets->len; i++)
    sio_socket_detach (g_ptr_array_index (sockets, i), reason, will_reconnect,
                       &g_array_index (losses, SioSocketLoss, i));
  return losses;
}

static void
announce_close (SioManager   *self,
                GPtrArray    *sockets,
                GArray       *losses,
                const char   *reason,
                const GError *error)
{
  for (guint i = 0; i < sockets->len; i++)
    sio_socket_announce (g_ptr_array_index (sockets, i), reason, error,
                         &g_array_index (losses, SioSocketLoss, i));

  if (!self->disposed)
    {
      sio_manager_notify_transport (self);
      sio_manager_notify_closing (self);
      g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_CLOSE], 0, reason, error);
    }
}

/* --- waiting and giving up --- */

static gboolean wait_over_cb (gpointer data);

static void
start_waiting (SioManager *self)
{
  SioTapStateChange change = { SIO_TAP_STATE_WAITING };
  guint min_ms = sio_options_get_reconnection_delay_ms (self->options);
  guint max_ms = sio_options_get_reconnection_delay_max_ms (self->options);
  double jitter = sio_options_get_randomization_factor (self->options);
  double luck = self->random01 != NULL ? self->random01 (self->random_data) : g_random_double ();
  guint exponent = self->attempt;

  if (++self->n_failures > MANY_FAILURES)
    {
      exponent = MAX (exponent, self->n_failures);
      max_ms = MAX (max_ms, PATIENT_DELAY_MAX_MS);
    }
  change.delay_ms = sio_backoff_delay_ms (exponent, min_ms, max_ms, jitter, luck);
  sio_backoff_window_ms (exponent, min_ms, max_ms, jitter, &change.delay_min_ms, &change.delay_max_ms);
  change.attempt = self->attempt + 1;
  change.transport = first_transport (self);

  self->reconnecting = TRUE;
  self->wait_timer = start_timer (self, change.delay_ms, wait_over_cb, "[sio] reconnection delay");
  SIO_TAP_CALL (&self->tap, state, &change);

  move_with_attempt (self, change.attempt, SIO_MANAGER_STATE_WAITING);
}

static void
give_up (SioManager   *self,
         const char   *reason,
         const GError *error)
{
  SioTapStateChange change = { SIO_TAP_STATE_FAILED };

  change.reason = reason;
  change.error = error;
  change.attempt = self->attempt;

  clear_timer (&self->wait_timer);
  self->reconnecting = FALSE;
  SIO_TAP_CALL (&self->tap, state, &change);

  move_with_attempt (self, 0, SIO_MANAGER_STATE_FAILED);
}

/* L17: asking again every few seconds brings no other credentials and no other certificate. */
static gboolean
is_final (SioManager   *self,
          const GError *error)
{
  return sio_options_get_stop_on_refusal (self->options)
         && (g_error_matches (error, SIO_ERROR, SIO_ERROR_TLS)
             || g_error_matches (error, SIO_ERROR, SIO_ERROR_UNAUTHORIZED));
}

static void
attempt_failed (SioManager   *self,
                const char   *reason,
                const GError *error)
{
  g_autoptr(GPtrArray) sockets = dup_sockets (self);
  SioTapStateChange change = { SIO_TAP_STATE_ATTEMPT_FAILED };
  const char *message = g_str_equal (reason, "timeout") ? reason : error->message;
  guint limit = sio_options_get_reconnection_attempts (self->options);
  gboolean reconnection = sio_options_get_reconnection (self->options);
  gboolean was_reconnecting = self->reconnecting;
  gboolean refused = reconnection && is_final (self, error);
  gboolean used_up = reconnection && limit > 0 && self->attempt >= limit;

  change.transport = self->link != NULL ? sio_engine_get_transport (self->link->engine) : SIO_TRANSPORT_KIND_NONE;
  if (change.transport == SIO_TRANSPORT_KIND_NONE)
    change.transport = first_transport (self);
  change.reason = reason;
  change.error = error;
  change.attempt = self->attempt;
  change.will_reconnect = reconnection && !used_up && !refused;

  drop_link (self, reason);
  SIO_TAP_CALL (&self->tap, state, &change);
  for (guint i = sockets->len; i-- > 0; )
    {
      SioSocket *socket = g_ptr_array_index (sockets, i);

      if (!sio_socket_get_active (socket))
        g_ptr_array_remove_index (sockets, i);
    }
  for (guint i = 0; i < sockets->len; i++)
    sio_socket_tap_attempt_failed (g_ptr_array_index (sockets, i), message, change.will_reconnect);

  if (change.will_reconnect)
    start_waiting (self);
  else
    give_up (self, refused ? REFUSED : used_up ? ATTEMPTS_USED_UP : RECONNECTION_OFF, error);

  for (guint i = 0; i < sockets->len; i++)
    {
      SioSocket *socket = g_ptr_array_index (sockets, i);

      /* one of the handlers before may have left it */
      if (sio_socket_get_active (socket))
        sio_socket_emit_connect_error (socket, message, NULL);
    }
  if (!self->disposed)
    g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_ERROR], 0, error);
  if (!self->disposed && (used_up || refused))
    g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_RECONNECT_FAILED], 0);
  if (!self->disposed && was_reconnecting)
    g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_RECONNECT_ERROR], 0, error);
}

static void
connection_lost (SioManager   *self,
                 const char   *reason,
                 const GError *error)
{
  g_autoptr(GPtrArray) sockets = dup_sockets (self);
  g_autoptr(GArray) losses = NULL;
  SioTapStateChange change = { SIO_TAP_STATE_CLOSED };
  gboolean refused = sio_options_get_reconnection (self->options) && is_final (self, error);

  change.transport = sio_engine_get_transport (self->link->engine);
  change.reason = reason;
  change.error = error;
  change.will_reconnect = sio_options_get_reconnection (self->options) && !refused;
  if (!sio_manager_is_session_short (self))
    self->n_failures = 0;

  drop_link (self, reason);
  SIO_TAP_CALL (&self->tap, state, &change);
  losses = detach_sockets (self, sockets, reason, change.will_reconnect);

  if (change.will_reconnect)
    start_waiting (self);
  else
    give_up (self, refused ? REFUSED : RECONNECTION_OFF, error);

  if (!self->disposed && error != NULL && g_str_equal (reason, "transport error"))
    g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_ERROR], 0, error);
  announce_close (self, sockets, losses, reason, error);
  if (!self->disposed && refused)
    g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_RECONNECT_FAILED], 0);
}

void
sio_manager_engine_lost (SioManager   *self,
                         const char   *reason,
                         const GError *error)
{
  g_autoptr(GError) explained = sio_manager_learn_from_end (self, reason, error);

  if (explained != NULL)
    error = explained;

  if (self->state == SIO_MANAGER_STATE_OPEN)
    {
      connection_lost (self, reason, error);
    }
  else if (self->state == SIO_MANAGER_STATE_CONNECTING)
    {
      g_autoptr(GError) vague = NULL;

      if (error == NULL)
        error = vague = g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, reason);
      attempt_failed (self, reason, error);
    }
}

/* --- an attempt --- */

/* Options are read now, so that a change takes effect at each attempt, as in the official client. */
static void
start_attempt (SioManager *self)
{
  SioTapStateChange change = { SIO_TAP_STATE_CONNECTING };
  SioManagerLink *link;

  clear_timer (&self->wait_timer);
  change.transport = first_transport (self);
  change.attempt = self->attempt;
  self->max_payload = sio_options_get_max_payload (self->options);
  self->limits.max_attachments = sio_options_get_max_attachments (self->options);
  self->limits.max_depth = sio_options_get_max_depth (self->options);

  link = sio_manager_link_new (self);
  self->link = link;
  SIO_TAP_CALL (&self->tap, state, &change);

  /* opened first: a handler of the transition may cut it, close it, and even open another one */
  sio_engine_open (link->engine);
  sio_manager_move_to (self, SIO_MANAGER_STATE_CONNECTING);
}

static void
start_reconnection_attempt (SioManager *self)
{
  g_autoptr(SioManager) kept = g_object_ref (self);

  clear_timer (&self->wait_timer);
  /* still WAITING: whoever changes the options now, or closes, is heard */
  self->announcing = TRUE;
  g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_RECONNECT_ATTEMPT], 0, self->attempt);
  self->announcing = FALSE;
  if (self->state == SIO_MANAGER_STATE_WAITING && !self->disposed)
    start_attempt (self);
}

static gboolean
wait_over_cb (gpointer data)
{
  start_reconnection_attempt (data);
  return G_SOURCE_REMOVE;
}

void
sio_manager_opened (SioManager         *self,
                    const SioHandshake *handshake,
                    guint               eio,
                    const char         *how)
{
  SioManagerLink *link = self->link;
  SioTapStateChange change = { SIO_TAP_STATE_OPEN };
  guint attempt = self->attempt;
  gboolean was_reconnecting = self->reconnecting;

  if (self->state != SIO_MANAGER_STATE_CONNECTING)
    return;

  self->reconnecting = FALSE;
  self->revision = self->memory.revision = eio;
  self->limits.revision = eio == 3 ? 4 : 5;
  /* HTTP polling shows at once which it is, and so does who says how much he takes */
  self->doubtful = eio == 4 && sio_options_get_server (self->options) == 0 && handshake->max_payload <= 0
                   && sio_engine_get_transport (link->engine) == SIO_TRANSPORT_KIND_WEBSOCKET;
  self->opened_us = g_get_monotonic_time ();

  change.transport = sio_engine_get_transport (link->engine);
  change.attempt = attempt;
  change.reason = how;
  change.sid = handshake->sid;
  change.eio = eio;
  /* protocol: "Detecting the server version": only 4.5 and later say how much they take */
  if (handshake->max_payload > 0)
    change.server = 4;
  else if (eio == 3)
    change.server = 2;
  else if (sio_options_get_server (self->options) == 3)
    change.server = 3;
  change.ping_interval_ms = handshake->ping_interval_ms;
  change.ping_timeout_ms = handshake->ping_timeout_ms;
  change.max_payload = handshake->max_payload;
  change.parser = link->parser != NULL ? sio_parser_get_name (link->parser) : NULL;
  self->opened = change;
  SIO_TAP_CALL (&self->tap, state, &change);

  move_with_attempt (self, 0, SIO_MANAGER_STATE_OPEN);
  if (self->link == link)
    sio_manager_notify_transport (self);

  for (guint i = 0; i < self->sockets->len && self->link == link; i++)
    sio_socket_push (g_ptr_array_index (self->sockets, i));

  if (self->link == link)
    g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_OPEN], 0);
  if (self->link == link && was_reconnecting)
    g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_RECONNECT], 0, attempt);
}

/* --- what people ask for --- */

/**
 * sio_manager_open:
 * @self: a manager
 *
 * Opens the engine if nothing is going on; the active sockets connect once it is open. If the
 * attempt fails, it is tried again like a lost connection.
 */
void
sio_manager_open (SioManager *self)
{
  g_autoptr(SioManager) kept = NULL;

  g_return_if_fail (SIO_IS_MANAGER (self));

  if (sio_put_off (self, self->context, (SioPutOffFunc) sio_manager_open))
    return;
  if (self->disposed
      || (self->state != SIO_MANAGER_STATE_CLOSED && self->state != SIO_MANAGER_STATE_FAILED))
    return;

  kept = g_object_ref (self);
  self->reconnecting = FALSE;
  self->n_failures = 0;
  start_attempt (self);
}

/**
 * sio_manager_close:
 * @self: a manager
 *
 * Closes the engine and stops reconnecting. The sockets are told "forced close" and stay active:
 * they connect again when the manager is opened again. What the engine was given before is still
 * written, see sio_manager_get_closing().
 */
void
sio_manager_close (SioManager *self)
{
  static const char reason[] = "forced close";
  g_autoptr(SioManager) kept = NULL;
  g_autoptr(GPtrArray) sockets = NULL;
  g_autoptr(GArray) losses = NULL;
  SioTapStateChange change = { SIO_TAP_STATE_CLOSED };

  g_return_if_fail (SIO_IS_MANAGER (self));

  if (sio_put_off (self, self->context, (SioPutOffFunc) sio_manager_close))
    return;

  if (self->state == SIO_MANAGER_STATE_CLOSED)
    return;

  kept = g_object_ref (self);
  sockets = dup_sockets (self);
  change.transport = sio_manager_get_transport (self);
  change.reason = reason;
  change.attempt = self->attempt;

  clear_timer (&self->wait_timer);
  self->reconnecting = FALSE;
  drop_link (self, reason);
  SIO_TAP_CALL (&self->tap, state, &change);
  losses = detach_sockets (self, sockets, reason, FALSE);

  move_with_attempt (self, 0, SIO_MANAGER_STATE_CLOSED);
  announce_close (self, sockets, losses, reason, NULL);
}

/**
 * sio_manager_reconnect_now:
 * @self: a manager
 *
 * While it waits, the next attempt starts now. If it is closed or gave up, like sio_manager_open(). Else nothing.
 */
void
sio_manager_reconnect_now (SioManager *self)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  if (sio_put_off (self, self->context, (SioPutOffFunc) sio_manager_reconnect_now))
    return;

  self->n_failures = 0; /* somebody is there */
  if (self->state == SIO_MANAGER_STATE_WAITING)
    {
      if (!self->announcing)
        start_reconnection_attempt (self);
    }
  else
    sio_manager_open (self);
}

/**
 * sio_manager_stop_reconnecting:
 * @self: a manager
 *
 * While it waits or an attempt runs, it gives up, with the reason "stopped". Else nothing. The sockets stay active.
 */
void
sio_manager_stop_reconnecting (SioManager *self)
{
  g_autoptr(SioManager) kept = NULL;

  g_return_if_fail (SIO_IS_MANAGER (self));

  if (sio_put_off (self, self->context, (SioPutOffFunc) sio_manager_stop_reconnecting))
    return;

  if (self->state != SIO_MANAGER_STATE_WAITING && self->state != SIO_MANAGER_STATE_CONNECTING)
    return;

  kept = g_object_ref (self);
  if (self->state == SIO_MANAGER_STATE_CONNECTING)
    {
      SioTapStateChange change = { SIO_TAP_STATE_ATTEMPT_FAILED };

      change.transport = first_transport (self);
      change.reason = STOPPED;
      change.attempt = self->attempt;
      drop_link (self, STOPPED);
      SIO_TAP_CALL (&self->tap, state, &change);
    }
  give_up (self, STOPPED, NULL);
}

/**
 * sio_manager_cut:
 * @self: a manager
 *
 * Drops the engine, if there is one, as a failing network would: "transport close", and what follows from that.
 */
void
sio_manager_cut (SioManager *self)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  if (sio_put_off (self, self->context, (SioPutOffFunc) sio_manager_cut))
    return;

  if (self->link != NULL)
    sio_engine_cut (self->link->engine);
}

/* Socket.IO client 4.8: turning it off ends the waiting. An attempt that runs is let finish. */
void
sio_manager_reconnection_changed (SioManager *self)
{
  g_autoptr(SioManager) kept = g_object_ref (self);

  if (sio_put_off (self, self->context, (SioPutOffFunc) sio_manager_reconnection_changed))
    return;
  if (self->state == SIO_MANAGER_STATE_WAITING && !sio_options_get_reconnection (self->options))
    give_up (self, RECONNECTION_OFF, NULL);
}
