/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two threads and what passes between them: orders one way, blocks of rows the other, both under a lock that is held for the
 * exchange and never while a row is looked at. */

#include "sioscope-query-private.h"
#include "sioscope-query-scan-private.h"

#define BLOCK_ROWS 16384u
/* What a list keeps at hand, which is some screenfuls, is told at once; what there is, a little later; that there is nothing yet, when it
 * begins to be felt. */
#define FIRST_ROWS 256u
#define FIRST_US   20000
#define NOTHING_US 100000
/* From then on there is news about once a frame. */
#define NEWS_US    8000
/* GListModel counts with 32 bits, and so do we. */
#define ROWS_MAX   ((guint64) G_MAXUINT32)

struct _SioscopeQuery {
  GObject parent_instance;

  SioscopeRecording *recording;
  GMainContext      *context;
  GThread           *thread;     /* NULL until the first filter */
  guint              block_rows;

  gint               stop;       /* atomic: what is being looked at is not wanted any more */

  GMutex             lock;       /* from here on */
  GCond              ordered;
  SioscopeFilter    *filter;
  guint              generation; /* of the filter */
  guint64            target;
  gboolean           quit;
  GQueue             blocks;     /* of SioscopeQueryBlock */
  SioscopeQueryProgress progress;
  GSource           *wake;       /* NULL: nothing was said since something was taken */
};

G_DEFINE_FINAL_TYPE (SioscopeQuery, sioscope_query, G_TYPE_OBJECT)

enum { ADVANCED, N_SIGNALS };
static guint signals[N_SIGNALS];

static guint usual_block_rows = BLOCK_ROWS;

static gboolean
wake_cb (gpointer data)
{
  g_signal_emit (data, signals[ADVANCED], 0);
  return G_SOURCE_REMOVE;
}

/* ── The worker. The lock is held where the name says so. ── */

typedef struct {
  SioscopeQueryScan scan;
  guint             generation; /* of the filter that is worked on */
  gint64            begun_us;
  gint64            told_us;
  gboolean          begun;      /* something was told */
  gboolean          all_told;
} Worker;

static void
tell_locked (SioscopeQuery *self,
             Worker        *worker,
             gint64         now_us)
{
  SioscopeQueryScan *scan = &worker->scan;

  for (guint i = 0; i < SIOSCOPE_QUERY_N_PARTS; i++)
    {
      SioscopeQueryBlock *block = g_steal_pointer (&scan->found[i]);

      /* Nobody knows when it will be taken: it shall not be larger than what it holds. */
      if (block != NULL)
        g_queue_push_tail (&self->blocks, g_realloc (block, sizeof *block + block->n * sizeof *block->rows));
    }
  scan->n_found = 0;
  worker->begun = TRUE;
  worker->told_us = now_us;
  worker->all_told = sioscope_query_scan_is_through (scan);

  self->progress.begun = TRUE;
  self->progress.through = worker->all_told;
  self->progress.low = scan->low;
  self->progress.high = scan->high;
  if (self->wake == NULL)
    {
      self->wake = g_idle_source_new ();
      g_source_set_priority (self->wake, G_PRIORITY_DEFAULT);
      g_source_set_static_name (self->wake, "sioscope-query");
      g_source_set_callback (self->wake, wake_cb, self, NULL);
      g_source_attach (self->wake, self->context);
    }
}

static gboolean
is_news (Worker *worker,
         gint64  now_us)
{
  SioscopeQueryScan *scan = &worker->scan;

  if (sioscope_query_scan_is_through (scan))
    return TRUE;
  if (sioscope_query_scan_has_changes (scan))
    return TRUE;
  if (!worker->begun)
    return scan->n_found >= MIN (FIRST_ROWS, scan->block_rows)
           || now_us - worker->begun_us >= (scan->n_found > 0 ? FIRST_US : NOTHING_US);
  for (guint i = 0; i < SIOSCOPE_QUERY_N_PARTS; i++)
    if (scan->found[i] != NULL && scan->found[i]->n >= scan->block_rows)
      return TRUE;
  return now_us - worker->told_us >= (scan->n_found > 0 ? NEWS_US : NOTHING_US);
}

static gpointer
run (gpointer data)
{
  SioscopeQuery *self = data;
  Worker worker = { .generation = 0 };
  SioscopeQueryScan *scan = &worker.scan;

  sioscope_query_scan_init (scan, self->recording, &self->stop);
  scan->block_rows = self->block_rows;
  g_mutex_lock (&self->lock);
  while (!self->quit)
    {
      gint64 now_us;

      if (worker.generation != self->generation)
        {
          g_autoptr(SioscopeFilter) filter = sioscope_filter_ref (self->filter);
          guint64 target = self->target;

          worker.generation = self->generation;
          g_atomic_int_set (&self->stop, 0);
          g_mutex_unlock (&self->lock);
          sioscope_query_scan_begin (scan, filter, target);
          worker.begun_us = g_get_monotonic_time ();
          worker.begun = worker.all_told = FALSE;
          g_mutex_lock (&self->lock);
          continue;
        }
      if (scan->target == self->target && worker.all_told)
        {
          g_cond_wait (&self->ordered, &self->lock);
          continue;
        }

      scan->target = self->target;
      worker.all_told = FALSE;
      g_mutex_unlock (&self->lock);
      sioscope_query_scan_step (scan, worker.begun ? G_MAXUINT : MIN (FIRST_ROWS, scan->block_rows));
      now_us = g_get_monotonic_time ();
      g_mutex_lock (&self->lock);
      if (worker.generation == self->generation && is_news (&worker, now_us))
        tell_locked (self, &worker, now_us);
    }
  g_mutex_unlock (&self->lock);
  sioscope_query_scan_clear (scan);
  return NULL;
}

/* ── Whoever asks ── */

/* What was to be said has been heard, or is not worth it any more. */
static void
forget_wake (SioscopeQuery *self)
{
  if (self->wake != NULL)
    g_source_destroy (self->wake);
  g_clear_pointer (&self->wake, g_source_unref);
}

/**
 * sioscope_query_new:
 * @recording: what to look at
 *
 * Returns: (transfer full): a query that does nothing before its first filter
 */
SioscopeQuery *
sioscope_query_new (SioscopeRecording *recording)
{
  SioscopeQuery *self;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);

  self = g_object_new (SIOSCOPE_TYPE_QUERY, NULL);
  self->recording = g_object_ref (recording);
  return self;
}

/**
 * sioscope_query_set_filter:
 * @self: a query
 * @filter: what is wanted
 *
 * The filter before is stopped at once, whatever it was looking at, and nothing of it is given any more. Looks at all rows that are
 * published by now, from the newest down.
 */
void
sioscope_query_set_filter (SioscopeQuery  *self,
                           SioscopeFilter *filter)
{
  SioscopeFilter *before;

  g_return_if_fail (SIOSCOPE_IS_QUERY (self));
  g_return_if_fail (filter != NULL);

  g_mutex_lock (&self->lock);
  before = self->filter;
  self->filter = sioscope_filter_ref (filter);
  self->generation++;
  self->target = MIN (sioscope_recording_get_n_rows (self->recording), ROWS_MAX);
  self->progress = (SioscopeQueryProgress) { .low = self->target, .high = self->target };
  g_queue_clear_full (&self->blocks, g_free);
  forget_wake (self);
  g_atomic_int_set (&self->stop, 1);
  g_cond_signal (&self->ordered);
  g_mutex_unlock (&self->lock);

  g_clear_pointer (&before, sioscope_filter_unref);
  if (self->thread == NULL)
    self->thread = g_thread_new ("sioscope-query", run, self);
}

/**
 * sioscope_query_look:
 * @self: a query
 *
 * Looks at the rows that were published since the filter was set, or since this was called last.
 *
 * Returns: the rows below this one are to be looked at
 */
guint64
sioscope_query_look (SioscopeQuery *self)
{
  guint64 n_rows;

  g_return_val_if_fail (SIOSCOPE_IS_QUERY (self), 0);

  n_rows = MIN (sioscope_recording_get_n_rows (self->recording), ROWS_MAX);
  g_mutex_lock (&self->lock);
  if (self->target < n_rows)
    {
      self->target = n_rows;
      g_cond_signal (&self->ordered);
    }
  g_mutex_unlock (&self->lock);
  return n_rows;
}

SioscopeQueryBlock *
sioscope_query_take (SioscopeQuery *self)
{
  SioscopeQueryBlock *block;

  g_return_val_if_fail (SIOSCOPE_IS_QUERY (self), NULL);

  g_mutex_lock (&self->lock);
  block = g_queue_pop_head (&self->blocks);
  forget_wake (self);
  g_mutex_unlock (&self->lock);
  return block;
}

SioscopeQueryProgress
sioscope_query_get_progress (SioscopeQuery *self)
{
  SioscopeQueryProgress progress;

  g_return_val_if_fail (SIOSCOPE_IS_QUERY (self), (SioscopeQueryProgress) { 0 });

  g_mutex_lock (&self->lock);
  progress = self->progress;
  progress.through = progress.through && progress.high >= self->target;
  g_mutex_unlock (&self->lock);
  return progress;
}

void
sioscope_query_set_block_for_tests (guint n_rows)
{
  usual_block_rows = n_rows > 0 ? n_rows : BLOCK_ROWS;
}

static void
sioscope_query_dispose (GObject *object)
{
  SioscopeQuery *self = SIOSCOPE_QUERY (object);

  if (self->thread != NULL)
    {
      g_mutex_lock (&self->lock);
      self->quit = TRUE;
      g_atomic_int_set (&self->stop, 1);
      g_cond_signal (&self->ordered);
      g_mutex_unlock (&self->lock);
      g_thread_join (g_steal_pointer (&self->thread));
    }
  forget_wake (self);

  G_OBJECT_CLASS (sioscope_query_parent_class)->dispose (object);
}

static void
sioscope_query_finalize (GObject *object)
{
  SioscopeQuery *self = SIOSCOPE_QUERY (object);

  g_queue_clear_full (&self->blocks, g_free);
  g_clear_pointer (&self->filter, sioscope_filter_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_object (&self->recording);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ordered);

  G_OBJECT_CLASS (sioscope_query_parent_class)->finalize (object);
}

static void
sioscope_query_class_init (SioscopeQueryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sioscope_query_dispose;
  object_class->finalize = sioscope_query_finalize;

  /**
   * SioscopeQuery::advanced:
   *
   * There is something to take, or the progress is another one. Not again before sioscope_query_take() was called.
   */
  signals[ADVANCED] = g_signal_new ("advanced", SIOSCOPE_TYPE_QUERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sioscope_query_init (SioscopeQuery *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->block_rows = usual_block_rows;
  g_mutex_init (&self->lock);
  g_cond_init (&self->ordered);
  g_queue_init (&self->blocks);
}
