/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The strip as an object: what part of time it shows, how it is moved, and how often it is drawn again. */

#include "config.h"

#include "sioscope-state-strip-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "sioscope-format.h"
#include "sioscope-words.h"

G_DEFINE_FINAL_TYPE (SioscopeStateStrip, sioscope_state_strip, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_PROJECTION, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { ROW_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ── Time and place ── */

/* The end of all that can be shown: now, or the end of the window in which the next attempt may come. */
gint64
sioscope_state_strip_get_latest (SioscopeStateStrip *self,
            gint64              now_us)
{
  guint n;
  const SioscopeSegment *segments = sioscope_projection_get_segments (self->projection, &n);
  gint64 latest = now_us;

  if (n > 0 && segments[n - 1].phase == SIOSCOPE_PHASE_WAITING && segments[n - 1].end_us < 0 &&
      sioscope_recording_get_live (self->recording))
    latest = MAX (latest, segments[n - 1].start_us +
                            (gint64) MAX (segments[n - 1].delay_max_ms, segments[n - 1].delay_ms) * 1000);
  return latest;
}

SioscopeStripView
sioscope_state_strip_get_view (SioscopeStateStrip *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  SioscopeStripView view = { 0 };
  gint64 latest;
  gint64 whole;

  view.x = SIOSCOPE_STRIP_MARGIN;
  view.width = MAX ((float) width - 2 * SIOSCOPE_STRIP_MARGIN - sioscope_state_strip_now_width (width), 1);
  view.now_us = sioscope_recording_get_now_us (self->recording);
  latest = sioscope_state_strip_get_latest (self, view.now_us);
  whole = MAX (latest, SIOSCOPE_STRIP_SHORTEST_WHOLE_US);

  view.end_us = self->at_now ? latest : MIN (self->end_us, latest);
  if (self->span_us == 0 || self->span_us >= whole)
    {
      view.start_us = 0;
      view.end_us = whole;
    }
  else
    {
      view.end_us = MAX (view.end_us, self->span_us);
      view.start_us = view.end_us - self->span_us;
    }
  return view;
}

float
sioscope_state_strip_get_x (const SioscopeStripView *view,
                            gint64                   time_us)
{
  double part = (double) (time_us - view->start_us) / (double) MAX (view->end_us - view->start_us, 1);

  /* Kept near the window: a float cannot hold a month to the left at a second's zoom. */
  return view->x + (float) CLAMP (part * view->width, -10.0, (double) view->width + 10.0);
}

gint64
sioscope_state_strip_get_time (const SioscopeStripView *view,
                               double                   x)
{
  return view->start_us + (gint64) ((x - view->x) / view->width * (double) (view->end_us - view->start_us));
}

void
sioscope_state_strip_changed_view (SioscopeStateStrip *self)
{
  gtk_widget_set_visible (self->now_button, self->projection != NULL && (self->span_us != 0 || !self->at_now));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ── The clock: as often as something can be seen to move, and never more than ten times a second ── */

static gboolean clock_cb (gpointer data);

static guint
get_interval_ms (SioscopeStateStrip *self)
{
  SioscopeStripView view;
  double us_per_half_pixel;

  if (self->projection == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      !sioscope_recording_get_live (self->recording))
    return 0;

  switch (sioscope_projection_get_status (self->projection)->phase)
    {
    case SIOSCOPE_PHASE_WAITING:
    case SIOSCOPE_PHASE_CONNECTING:
      return 100;
    case SIOSCOPE_PHASE_CONNECTED:
      view = sioscope_state_strip_get_view (self);
      us_per_half_pixel = (double) (view.end_us - view.start_us) / view.width / 2;
      return (guint) CLAMP (us_per_half_pixel / 1000, 100, 1000);
    case SIOSCOPE_PHASE_IDLE:
    case SIOSCOPE_PHASE_FAILED:
    default:
      return 1000;
    }
}

void
sioscope_state_strip_update_clock (SioscopeStateStrip *self)
{
  guint ms = get_interval_ms (self);

  if (ms == self->clock_ms && (ms == 0) == (self->clock_id == 0))
    return;

  g_clear_handle_id (&self->clock_id, g_source_remove);
  self->clock_ms = ms;
  if (ms != 0)
    self->clock_id = g_timeout_add (ms, clock_cb, self);
}

char *
sioscope_state_strip_dup_stop_text (SioscopeStateStrip *self,
               guint64             row,
               gint64              time_us)
{
  g_autofree char *clock = sioscope_format_clock (sioscope_recording_get_start_real_us (self->recording) + time_us);
  g_autofree char *words = NULL;
  SioscopeEntry entry;

  if (sioscope_recording_read (self->recording, row, &entry))
    words = sioscope_words_row (self->recording, &entry);
  else
    words = g_strdup (_("This row is no longer kept"));
  return g_strdup_printf (_("%s · %s"), clock, words);
}

void
sioscope_state_strip_tell_accessible (SioscopeStateStrip *self)
{
  g_autofree char *text = NULL;
  gboolean late;

  if (self->projection == NULL)
    text = g_strdup (_("Nothing to show"));
  else if (self->focus_row != SIOSCOPE_NO_ROW)
    text = sioscope_state_strip_dup_stop_text (self, self->focus_row, self->focus_us);
  else
    text = sioscope_state_strip_dup_now (self, &late);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("History of the connection"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static gboolean
clock_cb (gpointer data)
{
  SioscopeStateStrip *self = data;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  sioscope_state_strip_update_clock (self);
  /* update_clock() puts another source in this one's place only if the pace changed, and has removed this one then. */
  return G_SOURCE_CONTINUE;
}

static void
projection_changed_cb (SioscopeStateStrip *self,
                       guint               changed)
{
  sioscope_strip_index_update (&self->index, self->projection);
  if ((changed & (SIOSCOPE_CHANGED_STATUS | SIOSCOPE_CHANGED_SEGMENTS | SIOSCOPE_CHANGED_MARKS)) == 0)
    return;

  sioscope_state_strip_update_clock (self);
  if ((changed & SIOSCOPE_CHANGED_SEGMENTS) != 0)
    sioscope_state_strip_tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ── The widget ── */

static void
style_changed_cb (SioscopeStateStrip *self)
{
  self->palette_loaded = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
sioscope_state_strip_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sioscope_state_strip_parent_class)->map (widget);
  sioscope_state_strip_update_clock (SIOSCOPE_STATE_STRIP (widget));
}

static void
sioscope_state_strip_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sioscope_state_strip_parent_class)->unmap (widget);
  sioscope_state_strip_update_clock (SIOSCOPE_STATE_STRIP (widget));
}

static void
sioscope_state_strip_measure (GtkWidget      *widget,
                              GtkOrientation  orientation,
                              int             for_size,
                              int            *minimum,
                              int            *natural,
                              int            *minimum_baseline,
                              int            *natural_baseline)
{
  int ignored;

  gtk_widget_measure (SIOSCOPE_STATE_STRIP (widget)->now_button, orientation, -1, &ignored, NULL, NULL, NULL);
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? SIOSCOPE_STRIP_HEIGHT : 240;
}

static void
sioscope_state_strip_size_allocate (GtkWidget *widget,
                                    int        width,
                                    int        height,
                                    int        baseline)
{
  SioscopeStateStrip *self = SIOSCOPE_STATE_STRIP (widget);
  GtkAllocation area = { 0 };

  if (!gtk_widget_should_layout (self->now_button))
    return;

  gtk_widget_measure (self->now_button, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &area.width, NULL, NULL);
  gtk_widget_measure (self->now_button, GTK_ORIENTATION_VERTICAL, -1, NULL, &area.height, NULL, NULL);
  area.height = MIN (area.height, height);
  area.x = (int) ((float) width - SIOSCOPE_STRIP_MARGIN - sioscope_state_strip_now_width (width)) - area.width - 4;
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    area.x = width - area.x - area.width;
  area.y = (36 - area.height) / 2;
  gtk_widget_size_allocate (self->now_button, &area, -1);
}

static void
sioscope_state_strip_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  if (prop_id == PROP_PROJECTION)
    g_value_set_object (value, SIOSCOPE_STATE_STRIP (object)->projection);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
sioscope_state_strip_set_property (GObject      *object,
                                   guint         prop_id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  if (prop_id == PROP_PROJECTION)
    sioscope_state_strip_set_projection (SIOSCOPE_STATE_STRIP (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
sioscope_state_strip_dispose (GObject *object)
{
  SioscopeStateStrip *self = SIOSCOPE_STATE_STRIP (object);

  sioscope_state_strip_set_projection (self, NULL);
  g_clear_handle_id (&self->clock_id, g_source_remove);
  g_clear_pointer (&self->now_button, gtk_widget_unparent);
  g_clear_object (&self->layout);

  G_OBJECT_CLASS (sioscope_state_strip_parent_class)->dispose (object);
}

static void
sioscope_state_strip_finalize (GObject *object)
{
  sioscope_strip_index_clear (&SIOSCOPE_STATE_STRIP (object)->index);

  G_OBJECT_CLASS (sioscope_state_strip_parent_class)->finalize (object);
}

static void
sioscope_state_strip_class_init (SioscopeStateStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = sioscope_state_strip_get_property;
  object_class->set_property = sioscope_state_strip_set_property;
  object_class->dispose = sioscope_state_strip_dispose;
  object_class->finalize = sioscope_state_strip_finalize;
  widget_class->map = sioscope_state_strip_map;
  widget_class->unmap = sioscope_state_strip_unmap;
  widget_class->measure = sioscope_state_strip_measure;
  widget_class->size_allocate = sioscope_state_strip_size_allocate;
  widget_class->snapshot = sioscope_state_strip_snapshot;

  /**
   * SioscopeStateStrip:projection:
   *
   * Whose history is shown; %NULL for none. Somebody else brings it up to date.
   */
  properties[PROP_PROJECTION] =
    g_param_spec_object ("projection", NULL, NULL, SIOSCOPE_TYPE_PROJECTION,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * SioscopeStateStrip::row-activated:
   * @self: the strip
   * @row: a row of the recording
   *
   * The person clicked a mark or a stretch, or reached it with the keyboard.
   */
  signals[ROW_ACTIVATED] = g_signal_new ("row-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);

  sioscope_state_strip_add_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "statestrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
sioscope_state_strip_init (SioscopeStateStrip *self)
{
  self->at_now = TRUE;
  self->focus_row = SIOSCOPE_NO_ROW;
  sioscope_strip_index_init (&self->index);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);

  self->now_button = gtk_button_new_with_label (_("Now"));
  gtk_widget_set_tooltip_text (self->now_button, _("Show the whole session again"));
  gtk_widget_add_css_class (self->now_button, "osd");
  gtk_widget_set_visible (self->now_button, FALSE);
  gtk_widget_set_parent (self->now_button, GTK_WIDGET (self));

  sioscope_state_strip_add_controllers (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::high-contrast", G_CALLBACK (style_changed_cb),
                           self, G_CONNECT_SWAPPED);
  sioscope_state_strip_tell_accessible (self);
}

GtkWidget *
sioscope_state_strip_new (void)
{
  return g_object_new (SIOSCOPE_TYPE_STATE_STRIP, NULL);
}

SioscopeProjection *
sioscope_state_strip_get_projection (SioscopeStateStrip *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_STATE_STRIP (self), NULL);

  return self->projection;
}

void
sioscope_state_strip_set_projection (SioscopeStateStrip *self,
                                     SioscopeProjection *projection)
{
  g_return_if_fail (SIOSCOPE_IS_STATE_STRIP (self));

  if (self->projection == projection)
    return;

  if (self->projection != NULL)
    g_signal_handlers_disconnect_by_data (self->projection, self);
  g_set_object (&self->projection, projection);
  self->recording = projection != NULL ? sioscope_projection_get_recording (projection) : NULL;

  sioscope_strip_index_clear (&self->index);
  sioscope_strip_index_init (&self->index);
  self->span_us = 0;
  self->at_now = TRUE;
  self->focus_row = SIOSCOPE_NO_ROW;
  if (projection != NULL)
    {
      g_signal_connect_object (projection, "changed", G_CALLBACK (projection_changed_cb), self, G_CONNECT_SWAPPED);
      sioscope_strip_index_update (&self->index, projection);
    }
  sioscope_state_strip_update_clock (self);
  if (self->now_button != NULL)
    sioscope_state_strip_changed_view (self);
  sioscope_state_strip_tell_accessible (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECTION]);
}

char *
sioscope_state_strip_dup_now_text_for_tests (SioscopeStateStrip *self)
{
  gboolean late;

  return self->projection != NULL ? sioscope_state_strip_dup_now (self, &late) : NULL;
}

char *
sioscope_state_strip_dup_focus_text_for_tests (SioscopeStateStrip *self)
{
  return self->focus_row != SIOSCOPE_NO_ROW ? sioscope_state_strip_dup_stop_text (self, self->focus_row, self->focus_us) : NULL;
}

guint
sioscope_state_strip_get_interval_for_tests (SioscopeStateStrip *self)
{
  return self->clock_id != 0 ? self->clock_ms : 0;
}
