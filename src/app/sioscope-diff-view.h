/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeDiffView: how an event or an answer differs from the one before it. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-projection.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_DIFF_VIEW (sioscope_diff_view_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeDiffView, sioscope_diff_view, SIOSCOPE, DIFF_VIEW, GtkWidget)

/* Signals: "row-activated" (guint64 row): the person wants to see the row that it is compared with. */

/* projection NULL: nothing. Takes up what it can at once, and the rest in idle time and in a thread. */
void  sioscope_diff_view_set_row            (SioscopeDiffView   *self,
                                             SioscopeProjection *projection,
                                             guint64             row);
/* NULL while it is at work; else its words, and a line for each difference. */
char *sioscope_diff_view_dup_text_for_tests (SioscopeDiffView   *self);

G_END_DECLS
