/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeDetailsContent: what there is to say about one row, as texts of any size: the sources of the panes. Reads the row anew for every
 * piece: a recording in memory may have given it back. */

#pragma once

#include "sioscope-projection.h"
#include "sioscope-text-pane.h"

G_BEGIN_DECLS

typedef struct {
  SioscopeRecording *recording;   /* NULL: nothing */
  guint64            row;
  GPtrArray         *attachments; /* of GBytes, as far as they have come; NULL if it can have none */
  guint              columns;     /* of a hex dump: 8 or 16 bytes; as there is room */
} SioscopeDetailsContent;

void     sioscope_details_content_set       (SioscopeDetailsContent *self,
                                             SioscopeRecording      *recording,
                                             guint64                 row);
void     sioscope_details_content_clear     (SioscopeDetailsContent *self);
/* How many bytes of a dump in pane stand beside each other when it is as wide as view. */
guint    sioscope_details_content_fit       (SioscopeTextPane       *pane,
                                             GtkWidget              *view);
/* SioscopeTextSource each. */
gboolean sioscope_details_content_arguments (gpointer                data,
                                             gsize                   limit,
                                             GString                *out,
                                             GArray                 *runs);
gboolean sioscope_details_content_raw       (gpointer                data,
                                             gsize                   limit,
                                             GString                *out,
                                             GArray                 *runs);
gboolean sioscope_details_content_frame     (gpointer                data,
                                             gsize                   limit,
                                             GString                *out,
                                             GArray                 *runs);

G_END_DECLS
