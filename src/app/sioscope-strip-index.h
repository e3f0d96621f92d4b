/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeStripIndex: what of a projection's history is worth stopping at, in order of time: marks but heartbeats, and the beginnings of
 * segments. Grows with the projection; a look-up is a binary search. No GTK. */

#pragma once

#include "sioscope-projection.h"

G_BEGIN_DECLS

typedef struct {
  gint64           time_us;
  guint64          row;
  gboolean         is_mark;
  SioscopeMarkKind kind;   /* if it is a mark */
} SioscopeStop;

typedef struct {
  GArray *stops;       /* of SioscopeStop, by time */
  GArray *heartbeats;  /* of gint64: their times */
  guint   n_marks;     /* taken in so far */
  guint   n_segments;
} SioscopeStripIndex;

void  sioscope_strip_index_init         (SioscopeStripIndex *self);
void  sioscope_strip_index_clear        (SioscopeStripIndex *self);
void  sioscope_strip_index_update       (SioscopeStripIndex *self,
                                         SioscopeProjection *projection);
/* The first one at or after a time; the array's length if there is none. */
guint sioscope_strip_index_find_stop    (SioscopeStripIndex *self,
                                         gint64              time_us);
guint sioscope_strip_index_find_heartbeat (SioscopeStripIndex *self,
                                         gint64              time_us);
/* The first segment that ends after a time. */
guint sioscope_strip_index_find_segment (const SioscopeSegment *segments,
                                         guint               n,
                                         gint64              time_us);

G_END_DECLS
