/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be done with the selected row of the log: copy, filter by it, reply. */

#include "config.h"

#include "sioscope-log-view-private.h"

#include "sioscope-clipboard.h"
#include "sioscope-words.h"

static gboolean
read_selected (SioscopeLogView *self,
               SioscopeEntry   *entry)
{
  return self->recording != NULL && self->selected_row != SIOSCOPE_NO_ROW &&
         sioscope_recording_read (self->recording, self->selected_row, entry);
}

static gboolean
wants_reply (SioscopeLogView     *self,
             const SioscopeEntry *entry)
{
  return sioscope_words_is_event (entry) && entry->direction == SIO_DIRECTION_IN && entry->id >= 0 &&
         sioscope_recording_get_live (self->recording) &&
         sioscope_projection_get_ack (self->projection, entry->row).state == SIOSCOPE_ACK_PENDING;
}

/* The line that finds rows with the same event: the name's token as it is on the wire, which is how the language quotes. NULL if it
 * cannot be typed into an entry. */
static char *
text_for_event (const SioscopeEntry *entry)
{
  if (entry->event.size < 3 || entry->event.size > 200 ||
      !g_utf8_validate_len (entry->event.data, entry->event.size, NULL))
    return NULL;
  for (gsize i = 0; i < entry->event.size; i++)
    if ((guchar) entry->event.data[i] < 0x20 || entry->event.data[i] == 0x7f)
      return NULL;
  return g_strdup_printf ("event:%.*s", (int) entry->event.size, entry->event.data);
}

static char *
text_for_namespace (const SioscopeEntry *entry)
{
  g_autoptr(GString) line = NULL;

  if (entry->nsp.size == 0 || entry->nsp.size > 200 || !g_utf8_validate_len (entry->nsp.data, entry->nsp.size, NULL))
    return NULL;
  line = g_string_new ("ns:\"");
  for (gsize i = 0; i < entry->nsp.size; i++)
    {
      char c = entry->nsp.data[i];

      if ((guchar) c < 0x20 || c == 0x7f)
        return NULL;
      if (c == '"' || c == '\\')
        g_string_append_c (line, '\\');
      g_string_append_c (line, c);
    }
  g_string_append_c (line, '"');
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static void
copy_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  SioscopeEntry entry;

  if (read_selected (SIOSCOPE_LOG_VIEW (widget), &entry))
    {
      if (entry.raw.size > 0)
        sioscope_clipboard_copy (widget, entry.raw);
      else
        {
          g_autofree char *words = sioscope_words_row (SIOSCOPE_LOG_VIEW (widget)->recording, &entry);

          sioscope_clipboard_copy (widget, (SioSpan) { words, strlen (words) });
        }
    }
}

static void
copy_arguments_cb (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  SioscopeEntry entry;

  if (read_selected (SIOSCOPE_LOG_VIEW (widget), &entry))
    sioscope_clipboard_copy (widget, entry.args);
}

static void
filter_by (SioscopeLogView *self,
           char            *text)
{
  if (text != NULL)
    sioscope_log_view_set_filter_text (self, text);
  g_free (text);
}

static void
filter_event_cb (GtkWidget  *widget,
                 const char *action,
                 GVariant   *parameter)
{
  SioscopeEntry entry;

  if (read_selected (SIOSCOPE_LOG_VIEW (widget), &entry))
    filter_by (SIOSCOPE_LOG_VIEW (widget), text_for_event (&entry));
}

static void
filter_namespace_cb (GtkWidget  *widget,
                     const char *action,
                     GVariant   *parameter)
{
  SioscopeEntry entry;

  if (read_selected (SIOSCOPE_LOG_VIEW (widget), &entry))
    filter_by (SIOSCOPE_LOG_VIEW (widget), text_for_namespace (&entry));
}

static void
reply_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (widget);

  sioscope_log_view_reply (self, self->selected_row);
}

/* Where the selected row is drawn, for a menu that was opened by the keyboard. */
static void
menu_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  SioscopeLogView *self = SIOSCOPE_LOG_VIEW (widget);
  double x = 12, y = 12;

  for (guint i = 0; i < self->context->rows->len; i++)
    {
      SioscopeLogRow *row = g_ptr_array_index (self->context->rows, i);

      if (sioscope_log_row_get_row (row) == self->selected_row && gtk_widget_get_mapped (GTK_WIDGET (row)))
        gtk_widget_translate_coordinates (GTK_WIDGET (row), GTK_WIDGET (self->list), 60, SIOSCOPE_LOG_ROW_HEIGHT,
                                          &x, &y);
    }
  sioscope_log_view_open_menu (self, x, y);
}

void
sioscope_log_view_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "row.copy", NULL, copy_cb);
  gtk_widget_class_install_action (widget_class, "row.copy-arguments", NULL, copy_arguments_cb);
  gtk_widget_class_install_action (widget_class, "row.filter-event", NULL, filter_event_cb);
  gtk_widget_class_install_action (widget_class, "row.filter-namespace", NULL, filter_namespace_cb);
  gtk_widget_class_install_action (widget_class, "row.reply", NULL, reply_cb);
  gtk_widget_class_install_action (widget_class, "row.menu", NULL, menu_cb);
}

/* What makes no sense for the selected row is not offered. */
void
sioscope_log_view_update_actions (SioscopeLogView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  SioscopeEntry entry = { 0 };
  gboolean any = read_selected (self, &entry);
  g_autofree char *event = any ? text_for_event (&entry) : NULL;
  g_autofree char *nsp = any ? text_for_namespace (&entry) : NULL;

  gtk_widget_action_set_enabled (widget, "row.copy", any);
  gtk_widget_action_set_enabled (widget, "row.copy-arguments", any && entry.args.size > 0);
  gtk_widget_action_set_enabled (widget, "row.filter-event", event != NULL);
  gtk_widget_action_set_enabled (widget, "row.filter-namespace", nsp != NULL);
  gtk_widget_action_set_enabled (widget, "row.reply", any && wants_reply (self, &entry));
}

void
sioscope_log_view_open_menu (SioscopeLogView *self,
                             double           x,
                             double           y)
{
  if (self->selected_row == SIOSCOPE_NO_ROW)
    return;

  if (self->menu == NULL)
    {
      self->menu = gtk_popover_menu_new_from_model (self->row_menu);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
    }
  gtk_widget_translate_coordinates (GTK_WIDGET (self->list), GTK_WIDGET (self), x, y, &x, &y);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  sioscope_log_view_update_actions (self);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* Asks for an answer to the server's event in @row, if it still waits for one. */
void
sioscope_log_view_reply (SioscopeLogView *self,
                         guint64          row)
{
  SioscopeEntry entry;

  if (self->recording != NULL && sioscope_recording_read (self->recording, row, &entry) && wants_reply (self, &entry))
    g_signal_emit_by_name (self, "activate-reply", row);
}
