/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the two halves of the details share: the pages, and the header above them. */

#pragma once

#include "sioscope-details-content.h"
#include "sioscope-details-view.h"
#include "sioscope-diff-view.h"

G_BEGIN_DECLS

enum {
  SIOSCOPE_DETAILS_ARGUMENTS,
  SIOSCOPE_DETAILS_RAW,
  SIOSCOPE_DETAILS_FRAME,
  SIOSCOPE_DETAILS_DIFF,
  SIOSCOPE_DETAILS_N_PAGES
};

struct _SioscopeDetailsView {
  GtkWidget              parent_instance;

  SioscopeProjection    *projection;
  guint64                row;
  SioscopeDetailsContent content;
  gboolean               filled[SIOSCOPE_DETAILS_N_PAGES];
  guint64                other_row;    /* where the link goes, or SIOSCOPE_NO_ROW */
  gboolean               ack_open;     /* the ack is not decided: its words change */
  guint                  n_shown;      /* attachments in the list */
  guint                  seconds_id;

  GtkStack              *outer;
  GtkLabel              *title;
  GtkLabel              *subtitle;
  GtkWidget             *ack_box;
  GtkImage              *ack_icon;
  GtkLabel              *ack_label;
  GtkButton             *link_button;
  GtkWidget             *copy_button;
  GtkWidget             *save_button;
  GtkLabel              *notice;
  GtkStack              *pages;
  GtkStackPage          *arguments_page;
  SioscopeTextPane      *arguments;
  GtkWidget             *attachments_scroller;
  GtkBox                *attachments;
  SioscopeTextPane      *raw;
  SioscopeTextPane      *frame;
  SioscopeDiffView      *diff;
};

/* sioscope-details-header.c */
SioscopeRecording *sioscope_details_view_get_recording (SioscopeDetailsView *self);
gboolean           sioscope_details_view_read          (SioscopeDetailsView *self,
                                                        SioscopeEntry       *entry);
void               sioscope_details_view_show_header   (SioscopeDetailsView *self,
                                                        const SioscopeEntry *entry);
/* What became of the event: its ack, or that it may be lost. */
void               sioscope_details_view_show_ack      (SioscopeDetailsView *self,
                                                        const SioscopeEntry *entry);

G_END_DECLS
