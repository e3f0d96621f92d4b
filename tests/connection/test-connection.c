/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The two threads: commands over, the recording back, and every way to let go of a connection. Against servers that are processes of
 * their own. */

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flood-sender.h"
#include "node-server.h"
#include "sioscope-connection.h"
#include "test-util.h"

static const char *program; /* this one */

static SioscopeConnection *
make_connection (const char *url,
                 const char *transport, /* NULL: the default */
                 const char *path)
{
  g_autoptr(SioscopeProfile) profile = sioscope_profile_new (url);
  const char * const transports[] = { transport, NULL };
  g_autoptr(GError) error = NULL;
  SioscopeConnection *connection;

  g_object_set (profile, "transports", transports, NULL);
  connection = sioscope_connection_new (profile, path, &error);
  g_assert_no_error (error);

  return connection;
}

typedef gboolean (*EntryFunc) (const SioscopeEntry *entry,
                               gconstpointer        data);

/* The first row from *from on that func wants; *from is then the one behind it. */
static gboolean
find_row (SioscopeRecording *recording,
          guint64           *from,
          EntryFunc          func,
          gconstpointer      data,
          SioscopeEntry     *found)
{
  SioscopeEntry entry;

  while (sioscope_recording_read (recording, *from, &entry))
    {
      ++*from;
      if (func (&entry, data))
        {
          if (found != NULL)
            *found = entry;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
is_connected (const SioscopeEntry *entry,
              gconstpointer        nsp)
{
  return entry->kind == SIOSCOPE_KIND_SOCKET && entry->socket_change == SIO_TAP_SOCKET_CONNECTED
         && sio_span_equals (entry->nsp, nsp);
}

static gboolean
is_state (const SioscopeEntry *entry,
          gconstpointer        state)
{
  return entry->kind == SIOSCOPE_KIND_STATE && entry->state == (SioTapState) GPOINTER_TO_INT (state);
}

static gboolean
is_error (const SioscopeEntry *entry,
          gconstpointer        part)
{
  g_autofree char *message = g_strndup (entry->message.data, entry->message.size);

  return entry->kind == SIOSCOPE_KIND_ERROR && strstr (message, part) != NULL;
}

static gboolean
is_refused (const SioscopeEntry *entry,
            gconstpointer        data)
{
  return entry->kind == SIOSCOPE_KIND_EMIT && entry->fate == SIO_TAP_EMIT_REFUSED;
}

static gboolean
is_sent (const SioscopeEntry *entry,
         gconstpointer        tag)
{
  return entry->kind == SIOSCOPE_KIND_PACKET && entry->direction == SIO_DIRECTION_OUT
         && entry->tag == *(const guint64 *) tag;
}

static gboolean
is_event (const SioscopeEntry *entry,
          gconstpointer        token)
{
  return entry->kind == SIOSCOPE_KIND_PACKET && entry->direction == SIO_DIRECTION_IN
         && sio_span_equals (entry->event, token);
}

static gboolean
is_ack (const SioscopeEntry *entry,
        gconstpointer        id)
{
  return entry->kind == SIOSCOPE_KIND_PACKET && entry->direction == SIO_DIRECTION_IN
         && entry->packet_type == SIO_PACKET_ACK && entry->id == *(const gint64 *) id;
}

/* WAIT_FOR looks at its condition once more when it holds; the row must not be looked for twice. */
#define WAIT_FOR_ROW(recording, from, func, data, found)                                            \
  G_STMT_START {                                                                                    \
    gboolean found_it_ = FALSE;                                                                     \
    WAIT_FOR ((found_it_ = found_it_ || find_row ((recording), (from), (func), (data), (found))));  \
  } G_STMT_END

static SioArguments *
make_args (const char *json)
{
  SioArguments *args = sio_arguments_new ();
  g_autoptr(GError) error = NULL;

  sio_arguments_add_json (args, json, -1, TRUE, &error);
  g_assert_no_error (error);

  return args;
}

/* Whether the network thread runs. */
static gboolean
has_network_thread (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *id;

  while ((id = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", id, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && g_str_has_prefix (name, "sioscope-networ"))
        return TRUE;
    }

  return FALSE;
}

static void
test_mistakes (void)
{
  g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("http://");
  g_autoptr(GError) error = NULL;

  g_assert_null (sioscope_connection_new (profile, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  g_object_set (profile, "url", "localhost:1", "auth", "secret", NULL);
  g_assert_null (sioscope_connection_new (profile, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_assert_false (has_network_thread ());
}

static void
auth_wanted_cb (SioscopeConnection *connection,
                const char         *nsp,
                guint               request,
                guint              *last)
{
  g_assert_cmpstr (nsp, ==, "/");
  *last = request;
}

static gboolean
is_connect_with (const SioscopeEntry *entry,
                 gconstpointer        auth)
{
  return entry->kind == SIOSCOPE_KIND_PACKET && entry->direction == SIO_DIRECTION_OUT
         && entry->packet_type == SIO_PACKET_CONNECT && sio_span_equals (entry->args, auth);
}

/* Asked at each CONNECT, answered on the main thread; and the option again when nobody is to be asked any more. */
static void
test_auth (void)
{
  g_autoptr(NodeServer) server = node_server_start ("socket.io-v4", NULL);
  g_autoptr(SioscopeConnection) connection = make_connection (node_server_get_url (server, "/"), "websocket", NULL);
  SioscopeRecording *recording = sioscope_connection_get_recording (connection);
  guint64 from = 0;
  guint request = 0;
  guint old;

  g_signal_connect (connection, "auth-wanted", G_CALLBACK (auth_wanted_cb), &request);
  sioscope_connection_ask_auth (connection, "/", TRUE);
  sioscope_connection_open (connection);
  WAIT_FOR (request != 0);
  sioscope_connection_answer_auth (connection, "/", request, "{\"n\":1}");
  WAIT_FOR_ROW (recording, &from, is_connect_with, "{\"n\":1}", NULL);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);

  old = request;
  sioscope_connection_answer_auth (connection, "/", old, "{}");
  WAIT_FOR_ROW (recording, &from, is_error, "The auth for / was not sent", NULL);
  sioscope_connection_cut (connection);
  WAIT_FOR (request != old);
  sioscope_connection_answer_auth (connection, "/", request, "{\"n\":2}");
  WAIT_FOR_ROW (recording, &from, is_connect_with, "{\"n\":2}", NULL);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);

  g_object_set (sioscope_connection_get_profile (connection), "auth", "{\"n\":3}", NULL);
  g_assert_true (sioscope_connection_update_options (connection, NULL));
  sioscope_connection_ask_auth (connection, "/", FALSE);
  sioscope_connection_cut (connection);
  WAIT_FOR_ROW (recording, &from, is_connect_with, "{\"n\":3}", NULL);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);
}

/* What the profile says now takes effect at the next attempt; a mistake changes nothing. */
static void
test_options (void)
{
  g_autoptr(NodeServer) server = node_server_start ("socket.io-v4", NULL);
  g_autoptr(SioscopeConnection) connection = make_connection (node_server_get_url (server, "/"), "polling", NULL);
  SioscopeProfile *profile = sioscope_connection_get_profile (connection);
  SioscopeRecording *recording = sioscope_connection_get_recording (connection);
  g_autoptr(GError) error = NULL;
  SioscopeEntry entry;
  guint64 from = 0;

  sioscope_connection_open (connection);
  WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_OPEN), &entry);
  g_assert_cmpint (entry.transport, ==, SIO_TRANSPORT_KIND_POLLING);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);

  sioscope_profile_set_option (profile, "transports", "pigeon");
  g_assert_false (sioscope_connection_update_options (connection, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  sioscope_profile_set_option (profile, "transports", "websocket");
  sioscope_profile_set_option (profile, "reconnection-delay-ms", "10");
  g_assert_true (sioscope_connection_update_options (connection, NULL));
  sioscope_connection_cut (connection);
  WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_WAITING), &entry);
  g_assert_cmpuint (entry.delay_max_ms, <=, 20);
  WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_OPEN), &entry);
  g_assert_cmpint (entry.transport, ==, SIO_TRANSPORT_KIND_WEBSOCKET);
}

/* Every command, and what it leaves in the recording. */
static void
test_commands (void)
{
  g_autoptr(NodeServer) server = node_server_start ("socket.io-v4", NULL);
  g_autoptr(SioscopeConnection) connection = make_connection (node_server_get_url (server, "/"), NULL, NULL);
  SioscopeRecording *recording = sioscope_connection_get_recording (connection);
  g_autoptr(SioArguments) args = make_args ("{\"n\":18446744073709551615}");
  g_autoptr(SioArguments) none = sio_arguments_new ();
  SioscopeEntry entry;
  guint64 from = 0;
  guint64 tag;
  gint64 id;

  sioscope_connection_open (connection);
  /* Before it is connected: it waits in the buffer and goes out then. */
  tag = sioscope_connection_emit (connection, "/", "echo", args, FALSE, 0, FALSE);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);
  WAIT_FOR_ROW (recording, &from, is_event, "\"echo\"", NULL);

  tag = sioscope_connection_emit (connection, "/", "echo", args, TRUE, 5000, FALSE);
  WAIT_FOR_ROW (recording, &from, is_sent, &tag, &entry);
  g_assert_true (sio_span_equals (entry.args, "{\"n\":18446744073709551615}"));
  id = entry.id;
  g_assert_cmpint (id, >=, 0);
  WAIT_FOR_ROW (recording, &from, is_ack, &id, NULL);

  /* The server asks, we answer, it says what it heard. */
  sioscope_connection_emit (connection, "/", "ask", args, FALSE, 0, FALSE);
  WAIT_FOR_ROW (recording, &from, is_event, "\"question\"", &entry);
  sioscope_connection_reply (connection, "/", entry.id, args);
  WAIT_FOR_ROW (recording, &from, is_event, "\"answer\"", NULL);
  sioscope_connection_reply (connection, "/", entry.id, args); /* a second time */
  WAIT_FOR_ROW (recording, &from, is_refused, NULL, NULL);

  tag = sioscope_connection_emit (connection, "/nowhere", "x", NULL, FALSE, 0, FALSE);
  WAIT_FOR_ROW (recording, &from, is_error, "/nowhere", NULL);
  tag = sioscope_connection_emit (connection, "/", "connect", NULL, FALSE, 0, FALSE);
  WAIT_FOR_ROW (recording, &from, is_refused, NULL, &entry);
  g_assert_cmpuint (entry.tag, ==, tag);
  sioscope_connection_leave (connection, "/nowhere");
  WAIT_FOR_ROW (recording, &from, is_error, "/nowhere", NULL);
  sioscope_connection_join (connection, "/admin", "[]");
  WAIT_FOR_ROW (recording, &from, is_error, "/admin", NULL);

  sioscope_connection_join (connection, "/admin", NULL);
  WAIT_FOR_ROW (recording, &from, is_connected, "/admin", NULL);
  sioscope_connection_join (connection, "/auth", "{\"token\":\"secret\"}");
  WAIT_FOR_ROW (recording, &from, is_connected, "/auth", NULL);
  sioscope_connection_leave (connection, "/auth");

  sioscope_connection_cut (connection);
  WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_WAITING), NULL);
  sioscope_connection_reconnect_now (connection);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);

  sioscope_connection_close (connection);
  WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_CLOSED), NULL);
  g_assert_true (sioscope_recording_get_live (recording));
  sioscope_connection_open (connection);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);

  node_server_kill (server);
  WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_WAITING), NULL);
  sioscope_connection_stop_reconnecting (connection);
  WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_FAILED), NULL);

  g_clear_object (&connection);
  sioscope_network_shutdown ();
  g_assert_false (has_network_thread ());
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return (left > right) - (left < right);
}

/* A server that never stops sending cannot keep a person's command from being done. */
static void
test_latency (void)
{
  FloodSender sender;
  g_autofree char *url = NULL;
  g_autoptr(SioscopeConnection) connection = NULL;
  SioscopeRecording *recording;
  gint64 latency_us[20];
  guint64 from = 0;

  flood_sender_start (&sender, 60, G_MAXUINT64);
  url = g_strdup_printf ("http://127.0.0.1:%u", sender.port);
  connection = make_connection (url, "websocket", NULL);
  recording = sioscope_connection_get_recording (connection);
  sioscope_connection_open (connection);
  WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (latency_us); i++)
    {
      SioscopeEntry entry;
      gint64 asked_us;
      guint64 tag;

      /* In the middle of it, every time. */
      from = sioscope_recording_get_n_rows (recording);
      WAIT_FOR (sioscope_recording_get_n_rows (recording) > from + 5000);
      from = sioscope_recording_get_n_rows (recording);
      asked_us = sioscope_recording_get_now_us (recording);
      tag = sioscope_connection_emit (connection, "/", "hello", NULL, FALSE, 0, FALSE);
      WAIT_FOR_ROW (recording, &from, is_sent, &tag, &entry);
      latency_us[i] = entry.time_us - asked_us;
    }

  qsort (latency_us, G_N_ELEMENTS (latency_us), sizeof *latency_us, compare_times);
  g_test_message ("command to wire under a flood: median %.1f ms, worst %.1f ms",
                  (double) latency_us[10] / 1000, (double) latency_us[19] / 1000);
  /* Some may have met a busy machine, and not us; who starves them meets all, for seconds. */
  g_assert_cmpint (latency_us[10], <, 100 * 1000);
  g_assert_cmpint (latency_us[18], <, G_USEC_PER_SEC);

  g_clear_object (&connection);
  sioscope_network_shutdown ();
  flood_sender_stop (&sender);
}

typedef enum {
  LET_GO_AT_ONCE,
  LET_GO_CONNECTING,
  LET_GO_CONNECTED,
  LET_GO_WAITING,
  LET_GO_FLOODED,
  LET_GO_FROZEN,
} LetGo;

/* However it stands: letting go finishes the recording, soon, and nothing is left behind. */
static void
test_let_go (gconstpointer data)
{
  LetGo when = (LetGo) GPOINTER_TO_INT (data);

  for (gboolean by_shutdown = FALSE; by_shutdown <= TRUE; by_shutdown++)
    {
      g_autoptr(NodeServer) server = when != LET_GO_FLOODED ? node_server_start ("socket.io-v4", NULL) : NULL;
      FloodSender sender = { 0 };
      g_autofree char *url = NULL;
      g_autoptr(SioscopeConnection) connection = NULL;
      g_autoptr(SioscopeRecording) recording = NULL;
      guint64 from = 0;

      if (when == LET_GO_FLOODED)
        {
          flood_sender_start (&sender, 60, G_MAXUINT64);
          url = g_strdup_printf ("http://127.0.0.1:%u", sender.port);
        }
      else
        url = g_strdup (node_server_get_url (server, "/"));

      connection = make_connection (url, when == LET_GO_FLOODED ? "websocket" : NULL, NULL);
      recording = g_object_ref (sioscope_connection_get_recording (connection));
      if (when == LET_GO_CONNECTING)
        node_server_freeze (server);
      if (when != LET_GO_AT_ONCE)
        sioscope_connection_open (connection);
      if (when == LET_GO_CONNECTING)
        WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_CONNECTING), NULL);
      else if (when != LET_GO_AT_ONCE)
        WAIT_FOR_ROW (recording, &from, is_connected, "/", NULL);
      if (when == LET_GO_WAITING)
        {
          node_server_kill (server);
          WAIT_FOR_ROW (recording, &from, is_state, GINT_TO_POINTER (SIO_TAP_STATE_WAITING), NULL);
        }
      if (when == LET_GO_FLOODED)
        WAIT_FOR (sioscope_recording_get_n_rows (recording) > 10000);
      if (when == LET_GO_FROZEN)
        {
          g_autofree char *long_text = g_strnfill (4 * 1024 * 1024, 'x');
          g_autoptr(SioArguments) args = sio_arguments_new ();

          /* More than the kernel takes: the goodbye cannot be said. */
          node_server_freeze (server);
          sio_arguments_add_string (args, long_text);
          sioscope_connection_emit (connection, "/", "echo", args, FALSE, 0, FALSE);
          sioscope_connection_emit (connection, "/", "echo", args, FALSE, 0, FALSE);
        }

      if (by_shutdown)
        {
          gint64 begun_us = g_get_monotonic_time ();

          sioscope_network_shutdown ();
          g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 5 * G_USEC_PER_SEC);
          g_assert_false (sioscope_recording_get_live (recording));
          /* Inert, and no more. */
          sioscope_connection_open (connection);
          sioscope_connection_emit (connection, "/", "late", NULL, FALSE, 0, FALSE);
          g_clear_object (&connection);
        }
      else
        {
          g_clear_object (&connection);
          WAIT_FOR (!sioscope_recording_get_live (recording));
          sioscope_network_shutdown ();
        }

      g_assert_false (has_network_thread ());
      if (when == LET_GO_FLOODED)
        flood_sender_stop (&sender);
      else if (when == LET_GO_CONNECTING || when == LET_GO_FROZEN)
        node_server_thaw (server);
    }
}

/* Many at once, most of them let go of in the middle of something. */
static void
test_many (void)
{
  g_autoptr(NodeServer) server = node_server_start ("socket.io-v4", NULL);
  g_autoptr(GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 20; i++)
    {
      SioscopeConnection *connection = make_connection (node_server_get_url (server, "/"),
                                                        i % 2 == 0 ? "websocket" : "polling", NULL);

      sioscope_connection_open (connection);
      g_ptr_array_add (connections, connection);
    }

  for (guint i = 0; i < connections->len; i += 3)
    {
      guint64 from = 0;

      WAIT_FOR_ROW (sioscope_connection_get_recording (g_ptr_array_index (connections, i)), &from,
                    is_connected, "/", NULL);
    }

  g_ptr_array_set_size (connections, 7);
  sioscope_network_shutdown ();
  g_assert_false (has_network_thread ());
}

/* In the child: record a flood into argv[2] from port argv[3], and tell how many rows are published. */
G_GNUC_NORETURN static void
record_flood (const char *path,
              const char *port)
{
  g_autofree char *url = g_strconcat ("http://127.0.0.1:", port, NULL);
  g_autoptr(SioscopeConnection) connection = make_connection (url, "websocket", path);
  SioscopeRecording *recording = sioscope_connection_get_recording (connection);

  sioscope_connection_open (connection);
  for (;;)
    {
      g_print ("%" G_GUINT64_FORMAT "\n", sioscope_recording_get_n_rows (recording));
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_kill (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sioscope-kill-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "flood.sioscope", NULL);
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GDataInputStream) lines = NULL;
  g_autoptr(GSubprocess) child = NULL;
  g_autofree char *port = NULL;
  g_autoptr(GError) error = NULL;
  FloodSender sender;
  SioscopeEntry entry;
  guint64 n_rows = 0;
  char *line;

  flood_sender_start (&sender, 60, G_MAXUINT64);
  port = g_strdup_printf ("%u", sender.port);
  child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--record", path, port, NULL);
  g_assert_no_error (error);

  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  while (n_rows < 50000 && (line = g_data_input_stream_read_line (lines, NULL, NULL, &error)) != NULL)
    {
      n_rows = g_ascii_strtoull (line, NULL, 10);
      g_free (line);
    }
  g_assert_no_error (error);
  g_subprocess_force_exit (child);
  /* What it still said before it died counts too. */
  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, &error)) != NULL)
    {
      n_rows = MAX (n_rows, g_ascii_strtoull (line, NULL, 10));
      g_free (line);
    }
  g_subprocess_wait (child, NULL, NULL);
  flood_sender_stop (&sender);

  g_assert_cmpuint (n_rows, >=, 50000);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_test_message ("published: %" G_GUINT64_FORMAT ", found: %" G_GUINT64_FORMAT, n_rows,
                  sioscope_recording_get_n_rows (recording));
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), >=, n_rows);
  for (guint64 row = 0; row < n_rows; row++)
    g_assert_true (sioscope_recording_read (recording, row, &entry));

  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  program = argv[0];
  if (argc == 4 && g_str_equal (argv[1], "--record"))
    record_flood (argv[2], argv[3]);

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection/mistakes", test_mistakes);
  g_test_add_func ("/connection/commands", test_commands);
  g_test_add_func ("/connection/auth-asked-for", test_auth);
  g_test_add_func ("/connection/options-at-the-next-attempt", test_options);
  g_test_add_func ("/connection/latency", test_latency);
  g_test_add_data_func ("/connection/let-go/at-once", GINT_TO_POINTER (LET_GO_AT_ONCE), test_let_go);
  g_test_add_data_func ("/connection/let-go/connecting", GINT_TO_POINTER (LET_GO_CONNECTING), test_let_go);
  g_test_add_data_func ("/connection/let-go/connected", GINT_TO_POINTER (LET_GO_CONNECTED), test_let_go);
  g_test_add_data_func ("/connection/let-go/waiting", GINT_TO_POINTER (LET_GO_WAITING), test_let_go);
  g_test_add_data_func ("/connection/let-go/flooded", GINT_TO_POINTER (LET_GO_FLOODED), test_let_go);
  g_test_add_data_func ("/connection/let-go/frozen", GINT_TO_POINTER (LET_GO_FROZEN), test_let_go);
  g_test_add_func ("/connection/many", test_many);
  g_test_add_func ("/connection/kill", test_kill);

  return g_test_run ();
}
