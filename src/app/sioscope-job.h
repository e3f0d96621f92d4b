/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeJob: one line about something that takes a while, with how far it is and a button that ends it. The window stays usable. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_JOB (sioscope_job_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeJob, sioscope_job, SIOSCOPE, JOB, GtkBox)

/* Is seen only if it takes longer than a moment. @title is safe to show, no markup. */
SioscopeJob  *sioscope_job_new             (GtkBox      *box,
                                            const char  *title);
const char   *sioscope_job_get_title       (SioscopeJob *self);
/* What the button ends. */
GCancellable *sioscope_job_get_cancellable (SioscopeJob *self);
/* A SioscopeProgress: done is 0 to 1, data the job. */
void          sioscope_job_progress        (double       done,
                                            gpointer     data);
/* Takes it out of its box. */
void          sioscope_job_end             (SioscopeJob *self);

G_END_DECLS
