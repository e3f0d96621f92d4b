/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A subject's insides. */

#pragma once

#include "sioscope-subject.h"

G_BEGIN_DECLS

struct _SioscopeSubject
{
  GObject parent_instance;

  SioscopeProfile *profile;       /* NULL: a recording from a file */
  SioscopeConnection *connection; /* NULL until the first connect, and for a file */
  SioscopeRecording *recording;   /* NULL until the first connect */
  SioscopeProjection *projection; /* NULL exactly when recording is */
  char *url;                      /* that the connection was made with; NULL exactly when connection is */
  char *title;
  SioscopeStatus idle;            /* told while there is no projection */

  GPtrArray *questions;           /* of Question: one for a namespace, the oldest first */

  guint frame_source;             /* 0 when everything that was published has been folded in */
  guint countdown_source;         /* 0 unless waiting */
  gint64 folded_us;               /* when the last frame was folded, monotonic */
  guint64 saved_rows;             /* so many rows were saved elsewhere; G_MAXUINT64: never */

  guint saved : 1;
  guint leftover : 1;
  guint stale : 1;                /* the profile's URL was edited after the connection was made */
};

G_END_DECLS
