/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Importing as such: progress, cancelling, files that are none, a disk that is full, memory. And nothing is left where it failed. */

#include "test-import-util.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define N_ROWS 400000

/* Lines of NDJSON of so many rows. */
static char *
write_large (Folder *folder)
{
  char *path = folder_path (folder, "large.ndjson");
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  fputs ("{\"format\":\"sioscope-ndjson\",\"version\":1,\"title\":\"large\",\"client\":\"c\",\"start_us\":0}\n", file);
  for (guint i = 0; i < N_ROWS; i++)
    fprintf (file, "{\"kind\":\"packet\",\"time\":%u.%06u,\"row\":%u,\"direction\":\"in\",\"transport\":\"websocket\",\"type\":\"event\","
                   "\"nsp\":\"/\",\"event\":\"tick\",\"args\":[%u],\"n_args\":1,\"raw\":\"42[\\\"tick\\\",%u]\"}\n",
             i / 1000000, i % 1000000, i, i, i);
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}

typedef struct {
  GMainContext *context;
  GCancellable *cancel_at_first;
  guint         n_calls;
  double        last;
  gboolean      done;
  GAsyncResult *result;
} Watch;

static void
progress_cb (double   done,
             gpointer data)
{
  Watch *watch = data;

  g_assert_true (g_main_context_is_owner (watch->context));
  g_assert_false (watch->done);
  g_assert_cmpfloat (done, >=, watch->last);
  g_assert_cmpfloat (done, <=, 1.0);
  watch->last = done;
  watch->n_calls++;
  if (watch->cancel_at_first != NULL)
    g_cancellable_cancel (watch->cancel_at_first);
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Watch *watch = data;

  watch->done = TRUE;
  watch->result = g_object_ref (result);
}

static void
test_large (void)
{
  Folder folder;
  g_autofree char *source = NULL, *path = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;
  Watch watch = { .context = g_main_context_default () };
  guint64 before;

  folder_open (&folder);
  source = write_large (&folder);
  path = folder_path (&folder, "made");
  before = test_get_memory ("RssAnon:");
  sioscope_import_async (source, path, progress_cb, &watch, NULL, done_cb, &watch);
  WAIT_FOR_SECONDS (watch.done, 100);
  sioscope_import_finish (watch.result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (watch.n_calls, >, 0);
  g_assert_cmpfloat (watch.last, ==, 1.0);
  g_clear_object (&watch.result);
  g_test_message ("%" G_GINT64_FORMAT " bytes", (gint64) (test_get_memory ("RssAnon:") - before));
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, N_ROWS);
  folder_close (&folder, "large.ndjson", "made", NULL);
}

/* In the middle of it, and before it. */
static void
test_cancelled (void)
{
  Folder folder;
  g_autofree char *source = NULL, *path = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Watch watch = { .context = g_main_context_default (), .cancel_at_first = cancellable };

  folder_open (&folder);
  source = write_large (&folder);
  path = folder_path (&folder, "made");
  g_assert_true (g_main_context_acquire (watch.context));
  g_assert_false (sioscope_import_file (source, path, progress_cb, &watch, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (watch.n_calls, ==, 1);

  sioscope_import_async (source, path, progress_cb, &watch, cancellable, done_cb, &watch);
  WAIT_FOR (watch.done);
  g_assert_false (sioscope_import_finish (watch.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&watch.result);
  g_main_context_release (watch.context);
  folder_close (&folder, "large.ndjson", NULL);
}

static void
assert_fails (const char *source,
              const char *path,
              gint        code)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (sioscope_import_file (source, path, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

static void
test_no_files (void)
{
  Folder folder;
  g_autofree char *source = NULL, *path = NULL, *pipe = NULL, *content = NULL, *missing = NULL;
  static const char text[] = "{\"format\":\"sioscope-ndjson\",\"version\":1,\"start_us\":0}\n";

  folder_open (&folder);
  source = folder_path (&folder, "source");
  path = folder_path (&folder, "made");
  pipe = folder_path (&folder, "pipe");
  missing = folder_path (&folder, "missing");
  g_assert_true (g_file_set_contents (source, text, -1, NULL));
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);

  assert_fails (missing, path, G_IO_ERROR_NOT_FOUND);
  assert_fails (folder.path, path, G_IO_ERROR_IS_DIRECTORY);
  assert_fails (pipe, path, G_IO_ERROR_NOT_REGULAR_FILE);
  g_assert_false (sioscope_import_is_foreign (missing));
  g_assert_false (sioscope_import_is_foreign (folder.path));
  g_assert_false (sioscope_import_is_foreign (pipe));
  g_assert_true (sioscope_import_is_foreign (source));

  /* What is there stays. */
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  assert_fails (source, path, G_IO_ERROR_EXISTS);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "mine");
  folder_close (&folder, "source", "made", "pipe", NULL);
}

/* A limit on the size of files stands for a full disk. */
static void
test_full (void)
{
  Folder folder;
  g_autofree char *source = NULL, *path = NULL;
  g_autoptr(GError) error = NULL;
  struct rlimit before, small;

  folder_open (&folder);
  source = write_large (&folder);
  path = folder_path (&folder, "made");
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 1024 * 1024;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (sioscope_import_file (source, path, NULL, NULL, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_IO_ERROR);
  folder_close (&folder, "large.ndjson", NULL);
}

/* Its first bytes say what a file is, not its name. */
static void
test_sniff (void)
{
  static const struct { const char *text; gboolean is_foreign; } cases[] = {
    { "{\"log\":{}}", TRUE },
    { "\xef\xbb\xbf\r\n {\n \"log\" : {", TRUE },
    { "{\"format\":\"sioscope-ndjson\"", TRUE },
    { "{\"log\":[]}", FALSE },
    { "{\"format\":\"other\"}", FALSE },
    { "{\"kind\":\"state\",\"time\":0.1}", FALSE },
    { "{\"log", FALSE },
    { "SIOSCOPE\1\0\0\0", FALSE },
    { "", FALSE },
  };
  Folder folder;
  g_autofree char *source = NULL;

  folder_open (&folder);
  source = folder_path (&folder, "source");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_file_set_contents (source, cases[i].text, -1, NULL));
      g_assert_cmpint (sioscope_import_is_foreign (source), ==, cases[i].is_foreign);
    }
  folder_close (&folder, "source", NULL);
}

/* A HAR larger than what may be taken of memory for it: many messages in one WebSocket, and many exchanges that do not matter. */
static void
test_large_har (void)
{
  Folder folder;
  g_autofree char *source = NULL, *path = NULL, *filler = g_strnfill (1000, 'x');
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  guint64 before, after, allowed = 16 * 1024 * 1024;
  FILE *file;

  folder_open (&folder);
  source = folder_path (&folder, "large.har");
  path = folder_path (&folder, "made");
  file = fopen (source, "w");
  fputs ("{\"log\":{\"version\":\"1.2\",\"entries\":[", file);
  for (guint i = 0; i < 20000; i++)
    fprintf (file, "{\"request\":{\"url\":\"http://h/%u\"},\"response\":{\"content\":{\"text\":\"%s\"}}},", i, filler);
  fputs ("{\"startedDateTime\":\"2024-01-01T00:00:00Z\",\"time\":1,\"request\":{\"url\":\"ws://h/?EIO=4&transport=websocket\"},"
         "\"response\":{\"status\":101},\"_webSocketMessages\":[", file);
  for (guint i = 0; i < 100000; i++)
    fprintf (file, "%s{\"type\":\"receive\",\"time\":%u.%03u,\"opcode\":1,\"data\":\"42[\\\"tick\\\",%u,\\\"%.200s\\\"]\"}", i > 0 ? "," : "",
             1704067200 + i / 1000, i % 1000, i, filler);
  fputs ("]}]}}", file);
  g_assert_cmpint (fclose (file), ==, 0);

  before = test_get_memory ("RssAnon:");
  sioscope_import_file (source, path, NULL, NULL, NULL, &error);
  after = test_get_memory ("RssAnon:");
  g_assert_no_error (error);
#ifdef __SANITIZE_ADDRESS__ /* keeps freed memory for a while */
  allowed = 512 * 1024 * 1024;
#endif
  g_assert_cmpuint (after, <, before + allowed);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), >, 100000);
  folder_close (&folder, "large.har", "made", NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/sniff", test_sniff);
  g_test_add_func ("/import/no-files", test_no_files);
  g_test_add_func ("/import/large", test_large);
  g_test_add_func ("/import/large-har", test_large_har);
  g_test_add_func ("/import/cancelled", test_cancelled);
  g_test_add_func ("/import/full", test_full);
  return g_test_run ();
}
