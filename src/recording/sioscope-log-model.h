/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogModel: the rows to show, as a GListModel of SioscopeLogItem, made on demand. No GTK. */

#pragma once

#include "sioscope-recording.h"

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

/**
 * SioscopeShow:
 * @SIOSCOPE_SHOW_EVENTS: EVENT and BINARY_EVENT packets
 * @SIOSCOPE_SHOW_ACKS: ACK and BINARY_ACK packets
 * @SIOSCOPE_SHOW_STATES: STATE, SOCKET, CONNECT, DISCONNECT and CONNECT_ERROR packets, EMIT fates, NOTE
 * @SIOSCOPE_SHOW_ERRORS: ERROR
 * @SIOSCOPE_SHOW_HTTP: HTTP
 * @SIOSCOPE_SHOW_ENGINE: Engine.IO packets but heartbeats; attachments; control frames
 * @SIOSCOPE_SHOW_HEARTBEATS: ping and pong
 *
 * What is shown.
 */
typedef enum {
  SIOSCOPE_SHOW_EVENTS     = 1 << 0,
  SIOSCOPE_SHOW_ACKS       = 1 << 1,
  SIOSCOPE_SHOW_STATES     = 1 << 2,
  SIOSCOPE_SHOW_ERRORS     = 1 << 3,
  SIOSCOPE_SHOW_HTTP       = 1 << 4,
  SIOSCOPE_SHOW_ENGINE     = 1 << 5,
  SIOSCOPE_SHOW_HEARTBEATS = 1 << 6,
} SioscopeShow;
#define SIOSCOPE_SHOW_DEFAULT (SIOSCOPE_SHOW_EVENTS | SIOSCOPE_SHOW_ACKS | SIOSCOPE_SHOW_STATES | SIOSCOPE_SHOW_ERRORS)

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
