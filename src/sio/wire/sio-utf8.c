/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Is it UTF-8? Asked of every text frame, and most are ASCII. */

#include "sio-json-private.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first byte from 0x80 on, or end. */
static inline const char *
skip_ascii (const char *p, const char *end)
{
#ifdef __SSE2__
  for (; end - p >= 64; p += 64)
    {
      const __m128i *bytes = (const __m128i *) (gconstpointer) p;
      __m128i a = _mm_or_si128 (_mm_loadu_si128 (bytes), _mm_loadu_si128 (bytes + 1));
      __m128i b = _mm_or_si128 (_mm_loadu_si128 (bytes + 2), _mm_loadu_si128 (bytes + 3));

      if (_mm_movemask_epi8 (_mm_or_si128 (a, b)) != 0)
        break;
    }
#else
  const guint64 high = G_GUINT64_CONSTANT (0x8080808080808080);
  guint64 words[4];

  for (; end - p >= (gssize) sizeof words; p += sizeof words)
    {
      memcpy (words, p, sizeof words);
      if (((words[0] | words[1] | words[2] | words[3]) & high) != 0)
        break;
    }
#endif
  while (p < end && (guchar) *p < 0x80)
    p++;

  return p;
}

/**
 * sio_utf8_validate:
 * @text: any bytes
 *
 * Returns: whether @text is UTF-8
 */
gboolean
sio_utf8_validate (SioSpan text)
{
  const char *p = text.data;
  const char *end = p + text.size;

  while ((p = skip_ascii (p, end)) < end)
    {
      do
        {
          guint n = sio_utf8_sequence_size (p, end);

          if (n == 0)
            return FALSE;
          p += n;
        }
      while (p < end && (guchar) *p >= 0x80);
    }
  return TRUE;
}
