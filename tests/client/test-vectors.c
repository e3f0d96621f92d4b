/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the official client 4.8.4 did when a scripted server said this and that, and what ours does. Where we differ we mean to: the
 * table says why. */

#include "client-fixture.h"

static JsonParser *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", name, NULL);
  g_autoptr(GError) error = NULL;
  JsonParser *parser = json_parser_new ();

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return parser;
}

static GBytes *
decode_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (; *hex != '\0'; hex += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) * 16 + g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (bytes);
}

/* --- live-client4.json --- */

static const struct {
  const char *id;
  const char *expected; /* what ours says instead */
  const char *why;
} differences[] = {
  { "live-client4/006", "manager open\nsocket connect\n", "a second CONNECT is ignored and reported" },
  { "live-client4/008", "manager open\nmanager close:forced close\nsocket connect_error:no\n", "a string is the message" },
  { "live-client4/009", "manager open\nmanager close:forced close\nsocket connect_error:\n", "no exception" },
  { "live-client4/014", "manager open\nsocket connect\nsocket disconnect:parse error\nmanager close:parse error\n",
    "an event without payload is malformed" },
  { "live-client4/020", "manager open\nsocket connect\n", "up to 64 attachments are taken" },
  { "live-client4/021", "manager open\nsocket connect\nsocket disconnect:parse error\nmanager close:parse error\n",
    "the same, already at the header" },
  { "live-client4/026", NULL, "a close packet closes, on either transport" },
  { "live-client4/030", NULL, "a second open packet is an error of the server" },
  { "live-client4/031", NULL, "a message before the open packet is an error of the server" },
  { "live-client4/032", "socket connect_error\nmanager error\n", "a bad open packet ends the attempt, no exception" },
  { "live-client4/033", NULL, "the list of upgrades may be left out" },
  { "live-client4/035", "socket connect_error\nmanager error\n", "the attempt ends at once" },
  { "live-client4/039", NULL, "a reset may be told from a close" },
};

typedef struct {
  JsonArray *frames;
  GMutex     mutex;
  GPtrArray *sent; /* what the client sent */
  gboolean   ended;
} Script;

static void
script (RawConnection *connection,
        guint          n,
        gpointer       data)
{
  Script *self = data;
  g_auto(RawRequest) request = { 0 };
  g_autoptr(GString) payload = g_string_new (NULL);
  guint8 first;

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0))
    return;

  for (guint i = 0; i < json_array_get_length (self->frames); i++)
    {
      JsonNode *node = json_array_get_element (self->frames, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (text == NULL)
        {
          g_autoptr(GBytes) bytes = decode_hex (json_object_get_string_member (json_node_get_object (node), "bin"));

          raw_connection_write_frame (connection, 0x82, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
        }
      else if (g_str_equal (text, "WAIT"))
        raw_connection_sleep (connection, 30);
      else if (g_str_equal (text, "CLOSE"))
        raw_connection_write_frame (connection, 0x88, "", 0);
      else if (g_str_equal (text, "TERMINATE"))
        {
          raw_connection_reset_on_close (connection);
          goto out;
        }
      else
        raw_connection_write_frame (connection, 0x81, text, -1);
    }

  while (raw_connection_read_frame (connection, &first, payload))
    {
      if ((first & 0x0f) == 8)
        break;
      g_mutex_lock (&self->mutex);
      g_ptr_array_add (self->sent, g_strdup (payload->str));
      g_mutex_unlock (&self->mutex);
    }

out:
  g_mutex_lock (&self->mutex);
  self->ended = TRUE;
  g_mutex_unlock (&self->mutex);
  raw_peer_wake_tests ();
}

/* Lines in our words, without the namespace and the detail behind a reason. */
static char *
normalise (const char *line)
{
  g_autoptr(GString) text = g_string_new (line);

  if (g_str_has_prefix (line, "manager.") || g_str_has_prefix (line, "socket."))
    text->str[strcspn (text->str, ".")] = ' ';
  g_string_replace (text, "socket/admin ", "socket ", 1);
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
          const char *wanted)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < heard->lines->len; i++)
    {
      g_autofree char *line = normalise (g_ptr_array_index (heard->lines, i));

      /* the words of the operating system are not ours */
      if (g_str_has_prefix (line, "socket connect_error:") && strstr (wanted, "socket connect_error\n") != NULL)
        line[strlen ("socket connect_error")] = '\0';
      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

static gboolean
says (Heard      *heard,
      const char *wanted)
{
  g_autofree char *said = dup_said (heard, wanted);

  return g_str_equal (said, wanted);
}

static void
run_live (JsonObject *vector)
{
  static const char *transports[] = { "websocket", NULL };
  JsonObject *result = json_object_get_object_member (vector, "result");
  JsonArray *events = json_object_get_array_member (result, "events");
  const char *id = json_object_get_string_member (vector, "id");
  g_autoptr(GString) expected = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *url = NULL;
  g_autofree char *said = NULL;
  Script data = { json_object_get_array_member (vector, "server_frames") };
  SioOptions *options = sio_options_new ();
  TapLog *tap = tap_log_new ();
  g_autoptr(Heard) heard = heard_new ();
  gboolean differs = FALSE;
  RawPeer *peer;
  SioManager *manager;
  SioSocket *socket;

  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      g_autofree char *line = normalise (json_array_get_string_element (events, i));

      g_string_append_printf (expected, "%s\n", line);
    }
  for (guint i = 0; i < G_N_ELEMENTS (differences); i++)
    if (g_str_equal (differences[i].id, id))
      {
        g_test_message ("%s: %s", id, differences[i].why);
        differs = TRUE;
        if (differences[i].expected == NULL)
          goto skip;
        g_string_assign (expected, differences[i].expected);
      }

  g_mutex_init (&data.mutex);
  data.sent = g_ptr_array_new_with_free_func (g_free);
  peer = raw_peer_new (script, &data);
  url = raw_peer_dup_url (peer);
  sio_options_set_transports (options, transports, NULL);
  sio_options_set_reconnection (options, FALSE);
  if (json_object_has_member (vector, "options"))
    sio_options_set_timeout_ms (options, 120);
  manager = sio_manager_new (url, options, &error);
  g_assert_no_error (error);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  heard_watch_manager (heard, manager);
  socket = sio_manager_get_socket (manager, json_object_get_string_member (vector, "nsp"), &error);
  g_assert_no_error (error);
  heard_watch_socket (heard, socket);

  sio_socket_connect (socket);
  {
    gint64 end_us = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
    gint64 settle_us = g_get_monotonic_time () + 150 * G_TIME_SPAN_MILLISECOND;

    /* everything that was to come, and nothing more for a moment */
    while (g_get_monotonic_time () < end_us
           && (g_get_monotonic_time () < settle_us || !says (heard, expected->str)))
      {
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (1000);
      }
  }

  said = dup_said (heard, expected->str);
  if (!g_str_equal (said, expected->str))
    g_error ("%s (%s): expected\n%sbut heard\n%s", id, json_object_get_string_member (vector, "note"), expected->str, said);
  if (!differs)
    {
      g_assert_cmpint (sio_socket_get_connected (socket), ==, json_object_get_boolean_member (result, "connected"));
      g_assert_cmpint (sio_socket_get_active (socket), ==, json_object_get_boolean_member (result, "active"));
    }

  sio_manager_close (manager);
  WAIT_FOR (!sio_manager_get_closing (manager));
  g_assert_finalize_object (manager);
  raw_peer_free (peer);
  if (!differs && data.ended && data.sent->len > 0)
    {
      JsonArray *wanted = json_object_get_array_member (result, "client_sent");

      for (guint i = 0; i < json_array_get_length (wanted); i++)
        {
          g_assert_cmpuint (i, <, data.sent->len);
          g_assert_cmpstr (g_ptr_array_index (data.sent, i), ==, json_array_get_string_element (wanted, i));
        }
    }
  g_ptr_array_unref (data.sent);
  g_mutex_clear (&data.mutex);

skip:
  g_object_unref (tap);
  g_object_unref (options);
}

static void
test_live (void)
{
  g_autoptr(JsonParser) parser = load ("live-client4.json");
  JsonArray *vectors = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "vectors");

  g_assert_cmpuint (json_array_get_length (vectors), ==, 42);
  for (guint i = 0; i < json_array_get_length (vectors); i++)
    run_live (json_array_get_object_element (vectors, i));
}

/* --- what is malformed in sio5-packet.json --- */

static void
run_malformed (JsonObject *vector)
{
  g_autoptr(Client) self = client_new ("websocket");
  JsonArray *steps = json_object_get_array_member (vector, "steps");

  /* found at the header already: nothing is waited for */
  client_connect (self);
  heard_clear (self->heard);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *in = json_object_get_object_member (json_array_get_object_element (steps, i), "in");
      gboolean binary = json_object_has_member (in, "bin");
      g_autoptr(GBytes) bytes = decode_hex (json_object_get_string_member (in, binary ? "bin" : "hex"));
      gsize size;
      const char *data = g_bytes_get_data (bytes, &size);

      if (binary)
        raw_session_send_binary (self->session, data, size);
      else
        {
          g_autofree char *packet = g_strdup_printf ("4%.*s", (int) size, data != NULL ? data : "");

          raw_session_send (self->session, packet);
        }
    }

  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
  g_assert_cmpuint (heard_count (self->heard, "socket disconnect:parse error"), ==, 1);
  g_assert_cmpuint (tap_log_count (self->tap, "error packet"), >=, 1);
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1"));
  g_assert_true (sio_socket_get_active (self->socket));
}

static void
test_malformed (void)
{
  static const struct { const char *id; const char *why; } allowed[] = {
    { "sio5-packet/121", "no attachments: complete at once" },
  };
  g_autoptr(JsonParser) parser = load ("sio5-packet.json");
  JsonArray *vectors = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "vectors");
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (vectors); i++)
    {
      JsonObject *vector = json_array_get_object_element (vectors, i);
      const char *fine;
      JsonArray *steps;
      JsonObject *last;

      if (!g_str_equal (json_object_get_string_member (vector, "op"), "decode"))
        continue;
      steps = json_object_get_array_member (vector, "steps");
      last = json_array_get_object_element (steps, json_array_get_length (steps) - 1);
      if (!json_object_has_member (last, "throws"))
        continue;
      fine = NULL;
      for (guint j = 0; j < G_N_ELEMENTS (allowed); j++)
        if (g_str_equal (json_object_get_string_member (vector, "id"), allowed[j].id))
          fine = allowed[j].why;
      /* up to 64 are taken */
      if (fine != NULL || g_str_equal (json_object_get_string_member (last, "throws"), "too many attachments"))
        continue;
      g_test_message ("%s: %s", json_object_get_string_member (vector, "id"), json_object_get_string_member (vector, "note"));
      run_malformed (vector);
      n++;
    }
  g_assert_cmpuint (n, >, 40);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/vectors/live", test_live);
  g_test_add_func ("/client/vectors/malformed", test_malformed);

  return g_test_run ();
}
