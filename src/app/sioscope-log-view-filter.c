/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What of the recording the log shows: the line and the chips of its filter bar. */

#include "config.h"

#include "sioscope-log-view-private.h"

#include <glib/gi18n.h>

static const struct {
  const char  *label;
  const char  *tooltip;
  SioscopeShow show; /* 0: a direction */
  gboolean     active;
} chips[SIOSCOPE_LOG_VIEW_N_CHIPS] = {
  { N_("In"),         N_("What the server sent"),                    0,                        TRUE },
  { N_("Out"),        N_("What we sent"),                            0,                        TRUE },
  { N_("Events"),     N_("Events, text and binary"),                 SIOSCOPE_SHOW_EVENTS,     TRUE },
  { N_("Acks"),       N_("Answers to events"),                       SIOSCOPE_SHOW_ACKS,       TRUE },
  { N_("State"),      N_("The connection and its namespaces"),       SIOSCOPE_SHOW_STATES,     TRUE },
  { N_("Errors"),     N_("What was refused, unreadable or failed"),  SIOSCOPE_SHOW_ERRORS,     TRUE },
  { N_("HTTP"),       N_("Polls, posts and handshakes"),             SIOSCOPE_SHOW_HTTP,       FALSE },
  { N_("Engine.IO"),  N_("Packets below Socket.IO, attachments, control frames"), SIOSCOPE_SHOW_ENGINE, FALSE },
  { N_("Heartbeats"), N_("Pings and pongs"),                         SIOSCOPE_SHOW_HEARTBEATS, FALSE },
};
enum { CHIP_IN, CHIP_OUT };

gboolean
sioscope_log_view_filter_is_default (SioscopeLogView *self)
{
  if (*sioscope_filter_entry_get_text (self->filter_entry) != '\0')
    return FALSE;
  for (guint i = 0; i < SIOSCOPE_LOG_VIEW_N_CHIPS; i++)
    if (gtk_toggle_button_get_active (self->chip_buttons[i]) != chips[i].active)
      return FALSE;
  return TRUE;
}

/* The chips, and what the line names to see it although its chip is off. */
static SioscopeFilter *
make_filter (SioscopeLogView *self,
             SioscopeFilter  *line)
{
  SioscopeShow show = sioscope_filter_get_named (line);
  g_autoptr(SioscopeFilter) shown = NULL;

  for (guint i = 0; i < SIOSCOPE_LOG_VIEW_N_CHIPS; i++)
    if (gtk_toggle_button_get_active (self->chip_buttons[i]))
      show |= chips[i].show;
  shown = sioscope_filter_new_show (show, gtk_toggle_button_get_active (self->chip_buttons[CHIP_IN]),
                                    gtk_toggle_button_get_active (self->chip_buttons[CHIP_OUT]));
  return sioscope_filter_new_and (shown, line);
}

/* A line that is none yet changes nothing: the entry says what is missing, and the rows stay. */
void
sioscope_log_view_apply_filter (SioscopeLogView *self)
{
  g_autoptr(SioscopeFilter) line = sioscope_filter_entry_get_filter (self->filter_entry);
  g_autoptr(SioscopeFilter) filter = NULL;
  double top = gtk_adjustment_get_value (sioscope_log_view_get_adjustment (self));

  if (line == NULL || self->model == NULL)
    return;
  filter = make_filter (self, line);
  if (sioscope_filter_equal (filter, sioscope_log_model_get_filter (self->model)))
    return;

  /* What was being read comes back to where it was, if it still passes. */
  if (!self->following && self->restore_row == SIOSCOPE_NO_ROW && sioscope_log_view_get_n_items (self) > 0)
    self->restore_row = self->selected_row != SIOSCOPE_NO_ROW
                          ? self->selected_row
                          : sioscope_log_model_get_row (self->model, (guint) (top / SIOSCOPE_LOG_ROW_HEIGHT));

  /* It takes in everything that is there, paused or not. */
  sioscope_log_model_set_filter (self->model, filter);
  self->paused_n_rows = sioscope_recording_get_n_rows (self->recording);
  sioscope_log_view_search_again (self);
  sioscope_log_view_show_labels (self);
  sioscope_log_view_request_tick (self);
}

void
sioscope_log_view_filter_stopped_cb (SioscopeLogView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

/**
 * sioscope_log_view_clear_filter:
 * @self: a log view
 *
 * Shows again what is shown at first: the text and the chips are as in a new view.
 */
void
sioscope_log_view_clear_filter (SioscopeLogView *self)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  for (guint i = 0; i < SIOSCOPE_LOG_VIEW_N_CHIPS; i++)
    {
      g_signal_handlers_block_by_func (self->chip_buttons[i], sioscope_log_view_apply_filter, self);
      gtk_toggle_button_set_active (self->chip_buttons[i], chips[i].active);
      g_signal_handlers_unblock_by_func (self->chip_buttons[i], sioscope_log_view_apply_filter, self);
    }
  sioscope_filter_entry_set_text (self->filter_entry, NULL);
  sioscope_log_view_apply_filter (self);
}

/**
 * sioscope_log_view_set_filter_text:
 * @self: a log view
 * @line: a line of the filter language
 *
 * As if the person had typed it; it applies at once.
 */
void
sioscope_log_view_set_filter_text (SioscopeLogView *self,
                                   const char      *line)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  sioscope_filter_entry_set_text (self->filter_entry, line);
  sioscope_log_view_apply_filter (self);
}

void
sioscope_log_view_focus_filter (SioscopeLogView *self)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->filter_entry));
}

void
sioscope_log_view_make_chips (SioscopeLogView *self)
{
  for (guint i = 0; i < SIOSCOPE_LOG_VIEW_N_CHIPS; i++)
    {
      GtkWidget *chip = gtk_toggle_button_new_with_label (_(chips[i].label));

      gtk_widget_add_css_class (chip, "chip");
      gtk_widget_set_tooltip_text (chip, _(chips[i].tooltip));
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (chip), chips[i].active);
      if (i == CHIP_OUT + 1)
        gtk_widget_set_margin_start (chip, 6);
      g_signal_connect_object (chip, "toggled", G_CALLBACK (sioscope_log_view_apply_filter), self, G_CONNECT_SWAPPED);
      gtk_box_append (self->chips, chip);
      self->chip_buttons[i] = GTK_TOGGLE_BUTTON (chip);
    }
}

/**
 * sioscope_log_view_dup_filter:
 * @self: a log view
 * @chosen: (out): whether the person has chosen it: it is another one than in a new view
 * @n_shown: (out): how many rows pass it; %G_MAXUINT64 as long as not all were looked at
 *
 * Returns: (transfer full) (nullable): what decides which rows are shown; %NULL if all are
 */
SioscopeFilter *
sioscope_log_view_dup_filter (SioscopeLogView *self,
                              gboolean        *chosen,
                              guint64         *n_shown)
{
  SioscopeFilter *filter;

  g_return_val_if_fail (SIOSCOPE_IS_LOG_VIEW (self), NULL);

  *chosen = FALSE;
  *n_shown = G_MAXUINT64;
  filter = self->model != NULL ? sioscope_log_model_get_filter (self->model) : NULL;
  if (filter == NULL || sioscope_filter_is_everything (filter))
    return NULL;
  *chosen = !sioscope_log_view_filter_is_default (self);
  if (!sioscope_log_model_get_searching (self->model))
    *n_shown = sioscope_log_view_get_n_items (self);
  return sioscope_filter_ref (filter);
}
