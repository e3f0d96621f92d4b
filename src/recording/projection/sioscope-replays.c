/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-replays-private.h"

#define NSPS_MAX     1024
#define NSP_SIZE_MAX 512
#define RANGES_MAX   16384

/* Of the rows between the two, the events of the namespace were replayed. */
typedef struct {
  guint64 start;
  guint64 end;
  guint   nsp;
} Range;

typedef struct {
  guint64  row;        /* of CONNECTING; SIOSCOPE_NO_ROW: not under way */
  gboolean was_joined; /* once before: only then is there something to recover */
} Asked;

void
sioscope_replays_init (SioscopeReplays *self)
{
  self->nsps = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->asked = g_array_new (FALSE, FALSE, sizeof (Asked));
  self->ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  self->n_asked = 0;
  self->forgotten = FALSE;
}

void
sioscope_replays_clear (SioscopeReplays *self)
{
  g_ptr_array_unref (self->nsps);
  g_array_unref (self->asked);
  g_array_unref (self->ranges);
}

static gboolean
nsp_equals (SioscopeReplays *self,
            guint            index,
            SioSpan          nsp)
{
  gsize size;
  const void *data = g_bytes_get_data (g_ptr_array_index (self->nsps, index), &size);

  return size == nsp.size && memcmp (data, nsp.data, size) == 0;
}

guint
sioscope_replays_get_number (SioscopeReplays *self,
                             SioSpan          nsp)
{
  for (guint i = 0; i < self->nsps->len; i++)
    if (nsp_equals (self, i, nsp))
      return i;
  return G_MAXUINT;
}

gboolean
sioscope_replays_is_asked (SioscopeReplays *self,
                           guint            number)
{
  return number < self->asked->len && g_array_index (self->asked, Asked, number).row != SIOSCOPE_NO_ROW;
}

guint64
sioscope_replays_get_last_start (SioscopeReplays *self)
{
  return self->ranges->len > 0 ? g_array_index (self->ranges, Range, self->ranges->len - 1).start : SIOSCOPE_NO_ROW;
}

gboolean
sioscope_replays_fold (SioscopeReplays     *self,
                       const SioscopeEntry *entry)
{
  guint index = sioscope_replays_get_number (self, entry->nsp);
  Asked *asked, none = { SIOSCOPE_NO_ROW, FALSE };
  Range range;

  if (index == G_MAXUINT)
    {
      if (entry->socket_change != SIO_TAP_SOCKET_CONNECTING)
        return FALSE;
      if (self->nsps->len >= NSPS_MAX || entry->nsp.size > NSP_SIZE_MAX)
        {
          self->forgotten = TRUE;
          return FALSE;
        }
      index = self->nsps->len;
      g_ptr_array_add (self->nsps, g_bytes_new (entry->nsp.data, entry->nsp.size));
      g_array_append_val (self->asked, none);
    }

  asked = &g_array_index (self->asked, Asked, index);
  range = (Range) { asked->row, entry->row, index };
  self->n_asked -= asked->row != SIOSCOPE_NO_ROW;
  asked->row = entry->socket_change == SIO_TAP_SOCKET_CONNECTING ? entry->row : SIOSCOPE_NO_ROW;
  asked->was_joined |= entry->socket_change == SIO_TAP_SOCKET_CONNECTED;
  self->n_asked += asked->row != SIOSCOPE_NO_ROW;

  if (entry->socket_change != SIO_TAP_SOCKET_CONNECTED || !entry->recovered || range.start == SIOSCOPE_NO_ROW)
    return FALSE;
  if (self->ranges->len >= RANGES_MAX)
    {
      g_array_remove_range (self->ranges, 0, RANGES_MAX / 4);
      self->forgotten = TRUE;
    }
  g_array_append_val (self->ranges, range);
  return TRUE;
}

static gboolean
is_received_event (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_PACKET && entry->direction == SIO_DIRECTION_IN
         && (entry->packet_type == SIO_PACKET_EVENT || entry->packet_type == SIO_PACKET_BINARY_EVENT);
}

gboolean
sioscope_replays_lookup (SioscopeReplays     *self,
                         const SioscopeEntry *entry)
{
  guint low = 0;

  if (!is_received_event (entry))
    return FALSE;
  for (guint high = self->ranges->len; low < high;)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->ranges, Range, middle).end <= entry->row)
        low = middle + 1;
      else
        high = middle;
    }
  /* Ranges of several namespaces lie within each other. */
  for (; low < self->ranges->len; low++)
    {
      const Range *range = &g_array_index (self->ranges, Range, low);

      if (range->start < entry->row && nsp_equals (self, range->nsp, entry->nsp))
        return TRUE;
    }
  return FALSE;
}

gboolean
sioscope_replays_undecided (SioscopeReplays     *self,
                            const SioscopeEntry *entry)
{
  guint index;

  if (self->n_asked == 0 || !is_received_event (entry))
    return FALSE;
  index = sioscope_replays_get_number (self, entry->nsp);
  return index != G_MAXUINT && g_array_index (self->asked, Asked, index).was_joined
         && g_array_index (self->asked, Asked, index).row != SIOSCOPE_NO_ROW;
}
