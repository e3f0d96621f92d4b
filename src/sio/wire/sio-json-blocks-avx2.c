/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fast pass with AVX2, BMI and carry-less multiplication. Compiled for them: only to be called where they are. */

#include "sio-json-blocks-private.h"
#include "sio-json-blocks-block.h"

#include <immintrin.h>

static inline guint64
mask_of (__m256i low, __m256i high)
{
  return (guint32) _mm256_movemask_epi8 (low) | (guint64) (guint32) _mm256_movemask_epi8 (high) << 32;
}

static inline guint64
mask_of_byte (__m256i low, __m256i high, char byte)
{
  const __m256i wanted = _mm256_set1_epi8 (byte);

  return mask_of (_mm256_cmpeq_epi8 (low, wanted), _mm256_cmpeq_epi8 (high, wanted));
}

/* Bytes up to and with most, unsigned. */
static inline guint64
mask_up_to (__m256i low, __m256i high, char most)
{
  const __m256i limit = _mm256_set1_epi8 (most);

  return mask_of (_mm256_cmpeq_epi8 (_mm256_min_epu8 (low, limit), low),
                  _mm256_cmpeq_epi8 (_mm256_min_epu8 (high, limit), high));
}

static inline void
classify (const char *p, Block *block)
{
  const __m256i zero = _mm256_set1_epi8 ('0');
  /* the operators by their low four bits */
  const __m256i table = _mm256_setr_epi8 (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0,
                                          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
  const __m256i bit5 = _mm256_set1_epi8 (0x20);
  __m256i low = _mm256_loadu_si256 ((const __m256i *) (gconstpointer) p);
  __m256i high = _mm256_loadu_si256 ((const __m256i *) (gconstpointer) (p + 32));

  block->quote = mask_of_byte (low, high, '"');
  block->backslash = mask_of_byte (low, high, '\\');
  /* bit 5 makes braces of brackets and is set in the others */
  block->operators = mask_of (_mm256_cmpeq_epi8 (_mm256_shuffle_epi8 (table, low), _mm256_or_si256 (low, bit5)),
                              _mm256_cmpeq_epi8 (_mm256_shuffle_epi8 (table, high), _mm256_or_si256 (high, bit5)));
  block->bracket = mask_of (_mm256_slli_epi16 (low, 1), _mm256_slli_epi16 (high, 1));
  block->object = mask_of (_mm256_slli_epi16 (low, 2), _mm256_slli_epi16 (high, 2));
  block->ends = mask_of (_mm256_slli_epi16 (low, 5), _mm256_slli_epi16 (high, 5));
  block->digit = mask_up_to (_mm256_sub_epi8 (low, zero), _mm256_sub_epi8 (high, zero), 9);
  block->zero = mask_of (_mm256_cmpeq_epi8 (low, zero), _mm256_cmpeq_epi8 (high, zero));
  block->minus = mask_of_byte (low, high, '-');
  block->dot = mask_of_byte (low, high, '.');
  block->blank = mask_up_to (low, high, 0x20);
  /* most has no blanks, or many */
  block->control = block->blank == 0 ? 0 : mask_up_to (low, high, 0x1f);
  block->high = (guint64) (guint32) _mm256_movemask_epi8 (_mm256_or_si256 (low, high));
}

static inline guint64
prefix_xor (guint64 bits)
{
  return (guint64) _mm_cvtsi128_si64 (_mm_clmulepi64_si128 (_mm_set_epi64x (0, (gint64) bits), _mm_set1_epi8 ((char) 0xff), 0));
}

#include "sio-json-blocks-grammar.h"

const char *
sio_json_blocks_scan_avx2 (const char *p, const char *end, guint max_depth)
{
  return scan_blocks (p, end, max_depth);
}
