/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioEngine: the life of one session, what its packets mean, and its write buffer. */

#include "sio-engine-private.h"

#include "../sio-error.h"

/* While closing, how long nothing may move before the connection is dropped. */
#define CLOSING_STEP_MS 2000

static const SioEngineEdge edges[] = {
  { SIO_ENGINE_STATE_OPENING, SIO_ENGINE_STATE_OPEN,    "the open packet was read" },
  { SIO_ENGINE_STATE_OPENING, SIO_ENGINE_STATE_CLOSED,  "the attempt failed or was given up" },
  { SIO_ENGINE_STATE_OPEN,    SIO_ENGINE_STATE_CLOSING, "asked to close" },
  { SIO_ENGINE_STATE_OPEN,    SIO_ENGINE_STATE_CLOSED,  "the transport, the server or the heartbeat ended it" },
  { SIO_ENGINE_STATE_CLOSING, SIO_ENGINE_STATE_CLOSED,  "everything was said" },
};

gboolean
sio_engine_may_move_to (SioEngineState from,
                        SioEngineState to)
{
  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    if (edges[i].from == from && edges[i].to == to)
      return TRUE;
  return FALSE;
}

void
sio_engine_move_to (SioEngine      *self,
                    SioEngineState  state)
{
  g_return_if_fail (sio_engine_may_move_to (self->state, state));

  self->state = state;
}

/* Life */

void
sio_engine_ref_internal (SioEngine *self)
{
  self->ref_count++;
}

void
sio_engine_unref_internal (SioEngine *self)
{
  if (--self->ref_count > 0)
    return;

  g_assert (self->transport == NULL && self->probe == NULL);
  g_clear_pointer (&self->http, sio_http_free);
  g_clear_object (&self->options);
  sio_packet_queue_clear (&self->queue);
  g_clear_pointer (&self->handshake, sio_handshake_free);
  g_clear_pointer (&self->reason, g_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

void
sio_engine_stop_source (GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_clear_pointer (source, g_source_unref);
    }
}

GSource *
sio_engine_add_timeout (SioEngine   *self,
                        guint        ms,
                        GSourceFunc  callback)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, callback, self, NULL);
  g_source_attach (source, self->context);
  return source;
}

/* Everything that could still call us stops. */
static void
sio_engine_tear_down (SioEngine *self)
{
  SioTransport *transport = g_steal_pointer (&self->transport);

  sio_engine_stop_source (&self->attempt);
  sio_engine_stop_source (&self->grace);
  sio_engine_stop_source (&self->closing);
  sio_engine_stop_heartbeat (self);
  sio_engine_abandon_upgrade (self, NULL);
  if (transport != NULL)
    {
      sio_transport_abandon (transport);
      sio_transport_unref (transport);
    }
  sio_packet_queue_clear (&self->queue);
}

static gboolean
sio_engine_closed_cb (gpointer data)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  sio_engine_stop_source (&self->closed);
  self->listener.closed (self->data, self->reason, self->error);
  sio_engine_unref_internal (self);
  return G_SOURCE_REMOVE;
}

void
sio_engine_finish (SioEngine    *self,
                   const char   *reason,
                   const GError *error)
{
  if (self->state == SIO_ENGINE_STATE_CLOSED)
    return;

  sio_engine_move_to (self, SIO_ENGINE_STATE_CLOSED);
  g_free (self->reason);
  self->reason = g_strdup (reason);
  self->error = error != NULL ? g_error_copy (error) : NULL;

  self->closed = g_idle_source_new ();
  g_source_set_priority (self->closed, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->closed, sio_engine_closed_cb, self, NULL);
  g_source_attach (self->closed, self->context);

  /* last, because the tap hears of dropped requests and may do what it likes */
  sio_engine_ref_internal (self);
  sio_engine_tear_down (self);
  sio_engine_unref_internal (self);
}

void
sio_engine_fail (SioEngine    *self,
                 const char   *reason,
                 const GError *error)
{
  g_autofree char *asked = NULL;
  g_autoptr (GError) explained = NULL;

  if (g_str_equal (reason, "transport error"))
    sio_engine_note_websocket (FALSE);
  if (self->grace != NULL)
    sio_engine_end_grace (self); /* it was open; who is told may close it */

  switch (self->state)
    {
    case SIO_ENGINE_STATE_OPENING:
      if (sio_engine_try_another_way (self, error))
        break;
      explained = sio_engine_explain_failure (self, error);
      sio_engine_finish (self, "connect error", explained != NULL ? explained : error);
      break;
    case SIO_ENGINE_STATE_OPEN:
      sio_engine_finish (self, reason, error);
      break;
    case SIO_ENGINE_STATE_CLOSING:
      /* it was to end anyway */
      asked = g_strdup (self->reason);
      sio_engine_finish (self, asked, NULL);
      break;
    case SIO_ENGINE_STATE_CLOSED:
      break;
    }
}

/* Sending */

/* whole: message begins with its digit. */
static gboolean
send_message (SioEngine  *self,
              gboolean    is_text,
              gboolean    whole,
              GBytes     *message,
              GPtrArray  *attachments,
              GError    **error)
{
  guint max_packets = sio_options_get_max_queued_packets (self->options);
  gsize max_size = sio_options_get_max_queued_size (self->options);
  gsize size = g_bytes_get_size (message) - whole;
  guint n = 1 + (attachments != NULL ? attachments->len : 0);

  if (self->state != SIO_ENGINE_STATE_OPEN)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_CLOSED, "the session is not open");
      return FALSE;
    }

  for (guint i = 1; i < n; i++)
    size += g_bytes_get_size (attachments->pdata[i - 1]);
  if (self->queue.n > 0 && (self->queue.size + size > max_size || self->queue.n + n > max_packets))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_FULL,
                   "the write buffer is full: %u packets, %" G_GSIZE_FORMAT " bytes wait for the server to read"
                   " (max-queued-packets %u, max-queued-size %" G_GSIZE_FORMAT ")",
                   self->queue.n, self->queue.size, max_packets, max_size);
      return FALSE;
    }

  sio_packet_queue_push (&self->queue, SIO_ENGINE_PACKET_MESSAGE, !is_text, whole, message);
  for (guint i = 1; i < n; i++)
    sio_packet_queue_push (&self->queue, SIO_ENGINE_PACKET_MESSAGE, TRUE, FALSE, attachments->pdata[i - 1]);

  if (self->upgrade != SIO_UPGRADE_PAUSING)
    sio_transport_flush (self->transport);
  return TRUE;
}

/**
 * sio_engine_send:
 * @self: an engine
 * @is_text: whether @message is a text message
 * @message: a text: valid UTF-8, without the packet type; a reference is kept until it is written
 * @attachments: (nullable) (element-type GBytes): binary messages that follow it with no other message in between
 * @error: why it was not taken: %SIO_ERROR_FULL or %SIO_ERROR_CLOSED
 *
 * Puts a message into the write buffer. It is written in order, as soon as the transport can; while
 * an upgrade switches transports it waits. What is in the buffer when the session ends is lost.
 *
 * Returns: whether it was taken, all of it or nothing
 */
gboolean
sio_engine_send (SioEngine  *self,
                 gboolean    is_text,
                 GBytes     *message,
                 GPtrArray  *attachments,
                 GError    **error)
{
  return send_message (self, is_text, FALSE, message, attachments, error);
}

/**
 * sio_engine_send_packet:
 * @self: an engine
 * @packet: a text message as it is written: valid UTF-8, the digit '4' in front; a reference is kept until it is written
 * @attachments: (nullable) (element-type GBytes): binary messages that follow it with no other message in between
 * @error: why it was not taken: %SIO_ERROR_FULL or %SIO_ERROR_CLOSED
 *
 * sio_engine_send() for who has the packet in one piece.
 *
 * Returns: whether it was taken, all of it or nothing
 */
gboolean
sio_engine_send_packet (SioEngine  *self,
                        GBytes     *packet,
                        GPtrArray  *attachments,
                        GError    **error)
{
  return send_message (self, TRUE, TRUE, packet, attachments, error);
}

/* Closing */

static gboolean
sio_engine_closing_cb (gpointer data)
{
  SioEngine *self = data;
  g_autofree char *reason = NULL;

  if (self->queue.n_taken != self->closing_progress)
    {
      self->closing_progress = self->queue.n_taken;
      return G_SOURCE_CONTINUE;
    }

  reason = g_strdup (self->reason);
  sio_engine_finish (self, reason, NULL);
  return G_SOURCE_REMOVE;
}

void
sio_engine_go_on_closing (SioEngine *self)
{
  if (self->state != SIO_ENGINE_STATE_CLOSING || self->upgrade == SIO_UPGRADE_PAUSING || self->queue.n > 0)
    return;
  /* a POST in flight is waited for; what libsoup holds of a WebSocket goes out before its close frame */
  if (sio_transport_get_kind (self->transport) == SIO_TRANSPORT_KIND_POLLING
      && !sio_transport_is_writable (self->transport))
    return;

  sio_transport_close (self->transport);
}

/**
 * sio_engine_close:
 * @self: an engine
 * @reason: what closed() will say, "forced close" for a person's wish
 *
 * Ends the session in order: the write buffer is written, an upgrade that is switching is waited
 * for, then the server is told. An engine that is still opening is given up at once. If nothing
 * moves for two seconds the connection is dropped. closed() follows later, also if it was closed
 * before. Engine.IO, "Closing".
 */
void
sio_engine_close (SioEngine  *self,
                  const char *reason)
{
  sio_engine_ref_internal (self);
  if (self->state == SIO_ENGINE_STATE_OPENING)
    sio_engine_finish (self, reason, NULL);
  else if (self->state == SIO_ENGINE_STATE_OPEN)
    {
      sio_engine_move_to (self, SIO_ENGINE_STATE_CLOSING);
      self->reason = g_strdup (reason);
      self->closing_progress = self->queue.n_taken;
      self->closing = sio_engine_add_timeout (self, CLOSING_STEP_MS, sio_engine_closing_cb);
      if (self->upgrade == SIO_UPGRADE_PROBING)
        sio_engine_abandon_upgrade (self, NULL);
      sio_engine_go_on_closing (self);
    }
  sio_engine_unref_internal (self);
}

/**
 * sio_engine_cut:
 * @self: an engine
 *
 * Drops the connection as a failing network would. closed() follows with "transport close", or
 * "connect error" if it was opening.
 */
void
sio_engine_cut (SioEngine *self)
{
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_CLOSED, "the connection was cut on request");

  sio_engine_ref_internal (self);
  if (self->state == SIO_ENGINE_STATE_OPENING)
    sio_engine_finish (self, "connect error", error);
  else
    sio_engine_fail (self, "transport close", error);
  sio_engine_unref_internal (self);
}

/* Opening */

static gboolean
sio_engine_attempt_cb (gpointer data)
{
  SioEngine *self = data;
  g_autoptr (GError) error = sio_engine_explain_failure (self, NULL);
  g_autofree char *phase = sio_http_dup_phase (self->http);

  if (error == NULL)
    error = g_error_new (SIO_ERROR, SIO_ERROR_TIMED_OUT, "no open packet came within %u ms%s%s",
                         sio_options_get_timeout_ms (self->options), phase != NULL ? ", while " : "",
                         phase != NULL ? phase : "");
  sio_engine_finish (self, "timeout", error);
  return G_SOURCE_REMOVE;
}

/**
 * sio_engine_new:
 * @url: where to; copied
 * @options: read now; a later change is for the next engine
 * @memory: (nullable): what is known from earlier sessions; read now
 * @tap: who watches; must outlive the engine, its content may change
 * @listener: who is told; copied
 * @data: for @listener
 *
 * Makes an engine for one attempt, on the thread-default main context. Nothing happens before sio_engine_open().
 *
 * Returns: (transfer full): free with sio_engine_free()
 */
SioEngine *
sio_engine_new (const SioUrl            *url,
                SioOptions              *options,
                const SioEngineMemory   *memory,
                const SioTapHandle      *tap,
                const SioEngineListener *listener,
                gpointer                 data)
{
  static const SioTapHandle nobody = { 0 };
  SioEngine *self = g_new0 (SioEngine, 1);

  self->ref_count = 1;
  self->listener = *listener;
  self->data = data;
  self->tap = tap != NULL ? tap : &nobody;
  self->context = g_main_context_ref_thread_default ();
  self->options = sio_options_copy (options);
  self->http = sio_http_new (url, options, 4, memory != NULL ? memory->cookies : NULL, self->tap);
  sio_engine_init_opening (self, memory);

  return self;
}

/**
 * sio_engine_free:
 * @self: (nullable): an engine
 *
 * Drops the connection if there is one. May be called inside of any callback of the engine or of
 * the tap. No callback follows.
 */
void
sio_engine_free (SioEngine *self)
{
  static const SioTapHandle nobody = { 0 };

  if (self == NULL)
    return;

  self->tap = &nobody;
  sio_http_mute (self->http);
  self->state = SIO_ENGINE_STATE_CLOSED;
  sio_engine_stop_source (&self->closed);
  sio_engine_tear_down (self);
  sio_engine_unref_internal (self);
}

/**
 * sio_engine_open:
 * @self: an engine that was not opened yet
 *
 * Asks for the handshake. Either opened() or closed() follows.
 */
void
sio_engine_open (SioEngine *self)
{
  guint timeout_ms = sio_options_get_timeout_ms (self->options);

  g_return_if_fail (self->state == SIO_ENGINE_STATE_OPENING && self->attempt == NULL);

  if (timeout_ms > 0)
    self->attempt = sio_engine_add_timeout (self, timeout_ms, sio_engine_attempt_cb);
  sio_transport_open (self->transport);
}

gboolean
sio_engine_is_open (SioEngine *self)
{
  return self->state == SIO_ENGINE_STATE_OPEN;
}

/**
 * sio_engine_is_writable:
 * @self: an engine
 *
 * Whether a message sent now would go out now: what "volatile" asks. Over WebSocket it is false
 * until the last message has been handed to the system, over polling while a POST is in flight, and
 * always while an upgrade switches transports.
 */
gboolean
sio_engine_is_writable (SioEngine *self)
{
  return self->state == SIO_ENGINE_STATE_OPEN && self->upgrade != SIO_UPGRADE_PAUSING && self->queue.n == 0
         && sio_transport_is_writable (self->transport);
}

/**
 * sio_engine_get_progress:
 * @self: an engine; it may have ended
 *
 * What became of the messages that were sent, in their order: the first n_written are out, those up
 * to n_handed were in a transport's hands, and nobody can know what of them arrived if it ends now;
 * the others never left.
 *
 * Returns: the two counts
 */
SioEngineProgress
sio_engine_get_progress (SioEngine *self)
{
  return (SioEngineProgress) { self->queue.n_messages_taken, self->queue.n_messages_written };
}

SioTransportKind
sio_engine_get_transport (SioEngine *self)
{
  return self->transport != NULL ? sio_transport_get_kind (self->transport) : SIO_TRANSPORT_KIND_NONE;
}

/**
 * sio_engine_get_sid:
 * @self: an engine
 *
 * Returns: (nullable): the session's id, %NULL before the open packet
 */
const char *
sio_engine_get_sid (SioEngine *self)
{
  return self->handshake != NULL ? self->handshake->sid : NULL;
}
