/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-looks.h"
#include "sioscope-settings.h"
#include "sioscope-sidebar-row.h"
#include "sioscope-start-page.h"
#include "sioscope-window-private.h"

/* Under that width one thing is shown at a time; over the other the details stand beside the log. */
#define NARROW_WIDTH 800
#define WIDE_WIDTH 1400
/* What emitter and details need to stand side by side, and the sidebar. */
#define NORMAL_CONTENT_WIDTH 780
#define SIDEBAR_WIDTH 261

enum { PROP_0, PROP_SHOW_SIDEBAR, PROP_SHOW_EMITTER, PROP_SHOW_DETAILS, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SioscopeWindow, sioscope_window, ADW_TYPE_APPLICATION_WINDOW)

void
sioscope_window_toast (SioscopeWindow *self, const char *text)
{
  g_autofree char *safe = sioscope_looks_dup_safe (text);
  g_autofree char *escaped = g_markup_escape_text (safe, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

SioscopeConnectionView *
sioscope_window_get_view (SioscopeWindow *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (self->pages);

  return SIOSCOPE_IS_CONNECTION_VIEW (page) ? SIOSCOPE_CONNECTION_VIEW (page) : NULL;
}

SioscopeSubject *
sioscope_window_get_subject (SioscopeWindow *self)
{
  SioscopeConnectionView *view = sioscope_window_get_view (self);

  return view != NULL ? sioscope_connection_view_get_subject (view) : NULL;
}

GtkWidget *
sioscope_window_find_page (SioscopeWindow *self, SioscopeSubject *subject)
{
  for (GtkWidget *page = gtk_widget_get_first_child (GTK_WIDGET (self->pages)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    if (SIOSCOPE_IS_CONNECTION_VIEW (page) &&
        sioscope_connection_view_get_subject (SIOSCOPE_CONNECTION_VIEW (page)) == subject)
      return page;
  return NULL;
}

/**
 * sioscope_window_update_actions:
 * @self: a window
 *
 * Switches on what can be done with the chosen page now, and off what cannot.
 */
void
sioscope_window_update_actions (SioscopeWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  SioscopeSubject *subject = sioscope_window_get_subject (self);
  gboolean live = subject != NULL && sioscope_subject_get_live (subject);
  gboolean active = live && sioscope_subject_get_active (subject);
  SioscopePhase phase = live ? sioscope_subject_get_status (subject)->phase : SIOSCOPE_PHASE_IDLE;

  gtk_widget_action_set_enabled (widget, "win.connect", live && !active);
  gtk_widget_action_set_enabled (widget, "win.disconnect", active);
  gtk_widget_action_set_enabled (widget, "win.edit", live);
  gtk_widget_action_set_enabled (widget, "win.reconnect-now", live && (phase == SIOSCOPE_PHASE_WAITING || !active));
  gtk_widget_action_set_enabled (widget, "win.stop", active && phase != SIOSCOPE_PHASE_CONNECTED);
  gtk_widget_action_set_enabled (widget, "win.cut", active && phase == SIOSCOPE_PHASE_CONNECTED);
  gtk_widget_action_set_enabled (widget, "win.save", subject != NULL && sioscope_subject_get_recording (subject) != NULL);
  gtk_widget_action_set_enabled (widget, "win.export", subject != NULL && sioscope_subject_get_recording (subject) != NULL);
  gtk_widget_action_set_enabled (widget, "win.send", live);
  gtk_widget_action_set_enabled (widget, "win.emitter", live);
  gtk_widget_action_set_enabled (widget, "win.filter", subject != NULL);
  gtk_widget_action_set_enabled (widget, "win.search", subject != NULL);
  gtk_widget_action_set_enabled (widget, "win.events", subject != NULL);
  gtk_widget_action_set_enabled (widget, "win.pause", subject != NULL);
  gtk_widget_action_set_enabled (widget, "win.follow", subject != NULL);
}

static void
sioscope_window_view_changed_cb (SioscopeWindow *self, SioscopeConnectionView *view)
{
  SioscopeSubject *subject = sioscope_connection_view_get_subject (view);

  if (view == sioscope_window_get_view (self))
    sioscope_window_update_actions (self);

  /* The demo greets once: a namespace with its own auth, and an event that is acknowledged. */
  if (subject == self->demo && !self->demo_greeted &&
      sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED)
    {
      SioscopeEmitter *emitter = sioscope_connection_view_get_emitter (view);
      SioscopeArgumentRow *row;

      self->demo_greeted = TRUE;
      sioscope_connection_join (sioscope_subject_get_connection (subject), "/admin", "{\"token\":\"demo\"}");
      sioscope_emitter_set_event (emitter, "echo");
      sioscope_emitter_set_want_ack (emitter, TRUE);
      row = sioscope_emitter_add_argument (emitter);
      if (row != NULL)
        sioscope_argument_row_set_text (row, "{\"hello\": \"from Sioscope\"}");
      sioscope_emitter_send (emitter);
    }
}

static void
sioscope_window_select_row (GtkListBox *list, GListStore *store, SioscopeSubject *subject)
{
  guint position;

  if (subject != NULL && g_list_store_find (store, subject, &position))
    gtk_list_box_select_row (list, gtk_list_box_get_row_at_index (list, (int) position));
  else
    gtk_list_box_unselect_all (list);
}

static gboolean
sioscope_window_sidebar_has_focus (SioscopeWindow *self)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));

  return focus != NULL && gtk_widget_is_ancestor (focus, adw_flap_get_flap (self->flap));
}

static void
sioscope_window_want_emitter_cb (SioscopeWindow *self)
{
  g_object_set (self, "show-emitter", TRUE, NULL);
}

static void
sioscope_window_show_page (SioscopeWindow *self, GtkWidget *page, SioscopeSubject *subject)
{
  gtk_stack_set_visible_child (self->pages, page);
  sioscope_window_select_row (self->connection_list, self->connections, subject);
  sioscope_window_select_row (self->recording_list, self->recordings, subject);
  if (page == GTK_WIDGET (self->recovery_page))
    gtk_list_box_select_row (self->unsaved_list, GTK_LIST_BOX_ROW (self->unsaved_row));
  else
    gtk_list_box_unselect_all (self->unsaved_list);
  sioscope_window_update_lists (self);
  if (adw_flap_get_folded (self->flap))
    adw_flap_set_reveal_flap (self->flap, FALSE);
  sioscope_window_update_actions (self);
  /* Not on Disconnect, where the next space would end the connection. Who walks through the sidebar stays there. */
  if (!sioscope_window_sidebar_has_focus (self))
    {
      if (subject != NULL)
        sioscope_connection_view_focus_log (SIOSCOPE_CONNECTION_VIEW (page));
      else
        gtk_widget_grab_focus (page);
    }
}

static void
sioscope_window_unsaved_selected_cb (SioscopeWindow *self, GtkListBoxRow *row)
{
  if (row == NULL || gtk_stack_get_visible_child (self->pages) == GTK_WIDGET (self->recovery_page))
    return;
  sioscope_window_look_after_recordings (self);
  sioscope_window_show_page (self, GTK_WIDGET (self->recovery_page), NULL);
}

void
sioscope_window_select (SioscopeWindow *self, SioscopeSubject *subject)
{
  GtkWidget *page = self->start_page;

  if (subject != NULL)
    {
      page = sioscope_window_find_page (self, subject);
      if (page == NULL)
        {
          page = sioscope_connection_view_new (subject);
          sioscope_connection_view_set_shape (SIOSCOPE_CONNECTION_VIEW (page), self->shape);
          sioscope_connection_view_set_shown (SIOSCOPE_CONNECTION_VIEW (page), self->show_emitter, self->show_details);
          g_signal_connect_object (page, "want-emitter", G_CALLBACK (sioscope_window_want_emitter_cb), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (page, "changed", G_CALLBACK (sioscope_window_view_changed_cb), self, G_CONNECT_SWAPPED);
          gtk_stack_add_child (self->pages, page);
        }
    }
  sioscope_window_show_page (self, page, subject);
}

static void
sioscope_window_row_selected_cb (SioscopeWindow *self, GtkListBoxRow *row)
{
  SioscopeSubject *subject;

  if (row == NULL)
    return;
  subject = sioscope_sidebar_row_get_subject (SIOSCOPE_SIDEBAR_ROW (row));
  if (subject != sioscope_window_get_subject (self))
    sioscope_window_select (self, subject);
}

static void
sioscope_window_row_command_cb (SioscopeWindow *self, const char *command, SioscopeSidebarRow *row)
{
  /* The command may take the row away. */
  g_autoptr (SioscopeSubject) subject = g_object_ref (sioscope_sidebar_row_get_subject (row));

  sioscope_window_command (self, subject, command);
}

static GtkWidget *
sioscope_window_make_row (gpointer item, gpointer data)
{
  GtkWidget *row = sioscope_sidebar_row_new (item);

  g_signal_connect_object (row, "command", G_CALLBACK (sioscope_window_row_command_cb), data, G_CONNECT_SWAPPED);
  return row;
}

void
sioscope_window_update_lists (SioscopeWindow *self)
{
  gboolean unsaved = self->unsaved->len > 0 || gtk_stack_get_visible_child (self->pages) == GTK_WIDGET (self->recovery_page);

  gtk_widget_set_visible (self->connections_empty, g_list_model_get_n_items (G_LIST_MODEL (self->connections)) == 0);
  gtk_widget_set_visible (GTK_WIDGET (self->unsaved_list), unsaved);
  gtk_widget_set_visible (self->recordings_box, unsaved || g_list_model_get_n_items (G_LIST_MODEL (self->recordings)) > 0);
}

SioscopeSubject *
sioscope_window_add_profile (SioscopeWindow *self, SioscopeProfile *profile, gboolean saved)
{
  g_autoptr (SioscopeSubject) subject = sioscope_subject_new_for_profile (profile, saved);

  g_list_store_append (self->connections, subject);
  return subject;
}

void
sioscope_window_close (SioscopeWindow *self, SioscopeSubject *subject)
{
  GtkWidget *page = sioscope_window_find_page (self, subject);
  gboolean shown = subject == sioscope_window_get_subject (self);
  guint position;

  if (shown)
    sioscope_window_select (self, NULL);
  if (page != NULL)
    gtk_stack_remove (self->pages, page);
  sioscope_window_end (self, subject, !self->closing);
  if (subject == self->demo)
    g_clear_object (&self->demo);
  if (g_list_store_find (self->recordings, subject, &position))
    g_list_store_remove (self->recordings, position);
  else if (!sioscope_subject_get_saved (subject) && g_list_store_find (self->connections, subject, &position))
    g_list_store_remove (self->connections, position);
}

static void
sioscope_window_connect_to_cb (SioscopeWindow *self, const char *url)
{
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new (url);
  g_autoptr (GError) error = NULL;
  SioscopeSubject *subject;

  if (!sioscope_profile_store_add (self->store, profile, &error))
    sioscope_window_toast (self, error->message);
  subject = sioscope_window_add_profile (self, profile, error == NULL);
  sioscope_window_select (self, subject);
  sioscope_window_connect (self, subject);
}

static SioscopePanesShape
sioscope_window_get_shape_for (SioscopeWindow *self, int width)
{
  gboolean sidebar = sioscope_settings_get_boolean ("show-sidebar");

  if (width < NARROW_WIDTH)
    return SIOSCOPE_PANES_NARROW;
  if (width - (sidebar ? SIDEBAR_WIDTH : 0) < NORMAL_CONTENT_WIDTH)
    return SIOSCOPE_PANES_STACKED;
  return width > WIDE_WIDTH ? SIOSCOPE_PANES_WIDE : SIOSCOPE_PANES_NORMAL;
}

static void
sioscope_window_set_shape (SioscopeWindow *self, SioscopePanesShape shape)
{
  if (shape == self->shape)
    return;

  self->shape = shape;
  for (GtkWidget *page = gtk_widget_get_first_child (GTK_WIDGET (self->pages)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    if (SIOSCOPE_IS_CONNECTION_VIEW (page))
      sioscope_connection_view_set_shape (SIOSCOPE_CONNECTION_VIEW (page), shape);

  adw_flap_set_fold_policy (self->flap, shape == SIOSCOPE_PANES_NARROW ? ADW_FLAP_FOLD_POLICY_ALWAYS
                                                                       : ADW_FLAP_FOLD_POLICY_NEVER);
  adw_flap_set_reveal_flap (self->flap, shape != SIOSCOPE_PANES_NARROW && sioscope_settings_get_boolean ("show-sidebar"));
}

static gboolean
sioscope_window_shape_cb (gpointer data)
{
  SioscopeWindow *self = data;

  self->shape_source = 0;
  sioscope_window_set_shape (self, sioscope_window_get_shape_for (self, gtk_widget_get_width (GTK_WIDGET (self))));
  return G_SOURCE_REMOVE;
}

static void
sioscope_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (widget);

  GTK_WIDGET_CLASS (sioscope_window_parent_class)->size_allocate (widget, width, height, baseline);
  /* Nothing may be moved about while sizes are being given out. */
  if (self->shape_source == 0)
    self->shape_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, sioscope_window_shape_cb, self, NULL);
}

static gboolean
sioscope_window_close_request (GtkWindow *window)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (window);
  int width = 0;
  int height = 0;

  for (guint i = 0; !self->closing && i < g_list_model_get_n_items (G_LIST_MODEL (self->connections)); i++)
    {
      g_autoptr (SioscopeSubject) subject = g_list_model_get_item (G_LIST_MODEL (self->connections), i);

      if (sioscope_window_ask_about_loss (self, subject, TRUE))
        return TRUE;
    }
  if (sioscope_window_ask_about_jobs (self))
    return TRUE;

  gtk_window_get_default_size (window, &width, &height);
  sioscope_settings_set_boolean ("window-maximized", gtk_window_is_maximized (window));
  if (!gtk_window_is_maximized (window) && width >= 360 && height >= 294)
    {
      sioscope_settings_set_int ("window-width", width);
      sioscope_settings_set_int ("window-height", height);
    }

  self->closing = TRUE;
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->connections)); i > 0; i--)
    {
      g_autoptr (SioscopeSubject) subject = g_list_model_get_item (G_LIST_MODEL (self->connections), i - 1);

      sioscope_window_close (self, subject);
    }
  return GTK_WINDOW_CLASS (sioscope_window_parent_class)->close_request (window);
}

static void
sioscope_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (object);

  switch (id)
    {
    case PROP_SHOW_SIDEBAR:
      /* Asked for also before the template is there and after it is gone. */
      g_value_set_boolean (value, self->flap != NULL && adw_flap_get_reveal_flap (self->flap));
      break;
    case PROP_SHOW_EMITTER:
      g_value_set_boolean (value, self->show_emitter);
      break;
    case PROP_SHOW_DETAILS:
      g_value_set_boolean (value, self->show_details);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sioscope_window_set_shown (SioscopeWindow *self, gboolean emitter, gboolean details)
{
  self->show_emitter = emitter;
  self->show_details = details;
  sioscope_settings_set_boolean ("show-emitter", emitter);
  sioscope_settings_set_boolean ("show-details", details);
  for (GtkWidget *page = gtk_widget_get_first_child (GTK_WIDGET (self->pages)); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    if (SIOSCOPE_IS_CONNECTION_VIEW (page))
      sioscope_connection_view_set_shown (SIOSCOPE_CONNECTION_VIEW (page), emitter, details);
}

static void
sioscope_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (object);
  gboolean shown = g_value_get_boolean (value);

  switch (id)
    {
    case PROP_SHOW_SIDEBAR:
      /* Where it lies over the content, showing it is for once and nothing to remember. */
      if (!adw_flap_get_folded (self->flap))
        {
          sioscope_settings_set_boolean ("show-sidebar", shown);
          gtk_widget_queue_resize (GTK_WIDGET (self));
        }
      adw_flap_set_reveal_flap (self->flap, shown);
      break;
    case PROP_SHOW_EMITTER:
      if (shown == self->show_emitter)
        return;
      sioscope_window_set_shown (self, shown, self->show_details);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_SHOW_DETAILS:
      if (shown == self->show_details)
        return;
      sioscope_window_set_shown (self, self->show_emitter, shown);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sioscope_window_flap_revealed_cb (SioscopeWindow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_SIDEBAR]);
}

static void
sioscope_window_dispose (GObject *object)
{
  SioscopeWindow *self = SIOSCOPE_WINDOW (object);

  g_clear_handle_id (&self->shape_source, g_source_remove);
  if (self->connections != NULL)
    g_signal_handlers_disconnect_by_data (self->connections, self);
  if (self->recordings != NULL)
    g_signal_handlers_disconnect_by_data (self->recordings, self);
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_WINDOW);
  g_clear_object (&self->demo);
  g_clear_object (&self->connections);
  g_clear_object (&self->recordings);
  g_clear_object (&self->store);
  g_clear_object (&self->keeper);
  g_clear_pointer (&self->ending, g_ptr_array_unref);
  g_clear_pointer (&self->unsaved, g_ptr_array_unref);
  g_clear_weak_pointer (&self->preferences);

  G_OBJECT_CLASS (sioscope_window_parent_class)->dispose (object);
}

static void
sioscope_window_class_init (SioscopeWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  g_type_ensure (SIOSCOPE_TYPE_START_PAGE);
  g_type_ensure (SIOSCOPE_TYPE_RECOVERY_PAGE);

  object_class->get_property = sioscope_window_get_property;
  object_class->set_property = sioscope_window_set_property;
  object_class->dispose = sioscope_window_dispose;
  widget_class->size_allocate = sioscope_window_size_allocate;
  GTK_WINDOW_CLASS (klass)->close_request = sioscope_window_close_request;

  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeWindow, name)
  BIND (toasts);
  BIND (flap);
  BIND (connection_list);
  BIND (recording_list);
  BIND (connections_empty);
  BIND (recordings_box);
  BIND (unsaved_list);
  BIND (unsaved_row);
  BIND (unsaved_title);
  BIND (unsaved_words);
  BIND (jobs);
  BIND (pages);
  BIND (start_page);
  BIND (recovery_page);
#undef BIND

  /**
   * SioscopeWindow:show-sidebar:
   *
   * Whether the list of connections can be seen.
   */
  properties[PROP_SHOW_SIDEBAR] = g_param_spec_boolean ("show-sidebar", NULL, NULL, TRUE, flags);
  /**
   * SioscopeWindow:show-emitter:
   *
   * Whether pages show their emitter. The same for all of them.
   */
  properties[PROP_SHOW_EMITTER] = g_param_spec_boolean ("show-emitter", NULL, NULL, TRUE, flags);
  /**
   * SioscopeWindow:show-details:
   *
   * Whether pages show the details of the selected row. The same for all of them.
   */
  properties[PROP_SHOW_DETAILS] = g_param_spec_boolean ("show-details", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_install_property_action (widget_class, "win.show-sidebar", "show-sidebar");
  gtk_widget_class_install_property_action (widget_class, "win.show-emitter", "show-emitter");
  gtk_widget_class_install_property_action (widget_class, "win.show-details", "show-details");

  gtk_widget_class_bind_template_callback (widget_class, sioscope_window_row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_window_unsaved_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_window_unsaved_command_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_window_connect_to_cb);
  sioscope_window_install_actions (widget_class);
}

static void
sioscope_window_init (SioscopeWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_autofree char *folder = sioscope_subject_dup_folder ();

  self->shape = SIOSCOPE_PANES_NORMAL;
  self->connections = g_list_store_new (SIOSCOPE_TYPE_SUBJECT);
  self->recordings = g_list_store_new (SIOSCOPE_TYPE_SUBJECT);
  self->keeper = sioscope_keeper_new (folder);
  self->ending = g_ptr_array_new_with_free_func (g_object_unref);
  self->unsaved = g_ptr_array_new_with_free_func (g_object_unref);
  self->show_emitter = sioscope_settings_get_boolean ("show-emitter");
  self->show_details = sioscope_settings_get_boolean ("show-details");
  gtk_widget_init_template (GTK_WIDGET (self));

  g_signal_connect_swapped (drop, "drop", G_CALLBACK (sioscope_window_drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  g_signal_connect_object (self->flap, "notify::reveal-flap", G_CALLBACK (sioscope_window_flap_revealed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (self->connection_list, G_LIST_MODEL (self->connections), sioscope_window_make_row, self, NULL);
  gtk_list_box_bind_model (self->recording_list, G_LIST_MODEL (self->recordings), sioscope_window_make_row, self, NULL);
  g_signal_connect_swapped (self->connections, "items-changed", G_CALLBACK (sioscope_window_update_lists), self);
  g_signal_connect_swapped (self->recordings, "items-changed", G_CALLBACK (sioscope_window_update_lists), self);
  sioscope_window_update_lists (self);

  if (SIOSCOPE_DEVELOPMENT)
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
  gtk_window_set_default_size (GTK_WINDOW (self), sioscope_settings_get_int ("window-width"),
                               sioscope_settings_get_int ("window-height"));
  if (sioscope_settings_get_boolean ("window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  adw_flap_set_reveal_flap (self->flap, sioscope_settings_get_boolean ("show-sidebar"));
  /* Before the first frame: what is too narrow for the sidebar could not be made that narrow with it. */
  sioscope_window_set_shape (self, sioscope_window_get_shape_for (self, sioscope_settings_get_int ("window-width")));
  sioscope_window_update_actions (self);
}

/**
 * sioscope_window_new:
 * @app: the application
 * @store: the saved profiles; each gets its line, none is connected
 *
 * Returns: (transfer none): a window that shows the start page
 */
SioscopeWindow *
sioscope_window_new (SioscopeApplication *app, SioscopeProfileStore *store)
{
  SioscopeWindow *self = g_object_new (SIOSCOPE_TYPE_WINDOW, "application", app, NULL);

  self->store = g_object_ref (store);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (store)); i++)
    {
      g_autoptr (SioscopeProfile) profile = g_list_model_get_item (G_LIST_MODEL (store), i);

      sioscope_window_add_profile (self, profile, TRUE);
    }
  sioscope_window_look_after_recordings (self);
  return self;
}
