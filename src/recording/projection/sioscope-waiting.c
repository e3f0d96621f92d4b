/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-waiting-private.h"

/* Socket.IO protocol 5, "Acknowledgement": an ack has the namespace and the id of its event and
 * goes the other way. Ids of ours never start again; the server's do with every session. */

#define PENDING_LIMIT 65536
#define NSP_LIMIT     1024
#define NSP_SIZE_MAX  512
#define NSP_UNKNOWN   G_MAXUINT
#define ID_MAX        ((G_GINT64_CONSTANT (1) << 53) - 1)
#define NO_SLOT       G_MAXUINT

static void
free_slot (SioscopeWaiting *self,
           guint64          slot)
{
  g_array_index (self->slots, SioscopeAsked, slot).row = self->free_slot;
  self->free_slot = (guint) slot;
}

static void
forgotten_cb (guint64  slot,
              gpointer data)
{
  SioscopeWaiting *self = data;

  free_slot (self, slot);
  self->n_forgotten++;
}

void
sioscope_waiting_init (SioscopeWaiting *self)
{
  memset (self, 0, sizeof *self);
  for (guint i = 0; i < G_N_ELEMENTS (self->pending); i++)
    {
      sioscope_row_map_init (&self->pending[i], PENDING_LIMIT);
      self->pending[i].forgotten = forgotten_cb;
      self->pending[i].data = self;
    }
  self->slots = g_array_new (FALSE, FALSE, sizeof (SioscopeAsked));
  self->free_slot = NO_SLOT;
  self->nsps = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

void
sioscope_waiting_clear (SioscopeWaiting *self)
{
  g_array_unref (self->slots);
  g_ptr_array_unref (self->nsps);
  sioscope_row_map_clear (&self->pending[SIO_DIRECTION_IN]);
  sioscope_row_map_clear (&self->pending[SIO_DIRECTION_OUT]);
}

guint
sioscope_waiting_get_n (SioscopeWaiting *self,
                        SioDirection     direction)
{
  return sioscope_row_map_get_n (&self->pending[direction]);
}

static gboolean
nsp_equals (SioscopeWaiting *self,
            guint            index,
            SioSpan          nsp)
{
  gsize size;
  const void *data = g_bytes_get_data (g_ptr_array_index (self->nsps, index), &size);

  return size == nsp.size && memcmp (data, nsp.data, size) == 0;
}

/* There are few, and their names are short; a server that invents thousands, or megabytes, gets no pairs for them. */
static guint
nsp_number (SioscopeWaiting *self,
            SioSpan          nsp,
            gboolean         add)
{
  if (nsp.size == 0 || nsp.size > NSP_SIZE_MAX)
    return NSP_UNKNOWN;
  if (self->last_nsp < self->nsps->len && nsp_equals (self, self->last_nsp, nsp))
    return self->last_nsp;
  for (guint i = 0; i < self->nsps->len; i++)
    if (nsp_equals (self, i, nsp))
      return self->last_nsp = i;
  if (!add || self->nsps->len >= NSP_LIMIT)
    return NSP_UNKNOWN;
  g_ptr_array_add (self->nsps, g_bytes_new (nsp.data, nsp.size));
  return self->last_nsp = self->nsps->len - 1;
}

static gboolean
make_key (SioscopeWaiting *self,
          SioSpan          nsp,
          gint64           id,
          gboolean         add,
          guint64         *key)
{
  guint number;

  if (id < 0 || id > ID_MAX)
    return FALSE;
  number = nsp_number (self, nsp, add);
  if (number == NSP_UNKNOWN)
    return FALSE;
  *key = (guint64) number << 53 | (guint64) id;
  return TRUE;
}

void
sioscope_waiting_add (SioscopeWaiting     *self,
                      SioDirection         direction,
                      SioSpan              nsp,
                      gint64               id,
                      const SioscopeAsked *event)
{
  guint64 key, slot;

  if (!make_key (self, nsp, id, TRUE, &key))
    {
      self->n_forgotten++;
      return;
    }
  /* An id that is used again: the older event cannot be told from it any more. */
  slot = sioscope_row_map_take (&self->pending[direction], key);
  if (slot != SIOSCOPE_ROW_MAP_NONE)
    forgotten_cb (slot, self);

  if (self->free_slot != NO_SLOT)
    {
      slot = self->free_slot;
      self->free_slot = (guint) g_array_index (self->slots, SioscopeAsked, slot).row;
      g_array_index (self->slots, SioscopeAsked, slot) = *event;
    }
  else
    {
      slot = self->slots->len;
      g_array_append_val (self->slots, *event);
    }
  sioscope_row_map_set (&self->pending[direction], key, slot);
}

static gboolean
take (SioscopeWaiting *self,
      SioDirection     direction,
      SioSpan          nsp,
      gint64           id,
      SioscopeAsked   *event)
{
  guint64 key, slot;

  if (!make_key (self, nsp, id, FALSE, &key))
    return FALSE;
  slot = sioscope_row_map_take (&self->pending[direction], key);
  if (slot == SIOSCOPE_ROW_MAP_NONE)
    return FALSE;
  *event = g_array_index (self->slots, SioscopeAsked, slot);
  free_slot (self, slot);
  return TRUE;
}

gboolean
sioscope_waiting_answer (SioscopeWaiting *self,
                         SioDirection     direction,
                         SioSpan          nsp,
                         gint64           id,
                         SioscopeAsked   *event)
{
  return take (self, direction == SIO_DIRECTION_IN ? SIO_DIRECTION_OUT : SIO_DIRECTION_IN, nsp, id, event);
}

gboolean
sioscope_waiting_fail (SioscopeWaiting *self,
                       SioSpan          nsp,
                       gint64           id,
                       SioscopeAsked   *event)
{
  return take (self, SIO_DIRECTION_OUT, nsp, id, event);
}

typedef struct {
  SioscopeWaiting *waiting;
  void           (*abandoned) (const SioscopeAsked *event,
                               gpointer             data);
  gpointer         data;
} Abandon;

static void
abandon_cb (guint64  slot,
            gpointer data)
{
  Abandon *abandon = data;

  abandon->abandoned (&g_array_index (abandon->waiting->slots, SioscopeAsked, slot), abandon->data);
  free_slot (abandon->waiting, slot);
}

void
sioscope_waiting_abandon_in (SioscopeWaiting *self,
                             SioSpan          nsp,
                             void           (*abandoned) (const SioscopeAsked *event,
                                                          gpointer             data),
                             gpointer         data)
{
  Abandon abandon = { self, abandoned, data };
  guint64 mask = 0, bits = 0;

  if (nsp.size != 0)
    {
      guint number = nsp_number (self, nsp, FALSE);

      if (number == NSP_UNKNOWN)
        return;
      mask = ~(guint64) ID_MAX;
      bits = (guint64) number << 53;
    }
  sioscope_row_map_remove_matching (&self->pending[SIO_DIRECTION_IN], mask, bits, abandon_cb, &abandon);
}
