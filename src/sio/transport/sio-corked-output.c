/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Only for who polls. Closing it closes nothing: that is for the stream whose output it is. */

#include "sio-corked-output.h"

/* More is not kept: it goes to the kernel as it comes. */
#define MAX_KEPT (64 * 1024)

struct _SioCorkedOutput {
  GOutputStream  parent_instance;

  GOutputStream *base;
  GByteArray    *kept;  /* in front of everything written later */
  GError        *error; /* NULL until keeping it was in vain */
  gboolean       corked;
};

static void sio_corked_output_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioCorkedOutput, sio_corked_output, G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM, sio_corked_output_pollable_init))

/* FALSE: something is left, or it cannot be written any more. */
static gboolean
flush (SioCorkedOutput *self)
{
  gsize done = 0;

  while (self->error == NULL && done < self->kept->len)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (self->base), self->kept->data + done,
                                                             self->kept->len - done, NULL, &error);

      if (n > 0)
        done += (gsize) n;
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      else
        self->error = g_steal_pointer (&error);
    }
  if (done > 0)
    g_byte_array_remove_range (self->kept, 0, (guint) done);
  return self->error == NULL && self->kept->len == 0;
}

static gssize
sio_corked_output_write_nonblocking (GPollableOutputStream *stream,
                                     const void            *data,
                                     gsize                  size,
                                     GError               **error)
{
  SioCorkedOutput *self = SIO_CORKED_OUTPUT (stream);

  if (self->corked && self->error == NULL && size <= MAX_KEPT && self->kept->len <= MAX_KEPT - size)
    {
      g_byte_array_append (self->kept, data, (guint) size);
      return (gssize) size;
    }

  if (flush (self))
    return g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (self->base), data, size, NULL, error);
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "what was written before waits for the peer");
  return -1;
}

static gboolean
sio_corked_output_is_writable (GPollableOutputStream *stream)
{
  SioCorkedOutput *self = SIO_CORKED_OUTPUT (stream);

  return g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM (self->base));
}

static GSource *
sio_corked_output_create_source (GPollableOutputStream *stream,
                                 GCancellable          *cancellable)
{
  SioCorkedOutput *self = SIO_CORKED_OUTPUT (stream);
  g_autoptr(GSource) base = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (self->base), NULL);

  return g_pollable_source_new_full (stream, base, cancellable);
}

static void
sio_corked_output_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->write_nonblocking = sio_corked_output_write_nonblocking;
  iface->is_writable = sio_corked_output_is_writable;
  iface->create_source = sio_corked_output_create_source;
}

static void
sio_corked_output_finalize (GObject *object)
{
  SioCorkedOutput *self = SIO_CORKED_OUTPUT (object);

  g_clear_object (&self->base);
  g_byte_array_unref (self->kept);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (sio_corked_output_parent_class)->finalize (object);
}

static void
sio_corked_output_class_init (SioCorkedOutputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sio_corked_output_finalize;
}

static void
sio_corked_output_init (SioCorkedOutput *self)
{
  self->kept = g_byte_array_new ();
}

GOutputStream *
sio_corked_output_new (GOutputStream *base)
{
  SioCorkedOutput *self = g_object_new (SIO_TYPE_CORKED_OUTPUT, NULL);

  self->base = g_object_ref (base);
  return G_OUTPUT_STREAM (self);
}

void
sio_corked_output_cork (SioCorkedOutput *self)
{
  self->corked = TRUE;
}

gboolean
sio_corked_output_uncork (SioCorkedOutput *self)
{
  self->corked = FALSE;
  return flush (self) || self->error != NULL;
}
