/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "siocat-tally.h"

/* More is not taken from standard input while so much waits. */
#define BUSY_EMITS 1000
#define BUSY_BYTES (4 * 1024 * 1024)
#define BUSY_ACKS  5000

typedef struct {
  gsize    size;
  gboolean want_ack;
} Unsent;

struct _SiocatTally {
  guint64     events;
  guint64     bytes;

  GHashTable *unsent;       /* guint64 → Unsent */
  gsize       unsent_bytes;
  GHashTable *awaited;      /* "NSP ID" → guint64, the tag */
  GHashTable *awaited_tags; /* guint64 → char *, the key in awaited */
  GHashTable *tries;        /* guint64 → how many got no ack; only of emits that are sent again */

  /* The packet whose attachments are coming in. */
  guint64     open_row;     /* SIOSCOPE_NO_ROW if there is none */
  guint       n_missing;
  guint64     open_tag;     /* of the emit that it answers, or 0 */
  gboolean    open_is_event;
};

SiocatTally *
siocat_tally_new (void)
{
  SiocatTally *self = g_new0 (SiocatTally, 1);

  self->unsent = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->awaited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->awaited_tags = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->tries = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->open_row = SIOSCOPE_NO_ROW;

  return self;
}

void
siocat_tally_free (SiocatTally *self)
{
  g_hash_table_unref (self->unsent);
  g_hash_table_unref (self->awaited);
  g_hash_table_unref (self->awaited_tags);
  g_hash_table_unref (self->tries);
  g_free (self);
}

void
siocat_tally_expect (SiocatTally *self,
                     guint64      tag,
                     gsize        size,
                     gboolean     want_ack)
{
  Unsent *unsent = g_new (Unsent, 1);

  *unsent = (Unsent) { size, want_ack };
  g_hash_table_insert (self->unsent, g_memdup2 (&tag, sizeof tag), unsent);
  self->unsent_bytes += size;
}

static void
remove_unsent (SiocatTally *self,
               guint64      tag)
{
  Unsent *unsent = g_hash_table_lookup (self->unsent, &tag);

  if (unsent == NULL)
    return;

  self->unsent_bytes -= unsent->size;
  g_hash_table_remove (self->unsent, &tag);
}

void
siocat_tally_forget (SiocatTally *self,
                     guint64      tag)
{
  const char *key = g_hash_table_lookup (self->awaited_tags, &tag);

  remove_unsent (self, tag);
  g_hash_table_remove (self->tries, &tag);
  if (key != NULL)
    {
      g_hash_table_remove (self->awaited, key);
      g_hash_table_remove (self->awaited_tags, &tag);
    }
}

gboolean
siocat_tally_try_again (SiocatTally *self,
                        guint64      tag,
                        guint        retries)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->tries, &tag)) + 1;

  if (tag == 0 || n > retries)
    return FALSE;

  /* The next one has another ack id. */
  siocat_tally_forget (self, tag);
  siocat_tally_expect (self, tag, 0, TRUE);
  g_hash_table_insert (self->tries, g_memdup2 (&tag, sizeof tag), GUINT_TO_POINTER (n));

  return TRUE;
}

static char *
dup_key (const SioscopeEntry *entry)
{
  return g_strdup_printf ("%.*s %" G_GINT64_FORMAT, (int) entry->nsp.size,
                          entry->nsp.size > 0 ? entry->nsp.data : "", entry->id);
}

static void
add_outgoing (SiocatTally         *self,
              const SioscopeEntry *entry)
{
  Unsent *unsent = g_hash_table_lookup (self->unsent, &entry->tag);

  if (unsent == NULL)
    return;

  if (unsent->want_ack && entry->id >= 0)
    {
      char *key = dup_key (entry);

      g_hash_table_insert (self->awaited, key, g_memdup2 (&entry->tag, sizeof entry->tag));
      g_hash_table_insert (self->awaited_tags, g_memdup2 (&entry->tag, sizeof entry->tag), g_strdup (key));
    }
  remove_unsent (self, entry->tag);
}

/* A packet is whole. */
static guint64
finish (SiocatTally *self,
        gboolean     is_event,
        guint64      tag)
{
  if (is_event)
    self->events++;
  if (tag != 0)
    siocat_tally_forget (self, tag);

  return tag;
}

static guint64
add_incoming (SiocatTally         *self,
              const SioscopeEntry *entry)
{
  gboolean is_event = entry->packet_type == SIO_PACKET_EVENT || entry->packet_type == SIO_PACKET_BINARY_EVENT;
  gboolean is_ack = entry->packet_type == SIO_PACKET_ACK || entry->packet_type == SIO_PACKET_BINARY_ACK;
  guint64 tag = 0;

  if (is_event)
    self->bytes += entry->raw.size;
  if (is_ack && g_hash_table_size (self->awaited) > 0)
    {
      g_autofree char *key = dup_key (entry);
      guint64 *awaited = g_hash_table_lookup (self->awaited, key);

      if (awaited != NULL)
        tag = *awaited;
    }

  if (entry->n_attachments == 0)
    return finish (self, is_event, tag);

  self->open_row = entry->row;
  self->n_missing = entry->n_attachments;
  self->open_tag = tag;
  self->open_is_event = is_event;

  return 0;
}

static guint64
add_attachment (SiocatTally         *self,
                const SioscopeEntry *entry)
{
  if (self->open_row == SIOSCOPE_NO_ROW || entry->ref != self->open_row)
    return 0;

  if (self->open_is_event)
    self->bytes += entry->raw.size;
  if (--self->n_missing > 0)
    return 0;

  self->open_row = SIOSCOPE_NO_ROW;

  return finish (self, self->open_is_event, self->open_tag);
}

guint64
siocat_tally_add (SiocatTally         *self,
                  const SioscopeEntry *entry)
{
  if (entry->direction == SIO_DIRECTION_OUT)
    {
      if (entry->kind == SIOSCOPE_KIND_PACKET && entry->tag != 0)
        add_outgoing (self, entry);
      return 0;
    }

  return entry->kind == SIOSCOPE_KIND_PACKET ? add_incoming (self, entry) : add_attachment (self, entry);
}

guint64
siocat_tally_get_events (SiocatTally *self)
{
  return self->events;
}

guint64
siocat_tally_get_bytes (SiocatTally *self)
{
  return self->bytes;
}

gboolean
siocat_tally_is_empty (SiocatTally *self)
{
  return g_hash_table_size (self->unsent) == 0 && g_hash_table_size (self->awaited) == 0;
}

gboolean
siocat_tally_is_busy (SiocatTally *self)
{
  return g_hash_table_size (self->unsent) >= BUSY_EMITS || self->unsent_bytes >= BUSY_BYTES
         || g_hash_table_size (self->awaited) >= BUSY_ACKS;
}
