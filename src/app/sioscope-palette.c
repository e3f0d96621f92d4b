/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Named colours of the style as RGBA, and hues by name with their contrast checked. */

#include "config.h"

#include "sioscope-palette.h"

#include <adwaita.h>
#include <math.h>

static double
linear (float channel)
{
  return channel <= 0.03928f ? channel / 12.92 : pow ((channel + 0.055) / 1.055, 2.4);
}

static double
luminance (const GdkRGBA *c)
{
  return 0.2126 * linear (c->red) + 0.7152 * linear (c->green) + 0.0722 * linear (c->blue);
}

/**
 * sioscope_palette_contrast:
 * @a: an opaque colour
 * @b: another
 *
 * Returns: their contrast as WCAG counts it, from 1 to 21
 */
double
sioscope_palette_contrast (const GdkRGBA *a,
                           const GdkRGBA *b)
{
  double la = luminance (a);
  double lb = luminance (b);

  return (MAX (la, lb) + 0.05) / (MIN (la, lb) + 0.05);
}

GdkRGBA
sioscope_palette_alpha (const GdkRGBA *color,
                        float          alpha)
{
  GdkRGBA result = *color;

  result.alpha *= alpha;
  return result;
}

static GdkRGBA
over (const GdkRGBA *top,
      const GdkRGBA *bottom)
{
  float a = top->alpha;

  return (GdkRGBA) { top->red * a + bottom->red * (1 - a), top->green * a + bottom->green * (1 - a),
                     top->blue * a + bottom->blue * (1 - a), 1 };
}

/**
 * sioscope_palette_load:
 * @self: (out): filled
 * @widget: whose style and colour scheme are taken
 */
void
sioscope_palette_load (SioscopePalette *self,
                       GtkWidget       *widget)
{
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  GdkRGBA opaque;

  self->dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  gtk_style_context_get_color (style, &self->text);
  if (!gtk_style_context_lookup_color (style, "view_bg_color", &self->background))
    gdk_rgba_parse (&self->background, self->dark ? "#1e1e1e" : "#ffffff");
  if (!gtk_style_context_lookup_color (style, "accent_color", &self->accent))
    gdk_rgba_parse (&self->accent, self->dark ? "#78aeed" : "#1c71d8");
  if (!gtk_style_context_lookup_color (style, "success_color", &self->success))
    gdk_rgba_parse (&self->success, self->dark ? "#8ff0a4" : "#26a269");
  if (!gtk_style_context_lookup_color (style, "warning_color", &self->warning))
    gdk_rgba_parse (&self->warning, self->dark ? "#f8e45c" : "#ae7b03");
  if (!gtk_style_context_lookup_color (style, "error_color", &self->error))
    gdk_rgba_parse (&self->error, self->dark ? "#ff7b63" : "#c01c28");

  if (!gtk_style_context_lookup_color (style, "accent_bg_color", &self->accent_fill))
    self->accent_fill = self->accent;
  if (!gtk_style_context_lookup_color (style, "success_bg_color", &self->success_fill))
    self->success_fill = self->success;
  if (!gtk_style_context_lookup_color (style, "warning_bg_color", &self->warning_fill))
    self->warning_fill = self->warning;

  /* As dim as can be read. */
  for (float alpha = 0.6f; alpha <= 1; alpha += 0.05f)
    {
      self->dim = sioscope_palette_alpha (&self->text, alpha);
      opaque = over (&self->dim, &self->background);
      if (sioscope_palette_contrast (&opaque, &self->background) >= 4.6)
        break;
    }
  self->line = sioscope_palette_alpha (&self->text, 0.12f);
}

static void
from_hsl (GdkRGBA *color,
          double   hue,
          double   saturation,
          double   lightness)
{
  double c = (1 - fabs (2 * lightness - 1)) * saturation;
  double x = c * (1 - fabs (fmod (hue / 60, 2) - 1));
  double m = lightness - c / 2;
  double r = 0, g = 0, b = 0;

  switch ((int) (hue / 60) % 6)
    {
    case 0: r = c; g = x; break;
    case 1: r = x; g = c; break;
    case 2: g = c; b = x; break;
    case 3: g = x; b = c; break;
    case 4: r = x; b = c; break;
    default: r = c; b = x; break;
    }
  *color = (GdkRGBA) { (float) (r + m), (float) (g + m), (float) (b + m), 1 };
}

/**
 * sioscope_palette_hue:
 * @name: what the colour is for
 * @dark: for a dark background
 * @background: (out): the fill of its pill
 * @text: (out): its text, at least 4.5:1 on @background
 *
 * The same name has the same hue everywhere and always. The main namespace "/" is grey: most rows have it.
 */
void
sioscope_palette_hue (SioSpan   name,
                      gboolean  dark,
                      GdkRGBA  *background,
                      GdkRGBA  *text)
{
  guint32 hash = 2166136261u; /* FNV-1a: the same in every run */
  double saturation = name.size <= 1 ? 0 : 0.55;
  double hue;
  double lightness = dark ? 0.72 : 0.42;

  for (gsize i = 0; i < MIN (name.size, 256); i++)
    hash = (hash ^ (guchar) name.data[i]) * 16777619u;
  hash ^= hash >> 16;
  hash *= 0x85ebca6bu;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35u;
  hash ^= hash >> 16;
  hue = (double) (hash % 360);

  from_hsl (background, hue, saturation * (dark ? 0.7 : 1), dark ? 0.22 : 0.93);
  do
    {
      from_hsl (text, hue, saturation, lightness);
      lightness += dark ? 0.02 : -0.02;
    }
  while (sioscope_palette_contrast (text, background) < 4.6 && lightness > 0.02 && lightness < 0.98);
}
