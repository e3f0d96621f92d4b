/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One row as siocat prints it: one JSON object a line. Used live and for files alike. */

#pragma once

#include "sioscope-projection.h"

G_BEGIN_DECLS

/**
 * SioscopePrintDepth:
 * @SIOSCOPE_PRINT_EVENTS: states, namespaces, events, acks, errors
 * @SIOSCOPE_PRINT_PACKETS: also every packet
 * @SIOSCOPE_PRINT_FRAMES: also every HTTP exchange, message and control frame
 *
 * How much is printed: what `siocat --show` says.
 */
typedef enum {
  SIOSCOPE_PRINT_EVENTS,
  SIOSCOPE_PRINT_PACKETS,
  SIOSCOPE_PRINT_FRAMES,
} SioscopePrintDepth;

/**
 * SioscopePrinter:
 *
 * Turns rows into lines, in order. Any thread, but one at a time.
 */
typedef struct _SioscopePrinter SioscopePrinter;

/**
 * SioscopePrintWords:
 * @text: a message of this program, never empty
 *
 * Returns: (transfer full): the same in other words
 */
typedef char * (*SioscopePrintWords) (const char *text);

SioscopePrinter *sioscope_printer_new    (SioscopeRecording  *recording,
                                          SioscopePrintDepth  depth);
void             sioscope_printer_free   (SioscopePrinter    *self);
/* Writes a message of this program anew for whoever reads the lines; NULL: it stays as the library says it. */
void             sioscope_printer_set_words (SioscopePrinter *self,
                                          SioscopePrintWords  words);
/* Appends the lines (none, one, or several, each ended by "\n") of the next row that was not
 * printed yet. A binary event waits for its last attachment. FALSE if there is no further row. Rows
 * must be taken in order: acks look back to their events. */
gboolean         sioscope_printer_next   (SioscopePrinter    *self,
                                          GString            *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopePrinter, sioscope_printer_free)

G_END_DECLS
