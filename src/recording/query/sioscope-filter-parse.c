/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A line to a tree: "or" binds less than "and", which may be left out, and "not" most. A mistake says where it is and what was
 * expected there. */

#include "sioscope-filter-private.h"

typedef struct {
  const char    *line;
  gsize          size;
  FilterLexeme   next;
  guint          depth;
  guint          n_terms;
  SioscopePlace *mistake;
  GError       **error;
} Parser;

static FilterNode *parse_or (Parser *self);

G_GNUC_PRINTF (4, 5) static void *
fail (Parser     *self,
      gsize       start,
      gsize       end,
      const char *format,
      ...)
{
  va_list args;

  *self->mistake = (SioscopePlace) { start, end };
  va_start (args, format);
  g_propagate_error (self->error, g_error_new_valist (SIOSCOPE_FILTER_ERROR, SIOSCOPE_FILTER_ERROR_SYNTAX, format, args));
  va_end (args);
  return NULL;
}

static void
advance (Parser *self)
{
  self->next = filter_scan (self->line, self->size, self->next.place.end);
}

static const char *
get_expected (FilterKey key)
{
  static const char * const expected[] = {
    [FILTER_KEY_EVENT] = "the name of an event, such as chat, chat*, \"two words\" or /^chat/",
    [FILTER_KEY_NS] = "a namespace, such as /admin or /room-*",
    [FILTER_KEY_DIR] = "in or out",
    [FILTER_KEY_KIND] = "event, ack, state, packet, http, ping, error, engine, frame, attachment, emit or note",
    [FILTER_KEY_ID] = "the number of an ack, such as 12, >100, 5..9 or *",
    [FILTER_KEY_ACK] = "pending, ok, timeout, abandoned or none",
    [FILTER_KEY_SIZE] = "a size such as >1k or 1k..2M",
    [FILTER_KEY_LATENCY] = "a duration with its unit, such as >50ms or 1ms..2s",
    [FILTER_KEY_TIME] = "a time such as 1.5..3, 12:01:03..12:02, -30s or 2026-05-01T12:00..",
    [FILTER_KEY_ARG] = "a value such as 42, >1.5, null, \"text\", te*, /te.t/ or * for any",
    [FILTER_KEY_SID] = "an id, such as lv_VI97HAXpY6yYW or lv_*",
    [FILTER_KEY_REASON] = "a reason, such as \"transport close\" or transport*",
    [FILTER_KEY_STATUS] = "a status of HTTP, such as 404 or 400..499",
    [FILTER_KEY_REPLAYED] = "yes or no",
  };

  return expected[key];
}

/* What is between quotes, without the escapes of JSON. */
static GString *
read_quoted (Parser             *self,
             const FilterLexeme *lexeme)
{
  g_autoptr(GString) token = g_string_new ("\"");

  if (!lexeme->closed)
    return fail (self, lexeme->place.start, lexeme->place.end, "expected a closing quote");
  for (gsize i = lexeme->inner.start; i < lexeme->inner.end; i++)
    {
      char c = self->line[i];

      if (c == '\\')
        {
          guint digits = 0;
          char escaped = self->line[++i];

          while (escaped == 'u' && digits < 4 && g_ascii_isxdigit (self->line[i + 1 + digits]))
            digits++;
          if (strchr ("\"\\/bfnrtu", escaped) == NULL || (escaped == 'u' && digits != 4))
            return fail (self, i - 1, i + 1, "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u00e9 behind the backslash");
          g_string_append_c (token, '\\');
          g_string_append_c (token, escaped);
        }
      else if ((guchar) c < 0x20)
        g_string_append_printf (token, "\\u%04x", c);
      else
        g_string_append_c (token, c);
    }
  g_string_append_c (token, '"');
  return sio_json_unquote ((SioSpan) { token->str, token->len });
}

static FilterPattern *
read_regex (Parser             *self,
            const FilterLexeme *lexeme)
{
  gsize flags = lexeme->inner.end + 1, offset;
  g_autoptr(GError) error = NULL;
  FilterPattern *pattern;

  if (!lexeme->closed)
    return fail (self, lexeme->place.start, lexeme->place.end,
                 "expected / at the end of the regular expression; a text that begins with / stands in quotes");
  if (lexeme->inner.end == lexeme->inner.start)
    return fail (self, lexeme->place.start, lexeme->place.end, "expected a regular expression between the slashes");
  for (gsize i = flags; i < lexeme->place.end; i++)
    if (strchr ("ims", self->line[i]) == NULL)
      return fail (self, i, i + 1, "expected the flags i, m and s behind the regular expression, or a blank");
  pattern = filter_pattern_new_regex (self->line + lexeme->inner.start, lexeme->inner.end - lexeme->inner.start,
                                      self->line + flags, lexeme->place.end - flags, &offset, &error);
  if (pattern == NULL)
    return fail (self, lexeme->inner.start + offset, lexeme->inner.end, "%s", error->message);
  return pattern;
}

/* Behind something that is closed nothing may stick to it. */
static gboolean
check_separated (Parser             *self,
                 const FilterLexeme *lexeme,
                 gboolean            comma)
{
  gsize end = lexeme->place.end;

  if (lexeme->lex == FILTER_LEX_WORD || end >= self->size || strchr (" \t\r\n()", self->line[end]) != NULL
      || (comma && self->line[end] == ','))
    return TRUE;
  fail (self, end, end + 1, "expected a blank here; a quote inside of a text is written \\\"");
  return FALSE;
}

static gboolean
word_is (const char *word,
         gsize       size,
         const char *what)
{
  return size == strlen (what) && memcmp (word, what, size) == 0;
}

static gboolean
read_ack (const char *word,
          gsize       size,
          guint      *states)
{
  static const struct { const char *word; SioscopeAckState state; } all[] = {
    { "pending", SIOSCOPE_ACK_PENDING }, { "ok", SIOSCOPE_ACK_ANSWERED }, { "timeout", SIOSCOPE_ACK_TIMED_OUT },
    { "abandoned", SIOSCOPE_ACK_ABANDONED }, { "none", SIOSCOPE_ACK_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (word_is (word, size, all[i].word))
      {
        *states |= 1u << all[i].state;
        return TRUE;
      }
  return FALSE;
}

static FilterTest *
new_test (FilterPattern *pattern,
          gboolean       strings)
{
  FilterTest *test = g_new0 (FilterTest, 1);

  test->pattern = pattern;
  test->strings = strings;
  return test;
}

/* A value that is compared with a text: quoted, an expression, or a word in which stars stand for anything. */
static FilterPattern *
read_pattern (Parser             *self,
              FilterKey           key,
              const FilterLexeme *value)
{
  const char *word = self->line + value->place.start;
  gsize size = value->place.end - value->place.start;
  g_autoptr(GString) text = NULL;

  if (value->lex == FILTER_LEX_REGEX)
    return read_regex (self, value);
  if (value->lex == FILTER_LEX_QUOTED)
    {
      text = read_quoted (self, value);
      if (text == NULL)
        return NULL;
    }
  else
    text = g_string_new_len (word, (gssize) size);
  if (key == FILTER_KEY_NS && text->str[0] != '/' && text->str[0] != '*')
    g_string_prepend_c (text, '/');
  return value->lex == FILTER_LEX_QUOTED ? filter_pattern_new_exact (text->str, text->len)
         : filter_pattern_new_glob (text->str, text->len);
}

static gboolean
add_pattern (Parser             *self,
             FilterNode         *node,
             FilterKey           key,
             const FilterLexeme *value)
{
  FilterPattern *pattern = read_pattern (self, key, value);

  if (pattern == NULL)
    return FALSE;
  g_ptr_array_add (node->patterns, pattern);
  return TRUE;
}

static gboolean
add_test (Parser             *self,
          FilterNode         *node,
          const FilterLexeme *value)
{
  const char *word = self->line + value->place.start;
  gsize size = value->place.end - value->place.start;
  FilterTest *test = value->lex == FILTER_LEX_WORD ? filter_read_decimal (word, size) : NULL;

  if (test == NULL && value->lex == FILTER_LEX_WORD && strchr ("<>=", *word) != NULL)
    {
      fail (self, value->place.start, value->place.end, "expected a number behind the comparison, such as >1.5 or <=-2e3");
      return FALSE;
    }
  if (test == NULL)
    {
      FilterPattern *pattern = read_pattern (self, FILTER_KEY_ARG, value);

      if (pattern == NULL)
        return FALSE;
      test = new_test (pattern, value->lex == FILTER_LEX_QUOTED);
    }
  g_ptr_array_add (node->tests, test);
  return TRUE;
}

/* Adds one value to a term. FALSE without an error: it is not what the key expects. */
static gboolean
add_value (Parser             *self,
           FilterNode         *node,
           FilterKey           key,
           const FilterLexeme *value)
{
  const char *word = self->line + value->place.start;
  gsize size = value->place.end - value->place.start;

  switch (key)
    {
    case FILTER_KEY_EVENT:
    case FILTER_KEY_NS:
    case FILTER_KEY_SID:
    case FILTER_KEY_REASON:
      return add_pattern (self, node, key, value);
    case FILTER_KEY_ARG:
      return add_test (self, node, value);
    case FILTER_KEY_DIR:
      if (!word_is (word, size, "in") && !word_is (word, size, "out"))
        return FALSE;
      filter_classes_add_direction (&node->classes, *word == 'i' ? SIO_DIRECTION_IN : SIO_DIRECTION_OUT);
      return TRUE;
    case FILTER_KEY_KIND:
      return filter_classes_add_kind (&node->classes, word, size, &node->named);
    case FILTER_KEY_ACK:
      return read_ack (word, size, &node->states);
    case FILTER_KEY_ID:
      if (word_is (word, size, "*"))
        {
          FilterRange all = { 0, G_MAXINT64 };

          g_array_append_val (node->ranges, all);
          return TRUE;
        }
      return filter_read_number (word, size, node->ranges);
    case FILTER_KEY_STATUS:
      return filter_read_number (word, size, node->ranges);
    case FILTER_KEY_SIZE:
      return filter_read_size (word, size, node->ranges);
    case FILTER_KEY_LATENCY:
      return filter_read_duration (word, size, node->ranges);
    case FILTER_KEY_TIME:
      return filter_read_period (word, size, node->periods);
    case FILTER_KEY_REPLAYED:
      node->yes = word_is (word, size, "yes");
      return node->yes || word_is (word, size, "no");
    case FILTER_KEY_NONE:
    default:
      g_return_val_if_reached (FALSE);
    }
}

static FilterNode *
new_term (FilterKey   key,
          const char *source,
          gsize       size)
{
  static const FilterOp ops[] = {
    [FILTER_KEY_EVENT] = FILTER_EVENT, [FILTER_KEY_NS] = FILTER_NSP, [FILTER_KEY_DIR] = FILTER_CLASS,
    [FILTER_KEY_KIND] = FILTER_CLASS, [FILTER_KEY_ID] = FILTER_ID, [FILTER_KEY_ACK] = FILTER_ACK,
    [FILTER_KEY_SIZE] = FILTER_SIZE, [FILTER_KEY_LATENCY] = FILTER_LATENCY, [FILTER_KEY_TIME] = FILTER_TIME,
    [FILTER_KEY_ARG] = FILTER_ARGUMENT, [FILTER_KEY_SID] = FILTER_SID, [FILTER_KEY_REASON] = FILTER_REASON,
    [FILTER_KEY_STATUS] = FILTER_STATUS, [FILTER_KEY_REPLAYED] = FILTER_REPLAYED,
  };
  FilterNode *node = filter_node_new (ops[key], source, size);

  node->patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) filter_pattern_free);
  node->tests = g_ptr_array_new_with_free_func ((GDestroyNotify) filter_test_free);
  node->ranges = g_array_new (FALSE, FALSE, sizeof (FilterRange));
  node->periods = g_array_new (FALSE, FALSE, sizeof (FilterPeriod));
  if (key == FILTER_KEY_STATUS)
    node->named = SIOSCOPE_SHOW_HTTP;
  return node;
}

/* How many letters must be changed, put in or left out. */
static guint
distance (const char *a,
          const char *b,
          gsize       b_size)
{
  guint row[33];
  gsize n = MIN (b_size, 32);

  for (gsize j = 0; j <= n; j++)
    row[j] = (guint) j;
  for (gsize i = 1; a[i - 1] != '\0'; i++)
    {
      guint corner = row[0];

      row[0] = (guint) i;
      for (gsize j = 1; j <= n; j++)
        {
          guint above = row[j];
          guint changed = corner + (a[i - 1] == g_ascii_tolower (b[j - 1]) ? 0 : 1);

          row[j] = MIN (changed, MIN (above, row[j - 1]) + 1);
          corner = above;
        }
    }
  return row[n] + (guint) (b_size - n);
}

static FilterNode *
fail_unknown (Parser *self)
{
  static const struct { const char *theirs; const char *ours; } meant[] = {
    { "namespace", "ns" }, { "nsp", "ns" }, { "direction", "dir" }, { "type", "kind" }, { "args", "arg" }, { "argument", "arg" },
    { "name", "event" }, { "length", "size" }, { "duration", "latency" }, { "rtt", "latency" },
  };
  SioscopePlace place = self->next.inner;
  const char *name = self->line + place.start, *best = NULL;
  gsize size = place.end - place.start;
  guint least = size > 3 ? 3 : 2;

  for (guint i = 0; filter_key_names[i] != NULL; i++)
    {
      guint d = distance (filter_key_names[i], name, size);

      if (d < least)
        {
          least = d;
          best = filter_key_names[i];
        }
    }
  for (guint i = 0; best == NULL && i < G_N_ELEMENTS (meant); i++)
    if (word_is (name, size, meant[i].theirs))
      best = meant[i].ours;
  if (best != NULL)
    return fail (self, place.start, place.end, "there is no key “%.*s”; did you mean “%s:”? A text with a colon stands in quotes",
                 (int) MIN (size, 32), name, best);
  return fail (self, place.start, place.end, "there is no key “%.*s”; a text with a colon stands in quotes",
               (int) MIN (size, 32), name);
}

static FilterNode *
parse_key (Parser *self)
{
  FilterLexeme key_lexeme = self->next, value;
  const char *name = self->line + key_lexeme.inner.start;
  gsize name_size = key_lexeme.inner.end - key_lexeme.inner.start;
  FilterKey key = filter_key_get (name, name_size);
  gsize pos = key_lexeme.place.end;
  g_autoptr(FilterNode) node = NULL;

  if (key == FILTER_KEY_NONE)
    return fail_unknown (self);
  node = new_term (key, NULL, 0);
  if (key == FILTER_KEY_ARG)
    {
      const char *expected;
      gsize offset;

      node->path = sioscope_json_path_new (name + 3, name_size - 3, &offset, &expected);
      if (node->path == NULL)
        {
          gsize at = key_lexeme.inner.start + 3 + offset;

          return fail (self, at, key_lexeme.inner.end, "expected %s", expected);
        }
    }

  for (;;)
    {
      value = filter_scan_value (self->line, self->size, pos, filter_key_takes_regex (key));
      pos = value.place.end;
      if (value.lex == FILTER_LEX_WORD && pos == value.place.start)
        return fail (self, pos, pos, "expected %s", get_expected (key));
      if (!add_value (self, node, key, &value))
        {
          if (*self->error != NULL)
            return NULL;
          return fail (self, value.place.start, value.place.end, "expected %s", get_expected (key));
        }
      if (!check_separated (self, &value, TRUE))
        return NULL;
      if (pos >= self->size || self->line[pos] != ',')
        break;
      if (key == FILTER_KEY_REPLAYED)
        return fail (self, pos, pos + 1, "expected one of yes and no");
      pos++;
    }

  node->source = g_strndup (name, pos - key_lexeme.inner.start);
  self->next.place.end = pos;
  advance (self);
  return g_steal_pointer (&node);
}

static FilterNode *
parse_text (Parser *self)
{
  FilterLexeme lexeme = self->next;
  const char *word = self->line + lexeme.place.start;
  gsize size = lexeme.place.end - lexeme.place.start;
  g_autoptr(FilterNode) node = filter_node_new (lexeme.lex == FILTER_LEX_REGEX ? FILTER_REGEX : FILTER_TEXT, word, size);

  if (lexeme.lex == FILTER_LEX_REGEX)
    {
      FilterPattern *pattern = read_regex (self, &lexeme);

      if (pattern == NULL)
        return NULL;
      node->patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) filter_pattern_free);
      g_ptr_array_add (node->patterns, pattern);
    }
  else
    {
      g_autoptr(GString) text = NULL;
      gsize n;

      if (lexeme.lex == FILTER_LEX_QUOTED)
        {
          text = read_quoted (self, &lexeme);
          if (text == NULL)
            return NULL;
        }
      else
        text = g_string_new_len (word, (gssize) size);
      if (text->len == 0)
        return fail (self, lexeme.place.start, lexeme.place.end, "expected a text between the quotes");
      if (size > 4 && lexeme.lex == FILTER_LEX_WORD && memcmp (word, "arg[", 4) == 0)
        return fail (self, lexeme.place.end, lexeme.place.end,
                     "expected a colon and a value, such as arg[0].id:42; a text that begins with arg[ stands in quotes");
      if (lexeme.lex == FILTER_LEX_WORD && (n = filter_find_comparison (word, size)) < size)
        return fail (self, lexeme.place.start + n, lexeme.place.start + n + 1,
                     "expected a colon behind the key, such as size:>1k; a text that begins so stands in quotes");
      g_string_ascii_down (text);
      node->needle_size = text->len;
      node->needle = g_string_free (g_steal_pointer (&text), FALSE);
    }
  if (!check_separated (self, &lexeme, FALSE))
    return NULL;
  advance (self);
  return g_steal_pointer (&node);
}

static FilterNode *
parse_brackets (Parser *self)
{
  SioscopePlace open = self->next.place;
  g_autoptr(FilterNode) node = NULL;

  advance (self);
  node = parse_or (self);
  if (node == NULL)
    return NULL;
  if (self->next.lex != FILTER_LEX_CLOSE)
    return fail (self, open.start, open.end, "expected “)” for this “(”");
  advance (self);
  return g_steal_pointer (&node);
}

static FilterNode *
parse_unary (Parser *self)
{
  SioscopePlace place = self->next.place;
  FilterNode *node;

  if (self->depth >= SIOSCOPE_FILTER_MAX_DEPTH)
    return fail (self, place.start, place.end, "expected fewer brackets: %u inside of each other at most", SIOSCOPE_FILTER_MAX_DEPTH);
  switch (self->next.lex)
    {
    case FILTER_LEX_NOT:
      advance (self);
      self->depth++;
      node = parse_unary (self);
      self->depth--;
      return node != NULL ? filter_node_new_pair (FILTER_NOT, node, NULL) : NULL;
    case FILTER_LEX_OPEN:
      self->depth++;
      node = parse_brackets (self);
      self->depth--;
      return node;
    case FILTER_LEX_KEY:
    case FILTER_LEX_WORD:
    case FILTER_LEX_QUOTED:
    case FILTER_LEX_REGEX:
      if (++self->n_terms > SIOSCOPE_FILTER_MAX_TERMS)
        return fail (self, place.start, place.end, "expected fewer terms: %u at most", SIOSCOPE_FILTER_MAX_TERMS);
      return self->next.lex == FILTER_LEX_KEY ? parse_key (self) : parse_text (self);
    case FILTER_LEX_END:
    case FILTER_LEX_CLOSE:
    case FILTER_LEX_AND:
    case FILTER_LEX_OR:
    default:
      return fail (self, place.start, place.end,
                   "expected a text or a term such as event:chat; the words and, or and not themselves stand in quotes");
    }
}

static FilterNode *
parse_and (Parser *self)
{
  g_autoptr(FilterNode) node = parse_unary (self);

  while (node != NULL && self->next.lex != FILTER_LEX_END && self->next.lex != FILTER_LEX_CLOSE
         && self->next.lex != FILTER_LEX_OR)
    {
      FilterNode *more;

      if (self->next.lex == FILTER_LEX_AND)
        advance (self);
      more = parse_unary (self);
      if (more == NULL)
        return NULL;
      node = filter_node_new_pair (FILTER_AND, g_steal_pointer (&node), more);
    }
  return g_steal_pointer (&node);
}

static FilterNode *
parse_or (Parser *self)
{
  g_autoptr(FilterNode) node = parse_and (self);

  while (node != NULL && self->next.lex == FILTER_LEX_OR)
    {
      FilterNode *more;

      advance (self);
      more = parse_and (self);
      if (more == NULL)
        return NULL;
      node = filter_node_new_pair (FILTER_OR, g_steal_pointer (&node), more);
    }
  return g_steal_pointer (&node);
}

/* NULL without an error: everything. */
FilterNode *
filter_parse (const char     *line,
              gsize           size,
              SioscopePlace  *mistake,
              GError        **error)
{
  Parser self = { .line = line, .size = size, .mistake = mistake, .error = error };
  g_autoptr(FilterNode) node = NULL;

  self.next = filter_scan (line, size, 0);
  if (self.next.lex == FILTER_LEX_END)
    return NULL;
  node = parse_or (&self);
  if (node != NULL && self.next.lex != FILTER_LEX_END)
    return fail (&self, self.next.place.start, self.next.place.end, "expected no “)” here: none is open");
  return g_steal_pointer (&node);
}
