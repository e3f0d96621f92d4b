/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-format.h"
#include "sioscope-looks.h"
#include "sioscope-state-button.h"

#include <glib/gi18n.h>

struct _SioscopeStateButton
{
  GtkWidget parent_instance;

  GtkMenuButton *button;
  GtkImage *icon;
  GtkLabel *word;
  GtkImage *panel_icon;
  GtkLabel *panel_word;
  GtkLabel *panel_reason;
  GtkWidget *panel_numbers;
  GtkLabel *attempt;
  GtkLabel *delay;
  GtkLabel *link;
  GtkLabel *heartbeat;
  GtkLabel *sid;
  GtkLabel *how;
  GtkWidget *reconnect_now;
  GtkWidget *stop;
  GtkWidget *cut;
};

G_DEFINE_FINAL_TYPE (SioscopeStateButton, sioscope_state_button, GTK_TYPE_WIDGET)

/* A row of the panel that has nothing to say is not there. */
static void
sioscope_state_button_set_number (GtkLabel *value, const char *text)
{
  GtkWidget *title = gtk_grid_get_child_at (GTK_GRID (gtk_widget_get_parent (GTK_WIDGET (value))), 0,
                                            GPOINTER_TO_INT (g_object_get_data (G_OBJECT (value), "row")));

  gtk_label_set_text (value, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (value), text != NULL);
  gtk_widget_set_visible (title, text != NULL);
}

static char *
sioscope_state_button_dup_delay (const SioscopeStatus *status, SioscopeSubject *subject)
{
  SioscopeProjection *projection = sioscope_subject_get_projection (subject);
  const SioscopeSegment *segments;
  const SioscopeSegment *last;
  g_autofree char *drawn = NULL;
  g_autofree char *shortest = NULL;
  g_autofree char *longest = NULL;
  guint n = 0;

  if (status->phase != SIOSCOPE_PHASE_WAITING || projection == NULL)
    return NULL;
  segments = sioscope_projection_get_segments (projection, &n);
  if (n == 0)
    return NULL;
  last = &segments[n - 1];
  drawn = sioscope_format_duration ((gint64) last->delay_ms * 1000);
  shortest = sioscope_format_duration ((gint64) last->delay_min_ms * 1000);
  longest = sioscope_format_duration ((gint64) last->delay_max_ms * 1000);
  /* Translators: the delay that was drawn, and the shortest and longest that it could have been */
  return g_strdup_printf (_("%s, drawn from %s to %s"), drawn, shortest, longest);
}

static void
sioscope_state_button_update_panel (SioscopeStateButton *self, SioscopeSubject *subject)
{
  const SioscopeStatus *status = sioscope_subject_get_status (subject);
  gboolean connected = status->phase == SIOSCOPE_PHASE_CONNECTED;
  gboolean active = sioscope_subject_get_active (subject);
  guint heartbeat_ms = status->ping_interval_ms + status->ping_timeout_ms;
  g_autofree char *reason = sioscope_looks_dup_reason (status->reason, status->message, heartbeat_ms);
  g_autofree char *ending = sioscope_looks_dup_ending (sioscope_subject_get_projection (subject));
  g_autofree char *link = sioscope_looks_dup_link (status);
  g_autofree char *delay = sioscope_state_button_dup_delay (status, subject);
  g_autofree char *attempt = status->attempt > 0 && !connected ? g_strdup_printf ("%u", status->attempt) : NULL;
  g_autofree char *sid = connected && status->sid != NULL ? sioscope_looks_dup_safe (status->sid) : NULL;
  g_autofree char *how = connected && status->how != NULL ? sioscope_looks_dup_safe (status->how) : NULL;
  g_autofree char *heartbeat = NULL;

  if (connected && status->ping_interval_ms > 0)
    {
      g_autofree char *interval = sioscope_format_duration ((gint64) status->ping_interval_ms * 1000);
      g_autofree char *timeout = sioscope_format_duration ((gint64) status->ping_timeout_ms * 1000);

      /* Translators: the interval between heartbeats, and how much later than that one may come */
      heartbeat = g_strdup_printf (_("every %s, %s late at most"), interval, timeout);
    }

  if (ending != NULL)
    {
      g_free (reason);
      reason = g_steal_pointer (&ending);
    }
  gtk_label_set_text (self->panel_reason, reason);
  gtk_widget_set_visible (GTK_WIDGET (self->panel_reason), *reason != '\0' && !connected);
  sioscope_state_button_set_number (self->attempt, attempt);
  sioscope_state_button_set_number (self->delay, delay);
  sioscope_state_button_set_number (self->link, *link != '\0' ? link : NULL);
  sioscope_state_button_set_number (self->heartbeat, heartbeat);
  sioscope_state_button_set_number (self->sid, sid);
  sioscope_state_button_set_number (self->how, how);
  gtk_widget_set_visible (self->panel_numbers, attempt != NULL || delay != NULL || *link != '\0' ||
                                                 heartbeat != NULL || sid != NULL);

  gtk_widget_set_visible (self->reconnect_now, sioscope_subject_get_live (subject) && !connected &&
                                                 status->phase != SIOSCOPE_PHASE_CONNECTING);
  gtk_widget_set_visible (self->stop, active && !connected);
  gtk_widget_set_visible (self->cut, active && connected);
}

/**
 * sioscope_state_button_update:
 * @self: a state button
 * @subject: whose state to show
 *
 * Shows where @subject stands now. Called whenever that may have changed, ten times a second while it waits.
 */
void
sioscope_state_button_update (SioscopeStateButton *self, SioscopeSubject *subject)
{
  const SioscopeStatus *status = sioscope_subject_get_status (subject);
  gboolean live = sioscope_subject_get_live (subject);
  SioscopeLook look = sioscope_looks_get_phase (status->phase, live);
  g_autofree char *word = sioscope_looks_dup_state (status, live, sioscope_subject_get_now_us (subject));

  gtk_image_set_from_icon_name (self->icon, look.icon_name);
  gtk_label_set_text (self->word, word);
  sioscope_looks_set_class (self->button, look.style_class);
  gtk_image_set_from_icon_name (self->panel_icon, look.icon_name);
  gtk_label_set_text (self->panel_word, word);
  sioscope_looks_set_class (gtk_widget_get_parent (GTK_WIDGET (self->panel_word)), look.style_class);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, look.word, -1);

  sioscope_state_button_update_panel (self, subject);
}

void
sioscope_state_button_set_compact (SioscopeStateButton *self, gboolean compact)
{
  gtk_widget_set_visible (GTK_WIDGET (self->word), !compact);
}

static void
sioscope_state_button_close_cb (SioscopeStateButton *self)
{
  gtk_menu_button_popdown (self->button);
}

static void
sioscope_state_button_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_STATE_BUTTON);

  G_OBJECT_CLASS (sioscope_state_button_parent_class)->dispose (object);
}

static void
sioscope_state_button_class_init (SioscopeStateButtonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_state_button_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-state-button.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeStateButton, name)
  BIND (button);
  BIND (icon);
  BIND (word);
  BIND (panel_icon);
  BIND (panel_word);
  BIND (panel_reason);
  BIND (panel_numbers);
  BIND (attempt);
  BIND (delay);
  BIND (link);
  BIND (heartbeat);
  BIND (sid);
  BIND (how);
  BIND (reconnect_now);
  BIND (stop);
  BIND (cut);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_state_button_close_cb);
}

static void
sioscope_state_button_init (SioscopeStateButton *self)
{
  GtkLabel *values[6];

  gtk_widget_init_template (GTK_WIDGET (self));
  values[0] = self->attempt;
  values[1] = self->delay;
  values[2] = self->link;
  values[3] = self->heartbeat;
  values[4] = self->sid;
  values[5] = self->how;
  for (int i = 0; i < 6; i++)
    g_object_set_data (G_OBJECT (values[i]), "row", GINT_TO_POINTER (i));
}
