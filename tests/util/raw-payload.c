/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Polling bodies: revision 4 has U+001E between packets, revision 3 a length in UTF-16 units in front of each. */

#include "raw-payload.h"

#include <string.h>

/* How many UTF-16 units the character that begins here has; 0 inside of one. */
static guint
get_units (char c)
{
  guchar byte = (guchar) c;

  return (byte & 0xc0) == 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
}

void
raw_payload_append (GString    *body,
                    guint       eio,
                    const char *packet)
{
  gsize n_units = 0;

  for (const char *p = packet; *p != '\0'; p++)
    n_units += get_units (*p);
  if (eio == 3)
    g_string_append_printf (body, "%" G_GSIZE_FORMAT ":", n_units);
  else if (body->len > 0)
    g_string_append_c (body, '\x1e');
  g_string_append (body, packet);
}

GPtrArray *
raw_payload_split (guint       eio,
                   const char *body)
{
  GPtrArray *packets = g_ptr_array_new_with_free_func (g_free);

  if (eio == 4)
    {
      g_auto (GStrv) pieces = g_strsplit (body, "\x1e", -1);

      for (guint i = 0; pieces[i] != NULL; i++)
        g_ptr_array_add (packets, g_strdup (pieces[i]));
      return packets;
    }

  while (*body != '\0')
    {
      char *start;
      guint64 n_units = g_ascii_strtoull (body, &start, 10);
      const char *end;

      g_assert_cmpint (*start, ==, ':');
      for (end = ++start; n_units > 0 || get_units (*end) == 0; end++)
        {
          g_assert_cmpint (*end, !=, '\0');
          n_units -= get_units (*end);
        }
      g_ptr_array_add (packets, g_strndup (start, (gsize) (end - start)));
      body = end;
    }
  return packets;
}
