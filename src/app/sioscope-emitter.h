/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeEmitter: talks back by hand: an event with its arguments to a namespace, or the answer to an event of the server; and
 * what became of the last one. */

#pragma once

#include <adwaita.h>

#include "sioscope-argument-row.h"
#include "sioscope-subject.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_EMITTER (sioscope_emitter_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeEmitter, sioscope_emitter, SIOSCOPE, EMITTER, GtkWidget)

/* Signals: "show-row" (guint64 row): the person wants to see it in the log. */

void                 sioscope_emitter_set_subject  (SioscopeEmitter  *self,
                                                    SioscopeSubject  *subject);
/* After the subject has changed: namespaces and the fate of what was sent. */
void                 sioscope_emitter_update       (SioscopeEmitter  *self);
void                 sioscope_emitter_set_event    (SioscopeEmitter  *self,
                                                    const char       *event);
SioscopeArgumentRow *sioscope_emitter_add_argument (SioscopeEmitter  *self);
void                 sioscope_emitter_set_want_ack (SioscopeEmitter  *self,
                                                    gboolean          want_ack);
void                 sioscope_emitter_reply_to     (SioscopeEmitter  *self,
                                                    guint64           row);
/* FALSE: not now; the button's tooltip says why. */
gboolean             sioscope_emitter_send         (SioscopeEmitter  *self);

G_END_DECLS
