/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-application.h"
#include "sioscope-screenshot.h"
#include "sioscope-window.h"

#include <glib/gi18n.h>

/* A picture that could not be drawn is tried again with the next frames. */
#define MAX_TRIES 100
#define TRY_AGAIN_MS 20

void sioscope_app_register_resource (void);

struct _SioscopeApplication
{
  AdwApplication parent_instance;

  SioscopeProfileStore *store; /* NULL before startup */

  char *screenshot;            /* where to, or NULL */
  double after_s;
  int width;                   /* 0: the remembered one */
  int height;
  guint tries;                 /* of the picture */
  int status;
};

G_DEFINE_FINAL_TYPE (SioscopeApplication, sioscope_application, ADW_TYPE_APPLICATION)

static const struct { const char *action; const char *keys[3]; } accels[] = {
  { "win.new", { "<Control>n" } },
  { "win.open", { "<Control>o" } },
  { "win.save", { "<Control>s" } },
  { "win.export", { "<Control><Shift>s" } },
  { "win.preferences", { "<Control>comma" } },
  { "win.filter", { "<Control>l" } },
  { "win.search", { "<Control>f" } },
  { "win.events", { "<Control>i" } },
  { "win.log", { "<Control>g" } },
  { "win.emitter", { "<Control>e" } },
  { "win.send", { "<Control>Return", "<Control>KP_Enter" } },
  { "win.reconnect-now", { "<Control>r" } },
  { "win.cut", { "<Control><Shift>x" } },
  { "win.close-page", { "<Control>w" } },
  { "win.pause", { "<Control>p" } },
  { "win.show-sidebar", { "F9" } },
  { "app.quit", { "<Control>q" } },
};

static const GOptionEntry options[] = {
  { "demo", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Start the demo server on 127.0.0.1 and connect to it"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version and exit"), NULL },
  { "dark", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Dark, whatever the desktop prefers"), NULL },
  { "screenshot", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, NULL, N_("Write a picture of the window and exit"), N_("FILE") },
  { "after", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_DOUBLE, NULL, N_("Seconds before the picture"), N_("SECONDS") },
  { "size", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, NULL, N_("Size of the window, WIDTHxHEIGHT"), N_("SIZE") },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_("[URL|FILE…]") },
  { NULL },
};

/**
 * sioscope_application_get_main_window:
 * @self: the application, started
 *
 * Returns: (transfer none): the window; made now if there is none
 */
GtkWindow *
sioscope_application_get_main_window (SioscopeApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));
  SioscopeWindow *window;

  for (GList *l = windows; l != NULL; l = l->next)
    if (SIOSCOPE_IS_WINDOW (l->data))
      return l->data;

  window = sioscope_window_new (self, self->store);
  if (self->width > 0)
    gtk_window_set_default_size (GTK_WINDOW (window), self->width, self->height);
  return GTK_WINDOW (window);
}

static void
sioscope_application_activate (GApplication *app)
{
  gtk_window_present (sioscope_application_get_main_window (SIOSCOPE_APPLICATION (app)));
}

static gboolean
sioscope_application_screenshot_cb (gpointer data)
{
  SioscopeApplication *self = data;
  GtkWindow *window = sioscope_application_get_main_window (self);
  SioscopeConnectionView *view = sioscope_window_get_view (SIOSCOPE_WINDOW (window));
  SioscopeRecording *recording =
    view != NULL ? sioscope_subject_get_recording (sioscope_connection_view_get_subject (view)) : NULL;
  g_autoptr (GError) error = NULL;

  if (!sioscope_screenshot_save (GTK_WIDGET (window), self->screenshot, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) && self->tries++ < MAX_TRIES)
        {
          g_timeout_add (TRY_AGAIN_MS, sioscope_application_screenshot_cb, self);
          return G_SOURCE_REMOVE;
        }
      g_printerr ("sioscope: %s\n", error->message);
      self->status = 1;
    }
  if (recording != NULL)
    {
      g_autofree char *summary = sioscope_screenshot_dup_summary (recording);

      g_print ("%s\n", summary);
    }
  g_action_group_activate_action (G_ACTION_GROUP (self), "quit", NULL);
  return G_SOURCE_REMOVE;
}

/* So that the picture has details in it: the last answered emit, or else the last event. */
static gboolean
sioscope_application_select_cb (gpointer data)
{
  GtkWindow *window = sioscope_application_get_main_window (data);
  SioscopeConnectionView *view = sioscope_window_get_view (SIOSCOPE_WINDOW (window));
  SioscopeProjection *projection =
    view != NULL ? sioscope_subject_get_projection (sioscope_connection_view_get_subject (view)) : NULL;
  SioscopeRecording *recording;

  if (projection == NULL)
    return G_SOURCE_REMOVE;
  recording = sioscope_projection_get_recording (projection);
  for (guint64 row = sioscope_recording_get_n_rows (recording); row > 0; row--)
    if (sioscope_projection_get_ack (projection, row - 1).state == SIOSCOPE_ACK_ANSWERED)
      {
        sioscope_log_view_set_selected_row (sioscope_connection_view_get_log (view), row - 1);
        break;
      }
  return G_SOURCE_REMOVE;
}

static int
sioscope_application_handle_local_options (GApplication *app, GVariantDict *dict)
{
  SioscopeApplication *self = SIOSCOPE_APPLICATION (app);
  const char *size = NULL;

  if (g_variant_dict_contains (dict, "version"))
    {
      g_print ("sioscope %s\n", SIOSCOPE_VERSION);
      return 0;
    }
  if (g_variant_dict_lookup (dict, "size", "&s", &size) &&
      (sscanf (size, "%dx%d", &self->width, &self->height) != 2 || self->width < 1 || self->height < 1 ||
       self->width > 16384 || self->height > 16384))
    {
      g_printerr (_("sioscope: --size wants WIDTHxHEIGHT, not “%s”\n"), size);
      return 1;
    }
  g_variant_dict_lookup (dict, "after", "d", &self->after_s);
  if (g_variant_dict_lookup (dict, "screenshot", "^ay", &self->screenshot))
    {
      /* A picture is of this process, whatever else is running. */
      g_application_set_flags (app, g_application_get_flags (app) | G_APPLICATION_NON_UNIQUE);
    }
  return -1;
}

static int
sioscope_application_command_line (GApplication *app, GApplicationCommandLine *line)
{
  SioscopeApplication *self = SIOSCOPE_APPLICATION (app);
  GVariantDict *dict = g_application_command_line_get_options_dict (line);
  SioscopeWindow *window = SIOSCOPE_WINDOW (sioscope_application_get_main_window (self));
  g_autofree const char **arguments = NULL;

  if (g_variant_dict_contains (dict, "dark"))
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
  gtk_window_present (GTK_WINDOW (window));

  g_variant_dict_lookup (dict, G_OPTION_REMAINING, "^a&ay", &arguments);
  for (guint i = 0; arguments != NULL && arguments[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_application_command_line_create_file_for_arg (line, arguments[i]);
      const char *path = g_file_peek_path (file);

      if (path != NULL && (g_str_has_suffix (path, ".sioscope") || g_file_test (path, G_FILE_TEST_IS_REGULAR)))
        sioscope_window_open_file (window, path);
      else
        sioscope_window_open_url (window, arguments[i]);
    }
  if (g_variant_dict_contains (dict, "demo"))
    sioscope_window_open_demo (window);

  if (self->screenshot != NULL)
    {
      g_timeout_add ((guint) (self->after_s * 700), sioscope_application_select_cb, self);
      g_timeout_add ((guint) (self->after_s * 1000), sioscope_application_screenshot_cb, self);
    }
  return 0;
}

static void
sioscope_application_quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  /* Each window ends its connections; the program ends with the last window. */
  for (GList *windows = gtk_application_get_windows (data); windows != NULL; windows = gtk_application_get_windows (data))
    {
      GtkWindow *window = windows->data;

      gtk_window_close (window);
      if (g_list_find (gtk_application_get_windows (data), window) == NULL)
        continue;
      /* It asks first, about what would be lost; nobody is there to answer who only wants a picture. */
      if (SIOSCOPE_IS_WINDOW (window) && SIOSCOPE_APPLICATION (data)->screenshot == NULL)
        break;
      gtk_window_destroy (window);
    }
}

static void
sioscope_application_startup (GApplication *app)
{
  static const GActionEntry actions[] = { { "quit", sioscope_application_quit_action } };
  SioscopeApplication *self = SIOSCOPE_APPLICATION (app);
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "sioscope", "connections.ini", NULL);
  g_autoptr (GError) error = NULL;

  G_APPLICATION_CLASS (sioscope_application_parent_class)->startup (app);

  g_action_map_add_action_entries (G_ACTION_MAP (app), actions, G_N_ELEMENTS (actions), app);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (app), accels[i].action, accels[i].keys);
  for (int i = 1; i <= 9; i++)
    {
      g_autofree char *action = g_strdup_printf ("win.page(%d)", i);
      g_autofree char *key = g_strdup_printf ("<Alt>%d", i);
      const char *keys[] = { key, NULL };

      gtk_application_set_accels_for_action (GTK_APPLICATION (app), action, keys);
    }
  gtk_window_set_default_icon_name (SIOSCOPE_APP_ID);

  self->store = sioscope_profile_store_new (path, &error);
  if (error != NULL)
    g_message ("%s", error->message);
}

static void
sioscope_application_shutdown (GApplication *app)
{
  SioscopeApplication *self = SIOSCOPE_APPLICATION (app);

  G_APPLICATION_CLASS (sioscope_application_parent_class)->shutdown (app);
  g_clear_object (&self->store);
  sioscope_network_shutdown ();
}

static void
sioscope_application_finalize (GObject *object)
{
  g_free (SIOSCOPE_APPLICATION (object)->screenshot);

  G_OBJECT_CLASS (sioscope_application_parent_class)->finalize (object);
}

static void
sioscope_application_class_init (SioscopeApplicationClass *klass)
{
  GApplicationClass *app_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = sioscope_application_finalize;
  app_class->activate = sioscope_application_activate;
  app_class->handle_local_options = sioscope_application_handle_local_options;
  app_class->command_line = sioscope_application_command_line;
  app_class->startup = sioscope_application_startup;
  app_class->shutdown = sioscope_application_shutdown;
}

static void
sioscope_application_init (SioscopeApplication *self)
{
  self->after_s = 5;
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

SioscopeApplication *
sioscope_application_new (void)
{
  sioscope_app_register_resource ();
  g_set_application_name (_("Sioscope"));

  return g_object_new (SIOSCOPE_TYPE_APPLICATION,
                       "application-id", SIOSCOPE_APP_ID,
                       "resource-base-path", SIOSCOPE_RESOURCE_BASE,
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE,
                       NULL);
}

/**
 * sioscope_application_get_status:
 * @self: the application, after it has run
 *
 * Returns: what the program ends with if g_application_run() was content: 1 if a picture could not be written
 */
int
sioscope_application_get_status (SioscopeApplication *self)
{
  return self->status;
}
