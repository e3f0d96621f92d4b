/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the two files of the strip share: sioscope-state-strip.c is the object and what a person does with it, sioscope-state-strip-draw.c draws. */

#pragma once

#include "sioscope-palette.h"
#include "sioscope-state-strip.h"
#include "sioscope-strip-index.h"

G_BEGIN_DECLS

#define SIOSCOPE_STRIP_HEIGHT 40
#define SIOSCOPE_STRIP_MARGIN 12

struct _SioscopeStateStrip {
  GtkWidget           parent_instance;

  SioscopeProjection *projection;
  SioscopeRecording  *recording;    /* the projection's */
  SioscopeStripIndex  index;

  GtkWidget          *now_button;
  PangoLayout        *layout;       /* for every word, one after the other */
  SioscopePalette     palette;
  gboolean            palette_loaded;

  /* What part of time is shown. */
  gint64              span_us;      /* 0: all of it */
  gint64              end_us;       /* of what is shown, unless at_now */
  gboolean            at_now;
  gint64              drag_end_us;
  double              pointer_x;

  /* The stop with the keyboard's mark; SIOSCOPE_NO_ROW for none. */
  guint64             focus_row;
  gint64              focus_us;

  guint               clock_id;
  guint               clock_ms;
};

/* The stretch of time on screen, and where it lies. */
typedef struct {
  gint64 start_us;
  gint64 end_us;
  gint64 now_us;
  float  x;
  float  width;
} SioscopeStripView;

SioscopeStripView sioscope_state_strip_get_view  (SioscopeStateStrip *self);
float             sioscope_state_strip_get_x     (const SioscopeStripView *view,
                                                  gint64              time_us);
gint64            sioscope_state_strip_get_time  (const SioscopeStripView *view,
                                                  double              x);
float             sioscope_state_strip_now_width (int                 width);
char             *sioscope_state_strip_dup_now   (SioscopeStateStrip *self,
                                                  gboolean           *late);
void              sioscope_state_strip_snapshot  (GtkWidget          *widget,
                                                  GtkSnapshot        *snapshot);

G_END_DECLS
