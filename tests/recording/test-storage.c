/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What happens to a recording when the program is killed and when the disk or the memory is full; and what it costs. */

#include "recording-script.h"
#include "sioscope-log-model.h"
#include "sioscope-projection.h"
#include "sioscope-recording-private.h"
#include "test-util.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
append_event (SioscopeRecorder *recorder,
              guint64           number,
              gsize             padding)
{
  static char text[300000];
  gsize size = (gsize) g_snprintf (text, sizeof text, "42[\"tick\",%" G_GUINT64_FORMAT ",\"", number);
  SioTapPacket packet = {
    .direction = SIO_DIRECTION_IN,
    .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
    .type = SIO_PACKET_EVENT,
    .nsp = { "/", 1 },
    .event = { text + 3, 6 },
    .n_args = 2,
    .id = -1,
  };

  memset (text + size, 'a' + (char) (number % 26), padding);
  size += padding;
  text[size++] = '"';
  text[size++] = ']';
  packet.raw = (SioSpan) { text, size };
  packet.args = (SioSpan) { text + 10, size - 11 };
  SIO_TAP_GET_IFACE (recorder)->packet (SIO_TAP (recorder), &packet);
}

static void
assert_event (SioscopeRecording *recording,
              guint64            row,
              guint64            number,
              gsize              padding)
{
  SioscopeEntry e;
  g_autofree char *prefix = g_strdup_printf ("42[\"tick\",%" G_GUINT64_FORMAT ",\"", number);

  g_assert_true (sioscope_recording_read (recording, row, &e));
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_PACKET);
  g_assert_cmpuint (e.raw.size, ==, strlen (prefix) + padding + 2);
  g_assert_true (memcmp (e.raw.data, prefix, strlen (prefix)) == 0);
  g_assert_cmpuint ((guint) (guint8) e.raw.data[e.raw.size - 3], ==, 'a' + number % 26);
}

#define N_KILLS 100u

/* The child floods, and tells in shared memory how much was published, until it is killed at some moment in the middle of it. */
static void
test_killed (void)
{
  guint64 *published = mmap (NULL, sizeof *published, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  guint64 n_published = 0, n_found = 0;

  for (guint round = 0; round < N_KILLS; round++)
    {
      g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
      g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
      g_autoptr(SioscopeRecording) opened = NULL;
      g_autoptr(GError) error = NULL;
      guint64 n_rows, n_least = (guint64) g_test_rand_int_range (0, 5000);
      int status;
      pid_t pid;

      *published = 0;
      pid = fork ();
      g_assert_cmpint (pid, >=, 0);
      if (pid == 0)
        {
          SioscopeRecording *recording = sioscope_recording_new (path, "killed");
          SioscopeRecorder *recorder = sioscope_recorder_new (recording);

          for (guint64 i = 0;; i++)
            {
              append_event (recorder, i, i % 1000 == 999 ? 100000 : 20);
              if (i % 97 == 0)
                g_main_context_iteration (NULL, FALSE);
              __atomic_store_n (published, sioscope_recording_get_n_rows (recording), __ATOMIC_SEQ_CST);
            }
        }

      while (__atomic_load_n (published, __ATOMIC_SEQ_CST) <= n_least)
        g_assert_cmpint (waitpid (pid, &status, WNOHANG), ==, 0);
      g_usleep ((gulong) g_test_rand_int_range (0, 2000));
      kill (pid, SIGKILL);
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);

      opened = sioscope_recording_open (path, &error);
      g_assert_no_error (error);
      n_rows = sioscope_recording_get_n_rows (opened);
      g_assert_cmpuint (n_rows, >=, *published);
      for (guint64 row = 0; row < n_rows; row++)
        assert_event (opened, row, row, row % 1000 == 999 ? 100000 : 20);
      n_published += *published;
      n_found += n_rows;
      g_unlink (path);
      g_rmdir (dir);
    }
  g_test_message ("%" G_GUINT64_FORMAT " published, %" G_GUINT64_FORMAT " found", n_published, n_found);
  munmap (published, sizeof *published);
}

/* Whoever made the disk full: the rows go on, the reason is said, and the file is whole up to some row. */
static void
assert_survives_full_disk (const char *path,
                           const char *why)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "full");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autoptr(SioscopeRecording) opened = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *notice = NULL;
  SioscopeEntry first, e;
  guint64 n_rows, number = 0, n_notes = 0, in_file;

  g_assert_cmpstr (sioscope_recording_get_path (recording), ==, path);
  append_event (recorder, 0, 20);
  sioscope_recorder_flush (recorder);
  g_assert_true (sioscope_recording_read (recording, 0, &first));

  for (guint i = 1; i < 3000; i++)
    {
      append_event (recorder, i, i == 1500 ? 200000 : 20);
      if (i % 50 == 0)
        sioscope_recorder_flush (recorder);
    }
  sioscope_recorder_flush (recorder);

  notice = sioscope_recording_dup_notice (recording);
  g_assert_nonnull (notice);
  g_test_message ("%s", notice);
  g_assert_nonnull (strstr (notice, why));
  g_assert_nonnull (strstr (notice, "goes on in memory"));

  n_rows = sioscope_recording_get_n_rows (recording);
  g_assert_cmpuint (sioscope_recording_get_first_row (recording), ==, 0);
  for (guint64 row = 0; row < n_rows; row++)
    {
      g_assert_true (sioscope_recording_read (recording, row, &e));
      if (e.kind == SIOSCOPE_KIND_NOTE)
        {
          n_notes++;
          g_assert_true (e.message.size == strlen (notice)
                         && memcmp (e.message.data, notice, e.message.size) == 0);
          continue;
        }
      assert_event (recording, row, number, number == 1500 ? 200000 : 20);
      number++;
    }
  g_assert_cmpuint (number, ==, 3000);
  g_assert_cmpuint (n_notes, ==, 1);
  /* Pointers that were given out before are those that are given out now. */
  g_assert_true (sioscope_recording_read (recording, 0, &e));
  g_assert_true (e.raw.data == first.raw.data);

  sioscope_recorder_finish (recorder);
  opened = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_null (sioscope_recording_dup_notice (opened));
  in_file = sioscope_recording_get_n_rows (opened);
  g_assert_cmpuint (in_file, >, 100);
  g_assert_cmpuint (in_file, <, 3000);
  for (guint64 row = 0; row < in_file; row++)
    assert_event (opened, row, row, row == 1500 ? 200000 : 20);
  g_test_message ("%" G_GUINT64_FORMAT " rows in the file, %" G_GUINT64_FORMAT " in all", in_file, n_rows);
}

/* In a child, because a limit on the size of files would hit the test's own output too. */
static void
test_file_size_limit (void)
{
  g_autofree char *dir = NULL;
  g_autofree char *path = NULL;
  struct rlimit limit = { 65536 + 12345, 65536 + 12345 };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  path = g_build_filename (dir, "a.sioscope", NULL);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_survives_full_disk (path, "File too large");
  g_unlink (path);
  g_rmdir (dir);
}

static guint64
get_file_size (const char *path)
{
  GStatBuf st;

  g_assert_cmpint (g_stat (path, &st), ==, 0);
  return (guint64) st.st_size;
}

/* Asked for at any time: what the file holds stays, and what would pass the limit goes on in memory, which is said. */
static void
test_largest_size (void)
{
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "large");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autoptr(SioscopeRecording) opened = NULL;
  g_autofree char *notice = NULL;
  guint64 n_in_file, n_rows = 0;

  sioscope_recording_set_max_file (recording, 5 << 20);
  for (; get_file_size (path) < 3 << 20; n_rows++)
    append_event (recorder, n_rows, 20);
  g_assert_null (sioscope_recording_dup_notice (recording));

  /* Smaller than it is already. */
  sioscope_recording_set_max_file (recording, 2 << 20);
  for (guint i = 0; i < 3000; i++)
    append_event (recorder, n_rows++, 20);
  sioscope_recorder_flush (recorder);
  g_assert_cmpuint (get_file_size (path), <, 4 << 20);
  notice = sioscope_recording_dup_notice (recording);
  g_assert_cmpstr (notice, ==, "The recording has reached its largest size, 2 MiB: recording goes on in memory");

  /* Too late for the file; every row is there all the same. */
  sioscope_recording_set_max_file (recording, 0);
  for (guint i = 0; i < 3000; i++)
    append_event (recorder, n_rows++, 20);
  sioscope_recorder_finish (recorder);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, n_rows + 1);
  opened = sioscope_recording_open (path, NULL);
  n_in_file = sioscope_recording_get_n_rows (opened);
  g_assert_cmpuint (n_in_file, <, n_rows);
  for (guint64 row = 0; row < n_in_file; row++)
    assert_event (opened, row, row, 20);
  for (guint64 row = n_in_file, number = n_in_file; row < n_rows + 1; row++)
    if (sioscope_recording_get_kind (recording, row) != SIOSCOPE_KIND_NOTE)
      assert_event (recording, row, number++, 20);
  g_unlink (path);
  g_rmdir (dir);
}

/* The limit holds to the byte, whatever the rows' sizes are. */
static void
test_largest_size_exact (void)
{
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);

  for (guint64 limit = 100; limit < 600000; limit += 9973)
    {
      g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
      g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "large");
      g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);

      sioscope_recording_set_max_file (recording, limit);
      for (guint i = 0; i < 2000; i++)
        append_event (recorder, i, i % 50 == 49 ? 70000 : 20);
      sioscope_recorder_finish (recorder);
      g_assert_cmpuint (get_file_size (path), <=, limit);
      g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 2001);
      g_unlink (path);
    }
  g_rmdir (dir);
}

static void
test_small_tmpfs (void)
{
  g_autofree char *dir = NULL;
  g_autofree char *path = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR | G_TEST_SUBPROCESS_INHERIT_STDOUT);
      g_test_trap_assert_passed ();
      return;
    }
  dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  path = g_build_filename (dir, "a.sioscope", NULL);
  if ((unshare (CLONE_NEWNS) != 0 && unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0)
      || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("tmpfs", dir, "tmpfs", 0, "size=64k") != 0)
    {
      /* The limit on file sizes above goes the same way with another error code. */
      g_test_message ("no mount here (%s): covered by /storage/file-size-limit alone", g_strerror (errno));
      g_rmdir (dir);
      return;
    }
  assert_survives_full_disk (path, "No space left on device");
  g_unlink (path);
  umount (dir);
  g_rmdir (dir);
}

/* A small ring: the oldest rows go, what is left is right, and it is said. */
static void
test_memory_cap (void)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (NULL, "ring");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autofree char *notice = NULL;
  guint64 n_rows, first, number = 0, last = 0;
  SioscopeEntry e;

  sioscope_recording_set_memory_cap_for_tests (recording, 1 << 20);
  for (guint i = 0; i < 100000; i++)
    {
      append_event (recorder, i, (i * 7919) % 1000 == 0 ? 90000 : 1 + i % 300);
      if (i % 61 == 0)
        sioscope_recorder_flush (recorder);
      if (i % 997 != 0)
        continue;

      /* Whatever can be read is right. */
      first = sioscope_recording_get_first_row (recording);
      n_rows = sioscope_recording_get_n_rows (recording);
      g_assert_true (first == 0 || !sioscope_recording_read (recording, first - 1, &e));
      for (guint64 row = first; row < n_rows; row++)
        {
          g_assert_true (sioscope_recording_read (recording, row, &e));
          if (e.kind == SIOSCOPE_KIND_NOTE)
            continue;
          number = g_ascii_strtoull (e.raw.data + 10, NULL, 10);
          assert_event (recording, row, number, (number * 7919) % 1000 == 0 ? 90000 : 1 + number % 300);
          g_assert_true (row == first || number >= last);
          last = number;
        }
      g_assert_cmpuint (number + 61, >=, i);
    }
  notice = sioscope_recording_dup_notice (recording);
  g_assert_nonnull (strstr (notice, "the oldest rows are discarded"));
  g_assert_cmpuint (sioscope_recording_get_first_row (recording), >, 90000);
}

/* A row that the memory cannot hold is missing, and its place says so. */
static void
test_too_large (void)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (NULL, "ring");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  SioscopeEntry e;

  sioscope_recording_set_memory_cap_for_tests (recording, 1 << 18);
  append_event (recorder, 0, 10);
  append_event (recorder, 1, 200000);
  append_event (recorder, 2, 10);
  sioscope_recorder_flush (recorder);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, 3);
  assert_event (recording, 0, 0, 10);
  g_assert_true (sioscope_recording_read (recording, 1, &e));
  g_assert_cmpint (e.kind, ==, SIOSCOPE_KIND_NOTE);
  assert_event (recording, 2, 2, 10);
}

/* A million rows, in the list and folded into the projection: what of it is our own memory. */
static void
test_memory_per_row (void)
{
  const guint n = 1000000;
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "memory");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);
  g_autoptr(SioscopeLogModel) model = sioscope_log_model_new (recording);
  g_autoptr(SioscopeFilter) filter = sioscope_filter_new_show (SIOSCOPE_SHOW_EVENTS, TRUE, TRUE);
  gsize before, after;

  append_event (recorder, 0, 20);
  sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "n");
  sioscope_log_model_set_filter (model, filter);
  before = test_get_memory ("RssAnon:");
  for (guint i = 1; i < n; i++)
    append_event (recorder, i, 20);
  sioscope_recorder_flush (recorder);
  sioscope_projection_update (projection, 0);
  while (sioscope_log_model_advance (model) || sioscope_log_model_get_behind (model))
    g_main_context_iteration (NULL, FALSE);
  after = test_get_memory ("RssAnon:");

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, n);
  g_test_message ("%.1f bytes a row", (double) (after - before) / n);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (after - before, <, 40 * (gsize) n);
#endif
  g_unlink (path);
  g_rmdir (dir);
}

/* A client that passes a million rows on keeps neither them nor an index of them. */
static void
test_passing_on (void)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (NULL, "pass");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  gsize before = test_get_memory ("RssAnon:");

  for (guint i = 0; i < 2000000; i++)
    {
      append_event (recorder, i, 20);
      if (i % 1000 != 999)
        continue;
      sioscope_recorder_flush (recorder);
      assert_event (recording, i, i, 20);
      sioscope_recorder_discard_before (recorder, i + 1);
    }
  g_assert_cmpuint (sioscope_recording_get_first_row (recording), ==, 2000000);
  g_assert_null (sioscope_recording_dup_notice (recording));
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (test_get_memory ("RssAnon:"), <, before + (8 << 20));
#endif
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/storage/killed", test_killed);
  g_test_add_func ("/storage/file-size-limit", test_file_size_limit);
  g_test_add_func ("/storage/largest-size", test_largest_size);
  g_test_add_func ("/storage/largest-size-exact", test_largest_size_exact);
  g_test_add_func ("/storage/small-tmpfs", test_small_tmpfs);
  g_test_add_func ("/storage/memory-cap", test_memory_cap);
  g_test_add_func ("/storage/too-large", test_too_large);
  g_test_add_func ("/storage/memory-per-row", test_memory_per_row);
  g_test_add_func ("/storage/passing-on", test_passing_on);

  return g_test_run ();
}
