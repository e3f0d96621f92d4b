/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/* The first of "Name: value\r\n" lines, which is taken from them; what has no colon is passed over. The blanks around the value are still
 * there. FALSE: there is none any more. */
gboolean sioscope_headers_next (SioSpan *lines,
                                SioSpan *name,
                                SioSpan *value);

G_END_DECLS
