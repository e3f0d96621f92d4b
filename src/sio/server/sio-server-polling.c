/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The polling side of a session: one GET that waits for packets, one POST that brings some.
 * Engine.IO 3 and 4, "HTTP long-polling". */

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

static void
append_frame (GString              *body,
              const SioServerFrame *frame)
{
  gsize size;
  const char *content = g_bytes_get_data (frame->content, &size);

  if (frame->binary)
    sio_payload_append_binary (4, body, (SioSpan) { content, size });
  else
    sio_payload_append_text (4, body, content[0] - '0', (SioSpan) { content + 1, size - 1 });
}

/* Only a client of Engine.IO 3 that has not asked for base64 takes binary as it is. */
static gboolean
needs_binary_payload (SioServerSession *self)
{
  if (self->eio != 3 || self->base64_polling)
    return FALSE;

  for (GList *l = self->queue.head; l != NULL; l = l->next)
    if (((SioServerFrame *) l->data)->binary)
      return TRUE;

  return FALSE;
}

/* Answers with the packets that wait, if with_queue, which leave the queue, and then with those
 * without content whose digits are in extra. */
static void
set_body (SioServerSession  *self,
          SoupServerMessage *message,
          gboolean           with_queue,
          const char        *extra)
{
  GString *body = g_string_sized_new (with_queue ? self->queue_size + 64 : 16);
  gboolean binary_payload = with_queue && needs_binary_payload (self);
  g_autoptr(GBytes) bytes = NULL;
  SioServerFrame *frame;

  while (with_queue && (frame = g_queue_pop_head (&self->queue)) != NULL)
    {
      self->queue_size -= g_bytes_get_size (frame->content);
      if (self->eio == 3)
        sio_server_eio3_append (body, frame, binary_payload);
      else
        append_frame (body, frame);
      sio_server_frame_free (frame);
    }
  for (; extra != NULL && *extra != '\0'; extra++)
    {
      SioServerFrame packet = { FALSE, g_bytes_new (extra, 1) };

      if (self->eio == 3)
        sio_server_eio3_append (body, &packet, binary_payload);
      else
        append_frame (body, &packet);
      g_bytes_unref (packet.content);
    }

  bytes = g_string_free_to_bytes (body);
  soup_server_message_set_status (message, 200, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Content-Type",
                                binary_payload ? "application/octet-stream" : "text/plain; charset=UTF-8");
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
}

void
sio_server_session_answer_poll (SioServerSession *self,
                                gboolean          with_queue,
                                const char       *extra)
{
  g_autoptr(SoupServerMessage) message = NULL;

  if (self->poll == NULL)
    return;

  message = g_object_ref (self->poll);
  forget_poll (self);
  set_body (self, message, with_queue, extra);
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
      /* The official server says noop and close. */
      set_body (self, message, TRUE, self->queue.length == 0 ? "61" : "1");
      sio_server_session_end (self, "forced close", NULL);
      return;
    }

  if (self->queue.length > 0)
    {
      set_body (self, message, TRUE, NULL);
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

static gboolean
is_binary_post (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return g_strcmp0 (soup_message_headers_get_content_type (headers, NULL), "application/octet-stream") == 0;
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

  if (self->eio == 4 && is_binary_post (message))
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

gboolean
sio_server_is_text (SioSpan text)
{
  const char *data = text.data;
  const char *end = data + text.size;

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

/* FALSE, and the end of the session, if there are too many. */
static gboolean
count_packet (SioServerSession *self,
              guint            *n)
{
  if (++*n <= SIO_SERVER_MAX_PACKETS)
    return TRUE;

  sio_server_session_fail (self, "parse error", "more than 10000 packets in one POST");
  return FALSE;
}

static void
receive_payload (SioServerSession *self,
                 GBytes           *owner,
                 SioSpan           body)
{
  SioPayloadIter iter;
  gboolean binary;
  SioSpan unit;
  guint n = 0;

  sio_payload_iter_init (&iter, SIO_PAYLOAD_SHAPE_EIO4, body);
  while (self->state == SIO_SERVER_SESSION_OPEN && sio_payload_iter_next (&iter, &unit, &binary, NULL)
         && count_packet (self, &n))
    sio_server_session_receive_text (self, owner, unit);
}

static void
receive_eio3_payload (SioServerSession *self,
                      GBytes           *owner,
                      SioSpan           body,
                      gboolean          binary_payload)
{
  g_autoptr(GError) error = NULL;
  SioServerEio3Iter iter;
  gboolean binary;
  SioSpan unit;
  guint n = 0;

  if (body.size == 0)
    {
      sio_server_session_fail (self, "parse error", "an empty POST");
      return;
    }

  sio_server_eio3_iter_init (&iter, body, binary_payload);
  while (self->state == SIO_SERVER_SESSION_OPEN && sio_server_eio3_iter_next (&iter, &unit, &binary, &error)
         && count_packet (self, &n))
    {
      if (binary)
        sio_server_eio3_receive_binary (self, owner, unit);
      else
        sio_server_session_receive_text (self, owner, unit);
    }
  if (error != NULL)
    sio_server_session_fail (self, "parse error", error->message);
}

void
sio_server_session_handle_post (SioServerSession  *self,
                                SoupServerMessage *message)
{
  g_autoptr(GBytes) body = sio_server_take_upload (message);
  gboolean binary_payload = self->eio == 3 && is_binary_post (message);
  SioSpan content;

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

  content.data = g_bytes_get_data (body, &content.size);
  if (!binary_payload && !sio_server_is_text (content))
    sio_server_session_fail (self, "parse error", "a POST that is not UTF-8");
  else if (self->eio == 3)
    receive_eio3_payload (self, body, content, binary_payload);
  else
    receive_payload (self, body, content);

  if (self->failed)
    {
      sio_server_respond_error (message, 400, 3, "Bad request");
      return;
    }

  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, "ok", 2);
}
