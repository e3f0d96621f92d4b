/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handshake is libsoup's, with its proxies, TLS and headers. Its connection is not kept: only
 * one that we make ourselves can read through our stream and have our guard. */

#include "sio-websocket-handshake.h"

#include "../sio-error.h"
#include "sio-network-error.h"

struct _SioWebsocketHandshake {
  SioHttp                   *http; /* NULL once cancelled */
  SioWebsocketHandshakeDone  done;
  gpointer                   data;

  SioHttpTrace  trace;             /* without a message if the options make none */
  GCancellable *cancellable;
  GError       *own_error;         /* there is no message */
  gint64        started_us;
  gboolean      reported;
};

static void
sio_websocket_handshake_free (SioWebsocketHandshake *self)
{
  sio_http_trace_clear (&self->trace);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->own_error);
  g_free (self);
}

static void
sio_websocket_handshake_finish (SioWebsocketHandshake *self,
                                GIOStream             *stream,
                                const GError          *error)
{
  if (self->http != NULL && self->trace.message != NULL)
    {
      sio_http_trace_detach (&self->trace);
      self->reported = TRUE;
      sio_http_report (self->http, &self->trace, self->started_us, NULL, (SioSpan) { 0 }, error);
    }
  /* a tap that frees the engine cancels us */
  if (self->http != NULL)
    self->done (self->data, stream, self->trace.socket,
                stream != NULL ? soup_message_get_uri (self->trace.message) : NULL, error);
  sio_websocket_handshake_free (self);
}

static void
sio_websocket_handshake_connect_cb (GObject      *source,
                                    GAsyncResult *result,
                                    gpointer      user_data)
{
  SioWebsocketHandshake *self = user_data;
  g_autoptr (SoupWebsocketConnection) connection = NULL;
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  /* a refusal is one too */
  if (self->trace.own_error != NULL)
    {
      g_clear_error (&error);
      error = g_error_copy (self->trace.own_error);
    }
  else if (error != NULL && self->http != NULL)
    {
      GError *told = sio_network_error_new (&self->trace, error);

      g_clear_error (&error);
      error = told;
    }

  if (error == NULL && self->http != NULL)
    {
      /* The connection closes its stream when it is dropped; a stream with an operation pending refuses. */
      stream = g_object_ref (soup_websocket_connection_get_io_stream (connection));
      g_io_stream_set_pending (stream, NULL);
      g_object_run_dispose (G_OBJECT (connection));
      g_io_stream_clear_pending (stream);
    }
  sio_websocket_handshake_finish (self, stream, error);
}

static gboolean
sio_websocket_handshake_refuse_cb (gpointer data)
{
  SioWebsocketHandshake *self = data;
  g_autoptr (GError) error = g_steal_pointer (&self->own_error);

  sio_websocket_handshake_finish (self, NULL, error);
  return G_SOURCE_REMOVE;
}

/**
 * sio_websocket_handshake_new:
 * @http: the client
 * @done: called once, later, unless it is cancelled first
 * @data: for @done
 *
 * Starts a handshake. It has no deadline of its own: the engine's attempt and probe have.
 *
 * Returns: owned by itself; forget it when @done is called or after sio_websocket_handshake_cancel()
 */
SioWebsocketHandshake *
sio_websocket_handshake_new (SioHttp                   *http,
                             SioWebsocketHandshakeDone  done,
                             gpointer                   data)
{
  const SioHttpSide *side = sio_http_get_side (http, TRUE);
  SioWebsocketHandshake *self = g_new0 (SioWebsocketHandshake, 1);
  g_autoptr (SoupMessage) message = NULL;

  self->http = http;
  self->done = done;
  self->data = data;
  self->cancellable = g_cancellable_new ();
  self->started_us = g_get_monotonic_time ();
  message = sio_http_new_message (http, SOUP_METHOD_GET, TRUE, &self->own_error);
  if (message == NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_callback (source, sio_websocket_handshake_refuse_cb, self, NULL);
      g_source_attach (source, g_main_context_get_thread_default ());
      return self;
    }

  sio_http_trace_attach (&self->trace, http, message, self->cancellable, TRUE);
  soup_session_websocket_connect_async (side->session, message, /* origin= */ NULL, side->protocols, G_PRIORITY_DEFAULT,
                                        self->cancellable, sio_websocket_handshake_connect_cb, self);
  return self;
}

void
sio_websocket_handshake_cancel (SioWebsocketHandshake *self)
{
  SioHttp *http = g_steal_pointer (&self->http);

  if (self->trace.message != NULL && !self->reported)
    {
      g_autofree char *phase = sio_http_trace_dup_phase (&self->trace);
      g_autoptr (GError) error = g_error_new (SIO_ERROR, SIO_ERROR_CLOSED, "dropped before the WebSocket was open, while %s",
                                              phase);

      self->reported = TRUE;
      sio_http_trace_detach (&self->trace);
      sio_http_report (http, &self->trace, self->started_us, NULL, (SioSpan) { 0 }, error);
    }
  g_cancellable_cancel (self->cancellable);
}
