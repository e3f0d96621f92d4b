/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The buffered stream. libsoup's WebSocket reads one KiB at a time and does not return to the main
 * loop while there is something to read: a fast server keeps timers and commands waiting for a
 * second and more. This stream gives it big reads and small pauses.
 *
 * libsoup also takes most of a microsecond for the smallest message and copies it four times. So
 * messages that come as one ordinary frame (RFC 6455 5.2) do not go through it at all. Control
 * frames, fragments, and whatever is wrong in any way still do, byte for byte: what they mean and
 * how they are refused is libsoup's to say. */

#include "sio-buffered-stream.h"

#include "sio-corked-output.h"

/* As much as the kernel is likely to hold for us: the sender is waited for less often, which makes 100 KiB events cheaper by
 * a tenth than 1 MiB does. Pages are only taken as a flood fills them. */
#define BUFFER_SIZE (4 * 1024 * 1024)
#define BUDGET_US 4000
/* The clock is read once in so many frames. */
#define FRAMES_PER_LOOK 8
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

  SioBufferedStreamFrame frame; /* NULL: all bytes go to the reader */
  gpointer      frame_data;
  guint64       left;       /* bytes of the current frame that the reader still gets */
  gboolean      in_message; /* the reader got fragments of a message and not the last one */
  gboolean      fed;        /* the reader got something in this turn; it looks at it when it has to wait */
  gboolean      starved;    /* what is in the buffer is not enough to go on */

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

/* Never called: g_pollable_source_new_full() gives its child a dummy closure, and GObject wants to
 * know how to call one. */
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
         && ((self->end > self->start && !self->starved)
             || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->base)));
}

static GSource *
sio_buffered_input_create_source (GPollableInputStream *stream,
                                  GCancellable         *cancellable)
{
  SioBufferedInput *self = SIO_BUFFERED_INPUT (stream);
  g_autoptr (GSource) child = NULL;

  self->turn_us = 0;
  self->fed = FALSE;
  if (self->rest == NULL && (self->end == self->start || self->starved) && !self->cut)
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
sio_buffered_input_would_block (const char  *why,
                                GError     **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, why);
  return -1;
}

/* Reads more behind what is in the buffer, with room for the needed bytes in one piece; needed <= BUFFER_SIZE. */
static gssize
sio_buffered_input_fill (SioBufferedInput  *self,
                         gsize              needed,
                         GError           **error)
{
  gssize n;

  if (self->buffer == NULL)
    self->buffer = g_malloc (BUFFER_SIZE);
  if (self->start == self->end)
    self->start = self->end = 0;
  else if (needed > BUFFER_SIZE - self->start)
    {
      memmove (self->buffer, self->buffer + self->start, self->end - self->start);
      self->end -= self->start;
      self->start = 0;
    }

  n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->base), self->buffer + self->end,
                                                BUFFER_SIZE - self->end, NULL, error);
  self->starved = n <= 0;
  if (n > 0)
    self->end += (gsize) n;
  return n;
}

/* Whether the turn is over. */
static gboolean
sio_buffered_input_look_at_clock (SioBufferedInput *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->turn_us == 0)
    self->turn_us = now;
  if (self->rest == NULL && now - self->turn_us > BUDGET_US)
    {
      self->rest = g_idle_source_new ();
      g_source_set_priority (self->rest, REST_PRIORITY);
      g_source_set_callback (self->rest, sio_buffered_input_rest_cb, self, NULL);
      g_source_attach (self->rest, g_main_context_get_thread_default ());
    }
  return self->rest != NULL;
}

typedef struct {
  gboolean final;
  gboolean ordinary; /* may be handed out */
  guint    opcode;
  gsize    head;
  guint64  payload;
} FrameHead;

/* How many bytes are missing until the head can be read; 0: it was. */
static gsize
read_frame_head (const guint8 *p,
                 gsize         size,
                 FrameHead    *head)
{
  guint length;

  if (size < 2)
    return 2 - size;

  length = p[1] & 0x7f;
  head->head = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (size < head->head)
    return head->head - size;

  head->final = (p[0] & 0x80) != 0;
  head->opcode = p[0] & 0x0f;
  head->payload = length;
  head->ordinary = (p[0] == 0x81 || p[0] == 0x82) && (p[1] & 0x80) == 0;
  if (length >= 126)
    {
      head->payload = 0;
      for (gsize i = 2; i < head->head; i++)
        head->payload = head->payload << 8 | p[i];
      if (head->payload < (length == 126 ? 126u : 65536u))
        head->ordinary = FALSE;
    }
  if ((p[1] & 0x80) != 0)
    head->head += 4;
  return 0;
}

/* Hands out ordinary frames until one comes that is the reader's, or the turn is over. Positive: so
 * much of the next frame or more may be read; else what the reader is to be told. */
static gssize
sio_buffered_input_walk (SioBufferedInput  *self,
                         GError           **error)
{
  for (guint i = 1;; i++)
    {
      FrameHead head;
      gsize have = self->end - self->start;
      gsize missing = read_frame_head ((const guint8 *) self->buffer + self->start, have, &head);
      gboolean ours = missing == 0 && head.ordinary && !self->in_message && self->frame != NULL
                      && head.payload <= BUFFER_SIZE - head.head;

      if (ours && head.head + head.payload > have)
        missing = head.head + (gsize) head.payload - have;
      if (missing > 0)
        {
          gssize n = sio_buffered_input_fill (self, have + missing, error);

          if (n <= 0)
            return n;
          if (sio_buffered_input_look_at_clock (self))
            return sio_buffered_input_would_block ("the main loop's turn", error);
          continue;
        }

      if (ours && self->fed)
        return sio_buffered_input_would_block ("first things first", error);
      if (ours && self->frame (self->frame_data, head.opcode,
                               (SioSpan) { self->buffer + self->start + head.head, (gsize) head.payload }))
        {
          if (self->cut)
            {
              g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "Stream is already closed");
              return -1;
            }
          self->start += head.head + (gsize) head.payload;
          if (i % FRAMES_PER_LOOK == 0 && sio_buffered_input_look_at_clock (self))
            return sio_buffered_input_would_block ("the main loop's turn", error);
          continue;
        }

      if (head.opcode < 8)
        self->in_message = !head.final;
      self->left = head.payload > G_MAXUINT64 - head.head ? G_MAXUINT64 : head.head + head.payload;
      return 1;
    }
}

static gssize
sio_buffered_input_read_nonblocking (GPollableInputStream  *stream,
                                     void                  *buffer,
                                     gsize                  count,
                                     GError               **error)
{
  SioBufferedInput *self = SIO_BUFFERED_INPUT (stream);
  gssize n;

  if (self->cut)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "Stream is already closed");
      return -1;
    }
  if (sio_buffered_input_look_at_clock (self))
    return sio_buffered_input_would_block ("the main loop's turn", error);

  if (self->left == 0)
    {
      n = sio_buffered_input_walk (self, error);
      if (n <= 0)
        return n;
    }
  if (self->start == self->end)
    {
      n = sio_buffered_input_fill (self, 1, error);
      if (n <= 0)
        return n;
    }

  n = sio_buffered_input_take (self, buffer, (gsize) MIN (count, self->left));
  self->left -= (guint64) n;
  self->fed = TRUE;
  return n;
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

  /* nobody reads a WebSocket like this but to throw away what comes */
  self->left = G_MAXUINT64;
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
  GOutputStream    *output;
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
  return SIO_BUFFERED_STREAM (stream)->output;
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
  g_clear_object (&self->output);
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
  self->output = sio_corked_output_new (g_io_stream_get_output_stream (base));
  return G_IO_STREAM (self);
}

/**
 * sio_buffered_stream_set_frame:
 * @self: a stream
 * @frame: (nullable) (scope forever): called from inside of a read for each ordinary frame
 * @data: for @frame
 *
 * Order is kept: @frame is not called while the reader has bytes of earlier frames that it may not have looked at.
 */
void
sio_buffered_stream_set_frame (SioBufferedStream      *self,
                               SioBufferedStreamFrame  frame,
                               gpointer                data)
{
  self->input->frame = frame;
  self->input->frame_data = data;
}

/**
 * sio_buffered_stream_cut:
 * @self: a stream
 *
 * Whoever reads or writes it afterwards is told at once that it is closed. Never blocks: the socket
 * is shut before TLS could want to say something on it.
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
