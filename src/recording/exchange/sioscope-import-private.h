/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers of both formats share: the file, which is mapped and never copied; a reader of JSON that goes from one place
 * to the next and makes no tree; exact numbers; words for what is wrong. */

#pragma once

#include "sioscope-import.h"
#include "sioscope-recording-copy.h"

G_BEGIN_DECLS

/* As deep as the library's scanner goes at all. */
#define SIOSCOPE_IMPORT_MAX_DEPTH 1024

typedef struct {
  SioSpan            text;      /* the whole file, without the byte order mark */
  const char        *path;      /* of the recording to be made */
  SioscopeRecording *recording; /* NULL until it was made */
  gint64             last_us;   /* time of the last row */
  SioscopeProgress   progress;
  gpointer           progress_data;
  gint64             told_us;   /* monotonic: when progress was told last */
  GCancellable      *cancellable;
  GPtrArray         *scratch;   /* of GBytes: texts with escapes and binary, decoded; emptied after each row */
} SioscopeImport;

/* sioscope-import.c */
/* Tells progress; FALSE if it was cancelled. To be called often. */
gboolean sioscope_import_go_on     (SioscopeImport  *self,
                                    double           done,
                                    GError         **error);
gboolean sioscope_import_begin     (SioscopeImport  *self,
                                    const char      *title,
                                    const char      *client,
                                    gint64           start_real_us,
                                    GError         **error);
gboolean sioscope_import_append    (SioscopeImport  *self,
                                    const SioscopeEntry *entry,
                                    GError         **error);

/* sioscope-ndjson-read.c, sioscope-har-read.c */
gboolean sioscope_import_ndjson    (SioscopeImport  *self,
                                    GError         **error);
gboolean sioscope_import_har       (SioscopeImport  *self,
                                    GError         **error);

/* sioscope-import-json.c */
typedef struct {
  const char *p;
  const char *end;
  const char *expected; /* what should have been at p; NULL while all is well */
} SioscopeImportReader;

void     sioscope_import_reader_init (SioscopeImportReader *self,
                                    SioSpan               text);
/* An opening bracket. */
gboolean sioscope_import_open      (SioscopeImportReader *self,
                                    char                  bracket);
/* Whether another element or member follows; FALSE behind the closing bracket, and if neither is there. */
gboolean sioscope_import_more      (SioscopeImportReader *self,
                                    gboolean             *first,
                                    char                  close);
/* A member's name with its quotes, and the colon. */
gboolean sioscope_import_name      (SioscopeImportReader *self,
                                    SioSpan              *name);
gboolean sioscope_import_value     (SioscopeImportReader *self,
                                    SioSpan              *value);
/* Nothing but blanks may follow. */
gboolean sioscope_import_end       (SioscopeImportReader *self);

/* A number exactly, times ten to the power of decimals. truncate: digits beyond that are left out, else they must be zeros. FALSE
 * if it is no number, or too large. */
gboolean sioscope_import_number    (SioSpan          token,
                                    guint            decimals,
                                    gboolean         truncate,
                                    gboolean        *negative,
                                    guint64         *value);
gboolean sioscope_import_int64     (SioSpan          token,
                                    guint            decimals,
                                    gboolean         truncate,
                                    gint64          *value);
/* The text of a string token; in the file if it has no escapes, else in scratch. FALSE for half a surrogate pair. */
gboolean sioscope_import_text      (SioscopeImport  *self,
                                    SioSpan          token,
                                    SioSpan         *text);
/* Strict: the alphabet and padding of RFC 4648 and nothing else, no dangling bits. */
gboolean sioscope_import_base64    (SioscopeImport  *self,
                                    SioSpan          text,
                                    SioSpan         *bytes);
/* Keeps bytes until the next row. */
SioSpan  sioscope_import_keep      (SioscopeImport  *self,
                                    GBytes          *bytes);
/* For messages: a piece of what is wrong, on one line and not long. */
char    *sioscope_import_quote     (SioSpan          text);

G_END_DECLS
