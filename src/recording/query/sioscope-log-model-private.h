/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the log model share: sioscope-log-model.c is the object, -take.c brings in what its query found. */

#pragma once

#include "sioscope-log-model.h"
#include "sioscope-query.h"
#include "sioscope-recording-index.h"
#include "sioscope-row-list-private.h"

G_BEGIN_DECLS

struct _SioscopeLogItem {
  GObject parent_instance;

  guint64     row;
  GHashTable *items; /* the model's, which may be gone already */
};

struct _SioscopeLogModel {
  GObject parent_instance;

  SioscopeRecording *recording;
  SioscopeQuery     *query;
  SioscopeFilter    *filter;
  SioscopeRowList    rows;
  GQueue             waiting;   /* of SioscopeQueryBlock: taken from the query, not put into rows yet */
  GHashTable        *items;     /* guint64 row → SioscopeLogItem that somebody holds: one row is one object as long as it is held */

  guint64            hole_end;  /* rows discarded so far, as taken into account */
  guint64            low;       /* every wanted row from here… */
  guint64            high;      /* …up to here is in rows */
  guint64            asked;     /* rows up to here were to be looked at */
  gboolean           through;   /* nothing was left to look at */
  gboolean           stale;     /* rows are those of the filter before */
  gboolean           frozen;
  gboolean           keep_end;
};

/* Some blocks, by what they are. */
typedef struct {
  GPtrArray *blocks[SIOSCOPE_QUERY_GONE + 1];
  guint      n[SIOSCOPE_QUERY_GONE + 1];
  GPtrArray *changes; /* those of COME and GONE as they came; not owned */
} SioscopeTaken;

/* FALSE if it is not all there is. */
gboolean sioscope_log_model_take        (SioscopeLogModel    *self,
                                         SioscopeTaken       *taken,
                                         SioscopeHole         hole);
void     sioscope_taken_clear           (SioscopeTaken       *taken);
void     sioscope_log_model_put         (SioscopeLogModel    *self,
                                         const SioscopeTaken *taken,
                                         SioscopeQueryPart    part);
/* Before what a new filter found comes in. TRUE if it is not time for that yet. */
gboolean sioscope_log_model_dwindle     (SioscopeLogModel    *self);
void     sioscope_log_model_replace_all (SioscopeLogModel    *self,
                                         const SioscopeTaken *taken);
/* Says it, if anything did. */
void     sioscope_log_model_changed     (SioscopeLogModel    *self,
                                         guint                position,
                                         guint                removed,
                                         guint                added);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioscopeTaken, sioscope_taken_clear)

G_END_DECLS
