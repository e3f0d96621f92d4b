/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeAcks: which ack answers which event, both ways. Rows come in, in order; pairs can be
 * asked for. 8 bytes for an event that wants an ack and 8 for an ack; nothing for all other rows. */

#pragma once

#include "sioscope-projection.h"
#include "sioscope-waiting-private.h"

G_BEGIN_DECLS

typedef struct {
  GArray         *pairs;     /* of AckPair, by row: events and acks */
  SioscopeWaiting waiting;
  SioscopeRowMap  latencies; /* of acks whose event was discarded before they came */
} SioscopeAcks;

void        sioscope_acks_init       (SioscopeAcks      *self);
void        sioscope_acks_clear      (SioscopeAcks      *self);

void        sioscope_acks_add_event  (SioscopeAcks      *self,
                                      SioDirection       direction,
                                      SioSpan            nsp,
                                      gint64             id,
                                      guint64            row,
                                      gint64             time_us);
/* An ack came (IN) or went (OUT). Returns its latency, or -1 if it belongs to nothing. */
gint64      sioscope_acks_answer     (SioscopeAcks      *self,
                                      SioscopeRecording *recording,
                                      SioDirection       direction,
                                      SioSpan            nsp,
                                      gint64             id,
                                      guint64            row,
                                      gint64             time_us);
/* One of our emits will not be answered. */
gboolean    sioscope_acks_fail       (SioscopeAcks      *self,
                                      SioSpan            nsp,
                                      gint64             id,
                                      SioscopeAckState   state,
                                      guint64            row);
/* The server's events cannot be answered any more: the session ended, or (nsp not empty) the namespace was left. */
gboolean    sioscope_acks_abandon_in (SioscopeAcks      *self,
                                      SioSpan            nsp,
                                      guint64            row);
SioscopeAck sioscope_acks_lookup     (SioscopeAcks      *self,
                                      SioscopeRecording *recording,
                                      guint64            row);
/* Rows from start up to end cannot be asked for any more. */
void        sioscope_acks_trim       (SioscopeAcks      *self,
                                      guint64            start,
                                      guint64            end);

G_END_DECLS
