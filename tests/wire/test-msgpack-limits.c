/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What msgpack must not exceed, whatever a message says: size, depth, number of binary values, time. */

#include "../util/test-util.h"
#include "msgpack.h"
#include "wire/sio-packet.h"

static char *
decode_with (const char *hex, SioParserLimits limits, int *code)
{
  g_autoptr(GBytes) message = bytes_of (hex);

  return decode (5, message, FALSE, &limits, code);
}

static void
test_limits (void)
{
  g_autofree char *a = NULL, *b = NULL, *c = NULL, *d = NULL, *e = NULL;
  int code;

  a = decode_with (EVENT "92 a161 c401 01", (SioParserLimits) { 256, 0, 1000 }, &code);
  g_assert_cmpstr (a, ==, "msgpack: 1 binary values in a packet, the limit is 0");
  g_assert_cmpint (code, ==, SIO_ERROR_TOO_LARGE);

  /* 2["ab"] is seven bytes. */
  b = decode_with (EVENT "91 a26162", (SioParserLimits) { 256, 64, 7 }, &code);
  g_assert_cmpint (code, ==, -1);
  c = decode_with (EVENT "91 a26162", (SioParserLimits) { 256, 64, 6 }, &code);
  g_assert_cmpstr (c, ==, "msgpack: the packet becomes larger than the limit of 6 bytes");
  g_assert_cmpint (code, ==, SIO_ERROR_TOO_LARGE);

  /* Binary counts as well as its placeholder. */
  d = decode_with (EVENT "92 a161 c4080000000000000000", (SioParserLimits) { 256, 64, 45 }, &code);
  g_assert_cmpint (code, ==, SIO_ERROR_TOO_LARGE);
  e = decode_with (EVENT "92 a161 c4080000000000000000", (SioParserLimits) { 256, 64, 46 }, &code);
  g_assert_cmpint (code, ==, -1);
}

/* Levels are those of the JSON that comes out, because that is what the limit is there for. */
static void
test_depth (void)
{
  static const struct { const char *hex; guint levels; } cases[] = {
    { "91 a161", 1 }, { "92 a161 90", 2 }, { "92 a161 91 81 a161 90", 4 }, { "92 a161 d40000", 2 }, { "92 a161 d70000000000000005dc", 2 },
    { "92 a161 cb7ff8000000000000", 2 }, { "92 a161 d4052a", 3 }, { "92 a161 c400", 2 }, { "92 a161 81 01 02", 4 }, { "92 a161 81 01 90", 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *hex = g_strconcat (EVENT, cases[i].hex, NULL);
      g_autofree char *less = NULL, *enough = NULL;
      SioPacketLimits limits = { 64, cases[i].levels, 5 };
      g_autoptr(GError) error = NULL;
      SioPacket packet;
      int code;

      less = decode_with (hex, (SioParserLimits) { cases[i].levels - 1, 64, 1000 }, &code);
      g_assert_cmpint (code, ==, SIO_ERROR_TOO_LARGE);
      g_assert_nonnull (strstr (less, "nested deeper than"));
      enough = decode_with (hex, (SioParserLimits) { cases[i].levels, 64, 1000 }, &code);
      g_assert_cmpint (code, ==, -1);

      if (strstr (enough, " <") != NULL)
        *strstr (enough, " <") = '\0';
      g_assert_true (sio_packet_decode ((SioSpan) { enough, strlen (enough) }, &limits, &packet, &error));
      g_assert_no_error (error);
      if (--limits.max_depth > 0)
        g_assert_false (sio_packet_decode ((SioSpan) { enough, strlen (enough) }, &limits, &packet, NULL));
    }

  /* As deep as it may be. */
  {
    g_autoptr(GString) hex = g_string_new (EVENT "92 a161");
    g_autofree char *deepest = NULL, *deeper = NULL;
    g_autofree char *again = NULL;
    int code;

    for (guint i = 0; i < 1022; i++)
      g_string_append (hex, "91");
    g_string_append (hex, "90");
    deepest = decode_with (hex->str, (SioParserLimits) { 1024, 64, 100000 }, &code);
    g_assert_cmpint (code, ==, -1);
    again = encode (5, deepest, &code);
    g_assert_cmpint (code, ==, -1);
    g_string_insert (hex, (gssize) strlen (EVENT "92 a161"), "91");
    deeper = decode_with (hex->str, (SioParserLimits) { 1024, 64, 100000 }, &code);
    g_assert_cmpint (code, ==, SIO_ERROR_TOO_LARGE);
  }
}

static char *
decode_shallow (guint revision, const char *hex, guint max_depth, int *code)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GBytes) message = bytes_of (hex);
  GString *text = g_string_new ("4");
  g_autoptr(GError) error = NULL;
  SioParserLimits limits = { max_depth, 1, 1000 };

  g_assert_false (sio_parser_decode (parser, revision, FALSE, span_of (message), &limits, text, attachments, &error));
  g_test_message ("%s", error->message);
  g_assert_cmpuint (attachments->len, ==, 0);
  *code = error->code;
  return g_string_free (text, FALSE);
}

/* An event or ack that only nests too deep is named all the same; with anything else there is nothing of it. */
static void
test_too_deep (void)
{
  static const struct { const char *hex; int code; const char *text; } cases[] = {
    { EVENT "92 a161 91 91 90", SIO_ERROR_TOO_LARGE, "42[\"a\"]" },
    { EVENT "93 a161 c401ff 91 91 90", SIO_ERROR_TOO_LARGE, "42[\"a\"]" },
    { EVENT "92 07 91 81 a161 90", SIO_ERROR_TOO_LARGE, "42[7]" },
    /* what stands behind it is looked at: the id, another key */
    { "84 " TYPE_EVENT DATA "94 a161 91 91 90 01 02 a26964 11 a36e7370 a52f61646d6e", SIO_ERROR_TOO_LARGE, "42/admn,17[\"a\"]" },
    { "84 a474797065 03 a26964 05 " NSP DATA "91 91 91 90", SIO_ERROR_TOO_LARGE, "435[]" },
    /* what takes more levels as JSON than it has */
    { EVENT "92 a161 91 81 01 90", SIO_ERROR_TOO_LARGE, "42[\"a\"]" },
    /* not to be read as another failure */
    { EVENT "93 a161 91 91 90 91", SIO_ERROR_MALFORMED, "4" },
    { EVENT "92 a161 91 91 dd ffffffff", SIO_ERROR_MALFORMED, "4" },
    { EVENT "92 a161 91 91 c1", SIO_ERROR_MALFORMED, "4" },
    { EVENT "92 a161 91 91 90 00", SIO_ERROR_MALFORMED, "4" },
    { "82 " TYPE_EVENT DATA "92 a161 91 91 90", SIO_ERROR_MALFORMED, "4" },
    { EVENT "93 a161 c400 c400", SIO_ERROR_TOO_LARGE, "4" },
    /* no event, or none that has a name */
    { EVENT "91 91 91 90", SIO_ERROR_TOO_LARGE, "4" },
    { EVENT "91 a1ff", SIO_ERROR_MALFORMED, "4" },
    { "83 a474797065 00 " NSP DATA "81 a161 91 91 90", SIO_ERROR_TOO_LARGE, "4" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint revision = 4; revision <= 5; revision++)
      {
        int code;
        g_autofree char *text = decode_shallow (revision, cases[i].hex, 3, &code);

        g_assert_cmpstr (text, ==, cases[i].text);
        g_assert_cmpint (code, ==, cases[i].code);
      }
}

/* What nobody reads may be as deep as it likes. */
static void
test_too_deep_elsewhere (void)
{
  int code;
  g_autofree char *got = decode_with ("84 " TYPE_EVENT "a178 91 91 91 91 91 90 " NSP DATA "91 a161",
                                      (SioParserLimits) { 3, 1, 1000 }, &code);

  g_assert_cmpstr (got, ==, "2[\"a\"]");
}

/* Small messages that say they are large, and large ones that are nothing but structure: an error or an answer, soon,
 * and with no more memory than the limit. */
static void
test_bombs (void)
{
  static const char * const lies[] = {
    "dd ffffffff", "df ffffffff", "db ffffffff", "c6 ffffffff", "c9 ffffffff 00", "dc ffff", "de ffff", "da ffff", "c5 ffff",
    "df 80000000", "df 7fffffff",
  };
  /* What ten million bytes are full of, after EVENT's head; the outcome. */
  static const struct { guint8 byte; int code; } fillings[] = {
    { 0x91, SIO_ERROR_MALFORMED },  /* arrays in arrays, of which the last one has nothing in it */
    { 0x81, SIO_ERROR_MALFORMED },  /* maps as keys of maps */
    { 0x9f, SIO_ERROR_MALFORMED },
    { 0xa0, SIO_ERROR_TOO_LARGE },  /* empty strings: three bytes of text each, more than the limit */
    { 0xc0, SIO_ERROR_TOO_LARGE },  /* null */
    { 0x80, SIO_ERROR_TOO_LARGE },  /* empty maps */
    { 0x00, -1 },                   /* zeros: two bytes each */
  };
  const gsize size = 10000000;
  SioParserLimits limits = { 256, 64, 24000000 };
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr(GBytes) alone = bytes_of (lies[i]);
      g_autofree char *hex = g_strconcat (EVENT "91", lies[i], NULL);
      g_autoptr(GBytes) inside = bytes_of (hex);
      g_autofree char *first = NULL, *second = NULL;
      int code;

      first = decode (5, alone, FALSE, &limits, &code);
      g_assert_cmpint (code, ==, SIO_ERROR_MALFORMED);
      second = decode (5, inside, FALSE, &limits, &code);
      g_assert_cmpint (code, ==, SIO_ERROR_MALFORMED);
    }

  for (guint i = 0; i < G_N_ELEMENTS (fillings); i++)
    {
      g_autoptr(GBytes) head = bytes_of (EVENT "dd 00989680");
      gsize head_size = g_bytes_get_size (head);
      char *data = g_malloc (head_size + size);
      g_autoptr(GBytes) message = NULL;
      g_autofree char *got = NULL;
      int code;

      memcpy (data, g_bytes_get_data (head, NULL), head_size);
      memset (data + head_size, fillings[i].byte, size);
      message = g_bytes_new_take (data, head_size + size);
      got = decode (5, message, FALSE, &limits, &code);
      g_assert_cmpint (code, ==, fillings[i].code);
    }

  /* Odd maps, each of them noted. */
  {
    g_autoptr(GBytes) head = bytes_of (EVENT "dd 000f4240");
    g_autoptr(GByteArray) body = g_byte_array_new ();
    g_autoptr(GBytes) message = NULL;
    g_autofree char *got = NULL;
    int code;

    g_byte_array_append (body, g_bytes_get_data (head, NULL), (guint) g_bytes_get_size (head));
    for (guint i = 0; i < 1000000; i++)
      g_byte_array_append (body, (const guint8 *) "\x81\x01\x02", 3);
    message = g_byte_array_free_to_bytes (g_steal_pointer (&body));
    got = decode (5, message, FALSE, &limits, &code);
    g_assert_cmpint (code, ==, -1);
    g_assert_cmpuint (strlen (got), ==, 1000000 * strlen ("{\"$map\":[[1,2]]},") + 2);
  }

  /* Seconds under a sanitizer; anything quadratic takes hours. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

/* The shortest of three times. */
static gint64
time_numbers (const char *bits, const char *last)
{
  g_autoptr(GBytes) head = bytes_of (EVENT "dd 00004e20");
  g_autoptr(GBytes) number = bytes_of (bits);
  g_autoptr(GByteArray) body = g_byte_array_new ();
  g_autoptr(GBytes) message = NULL;
  gint64 best = G_MAXINT64;

  g_byte_array_append (body, g_bytes_get_data (head, NULL), (guint) g_bytes_get_size (head));
  for (guint i = 0; i < 20000; i++)
    g_byte_array_append (body, g_bytes_get_data (number, NULL), (guint) g_bytes_get_size (number));
  message = g_byte_array_free_to_bytes (g_steal_pointer (&body));

  for (guint i = 0; i < 3; i++)
    {
      gint64 start = test_get_work_us ();
      int code;
      g_autofree char *got = decode (5, message, FALSE, &default_limits, &code);

      g_assert_cmpint (code, ==, -1);
      g_assert_true (g_str_has_suffix (got, last));
      best = MIN (best, test_get_work_us () - start);
    }
  return best;
}

/* A message holds half a million numbers: none may take much longer than others of as many digits. */
static void
test_subnormal_numbers (void)
{
  gint64 usual = time_numbers ("cb 7e3d7ee8bcbbd351", ",1.2345678901234567e+300]");
  gint64 subnormal = time_numbers ("cb 000fffffffffffff", ",2.225073858507201e-308]");

  g_test_message ("%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " us", usual, subnormal);
  /* the mistake took seventeen times as long; a busy machine is not even with both */
  g_assert_cmpint (subnormal, <, 3 * usual);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/msgpack/limits", test_limits);
  g_test_add_func ("/msgpack/depth", test_depth);
  g_test_add_func ("/msgpack/too-deep", test_too_deep);
  g_test_add_func ("/msgpack/too-deep/elsewhere", test_too_deep_elsewhere);
  g_test_add_func ("/msgpack/bombs", test_bombs);
  g_test_add_func ("/msgpack/bombs/subnormal-numbers", test_subnormal_numbers);

  return g_test_run ();
}
