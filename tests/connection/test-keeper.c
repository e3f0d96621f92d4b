/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is kept of recordings that nobody saved: the limits, what they never touch, and a folder full of traps. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sioscope-keeper.h"
#include "sioscope-recorder.h"
#include "test-util.h"

#define DAY_S (24 * 3600)
#define NOBODY 65534

typedef struct {
  char *top;
  char *folder;
  SioscopeKeeper *keeper;
} Fixture;

static const char *program; /* this one */

static void
remove_all (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_all (child);
        }
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->top = g_dir_make_tmp ("sioscope-keeper-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->folder = g_build_filename (fixture->top, "made", "recordings", NULL);
  fixture->keeper = sioscope_keeper_new (fixture->folder);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->keeper);
  remove_all (fixture->top);
  g_free (fixture->top);
  g_free (fixture->folder);
}

static void
took_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static SioscopeKeeping *
look (Fixture *fixture, gboolean tidy)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  SioscopeKeeping *keeping;

  sioscope_keeper_look_async (fixture->keeper, tidy, NULL, took_cb, &result);
  WAIT_FOR (result != NULL);
  keeping = sioscope_keeper_look_finish (fixture->keeper, result, &error);
  g_assert_no_error (error);
  return keeping;
}

static gboolean
delete (Fixture *fixture, const char *path, GError **error)
{
  const char *paths[] = { path, NULL };
  g_autoptr (GAsyncResult) result = NULL;

  sioscope_keeper_delete_async (fixture->keeper, paths, took_cb, &result);
  WAIT_FOR (result != NULL);
  return sioscope_keeper_delete_finish (fixture->keeper, result, error);
}

static void
set_age (const char *path, double days)
{
  gint64 us = g_get_real_time () - (gint64) (days * DAY_S * 1e6);
  struct timespec times[2] = { { us / G_USEC_PER_SEC, us % G_USEC_PER_SEC * 1000 }, { us / G_USEC_PER_SEC, us % G_USEC_PER_SEC * 1000 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

/* A real recording, finished, of that size and age. */
static char *
make (Fixture *fixture, const char *name, gsize size, double days)
{
  char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *title = g_strdup_printf ("http://%s/", name);

  g_assert_cmpint (g_mkdir_with_parents (fixture->folder, 0700), ==, 0);
  {
    g_autoptr (SioscopeRecording) recording = sioscope_recording_new (path, title);
    g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);

    sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "left behind");
    sioscope_recorder_finish (recorder);
  }
  if (size > 0)
    g_assert_cmpint (truncate (path, (off_t) size), ==, 0);
  set_age (path, days);
  return path;
}

static char *
make_plain (Fixture *fixture, const char *name, const char *contents, gssize length, double days)
{
  char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (fixture->folder, 0700), ==, 0);
  g_file_set_contents (path, contents, length, &error);
  g_assert_no_error (error);
  set_age (path, days);
  return path;
}

static SioscopeKept *
find (SioscopeKeeping *keeping, const char *path)
{
  for (guint i = 0; i < keeping->recordings->len; i++)
    if (g_str_equal (((SioscopeKept *) g_ptr_array_index (keeping->recordings, i))->path, path))
      return g_ptr_array_index (keeping->recordings, i);
  return NULL;
}

static gboolean
there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

/* A folder that was not there is made, for this user only; what others could read is mended. */
static void
test_modes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SioscopeKeeping) none = look (fixture, TRUE);
  g_autoptr (SioscopeKeeping) one = NULL;
  g_autofree char *path = NULL;
  SioscopeKept *kept;
  GStatBuf st;

  g_assert_cmpuint (none->recordings->len, ==, 0);
  g_assert_cmpuint (none->bytes, ==, 0);
  g_assert_cmpint (g_stat (fixture->folder, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0700);

  path = make (fixture, "a.example", 0, 3);
  g_free (path);
  path = make (fixture, "a.sioscope", 5000, 3);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);

  one = look (fixture, FALSE);
  g_assert_cmpuint (one->recordings->len, ==, 1);
  g_assert_cmpuint (one->bytes, ==, 5000);
  kept = g_ptr_array_index (one->recordings, 0);
  g_assert_cmpstr (kept->path, ==, path);
  g_assert_cmpstr (kept->title, ==, "http://a.sioscope/");
  g_assert_cmpuint (kept->size, ==, 5000);
  g_assert_cmpint (ABS (g_get_real_time () - kept->start_us), <, 60 * G_USEC_PER_SEC);
  g_assert_cmpint (ABS (g_get_real_time () - kept->changed_us - 3 * DAY_S * G_GINT64_CONSTANT (1000000)), <, 60 * G_USEC_PER_SEC);
  g_assert_false (kept->being_written);
  g_assert_cmpint (kept->problem, ==, SIOSCOPE_KEPT_READABLE);
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (fixture->folder, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0700);
}

static void
test_age (Fixture *fixture, gconstpointer data)
{
  g_autofree char *newest = make (fixture, "1.sioscope", 1000, 2);
  g_autofree char *young = make (fixture, "2.sioscope", 1000, 9);
  g_autofree char *old = make (fixture, "3.sioscope", 1000, 11);
  g_autofree char *held = make (fixture, "4.sioscope", 1000, 12);
  g_autoptr (SioscopeKeeping) all = NULL;
  g_autoptr (SioscopeKeeping) rest = NULL;
  g_autoptr (SioscopeKeeping) last = NULL;

  /* No limit, nothing goes. */
  all = look (fixture, TRUE);
  g_assert_cmpuint (all->recordings->len, ==, 4);

  sioscope_keeper_set_limits (fixture->keeper, 0, 10);
  sioscope_keeper_hold (fixture->keeper, held);
  sioscope_keeper_hold (fixture->keeper, held);
  sioscope_keeper_let_go (fixture->keeper, held);
  rest = look (fixture, TRUE);
  g_assert_cmpuint (rest->n_removed, ==, 1);
  g_assert_cmpuint (rest->removed_bytes, ==, 1000);
  g_assert_cmpuint (rest->bytes, ==, 3000);
  g_assert_false (there (old));
  g_assert_true (there (held));

  sioscope_keeper_let_go (fixture->keeper, held);
  sioscope_keeper_set_limits (fixture->keeper, 0, 1);
  last = look (fixture, TRUE);
  g_assert_cmpuint (last->n_removed, ==, 2);
  g_assert_false (there (held));
  g_assert_false (there (young));
  /* However old, the newest stays. */
  g_assert_true (there (newest));
}

static void
test_size (Fixture *fixture, gconstpointer data)
{
  g_autofree char *today = make (fixture, "1.sioscope", 3000, 0.1);
  g_autofree char *yesterday = make (fixture, "2.sioscope", 3000, 0.9);
  g_autofree char *second = make (fixture, "3.sioscope", 3000, 2);
  g_autofree char *third = make (fixture, "4.sioscope", 3000, 3);
  g_autoptr (SioscopeKeeping) within = NULL;
  g_autoptr (SioscopeKeeping) beyond = NULL;

  sioscope_keeper_set_limits (fixture->keeper, 9000, 0);
  within = look (fixture, TRUE);
  g_assert_cmpuint (within->n_removed, ==, 1);
  g_assert_false (there (third));
  g_assert_true (there (second));

  /* What was written within a day is there for whoever comes to look for it after a crash. */
  sioscope_keeper_set_limits (fixture->keeper, 1, 1);
  beyond = look (fixture, TRUE);
  g_assert_cmpuint (beyond->n_removed, ==, 1);
  g_assert_true (there (today));
  g_assert_true (there (yesterday));
}

/* The other program: it writes until it is killed, or nobody is there any more who could do that. */
static int
write_until_killed (const char *path)
{
  g_autoptr (SioscopeRecording) recording = sioscope_recording_new (path, "child");
  g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  char byte;

  sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, "alive");
  if (write (STDOUT_FILENO, "x", 1) == 1)
    while (read (STDIN_FILENO, &byte, 1) > 0)
      ;
  return 1;
}

/* A program that lives writes it, whatever the clocks say. */
static void
test_living_writer (Fixture *fixture, gconstpointer data)
{
  g_autofree char *newest = make (fixture, "newest.sioscope", 1000, 2);
  g_autofree char *path = g_build_filename (fixture->folder, "written.sioscope", NULL);
  g_autoptr (SioscopeKeeping) living = NULL;
  g_autoptr (SioscopeKeeping) dead = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) writer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                                     program, "--write", path, NULL);
  char byte;

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (writer), &byte, 1, NULL, &error), ==, 1);
  set_age (path, 100);

  sioscope_keeper_set_limits (fixture->keeper, 1, 1);
  living = look (fixture, TRUE);
  g_assert_cmpuint (living->n_removed, ==, 0);
  g_assert_true (find (living, path)->being_written);
  g_assert_false (delete (fixture, path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_true (there (path));
  g_clear_error (&error);

  g_subprocess_force_exit (writer);
  g_subprocess_wait (writer, NULL, &error);
  g_assert_no_error (error);
  dead = look (fixture, FALSE);
  g_assert_false (find (dead, path)->being_written);
  g_assert_cmpstr (find (dead, path)->title, ==, "child");
  g_assert_true (delete (fixture, path, &error));
  g_assert_no_error (error);
  g_assert_false (there (path));
}

/* While a file is looked at, the one who makes it gets his lock. */
static void
test_being_made (Fixture *fixture, gconstpointer data)
{
  g_autofree char *made = make_plain (fixture, "made-now.sioscope", "", 0, 0);
  g_autofree char *stale = make_plain (fixture, "stale.sioscope", "", 0, 400);
  g_autoptr (SioscopeKeeping) keeping = NULL;

  sioscope_keeper_set_limits (fixture->keeper, 1, 1);
  keeping = look (fixture, TRUE);
  g_assert_true (find (keeping, made)->being_written);
  g_assert_false (find (keeping, stale)->being_written);
  g_assert_cmpint (find (keeping, stale)->problem, ==, SIOSCOPE_KEPT_EMPTY);
  g_assert_cmpuint (keeping->n_removed, ==, 0);
}

/* Told with the reason, never taken away. */
static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *newest = make (fixture, "newest.sioscope", 1000, 2);
  g_autofree char *text = make_plain (fixture, "text.sioscope", "Dear diary, today I was called a recording and am none at all", -1, 400);
  g_autofree char *tiny = make_plain (fixture, "short.sioscope", "SIOSCOPE", -1, 400);
  g_autofree char *newer = make (fixture, "newer.sioscope", 1000, 400);
  g_autofree char *flipped = make (fixture, "flipped.sioscope", 1000, 400);
  g_autofree char *long_title = make (fixture, "long.sioscope", 1000, 400);
  g_autoptr (SioscopeKeeping) keeping = NULL;
  static const struct { gsize offset; guint8 byte; } damage[] = { { 8, 0xff }, { 20, 0xff }, { 27, 0xff } };
  const char *damaged[] = { newer, flipped, long_title };

  for (guint i = 0; i < G_N_ELEMENTS (damage); i++)
    {
      int fd = open (damaged[i], O_WRONLY | O_CLOEXEC);

      g_assert_cmpint (pwrite (fd, &damage[i].byte, 1, (off_t) damage[i].offset), ==, 1);
      close (fd);
      set_age (damaged[i], 400);
    }

  sioscope_keeper_set_limits (fixture->keeper, 1, 1);
  keeping = look (fixture, TRUE);
  g_assert_cmpuint (keeping->recordings->len, ==, 6);
  g_assert_cmpuint (keeping->n_removed, ==, 0);
  g_assert_cmpint (find (keeping, text)->problem, ==, SIOSCOPE_KEPT_NOT_A_RECORDING);
  g_assert_cmpint (find (keeping, tiny)->problem, ==, SIOSCOPE_KEPT_NOT_A_RECORDING);
  g_assert_cmpint (find (keeping, newer)->problem, ==, SIOSCOPE_KEPT_NEWER_VERSION);
  g_assert_cmpint (find (keeping, flipped)->problem, ==, SIOSCOPE_KEPT_DAMAGED);
  g_assert_cmpint (find (keeping, long_title)->problem, ==, SIOSCOPE_KEPT_DAMAGED);
  g_assert_cmpstr (find (keeping, text)->title, ==, "");
}

/* Links, folders and fifos of that name, and what has another name. */
static void
test_traps (Fixture *fixture, gconstpointer data)
{
  g_autofree char *newest = make (fixture, "newest.sioscope", 1000, 2);
  g_autofree char *notes = make_plain (fixture, "notes.txt", "mine", -1, 400);
  g_autofree char *hidden = make_plain (fixture, ".hidden.sioscope", "mine", -1, 400);
  g_autofree char *precious = g_build_filename (fixture->top, "precious.sioscope", NULL);
  g_autofree char *link = g_build_filename (fixture->folder, "link.sioscope", NULL);
  g_autofree char *dangling = g_build_filename (fixture->folder, "dangling.sioscope", NULL);
  g_autofree char *folder = g_build_filename (fixture->folder, "folder.sioscope", NULL);
  g_autofree char *fifo = g_build_filename (fixture->folder, "fifo.sioscope", NULL);
  g_autofree char *outside = g_build_filename (fixture->folder, "..", "..", "precious.sioscope", NULL);
  g_autoptr (SioscopeKeeping) keeping = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf st;

  {
    g_autofree char *made = make (fixture, "moved.sioscope", 1000, 400);

    g_assert_cmpint (g_rename (made, precious), ==, 0);
  }
  g_assert_cmpint (g_chmod (precious, 0644), ==, 0);
  g_assert_cmpint (symlink (precious, link), ==, 0);
  g_assert_cmpint (symlink ("/nowhere/at/all", dangling), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0644), ==, 0);
  set_age (link, 400);
  set_age (folder, 400);
  set_age (fifo, 400);

  sioscope_keeper_set_limits (fixture->keeper, 1, 1);
  keeping = look (fixture, TRUE);
  g_assert_cmpuint (keeping->recordings->len, ==, 1);
  g_assert_cmpuint (keeping->bytes, ==, 1000);
  g_assert_cmpuint (keeping->n_removed, ==, 0);
  g_assert_true (there (notes));
  g_assert_true (there (hidden));
  g_assert_true (there (link));
  g_assert_true (there (dangling));
  g_assert_true (there (folder));
  g_assert_true (there (fifo));
  g_assert_cmpint (g_stat (precious, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0644);

  /* Nor by name. */
  g_assert_false (delete (fixture, outside, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_clear_error (&error);
  g_assert_false (delete (fixture, precious, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_clear_error (&error);
  g_assert_true (delete (fixture, link, &error));
  g_assert_true (delete (fixture, folder, &error));
  g_assert_no_error (error);
  g_assert_true (there (link));
  g_assert_true (there (folder));
  g_assert_true (there (precious));
}

/* Nothing can be removed: it is said, and all are still listed. */
static void
test_read_only_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *newest = make (fixture, "newest.sioscope", 1000, 2);
  g_autofree char *old = make (fixture, "old.sioscope", 1000, 400);
  g_autofree char *secret = make (fixture, "secret.sioscope", 1000, 400);
  g_autoptr (SioscopeKeeping) keeping = NULL;
  g_autoptr (GError) error = NULL;
  gboolean root = geteuid () == 0;

  g_assert_cmpint (g_chmod (secret, 0), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0500), ==, 0);
  if (root)
    {
      /* Who may do everything learns nothing here. */
      g_autofree char *made = g_path_get_dirname (fixture->folder);
      const char *paths[] = { fixture->top, made, fixture->folder, newest, old, secret };

      for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
        g_assert_cmpint (chown (paths[i], NOBODY, NOBODY), ==, 0);
      g_assert_cmpint (seteuid (NOBODY), ==, 0);
    }

  sioscope_keeper_set_limits (fixture->keeper, 1, 1);
  keeping = look (fixture, TRUE);
  g_assert_cmpuint (keeping->n_removed, ==, 0);
  g_assert_cmpuint (keeping->recordings->len, ==, 3);
  g_assert_nonnull (keeping->message);
  g_assert_nonnull (strstr (keeping->message, "old.sioscope"));
  g_assert_cmpint (find (keeping, secret)->problem, ==, SIOSCOPE_KEPT_REFUSED);
  g_assert_nonnull (find (keeping, secret)->message);
  g_assert_cmpuint (find (keeping, secret)->size, ==, 1000);
  g_assert_false (delete (fixture, old, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);

  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0700), ==, 0);
  g_assert_true (there (old));
}

/* A file where the folder should be is an error in words. */
static void
test_no_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *made = g_path_get_dirname (fixture->folder);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (made, "in the way", -1, &error);
  g_assert_no_error (error);
  sioscope_keeper_look_async (fixture->keeper, TRUE, NULL, took_cb, &result);
  WAIT_FOR (result != NULL);
  g_assert_null (sioscope_keeper_look_finish (fixture->keeper, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_assert_nonnull (strstr (error->message, fixture->folder));
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make (fixture, "first.sioscope", 0, 2);
  g_autofree char *contents = NULL;
  g_autoptr (SioscopeKeeping) all = NULL;
  g_autoptr (SioscopeKeeping) rest = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  int folder_fd;

  g_file_get_contents (first, &contents, &length, &error);
  g_assert_no_error (error);
  folder_fd = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%05u.sioscope", i);
      struct timespec times[2] = { { g_get_real_time () / G_USEC_PER_SEC - 3 * DAY_S - (gint64) i, 0 } };
      int fd = openat (folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

      times[1] = times[0];
      g_assert_cmpint (write (fd, contents, length), ==, (gssize) length);
      g_assert_cmpint (futimens (fd, times), ==, 0);
      close (fd);
    }
  close (folder_fd);

  all = look (fixture, FALSE);
  g_assert_cmpuint (all->recordings->len, ==, 10001);
  g_assert_cmpuint (all->bytes, ==, 10001 * length);
  /* The newest thousand stay. */
  sioscope_keeper_set_limits (fixture->keeper, 1000 * length, 0);
  rest = look (fixture, TRUE);
  g_assert_cmpuint (rest->n_removed, ==, 9001);
  g_assert_cmpuint (rest->recordings->len, ==, 1000);
  g_assert_cmpuint (rest->bytes, ==, 1000 * length);
  g_assert_true (there (first));
  {
    g_autofree char *oldest_kept = g_build_filename (fixture->folder, "00998.sioscope", NULL);
    g_autofree char *newest_gone = g_build_filename (fixture->folder, "00999.sioscope", NULL);

    g_assert_true (there (oldest_kept));
    g_assert_false (there (newest_gone));
  }
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autofree char *newest = make (fixture, "newest.sioscope", 1000, 2);
  g_autofree char *old = make (fixture, "old.sioscope", 1000, 400);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sioscope_keeper_set_limits (fixture->keeper, 1, 1);
  g_cancellable_cancel (cancellable);
  sioscope_keeper_look_async (fixture->keeper, TRUE, cancellable, took_cb, &result);
  WAIT_FOR (result != NULL);
  g_assert_null (sioscope_keeper_look_finish (fixture->keeper, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (there (old));
}

int
main (int argc, char *argv[])
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (argc == 3 && g_str_equal (argv[1], "--write"))
    return write_until_killed (argv[2]);
  program = self;
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/keeper/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("modes", test_modes);
  ADD ("age", test_age);
  ADD ("size", test_size);
  ADD ("living-writer", test_living_writer);
  ADD ("being-made", test_being_made);
  ADD ("unreadable", test_unreadable);
  ADD ("traps", test_traps);
  ADD ("read-only-folder", test_read_only_folder);
  ADD ("no-folder", test_no_folder);
  ADD ("many", test_many);
  ADD ("cancelled", test_cancelled);
#undef ADD

  return g_test_run ();
}
