/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Everything that can be asked of a recording that was opened, whatever its bytes are. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

/* Writes the right check and number into every record's header, so that damage reaches what lies behind it. */
void walk_mend_checks (guint8            *bytes,
                       gsize              size);
/* Reads every row in each way there is, from the mapping and from a block of exactly the record's size; prints all of it, folds all of
 * it into a projection, and asserts that index and entries say the same. */
void walk_everything  (SioscopeRecording *recording);
/* Copies every row into a file at path, which must not exist, and asserts that the copy says the same. Removes it again. */
void walk_copy        (SioscopeRecording *recording,
                       const char        *path);

G_END_DECLS
