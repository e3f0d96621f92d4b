/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeWaiting: the events whose acks are still to come, both ways; finds the event that an ack answers. Bounded:
 * of more than some ten thousand the oldest are forgotten. */

#pragma once

#include "sioscope-row-map-private.h"
#include "sioscope-entry.h"

G_BEGIN_DECLS

/* An event that wants an ack. */
typedef struct {
  guint64 row;
  gint64  time_us;
  guint64 data;    /* whatever the caller wants to find again */
} SioscopeAsked;

typedef struct {
  SioscopeRowMap  pending[2];  /* by the event's direction: namespace and id to the event's slot */
  GArray         *slots;       /* of SioscopeAsked */
  guint           free_slot;   /* the first of those that are free, each naming the next one in its row */
  GPtrArray      *nsps;        /* of GBytes; bounded */
  guint           last_nsp;
  guint64         n_forgotten; /* still asked, but there were too many, or too many namespaces */
} SioscopeWaiting;

void     sioscope_waiting_init       (SioscopeWaiting     *self);
void     sioscope_waiting_clear      (SioscopeWaiting     *self);
guint    sioscope_waiting_get_n      (SioscopeWaiting     *self,
                                      SioDirection         direction);

void     sioscope_waiting_add        (SioscopeWaiting     *self,
                                      SioDirection         direction,
                                      SioSpan              nsp,
                                      gint64               id,
                                      const SioscopeAsked *event);
/* An ack came (IN) or went (OUT). FALSE if it belongs to nothing. */
gboolean sioscope_waiting_answer     (SioscopeWaiting     *self,
                                      SioDirection         direction,
                                      SioSpan              nsp,
                                      gint64               id,
                                      SioscopeAsked       *event);
/* One of our emits will not be answered. FALSE if it did not wait. */
gboolean sioscope_waiting_fail       (SioscopeWaiting     *self,
                                      SioSpan              nsp,
                                      gint64               id,
                                      SioscopeAsked       *event);
/* The server's events cannot be answered any more: the session ended, or (nsp not empty) the namespace was left. */
void     sioscope_waiting_abandon_in (SioscopeWaiting     *self,
                                      SioSpan              nsp,
                                      void               (*abandoned) (const SioscopeAsked *event,
                                                                       gpointer             data),
                                      gpointer             data);

G_END_DECLS
