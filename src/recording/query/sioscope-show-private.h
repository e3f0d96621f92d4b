/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "sioscope-show.h"

G_BEGIN_DECLS

/* Of a row whose word in the index has this low byte: kind, type and direction. What is above it does not matter. */
SioscopeShow sioscope_show_of_class (guint low);

G_END_DECLS
