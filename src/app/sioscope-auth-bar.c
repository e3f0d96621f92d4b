/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-auth-bar.h"
#include "sioscope-json-hint.h"
#include "sioscope-looks.h"

#include <glib/gi18n.h>

struct _SioscopeAuthBar
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkLabel *sentence;
  GtkEntry *auth;
  GtkLabel *mistake;
  GtkWidget *join;

  SioscopeSubject *subject; /* NULL until the first update */
  guint request;
  char *nsp;
};

G_DEFINE_FINAL_TYPE (SioscopeAuthBar, sioscope_auth_bar, GTK_TYPE_WIDGET)

static void
sioscope_auth_bar_check_cb (SioscopeAuthBar *self)
{
  g_autofree char *mistake = sioscope_json_hint_for_object (gtk_editable_get_text (GTK_EDITABLE (self->auth)));

  gtk_label_set_text (self->mistake, mistake != NULL ? mistake : "");
  gtk_widget_set_visible (GTK_WIDGET (self->mistake), mistake != NULL);
  gtk_widget_set_sensitive (self->join, mistake == NULL);
  if (mistake != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->auth), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->auth), "error");
}

static void
sioscope_auth_bar_join_cb (SioscopeAuthBar *self)
{
  g_autofree char *auth = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->auth))));

  if (self->subject != NULL && gtk_widget_get_sensitive (self->join))
    sioscope_subject_answer (self->subject, TRUE, *auth != '\0' ? auth : NULL);
}

static void
sioscope_auth_bar_decline_cb (SioscopeAuthBar *self)
{
  if (self->subject != NULL)
    sioscope_subject_answer (self->subject, FALSE, NULL);
}

void
sioscope_auth_bar_update (SioscopeAuthBar *self, SioscopeSubject *subject)
{
  guint request = 0;
  const char *nsp = sioscope_subject_get_question (subject, &request);
  g_autofree char *shown = NULL;
  g_autofree char *sentence = NULL;

  gtk_widget_set_visible (self->root, nsp != NULL);
  g_set_object (&self->subject, subject);
  if (nsp == NULL || (request == self->request && g_strcmp0 (nsp, self->nsp) == 0))
    return;

  /* The same namespace again: what was sent the last time, or typed and not sent, is the best guess. */
  if (g_strcmp0 (nsp, self->nsp) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->auth), "");
  self->request = request;
  g_free (self->nsp);
  self->nsp = g_strdup (nsp);
  shown = sioscope_looks_dup_safe (nsp);
  /* Translators: the name of a namespace, for example "/admin" */
  sentence = g_strdup_printf (_("%s is about to be joined. What shall go along as auth?"), shown);
  gtk_label_set_text (self->sentence, sentence);
  sioscope_auth_bar_check_cb (self);
}

static void
sioscope_auth_bar_dispose (GObject *object)
{
  SioscopeAuthBar *self = SIOSCOPE_AUTH_BAR (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_AUTH_BAR);
  g_clear_object (&self->subject);
  g_clear_pointer (&self->nsp, g_free);

  G_OBJECT_CLASS (sioscope_auth_bar_parent_class)->dispose (object);
}

static void
sioscope_auth_bar_class_init (SioscopeAuthBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_auth_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-auth-bar.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeAuthBar, name)
  BIND (root);
  BIND (sentence);
  BIND (auth);
  BIND (mistake);
  BIND (join);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_auth_bar_check_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_auth_bar_join_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_auth_bar_decline_cb);
}

static void
sioscope_auth_bar_init (SioscopeAuthBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
