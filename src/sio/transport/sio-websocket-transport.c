/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* WebSocket by libsoup, in a connection of our own over the handshake's stream, because only so the
 * reads can be bounded in time, each frame be seen, and the ordinary ones, which are almost all, be
 * taken from where they were read to. */

#include "sio-websocket-transport.h"

#include "../sio-error.h"
#include "../sio-options-private.h"
#include "../wire/sio-json.h"
#include "sio-buffered-stream.h"
#include "sio-corked-output.h"
#include "sio-guard-extension.h"
#include "sio-network-error.h"
#include "sio-websocket-frame.h"
#include "sio-websocket-handshake.h"

/* libsoup's queue has no limit and no way to ask how full it is. So it gets so much, and more when
 * it has nothing left to write. */
#define SEND_CREDIT (64 * 1024)
/* libsoup keeps its source for writing at the default priority; a lower one runs only when its queue is empty. */
#define WRITABLE_PRIORITY (G_PRIORITY_DEFAULT + 10)
/* libsoup alone would wait five seconds for a peer that does not answer a close. */
#define CLOSE_TIMEOUT_MS 2000
typedef struct {
  SioTransport             parent;

  SioWebsocketHandshake   *handshake; /* NULL before and after */

  /* the connection; NULL before and after */
  SoupWebsocketConnection *connection;
  SioBufferedStream       *stream;
  SioGuardExtension       *guard;
  GSource                 *writable; /* waits until libsoup has written what it was given */
  GSource                 *timeout;  /* set while closing */
  gsize                    credit;
  guint                    n_unwritten_pongs;

  /* options */
  gsize                    max_payload;
  guint                    max_fragments;
  guint                    max_control_rate;
  gboolean                 force_base64;

  gboolean                 closing;
  gboolean                 said_goodbye; /* we closed first */
  GError                  *goodbye;      /* what the peer's close frame says, if libsoup does not know its code */
} SioWebsocketTransport;

static inline const SioTapHandle *
get_tap (SioWebsocketTransport *self)
{
  return sio_http_get_tap (self->parent.http);
}

static void
stop_source (GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_clear_pointer (source, g_source_unref);
    }
}

/* Sending */

static void sio_websocket_transport_pump (SioWebsocketTransport *self);
static void sio_websocket_transport_await_writable (SioWebsocketTransport *self);

static SioCorkedOutput *
get_output (SioWebsocketTransport *self)
{
  return SIO_CORKED_OUTPUT (g_io_stream_get_output_stream (G_IO_STREAM (self->stream)));
}

static gboolean
sio_websocket_transport_writable_cb (GObject  *stream,
                                     gpointer  data)
{
  SioWebsocketTransport *self = data;
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);

  stop_source (&self->writable);
  if (!sio_corked_output_uncork (get_output (self)))
    {
      sio_websocket_transport_await_writable (self);
      return G_SOURCE_REMOVE;
    }
  self->credit = SEND_CREDIT;
  self->n_unwritten_pongs = 0;
  if (self->parent.queue != NULL)
    self->parent.listener->written (self->parent.data, &self->parent);
  sio_websocket_transport_pump (self);
  if (!self->parent.dead && self->parent.queue != NULL && self->parent.queue->n == 0 && !self->closing)
    self->parent.listener->drained (self->parent.data, &self->parent);
  return G_SOURCE_REMOVE;
}

static void
sio_websocket_transport_await_writable (SioWebsocketTransport *self)
{
  GOutputStream *output;

  if (self->writable != NULL)
    return;

  output = G_OUTPUT_STREAM (get_output (self));
  self->writable = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (output), NULL);
  g_source_set_priority (self->writable, WRITABLE_PRIORITY);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (sio_websocket_transport_writable_cb), self, NULL);
  g_source_attach (self->writable, g_main_context_get_thread_default ());
}

static gboolean
sio_websocket_transport_is_ready (SioWebsocketTransport *self)
{
  return self->connection != NULL && !self->closing
         && soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN;
}

/* Hands one frame to libsoup, which writes it at once if it can. Its error signal may come from inside. */
static void
sio_websocket_transport_send_frame (SioWebsocketTransport *self,
                                    SoupWebsocketDataType  type,
                                    GBytes                *frame)
{
  gsize size;
  const char *data = g_bytes_get_data (frame, &size);

  SIO_TAP_CALL (get_tap (self), frame, SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_WEBSOCKET, type, (SioSpan) { data, size });
  if (!sio_websocket_transport_is_ready (self))
    return;

  self->credit -= MIN (self->credit, size + 14);
  sio_websocket_transport_await_writable (self);
  soup_websocket_connection_send_message (self->connection, type, frame);
}

/* Writes from the queue as long as there is credit, in one piece. The caller holds a reference. */
static void
sio_websocket_transport_pump (SioWebsocketTransport *self)
{
  g_autoptr (SioCorkedOutput) output = self->stream != NULL ? g_object_ref (get_output (self)) : NULL;
  SioQueuedPacket packet;

  if (output != NULL)
    sio_corked_output_cork (output);
  while (!self->parent.dead && self->parent.queue != NULL && self->credit > 0
         && sio_websocket_transport_is_ready (self) && sio_packet_queue_pop (self->parent.queue, &packet))
    {
      g_autoptr (GBytes) bytes = packet.bytes;
      guint type = SOUP_WEBSOCKET_DATA_TEXT;
      g_autoptr (GBytes) frame = NULL;

      if (packet.binary)
        frame = sio_websocket_frame_new_binary (sio_http_get_eio (self->parent.http), self->force_base64, bytes, &type);
      else if (packet.whole)
        frame = g_bytes_ref (bytes);
      else
        frame = sio_websocket_frame_new_text (packet.type, sio_queued_packet_get_payload (&packet));
      sio_websocket_transport_send_frame (self, type, frame);
    }
  /* what is left goes when there is room: whoever sent it waits for that already */
  if (output != NULL)
    sio_corked_output_uncork (output);
}

static void
sio_websocket_transport_flush (SioTransport *transport)
{
  g_autoptr (SioTransport) alive = sio_transport_ref (transport);

  sio_websocket_transport_pump ((SioWebsocketTransport *) transport);
}

static void
sio_websocket_transport_send_now (SioTransport        *transport,
                                  SioEnginePacketType  type,
                                  SioSpan              data)
{
  SioWebsocketTransport *self = (SioWebsocketTransport *) transport;
  g_autoptr (SioTransport) alive = sio_transport_ref (transport);
  g_autoptr (GBytes) frame = sio_websocket_frame_new_text (type, data);

  if (sio_websocket_transport_is_ready (self))
    sio_websocket_transport_send_frame (self, SOUP_WEBSOCKET_DATA_TEXT, frame);
}

static gboolean
sio_websocket_transport_is_writable (SioTransport *transport)
{
  SioWebsocketTransport *self = (SioWebsocketTransport *) transport;

  return self->writable == NULL && sio_websocket_transport_is_ready (self);
}

/* Receiving */

/* @owner: what holds the payload, or NULL: it is only there until this returns. We may be gone afterwards. */
static void
sio_websocket_transport_receive (SioWebsocketTransport *self,
                                 guint                  type,
                                 GBytes                *owner,
                                 SioSpan                payload)
{
  const SioTapHandle *tap = get_tap (self);
  g_autoptr (GBytes) copy = NULL;

  if (G_UNLIKELY (tap->tap != NULL && tap->iface->frame != NULL))
    {
      g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);

      SIO_TAP_CALL (tap, frame, SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_WEBSOCKET, type, payload);
      if (self->parent.dead)
        return;
    }

  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    {
      self->parent.listener->text (self->parent.data, &self->parent, owner, payload);
      return;
    }

  if (owner == NULL)
    owner = copy = g_bytes_new (payload.data, payload.size);
  self->parent.listener->binary (self->parent.data, &self->parent, owner);
}

static void
sio_websocket_transport_message_cb (SoupWebsocketConnection *connection,
                                    int                      type,
                                    GBytes                  *message,
                                    SioWebsocketTransport   *self)
{
  SioSpan payload;

  payload.data = g_bytes_get_data (message, &payload.size);
  sio_websocket_transport_receive (self, (guint) type, message, payload);
}

/* From inside of libsoup's read. What is wrong with a frame, and what it means now, is for libsoup to say. */
static gboolean
sio_websocket_transport_frame_cb (gpointer data,
                                  guint    opcode,
                                  SioSpan  payload)
{
  SioWebsocketTransport *self = data;

  if (!sio_websocket_transport_is_ready (self) || payload.size > self->max_payload
      || (opcode == SOUP_WEBSOCKET_DATA_TEXT && !sio_utf8_validate (payload)))
    return FALSE;

  sio_websocket_transport_receive (self, opcode, NULL, payload);
  return TRUE;
}

/* A close frame's payload as a person reads it: "1000 reason". */
static void
sio_websocket_transport_report_close (SioWebsocketTransport *self,
                                      SioDirection           direction,
                                      SioSpan                payload)
{
  g_autofree char *text = NULL;

  if (payload.size >= 2)
    {
      guint code = (guint) (guchar) payload.data[0] << 8 | (guchar) payload.data[1];

      text = g_strdup_printf ("%u%s%.*s", code, payload.size > 2 ? " " : "", (int) payload.size - 2, payload.data + 2);
    }
  SIO_TAP_CALL (get_tap (self), frame, direction, SIO_TRANSPORT_KIND_WEBSOCKET, 8,
                (SioSpan) { text, text != NULL ? strlen (text) : 0 });
}

/**
 * sio_websocket_transport_refuse:
 * @transport: a WebSocket transport, connected or not
 * @code: of the close frame
 *
 * Tells the server why it is about to be dropped, if that can be written at once. The caller drops it: what a server that
 * keeps to no limit has to say to it is not waited for.
 */
void
sio_websocket_transport_refuse (SioTransport *transport,
                                guint         code)
{
  SioWebsocketTransport *self = (SioWebsocketTransport *) transport;
  const char payload[2] = { (char) (code >> 8), (char) code };

  if (transport->dead || !sio_websocket_transport_is_ready (self))
    return;

  self->closing = TRUE;
  sio_websocket_transport_report_close (self, SIO_DIRECTION_OUT, (SioSpan) { payload, sizeof payload });
  if (transport->dead)
    return;
  /* nothing that libsoup has to say of it is the reason any more */
  g_signal_handlers_disconnect_by_data (self->connection, self);
  soup_websocket_connection_close (self->connection, (gushort) code, NULL);
}

static void
sio_websocket_transport_control_cb (gpointer data,
                                    guint    opcode,
                                    SioSpan  payload)
{
  SioWebsocketTransport *self = data;
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);

  if (opcode == 8)
    {
      if (self->goodbye == NULL)
        self->goodbye = sio_network_error_new_for_late_code (payload);
      sio_websocket_transport_report_close (self, SIO_DIRECTION_IN, payload);
      return;
    }

  SIO_TAP_CALL (get_tap (self), frame, SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_WEBSOCKET, opcode, payload);
  if (!self->parent.dead && opcode == 9 && sio_websocket_transport_is_ready (self))
    {
      /* libsoup answers by itself when we return */
      SIO_TAP_CALL (get_tap (self), frame, SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_WEBSOCKET, 10, payload);
      if (self->parent.dead)
        return;
      sio_websocket_transport_await_writable (self);
      /* libsoup has no limit: a peer that pings and does not read would fill our memory with pongs */
      if (++self->n_unwritten_pongs > (guint64) self->max_control_rate * 5)
        {
          g_autoptr (GError) error = g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE,
                                                  "the server sends WebSocket pings and reads no answer: more than"
                                                  " max-control-rate (%u a second, over 5 s)",
                                                  self->max_control_rate);

          SIO_TAP_CALL (get_tap (self), error, "limit", error, payload);
          sio_websocket_transport_refuse (&self->parent, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION);
          sio_transport_fail (&self->parent, "transport error", error);
          return;
        }
    }
  if (!self->parent.dead)
    self->parent.listener->control (self->parent.data, &self->parent);
}

static void
sio_websocket_transport_error_cb (SoupWebsocketConnection *connection,
                                  GError                  *error,
                                  SioWebsocketTransport   *self)
{
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);
  g_autoptr (GError) told = NULL;

  if (error->domain == SOUP_WEBSOCKET_ERROR && self->goodbye != NULL)
    {
      sio_transport_fail (&self->parent, "transport close", self->goodbye);
      return;
    }

  /* Only the first one counts: libsoup 3.2 repeats itself as long as bytes come. */
  told = sio_network_error_new_for_websocket (error, self->max_payload);
  if (told->code != SIO_ERROR_CLOSED)
    SIO_TAP_CALL (get_tap (self), error, told->code == SIO_ERROR_TOO_LARGE ? "limit" : "transport", told, (SioSpan) { 0 });
  if (told->code == SIO_ERROR_TOO_LARGE)
    sio_websocket_transport_refuse (&self->parent, SOUP_WEBSOCKET_CLOSE_TOO_BIG);
  sio_transport_fail (&self->parent, "transport error", told);
}

static void
sio_websocket_transport_closed_cb (SoupWebsocketConnection *connection,
                                   SioWebsocketTransport   *self)
{
  gushort code = soup_websocket_connection_get_close_code (connection);
  const char *data = soup_websocket_connection_get_close_data (connection);
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);
  g_autoptr (GError) error = NULL;

  /* the peer has answered our close, so it has read what was in front of it */
  if (self->said_goodbye && code != 0 && self->parent.queue != NULL)
    self->parent.listener->written (self->parent.data, &self->parent);

  error = sio_network_error_new_for_close (code, data);
  sio_transport_fail (&self->parent, "transport close", error);
}

static gboolean
sio_websocket_transport_timeout_cb (gpointer data)
{
  SioWebsocketTransport *self = data;

  /* Nobody waits longer for a goodbye. */
  sio_websocket_transport_closed_cb (self->connection, self);
  return G_SOURCE_REMOVE;
}

static void
sio_websocket_transport_start_timeout (SioWebsocketTransport *self)
{
  if (self->timeout != NULL)
    return;

  self->timeout = g_timeout_source_new (CLOSE_TIMEOUT_MS);
  g_source_set_callback (self->timeout, sio_websocket_transport_timeout_cb, self, NULL);
  g_source_attach (self->timeout, g_main_context_get_thread_default ());
}

static void
sio_websocket_transport_closing_cb (SoupWebsocketConnection *connection,
                                    SioWebsocketTransport   *self)
{
  if (!self->closing)
    {
      self->closing = TRUE;
      sio_websocket_transport_start_timeout (self);
    }
}

/* The handshake */

static void
sio_websocket_transport_handshake_cb (gpointer      data,
                                      GIOStream    *stream,
                                      GSocket      *socket,
                                      GUri         *uri,
                                      const GError *error)
{
  SioWebsocketTransport *self = data;
  SioTransport *transport = data;

  self->handshake = NULL;
  if (error != NULL)
    {
      sio_transport_fail (transport, "transport error", error);
      return;
    }

  self->stream = SIO_BUFFERED_STREAM (sio_buffered_stream_new (stream, socket));
  self->guard = sio_guard_extension_new (self->max_payload, self->max_fragments, sio_websocket_transport_control_cb, self);
  self->credit = SEND_CREDIT;
  self->connection = soup_websocket_connection_new (G_IO_STREAM (self->stream), uri, SOUP_WEBSOCKET_CONNECTION_CLIENT,
                                                    /* origin= */ NULL, /* protocol= */ NULL,
                                                    g_list_prepend (NULL, g_object_ref (self->guard)));
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, self->max_payload);

  /* never "pong": its argument is not what it is declared to be (CVE-2026-102556) */
  g_signal_connect (self->connection, "message", G_CALLBACK (sio_websocket_transport_message_cb), self);
  g_signal_connect (self->connection, "error", G_CALLBACK (sio_websocket_transport_error_cb), self);
  g_signal_connect (self->connection, "closing", G_CALLBACK (sio_websocket_transport_closing_cb), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (sio_websocket_transport_closed_cb), self);
  sio_buffered_stream_set_frame (self->stream, sio_websocket_transport_frame_cb, self);
  transport->listener->opened (transport->data, transport);
}

static void
sio_websocket_transport_open (SioTransport *transport)
{
  SioWebsocketTransport *self = (SioWebsocketTransport *) transport;

  self->handshake = sio_websocket_handshake_new (transport->http, sio_websocket_transport_handshake_cb, self);
}

static void
sio_websocket_transport_start (SioTransport       *transport,
                               const SioHandshake *handshake)
{
  /* Each message is a frame of its own; the server says 1009 to one that is too large. */
}

static void
sio_websocket_transport_pause_resume (SioTransport *transport)
{
  g_assert_not_reached ();
}

/* The end */

static void
sio_websocket_transport_close (SioTransport *transport)
{
  SioWebsocketTransport *self = (SioWebsocketTransport *) transport;
  g_autoptr (SioTransport) alive = sio_transport_ref (transport);

  if (self->connection == NULL)
    {
      sio_transport_fail (transport, "transport close", NULL);
      return;
    }

  sio_websocket_transport_start_timeout (self);
  if (!sio_websocket_transport_is_ready (self))
    return; /* the peer was first */

  self->closing = TRUE;
  self->said_goodbye = TRUE;
  sio_websocket_transport_report_close (self, SIO_DIRECTION_OUT, (SioSpan) { 0 });
  if (!transport->dead)
    soup_websocket_connection_close (self->connection, SOUP_WEBSOCKET_CLOSE_NO_STATUS, NULL);
}

static gboolean
unref_later_cb (gpointer object)
{
  g_object_unref (object);
  return G_SOURCE_REMOVE;
}

static void
sio_websocket_transport_abandon (SioTransport *transport)
{
  SioWebsocketTransport *self = (SioWebsocketTransport *) transport;

  g_clear_pointer (&self->handshake, sio_websocket_handshake_cancel);
  stop_source (&self->writable);
  stop_source (&self->timeout);
  if (self->guard != NULL)
    {
      sio_guard_extension_release (self->guard);
      g_clear_object (&self->guard);
    }
  if (self->connection != NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_signal_handlers_disconnect_by_data (self->connection, self);
      sio_buffered_stream_set_frame (self->stream, NULL, NULL);
      sio_buffered_stream_cut (self->stream);
      g_clear_object (&self->stream);
      /* libsoup may be in the middle of using it, and holds no reference of its own */
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, unref_later_cb, g_steal_pointer (&self->connection), NULL);
      g_source_attach (source, g_main_context_get_thread_default ());
    }
}

static void
sio_websocket_transport_finalize (SioTransport *transport)
{
  sio_websocket_transport_abandon (transport);
  g_clear_error (&((SioWebsocketTransport *) transport)->goodbye);
}

static const SioTransportClass sio_websocket_transport_class = {
  .kind = SIO_TRANSPORT_KIND_WEBSOCKET,
  .open = sio_websocket_transport_open,
  .start = sio_websocket_transport_start,
  .flush = sio_websocket_transport_flush,
  .is_writable = sio_websocket_transport_is_writable,
  .send_now = sio_websocket_transport_send_now,
  .pause = sio_websocket_transport_pause_resume,
  .resume = sio_websocket_transport_pause_resume,
  .close = sio_websocket_transport_close,
  .abandon = sio_websocket_transport_abandon,
  .finalize = sio_websocket_transport_finalize,
};

/**
 * sio_websocket_transport_new:
 * @http: the engine's client
 * @options: the manager's; what they say for a WebSocket is read now
 * @queue: (nullable): what to send
 * @listener: told what comes
 * @data: for @listener
 *
 * Returns: (transfer full): a WebSocket transport; nothing is asked for before sio_transport_open()
 */
SioTransport *
sio_websocket_transport_new (SioHttp                    *http,
                             SioOptions                 *options,
                             SioPacketQueue             *queue,
                             const SioTransportListener *listener,
                             gpointer                    data)
{
  SioWebsocketTransport *self = g_new0 (SioWebsocketTransport, 1);
  g_autoptr (SioOptions) own = sio_options_dup_for_transport (options, SIO_TRANSPORT_KIND_WEBSOCKET);

  self->max_payload = sio_http_get_max_payload (http);
  self->max_fragments = sio_options_get_max_fragments (own);
  self->max_control_rate = sio_options_get_max_control_rate (own);
  self->force_base64 = sio_options_get_force_base64 (own);

  return sio_transport_init (&self->parent, &sio_websocket_transport_class, http, queue, listener, data);
}
