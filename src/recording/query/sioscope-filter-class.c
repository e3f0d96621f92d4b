/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Kinds and directions as sets of what the low byte of an index word can be: asked for a row, that is one bit. */

#include "sioscope-filter-private.h"
#include "sioscope-recording-index.h"
#include "sioscope-show-private.h"

const char * const filter_kind_names[] = {
  "event", "ack", "state", "packet", "http", "ping", "error", "engine", "frame", "attachment", "emit", "note", NULL,
};

static gboolean
has_direction (guint low)
{
  guint kind = SIOSCOPE_INDEX_KIND (low);

  return kind == SIOSCOPE_KIND_PACKET || kind == SIOSCOPE_KIND_ATTACHMENT || kind == SIOSCOPE_KIND_ENGINE
         || kind == SIOSCOPE_KIND_FRAME;
}

static gboolean
is_of_kind (guint       low,
            const char *name)
{
  static const struct { const char *name; SioscopeKind kind; } plain[] = {
    { "packet", SIOSCOPE_KIND_PACKET }, { "http", SIOSCOPE_KIND_HTTP }, { "error", SIOSCOPE_KIND_ERROR },
    { "frame", SIOSCOPE_KIND_FRAME }, { "attachment", SIOSCOPE_KIND_ATTACHMENT }, { "emit", SIOSCOPE_KIND_EMIT },
    { "note", SIOSCOPE_KIND_NOTE },
  };
  guint kind = SIOSCOPE_INDEX_KIND (low);

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if (g_str_equal (plain[i].name, name))
      return kind == plain[i].kind;
  if (g_str_equal (name, "event"))
    return sioscope_show_of_class (low) == SIOSCOPE_SHOW_EVENTS;
  if (g_str_equal (name, "ack"))
    return sioscope_show_of_class (low) == SIOSCOPE_SHOW_ACKS;
  if (g_str_equal (name, "state"))
    return kind == SIOSCOPE_KIND_STATE || kind == SIOSCOPE_KIND_SOCKET;
  if (g_str_equal (name, "ping"))
    return sioscope_show_of_class (low) == SIOSCOPE_SHOW_HEARTBEATS;
  return g_str_equal (name, "engine") && kind == SIOSCOPE_KIND_ENGINE && sioscope_show_of_class (low) == SIOSCOPE_SHOW_ENGINE;
}

gboolean
filter_classes_add_kind (FilterClasses *self,
                         const char    *kind,
                         gsize          size,
                         SioscopeShow  *named)
{
  for (guint i = 0; filter_kind_names[i] != NULL; i++)
    if (strlen (filter_kind_names[i]) == size && memcmp (filter_kind_names[i], kind, size) == 0)
      {
        for (guint low = 0; low < 256; low++)
          if (is_of_kind (low, filter_kind_names[i]))
            {
              filter_classes_add (self, low);
              *named |= sioscope_show_of_class (low);
            }
        return TRUE;
      }
  return FALSE;
}

void
filter_classes_add_direction (FilterClasses *self,
                              SioDirection   direction)
{
  for (guint low = 0; low < 256; low++)
    if (has_direction (low) && SIOSCOPE_INDEX_DIRECTION (low) == direction)
      filter_classes_add (self, low);
}

void
filter_classes_add_show (FilterClasses *self,
                         SioscopeShow   show,
                         gboolean       in,
                         gboolean       out)
{
  for (guint low = 0; low < 256; low++)
    if ((sioscope_show_of_class (low) & show) != 0
        && (!has_direction (low) || (SIOSCOPE_INDEX_DIRECTION (low) == SIO_DIRECTION_IN ? in : out)))
      filter_classes_add (self, low);
}
