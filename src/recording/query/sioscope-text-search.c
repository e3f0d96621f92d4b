/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Compares the first and the last byte of the needle at sixteen places at once, and the rest only
 * where both agree. Rows are short, so setting up a table for each (as memmem does) would cost more
 * than the search. */

#include "sioscope-text-search-private.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline gboolean
equals_folded (const char *text,
               const char *folded,
               gsize       size)
{
  for (gsize i = 0; i < size; i++)
    if (g_ascii_tolower (text[i]) != folded[i])
      return FALSE;
  return TRUE;
}

#ifdef __SSE2__
/* Letters have two forms that differ in one bit; other bytes must not lose that bit. */
static inline char
fold_mask (char c)
{
  return g_ascii_isalpha (c) ? 0x20 : 0;
}
#endif

gboolean
sioscope_text_search (const char *haystack,
                      gsize       size,
                      const char *needle,
                      gsize       needle_size)
{
  gsize i = 0, n_places;

  if (size < needle_size)
    return FALSE;
  n_places = size - needle_size + 1;

#ifdef __SSE2__
  {
    const __m128i first = _mm_set1_epi8 (needle[0]);
    const __m128i last = _mm_set1_epi8 (needle[needle_size - 1]);
    const __m128i first_mask = _mm_set1_epi8 (fold_mask (needle[0]));
    const __m128i last_mask = _mm_set1_epi8 (fold_mask (needle[needle_size - 1]));

    for (; i + 16 <= n_places; i += 16)
      {
        __m128i a = _mm_loadu_si128 ((const __m128i *) (const void *) (haystack + i));
        __m128i b = _mm_loadu_si128 ((const __m128i *) (const void *) (haystack + i + needle_size - 1));
        guint hits;

        a = _mm_cmpeq_epi8 (_mm_or_si128 (a, first_mask), first);
        b = _mm_cmpeq_epi8 (_mm_or_si128 (b, last_mask), last);
        hits = (guint) _mm_movemask_epi8 (_mm_and_si128 (a, b));
        for (; hits != 0; hits &= hits - 1)
          if (equals_folded (haystack + i + __builtin_ctz (hits), needle, needle_size))
            return TRUE;
      }
  }
#endif

  for (; i < n_places; i++)
    if (g_ascii_tolower (haystack[i]) == needle[0] && equals_folded (haystack + i, needle, needle_size))
      return TRUE;
  return FALSE;
}
