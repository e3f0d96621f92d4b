/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-connect-dialog.h"
#include "sioscope-json-hint.h"
#include "sioscope-looks.h"

#include <glib/gi18n.h>

#define DEFAULT_PATH "/socket.io/"

struct _SioscopeConnectDialog
{
  AdwWindow parent_instance;

  SioscopeProfile *edited; /* NULL: a new one is made */

  AdwEntryRow *name;
  AdwEntryRow *url;
  GtkLabel *url_hint;
  AdwEntryRow *path;
  AdwComboRow *transports;
  AdwEntryRow *auth;
  GtkLabel *auth_hint;
  GtkLabel *mistake;
  GtkWidget *accept;
};

/* In the order of the combo row. */
static const char *const transport_choices[][3] = {
  { "polling", "websocket", NULL },
  { "websocket", NULL, NULL },
  { "polling", NULL, NULL },
};

enum { ACCEPTED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeConnectDialog, sioscope_connect_dialog, ADW_TYPE_WINDOW)

/**
 * sioscope_connect_dialog_explain:
 * @url: what stands in the field
 * @path: the path option; "" for the usual one
 * @valid: (out): whether it can be connected to
 *
 * Takes a URL apart as the official client does and says what it found: host and port, namespace, path, query.
 *
 * Returns: (transfer full): one line
 */
char *
sioscope_connect_dialog_explain (const char *url, const char *path, gboolean *valid)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioUrl) parsed = NULL;
  g_autofree char *nsp = NULL;
  g_autofree char *safe_path = NULL;
  GString *text;

  *valid = FALSE;
  if (*url == '\0')
    return g_strdup (_("For example localhost:3000 or https://example.org/admin"));
  parsed = sio_url_parse (url, &error);
  if (parsed == NULL)
    return sioscope_looks_dup_safe (error->message);

  *valid = TRUE;
  nsp = sioscope_looks_dup_safe (parsed->nsp);
  safe_path = sioscope_looks_dup_safe (*path != '\0' ? path : DEFAULT_PATH);
  text = g_string_new (NULL);
  /* Translators: how the URL that is being typed is understood: host and port, namespace, path */
  g_string_printf (text, _("%s port %u, namespace %s, path %s"), parsed->host, parsed->port, nsp, safe_path);
  if (parsed->query != NULL && *parsed->query != '\0')
    {
      g_autofree char *query = sioscope_looks_dup_safe (parsed->query);

      g_string_append (text, ", ");
      /* Translators: the query of the URL that is being typed */
      g_string_append_printf (text, _("query %s"), query);
    }
  g_string_append (text, parsed->tls ? _(", encrypted") : _(", not encrypted"));
  return g_string_free (text, FALSE);
}

static void
sioscope_connect_dialog_set_error (gpointer widget, gboolean wrong)
{
  if (wrong)
    gtk_widget_add_css_class (widget, "error");
  else
    gtk_widget_remove_css_class (widget, "error");
}

static void
sioscope_connect_dialog_check_cb (SioscopeConnectDialog *self)
{
  const char *url = gtk_editable_get_text (GTK_EDITABLE (self->url));
  gboolean valid = FALSE;
  g_autofree char *hint = sioscope_connect_dialog_explain (url, gtk_editable_get_text (GTK_EDITABLE (self->path)), &valid);
  g_autofree char *auth = sioscope_json_hint_for_object (gtk_editable_get_text (GTK_EDITABLE (self->auth)));

  gtk_label_set_text (self->url_hint, hint);
  sioscope_connect_dialog_set_error (self->url, !valid && *url != '\0');
  sioscope_connect_dialog_set_error (self->url_hint, !valid && *url != '\0');

  gtk_label_set_text (self->auth_hint, auth != NULL ? auth : _("A JSON object that the server gets when it is connected to. Kept in memory only, never written to the disk."));
  sioscope_connect_dialog_set_error (self->auth, auth != NULL);
  sioscope_connect_dialog_set_error (self->auth_hint, auth != NULL);

  gtk_widget_set_visible (GTK_WIDGET (self->mistake), FALSE);
  gtk_widget_set_sensitive (self->accept, valid && auth == NULL);
}

static void
sioscope_connect_dialog_write (SioscopeConnectDialog *self, SioscopeProfile *profile)
{
  g_autofree char *auth = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->auth))));
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  const char *path = gtk_editable_get_text (GTK_EDITABLE (self->path));
  guint choice = MIN (adw_combo_row_get_selected (self->transports), G_N_ELEMENTS (transport_choices) - 1);

  g_object_set (profile,
                "url", gtk_editable_get_text (GTK_EDITABLE (self->url)),
                "path", *path != '\0' ? path : DEFAULT_PATH,
                "auth", *auth != '\0' ? auth : NULL,
                "transports", transport_choices[choice],
                "name", *name != '\0' ? name : NULL,
                NULL);
}

static void
sioscope_connect_dialog_read (SioscopeConnectDialog *self, SioscopeProfile *profile)
{
  g_autofree char *path = NULL;
  g_autofree char *auth = NULL;
  g_autofree char *name = NULL;
  g_auto (GStrv) transports = NULL;

  g_object_get (profile, "name", &name, "path", &path, "auth", &auth, "transports", &transports, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->name), name != NULL ? name : "");
  gtk_editable_set_text (GTK_EDITABLE (self->url), sioscope_profile_get_url (profile));
  gtk_editable_set_text (GTK_EDITABLE (self->path), path != NULL ? path : "");
  gtk_editable_set_text (GTK_EDITABLE (self->auth), auth != NULL ? auth : "");
  for (guint i = 0; transports != NULL && i < G_N_ELEMENTS (transport_choices); i++)
    if (g_strv_equal ((const char *const *) transports, transport_choices[i]))
      adw_combo_row_set_selected (self->transports, i);
}

static void
sioscope_connect_dialog_accept_cb (SioscopeConnectDialog *self)
{
  g_autoptr (SioscopeProfile) scratch = NULL;
  g_autoptr (SioOptions) options = NULL;
  g_autoptr (GError) error = NULL;

  if (!gtk_widget_get_sensitive (self->accept))
    return;

  /* On a scratch one first: a mistake must not get into what is saved. */
  scratch = sioscope_profile_new (gtk_editable_get_text (GTK_EDITABLE (self->url)));
  sioscope_connect_dialog_write (self, scratch);
  options = sioscope_profile_make_options (scratch, &error);
  if (options == NULL)
    {
      g_autofree char *shown = sioscope_looks_dup_safe (error->message);

      gtk_label_set_text (self->mistake, shown);
      gtk_widget_set_visible (GTK_WIDGET (self->mistake), TRUE);
      return;
    }

  if (self->edited != NULL)
    {
      sioscope_connect_dialog_write (self, self->edited);
      g_set_object (&scratch, self->edited);
    }
  g_signal_emit (self, signals[ACCEPTED], 0, scratch);
  gtk_window_close (GTK_WINDOW (self));
}

static void
sioscope_connect_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_CONNECT_DIALOG);
  g_clear_object (&SIOSCOPE_CONNECT_DIALOG (object)->edited);

  G_OBJECT_CLASS (sioscope_connect_dialog_parent_class)->dispose (object);
}

static void
sioscope_connect_dialog_class_init (SioscopeConnectDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_connect_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-connect-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeConnectDialog, name)
  BIND (name);
  BIND (url);
  BIND (url_hint);
  BIND (path);
  BIND (transports);
  BIND (auth);
  BIND (auth_hint);
  BIND (mistake);
  BIND (accept);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_connect_dialog_check_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_connect_dialog_accept_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);

  signals[ACCEPTED] = g_signal_new ("accepted", SIOSCOPE_TYPE_CONNECT_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, SIOSCOPE_TYPE_PROFILE);
}

static void
sioscope_connect_dialog_init (SioscopeConnectDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_editable_set_text (GTK_EDITABLE (self->path), DEFAULT_PATH);
  sioscope_connect_dialog_check_cb (self);
}

SioscopeConnectDialog *
sioscope_connect_dialog_new (GtkWindow *parent, SioscopeProfile *edited, SioscopeProfile *copied)
{
  SioscopeConnectDialog *self = g_object_new (SIOSCOPE_TYPE_CONNECT_DIALOG, "transient-for", parent, NULL);

  if (edited != NULL)
    {
      self->edited = g_object_ref (edited);
      gtk_window_set_title (GTK_WINDOW (self), _("Edit Connection"));
      gtk_button_set_label (GTK_BUTTON (self->accept), _("_Save"));
    }
  if (edited != NULL || copied != NULL)
    sioscope_connect_dialog_read (self, edited != NULL ? edited : copied);
  gtk_widget_grab_focus (GTK_WIDGET (self->url));
  return self;
}
