/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the strip looks. However long the history is, no more than a few things are drawn for each pixel. */

#include "config.h"

#include "sioscope-state-strip-private.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"
#include "sioscope-words.h"

#define BAR_Y 8.0f
#define BAR_HEIGHT 20.0f
#define LINE_Y (BAR_Y + BAR_HEIGHT + 1)
#define TICK_Y (LINE_Y + 3)
#define HEARTBEAT_HEIGHT 3.0f

/* How wide the words about the present are. */
float
sioscope_state_strip_now_width (int width)
{
  return width >= 560 ? 190 : width >= 380 ? 150 : 0;
}

/* The present in words; *late: a heartbeat is overdue. */
char *
sioscope_state_strip_dup_now (SioscopeStateStrip *self,
                              gboolean           *late)
{
  const SioscopeStatus *status = sioscope_projection_get_status (self->projection);
  gint64 now = sioscope_recording_get_now_us (self->recording);
  g_autofree char *time = NULL;
  gint64 heard;

  *late = FALSE;
  if (!sioscope_recording_get_live (self->recording))
    {
      time = sioscope_format_duration (now);
      return g_strdup_printf (_("Recording of %s"), time);
    }

  switch (status->phase)
    {
    case SIOSCOPE_PHASE_CONNECTING:
      return status->attempt == 0 ? g_strdup (_("Connecting…")) : g_strdup_printf (_("Attempt %u…"), status->attempt);
    case SIOSCOPE_PHASE_CONNECTED:
      heard = MAX (status->last_ping_us, status->since_us);
      /* Half a second of grace: a heartbeat on its way is not late. */
      if (status->ping_interval_ms > 0 && status->last_ping_us >= 0 &&
          now > heard + (gint64) status->ping_interval_ms * 1000 + G_USEC_PER_SEC / 2)
        {
          *late = TRUE;
          time = sioscope_format_duration (now - heard);
          return g_strdup_printf (_("No heartbeat for %s"), time);
        }
      time = sioscope_format_duration ((now - status->since_us) / G_USEC_PER_SEC * G_USEC_PER_SEC);
      return now - status->since_us < G_USEC_PER_SEC ? g_strdup (_("Connected"))
                                                     : g_strdup_printf (_("Connected for %s"), time);
    case SIOSCOPE_PHASE_WAITING:
      time = sioscope_format_countdown (status->retry_at_us - now);
      return g_strdup_printf (_("Retry %u in %s"), status->attempt, time);
    case SIOSCOPE_PHASE_FAILED:
      return g_strdup (_("Gave up"));
    case SIOSCOPE_PHASE_IDLE:
    default:
      return g_strdup (_("Closed"));
    }
}

static float
mirror (SioscopeStateStrip *self,
        float               x,
        float               width)
{
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    return (float) gtk_widget_get_width (GTK_WIDGET (self)) - x - width;
  return x;
}

static void
fill (SioscopeStateStrip *self,
      GtkSnapshot        *snapshot,
      float               x,
      float               y,
      float               width,
      float               height,
      float               radius,
      const GdkRGBA      *color)
{
  graphene_rect_t area = GRAPHENE_RECT_INIT (mirror (self, x, width), y, width, height);
  GskRoundedRect rounded;

  if (width <= 0)
    return;

  gsk_rounded_rect_init_from_rect (&rounded, &area, MIN (radius, width / 2));
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, color, &area);
  gtk_snapshot_pop (snapshot);
}

static void
fill_striped (SioscopeStateStrip *self,
              GtkSnapshot        *snapshot,
              float               x,
              float               width,
              const GdkRGBA      *color)
{
  GdkRGBA faint = sioscope_palette_alpha (color, 0.12f);
  GdkRGBA strong = sioscope_palette_alpha (color, 0.34f);
  GskColorStop stops[4] = { { 0, strong }, { 0.5f, strong }, { 0.5f, faint }, { 1, faint } };
  graphene_rect_t area = GRAPHENE_RECT_INIT (mirror (self, x, width), BAR_Y, width, BAR_HEIGHT);
  GskRoundedRect rounded;

  if (width <= 0)
    return;

  gsk_rounded_rect_init_from_rect (&rounded, &area, MIN (4, width / 2));
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_repeating_linear_gradient (snapshot, &area, &GRAPHENE_POINT_INIT (0, 0),
                                                 &GRAPHENE_POINT_INIT (6, 6), stops, G_N_ELEMENTS (stops));
  gtk_snapshot_pop (snapshot);
}

/* Writes into the room there is, or not at all. */
static void
write_words (SioscopeStateStrip *self,
             GtkSnapshot        *snapshot,
             const char         *text,
             float               x,
             float               width,
             gboolean            centre,
             const GdkRGBA      *color)
{
  int text_width, text_height;

  pango_layout_set_text (self->layout, text, -1);
  pango_layout_get_pixel_size (self->layout, &text_width, &text_height);
  if ((float) text_width > width - 6)
    return;

  x += centre ? (width - (float) text_width) / 2 : 6;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (mirror (self, x, (float) text_width),
                                                          BAR_Y + (BAR_HEIGHT - (float) text_height) / 2));
  gtk_snapshot_append_layout (snapshot, self->layout, color);
  gtk_snapshot_restore (snapshot);
}

/* A delay that is being waited for, or was: the window it was drawn from, the delay, what of it has passed, and the attempt it leads to. */
static void
draw_waiting (SioscopeStateStrip      *self,
              GtkSnapshot             *snapshot,
              const SioscopeStripView *view,
              const SioscopeSegment   *segment)
{
  const GdkRGBA *warning = &self->palette.warning_fill;
  GdkRGBA band = sioscope_palette_alpha (warning, 0.16f);
  GdkRGBA block = sioscope_palette_alpha (warning, 0.22f);
  GdkRGBA passed = sioscope_palette_alpha (warning, 0.5f);
  gint64 start = segment->start_us;
  gint64 done = segment->end_us >= 0 ? segment->end_us : view->now_us;
  float x = MAX (sioscope_state_strip_get_x (view, start), view->x);
  float shortest = MAX (sioscope_state_strip_get_x (view, start + (gint64) segment->delay_min_ms * 1000), view->x);
  float longest = sioscope_state_strip_get_x (view, start + (gint64) segment->delay_max_ms * 1000);
  float due = sioscope_state_strip_get_x (view, start + (gint64) segment->delay_ms * 1000);
  float now = MIN (sioscope_state_strip_get_x (view, done), due);
  g_autofree char *number = g_strdup_printf ("%u", segment->attempt);

  /* The window stands out behind the block only while it lies in the future: later something else is there. */
  if (segment->end_us < 0)
    fill (self, snapshot, shortest, BAR_Y - 3, MIN (longest, view->x + view->width) - shortest, BAR_HEIGHT + 6, 4, &band);
  else
    due = MIN (due, sioscope_state_strip_get_x (view, segment->end_us));
  fill (self, snapshot, x, BAR_Y, MAX (due - x, 1.5f), BAR_HEIGHT, 4, &block);
  fill (self, snapshot, x, BAR_Y, now - x, BAR_HEIGHT, 4, &passed);
  write_words (self, snapshot, number, x, due - x, TRUE, &self->palette.text);
}

static void
draw_segment (SioscopeStateStrip      *self,
              GtkSnapshot             *snapshot,
              const SioscopeStripView *view,
              const SioscopeSegment   *segment,
              gboolean                 lost)
{
  const SioscopePalette *palette = &self->palette;
  gint64 end = segment->end_us >= 0 ? segment->end_us : view->now_us;
  float x = MAX (sioscope_state_strip_get_x (view, segment->start_us), view->x);
  float width = MIN (sioscope_state_strip_get_x (view, end), view->x + view->width) - x;
  GdkRGBA color;

  /* A gap of a pixel keeps neighbours apart, where there is room for it. */
  if (width > 4)
    width -= 1;
  width = MAX (width, 1);

  switch (segment->phase)
    {
    case SIOSCOPE_PHASE_CONNECTED:
      color = sioscope_palette_alpha (&palette->success_fill,
                                      segment->transport == SIO_TRANSPORT_KIND_WEBSOCKET ? 0.36f : 0.18f);
      fill (self, snapshot, x, BAR_Y, width, BAR_HEIGHT, 4, &color);
      write_words (self, snapshot, sioscope_words_transport (segment->transport), x, width, FALSE, &palette->text);
      break;
    case SIOSCOPE_PHASE_CONNECTING:
      fill_striped (self, snapshot, x, width, &palette->accent_fill);
      break;
    case SIOSCOPE_PHASE_WAITING:
      draw_waiting (self, snapshot, view, segment);
      break;
    case SIOSCOPE_PHASE_FAILED:
      color = sioscope_palette_alpha (&palette->error, 0.2f);
      fill (self, snapshot, x, BAR_Y, width, BAR_HEIGHT, 4, &color);
      write_words (self, snapshot, _("gave up"), x, width, FALSE, &palette->text);
      break;
    case SIOSCOPE_PHASE_IDLE:
    default:
      fill (self, snapshot, x, BAR_Y + BAR_HEIGHT / 2, width, 1, 0, &palette->line);
      break;
    }

  if (lost)
    {
      color = sioscope_palette_alpha (&palette->error, 0.7f);
      fill (self, snapshot, x, LINE_Y, width + 1, 2, 0, &color);
    }
}

static void
draw_segments (SioscopeStateStrip      *self,
               GtkSnapshot             *snapshot,
               const SioscopeStripView *view)
{
  guint n;
  const SioscopeSegment *segments = sioscope_projection_get_segments (self->projection, &n);
  guint i = sioscope_strip_index_find_segment (segments, n, view->start_us);

  while (i < n && segments[i].start_us < view->end_us)
    {
      gint64 end = segments[i].end_us >= 0 ? segments[i].end_us : view->now_us;
      gint64 next_pixel = sioscope_state_strip_get_time (view, sioscope_state_strip_get_x (view, segments[i].start_us) + 1);
      gboolean lost = segments[i].phase != SIOSCOPE_PHASE_CONNECTED && segments[i].phase != SIOSCOPE_PHASE_IDLE &&
                      i > 0 && (segments[i].attempt > 0 || segments[i].phase == SIOSCOPE_PHASE_FAILED);

      draw_segment (self, snapshot, view, &segments[i], lost);
      /* What is thinner than a pixel stands for all that share it. */
      if (end < next_pixel && segments[i].end_us >= 0)
        i = MAX (i + 1, sioscope_strip_index_find_segment (segments, n, next_pixel));
      else
        i++;
    }
}

static int
weight_of (const SioscopeStop *stop)
{
  if (!stop->is_mark)
    return 0;
  switch (stop->kind)
    {
    case SIOSCOPE_MARK_LOST:
      return 5;
    case SIOSCOPE_MARK_REFUSED:
      return 4;
    case SIOSCOPE_MARK_FAILED:
      return 3;
    case SIOSCOPE_MARK_EMIT_LOST:
      return 2;
    case SIOSCOPE_MARK_UPGRADE:
    case SIOSCOPE_MARK_PING:
    default:
      return 1;
    }
}

static void
draw_mark (SioscopeStateStrip *self,
           GtkSnapshot        *snapshot,
           SioscopeMarkKind    kind,
           float               x)
{
  const SioscopePalette *palette = &self->palette;

  switch (kind)
    {
    case SIOSCOPE_MARK_LOST:
      fill (self, snapshot, x - 1, BAR_Y - 4, 2, BAR_HEIGHT + 8, 0, &palette->error);
      break;
    case SIOSCOPE_MARK_FAILED:
      fill (self, snapshot, x - 1, BAR_Y + 10, 2, BAR_HEIGHT - 7, 0, &palette->error);
      break;
    case SIOSCOPE_MARK_REFUSED:
      fill (self, snapshot, x - 3, BAR_Y - 5, 6, 6, 3, &palette->error);
      break;
    case SIOSCOPE_MARK_EMIT_LOST:
      fill (self, snapshot, x - 2, BAR_Y - 4, 4, 4, 1, &palette->warning);
      break;
    case SIOSCOPE_MARK_UPGRADE:
      fill (self, snapshot, x - 1, BAR_Y - 3, 2, BAR_HEIGHT + 3, 1, &palette->success);
      break;
    case SIOSCOPE_MARK_PING:
    default:
      break;
    }
}

static void
draw_marks (SioscopeStateStrip      *self,
            GtkSnapshot             *snapshot,
            const SioscopeStripView *view)
{
  guint i = sioscope_strip_index_find_stop (&self->index, view->start_us);

  while (i < self->index.stops->len)
    {
      const SioscopeStop *stop = &g_array_index (self->index.stops, SioscopeStop, i);
      const SioscopeStop *worst = stop;
      float x = sioscope_state_strip_get_x (view, stop->time_us);
      gint64 next_pixel = sioscope_state_strip_get_time (view, x + 1);
      guint j;

      if (stop->time_us > view->end_us)
        break;
      for (j = i + 1; j < self->index.stops->len && j < i + 64; j++)
        {
          const SioscopeStop *other = &g_array_index (self->index.stops, SioscopeStop, j);

          if (other->time_us >= next_pixel)
            break;
          if (weight_of (other) > weight_of (worst))
            worst = other;
        }
      if (worst->is_mark)
        draw_mark (self, snapshot, worst->kind, sioscope_state_strip_get_x (view, worst->time_us));
      i = j == i + 64 ? MAX (j, sioscope_strip_index_find_stop (&self->index, next_pixel)) : j;
    }
}

static void
draw_heartbeats (SioscopeStateStrip      *self,
                 GtkSnapshot             *snapshot,
                 const SioscopeStripView *view)
{
  const SioscopeStatus *status = sioscope_projection_get_status (self->projection);
  GdkRGBA color = sioscope_palette_alpha (&self->palette.text, 0.35f);
  guint i = sioscope_strip_index_find_heartbeat (&self->index, view->start_us);
  g_autofree char *text = NULL;
  gboolean late;

  while (i < self->index.heartbeats->len)
    {
      gint64 time = g_array_index (self->index.heartbeats, gint64, i);
      float x = sioscope_state_strip_get_x (view, time);

      if (time > view->end_us)
        break;
      fill (self, snapshot, x - 0.5f, TICK_Y, 1, HEARTBEAT_HEIGHT, 0, &color);
      i = MAX (i + 1, sioscope_strip_index_find_heartbeat (&self->index, sioscope_state_strip_get_time (view, x + 3)));
    }

  /* One that is due and does not come grows towards its time-out. */
  text = sioscope_state_strip_dup_now (self, &late);
  if (late && status->ping_timeout_ms > 0)
    {
      gint64 due = MAX (status->last_ping_us, status->since_us) + (gint64) status->ping_interval_ms * 1000;
      float part = (float) (view->now_us - due) / ((float) status->ping_timeout_ms * 1000);
      float height = HEARTBEAT_HEIGHT + CLAMP (part, 0, 1) * (BAR_HEIGHT + 3);

      fill (self, snapshot, sioscope_state_strip_get_x (view, view->now_us) - 2, TICK_Y + HEARTBEAT_HEIGHT - height, 2,
            height, 0, &self->palette.warning);
    }
}

/* The present, beside the history, at a size that can be read whatever the zoom: while waiting, the delay fills up here. */
static void
draw_now (SioscopeStateStrip      *self,
          GtkSnapshot             *snapshot,
          const SioscopeStripView *view)
{
  const SioscopePalette *palette = &self->palette;
  const SioscopeStatus *status = sioscope_projection_get_status (self->projection);
  float width = sioscope_state_strip_now_width (gtk_widget_get_width (GTK_WIDGET (self)));
  float x = view->x + view->width + SIOSCOPE_STRIP_MARGIN;
  gboolean live = sioscope_recording_get_live (self->recording);
  gboolean late;
  g_autofree char *text = sioscope_state_strip_dup_now (self, &late);
  GdkRGBA color = palette->dim;

  if (width <= 0)
    return;
  width -= SIOSCOPE_STRIP_MARGIN;

  if (live && status->phase == SIOSCOPE_PHASE_WAITING)
    {
      guint n;
      const SioscopeSegment *segments = sioscope_projection_get_segments (self->projection, &n);
      const SioscopeSegment *last = n > 0 ? &segments[n - 1] : NULL;

      if (last != NULL && last->phase == SIOSCOPE_PHASE_WAITING && last->delay_max_ms > 0)
        {
          float scale = width / (float) MAX (last->delay_max_ms, last->delay_ms);
          float due = scale * (float) last->delay_ms;
          float passed = scale * (float) (view->now_us - last->start_us) / 1000;
          GdkRGBA band = sioscope_palette_alpha (&palette->warning_fill, 0.16f);
          GdkRGBA block = sioscope_palette_alpha (&palette->warning_fill, 0.22f);
          GdkRGBA done = sioscope_palette_alpha (&palette->warning_fill, 0.5f);

          fill (self, snapshot, x + scale * (float) last->delay_min_ms, BAR_Y - 3,
                scale * (float) (last->delay_max_ms - last->delay_min_ms), BAR_HEIGHT + 6, 4, &band);
          fill (self, snapshot, x, BAR_Y, due, BAR_HEIGHT, 4, &block);
          fill (self, snapshot, x, BAR_Y, MIN (passed, due), BAR_HEIGHT, 4, &done);
        }
      write_words (self, snapshot, text, x, width, FALSE, &palette->text);
      return;
    }

  if (live)
    color = late ? palette->warning
            : status->phase == SIOSCOPE_PHASE_FAILED ? palette->error
            : status->phase == SIOSCOPE_PHASE_CONNECTING ? palette->accent
            : status->phase == SIOSCOPE_PHASE_CONNECTED ? palette->success : palette->dim;
  write_words (self, snapshot, text, x, width, FALSE, &color);
}

void
sioscope_state_strip_snapshot (GtkWidget   *widget,
                               GtkSnapshot *snapshot)
{
  SioscopeStateStrip *self = SIOSCOPE_STATE_STRIP (widget);
  SioscopeStripView view;
  float x;

  if (self->projection != NULL && gtk_widget_get_width (widget) > 4 * SIOSCOPE_STRIP_MARGIN)
    {
      if (!self->palette_loaded)
        {
          sioscope_palette_load (&self->palette, widget);
          self->palette_loaded = TRUE;
        }
      if (self->layout == NULL)
        {
          g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

          self->layout = gtk_widget_create_pango_layout (widget, NULL);
          pango_attr_list_insert (attributes, pango_attr_scale_new (0.85));
          pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
          pango_layout_set_attributes (self->layout, attributes);
        }

      view = sioscope_state_strip_get_view (self);
      gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (mirror (self, view.x - 3, view.width + 6), 0,
                                                             view.width + 6, SIOSCOPE_STRIP_HEIGHT));
      fill (self, snapshot, view.x, BAR_Y + BAR_HEIGHT / 2, view.width, 1, 0, &self->palette.line);
      draw_segments (self, snapshot, &view);
      draw_marks (self, snapshot, &view);
      draw_heartbeats (self, snapshot, &view);
      if (self->focus_row != SIOSCOPE_NO_ROW && gtk_widget_has_visible_focus (widget))
        {
          x = sioscope_state_strip_get_x (&view, self->focus_us);
          fill (self, snapshot, x - 1, 2, 3, SIOSCOPE_STRIP_HEIGHT - 4, 1.5f, &self->palette.accent);
          fill (self, snapshot, x - 4, 0, 9, 6, 3, &self->palette.accent);
        }
      gtk_snapshot_pop (snapshot);
      draw_now (self, snapshot, &view);
    }

  gtk_widget_snapshot_child (widget, self->now_button, snapshot);
}
