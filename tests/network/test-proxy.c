/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Through an HTTP proxy: polling with and without TLS, and WebSockets, which want a tunnel either way. */

#include "certificates.h"
#include "network-fixture.h"

/* What a desktop's settings would say. */

#define TYPE_TEST_SETTINGS (test_settings_get_type ())
G_DECLARE_FINAL_TYPE (TestSettings, test_settings, TEST, SETTINGS, GObject)

struct _TestSettings {
  GObject parent_instance;
};

static char *settings_proxy; /* NULL: direct */

static gboolean
test_settings_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static void
test_settings_lookup_async (GProxyResolver      *resolver,
                            const char          *uri,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             data)
{
  const char * const proxies[] = { settings_proxy != NULL ? settings_proxy : "direct://", NULL };
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);

  g_task_return_pointer (task, g_strdupv ((char **) proxies), (GDestroyNotify) g_strfreev);
}

static char **
test_settings_lookup_finish (GProxyResolver  *resolver,
                             GAsyncResult    *result,
                             GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_settings_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = test_settings_is_supported;
  iface->lookup_async = test_settings_lookup_async;
  iface->lookup_finish = test_settings_lookup_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestSettings, test_settings, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, test_settings_iface_init))

static void
test_settings_class_init (TestSettingsClass *klass)
{
}

static void
test_settings_init (TestSettings *self)
{
}

static Certificates *certificates;

static Helper *
start_server (gboolean tls)
{
  g_autofree char *settings = g_strdup_printf ("{\"cert\":\"%s\",\"key\":\"%s\"}",
                                               certificates_get_path (certificates, "server.crt"),
                                               certificates_get_path (certificates, "server.key"));

  return helper_start ("server.mjs", tls ? settings : "{}");
}

static void
use_proxy (Network    *network,
           const char *format,
           guint       port)
{
  g_auto (GStrv) parts = g_strsplit (format, "PORT", 2);
  g_autofree char *number = g_strdup_printf ("%u", port);
  g_autofree char *proxy = g_strjoinv (number, parts);
  g_autoptr (GError) error = NULL;

  sio_options_set_proxy (network->options, proxy, &error);
  g_assert_no_error (error);
  sio_options_set_ca_file (network->options, certificates_get_path (certificates, "server.crt"));
}

static const struct {
  const char *transport;
  gboolean    tls;
  const char *asked; /* of the proxy, at least once */
} ways[] = {
  { "polling", FALSE, "GET http://127.0.0.1:" },
  { "polling", FALSE, "POST http://127.0.0.1:" },
  { "polling", TRUE, "CONNECT 127.0.0.1:" },
  { "websocket", FALSE, "CONNECT 127.0.0.1:" },
  { "websocket", TRUE, "CONNECT 127.0.0.1:" },
};

static void
test_through (gconstpointer data)
{
  const char *auth = data;
  g_autofree char *settings = auth != NULL ? g_strdup_printf ("{\"auth\":\"%s\"}", auth) : g_strdup ("{}");

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (Helper) server = start_server (ways[i].tls);
      g_autoptr (Helper) proxy = helper_start ("proxy.mjs", settings);
      g_autofree char *asked = NULL;
      g_auto (Network) network;

      network_init (&network, ways[i].transport);
      use_proxy (&network, auth != NULL ? "http://us%40er:pass%3Aword@127.0.0.1:PORT" : "http://127.0.0.1:PORT", helper_get_port (proxy));
      network_open_well (&network, helper_get_url (server, ways[i].tls ? "https" : "http"));
      network_talk (&network);
      g_clear_pointer (&network.engine, sio_engine_free);
      asked = helper_finish (proxy);
      g_assert_cmpuint (count_parts (asked, ways[i].asked), >=, 1);
      /* a tunnel is all that it sees */
      if (g_str_has_prefix (ways[i].asked, "CONNECT"))
        g_assert_cmpuint (count_parts (asked, "http://"), ==, 0);
    }
}

static void
test_upgrade (void)
{
  g_autoptr (Helper) server = start_server (FALSE);
  g_autoptr (Helper) proxy = helper_start ("proxy.mjs", "{}");
  g_autofree char *asked = NULL;
  g_auto (Network) network;

  network_init (&network, "polling,websocket");
  use_proxy (&network, "http://127.0.0.1:PORT", helper_get_port (proxy));
  network_open_well (&network, helper_get_url (server, "http"));
  WAIT_FOR (network.upgraded || network.closed);
  network_talk (&network);
  g_clear_pointer (&network.engine, sio_engine_free);
  asked = helper_finish (proxy);
  g_assert_cmpuint (count_parts (asked, "CONNECT"), ==, 1);
  g_assert_cmpuint (count_parts (asked, "GET http://"), >=, 2);
}

static void
test_direct (gconstpointer transport)
{
  g_autoptr (Helper) server = start_server (FALSE);
  g_autoptr (Helper) proxy = helper_start ("proxy.mjs", "{\"mode\":\"refuse\"}");
  g_autofree char *asked = NULL;
  g_auto (Network) network;

  network_init (&network, transport);
  network_open_well (&network, helper_get_url (server, "http"));
  network_talk (&network);
  asked = helper_finish (proxy);
  g_assert_cmpstr (asked, ==, "");
}

/* Without the option, what the system says. */
static void
test_system (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (Helper) server = start_server (ways[i].tls);
      g_autoptr (Helper) proxy = helper_start ("proxy.mjs", "{}");
      g_autofree char *asked = NULL;
      g_auto (Network) network;

      network_init (&network, ways[i].transport);
      g_assert_true (sio_options_set_proxy (network.options, NULL, NULL));
      sio_options_set_ca_file (network.options, certificates_get_path (certificates, "server.crt"));
      network_open_well (&network, helper_get_url (server, ways[i].tls ? "https" : "http"));
      network_talk (&network);
      settings_proxy = g_strdup_printf ("http://127.0.0.1:%u", helper_get_port (proxy));
      network_open_well (&network, helper_get_url (server, ways[i].tls ? "https" : "http"));
      network_talk (&network);
      g_clear_pointer (&settings_proxy, g_free);
      g_clear_pointer (&network.engine, sio_engine_free);
      asked = helper_finish (proxy);
      g_assert_cmpuint (count_parts (asked, ways[i].asked), >=, 1);
    }
}

/* One transport's proxy is not the other's. */
static void
test_per_transport (void)
{
  g_autoptr (Helper) server = start_server (FALSE);
  g_autoptr (Helper) proxy = helper_start ("proxy.mjs", "{}");
  g_autoptr (SioOptions) overrides = sio_options_new ();
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u", helper_get_port (proxy));
  g_autofree char *asked = NULL;
  g_auto (Network) network;

  network_init (&network, "polling,websocket");
  g_assert_true (sio_options_set_proxy (overrides, uri, NULL));
  sio_options_set_transport_options (network.options, SIO_TRANSPORT_KIND_WEBSOCKET, overrides);
  network_open_well (&network, helper_get_url (server, "http"));
  WAIT_FOR (network.upgraded || network.closed);
  network_talk (&network);
  g_clear_pointer (&network.engine, sio_engine_free);
  asked = helper_finish (proxy);
  g_assert_cmpuint (count_parts (asked, "\n"), ==, 1);
  g_assert_cmpuint (count_parts (asked, "CONNECT"), ==, 1);
}

/* The ways to fail */

static void
test_needs_password (gconstpointer password)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (Helper) server = start_server (ways[i].tls);
      g_autoptr (Helper) proxy = helper_start ("proxy.mjs", "{\"auth\":\"user:right\"}");
      g_autofree char *address = g_strdup_printf ("the proxy 127.0.0.1:%u", helper_get_port (proxy));
      g_auto (Network) network;

      network_init (&network, ways[i].transport);
      use_proxy (&network, password != NULL ? "http://user:wrong@127.0.0.1:PORT" : "http://127.0.0.1:PORT", helper_get_port (proxy));
      network_expect_failure (&network, helper_get_url (server, ways[i].tls ? "https" : "http"), SIO_ERROR_UNAUTHORIZED,
                              address, "user and password", "option \"proxy\"", NULL);
      g_assert_null (strstr (network.error->message, "wrong@"));
    }
}

static void
test_modes (gconstpointer transport)
{
  static const struct { const char *mode; SioError code; const char *words; } cases[] = {
    { "{\"mode\":\"refuse\"}", SIO_ERROR_UNREACHABLE, " does not allow a connection to 127.0.0.1:" },
    { "{\"mode\":\"fail\"}", SIO_ERROR_UNREACHABLE, " did not connect to 127.0.0.1:" },
    { "{\"mode\":\"close\"}", SIO_ERROR_UNREACHABLE, "the proxy 127.0.0.1:" },
    { "{\"mode\":\"silent\"}", SIO_ERROR_TIMED_OUT, "while waiting for the proxy 127.0.0.1:" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Helper) server = start_server (TRUE);
      g_autoptr (Helper) proxy = helper_start ("proxy.mjs", cases[i].mode);
      g_auto (Network) network;

      network_init (&network, transport);
      sio_options_set_timeout_ms (network.options, i == 3 ? 500 : 15000);
      use_proxy (&network, "http://127.0.0.1:PORT", helper_get_port (proxy));
      network_expect_failure (&network, helper_get_url (server, "https"), (int) cases[i].code, "the proxy 127.0.0.1:",
                              cases[i].words, NULL);
    }
}

static void
test_proxy_down (gconstpointer transport)
{
  g_autoptr (Helper) proxy = helper_start ("proxy.mjs", "{}");
  guint port = helper_get_port (proxy);

  g_free (helper_finish (proxy));
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *words = g_strdup_printf ("no connection to the proxy 127.0.0.1:%u", port);
      g_auto (Network) network;

      network_init (&network, transport);
      use_proxy (&network, i == 0 ? "http://127.0.0.1:PORT" : "socks5://127.0.0.1:PORT", port);
      network_expect_failure (&network, "http://127.0.0.1:9/", SIO_ERROR_UNREACHABLE, words, "is it running", NULL);
      network_expect_failure (&network, "https://127.0.0.1:9/", SIO_ERROR_UNREACHABLE, words, NULL);
    }
}

static void
test_proxy_name (gconstpointer transport)
{
  g_auto (Network) network;

  network_init (&network, transport);
  g_assert_true (sio_options_set_proxy (network.options, "http://proxy.invalid:3128", NULL));
  network_expect_failure (&network, "http://127.0.0.1:9/", SIO_ERROR_UNREACHABLE, "proxy.invalid", NULL);
}

/* TLS to the proxy itself: GIO trusts whom the system trusts, and our options are about the server. */
static void
test_tls_to_proxy (gconstpointer transport)
{
  g_autofree char *settings = g_strdup_printf ("{\"cert\":\"%s\",\"key\":\"%s\"}",
                                               certificates_get_path (certificates, "server.crt"),
                                               certificates_get_path (certificates, "server.key"));
  g_autoptr (Helper) server = start_server (FALSE);
  g_autoptr (Helper) proxy = helper_start ("proxy.mjs", settings);
  g_autofree char *words = g_strdup_printf ("no secure connection to the proxy 127.0.0.1:%u", helper_get_port (proxy));
  g_auto (Network) network;

  network_init (&network, transport);
  use_proxy (&network, "https://127.0.0.1:PORT", helper_get_port (proxy));
  network_expect_failure (&network, helper_get_url (server, "http"), SIO_ERROR_TLS, words, NULL);
}

/* The proxy's certificate says nothing about the server, which may not even have one. */
static void
test_certificate_of_proxy (gconstpointer transport)
{
  static const struct { const char *mode; const char *scheme; gboolean good; } cases[] = {
    { "", "http", TRUE },
    { "refuse", "https", FALSE },
  };
  GTlsBackend *backend = g_tls_backend_get_default ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsDatabase) system =
    g_tls_file_database_new (certificates_get_path (certificates, "server.crt"), &error);

  g_assert_no_error (error);
  g_tls_backend_set_default_database (backend, system);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *settings = g_strdup_printf ("{\"cert\":\"%s\",\"key\":\"%s\",\"mode\":\"%s\"}",
                                                   certificates_get_path (certificates, "server.crt"),
                                                   certificates_get_path (certificates, "server.key"), cases[i].mode);
      g_autoptr (Helper) server = start_server (!cases[i].good);
      g_autoptr (Helper) proxy = helper_start ("proxy.mjs", settings);
      g_auto (Network) network;

      network_init (&network, transport);
      use_proxy (&network, "https://127.0.0.1:PORT", helper_get_port (proxy));
      network_open (&network, helper_get_url (server, cases[i].scheme));
      WAIT_FOR (network.opened || network.closed);
      g_assert_cmpint (network.opened, ==, cases[i].good);
      WAIT_FOR (network.tap->exchanges->len > 0);
      for (guint n = 0; n < network.tap->exchanges->len; n++)
        {
          g_assert_null (network_get_exchange (&network, n)->tls_fingerprint);
          g_assert_null (network_get_exchange (&network, n)->tls_certificate);
        }
    }
  g_tls_backend_set_default_database (backend, NULL);
}

/* The proxy looks the name up. */
static void
test_socks (gconstpointer transport)
{
  g_autoptr (Helper) server = start_server (FALSE);
  g_autoptr (Helper) proxy = helper_start ("proxy.mjs", "{\"mode\":\"socks\"}");
  g_autofree char *url = g_strdup_printf ("http://behind.test:%u/", helper_get_port (server));
  g_autofree char *asked = NULL;
  g_auto (Network) network;

  network_init (&network, transport);
  use_proxy (&network, "socks5://127.0.0.1:PORT", helper_get_port (proxy));
  network_open_well (&network, url);
  network_talk (&network);
  g_clear_pointer (&network.engine, sio_engine_free);
  asked = helper_finish (proxy);
  g_assert_true (g_str_has_prefix (asked, "SOCKS behind.test\n"));
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  /* the first who asks decides which one is the default */
  g_object_unref (g_proxy_get_default_for_protocol ("http"));
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME, TYPE_TEST_SETTINGS, "test-settings", G_MAXINT);
  g_assert_true (TEST_IS_SETTINGS (g_proxy_resolver_get_default ()));
  certificates = certificates_new ();
  certificates_make (certificates, "server", NULL, "127.0.0.1", CERTIFICATE_PLAIN);

  g_test_add_data_func ("/proxy/through", NULL, test_through);
  g_test_add_data_func ("/proxy/through-with-password", "us@er:pass:word", test_through);
  g_test_add_func ("/proxy/upgrade", test_upgrade);
  g_test_add_func ("/proxy/per-transport", test_per_transport);
  g_test_add_func ("/proxy/of-the-system", test_system);
  network_add ("proxy", "direct", test_direct);
  g_test_add_data_func ("/proxy/needs-password", NULL, test_needs_password);
  g_test_add_data_func ("/proxy/wrong-password", "wrong", test_needs_password);
  network_add ("proxy", "refuses-fails-closes-hangs", test_modes);
  network_add ("proxy", "down", test_proxy_down);
  network_add ("proxy", "name-not-known", test_proxy_name);
  network_add ("proxy", "socks", test_socks);
  network_add ("proxy", "tls-to-the-proxy", test_tls_to_proxy);
  network_add ("proxy", "tls-to-the-proxy/certificate", test_certificate_of_proxy);

  result = g_test_run ();
  certificates_free (certificates);
  return result;
}
