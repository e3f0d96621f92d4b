/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The scanner and what is done with JSON text. */

#include "sio.h"
#include "wire/sio-json-private.h"

static SioSpan
span (const char *text)
{
  return (SioSpan) { text, strlen (text) };
}

/* What must pass and what must not, and there at which byte. -1: valid. Most are from JSONTestSuite's ideas. */
static const struct {
  const char *text;
  int         offset;
} grammar[] = {
  { "null", -1 }, { "true", -1 }, { "false", -1 }, { " \t\r\n1 ", -1 }, { "\"\"", -1 }, { "[]", -1 }, { "{}", -1 },
  { "-0", -1 }, { "0", -1 }, { "-1.5e+10", -1 }, { "1E2", -1 }, { "1e400", -1 }, { "123456789012345678901234567890", -1 },
  { "[1,[2,{\"a\":[]}],\"x\"]", -1 }, { "{\"a\":1,\"a\":2}", -1 }, { "\"\\u0000\"", -1 }, { "\"\\ud800\"", -1 },
  { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", -1 }, { "\"\x7f\"", -1 }, { "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", -1 },
  { "\"\xe2\x80\xa8\"", -1 }, { "[ ]", -1 }, { "{ }", -1 }, { "{ \"a\" : 1 , \"b\" : 2 }", -1 },

  { "", 0 }, { " ", 1 }, { "nul", 0 }, { "nulL", 0 }, { "nulll", 4 }, { "True", 0 }, { "'x'", 0 }, { "[1,]", 3 },
  { "[,1]", 1 }, { "[1 2]", 3 }, { "[1", 2 }, { "[", 1 }, { "]", 0 }, { "[1]]", 3 }, { "{", 1 }, { "{\"a\"", 4 }, { "{\"a\":", 5 },
  { "{\"a\":1", 6 }, { "{\"a\":1,}", 7 }, { "{a:1}", 1 }, { "{1:1}", 1 }, { "{\"a\" 1}", 5 }, { "[1}", 2 }, { "{\"a\":1]", 6 },
  { "01", 1 }, { "-", 1 }, { "-a", 1 }, { "+1", 0 }, { ".5", 0 }, { "1.", 2 }, { "1.e1", 2 }, { "1e", 2 }, { "1e+", 3 }, { "0x10", 1 },
  { "00", 1 }, { "-01", 2 }, { "NaN", 0 }, { "Infinity", 0 }, { "\"", 1 }, { "\"a", 2 }, { "\"\\", 2 }, { "\"\\x41\"", 2 },
  { "\"\\u12\"", 5 }, { "\"\\u123", 6 }, { "\"\\u12G4\"", 5 }, { "\"\n\"", 1 }, { "\"\x01\"", 1 }, { "\"\x1f\"", 1 },
  { "\"\xff\"", 1 }, { "\"\xc3\"", 1 }, { "\"\xc0\x80\"", 1 }, { "\"\xed\xa0\x80\"", 1 }, { "\"\xf4\x90\x80\x80\"", 1 },
  { "\"\xe0\x80\x80\"", 1 }, { "\"\xf0\x80\x80\x80\"", 1 }, { "\"\x80\"", 1 }, { "\"\xe2\x82\"", 1 }, { "/* c */1", 0 }, { "1//", 1 },
  { "\xef\xbb\xbf[]", 0 }, { "[1][2]", 3 }, { "\"a\"b", 3 }, { "[\"a\",\v1]", 5 }, { "\xc2\xa0""1", 0 },
};

static void
test_grammar (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (grammar); i++)
    {
      g_autoptr(GError) error = NULL;
      gsize offset = 999;
      gboolean valid = sio_json_validate (grammar[i].text, strlen (grammar[i].text), 256, NULL, &offset, &error);

      if (grammar[i].offset < 0)
        {
          g_assert_no_error (error);
          g_assert_true (valid);
        }
      else
        {
          g_autofree char *escaped = g_strescape (grammar[i].text, NULL);

          g_test_message ("%s: %s", escaped, error != NULL ? error->message : "no error");
          g_assert_false (valid);
          g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
          g_assert_cmpuint (offset, ==, grammar[i].offset);
        }
    }
}

/* The sixteen-byte steps must see each special byte at each place, and not read behind the end. */
static void
test_string_positions (void)
{
  static const struct {
    const char *bytes;
    gboolean    valid;
  } cases[] = {
    { "\\n", TRUE }, { "\x1f", FALSE }, { "\xc3\xa9", TRUE }, { "\xff", FALSE }, { "\xf0\x9f\x98\x80", TRUE }, { "\x7f", TRUE }, { "\\q", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint before = 0; before < 40; before++)
      for (guint after = 0; after < 40; after += 13)
        {
          g_autoptr(GString) text = g_string_new ("\"");
          g_autofree char *exact = NULL;
          gsize offset = 0;
          gboolean valid;

          for (guint k = 0; k < before; k++)
            g_string_append_c (text, 'x');
          g_string_append (text, cases[i].bytes);
          for (guint k = 0; k < after; k++)
            g_string_append_c (text, 'y');
          g_string_append_c (text, '"');

          exact = g_memdup2 (text->str, text->len); /* for the address sanitizer */
          valid = sio_json_validate (exact, text->len, 8, NULL, &offset, NULL);
          g_assert_cmpint (valid, ==, cases[i].valid);
          if (!valid)
            g_assert_cmpuint (offset, ==, 1 + before + (cases[i].bytes[0] == '\\' ? 1 : 0));
        }
}

static void
test_depth (void)
{
  static const guint limits[] = { 1, 63, 64, 65, 128, 256, 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      guint n = limits[i];
      g_autoptr(GString) text = g_string_new (NULL);
      g_autoptr(GError) error = NULL;

      for (guint k = 0; k < n; k++)
        g_string_append (text, k % 3 == 1 ? "{\"a\":" : "[");
      g_string_append (text, n % 3 == 2 ? "1" : "");
      for (guint k = n; k-- > 0;)
        g_string_append_c (text, k % 3 == 1 ? '}' : ']');
      /* An object as the innermost bracket needs a value; the line above gives it. */
      g_assert_true (sio_json_validate (text->str, text->len, n, NULL, NULL, &error));
      g_assert_no_error (error);

      g_assert_false (sio_json_validate (text->str, text->len, n - 1, NULL, NULL, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);
    }
}

static void
test_deep_is_no_overflow (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  gsize consumed;

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, '[');
  g_assert_false (sio_json_validate (text->str, text->len, G_MAXUINT, NULL, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, ']');

  /* Laid out it is no more than a capped indentation a line; not the square of the depth. */
  consumed = sio_json_append_indented (out, span (text->str), 2, G_MAXSIZE);
  g_assert_cmpuint (consumed, ==, text->len);
  g_assert_cmpuint (out->len, <, text->len * 70);

  g_string_truncate (out, 0);
  sio_json_append_with_binary (out, span (text->str), NULL);
  g_assert_true (g_string_equal (out, text));
}

static void
test_messages (void)
{
  static const struct {
    const char *text;
    const char *message;
  } cases[] = {
    { "{\"a\": 1 \"b\"}", "JSON, byte 8 (line 1, column 9): expected ',' or '}', found '\"'" },
    { "{\n \"\xc3\xa9\": nope }", "JSON, byte 9 (line 2, column 7): expected a value, found 'n'" },
    { "[1,", "JSON, byte 3 (line 1, column 4): expected a value, found the end" },
    { "[\"\t\"]", "JSON, byte 2 (line 1, column 3): expected an escape instead of a raw control character, found byte 0x09" },
    { "[\xe2\x82\xac]", "JSON, byte 1 (line 1, column 2): expected a value, found '\xe2\x82\xac'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_json_validate (cases[i].text, strlen (cases[i].text), 8, NULL, NULL, &error));
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_iter (void)
{
  static const char text[] = "  \"a,]\" , [1,[2]] ,{\"x\":\"}\"}, -1.5 ,null";
  static const char * const wanted[] = { "\"a,]\"", "[1,[2]]", "{\"x\":\"}\"}", "-1.5", "null" };
  SioJsonIter iter;
  SioSpan element;
  guint n = 0;

  sio_json_iter_init (&iter, span (text));
  while (sio_json_iter_next (&iter, &element))
    {
      g_assert_cmpuint (n, <, G_N_ELEMENTS (wanted));
      g_assert_true (sio_span_equals (element, wanted[n]));
      n++;
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (wanted));

  sio_json_iter_init (&iter, (SioSpan) { NULL, 0 });
  g_assert_false (sio_json_iter_next (&iter, &element));
}

static void
test_unquote (void)
{
  static const struct {
    const char *token;
    const char *text;
    gsize       size;
  } cases[] = {
    { "\"\"", "", 0 },
    { "\"abc\"", "abc", 3 },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8 },
    { "\"a\\u0000b\"", "a\0b", 3 },
    { "\"\\u00e9\\u20AC\"", "\xc3\xa9\xe2\x82\xac", 5 },
    { "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4 },
    { "\"\\ud83d\"", "\xef\xbf\xbd", 3 },
    { "\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd", 6 },
    { "\"\\ud83dx\"", "\xef\xbf\xbdx", 4 },
    { "\"\\ud83d\\u0041\"", "\xef\xbf\xbd""A", 4 },
    { "\"\\ud83d\\n\"", "\xef\xbf\xbd\n", 4 },
    { "12.0", "12.0", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GString *text = sio_json_unquote (span (cases[i].token));

      g_assert_cmpmem (text->str, text->len, cases[i].text, cases[i].size);
      g_string_free (text, TRUE);
    }
}

static void
test_quoted (void)
{
  g_autoptr(GString) out = g_string_new (NULL);

  sio_json_append_quoted (out, "a\"\\\b\f\n\r\t\x01\x7f/\xc3\xa9\xe2\x80\xa8", -1);
  g_assert_cmpstr (out->str, ==, "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f/\xc3\xa9\xe2\x80\xa8\"");

  g_string_truncate (out, 0);
  sio_json_append_quoted (out, "a\0b", 3);
  g_assert_cmpstr (out->str, ==, "\"a\\u0000b\"");

  g_string_truncate (out, 0);
  sio_json_append_quoted (out, "x\xff\xc3y\xed\xa0\x80", -1);
  g_assert_cmpstr (out->str, ==, "\"x\xef\xbf\xbd\xef\xbf\xbdy\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
test_indented (void)
{
  static const char text[] = "{\"a\":[1.0,18446744073709551615],\"b\":{},\"c\":[ ],\"a\":\"x, [y]\"}";
  static const char wanted[] =
    "{\n  \"a\": [\n    1.0,\n    18446744073709551615\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"a\": \"x, [y]\"\n}";
  g_autoptr(GString) out = g_string_new (NULL);

  g_assert_cmpuint (sio_json_append_indented (out, span (text), 2, G_MAXSIZE), ==, strlen (text));
  g_assert_cmpstr (out->str, ==, wanted);

  g_string_truncate (out, 0);
  sio_json_append_compact (out, span (wanted));
  g_assert_cmpstr (out->str, ==, "{\"a\":[1.0,18446744073709551615],\"b\":{},\"c\":[],\"a\":\"x, [y]\"}");
}

static void
test_indented_limit (void)
{
  static const char text[] = "[\"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\",{\"a\":1}]";
  gsize last = 0;

  for (gsize max = 0; max < 60; max++)
    {
      g_autoptr(GString) out = g_string_new ("kept");
      gsize consumed = sio_json_append_indented (out, span (text), 4, max);

      g_assert_cmpuint (out->len, <=, 4 + max);
      g_assert_true (g_utf8_validate (out->str, (gssize) out->len, NULL));
      g_assert_cmpuint (consumed, >=, last);
      g_assert_cmpuint (consumed, <=, strlen (text));
      last = consumed;
    }
  g_assert_cmpuint (last, ==, strlen (text));
}

static void
test_object_get (void)
{
  SioSpan value = { NULL, 0 };

  g_assert_true (sio_json_object_get (span (" { \"a\" : [1,{\"b\":2}] , \"b\" : 3 }"), "b", &value));
  g_assert_true (sio_span_equals (value, "3"));
  g_assert_true (sio_json_object_get (span ("{\"k\":1,\"k\":2}"), "k", &value));
  g_assert_true (sio_span_equals (value, "2"));
  g_assert_true (sio_json_object_get (span ("{\"\\u006b\":\"v\"}"), "k", &value));
  g_assert_true (sio_span_equals (value, "\"v\""));

  value = (SioSpan) { NULL, 0 };
  g_assert_false (sio_json_object_get (span ("{\"x\":{\"k\":1}}"), "k", &value));
  g_assert_false (sio_json_object_get (span ("{}"), "k", &value));
  g_assert_false (sio_json_object_get (span ("[\"k\",1]"), "k", &value));
  g_assert_cmpuint (value.size, ==, 0);
}

static void
test_binary (void)
{
  static const char text[] = "[{\"$binary\":\"AQID\"}, {\"x\":{\"$binary\":\"\"}}, {\"$binary\":\"AQ==\",\"y\":1}, {\"$binary\":5}]";
  static const char wire[] = "[{\"_placeholder\":true,\"num\":0}, {\"x\":{\"_placeholder\":true,\"num\":1}}, "
                             "{\"$binary\":\"AQ==\",\"y\":1}, {\"$binary\":5}]";
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (sio_json_extract_binary (out, span (text), attachments, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (out->str, ==, wire);
  g_assert_cmpuint (attachments->len, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (attachments->pdata[0], NULL), g_bytes_get_size (attachments->pdata[0]), "\1\2\3", 3);
  g_assert_cmpuint (g_bytes_get_size (attachments->pdata[1]), ==, 0);
  g_assert_true (sio_json_check_placeholders (span (wire), 2, NULL));
  g_assert_false (sio_json_check_placeholders (span (wire), 1, NULL));

  g_string_truncate (out, 0);
  sio_json_append_with_binary (out, span (wire), attachments);
  g_assert_cmpstr (out->str, ==, text);

  /* Any order of members, others beside, an escaped name; and what is none. */
  g_string_truncate (out, 0);
  sio_json_append_with_binary (out, span ("[{\"x\":[{}],\"num\":0,\"_place\\u0068older\":true},{\"_placeholder\":1,\"num\":0},"
                                          "{\"_placeholder\":true,\"num\":9},{\"_placeholder\":true,\"_placeholder\":false,\"num\":0}]"),
                               attachments);
  g_assert_cmpstr (out->str, ==, "[{\"$binary\":\"AQID\"},{\"_placeholder\":1,\"num\":0},"
                                 "{\"_placeholder\":true,\"num\":9},{\"_placeholder\":true,\"_placeholder\":false,\"num\":0}]");
}

static void
test_binary_errors (void)
{
  static const char * const bad[] = { "A", "AQI=ID", "AQ=", "A===", "AQ ID", "AQ*D", "====" };
  static const char * const good[] = { "", "AQ", "AQ==", "AQI", "AQI=", "-_-_" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autofree char *text = g_strdup_printf ("[{\"$binary\":\"AQID\"},{\"$binary\":\"%s\"}]", bad[i]);
      g_autoptr(GString) out = g_string_new ("kept");
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_json_extract_binary (out, span (text), attachments, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_cmpstr (out->str, ==, "kept");
      g_assert_cmpuint (attachments->len, ==, 0);
    }

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autofree char *text = g_strdup_printf ("{\"$binary\":\"%s\"}", good[i]);
      g_autoptr(GString) out = g_string_new (NULL);

      g_assert_true (sio_json_extract_binary (out, span (text), attachments, NULL));
      g_assert_cmpuint (attachments->len, ==, 1);
    }
}

/* A packet may name its one attachment again and again; written out, that has an end. */
static void
test_binary_expansion (void)
{
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) text = g_string_new ("[0");
  g_autoptr(GString) out = g_string_new (NULL);
  const gsize size = 1 << 20;

  g_ptr_array_add (attachments, g_bytes_new_take (g_malloc0 (size), size));
  for (guint i = 0; i < 300; i++)
    g_string_append (text, ",{\"_placeholder\":true,\"num\":0}");
  g_string_append_c (text, ']');

  g_assert_cmpuint (sio_json_sum_placeholders (span (text->str), attachments), ==, 300 * size);
  sio_json_append_with_binary (out, span (text->str), attachments);
  g_assert_cmpuint (out->len, <, 400u << 20);
  g_assert_true (g_str_has_suffix (out->str, "{\"_placeholder\":true,\"num\":0}]"));
}

static void
test_base64_round_trip (void)
{
  guint8 data[70];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guint8) (i * 37);

  for (gsize size = 0; size <= sizeof data; size++)
    {
      g_autoptr(GString) text = g_string_new (NULL);
      g_autofree char *wanted = size > 0 ? g_base64_encode (data, size) : g_strdup ("");
      g_autoptr(GBytes) back = NULL;

      sio_base64_append (text, data, size);
      g_assert_cmpstr (text->str, ==, wanted);
      back = sio_base64_decode (text->str, text->len);
      g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), data, size);
    }
}

/* Every beginning of a text, in a block that ends where the text ends: the address sanitizer sees who looks further. */
static void
test_beginnings (void)
{
  static const char text[] = "{\"name\":\"fifteen letters\",\"sixteen letters.\":[-12.5e+3,true,null,\"\\u00e9\\n \xc3\xbc and a longer one\"],\"\":{}}";

  for (gsize from = 0; from < strlen (text); from++)
    for (gsize size = 1; size <= strlen (text) - from; size++)
      {
        g_autofree char *copy = g_memdup2 (text + from, size);
        gsize offset = 0;

        if (sio_json_validate (copy, size, 8, NULL, &offset, NULL))
          g_assert_true (from > 0 || size == strlen (text));
        else
          g_assert_cmpuint (offset, <=, size);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/grammar", test_grammar);
  g_test_add_func ("/json/string-positions", test_string_positions);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/deep-is-no-overflow", test_deep_is_no_overflow);
  g_test_add_func ("/json/messages", test_messages);
  g_test_add_func ("/json/iter", test_iter);
  g_test_add_func ("/json/unquote", test_unquote);
  g_test_add_func ("/json/quoted", test_quoted);
  g_test_add_func ("/json/indented", test_indented);
  g_test_add_func ("/json/indented-limit", test_indented_limit);
  g_test_add_func ("/json/object-get", test_object_get);
  g_test_add_func ("/json/binary", test_binary);
  g_test_add_func ("/json/binary-errors", test_binary_errors);
  g_test_add_func ("/json/binary-expansion", test_binary_expansion);
  g_test_add_func ("/base64/round-trip", test_base64_round_trip);
  g_test_add_func ("/json/beginnings", test_beginnings);

  return g_test_run ();
}
