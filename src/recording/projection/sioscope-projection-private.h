/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The projection's insides: what folding a row changes. */

#pragma once

#include "sioscope-acks-private.h"
#include "sioscope-replays-private.h"

G_BEGIN_DECLS

struct _SioscopeProjection {
  GObject parent_instance;

  SioscopeRecording *recording;
  guint64            next_row;

  SioscopeStatus     status;
  gboolean           waiting_unsaid; /* the connection will try again, but WAITING has not said when */
  gint64             probe_sent_us;  /* -1: none is under way */
  gint64             ping_sent_us;   /* Engine.IO 3: ours; -1: none */

  GArray            *segments;
  GArray            *marks;
  GArray            *namespaces;
  SioscopeAcks       acks;
  SioscopeReplays    replays;
  SioscopeRowMap     tags;
  SioscopeRowMap     buffered; /* by tag: the row that says that it waits */
  SioscopeRowMap     lost;     /* by the row of a packet: the one that says that it may be lost */
  SioscopeForgotten  forgotten;
};

/* Returns the #SioscopeChanged flags of what the row changed. */
guint sioscope_projection_fold_row  (SioscopeProjection *self,
                                     guint64             row);
/* Of a session's end: the person asked for it. */
gboolean sioscope_projection_ended_by_us (const SioscopeEntry *entry);

G_END_DECLS
