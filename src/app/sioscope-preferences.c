/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-preferences.h"

#include "sioscope-format.h"
#include "sioscope-settings.h"

#include <glib/gi18n.h>

#define MAX_CHOICES 8

/* What can be chosen; 0 is without a limit. */
typedef struct {
  const char *key;
  gboolean days; /* otherwise megabytes */
  int values[MAX_CHOICES - 1];
  guint n_values;
} Choice;

static const Choice choices[] = {
  { "keep-megabytes", FALSE, { 200, 500, 1000, 2000, 5000, 20000, 0 }, 7 },
  { "keep-days", TRUE, { 1, 7, 30, 90, 365, 0 }, 6 },
  { "recording-megabytes", FALSE, { 100, 1000, 4000, 16000, 60000 }, 5 },
};
#define N_CHOICES G_N_ELEMENTS (choices)

struct _SioscopePreferences
{
  AdwPreferencesWindow parent_instance;

  AdwComboRow *rows[N_CHOICES];
  int values[N_CHOICES][MAX_CHOICES]; /* of the rows' lines */
  AdwActionRow *used;
  GtkWidget *delete_all;
  GtkSwitch *redact;
  gboolean filling; /* what changes is not the person's choice */
};

enum { SHOW_FOLDER, DELETE_ALL, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopePreferences, sioscope_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static char *
dup_value_words (const Choice *choice, int value)
{
  if (value == 0)
    return g_strdup (_("No limit"));
  if (choice->days)
    return g_strdup_printf (ngettext ("%d day", "%d days", (gulong) value), value);
  return sioscope_format_size ((guint64) value * 1000 * 1000);
}

/* A value that was set by other means has a line too, in its place. */
static void
sioscope_preferences_fill (SioscopePreferences *self, guint which)
{
  const Choice *choice = &choices[which];
  int current = sioscope_settings_get_int (choice->key);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint n = 0;
  guint selected = 0;
  gboolean there = FALSE;

  for (guint i = 0; i < choice->n_values; i++)
    there = there || choice->values[i] == current;
  for (guint i = 0; i < choice->n_values; i++)
    {
      if (!there && (choice->values[i] == 0 || choice->values[i] > current))
        {
          self->values[which][n++] = current;
          there = TRUE;
        }
      self->values[which][n++] = choice->values[i];
    }
  if (!there)
    self->values[which][n++] = current;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *words = dup_value_words (choice, self->values[which][i]);

      gtk_string_list_append (list, words);
      if (self->values[which][i] == current)
        selected = i;
    }
  adw_combo_row_set_model (self->rows[which], G_LIST_MODEL (list));
  adw_combo_row_set_selected (self->rows[which], selected);
}

static void
sioscope_preferences_chosen_cb (SioscopePreferences *self, GParamSpec *pspec, AdwComboRow *row)
{
  if (self->filling || adw_combo_row_get_selected (row) == GTK_INVALID_LIST_POSITION)
    return;
  for (guint i = 0; i < N_CHOICES; i++)
    if (self->rows[i] == row)
      sioscope_settings_set_int (choices[i].key, self->values[i][adw_combo_row_get_selected (row)]);
}

static void
sioscope_preferences_redact_cb (SioscopePreferences *self)
{
  if (!self->filling)
    sioscope_settings_set_boolean ("export-credentials", !gtk_switch_get_active (self->redact));
}

static void
sioscope_preferences_show_folder_cb (SioscopePreferences *self)
{
  g_signal_emit (self, signals[SHOW_FOLDER], 0);
}

static void
sioscope_preferences_delete_all_cb (SioscopePreferences *self)
{
  g_signal_emit (self, signals[DELETE_ALL], 0);
}

/**
 * sioscope_preferences_set_used:
 * @self: preferences
 * @n_recordings: how many there are
 * @bytes: of all of them
 *
 * Says what is used now.
 */
void
sioscope_preferences_set_used (SioscopePreferences *self, guint n_recordings, guint64 bytes)
{
  g_autofree char *size = sioscope_format_size (bytes);
  g_autofree char *count = sioscope_format_count (n_recordings);
  /* Translators: a size, and how many */
  g_autofree char *words = n_recordings == 0 ? g_strdup (_("Nothing is unsaved"))
                                             : g_strdup_printf (ngettext ("%s in %s recording", "%s in %s recordings", n_recordings), size, count);

  adw_action_row_set_subtitle (self->used, words);
  gtk_widget_set_sensitive (self->delete_all, n_recordings > 0);
}

static void
sioscope_preferences_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_PREFERENCES);

  G_OBJECT_CLASS (sioscope_preferences_parent_class)->dispose (object);
}

static void
sioscope_preferences_class_init (SioscopePreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-preferences.ui");
  gtk_widget_class_bind_template_child_full (widget_class, "keep_megabytes", FALSE, G_STRUCT_OFFSET (SioscopePreferences, rows[0]));
  gtk_widget_class_bind_template_child_full (widget_class, "keep_days", FALSE, G_STRUCT_OFFSET (SioscopePreferences, rows[1]));
  gtk_widget_class_bind_template_child_full (widget_class, "recording_megabytes", FALSE, G_STRUCT_OFFSET (SioscopePreferences, rows[2]));
  gtk_widget_class_bind_template_child (widget_class, SioscopePreferences, used);
  gtk_widget_class_bind_template_child (widget_class, SioscopePreferences, delete_all);
  gtk_widget_class_bind_template_child (widget_class, SioscopePreferences, redact);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_preferences_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_preferences_redact_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_preferences_show_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_preferences_delete_all_cb);

  signals[SHOW_FOLDER] = g_signal_new ("show-folder", SIOSCOPE_TYPE_PREFERENCES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
  signals[DELETE_ALL] = g_signal_new ("delete-all", SIOSCOPE_TYPE_PREFERENCES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 0);
}

static void
sioscope_preferences_init (SioscopePreferences *self)
{
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < N_CHOICES; i++)
    sioscope_preferences_fill (self, i);
  gtk_switch_set_active (self->redact, !sioscope_settings_get_boolean ("export-credentials"));
  self->filling = FALSE;
}

/**
 * sioscope_preferences_new:
 * @parent: over which window
 *
 * Returns: (transfer none): the preferences, not shown yet
 */
SioscopePreferences *
sioscope_preferences_new (GtkWindow *parent)
{
  return g_object_new (SIOSCOPE_TYPE_PREFERENCES, "transient-for", parent, NULL);
}
