/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Kinds and directions as sets of what the low byte of an index word can be: asked for a row, that is one bit. */

#include "sioscope-filter-private.h"
#include "sioscope-recording-private.h"

const char * const filter_kind_names[] = {
  "event", "ack", "state", "packet", "http", "ping", "error", "engine", "frame", "attachment", "emit", "note", NULL,
};

static SioscopeShow
show_of_low (guint low)
{
  guint type = SIOSCOPE_INDEX_TYPE (low);

  switch ((guint) SIOSCOPE_INDEX_KIND (low))
    {
    case SIOSCOPE_KIND_PACKET:
      if (type == SIO_PACKET_EVENT || type == SIO_PACKET_BINARY_EVENT)
        return SIOSCOPE_SHOW_EVENTS;
      return type == SIO_PACKET_ACK || type == SIO_PACKET_BINARY_ACK ? SIOSCOPE_SHOW_ACKS : SIOSCOPE_SHOW_STATES;
    case SIOSCOPE_KIND_ENGINE:
      return type == SIO_ENGINE_PACKET_PING || type == SIO_ENGINE_PACKET_PONG ? SIOSCOPE_SHOW_HEARTBEATS
             : SIOSCOPE_SHOW_ENGINE;
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_FRAME:
      return SIOSCOPE_SHOW_ENGINE;
    case SIOSCOPE_KIND_HTTP:
      return SIOSCOPE_SHOW_HTTP;
    case SIOSCOPE_KIND_ERROR:
      return SIOSCOPE_SHOW_ERRORS;
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
    case SIOSCOPE_KIND_NOTE:
      return SIOSCOPE_SHOW_STATES;
    default:
      return 0;
    }
}

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
    return show_of_low (low) == SIOSCOPE_SHOW_EVENTS;
  if (g_str_equal (name, "ack"))
    return show_of_low (low) == SIOSCOPE_SHOW_ACKS;
  if (g_str_equal (name, "state"))
    return kind == SIOSCOPE_KIND_STATE || kind == SIOSCOPE_KIND_SOCKET;
  if (g_str_equal (name, "ping"))
    return show_of_low (low) == SIOSCOPE_SHOW_HEARTBEATS;
  return g_str_equal (name, "engine") && kind == SIOSCOPE_KIND_ENGINE && show_of_low (low) == SIOSCOPE_SHOW_ENGINE;
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
              *named |= show_of_low (low);
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
    if ((show_of_low (low) & show) != 0
        && (!has_direction (low) || (SIOSCOPE_INDEX_DIRECTION (low) == SIO_DIRECTION_IN ? in : out)))
      filter_classes_add (self, low);
}
