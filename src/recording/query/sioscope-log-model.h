/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogModel: the rows to show, as a GListModel of SioscopeLogItem, made on demand. No GTK. */

#pragma once

#include "sioscope-show.h"

G_BEGIN_DECLS

/**
 * SioscopeLogItem:
 *
 * One row in a #SioscopeLogModel. Knows its number and nothing else.
 */
#define SIOSCOPE_TYPE_LOG_ITEM (sioscope_log_item_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogItem, sioscope_log_item, SIOSCOPE, LOG_ITEM, GObject)
guint64           sioscope_log_item_get_row         (SioscopeLogItem   *self);

/**
 * SioscopeLogModel:
 *
 * A #GListModel of #SioscopeLogItem. Changes in sioscope_log_model_advance() only. One thread.
 */
#define SIOSCOPE_TYPE_LOG_MODEL (sioscope_log_model_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogModel, sioscope_log_model, SIOSCOPE, LOG_MODEL, GObject)

SioscopeLogModel *sioscope_log_model_new            (SioscopeRecording *recording);

void              sioscope_log_model_set_filter     (SioscopeLogModel  *self,
                                                     SioscopeShow       show,
                                                     gboolean           in,
                                                     gboolean           out,
                                                     const char        *text);
/* Takes in what was published since, within a budget of some milliseconds; emits items-changed at most
 * once. TRUE if more is waiting. Call it once a frame. */
gboolean          sioscope_log_model_advance        (SioscopeLogModel  *self);
/* Rows are published that it has not looked at. */
gboolean          sioscope_log_model_get_behind     (SioscopeLogModel  *self);
guint64           sioscope_log_model_get_row        (SioscopeLogModel  *self,
                                                     guint              position);
/* The position of the first shown row at or after row. */
guint             sioscope_log_model_get_position   (SioscopeLogModel  *self,
                                                     guint64            row);

G_END_DECLS
