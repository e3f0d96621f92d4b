/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Receive + scan + record on a thread of its own, beside a bare libsoup WebSocket with an empty handler and the official client on
 * Node.js, in turns against one sender. Prints ratios; passes and fails nothing. */

#include <libsoup/soup.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "flood-sender.h"
#include "sio.h"
#include "sioscope-recorder.h"

#define ROUNDS 5

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

/* --- The floor: SoupWebsocketConnection, a handler that counts --- */

typedef struct {
  GMainLoop               *loop;
  SoupWebsocketConnection *connection;
  guint64                  n_events;
  guint64                  seen;
  gint64                   start_us;
  gint64                   end_us;
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
    self->start_us = g_get_monotonic_time ();
  else if (self->seen == self->n_events + 2)
    {
      self->end_us = g_get_monotonic_time ();
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

static double
measure_floor (guint       port,
               const Case *c)
{
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1:%u/socket.io/?EIO=4&transport=websocket", port);
  g_autoptr(SoupMessage) message = soup_message_new ("GET", uri);
  Floor self = { g_main_loop_new (NULL, FALSE), NULL, c->n_events, 0, 0, 0 };

  soup_session_websocket_connect_async (session, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL,
                                        floor_connected_cb, &self);
  g_main_loop_run (self.loop);
  /* The sender takes one client after the other: hang up for good. */
  g_io_stream_close (soup_websocket_connection_get_io_stream (self.connection), NULL, NULL);
  g_object_unref (self.connection);
  soup_session_abort (session);
  g_main_loop_unref (self.loop);
  return (double) c->n_events / ((double) (self.end_us - self.start_us) / 1e6);
}

/* --- Ours: manager + recorder on a network thread; the main thread waits for the published rows --- */

typedef struct {
  GMainContext      *context;
  GMainLoop         *loop;
  char              *uri;
  SioscopeRecording *recording;
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
  return NULL;
}

static gboolean
ours_quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static double
measure_ours (guint       port,
              const Case *c,
              const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "bench.sioscope", NULL);
  g_autoptr(GSource) quit = g_idle_source_new ();
  Ours self = { 0 };
  GThread *thread;
  guint64 first = SIOSCOPE_NO_ROW, last = SIOSCOPE_NO_ROW, row = 0, seen = 0;
  SioscopeEntry entry;
  double seconds;

  self.context = g_main_context_new ();
  self.loop = g_main_loop_new (self.context, FALSE);
  self.uri = g_strdup_printf ("http://127.0.0.1:%u/", port);
  self.recording = sioscope_recording_new (path, "benchmark");
  thread = g_thread_new ("network", ours_thread, &self);

  /* The reader counts events by the rows themselves; the time is that of the rows. */
  while (seen < c->n_events)
    {
      guint64 n = sioscope_recording_get_n_rows (self.recording);

      for (; row < n && seen < c->n_events; row++)
        {
          if (sioscope_recording_get_kind (self.recording, row) != SIOSCOPE_KIND_PACKET)
            continue;
          if (first == SIOSCOPE_NO_ROW || seen == 0 || seen + 1 == c->n_events)
            {
              g_assert_true (sioscope_recording_read (self.recording, row, &entry));
              if (entry.packet_type != SIO_PACKET_EVENT)
                continue;
            }
          if (seen == 0)
            first = row;
          last = row;
          seen++;
        }
      g_usleep (2000);
    }
  g_source_set_priority (quit, G_PRIORITY_HIGH);
  g_source_set_callback (quit, ours_quit_cb, self.loop, NULL);
  g_source_attach (quit, self.context);
  g_thread_join (thread);

  g_assert_true (sioscope_recording_read (self.recording, first, &entry));
  seconds = (double) -entry.time_us;
  g_assert_true (sioscope_recording_read (self.recording, last, &entry));
  seconds = (seconds + (double) entry.time_us) / 1e6;

  g_object_unref (self.recording);
  g_main_loop_unref (self.loop);
  g_main_context_unref (self.context);
  g_free (self.uri);
  g_unlink (path);
  return (double) c->n_events / seconds;
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

static int
compare (const void *a,
         const void *b)
{
  double difference = *(const double *) a - *(const double *) b;
  return (difference > 0) - (difference < 0);
}

static double
median (double *values,
        guint   n)
{
  qsort (values, n, sizeof *values, compare);
  return values[n / 2];
}

int
main (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sioscope-bench-XXXXXX", NULL);

  g_print ("receive + scan + record, thousand events a second, median of %d rounds in turn\n", ROUNDS);
  g_print ("%-8s %12s %12s %12s %16s %16s\n",
           "event", "libsoup", "ours", "Node client", "ours / libsoup", "ours / Node");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double floor[ROUNDS], ours[ROUNDS], node[3];
      double f, o, n;
      FloodSender sender;

      flood_sender_start (&sender, cases[i].event_size, cases[i].n_events);
      for (guint round = 0; round < ROUNDS; round++)
        {
          floor[round] = measure_floor (sender.port, &cases[i]);
          ours[round] = measure_ours (sender.port, &cases[i], folder);
        }
      flood_sender_stop (&sender);
      for (guint round = 0; round < G_N_ELEMENTS (node); round++)
        node[round] = measure_node (&cases[i]);
      f = median (floor, ROUNDS);
      o = median (ours, ROUNDS);
      n = median (node, G_N_ELEMENTS (node));
      g_print ("%-8s %12.1f %12.1f %12.1f %16.2f %16.2f\n",
               cases[i].name, f / 1000, o / 1000, n / 1000, o / f, n > 0 ? o / n : 0);
    }
  g_rmdir (folder);
  return 0;
}
