/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two arrays back to back. Growing is doubling, which the allocator does by moving pages and not bytes once they are large. */

#include "sioscope-row-list-private.h"

#include <string.h>

#define SIZE_MIN 1024

void
sioscope_row_list_clear (SioscopeRowList *self)
{
  g_free (self->older);
  g_free (self->newer);
  *self = (SioscopeRowList) { NULL };
}

guint
sioscope_row_list_find (const SioscopeRowList *self,
                        guint64                row)
{
  guint low = 0, high = sioscope_row_list_get_n (self);

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (sioscope_row_list_get (self, middle) < row)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
make_room_newer (SioscopeRowList *self,
                 gsize            n)
{
  if (self->newer_size - self->newer_end >= n)
    return;
  if (self->newer_begin > self->newer_size / 2)
    {
      memmove (self->newer, self->newer + self->newer_begin, (self->newer_end - self->newer_begin) * sizeof *self->newer);
      self->newer_end -= self->newer_begin;
      self->newer_begin = 0;
    }
  if (self->newer_size - self->newer_end >= n)
    return;
  self->newer_size = MAX (MAX (SIZE_MIN, self->newer_size * 2), self->newer_end + n);
  self->newer = g_renew (guint32, self->newer, self->newer_size);
}

static void
make_room_older (SioscopeRowList *self,
                 gsize            n)
{
  if (self->older_size - self->n_older >= n)
    return;
  self->older_size = MAX (MAX (SIZE_MIN, self->older_size * 2), self->n_older + n);
  self->older = g_renew (guint32, self->older, self->older_size);
}

void
sioscope_row_list_append (SioscopeRowList *self,
                          const guint32   *rows,
                          guint            n)
{
  if (n == 0)
    return;
  make_room_newer (self, n);
  memcpy (self->newer + self->newer_end, rows, n * sizeof *rows);
  self->newer_end += n;
}

void
sioscope_row_list_prepend (SioscopeRowList *self,
                           const guint32   *rows,
                           guint            n)
{
  if (n == 0)
    return;
  make_room_older (self, n);
  memcpy (self->older + self->n_older, rows, n * sizeof *rows);
  self->n_older += n;
}

void
sioscope_row_list_insert (SioscopeRowList *self,
                          guint            position,
                          guint32          row)
{
  if (position < self->n_older)
    {
      gsize at = self->n_older - position;

      make_room_older (self, 1);
      memmove (self->older + at + 1, self->older + at, (self->n_older - at) * sizeof *self->older);
      self->older[at] = row;
      self->n_older++;
    }
  else
    {
      gsize at;

      make_room_newer (self, 1);
      at = self->newer_begin + (position - self->n_older);
      memmove (self->newer + at + 1, self->newer + at, (self->newer_end - at) * sizeof *self->newer);
      self->newer[at] = row;
      self->newer_end++;
    }
}

void
sioscope_row_list_remove (SioscopeRowList *self,
                          guint            position,
                          guint            n)
{
  gsize n_older = position < self->n_older ? MIN (n, self->n_older - position) : 0;
  gsize n_newer = n - n_older;

  /* The newer ones first: where they are depends on how many older ones there are. */
  if (n_newer > 0)
    {
      gsize from = self->newer_begin + (position + n_older - self->n_older);

      if (from == self->newer_begin)
        self->newer_begin += n_newer;
      else
        {
          memmove (self->newer + from, self->newer + from + n_newer,
                   (self->newer_end - from - n_newer) * sizeof *self->newer);
          self->newer_end -= n_newer;
        }
    }
  if (n_older > 0)
    {
      gsize end = self->n_older - position;

      memmove (self->older + end - n_older, self->older + end, (self->n_older - end) * sizeof *self->older);
      self->n_older -= n_older;
    }
}
