/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-application.h"
#include "sioscope-window.h"

#include <glib/gi18n.h>

void sioscope_app_register_resource (void);

struct _SioscopeApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (SioscopeApplication, sioscope_application, ADW_TYPE_APPLICATION)

static void
sioscope_application_activate (GApplication *app)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (app));

  if (window == NULL)
    window = GTK_WINDOW (sioscope_window_new (SIOSCOPE_APPLICATION (app)));
  gtk_window_present (window);
}

static void
sioscope_application_class_init (SioscopeApplicationClass *klass)
{
  GApplicationClass *app_class = G_APPLICATION_CLASS (klass);

  app_class->activate = sioscope_application_activate;
}

static void
sioscope_application_init (SioscopeApplication *self)
{
}

SioscopeApplication *
sioscope_application_new (void)
{
  sioscope_app_register_resource ();
  g_set_application_name (_("Sioscope"));

  return g_object_new (SIOSCOPE_TYPE_APPLICATION,
                       "application-id", SIOSCOPE_APP_ID,
                       "resource-base-path", SIOSCOPE_RESOURCE_BASE,
                       NULL);
}
