/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the fate of an emit means: read in one place, for single emits and for sums. */

#pragma once

#include "sioscope-projection.h"

G_BEGIN_DECLS

/* entry: of kind EMIT. */
SioscopeFate sioscope_fate_of_entry (const SioscopeEntry *entry);

G_END_DECLS
