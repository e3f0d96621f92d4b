/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeDiffSearch: which row another one is compared with: the last one before it of the same namespace, event and direction; of an
 * answer, the last answer to such an event. Walks back in slices. */

#pragma once

#include "sioscope-projection.h"

G_BEGIN_DECLS

typedef enum {
  SIOSCOPE_DIFF_SEARCHING,
  SIOSCOPE_DIFF_FOUND,
  SIOSCOPE_DIFF_FIRST,        /* there is none before it */
  SIOSCOPE_DIFF_NO_PAYLOAD,   /* neither an event nor an answer */
  SIOSCOPE_DIFF_NO_EVENT,     /* an answer, and it is not known to what */
  SIOSCOPE_DIFF_GONE,         /* the row is not kept any more */
} SioscopeDiffFinding;

typedef struct {
  SioscopeProjection *projection; /* borrowed */
  guint64             row;
  guint64             event_row;  /* the row itself, or the event that it answers */
  guint64             at;         /* rows below are still to be looked at */
  guint               name;
  SioDirection        direction;  /* the events' */
  guint64             found;
} SioscopeDiffSearch;

SioscopeDiffFinding sioscope_diff_search_start (SioscopeDiffSearch *self,
                                                SioscopeProjection *projection,
                                                guint64             row);
/* Goes on for so long, in microseconds. On the projection's thread. */
SioscopeDiffFinding sioscope_diff_search_step  (SioscopeDiffSearch *self,
                                                gint64              time_us);

G_END_DECLS
