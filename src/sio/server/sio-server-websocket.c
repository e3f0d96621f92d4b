/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The WebSocket side of a session: accepting one, upgrading to it, writing to it no faster than it
 * is read. Engine.IO 4, "WebSocket" and "Upgrade". */

#include "sio-server-private.h"
#include "../wire/sio-base64.h"

/* libsoup queues without end and does not tell when it has written: hand over this much each time
 * the socket takes more. */
#define WRITE_BUDGET (64 * 1024)
/* After libsoup's own source, which writes what it already has. */
#define WRITE_PRIORITY (G_PRIORITY_DEFAULT + 10)
/* How long a client may take to answer a close frame. */
#define RETIRE_MS 2000

/* ---- accepting ---- */

typedef struct {
  SioServer              *server;
  SioServerWebsocketFunc  func;
  gpointer                data;
  GDestroyNotify          destroy;
} Accept;

static void
accept_free (gpointer  data,
             GClosure *closure)
{
  Accept *accept = data;

  if (accept->destroy != NULL)
    accept->destroy (accept->data);
  g_object_unref (accept->server);
  g_free (accept);
}

static void
switched_cb (SoupServerMessage *message,
             gpointer           data)
{
  Accept *accept = data;
  g_autoptr(GSocket) socket = g_object_ref (soup_server_message_get_socket (message));
  g_autoptr(GIOStream) base = soup_server_message_steal_connection (message);
  g_autoptr(GIOStream) stream = NULL;
  SoupWebsocketConnection *connection;
  gsize max_payload = sio_server_get_options (accept->server)->max_payload;

  if (sio_server_get_port (accept->server) == 0)
    {
      g_io_stream_close (base, NULL, NULL);
      return;
    }

  stream = sio_server_stream_new (base, socket);
  connection = soup_websocket_connection_new (stream,
                                              soup_server_message_get_uri (message),
                                              SOUP_WEBSOCKET_CONNECTION_SERVER,
                                              /* origin= */ NULL,
                                              /* protocol= */ NULL,
                                              g_list_append (NULL, sio_server_guard_new (max_payload)));
  /* Never 0: that means "no limit" to libsoup. */
  soup_websocket_connection_set_max_incoming_payload_size (connection, max_payload);
  accept->func (accept->server, connection, accept->data);
}

void
sio_server_accept_websocket (SioServer              *self,
                             SoupServerMessage      *message,
                             SioServerWebsocketFunc  func,
                             gpointer                data,
                             GDestroyNotify          destroy)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *offered = soup_message_headers_get_list (headers, "Sec-WebSocket-Protocol");
  g_auto(GStrv) protocols = NULL;
  Accept *accept;

  /* The official server picks the first sub-protocol offered. */
  if (offered != NULL)
    {
      char *comma;

      protocols = g_new0 (char *, 2);
      protocols[0] = g_strdup (offered);
      comma = strchr (protocols[0], ',');
      if (comma != NULL)
        *comma = '\0';
      g_strstrip (protocols[0]);
    }

  /* By hand, not through soup_server_add_websocket_handler(): the connection must read from our
   * stream and have our guard. */
  if (!soup_websocket_server_process_handshake (message, /* expected_origin= */ NULL, protocols,
                                                /* supported_extensions= */ NULL, NULL))
    {
      if (destroy != NULL)
        destroy (data);
      return;
    }

  accept = g_new (Accept, 1);
  *accept = (Accept) { g_object_ref (self), func, data, destroy };
  g_signal_connect_data (message, "wrote-informational", G_CALLBACK (switched_cb), accept, accept_free, 0);
}

/* ---- closing ---- */

typedef struct {
  SoupWebsocketConnection *connection;
  GSource                 *timeout;
} Retired;

static void
retired_free (Retired *retired)
{
  g_signal_handlers_disconnect_by_data (retired->connection, retired);
  sio_server_clear_source (&retired->timeout);
  g_object_unref (retired->connection);
  g_free (retired);
}

static void
retired_closed_cb (SoupWebsocketConnection *connection,
                   gpointer                 data)
{
  retired_free (data);
}

static gboolean
retired_timeout_cb (gpointer data)
{
  Retired *retired = data;

  g_io_stream_close (soup_websocket_connection_get_io_stream (retired->connection), NULL, NULL);
  retired_free (retired);
  return G_SOURCE_REMOVE;
}

void
sio_server_retire_websocket (SioServer               *server,
                             SoupWebsocketConnection *connection,
                             gboolean                 at_once)
{
  SoupWebsocketState state = soup_websocket_connection_get_state (connection);
  Retired *retired;

  if (at_once || state == SOUP_WEBSOCKET_STATE_CLOSED)
    {
      g_io_stream_close (soup_websocket_connection_get_io_stream (connection), NULL, NULL);
      g_object_unref (connection);
      return;
    }

  /* An empty close frame, as the official server's. */
  if (state == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_NO_STATUS, NULL);

  retired = g_new (Retired, 1);
  retired->connection = connection;
  retired->timeout = sio_server_add_timeout (server, RETIRE_MS, retired_timeout_cb, retired);
  g_signal_connect (connection, "closed", G_CALLBACK (retired_closed_cb), retired);
}

/* ---- writing ---- */

/* Hands over frames until budget bytes are used. */
static void
write_frames (SioServerSession *self,
              gsize             budget)
{
  gsize used = 0;

  while (used <= budget && self->queue.length > 0 &&
         soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    {
      SioServerFrame *frame = g_queue_pop_head (&self->queue);
      gsize size;
      const void *content = g_bytes_get_data (frame->content, &size);

      self->queue_size -= size;
      used += size + 16;
      if (frame->binary && self->base64_websocket)
        {
          GString *text = g_string_new (self->eio == 3 ? "b4" : "b");
          g_autoptr(GBytes) bytes = NULL;

          sio_base64_append (text, content, size);
          bytes = g_string_free_to_bytes (text);
          soup_websocket_connection_send_message (self->websocket, SOUP_WEBSOCKET_DATA_TEXT, bytes);
        }
      else if (frame->binary && self->eio == 3)
        {
          g_autoptr(GBytes) bytes = sio_server_eio3_make_frame (frame);

          soup_websocket_connection_send_message (self->websocket, SOUP_WEBSOCKET_DATA_BINARY, bytes);
        }
      else
        {
          soup_websocket_connection_send_message (self->websocket,
                                                  frame->binary ? SOUP_WEBSOCKET_DATA_BINARY
                                                                : SOUP_WEBSOCKET_DATA_TEXT,
                                                  frame->content);
        }
      sio_server_frame_free (frame);
    }
}

static gboolean
writable_cb (GObject  *stream,
             gpointer  data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  write_frames (self, WRITE_BUDGET);
  if (self->websocket != NULL && self->queue.length > 0 &&
      soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    return G_SOURCE_CONTINUE;

  sio_server_clear_source (&self->write_source);
  return G_SOURCE_REMOVE;
}

void
sio_server_session_write_websocket (SioServerSession *self)
{
  GIOStream *stream;
  GOutputStream *output;

  if (self->websocket == NULL || self->write_source != NULL || self->queue.length == 0)
    return;
  /* While libsoup closes the stream its socket may be closed already, and has no source: "closed" is on its way. */
  if (soup_websocket_connection_get_state (self->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;

  stream = soup_websocket_connection_get_io_stream (self->websocket);
  output = g_io_stream_get_output_stream (stream);
  self->write_source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (output), NULL);
  g_source_set_priority (self->write_source, WRITE_PRIORITY);
  g_source_set_callback (self->write_source, G_SOURCE_FUNC (writable_cb), self, NULL);
  g_source_attach (self->write_source, sio_server_get_context (self->server));
}

void
sio_server_session_close_websocket (SioServerSession *self,
                                    gboolean          at_once)
{
  SoupWebsocketConnection *connection;

  sio_server_clear_source (&self->write_source);
  if (self->websocket == NULL)
    return;

  if (!at_once)
    write_frames (self, G_MAXSIZE);
  connection = g_steal_pointer (&self->websocket);
  g_signal_handlers_disconnect_by_data (connection, self);
  sio_server_retire_websocket (self->server, connection, at_once);
}

/* ---- the session's own WebSocket ---- */

static void
message_cb (SoupWebsocketConnection *connection,
            SoupWebsocketDataType    type,
            GBytes                  *bytes,
            gpointer                 data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);
  gsize size;
  const char *content = g_bytes_get_data (bytes, &size);

  if (type == SOUP_WEBSOCKET_DATA_BINARY && self->eio == 3)
    sio_server_eio3_receive_binary (self, bytes, (SioSpan) { content, size });
  else if (type == SOUP_WEBSOCKET_DATA_BINARY)
    sio_server_session_receive_binary (self, bytes);
  else
    sio_server_session_receive_text (self, bytes, (SioSpan) { content, size });
}

static void
error_cb (SoupWebsocketConnection *connection,
          GError                  *error,
          gpointer                 data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  /* The first error only: libsoup goes on reading behind it and may report thousands. */
  sio_server_report_error (self->server, "websocket", error->message);
  sio_server_session_end (self, "transport error", NULL);
}

static void
closed_cb (SoupWebsocketConnection *connection,
           gpointer                 data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_session_end (self, "transport close", NULL);
}

void
sio_server_session_set_websocket (SioServerSession        *self,
                                  SoupWebsocketConnection *connection)
{
  g_assert (self->websocket == NULL);

  self->websocket = connection;
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (connection, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
}

/* ---- upgrading ---- */

/* A WebSocket that does not keep to the upgrade is sent away; the polling session lives on. */
void
sio_server_session_stop_probe (SioServerSession *self)
{
  SoupWebsocketConnection *connection;

  sio_server_clear_source (&self->probe_source);
  sio_server_clear_source (&self->noop_source);
  if (self->probe == NULL)
    return;

  connection = g_steal_pointer (&self->probe);
  g_signal_handlers_disconnect_by_data (connection, self);
  sio_server_retire_websocket (self->server, connection, FALSE);
}

static gboolean
probe_timeout_cb (gpointer data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_report_error (self->server, "upgrade", "gave up an unfinished upgrade");
  sio_server_session_stop_probe (self);
  return G_SOURCE_REMOVE;
}

/* The client waits for its pending poll to end before it sends the upgrade packet. */
static gboolean
noop_cb (gpointer data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_session_answer_poll (self, TRUE, "6");
  return G_SOURCE_CONTINUE;
}

static void
finish_upgrade (SioServerSession *self)
{
  SoupWebsocketConnection *connection = g_steal_pointer (&self->probe);

  g_signal_handlers_disconnect_by_data (connection, self);
  sio_server_session_stop_probe (self);

  /* A client that keeps to the protocol has no poll any more. If it has one, what waits must not go
   * there: it has stopped listening. */
  sio_server_session_answer_poll (self, FALSE, "6");
  self->transport = SIO_TRANSPORT_KIND_WEBSOCKET;
  sio_server_session_set_websocket (self, connection);
  sio_server_report_engine (self->server, self->sid, "upgraded", "websocket");
  sio_server_session_write_websocket (self);
}

static void
probe_message_cb (SoupWebsocketConnection *connection,
                  SoupWebsocketDataType    type,
                  GBytes                  *bytes,
                  gpointer                 data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);
  gsize size;
  const char *content = g_bytes_get_data (bytes, &size);
  SioSpan text = { content, size };

  if (type == SOUP_WEBSOCKET_DATA_TEXT && sio_span_equals (text, "2probe"))
    {
      soup_websocket_connection_send_text (connection, "3probe");
      if (self->noop_source == NULL)
        self->noop_source = sio_server_add_timeout (self->server, SIO_SERVER_NOOP_INTERVAL_MS, noop_cb, self);
    }
  else if (type == SOUP_WEBSOCKET_DATA_TEXT && sio_span_equals (text, "5"))
    {
      finish_upgrade (self);
    }
  else
    {
      sio_server_report_error (self->server, "upgrade", "a packet that is neither probe nor upgrade");
      sio_server_session_stop_probe (self);
    }
}

static void
probe_error_cb (SoupWebsocketConnection *connection,
                GError                  *error,
                gpointer                 data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);
  SoupWebsocketConnection *probe = g_steal_pointer (&self->probe);

  sio_server_report_error (self->server, "upgrade", error->message);
  g_signal_handlers_disconnect_by_data (probe, self);
  sio_server_retire_websocket (self->server, probe, /* at_once= */ TRUE);
  sio_server_session_stop_probe (self);
}

static void
probe_closed_cb (SoupWebsocketConnection *connection,
                 gpointer                 data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_session_stop_probe (self);
}

/*< private >
 * sio_server_session_start_probe:
 * @self: an open session whose transport is polling, without a probe
 * @connection: (transfer full): the WebSocket that wants to take over
 *
 * Polling goes on until the upgrade packet comes.
 */
void
sio_server_session_start_probe (SioServerSession        *self,
                                SoupWebsocketConnection *connection)
{
  self->probe = connection;
  self->probe_source = sio_server_add_timeout (self->server, SIO_SERVER_UPGRADE_TIMEOUT_MS, probe_timeout_cb, self);
  g_signal_connect (connection, "message", G_CALLBACK (probe_message_cb), self);
  g_signal_connect (connection, "error", G_CALLBACK (probe_error_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (probe_closed_cb), self);
}
