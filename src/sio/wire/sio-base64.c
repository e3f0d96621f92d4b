/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64 as Node reads it. g_base64_decode() loses an unpadded tail, drops the url alphabet and reads on after
 * the padding; a server in Node, Java or Go may send any of these. */

#include "sio-base64.h"

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define X 0xff
static const guint8 digits[256] = {
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, 62, X, 62, X, 63,
  52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X,
  X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, 63,
  X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
  41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
#undef X

/**
 * sio_base64_decode:
 * @text: base64, as lenient as Node's Buffer.from (text, "base64")
 * @size: its size in bytes
 *
 * Never fails: characters outside of the alphabet are skipped, the first "=" ends it, dangling bits are dropped.
 *
 * Returns: (transfer full): the bytes, maybe none
 */
GBytes *
sio_base64_decode (const char *text, gsize size)
{
  const guchar *p = (const guchar *) text;
  const guchar *end;
  guint8 *data;
  gsize length = 0;
  guint32 bits = 0;
  guint n_bits = 0;

  g_return_val_if_fail (text != NULL || size == 0, NULL);

  if (size == 0)
    return g_bytes_new_static ("", 0);

  end = p + size;
  data = g_malloc (size / 4 * 3 + 3);

  while (p < end)
    {
      guint8 digit;

      /* Whole groups, as long as nothing odd comes. The digits are below 64, the mark for others is not. */
      if (n_bits == 0)
        {
          while (end - p >= 4)
            {
              guint8 a = digits[p[0]], b = digits[p[1]], c = digits[p[2]], d = digits[p[3]];

              if ((a | b | c | d) & 0xc0)
                break;
              data[length++] = (guint8) (a << 2 | b >> 4);
              data[length++] = (guint8) (b << 4 | c >> 2);
              data[length++] = (guint8) (c << 6 | d);
              p += 4;
            }
          if (p == end)
            break;
        }

      if (*p == '=')
        break;

      digit = digits[*p++];
      if (digit & 0xc0)
        continue;

      bits = bits << 6 | digit;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          data[length++] = (guint8) (bits >> n_bits);
        }
    }

  return g_bytes_new_take (data, length);
}

/**
 * sio_base64_append:
 * @out: where to
 * @data: (nullable): bytes; %NULL only if @size is 0
 * @size: how many
 *
 * Appends the bytes as base64, standard alphabet, padded.
 */
void
sio_base64_append (GString    *out,
                   const void *data,
                   gsize       size)
{
  const guint8 *p = data;
  gsize start;
  char *q;

  g_return_if_fail (out != NULL);
  g_return_if_fail (data != NULL || size == 0);

  start = out->len;
  g_string_set_size (out, start + (size + 2) / 3 * 4);
  q = out->str + start;

  for (; size >= 3; size -= 3, p += 3)
    {
      *q++ = alphabet[p[0] >> 2];
      *q++ = alphabet[(p[0] << 4 | p[1] >> 4) & 63];
      *q++ = alphabet[(p[1] << 2 | p[2] >> 6) & 63];
      *q++ = alphabet[p[2] & 63];
    }

  if (size > 0)
    {
      guint8 second = size == 2 ? p[1] : 0;

      *q++ = alphabet[p[0] >> 2];
      *q++ = alphabet[(p[0] << 4 | second >> 4) & 63];
      *q++ = size == 2 ? alphabet[second << 2 & 63] : '=';
      *q++ = '=';
    }
}
