/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeEventsList: which events there are in a recording, how many, how often, and how fast they are answered. It counts only while it
 * can be seen. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-recording.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_EVENTS_LIST (sioscope_events_list_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeEventsList, sioscope_events_list, SIOSCOPE, EVENTS_LIST, GtkWidget)

/* Signals: "filter" (const char *line): the person wants to see only these events; a line of the filter language. */

void      sioscope_events_list_set_recording          (SioscopeEventsList *self,
                                                       SioscopeRecording  *recording);
/* NULL until something was counted; else what it says, and a line for each line. */
char     *sioscope_events_list_dup_text_for_tests     (SioscopeEventsList *self);
gboolean  sioscope_events_list_get_counting_for_tests (SioscopeEventsList *self);

G_END_DECLS
