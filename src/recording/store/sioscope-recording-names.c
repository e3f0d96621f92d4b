/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The names that rows are about: each pair of a namespace and an event gets a number, which the index keeps for every row. So
 * whoever looks for an event among ten million rows compares numbers and touches no page of the file.
 *
 * The writer's thread numbers them; readers follow without a lock: names lie in address space that never moves and are only
 * added to. They are copies, because a recording in memory gives its oldest rows away. */

#include "sioscope-recording-private.h"

#include <sys/mman.h>

/* A server can make up names forever. */
#define NAMES_MAX       (SIOSCOPE_NAME_UNNUMBERED - 1)
#define NAME_SIZE_MAX   1024u
#define TABLE_BYTES     (SIOSCOPE_ALIGN8 ((gsize) NAMES_MAX * sizeof (SioscopeNamePlace)))
#define ARENA_BYTES     ((gsize) 16 << 20)
#define STEP_BYTES      ((gsize) 64 << 10)
#define FIRST_SLOTS     64u

static const SioSpan root_nsp = { "/", 1 };

__extension__ typedef unsigned __int128 Wide;

static inline guint64
fold (guint64 a,
      guint64 b)
{
  Wide product = (Wide) a * b;

  return (guint64) product ^ (guint64) (product >> 64);
}

/* Seeded: a server that knows this file must not be able to choose names that all meet in one place. */
static inline guint64
hash_span (guint64 hash,
           SioSpan span)
{
  const char *data = span.data;
  gsize size = span.size;
  guint64 word = 0;

  for (; size >= 8; size -= 8, data += 8)
    {
      memcpy (&word, data, 8);
      hash = fold (hash ^ word, G_GUINT64_CONSTANT (0xa0761d6478bd642f));
    }
  word = 0;
  if (size != 0)
    memcpy (&word, data, size);
  return fold (hash ^ word, G_GUINT64_CONSTANT (0xe7037ed1a0b428db) ^ span.size);
}

static inline SioSpan
nsp_of (const SioscopeNames     *names,
        const SioscopeNamePlace *place)
{
  return place->nsp_size == 0 ? root_nsp : (SioSpan) { names->arena + place->nsp_offset, place->nsp_size };
}

static inline gboolean
is_name (const SioscopeNames     *names,
         const SioscopeNamePlace *place,
         SioSpan                  nsp,
         SioSpan                  event)
{
  return place->event_size == event.size && place->nsp_size == nsp.size
         && memcmp (names->arena + place->event_offset, event.data != NULL ? event.data : "", event.size) == 0
         && (nsp.size == 0 || memcmp (names->arena + place->nsp_offset, nsp.data, nsp.size) == 0);
}

/* Makes the pages up to end writable. Untouched address space costs nothing, not even where overcommit is forbidden. */
static gboolean
make_ready (gpointer  base,
            gsize    *ready,
            gsize     end,
            gsize     reserved)
{
  gsize wanted;

  if (end <= *ready)
    return TRUE;
  wanted = MIN ((end + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES, reserved);
  if (mprotect ((guint8 *) base + *ready, wanted - *ready, PROT_READ | PROT_WRITE) != 0)
    return FALSE;
  *ready = wanted;
  return TRUE;
}

static gpointer
reserve (gsize size)
{
  gpointer base = mmap (NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return base != MAP_FAILED ? base : NULL;
}

static gboolean
start_names (SioscopeNames *names)
{
  names->places = reserve (TABLE_BYTES);
  names->arena = reserve (ARENA_BYTES);
  if (names->places == NULL || names->arena == NULL)
    {
      sioscope_names_clear (names);
      names->full = TRUE;
      return FALSE;
    }
  names->seed = ((guint64) g_random_int () << 32) | g_random_int ();
  names->n_slots = FIRST_SLOTS;
  names->slots = g_new0 (SioscopeNameSlot, names->n_slots);
  return TRUE;
}

void
sioscope_names_clear (SioscopeNames *names)
{
  if (names->places != NULL)
    munmap (names->places, TABLE_BYTES);
  if (names->arena != NULL)
    munmap (names->arena, ARENA_BYTES);
  g_free (names->slots);
  memset (names, 0, sizeof *names);
}

static void
put_in_slot (SioscopeNames    *names,
             SioscopeNameSlot  slot)
{
  guint i = slot.hash & (names->n_slots - 1);

  while (names->slots[i].number != 0)
    i = (i + 1) & (names->n_slots - 1);
  names->slots[i] = slot;
}

static void
grow_slots (SioscopeNames *names)
{
  g_autofree SioscopeNameSlot *old = names->slots;
  guint n_old = names->n_slots;

  names->n_slots *= 2;
  names->slots = g_new0 (SioscopeNameSlot, names->n_slots);
  for (guint i = 0; i < n_old; i++)
    if (old[i].number != 0)
      put_in_slot (names, old[i]);
}

static guint32
copy_bytes (SioscopeNames *names,
            SioSpan        span)
{
  guint32 offset = names->arena_used;

  if (span.size != 0)
    memcpy (names->arena + offset, span.data, span.size);
  names->arena_used += (guint32) span.size;
  return offset;
}

static guint
add_name (SioscopeNames *names,
          SioSpan        nsp,
          SioSpan        event,
          guint32        hash)
{
  guint number = names->n_names + 1;
  SioscopeNamePlace *place = &names->places[number - 1];
  const SioscopeNamePlace *last = number > 1 ? place - 1 : NULL;

  if (number > NAMES_MAX
      || names->arena_used + nsp.size + event.size > ARENA_BYTES
      || !make_ready (names->places, &names->places_ready, (gsize) number * sizeof *place, TABLE_BYTES)
      || !make_ready (names->arena, &names->arena_ready, names->arena_used + nsp.size + event.size, ARENA_BYTES))
    {
      names->full = TRUE;
      return SIOSCOPE_NAME_UNNUMBERED;
    }

  /* Events of one namespace often come together. */
  if (last != NULL && last->nsp_size == nsp.size
      && (nsp.size == 0 || memcmp (names->arena + last->nsp_offset, nsp.data, nsp.size) == 0))
    place->nsp_offset = last->nsp_offset;
  else
    place->nsp_offset = copy_bytes (names, nsp);
  place->nsp_size = (guint16) nsp.size;
  place->event_offset = copy_bytes (names, event);
  place->event_size = (guint16) event.size;

  if (number * 2 > names->n_slots)
    grow_slots (names);
  put_in_slot (names, (SioscopeNameSlot) { hash, number });
  __atomic_store_n (&names->n_names, number, __ATOMIC_RELEASE);
  return number;
}

/* The number of a name, a new one if there was none. The writer's thread; nothing is allocated for a row whose name is known. */
guint
sioscope_names_get_number (SioscopeNames *names,
                           SioSpan        nsp,
                           SioSpan        event)
{
  guint32 hash;

  /* The root, however it is said. */
  if (nsp.size == 1 && nsp.data[0] == '/')
    nsp.size = 0;
  if (G_LIKELY (names->last != 0) && is_name (names, &names->places[names->last - 1], nsp, event))
    return names->last;
  if (G_UNLIKELY (nsp.size + event.size > NAME_SIZE_MAX))
    return SIOSCOPE_NAME_UNNUMBERED;
  if (G_UNLIKELY (names->slots == NULL) && (names->full || !start_names (names)))
    return SIOSCOPE_NAME_UNNUMBERED;

  hash = (guint32) hash_span (hash_span (names->seed, nsp), event);
  for (guint i = hash & (names->n_slots - 1); names->slots[i].number != 0; i = (i + 1) & (names->n_slots - 1))
    if (names->slots[i].hash == hash
        && is_name (names, &names->places[names->slots[i].number - 1], nsp, event))
      {
        names->last = names->slots[i].number;
        return names->last;
      }

  /* Once one was refused no other is taken: the numbers are those of the names that came first. */
  if (G_UNLIKELY (names->full))
    return SIOSCOPE_NAME_UNNUMBERED;
  return add_name (names, nsp, event, hash);
}

/**
 * sioscope_recording_get_n_names:
 * @self: a recording
 *
 * Any thread, without a lock. Every name that a published row has is below or equal to it; the last ones may be those of rows
 * that are published in a moment.
 *
 * Returns: how many names there are, which are numbered from 1
 */
guint
sioscope_recording_get_n_names (SioscopeRecording *self)
{
  return __atomic_load_n (&self->names.n_names, __ATOMIC_ACQUIRE);
}

/**
 * sioscope_recording_get_name:
 * @self: a recording
 * @number: the number of a name
 * @name: (out caller-allocates): where to put it
 *
 * Any thread, without a lock. The name never changes, and its spans live as long as @self: rows may be discarded meanwhile.
 *
 * Returns: %FALSE if no name has that number
 */
gboolean
sioscope_recording_get_name (SioscopeRecording *self,
                             guint              number,
                             SioscopeName      *name)
{
  const SioscopeNamePlace *place;

  if (number == SIOSCOPE_NAME_NONE || number > sioscope_recording_get_n_names (self))
    return FALSE;
  place = &self->names.places[number - 1];
  name->nsp = nsp_of (&self->names, place);
  name->event = (SioSpan) { place->event_size != 0 ? self->names.arena + place->event_offset : NULL, place->event_size };
  return TRUE;
}

/**
 * sioscope_recording_get_name_number:
 * @self: a recording
 * @row: which row
 *
 * For whoever walks millions: does not touch the row itself. Packets, sockets and emits have names.
 *
 * Returns: the number of its name, %SIOSCOPE_NAME_NONE if rows of its kind have none or it was discarded, or
 *   %SIOSCOPE_NAME_UNNUMBERED if its name has to be read from its entry
 */
guint
sioscope_recording_get_name_number (SioscopeRecording *self,
                                    guint64            row)
{
  return SIOSCOPE_INDEX_NAME (sioscope_recording_get_word (self, row));
}
