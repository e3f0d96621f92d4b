/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeRecording: the append-only file that is the truth, mapped for reading. Any thread may
 * read, without a lock; only its SioscopeRecorder writes. The format is docs/recording-format.md. */

#pragma once

#include "sioscope-entry.h"

G_BEGIN_DECLS

/**
 * SioscopeRecording:
 *
 * Any thread may read it, without a lock. Its signals are emitted on the context it was made in.
 */
#define SIOSCOPE_TYPE_RECORDING (sioscope_recording_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeRecording, sioscope_recording, SIOSCOPE, RECORDING, GObject)

#define SIOSCOPE_RECORDING_ERROR (sioscope_recording_error_quark ())
/**
 * SioscopeRecordingError:
 * @SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING: the file is something else
 * @SIOSCOPE_RECORDING_ERROR_NEWER_VERSION: a later version of the format
 * @SIOSCOPE_RECORDING_ERROR_CORRUPT: the header of the file is damaged
 *
 * Why a file cannot be opened.
 */
typedef enum {
  SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING,
  SIOSCOPE_RECORDING_ERROR_NEWER_VERSION,
  SIOSCOPE_RECORDING_ERROR_CORRUPT,
} SioscopeRecordingError;
GQuark             sioscope_recording_error_quark       (void);

/* A new one to write into. path NULL: in memory only. The file is made 0600 and must not exist; if
 * it cannot be made, the recording is in memory and get_notice() says why. title is kept in the
 * file (the URL without userinfo, for people). Signals arrive on the thread-default context it was
 * made in. */
SioscopeRecording *sioscope_recording_new               (const char         *path,
                                                         const char         *title);
/* How large its file may become, in bytes; then it goes on in memory. 0: as large as it can be. From any thread, at any time. */
void               sioscope_recording_set_max_file      (SioscopeRecording  *self,
                                                         guint64             max_file);
/* An existing one, read-only. A torn last row is left out and get_notice() says so. Errors:
 * SIOSCOPE_RECORDING_ERROR, GIO's. */
SioscopeRecording *sioscope_recording_open              (const char         *path,
                                                         GError            **error);

/* Rows are numbered from 0. Rows below first_row have been discarded (memory cap). What is below
 * n_rows is published and never changes. */
guint64            sioscope_recording_get_n_rows        (SioscopeRecording  *self);
guint64            sioscope_recording_get_first_row     (SioscopeRecording  *self);
/* FALSE if the row was discarded or is not there. Takes well under a microsecond. */
gboolean           sioscope_recording_read              (SioscopeRecording  *self,
                                                         guint64             row,
                                                         SioscopeEntry      *entry);
/* Kind only, for whoever walks millions. 0 if it is not there. */
SioscopeKind       sioscope_recording_get_kind          (SioscopeRecording  *self,
                                                         guint64             row);
/* The attachments of a packet as far as they have come, in order. (transfer full) (element-type GBytes) */
GPtrArray         *sioscope_recording_dup_attachments   (SioscopeRecording  *self,
                                                         guint64             packet_row);

/**
 * SioscopeName:
 * @nsp: a namespace
 * @event: an event's JSON token, quotes included; empty: rows of that namespace without an event
 *
 * What packets, sockets and emits are about. Never changes, and lives as long as the recording.
 */
typedef struct {
  SioSpan nsp;
  SioSpan event;
} SioscopeName;

/* Names are numbered from 1 in the order of their first rows; any thread, without a lock. There is a limit to how many and how long
 * names are numbered: rows with others have %SIOSCOPE_NAME_UNNUMBERED, and their entries must be read. */
#define SIOSCOPE_NAME_NONE       0u
#define SIOSCOPE_NAME_UNNUMBERED 0x3ffffu
guint              sioscope_recording_get_n_names       (SioscopeRecording  *self);
gboolean           sioscope_recording_get_name          (SioscopeRecording  *self,
                                                         guint               number,
                                                         SioscopeName       *name);
/* Of a row, from the index alone. */
guint              sioscope_recording_get_name_number   (SioscopeRecording  *self,
                                                         guint64             row);

const char        *sioscope_recording_get_path          (SioscopeRecording  *self); /* NULL: in memory */
const char        *sioscope_recording_get_title         (SioscopeRecording  *self);
const char        *sioscope_recording_get_client        (SioscopeRecording  *self); /* who wrote it, with the version */
gint64             sioscope_recording_get_start_real_us (SioscopeRecording  *self); /* wall clock at time_us 0 */
gint64             sioscope_recording_get_now_us        (SioscopeRecording  *self); /* in time_us; a file: of its last row */
gboolean           sioscope_recording_get_live          (SioscopeRecording  *self); /* its recorder has not finished */
/* NULL, or one English sentence about what went wrong with the keeping: "No space left on the disk:
 * …". Changes are notified. */
char              *sioscope_recording_dup_notice        (SioscopeRecording  *self);

/* Signals: "advanced" (no arguments): n_rows or notice changed since the last one. Coalesced: once
 * a main-loop iteration at most, whatever arrives. */

G_END_DECLS
