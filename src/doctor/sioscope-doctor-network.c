/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Below HTTP: the proxy, the name, the port at each address, and TLS. */

#include "sioscope-doctor-private.h"

#include <gnutls/gnutls.h>

/* More addresses than that are not tried one by one. */
#define MAX_ADDRESSES 16
/* A certificate that ends sooner is worth a word. */
#define EXPIRY_DAYS 21

/* ---- proxy ---- */

gboolean
doctor_check_proxy (Doctor *self)
{
  const char *wanted = sio_options_get_proxy (self->options);
  g_autofree char *uri = sio_url_build (self->url, FALSE, "/", NULL);
  g_auto(GStrv) found = NULL;
  g_autoptr(GError) error = NULL;
  GString *details;
  DoctorWait wait;

  if (wanted != NULL)
    {
      self->proxy = g_str_equal (wanted, "direct://") ? NULL : g_strdup (wanted);
    }
  else
    {
      GProxyResolver *resolver = g_proxy_resolver_get_default ();

      doctor_wait_begin (self, &wait);
      g_proxy_resolver_lookup_async (resolver, uri, wait.cancellable, doctor_wait_cb, &wait);
      found = g_proxy_resolver_lookup_finish (resolver, doctor_wait (&wait), &error);
      doctor_wait_end (&wait, &error);
      if (found == NULL)
        {
          doctor_report (self, "proxy", SIOSCOPE_CHECK_WARNING, NULL,
                         "The system could not say which proxy to use (%s); none is used.", error->message);
          return TRUE;
        }
      if (found[0] != NULL && !g_str_equal (found[0], "direct://"))
        self->proxy = g_strdup (found[0]);
    }

  details = g_string_new (NULL);
  if (self->proxy != NULL)
    {
      g_autoptr(GUri) parsed = g_uri_parse (self->proxy, G_URI_FLAGS_HAS_PASSWORD, NULL);
      /* Without the password that may be in it. */
      g_autofree char *shown = parsed != NULL ? g_uri_to_string_partial (parsed, G_URI_HIDE_USERINFO) : NULL;

      doctor_add_text (details, "proxy", shown);
      doctor_report (self, "proxy", SIOSCOPE_CHECK_INFO, details, "Everything goes through the proxy %s%s.",
                     shown != NULL ? shown : "", wanted == NULL ? ", as the system's settings say" : "");
    }
  else
    doctor_report (self, "proxy", SIOSCOPE_CHECK_INFO, details, "No proxy is used.");

  return TRUE;
}

gboolean
doctor_asks_proxy (Doctor *self)
{
  return self->proxy != NULL && !self->url->tls && g_str_has_prefix (self->proxy, "http");
}

/* ---- name ---- */

gboolean
doctor_check_name (Doctor *self)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) list = g_string_new (NULL);
  gint64 started_us = g_get_monotonic_time ();
  GString *details;
  DoctorWait wait;

  /* The proxy looks it up. */
  if (self->proxy != NULL)
    return TRUE;

  doctor_wait_begin (self, &wait);
  g_resolver_lookup_by_name_async (resolver, self->url->host, wait.cancellable, doctor_wait_cb, &wait);
  self->addresses = g_resolver_lookup_by_name_finish (resolver, doctor_wait (&wait), &error);
  doctor_wait_end (&wait, &error);

  details = g_string_new (NULL);
  doctor_add_text (details, "host", self->url->host);
  if (self->addresses == NULL)
    {
      doctor_report (self, "name", SIOSCOPE_CHECK_ERROR, details,
                     "The name %s is not known: %s. Is it written correctly, and is the network up?",
                     self->url->host, error->message);
      return FALSE;
    }

  g_string_append_c (list, '[');
  for (GList *l = self->addresses; l != NULL; l = l->next)
    {
      g_autofree char *text = g_inet_address_to_string (l->data);

      g_string_append_printf (list, "%s\"%s\"", list->len > 1 ? "," : "", text);
    }
  g_string_append_c (list, ']');
  doctor_add_json (details, "addresses", (SioSpan) { list->str, list->len });
  doctor_add_number (details, "ms", (g_get_monotonic_time () - started_us) / 1000);
  if (g_hostname_is_ip_address (self->url->host))
    doctor_report (self, "name", SIOSCOPE_CHECK_INFO, details, "%s is an address; there is no name to look up.",
                   self->url->host);
  else
    doctor_report (self, "name", SIOSCOPE_CHECK_INFO, details, "The name %s stands for %u address%s.", self->url->host,
                   g_list_length (self->addresses), self->addresses->next != NULL ? "es" : "");

  return TRUE;
}

/* ---- port ---- */

static GSocketClient *
make_client (Doctor *self)
{
  GSocketClient *client = g_socket_client_new ();
  const char *local = sio_options_get_local_address (self->options);

  g_socket_client_set_enable_proxy (client, FALSE);
  if (local != NULL)
    {
      g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string (local, 0);

      g_socket_client_set_local_address (client, address);
    }

  return client;
}

typedef struct {
  GSocketAddress *address;
  GSocketClient  *client;
  gint64          started_us;
  DoctorWait      wait;
} Knock;

static void
knock (Doctor       *self,
       Knock        *one,
       GInetAddress *address)
{
  one->address = g_inet_socket_address_new (address, (guint16) self->url->port);
  one->client = make_client (self);
  one->started_us = g_get_monotonic_time ();
  doctor_wait_begin (self, &one->wait);
  g_socket_client_connect_async (one->client, G_SOCKET_CONNECTABLE (one->address), one->wait.cancellable, doctor_wait_cb,
                                 &one->wait);
}

/* NULL if it is open; the error otherwise. */
static GError *
hear (Knock *one)
{
  GError *error = NULL;
  g_autoptr(GSocketConnection) connection =
    g_socket_client_connect_finish (one->client, doctor_wait (&one->wait), &error);

  doctor_wait_end (&one->wait, &error);
  g_object_unref (one->client);

  return error;
}

static void
report_address (Doctor      *self,
                const Knock *one,
                GError      *error,
                gboolean     works_elsewhere)
{
  GInetAddress *address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (one->address));
  g_autofree char *text = g_inet_address_to_string (address);
  gboolean is_ipv6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;
  GString *details = g_string_new (NULL);

  doctor_add_text (details, "address", text);
  doctor_add_number (details, "port", self->url->port);
  doctor_add_text (details, "family", is_ipv6 ? "IPv6" : "IPv4");
  if (error == NULL)
    doctor_report (self, "tcp", SIOSCOPE_CHECK_INFO, details, "Port %u is open at %s.", self->url->port, text);
  else if (works_elsewhere && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    doctor_report (self, "tcp", SIOSCOPE_CHECK_INFO, details,
                   "Nothing listens at %s port %u; another address of this name is used.", text, self->url->port);
  else if (works_elsewhere)
    doctor_report (self, "tcp", SIOSCOPE_CHECK_WARNING, details,
                   "No connection to %s port %u: %s. Clients that try this %s address first lose time.", text,
                   self->url->port, error->message, is_ipv6 ? "IPv6" : "IPv4");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    doctor_report (self, "tcp", SIOSCOPE_CHECK_ERROR, details,
                   "Nothing listens at %s port %u. Is the server running, and is this its port?", text, self->url->port);
  else
    doctor_report (self, "tcp", SIOSCOPE_CHECK_ERROR, details, "No connection to %s port %u: %s", text, self->url->port,
                   error->message);
}

gboolean
doctor_check_tcp (Doctor *self)
{
  guint n = MIN (g_list_length (self->addresses), MAX_ADDRESSES);
  g_autofree Knock *knocks = g_new0 (Knock, n + 1);
  g_autofree GError **errors = g_new0 (GError *, n + 1);
  g_autoptr(GError) error = NULL;
  guint i = 0;

  if (self->proxy != NULL)
    {
      g_autoptr(GIOStream) stream = doctor_connect (self, &error);

      if (stream != NULL)
        return TRUE;
      doctor_report (self, "tcp", SIOSCOPE_CHECK_ERROR, NULL, "No connection through the proxy: %s", error->message);
      return FALSE;
    }

  for (GList *l = self->addresses; l != NULL && i < n; l = l->next)
    knock (self, &knocks[i++], l->data);
  for (i = 0; i < n; i++)
    {
      errors[i] = hear (&knocks[i]);
      if (errors[i] == NULL && self->working == NULL)
        self->working = g_object_ref (knocks[i].address);
    }
  for (i = 0; i < n; i++)
    {
      report_address (self, &knocks[i], errors[i], self->working != NULL);
      g_object_unref (knocks[i].address);
      g_clear_error (&errors[i]);
    }

  return self->working != NULL;
}

/* ---- connecting ---- */

static GIOStream *
connect_plain (Doctor  *self,
               GError **error)
{
  g_autoptr(GSocketClient) client = make_client (self);
  GSocketConnection *connection;
  DoctorWait wait;

  doctor_wait_begin (self, &wait);
  if (doctor_asks_proxy (self))
    {
      g_socket_client_connect_to_uri_async (client, self->proxy, 8080, wait.cancellable, doctor_wait_cb, &wait);
      connection = g_socket_client_connect_to_uri_finish (client, doctor_wait (&wait), error);
    }
  else if (self->proxy != NULL)
    {
      g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new (self->proxy, NULL);
      g_autoptr(GSocketConnectable) target = g_network_address_new (self->url->host, (guint16) self->url->port);

      g_socket_client_set_enable_proxy (client, TRUE);
      g_socket_client_set_proxy_resolver (client, resolver);
      g_socket_client_connect_async (client, target, wait.cancellable, doctor_wait_cb, &wait);
      connection = g_socket_client_connect_finish (client, doctor_wait (&wait), error);
    }
  else
    {
      g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (self->working), wait.cancellable, doctor_wait_cb, &wait);
      connection = g_socket_client_connect_finish (client, doctor_wait (&wait), error);
    }
  doctor_wait_end (&wait, error);

  return (GIOStream *) connection;
}

/* ---- TLS ---- */

static char *
make_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) der = NULL;
  g_autofree char *hex = NULL;
  GString *text = g_string_new (NULL);

  g_object_get (certificate, "certificate", &der, NULL);
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  for (guint i = 0; hex[i] != '\0'; i++)
    {
      if (i > 0 && i % 2 == 0)
        g_string_append_c (text, ':');
      g_string_append_c (text, g_ascii_toupper (hex[i]));
    }

  return g_string_free (text, FALSE);
}

static gboolean
is_trusted (Doctor          *self,
            GTlsCertificate *certificate)
{
  g_autofree char *fingerprint = make_fingerprint (certificate);

  return !sio_options_get_reject_unauthorized (self->options)
         || g_strv_contains (sio_options_get_trusted_fingerprints (self->options), fingerprint);
}

typedef struct {
  Doctor               *doctor;
  gboolean              look_only; /* accept it to see all; nothing will be sent, and nobody told who we are */
  GTlsCertificateFlags  errors;
  GTlsCertificate      *certificate;
} Handshake;

static gboolean
accept_cb (GTlsConnection       *connection,
           GTlsCertificate      *certificate,
           GTlsCertificateFlags  errors,
           gpointer              data)
{
  Handshake *handshake = data;

  handshake->errors = errors;
  g_set_object (&handshake->certificate, certificate);

  return handshake->look_only || is_trusted (handshake->doctor, certificate);
}

static GTlsCertificate *
load_identity (Doctor  *self,
               GError **error)
{
  const char *cert = sio_options_get_cert_file (self->options);
  const char *key = sio_options_get_key_file (self->options);
  const char *pfx = sio_options_get_pfx_file (self->options);

  if (pfx != NULL)
    return g_tls_certificate_new_from_file_with_password (pfx, sio_options_get_passphrase (self->options), error);
  if (cert == NULL)
    return NULL;

  return g_tls_certificate_new_from_files (cert, key != NULL ? key : cert, error);
}

static GIOStream *
start_tls (Doctor     *self,
           GIOStream  *base,
           Handshake  *handshake,
           GError    **error)
{
  const char *ca = sio_options_get_ca_file (self->options);
  g_autoptr(GSocketConnectable) identity = g_network_address_new (self->url->host, (guint16) self->url->port);
  g_autoptr(GTlsCertificate) own = NULL;
  g_autoptr(GIOStream) stream = NULL;
  GError *local = NULL;
  gboolean done;
  DoctorWait wait;

  stream = g_tls_client_connection_new (base, identity, error);
  if (stream == NULL)
    return NULL;

  if (ca != NULL)
    {
      g_autoptr(GTlsDatabase) database = g_tls_file_database_new (ca, error);

      if (database == NULL)
        {
          g_prefix_error (error, "the certificates of %s cannot be used: ", ca);
          return NULL;
        }
      g_tls_connection_set_database (G_TLS_CONNECTION (stream), database);
    }

  own = handshake->look_only ? NULL : load_identity (self, &local);
  if (local != NULL)
    {
      /* A key with a passphrase is the library's to open. A server that wants none does not mind. */
      self->has_closed_key = TRUE;
      g_clear_error (&local);
    }
  else if (own != NULL)
    g_tls_connection_set_certificate (G_TLS_CONNECTION (stream), own);

  g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_cb), handshake);
  doctor_wait_begin (self, &wait);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (stream), G_PRIORITY_DEFAULT, wait.cancellable, doctor_wait_cb, &wait);
  done = g_tls_connection_handshake_finish (G_TLS_CONNECTION (stream), doctor_wait (&wait), error);
  doctor_wait_end (&wait, error);
  g_signal_handlers_disconnect_by_data (stream, handshake);

  return done ? g_steal_pointer (&stream) : NULL;
}

GIOStream *
doctor_connect (Doctor  *self,
                GError **error)
{
  g_autoptr(GIOStream) base = connect_plain (self, error);
  Handshake handshake = { .doctor = self };
  GIOStream *stream;

  if (base == NULL || !self->url->tls)
    return g_steal_pointer (&base);

  stream = start_tls (self, base, &handshake, error);
  g_clear_object (&handshake.certificate);

  return stream;
}

static void
add_certificate (GString         *details,
                 GTlsCertificate *certificate,
                 gint64          *days_left)
{
  g_autofree char *fingerprint = make_fingerprint (certificate);
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);
  g_autoptr(GDateTime) begins = g_tls_certificate_get_not_valid_before (certificate);
  g_autoptr(GDateTime) ends = g_tls_certificate_get_not_valid_after (certificate);
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *from = begins != NULL ? g_date_time_format_iso8601 (begins) : NULL;
  g_autofree char *until = ends != NULL ? g_date_time_format_iso8601 (ends) : NULL;

  doctor_add_text (details, "subject", subject);
  doctor_add_text (details, "issuer", issuer);
  doctor_add_text (details, "valid_from", from);
  doctor_add_text (details, "valid_until", until);
  doctor_add_text (details, "fingerprint", fingerprint);
  *days_left = ends != NULL ? g_date_time_difference (ends, now) / G_TIME_SPAN_DAY : G_MAXINT64;
}

static char *
describe_errors (Doctor               *self,
                 GTlsCertificateFlags  errors)
{
  GString *text = g_string_new (NULL);

  if (errors & G_TLS_CERTIFICATE_UNKNOWN_CA)
    g_string_append (text, "; nobody that is trusted here has signed it (self-signed, or of an own CA: --ca FILE, or "
                           "--trust FINGERPRINT if it is the right one)");
  if (errors & G_TLS_CERTIFICATE_BAD_IDENTITY)
    g_string_append_printf (text, "; it is not for the name %s", self->url->host);
  if (errors & G_TLS_CERTIFICATE_EXPIRED)
    g_string_append (text, "; it has expired");
  if (errors & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    g_string_append (text, "; it is not valid yet (or the clock of this machine is wrong)");
  if (errors & G_TLS_CERTIFICATE_REVOKED)
    g_string_append (text, "; it was revoked");
  if (errors & G_TLS_CERTIFICATE_INSECURE)
    g_string_append (text, "; it is signed in a way that is not safe any more");
  if (text->len == 0)
    g_string_append (text, "; it could not be verified");
  g_string_erase (text, 0, 2);

  return g_string_free (text, FALSE);
}

static gboolean
judge_certificate (Doctor          *self,
                   const Handshake *handshake,
                   GString         *details,
                   gint64           days_left)
{
  g_autofree char *wrong = handshake->errors != 0 ? describe_errors (self, handshake->errors) : NULL;
  gboolean trusted = handshake->certificate != NULL && is_trusted (self, handshake->certificate);

  if (wrong != NULL && !trusted)
    doctor_report (self, "tls", SIOSCOPE_CHECK_ERROR, details, "The server's certificate is not accepted: %s.", wrong);
  else if (wrong != NULL)
    doctor_report (self, "tls", SIOSCOPE_CHECK_WARNING, details,
                   "The server's certificate is accepted only because you said so: %s.", wrong);
  else if (days_left < EXPIRY_DAYS)
    doctor_report (self, "tls", SIOSCOPE_CHECK_WARNING, details,
                   "TLS works; the server's certificate ends in %" G_GINT64_FORMAT " days.", days_left);
  else
    doctor_report (self, "tls", SIOSCOPE_CHECK_INFO, details, "TLS works, and the server's certificate is valid.");

  return wrong == NULL || trusted;
}

gboolean
doctor_check_tls (Doctor *self)
{
  g_autoptr(GIOStream) base = NULL;
  g_autoptr(GIOStream) stream = NULL;
  g_autoptr(GError) error = NULL;
  Handshake handshake = { .doctor = self };
  gint64 days_left = G_MAXINT64;
  gboolean good;
  GString *details;

  if (!self->url->tls)
    return TRUE;

  base = connect_plain (self, &error);
  stream = base != NULL ? start_tls (self, base, &handshake, &error) : NULL;
  if (stream == NULL && handshake.certificate != NULL && !is_trusted (self, handshake.certificate))
    {
      handshake.look_only = TRUE;
      g_clear_error (&error);
      g_clear_object (&base);
      base = connect_plain (self, &error);
      stream = base != NULL ? start_tls (self, base, &handshake, &error) : NULL;
    }
  details = g_string_new (NULL);
  if (stream == NULL)
    {
      if (handshake.certificate != NULL)
        add_certificate (details, handshake.certificate, &days_left);
      /* glib-networking knows an answer that is no TLS only if it is very short, and hands on what GnuTLS says otherwise */
      if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS)
          || strstr (error->message, gnutls_strerror (GNUTLS_E_UNEXPECTED_PACKET)) != NULL)
        doctor_report (self, "tls", SIOSCOPE_CHECK_ERROR, details,
                       "This port does not speak TLS (%s). Is it http: instead of https:?", error->message);
      else if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED))
        doctor_report (self, "tls", SIOSCOPE_CHECK_ERROR, details,
                       "The server wants a certificate from us: --cert and --key, or --pfx.");
      else
        doctor_report (self, "tls", SIOSCOPE_CHECK_ERROR, details, "No secure connection: %s", error->message);
      g_clear_object (&handshake.certificate);
      return FALSE;
    }

  {
    GTlsConnection *tls = G_TLS_CONNECTION (stream);
    GTlsProtocolVersion version = g_tls_connection_get_protocol_version (tls);
    g_autofree char *cipher = g_tls_connection_get_ciphersuite_name (tls);

    if (version >= G_TLS_PROTOCOL_VERSION_TLS_1_0 && version <= G_TLS_PROTOCOL_VERSION_TLS_1_3)
      {
        g_autofree char *name = g_strdup_printf ("TLS 1.%d", version - G_TLS_PROTOCOL_VERSION_TLS_1_0);

        doctor_add_text (details, "protocol", name);
      }
    doctor_add_text (details, "cipher", cipher);
    if (handshake.certificate == NULL)
      handshake.certificate = g_object_ref (g_tls_connection_get_peer_certificate (tls));
    add_certificate (details, handshake.certificate, &days_left);
  }

  good = judge_certificate (self, &handshake, details, days_left);
  g_clear_object (&handshake.certificate);

  return good;
}
