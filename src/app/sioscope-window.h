/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeWindow: the sidebar with all connections and recordings, and the page of the chosen one. */

#pragma once

#include "sioscope-application.h"
#include "sioscope-connection-view.h"
#include "sioscope-profile.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_WINDOW (sioscope_window_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeWindow, sioscope_window, SIOSCOPE, WINDOW, AdwApplicationWindow)

SioscopeWindow        *sioscope_window_new           (SioscopeApplication   *app,
                                                      SioscopeProfileStore  *store);
/* What is wrong is told in the window. */
void                   sioscope_window_open_url      (SioscopeWindow        *self,
                                                      const char            *url);
void                   sioscope_window_open_file     (SioscopeWindow        *self,
                                                      const char            *path);
/* Starts the demo server if need be, connects to it, joins /admin and emits one echo. */
void                   sioscope_window_open_demo     (SioscopeWindow        *self);
void                   sioscope_window_toast         (SioscopeWindow        *self,
                                                      const char            *text);
/* NULL: the start page is shown. */
SioscopeConnectionView *sioscope_window_get_view     (SioscopeWindow        *self);

G_END_DECLS
