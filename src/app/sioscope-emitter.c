/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-emitter-private.h"
#include "sioscope-format.h"
#include "sioscope-looks.h"
#include "sioscope-settings.h"
#include "sioscope-wrap-layout.h"

#include <glib/gi18n.h>

/* More arguments than that are a mistake of the hand. */
#define MAX_ARGUMENTS 64

enum { SHOW_ROW, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeEmitter, sioscope_emitter, GTK_TYPE_WIDGET)

static GtkBox *
sioscope_emitter_get_box (SioscopeEmitter *self)
{
  return self->reply_row != SIOSCOPE_NO_ROW ? self->reply_arguments : self->arguments;
}

/* Why it cannot be sent now, or NULL. */
static char *
sioscope_emitter_dup_obstacle (SioscopeEmitter *self)
{
  guint number = 1;

  if (self->subject == NULL || !sioscope_subject_get_live (self->subject))
    return g_strdup (_("This is a recording: there is nobody to send to"));
  if (sioscope_subject_get_connection (self->subject) == NULL)
    return g_strdup (_("Connect first"));
  if (self->reply_row == SIOSCOPE_NO_ROW && *gtk_editable_get_text (GTK_EDITABLE (self->event)) == '\0')
    return g_strdup (_("Name the event"));

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (sioscope_emitter_get_box (self))); row != NULL;
       row = gtk_widget_get_next_sibling (row), number++)
    {
      const char *mistake = sioscope_argument_row_get_mistake (SIOSCOPE_ARGUMENT_ROW (row));

      if (mistake != NULL)
        /* Translators: the number of the argument, and what is wrong with it */
        return g_strdup_printf (_("Argument %u: %s"), number, mistake);
    }
  return NULL;
}

static void
sioscope_emitter_check (SioscopeEmitter *self)
{
  g_autofree char *obstacle = sioscope_emitter_dup_obstacle (self);
  gboolean replying = self->reply_row != SIOSCOPE_NO_ROW;

  gtk_widget_set_sensitive (self->send, obstacle == NULL);
  gtk_widget_set_tooltip_text (self->send, obstacle != NULL ? obstacle : replying ? _("Send the reply (Ctrl+Enter)")
                                                                                  : _("Send the event (Ctrl+Enter)"));
  gtk_label_set_text (self->obstacle, obstacle != NULL ? obstacle : "");
  gtk_stack_set_visible_child_name (self->outcome, obstacle != NULL ? "obstacle" : "fate");
}

static void
sioscope_emitter_renumber (SioscopeEmitter *self)
{
  GtkBox *boxes[] = { self->arguments, self->reply_arguments };

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    {
      guint number = 0;

      for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (boxes[i])); row != NULL;
           row = gtk_widget_get_next_sibling (row))
        sioscope_argument_row_set_number (SIOSCOPE_ARGUMENT_ROW (row), ++number);
    }
}

static void
sioscope_emitter_remove_cb (SioscopeEmitter *self, GtkWidget *row)
{
  gtk_box_remove (GTK_BOX (gtk_widget_get_parent (row)), row);
  gtk_widget_grab_focus (self->add);
  sioscope_emitter_renumber (self);
  sioscope_emitter_check (self);
}

/**
 * sioscope_emitter_add_argument:
 * @self: an emitter
 *
 * Appends one more argument, empty, and puts the cursor into it.
 *
 * Returns: (transfer none) (nullable): its row; %NULL if there are too many already
 */
SioscopeArgumentRow *
sioscope_emitter_add_argument (SioscopeEmitter *self)
{
  GtkBox *box = sioscope_emitter_get_box (self);
  GtkWidget *row;
  guint n = 0;

  for (row = gtk_widget_get_first_child (GTK_WIDGET (box)); row != NULL; row = gtk_widget_get_next_sibling (row))
    n++;
  if (n >= MAX_ARGUMENTS)
    return NULL;

  row = sioscope_argument_row_new ();
  g_signal_connect_object (row, "changed", G_CALLBACK (sioscope_emitter_check), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "remove", G_CALLBACK (sioscope_emitter_remove_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (box, row);
  sioscope_emitter_renumber (self);
  sioscope_emitter_check (self);
  return SIOSCOPE_ARGUMENT_ROW (row);
}

static void
sioscope_emitter_add_cb (SioscopeEmitter *self)
{
  SioscopeArgumentRow *row = sioscope_emitter_add_argument (self);

  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

/* The namespaces that can be sent to, in their order; the chosen one stays chosen and stays in the list. */
static void
sioscope_emitter_update_namespaces (SioscopeEmitter *self)
{
  SioscopeProjection *projection = sioscope_subject_get_projection (self->subject);
  const SioscopeNamespace *namespaces = NULL;
  GtkStringObject *selected = gtk_drop_down_get_selected_item (self->nsp);
  g_autofree char *chosen = g_strdup (selected != NULL ? gtk_string_object_get_string (selected) : NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  guint position = 0;
  guint n = 0;
  gboolean same;

  if (projection != NULL)
    namespaces = sioscope_projection_get_namespaces (projection, &n);
  for (guint i = 0; i < n; i++)
    if (namespaces[i].state != SIO_SOCKET_STATE_INACTIVE || g_strcmp0 (namespaces[i].nsp, chosen) == 0)
      {
        if (g_strcmp0 (namespaces[i].nsp, chosen) == 0)
          position = names->len;
        g_ptr_array_add (names, namespaces[i].nsp);
      }
  /* While it is closed there is none of them: what was there stays. */
  if (names->len == 0 && chosen != NULL)
    return;
  if (names->len == 0)
    g_ptr_array_add (names, (gpointer) "/");

  same = g_list_model_get_n_items (G_LIST_MODEL (self->namespaces)) == names->len;
  for (guint i = 0; same && i < names->len; i++)
    same = g_str_equal (gtk_string_list_get_string (self->namespaces, i), names->pdata[i]);
  if (same)
    return;

  g_ptr_array_add (names, NULL);
  gtk_string_list_splice (self->namespaces, 0, g_list_model_get_n_items (G_LIST_MODEL (self->namespaces)),
                          (const char *const *) names->pdata);
  gtk_drop_down_set_selected (self->nsp, position);
}

void
sioscope_emitter_update (SioscopeEmitter *self)
{
  if (self->subject == NULL)
    return;
  sioscope_emitter_update_namespaces (self);
  sioscope_emitter_update_fate (self);
  sioscope_emitter_check (self);
}

void
sioscope_emitter_set_subject (SioscopeEmitter *self, SioscopeSubject *subject)
{
  g_set_object (&self->subject, subject);
  self->tag = 0;
  self->replied_row = self->reply_row = self->fate_row = SIOSCOPE_NO_ROW;
  gtk_widget_set_sensitive (self->form, sioscope_subject_get_live (subject));
  sioscope_emitter_leave_reply (self);
  sioscope_emitter_update (self);
}

void
sioscope_emitter_set_event (SioscopeEmitter *self, const char *event)
{
  gtk_editable_set_text (GTK_EDITABLE (self->event), event);
}

void
sioscope_emitter_set_want_ack (SioscopeEmitter *self, gboolean want_ack)
{
  gtk_check_button_set_active (self->want_ack, want_ack);
}

/* Swaps the form for the answer to one event, and back. What had been typed on the other side stays there. */
static void
sioscope_emitter_show_mode (SioscopeEmitter *self)
{
  gboolean replying = self->reply_row != SIOSCOPE_NO_ROW;

  gtk_stack_set_visible_child_name (self->mode, replying ? "reply" : "emit");
  gtk_stack_set_visible_child_name (self->argument_lists, replying ? "reply" : "emit");
  gtk_widget_set_visible (self->switches, !replying);
  gtk_button_set_label (GTK_BUTTON (self->send), replying ? _("_Reply") : _("_Send"));
  sioscope_emitter_check (self);
}

void
sioscope_emitter_leave_reply (SioscopeEmitter *self)
{
  self->reply_row = SIOSCOPE_NO_ROW;
  sioscope_emitter_show_mode (self);
}

/**
 * sioscope_emitter_reply_to:
 * @self: an emitter
 * @row: an event of the server that wants an ack
 *
 * Turns the form into the answer to that event. Does nothing if the row is none.
 */
void
sioscope_emitter_reply_to (SioscopeEmitter *self, guint64 row)
{
  SioscopeRecording *recording = sioscope_subject_get_recording (self->subject);
  SioscopeEntry entry;
  g_autofree char *event = NULL;
  g_autofree char *nsp = NULL;
  g_autofree char *id = NULL;
  g_autofree char *title = NULL;

  if (recording == NULL || !sioscope_subject_get_live (self->subject) ||
      !sioscope_recording_read (recording, row, &entry) ||
      entry.kind != SIOSCOPE_KIND_PACKET || entry.direction != SIO_DIRECTION_IN || entry.id < 0 ||
      (entry.packet_type != SIO_PACKET_EVENT && entry.packet_type != SIO_PACKET_BINARY_EVENT))
    return;

  self->reply_row = row;
  event = sioscope_format_token (entry.event, 60);
  nsp = sioscope_format_text (entry.nsp, 60);
  id = g_strdup_printf ("%" G_GINT64_FORMAT, entry.id);
  /* Translators: the ack's number, the event's name, and its namespace */
  title = g_strdup_printf (_("Reply to #%s %s on %s"), id, event, nsp);
  gtk_label_set_text (self->reply_title, title);
  sioscope_emitter_show_mode (self);

  if (gtk_widget_get_first_child (GTK_WIDGET (self->reply_arguments)) == NULL)
    sioscope_emitter_add_argument (self);
  gtk_widget_grab_focus (gtk_widget_get_first_child (GTK_WIDGET (self->reply_arguments)));
}

static SioArguments *
sioscope_emitter_collect (SioscopeEmitter *self, GError **error)
{
  g_autoptr (SioArguments) args = sio_arguments_new ();

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (sioscope_emitter_get_box (self))); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    if (!sioscope_argument_row_append_to (SIOSCOPE_ARGUMENT_ROW (row), args, error))
      return NULL;
  return g_steal_pointer (&args);
}

static void
sioscope_emitter_send_reply (SioscopeEmitter *self, SioArguments *args)
{
  SioscopeEntry entry;
  g_autofree char *nsp = NULL;

  if (!sioscope_recording_read (sioscope_subject_get_recording (self->subject), self->reply_row, &entry))
    return;
  nsp = g_strndup (entry.nsp.data, entry.nsp.size);
  sioscope_connection_reply (sioscope_subject_get_connection (self->subject), nsp, entry.id, args);
  self->tag = 0;
  self->replied_row = self->reply_row;
  sioscope_emitter_leave_reply (self);
}

/**
 * sioscope_emitter_send:
 * @self: an emitter
 *
 * Sends what stands in the form. Nothing in it is cleared: the next one is often nearly the same.
 *
 * Returns: %FALSE if it cannot be sent now
 */
gboolean
sioscope_emitter_send (SioscopeEmitter *self)
{
  g_autofree char *obstacle = sioscope_emitter_dup_obstacle (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (SioArguments) args = NULL;
  GtkStringObject *nsp = gtk_drop_down_get_selected_item (self->nsp);

  if (obstacle != NULL)
    return FALSE;
  args = sioscope_emitter_collect (self, &error);
  if (args == NULL)
    {
      sioscope_emitter_tell (self, error->message, "state-failed", SIOSCOPE_NO_ROW);
      return FALSE;
    }

  if (self->reply_row != SIOSCOPE_NO_ROW)
    sioscope_emitter_send_reply (self, args);
  else
    {
      self->replied_row = SIOSCOPE_NO_ROW;
      self->asked_ack = gtk_check_button_get_active (self->want_ack);
      self->timeout_ms = (guint) gtk_spin_button_get_value_as_int (self->timeout);
      sioscope_settings_set_int ("ack-timeout-ms", (int) self->timeout_ms);
      self->tag = sioscope_connection_emit (sioscope_subject_get_connection (self->subject),
                                            nsp != NULL ? gtk_string_object_get_string (nsp) : "/",
                                            gtk_editable_get_text (GTK_EDITABLE (self->event)), args,
                                            self->asked_ack, self->asked_ack ? self->timeout_ms : 0,
                                            gtk_check_button_get_active (self->is_volatile));
    }
  sioscope_emitter_update_fate (self);
  return TRUE;
}

static void
sioscope_emitter_send_cb (SioscopeEmitter *self)
{
  sioscope_emitter_send (self);
}

static void
sioscope_emitter_show_cb (SioscopeEmitter *self)
{
  if (self->fate_row != SIOSCOPE_NO_ROW)
    g_signal_emit (self, signals[SHOW_ROW], 0, self->fate_row);
}

static gboolean
sioscope_emitter_grab_focus (GtkWidget *widget)
{
  SioscopeEmitter *self = SIOSCOPE_EMITTER (widget);

  if (self->reply_row != SIOSCOPE_NO_ROW)
    return gtk_widget_child_focus (GTK_WIDGET (self->argument_lists), GTK_DIR_TAB_FORWARD);
  return gtk_widget_grab_focus (GTK_WIDGET (self->event));
}

static void
sioscope_emitter_dispose (GObject *object)
{
  SioscopeEmitter *self = SIOSCOPE_EMITTER (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_EMITTER);
  g_clear_object (&self->subject);

  G_OBJECT_CLASS (sioscope_emitter_parent_class)->dispose (object);
}

static void
sioscope_emitter_class_init (SioscopeEmitterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_emitter_dispose;
  widget_class->grab_focus = sioscope_emitter_grab_focus;
  g_type_ensure (SIOSCOPE_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-emitter.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeEmitter, name)
  BIND (form);
  BIND (mode);
  BIND (event);
  BIND (nsp);
  BIND (namespaces);
  BIND (reply_title);
  BIND (argument_lists);
  BIND (arguments);
  BIND (reply_arguments);
  BIND (add);
  BIND (switches);
  BIND (want_ack);
  BIND (timeout);
  BIND (is_volatile);
  BIND (outcome);
  BIND (obstacle);
  BIND (fate);
  BIND (show);
  BIND (send);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_emitter_add_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_emitter_check);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_emitter_leave_reply);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_emitter_send_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_emitter_show_cb);

  signals[SHOW_ROW] = g_signal_new ("show-row", SIOSCOPE_TYPE_EMITTER, G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
}

static void
sioscope_emitter_init (SioscopeEmitter *self)
{
  self->reply_row = self->replied_row = self->fate_row = SIOSCOPE_NO_ROW;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_spin_button_set_value (self->timeout, sioscope_settings_get_int ("ack-timeout-ms"));
  sioscope_emitter_renumber (self);
}
