/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers as JSON writes them, compared by their text: nothing is rounded, and neither digits nor exponents have a limit. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

gboolean sioscope_json_is_number       (SioSpan token);
gint     sioscope_json_compare_numbers (SioSpan a,
                                        SioSpan b);

G_END_DECLS
