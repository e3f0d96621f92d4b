/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the strip share: sioscope-state-strip.c is the object, -draw.c draws, -input.c is what a person does with it. */

#pragma once

#include "sioscope-palette.h"
#include "sioscope-state-strip.h"
#include "sioscope-strip-index.h"

G_BEGIN_DECLS

#define SIOSCOPE_STRIP_HEIGHT 40
#define SIOSCOPE_STRIP_MARGIN 12
#define SIOSCOPE_STRIP_SHORTEST_SPAN_US G_USEC_PER_SEC
#define SIOSCOPE_STRIP_SHORTEST_WHOLE_US (10 * G_USEC_PER_SEC)

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

gint64            sioscope_state_strip_get_latest (SioscopeStateStrip *self,
                                                  gint64              now_us);
void              sioscope_state_strip_changed_view (SioscopeStateStrip *self);
void              sioscope_state_strip_update_clock (SioscopeStateStrip *self);
void              sioscope_state_strip_tell_accessible (SioscopeStateStrip *self);
char             *sioscope_state_strip_dup_stop_text (SioscopeStateStrip *self,
                                                  guint64             row,
                                                  gint64              time_us);
void              sioscope_state_strip_add_keys (GtkWidgetClass *widget_class);
void              sioscope_state_strip_add_controllers (SioscopeStateStrip *self);
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
