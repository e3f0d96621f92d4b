/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The events of a recording, counted in a thread: the statistics are the thread's while it counts, what it hands over is a copy. */

#pragma once

#include "sioscope-statistics.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIOSCOPE_EVENTS_MAX_LINES 500

typedef struct {
  guint        name;       /* SIOSCOPE_NAME_UNNUMBERED: all that have no line of their own */
  SioDirection direction;
  guint64      count;
  double       rate;       /* a second: of a live recording over the last seconds, of a file over all of it */
  guint64      n_asked;    /* for an ack */
  guint64      n_answered;
  guint64      n_timed_out;
  guint64      n_pending;
  gint64       p95_us;     /* -1: nothing was answered */
} SioscopeEventsLine;

typedef struct {
  GArray  *lines;          /* of SioscopeEventsLine: namespace by namespace, each in the order of first events */
  guint    n_hidden;       /* lines that are not among them: those with the smallest counts */
  guint64  n_hidden_events;
  guint64  n_missed;       /* rows that were discarded before they could be counted */
  gboolean complete;       /* all that was there is */
} SioscopeEventsFigures;

void                   sioscope_events_figures_free  (SioscopeEventsFigures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeEventsFigures, sioscope_events_figures_free)

/* Counts for time_us at most. One at a time; nobody else may touch the statistics until it is done. */
void                   sioscope_events_count_async   (SioscopeStatistics    *statistics,
                                                      gint64                 time_us,
                                                      GCancellable          *cancellable,
                                                      GAsyncReadyCallback    callback,
                                                      gpointer               data);
SioscopeEventsFigures *sioscope_events_count_finish  (SioscopeStatistics    *statistics,
                                                      GAsyncResult          *result,
                                                      GError               **error);
/* The line of the filter language that finds them; NULL if none can. (transfer full) */
char                  *sioscope_events_dup_filter    (SioscopeRecording     *recording,
                                                      guint                  name);

G_END_DECLS
