/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeRecoveryPage: the recordings that nobody has saved, of earlier runs and of connections that were closed, and what can be done
 * with each. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-keeper.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_RECOVERY_PAGE (sioscope_recovery_page_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeRecoveryPage, sioscope_recovery_page, SIOSCOPE, RECOVERY_PAGE, GtkWidget)

/* (element-type SioscopeKept): in the order in which they are shown. */
void  sioscope_recovery_page_set_recordings (SioscopeRecoveryPage *self,
                                             GPtrArray            *recordings);
/* When a recording was begun, as short as it can be; not a point in time: "?". (transfer full) */
char *sioscope_recovery_page_dup_when       (gint64                real_us);
/* What the limits are, as a sentence. (transfer full) */
char *sioscope_recovery_page_dup_limits     (void);

/* Signals: "command" (const char *command, SioscopeKept *kept): "open", "save" or "delete" was asked for. */

G_END_DECLS
