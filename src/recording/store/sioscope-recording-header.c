/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The bytes in front of the rows, written and read. */

#include "sioscope-recording-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <unistd.h>

/**
 * sioscope_recording_header_clear:
 * @self: what sioscope_recording_header_read() has filled in, or zeros
 *
 * Frees the texts in it.
 */
void
sioscope_recording_header_clear (SioscopeRecordingHeader *self)
{
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->client, g_free);
}

/* FALSE with errno. */
gboolean
sioscope_recording_header_write (const SioscopeRecordingHeader *self,
                                 int                            fd,
                                 guint64                       *end)
{
  gsize title_size = strlen (self->title);
  gsize client_size = strlen (self->client);
  gsize size = SIOSCOPE_ALIGN8 (SIOSCOPE_FILE_HEADER_SIZE + title_size + client_size);
  g_autofree guint8 *header = g_malloc0 (size);
  ssize_t n;

  memcpy (header, SIOSCOPE_FORMAT_MAGIC, 8);
  sioscope_put32 (header + 8, SIOSCOPE_FORMAT_VERSION);
  sioscope_put32 (header + 12, (guint32) size);
  sioscope_put64 (header + 16, (guint64) self->start_real_us);
  sioscope_put32 (header + 24, (guint32) title_size);
  sioscope_put32 (header + 28, (guint32) client_size);
  sioscope_put32 (header + 36, sioscope_format_check (header, 36));
  memcpy (header + SIOSCOPE_FILE_HEADER_SIZE, self->title, title_size);
  memcpy (header + SIOSCOPE_FILE_HEADER_SIZE + title_size, self->client, client_size);

  do
    n = pwrite (fd, header, size, 0);
  while (n < 0 && errno == EINTR);
  if (n == (ssize_t) size)
    {
      *end = size;
      return TRUE;
    }
  if (n >= 0)
    errno = ENOSPC;
  return FALSE;
}

/* Fewer bytes than asked for are not an error here: a file may end anywhere. */
static gssize
read_at (int          fd,
         void        *data,
         gsize        size,
         guint64      offset,
         const char  *path,
         GError     **error)
{
  gssize n;
  int saved_errno;

  do
    n = pread (fd, data, size, (off_t) offset);
  while (n < 0 && errno == EINTR);
  saved_errno = errno;
  if (n < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s could not be read: %s", path, g_strerror (saved_errno));
  return n;
}

/**
 * sioscope_recording_header_read:
 * @self: (out caller-allocates): where to put it; after success it is to be cleared
 * @fd: an ordinary file, open for reading; its position is left alone
 * @file_size: how large it was when somebody looked; it may have changed since
 * @path: how errors call it
 * @error: where to put what went wrong
 *
 * Reads the header without looking at a row. Nothing in it is believed: its check, its lengths and the size of the file must agree.
 * Any thread.
 *
 * Returns: %FALSE with %SIOSCOPE_RECORDING_ERROR, or a %G_IO_ERROR in the system's words
 */
gboolean
sioscope_recording_header_read (SioscopeRecordingHeader  *self,
                                int                       fd,
                                guint64                   file_size,
                                const char               *path,
                                GError                  **error)
{
  guint8 header[SIOSCOPE_FILE_HEADER_SIZE];
  g_autofree char *texts = NULL;
  guint64 size, title_size, client_size;
  gssize n = read_at (fd, header, sizeof header, 0, path, error);

  if (n < 0)
    return FALSE;
  if (n < (gssize) sizeof header)
    {
      g_set_error (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING,
                   "%s is not a recording: it has %" G_GSSIZE_FORMAT " bytes, expected a header of at least %u",
                   path, n, SIOSCOPE_FILE_HEADER_SIZE);
      return FALSE;
    }
  if (memcmp (header, SIOSCOPE_FORMAT_MAGIC, 8) != 0)
    {
      g_set_error (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING,
                   "%s is not a recording: it does not begin with " SIOSCOPE_FORMAT_MAGIC, path);
      return FALSE;
    }
  if (sioscope_get32 (header + 8) > SIOSCOPE_FORMAT_VERSION)
    {
      g_set_error (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_NEWER_VERSION,
                   "%s has version %u of the format, and this program reads up to version %u",
                   path, sioscope_get32 (header + 8), SIOSCOPE_FORMAT_VERSION);
      return FALSE;
    }
  if (sioscope_get32 (header + 36) != sioscope_format_check (header, 36))
    {
      g_set_error (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_CORRUPT,
                   "The header of %s is damaged: its check is %08x, expected %08x",
                   path, sioscope_get32 (header + 36), sioscope_format_check (header, 36));
      return FALSE;
    }

  size = sioscope_get32 (header + 12);
  title_size = sioscope_get32 (header + 24);
  client_size = sioscope_get32 (header + 28);
  if (size <= file_size && size <= SIOSCOPE_FILE_HEADER_MAX && size % 8 == 0
      && SIOSCOPE_FILE_HEADER_SIZE + title_size + client_size <= size)
    {
      texts = g_malloc (title_size + client_size + 1);
      n = read_at (fd, texts, title_size + client_size, SIOSCOPE_FILE_HEADER_SIZE, path, error);
      if (n < 0)
        return FALSE;
    }
  if (texts == NULL || (guint64) n != title_size + client_size)
    {
      g_set_error (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_CORRUPT,
                   "The header of %s is damaged: expected %" G_GUINT64_FORMAT " bytes of it, a multiple of 8 up to %u, with texts of %"
                   G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " bytes, in a file of %" G_GUINT64_FORMAT " bytes",
                   path, size, SIOSCOPE_FILE_HEADER_MAX, title_size, client_size, file_size);
      return FALSE;
    }

  self->title = g_utf8_make_valid (texts, (gssize) title_size);
  self->client = g_utf8_make_valid (texts + title_size, (gssize) client_size);
  self->start_real_us = (gint64) sioscope_get64 (header + 16);
  self->size = size;
  return TRUE;
}
