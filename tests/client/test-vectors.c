/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the official parsers call malformed, said to a connected client, over either transport: the connection ends with a reason, and
 * another one follows. */

#include "second-life.h"

#include "wire/sio-engine-packet.h"

typedef struct {
  const char *path;
  const char *file;
  guint       eio;
  gboolean    msgpack;
  const char *reason; /* "": one packet of the body may be Engine.IO's and no Socket.IO's */
  const char *error;
  guint       n;      /* how many are malformed */
} Kind;

static const Kind kinds[] = {
  { "/client/vectors/malformed/eio3-packet", "eio3-packet.json", 3, FALSE, "transport error", "error ", 7 },
  { "/client/vectors/malformed/eio3-payload", "eio3-payload.json", 3, FALSE, "", "error ", 13 },
  { "/client/vectors/malformed/eio4-packet", "eio4-packet.json", 4, FALSE, "transport error", "error ", 6 },
  { "/client/vectors/malformed/eio4-payload", "eio4-payload.json", 4, FALSE, "", "error ", 8 },
  { "/client/vectors/malformed/sio4-packet", "sio4-packet.json", 3, FALSE, "parse error", "error packet", 6 },
  { "/client/vectors/malformed/sio5-packet", "sio5-packet.json", 4, FALSE, "parse error", "error packet", 54 },
  { "/client/vectors/malformed/msgpack", "msgpack.json", 4, TRUE, "parse error", "error packet", 7 },
};

/* Errors there, none here: the tables of the wire's tests say why. */
static const char *fine[] = { "sio4-packet/023", "sio5-packet/121" };

/* Whether the official parser refuses some of it. */
static gboolean
is_malformed (JsonObject *vector)
{
  JsonNode *out = json_object_get_member (vector, "out");

  if (!g_str_has_prefix (json_object_get_string_member (vector, "op"), "decode"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    if (g_str_equal (fine[i], json_object_get_string_member (vector, "id")))
      return FALSE;
  if (json_object_has_member (vector, "steps"))
    {
      JsonArray *steps = json_object_get_array_member (vector, "steps");

      return json_object_has_member (json_array_get_object_element (steps, json_array_get_length (steps) - 1), "throws");
    }
  if (out == NULL)
    return json_object_has_member (vector, "throws");
  if (JSON_NODE_HOLDS_ARRAY (out))
    {
      JsonArray *packets = json_node_get_array (out);

      if (json_array_get_length (packets) == 0)
        return FALSE;
      out = json_array_get_element (packets, json_array_get_length (packets) - 1);
    }
  return g_strcmp0 (json_object_get_string_member_with_default (json_node_get_object (out), "type", "error"), "error") == 0;
}

/* One packet, of Engine.IO or of Socket.IO, as a frame or into the body of a poll. FALSE: it cannot be said there. */
static gboolean
append (GString    *out,
        const Kind *kind,
        gboolean    polling,
        gboolean    engine,
        gboolean    binary,
        GBytes     *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autoptr (GString) frame = g_string_new (NULL);
  SioSpan span = { data != NULL ? data : "", size };

  if (polling && !engine)
    {
      if (binary)
        sio_payload_append_binary (kind->eio, out, span);
      else
        sio_payload_append_text (kind->eio, out, SIO_ENGINE_PACKET_MESSAGE, span);
      return TRUE;
    }
  if (polling)
    {
      /* none at all is no packet in a body of revision 3; binary of revision 3 is another shape of the body */
      if (binary || (kind->eio == 3 && size == 0))
        return FALSE;
      if (kind->eio == 3)
        g_string_append_printf (out, "%" G_GSIZE_FORMAT ":", size);
      g_string_append_len (out, span.data, (gssize) size);
      return TRUE;
    }
  if (!engine && binary && kind->eio == 3)
    g_string_append_c (frame, '\4');
  else if (!engine && !binary)
    g_string_append_c (frame, '4');
  g_string_append_len (frame, span.data, (gssize) size);
  raw_append_frame (out, binary ? 0x82 : 0x81, frame->str, frame->len);
  return TRUE;
}

static gboolean
append_all (GString    *out,
            const Kind *kind,
            gboolean    polling,
            JsonObject *vector)
{
  JsonArray *steps = json_object_has_member (vector, "steps") ? json_object_get_array_member (vector, "steps") : NULL;
  JsonObject *in = steps == NULL ? json_object_get_object_member (vector, "in") : NULL;

  if (in != NULL)
    {
      gboolean has_bin = json_object_has_member (in, "bin");
      gboolean binary = has_bin || g_str_equal (json_object_get_string_member_with_default (in, "opcode", ""), "binary");
      g_autoptr (GBytes) bytes = test_decode_hex (json_object_get_string_member (in, has_bin ? "bin" : "hex"));

      return append (out, kind, polling, !kind->msgpack, binary, bytes);
    }
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_object_get_object_member (json_array_get_object_element (steps, i), "in");
      gboolean binary = json_object_has_member (step, "bin");
      g_autoptr (GBytes) bytes = test_decode_hex (json_object_get_string_member (step, binary ? "bin" : "hex"));

      append (out, kind, polling, FALSE, binary, bytes);
    }
  return TRUE;
}

static void
run (const Kind *kind,
     JsonObject *vector,
     gboolean    polling)
{
  gboolean body = g_str_equal (json_object_get_string_member (vector, "op"), "decodePayload");
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (SioOptions) options = sio_options_new ();
  SecondLife life = { polling ? "polling" : "websocket", kind->eio, kind->msgpack };

  if (body)
    {
      JsonObject *in = json_object_get_object_member (vector, "in");

      life.content_type = json_object_get_string_member_with_default (in, "content_type", NULL);
      life.bytes = test_decode_hex (json_object_get_string_member (in, "hex"));
    }
  else if (append_all (out, kind, polling, vector))
    life.bytes = g_bytes_new (out->str, out->len);
  else
    return;

  g_test_message ("%s over %s: %s", json_object_get_string_member (vector, "id"), life.transport,
                  json_object_get_string_member_with_default (vector, "note", ""));
  sio_options_set_max_attachments (options, 10); /* the official parsers' */
  second_life_run (&life, options, kind->reason, kind->error);
  g_bytes_unref (life.bytes);
}

static void
test_malformed (gconstpointer data)
{
  const Kind *kind = data;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", kind->file, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *vectors;
  guint n = 0;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  vectors = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "vectors");
  for (guint i = 0; i < json_array_get_length (vectors); i++)
    {
      JsonObject *vector = json_array_get_object_element (vectors, i);

      /* those of the older msgpack parser are text, which the newer one refuses whatever it says */
      if (!is_malformed (vector) || g_strcmp0 (json_object_get_string_member_with_default (vector, "parser", NULL), "2.2.1") == 0)
        continue;
      n++;
      run (kind, vector, TRUE);
      if (!g_str_equal (json_object_get_string_member (vector, "op"), "decodePayload"))
        run (kind, vector, FALSE);
    }
  g_assert_cmpuint (n, ==, kind->n);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_test_add_data_func (kinds[i].path, &kinds[i], test_malformed);

  return g_test_run ();
}
