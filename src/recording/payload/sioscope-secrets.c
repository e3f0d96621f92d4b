/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-secrets.h"

/* No name of a secret is much longer. */
#define NAME_MAX_SIZE 256

/**
 * sioscope_sounds_secret:
 * @name: the name of a header or of a parameter
 *
 * Returns: whether what has that name is to be kept off disks
 */
gboolean
sioscope_sounds_secret (SioSpan name)
{
  static const char * const words[] = { "auth", "token", "secret", "passw", "cookie", "key", "sid", "pid", "jwt" };
  char folded[NAME_MAX_SIZE + 1];
  gsize size = MIN (name.size, NAME_MAX_SIZE);

  for (gsize i = 0; i < size; i++)
    folded[i] = g_ascii_tolower (name.data[i]);
  folded[size] = '\0';

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (folded, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
sioscope_uri_has_secret (SioSpan uri)
{
  const char *p = uri.size != 0 ? memchr (uri.data, '?', uri.size) : NULL;
  const char *end = uri.data + uri.size;

  while (p != NULL)
    {
      const char *name = p + 1, *next = memchr (name, '&', (gsize) (end - name));
      const char *stop = next != NULL ? next : end;
      const char *equals = memchr (name, '=', (gsize) (stop - name));
      SioSpan span = { name, (gsize) ((equals != NULL ? equals : stop) - name) };

      if (!sio_span_equals (span, "sid") && sioscope_sounds_secret (span))
        return TRUE;
      p = next;
    }
  return FALSE;
}

gboolean
sioscope_headers_have_secret (SioSpan headers)
{
  const char *p = headers.data, *end = headers.size != 0 ? p + headers.size : p;

  while (p < end)
    {
      const char *newline = memchr (p, '\n', (gsize) (end - p));
      const char *stop = newline != NULL ? newline : end;
      const char *colon = memchr (p, ':', (gsize) (stop - p));

      /* Every WebSocket handshake has a key, which is none. */
      if (colon != NULL && g_ascii_strncasecmp (p, "Sec-WebSocket-", MIN (14, (gsize) (colon - p))) != 0
          && sioscope_sounds_secret ((SioSpan) { p, (gsize) (colon - p) }))
        return TRUE;
      p = stop + 1;
    }
  return FALSE;
}
