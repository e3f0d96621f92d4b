/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding a text in bytes, ASCII letters folded, everything else byte for byte. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/* needle must be folded already (lower case); needle_size is not 0. */
gboolean sioscope_text_search (const char *haystack,
                               gsize       size,
                               const char *needle,
                               gsize       needle_size);

G_END_DECLS
