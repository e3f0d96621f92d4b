/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeWindow: the sidebar with all connections and recordings, and the page of the chosen one. */

#pragma once

#include "sioscope-application.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_WINDOW (sioscope_window_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeWindow, sioscope_window, SIOSCOPE, WINDOW, AdwApplicationWindow)

SioscopeWindow *sioscope_window_new (SioscopeApplication *app);

G_END_DECLS
