/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a line of NDJSON says of a row: one table for writing and for reading, so that the two cannot differ. */

#pragma once

#include "sioscope-entry.h"

G_BEGIN_DECLS

#define SIOSCOPE_NDJSON_FORMAT "sioscope-ndjson"
#define SIOSCOPE_NDJSON_VERSION 1

/* How deep arguments may nest that stand in a line as JSON; what is deeper stands there as text. A line around them is deeper by
 * a few. */
#define SIOSCOPE_NDJSON_MAX_DEPTH 1000

typedef enum {
  SIOSCOPE_NDJSON_TEXT,   /* SioSpan: a string, or {"$binary":…} if it is not UTF-8 */
  SIOSCOPE_NDJSON_BYTES,  /* SioSpan: always {"$binary":…} */
  SIOSCOPE_NDJSON_JSON,   /* SioSpan: one JSON value as it is */
  SIOSCOPE_NDJSON_ARGS,   /* SioSpan: JSON values, commas between; an array around them */
  SIOSCOPE_NDJSON_LINES,  /* SioSpan: lines ended by CR LF; an array of them */
  SIOSCOPE_NDJSON_UINT,   /* guint */
  SIOSCOPE_NDJSON_INT,    /* gint */
  SIOSCOPE_NDJSON_INT64,  /* gint64 */
  SIOSCOPE_NDJSON_UINT64, /* guint64 */
  SIOSCOPE_NDJSON_ID,     /* gint64, -1: none */
  SIOSCOPE_NDJSON_REF,    /* guint64, SIOSCOPE_NO_ROW: none */
  SIOSCOPE_NDJSON_BOOL,   /* gboolean */
  SIOSCOPE_NDJSON_MS,     /* gint64 of microseconds: milliseconds with three decimals */
  SIOSCOPE_NDJSON_WORD,   /* an enum */
  SIOSCOPE_NDJSON_TLS,    /* guint of GTlsCertificateFlags: an array of words */
} SioscopeNdjsonType;

typedef struct {
  const char          *name;
  SioscopeNdjsonType   type;
  gboolean             always;  /* written, and to be there, whatever it is; else only if it is not empty, 0 or none */
  gsize                offset;  /* in SioscopeEntry */
  guint                kinds;   /* 1 << kind */
  const char * const  *words;   /* of an enum, by number; ended by NULL */
} SioscopeNdjsonField;

/* In the order in which they are written. Ends with a field without a name. */
extern const SioscopeNdjsonField sioscope_ndjson_fields[];
/* By number; ended by NULL. */
extern const char * const sioscope_ndjson_kinds[];

typedef struct {
  guint       flag;
  const char *word;
} SioscopeNdjsonFlag;
/* Ends with flag 0. */
extern const SioscopeNdjsonFlag sioscope_ndjson_tls_flags[];

/* Where what a packet's text says stands in it, if it can be read. */
typedef struct {
  SioSpan nsp;
  SioSpan event;
  SioSpan args;
  guint   n_args;
} SioscopeNdjsonPacket;
gboolean sioscope_ndjson_read_packet (SioSpan               raw,
                                      SioscopeNdjsonPacket *packet);

G_END_DECLS
