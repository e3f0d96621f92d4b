/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeQueryScan: the worker's half of a query: where it stands, and what it found and has not told yet. */

#pragma once

#include "sioscope-query.h"

G_BEGIN_DECLS

#define SIOSCOPE_QUERY_N_PARTS (SIOSCOPE_QUERY_GONE + 1)

typedef struct {
  SioscopeRecording  *recording;
  const gint         *stop;       /* not 0: whatever it is at, nobody wants it any more */
  guint               block_rows;

  SioscopeMatcher    *matcher;    /* NULL: everything is wanted */
  gboolean            everything;
  guint64             low;        /* looked at are the rows from low… */
  guint64             high;       /* …up to high */
  guint64             target;     /* and those up to here are to be looked at */

  SioscopeProjection *acks;       /* kept from filter to filter; NULL until one needs it */
  gboolean            needs_acks;
  gboolean            acks_changed;
  gboolean            replays_changed;
  GArray             *open;       /* of guint32: rows of which not everything was known when they were looked at */
  gboolean            again;      /* they are being looked at again, up to again_next… */
  gboolean            again_all;  /* …those as well whose ack is still open */
  guint               again_next;
  guint               again_kept; /* and this many of them are still open */

  SioscopeQueryBlock *found[SIOSCOPE_QUERY_N_PARTS]; /* NULL: nothing */
  guint               n_found;
} SioscopeQueryScan;

void     sioscope_query_scan_init      (SioscopeQueryScan *self,
                                        SioscopeRecording *recording,
                                        const gint        *stop);
void     sioscope_query_scan_clear     (SioscopeQueryScan *self);
void     sioscope_query_scan_begin     (SioscopeQueryScan *self,
                                        SioscopeFilter    *filter,
                                        guint64            target);
/* Some milliseconds of work, or until enough was found. */
void     sioscope_query_scan_step      (SioscopeQueryScan *self,
                                        guint              enough);
/* It found rows that come or go: nothing is looked at again before they are told. */
gboolean sioscope_query_scan_has_changes (SioscopeQueryScan *self);
gboolean sioscope_query_scan_is_through (SioscopeQueryScan *self);

G_END_DECLS
