/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeAcks: which ack answers which event, both ways. Rows come in, in order; pairs can be
 * asked for. 24 bytes for an event that wants an ack and 16 for an ack; nothing for all other rows. */

#pragma once

#include "sioscope-projection.h"
#include "sioscope-row-map-private.h"

G_BEGIN_DECLS

typedef struct {
  GArray         *events;   /* of AckEvent, by row */
  guint64         n_events_dropped; /* from the front */
  GArray         *answers;  /* of AckAnswer, by row */
  SioscopeRowMap  pending[2]; /* by the event's direction: namespace and id to the event's number */
  GPtrArray      *nsps;     /* of GBytes; bounded */
  guint           last_nsp;
} SioscopeAcks;

void        sioscope_acks_init       (SioscopeAcks     *self);
void        sioscope_acks_clear      (SioscopeAcks     *self);

void        sioscope_acks_add_event  (SioscopeAcks     *self,
                                      SioDirection      direction,
                                      SioSpan           nsp,
                                      gint64            id,
                                      guint64           row,
                                      gint64            time_us);
/* An ack came (IN) or went (OUT). Returns its latency, or -1 if it belongs to nothing. */
gint64      sioscope_acks_answer     (SioscopeAcks     *self,
                                      SioDirection      direction,
                                      SioSpan           nsp,
                                      gint64            id,
                                      guint64           row,
                                      gint64            time_us);
/* One of our emits will not be answered. */
gboolean    sioscope_acks_fail       (SioscopeAcks     *self,
                                      SioSpan           nsp,
                                      gint64            id,
                                      SioscopeAckState  state,
                                      guint64           row);
/* The server's events cannot be answered any more: the session ended, or (nsp not empty) the namespace was left. */
gboolean    sioscope_acks_abandon_in (SioscopeAcks     *self,
                                      SioSpan           nsp,
                                      guint64           row);
SioscopeAck sioscope_acks_lookup     (SioscopeAcks     *self,
                                      guint64           row);
/* Rows below first_row cannot be asked for any more. */
void        sioscope_acks_trim       (SioscopeAcks     *self,
                                      guint64           first_row);

G_END_DECLS
