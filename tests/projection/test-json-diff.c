/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How two payloads differ: a table of cases, and what must be true of any two. */

#include "sioscope-json-diff.h"

/* A difference is "KIND PATH[#OCCURRENCE][ was PATH][ by place]: BEFORE > AFTER"; they are joined by "; ". */
static const char * const kinds[] = { "added", "removed", "changed", "retyped", "respelled", "reordered" };

static char *
describe (SioscopeJsonDiff *diff)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeJsonDifference *list = sioscope_json_diff_get (diff, &n);

  for (guint i = 0; i < n; i++)
    {
      const SioscopeJsonDifference *d = &list[i];

      g_string_append_printf (out, "%s%s %s", i > 0 ? "; " : "", kinds[d->kind], d->path);
      if (d->occurrence > 0)
        g_string_append_printf (out, "#%u", d->occurrence);
      if (!g_str_equal (d->path, d->old_path))
        g_string_append_printf (out, " was %s", d->old_path);
      g_string_append_printf (out, "%s: %.*s > %.*s", d->by_place ? " by place" : "", (int) d->before.size,
                              d->before.data != NULL ? d->before.data : "", (int) d->after.size,
                              d->after.data != NULL ? d->after.data : "");
    }
  return g_string_free (out, FALSE);
}

static SioSpan
span_of (const char *text)
{
  return (SioSpan) { text, strlen (text) };
}

static const struct {
  const char *before;
  const char *after;
  const char *expected; /* "same" in front: the values are the same */
} cases[] = {
  { "", "", "same" },
  { "1", "1", "same" },
  { "1,2", "1,3", "changed arg[1]: 2 > 3" },
  { "1", "1,2", "added arg[1]:  > 2" },
  { "", "{}", "added arg[0]:  > {}" },
  /* Arguments are compared by their places. */
  { "1,2,3", "2,3", "changed arg[0]: 1 > 2; changed arg[1]: 2 > 3; removed arg[2]: 3 > " },

  /* numbers, by their digits */
  { "1", "1.0", "same respelled arg[0]: 1 > 1.0" },
  { "1e0", "1", "same respelled arg[0]: 1e0 > 1" },
  { "100", "1E+2", "same respelled arg[0]: 100 > 1E+2" },
  { "0", "-0.0e9", "same respelled arg[0]: 0 > -0.0e9" },
  { "18446744073709551615", "18446744073709551616", "changed arg[0]: 18446744073709551615 > 18446744073709551616" },
  { "0.1", "0.10000000000000000001", "changed arg[0]: 0.1 > 0.10000000000000000001" },
  { "1e999999999999999999999", "10e999999999999999999998", "same respelled arg[0]: 1e999999999999999999999 > 10e999999999999999999998" },
  { "1e999999999999999999999", "1e999999999999999999998", "changed arg[0]: 1e999999999999999999999 > 1e999999999999999999998" },
  { "1e-9223372036854775809", "1e9223372036854775809", "changed arg[0]: 1e-9223372036854775809 > 1e9223372036854775809" },
  { "-1", "1", "changed arg[0]: -1 > 1" },

  /* strings, by their characters */
  { "\"A\"", "\"\\u0041\"", "same respelled arg[0]: \"A\" > \"\\u0041\"" },
  { "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", "same respelled arg[0]: \"\\ud83d\\ude00\" > \"\xf0\x9f\x98\x80\"" },
  { "\"\\ud800\"", "\"\\ud801\"", "changed arg[0]: \"\\ud800\" > \"\\ud801\"" },
  { "\"\\ud800\"", "\"\\ufffd\"", "changed arg[0]: \"\\ud800\" > \"\\ufffd\"" },
  { "\"a/b\"", "\"a\\/b\"", "same respelled arg[0]: \"a/b\" > \"a\\/b\"" },
  { "\"a\"", "\"a\\u0000\"", "changed arg[0]: \"a\" > \"a\\u0000\"" },
  { "\"1\"", "1", "retyped arg[0]: \"1\" > 1" },
  { "null", "{}", "retyped arg[0]: null > {}" },
  { "true", "false", "changed arg[0]: true > false" },

  /* objects, by their keys */
  { "{\"a\":1,\"b\":2}", "{ \"a\" : 1 , \"b\" : 2 }", "same" },
  { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "same reordered arg[0]: {\"a\":1,\"b\":2} > {\"b\":2,\"a\":1}" },
  { "{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":3}", "removed arg[0].b: 2 > ; added arg[0].c:  > 3" },
  { "{\"user\":{\"id\":42}}", "{\"user\":{\"id\":43}}", "changed arg[0].user.id: 42 > 43" },
  { "{\"odd key\":1}", "{\"odd key\":2}", "changed arg[0][\"odd key\"]: 1 > 2" },
  { "{\"\":1}", "{\"\":2}", "changed arg[0][\"\"]: 1 > 2" },
  { "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":3}", "changed arg[0].a#1: 2 > 3" },
  { "{\"a\":1,\"a\":2}", "{\"a\":1}", "removed arg[0].a#1: 2 > " },
  { "{\"\\u0061\":1}", "{\"a\":1}", "same respelled arg[0].a was arg[0][\"\\u0061\"]: \"\\u0061\" > \"a\"" },

  /* arrays, by what they have in common */
  { "[1,2,3]", "[1,3]", "removed arg[0][1]: 2 > " },
  { "[1,3]", "[1,2,3]", "added arg[0][1]:  > 2" },
  { "[1,2,3,4]", "[0,1,2,9,4]", "added arg[0][0]:  > 0; changed arg[0][3] was arg[0][2]: 3 > 9" },
  { "[{\"id\":1,\"n\":5},{\"id\":2}]", "[{\"id\":0},{\"id\":1,\"n\":6},{\"id\":2}]",
    "changed arg[0][0].id: 1 > 0; removed arg[0][0].n: 5 > ; added arg[0][1]:  > {\"id\":1,\"n\":6}" },
  { "[1,2]", "[2,1]", "removed arg[0][0]: 1 > ; added arg[0][1]:  > 1" },
  { "[[1],[2]]", "[[2]]", "removed arg[0][0]: [1] > " },
  { "[1.0,2]", "[1,2]", "same respelled arg[0][0]: 1.0 > 1" },
  { "[]", "[null]", "added arg[0][0]:  > null" },
};

static SioscopeJsonDiff *
diff_texts (const char *before,
            const char *after)
{
  g_autoptr(GError) error = NULL;
  SioscopeJsonDiff *diff = sioscope_json_diff_new (span_of (before), NULL, span_of (after), NULL, &error);

  g_assert_no_error (error);
  return diff;
}

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(SioscopeJsonDiff) diff = diff_texts (cases[i].before, cases[i].after);
      g_autofree char *text = describe (diff);
      gboolean same = g_str_has_prefix (cases[i].expected, "same");
      const char *expected = cases[i].expected + (same ? 4 : 0);

      g_test_message ("%s | %s", cases[i].before, cases[i].after);
      g_assert_cmpstr (text, ==, expected + (*expected == ' '));
      g_assert_cmpint (sioscope_json_diff_get_same (diff), ==, same);
      g_assert_cmpint (sioscope_json_diff_get_limits (diff), ==, 0);
    }
}

static void
test_malformed (void)
{
  static const char * const texts[] = { "1,", ",1", "{", "[1,]", "01", "\"", "1 2", "{\"a\":}", "\"\x80\"", "nul",
                                         "1\"a\"", "1a,2", "truefalse", "-1-1" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) older = NULL;
      g_autoptr(GError) newer = NULL;

      g_assert_null (sioscope_json_diff_new (span_of (texts[i]), NULL, span_of ("1"), NULL, &older));
      g_assert_error (older, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_true (g_str_has_prefix (older->message, "the older payload is not JSON: "));
      g_assert_null (sioscope_json_diff_new (span_of ("1"), NULL, span_of (texts[i]), NULL, &newer));
      g_assert_true (g_str_has_prefix (newer->message, "the newer payload is not JSON: "));
    }
}

static GPtrArray *
attachments_new (const char *first,
                 const char *second)
{
  GPtrArray *array = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (array, g_bytes_new (first, strlen (first)));
  g_ptr_array_add (array, g_bytes_new (second, strlen (second)));
  return array;
}

static void
test_attachments (void)
{
  static const char zero[] = "{\"_placeholder\":true,\"num\":0}", one[] = "{\"_placeholder\":true,\"num\":1}";
  static const struct {
    const char *before, *after, *expected;
  } binary[] = {
    { zero, zero, "changed arg[0]: {\"_placeholder\":true,\"num\":0} > {\"_placeholder\":true,\"num\":0}" },
    { one, one, "" },
    { zero, one, "changed arg[0]: {\"_placeholder\":true,\"num\":0} > {\"_placeholder\":true,\"num\":1}" },
    { one, zero, "changed arg[0]: {\"_placeholder\":true,\"num\":1} > {\"_placeholder\":true,\"num\":0}" },
    { "{\"_placeholder\":true,\"num\":2}", "{\"_placeholder\":true,\"num\":3}", "changed arg[0].num: 2 > 3" },
    { "{\"num\":1}", one, "retyped arg[0]: {\"num\":1} > {\"_placeholder\":true,\"num\":1}" },
  };
  g_autoptr(GPtrArray) before = attachments_new ("cat", "dog");
  g_autoptr(GPtrArray) after = attachments_new ("cow", "dog");
  g_autoptr(GPtrArray) moved = attachments_new ("dog", "dog");

  for (guint i = 0; i < G_N_ELEMENTS (binary); i++)
    {
      g_autoptr(SioscopeJsonDiff) diff =
        sioscope_json_diff_new (span_of (binary[i].before), before, span_of (binary[i].after), after, NULL);
      g_autofree char *text = describe (diff);

      g_assert_cmpstr (text, ==, binary[i].expected);
    }
  {
    g_autoptr(SioscopeJsonDiff) diff = sioscope_json_diff_new (span_of (zero), moved, span_of (one), after, NULL);
    g_autofree char *text = describe (diff);

    g_assert_cmpstr (text, ==, "respelled arg[0]: {\"_placeholder\":true,\"num\":0} > {\"_placeholder\":true,\"num\":1}");
    g_assert_true (sioscope_json_diff_get_same (diff));
  }
}

static char *
repeat (const char *head,
        const char *text,
        guint       n,
        const char *tail)
{
  GString *out = g_string_new (head);

  for (guint i = 0; i < n; i++)
    g_string_append (out, text);
  return g_string_free (g_string_append (out, tail), FALSE);
}

/* What is too much is said, and never takes long. */
static void
test_limits (void)
{
  g_autofree char *deep = repeat ("", "[", 300, "1");
  g_autofree char *deep_a = repeat (deep, "]", 300, "");
  g_autofree char *deep_open = repeat ("", "[", 300, "2");
  g_autofree char *deep_b = repeat (deep_open, "]", 300, "");
  g_autofree char *too_deep = repeat ("", "[", 2000, "");
  g_autofree char *many_a = repeat ("[9", ",1", 500000, "]");
  g_autofree char *many_b = repeat ("[8", ",1", 500000, "]");
  g_autofree char *zeros = repeat ("[1", ",0,1,2", 10000, "]");
  g_autofree char *ones = repeat ("[2", ",1,3,0", 10000, "]");
  g_autofree char *key = repeat ("{\"", "k", 3000, "\":1}");
  g_autofree char *key_2 = repeat ("{\"", "k", 3000, "\":2}");
  g_autoptr(GError) error = NULL;
  guint n;

  {
    g_autoptr(SioscopeJsonDiff) diff = diff_texts (deep_a, deep_b);
    const SioscopeJsonDifference *list = sioscope_json_diff_get (diff, &n);

    g_assert_cmpuint (n, ==, 1);
    g_assert_cmpuint (list->before.size, ==, 300 * 2 + 1 - 256 * 2);
    g_assert_cmpint (sioscope_json_diff_get_limits (diff), ==, SIOSCOPE_JSON_DIFF_COARSE);
  }
  g_assert_null (sioscope_json_diff_new (span_of (too_deep), NULL, span_of ("1"), NULL, &error));
  g_assert_nonnull (error);
  {
    g_autoptr(SioscopeJsonDiff) diff = diff_texts (many_a, many_b);
    const SioscopeJsonDifference *list = sioscope_json_diff_get (diff, &n);

    g_assert_cmpuint (n, ==, 1);
    g_assert_cmpstr (list->path, ==, "arg[0]");
    g_assert_cmpint (sioscope_json_diff_get_limits (diff), ==, SIOSCOPE_JSON_DIFF_COARSE);
  }
  {
    g_autoptr(SioscopeJsonDiff) diff = diff_texts (zeros, ones);

    sioscope_json_diff_get (diff, &n);
    g_assert_cmpuint (n, ==, SIOSCOPE_JSON_DIFF_MAX_DIFFERENCES);
    g_assert_cmpint (sioscope_json_diff_get_limits (diff), ==, SIOSCOPE_JSON_DIFF_BY_PLACE | SIOSCOPE_JSON_DIFF_TRUNCATED);
    g_assert_true (sioscope_json_diff_get (diff, &n)->by_place);
  }
  {
    g_autoptr(SioscopeJsonDiff) diff = diff_texts (key, key_2);
    const SioscopeJsonDifference *list = sioscope_json_diff_get (diff, &n);

    g_assert_cmpuint (n, ==, 1);
    g_assert_true (g_str_has_suffix (list->path, "k…"));
    g_assert_cmpuint (strlen (list->path), <, 1100);
  }
}

/* A large array of which something was taken out, put in and changed, far from each other. */
static void
test_large_arrays (void)
{
  for (guint round = 0; round < 10; round++)
    {
      guint size = 5000 + (guint) g_test_rand_int_range (0, 20000);
      g_autoptr(GString) a = g_string_new ("[-1");
      g_autoptr(GString) b = g_string_new ("[-2");
      guint removed = (guint) g_test_rand_int_range (1, 2000), added = (guint) g_test_rand_int_range (2100, 4000);
      guint changed = size - 1;
      g_autofree char *expected = NULL;

      for (guint i = 1; i < size; i++)
        {
          g_string_append_printf (a, ",{\"id\":%u}", i);
          if (i == added)
            g_string_append (b, ",\"new\"");
          if (i == changed)
            g_string_append_printf (b, ",{\"id\":%u.5}", i);
          else if (i != removed)
            g_string_append_printf (b, ",{\"id\":%u}", i);
        }
      g_string_append_c (a, ']');
      g_string_append_c (b, ']');
      expected = g_strdup_printf ("changed arg[0][0]: -1 > -2; removed arg[0][%u]: {\"id\":%u} > ; added arg[0][%u]:  > \"new\"; "
                                  "changed arg[0][%u].id: %u > %u.5", removed, removed, added - 1, changed, changed, changed);
      {
        g_autoptr(SioscopeJsonDiff) diff = diff_texts (a->str, b->str);
        g_autofree char *text = describe (diff);

        g_assert_cmpstr (text, ==, expected);
        g_assert_cmpint (sioscope_json_diff_get_limits (diff), ==, 0);
      }
    }
}

/* --- any two --- */

/* Each line: ways to write one value. */
static const char * const scalars[][5] = {
  { "0", "-0", "0.00", "0e7" }, { "1", "1.0", "1e0", "10e-1", "0.1E1" }, { "10", "1e1", "100e-1" }, { "-1", "-1.0" },
  { "1.5", "15e-1", "1.50" }, { "1e400", "10e399", "1E+400" }, { "123456789012345678901", "1.23456789012345678901e20" },
  { "123456789012345678902" }, { "true" }, { "false" }, { "null" }, { "\"A\"", "\"\\u0041\"" }, { "\"\"" },
  { "\"\xc3\xa9\"", "\"\\u00e9\"", "\"\\u00E9\"" }, { "\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\uDE00\"" }, { "\"\\ud800\"", "\"\\uD800\"" },
  { "\"\\ud801\"" }, { "\"\\ufffd\"", "\"\xef\xbf\xbd\"" }, { "\"a/\\n\"", "\"\\u0061\\/\\u000a\"" }, { "\"1\"", "\"\\u0031\"" },
};
static const char * const keys[][2] = {
  { "\"a\"", "\"\\u0061\"" }, { "\"b\"" }, { "\"odd key\"", "\"odd\\u0020key\"" }, { "\"\"" }, { "\"\xc3\xa9\"", "\"\\u00e9\"" },
};

typedef struct {
  GRand   *shape;    /* what the value is */
  GRand   *spelling; /* how it is written */
  GRand   *change;   /* where it is another one */
  guint    luck;     /* a change in so many scalars; 0: none */
  GString *canon;    /* the same text for the same value */
} Maker;

static guint
pick (GRand *rand,
      guint  below)
{
  return (guint) g_rand_int_range (rand, 0, (gint32) below);
}

static const char *
spell (Maker              *self,
       const char * const *ways,
       guint               max)
{
  guint n = 0;

  while (n < max && ways[n] != NULL)
    n++;
  return ways[pick (self->spelling, n)];
}

static char *
join (Maker      *self,
      GPtrArray  *pieces,
      const char *open,
      const char *close,
      gboolean    shuffle)
{
  GString *out = g_string_new (open);

  while (pieces->len > 0)
    {
      g_autofree char *piece = g_ptr_array_steal_index (pieces, shuffle ? pick (self->spelling, pieces->len) : 0);

      g_string_append_printf (out, "%s%s%s", out->len > strlen (open) ? "," : "", pick (self->spelling, 4) == 0 ? " " : "", piece);
    }
  return g_string_free (g_string_append (out, close), FALSE);
}

static char *
make_value (Maker *self,
            guint  depth)
{
  g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func (g_free);
  guint type = pick (self->shape, 10), n;

  if (depth > 3 || type < 6)
    {
      guint i = pick (self->shape, G_N_ELEMENTS (scalars));

      if (self->luck > 0 && pick (self->change, self->luck) == 0)
        i = pick (self->change, G_N_ELEMENTS (scalars));
      g_string_append_printf (self->canon, "#%u", i);
      return g_strdup (spell (self, scalars[i], G_N_ELEMENTS (scalars[i])));
    }
  if (type < 8)
    {
      n = pick (self->shape, 6);
      g_string_append_c (self->canon, '[');
      for (guint i = 0; i < n; i++)
        {
          char *piece = make_value (self, depth + 1);

          /* Left out now and then: what follows moves. */
          if (self->luck == 0 || pick (self->change, self->luck) != 0)
            g_ptr_array_add (pieces, piece);
          else
            {
              g_string_append_c (self->canon, '-');
              g_free (piece);
            }
        }
      g_string_append_c (self->canon, ']');
      return join (self, pieces, "[", "]", FALSE);
    }
  n = pick (self->shape, 1 << G_N_ELEMENTS (keys));
  g_string_append_c (self->canon, '{');
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (n & (1u << i))
      {
        g_autofree char *value = NULL;

        g_string_append_printf (self->canon, "%u:", i);
        value = make_value (self, depth + 1);
        g_ptr_array_add (pieces, g_strconcat (spell (self, keys[i], 2), " :", value, NULL));
      }
  g_string_append_c (self->canon, '}');
  return join (self, pieces, "{", "}", TRUE);
}

static char *
make_text (guint   shape,
           guint   luck,
           char  **canon)
{
  Maker self = {
    g_rand_new_with_seed (shape), g_rand_new_with_seed ((guint32) g_test_rand_int ()),
    g_rand_new_with_seed ((guint32) g_test_rand_int ()), luck, g_string_new (NULL),
  };
  char *text = make_value (&self, 0);

  g_rand_free (self.shape);
  g_rand_free (self.spelling);
  g_rand_free (self.change);
  *canon = g_string_free (self.canon, FALSE);
  return text;
}

static void
assert_mirrored (SioscopeJsonDiff *there,
                 SioscopeJsonDiff *back)
{
  guint n, m;
  const SioscopeJsonDifference *a = sioscope_json_diff_get (there, &n);
  const SioscopeJsonDifference *b = sioscope_json_diff_get (back, &m);

  g_assert_cmpuint (n, ==, m);
  for (guint i = 0; i < n; i++)
    {
      static const guint mirrored[] = { 1, 0, 2, 3, 4, 5 };

      g_assert_cmpuint (mirrored[a[i].kind], ==, b[i].kind);
      g_assert_cmpstr (a[i].path, ==, b[i].old_path);
      g_assert_cmpstr (a[i].old_path, ==, b[i].path);
      g_assert_true (a[i].before.data == b[i].after.data && a[i].before.size == b[i].after.size);
      g_assert_true (a[i].after.data == b[i].before.data && a[i].after.size == b[i].before.size);
    }
  g_assert_cmpint (sioscope_json_diff_get_same (there), ==, sioscope_json_diff_get_same (back));
  g_assert_cmpint (sioscope_json_diff_get_limits (there), ==, sioscope_json_diff_get_limits (back));
}

static void
test_any (void)
{
  guint n_same = 0, n_other = 0;

  for (guint round = 0; round < 4000; round++)
    {
      guint shape = (guint) g_test_rand_int ();
      g_autofree char *canon_a = NULL;
      g_autofree char *canon_b = NULL;
      g_autofree char *a = make_text (shape, 0, &canon_a);
      g_autofree char *b = make_text (shape, round % 2 == 0 ? 0 : 6, &canon_b);
      g_autoptr(SioscopeJsonDiff) there = diff_texts (a, b);
      g_autoptr(SioscopeJsonDiff) back = diff_texts (b, a);
      g_autoptr(SioscopeJsonDiff) itself = diff_texts (a, a);
      /* Something left out may be what stands beside it, or make no difference to an array of the rest. */
      gboolean left_out = strchr (canon_b, '-') != NULL;
      guint n;

      g_test_message ("%s | %s", a, b);
      assert_mirrored (there, back);
      if (!left_out)
        g_assert_cmpint (sioscope_json_diff_get_same (there), ==, g_str_equal (canon_a, canon_b));
      else
        g_assert_false (sioscope_json_diff_get_same (there));
      if (g_str_equal (a, b))
        g_assert_true (sioscope_json_diff_get_same (there));
      g_assert_true (sioscope_json_diff_get_same (itself));
      sioscope_json_diff_get (itself, &n);
      g_assert_cmpuint (n, ==, 0);
      if (sioscope_json_diff_get_same (there))
        n_same++;
      else
        n_other++;
    }
  g_assert_cmpuint (n_same, >, 1000);
  g_assert_cmpuint (n_other, >, 500);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-diff/cases", test_cases);
  g_test_add_func ("/json-diff/malformed", test_malformed);
  g_test_add_func ("/json-diff/attachments", test_attachments);
  g_test_add_func ("/json-diff/limits", test_limits);
  g_test_add_func ("/json-diff/large-arrays", test_large_arrays);
  g_test_add_func ("/json-diff/any-two", test_any);

  return g_test_run ();
}
