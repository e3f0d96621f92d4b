/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Text of a server made fit for a line of an error message. */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/* At most max_chars characters; whatever is no visible character is escaped as \xHH or \u{HHHH};
 * "…" stands for the rest. */
char *sio_printable (const char *text,
                     gssize      size,
                     guint       max_chars);

G_END_DECLS
