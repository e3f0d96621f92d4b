/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Neither a hostile expression nor a hostile text holds anybody up. The library counts its steps for every place at which a
 * match could begin anew, which is enough for a short text. For a long one it is no limit: so there we walk along the text in
 * the expression itself, some thousand places at a time, and the steps are counted for all of them; and because not every step
 * is counted, it sees only so much of the text. Compiled to machine code it would hardly count at all, so it is not. */

#include "sioscope-filter-pattern-private.h"

#define SHORT  512    /* bytes of a text whose places need not be counted together */
#define WINDOW 4096   /* places of a long text that are tried at once */
#define REACH  16384  /* bytes that are seen from the first of them on */
#define BEHIND 256    /* and before it */

#define LIMITS "(*LIMIT_MATCH=20000)(*LIMIT_HEAP=32768)"
#define WALK   "(*LIMIT_MATCH=5000000)(*LIMIT_HEAP=32768)\\G(?s:.{0," G_STRINGIFY (WINDOW) "}?)(?:"

typedef enum {
  PATTERN_EXACT,
  PATTERN_GLOB,
  PATTERN_REGEX,
} PatternType;

struct _FilterPattern {
  PatternType type;
  char       *text;
  gsize       size;

  /* REGEX: for short texts and for long ones; then both for bytes that are not UTF-8, NULL if the expression makes no sense
   * for them. */
  GRegex     *regexes[2][2];
};

FilterPattern *
filter_pattern_new_exact (const char *text,
                          gsize       size)
{
  FilterPattern *self = g_new0 (FilterPattern, 1);

  self->text = g_strndup (text, size);
  self->size = size;
  return self;
}

FilterPattern *
filter_pattern_new_glob (const char *text,
                         gsize       size)
{
  FilterPattern *self = filter_pattern_new_exact (text, size);

  if (memchr (text, '*', size) != NULL)
    self->type = PATTERN_GLOB;
  return self;
}

/* \C takes characters apart, and the library does not look whether the rest is one. The end of what is seen of a long text is
 * not the text's: "$" can be told, \z and \Z cannot. */
static const char *
find_escape (const char *expression)
{
  gboolean literal = strstr (expression, "\\Q") != NULL;

  for (const char *p = expression; *p != '\0'; p++)
    {
      const char *before = p;

      if (p[0] != '\\' || (p[1] != 'C' && p[1] != 'z' && p[1] != 'Z'))
        continue;
      while (before > expression && before[-1] == '\\')
        before--;
      if (literal || (p - before) % 2 == 0)
        return p;
    }
  return NULL;
}

/* (*SKIP) and the like say where to begin next, which is our business. */
static const char *
find_verb (const char *expression)
{
  gboolean in_class = FALSE;

  for (const char *p = expression; *p != '\0'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '[')
        in_class = TRUE;
      else if (*p == ']')
        in_class = FALSE;
      else if (!in_class && p[0] == '(' && p[1] == '*')
        return p;
    }
  return NULL;
}

/* What the library says is in English and about the expression; where it says "at char 3" that place is ours to tell. */
static void
set_regex_error (GError      **error,
                 const GError *theirs)
{
  const char *message = theirs->message, *what = strstr (message, " at char ");
  const char *colon = what != NULL ? strstr (what, ": ") : NULL;

  g_set_error (error, G_REGEX_ERROR, theirs->code, "not a regular expression: %s", colon != NULL ? colon + 2 : message);
}

static gsize
place_in_error (const GError *error,
                gsize         size)
{
  const char *at = strstr (error->message, " at char ");

  return at != NULL ? MIN (size, (gsize) g_ascii_strtoull (at + strlen (" at char "), NULL, 10)) : 0;
}

FilterPattern *
filter_pattern_new_regex (const char *expression,
                          gsize       size,
                          const char *flags,
                          gsize       n_flags,
                          gsize      *offset,
                          GError    **error)
{
  g_autofree char *plain = g_strndup (expression, size);
  g_autofree char *limited = NULL;
  g_autofree char *walking = NULL;
  g_autoptr(GRegex) alone = NULL;
  g_autoptr(GError) local = NULL;
  GRegexCompileFlags compile = 0;
  const char *wrong, *begin = plain;
  FilterPattern *self;

  *offset = 0;
  for (gsize i = 0; i < n_flags; i++)
    switch (flags[i])
      {
      case 'i': compile |= G_REGEX_CASELESS; break;
      case 'm': compile |= G_REGEX_MULTILINE; break;
      case 's': compile |= G_REGEX_DOTALL; break;
      default: g_return_val_if_reached (NULL);
      }

  wrong = find_escape (plain);
  if (wrong == NULL)
    wrong = find_verb (plain);
  if (wrong != NULL)
    {
      *offset = (gsize) (wrong - plain);
      g_set_error (error, G_REGEX_ERROR, G_REGEX_ERROR_COMPILE, "not a regular expression: %.2s is not possible here", wrong);
      return NULL;
    }

  /* Alone first: a bracket too many must not close ours. */
  alone = g_regex_new (plain, compile, 0, &local);
  if (alone == NULL)
    {
      *offset = place_in_error (local, size);
      set_regex_error (error, local);
      return NULL;
    }

  /* What is looked for everywhere need not begin with anything. */
  while (g_str_has_prefix (begin, ".*") && strchr ("*+?{", begin[2]) == NULL)
    begin += 2;
  limited = g_strconcat (LIMITS "(?:)", begin, NULL);
  walking = g_strconcat (WALK, begin, ")", NULL);
  self = filter_pattern_new_exact (expression, size);
  self->type = PATTERN_REGEX;
  for (guint raw = 0; raw < 2; raw++)
    {
      self->regexes[raw][0] = g_regex_new (limited, compile | (raw ? G_REGEX_RAW : 0), 0, raw ? NULL : &local);
      if (local == NULL)
        self->regexes[raw][1] = g_regex_new (walking, compile | (raw ? G_REGEX_RAW : 0), 0, raw ? NULL : &local);
      if (local != NULL)
        {
          set_regex_error (error, local);
          filter_pattern_free (self);
          return NULL;
        }
    }
  return self;
}

void
filter_pattern_free (FilterPattern *self)
{
  for (guint i = 0; i < 4; i++)
    g_clear_pointer (&self->regexes[i / 2][i % 2], g_regex_unref);
  g_free (self->text);
  g_free (self);
}

gboolean
filter_pattern_is_any (FilterPattern *self)
{
  if (self->type != PATTERN_GLOB)
    return FALSE;
  for (gsize i = 0; i < self->size; i++)
    if (self->text[i] != '*')
      return FALSE;
  return TRUE;
}

/* Only the last star ever has to be tried again. */
static gboolean
matches_glob (const char *glob,
              gsize       size,
              SioSpan     text,
              const gint *stop)
{
  gsize i = 0, j = 0, star = G_MAXSIZE, from = 0;

  while (i < text.size)
    {
      if (j < size && glob[j] == '*')
        {
          star = j++;
          from = i;
        }
      else if (j < size && glob[j] == text.data[i])
        {
          i++;
          j++;
        }
      else if (star != G_MAXSIZE)
        {
          i = ++from;
          j = star + 1;
          if (from % WINDOW == 0 && stop != NULL && g_atomic_int_get (stop) != 0)
            return FALSE;
        }
      else
        return FALSE;
    }
  while (j < size && glob[j] == '*')
    j++;
  return j == size;
}

/* Not into the middle of a character. */
static gsize
align (SioSpan  text,
       gsize    at,
       gboolean valid)
{
  while (valid && at > 0 && at < text.size && ((guchar) text.data[at] & 0xc0) == 0x80)
    at--;
  return at;
}

static gboolean
is_found (FilterPattern *self,
          SioSpan        text,
          const gint    *stop)
{
  gboolean valid = sio_utf8_validate (text);
  const GRegex *regex = self->regexes[valid ? 0 : 1][text.size > SHORT];

  if (regex == NULL)
    return FALSE;
  if (text.size <= SHORT)
    return g_regex_match_full (regex, text.size != 0 ? text.data : "", (gssize) text.size, 0, 0, NULL, NULL);

  for (gsize start = 0; start <= text.size; start += WINDOW)
    {
      gsize begin = align (text, start > BEHIND ? start - BEHIND : 0, valid);
      gsize end = text.size - start > REACH ? align (text, start + REACH, valid) : text.size;
      GRegexMatchFlags flags = (begin != 0 ? G_REGEX_MATCH_NOTBOL : 0) | (end != text.size ? G_REGEX_MATCH_NOTEOL : 0);
      gsize first = align (text, start, valid);
      g_autoptr(GError) gave_up = NULL;

      if (g_regex_match_full (regex, text.data + begin, (gssize) (end - begin), (gint) (first - begin), flags, NULL, &gave_up))
        return TRUE;
      if (gave_up != NULL || (stop != NULL && g_atomic_int_get (stop) != 0))
        return FALSE;
    }
  return FALSE;
}

gboolean
filter_pattern_matches (FilterPattern *self,
                        SioSpan        text,
                        const gint    *stop)
{
  switch (self->type)
    {
    case PATTERN_EXACT:
      return text.size == self->size && (text.size == 0 || memcmp (text.data, self->text, text.size) == 0);
    case PATTERN_GLOB:
      return matches_glob (self->text, self->size, text, stop);
    case PATTERN_REGEX:
    default:
      return is_found (self, text, stop);
    }
}

gboolean
filter_pattern_matches_token (FilterPattern *self,
                              SioSpan        token,
                              const gint    *stop)
{
  g_autoptr(GString) text = NULL;

  if (token.size < 2 || token.data[0] != '"')
    return filter_pattern_matches (self, token, stop);
  if (self->type == PATTERN_EXACT && token.size - 2 < self->size)
    return FALSE;
  if (memchr (token.data, '\\', token.size) == NULL)
    return filter_pattern_matches (self, (SioSpan) { token.data + 1, token.size - 2 }, stop);
  text = sio_json_unquote (token);
  return filter_pattern_matches (self, (SioSpan) { text->str, text->len }, stop);
}
