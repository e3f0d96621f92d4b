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
/* The next row that is wanted, without its secrets. What it points to lives until the next call of the same function. FALSE: no
 * further one, or it was cancelled, or writing failed. An attachment is wanted if its packet is. */
gboolean           sioscope_exporter_next          (SioscopeExporter *self,
                                                    SioscopeEntry    *entry);
/* Begins again at row, for a format that has to look at the rows more than once. */
void               sioscope_exporter_rewind        (SioscopeExporter *self,
                                                    guint64           row);
/* Any row, wanted or not, without its secrets: an event's packet, the handshake of a connection. Rows that came after the export
 * was begun are not there. */
gboolean           sioscope_exporter_read          (SioscopeExporter *self,
                                                    guint64           row,
                                                    SioscopeEntry    *entry);
/* The attachments of a packet, without secrets: sioscope_recording_dup_attachments() and the names that the recording numbers
 * have them all. (transfer full) (element-type GBytes) */
GPtrArray         *sioscope_exporter_dup_attachments (SioscopeExporter *self,
                                                    guint64           packet_row);
/* What became of acks and emits, as of the last row. Made when it is asked for first. */
SioscopeProjection *sioscope_exporter_get_projection (SioscopeExporter *self);
/* One past the last row. */
guint64            sioscope_exporter_get_end       (SioscopeExporter *self);
/* Whether secrets are left out. */
gboolean           sioscope_exporter_get_redacts   (SioscopeExporter *self);
/* A format's own trouble; the first one counts, and the export stops. Takes the error. */
void               sioscope_exporter_fail          (SioscopeExporter *self,
                                                    GError           *error);
/* What is appended here is written in due time; call sioscope_exporter_flush() after each row or part of a row. */
GString           *sioscope_exporter_get_out       (SioscopeExporter *self);
gboolean           sioscope_exporter_flush         (SioscopeExporter *self); /* FALSE: stop */

/* For those who began it. stream NULL: nothing is written through it. The error of finish may come from any of the above. */
SioscopeExporter  *sioscope_exporter_new           (SioscopeRecording *recording,
                                                    const SioscopeExportOptions *options,
                                                    GOutputStream    *stream,
                                                    SioscopeProgress  progress,
                                                    gpointer          progress_data,
                                                    GCancellable     *cancellable);
gboolean           sioscope_exporter_finish        (SioscopeExporter *self,
                                                    GError          **error);
void               sioscope_exporter_free          (SioscopeExporter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeExporter, sioscope_exporter_free)
const SioscopeExportOptions *sioscope_exporter_get_options (SioscopeExporter *self);

/* For the printer, which reads by itself: an entry as the recording has it; redacted it lives like that of next. */
gboolean           sioscope_exporter_wants         (SioscopeExporter *self,
                                                    const SioscopeEntry *entry);
void               sioscope_exporter_redact        (SioscopeExporter *self,
                                                    SioscopeEntry    *entry);

/* The formats. */
void               sioscope_export_ndjson          (SioscopeExporter *self);
void               sioscope_export_csv             (SioscopeExporter *self);
void               sioscope_export_har             (SioscopeExporter *self);
void               sioscope_export_text            (SioscopeExporter *self);
void               sioscope_export_lines           (SioscopeExporter *self);
/* The file at path must not exist; it may be left half if this fails. */
void               sioscope_export_recording       (SioscopeExporter *self,
                                                    const char       *path);

/* sioscope-export-file.c: beside the place where it will stand. */
typedef struct {
  char *path;
  char *temporary;
  int   folder;  /* -1: not open */
} SioscopePlacing;
gboolean           sioscope_placing_begin          (SioscopePlacing  *self,
                                                    const char       *path,
                                                    GError          **error);
/* An empty file, 0600, for writing; -1 and the error. Not for formats that make their own. */
int                sioscope_placing_create         (SioscopePlacing  *self,
                                                    GError          **error);
/* The temporary file, complete and on the disk, takes the place. */
gboolean           sioscope_placing_finish         (SioscopePlacing  *self,
                                                    GError          **error);
/* Without finish: nothing has happened. */
void               sioscope_placing_clear          (SioscopePlacing  *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioscopePlacing, sioscope_placing_clear)

G_END_DECLS
