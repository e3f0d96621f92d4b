/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SiocatTally: what was received, and what is still to come: emits that were not sent yet and acks
 * that were not answered. */

#pragma once

#include "sioscope-entry.h"

G_BEGIN_DECLS

typedef struct _SiocatTally SiocatTally;

SiocatTally *siocat_tally_new        (void);
void         siocat_tally_free       (SiocatTally         *self);

/* An emit was made. */
void         siocat_tally_expect     (SiocatTally         *self,
                                      guint64              tag,
                                      gsize                size,
                                      gboolean             want_ack);
/* A try of an emit got no ack. TRUE if it will be sent again, of retries times in all; else it is as if nothing was said. */
gboolean     siocat_tally_try_again  (SiocatTally         *self,
                                      guint64              tag,
                                      guint                retries);
/* Nothing more is to be expected of it. */
void         siocat_tally_forget     (SiocatTally         *self,
                                      guint64              tag);
/* A row of kind PACKET or ATTACHMENT. The tag of the emit that it answered, or 0. */
guint64      siocat_tally_add        (SiocatTally         *self,
                                      const SioscopeEntry *entry);

/* Whole ones: a binary event counts with its last attachment. */
guint64      siocat_tally_get_events (SiocatTally         *self);
guint64      siocat_tally_get_bytes  (SiocatTally         *self);
gboolean     siocat_tally_is_empty   (SiocatTally         *self);
gboolean     siocat_tally_is_busy    (SiocatTally         *self);

G_END_DECLS
