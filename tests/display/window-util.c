/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "window-util.h"

#include "sioscope-screenshot.h"

#include <glib/gstdio.h>

static SioscopeApplication *application;

void
window_util_init (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

  /* A place of its own: gui-env gives one, and nobody's own connections may be read by a test that is started without it. */
  if (g_getenv ("XDG_RUNTIME_DIR") == NULL || strstr (g_get_home_dir (), "sioscope-gui") == NULL)
    g_error ("Run it with build-aux/gui-env");

  gtk_test_init (argc, argv, NULL);
  application = sioscope_application_new ();
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
}

int
window_util_run (void)
{
  int status = g_test_run ();

  g_object_unref (application);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  sioscope_network_shutdown ();
  return status;
}

SioscopeWindow *
window_util_open (int width, int height)
{
  GtkWindow *window = sioscope_application_get_main_window (application);

  gtk_window_set_default_size (window, width, height);
  gtk_window_present (window);
  WAIT_FOR (gtk_widget_get_mapped (GTK_WIDGET (window)) && gtk_widget_get_width (GTK_WIDGET (window)) > 0);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
  return SIOSCOPE_WINDOW (window);
}

void
window_util_close (SioscopeWindow *window)
{
  gpointer alive = window;

  g_object_add_weak_pointer (G_OBJECT (window), &alive);
  gtk_window_close (GTK_WINDOW (window));
  WAIT_FOR (alive == NULL);
}

void
window_util_resize (SioscopeWindow *window, int width, int height)
{
  /* As with the mouse: the sidebar folds on the way, and only then there is room to go on. */
  if (width < 700 && gtk_widget_get_width (GTK_WIDGET (window)) > 800)
    {
      gtk_window_set_default_size (GTK_WINDOW (window), 700, height);
      WAIT_FOR (gtk_widget_get_width (GTK_WIDGET (window)) < 800);
      for (int i = 0; i < 3; i++)
        gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
    }
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  /* Without a compositor the frame takes some of it. */
  WAIT_FOR (ABS (gtk_widget_get_width (GTK_WIDGET (window)) + 6 - width) <= 6 &&
            ABS (gtk_widget_get_height (GTK_WIDGET (window)) + 6 - height) <= 6);
  /* The shape follows in an idle, and is drawn in the frame after. */
  for (int i = 0; i < 3; i++)
    gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
}

void
window_util_dark (gboolean dark)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      dark ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
}

void
window_util_picture (SioscopeWindow *window, const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.png", name);
  g_autofree char *folder = g_build_filename (g_test_get_dir (G_TEST_BUILT), "display", "screenshots", NULL);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  do
    {
      g_clear_error (&error);
      gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
      sioscope_screenshot_save (GTK_WIDGET (window), path, &error);
    }
  while (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
  g_assert_no_error (error);
}

static gboolean
says (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget))
    return strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
  if (GTK_IS_ENTRY (widget))
    return g_strcmp0 (gtk_entry_get_placeholder_text (GTK_ENTRY (widget)), text) == 0;
  return FALSE;
}

GtkWidget *
window_util_find_text (GtkWidget *root, const char *text)
{
  if (!gtk_widget_get_mapped (root))
    return NULL;
  if (says (root, text))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = window_util_find_text (child, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

GtkWidget *
window_util_find (GtkWidget *root, const char *type, const char *id)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (root), type) &&
      (id == NULL || g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (root)), id) == 0))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = window_util_find (child, type, id);

      if (found != NULL)
        return found;
    }
  return NULL;
}

GtkWidget *
window_util_find_named (GtkWidget *root, const char *type, const char *name)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (root), type) && g_strcmp0 (gtk_widget_get_name (root), name) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = window_util_find_named (child, type, name);

      if (found != NULL)
        return found;
    }
  return NULL;
}

void
window_util_press (GtkWidget *button)
{
  g_assert_true (GTK_IS_BUTTON (button));
  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

SioscopeWindow *
window_util_open_demo (int width, int height)
{
  SioscopeWindow *window = window_util_open (width, height);

  sioscope_window_open_demo (window);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "acked in ") != NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), "/admin") != NULL);
  return window;
}
