/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where rows go when there is no file, or none any more: a ring of plain memory behind the file in the same space of offsets. The
 * writer's thread; readers look at the hole again after they have read. */

#include "sioscope-recording-private.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Given back in steps of this many bytes, and of this many rows of the index. */
#define MEMORY_TRIM    ((guint64) 64 * 1024)
#define INDEX_TRIM     (G_GUINT64_CONSTANT (1) << 18)

/* From now on rows go to memory: behind the file in the same space of offsets, so that pointers and
 * row numbers go on. */
gboolean
sioscope_recording_start_memory (SioscopeRecording *self)
{
  guint64 page = (guint64) sysconf (_SC_PAGESIZE);
  guint64 begin = (self->writer.position + page - 1) / page * page;
  void *where = self->base != NULL ? self->base + begin : NULL;
  void *map;

  if (self->writer.buffer == NULL)
    sioscope_recording_start_buffer (self);

  /* Plain memory and no memory file: a limit on the size of files, which may be what brought us
   * here, would hit that too. */
  map = mmap (where, self->memory_cap, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (where != NULL ? MAP_FIXED : 0), -1, 0);
  if (map == MAP_FAILED)
    {
      g_autofree char *notice = g_strdup_printf ("Recording stopped: no memory for it: %s", g_strerror (errno));

      self->writer.stopped = TRUE;
      sioscope_recording_set_notice (self, notice);
      return FALSE;
    }

  if (where == NULL)
    {
      self->base = map;
      self->region = self->memory_cap;
    }
  self->memory_base = begin;
  __atomic_store_n (&self->has_memory, TRUE, __ATOMIC_RELEASE);
  self->writer.position = begin;
  self->writer.in_memory = TRUE;
  /* The begin first, as readers ask for the end first: never is a row of the file taken for a discarded one. */
  __atomic_store_n (&self->hole_start, self->n_rows, __ATOMIC_RELEASE);
  __atomic_store_n (&self->hole_end, self->n_rows, __ATOMIC_RELEASE);
  return TRUE;
}

/* Rows before row are not there any more. */
static void
discard_to (SioscopeRecording *self,
            guint64            row)
{
  guint64 old = self->hole_end;

  /* Readers look at it again after they have read: it must be seen before the bytes change. */
  __atomic_store_n (&self->hole_end, row, __ATOMIC_SEQ_CST);
  __atomic_thread_fence (__ATOMIC_SEQ_CST);

  /* A recording that only passes rows on must not grow by its index: whole pages of it become zeros again. */
  if (old / INDEX_TRIM != row / INDEX_TRIM)
    {
      guint64 page_rows = (guint64) sysconf (_SC_PAGESIZE) / sizeof (SioscopeIndexWord);
      guint64 first = (old / INDEX_TRIM * INDEX_TRIM + page_rows - 1) / page_rows * page_rows;
      guint64 start = (self->hole_start + page_rows - 1) / page_rows * page_rows;
      guint64 end = row / INDEX_TRIM * INDEX_TRIM;

      first = MAX (first, start);
      if (first < end)
        madvise (self->index + first, (end - first) * sizeof (SioscopeIndexWord), MADV_DONTNEED);
    }
}

/* Discards the oldest rows in memory until size bytes may be written at the position. */
void
sioscope_recording_make_room (SioscopeRecording *self,
                              guint64            size)
{
  guint64 begin = self->writer.position, end = begin + size + sioscope_recording_get_grace (self);
  guint64 row = self->hole_end;
  gboolean dropped = FALSE;

  /* Rows lie in a ring: those between the position and the ring's end are the oldest, if the oldest
   * lies there at all. */
  while (row < self->n_rows)
    {
      guint64 offset = SIOSCOPE_INDEX_OFFSET (self->index[row]);

      if (offset < begin || offset >= end)
        break;
      row++;
      dropped = TRUE;
    }
  if (!dropped)
    return;

  discard_to (self, row);
  if (!self->writer.said_dropped)
    {
      g_autofree char *old = sioscope_recording_dup_notice (self);
      g_autofree char *notice =
        g_strdup_printf ("%s%sOnly the last %" G_GUINT64_FORMAT " MiB are kept in memory: the oldest rows are discarded",
                         old != NULL ? old : "", old != NULL ? ". " : "", self->memory_cap >> 20);

      self->writer.said_dropped = TRUE;
      sioscope_recording_set_notice (self, notice);
      g_free (self->writer.note);
      self->writer.note = g_strdup ("The memory for this recording is full: the oldest rows are discarded from here on");
    }
}

/* The pages read as zeros afterwards. */
static void
give_back (SioscopeRecording *self,
           guint64            from,
           guint64            to)
{
  from = MAX (from, self->memory_base);
  if (to > from)
    madvise (self->base + from, to - from, MADV_DONTNEED);
}

void
sioscope_recording_discard_before (SioscopeRecording *self,
                                   guint64            row)
{
  guint64 old = self->hole_end, from, to;

  row = MIN (row, self->n_rows);
  if (!self->writer.in_memory || row <= old)
    return;

  from = SIOSCOPE_INDEX_OFFSET (self->index[old]);
  to = row < self->n_rows ? SIOSCOPE_INDEX_OFFSET (self->index[row]) : self->writer.position;
  discard_to (self, row);

  /* Given back in large steps: a system call for every row would cost more than the row. */
  if (to / MEMORY_TRIM == from / MEMORY_TRIM)
    return;
  from &= ~(MEMORY_TRIM - 1);
  to &= ~(MEMORY_TRIM - 1);
  if (to < from)
    {
      give_back (self, from, self->memory_base + self->memory_cap);
      from = self->memory_base;
    }
  give_back (self, from, to);
}
