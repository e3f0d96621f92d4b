/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fast pass over JSON beside the scanner: what it takes, the scanner takes and ends at the same byte; and it takes all
 * that it is there for, so that it is really used. With each set of instructions that this machine has. */

#include "sio.h"
#include "wire/sio-json-blocks-private.h"
#include "wire/sio-json-private.h"

#define MAX_DEPTH 256

static guint64 n_good;

static void
check (const char *text, gsize size, guint max_depth)
{
  const char *end = text + size;
  SioJsonFault fault;
  const char *good;
  gboolean must;

  if (size == 0 || (*text != '{' && *text != '['))
    return;

  good = sio_json_scan_bytes (text, end, max_depth, &fault);
  /* behind the value may be what makes the fast pass give up */
  must = good == end && sio_json_scan_bytes (text, end, SIO_JSON_BLOCKS_MAX_DEPTH, &fault) != NULL;
  n_good += must;
  for (const SioJsonBlocks *blocks = sio_json_blocks_get (); blocks->name != NULL; blocks++)
    {
      const char *fast = blocks->scan (text, end, max_depth);

      if (fast != good && (fast != NULL || must))
        {
          g_autofree char *shown = g_strescape (text, NULL);

          g_error ("%s: %s to %d, the scanner %d", blocks->name, shown, fast != NULL ? (int) (fast - text) : -1,
                   good != NULL ? (int) (good - text) : -1);
        }
    }
}

/* In a block of exactly its size, for the address sanitizer. */
static void
check_exact (const GString *text, guint max_depth)
{
  g_autofree char *exact = g_memdup2 (text->str, text->len);

  check (exact, text->len, max_depth);
}

typedef struct {
  const char *first;    /* in front of the filler */
  const char *behind;   /* between filler and what is tried */
  char        filler;
} Lead;

static const Lead leads[] = {
  { "[", "", ' ' }, { "{", "", '\n' }, { "[\"", "\",", 'x' }, { "{\"", "\":", 'x' }, { "[1", ",", '1' }, { "{\"k\":0.1", ",", '7' },
};

/* Every sequence of so many words, behind fillers so that each part of it comes to lie over the end of a block. */
static void
check_sequences (const char * const *words, guint n_words, guint length, const char *before, const char *behind)
{
  static const guint sizes[] = { 0, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65 };
  g_autoptr(GString) text = g_string_new (NULL);
  guint64 n = 1;

  for (guint i = 0; i < length; i++)
    n *= n_words;
  for (guint l = 0; l < G_N_ELEMENTS (leads); l++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        gsize start;

        g_string_assign (text, leads[l].first);
        for (guint i = 0; i < sizes[s]; i++)
          g_string_append_c (text, leads[l].filler);
        g_string_append (text, leads[l].behind);
        g_string_append (text, before);
        start = text->len;
        for (guint64 number = 0; number < n; number++)
          {
            guint64 rest = number;

            g_string_truncate (text, start);
            for (guint i = 0; i < length; i++, rest /= n_words)
              g_string_append (text, words[rest % n_words]);
            g_string_append (text, behind);
            g_string_append_c (text, *leads[l].first == '[' ? ']' : '}');
            check (text->str, text->len, MAX_DEPTH);
          }
      }
}

static void
test_tokens (void)
{
  static const char * const words[] = { "[", "]", "{", "}", ",", ":", "\"a\"", "1", "true", " " };

  n_good = 0;
  for (guint length = 0; length <= 4; length++)
    check_sequences (words, G_N_ELEMENTS (words), length, "", "");
  /* of names and nothing else: all that is right about members */
  for (guint length = 5; length <= 7; length++)
    check_sequences ((const char * const[]) { "{", "}", ",", ":", "\"\"" }, length == 7 ? 4 : 5, length, "\"b\":", "");
  g_test_message ("%" G_GUINT64_FORMAT " good ones", n_good);
  g_assert_cmpuint (n_good, >, 1000);
}

static void
test_numbers (void)
{
  static const char * const words[] = { "-", "+", ".", "0", "1", "e", "E" };

  n_good = 0;
  for (guint length = 1; length <= 5; length++)
    {
      check_sequences (words, G_N_ELEMENTS (words), length, "", "");
      check_sequences (words, 6, length - 1, "\"b\":10", "");
    }
  g_assert_cmpuint (n_good, >, 1000);
}

static void
test_words (void)
{
  static const char * const words[] = { "true", "false", "null", "tru", "e", "l", "n", "1", "," };

  n_good = 0;
  for (guint length = 1; length <= 3; length++)
    {
      check_sequences (words, G_N_ELEMENTS (words), length, "", "");
      check_sequences (words, G_N_ELEMENTS (words), length, "\"b\":", "");
    }
  g_assert_cmpuint (n_good, >, 100);
}

/* What has bits in common with a comma, a colon or a bracket. */
static void
test_like_operators (void)
{
  static const char * const words[] = { "\x0c", "\x1a", "\x0d", "\x7c", "\x5c", "\x8c", "\xba", "\xfb", "\xdd", "1", "," };

  n_good = 0;
  for (guint length = 1; length <= 3; length++)
    {
      check_sequences (words, G_N_ELEMENTS (words), length, "", "");
      check_sequences (words, G_N_ELEMENTS (words), length, "\"b\":1", "");
      check_sequences (words, G_N_ELEMENTS (words), length, "\"", "\"");
    }
  g_assert_cmpuint (n_good, >, 100);
}

static void
test_strings (void)
{
  static const char * const words[] = { "\\", "\"", "u", "00aF", "n", "/", "\x01", "\x7f", "\t", "]" };

  n_good = 0;
  for (guint length = 1; length <= 4; length++)
    check_sequences (words, G_N_ELEMENTS (words), length, "\"", "\"");
  for (guint length = 5; length <= 9; length++)
    check_sequences (words, 2, length, "\"", "\"");
  g_assert_cmpuint (n_good, >, 1000);
}

/* Runs of backslashes over several blocks. */
static void
test_backslashes (void)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint before = 0; before < 66; before++)
    for (guint n = 0; n < 200; n++)
      {
        g_string_assign (text, "[\"");
        for (guint i = 0; i < before; i++)
          g_string_append_c (text, 'x');
        for (guint i = 0; i < n; i++)
          g_string_append_c (text, '\\');
        g_string_append (text, "\"]");
        check_exact (text, MAX_DEPTH);
      }
}

/* Every kind of token at every place of three blocks, and texts of every size. */
static void
test_offsets (void)
{
  static const char * const tokens[] = {
    "\"\"", "\"abc\"", "\"\\u00e9\\n\"", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "-0.5", "1e400", "1.25E-7", "true", "false", "null",
    "[]", "{}", "{\"a\":[1,{\"b\":null}]}", "[ 1 , 2 ]", "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "{\"_placeholder\":true,\"num\":0}", "\"\x1f\"", "\"\\x\"", "\"\\u12\"", "\"\xff\"", "01", "1.", "-", "nul", "[1,]", "{\"a\"}", "{,}", "\"", "\\", "\v",
  };
  g_autoptr(GString) text = g_string_new (NULL);

  n_good = 0;
  for (guint t = 0; t < G_N_ELEMENTS (tokens); t++)
    for (guint l = 0; l < G_N_ELEMENTS (leads); l++)
      for (guint before = 0; before <= 130; before++)
        for (guint cut = 0; cut < 2; cut++)
          {
            g_string_assign (text, leads[l].first);
            for (guint i = 0; i < before; i++)
              g_string_append_c (text, leads[l].filler);
            g_string_append (text, leads[l].behind);
            if (l == 1 || l == 5)
              g_string_append (text, "\"n\":");
            g_string_append (text, tokens[t]);
            if (!cut)
              g_string_append_c (text, *leads[l].first == '[' ? ']' : '}');
            check_exact (text, MAX_DEPTH);
          }
  g_assert_cmpuint (n_good, >, 5000);
}

static void
check_utf8 (const guint8 *bytes, guint n, guint before)
{
  g_autoptr(GString) text = g_string_new ("[\"");
  SioSpan span;
  gboolean valid;

  for (guint i = 0; i < before; i++)
    g_string_append_c (text, 'x');
  g_string_append_len (text, (const char *) bytes, n);
  span = (SioSpan) { text->str + 2, text->len - 2 };
  valid = g_utf8_validate_len (span.data, span.size, NULL);
  g_assert_cmpint (sio_utf8_validate (span), ==, valid);
  g_string_append (text, "\",1]");
  check_exact (text, MAX_DEPTH);
  /* the same outside of a string is never right */
  g_string_assign (text, "[");
  g_string_append_len (text, (const char *) bytes, n);
  g_string_append_c (text, ']');
  check_exact (text, MAX_DEPTH);
}

static void
test_utf8 (void)
{
  static const guint8 edges[] = { 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0 };
  guint8 bytes[4];

  for (guint first = 0x80; first < 0x100; first++)
    for (guint second = 0x20; second < 0x100; second++)
      {
        if (second == '"' || second == '\\')
          continue;
        bytes[0] = (guint8) first;
        bytes[1] = (guint8) second;
        check_utf8 (bytes, 2, 0);
        if (second > 0x7f)
          check_utf8 (bytes, 2, 60);
      }
  for (guint first = 0xdf; first < 0xf8; first++)
    for (guint a = 0; a < G_N_ELEMENTS (edges); a++)
      for (guint b = 0; b < G_N_ELEMENTS (edges); b++)
        for (guint c = 0; c < G_N_ELEMENTS (edges); c++)
          {
            bytes[0] = (guint8) first;
            bytes[1] = edges[a];
            bytes[2] = edges[b];
            bytes[3] = edges[c];
            check_utf8 (bytes, 4, 59 + (a + b + c) % 5);
            check_utf8 (bytes, 3, 61);
          }
}

static void
test_depth (void)
{
  g_autoptr(GString) text = g_string_new (NULL);

  n_good = 0;
  for (guint depth = 1; depth <= 70; depth++)
    for (guint shape = 0; shape < 3; shape++)
      {
        g_string_truncate (text, 0);
        for (guint i = 0; i < depth; i++)
          g_string_append (text, (i + shape) % 3 != 0 ? "{\"a\":" : "[");
        g_string_append_c (text, '1');
        for (guint i = depth; i-- > 0;)
          g_string_append_c (text, (i + shape) % 3 != 0 ? '}' : ']');
        for (guint limit = 0; limit <= 72; limit++)
          check_exact (text, limit);
      }
  g_assert_cmpuint (n_good, >, 5000);
}

static void
append_luck (GString *text, guint depth)
{
  static const char * const scalars[] = {
    "0", "-1", "12.50", "1e5", "-0.0E+10", "123456789", "true", "false", "null", "\"\"", "\"sku\"", "\"a \\\"b\\\" c\"",
    "\"\\\\\"", "\"\\u20ac\"", "\"\xe2\x82\xac uro\"", "\"a rather long text, with : and {[ in it, which goes over the end of a block\"",
  };
  gboolean object = g_test_rand_bit ();
  gint n = g_test_rand_int_range (0, 6);

  if (depth == 0 || g_test_rand_int_range (0, 3) == 0)
    {
      g_string_append (text, scalars[g_test_rand_int_range (0, G_N_ELEMENTS (scalars))]);
      return;
    }
  g_string_append_c (text, object ? '{' : '[');
  for (gint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (text, g_test_rand_int_range (0, 8) == 0 ? " ,\n  " : ",");
      if (object)
        g_string_append (text, g_test_rand_bit () ? "\"name\":" : "\"a\" : ");
      append_luck (text, depth - 1);
    }
  g_string_append_c (text, object ? '}' : ']');
}

/* Good texts, and the same with some bytes changed, added and left out. */
static void
test_luck (void)
{
  static const char bytes[] = "[]{},:\"\\ 01-.e+truefalsn\n\x01\x80\xc3\xff";
  const guint n_rounds = g_test_slow () ? 200000 : 20000;

  n_good = 0;
  for (guint round = 0; round < n_rounds; round++)
    {
      g_autoptr(GString) text = g_string_new ("[");
      gint n = g_test_rand_int_range (1, 8);

      for (gint i = 0; i < n; i++)
        {
          if (i > 0)
            g_string_append_c (text, ',');
          append_luck (text, 5);
        }
      g_string_append_c (text, ']');
      check_exact (text, MAX_DEPTH);
      for (guint damage = 0; damage < 8 && text->len > 2; damage++)
        {
          gsize at = (gsize) g_test_rand_int_range (1, (gint32) text->len);
          char byte = bytes[g_test_rand_int_range (0, sizeof bytes - 1)];

          switch (g_test_rand_int_range (0, 3))
            {
            case 0: text->str[at] = byte; break;
            case 1: g_string_insert_c (text, (gssize) at, byte); break;
            default: g_string_erase (text, (gssize) at, 1); break;
            }
          check_exact (text, MAX_DEPTH);
        }
    }
  g_assert_cmpuint (n_good, >, n_rounds);
}

/* What is wrong with a large text is said as it is of a small one. */
static void
test_message (void)
{
  g_autoptr(GString) text = g_string_new ("[\n");
  g_autoptr(GError) error = NULL;
  gsize offset = 0;

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "{\"a\":1,\"b\":[true]},\n");
  g_string_append (text, "{\"a\" 1}]");
  g_assert_false (sio_json_validate (text->str, text->len, 16, NULL, &offset, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
  g_assert_cmpstr (error->message, ==, "JSON, byte 20007 (line 1002, column 6): expected ':' after the member's name, found '1'");
  g_assert_cmpuint (offset, ==, 20007);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (const SioJsonBlocks *blocks = sio_json_blocks_get (); blocks->name != NULL; blocks++)
    g_test_message ("this machine has %s", blocks->name);

  g_test_add_func ("/json-blocks/message", test_message);
  if (sio_json_blocks_get ()->name != NULL)
    {
      g_test_add_func ("/json-blocks/tokens", test_tokens);
      g_test_add_func ("/json-blocks/numbers", test_numbers);
      g_test_add_func ("/json-blocks/words", test_words);
      g_test_add_func ("/json-blocks/like-operators", test_like_operators);
      g_test_add_func ("/json-blocks/strings", test_strings);
      g_test_add_func ("/json-blocks/backslashes", test_backslashes);
      g_test_add_func ("/json-blocks/offsets", test_offsets);
      g_test_add_func ("/json-blocks/utf8", test_utf8);
      g_test_add_func ("/json-blocks/depth", test_depth);
      g_test_add_func ("/json-blocks/luck", test_luck);
    }

  return g_test_run ();
}
