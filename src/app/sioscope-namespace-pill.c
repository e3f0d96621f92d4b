/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-looks.h"
#include "sioscope-namespace-pill.h"

#include <glib/gi18n.h>

struct _SioscopeNamespacePill
{
  GtkWidget parent_instance;

  char *nsp;

  GtkMenuButton *button;
  GtkImage *icon;
  GtkLabel *name;
  GtkLabel *word;
  GtkLabel *panel_name;
  GtkLabel *panel_word;
  GtkLabel *panel_id;
  GtkWidget *join;
  GtkWidget *leave;
};

enum { JOIN, LEAVE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeNamespacePill, sioscope_namespace_pill, GTK_TYPE_WIDGET)

static void
sioscope_namespace_pill_join_cb (SioscopeNamespacePill *self)
{
  gtk_menu_button_popdown (self->button);
  g_signal_emit (self, signals[JOIN], 0);
}

static void
sioscope_namespace_pill_leave_cb (SioscopeNamespacePill *self)
{
  gtk_menu_button_popdown (self->button);
  g_signal_emit (self, signals[LEAVE], 0);
}

void
sioscope_namespace_pill_update (SioscopeNamespacePill *self, const SioscopeNamespace *nsp, gboolean live)
{
  SioscopeLook look = sioscope_looks_get_namespace (nsp);
  gboolean connected = nsp->state == SIO_SOCKET_STATE_CONNECTED;
  gboolean inactive = nsp->state == SIO_SOCKET_STATE_INACTIVE;
  g_autofree char *reason = connected ? g_strdup ("") : sioscope_looks_dup_reason (nsp->reason, NULL, 0);
  g_autofree char *id = connected && nsp->id != NULL ? sioscope_looks_dup_safe (nsp->id) : NULL;
  g_autofree char *shown = sioscope_looks_dup_safe (nsp->nsp);
  g_autofree char *sentence = NULL;

  sentence = *reason != '\0' ? g_strdup_printf (_("%s: %s"), look.word, reason) : g_strdup (look.word);

  gtk_image_set_from_icon_name (self->icon, look.icon_name);
  sioscope_looks_set_class (self->icon, look.style_class);
  gtk_label_set_text (self->word, inactive && *reason != '\0' && g_strcmp0 (nsp->reason, "io client disconnect") != 0 ? sentence : look.word);
  gtk_widget_set_visible (GTK_WIDGET (self->word), !connected);
  sioscope_looks_set_class (self->word, look.style_class);
  gtk_label_set_text (self->panel_word, sentence);
  gtk_label_set_text (self->panel_id, id != NULL ? id : "");
  gtk_widget_set_visible (GTK_WIDGET (self->panel_id), id != NULL);
  gtk_widget_set_visible (self->join, live && inactive);
  gtk_widget_set_visible (self->leave, live && !inactive);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), sentence);

  {
    /* Translators: for screen readers: a namespace and its state */
    g_autofree char *label = g_strdup_printf (_("Namespace %s, %s"), shown, sentence);

    gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  }
}

const char *
sioscope_namespace_pill_get_nsp (SioscopeNamespacePill *self)
{
  return self->nsp;
}

static void
sioscope_namespace_pill_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_NAMESPACE_PILL);
  g_clear_pointer (&SIOSCOPE_NAMESPACE_PILL (object)->nsp, g_free);

  G_OBJECT_CLASS (sioscope_namespace_pill_parent_class)->dispose (object);
}

static void
sioscope_namespace_pill_class_init (SioscopeNamespacePillClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_namespace_pill_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-namespace-pill.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeNamespacePill, name)
  BIND (button);
  BIND (icon);
  BIND (name);
  BIND (word);
  BIND (panel_name);
  BIND (panel_word);
  BIND (panel_id);
  BIND (join);
  BIND (leave);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_namespace_pill_join_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_namespace_pill_leave_cb);

  signals[JOIN] = g_signal_new ("join", SIOSCOPE_TYPE_NAMESPACE_PILL, G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LEAVE] = g_signal_new ("leave", SIOSCOPE_TYPE_NAMESPACE_PILL, G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sioscope_namespace_pill_init (SioscopeNamespacePill *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
sioscope_namespace_pill_new (const char *nsp)
{
  SioscopeNamespacePill *self = g_object_new (SIOSCOPE_TYPE_NAMESPACE_PILL, NULL);
  g_autofree char *shown = sioscope_looks_dup_safe (nsp);

  self->nsp = g_strdup (nsp);
  gtk_label_set_text (self->name, shown);
  gtk_label_set_text (self->panel_name, shown);
  return GTK_WIDGET (self);
}
