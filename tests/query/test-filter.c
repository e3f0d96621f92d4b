/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of cases, and what a table cannot say: rows that arrive while it matches, stopping, colours and completion. */

#include "recording-script.h"
#include "sioscope-filter.h"
#include "sioscope-recording-private.h"

/* 2026-05-01T10:00:00Z */
#define START_US (G_GINT64_CONSTANT (1777629600) * G_USEC_PER_SEC)

typedef struct {
  GString           *script;
  GPtrArray         *matches;  /* of lines */
  GPtrArray         *mistakes;
  SioscopeRecorder  *recorder;
  SioscopeRecording *recording;
  SioscopeProjection *acks;
} Table;

static void
load_table (Table         *table,
            gconstpointer  data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "query", "filter-cases.txt", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;
  const char *section = "";
  guint n_rows = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  table->script = g_string_new (NULL);
  table->matches = g_ptr_array_new_with_free_func (g_free);
  table->mistakes = g_ptr_array_new_with_free_func (g_free);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] == '[' && g_str_has_suffix (lines[i], "]"))
        section = lines[i];
      else if (lines[i][0] == '\0' || lines[i][0] == '#')
        continue;
      else if (g_str_equal (section, "[rows]"))
        {
          g_string_append_printf (table->script, "%s\n", lines[i]);
          n_rows++;
        }
      else
        g_ptr_array_add (g_str_equal (section, "[match]") ? table->matches : table->mistakes, g_strdup (lines[i]));
    }

  table->recording = script_record (table->script->str, &table->recorder);
  table->recording->start_real_us = START_US;
  g_assert_cmpuint (sioscope_recording_get_n_rows (table->recording), ==, n_rows);
  /* A recording that is over ends with its last row. */
  g_assert_finalize_object (g_steal_pointer (&table->recorder));
  table->acks = sioscope_projection_new (table->recording);
  sioscope_projection_update (table->acks, 0);
}

static void
free_table (Table         *table,
            gconstpointer  data)
{
  g_string_free (table->script, TRUE);
  g_ptr_array_unref (table->matches);
  g_ptr_array_unref (table->mistakes);
  g_assert_finalize_object (table->acks);
  g_assert_finalize_object (table->recording);
}

/* "1 4-6" to a set of rows. */
static GString *
expand_rows (const char *text,
             guint64     n_rows)
{
  g_auto(GStrv) words = g_strsplit (text, " ", -1);
  g_autofree gboolean *wanted = g_new0 (gboolean, n_rows);
  GString *rows = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint64 first, last;
      char *end;

      if (g_str_equal (words[i], "none") || *words[i] == '\0')
        continue;
      first = g_str_equal (words[i], "all") ? 0 : g_ascii_strtoull (words[i], &end, 10);
      last = g_str_equal (words[i], "all") ? n_rows - 1 : *end == '-' ? g_ascii_strtoull (end + 1, NULL, 10) : first;
      g_assert_cmpuint (last, <, n_rows);
      for (guint64 row = first; row <= last; row++)
        wanted[row] = TRUE;
    }
  for (guint64 row = 0; row < n_rows; row++)
    if (wanted[row])
      g_string_append_printf (rows, "%" G_GUINT64_FORMAT " ", row);
  return rows;
}

static GString *
matching_rows (SioscopeFilter     *filter,
               SioscopeRecording  *recording,
               SioscopeProjection *acks)
{
  g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, acks);
  guint64 n_rows = sioscope_recording_get_n_rows (recording);
  GString *rows = g_string_new (NULL);

  for (guint64 row = 0; row < n_rows; row++)
    if (sioscope_matcher_wants (matcher, row))
      g_string_append_printf (rows, "%" G_GUINT64_FORMAT " ", row);
  g_assert_false (sioscope_matcher_wants (matcher, n_rows));
  return rows;
}

static char *
cut (const char *line,
     const char *what,
     const char **rest)
{
  const char *arrow = strstr (line, " => ");

  if (arrow == NULL)
    g_error ("%s is missing in: %s", what, line);
  *rest = arrow + strlen (" => ");
  return g_strndup (line, (gsize) (arrow - line));
}

static void
test_matches (Table         *table,
              gconstpointer  data)
{
  guint n_wrong = 0;

  for (guint i = 0; i < table->matches->len; i++)
    {
      const char *rows;
      g_autofree char *line = cut (g_ptr_array_index (table->matches, i), "the rows", &rows);
      g_autoptr(GString) expected = expand_rows (rows, sioscope_recording_get_n_rows (table->recording));
      g_autoptr(GString) found = NULL;
      g_autoptr(SioscopeFilter) filter = NULL;
      g_autoptr(GError) error = NULL;
      SioscopePlace mistake;

      filter = sioscope_filter_new (line, &mistake, &error);
      if (filter == NULL)
        {
          g_test_message ("%s: a mistake at %zu-%zu: %s", line, mistake.start, mistake.end, error->message);
          n_wrong++;
          continue;
        }
      g_assert_no_error (error);
      found = matching_rows (filter, table->recording, table->acks);
      if (!g_str_equal (found->str, expected->str))
        {
          g_test_message ("%s: wants %snot %s", line, found->str, expected->str);
          n_wrong++;
        }
      g_assert_true (sioscope_filter_is_everything (filter) == (strspn (line, " ") == strlen (line)));
    }
  g_assert_cmpuint (n_wrong, ==, 0);
}

static void
test_mistakes (Table         *table,
               gconstpointer  data)
{
  guint n_wrong = 0;

  for (guint i = 0; i < table->mistakes->len; i++)
    {
      const char *rest, *message;
      g_autofree char *line = cut (g_ptr_array_index (table->mistakes, i), "the place", &rest);
      g_autofree char *place = cut (rest, "the message", &message);
      g_autofree char *found = NULL;
      g_autoptr(SioscopeFilter) filter = NULL;
      g_autoptr(GError) error = NULL;
      SioscopePlace mistake;

      filter = sioscope_filter_new (line, &mistake, &error);
      if (filter != NULL)
        {
          g_test_message ("%s: no mistake", line);
          n_wrong++;
          continue;
        }
      g_assert_error (error, SIOSCOPE_FILTER_ERROR, SIOSCOPE_FILTER_ERROR_SYNTAX);
      found = g_strdup_printf ("%zu-%zu", mistake.start, mistake.end);
      if (!g_str_equal (found, place) || strstr (error->message, message) == NULL)
        {
          g_test_message ("%s: %s: %s", line, found, error->message);
          n_wrong++;
        }
    }
  g_assert_cmpuint (n_wrong, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "+02:00", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/query/filter/matches", Table, NULL, load_table, test_matches, free_table);
  g_test_add ("/query/filter/mistakes", Table, NULL, load_table, test_mistakes, free_table);

  return g_test_run ();
}
