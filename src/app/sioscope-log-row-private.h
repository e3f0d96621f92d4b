/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the row share: sioscope-log-row.c is the object, -read.c makes its texts out of the entry, -draw.c draws them. */

#pragma once

#include "sioscope-log-row.h"

G_BEGIN_DECLS

typedef enum {
  CHIP_NONE,
  CHIP_PLAIN,
  CHIP_PENDING,
  CHIP_OK,
  CHIP_FAILED,
  CHIP_REPLY,
} ChipStyle;

typedef enum {
  TONE_NORMAL,  /* an event: bold name, dim arguments */
  TONE_QUIET,   /* everything else */
  TONE_ERROR,
  TONE_LOSS,    /* the separator of a cut */
} Tone;

enum { FIELD_TIME, FIELD_DELTA, FIELD_NSP, FIELD_EVENT, FIELD_PREVIEW, FIELD_CHIP, FIELD_SIZE, N_FIELDS };

struct _SioscopeLogRow {
  GtkWidget           parent_instance;

  SioscopeLogContext *context;
  GtkListItem        *item;      /* not owned; NULL unless bound */

  /* What was read and shaped. */
  gboolean            valid;
  guint64             row;
  guint               position;  /* for which the delta was computed */
  PangoLayout        *layouts[N_FIELDS];
  ChipStyle           chip;
  Tone                tone;
  SioDirection        direction;
  gboolean            has_arrow;
  gboolean            marked;    /* the search finds it */
  const char         *icon;      /* static */
  GdkRGBA             nsp_background;
  GdkRGBA             nsp_text;
  graphene_rect_t     chip_area; /* as drawn; zero without one */
};

/* Reads and shapes, unless that was done already; FALSE if there is nothing to show. */
gboolean sioscope_log_row_ensure   (SioscopeLogRow *self);
void     sioscope_log_row_snapshot (GtkWidget      *widget,
                                    GtkSnapshot    *snapshot);

G_END_DECLS
