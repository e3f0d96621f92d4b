/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A recording as something that other programs read. The formats are docs/formats.md. */

#pragma once

#include "sioscope-filter.h"
#include "sioscope-print.h"

G_BEGIN_DECLS

/**
 * SioscopeFormat:
 * @SIOSCOPE_FORMAT_NDJSON: one JSON object a row, nothing left out: sioscope_import_file() reads it back
 * @SIOSCOPE_FORMAT_CSV: a table for spreadsheets
 * @SIOSCOPE_FORMAT_HAR: HTTP Archive 1.2 with `_webSocketMessages`, as browsers' tools write it
 * @SIOSCOPE_FORMAT_TEXT: lines for people
 * @SIOSCOPE_FORMAT_RECORDING: a recording again: of the wanted rows, without the secrets
 *
 * What is written.
 */
typedef enum {
  SIOSCOPE_FORMAT_NDJSON,
  SIOSCOPE_FORMAT_CSV,
  SIOSCOPE_FORMAT_HAR,
  SIOSCOPE_FORMAT_TEXT,
  SIOSCOPE_FORMAT_RECORDING,
} SioscopeFormat;
#define SIOSCOPE_N_FORMATS 5

/* Static: "ndjson", "csv", "har", "text", "sioscope": the word for the command line; and the ending of its files. */
const char *sioscope_format_get_word      (SioscopeFormat         format);
const char *sioscope_format_get_extension (SioscopeFormat         format);
gboolean    sioscope_format_from_word     (const char            *word,
                                           SioscopeFormat        *format);

/**
 * SioscopeProgress:
 * @done: how far, 0.0 to 1.0
 *
 * Called on the context that the work was begun on, a few times a second at most.
 */
typedef void (*SioscopeProgress) (double   done,
                                  gpointer data);

/**
 * SioscopeExportLines:
 * @depth: how deep
 * @words: (nullable): the messages of this program in other words
 *
 * The lines of a #SioscopePrinter: for scripts, and not lossless.
 */
typedef struct {
  SioscopePrintDepth depth;
  SioscopePrintWords words;
} SioscopeExportLines;

/**
 * SioscopeExportOptions:
 * @format: what to write
 * @filter: (nullable): which rows; %NULL for all. A packet is written with its attachments
 * @include_secrets: %FALSE leaves out what is a credential
 * @lines: (nullable): with %SIOSCOPE_FORMAT_NDJSON: these lines instead of every row
 */
typedef struct {
  SioscopeFormat             format;
  SioscopeFilter            *filter;
  gboolean                   include_secrets;
  const SioscopeExportLines *lines;
} SioscopeExportOptions;

/* Any thread, and blocks. progress is called on the same one. Not for _RECORDING, which needs a file. */
gboolean    sioscope_export_write         (SioscopeRecording     *recording,
                                           const SioscopeExportOptions *options,
                                           GOutputStream         *out,
                                           SioscopeProgress       progress,
                                           gpointer               progress_data,
                                           GCancellable          *cancellable,
                                           GError               **error);
/* Blocks too. path is as before, or not there, until all of it is written; mode 0600. The message of an error names the place. */
gboolean    sioscope_export_file          (SioscopeRecording     *recording,
                                           const SioscopeExportOptions *options,
                                           const char            *path,
                                           SioscopeProgress       progress,
                                           gpointer               progress_data,
                                           GCancellable          *cancellable,
                                           GError               **error);
/* The same on a thread of its own; destination is as before, or not there, until all of it is written.
 * G_IO_ERROR_NOT_SUPPORTED if it is not on a disk (it has no path). */
void        sioscope_export_async         (SioscopeRecording     *recording,
                                           const SioscopeExportOptions *options,
                                           GFile                 *destination,
                                           SioscopeProgress       progress,
                                           gpointer               progress_data,
                                           GCancellable          *cancellable,
                                           GAsyncReadyCallback    callback,
                                           gpointer               data);
gboolean    sioscope_export_finish        (SioscopeRecording     *recording,
                                           GAsyncResult          *result,
                                           GError               **error);

G_END_DECLS
