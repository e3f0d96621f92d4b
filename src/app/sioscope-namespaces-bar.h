/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeNamespacesBar: the namespaces of one connection as pills with their own state, and the way to join another one. */

#pragma once

#include <adwaita.h>

#include "sioscope-subject.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_NAMESPACES_BAR (sioscope_namespaces_bar_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeNamespacesBar, sioscope_namespaces_bar, SIOSCOPE, NAMESPACES_BAR, GtkWidget)

void sioscope_namespaces_bar_update (SioscopeNamespacesBar *self,
                                     SioscopeSubject       *subject);

G_END_DECLS
