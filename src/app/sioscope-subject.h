/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeSubject: one line of the sidebar: a target with its connection, or a recording opened from a file. Commands go in, the
 * recording's projection comes out, brought up to date at most once a frame. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-connection.h"
#include "sioscope-export.h"
#include "sioscope-projection.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_SUBJECT (sioscope_subject_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeSubject, sioscope_subject, SIOSCOPE, SUBJECT, GObject)

SioscopeSubject    *sioscope_subject_new_for_profile   (SioscopeProfile  *profile,
                                                        gboolean          saved);
SioscopeSubject    *sioscope_subject_new_for_recording (SioscopeRecording *recording,
                                                        gboolean          leftover);

SioscopeProfile    *sioscope_subject_get_profile       (SioscopeSubject  *self); /* NULL: a recording */
gboolean            sioscope_subject_get_saved         (SioscopeSubject  *self); /* its profile is in the store */
void                sioscope_subject_set_saved         (SioscopeSubject  *self,
                                                        gboolean          saved);
gboolean            sioscope_subject_get_leftover      (SioscopeSubject  *self); /* a recording that nobody has saved */
const char         *sioscope_subject_get_title         (SioscopeSubject  *self); /* safe to show, no markup */
SioscopeConnection *sioscope_subject_get_connection    (SioscopeSubject  *self); /* NULL until the first connect */
SioscopeRecording  *sioscope_subject_get_recording     (SioscopeSubject  *self); /* NULL until the first connect */
SioscopeProjection *sioscope_subject_get_projection    (SioscopeSubject  *self); /* likewise */
const SioscopeStatus *sioscope_subject_get_status      (SioscopeSubject  *self); /* never NULL */
gboolean            sioscope_subject_get_live          (SioscopeSubject  *self); /* FALSE: a recording */
gboolean            sioscope_subject_get_active        (SioscopeSubject  *self); /* connected, or trying to be */
gint64              sioscope_subject_get_now_us        (SioscopeSubject  *self);

/* Shared by all that follow one connection; the countdown's own clock. Signals: "changed" (SioscopeChanged): at most once a frame, and every
 * 100 ms while waiting; "replaced": recording and projection are other ones now. */
gboolean            sioscope_subject_connect           (SioscopeSubject  *self,
                                                        GError          **error);
void                sioscope_subject_disconnect        (SioscopeSubject  *self);
/* The profile has changed: its options take effect at the next attempt; with another URL the next connect makes a new
 * connection. */
void                sioscope_subject_profile_changed   (SioscopeSubject  *self);
/* Whose auth is asked for, one after the other; NULL: nobody's. It is answered with the text of a JSON object, or with NULL for
 * none; or the namespace is left. */
const char         *sioscope_subject_get_question      (SioscopeSubject  *self,
                                                        guint            *request);
void                sioscope_subject_answer            (SioscopeSubject  *self,
                                                        gboolean          join,
                                                        const char       *auth);
/* Accepts the certificate that the last attempt was refused with from now on, and tries again. FALSE: there is none. */
gboolean            sioscope_subject_trust_certificate (SioscopeSubject  *self);
void                sioscope_subject_save_async        (SioscopeSubject  *self,
                                                        GFile            *destination,
                                                        SioscopeProgress  progress,
                                                        gpointer          progress_data,
                                                        GCancellable     *cancellable,
                                                        GAsyncReadyCallback callback,
                                                        gpointer          data);
gboolean            sioscope_subject_save_finish       (SioscopeSubject  *self,
                                                        GAsyncResult     *result,
                                                        GError          **error);
gboolean            sioscope_subject_get_unsaved       (SioscopeSubject  *self);
char               *sioscope_subject_dup_risk          (SioscopeSubject  *self);
/* Ends the connection. What was recorded and not saved stays where the unsaved recordings are. */
void                sioscope_subject_end               (SioscopeSubject  *self);

/* The folder of the recordings that nobody has saved, made if it is not there. (transfer full) */
char               *sioscope_subject_dup_folder        (void);
char               *sioscope_subject_dup_new_path      (const char       *name);
char               *sioscope_subject_dup_recording_title (const char     *path,
                                                        const char       *title);

G_END_DECLS
