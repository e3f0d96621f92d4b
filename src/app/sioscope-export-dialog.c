/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-export-dialog.h"

#include "sioscope-format.h"
#include "sioscope-settings.h"

#include <glib/gi18n.h>

/* In the order in which they are offered: what loses nothing comes first. */
static const struct { SioscopeFormat format; const char *title; const char *subtitle; } formats[] = {
  { SIOSCOPE_FORMAT_RECORDING, N_("_Recording"), N_("Opens in Sioscope as this one does") },
  { SIOSCOPE_FORMAT_NDJSON, N_("_NDJSON"), N_("One JSON object a row, nothing left out; Sioscope opens it too") },
  { SIOSCOPE_FORMAT_CSV, N_("_CSV"), N_("A table for spreadsheets") },
  { SIOSCOPE_FORMAT_HAR, N_("_HAR"), N_("HTTP and WebSocket messages for the network tools of browsers") },
  { SIOSCOPE_FORMAT_TEXT, N_("_Text"), N_("Lines to read") },
};

struct _SioscopeExportDialog
{
  AdwWindow parent_instance;

  SioscopeFilter *filter; /* NULL: everything is shown */
  char *name;

  GtkWidget *accept;
  GtkSwitch *redact;
  GtkWidget *warning;
  AdwActionRow *everything_row;
  AdwActionRow *filtered_row;
  GtkCheckButton *filtered;
  AdwPreferencesGroup *groups;
  GtkCheckButton *format_buttons[G_N_ELEMENTS (formats)];

  GtkFileChooserNative *chooser; /* NULL: not open */
};

enum { ACCEPTED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeExportDialog, sioscope_export_dialog, ADW_TYPE_WINDOW)

void
sioscope_export_dialog_get_options (SioscopeExportDialog *self, SioscopeExportOptions *options)
{
  *options = (SioscopeExportOptions) {
    .filter = gtk_check_button_get_active (self->filtered) ? self->filter : NULL,
    .include_secrets = !gtk_switch_get_active (self->redact),
  };
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (gtk_check_button_get_active (self->format_buttons[i]))
      options->format = formats[i].format;
}

static void
sioscope_export_dialog_response_cb (SioscopeExportDialog *self, int response)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file == NULL)
    return;
  g_signal_emit (self, signals[ACCEPTED], 0, file);
  gtk_window_close (GTK_WINDOW (self));
}

static void
sioscope_export_dialog_accept_cb (SioscopeExportDialog *self)
{
  SioscopeExportOptions options;
  const char *extension;
  g_autofree char *name = NULL;

  if (self->chooser != NULL)
    return;
  sioscope_export_dialog_get_options (self, &options);
  extension = sioscope_format_get_extension (options.format);
  /* A recording's own name would be that of the original. */
  name = options.format == SIOSCOPE_FORMAT_RECORDING ? g_strdup_printf ("%s-export.%s", self->name, extension)
                                                     : g_strdup_printf ("%s.%s", self->name, extension);
  self->chooser = gtk_file_chooser_native_new (_("Export"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"), NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (sioscope_export_dialog_response_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
sioscope_export_dialog_dispose (GObject *object)
{
  SioscopeExportDialog *self = SIOSCOPE_EXPORT_DIALOG (object);

  g_clear_object (&self->chooser);
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_EXPORT_DIALOG);
  g_clear_pointer (&self->filter, sioscope_filter_unref);
  g_clear_pointer (&self->name, g_free);

  G_OBJECT_CLASS (sioscope_export_dialog_parent_class)->dispose (object);
}

static void
sioscope_export_dialog_class_init (SioscopeExportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_export_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-export-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SioscopeExportDialog, accept);
  gtk_widget_class_bind_template_child (widget_class, SioscopeExportDialog, redact);
  gtk_widget_class_bind_template_child (widget_class, SioscopeExportDialog, warning);
  gtk_widget_class_bind_template_child (widget_class, SioscopeExportDialog, everything_row);
  gtk_widget_class_bind_template_child (widget_class, SioscopeExportDialog, filtered_row);
  gtk_widget_class_bind_template_child (widget_class, SioscopeExportDialog, filtered);
  gtk_widget_class_bind_template_child_full (widget_class, "formats", FALSE, G_STRUCT_OFFSET (SioscopeExportDialog, groups));
  gtk_widget_class_bind_template_callback (widget_class, sioscope_export_dialog_accept_cb);

  signals[ACCEPTED] = g_signal_new ("accepted", SIOSCOPE_TYPE_EXPORT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_FILE);
}

static void
sioscope_export_dialog_init (SioscopeExportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *button = gtk_check_button_new ();

      adw_preferences_row_set_use_underline (ADW_PREFERENCES_ROW (row), TRUE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _(formats[i].title));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _(formats[i].subtitle));
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      /* So that tests and people who automate find it. */
      gtk_widget_set_name (button, sioscope_format_get_word (formats[i].format));
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), button);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
      adw_preferences_group_add (self->groups, row);
      self->format_buttons[i] = GTK_CHECK_BUTTON (button);
      if (i > 0)
        gtk_check_button_set_group (self->format_buttons[i], self->format_buttons[0]);
    }
  gtk_check_button_set_active (self->format_buttons[0], TRUE);
  gtk_switch_set_active (self->redact, !sioscope_settings_get_boolean ("export-credentials"));
  g_object_bind_property (self->redact, "active", self->warning, "visible", G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
}

static void
set_count (AdwActionRow *row, guint64 n_rows)
{
  g_autofree char *count = sioscope_format_count (n_rows);
  g_autofree char *words = g_strdup_printf (ngettext ("%s row", "%s rows", (gulong) MIN (n_rows, G_MAXULONG)), count);

  if (n_rows != G_MAXUINT64)
    adw_action_row_set_subtitle (row, words);
}

/**
 * sioscope_export_dialog_new:
 * @parent: over which window
 * @n_rows: how many rows there are
 * @filter: (nullable): which of them are shown now
 * @n_shown: how many these are; %G_MAXUINT64: not known
 * @chosen: whether a person has chosen @filter: then it is what is proposed
 * @name: what the file's name begins with
 *
 * Returns: (transfer none): the dialog, not shown yet
 */
SioscopeExportDialog *
sioscope_export_dialog_new (GtkWindow      *parent,
                            guint64         n_rows,
                            SioscopeFilter *filter,
                            guint64         n_shown,
                            gboolean        chosen,
                            const char     *name)
{
  SioscopeExportDialog *self = g_object_new (SIOSCOPE_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);

  self->filter = filter != NULL ? sioscope_filter_ref (filter) : NULL;
  self->name = g_strdup (name);
  set_count (self->everything_row, n_rows);
  set_count (self->filtered_row, n_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->filtered_row), filter != NULL);
  gtk_check_button_set_active (self->filtered, filter != NULL && chosen);
  return self;
}
