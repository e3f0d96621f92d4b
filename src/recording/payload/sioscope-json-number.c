/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A number is its digits without zeros at either end, and where the point stands. Exponents are as long as somebody likes to write
 * them, so they are texts here too; only the difference between two is ever a number of ours. */

#include "sioscope-json-number.h"
#include "sioscope-json-nodes-private.h"

/* No text is so long that its digits could move the point that far. */
#define FAR (G_GINT64_CONSTANT (1) << 59)

/* 0.DIGITS × 10^(exponent + shift) */
typedef struct {
  gint        sign;          /* 0: it is zero */
  const char *digits;        /* the first that is not zero */
  const char *digits_end;    /* behind the last that is not zero; the point may be among them */
  gint64      shift;
  gint        exponent_sign;
  SioSpan     exponent;      /* its digits; may be empty */
} Decimal;

static gsize
count_digits (const char *p,
              const char *end)
{
  const char *start = p;

  while (p < end && g_ascii_isdigit (*p))
    p++;
  return (gsize) (p - start);
}

/* FALSE if the token is no number. */
static gboolean
read_decimal (SioSpan  token,
              Decimal *number)
{
  const char *p = token.data, *end = p + token.size;
  const char *whole, *fraction = NULL;
  gsize n_whole, n_fraction = 0;
  gboolean negative = p < end && *p == '-';

  *number = (Decimal) { 0 };
  p += negative;
  whole = p;
  n_whole = count_digits (p, end);
  if (n_whole == 0 || (n_whole > 1 && *p == '0'))
    return FALSE;
  p += n_whole;
  if (p < end && *p == '.')
    {
      fraction = p + 1;
      n_fraction = count_digits (fraction, end);
      if (n_fraction == 0)
        return FALSE;
      p = fraction + n_fraction;
    }
  number->digits_end = p;
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      number->exponent_sign = 1;
      p++;
      if (p < end && (*p == '-' || *p == '+'))
        number->exponent_sign = *p++ == '-' ? -1 : 1;
      number->exponent = (SioSpan) { p, count_digits (p, end) };
      if (number->exponent.size == 0)
        return FALSE;
      p += number->exponent.size;
    }
  if (p != end)
    return FALSE;

  number->digits = whole;
  while (number->digits < number->digits_end && (*number->digits == '0' || *number->digits == '.'))
    number->digits++;
  if (number->digits == number->digits_end)
    return TRUE;
  while (number->digits_end[-1] == '0' || number->digits_end[-1] == '.')
    number->digits_end--;
  number->sign = negative ? -1 : 1;
  /* Only a single zero stands before the point, and then all zeros behind it count. */
  number->shift = fraction != NULL && number->digits >= fraction ? (gint64) (fraction - number->digits) : (gint64) n_whole;
  return TRUE;
}

static gint64
exponent_digit (const Decimal *number,
                gsize          place)
{
  if (place >= number->exponent.size)
    return 0;
  return number->exponent_sign * (number->exponent.data[number->exponent.size - 1 - place] - '0');
}

/* How much larger the exponent of x is, the point counted in; beyond FAR only the sign is true. From the highest place on, what has
 * become large stays so whatever the lower places say. */
static gint64
exponent_difference (const Decimal *x,
                     const Decimal *y)
{
  gint64 difference = 0;

  for (gsize place = MAX (x->exponent.size, y->exponent.size); place-- > 0 && ABS (difference) < FAR;)
    difference = difference * 10 + exponent_digit (x, place) - exponent_digit (y, place);
  return difference + x->shift - y->shift;
}

static gint
compare_digits (const Decimal *x,
                const Decimal *y)
{
  const char *p = x->digits, *q = y->digits;

  for (; p < x->digits_end && q < y->digits_end; p++, q++)
    {
      p += *p == '.';
      q += *q == '.';
      if (*p != *q)
        return *p < *q ? -1 : 1;
    }
  return (p < x->digits_end) - (q < y->digits_end);
}

/**
 * sioscope_json_is_number:
 * @token: any text
 *
 * Any thread, as all that is here.
 *
 * Returns: whether @token is a number as JSON writes it, from its first byte to its last
 */
gboolean
sioscope_json_is_number (SioSpan token)
{
  Decimal number;

  return read_decimal (token, &number);
}

/**
 * sioscope_json_compare_numbers:
 * @a: a token for which sioscope_json_is_number() is %TRUE
 * @b: another
 *
 * Compares what the texts say, digit by digit, in one pass over each: `1.50` is `15e-1`, and `1e400` is less than `1e401`.
 *
 * Returns: below 0, 0 or above 0, as @a is less than, equal to or greater than @b
 */
gint
sioscope_json_compare_numbers (SioSpan a,
                               SioSpan b)
{
  Decimal x, y;
  gint64 difference;

  if (!read_decimal (a, &x) || !read_decimal (b, &y))
    g_return_val_if_reached (0);
  if (x.sign != y.sign || x.sign == 0)
    return x.sign - y.sign;
  difference = exponent_difference (&x, &y);
  if (difference != 0)
    return difference < 0 ? -x.sign : x.sign;
  return x.sign * compare_digits (&x, &y);
}

guint64
sioscope_json_hash_number (SioSpan token)
{
  static const Decimal nothing;
  guint64 h = sioscope_json_hash_start (SIOSCOPE_JSON_NODE_NUMBER);
  Decimal number;
  gint64 exponent;

  if (!read_decimal (token, &number) || number.sign == 0)
    return h;
  for (const char *p = number.digits; p < number.digits_end; p++)
    if (*p != '.')
      h = sioscope_json_hash_mix (h, (guint64) *p);
  exponent = exponent_difference (&number, &nothing);
  /* What is beyond that only looks alike here. */
  if (ABS (exponent) < FAR / 16)
    h = sioscope_json_hash_mix (h, (guint64) exponent);
  return sioscope_json_hash_mix (h, number.sign < 0);
}
