/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cookies: what is kept of Set-Cookie, for how long and how many; and that every kind of request carries them. */

#include "network-fixture.h"


#define SECOND G_GINT64_CONSTANT (1000000)
/* 2026-01-02 03:04:05 UTC */
#define NOW (G_GINT64_CONSTANT (1767323045) * SECOND)

static void
expect_header (SioCookieStore *store,
               gint64          now_us,
               const char     *expected)
{
  g_autofree char *header = sio_cookie_store_dup_header (store, TRUE, now_us);

  g_assert_cmpstr (header, ==, expected);
}

static void
expect_kept (const char *set_cookie,
             const char *expected)
{
  g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);

  sio_cookie_store_set (store, set_cookie, NOW);
  expect_header (store, NOW, expected);
}

static void
test_simple (void)
{
  expect_kept ("foo=bar", "foo=bar");
}

static void
test_complex (void)
{
  g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);

  sio_cookie_store_set (store, "foo=bar; Max-Age=1000; Domain=.example.com; Path=/; Expires=Thu, 01 Jul 2027 10:01:11 GMT; "
                        "HttpOnly; Secure; SameSite=strict", NOW);
  expect_header (store, NOW, "foo=bar");
  /* 2027-07-01 10:01:11 */
  expect_header (store, G_GINT64_CONSTANT (1814436071) * SECOND, "foo=bar");
  expect_header (store, G_GINT64_CONSTANT (1814436071) * SECOND + 1, NULL);
  g_assert_cmpuint (sio_cookie_store_get_size (store), ==, 0);
}

static void
test_weird_but_valid (void)
{
  expect_kept ("foo=bar=foo&foo=foo&John=Doe&Doe=John; Domain=.example.com; Path=/; HttpOnly; Secure",
               "foo=bar=foo&foo=foo&John=Doe&Doe=John");
}

static void
test_syntax (void)
{
  g_autofree char *name = g_strnfill (SIO_COOKIE_MAX_SIZE - 1, 'n');
  g_autofree char *fits = g_strconcat (name, "=", NULL);
  g_autofree char *too_large = g_strconcat (name, "=v", NULL);

  expect_kept ("a=b;Path=/", "a=b");
  expect_kept (" a = b c ;x", "a=b c");
  expect_kept ("a=\"b; c\"", "a=\"b");
  expect_kept ("a=\"b\"", "a=b");
  expect_kept ("a=\"", "a=\"");
  expect_kept ("a=", "a=");
  expect_kept ("a=\xc3\xa9", "a=\xc3\xa9");
  expect_kept ("", NULL);
  expect_kept ("a", NULL);
  expect_kept ("=b", NULL);
  expect_kept (";a=b", NULL);
  expect_kept ("a=b\x01", NULL);
  expect_kept ("a\x7f=b", NULL);
  expect_kept (fits, fits);
  expect_kept (too_large, NULL);
}

static void
test_replaced_and_removed (void)
{
  g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);

  sio_cookie_store_set (store, "a=1", NOW);
  sio_cookie_store_set (store, "b=2", NOW);
  sio_cookie_store_set (store, "a=3", NOW);
  expect_header (store, NOW, "b=2; a=3");
  sio_cookie_store_set (store, "b=; Max-Age=0", NOW);
  expect_header (store, NOW, "a=3");
  sio_cookie_store_set (store, "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NOW);
  expect_header (store, NOW, NULL);
  g_assert_cmpuint (sio_cookie_store_get_size (store), ==, 0);
}

static void
test_max_age (void)
{
  static const struct { const char *max_age; gint64 seconds; } cases[] = {
    { "10", 10 }, { "+10", 10 }, { "10s", 10 }, { "10.9", 10 }, { " 10 ", 10 }, { "0", -1 }, { "-0", -1 }, { "-99999999999999999999", -1 },
    { "x", G_MAXINT64 }, { "", G_MAXINT64 }, { "99999999999999999999999999", G_MAXINT64 }, { "99999999", 99999999 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);
      g_autofree char *text = g_strdup_printf ("a=b; max-age=%s", cases[i].max_age);

      sio_cookie_store_set (store, text, NOW);
      if (cases[i].seconds < 0)
        expect_header (store, NOW, NULL);
      else if (cases[i].seconds == G_MAXINT64)
        expect_header (store, G_MAXINT64 - 1, "a=b");
      else
        {
          expect_header (store, NOW + cases[i].seconds * SECOND, "a=b");
          expect_header (store, NOW + cases[i].seconds * SECOND + 1, NULL);
        }
    }
  /* a clock that nobody has set right */
  {
    g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);

    sio_cookie_store_set (store, "a=b; max-age=10", G_MAXINT64 - 5);
    expect_header (store, G_MAXINT64, "a=b");
  }
}

/* No date may do more than not be understood; then the cookie stays. */
static void
test_dates (void)
{
  static const struct { const char *date; gint64 seconds; } cases[] = {
    { "Thu, 01 Jul 2027 10:01:11 GMT", 1814436071 },
    { "Thursday, 01-Jul-27 10:01:11 GMT", 1814436071 },
    { "Thu Jul  1 10:01:11 2027", 1814436071 },
    { "1 july 2027 10:1:11", 1814436071 },
    { "2027 10:01:11 Jul 1", 1814436071 },
    { "29 Feb 2028 00:00:00", 1835395200 },
    { "31 Dec 9999 23:59:59", G_GINT64_CONSTANT (253402300799) },
    { "1 Jan 1601 00:00:00", G_GINT64_CONSTANT (-11644473600) },
    { "1 Jan 70 00:00:00", 0 },
    { "1 Jan 69 00:00:00", G_GINT64_CONSTANT (3124224000) },
    { "", G_MAXINT64 },
    { "Thu, 99 Jul 2027 10:01:11 GMT", G_MAXINT64 },
    { "Thu, 01 Jul 2027 24:00:00 GMT", G_MAXINT64 },
    { "Thu, 01 Jul 2027 10:60:00 GMT", G_MAXINT64 },
    { "Thu, 01 Jul 1600 10:00:00 GMT", G_MAXINT64 },
    { "Thu, 01 Jul 99999999999999999999 10:00:00 GMT", G_MAXINT64 },
    { "Thu, 31 Jun 2027 10:00:00 GMT", G_MAXINT64 },
    { "Thu, 00 Jul 2027 10:00:00 GMT", G_MAXINT64 },
    { "::::", G_MAXINT64 },
    { "1:1: 1:1:1:", G_MAXINT64 },
    { "-1 -2 -3", G_MAXINT64 },
    { "9999999999999999", G_MAXINT64 },
    { "2027-07-01T10:01:11Z", G_MAXINT64 },
    { "\xff\xfe Jul \x01", G_MAXINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);
      g_autofree char *text = g_strdup_printf ("a=b; expires=%s", cases[i].date);

      sio_cookie_store_set (store, text, G_MININT64 / 2);
      if (cases[i].seconds == G_MAXINT64)
        expect_header (store, G_MAXINT64 - 1, "a=b");
      else
        {
          expect_header (store, cases[i].seconds * SECOND, "a=b");
          expect_header (store, cases[i].seconds * SECOND + 1, NULL);
        }
    }
}

static void
test_random (void)
{
  static const char alphabet[] = "0123456789:;=,. -+JanFebGMTexpires\"\t\x01\xff";
  g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);

  for (guint i = 0; i < 100000; i++)
    {
      char text[64] = "a=b; expires=";
      gsize size = strlen (text);
      guint more = (guint) g_test_rand_int_range (0, 50);

      for (guint j = 0; j < more; j++)
        text[size + j] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      text[size + more] = '\0';
      sio_cookie_store_set (store, i % 2 == 0 ? text : text + 5, NOW);
    }
  g_assert_cmpuint (sio_cookie_store_get_size (store), <=, 50);
}

static void
test_secure (void)
{
  g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);
  g_autofree char *plain = NULL;

  sio_cookie_store_set (store, "a=1; Secure", NOW);
  sio_cookie_store_set (store, "b=2", NOW);
  plain = sio_cookie_store_dup_header (store, FALSE, NOW);
  g_assert_cmpstr (plain, ==, "b=2");
  expect_header (store, NOW, "a=1; b=2");
}

static void
test_bounded (void)
{
  g_autoptr (SioCookieStore) store = sio_cookie_store_new (50);
  g_autoptr (SioCookieStore) none = sio_cookie_store_new (0);
  g_autofree char *header = NULL;
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *text = g_strdup_printf ("c%u=%u; Max-Age=1000; Path=/%u", i, i, i);

      sio_cookie_store_set (store, text, NOW);
      sio_cookie_store_set (none, text, NOW);
    }
  g_test_message ("100000 cookies: %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (sio_cookie_store_get_size (store), ==, 50);
  g_assert_cmpuint (sio_cookie_store_get_size (none), ==, 0);
  /* the oldest went */
  header = sio_cookie_store_dup_header (store, FALSE, NOW);
  g_assert_true (g_str_has_prefix (header, "c99950=99950; "));
  g_assert_true (g_str_has_suffix (header, "; c99999=99999"));
}

/* With a server */

static void
use_cookies (Network *network)
{
  sio_options_set_with_credentials (network->options, TRUE);
  g_clear_pointer (&network->memory.cookies, sio_cookie_store_unref);
  network->memory.cookies = sio_cookie_store_new (sio_options_get_max_cookies (network->options));
}

static void
test_all_kinds (void)
{
  g_autoptr (Helper) server = helper_start ("server.mjs", "{\"cookie\":\"node=a1; Path=/; HttpOnly\"}");
  g_autofree char *seen = NULL;
  g_auto (Network) network;

  network_init (&network, "polling,websocket");
  use_cookies (&network);
  network_open_well (&network, helper_get_url (server, "http"));
  WAIT_FOR (network.upgraded || network.closed);
  network_talk (&network);
  /* the manager's next engine has them from the beginning */
  network_open_well (&network, helper_get_url (server, "http"));
  network_talk (&network);
  g_clear_pointer (&network.engine, sio_engine_free);
  seen = helper_finish (server);
  g_assert_true (g_str_has_prefix (seen, "request GET cookie= client=\n"));
  g_assert_cmpuint (count_parts (seen, "cookie= "), ==, 1);
  g_assert_nonnull (strstr (seen, "request GET cookie=node=a1 "));
  g_assert_nonnull (strstr (seen, "request POST cookie=node=a1 "));
  g_assert_nonnull (strstr (seen, "upgrade GET cookie=node=a1 "));
}

static void
test_from_websocket (void)
{
  g_autoptr (Helper) server = helper_start ("server.mjs", "{\"cookie\":\"node=a1\"}");
  g_auto (Network) network;

  network_init (&network, "websocket");
  use_cookies (&network);
  network_open_well (&network, helper_get_url (server, "http"));
  expect_header (network.memory.cookies, NOW, "node=a1");
}

static void
test_without_credentials (void)
{
  g_autoptr (Helper) server = helper_start ("server.mjs", "{\"cookie\":\"node=a1\"}");
  g_autofree char *seen = NULL;
  g_auto (Network) network;

  network_init (&network, "polling");
  use_cookies (&network);
  sio_options_set_with_credentials (network.options, FALSE);
  network_open_well (&network, helper_get_url (server, "http"));
  network_talk (&network);
  g_assert_cmpuint (sio_cookie_store_get_size (network.memory.cookies), ==, 0);
  g_clear_pointer (&network.engine, sio_engine_free);
  seen = helper_finish (server);
  g_assert_null (strstr (seen, "node=a1"));
}

/* A server that sets some thousand with each answer, until the requests would be too large for it. */
static void
test_flood (void)
{
  g_autoptr (Helper) server = helper_start ("server.mjs", "{\"cookies\":2000}");
  g_auto (Network) network;
  gint64 start = g_get_monotonic_time ();

  network_init (&network, "polling");
  use_cookies (&network);
  network_open_well (&network, helper_get_url (server, "http"));
  network_talk (&network);
  g_assert_cmpuint (sio_cookie_store_get_size (network.memory.cookies), ==, 50);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cookies/simple", test_simple);
  g_test_add_func ("/cookies/complex", test_complex);
  g_test_add_func ("/cookies/weird-but-valid", test_weird_but_valid);
  g_test_add_func ("/cookies/syntax", test_syntax);
  g_test_add_func ("/cookies/replaced-and-removed", test_replaced_and_removed);
  g_test_add_func ("/cookies/max-age", test_max_age);
  g_test_add_func ("/cookies/dates", test_dates);
  g_test_add_func ("/cookies/random", test_random);
  g_test_add_func ("/cookies/secure", test_secure);
  g_test_add_func ("/cookies/bounded", test_bounded);
  g_test_add_func ("/cookies/on-polls-posts-and-websocket", test_all_kinds);
  g_test_add_func ("/cookies/from-a-websocket-handshake", test_from_websocket);
  g_test_add_func ("/cookies/without-credentials", test_without_credentials);
  g_test_add_func ("/cookies/flood", test_flood);

  return g_test_run ();
}
