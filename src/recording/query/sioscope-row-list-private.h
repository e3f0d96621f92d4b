/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeRowList: rows in their order, four bytes each, that grow at both ends. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Half of it is kept the other way round, so that what comes in front is appended as well. */
typedef struct {
  guint32 *older;       /* descending */
  gsize    n_older;
  gsize    older_size;
  guint32 *newer;       /* ascending, from newer_begin up to newer_end */
  gsize    newer_begin;
  gsize    newer_end;
  gsize    newer_size;
} SioscopeRowList;

static inline guint
sioscope_row_list_get_n (const SioscopeRowList *self)
{
  return (guint) (self->n_older + self->newer_end - self->newer_begin);
}

/* position must be below the number of rows. */
static inline guint32
sioscope_row_list_get (const SioscopeRowList *self,
                       guint                  position)
{
  if (position < self->n_older)
    return self->older[self->n_older - 1 - position];
  return self->newer[self->newer_begin + (position - self->n_older)];
}

void  sioscope_row_list_clear    (SioscopeRowList *self);
/* The position of the first row at or after row; the number of rows if there is none. */
guint sioscope_row_list_find     (const SioscopeRowList *self,
                                  guint64          row);
/* Ascending, above all that is there. */
void  sioscope_row_list_append   (SioscopeRowList *self,
                                  const guint32   *rows,
                                  guint            n);
/* Descending, below all that is there. */
void  sioscope_row_list_prepend  (SioscopeRowList *self,
                                  const guint32   *rows,
                                  guint            n);
/* Where it belongs, which must be position. */
void  sioscope_row_list_insert   (SioscopeRowList *self,
                                  guint            position,
                                  guint32          row);
void  sioscope_row_list_remove   (SioscopeRowList *self,
                                  guint            position,
                                  guint            n);

G_END_DECLS
