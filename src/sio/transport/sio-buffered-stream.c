/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The buffered stream. libsoup's WebSocket reads one KiB at a time and does not return to the main loop while there is something to
 * read: a fast server keeps timers and commands waiting for a second and more. This stream gives it big reads and small pauses. */

#include "sio-buffered-stream.h"

#define BUFFER_SIZE (256 * 1024)
#define BUDGET_US 4000
/* Lower than everything that may want its turn: our own gated sending, idle handlers, other connections. */
#define REST_PRIORITY (G_PRIORITY_DEFAULT + 20)

/* The input */

#define SIO_TYPE_BUFFERED_INPUT (sio_buffered_input_get_type ())
G_DECLARE_FINAL_TYPE (SioBufferedInput, sio_buffered_input, SIO, BUFFERED_INPUT, GInputStream)

struct _SioBufferedInput {
  GInputStream  parent_instance;

  GInputStream *base;
  char         *buffer;     /* NULL while nothing was read */
  gsize         start;
  gsize         end;

  gint64        turn_us;    /* when the reader began this turn; 0 between turns */
  GSource      *rest;       /* set while the reader has to wait */
  GSource      *wake;       /* child of the reader's source: ready when the rest is over */
  gboolean      cut;
};

static void sio_buffered_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioBufferedInput, sio_buffered_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, sio_buffered_input_pollable_init))

static void
sio_buffered_input_forget_wake (SioBufferedInput *self)
{
  g_clear_pointer (&self->wake, g_source_unref);
}

static void
sio_buffered_input_stop_rest (SioBufferedInput *self)
{
  if (self->rest != NULL)
    {
      g_source_destroy (self->rest);
      g_clear_pointer (&self->rest, g_source_unref);
    }
}

static gboolean
sio_buffered_input_rest_cb (gpointer data)
{
  SioBufferedInput *self = data;

  sio_buffered_input_stop_rest (self);
  if (self->wake != NULL)
    g_source_set_ready_time (self->wake, 0);
  return G_SOURCE_REMOVE;
}

static gboolean
wake_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     data)
{
  g_source_set_ready_time (source, -1);
  return G_SOURCE_CONTINUE;
}

/* Never called: g_pollable_source_new_full() gives its child a dummy closure, and GObject wants to know how to call one. */
static gboolean
wake_closure_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs wake_funcs = { NULL, NULL, wake_dispatch, NULL, wake_closure_cb, NULL };

static gboolean
sio_buffered_input_is_readable (GPollableInputStream *stream)
{
  SioBufferedInput *self = SIO_BUFFERED_INPUT (stream);

  if (self->cut)
    return TRUE;
  return self->rest == NULL
         && (self->end > self->start || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->base)));
}

static GSource *
sio_buffered_input_create_source (GPollableInputStream *stream,
                                  GCancellable         *cancellable)
{
  SioBufferedInput *self = SIO_BUFFERED_INPUT (stream);
  g_autoptr (GSource) child = NULL;

  self->turn_us = 0;
  if (self->rest == NULL && self->end == self->start && !self->cut)
    child = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->base), cancellable);
  else
    {
      child = g_source_new (&wake_funcs, sizeof (GSource));
      sio_buffered_input_forget_wake (self);
      self->wake = g_source_ref (child);
      if (self->rest == NULL)
        g_source_set_ready_time (child, 0);
    }

  return g_pollable_source_new_full (self, child, cancellable);
}

static gssize
sio_buffered_input_take (SioBufferedInput *self,
                         void             *buffer,
                         gsize             count)
{
  gsize n = MIN (count, self->end - self->start);

  memcpy (buffer, self->buffer + self->start, n);
  self->start += n;
  return (gssize) n;
}

static gssize
sio_buffered_input_read_nonblocking (GPollableInputStream  *stream,
                                     void                  *buffer,
                                     gsize                  count,
                                     GError               **error)
{
  SioBufferedInput *self = SIO_BUFFERED_INPUT (stream);
  gint64 now;
  gssize n;

  if (self->cut)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "Stream is already closed");
      return -1;
    }

  now = g_get_monotonic_time ();
  if (self->turn_us == 0)
    self->turn_us = now;
  if (self->rest == NULL && now - self->turn_us > BUDGET_US)
    {
      self->rest = g_idle_source_new ();
      g_source_set_priority (self->rest, REST_PRIORITY);
      g_source_set_callback (self->rest, sio_buffered_input_rest_cb, self, NULL);
      g_source_attach (self->rest, g_main_context_get_thread_default ());
    }
  if (self->rest != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "the main loop's turn");
      return -1;
    }

  if (self->start == self->end)
    {
      if (self->buffer == NULL)
        self->buffer = g_malloc (BUFFER_SIZE);
      self->start = self->end = 0;
      n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->base), self->buffer, BUFFER_SIZE,
                                                    NULL, error);
      if (n <= 0)
        return n;
      self->end = (gsize) n;
    }

  return sio_buffered_input_take (self, buffer, count);
}

static void
sio_buffered_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = sio_buffered_input_is_readable;
  iface->create_source = sio_buffered_input_create_source;
  iface->read_nonblocking = sio_buffered_input_read_nonblocking;
}

static gssize
sio_buffered_input_read (GInputStream  *stream,
                         void          *buffer,
                         gsize          count,
                         GCancellable  *cancellable,
                         GError       **error)
{
  SioBufferedInput *self = SIO_BUFFERED_INPUT (stream);

  if (self->end > self->start)
    return sio_buffered_input_take (self, buffer, count);
  return g_input_stream_read (self->base, buffer, count, cancellable, error);
}

static gboolean
sio_buffered_input_close (GInputStream  *stream,
                          GCancellable  *cancellable,
                          GError       **error)
{
  /* the base belongs to the GIOStream that we are a part of */
  return TRUE;
}

static void
sio_buffered_input_dispose (GObject *object)
{
  SioBufferedInput *self = SIO_BUFFERED_INPUT (object);

  sio_buffered_input_stop_rest (self);
  sio_buffered_input_forget_wake (self);
  g_clear_object (&self->base);
  g_clear_pointer (&self->buffer, g_free);
  self->start = self->end = 0;

  G_OBJECT_CLASS (sio_buffered_input_parent_class)->dispose (object);
}

static void
sio_buffered_input_class_init (SioBufferedInputClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sio_buffered_input_dispose;
  G_INPUT_STREAM_CLASS (klass)->read_fn = sio_buffered_input_read;
  G_INPUT_STREAM_CLASS (klass)->close_fn = sio_buffered_input_close;
}

static void
sio_buffered_input_init (SioBufferedInput *self)
{
}

/* The stream */

struct _SioBufferedStream {
  GIOStream         parent_instance;

  GIOStream        *base;
  GSocket          *socket; /* NULL: unknown */
  SioBufferedInput *input;
};

G_DEFINE_FINAL_TYPE (SioBufferedStream, sio_buffered_stream, G_TYPE_IO_STREAM)

static GInputStream *
sio_buffered_stream_get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (SIO_BUFFERED_STREAM (stream)->input);
}

static GOutputStream *
sio_buffered_stream_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (SIO_BUFFERED_STREAM (stream)->base);
}

static gboolean
sio_buffered_stream_close (GIOStream     *stream,
                           GCancellable  *cancellable,
                           GError       **error)
{
  SioBufferedStream *self = SIO_BUFFERED_STREAM (stream);

  return g_io_stream_is_closed (self->base) || g_io_stream_close (self->base, cancellable, error);
}

static void
sio_buffered_stream_base_closed_cb (GObject      *source,
                                    GAsyncResult *result,
                                    gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
sio_buffered_stream_close_async (GIOStream           *stream,
                                 int                  io_priority,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  SioBufferedStream *self = SIO_BUFFERED_STREAM (stream);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, sio_buffered_stream_close_async);
  g_io_stream_close_async (self->base, io_priority, cancellable, sio_buffered_stream_base_closed_cb, task);
}

static gboolean
sio_buffered_stream_close_finish (GIOStream     *stream,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
sio_buffered_stream_dispose (GObject *object)
{
  SioBufferedStream *self = SIO_BUFFERED_STREAM (object);

  /* GIOStream's dispose closes, which needs the base */
  G_OBJECT_CLASS (sio_buffered_stream_parent_class)->dispose (object);

  g_clear_object (&self->input);
  g_clear_object (&self->socket);
}

static void
sio_buffered_stream_finalize (GObject *object)
{
  g_clear_object (&SIO_BUFFERED_STREAM (object)->base);

  G_OBJECT_CLASS (sio_buffered_stream_parent_class)->finalize (object);
}

static void
sio_buffered_stream_class_init (SioBufferedStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sio_buffered_stream_dispose;
  G_OBJECT_CLASS (klass)->finalize = sio_buffered_stream_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = sio_buffered_stream_get_input_stream;
  G_IO_STREAM_CLASS (klass)->get_output_stream = sio_buffered_stream_get_output_stream;
  G_IO_STREAM_CLASS (klass)->close_fn = sio_buffered_stream_close;
  G_IO_STREAM_CLASS (klass)->close_async = sio_buffered_stream_close_async;
  G_IO_STREAM_CLASS (klass)->close_finish = sio_buffered_stream_close_finish;
}

static void
sio_buffered_stream_init (SioBufferedStream *self)
{
}

/**
 * sio_buffered_stream_new:
 * @base: a stream whose input and output can be polled
 * @socket: (nullable): the socket below it
 *
 * Returns: (transfer full): a stream of the same bytes
 */
GIOStream *
sio_buffered_stream_new (GIOStream *base,
                         GSocket   *socket)
{
  SioBufferedStream *self = g_object_new (SIO_TYPE_BUFFERED_STREAM, NULL);

  self->base = g_object_ref (base);
  self->socket = socket != NULL ? g_object_ref (socket) : NULL;
  self->input = g_object_new (SIO_TYPE_BUFFERED_INPUT, NULL);
  self->input->base = g_object_ref (g_io_stream_get_input_stream (base));
  return G_IO_STREAM (self);
}

/**
 * sio_buffered_stream_cut:
 * @self: a stream
 *
 * Whoever reads or writes it afterwards is told at once that it is closed. Never blocks: the socket is shut before TLS could want
 * to say something on it.
 */
void
sio_buffered_stream_cut (SioBufferedStream *self)
{
  if (self->input->cut)
    return;

  self->input->cut = TRUE;
  sio_buffered_input_stop_rest (self->input);
  if (self->input->wake != NULL)
    g_source_set_ready_time (self->input->wake, 0);
  if (self->socket != NULL && !g_socket_is_closed (self->socket))
    g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
}
