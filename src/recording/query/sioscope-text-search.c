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

typedef struct {
  __m128i first;
  __m128i last;
  __m128i first_mask;
  __m128i last_mask;
} Ends;

static inline gboolean
search_block (const char *text,
              const char *needle,
              gsize       needle_size,
              const Ends *ends)
{
  __m128i a = _mm_loadu_si128 ((const __m128i *) (const void *) text);
  __m128i b = _mm_loadu_si128 ((const __m128i *) (const void *) (text + needle_size - 1));
  guint hits;

  a = _mm_cmpeq_epi8 (_mm_or_si128 (a, ends->first_mask), ends->first);
  b = _mm_cmpeq_epi8 (_mm_or_si128 (b, ends->last_mask), ends->last);
  hits = (guint) _mm_movemask_epi8 (_mm_and_si128 (a, b));
  for (; hits != 0; hits &= hits - 1)
    if (equals_folded (text + __builtin_ctz (hits), needle, needle_size))
      return TRUE;
  return FALSE;
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
  if (n_places >= 16)
    {
      const Ends ends = {
        _mm_set1_epi8 (needle[0]), _mm_set1_epi8 (needle[needle_size - 1]),
        _mm_set1_epi8 (fold_mask (needle[0])), _mm_set1_epi8 (fold_mask (needle[needle_size - 1])),
      };

      for (; i + 16 <= n_places; i += 16)
        if (search_block (haystack + i, needle, needle_size, &ends))
          return TRUE;
      /* The last block may look at some places again: that is quicker than one by one. */
      return i < n_places && search_block (haystack + n_places - 16, needle, needle_size, &ends);
    }
#endif

  for (; i < n_places; i++)
    if (g_ascii_tolower (haystack[i]) == needle[0] && equals_folded (haystack + i, needle, needle_size))
      return TRUE;
  return FALSE;
}
