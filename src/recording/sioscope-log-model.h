/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogModel: the rows to show, as a GListModel of SioscopeLogItem, made on demand. No GTK. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_LOG_ITEM (sioscope_log_item_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogItem, sioscope_log_item, SIOSCOPE, LOG_ITEM, GObject)
guint64           sioscope_log_item_get_row         (SioscopeLogItem   *self);

#define SIOSCOPE_TYPE_LOG_MODEL (sioscope_log_model_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogModel, sioscope_log_model, SIOSCOPE, LOG_MODEL, GObject)

SioscopeLogModel *sioscope_log_model_new            (SioscopeRecording *recording);

/* What is shown. Text is searched in the raw bytes, ASCII case folded; NULL or "" is no filter. Setting a filter starts it over, in slices
 * from advance(). */
typedef enum {
  SIOSCOPE_SHOW_EVENTS     = 1 << 0, /* EVENT, BINARY_EVENT */
  SIOSCOPE_SHOW_ACKS       = 1 << 1,
  SIOSCOPE_SHOW_STATES     = 1 << 2, /* STATE, SOCKET, CONNECT, DISCONNECT and CONNECT_ERROR packets, EMIT fates, NOTE */
  SIOSCOPE_SHOW_ERRORS     = 1 << 3,
  SIOSCOPE_SHOW_HTTP       = 1 << 4,
  SIOSCOPE_SHOW_ENGINE     = 1 << 5, /* Engine.IO packets but heartbeats; attachments; control frames */
  SIOSCOPE_SHOW_HEARTBEATS = 1 << 6, /* ping and pong */
} SioscopeShow;
#define SIOSCOPE_SHOW_DEFAULT (SIOSCOPE_SHOW_EVENTS | SIOSCOPE_SHOW_ACKS | SIOSCOPE_SHOW_STATES | SIOSCOPE_SHOW_ERRORS)

void              sioscope_log_model_set_filter     (SioscopeLogModel  *self,
                                                     SioscopeShow       show,
                                                     gboolean           in,
                                                     gboolean           out,
                                                     const char        *text);
/* Takes in what was published since, within a budget of some milliseconds; emits items-changed at most once. TRUE if more is waiting. Call it
 * once a frame. */
gboolean          sioscope_log_model_advance        (SioscopeLogModel  *self);
guint64           sioscope_log_model_get_row        (SioscopeLogModel  *self,
                                                     guint              position);
/* The position of the first shown row at or after row. */
guint             sioscope_log_model_get_position   (SioscopeLogModel  *self,
                                                     guint64            row);

G_END_DECLS
