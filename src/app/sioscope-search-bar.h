/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeSearchBar: what is searched for, how many there are, and ways to the next one. Finds nothing by itself. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_SEARCH_BAR (sioscope_search_bar_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeSearchBar, sioscope_search_bar, SIOSCOPE, SEARCH_BAR, GtkWidget)

/* Signals: "changed": another line; "move" (gboolean forward): to the next match or to the one before; "closed": nothing is searched
 * any more. */

const char *sioscope_search_bar_get_line   (SioscopeSearchBar *self);
/* What is said beside the line; mistake: that it cannot be searched for. */
void        sioscope_search_bar_say        (SioscopeSearchBar *self,
                                            const char        *words,
                                            gboolean           mistake);
/* Whether there is a match to go to. */
void        sioscope_search_bar_set_usable (SioscopeSearchBar *self,
                                            gboolean           usable);

G_END_DECLS
