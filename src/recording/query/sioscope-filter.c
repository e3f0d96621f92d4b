/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The tree of a filter. It keeps what was written; what costs least to ask first is the matcher's affair. */

#include "sioscope-filter-private.h"

G_DEFINE_QUARK (sioscope-filter-error-quark, sioscope_filter_error)

FilterNode *
filter_node_new (FilterOp    op,
                 const char *source,
                 gsize       size)
{
  FilterNode *self = g_new0 (FilterNode, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->op = op;
  if (source != NULL)
    self->source = g_strndup (source, size);
  return self;
}

FilterNode *
filter_node_ref (FilterNode *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
filter_node_unref (FilterNode *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_clear_pointer (&self->patterns, g_ptr_array_unref);
  g_clear_pointer (&self->ranges, g_array_unref);
  g_clear_pointer (&self->periods, g_array_unref);
  g_clear_pointer (&self->path, sioscope_json_path_free);
  g_clear_pointer (&self->tests, g_ptr_array_unref);
  g_free (self->needle);
  g_free (self->source);
  g_free (self);
}

/* A list of terms is one node, however long it is: depth costs stack. */
FilterNode *
filter_node_new_pair (FilterOp    op,
                      FilterNode *a,
                      FilterNode *b)
{
  FilterNode *self = filter_node_new (op, NULL, 0);
  FilterNode *both[] = { a, b };

  self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) filter_node_unref);
  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      if (both[i] == NULL)
        continue;
      if (both[i]->op != op || op == FILTER_NOT)
        {
          g_ptr_array_add (self->children, both[i]);
          continue;
        }
      for (guint j = 0; j < both[i]->children->len; j++)
        g_ptr_array_add (self->children, filter_node_ref (g_ptr_array_index (both[i]->children, j)));
      filter_node_unref (both[i]);
    }
  return self;
}

static gboolean
nodes_equal (const FilterNode *a,
             const FilterNode *b)
{
  guint n;

  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || a->op != b->op || g_strcmp0 (a->source, b->source) != 0
      || memcmp (&a->classes, &b->classes, sizeof a->classes) != 0)
    return FALSE;
  n = a->children != NULL ? a->children->len : 0;
  if (n != (b->children != NULL ? b->children->len : 0))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!nodes_equal (g_ptr_array_index (a->children, i), g_ptr_array_index (b->children, i)))
      return FALSE;
  return TRUE;
}

static void
learn (SioscopeFilter   *self,
       const FilterNode *node,
       gboolean          negated)
{
  if (node->op == FILTER_ACK || node->op == FILTER_LATENCY || node->op == FILTER_REPLAYED)
    self->needs_acks = TRUE;
  if (!negated)
    self->named |= node->named;
  for (guint i = 0; node->children != NULL && i < node->children->len; i++)
    learn (self, g_ptr_array_index (node->children, i), negated != (node->op == FILTER_NOT));
}

/* Takes root. */
static SioscopeFilter *
filter_new_for_node (FilterNode *root)
{
  SioscopeFilter *self = g_new0 (SioscopeFilter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->root = root;
  if (root != NULL)
    learn (self, root, FALSE);
  return self;
}

static void
set_mistake (SioscopePlace *mistake,
             gsize          start,
             gsize          end)
{
  if (mistake != NULL)
    *mistake = (SioscopePlace) { start, end };
}

/**
 * sioscope_filter_new:
 * @line: (nullable): a line of the filter language; %NULL, "" and blanks want everything
 * @mistake: (out) (optional): on failure, the place of the mistake, in bytes of @line
 * @error: return location for a #SioscopeFilterError, which says in English what was expected there
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): what @line says, or %NULL if it is wrong
 */
SioscopeFilter *
sioscope_filter_new (const char     *line,
                     SioscopePlace  *mistake,
                     GError        **error)
{
  gsize size = line != NULL ? strlen (line) : 0;
  SioscopePlace place = { 0, 0 };
  const char *invalid;
  FilterNode *root;
  GError *local = NULL;

  if (size > SIOSCOPE_FILTER_MAX_LINE)
    {
      set_mistake (mistake, SIOSCOPE_FILTER_MAX_LINE, size);
      g_set_error (error, SIOSCOPE_FILTER_ERROR, SIOSCOPE_FILTER_ERROR_SYNTAX,
                   "expected a line of %u bytes at most", SIOSCOPE_FILTER_MAX_LINE);
      return NULL;
    }
  if (!g_utf8_validate (line != NULL ? line : "", (gssize) size, &invalid))
    {
      gsize at = (gsize) (invalid - line);

      set_mistake (mistake, at, at + 1);
      g_set_error_literal (error, SIOSCOPE_FILTER_ERROR, SIOSCOPE_FILTER_ERROR_SYNTAX, "expected text in UTF-8");
      return NULL;
    }

  root = filter_parse (line, size, &place, &local);
  if (local != NULL)
    {
      set_mistake (mistake, place.start, place.end);
      g_propagate_error (error, local);
      return NULL;
    }
  return filter_new_for_node (root);
}

/**
 * sioscope_filter_new_show:
 * @show: what kinds of rows to show
 * @in: whether to show what came from the server
 * @out: whether to show what went to the server
 *
 * Returns: (transfer full): a filter that wants these, and rows without a direction whatever @in and @out are
 */
SioscopeFilter *
sioscope_filter_new_show (SioscopeShow show,
                          gboolean     in,
                          gboolean     out)
{
  FilterNode *root;

  if ((show & SIOSCOPE_SHOW_ALL) == SIOSCOPE_SHOW_ALL && in && out)
    return filter_new_for_node (NULL);
  root = filter_node_new (FILTER_CLASS, NULL, 0);
  filter_classes_add_show (&root->classes, show, in, out);
  return filter_new_for_node (root);
}

/**
 * sioscope_filter_new_and:
 * @a: a filter
 * @b: another
 *
 * Returns: (transfer full): a filter that wants what both want
 */
SioscopeFilter *
sioscope_filter_new_and (SioscopeFilter *a,
                         SioscopeFilter *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, NULL);

  if (a->root == NULL || b->root == NULL)
    return sioscope_filter_ref (a->root == NULL ? b : a);
  return filter_new_for_node (filter_node_new_pair (FILTER_AND, filter_node_ref (a->root), filter_node_ref (b->root)));
}

SioscopeFilter *
sioscope_filter_ref (SioscopeFilter *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
sioscope_filter_unref (SioscopeFilter *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->root, filter_node_unref);
  g_free (self);
}

/**
 * sioscope_filter_equal:
 * @a: (nullable): a filter
 * @b: (nullable): another
 *
 * Returns: whether both say the same in the same words. Blanks and brackets that change nothing do not matter.
 */
gboolean
sioscope_filter_equal (SioscopeFilter *a,
                       SioscopeFilter *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return nodes_equal (a->root, b->root);
}

gboolean
sioscope_filter_is_everything (SioscopeFilter *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->root == NULL;
}

gboolean
sioscope_filter_needs_acks (SioscopeFilter *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->needs_acks;
}

SioscopeShow
sioscope_filter_get_named (SioscopeFilter *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->named;
}
