/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-json-hint.h"
#include "sioscope-namespace-pill.h"
#include "sioscope-namespaces-bar.h"

#include <glib/gi18n.h>

struct _SioscopeNamespacesBar
{
  GtkWidget parent_instance;

  SioscopeSubject *subject; /* NULL before the first update */

  GtkBox *pills;
  GtkMenuButton *add;
  GtkEntry *name;
  GtkEntry *auth;
  GtkLabel *mistake;
  GtkWidget *join;
};

G_DEFINE_FINAL_TYPE (SioscopeNamespacesBar, sioscope_namespaces_bar, GTK_TYPE_WIDGET)

static void
sioscope_namespaces_bar_join (SioscopeNamespacesBar *self, const char *nsp, const char *auth)
{
  SioscopeConnection *connection = sioscope_subject_get_connection (self->subject);

  if (connection != NULL)
    sioscope_connection_join (connection, nsp, auth);
}

static void
sioscope_namespaces_bar_pill_join_cb (SioscopeNamespacesBar *self, SioscopeNamespacePill *pill)
{
  sioscope_namespaces_bar_join (self, sioscope_namespace_pill_get_nsp (pill), NULL);
}

static void
sioscope_namespaces_bar_pill_leave_cb (SioscopeNamespacesBar *self, SioscopeNamespacePill *pill)
{
  SioscopeConnection *connection = sioscope_subject_get_connection (self->subject);

  if (connection != NULL)
    sioscope_connection_leave (connection, sioscope_namespace_pill_get_nsp (pill));
}

static void
sioscope_namespaces_bar_check_cb (SioscopeNamespacesBar *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name));
  g_autofree char *mistake = sioscope_json_hint_for_object (gtk_editable_get_text (GTK_EDITABLE (self->auth)));

  gtk_label_set_text (self->mistake, mistake != NULL ? mistake : "");
  gtk_widget_set_visible (GTK_WIDGET (self->mistake), mistake != NULL);
  if (mistake != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->auth), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->auth), "error");
  gtk_widget_set_sensitive (self->join, *name != '\0' && mistake == NULL);
}

static void
sioscope_namespaces_bar_join_cb (SioscopeNamespacesBar *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name));
  g_autofree char *auth = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->auth))));
  /* Socket.IO protocol: a namespace begins with a slash; the official client adds it too. */
  g_autofree char *nsp = g_strconcat (name[0] == '/' ? "" : "/", name, NULL);

  if (!gtk_widget_get_sensitive (self->join))
    return;
  gtk_menu_button_popdown (self->add);
  sioscope_namespaces_bar_join (self, nsp, *auth != '\0' ? auth : NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->name), "");
}

/**
 * sioscope_namespaces_bar_update:
 * @self: a namespaces bar
 * @subject: whose namespaces to show; always the same one
 *
 * Brings the pills up to date. A pill stays the same widget as long as its namespace is there, so that an open panel stays open.
 */
void
sioscope_namespaces_bar_update (SioscopeNamespacesBar *self, SioscopeSubject *subject)
{
  SioscopeProjection *projection = sioscope_subject_get_projection (subject);
  gboolean live = sioscope_subject_get_live (subject);
  const SioscopeNamespace *namespaces = NULL;
  GtkWidget *pill = gtk_widget_get_first_child (GTK_WIDGET (self->pills));
  guint n = 0;

  g_set_object (&self->subject, subject);
  if (projection != NULL)
    namespaces = sioscope_projection_get_namespaces (projection, &n);

  for (guint i = 0; i < n; i++)
    {
      if (pill != NULL && !g_str_equal (sioscope_namespace_pill_get_nsp (SIOSCOPE_NAMESPACE_PILL (pill)), namespaces[i].nsp))
        {
          /* The order has changed, which only another recording does: from here on they are new. */
          while (pill != NULL)
            {
              GtkWidget *next = gtk_widget_get_next_sibling (pill);

              gtk_box_remove (self->pills, pill);
              pill = next;
            }
        }
      if (pill == NULL)
        {
          pill = sioscope_namespace_pill_new (namespaces[i].nsp);
          g_signal_connect_object (pill, "join", G_CALLBACK (sioscope_namespaces_bar_pill_join_cb), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (pill, "leave", G_CALLBACK (sioscope_namespaces_bar_pill_leave_cb), self, G_CONNECT_SWAPPED);
          gtk_box_append (self->pills, pill);
        }
      sioscope_namespace_pill_update (SIOSCOPE_NAMESPACE_PILL (pill), &namespaces[i], live);
      pill = gtk_widget_get_next_sibling (pill);
    }
  while (pill != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (pill);

      gtk_box_remove (self->pills, pill);
      pill = next;
    }

  gtk_widget_set_visible (GTK_WIDGET (self->add), live);
  gtk_widget_set_sensitive (GTK_WIDGET (self->add), sioscope_subject_get_connection (subject) != NULL);
}

static void
sioscope_namespaces_bar_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_NAMESPACES_BAR);
  g_clear_object (&SIOSCOPE_NAMESPACES_BAR (object)->subject);

  G_OBJECT_CLASS (sioscope_namespaces_bar_parent_class)->dispose (object);
}

static void
sioscope_namespaces_bar_class_init (SioscopeNamespacesBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_namespaces_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-namespaces-bar.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  /* So that dispose_template () takes it away. */
  gtk_widget_class_bind_template_child_full (widget_class, "root", FALSE, 0);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeNamespacesBar, name)
  BIND (pills);
  BIND (add);
  BIND (name);
  BIND (auth);
  BIND (mistake);
  BIND (join);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_namespaces_bar_check_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_namespaces_bar_join_cb);
}

static void
sioscope_namespaces_bar_init (SioscopeNamespacesBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  sioscope_namespaces_bar_check_cb (self);
}
