/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Multiplying to 128 bits and folding, as the names of a recording are hashed; the seed is that of the process. */

#include "sioscope-seeded-hash-private.h"

#include <string.h>

__extension__ typedef unsigned __int128 Wide;

static guint64
fold (guint64 a,
      guint64 b)
{
  Wide product = (Wide) a * b;

  return (guint64) product ^ (guint64) (product >> 64);
}

static guint64
get_seed (void)
{
  static guint64 seed;
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      seed = ((guint64) g_random_int () << 32) | g_random_int ();
      g_once_init_leave (&ready, 1);
    }
  return seed;
}

static guint
hash_data (const char *data,
           gsize       size)
{
  guint64 hash = get_seed () ^ size, word;

  for (; size >= 8; size -= 8, data += 8)
    {
      memcpy (&word, data, 8);
      hash = fold (hash ^ word, G_GUINT64_CONSTANT (0xa0761d6478bd642f));
    }
  word = 0;
  if (size != 0)
    memcpy (&word, data, size);
  return (guint) fold (hash ^ word, G_GUINT64_CONSTANT (0xe7037ed1a0b428db));
}

guint
sioscope_seeded_hash_bytes (gconstpointer key)
{
  gsize size;
  const char *data = g_bytes_get_data ((GBytes *) key, &size);

  return hash_data (data, size);
}

guint
sioscope_seeded_hash_text (gconstpointer key)
{
  return hash_data (key, strlen (key));
}
