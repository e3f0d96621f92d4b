/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioHttpRequest: one poll or post: a deadline, a limit on the body, a limit on interim answers, and one result. */

#include "sio-http-private.h"

#include "../sio-error.h"
#include "sio-network-error.h"

#define READ_SIZE (64 * 1024)

struct _SioHttpRequest {
  SioHttp      *http;        /* NULL once cancelled */
  SioHttpDone   done;
  gpointer      data;

  SioHttpTrace  trace;       /* without a message if the options make none */
  GCancellable *cancellable;
  GInputStream *stream;      /* NULL until the headers are read */
  GBytes       *request_body;
  GByteArray   *response_body;
  GSource      *deadline;
  GError       *own_error;   /* there is no message */
  gint64        started_us;
  gsize         max_size;
  guint         timeout_ms;
  gboolean      reported;
};

static void
sio_http_request_stop_deadline (SioHttpRequest *self)
{
  if (self->deadline != NULL)
    {
      g_source_destroy (self->deadline);
      g_clear_pointer (&self->deadline, g_source_unref);
    }
}

static void
sio_http_request_free (SioHttpRequest *self)
{
  sio_http_request_stop_deadline (self);
  sio_http_trace_clear (&self->trace);
  g_clear_object (&self->stream);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->request_body, g_bytes_unref);
  g_clear_pointer (&self->response_body, g_byte_array_unref);
  g_clear_error (&self->own_error);
  g_free (self);
}

static SioSpan
sio_http_request_get_span (SioHttpRequest *self)
{
  return (SioSpan) { (const char *) self->response_body->data, self->response_body->len };
}

/* The one way out of an asynchronous step. Takes error. */
static void
sio_http_request_finish (SioHttpRequest *self,
                         GError         *error)
{
  g_autoptr (GError) reason = error;
  g_autoptr (GBytes) body = NULL;
  g_autofree char *content_type = NULL;

  sio_http_request_stop_deadline (self);
  if (self->http != NULL && self->trace.message == NULL)
    reason = g_steal_pointer (&self->own_error);
  else if (self->http != NULL)
    {
      SoupMessage *message = self->trace.message;
      SioSpan span = sio_http_request_get_span (self);
      const GError *cause = self->trace.own_error != NULL ? self->trace.own_error : reason;

      if (cause != NULL)
        {
          GError *told = sio_network_error_new (&self->trace, cause);

          g_clear_error (&reason);
          reason = told;
        }
      else if (soup_message_get_status (message) != SOUP_STATUS_OK)
        reason = sio_http_refusal_new (&self->trace, span);
      else if (!sio_http_has_session (self->http))
        reason = sio_http_check_page (&self->trace, span);

      content_type = g_strdup (soup_message_headers_get_one (soup_message_get_response_headers (message), "Content-Type"));
      sio_http_trace_detach (&self->trace);
      self->reported = TRUE;
      sio_http_report (self->http, &self->trace, self->started_us, self->request_body, span, reason);
    }

  /* a tap that frees the engine cancels us */
  if (self->http != NULL)
    {
      SioHttpDone done = self->done;
      gpointer data = self->data;

      body = g_byte_array_free_to_bytes (g_steal_pointer (&self->response_body));
      sio_http_request_free (self);
      done (data, body, content_type, reason);
    }
  else
    sio_http_request_free (self);
}

static void sio_http_request_read (SioHttpRequest *self);

static void
sio_http_request_read_cb (GObject      *source,
                          GAsyncResult *result,
                          gpointer      user_data)
{
  SioHttpRequest *self = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gboolean refused = soup_message_get_status (self->trace.message) != SOUP_STATUS_OK;
  gsize limit = refused ? SIO_HTTP_MAX_REFUSAL_SIZE : self->max_size;
  gsize size;

  if (bytes == NULL || self->http == NULL || (size = g_bytes_get_size (bytes)) == 0)
    {
      sio_http_request_finish (self, error);
      return;
    }

  if (size > limit - self->response_body->len)
    {
      gsize fits = limit - self->response_body->len;

      g_byte_array_append (self->response_body, g_bytes_get_data (bytes, NULL), (guint) fits);
      g_cancellable_cancel (self->cancellable);
      sio_http_request_finish (self, refused ? NULL
                               : g_error_new (SIO_ERROR, SIO_ERROR_TOO_LARGE,
                                              "the answer's body is larger than max-payload (%" G_GSIZE_FORMAT " bytes)",
                                              self->max_size));
      return;
    }

  g_byte_array_append (self->response_body, g_bytes_get_data (bytes, NULL), (guint) size);
  sio_http_request_read (self);
}

static void
sio_http_request_read (SioHttpRequest *self)
{
  g_input_stream_read_bytes_async (self->stream, READ_SIZE, G_PRIORITY_DEFAULT, self->cancellable,
                                   sio_http_request_read_cb, self);
}

static void
sio_http_request_send_cb (GObject      *source,
                          GAsyncResult *result,
                          gpointer      user_data)
{
  SioHttpRequest *self = user_data;
  GError *error = NULL;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (self->stream == NULL || self->http == NULL)
    {
      sio_http_request_finish (self, error);
      return;
    }

  sio_http_request_read (self);
}

static gboolean
sio_http_request_deadline_cb (gpointer data)
{
  SioHttpRequest *self = data;
  g_autofree char *phase = sio_http_trace_dup_phase (&self->trace);

  sio_http_request_stop_deadline (self);
  sio_http_trace_cancel (&self->trace, g_error_new (SIO_ERROR, SIO_ERROR_TIMED_OUT,
                                                    "the %s was not answered in time (%u ms), while %s",
                                                    self->request_body != NULL ? "POST" : "GET", self->timeout_ms, phase));
  return G_SOURCE_REMOVE;
}

static gboolean
sio_http_request_refuse_cb (gpointer data)
{
  sio_http_request_finish (data, NULL);
  return G_SOURCE_REMOVE;
}

/**
 * sio_http_request_new:
 * @http: the client
 * @body: (nullable): what to post, %NULL for a GET
 * @timeout_ms: from now to the last byte of the answer, milliseconds; 0 for as long as the options let it
 * @done: called once, later, unless the request is cancelled first
 * @data: for @done
 *
 * Starts a poll or a post.
 *
 * Returns: owned by itself; forget it when @done is called or after sio_http_request_cancel()
 */
SioHttpRequest *
sio_http_request_new (SioHttp     *http,
                      GBytes      *body,
                      guint        timeout_ms,
                      SioHttpDone  done,
                      gpointer     data)
{
  const SioHttpSide *side = sio_http_get_side (http, FALSE);
  SioHttpRequest *self = g_new0 (SioHttpRequest, 1);
  g_autoptr (SoupMessage) message = NULL;

  self->http = http;
  self->done = done;
  self->data = data;
  self->cancellable = g_cancellable_new ();
  self->request_body = body != NULL ? g_bytes_ref (body) : NULL;
  self->response_body = g_byte_array_new ();
  self->max_size = side->max_payload;
  self->started_us = g_get_monotonic_time ();

  message = sio_http_new_message (http, body != NULL ? "POST" : "GET", FALSE, &self->own_error);
  if (message == NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_callback (source, sio_http_request_refuse_cb, self, NULL);
      g_source_attach (source, g_main_context_get_thread_default ());
      return self;
    }

  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, "text/plain;charset=UTF-8", body);
  sio_http_trace_attach (&self->trace, http, message, self->cancellable, FALSE);

  self->timeout_ms = timeout_ms;
  if (side->request_timeout_ms > 0 && (timeout_ms == 0 || side->request_timeout_ms < timeout_ms))
    self->timeout_ms = side->request_timeout_ms;
  if (self->timeout_ms > 0)
    {
      self->deadline = g_timeout_source_new (self->timeout_ms);
      g_source_set_callback (self->deadline, sio_http_request_deadline_cb, self, NULL);
      g_source_attach (self->deadline, g_main_context_get_thread_default ());
    }

  soup_session_send_async (side->session, message, G_PRIORITY_DEFAULT, self->cancellable, sio_http_request_send_cb, self);
  return self;
}

/**
 * sio_http_request_cancel:
 * @self: a request whose done was not called yet
 *
 * Drops it and its connection. A server takes that for the end of the session.
 */
void
sio_http_request_cancel (SioHttpRequest *self)
{
  SioHttp *http = g_steal_pointer (&self->http);

  sio_http_request_stop_deadline (self);
  if (self->trace.message != NULL && !self->reported)
    {
      g_autofree char *phase = sio_http_trace_dup_phase (&self->trace);
      g_autoptr (GError) error = g_error_new (SIO_ERROR, SIO_ERROR_CLOSED, "dropped because the session has ended, while %s",
                                              phase);

      self->reported = TRUE;
      sio_http_trace_detach (&self->trace);
      sio_http_report (http, &self->trace, self->started_us, self->request_body, sio_http_request_get_span (self), error);
    }
  g_cancellable_cancel (self->cancellable);
}
