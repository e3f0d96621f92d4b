/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Open addressing with linear probing; a removal moves the followers back, so there are no tombstones. */

#include "sioscope-row-map-private.h"

static guint64 seed;

/* Servers choose the keys. With a number that they do not know in it, they cannot choose those that
 * all want the same slot. The mixing is that of MurmurHash3's end. */
static guint
slot_of (const SioscopeRowTable *table,
         guint64                 key)
{
  key ^= seed;
  key ^= key >> 33;
  key *= G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  key += seed;
  key ^= key >> 33;
  key *= G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  key ^= key >> 33;
  return (guint) key & (table->n_slots - 1);
}

static SioscopeRowSlot *
table_find (SioscopeRowTable *table,
            guint64           key)
{
  if (table->n == 0)
    return NULL;
  for (guint i = slot_of (table, key); table->slots[i].value != SIOSCOPE_ROW_MAP_NONE; i = (i + 1) & (table->n_slots - 1))
    if (table->slots[i].key == key)
      return &table->slots[i];
  return NULL;
}

static void
table_clear (SioscopeRowTable *table)
{
  g_free (table->slots);
  memset (table, 0, sizeof *table);
}

static void
table_add (SioscopeRowTable *table,
           guint64           key,
           guint64           value)
{
  guint i;

  if (table->n * 2 >= table->n_slots)
    {
      SioscopeRowTable larger = { NULL, MAX (64, table->n_slots * 2), 0 };

      larger.slots = g_new (SioscopeRowSlot, larger.n_slots);
      for (i = 0; i < larger.n_slots; i++)
        larger.slots[i].value = SIOSCOPE_ROW_MAP_NONE;
      for (i = 0; i < table->n_slots; i++)
        if (table->slots[i].value != SIOSCOPE_ROW_MAP_NONE)
          table_add (&larger, table->slots[i].key, table->slots[i].value);
      g_free (table->slots);
      *table = larger;
    }

  for (i = slot_of (table, key); table->slots[i].value != SIOSCOPE_ROW_MAP_NONE; i = (i + 1) & (table->n_slots - 1))
    ;
  table->slots[i].key = key;
  table->slots[i].value = value;
  table->n++;
}

static void
table_remove (SioscopeRowTable *table,
              SioscopeRowSlot  *slot)
{
  guint mask = table->n_slots - 1;
  guint hole = (guint) (slot - table->slots);

  for (guint i = (hole + 1) & mask; table->slots[i].value != SIOSCOPE_ROW_MAP_NONE; i = (i + 1) & mask)
    {
      guint home = slot_of (table, table->slots[i].key);

      /* Whoever may stand in the hole, because its home is not behind it, moves there. */
      if (((i - home) & mask) >= ((i - hole) & mask))
        {
          table->slots[hole] = table->slots[i];
          hole = i;
        }
    }
  table->slots[hole].value = SIOSCOPE_ROW_MAP_NONE;
  table->n--;
}

void
sioscope_row_map_init (SioscopeRowMap *self,
                       guint           limit)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      seed = (guint64) g_random_int () << 32 | g_random_int ();
      g_once_init_leave (&once, 1);
    }
  memset (self, 0, sizeof *self);
  self->limit = limit;
}

void
sioscope_row_map_clear (SioscopeRowMap *self)
{
  table_clear (&self->newer);
  table_clear (&self->older);
}

static void
forget_older (SioscopeRowMap *self)
{
  self->was_full |= self->older.n > 0;
  for (guint i = 0; i < self->older.n_slots && self->forgotten != NULL; i++)
    if (self->older.slots[i].value != SIOSCOPE_ROW_MAP_NONE)
      self->forgotten (self->older.slots[i].value, self->data);
  table_clear (&self->older);
}

void
sioscope_row_map_set (SioscopeRowMap *self,
                      guint64         key,
                      guint64         value)
{
  sioscope_row_map_take (self, key);
  if (self->newer.n >= self->limit)
    {
      forget_older (self);
      self->older = self->newer;
      memset (&self->newer, 0, sizeof self->newer);
    }
  table_add (&self->newer, key, value);
}

guint64
sioscope_row_map_get (SioscopeRowMap *self,
                      guint64         key)
{
  SioscopeRowSlot *slot = table_find (&self->newer, key);

  if (slot == NULL)
    slot = table_find (&self->older, key);
  return slot != NULL ? slot->value : SIOSCOPE_ROW_MAP_NONE;
}

guint64
sioscope_row_map_take (SioscopeRowMap *self,
                       guint64         key)
{
  SioscopeRowTable *tables[] = { &self->newer, &self->older };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      SioscopeRowSlot *slot = table_find (tables[i], key);

      if (slot != NULL)
        {
          guint64 value = slot->value;

          table_remove (tables[i], slot);
          return value;
        }
    }
  return SIOSCOPE_ROW_MAP_NONE;
}

guint
sioscope_row_map_get_n (SioscopeRowMap *self)
{
  return self->newer.n + self->older.n;
}

void
sioscope_row_map_remove_matching (SioscopeRowMap *self,
                                  guint64         mask,
                                  guint64         bits,
                                  void          (*removed) (guint64 value, gpointer data),
                                  gpointer        data)
{
  SioscopeRowTable *tables[] = { &self->older, &self->newer };

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    {
      SioscopeRowTable old = *tables[t];

      if (old.n == 0)
        continue;
      memset (tables[t], 0, sizeof *tables[t]);
      for (guint i = 0; i < old.n_slots; i++)
        {
          if (old.slots[i].value == SIOSCOPE_ROW_MAP_NONE)
            continue;
          if ((old.slots[i].key & mask) == bits)
            removed (old.slots[i].value, data);
          else
            table_add (tables[t], old.slots[i].key, old.slots[i].value);
        }
      table_clear (&old);
    }
}
