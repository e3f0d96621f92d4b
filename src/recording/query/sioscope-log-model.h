/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogModel: the rows to show, as a GListModel of SioscopeLogItem, made on demand. No GTK. */

#pragma once

#include "sioscope-query.h"

G_BEGIN_DECLS

/**
 * SioscopeLogItem:
 *
 * One row in a #SioscopeLogModel. Knows its number and nothing else. The number changes with #SioscopeLogModel::renewed only.
 */
#define SIOSCOPE_TYPE_LOG_ITEM (sioscope_log_item_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogItem, sioscope_log_item, SIOSCOPE, LOG_ITEM, GObject)
guint64           sioscope_log_item_get_row         (SioscopeLogItem   *self);

/**
 * SioscopeLogModel:
 *
 * A #GListModel of #SioscopeLogItem. Changes in sioscope_log_model_advance() only. One thread, as its #SioscopeQuery.
 */
#define SIOSCOPE_TYPE_LOG_MODEL (sioscope_log_model_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogModel, sioscope_log_model, SIOSCOPE, LOG_MODEL, GObject)

SioscopeLogModel *sioscope_log_model_new            (SioscopeRecording *recording);

void              sioscope_log_model_set_filter     (SioscopeLogModel  *self,
                                                     SioscopeFilter    *filter);
SioscopeFilter   *sioscope_log_model_get_filter     (SioscopeLogModel  *self);
/* Frozen: rows that are published later are not looked at. A filter set meanwhile takes in all there are at that moment. */
void              sioscope_log_model_set_frozen     (SioscopeLogModel  *self,
                                                     gboolean           frozen);
/* A new filter's first rows become those of the held items at the end. */
void              sioscope_log_model_set_keep_end   (SioscopeLogModel  *self,
                                                     gboolean           keep_end);
/* Takes in what was found since, within a budget of some milliseconds; emits items-changed a few times at most. TRUE if more is waiting
 * to be taken in. Call it once a frame while there is news. */
gboolean          sioscope_log_model_advance        (SioscopeLogModel  *self);
/* The items are still those of the filter before. */
gboolean          sioscope_log_model_get_stale      (SioscopeLogModel  *self);
/* Rows that were published when the filter was set are still to be looked at, or to be taken in. */
gboolean          sioscope_log_model_get_searching  (SioscopeLogModel  *self);
/* The same, with all those that came since. */
gboolean          sioscope_log_model_get_behind     (SioscopeLogModel  *self);
/* What the items are about: every wanted row from here on is an item. */
guint64           sioscope_log_model_get_first_looked (SioscopeLogModel *self);
guint64           sioscope_log_model_get_row        (SioscopeLogModel  *self,
                                                     guint              position);
/* The position of the first shown row at or after row. */
guint             sioscope_log_model_get_position   (SioscopeLogModel  *self,
                                                     guint64            row);
gboolean          sioscope_log_model_has_row        (SioscopeLogModel  *self,
                                                     guint64            row);

/* Signals: "advanced" (no arguments): there is something for sioscope_log_model_advance();
 * "renewed" (no arguments): held items stand for other rows. */

G_END_DECLS
