/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioOptions: every option is a property that says its range and default, is copied, and can differ for one transport. */

#include "sio.h"
#include "sio-options-private.h"

#include <math.h>

#define FINGERPRINT \
  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

/* A value that is not the default, for every property, by its type and what is allowed. */
static void
make_other_value (SioOptions *options,
                  GParamSpec *pspec,
                  GValue     *value)
{
  const char *name = pspec->name;

  g_value_init (value, pspec->value_type);
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, !G_PARAM_SPEC_BOOLEAN (pspec)->default_value);
  else if (g_str_equal (name, "server"))
    g_value_set_uint (value, 3);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (value, G_PARAM_SPEC_UINT (pspec)->default_value + 1);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_value_set_uint64 (value, G_PARAM_SPEC_UINT64 (pspec)->default_value - 1);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (value, 0.25);
  else if (g_str_equal (name, "parser"))
    g_value_take_object (value, sio_msgpack_parser_new ());
  else if (G_IS_PARAM_SPEC_OBJECT (pspec))
    g_value_take_object (value, sio_options_new ());
  else if (g_str_equal (name, "transports"))
    g_value_set_boxed (value, (const char * const[]) { "websocket", NULL });
  else if (g_str_equal (name, "extra-headers"))
    g_value_set_boxed (value, (const char * const[]) { "X-Name: value", NULL });
  else if (g_str_equal (name, "trusted-fingerprints"))
    g_value_set_boxed (value, (const char * const[]) { FINGERPRINT, NULL });
  else if (pspec->value_type == G_TYPE_STRV)
    g_value_set_boxed (value, (const char * const[]) { "one", "two", NULL });
  else if (g_str_equal (name, "auth"))
    g_value_set_string (value, "{\"token\":1}");
  else if (g_str_equal (name, "proxy"))
    g_value_set_string (value, "socks5://127.0.0.1:1080");
  else if (g_str_equal (name, "local-address"))
    g_value_set_string (value, "::1");
  else
    g_value_set_string (value, "/other/");
}

static gboolean
values_are_equal (const GValue *a,
                  const GValue *b,
                  GParamSpec   *pspec)
{
  if (pspec->value_type == G_TYPE_STRV)
    return g_strv_equal (g_value_get_boxed (a), g_value_get_boxed (b));
  return g_param_values_cmp (pspec, a, b) == 0;
}

static void
notified_cb (GObject    *object,
             GParamSpec *pspec,
             gpointer    data)
{
  ++*(guint *) data;
}

/* Set, read back, notified once, and copied: each by its name. */
static void
test_properties (void)
{
  g_autofree GParamSpec **pspecs = NULL;
  g_autoptr(GTypeClass) klass = g_type_class_ref (SIO_TYPE_OPTIONS);
  guint n;

  pspecs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n);
  g_assert_cmpuint (n, ==, SIO_OPTIONS_N_PROPS - 1);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(SioOptions) options = sio_options_new ();
      g_autoptr(SioOptions) copy = NULL;
      g_auto(GValue) value = G_VALUE_INIT;
      g_auto(GValue) read = G_VALUE_INIT;
      g_auto(GValue) copied = G_VALUE_INIT;
      guint n_notified = 0;

      g_test_message ("%s", pspecs[i]->name);
      make_other_value (options, pspecs[i], &value);
      g_signal_connect (options, "notify", G_CALLBACK (notified_cb), &n_notified);
      g_object_set_property (G_OBJECT (options), pspecs[i]->name, &value);
      g_assert_cmpuint (n_notified, ==, 1);
      g_object_set_property (G_OBJECT (options), pspecs[i]->name, &value);
      g_assert_cmpuint (n_notified, ==, 1);

      g_object_get_property (G_OBJECT (options), pspecs[i]->name, &read);
      g_assert_true (values_are_equal (&value, &read, pspecs[i]));

      copy = sio_options_copy (options);
      g_object_get_property (G_OBJECT (copy), pspecs[i]->name, &copied);
      if (pspecs[i]->value_type == SIO_TYPE_OPTIONS)
        {
          /* of another thread, perhaps: never the same object */
          g_assert_nonnull (g_value_get_object (&copied));
          g_assert_true (g_value_get_object (&copied) != g_value_get_object (&value));
        }
      else
        g_assert_true (values_are_equal (&value, &copied, pspecs[i]));
    }
}

static void
test_defaults (void)
{
  g_autoptr(SioOptions) options = sio_options_new ();

  g_assert_cmpstr (sio_options_get_path (options), ==, "/socket.io/");
  g_assert_cmpstr (sio_options_get_transports (options)[0], ==, "polling");
  g_assert_cmpstr (sio_options_get_transports (options)[1], ==, "websocket");
  g_assert_null (sio_options_get_transports (options)[2]);
  g_assert_cmpuint (sio_options_get_server (options), ==, 0);
  g_assert_null (sio_options_get_parser (options));
  g_assert_true (sio_options_get_upgrade (options));
  g_assert_false (sio_options_get_remember_upgrade (options));
  g_assert_false (sio_options_get_try_all_transports (options));
  g_assert_true (sio_options_get_add_trailing_slash (options));
  g_assert_true (sio_options_get_timestamp_requests (options));
  g_assert_false (sio_options_get_timestamp_websocket (options));
  g_assert_cmpstr (sio_options_get_timestamp_param (options), ==, "t");
  g_assert_false (sio_options_get_force_new (options));
  g_assert_true (sio_options_get_multiplex (options));
  g_assert_true (sio_options_get_auto_connect (options));
  g_assert_false (sio_options_get_with_credentials (options));
  g_assert_true (sio_options_get_reject_unauthorized (options));
  g_assert_true (sio_options_get_reconnection (options));
  g_assert_cmpuint (sio_options_get_reconnection_attempts (options), ==, 0);
  g_assert_cmpuint (sio_options_get_reconnection_delay_ms (options), ==, 1000);
  g_assert_cmpuint (sio_options_get_reconnection_delay_max_ms (options), ==, 5000);
  g_assert_cmpfloat (sio_options_get_randomization_factor (options), ==, 0.5);
  g_assert_cmpuint (sio_options_get_timeout_ms (options), ==, 20000);
  g_assert_cmpuint (sio_options_get_ack_timeout_ms (options), ==, 0);
  g_assert_cmpuint (sio_options_get_retries (options), ==, 0);
  g_assert_cmpuint (sio_options_get_max_payload (options), ==, 16 * 1024 * 1024);
  g_assert_cmpuint (sio_options_get_max_attachments (options), ==, 64);
  g_assert_cmpuint (sio_options_get_max_attachments_out (options), ==, 10);
}

/* A limit is always one: what is outside of the range is brought there. */
static void
test_limits (void)
{
  g_autoptr(SioOptions) options = sio_options_new ();

  sio_options_set_max_payload (options, 0);
  g_assert_cmpuint (sio_options_get_max_payload (options), ==, 1);
  sio_options_set_max_payload (options, G_MAXSIZE);
  g_assert_cmpuint (sio_options_get_max_payload (options), ==, 256 * 1024 * 1024);
  sio_options_set_max_depth (options, G_MAXUINT);
  g_assert_cmpuint (sio_options_get_max_depth (options), ==, 1024);
  sio_options_set_max_attachments (options, 0);
  g_assert_cmpuint (sio_options_get_max_attachments (options), ==, 1);
  sio_options_set_max_fragments (options, 0);
  g_assert_cmpuint (sio_options_get_max_fragments (options), ==, 1);
}

/* What is refused changes nothing, and the error says what was wrong with it. */
static void
test_refused (void)
{
  g_autoptr(SioOptions) options = sio_options_new ();
  const char * const bad_protocols[] = { "a b", NULL };
  const char * const double_protocols[] = { "a", "a", NULL };
  const char * const bad_fingerprints[] = { "AB:CD", NULL };
  const char * const long_fingerprints[] = { FINGERPRINT ":00", NULL };
  g_autoptr(GError) error = NULL;

  g_assert_false (sio_options_set_server (options, 5, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "5"));
  g_clear_error (&error);
  g_assert_false (sio_options_set_server (options, 1, &error));
  g_clear_error (&error);

  g_assert_false (sio_options_set_protocols (options, bad_protocols, &error));
  g_assert_nonnull (strstr (error->message, "a b"));
  g_clear_error (&error);
  g_assert_false (sio_options_set_protocols (options, double_protocols, &error));
  g_assert_nonnull (strstr (error->message, "twice"));
  g_clear_error (&error);
  g_assert_null (sio_options_get_protocols (options)[0]);

  g_assert_false (sio_options_set_trusted_fingerprints (options, bad_fingerprints, &error));
  g_assert_nonnull (strstr (error->message, "AB:CD"));
  g_clear_error (&error);
  g_assert_false (sio_options_set_trusted_fingerprints (options, long_fingerprints, &error));
  g_clear_error (&error);

  for (guint i = 0; i < 4; i++)
    {
      const char *bad[] = { "localhost", "ftp://proxy:1", "http://", "socks5://" };

      g_assert_false (sio_options_set_proxy (options, bad[i], &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, bad[i]));
      g_clear_error (&error);
    }
  g_assert_null (sio_options_get_proxy (options));

  g_assert_false (sio_options_set_local_address (options, "localhost", &error));
  g_assert_nonnull (strstr (error->message, "localhost"));
}

/* The transports, the headers and auth. */
static void
test_refused_lists (void)
{
  static const char * const transports[][4] = { { NULL }, { "webtransport" }, { "polling", "polling" }, { "" } };
  static const char * const headers[] = {
    "A", ": b", "A b: c", "A: b\r\nC: d", "A: b\n", "\xc3\xa9: x", "Content-Length: 5", "upgrade: x", "host: x", "",
  };
  static const char * const auth[] = { "", "[1]", "\"x\"", "null", "{", "{}x" };
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      g_assert_false (sio_options_set_transports (options, transports[i], &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      const char *lines[] = { headers[i], NULL };

      g_assert_false (sio_options_set_extra_headers (options, lines, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (auth); i++)
    {
      g_assert_false (sio_options_set_auth (options, auth[i], &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }

  g_assert_cmpstr (sio_options_get_transports (options)[1], ==, "websocket");
  g_assert_null (sio_options_get_extra_headers (options)[0]);
  g_assert_null (sio_options_get_auth (options));

  g_assert_true (sio_options_set_auth (options, " {\"a\": 1}\n", NULL));
  g_assert_cmpstr (sio_options_get_auth (options), ==, "{\"a\": 1}");
  sio_options_set_path (options, NULL);
  g_assert_cmpstr (sio_options_get_path (options), ==, "/socket.io/");
  sio_options_set_max_payload (options, 0);
  g_assert_cmpuint (sio_options_get_max_payload (options), ==, 1);
  sio_options_set_max_payload (options, G_MAXSIZE);
  g_assert_cmpuint (sio_options_get_max_payload (options), ==, 256 * 1024 * 1024);
  sio_options_set_randomization_factor (options, (double) NAN);
  g_assert_cmpfloat (sio_options_get_randomization_factor (options), ==, 0.0);
}

/* However a fingerprint was copied, it is kept in one form. */
static void
test_fingerprints (void)
{
  const char * const forms[] = {
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    "sha256:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
    "00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF 00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF",
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr(SioOptions) options = sio_options_new ();
      const char * const one[] = { forms[i], NULL };
      g_autoptr(GError) error = NULL;

      g_assert_true (sio_options_set_trusted_fingerprints (options, one, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (sio_options_get_trusted_fingerprints (options)[0], ==, FINGERPRINT);
    }
}

static void
test_proxies (void)
{
  const char * const good[] = { "http://proxy:3128", "http://user:pass@proxy:3128", "socks5://[::1]:1080", "direct://" };
  g_autoptr(SioOptions) options = sio_options_new ();

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_true (sio_options_set_proxy (options, good[i], &error));
      g_assert_no_error (error);
      g_assert_cmpstr (sio_options_get_proxy (options), ==, good[i]);
    }
  g_assert_true (sio_options_set_proxy (options, "", NULL));
  g_assert_null (sio_options_get_proxy (options));
}

/* transportOptions: what was set in them wins, what was not, not even by its default, does not. */
static void
test_transport_options (void)
{
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioOptions) overrides = sio_options_new ();
  g_autoptr(SioOptions) polling = NULL;
  g_autoptr(SioOptions) websocket = NULL;
  const char * const general[] = { "X-Who: everybody", NULL };
  const char * const special[] = { "X-Who: polling", NULL };

  g_assert_true (sio_options_set_extra_headers (options, general, NULL));
  sio_options_set_path (options, "/general/");
  sio_options_set_timestamp_requests (options, FALSE);
  g_assert_true (sio_options_set_extra_headers (overrides, special, NULL));
  sio_options_set_timestamp_requests (overrides, TRUE); /* the default, but it was set */
  sio_options_set_transport_options (options, SIO_TRANSPORT_KIND_POLLING, overrides);

  polling = sio_options_dup_for_transport (options, SIO_TRANSPORT_KIND_POLLING);
  websocket = sio_options_dup_for_transport (options, SIO_TRANSPORT_KIND_WEBSOCKET);
  g_assert_cmpstr (sio_options_get_extra_headers (polling)[0], ==, "X-Who: polling");
  g_assert_cmpstr (sio_options_get_extra_headers (websocket)[0], ==, "X-Who: everybody");
  g_assert_true (sio_options_get_timestamp_requests (polling));
  g_assert_false (sio_options_get_timestamp_requests (websocket));
  g_assert_cmpstr (sio_options_get_path (polling), ==, "/general/");
}

/* The copy of a copy still knows what was set. */
static void
test_copy_of_transport_options (void)
{
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioOptions) overrides = sio_options_new ();
  g_autoptr(SioOptions) copy = NULL;
  g_autoptr(SioOptions) websocket = NULL;

  sio_options_set_path (options, "/general/");
  sio_options_set_path (overrides, "/socket.io/");
  sio_options_set_transport_options (options, SIO_TRANSPORT_KIND_WEBSOCKET, overrides);
  copy = sio_options_copy (options);
  g_assert_finalize_object (g_steal_pointer (&options));

  websocket = sio_options_dup_for_transport (copy, SIO_TRANSPORT_KIND_WEBSOCKET);
  g_assert_cmpstr (sio_options_get_path (websocket), ==, "/socket.io/");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/options/properties", test_properties);
  g_test_add_func ("/options/defaults", test_defaults);
  g_test_add_func ("/options/limits", test_limits);
  g_test_add_func ("/options/refused", test_refused);
  g_test_add_func ("/options/refused-lists", test_refused_lists);
  g_test_add_func ("/options/fingerprints", test_fingerprints);
  g_test_add_func ("/options/proxies", test_proxies);
  g_test_add_func ("/options/transport-options", test_transport_options);
  g_test_add_func ("/options/copy-of-transport-options", test_copy_of_transport_options);

  return g_test_run ();
}
