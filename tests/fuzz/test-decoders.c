/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every decoder of the wire room on damaged input, for a fixed number of rounds. The seeds are all inputs of the
 * vectors and a few of our own. Beside "does not crash" the invariants are: a failure has an error and leaves the
 * result alone, spans lie inside the input, json-glib takes what we take, and what we write is what we read. */

#include "fuzz.h"
#include "sio-arguments-private.h"
#include "wire/sio-engine-packet.h"
#include "wire/sio-handshake.h"
#include "wire/sio-json-blocks-private.h"
#include "wire/sio-json-private.h"
#include "wire/sio-packet.h"

#define MAX_DEPTH 64

static GPtrArray *seeds;           /* of GBytes */
static GPtrArray *eio3_seeds;      /* of GBytes: bodies and packets of revision 3 */
static GPtrArray *handshake_seeds; /* of GBytes: a handshake does not come out of other texts by chance */

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

/* The fast pass never takes what the scanner does not, and takes all that ends where the text ends and is not too deep. */
static void
round_json_blocks (SioSpan input)
{
  const char *p = input.data, *end = p + input.size;
  SioJsonFault fault;
  const char *good;

  while (p < end && *p != '{' && *p != '[')
    p++;
  if (p == end)
    return;

  good = sio_json_scan_bytes (p, end, SIO_JSON_BLOCKS_MAX_DEPTH, &fault);
  for (const SioJsonBlocks *blocks = sio_json_blocks_get (); blocks->name != NULL; blocks++)
    {
      const char *fast = blocks->scan (p, end, MAX_DEPTH);

      if (fast != NULL || good == end)
        g_assert_true (fast == good);
    }
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
  gsize max_out = fuzz_luck (200);

  if (!sio_json_validate (input.data, input.size, MAX_DEPTH, &type, &offset, &error))
    {
      g_assert_nonnull (error);
      g_assert_cmpuint (offset, <=, input.size);
      fuzz_assert_plain (error);
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
    fuzz_assert_inside (value, input);

  sio_json_iter_init (&iter, input);
  while (sio_json_iter_next (&iter, &element))
    fuzz_assert_inside (element, input);

  sio_json_append_compact (out, input);
  g_assert_cmpuint (out->len, <=, input.size);
  sio_json_append_indented (out, input, fuzz_luck (9), fuzz_luck (10000));
  sio_json_append_quoted (out, input.data, (gssize) input.size);
  g_assert_true (text->len <= input.size);

  sio_json_check_placeholders (input, fuzz_luck (3), NULL);
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
round_packet_of (guint revision, SioSpan input)
{
  SioPacketLimits limits = { 64, MAX_DEPTH, revision };
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
      fuzz_assert_plain (error);
      g_assert_cmpmem (&packet, sizeof packet, &before, sizeof before);
      return;
    }
  g_assert_no_error (error);

  if (!sio_span_equals (packet.nsp, "/"))
    fuzz_assert_inside (packet.nsp, input);
  fuzz_assert_inside (packet.payload, input);
  fuzz_assert_inside (packet.event, packet.payload);
  fuzz_assert_inside (packet.args, packet.payload);
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
      fuzz_assert_inside (element, packet.args);
      g_assert_true (sio_json_validate (element.data, element.size, MAX_DEPTH, NULL, NULL, NULL));
      n++;
    }
  g_assert_cmpuint (n, ==, packet.n_args);
}

static void
round_packet (SioSpan input)
{
  round_packet_of (5, input);
}

static void
round_packet_sio4 (SioSpan input)
{
  round_packet_of (4, input);
}

/* Reads a body, and what came out of it is written and read again. */
static void
round_payload_of (guint eio, SioPayloadShape shape, SioSpan input)
{
  g_autoptr(GString) again = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;
  gsize total = 0;
  guint n = 0, n_again = 0;

  sio_payload_check_count (shape, input, 100, NULL);
  sio_payload_iter_init (&iter, shape, input);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, &error))
    {
      SioEnginePacket packet = { 0, };
      g_autoptr(GError) wrong = NULL;

      fuzz_assert_inside (unit, input);
      total += unit.size;
      n++;
      if (!(is_binary ? sio_engine_packet_decode_binary (eio, unit, &packet, &wrong)
                      : sio_engine_packet_decode_text (eio, unit, &packet, &wrong)))
        {
          g_assert_nonnull (wrong);
          fuzz_assert_plain (wrong);
          continue;
        }

      if (packet.binary)
        {
          gsize before = again->len;

          sio_payload_append_binary (eio, again, packet.data);
          g_assert_cmpuint (again->len - before, ==,
                            sio_payload_binary_size (eio, packet.data) + (eio == 4 && before > 0));
          n_again++;
        }
      else if (sio_utf8_validate (packet.data))
        {
          gsize before = again->len;

          fuzz_assert_inside (packet.data, unit);
          round_packet_of (eio + 1, packet.data);
          sio_payload_append_text (eio, again, packet.type, packet.data);
          g_assert_cmpuint (again->len - before, <=,
                            sio_payload_text_size (eio, packet.data) + (eio == 4 && before > 0));
          n_again++;
        }
      sio_engine_packet_clear (&packet);
    }

  if (error != NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      fuzz_assert_plain (error);
      g_clear_error (&error);
    }
  else if (eio == 4)
    g_assert_cmpuint (total + n - 1, ==, input.size);
  else
    g_assert_cmpuint (total + n * 2, <=, input.size);
  g_assert_false (sio_payload_iter_next (&iter, &unit, &is_binary, NULL));

  if (n_again == 0)
    return;
  sio_payload_iter_init (&iter, eio == 4 ? SIO_PAYLOAD_SHAPE_EIO4 : SIO_PAYLOAD_SHAPE_EIO3_TEXT,
                         (SioSpan) { again->str, again->len });
  while (sio_payload_iter_next (&iter, &unit, &is_binary, &error))
    {
      SioEnginePacket packet = { 0, };

      g_assert_false (is_binary);
      g_assert_true (sio_engine_packet_decode_text (eio, unit, &packet, NULL));
      sio_engine_packet_clear (&packet);
      n_again--;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (n_again, ==, 0);
}

static void
round_payload (SioSpan input)
{
  round_payload_of (4, SIO_PAYLOAD_SHAPE_EIO4, input);
}

static void
round_payload_eio3_text (SioSpan input)
{
  round_payload_of (3, SIO_PAYLOAD_SHAPE_EIO3_TEXT, input);
}

static void
round_payload_eio3_binary (SioSpan input)
{
  round_payload_of (3, SIO_PAYLOAD_SHAPE_EIO3_BINARY, input);
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
      fuzz_assert_plain (error);
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
      fuzz_assert_plain (error);
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

#define WORD(literal) { (literal), sizeof (literal) - 1 }

static const FuzzWord words[] = {
  WORD ("["), WORD ("]"), WORD ("{"), WORD ("}"), WORD ("\""), WORD (","), WORD (":"), WORD ("\\"), WORD ("\\u"),
  WORD ("\\ud800"), WORD ("1e"), WORD ("-"), WORD ("0"), WORD ("true"), WORD ("null"), WORD ("\xff"), WORD ("\xc3"),
  WORD ("\xed\xa0\x80"), WORD ("\x1e"), WORD ("b"), WORD ("51-"), WORD ("/a,"), WORD ("99999999999999999999"),
  WORD ("\"_placeholder\":true"), WORD ("\"num\":"), WORD ("\"$binary\":\""), WORD ("[[[[[[[["), WORD ("{\"a\":"),
  WORD (" "), WORD ("\n"), WORD ("%"), WORD ("@"), WORD ("]:"), WORD ("://"),
};
/* Of the polling bodies of revision 3. */
static const FuzzWord eio3_words[] = {
  WORD ("0:"), WORD ("1:"), WORD ("2:4a"), WORD ("6:b4AQID"), WORD ("3:4\xf0\x9f\x98\x80"),
  WORD ("18446744073709551616:"), WORD ("\xf0\x9f"), WORD ("\0\1\377\62"), WORD ("\1\2\377\4x"), WORD ("\377"),
  WORD ("\0"), WORD ("\1"), WORD ("\1\0\377"), WORD ("\1\11\11\11\377"), WORD ("\6"),
};

static void
load_seeds (void)
{
  static const char * const files[] = {
    "eio4-packet.json", "eio4-payload.json", "sio5-packet.json", "sio5-packet-old.json", "sio4-packet.json", "url.json",
    NULL,
  };
  static const char * const eio3_files[] = { "eio3-payload.json", "eio3-packet.json", NULL };
  static const char * const own[] = {
    "{\"sid\":\"x\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}",
    "[{\"$binary\":\"AQIDBA==\"},{\"_placeholder\":true,\"num\":0},[{\"a\":{\"$binary\":\"\"}}]]",
    "{\"deep\":[[[[[[[[[[[[[[[[[{\"a\":[1.5e-10,-0,true,false,null]}]]]]]]]]]]]]]]]]]}",
    "\"\\ud83d\\ude00\\u0000\\\"\\\\\xe2\x82\xac\xf0\x9f\x98\x80 and a run that is longer than sixteen bytes\"",
    "http://user:pw@[2001:db8::1]:3000/admin?a=b#c",
  };

  seeds = fuzz_load_seeds (files, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    fuzz_add_seed (seeds, own[i], strlen (own[i]));
  g_assert_cmpuint (seeds->len, >, 200);

  eio3_seeds = fuzz_load_seeds (eio3_files, FALSE);
  g_assert_cmpuint (eio3_seeds->len, >, 50);

  handshake_seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  fuzz_add_seed (handshake_seeds, own[0], strlen (own[0]));
}

int
main (int argc, char *argv[])
{
  static const FuzzRounds rounds[] = {
    { "/fuzz/json", round_json, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/json-blocks", round_json_blocks, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/walkers", round_walkers, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/binary", round_binary, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/packet", round_packet, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/packet-sio4", round_packet_sio4, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/payload", round_payload, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/payload-eio3-text", round_payload_eio3_text, &eio3_seeds, eio3_words, G_N_ELEMENTS (eio3_words) },
    { "/fuzz/payload-eio3-binary", round_payload_eio3_binary, &eio3_seeds, eio3_words, G_N_ELEMENTS (eio3_words) },
    { "/fuzz/handshake", round_handshake, &handshake_seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/base64", round_base64, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/url", round_url, &seeds, words, G_N_ELEMENTS (words) },
  };
  int result;

  g_test_init (&argc, &argv, NULL);
  load_seeds ();

  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    g_test_add_data_func (rounds[i].path, &rounds[i], fuzz_run_rounds);

  result = g_test_run ();
  g_ptr_array_unref (seeds);
  g_ptr_array_unref (eio3_seeds);
  g_ptr_array_unref (handshake_seeds);
  return result;
}
