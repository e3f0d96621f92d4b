/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Making a recording of entries that were read elsewhere: imports, and copies without secrets. Unlike a live one it does not go
 * on in memory when the disk refuses: that is an error. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

/* The file at path (0600) must not exist. client: who wrote the original; NULL for this program. */
SioscopeRecording *sioscope_recording_new_copy     (const char          *path,
                                                    const char          *title,
                                                    const char          *client,
                                                    gint64               start_real_us,
                                                    GError             **error);
/* The bytes of the record are those that a recorder would have written. entry->row is not looked at; ref must be a row of the copy
 * already. */
gboolean           sioscope_recording_append_entry (SioscopeRecording   *self,
                                                    const SioscopeEntry *entry,
                                                    GError             **error);
/* All is on the disk, and it is not live any more. */
gboolean           sioscope_recording_finish_copy  (SioscopeRecording   *self,
                                                    GError             **error);

G_END_DECLS
