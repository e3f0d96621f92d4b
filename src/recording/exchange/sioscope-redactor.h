/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeRedactor: an entry in, the same entry without credentials out. What is a credential is found in two ways: by where it
 * stands (a header, a parameter, a member with such a name, an auth), and, once all rows were shown to it, by its value, wherever
 * else that occurs. docs/formats.md, "Redaction". */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

#define SIOSCOPE_REDACTED "[redacted]"

typedef struct _SioscopeRedactor SioscopeRedactor;

/**
 * SioscopeRedacted:
 *
 * The memory that redacted entries point into: those of one round live until the next one.
 */
typedef struct _SioscopeRedacted SioscopeRedacted;

SioscopeRedacted *sioscope_redacted_new          (void);
void              sioscope_redacted_free         (SioscopeRedacted    *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeRedacted, sioscope_redacted_free)

SioscopeRedactor *sioscope_redactor_new          (void);
void              sioscope_redactor_free         (SioscopeRedactor    *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeRedactor, sioscope_redactor_free)

/* Of all rows, wanted or not, before the first is redacted. */
void              sioscope_redactor_learn        (SioscopeRedactor    *self,
                                                  const SioscopeEntry *entry);
void              sioscope_redactor_learn_text   (SioscopeRedactor    *self,
                                                  const char          *text);
/* What events and namespaces are called is none, even if it equals one. */
void              sioscope_redactor_learn_name   (SioscopeRedactor    *self,
                                                  const SioscopeName  *name);
void              sioscope_redactor_seal         (SioscopeRedactor    *self);
/* Changes the entry where it has to; what it points to then lives until the next call with the same memory. From here on any
 * thread, one at a time. */
void              sioscope_redactor_redact       (SioscopeRedactor    *self,
                                                  SioscopeEntry       *entry,
                                                  SioscopeRedacted    *memory);
/* (transfer full) */
char             *sioscope_redactor_redact_text  (SioscopeRedactor    *self,
                                                  const char          *text);
/* In place: an array of GBytes, as sioscope_recording_dup_attachments() gives it. */
void              sioscope_redactor_redact_attachments (SioscopeRedactor *self,
                                                  guint64              packet_row,
                                                  GPtrArray           *attachments);

G_END_DECLS
