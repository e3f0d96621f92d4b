/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeFilter: which rows are wanted, said in one line. The language is docs/filter.md. */

#pragma once

#include "sioscope-projection.h"
#include "sioscope-show.h"

G_BEGIN_DECLS

#define SIOSCOPE_FILTER_ERROR (sioscope_filter_error_quark ())
/**
 * SioscopeFilterError:
 * @SIOSCOPE_FILTER_ERROR_SYNTAX: the line is not of the language
 *
 * Why a line is no filter.
 */
typedef enum {
  SIOSCOPE_FILTER_ERROR_SYNTAX,
} SioscopeFilterError;
GQuark          sioscope_filter_error_quark (void);

/**
 * SioscopeFilter:
 *
 * Says of every row whether it is wanted. Never changes; any thread.
 */
typedef struct _SioscopeFilter SioscopeFilter;

/**
 * SioscopePlace:
 * @start: first byte of the line that is meant
 * @end: the byte behind the last; @start if something is missing there
 *
 * A place in a line.
 */
typedef struct {
  gsize start;
  gsize end;
} SioscopePlace;

/* NULL and the place of the mistake (out, optional) if the line is wrong; the message says what was expected. NULL, "" and
 * blanks want everything. */
SioscopeFilter *sioscope_filter_new         (const char        *line,
                                             SioscopePlace     *mistake,
                                             GError           **error);
/* What chips say: kinds, and for rows that have a direction, which. */
SioscopeFilter *sioscope_filter_new_show    (SioscopeShow       show,
                                             gboolean           in,
                                             gboolean           out);
/* Both must want the row. */
SioscopeFilter *sioscope_filter_new_and     (SioscopeFilter    *a,
                                             SioscopeFilter    *b);
SioscopeFilter *sioscope_filter_ref         (SioscopeFilter    *self);
void            sioscope_filter_unref       (SioscopeFilter    *self);
gboolean        sioscope_filter_equal       (SioscopeFilter    *a,
                                             SioscopeFilter    *b);
/* It wants every row. */
gboolean        sioscope_filter_is_everything (SioscopeFilter  *self);
/* It asks what became of an ack: whether a row is wanted can change when the ack (or its failing) is recorded. */
gboolean        sioscope_filter_needs_acks  (SioscopeFilter    *self);
/* The kinds that its line names to see them (kind:ping), whatever the chips say. */
SioscopeShow    sioscope_filter_get_named   (SioscopeFilter    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeFilter, sioscope_filter_unref)

/**
 * SioscopeMatcher:
 *
 * A filter at work on one recording: keeps what it has learned of its names. Any thread, but one at a time.
 */
typedef struct _SioscopeMatcher SioscopeMatcher;

/* acks: what became of acks, brought up to date by the caller; may be NULL unless sioscope_filter_needs_acks(). */
SioscopeMatcher *sioscope_matcher_new       (SioscopeFilter     *filter,
                                             SioscopeRecording  *recording,
                                             SioscopeProjection *acks);
void             sioscope_matcher_free      (SioscopeMatcher    *self);
/* *stop becoming not 0 (any thread, atomically) makes a long look at one large row end at once, with FALSE. */
void             sioscope_matcher_set_stop  (SioscopeMatcher    *self,
                                             const gint         *stop);
gboolean         sioscope_matcher_wants     (SioscopeMatcher    *self,
                                             guint64             row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeMatcher, sioscope_matcher_free)

/**
 * SioscopeFilterToken:
 *
 * For colouring: what the bytes of a line are.
 */
typedef enum {
  SIOSCOPE_FILTER_TOKEN_TEXT,
  SIOSCOPE_FILTER_TOKEN_KEY,      /* "event:", "arg[0].user.id:" */
  SIOSCOPE_FILTER_TOKEN_VALUE,
  SIOSCOPE_FILTER_TOKEN_REGEX,
  SIOSCOPE_FILTER_TOKEN_WORD,     /* and, or, not, parentheses */
} SioscopeFilterToken;
typedef struct {
  SioscopePlace       place;
  SioscopeFilterToken token;
} SioscopeFilterPart;

/* (transfer full): the parts of any line, right or wrong, in order, of SioscopeFilterPart. */
GArray          *sioscope_filter_dup_parts  (const char         *line);

/* What could stand at the cursor (a byte of the line): place is what it would replace. (transfer full) (array
 * zero-terminated=1): the best first, at most 20; keys, then the known values of a key: namespaces, events, kinds … recording
 * may be NULL. */
char           **sioscope_filter_complete   (const char         *line,
                                             gsize               cursor,
                                             SioscopeRecording  *recording,
                                             SioscopePlace      *place);

G_END_DECLS
