/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLatencies: many durations, and the one below which so many of them are. Exact, at 4 bytes each, until it is made coarse: then
 * in classes of 1/128 of their value, of a fixed size. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint32 *values;   /* NULL once it is coarse; in no order */
  guint32 *classes;  /* NULL until then */
  guint64  n;
  guint64  n_allocated;
  gint64   min_us;
  gint64   max_us;
} SioscopeLatencies;

void     sioscope_latencies_clear    (SioscopeLatencies *self);
void     sioscope_latencies_add      (SioscopeLatencies *self,
                                      gint64             latency_us);
void     sioscope_latencies_coarsen  (SioscopeLatencies *self);
/* Nearest rank: the smallest value that so many percent of all are not above; coarse: the largest value of its class. -1 if there is none. What
 * is above 71 minutes counts as G_MAXUINT32 here. */
gint64   sioscope_latencies_get      (SioscopeLatencies *self,
                                      guint              percent);

G_END_DECLS
