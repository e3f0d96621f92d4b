/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Headers of HTTP as rows have them. */

#include "sioscope-headers-private.h"

gboolean
sioscope_headers_next (SioSpan *lines,
                       SioSpan *name,
                       SioSpan *value)
{
  while (lines->data != NULL && lines->size > 0)
    {
      const char *p = lines->data, *end = p + lines->size;
      const char *line_end = memmem (p, lines->size, "\r\n", 2);
      const char *next = line_end != NULL ? line_end + 2 : end;
      const char *colon;

      line_end = line_end != NULL ? line_end : end;
      *lines = (SioSpan) { next, (gsize) (end - next) };
      colon = memchr (p, ':', (gsize) (line_end - p));
      if (colon == NULL)
        continue;
      *name = (SioSpan) { p, (gsize) (colon - p) };
      *value = (SioSpan) { colon + 1, (gsize) (line_end - colon - 1) };
      return TRUE;
    }
  return FALSE;
}
