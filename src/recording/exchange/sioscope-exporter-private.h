/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One export under way: the only door by which a format gets at rows, so that none can forget the filter or the secrets. */

#pragma once

#include "sioscope-export.h"

G_BEGIN_DECLS

typedef struct _SioscopeExporter SioscopeExporter;

SioscopeRecording *sioscope_exporter_get_recording (SioscopeExporter *self);
/* The title without its secrets. */
const char        *sioscope_exporter_get_title     (SioscopeExporter *self);
/* The next row that is wanted, without its secrets. What it points to lives until the next call. FALSE: no further one, or it
 * was cancelled, or writing failed. */
gboolean           sioscope_exporter_next          (SioscopeExporter *self,
                                                    SioscopeEntry    *entry);
/* Begins again at row, for a format that has to look at the rows more than once. */
void               sioscope_exporter_rewind        (SioscopeExporter *self,
                                                    guint64           row);
/* Any row, wanted or not, without its secrets: an event's packet, the handshake of a connection. */
gboolean           sioscope_exporter_read          (SioscopeExporter *self,
                                                    guint64           row,
                                                    SioscopeEntry    *entry);
/* What is appended here is written in due time; call sioscope_exporter_flush() after each row or part of a row. */
GString           *sioscope_exporter_get_out       (SioscopeExporter *self);
gboolean           sioscope_exporter_flush         (SioscopeExporter *self); /* FALSE: stop */

/* The formats. */
void               sioscope_export_ndjson          (SioscopeExporter *self);
void               sioscope_export_csv             (SioscopeExporter *self);
void               sioscope_export_har             (SioscopeExporter *self);
void               sioscope_export_text            (SioscopeExporter *self);

G_END_DECLS
