/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A window as a picture, and what it received in one sentence: for where nobody can look at a display. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-recording.h"

G_BEGIN_DECLS

gboolean  sioscope_screenshot_save        (GtkWidget          *window,
                                           const char         *path,
                                           GError            **error);
/* What a recording holds, for a terminal. (transfer full) */
char     *sioscope_screenshot_dup_summary (SioscopeRecording  *recording);

G_END_DECLS
