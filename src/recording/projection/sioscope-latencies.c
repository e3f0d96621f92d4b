/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sioscope-latencies-private.h"

#include <string.h>

/* Below 128 every value is a class of its own; above, 64 classes for each power of two. */
#define SMALL     128u
#define PER_POWER 64u
#define N_CLASSES (SMALL + (32 - 7) * PER_POWER)

static guint
class_of (guint32 value)
{
  guint power;

  if (value < SMALL)
    return value;
  power = (guint) g_bit_storage (value) - 1;
  return SMALL + (power - 7) * PER_POWER + ((value >> (power - 6)) & (PER_POWER - 1));
}

static guint32
end_of_class (guint class)
{
  guint power, step;

  if (class < SMALL)
    return class;
  power = 7 + (class - SMALL) / PER_POWER;
  step = (class - SMALL) % PER_POWER;
  return (guint32) (((guint64) (PER_POWER + step + 1) << (power - 6)) - 1);
}

void
sioscope_latencies_clear (SioscopeLatencies *self)
{
  g_free (self->values);
  g_free (self->classes);
  memset (self, 0, sizeof *self);
}

void
sioscope_latencies_add (SioscopeLatencies *self,
                        gint64             latency_us)
{
  guint32 value = (guint32) CLAMP (latency_us, 0, (gint64) G_MAXUINT32);

  self->min_us = self->n == 0 ? latency_us : MIN (self->min_us, latency_us);
  self->max_us = self->n == 0 ? latency_us : MAX (self->max_us, latency_us);
  if (self->classes != NULL)
    {
      guint32 *count = &self->classes[class_of (value)];

      *count += *count < G_MAXUINT32;
    }
  else
    {
      if (self->n == self->n_allocated)
        {
          self->n_allocated = MAX (16, self->n_allocated + self->n_allocated / 2);
          self->values = g_renew (guint32, self->values, self->n_allocated);
        }
      self->values[self->n] = value;
    }
  self->n++;
}

void
sioscope_latencies_coarsen (SioscopeLatencies *self)
{
  if (self->classes != NULL)
    return;
  self->classes = g_new0 (guint32, N_CLASSES);
  for (guint64 i = 0; i < self->n; i++)
    self->classes[class_of (self->values[i])]++;
  g_clear_pointer (&self->values, g_free);
}

/* Hoare's selection: the value that would stand at rank if they were sorted. A server could choose its latencies so that a fixed choice of
 * the middle were always the worst. */
static guint32
select_rank (guint32 *values,
             guint64  n,
             guint64  rank)
{
  guint64 low = 0, high = n;

  while (high - low > 1)
    {
      guint64 luck = (guint64) g_random_int () << 32 | g_random_int ();
      guint32 pivot = values[low + luck % (high - low)];
      guint64 smaller = low, i = low, larger = high;

      while (i < larger)
        {
          guint32 value = values[i];

          if (value < pivot)
            {
              values[i++] = values[smaller];
              values[smaller++] = value;
            }
          else if (value > pivot)
            {
              values[i] = values[--larger];
              values[larger] = value;
            }
          else
            i++;
        }
      if (rank < smaller)
        high = smaller;
      else if (rank >= larger)
        low = larger;
      else
        return pivot;
    }
  return values[low];
}

gint64
sioscope_latencies_get (SioscopeLatencies *self,
                        guint              percent)
{
  guint64 rank, below = 0;

  if (self->n == 0)
    return -1;
  /* from 1 */
  rank = MAX (1, (self->n * percent + 99) / 100);
  if (self->classes == NULL)
    return select_rank (self->values, self->n, rank - 1);
  for (guint class = 0; class < N_CLASSES; class++)
    {
      below += self->classes[class];
      if (below >= rank)
        return CLAMP ((gint64) end_of_class (class), MIN (self->min_us, (gint64) G_MAXUINT32), self->max_us);
    }
  return self->max_us;
}
