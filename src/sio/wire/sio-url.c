/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The URL that a person types, read as io (url) reads it: the path is a namespace, kept verbatim. Unlike
 * there, a missing scheme means http, and a host that cannot be one is an error and not a failed look-up. */

#include "sio-url.h"

#include "sio-printable.h"
#include "../sio-error.h"

#define MAX_URL (64 * 1024)
#define MAX_HOST 253
#define MAX_LABEL 63

static const struct {
  const char *name;
  guint       port;
  gboolean    tls;
} schemes[] = {
  { "http", 80, FALSE },
  { "https", 443, TRUE },
  { "ws", 80, FALSE },
  { "wss", 443, TRUE },
};

/* Somebody else may have written the URL: a profile, a link. */
#define MAX_MESSAGE_CHARS 400

static gboolean
fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    {
      g_autofree char *message = g_strdup_vprintf (format, args);
      g_autofree char *shown = sio_printable (message, -1, MAX_MESSAGE_CHARS);

      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, shown);
    }
  va_end (args);

  return FALSE;
}

/* Control characters and blanks would end up in request lines; "é" is fine, it is escaped there. */
static gboolean
check_characters (const char *url, GError **error)
{
  gsize size = strlen (url);

  if (size > MAX_URL)
    return fail (error, "the address is longer than %d bytes", MAX_URL);
  if (!g_utf8_validate (url, (gssize) size, NULL))
    return fail (error, "the address is not valid UTF-8");

  for (const char *p = url; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == ' ')
        return fail (error, "the address has a blank at character %ld; write it as %%20",
                     g_utf8_pointer_to_offset (url, p) + 1);
      if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
        return fail (error, "the address has a control character (U+%04X) at character %ld",
                     c, g_utf8_pointer_to_offset (url, p) + 1);
    }

  return TRUE;
}

/* Takes "scheme://" off *p, if there is one. */
static gboolean
read_scheme (const char **p, SioUrl *self, guint *port, GError **error)
{
  const char *start = *p;
  const char *colon = strstr (start, "://");
  g_autofree char *scheme = NULL;

  /* "localhost:3000/x?u=http://y" has no scheme: the "://" comes after a path or query began. */
  if (colon == NULL || strcspn (start, "/?#") < (gsize) (colon - start))
    {
      self->scheme = g_strdup (schemes[0].name);
      *port = schemes[0].port;
      if (g_str_has_prefix (start, "//"))
        *p += 2;
      return TRUE;
    }

  scheme = g_strndup (start, (gsize) (colon - start));
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strcasecmp (scheme, schemes[i].name) == 0)
      {
        self->scheme = g_strdup (schemes[i].name);
        self->tls = schemes[i].tls;
        *port = schemes[i].port;
        *p = colon + 3;
        return TRUE;
      }

  if (*scheme == '\0')
    return fail (error, "nothing stands before \"://\", expected http, https, ws or wss");
  return fail (error, "\"%s\" is not a scheme of Socket.IO, expected http, https, ws or wss", scheme);
}

static gboolean
check_label (const char *label, gsize size, const char *host, GError **error)
{
  if (size == 0)
    return fail (error, "the host \"%s\" has an empty part", host);
  if (size > MAX_LABEL)
    return fail (error, "the host \"%s\" has a part of more than %d bytes", host, MAX_LABEL);
  if (label[0] == '-' || label[size - 1] == '-')
    return fail (error, "in the host \"%s\" a part begins or ends with '-'", host);

  for (gsize i = 0; i < size; i++)
    {
      char c = label[i];

      /* "_" is no letter of host names, but of names that people give to their containers. */
      if (!g_ascii_isalnum (c) && c != '-' && c != '_')
        return fail (error, "the host \"%s\" has a '%c', expected letters, digits, '-' and '.'", host, c);
    }

  return TRUE;
}

static gboolean
check_host (const char *host, GError **error)
{
  g_autofree char *ascii = NULL;
  g_auto(GStrv) labels = NULL;
  gboolean only_digits = TRUE;
  guint n;

  if (*host == '\0')
    return fail (error, "the address has no host");

  /* The characters are looked at before IDN gets to see them: it would map or drop some. */
  for (const char *p = host; *p != '\0'; p++)
    {
      if ((guchar) *p < 0x80 && !g_ascii_isalnum (*p) && strchr ("-._", *p) == NULL)
        return fail (error, "the host \"%s\" has a '%c', expected letters, digits, '-' and '.'", host, *p);
      if (!g_ascii_isdigit (*p) && *p != '.')
        only_digits = FALSE;
    }

  if (only_digits)
    {
      if (!g_hostname_is_ip_address (host))
        return fail (error, "\"%s\" is not an IP address, expected four numbers from 0 to 255", host);
      return TRUE;
    }

  ascii = g_hostname_to_ascii (host);
  if (ascii == NULL)
    return fail (error, "the host \"%s\" cannot be written as an international domain name", host);
  if (strlen (ascii) > MAX_HOST)
    return fail (error, "the host is longer than %d bytes", MAX_HOST);

  labels = g_strsplit (ascii, ".", -1);
  n = g_strv_length (labels);
  for (guint i = 0; i < n; i++)
    {
      if (i > 0 && i == n - 1 && *labels[i] == '\0')
        break; /* "example.com." is the absolute name */
      if (!check_label (labels[i], strlen (labels[i]), host, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_port (const char *text, gsize size, guint default_port, guint *port, GError **error)
{
  guint value = 0;

  if (size == 0)
    {
      *port = default_port; /* "http://h:/" */
      return TRUE;
    }

  for (gsize i = 0; i < size; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return fail (error, "the port \"%.*s\" is not a number", (int) MIN (size, 40), text);
      value = MIN (value * 10 + (guint) (text[i] - '0'), 65536);
    }

  if (value == 0 || value > 65535)
    return fail (error, "the port %.*s is not from 1 to 65535", (int) MIN (size, 40), text);

  *port = value;
  return TRUE;
}

/* "fe80::1%eth0", or with the "%25" of RFC 6874; kept in the first form. */
static gboolean
check_ipv6 (char *host, GError **error)
{
  char *zone = strchr (host, '%');

  if (strchr (host, ':') == NULL || !g_hostname_is_ip_address (host))
    return fail (error, "\"%s\" is not an IPv6 address", host);

  if (zone == NULL)
    return TRUE;

  if (g_str_has_prefix (zone, "%25") && zone[3] != '\0')
    memmove (zone + 1, zone + 3, strlen (zone + 3) + 1);

  for (const char *p = zone + 1; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-._", *p) == NULL)
      return fail (error, "the zone of the IPv6 address \"%s\" has a '%c'", host, *p);

  return TRUE;
}

/* [user:password@]host[:port] or [user:password@][ipv6][:port] */
static gboolean
read_authority (const char *text, gsize size, guint default_port, SioUrl *self, GError **error)
{
  const char *end = text + size;
  const char *at = memrchr (text, '@', size);
  const char *colon;

  /* The official client drops it too; a password does not belong in an address that is shown everywhere. */
  if (at != NULL)
    text = at + 1;

  if (text < end && *text == '[')
    {
      const char *bracket = memchr (text, ']', (gsize) (end - text));

      if (bracket == NULL)
        return fail (error, "the '[' of the IPv6 address is not closed");

      self->host = g_strndup (text + 1, (gsize) (bracket - text - 1));
      if (!check_ipv6 (self->host, error))
        return FALSE;

      if (bracket + 1 < end && bracket[1] != ':')
        return fail (error, "after ']' stands '%c', expected ':' and a port", bracket[1]);
      colon = bracket + 1 < end ? bracket + 1 : NULL;
    }
  else
    {
      colon = memchr (text, ':', (gsize) (end - text));
      if (colon != NULL && memchr (colon + 1, ':', (gsize) (end - colon - 1)) != NULL)
        return fail (error, "the host has several ':'; an IPv6 address stands in brackets, as in [::1]:3000");

      self->host = g_strndup (text, (gsize) ((colon != NULL ? colon : end) - text));
      if (!check_host (self->host, error))
        return FALSE;
    }

  if (colon == NULL)
    {
      self->port = default_port;
      return TRUE;
    }

  return read_port (colon + 1, (gsize) (end - colon - 1), default_port, &self->port, error);
}

/**
 * sio_url_parse:
 * @url: what io (url) takes; "localhost:3000" without a scheme means http
 * @error: return location
 *
 * User info and fragment are dropped. The path is the namespace, verbatim: "/admin/" is not "/admin".
 *
 * Returns: (transfer full): the parts, or %NULL with %SIO_ERROR_INVALID_ARGUMENT and a message for
 *   the person who typed it
 */
SioUrl *
sio_url_parse (const char *url, GError **error)
{
  g_autoptr(SioUrl) self = NULL;
  const char *p = url;
  const char *fragment;
  const char *query;
  const char *end;
  gsize authority_size;
  guint default_port = 0;

  g_return_val_if_fail (url != NULL, NULL);

  if (*url == '\0')
    {
      fail (error, "the address is empty");
      return NULL;
    }
  if (!check_characters (url, error))
    return NULL;

  self = g_new0 (SioUrl, 1);
  if (!read_scheme (&p, self, &default_port, error))
    return NULL;

  authority_size = strcspn (p, "/?#");
  if (!read_authority (p, authority_size, default_port, self, error))
    return NULL;
  p += authority_size;

  fragment = strchr (p, '#');
  end = fragment != NULL ? fragment : p + strlen (p);
  query = memchr (p, '?', (gsize) (end - p));

  if (query != NULL && query + 1 < end)
    self->query = g_strndup (query + 1, (gsize) (end - query - 1));

  self->nsp = g_strndup (p, (gsize) ((query != NULL ? query : end) - p));
  if (*self->nsp == '\0')
    {
      g_free (self->nsp);
      self->nsp = g_strdup ("/");
    }

  return g_steal_pointer (&self);
}

/**
 * sio_url_free:
 * @self: (nullable) (transfer full): an address
 */
void
sio_url_free (SioUrl *self)
{
  if (self == NULL)
    return;

  g_free (self->scheme);
  g_free (self->host);
  g_free (self->nsp);
  g_free (self->query);
  g_free (self);
}

static void
append_host (GString *out, const SioUrl *self)
{
  const char *zone = strchr (self->host, '%');

  if (zone != NULL)
    g_string_append_printf (out, "[%.*s%%25%s]", (int) (zone - self->host), self->host, zone + 1);
  else if (strchr (self->host, ':') != NULL)
    g_string_append_printf (out, "[%s]", self->host);
  else
    g_string_append (out, self->host);
}

/**
 * sio_url_dup_key:
 * @self: an address
 * @path: the path option, as given
 *
 * What tells managers apart: "http://localhost:3000/socket.io". http and ws differ, and so does the host's case.
 *
 * Returns: (transfer full): the key
 */
char *
sio_url_dup_key (const SioUrl *self, const char *path)
{
  GString *out;

  g_return_val_if_fail (self != NULL && path != NULL, NULL);

  out = g_string_new (self->scheme);
  g_string_append (out, "://");
  append_host (out, self);
  g_string_append_printf (out, ":%u%s", self->port, path);

  return g_string_free (out, FALSE);
}

/* What is a URI already stays; what cannot stand in one is escaped, without touching "%". */
static void
append_uri_text (GString *out, const char *text, const char *allowed)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (g_ascii_isalnum (*p) || strchr (allowed, *p) != NULL)
        g_string_append_c (out, *p);
      else
        g_string_append_printf (out, "%%%02X", (guchar) *p);
    }
}

/**
 * sio_url_build:
 * @self: an address
 * @websocket: for ws: or wss: instead of http: or https:
 * @path: the path option; "/" is put at either end where it is not there, as the official client does
 * @query: (nullable): pieces "k=v", already encoded
 *
 * Returns: (transfer full): an ASCII URI. An international host comes out as punycode
 */
char *
sio_url_build (const SioUrl       *self,
               gboolean            websocket,
               const char         *path,
               const char * const *query)
{
  GString *out;
  guint default_port;

  g_return_val_if_fail (self != NULL && path != NULL, NULL);

  default_port = self->tls ? 443 : 80;
  out = g_string_new (websocket ? (self->tls ? "wss://" : "ws://") : (self->tls ? "https://" : "http://"));

  if (strchr (self->host, ':') == NULL)
    {
      g_autofree char *ascii = g_hostname_to_ascii (self->host);

      g_string_append (out, ascii != NULL ? ascii : self->host);
    }
  else
    {
      append_host (out, self);
    }

  if (self->port != default_port)
    g_string_append_printf (out, ":%u", self->port);

  if (*path != '/')
    g_string_append_c (out, '/');
  append_uri_text (out, path, "-._~!$&'()*+,;=:@/%");
  if (!g_str_has_suffix (path, "/"))
    g_string_append_c (out, '/');

  for (guint i = 0; query != NULL && query[i] != NULL; i++)
    {
      g_string_append_c (out, i == 0 ? '?' : '&');
      append_uri_text (out, query[i], "-._~!$&'()*+,;=:@/%?");
    }

  return g_string_free (out, FALSE);
}

/**
 * sio_url_escape:
 * @text: any text
 *
 * Returns: (transfer full): @text as encodeURIComponent() gives it
 */
char *
sio_url_escape (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return g_uri_escape_string (text, "!*'()", FALSE);
}
