/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table and the lines for people: read back as a spreadsheet would, and nothing in them that acts. */

#include "recording-script.h"
#include "sioscope-export.h"

static char *
export (SioscopeRecording *recording,
        SioscopeFormat     format)
{
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  SioscopeExportOptions options = { .format = format, .include_secrets = TRUE };
  g_autoptr(GError) error = NULL;
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (stream);

  g_assert_true (sioscope_export_write (recording, &options, stream, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return g_strndup (g_memory_output_stream_get_data (memory), g_memory_output_stream_get_data_size (memory));
}

static char *
export_script (const char     *script,
               SioscopeFormat  format)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);

  return export (recording, format);
}

/* By the book: every line of the same number of cells; (element-type GPtrArray of char *). */
static GPtrArray *
read_table (const char *text)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  const char *p = text;

  g_assert_true (g_utf8_validate (text, -1, NULL));
  while (*p != '\0')
    {
      GPtrArray *row = g_ptr_array_new_with_free_func (g_free);

      for (;;)
        {
          g_autoptr(GString) cell = g_string_new (NULL);

          if (*p == '"')
            {
              for (p++; p[0] != '"' || p[1] == '"'; p++)
                {
                  g_assert_cmpint (*p, !=, '\0');
                  g_string_append_c (cell, *p);
                  p += p[0] == '"';
                }
              p++;
            }
          else
            while (strchr (",\r\n", *p) == NULL)
              {
                g_assert_cmpint (*p, !=, '"');
                g_string_append_c (cell, *p++);
              }
          g_ptr_array_add (row, g_strdup (cell->str));
          if (*p != ',')
            break;
          p++;
        }
      g_assert_cmpint (*p++, ==, '\r');
      g_assert_cmpint (*p++, ==, '\n');
      g_assert_cmpuint (row->len, ==, 14);
      g_ptr_array_add (rows, row);
    }
  return rows;
}

static const char *
get_cell (GPtrArray  *rows,
          guint       row,
          const char *column)
{
  GPtrArray *header = g_ptr_array_index (rows, 0);

  for (guint i = 0; i < header->len; i++)
    if (g_str_equal (g_ptr_array_index (header, i), column))
      return g_ptr_array_index ((GPtrArray *) g_ptr_array_index (rows, row + 1), i);
  g_assert_not_reached ();
}

static void
test_columns (void)
{
  g_autofree char *text = export_script (
    "0 state connecting transport=polling\n"
    "1500 packet out 42/admin,7[\"ask\",{\"n\":1.0}]\n"
    "1512 packet in 43/admin,7[\"yes,\\\"quoted\\\"\"]\n"
    "1600 packet in 451-[\"up\",{\"_placeholder\":true,\"num\":0}]\n"
    "1601 attachment in 0 bytes\n"
    "1700 http GET 200 3 http://h/?EIO=4 response=40\n"
    "1800 engine in 2\n"
    "1900 error packet bad\n", SIOSCOPE_FORMAT_CSV);
  g_autoptr(GPtrArray) rows = read_table (text);

  g_assert_true (g_str_has_prefix (text, "row,time,seconds,direction,kind,transport,namespace,event,ack id,ack state,latency ms,"
                                         "size bytes,status,text\r\n"));
  g_assert_cmpuint (rows->len, ==, 9);
  g_assert_cmpstr (get_cell (rows, 0, "status"), ==, "connecting");
  g_assert_cmpstr (get_cell (rows, 1, "row"), ==, "1");
  g_assert_cmpstr (get_cell (rows, 1, "seconds"), ==, "1.500000");
  g_assert_cmpstr (get_cell (rows, 1, "direction"), ==, "out");
  g_assert_cmpstr (get_cell (rows, 1, "kind"), ==, "event");
  g_assert_cmpstr (get_cell (rows, 1, "namespace"), ==, "/admin");
  g_assert_cmpstr (get_cell (rows, 1, "event"), ==, "ask");
  g_assert_cmpstr (get_cell (rows, 1, "ack id"), ==, "7");
  g_assert_cmpstr (get_cell (rows, 1, "ack state"), ==, "ok");
  g_assert_cmpstr (get_cell (rows, 1, "latency ms"), ==, "12.000");
  g_assert_cmpstr (get_cell (rows, 1, "text"), ==, "[{\"n\":1.0}]");
  g_assert_cmpstr (get_cell (rows, 2, "text"), ==, "[\"yes,\\\"quoted\\\"\"]");
  g_assert_cmpstr (get_cell (rows, 4, "kind"), ==, "attachment");
  g_assert_cmpstr (get_cell (rows, 4, "text"), ==, "base64:Ynl0ZXM=");
  g_assert_cmpstr (get_cell (rows, 4, "size bytes"), ==, "5");
  g_assert_cmpstr (get_cell (rows, 5, "status"), ==, "200");
  g_assert_cmpstr (get_cell (rows, 5, "text"), ==, "GET http://h/?EIO=4 OK");
  g_assert_cmpstr (get_cell (rows, 6, "kind"), ==, "ping");
  g_assert_cmpstr (get_cell (rows, 7, "text"), ==, "packet: bad");
  g_assert_true (g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$", get_cell (rows, 3, "time"), 0, 0));
}

static void
test_formulas (void)
{
  static const struct { const char *text, *cell; } cases[] = {
    { "=1+1", "'=1+1" }, { "+1", "'+1" }, { "-1", "'-1" }, { "@SUM(A1)", "'@SUM(A1)" }, { "__=1", "'  =1" },
    { "\xef\xbc\x9d" "1", "'\xef\xbc\x9d" "1" }, /* full width */
    { "\xc2\xa0=1", "'\xc2\xa0=1" },
    { "~=1", "'\\u{A}=1" }, { "\t=1", "'\\u{9}=1" }, { "a=1", "a=1" }, { "1", "1" }, { "\"=1\"", "\"=1\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *script = g_strdup_printf ("1 emit dropped /ns%s -1 tick\n2 socket disconnected / reason=%s\n", cases[i].text,
                                                 cases[i].text);
      g_autofree char *text = export_script (script, SIOSCOPE_FORMAT_CSV);
      g_autoptr(GPtrArray) rows = read_table (text);

      g_assert_cmpstr (get_cell (rows, 1, "text"), ==, cases[i].cell);
    }
}

static void
test_events_as_formulas (void)
{
  g_autofree char *text = export_script ("1 packet in 42[\"=cmd|'/c_calc'!A0\",1]\n2 packet in 42[\"\\t@x\"]\n3 packet in 42[\"\\u202e=1\"]\n",
                                         SIOSCOPE_FORMAT_CSV);
  g_autoptr(GPtrArray) rows = read_table (text);

  g_assert_true (g_str_has_prefix (get_cell (rows, 0, "event"), "'=cmd|'/c"));
  g_assert_cmpstr (get_cell (rows, 1, "event"), ==, "'\\u{9}@x");
  g_assert_cmpstr (get_cell (rows, 2, "event"), ==, "\\u{202E}=1");
}

/* Nothing that moves a cursor, turns a line around, or begins another one. */
static void
test_visible (void)
{
  static const char script[] =
    "1 socket disconnected / reason=a~b\x1b[31m\xe2\x80\xae" "cba\xc2\x9b\xef\xbb\xbf\xff" "end\n"
    "2 packet in 42[\"x\\u001b\",\"\xe2\x80\xa8\"]\n";

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = export_script (script, i == 0 ? SIOSCOPE_FORMAT_CSV : SIOSCOPE_FORMAT_TEXT);

      g_assert_nonnull (strstr (text, "a\\u{A}b\\u{1B}[31m\\u{202E}cba\\u{9B}\\u{FEFF}\\x{FF}end"));
      g_assert_nonnull (strstr (text, "x\\u{1B}"));
      g_assert_nonnull (strstr (text, "\\u{2028}"));
      for (const char *p = text; *p != '\0'; p++)
        g_assert_true ((guchar) *p >= ' ' || *p == '\n' || (i == 0 && *p == '\r'));
    }
}

/* Whole, whatever its size. */
static void
test_large (void)
{
  g_autofree char *payload = g_strnfill (3 * 1000 * 1000, 'x');
  g_autofree char *script = g_strdup_printf ("1 packet in 42[\"big\",\"%s\"]\n2 packet in 42[\"after\"]\n", payload);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = export_script (script, i == 0 ? SIOSCOPE_FORMAT_CSV : SIOSCOPE_FORMAT_TEXT);

      g_assert_nonnull (strstr (text, payload));
      g_assert_nonnull (strstr (text, "after"));
    }
}

static void
test_text (void)
{
  g_autofree char *text = export_script (
    "1 packet out 427[\"ask\",{\"n\":1.0}]\n"
    "13 packet in 437[\"yes\"]\n"
    "14 packet in 42/admin,[\"tick\"]\n"
    "15 attachment in 0 bytes\n"
    "16 state waiting attempt=2 delay=1000\n", SIOSCOPE_FORMAT_TEXT);
  static const char * const lines[] = {
    "Z → / ask  [{\"n\":1.0}]  ack 7 12.000 ms  20 B\n", "Z ← ack /  [\"yes\"]  ack 7 12.000 ms  10 B\n", "Z ← /admin tick  []  17 B\n",
    "Z ← attachment 0  base64:Ynl0ZXM=  5 B\n", "Z · state waiting  attempt 2 in 1000 ms\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (strstr (text, lines[i]) == NULL)
      g_error ("no %s in\n%s", lines[i], text);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/csv/columns", test_columns);
  g_test_add_func ("/csv/formulas", test_formulas);
  g_test_add_func ("/csv/events-as-formulas", test_events_as_formulas);
  g_test_add_func ("/csv/visible", test_visible);
  g_test_add_func ("/csv/large", test_large);
  g_test_add_func ("/text/lines", test_text);

  return g_test_run ();
}
