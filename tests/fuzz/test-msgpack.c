/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* msgpack on damaged input. What is read must be a packet, within the limits, and the same again after it was written;
 * what is written of a packet must be read as one that stays the same. */

#include "fuzz.h"
#include "wire/sio-packet.h"

#define MAX_DEPTH 24

static GPtrArray *seeds;      /* of GBytes: messages */
static GPtrArray *text_seeds; /* of GBytes: packets in socket.io's own encoding, and revision 4's text messages */

static const SioParserLimits limits = { MAX_DEPTH, 16, 4000 };
/* What a person may send is not limited so. */
static const SioParserLimits wide_limits = { 1024, 1000, 10000000 };

static GPtrArray *
new_attachments (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
assert_same_attachments (GPtrArray *a, GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    g_assert_true (g_bytes_equal (g_ptr_array_index (a, i), g_ptr_array_index (b, i)));
}

static void
decode_message (guint revision, gboolean is_text, SioSpan input)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GPtrArray) attachments = new_attachments ();
  g_autoptr(GPtrArray) attachments_again = new_attachments ();
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) again = g_string_new (NULL);
  g_autoptr(GBytes) message = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) again_error = NULL;
  SioPacketLimits packet_limits = { 16, MAX_DEPTH, revision };
  SioPacket packet;
  gsize size;

  if (!sio_parser_decode (parser, revision, is_text, input, &limits, text, attachments, &error))
    {
      g_assert_true (error->domain == SIO_ERROR);
      g_assert_true (error->code == SIO_ERROR_MALFORMED || error->code == SIO_ERROR_TOO_LARGE);
      fuzz_assert_plain (error);
      g_assert_cmpuint (attachments->len, ==, 0);
      /* only what nests too deep leaves its name behind */
      if (text->len > 0 && !sio_packet_decode_shallow ((SioSpan) { text->str, text->len }, &packet_limits, &packet, &again_error))
        g_assert_nonnull (strstr (again_error->message, "expected"));
      g_assert_true (text->len == 0 || error->code == SIO_ERROR_TOO_LARGE);
      return;
    }

  g_assert_no_error (error);
  size = text->len;
  for (guint i = 0; i < attachments->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (attachments, i));
  g_assert_cmpuint (size, <=, limits.max_size);

  /* The name of an event is not this parser's business, and revision 5 has reserved ones. */
  if (!sio_packet_decode ((SioSpan) { text->str, text->len }, &packet_limits, &packet, &error))
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_true (strstr (error->message, "expected the event's name") != NULL
                     || strstr (error->message, "expected an event name that is not reserved") != NULL);
      return;
    }
  g_assert_cmpuint (packet.n_attachments, ==, attachments->len);

  message = sio_parser_encode (parser, revision, (SioSpan) { text->str, text->len }, attachments, &is_text, &error);
  g_assert_no_error (error);
  g_assert_true (sio_parser_decode (parser, revision, is_text,
                                    (SioSpan) { g_bytes_get_data (message, NULL), g_bytes_get_size (message) },
                                    &limits, again, attachments_again, &error));
  g_assert_no_error (error);
  /* In a text message the JSON is the server's own, blanks included; numbers that are integers lose nothing. */
  g_assert_cmpstr (again->str, ==, text->str);
  assert_same_attachments (attachments, attachments_again);
}

static void
round_message_revision5 (SioSpan input)
{
  decode_message (5, FALSE, input);
}

static void
round_message_revision4 (SioSpan input)
{
  decode_message (4, FALSE, input);
}

static void
round_text_message (SioSpan input)
{
  decode_message (4, TRUE, input);
  decode_message (5, TRUE, input);
}

static void
encode_packet (guint revision, SioSpan input)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GPtrArray) attachments = new_attachments ();
  g_autoptr(GPtrArray) first_attachments = new_attachments ();
  g_autoptr(GPtrArray) second_attachments = new_attachments ();
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) text_again = g_string_new (NULL);
  g_autoptr(GBytes) message = NULL;
  g_autoptr(GBytes) again = NULL;
  g_autoptr(GError) error = NULL;
  SioPacketLimits packet_limits = { 16, MAX_DEPTH, revision };
  SioPacket packet;
  gboolean is_text, is_text_again;

  if (!sio_packet_decode (input, &packet_limits, &packet, NULL))
    return;
  for (guint i = 0; i < packet.n_attachments; i++)
    g_ptr_array_add (attachments, g_bytes_new_take (g_strnfill (i, 'x'), i));

  message = sio_parser_encode (parser, revision, input, attachments, &is_text, &error);
  if (message == NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      fuzz_assert_plain (error);
      return;
    }

  if (!sio_parser_decode (parser, revision, is_text,
                          (SioSpan) { g_bytes_get_data (message, NULL), g_bytes_get_size (message) },
                          &wide_limits, text, first_attachments, &error))
    {
      /* What stands for something else than it looks like, and a lone "undefined". */
      g_assert_true (strstr (error->message, "the data ") != NULL);
      return;
    }

  again = sio_parser_encode (parser, revision, (SioSpan) { text->str, text->len }, first_attachments, &is_text_again,
                             &error);
  g_assert_no_error (error);
  g_assert_cmpint (is_text, ==, is_text_again);
  /* Not the bytes: 1e2 is a float, which is read as 100, which is an integer. */
  g_assert_true (sio_parser_decode (parser, revision, is_text_again,
                                    (SioSpan) { g_bytes_get_data (again, NULL), g_bytes_get_size (again) },
                                    &wide_limits, text_again, second_attachments, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text_again->str, ==, text->str);
  assert_same_attachments (first_attachments, second_attachments);
}

static void
round_packet (SioSpan input)
{
  encode_packet (5, input);
  encode_packet (4, input);
}

#define WORD(literal) { (literal), sizeof (literal) - 1 }

static const FuzzWord words[] = {
  WORD ("\xc0"), WORD ("\xc1"), WORD ("\xc2"), WORD ("\xc4\x02xy"), WORD ("\xc5\xff\xff"),
  WORD ("\xc6\xff\xff\xff\xff"), WORD ("\xc7\x01\0x"), WORD ("\xc7\x08\0zzzzzzzz"), WORD ("\xc8\0\x01\x05x"),
  WORD ("\xc9\xff\xff\xff\xff\0"), WORD ("\xca\x3f\xc0\0\0"), WORD ("\xca\x7f\xc0\0\0"),
  WORD ("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"), WORD ("\xcb\x80\0\0\0\0\0\0\0"), WORD ("\xcb\xff\xf0\0\0\0\0\0\0"),
  WORD ("\xcb\0\0\0\0\0\0\0\1"), WORD ("\xcc\xff"), WORD ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), WORD ("\xd0\x80"),
  WORD ("\xd1\xff\x7f"), WORD ("\xd2\xff\xff\x7f\xff"), WORD ("\xd3\x80\0\0\0\0\0\0\0"), WORD ("\xd4\0\0"),
  WORD ("\xd4\x05x"), WORD ("\xd5\0xy"), WORD ("\xd6\xff\0\0\0\0"), WORD ("\xd7\0\0\0\0\0\0\0\5\xdc"),
  WORD ("\xd8\0aaaaaaaabbbbbbbb"), WORD ("\xd9\x01x"), WORD ("\xda\0\x01x"), WORD ("\xdb\xff\xff\xff\xff"),
  WORD ("\xdc\0\1\0"), WORD ("\xdd\xff\xff\xff\xff"), WORD ("\xde\0\1\1\2"), WORD ("\xdf\x80\0\0\0"),
  WORD ("\x81\x01\x02"), WORD ("\x81\xa1k\x01"), WORD ("\x91\x91\x91\x91\x91\x91\x91\x91\x91\xc0"),
  WORD ("\x92\xc0\xc0"), WORD ("\x81\xaa$undefined\xc3"), WORD ("\x81\xa5$date\x01"),
  WORD ("\x82\xac_placeholder\xc3\xa3num\x00"), WORD ("\x81\xa4$map\x90"), WORD ("\xa3num"), WORD ("\xa4type\x02"),
  WORD ("\xa4""data\x91\xa1""a"), WORD ("\xa3nsp\xa1/"), WORD ("\xa2id\x07"), WORD ("\xa2\xc3\xa9"),
  WORD ("\xa1\xff"),
};
static const FuzzWord text_words[] = {
  WORD ("["), WORD ("]"), WORD ("{"), WORD ("}"), WORD ("\""), WORD (","), WORD (":"), WORD ("\\u0000"),
  WORD ("\\ud800"), WORD ("1e5"), WORD ("-0"), WORD ("1.5"), WORD ("true"), WORD ("null"),
  WORD ("18446744073709551615"), WORD ("-9223372036854775808"), WORD ("18446744073709551617"), WORD ("1e999"),
  WORD ("{\"_placeholder\":true,\"num\":0}"), WORD ("{\"$undefined\":true}"), WORD ("{\"$date\":-5}"),
  WORD ("{\"$number\":\"NaN\"}"), WORD ("{\"$ext\":[5,\"AQID\"]}"), WORD ("{\"$map\":[[1,2],[\"a\",{}]]}"),
  WORD ("{\"$map\":[["), WORD ("]]}"), WORD ("{\"$binary\":\"AQ==\"}"), WORD ("\"type\":"), WORD ("\"nsp\":\"/\""),
  WORD ("\"data\":"), WORD ("\"id\":0"), WORD ("{\"$date\":"), WORD ("[[[[[[[["), WORD ("\"a\":"),
};

static void
load_seeds (void)
{
  static const char * const messages[] = { "msgpack.json", NULL };
  static const char * const texts[] = { "msgpack.json", "sio5-packet.json", "sio4-packet.json", NULL };
  static const char * const own[] = {
    "2[\"a\",{\"$undefined\":true},{\"$date\":1500},{\"$number\":\"-Infinity\"},{\"$ext\":[-1,\"AAAAAA==\"]}]",
    "3/admin,7[{\"$map\":[[1,\"one\"],[[2],{\"$map\":[[null,{\"_placeholder\":true,\"num\":0}]]}]]}]",
    "52-[\"a\",{\"_placeholder\":true,\"num\":1},[{\"b\":{\"num\":0,\"_placeholder\":true}}]]",
    "2[\"n\",0,-1,127,128,-33,255,256,65536,4294967296,9007199254740993,1.5,0.1,1e21,-0,5e-324]",
    "0{\"token\":{\"$binary\":\"AQI=\"},\"deep\":[[[[[[[[{}]]]]]]]]}",
  };

  seeds = fuzz_load_seeds (messages, TRUE);
  g_assert_cmpuint (seeds->len, >, 20);
  text_seeds = fuzz_load_seeds (texts, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
      g_autoptr(GPtrArray) attachments = new_attachments ();
      g_autoptr(GBytes) message = NULL;
      gboolean is_text;

      fuzz_add_seed (text_seeds, own[i], strlen (own[i]));
      for (char c = own[i][1]; own[i][0] == '5' && attachments->len < (guint) (c - '0');)
        g_ptr_array_add (attachments, g_bytes_new_static ("xy", 2));
      message = sio_parser_encode (parser, 5, (SioSpan) { own[i], strlen (own[i]) }, attachments, &is_text, NULL);
      g_assert_nonnull (message);
      fuzz_add_seed (seeds, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
    }
}

int
main (int argc, char *argv[])
{
  static const FuzzRounds rounds[] = {
    { "/fuzz/msgpack/revision-5", round_message_revision5, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/msgpack/revision-4", round_message_revision4, &seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/msgpack/text-messages", round_text_message, &text_seeds, text_words, G_N_ELEMENTS (text_words) },
    { "/fuzz/msgpack/encode", round_packet, &text_seeds, text_words, G_N_ELEMENTS (text_words) },
  };
  int result;

  g_test_init (&argc, &argv, NULL);
  load_seeds ();

  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    g_test_add_data_func (rounds[i].path, &rounds[i], fuzz_run_rounds);

  result = g_test_run ();
  g_ptr_array_unref (seeds);
  g_ptr_array_unref (text_seeds);
  return result;
}
