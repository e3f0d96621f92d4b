/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Disks that refuse: each system call that keeps a recording or the saved profiles fails in turn, once at its first time, once at its
 * second, and so on. strace makes them fail; the program is this one, started with the name of a job. */

#include "sio.h"
#include "sioscope-profile.h"
#include "sioscope-recorder.h"
#include "sioscope-recording-copy.h"
#include "test-util.h"

#include <glib/gstdio.h>

#define N_ROWS 2000

static const char *own_path;

/* Jobs, in the child */

static int
job_record (const char *path)
{
  g_autoptr (SioscopeRecording) recording = sioscope_recording_new (path, "faults");
  g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autofree char *notice = NULL;
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint64 n_events = 0;

  for (guint i = 0; i < N_ROWS; i++)
    {
      g_autofree char *text = g_strdup_printf ("42[\"tick\",%u]", i);
      SioTapPacket packet = {
        .direction = SIO_DIRECTION_IN, .transport = SIO_TRANSPORT_KIND_WEBSOCKET, .type = SIO_PACKET_EVENT,
        .raw = { text, strlen (text) }, .nsp = { "/", 1 }, .event = { text + 3, 6 },
        .args = { text + 10, strlen (text) - 11 }, .n_args = 1, .id = -1,
      };

      SIO_TAP_GET_IFACE (recorder)->packet (SIO_TAP (recorder), &packet);
      if (i % 50 == 0)
        g_main_context_iteration (NULL, FALSE);
    }
  sioscope_recorder_flush (recorder);
  /* once a second it is asked onto the disk; what came of it is seen with the next row */
  while ((notice = sioscope_recording_dup_notice (recording)) == NULL && g_get_monotonic_time () < until)
    {
      sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "still here");
      sioscope_recorder_flush (recorder);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (20000);
      if (g_str_has_suffix (path, ".write") && g_get_monotonic_time () > until - 19 * G_USEC_PER_SEC)
        break; /* there were not so many writes */
    }

  /* every row is there, whatever the disk said */
  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    {
      SioscopeEntry entry;
      g_autofree char *text = NULL;

      g_assert_true (sioscope_recording_read (recording, row, &entry));
      if (entry.kind != SIOSCOPE_KIND_PACKET)
        continue;
      text = g_strdup_printf ("42[\"tick\",%" G_GUINT64_FORMAT "]", n_events++);
      g_assert_true (sio_span_equals (entry.raw, text));
    }
  g_assert_cmpuint (n_events, ==, N_ROWS);
  g_print ("notice: %s\n", notice != NULL ? notice : "none");
  return 0;
}

static int
job_copy (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioscopeRecording) copy = sioscope_recording_new_copy (path, "faults", NULL, 0, &error);
  gboolean good = copy != NULL;

  for (guint i = 0; i < N_ROWS && good; i++)
    {
      g_autofree char *text = g_strdup_printf ("row %u, and what makes it longer than it would be: ————————————————————————", i);
      SioscopeEntry entry = { .kind = SIOSCOPE_KIND_NOTE, .message = { text, strlen (text) } };

      good = sioscope_recording_append_entry (copy, &entry, &error);
    }
  good = good && sioscope_recording_finish_copy (copy, &error);
  g_assert_cmpint (good, ==, error == NULL);
  g_print ("copied: %s\n", good ? "yes" : error->message);
  return 0;
}

static int
job_save (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioscopeProfileStore) store = sioscope_profile_store_new (path, &error);
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new ("http://second.example");
  gboolean saved;

  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 1);
  saved = sioscope_profile_store_add (store, profile, &error);
  g_assert_cmpint (saved, ==, error == NULL);
  /* what was typed is not lost, and can be saved again */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 2);
  g_print ("saved: %s\n", saved ? "yes" : error->message);
  if (!saved)
    g_assert_true (sioscope_profile_store_save (store, NULL));
  return 0;
}

/* Starts a job under strace. Returns what it printed; asserts that it ended well. */
static char *
run_job (const char *calls,
         const char *failure,
         guint       when,
         const char *job,
         const char *path)
{
  g_autofree char *trace = g_strconcat ("trace=", calls, NULL);
  g_autofree char *inject = g_strdup_printf ("inject=%s:error=%s:when=%u", calls, failure, when);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;
  char *out = NULL;

  /* the leak checker cannot trace what is traced */
  g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
  child = g_subprocess_launcher_spawn (launcher, &error, "strace", "-f", "-qq", "-o", "/dev/null", "-e", trace, "-e", inject,
                                       own_path, job, path, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (child, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_successful (child))
    g_error ("%s, %s at call %u of %s: the job failed", job, failure, when, calls);
  return out;
}

/* FALSE, and the test is skipped with the reason: nobody shall think that it ran. */
static gboolean
can_inject (void)
{
  g_autofree char *strace = g_find_program_in_path ("strace");
  g_autoptr (GError) error = NULL;
  int status = 1;
  const char *argv[] = { "strace", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "true", NULL };

  if (strace == NULL)
    {
      g_test_skip ("strace is not installed: no system call was made to fail");
      return FALSE;
    }
  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error)
      || !g_spawn_check_wait_status (status, NULL))
    {
      g_test_skip ("strace may not trace here: no system call was made to fail");
      return FALSE;
    }
  return TRUE;
}

static void
test_recording_sync (void)
{
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a.sync", NULL);
  g_autofree char *out = NULL;
  g_autoptr (SioscopeRecording) opened = NULL;
  g_autoptr (GError) error = NULL;

  if (can_inject ())
    {
      out = run_job ("fsync,fdatasync", "EIO", 1, "record", path);
      g_test_message ("%s", out);
      g_assert_nonnull (strstr (out, "Input/output error"));
      opened = sioscope_recording_open (path, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (sioscope_recording_get_n_rows (opened), >=, N_ROWS);
    }
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_recording_write (gconstpointer failure)
{
  if (!can_inject ())
    return;

  for (guint when = 1; when <= 8; when++)
    {
      g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
      g_autofree char *path = g_build_filename (dir, "a.write", NULL);
      g_autofree char *out = run_job ("pwrite64,pwritev,pwritev2,ftruncate", failure, when, "record", path);
      g_autoptr (SioscopeRecording) opened = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%u: %s", when, out);
      /* what is on the disk is whole up to some row, or there is nothing */
      opened = sioscope_recording_open (path, &error);
      if (opened != NULL)
        for (guint64 row = 0; row < sioscope_recording_get_n_rows (opened); row++)
          {
            SioscopeEntry entry;

            g_assert_true (sioscope_recording_read (opened, row, &entry));
          }
      g_unlink (path);
      g_rmdir (dir);
    }
}

/* All of it, or an error and no file. */
static void
test_copy (gconstpointer data)
{
  g_auto (GStrv) fault = g_strsplit (data, ":", 2);
  guint n_refused = 0;

  if (!can_inject ())
    return;

  for (guint when = 1; when <= 4; when++)
    {
      g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
      g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
      g_autofree char *out = run_job (fault[0], fault[1], when, "copy", path);
      g_autoptr (SioscopeRecording) opened = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s %u: %s", (const char *) data, when, out);
      if (strstr (out, "copied: yes") == NULL)
        {
          n_refused++;
          g_assert_nonnull (strstr (out, path));
        }
      else
        {
          opened = sioscope_recording_open (path, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (sioscope_recording_get_n_rows (opened), ==, N_ROWS);
          g_assert_null (sioscope_recording_dup_notice (opened));
          g_unlink (path);
        }
      /* nothing else is left lying about */
      g_assert_cmpint (g_rmdir (dir), ==, 0);
    }
  g_assert_cmpuint (n_refused, >, 0);
}

/* The old file or the new one, whole, and the answer says which. */
static void
test_profiles (gconstpointer data)
{
  g_auto (GStrv) fault = g_strsplit (data, ":", 2);
  gboolean refused = FALSE;

  if (!can_inject ())
    return;

  for (guint when = 1; when <= 4; when++)
    {
      g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
      g_autofree char *path = g_build_filename (dir, "profiles.ini", NULL);
      g_autoptr (SioscopeProfileStore) store = sioscope_profile_store_new (path, NULL);
      g_autoptr (SioscopeProfile) profile = sioscope_profile_new ("http://first.example");
      g_autoptr (GError) error = NULL;
      g_autofree char *out = NULL;
      g_autoptr (GDir) left = NULL;

      g_assert_true (sioscope_profile_store_add (store, profile, &error));
      g_assert_no_error (error);
      out = run_job (fault[0], fault[1], when, "save", path);
      g_test_message ("%s %u: %s", (const char *) data, when, out);
      if (strstr (out, "saved: yes") == NULL)
        refused = TRUE;

      /* the second try went well */
      g_clear_object (&store);
      store = sioscope_profile_store_new (path, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 2);
      /* and nothing was left lying about */
      left = g_dir_open (dir, 0, NULL);
      for (const char *name = g_dir_read_name (left); name != NULL; name = g_dir_read_name (left))
        g_assert_cmpstr (name, ==, "profiles.ini");
      g_unlink (path);
      g_rmdir (dir);
    }
  g_assert_true (refused);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (argc == 3 && g_str_equal (argv[1], "record"))
    return job_record (argv[2]);
  if (argc == 3 && g_str_equal (argv[1], "copy"))
    return job_copy (argv[2]);
  if (argc == 3 && g_str_equal (argv[1], "save"))
    return job_save (argv[2]);

  own_path = self;
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/faults/recording/sync", test_recording_sync);
  g_test_add_data_func ("/faults/recording/no-space", "ENOSPC", test_recording_write);
  g_test_add_data_func ("/faults/recording/write-error", "EIO", test_recording_write);
  g_test_add_data_func ("/faults/copy/sync", "fdatasync:EIO", test_copy);
  g_test_add_data_func ("/faults/copy/no-space", "pwrite64,pwritev:ENOSPC", test_copy);
  g_test_add_data_func ("/faults/profiles/sync", "fsync,fdatasync:EIO", test_profiles);
  g_test_add_data_func ("/faults/profiles/rename", "rename,renameat,renameat2:EROFS", test_profiles);
  g_test_add_data_func ("/faults/profiles/rename-denied", "rename,renameat,renameat2:EACCES", test_profiles);

  return g_test_run ();
}
