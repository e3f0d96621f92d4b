/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What classify() finds out about 64 bytes: a bit for each. */

#pragma once

#include <glib.h>

typedef struct {
  guint64 quote;
  guint64 backslash;
  guint64 operators; /* , : and brackets; maybe 0x0c and 0x1a, refused as control characters */
  guint64 bracket;   /* of these: a bracket */
  guint64 ends;      /* of these: , ] } */
  guint64 object;    /* of brackets: a brace */
  guint64 digit;
  guint64 zero;
  guint64 minus;
  guint64 dot;
  guint64 blank;     /* up to 0x20: blanks and what is never allowed */
  guint64 control;   /* up to 0x1f */
  guint64 high;      /* from 0x80 on */
} Block;
