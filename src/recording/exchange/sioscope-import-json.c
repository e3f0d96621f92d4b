/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON that is read from one place to the next. Nothing is believed: whatever stands in the file, a reader stays inside of it. */

#include "sioscope-import-private.h"

#include "wire/sio-base64.h"
#include "wire/sio-json.h"
#include "wire/sio-printable.h"

#define QUOTE_MAX 40

void
sioscope_import_reader_init (SioscopeImportReader *self,
                             SioSpan               text)
{
  self->p = text.size != 0 ? text.data : "";
  self->end = self->p + text.size;
  self->expected = NULL;
}

static void
skip_blanks (SioscopeImportReader *self)
{
  while (self->p < self->end && (*self->p == ' ' || *self->p == '\t' || *self->p == '\n' || *self->p == '\r'))
    self->p++;
}

static gboolean
fail (SioscopeImportReader *self,
      const char           *expected)
{
  self->expected = expected;
  return FALSE;
}

gboolean
sioscope_import_open (SioscopeImportReader *self,
                      char                  bracket)
{
  skip_blanks (self);
  if (self->p == self->end || *self->p != bracket)
    return fail (self, bracket == '{' ? "an object" : "an array");
  self->p++;
  return TRUE;
}

gboolean
sioscope_import_more (SioscopeImportReader *self,
                      gboolean             *first,
                      char                  close)
{
  skip_blanks (self);
  if (self->p < self->end && *self->p == close)
    {
      self->p++;
      return FALSE;
    }
  if (!*first)
    {
      if (self->p == self->end || *self->p != ',')
        return fail (self, close == '}' ? "',' or '}'" : "',' or ']'");
      self->p++;
      skip_blanks (self);
    }
  *first = FALSE;
  return TRUE;
}

gboolean
sioscope_import_name (SioscopeImportReader *self,
                      SioSpan              *name)
{
  skip_blanks (self);
  if (self->p == self->end || *self->p != '"')
    return fail (self, "a member's name in quotes");
  if (!sioscope_import_value (self, name))
    return FALSE;
  skip_blanks (self);
  if (self->p == self->end || *self->p != ':')
    return fail (self, "':'");
  self->p++;
  return TRUE;
}

gboolean
sioscope_import_value (SioscopeImportReader *self,
                       SioSpan              *value)
{
  gsize size, offset = 0;
  const char *expected = NULL;

  skip_blanks (self);
  if (self->p == self->end)
    return fail (self, "a value");
  size = sio_json_skip_value (self->p, (gsize) (self->end - self->p), SIOSCOPE_IMPORT_MAX_DEPTH, &offset, &expected);
  if (size == 0)
    {
      self->p += MIN (offset, (gsize) (self->end - self->p));
      return fail (self, expected != NULL ? expected : "a value");
    }
  *value = (SioSpan) { self->p, size };
  self->p += size;
  return TRUE;
}

gboolean
sioscope_import_end (SioscopeImportReader *self)
{
  skip_blanks (self);
  return self->p == self->end || fail (self, "nothing more");
}

gboolean
sioscope_import_number (SioSpan   token,
                        guint     decimals,
                        gboolean  truncate,
                        gboolean *negative,
                        guint64  *value)
{
  const char *p = token.data, *end = p + token.size, *digits;
  gint64 exponent = 0, point = 0, place = 0;
  guint64 n = 0;

  if (token.size == 0 || (*p != '-' && !g_ascii_isdigit (*p)))
    return FALSE;
  *negative = *p == '-';
  if (*negative)
    p++;

  digits = p;
  while (p < end && g_ascii_isdigit (*p))
    p++, point++;
  if (p < end && *p == '.')
    for (p++; p < end && g_ascii_isdigit (*p);)
      p++;
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      gboolean down = FALSE;

      p++;
      if (p < end && (*p == '+' || *p == '-'))
        down = *p++ == '-';
      for (; p < end && g_ascii_isdigit (*p); p++)
        exponent = MIN (G_MAXINT32, exponent * 10 + (*p - '0'));
      exponent = down ? -exponent : exponent;
    }

  /* The first so many digits are the number. */
  point += exponent + (gint64) decimals;
  for (p = digits; p < end && (g_ascii_isdigit (*p) || *p == '.'); p++)
    {
      guint digit = (guint) (*p - '0');

      if (*p == '.')
        continue;
      if (place++ >= point)
        {
          if (digit != 0 && !truncate)
            return FALSE;
          continue;
        }
      if (n > (G_MAXUINT64 - digit) / 10)
        return FALSE;
      n = n * 10 + digit;
    }
  for (; place < point && n != 0; place++)
    {
      if (n > G_MAXUINT64 / 10)
        return FALSE;
      n *= 10;
    }
  *value = n;
  return TRUE;
}

gboolean
sioscope_import_int64 (SioSpan   token,
                       guint     decimals,
                       gboolean  truncate,
                       gint64   *value)
{
  gboolean negative;
  guint64 size;

  if (!sioscope_import_number (token, decimals, truncate, &negative, &size)
      || size > (guint64) G_MAXINT64 + (negative ? 1 : 0))
    return FALSE;
  *value = negative ? (gint64) (0 - size) : (gint64) size;
  return TRUE;
}

SioSpan
sioscope_import_keep (SioscopeImport *self,
                      GBytes         *bytes)
{
  SioSpan span;

  g_ptr_array_add (self->scratch, bytes);
  span.data = g_bytes_get_data (bytes, &span.size);
  return span.size != 0 ? span : (SioSpan) { NULL, 0 };
}

static gint
read_hex4 (const char *p)
{
  gint n = 0;

  for (guint i = 0; i < 4; i++)
    n = n * 16 + g_ascii_xdigit_value (p[i]);
  return n;
}

/* The token was validated: every escape is complete. */
static gboolean
has_half_pair (SioSpan inside)
{
  const char *p = inside.data, *end = p + inside.size;

  while (p < end && (p = memchr (p, '\\', (gsize) (end - p))) != NULL)
    {
      gint unit;

      if (p[1] != 'u')
        {
          p += 2;
          continue;
        }
      unit = read_hex4 (p + 2);
      p += 6;
      if (unit >= 0xdc00 && unit <= 0xdfff)
        return TRUE;
      if (unit < 0xd800 || unit > 0xdbff)
        continue;
      if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return TRUE;
      unit = read_hex4 (p + 2);
      if (unit < 0xdc00 || unit > 0xdfff)
        return TRUE;
      p += 6;
    }
  return FALSE;
}

gboolean
sioscope_import_text (SioscopeImport *self,
                      SioSpan         token,
                      SioSpan        *text)
{
  SioSpan inside = { token.data + 1, token.size - 2 };

  if (token.size < 2 || token.data[0] != '"')
    return FALSE;
  if (inside.size == 0)
    *text = (SioSpan) { NULL, 0 };
  else if (memchr (inside.data, '\\', inside.size) == NULL)
    *text = inside;
  else if (has_half_pair (inside))
    return FALSE;
  else
    *text = sioscope_import_keep (self, g_string_free_to_bytes (sio_json_unquote (token)));
  return TRUE;
}

static gint
base64_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

gboolean
sioscope_import_base64 (SioscopeImport *self,
                        SioSpan         text,
                        SioSpan        *bytes)
{
  gsize n = text.size;

  if (text.size % 4 != 0)
    return FALSE;
  while (n > 0 && text.size - n < 2 && text.data[n - 1] == '=')
    n--;
  for (gsize i = 0; i < n; i++)
    if (base64_value (text.data[i]) < 0)
      return FALSE;
  if ((text.size - n == 1 && (base64_value (text.data[n - 1]) & 3) != 0)
      || (text.size - n == 2 && (base64_value (text.data[n - 1]) & 15) != 0))
    return FALSE;
  *bytes = sioscope_import_keep (self, sio_base64_decode (text.data, text.size));
  return TRUE;
}

char *
sioscope_import_quote (SioSpan text)
{
  return sio_printable (text.size != 0 ? text.data : "", (gssize) text.size, QUOTE_MAX);
}
