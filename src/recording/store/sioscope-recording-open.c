/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening a file that somebody else wrote: what can be read of it, and words for what cannot. */

#include "sioscope-recording-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Takes in every whole record; what follows the last one is left out. */
static gboolean
scan_file (SioscopeRecording *self,
           guint64            file_size)
{
  guint64 offset = self->file_end, row = 0;

  while (file_size - offset >= SIOSCOPE_RECORD_HEADER_SIZE)
    {
      const guint8 *record = self->base + offset;
      guint64 size = sioscope_get32 (record);
      SioscopeEntry entry;
      guint word;

      if (sioscope_get32 (record + 20) != sioscope_format_check (record, 20)
          || size < SIOSCOPE_RECORD_HEADER_SIZE || size > SIOSCOPE_RECORD_MAX
          || SIOSCOPE_ALIGN8 (size) > file_size - offset || offset >= SIOSCOPE_INDEX_OFFSET_MAX
          || sioscope_get32 (record + 16) != (guint32) row)
        break;

      if (row >= self->index_ready && !sioscope_recording_grow_index (self))
        break;

      /* A record that is whole but makes no sense is an ERROR row: the rows after it keep their numbers. */
      sioscope_recording_parse (record, size, row, &entry);
      word = SIOSCOPE_INDEX_CLASS (entry.kind, 0, entry.direction);
      if (entry.kind == SIOSCOPE_KIND_PACKET)
        {
          word |= (guint) entry.packet_type << 4;
          word |= entry.id >= 0 ? SIOSCOPE_INDEX_HAS_ID : 0;
          word |= entry.tag != 0 ? SIOSCOPE_INDEX_HAS_TAG : 0;
        }
      else if (entry.kind == SIOSCOPE_KIND_ENGINE)
        word |= (guint) entry.engine_type << 4;
      if (entry.kind == SIOSCOPE_KIND_PACKET || entry.kind == SIOSCOPE_KIND_SOCKET || entry.kind == SIOSCOPE_KIND_EMIT)
        word |= SIOSCOPE_INDEX_NAME_BITS (sioscope_names_get_number (&self->names, entry.nsp, entry.event));

      self->index[row++] = SIOSCOPE_INDEX_WORD (offset, word);
      offset += SIOSCOPE_ALIGN8 (size);
    }

  self->file_end = offset;
  self->n_rows = row;
  return offset == file_size;
}

/**
 * sioscope_recording_open:
 * @path: an existing recording
 * @error: where to put what went wrong
 *
 * Opens a recording for reading. It is not live: rows that another program adds later are not seen. The file is taken
 * as hostile: every length and offset is checked, a row that makes no sense is an entry of kind ERROR, and a torn
 * end is left out with a notice. Only a file that somebody makes shorter while it is open is beyond help.
 *
 * Returns: (transfer full): the recording, or %NULL with %SIOSCOPE_RECORDING_ERROR or %G_IO_ERROR
 */
SioscopeRecording *
sioscope_recording_open (const char  *path,
                         GError     **error)
{
  g_autoptr(SioscopeRecording) self = NULL;
  g_auto(SioscopeRecordingHeader) header = { NULL };
  struct stat st;
  gboolean being_written, whole;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (SIOSCOPE_TYPE_RECORDING, NULL);
  self->path = g_strdup (path);
  /* O_NONBLOCK: a fifo of that name must not hold us. */
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &st) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "%s could not be opened: %s", path, g_strerror (saved_errno));
      return NULL;
    }
  if (!S_ISREG (st.st_mode))
    {
      g_set_error (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING,
                   "%s is not a recording: it is a %s, expected an ordinary file", path,
                   S_ISDIR (st.st_mode) ? "folder" : S_ISFIFO (st.st_mode) ? "pipe" : "device");
      return NULL;
    }
  if (!sioscope_recording_header_read (&header, self->fd, (guint64) st.st_size, path, error))
    return NULL;
  self->title = g_steal_pointer (&header.title);
  self->client = g_steal_pointer (&header.client);
  self->start_real_us = header.start_real_us;
  self->file_end = header.size;

  /* Asked before the rows are looked at: a torn end of a file whose writer lives is simply not finished yet. */
  being_written = flock (self->fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

  self->region = (gsize) st.st_size;
  self->base = mmap (NULL, self->region, PROT_READ, MAP_SHARED, self->fd, 0);
  if (self->base == MAP_FAILED)
    {
      int saved_errno = errno;

      self->base = NULL;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "%s could not be mapped: %s", path, g_strerror (saved_errno));
      return NULL;
    }
  if (!sioscope_recording_reserve_index (self))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "No address space for the index of %s", path);
      return NULL;
    }

  whole = scan_file (self, (guint64) st.st_size);
  flock (self->fd, LOCK_UN);
  if (being_written)
    sioscope_recording_set_notice (self, "This recording is still being written by another program: "
                                         "it is shown as far as it was when it was opened");
  else if (!whole)
    {
      g_autofree char *notice =
        g_strdup_printf ("The last %" G_GUINT64_FORMAT " bytes of this recording are no whole row and "
                         "were left out: the program that wrote it was stopped, or the file is damaged",
                         (guint64) st.st_size - self->file_end);

      sioscope_recording_set_notice (self, notice);
    }
  return g_steal_pointer (&self);
}
