/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Positions to rows: four bytes for each that a query found. What it finds is taken in in slices, so that neither a million new rows
 * nor a new filter over them holds a frame up. */

#include "sioscope-log-model-private.h"

/* More changes than that in the middle are told as one: to a view each costs as much as a thousand rows. */
#define CHANGES_MAX   8u

G_DEFINE_FINAL_TYPE (SioscopeLogItem, sioscope_log_item, G_TYPE_OBJECT)

static void sioscope_log_model_list_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioscopeLogModel, sioscope_log_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, sioscope_log_model_list_init))

enum { ADVANCED, RENEWED, N_SIGNALS };
static guint signals[N_SIGNALS];

void
sioscope_log_model_changed (SioscopeLogModel *self,
                            guint             position,
                            guint             removed,
                            guint             added)
{
  if (removed != 0 || added != 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

/* A row that comes to be wanted, or is wanted no more. */
typedef struct {
  guint32  row;
  guint    number; /* in the order in which it was said */
  gboolean wanted;
} Change;

static int
compare_changes (gconstpointer a,
                 gconstpointer b)
{
  const Change *x = a, *y = b;

  if (x->row != y->row)
    return x->row < y->row ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

/* Those that make a difference, in the order of rows; of a row, what was said last. */
static GArray *
list_changes (SioscopeLogModel *self,
              const SioscopeTaken      *taken)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (Change));
  guint kept = 0;

  for (guint i = 0; i < taken->changes->len; i++)
    {
      const SioscopeQueryBlock *block = g_ptr_array_index (taken->changes, i);

      for (guint k = 0; k < block->n; k++)
        {
          Change change = { block->rows[k], changes->len, block->part == SIOSCOPE_QUERY_COME };

          g_array_append_val (changes, change);
        }
    }
  g_array_sort (changes, compare_changes);
  for (guint i = 0; i < changes->len; i++)
    {
      const Change *change = &g_array_index (changes, Change, i);

      if (i + 1 < changes->len && change[1].row == change->row)
        continue;
      if (sioscope_log_model_has_row (self, change->row) != change->wanted)
        g_array_index (changes, Change, kept++) = *change;
    }
  g_array_set_size (changes, kept);
  return changes;
}

/* All from the first changed row on is put together anew, which is once over them however many changes there are. */
static void
merge_changes (SioscopeLogModel *self,
               const GArray     *changes)
{
  guint first = sioscope_row_list_find (&self->rows, g_array_index (changes, Change, 0).row);
  guint end = sioscope_row_list_find (&self->rows, (guint64) g_array_index (changes, Change, changes->len - 1).row + 1);
  guint before = sioscope_row_list_get_n (&self->rows);
  g_autofree guint32 *rows = g_new (guint32, before - first + changes->len);
  guint n = 0, i = first;

  for (guint k = 0; k < changes->len; k++)
    {
      const Change *change = &g_array_index (changes, Change, k);

      while (i < before && sioscope_row_list_get (&self->rows, i) < change->row)
        rows[n++] = sioscope_row_list_get (&self->rows, i++);
      if (change->wanted)
        rows[n++] = change->row;
      else
        i++;
    }
  while (i < before)
    rows[n++] = sioscope_row_list_get (&self->rows, i++);

  sioscope_row_list_remove (&self->rows, first, before - first);
  sioscope_row_list_append (&self->rows, rows, n);
  sioscope_log_model_changed (self, first, end - first, end - first + sioscope_row_list_get_n (&self->rows) - before);
}

static void
put_changes (SioscopeLogModel *self,
             const SioscopeTaken      *taken)
{
  g_autoptr(GArray) changes = NULL;

  if (taken->n[SIOSCOPE_QUERY_COME] + taken->n[SIOSCOPE_QUERY_GONE] == 0)
    return;
  changes = list_changes (self, taken);
  if (changes->len == 0)
    return;
  if (changes->len > CHANGES_MAX)
    {
      merge_changes (self, changes);
      return;
    }
  for (guint i = 0; i < changes->len; i++)
    {
      const Change *change = &g_array_index (changes, Change, i);
      guint position = sioscope_row_list_find (&self->rows, change->row);

      if (change->wanted)
        sioscope_row_list_insert (&self->rows, position, change->row);
      else
        sioscope_row_list_remove (&self->rows, position, 1);
      sioscope_log_model_changed (self, position, !change->wanted, change->wanted);
    }
}

static void
drop_discarded (SioscopeLogModel *self,
                SioscopeHole      hole)
{
  guint position, n;

  self->hole_end = hole.end;
  position = sioscope_row_list_find (&self->rows, hole.start);
  n = sioscope_row_list_find (&self->rows, hole.end) - position;
  if (n > 0)
    sioscope_row_list_remove (&self->rows, position, n);
  sioscope_log_model_changed (self, position, n, 0);
}

static void
query_advanced_cb (SioscopeLogModel *self)
{
  g_signal_emit (self, signals[ADVANCED], 0);
}

/**
 * sioscope_log_model_new:
 * @recording: what to show
 *
 * Returns: (transfer full): a model that shows %SIOSCOPE_SHOW_DEFAULT in both directions; empty until the first
 *   sioscope_log_model_advance()
 */
SioscopeLogModel *
sioscope_log_model_new (SioscopeRecording *recording)
{
  g_autoptr(SioscopeFilter) filter = NULL;
  SioscopeLogModel *self;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);

  self = g_object_new (SIOSCOPE_TYPE_LOG_MODEL, NULL);
  self->recording = g_object_ref (recording);
  self->query = sioscope_query_new (recording);
  g_signal_connect_swapped (self->query, "advanced", G_CALLBACK (query_advanced_cb), self);
  filter = sioscope_filter_new_show (SIOSCOPE_SHOW_DEFAULT, TRUE, TRUE);
  sioscope_log_model_set_filter (self, filter);
  return self;
}

/**
 * sioscope_log_model_set_filter:
 * @self: a model
 * @filter: which rows to show
 *
 * The items stay those of the filter before, if perhaps not all of them, until the first that this one finds are taken in, or it is known
 * that they are not to be found soon.
 */
void
sioscope_log_model_set_filter (SioscopeLogModel *self,
                               SioscopeFilter   *filter)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_MODEL (self));
  g_return_if_fail (filter != NULL);

  if (self->filter != NULL && sioscope_filter_equal (self->filter, filter))
    return;

  g_clear_pointer (&self->filter, sioscope_filter_unref);
  self->filter = sioscope_filter_ref (filter);
  self->stale = TRUE;
  self->through = FALSE;
  g_queue_clear_full (&self->waiting, g_free);
  sioscope_query_set_filter (self->query, filter);
  self->asked = self->low = self->high = sioscope_query_get_progress (self->query).high;
}

SioscopeFilter *
sioscope_log_model_get_filter (SioscopeLogModel *self)
{
  return self->filter;
}

void
sioscope_log_model_set_frozen (SioscopeLogModel *self,
                               gboolean          frozen)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_MODEL (self));

  if (frozen && !self->frozen)
    self->asked = sioscope_query_look (self->query);
  self->frozen = frozen;
}

/**
 * sioscope_log_model_set_keep_end:
 * @self: a model
 * @keep_end: whether whoever holds items stands at the end
 *
 * Then the first rows that a new filter finds become those of the items that are at the end, as far as there are as many: a view keeps
 * what it built for them and draws it anew, which it is told with #SioscopeLogModel::renewed. Otherwise an item stands for one row ever.
 */
void
sioscope_log_model_set_keep_end (SioscopeLogModel *self,
                                 gboolean          keep_end)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_MODEL (self));

  self->keep_end = keep_end;
}

/**
 * sioscope_log_model_advance:
 * @self: a model
 *
 * Takes in what was found since, for some milliseconds at most. Emits #GListModel::items-changed not at all, or once for each of:
 * discarded rows, older rows, newer rows; and some times for rows that an ack brought in or took out.
 *
 * Returns: %TRUE if more is waiting to be taken in
 */
gboolean
sioscope_log_model_advance (SioscopeLogModel *self)
{
  SioscopeQueryProgress progress;
  SioscopeHole hole;
  guint before;
  gboolean all;

  g_return_val_if_fail (SIOSCOPE_IS_LOG_MODEL (self), FALSE);

  hole = sioscope_recording_get_hole (self->recording);
  if (hole.end != self->hole_end)
    drop_discarded (self, hole);
  if (!self->frozen && self->asked < sioscope_recording_get_n_rows (self->recording))
    self->asked = sioscope_query_look (self->query);

  /* What it says has been looked at is in the blocks that are there by now. */
  progress = sioscope_query_get_progress (self->query);
  if (!progress.begun)
    return FALSE;
  if (self->stale && sioscope_log_model_dwindle (self))
    return TRUE;

  {
    g_auto(SioscopeTaken) taken = { { NULL } };

    all = sioscope_log_model_take (self, &taken, hole);
    before = sioscope_row_list_get_n (&self->rows);
    if (self->stale)
      {
        self->stale = FALSE;
        sioscope_log_model_replace_all (self, &taken);
      }
    else
      {
        sioscope_log_model_put (self, &taken, SIOSCOPE_QUERY_OLDER);
        sioscope_log_model_changed (self, 0, 0, taken.n[SIOSCOPE_QUERY_OLDER]);
        sioscope_log_model_put (self, &taken, SIOSCOPE_QUERY_NEWER);
        sioscope_log_model_changed (self, before + taken.n[SIOSCOPE_QUERY_OLDER], 0, taken.n[SIOSCOPE_QUERY_NEWER]);
      }
    put_changes (self, &taken);
  }
  if (all)
    {
      self->low = progress.low;
      self->high = progress.high;
      self->through = progress.through;
    }
  return !all;
}

gboolean
sioscope_log_model_get_stale (SioscopeLogModel *self)
{
  return self->stale;
}

gboolean
sioscope_log_model_get_searching (SioscopeLogModel *self)
{
  return self->stale || self->low > 0;
}

/**
 * sioscope_log_model_get_behind:
 * @self: a model
 *
 * Returns: whether there are rows, but those published since it was frozen, that were not looked at or are not taken in yet
 */
gboolean
sioscope_log_model_get_behind (SioscopeLogModel *self)
{
  guint64 n_rows = MIN (sioscope_recording_get_n_rows (self->recording), G_MAXUINT32);

  return self->stale || !self->through || self->high < (self->frozen ? self->asked : n_rows);
}

guint64
sioscope_log_model_get_first_looked (SioscopeLogModel *self)
{
  return self->low;
}

/**
 * sioscope_log_model_get_row:
 * @self: a model
 * @position: a position below the number of items
 *
 * Returns: the row that is shown there, or %SIOSCOPE_NO_ROW
 */
guint64
sioscope_log_model_get_row (SioscopeLogModel *self,
                            guint             position)
{
  if (position < sioscope_row_list_get_n (&self->rows))
    return sioscope_row_list_get (&self->rows, position);
  return SIOSCOPE_NO_ROW;
}

/**
 * sioscope_log_model_get_position:
 * @self: a model
 * @row: a row, shown or not
 *
 * Returns: the position of the first shown row at or after @row; the number of items if there is none
 */
guint
sioscope_log_model_get_position (SioscopeLogModel *self,
                                 guint64           row)
{
  return sioscope_row_list_find (&self->rows, row);
}

gboolean
sioscope_log_model_has_row (SioscopeLogModel *self,
                            guint64           row)
{
  guint position = sioscope_row_list_find (&self->rows, row);

  return position < sioscope_row_list_get_n (&self->rows) && sioscope_row_list_get (&self->rows, position) == row;
}

/**
 * sioscope_log_item_get_row:
 * @self: an item
 *
 * Returns: the row of the recording that it stands for
 */
guint64
sioscope_log_item_get_row (SioscopeLogItem *self)
{
  return self->row;
}

static void
sioscope_log_item_finalize (GObject *object)
{
  SioscopeLogItem *self = SIOSCOPE_LOG_ITEM (object);

  /* Another one may have come to stand for its row. */
  if (g_hash_table_lookup (self->items, &self->row) == self)
    g_hash_table_remove (self->items, &self->row);
  g_hash_table_unref (self->items);

  G_OBJECT_CLASS (sioscope_log_item_parent_class)->finalize (object);
}

static void
sioscope_log_item_class_init (SioscopeLogItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_log_item_finalize;
}

static void
sioscope_log_item_init (SioscopeLogItem *self)
{
}

static GType
sioscope_log_model_get_item_type (GListModel *model)
{
  return SIOSCOPE_TYPE_LOG_ITEM;
}

static guint
sioscope_log_model_get_n_items (GListModel *model)
{
  return sioscope_row_list_get_n (&SIOSCOPE_LOG_MODEL (model)->rows);
}

static gpointer
sioscope_log_model_get_item (GListModel *model,
                             guint       position)
{
  SioscopeLogModel *self = SIOSCOPE_LOG_MODEL (model);
  guint64 row = sioscope_log_model_get_row (self, position);
  SioscopeLogItem *item;

  if (row == SIOSCOPE_NO_ROW)
    return NULL;
  item = g_hash_table_lookup (self->items, &row);
  if (item != NULL)
    return g_object_ref (item);
  item = g_object_new (SIOSCOPE_TYPE_LOG_ITEM, NULL);
  item->row = row;
  item->items = g_hash_table_ref (self->items);
  g_hash_table_insert (self->items, &item->row, item);
  return item;
}

static void
sioscope_log_model_dispose (GObject *object)
{
  SioscopeLogModel *self = SIOSCOPE_LOG_MODEL (object);

  if (self->query != NULL)
    g_signal_handlers_disconnect_by_data (self->query, self);
  g_clear_object (&self->query);

  G_OBJECT_CLASS (sioscope_log_model_parent_class)->dispose (object);
}

static void
sioscope_log_model_finalize (GObject *object)
{
  SioscopeLogModel *self = SIOSCOPE_LOG_MODEL (object);

  g_clear_object (&self->recording);
  g_clear_pointer (&self->filter, sioscope_filter_unref);
  g_clear_pointer (&self->items, g_hash_table_unref);
  g_queue_clear_full (&self->waiting, g_free);
  sioscope_row_list_clear (&self->rows);

  G_OBJECT_CLASS (sioscope_log_model_parent_class)->finalize (object);
}

static void
sioscope_log_model_class_init (SioscopeLogModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sioscope_log_model_dispose;
  object_class->finalize = sioscope_log_model_finalize;

  /**
   * SioscopeLogModel::advanced:
   *
   * There is something for sioscope_log_model_advance(). Not again before that was called.
   */
  signals[ADVANCED] = g_signal_new ("advanced", SIOSCOPE_TYPE_LOG_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 0);
  /**
   * SioscopeLogModel::renewed:
   *
   * Items that are held stand for other rows than before. Only after sioscope_log_model_set_keep_end().
   */
  signals[RENEWED] = g_signal_new ("renewed", SIOSCOPE_TYPE_LOG_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
sioscope_log_model_init (SioscopeLogModel *self)
{
  self->items = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_queue_init (&self->waiting);
}

static void
sioscope_log_model_list_init (GListModelInterface *iface)
{
  iface->get_item_type = sioscope_log_model_get_item_type;
  iface->get_n_items = sioscope_log_model_get_n_items;
  iface->get_item = sioscope_log_model_get_item;
}
