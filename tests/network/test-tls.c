/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is trusted, who we say that we are, and how each "no" sounds. A real server in Node.js, on both transports. */

#include "certificates.h"
#include "network-fixture.h"
#include "transport/sio-tls.h"

#include <string.h>

static Certificates *certificates;

static Helper *
start_server (const char *name,
              const char *more)
{
  g_autofree char *cert = g_strconcat (name, ".crt", NULL);
  g_autofree char *key = g_strconcat (name, ".key", NULL);
  g_autofree char *settings = g_strdup_printf ("{\"cert\":\"%s\",\"key\":\"%s\"%s%s}",
                                               certificates_get_path (certificates, cert),
                                               certificates_get_path (certificates, key), *more != '\0' ? "," : "", more);

  return helper_start ("server.mjs", settings);
}

static void
trust_own_ca (Network *network)
{
  sio_options_set_ca_file (network->options, certificates_get_path (certificates, "ca.crt"));
}

static void
trust_fingerprint (Network    *network,
                   const char *fingerprint)
{
  const char * const fingerprints[] = { fingerprint, NULL };
  g_autoptr (GError) error = NULL;

  sio_options_set_trusted_fingerprints (network->options, fingerprints, &error);
  g_assert_no_error (error);
}

static void
test_own_ca (gconstpointer transport)
{
  g_autoptr (Helper) server = start_server ("server", "");
  g_autofree char *fingerprint = certificates_dup_fingerprint (certificates, "server");
  g_auto (Network) network;

  network_init (&network, transport);
  network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS,
                          "the certificate of 127.0.0.1 is not accepted", "its issuer is not known here (CN=ca)", fingerprint,
                          "trusted-fingerprints", "ca-file", "Unacceptable TLS certificate", NULL);
  g_assert_cmpint (network_get_exchange (&network, 0)->tls_errors, ==, G_TLS_CERTIFICATE_UNKNOWN_CA);
  g_assert_cmpstr (network_get_exchange (&network, 0)->tls_fingerprint, ==, fingerprint);

  trust_own_ca (&network);
  network_open_well (&network, helper_get_url (server, "https"));
  network_talk (&network);
  for (guint i = 0; i < network.tap->exchanges->len; i++)
    {
      Exchange *exchange = network_get_exchange (&network, i);

      g_assert_cmpint (exchange->tls_errors, ==, 0);
      g_assert_cmpstr (exchange->tls_fingerprint, ==, fingerprint);
      g_assert_nonnull (strstr (exchange->tls_certificate, "Subject: CN=server\r\nIssuer: CN=ca\r\nNot before: 20"));
      g_assert_nonnull (strstr (exchange->tls_certificate, "Alternative names: 127.0.0.1\r\n"));
    }
}

/* From polling to wss, with the same trust. */
static void
test_upgrade (void)
{
  g_autoptr (Helper) server = start_server ("server", "");
  g_auto (Network) network;

  network_init (&network, "polling,websocket");
  trust_own_ca (&network);
  network_open_well (&network, helper_get_url (server, "wss"));
  WAIT_FOR (network.upgraded || network.closed);
  network_talk (&network);
  g_assert_cmpint (sio_engine_get_transport (network.engine), ==, SIO_TRANSPORT_KIND_WEBSOCKET);
}

static void
test_self_signed (gconstpointer transport)
{
  g_autoptr (Helper) server = start_server ("self", "");
  g_autofree char *fingerprint = certificates_dup_fingerprint (certificates, "self");
  g_autofree char *plain = g_ascii_strdown (fingerprint, -1);
  g_auto (Network) network;
  char *out = plain;

  network_init (&network, transport);
  network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS, "it is self-signed (CN=self)", fingerprint, NULL);

  trust_fingerprint (&network, fingerprint);
  network_open_well (&network, helper_get_url (server, "https"));
  network_talk (&network);
  /* it is still not in order, and that is not hidden */
  g_assert_cmpint (network_get_exchange (&network, 0)->tls_errors, ==, G_TLS_CERTIFICATE_UNKNOWN_CA);

  /* as other programs write it */
  for (const char *p = plain; *p != '\0'; p++)
    if (*p != ':')
      *out++ = *p;
  *out = '\0';
  trust_fingerprint (&network, plain);
  network_open_well (&network, helper_get_url (server, "https"));
}

/* What was accepted is one certificate, not the server. */
static void
test_certificate_changes (gconstpointer transport)
{
  g_autofree char *fingerprint = certificates_dup_fingerprint (certificates, "self");
  g_autofree char *other = certificates_dup_fingerprint (certificates, "other");
  g_auto (Network) network;
  g_autofree char *port = NULL;

  network_init (&network, transport);
  trust_fingerprint (&network, fingerprint);
  {
    g_autoptr (Helper) server = start_server ("self", "");

    network_open_well (&network, helper_get_url (server, "https"));
    port = g_strdup_printf ("\"port\":%u", helper_get_port (server));
    g_clear_pointer (&network.engine, sio_engine_free);
  }
  {
    g_autoptr (Helper) server = start_server ("other", port);

    network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS, other, NULL);
    g_assert_cmpuint (network_get_exchange (&network, 0)->status, ==, 0);
  }
}

/* TLS sessions are resumed behind our back; what one engine was told to take is no promise for the next. */
static void
test_strict_after_lenient (gconstpointer transport)
{
  g_autoptr (Helper) server = start_server ("self", "");
  g_auto (Network) network;

  network_init (&network, transport);
  for (guint i = 0; i < 3; i++)
    {
      sio_options_set_reject_unauthorized (network.options, FALSE);
      network_open_well (&network, helper_get_url (server, "https"));
      network_talk (&network);
      g_assert_cmpint (network_get_exchange (&network, 0)->tls_errors, ==, G_TLS_CERTIFICATE_UNKNOWN_CA);
      sio_options_set_reject_unauthorized (network.options, TRUE);
      network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS, "self-signed", NULL);
    }
}

static void
test_flags (gconstpointer transport)
{
  static const struct {
    const char           *name;
    GTlsCertificateFlags  flags;
    const char           *words;
  } cases[] = {
    { "expired", G_TLS_CERTIFICATE_EXPIRED, "it has expired on 20" },
    { "future", G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid before 20" },
    { "elsewhere", G_TLS_CERTIFICATE_BAD_IDENTITY, "it is not for 127.0.0.1 but for elsewhere.test" },
    { "nameless", G_TLS_CERTIFICATE_BAD_IDENTITY, "it is not for 127.0.0.1 but for CN=nameless" },
    { "worst", G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_BAD_IDENTITY | G_TLS_CERTIFICATE_UNKNOWN_CA,
      "; it is not for 127.0.0.1 but for elsewhere.test; it is self-signed (CN=worst)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Helper) server = start_server (cases[i].name, "");
      g_autofree char *fingerprint = certificates_dup_fingerprint (certificates, cases[i].name);
      g_auto (Network) network;

      network_init (&network, transport);
      trust_own_ca (&network);
      network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS, cases[i].words, fingerprint, NULL);
      g_assert_cmpint (network_get_exchange (&network, 0)->tls_errors, ==, cases[i].flags);

      trust_fingerprint (&network, fingerprint);
      network_open_well (&network, helper_get_url (server, "https"));
      g_assert_cmpint (network_get_exchange (&network, 0)->tls_errors, ==, cases[i].flags);
    }
}

/* What no server here can be brought to: each flag has its words. */
static void
test_all_flags (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (certificates_get_path (certificates, "server.crt"), &error);
  static const struct { GTlsCertificateFlags flags; const char *words; } cases[] = {
    { G_TLS_CERTIFICATE_REVOKED, "its issuer has revoked it" },
    { G_TLS_CERTIFICATE_INSECURE, "its algorithm or key is not secure" },
    { G_TLS_CERTIFICATE_GENERIC_ERROR, "it cannot be verified" },
    { G_TLS_CERTIFICATE_NO_FLAGS, "it cannot be verified" },
    { G_TLS_CERTIFICATE_REVOKED | G_TLS_CERTIFICATE_BAD_IDENTITY, "it is not for h but for 127.0.0.1; its issuer has revoked it" },
  };

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = sio_tls_explain (certificate, cases[i].flags, "h");

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

/* A certificate's names are a stranger's words. */
static void
test_hostile_names (gconstpointer transport)
{
  g_autoptr (Helper) server = start_server ("evil", "");
  g_auto (Network) network;

  network_init (&network, transport);
  network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS, "it is not for 127.0.0.1 but for CN=evil", NULL);
  g_assert_null (strchr (network.error->message, '\n'));
  g_assert_null (strchr (network.error->message, '\x1b'));
  g_assert_null (strstr (network.error->message, "\xe2\x80\xae"));
  g_assert_null (strchr (network_get_exchange (&network, 0)->tls_certificate, '\x1b'));
  g_assert_null (strstr (network_get_exchange (&network, 0)->tls_certificate, "\xe2\x80\xae"));
  g_assert_cmpuint (count_parts (network_get_exchange (&network, 0)->tls_certificate, "\r\nSubject"), ==, 0);
}

/* Our certificate */

static void
test_client_certificate (gconstpointer transport)
{
  const char *ca = certificates_get_path (certificates, "ca.crt");
  g_autofree char *more = g_strdup_printf ("\"ca\":\"%s\",\"requestCert\":true", ca);
  static const char * const versions[] = { "", ",\"maxVersion\":\"TLSv1.2\"" };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *settings = g_strconcat (more, versions[i], NULL);
      g_autoptr (Helper) server = start_server ("server", settings);
      g_auto (Network) network;
      g_autofree char *seen = NULL;

      network_init (&network, transport);
      trust_own_ca (&network);
      network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS, "client certificate", "\"cert-file\"", NULL);

      sio_options_set_cert_file (network.options, certificates_get_path (certificates, "client.crt"));
      sio_options_set_key_file (network.options, certificates_get_path (certificates, "client.key"));
      network_open_well (&network, helper_get_url (server, "https"));
      network_talk (&network);
      g_clear_pointer (&network.engine, sio_engine_free);
      seen = helper_finish (server);
      g_assert_cmpuint (count_parts (seen, "client=client\n"), >=, g_str_equal (transport, "polling") ? 3 : 1);
      g_assert_cmpuint (count_parts (seen, "client=\n"), ==, 0);
    }
}

/* One that the server does not know. Node.js ends the handshake well, and then the connection. */
static void
test_wrong_client_certificate (gconstpointer transport)
{
  g_autofree char *more = g_strdup_printf ("\"ca\":\"%s\",\"requestCert\":true", certificates_get_path (certificates, "ca.crt"));
  g_autoptr (Helper) server = start_server ("server", more);
  g_auto (Network) network;

  network_init (&network, transport);
  trust_own_ca (&network);
  sio_options_set_cert_file (network.options, certificates_get_path (certificates, "self.crt"));
  sio_options_set_key_file (network.options, certificates_get_path (certificates, "self.key"));
  network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_UNREACHABLE,
                          "it may not accept the client certificate", NULL);
}

static void
test_keys (gconstpointer transport)
{
  static const struct {
    const char *cert_file;
    const char *key_file;
    const char *pfx_file;
    const char *passphrase;
  } cases[] = {
    { "client.crt", "client.key", NULL, NULL },
    { "client.crt", "client.key", NULL, "not needed" },
    { "both.pem", NULL, NULL, NULL },
    { "client.crt", "client-pkcs8.key", NULL, "secret" },
    { "client.crt", "client-openssl.key", NULL, "secret" },
    { NULL, NULL, "client.pfx", "secret" },
    { NULL, NULL, "open.pfx", NULL },
  };
  g_autofree char *more = g_strdup_printf ("\"ca\":\"%s\",\"requestCert\":true", certificates_get_path (certificates, "ca.crt"));
  g_autoptr (Helper) server = start_server ("server", more);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Network) network;

      network_init (&network, transport);
      trust_own_ca (&network);
      if (cases[i].cert_file != NULL)
        sio_options_set_cert_file (network.options, certificates_get_path (certificates, cases[i].cert_file));
      if (cases[i].key_file != NULL)
        sio_options_set_key_file (network.options, certificates_get_path (certificates, cases[i].key_file));
      if (cases[i].pfx_file != NULL)
        sio_options_set_pfx_file (network.options, certificates_get_path (certificates, cases[i].pfx_file));
      sio_options_set_passphrase (network.options, cases[i].passphrase);
      network_open_well (&network, helper_get_url (server, "https"));
      network_talk (&network);
    }
}

static void
test_bad_files (gconstpointer transport)
{
  static const struct {
    const char *option;
    const char *file;
    const char *words;
  } cases[] = {
    { "ca-file", "nowhere.crt", "ca-file %s cannot be read: No such file or directory" },
    { "ca-file", ".", "ca-file %s cannot be read: it is not a file" },
    { "ca-file", "text.txt", "ca-file %s has no certificate" },
    { "ca-file", "empty.txt", "ca-file %s has no certificate" },
    { "ca-file", "huge.txt", "ca-file %s cannot be read: it is larger than 1 MiB" },
    { "cert-file", "nowhere.crt", "cert-file %s cannot be read: No such file or directory" },
    { "cert-file", "text.txt", "cert-file %s has no certificate" },
    { "cert-file", "client.crt", "cert-file %s has no private key" },
    { "key-file", "nowhere.key", "key-file %s cannot be read: No such file or directory" },
    { "key-file", "text.txt", "key-file %s has no private key" },
    { "key-file", "self.key", "the key in key-file %s does not belong to the certificate" },
    { "key-file", "client-pkcs8.key", "the passphrase does not open the key in key-file %s" },
    { "key-file", "client-openssl.key", "the passphrase does not open the key in key-file %s" },
    { "pfx-file", "nowhere.pfx", "pfx-file %s cannot be read" },
    { "pfx-file", "text.txt", "pfx-file %s is no PKCS #12" },
    { "pfx-file", "client.pfx", "the passphrase does not open pfx-file %s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *path = certificates_get_path (certificates, cases[i].file);
      g_auto (GStrv) parts = g_strsplit (cases[i].words, "%s", -1);
      g_autofree char *words = g_strjoinv (path, parts);
      g_auto (Network) network;

      network_init (&network, transport);
      sio_options_set_passphrase (network.options, "wrong");
      if (g_str_equal (cases[i].option, "key-file"))
        sio_options_set_cert_file (network.options, certificates_get_path (certificates, "client.crt"));
      g_object_set (network.options, cases[i].option, path, NULL);
      network_expect_failure (&network, "https://127.0.0.1:9/", SIO_ERROR_TLS, words, NULL);
    }
}

static void
test_key_needs_passphrase (void)
{
  g_auto (Network) network;

  network_init (&network, "polling");
  sio_options_set_key_file (network.options, certificates_get_path (certificates, "client-pkcs8.key"));
  network_expect_failure (&network, "https://127.0.0.1:9/", SIO_ERROR_TLS, "no cert-file that it belongs to", NULL);
  sio_options_set_cert_file (network.options, certificates_get_path (certificates, "client.crt"));
  network_expect_failure (&network, "https://127.0.0.1:9/", SIO_ERROR_TLS, "needs a passphrase", "client-pkcs8.key", NULL);
  sio_options_set_pfx_file (network.options, certificates_get_path (certificates, "client.pfx"));
  network_expect_failure (&network, "https://127.0.0.1:9/", SIO_ERROR_TLS, "pfx-file", "needs a passphrase", NULL);
  sio_options_set_pfx_file (network.options, certificates_get_path (certificates, "stream.pfx"));
  network_expect_failure (&network, "https://127.0.0.1:9/", SIO_ERROR_TLS, "pfx-file", "needs a passphrase", NULL);
}

/* The wrong port */

static void
test_tls_to_plain_port (gconstpointer transport)
{
  g_autoptr (Helper) server = helper_start ("server.mjs", "{}");
  g_auto (Network) network;

  network_init (&network, transport);
  network_expect_failure (&network, helper_get_url (server, "https"), SIO_ERROR_TLS, "does not speak TLS", "http://", NULL);
}

static void
test_plain_to_tls_port (gconstpointer transport)
{
  g_autoptr (Helper) server = start_server ("server", "");
  g_auto (Network) network;

  network_init (&network, transport);
  network_open (&network, helper_get_url (server, "http"));
  WAIT_FOR (network.closed);
  g_assert_cmpint (network.error->domain, ==, (int) SIO_ERROR);
  network_expect_part (&network, "if this port speaks TLS, use https://");
}

/* Large messages, and those in many frames, through our stream over TLS. */
static void
test_large (void)
{
  g_autoptr (Helper) server = start_server ("server", "");
  g_autofree char *text = g_strnfill (3 * 1024 * 1024, 'z');
  g_autofree char *event = g_strdup_printf ("2[\"measure\",\"%s\"]", text);
  g_auto (Network) network;
  const char *got;

  network_init (&network, "websocket");
  trust_own_ca (&network);
  network_open_well (&network, helper_get_url (server, "wss"));
  network_talk (&network);

  network_send (&network, "2[\"big\",5000000]");
  got = network_await (&network, "42[\"big\"");
  g_assert_cmpuint (strlen (got), ==, 5000000 + strlen ("42[\"big\",\"\"]"));
  g_assert_cmpuint (strspn (got + strlen ("42[\"big\",\""), "x"), ==, 5000000);

  network_send (&network, "2[\"fragmented\",1000,3000]");
  got = network_await (&network, "42[\"fragmented\"");
  g_assert_cmpuint (strlen (got), ==, 3000000 + strlen ("42[\"fragmented\",\"\"]"));
  g_assert_cmpuint (strspn (got + strlen ("42[\"fragmented\",\""), "y"), ==, 3000000);

  network_send (&network, event);
  g_assert_cmpstr (network_await (&network, "42[\"measured\""), ==, "42[\"measured\",3145728]");
  network_send (&network, "2[\"echo\",\"last\"]");
  network_await (&network, "42[\"echo\",\"last\"]");
}

static void
make_certificates (void)
{
  g_autofree char *huge = g_strnfill (1024 * 1024 + 1, '#');
  g_autofree char *cert = NULL;
  g_autofree char *key = NULL;
  g_autofree char *both = NULL;

  certificates_make (certificates, "ca", NULL, NULL, CERTIFICATE_CA);
  certificates_make (certificates, "server", "ca", "127.0.0.1", CERTIFICATE_PLAIN);
  certificates_make (certificates, "client", "ca", NULL, CERTIFICATE_PLAIN);
  certificates_make (certificates, "self", NULL, "127.0.0.1", CERTIFICATE_PLAIN);
  certificates_make (certificates, "other", NULL, "127.0.0.1", CERTIFICATE_PLAIN);
  certificates_make (certificates, "expired", "ca", "127.0.0.1", CERTIFICATE_EXPIRED);
  certificates_make (certificates, "future", "ca", "127.0.0.1", CERTIFICATE_FUTURE);
  certificates_make (certificates, "elsewhere", "ca", "elsewhere.test", CERTIFICATE_PLAIN);
  certificates_make (certificates, "nameless", "ca", NULL, CERTIFICATE_PLAIN);
  certificates_make (certificates, "worst", NULL, "elsewhere.test", CERTIFICATE_EXPIRED);

  g_free (certificates_openssl (certificates, "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout evil.key "
                                "-out evil.crt -days 2 -subj \"/CN=evil\x1b[31m\r\nSubject: me \xe2\x80\xae\" -utf8"));
  g_free (certificates_openssl (certificates, "pkcs8 -topk8 -v2 aes-256-cbc -in client.key -passout pass:secret -out client-pkcs8.key"));
  g_free (certificates_openssl (certificates, "ec -in client.key -aes256 -passout pass:secret -out client-openssl.key"));
  g_free (certificates_openssl (certificates, "pkcs12 -export -in client.crt -inkey client.key -passout pass:secret -out client.pfx"));
  g_free (certificates_openssl (certificates, "pkcs12 -export -in client.crt -inkey client.key -passout pass: -out open.pfx"));
  /* No padding that would tell a wrong key: whatever it gives is taken for what was in the file. */
  g_free (certificates_openssl (certificates, "pkcs12 -export -legacy -certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-RC4-128 "
                                "-in client.crt -inkey client.key -passout pass:secret -out stream.pfx"));

  g_assert_true (g_file_get_contents (certificates_get_path (certificates, "client.crt"), &cert, NULL, NULL));
  g_assert_true (g_file_get_contents (certificates_get_path (certificates, "client.key"), &key, NULL, NULL));
  both = g_strconcat (cert, key, NULL);
  certificates_write (certificates, "both.pem", both);
  certificates_write (certificates, "text.txt", "not a certificate\n");
  certificates_write (certificates, "empty.txt", "");
  certificates_write (certificates, "huge.txt", huge);
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  certificates = certificates_new ();
  make_certificates ();

  network_add ("tls", "own-ca", test_own_ca);
  network_add ("tls", "self-signed-accepted-by-fingerprint", test_self_signed);
  network_add ("tls", "another-certificate-is-refused-again", test_certificate_changes);
  network_add ("tls", "strict-after-lenient", test_strict_after_lenient);
  network_add ("tls", "expired-future-wrong-host", test_flags);
  network_add ("tls", "hostile-names", test_hostile_names);
  network_add ("tls", "client-certificate", test_client_certificate);
  network_add ("tls", "client-certificate-not-accepted", test_wrong_client_certificate);
  network_add ("tls", "keys-encrypted-and-pfx", test_keys);
  network_add ("tls", "files-that-cannot-be-used", test_bad_files);
  network_add ("tls", "tls-to-a-plain-port", test_tls_to_plain_port);
  network_add ("tls", "plain-to-a-tls-port", test_plain_to_tls_port);
  g_test_add_func ("/tls/all-flags", test_all_flags);
  g_test_add_func ("/tls/upgrade", test_upgrade);
  g_test_add_func ("/tls/key-needs-passphrase", test_key_needs_passphrase);
  g_test_add_func ("/tls/large-and-fragmented", test_large);

  result = g_test_run ();
  certificates_free (certificates);
  return result;
}
