/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopePanes: arranges log, emitter and details by the room there is. Remembers sizes, never a second copy of what is shown. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * SioscopePanesShape:
 * @SIOSCOPE_PANES_NARROW: one at a time, with a switcher at the bottom
 * @SIOSCOPE_PANES_STACKED: the log, below it emitter and details behind a switcher
 * @SIOSCOPE_PANES_NORMAL: the log, below it emitter and details side by side
 * @SIOSCOPE_PANES_WIDE: the log with the emitter below it, details on the right
 */
typedef enum {
  SIOSCOPE_PANES_NARROW,
  SIOSCOPE_PANES_STACKED,
  SIOSCOPE_PANES_NORMAL,
  SIOSCOPE_PANES_WIDE,
} SioscopePanesShape;

#define SIOSCOPE_TYPE_PANES (sioscope_panes_get_type ())
G_DECLARE_FINAL_TYPE (SioscopePanes, sioscope_panes, SIOSCOPE, PANES, GtkWidget)

void sioscope_panes_set_children (SioscopePanes      *self,
                                  GtkWidget          *log,
                                  GtkWidget          *emitter,
                                  GtkWidget          *details);
void sioscope_panes_set_shape    (SioscopePanes      *self,
                                  SioscopePanesShape  shape);
void sioscope_panes_set_shown    (SioscopePanes      *self,
                                  gboolean            emitter,
                                  gboolean            details);
/* Where not all can be seen at once, brings the page of this child to the front. */
void sioscope_panes_raise        (SioscopePanes      *self,
                                  GtkWidget          *child);

G_END_DECLS
