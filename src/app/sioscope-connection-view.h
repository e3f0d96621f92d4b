/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeConnectionView: the page of one subject, from its header bar down to emitter and details. */

#pragma once

#include <adwaita.h>

#include "sioscope-emitter.h"
#include "sioscope-log-view.h"
#include "sioscope-panes.h"
#include "sioscope-subject.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_CONNECTION_VIEW (sioscope_connection_view_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeConnectionView, sioscope_connection_view, SIOSCOPE, CONNECTION_VIEW, GtkWidget)

/* Signals: "changed": what can be done now may have changed; "want-emitter": the emitter is needed, and perhaps not shown. */

GtkWidget       *sioscope_connection_view_new           (SioscopeSubject        *subject);
SioscopeSubject *sioscope_connection_view_get_subject   (SioscopeConnectionView *self);
SioscopeLogView *sioscope_connection_view_get_log       (SioscopeConnectionView *self);
SioscopeEmitter *sioscope_connection_view_get_emitter   (SioscopeConnectionView *self);
void             sioscope_connection_view_set_shape     (SioscopeConnectionView *self,
                                                         SioscopePanesShape      shape);
void             sioscope_connection_view_set_shown     (SioscopeConnectionView *self,
                                                         gboolean                emitter,
                                                         gboolean                details);
void             sioscope_connection_view_set_mistake   (SioscopeConnectionView *self,
                                                         const char             *mistake);
/* Each brings its page to the front where there is room for one only. */
void             sioscope_connection_view_focus_filter  (SioscopeConnectionView *self);
void             sioscope_connection_view_focus_search  (SioscopeConnectionView *self);
void             sioscope_connection_view_focus_emitter (SioscopeConnectionView *self);
void             sioscope_connection_view_focus_log     (SioscopeConnectionView *self);
void             sioscope_connection_view_show_events   (SioscopeConnectionView *self);

G_END_DECLS
