/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What two strings are worth, however they are written: by characters, without a limit. */

#include "sioscope-json-nodes-private.h"

static guint64 seed;

guint64
sioscope_json_hash_start (guint64 kind)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      seed = (guint64) g_random_int () << 32 | g_random_int ();
      g_once_init_leave (&once, 1);
    }
  return sioscope_json_hash_mix (seed, kind);
}

static gint
read_hex4 (const char *p,
           const char *end)
{
  gint value = 0;

  if (end - p < 4)
    return -1;
  for (guint i = 0; i < 4; i++)
    {
      gint digit = g_ascii_xdigit_value (p[i]);

      if (digit < 0)
        return -1;
      value = value << 4 | digit;
    }
  return value;
}

/* The next character of a string token between its quotes, in units that are the same for every way to write it: bytes of UTF-8; a
 * surrogate without its other half is one unit above them. */
typedef struct {
  const char *p;
  const char *end;
  guchar      bytes[4];
  guint       n_bytes;
  guint       at;
} StringCursor;

static void
string_cursor_init (StringCursor *self,
                    SioSpan       token)
{
  memset (self, 0, sizeof *self);
  self->p = token.data + 1;
  self->end = token.data + MAX (token.size, 2) - 1;
}

/* -1 at the end. */
static gint
string_cursor_escape (StringCursor *self)
{
  char c = self->p[1];
  gint unit, low;

  self->p += 2;
  switch (c)
    {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': break;
    default: return (guchar) c;
    }
  unit = read_hex4 (self->p, self->end);
  if (unit < 0)
    return 'u';
  self->p += 4;
  if (unit >= 0xd800 && unit < 0xdc00 && self->end - self->p >= 6 && self->p[0] == '\\' && self->p[1] == 'u'
      && (low = read_hex4 (self->p + 2, self->end)) >= 0xdc00 && low < 0xe000)
    {
      self->p += 6;
      unit = 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
    }
  if (unit >= 0xd800 && unit < 0xe000)
    return 0x110000 + unit;
  if (unit < 0x80)
    return unit;
  self->n_bytes = (guint) g_unichar_to_utf8 ((gunichar) unit, (char *) self->bytes);
  self->at = 1;
  return self->bytes[0];
}

static inline gint
string_cursor_next (StringCursor *self)
{
  if (G_UNLIKELY (self->at < self->n_bytes))
    return self->bytes[self->at++];
  if (self->p >= self->end)
    return -1;
  if (G_LIKELY (*self->p != '\\') || self->end - self->p < 2)
    return (guchar) *self->p++;
  return string_cursor_escape (self);
}

gboolean
sioscope_json_strings_equal (SioSpan a,
                             SioSpan b)
{
  StringCursor x, y;
  gint c;

  if (a.size == b.size && memcmp (a.data, b.data, a.size) == 0)
    return TRUE;
  string_cursor_init (&x, a);
  string_cursor_init (&y, b);
  do
    {
      c = string_cursor_next (&x);
      if (c != string_cursor_next (&y))
        return FALSE;
    }
  while (c >= 0);
  return TRUE;
}

guint64
sioscope_json_hash_string (SioSpan token)
{
  guint64 h = sioscope_json_hash_start (SIOSCOPE_JSON_NODE_STRING);
  StringCursor cursor;
  gint c;

  string_cursor_init (&cursor, token);
  while ((c = string_cursor_next (&cursor)) >= 0)
    h = sioscope_json_hash_mix (h, (guint64) c);
  return h;
}
