/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two programs and one file: one writes, and no other can; whoever opens it meanwhile sees whole rows, and is told. This program starts
 * itself a second time as the one that writes. */

#include "sioscope-recorder.h"
#include "sioscope-recording-copy.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define N_LOOKS 200u
#define N_ROWS  3000u

static const char *program;

/* --- The writer: until its standard input says so --- */

static gpointer
wait_for_line (gpointer data)
{
  int *asked = data;
  char line[16];

  if (fgets (line, sizeof line, stdin) == NULL)
    line[0] = '\0';
  __atomic_store_n (asked, TRUE, __ATOMIC_RELEASE);
  return NULL;
}

static int
run_writer (const char *path)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "two programs");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  int asked = FALSE;
  GThread *thread = g_thread_new ("stdin", wait_for_line, &asked);
  static char text[200000];

  if (sioscope_recording_get_path (recording) == NULL)
    return 1;
  memset (text, 'x', sizeof text);
  g_print ("made\n");
  for (guint64 i = 0; !__atomic_load_n (&asked, __ATOMIC_ACQUIRE); i++)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, i);

      /* Some larger than what is collected before it is written. */
      text[i % 500 == 499 ? sizeof text - 1 : 100] = '\0';
      sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, number, text);
      text[100] = 'x';
      sioscope_recorder_flush (recorder);
      /* The reader is not to read gigabytes. */
      if (i % 16 == 0)
        g_usleep (100);
    }
  sioscope_recorder_finish (recorder);
  g_thread_join (thread);
  g_print ("%" G_GUINT64_FORMAT "\n", sioscope_recording_get_n_rows (recording));
  return 0;
}

/* --- The other one --- */

static GSubprocess *
start_writer (const char *path)
{
  g_autoptr(GError) error = NULL;
  GSubprocess *writer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                          program, "--write", path, NULL);
  char said[5] = "";
  gsize n_read;

  g_assert_no_error (error);
  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (writer), said, sizeof said, &n_read, NULL, &error));
  g_assert_cmpmem (said, n_read, "made\n", 5);
  return writer;
}

static void
assert_rows (SioscopeRecording *recording,
             guint64            first)
{
  for (guint64 row = first; row < sioscope_recording_get_n_rows (recording); row++)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, row);
      SioscopeEntry entry;

      g_assert_true (sioscope_recording_read (recording, row, &entry));
      g_assert_cmpint (entry.kind, ==, SIOSCOPE_KIND_NOTE);
      g_assert_true (sio_span_equals (entry.reason, number));
      g_assert_cmpuint (entry.message.size, ==, row % 500 == 499 ? 199999 : 100);
      g_assert_cmpint (entry.message.data[entry.message.size - 1], ==, 'x');
    }
}

static void
assert_refused (const char *path)
{
  g_autoptr(SioscopeRecording) second = sioscope_recording_new (path, "second");
  g_autoptr(SioscopeRecording) copy = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *notice = sioscope_recording_dup_notice (second);

  g_assert_null (sioscope_recording_get_path (second));
  g_assert_nonnull (strstr (notice, "File exists"));
  g_assert_nonnull (strstr (notice, path));
  copy = sioscope_recording_new_copy (path, "copy", NULL, 0, &error);
  g_assert_null (copy);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
}

static void
test_two_programs (gconstpointer data)
{
  gboolean killed = GPOINTER_TO_INT (data);
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
  g_autoptr(GSubprocess) writer = start_writer (path);
  g_autoptr(SioscopeRecording) early = NULL, last = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *notice = NULL;
  guint64 seen = 0, early_rows;

  early = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  early_rows = sioscope_recording_get_n_rows (early);
  for (guint i = 0; i < N_LOOKS || seen < N_ROWS; i++)
    {
      g_autoptr(SioscopeRecording) opened = sioscope_recording_open (path, &error);
      g_autofree char *told = NULL;

      g_assert_no_error (error);
      g_assert_false (sioscope_recording_get_live (opened));
      told = sioscope_recording_dup_notice (opened);
      g_assert_nonnull (strstr (told, "still being written by another program"));
      g_assert_cmpuint (sioscope_recording_get_n_rows (opened), >=, seen);
      assert_rows (opened, seen);
      seen = sioscope_recording_get_n_rows (opened);
      if (i % 50 == 0)
        assert_refused (path);
    }
  /* What was opened is as far as it was then. */
  g_assert_cmpuint (sioscope_recording_get_n_rows (early), ==, early_rows);

  if (killed)
    {
      g_subprocess_force_exit (writer);
      g_assert_true (g_subprocess_wait (writer, NULL, &error));
    }
  else
    {
      g_autofree char *said = NULL;

      g_assert_true (g_subprocess_communicate_utf8 (writer, "enough\n", NULL, &said, NULL, &error));
      g_assert_cmpint (g_subprocess_get_exit_status (writer), ==, 0);
      seen = g_ascii_strtoull (said, NULL, 10);
    }
  g_assert_no_error (error);

  last = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  notice = sioscope_recording_dup_notice (last);
  g_assert_true (notice == NULL || (killed && g_str_has_prefix (notice, "The last ")));
  g_assert_cmpuint (sioscope_recording_get_n_rows (last), >=, seen);
  g_assert_true (killed || sioscope_recording_get_n_rows (last) == seen);
  assert_rows (last, 0);
  /* A file that nobody writes any more is not written over either. */
  assert_refused (path);
  assert_rows (last, 0);
  g_unlink (path);
  g_rmdir (dir);
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--write"))
    return run_writer (argv[2]);

  g_test_init (&argc, &argv, NULL);
  program = argv[0];
  g_test_add_data_func ("/recording/two-programs/finished", GINT_TO_POINTER (FALSE), test_two_programs);
  g_test_add_data_func ("/recording/two-programs/killed", GINT_TO_POINTER (TRUE), test_two_programs);
  return g_test_run ();
}
