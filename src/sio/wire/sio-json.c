/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is done with JSON text besides checking it: walking, looking up, quoting, laying out. Works on the text
 * itself; a token is never rewritten, so that what is shown is what came. */

#include "sio-json-private.h"

/* Deeper than this many columns, more indentation helps nobody and costs the square of the depth. */
#define MAX_INDENT_COLUMNS 64

#define REPLACEMENT "\xef\xbf\xbd"

/**
 * sio_json_get_type:
 * @value: a validated token without blanks around it
 *
 * Returns: what it is, by its first byte
 */
SioJsonType
sio_json_get_type (SioSpan value)
{
  switch (value.size > 0 ? value.data[0] : 'n')
    {
    case '{': return SIO_JSON_OBJECT;
    case '[': return SIO_JSON_ARRAY;
    case '"': return SIO_JSON_STRING;
    case 't': return SIO_JSON_TRUE;
    case 'f': return SIO_JSON_FALSE;
    case 'n': return SIO_JSON_NULL;
    default:  return SIO_JSON_NUMBER;
    }
}

/**
 * sio_json_iter_init:
 * @iter: (out caller-allocates): what to set up; nothing needs to be freed
 * @elements: validated values with commas between, without brackets; must outlive @iter
 */
void
sio_json_iter_init (SioJsonIter *iter, SioSpan elements)
{
  g_return_if_fail (iter != NULL);

  iter->next = elements.data;
  iter->end = elements.size > 0 ? elements.data + elements.size : elements.data;
}

/**
 * sio_json_iter_next:
 * @iter: an iterator
 * @element: (out): the next element, without blanks around it
 *
 * Returns: %FALSE if there are no more
 */
gboolean
sio_json_iter_next (SioJsonIter *iter, SioSpan *element)
{
  const char *start;
  const char *p;

  g_return_val_if_fail (iter != NULL && element != NULL, FALSE);

  start = sio_json_skip_blanks (iter->next, iter->end);
  if (start == iter->end)
    {
      iter->next = iter->end;
      return FALSE;
    }

  p = sio_json_pass_value (start, iter->end);
  *element = (SioSpan) { start, (gsize) (p - start) };

  p = sio_json_skip_blanks (p, iter->end);
  /* After a valid value stands a comma or the end. Anything else is passed too, so that nobody walks in place. */
  if (p < iter->end)
    p++;
  iter->next = p;

  return TRUE;
}

static guint
hex4 (const char *p)
{
  guint value = 0;

  for (guint i = 0; i < 4; i++)
    value = value << 4 | (guint) g_ascii_xdigit_value (p[i]);

  return value;
}

static gboolean
is_hex4 (const char *p, const char *end)
{
  if (end - p < 4)
    return FALSE;

  for (guint i = 0; i < 4; i++)
    if (!g_ascii_isxdigit (p[i]))
      return FALSE;

  return TRUE;
}

/* p is behind the "\u". Returns the byte behind the escape, or behind both halves of a surrogate pair. */
static const char *
append_unicode_escape (GString *out, const char *p, const char *end)
{
  guint unit = hex4 (p);

  p += 4;
  if (unit < 0xd800 || unit > 0xdfff)
    {
      if (unit == 0)
        g_string_append_c (out, '\0'); /* g_string_append_unichar() would not add it */
      else
        g_string_append_unichar (out, unit);
      return p;
    }

  if (unit < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' && is_hex4 (p + 2, end))
    {
      guint low = hex4 (p + 2);

      if (low >= 0xdc00 && low <= 0xdfff)
        {
          g_string_append_unichar (out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
          return p + 6;
        }
    }

  g_string_append_len (out, REPLACEMENT, 3);
  return p;
}

/**
 * sio_json_unquote:
 * @token: a validated token
 *
 * The text of a string token, escapes decoded. Lone surrogates become U+FFFD; a NUL stays one, so use the size. A
 * token that is no string is returned as its text.
 *
 * Returns: (transfer full): the text
 */
GString *
sio_json_unquote (SioSpan token)
{
  const char *p = token.data;
  const char *end = token.size > 0 ? p + token.size : p;
  GString *out = g_string_sized_new (token.size);

  if (token.size == 0 || *p != '"')
    {
      if (token.size > 0)
        g_string_append_len (out, token.data, (gssize) token.size);
      return out;
    }

  p++;
  if (end > p && end[-1] == '"')
    end--;

  while (p < end)
    {
      const char *backslash = memchr (p, '\\', (gsize) (end - p));

      if (backslash == NULL || end - backslash < 2)
        {
          g_string_append_len (out, p, end - p);
          break;
        }

      g_string_append_len (out, p, backslash - p);
      p = backslash + 2;
      switch (backslash[1])
        {
        case 'b': g_string_append_c (out, '\b'); break;
        case 'f': g_string_append_c (out, '\f'); break;
        case 'n': g_string_append_c (out, '\n'); break;
        case 'r': g_string_append_c (out, '\r'); break;
        case 't': g_string_append_c (out, '\t'); break;

        case 'u':
          if (is_hex4 (p, end))
            p = append_unicode_escape (out, p, end);
          break;

        default: /* a quote, a backslash or a slash stands for itself */
          g_string_append_c (out, backslash[1]);
          break;
        }
    }

  return out;
}

/**
 * sio_json_append_quoted:
 * @out: where to
 * @text: plain text
 * @size: its size in bytes, -1 if it ends in NUL
 *
 * Appends @text as a JSON string. Invalid UTF-8 becomes U+FFFD, so that what is sent is always valid.
 */
void
sio_json_append_quoted (GString *out, const char *text, gssize size)
{
  const char *p = text;
  const char *end;

  g_return_if_fail (out != NULL);
  g_return_if_fail (text != NULL || size == 0);

  end = text + (size < 0 ? (gssize) strlen (text) : size);

  g_string_append_c (out, '"');
  while (p < end)
    {
      const char *special = sio_json_find_special (p, end);

      g_string_append_len (out, p, special - p);
      p = special;
      if (p == end)
        break;

      switch (*p)
        {
        case '"':  g_string_append_len (out, "\\\"", 2); p++; continue;
        case '\\': g_string_append_len (out, "\\\\", 2); p++; continue;
        case '\b': g_string_append_len (out, "\\b", 2);  p++; continue;
        case '\f': g_string_append_len (out, "\\f", 2);  p++; continue;
        case '\n': g_string_append_len (out, "\\n", 2);  p++; continue;
        case '\r': g_string_append_len (out, "\\r", 2);  p++; continue;
        case '\t': g_string_append_len (out, "\\t", 2);  p++; continue;
        default: break;
        }

      if ((guchar) *p < 0x20)
        {
          g_string_append_printf (out, "\\u%04x", (guchar) *p);
          p++;
        }
      else
        {
          guint n = sio_utf8_sequence_size (p, end);

          if (n > 0)
            g_string_append_len (out, p, n);
          else
            g_string_append_len (out, REPLACEMENT, 3);
          p += MAX (n, 1);
        }
    }
  g_string_append_c (out, '"');
}

/* Output with an end: nothing is appended beyond limit. */
typedef struct {
  GString *out;
  gsize    limit; /* out->len never exceeds it */
  gboolean full;
} Bounded;

/* Returns how many bytes were taken. A cut never splits a character. */
static gsize
bounded_append (Bounded *self, const char *data, gsize size)
{
  gsize room = self->limit - self->out->len;
  gsize take = size;

  if (size > room)
    {
      self->full = TRUE;
      take = room;
      while (take > 0 && ((guchar) data[take] & 0xc0) == 0x80)
        take--;
    }

  g_string_append_len (self->out, data, (gssize) take);
  return take;
}

static void
bounded_newline (Bounded *self, gsize depth, guint indent)
{
  static const char blanks[MAX_INDENT_COLUMNS + 1] =
    "                                                                ";
  gsize columns = MAX_INDENT_COLUMNS;

  if (indent == 0 || depth < MAX_INDENT_COLUMNS / indent)
    columns = depth * indent;

  if (bounded_append (self, "\n", 1) == 1)
    bounded_append (self, blanks, columns);
}

/**
 * sio_json_append_indented:
 * @out: where to
 * @value: a validated value
 * @indent: columns a level; from 64 columns on, deeper levels stay where they are
 * @max_out: how many bytes to append at most
 *
 * Appends @value laid out on lines. Only the blanks between tokens change; every token stays byte for byte.
 *
 * Returns: how many bytes of @value were consumed: @value.size if it went in whole
 */
gsize
sio_json_append_indented (GString *out,
                          SioSpan  value,
                          guint    indent,
                          gsize    max_out)
{
  const char *p = value.data;
  const char *end = value.size > 0 ? p + value.size : p;
  gsize depth = 0;
  Bounded bounded;

  g_return_val_if_fail (out != NULL, 0);

  bounded = (Bounded) { out, max_out > G_MAXSIZE - out->len ? G_MAXSIZE : out->len + max_out, FALSE };

  while ((p = sio_json_skip_blanks (p, end)) < end)
    {
      const char *next;

      switch (*p)
        {
        case '{':
        case '[':
          next = sio_json_skip_blanks (p + 1, end);
          if (next < end && *next == (*p == '{' ? '}' : ']'))
            {
              if (bounded_append (&bounded, *p == '{' ? "{}" : "[]", 2) == 2)
                p = next + 1;
            }
          else if (bounded_append (&bounded, p, 1) == 1)
            {
              p++;
              depth++;
              bounded_newline (&bounded, depth, indent);
            }
          break;

        case '}':
        case ']':
          if (depth > 0)
            depth--;
          bounded_newline (&bounded, depth, indent);
          if (!bounded.full)
            p += bounded_append (&bounded, p, 1);
          break;

        case ',':
          p += bounded_append (&bounded, p, 1);
          if (!bounded.full)
            bounded_newline (&bounded, depth, indent);
          break;

        case ':':
          if (bounded_append (&bounded, ": ", 2) > 0)
            p++;
          break;

        default:
          next = sio_json_pass_value (p, end);
          p += bounded_append (&bounded, p, (gsize) (next - p));
          break;
        }

      if (bounded.full)
        return (gsize) (p - value.data);
    }

  return value.size;
}

/**
 * sio_json_append_compact:
 * @out: where to
 * @value: a validated value, or a sequence of them with commas between
 *
 * Appends @value without the blanks between its tokens.
 */
void
sio_json_append_compact (GString *out, SioSpan value)
{
  const char *p = value.data;
  const char *end = value.size > 0 ? p + value.size : p;

  g_return_if_fail (out != NULL);

  while ((p = sio_json_skip_blanks (p, end)) < end)
    {
      const char *start = p;

      while (p < end && !sio_json_is_blank (*p))
        p = *p == '"' ? sio_json_pass_string (p, end) : p + 1;
      g_string_append_len (out, start, p - start);
    }
}

gboolean
sio_json_token_equals (SioSpan token, const char *name)
{
  g_autoptr(GString) text = NULL;
  gsize size = strlen (name);
  gboolean equal;

  if (token.size < 2 || token.data[0] != '"')
    return FALSE;

  if (memchr (token.data, '\\', token.size) == NULL)
    return token.size == size + 2 && memcmp (token.data + 1, name, size) == 0;

  /* No escape is longer than six bytes a byte of text. */
  if (token.size > size * 6 + 2)
    return FALSE;

  text = sio_json_unquote (token);
  equal = text->len == size && memcmp (text->str, name, size) == 0;
  return equal;
}

gboolean
sio_json_get_uint (SioSpan token, guint64 max, guint64 *value)
{
  guint64 n = 0;

  if (token.size == 0 || (token.size > 1 && token.data[0] == '0'))
    return FALSE;

  for (gsize i = 0; i < token.size; i++)
    {
      guint64 digit;

      if (!g_ascii_isdigit (token.data[i]))
        return FALSE;

      digit = (guint64) (token.data[i] - '0');
      if (n > (max - MIN (digit, max)) / 10 || n * 10 + digit > max)
        return FALSE;
      n = n * 10 + digit;
    }

  *value = n;
  return TRUE;
}

/**
 * sio_json_object_get:
 * @object: a validated value
 * @name: a member's name, plain text
 * @value: (out): the member's value
 *
 * The last of duplicate names wins, as in JSON.parse.
 *
 * Returns: %FALSE if there is no such member, or @object is no object; then @value is untouched
 */
gboolean
sio_json_object_get (SioSpan object, const char *name, SioSpan *value)
{
  const char *p;
  const char *end;
  gboolean found = FALSE;

  g_return_val_if_fail (name != NULL && value != NULL, FALSE);

  if (object.size == 0)
    return FALSE;

  end = object.data + object.size;
  p = sio_json_skip_blanks (object.data, end);
  if (p == end || *p != '{')
    return FALSE;
  p = sio_json_skip_blanks (p + 1, end);

  while (p < end && *p == '"')
    {
      const char *key = p;
      const char *start;
      SioSpan token;

      p = sio_json_pass_string (p, end);
      token = (SioSpan) { key, (gsize) (p - key) };
      p = sio_json_skip_blanks (p, end);
      if (p == end || *p != ':')
        break;

      start = sio_json_skip_blanks (p + 1, end);
      p = sio_json_pass_value (start, end);
      if (sio_json_token_equals (token, name))
        {
          *value = (SioSpan) { start, (gsize) (p - start) };
          found = TRUE;
        }

      p = sio_json_skip_blanks (p, end);
      if (p == end || *p != ',')
        break;
      p = sio_json_skip_blanks (p + 1, end);
    }

  return found;
}
