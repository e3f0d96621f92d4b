/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeLogHeader: the names of the log's columns, aligned with its rows. A click on the time changes how time is told. */

#pragma once

#include "sioscope-log-context.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_LOG_HEADER (sioscope_log_header_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeLogHeader, sioscope_log_header, SIOSCOPE, LOG_HEADER, GtkWidget)

/* Signals: "time-mode-changed" (): the context's time_mode is another one now. */

void sioscope_log_header_set_context (SioscopeLogHeader  *self,
                                      SioscopeLogContext *context);

G_END_DECLS
