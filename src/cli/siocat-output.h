/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Standard output and standard error of siocat. */

#pragma once

#include "siocat.h"

G_BEGIN_DECLS

/* Whole lines. They are on their way before this returns. */
void         siocat_output_write     (const char   *text,
                                      gsize         size);
/* Nobody reads any more, or the disk is full: it is time to end. */
gboolean     siocat_output_is_broken (void);
/* What to exit with: status, unless the output could not be written. */
SiocatStatus siocat_output_finish    (SiocatStatus  status);

/* One sentence for the person, on standard error. */
void         siocat_complain         (const char   *format,
                                      ...) G_GNUC_PRINTF (1, 2);

/* {"kind":"KIND","time":1.000001 without the closing bracket. */
void         siocat_append_head      (GString      *line,
                                      const char   *kind,
                                      gint64        time_us);

/* For a terminal: what it would act on, or what would reorder the line, becomes a \u escape. */
void         siocat_append_harmless  (GString      *out,
                                      const char   *text,
                                      gsize         size);

G_END_DECLS
