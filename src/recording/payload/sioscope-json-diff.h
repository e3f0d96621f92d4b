/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeJsonDiff: how two payloads differ, from their texts: nothing is parsed into doubles, rounded or re-serialised. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/**
 * SioscopeJsonDifferenceKind:
 * @SIOSCOPE_JSON_ADDED: only the newer has it
 * @SIOSCOPE_JSON_REMOVED: only the older has it
 * @SIOSCOPE_JSON_CHANGED: another value of the same type
 * @SIOSCOPE_JSON_RETYPED: another type: a string that was a number, null that was an object. (true and false are of one type)
 * @SIOSCOPE_JSON_RESPELLED: the same value, written differently: 1.0 and 1, "\u0041" and "A"; a key likewise, then the spans are keys
 * @SIOSCOPE_JSON_REORDERED: the members that both objects have stand in another order
 *
 * What a difference is.
 */
typedef enum {
  SIOSCOPE_JSON_ADDED,
  SIOSCOPE_JSON_REMOVED,
  SIOSCOPE_JSON_CHANGED,
  SIOSCOPE_JSON_RETYPED,
  SIOSCOPE_JSON_RESPELLED,
  SIOSCOPE_JSON_REORDERED,
} SioscopeJsonDifferenceKind;

/**
 * SioscopeJsonDifference:
 * @kind: what it is
 * @path: where, in the filter language's form: arg[0].user.id, arg[1]["odd key"]; in the newer payload, of what was removed in the older.
 *   Valid UTF-8; ends with "…" where it was too long
 * @old_path: where it was in the older payload; the same text as @path unless elements of an array moved
 * @occurrence: of a member whose key stands several times in its object: which one, from 0
 * @by_place: somewhere above it the elements of a large array were compared by their places
 * @before: in the older text; empty if ADDED
 * @after: in the newer text; empty if REMOVED
 *
 * One difference.
 */
typedef struct {
  SioscopeJsonDifferenceKind kind;
  const char *path;
  const char *old_path;
  guint       occurrence;
  gboolean    by_place;
  SioSpan     before;
  SioSpan     after;
} SioscopeJsonDifference;

/**
 * SioscopeJsonDiffLimit:
 * @SIOSCOPE_JSON_DIFF_TRUNCATED: there are more differences than are told
 * @SIOSCOPE_JSON_DIFF_COARSE: something has too many values, or nests too deep, to be looked into: as a whole it was compared by its bytes
 * @SIOSCOPE_JSON_DIFF_BY_PLACE: the elements of a large array were compared by their places, and not by what is equal
 *
 * What kept a comparison from being complete.
 */
typedef enum {
  SIOSCOPE_JSON_DIFF_TRUNCATED = 1 << 0,
  SIOSCOPE_JSON_DIFF_COARSE    = 1 << 1,
  SIOSCOPE_JSON_DIFF_BY_PLACE  = 1 << 2,
} SioscopeJsonDiffLimit;

#define SIOSCOPE_JSON_DIFF_MAX_DIFFERENCES 4096
#define SIOSCOPE_JSON_DIFF_MAX_DEPTH       256
#define SIOSCOPE_JSON_DIFF_MAX_VALUES      400000

/**
 * SioscopeJsonDiff:
 *
 * How two payloads differ. Points into their texts, which must live as long. Never changes; any thread.
 */
typedef struct _SioscopeJsonDiff SioscopeJsonDiff;

/* Lists of values, "v,v,v", as arguments are; one value is a list of one. The attachments (of GBytes; may be NULL) are compared where
 * both texts have placeholders for them. SIO_ERROR_MALFORMED, or TOO_LARGE for depth, if a text is no such list. */
SioscopeJsonDiff             *sioscope_json_diff_new      (SioSpan            before,
                                                           GPtrArray         *before_attachments,
                                                           SioSpan            after,
                                                           GPtrArray         *after_attachments,
                                                           GError           **error);
void                          sioscope_json_diff_free     (SioscopeJsonDiff  *self);
/* In the order of the texts: of an object or array what changed and was removed, then what was added. */
const SioscopeJsonDifference *sioscope_json_diff_get      (SioscopeJsonDiff  *self,
                                                           guint             *n);
/* The values are the same, however they are written and in whatever order members stand. */
gboolean                      sioscope_json_diff_get_same (SioscopeJsonDiff  *self);
SioscopeJsonDiffLimit         sioscope_json_diff_get_limits (SioscopeJsonDiff *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeJsonDiff, sioscope_json_diff_free)

G_END_DECLS
