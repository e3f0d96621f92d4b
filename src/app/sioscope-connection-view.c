/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-auth-bar.h"
#include "sioscope-certificate-bar.h"
#include "sioscope-connection-view.h"
#include "sioscope-details-view.h"
#include "sioscope-events-list.h"
#include "sioscope-looks.h"
#include "sioscope-namespaces-bar.h"
#include "sioscope-state-button.h"
#include "sioscope-state-strip.h"

#include <glib/gi18n.h>

struct _SioscopeConnectionView
{
  GtkWidget parent_instance;

  SioscopeSubject *subject;

  SioscopeStateButton *state_button;
  AdwWindowTitle *title;
  GtkWidget *connect;
  GtkWidget *disconnect;
  GtkRevealer *notice_revealer;
  GtkLabel *notice;
  AdwBin *strip_slot;
  GtkRevealer *trouble_revealer;
  GtkWidget *trouble;
  GtkImage *trouble_icon;
  GtkLabel *trouble_word;
  GtkLabel *trouble_reason;
  GtkWidget *trouble_now;
  GtkWidget *trouble_stop;
  GtkWidget *security;
  GtkLabel *security_word;
  SioscopeCertificateBar *certificate;
  SioscopeAuthBar *auth_bar;
  SioscopeNamespacesBar *namespaces;
  GtkMenuButton *events_button;
  SioscopeEventsList *events;
  GtkStack *body;
  SioscopePanes *panes;
  AdwStatusPage *mistake;
  GtkWidget *mistake_edit;

  /* In the panes and the slot, which hold them. */
  SioscopeStateStrip *strip;
  SioscopeLogView *log;
  SioscopeEmitter *emitter;
  SioscopeDetailsView *details;

  guint narrow : 1;
};

enum { CHANGED, WANT_EMITTER, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeConnectionView, sioscope_connection_view, GTK_TYPE_WIDGET)

/* What is wrong, where it can be seen and with what can be done: not only behind the state button. */
static void
sioscope_connection_view_update_trouble (SioscopeConnectionView *self)
{
  const SioscopeStatus *status = sioscope_subject_get_status (self->subject);
  gboolean live = sioscope_subject_get_live (self->subject);
  gboolean retrying = status->phase == SIOSCOPE_PHASE_WAITING ||
                      (status->phase == SIOSCOPE_PHASE_CONNECTING && status->attempt > 0);
  gboolean failed = status->phase == SIOSCOPE_PHASE_FAILED;
  g_autofree char *ending = live ? sioscope_looks_dup_ending (sioscope_subject_get_projection (self->subject)) : NULL;
  gboolean trouble = live && (retrying || failed || ending != NULL);
  SioscopeLook look = sioscope_looks_get_phase (ending != NULL ? SIOSCOPE_PHASE_FAILED : status->phase, TRUE);

  if (trouble)
    {
      g_autofree char *word = sioscope_looks_dup_state (status, TRUE, sioscope_subject_get_now_us (self->subject));
      g_autofree char *reason = ending != NULL
                                  ? g_steal_pointer (&ending)
                                  : sioscope_looks_dup_reason (status->reason, status->message,
                                                               status->ping_interval_ms + status->ping_timeout_ms);

      if (status->tls_refused)
        {
          g_autofree char *wrong = sioscope_looks_dup_certificate_errors (status->tls_errors);

          g_free (reason);
          reason = g_strdup_printf (_("The server’s certificate is not accepted: %s"), wrong);
        }
      gtk_image_set_from_icon_name (self->trouble_icon, look.icon_name);
      gtk_label_set_text (self->trouble_word, word);
      gtk_label_set_text (self->trouble_reason, reason);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->trouble_reason), reason);
      sioscope_looks_set_class (self->trouble, look.style_class);
      gtk_widget_set_visible (self->trouble_stop, retrying);
      gtk_widget_set_sensitive (self->trouble_now, status->phase != SIOSCOPE_PHASE_CONNECTING);
    }
  else
    {
      /* What is hidden is still read by a screen reader. */
      gtk_label_set_text (self->trouble_word, "");
      gtk_label_set_text (self->trouble_reason, "");
    }
  gtk_revealer_set_reveal_child (self->trouble_revealer, trouble);
}

/* What cannot be trusted is said for as long as it is so, with an icon and in words. */
static void
sioscope_connection_view_update_security (SioscopeConnectionView *self)
{
  const SioscopeStatus *status = sioscope_subject_get_status (self->subject);
  gboolean connected = status->phase == SIOSCOPE_PHASE_CONNECTED;
  gboolean unverified = connected && status->tls_errors != 0;
  gboolean open = connected && status->plain && status->credentials;
  g_autofree char *why = NULL;

  if (unverified)
    {
      g_autofree char *errors = sioscope_looks_dup_certificate_errors (status->tls_errors);

      /* Translators: what is wrong with it */
      why = g_strdup_printf (_("The certificate was accepted although %s"), errors);
    }
  else if (open)
    why = g_strdup (_("Auth, a token or a cookie was sent as it is: whoever is on the way can read it"));

  gtk_label_set_text (self->security_word, unverified ? _("Unverified") : open ? _("Not encrypted") : "");
  gtk_widget_set_tooltip_text (self->security, why);
  gtk_widget_set_visible (self->security, why != NULL);
  if (unverified)
    gtk_widget_add_css_class (self->security, "warning");
  else
    gtk_widget_remove_css_class (self->security, "warning");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->security_word), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, why != NULL ? why : "", -1);
}

static void
sioscope_connection_view_update_header (SioscopeConnectionView *self)
{
  const SioscopeStatus *status = sioscope_subject_get_status (self->subject);
  gboolean live = sioscope_subject_get_live (self->subject);
  gboolean active = sioscope_subject_get_active (self->subject);
  g_autofree char *link = sioscope_looks_dup_link (status);

  if (!live)
    {
      g_free (link);
      link = g_strdup (_("A recording, read-only"));
    }
  else if (*link == '\0')
    {
      g_free (link);
      link = sioscope_looks_dup_safe (sioscope_profile_get_url (sioscope_subject_get_profile (self->subject)));
    }

  sioscope_state_button_update (self->state_button, self->subject);
  if (g_strcmp0 (adw_window_title_get_subtitle (self->title), link) != 0)
    adw_window_title_set_subtitle (self->title, link);
  /* Where there is no room for them they are in the menu only. */
  gtk_widget_set_visible (self->connect, live && !active && !self->narrow);
  gtk_widget_set_visible (self->disconnect, live && active && !self->narrow);
}

static void
sioscope_connection_view_update_notice (SioscopeConnectionView *self)
{
  SioscopeRecording *recording = sioscope_subject_get_recording (self->subject);
  g_autofree char *notice = recording != NULL ? sioscope_recording_dup_notice (recording) : NULL;
  g_autofree char *shown = notice != NULL ? sioscope_looks_dup_safe (notice) : NULL;

  if (shown != NULL && g_strcmp0 (gtk_label_get_text (self->notice), shown) != 0)
    gtk_label_set_text (self->notice, shown);
  gtk_revealer_set_reveal_child (self->notice_revealer, shown != NULL);
}

static void
sioscope_connection_view_changed_cb (SioscopeConnectionView *self, guint what)
{
  if (what & (SIOSCOPE_CHANGED_STATUS | SIOSCOPE_CHANGED_SEGMENTS | SIOSCOPE_CHANGED_NAMESPACES))
    {
      sioscope_connection_view_update_security (self);
      sioscope_connection_view_update_header (self);
      sioscope_connection_view_update_trouble (self);
      sioscope_certificate_bar_update (self->certificate, self->subject);
      sioscope_auth_bar_update (self->auth_bar, self->subject);
    }
  if (what & (SIOSCOPE_CHANGED_NAMESPACES | SIOSCOPE_CHANGED_STATUS))
    sioscope_namespaces_bar_update (self->namespaces, self->subject);
  if (what & (SIOSCOPE_CHANGED_NAMESPACES | SIOSCOPE_CHANGED_ACKS | SIOSCOPE_CHANGED_STATUS | SIOSCOPE_CHANGED_MARKS))
    sioscope_emitter_update (self->emitter);
  sioscope_connection_view_update_notice (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
sioscope_connection_view_replaced_cb (SioscopeConnectionView *self)
{
  SioscopeProjection *projection = sioscope_subject_get_projection (self->subject);

  sioscope_log_view_set_projection (self->log, projection);
  sioscope_state_strip_set_projection (self->strip, projection);
  sioscope_details_view_set_projection (self->details, projection);
  sioscope_events_list_set_recording (self->events, sioscope_subject_get_recording (self->subject));
  sioscope_emitter_set_subject (self->emitter, self->subject);
  sioscope_connection_view_changed_cb (self, G_MAXUINT);
}

static void
sioscope_connection_view_selected_cb (SioscopeConnectionView *self)
{
  guint64 row = sioscope_log_view_get_selected_row (self->log);

  sioscope_details_view_set_row (self->details, row);
  /* Where emitter and details share one place, who chooses a row wants to read it. */
  if (row != SIOSCOPE_NO_ROW && !self->narrow)
    sioscope_panes_raise (self->panes, GTK_WIDGET (self->details));
}

static void
sioscope_connection_view_show_row_cb (SioscopeConnectionView *self, guint64 row)
{
  sioscope_panes_raise (self->panes, GTK_WIDGET (self->log));
  sioscope_log_view_show_row (self->log, row);
}

static void
sioscope_connection_view_filter_cb (SioscopeConnectionView *self, const char *line)
{
  gtk_menu_button_popdown (self->events_button);
  sioscope_panes_raise (self->panes, GTK_WIDGET (self->log));
  sioscope_log_view_set_filter_text (self->log, line);
}

static void
sioscope_connection_view_reply_cb (SioscopeConnectionView *self, guint64 row)
{
  g_signal_emit (self, signals[WANT_EMITTER], 0);
  sioscope_panes_raise (self->panes, GTK_WIDGET (self->emitter));
  sioscope_emitter_reply_to (self->emitter, row);
}

/**
 * sioscope_connection_view_set_mistake:
 * @self: a page
 * @mistake: (nullable): what is wrong in the profile, and where; %NULL: nothing
 *
 * Says why nothing can be connected, in place of a log that could only be empty.
 */
void
sioscope_connection_view_set_mistake (SioscopeConnectionView *self, const char *mistake)
{
  g_autofree char *safe = mistake != NULL ? sioscope_looks_dup_safe (mistake) : NULL;
  g_autofree char *escaped = safe != NULL ? g_markup_escape_text (safe, -1) : NULL;

  adw_status_page_set_description (self->mistake, escaped);
  gtk_stack_set_visible_child (self->body, mistake != NULL ? GTK_WIDGET (self->mistake) : GTK_WIDGET (self->panes));
  if (mistake != NULL)
    gtk_widget_grab_focus (self->mistake_edit);
}

SioscopeSubject *
sioscope_connection_view_get_subject (SioscopeConnectionView *self)
{
  return self->subject;
}

SioscopeLogView *
sioscope_connection_view_get_log (SioscopeConnectionView *self)
{
  return self->log;
}

SioscopeEmitter *
sioscope_connection_view_get_emitter (SioscopeConnectionView *self)
{
  return self->emitter;
}

void
sioscope_connection_view_set_shape (SioscopeConnectionView *self, SioscopePanesShape shape)
{
  self->narrow = shape == SIOSCOPE_PANES_NARROW;
  sioscope_state_button_set_compact (self->state_button, self->narrow);
  sioscope_panes_set_shape (self->panes, shape);
  sioscope_connection_view_update_header (self);
}

void
sioscope_connection_view_set_shown (SioscopeConnectionView *self, gboolean emitter, gboolean details)
{
  /* Nobody can be talked to in a recording: its place is the details'. */
  sioscope_panes_set_shown (self->panes, emitter && sioscope_subject_get_live (self->subject), details);
}

void
sioscope_connection_view_focus_filter (SioscopeConnectionView *self)
{
  sioscope_panes_raise (self->panes, GTK_WIDGET (self->log));
  sioscope_log_view_focus_filter (self->log);
}

void
sioscope_connection_view_focus_search (SioscopeConnectionView *self)
{
  sioscope_panes_raise (self->panes, GTK_WIDGET (self->log));
  sioscope_log_view_focus_search (self->log);
}

void
sioscope_connection_view_focus_emitter (SioscopeConnectionView *self)
{
  g_signal_emit (self, signals[WANT_EMITTER], 0);
  sioscope_panes_raise (self->panes, GTK_WIDGET (self->emitter));
  gtk_widget_grab_focus (GTK_WIDGET (self->emitter));
}

static GtkWidget *
sioscope_connection_view_find_list (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_LIST_VIEW (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = sioscope_connection_view_find_list (child);
  return found;
}

void
sioscope_connection_view_focus_log (SioscopeConnectionView *self)
{
  GtkWidget *list = sioscope_connection_view_find_list (GTK_WIDGET (self->log));

  sioscope_panes_raise (self->panes, GTK_WIDGET (self->log));
  /* To the rows, not to the filter that stands before them. */
  if (list != NULL)
    gtk_widget_grab_focus (list);
}

/* The list of events, above the log. */
void
sioscope_connection_view_show_events (SioscopeConnectionView *self)
{
  gtk_menu_button_popup (self->events_button);
}

static void
sioscope_connection_view_dispose (GObject *object)
{
  SioscopeConnectionView *self = SIOSCOPE_CONNECTION_VIEW (object);

  if (self->subject != NULL)
    g_signal_handlers_disconnect_by_data (self->subject, self);
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_CONNECTION_VIEW);
  g_clear_object (&self->subject);

  G_OBJECT_CLASS (sioscope_connection_view_parent_class)->dispose (object);
}

static void
sioscope_connection_view_class_init (SioscopeConnectionViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (SIOSCOPE_TYPE_STATE_BUTTON);
  g_type_ensure (SIOSCOPE_TYPE_AUTH_BAR);
  g_type_ensure (SIOSCOPE_TYPE_CERTIFICATE_BAR);
  g_type_ensure (SIOSCOPE_TYPE_NAMESPACES_BAR);
  g_type_ensure (SIOSCOPE_TYPE_EVENTS_LIST);
  g_type_ensure (SIOSCOPE_TYPE_PANES);

  object_class->dispose = sioscope_connection_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-connection-view.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  /* So that dispose_template () takes it away. */
  gtk_widget_class_bind_template_child_full (widget_class, "root", FALSE, 0);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeConnectionView, name)
  BIND (state_button);
  BIND (title);
  BIND (connect);
  BIND (disconnect);
  BIND (notice_revealer);
  BIND (notice);
  BIND (strip_slot);
  BIND (trouble_revealer);
  BIND (trouble);
  BIND (trouble_icon);
  BIND (trouble_word);
  BIND (trouble_reason);
  BIND (trouble_now);
  BIND (trouble_stop);
  BIND (security);
  BIND (security_word);
  BIND (certificate);
  BIND (auth_bar);
  BIND (namespaces);
  BIND (events_button);
  BIND (events);
  BIND (body);
  BIND (panes);
  BIND (mistake);
  BIND (mistake_edit);
#undef BIND

  signals[CHANGED] = g_signal_new ("changed", SIOSCOPE_TYPE_CONNECTION_VIEW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[WANT_EMITTER] = g_signal_new ("want-emitter", SIOSCOPE_TYPE_CONNECTION_VIEW, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sioscope_connection_view_init (SioscopeConnectionView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->strip = SIOSCOPE_STATE_STRIP (sioscope_state_strip_new ());
  self->log = SIOSCOPE_LOG_VIEW (sioscope_log_view_new ());
  self->emitter = g_object_new (SIOSCOPE_TYPE_EMITTER, NULL);
  self->details = SIOSCOPE_DETAILS_VIEW (sioscope_details_view_new ());
  adw_bin_set_child (self->strip_slot, GTK_WIDGET (self->strip));
  sioscope_panes_set_children (self->panes, GTK_WIDGET (self->log), GTK_WIDGET (self->emitter), GTK_WIDGET (self->details));

  g_signal_connect_object (self->log, "notify::selected-row",
                           G_CALLBACK (sioscope_connection_view_selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->log, "activate-reply",
                           G_CALLBACK (sioscope_connection_view_reply_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "row-activated",
                           G_CALLBACK (sioscope_connection_view_show_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->details, "row-activated",
                           G_CALLBACK (sioscope_connection_view_show_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->events, "filter",
                           G_CALLBACK (sioscope_connection_view_filter_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->emitter, "show-row",
                           G_CALLBACK (sioscope_connection_view_show_row_cb), self, G_CONNECT_SWAPPED);
}

/**
 * sioscope_connection_view_new:
 * @subject: what to show
 *
 * The page of @subject. It stays the page of that one, so that every keystroke in it survives switching.
 *
 * Returns: (transfer floating): a page
 */
GtkWidget *
sioscope_connection_view_new (SioscopeSubject *subject)
{
  SioscopeConnectionView *self = g_object_new (SIOSCOPE_TYPE_CONNECTION_VIEW, NULL);

  self->subject = g_object_ref (subject);
  g_object_bind_property (subject, "title", self->title, "title", G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (subject, "changed", G_CALLBACK (sioscope_connection_view_changed_cb), self);
  g_signal_connect_swapped (subject, "replaced", G_CALLBACK (sioscope_connection_view_replaced_cb), self);
  sioscope_connection_view_replaced_cb (self);
  return GTK_WIDGET (self);
}
