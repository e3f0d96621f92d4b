/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTP long-polling. A poll is never aborted except to give the session up: a server takes that for its end. */

#include "sio-polling-transport.h"

#include "../sio-error.h"
#include "../sio-options-private.h"
#include "../wire/sio-engine-packet.h"
#include "../wire/sio-printable.h"

/* How long one turn of the loop may be spent on the packets of a body. */
#define SLICE_US 4000
/* How long a POST may take, and the one that says goodbye. */
#define POST_TIMEOUT_MS 30000
#define CLOSE_TIMEOUT_MS 2000
/* The heartbeat ends a silent session, and says better why; the poll's own deadline is behind it. */
#define POLL_MARGIN_MS 1000
/* What a server takes in one body if it does not say: the default of socket.io 2.5 and 3. */
#define DEFAULT_SLICE_SIZE 1000000

typedef struct {
  SioTransport    parent;

  SioHttpRequest *get;       /* NULL: no poll in flight */
  SioHttpRequest *post;
  GBytes         *body;      /* a poll's answer that is not read to its end */
  SioPayloadIter  iter;
  GSource        *slice;     /* goes on with body */

  guint           max_packets; /* in one answer */
  gsize           slice_size; /* bytes of one POST; a larger single packet goes alone */
  guint           poll_timeout_ms;
  gboolean        answered;  /* the first body was looked at */
  gboolean        paused;
  gboolean        closing;
} SioPollingTransport;

static guint post_timeout_ms = POST_TIMEOUT_MS;

static void sio_polling_transport_poll  (SioPollingTransport *self);
static void sio_polling_transport_flush (SioTransport        *transport);

static void
sio_polling_transport_fail_malformed (SioPollingTransport *self,
                                      GError              *malformed,
                                      SioSpan              bytes)
{
  g_autoptr (GError) error = malformed;
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);

  SIO_TAP_CALL (sio_http_get_tap (self->parent.http), error, "transport", error, bytes);
  sio_transport_fail (&self->parent, "transport error", error);
}

/* Calls paused() once nothing is in flight. */
static gboolean
sio_polling_transport_check_paused (SioPollingTransport *self)
{
  if (!self->paused || self->get != NULL || self->post != NULL || self->body != NULL)
    return FALSE;

  self->parent.listener->paused (self->parent.data, &self->parent);
  return TRUE;
}

/* Whether it begins with an open packet, of whichever revision. What has no length has no type either: such units are
 * passed over, and a body of nothing else would be an answer that says nothing. */
static gboolean
begins_with_open (SioSpan         body,
                  SioPayloadShape shape)
{
  const char *end = body.data + body.size;
  const char *packet = body.data;

  switch (shape)
    {
    case SIO_PAYLOAD_SHAPE_EIO3_TEXT:
      if (body.data[0] == '0')
        return FALSE;
      packet = (const char *) memchr (body.data, ':', body.size) + 1;
      break;

    case SIO_PAYLOAD_SHAPE_EIO3_BINARY:
      if (body.data[1] == 0)
        return FALSE;
      packet = (const char *) memchr (body.data, '\xff', body.size) + 1;
      break;

    case SIO_PAYLOAD_SHAPE_EIO4:
      break;

    case SIO_PAYLOAD_SHAPE_NONE:
      return FALSE;
    }
  return packet < end && *packet == '0';
}

/* Before anything is decoded: the digit of a length could pass for a packet type. */
static GError *
sio_polling_transport_check_first_body (SioPollingTransport *self,
                                        SioSpan              body,
                                        const char          *content_type)
{
  SioPayloadShape shape = sio_payload_get_shape (body);

  if (begins_with_open (body, shape))
    {
      self->parent.listener->answered (self->parent.data, &self->parent, shape == SIO_PAYLOAD_SHAPE_EIO4 ? 4 : 3);
      return NULL;
    }

  {
    g_autofree char *type = sio_printable (content_type != NULL ? content_type : "no content type", -1, 60);
    g_autofree char *start = sio_printable (body.data, (gssize) body.size, 60);

    return g_error_new (SIO_ERROR, SIO_ERROR_MALFORMED,
                        "not an Engine.IO response: %s, expected an open packet: %s", type,
                        *start != '\0' ? start : "(empty)");
  }
}

static gboolean
sio_polling_transport_process_cb (gpointer data)
{
  SioPollingTransport *self = data;
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);
  g_autoptr (GBytes) body = g_bytes_ref (self->body);
  gint64 until = g_get_monotonic_time () + SLICE_US;
  GError *malformed = NULL;
  SioSpan unit;
  gboolean is_binary;
  gboolean empty = self->slice == NULL;

  while (!self->parent.dead && sio_payload_iter_next (&self->iter, &unit, &is_binary, &malformed))
    {
      empty = FALSE;
      if (G_LIKELY (!is_binary))
        self->parent.listener->text (self->parent.data, &self->parent, body, unit);
      else
        {
          /* a copy: whoever keeps these few bytes must not keep a body of many megabytes with them */
          g_autoptr (GBytes) bytes = g_bytes_new (unit.data, unit.size);

          self->parent.listener->binary (self->parent.data, &self->parent, bytes);
        }

      if (!self->parent.dead && g_get_monotonic_time () > until)
        {
          if (self->slice == NULL)
            {
              self->slice = g_idle_source_new ();
              /* after whatever else is ready, so that a big body leaves room for commands and other connections */
              g_source_set_priority (self->slice, G_PRIORITY_DEFAULT + 20);
              g_source_set_callback (self->slice, sio_polling_transport_process_cb, self, NULL);
              g_source_attach (self->slice, g_main_context_get_thread_default ());
            }
          return G_SOURCE_CONTINUE;
        }
    }

  if (malformed != NULL)
    {
      SioSpan rest = { self->iter.next, (gsize) (self->iter.end - self->iter.next) };

      sio_polling_transport_fail_malformed (self, malformed, rest);
    }
  else if (empty && !self->parent.dead)
    {
      /* units without anything in them, as Engine.IO 3 has them: a poll for nothing, as one with a noop */
      self->parent.listener->control (self->parent.data, &self->parent);
    }
  if (!self->parent.dead)
    {
      g_clear_pointer (&self->slice, g_source_unref);
      g_clear_pointer (&self->body, g_bytes_unref);
      if (!sio_polling_transport_check_paused (self))
        sio_polling_transport_poll (self);
    }
  return G_SOURCE_REMOVE;
}

/* What can be said of a body before its packets are read. A body that was sent in chunks, and whose connection broke just
 * between two of them, cannot be told from a whole one: libsoup 3.2 reports no error. What is lost of it is then a packet
 * that ends too early, or nothing that anybody could notice before the heartbeat fails. */
static gboolean
sio_polling_transport_check_body (SioPollingTransport  *self,
                                  SioSpan               body,
                                  SioPayloadShape      *shape,
                                  GError              **error)
{
  *shape = SIO_PAYLOAD_SHAPE_EIO4;
  if (sio_http_get_eio (self->parent.http) == 3)
    *shape = sio_payload_get_shape (body) == SIO_PAYLOAD_SHAPE_EIO3_BINARY ? SIO_PAYLOAD_SHAPE_EIO3_BINARY
                                                                           : SIO_PAYLOAD_SHAPE_EIO3_TEXT;

  if (body.size == 0)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED, "the poll's answer is empty, expected a packet");
      return FALSE;
    }
  if (*shape != SIO_PAYLOAD_SHAPE_EIO3_BINARY && !g_utf8_validate_len (body.data, body.size, NULL))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED, "the poll's answer is not valid UTF-8");
      return FALSE;
    }
  if (!sio_payload_check_count (*shape, body, self->max_packets, error))
    {
      g_prefix_error_literal (error, "max-packets-per-poll: ");
      return FALSE;
    }
  return TRUE;
}

static void
sio_polling_transport_get_cb (gpointer      data,
                              GBytes       *body,
                              const char   *content_type,
                              const GError *error)
{
  SioPollingTransport *self = data;
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);
  SioPayloadShape shape;
  SioSpan span;
  GError *malformed = NULL;

  self->get = NULL;
  if (error != NULL)
    {
      if (g_error_matches (error, SIO_ERROR, SIO_ERROR_TOO_LARGE))
        SIO_TAP_CALL (sio_http_get_tap (self->parent.http), error, "limit", error, (SioSpan) { 0 });
      sio_transport_fail (&self->parent, "transport error", error);
      return;
    }

  span.data = g_bytes_get_data (body, &span.size);
  if (!self->answered)
    malformed = sio_polling_transport_check_first_body (self, span, content_type);
  if (self->parent.dead)
    return;
  self->answered = TRUE;
  if (malformed == NULL && !sio_polling_transport_check_body (self, span, &shape, &malformed)
      && g_error_matches (malformed, SIO_ERROR, SIO_ERROR_TOO_LARGE))
    {
      g_autoptr (GError) limit = malformed;

      SIO_TAP_CALL (sio_http_get_tap (self->parent.http), error, "limit", limit, span);
      sio_transport_fail (&self->parent, "transport error", limit);
      return;
    }
  if (malformed != NULL)
    {
      sio_polling_transport_fail_malformed (self, malformed, span);
      return;
    }

  self->body = g_bytes_ref (body);
  sio_payload_iter_init (&self->iter, shape, span);
  sio_polling_transport_process_cb (self);
}

static void
sio_polling_transport_poll (SioPollingTransport *self)
{
  if (self->get != NULL || self->body != NULL || self->paused || self->closing)
    return;

  self->get = sio_http_request_new (self->parent.http, NULL, self->poll_timeout_ms, sio_polling_transport_get_cb, self);
}

static void
sio_polling_transport_say_goodbye_cb (gpointer      data,
                                      GBytes       *body,
                                      const char   *content_type,
                                      const GError *error)
{
  SioPollingTransport *self = data;

  /* Whatever came of it: the session is over. */
  self->post = NULL;
  sio_transport_fail (&self->parent, "transport close", NULL);
}

static void
sio_polling_transport_say_goodbye (SioPollingTransport *self)
{
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  if (!self->answered)
    {
      sio_transport_fail (&self->parent, "transport close", NULL);
      return;
    }

  sio_payload_append_text (sio_http_get_eio (self->parent.http), text, SIO_ENGINE_PACKET_CLOSE, (SioSpan) { 0 });
  body = g_bytes_new (text->str, text->len);
  SIO_TAP_CALL (sio_http_get_tap (self->parent.http), engine_packet, SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_POLLING,
                SIO_ENGINE_PACKET_CLOSE, SIO_SPAN_LITERAL ("1"));
  if (self->parent.dead)
    return;
  self->post = sio_http_request_new (self->parent.http, body, CLOSE_TIMEOUT_MS, sio_polling_transport_say_goodbye_cb, self);
}

static void
sio_polling_transport_post_cb (gpointer      data,
                               GBytes       *body,
                               const char   *content_type,
                               const GError *error)
{
  SioPollingTransport *self = data;
  g_autoptr (SioTransport) alive = sio_transport_ref (&self->parent);

  self->post = NULL;
  if (error != NULL)
    {
      /* Not repeated: the server may have read it. */
      sio_transport_fail (&self->parent, "transport error", error);
      return;
    }

  self->parent.listener->written (self->parent.data, &self->parent);
  if (self->parent.dead)
    return;
  if (self->closing)
    sio_polling_transport_say_goodbye (self);
  else if (self->paused)
    sio_polling_transport_check_paused (self);
  else if (self->parent.queue->n > 0)
    sio_polling_transport_flush (&self->parent);
  else
    self->parent.listener->drained (self->parent.data, &self->parent);
}

/* As many packets as fit into what the server takes; at least one. Engine.IO 4, "maxPayload". */
static GBytes *
sio_polling_transport_take_batch (SioPollingTransport *self)
{
  guint eio = sio_http_get_eio (self->parent.http);
  SioPacketQueue *queue = self->parent.queue;
  GString *body = g_string_new (NULL);
  g_autofree gsize *sizes = g_new (gsize, queue->n);
  guint n;

  for (guint i = 0; i < queue->n; i++)
    {
      const SioQueuedPacket *packet = sio_packet_queue_peek (queue, i);
      SioSpan data = sio_queued_packet_get_payload (packet);

      sizes[i] = packet->binary ? sio_payload_binary_size (eio, data) : sio_payload_text_size (eio, data);
    }

  n = sio_payload_slice (eio, sizes, queue->n, self->slice_size);
  for (guint i = 0; i < n; i++)
    {
      SioQueuedPacket packet;
      SioSpan data;

      sio_packet_queue_pop (queue, &packet);
      data = sio_queued_packet_get_payload (&packet);
      if (packet.binary)
        sio_payload_append_binary (eio, body, data);
      else
        sio_payload_append_text (eio, body, packet.type, data);
      g_clear_pointer (&packet.bytes, g_bytes_unref);
    }

  return g_string_free_to_bytes (body);
}

static void
sio_polling_transport_flush (SioTransport *transport)
{
  SioPollingTransport *self = (SioPollingTransport *) transport;
  g_autoptr (GBytes) body = NULL;

  if (self->post != NULL || self->paused || self->closing || transport->queue->n == 0)
    return;

  body = sio_polling_transport_take_batch (self);
  self->post = sio_http_request_new (transport->http, body, post_timeout_ms, sio_polling_transport_post_cb, self);
}

static void
sio_polling_transport_open (SioTransport *transport)
{
  sio_polling_transport_poll ((SioPollingTransport *) transport);
}

static void
sio_polling_transport_start (SioTransport       *transport,
                             const SioHandshake *handshake)
{
  SioPollingTransport *self = (SioPollingTransport *) transport;

  if (handshake->max_payload > 0)
    self->slice_size = (gsize) handshake->max_payload;
  /* A ping comes through the poll at least that often. */
  self->poll_timeout_ms = handshake->ping_interval_ms + handshake->ping_timeout_ms + POLL_MARGIN_MS;
}

static gboolean
sio_polling_transport_is_writable (SioTransport *transport)
{
  SioPollingTransport *self = (SioPollingTransport *) transport;

  return !self->paused && !self->closing && self->post == NULL;
}

static void
sio_polling_transport_send_now (SioTransport        *transport,
                                SioEnginePacketType  type,
                                SioSpan              data)
{
  g_assert_not_reached ();
}

static void
sio_polling_transport_pause (SioTransport *transport)
{
  SioPollingTransport *self = (SioPollingTransport *) transport;

  self->paused = TRUE;
  sio_polling_transport_check_paused (self);
}

static void
sio_polling_transport_resume (SioTransport *transport)
{
  SioPollingTransport *self = (SioPollingTransport *) transport;

  self->paused = FALSE;
  sio_polling_transport_poll (self);
  sio_polling_transport_flush (transport);
}

static void
sio_polling_transport_close (SioTransport *transport)
{
  SioPollingTransport *self = (SioPollingTransport *) transport;

  self->closing = TRUE;
  if (self->post == NULL)
    sio_polling_transport_say_goodbye (self);
}

static void
sio_polling_transport_abandon (SioTransport *transport)
{
  SioPollingTransport *self = (SioPollingTransport *) transport;

  g_clear_pointer (&self->get, sio_http_request_cancel);
  g_clear_pointer (&self->post, sio_http_request_cancel);
  if (self->slice != NULL)
    {
      g_source_destroy (self->slice);
      g_clear_pointer (&self->slice, g_source_unref);
    }
  g_clear_pointer (&self->body, g_bytes_unref);
}

static void
sio_polling_transport_finalize (SioTransport *transport)
{
  sio_polling_transport_abandon (transport);
}

static const SioTransportClass sio_polling_transport_class = {
  .kind = SIO_TRANSPORT_KIND_POLLING,
  .open = sio_polling_transport_open,
  .start = sio_polling_transport_start,
  .flush = sio_polling_transport_flush,
  .is_writable = sio_polling_transport_is_writable,
  .send_now = sio_polling_transport_send_now,
  .pause = sio_polling_transport_pause,
  .resume = sio_polling_transport_resume,
  .close = sio_polling_transport_close,
  .abandon = sio_polling_transport_abandon,
  .finalize = sio_polling_transport_finalize,
};

/**
 * sio_polling_transport_new:
 * @http: the engine's client
 * @options: the manager's; what they say for polling is read now
 * @queue: what to post
 * @listener: told what comes
 * @data: for @listener
 *
 * Returns: (transfer full): a polling transport; nothing is asked for before sio_transport_open()
 */
SioTransport *
sio_polling_transport_new (SioHttp                    *http,
                           SioOptions                 *options,
                           SioPacketQueue             *queue,
                           const SioTransportListener *listener,
                           gpointer                    data)
{
  SioPollingTransport *self = g_new0 (SioPollingTransport, 1);
  g_autoptr (SioOptions) own = sio_options_dup_for_transport (options, SIO_TRANSPORT_KIND_POLLING);

  self->max_packets = sio_options_get_max_packets_per_poll (own);
  self->slice_size = DEFAULT_SLICE_SIZE;
  return sio_transport_init (&self->parent, &sio_polling_transport_class, http, queue, listener, data);
}

/**
 * sio_polling_transport_set_post_timeout_for_tests:
 * @ms: how long a POST may take, milliseconds; 0 for what it is usually
 *
 * For POSTs that start later, of all transports.
 */
void
sio_polling_transport_set_post_timeout_for_tests (guint ms)
{
  post_timeout_ms = ms > 0 ? ms : POST_TIMEOUT_MS;
}
