/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioAckTable: the acks that a socket waits for, and one timer for all their deadlines. */

#pragma once

#include "sio-retry-queue-private.h"

G_BEGIN_DECLS

typedef struct {
  gint64         id;
  guint64        tag;
  char          *event;    /* the name as JSON token */
  gboolean       buffered; /* the event has not left the send buffer yet */
  GTask         *task;     /* (nullable): who waits; NULL if only a tap wants to know */
  SioRetry      *retry;    /* (nullable): or whose try this is */
  gint64         deadline_us; /* monotonic; -1: none */

  /* private */
  GSequenceIter *iter;     /* in the order of deadlines; NULL if there is none */
  GSource       *cancel;   /* (nullable): watches the caller's cancellable */
} SioPendingAck;

void           sio_pending_ack_free      (SioPendingAck *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioPendingAck, sio_pending_ack_free)

typedef struct _SioAckTable SioAckTable;

/* acks: those whose deadline has passed, by deadline, already out of the table. (transfer none)
 * (element-type SioPendingAck) */
typedef void (*SioAckExpiredFunc) (gpointer   data,
                                   GPtrArray *acks);

SioAckTable   *sio_ack_table_new         (GMainContext      *context,
                                          SioAckExpiredFunc  expired,
                                          gpointer           data);
void           sio_ack_table_free        (SioAckTable       *self);
guint          sio_ack_table_get_size    (SioAckTable       *self);
void           sio_ack_table_add         (SioAckTable       *self,
                                          SioPendingAck     *ack);
SioPendingAck *sio_ack_table_look_up     (SioAckTable       *self,
                                          gint64             id);
SioPendingAck *sio_ack_table_steal       (SioAckTable       *self,
                                          gint64             id);
GPtrArray     *sio_ack_table_steal_all   (SioAckTable       *self,
                                          gboolean           buffered_too);

G_END_DECLS
