/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeWrapLayout: two children beside each other where both fit, below each other where they do not. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_WRAP_LAYOUT (sioscope_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeWrapLayout, sioscope_wrap_layout, SIOSCOPE, WRAP_LAYOUT, GtkLayoutManager)

G_END_DECLS
