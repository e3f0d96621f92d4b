/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person does with the strip: pointing, dragging, zooming, and walking from mark to mark with the keyboard. */

#include "config.h"

#include "sioscope-state-strip-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "sioscope-words.h"

#define PICK_DISTANCE 6

static double
reading_x (SioscopeStateStrip *self,
           double              x)
{
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    return gtk_widget_get_width (GTK_WIDGET (self)) - x;
  return x;
}

/* What is at a place: the nearest stop, or the segment. FALSE if there is nothing. *text may be NULL. */
static gboolean
pick (SioscopeStateStrip *self,
      double              x,
      guint64            *row,
      char              **text)
{
  SioscopeStripView view;
  guint n, i;
  const SioscopeSegment *segments;
  const SioscopeStop *best = NULL;
  double best_distance = PICK_DISTANCE;
  gint64 time;

  if (self->projection == NULL)
    return FALSE;
  view = sioscope_state_strip_get_view (self);
  if (x < view.x - PICK_DISTANCE || x > view.x + view.width + PICK_DISTANCE)
    return FALSE;

  i = sioscope_strip_index_find_stop (&self->index, sioscope_state_strip_get_time (&view, x - PICK_DISTANCE));
  for (guint k = 0; i < self->index.stops->len && k < 256; i++, k++)
    {
      const SioscopeStop *stop = &g_array_index (self->index.stops, SioscopeStop, i);
      double distance = fabs (sioscope_state_strip_get_x (&view, stop->time_us) - x);

      if (stop->is_mark && distance < best_distance)
        {
          best = stop;
          best_distance = distance;
        }
    }
  if (best != NULL)
    {
      *row = best->row;
      if (text != NULL)
        *text = sioscope_state_strip_dup_stop_text (self, best->row, best->time_us);
      return TRUE;
    }

  segments = sioscope_projection_get_segments (self->projection, &n);
  time = sioscope_state_strip_get_time (&view, x);
  i = sioscope_strip_index_find_segment (segments, n, time);
  if (i >= n || segments[i].start_us > time || segments[i].row == SIOSCOPE_NO_ROW)
    return FALSE;
  *row = segments[i].row;
  if (text != NULL)
    *text = sioscope_words_segment (&segments[i], view.now_us);
  return TRUE;
}

static void
zoom (SioscopeStateStrip *self,
      double              factor,
      double              x)
{
  SioscopeStripView view = sioscope_state_strip_get_view (self);
  gint64 latest = sioscope_state_strip_get_latest (self, view.now_us);
  gint64 whole = MAX (latest, SIOSCOPE_STRIP_SHORTEST_WHOLE_US);
  gint64 at = sioscope_state_strip_get_time (&view, CLAMP (x, view.x, view.x + view.width));
  double part = (double) (at - view.start_us) / (double) (view.end_us - view.start_us);
  gint64 span = (gint64) ((double) (view.end_us - view.start_us) * factor);

  if (span >= whole)
    {
      self->span_us = 0;
      self->at_now = TRUE;
    }
  else
    {
      gboolean was_at_now = self->at_now;

      self->span_us = MAX (span, SIOSCOPE_STRIP_SHORTEST_SPAN_US);
      self->end_us = at + (gint64) ((double) self->span_us * (1 - part));
      self->at_now = self->end_us >= latest || (was_at_now && part > 0.97);
    }
  sioscope_state_strip_changed_view (self);
  sioscope_state_strip_update_clock (self);
}

static void
move_to (SioscopeStateStrip *self,
         gint64              end_us)
{
  gint64 latest = sioscope_state_strip_get_latest (self, sioscope_recording_get_now_us (self->recording));

  if (self->span_us == 0)
    return;
  self->at_now = end_us >= latest;
  self->end_us = CLAMP (end_us, self->span_us, MAX (latest, self->span_us));
  sioscope_state_strip_changed_view (self);
}

static gboolean
scroll_cb (SioscopeStateStrip *self,
           double              dx,
           double              dy)
{
  SioscopeStripView view;

  if (self->projection == NULL)
    return GDK_EVENT_PROPAGATE;

  view = sioscope_state_strip_get_view (self);
  if (fabs (dx) > fabs (dy))
    move_to (self, view.end_us + (gint64) (dx * (double) (view.end_us - view.start_us) / 20));
  else
    zoom (self, pow (1.25, dy), reading_x (self, self->pointer_x));
  return GDK_EVENT_STOP;
}

static void
motion_cb (SioscopeStateStrip *self,
           double              x,
           double              y)
{
  self->pointer_x = x;
}

static void
drag_begin_cb (SioscopeStateStrip *self)
{
  if (self->projection != NULL)
    self->drag_end_us = sioscope_state_strip_get_view (self).end_us;
}

static void
drag_update_cb (SioscopeStateStrip *self,
                double              dx,
                double              dy)
{
  SioscopeStripView view;

  if (self->projection == NULL)
    return;
  view = sioscope_state_strip_get_view (self);
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    dx = -dx;
  move_to (self, self->drag_end_us - (gint64) (dx / view.width * (double) (view.end_us - view.start_us)));
}

static void
drag_end_cb (SioscopeStateStrip *self,
             double              dx,
             double              dy,
             GtkGestureDrag     *gesture)
{
  double x, y;
  guint64 row;

  /* A press that did not move is a click. */
  if (fabs (dx) < 4 && gtk_gesture_drag_get_start_point (gesture, &x, &y) && pick (self, reading_x (self, x), &row, NULL))
    g_signal_emit_by_name (self, "row-activated", row);
}

static void
now_clicked_cb (SioscopeStateStrip *self)
{
  self->span_us = 0;
  self->at_now = TRUE;
  sioscope_state_strip_changed_view (self);
  sioscope_state_strip_update_clock (self);
}

/* Puts the keyboard's mark on a stop, brings it into sight, and selects its row in the log. */
static void
focus_stop (SioscopeStateStrip *self,
            guint               i)
{
  const SioscopeStop *stop = &g_array_index (self->index.stops, SioscopeStop, i);
  SioscopeStripView view = sioscope_state_strip_get_view (self);

  self->focus_row = stop->row;
  self->focus_us = stop->time_us;
  if (stop->time_us < view.start_us || stop->time_us > view.end_us)
    move_to (self, stop->time_us + (view.end_us - view.start_us) / 2);
  sioscope_state_strip_tell_accessible (self);
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "row-activated", stop->row);
}

static gboolean
walk_cb (GtkWidget *widget,
         GVariant  *arguments,
         gpointer   data)
{
  SioscopeStateStrip *self = SIOSCOPE_STATE_STRIP (widget);
  int step = g_variant_get_int32 (arguments);
  guint n = self->index.stops != NULL ? self->index.stops->len : 0;
  guint i;

  if (n == 0)
    return FALSE;

  /* 2 and -2 are the ends. */
  if (step == 2 || (self->focus_row == SIOSCOPE_NO_ROW && step == -1))
    i = n - 1;
  else if (step == -2 || self->focus_row == SIOSCOPE_NO_ROW)
    i = 0;
  else
    {
      i = sioscope_strip_index_find_stop (&self->index, self->focus_us);
      while (i < n && g_array_index (self->index.stops, SioscopeStop, i).row != self->focus_row &&
             g_array_index (self->index.stops, SioscopeStop, i).time_us == self->focus_us)
        i++;
      if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
        step = -step;
      if ((step < 0 && i == 0) || (step > 0 && i + 1 >= n))
        return TRUE;
      i = step < 0 ? i - 1 : i + 1;
    }
  focus_stop (self, i);
  return TRUE;
}

static gboolean
zoom_key_cb (GtkWidget *widget,
             GVariant  *arguments,
             gpointer   data)
{
  SioscopeStateStrip *self = SIOSCOPE_STATE_STRIP (widget);
  SioscopeStripView view;

  if (self->projection == NULL)
    return FALSE;
  view = sioscope_state_strip_get_view (self);
  zoom (self, g_variant_get_int32 (arguments) > 0 ? 0.8 : 1.25,
        self->focus_row != SIOSCOPE_NO_ROW ? (double) sioscope_state_strip_get_x (&view, self->focus_us)
                                           : (double) (view.x + view.width));
  return TRUE;
}

static gboolean
query_tooltip_cb (SioscopeStateStrip *self,
                  int                 x,
                  int                 y,
                  gboolean            keyboard,
                  GtkTooltip         *tooltip)
{
  g_autofree char *text = NULL;
  guint64 row;

  if (self->projection == NULL)
    return FALSE;
  if (keyboard && self->focus_row != SIOSCOPE_NO_ROW)
    text = sioscope_state_strip_dup_stop_text (self, self->focus_row, self->focus_us);
  else if (keyboard || !pick (self, reading_x (self, x), &row, &text))
    return FALSE;

  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
add_key (GtkWidgetClass *klass,
         guint           key,
         guint           keypad_key,
         GtkShortcutFunc callback,
         int             value)
{
  gtk_widget_class_add_binding (klass, key, 0, callback, "i", value);
  gtk_widget_class_add_binding (klass, keypad_key, 0, callback, "i", value);
}

void
sioscope_state_strip_add_keys (GtkWidgetClass *widget_class)
{
  add_key (widget_class, GDK_KEY_Left, GDK_KEY_KP_Left, walk_cb, -1);
  add_key (widget_class, GDK_KEY_Right, GDK_KEY_KP_Right, walk_cb, 1);
  add_key (widget_class, GDK_KEY_Home, GDK_KEY_KP_Home, walk_cb, -2);
  add_key (widget_class, GDK_KEY_End, GDK_KEY_KP_End, walk_cb, 2);
  add_key (widget_class, GDK_KEY_plus, GDK_KEY_KP_Add, zoom_key_cb, 1);
  add_key (widget_class, GDK_KEY_minus, GDK_KEY_KP_Subtract, zoom_key_cb, -1);
}

void
sioscope_state_strip_add_controllers (SioscopeStateStrip *self)
{
  GtkEventController *controller;
  GtkGesture *drag;

  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  g_signal_connect_swapped (self->now_button, "clicked", G_CALLBACK (now_clicked_cb), self);

  controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect_swapped (controller, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
  controller = gtk_event_controller_motion_new ();
  g_signal_connect_swapped (controller, "motion", G_CALLBACK (motion_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
  drag = gtk_gesture_drag_new ();
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
