/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What belongs together: members of two objects that have the same key, however it is written and wherever they stand; elements of two
 * arrays that are equal and stand in the same order. */

#include "sioscope-json-nodes-private.h"

/* Arrays too large for a table may differ in so many elements. */
#define MAX_EDITS 1000

typedef struct {
  guint64 hash;
  guint32 child;
  guint32 place; /* among the members of its object */
} Member;

static int
compare_members (gconstpointer a,
                 gconstpointer b)
{
  const Member *x = a, *y = b;

  if (x->hash != y->hash)
    return x->hash < y->hash ? -1 : 1;
  return x->place < y->place ? -1 : x->place > y->place;
}

static Member *
sort_members (const SioscopeJsonNodes *nodes,
              guint                    object)
{
  guint n = sioscope_json_nodes_get (nodes, object)->n, child = object + 1;
  Member *members = g_new (Member, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    {
      const SioscopeJsonNode *node = sioscope_json_nodes_get (nodes, child);

      members[i] = (Member) { node->key_hash, child, i };
      child = node->next;
    }
  qsort (members, n, sizeof *members, compare_members);
  return members;
}

static gboolean
keys_equal (const SioscopeJsonNodes *a_nodes,
            const Member            *a,
            const SioscopeJsonNodes *b_nodes,
            const Member            *b)
{
  return a->hash == b->hash
         && sioscope_json_strings_equal (sioscope_json_nodes_key (a_nodes, a->child),
                                         sioscope_json_nodes_key (b_nodes, b->child));
}

void
sioscope_json_matches_init (SioscopeJsonMatches     *self,
                            const SioscopeJsonNodes *nodes,
                            guint                    a,
                            guint                    b)
{
  guint objects[2] = { a, b };
  Member *sorted[2];
  guint i = 0, j = 0;

  for (guint side = 0; side < 2; side++)
    {
      guint n = self->n[side] = sioscope_json_nodes_get (&nodes[side], objects[side])->n;
      guint32 *occurrence = g_new0 (guint32, MAX (n, 1));
      const Member *members = sorted[side] = sort_members (&nodes[side], objects[side]);

      for (guint k = 1; k < n; k++)
        if (keys_equal (&nodes[side], &members[k - 1], &nodes[side], &members[k]))
          occurrence[members[k].place] = occurrence[members[k - 1].place] + 1;
      self->occurrence[side] = occurrence;
      self->partner[side] = g_new (guint32, MAX (n, 1));
      for (guint k = 0; k < n; k++)
        self->partner[side][k] = SIOSCOPE_JSON_NO_NODE;
    }

  while (i < self->n[0] && j < self->n[1])
    {
      const Member *x = &sorted[0][i], *y = &sorted[1][j];

      if (x->hash != y->hash)
        {
          if (x->hash < y->hash)
            i++;
          else
            j++;
          continue;
        }
      /* Other keys with the same hash do not happen; if they did, they would be told as removed and added. */
      if (self->occurrence[0][x->place] == self->occurrence[1][y->place] && keys_equal (&nodes[0], x, &nodes[1], y))
        {
          self->partner[0][x->place] = y->child;
          self->partner[1][y->place] = x->child;
        }
      i++;
      j++;
    }
  g_free (sorted[0]);
  g_free (sorted[1]);
}

void
sioscope_json_matches_clear (SioscopeJsonMatches *self)
{
  for (guint side = 0; side < 2; side++)
    {
      g_free (self->partner[side]);
      g_free (self->occurrence[side]);
    }
}

static guint64 *
list_hashes (const SioscopeJsonNodes *nodes,
             const guint32           *elements,
             guint                    n)
{
  guint64 *hashes = g_new (guint64, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    hashes[i] = sioscope_json_nodes_get (nodes, elements[i])->hash;
  return hashes;
}

/* By the table that everybody knows: lengths[x][y] is that of what follows x and y. One of n and m is below 65536. */
static void
match_by_table (const guint64 *a,
                guint          n,
                const guint64 *b,
                guint          m,
                guint32       *partners)
{
  gsize width = (gsize) m + 1;
  g_autofree guint16 *lengths = g_new0 (guint16, ((gsize) n + 1) * width);

  for (gsize x = n; x-- > 0;)
    {
      guint16 *row = lengths + x * width;

      for (gsize y = m; y-- > 0;)
        row[y] = a[x] == b[y] ? (guint16) (row[width + y + 1] + 1) : MAX (row[width + y], row[y + 1]);
    }
  for (gsize x = 0, y = 0; x < n && y < m;)
    {
      if (a[x] == b[y])
        partners[x++] = (guint32) y++;
      else if (lengths[(x + 1) * width + y] >= lengths[x * width + y + 1])
        x++;
      else
        y++;
    }
}

/* Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), the greedy one: how far each diagonal k = x - y comes with so many
 * edits. What was known before each round is kept, to find the way back. FALSE: they differ in too much. */
static gboolean
match_by_edits (const guint64 *a,
                guint          n,
                const guint64 *b,
                guint          m,
                guint32       *partners,
                gsize         *budget)
{
  g_autoptr(GArray) rounds = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree gint64 *reach = g_new0 (gint64, 2 * MAX_EDITS + 5);
  gint64 *v = reach + MAX_EDITS + 2;
  gint64 x = 0, y = 0, d, k;

  for (d = 0; d <= MAX_EDITS; d++)
    {
      g_array_append_vals (rounds, v - d - 1, (guint) (2 * d + 3));
      for (k = -d; k <= d; k += 2)
        {
          x = k == -d || (k != d && v[k - 1] < v[k + 1]) ? v[k + 1] : v[k - 1] + 1;
          for (y = x - k; x < n && y < m && a[x] == b[y]; x++, y++)
            if (*budget > 0)
              (*budget)--;
          v[k] = x;
          if (*budget == 0)
            return FALSE;
          (*budget)--;
          if (x >= n && y >= m)
            break;
        }
      if (k <= d)
        break;
    }
  if (d > MAX_EDITS)
    return FALSE;

  for (; d >= 0; d--)
    {
      /* the rounds before had 3, 5, 7 … numbers */
      const gint64 *before = &g_array_index (rounds, gint64, d * d + 2 * d) + d + 1;
      gint64 from_x = 0, from_y = 0;

      k = x - y;
      if (d > 0)
        {
          gint64 from = k == -d || (k != d && before[k - 1] < before[k + 1]) ? k + 1 : k - 1;

          from_x = before[from];
          from_y = from_x - from;
        }
      while (x > from_x && y > from_y)
        partners[--x] = (guint32) --y;
      x = from_x;
      y = from_y;
    }
  return TRUE;
}

guint32 *
sioscope_json_match_elements (const SioscopeJsonNodes *nodes,
                              const guint32           *a,
                              guint                    n,
                              const guint32           *b,
                              guint                    m,
                              gsize                   *budget)
{
  g_autofree guint64 *a_hashes = list_hashes (&nodes[0], a, n);
  g_autofree guint64 *b_hashes = list_hashes (&nodes[1], b, m);
  g_autofree guint32 *partners = g_new (guint32, MAX (n, 1));
  gsize cells = ((gsize) n + 1) * ((gsize) m + 1);

  for (guint i = 0; i < n; i++)
    partners[i] = SIOSCOPE_JSON_NO_NODE;
  if (cells <= *budget)
    {
      *budget -= cells;
      match_by_table (a_hashes, n, b_hashes, m, partners);
    }
  else if (!match_by_edits (a_hashes, n, b_hashes, m, partners, budget))
    return NULL;
  return g_steal_pointer (&partners);
}
