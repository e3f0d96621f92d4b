/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The net's values: every secret that was seen anywhere. */

#include "sioscope-redactor-net-private.h"
#include "sioscope-seeded-hash-private.h"
#include "sioscope-secrets.h"

#define VALUE_WEAK_MIN 8
/* What is longer is no credential, and is hidden where it stands only. */
#define VALUE_MAX 65536
#define VALUES_MAX 65536
/* All their forms together may take thirty times as much memory. */
#define BYTES_MAX (4 * 1024 * 1024)

static void
pattern_clear (gpointer data)
{
  g_free (((SioscopeNetPattern *) data)->data);
}

SioscopeNet *
sioscope_net_new (void)
{
  SioscopeNet *self = g_new0 (SioscopeNet, 1);

  self->values = g_hash_table_new_full (sioscope_seeded_hash_bytes, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->names = g_hash_table_new_full (sioscope_seeded_hash_bytes, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->patterns = g_array_new (FALSE, FALSE, sizeof (SioscopeNetPattern));
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

gboolean
sioscope_net_looks_made (const char *value,
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

  if (size < (weak ? VALUE_WEAK_MIN : SIOSCOPE_NET_VALUE_MIN) || size > VALUE_MAX || is_common (data, size)
      || (weak && !sioscope_net_looks_made (data, size)))
    return;
  bytes = g_bytes_new (data, size);
  if (g_hash_table_contains (self->values, bytes))
    {
      if (weak)
        g_bytes_unref (bytes);
      else
        g_hash_table_replace (self->values, bytes, GINT_TO_POINTER (TRUE));
      return;
    }
  if (g_hash_table_size (self->values) >= VALUES_MAX || self->n_bytes + size > BYTES_MAX)
    {
      g_bytes_unref (bytes);
      return;
    }
  g_hash_table_insert (self->values, bytes, GINT_TO_POINTER (!weak));
  self->n_bytes += size;
}

/* form: '+' is a blank. */
static void
add_decoded (SioscopeNet *self,
             SioSpan      value,
             gboolean     form,
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
      g_string_append_c (text, form && value.data[i] == '+' ? ' ' : value.data[i]);
  if (text->len != value.size || memcmp (text->str, value.data, value.size) != 0)
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
              add_decoded (self, (SioSpan) { text->str, text->len }, FALSE, weak);
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
      add_decoded (self, value, FALSE, weak);
      add_decoded (self, value, TRUE, weak);
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
