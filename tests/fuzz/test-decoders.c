/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every decoder of the wire room on damaged input, for a fixed number of rounds. The seeds are all inputs of the vectors and a
 * few of our own; the luck is GLib's test seed, so that a failure is repeated with --seed. Beside "does not crash" the
 * invariants are: a failure has an error and leaves the result alone, spans lie inside the input, and json-glib takes
 * what we take. SIO_FUZZ_ROUNDS sets another number of rounds. */

#include <json-glib/json-glib.h>

#include "sio.h"
#include "sio-arguments-private.h"
#include "wire/sio-engine-packet.h"
#include "wire/sio-handshake.h"
#include "wire/sio-packet.h"

#define DEFAULT_ROUNDS 20000
#define MAX_DEPTH 64

static GPtrArray *seeds;           /* of GBytes */
static GPtrArray *handshake_seeds; /* of GBytes: a handshake does not come out of other texts by chance */

static guint
n_rounds (void)
{
  const char *text = g_getenv ("SIO_FUZZ_ROUNDS");

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : DEFAULT_ROUNDS;
}

/* What goes into messages is read in terminals and lists: one line, and nothing that turns it around. */
static void
assert_plain (const GError *error)
{
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *p = error->message; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_isprint (c) || g_unichar_type (c) == G_UNICODE_FORMAT)
        g_error ("U+%04X in: %s", c, error->message);
    }
}

static void
add_seed (const void *data, gsize size)
{
  g_ptr_array_add (seeds, g_bytes_new (data, size));
}

static void
collect_hex (JsonObject *object, const char *name, JsonNode *node, gpointer data);

/* Every "hex" and "text_hex" anywhere in the vectors is a text of the wire. */
static void
collect_element (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  collect_hex (NULL, "", node, data);
}

static void
collect_hex (JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), collect_hex, data);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), collect_element, data);
  else if (g_str_equal (name, "hex") || g_str_equal (name, "text_hex"))
    {
      const char *hex = json_node_get_string (node);
      g_autoptr(GByteArray) bytes = g_byte_array_new ();

      for (gsize i = 0; hex[i] != '\0' && hex[i + 1] != '\0'; i += 2)
        {
          guint8 byte = (guint8) (g_ascii_xdigit_value (hex[i]) << 4 | g_ascii_xdigit_value (hex[i + 1]));

          g_byte_array_append (bytes, &byte, 1);
        }
      add_seed (bytes->data != NULL ? (gconstpointer) bytes->data : "", bytes->len);
    }
  else if (g_str_equal (name, "uri"))
    add_seed (json_node_get_string (node), strlen (json_node_get_string (node)));
}

static void
load_seeds (void)
{
  static const char * const files[] = {
    "eio4-packet.json", "eio4-payload.json", "sio5-packet.json", "sio5-packet-old.json", "sio4-packet.json", "url.json",
  };
  static const char * const own[] = {
    "{\"sid\":\"x\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}",
    "[{\"$binary\":\"AQIDBA==\"},{\"_placeholder\":true,\"num\":0},[{\"a\":{\"$binary\":\"\"}}]]",
    "{\"deep\":[[[[[[[[[[[[[[[[{\"a\":[1.5e-10,-0,true,false,null]}]]]]]]]]]]]]]]]]}",
    "\"\\ud83d\\ude00\\u0000\\\"\\\\\xe2\x82\xac\xf0\x9f\x98\x80 and a run that is longer than sixteen bytes\"",
    "http://user:pw@[2001:db8::1]:3000/admin?a=b#c",
  };

  seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  handshake_seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (handshake_seeds, g_bytes_new_static (own[0], strlen (own[0])));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", files[i], NULL);
      g_autoptr(JsonParser) parser = json_parser_new ();
      g_autoptr(GError) error = NULL;

      json_parser_load_from_file (parser, path, &error);
      g_assert_no_error (error);
      collect_hex (NULL, "", json_parser_get_root (parser), NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    add_seed (own[i], strlen (own[i]));
  g_assert_cmpuint (seeds->len, >, 200);
}

static guint
luck (guint below)
{
  return below == 0 ? 0 : (guint) g_test_rand_int_range (0, (gint32) below);
}

/* A seed with up to four damages: a byte changed, cut, doubled, a word put in, two seeds joined. */
static GByteArray *
mutate (GPtrArray *from)
{
  static const char * const words[] = {
    "[", "]", "{", "}", "\"", ",", ":", "\\", "\\u", "\\ud800", "1e", "-", "0", "true", "null", "\xff", "\xc3", "\xed\xa0\x80", "\x1e", "b",
    "51-", "/a,", "99999999999999999999", "\"_placeholder\":true", "\"num\":", "\"$binary\":\"", "[[[[[[[[", "{\"a\":", " ", "\n", "%", "@", "]:", "://",
  };
  GByteArray *bytes = g_byte_array_new ();
  GBytes *seed = g_ptr_array_index (from, luck (from->len));

  g_byte_array_append (bytes, g_bytes_get_data (seed, NULL), (guint) g_bytes_get_size (seed));

  for (guint i = luck (5); i > 0; i--)
    {
      guint at = luck (bytes->len + 1);

      switch (luck (6))
        {
        case 0:
          if (at < bytes->len)
            bytes->data[at] = (guint8) luck (256);
          break;
        case 1:
          g_byte_array_set_size (bytes, at);
          break;
        case 2:
          if (at < bytes->len)
            g_byte_array_remove_range (bytes, at, 1 + luck (MIN (bytes->len - at, 8)));
          break;
        case 3:
          if (bytes->len < 4096)
            {
              guint n = bytes->len - at;
              g_autofree guint8 *tail = g_memdup2 (bytes->data + at, n);

              g_byte_array_append (bytes, tail, n);
            }
          break;
        case 4:
          {
            GBytes *other = g_ptr_array_index (seeds, luck (seeds->len));

            g_byte_array_append (bytes, g_bytes_get_data (other, NULL), (guint) MIN (g_bytes_get_size (other), 4096));
            break;
          }
        default:
          {
            const char *word = words[luck (G_N_ELEMENTS (words))];
            guint n = bytes->len - at;
            g_autofree guint8 *tail = g_memdup2 (bytes->data + at, n);

            g_byte_array_set_size (bytes, at);
            g_byte_array_append (bytes, (const guint8 *) word, (guint) strlen (word));
            g_byte_array_append (bytes, tail, n);
            break;
          }
        }
    }

  return bytes;
}

static void
assert_inside (SioSpan span, SioSpan whole)
{
  if (span.size == 0)
    return;
  g_assert_true (span.data >= whole.data && span.data + span.size <= whole.data + whole.size);
}

/* A round gets its input in a block of exactly its size: reading behind it is seen by the address sanitizer. */
typedef void (*RoundFunc) (SioSpan input);

typedef struct {
  const char  *path;
  RoundFunc    func;
  GPtrArray  **seeds;
} Rounds;

static void
run_rounds (gconstpointer data)
{
  const Rounds *self = data;

  for (guint i = n_rounds (); i > 0; i--)
    {
      g_autoptr(GByteArray) bytes = mutate (*self->seeds);
      g_autofree char *exact = g_malloc (MAX (bytes->len, 1));

      if (bytes->len > 0)
        memcpy (exact, bytes->data, bytes->len);
      self->func ((SioSpan) { exact, bytes->len });
    }
}

/* Value by value and key by key, what json-glib read must be what the text says; here: it must read it at all. */
static void
check_json_glib (SioSpan value)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (sio_arguments_add_json (args, value.data, (gssize) value.size, FALSE, &error));
  g_assert_no_error (error);
  node = sio_arguments_dup_node (args, 0, &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);
}

static void
round_json (SioSpan input)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) compact = g_string_new (NULL);
  g_autoptr(GString) indented = g_string_new (NULL);
  g_autoptr(GString) again = g_string_new (NULL);
  g_autoptr(GString) cut = g_string_new (NULL);
  SioJsonType type;
  gsize offset = G_MAXSIZE;
  gsize max_out = luck (200);

  if (!sio_json_validate (input.data, input.size, MAX_DEPTH, &type, &offset, &error))
    {
      g_assert_nonnull (error);
      g_assert_cmpuint (offset, <=, input.size);
      assert_plain (error);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (g_utf8_validate_len (input.data, input.size, NULL) || memchr (input.data, 0, input.size) != NULL);
  check_json_glib (input);

  sio_json_append_compact (compact, input);
  g_assert_cmpuint (sio_json_append_indented (indented, input, 2, G_MAXSIZE), ==, input.size);
  sio_json_append_compact (again, (SioSpan) { indented->str, indented->len });
  g_assert_cmpstr (again->str, ==, compact->str);
  g_assert_true (sio_json_validate (indented->str, indented->len, MAX_DEPTH, NULL, NULL, NULL));

  g_assert_cmpuint (sio_json_append_indented (cut, input, 3, max_out), <=, input.size);
  g_assert_cmpuint (cut->len, <=, max_out);
  g_assert_true (g_utf8_validate_len (cut->str, cut->len, NULL));

  if (type == SIO_JSON_STRING)
    {
      g_autoptr(GString) text = sio_json_unquote ((SioSpan) { compact->str, compact->len });
      g_autoptr(GString) quoted = g_string_new (NULL);
      g_autoptr(GString) back = NULL;

      sio_json_append_quoted (quoted, text->str, (gssize) text->len);
      g_assert_true (sio_json_validate (quoted->str, quoted->len, 1, NULL, NULL, NULL));
      back = sio_json_unquote ((SioSpan) { quoted->str, quoted->len });
      g_assert_true (g_string_equal (back, text));
    }
}

/* These are for validated text; with other text they must still stay inside and come to an end. */
static void
round_walkers (SioSpan input)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GString) text = sio_json_unquote (input);
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  SioSpan value = { NULL, 0 };
  SioSpan element;
  SioJsonIter iter;

  if (sio_json_object_get (input, "sid", &value))
    assert_inside (value, input);

  sio_json_iter_init (&iter, input);
  while (sio_json_iter_next (&iter, &element))
    assert_inside (element, input);

  sio_json_append_compact (out, input);
  g_assert_cmpuint (out->len, <=, input.size);
  sio_json_append_indented (out, input, luck (9), luck (10000));
  sio_json_append_quoted (out, input.data, (gssize) input.size);
  g_assert_true (text->len <= input.size);

  sio_json_check_placeholders (input, luck (3), NULL);
  if (!sio_json_extract_binary (out, input, attachments, NULL))
    g_assert_cmpuint (attachments->len, ==, 0);
  sio_json_append_with_binary (out, input, attachments);
}

static void
round_binary (SioSpan input)
{
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) wire = g_string_new (NULL);
  g_autoptr(GString) back = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  if (!sio_json_validate (input.data, input.size, MAX_DEPTH, NULL, NULL, NULL))
    return;
  if (!sio_json_extract_binary (wire, input, attachments, &error))
    {
      g_assert_nonnull (error);
      return;
    }

  g_assert_true (sio_json_validate (wire->str, wire->len, MAX_DEPTH + 1, NULL, NULL, NULL));
  sio_json_append_with_binary (back, (SioSpan) { wire->str, wire->len }, attachments);
  g_assert_true (sio_json_validate (back->str, back->len, MAX_DEPTH + 1, NULL, NULL, NULL));
}

static void
round_packet (SioSpan input)
{
  SioPacketLimits limits = { 64, MAX_DEPTH };
  SioPacket packet, before;
  g_autoptr(GError) error = NULL;
  SioJsonIter iter;
  SioSpan element;
  guint n = 0;

  memset (&packet, 0x5a, sizeof packet);
  before = packet;
  if (!sio_packet_decode (input, &limits, &packet, &error))
    {
      g_assert_nonnull (error);
      assert_plain (error);
      g_assert_cmpmem (&packet, sizeof packet, &before, sizeof before);
      return;
    }
  g_assert_no_error (error);

  if (!sio_span_equals (packet.nsp, "/"))
    assert_inside (packet.nsp, input);
  assert_inside (packet.payload, input);
  assert_inside (packet.event, packet.payload);
  assert_inside (packet.args, packet.payload);
  g_assert_cmpuint (packet.n_attachments, <=, 64);
  g_assert_cmpint (packet.id, >=, -1);
  if (packet.payload.size > 0)
    {
      /* The pass that made the spans and the scanner of whole values are not the same code: they must agree. */
      g_assert_true (sio_json_validate (packet.payload.data, packet.payload.size, MAX_DEPTH, NULL, NULL, &error));
      g_assert_no_error (error);
    }

  sio_json_iter_init (&iter, packet.args);
  while (sio_json_iter_next (&iter, &element))
    {
      assert_inside (element, packet.args);
      g_assert_true (sio_json_validate (element.data, element.size, MAX_DEPTH, NULL, NULL, NULL));
      n++;
    }
  g_assert_cmpuint (n, ==, packet.n_args);
}

static void
round_payload (SioSpan input)
{
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;
  gsize total = 0;
  guint n = 0;

  sio_payload_iter_init (&iter, SIO_PAYLOAD_SHAPE_EIO4, input);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, NULL))
    {
      SioEnginePacket packet = { 0, };
      g_autoptr(GError) error = NULL;

      assert_inside (unit, input);
      total += unit.size;
      n++;
      if (!sio_engine_packet_decode_text (4, unit, &packet, &error))
        {
          g_assert_nonnull (error);
          assert_plain (error);
        }
      else if (!packet.binary)
        {
          assert_inside (packet.data, unit);
          round_packet (packet.data);
        }
      sio_engine_packet_clear (&packet);
    }
  g_assert_cmpuint (total + n - 1, ==, input.size);
  sio_payload_get_shape (input);
}

static void
round_handshake (SioSpan input)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioHandshake) handshake = sio_handshake_parse (input, &error);

  if (handshake == NULL)
    {
      g_assert_nonnull (error);
      assert_plain (error);
      return;
    }
  g_assert_cmpuint (strlen (handshake->sid), >, 0);
  g_assert_cmpuint (strlen (handshake->sid), <=, 256);
  g_assert_cmpuint (handshake->ping_interval_ms, >, 0);
  g_assert_cmpuint (handshake->ping_timeout_ms, >, 0);
  g_assert_cmpint (handshake->max_payload, >=, 0);
  g_assert_cmpuint (g_strv_length (handshake->upgrades), <=, 16);
}

static void
round_base64 (SioSpan input)
{
  g_autoptr(GBytes) bytes = sio_base64_decode (input.data, input.size);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GBytes) back = NULL;

  g_assert_cmpuint (g_bytes_get_size (bytes), <=, input.size * 3 / 4);
  sio_base64_append (text, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  back = sio_base64_decode (text->str, text->len);
  g_assert_true (g_bytes_equal (back, bytes));
}

static void
round_url (SioSpan input)
{
  g_autofree char *text = g_strndup (input.data, input.size);
  g_autoptr(GError) error = NULL;
  g_autoptr(SioUrl) url = sio_url_parse (text, &error);
  g_autofree char *built = NULL;
  g_autoptr(GUri) uri = NULL;

  if (url == NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      assert_plain (error);
      return;
    }
  g_assert_cmpuint (url->port, >=, 1);
  g_assert_cmpuint (url->port, <=, 65535);
  g_assert_cmpint (url->nsp[0], ==, '/');

  /* What we ask libsoup for must be a URI, with the host that was typed. */
  built = sio_url_build (url, FALSE, "/socket.io/", NULL);
  uri = g_uri_parse (built, G_URI_FLAGS_ENCODED, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_uri_get_port (uri) == -1 ? (url->tls ? 443 : 80) : g_uri_get_port (uri), ==, url->port);
}

int
main (int argc, char *argv[])
{
  static const Rounds rounds[] = {
    { "/fuzz/json", round_json, &seeds },
    { "/fuzz/walkers", round_walkers, &seeds },
    { "/fuzz/binary", round_binary, &seeds },
    { "/fuzz/packet", round_packet, &seeds },
    { "/fuzz/payload", round_payload, &seeds },
    { "/fuzz/handshake", round_handshake, &handshake_seeds },
    { "/fuzz/base64", round_base64, &seeds },
    { "/fuzz/url", round_url, &seeds },
  };
  int result;

  g_test_init (&argc, &argv, NULL);
  load_seeds ();

  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    g_test_add_data_func (rounds[i].path, &rounds[i], run_rounds);

  result = g_test_run ();
  g_ptr_array_unref (seeds);
  g_ptr_array_unref (handshake_seeds);
  return result;
}
