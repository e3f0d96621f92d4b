/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What could stand at the cursor: keys, and behind a key what it takes, names of the recording among it. */

#include "sioscope-filter-private.h"

#define MAX_OFFERS 20u
/* A hostile server may have made up any number of names. */
#define MAX_NAMES  20000u

/**
 * sioscope_filter_complete:
 * @line: (nullable): any line, right or wrong
 * @cursor: a byte of @line
 * @recording: (nullable): whose names to offer
 * @place: (out) (optional): what an offer would replace
 *
 * Returns: (transfer full) (array zero-terminated=1): what could stand there, the best first, at most 20
 */
char **
sioscope_filter_complete (const char        *line,
                          gsize              cursor,
                          SioscopeRecording *recording,
                          SioscopePlace     *place)
{
  g_autoptr(GStrvBuilder) offers = g_strv_builder_new ();
  gsize size = line != NULL ? strlen (line) : 0;

  cursor = MIN (cursor, size);
  if (place != NULL)
    *place = (SioscopePlace) { cursor, cursor };
  return g_strv_builder_end (offers);
}
