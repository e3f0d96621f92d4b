/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogRow: one row of the log, one widget that draws all of its fields. Reads its entry when it is drawn and not before:
 * rows that fly past cost nothing. */

#pragma once

#include "sioscope-log-context.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_LOG_ROW (sioscope_log_row_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogRow, sioscope_log_row, SIOSCOPE, LOG_ROW, GtkWidget)

GtkWidget  *sioscope_log_row_new          (SioscopeLogContext *context);
void        sioscope_log_row_bind         (SioscopeLogRow     *self,
                                           GtkListItem        *item);
void        sioscope_log_row_unbind       (SioscopeLogRow     *self);
void        sioscope_log_row_invalidate   (SioscopeLogRow     *self);
void        sioscope_log_row_tick         (SioscopeLogRow     *self);
guint64     sioscope_log_row_get_row      (SioscopeLogRow     *self);
guint       sioscope_log_row_get_position (SioscopeLogRow     *self);
gboolean    sioscope_log_row_is_reply     (SioscopeLogRow     *self,
                                           double              x,
                                           double              y);
/* What the row says in each field, for the tests: "time|delta|nsp|event|preview|chip|size". */
char       *sioscope_log_row_dup_text_for_tests (SioscopeLogRow *self);

G_END_DECLS
