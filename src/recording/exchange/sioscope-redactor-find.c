/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Every value of the net in the forms that it may take elsewhere, looked for all at once. A text is passed with one look at a
 * filter a byte: whether the last four bytes end any pattern. Only then the patterns, sorted by their bytes from the end, are
 * searched. */

#include "sioscope-redactor-net-private.h"
#include "sioscope-seeded-hash-private.h"

/* Shorter ones are only taken as words of their own. */
#define INSIDE_MIN 8
#define BASE64_MIN 7
/* How many bytes may be compared for each one of a text. Only one that was made to take long needs more, and is hidden whole. */
#define WORK_PER_BYTE 256
#define WORK_MIN (1024 * 1024)
/* JSON in a string in JSON … */
#define ESCAPED_DEPTH 4

typedef enum {
  PATTERN_WORD   = 1 << 0, /* nothing like a letter or digit beside it */
  PATTERN_BASE64 = 1 << 1, /* the whole run of base64 around it goes with it */
} PatternFlags;

typedef SioscopeNetPattern Pattern;

static void
add_pattern (SioscopeNet *self,
             GHashTable  *known,
             const char  *data,
             gsize        size,
             guint        flags)
{
  Pattern pattern;
  GBytes *bytes;

  if (size < SIOSCOPE_NET_VALUE_MIN)
    return;
  pattern = (Pattern) { g_memdup2 (data, size), (guint32) size, flags, -1 };
  bytes = g_bytes_new_static (pattern.data, size);
  /* Asked first: adding what is there takes the new key for the old one. */
  if (g_hash_table_contains (known, bytes))
    {
      g_bytes_unref (bytes);
      g_free (pattern.data);
      return;
    }
  g_hash_table_add (known, bytes);
  g_array_append_val (self->patterns, pattern);
}

static void
add_percent (SioscopeNet *self,
             GHashTable  *known,
             SioSpan      value,
             const char  *plain,
             gboolean     lower,
             gboolean     form,
             guint        flags)
{
  g_autoptr(GString) text = g_string_sized_new (value.size * 3);

  for (gsize i = 0; i < value.size; i++)
    {
      char c = value.data[i];

      if (g_ascii_isalnum (c) || (c != '\0' && strchr (plain, c) != NULL))
        g_string_append_c (text, c);
      else if (form && c == ' ')
        g_string_append_c (text, '+');
      else
        g_string_append_printf (text, lower ? "%%%02x" : "%%%02X", (guchar) c);
    }
  add_pattern (self, known, text->str, text->len, flags);
}

/* As tools for binary show bytes. */
static void
add_hex (SioscopeNet *self,
         GHashTable  *known,
         SioSpan      value,
         gboolean     lower)
{
  g_autoptr(GString) text = g_string_sized_new (value.size * 2);

  for (gsize i = 0; i < value.size; i++)
    g_string_append_printf (text, lower ? "%02x" : "%02X", (guchar) value.data[i]);
  add_pattern (self, known, text->str, text->len, 0);
}

static void
add_escaped (SioscopeNet *self,
             GHashTable  *known,
             SioSpan      value,
             guint        flags)
{
  g_autoptr(GString) once = g_string_sized_new (value.size + 16);
  g_autoptr(GString) twice = NULL;
  g_autoptr(GString) other = NULL;

  if (!sio_utf8_validate (value))
    return;
  sio_json_append_quoted (once, value.data, (gssize) value.size);
  add_pattern (self, known, once->str + 1, once->len - 2, flags);
  if (once->len - 2 != value.size)
    {
      twice = g_string_sized_new (once->len + 16);
      sio_json_append_quoted (twice, once->str + 1, (gssize) once->len - 2);
      add_pattern (self, known, twice->str + 1, twice->len - 2, flags);
    }

  /* As other languages escape: "\/", and everything beyond ASCII. */
  other = g_string_sized_new (once->len + 16);
  for (const char *p = once->str + 1; p < once->str + once->len - 1; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '/')
        g_string_append (other, "\\/");
      else if (c < 0x80)
        g_string_append_c (other, (char) c);
      else if (c < 0x10000)
        g_string_append_printf (other, "\\u%04x", c);
      else
        g_string_append_printf (other, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
    }
  add_pattern (self, known, other->str, other->len, flags);
}

/* Where the value begins within a group of three bytes is not known, so there are three ways; what the neighbours have a part in
 * is left off. */
static void
add_base64 (SioscopeNet *self,
            GHashTable  *known,
            SioSpan      value)
{
  static const guint lost[] = { 0, 2, 3 };

  for (guint before = 0; before < 3; before++)
    {
      g_autofree guchar *bytes = g_malloc0 (before + value.size);
      g_autofree char *text = NULL;
      gsize size = (before + value.size) * 8 / 6;

      memcpy (bytes + before, value.data, value.size);
      text = g_base64_encode (bytes, before + value.size);
      if (size < lost[before] + BASE64_MIN)
        continue;
      size -= lost[before];
      add_pattern (self, known, text + lost[before], size, PATTERN_BASE64);
      for (gsize i = 0; i < lost[before] + size; i++)
        text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
      add_pattern (self, known, text + lost[before], size, PATTERN_BASE64);
    }
}

/* By their bytes from the end. */
static int
compare_patterns (gconstpointer a,
                  gconstpointer b)
{
  const Pattern *one = a, *two = b;
  gsize size = MIN (one->size, two->size);

  for (gsize i = 1; i <= size; i++)
    if (one->data[one->size - i] != two->data[two->size - i])
      return (guchar) one->data[one->size - i] < (guchar) two->data[two->size - i] ? -1 : 1;
  return one->size < two->size ? -1 : one->size > two->size;
}

/* How many bytes at their ends are equal. */
static gsize
common_end (const char *one,
            gsize       one_size,
            const char *two,
            gsize       two_size)
{
  gsize size = MIN (one_size, two_size), n = 0;

  while (n < size && one[one_size - 1 - n] == two[two_size - 1 - n])
    n++;
  return n;
}

static inline guint32
last_four (const char *end)
{
  guint32 value;

  memcpy (&value, end - 4, sizeof value);
  return value * 0x9e3779b1u;
}

static void
make_filter (SioscopeNet *self)
{
  guint bits = 12;

  while (bits < 24 && (1u << bits) < self->patterns->len * 32)
    bits++;
  self->shift = 32 - bits;
  self->filter = g_malloc0 ((gsize) 1 << (bits - 3));
  for (guint i = 0; i < self->patterns->len; i++)
    {
      const Pattern *pattern = &g_array_index (self->patterns, Pattern, i);
      guint32 key = last_four (pattern->data + pattern->size) >> self->shift;

      self->filter[key >> 3] |= (guint8) (1u << (key & 7));
    }
}

void
sioscope_net_seal (SioscopeNet *self)
{
  g_autoptr(GHashTable) known = g_hash_table_new_full (sioscope_seeded_hash_bytes, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  GHashTableIter iter;
  gpointer key, strong;

  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, &key, &strong))
    {
      SioSpan value;
      guint flags = 0;
      gboolean letters = TRUE, digits = TRUE;

      value.data = g_bytes_get_data (key, &value.size);
      /* A server may well call an event by somebody's token, and that is none the less one. */
      if (g_hash_table_contains (self->names, key) && !(strong != NULL && sioscope_net_looks_made (value.data, value.size)))
        continue;
      for (gsize i = 0; i < value.size; i++)
        {
          letters = letters && (g_ascii_islower (value.data[i]) || value.data[i] == ' ');
          digits = digits && (g_ascii_isdigit (value.data[i]) || strchr ("+-.", value.data[i]) != NULL);
        }
      if (value.size < INSIDE_MIN || letters || digits)
        flags |= PATTERN_WORD;
      add_pattern (self, known, value.data, value.size, flags);
      add_escaped (self, known, value, flags);
      add_percent (self, known, value, "-_.!~*'()", FALSE, FALSE, flags); /* encodeURIComponent () */
      add_percent (self, known, value, "-_.~", FALSE, FALSE, flags);
      add_percent (self, known, value, "-_.~", TRUE, FALSE, flags);
      add_percent (self, known, value, "-_.!~*'()/?:@&=+$,;", FALSE, FALSE, flags); /* encodeURI () */
      add_percent (self, known, value, "*-._", FALSE, TRUE, flags); /* a form */
      add_hex (self, known, value, TRUE);
      add_hex (self, known, value, FALSE);
      add_base64 (self, known, value);
    }

  g_array_sort (self->patterns, compare_patterns);
  for (guint i = 1; i < self->patterns->len; i++)
    {
      Pattern *pattern = &g_array_index (self->patterns, Pattern, i);
      gint32 before = (gint32) i - 1;

      while (before >= 0)
        {
          const Pattern *other = &g_array_index (self->patterns, Pattern, before);

          if (common_end (pattern->data, pattern->size, other->data, other->size) == other->size)
            break;
          before = other->shorter;
        }
      pattern->shorter = before;
    }
  make_filter (self);
}

/* The longest pattern that text ends with, or -1. compared: how many bytes were looked at is added. */
static gint32
find_ending (SioscopeNet *self,
             const char  *text,
             gsize        size,
             gsize       *compared)
{
  guint low = 0, high = self->patterns->len;
  gsize low_common = 0, high_common = 0, equal = 0;
  gint32 found;

  /* What lies between two patterns ends with as much of the text as the worse of them does. */
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const Pattern *pattern = &g_array_index (self->patterns, Pattern, middle);
      gsize most = MIN (size, pattern->size), common = MIN (MIN (low_common, high_common), most), begin = common;

      while (common < most && text[size - 1 - common] == pattern->data[pattern->size - 1 - common])
        common++;
      *compared += common - begin + 1;
      if (common == pattern->size
          || (common < size && (guchar) pattern->data[pattern->size - 1 - common] < (guchar) text[size - 1 - common]))
        {
          low = middle + 1;
          low_common = equal = common;
        }
      else
        {
          high = middle;
          high_common = common;
        }
    }
  for (found = (gint32) low - 1; found >= 0 && g_array_index (self->patterns, Pattern, found).size > equal; (*compared)++)
    found = g_array_index (self->patterns, Pattern, found).shorter;
  return found;
}

static inline gboolean
is_base64 (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '=';
}

static gboolean
is_word (SioSpan text,
         gsize   start,
         gsize   end)
{
  return (start == 0 || !g_ascii_isalnum (text.data[start - 1]) || !g_ascii_isalnum (text.data[start]))
         && (end == text.size || !g_ascii_isalnum (text.data[end]) || !g_ascii_isalnum (text.data[end - 1]));
}

/* Masks that meet are one: there are never more of them than a text has pieces. */
static void
add_mask (GArray       *masks,
          guint         first,
          SioscopeMask  mask)
{
  while (masks->len > first)
    {
      const SioscopeMask *last = &g_array_index (masks, SioscopeMask, masks->len - 1);

      if (last->end < mask.start)
        break;
      mask.start = MIN (mask.start, last->start);
      mask.end = MAX (mask.end, last->end);
      g_array_set_size (masks, masks->len - 1);
    }
  g_array_append_val (masks, mask);
}

static gboolean find_to_depth (SioscopeNet *self,
                               SioSpan      text,
                               GArray      *masks,
                               guint        depth);

/* Any character of a string may be written as an escape, and many writers do so with some: such strings are read first, and hidden
 * whole. */
static gboolean
find_in_escaped (SioscopeNet *self,
                 SioSpan      text,
                 GArray      *masks,
                 guint        depth)
{
  const char *p = text.data, *end = p + text.size;
  gboolean any = FALSE;

  if (depth == 0 || memmem (p, text.size, "\\u", 2) == NULL)
    return FALSE;
  while ((p = memchr (p, '"', (gsize) (end - p))) != NULL)
    {
      const char *start = p;

      for (p++; p < end && *p != '"'; p++)
        if (*p == '\\')
          p++;
      p = p < end ? p + 1 : end;
      /* of this string, or of JSON within it */
      if (memmem (start, (gsize) (p - start), "\\u", 2) != NULL)
        {
          SioscopeMask mask = { (gsize) (start + 1 - text.data), (gsize) (p - text.data), FALSE };
          g_autoptr(GString) plain = sio_json_unquote ((SioSpan) { start, (gsize) (p - start) });

          mask.end -= p[-1] == '"';
          if (mask.start < mask.end && find_to_depth (self, (SioSpan) { plain->str, plain->len }, NULL, depth - 1))
            {
              any = TRUE;
              if (masks == NULL)
                return TRUE;
              g_array_append_val (masks, mask);
            }
        }
    }
  return any;
}

static gboolean
find_to_depth (SioscopeNet *self,
               SioSpan      text,
               GArray      *masks,
               guint        depth)
{
  guint first = masks != NULL ? masks->len : 0;
  gsize compared = 0;
  gboolean any = FALSE;

  if (self->patterns->len == 0)
    return FALSE;
  for (gsize end = SIOSCOPE_NET_VALUE_MIN; end <= text.size; end++)
    {
      guint32 key = last_four (text.data + end) >> self->shift;
      gint32 found;

      if (G_LIKELY ((self->filter[key >> 3] & (1u << (key & 7))) == 0))
        continue;
      if (G_UNLIKELY (compared / WORK_PER_BYTE > text.size && compared > WORK_MIN))
        {
          if (masks != NULL)
            add_mask (masks, first, (SioscopeMask) { 0, text.size, FALSE });
          return TRUE;
        }
      for (found = find_ending (self, text.data, end, &compared); found >= 0;
           found = g_array_index (self->patterns, Pattern, found).shorter, compared++)
        {
          const Pattern *pattern = &g_array_index (self->patterns, Pattern, found);
          SioscopeMask mask = { end - pattern->size, end, FALSE };

          if ((pattern->flags & PATTERN_WORD) && !is_word (text, mask.start, mask.end))
            continue;
          if (pattern->flags & PATTERN_BASE64)
            {
              while (mask.start > 0 && is_base64 (text.data[mask.start - 1]))
                mask.start--;
              while (mask.end < text.size && is_base64 (text.data[mask.end]))
                mask.end++;
            }
          any = TRUE;
          if (masks == NULL)
            return TRUE;
          add_mask (masks, first, mask);
          end = MAX (end, mask.end); /* a run is walked once, however often the value is in it */
          break;
        }
    }
  return find_in_escaped (self, text, masks, depth) || any;
}

gboolean
sioscope_net_find (SioscopeNet *self,
                   SioSpan      text,
                   GArray      *masks)
{
  return find_to_depth (self, text, masks, ESCAPED_DEPTH);
}
