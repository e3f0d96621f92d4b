/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The options as they count for one transport, read once: the session behind its guards, the query, the headers. */

#include "sio-http-private.h"

#include "../sio-options-private.h"
#include "sio-proxy.h"

#include <string.h>

static gboolean
is_own_parameter (SioHttpSide *self,
                  const char  *key)
{
  return g_str_equal (key, "EIO") || g_str_equal (key, "transport") || g_str_equal (key, "sid")
         || (self->force_base64 && g_str_equal (key, "b64"))
         || g_strcmp0 (self->timestamp_param, key) == 0;
}

/* Percent-encoded, unless it is one of ours, which win. */
static void
sio_http_side_add_parameter (SioHttpSide *self,
                             const char  *key,
                             const char  *value)
{
  g_autofree char *escaped_key = NULL;
  g_autofree char *escaped_value = NULL;

  if (*key == '\0' || is_own_parameter (self, key))
    return;

  escaped_key = sio_url_escape (key);
  escaped_value = sio_url_escape (value);
  g_ptr_array_add (self->query, g_strconcat (escaped_key, "=", escaped_value, NULL));
}

static char *
unescape_or_dup (const char *text)
{
  char *unescaped = g_uri_unescape_string (text, NULL);

  /* a stray "%" is taken as it stands */
  return unescaped != NULL && g_utf8_validate (unescaped, -1, NULL) ? unescaped
                                                                    : (g_free (unescaped), g_strdup (text));
}

/* A query in the URL replaces the option, as in the official client. */
static void
sio_http_side_collect_query (SioHttpSide  *self,
                             const SioUrl *url,
                             SioOptions   *options)
{
  const char * const *entries = sio_options_get_query (options);

  if (url->query != NULL && *url->query != '\0')
    {
      g_auto (GStrv) pieces = g_strsplit (url->query, "&", -1);

      for (guint i = 0; pieces[i] != NULL; i++)
        {
          char *equals = strchr (pieces[i], '=');
          g_autofree char *key = NULL;
          g_autofree char *value = NULL;

          if (equals != NULL)
            *equals = '\0';
          key = unescape_or_dup (pieces[i]);
          value = unescape_or_dup (equals != NULL ? equals + 1 : "");
          sio_http_side_add_parameter (self, key, value);
        }
      return;
    }

  for (guint i = 0; entries != NULL && entries[i] != NULL; i++)
    {
      const char *equals = strchr (entries[i], '=');
      g_autofree char *key = equals != NULL ? g_strndup (entries[i], (gsize) (equals - entries[i])) : g_strdup (entries[i]);

      sio_http_side_add_parameter (self, key, equals != NULL ? equals + 1 : "");
    }
}

/* One session for a transport: a WebSocket's proxy is used in another way, and its options may differ. */
static void
sio_http_side_make_session (SioHttpSide *self,
                            gboolean     tunnel)
{
  g_autoptr (GInetAddress) address = self->local_address != NULL ? g_inet_address_new_from_string (self->local_address) : NULL;
  g_autoptr (GSocketAddress) local = address != NULL ? g_inet_socket_address_new (address, 0) : NULL;
  g_autoptr (GProxyResolver) resolver = NULL;

  if (g_strcmp0 (self->proxy, "direct://") != 0)
    resolver = sio_proxy_resolver_new (self->proxy, tunnel);

  self->session = soup_session_new_with_options ("max-conns", 256,
                                                 "max-conns-per-host", 64,
                                                 "timeout", 0,
                                                 "idle-timeout", 30,
                                                 "local-address", local,
                                                 "proxy-resolver", resolver,
                                                 NULL);
  if (self->tls.database != NULL)
    soup_session_set_tls_database (self->session, self->tls.database);
  /* A hostile Digest challenge crashes the first (CVE-2025-4476), a gzip bomb needs the second. */
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
}

/**
 * sio_http_side_init:
 * @self: filled
 * @url: where to
 * @options: read now; a later change does not matter
 * @kind: the transport
 *
 * Files that cannot be used are no error here: whoever makes a request is told.
 */
void
sio_http_side_init (SioHttpSide      *self,
                    const SioUrl     *url,
                    SioOptions       *options,
                    SioTransportKind  kind)
{
  g_autoptr (SioOptions) own = sio_options_dup_for_transport (options, kind);
  const char * const *headers = sio_options_get_extra_headers (own);
  const char * const *protocols = sio_options_get_protocols (own);
  gboolean websocket = kind == SIO_TRANSPORT_KIND_WEBSOCKET;

  memset (self, 0, sizeof *self);
  if (url->tls)
    sio_tls_init (&self->tls, own, &self->identity_error);

  self->path = g_strdup (sio_options_get_path (own));
  self->slash = sio_options_get_add_trailing_slash (own);
  self->force_base64 = sio_options_get_force_base64 (own);
  if (websocket ? sio_options_get_timestamp_websocket (own) : sio_options_get_timestamp_requests (own))
    self->timestamp_param = g_strdup (sio_options_get_timestamp_param (own));
  self->proxy = g_strdup (sio_options_get_proxy (own));
  self->local_address = g_strdup (sio_options_get_local_address (own));
  self->with_credentials = sio_options_get_with_credentials (own);
  self->request_timeout_ms = sio_options_get_request_timeout_ms (own);
  self->max_informational = sio_options_get_max_informational (own);
  /* 0 would mean "no limit" to libsoup, and crash it */
  self->max_payload = MAX (1, sio_options_get_max_payload (own));
  if (protocols != NULL && protocols[0] != NULL)
    self->protocols = g_strdupv ((char **) protocols);

  self->query = g_ptr_array_new_with_free_func (g_free);
  sio_http_side_collect_query (self, url, own);
  self->headers = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    g_ptr_array_add (self->headers, g_strdup (headers[i]));

  sio_http_side_make_session (self, websocket || url->tls);
}

void
sio_http_side_clear (SioHttpSide *self)
{
  soup_session_abort (self->session);
  g_clear_object (&self->session);
  sio_tls_clear (&self->tls);
  g_clear_error (&self->identity_error);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->query, g_ptr_array_unref);
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  g_clear_pointer (&self->protocols, g_strfreev);
  g_clear_pointer (&self->timestamp_param, g_free);
  g_clear_pointer (&self->proxy, g_free);
  g_clear_pointer (&self->local_address, g_free);
}

/* "Basic …" from the proxy's URI; NULL if there is nobody in it. */
static char *
sio_http_side_dup_proxy_authorization (const SioHttpSide *self)
{
  g_autoptr (GUri) uri = self->proxy != NULL ? g_uri_parse (self->proxy, G_URI_FLAGS_HAS_PASSWORD, NULL) : NULL;
  g_autofree char *pair = NULL;
  g_autofree char *base64 = NULL;

  if (uri == NULL || g_uri_get_user (uri) == NULL || g_strcmp0 (g_uri_get_scheme (uri), "http") != 0)
    return NULL;

  pair = g_strdup_printf ("%s:%s", g_uri_get_user (uri), g_uri_get_password (uri) != NULL ? g_uri_get_password (uri) : "");
  base64 = g_base64_encode ((const guchar *) pair, strlen (pair));
  return g_strconcat ("Basic ", base64, NULL);
}

void
sio_http_side_add_headers (const SioHttpSide  *self,
                           SoupMessageHeaders *headers,
                           const char         *cookies,
                           gboolean            tunnel)
{
  g_autoptr (GString) cookie = g_string_new (NULL);

  soup_message_headers_replace (headers, "Accept", "*/*");

  for (guint i = 0; i < self->headers->len; i++)
    {
      const char *line = self->headers->pdata[i];
      const char *colon = strchr (line, ':');
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (colon == NULL || colon == line)
        continue;
      name = g_strstrip (g_strndup (line, (gsize) (colon - line)));
      value = g_strstrip (g_strdup (colon + 1));
      /* nothing here decodes an answer, so none may come compressed */
      if (g_ascii_strcasecmp (name, "Accept-Encoding") == 0)
        continue;
      /* there may be only one of it */
      if (g_ascii_strcasecmp (name, "Cookie") == 0)
        g_string_append_printf (cookie, "%s%s", cookie->len > 0 ? "; " : "", value);
      else if (g_ascii_strcasecmp (name, "Accept") == 0)
        soup_message_headers_replace (headers, name, value);
      else
        soup_message_headers_append (headers, name, value);
    }

  if (cookies != NULL)
    g_string_append_printf (cookie, "%s%s", cookie->len > 0 ? "; " : "", cookies);
  if (cookie->len > 0)
    soup_message_headers_append (headers, "Cookie", cookie->str);

  /* through a tunnel only the proxy itself is told */
  if (!tunnel)
    {
      g_autofree char *authorization = sio_http_side_dup_proxy_authorization (self);

      if (authorization != NULL)
        soup_message_headers_append (headers, "Proxy-Authorization", authorization);
    }
}
