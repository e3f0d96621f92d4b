/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sessions with real servers of each major version, killed in the middle of them: the figures are what the test itself knows. */

#include "describe.h"
#include "node-server.h"
#include "sioscope-recorder.h"
#include "test-util.h"

typedef struct {
  const char *module;
  const char *transports[3];
  guint       version;
} Way;

static const Way ways[] = {
  { "socket.io-v2", { "polling", "websocket" }, 2 }, { "socket.io-v3", { "polling", "websocket" }, 3 },
  { "socket.io-v4", { "polling", "websocket" }, 4 }, { "socket.io-v4", { "websocket" }, 4 }, { "socket.io-v4", { "polling" }, 4 },
};

typedef struct {
  NodeServer         *server;
  SioOptions         *options;
  SioManager         *manager;
  SioSocket          *socket;
  SioscopeRecording  *recording;
  SioscopeRecorder   *recorder;
  SioscopeStatistics *statistics;
  SioscopeProjection *projection;
} Session;

static void
session_start (Session    *self,
               const Way  *way,
               const char *server_options)
{
  g_autoptr(GError) error = NULL;

  self->server = node_server_start (way->module, server_options);
  self->options = sio_options_new ();
  sio_options_set_transports (self->options, way->transports, &error);
  g_assert_no_error (error);
  sio_options_set_reconnection_delay_ms (self->options, 300);
  sio_options_set_reconnection_delay_max_ms (self->options, 300);
  self->manager = sio_manager_new (node_server_get_url (self->server, "/"), self->options, &error);
  g_assert_no_error (error);
  self->recording = sioscope_recording_new (NULL, "real");
  self->recorder = sioscope_recorder_new (self->recording);
  sio_manager_set_tap (self->manager, SIO_TAP (self->recorder));
  self->socket = sio_manager_get_socket (self->manager, "/", &error);
  g_assert_no_error (error);
  self->statistics = sioscope_statistics_new (self->recording);
  self->projection = sioscope_projection_new (self->recording);
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

static void
session_end (Session *self)
{
  sio_manager_close (self->manager);
  WAIT_FOR (!sio_manager_get_closing (self->manager));
  g_object_unref (self->manager);
  g_object_unref (self->options);
  g_object_unref (self->statistics);
  g_object_unref (self->projection);
  g_object_unref (self->recorder);
  g_object_unref (self->recording);
  node_server_stop (self->server);
}

static void
session_update (Session *self)
{
  sioscope_recorder_flush (self->recorder);
  sioscope_statistics_update (self->statistics, 0);
  sioscope_projection_update (self->projection, 0);
}

static gboolean
session_emit (Session    *self,
              const char *event,
              guint64     tag,
              gboolean    want_ack,
              gboolean    is_volatile)
{
  SioEmitOptions options = { .want_ack = want_ack, .is_volatile = is_volatile, .tag = tag };

  return sio_socket_emit (self->socket, event, NULL, &options, NULL);
}

static const SioscopeEmits *
session_emits (Session *self)
{
  session_update (self);
  return sioscope_statistics_get_emits (self->statistics);
}

static const SioscopeEventCount *
session_event (Session      *self,
               const char   *token,
               SioDirection  direction,
               guint        *number)
{
  guint n;
  const SioscopeEventCount *list = sioscope_statistics_get_events (self->statistics, &n);

  for (guint i = 0; i < n; i++)
    {
      SioscopeName name;

      g_assert_true (sioscope_recording_get_name (self->recording, list[i].name, &name));
      if (list[i].direction == direction && sio_span_equals (name.event, token))
        {
          *number = i;
          return &list[i];
        }
    }
  g_error ("no %s was counted", token);
}

static void
check_handshakes (Session   *self,
                  const Way *way)
{
  guint n, n_joins;
  const SioscopeHandshake *first = sioscope_statistics_get_handshakes (self->statistics, &n), *last = &first[n - 1];
  const SioscopeJoin *joins = sioscope_statistics_get_joins (self->statistics, 0, &n_joins);
  gboolean upgraded = way->transports[1] != NULL;
  SioscopeEntry entry;

  g_assert_cmpuint (n, >=, 2);
  for (guint i = 0; i < 2; i++)
    {
      const SioscopeHandshake *h = i == 0 ? first : last;

      g_assert_cmpuint (h->n_http, >=, 1);
      g_assert_true (sioscope_recording_read (self->recording, h->http_row, &entry));
      g_assert_cmpint (entry.kind, ==, SIOSCOPE_KIND_HTTP);
      g_assert_cmpint (entry.duration_us, ==, h->http_us);
      g_assert_cmpint (h->request_us, >=, 0);
      g_assert_cmpint (h->request_us + h->http_us, <=, h->open_us);
      g_assert_cmpint (h->open_us, <=, h->joined_us);
      g_assert_cmpuint (h->failed_row, ==, SIOSCOPE_NO_ROW);
    }
  g_assert_cmpint (first->upgraded_us >= 0, ==, upgraded);
  if (upgraded)
    {
      g_assert_cmpint (first->probe_us, >=, 0);
      g_assert_cmpint (first->upgrade_us, >=, 0);
      g_assert_cmpint (first->upgraded_us, >=, first->open_us + first->probe_us + first->upgrade_us);
      g_assert_true (sioscope_recording_read (self->recording, first->upgrade_http_row, &entry));
      g_assert_cmpuint (entry.status, ==, 101);
      g_assert_cmpint (entry.duration_us, ==, first->upgrade_http_us);
    }
  /* Socket.IO 2 joins the root without being asked to. */
  g_assert_cmpuint (n_joins, >=, way->version == 2 ? 0 : 1);
  if (way->version > 2)
    g_assert_cmpint (joins[0].took_us, >=, 0);
}

/* Killed with one event unanswered; three wait, one is volatile; all else is answered. */
static void
test_killed (gconstpointer data)
{
  const Way *way = data;
  Session session = { NULL }, *self = &session;
  const SioscopeCut *cuts;
  const SioscopeEventCount *count;
  SioscopeLatency latency;
  guint n, number;

  session_start (self, way, "{\"pingInterval\":400,\"pingTimeout\":600}");
  if (way->transports[1] != NULL)
    WAIT_FOR (sio_manager_get_transport (self->manager) == SIO_TRANSPORT_KIND_WEBSOCKET);
  for (guint64 tag = 1; tag <= 10; tag++)
    g_assert_true (session_emit (self, "echo", tag, TRUE, FALSE));
  WAIT_FOR (session_emits (self)->n_acked == 10);
  g_assert_true (session_emit (self, "no-ack", 11, TRUE, FALSE));
  WAIT_FOR (session_emits (self)->n_waiting == 1);

  node_server_kill (self->server);
  WAIT_FOR (!sio_socket_get_connected (self->socket));
  for (guint64 tag = 12; tag <= 14; tag++)
    g_assert_true (session_emit (self, "echo", tag, TRUE, FALSE));
  g_assert_false (session_emit (self, "echo", 15, FALSE, TRUE));
  session_update (self);
  g_assert_cmpint (sioscope_projection_get_fate_of_tag (self->projection, 12, NULL), ==, SIOSCOPE_FATE_BUFFERED);
  node_server_restart (self->server);
  WAIT_FOR (sio_socket_get_connected (self->socket));
  WAIT_FOR (session_emits (self)->n_acked == 13);

  session_update (self);
  for (guint64 tag = 1; tag <= 15; tag++)
    g_assert_cmpint (sioscope_projection_get_fate_of_tag (self->projection, tag, NULL), ==,
                     tag == 11 ? SIOSCOPE_FATE_MAY_BE_LOST : tag == 15 ? SIOSCOPE_FATE_DROPPED : SIOSCOPE_FATE_ACKED);
  cuts = sioscope_statistics_get_cuts (self->statistics, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_false (cuts->asked);
  g_assert_cmpint (cuts->open_us, >, cuts->time_us);
  g_assert_cmpuint (cuts->n_in_flight, ==, 1);
  g_assert_cmpuint (cuts->emits.n_may_be_lost, ==, 1);
  g_assert_cmpuint (cuts->emits.n_buffered, ==, 3);
  g_assert_cmpuint (cuts->emits.n_handed_over, ==, 3);
  g_assert_cmpuint (cuts->emits.n_acked, ==, 3);
  g_assert_cmpuint (cuts->emits.n_dropped, ==, 1);
  g_assert_cmpuint (cuts->emits.n_waiting, ==, 0);

  count = session_event (self, "\"echo\"", SIO_DIRECTION_OUT, &number);
  g_assert_cmpuint (count->count, ==, 13);
  g_assert_cmpuint (count->n_answered, ==, 13);
  g_assert_true (sioscope_statistics_get_latency (self->statistics, number, &latency));
  g_assert_cmpuint (latency.n, ==, 13);
  g_assert_true (latency.exact && latency.min_us <= latency.p50_us && latency.p50_us <= latency.p95_us && latency.p95_us <= latency.max_us);
  g_assert_cmpuint (session_event (self, "\"echo\"", SIO_DIRECTION_IN, &number)->count, ==, 13);
  g_assert_cmpuint (session_event (self, "\"no-ack\"", SIO_DIRECTION_OUT, &number)->n_abandoned, ==, 1);
  check_handshakes (self, way);
  g_assert_null (sioscope_statistics_dup_limits (self->statistics));

  sio_socket_disconnect (self->socket);
  session_end (self);
}

/* Connection state recovery came with Socket.IO 4.6: what was missed is told apart from what is new. */
static void
test_recovered (void)
{
  Session session = { NULL }, *self = &session;
  g_autoptr(SioArguments) missed = sio_arguments_new ();
  const SioscopeRecovery *recoveries;
  guint64 n_replayed = 0;
  SioscopeEntry entry;
  guint n, number;

  session_start (self, &ways[3], "{\"connectionStateRecovery\":{}}");
  g_assert_true (session_emit (self, "echo", 1, TRUE, FALSE));
  WAIT_FOR (session_emits (self)->n_acked == 1);
  g_assert_true (sio_arguments_add_json (missed, "\"x\"", -1, FALSE, NULL));
  g_assert_true (sio_arguments_add_json (missed, "\"y\"", -1, FALSE, NULL));
  g_assert_true (sio_socket_emit (self->socket, "cut", missed, NULL, NULL));
  WAIT_FOR (!sio_socket_get_connected (self->socket));
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_true (sio_socket_get_recovered (self->socket));
  g_assert_true (session_emit (self, "echo", 2, TRUE, FALSE));
  WAIT_FOR (session_emits (self)->n_acked == 2);

  session_update (self);
  recoveries = sioscope_statistics_get_recoveries (self->statistics, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (recoveries->n_replayed, ==, 2);
  g_assert_cmpuint (recoveries->n_new, ==, 1);
  g_assert_cmpuint (session_event (self, "\"echo\"", SIO_DIRECTION_IN, &number)->n_replayed, ==, 2);
  for (guint64 row = recoveries->start_row; row < recoveries->end_row; row++)
    n_replayed += sioscope_recording_read (self->recording, row, &entry) && sioscope_projection_get_replayed (self->projection, row);
  g_assert_cmpuint (n_replayed, ==, 2);
  session_end (self);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = g_strdup_printf ("/statistics/real/%s/%s%s", ways[i].module, ways[i].transports[0],
                                               ways[i].transports[1] != NULL ? "-upgrade" : "");

      g_test_add_data_func (path, &ways[i], test_killed);
    }
  g_test_add_func ("/statistics/real/recovered", test_recovered);
  return g_test_run ();
}
