/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a row looks: each field in its column. */

#include "config.h"

#include "sioscope-log-row-private.h"

#define CHIP_PADDING 8
#define CHIP_HEIGHT 20
#define FIELD_GAP 12

/* Where a piece of the row lies: columns are told in reading direction. */
static float
mirror (SioscopeLogRow *self,
        float           x,
        float           width)
{
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    return (float) gtk_widget_get_width (GTK_WIDGET (self)) - x - width;
  return x;
}

/* Behind the words that were searched for, where they are not cut off. */
static void
mark_texts (SioscopeLogRow *self,
            GtkSnapshot    *snapshot,
            PangoLayout    *layout,
            int             layout_width)
{
  const char *text = pango_layout_get_text (layout);
  GdkRGBA color = sioscope_palette_alpha (&self->context->palette.warning, 0.35f);

  for (guint i = 0; self->context->texts[i] != NULL; i++)
    {
      const char *wanted = self->context->texts[i];
      gsize size = strlen (wanted);

      for (const char *found = strcasestr (text, wanted); found != NULL; found = strcasestr (found + size, wanted))
        {
          PangoRectangle start, end;
          float x, width;

          pango_layout_index_to_pos (layout, (int) (found - text), &start);
          pango_layout_index_to_pos (layout, (int) (found - text + size), &end);
          x = (float) MIN (start.x, end.x) / PANGO_SCALE;
          width = (float) ABS (end.x - start.x) / PANGO_SCALE;
          if (x >= (float) layout_width)
            break;
          gtk_snapshot_append_color (snapshot, &color,
                                     &GRAPHENE_RECT_INIT (x, (float) start.y / PANGO_SCALE, MIN (width, (float) layout_width - x),
                                                          (float) start.height / PANGO_SCALE));
        }
    }
}

/* Draws a field into a column; returns how wide it came out. */
static float
draw_field (SioscopeLogRow *self,
            GtkSnapshot    *snapshot,
            guint           field,
            float           x,
            float           width,
            gboolean        at_end,
            const GdkRGBA  *color)
{
  PangoLayout *layout = self->layouts[field];
  PangoRectangle extents;
  float text_width;

  if (width <= 4 || *pango_layout_get_text (layout) == '\0')
    return 0;

  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_get_pixel_extents (layout, NULL, &extents);
  text_width = MIN ((float) extents.width, width);
  if (at_end)
    x += width - text_width;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (mirror (self, x, text_width) - (float) extents.x,
                                                          (float) ((SIOSCOPE_LOG_ROW_HEIGHT - extents.height) / 2)));
  if (self->marked && (field == FIELD_EVENT || field == FIELD_PREVIEW))
    mark_texts (self, snapshot, layout, extents.x + (int) text_width);
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
  return text_width;
}

static void
draw_rounded (GtkSnapshot           *snapshot,
              const graphene_rect_t *area,
              float                  radius,
              const GdkRGBA         *color)
{
  GskRoundedRect rounded;

  gsk_rounded_rect_init_from_rect (&rounded, area, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, color, area);
  gtk_snapshot_pop (snapshot);
}

static int
text_width_of (PangoLayout *layout)
{
  int width;

  pango_layout_set_width (layout, -1);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static void
draw_namespace (SioscopeLogRow          *self,
                GtkSnapshot             *snapshot,
                const SioscopeLogColumn *column)
{
  PangoLayout *layout = self->layouts[FIELD_NSP];
  graphene_rect_t area;
  float width;

  if (column->width <= 0 || *pango_layout_get_text (layout) == '\0')
    return;

  width = MIN ((float) text_width_of (layout) + 2 * CHIP_PADDING, column->width);
  area = GRAPHENE_RECT_INIT (mirror (self, column->x, width), (SIOSCOPE_LOG_ROW_HEIGHT - CHIP_HEIGHT) / 2.0f,
                             width, CHIP_HEIGHT);
  draw_rounded (snapshot, &area, CHIP_HEIGHT / 2.0f, &self->nsp_background);
  draw_field (self, snapshot, FIELD_NSP, column->x + CHIP_PADDING, width - 2 * CHIP_PADDING + 1, FALSE,
              &self->nsp_text);
}

static void
draw_chip (SioscopeLogRow          *self,
           GtkSnapshot             *snapshot,
           const SioscopeLogColumn *column)
{
  const SioscopePalette *palette = &self->context->palette;
  PangoLayout *layout = self->layouts[FIELD_CHIP];
  GdkRGBA color = palette->dim;
  GdkRGBA fill;
  float width;
  float x;

  self->chip_area = GRAPHENE_RECT_INIT (0, 0, 0, 0);
  if (self->chip == CHIP_NONE)
    return;

  if (self->chip == CHIP_OK)
    color = palette->success;
  else if (self->chip == CHIP_FAILED)
    color = palette->error;
  else if (self->chip == CHIP_REPLY)
    color = palette->accent;
  else if (self->chip == CHIP_PENDING)
    color = palette->warning;

  width = MIN ((float) text_width_of (layout) + 2 * CHIP_PADDING, column->width);
  x = column->x + column->width - width;
  self->chip_area = GRAPHENE_RECT_INIT (mirror (self, x, width), (SIOSCOPE_LOG_ROW_HEIGHT - CHIP_HEIGHT) / 2.0f,
                                        width, CHIP_HEIGHT);
  if (self->chip != CHIP_PLAIN)
    {
      fill = sioscope_palette_alpha (&color, self->chip == CHIP_REPLY ? 0.18f : 0.1f);
      draw_rounded (snapshot, &self->chip_area, self->chip == CHIP_REPLY ? 6 : CHIP_HEIGHT / 2.0f, &fill);
    }
  draw_field (self, snapshot, FIELD_CHIP, x + CHIP_PADDING, width - 2 * CHIP_PADDING + 1, FALSE, &color);
}

static void
draw_sign (SioscopeLogRow          *self,
           GtkSnapshot             *snapshot,
           const SioscopeLogColumn *column,
           const GdkRGBA           *color)
{
  GdkPaintable *icon;
  gboolean in = self->direction == SIO_DIRECTION_IN;

  if (self->has_arrow)
    icon = sioscope_log_context_get_icon (self->context, GTK_WIDGET (self),
                                          in ? "sioscope-in-symbolic" : "sioscope-out-symbolic");
  else if (self->icon != NULL)
    icon = sioscope_log_context_get_icon (self->context, GTK_WIDGET (self), self->icon);
  else
    return;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (mirror (self, column->x, 16),
                                                          (SIOSCOPE_LOG_ROW_HEIGHT - 16) / 2.0f));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, 16, 16, color, 1);
  gtk_snapshot_restore (snapshot);
}

/* The event's name, or a sentence, and what room is left for the arguments. */
static void
draw_words (SioscopeLogRow          *self,
            GtkSnapshot             *snapshot,
            const SioscopeLogColumn *column,
            float                    usual,
            const GdkRGBA           *color)
{
  const SioscopePalette *palette = &self->context->palette;
  float most = *pango_layout_get_text (self->layouts[FIELD_PREVIEW]) != '\0' ? column->width * 0.6f : column->width;
  float used = draw_field (self, snapshot, FIELD_EVENT, column->x, most, FALSE, color);
  float start = (self->tone == TONE_NORMAL ? MAX (used, usual) : used) + FIELD_GAP;

  draw_field (self, snapshot, FIELD_PREVIEW, column->x + start, column->width - start, FALSE, &palette->dim);
  if (self->tone == TONE_LOSS && column->width - start > 24)
    {
      GdkRGBA line = sioscope_palette_alpha (&palette->error, 0.5f);
      float width = column->width - start;

      gtk_snapshot_append_color (snapshot, &line,
                                 &GRAPHENE_RECT_INIT (mirror (self, column->x + start, width),
                                                      SIOSCOPE_LOG_ROW_HEIGHT / 2.0f, width, 1));
    }
}

void
sioscope_log_row_snapshot (GtkWidget   *widget,
                           GtkSnapshot *snapshot)
{
  SioscopeLogRow *self = SIOSCOPE_LOG_ROW (widget);
  const SioscopePalette *palette = &self->context->palette;
  int width = gtk_widget_get_width (widget);
  SioscopeLogColumns columns;
  const GdkRGBA *words;
  const GdkRGBA *sign;
  float usual;

  if (!sioscope_log_row_ensure (self))
    return;

  columns = sioscope_log_context_get_columns (self->context, width);
  /* Short names leave the arguments of all rows on one line; long ones push theirs aside. */
  usual = CLAMP (columns.event.width * 0.24f, 72, 190);
  /* A row that has nothing to put there lets its words run into the columns at the end. */
  if (self->chip == CHIP_NONE)
    {
      columns.event.width += columns.chip.width + FIELD_GAP;
      if (columns.size.width > 0 && *pango_layout_get_text (self->layouts[FIELD_SIZE]) == '\0')
        columns.event.width += columns.size.width + FIELD_GAP;
    }
  words = self->tone == TONE_NORMAL ? &palette->text
          : self->tone == TONE_QUIET ? &palette->dim : &palette->error;
  sign = self->tone != TONE_NORMAL ? words
         : self->direction == SIO_DIRECTION_OUT ? &palette->accent : &palette->dim;

  self->marked = self->context->matches != NULL && sioscope_log_model_has_row (self->context->matches, self->row);
  if (self->marked)
    {
      GdkRGBA tint = sioscope_palette_alpha (&palette->warning, 0.1f);

      gtk_snapshot_append_color (snapshot, &tint, &GRAPHENE_RECT_INIT (0, 0, (float) width, SIOSCOPE_LOG_ROW_HEIGHT));
    }
  if (self->tone == TONE_LOSS)
    {
      GdkRGBA tint = sioscope_palette_alpha (&palette->error, 0.06f);

      gtk_snapshot_append_color (snapshot, &tint, &GRAPHENE_RECT_INIT (0, 0, (float) width, SIOSCOPE_LOG_ROW_HEIGHT));
    }

  draw_field (self, snapshot, FIELD_TIME, columns.time.x, columns.time.width, FALSE, &palette->dim);
  draw_field (self, snapshot, FIELD_DELTA, columns.delta.x, columns.delta.width, TRUE, &palette->dim);
  draw_sign (self, snapshot, &columns.arrow, sign);
  draw_namespace (self, snapshot, &columns.nsp);
  draw_words (self, snapshot, &columns.event, usual, words);
  draw_chip (self, snapshot, &columns.chip);
  draw_field (self, snapshot, FIELD_SIZE, columns.size.x, columns.size.width, TRUE, &palette->dim);
}
