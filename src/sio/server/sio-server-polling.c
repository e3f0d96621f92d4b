/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The polling side of a session: one GET that waits for packets, one POST that brings some.
 * Engine.IO 4, "HTTP long-polling". */

#include "sio-server-private.h"

#include <sys/socket.h>

/* ---- GET ---- */

static void
forget_poll (SioServerSession *self)
{
  sio_server_clear_source (&self->flush_source);
  sio_server_clear_source (&self->poll_source);
  g_clear_object (&self->poll);
}

/* The packets that wait, as one body; they leave the queue. */
static GString *
take_queue (SioServerSession *self)
{
  GString *body = g_string_sized_new (self->queue_size + 64);
  SioServerFrame *frame;

  while ((frame = g_queue_pop_head (&self->queue)) != NULL)
    {
      gsize size;
      const char *content = g_bytes_get_data (frame->content, &size);

      if (frame->binary)
        sio_payload_append_binary (4, body, (SioSpan) { content, size });
      else
        sio_payload_append_text (4, body, content[0] - '0', (SioSpan) { content + 1, size - 1 });
      sio_server_frame_free (frame);
    }
  self->queue_size = 0;

  return body;
}

static void
set_body (SoupServerMessage *message,
          GString           *body)
{
  g_autoptr(GBytes) bytes = g_string_free_to_bytes (body);
  SoupMessageBody *response = soup_server_message_get_response_body (message);

  soup_server_message_set_status (message, 200, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Content-Type", "text/plain; charset=UTF-8");
  soup_message_body_append_bytes (response, bytes);
}

void
sio_server_session_answer_poll (SioServerSession *self,
                                gboolean          with_queue,
                                const char       *extra)
{
  g_autoptr(SoupServerMessage) message = NULL;
  GString *body;

  if (self->poll == NULL)
    return;

  message = g_object_ref (self->poll);
  forget_poll (self);
  body = with_queue ? take_queue (self) : g_string_new (NULL);
  if (extra != NULL)
    sio_payload_append_text (4, body, extra[0] - '0', (SioSpan) { NULL, 0 });
  set_body (message, body);
  soup_server_message_unpause (message);
}

void
sio_server_session_cut_poll (SioServerSession *self)
{
  g_autoptr(SoupServerMessage) message = NULL;
  GSocket *socket;

  if (self->poll == NULL)
    return;

  message = g_object_ref (self->poll);
  forget_poll (self);
  socket = soup_server_message_get_socket (message);
  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
  soup_server_message_unpause (message);
}

/* libsoup does not look at the socket of a paused request, so a client that hangs up would not be
 * noticed until the heartbeat. The official server ends the session: "poll connection closed
 * prematurely". */
static gboolean
poll_socket_cb (GSocket      *socket,
                GIOCondition  condition,
                gpointer      data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);
  char byte;
  ssize_t n = recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;

  if (n > 0)
    {
      /* The next request already; it is read when this one is answered. */
      sio_server_clear_source (&self->poll_source);
      return G_SOURCE_REMOVE;
    }

  sio_server_session_end (self, "transport error", NULL);
  return G_SOURCE_REMOVE;
}

static void
watch_poll (SioServerSession *self)
{
  GSocket *socket = soup_server_message_get_socket (self->poll);

  /* Closed already: whoever closed it ends the request too, and the heartbeat sees to the session. */
  if (socket == NULL || g_socket_is_closed (socket))
    return;

  self->poll_source = g_socket_create_source (socket, G_IO_IN | G_IO_HUP | G_IO_ERR, NULL);
  g_source_set_callback (self->poll_source, G_SOURCE_FUNC (poll_socket_cb), self, NULL);
  g_source_attach (self->poll_source, sio_server_get_context (self->server));
}

void
sio_server_session_handle_get (SioServerSession  *self,
                               SoupServerMessage *message)
{
  if (self->poll != NULL)
    {
      /* Two polls at once: one of them would steal packets from the other. */
      sio_server_report_error (self->server, "transport error", "a second poll while one is pending");
      soup_server_message_set_status (message, 400, NULL);
      sio_server_session_end (self, "transport error", "1");
      return;
    }

  if (self->state == SIO_SERVER_SESSION_CLOSING)
    {
      GString *body = take_queue (self);

      /* The official server says noop and close. */
      if (body->len == 0)
        sio_payload_append_text (4, body, SIO_ENGINE_PACKET_NOOP, (SioSpan) { NULL, 0 });
      sio_payload_append_text (4, body, SIO_ENGINE_PACKET_CLOSE, (SioSpan) { NULL, 0 });
      set_body (message, body);
      sio_server_session_end (self, "forced close", NULL);
      return;
    }

  if (self->queue.length > 0)
    {
      set_body (message, take_queue (self));
      return;
    }

  /* The status first: without one libsoup takes an unpaused message for a WebSocket that failed. */
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_pause (message);
  self->poll = g_object_ref (message);
  watch_poll (self);
}

/* ---- POST ---- */

static void
post_finished_cb (SoupServerMessage *message,
                  gpointer           data)
{
  SioServerSession *self = data;

  if (self->post != message)
    return;

  /* Still ours although it is over: it broke off before its body had come. */
  self->post = NULL;
  sio_server_session_end (self, "transport error", NULL);
}

static void
release_session (gpointer  data,
                 GClosure *closure)
{
  sio_server_session_unref (data);
}

/*< private >
 * sio_server_session_begin_post:
 * @self: an open session whose transport is polling
 * @message: a POST of which only the headers have come
 *
 * Takes note of it, so that a second one that comes meanwhile is found out. May refuse it by setting a status.
 */
void
sio_server_session_begin_post (SioServerSession  *self,
                               SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *content_type = soup_message_headers_get_content_type (headers, NULL);

  if (self->post != NULL)
    {
      GSocket *socket = soup_server_message_get_socket (self->post);

      sio_server_report_error (self->server, "transport error", "a second POST while one is being sent");
      soup_server_message_set_status (message, 400, NULL);
      if (socket != NULL)
        g_socket_shutdown (socket, TRUE, TRUE, NULL);
      sio_server_session_end (self, "transport error", "1");
      return;
    }

  if (g_strcmp0 (content_type, "application/octet-stream") == 0)
    {
      sio_server_report_error (self->server, "transport error", "a binary POST: Engine.IO 4 has none");
      soup_server_message_set_status (message, 400, NULL);
      sio_server_session_end (self, "transport error", "1");
      return;
    }

  self->post = message;
  g_signal_connect_data (message, "finished", G_CALLBACK (post_finished_cb), sio_server_session_ref (self),
                         release_session, 0);
}

/* Valid UTF-8; NUL is a character like any other here. */
static gboolean
is_text (const char *data,
         gsize       size)
{
  const char *end = data + size;

  while (data < end)
    {
      const char *stop;

      if (g_utf8_validate_len (data, (gsize) (end - data), &stop))
        return TRUE;
      if (*stop != '\0')
        return FALSE;
      data = stop + 1;
    }

  return TRUE;
}

static void
receive_payload (SioServerSession *self,
                 GBytes           *body)
{
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;
  guint n = 0;

  if (!is_text (data, size))
    {
      sio_server_session_fail (self, "parse error", "a POST that is not UTF-8");
      return;
    }

  sio_payload_iter_init (&iter, SIO_PAYLOAD_SHAPE_EIO4, (SioSpan) { data, size });
  while (self->state == SIO_SERVER_SESSION_OPEN && sio_payload_iter_next (&iter, &unit, &is_binary, NULL))
    {
      if (++n > SIO_SERVER_MAX_PACKETS)
        {
          sio_server_session_fail (self, "parse error", "more than 10000 packets in one POST");
          return;
        }
      sio_server_session_receive_text (self, body, unit);
    }
}

void
sio_server_session_handle_post (SioServerSession  *self,
                                SoupServerMessage *message)
{
  g_autoptr(GBytes) body = sio_server_take_upload (message);
  if (self->post == message)
    self->post = NULL;

  if (body == NULL)
    {
      /* As the official server since 4.0: the session goes on. */
      sio_server_report_error (self->server, "http", "a POST larger than the limit");
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection", "close");
      soup_server_message_set_status (message, 413, NULL);
      return;
    }

  receive_payload (self, body);

  if (self->failed)
    {
      sio_server_respond_error (message, 400, 3, "Bad request");
      return;
    }

  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, "ok", 2);
}
