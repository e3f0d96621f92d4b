/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Searching within what is shown: hides nothing, marks the rows that match, and goes from one to the next. */

#include "config.h"

#include "sioscope-log-view-private.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"

static void
redraw_rows (SioscopeLogView *self)
{
  for (guint i = 0; i < self->context->rows->len; i++)
    gtk_widget_queue_draw (g_ptr_array_index (self->context->rows, i));
}

/* Which match the selected row is, and of how many. */
static void
show_count (SioscopeLogView *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->matches));
  gboolean searching = sioscope_log_model_get_searching (self->matches);
  g_autofree char *count = sioscope_format_count (n);
  g_autofree char *at = NULL;
  g_autofree char *words = NULL;

  sioscope_search_bar_set_usable (self->search_bar, n > 0);
  if (sioscope_log_model_get_stale (self->matches))
    words = g_strdup (_("Searching…"));
  else if (n == 0)
    words = g_strdup (searching ? _("Searching…") : _("No match"));
  else if (searching)
    words = g_strdup_printf (_("%s so far"), count);
  else if (!sioscope_log_model_has_row (self->matches, self->selected_row))
    words = g_strdup_printf (ngettext ("%s match", "%s matches", n), count);
  else
    {
      at = sioscope_format_count (sioscope_log_model_get_position (self->matches, self->selected_row) + 1);
      words = g_strdup_printf (self->wrapped > 0 ? _("%s of %s, from the top again")
                               : self->wrapped < 0 ? _("%s of %s, from the end again") : _("%s of %s"), at, count);
    }
  sioscope_search_bar_say (self->search_bar, words, FALSE);
}

static void
forget_matches (SioscopeLogView *self)
{
  if (self->matches != NULL)
    g_signal_handlers_disconnect_by_data (self->matches, self);
  g_clear_object (&self->matches);
  sioscope_log_context_set_search (self->context, NULL, NULL);
  sioscope_search_bar_set_usable (self->search_bar, FALSE);
  redraw_rows (self);
}

/* What of the line stands in rows as it is written. (transfer full) (array zero-terminated=1) */
static char **
dup_texts (const char *line)
{
  g_autoptr(GArray) parts = sioscope_filter_dup_parts (line);
  GPtrArray *texts = g_ptr_array_new ();

  for (guint i = 0; i < parts->len; i++)
    {
      const SioscopeFilterPart *part = &g_array_index (parts, SioscopeFilterPart, i);
      const char *text = line + part->place.start;
      gsize size = part->place.end - part->place.start;

      if (part->token != SIOSCOPE_FILTER_TOKEN_TEXT)
        continue;
      if (size >= 2 && text[0] == '"' && text[size - 1] == '"')
        {
          text++;
          size -= 2;
        }
      if (size > 0)
        g_ptr_array_add (texts, g_strndup (text, size));
    }
  g_ptr_array_add (texts, NULL);
  return (char **) g_ptr_array_free (texts, FALSE);
}

/* The line, the filter or the recording is another one. */
void
sioscope_log_view_search_again (SioscopeLogView *self)
{
  const char *line = sioscope_search_bar_get_line (self->search_bar);
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeFilter) wanted = NULL;
  g_autoptr(SioscopeFilter) filter = NULL;
  g_auto(GStrv) texts = NULL;

  self->wrapped = 0;
  if (self->model == NULL || !gtk_widget_get_visible (GTK_WIDGET (self->search_bar)) || *line == '\0')
    {
      forget_matches (self);
      sioscope_search_bar_say (self->search_bar, "", FALSE);
      return;
    }
  wanted = sioscope_filter_new (line, NULL, &error);
  if (wanted == NULL)
    {
      forget_matches (self);
      sioscope_search_bar_say (self->search_bar, error->message, TRUE);
      return;
    }

  if (self->matches == NULL || self->context->matches_recording != self->recording)
    {
      forget_matches (self);
      self->matches = sioscope_log_model_new (self->recording);
      g_signal_connect_object (self->matches, "advanced", G_CALLBACK (sioscope_log_view_request_tick), self, G_CONNECT_SWAPPED);
    }
  filter = sioscope_filter_new_and (sioscope_log_model_get_filter (self->model), wanted);
  sioscope_log_model_set_filter (self->matches, filter);
  sioscope_log_model_set_frozen (self->matches, self->paused);
  texts = dup_texts (line);
  sioscope_log_context_set_search (self->context, self->matches, g_steal_pointer (&texts));
  redraw_rows (self);
  show_count (self);
  sioscope_log_view_request_tick (self);
}

/* Takes in what was found. TRUE if more is waiting. */
gboolean
sioscope_log_view_advance_search (SioscopeLogView *self)
{
  guint before;
  gboolean stale, more;

  if (self->matches == NULL)
    return FALSE;
  before = g_list_model_get_n_items (G_LIST_MODEL (self->matches));
  stale = sioscope_log_model_get_stale (self->matches);
  more = sioscope_log_model_advance (self->matches);
  if (stale || before != g_list_model_get_n_items (G_LIST_MODEL (self->matches)))
    redraw_rows (self);
  sioscope_log_view_request_labels (self);
  return more;
}

void
sioscope_log_view_show_search (SioscopeLogView *self)
{
  if (self->matches != NULL)
    show_count (self);
}

/* From where to go on: the selected row, or what stands at the top. */
static guint64
get_start (SioscopeLogView *self)
{
  guint top = (guint) (gtk_adjustment_get_value (sioscope_log_view_get_adjustment (self)) / SIOSCOPE_LOG_ROW_HEIGHT);

  if (self->selected_row != SIOSCOPE_NO_ROW)
    return self->selected_row;
  return sioscope_log_view_get_n_items (self) > 0 ? sioscope_log_model_get_row (self->model, top) : 0;
}

void
sioscope_log_view_search_move (SioscopeLogView *self,
                               gboolean         forward)
{
  guint n = self->matches != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->matches)) : 0;
  guint64 start;
  guint position;

  if (n == 0 || sioscope_log_model_get_stale (self->matches))
    return;

  start = get_start (self);
  position = sioscope_log_model_get_position (self->matches, start);
  self->wrapped = 0;
  if (forward)
    {
      if (self->selected_row == start && sioscope_log_model_has_row (self->matches, start))
        position++;
      if (position >= n)
        {
          position = 0;
          self->wrapped = 1;
        }
    }
  else if (position > 0)
    position--;
  else if (sioscope_log_model_get_searching (self->matches))
    return; /* what is before may still be found */
  else
    {
      position = n - 1;
      self->wrapped = -1;
    }
  sioscope_log_view_show_row (self, sioscope_log_model_get_row (self->matches, position));
  show_count (self);
}

void
sioscope_log_view_close_search (SioscopeLogView *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->search_bar), FALSE);
  sioscope_log_view_search_again (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

/**
 * sioscope_log_view_focus_search:
 * @self: a log view
 *
 * Opens the search within what is shown, with what was searched for last.
 */
void
sioscope_log_view_focus_search (SioscopeLogView *self)
{
  g_return_if_fail (SIOSCOPE_IS_LOG_VIEW (self));

  if (!gtk_widget_get_visible (GTK_WIDGET (self->search_bar)))
    {
      gtk_widget_set_visible (GTK_WIDGET (self->search_bar), TRUE);
      sioscope_log_view_search_again (self);
    }
  gtk_widget_grab_focus (GTK_WIDGET (self->search_bar));
}

static void
next_action (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  sioscope_log_view_search_move (SIOSCOPE_LOG_VIEW (widget), TRUE);
}

static void
previous_action (GtkWidget  *widget,
                 const char *action,
                 GVariant   *parameter)
{
  sioscope_log_view_search_move (SIOSCOPE_LOG_VIEW (widget), FALSE);
}

void
sioscope_log_view_install_search (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "search.next", NULL, next_action);
  gtk_widget_class_install_action (widget_class, "search.previous", NULL, previous_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F3, 0, "search.next", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F3, GDK_SHIFT_MASK, "search.previous", NULL);
}
