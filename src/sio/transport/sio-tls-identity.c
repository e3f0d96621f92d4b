/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Our own certificate and key. GIO 2.74 takes no encrypted PEM, and does not say when a key belongs to another
 * certificate, so GnuTLS, which is below GIO anyway, reads them first. What was secret is wiped. */

#include "sio-tls.h"

#include "../sio-error.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A bundle of every public authority is a quarter of it. */
#define MAX_FILE_SIZE (1024 * 1024)
#define MAX_CHAIN 16

void
sio_tls_wipe_bytes (GByteArray *bytes)
{
  if (bytes == NULL)
    return;
  if (bytes->len > 0)
    explicit_bzero (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

static void
wipe_datum (gnutls_datum_t *datum)
{
  if (datum->data != NULL)
    {
      explicit_bzero (datum->data, datum->size);
      gnutls_free (datum->data);
    }
  datum->size = 0;
}

static void
wipe_string (GString *string)
{
  explicit_bzero (string->str, string->allocated_len);
  g_string_free (string, TRUE);
}

static GByteArray *
fail_file (const char  *path,
           const char  *what,
           const char  *why,
           GError     **error)
{
  g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "%s %s cannot be read: %s", what, path, why);
  return NULL;
}

GByteArray *
sio_tls_read_file (const char  *path,
                   const char  *what,
                   GError     **error)
{
  /* nobody waits for a pipe that is called a certificate */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  int saved_errno = errno;
  GByteArray *bytes;
  struct stat info;
  gssize n = 0;

  if (fd < 0)
    return fail_file (path, what, g_strerror (saved_errno), error);
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > MAX_FILE_SIZE)
    {
      close (fd);
      return fail_file (path, what, S_ISREG (info.st_mode) ? "it is larger than 1 MiB" : "it is not a file", error);
    }

  bytes = g_byte_array_sized_new (MAX_FILE_SIZE);
  g_byte_array_set_size (bytes, MAX_FILE_SIZE);
  bytes->len = 0;
  do
    {
      n = read (fd, bytes->data + bytes->len, MAX_FILE_SIZE - bytes->len);
      if (n > 0)
        bytes->len += (guint) n;
    }
  while ((n > 0 && bytes->len < MAX_FILE_SIZE) || (n < 0 && errno == EINTR));
  saved_errno = errno;
  close (fd);
  if (n < 0)
    {
      sio_tls_wipe_bytes (bytes);
      return fail_file (path, what, g_strerror (saved_errno), error);
    }
  return bytes;
}

static gboolean
looks_encrypted (GByteArray *pem)
{
  return memmem (pem->data, pem->len, "BEGIN ENCRYPTED PRIVATE KEY", strlen ("BEGIN ENCRYPTED PRIVATE KEY")) != NULL
         || memmem (pem->data, pem->len, "Proc-Type: 4,ENCRYPTED", strlen ("Proc-Type: 4,ENCRYPTED")) != NULL;
}

/* The certificates of the file, leaf first. */
static gboolean
import_chain (GByteArray         *pem,
              const char         *path,
              gnutls_x509_crt_t **chain,
              guint              *n_chain,
              GError            **error)
{
  gnutls_datum_t datum = { pem->data, pem->len };
  int result = gnutls_x509_crt_list_import2 (chain, n_chain, &datum, GNUTLS_X509_FMT_PEM, 0);

  if (result >= 0 && *n_chain > 0 && *n_chain <= MAX_CHAIN)
    return TRUE;
  g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "cert-file %s has no certificate in PEM that can be read%s%s", path,
               result < 0 ? ": " : "", result < 0 ? gnutls_strerror (result) : "");
  return FALSE;
}

static gboolean
import_key (gnutls_x509_privkey_t  key,
            GByteArray            *pem,
            const char            *path,
            const char            *what,
            const char            *passphrase,
            GError               **error)
{
  gnutls_datum_t datum = { pem->data, pem->len };
  gboolean encrypted = looks_encrypted (pem);
  int result;

  if (encrypted && passphrase == NULL)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "the key in %s %s is encrypted: it needs a passphrase", what, path);
      return FALSE;
    }

  result = gnutls_x509_privkey_import2 (key, &datum, GNUTLS_X509_FMT_PEM, encrypted ? passphrase : NULL, 0);
  if (result >= 0)
    return TRUE;

  if (encrypted && (result == GNUTLS_E_DECRYPTION_FAILED || result == GNUTLS_E_PK_DECRYPTION_FAILED))
    g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "the passphrase does not open the key in %s %s: %s", what, path,
                 gnutls_strerror (result));
  else
    g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "%s %s has no private key in PEM that can be read: %s", what, path,
                 gnutls_strerror (result));
  return FALSE;
}

static gboolean
belong_together (gnutls_x509_crt_t     certificate,
                 gnutls_x509_privkey_t key)
{
  unsigned char of_certificate[64];
  unsigned char of_key[64];
  size_t n_certificate = sizeof of_certificate;
  size_t n_key = sizeof of_key;

  return gnutls_x509_crt_get_key_id (certificate, 0, of_certificate, &n_certificate) >= 0
         && gnutls_x509_privkey_get_key_id (key, 0, of_key, &n_key) >= 0
         && n_certificate == n_key && memcmp (of_certificate, of_key, n_key) == 0;
}

/* What GIO takes: the certificates and the key, not encrypted, in one PEM. */
static GTlsCertificate *
build_certificate (gnutls_x509_crt_t     *chain,
                   guint                  n_chain,
                   gnutls_x509_privkey_t  key,
                   const char            *path,
                   GError               **error)
{
  GString *pem = g_string_sized_new (64 * 1024);
  g_autoptr (GError) local_error = NULL;
  gnutls_datum_t datum = { NULL, 0 };
  GTlsCertificate *certificate = NULL;
  int result = gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &datum);

  if (result >= 0)
    g_string_append_len (pem, (const char *) datum.data, datum.size);
  wipe_datum (&datum);
  for (guint i = 0; result >= 0 && i < n_chain; i++)
    {
      result = gnutls_x509_crt_export2 (chain[i], GNUTLS_X509_FMT_PEM, &datum);
      if (result >= 0)
        g_string_append_len (pem, (const char *) datum.data, datum.size);
      wipe_datum (&datum);
    }

  if (result >= 0)
    certificate = g_tls_certificate_new_from_pem (pem->str, (gssize) pem->len, &local_error);
  if (certificate == NULL)
    g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "cert-file %s cannot be used: %s", path,
                 local_error != NULL ? local_error->message : gnutls_strerror (result));
  wipe_string (pem);
  return certificate;
}

static GTlsCertificate *
load_pem (const char  *cert_file,
          const char  *key_file,
          const char  *passphrase,
          GError     **error)
{
  const char *what = key_file != NULL ? "key-file" : "cert-file";
  const char *key_path = key_file != NULL ? key_file : cert_file;
  GByteArray *cert_pem = sio_tls_read_file (cert_file, "cert-file", error);
  GByteArray *key_pem = cert_pem != NULL ? sio_tls_read_file (key_path, what, error) : NULL;
  gnutls_x509_crt_t *chain = NULL;
  guint n_chain = 0;
  gnutls_x509_privkey_t key = NULL;
  GTlsCertificate *certificate = NULL;

  if (key_pem != NULL && gnutls_x509_privkey_init (&key) >= 0
      && import_chain (cert_pem, cert_file, &chain, &n_chain, error)
      && import_key (key, key_pem, key_path, what, passphrase, error))
    {
      if (belong_together (chain[0], key))
        certificate = build_certificate (chain, n_chain, key, cert_file, error);
      else
        g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "the key in %s %s does not belong to the certificate in cert-file %s",
                     what, key_path, cert_file);
    }

  for (guint i = 0; i < n_chain; i++)
    gnutls_x509_crt_deinit (chain[i]);
  gnutls_free (chain);
  if (key != NULL)
    gnutls_x509_privkey_deinit (key);
  sio_tls_wipe_bytes (cert_pem);
  sio_tls_wipe_bytes (key_pem);
  return certificate;
}

/* Without a passphrase GIO does not look at the MAC, and then it is chance whether what was decrypted wrongly looks like that or like
 * a file that is none: one in some eighty does. */
static gboolean
needs_passphrase (const GByteArray *content)
{
  gnutls_datum_t datum = { content->data, content->len };
  gnutls_pkcs12_t pfx;
  gboolean needs;

  if (gnutls_pkcs12_init (&pfx) < 0)
    return FALSE;
  needs = gnutls_pkcs12_import (pfx, &datum, GNUTLS_X509_FMT_DER, 0) >= 0
          && gnutls_pkcs12_verify_mac (pfx, NULL) == GNUTLS_E_MAC_VERIFY_FAILED
          && gnutls_pkcs12_verify_mac (pfx, "") == GNUTLS_E_MAC_VERIFY_FAILED;
  gnutls_pkcs12_deinit (pfx);
  return needs;
}

static GTlsCertificate *
load_pfx (const char  *path,
          const char  *passphrase,
          GError     **error)
{
  GByteArray *content = sio_tls_read_file (path, "pfx-file", error);
  g_autoptr (GError) local_error = NULL;
  GTlsCertificate *certificate = NULL;

  if (content == NULL)
    return NULL;

  certificate = g_tls_certificate_new_from_pkcs12 (content->data, content->len, passphrase, &local_error);
  if (certificate != NULL)
    ;
  else if (passphrase == NULL
           && (g_error_matches (local_error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE_PASSWORD) || needs_passphrase (content)))
    g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "pfx-file %s needs a passphrase", path);
  else if (g_error_matches (local_error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE_PASSWORD))
    g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "the passphrase does not open pfx-file %s: %s", path, local_error->message);
  else
    g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "pfx-file %s is no PKCS #12 with a certificate and its key: %s", path,
                 local_error->message);
  sio_tls_wipe_bytes (content);
  return certificate;
}

static const char *
none_if_empty (const char *text)
{
  return text != NULL && *text != '\0' ? text : NULL;
}

GTlsCertificate *
sio_tls_load_identity (SioOptions  *options,
                       GError     **error)
{
  const char *pfx_file = none_if_empty (sio_options_get_pfx_file (options));
  const char *cert_file = none_if_empty (sio_options_get_cert_file (options));
  const char *key_file = none_if_empty (sio_options_get_key_file (options));
  const char *passphrase = sio_options_get_passphrase (options);

  if (pfx_file != NULL)
    return load_pfx (pfx_file, passphrase, error);
  if (cert_file != NULL)
    return load_pem (cert_file, key_file, passphrase, error);
  if (key_file != NULL)
    g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "there is a key-file (%s) but no cert-file that it belongs to", key_file);
  return NULL;
}
