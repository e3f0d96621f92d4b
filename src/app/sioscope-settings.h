/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings. Started from a build folder without its schema the program works too: it only remembers nothing after its end. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GSettings *sioscope_settings_get         (void); /* NULL: the schema is not installed */
int        sioscope_settings_get_int     (const char *key);
void       sioscope_settings_set_int     (const char *key,
                                          int         value);
gboolean   sioscope_settings_get_boolean (const char *key);
void       sioscope_settings_set_boolean (const char *key,
                                          gboolean    value);

G_END_DECLS
