/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the profile share. */

#pragma once

#include "sioscope-profile.h"

G_BEGIN_DECLS

gboolean  sioscope_profile_apply_option  (SioOptions         *options,
                                          const char         *name,
                                          const char         *text,
                                          GError            **error);
char    **sioscope_profile_split         (const char         *text);
void      sioscope_profile_set_forgotten (SioscopeProfile    *self,
                                          const char * const *names);

G_END_DECLS
