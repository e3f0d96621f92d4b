/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Socket.IO protocol 5, "Acknowledgement": the id is ours, counts up and never comes again, so that a late answer
 * cannot hit somebody else's question. */

#include "sio-ack-table-private.h"

struct _SioAckTable {
  GHashTable       *acks;      /* &ack->id to ack (owned) */
  GSequence        *deadlines; /* of acks that have one (not owned) */
  GSource          *timer;     /* ready at the first of deadlines */

  SioAckExpiredFunc expired;
  gpointer          data;
};

void
sio_pending_ack_free (SioPendingAck *self)
{
  if (self->cancel != NULL)
    {
      g_source_destroy (self->cancel);
      g_source_unref (self->cancel);
    }
  g_clear_object (&self->task);
  g_clear_pointer (&self->retry, sio_retry_unref);
  g_free (self->event);
  g_free (self);
}

static int
compare_deadlines (gconstpointer a,
                   gconstpointer b,
                   gpointer      data)
{
  const SioPendingAck *one = a;
  const SioPendingAck *two = b;

  if (one->deadline_us != two->deadline_us)
    return one->deadline_us < two->deadline_us ? -1 : 1;
  return (one->id > two->id) - (one->id < two->id);
}

static void
update_timer (SioAckTable *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->deadlines);

  if (g_sequence_iter_is_end (first))
    g_source_set_ready_time (self->timer, -1);
  else
    g_source_set_ready_time (self->timer, ((SioPendingAck *) g_sequence_get (first))->deadline_us);
}

static gboolean
timer_cb (gpointer data)
{
  SioAckTable *self = data;
  g_autoptr(GPtrArray) late = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_pending_ack_free);
  gint64 now_us = g_get_monotonic_time ();

  while (TRUE)
    {
      GSequenceIter *first = g_sequence_get_begin_iter (self->deadlines);
      SioPendingAck *ack;

      if (g_sequence_iter_is_end (first))
        break;
      ack = g_sequence_get (first);
      if (ack->deadline_us > now_us)
        break;
      g_ptr_array_add (late, sio_ack_table_steal (self, ack->id));
    }

  update_timer (self);
  /* last: the table may be gone when it returns */
  if (late->len > 0)
    self->expired (self->data, late);
  return G_SOURCE_CONTINUE;
}

static gboolean
timer_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     data)
{
  return callback (data);
}

static GSourceFuncs timer_funcs = { NULL, NULL, timer_dispatch, NULL, NULL, NULL };

SioAckTable *
sio_ack_table_new (GMainContext      *context,
                   SioAckExpiredFunc  expired,
                   gpointer           data)
{
  SioAckTable *self = g_new0 (SioAckTable, 1);

  self->acks = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                      (GDestroyNotify) sio_pending_ack_free);
  self->deadlines = g_sequence_new (NULL);
  self->expired = expired;
  self->data = data;

  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_static_name (self->timer, "[sio] ack deadlines");
  g_source_set_callback (self->timer, timer_cb, self, NULL);
  g_source_attach (self->timer, context);
  return self;
}

void
sio_ack_table_free (SioAckTable *self)
{
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_sequence_free (self->deadlines);
  g_hash_table_unref (self->acks);
  g_free (self);
}

guint
sio_ack_table_get_size (SioAckTable *self)
{
  return g_hash_table_size (self->acks);
}

/* Takes ack. The caller looks after the option max-pending-acks. */
void
sio_ack_table_add (SioAckTable   *self,
                   SioPendingAck *ack)
{
  g_hash_table_insert (self->acks, &ack->id, ack);

  if (ack->deadline_us >= 0)
    {
      ack->iter = g_sequence_insert_sorted (self->deadlines, ack, compare_deadlines, NULL);
      if (g_sequence_iter_is_begin (ack->iter))
        update_timer (self);
    }
}

SioPendingAck *
sio_ack_table_look_up (SioAckTable *self,
                       gint64       id)
{
  return g_hash_table_lookup (self->acks, &id);
}

/* (transfer full) (nullable) */
SioPendingAck *
sio_ack_table_steal (SioAckTable *self,
                     gint64       id)
{
  gpointer value;
  SioPendingAck *ack;

  if (!g_hash_table_steal_extended (self->acks, &id, NULL, &value))
    return NULL;

  /* A timer that fires for nobody costs less than setting it again at every ack; timer_cb() puts it right. */
  ack = value;
  if (ack->iter != NULL)
    g_sequence_remove (ack->iter);
  ack->iter = NULL;
  return ack;
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  const SioPendingAck *one = *(SioPendingAck * const *) a;
  const SioPendingAck *two = *(SioPendingAck * const *) b;

  return (one->id > two->id) - (one->id < two->id);
}

/* In the order of their ids. (transfer container) (element-type SioPendingAck) */
GPtrArray *
sio_ack_table_steal_all (SioAckTable *self,
                         gboolean     buffered_too)
{
  GPtrArray *acks = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_pending_ack_free);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->acks);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SioPendingAck *ack = value;

      if (ack->buffered && !buffered_too)
        continue;
      g_hash_table_iter_steal (&iter);
      if (ack->iter != NULL)
        g_sequence_remove (ack->iter);
      ack->iter = NULL;
      g_ptr_array_add (acks, ack);
    }

  g_ptr_array_sort (acks, compare_ids);
  return acks;
}
