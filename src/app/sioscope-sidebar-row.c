/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-format.h"
#include "sioscope-looks.h"
#include "sioscope-recovery-page.h"
#include "sioscope-sidebar-row.h"

#include <glib/gi18n.h>

struct _SioscopeSidebarRow
{
  GtkListBoxRow parent_instance;

  SioscopeSubject *subject;

  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *words;
  GtkMenuButton *menu_button;
  GMenuModel *connection_menu;
  GMenuModel *recording_menu;
};

enum { COMMAND, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeSidebarRow, sioscope_sidebar_row, GTK_TYPE_LIST_BOX_ROW)

static char *
sioscope_sidebar_row_dup_recording_words (SioscopeSidebarRow *self)
{
  guint64 n = sioscope_recording_get_n_rows (sioscope_subject_get_recording (self->subject));
  g_autofree char *count = sioscope_format_count (n);

  if (sioscope_subject_get_leftover (self->subject))
    {
      g_autofree char *when =
        sioscope_recovery_page_dup_when (sioscope_recording_get_start_real_us (sioscope_subject_get_recording (self->subject)));

      /* Translators: a recording that nobody has saved; when it was begun, a number of rows */
      return g_strdup_printf (ngettext ("%s · %s row · unsaved", "%s · %s rows · unsaved", (gulong) MIN (n, G_MAXULONG)), when, count);
    }
  return g_strdup_printf (ngettext ("%s row", "%s rows", (gulong) MIN (n, G_MAXULONG)), count);
}

static void
sioscope_sidebar_row_update (SioscopeSidebarRow *self)
{
  const SioscopeStatus *status = sioscope_subject_get_status (self->subject);
  gboolean live = sioscope_subject_get_live (self->subject);
  gboolean active = sioscope_subject_get_active (self->subject);
  SioscopeLook look = sioscope_looks_get_phase (status->phase, live);
  g_autofree char *words = live ? sioscope_looks_dup_state (status, TRUE, sioscope_subject_get_now_us (self->subject))
                                : sioscope_sidebar_row_dup_recording_words (self);

  g_autofree char *ending = live ? sioscope_looks_dup_ending (sioscope_subject_get_projection (self->subject)) : NULL;

  if (ending != NULL)
    {
      g_free (words);
      /* Translators: the state, and why the server closed the connection */
      words = g_strdup_printf (_("Closed: %s"), ending);
    }
  else if (live && status->phase == SIOSCOPE_PHASE_FAILED)
    {
      g_autofree char *reason = sioscope_looks_dup_reason (status->reason, status->message, 0);

      if (*reason != '\0')
        {
          g_free (words);
          /* Translators: why a connection failed */
          words = g_strdup_printf (_("Failed: %s"), reason);
        }
    }

  gtk_image_set_from_icon_name (self->icon, look.icon_name);
  sioscope_looks_set_class (self->icon, look.style_class);
  if (g_strcmp0 (gtk_label_get_text (self->words), words) != 0)
    {
      gtk_label_set_text (self->words, words);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->words), words);
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "row.connect", live && !active);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "row.disconnect", live && active);

  {
    g_autofree char *label = g_strdup_printf ("%s, %s", sioscope_subject_get_title (self->subject), words);

    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  }
}

static void
sioscope_sidebar_row_command_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  /* Without the "row." in front. */
  g_signal_emit (widget, signals[COMMAND], 0, action + strlen ("row."));
}

static void
sioscope_sidebar_row_menu_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_menu_button_popup (SIOSCOPE_SIDEBAR_ROW (widget)->menu_button);
}

static void
sioscope_sidebar_row_right_click_cb (SioscopeSidebarRow *self)
{
  gtk_menu_button_popup (self->menu_button);
}

static void
sioscope_sidebar_row_dispose (GObject *object)
{
  SioscopeSidebarRow *self = SIOSCOPE_SIDEBAR_ROW (object);

  if (self->subject != NULL)
    g_signal_handlers_disconnect_by_data (self->subject, self);
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_SIDEBAR_ROW);
  g_clear_object (&self->subject);

  G_OBJECT_CLASS (sioscope_sidebar_row_parent_class)->dispose (object);
}

static void
sioscope_sidebar_row_class_init (SioscopeSidebarRowClass *klass)
{
  static const char *const commands[] = {
    "row.connect", "row.disconnect", "row.edit", "row.duplicate", "row.remove", "row.save", "row.export", "row.close", "row.delete",
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_sidebar_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-sidebar-row.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeSidebarRow, name)
  BIND (icon);
  BIND (title);
  BIND (words);
  BIND (menu_button);
  BIND (connection_menu);
  BIND (recording_menu);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_sidebar_row_right_click_cb);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    gtk_widget_class_install_action (widget_class, commands[i], NULL, sioscope_sidebar_row_command_cb);
  gtk_widget_class_install_action (widget_class, "row.menu", NULL, sioscope_sidebar_row_menu_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, "row.menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "row.menu", NULL);

  signals[COMMAND] = g_signal_new ("command", SIOSCOPE_TYPE_SIDEBAR_ROW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sioscope_sidebar_row_init (SioscopeSidebarRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
sioscope_sidebar_row_new (SioscopeSubject *subject)
{
  SioscopeSidebarRow *self = g_object_new (SIOSCOPE_TYPE_SIDEBAR_ROW, NULL);
  gboolean live = sioscope_subject_get_live (subject);

  self->subject = g_object_ref (subject);
  gtk_menu_button_set_menu_model (self->menu_button, live ? self->connection_menu : self->recording_menu);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "row.delete", sioscope_subject_get_leftover (subject));
  g_object_bind_property (subject, "title", self->title, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (subject, "title", self->title, "tooltip-text", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (subject, "changed", G_CALLBACK (sioscope_sidebar_row_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (subject, "replaced", G_CALLBACK (sioscope_sidebar_row_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (subject, "notify::title", G_CALLBACK (sioscope_sidebar_row_update), self, G_CONNECT_SWAPPED);
  sioscope_sidebar_row_update (self);
  return GTK_WIDGET (self);
}

SioscopeSubject *
sioscope_sidebar_row_get_subject (SioscopeSidebarRow *self)
{
  return self->subject;
}
