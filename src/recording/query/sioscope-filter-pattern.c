/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Neither a hostile expression nor a hostile text holds anybody up. The library counts its steps for every place at which a match
 * could begin anew, which is no limit for a large text: so we walk along the text in the expression itself, a window of places at a
 * time, and the limit is one for the window. */

#include "sioscope-filter-pattern-private.h"

#define WINDOW 32768

/* Enough to look at every place of a window some dozens of times, and over in milliseconds. */
#define LIMITS "(*LIMIT_MATCH=2000000)(*LIMIT_DEPTH=20000)(*LIMIT_HEAP=16384)"
#define WALK   "\\G(?s:.{0," G_STRINGIFY (WINDOW) "}?)(?:"

typedef enum {
  PATTERN_EXACT,
  PATTERN_GLOB,
  PATTERN_REGEX,
} PatternType;

struct _FilterPattern {
  PatternType type;
  char       *text;
  gsize       size;
  GRegex     *regex;
  GRegex     *raw;  /* the same for bytes that are not UTF-8; NULL if it makes no sense for them */
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

/* \C takes characters apart, and the library does not look whether the rest is one. */
static const char *
find_splitter (const char *expression)
{
  gboolean literal = strstr (expression, "\\Q") != NULL;

  for (const char *p = strstr (expression, "\\C"); p != NULL; p = strstr (p + 1, "\\C"))
    {
      const char *before = p;

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
  g_autofree char *walking = g_strconcat (LIMITS WALK, plain, ")", NULL);
  g_autoptr(GRegex) alone = NULL;
  g_autoptr(GRegex) regex = NULL;
  g_autoptr(GError) local = NULL;
  GRegexCompileFlags compile = 0;
  const char *wrong;
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

  wrong = find_splitter (plain);
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
  if (alone != NULL)
    regex = g_regex_new (walking, compile | G_REGEX_OPTIMIZE, 0, &local);
  if (regex == NULL)
    {
      *offset = alone == NULL ? place_in_error (local, size) : 0;
      set_regex_error (error, local);
      return NULL;
    }

  self = filter_pattern_new_exact (expression, size);
  self->type = PATTERN_REGEX;
  self->regex = g_steal_pointer (&regex);
  self->raw = g_regex_new (walking, compile | G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL);
  return self;
}

void
filter_pattern_free (FilterPattern *self)
{
  g_clear_pointer (&self->regex, g_regex_unref);
  g_clear_pointer (&self->raw, g_regex_unref);
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

static gboolean
is_found (FilterPattern *self,
          SioSpan        text,
          const gint    *stop)
{
  gboolean valid = sio_utf8_validate (text);
  const GRegex *regex = valid ? self->regex : self->raw;
  const char *data = text.size != 0 ? text.data : "";
  gsize start = 0;

  if (regex == NULL || text.size > G_MAXINT)
    return FALSE;
  for (;;)
    {
      g_autoptr(GError) gave_up = NULL;

      if (g_regex_match_full (regex, data, (gssize) text.size, (gint) start, 0, NULL, &gave_up))
        return TRUE;
      if (gave_up != NULL || text.size - start < WINDOW || (stop != NULL && g_atomic_int_get (stop) != 0))
        return FALSE;
      start += WINDOW;
      /* Not into the middle of a character. A character more than once does no harm. */
      while (valid && start < text.size && ((guchar) data[start] & 0xc0) == 0x80)
        start--;
    }
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
