/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the log view share. */

#pragma once

#include "sioscope-filter-entry.h"
#include "sioscope-log-context.h"
#include "sioscope-log-header.h"
#include "sioscope-log-row.h"
#include "sioscope-log-view.h"
#include "sioscope-search-bar.h"

G_BEGIN_DECLS

#define SIOSCOPE_LOG_VIEW_N_CHIPS 9

struct _SioscopeLogView {
  GtkWidget           parent_instance;

  SioscopeLogContext *context;
  GtkSingleSelection *selection;
  SioscopeProjection *projection;
  SioscopeRecording  *recording;   /* the projection's */
  SioscopeLogModel   *model;
  SioscopeLogModel   *matches;     /* what the search finds in it; NULL: nothing is searched for */
  int                 wrapped;     /* the last move began again at the top (1), at the end (-1) */
  guint64             selected_row; /* the truth; the list shows it if it can */

  SioscopeFilterEntry *filter_entry;
  GtkToggleButton    *pause_button;
  GtkToggleButton    *follow_button;
  GtkBox             *chips;
  GtkToggleButton    *chip_buttons[SIOSCOPE_LOG_VIEW_N_CHIPS];
  GtkLabel           *count_label;
  SioscopeSearchBar  *search_bar;
  SioscopeLogHeader  *header;
  GtkScrolledWindow  *scroller;
  GtkListView        *list;
  GtkWidget          *hint;
  GtkLabel           *hint_label;
  GtkWidget          *clear_button;
  GtkRevealer        *pill_revealer;
  GtkButton          *pill_button;
  GMenuModel         *row_menu;
  GtkWidget          *menu;        /* NULL until it is opened */

  /* Keeping up. */
  guint               tick_id;
  guint               seconds_id;
  guint               labels_id;
  gint64              labels_shown_us;
  guint               labels_n_items; /* how many shown rows the count speaks of */
  gboolean            following;
  gboolean            paused;
  guint64             paused_n_rows;
  guint               seen;         /* rows of the model that have been in sight, or were above what was */
  guint64             restore_row;  /* to be brought back into sight when the filter got there, or SIOSCOPE_NO_ROW */
  gboolean            changing;     /* selection and position move because of us */
  gboolean            moving;       /* we are setting the adjustment */
  gboolean            want_end;     /* after the next layout */
  guint64             want_row;     /* likewise: this row or the next shown one; or SIOSCOPE_NO_ROW */
  gulong              layout_id;    /* on the frame clock, while mapped */
  double              last_value;
  double              last_upper;
  double              last_page;    /* as of the last layout */
  guint64             last_first;   /* the row at the top of the model */

  /* When it rains, the tail is followed at every fourth frame only. */
  guint               frames_unfollowed;
  gint64              rain_since_us;
  guint64             rain_rows;
  gboolean            raining;
};

/* sioscope-log-view-follow.c */
guint          sioscope_log_view_get_n_items          (SioscopeLogView *self);
GtkAdjustment *sioscope_log_view_get_adjustment       (SioscopeLogView *self);
void           sioscope_log_view_show_labels          (SioscopeLogView *self);
void           sioscope_log_view_request_labels       (SioscopeLogView *self);
void           sioscope_log_view_scroll_to            (SioscopeLogView *self,
                                                       guint64          row);
void           sioscope_log_view_scroll_to_end        (SioscopeLogView *self);
void           sioscope_log_view_items_changed_cb     (SioscopeLogView *self,
                                                       guint            position,
                                                       guint            removed,
                                                       guint            added);
void           sioscope_log_view_set_following        (SioscopeLogView *self,
                                                       gboolean         following);
void           sioscope_log_view_layout_cb            (SioscopeLogView *self);
void           sioscope_log_view_value_changed_cb     (SioscopeLogView *self);
void           sioscope_log_view_show_selection       (SioscopeLogView *self);
void           sioscope_log_view_selection_changed_cb (SioscopeLogView *self);
void           sioscope_log_view_advance              (SioscopeLogView *self);
void           sioscope_log_view_request_tick         (SioscopeLogView *self);
void           sioscope_log_view_stop_clocks          (SioscopeLogView *self);
gboolean       sioscope_log_view_seconds_cb           (gpointer         data);
void           sioscope_log_view_invalidate_rows      (SioscopeLogView *self);

/* sioscope-log-view-filter.c */
void           sioscope_log_view_make_chips           (SioscopeLogView *self);
void           sioscope_log_view_apply_filter         (SioscopeLogView *self);
void           sioscope_log_view_filter_stopped_cb    (SioscopeLogView *self);
gboolean       sioscope_log_view_filter_is_default    (SioscopeLogView *self);

/* sioscope-log-view-search.c */
void           sioscope_log_view_install_search       (GtkWidgetClass  *widget_class);
void           sioscope_log_view_search_again         (SioscopeLogView *self);
gboolean       sioscope_log_view_advance_search       (SioscopeLogView *self);
void           sioscope_log_view_show_search          (SioscopeLogView *self);
void           sioscope_log_view_search_move          (SioscopeLogView *self,
                                                       gboolean         forward);
void           sioscope_log_view_close_search         (SioscopeLogView *self);

/* sioscope-log-view-actions.c */
void sioscope_log_view_install_actions (GtkWidgetClass  *widget_class);
void sioscope_log_view_update_actions  (SioscopeLogView *self);
void sioscope_log_view_open_menu       (SioscopeLogView *self,
                                        double           x,
                                        double           y);
void sioscope_log_view_reply           (SioscopeLogView *self,
                                        guint64          row);

G_END_DECLS
