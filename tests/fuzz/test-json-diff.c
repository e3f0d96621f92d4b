/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two damaged payloads compared. Beside "does not crash": one way round tells what the other does, what is told lies inside the
 * texts, nothing differs from itself, and paths can be shown. */

#include "fuzz.h"
#include "sioscope-json-diff.h"

static GPtrArray *seeds; /* of GBytes: two payloads with the byte 1 between */

static const FuzzWord words[] = {
  { "[", 1 }, { "]", 1 }, { "{", 1 }, { "}", 1 }, { ",", 1 }, { ":", 1 }, { "\"a\":", 4 }, { "\"\\u0061\":", 9 }, { "1e99999999999999999999", 22 },
  { "-0.0", 4 }, { "null", 4 }, { "\"\\ud800\"", 8 }, { "{\"_placeholder\":true,\"num\":0}", 29 }, { "[1,2,3],", 8 }, { "\n", 1 }, { "\1", 1 },
};

static void
check_list (SioscopeJsonDiff *diff,
            SioSpan           before,
            SioSpan           after)
{
  guint n;
  const SioscopeJsonDifference *list = sioscope_json_diff_get (diff, &n);
  gboolean same = TRUE;

  for (guint i = 0; i < n; i++)
    {
      fuzz_assert_inside (list[i].before, before);
      fuzz_assert_inside (list[i].after, after);
      g_assert_true (g_str_has_prefix (list[i].path, "arg[") && g_utf8_validate (list[i].path, -1, NULL));
      g_assert_true (g_str_has_prefix (list[i].old_path, "arg[") && g_utf8_validate (list[i].old_path, -1, NULL));
      same &= list[i].kind == SIOSCOPE_JSON_RESPELLED || list[i].kind == SIOSCOPE_JSON_REORDERED;
    }
  if ((sioscope_json_diff_get_limits (diff) & SIOSCOPE_JSON_DIFF_TRUNCATED) == 0)
    g_assert_cmpint (sioscope_json_diff_get_same (diff), ==, same);
}

static void
round_diff (SioSpan input)
{
  const char *between = input.size > 0 ? memchr (input.data, '\1', input.size) : NULL;
  gsize middle = between != NULL ? (gsize) (between - input.data) : input.size;
  gsize behind = MIN (middle + 1, input.size);
  SioSpan before = { input.data, middle }, after = { input.data + behind, input.size - behind };
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(SioscopeJsonDiff) there = NULL;
  g_autoptr(SioscopeJsonDiff) back = NULL;
  g_autoptr(SioscopeJsonDiff) itself = NULL;
  g_autoptr(GError) error = NULL;
  guint n, m;

  g_ptr_array_add (attachments, g_bytes_new_static ("bytes", 5));
  itself = sioscope_json_diff_new (before, attachments, before, attachments, &error);
  if (itself == NULL)
    {
      fuzz_assert_plain (error);
      g_clear_error (&error);
    }
  else
    {
      g_assert_true (sioscope_json_diff_get_same (itself));
      sioscope_json_diff_get (itself, &n);
      g_assert_cmpuint (n, ==, 0);
    }

  there = sioscope_json_diff_new (before, attachments, after, NULL, &error);
  if (there == NULL)
    {
      fuzz_assert_plain (error);
      return;
    }
  back = sioscope_json_diff_new (after, NULL, before, attachments, &error);
  g_assert_no_error (error);
  check_list (there, before, after);
  check_list (back, after, before);
  sioscope_json_diff_get (there, &n);
  sioscope_json_diff_get (back, &m);
  g_assert_cmpuint (n, ==, m);
  g_assert_cmpint (sioscope_json_diff_get_same (there), ==, sioscope_json_diff_get_same (back));
}

int
main (int   argc,
      char *argv[])
{
  static const char * const texts[] = {
    "{\"a\":1,\"b\":[1,2,3],\"c\":{\"d\":null}}\1{\"b\":[1,3],\"a\":1.0,\"c\":{\"d\":false}}", "1,2,3\1" "1,2", "\"A\"\1\"\\u0041\"",
    "[[[[1]]]]\1[[[[2]]]]", "{\"a\":1,\"a\":2}\1{\"a\":2}", "{\"_placeholder\":true,\"num\":0}\1{\"_placeholder\":true,\"num\":0}",
    "[1,2,3,4,5,6]\1[6,5,4,3,2,1]", "{\"odd key\":1}\1{\"odd\\u0020key\":1e0}", "1e99999999999999999999\1" "10e9999999999999999999",
    "{\"a\":{\"b\":[{\"c\":1},{\"c\":2},\"x\"]}},7\1{\"a\":{\"b\":[{\"c\":2},\"x\",{\"c\":1}]}},7.0", "[[],{},\"\",0,null]\1[{},[],0,\"\",true]",
  };
  static const FuzzRounds rounds = { "/fuzz/json-diff", round_diff, &seeds, words, G_N_ELEMENTS (words) };

  g_test_init (&argc, &argv, NULL);

  seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    fuzz_add_seed (seeds, texts[i], strlen (texts[i]));
  g_test_add_data_func (rounds.path, &rounds, fuzz_run_rounds);

  return g_test_run ();
}
