/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeNamespacePill: one namespace: its name, its state by icon and word, and a panel with the reason and what can be done. */

#pragma once

#include <adwaita.h>

#include "sioscope-projection.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_NAMESPACE_PILL (sioscope_namespace_pill_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeNamespacePill, sioscope_namespace_pill, SIOSCOPE, NAMESPACE_PILL, GtkWidget)

/* Signals: "join" and "leave": the person asked for it. */

GtkWidget  *sioscope_namespace_pill_new     (const char              *nsp);
const char *sioscope_namespace_pill_get_nsp (SioscopeNamespacePill   *self);
void        sioscope_namespace_pill_update  (SioscopeNamespacePill   *self,
                                             const SioscopeNamespace *nsp,
                                             gboolean                 live);

G_END_DECLS
