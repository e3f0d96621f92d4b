/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-settings.h"

/* The schema's defaults once more, for a run without it; what is changed is remembered until its end. */
static struct { const char *key; int value; } defaults[] = {
  { "window-width", 1180 },  { "window-height", 780 }, { "window-maximized", FALSE }, { "show-sidebar", TRUE },
  { "show-emitter", TRUE },  { "show-details", TRUE }, { "bottom-height", 0 },        { "emitter-width", 0 },
  { "details-width", 460 },  { "ack-timeout-ms", 5000 },
  { "keep-megabytes", 2000 }, { "keep-days", 30 },     { "recording-megabytes", 16000 },
  { "export-credentials", FALSE },
};

GSettings *
sioscope_settings_get (void)
{
  static GSettings *settings;
  static gsize looked;

  if (g_once_init_enter (&looked))
    {
      GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
      g_autoptr (GSettingsSchema) schema =
        source != NULL ? g_settings_schema_source_lookup (source, SIOSCOPE_APP_ID, TRUE) : NULL;

      /* g_settings_new() would end the program. */
      if (schema != NULL)
        settings = g_settings_new_full (schema, NULL, NULL);
      g_once_init_leave (&looked, 1);
    }
  return settings;
}

static int *
sioscope_settings_find (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (g_str_equal (defaults[i].key, key))
      return &defaults[i].value;
  g_error ("no setting is called %s", key);
}

int
sioscope_settings_get_int (const char *key)
{
  GSettings *settings = sioscope_settings_get ();

  return settings != NULL ? g_settings_get_int (settings, key) : *sioscope_settings_find (key);
}

void
sioscope_settings_set_int (const char *key, int value)
{
  GSettings *settings = sioscope_settings_get ();

  if (settings == NULL)
    *sioscope_settings_find (key) = value;
  else if (g_settings_get_int (settings, key) != value)
    g_settings_set_int (settings, key, value);
}

gboolean
sioscope_settings_get_boolean (const char *key)
{
  GSettings *settings = sioscope_settings_get ();

  return settings != NULL ? g_settings_get_boolean (settings, key) : *sioscope_settings_find (key) != 0;
}

void
sioscope_settings_set_boolean (const char *key, gboolean value)
{
  GSettings *settings = sioscope_settings_get ();

  if (settings == NULL)
    *sioscope_settings_find (key) = value;
  else if (g_settings_get_boolean (settings, key) != value)
    g_settings_set_boolean (settings, key, value);
}
