/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two lists of values are walked side by side. What is told was always compared exactly, by digits and characters; hashes only
 * say which elements of two arrays belong together. */

#include "sioscope-json-diff.h"
#include "sioscope-json-nodes-private.h"
#include "sioscope-json-number.h"

/* How many pairs of elements one comparison looks at to find what arrays have in common: some milliseconds. */
#define MAX_PAIRS (4 * 1024 * 1024)
#define MAX_PATH  1024

struct _SioscopeJsonDiff {
  GArray                *differences; /* of SioscopeJsonDifference, their paths in strings */
  GStringChunk          *strings;
  SioscopeJsonDiffLimit  limits;
  gboolean               same;
};

typedef struct {
  SioscopeJsonDiff  *diff;
  SioscopeJsonNodes  sides[2];
  GString           *paths[2];
  gboolean           swapped;    /* side 0 is the newer one */
  guint              by_place;   /* how many of the arrays above are compared by places */
  gsize              budget;     /* how many pairs of elements may still be looked at */
  GHashTable        *attachments; /* pairs of numbers to whether they are equal */
} Walk;

static void walk_values (Walk  *self,
                         guint  a,
                         guint  b,
                         guint  occurrence);

static const SioscopeJsonNode *
get (Walk  *self,
     guint  side,
     guint  i)
{
  return sioscope_json_nodes_get (&self->sides[side], i);
}

static const char *
add_path (Walk  *self,
          guint  side)
{
  GString *path = self->paths[side];
  g_autofree char *text = NULL;

  if (path->len <= MAX_PATH)
    text = g_utf8_make_valid (path->str, (gssize) path->len);
  else
    {
      g_autofree char *head = g_utf8_make_valid (path->str, MAX_PATH);

      text = g_strconcat (head, "…", NULL);
    }
  return g_string_chunk_insert_const (self->diff->strings, text);
}

static void
tell (Walk                       *self,
      SioscopeJsonDifferenceKind  kind,
      SioSpan                     a,
      SioSpan                     b,
      guint                       occurrence)
{
  static const SioscopeJsonDifferenceKind mirrored[] = {
    [SIOSCOPE_JSON_ADDED] = SIOSCOPE_JSON_REMOVED, [SIOSCOPE_JSON_REMOVED] = SIOSCOPE_JSON_ADDED,
    [SIOSCOPE_JSON_CHANGED] = SIOSCOPE_JSON_CHANGED, [SIOSCOPE_JSON_RETYPED] = SIOSCOPE_JSON_RETYPED,
    [SIOSCOPE_JSON_RESPELLED] = SIOSCOPE_JSON_RESPELLED, [SIOSCOPE_JSON_REORDERED] = SIOSCOPE_JSON_REORDERED,
  };
  SioscopeJsonDifference difference = { 0 };
  guint older = self->swapped ? 1 : 0, newer = 1 - older;

  if (kind != SIOSCOPE_JSON_RESPELLED && kind != SIOSCOPE_JSON_REORDERED)
    self->diff->same = FALSE;
  if (self->diff->differences->len >= SIOSCOPE_JSON_DIFF_MAX_DIFFERENCES)
    {
      self->diff->limits |= SIOSCOPE_JSON_DIFF_TRUNCATED;
      return;
    }
  difference.kind = self->swapped ? mirrored[kind] : kind;
  difference.before = self->swapped ? b : a;
  difference.after = self->swapped ? a : b;
  difference.occurrence = occurrence;
  difference.by_place = self->by_place > 0;
  difference.old_path = difference.kind != SIOSCOPE_JSON_ADDED ? add_path (self, older) : add_path (self, newer);
  difference.path = difference.kind != SIOSCOPE_JSON_REMOVED ? add_path (self, newer) : difference.old_path;
  g_array_append_val (self->diff->differences, difference);
}

/* --- paths --- */

static gboolean
is_plain_key (SioSpan key)
{
  if (key.size < 3)
    return FALSE;
  for (gsize i = 1; i + 1 < key.size; i++)
    if (!g_ascii_isalnum (key.data[i]) && strchr ("_$-", key.data[i]) == NULL && (guchar) key.data[i] < 0x80)
      return FALSE;
  return TRUE;
}

/* Returns the length to go back to. */
static gsize
enter (Walk  *self,
       guint  side,
       guint  child,
       guint  place)
{
  GString *path = self->paths[side];
  gsize before = path->len;
  SioSpan key = sioscope_json_nodes_key (&self->sides[side], child);

  /* What is cut anyway is not worth copying, however long the keys are. */
  if (before > MAX_PATH)
    return before;
  if (key.size == 0)
    g_string_append_printf (path, "[%u]", place);
  else if (is_plain_key (key))
    g_string_append_printf (path, ".%.*s", (int) MIN (key.size - 2, 2 * MAX_PATH), key.data + 1);
  else
    {
      g_string_append_c (path, '[');
      g_string_append_len (path, key.data, (gssize) MIN (key.size, 2 * MAX_PATH));
      g_string_append_c (path, ']');
    }
  return before;
}

static void
walk_pair (Walk  *self,
           guint  a,
           guint  a_place,
           guint  b,
           guint  b_place,
           guint  occurrence)
{
  gsize lengths[2] = { enter (self, 0, a, a_place), enter (self, 1, b, b_place) };

  walk_values (self, a, b, occurrence);
  g_string_truncate (self->paths[0], lengths[0]);
  g_string_truncate (self->paths[1], lengths[1]);
}

/* Something that only side has. */
static void
tell_alone (Walk  *self,
            guint  side,
            guint  child,
            guint  place,
            guint  occurrence)
{
  gsize length = enter (self, side, child, place);
  SioSpan value = sioscope_json_nodes_span (&self->sides[side], child);
  SioSpan none = { NULL, 0 };

  if (side == 0)
    tell (self, SIOSCOPE_JSON_REMOVED, value, none, occurrence);
  else
    tell (self, SIOSCOPE_JSON_ADDED, none, value, occurrence);
  g_string_truncate (self->paths[side], length);
}

/* --- arrays --- */

static guint32 *
list_children (Walk  *self,
               guint  side,
               guint  parent)
{
  guint n = get (self, side, parent)->n;
  guint32 *children = g_new (guint32, MAX (n, 1));
  guint child = parent + 1;

  for (guint i = 0; i < n; i++)
    {
      children[i] = child;
      child = get (self, side, child)->next;
    }
  return children;
}

/* The elements of both between two that are equal: pairs as far as there are, what is left stands alone. */
static void
walk_gap (Walk          *self,
          const guint32 *a,
          guint          a_from,
          guint          a_to,
          const guint32 *b,
          guint          b_from,
          guint          b_to)
{
  while (a_from < a_to && b_from < b_to)
    {
      walk_pair (self, a[a_from], a_from, b[b_from], b_from, 0);
      a_from++;
      b_from++;
    }
  for (; a_from < a_to; a_from++)
    tell_alone (self, 0, a[a_from], a_from, 0);
  for (; b_from < b_to; b_from++)
    tell_alone (self, 1, b[b_from], b_from, 0);
}

/* Neither their first elements are equal nor their last ones. */
static void
walk_middle (Walk          *self,
             const guint32 *a,
             guint          a_from,
             guint          a_to,
             const guint32 *b,
             guint          b_from,
             guint          b_to)
{
  g_autofree guint32 *partners = sioscope_json_match_elements (self->sides, a + a_from, a_to - a_from, b + b_from, b_to - b_from,
                                                               &self->budget);
  guint n = a_to - a_from, a_gap = a_from, b_gap = b_from;

  if (partners == NULL)
    {
      self->diff->limits |= SIOSCOPE_JSON_DIFF_BY_PLACE;
      self->by_place++;
      walk_gap (self, a, a_from, a_to, b, b_from, b_to);
      self->by_place--;
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      if (partners[i] == SIOSCOPE_JSON_NO_NODE)
        continue;
      walk_gap (self, a, a_gap, a_from + i, b, b_gap, b_from + partners[i]);
      walk_pair (self, a[a_from + i], a_from + i, b[b_from + partners[i]], b_from + partners[i], 0);
      a_gap = a_from + i + 1;
      b_gap = b_from + partners[i] + 1;
    }
  walk_gap (self, a, a_gap, a_to, b, b_gap, b_to);
}

static void
walk_arrays (Walk     *self,
             guint     a,
             guint     b,
             gboolean  by_place)
{
  g_autofree guint32 *x = list_children (self, 0, a);
  g_autofree guint32 *y = list_children (self, 1, b);
  guint n = get (self, 0, a)->n, m = get (self, 1, b)->n;
  guint from = 0, n_end = n, m_end = m;

  while (!by_place && from < n && from < m && get (self, 0, x[from])->hash == get (self, 1, y[from])->hash)
    {
      walk_pair (self, x[from], from, y[from], from, 0);
      from++;
    }
  while (!by_place && n_end > from && m_end > from
         && get (self, 0, x[n_end - 1])->hash == get (self, 1, y[m_end - 1])->hash)
    {
      n_end--;
      m_end--;
    }

  if (by_place || n_end == from || m_end == from || (n_end == from + 1 && m_end == from + 1))
    walk_gap (self, x, from, n_end, y, from, m_end);
  else
    walk_middle (self, x, from, n_end, y, from, m_end);
  for (; n_end < n; n_end++, m_end++)
    walk_pair (self, x[n_end], n_end, y[m_end], m_end, 0);
}

/* --- objects --- */

static void
walk_objects (Walk  *self,
              guint  a,
              guint  b)
{
  SioscopeJsonMatches matches;
  guint child;
  guint32 last = 0;
  gboolean reordered = FALSE;

  sioscope_json_matches_init (&matches, self->sides, a, b);
  child = a + 1;
  for (guint i = 0; i < matches.n[0]; i++, child = get (self, 0, child)->next)
    {
      guint32 partner = matches.partner[0][i];

      if (partner == SIOSCOPE_JSON_NO_NODE)
        continue;
      reordered |= partner < last;
      last = MAX (last, partner);
    }
  if (reordered)
    tell (self, SIOSCOPE_JSON_REORDERED, sioscope_json_nodes_span (&self->sides[0], a),
          sioscope_json_nodes_span (&self->sides[1], b), 0);

  child = a + 1;
  for (guint i = 0; i < matches.n[0]; i++, child = get (self, 0, child)->next)
    {
      guint32 partner = matches.partner[0][i];
      guint occurrence = matches.occurrence[0][i];
      SioSpan old_key, new_key;

      if (partner == SIOSCOPE_JSON_NO_NODE)
        {
          tell_alone (self, 0, child, 0, occurrence);
          continue;
        }
      old_key = sioscope_json_nodes_key (&self->sides[0], child);
      new_key = sioscope_json_nodes_key (&self->sides[1], partner);
      if (old_key.size != new_key.size || memcmp (old_key.data, new_key.data, old_key.size) != 0)
        {
          gsize lengths[2] = { enter (self, 0, child, 0), enter (self, 1, partner, 0) };

          tell (self, SIOSCOPE_JSON_RESPELLED, old_key, new_key, occurrence);
          g_string_truncate (self->paths[0], lengths[0]);
          g_string_truncate (self->paths[1], lengths[1]);
        }
      walk_pair (self, child, 0, partner, 0, occurrence);
    }
  child = b + 1;
  for (guint i = 0; i < matches.n[1]; i++, child = get (self, 1, child)->next)
    if (matches.partner[1][i] == SIOSCOPE_JSON_NO_NODE)
      tell_alone (self, 1, child, 0, matches.occurrence[1][i]);

  sioscope_json_matches_clear (&matches);
}

/* --- values --- */

static gboolean
attachments_equal (Walk  *self,
                   guint  a,
                   guint  b)
{
  guint64 pair = (guint64) a << 32 | b;
  gpointer known;
  gboolean equal;

  /* There may be many placeholders for one large attachment. */
  if (g_hash_table_lookup_extended (self->attachments, &pair, NULL, &known))
    return GPOINTER_TO_INT (known);
  equal = g_bytes_equal (g_ptr_array_index (self->sides[0].attachments, a),
                         g_ptr_array_index (self->sides[1].attachments, b));
  g_hash_table_insert (self->attachments, g_memdup2 (&pair, sizeof pair), GINT_TO_POINTER (equal));
  return equal;
}

static gboolean
scalars_equal (Walk                   *self,
               const SioscopeJsonNode *a,
               SioSpan                 a_text,
               const SioscopeJsonNode *b,
               SioSpan                 b_text)
{
  switch ((SioscopeJsonNodeType) a->type)
    {
    case SIOSCOPE_JSON_NODE_STRING:
      return sioscope_json_strings_equal (a_text, b_text);
    case SIOSCOPE_JSON_NODE_NUMBER:
      return sioscope_json_compare_numbers (a_text, b_text) == 0;
    case SIOSCOPE_JSON_NODE_BINARY:
      return attachments_equal (self, a->n, b->n);
    case SIOSCOPE_JSON_NODE_OBJECT:
    case SIOSCOPE_JSON_NODE_ARRAY:
    case SIOSCOPE_JSON_NODE_BOOL:
    case SIOSCOPE_JSON_NODE_NULL:
    default:
      return FALSE;
    }
}

/* Never deeper than SIOSCOPE_JSON_DIFF_MAX_DEPTH: nothing has more nodes above it. */
static void
walk_values (Walk  *self,
             guint  a,
             guint  b,
             guint  occurrence)
{
  const SioscopeJsonNode *x = get (self, 0, a), *y = get (self, 1, b);
  SioSpan before = sioscope_json_nodes_span (&self->sides[0], a);
  SioSpan after = sioscope_json_nodes_span (&self->sides[1], b);
  gboolean bytes_equal;

  if (x->type != y->type)
    {
      tell (self, SIOSCOPE_JSON_RETYPED, before, after, occurrence);
      return;
    }
  bytes_equal = before.size == after.size && x->hash == y->hash && memcmp (before.data, after.data, before.size) == 0;
  /* Placeholders with the same number may stand for other bytes. */
  if (bytes_equal && self->sides[0].attachments == NULL && self->sides[1].attachments == NULL)
    return;
  if (x->whole || y->whole)
    {
      if (!bytes_equal)
        tell (self, SIOSCOPE_JSON_CHANGED, before, after, occurrence);
      return;
    }
  if (x->type == SIOSCOPE_JSON_NODE_OBJECT)
    walk_objects (self, a, b);
  else if (x->type == SIOSCOPE_JSON_NODE_ARRAY)
    walk_arrays (self, a, b, FALSE);
  else if (x->type == SIOSCOPE_JSON_NODE_BINARY ? !scalars_equal (self, x, before, y, after)
                                                : !bytes_equal && !scalars_equal (self, x, before, y, after))
    tell (self, SIOSCOPE_JSON_CHANGED, before, after, occurrence);
  else if (!bytes_equal)
    tell (self, SIOSCOPE_JSON_RESPELLED, before, after, occurrence);
}

/* Which side is walked as the first does not depend on which is the newer: what is told one way round is told the other. */
static gboolean
wants_swap (SioSpan before,
            SioSpan after)
{
  if (before.size != after.size)
    return before.size > after.size;
  return before.size > 0 && memcmp (before.data, after.data, before.size) > 0;
}

/**
 * sioscope_json_diff_new:
 * @before: JSON values with commas between, as a row's arguments are; may be empty
 * @before_attachments: (nullable) (element-type GBytes): what its placeholders stand for; %NULL: they are objects like others
 * @after: likewise
 * @after_attachments: (nullable) (element-type GBytes): likewise
 * @error: return location for an error
 *
 * Finds how two payloads differ. Arguments are compared by their places; elements of arrays by their longest common
 * subsequence, as far as that is affordable; members of objects by their keys, in whatever order, the first of equal keys with
 * the first. Numbers are compared by their decimal digits, strings by their characters, however either is written.
 *
 * Takes some milliseconds for a megabyte, and a bounded time for anything. Any thread.
 *
 * Fails with %SIO_ERROR_MALFORMED if one of them is not a list of JSON values that nests less than 1024 deep.
 *
 * Returns: (transfer full): how they differ; it points into both texts
 */
SioscopeJsonDiff *
sioscope_json_diff_new (SioSpan     before,
                        GPtrArray  *before_attachments,
                        SioSpan     after,
                        GPtrArray  *after_attachments,
                        GError    **error)
{
  SioscopeJsonNodes nodes[2];
  SioscopeJsonDiff *self;
  Walk walk = { 0 };

  if (!sioscope_json_nodes_read (&nodes[0], before, before_attachments, SIOSCOPE_JSON_DIFF_MAX_VALUES,
                                 SIOSCOPE_JSON_DIFF_MAX_DEPTH, "older", error))
    return NULL;
  if (!sioscope_json_nodes_read (&nodes[1], after, after_attachments, SIOSCOPE_JSON_DIFF_MAX_VALUES,
                                 SIOSCOPE_JSON_DIFF_MAX_DEPTH, "newer", error))
    {
      sioscope_json_nodes_clear (&nodes[0]);
      return NULL;
    }

  self = g_new0 (SioscopeJsonDiff, 1);
  self->differences = g_array_new (FALSE, FALSE, sizeof (SioscopeJsonDifference));
  self->strings = g_string_chunk_new (4096);
  self->same = TRUE;
  if (nodes[0].coarse || nodes[1].coarse)
    self->limits |= SIOSCOPE_JSON_DIFF_COARSE;

  walk.diff = self;
  walk.budget = MAX_PAIRS;
  walk.swapped = wants_swap (before, after);
  walk.sides[0] = nodes[walk.swapped ? 1 : 0];
  walk.sides[1] = nodes[walk.swapped ? 0 : 1];
  walk.paths[0] = g_string_new ("arg");
  walk.paths[1] = g_string_new ("arg");
  walk.attachments = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  walk_arrays (&walk, 0, 0, TRUE);

  g_hash_table_unref (walk.attachments);
  g_string_free (walk.paths[0], TRUE);
  g_string_free (walk.paths[1], TRUE);
  sioscope_json_nodes_clear (&nodes[0]);
  sioscope_json_nodes_clear (&nodes[1]);
  return self;
}

/**
 * sioscope_json_diff_free:
 * @self: a comparison
 */
void
sioscope_json_diff_free (SioscopeJsonDiff *self)
{
  g_array_unref (self->differences);
  g_string_chunk_free (self->strings);
  g_free (self);
}

/**
 * sioscope_json_diff_get:
 * @self: a comparison
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the differences; at most %SIOSCOPE_JSON_DIFF_MAX_DIFFERENCES
 */
const SioscopeJsonDifference *
sioscope_json_diff_get (SioscopeJsonDiff *self,
                        guint            *n)
{
  *n = self->differences->len;
  return (const SioscopeJsonDifference *) (gpointer) self->differences->data;
}

/**
 * sioscope_json_diff_get_same:
 * @self: a comparison
 *
 * Returns: whether the values are the same: nothing was told but other spellings and orders. With %SIOSCOPE_JSON_DIFF_COARSE, %FALSE may
 *   also mean that they are written differently.
 */
gboolean
sioscope_json_diff_get_same (SioscopeJsonDiff *self)
{
  return self->same;
}

/**
 * sioscope_json_diff_get_limits:
 * @self: a comparison
 *
 * Returns: what kept it from being complete; 0: nothing
 */
SioscopeJsonDiffLimit
sioscope_json_diff_get_limits (SioscopeJsonDiff *self)
{
  return self->limits;
}
