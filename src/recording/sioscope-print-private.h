/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Building one line: an object whose members are added one after the other. */

#pragma once

#include "sioscope-print.h"

G_BEGIN_DECLS

void sioscope_line_begin      (GString     *out,
                               const char  *kind,
                               gint64       time_us);
void sioscope_line_end        (GString     *out);
void sioscope_line_add_text   (GString     *out,
                               const char  *name,
                               SioSpan      text);
void sioscope_line_add_word   (GString     *out,
                               const char  *name,
                               const char  *word);
void sioscope_line_add_number (GString     *out,
                               const char  *name,
                               gint64       value);
void sioscope_line_add_ms     (GString     *out,
                               const char  *name,
                               gint64       value_us);
void sioscope_line_add_bool   (GString     *out,
                               const char  *name,
                               gboolean     value);
/* JSON as it is, digits and all. What is not from this program's own scanner (trusted FALSE) and is
 * no JSON after all, is told as a string. */
void sioscope_line_add_json   (GString     *out,
                               const char  *name,
                               SioSpan      json,
                               gboolean     trusted);
/* Text as text, binary as {"$binary":…}. */
void sioscope_line_add_data   (GString     *out,
                               const char  *name,
                               SioSpan      data,
                               gboolean     binary);
void sioscope_line_add_headers (GString    *out,
                               const char  *name,
                               SioSpan      headers);

G_END_DECLS
