/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogContext: what the log's header and all of its rows share: where the columns are, how time is told, the colours, and
 * what is read. One per log view. */

#pragma once

#include "sioscope-log-model.h"
#include "sioscope-palette.h"
#include "sioscope-projection.h"

G_BEGIN_DECLS

#define SIOSCOPE_LOG_ROW_HEIGHT 28

typedef enum {
  SIOSCOPE_TIME_CLOCK,       /* wall clock, and the delta beside it where there is room */
  SIOSCOPE_TIME_SINCE_START,
  SIOSCOPE_TIME_DELTA,       /* since the row shown above */
} SioscopeTimeMode;

/* A column without width is not shown. All are told from the side where lines of text begin. */
typedef struct { float x, width; } SioscopeLogColumn;
typedef struct {
  SioscopeLogColumn time;
  SioscopeLogColumn delta;
  SioscopeLogColumn arrow;
  SioscopeLogColumn nsp;
  SioscopeLogColumn event;  /* the arguments follow in it */
  SioscopeLogColumn chip;
  SioscopeLogColumn size;
} SioscopeLogColumns;

typedef struct {
  SioscopeProjection *projection; /* NULL: nothing to show */
  SioscopeRecording  *recording;
  SioscopeLogModel   *model;
  SioscopeLogModel   *matches;    /* NULL: nothing is searched for */
  SioscopeRecording  *matches_recording;
  char              **texts;      /* what is searched for as it stands in rows; NULL exactly when matches is */

  SioscopeTimeMode    time_mode;
  SioscopePalette     palette;
  gboolean            palette_loaded;
  GtkWidget          *list;       /* not owned; its font and style are those of the rows, whoever asks */
  float               char_width; /* of a digit */

  GPtrArray          *rows;       /* the rows that are bound now; not owned */
  GHashTable         *icons;      /* name → GtkIconPaintable */
} SioscopeLogContext;

SioscopeLogContext *sioscope_log_context_new         (void);
SioscopeLogContext *sioscope_log_context_ref         (SioscopeLogContext *self);
void                sioscope_log_context_unref       (SioscopeLogContext *self);
void                sioscope_log_context_set_source  (SioscopeLogContext *self,
                                                      SioscopeProjection *projection,
                                                      SioscopeLogModel   *model);
/* texts: (transfer full). What is marked from now on; NULL for nothing. */
void                sioscope_log_context_set_search  (SioscopeLogContext *self,
                                                      SioscopeLogModel   *matches,
                                                      char              **texts);
void                sioscope_log_context_restyle     (SioscopeLogContext *self);
void                sioscope_log_context_load        (SioscopeLogContext *self);
SioscopeLogColumns  sioscope_log_context_get_columns (SioscopeLogContext *self,
                                                      int                 width);
GdkPaintable       *sioscope_log_context_get_icon    (SioscopeLogContext *self,
                                                      GtkWidget          *widget,
                                                      const char         *name);

G_END_DECLS
