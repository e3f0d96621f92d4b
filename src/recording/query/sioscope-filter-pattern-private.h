/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a text must be like: exactly so, with stars that stand for anything, or a regular expression that is found in it. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

typedef struct _FilterPattern FilterPattern;

FilterPattern *filter_pattern_new_exact (const char     *text,
                                         gsize           size);
/* "*" stands for any bytes, also none. */
FilterPattern *filter_pattern_new_glob  (const char     *text,
                                         gsize           size);
/* flags: some of "ims". *offset is the byte of the expression where it went wrong. */
FilterPattern *filter_pattern_new_regex (const char     *expression,
                                         gsize           size,
                                         const char     *flags,
                                         gsize           n_flags,
                                         gsize          *offset,
                                         GError        **error);
void           filter_pattern_free      (FilterPattern  *self);

/* It is a glob of nothing but stars. */
gboolean       filter_pattern_is_any    (FilterPattern  *self);
/* Any bytes. An expression that gives up, at its limit or because *stop became not 0, is not found. stop may be NULL. */
gboolean       filter_pattern_matches   (FilterPattern  *self,
                                         SioSpan         text,
                                         const gint     *stop);
/* The same for what a JSON token says: a string without its quotes and escapes, anything else as it is. */
gboolean       filter_pattern_matches_token (FilterPattern *self,
                                         SioSpan         token,
                                         const gint     *stop);

G_END_DECLS
