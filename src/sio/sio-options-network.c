/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of SioOptions about what is under HTTP: cookies, proxy, addresses, TLS. */

#include "sio-options-private.h"

#include "sio-error.h"

/**
 * sio_options_get_proxy:
 * @self: options
 *
 * Returns: (transfer none) (nullable): a URI; see #SioOptions:proxy
 */
const char *
sio_options_get_proxy (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return self->proxy;
}

/**
 * sio_options_set_proxy:
 * @self: options
 * @proxy: (nullable): "http://host:port", "https://…", "socks5://…", "direct://" for none; %NULL or "" for the system's
 * @error: %SIO_ERROR_INVALID_ARGUMENT if it is none of these
 *
 * Sets #SioOptions:proxy, or nothing if it fails.
 *
 * Returns: whether it was set
 */
gboolean
sio_options_set_proxy (SioOptions  *self,
                       const char  *proxy,
                       GError     **error)
{
  static const char * const schemes[] = { "http", "https", "socks", "socks4", "socks4a", "socks5", NULL };

  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  if (proxy != NULL && *proxy == '\0')
    proxy = NULL;
  if (proxy != NULL && strcmp (proxy, "direct://") != 0)
    {
      g_autoptr(GUri) uri = g_uri_parse (proxy, G_URI_FLAGS_HAS_PASSWORD, NULL);

      if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
          || !g_strv_contains (schemes, g_uri_get_scheme (uri)))
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                       "\"%.200s\" is not a proxy's address, expected http://HOST:PORT, socks5://HOST:PORT or direct://",
                       proxy);
          return FALSE;
        }
    }

  sio_options_assign_string (self, &self->proxy, proxy, SIO_OPTIONS_PROP_PROXY);
  return TRUE;
}

/**
 * sio_options_get_local_address:
 * @self: options
 *
 * Returns: (transfer none) (nullable): an IP address; see #SioOptions:local-address
 */
const char *
sio_options_get_local_address (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return self->local_address;
}

/**
 * sio_options_set_local_address:
 * @self: options
 * @address: (nullable): an IPv4 or IPv6 address of this machine; %NULL or "" for any
 * @error: %SIO_ERROR_INVALID_ARGUMENT if it is not an IP address
 *
 * Sets #SioOptions:local-address, or nothing if it fails.
 *
 * Returns: whether it was set
 */
gboolean
sio_options_set_local_address (SioOptions  *self,
                               const char  *address,
                               GError     **error)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  if (address != NULL && *address == '\0')
    address = NULL;
  if (address != NULL && !g_hostname_is_ip_address (address))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "\"%.80s\" is not an IP address", address);
      return FALSE;
    }

  sio_options_assign_string (self, &self->local_address, address, SIO_OPTIONS_PROP_LOCAL_ADDRESS);
  return TRUE;
}

/**
 * sio_options_get_trusted_fingerprints:
 * @self: options
 *
 * Returns: (transfer none) (array zero-terminated=1): never %NULL; each as "AB:CD:…"; see
 *   #SioOptions:trusted-fingerprints
 */
const char * const *
sio_options_get_trusted_fingerprints (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (const char * const *) self->trusted_fingerprints;
}

#define FINGERPRINT_DIGITS 64 /* of SHA-256 */

/* NULL if it is none. */
static char *
normalize_fingerprint (const char *text)
{
  GString *out = g_string_new (NULL);
  guint n = 0;

  if (g_ascii_strncasecmp (text, "sha256:", strlen ("sha256:")) == 0)
    text += strlen ("sha256:");
  for (; *text != '\0' && n <= FINGERPRINT_DIGITS; text++)
    {
      if (*text == ':' || *text == ' ')
        continue;
      if (!g_ascii_isxdigit (*text))
        break;
      if (n > 0 && n % 2 == 0)
        g_string_append_c (out, ':');
      g_string_append_c (out, g_ascii_toupper (*text));
      n++;
    }

  return g_string_free (out, *text != '\0' || n != FINGERPRINT_DIGITS);
}

/**
 * sio_options_set_trusted_fingerprints:
 * @self: options
 * @fingerprints: (nullable) (array zero-terminated=1): SHA-256 of a certificate each, 64 hexadecimal digits, with
 *   colons or without; %NULL for none
 * @error: %SIO_ERROR_INVALID_ARGUMENT if one is something else
 *
 * Sets #SioOptions:trusted-fingerprints, or nothing if it fails.
 *
 * Returns: whether they were set
 */
gboolean
sio_options_set_trusted_fingerprints (SioOptions          *self,
                                      const char * const  *fingerprints,
                                      GError             **error)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) normal = NULL;

  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  for (guint i = 0; fingerprints != NULL && fingerprints[i] != NULL; i++)
    {
      g_autofree char *one = normalize_fingerprint (fingerprints[i]);

      if (one == NULL)
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                       "\"%.120s\" is not a SHA-256 fingerprint, expected 64 hexadecimal digits", fingerprints[i]);
          return FALSE;
        }
      g_strv_builder_add (builder, one);
    }

  normal = g_strv_builder_end (builder);
  sio_options_assign_strv (self, &self->trusted_fingerprints, (const char * const *) normal,
                           SIO_OPTIONS_PROP_TRUSTED_FINGERPRINTS);
  return TRUE;
}

/**
 * sio_options_get_with_credentials:
 * @self: options
 *
 * Returns: the value; see #SioOptions:with-credentials
 */
/**
 * sio_options_set_with_credentials:
 * @self: options
 * @with_credentials: the new value
 *
 * Sets #SioOptions:with-credentials.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (with_credentials, WITH_CREDENTIALS)

/**
 * sio_options_get_request_timeout_ms:
 * @self: options
 *
 * Returns: the value; see #SioOptions:request-timeout-ms
 */
/**
 * sio_options_set_request_timeout_ms:
 * @self: options
 * @request_timeout_ms: the new value
 *
 * Sets #SioOptions:request-timeout-ms.
 */
SIO_OPTIONS_DEFINE_UINT (request_timeout_ms, REQUEST_TIMEOUT_MS)

/**
 * sio_options_get_reject_unauthorized:
 * @self: options
 *
 * Returns: the value; see #SioOptions:reject-unauthorized
 */
/**
 * sio_options_set_reject_unauthorized:
 * @self: options
 * @reject_unauthorized: the new value
 *
 * Sets #SioOptions:reject-unauthorized.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (reject_unauthorized, REJECT_UNAUTHORIZED)

/**
 * sio_options_get_ca_file:
 * @self: options
 *
 * Returns: (nullable) (transfer none): the value; see #SioOptions:ca-file
 */
/**
 * sio_options_set_ca_file:
 * @self: options
 * @ca_file: (nullable): the new value
 *
 * Sets #SioOptions:ca-file.
 */
SIO_OPTIONS_DEFINE_STRING (ca_file, CA_FILE)

/**
 * sio_options_get_cert_file:
 * @self: options
 *
 * Returns: (nullable) (transfer none): the value; see #SioOptions:cert-file
 */
/**
 * sio_options_set_cert_file:
 * @self: options
 * @cert_file: (nullable): the new value
 *
 * Sets #SioOptions:cert-file.
 */
SIO_OPTIONS_DEFINE_STRING (cert_file, CERT_FILE)

/**
 * sio_options_get_key_file:
 * @self: options
 *
 * Returns: (nullable) (transfer none): the value; see #SioOptions:key-file
 */
/**
 * sio_options_set_key_file:
 * @self: options
 * @key_file: (nullable): the new value
 *
 * Sets #SioOptions:key-file.
 */
SIO_OPTIONS_DEFINE_STRING (key_file, KEY_FILE)

/**
 * sio_options_get_pfx_file:
 * @self: options
 *
 * Returns: (nullable) (transfer none): the value; see #SioOptions:pfx-file
 */
/**
 * sio_options_set_pfx_file:
 * @self: options
 * @pfx_file: (nullable): the new value
 *
 * Sets #SioOptions:pfx-file.
 */
SIO_OPTIONS_DEFINE_STRING (pfx_file, PFX_FILE)

/**
 * sio_options_get_passphrase:
 * @self: options
 *
 * Returns: (nullable) (transfer none): the value; see #SioOptions:passphrase
 */
/**
 * sio_options_set_passphrase:
 * @self: options
 * @passphrase: (nullable): the new value
 *
 * Sets #SioOptions:passphrase.
 */
SIO_OPTIONS_DEFINE_STRING (passphrase, PASSPHRASE)
