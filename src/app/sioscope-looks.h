/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One language of state everywhere: icon, style class and words for where a connection or a namespace stands now. Pure functions. */

#pragma once

#include "sioscope-projection.h"

G_BEGIN_DECLS

typedef struct {
  const char *icon_name;
  const char *style_class;
  const char *word;        /* short, translated; without the countdown and the reason */
} SioscopeLook;

SioscopeLook  sioscope_looks_get_phase      (SioscopePhase            phase,
                                             gboolean                 live);
SioscopeLook  sioscope_looks_get_namespace  (const SioscopeNamespace *nsp);
/* All of these: (transfer full), never NULL, safe to show, no markup. */
char         *sioscope_looks_dup_ending     (SioscopeProjection      *projection);
char         *sioscope_looks_dup_state      (const SioscopeStatus    *status,
                                             gboolean                 live,
                                             gint64                   now_us);
char         *sioscope_looks_dup_link       (const SioscopeStatus    *status);
char         *sioscope_looks_dup_reason     (const char              *reason,
                                             const char              *message,
                                             guint                    heartbeat_ms);
/* What is wrong with a certificate, without a full stop. (transfer full) */
char         *sioscope_looks_dup_certificate_errors (guint        errors);
char         *sioscope_looks_dup_safe       (const char              *text);
/* Puts exactly this one of the state classes on a widget. */
void          sioscope_looks_set_class      (gpointer                 widget,
                                             const char              *style_class);

G_END_DECLS
