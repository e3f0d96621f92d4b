/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What happened, as sentences for people: rows, stretches of the strip, reasons. Everything of the server inside of them is
 * sanitised and isolated; nothing is markup. */

#pragma once

#include "sioscope-projection.h"
#include "sioscope-recording.h"

G_BEGIN_DECLS

const char *sioscope_words_transport (SioTransportKind         transport);
char       *sioscope_words_reason    (SioSpan                  reason);
char       *sioscope_words_dup_versions (guint                 server,
                                      guint                    eio);
char       *sioscope_words_entry     (const SioscopeEntry     *entry);
const char *sioscope_words_icon      (const SioscopeEntry     *entry);
char       *sioscope_words_segment   (const SioscopeSegment   *segment,
                                      gint64                   now_us);
char       *sioscope_words_ack       (const SioscopeEntry     *entry,
                                      const SioscopeAck       *ack,
                                      gint64                   now_us);
gboolean    sioscope_words_is_loss   (const SioscopeEntry     *entry);
gboolean    sioscope_words_is_error  (const SioscopeEntry     *entry);
gboolean    sioscope_words_is_event  (const SioscopeEntry     *entry);
gboolean    sioscope_words_is_ack    (const SioscopeEntry     *entry);

/* Whether anything of a lost emit can have reached the server. */
typedef enum {
  SIOSCOPE_LOSS_UNKNOWN,
  SIOSCOPE_LOSS_NEVER_SENT,
  SIOSCOPE_LOSS_POSSIBLE,
} SioscopeLoss;

SioscopeLoss sioscope_words_loss (const SioscopeEntry *entry);
char        *sioscope_words_try  (const SioscopeEntry *entry);
gboolean     sioscope_words_will_try (const SioscopeEntry *entry);
SioSpan      sioscope_words_head (SioSpan              text);

/* sioscope-words-row.c: the same with what stands around the row. */
char    *sioscope_words_row          (SioscopeRecording   *recording,
                                      const SioscopeEntry *entry);
gboolean sioscope_words_row_is_error (SioscopeRecording   *recording,
                                      const SioscopeEntry *entry);

G_END_DECLS
