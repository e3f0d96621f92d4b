/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs the vectors of tests/vectors, which were made by the official JavaScript packages, one test a vector. Run here:
 * eio4-packet, eio4-payload, post-slicing, sio5-packet, sio5-packet-old, backoff, url. Not run, because what they
 * need is not written: eio3-*, sio4-packet (revisions 3 and 4), msgpack; and live-*, which are whole connections.
 *
 * Where ours differs on purpose, the table of exceptions says what we do instead and why. An exception that is
 * not needed any more fails. */

#include "vectors.h"
#include "wire/sio-engine-packet.h"

/* What happened, as text: one word a step for packets, the pieces with blanks between for the others. */
static const struct {
  const char *id;
  const char *ours;
  const char *why;
} exceptions[] = {
  { "sio5-packet/045", "throw", "an event without payload is a crash in the official client" },
  { "sio5-packet/046", "throw", "the same with an id" },
  { "sio5-packet/048", "throw", "the same for an ack" },
  { "sio5-packet/050", "throw", "an id above 2^53-1 could not be answered" },
  { "sio5-packet/051", "throw", "a blank is no digit" },
  { "sio5-packet/052", "throw", "a tab is no digit" },
  { "sio5-packet/053", "throw", "a newline is no digit" },
  { "sio5-packet/071", "throw", "0.5 is no number of an attachment" },
  { "sio5-packet/075", "throw", "empty text is no CONNECT" },
  { "sio5-packet/076", "throw", "a blank is no CONNECT" },
  { "sio5-packet/118", "throw", "a byte order mark is no digit" },
  { "sio5-packet/121", "EVENT", "zero attachments are complete at once: older servers send them" },
  { "sio5-packet/124", "throw", "the number of attachments is digits" },
  { "sio5-packet/125", "throw", "the number of attachments is digits" },
  { "sio5-packet/127", "throw", "the number of attachments is digits" },
  { "sio5-packet/128", "wait", "our limit is 64: any server may send more than 10" },
  { "sio5-packet/131", "throw", "a bad placeholder is seen in the header, before memory is spent on attachments" },
  { "sio5-packet/132", "throw", "the same" },
  { "sio5-packet/133", "throw", "the same" },
  { "sio5-packet/134", "throw", "the same" },
  { "sio5-packet-old/001", "EVENT EVENT", "zero attachments must not leave the decoder stuck" },
  { "sio5-packet-old/003", "throw", "CONNECT carries an object: the current rule" },
  { "sio5-packet-old/004", "throw", "CONNECT carries an object: the current rule" },
  { "sio5-packet-old/005", "throw", "reserved names are refused: the current rule" },
  { "sio5-packet-old/006", "throw", "a name is a string or a number: the current rule" },
  { "post-slicing/006", "2:16 1:5", "exact sizes: the estimate would send 22 bytes where 20 are allowed" },
  { "backoff/017", "5000", "the exponent is clamped, so that the delay never becomes 0 by overflow" },
  { "url/023", "http example.com 80 /x - http://example.com:80/socket.io", "no scheme means http" },
};

/* --- The vectors as JSON --- */

typedef struct {
  const char *suite;
  JsonObject *vector;
} Vector;

/* "type:t<hex>" or "type:b<hex>": one Engine.IO packet, comparable. */
static char *
describe_expected (JsonObject *packet)
{
  if (get_string (packet, "bin") != NULL)
    return g_strdup_printf ("%s:b%s", get_string (packet, "type"), get_string (packet, "bin"));
  if (get_string (packet, "text_hex") != NULL)
    return g_strdup_printf ("%s:t%s", get_string (packet, "type"), get_string (packet, "text_hex"));
  return g_strdup_printf ("%s:t", get_string (packet, "type"));
}

static char *
describe_decoded (SioSpan unit)
{
  SioEnginePacket packet = { 0, };
  g_autoptr(GError) error = NULL;
  g_autofree char *hex = NULL;
  char *text;

  if (!sio_engine_packet_decode_text (unit, &packet, &error))
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_null (packet.decoded);
      return g_strdup ("error:t");
    }

  hex = span_to_hex (packet.data);
  text = g_strdup_printf ("%s:%c%s", sio_engine_packet_type_get_name (packet.type), packet.binary ? 'b' : 't', hex);
  sio_engine_packet_clear (&packet);
  return text;
}

static SioEnginePacketType
type_from_name (const char *name)
{
  for (guint i = 0; i <= SIO_ENGINE_PACKET_NOOP; i++)
    if (g_str_equal (sio_engine_packet_type_get_name ((SioEnginePacketType) i), name))
      return (SioEnginePacketType) i;

  g_assert_not_reached ();
}

/* Appends the packet to a body; returns the size that was announced for it. */
static gsize
append_packet (GString *body, JsonObject *packet)
{
  gboolean binary = get_string (packet, "bin") != NULL;
  g_autoptr(GBytes) bytes = NULL;

  bytes = hex_to_bytes (binary ? get_string (packet, "bin")
                               : json_object_get_string_member_with_default (packet, "text_hex", ""));
  if (binary)
    {
      sio_payload_append_binary (body, span_of (bytes));
      return sio_payload_binary_size (span_of (bytes));
    }

  sio_payload_append_text (body, type_from_name (get_string (packet, "type")), span_of (bytes));
  return sio_payload_text_size (span_of (bytes));
}

/* --- Engine.IO --- */

static void
run_engine_packet (JsonObject *vector, GString *expected, GString *ours)
{
  const char *op = get_string (vector, "op");

  if (g_str_equal (op, "encodePacket"))
    {
      JsonObject *packet = json_object_get_object_member (vector, "packet");
      JsonObject *out = json_object_get_object_member (vector, "out");
      gboolean frame = g_str_equal (get_string (out, "opcode"), "binary");
      g_autofree char *hex = NULL;
      g_autoptr(GString) body = g_string_new (NULL);

      g_string_append (expected, get_string (out, "hex"));
      /* Over WebSocket binary goes as it is: there is nothing to encode. */
      if (frame)
        hex = g_strdup (get_string (packet, "bin"));
      else
        {
          gsize size = append_packet (body, packet);

          g_assert_cmpuint (size, ==, body->len);
          hex = span_to_hex ((SioSpan) { body->str, body->len });
        }
      g_string_append (ours, hex);
    }
  else
    {
      JsonObject *in = json_object_get_object_member (vector, "in");
      g_autoptr(GBytes) bytes = hex_to_bytes (get_string (in, "hex"));
      g_autofree char *wanted = describe_expected (json_object_get_object_member (vector, "out"));
      g_autofree char *got = NULL;

      g_string_append (expected, g_str_has_prefix (wanted, "error:") ? "error:t" : wanted);
      if (g_str_equal (get_string (in, "opcode"), "binary"))
        got = g_strdup_printf ("message:b%s", get_string (in, "hex"));
      else
        got = describe_decoded (span_of (bytes));
      g_string_append (ours, got);
    }
}

static void
run_engine_payload (JsonObject *vector, GString *expected, GString *ours)
{
  if (g_str_equal (get_string (vector, "op"), "encodePayload"))
    {
      JsonArray *packets = json_object_get_array_member (vector, "packets");
      g_autoptr(GString) body = g_string_new (NULL);
      g_autofree char *hex = NULL;

      for (guint i = 0; i < json_array_get_length (packets); i++)
        append_packet (body, json_array_get_object_element (packets, i));
      hex = span_to_hex ((SioSpan) { body->str, body->len });
      g_string_append (ours, hex);
      g_string_append (expected, get_string (json_object_get_object_member (vector, "out"), "hex"));
    }
  else
    {
      JsonArray *out = json_object_get_array_member (vector, "out");
      g_autoptr(GBytes) body = hex_to_bytes (get_string (json_object_get_object_member (vector, "in"), "hex"));
      SioPayloadIter iter;
      SioSpan unit;

      for (guint i = 0; i < json_array_get_length (out); i++)
        {
          g_autofree char *wanted = describe_expected (json_array_get_object_element (out, i));

          g_string_append_printf (expected, "%s ", g_str_has_prefix (wanted, "error:") ? "error:t" : wanted);
        }

      sio_payload_iter_init (&iter, span_of (body));
      while (sio_payload_iter_next (&iter, &unit))
        {
          g_autofree char *got = describe_decoded (unit);

          g_string_append_printf (ours, "%s ", got);
          if (g_str_equal (got, "error:t"))
            break;
        }
    }
}

static void
run_slicing (JsonObject *vector, GString *expected, GString *ours)
{
  JsonArray *packets = json_object_get_array_member (vector, "packets");
  JsonArray *posts = json_object_get_array_member (vector, "posts");
  gsize max_payload = (gsize) json_object_get_int_member (vector, "maxPayload");
  guint n = json_array_get_length (packets);
  g_autofree gsize *sizes = g_new0 (gsize, n);

  for (guint i = 0; i < json_array_get_length (posts); i++)
    {
      JsonObject *post = json_array_get_object_element (posts, i);

      g_string_append_printf (expected, "%s%d:%d", i > 0 ? " " : "",
                              (int) json_object_get_int_member (post, "packets"),
                              (int) json_object_get_int_member (post, "bytes"));
    }

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GString) body = g_string_new (NULL);

      sizes[i] = append_packet (body, json_array_get_object_element (packets, i));
      g_assert_cmpuint (sizes[i], ==, body->len);
    }

  for (guint i = 0; i < n;)
    {
      guint take = sio_payload_slice (sizes + i, n - i, max_payload);
      g_autoptr(GString) body = g_string_new (NULL);

      g_assert_cmpuint (take, >, 0);
      for (guint k = i; k < i + take; k++)
        append_packet (body, json_array_get_object_element (packets, k));
      if (max_payload > 0 && take > 1)
        g_assert_cmpuint (body->len, <=, max_payload);
      g_string_append_printf (ours, "%s%u:%" G_GSIZE_FORMAT, i > 0 ? " " : "", take, body->len);
      i += take;
    }
}

/* --- Back-off and addresses --- */

static void
run_backoff (JsonObject *vector, GString *expected, GString *ours)
{
  guint min_ms = (guint) json_object_get_int_member (vector, "min");
  guint max_ms = (guint) json_object_get_int_member (vector, "max");
  double jitter = json_object_get_double_member (vector, "jitter");

  if (g_str_equal (get_string (vector, "op"), "backoff-nth"))
    {
      guint n = (guint) json_object_get_int_member (vector, "n");

      g_string_append_printf (expected, "%d", (int) json_object_get_int_member (vector, "out_ms"));
      g_string_append_printf (ours, "%u", sio_backoff_delay_ms (n - 1, min_ms, max_ms, jitter,
                                                                json_object_get_double_member (vector, "random")));
    }
  else
    {
      JsonArray *random = json_object_get_array_member (vector, "random");
      JsonArray *out = json_object_get_array_member (vector, "out_ms");

      for (guint i = 0; i < json_array_get_length (out); i++)
        {
          guint delay = sio_backoff_delay_ms (i, min_ms, max_ms, jitter, json_array_get_double_element (random, i));
          guint shortest, longest;

          sio_backoff_window_ms (i, min_ms, max_ms, jitter, &shortest, &longest);
          g_assert_cmpuint (shortest, <=, delay);
          g_assert_cmpuint (delay, <=, longest);
          g_string_append_printf (expected, "%d ", (int) json_array_get_int_element (out, i));
          g_string_append_printf (ours, "%u ", delay);
        }
    }
}

static void
run_url (JsonObject *vector, GString *expected, GString *ours)
{
  JsonObject *out = json_object_get_object_member (vector, "out");
  const char *query = get_string (out, "query");
  g_autoptr(GError) error = NULL;
  g_autoptr(SioUrl) url = sio_url_parse (get_string (vector, "uri"), &error);
  g_autofree char *key = NULL;

  g_assert_no_error (error);
  key = sio_url_dup_key (url, get_string (vector, "path"));

  g_string_append_printf (expected, "%s %s %s %s %s %s", get_string (out, "protocol"), get_string (out, "host"),
                          get_string (out, "port"), get_string (out, "namespace"), *query != '\0' ? query : "-",
                          get_string (out, "manager_key"));
  g_string_append_printf (ours, "%s %s %u %s %s %s", url->scheme, url->host, url->port, url->nsp,
                          url->query != NULL ? url->query : "-", key);
  g_assert_cmpint (url->tls, ==, g_str_equal (url->scheme, "https") || g_str_equal (url->scheme, "wss"));
}

/* --- All of them --- */

static const struct {
  const char *name;
  RunFunc     run;
} suites[] = {
  { "eio4-packet", run_engine_packet },
  { "eio4-payload", run_engine_payload },
  { "post-slicing", run_slicing },
  { "sio5-packet", run_packet },
  { "sio5-packet-old", run_packet },
  { "backoff", run_backoff },
  { "url", run_url },
};

static void
test_vector (gconstpointer data)
{
  const Vector *self = data;
  const char *id = get_string (self->vector, "id");
  g_autoptr(GString) expected = g_string_new (NULL);
  g_autoptr(GString) ours = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    if (g_str_equal (suites[i].name, self->suite))
      suites[i].run (self->vector, expected, ours);

  for (guint i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (g_str_equal (exceptions[i].id, id))
      {
        g_assert_cmpstr (ours->str, ==, exceptions[i].ours);
        if (g_string_equal (ours, expected))
          g_error ("%s: ours is what the vector says; take the exception out", id);
        return;
      }

  g_assert_cmpstr (ours->str, ==, expected->str);
}

/* An exception for a vector that does not exist would never be noticed otherwise. */
static void
test_exceptions_exist (gconstpointer data)
{
  GHashTable *ids = (GHashTable *) data;

  for (guint i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (!g_hash_table_contains (ids, exceptions[i].id))
      g_error ("there is no vector %s", exceptions[i].id);
}

int
main (int argc, char *argv[])
{
  g_autoptr(GPtrArray) parsers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GPtrArray) vectors = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_autofree char *file = g_strconcat (suites[i].name, ".json", NULL);
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", file, NULL);
      g_autoptr(GError) error = NULL;
      JsonParser *parser = json_parser_new_immutable ();
      JsonArray *list;

      g_ptr_array_add (parsers, parser);
      json_parser_load_from_file (parser, path, &error);
      g_assert_no_error (error);
      list = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "vectors");

      for (guint k = 0; k < json_array_get_length (list); k++)
        {
          Vector *vector = g_new0 (Vector, 1);
          g_autofree char *test = NULL;

          vector->suite = suites[i].name;
          vector->vector = json_array_get_object_element (list, k);
          g_ptr_array_add (vectors, vector);
          g_hash_table_add (ids, (gpointer) get_string (vector->vector, "id"));
          test = g_strconcat ("/wire/vectors/", get_string (vector->vector, "id"), NULL);
          g_test_add_data_func (test, vector, test_vector);
        }
    }

  g_test_add_data_func ("/wire/vectors/exceptions-exist", ids, test_exceptions_exist);

  return g_test_run ();
}
