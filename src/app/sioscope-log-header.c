/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The header of the log: one label a column, put where the shared context says, and a button for the time. */

#include "config.h"

#include "sioscope-log-header.h"

#include <glib/gi18n.h>

#define HEIGHT 26

enum { LABEL_DELTA, LABEL_NSP, LABEL_EVENT, LABEL_CHIP, LABEL_SIZE, N_LABELS };

struct _SioscopeLogHeader {
  GtkWidget           parent_instance;

  SioscopeLogContext *context; /* NULL until set */
  GtkWidget          *time_button;
  GtkWidget          *time_label;
  GtkWidget          *labels[N_LABELS];
};

G_DEFINE_FINAL_TYPE (SioscopeLogHeader, sioscope_log_header, GTK_TYPE_WIDGET)

enum { TIME_MODE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
show_time_mode (SioscopeLogHeader *self)
{
  static const char *const captions[] = { N_("Time"), N_("Since start"), N_("Since last") };

  gtk_label_set_label (GTK_LABEL (self->time_label), _(captions[self->context->time_mode]));
}

static void
time_clicked_cb (SioscopeLogHeader *self)
{
  self->context->time_mode = (self->context->time_mode + 1) % 3;
  show_time_mode (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_signal_emit (self, signals[TIME_MODE_CHANGED], 0);
}

static void
place (SioscopeLogHeader       *self,
       GtkWidget               *child,
       const SioscopeLogColumn *column,
       gboolean                 at_end,
       int                      width,
       int                      height)
{
  GtkAllocation area = { (int) column->x, 0, (int) column->width, height };
  int natural;

  gtk_widget_set_child_visible (child, column->width > 0);
  if (column->width <= 0)
    return;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  if (at_end)
    area.x += MAX (area.width - natural, 0);
  area.width = MIN (area.width, natural);
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    area.x = width - area.x - area.width;
  gtk_widget_size_allocate (child, &area, -1);
}

static void
sioscope_log_header_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  SioscopeLogHeader *self = SIOSCOPE_LOG_HEADER (widget);
  SioscopeLogColumns columns;
  SioscopeLogColumn time;

  if (self->context == NULL)
    return;

  sioscope_log_context_load (self->context);
  columns = sioscope_log_context_get_columns (self->context, width);
  /* The button's padding hangs out to the left, so that its word stands above the times. */
  time = columns.time;
  if (time.width > 0)
    {
      time.x -= 8;
      time.width += 16;
    }
  place (self, self->time_button, &time, FALSE, width, height);
  place (self, self->labels[LABEL_DELTA], &columns.delta, TRUE, width, height);
  place (self, self->labels[LABEL_NSP], &columns.nsp, FALSE, width, height);
  place (self, self->labels[LABEL_EVENT], &columns.event, FALSE, width, height);
  place (self, self->labels[LABEL_CHIP], &columns.chip, TRUE, width, height);
  place (self, self->labels[LABEL_SIZE], &columns.size, TRUE, width, height);
}

static void
sioscope_log_header_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int ignored;

      /* Children have to be measured before they are given a size. */
      gtk_widget_measure (child, orientation, -1, &ignored, NULL, NULL, NULL);
    }
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 240;
}

static void
sioscope_log_header_dispose (GObject *object)
{
  SioscopeLogHeader *self = SIOSCOPE_LOG_HEADER (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->context, sioscope_log_context_unref);

  G_OBJECT_CLASS (sioscope_log_header_parent_class)->dispose (object);
}

static void
sioscope_log_header_class_init (SioscopeLogHeaderClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_log_header_dispose;
  widget_class->size_allocate = sioscope_log_header_size_allocate;
  widget_class->measure = sioscope_log_header_measure;

  /**
   * SioscopeLogHeader::time-mode-changed:
   *
   * The context's time mode is another one now: what shows times has to be drawn again.
   */
  signals[TIME_MODE_CHANGED] = g_signal_new ("time-mode-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                             NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_css_name (widget_class, "logheader");
}

static void
sioscope_log_header_init (SioscopeLogHeader *self)
{
  static const char *const captions[N_LABELS] = { N_("Delta"), N_("Namespace"), N_("Event"), N_("Ack"), N_("Size") };

  self->time_label = gtk_label_new (NULL);
  self->time_button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->time_button), self->time_label);
  gtk_widget_add_css_class (self->time_button, "flat");
  gtk_widget_set_tooltip_text (self->time_button, _("Change how time is told"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->time_button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Time"), -1);
  g_signal_connect_swapped (self->time_button, "clicked", G_CALLBACK (time_clicked_cb), self);
  gtk_widget_set_parent (self->time_button, GTK_WIDGET (self));

  for (guint i = 0; i < N_LABELS; i++)
    {
      self->labels[i] = gtk_label_new (_(captions[i]));
      gtk_label_set_ellipsize (GTK_LABEL (self->labels[i]), PANGO_ELLIPSIZE_END);
      gtk_widget_set_parent (self->labels[i], GTK_WIDGET (self));
    }
}

void
sioscope_log_header_set_context (SioscopeLogHeader  *self,
                                 SioscopeLogContext *context)
{
  g_return_if_fail (self->context == NULL);

  self->context = sioscope_log_context_ref (context);
  show_time_mode (self);
}
