/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The words of a line. Any line has some: what is not closed goes to the end of the line, and the parser says so. */

#include "sioscope-filter-private.h"

const char * const filter_key_names[] = {
  "event", "ns", "dir", "kind", "id", "ack", "size", "latency", "time", "arg", "sid", "reason", "status", "replayed", NULL,
};

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
is_word (const char *line,
         gsize       start,
         gsize       end,
         const char *word)
{
  return end - start == strlen (word) && memcmp (line + start, word, end - start) == 0;
}

/* The name of a path is "arg" whatever follows. */
FilterKey
filter_key_get (const char *name,
                gsize       size)
{
  if (size > 3 && memcmp (name, "arg", 3) == 0 && (name[3] == '.' || name[3] == '['))
    return FILTER_KEY_ARG;
  for (guint i = 0; filter_key_names[i] != NULL; i++)
    if (is_word (name, 0, size, filter_key_names[i]))
      return (FilterKey) (i + 1);
  return FILTER_KEY_NONE;
}

/* Where the <, = or > stands in what was meant as a key with its value, such as size>1k; size if the word is none of these. */
gsize
filter_find_comparison (const char *word,
                        gsize       size)
{
  gsize n = 0;

  while (n < size && strchr ("<=>", word[n]) == NULL)
    n++;
  return n < size && filter_key_get (word, n) != FILTER_KEY_NONE ? n : size;
}

/* A namespace begins with a slash itself. */
gboolean
filter_key_takes_regex (FilterKey key)
{
  return key == FILTER_KEY_EVENT || key == FILTER_KEY_ARG || key == FILTER_KEY_SID || key == FILTER_KEY_REASON;
}

/* Behind the sign that closes what begins at start, or size. */
static gsize
scan_closed (const char *line,
             gsize       size,
             gsize       start,
             char        sign,
             gboolean   *closed)
{
  gsize i = start + 1;

  *closed = FALSE;
  while (i < size && !*closed)
    {
      if (line[i] == '\\' && i + 1 < size)
        i++;
      else if (line[i] == sign)
        *closed = TRUE;
      i++;
    }
  return i;
}

static FilterLexeme
scan_quoted (const char *line,
             gsize       size,
             gsize       start)
{
  FilterLexeme self = { FILTER_LEX_QUOTED };

  self.place.start = start;
  self.place.end = scan_closed (line, size, start, '"', &self.closed);
  self.inner = (SioscopePlace) { start + 1, self.place.end - (self.closed ? 1 : 0) };
  return self;
}

static FilterLexeme
scan_regex (const char *line,
            gsize       size,
            gsize       start)
{
  FilterLexeme self = { FILTER_LEX_REGEX };
  gsize end = scan_closed (line, size, start, '/', &self.closed);

  self.inner = (SioscopePlace) { start + 1, end - (self.closed ? 1 : 0) };
  while (self.closed && end < size && g_ascii_isalpha (line[end]))
    end++;
  self.place = (SioscopePlace) { start, end };
  return self;
}

/* Behind the path that follows "arg": the names in its brackets may hold anything. */
static gsize
scan_path (const char *line,
           gsize       size,
           gsize       i)
{
  while (i < size && !is_blank (line[i]) && line[i] != ':' && line[i] != '(' && line[i] != ')')
    {
      gboolean closed;

      if (line[i] == '"')
        i = scan_closed (line, size, i, '"', &closed);
      else
        i++;
    }
  return i;
}

/* Behind the colon of the key that begins at start, or start if none does. */
static gsize
scan_key (const char *line,
          gsize       size,
          gsize       start)
{
  gsize i = start;

  if (i >= size || !g_ascii_isalpha (line[i]))
    return start;
  while (i < size && (g_ascii_isalnum (line[i]) || line[i] == '_' || line[i] == '-'))
    i++;
  if (is_word (line, start, i, "arg") && i < size && (line[i] == '.' || line[i] == '['))
    i = scan_path (line, size, i);
  if (i >= size || line[i] != ':')
    return start;
  /* An address is a text like others. */
  if (size - i > 2 && line[i + 1] == '/' && line[i + 2] == '/' && filter_key_get (line + start, i - start) == FILTER_KEY_NONE)
    return start;
  return i + 1;
}

FilterLexeme
filter_scan (const char *line,
             gsize       size,
             gsize       pos)
{
  FilterLexeme self = { FILTER_LEX_WORD };
  gsize i, end;

  while (pos < size && is_blank (line[pos]))
    pos++;
  self.place = (SioscopePlace) { pos, pos + 1 };
  if (pos >= size)
    {
      self.lex = FILTER_LEX_END;
      self.place.end = pos;
      return self;
    }

  switch (line[pos])
    {
    case '(':
      self.lex = FILTER_LEX_OPEN;
      return self;
    case ')':
      self.lex = FILTER_LEX_CLOSE;
      return self;
    case '"':
      return scan_quoted (line, size, pos);
    case '/':
      return scan_regex (line, size, pos);
    case '-':
      if (pos + 1 < size && !is_blank (line[pos + 1]) && line[pos + 1] != ')')
        {
          self.lex = FILTER_LEX_NOT;
          return self;
        }
      break;
    default:
      break;
    }

  end = scan_key (line, size, pos);
  if (end != pos)
    {
      self.lex = FILTER_LEX_KEY;
      self.place.end = end;
      self.inner = (SioscopePlace) { pos, end - 1 };
      return self;
    }

  for (i = pos; i < size && !is_blank (line[i]) && line[i] != '(' && line[i] != ')'; i++)
    ;
  self.place.end = i;
  if (is_word (line, pos, i, "and") || is_word (line, pos, i, "AND"))
    self.lex = FILTER_LEX_AND;
  else if (is_word (line, pos, i, "or") || is_word (line, pos, i, "OR"))
    self.lex = FILTER_LEX_OR;
  else if (is_word (line, pos, i, "not") || is_word (line, pos, i, "NOT"))
    self.lex = FILTER_LEX_NOT;
  return self;
}

FilterLexeme
filter_scan_value (const char *line,
                   gsize       size,
                   gsize       pos,
                   gboolean    regex)
{
  FilterLexeme self = { FILTER_LEX_WORD };
  gsize i = pos;

  if (pos < size && line[pos] == '"')
    return scan_quoted (line, size, pos);
  if (regex && pos < size && line[pos] == '/')
    return scan_regex (line, size, pos);
  while (i < size && !is_blank (line[i]) && line[i] != ',' && line[i] != '(' && line[i] != ')')
    i++;
  self.place = (SioscopePlace) { pos, i };
  return self;
}

static void
add_part (GArray              *parts,
          SioscopePlace        place,
          SioscopeFilterToken  token)
{
  SioscopeFilterPart part = { place, token };

  if (place.end > place.start)
    g_array_append_val (parts, part);
}

/**
 * sioscope_filter_dup_parts:
 * @line: (nullable): any line, right or wrong
 *
 * For colouring. Blanks and the commas between values belong to no part.
 *
 * Returns: (transfer full) (element-type SioscopeFilterPart): the parts in order
 */
GArray *
sioscope_filter_dup_parts (const char *line)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (SioscopeFilterPart));
  gsize size = line != NULL ? strlen (line) : 0, pos = 0;

  for (;;)
    {
      FilterLexeme lexeme = filter_scan (line, size, pos);

      pos = lexeme.place.end;
      switch (lexeme.lex)
        {
        case FILTER_LEX_END:
          return parts;
        case FILTER_LEX_OPEN:
        case FILTER_LEX_CLOSE:
        case FILTER_LEX_AND:
        case FILTER_LEX_OR:
        case FILTER_LEX_NOT:
          add_part (parts, lexeme.place, SIOSCOPE_FILTER_TOKEN_WORD);
          break;
        case FILTER_LEX_WORD:
        case FILTER_LEX_QUOTED:
          add_part (parts, lexeme.place, SIOSCOPE_FILTER_TOKEN_TEXT);
          break;
        case FILTER_LEX_REGEX:
          add_part (parts, lexeme.place, SIOSCOPE_FILTER_TOKEN_REGEX);
          break;
        case FILTER_LEX_KEY:
        default:
          {
            FilterKey key = filter_key_get (line + lexeme.inner.start, lexeme.inner.end - lexeme.inner.start);
            gboolean more = TRUE;

            add_part (parts, lexeme.place, SIOSCOPE_FILTER_TOKEN_KEY);
            while (more)
              {
                FilterLexeme value = filter_scan_value (line, size, pos, filter_key_takes_regex (key));

                add_part (parts, value.place, value.lex == FILTER_LEX_REGEX ? SIOSCOPE_FILTER_TOKEN_REGEX
                                                                           : SIOSCOPE_FILTER_TOKEN_VALUE);
                pos = value.place.end;
                more = pos < size && line[pos] == ',';
                pos += more ? 1 : 0;
              }
            break;
          }
        }
    }
}
