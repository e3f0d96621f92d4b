/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the vectors do not say about Engine.IO packets and polling bodies, in both revisions: shapes, edges of lengths,
 * sizes of slices, and bodies made to be slow. */

#include "sio.h"
#include "wire/sio-engine-packet.h"

#define BYTES(literal) ((SioSpan) { (literal), sizeof (literal) - 1 })

/* The units, "[…]" for text and "<…>" for binary, and the error's message. */
static void
assert_units (SioPayloadShape shape, SioSpan body, const char *expected)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;

  sio_payload_iter_init (&iter, shape, body);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, &error))
    {
      g_string_append_c (out, is_binary ? '<' : '[');
      g_string_append_len (out, unit.data, (gssize) unit.size);
      g_string_append_c (out, is_binary ? '>' : ']');
    }
  g_assert_false (sio_payload_iter_next (&iter, &unit, &is_binary, NULL));

  if (error != NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_string_append (out, error->message);
    }
  if (!g_str_has_suffix (expected, "…"))
    g_assert_cmpstr (out->str, ==, expected);
  else if (strncmp (out->str, expected, strlen (expected) - strlen ("…")) != 0)
    g_assert_cmpstr (out->str, ==, expected);
}

static void
test_eio4 (void)
{
  assert_units (SIO_PAYLOAD_SHAPE_EIO4, (SioSpan) { NULL, 0 }, "[]");
  assert_units (SIO_PAYLOAD_SHAPE_EIO4, BYTES ("\x1e\x1e"), "[][][]");
  assert_units (SIO_PAYLOAD_SHAPE_EIO4, BYTES ("4a\x1e" "2"), "[4a][2]");
}

static void
test_eio3_text (void)
{
  static const struct { const char *body, *expected; } cases[] = {
    { "", "Engine.IO 3 payload, byte 0: expected a packet, found the end" },
    { "2:4a", "[4a]" },
    { "2:4\xe2\x82\xac" "3:4\xf0\x9f\x98\x80" "1:2", "[4\xe2\x82\xac][4\xf0\x9f\x98\x80][2]" },
    { "0:0:2:4a0:", "[4a]" },
    { "0:", "" },
    { "00000000000000000002:4a", "[4a]" },
    { "000000000000000000002:4a", "Engine.IO 3 payload, byte 20: expected the end of a length…" },
    { "2:4a2", "[4a]Engine.IO 3 payload, byte 5: expected ':' after the length, found the end" },
    { "2:4a:", "[4a]Engine.IO 3 payload, byte 4: expected the digits of a length, found :" },
    { "2:4\xf0\x9f\x98\x80", "Engine.IO 3 payload, byte 3: expected a length that does not end within a character…" },
    { "3:4a", "Engine.IO 3 payload, byte 0: the length is more than the rest of the body" },
    { "18446744073709551615:4a", "Engine.IO 3 payload, byte 0: the length is more…" },
    { "18446744073709551618:4a", "Engine.IO 3 payload, byte 0: the length is more…" },
    { "99999999999999999999:4a", "Engine.IO 3 payload, byte 0: the length is more…" },
    { " 2:4a", "Engine.IO 3 payload, byte 0: expected the digits of a length, found  2:4a" },
    { "+2:4a", "Engine.IO 3 payload, byte 0: expected the digits of a length, found +2:4a" },
    { "0x2:4a", "Engine.IO 3 payload, byte 1: expected ':' after the length, found x2:4a" },
    { "2e0:4a", "Engine.IO 3 payload, byte 1: expected ':' after the length, found e0:4a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_units (SIO_PAYLOAD_SHAPE_EIO3_TEXT, (SioSpan) { cases[i].body, strlen (cases[i].body) }, cases[i].expected);

  /* The caller checks that it is UTF-8; whatever it is, nothing behind the body is read. */
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_TEXT, BYTES ("1:\xf0"), "Engine.IO 3 payload, byte 2: expected a length…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_TEXT, BYTES ("2:\xf0"), "Engine.IO 3 payload, byte 0: the length…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_TEXT, BYTES ("1:\xe2"), "Engine.IO 3 payload, byte 0: the length…");
}

static void
test_eio3_binary (void)
{
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES (""), "");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0\4\377" "4\xe2\x82\xac" "\1\2\377\4x"), "[4\xe2\x82\xac]<\4x>");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0\1\2\377" "4aaaaaaaaaaa"), "[4aaaaaaaaaaa]");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\2\1\377x"), "Engine.IO 3 payload, byte 0: expected the byte 0 or 1…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0"), "Engine.IO 3 payload, byte 1: expected the digits…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0\377"), "Engine.IO 3 payload, byte 1: expected the digits…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0\1"), "Engine.IO 3 payload, byte 2: expected 0xff after the length…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0" "1\3774"), "Engine.IO 3 payload, byte 1: expected the digits…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0\2\3774"), "Engine.IO 3 payload, byte 0: the length is more…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY,
                BYTES ("\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377" "4"), "Engine.IO 3 payload, byte 0: the length is more…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY,
                BYTES ("\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377" "4"), "Engine.IO 3 payload, byte 21: expected the end…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\0\2\377" "4\xff"), "Engine.IO 3 payload, byte 3: expected UTF-8…");
  assert_units (SIO_PAYLOAD_SHAPE_EIO3_BINARY, BYTES ("\1\2\377\4\xff"), "<\4\xff>");
}

static void
test_shape (void)
{
  static const struct { SioSpan body; SioPayloadShape shape; } cases[] = {
    { BYTES ("97:0{\"sid\":\"x\"}2:40"), SIO_PAYLOAD_SHAPE_EIO3_TEXT },
    { BYTES ("105:0{"), SIO_PAYLOAD_SHAPE_EIO3_TEXT },
    { BYTES ("0:97:0{"), SIO_PAYLOAD_SHAPE_EIO3_TEXT },
    { BYTES ("\0\11\7\3770{"), SIO_PAYLOAD_SHAPE_EIO3_BINARY },
    { BYTES ("\1\1\377\4"), SIO_PAYLOAD_SHAPE_EIO3_BINARY },
    { BYTES ("0{\"sid\":\"x\"}"), SIO_PAYLOAD_SHAPE_EIO4 },
    { BYTES ("2"), SIO_PAYLOAD_SHAPE_EIO4 },
    { BYTES ("bAQID"), SIO_PAYLOAD_SHAPE_EIO4 },
    { BYTES ("97"), SIO_PAYLOAD_SHAPE_NONE },
    { BYTES (""), SIO_PAYLOAD_SHAPE_NONE },
    { BYTES ("\0"), SIO_PAYLOAD_SHAPE_NONE },
    { BYTES ("\0\377"), SIO_PAYLOAD_SHAPE_NONE },
    { BYTES ("ok"), SIO_PAYLOAD_SHAPE_NONE },
    { BYTES ("<html>"), SIO_PAYLOAD_SHAPE_NONE },
    { BYTES ("{\"code\":1}"), SIO_PAYLOAD_SHAPE_NONE },
    { BYTES ("999999999999999999999:4"), SIO_PAYLOAD_SHAPE_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sio_payload_get_shape (cases[i].body), ==, cases[i].shape);
}

static void
test_slice (void)
{
  static const gsize sizes[] = { 5, 5, G_MAXSIZE, 1 };
  static const gsize large[] = { G_MAXSIZE, 1 };

  g_assert_cmpuint (sio_payload_slice (4, NULL, 0, 10), ==, 0);
  g_assert_cmpuint (sio_payload_slice (4, sizes, 4, 10), ==, 1);
  g_assert_cmpuint (sio_payload_slice (4, sizes, 4, 11), ==, 2);
  g_assert_cmpuint (sio_payload_slice (4, sizes, 4, G_MAXSIZE), ==, 2);
  g_assert_cmpuint (sio_payload_slice (4, large, 2, 10), ==, 1);
  g_assert_cmpuint (sio_payload_slice (4, large, 2, 0), ==, 2);

  /* Nothing stands between the packets of revision 3. */
  g_assert_cmpuint (sio_payload_slice (3, sizes, 4, 9), ==, 1);
  g_assert_cmpuint (sio_payload_slice (3, sizes, 4, 10), ==, 2);
  g_assert_cmpuint (sio_payload_slice (3, sizes, 4, G_MAXSIZE), ==, 2);
}

/* What is announced is what is written, and what is written comes back. */
static void
test_round_trip (gconstpointer data)
{
  guint eio = GPOINTER_TO_UINT (data);
  g_autoptr(GString) body = g_string_new (NULL);
  g_autoptr(GString) content = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;
  guint n = 0;

  for (guint i = 0; i < 120; i++)
    {
      SioSpan span = { content->str, content->len };
      gsize before = body->len;

      sio_payload_append_text (eio, body, SIO_ENGINE_PACKET_MESSAGE, span);
      g_assert_cmpuint (body->len - before, ==, sio_payload_text_size (eio, span) + (eio == 4 && i > 0));
      before = body->len;
      sio_payload_append_binary (eio, body, span);
      g_assert_cmpuint (body->len - before, ==, sio_payload_binary_size (eio, span) + (eio == 4));
      g_string_append_c (content, (char) ('a' + i % 26));
    }

  sio_payload_iter_init (&iter, eio == 3 ? SIO_PAYLOAD_SHAPE_EIO3_TEXT : SIO_PAYLOAD_SHAPE_EIO4,
                         (SioSpan) { body->str, body->len });
  while (sio_payload_iter_next (&iter, &unit, &is_binary, &error))
    {
      SioEnginePacket packet = { 0, };

      g_assert_false (is_binary);
      g_assert_true (sio_engine_packet_decode_text (eio, unit, &packet, &error));
      g_assert_cmpint (packet.type, ==, SIO_ENGINE_PACKET_MESSAGE);
      g_assert_cmpint (packet.binary, ==, n % 2);
      g_assert_cmpmem (packet.data.data, packet.data.size, content->str, n / 2);
      sio_engine_packet_clear (&packet);
      n++;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 240);
}

/* The length of a text that is not ASCII is counted in UTF-16 units: the size is then at most one byte too much. */
static void
test_text_size_is_upper_bound (void)
{
  g_autoptr(GString) content = g_string_new (NULL);

  for (guint i = 0; i < 500; i++)
    {
      SioSpan span = { content->str, content->len };
      g_autoptr(GString) body = g_string_new (NULL);

      sio_payload_append_text (3, body, SIO_ENGINE_PACKET_MESSAGE, span);
      g_assert_cmpuint (body->len, <=, sio_payload_text_size (3, span));
      g_assert_cmpuint (body->len + 1, >=, sio_payload_text_size (3, span));
      g_string_append (content, i % 3 == 0 ? "\xe2\x82\xac" : "\xf0\x9f\x98\x80");
    }
}

static void
test_packet_errors (void)
{
  static const struct { guint eio; gboolean binary; SioSpan in; const char *message; } cases[] = {
    { 4, FALSE, BYTES (""), "empty Engine.IO packet, expected a type from 0 to 6 or 'b'" },
    { 3, FALSE, BYTES (""), "empty Engine.IO packet, expected a type from 0 to 6 or 'b'" },
    { 4, FALSE, BYTES ("7"), "Engine.IO packet type is '7', expected 0 to 6 or 'b'" },
    { 3, FALSE, BYTES ("7"), "Engine.IO packet type is '7', expected 0 to 6 or 'b'" },
    { 4, FALSE, BYTES ("\n"), "Engine.IO packet type is byte 0x0a, expected 0 to 6 or 'b'" },
    { 3, FALSE, BYTES ("b"), "Engine.IO packet ends after 'b', expected a type from 0 to 6" },
    { 3, FALSE, BYTES ("bAQID"), "Engine.IO packet type after 'b' is 'A', expected 0 to 6" },
    { 3, TRUE, BYTES (""), "empty binary Engine.IO packet, expected the type as a byte from 0 to 6" },
    { 3, TRUE, BYTES ("\7x"), "type of the binary Engine.IO packet is byte 0x07, expected 0 to 6" },
    { 3, TRUE, BYTES ("4x"), "type of the binary Engine.IO packet is byte 0x34, expected 0 to 6" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SioEnginePacket packet, before;
      g_autoptr(GError) error = NULL;

      memset (&packet, 0x5a, sizeof packet);
      before = packet;
      if (cases[i].binary)
        g_assert_false (sio_engine_packet_decode_binary (cases[i].eio, cases[i].in, &packet, &error));
      else
        g_assert_false (sio_engine_packet_decode_text (cases[i].eio, cases[i].in, &packet, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_cmpstr (error->message, ==, cases[i].message);
      g_assert_cmpmem (&packet, sizeof packet, &before, sizeof before);
    }
}

/* Many small packets, and lengths that lie: both must take no longer than the bytes are many. */
static void
test_linear (gconstpointer data)
{
  SioPayloadShape shape = (SioPayloadShape) GPOINTER_TO_INT (data);
  const guint n_packets = 1000000;
  g_autoptr(GString) body = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  SioPayloadIter iter;
  SioSpan span, unit;
  gboolean is_binary;
  gint64 start;
  guint n = 0;

  for (guint i = 0; i < n_packets; i++)
    {
      if (shape == SIO_PAYLOAD_SHAPE_EIO3_BINARY)
        g_string_append_len (body, "\0\1\3772", 4);
      else
        sio_payload_append_text (shape == SIO_PAYLOAD_SHAPE_EIO4 ? 4 : 3, body, SIO_ENGINE_PACKET_PING, (SioSpan) { NULL, 0 });
    }
  if (shape != SIO_PAYLOAD_SHAPE_EIO4)
    g_string_append (body, "9999999:");
  span = (SioSpan) { body->str, body->len };

  start = g_get_monotonic_time ();
  g_assert_true (sio_payload_check_count (shape, span, n_packets, &error));
  g_assert_no_error (error);
  g_assert_false (sio_payload_check_count (shape, span, n_packets - 1, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);
  g_clear_error (&error);

  sio_payload_iter_init (&iter, shape, span);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, &error))
    n++;
  g_assert_cmpuint (n, ==, n_packets);
  if (shape != SIO_PAYLOAD_SHAPE_EIO4)
    g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
  /* Milliseconds; anything quadratic takes hours. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/payload/eio4", test_eio4);
  g_test_add_func ("/payload/eio3-text", test_eio3_text);
  g_test_add_func ("/payload/eio3-binary", test_eio3_binary);
  g_test_add_func ("/payload/shape", test_shape);
  g_test_add_func ("/payload/slice", test_slice);
  g_test_add_data_func ("/payload/round-trip/eio3", GUINT_TO_POINTER (3), test_round_trip);
  g_test_add_data_func ("/payload/round-trip/eio4", GUINT_TO_POINTER (4), test_round_trip);
  g_test_add_func ("/payload/text-size-is-upper-bound", test_text_size_is_upper_bound);
  g_test_add_func ("/payload/packet-errors", test_packet_errors);
  g_test_add_data_func ("/payload/linear/eio4", GINT_TO_POINTER (SIO_PAYLOAD_SHAPE_EIO4), test_linear);
  g_test_add_data_func ("/payload/linear/eio3-text", GINT_TO_POINTER (SIO_PAYLOAD_SHAPE_EIO3_TEXT), test_linear);
  g_test_add_data_func ("/payload/linear/eio3-binary", GINT_TO_POINTER (SIO_PAYLOAD_SHAPE_EIO3_BINARY), test_linear);

  return g_test_run ();
}
