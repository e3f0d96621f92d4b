/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What two strings or numbers are worth, however they are written: by characters and by decimal digits, without limits on
 * either. */

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

/* --- strings, character by character --- */

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

/* --- numbers: their digits without zeros at either end, and where the point is --- */

guint64
sioscope_json_hash_number (SioSpan token)
{
  guint64 h = sioscope_json_hash_start (SIOSCOPE_JSON_NODE_NUMBER);
  const char *p = token.data, *end = p + token.size;
  gint64 n_zeros = 0, exponent = 0, n_fraction = 0;
  gboolean negative = FALSE, in_fraction = FALSE, any = FALSE;

  if (p < end && *p == '-')
    {
      negative = TRUE;
      p++;
    }
  for (; p < end && (g_ascii_isdigit (*p) || *p == '.'); p++)
    {
      if (*p == '.')
        {
          in_fraction = TRUE;
          continue;
        }
      n_fraction += in_fraction;
      if (*p == '0')
        {
          n_zeros++;
          continue;
        }
      for (; any && n_zeros > 0; n_zeros--)
        h = sioscope_json_hash_mix (h, '0');
      n_zeros = 0;
      any = TRUE;
      h = sioscope_json_hash_mix (h, (guint64) *p);
    }
  if (!any)
    return sioscope_json_hash_start (SIOSCOPE_JSON_NODE_NUMBER);
  if (p < end)
    {
      g_autofree char *text = g_strndup (p + 1, MIN ((gsize) (end - p - 1), 20));

      exponent = g_ascii_strtoll (text, NULL, 10);
    }
  /* Numbers with exponents beyond that only look alike here. */
  if (exponent < G_GINT64_CONSTANT (1000000000000000) && exponent > G_GINT64_CONSTANT (-1000000000000000))
    h = sioscope_json_hash_mix (h, (guint64) (exponent - n_fraction + n_zeros));
  return sioscope_json_hash_mix (h, negative);
}

/* A number as 0.DIGITS × 10^(exponent + shift). */
typedef struct {
  gboolean    negative;
  const char *digits;     /* the first that is not zero; NULL: the number is zero */
  const char *digits_end; /* behind the last that is not zero; the point may be among them */
  gint64      shift;
  gboolean    exponent_negative;
  SioSpan     exponent;   /* its digits without zeros in front; may be empty */
} Decimal;

static Decimal
read_decimal (SioSpan token)
{
  Decimal number = { 0 };
  const char *p = token.data, *end = p + token.size;
  gboolean in_fraction = FALSE;

  if (p < end && *p == '-')
    {
      number.negative = TRUE;
      p++;
    }
  for (; p < end && (g_ascii_isdigit (*p) || *p == '.'); p++)
    {
      if (*p == '.')
        {
          in_fraction = TRUE;
          continue;
        }
      if (*p != '0')
        {
          if (number.digits == NULL)
            number.digits = p;
          number.digits_end = p + 1;
        }
      if (number.digits != NULL && !in_fraction)
        number.shift++;
      else if (number.digits == NULL && in_fraction)
        number.shift--;
    }
  if (p < end)
    {
      p++;
      if (p < end && (*p == '-' || *p == '+'))
        number.exponent_negative = *p++ == '-';
      while (p < end && *p == '0')
        p++;
      number.exponent = (SioSpan) { p, (gsize) (end - p) };
    }
  return number;
}

/* Whether large, of many digits, plus little is other. */
static gboolean
sum_equals (SioSpan large,
            gint64  little,
            SioSpan other)
{
  g_autoptr(GString) sum = g_string_new_len (large.data, (gssize) large.size);
  gsize zeros = 0;

  for (gsize i = sum->len; i-- > 0 && little != 0;)
    {
      gint64 value = sum->str[i] - '0' + little;

      little = value / 10 - (value % 10 < 0);
      sum->str[i] = (char) ('0' + value - little * 10);
    }
  for (; little > 0; little /= 10)
    g_string_prepend_c (sum, (char) ('0' + little % 10));
  while (zeros < sum->len && sum->str[zeros] == '0')
    zeros++;
  return sum->len - zeros == other.size && memcmp (sum->str + zeros, other.data, other.size) == 0;
}

static gint64
small_exponent (const Decimal *number)
{
  gint64 value = 0;

  for (gsize i = 0; i < number->exponent.size; i++)
    value = value * 10 + (number->exponent.data[i] - '0');
  return number->exponent_negative ? -value : value;
}

gboolean
sioscope_json_numbers_equal (SioSpan a,
                             SioSpan b)
{
  Decimal x = read_decimal (a), y = read_decimal (b);
  const char *p = x.digits, *q = y.digits;
  gint64 step;

  if (p == NULL || q == NULL)
    return p == q;
  if (x.negative != y.negative)
    return FALSE;
  for (; p < x.digits_end && q < y.digits_end; p++, q++)
    {
      p += *p == '.';
      q += *q == '.';
      if (*p != *q)
        return FALSE;
    }
  if (p != x.digits_end || q != y.digits_end)
    return FALSE;

  if (x.exponent.size < 18 && y.exponent.size < 18)
    return small_exponent (&x) + x.shift == small_exponent (&y) + y.shift;
  /* No text is so long that its point could make up for that. */
  if (x.exponent_negative != y.exponent_negative)
    return FALSE;
  if (x.exponent.size < y.exponent.size)
    {
      Decimal other = x;

      x = y;
      y = other;
    }
  step = x.shift - y.shift;
  return sum_equals (x.exponent, x.exponent_negative ? -step : step, y.exponent);
}
