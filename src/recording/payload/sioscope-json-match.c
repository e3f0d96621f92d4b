/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which members of two objects belong together: those with the same key, however it is written and wherever they stand. */

#include "sioscope-json-nodes-private.h"

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
