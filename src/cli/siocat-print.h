/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat print, in two halves: what is asked for, and doing it. */

#pragma once

#include "siocat.h"
#include "sioscope-export.h"

G_BEGIN_DECLS

/* On a thread of its own, so that an interrupt gets through whatever it is at. output NULL: standard output. */
SiocatStatus siocat_print_run (const char                  *file,
                               const SioscopeExportOptions *options,
                               const char                  *output);

G_END_DECLS
