/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeAuthBar: asks for the auth of a namespace that is about to be joined, and is in nobody's way meanwhile. */

#pragma once

#include "sioscope-subject.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_AUTH_BAR (sioscope_auth_bar_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeAuthBar, sioscope_auth_bar, SIOSCOPE, AUTH_BAR, GtkWidget)

/* Shows the subject's oldest question, or hides itself if there is none. */
void sioscope_auth_bar_update (SioscopeAuthBar *self,
                               SioscopeSubject *subject);

G_END_DECLS
