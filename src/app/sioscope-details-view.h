/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeDetailsView: one row of a recording, read closely: what it is, its arguments, its raw text, its frame, its attachments,
 * and how it differs from the one before. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-projection.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_DETAILS_VIEW (sioscope_details_view_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeDetailsView, sioscope_details_view, SIOSCOPE, DETAILS_VIEW, GtkWidget)

/* Signals: "row-activated" (guint64 row): the person wants to see the event of an answer, or the answer to an event. */

GtkWidget          *sioscope_details_view_new            (void);
SioscopeProjection *sioscope_details_view_get_projection (SioscopeDetailsView *self);
void                sioscope_details_view_set_projection (SioscopeDetailsView *self,
                                                          SioscopeProjection  *projection);
guint64             sioscope_details_view_get_row        (SioscopeDetailsView *self);
void                sioscope_details_view_set_row        (SioscopeDetailsView *self,
                                                          guint64              row);
/* Shows a page: "arguments", "raw", "frame" or "diff". */
void                sioscope_details_view_set_page       (SioscopeDetailsView *self,
                                                          const char          *name);
char               *sioscope_details_view_dup_page_text_for_tests (SioscopeDetailsView *self,
                                                          const char          *name);
char               *sioscope_details_view_dup_header_for_tests (SioscopeDetailsView *self);

G_END_DECLS
