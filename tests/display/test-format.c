/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers and times as people read them, the sanitiser, hues that can be read. No display is needed for any of it. */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "sioscope-format.h"
#include "sioscope-palette.h"
#include "sioscope-words.h"

#define SPAN(text) SIO_SPAN_LITERAL (text)

static void
assert_text (char       *text,
             const char *wanted)
{
  g_assert_cmpstr (text, ==, wanted);
  g_free (text);
}

static void
test_numbers (void)
{
  assert_text (sioscope_format_size (0), "0 B");
  assert_text (sioscope_format_size (999), "999 B");
  assert_text (sioscope_format_size (1000), "1.0 kB");
  assert_text (sioscope_format_size (9949), "9.9 kB");
  assert_text (sioscope_format_size (9951), "10 kB");
  assert_text (sioscope_format_size (999499), "999 kB");
  assert_text (sioscope_format_size (999500), "1.0 MB");
  assert_text (sioscope_format_size (5 * G_GUINT64_CONSTANT (1000000000)), "5.0 GB");
  assert_text (sioscope_format_size (G_MAXUINT64), "18446744 TB");
  assert_text (sioscope_format_count (0), "0");
  assert_text (sioscope_format_count (999), "999");
  assert_text (sioscope_format_count (1204), "1\u202f204");
  assert_text (sioscope_format_count (1000000), "1\u202f000\u202f000");
}

static void
test_times (void)
{
  assert_text (sioscope_format_duration (-5), "< 0.1 ms");
  assert_text (sioscope_format_duration (300), "0.3 ms");
  assert_text (sioscope_format_duration (960), "1 ms");
  assert_text (sioscope_format_duration (12345), "12 ms");
  assert_text (sioscope_format_duration (999600), "1.0 s");
  assert_text (sioscope_format_duration (9949999), "9.9 s");
  assert_text (sioscope_format_duration (59 * G_USEC_PER_SEC), "59 s");
  assert_text (sioscope_format_duration (60 * G_USEC_PER_SEC), "1 min");
  assert_text (sioscope_format_duration (125 * G_USEC_PER_SEC), "2 min 5 s");
  assert_text (sioscope_format_duration (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC), "1 h");
  assert_text (sioscope_format_duration (G_GINT64_CONSTANT (11040) * G_USEC_PER_SEC), "3 h 4 min");
  assert_text (sioscope_format_delta (0), "+0 ms");
  assert_text (sioscope_format_delta (3200), "+3 ms");
  assert_text (sioscope_format_delta (1200000), "+1.2 s");
  assert_text (sioscope_format_delta (270 * G_USEC_PER_SEC), "+4.5 min");
  assert_text (sioscope_format_countdown (2199999), "2.1 s");
  assert_text (sioscope_format_countdown (-1), "0.0 s");
  assert_text (sioscope_format_countdown (65 * G_USEC_PER_SEC), "1 min 5 s");
  assert_text (sioscope_format_since_start (3114000), "0:03.114");
  assert_text (sioscope_format_since_start (G_GINT64_CONSTANT (3723114000)), "1:02:03.114");
  g_setenv ("TZ", "UTC", TRUE);
  assert_text (sioscope_format_clock (G_GINT64_CONSTANT (1700000000123456)), "22:13:20.123");
}

static void
test_sanitiser (void)
{
  static const struct { const char *text; gsize size; const char *wanted; } cases[] = {
    { "plain – ünïcödé 👋", sizeof "plain – ünïcödé 👋" - 1, "plain – ünïcödé 👋" },
    { "a\0b", 3, "a\\u{0000}b" },
    { "\x1b[31m\r\n\t", 8, "\\u{001B}[31m\\u{000D}\\u{000A}\\u{0009}" },
    { "\x7f\xc2\x85", 3, "\\u{007F}\\u{0085}" },
    { "\u202e\u2066\u2069\u200b\u200f", 15, "\\u{202E}\\u{2066}\\u{2069}\\u{200B}\\u{200F}" },
    { "\u2028\u2029\ufeff\u061c", 11, "\\u{2028}\\u{2029}\\u{FEFF}\\u{061C}" },
    { "\U000e0041", 4, "\\u{E0041}" },
    { "\xff\xc3", 2, "\ufffd\ufffd" },
    { "\xed\xa0\x80", 3, "\ufffd\ufffd\ufffd" }, /* a surrogate */
    { "<b>&amp;", 8, "<b>&amp;" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_text (sioscope_format_text ((SioSpan) { cases[i].text, cases[i].size }, 0), cases[i].wanted);

  assert_text (sioscope_format_text ((SioSpan) { NULL, 0 }, 10), "");
  assert_text (sioscope_format_text (SPAN ("12345"), 5), "12345");
  assert_text (sioscope_format_text (SPAN ("123456"), 5), "12345…");
  assert_text (sioscope_format_isolated (SPAN ("\u05d0\u202e"), 0), "\u2068\u05d0\\u{202E}\u2069");
  assert_text (sioscope_format_token (SPAN ("\"chat\""), 20), "chat");
  assert_text (sioscope_format_token (SPAN ("\"a\\u202eb\\n\""), 20), "a\\u{202E}b\\u{000A}");
  assert_text (sioscope_format_token (SPAN ("12"), 20), "12");
  assert_text (sioscope_format_token (SPAN ("\"\""), 20), "");
}

/* Whatever bytes come: the result is valid UTF-8, on one line, and holds nothing that has to be escaped. */
static void
test_sanitiser_random (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      guint8 bytes[64];
      gsize size = (gsize) g_test_rand_int_range (0, sizeof bytes);
      g_autofree char *text = NULL;

      for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8) g_test_rand_int_range (0, 256);
      text = sioscope_format_text ((SioSpan) { (const char *) bytes, size }, 0);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
        {
          gunichar c = g_utf8_get_char (p);

          g_assert_cmpuint (c, >=, 0x20);
          g_assert_false (c >= 0x7f && c < 0xa0);
          g_assert_false (c >= 0x202a && c <= 0x202e);
        }
    }
}

static void
test_pieces (void)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GArray) escapes = g_array_new (FALSE, FALSE, sizeof (SioscopeTextRange));
  SioscopeSanitiser sanitiser = { .keep_lines = TRUE, .break_after = 4, .escapes = escapes, .max_escapes = 2 };
  SioscopeTextRange *range;

  /* A line goes on from one piece to the next. */
  sioscope_sanitiser_append (&sanitiser, out, SPAN ("abc"));
  sioscope_sanitiser_append (&sanitiser, out, SPAN ("def\ngh\tij"));
  g_assert_cmpstr (out->str, ==, "abcd\nef\ngh\ti\nj");
  g_assert_true (sanitiser.broken);

  g_string_truncate (out, 0);
  sanitiser.column = 0;
  sanitiser.break_after = 0;
  sioscope_sanitiser_append (&sanitiser, out, SPAN ("a\x01\x02" "b\x03" "c\x04"));
  g_assert_cmpstr (out->str, ==, "a\\u{0001}\\u{0002}b\\u{0003}c\\u{0004}");
  g_assert_cmpuint (sanitiser.n_escaped, ==, 4);
  g_assert_cmpuint (escapes->len, ==, 2);
  range = &g_array_index (escapes, SioscopeTextRange, 0);
  g_assert_cmpuint (range->start, ==, 1);
  g_assert_cmpuint (range->end, ==, 17);

  /* What does not fit stays for the next piece. */
  g_string_truncate (out, 0);
  sanitiser.max_chars = 3;
  g_assert_cmpuint (sioscope_sanitiser_append (&sanitiser, out, SPAN ("ééééé")), ==, 6);
  g_assert_cmpstr (out->str, ==, "ééé");
}

static void
test_hex (void)
{
  g_autoptr(GString) out = g_string_new (NULL);

  g_assert_cmpuint (sioscope_format_hex (out, SPAN ("0123456789abcdef\x01z"), 0, 100, 16), ==, 18);
  g_assert_cmpstr (out->str, ==,
                   "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef\n"
                   "00000010  01 7a                                             .z\n");
  g_string_truncate (out, 0);
  g_assert_cmpuint (sioscope_format_hex (out, SPAN (""), 0, 16, 16), ==, 0);
  g_assert_cmpstr (out->str, ==, "");
}

/* The text of every pill can be read on it, and the hue depends on the name alone. */
static void
test_hues (void)
{
  guint distinct = 0;
  GdkRGBA before = { 0 };

  for (guint i = 0; i < 2000; i++)
    for (guint dark = 0; dark < 2; dark++)
      {
        g_autofree char *name = g_strdup_printf ("/nsp-%u", i);
        SioSpan span = { name, strlen (name) };
        GdkRGBA background, text, again, text_again;

        sioscope_palette_hue (span, dark, &background, &text);
        sioscope_palette_hue (span, dark, &again, &text_again);
        g_assert_true (gdk_rgba_equal (&background, &again));
        g_assert_cmpfloat (sioscope_palette_contrast (&background, &text), >=, 4.5);
        distinct += !gdk_rgba_equal (&background, &before);
        before = background;
      }
  g_assert_cmpuint (distinct, >, 3900);
}

/* Rows of every kind have words, whatever a server put into them; a file may hold numbers that we do not know. */
static void
test_words (void)
{
  SioscopeEntry entry = { .nsp = SPAN ("/\u202e"), .event = SPAN ("\"<b>\""), .reason = SPAN ("ping timeout"),
                          .message = SPAN ("a\nb"), .uri = SPAN ("http://x/"), .id = 7 };

  for (guint kind = 0; kind < 12; kind++)
    for (guint n = 0; n < 12; n++)
      {
        g_autofree char *words = NULL;

        entry.kind = kind;
        entry.packet_type = n;
        entry.engine_type = n;
        entry.state = n;
        entry.socket_change = n;
        entry.fate = n;
        entry.opcode = n;
        words = sioscope_words_entry (&entry);
        g_assert_cmpuint (strlen (words), >, 0);
        g_assert_null (strchr (words, '\n'));
        g_assert_null (strstr (words, "\u202e"));
        sioscope_words_icon (&entry);
      }
  assert_text (sioscope_words_reason (SPAN ("ping timeout")), "No heartbeat in time");
  assert_text (sioscope_words_reason (SPAN ("because")), "\u2068because\u2069");
}

/* What is lost says whether it can have arrived, and a page that a proxy sent fills no row. */
static void
test_words_of_failures (void)
{
  SioscopeEntry lost = { .kind = SIOSCOPE_KIND_EMIT, .fate = SIO_TAP_EMIT_LOST, .event = SPAN ("\"a\"") };
  SioscopeEntry failed = { .kind = SIOSCOPE_KIND_STATE, .state = SIO_TAP_STATE_ATTEMPT_FAILED, .attempt = 2 };
  SioscopeEntry socket = { .kind = SIOSCOPE_KIND_SOCKET, .socket_change = SIO_TAP_SOCKET_CONNECT_ERROR, .nsp = SPAN ("/") };
  g_autofree char *never = NULL;
  g_autofree char *maybe = NULL;
  g_autofree char *page = NULL;

  lost.message = SPAN ("it was never sent: the connection ended while it waited in the write buffer");
  never = sioscope_words_entry (&lost);
  g_assert_nonnull (strstr (never, "was never sent"));
  lost.message = SPAN ("it may be lost: the connection ended while it was being written");
  maybe = sioscope_words_entry (&lost);
  g_assert_nonnull (strstr (maybe, "may be lost"));
  g_assert_true (sioscope_words_is_error (&lost));

  failed.message = SPAN ("HTTP 502 Bad Gateway: <!DOCTYPE html> <html><title>502</title>");
  page = sioscope_words_entry (&failed);
  g_assert_nonnull (strstr (page, "HTTP 502 Bad Gateway"));
  g_assert_null (strchr (page, '<'));

  socket.active = TRUE;
  g_assert_false (sioscope_words_is_error (&socket));
  socket.active = FALSE;
  g_assert_true (sioscope_words_is_error (&socket));
}

/* All tries of one event are one story. */
static void
test_tries (void)
{
  SioscopeEntry entry = { .kind = SIOSCOPE_KIND_EMIT, .fate = SIO_TAP_EMIT_BUFFERED, .event = SPAN ("\"a\""),
                          .message = SPAN ("it waits for its turn in the retry queue") };
  static const struct { SioTapEmitFate fate; SioSpan message; const char *words; const char *tried; gboolean again; } cases[] = {
    { SIO_TAP_EMIT_ACK_TIMEOUT, SPAN ("no ack within 300 ms; that was try 1 of 3, it will be sent again"),
      "was not answered in time · try 1 of 3, will be sent again", "try 1 of 3, will be sent again", TRUE },
    { SIO_TAP_EMIT_ACK_ABANDONED, SPAN ("transport close; that was try 2 of 3, it will be sent again"),
      "was not answered before the connection ended · try 2 of 3, will be sent again", "try 2 of 3, will be sent again", TRUE },
    { SIO_TAP_EMIT_ACK_TIMEOUT, SPAN ("no ack within 300 ms; given up after 3 tries"),
      "was not answered in time · given up after 3 tries", "given up after 3 tries", FALSE },
    { SIO_TAP_EMIT_ACK_TIMEOUT, SPAN ("no ack within 300 ms"), "was not answered in time", NULL, FALSE },
    { SIO_TAP_EMIT_ACK_TIMEOUT, SPAN ("; that was try x of y"), "was not answered in time", NULL, FALSE },
  };
  g_autofree char *waits = sioscope_words_entry (&entry);

  g_assert_nonnull (strstr (waits, "waits for its turn"));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = NULL;
      g_autofree char *tried = NULL;

      entry.fate = cases[i].fate;
      entry.message = cases[i].message;
      words = sioscope_words_entry (&entry);
      tried = sioscope_words_try (&entry);
      g_assert_true (g_str_has_suffix (words, cases[i].words));
      g_assert_cmpstr (tried, ==, cases[i].tried);
      g_assert_cmpint (sioscope_words_will_try (&entry), ==, cases[i].again);
    }
}

/* The first that is said of a server is which one it is, and then how that was found out. */
static void
test_versions (void)
{
  SioscopeEntry entry = { .kind = SIOSCOPE_KIND_STATE, .state = SIO_TAP_STATE_OPEN, .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
                          .eio = 3, .server = 2, .ping_interval_ms = 25000 };
  g_autofree char *plain = sioscope_words_entry (&entry);
  g_autofree char *found = NULL;

  g_assert_true (g_str_has_suffix (plain, "websocket · Socket.IO 2 · Engine.IO 3 · heartbeat every 25 s"));
  entry.reason = SPAN ("the server said so");
  found = sioscope_words_entry (&entry);
  g_assert_nonnull (strstr (found, "heartbeat every 25 s · "));
  g_assert_nonnull (strstr (found, "the server said so"));

  assert_text (sioscope_words_dup_versions (4, 4), "Socket.IO 4 · Engine.IO 4");
  assert_text (sioscope_words_dup_versions (0, 4), "Socket.IO 3 or 4 · Engine.IO 4");
  assert_text (sioscope_words_dup_versions (0, 0), "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/numbers", test_numbers);
  g_test_add_func ("/format/times", test_times);
  g_test_add_func ("/format/sanitiser", test_sanitiser);
  g_test_add_func ("/format/sanitiser-random", test_sanitiser_random);
  g_test_add_func ("/format/pieces", test_pieces);
  g_test_add_func ("/format/hex", test_hex);
  g_test_add_func ("/palette/hues", test_hues);
  g_test_add_func ("/words/entries", test_words);
  g_test_add_func ("/words/failures", test_words_of_failures);
  g_test_add_func ("/format/words/tries", test_tries);
  g_test_add_func ("/words/versions", test_versions);

  return g_test_run ();
}
