/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is wrong with JSON that a person is typing, as one line for under the field: where, and what was expected. Pure functions. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/* NULL: it is fine. (transfer full) */
char *sioscope_json_hint_for_value  (const char *text);
char *sioscope_json_hint_for_object (const char *text); /* blank is fine too */

G_END_DECLS
