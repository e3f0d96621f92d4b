/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopePreferences: how much of unsaved recordings is kept, how large one becomes, and what exports leave out. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_PREFERENCES (sioscope_preferences_get_type ())
G_DECLARE_FINAL_TYPE (SioscopePreferences, sioscope_preferences, SIOSCOPE, PREFERENCES, AdwPreferencesWindow)

SioscopePreferences *sioscope_preferences_new      (GtkWindow           *parent);
void                 sioscope_preferences_set_used (SioscopePreferences *self,
                                                    guint                n_recordings,
                                                    guint64              bytes);

/* Signals: "show-folder"; "delete-all": all unsaved recordings. What is chosen is in the settings at once. */

G_END_DECLS
