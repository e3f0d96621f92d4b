/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-connect-dialog.h"
#include "sioscope-connect-options.h"
#include "sioscope-looks.h"

#include <glib/gi18n.h>

#define DEFAULT_PATH "/socket.io/"
#define N_NAMED_OPTIONS 3

struct _SioscopeConnectDialog
{
  AdwWindow parent_instance;

  SioscopeProfile *edited; /* NULL: a new one is made */

  AdwEntryRow *name;
  AdwEntryRow *url;
  GtkLabel *url_hint;
  GtkLabel *notice;
  AdwPreferencesGroup *options;
  GtkLabel *mistake;
  GtkWidget *accept;

  GPtrArray *groups; /* of Group, in the order they are shown */
};

typedef struct {
  AdwExpanderRow *expander;
  GPtrArray *rows; /* of SioscopeOptionRow, which the expander holds */
} Group;

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

static char *
sioscope_connect_dialog_dup_option (SioscopeConnectDialog *self, const char *option)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->rows->len; j++)
        if (g_str_equal (sioscope_option_row_get_option (g_ptr_array_index (group->rows, j))->option, option))
          return sioscope_option_row_dup_text (g_ptr_array_index (group->rows, j));
    }
  return g_strdup ("");
}

static void
sioscope_connect_dialog_check_cb (SioscopeConnectDialog *self)
{
  const char *url = gtk_editable_get_text (GTK_EDITABLE (self->url));
  g_autofree char *path = sioscope_connect_dialog_dup_option (self, "path");
  gboolean valid = FALSE;
  g_autofree char *hint = sioscope_connect_dialog_explain (url, path, &valid);

  gtk_label_set_text (self->url_hint, hint);
  sioscope_connect_dialog_set_error (self->url, !valid && *url != '\0');
  sioscope_connect_dialog_set_error (self->url_hint, !valid && *url != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->mistake), FALSE);
  gtk_widget_set_sensitive (self->accept, valid);
}

/* What is found in a group, by its first few. */
static char *
sioscope_connect_dialog_dup_contents (Group *group)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (group->rows->len, N_NAMED_OPTIONS); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " · " : "",
                            _(sioscope_option_row_get_option (g_ptr_array_index (group->rows, i))->title));
  if (group->rows->len > N_NAMED_OPTIONS)
    g_string_append (text, " …");
  return g_string_free (text, FALSE);
}

/* What a group that is closed has to say: that something in it was changed, or is wrong; else what there is in it. */
static void
sioscope_connect_dialog_update_group (Group *group)
{
  guint n_changed = 0;
  guint n_wrong = 0;
  g_autofree char *text = NULL;

  for (guint i = 0; i < group->rows->len; i++)
    {
      SioscopeOptionRow *row = g_ptr_array_index (group->rows, i);

      n_changed += sioscope_option_row_get_changed (row);
      n_wrong += sioscope_option_row_get_wrong (row);
    }
  if (n_wrong > 0)
    text = g_strdup_printf (ngettext ("%u mistake", "%u mistakes", n_wrong), n_wrong);
  else if (n_changed > 0)
    text = g_strdup_printf (ngettext ("%u set", "%u set", n_changed), n_changed);
  else
    text = sioscope_connect_dialog_dup_contents (group);
  adw_expander_row_set_subtitle (group->expander, text);
  sioscope_connect_dialog_set_error (group->expander, n_wrong > 0);
}

static void
sioscope_connect_dialog_option_changed_cb (SioscopeConnectDialog *self, SioscopeOptionRow *row)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      if (g_ptr_array_find (group->rows, row, NULL))
        sioscope_connect_dialog_update_group (group);
    }
  if (g_str_equal (sioscope_option_row_get_option (row)->option, "path"))
    sioscope_connect_dialog_check_cb (self);
}

static void
sioscope_connect_dialog_make_groups (SioscopeConnectDialog *self)
{
  guint n = 0;
  const SioscopeOptionGroup *described = sioscope_connect_options_get_groups (&n);

  for (guint i = 0; i < n; i++)
    {
      Group *group = g_new0 (Group, 1);

      group->expander = ADW_EXPANDER_ROW (adw_expander_row_new ());
      group->rows = g_ptr_array_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (group->expander), _(described[i].title));
      for (const SioscopeOption *option = described[i].options; option->option != NULL; option++)
        {
          GtkWidget *row = sioscope_option_row_new (option);

          g_signal_connect_object (row, "changed", G_CALLBACK (sioscope_connect_dialog_option_changed_cb), self,
                                   G_CONNECT_SWAPPED);
          adw_expander_row_add_row (group->expander, row);
          g_ptr_array_add (group->rows, row);
        }
      adw_preferences_group_add (self->options, GTK_WIDGET (group->expander));
      g_ptr_array_add (self->groups, group);
      sioscope_connect_dialog_update_group (group);
    }
}

static void
sioscope_connect_dialog_write (SioscopeConnectDialog *self, SioscopeProfile *profile)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));

  g_object_set (profile,
                "url", gtk_editable_get_text (GTK_EDITABLE (self->url)),
                "name", *name != '\0' ? name : NULL,
                NULL);
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->rows->len; j++)
        {
          SioscopeOptionRow *row = g_ptr_array_index (group->rows, j);
          const char *option = sioscope_option_row_get_option (row)->option;
          g_autofree char *text = sioscope_option_row_dup_text (row);

          /* What was not entered again is still missing. */
          if (*text != '\0' || !g_strv_contains (sioscope_profile_get_forgotten (profile), option))
            sioscope_profile_set_option (profile, option, text);
        }
    }
}

static void
sioscope_connect_dialog_read (SioscopeConnectDialog *self, SioscopeProfile *profile)
{
  g_autofree char *name = NULL;

  g_object_get (profile, "name", &name, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->name), name != NULL ? name : "");
  gtk_editable_set_text (GTK_EDITABLE (self->url), sioscope_profile_get_url (profile));
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->rows->len; j++)
        {
          SioscopeOptionRow *row = g_ptr_array_index (group->rows, j);
          const char *option = sioscope_option_row_get_option (row)->option;

          sioscope_option_row_set_text (row, sioscope_profile_get_option (profile, option));
          sioscope_option_row_set_forgotten (row, g_strv_contains (sioscope_profile_get_forgotten (profile), option));
        }
      sioscope_connect_dialog_update_group (group);
    }
}

/* Opens the group and goes to the row. */
static void
sioscope_connect_dialog_go_to (SioscopeConnectDialog *self, Group *group, SioscopeOptionRow *row)
{
  adw_expander_row_set_expanded (group->expander, TRUE);
  sioscope_option_row_focus (row);
}

/* FALSE, and the focus on it, if there is a mistake. */
static gboolean
sioscope_connect_dialog_check_options (SioscopeConnectDialog *self)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->rows->len; j++)
        {
          SioscopeOptionRow *row = g_ptr_array_index (group->rows, j);

          if (sioscope_option_row_get_wrong (row))
            {
              sioscope_connect_dialog_go_to (self, group, row);
              return FALSE;
            }
        }
    }
  return TRUE;
}

void
sioscope_connect_dialog_show_option (SioscopeConnectDialog *self, const char *option)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->rows->len; j++)
        {
          SioscopeOptionRow *row = g_ptr_array_index (group->rows, j);

          if (g_str_equal (sioscope_option_row_get_option (row)->option, option))
            sioscope_connect_dialog_go_to (self, group, row);
        }
    }
}

static void
sioscope_connect_dialog_accept_cb (SioscopeConnectDialog *self)
{
  g_autoptr (SioscopeProfile) scratch = NULL;
  g_autoptr (SioOptions) options = NULL;
  g_autoptr (GError) error = NULL;

  if (!gtk_widget_get_sensitive (self->accept) || !sioscope_connect_dialog_check_options (self))
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
  g_ptr_array_set_size (SIOSCOPE_CONNECT_DIALOG (object)->groups, 0);

  G_OBJECT_CLASS (sioscope_connect_dialog_parent_class)->dispose (object);
}

static void
sioscope_connect_dialog_finalize (GObject *object)
{
  g_ptr_array_unref (SIOSCOPE_CONNECT_DIALOG (object)->groups);

  G_OBJECT_CLASS (sioscope_connect_dialog_parent_class)->finalize (object);
}

static void
group_free (Group *group)
{
  g_ptr_array_unref (group->rows);
  g_free (group);
}

static void
sioscope_connect_dialog_class_init (SioscopeConnectDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_connect_dialog_dispose;
  object_class->finalize = sioscope_connect_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-connect-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeConnectDialog, name)
  BIND (name);
  BIND (url);
  BIND (url_hint);
  BIND (notice);
  BIND (options);
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
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  sioscope_connect_dialog_make_groups (self);
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

/**
 * sioscope_connect_dialog_set_notice:
 * @self: a dialog
 * @notice: (nullable): a sentence
 *
 * Says @notice above the fields.
 */
void
sioscope_connect_dialog_set_notice (SioscopeConnectDialog *self, const char *notice)
{
  gtk_label_set_text (self->notice, notice != NULL ? notice : "");
  gtk_widget_set_visible (GTK_WIDGET (self->notice), notice != NULL);
}
