/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the vectors do not say about msgpack: every error with its byte, numbers, and the objects that stand for what
 * JSON does not have. */

#include "msgpack.h"

static void
assert_decodes (guint revision, const char *hex, const char *expected)
{
  g_autoptr(GBytes) message = bytes_of (hex);
  g_autofree char *got = NULL;
  int code;

  got = decode (revision, message, FALSE, &default_limits, &code);
  g_assert_cmpstr (got, ==, expected);
  g_assert_cmpint (code, ==, -1);
}

static void
assert_fails (guint revision, const char *hex, const char *expected)
{
  g_autoptr(GBytes) message = bytes_of (hex);
  g_autofree char *got = NULL;
  int code;

  got = decode (revision, message, FALSE, &default_limits, &code);
  g_assert_cmpstr (got, ==, expected);
  g_assert_cmpint (code, ==, SIO_ERROR_MALFORMED);
}

/* One argument of an ACK: "81 a4 74797065 03 a4 64617461 91 <value> a3 6e7370 a1 2f". */
static char *
encode_value (const char *json)
{
  static const char before[] = "83a47479706503a46461746191", after[] = "a36e7370a12f";
  g_autofree char *packet = g_strconcat ("3[", json, "]", NULL);
  g_autofree char *got = NULL;
  int code;

  got = encode (5, packet, &code);
  if (code != -1)
    {
      g_assert_cmpint (code, ==, SIO_ERROR_INVALID_ARGUMENT);
      return g_steal_pointer (&got);
    }

  g_assert_true (g_str_has_prefix (got, before));
  g_assert_true (g_str_has_suffix (got, after));
  return g_strndup (got + strlen (before), strlen (got) - strlen (before) - strlen (after));
}

static char *
decode_value (const char *hex)
{
  g_autofree char *packet = g_strconcat ("83 a474797065 03 a464617461 91", hex, "a36e7370 a12f", NULL);
  g_autoptr(GBytes) message = bytes_of (packet);
  g_autofree char *got = NULL;
  int code;

  got = decode (5, message, FALSE, &default_limits, &code);
  g_assert_cmpint (code, ==, -1);
  if (got[0] != '3')
    return g_steal_pointer (&got);
  g_assert_true (g_str_has_prefix (got, "3[") && g_str_has_suffix (got, "]"));
  return g_strndup (got + 2, strlen (got) - 3);
}

static void
test_packets (void)
{
  assert_decodes (5, "82" NSP "a474797065 00", "0");
  assert_decodes (5, "83" NSP "a474797065 00" DATA "d40000", "0");
  assert_decodes (5, "83" NSP "a474797065 00" DATA "81 a3736964 a178", "0{\"sid\":\"x\"}");
  assert_decodes (5, "82 a36e7370 a62f61646d696e a474797065 01", "1/admin,");
  assert_decodes (5, "83" NSP "a474797065 04" DATA "a26e6f", "4\"no\"");
  assert_decodes (5, "83" NSP "a474797065 04" DATA "81 a76d657373616765 a178", "4{\"message\":\"x\"}");
  assert_decodes (5, "84" TYPE_EVENT NSP DATA "91a161 a26964 00", "20[\"a\"]");
  assert_decodes (5, "84" TYPE_EVENT NSP DATA "91a161 a26964 d40000", "2[\"a\"]");
  assert_decodes (5, "84" TYPE_EVENT NSP DATA "91a161 a26964 cf001fffffffffffff", "29007199254740991[\"a\"]");
  /* 2.0 and 7.0 are integers in JavaScript. */
  assert_decodes (5, "84 a474797065 cb4000000000000000" NSP DATA "91a161 a26964 ca40e00000", "27[\"a\"]");
  /* Binary becomes attachments in order, and the type follows from them, in both revisions. */
  assert_decodes (5, EVENT "93 a161 c40101 c403020304", "52-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}] <01> <020304>");
  assert_decodes (4, "83 a474797065 06" NSP DATA "91 c400", "61-[{\"_placeholder\":true,\"num\":0}] <>");
  assert_decodes (4, "83 a474797065 05" NSP DATA "91 a161", "2[\"a\"]");
  assert_decodes (4, "83 a474797065 06" NSP DATA "90", "3[]");
  /* A CONNECT has no attachments: binary stays inside. */
  assert_decodes (5, "83" NSP "a474797065 00" DATA "81 a162 c4020102", "0{\"b\":{\"$binary\":\"AQI=\"}}");
  /* What we do not know is passed over, whatever it is. */
  assert_decodes (5, "85" TYPE_EVENT "a26e6f 82 01 02 a1ff c40101" NSP DATA "91a161 a0 93c0c0dc0000", "2[\"a\"]");
}

static void
test_packet_errors (void)
{
  assert_fails (5, "", "msgpack, byte 0: expected a value, found the end");
  assert_fails (5, "c1", "msgpack, byte 0: 0xc1 begins no value");
  assert_fails (5, "90", "msgpack, byte 0: the packet is an array, expected a map");
  assert_fails (5, "01", "msgpack, byte 0: the packet is an integer, expected a map");
  assert_fails (5, "80", "msgpack, byte 1: the packet has no \"type\"");
  assert_fails (5, "81" TYPE_EVENT, "msgpack, byte 7: the packet has no \"nsp\"");
  assert_fails (5, "82" TYPE_EVENT NSP, "msgpack, byte 13: the data of EVENT is missing, expected an array");
  assert_fails (5, "81 01 02", "msgpack, byte 1: a key of the packet is an integer, expected a string");
  assert_fails (5, "83" TYPE_EVENT NSP TYPE_EVENT, "msgpack, byte 13: the packet has \"type\" twice");
  assert_fails (5, "84" TYPE_EVENT NSP DATA "90" DATA "90", "msgpack, byte 19: the packet has \"data\" twice");
  assert_fails (5, "82 a474797065 05" NSP, "msgpack, byte 6: the packet's type must be an integer from 0 to 4");
  assert_fails (5, "82 a474797065 ff" NSP, "msgpack, byte 6: the packet's type must be an integer from 0 to 4");
  assert_fails (5, "82 a474797065 a132" NSP, "msgpack, byte 6: the packet's type must be an integer from 0 to 4");
  assert_fails (5, "82 a474797065 cb3ff8000000000000" NSP, "msgpack, byte 6: the packet's type must be an integer from 0 to 4");
  assert_fails (4, "82 a474797065 07" NSP, "msgpack, byte 6: the packet's type must be an integer from 0 to 6");
  assert_fails (5, "82 a36e7370 c0" TYPE_EVENT, "msgpack, byte 5: the namespace is nil, expected a string");
  assert_fails (5, "82 a36e7370 a161" TYPE_EVENT, "msgpack, byte 5: a namespace that does not begin with '/'");
  assert_fails (5, "82 a36e7370 a0" TYPE_EVENT, "msgpack, byte 5: a namespace that does not begin with '/'");
  assert_fails (5, "82 a36e7370 a32f2c61" TYPE_EVENT,
                "msgpack, byte 5: a namespace with a comma, which socket.io's own encoding does not have");
  assert_fails (5, "82 a36e7370 a22f00" TYPE_EVENT, "msgpack, byte 5: a namespace that is not UTF-8 without NUL");
  assert_fails (5, "82 a36e7370 a22fff" TYPE_EVENT, "msgpack, byte 5: a namespace that is not UTF-8 without NUL");
  assert_fails (5, "83" TYPE_EVENT NSP "a26964 a135", "msgpack, byte 16: the packet's id must be an integer from 0 to 9007199254740991");
  assert_fails (5, "83" TYPE_EVENT NSP "a26964 ff", "msgpack, byte 16: the packet's id must be an integer from 0 to 9007199254740991");
  assert_fails (5, "83" TYPE_EVENT NSP "a26964 cf0020000000000000",
                "msgpack, byte 16: the packet's id must be an integer from 0 to 9007199254740991");
  assert_fails (5, EVENT "80", "msgpack, byte 18: the data of EVENT is a map, expected an array");
  assert_fails (5, EVENT "d40000", "msgpack, byte 18: the data of EVENT is undefined, expected an array");
  assert_fails (5, "83 a474797065 01" NSP DATA "c0", "msgpack, byte 18: the data of DISCONNECT is nil, expected nothing");
  assert_fails (5, "83 a474797065 00" NSP DATA "90", "msgpack, byte 18: the data of CONNECT is an array, expected a map or nothing");
  assert_fails (5, "83 a474797065 04" NSP DATA "c3", "msgpack, byte 18: the data of CONNECT_ERROR is true, expected a map or a string");
  /* In the text a number would be the id. */
  assert_fails (4, "83 a474797065 04" NSP DATA "05",
                "msgpack, byte 18: the data of CONNECT_ERROR is an integer, expected a map or a string");
  assert_fails (4, "83 a474797065 00" NSP DATA "ca3fc00000",
                "msgpack, byte 18: the data of CONNECT is a float, expected a map or nothing");
  assert_fails (5, EVENT "90 c0 c0", "msgpack, byte 19: 2 bytes behind the packet");
  assert_fails (5, EVENT "91 c1", "msgpack, byte 19: 0xc1 begins no value");
  assert_fails (5, EVENT "91 cd01", "msgpack, byte 19: the message ends within a value");
  assert_fails (5, EVENT "92 c0", "msgpack, byte 18: an array of 2 values, but only 1 bytes are left");
  assert_fails (5, EVENT "91 81 c0", "msgpack, byte 19: a map of 1 pairs, but only 1 bytes are left");
  assert_fails (5, EVENT "91 a361", "msgpack, byte 19: a string of 3 bytes, but only 1 are left");
  assert_fails (5, EVENT "91 c40261", "msgpack, byte 19: binary of 2 bytes, but only 1 are left");
  assert_fails (5, EVENT "91 d60161", "msgpack, byte 19: an extension of 4 bytes, but only 1 are left");
  assert_fails (5, EVENT "91 a3 61ff62", "msgpack, byte 19: invalid UTF-8 at byte 1 of the string");
  assert_fails (5, EVENT "91 81 a1ff c0", "msgpack, byte 20: invalid UTF-8 at byte 0 of the string");
  assert_fails (5, EVENT "91 a3 eda080", "msgpack, byte 19: invalid UTF-8 at byte 0 of the string");
}

/* Every message cut short anywhere is an error, and nothing behind it is read. */
static void
test_truncation (void)
{
  g_autoptr(GBytes) whole = bytes_of (EVENT "97 a161 82a16201a16302 c4020102 cb3ff8000000000000 d70000000000000005dc"
                                      "d9027878 cf0020000000000000");
  gsize size = g_bytes_get_size (whole);

  for (gsize i = 0; i <= size; i++)
    {
      /* On the heap of its own, so that a read behind it is seen. */
      g_autoptr(GBytes) part = g_bytes_new (g_bytes_get_data (whole, NULL), i);
      g_autofree char *got = NULL;
      int code;

      got = decode (5, part, FALSE, &default_limits, &code);
      g_assert_cmpint (code, ==, i < size ? SIO_ERROR_MALFORMED : -1);
    }
}

static void
test_values (void)
{
  /* Both ways: what is written for the JSON is what is read as it. */
  static const struct { const char *json, *hex; } cases[] = {
    { "null", "c0" }, { "false", "c2" }, { "true", "c3" }, { "\"\"", "a0" }, { "[]", "90" }, { "{}", "80" },
    { "0", "00" }, { "127", "7f" }, { "128", "cc80" }, { "255", "ccff" }, { "256", "cd0100" }, { "65535", "cdffff" },
    { "65536", "ce00010000" }, { "4294967295", "ceffffffff" }, { "4294967296", "cf0000000100000000" },
    { "9007199254740993", "cf0020000000000001" }, { "18446744073709551615", "cfffffffffffffffff" },
    { "-1", "ff" }, { "-32", "e0" }, { "-33", "d0df" }, { "-128", "d080" }, { "-129", "d1ff7f" }, { "-32768", "d18000" },
    { "-32769", "d2ffff7fff" }, { "-2147483648", "d280000000" }, { "-2147483649", "d3ffffffff7fffffff" },
    { "-9223372036854775808", "d38000000000000000" },
    { "1.5", "cb3ff8000000000000" }, { "0.1", "cb3fb999999999999a" }, { "0.30000000000000004", "cb3fd3333333333334" },
    { "5e-324", "cb0000000000000001" }, { "2.2250738585072014e-308", "cb0010000000000000" },
    { "1.7976931348623157e+308", "cb7fefffffffffffff" }, { "1e+21", "cb444b1ae4d6e2ef50" },
    { "-0", "cb8000000000000000" }, { "1.8446744073709552e+19", "cb43f0000000000000" },
    { "{\"$undefined\":true}", "d40000" }, { "{\"$date\":1500}", "d70000000000000005dc" }, { "{\"$date\":-1}", "d700ffffffffffffffff" },
    { "{\"$number\":\"NaN\"}", "cb7ff8000000000000" }, { "{\"$number\":\"Infinity\"}", "cb7ff0000000000000" },
    { "{\"$number\":\"-Infinity\"}", "cbfff0000000000000" },
    { "{\"$ext\":[5,\"Kg==\"]}", "d4052a" }, { "{\"$ext\":[-1,\"AAAAAA==\"]}", "d6ff00000000" }, { "{\"$ext\":[127,\"\"]}", "c7007f" },
    { "{\"$ext\":[0,\"AQI=\"]}", "d5000102" }, { "{\"$ext\":[-128,\"AQID\"]}", "c70380010203" },
    { "{\"$map\":[[1,\"one\"],[2,\"two\"]]}", "82 01 a36f6e65 02 a374776f" },
    { "{\"$map\":[[[1],{\"a\":{}}],[\"b\",null]]}", "82 9101 81a16180 a162 c0" },
    /* A map of the peer's that looks like one of ours is told from it. */
    { "{\"$map\":[[\"$undefined\",true]]}", "81 aa24756e646566696e6564 c3" },
    { "{\"$map\":[[\"_placeholder\",true],[\"num\",0]]}", "82 ac5f706c616365686f6c646572 c3 a36e756d 00" },
    { "{\"a\":{\"b\":[1,{\"c\":2}]},\"d\":[]}", "82 a161 81a162 92 01 81a163 02 a164 90" },
    { "\"\\\"\\\\\\u0001\\u0000\xc3\xa9\xf0\x9f\x98\x80\"", "aa 225c0100c3a9f09f9880" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *encoded = encode_value (cases[i].json);
      g_autoptr(GBytes) wanted = bytes_of (cases[i].hex);
      g_autofree char *hex = span_to_hex (span_of (wanted));
      g_autofree char *decoded = decode_value (cases[i].hex);

      g_assert_cmpstr (encoded, ==, hex);
      g_assert_cmpstr (decoded, ==, cases[i].json);
    }
}

static void
test_values_read (void)
{
  static const struct { const char *hex, *json; } cases[] = {
    { "ca3fc00000", "1.5" }, { "ca3dcccccd", "0.10000000149011612" }, { "ca00000001", "1.401298464324817e-45" },
    { "caff800000", "{\"$number\":\"-Infinity\"}" }, { "ca7fc00000", "{\"$number\":\"NaN\"}" }, { "cb4008000000000000", "3" },
    { "cc01", "1" }, { "cd0001", "1" }, { "ce00000001", "1" }, { "cf0000000000000001", "1" },
    { "d001", "1" }, { "d10001", "1" }, { "d200000001", "1" }, { "d30000000000000001", "1" }, { "d3ffffffffffffffff", "-1" },
    { "d90161", "\"a\"" }, { "da000161", "\"a\"" }, { "db0000000161", "\"a\"" },
    { "dc000101", "[1]" }, { "dd0000000101", "[1]" }, { "de0001a16101", "{\"a\":1}" }, { "df00000001a16101", "{\"a\":1}" },
    { "82a16101a16102", "{\"a\":1,\"a\":2}" },
    { "c8000105 2a", "{\"$ext\":[5,\"Kg==\"]}" }, { "c9 00000001 fe 2a", "{\"$ext\":[-2,\"Kg==\"]}" },
    { "d8 00 000102030405060708090a0b0c0d0e0f", "{\"$ext\":[0,\"AAECAwQFBgcICQoLDA0ODw==\"]}" },
    { "d40007", "{\"$undefined\":true}" },
    { "81 c0 01", "{\"$map\":[[null,1]]}" }, { "82 a161 01 c402ffff 02", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *decoded = decode_value (cases[i].hex);

      if (cases[i].json != NULL)
        g_assert_cmpstr (decoded, ==, cases[i].json);
      else
        g_assert_cmpstr (decoded, ==, "61-[{\"$map\":[[\"a\",1],[{\"_placeholder\":true,\"num\":0},2]]}] <ffff>");
    }

  /* An ArrayBuffer is binary whatever its size: also with those that mean undefined and Date in the fixext forms. */
  assert_decodes (5, EVENT "95 a161 c7010009 c70800 0000000000000005 c8000200 0102 c900000000 00",
                  "54-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":2},"
                  "{\"_placeholder\":true,\"num\":3}] <09> <0000000000000005> <0102> <>");
}

static void
test_values_written (void)
{
  static const struct { const char *json, *hex; } cases[] = {
    { "1.0", "cb3ff0000000000000" }, { "1e2", "cb4059000000000000" }, { "-0.0", "cb8000000000000000" },
    { "18446744073709551616", "cb43f0000000000000" }, { "-18446744073709551616", "cbc3f0000000000000" },
    { "0.1000000000000000055511151231257827", "cb3fb999999999999a" }, { "1e-400", "cb0000000000000000" },
    { "18446744073709551617", "msgpack has no such number: 18446744073709551617" },
    { "-9223372036854775809", "msgpack has no such number: -9223372036854775809" },
    { "1e400", "msgpack has no such number: 1e400" }, { "-1e400", "msgpack has no such number: -1e400" },
    { " [ 1 , 2 ] ", "920102" }, { "{ \"a\" : { } }", "81a16180" },
    /* Escapes are taken off; what is no character is U+FFFD. */
    { "\"\\u00e9\\ud83d\\ude00\"", "a6c3a9f09f9880" }, { "\"\\ud800\"", "a3efbfbd" },
    { "{\"\\u0024date\":1}", "81a52464617465" "01" },
    /* Not what they look like. */
    { "{\"$undefined\":false}", "81aa24756e646566696e6564c2" }, { "{\"$date\":1.5}", "81a52464617465cb3ff8000000000000" },
    { "{\"$date\":1,\"a\":2}", "82a5246461746501a16102" }, { "{\"$number\":\"nan\"}", "81a7246e756d626572a36e616e" },
    { "{\"$ext\":[128,\"\"]}", "81a42465787492cc80a0" }, { "{\"$ext\":[1]}", "81a4246578749101" },
    { "{\"$ext\":[1,\"\",2]}", "81a4246578749301a002" }, { "{\"$map\":[[1]]}", "81a4246d6170919101" }, { "{\"$map\":1}", "81a4246d617001" },
    { "{\"$map\":[]}", "80" }, { "{\"$map\":[[1,2]],\"$map\":[[1,2]]}", "82a4246d617091920102a4246d617091920102" },
    { "{\"_placeholder\":true,\"num\":0}", "82ac5f706c616365686f6c646572c3a36e756d00" },
    { "{\"$binary\":\"AQI=\"}", "c4020102" }, { "{\"$binary\":1}", "81a72462696e61727901" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *encoded = encode_value (cases[i].json);

      g_assert_cmpstr (encoded, ==, cases[i].hex);
    }
}

static void
test_encode_errors (void)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GError) error = NULL;
  static const char * const cases[] = { "", "7", "2", "2[", "2[\"connect\"]", "51-[\"a\",{\"_placeholder\":true,\"num\":0}]" };
  gboolean is_text;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = NULL;
      int code;

      message = encode (5, cases[i], &code);
      g_assert_cmpint (code, ==, SIO_ERROR_INVALID_ARGUMENT);
    }

  g_ptr_array_add (attachments, g_bytes_new_static ("x", 1));
  g_assert_null (sio_parser_encode (parser, 5, SIO_SPAN_LITERAL ("2[\"a\"]"), attachments, &is_text, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
}

/* Revision 4: what has no arguments is JSON text, both ways. */
static void
test_text_messages (void)
{
  static const struct { const char *packet, *message; } both[] = {
    { "0", "{\"type\":0,\"nsp\":\"/\"}" },
    { "0/admin,", "{\"type\":0,\"nsp\":\"/admin\"}" },
    { "1/admin,", "{\"type\":1,\"nsp\":\"/admin\"}" },
    { "4\"nope\"", "{\"type\":4,\"nsp\":\"/\",\"data\":\"nope\"}" },
    { "4/a,{\"code\":[1]}", "{\"type\":4,\"nsp\":\"/a\",\"data\":{\"code\":[1]}}" },
  };
  static const struct { const char *message, *packet; } read[] = {
    { " { \"data\" : [\"a\", 1.0] , \"id\":0, \"nsp\":\"/\\u0061\", \"type\":2 } ", "2/a,0[\"a\", 1.0]" },
    { "{\"type\":5,\"nsp\":\"/\",\"data\":[\"a\"]}", "2[\"a\"]" },
    { "{\"type\":0,\"nsp\":\"/\",\"query\":\"a=1\"}", "0" },
  };
  static const struct { const char *message, *error; } bad[] = {
    { "[]", "packet as JSON text: expected an object" },
    { "{}", "packet as JSON text: \"type\" must be an integer from 0 to 6" },
    { "{\"type\":7,\"nsp\":\"/\"}", "packet as JSON text: \"type\" must be an integer from 0 to 6" },
    { "{\"type\":\"0\",\"nsp\":\"/\"}", "packet as JSON text: \"type\" must be an integer from 0 to 6" },
    { "{\"type\":0}", "packet as JSON text: \"nsp\" must be a string" },
    { "{\"type\":0,\"nsp\":\"\"}", "packet as JSON text: a namespace that does not begin with '/'" },
    { "{\"type\":0,\"nsp\":\"/a,b\"}", "packet as JSON text: a namespace with a comma, which socket.io's own encoding does not have" },
    { "{\"type\":0,\"nsp\":\"/\\u0000\"}", "packet as JSON text: a namespace that is not UTF-8 without NUL" },
    { "{\"type\":1,\"nsp\":\"/\",\"data\":1}", "packet as JSON text: DISCONNECT has data" },
    { "{\"type\":4,\"nsp\":\"/\",\"data\":5}",
      "packet as JSON text: the data is a number, which socket.io's own encoding cannot tell from an id" },
    { "{\"type\":2,\"nsp\":\"/\"}", "packet as JSON text: the data of an event or ack must be an array" },
    { "{\"type\":3,\"nsp\":\"/\",\"id\":-1,\"data\":[]}", "packet as JSON text: \"id\" must be an integer from 0 to 9007199254740991" },
  };
  g_autoptr(GBytes) plain = g_bytes_new_static ("0", 1);
  g_autofree char *got = NULL;
  int code;

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_autofree char *encoded = encode (4, both[i].packet, &code);
      g_autoptr(GBytes) message = g_bytes_new (both[i].message, strlen (both[i].message));
      g_autofree char *decoded = decode (4, message, TRUE, &default_limits, &code);

      g_assert_cmpstr (encoded, ==, both[i].message);
      g_assert_cmpstr (decoded, ==, both[i].packet);
    }
  for (guint i = 0; i < G_N_ELEMENTS (read); i++)
    {
      g_autoptr(GBytes) message = g_bytes_new (read[i].message, strlen (read[i].message));
      g_autofree char *decoded = decode (4, message, TRUE, &default_limits, &code);

      g_assert_cmpstr (decoded, ==, read[i].packet);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GBytes) message = g_bytes_new (bad[i].message, strlen (bad[i].message));
      g_autofree char *decoded = decode (4, message, TRUE, &default_limits, &code);

      g_assert_cmpstr (decoded, ==, bad[i].error);
      g_assert_cmpint (code, ==, SIO_ERROR_MALFORMED);
    }

  /* What a server says that does not use msgpack. */
  got = decode (5, plain, TRUE, &default_limits, &code);
  g_assert_cmpstr (got, ==, "a text message where msgpack is binary: does the server use another parser?");
  g_assert_cmpint (code, ==, SIO_ERROR_MALFORMED);
}

static void
test_interface (void)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();

  g_assert_true (SIO_IS_PARSER (parser));
  g_assert_cmpstr (sio_parser_get_name (parser), ==, "msgpack");
  g_assert_finalize_object (g_steal_pointer (&parser));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/msgpack/interface", test_interface);
  g_test_add_func ("/msgpack/packets", test_packets);
  g_test_add_func ("/msgpack/packet-errors", test_packet_errors);
  g_test_add_func ("/msgpack/truncation", test_truncation);
  g_test_add_func ("/msgpack/values/both-ways", test_values);
  g_test_add_func ("/msgpack/values/read", test_values_read);
  g_test_add_func ("/msgpack/values/written", test_values_written);
  g_test_add_func ("/msgpack/encode-errors", test_encode_errors);
  g_test_add_func ("/msgpack/text-messages-of-revision-4", test_text_messages);

  return g_test_run ();
}
