/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeStateStrip: the connection through time, from its first attempt to now, and where it stands at this moment. Reads a
 * projection and nothing else. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-projection.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_STATE_STRIP (sioscope_state_strip_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeStateStrip, sioscope_state_strip, SIOSCOPE, STATE_STRIP, GtkWidget)

/* Signals: "row-activated" (guint64 row): a mark or a stretch was clicked, or reached with the arrow keys. */

GtkWidget          *sioscope_state_strip_new            (void);
SioscopeProjection *sioscope_state_strip_get_projection (SioscopeStateStrip *self);
void                sioscope_state_strip_set_projection (SioscopeStateStrip *self,
                                                         SioscopeProjection *projection);
/* What is told about the present: the words on the right, and what the focused mark reads out; for the tests. */
char               *sioscope_state_strip_dup_now_text_for_tests   (SioscopeStateStrip *self);
char               *sioscope_state_strip_dup_focus_text_for_tests (SioscopeStateStrip *self);
guint               sioscope_state_strip_get_interval_for_tests   (SioscopeStateStrip *self);

G_END_DECLS
