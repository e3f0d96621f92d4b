/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeFilterEntry: the line of the filter language: coloured, completed, and with the mistake marked and said in words. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-filter.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_FILTER_ENTRY (sioscope_filter_entry_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeFilterEntry, sioscope_filter_entry, SIOSCOPE, FILTER_ENTRY, GtkWidget)

/* Signals, without arguments: "changed": get_filter() gives another filter than before; not while there is a mistake, so what
 * is shown stays. "activate": Enter, and it is no offer that was taken. "stop": Esc in an empty line. */

GtkWidget      *sioscope_filter_entry_new             (void);
/* What the line says (transfer full), at once after every key; NULL while there is a mistake. */
SioscopeFilter *sioscope_filter_entry_get_filter      (SioscopeFilterEntry *self);
const char     *sioscope_filter_entry_get_text        (SioscopeFilterEntry *self);
/* As if typed, the cursor behind it, but nothing is offered. NULL: empty. */
void            sioscope_filter_entry_set_text        (SioscopeFilterEntry *self,
                                                       const char          *text);
/* Whose names are offered; NULL: none. */
void            sioscope_filter_entry_set_recording   (SioscopeFilterEntry *self,
                                                       SioscopeRecording   *recording);

G_END_DECLS
