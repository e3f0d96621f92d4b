/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the official parsers call malformed, said to a connected client: the connection ends with a reason, and another one follows. */

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

/* The same of protocol 4: what the official parser throws at. Binary frames have a type byte in front. */
static void
run_malformed_legacy (JsonObject *vector)
{
  g_autoptr(Client) self = client_new_full ("websocket", "{\"sid\":\"S\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}", "");
  JsonArray *steps = json_object_get_array_member (vector, "steps");

  sio_socket_connect (self->socket);
  raw_session_send (self->session, "40");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *in = json_object_get_object_member (json_array_get_object_element (steps, i), "in");
      g_autofree char *hex = json_object_has_member (in, "bin")
                               ? g_strconcat ("04", json_object_get_string_member (in, "bin"), NULL)
                               : g_strconcat ("34", json_object_get_string_member (in, "hex"), NULL);
      g_autoptr(GBytes) bytes = decode_hex (hex);
      gsize size;
      const char *data = g_bytes_get_data (bytes, &size);
      g_autofree char *text = g_strndup (data, size);

      if (json_object_has_member (in, "bin"))
        raw_session_send_binary (self->session, data, size);
      else
        raw_session_send (self->session, text);
    }

  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
  g_assert_cmpuint (heard_count (self->heard, "socket disconnect:parse error"), ==, 1);
  g_assert_cmpuint (tap_log_count (self->tap, "error packet"), >=, 1);
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1"));
  g_assert_true (sio_socket_get_active (self->socket));
}

static void
test_malformed_legacy (void)
{
  g_autoptr(JsonParser) parser = load ("sio4-packet.json");
  JsonArray *vectors = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "vectors");
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (vectors); i++)
    {
      JsonObject *vector = json_array_get_object_element (vectors, i);
      JsonArray *steps = json_object_has_member (vector, "steps") ? json_object_get_array_member (vector, "steps") : NULL;
      JsonObject *last = steps != NULL ? json_array_get_object_element (steps, json_array_get_length (steps) - 1) : NULL;

      /* up to 64 attachments are taken, and none at all as well */
      if (last == NULL || !json_object_has_member (last, "throws")
          || g_str_equal (json_object_get_string_member (last, "throws"), "too many attachments")
          || g_str_equal (json_object_get_string_member (vector, "id"), "sio4-packet/023"))
        continue;
      g_test_message ("%s: %s", json_object_get_string_member (vector, "id"), json_object_get_string_member (vector, "note"));
      run_malformed_legacy (vector);
      n++;
    }
  g_assert_cmpuint (n, ==, 5);
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

  g_test_add_func ("/client/vectors/malformed", test_malformed);
  g_test_add_func ("/client/vectors/malformed-of-socket.io-2", test_malformed_legacy);

  return g_test_run ();
}
