/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A recording from what another program wrote: our NDJSON, or a HAR of a browser. */

#pragma once

#include "sioscope-export.h"

G_BEGIN_DECLS

#define SIOSCOPE_IMPORT_ERROR (sioscope_import_error_quark ())
/**
 * SioscopeImportError:
 * @SIOSCOPE_IMPORT_ERROR_UNKNOWN: neither of the formats
 * @SIOSCOPE_IMPORT_ERROR_INVALID: of the format, but wrong; the message says where and what was expected
 * @SIOSCOPE_IMPORT_ERROR_NOTHING: a HAR without any Socket.IO in it
 *
 * Why a file cannot be imported.
 */
typedef enum {
  SIOSCOPE_IMPORT_ERROR_UNKNOWN,
  SIOSCOPE_IMPORT_ERROR_INVALID,
  SIOSCOPE_IMPORT_ERROR_NOTHING,
} SioscopeImportError;
GQuark    sioscope_import_error_quark (void);

/* Whether it looks like one of the formats: by its first bytes, not by its name. A recording does not. */
gboolean  sioscope_import_is_foreign  (const char          *source);

/* Makes the recording at path, which must not exist, from the file at source. Any thread, and blocks. Nothing is left at path
 * if it fails. */
gboolean  sioscope_import_file        (const char          *source,
                                       const char          *path,
                                       SioscopeProgress     progress,
                                       gpointer             progress_data,
                                       GCancellable        *cancellable,
                                       GError             **error);
void      sioscope_import_async       (const char          *source,
                                       const char          *path,
                                       SioscopeProgress     progress,
                                       gpointer             progress_data,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             data);
gboolean  sioscope_import_finish      (GAsyncResult        *result,
                                       GError             **error);

G_END_DECLS
