/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fast pass with SSE2, which every x86-64 has. */

#include "sio-json-blocks-private.h"
#include "sio-json-blocks-block.h"

#include <immintrin.h>

typedef struct {
  __m128i part[4];
} Bytes;

static inline guint64
mask_of (Bytes bytes)
{
  guint64 mask = 0;

  for (guint i = 0; i < 4; i++)
    mask |= (guint64) (guint) _mm_movemask_epi8 (bytes.part[i]) << (i * 16);
  return mask;
}

/* The bytes moved up: bit 7 is what a mask is made of. */
static inline guint64
mask_of_bit (Bytes bytes, guint bit)
{
  for (guint i = 0; i < 4; i++)
    bytes.part[i] = _mm_slli_epi16 (bytes.part[i], (int) (7 - bit));
  return mask_of (bytes);
}

static inline guint64
mask_of_byte (Bytes bytes, char byte)
{
  const __m128i wanted = _mm_set1_epi8 (byte);

  for (guint i = 0; i < 4; i++)
    bytes.part[i] = _mm_cmpeq_epi8 (bytes.part[i], wanted);
  return mask_of (bytes);
}

/* Bytes up to and with most, unsigned. */
static inline guint64
mask_up_to (Bytes bytes, char most)
{
  const __m128i limit = _mm_set1_epi8 (most);

  for (guint i = 0; i < 4; i++)
    bytes.part[i] = _mm_cmpeq_epi8 (_mm_min_epu8 (bytes.part[i], limit), bytes.part[i]);
  return mask_of (bytes);
}

static inline void
classify (const char *p, Block *block)
{
  const __m128i bit5 = _mm_set1_epi8 (0x20);
  Bytes bytes, digits, operators;

  for (guint i = 0; i < 4; i++)
    {
      __m128i part = _mm_loadu_si128 ((const __m128i *) (gconstpointer) (p + i * 16));
      __m128i folded = _mm_or_si128 (part, bit5);

      bytes.part[i] = part;
      digits.part[i] = _mm_sub_epi8 (part, _mm_set1_epi8 ('0'));
      operators.part[i] = _mm_or_si128 (_mm_or_si128 (_mm_cmpeq_epi8 (part, _mm_set1_epi8 (',')),
                                                      _mm_cmpeq_epi8 (part, _mm_set1_epi8 (':'))),
                                        _mm_or_si128 (_mm_cmpeq_epi8 (folded, _mm_set1_epi8 ('{')),
                                                      _mm_cmpeq_epi8 (folded, _mm_set1_epi8 ('}'))));
    }

  block->quote = mask_of_byte (bytes, '"');
  block->backslash = mask_of_byte (bytes, '\\');
  block->operators = mask_of (operators);
  block->bracket = mask_of_bit (bytes, 6);
  block->object = mask_of_bit (bytes, 5);
  block->ends = mask_of_bit (bytes, 2);
  block->digit = mask_up_to (digits, 9);
  block->zero = mask_of_byte (bytes, '0');
  block->minus = mask_of_byte (bytes, '-');
  block->dot = mask_of_byte (bytes, '.');
  block->blank = mask_up_to (bytes, 0x20);
  block->control = block->blank == 0 ? 0 : mask_up_to (bytes, 0x1f);
  block->high = mask_of (bytes);
}

static inline guint64
prefix_xor (guint64 bits)
{
  for (guint n = 1; n < 64; n *= 2)
    bits ^= bits << n;
  return bits;
}

#include "sio-json-blocks-grammar.h"

const char *
sio_json_blocks_scan_sse2 (const char *p, const char *end, guint max_depth)
{
  return scan_blocks (p, end, max_depth);
}
