/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is at the destination: all of an export, or what was there before. And which rows get through the door. */

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording-script.h"
#include "sioscope-export.h"
#include "test-util.h"

static const char script[] =
  "0 state connecting transport=websocket\n"
  "1 state open transport=websocket sid=abcdefgh eio=4 server=4\n"
  "2 packet out 40\n"
  "3 packet in 40{\"sid\":\"s1s1s1s1\"}\n"
  "4 packet in 42[\"tick\",1]\n"
  "5 packet in 42/admin,[\"tick\",2]\n"
  "6 packet in 451-[\"upload\",{\"_placeholder\":true,\"num\":0}]\n"
  "7 attachment in 0 bytes\n"
  "8 packet out 427[\"ask\"]\n"
  "9 packet in 437[\"answer\"]\n";

typedef struct {
  char              *folder;
  char              *path;
  SioscopeRecorder  *recorder;
  SioscopeRecording *recording;
} Fixture;

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  f->folder = g_dir_make_tmp ("sioscope-export-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "out", NULL);
  f->recording = script_record (script, &f->recorder);
}

/* Nothing but what the test knows of: no temporary file. */
static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr(GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_assert_cmpstr (name, ==, "out");
      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_object_unref (f->recorder);
  g_object_unref (f->recording);
  g_free (f->path);
  g_free (f->folder);
}

static void
assert_content (Fixture    *f,
                const char *expected)
{
  g_autofree char *content = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (f->path, &content, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (content, ==, expected);
}

static char *
export_text (Fixture        *f,
             SioscopeFormat  format,
             const char     *filter)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeFilter) wanted = sioscope_filter_new (filter, NULL, &error);
  SioscopeExportOptions options = { .format = format, .filter = wanted, .include_secrets = TRUE };
  char *content = NULL;

  g_assert_no_error (error);
  g_assert_true (sioscope_export_file (f->recording, &options, f->path, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (f->path, &content, NULL, NULL));
  return content;
}

static guint
count (const char *text,
       const char *part)
{
  guint n = 0;

  for (const char *p = text; (p = strstr (p, part)) != NULL; p++)
    n++;
  return n;
}

static void
test_every_format (Fixture       *f,
                   gconstpointer  data)
{
  for (guint i = 0; i < SIOSCOPE_N_FORMATS; i++)
    {
      SioscopeExportOptions options = { .format = (SioscopeFormat) i };
      g_autoptr(GError) error = NULL;
      SioscopeFormat format;
      struct stat info;

      g_assert_true (sioscope_format_from_word (sioscope_format_get_word ((SioscopeFormat) i), &format));
      g_assert_cmpuint (format, ==, i);
      g_assert_nonnull (sioscope_format_get_extension (format));
      g_assert_true (g_file_set_contents (f->path, "old", -1, NULL));
      g_assert_true (sioscope_export_file (f->recording, &options, f->path, NULL, NULL, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpint (stat (f->path, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
      g_assert_cmpint (info.st_size, >, 100);
    }
  {
    SioscopeFormat format;

    g_assert_false (sioscope_format_from_word ("pdf", &format));
  }
}

static void
test_filter (Fixture       *f,
             gconstpointer  data)
{
  g_autofree char *all = export_text (f, SIOSCOPE_FORMAT_CSV, NULL);
  g_autofree char *ticks = export_text (f, SIOSCOPE_FORMAT_CSV, "event:tick");
  g_autofree char *upload = export_text (f, SIOSCOPE_FORMAT_CSV, "event:upload");
  g_autofree char *answered = export_text (f, SIOSCOPE_FORMAT_CSV, "ack:ok kind:event");

  g_assert_cmpuint (count (all, "\r\n"), ==, 1 + 10);
  g_assert_cmpuint (count (ticks, "\r\n"), ==, 1 + 2);
  /* its bytes come with it */
  g_assert_cmpuint (count (upload, "\r\n"), ==, 1 + 2);
  g_assert_nonnull (strstr (upload, "base64:Ynl0ZXM="));
  g_assert_cmpuint (count (answered, "\r\n"), ==, 1 + 1);
  g_assert_nonnull (strstr (answered, ",ask,7,ok,1.000,"));
}

/* The wanted rows, with the places of attachments as they are now. */
static void
test_recording (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeFilter) wanted = sioscope_filter_new ("event:upload", NULL, NULL);
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_RECORDING, .filter = wanted };
  g_autoptr(SioscopeRecording) copy = NULL;
  g_autoptr(GPtrArray) attachments = NULL;
  SioscopeEntry entry;

  g_assert_true (sioscope_export_file (f->recording, &options, f->path, NULL, NULL, NULL, &error));
  copy = sioscope_recording_open (f->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (copy), ==, 2);
  g_assert_cmpint (sioscope_recording_get_start_real_us (copy), ==, sioscope_recording_get_start_real_us (f->recording));
  g_assert_true (sioscope_recording_read (copy, 1, &entry));
  g_assert_cmpuint (entry.ref, ==, 0);
  g_assert_cmpint (entry.time_us, ==, 7000);
  attachments = sioscope_recording_dup_attachments (copy, 0);
  g_assert_cmpuint (attachments->len, ==, 1);
}

static void
assert_refused (Fixture    *f,
                const char *path,
                GQuark      domain,
                int         code)
{
  for (guint i = 0; i < SIOSCOPE_N_FORMATS; i++)
    {
      SioscopeExportOptions options = { .format = (SioscopeFormat) i };
      g_autoptr(GError) error = NULL;

      g_assert_false (sioscope_export_file (f->recording, &options, path, NULL, NULL, NULL, &error));
      g_assert_error (error, domain, code);
      g_assert_nonnull (strstr (error->message, f->folder));
    }
}

static void
test_bad_places (Fixture       *f,
                 gconstpointer  data)
{
  g_autofree char *nowhere = g_build_filename (f->folder, "no", "out", NULL);
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autofree char *too_long = g_build_filename (f->folder, long_name, NULL);
  g_autofree char *slash = g_strconcat (f->folder, "/", NULL);

  assert_refused (f, f->folder, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  assert_refused (f, slash, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
  assert_refused (f, nowhere, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  assert_refused (f, too_long, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG);

  /* Neither the link nor what it leads to is touched. */
  g_assert_cmpint (symlink ("elsewhere", f->path), ==, 0);
  assert_refused (f, f->path, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_unlink (f->path);
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  assert_refused (f, f->path, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_unlink (f->path);

  /* Nor is a recording taken away from who is writing it. */
  {
    g_autoptr(SioscopeRecording) live = sioscope_recording_new (f->path, "live");

    g_assert_nonnull (live);
    assert_refused (f, f->path, G_IO_ERROR, G_IO_ERROR_BUSY);
  }
  g_unlink (f->path);
}

/* A name as long as one can be has room for no more. */
static void
test_long_name (Fixture       *f,
                gconstpointer  data)
{
  g_autofree char *name = g_strnfill (255, 'x');
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_TEXT };

  g_assert_true (sioscope_export_file (f->recording, &options, path, NULL, NULL, NULL, NULL));
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_cancelled (Fixture       *f,
                gconstpointer  data)
{
  for (guint i = 0; i < SIOSCOPE_N_FORMATS; i++)
    {
      SioscopeExportOptions options = { .format = (SioscopeFormat) i };
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GError) error = NULL;

      g_assert_true (g_file_set_contents (f->path, "old", -1, NULL));
      g_cancellable_cancel (cancellable);
      g_assert_false (sioscope_export_file (f->recording, &options, f->path, NULL, NULL, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_content (f, "old");
    }
}

typedef struct {
  GCancellable *cancellable;
  guint         n;
} Stop;

static void
stop_cb (double   done,
         gpointer data)
{
  Stop *stop = data;

  g_assert_cmpfloat (done, <, 1.0);
  stop->n++;
  g_cancellable_cancel (stop->cancellable);
}

/* In the middle of it: at the first word of how far it is, which is the last one too. */
static void
test_cancelled_midway (Fixture       *f,
                       gconstpointer  data)
{
  g_autoptr(GString) long_script = g_string_new (script);
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (long_script, "%u packet in 42[\"tick\",%u]\n", 10 + i, i);
  recording = script_record (long_script->str, &recorder);
  for (guint i = 0; i < 2 * SIOSCOPE_N_FORMATS; i++)
    {
      SioscopeExportOptions options = { .format = (SioscopeFormat) (i / 2), .include_secrets = i % 2 };
      Stop stop = { g_cancellable_new (), 0 };
      g_autoptr(GError) error = NULL;

      g_assert_true (g_file_set_contents (f->path, "old", -1, NULL));
      g_assert_false (sioscope_export_file (recording, &options, f->path, stop_cb, &stop, stop.cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (stop.n, ==, 1);
      assert_content (f, "old");
      g_object_unref (stop.cancellable);
    }
}

/* A disk that fills up: a limit on the size of files fails the write likewise, in a program of its own. */
static void
test_full_disk_subprocess (void)
{
  g_autoptr(GString) long_script = g_string_new (script);
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;
  struct rlimit limit = { 16 * 1024, 16 * 1024 };
  SioscopeExportOptions options = { 0 };

  if (!g_test_subprocess ())
    return;
  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (long_script, "%u packet in 42[\"tick\",%u]\n", 10 + i, i);
  recording = script_record (long_script->str, &recorder);
  g_assert_true (sioscope_format_from_word (g_getenv ("SIOSCOPE_TEST_FORMAT"), &options.format));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (sioscope_export_file (recording, &options, g_getenv ("SIOSCOPE_TEST_PATH"), NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, g_getenv ("SIOSCOPE_TEST_PATH")));
}

static void
test_full_disk (Fixture       *f,
                gconstpointer  data)
{
  static const char * const words[] = { "ndjson", "csv", "har", "text", "sioscope" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_assert_true (g_file_set_contents (f->path, "old", -1, NULL));
      g_setenv ("SIOSCOPE_TEST_PATH", f->path, TRUE);
      g_setenv ("SIOSCOPE_TEST_FORMAT", words[i], TRUE);
      g_test_trap_subprocess ("/export/full-disk/subprocess", 0, 0);
      g_test_trap_assert_passed ();
      assert_content (f, "old");
    }
}

typedef struct {
  guint    n;
  double   last;
  gboolean over;
  gboolean done;
  GError  *error;
  GThread *thread;
} Watch;

static void
progress_cb (double   done,
             gpointer data)
{
  Watch *watch = data;

  g_assert_true (g_thread_self () == watch->thread);
  g_assert_false (watch->over);
  g_assert_cmpfloat (done, >=, watch->last);
  g_assert_cmpfloat (done, <=, 1.0);
  watch->last = done;
  watch->n++;
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Watch *watch = data;

  watch->over = TRUE;
  watch->done = sioscope_export_finish (SIOSCOPE_RECORDING (source), result, &watch->error);
}

static void
test_async (Fixture       *f,
            gconstpointer  data)
{
  g_autoptr(GFile) file = g_file_new_for_path (f->path);
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_CSV };
  Watch watch = { .thread = g_thread_self () };

  sioscope_export_async (f->recording, &options, file, progress_cb, &watch, NULL, done_cb, &watch);
  g_assert_false (watch.over);
  WAIT_FOR (watch.over);
  g_assert_no_error (watch.error);
  g_assert_true (watch.done);
  g_assert_cmpfloat (watch.last, ==, 1.0);
}

static void
test_async_cancelled (Fixture       *f,
                      gconstpointer  data)
{
  g_autoptr(GFile) file = g_file_new_for_path (f->path);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_CSV };
  Watch watch = { .thread = g_thread_self () };

  g_cancellable_cancel (cancellable);
  sioscope_export_async (f->recording, &options, file, progress_cb, &watch, cancellable, done_cb, &watch);
  WAIT_FOR (watch.over);
  g_assert_error (watch.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&watch.error);
}

static void
test_remote (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr(GFile) file = g_file_new_for_uri ("sftp://nowhere.invalid/out");
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_CSV };
  Watch watch = { .thread = g_thread_self () };

  sioscope_export_async (f->recording, &options, file, NULL, NULL, NULL, done_cb, &watch);
  WAIT_FOR (watch.over);
  g_assert_error (watch.error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (watch.error->message, "sftp://nowhere.invalid/out"));
  g_clear_error (&watch.error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, body) g_test_add ("/export/" name, Fixture, NULL, set_up, body, tear_down)
  ADD ("every-format", test_every_format);
  ADD ("filter", test_filter);
  ADD ("recording", test_recording);
  ADD ("bad-places", test_bad_places);
  ADD ("long-name", test_long_name);
  ADD ("cancelled", test_cancelled);
  ADD ("cancelled-midway", test_cancelled_midway);
  ADD ("full-disk", test_full_disk);
  ADD ("async", test_async);
  ADD ("async-cancelled", test_async_cancelled);
  ADD ("remote", test_remote);
  g_test_add_func ("/export/full-disk/subprocess", test_full_disk_subprocess);

  return g_test_run ();
}
