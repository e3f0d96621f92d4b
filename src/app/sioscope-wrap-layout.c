/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The first child gets what the last one leaves of the line; a line of its own if that is less than it wants. */

#include "config.h"

#include "sioscope-wrap-layout.h"

#define SPACING 6

struct _SioscopeWrapLayout
{
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (SioscopeWrapLayout, sioscope_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

/* What is hidden takes no part; NULL if nothing is there. */
static GtkWidget *
laid_out (GtkWidget *child)
{
  return child != NULL && gtk_widget_should_layout (child) ? child : NULL;
}

static void
size_of (GtkWidget *child, GtkOrientation orientation, int for_size, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  if (child != NULL)
    gtk_widget_measure (child, orientation, for_size, minimum, natural, NULL, NULL);
}

static gboolean
fits (GtkWidget *first, GtkWidget *last, int width)
{
  int first_natural, last_natural, ignored;

  size_of (first, GTK_ORIENTATION_HORIZONTAL, -1, &ignored, &first_natural);
  size_of (last, GTK_ORIENTATION_HORIZONTAL, -1, &ignored, &last_natural);
  return first_natural + SPACING + last_natural <= width;
}

static GtkSizeRequestMode
sioscope_wrap_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
sioscope_wrap_layout_measure (GtkLayoutManager *manager, GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  GtkWidget *first = laid_out (gtk_widget_get_first_child (widget));
  GtkWidget *last = laid_out (gtk_widget_get_last_child (widget));
  int spacing = first != NULL && last != NULL ? SPACING : 0;
  int first_minimum, first_natural, last_minimum, last_natural;

  size_of (first, orientation, -1, &first_minimum, &first_natural);
  size_of (last, orientation, -1, &last_minimum, &last_natural);
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MAX (first_minimum, last_minimum);
      *natural = first_natural + spacing + last_natural;
    }
  else if (for_size < 0 || fits (first, last, for_size))
    {
      *minimum = MAX (first_minimum, last_minimum);
      *natural = MAX (first_natural, last_natural);
    }
  else
    {
      *minimum = first_minimum + spacing + last_minimum;
      *natural = first_natural + spacing + last_natural;
    }
}

static void
allocate (GtkWidget *widget, GtkWidget *child, int x, int y, int width, int height)
{
  if (child == NULL)
    return;
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (widget) - x - width;
  gtk_widget_size_allocate (child, &(GtkAllocation) { x, y, width, height }, -1);
}

static void
sioscope_wrap_layout_allocate (GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *first = laid_out (gtk_widget_get_first_child (widget));
  GtkWidget *last = laid_out (gtk_widget_get_last_child (widget));
  int last_minimum, last_natural, first_minimum, first_natural;

  size_of (first, GTK_ORIENTATION_VERTICAL, -1, &first_minimum, &first_natural);
  size_of (last, GTK_ORIENTATION_HORIZONTAL, -1, &last_minimum, &last_natural);
  if (first == NULL || last == NULL)
    {
      allocate (widget, first, 0, 0, width, height);
      allocate (widget, last, 0, 0, MAX (MIN (last_natural, width), last_minimum), height);
    }
  else if (fits (first, last, width))
    {
      allocate (widget, first, 0, 0, width - SPACING - last_natural, height);
      allocate (widget, last, width - last_natural, 0, last_natural, height);
    }
  else
    {
      allocate (widget, first, 0, 0, width, first_natural);
      allocate (widget, last, 0, first_natural + SPACING, MAX (MIN (last_natural, width), last_minimum),
                height - first_natural - SPACING);
    }
}

static void
sioscope_wrap_layout_class_init (SioscopeWrapLayoutClass *klass)
{
  GtkLayoutManagerClass *manager_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  manager_class->get_request_mode = sioscope_wrap_layout_get_request_mode;
  manager_class->measure = sioscope_wrap_layout_measure;
  manager_class->allocate = sioscope_wrap_layout_allocate;
}

static void
sioscope_wrap_layout_init (SioscopeWrapLayout *self)
{
}
