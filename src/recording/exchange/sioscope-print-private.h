/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The printer, and building one line: an object whose members are added one after the other. */

#pragma once

#include "sioscope-exporter-private.h"
#include "sioscope-print.h"
#include "sioscope-projection.h"

G_BEGIN_DECLS

struct _SioscopePrinter {
  SioscopeRecording  *recording;
  SioscopeProjection *projection; /* always exactly as far as the printer */
  SioscopePrintDepth  depth;
  SioscopePrintWords  words;      /* NULL: the library's */
  SioscopeExporter   *door;       /* NULL: every row, as it is */
  guint64             next_row;
  gboolean            trusted;    /* our own scanner has read what is in it */

  guint               attempt;      /* of the attempt under way; 0: the first connection */
  gint64              last_ping_us; /* or when the session began */

  /* The last answer that was looked for ahead: until that row, whether the namespace's events are replayed ones. */
  guint64             answer_row;
  GBytes             *answer_nsp;
  gboolean            answer_replayed;

  /* Event rows that wait for an ack, to their names: the rows may be discarded before it comes. */
  GHashTable         *names;
  GString            *scratch;
};

/* Only the rows that an export wants, as it wants them. */
void sioscope_printer_set_door (SioscopePrinter  *self,
                               SioscopeExporter *door);

void sioscope_line_begin      (GString     *out,
                               const char  *kind,
                               gint64       time_us);
void sioscope_line_end        (GString     *out);
void sioscope_line_add_text   (GString     *out,
                               const char  *name,
                               SioSpan      text);
void sioscope_line_add_optional (GString   *out,
                               const char  *name,
                               SioSpan      text); /* empty: nothing is added */
/* What this program says, in the words of whoever reads it; empty: nothing is added. */
void sioscope_printer_add_message (SioscopePrinter *self,
                               GString     *out,
                               SioSpan      message);
void sioscope_line_add_word   (GString     *out,
                               const char  *name,
                               const char  *word);
void sioscope_line_add_number (GString     *out,
                               const char  *name,
                               gint64       value);
void sioscope_line_add_ms     (GString     *out,
                               const char  *name,
                               gint64       value_us);
void sioscope_line_add_bool   (GString     *out,
                               const char  *name,
                               gboolean     value);
/* JSON as it is, digits and all. What is not from this program's own scanner (trusted FALSE) and is
 * no JSON after all, is told as a string. */
void sioscope_line_add_json   (GString     *out,
                               const char  *name,
                               SioSpan      json,
                               gboolean     trusted);
/* Text as text, binary as {"$binary":…}. */
void sioscope_line_add_data   (GString     *out,
                               const char  *name,
                               SioSpan      data,
                               gboolean     binary);
void sioscope_line_add_headers (GString    *out,
                               const char  *name,
                               SioSpan      headers);
void sioscope_line_add_tls    (GString     *out,
                               const SioscopeEntry *entry);

const char *sioscope_transport_word (SioTransportKind transport); /* NULL: none */

/* sioscope-print-state.c */
void sioscope_printer_print_state  (SioscopePrinter     *self,
                                    GString             *out,
                                    const SioscopeEntry *entry);
void sioscope_printer_print_socket (SioscopePrinter     *self,
                                    GString             *out,
                                    const SioscopeEntry *entry);

G_END_DECLS
