/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioListeners: the functions that want to hear of a socket's events, in their order. */

#pragma once

#include "sio-socket.h"

G_BEGIN_DECLS

typedef enum {
  SIO_LISTENER_ANY,          /* every event that comes in, before its own listeners */
  SIO_LISTENER_EVENT,        /* one event that comes in */
  SIO_LISTENER_ANY_OUTGOING, /* every event that is written */
} SioListenerKind;

typedef struct {
  GPtrArray *listeners; /* of Listener, in calling order; NULL until the first one */
  guint      n_incoming; /* how many are not ANY_OUTGOING: the receive path asks this a million times a second */
  guint      n_outgoing;
  guint      last_id;
} SioListeners;

guint    sio_listeners_add      (SioListeners    *self,
                                 SioListenerKind  kind,
                                 const char      *event,
                                 gboolean         once,
                                 gboolean         prepend,
                                 SioEventFunc     func,
                                 gpointer         user_data,
                                 GDestroyNotify   destroy);
void     sio_listeners_remove   (SioListeners    *self,
                                 guint            id);
/* event NULL: of every event. */
void     sio_listeners_remove_kind (SioListeners *self,
                                 SioListenerKind  kind,
                                 const char      *event);
guint    sio_listeners_count    (SioListeners    *self,
                                 SioListenerKind  kind,
                                 const char      *event);
void     sio_listeners_clear    (SioListeners    *self);
void     sio_listeners_call     (SioListeners    *self,
                                 SioListenerKind  kind,
                                 SioSocket       *socket,
                                 const char      *event,
                                 SioArguments    *args,
                                 gint64           ack_id);

G_END_DECLS
