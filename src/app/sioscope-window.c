/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-window.h"

struct _SioscopeWindow
{
  AdwApplicationWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (SioscopeWindow, sioscope_window, ADW_TYPE_APPLICATION_WINDOW)

static void
sioscope_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_WINDOW);

  G_OBJECT_CLASS (sioscope_window_parent_class)->dispose (object);
}
static void
sioscope_window_class_init (SioscopeWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_window_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-window.ui");
}

static void
sioscope_window_init (SioscopeWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

SioscopeWindow *
sioscope_window_new (SioscopeApplication *app)
{
  return g_object_new (SIOSCOPE_TYPE_WINDOW, "application", app, NULL);
}
