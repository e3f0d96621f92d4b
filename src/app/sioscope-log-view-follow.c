/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The log keeps up with its recording: one tick a frame while something is new, one items-changed a tick at most. Follows the tail, or
 * stays where the person reads, and says what waits. */

#include "config.h"

#include "sioscope-log-view-private.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"

/* What a frame may spend on conclusions; the model has a budget of its own. */
#define PROJECTION_ROWS 2000
#define PROJECTION_BUDGET_US 3000
/* Words that change with every row are written that often at most. */
#define LABELS_INTERVAL_US (G_USEC_PER_SEC / 4)
#define RAIN_ROWS_PER_SECOND 3000
#define RAIN_FRAMES 4

guint
sioscope_log_view_get_n_items (SioscopeLogView *self)
{
  return self->model != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->model)) : 0;
}

/* ── Words around the list ── */

static void
show_hint (SioscopeLogView *self)
{
  const char *text = NULL;
  gboolean offer_clear = FALSE;

  if (self->model == NULL)
    text = _("No recording is open.");
  else if (sioscope_log_view_get_n_items (self) > 0)
    text = NULL;
  else if (!sioscope_log_view_filter_is_default (self) && sioscope_recording_get_n_rows (self->recording) > 0)
    {
      text = sioscope_log_model_get_searching (self->model) ? _("Searching…") : _("Nothing in this recording passes the filter.");
      offer_clear = !sioscope_log_model_get_searching (self->model);
    }
  else if (sioscope_log_model_get_behind (self->model))
    text = NULL;
  else if (!sioscope_recording_get_live (self->recording))
    text = _("This recording is empty.");
  else if (sioscope_projection_get_status (self->projection)->phase == SIOSCOPE_PHASE_CONNECTED)
    text = _("Connected. Nothing has happened yet.");
  else
    text = _("Nothing has happened yet.");

  gtk_label_set_label (self->hint_label, text != NULL ? text : "");
  gtk_widget_set_visible (self->clear_button, offer_clear);
  gtk_widget_set_visible (self->hint, text != NULL);
}

static void
show_pill (SioscopeLogView *self)
{
  guint unseen = sioscope_log_view_get_n_items (self) > self->seen ? sioscope_log_view_get_n_items (self) - self->seen : 0;
  g_autofree char *count = NULL;
  g_autofree char *label = NULL;

  if (self->paused)
    {
      guint64 waiting = sioscope_recording_get_n_rows (self->recording) - self->paused_n_rows;

      count = sioscope_format_count (waiting);
      label = waiting > 0 ? g_strdup_printf (_("Paused · %s waiting · Go on"), count) : g_strdup (_("Paused · Go on"));
    }
  else if (!self->following && unseen > 0)
    {
      count = sioscope_format_count (unseen);
      label = g_strdup_printf (_("%s new ↓"), count);
    }

  if (label != NULL)
    gtk_button_set_label (self->pill_button, label);
  gtk_revealer_set_reveal_child (self->pill_revealer, label != NULL);
  /* What is faded out must not be in the way of the rows below it. */
  gtk_widget_set_can_target (GTK_WIDGET (self->pill_revealer), label != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->pill_button), label != NULL);
}

static void
show_count (SioscopeLogView *self)
{
  guint64 total = 0;
  g_autofree char *shown = sioscope_format_count (sioscope_log_view_get_n_items (self));
  g_autofree char *all = NULL;
  g_autofree char *label = NULL;

  if (self->recording != NULL)
    total = sioscope_recording_get_n_rows (self->recording) - sioscope_recording_get_first_row (self->recording);
  all = sioscope_format_count (total);
  /* "0 of 5" would be wrong, and is for a moment only. */
  if (self->model != NULL && sioscope_log_view_get_n_items (self) == 0 && sioscope_log_model_get_searching (self->model))
    label = g_strdup ("");
  else if (total == sioscope_log_view_get_n_items (self))
    label = g_strdup_printf (ngettext ("%s row", "%s rows", (gulong) total), all);
  else if (self->model != NULL && sioscope_log_model_get_searching (self->model))
    label = g_strdup_printf (_("%s of %s, still looking"), shown, all);
  else
    label = g_strdup_printf (_("%s of %s"), shown, all);
  gtk_label_set_label (self->count_label, label);
}

void
sioscope_log_view_show_labels (SioscopeLogView *self)
{
  self->labels_shown_us = g_get_monotonic_time ();
  self->labels_n_items = sioscope_log_view_get_n_items (self);
  show_count (self);
  sioscope_log_view_show_search (self);
  show_pill (self);
  show_hint (self);
}

static gboolean
labels_cb (gpointer data)
{
  SioscopeLogView *self = data;

  self->labels_id = 0;
  sioscope_log_view_show_labels (self);
  return G_SOURCE_REMOVE;
}

void
sioscope_log_view_request_labels (SioscopeLogView *self)
{
  gint64 since = g_get_monotonic_time () - self->labels_shown_us;

  /* Rows that are in sight are counted at once: "0 of 21" beside them would be wrong. */
  if (self->labels_n_items == 0 && sioscope_log_view_get_n_items (self) != 0)
    {
      g_clear_handle_id (&self->labels_id, g_source_remove);
      sioscope_log_view_show_labels (self);
      return;
    }
  if (self->labels_id != 0)
    return;
  if (since >= LABELS_INTERVAL_US)
    sioscope_log_view_show_labels (self);
  else
    self->labels_id = g_timeout_add ((guint) ((LABELS_INTERVAL_US - since) / 1000) + 1, labels_cb, self);
}

/* ── Position and selection ── */

GtkAdjustment *
sioscope_log_view_get_adjustment (SioscopeLogView *self)
{
  return gtk_scrolled_window_get_vadjustment (self->scroller);
}

static void
note_seen (SioscopeLogView *self)
{
  GtkAdjustment *adj = sioscope_log_view_get_adjustment (self);
  double bottom = gtk_adjustment_get_value (adj) + gtk_adjustment_get_page_size (adj);

  if (self->following)
    self->seen = sioscope_log_view_get_n_items (self);
  else
    self->seen = MAX (self->seen, MIN (sioscope_log_view_get_n_items (self), (guint) (bottom / SIOSCOPE_LOG_ROW_HEIGHT)));
}

/* Rows that have just come have no place before the list has laid itself out: the list is moved right after that, in the same frame. */
void
sioscope_log_view_layout_cb (SioscopeLogView *self)
{
  GtkAdjustment *adj = sioscope_log_view_get_adjustment (self);
  double page = gtk_adjustment_get_page_size (adj);
  double value = gtk_adjustment_get_value (adj);
  double top;

  /* A bar that comes or goes beside the list must not end the following, nor cover the newest row. */
  if (self->following && page != self->last_page)
    self->want_end = TRUE;
  self->last_page = page;

  if (self->want_end)
    value = gtk_adjustment_get_upper (adj) - page;
  else if (self->want_row != SIOSCOPE_NO_ROW)
    {
      guint n = sioscope_log_view_get_n_items (self);

      /* A row that is hidden has a place too: where it would be. */
      top = (double) MIN (sioscope_log_model_get_position (self->model, self->want_row), MAX (n, 1) - 1)
            * SIOSCOPE_LOG_ROW_HEIGHT;
      /* What is in sight already stays where it is. */
      if (top < value || top + SIOSCOPE_LOG_ROW_HEIGHT > value + page)
        value = top - (page - SIOSCOPE_LOG_ROW_HEIGHT) / 2;
    }
  else
    return;

  self->want_end = FALSE;
  self->want_row = SIOSCOPE_NO_ROW;
  self->moving = TRUE;
  gtk_adjustment_set_value (adj, value);
  self->moving = FALSE;
}

/* As soon as it is known where it is: older rows may still be on their way. */
void
sioscope_log_view_scroll_to (SioscopeLogView *self,
                             guint64          row)
{
  if (sioscope_log_model_get_stale (self->model) || row < sioscope_log_model_get_first_looked (self->model))
    {
      self->restore_row = row;
      return;
    }
  self->restore_row = SIOSCOPE_NO_ROW;
  self->want_end = FALSE;
  self->want_row = row;
  gtk_widget_queue_allocate (GTK_WIDGET (self->list));
}

void
sioscope_log_view_scroll_to_end (SioscopeLogView *self)
{
  self->want_row = SIOSCOPE_NO_ROW;
  self->restore_row = SIOSCOPE_NO_ROW;
  self->want_end = TRUE;
  gtk_widget_queue_allocate (GTK_WIDGET (self->list));
}

void
sioscope_log_view_set_following (SioscopeLogView *self,
               gboolean         following)
{
  if (self->following == following)
    return;

  note_seen (self);
  self->following = following;
  if (self->model != NULL)
    sioscope_log_model_set_keep_end (self->model, following);
  gtk_toggle_button_set_active (self->follow_button, following);
  if (following)
    {
      self->frames_unfollowed = 0;
      sioscope_log_view_scroll_to_end (self);
      note_seen (self);
    }
  sioscope_log_view_show_labels (self);
  g_object_notify (G_OBJECT (self), "following");
}

/* Following ends when the person moves up, and begins again when they are back at the bottom. Rows that come or go move the value too, but
 * never up without making the list shorter. */
void
sioscope_log_view_value_changed_cb (SioscopeLogView *self)
{
  GtkAdjustment *adj = sioscope_log_view_get_adjustment (self);
  double value = gtk_adjustment_get_value (adj);
  double upper = gtk_adjustment_get_upper (adj);
  gboolean at_bottom = value + gtk_adjustment_get_page_size (adj) >= upper - 2;
  double before = self->last_value;
  double upper_before = self->last_upper;
  gboolean resized = gtk_adjustment_get_page_size (adj) != self->last_page;
  guint64 first = sioscope_log_view_get_n_items (self) > 0 ? sioscope_log_model_get_row (self->model, 0) : SIOSCOPE_NO_ROW;
  gboolean shifted = first != self->last_first;

  self->last_value = value;
  self->last_upper = upper;
  self->last_first = first;
  /* A recording in memory gave rows back at the top, or the list got another height: everything moved, and nobody did it. */
  if (self->changing || self->moving || shifted || resized)
    return;
  /* Who goes somewhere does not want to be brought back. */
  if (upper == upper_before && value != before)
    self->restore_row = SIOSCOPE_NO_ROW;

  if (self->following && value < before - 1 && upper >= upper_before && !at_bottom)
    sioscope_log_view_set_following (self, FALSE);
  else if (!self->following && at_bottom && value > before + 0.5)
    sioscope_log_view_set_following (self, TRUE);
  else if (!self->following)
    {
      note_seen (self);
      sioscope_log_view_request_labels (self);
    }
}

/* The list shows the row that is selected, wherever it is now, without moving to it. */
void
sioscope_log_view_show_selection (SioscopeLogView *self)
{
  guint position = GTK_INVALID_LIST_POSITION;

  if (self->model != NULL && self->selected_row != SIOSCOPE_NO_ROW)
    {
      position = sioscope_log_model_get_position (self->model, self->selected_row);
      if (position >= sioscope_log_view_get_n_items (self) || sioscope_log_model_get_row (self->model, position) != self->selected_row)
        position = GTK_INVALID_LIST_POSITION;
    }

  if (gtk_single_selection_get_selected (self->selection) != position)
    {
      gboolean changing = self->changing;

      self->changing = TRUE;
      gtk_single_selection_set_selected (self->selection, position);
      self->changing = changing;
    }
}

void
sioscope_log_view_selection_changed_cb (SioscopeLogView *self)
{
  SioscopeLogItem *item = gtk_single_selection_get_selected_item (self->selection);
  guint64 row;

  if (self->changing || item == NULL)
    return;

  row = sioscope_log_item_get_row (item);
  if (row == self->selected_row)
    return;

  self->selected_row = row;
  /* Who selects a row wants to read it: it must not run away. */
  if (gtk_single_selection_get_selected (self->selection) + 1 < sioscope_log_view_get_n_items (self))
    sioscope_log_view_set_following (self, FALSE);
  sioscope_log_view_update_actions (self);
  g_object_notify (G_OBJECT (self), "selected-row");
}

/* ── Keeping up ── */

static void
measure_rain (SioscopeLogView *self,
              guint            added)
{
  gint64 now = g_get_monotonic_time ();
  gint64 elapsed = now - self->rain_since_us;

  self->rain_rows += added;
  if (elapsed >= G_USEC_PER_SEC / 4)
    {
      self->raining = self->rain_rows * G_USEC_PER_SEC / (guint64) elapsed >= RAIN_ROWS_PER_SECOND;
      self->rain_rows = 0;
      self->rain_since_us = now;
    }
}

static gboolean
update_projection (SioscopeLogView *self)
{
  gint64 end = g_get_monotonic_time () + PROJECTION_BUDGET_US;

  while (sioscope_projection_update (self->projection, PROJECTION_ROWS))
    if (g_get_monotonic_time () >= end)
      return TRUE;
  return FALSE;
}

/* Rows may come anywhere: what has been seen stays seen. */
void
sioscope_log_view_items_changed_cb (SioscopeLogView *self,
                                    guint            position,
                                    guint            removed,
                                    guint            added)
{
  guint n = sioscope_log_view_get_n_items (self);

  if (position == 0 && added == n)
    self->seen = n;
  else if (position < self->seen)
    self->seen = self->seen - MIN (removed, self->seen - position) + added;
  /* What comes in front fills the page from above: the end stays the end. */
  if (self->following && position == 0)
    {
      self->seen = n;
      sioscope_log_view_scroll_to_end (self);
    }
  measure_rain (self, added);
}

/* TRUE if more is waiting. */
static gboolean
advance (SioscopeLogView *self)
{
  gboolean more;

  self->changing = TRUE;
  /* Acks bring rows in and take them out anywhere, and the selection would be looked for among all that move; the rows of a new filter
   * come in where those before were. */
  if (sioscope_log_model_get_stale (self->model) ||
      sioscope_filter_needs_acks (sioscope_log_model_get_filter (self->model)))
    gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  more = sioscope_log_model_advance (self->model);
  self->changing = FALSE;

  if (self->selected_row != SIOSCOPE_NO_ROW &&
      gtk_single_selection_get_selected (self->selection) == GTK_INVALID_LIST_POSITION)
    sioscope_log_view_show_selection (self);
  return more;
}

static gboolean
tick_cb (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (widget);
  gboolean more = update_projection (self);
  gboolean unfollowed = FALSE;
  guint before = sioscope_log_view_get_n_items (self);

  if (!self->paused || sioscope_log_model_get_behind (self->model))
    {
      /* The rows of a new filter come in where those at the end were: the view goes there first. */
      if (self->following && self->seen != before && sioscope_log_model_get_stale (self->model))
        {
          self->frames_unfollowed = RAIN_FRAMES;
          more = TRUE;
        }
      else
        more = advance (self) || more;
      if (self->following && self->seen != sioscope_log_view_get_n_items (self))
        {
          self->frames_unfollowed++;
          unfollowed = self->raining && self->frames_unfollowed < RAIN_FRAMES;
          if (!unfollowed)
            {
              self->frames_unfollowed = 0;
              sioscope_log_view_scroll_to_end (self);
              self->seen = sioscope_log_view_get_n_items (self);
            }
        }
      /* Where nothing passes there is no place: it is kept for the next filter. */
      if (self->restore_row != SIOSCOPE_NO_ROW && !self->following && sioscope_log_view_get_n_items (self) > 0)
        sioscope_log_view_scroll_to (self, self->restore_row);
    }
  more = sioscope_log_view_advance_search (self) || more;

  if (self->paused || sioscope_log_view_get_n_items (self) != before || !more)
    sioscope_log_view_request_labels (self);
  if (more || unfollowed)
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

void
sioscope_log_view_request_tick (SioscopeLogView *self)
{
  if (self->tick_id == 0 && self->model != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

void
sioscope_log_view_stop_clocks (SioscopeLogView *self)
{
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  g_clear_handle_id (&self->seconds_id, g_source_remove);
  g_clear_handle_id (&self->labels_id, g_source_remove);
}

gboolean
sioscope_log_view_seconds_cb (gpointer data)
{
  SioscopeLogView *self = data;

  for (guint i = 0; i < self->context->rows->len; i++)
    sioscope_log_row_tick (g_ptr_array_index (self->context->rows, i));
  return G_SOURCE_CONTINUE;
}

void
sioscope_log_view_invalidate_rows (SioscopeLogView *self)
{
  for (guint i = 0; i < self->context->rows->len; i++)
    sioscope_log_row_invalidate (g_ptr_array_index (self->context->rows, i));
}

