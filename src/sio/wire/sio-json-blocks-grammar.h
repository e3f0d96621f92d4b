/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The grammar over bits, included by the file of each set of instructions behind its classify() and prefix_xor(). Bit i of
 * a mask is byte i of the block. Nothing is done for each token if it can be done for all of a block at once:
 *
 * - Where strings are: the quotes that are not escaped, each bit xor all before it.
 * - Which token may follow which: a bit for "comes behind a comma" and the like, moved over blanks by adding it to them
 *   (a carry runs through a run of ones and comes out behind it). The same moves a bit from a string's begin to its end.
 * - Numbers: which character may follow which, the same way.
 * - What depends on the bracket around it (names belong in objects, other values behind a comma in arrays) is gathered at
 *   the next bracket, so that only brackets are gone through one by one.
 *
 * Words (true, false, null), escapes and numbers with an exponent are looked at one by one. */

static inline guint64
add_carry (guint64 a, guint64 b, guint64 *carry)
{
  unsigned long long sum;

  *carry = _addcarry_u64 ((guchar) *carry, a, b, &sum);
  return sum;
}

/* The bit behind each; the last one comes back as the first of the next block. */
static inline guint64
behind (guint64 bits, guint64 *carry)
{
  guint64 result = bits << 1 | *carry;

  *carry = bits >> 63;
  return result;
}

/* The token behind each, blanks skipped. A bit that lands in blanks lands on their first one: it was a token's end. */
static inline guint64
follow (guint64 bits, guint64 blank, guint64 *carry)
{
  guint64 result = behind (bits, carry);

  if (G_UNLIKELY (blank != 0))
    {
      guint64 over = 0;
      guint64 moved = add_carry (result & blank, blank, &over);

      result = (result | moved) & ~blank;
      *carry |= over;
    }
  return result;
}

/* Where a run of bits ends that starts with, or has in it, one of bits: the bit behind the run. */
static inline guint64
gather (guint64 bits, guint64 runs, guint64 *carry)
{
  return (add_carry (bits & runs, runs, carry) | bits) & ~runs;
}

/* What a block knows of the one before it: mostly one bit, 0 or 1. */
typedef struct {
  guint64 in_string; /* all bits or none */
  guint64 escaped;
  guint64 scalar;
  guint64 after_separator, after_open, before_member, after_name;
  guint64 name;      /* the string that goes on may be a member's name */
  guint64 word;      /* as many bits as the word that goes on has left */
  guint64 word_end;  /* the bit behind it */
  guint64 after_minus, after_dot, after_zero;
  guint64 fraction;  /* the digits that go on come behind a dot */
  guint64 for_array, for_object;
} Carry;

/* Which characters a backslash stands before. */
static inline guint64
find_escaped (guint64 backslash, Carry *carry)
{
  const guint64 odd = G_GUINT64_CONSTANT (0xaaaaaaaaaaaaaaaa);
  guint64 start, codes, escaped;

  if (G_LIKELY (backslash == 0))
    {
      escaped = carry->escaped;
      carry->escaped = 0;
      return escaped;
    }

  /* A run of backslashes is pairs; subtracting finds whether its end is on the side where the last one is alone. */
  start = backslash & ~carry->escaped;
  codes = (((start << 1) | odd) - start) ^ odd;
  escaped = codes ^ (backslash | carry->escaped);
  carry->escaped = (codes & backslash) >> 63;
  return escaped;
}

/* FALSE: one of the words or numbers in the block is none. */
static inline gboolean
check_scalars (const char *start, const char *p, const char *end, const Block *block, guint64 scalar, Carry *carry)
{
  guint64 first = scalar & ~(scalar << 1 | carry->scalar);
  guint64 digit = block->digit & scalar, dot = block->dot & scalar, minus = block->minus & scalar;
  guint64 sign = minus & first;
  guint64 words = first & ~(digit | minus);
  guint64 known = digit | dot | sign | carry->word;
  guint64 word_ends = carry->word_end;
  guint64 begin, after_sign, after_dot, fraction, wrong;

  carry->word = carry->word_end = 0;
  while (words != 0)
    {
      guint at = (guint) __builtin_ctzll (words);
      const char *word = p + at;
      guint size;

      /* inside of brackets something always follows */
      if (end - word < 5)
        return FALSE;
      if (memcmp (word, "true", 4) == 0 || memcmp (word, "null", 4) == 0)
        size = 4;
      else if (memcmp (word, "false", 5) == 0)
        size = 5;
      else
        return FALSE;

      known |= ((G_GUINT64_CONSTANT (1) << size) - 1) << at;
      if (G_LIKELY (at + size < 64))
        word_ends |= G_GUINT64_CONSTANT (1) << (at + size);
      else
        {
          carry->word = (G_GUINT64_CONSTANT (1) << (at + size - 64)) - 1;
          carry->word_end = G_GUINT64_CONSTANT (1) << (at + size - 64);
        }
      words &= words - 1;
    }

  /* A dot that begins a number was no word; one behind a sign or another dot is seen here. */
  after_sign = behind (sign, &carry->after_minus);
  after_dot = behind (dot, &carry->after_dot);
  wrong = (after_sign | after_dot) & ~digit;
  wrong |= word_ends & scalar;

  /* no digit behind a leading zero */
  begin = (first | after_sign) & digit;
  wrong |= behind (begin & block->zero, &carry->after_zero) & digit;

  /* the digits behind a dot do not end at another one */
  fraction = add_carry (after_dot & digit, digit, &carry->fraction) & ~digit;
  wrong |= fraction & dot;
  if (G_UNLIKELY (wrong != 0))
    return FALSE;

  /* An exponent, or what is no number at all: each from its begin, which may be in a block before. */
  if (G_UNLIKELY ((scalar & ~known) != 0))
    {
      guint64 numbers = first & (digit | minus);

      if ((scalar & carry->scalar) != 0 && !sio_json_blocks_check_number (sio_json_blocks_find_number (start, p), end))
        return FALSE;
      for (; numbers != 0; numbers &= numbers - 1)
        if (!sio_json_blocks_check_number (p + __builtin_ctzll (numbers), end))
          return FALSE;
    }

  return TRUE;
}

static inline const char *
scan_blocks (const char *start, const char *end, guint max_depth)
{
  Carry carry = { .after_open = 1 }; /* where a value is expected */
  guint64 levels = 1;                 /* bit set: that level is an object; the innermost is the lowest */
  const char *finish = NULL;
  guint64 high = 0;
  char last[64];

  max_depth = MIN (max_depth, SIO_JSON_BLOCKS_MAX_DEPTH);

  for (const char *p = start; p < end; p += 64)
    {
      Block block;
      guint64 quote, escaped, in_string, string, opening, closing;
      guint64 blank, operators, separators, brackets, open, close, comma, colon, scalar, first;
      guint64 after_separator, before_member, after_name, names, starts, expected;
      guint64 for_array, for_object, context, wrong;

      if (G_LIKELY (end - p >= 64))
        classify (p, &block);
      else
        {
          memset (last, ' ', sizeof last);
          memcpy (last, p, (gsize) (end - p));
          classify (last, &block);
        }
      high |= block.high;

      /* strings: from the opening quote up to the closing one, which is not in in_string */
      escaped = find_escaped (block.backslash, &carry);
      quote = block.quote & ~escaped;
      in_string = prefix_xor (quote) ^ carry.in_string;
      carry.in_string = (guint64) ((gint64) in_string >> 63);
      string = in_string | quote;
      opening = quote & in_string;
      closing = quote & ~in_string;
      wrong = block.control & in_string;
      for (escaped &= in_string; escaped != 0; escaped &= escaped - 1)
        if (!sio_json_blocks_check_escape (p + __builtin_ctzll (escaped), end))
          return NULL;

      /* what is between them */
      blank = block.blank & ~string;
      operators = block.operators & ~string;
      brackets = operators & block.bracket;
      separators = operators & ~block.bracket;
      open = brackets & ~block.ends;
      close = brackets & block.ends;
      colon = separators & ~block.ends;
      comma = separators & block.ends;
      scalar = ~(string | blank | operators);
      for (guint64 left = block.control & blank; G_UNLIKELY (left != 0); left &= left - 1)
        {
          char c = p[__builtin_ctzll (left)];

          if (c != '\t' && c != '\n' && c != '\r')
            return NULL;
        }

      /* What may follow what. A string behind '{' or ',' may be a name, and is one if ':' follows; anything else there, and a
       * string that is none, is for an array. A bracket that closes is never behind a separator; behind one that opens, it
       * closes that one, or the two do not fit. */
      after_separator = follow (separators, blank, &carry.after_separator);
      before_member = follow (comma | (open & block.object), blank, &carry.before_member);
      expected = after_separator | follow (open, blank, &carry.after_open);
      first = scalar & ~(scalar << 1 | carry.scalar);
      starts = opening | first | open;
      wrong |= (starts & ~expected) | (separators & expected) | (close & after_separator);

      names = add_carry (opening & before_member, in_string, &carry.name) & closing;
      after_name = follow (names, blank, &carry.after_name);
      wrong |= colon & ~after_name;
      if (G_UNLIKELY (wrong != 0) || !check_scalars (start, p, end, &block, scalar, &carry))
        return NULL;
      carry.scalar = scalar >> 63;

      for_array = gather ((after_name & ~colon) | (before_member & (first | open)), ~brackets, &carry.for_array);
      for_object = gather (colon, ~brackets, &carry.for_object);
      /* context: for each bracket, whether what is in front of it is in an object */
      context = 0;
      for (guint64 left = brackets; left != 0; left &= left - 1)
        {
          guint at = (guint) __builtin_ctzll (left);

          context |= (levels & 1) << at;
          if ((open >> at & 1) != 0)
            {
              levels = levels << 1 | (block.object >> at & 1);
              if (G_UNLIKELY (levels >> max_depth > 1))
                return NULL;
            }
          else
            {
              levels >>= 1;
              if (G_UNLIKELY (levels == 1))
                {
                  /* what comes behind is not looked at */
                  finish = p + at + 1;
                  brackets &= ~(left & (left - 1));
                  break;
                }
            }
        }
      wrong = (for_array & context) | (for_object & ~context) | (close & (block.object ^ context));
      if (G_UNLIKELY ((wrong & brackets) != 0))
        return NULL;
      if (G_UNLIKELY (finish != NULL))
        return high == 0 || sio_utf8_validate ((SioSpan) { start, (gsize) (finish - start) }) ? finish : NULL;
    }

  return NULL;
}
