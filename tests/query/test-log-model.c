/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The list as text: what it holds, and every items-changed that led there. */

#include "recording-script.h"
#include "sioscope-log-model.h"
#include "sioscope-recording-private.h"
#include "sioscope-row-list-private.h"
#include "test-util.h"

typedef struct {
  SioscopeRecorder  *recorder;
  SioscopeRecording *recording;
  SioscopeLogModel  *model;
  GString           *changes;
  GArray            *mirror; /* rows, kept by the changes alone */
} Fixture;

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  Fixture    *fixture)
{
  g_string_append_printf (fixture->changes, "@%u", position);
  if (removed != 0)
    g_string_append_printf (fixture->changes, "-%u", removed);
  if (added != 0)
    g_string_append_printf (fixture->changes, "+%u", added);

  if (removed != 0)
    g_array_remove_range (fixture->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    {
      guint64 row = sioscope_log_model_get_row (SIOSCOPE_LOG_MODEL (model), position + i);

      g_array_insert_val (fixture->mirror, position + i, row);
    }
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->recording = script_record ("", &fixture->recorder);
  fixture->model = sioscope_log_model_new (fixture->recording);
  fixture->changes = g_string_new (NULL);
  fixture->mirror = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_signal_connect (fixture->model, "items-changed", G_CALLBACK (items_changed_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->model);
  g_assert_finalize_object (fixture->recorder);
  g_assert_finalize_object (fixture->recording);
  g_string_free (fixture->changes, TRUE);
  g_array_unref (fixture->mirror);
}

/* Until all is looked at that was there when it began. */
static void
advance_fully (Fixture *f)
{
  g_string_truncate (f->changes, 0);
  do
    while (sioscope_log_model_advance (f->model))
      ;
  while (sioscope_log_model_get_behind (f->model) && (g_main_context_iteration (NULL, TRUE), TRUE));
}

static void
set_filter (Fixture      *f,
            SioscopeShow  show,
            gboolean      in,
            gboolean      out,
            const char   *line)
{
  g_autoptr(SioscopeFilter) shown = sioscope_filter_new_show (show, in, out);
  g_autoptr(SioscopeFilter) wanted = sioscope_filter_new (line, NULL, NULL);
  g_autoptr(SioscopeFilter) filter = NULL;

  g_assert_nonnull (wanted);
  filter = sioscope_filter_new_and (shown, wanted);
  sioscope_log_model_set_filter (f->model, filter);
}

/* "0 1 3", and that every way to ask agrees. */
static char *
describe (Fixture *f)
{
  GListModel *list = G_LIST_MODEL (f->model);
  GString *out = g_string_new (NULL);
  guint n = g_list_model_get_n_items (list);

  g_assert_cmpuint (n, ==, f->mirror->len);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(SioscopeLogItem) item = g_list_model_get_item (list, i);
      guint64 row = sioscope_log_item_get_row (item);

      g_assert_cmpuint (row, ==, sioscope_log_model_get_row (f->model, i));
      g_assert_cmpuint (row, ==, g_array_index (f->mirror, guint64, i));
      g_assert_cmpuint (sioscope_log_model_get_position (f->model, row), ==, i);
      g_string_append_printf (out, "%s%d", i > 0 ? " " : "", (int) row);
    }
  g_assert_null (g_list_model_get_item (list, n));
  g_assert_cmpuint (sioscope_log_model_get_row (f->model, n), ==, SIOSCOPE_NO_ROW);
  g_assert_cmpuint (sioscope_log_model_get_position (f->model, G_MAXUINT32), ==, n);
  return g_string_free (out, FALSE);
}

static void
assert_shows (Fixture    *f,
              const char *changes,
              const char *rows)
{
  g_autofree char *text = NULL;

  advance_fully (f);
  text = describe (f);
  g_assert_cmpstr (text, ==, rows);
  g_assert_cmpstr (f->changes->str, ==, changes);
}

static const char script[] =
  "0 state connecting transport=polling\n"         /* 0 */
  "1 http GET 200 1 http://h/ response=Login\n"    /* 1 */
  "2 packet in 42[\"tick\",\"LOGIN\"]\n"           /* 2 */
  "3 packet out 420[\"login\"]\n"                  /* 3 */
  "4 engine in 2\n"                                /* 4 */
  "5 engine out 5\n"                               /* 5 */
  "6 packet in 430[]\n"                            /* 6 */
  "7 error packet login_failed\n"                  /* 7 */
  "8 packet in 40\n"                               /* 8 */
  "9 emit lost / -1 Login\n"                       /* 9 */
  "10 frame in 9 x\n"                              /* 10 */
  "11 packet in 451-[\"bin\",{\"_placeholder\":true,\"num\":0}]\n" /* 11 */
  "12 attachment in 0 Login\n";                    /* 12 */

static void
test_filters (Fixture       *f,
              gconstpointer  data)
{
  const SioscopeShow everything = 127;

  assert_shows (f, "", "");
  script_play (f->recorder, f->recording, script);
  assert_shows (f, "@0+8", "0 2 3 6 7 8 9 11");
  assert_shows (f, "", "0 2 3 6 7 8 9 11");

  set_filter (f, everything, TRUE, TRUE, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->model)), ==, 8);
  assert_shows (f, "@0-8+13", "0 1 2 3 4 5 6 7 8 9 10 11 12");
  set_filter (f, everything, TRUE, TRUE, "");
  assert_shows (f, "", "0 1 2 3 4 5 6 7 8 9 10 11 12");

  set_filter (f, everything, TRUE, TRUE, "lOgIn");
  assert_shows (f, "@0-13+6", "1 2 3 7 9 12");
  set_filter (f, everything, TRUE, FALSE, "login");
  assert_shows (f, "@0-6+5", "1 2 7 9 12");
  set_filter (f, SIOSCOPE_SHOW_EVENTS, FALSE, TRUE, NULL);
  assert_shows (f, "@0-5+1", "3");
  set_filter (f, SIOSCOPE_SHOW_HEARTBEATS, TRUE, TRUE, NULL);
  assert_shows (f, "@0-1+1", "4");
  set_filter (f, SIOSCOPE_SHOW_ENGINE, TRUE, TRUE, NULL);
  assert_shows (f, "@0-1+3", "5 10 12");
  set_filter (f, SIOSCOPE_SHOW_ACKS | SIOSCOPE_SHOW_HTTP, TRUE, TRUE, NULL);
  assert_shows (f, "@0-3+2", "1 6");
  set_filter (f, everything, TRUE, TRUE, "\"no such text\"");
  assert_shows (f, "@0-2", "");

  script_play (f->recorder, f->recording, "20 note no_SUCH_text\n21 note x\n");
  script_play (f->recorder, f->recording, "22 note NO_such_text_no\n");
  assert_shows (f, "@0+2", "13 15");
}

static void
play_many (Fixture *f,
           guint    from,
           guint    to)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = from; i < to; i++)
    g_string_append_printf (text, "%u packet in 42[\"tick\",%u]\n", i, i);
  script_play (f->recorder, f->recording, text->str);
}

/* Rows that are given back disappear from the front, whether they were listed or counted. */
static void
test_discarded (Fixture       *f,
                gconstpointer  data)
{
  play_many (f, 0, 6);
  assert_shows (f, "@0+6", "0 1 2 3 4 5");
  sioscope_recorder_discard_before (f->recorder, 2);
  play_many (f, 6, 8);
  assert_shows (f, "@0-2@4+2", "2 3 4 5 6 7");

  script_play (f->recorder, f->recording, "9 engine in 2\n");
  play_many (f, 9, 11);
  assert_shows (f, "@6+2", "2 3 4 5 6 7 9 10");
  sioscope_recorder_discard_before (f->recorder, 10);
  assert_shows (f, "@0-7", "10");
  sioscope_recorder_discard_before (f->recorder, 11);
  play_many (f, 11, 13);
  assert_shows (f, "@0-1@0+2", "11 12");
}

/* Rows in the file, then rows in memory, then a hole between them. */
static void
test_hole (Fixture       *f,
           gconstpointer  data)
{
  play_many (f, 0, 10);
  assert_shows (f, "@0+10", "0 1 2 3 4 5 6 7 8 9");
  f->recording->hole_start = 3;
  f->recording->hole_end = 3;
  assert_shows (f, "", "0 1 2 3 4 5 6 7 8 9");
  f->recording->hole_end = 6;
  assert_shows (f, "@3-3", "0 1 2 6 7 8 9");
  f->recording->hole_end = 8;
  play_many (f, 10, 12);
  assert_shows (f, "@3-2@5+2", "0 1 2 8 9 10 11");
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "9");
  assert_shows (f, "@0-7+1", "9");
}

/* A million rows, with a filter that must look at each: no single step may hold a frame up. */
static void
test_slices (Fixture       *f,
             gconstpointer  data)
{
  const guint n = 1000000;
  guint n_slices = 0;
  gint64 longest = 0, start;

  for (guint i = 0; i < n; i++)
    sioscope_recorder_note (f->recorder, SIOSCOPE_KIND_NOTE, NULL, i % 1000 == 0 ? "the Needle is here" : "nothing is here");
  sioscope_recorder_flush (f->recorder);
  set_filter (f, SIOSCOPE_SHOW_STATES, TRUE, TRUE, "needle");
  start = g_get_monotonic_time ();
  while (sioscope_log_model_get_behind (f->model))
    {
      gint64 before = test_get_work_us ();

      sioscope_log_model_advance (f->model);
      longest = MAX (longest, test_get_work_us () - before);
      n_slices++;
      if (n_slices == 1 || g_list_model_get_n_items (G_LIST_MODEL (f->model)) == 0)
        g_assert_true (sioscope_log_model_get_searching (f->model));
      g_main_context_iteration (NULL, TRUE);
      sioscope_log_model_advance (f->model);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->model)), ==, n / 1000);
  g_assert_cmpuint (sioscope_log_model_get_row (f->model, 0), ==, 0);
  g_test_message ("%u slices, the longest %d us, %d ms in all", n_slices, (int) longest,
                  (int) ((g_get_monotonic_time () - start) / 1000));
}

/* Frozen: what comes is not shown, what was there is, and a new filter takes in all there is. */
static void
test_frozen (Fixture       *f,
             gconstpointer  data)
{
  play_many (f, 0, 4);
  assert_shows (f, "@0+4", "0 1 2 3");
  play_many (f, 4, 6);
  sioscope_log_model_set_frozen (f->model, TRUE);
  play_many (f, 6, 8);
  assert_shows (f, "@4+2", "0 1 2 3 4 5");
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, NULL);
  assert_shows (f, "@0-6+8", "0 1 2 3 4 5 6 7");
  play_many (f, 8, 9);
  assert_shows (f, "", "0 1 2 3 4 5 6 7");
  sioscope_log_model_set_frozen (f->model, FALSE);
  assert_shows (f, "@8+1", "0 1 2 3 4 5 6 7 8");
}

/* A row that somebody holds is one object, wherever it moves. */
static void
test_items (Fixture       *f,
            gconstpointer  data)
{
  g_autoptr(SioscopeLogItem) before = NULL;
  g_autoptr(SioscopeLogItem) after = NULL;

  play_many (f, 0, 12);
  advance_fully (f);
  before = g_list_model_get_item (G_LIST_MODEL (f->model), 9);
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "9");
  assert_shows (f, "@0-12+1", "9");
  after = g_list_model_get_item (G_LIST_MODEL (f->model), 0);
  g_assert_true (before == after);
}

static void
renewed_cb (SioscopeLogModel *model,
            Fixture          *f)
{
  g_string_append (f->changes, "renewed");
  for (guint i = 0; i < f->mirror->len; i++)
    g_array_index (f->mirror, guint64, i) = sioscope_log_model_get_row (model, i);
}

/* Whoever stands at the end keeps the items there: they stand for what the next filter finds last. */
static void
test_keep_end (Fixture       *f,
               gconstpointer  data)
{
  g_autoptr(SioscopeLogItem) last = NULL, before = NULL, first = NULL, outside = NULL, found = NULL;
  GListModel *list = G_LIST_MODEL (f->model);

  g_signal_connect (f->model, "renewed", G_CALLBACK (renewed_cb), f);
  sioscope_log_model_set_keep_end (f->model, TRUE);
  play_many (f, 0, 12);
  advance_fully (f);
  last = g_list_model_get_item (list, 11);
  before = g_list_model_get_item (list, 10);
  first = g_list_model_get_item (list, 1);

  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "1");
  assert_shows (f, "@0-9renewed", "1 10 11");
  g_assert_cmpuint (sioscope_log_item_get_row (last), ==, 11);
  g_assert_cmpuint (sioscope_log_item_get_row (before), ==, 10);
  g_assert_cmpuint (sioscope_log_item_get_row (first), ==, 1);

  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "not 11");
  assert_shows (f, "@0+8renewed", "0 1 2 3 4 5 6 7 8 9 10");
  g_assert_cmpuint (sioscope_log_item_get_row (last), ==, 10);
  g_assert_cmpuint (sioscope_log_item_get_row (before), ==, 9);
  found = g_list_model_get_item (list, 10);
  g_assert_true (found == last);
  g_clear_object (&found);

  /* What is held outside of the end stays what it is, even if one at the end comes to stand for the same row. */
  g_assert_cmpuint (sioscope_log_item_get_row (first), ==, 8);
  outside = g_list_model_get_item (list, 1);
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "1");
  assert_shows (f, "@0-8renewed", "1 10 11");
  g_assert_cmpuint (sioscope_log_item_get_row (outside), ==, 1);
  for (guint i = 0; i < 2; i++)
    {
      found = g_list_model_get_item (list, 0);
      g_assert_true (found == first);
      g_clear_object (&found);
      g_clear_object (&outside);
    }
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "not 11");
  assert_shows (f, "@0+8renewed", "0 1 2 3 4 5 6 7 8 9 10");

  /* As many as there were: nothing comes or goes, and all is new. */
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "not 10");
  assert_shows (f, "renewed", "0 1 2 3 4 5 6 7 8 9 11");
  g_assert_cmpuint (sioscope_log_item_get_row (last), ==, 11);

  /* Without it an item stands for one row ever. */
  sioscope_log_model_set_keep_end (f->model, FALSE);
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "9");
  assert_shows (f, "@0-11+1", "9");
  g_assert_cmpuint (sioscope_log_item_get_row (last), ==, 11);
  found = g_list_model_get_item (list, 0);
  g_assert_true (found == before);
}

/* A few at a time as long as there are few, and none is lost at the seams. */
static void
test_few (Fixture       *f,
          gconstpointer  data)
{
  guint n = 0;

  play_many (f, 0, 1000);
  while (sioscope_log_model_get_behind (f->model))
    {
      guint more;

      sioscope_log_model_advance (f->model);
      more = g_list_model_get_n_items (G_LIST_MODEL (f->model)) - n;
      if (n < 200)
        g_assert_cmpuint (more, <=, 100);
      n += more;
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (n, ==, 1000);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (sioscope_log_model_get_row (f->model, i), ==, i);
}

/* An ack that comes later takes its event out of the middle, or brings it in. */
static void
test_acks (Fixture       *f,
           gconstpointer  data)
{
  script_play (f->recorder, f->recording,
               "1 packet out 421[\"a\"]\n"      /* 0 */
               "2 packet out 42[\"b\"]\n"       /* 1 */
               "3 packet out 422[\"c\"]\n"      /* 2 */
               "4 packet out 423[\"d\"]\n");    /* 3 */
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "ack:pending");
  assert_shows (f, "@0+3", "0 2 3");
  script_play (f->recorder, f->recording, "5 packet in 432[]\n");
  assert_shows (f, "@1-1", "0 3");
  set_filter (f, SIOSCOPE_SHOW_EVENTS, TRUE, TRUE, "ack:ok");
  assert_shows (f, "@0-2+1", "2");
  script_play (f->recorder, f->recording, "6 packet in 431[]\n7 packet in 433[]\n");
  assert_shows (f, "@0+1@2+1", "0 2 3");
}

static void
test_row_list (void)
{
  for (guint round = 0; round < 300; round++)
    {
      SioscopeRowList list = { NULL };
      g_autoptr(GArray) mirror = g_array_new (FALSE, FALSE, sizeof (guint32));
      guint32 low = 1000000, high = 1000000;

      for (guint step = 0; step < 60; step++)
        {
          guint32 rows[700];
          guint n = (guint) g_test_rand_int_range (0, 700);

          switch (g_test_rand_int_range (0, 4))
            {
            case 0:
              for (guint i = 0; i < n; i++)
                rows[i] = high += (guint32) g_test_rand_int_range (1, 4);
              sioscope_row_list_append (&list, rows, n);
              g_array_append_vals (mirror, rows, n);
              break;
            case 1:
              for (guint i = 0; i < n; i++)
                {
                  rows[i] = low -= (guint32) g_test_rand_int_range (1, 4);
                  g_array_prepend_val (mirror, rows[i]);
                }
              sioscope_row_list_prepend (&list, rows, n);
              break;
            case 2:
              if (mirror->len > 0)
                {
                  guint at = (guint) g_test_rand_int_range (0, (gint32) mirror->len);

                  n = MIN (n, mirror->len - at);
                  if (n > 0)
                    g_array_remove_range (mirror, at, n);
                  sioscope_row_list_remove (&list, at, n);
                }
              break;
            default:
              {
                guint32 row = (guint32) g_test_rand_int_range ((gint32) low, (gint32) high + 1);
                guint at = sioscope_row_list_find (&list, row);

                if (at == mirror->len || g_array_index (mirror, guint32, at) != row)
                  {
                    sioscope_row_list_insert (&list, at, row);
                    g_array_insert_val (mirror, at, row);
                  }
              }
              break;
            }
          g_assert_cmpuint (sioscope_row_list_get_n (&list), ==, mirror->len);
          for (guint i = 0; i < mirror->len; i++)
            g_assert_cmpuint (sioscope_row_list_get (&list, i), ==, g_array_index (mirror, guint32, i));
        }
      sioscope_row_list_clear (&list);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, body) g_test_add ("/log-model/" name, Fixture, NULL, set_up, body, tear_down)
  ADD ("filters", test_filters);
  ADD ("discarded", test_discarded);
  ADD ("hole", test_hole);
  ADD ("slices", test_slices);
  ADD ("frozen", test_frozen);
  ADD ("items", test_items);
  ADD ("keep-end", test_keep_end);
  ADD ("few", test_few);
  ADD ("acks", test_acks);
#undef ADD
  g_test_add_func ("/log-model/row-list", test_row_list);

  return g_test_run ();
}
