/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Addresses that people type, good and bad, and the URIs made of them. */

#include "sio.h"

static void
test_good (void)
{
  static const char * const cases[][2] = {
    { "localhost:3000", "http localhost 3000 / -" },
    { "localhost", "http localhost 80 / -" },
    { "localhost:3000/admin?a=b", "http localhost 3000 /admin a=b" },
    { "//h/x", "http h 80 /x -" },
    { "localhost/x?u=http://y", "http localhost 80 /x u=http://y" },
    { "HTTPS://Example.COM", "https Example.COM 443 / -" },
    { "ws://127.0.0.1:1", "ws 127.0.0.1 1 / -" },
    { "wss://[2001:db8::1]", "wss 2001:db8::1 443 / -" },
    { "[::1]:3000/x", "http ::1 3000 /x -" },
    { "[fe80::1%eth0]", "http fe80::1%eth0 80 / -" },
    { "[fe80::1%25eth0]", "http fe80::1%eth0 80 / -" },
    { "http://h:/x", "http h 80 /x -" },
    { "http://h?", "http h 80 / -" },
    { "http://h#x?y", "http h 80 / -" },
    { "http://u:p@w@h:65535/", "http h 65535 / -" },
    { "http://my_container.internal./", "http my_container.internal. 80 / -" },
    { "http://m\xc3\xbcnchen.example/x", "http m\xc3\xbcnchen.example 80 /x -" },
    { "http://xn--mnchen-3ya.example", "http xn--mnchen-3ya.example 80 / -" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(SioUrl) url = sio_url_parse (cases[i][0], &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = g_strdup_printf ("%s %s %u %s %s", url->scheme, url->host, url->port, url->nsp, url->query != NULL ? url->query : "-");
      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

static void
test_bad (void)
{
  static const char * const cases[][2] = {
    { "", "empty" },
    { "http://", "no host" },
    { "http:///x", "no host" },
    { ":3000", "no host" },
    { "ftp://h", "\"ftp\" is not a scheme" },
    { "://h", "nothing stands before" },
    { "http://a b", "blank at character 9" },
    { "http://h/a\nb", "control character (U+000A)" },
    { "http://h/\x7f", "control character" },
    { "http://h\xff", "UTF-8" },
    { "http://h:0", "1 to 65535" },
    { "http://h:65536", "1 to 65535" },
    { "http://h:99999999999999999999", "1 to 65535" },
    { "http://h:80x", "not a number" },
    { "http://h:-1", "not a number" },
    { "http://::1:3000", "several ':'" },
    { "http://[::1", "not closed" },
    { "http://[::1]x", "after ']'" },
    { "http://[127.0.0.1]", "not an IPv6 address" },
    { "http://[zz::]", "not an IPv6 address" },
    { "http://[fe80::1%a/b]", "not closed" },
    { "http://[fe80::1%a\xc3\xa9]", "the zone of" },
    { "http://256.1.1.1", "not an IP address" },
    { "http://1.2.3", "not an IP address" },
    { "http://a..b", "empty part" },
    { "http://.a", "empty part" },
    { "http://-a", "begins or ends with '-'" },
    { "http://a-.b", "begins or ends with '-'" },
    { "http://a*b", "has a '*'" },
    { "http://a%20b", "has a '%'" },
    { "http://a\\b", "has a '\\'" },
    { "http://a<b>", "has a '<'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(SioUrl) url = sio_url_parse (cases[i][0], &error);

      if (url != NULL)
        g_error ("\"%s\" was taken", cases[i][0]);
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      if (strstr (error->message, cases[i][1]) == NULL)
        g_error ("\"%s\" says: %s", cases[i][0], error->message);
    }

  {
    g_autofree char *label = g_strnfill (64, 'a');
    g_autofree char *long_path = g_strnfill (70000, 'a');
    g_autoptr(GString) name = g_string_new ("a");
    g_autoptr(GError) error = NULL;

    g_assert_null (sio_url_parse (label, &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    g_clear_error (&error);
    g_assert_null (sio_url_parse (long_path, &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    g_clear_error (&error);
    for (guint i = 0; i < 150; i++)
      g_string_append (name, ".a");
    g_assert_null (sio_url_parse (name->str, &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  }
}

static void
test_build (void)
{
  static const char * const query[] = { "EIO=4", "transport=polling", "x=%20%C3%A9", NULL };
  static const struct {
    const char *url;
    gboolean    websocket;
    const char *path;
    const char *built;
  } cases[] = {
    { "localhost:3000/admin?a=b", FALSE, "/socket.io/", "http://localhost:3000/socket.io/?EIO=4&transport=polling&x=%20%C3%A9" },
    { "https://h", TRUE, "/socket.io", "wss://h/socket.io/?EIO=4&transport=polling&x=%20%C3%A9" },
    { "wss://h:80", FALSE, "my path", "https://h:80/my%20path/?EIO=4&transport=polling&x=%20%C3%A9" },
    { "http://h:80", TRUE, "/", "ws://h/?EIO=4&transport=polling&x=%20%C3%A9" },
    { "[fe80::1%eth0]", FALSE, "/s/", "http://[fe80::1%25eth0]/s/?EIO=4&transport=polling&x=%20%C3%A9" },
    { "[::1]:81", TRUE, "/\xc3\xa9/%41?#", "ws://[::1]:81/%C3%A9/%41%3F%23/?EIO=4&transport=polling&x=%20%C3%A9" },
    { "http://m\xc3\xbcnchen.example", FALSE, "/s/", "http://xn--mnchen-3ya.example/s/?EIO=4&transport=polling&x=%20%C3%A9" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(SioUrl) url = sio_url_parse (cases[i].url, &error);
      g_autofree char *built = sio_url_build (url, cases[i].websocket, cases[i].path, query);
      g_autoptr(GUri) uri = NULL;

      g_assert_cmpstr (built, ==, cases[i].built);
      uri = g_uri_parse (built, G_URI_FLAGS_ENCODED, &error);
      g_assert_no_error (error);
    }

  {
    g_autoptr(SioUrl) url = sio_url_parse ("h", NULL);
    g_autofree char *built = sio_url_build (url, FALSE, "/socket.io/", NULL);
    g_autofree char *escaped = sio_url_escape ("a b&c=d/\xc3\xa9!*'()-_.~%");

    g_assert_cmpstr (built, ==, "http://h/socket.io/");
    g_assert_cmpstr (escaped, ==, "a%20b%26c%3Dd%2F%C3%A9!*'()-_.~%25");
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/url/good", test_good);
  g_test_add_func ("/url/bad", test_bad);
  g_test_add_func ("/url/build", test_build);

  return g_test_run ();
}
