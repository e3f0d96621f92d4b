/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-connect-dialog.h"
#include "sioscope-start-page.h"

#include <glib/gi18n.h>

struct _SioscopeStartPage
{
  GtkWidget parent_instance;

  GtkEntry *url;
  GtkLabel *hint;
  GtkWidget *connect;
};

enum { CONNECT_TO, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeStartPage, sioscope_start_page, GTK_TYPE_WIDGET)

static void
sioscope_start_page_check_cb (SioscopeStartPage *self)
{
  const char *url = gtk_editable_get_text (GTK_EDITABLE (self->url));
  gboolean valid = FALSE;
  g_autofree char *hint = sioscope_connect_dialog_explain (url, "", &valid);

  gtk_label_set_text (self->hint, *url != '\0' ? hint : "");
  if (!valid && *url != '\0')
    gtk_widget_add_css_class (GTK_WIDGET (self->hint), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->hint), "error");
  gtk_widget_set_sensitive (self->connect, valid);
}

static void
sioscope_start_page_connect_cb (SioscopeStartPage *self)
{
  if (!gtk_widget_get_sensitive (self->connect))
    return;
  g_signal_emit (self, signals[CONNECT_TO], 0, gtk_editable_get_text (GTK_EDITABLE (self->url)));
  gtk_editable_set_text (GTK_EDITABLE (self->url), "");
}

void
sioscope_start_page_propose (SioscopeStartPage *self, const char *url, const char *mistake)
{
  gtk_editable_set_text (GTK_EDITABLE (self->url), url);
  gtk_editable_set_position (GTK_EDITABLE (self->url), -1);
  if (mistake == NULL || gtk_widget_has_css_class (GTK_WIDGET (self->hint), "error"))
    return;
  gtk_label_set_text (self->hint, mistake);
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "error");
}

static gboolean
sioscope_start_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SIOSCOPE_START_PAGE (widget)->url));
}

static void
sioscope_start_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_START_PAGE);

  G_OBJECT_CLASS (sioscope_start_page_parent_class)->dispose (object);
}

static void
sioscope_start_page_class_init (SioscopeStartPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_start_page_dispose;
  widget_class->grab_focus = sioscope_start_page_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-start-page.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  /* So that dispose_template () takes it away. */
  gtk_widget_class_bind_template_child_full (widget_class, "root", FALSE, 0);
  gtk_widget_class_bind_template_child (widget_class, SioscopeStartPage, url);
  gtk_widget_class_bind_template_child (widget_class, SioscopeStartPage, hint);
  gtk_widget_class_bind_template_child (widget_class, SioscopeStartPage, connect);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_start_page_check_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_start_page_connect_cb);

  signals[CONNECT_TO] = g_signal_new ("connect-to", SIOSCOPE_TYPE_START_PAGE, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sioscope_start_page_init (SioscopeStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  sioscope_start_page_check_cb (self);
}
