/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tap is told of each thing while it happens: the packet is half on its way, the state half changed. What it asks a manager
 * or a socket to do meanwhile is done when that is over, at the next turn of the loop and in the order of asking. */

#include "sio-manager-private.h"

typedef struct {
  GObject       *object;
  SioPutOffFunc  func;
} PutOff;

static gboolean
put_off_cb (gpointer data)
{
  PutOff *self = data;

  self->func (self->object);
  return G_SOURCE_REMOVE;
}

static void
put_off_free (gpointer data)
{
  PutOff *self = data;

  g_object_unref (self->object);
  g_free (self);
}

gboolean
sio_put_off (gpointer       object,
             GMainContext  *context,
             SioPutOffFunc  func)
{
  g_autoptr(GSource) source = NULL;
  PutOff *self;

  if (sio_tap_depth == 0)
    return FALSE;

  self = g_new (PutOff, 1);
  self->object = g_object_ref (object);
  self->func = func;
  source = g_idle_source_new ();
  g_source_set_static_name (source, "[sio] asked for by a tap");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, put_off_cb, self, put_off_free);
  g_source_attach (source, context);
  return TRUE;
}
