/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What emitting costs: beside a bare libsoup WebSocket that sends constant text and the official client on Node.js, in turns
 * against one sink that takes as much as they give, with the same number of events under way. And how long an answer takes:
 * beside a libsoup client that sends 420["ack"] and waits for 430[], and the Node client, in turns against one socket.io server.
 * Prints ratios; passes and fails nothing. */

#include <libsoup/soup.h>

#include "bench-util.h"
#include "flood-sink.h"
#include "node-server.h"
#include "sio.h"

#define WARM 500

typedef struct {
  const char *name;
  gsize       event_size;
  guint64     n_events;
  guint       credit; /* events */
} Case;

static const Case cases[] = {
  { "50 B", 50, 600000, 2000 },
  { "1 KiB", 1024, 300000, 500 },
  { "100 KiB", 100 * 1024, 6000, 8 },
};

/* One client of either kind: emits as long as there is credit, or asks again when it has its answer. */
typedef struct {
  GMainLoop               *loop;
  SoupWebsocketConnection *connection; /* the floor's */
  SioSocket               *socket;     /* ours */
  SioArguments            *args;
  char                    *text;       /* what is sent: a whole packet, or the argument's JSON */

  guint64                  n_events;
  guint                    credit;
  guint64                  n_sent;
  guint                    n_received;

  gint64                   asked_ns;   /* latency: when this question was sent */
  double                  *times_us;
  guint                    n_times;
  guint                    n_wanted;
} Client;

static gint64
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (gint64) t.tv_sec * 1000000000 + t.tv_nsec;
}

/* TRUE: ask again. */
static gboolean
note_answer (Client *self)
{
  if (self->n_times >= WARM)
    self->times_us[self->n_times - WARM] = (double) (now_ns () - self->asked_ns) / 1e3;
  if (++self->n_times < self->n_wanted + WARM)
    return TRUE;
  g_main_loop_quit (self->loop);
  return FALSE;
}

/* --- The floor: SoupWebsocketConnection, constant text --- */

static void
floor_pump (Client *self,
            guint   count)
{
  for (; count > 0 && self->n_sent < self->n_events; count--, self->n_sent++)
    soup_websocket_connection_send_text (self->connection, self->text);
}

static void
floor_ask (Client *self)
{
  self->asked_ns = now_ns ();
  soup_websocket_connection_send_text (self->connection, "420[\"ack\"]");
}

static void
floor_message_cb (SoupWebsocketConnection *connection,
                  gint                     type,
                  GBytes                  *message,
                  gpointer                 data)
{
  Client *self = data;
  const char *text = g_bytes_get_data (message, NULL);

  /* a ping of the server */
  if (g_bytes_get_size (message) == 1 && *text == '2')
    {
      soup_websocket_connection_send_text (connection, "3");
      return;
    }
  if (++self->n_received == 1)
    soup_websocket_connection_send_text (connection, "40");
  else if (self->times_us != NULL)
    {
      if (self->n_received == 2 || note_answer (self))
        floor_ask (self);
    }
  else
    floor_pump (self, self->n_received == 2 ? 2 * self->credit : self->credit);
}

static void
floor_closed_cb (SoupWebsocketConnection *connection,
                 gpointer                 data)
{
  g_main_loop_quit (((Client *) data)->loop);
}

static void
floor_connected_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  Client *self = data;
  g_autoptr(GError) error = NULL;

  self->connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  g_assert_no_error (error);
  g_signal_connect (self->connection, "message", G_CALLBACK (floor_message_cb), data);
  g_signal_connect (self->connection, "closed", G_CALLBACK (floor_closed_cb), data);
}

static void
run_floor (Client *self,
           guint   port)
{
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1:%u/socket.io/?EIO=4&transport=websocket", port);
  g_autoptr(SoupMessage) message = soup_message_new ("GET", uri);

  soup_session_websocket_connect_async (session, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL, floor_connected_cb, self);
  g_main_loop_run (self->loop);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_io_stream_close (soup_websocket_connection_get_io_stream (self->connection), NULL, NULL);
  g_clear_object (&self->connection);
  soup_session_abort (session);
}

/* --- Ours: a manager and the socket of "/" --- */

static void
ours_pump (Client *self,
           guint   count)
{
  g_autoptr(GError) error = NULL;

  for (; count > 0 && self->n_sent < self->n_events; count--, self->n_sent++)
    if (!sio_socket_emit (self->socket, "tick", self->args, NULL, &error))
      g_error ("emit: %s", error->message);
}

static void
ours_credit_cb (SioSocket    *socket,
                const char   *event,
                SioArguments *args,
                gint64        ack_id,
                gpointer      data)
{
  ours_pump (data, ((Client *) data)->credit);
}

static void ours_ask (Client *self);

static void
ours_answered_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  Client *self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(SioArguments) answer = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error);

  g_assert_no_error (error);
  if (note_answer (self))
    ours_ask (self);
}

static void
ours_ask (Client *self)
{
  self->asked_ns = now_ns ();
  sio_socket_emit_with_ack_async (self->socket, "ack", NULL, NULL, NULL, ours_answered_cb, self);
}

static void
ours_connect_cb (SioSocket *socket,
                 gpointer   data)
{
  Client *self = data;

  if (self->times_us != NULL)
    ours_ask (self);
  else
    ours_pump (self, 2 * self->credit);
}

static void
ours_disconnect_cb (SioSocket    *socket,
                    const char   *reason,
                    const GError *error,
                    gpointer      data)
{
  g_main_loop_quit (((Client *) data)->loop);
}

static void
run_ours (Client *self,
          guint   port)
{
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u/", port);
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioManager) manager = NULL;
  g_autoptr(GError) error = NULL;
  const char *transports[] = { "websocket", NULL };

  sio_options_set_transports (options, transports, &error);
  g_assert_no_error (error);
  sio_options_set_reconnection (options, FALSE);
  manager = sio_manager_new (uri, options, &error);
  g_assert_no_error (error);
  self->socket = sio_manager_get_socket (manager, "/", &error);
  g_assert_no_error (error);
  g_signal_connect (self->socket, "connect", G_CALLBACK (ours_connect_cb), self);
  g_signal_connect (self->socket, "disconnect", G_CALLBACK (ours_disconnect_cb), self);
  sio_socket_on (self->socket, "credit", ours_credit_cb, self, NULL);
  sio_socket_connect (self->socket);
  g_main_loop_run (self->loop);
  g_signal_handlers_disconnect_by_data (self->socket, self);
  sio_manager_close (manager);
  while (sio_manager_get_closing (manager))
    g_main_context_iteration (NULL, TRUE);
}

/* --- Node --- */

static char *
run_node (const char *what,
          guint       port,
          guint64     first,
          guint64     second,
          guint64     third)
{
  g_autofree char *script = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "benchmarks", "node-emit.mjs", NULL);
  g_autofree char *port_text = g_strdup_printf ("%u", port);
  g_autofree char *a = g_strdup_printf ("%" G_GUINT64_FORMAT, first);
  g_autofree char *b = g_strdup_printf ("%" G_GUINT64_FORMAT, second);
  g_autofree char *c = g_strdup_printf ("%" G_GUINT64_FORMAT, third);
  g_autoptr(GSubprocess) node = NULL;
  g_autoptr(GError) error = NULL;
  char *out = NULL;

  node = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "node", script, what, port_text, a, b, c, NULL);
  if (node == NULL || !g_subprocess_communicate_utf8 (node, NULL, NULL, &out, NULL, &error))
    g_error ("node: %s", error->message);
  /* else the sink would wait for ever for whom nobody sends */
  if (!g_subprocess_get_successful (node))
    g_error ("the Node client did not run; its packages are installed by \"npm ci\" in tests/servers, or by build-aux/test");
  return out;
}

/* --- Throughput --- */

typedef enum {
  FLOOR,
  OURS,
  NODE,
  N_KINDS,
} Kind;

static void
measure_throughput (const Case *c,
                    int         n_rounds,
                    int         n_node_rounds,
                    int         only)
{
  g_autofree char *filler = g_strnfill (c->event_size - strlen ("42[\"tick\",\"\"]"), 'x');
  g_autofree char *packet = g_strdup_printf ("42[\"tick\",\"%s\"]", filler);
  double *rates[N_KINDS];
  double medians[N_KINDS];
  FloodSink sink;

  flood_sink_start (&sink, c->n_events, c->credit);
  for (int kind = FLOOR; kind < N_KINDS; kind++)
    rates[kind] = g_new0 (double, (gsize) MAX (n_rounds, n_node_rounds) + 1);
  for (int round = 0; round < MAX (n_rounds, n_node_rounds); round++)
    for (int kind = FLOOR; kind < N_KINDS; kind++)
      {
        Client self = { .n_events = c->n_events, .credit = c->credit };

        if ((only >= 0 && kind != only) || round >= (kind == NODE ? n_node_rounds : n_rounds))
          continue;
        self.loop = g_main_loop_new (NULL, FALSE);
        self.text = packet;
        if (kind == FLOOR)
          run_floor (&self, sink.port);
        else if (kind == OURS)
          {
            self.args = sio_arguments_new ();
            sio_arguments_add_string (self.args, filler);
            run_ours (&self, sink.port);
            sio_arguments_unref (self.args);
          }
        else
          g_free (run_node ("emit", sink.port, c->event_size, c->n_events, c->credit));
        g_main_loop_unref (self.loop);
        rates[kind][round] = (double) c->n_events / flood_sink_wait (&sink) / 1000;
      }
  flood_sink_stop (&sink);
  for (int kind = FLOOR; kind < N_KINDS; kind++)
    {
      gboolean wanted = only < 0 || kind == only;

      medians[kind] = bench_quantile (rates[kind], wanted ? (gsize) (kind == NODE ? n_node_rounds : n_rounds) : 0, 0.5);
      g_free (rates[kind]);
    }
  g_print ("%-8s | %9.1f %9.1f %9.1f | %14.2f | %11.2f\n", c->name, medians[FLOOR], medians[OURS], medians[NODE],
           bench_ratio (medians[OURS], medians[FLOOR]), bench_ratio (medians[OURS], medians[NODE]));
}

/* --- Latency --- */

static void
measure_latency (guint n_questions,
                 int   n_rounds,
                 int   only)
{
  NodeServer *server = node_server_start ("socket.io-v4", NULL);
  guint port = node_server_get_port (server);
  g_autofree double *times = g_new (double, n_questions);
  double *values[2][N_KINDS]; /* p50 and p99 of each round */
  double medians[2][N_KINDS];

  for (int kind = FLOOR; kind < N_KINDS; kind++)
    for (int i = 0; i < 2; i++)
      values[i][kind] = g_new0 (double, (gsize) n_rounds);
  for (int round = 0; round < n_rounds; round++)
    for (int kind = FLOOR; kind < N_KINDS; kind++)
      {
        Client self = { .times_us = times, .n_wanted = n_questions };

        if (only >= 0 && kind != only)
          continue;
        if (kind == NODE)
          {
            g_autofree char *out = run_node ("ack", port, n_questions, WARM, 0);
            char *end = out;

            values[0][kind][round] = g_ascii_strtod (out, &end);
            values[1][kind][round] = g_ascii_strtod (end, NULL);
            continue;
          }
        self.loop = g_main_loop_new (NULL, FALSE);
        if (kind == FLOOR)
          run_floor (&self, port);
        else
          run_ours (&self, port);
        g_main_loop_unref (self.loop);
        values[0][kind][round] = bench_quantile (times, n_questions, 0.5);
        values[1][kind][round] = bench_quantile (times, n_questions, 0.99);
      }
  for (int i = 0; i < 2; i++)
    {
      for (int kind = FLOOR; kind < N_KINDS; kind++)
        {
          medians[i][kind] = bench_quantile (values[i][kind], (gsize) n_rounds, 0.5);
          g_free (values[i][kind]);
        }
      g_print ("%-8s | %9.1f %9.1f %9.1f | %14.2f | %11.2f\n", i == 0 ? "p50" : "p99", medians[i][FLOOR],
               medians[i][OURS], medians[i][NODE], bench_ratio (medians[i][OURS], medians[i][FLOOR]),
               bench_ratio (medians[i][OURS], medians[i][NODE]));
    }
  node_server_stop (server);
}

int
main (int    argc,
      char **argv)
{
  int n_rounds = 5, n_node_rounds = 3, n_questions = 3000;
  gboolean only_ours = FALSE, only_floor = FALSE;
  g_autofree char *only_case = NULL;
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Rounds of libsoup and ours in turn", "N" },
    { "node-rounds", 0, 0, G_OPTION_ARG_INT, &n_node_rounds, "Rounds of the Node client", "N" },
    { "questions", 0, 0, G_OPTION_ARG_INT, &n_questions, "Round trips a round", "N" },
    { "only-ours", 0, 0, G_OPTION_ARG_NONE, &only_ours, "Nothing beside, for a profiler", NULL },
    { "only-floor", 0, 0, G_OPTION_ARG_NONE, &only_floor, "Nothing beside, for a profiler", NULL },
    { "case", 0, 0, G_OPTION_ARG_STRING, &only_case, "Only this event size, as in the table, or \"ack\"", "NAME" },
    { NULL },
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  int only;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  n_rounds = CLAMP (n_rounds, 1, 99);
  n_node_rounds = CLAMP (n_node_rounds, 0, 99);
  n_questions = CLAMP (n_questions, 10, 1000000);
  only = only_ours ? OURS : only_floor ? FLOOR : -1;

  g_print ("emit, thousand events a second, median of %d rounds in turn\n", n_rounds);
  g_print ("%-8s | %9s %9s %9s | %14s | %11s\n", "event", "libsoup", "ours", "Node", "ours / libsoup", "ours / Node");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (only_case == NULL || g_str_equal (only_case, cases[i].name))
      measure_throughput (&cases[i], n_rounds, n_node_rounds, only);
  if (only_case == NULL || g_str_equal (only_case, "ack"))
    {
      g_print ("\nemit to ack, microseconds, median of %d rounds of %d in turn\n", n_rounds, n_questions);
      measure_latency ((guint) n_questions, n_rounds, only);
    }
  return 0;
}
