/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeSidebarRow: one connection or recording in the sidebar: state by icon and words, and its menu. */

#pragma once

#include <adwaita.h>

#include "sioscope-subject.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_SIDEBAR_ROW (sioscope_sidebar_row_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeSidebarRow, sioscope_sidebar_row, SIOSCOPE, SIDEBAR_ROW, GtkListBoxRow)

/* Signals: "command" (const char *): "connect", "disconnect", "edit", "duplicate", "remove", "save", "close" or "delete". */

GtkWidget       *sioscope_sidebar_row_new         (SioscopeSubject    *subject);
SioscopeSubject *sioscope_sidebar_row_get_subject (SioscopeSidebarRow *self);

G_END_DECLS
