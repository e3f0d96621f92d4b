/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Colours that are drawn and not styled: those of libadwaita by name, and a hue for each namespace that can be read in light and dark. */

#pragma once

#include <gtk/gtk.h>

#include "sio.h"

G_BEGIN_DECLS

typedef struct {
  GdkRGBA  text;
  GdkRGBA  dim;      /* secondary text; still 4.5:1 on the background */
  GdkRGBA  line;     /* hairlines and the faintest fills */
  GdkRGBA  background;
  GdkRGBA  accent;
  GdkRGBA  success;
  GdkRGBA  warning;
  GdkRGBA  error;
  GdkRGBA  accent_fill;  /* the stronger ones, for areas and not for text */
  GdkRGBA  success_fill;
  GdkRGBA  warning_fill;
  gboolean dark;
} SioscopePalette;

void     sioscope_palette_load     (SioscopePalette *self,
                                    GtkWidget       *widget);
void     sioscope_palette_hue      (SioSpan          name,
                                    gboolean         dark,
                                    GdkRGBA         *background,
                                    GdkRGBA         *text);
double   sioscope_palette_contrast (const GdkRGBA   *a,
                                    const GdkRGBA   *b);
GdkRGBA  sioscope_palette_alpha    (const GdkRGBA   *color,
                                    float            alpha);

G_END_DECLS
