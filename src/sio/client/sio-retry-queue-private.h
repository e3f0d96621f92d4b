/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioRetry: an event of a socket with retries, sent again until there is an ack. One after the other: the next one is sent
 * when the first one has come to its end. */

#pragma once

#include "sio-outgoing-private.h"
#include "sio-socket.h"

G_BEGIN_DECLS

typedef struct {
  SioSocket     *socket;     /* not owned; NULL once it is out of the queue */
  SioOutgoing   *outgoing;   /* the event, without an id: each try has its own */
  guint          timeout_ms; /* of each try; 0 takes the option */

  GTask         *task;       /* (nullable): who waits for the ack */
  GSource       *cancel;     /* (nullable): watches the caller's cancellable */

  guint          n_tries;
  gint64         id;         /* of the ack that the last try waits for; -1: none is waited for */
} SioRetry;

/* task: (transfer full) (nullable): left alone on failure. Nothing is sent yet. FALSE and SIO_ERROR_FULL if the queue is
 * at its limit. */
gboolean     sio_retry_queue_add       (SioSocket            *socket,
                                        SioOutgoing          *outgoing,
                                        guint                 timeout_ms,
                                        GTask                *task,
                                        GError              **error);
/* Sends the first one, if it is time. Anything may be gone afterwards. */
void         sio_retry_queue_drain     (SioSocket            *socket);
/* The last try came to its end: args or error. What waits next may be sent. Anything may be gone afterwards. */
void         sio_retry_settle          (SioRetry             *self,
                                        SioArguments         *args,
                                        const GError         *error);
/* "why", and what follows from it for an event that waits for an ack. */
char        *sio_retry_describe        (SioRetry             *self,
                                        const char           *why);
/* Empties the queue, for ever: acks (of SioPendingAck) are then all that still have to be told. */
void         sio_retry_queue_steal_all (SioSocket            *socket,
                                        GPtrArray            *acks);
void         sio_retry_unref           (SioRetry             *self);

G_END_DECLS
