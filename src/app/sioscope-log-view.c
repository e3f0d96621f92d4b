/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The object and its template. Keeping up with the recording is in sioscope-log-view-follow.c, the filter in -filter.c, searching in
 * -search.c, what can be done with a row in -actions.c. */

#include "config.h"

#include "sioscope-log-view-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (SioscopeLogView, sioscope_log_view, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_PROJECTION, PROP_SELECTED_ROW, PROP_PAUSED, PROP_FOLLOWING, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { ACTIVATE_REPLY, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
projection_changed_cb (SioscopeLogView *self,
                       guint            changed)
{
  if ((changed & (SIOSCOPE_CHANGED_ACKS | SIOSCOPE_CHANGED_SEGMENTS | SIOSCOPE_CHANGED_REPLAYED)) != 0)
    {
      sioscope_log_view_invalidate_rows (self);
      sioscope_log_view_update_actions (self);
    }
  if ((changed & SIOSCOPE_CHANGED_STATUS) != 0)
    sioscope_log_view_request_labels (self);
}

/* ── Handlers of the template ── */

static void
pause_toggled_cb (SioscopeLogView *self)
{
  sioscope_log_view_set_paused (self, gtk_toggle_button_get_active (self->pause_button));
}

static void
follow_toggled_cb (SioscopeLogView *self)
{
  if (gtk_toggle_button_get_active (self->follow_button))
    sioscope_log_view_follow (self);
  else
    sioscope_log_view_set_following (self, FALSE);
}

static void
pill_clicked_cb (SioscopeLogView *self)
{
  if (self->paused)
    sioscope_log_view_set_paused (self, FALSE);
  else
    sioscope_log_view_follow (self);
}

static void
row_activated_cb (SioscopeLogView *self,
                  guint            position)
{
  sioscope_log_view_reply (self, sioscope_log_model_get_row (self->model, position));
}

/* The row at a place of the list, or NULL. */
static SioscopeLogRow *
pick_row (SioscopeLogView *self,
          double           x,
          double           y)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->list), x, y, GTK_PICK_DEFAULT);

  /* The row itself, or the list's widget around it. */
  if (widget != NULL && !SIOSCOPE_IS_LOG_ROW (widget))
    widget = gtk_widget_get_first_child (widget);
  return widget != NULL && SIOSCOPE_IS_LOG_ROW (widget) ? SIOSCOPE_LOG_ROW (widget) : NULL;
}

/* One gesture for all rows: GTK builds them by the hundred. It comes before the one with which the list selects. */
static void
row_pressed_cb (SioscopeLogView *self,
                int              n_press,
                double           x,
                double           y,
                GtkGesture      *gesture)
{
  SioscopeLogRow *row = pick_row (self, x, y);

  if (row == NULL)
    return;
  gtk_widget_translate_coordinates (GTK_WIDGET (self->list), GTK_WIDGET (row), x, y, &x, &y);
  if (!sioscope_log_row_is_reply (row, x, y))
    return;

  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  sioscope_log_view_reply (self, sioscope_log_row_get_row (row));
}

static void
menu_pressed_cb (SioscopeLogView *self,
                 int              n_press,
                 double           x,
                 double           y)
{
  SioscopeLogRow *row = pick_row (self, x, y);

  if (row == NULL)
    return;

  gtk_single_selection_set_selected (self->selection, sioscope_log_row_get_position (row));
  sioscope_log_view_open_menu (self, x, y);
}

/* The list moves its cursor by itself; End means to stay at the end as well. */
static gboolean
key_pressed_cb (SioscopeLogView *self,
                guint            keyval,
                guint            keycode,
                GdkModifierType  modifiers)
{
  if (keyval == GDK_KEY_End || keyval == GDK_KEY_KP_End)
    sioscope_log_view_follow (self);
  return GDK_EVENT_PROPAGATE;
}

static void
time_mode_changed_cb (SioscopeLogView *self)
{
  sioscope_log_view_invalidate_rows (self);
}

static void
style_changed_cb (SioscopeLogView *self)
{
  sioscope_log_context_restyle (self->context);
  gtk_widget_queue_resize (GTK_WIDGET (self->header));
  sioscope_log_view_invalidate_rows (self);
}

static void
row_setup_cb (SioscopeLogView *self,
              GtkListItem     *item)
{
  gtk_list_item_set_child (item, sioscope_log_row_new (self->context));
}

static void
row_bind_cb (SioscopeLogView *self,
             GtkListItem     *item)
{
  sioscope_log_row_bind (SIOSCOPE_LOG_ROW (gtk_list_item_get_child (item)), item);
}

static void
row_unbind_cb (SioscopeLogView *self,
               GtkListItem     *item)
{
  sioscope_log_row_unbind (SIOSCOPE_LOG_ROW (gtk_list_item_get_child (item)));
}

/* ── The object ── */

static void
sioscope_log_view_map (GtkWidget *widget)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (widget);

  GTK_WIDGET_CLASS (sioscope_log_view_parent_class)->map (widget);
  if (self->layout_id == 0)
    self->layout_id = g_signal_connect_data (gtk_widget_get_frame_clock (widget), "layout",
                                             G_CALLBACK (sioscope_log_view_layout_cb), self, NULL,
                                             G_CONNECT_AFTER | G_CONNECT_SWAPPED);
  if (self->seconds_id == 0)
    self->seconds_id = g_timeout_add_seconds (1, sioscope_log_view_seconds_cb, self);
  sioscope_log_view_request_tick (self);
}

static void
sioscope_log_view_unmap (GtkWidget *widget)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (widget);

  g_clear_signal_handler (&self->layout_id, gtk_widget_get_frame_clock (widget));
  sioscope_log_view_stop_clocks (self);
  GTK_WIDGET_CLASS (sioscope_log_view_parent_class)->unmap (widget);
}

static void
sioscope_log_view_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (object);

  switch (prop_id)
    {
    case PROP_PROJECTION:
      g_value_set_object (value, self->projection);
      break;
    case PROP_SELECTED_ROW:
      g_value_set_uint64 (value, self->selected_row);
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;
    case PROP_FOLLOWING:
      g_value_set_boolean (value, self->following);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
sioscope_log_view_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (object);

  switch (prop_id)
    {
    case PROP_PROJECTION:
      sioscope_log_view_set_projection (self, g_value_get_object (value));
      break;
    case PROP_SELECTED_ROW:
      sioscope_log_view_set_selected_row (self, g_value_get_uint64 (value));
      break;
    case PROP_PAUSED:
      sioscope_log_view_set_paused (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
sioscope_log_view_dispose (GObject *object)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (object);
  GtkWidget *child;

  sioscope_log_view_stop_clocks (self);
  if (self->selection != NULL)
    sioscope_log_view_set_projection (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  self->menu = NULL;
  g_clear_object (&self->selection);

  G_OBJECT_CLASS (sioscope_log_view_parent_class)->dispose (object);
}

static void
sioscope_log_view_finalize (GObject *object)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (object);

  g_assert (self->tick_id == 0 && self->seconds_id == 0 && self->labels_id == 0);
  g_clear_pointer (&self->context, sioscope_log_context_unref);
  g_clear_object (&self->row_menu);

  G_OBJECT_CLASS (sioscope_log_view_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (SIOSCOPE_TYPE_FILTER_ENTRY);
  g_type_ensure (SIOSCOPE_TYPE_LOG_HEADER);
  g_type_ensure (SIOSCOPE_TYPE_SEARCH_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-log-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, filter_entry);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, pause_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, follow_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, chips);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, count_label);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, search_bar);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, header);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, scroller);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, list);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, hint);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, hint_label);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, clear_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, pill_revealer);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, pill_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeLogView, row_menu);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_log_view_apply_filter);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_log_view_filter_stopped_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_log_view_search_again);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_log_view_search_move);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_log_view_close_search);
  gtk_widget_class_bind_template_callback (widget_class, pause_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, follow_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, pill_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, menu_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_log_view_clear_filter);
}

static void
sioscope_log_view_class_init (SioscopeLogViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = sioscope_log_view_get_property;
  object_class->set_property = sioscope_log_view_set_property;
  object_class->dispose = sioscope_log_view_dispose;
  object_class->finalize = sioscope_log_view_finalize;
  widget_class->map = sioscope_log_view_map;
  widget_class->unmap = sioscope_log_view_unmap;

  /**
   * SioscopeLogView:projection:
   *
   * What is shown, with its recording; %NULL for nothing.
   */
  properties[PROP_PROJECTION] =
    g_param_spec_object ("projection", NULL, NULL, SIOSCOPE_TYPE_PROJECTION,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * SioscopeLogView:selected-row:
   *
   * The recording's row that is selected, %SIOSCOPE_NO_ROW for none. It stays selected when a filter hides it.
   */
  properties[PROP_SELECTED_ROW] =
    g_param_spec_uint64 ("selected-row", NULL, NULL, 0, G_MAXUINT64, SIOSCOPE_NO_ROW,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * SioscopeLogView:paused:
   *
   * The view takes in nothing new. The recording goes on.
   */
  properties[PROP_PAUSED] =
    g_param_spec_boolean ("paused", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * SioscopeLogView:following:
   *
   * The view stands at the end and stays there.
   */
  properties[PROP_FOLLOWING] =
    g_param_spec_boolean ("following", NULL, NULL, TRUE,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * SioscopeLogView::activate-reply:
   * @self: the view
   * @row: the server's event
   *
   * The person wants to answer the event in @row, which waits for an acknowledgement.
   */
  signals[ACTIVATE_REPLY] = g_signal_new ("activate-reply", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);

  sioscope_log_view_install_actions (widget_class);
  sioscope_log_view_install_search (widget_class);
  bind_template (widget_class);
  gtk_widget_class_set_css_name (widget_class, "logview");
}

static void
sioscope_log_view_init (SioscopeLogView *self)
{
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  self->selected_row = SIOSCOPE_NO_ROW;
  self->restore_row = SIOSCOPE_NO_ROW;
  self->want_row = SIOSCOPE_NO_ROW;
  self->following = TRUE;
  self->context = sioscope_log_context_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->context->list = GTK_WIDGET (self->list);
  sioscope_log_view_make_chips (self);
  sioscope_log_header_set_context (self->header, self->context);
  g_signal_connect_object (self->header, "time-mode-changed", G_CALLBACK (time_mode_changed_cb), self, G_CONNECT_SWAPPED);

  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (sioscope_log_view_selection_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "setup", G_CALLBACK (row_setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (row_bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (row_unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (sioscope_log_view_get_adjustment (self), "value-changed", G_CALLBACK (sioscope_log_view_value_changed_cb), self, G_CONNECT_SWAPPED);

  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::high-contrast", G_CALLBACK (style_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)), "notify::gtk-font-name",
                           G_CALLBACK (style_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_toggle_button_set_active (self->follow_button, TRUE);
  sioscope_log_view_update_actions (self);
  sioscope_log_view_show_labels (self);
}

GtkWidget *
sioscope_log_view_new (void)
{
  return g_object_new (SIOSCOPE_TYPE_LOG_VIEW, NULL);
}

SioscopeProjection *
sioscope_log_view_get_projection (SioscopeLogView *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_LOG_VIEW (self), NULL);

  return self->projection;
}

/**
 * sioscope_log_view_set_projection:
 * @self: a log view
 * @projection: (nullable): what to show from now on
 *
 * Shows another recording, from its end. The filter stays, the selection and the pause do not.
 */
void
sioscope_log_view_set_projection (SioscopeLogView    *self,
                                  SioscopeProjection *projection)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  if (self->projection == projection)
    return;

  sioscope_log_view_set_paused (self, FALSE);
  sioscope_log_view_set_selected_row (self, SIOSCOPE_NO_ROW);
  self->changing = TRUE;
  if (self->projection != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->projection, self);
      g_signal_handlers_disconnect_by_data (self->recording, self);
    }
  g_set_object (&self->projection, projection);
  self->recording = projection != NULL ? sioscope_projection_get_recording (projection) : NULL;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  self->model = projection != NULL ? sioscope_log_model_new (self->recording) : NULL;
  sioscope_filter_entry_set_recording (self->filter_entry, self->recording);
  gtk_single_selection_set_model (self->selection, NULL);
  sioscope_log_context_set_source (self->context, projection, self->model);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->model));
  self->changing = FALSE;

  self->following = FALSE;
  self->seen = 0;
  self->raining = FALSE;
  self->restore_row = SIOSCOPE_NO_ROW;
  sioscope_log_view_set_following (self, TRUE);
  if (projection != NULL)
    {
      g_signal_connect_object (self->model, "items-changed", G_CALLBACK (sioscope_log_view_items_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->model, "advanced", G_CALLBACK (sioscope_log_view_request_tick), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->model, "renewed", G_CALLBACK (sioscope_log_view_invalidate_rows), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (projection, "changed", G_CALLBACK (projection_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->recording, "advanced", G_CALLBACK (sioscope_log_view_request_tick), self, G_CONNECT_SWAPPED);
      if (!sioscope_log_view_filter_is_default (self))
        sioscope_log_view_apply_filter (self);
    }
  sioscope_log_view_search_again (self);
  sioscope_log_view_show_labels (self);
  /* The first rows are told at once, not when it is time again. */
  self->labels_shown_us = 0;
  sioscope_log_view_request_tick (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECTION]);
}

guint64
sioscope_log_view_get_selected_row (SioscopeLogView *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_LOG_VIEW (self), SIOSCOPE_NO_ROW);

  return self->selected_row;
}

/* Selects without scrolling. The row need not be shown, and not even be there yet. */
void
sioscope_log_view_set_selected_row (SioscopeLogView *self,
                                    guint64          row)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  if (self->selected_row == row)
    return;

  self->selected_row = row;
  sioscope_log_view_show_selection (self);
  sioscope_log_view_update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED_ROW]);
}

/**
 * sioscope_log_view_show_row:
 * @self: a log view
 * @row: a row of the recording
 *
 * Selects the row and moves to it; for links from elsewhere. If the filter hides it, the place where it would be is shown.
 */
void
sioscope_log_view_show_row (SioscopeLogView *self,
                            guint64          row)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  sioscope_log_view_set_selected_row (self, row);
  if (self->model == NULL || row == SIOSCOPE_NO_ROW || sioscope_log_view_get_n_items (self) == 0)
    return;

  sioscope_log_view_set_following (self, FALSE);
  sioscope_log_view_scroll_to (self, row);
}

gboolean
sioscope_log_view_get_paused (SioscopeLogView *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_LOG_VIEW (self), FALSE);

  return self->paused;
}

void
sioscope_log_view_set_paused (SioscopeLogView *self,
                              gboolean         paused)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  paused = paused && self->recording != NULL;
  gtk_toggle_button_set_active (self->pause_button, paused);
  if (self->paused == paused)
    return;

  self->paused = paused;
  if (self->model != NULL)
    sioscope_log_model_set_frozen (self->model, paused);
  if (self->matches != NULL)
    sioscope_log_model_set_frozen (self->matches, paused);
  if (paused)
    self->paused_n_rows = sioscope_recording_get_n_rows (self->recording);
  sioscope_log_view_show_labels (self);
  sioscope_log_view_request_tick (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAUSED]);
}

gboolean
sioscope_log_view_get_following (SioscopeLogView *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_LOG_VIEW (self), FALSE);

  return self->following;
}

/* Moves to the end and stays there; ends a pause. */
void
sioscope_log_view_follow (SioscopeLogView *self)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  sioscope_log_view_set_paused (self, FALSE);
  sioscope_log_view_set_following (self, TRUE);
  sioscope_log_view_scroll_to_end (self);
}
