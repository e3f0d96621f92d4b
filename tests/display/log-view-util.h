/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of the log share: the view in a window, and what it shows. */

#pragma once

#include "sioscope-log-view.h"
#include "view-util.h"

SioscopeLogView *log_show          (ViewFixture     *f,
                                    int              width,
                                    int              height);
/* Rows "tick-0" to "tick-9" in turn, with {"n":I}. */
void             log_feed_ticks    (ViewFixture     *f,
                                    guint            first,
                                    guint            n);

GtkListView     *log_get_list      (SioscopeLogView *view);
guint            log_get_n_shown   (SioscopeLogView *view);
GtkAdjustment   *log_get_position  (SioscopeLogView *view);
gboolean         log_is_at_bottom  (SioscopeLogView *view);
void             log_select        (SioscopeLogView *view,
                                    guint            at);
/* What the bound row at a position says; NULL if it is not near what is in sight. */
char            *log_dup_row_text  (SioscopeLogView *view,
                                    guint            at);
