/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioServerSession: one Engine.IO session, whatever carries it: its queue, its heartbeat and its
 * end. What a transport brings comes in through receive_text() and receive_binary(); what waits in
 * the queue is fetched by the transports. */

#include "sio-server-private.h"

void
sio_server_frame_free (SioServerFrame *frame)
{
  g_bytes_unref (frame->content);
  g_free (frame);
}

SioServerSession *
sio_server_session_ref (SioServerSession *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_server_session_unref (SioServerSession *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->ping_source == NULL && self->connect_source == NULL && self->close_source == NULL);
  g_assert (self->poll == NULL && self->websocket == NULL && self->probe == NULL);

  g_clear_pointer (&self->client, sio_server_client_free);
  g_queue_clear_full (&self->queue, (GDestroyNotify) sio_server_frame_free);
  g_free (self->sid);
  g_free (self);
}

static gboolean
connect_timeout_cb (gpointer data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_clear_source (&self->connect_source);
  sio_server_session_close (self, "no namespace was joined in time");
  return G_SOURCE_REMOVE;
}

SioServerSession *
sio_server_session_new (SioServer        *server,
                        SioTransportKind  transport,
                        guint             eio,
                        gboolean          base64)
{
  SioServerSession *self = g_new0 (SioServerSession, 1);
  const SioServerBehaviour *behaviour = sio_server_get_behaviour (server, NULL);

  g_ref_count_init (&self->ref_count);
  self->server = server;
  self->sid = sio_server_generate_id (server);
  self->state = SIO_SERVER_SESSION_OPEN;
  self->transport = transport;
  self->eio = eio;
  self->base64_polling = base64 && transport == SIO_TRANSPORT_KIND_POLLING;
  self->base64_websocket = base64 && transport == SIO_TRANSPORT_KIND_WEBSOCKET;
  g_queue_init (&self->queue);
  if (behaviour->message == NULL)
    self->client = sio_server_client_new (self);

  sio_server_add_session (server, self);
  return self;
}

void
sio_server_session_stop_connect_timeout (SioServerSession *self)
{
  sio_server_clear_source (&self->connect_source);
}

/* ---- sending ---- */

static gboolean
flush_cb (gpointer data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_session_answer_poll (self, TRUE, NULL);
  return G_SOURCE_REMOVE;
}

static void
queue_frame (SioServerSession *self,
             gboolean          binary,
             GBytes           *content)
{
  SioServerFrame *frame;

  if (self->state != SIO_SERVER_SESSION_OPEN)
    {
      g_bytes_unref (content);
      return;
    }

  frame = g_new (SioServerFrame, 1);
  frame->binary = binary;
  frame->content = content;
  g_queue_push_tail (&self->queue, frame);
  self->queue_size += g_bytes_get_size (content);

  /* Who does not read for so long will not start now. */
  if (self->queue_size > SIO_SERVER_MAX_QUEUE_SIZE || self->queue.length > SIO_SERVER_MAX_QUEUE_PACKETS)
    {
      sio_server_report_error (self->server, "session", "a client does not read what it is sent");
      sio_server_session_end (self, "transport error", NULL);
      return;
    }

  if (self->transport == SIO_TRANSPORT_KIND_WEBSOCKET)
    {
      sio_server_session_write_websocket (self);
    }
  else if (self->poll != NULL && self->flush_source == NULL)
    {
      /* Not at once: attachments follow their header, and belong into the same body. */
      self->flush_source = g_idle_source_new ();
      g_source_set_priority (self->flush_source, G_PRIORITY_DEFAULT);
      g_source_set_callback (self->flush_source, flush_cb, self, NULL);
      g_source_attach (self->flush_source, sio_server_get_context (self->server));
    }
}

static void
queue_text (SioServerSession    *self,
            SioEnginePacketType  type,
            SioSpan              text)
{
  char *content = g_malloc (text.size + 2);

  content[0] = (char) ('0' + type);
  if (text.size > 0)
    memcpy (content + 1, text.data, text.size);
  content[text.size + 1] = '\0';
  queue_frame (self, FALSE, g_bytes_new_take (content, text.size + 1));
}

void
sio_server_session_send_text (SioServerSession *self,
                              SioSpan           text)
{
  queue_text (self, SIO_ENGINE_PACKET_MESSAGE, text);
}

void
sio_server_session_send_binary (SioServerSession *self,
                                GBytes           *bytes)
{
  queue_frame (self, TRUE, g_bytes_ref (bytes));
}

/* ---- heartbeat: in Engine.IO 4 the server pings, in Engine.IO 3 the client does ---- */

static gboolean
pong_timeout_cb (gpointer data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_clear_source (&self->ping_source);
  sio_server_session_end (self, "ping timeout", "1");
  return G_SOURCE_REMOVE;
}

static void
arm_pong_timeout (SioServerSession *self)
{
  sio_server_clear_source (&self->ping_source);
  self->ping_source = sio_server_add_timeout (self->server,
                                              sio_server_get_options (self->server)->ping_timeout_ms,
                                              pong_timeout_cb, self);
}

static gboolean
ping_cb (gpointer data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  self->pong_awaited = TRUE;
  self->pong_extended = FALSE;
  arm_pong_timeout (self);
  queue_text (self, SIO_ENGINE_PACKET_PING, (SioSpan) { NULL, 0 });
  return G_SOURCE_REMOVE;
}

static void
arm_ping (SioServerSession *self)
{
  self->pong_awaited = FALSE;
  sio_server_clear_source (&self->ping_source);
  self->ping_source = sio_server_add_timeout (self->server,
                                              sio_server_get_options (self->server)->ping_interval_ms,
                                              ping_cb, self);
}

/* Engine.IO 3: nothing but a ping shows that the client lives, as in the official server since 3.1. */
static void
arm_ping_timeout (SioServerSession *self)
{
  const SioServerOptions *options = sio_server_get_options (self->server);

  sio_server_clear_source (&self->ping_source);
  self->ping_source = sio_server_add_timeout (self->server, options->ping_interval_ms + options->ping_timeout_ms,
                                              pong_timeout_cb, self);
}

void
sio_server_session_open (SioServerSession *self)
{
  const SioServerOptions *options = sio_server_get_options (self->server);
  const SioServerBehaviour *behaviour = sio_server_get_behaviour (self->server, NULL);
  gboolean polling = self->transport == SIO_TRANSPORT_KIND_POLLING;
  g_autofree char *handshake = NULL;

  handshake = g_strdup_printf ("{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%u,\"pingTimeout\":%u,"
                               "\"maxPayload\":%" G_GSIZE_FORMAT "}",
                               self->sid, polling ? "\"websocket\"" : "",
                               options->ping_interval_ms, options->ping_timeout_ms, options->max_payload);
  queue_text (self, SIO_ENGINE_PACKET_OPEN, (SioSpan) { handshake, strlen (handshake) });
  if (self->eio == 4)
    arm_ping (self);
  else
    arm_ping_timeout (self);
  if (self->client != NULL && behaviour->connect_timeout_ms > 0)
    self->connect_source = sio_server_add_timeout (self->server, behaviour->connect_timeout_ms,
                                                   connect_timeout_cb, self);
  sio_server_report_engine (self->server, self->sid, "open", polling ? "polling" : "websocket");

  if (self->eio == 3 && self->client != NULL)
    sio_server_client_join_root (self->client);
}

/* ---- receiving ---- */

void
sio_server_session_fail (SioServerSession *self,
                         const char       *reason,
                         const char       *message)
{
  if (self->state != SIO_SERVER_SESSION_OPEN)
    return;

  self->failed = TRUE;
  sio_server_report_error (self->server, reason, message);
  sio_server_session_end (self, reason, "1");
}

/* A packet that is no pong extends the deadline of a pong, but only once: what a client sends does
 * not prove that it still receives. */
static void
note_life (SioServerSession *self)
{
  if (self->pong_awaited && !self->pong_extended)
    {
      self->pong_extended = TRUE;
      arm_pong_timeout (self);
    }
}

/*< private >
 * sio_server_session_receive_text:
 * @self: a session; the caller holds a reference
 * @owner: what @text points into
 * @text: one text packet as it stood in a WebSocket frame or in a polling body
 *
 * Engine.IO 3 and 4, "Packet types". Anything that the protocol does not allow ends the session: look at its state afterwards.
 */
void
sio_server_session_receive_text (SioServerSession *self,
                                 GBytes           *owner,
                                 SioSpan           text)
{
  g_autoptr(GError) error = NULL;
  SioEnginePacket packet = { 0 };

  if (self->state != SIO_SERVER_SESSION_OPEN)
    return;

  if (self->eio == 3 && sio_server_eio3_receive_base64 (self, text))
    return;

  if (!sio_engine_packet_decode_text (4, text, &packet, &error))
    {
      sio_server_session_fail (self, "parse error", error->message);
      return;
    }

  if (packet.type != SIO_ENGINE_PACKET_PONG)
    note_life (self);

  switch (packet.type)
    {
    case SIO_ENGINE_PACKET_PONG:
      if (self->eio == 4)
        arm_ping (self);
      else
        sio_server_session_fail (self, "transport error", "a pong from the client: in Engine.IO 3 the client pings");
      break;

    case SIO_ENGINE_PACKET_PING:
      if (self->eio == 4)
        {
          sio_server_session_fail (self, "transport error", "a ping from the client: in Engine.IO 4 the server pings");
          break;
        }
      arm_ping_timeout (self);
      queue_text (self, SIO_ENGINE_PACKET_PONG, (SioSpan) { NULL, 0 });
      break;

    case SIO_ENGINE_PACKET_MESSAGE:
      if (packet.binary)
        {
          g_autoptr(GBytes) bytes = NULL;

          if (packet.decoded != NULL)
            bytes = g_bytes_ref (packet.decoded);
          else
            bytes = g_bytes_new (packet.data.data, packet.data.size);
          sio_server_session_receive_binary (self, bytes);
        }
      else if (self->client != NULL)
        {
          sio_server_client_receive_text (self->client, owner, packet.data);
        }
      else
        {
          gpointer data;
          const SioServerBehaviour *behaviour = sio_server_get_behaviour (self->server, &data);

          behaviour->message (data, self, FALSE, packet.data);
        }
      break;

    case SIO_ENGINE_PACKET_CLOSE:
      /* Over a WebSocket the close of the WebSocket is the signal; the packet means nothing there.
       * */
      if (self->transport == SIO_TRANSPORT_KIND_POLLING)
        sio_server_session_end (self, "transport close", "6");
      break;

    case SIO_ENGINE_PACKET_OPEN:
    case SIO_ENGINE_PACKET_UPGRADE:
    case SIO_ENGINE_PACKET_NOOP:
      break;

    default:
      g_assert_not_reached ();
    }

  sio_engine_packet_clear (&packet);
}

void
sio_server_session_receive_binary (SioServerSession *self,
                                   GBytes           *bytes)
{
  if (self->state != SIO_SERVER_SESSION_OPEN)
    return;

  note_life (self);

  if (self->client != NULL)
    {
      sio_server_client_receive_binary (self->client, bytes);
    }
  else
    {
      gpointer data;
      const SioServerBehaviour *behaviour = sio_server_get_behaviour (self->server, &data);
      gsize size;
      const char *content = g_bytes_get_data (bytes, &size);

      behaviour->message (data, self, TRUE, (SioSpan) { content, size });
    }
}

/* ---- the end ---- */

/* For the layers above it is over; what is queued stays. */
static void
finish (SioServerSession *self,
        const char       *reason)
{
  sio_server_clear_source (&self->ping_source);
  sio_server_clear_source (&self->connect_source);
  sio_server_session_stop_probe (self);
  self->pong_awaited = FALSE;

  if (self->client != NULL)
    sio_server_client_closed (self->client, reason);
  sio_server_report_engine (self->server, self->sid, "closed", reason);
}

void
sio_server_session_end (SioServerSession *self,
                        const char       *reason,
                        const char       *poll_answer)
{
  g_autoptr(SioServerSession) held = sio_server_session_ref (self);
  gboolean was_open = self->state == SIO_SERVER_SESSION_OPEN;

  if (self->state == SIO_SERVER_SESSION_CLOSED)
    return;

  self->state = SIO_SERVER_SESSION_CLOSED;
  sio_server_clear_source (&self->close_source);
  if (was_open)
    finish (self, reason);

  if (poll_answer != NULL)
    sio_server_session_answer_poll (self, TRUE, poll_answer);
  else
    sio_server_session_cut_poll (self);
  sio_server_session_close_websocket (self, /* at_once= */ poll_answer == NULL);

  g_queue_clear_full (&self->queue, (GDestroyNotify) sio_server_frame_free);
  self->queue_size = 0;
  self->post = NULL;
  sio_server_remove_session (self->server, self);
}

static gboolean
close_timeout_cb (gpointer data)
{
  g_autoptr(SioServerSession) self = sio_server_session_ref (data);

  sio_server_session_end (self, "forced close", "1");
  return G_SOURCE_REMOVE;
}

void
sio_server_session_close (SioServerSession *self,
                          const char       *reason)
{
  if (self->state != SIO_SERVER_SESSION_OPEN)
    return;

  if (self->transport == SIO_TRANSPORT_KIND_WEBSOCKET || self->poll != NULL)
    {
      sio_server_session_end (self, reason, "1");
      return;
    }

  /* No poll is waiting: the next one is told. */
  self->state = SIO_SERVER_SESSION_CLOSING;
  self->close_source = sio_server_add_timeout (self->server, SIO_SERVER_CLOSE_TIMEOUT_MS, close_timeout_cb, self);
  finish (self, reason);
}
