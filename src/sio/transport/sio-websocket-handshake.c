/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handshake is libsoup's, with its proxies, TLS and headers. Its connection is not kept: only
 * one that we make ourselves can read through our stream and have our guard. */

#include "sio-websocket-handshake.h"

#include "../sio-error.h"

struct _SioWebsocketHandshake {
  SioHttp                   *http; /* NULL once cancelled */
  SioWebsocketHandshakeDone  done;
  gpointer                   data;

  SoupMessage  *message;           /* NULL if the URL makes none */
  GCancellable *cancellable;
  GSocket      *socket;            /* NULL until connected */
  GError       *own_error;         /* why we cancelled it ourselves */
  gint64        started_us;
  guint         n_informational;
  gboolean      reported;
};

static void
sio_websocket_handshake_free (SioWebsocketHandshake *self)
{
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->socket);
  g_clear_error (&self->own_error);
  g_free (self);
}

static void
sio_websocket_handshake_finish (SioWebsocketHandshake *self,
                                GIOStream             *stream,
                                const GError          *error)
{
  if (self->http != NULL && self->message != NULL)
    {
      self->reported = TRUE;
      sio_http_report (self->http, self->message, self->started_us, NULL, (SioSpan) { 0 }, error);
    }
  /* a tap that frees the engine cancels us */
  if (self->http != NULL)
    self->done (self->data, stream, self->socket,
                stream != NULL ? soup_message_get_uri (self->message) : NULL, error);
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
  guint status = soup_message_get_status (self->message);

  connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  if (self->own_error != NULL)
    {
      g_clear_error (&error);
      error = g_steal_pointer (&self->own_error);
    }
  else if (connection == NULL && status != 0 && status != SOUP_STATUS_SWITCHING_PROTOCOLS)
    {
      /* libsoup only says that it was not accepted, and does not hand out the body */
      g_clear_error (&error);
      error = sio_http_refusal_new (self->message, (SioSpan) { 0 });
      if (status < 300)
        g_prefix_error (&error, "not a WebSocket handshake: ");
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

static void
sio_websocket_handshake_network_event_cb (SoupMessage           *message,
                                          GSocketClientEvent     event,
                                          GIOStream             *connection,
                                          SioWebsocketHandshake *self)
{
  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection))
    g_set_object (&self->socket, g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)));
}

static void
sio_websocket_handshake_got_informational_cb (SoupMessage           *message,
                                              SioWebsocketHandshake *self)
{
  if (++self->n_informational <= SIO_HTTP_MAX_INFORMATIONAL || self->own_error != NULL)
    return;

  self->own_error = g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE, "more than %d interim (1xx) answers",
                                 SIO_HTTP_MAX_INFORMATIONAL);
  g_cancellable_cancel (self->cancellable);
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
  SioWebsocketHandshake *self = g_new0 (SioWebsocketHandshake, 1);

  self->http = http;
  self->done = done;
  self->data = data;
  self->cancellable = g_cancellable_new ();
  self->started_us = g_get_monotonic_time ();
  self->message = sio_http_new_message (http, SOUP_METHOD_GET, TRUE, &self->own_error);
  if (self->message == NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_callback (source, sio_websocket_handshake_refuse_cb, self, NULL);
      g_source_attach (source, g_main_context_get_thread_default ());
      return self;
    }

  g_signal_connect (self->message, "network-event", G_CALLBACK (sio_websocket_handshake_network_event_cb), self);
  g_signal_connect (self->message, "got-informational", G_CALLBACK (sio_websocket_handshake_got_informational_cb), self);
  soup_session_websocket_connect_async (sio_http_get_session (http), self->message,
                                        /* origin= */ NULL, /* protocols= */ NULL, G_PRIORITY_DEFAULT,
                                        self->cancellable, sio_websocket_handshake_connect_cb, self);
  return self;
}

void
sio_websocket_handshake_cancel (SioWebsocketHandshake *self)
{
  SioHttp *http = g_steal_pointer (&self->http);

  if (self->message != NULL && !self->reported)
    {
      g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                      "dropped before the WebSocket was open");

      sio_http_report (http, self->message, self->started_us, NULL, (SioSpan) { 0 }, error);
    }
  g_cancellable_cancel (self->cancellable);
}
