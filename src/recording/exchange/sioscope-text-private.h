/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the formats for people share: words for rows, and text that cannot act. */

#pragma once

#include "sioscope-exporter-private.h"

G_BEGIN_DECLS

/* What would move a cursor, turn a line around or not be seen becomes "\u{202E}", a byte that is no text "\x{FF}". All of it is written. */
void        sioscope_append_visible   (GString             *out,
                                       SioSpan              text);
/* "2026-11-21T01:02:03.123456Z" */
void        sioscope_append_utc       (GString             *out,
                                       gint64               real_us);
const char *sioscope_row_kind_word    (const SioscopeEntry *entry);
/* Where it stands now: of a state, a namespace, an emit; NULL: the kind has none. */
const char *sioscope_row_status_word  (const SioscopeEntry *entry);
/* "in", "out", or "" where it does not matter */
const char *sioscope_row_direction_word (const SioscopeEntry *entry);
/* How much passed: the bytes on the wire, as far as they are told. */
gsize       sioscope_row_size         (const SioscopeEntry *entry);
/* What a person reads of the row, not yet made visible. */
void        sioscope_append_row_text  (GString             *out,
                                       const SioscopeEntry *entry);

G_END_DECLS
