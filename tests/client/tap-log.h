/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* TapLog: a tap that writes down one line for each thing it is told, for tests to read. */

#pragma once

#include "sio.h"

#define TAP_TYPE_LOG (tap_log_get_type ())
G_DECLARE_FINAL_TYPE (TapLog, tap_log, TAP, LOG, GObject)

TapLog     *tap_log_new    (void);
void        tap_log_clear  (TapLog     *self);

/* How many lines begin with prefix; the first of them, or NULL. */
guint       tap_log_count  (TapLog     *self,
                            const char *prefix);
const char *tap_log_find   (TapLog     *self,
                            const char *prefix);
/* The lines that begin with one of prefixes (separated by "|"), one below the other. */
char       *tap_log_dup    (TapLog     *self,
                            const char *prefixes);
