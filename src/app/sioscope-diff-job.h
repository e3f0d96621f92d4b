/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two rows compared in a thread, and the differences as bounded texts that are safe to show. */

#pragma once

#include "sioscope-json-diff.h"
#include "sioscope-recording.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* More than that, both together, is not compared. */
#define SIOSCOPE_DIFF_MAX_BYTES ((gsize) 16 * 1000 * 1000)
#define SIOSCOPE_DIFF_MAX_CHARS 240

/* One difference, for a list. before and after are NULL where there is nothing. */
#define SIOSCOPE_TYPE_DIFF_ITEM (sioscope_diff_item_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeDiffItem, sioscope_diff_item, SIOSCOPE, DIFF_ITEM, GObject)

struct _SioscopeDiffItem {
  GObject parent_instance;

  SioscopeJsonDifferenceKind kind;
  gboolean                   by_bytes; /* the texts are equal: it is the attachments that they stand for */
  char                      *path;
  char                      *before;
  char                      *after;
};

typedef struct {
  GPtrArray             *items;
  SioscopeJsonDiffLimit  limits;
  gboolean               same;       /* the values are, however they are written */
  gboolean               identical;  /* the bytes are */
  gboolean               incomplete; /* attachments have not come */
} SioscopeDiffResult;

void                sioscope_diff_result_free    (SioscopeDiffResult  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeDiffResult, sioscope_diff_result_free)

void                sioscope_diff_compare_async  (SioscopeRecording   *recording,
                                                  guint64              before,
                                                  guint64              after,
                                                  GAsyncReadyCallback  callback,
                                                  gpointer             data);
/* G_IO_ERROR_MESSAGE_TOO_LARGE; G_IO_ERROR_NOT_FOUND: a row is not kept any more; SIO_ERROR: an argument list that cannot be read. */
SioscopeDiffResult *sioscope_diff_compare_finish (SioscopeRecording   *recording,
                                                  GAsyncResult        *result,
                                                  GError             **error);

G_END_DECLS
