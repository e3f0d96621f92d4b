/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioServerStream: a socket's stream whose input says "would block" after a while, although more is
 * there. libsoup's WebSocket reads until it would block, so that one client that floods us would
 * keep timers, other clients and every answer waiting. The socket stays readable: the loop comes
 * back to it in the next turn. */

#include "sio-server-private.h"

/* libsoup reads 1 KiB at a time; 64 KiB is well below a millisecond of small messages being
 * answered. */
#define READ_BUDGET (64 * 1024)

/* ---- the input ---- */

#define SIO_TYPE_SERVER_INPUT (sio_server_input_get_type ())
G_DECLARE_FINAL_TYPE (SioServerInput, sio_server_input, SIO, SERVER_INPUT, GFilterInputStream)

struct _SioServerInput {
  GFilterInputStream parent_instance;

  GSocket           *socket;
  gsize              used; /* bytes read in this turn of the loop */
  gboolean           more; /* something may be left that the socket does not tell about */
};

static void sio_server_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioServerInput, sio_server_input, G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      sio_server_input_pollable_init))

static GPollableInputStream *
get_base (gpointer stream)
{
  return G_POLLABLE_INPUT_STREAM (g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream)));
}

static gboolean
sio_server_input_is_readable (GPollableInputStream *stream)
{
  return g_pollable_input_stream_is_readable (get_base (stream));
}

/* Bytes that came together with the HTTP request wait in libsoup's buffer, of which the socket
 * knows nothing. So the source listens to the socket, and is ready at once while something may be
 * left. libsoup makes a new source after each time it has read. */
static GSource *
sio_server_input_create_source (GPollableInputStream *stream,
                                GCancellable         *cancellable)
{
  SioServerInput *self = SIO_SERVER_INPUT (stream);
  g_autoptr(GSource) child = NULL;
  GSource *source;

  /* A socket that is closed already has no source; reading will say so, at once. */
  if (!g_socket_is_closed (self->socket))
    child = g_socket_create_source (self->socket, G_IO_IN, NULL);
  source = g_pollable_source_new_full (stream, child, cancellable);
  if (self->more || child == NULL)
    g_source_set_ready_time (source, 0);
  return source;
}

static gssize
sio_server_input_read_nonblocking (GPollableInputStream  *stream,
                                   void                  *buffer,
                                   gsize                  count,
                                   GError               **error)
{
  SioServerInput *self = SIO_SERVER_INPUT (stream);
  gssize n;

  if (self->used >= READ_BUDGET)
    {
      self->used = 0;
      self->more = TRUE;
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "others are waiting");
      return -1;
    }

  n = g_pollable_input_stream_read_nonblocking (get_base (stream), buffer, count, NULL, error);
  self->more = n > 0;
  if (n > 0)
    self->used += (gsize) n;
  else
    self->used = 0;

  return n;
}

static void
sio_server_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = sio_server_input_is_readable;
  iface->create_source = sio_server_input_create_source;
  iface->read_nonblocking = sio_server_input_read_nonblocking;
}

static void
sio_server_input_finalize (GObject *object)
{
  SioServerInput *self = SIO_SERVER_INPUT (object);

  g_clear_object (&self->socket);

  G_OBJECT_CLASS (sio_server_input_parent_class)->finalize (object);
}

static void
sio_server_input_class_init (SioServerInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sio_server_input_finalize;
}

static void
sio_server_input_init (SioServerInput *self)
{
  self->more = TRUE;
}

/* ---- both directions ---- */

#define SIO_TYPE_SERVER_STREAM (sio_server_stream_get_type ())
G_DECLARE_FINAL_TYPE (SioServerStream, sio_server_stream, SIO, SERVER_STREAM, GIOStream)

struct _SioServerStream {
  GIOStream     parent_instance;

  GIOStream    *base;
  GInputStream *input;
};

G_DEFINE_FINAL_TYPE (SioServerStream, sio_server_stream, G_TYPE_IO_STREAM)

static GInputStream *
sio_server_stream_get_input_stream (GIOStream *stream)
{
  return SIO_SERVER_STREAM (stream)->input;
}

static GOutputStream *
sio_server_stream_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (SIO_SERVER_STREAM (stream)->base);
}

static gboolean
sio_server_stream_close (GIOStream     *stream,
                         GCancellable  *cancellable,
                         GError       **error)
{
  return g_io_stream_close (SIO_SERVER_STREAM (stream)->base, cancellable, error);
}

static void
sio_server_stream_close_async (GIOStream           *stream,
                               int                  priority,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (stream, cancellable, callback, user_data);
  GError *error = NULL;

  /* A socket closes without waiting; GIOStream's own would do it in another thread. */
  g_task_set_source_tag (task, sio_server_stream_close_async);
  g_task_set_priority (task, priority);
  if (sio_server_stream_close (stream, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
sio_server_stream_close_finish (GIOStream     *stream,
                                GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
sio_server_stream_finalize (GObject *object)
{
  SioServerStream *self = SIO_SERVER_STREAM (object);

  g_clear_object (&self->input);
  g_clear_object (&self->base);

  G_OBJECT_CLASS (sio_server_stream_parent_class)->finalize (object);
}

static void
sio_server_stream_class_init (SioServerStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->finalize = sio_server_stream_finalize;

  stream_class->get_input_stream = sio_server_stream_get_input_stream;
  stream_class->get_output_stream = sio_server_stream_get_output_stream;
  stream_class->close_fn = sio_server_stream_close;
  stream_class->close_async = sio_server_stream_close_async;
  stream_class->close_finish = sio_server_stream_close_finish;
}

static void
sio_server_stream_init (SioServerStream *self)
{
}

/*< private >
 * sio_server_stream_new:
 * @base: (transfer none): a socket's stream, its input pollable
 * @socket: (transfer none): the socket
 *
 * Closing the stream closes @base.
 *
 * Returns: (transfer full): the stream
 */
GIOStream *
sio_server_stream_new (GIOStream *base,
                       GSocket   *socket)
{
  SioServerStream *self = g_object_new (SIO_TYPE_SERVER_STREAM, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_new (SIO_TYPE_SERVER_INPUT,
                              "base-stream", g_io_stream_get_input_stream (base),
                              "close-base-stream", FALSE,
                              NULL);
  SIO_SERVER_INPUT (self->input)->socket = g_object_ref (socket);
  return G_IO_STREAM (self);
}
