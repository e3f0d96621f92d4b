/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a query finds while everything moves, against looking at every row when all is quiet. */

#include "recording-script.h"
#include "sioscope-log-model.h"
#include "sioscope-query-private.h"
#include "sioscope-recording-private.h"
#include "sioscope-text-search-private.h"
#include "test-util.h"

#define CAP_ROWS 3000

typedef struct {
  SioscopeRecorder  *recorder;
  SioscopeRecording *recording;
  SioscopeLogModel  *model;
  GArray            *mirror;  /* of guint64, kept by items-changed alone */
  const char        *line;    /* of the filter; NULL: the usual one */
  guint              n_rows;
  guint              next_id; /* of our next event that wants an ack */
  gboolean           asked;   /* to join the namespace */
  GArray            *open;    /* of guint: ids that were not answered */
} Fixture;

static const char *const lines[] = {
  "", "a", "event:a", "not event:b", "kind:ping", "ack:pending", "ack:ok", "not ack:pending", "ack:ok or event:b", "latency:>1ms",
  "dir:out", "replayed:yes", "zzz",
};

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  Fixture    *f)
{
  g_assert_cmpuint (position + removed, <=, f->mirror->len);
  if (removed != 0)
    g_array_remove_range (f->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    {
      guint64 row = sioscope_log_model_get_row (SIOSCOPE_LOG_MODEL (model), position + i);

      g_array_insert_val (f->mirror, position + i, row);
    }
  g_assert_cmpuint (f->mirror->len, ==, g_list_model_get_n_items (model));
}

static void
make_model (Fixture *f)
{
  sioscope_query_set_block_for_tests ((guint) g_test_rand_int_range (1, 40));
  f->model = sioscope_log_model_new (f->recording);
  sioscope_query_set_block_for_tests (0);
  f->mirror = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_signal_connect (f->model, "items-changed", G_CALLBACK (items_changed_cb), f);
}

static void
clear_model (Fixture *f)
{
  g_assert_finalize_object (f->model);
  g_array_unref (f->mirror);
}

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  f->recording = script_record ("", &f->recorder);
  f->open = g_array_new (FALSE, FALSE, sizeof (guint));
  make_model (f);
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  clear_model (f);
  g_assert_finalize_object (f->recorder);
  g_assert_finalize_object (f->recording);
  g_array_unref (f->open);
}

static void
record_some (Fixture *f)
{
  g_autoptr(GString) text = g_string_new (NULL);
  guint n = (guint) g_test_rand_int_range (1, 30);

  for (guint i = 0; i < n; i++)
    {
      guint ms = ++f->n_rows;
      int what = g_test_rand_int_range (0, 6);

      if (what == 0)
        {
          g_string_append_printf (text, "%u packet out 42%u[\"a\"]\n", ms, f->next_id);
          g_array_append_val (f->open, f->next_id);
          f->next_id++;
        }
      else if (what == 1 && f->open->len > 0)
        {
          guint at = (guint) g_test_rand_int_range (0, (gint32) f->open->len);
          guint id = g_array_index (f->open, guint, at);

          g_array_remove_index_fast (f->open, at);
          if (g_test_rand_bit ())
            g_string_append_printf (text, "%u packet in 43%u[]\n", ms, id);
          else
            g_string_append_printf (text, "%u emit ack-timeout / %u a\n", ms, id);
        }
      else if (what == 2)
        g_string_append_printf (text, "%u engine in 2\n", ms);
      else if (what == 3 && g_test_rand_int_range (0, 10) == 0)
        {
          g_string_append_printf (text, "%u socket %s / recovered=1\n", ms, f->asked ? "connected" : "connecting");
          f->asked = !f->asked;
        }
      else
        g_string_append_printf (text, "%u packet in 42[\"%c\",%u]\n", ms, "abc"[g_test_rand_int_range (0, 3)], ms);
    }
  script_play (f->recorder, f->recording, text->str);
}

static void
set_random_filter (Fixture *f)
{
  g_autoptr(SioscopeFilter) filter = NULL;

  f->line = lines[g_test_rand_int_range (0, G_N_ELEMENTS (lines))];
  filter = sioscope_filter_new (f->line, NULL, NULL);
  g_assert_nonnull (filter);
  if (g_test_rand_bit ())
    {
      g_autoptr(SioscopeFilter) line = g_steal_pointer (&filter);
      g_autoptr(SioscopeFilter) shown = sioscope_filter_new_show (SIOSCOPE_SHOW_DEFAULT, TRUE, g_test_rand_bit ());

      filter = sioscope_filter_new_and (shown, line);
    }
  sioscope_log_model_set_filter (f->model, filter);
}

static void
settle (Fixture *f)
{
  do
    while (sioscope_log_model_advance (f->model))
      ;
  while (sioscope_log_model_get_behind (f->model) && (g_main_context_iteration (NULL, TRUE), TRUE));
}

/* Every row, asked one by one, by somebody who was not there before. */
static void
assert_true_now (Fixture *f)
{
  SioscopeFilter *filter = sioscope_log_model_get_filter (f->model);
  g_autoptr(SioscopeProjection) acks = sioscope_projection_new (f->recording);
  g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, f->recording, acks);
  guint n = 0;

  settle (f);
  while (sioscope_projection_update (acks, 0))
    ;
  for (guint64 row = sioscope_recording_get_first_row (f->recording); row < sioscope_recording_get_n_rows (f->recording); row++)
    if (sioscope_matcher_wants (matcher, row))
      {
        if (n >= f->mirror->len || g_array_index (f->mirror, guint64, n) != row)
          g_error ("row %d is wanted by “%s” and not shown", (int) row, f->line);
        g_assert_cmpuint (sioscope_log_model_get_row (f->model, n), ==, row);
        g_assert_cmpuint (sioscope_log_model_get_position (f->model, row), ==, n);
        n++;
      }
  g_assert_cmpuint (n, ==, f->mirror->len);
}

/* Thousands of things in any order: rows, filters, looks, waits. */
static void
test_interleaved (Fixture       *f,
                  gconstpointer  data)
{
  for (guint step = 0; step < 6000; step++)
    {
      int what = g_test_rand_int_range (0, 100);

      if (what < 45)
        record_some (f);
      else if (what < 80)
        sioscope_log_model_advance (f->model);
      else if (what < 90)
        g_main_context_iteration (NULL, FALSE);
      else if (what < 94)
        g_thread_yield ();
      else if (what < 97)
        set_random_filter (f);
      else if (what < 98)
        assert_true_now (f);
      else if (what < 99)
        g_usleep (200);
      else if (sioscope_recording_get_n_rows (f->recording) > 20000)
        {
          tear_down (f, NULL);
          f->n_rows = 0;
          f->asked = FALSE;
          set_up (f, NULL);
        }
    }
  assert_true_now (f);
}

/* A model that goes at any time, at whatever its query is. */
static void
test_dispose (Fixture       *f,
              gconstpointer  data)
{
  for (guint i = 0; i < 100; i++)
    record_some (f);
  for (guint step = 0; step < 300; step++)
    {
      clear_model (f);
      make_model (f);
      for (int i = g_test_rand_int_range (0, 4); i > 0; i--)
        {
          set_random_filter (f);
          if (g_test_rand_bit ())
            sioscope_log_model_advance (f->model);
        }
      if (g_test_rand_bit ())
        g_usleep ((gulong) g_test_rand_int_range (0, 300));
    }
  assert_true_now (f);
}

/* Rows are given back while they are looked at. Acks are left out: what a projection forgets is not what it never knew. */
static void
test_discarded (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr(SioscopeFilter) filter = sioscope_filter_new ("event:a or event:b", NULL, NULL);
  g_autoptr(SioscopeFilter) other = sioscope_filter_new ("not event:a", NULL, NULL);

  for (guint step = 0; step < 3000; step++)
    {
      guint64 first = sioscope_recording_get_first_row (f->recording), n = sioscope_recording_get_n_rows (f->recording);

      record_some (f);
      if (n - first > CAP_ROWS && g_test_rand_bit ())
        sioscope_recorder_discard_before (f->recorder, first + (guint64) g_test_rand_int_range (1, CAP_ROWS));
      if (step % 3 == 0)
        sioscope_log_model_advance (f->model);
      if (step % 50 == 0)
        sioscope_log_model_set_filter (f->model, step % 100 == 0 ? filter : other);
      if (step % 301 == 0)
        assert_true_now (f);
    }
  assert_true_now (f);
}

static void
count_cb (guint *n)
{
  (*n)++;
}

/* The newest first, a screenful at once, and not a word more than one until it was listened to. */
static void
test_first (void)
{
  SioscopeRecorder *recorder;
  SioscopeRecording *recording = script_record ("", &recorder);
  SioscopeQuery *query;
  g_autoptr(SioscopeFilter) filter = sioscope_filter_new ("needle", NULL, NULL);
  g_autofree SioscopeQueryBlock *block = NULL;
  SioscopeQueryProgress progress;
  guint n_advanced = 0;
  guint64 n_found = 0, last;

  for (guint i = 0; i < 400000; i++)
    sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, i % 100 == 0 ? "the Needle is here" : "nothing is here");
  sioscope_recorder_flush (recorder);
  query = sioscope_query_new (recording);
  g_signal_connect_swapped (query, "advanced", G_CALLBACK (count_cb), &n_advanced);
  sioscope_query_set_filter (query, filter);
  WAIT_FOR (sioscope_query_get_progress (query).through);
  WAIT_FOR (n_advanced > 0);
  g_assert_cmpuint (n_advanced, ==, 1);
  last = sioscope_recording_get_n_rows (recording);
  for (guint i = 0; (block = sioscope_query_take (query)) != NULL; i++)
    {
      if (i == 0)
        g_assert_cmpuint (block->n, <=, 256);
      g_assert_cmpint (block->part, ==, SIOSCOPE_QUERY_OLDER);
      for (guint k = 0; k < block->n; k++)
        {
          g_assert_cmpuint (block->rows[k], <, last);
          last = block->rows[k];
          n_found++;
        }
      g_clear_pointer (&block, g_free);
    }
  g_assert_cmpuint (n_found, ==, 4000);
  progress = sioscope_query_get_progress (query);
  g_assert_cmpuint (progress.low, ==, 0);
  g_assert_cmpuint (progress.high, ==, 400000);

  /* What comes is looked at when it is asked for, and told again. */
  n_advanced = 0;
  sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "another NEEDLE");
  sioscope_recorder_flush (recorder);
  g_assert_cmpuint (sioscope_query_look (query), ==, 400001);
  WAIT_FOR (n_advanced == 1);
  block = sioscope_query_take (query);
  g_assert_nonnull (block);
  g_assert_cmpint (block->part, ==, SIOSCOPE_QUERY_NEWER);
  g_assert_cmpuint (block->n, ==, 1);
  g_assert_cmpuint (block->rows[0], ==, 400000);

  g_assert_finalize_object (query);
  g_assert_finalize_object (recorder);
  g_assert_finalize_object (recording);
}

/* The next filter does not wait for what the one before is at: a row of 100 MB, looked at for something that is not in it. */
static void
test_stop (void)
{
  const gsize size = 100 << 20;
  SioscopeRecorder *recorder;
  SioscopeRecording *recording = script_record ("", &recorder);
  SioscopeQuery *query = sioscope_query_new (recording);
  g_autofree char *text = g_malloc (size);
  g_autoptr(SioscopeFilter) text_in_it = sioscope_filter_new ("xxxxxxxxy", NULL, NULL);
  g_autoptr(SioscopeFilter) expression = sioscope_filter_new ("/(x+x+)+y|x[a-z]*y/", NULL, NULL);
  g_autoptr(SioscopeFilter) other = sioscope_filter_new_show (SIOSCOPE_SHOW_EVENTS, TRUE, TRUE);
  gint64 start;

  memset (text, 'x', size - 1);
  text[size - 1] = '\0';
  sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, text);
  sioscope_recorder_flush (recorder);
  for (guint i = 0; i < 5; i++)
    {
      sioscope_query_set_filter (query, i % 2 == 0 ? text_in_it : expression);
      g_usleep (20000);
      start = g_get_monotonic_time ();
      sioscope_query_set_filter (query, other);
      WAIT_FOR (sioscope_query_get_progress (query).through);
      g_test_message ("stopped within %d us", (int) (g_get_monotonic_time () - start));
    }
  sioscope_query_set_filter (query, expression);
  g_usleep (20000);
  start = g_get_monotonic_time ();
  g_assert_finalize_object (query);
  g_test_message ("gone within %d us", (int) (g_get_monotonic_time () - start));
  g_assert_finalize_object (recorder);
  g_assert_finalize_object (recording);
}

/* What the table of cases has none of, because its recording is over: an ack that is waited for, and events that came again. */
static void
test_open_ends (void)
{
  static const struct { const char *line, *rows; } cases[] = {
    { "replayed:yes", "3 " }, { "replayed:no", "5 6 7 8 " }, { "not replayed:yes kind:event", "5 6 7 " }, { "ack:pending", "6 " },
    { "ack:ok", "7 8 " }, { "ack:pending,ok", "6 7 8 " }, { "not ack:pending kind:event", "3 5 7 " }, { "latency:1ms", "7 8 " },
  };
  SioscopeRecorder *recorder;
  SioscopeRecording *recording = script_record ("0 state connecting transport=websocket\n"
                                                "1 state open transport=websocket sid=a eio=4\n"
                                                "2 socket connecting /\n"
                                                "3 packet in 42[\"missed\"]\n"
                                                "4 socket connected / reason=s recovered=1\n"
                                                "5 packet in 42[\"new\"]\n"
                                                "6 packet out 420[\"ask\"]\n"
                                                "7 packet out 421[\"ask\"]\n"
                                                "8 packet in 431[]\n", &recorder);
  SioscopeProjection *acks = sioscope_projection_new (recording);

  sioscope_projection_update (acks, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(SioscopeFilter) filter = sioscope_filter_new (cases[i].line, NULL, NULL);
      g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, acks);
      g_autoptr(GString) rows = g_string_new (NULL);

      for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
        if (sioscope_matcher_wants (matcher, row))
          g_string_append_printf (rows, "%" G_GUINT64_FORMAT " ", row);
      if (!g_str_equal (rows->str, cases[i].rows))
        g_error ("%s wants %snot %s", cases[i].line, rows->str, cases[i].rows);
    }
  g_assert_finalize_object (acks);
  g_assert_finalize_object (recorder);
  g_assert_finalize_object (recording);
}

static void
test_text (void)
{
  for (guint round = 0; round < 200000; round++)
    {
      char haystack[80], needle[8], folded[80];
      gsize size = (gsize) g_test_rand_int_range (0, 80), needle_size = (gsize) g_test_rand_int_range (1, 6);
      gboolean expected;

      for (gsize i = 0; i < size; i++)
        haystack[i] = "aAbB@`[{\x80\xc3 "[g_test_rand_int_range (0, 11)];
      for (gsize i = 0; i < needle_size; i++)
        needle[i] = "ab@`[{\xc3"[g_test_rand_int_range (0, 7)];
      for (gsize i = 0; i < size; i++)
        folded[i] = g_ascii_tolower (haystack[i]);
      expected = memmem (folded, size, needle, needle_size) != NULL;
      g_assert_cmpint (sioscope_text_search (haystack, size, needle, needle_size), ==, expected);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/query/interleaved", Fixture, NULL, set_up, test_interleaved, tear_down);
  g_test_add ("/query/dispose", Fixture, NULL, set_up, test_dispose, tear_down);
  g_test_add ("/query/discarded", Fixture, NULL, set_up, test_discarded, tear_down);
  g_test_add_func ("/query/first", test_first);
  g_test_add_func ("/query/stop", test_stop);
  g_test_add_func ("/query/open-ends", test_open_ends);
  g_test_add_func ("/query/text", test_text);

  return g_test_run ();
}
