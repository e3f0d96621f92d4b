/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeQuery: which rows of a recording a filter wants, found out in a thread of its own, the newest first. */

#pragma once

#include "sioscope-filter.h"

G_BEGIN_DECLS

/**
 * SioscopeQuery:
 *
 * One filter at work on one recording. One thread, whose default main context it was made in: that is where it says "advanced".
 */
#define SIOSCOPE_TYPE_QUERY (sioscope_query_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeQuery, sioscope_query, SIOSCOPE, QUERY, GObject)

/**
 * SioscopeQueryPart:
 * @SIOSCOPE_QUERY_NEWER: ascending, above everything before
 * @SIOSCOPE_QUERY_OLDER: descending, below everything before
 * @SIOSCOPE_QUERY_COME: rows that are wanted now, whatever was said of them before
 * @SIOSCOPE_QUERY_GONE: rows that are not wanted any more, whatever was said of them before
 *
 * Where the rows of a block belong.
 */
typedef enum {
  SIOSCOPE_QUERY_NEWER,
  SIOSCOPE_QUERY_OLDER,
  SIOSCOPE_QUERY_COME,
  SIOSCOPE_QUERY_GONE,
} SioscopeQueryPart;

/**
 * SioscopeQueryBlock:
 *
 * Some of what was found; free it with g_free(). Blocks have to be taken in as they come.
 */
typedef struct {
  SioscopeQueryPart part;
  guint             n;
  guint32           rows[];
} SioscopeQueryBlock;

/**
 * SioscopeQueryProgress:
 * @begun: the first rows of this filter are there to be taken, or there were none among those looked at so far
 * @through: no row is left that it was told to look at, for the first time or again
 * @low: the rows from here…
 * @high: …up to here, this one not included, have been looked at
 *
 * How far it is. What was looked at may still have to be taken.
 */
typedef struct {
  gboolean begun;
  gboolean through;
  guint64  low;
  guint64  high;
} SioscopeQueryProgress;

SioscopeQuery         *sioscope_query_new          (SioscopeRecording *recording);
/* Forgets the one before at once, and looks at all rows that are published by now. */
void                   sioscope_query_set_filter   (SioscopeQuery     *self,
                                                    SioscopeFilter    *filter);
/* Looks at what was published since as well; how many rows that are. */
guint64                sioscope_query_look         (SioscopeQuery     *self);
/* (transfer full): the next of what was found, or NULL. */
SioscopeQueryBlock    *sioscope_query_take         (SioscopeQuery     *self);
SioscopeQueryProgress  sioscope_query_get_progress (SioscopeQuery     *self);

/* Signal: "advanced" (no arguments): there is something to take, or the progress is another one. Not again before something was
 * taken, or tried to be. */

G_END_DECLS
