/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Trust is per connection: nothing here is remembered beyond the engine that it was made for. A fingerprint accepts one
 * certificate and no other, whatever else is wrong with it. */

#include "sio-tls.h"

#include "../sio-error.h"
#include "../wire/sio-printable.h"

#include <string.h>

/* Of a name in a certificate, and of how many names. */
#define MAX_NAME_CHARS 200
#define MAX_NAMES 8

static char *
normalize_fingerprint (const char *text)
{
  GString *out = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (g_ascii_isxdigit (*text))
      g_string_append_c (out, g_ascii_toupper (*text));
  return g_string_free (out, FALSE);
}

static gboolean
sio_tls_load_database (SioTls      *self,
                       const char  *path,
                       GError     **error)
{
  g_autoptr (GByteArray) content = sio_tls_read_file (path, "ca-file", error);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *absolute = NULL;
  GList *certificates;

  if (content == NULL)
    return FALSE;

  /* a database of nothing would be taken, and then trust nobody without saying why */
  certificates = g_tls_certificate_list_new_from_file (path, &local_error);
  if (certificates == NULL)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "ca-file %s has no certificate in PEM that can be read%s%s", path,
                   local_error != NULL ? ": " : "", local_error != NULL ? local_error->message : "");
      return FALSE;
    }
  g_list_free_full (certificates, g_object_unref);

  absolute = g_canonicalize_filename (path, NULL);
  self->database = g_tls_file_database_new (absolute, &local_error);
  if (self->database != NULL)
    return TRUE;

  g_set_error (error, SIO_ERROR, SIO_ERROR_TLS, "ca-file %s cannot be used: %s", path, local_error->message);
  return FALSE;
}

/**
 * sio_tls_init:
 * @self: filled, whatever it held
 * @options: read now
 * @error: %SIO_ERROR_TLS
 *
 * Returns: whether everything that the options name could be read
 */
gboolean
sio_tls_init (SioTls      *self,
              SioOptions  *options,
              GError     **error)
{
  const char * const *fingerprints = sio_options_get_trusted_fingerprints (options);
  const char *ca_file = sio_options_get_ca_file (options);
  g_autoptr (GError) local_error = NULL;

  memset (self, 0, sizeof *self);
  self->reject_unauthorized = sio_options_get_reject_unauthorized (options);
  if (fingerprints != NULL)
    {
      self->fingerprints = g_new0 (char *, g_strv_length ((char **) fingerprints) + 1);
      for (guint i = 0; fingerprints[i] != NULL; i++)
        self->fingerprints[i] = normalize_fingerprint (fingerprints[i]);
    }

  if (ca_file != NULL && *ca_file != '\0' && !sio_tls_load_database (self, ca_file, error))
    return FALSE;

  self->identity = sio_tls_load_identity (options, &local_error);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

void
sio_tls_clear (SioTls *self)
{
  g_clear_object (&self->database);
  g_clear_object (&self->identity);
  g_clear_pointer (&self->fingerprints, g_strfreev);
}

gboolean
sio_tls_accepts (const SioTls    *self,
                 GTlsCertificate *certificate)
{
  g_autofree char *fingerprint = NULL;
  g_autofree char *digits = NULL;

  if (!self->reject_unauthorized)
    return TRUE;
  if (self->fingerprints == NULL)
    return FALSE;

  fingerprint = sio_tls_dup_fingerprint (certificate);
  digits = normalize_fingerprint (fingerprint);
  return *digits != '\0' && g_strv_contains ((const char * const *) self->fingerprints, digits);
}

char *
sio_tls_dup_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *digest = NULL;
  GString *out = g_string_new (NULL);

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL)
    return g_string_free (out, FALSE);

  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  for (guint i = 0; digest[i] != '\0'; i++)
    {
      if (i > 0 && i % 2 == 0)
        g_string_append_c (out, ':');
      g_string_append_c (out, g_ascii_toupper (digest[i]));
    }
  return g_string_free (out, FALSE);
}

static void
append_line (GString    *out,
             const char *name,
             const char *value)
{
  g_autofree char *shown = sio_printable (value, -1, 2 * MAX_NAME_CHARS);

  if (*shown != '\0')
    g_string_append_printf (out, "%s: %s\r\n", name, shown);
}

static char *
format_time (GDateTime *time)
{
  g_autoptr (GDateTime) utc = time != NULL ? g_date_time_to_utc (time) : NULL;

  return utc != NULL ? g_date_time_format (utc, "%Y-%m-%d %H:%M:%S UTC") : NULL;
}

/* "localhost, *.example.com, 127.0.0.1"; empty: none. */
static char *
dup_alternative_names (GTlsCertificate *certificate)
{
  g_autoptr (GPtrArray) names = g_tls_certificate_get_dns_names (certificate);
  g_autoptr (GPtrArray) addresses = g_tls_certificate_get_ip_addresses (certificate);
  guint n_names = names != NULL ? names->len : 0;
  guint n_addresses = addresses != NULL ? addresses->len : 0;
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n_names + n_addresses && i < MAX_NAMES; i++)
    {
      g_autofree char *name = NULL;

      if (i < n_names)
        {
          gsize size;
          const char *data = g_bytes_get_data (names->pdata[i], &size);

          name = sio_printable (data, (gssize) size, MAX_NAME_CHARS);
        }
      else
        name = g_inet_address_to_string (addresses->pdata[i - n_names]);
      g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", name);
    }
  if (n_names + n_addresses > MAX_NAMES)
    g_string_append_printf (out, " and %u more", n_names + n_addresses - MAX_NAMES);
  return g_string_free (out, FALSE);
}

char *
sio_tls_describe (GTlsCertificate *certificate)
{
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);
  g_autofree char *names = dup_alternative_names (certificate);
  g_autoptr (GDateTime) before = g_tls_certificate_get_not_valid_before (certificate);
  g_autoptr (GDateTime) after = g_tls_certificate_get_not_valid_after (certificate);
  g_autofree char *from = format_time (before);
  g_autofree char *until = format_time (after);
  GString *out = g_string_new (NULL);

  append_line (out, "Subject", subject);
  append_line (out, "Issuer", issuer);
  append_line (out, "Not before", from);
  append_line (out, "Not after", until);
  append_line (out, "Alternative names", names);
  return g_string_free (out, FALSE);
}

static void
append_reason (GString    *out,
               const char *format,
               ...) G_GNUC_PRINTF (2, 3);

static void
append_reason (GString    *out,
               const char *format,
               ...)
{
  va_list args;

  if (out->len > 0)
    g_string_append (out, "; ");
  va_start (args, format);
  g_string_append_vprintf (out, format, args);
  va_end (args);
}

char *
sio_tls_explain (GTlsCertificate      *certificate,
                 GTlsCertificateFlags  flags,
                 const char           *host)
{
  g_autofree char *raw_subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *raw_issuer = g_tls_certificate_get_issuer_name (certificate);
  g_autofree char *subject = sio_printable (raw_subject, -1, MAX_NAME_CHARS);
  g_autofree char *issuer = sio_printable (raw_issuer, -1, MAX_NAME_CHARS);
  g_autoptr (GDateTime) before = g_tls_certificate_get_not_valid_before (certificate);
  g_autoptr (GDateTime) after = g_tls_certificate_get_not_valid_after (certificate);
  GString *out = g_string_new (NULL);

  if ((flags & G_TLS_CERTIFICATE_EXPIRED) != 0)
    {
      g_autofree char *time = format_time (after);

      append_reason (out, "it has expired on %s", time != NULL ? time : "an unknown day");
    }
  if ((flags & G_TLS_CERTIFICATE_NOT_ACTIVATED) != 0)
    {
      g_autofree char *time = format_time (before);

      append_reason (out, "it is not valid before %s", time != NULL ? time : "an unknown day");
    }
  if ((flags & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0)
    {
      g_autofree char *names = dup_alternative_names (certificate);

      append_reason (out, "it is not for %s but for %s", host, *names != '\0' ? names : subject);
    }
  if ((flags & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    {
      if (*issuer == '\0' || g_strcmp0 (raw_subject, raw_issuer) == 0)
        append_reason (out, "it is self-signed (%s)", subject);
      else
        append_reason (out, "its issuer is not known here (%s)", issuer);
    }
  if ((flags & G_TLS_CERTIFICATE_REVOKED) != 0)
    append_reason (out, "its issuer has revoked it");
  if ((flags & G_TLS_CERTIFICATE_INSECURE) != 0)
    append_reason (out, "its algorithm or key is not secure");
  if ((flags & G_TLS_CERTIFICATE_GENERIC_ERROR) != 0 || out->len == 0)
    append_reason (out, "it cannot be verified");
  return g_string_free (out, FALSE);
}
