/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeApplication: the command line, the keys of the whole program, and its end. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_APPLICATION (sioscope_application_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeApplication, sioscope_application, SIOSCOPE, APPLICATION, AdwApplication)

SioscopeApplication *sioscope_application_new             (void);
/* Makes the window if there is none yet. (transfer none) */
GtkWindow           *sioscope_application_get_main_window (SioscopeApplication *self);
int                  sioscope_application_get_status      (SioscopeApplication *self);

G_END_DECLS
