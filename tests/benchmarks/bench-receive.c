/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Receive + scan + record on a thread of its own, beside a bare libsoup WebSocket with an empty handler and the official client on
 * Node.js, in turns against one sender. Prints ratios; passes and fails nothing. */

#include <libsoup/soup.h>
#include <glib/gstdio.h>
#include <time.h>

#include "bench-util.h"
#include "flood-sender.h"
#include "sio.h"
#include "sioscope-recorder.h"

typedef struct {
  const char *name;
  gsize       event_size;
  guint64     n_events;
  guint64     n_node; /* fewer for the rival, which is slower */
} Case;

static const Case cases[] = {
  { "50 B", 50, 1500000, 500000 },
  { "1 KiB", 1024, 600000, 100000 },
  { "100 KiB", 100 * 1024, 6000, 2000 },
};

/* What a measurement gives. The processor time is the receiving thread's, which others on the machine disturb less than the rate. */
typedef struct {
  double per_second;
  double cpu_us; /* an event */
} Result;

static double
thread_cpu_us (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

/* --- The floor: SoupWebsocketConnection, a handler that counts --- */

typedef struct {
  GMainLoop               *loop;
  SoupWebsocketConnection *connection;
  guint64                  n_events;
  guint64                  seen;
  gint64                   start_us;
  gint64                   end_us;
  double                   cpu_us;
} Floor;

static void
floor_message_cb (SoupWebsocketConnection *connection,
                  gint                     type,
                  GBytes                  *message,
                  gpointer                 data)
{
  Floor *self = data;

  /* The open packet, then the answer to CONNECT, then events. */
  self->seen++;
  if (self->seen == 1)
    soup_websocket_connection_send_text (connection, "40");
  else if (self->seen == 3)
    {
      self->cpu_us = thread_cpu_us ();
      self->start_us = g_get_monotonic_time ();
    }
  else if (self->seen == self->n_events + 2)
    {
      self->end_us = g_get_monotonic_time ();
      self->cpu_us = thread_cpu_us () - self->cpu_us;
      g_main_loop_quit (self->loop);
    }
}

static void
floor_connected_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  g_autoptr(GError) error = NULL;
  Floor *self = data;

  self->connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  g_assert_no_error (error);
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, 16 * 1024 * 1024);
  g_signal_connect (self->connection, "message", G_CALLBACK (floor_message_cb), data);
}

static Result
measure_floor (guint       port,
               const Case *c)
{
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1:%u/socket.io/?EIO=4&transport=websocket", port);
  g_autoptr(SoupMessage) message = soup_message_new ("GET", uri);
  Floor self = { g_main_loop_new (NULL, FALSE), NULL, c->n_events, 0, 0, 0, 0 };

  soup_session_websocket_connect_async (session, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL,
                                        floor_connected_cb, &self);
  g_main_loop_run (self.loop);
  /* The sender takes one client after the other: hang up for good. */
  g_io_stream_close (soup_websocket_connection_get_io_stream (self.connection), NULL, NULL);
  g_object_unref (self.connection);
  soup_session_abort (session);
  g_main_loop_unref (self.loop);
  return (Result) { (double) c->n_events / ((double) (self.end_us - self.start_us) / 1e6),
                    self.cpu_us / (double) c->n_events };
}

/* --- Ours: manager + recorder on a network thread; the main thread waits for the published rows --- */

typedef struct {
  GMainContext      *context;
  GMainLoop         *loop;
  char              *uri;
  SioscopeRecording *recording;
  double             cpu_us; /* of the thread's whole life */
} Ours;

static gpointer
ours_thread (gpointer data)
{
  Ours *self = data;
  g_autoptr(SioManager) manager = NULL;
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(GError) error = NULL;
  const char *transports[] = { "websocket", NULL };

  g_main_context_push_thread_default (self->context);
  sio_options_set_transports (options, transports, &error);
  g_assert_no_error (error);
  manager = sio_manager_new (self->uri, options, &error);
  g_assert_no_error (error);
  recorder = sioscope_recorder_new (self->recording);
  sio_manager_set_tap (manager, SIO_TAP (recorder));
  sio_socket_connect (sio_manager_get_socket (manager, "/", &error));
  g_assert_no_error (error);
  g_main_loop_run (self->loop);
  sio_manager_set_tap (manager, NULL);
  sio_manager_close (manager);
  sioscope_recorder_finish (recorder);
  g_clear_object (&manager);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  self->cpu_us = thread_cpu_us ();
  return NULL;
}

static gboolean
ours_quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* Counts the events that are there; FALSE if more have to come. */
static gboolean
read_times (SioscopeRecording *recording,
            guint64            n_events,
            double            *seconds)
{
  guint64 n = sioscope_recording_get_n_rows (recording), seen = 0;
  SioscopeEntry entry;
  gint64 first_us = 0;

  for (guint64 row = 0; row < n; row++)
    {
      if (sioscope_recording_get_kind (recording, row) != SIOSCOPE_KIND_PACKET)
        continue;
      /* Only the first and the last one are read: the time is that of the rows. */
      if (seen != 0 && seen + 1 != n_events)
        {
          seen++;
          continue;
        }
      g_assert_true (sioscope_recording_read (recording, row, &entry));
      if (entry.packet_type != SIO_PACKET_EVENT)
        continue;
      if (++seen == 1)
        first_us = entry.time_us;
      if (seen == n_events)
        {
          *seconds = (double) (entry.time_us - first_us) / 1e6;
          return TRUE;
        }
    }
  return FALSE;
}

static Result
measure_ours (guint       port,
              const Case *c,
              const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "bench.sioscope", NULL);
  g_autoptr(GSource) quit = g_idle_source_new ();
  Ours self = { 0 };
  GThread *thread;
  double seconds;

  self.context = g_main_context_new ();
  self.loop = g_main_loop_new (self.context, FALSE);
  self.uri = g_strdup_printf ("http://127.0.0.1:%u/", port);
  self.recording = sioscope_recording_new (path, "benchmark");
  thread = g_thread_new ("network", ours_thread, &self);

  /* Nothing is read before all is there: two processors are busy with sending and receiving. */
  while (sioscope_recording_get_n_rows (self.recording) < c->n_events
         || !read_times (self.recording, c->n_events, &seconds))
    g_usleep (20000);
  g_source_set_priority (quit, G_PRIORITY_HIGH);
  g_source_set_callback (quit, ours_quit_cb, self.loop, NULL);
  g_source_attach (quit, self.context);
  g_thread_join (thread);

  g_object_unref (self.recording);
  g_main_loop_unref (self.loop);
  g_main_context_unref (self.context);
  g_free (self.uri);
  g_unlink (path);
  return (Result) { (double) c->n_events / seconds, self.cpu_us / (double) c->n_events };
}

static double
measure_node (const Case *c)
{
  g_autofree char *script = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "benchmarks", "node-receive.mjs", NULL);
  g_autofree char *port = NULL;
  g_autofree char *n = g_strdup_printf ("%" G_GUINT64_FORMAT, c->n_node);
  g_autofree char *out = NULL;
  g_autoptr(GSubprocess) node = NULL;
  g_autoptr(GError) error = NULL;
  FloodSender sender;

  flood_sender_start (&sender, c->event_size, c->n_node);
  port = g_strdup_printf ("%u", sender.port);
  node = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "node", script, port, n, NULL);
  if (node == NULL || !g_subprocess_communicate_utf8 (node, NULL, NULL, &out, NULL, &error) ||
      out == NULL || *out == '\0')
    {
      flood_sender_stop (&sender);
      return 0;
    }
  flood_sender_stop (&sender);
  return (double) c->n_node / g_ascii_strtod (out, NULL);
}

/* Of the rates and of the times apart. */
static Result
median (const Result *results,
        guint         n)
{
  g_autofree double *values = g_new (double, n);
  Result result;

  if (n == 0)
    return (Result) { 0, 0 };
  for (guint i = 0; i < n; i++)
    values[i] = results[i].per_second;
  result.per_second = bench_quantile (values, n, 0.5);
  for (guint i = 0; i < n; i++)
    values[i] = results[i].cpu_us;
  result.cpu_us = bench_quantile (values, n, 0.5);
  return result;
}

int
main (int    argc,
      char **argv)
{
  int n_rounds = 5, n_node_rounds = 3;
  gboolean only_ours = FALSE, only_floor = FALSE;
  g_autofree char *only_case = NULL;
  g_autofree char *dir = NULL;
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Rounds of libsoup and ours in turn", "N" },
    { "node-rounds", 0, 0, G_OPTION_ARG_INT, &n_node_rounds, "Rounds of the Node client", "N" },
    { "only-ours", 0, 0, G_OPTION_ARG_NONE, &only_ours, "Nothing beside, for a profiler", NULL },
    { "only-floor", 0, 0, G_OPTION_ARG_NONE, &only_floor, "Nothing beside, for a profiler", NULL },
    { "case", 0, 0, G_OPTION_ARG_STRING, &only_case, "Only this event size, as in the table", "NAME" },
    { "dir", 0, 0, G_OPTION_ARG_FILENAME, &dir, "Where recordings go", "FOLDER" },
    { NULL },
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  n_rounds = CLAMP (n_rounds, 1, 99);
  n_node_rounds = only_ours || only_floor ? 0 : CLAMP (n_node_rounds, 0, 99);
  if (dir == NULL)
    dir = g_strdup (g_get_tmp_dir ());
  folder = g_build_filename (dir, "sioscope-bench-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (folder));

  g_print ("receive + scan + record, median of %d rounds in turn\n", n_rounds);
  g_print ("%-8s | %30s | %21s | %25s\n", "event", "thousand events a second", "ours / libsoup", "ours / Node");
  g_print ("%-8s | %9s %10s %9s | %9s %11s | %25s\n", "", "libsoup", "ours", "Node", "rate", "CPU time", "rate");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree Result *floor = g_new0 (Result, (guint) n_rounds);
      g_autofree Result *ours = g_new0 (Result, (guint) n_rounds);
      g_autofree Result *node = g_new0 (Result, (guint) n_node_rounds + 1);
      Result f, o, n;
      FloodSender sender;

      if (only_case != NULL && strcmp (only_case, cases[i].name) != 0)
        continue;
      flood_sender_start (&sender, cases[i].event_size, cases[i].n_events);
      for (int round = 0; round < n_rounds; round++)
        {
          if (!only_ours)
            floor[round] = measure_floor (sender.port, &cases[i]);
          if (!only_floor)
            ours[round] = measure_ours (sender.port, &cases[i], folder);
        }
      flood_sender_stop (&sender);
      for (int round = 0; round < n_node_rounds; round++)
        node[round].per_second = measure_node (&cases[i]);
      f = median (floor, (guint) n_rounds);
      o = median (ours, (guint) n_rounds);
      n = median (node, (guint) n_node_rounds);
      g_print ("%-8s | %9.1f %10.1f %9.1f | %9.2f %11.2f | %25.2f   (CPU us an event: libsoup %.2f, ours %.2f)\n",
               cases[i].name, f.per_second / 1000, o.per_second / 1000, n.per_second / 1000,
               bench_ratio (o.per_second, f.per_second), bench_ratio (f.cpu_us, o.cpu_us),
               bench_ratio (o.per_second, n.per_second), f.cpu_us, o.cpu_us);
    }
  g_rmdir (folder);
  return 0;
}
