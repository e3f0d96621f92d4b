/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The writer: records to bytes, bytes to the file, and when the disk refuses, to memory. One thread
 * at a time; readers learn of what was written by one store to n_rows. */

#include "sioscope-recording-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define BUFFER_SIZE    (256u * 1024)
/* From here on, copying costs more than a system call of its own. */
#define DIRECT_SIZE    (64u * 1024)
#define PARTS_MAX      (SIOSCOPE_FIELDS_MAX * 3 + 4)

static const guint8 zeros[8];

void
sioscope_recording_start_buffer (SioscopeRecording *self)
{
  self->writer.buffer = g_malloc (BUFFER_SIZE);
}

static void
publish (SioscopeRecording *self)
{
  __atomic_store_n (&self->n_rows, self->writer.next_row, __ATOMIC_RELEASE);
  sioscope_recording_wake (self);
}

/* Writes all of it, or says how much was written. iov is used up. */
static int
write_fully (int           fd,
             struct iovec *iov,
             guint         n_iov,
             guint64       offset,
             guint64      *written)
{
  *written = 0;
  while (n_iov > 0)
    {
      ssize_t n = pwritev (fd, iov, (int) n_iov, (off_t) (offset + *written));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n < 0 ? errno : ENOSPC;
      *written += (guint64) n;
      while (n_iov > 0 && (gsize) n >= iov->iov_len)
        {
          n -= (ssize_t) iov->iov_len;
          iov++;
          n_iov--;
        }
      if (n_iov > 0)
        {
          iov->iov_base = (guint8 *) iov->iov_base + n;
          iov->iov_len -= (gsize) n;
        }
    }
  return 0;
}

static void
stop (SioscopeRecording *self,
      const char        *why)
{
  g_autofree char *notice = g_strdup_printf ("Recording stopped: %s", why);

  self->writer.stopped = TRUE;
  sioscope_recording_set_notice (self, notice);
}

static void
write_to_memory (SioscopeRecording  *self,
                 const struct iovec *iov,
                 guint               n_iov,
                 guint64             size)
{
  guint8 *out;

  sioscope_recording_make_room (self, size);
  out = self->base + self->writer.position;
  for (guint i = 0; i < n_iov; i++)
    {
      if (iov[i].iov_len != 0)
        memcpy (out, iov[i].iov_base, iov[i].iov_len);
      out += iov[i].iov_len;
    }
  self->writer.position += size;
  publish (self);
}

/* The disk took only written bytes. What is whole stays in the file; the rest goes on in memory. */
static void
go_on_in_memory (SioscopeRecording *self,
                 const char        *why,
                 struct iovec      *iov,
                 guint              n_iov,
                 guint64            size,
                 guint64            written)
{
  SioscopeWriter *writer = &self->writer;
  guint64 start = writer->position, kept_end = start + written, first = self->n_rows, moved;
  g_autofree char *notice = g_strdup_printf ("%s: recording goes on in memory", why);

  /* The end of a row is the begin of the next one. */
  while (first < writer->next_row)
    {
      guint64 end = first + 1 < writer->next_row ? SIOSCOPE_INDEX_OFFSET (self->index[first + 1]) : start + size;

      if (end > kept_end)
        break;
      first++;
    }
  if (first < writer->next_row)
    kept_end = SIOSCOPE_INDEX_OFFSET (self->index[first]);
  /* A reader drops a torn row by itself; this only spares it the notice. */
  if (ftruncate (self->fd, (off_t) kept_end) != 0)
    g_debug ("could not cut the torn end off %s: %s", self->path, g_strerror (errno));
  moved = start + size - kept_end;

  writer->position = kept_end;
  __atomic_store_n (&self->file_end, kept_end, __ATOMIC_RELEASE);
  __atomic_store_n (&self->n_rows, first, __ATOMIC_RELEASE);
  sioscope_recording_set_notice (self, notice);
  g_free (writer->note);
  writer->note = g_steal_pointer (&notice);
  if (!sioscope_recording_start_memory (self))
    {
      writer->next_row = first;
      return;
    }
  if (moved == 0)
    return;
  if (moved > self->memory_cap - sioscope_recording_get_grace (self))
    {
      writer->lost_rows += writer->next_row - first;
      writer->next_row = first;
      return;
    }

  for (guint64 row = first; row < writer->next_row; row++)
    {
      SioscopeIndexWord word = self->index[row];

      self->index[row] = SIOSCOPE_INDEX_WORD (SIOSCOPE_INDEX_OFFSET (word) - kept_end + writer->position,
                                              SIOSCOPE_INDEX_LOW (word));
    }
  written = kept_end - start;
  while (written >= iov->iov_len)
    {
      written -= iov->iov_len;
      iov++;
      n_iov--;
    }
  iov->iov_base = (guint8 *) iov->iov_base + written;
  iov->iov_len -= written;
  write_to_memory (self, iov, n_iov, moved);
}

/* A copy has nobody who waits for its rows: it is worth nothing if it is not whole. */
static void
fail (SioscopeRecording *self,
      int                error)
{
  self->writer.failed = error;
  self->writer.stopped = TRUE;
}

/* Writes and publishes the rows that are in iov: all that were not published yet. */
static void
write_out (SioscopeRecording *self,
           struct iovec      *iov,
           guint              n_iov,
           guint64            size)
{
  struct iovec copy[PARTS_MAX];
  guint64 written;
  int error;

  g_assert (n_iov <= PARTS_MAX);
  self->writer.dirty = TRUE;
  if (self->writer.in_memory)
    {
      write_to_memory (self, iov, n_iov, size);
      return;
    }

  memcpy (copy, iov, n_iov * sizeof *iov);
  error = __atomic_load_n (&self->sync_errno, __ATOMIC_RELAXED);
  if (G_UNLIKELY (error != 0))
    {
      go_on_in_memory (self, g_strerror (error), iov, n_iov, size, 0);
      return;
    }
  if (G_UNLIKELY (__atomic_load_n (&self->low_space, __ATOMIC_RELAXED)))
    {
      go_on_in_memory (self, "The disk is almost full", iov, n_iov, size, 0);
      return;
    }
  error = write_fully (self->fd, copy, n_iov, self->writer.position, &written);
  if (G_UNLIKELY (error != 0))
    {
      if (self->writer.only_file)
        {
          fail (self, error);
          return;
        }
      go_on_in_memory (self, g_strerror (error), iov, n_iov, size, written);
      return;
    }
  self->writer.position += size;
  __atomic_store_n (&self->file_end, self->writer.position, __ATOMIC_RELEASE);
  publish (self);
}

static void
flush_buffer (SioscopeRecording *self)
{
  struct iovec iov = { self->writer.buffer, self->writer.buffer_len };

  if (iov.iov_len == 0)
    return;
  self->writer.buffer_len = 0;
  write_out (self, &iov, 1, iov.iov_len);
}

static void
put_header (guint8                   *out,
            const SioscopeRecordHead *head,
            guint32                   size,
            guint64                   row)
{
  sioscope_put32 (out, size);
  out[4] = (guint8) head->kind;
  out[5] = (guint8) head->direction;
  out[6] = (guint8) head->transport;
  out[7] = head->flags;
  sioscope_put64 (out + 8, (guint64) head->time_us);
  sioscope_put32 (out + 16, (guint32) row);
  sioscope_put32 (out + 20, sioscope_format_check (out, 20));
}

/* Makes sure that the next record of this many bytes has a place. FALSE if it cannot be kept. */
static gboolean
prepare_place (SioscopeRecording *self,
               guint64            padded)
{
  SioscopeWriter *writer = &self->writer;

  guint64 max_file = __atomic_load_n (&self->max_file, __ATOMIC_RELAXED);

  if (!writer->in_memory && writer->position + writer->buffer_len + padded > max_file)
    {
      g_autofree char *why = g_strdup_printf ("The recording has reached its largest size, %" G_GUINT64_FORMAT " MiB",
                                              max_file >> 20);
      struct iovec nothing = { NULL, 0 };

      flush_buffer (self);
      if (!writer->in_memory && !writer->stopped && writer->only_file)
        fail (self, EFBIG);
      else if (!writer->in_memory && !writer->stopped)
        go_on_in_memory (self, why, &nothing, 1, 0, 0);
    }
  if (writer->in_memory && padded > self->memory_cap / 2)
    return FALSE;
  if (writer->in_memory
      && writer->position + writer->buffer_len + padded > self->memory_base + self->memory_cap)
    {
      flush_buffer (self);
      /* Rows from here to the end of the ring would be the oldest after the turn: they go first. */
      if (writer->position + padded > self->memory_base + self->memory_cap)
        {
          sioscope_recording_make_room (self, self->memory_base + self->memory_cap - writer->position);
          writer->position = self->memory_base;
        }
    }
  if (writer->next_row >= self->index_ready && !sioscope_recording_grow_index (self))
    {
      flush_buffer (self);
      if (writer->only_file)
        fail (self, ENOMEM);
      else
        stop (self, "it has as many rows as there can be");
    }
  return !writer->stopped;
}

static guint64
append_record (SioscopeRecording        *self,
               const SioscopeRecordHead *head,
               const struct iovec       *parts,
               guint                     n_parts)
{
  SioscopeWriter *writer = &self->writer;
  guint64 size = SIOSCOPE_RECORD_HEADER_SIZE, padded, row;
  guint8 *out;

  for (guint i = 0; i < n_parts; i++)
    size += parts[i].iov_len;
  padded = SIOSCOPE_ALIGN8 (size);

  if (G_UNLIKELY (writer->stopped || size > SIOSCOPE_RECORD_MAX))
    return SIOSCOPE_NO_ROW;
  if (writer->buffer_len + padded > BUFFER_SIZE && padded < DIRECT_SIZE)
    flush_buffer (self);
  if (G_UNLIKELY (!prepare_place (self, padded)))
    return SIOSCOPE_NO_ROW;

  row = writer->next_row++;
  self->index[row] = SIOSCOPE_INDEX_WORD (writer->position + writer->buffer_len, head->word);

  if (padded >= DIRECT_SIZE)
    {
      guint8 header[SIOSCOPE_RECORD_HEADER_SIZE];
      struct iovec iov[PARTS_MAX];
      guint n = 0;

      put_header (header, head, (guint32) size, row);
      iov[n++] = (struct iovec) { writer->buffer, writer->buffer_len };
      iov[n++] = (struct iovec) { header, sizeof header };
      for (guint i = 0; i < n_parts; i++)
        if (parts[i].iov_len != 0)
          iov[n++] = parts[i];
      if (padded != size)
        iov[n++] = (struct iovec) { (guint8 *) zeros, padded - size };
      padded += writer->buffer_len;
      writer->buffer_len = 0;
      write_out (self, iov[0].iov_len != 0 ? iov : iov + 1, iov[0].iov_len != 0 ? n : n - 1, padded);
      return row;
    }

  out = writer->buffer + writer->buffer_len;
  /* The padding: the last eight bytes first, what belongs there comes after. */
  memset (out + padded - 8, 0, 8);
  put_header (out, head, (guint32) size, row);
  out += SIOSCOPE_RECORD_HEADER_SIZE;
  for (guint i = 0; i < n_parts; i++)
    {
      if (parts[i].iov_len != 0)
        memcpy (out, parts[i].iov_base, parts[i].iov_len);
      out += parts[i].iov_len;
    }
  writer->buffer_len += padded;
  return row;
}

static void
append_note (SioscopeRecording *self,
             gint64             time_us,
             const char        *message)
{
  SioscopeRecordHead head = {
    .kind = SIOSCOPE_KIND_NOTE,
    .word = SIOSCOPE_INDEX_CLASS (SIOSCOPE_KIND_NOTE, 0, 0),
    .time_us = time_us,
  };
  SioscopeFields fields;

  sioscope_fields_init (&fields);
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_REASON, "storage", strlen ("storage"));
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_MESSAGE, message, strlen (message));
  append_record (self, &head, fields.parts, fields.n_parts);
}

static void
append_pending_note (SioscopeRecording *self,
                     gint64             time_us)
{
  g_autofree char *note = g_steal_pointer (&self->writer.note);

  append_note (self, time_us, note);
}

guint64
sioscope_recording_append (SioscopeRecording        *self,
                           const SioscopeRecordHead *head,
                           const struct iovec       *parts,
                           guint                     n_parts)
{
  guint64 row, lost = self->writer.lost_rows;

  if (G_UNLIKELY (self->writer.note != NULL))
    append_pending_note (self, head->time_us);
  row = append_record (self, head, parts, n_parts);

  if (G_UNLIKELY ((row == SIOSCOPE_NO_ROW || self->writer.lost_rows != lost) && !self->writer.stopped))
    {
      append_note (self, head->time_us, "A row was too large to be kept in memory and is missing here");
      return SIOSCOPE_NO_ROW;
    }
  return row;
}

void
sioscope_recording_flush (SioscopeRecording *self)
{
  flush_buffer (self);
  if (G_UNLIKELY (self->writer.note != NULL && !self->writer.stopped))
    {
      append_pending_note (self, g_get_monotonic_time () - self->start_monotonic_us);
      flush_buffer (self);
    }
}

void
sioscope_recording_finish (SioscopeRecording *self)
{
  if (!self->live)
    return;
  sioscope_recording_flush (self);
  sioscope_recording_sync_soon (self);
  self->writer.stopped = TRUE;
  g_clear_pointer (&self->writer.buffer, g_free);
  if (self->fd >= 0)
    flock (self->fd, LOCK_UN);
  __atomic_store_n (&self->live, FALSE, __ATOMIC_RELEASE);
  sioscope_recording_wake (self);
}

void
sioscope_recording_set_memory_cap_for_tests (SioscopeRecording *self,
                                             guint64            cap)
{
  g_return_if_fail (self->writer.next_row == 0 && cap <= self->memory_cap);
  self->memory_cap = cap;
}
