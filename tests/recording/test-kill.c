/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A program that records a flood from a real socket is killed at any moment: the file opens, has every row that was published,
 * and its events are the first ones of what was sent, whole and without a gap. The moments are GLib's test seed. The program
 * is this one, started again. */

#include "flood-sender.h"
#include "sio.h"
#include "sioscope-recorder.h"
#include "sioscope-recording.h"
#include "test-util.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_KILLS 100u

static const char *own_path;

/* A number that both programs see, and that outlives the one that is killed. */
static guint64 *
map_number (const char *path)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void *map;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof (guint64)), ==, 0);
  map = mmap (NULL, sizeof (guint64), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (map != MAP_FAILED);
  close (fd);
  return map;
}

typedef struct {
  SioscopeRecording *recording;
  guint64           *published;
} Watcher;

/* As a window does: looks from another thread, while it is written. */
G_GNUC_NORETURN static gpointer
watch (gpointer data)
{
  Watcher *self = data;

  for (;;)
    {
      __atomic_store_n (self->published, sioscope_recording_get_n_rows (self->recording), __ATOMIC_SEQ_CST);
      g_usleep (20);
    }
}

/* In the child: records until it is killed, and says all the time how many rows are published. */
G_GNUC_NORETURN static void
record (const char *uri,
        const char *path,
        const char *number_path)
{
  const char *transports[] = { "websocket", NULL };
  SioOptions *options = sio_options_new ();
  SioscopeRecording *recording = sioscope_recording_new (path, uri);
  Watcher watcher = { recording, map_number (number_path) };
  SioscopeRecorder *recorder = sioscope_recorder_new (recording);
  GError *error = NULL;
  SioManager *manager;

  sio_options_set_transports (options, transports, &error);
  g_assert_no_error (error);
  manager = sio_manager_new (uri, options, &error);
  g_assert_no_error (error);
  sio_manager_set_tap (manager, SIO_TAP (recorder));
  sio_socket_connect (sio_manager_get_socket (manager, "/", &error));
  g_assert_no_error (error);
  g_thread_unref (g_thread_new ("watcher", watch, &watcher));
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

/* Returns how many events are in the file. */
static guint64
check_file (const char *path,
            guint64     n_published,
            gsize       event_size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) opened = sioscope_recording_open (path, &error);
  guint64 n_rows, n_events = 0;

  g_assert_no_error (error);
  n_rows = sioscope_recording_get_n_rows (opened);
  g_assert_cmpuint (n_rows, >=, n_published);
  for (guint64 row = 0; row < n_rows; row++)
    {
      SioscopeEntry entry;
      g_autofree char *begin = NULL;

      g_assert_true (sioscope_recording_read (opened, row, &entry));
      if (entry.kind != SIOSCOPE_KIND_PACKET || entry.packet_type != SIO_PACKET_EVENT)
        continue;
      begin = g_strdup_printf ("42[\"tick\",{\"id\":%" G_GUINT64_FORMAT ",", FLOOD_FIRST_ID + n_events++);
      g_assert_cmpuint (entry.raw.size, ==, event_size);
      g_assert_true (memcmp (entry.raw.data, begin, strlen (begin)) == 0);
      g_assert_true (sio_json_validate (entry.raw.data + 2, entry.raw.size - 2, 16, NULL, NULL, NULL));
    }
  return n_events;
}

static void
test_flood (void)
{
  static const struct {
    gsize event_size;
    guint per_second;
    gint  most_rows; /* to wait for before the kill */
  } floods[] = {
    { 60, 400000, 20000 },
    { 1024, 100000, 5000 },
    { 100 * 1024, 4000, 200 }, /* written past the buffer */
  };
  FloodSender senders[G_N_ELEMENTS (floods)];
  guint64 n_published = 0, n_found = 0;

  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    flood_sender_start_paced (&senders[i], floods[i].event_size, 100000000, floods[i].per_second);

  for (guint round = 0; round < N_KILLS; round++)
    {
      guint flood = round % G_N_ELEMENTS (floods);
      g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
      g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
      g_autofree char *number_path = g_build_filename (dir, "published", NULL);
      g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u/", senders[flood].port);
      const char *argv[] = { own_path, "record", uri, path, number_path, NULL };
      guint64 *published = map_number (number_path);
      guint64 n_least = (guint64) g_test_rand_int_range (0, floods[flood].most_rows);
      gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
      g_autoptr(GError) error = NULL;
      GPid pid;
      int status;

      g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
      g_assert_no_error (error);
      while (__atomic_load_n (published, __ATOMIC_SEQ_CST) <= n_least)
        {
          g_assert_cmpint (waitpid (pid, &status, WNOHANG), ==, 0);
          g_assert_cmpint (g_get_monotonic_time (), <, until);
          g_usleep (50);
        }
      g_usleep ((gulong) g_test_rand_int_range (0, 3000));
      kill (pid, SIGKILL);
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);

      n_published += *published;
      n_found += check_file (path, *published, floods[flood].event_size);
      munmap (published, sizeof *published);
      g_unlink (number_path);
      g_unlink (path);
      g_rmdir (dir);
    }

  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    flood_sender_stop (&senders[i]);
  g_test_message ("%" G_GUINT64_FORMAT " rows published, %" G_GUINT64_FORMAT " events found", n_published, n_found);
  g_assert_cmpuint (n_found, >, N_KILLS * 100);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (argc == 5 && g_str_equal (argv[1], "record"))
    record (argv[2], argv[3], argv[4]);

  own_path = self;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kill/flood", test_flood);
  return g_test_run ();
}
