/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeRowMap: numbers to numbers, bounded: when it is full, the older half of what was put in
 * is forgotten. 16 bytes a slot, no allocation per entry. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIOSCOPE_ROW_MAP_NONE G_MAXUINT64

typedef struct {
  guint64 key;
  guint64 value; /* SIOSCOPE_ROW_MAP_NONE: empty */
} SioscopeRowSlot;

typedef struct {
  SioscopeRowSlot *slots;
  guint            n_slots; /* 0 or a power of two */
  guint            n;
} SioscopeRowTable;

typedef struct {
  SioscopeRowTable newer;
  SioscopeRowTable older;
  guint            limit; /* of each */
  void           (*forgotten) (guint64 value, gpointer data); /* may be NULL: told each that is forgotten because it is full */
  gpointer         data;
  gboolean         was_full;
} SioscopeRowMap;

void    sioscope_row_map_init   (SioscopeRowMap *self,
                                 guint           limit);
void    sioscope_row_map_clear  (SioscopeRowMap *self);
void    sioscope_row_map_set    (SioscopeRowMap *self,
                                 guint64         key,
                                 guint64         value);
guint64 sioscope_row_map_get    (SioscopeRowMap *self,
                                 guint64         key);
/* Looks up and removes. */
guint64 sioscope_row_map_take   (SioscopeRowMap *self,
                                 guint64         key);
guint   sioscope_row_map_get_n  (SioscopeRowMap *self);
/* Removes every entry whose key agrees in the bits of mask, telling each. */
void    sioscope_row_map_remove_matching (SioscopeRowMap *self,
                                 guint64         mask,
                                 guint64         bits,
                                 void          (*removed) (guint64 value, gpointer data),
                                 gpointer        data);

G_END_DECLS
