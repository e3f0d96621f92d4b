/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The columns of the log, computed once for header and rows, so that they cannot disagree. */

#include "config.h"

#include "sioscope-log-context.h"

#define MARGIN 12
#define GAP 12

SioscopeLogContext *
sioscope_log_context_new (void)
{
  SioscopeLogContext *self = g_rc_box_new0 (SioscopeLogContext);

  self->rows = g_ptr_array_new ();
  self->icons = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return self;
}

SioscopeLogContext *
sioscope_log_context_ref (SioscopeLogContext *self)
{
  return g_rc_box_acquire (self);
}

static void
sioscope_log_context_clear (SioscopeLogContext *self)
{
  sioscope_log_context_set_source (self, NULL, NULL);
  sioscope_log_context_set_search (self, NULL, NULL);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->icons, g_hash_table_unref);
}

void
sioscope_log_context_unref (SioscopeLogContext *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) sioscope_log_context_clear);
}

void
sioscope_log_context_set_source (SioscopeLogContext *self,
                                 SioscopeProjection *projection,
                                 SioscopeLogModel   *model)
{
  SioscopeRecording *recording = projection != NULL ? sioscope_projection_get_recording (projection) : NULL;

  g_set_object (&self->recording, recording);
  g_set_object (&self->projection, projection);
  g_set_object (&self->model, model);
}

void
sioscope_log_context_set_search (SioscopeLogContext  *self,
                                 SioscopeLogModel    *matches,
                                 char               **texts)
{
  g_set_object (&self->matches, matches);
  self->matches_recording = matches != NULL ? self->recording : NULL;
  g_strfreev (self->texts);
  self->texts = texts;
}

/* The colour scheme or the fonts changed: everything is looked up again at the next drawing. */
void
sioscope_log_context_restyle (SioscopeLogContext *self)
{
  self->palette_loaded = FALSE;
  self->char_width = 0;
  g_hash_table_remove_all (self->icons);
}

/**
 * sioscope_log_context_load:
 * @self: a context whose list is set
 *
 * Makes sure that colours and measures are there. Header and rows have different fonts: the list's counts for both.
 */
void
sioscope_log_context_load (SioscopeLogContext *self)
{
  if (!self->palette_loaded)
    {
      sioscope_palette_load (&self->palette, self->list);
      self->palette_loaded = TRUE;
    }

  if (self->char_width <= 0)
    {
      g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (self->list, "00000000000000000000");
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      self->char_width = (float) width / 20;
    }
}

/**
 * sioscope_log_context_get_columns:
 * @self: a context that was loaded
 * @width: how wide a row is
 *
 * When it gets narrow the columns go in the order in which they are missed least: delta, size, namespace, time. The event and its
 * arguments always stay.
 *
 * Returns: where the columns are
 */
SioscopeLogColumns
sioscope_log_context_get_columns (SioscopeLogContext *self,
                                  int                 width)
{
  SioscopeLogColumns columns = { 0 };
  float c = self->char_width;
  float x = MARGIN;
  float end = (float) width - MARGIN;

  if (width >= 420)
    {
      columns.time = (SioscopeLogColumn) { x, self->time_mode == SIOSCOPE_TIME_DELTA ? c * 8.5f : c * 11 };
      x += columns.time.width + GAP;
    }
  if (width >= 760 && self->time_mode == SIOSCOPE_TIME_CLOCK)
    {
      columns.delta = (SioscopeLogColumn) { x, c * 8 };
      x += columns.delta.width + GAP;
    }
  columns.arrow = (SioscopeLogColumn) { x, 16 };
  x += columns.arrow.width + 8;
  if (width >= 560)
    {
      columns.nsp = (SioscopeLogColumn) { x, width >= 1100 ? c * 13 : c * 10 };
      x += columns.nsp.width + GAP;
    }

  if (width >= 640)
    {
      columns.size = (SioscopeLogColumn) { end - c * 7, c * 7 };
      end = columns.size.x - GAP;
    }
  columns.chip = (SioscopeLogColumn) { end - c * 11, c * 11 };
  end = columns.chip.x - GAP;

  columns.event = (SioscopeLogColumn) { x, MAX (end - x, 40) };
  return columns;
}

/* (transfer none): a symbolic icon in the widget's scale. */
GdkPaintable *
sioscope_log_context_get_icon (SioscopeLogContext *self,
                               GtkWidget          *widget,
                               const char         *name)
{
  GdkPaintable *icon = g_hash_table_lookup (self->icons, name);

  if (icon == NULL)
    {
      GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));

      icon = GDK_PAINTABLE (gtk_icon_theme_lookup_icon (theme, name, /* fallbacks= */ NULL, 16,
                                                        gtk_widget_get_scale_factor (widget),
                                                        gtk_widget_get_direction (widget), 0));
      g_hash_table_insert (self->icons, g_strdup (name), icon);
    }
  return icon;
}
