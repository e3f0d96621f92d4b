/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The net: every secret value that was seen anywhere, in the forms that it may take elsewhere, looked for all at once. A text is
 * passed with one look at a filter a byte: whether the last four bytes end any pattern. Only then the patterns, sorted by their
 * bytes from the end, are searched. */

#include "sioscope-redactor-private.h"
#include "sioscope-secrets.h"

#define VALUE_MIN 4
#define VALUE_WEAK_MIN 8
/* What is longer is no credential, and is hidden where it stands only. */
#define VALUE_MAX 65536
#define VALUES_MAX 65536
#define BYTES_MAX (16 * 1024 * 1024)
/* Shorter ones are only taken as words of their own. */
#define INSIDE_MIN 8
#define BASE64_MIN 7

typedef enum {
  PATTERN_WORD   = 1 << 0, /* nothing like a letter or digit beside it */
  PATTERN_BASE64 = 1 << 1, /* the whole run of base64 around it goes with it */
} PatternFlags;

typedef struct {
  char   *data;
  guint32 size;
  guint32 flags;
  gint32  shorter; /* the longest other pattern that this one ends with, or -1 */
} Pattern;

struct _SioscopeNet {
  GHashTable *values; /* GBytes */
  GHashTable *names;  /* GBytes */
  gsize       n_bytes;

  GArray     *patterns; /* of Pattern, sorted from their ends */
  guint8     *filter;
  guint       shift;
};

static void
pattern_clear (gpointer data)
{
  g_free (((Pattern *) data)->data);
}

SioscopeNet *
sioscope_net_new (void)
{
  SioscopeNet *self = g_new0 (SioscopeNet, 1);

  self->values = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->names = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->patterns = g_array_new (FALSE, FALSE, sizeof (Pattern));
  g_array_set_clear_func (self->patterns, pattern_clear);
  return self;
}

void
sioscope_net_free (SioscopeNet *self)
{
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->names);
  g_array_unref (self->patterns);
  g_free (self->filter);
  g_free (self);
}

/* What is said everywhere is no secret, even if somebody has it as one. */
static gboolean
is_common (const char *value,
           gsize       size)
{
  static const char * const words[] = {
    "true", "false", "null", "none", "undefined", "user", "admin", "guest", "root", "test", "demo", "default", "anonymous",
    "string", "number", "object", "socket", "polling", "websocket", "message", "basic", "bearer", "error", "client", "server",
    "localhost", "http", "https", "unauthorized", "not authorized", "invalid", "[redacted]", "redacted", "id", "name",
  };
  gboolean letters = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i]) == size && g_ascii_strncasecmp (words[i], value, size) == 0)
      return TRUE;
  for (gsize i = 0; i < size && letters; i++)
    letters = g_ascii_isalpha (value[i]);
  /* {"type":"password","key":"token"}: names stay. */
  return letters && size <= 16 && sioscope_sounds_secret ((SioSpan) { value, size });
}

/* "k3y-of-s0meone" and "Zm9vYmFyYmF6" could be secrets, "web-frontend" is not taken for one. */
static gboolean
looks_made (const char *value,
            gsize       size)
{
  gboolean digit = FALSE, upper = FALSE, lower = FALSE, blank = FALSE;

  for (gsize i = 0; i < size; i++)
    {
      digit |= g_ascii_isdigit (value[i]);
      upper |= i > 0 && g_ascii_isupper (value[i]);
      lower |= g_ascii_islower (value[i]);
      blank |= value[i] == ' ';
    }
  return !blank && (digit || (upper && lower) || size >= 24);
}

static void
add_bytes (SioscopeNet *self,
           const char  *data,
           gsize        size,
           gboolean     weak)
{
  GBytes *bytes;

  if (size < (weak ? VALUE_WEAK_MIN : VALUE_MIN) || size > VALUE_MAX || is_common (data, size)
      || (weak && !looks_made (data, size)))
    return;
  if (g_hash_table_size (self->values) >= VALUES_MAX || self->n_bytes + size > BYTES_MAX)
    return;
  bytes = g_bytes_new (data, size);
  if (g_hash_table_add (self->values, bytes))
    self->n_bytes += size;
}

static void
add_decoded (SioscopeNet *self,
             SioSpan      value,
             gboolean     weak)
{
  g_autoptr(GString) text = g_string_sized_new (value.size);

  for (gsize i = 0; i < value.size; i++)
    if (value.data[i] == '%' && i + 2 < value.size && g_ascii_isxdigit (value.data[i + 1]) && g_ascii_isxdigit (value.data[i + 2]))
      {
        g_string_append_c (text, (char) (g_ascii_xdigit_value (value.data[i + 1]) * 16
                                         + g_ascii_xdigit_value (value.data[i + 2])));
        i += 2;
      }
    else
      g_string_append_c (text, value.data[i]);
  if (text->len != value.size)
    add_bytes (self, text->str, text->len, weak);
}

/* The leaves of an object are as secret as their names say; those of a list, as the list. */
static void
add_json (SioscopeNet *self,
          SioSpan      value,
          gboolean     weak)
{
  const char *p = value.data, *end = p + value.size;

  while (p < end)
    {
      const char *start = p;

      if (*p == '"')
        {
          gsize size;
          const char *next;

          size = sio_json_skip_value (p, (gsize) (end - p), 1, NULL, NULL);
          p = size != 0 ? p + size : end;
          for (next = p; next < end && g_ascii_isspace (*next); next++)
            ;
          if (next < end && *next == ':')
            {
              g_autoptr(GString) name = sio_json_unquote ((SioSpan) { start, (gsize) (p - start) });

              weak = !sioscope_sounds_secret ((SioSpan) { name->str, name->len });
            }
          else
            {
              g_autoptr(GString) text = sio_json_unquote ((SioSpan) { start, (gsize) (p - start) });

              add_bytes (self, text->str, text->len, weak);
              add_decoded (self, (SioSpan) { text->str, text->len }, weak);
              if (size > 2)
                add_bytes (self, start + 1, size - 2, weak);
            }
        }
      else if (*p == '-' || g_ascii_isdigit (*p))
        {
          while (p < end && (g_ascii_isalnum (*p) || strchr ("+-.", *p) != NULL))
            p++;
          /* Short numbers are everywhere. */
          if (p - start >= 6)
            add_bytes (self, start, (gsize) (p - start), weak);
        }
      else
        p++;
    }
}

void
sioscope_net_add (SioscopeNet        *self,
                  SioSpan             value,
                  SioscopeSecretForm  form,
                  gboolean            weak)
{
  if (value.size == 0 || value.size > VALUE_MAX)
    return;
  switch (form)
    {
    case SIOSCOPE_SECRET_PLAIN:
      add_bytes (self, value.data, value.size, weak);
      break;
    case SIOSCOPE_SECRET_URL:
      add_bytes (self, value.data, value.size, weak);
      add_decoded (self, value, weak);
      break;
    case SIOSCOPE_SECRET_JSON:
      add_json (self, value, weak);
      break;
    }
}

void
sioscope_net_add_name (SioscopeNet *self,
                       SioSpan      name)
{
  g_hash_table_add (self->names, g_bytes_new (name.data, name.size));
}

static void
add_pattern (SioscopeNet *self,
             GHashTable  *known,
             const char  *data,
             gsize        size,
             guint        flags)
{
  Pattern pattern;
  GBytes *bytes;

  if (size < VALUE_MIN)
    return;
  bytes = g_bytes_new (data, size);
  if (!g_hash_table_add (known, bytes))
    return;
  pattern = (Pattern) { g_memdup2 (data, size), (guint32) size, flags, -1 };
  g_array_append_val (self->patterns, pattern);
}

static void
add_percent (SioscopeNet *self,
             GHashTable  *known,
             SioSpan      value,
             const char  *plain,
             gboolean     lower,
             guint        flags)
{
  g_autoptr(GString) text = g_string_sized_new (value.size * 3);

  for (gsize i = 0; i < value.size; i++)
    {
      char c = value.data[i];

      if (g_ascii_isalnum (c) || (c != '\0' && strchr (plain, c) != NULL))
        g_string_append_c (text, c);
      else
        g_string_append_printf (text, lower ? "%%%02x" : "%%%02X", (guchar) c);
    }
  if (text->len != value.size)
    add_pattern (self, known, text->str, text->len, flags);
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
  g_autoptr(GHashTable) known = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      SioSpan value;
      guint flags = 0;
      gboolean letters = TRUE, digits = TRUE;

      if (g_hash_table_contains (self->names, key))
        continue;
      value.data = g_bytes_get_data (key, &value.size);
      for (gsize i = 0; i < value.size; i++)
        {
          letters = letters && (g_ascii_islower (value.data[i]) || value.data[i] == ' ');
          digits = digits && (g_ascii_isdigit (value.data[i]) || strchr ("+-.", value.data[i]) != NULL);
        }
      if (value.size < INSIDE_MIN || letters || digits)
        flags |= PATTERN_WORD;
      add_pattern (self, known, value.data, value.size, flags);
      add_escaped (self, known, value, flags);
      add_percent (self, known, value, "-_.!~*'()", FALSE, flags); /* encodeURIComponent () */
      add_percent (self, known, value, "-_.~", FALSE, flags);
      add_percent (self, known, value, "-_.~", TRUE, flags);
      add_percent (self, known, value, "-_.!~*'()/?:@&=+$,;", FALSE, flags); /* encodeURI () */
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

/* The longest pattern that text ends with, or -1. */
static gint32
find_ending (SioscopeNet *self,
             const char  *text,
             gsize        size)
{
  Pattern wanted = { (char *) text, (guint32) MIN (size, VALUE_MAX * 6), 0, -1 };
  guint low = 0, high = self->patterns->len;
  gint32 found;
  gsize equal;

  wanted.data += size - wanted.size;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (compare_patterns (&g_array_index (self->patterns, Pattern, middle), &wanted) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return -1;
  found = (gint32) low - 1;
  {
    const Pattern *pattern = &g_array_index (self->patterns, Pattern, found);

    equal = common_end (wanted.data, wanted.size, pattern->data, pattern->size);
  }
  while (found >= 0 && g_array_index (self->patterns, Pattern, found).size > equal)
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

gboolean
sioscope_net_find (SioscopeNet *self,
                   SioSpan      text,
                   GArray      *masks)
{
  gboolean any = FALSE;

  if (self->patterns->len == 0)
    return FALSE;
  for (gsize end = VALUE_MIN; end <= text.size; end++)
    {
      guint32 key = last_four (text.data + end) >> self->shift;
      gint32 found;

      if (G_LIKELY ((self->filter[key >> 3] & (1u << (key & 7))) == 0))
        continue;
      for (found = find_ending (self, text.data, end); found >= 0;
           found = g_array_index (self->patterns, Pattern, found).shorter)
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
          g_array_append_val (masks, mask);
          end = MAX (end, mask.end); /* a run is walked once, however often the value is in it */
          break;
        }
    }
  return any;
}
