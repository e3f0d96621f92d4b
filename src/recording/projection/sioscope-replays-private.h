/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeReplays: which rows were sent again by a server that recovers a session's state (Socket.IO, "Connection state
 * recovery"): the events of a namespace between our CONNECT and its answer, if the answer says recovered. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

typedef struct {
  GPtrArray *nsps;   /* of GBytes; bounded */
  GArray    *asked;  /* of Asked, by namespace */
  GArray    *ranges; /* of Range, by their end; bounded */
  guint      n_asked; /* how many are under way */
  gboolean   forgotten; /* something was too much */
} SioscopeReplays;

void     sioscope_replays_init      (SioscopeReplays     *self);
void     sioscope_replays_clear     (SioscopeReplays     *self);
/* A namespace moved. TRUE if rows turned out to be replayed. */
gboolean sioscope_replays_fold      (SioscopeReplays     *self,
                                     const SioscopeEntry *entry);
/* The number of a namespace that was asked for once; G_MAXUINT: it was not. */
guint    sioscope_replays_get_number (SioscopeReplays    *self,
                                     SioSpan              nsp);
/* CONNECT was sent and not answered yet. */
gboolean sioscope_replays_is_asked  (SioscopeReplays     *self,
                                     guint                number);
/* Where the events of the latest recovery begin. */
guint64  sioscope_replays_get_last_start (SioscopeReplays *self);
/* The event in entry. */
gboolean sioscope_replays_lookup    (SioscopeReplays     *self,
                                     const SioscopeEntry *entry);
/* The event came while its namespace is being joined again: what it was is told by a later row. */
gboolean sioscope_replays_undecided (SioscopeReplays     *self,
                                     const SioscopeEntry *entry);

G_END_DECLS
