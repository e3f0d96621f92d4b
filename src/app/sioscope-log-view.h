/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogView: the log of a recording, with its filter bar. Takes in new rows once a frame while it can be seen, follows the tail
 * when it stands there, and never moves what is being read. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-filter.h"
#include "sioscope-projection.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_LOG_VIEW (sioscope_log_view_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogView, sioscope_log_view, SIOSCOPE, LOG_VIEW, GtkWidget)

/* Signals: "activate-reply" (guint64 row): the person wants to answer the server's event in that row. */

GtkWidget          *sioscope_log_view_new              (void);
SioscopeProjection *sioscope_log_view_get_projection   (SioscopeLogView    *self);
void                sioscope_log_view_set_projection   (SioscopeLogView    *self,
                                                        SioscopeProjection *projection);
guint64             sioscope_log_view_get_selected_row (SioscopeLogView    *self);
void                sioscope_log_view_set_selected_row (SioscopeLogView    *self,
                                                        guint64             row);
/* Selects the row and brings it into sight; lifts the filter's hold on nothing: a row that is filtered out is not shown. */
void                sioscope_log_view_show_row         (SioscopeLogView    *self,
                                                        guint64             row);
gboolean            sioscope_log_view_get_paused       (SioscopeLogView    *self);
void                sioscope_log_view_set_paused       (SioscopeLogView    *self,
                                                        gboolean            paused);
gboolean            sioscope_log_view_get_following    (SioscopeLogView    *self);
void                sioscope_log_view_follow           (SioscopeLogView    *self);
void                sioscope_log_view_focus_filter     (SioscopeLogView    *self);
void                sioscope_log_view_focus_search     (SioscopeLogView    *self);
/* As if typed. */
void                sioscope_log_view_set_filter_text  (SioscopeLogView    *self,
                                                        const char         *line);
void                sioscope_log_view_clear_filter     (SioscopeLogView    *self);
SioscopeFilter     *sioscope_log_view_dup_filter       (SioscopeLogView    *self,
                                                        gboolean           *chosen,
                                                        guint64            *n_shown);

G_END_DECLS
