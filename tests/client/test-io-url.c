/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keys by which sio_io () shares managers: url.ts of the official client. */

#include "wire/sio-url.h"

/* The official client's own cases: what io () makes of a URL. Without a page around, no scheme means http. */
static const struct {
  const char *name;
  const char *url;
  const char *path; /* the option */
  const char *key;
  const char *nsp;
} urls[] = {
  { "/client/io/url/no-protocol", "localhost", "/socket.io", "http://localhost:80/socket.io", "/" },
  { "/client/io/url/no-schema", "//localhost:3000", "/socket.io", "http://localhost:3000/socket.io", "/" },
  { "/client/io/url/forces-ports/http", "http://google.com/", "/socket.io", "http://google.com:80/socket.io", "/" },
  { "/client/io/url/forces-ports/https", "https://google.com/", "/socket.io", "https://google.com:443/socket.io", "/" },
  { "/client/io/url/forces-ports/wss", "wss://google.com/", "/socket.io", "wss://google.com:443/socket.io", "/" },
  { "/client/io/url/namespace", "http://google.com/woot", "/socket.io", "http://google.com:80/socket.io", "/woot" },
  { "/client/io/url/namespace-slash", "http://google.com/", "/socket.io", "http://google.com:80/socket.io", "/" },
  { "/client/io/url/ipv6", "http://[::1]", "/socket.io", "http://[::1]:80/socket.io", "/" },
  { "/client/io/url/custom-path", "https://google.com/", "/custom", "https://google.com:443/custom", "/" },
};

static void
test_url (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr(GError) error = NULL;
  g_autoptr(SioUrl) url = sio_url_parse (urls[i].url, &error);
  g_autofree char *key = NULL;

  g_assert_no_error (error);
  key = sio_url_dup_key (url, urls[i].path);
  g_assert_cmpstr (key, ==, urls[i].key);
  g_assert_cmpstr (url->nsp, ==, urls[i].nsp);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    g_test_add_data_func (urls[i].name, GSIZE_TO_POINTER (i), test_url);

  return g_test_run ();
}
