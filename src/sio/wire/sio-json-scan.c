/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The strict scanner: RFC 8259 and nothing else, iterative, no memory but a bit for each open bracket. It is
 * run on every packet that arrives, so it makes one pass and strings go by sixteen bytes at a time. What is large
 * goes through the fast pass first, and comes here only if that cannot say that it is good. */

#include "sio-json-private.h"
#include "sio-json-blocks-private.h"
#include "sio-printable.h"

#include "../sio-error.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Below, starting the fast pass takes longer than it saves. */
#define LARGE 256

static inline gboolean
is_special (guchar c)
{
  return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

static inline gboolean
is_digit (char c)
{
  return (guchar) (c - '0') <= 9;
}

#ifdef __SSE2__
/* A bit for each of the 16 bytes that is special. */
static inline guint
special_mask (const char *p)
{
  const __m128i quote = _mm_set1_epi8 ('"');
  const __m128i backslash = _mm_set1_epi8 ('\\');
  const __m128i blank = _mm_set1_epi8 (0x20);
  __m128i bytes = _mm_loadu_si128 ((const __m128i *) (gconstpointer) p);

  /* The comparison is signed: it catches the control characters and all bytes from 0x80 on at once. */
  return (guint) _mm_movemask_epi8 (_mm_or_si128 (_mm_or_si128 (_mm_cmpeq_epi8 (bytes, quote),
                                                                _mm_cmpeq_epi8 (bytes, backslash)),
                                                  _mm_cmplt_epi8 (bytes, blank)));
}
#endif

static inline const char *
find_special (const char *p, const char *end)
{
#ifdef __SSE2__
  while (end - p >= 16)
    {
      guint mask = special_mask (p);

      if (mask != 0)
        return p + __builtin_ctz (mask);
      p += 16;
    }
#endif

  while (p < end && !is_special ((guchar) *p))
    p++;

  return p;
}

const char *
sio_json_find_special (const char *p, const char *end)
{
  return find_special (p, end);
}

static const char *
fail (SioJsonFault *fault, const char *at, const char *expected)
{
  fault->at = at;
  fault->expected = expected;
  fault->too_deep = FALSE;
  return NULL;
}

/* p is behind the opening quote. */
static const char *
scan_long_string (const char *p, const char *end, SioJsonFault *fault)
{
  for (;;)
    {
      p = find_special (p, end);
      if (p == end)
        return fail (fault, p, "the string's closing '\"'");

      if (*p == '"')
        return p + 1;

      if (*p == '\\')
        {
          if (end - p < 2)
            return fail (fault, end, "the rest of an escape");

          switch (p[1])
            {
            case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
              p += 2;
              break;

            case 'u':
              for (guint i = 2; i < 6; i++)
                if (p + i >= end || !g_ascii_isxdigit (p[i]))
                  return fail (fault, MIN (p + i, end), "four hexadecimal digits after \"\\u\"");
              p += 6;
              break;

            default:
              return fail (fault, p + 1, "one of '\"', '\\', '/', b, f, n, r, t, u after the backslash");
            }
        }
      else if ((guchar) *p < 0x20)
        {
          return fail (fault, p, "an escape instead of a raw control character");
        }
      else
        {
          do
            {
              guint n = sio_utf8_sequence_size (p, end);

              if (n == 0)
                return fail (fault, p, "valid UTF-8");
              p += n;
            }
          while (p < end && (guchar) *p >= 0x80);
        }
    }
}

/* p is at the opening quote. */
static inline const char *
scan_string (const char *p, const char *end, SioJsonFault *fault)
{
#ifdef __SSE2__
  /* Names and most values are this short. */
  if (G_LIKELY (end - p > 16))
    {
      guint mask = special_mask (p + 1);

      if (G_LIKELY (mask != 0))
        {
          const char *special = p + 1 + __builtin_ctz (mask);

          if (G_LIKELY (*special == '"'))
            return special + 1;
        }
    }
#endif

  return scan_long_string (p + 1, end, fault);
}

static inline const char *
scan_number (const char *p, const char *end, SioJsonFault *fault)
{
  if (*p == '-')
    p++;

  if (p == end || !is_digit (*p))
    return fail (fault, p, "a digit after '-'");

  if (*p == '0')
    {
      p++;
      if (p < end && is_digit (*p))
        return fail (fault, p, "no digit after a leading zero");
    }
  else
    {
      while (p < end && is_digit (*p))
        p++;
    }

  if (p < end && *p == '.')
    {
      p++;
      if (p == end || !is_digit (*p))
        return fail (fault, p, "a digit after the decimal point");
      while (p < end && is_digit (*p))
        p++;
    }

  if (p < end && (*p == 'e' || *p == 'E'))
    {
      p++;
      if (p < end && (*p == '+' || *p == '-'))
        p++;
      if (p == end || !is_digit (*p))
        return fail (fault, p, "a digit in the exponent");
      while (p < end && is_digit (*p))
        p++;
    }

  return p;
}

static inline const char *
scan_word (const char *p, const char *end, const char *word, guint size, SioJsonFault *fault)
{
  if ((gsize) (end - p) < size || memcmp (p, word, size) != 0)
    return fail (fault, p, "a value");

  return p + size;
}

const char *
sio_json_scan_bytes (const char   *p,
                     const char   *end,
                     guint         max_depth,
                     SioJsonFault *fault)
{
  guint64 objects[SIO_JSON_HARD_MAX_DEPTH / 64]; /* bit set: that level is an object */
  guint depth = 0;
  gboolean in_object = FALSE;

  max_depth = MIN (max_depth, SIO_JSON_HARD_MAX_DEPTH);

value:
  if (p == end)
    return fail (fault, p, "a value");

  /* In the order of how often they come: a jump table takes longer than the first few comparisons. */
  if (*p == '"')
    p = scan_string (p, end, fault);
  else if (is_digit (*p) || *p == '-')
    p = scan_number (p, end, fault);
  else if (*p == '{' || *p == '[')
    {
      if (depth == max_depth)
        {
          fault->at = p;
          fault->expected = "no deeper nesting";
          fault->too_deep = TRUE;
          return NULL;
        }

      /* All levels that share the word are closed when its first one opens. */
      if (depth % 64 == 0)
        objects[depth / 64] = 0;

      in_object = *p == '{';
      if (in_object)
        {
          objects[depth / 64] |= G_GUINT64_CONSTANT (1) << (depth % 64);
          depth++;
          p = sio_json_skip_blanks (p + 1, end);
          if (p < end && *p == '}')
            goto close;
          if (p == end || *p != '"')
            return fail (fault, p, "a member's name in quotes or '}'");
          goto name;
        }

      objects[depth / 64] &= ~(G_GUINT64_CONSTANT (1) << (depth % 64));
      depth++;
      p = sio_json_skip_blanks (p + 1, end);
      if (p < end && *p == ']')
        goto close;
      if (p == end)
        return fail (fault, p, "a value or ']'");
      goto value;
    }
  else if (*p == 't')
    p = scan_word (p, end, "true", 4, fault);
  else if (*p == 'f')
    p = scan_word (p, end, "false", 5, fault);
  else if (*p == 'n')
    p = scan_word (p, end, "null", 4, fault);
  else
    return fail (fault, p, "a value");

  if (p == NULL)
    return NULL;

after:
  if (depth == 0)
    return p;

  p = sio_json_skip_blanks (p, end);
  if (in_object)
    {
      if (p == end || (*p != ',' && *p != '}'))
        return fail (fault, p, "',' or '}'");
      if (*p == '}')
        goto close;

      p = sio_json_skip_blanks (p + 1, end);
      if (p == end || *p != '"')
        return fail (fault, p, "a member's name in quotes");
      goto name;
    }

  if (p == end || (*p != ',' && *p != ']'))
    return fail (fault, p, "',' or ']'");
  if (*p == ']')
    goto close;

  p = sio_json_skip_blanks (p + 1, end);
  goto value;

name:
  p = scan_string (p, end, fault);
  if (p == NULL)
    return NULL;
  p = sio_json_skip_blanks (p, end);
  if (p == end || *p != ':')
    return fail (fault, p, "':' after the member's name");
  p = sio_json_skip_blanks (p + 1, end);
  goto value;

close:
  depth--;
  p++;
  if (depth > 0)
    in_object = (objects[(depth - 1) / 64] >> ((depth - 1) % 64) & 1) != 0;
  goto after;
}

const char *
sio_json_scan_value (const char   *p,
                     const char   *end,
                     guint         max_depth,
                     SioJsonFault *fault)
{
  /* What is large goes by in blocks, if it can and nothing is wrong with it. */
  if (end - p >= LARGE && (*p == '{' || *p == '['))
    {
      const char *good = sio_json_blocks_scan (p, end, max_depth);

      if (good != NULL)
        return good;
    }

  return sio_json_scan_bytes (p, end, max_depth, fault);
}

void
sio_json_fault_to_error (const SioJsonFault  *fault,
                         const char          *what,
                         const char          *text,
                         gsize                size,
                         GError             **error)
{
  const char *end = text + size;
  const char *line_start = text;
  guint line = 1;
  guint column = 1;
  g_autofree char *found = NULL;

  if (error == NULL)
    return;

  for (const char *p = text; p < fault->at; p++)
    if (*p == '\n')
      {
        line++;
        line_start = p + 1;
      }
  for (const char *p = line_start; p < fault->at; p++)
    if (((guchar) *p & 0xc0) != 0x80)
      column++;

  if (fault->at >= end)
    found = g_strdup ("the end");
  else if (*fault->at > 0x20 && *fault->at < 0x7f)
    found = g_strdup_printf ("'%c'", *fault->at);
  else
    {
      guint n = sio_utf8_sequence_size (fault->at, end);

      if (n > 1)
        {
          g_autofree char *shown = sio_printable (fault->at, (gssize) n, 1);

          found = g_strdup_printf ("'%s'", shown);
        }
      else
        found = g_strdup_printf ("byte 0x%02x", (guchar) *fault->at);
    }

  g_set_error (error, SIO_ERROR, fault->too_deep ? SIO_ERROR_TOO_LARGE : SIO_ERROR_MALFORMED,
               "%s, byte %" G_GSIZE_FORMAT " (line %u, column %u): expected %s, found %s",
               what, (gsize) (fault->at - text), line, column, fault->expected, found);
}

/**
 * sio_json_validate:
 * @text: JSON text; need not end in NUL
 * @size: its size in bytes
 * @max_depth: how many brackets may be open at once; at most 1024 are taken whatever is asked for
 * @type: (out) (optional): what the value is
 * @error_offset: (out) (optional): on failure, the byte where it went wrong
 * @error: %SIO_ERROR_MALFORMED, or %SIO_ERROR_TOO_LARGE if it nests too deep
 *
 * Checks that @text is exactly one JSON value, with blanks around it at most.
 *
 * Strict as RFC 8259, and strings must be valid UTF-8. Lone surrogate escapes are allowed, as in JSON.parse.
 *
 * Returns: whether it is
 */
gboolean
sio_json_validate (const char   *text,
                   gsize         size,
                   guint         max_depth,
                   SioJsonType  *type,
                   gsize        *error_offset,
                   GError      **error)
{
  const char *end;
  const char *start;
  const char *p;
  SioJsonFault fault;

  g_return_val_if_fail (text != NULL || size == 0, FALSE);

  if (text == NULL)
    text = "";

  end = text + size;
  start = sio_json_skip_blanks (text, end);
  p = sio_json_scan_value (start, end, max_depth, &fault);
  if (p != NULL)
    {
      p = sio_json_skip_blanks (p, end);
      if (p != end)
        p = fail (&fault, p, "nothing after the value");
    }

  if (p == NULL)
    {
      if (error_offset != NULL)
        *error_offset = (gsize) (fault.at - text);
      sio_json_fault_to_error (&fault, "JSON", text, size, error);
      return FALSE;
    }

  if (type != NULL)
    *type = sio_json_get_type ((SioSpan) { start, 1 });

  return TRUE;
}

/**
 * sio_json_skip_value:
 * @text: where a value starts, without blanks before it
 * @size: how many bytes there are
 * @max_depth: how many brackets may be open at once
 * @error_offset: (out) (optional): on failure, the byte where it went wrong
 * @expected: (out) (optional): on failure, what was expected there, a static string
 *
 * Returns: the size of the value, 0 on failure
 */
gsize
sio_json_skip_value (const char   *text,
                     gsize         size,
                     guint         max_depth,
                     gsize        *error_offset,
                     const char  **expected)
{
  SioJsonFault fault;
  const char *p;

  g_return_val_if_fail (text != NULL || size == 0, 0);

  if (text == NULL)
    text = "";

  p = sio_json_scan_value (text, text + size, max_depth, &fault);
  if (p == NULL)
    {
      if (error_offset != NULL)
        *error_offset = (gsize) (fault.at - text);
      if (expected != NULL)
        *expected = fault.expected;
      return 0;
    }

  return (gsize) (p - text);
}

const char *
sio_json_pass_string (const char *p, const char *end)
{
  if (p == end)
    return end;

  p++;
  for (;;)
    {
      p = find_special (p, end);
      if (p == end)
        return end;
      if (*p == '"')
        return p + 1;
      if (*p == '\\')
        p = end - p < 2 ? end : p + 2;
      else
        p++;
    }
}

/* What numbers and words end at. */
static const guint8 ends_scalar[256] = {
  [' '] = 1, ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, [','] = 1, [':'] = 1,
  ['"'] = 1, ['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1,
};

const char *
sio_json_pass_value (const char *p, const char *end)
{
  gsize depth = 0;

  while (p < end)
    {
      switch (*p)
        {
        case '"':
          p = sio_json_pass_string (p, end);
          break;

        case '{':
        case '[':
          depth++;
          p++;
          continue;

        case '}':
        case ']':
          if (depth == 0)
            return p;
          depth--;
          p++;
          break;

        case ',':
        case ':':
        case ' ':
        case '\t':
        case '\n':
        case '\r':
          if (depth == 0)
            return p;
          p++;
          continue;

        default:
          while (p < end && !ends_scalar[(guchar) *p])
            p++;
          break;
        }

      if (depth == 0)
        return p;
    }

  return end;
}
