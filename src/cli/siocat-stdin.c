/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

#include "siocat-stdin.h"

/* One read; and all that is done with it before the network has its turn. */
#define CHUNK (64 * 1024)
/* The largest message there can be, in base64. */
#define MAX_LINE (360 * 1024 * 1024)

struct _SiocatStdin {
  const SiocatStdinListener *listener;
  gpointer                   data;

  guint                      source;   /* 0: paused, or ended */
  GByteArray                *buffer;   /* what was read */
  gsize                      start;    /* of it was given away */
  gsize                      searched; /* of it has no further line end */
  guint64                    number;   /* of the last line that was given away */
  gboolean                   skipping; /* the rest of a line that is too long */
  gboolean                   at_end;
  gboolean                   ended;
  gboolean                   busy;
};

/* FALSE if there is no whole line, or nobody takes it now. */
static gboolean
give_line (SiocatStdin *self)
{
  const guint8 *from = self->buffer->data + self->searched;
  const guint8 *end = self->buffer->len > self->searched ? memchr (from, '\n', self->buffer->len - self->searched) : NULL;
  const char *line = (const char *) self->buffer->data + self->start;
  gsize next;
  gsize size;

  if (end == NULL)
    {
      self->searched = self->buffer->len;
      /* The last line need not have an end. */
      if (!self->at_end || self->start == self->buffer->len)
        return FALSE;
      next = self->buffer->len;
      size = self->buffer->len - self->start;
    }
  else
    {
      next = (gsize) (end - self->buffer->data) + 1;
      size = next - 1 - self->start;
    }

  self->start = next;
  self->searched = next;

  if (self->skipping)
    {
      self->skipping = FALSE;
      return TRUE;
    }

  self->number++;
  if (size > 0 && line[size - 1] == '\r')
    size--;

  return self->listener->line (self->data, line, size, self->number);
}

static void
compact (SiocatStdin *self)
{
  if (self->buffer->len - self->start > MAX_LINE)
    {
      if (!self->skipping)
        self->listener->too_long (self->data, ++self->number, MAX_LINE);
      self->skipping = TRUE;
      self->start = self->buffer->len;
    }

  if (self->start == 0)
    return;

  g_byte_array_remove_range (self->buffer, 0, (guint) self->start);
  self->searched -= MIN (self->start, self->searched);
  self->start = 0;
}

static gboolean readable_cb (int          fd,
                             GIOCondition condition,
                             gpointer     data);

static void
watch (SiocatStdin *self)
{
  if (self->source == 0 && !self->ended)
    self->source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, readable_cb, self);
}

/* Gives away what there is. */
static void
give_lines (SiocatStdin *self)
{
  gboolean more = TRUE;

  /* Taking a line may make room and resume us. */
  if (self->busy || self->ended)
    return;

  self->busy = TRUE;
  while (more)
    {
      gsize before = self->start;

      more = give_line (self);
      if (!more && self->start != before)
        {
          /* Taken, and enough for now. */
          g_clear_handle_id (&self->source, g_source_remove);
          self->busy = FALSE;
          return;
        }
    }
  compact (self);
  self->busy = FALSE;

  if (self->at_end)
    {
      self->ended = TRUE;
      g_clear_handle_id (&self->source, g_source_remove);
      self->listener->ended (self->data, NULL);
    }
  else
    watch (self);
}

static gboolean
readable_cb (int          fd,
             GIOCondition condition,
             gpointer     data)
{
  SiocatStdin *self = data;
  gsize len = self->buffer->len;
  gssize got;

  g_byte_array_set_size (self->buffer, (guint) len + CHUNK);
  got = read (fd, self->buffer->data + len, CHUNK);
  g_byte_array_set_size (self->buffer, (guint) (len + (gsize) MAX (got, 0)));

  if (got < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;

  if (got < 0)
    {
      g_autoptr(GError) error = g_error_new_literal (G_FILE_ERROR, g_file_error_from_errno (errno),
                                                     g_strerror (errno));

      self->source = 0;
      self->ended = TRUE;
      self->listener->ended (self->data, error);
      return G_SOURCE_REMOVE;
    }

  self->at_end = got == 0;
  give_lines (self);

  /* Whoever paused us has removed this source already; to say so twice would be an error. */
  return self->source != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

SiocatStdin *
siocat_stdin_new (const SiocatStdinListener *listener,
                  gpointer                   data)
{
  SiocatStdin *self = g_new0 (SiocatStdin, 1);

  self->listener = listener;
  self->data = data;
  self->buffer = g_byte_array_new ();
  watch (self);

  return self;
}

void
siocat_stdin_free (SiocatStdin *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_byte_array_unref (self->buffer);
  g_free (self);
}

/*< private >
 * siocat_stdin_resume:
 *
 * Goes on after a pause; does nothing otherwise.
 */
void
siocat_stdin_resume (SiocatStdin *self)
{
  if (self->source == 0)
    give_lines (self);
}
