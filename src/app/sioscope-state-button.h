/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeStateButton: where the connection stands, by icon, word and colour; opens the reconnection panel with the numbers and the
 * reason behind it. */

#pragma once

#include <adwaita.h>

#include "sioscope-subject.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_STATE_BUTTON (sioscope_state_button_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeStateButton, sioscope_state_button, SIOSCOPE, STATE_BUTTON, GtkWidget)

void sioscope_state_button_update (SioscopeStateButton *self,
                                   SioscopeSubject     *subject);
/* Without the word, which is in the strip below too: for where there is no room. */
void sioscope_state_button_set_compact (SioscopeStateButton *self,
                                        gboolean             compact);

G_END_DECLS
