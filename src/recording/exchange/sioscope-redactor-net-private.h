/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the two halves of the net share: its values, and the patterns that they become. */

#pragma once

#include "sioscope-redactor-private.h"

G_BEGIN_DECLS

#define SIOSCOPE_NET_VALUE_MIN 4

typedef struct {
  char   *data;
  guint32 size;
  guint32 flags;
  gint32  shorter; /* the longest other pattern that this one ends with, or -1 */
} SioscopeNetPattern;

struct _SioscopeNet {
  GHashTable *values; /* GBytes; to whether it is strong */
  GHashTable *names;  /* GBytes */
  gsize       n_bytes;

  GArray     *patterns; /* of SioscopeNetPattern, sorted from their ends */
  guint8     *filter;
  guint       shift;
};

/* "k3y-of-s0meone" and "Zm9vYmFyYmF6" could be secrets, "web-frontend" is not taken for one. */
gboolean sioscope_net_looks_made (const char *value,
                                  gsize       size);

G_END_DECLS
