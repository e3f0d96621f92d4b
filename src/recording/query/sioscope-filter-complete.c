/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What could stand at the cursor: keys, and behind a key what it takes, names of the recording among it. */

#include "sioscope-filter-private.h"

#define MAX_OFFERS 20u
/* A hostile server may have made up any number of names, of any length. */
#define MAX_NAMES     20000u
#define MAX_NAME_SIZE 256u

static const char * const directions[] = { "in", "out", NULL };
static const char * const acks[] = { "pending", "ok", "timeout", "abandoned", "none", NULL };
static const char * const answers[] = { "yes", "no", NULL };

/* What is written so far, and what it could become: what begins so, then what only holds it. */
typedef struct {
  const char *typed;
  gsize       typed_size;
  GPtrArray  *first;
  GPtrArray  *second;
  GHashTable *known;   /* the texts of both */
} Offers;

static gboolean
is_full (Offers *self)
{
  return self->first->len >= MAX_OFFERS;
}

static const char *
find_folded (const char *text,
             const char *what,
             gsize       size)
{
  for (gsize length = strlen (text); length >= size; text++, length--)
    if (g_ascii_strncasecmp (text, what, size) == 0)
      return text;
  return NULL;
}

/* Takes offer, which stands for text. */
static void
add (Offers     *self,
     const char *text,
     char       *offer)
{
  g_autofree char *mine = offer;
  const char *at = find_folded (text, self->typed, self->typed_size);
  GPtrArray *to = at == text ? self->first : self->second;

  if (at == NULL || to->len >= MAX_OFFERS || g_hash_table_contains (self->known, mine))
    return;
  g_hash_table_add (self->known, mine);
  g_ptr_array_add (to, g_steal_pointer (&mine));
}

static void
add_words (Offers             *self,
           const char * const *words)
{
  for (; *words != NULL; words++)
    add (self, *words, g_strdup (*words));
}

static void
add_keys (Offers *self)
{
  for (guint i = 0; filter_key_names[i] != NULL; i++)
    {
      g_autofree char *key = g_strconcat (filter_key_names[i], ":", NULL);

      /* A path is what one wants to write. */
      if (i + 1 == FILTER_KEY_ARG)
        add (self, "arg[0]:", g_strdup ("arg[0]."));
      add (self, key, g_strdup (key));
    }
}

/* A server chose the names: one that turns the line around, breaks it, or has what cannot be seen in it, is offered with escapes. */
static gboolean
is_seen (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return g_unichar_isgraph (c) && type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR
         && !(g_unichar_iszerowidth (c) && !g_unichar_ismark (c));
}

/* As people type it: in quotes only where something in it would be read otherwise. */
static char *
quote (const GString *text)
{
  g_autoptr(GString) string = NULL, quoted = NULL;
  gboolean plain = text->len != 0 && strpbrk (text->str, " \t\r\n,()\"*") == NULL && strlen (text->str) == text->len;

  for (const char *p = text->str; plain && *p != '\0'; p = g_utf8_next_char (p))
    plain = is_seen (g_utf8_get_char (p));
  if (plain)
    return g_strdup (text->str);

  string = g_string_new (NULL);
  sio_json_append_quoted (string, text->str, (gssize) text->len);
  quoted = g_string_sized_new (string->len);
  for (const char *p = string->str; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == ' ' || is_seen (c))
        g_string_append_unichar (quoted, c);
      else if (c < 0x10000)
        g_string_append_printf (quoted, "\\u%04x", c);
      else
        g_string_append_printf (quoted, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
    }
  return g_string_free (g_steal_pointer (&quoted), FALSE);
}

static void
add_names (Offers            *self,
           SioscopeRecording *recording,
           FilterKey          key,
           const char        *before)
{
  guint n_names = recording != NULL ? MIN (sioscope_recording_get_n_names (recording), MAX_NAMES) : 0;

  for (guint i = 1; i <= n_names && !is_full (self); i++)
    {
      g_autoptr(GString) text = NULL;
      g_autofree char *offer = NULL;
      SioscopeName name;
      SioSpan span;

      if (!sioscope_recording_get_name (recording, i, &name))
        return;
      span = key == FILTER_KEY_NS ? name.nsp : name.event;
      if (span.size == 0 || span.size > MAX_NAME_SIZE)
        continue;
      text = key == FILTER_KEY_NS ? g_string_new_len (span.data, (gssize) span.size) : sio_json_unquote (span);
      /* What reads otherwise than it is has to be searched for in another way. */
      if (!g_utf8_validate_len (text->str, text->len, NULL))
        continue;
      offer = quote (text);
      if (key == FILTER_KEY_EVENT && offer[0] == '/')
        {
          g_autofree char *bare = g_steal_pointer (&offer);

          offer = g_strdup_printf ("\"%s\"", bare);
        }
      add (self, text->str, g_strconcat (before, offer, NULL));
    }
}

static void
add_values (Offers            *self,
            FilterKey          key,
            SioscopeRecording *recording)
{
  switch ((guint) key)
    {
    case FILTER_KEY_EVENT:
    case FILTER_KEY_NS:
      add_names (self, recording, key, "");
      break;
    case FILTER_KEY_DIR:
      add_words (self, directions);
      break;
    case FILTER_KEY_KIND:
      add_words (self, filter_kind_names);
      break;
    case FILTER_KEY_ACK:
      add_words (self, acks);
      break;
    case FILTER_KEY_REPLAYED:
      add_words (self, answers);
      break;
    default:
      break;
    }
}

/* The value of a key that the cursor is in, or behind; pos goes behind the last value otherwise. */
static gboolean
find_value (const char   *line,
            gsize         size,
            FilterKey     key,
            gsize         cursor,
            gsize        *pos,
            FilterLexeme *value)
{
  for (;;)
    {
      *value = filter_scan_value (line, size, *pos, filter_key_takes_regex (key));
      *pos = value->place.end;
      if (cursor >= value->place.start && cursor <= value->place.end)
        return TRUE;
      if (*pos >= size || line[*pos] != ',')
        return FALSE;
      (*pos)++;
    }
}

static void
collect (Offers            *self,
         const char        *line,
         gsize              size,
         gsize              cursor,
         SioscopeRecording *recording,
         SioscopePlace     *place)
{
  gsize pos = 0;

  *place = (SioscopePlace) { cursor, cursor };
  for (;;)
    {
      FilterLexeme lexeme = filter_scan (line, size, pos), value;
      FilterKey key;

      /* Between words, or behind the last one. */
      if (lexeme.lex == FILTER_LEX_END || cursor < lexeme.place.start)
        {
          add_keys (self);
          return;
        }
      pos = lexeme.place.end;
      switch (lexeme.lex)
        {
        case FILTER_LEX_KEY:
          key = filter_key_get (line + lexeme.inner.start, lexeme.inner.end - lexeme.inner.start);
          if (cursor < lexeme.place.end)
            {
              *place = lexeme.place;
              self->typed = line + place->start;
              self->typed_size = cursor - place->start;
              add_keys (self);
              return;
            }
          if (!find_value (line, size, key, cursor, &pos, &value))
            break;
          if (value.lex == FILTER_LEX_REGEX)
            return;
          *place = value.place;
          self->typed = line + (value.lex == FILTER_LEX_QUOTED ? value.inner.start : value.place.start);
          self->typed_size = cursor > (gsize) (self->typed - line) ? cursor - (gsize) (self->typed - line) : 0;
          add_values (self, key, recording);
          return;
        case FILTER_LEX_WORD:
        case FILTER_LEX_AND:
        case FILTER_LEX_OR:
        case FILTER_LEX_NOT:
          if (cursor > lexeme.place.end || (cursor == lexeme.place.end && line[lexeme.place.start] == '-'))
            break;
          *place = lexeme.place;
          self->typed = line + place->start;
          self->typed_size = cursor - place->start;
          add_keys (self);
          if (self->typed_size >= 2)
            add_names (self, recording, FILTER_KEY_EVENT, "event:");
          return;
        case FILTER_LEX_QUOTED:
        case FILTER_LEX_REGEX:
          if (cursor < lexeme.place.end || (!lexeme.closed && cursor == lexeme.place.end))
            return;
          break;
        case FILTER_LEX_OPEN:
        case FILTER_LEX_CLOSE:
        case FILTER_LEX_END:
        default:
          break;
        }
    }
}

/**
 * sioscope_filter_complete:
 * @line: (nullable): any line, right or wrong
 * @cursor: a byte of @line
 * @recording: (nullable): whose names to offer
 * @place: (out) (optional): what an offer would replace
 *
 * Returns: (transfer full) (array zero-terminated=1): what could stand there, the best first, at most 20
 */
char **
sioscope_filter_complete (const char        *line,
                          gsize              cursor,
                          SioscopeRecording *recording,
                          SioscopePlace     *place)
{
  gsize size = line != NULL ? strlen (line) : 0;
  Offers self = { .typed = "" };
  SioscopePlace replaced;
  guint n_second;

  self.first = g_ptr_array_new ();
  self.second = g_ptr_array_new ();
  self.known = g_hash_table_new (g_str_hash, g_str_equal);
  collect (&self, line != NULL ? line : "", size, MIN (cursor, size), recording, &replaced);
  if (place != NULL)
    *place = replaced;

  g_hash_table_unref (self.known);
  n_second = MIN (self.second->len, MAX_OFFERS - self.first->len);
  for (guint i = 0; i < self.second->len; i++)
    {
      if (i < n_second)
        g_ptr_array_add (self.first, g_ptr_array_index (self.second, i));
      else
        g_free (g_ptr_array_index (self.second, i));
    }
  g_ptr_array_unref (self.second);
  g_ptr_array_add (self.first, NULL);
  return (char **) g_ptr_array_free (self.first, FALSE);
}
