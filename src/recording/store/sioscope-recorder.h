/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeRecorder: the tap that writes a recording. Lives on the manager's thread. Appends to a
 * buffer and writes it at the latest when its main context is about to sleep; then publishes with
 * one atomic store. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

/**
 * SioscopeRecorder:
 *
 * The one writer of a recording; a #SioTap. Lives on the manager's thread.
 */
#define SIOSCOPE_TYPE_RECORDER (sioscope_recorder_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeRecorder, sioscope_recorder, SIOSCOPE, RECORDER, GObject) /* implements SioTap */

/* Attaches to the thread-default main context of the caller. */
SioscopeRecorder *sioscope_recorder_new             (SioscopeRecording *recording);
/* What the program itself has to say: a refused command, a note. kind: SIOSCOPE_KIND_ERROR or _NOTE. */
void              sioscope_recorder_note            (SioscopeRecorder  *self,
                                                     SioscopeKind       kind,
                                                     const char        *reason,
                                                     const char        *message);
void              sioscope_recorder_flush           (SioscopeRecorder  *self);
/* Recordings in memory: gives back what is below row. For whoever only wants to pass rows on. */
void              sioscope_recorder_discard_before  (SioscopeRecorder  *self,
                                                     guint64            row);
/* Flushes, and the recording is not live any more. */
void              sioscope_recorder_finish          (SioscopeRecorder  *self);

G_END_DECLS
