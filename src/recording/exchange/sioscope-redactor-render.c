/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A text anew, without what is hidden in it. JSON stays JSON: values are hidden whole or within their string, escapes and
 * characters are not cut, brackets and commas stay whatever a secret looks like. */

#include "sioscope-redactor-private.h"
#include "wire/sio-json-private.h"

typedef enum {
  SHOWN,
  HIDDEN,
  HIDDEN_WHOLE,
} Hiding;

typedef struct {
  GString    *out;
  const char *text;
  gsize       size;
  guint8     *map;   /* a Hiding for each byte */
  GArray     *moved; /* nullable */
} Render;

static void
put_mask (Render     *self,
          const char *instead,
          gsize       start,
          gsize       end)
{
  SioscopeMoved moved = { start, end, self->out->len, 0 };

  g_string_append (self->out, instead);
  moved.new_end = self->out->len;
  if (self->moved != NULL)
    g_array_append_val (self->moved, moved);
}

static gboolean
is_hidden (Render *self,
           gsize   start,
           gsize   end)
{
  for (gsize i = start; i < end; i++)
    if (self->map[i] != SHOWN)
      return TRUE;
  return FALSE;
}

/* How many bytes make the character or escape at place. */
static gsize
unit_size (Render   *self,
           gsize     at,
           gsize     end,
           gboolean  escapes)
{
  guint size;

  if (escapes && self->text[at] == '\\')
    return MIN (end - at, at + 1 < end && self->text[at + 1] == 'u' ? 6 : 2);
  size = sio_utf8_sequence_size (self->text + at, self->text + end);
  return size != 0 ? size : 1;
}

static void
put_units (Render   *self,
           gsize     start,
           gsize     end,
           gboolean  escapes)
{
  gsize at = start;

  while (at < end)
    {
      gsize begin = at, whole = 0;

      while (at < end)
        {
          gsize size = unit_size (self, at, end, escapes);

          if (!is_hidden (self, at, at + size))
            break;
          whole += !escapes && self->map[at] == HIDDEN_WHOLE;
          at += size;
        }
      if (at > begin)
        {
          put_mask (self, whole != 0 ? "\"" SIOSCOPE_REDACTED "\"" : SIOSCOPE_REDACTED, begin, at);
          continue;
        }
      while (at < end)
        {
          gsize size = unit_size (self, at, end, escapes);

          if (is_hidden (self, at, at + size))
            break;
          at += size;
        }
      g_string_append_len (self->out, self->text + begin, (gssize) (at - begin));
    }
}

static void
put_json (Render *self,
          gsize   at)
{
  const char *end = self->text + self->size;

  while (at < self->size)
    {
      gsize begin = at;

      if (self->map[at] == HIDDEN_WHOLE)
        {
          while (at < self->size && self->map[at] == HIDDEN_WHOLE)
            at++;
          put_mask (self, "\"" SIOSCOPE_REDACTED "\"", begin, at);
        }
      else if (self->text[at] == '"')
        {
          gboolean closed;

          for (at++; at < self->size && self->text[at] != '"'; at++)
            if (self->text[at] == '\\')
              at++;
          at = MIN (at, self->size);
          closed = at < self->size;
          g_string_append_c (self->out, '"');
          put_units (self, begin + 1, at, TRUE);
          if (closed)
            {
              g_string_append_c (self->out, '"');
              at++;
            }
        }
      else if (strchr ("{}[],: \t\r\n", self->text[at]) != NULL)
        {
          /* a NUL too */
          g_string_append_c (self->out, self->text[at++]);
        }
      else
        {
          const char *p = self->text + at;

          while (p < end && strchr ("{}[],:\" \t\r\n", *p) == NULL && self->map[p - self->text] != HIDDEN_WHOLE)
            p++;
          at = (gsize) (p - self->text);
          if (is_hidden (self, begin, at))
            put_mask (self, "\"" SIOSCOPE_REDACTED "\"", begin, at);
          else
            g_string_append_len (self->out, self->text + begin, (gssize) (at - begin));
        }
    }
}

void
sioscope_render_masked (GString *out,
                        SioSpan  text,
                        gsize    json,
                        GArray  *masks,
                        GArray  *moved)
{
  g_autofree guint8 *map = g_malloc0 (MAX (1, text.size));
  Render self = { out, text.data, text.size, map, moved };

  for (guint i = 0; i < masks->len; i++)
    {
      const SioscopeMask *mask = &g_array_index (masks, SioscopeMask, i);

      for (gsize j = mask->start; j < mask->end; j++)
        map[j] = MAX (map[j], mask->whole ? HIDDEN_WHOLE : HIDDEN);
    }
  put_units (&self, 0, MIN (json, text.size), FALSE);
  put_json (&self, MIN (json, text.size));
}

gsize
sioscope_moved_place (GArray   *moved,
                      gsize     place,
                      gboolean  is_end)
{
  gsize delta_old = 0, delta_new = 0;

  for (guint i = 0; i < moved->len; i++)
    {
      const SioscopeMoved *one = &g_array_index (moved, SioscopeMoved, i);

      if (place <= one->start)
        break;
      if (place < one->end)
        return is_end ? one->new_end : one->new_start;
      delta_old = one->end;
      delta_new = one->new_end;
    }
  return place - delta_old + delta_new;
}
