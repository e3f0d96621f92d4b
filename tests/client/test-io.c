/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* sio_io (): who shares a manager, whose URL and options count, and what keeps it alive. */

#include "raw-peer.h"
#include "sio.h"
#include "test-util.h"

/* A server that lets everybody in, and remembers what it was asked: "0 GET /socket.io/?…", "0 40/admin,". */
typedef struct {
  RawPeer   *peer;
  GMutex     mutex;
  GPtrArray *lines;
} Server;

static void
server_add (Server *self, char *line)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->lines, line);
  g_mutex_unlock (&self->mutex);
  raw_peer_wake_tests ();
}

static void
script (RawConnection *connection, guint n, gpointer data)
{
  static const char open[] = "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}";
  Server *self = data;
  g_auto(RawRequest) request = { 0 };
  g_autoptr(GString) payload = g_string_new (NULL);
  guint8 first;

  if (!raw_connection_read_request (connection, &request))
    return;
  server_add (self, g_strdup_printf ("%u GET %s", n, request.target));
  raw_connection_accept_websocket (connection, &request, NULL, 0);
  raw_connection_write_frame (connection, 0x81, open, -1);
  while (raw_connection_read_frame (connection, &first, payload))
    {
      if ((first & 0x0f) == 8)
        {
          raw_connection_write_frame (connection, 0x88, payload->str, (gssize) payload->len);
          return;
        }
      server_add (self, g_strdup_printf ("%u %s", n, payload->str));
      if (g_str_has_prefix (payload->str, "40"))
        {
          const char *comma = payload->str[2] == '/' ? strchr (payload->str, ',') : NULL;
          g_autofree char *answer = g_strdup_printf ("40%.*s{\"sid\":\"id\"}",
                                                     comma != NULL ? (int) (comma - payload->str - 1) : 0,
                                                     payload->str + 2);

          raw_connection_write_frame (connection, 0x81, answer, -1);
        }
    }
}

static guint
server_count (Server *self, const char *part)
{
  guint n = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->lines->len; i++)
    n += strstr (g_ptr_array_index (self->lines, i), part) != NULL;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* What the client sent over the first connection, one packet after the other. */
static char *
server_dup_packets (Server *self)
{
  GString *text = g_string_new (NULL);

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->lines->len; i++)
    {
      const char *line = g_ptr_array_index (self->lines, i);

      if (g_str_has_prefix (line, "0 4"))
        g_string_append_printf (text, "%s ", line + 2);
    }
  g_mutex_unlock (&self->mutex);
  return g_string_free (text, FALSE);
}

static void
set_up (Server *self, gconstpointer data)
{
  g_mutex_init (&self->mutex);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->peer = raw_peer_new (script, self);
}

static void
tear_down (Server *self, gconstpointer data)
{
  raw_peer_free (self->peer);
  g_ptr_array_unref (self->lines);
  g_mutex_clear (&self->mutex);
}

static SioOptions *
websocket_only (void)
{
  SioOptions *options = sio_options_new ();

  sio_options_set_transports (options, (const char * const[]) { "websocket", NULL }, NULL);
  return options;
}

/* options: (transfer full) (nullable) */
static SioSocket *
io (Server *self, const char *path, SioOptions *options)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", raw_peer_get_port (self->peer), path);
  g_autoptr(SioOptions) own = options != NULL ? options : websocket_only ();
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_io (url, own, &error);

  g_assert_no_error (error);
  return socket;
}

/* The last reference: the manager goes with it. */
static void
end (SioSocket *socket)
{
  gpointer manager = sio_socket_get_manager (socket);

  g_object_add_weak_pointer (manager, &manager);
  g_assert_finalize_object (socket);
  g_assert_null (manager);
}

static void
test_connect (Server *self, gconstpointer data)
{
  SioSocket *socket = io (self, "", NULL);

  g_assert_cmpstr (sio_socket_get_nsp (socket), ==, "/");
  g_assert_true (sio_socket_get_active (socket));
  WAIT_FOR (sio_socket_get_connected (socket));
  end (socket);
}

static void
test_auto_connect_off (Server *self, gconstpointer data)
{
  SioOptions *options = websocket_only ();
  SioSocket *socket;
  SioSocket *other;

  sio_options_set_auto_connect (options, FALSE);
  socket = io (self, "", options);
  other = io (self, "/other", NULL); /* the first call's options count */
  g_assert_false (sio_socket_get_active (socket));
  g_assert_false (sio_socket_get_active (other));
  g_assert_cmpint (sio_manager_get_state (sio_socket_get_manager (socket)), ==, SIO_MANAGER_STATE_CLOSED);
  sio_socket_connect (socket);
  WAIT_FOR (sio_socket_get_connected (socket));
  g_object_unref (other);
  end (socket);
}

static void
test_shared (Server *self, gconstpointer data)
{
  SioSocket *foo = io (self, "/foo", NULL);
  SioSocket *bar = io (self, "/bar", NULL);

  g_assert_true (sio_socket_get_manager (foo) == sio_socket_get_manager (bar));
  WAIT_FOR (sio_socket_get_connected (foo) && sio_socket_get_connected (bar));
  g_assert_cmpuint (server_count (self, "GET"), ==, 1);

  /* one holds all of them */
  g_object_unref (foo);
  g_assert_true (sio_socket_get_connected (bar));
  foo = sio_manager_get_socket (sio_socket_get_manager (bar), "/foo", NULL);
  g_assert_true (sio_socket_get_connected (foo));
  end (bar);
}

/* Also when it is a disconnected one. */
static void
test_same_namespace (Server *self, gconstpointer data)
{
  SioSocket *first = io (self, "/foo", NULL);
  SioSocket *second = io (self, "/foo", NULL);
  SioSocket *third;
  SioSocket *bar;

  g_assert_true (sio_socket_get_manager (first) != sio_socket_get_manager (second));
  WAIT_FOR (sio_socket_get_connected (first) && sio_socket_get_connected (second));
  sio_socket_disconnect (first);
  third = io (self, "/foo", NULL);
  g_assert_true (sio_socket_get_manager (third) != sio_socket_get_manager (first));
  g_assert_true (sio_socket_get_manager (third) != sio_socket_get_manager (second));

  /* the first one stays the shared one */
  bar = io (self, "/bar", NULL);
  g_assert_true (sio_socket_get_manager (bar) == sio_socket_get_manager (first));
  WAIT_FOR (sio_socket_get_connected (third) && sio_socket_get_connected (bar));
  end (third);
  end (second);
  g_object_unref (first);
  end (bar);
}

static void
test_new (Server *self, gconstpointer data)
{
  const char *what = data;
  SioOptions *options = websocket_only ();
  SioSocket *shared = io (self, "/a", NULL);
  SioSocket *alone;
  SioSocket *again;

  if (g_str_equal (what, "force-new"))
    sio_options_set_force_new (options, TRUE);
  else
    sio_options_set_multiplex (options, FALSE);
  alone = io (self, "/b", options);
  g_assert_true (sio_socket_get_manager (alone) != sio_socket_get_manager (shared));

  /* nobody shares it */
  again = io (self, "/b", NULL);
  g_assert_true (sio_socket_get_manager (again) == sio_socket_get_manager (shared));
  g_object_unref (again);
  end (alone);
  end (shared);
}

static void
test_key (Server *self, gconstpointer data)
{
  static const struct {
    const char *url;
    const char *path;
    gboolean    same;
  } cases[] = {
    { "http://localhost:%u/x", NULL, FALSE },
    { "http://127.0.0.1:%u/x", NULL, TRUE },
    { "127.0.0.1:%u/x", NULL, TRUE },
    { "ws://127.0.0.1:%u/x", NULL, FALSE },
    { "http://127.0.0.1:%u/x?a=1", NULL, TRUE },
    { "http://127.0.0.1:%u/x", "/socket.io", TRUE },
    { "http://127.0.0.1:%u/x", "/other", FALSE },
  };
  SioSocket *first = io (self, "/", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) url = g_string_new (cases[i].url);
      g_autofree char *port = g_strdup_printf ("%u", raw_peer_get_port (self->peer));
      g_autofree char *nsp = g_strdup_printf ("/x%u", i);
      g_autoptr(SioOptions) options = websocket_only ();
      g_autoptr(GError) error = NULL;
      g_autoptr(SioSocket) socket = NULL;

      g_string_replace (url, "%u", port, 1);
      g_string_replace (url, "/x", nsp, 1);
      sio_options_set_auto_connect (options, FALSE);
      if (cases[i].path != NULL)
        sio_options_set_path (options, cases[i].path);
      socket = sio_io (url->str, options, &error);
      g_assert_no_error (error);
      g_test_message ("%s", url->str);
      g_assert_cmpint (sio_socket_get_manager (socket) == sio_socket_get_manager (first), ==, cases[i].same);
    }
  end (first);
}

/* The whole URL of the first call is the connection's; of another call with the same key the namespace counts alone. */
static void
test_first_query (Server *self, gconstpointer data)
{
  SioSocket *first = io (self, "/first?a=1", NULL);
  SioSocket *second = io (self, "/second?b=2", NULL);

  WAIT_FOR (sio_socket_get_connected (first) && sio_socket_get_connected (second));
  g_assert_cmpuint (server_count (self, "GET"), ==, 1);
  g_assert_cmpuint (server_count (self, "a=1"), ==, 1);
  g_assert_cmpuint (server_count (self, "b=2"), ==, 0);
  g_assert_cmpuint (server_count (self, "0 40/second,"), ==, 1);
  g_object_unref (second);
  end (first);
}

static const struct {
  const char *name;
  const char *path;
  const char *query[3]; /* the option */
  const char *sent;
} queries[] = {
  { "/client/io/query/object/default", "/", { "e=f", NULL }, "&e=f" },
  { "/client/io/query/string/default", "/?c=d", { NULL }, "&c=d" },
  { "/client/io/query/object/namespace", "/abc", { "e=f", "g=h", NULL }, "&e=f&g=h" },
  { "/client/io/query/string/namespace", "/abc?b=c&d=e", { NULL }, "&b=c&d=e" },
  { "/client/io/query/encoded", "/", { "&a=&=?a", NULL }, "&%26a=%26%3D%3Fa" },
  { "/client/io/query/url-replaces-option", "/?x=1", { "foo=1", NULL }, "&x=1" },
};

static void
test_query (Server *self, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  SioOptions *options = websocket_only ();
  SioSocket *socket;
  const char *line;
  const char *question;

  if (queries[i].query[0] != NULL)
    sio_options_set_query (options, queries[i].query);
  socket = io (self, queries[i].path, options);
  WAIT_FOR (sio_socket_get_connected (socket));
  line = g_ptr_array_index (self->lines, 0);
  question = strchr (line, '?');
  g_assert_nonnull (question);
  g_test_message ("%s", line);
  /* among the engine's own, in front or behind */
  {
    g_autofree char *all = g_strdup_printf ("&%s&", question + 1);
    g_autofree char *part = g_strdup_printf ("%s&", queries[i].sent);

    g_assert_nonnull (strstr (all, part));
    g_assert_null (strstr (all, "foo=1"));
  }
  end (socket);
}

/* Different query strings do not make different connections, another manager does. */
static void
test_queries_alone (Server *self, gconstpointer data)
{
  SioSocket *first;
  SioSocket *second;
  SioOptions *options = websocket_only ();

  sio_options_set_force_new (options, TRUE);
  first = io (self, "/?join=foo", g_object_ref (options));
  second = io (self, "/?join=bar", options);
  WAIT_FOR (sio_socket_get_connected (first) && sio_socket_get_connected (second));
  g_assert_cmpuint (server_count (self, "join=foo"), ==, 1);
  g_assert_cmpuint (server_count (self, "join=bar"), ==, 1);
  end (first);
  end (second);
}

/* The options of a later call bring what is the socket's, and nothing else. */
static void
test_socket_options (Server *self, gconstpointer data)
{
  SioOptions *first_options = websocket_only ();
  SioOptions *second_options = websocket_only ();
  SioSocket *first;
  SioSocket *second;
  SioSocket *third;

  sio_options_set_auth (first_options, "{\"who\":1}", NULL);
  sio_options_set_auth (second_options, "{\"who\":2}", NULL);
  sio_options_set_retries (second_options, 1);
  sio_options_set_query (second_options, (const char * const[]) { "q=2", NULL });
  first = io (self, "/1", first_options);
  second = io (self, "/2", second_options);
  third = io (self, "/3", NULL);
  g_assert_true (sio_manager_get_options (sio_socket_get_manager (second)) == first_options);
  WAIT_FOR (sio_socket_get_connected (first) && sio_socket_get_connected (second) && sio_socket_get_connected (third));
  g_assert_cmpuint (server_count (self, "0 40/1,{\"who\":1}"), ==, 1);
  g_assert_cmpuint (server_count (self, "0 40/2,{\"who\":2}"), ==, 1);
  g_assert_cmpuint (server_count (self, "0 40/3,{"), ==, 0);
  g_assert_cmpuint (server_count (self, "q=2"), ==, 0);
  sio_socket_emit (first, "e", NULL, NULL, NULL);
  sio_socket_emit (second, "e", NULL, NULL, NULL);
  WAIT_FOR (server_count (self, "0 42/1,[\"e\"]") == 1 && server_count (self, "0 42/2,0[\"e\"]") == 1);
  g_object_unref (third);
  g_object_unref (second);
  end (first);
}

/* Each thread-default main context has its own. */
static gpointer
other_thread (gpointer data)
{
  Server *self = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  SioOptions *options = websocket_only ();
  SioSocket *socket;
  SioManager *manager;

  g_main_context_push_thread_default (context);
  sio_options_set_auto_connect (options, FALSE);
  socket = io (self, "/b", options);
  manager = sio_socket_get_manager (socket);
  end (socket);
  g_main_context_pop_thread_default (context);
  return manager; /* gone; only to be compared */
}

static void
test_contexts (Server *self, gconstpointer data)
{
  SioOptions *options = websocket_only ();
  SioSocket *socket;

  sio_options_set_auto_connect (options, FALSE);
  socket = io (self, "/a", options);
  g_assert_true (g_thread_join (g_thread_new ("other", other_thread, self)) != sio_socket_get_manager (socket));
  end (socket);
}

/* Forgotten when nobody holds it: whoever comes next begins anew. */
static void
test_weak (Server *self, gconstpointer data)
{
  SioSocket *socket = io (self, "/a", NULL);

  WAIT_FOR (sio_socket_get_connected (socket));
  end (socket);
  socket = io (self, "/b", NULL);
  WAIT_FOR (sio_socket_get_connected (socket));
  g_assert_cmpuint (server_count (self, "GET"), ==, 2);
  end (socket);
}

/* As well inside of what it says. */
static void
drop_cb (SioSocket *socket, gpointer data)
{
  SioSocket **held = data;

  g_clear_object (held);
}

static void
test_dropped_in_handler (Server *self, gconstpointer data)
{
  SioSocket *socket = io (self, "/a", NULL);
  gpointer weak = socket;
  gpointer manager = sio_socket_get_manager (socket);

  g_object_add_weak_pointer (weak, &weak);
  g_object_add_weak_pointer (manager, &manager);
  g_signal_connect (socket, "connect", G_CALLBACK (drop_cb), &socket);
  WAIT_FOR (weak == NULL);
  g_assert_null (manager);
}

static void
abandoned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *(gboolean *) data = TRUE;
}

/* Who waits for an ack holds it too. */
static void
test_held_by_ack (Server *self, gconstpointer data)
{
  SioSocket *socket = io (self, "/a", NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  gpointer manager = sio_socket_get_manager (socket);
  gboolean called = FALSE;

  g_object_add_weak_pointer (manager, &manager);
  sio_socket_emit_with_ack_async (socket, "e", NULL, NULL, cancellable, abandoned_cb, &called);
  g_object_unref (socket);
  WAIT_FOR (server_count (self, "0 42/a,0[\"e\"]") == 1);
  g_assert_nonnull (manager);
  g_cancellable_cancel (cancellable);
  WAIT_FOR (called);
  WAIT_FOR (manager == NULL);
}

static void
test_reopen (Server *self, gconstpointer data)
{
  SioSocket *socket = io (self, "", NULL);
  SioManager *manager = sio_socket_get_manager (socket);

  WAIT_FOR (sio_socket_get_connected (socket));
  sio_socket_disconnect (socket);
  g_assert_false (sio_socket_get_active (socket));
  g_assert_true (sio_manager_get_socket (manager, "/", NULL) == socket);
  g_assert_true (sio_socket_get_active (socket));
  WAIT_FOR (sio_socket_get_connected (socket));
  end (socket);
}

static void
test_reopen_active (Server *self, gconstpointer data)
{
  SioSocket *socket = io (self, "", NULL);
  SioManager *manager = g_object_ref (sio_socket_get_manager (socket));
  g_autofree char *packets = NULL;

  g_assert_true (sio_manager_get_socket (manager, "/", NULL) == socket);
  WAIT_FOR (sio_socket_get_connected (socket));
  g_assert_true (sio_manager_get_socket (manager, "/", NULL) == socket);
  sio_socket_disconnect (socket);
  WAIT_FOR (!sio_manager_get_closing (manager));
  packets = server_dup_packets (self);
  g_assert_cmpstr (packets, ==, "40 41 ");
  g_object_unref (manager);
  end (socket);
}

static void
test_reopen_two (Server *self, gconstpointer data)
{
  SioSocket *socket = io (self, "", NULL);
  SioManager *manager = g_object_ref (sio_socket_get_manager (socket));
  SioSocket *foo = sio_manager_get_socket (manager, "/foo", NULL);
  g_autofree char *packets = NULL;

  g_assert_true (sio_socket_get_active (foo));
  WAIT_FOR (sio_socket_get_connected (socket) && sio_socket_get_connected (foo));
  sio_socket_disconnect (socket);
  sio_socket_disconnect (foo);
  WAIT_FOR (!sio_manager_get_closing (manager));
  packets = server_dup_packets (self);
  g_assert_cmpstr (packets, ==, "40 40/foo, 41 41/foo, ");
  g_object_unref (manager);
  end (socket);
}

static void
test_refused (Server *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (sio_io ("gopher://x", NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (sio_io ("http://x/a,b", NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
}

static void
test_too_many (Server *self, gconstpointer data)
{
  SioOptions *options = websocket_only ();
  SioSocket *socket;
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/c", raw_peer_get_port (self->peer));
  g_autoptr(GError) error = NULL;

  sio_options_set_auto_connect (options, FALSE);
  sio_options_set_max_namespaces (options, 2);
  socket = io (self, "/a", options);
  g_object_unref (io (self, "/b", NULL));
  g_assert_null (sio_io (url, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  end (socket);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, data, body) g_test_add ("/client/io/" path, Server, data, set_up, body, tear_down)
  ADD ("connect", NULL, test_connect);
  ADD ("auto-connect-off", NULL, test_auto_connect_off);
  ADD ("shared", NULL, test_shared);
  ADD ("same-namespace", NULL, test_same_namespace);
  ADD ("force-new", "force-new", test_new);
  ADD ("multiplex-off", "multiplex", test_new);
  ADD ("key", NULL, test_key);
  ADD ("first-query", NULL, test_first_query);
  ADD ("queries-alone", NULL, test_queries_alone);
  ADD ("socket-options", NULL, test_socket_options);
  ADD ("contexts", NULL, test_contexts);
  ADD ("weak", NULL, test_weak);
  ADD ("dropped-in-handler", NULL, test_dropped_in_handler);
  ADD ("held-by-ack", NULL, test_held_by_ack);
  ADD ("reopen/inactive", NULL, test_reopen);
  ADD ("reopen/active", NULL, test_reopen_active);
  ADD ("reopen/two", NULL, test_reopen_two);
  ADD ("refused", NULL, test_refused);
  ADD ("too-many", NULL, test_too_many);
#undef ADD
  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    g_test_add (queries[i].name, Server, GSIZE_TO_POINTER (i), set_up, test_query, tear_down);

  return g_test_run ();
}
