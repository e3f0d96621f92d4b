/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server's words go into messages that people read in terminals and lists: no control, no
 * direction mark, no endless text. */

#include "sio-printable.h"

/**
 * sio_printable:
 * @text: (nullable): any bytes
 * @size: how many, or -1 if NUL-terminated
 * @max_chars: where to cut
 *
 * Returns: (transfer full): one short line of visible characters, valid UTF-8
 */
char *
sio_printable (const char *text,
               gssize      size,
               guint       max_chars)
{
  GString *out = g_string_new (NULL);
  const char *p = text;
  const char *end;
  guint n = 0;

  if (text == NULL)
    return g_string_free (out, FALSE);

  end = text + (size < 0 ? strlen (text) : (gsize) size);
  for (; p < end && n < max_chars; n++)
    {
      gunichar c = g_utf8_get_char_validated (p, end - p);

      if (c == (gunichar) -1 || c == (gunichar) -2 || (c == 0 && *p != '\0'))
        {
          g_string_append_printf (out, "\\x%02x", (guchar) *p++);
          continue;
        }

      if (g_unichar_isprint (c) && !g_unichar_iszerowidth (c) && g_unichar_type (c) != G_UNICODE_FORMAT)
        g_string_append_unichar (out, c);
      else if (c == '\n' || c == '\r' || c == '\t')
        g_string_append_c (out, ' ');
      else
        g_string_append_printf (out, "\\u{%04X}", c);
      p += c == 0 ? 1 : g_unichar_to_utf8 (c, NULL);
    }

  if (p < end)
    g_string_append (out, "…");

  return g_string_free (out, FALSE);
}
