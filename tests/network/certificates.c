/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Made with GnuTLS, because openssl's command takes no dates before version 3.4. */

#include "certificates.h"

#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <time.h>

#define DAY (24 * 60 * 60)

struct _Certificates {
  char      *dir;
  GPtrArray *paths;
  guint      n_made;
};

Certificates *
certificates_new (void)
{
  Certificates *self = g_new0 (Certificates, 1);
  g_autoptr (GError) error = NULL;

  self->dir = g_dir_make_tmp ("sioscope-certificates-XXXXXX", &error);
  g_assert_no_error (error);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
certificates_free (Certificates *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_unlink (certificates_get_path (self, name));
  g_rmdir (self->dir);
  g_ptr_array_unref (self->paths);
  g_free (self->dir);
  g_free (self);
}

const char *
certificates_get_path (Certificates *self,
                       const char   *file)
{
  g_ptr_array_add (self->paths, g_build_filename (self->dir, file, NULL));
  return self->paths->pdata[self->paths->len - 1];
}

void
certificates_write (Certificates *self,
                    const char   *file,
                    const char   *content)
{
  g_assert_true (g_file_set_contents (certificates_get_path (self, file), content, -1, NULL));
}

static void
check (int result)
{
  if (result < 0)
    g_error ("GnuTLS: %s", gnutls_strerror (result));
}

static void
write_pem (Certificates   *self,
           const char     *name,
           const char     *suffix,
           gnutls_datum_t *datum)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);

  g_assert_true (g_file_set_contents (certificates_get_path (self, file), (const char *) datum->data, datum->size, NULL));
  gnutls_free (datum->data);
}

static gnutls_datum_t
read_pem (Certificates *self,
          const char   *name,
          const char   *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);
  char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (certificates_get_path (self, file), &content, &size, NULL));
  return (gnutls_datum_t) { (unsigned char *) content, (unsigned int) size };
}

void
certificates_make (Certificates     *self,
                   const char       *name,
                   const char       *issuer,
                   const char       *host,
                   CertificateFlags  flags)
{
  gnutls_x509_crt_t certificate;
  gnutls_x509_crt_t signer;
  gnutls_x509_privkey_t key;
  gnutls_x509_privkey_t signer_key;
  gnutls_datum_t pem;
  g_autofree char *id = g_strdup_printf ("%s-id", name);
  guint8 serial[4] = { 1, 2, 3, (guint8) ++self->n_made };
  time_t now = time (NULL);

  check (gnutls_x509_privkey_init (&key));
  check (gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  check (gnutls_x509_crt_init (&certificate));
  check (gnutls_x509_crt_set_version (certificate, 3));
  check (gnutls_x509_crt_set_serial (certificate, serial, sizeof serial));
  check (gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned int) strlen (name)));
  check (gnutls_x509_crt_set_activation_time (certificate, (flags & CERTIFICATE_FUTURE) != 0 ? now + 30 * DAY : now - 60 * DAY));
  check (gnutls_x509_crt_set_expiration_time (certificate, (flags & CERTIFICATE_EXPIRED) != 0 ? now - 2 * DAY : now + 60 * DAY));
  check (gnutls_x509_crt_set_key (certificate, key));
  check (gnutls_x509_crt_set_subject_key_id (certificate, id, strlen (id)));
  check (gnutls_x509_crt_set_basic_constraints (certificate, (flags & CERTIFICATE_CA) != 0, -1));
  check (gnutls_x509_crt_set_key_usage (certificate, (flags & CERTIFICATE_CA) != 0
                                                       ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                                                       : GNUTLS_KEY_DIGITAL_SIGNATURE));
  if (host != NULL && g_hostname_is_ip_address (host))
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

      check (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS, g_inet_address_to_bytes (address),
                                                   (unsigned int) g_inet_address_get_native_size (address), GNUTLS_FSAN_SET));
    }
  else if (host != NULL)
    check (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, host, (unsigned int) strlen (host),
                                                 GNUTLS_FSAN_SET));

  signer = certificate;
  signer_key = key;
  if (issuer != NULL)
    {
      gnutls_datum_t content = read_pem (self, issuer, ".crt");

      check (gnutls_x509_crt_init (&signer));
      check (gnutls_x509_crt_import (signer, &content, GNUTLS_X509_FMT_PEM));
      g_free (content.data);
      content = read_pem (self, issuer, ".key");
      check (gnutls_x509_privkey_init (&signer_key));
      check (gnutls_x509_privkey_import (signer_key, &content, GNUTLS_X509_FMT_PEM));
      g_free (content.data);
    }
  check (gnutls_x509_crt_sign2 (certificate, signer, signer_key, GNUTLS_DIG_SHA256, 0));

  check (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem));
  write_pem (self, name, ".crt", &pem);
  check (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem));
  write_pem (self, name, ".key", &pem);

  if (issuer != NULL)
    {
      gnutls_x509_crt_deinit (signer);
      gnutls_x509_privkey_deinit (signer_key);
    }
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);
}

char *
certificates_openssl (Certificates *self,
                      const char   *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                                        | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *command = g_strconcat ("openssl ", arguments, NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  char *output = NULL;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, NULL));
  g_subprocess_launcher_set_cwd (launcher, self->dir);
  g_subprocess_launcher_unsetenv (launcher, "LD_PRELOAD");
  process = g_subprocess_launcher_spawnv (launcher, (const char * const *) argv, &error);
  if (process == NULL)
    g_error ("openssl did not start: %s", error->message);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &problem, NULL));
  if (!g_subprocess_get_successful (process))
    g_error ("%s: %s", command, problem);
  return output;
}

char *
certificates_dup_fingerprint (Certificates *self,
                              const char   *name)
{
  g_autofree char *arguments = g_strdup_printf ("x509 -in %s.crt -noout -fingerprint -sha256", name);
  g_autofree char *output = certificates_openssl (self, arguments);
  const char *equals = strchr (output, '=');

  g_assert_nonnull (equals);
  return g_strstrip (g_strdup (equals + 1));
}
