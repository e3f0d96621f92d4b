/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the official clients 4.8.4 and 2.5.0 did when a scripted server said this and that, and what ours does. Where we differ we mean
 * to: the table says how and why, and whoever makes us agree has to take the line out. */

#include "client-fixture.h"

static const struct {
  const char *id;
  const char *ours; /* what ours says instead */
  const char *why;
} differences[] = {
  { "live-client4/006", "manager open\nsocket connect\n", "a second CONNECT is ignored and reported" },
  { "live-client4/008", "manager open\nmanager close:forced close\nsocket connect_error:no\n", "a string is the message" },
  { "live-client4/009", "manager open\nmanager close:forced close\nsocket connect_error:\n", "no exception" },
  { "live-client4/014", "manager open\nsocket connect\nsocket disconnect:parse error\nmanager close:parse error\n",
    "an event without payload is malformed" },
  { "live-client4/020", "manager open\nsocket connect\n", "up to 64 attachments are taken" },
  { "live-client4/030", "manager open\nsocket connect\nmanager error\nsocket disconnect:transport error\nmanager close:transport error\n",
    "a second open packet is an error of the server" },
  { "live-client4/031", "socket connect_error\nmanager error\n", "a message before the open packet is an error of the server" },
  { "live-client4/032", "socket connect_error\nmanager error\n", "a bad open packet ends the attempt, no exception" },
  { "live-client4/033", "manager open\n", "the list of upgrades may be left out" },
  { "live-client4/035", "socket connect_error\nmanager error\n", "the attempt ends at once" },
  { "live-client4/039", "manager open\nsocket connect\nmanager error\nsocket disconnect:transport error\nmanager close:transport error\n",
    "a reset is told from a close" },
  { "live-client2/005", "manager open\nsocket connect_error:Invalid namespace\n", "the message of an object is the message" },
  { "live-client2/011", "manager open\nsocket connect\nsocket disconnect:parse error\nmanager close:parse error\n", "no exception" },
  { "live-client2/012", "manager open\nsocket connect\nmanager error\nsocket disconnect:transport error\nmanager close:transport error\n",
    "errors of the connection are the manager's, as from 3.0 on" },
  { "live-polling4/016", "manager open\nsocket connect\nsocket ev:[1]\nsocket disconnect:transport error\nmanager close:transport error\n",
    "what came in order before the bad packet is delivered" },
};

static gboolean seen[G_N_ELEMENTS (differences)];

/* What the official client said, or the table. */
static const char *
find_difference (const char *id,
                 const char *official)
{
  for (guint i = 0; i < G_N_ELEMENTS (differences); i++)
    if (g_str_equal (differences[i].id, id))
      {
        g_test_message ("%s: %s", id, differences[i].why);
        seen[i] = TRUE;
        if (g_str_equal (differences[i].ours, official))
          g_error ("%s: the table calls a difference what is none", id);
        return differences[i].ours;
      }
  return NULL;
}

/* --- the scripted servers --- */

typedef struct {
  JsonObject *vector;
  GMutex      mutex;
  GPtrArray  *sent;  /* WebSocket: what the client sent; polling: its requests */
  guint       n_gets;
} Script;

static void
note (Script     *self,
      const char *text)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->sent, g_strdup (text));
  g_mutex_unlock (&self->mutex);
}

static void
serve_websocket (RawConnection *connection,
                 guint          n,
                 gpointer       data)
{
  Script *self = data;
  JsonArray *frames = json_object_get_array_member (self->vector, "server_frames");
  g_auto(RawRequest) request = { 0 };
  g_autoptr(GString) payload = g_string_new (NULL);
  guint8 first;

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0))
    return;

  for (guint i = 0; i < json_array_get_length (frames); i++)
    {
      JsonNode *node = json_array_get_element (frames, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (text == NULL)
        {
          g_autoptr(GBytes) bytes = test_decode_hex (json_object_get_string_member (json_node_get_object (node), "bin"));

          raw_connection_write_frame (connection, 0x82, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
        }
      else if (g_str_equal (text, "WAIT"))
        raw_connection_sleep (connection, 30);
      else if (g_str_equal (text, "CLOSE"))
        raw_connection_write_frame (connection, 0x88, "", 0);
      else if (g_str_equal (text, "TERMINATE"))
        {
          raw_connection_reset_on_close (connection);
          return;
        }
      else
        raw_connection_write_frame (connection, 0x81, text, -1);
    }

  while (raw_connection_read_frame (connection, &first, payload) && (first & 0x0f) != 8)
    note (self, payload->str);
}

/* "GET /socket.io/?EIO=4&transport=polling", without the timestamp. */
static void
note_request (Script     *self,
              RawRequest *request)
{
  g_autoptr(GString) line = g_string_new (request->method);
  g_auto(GStrv) parts = g_strsplit_set (request->target, "?&", -1);

  g_string_append_c (line, ' ');
  for (guint i = 0; parts[i] != NULL; i++)
    if (!g_str_has_prefix (parts[i], "t="))
      g_string_append_printf (line, "%s%s", i == 0 ? "" : i == 1 ? "?" : "&", parts[i]);
  if (g_str_equal (request->method, "POST"))
    g_string_append_printf (line, " \"%s\"", request->body->str);
  note (self, line->str);
}

static void
serve_polling (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  Script *self = data;
  JsonArray *gets = json_object_get_array_member (self->vector, "server_get");
  JsonObject *post = json_object_has_member (self->vector, "server_post")
                       ? json_object_get_object_member (self->vector, "server_post") : NULL;
  g_auto(RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      gboolean is_get = g_str_equal (request.method, "GET");
      JsonObject *answer = post;
      g_autofree char *status = NULL;
      const char *body = "ok";
      guint i = 0;

      g_mutex_lock (&self->mutex);
      if (is_get)
        i = self->n_gets++;
      g_mutex_unlock (&self->mutex);
      note_request (self, &request);

      if (is_get && i >= json_array_get_length (gets))
        {
          raw_connection_await_end (connection);
          return;
        }
      if (is_get && JSON_NODE_HOLDS_VALUE (json_array_get_element (gets, i)))
        {
          raw_connection_reset_on_close (connection); /* "DESTROY" */
          return;
        }
      if (is_get)
        answer = json_array_get_object_element (gets, i);
      if (answer != NULL)
        body = json_object_get_string_member (answer, "body");
      status = g_strdup_printf ("%d Any", answer != NULL && json_object_has_member (answer, "status")
                                            ? (int) json_object_get_int_member (answer, "status") : 200);
      if (!raw_connection_respond (connection, status, NULL, body, -1))
        return;
    }
}

/* --- what was said --- */

/* Lines in our words, without the namespace and the detail behind a reason. */
static char *
normalise (const char *line)
{
  g_autoptr(GString) text = g_string_new (line);

  if (g_str_has_prefix (line, "manager.") || g_str_has_prefix (line, "socket."))
    text->str[strcspn (text->str, ".")] = ' ';
  g_string_replace (text, "socket/admin ", "socket ", 1);
  g_string_replace (text, "socket error:", "socket connect_error:", 1);
  if (g_str_has_prefix (text->str, "manager error:"))
    g_string_assign (text, "manager error");
  if (g_str_has_prefix (text->str, "socket connect_error:no {"))
    g_string_assign (text, "socket connect_error:no");
  if (strchr (text->str, '|') != NULL)
    g_string_truncate (text, (gsize) (strchr (text->str, '|') - text->str));
  return g_strdup (text->str);
}

static char *
dup_said (Heard      *heard,
          const char *wanted,
          gboolean    polling)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < heard->lines->len; i++)
    {
      g_autofree char *line = normalise (g_ptr_array_index (heard->lines, i));

      /* nobody listened to that when these were recorded */
      if (polling && g_str_equal (line, "manager error"))
        continue;
      /* the words of the operating system, and of XMLHttpRequest, are not ours */
      if (g_str_has_prefix (line, "socket connect_error:") && strstr (wanted, "socket connect_error\n") != NULL)
        line[strlen ("socket connect_error")] = '\0';
      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

static char *
dup_official (JsonArray *events,
              gboolean   polling)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      g_autofree char *line = normalise (json_array_get_string_element (events, i));

      if (polling && g_str_has_prefix (line, "socket connect_error:"))
        line[strlen ("socket connect_error")] = '\0';
      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

/* The requests that were made: GETs in their order, and POSTs in theirs, for the two are not ordered between each other. Whether a
 * session that failed is still said goodbye to ("1") is nobody's business any more, and whether the next poll was on its way when a POST
 * failed is chance. */
static char *
dup_requests (JsonObject *vector,
              GPtrArray  *requests)
{
  gboolean post_fails = json_object_has_member (vector, "server_post")
                        && json_object_get_int_member (json_object_get_object_member (vector, "server_post"), "status") != 200;
  static const char *methods[] = { "GET ", "POST " };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    for (guint j = 0; j < requests->len; j++)
      {
        const char *line = g_ptr_array_index (requests, j);

        if (g_str_has_prefix (line, methods[i]) && !g_str_has_suffix (line, " \"1\"")
            && !(i == 0 && post_fails && strstr (line, "&sid=") != NULL))
          g_string_append_printf (text, "%s\n", line);
      }
  return g_string_free (text, FALSE);
}

static gboolean
has_requested (Script     *script,
               const char *wanted)
{
  g_autofree char *text = NULL;

  g_mutex_lock (&script->mutex);
  text = dup_requests (script->vector, script->sent);
  g_mutex_unlock (&script->mutex);
  return g_str_equal (text, wanted);
}

static void
check_frames (JsonObject *result,
              Script     *script)
{
  JsonArray *wanted = json_object_get_array_member (result, "client_sent");
  JsonArray *frames = json_object_get_array_member (script->vector, "server_frames");
  JsonNode *last = json_array_get_length (frames) > 0 ? json_array_get_element (frames, json_array_get_length (frames) - 1) : NULL;

  /* what was sent to a server that was gone already nobody has read */
  if (script->sent->len == 0 && last != NULL && JSON_NODE_HOLDS_VALUE (last)
      && (g_str_equal (json_node_get_string (last), "CLOSE") || g_str_equal (json_node_get_string (last), "TERMINATE")))
    return;
  for (guint i = 0; i < json_array_get_length (wanted); i++)
    {
      g_assert_cmpuint (i, <, script->sent->len);
      g_assert_cmpstr (g_ptr_array_index (script->sent, i), ==, json_array_get_string_element (wanted, i));
    }
}

static void
run (JsonObject *vector,
     gboolean    polling,
     guint       server)
{
  const char *transports[] = { polling ? "polling" : "websocket", NULL };
  JsonObject *result = json_object_get_object_member (vector, "result");
  const char *id = json_object_get_string_member (vector, "id");
  const char *nsp = json_object_has_member (vector, "nsp") ? json_object_get_string_member (vector, "nsp") : "/";
  g_autofree char *path = g_strndup (nsp, strcspn (nsp, "?"));
  g_autofree char *official = dup_official (json_object_get_array_member (result, "events"), polling);
  const char *difference = find_difference (id, official);
  const char *expected = difference != NULL ? difference : official;
  g_autofree char *requests = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *base = NULL;
  g_autofree char *url = NULL;
  g_autofree char *said = NULL;
  Script script = { vector };
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(TapLog) tap = tap_log_new ();
  g_autoptr(Heard) heard = heard_new ();
  RawPeer *peer;
  SioManager *manager;
  SioSocket *socket;

  if (polling)
    {
      g_autoptr(GPtrArray) lines = g_ptr_array_new ();
      JsonArray *wanted = json_object_get_array_member (result, "requests");

      for (guint i = 0; i < json_array_get_length (wanted); i++)
        g_ptr_array_add (lines, (char *) json_array_get_string_element (wanted, i));
      requests = dup_requests (vector, lines);
    }

  g_mutex_init (&script.mutex);
  script.sent = g_ptr_array_new_with_free_func (g_free);
  peer = raw_peer_new (polling ? serve_polling : serve_websocket, &script);
  base = raw_peer_dup_url (peer);
  url = g_strconcat (base, nsp + strcspn (nsp, "?"), NULL);
  sio_options_set_transports (options, transports, NULL);
  sio_options_set_server (options, server, &error);
  g_assert_no_error (error);
  sio_options_set_reconnection (options, FALSE);
  if (json_object_has_member (vector, "options"))
    sio_options_set_timeout_ms (options, 120);
  manager = sio_manager_new (url, options, &error);
  g_assert_no_error (error);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  heard_watch_manager (heard, manager);
  socket = sio_manager_get_socket (manager, path, &error);
  g_assert_no_error (error);
  heard_watch_socket (heard, socket);

  sio_socket_connect (socket);
  {
    gint64 end_us = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
    gint64 settle_us = g_get_monotonic_time () + 150 * G_TIME_SPAN_MILLISECOND;

    /* everything that was to come, and nothing more for a moment */
    for (;;)
      {
        g_free (said);
        said = dup_said (heard, expected, polling);
        if (g_get_monotonic_time () >= end_us
            || (g_get_monotonic_time () >= settle_us && g_str_equal (said, expected)
                && (requests == NULL || has_requested (&script, requests))))
          break;
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (1000);
      }
  }

  if (!g_str_equal (said, expected))
    g_error ("%s (%s): expected\n%sbut heard\n%s", id, json_object_get_string_member (vector, "note"), expected, said);
  if (requests != NULL && !has_requested (&script, requests))
    g_error ("%s: expected the requests\n%sbut there were\n%s", id, requests, dup_requests (vector, script.sent));
  if (difference == NULL && json_object_has_member (result, "connected"))
    g_assert_cmpint (sio_socket_get_connected (socket), ==, json_object_get_boolean_member (result, "connected"));
  if (difference == NULL && json_object_has_member (result, "active"))
    g_assert_cmpint (sio_socket_get_active (socket), ==, json_object_get_boolean_member (result, "active"));

  sio_manager_close (manager);
  WAIT_FOR (!sio_manager_get_closing (manager));
  g_assert_finalize_object (manager);
  raw_peer_free (peer);
  if (!polling && difference == NULL)
    check_frames (result, &script);
  g_ptr_array_unref (script.sent);
  g_mutex_clear (&script.mutex);
}

/* A line for a vector that does not exist would never be noticed otherwise. */
static void
check_differences (const char *file)
{
  g_autofree char *suite = g_strndup (file, strcspn (file, "."));

  for (guint i = 0; i < G_N_ELEMENTS (differences); i++)
    if (g_str_has_prefix (differences[i].id, suite) && !seen[i])
      g_error ("there is no vector %s", differences[i].id);
}

typedef struct {
  const char *file;
  guint       n;
  gboolean    polling;
  guint       server;
} Suite;

static void
test_suite (gconstpointer data)
{
  const Suite *suite = data;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", suite->file, NULL);
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GError) error = NULL;
  JsonArray *vectors;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  vectors = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "vectors");
  g_assert_cmpuint (json_array_get_length (vectors), ==, suite->n);
  for (guint i = 0; i < suite->n; i++)
    run (json_array_get_object_element (vectors, i), suite->polling, suite->server);
  check_differences (suite->file);
}

int
main (int    argc,
      char **argv)
{
  static const Suite client4 = { "live-client4.json", 42, FALSE, 0 };
  static const Suite client2 = { "live-client2.json", 16, FALSE, 2 };
  static const Suite polling4 = { "live-polling4.json", 20, TRUE, 4 };

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/client/vectors/live-client4", &client4, test_suite);
  g_test_add_data_func ("/client/vectors/live-client2", &client2, test_suite);
  g_test_add_data_func ("/client/vectors/live-polling4", &polling4, test_suite);

  return g_test_run ();
}
