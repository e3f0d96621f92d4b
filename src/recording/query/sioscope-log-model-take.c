/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the query found comes in: in slices, and so that a view can keep up with it. */

#include "sioscope-log-model-private.h"

#include <string.h>

/* Copying them is a millisecond or so. */
#define SLICE_ROWS    200000u
/* A view builds something for each of the items around where it stands, and when items are replaced it looks for those it had among all
 * that are new. It does not keep more than that. */
#define AT_HAND_ROWS  256u
/* Building and taking down are some milliseconds for that many. */
#define FEW_ROWS      64u

/* Rows that were discarded after they had been found. */
static void
leave_out (SioscopeQueryBlock *block,
           SioscopeHole        hole)
{
  guint kept = 0;

  for (guint i = 0; i < block->n; i++)
    if (block->rows[i] < hole.start || block->rows[i] >= hole.end)
      block->rows[kept++] = block->rows[i];
  block->n = kept;
}

/* How many rows may come in at once. */
static guint
get_room (SioscopeLogModel *self)
{
  guint n = sioscope_row_list_get_n (&self->rows);

  if (self->stale && !self->keep_end)
    return FEW_ROWS;
  if (n >= AT_HAND_ROWS)
    return SLICE_ROWS;
  return self->stale ? n + FEW_ROWS : FEW_ROWS;
}

/* The next block, or as much of it as there is room for. */
static SioscopeQueryBlock *
take_block (SioscopeLogModel *self,
            guint             room)
{
  SioscopeQueryBlock *block = g_queue_pop_head (&self->waiting);
  SioscopeQueryBlock *head;

  if (block == NULL)
    block = sioscope_query_take (self->query);
  if (block == NULL || block->n <= room)
    return block;

  head = g_malloc (sizeof *head + room * sizeof *head->rows);
  head->part = block->part;
  head->n = room;
  memcpy (head->rows, block->rows, room * sizeof *head->rows);
  block->n -= room;
  memmove (block->rows, block->rows + room, block->n * sizeof *block->rows);
  g_queue_push_head (&self->waiting, block);
  return head;
}

/* FALSE if it is not all there is. */
gboolean
sioscope_log_model_take (SioscopeLogModel *self,
                         SioscopeTaken    *taken,
                         SioscopeHole      hole)
{
  SioscopeQueryBlock *block;
  guint room = get_room (self), most = self->stale ? MIN (room, AT_HAND_ROWS) : room, n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (taken->blocks); i++)
    {
      taken->blocks[i] = g_ptr_array_new_with_free_func (g_free);
      taken->n[i] = 0;
    }
  taken->changes = g_ptr_array_new ();
  while (n < most && (block = take_block (self, room)) != NULL)
    {
      n += block->n;
      if (hole.start < hole.end)
        leave_out (block, hole);
      g_ptr_array_add (taken->blocks[block->part], block);
      taken->n[block->part] += block->n;
      if (block->part >= SIOSCOPE_QUERY_COME)
        g_ptr_array_add (taken->changes, block);
    }
  return n < most && g_queue_is_empty (&self->waiting);
}

void
sioscope_taken_clear (SioscopeTaken *taken)
{
  for (guint i = 0; i < G_N_ELEMENTS (taken->blocks); i++)
    g_ptr_array_unref (taken->blocks[i]);
  g_ptr_array_unref (taken->changes);
}

void
sioscope_log_model_put (SioscopeLogModel    *self,
                        const SioscopeTaken *taken,
                        SioscopeQueryPart    part)
{
  for (guint i = 0; i < taken->blocks[part]->len; i++)
    {
      const SioscopeQueryBlock *block = g_ptr_array_index (taken->blocks[part], i);

      if (part == SIOSCOPE_QUERY_OLDER)
        sioscope_row_list_prepend (&self->rows, block->rows, block->n);
      else
        sioscope_row_list_append (&self->rows, block->rows, block->n);
    }
}

/* ── The first rows of a new filter ── */

/* An item that somebody holds, and how far from the end it is: 1 is the last. */
typedef struct {
  SioscopeLogItem *item; /* not owned */
  guint            from_end;
} Held;

/* Those of the last @n items that are held. Nobody finds them by their rows any more. */
static GArray *
steal_held (SioscopeLogModel *self,
            guint             n)
{
  GArray *held = g_array_new (FALSE, FALSE, sizeof (Held));
  guint n_rows = sioscope_row_list_get_n (&self->rows);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SioscopeLogItem *item = value;
      guint position = sioscope_row_list_find (&self->rows, item->row);

      if (position < n_rows && n_rows - position <= n && sioscope_row_list_get (&self->rows, position) == item->row)
        {
          Held one = { item, n_rows - position };

          g_hash_table_iter_steal (&iter);
          g_array_append_val (held, one);
        }
    }
  return held;
}

/* A view needs long to take all down at once (to tell assistive tools which one went, GTK counts all its siblings): where fewer rows are
 * to come, those before go from the top in some steps, while what is in sight stays. TRUE if that was one. */
gboolean
sioscope_log_model_dwindle (SioscopeLogModel *self)
{
  guint before = sioscope_row_list_get_n (&self->rows);
  guint at_hand = MIN (before, AT_HAND_ROWS);
  guint after = 0, removed;
  SioscopeQueryBlock *block;

  if (!self->keep_end)
    return FALSE;
  for (GList *l = self->waiting.head; l != NULL; l = l->next)
    after += ((SioscopeQueryBlock *) l->data)->n;
  while (after < AT_HAND_ROWS && (block = sioscope_query_take (self->query)) != NULL)
    {
      after += block->n;
      g_queue_push_tail (&self->waiting, block);
    }
  if (at_hand <= after + FEW_ROWS)
    return FALSE;

  removed = before - (at_hand - FEW_ROWS);
  sioscope_row_list_remove (&self->rows, 0, removed);
  sioscope_log_model_changed (self, 0, removed, 0);
  return TRUE;
}

/* What a new filter found first takes the place of all there was. */
void
sioscope_log_model_replace_all (SioscopeLogModel    *self,
                                const SioscopeTaken *taken)
{
  guint before = sioscope_row_list_get_n (&self->rows);
  guint after = taken->n[SIOSCOPE_QUERY_OLDER] + taken->n[SIOSCOPE_QUERY_NEWER];
  guint kept = self->keep_end ? MIN (before, after) : 0;
  g_autoptr(GArray) held = steal_held (self, kept);

  sioscope_row_list_clear (&self->rows);
  sioscope_log_model_put (self, taken, SIOSCOPE_QUERY_OLDER);
  sioscope_log_model_put (self, taken, SIOSCOPE_QUERY_NEWER);
  for (guint i = 0; i < held->len; i++)
    {
      const Held *one = &g_array_index (held, Held, i);

      one->item->row = sioscope_row_list_get (&self->rows, after - one->from_end);
      g_hash_table_replace (self->items, &one->item->row, one->item);
    }
  sioscope_log_model_changed (self, 0, before - kept, after - kept);
  if (kept > 0)
    g_signal_emit_by_name (self, "renewed");
}
