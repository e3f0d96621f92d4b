/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How things are written for people: sizes, durations, clocks, counts, and the one sanitiser that every text of a server
 * passes before it is shown anywhere. Pure functions, no GTK. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/* A piece of the sanitised text, in bytes, that stands for something that cannot be shown as it is. */
typedef struct {
  gsize start;
  gsize end;
} SioscopeTextRange;

/**
 * SioscopeSanitiser:
 * @keep_lines: line feeds and tabs stay themselves; otherwise they are escaped like the rest
 * @max_chars: stop after that many characters were written; 0 for no end
 * @max_escapes: how many ranges are noted at most
 * @break_after: start a new line after that many characters without one; 0 for never
 * @column: (inout): characters since the last line feed, for texts that come in pieces
 * @escapes: (nullable): an array of #SioscopeTextRange, appended to; offsets count from the start of the output string
 * @n_escaped: (out): how many characters had to be escaped
 * @broken: (out): a line was broken that the text did not break
 */
typedef struct {
  gboolean keep_lines;
  gsize    max_chars;
  guint    max_escapes;
  guint    break_after;
  guint    column;
  GArray  *escapes;
  gsize    n_escaped;
  gboolean broken;
} SioscopeSanitiser;

gsize  sioscope_sanitiser_append        (SioscopeSanitiser *self,
                                         GString           *out,
                                         SioSpan            text);

char  *sioscope_format_text             (SioSpan            text,
                                         gsize              max_chars);
char  *sioscope_format_isolated         (SioSpan            text,
                                         gsize              max_chars);
char  *sioscope_format_token            (SioSpan            token,
                                         gsize              max_chars);

char  *sioscope_format_size             (guint64            bytes);
char  *sioscope_format_count            (guint64            count);
char  *sioscope_format_duration         (gint64             duration_us);
char  *sioscope_format_delta            (gint64             delta_us);
char  *sioscope_format_countdown        (gint64             left_us);
char  *sioscope_format_clock            (gint64             real_us);
char  *sioscope_format_since_start      (gint64             time_us);
gsize  sioscope_format_hex              (GString           *out,
                                         SioSpan            bytes,
                                         gsize              offset,
                                         gsize              max_bytes,
                                     guint         columns);

G_END_DECLS
