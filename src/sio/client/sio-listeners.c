/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Listeners may add and remove listeners, themselves included, while they are being called. */

#include "sio-listeners-private.h"

typedef struct {
  guint           id;
  SioListenerKind kind;
  char           *event; /* NULL unless EVENT */
  gboolean        once;

  gboolean        removed; /* taken off while a call was going on: must not be called any more */

  SioEventFunc    func;
  gpointer        user_data;
  GDestroyNotify  destroy;
} Listener;

static void
listener_clear (gpointer data)
{
  Listener *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self->event);
}

static void
listener_unref (gpointer data)
{
  g_rc_box_release_full (data, listener_clear);
}

static void
count (SioListeners   *self,
       SioListenerKind kind,
       gint            by)
{
  if (kind == SIO_LISTENER_ANY_OUTGOING)
    self->n_outgoing += (guint) by;
  else
    self->n_incoming += (guint) by;
}

guint
sio_listeners_add (SioListeners    *self,
                   SioListenerKind  kind,
                   const char      *event,
                   gboolean         once,
                   gboolean         prepend,
                   SioEventFunc     func,
                   gpointer         user_data,
                   GDestroyNotify   destroy)
{
  Listener *listener = g_rc_box_new0 (Listener);

  /* 0 means "all of them" to sio_socket_off() */
  if (++self->last_id == 0)
    self->last_id = 1;

  listener->id = self->last_id;
  listener->kind = kind;
  listener->event = g_strdup (event);
  listener->once = once;
  listener->func = func;
  listener->user_data = user_data;
  listener->destroy = destroy;

  if (self->listeners == NULL)
    self->listeners = g_ptr_array_new_with_free_func (listener_unref);
  g_ptr_array_insert (self->listeners, prepend ? 0 : -1, listener);
  count (self, kind, 1);
  return listener->id;
}

static void
remove_index (SioListeners *self,
              guint         index)
{
  Listener *listener = g_ptr_array_steal_index (self->listeners, index);

  listener->removed = TRUE;
  count (self, listener->kind, -1);
  /* last: the destroy notify is somebody else's code and may come back here */
  listener_unref (listener);
}

void
sio_listeners_remove (SioListeners *self,
                      guint         id)
{
  if (self->listeners == NULL)
    return;

  for (guint i = 0; i < self->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->listeners, i);

      if (listener->id == id)
        {
          remove_index (self, i);
          return;
        }
    }
}

static gboolean
matches (const Listener  *listener,
         SioListenerKind  kind,
         const char      *event)
{
  return listener->kind == kind && (event == NULL || listener->event == NULL || strcmp (listener->event, event) == 0);
}

/* Those that are there now, kept alive: whatever is called in turn may take others off. NULL if there is none. */
static GPtrArray *
collect (SioListeners    *self,
         SioListenerKind  kind,
         const char      *event)
{
  GPtrArray *found = NULL;

  for (guint i = 0; self->listeners != NULL && i < self->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->listeners, i);

      if (!matches (listener, kind, event))
        continue;
      if (found == NULL)
        found = g_ptr_array_new_with_free_func (listener_unref);
      g_ptr_array_add (found, g_rc_box_acquire (listener));
    }
  return found;
}

void
sio_listeners_remove_kind (SioListeners    *self,
                           SioListenerKind  kind,
                           const char      *event)
{
  g_autoptr(GPtrArray) found = collect (self, kind, event);

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      Listener *listener = g_ptr_array_index (found, i);

      if (!listener->removed)
        sio_listeners_remove (self, listener->id);
    }
}

guint
sio_listeners_count (SioListeners    *self,
                     SioListenerKind  kind,
                     const char      *event)
{
  guint n = 0;

  for (guint i = 0; self->listeners != NULL && i < self->listeners->len; i++)
    n += matches (g_ptr_array_index (self->listeners, i), kind, event);
  return n;
}

void
sio_listeners_clear (SioListeners *self)
{
  while (self->listeners != NULL && self->listeners->len > 0)
    remove_index (self, self->listeners->len - 1);
  g_clear_pointer (&self->listeners, g_ptr_array_unref);
}

/* Calls those that were there when the event came and are still there when their turn comes. */
void
sio_listeners_call (SioListeners    *self,
                    SioListenerKind  kind,
                    SioSocket       *socket,
                    const char      *event,
                    SioArguments    *args,
                    gint64           ack_id)
{
  g_autoptr(GPtrArray) turn = collect (self, kind, event);

  for (guint i = 0; turn != NULL && i < turn->len; i++)
    {
      Listener *listener = g_ptr_array_index (turn, i);

      if (listener->removed)
        continue;
      /* before the call: it must not be heard twice if the call leads to another event */
      if (listener->once)
        sio_listeners_remove (self, listener->id);
      listener->func (socket, event, args, ack_id, listener->user_data);
    }
}
