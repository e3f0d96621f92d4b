/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A thread counts for a second at most and hands over what it has: so the list changes once a second at most, and a recording of millions of
 * rows is seen to grow. The main thread writes a bounded number of lines. */

#include "config.h"

#include "sioscope-events-list.h"

#include <glib/gi18n.h>

#include "sioscope-events-item.h"
#include "sioscope-format.h"

#define PERIOD_US G_USEC_PER_SEC

struct _SioscopeEventsList {
  GtkWidget           parent_instance;

  SioscopeRecording  *recording;   /* NULL: there is none yet */
  SioscopeStatistics *statistics;  /* NULL while it cannot be seen */
  GCancellable       *cancellable;
  guint               timeout_id;
  GHashTable         *by_key;      /* of what is in items */

  GtkWidget          *root;
  GtkLabel           *status;
  GtkStack           *stack;
  GtkLabel           *message;
  GtkWidget          *scroller;
  GListStore         *items;
  GtkLabel           *rest;
};

G_DEFINE_FINAL_TYPE (SioscopeEventsList, sioscope_events_list, GTK_TYPE_WIDGET)

enum { FILTER, N_SIGNALS };
static guint signals[N_SIGNALS];

static void count (SioscopeEventsList *self);

static gpointer
get_key (const SioscopeEventsLine *line)
{
  return GUINT_TO_POINTER (line->name << 1 | (line->direction == SIO_DIRECTION_OUT));
}

/* Lines that were there stay the same objects: what has the focus keeps it. */
static void
show_lines (SioscopeEventsList *self,
            GArray             *lines)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GHashTable) by_key = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  guint n_old = g_list_model_get_n_items (G_LIST_MODEL (self->items));
  guint same = 0, tail = 0;

  for (guint i = 0; i < lines->len; i++)
    {
      const SioscopeEventsLine *line = &g_array_index (lines, SioscopeEventsLine, i);
      SioscopeEventsItem *item = g_hash_table_lookup (self->by_key, get_key (line));

      item = item != NULL ? g_object_ref (item) : sioscope_events_item_new (self->recording, line->name, line->direction);
      sioscope_events_item_set (item, line);
      g_ptr_array_add (items, item);
      g_hash_table_insert (by_key, get_key (line), g_object_ref (item));
    }
  for (; same < MIN (n_old, items->len); same++)
    {
      g_autoptr(GObject) old = g_list_model_get_item (G_LIST_MODEL (self->items), same);

      if (old != g_ptr_array_index (items, same))
        break;
    }
  for (; tail < MIN (n_old, items->len) - same; tail++)
    {
      g_autoptr(GObject) old = g_list_model_get_item (G_LIST_MODEL (self->items), n_old - 1 - tail);

      if (old != g_ptr_array_index (items, items->len - 1 - tail))
        break;
    }
  if (n_old != items->len || same < n_old)
    g_list_store_splice (self->items, same, n_old - same - tail, items->pdata + same, items->len - same - tail);
  g_hash_table_unref (self->by_key);
  self->by_key = g_steal_pointer (&by_key);
}

static void
show_message (SioscopeEventsList *self,
              const char         *text)
{
  gtk_label_set_text (self->message, text);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->message));
}

static void
show_rest (SioscopeEventsList          *self,
           const SioscopeEventsFigures *figures)
{
  g_autoptr(GString) text = g_string_new (NULL);

  if (figures->n_hidden > 0)
    {
      g_autofree char *lines = sioscope_format_count (figures->n_hidden);
      g_autofree char *events = sioscope_format_count (figures->n_hidden_events);

      /* Translators: a number of lines that have no place in a list; how many events these are together */
      g_string_append_printf (text, _("%s rarer ones are not listed: %s events together."), lines, events);
    }
  if (figures->n_missed > 0)
    {
      g_autofree char *rows = sioscope_format_count (figures->n_missed);

      g_string_append_printf (text, text->len > 0 ? " " : "");
      /* Translators: a number of rows */
      g_string_append_printf (text, _("%s rows were given back before they could be counted."), rows);
    }
  gtk_label_set_text (self->rest, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->rest), text->len > 0);
}

static void
show_figures (SioscopeEventsList          *self,
              const SioscopeEventsFigures *figures)
{
  show_lines (self, figures->lines);
  show_rest (self, figures);
  gtk_label_set_text (self->status, !figures->complete ? _("Counting…")
                                    : sioscope_recording_get_live (self->recording) ? _("Rates are those of the last five seconds")
                                                                                    : _("Rates are those of the whole recording"));
  if (figures->lines->len > 0)
    gtk_stack_set_visible_child (self->stack, self->scroller);
  else if (figures->complete)
    show_message (self, _("No events yet.\nEach name gets a line here: how many events, how many a second, how fast their acks are. "
                          "A click on it shows only its rows."));
}

static gboolean
again_cb (gpointer data)
{
  SioscopeEventsList *self = data;

  self->timeout_id = 0;
  count (self);
  return G_SOURCE_REMOVE;
}

static void
counted_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(SioscopeEventsList) self = data;
  g_autoptr(SioscopeEventsFigures) figures = sioscope_events_count_finish (SIOSCOPE_STATISTICS (source), result, NULL);

  /* Cancelled, or of what was shown before. */
  if (figures == NULL || source != (GObject *) self->statistics)
    return;

  show_figures (self, figures);
  if (!figures->complete)
    count (self);
  else if (sioscope_recording_get_live (self->recording))
    self->timeout_id = g_timeout_add_seconds (PERIOD_US / G_USEC_PER_SEC, again_cb, self);
}

static void
count (SioscopeEventsList *self)
{
  sioscope_events_count_async (self->statistics, PERIOD_US, self->cancellable, counted_cb, g_object_ref (self));
}

static void
stop (SioscopeEventsList *self)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->statistics);
}

static void
start (SioscopeEventsList *self)
{
  stop (self);
  gtk_label_set_text (self->status, "");
  gtk_widget_set_visible (GTK_WIDGET (self->rest), FALSE);
  g_list_store_remove_all (self->items);
  g_hash_table_remove_all (self->by_key);
  if (self->recording == NULL)
    {
      show_message (self, _("Nothing is recorded yet. Connect, and the events that pass are listed here."));
      return;
    }
  show_message (self, _("Counting…"));
  self->statistics = sioscope_statistics_new (self->recording);
  self->cancellable = g_cancellable_new ();
  count (self);
}

void
sioscope_events_list_set_recording (SioscopeEventsList *self,
                                    SioscopeRecording  *recording)
{
  g_return_if_fail (SIOSCOPE_IS_EVENTS_LIST (self));

  if (g_set_object (&self->recording, recording) && gtk_widget_get_mapped (GTK_WIDGET (self)))
    start (self);
}

static void
activated_cb (SioscopeEventsList *self,
              guint               position)
{
  g_autoptr(SioscopeEventsItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), position);

  if (item != NULL && sioscope_events_item_get_filter (item) != NULL)
    g_signal_emit (self, signals[FILTER], 0, sioscope_events_item_get_filter (item));
}

static void
sioscope_events_list_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sioscope_events_list_parent_class)->map (widget);
  start (SIOSCOPE_EVENTS_LIST (widget));
}

static void
sioscope_events_list_unmap (GtkWidget *widget)
{
  stop (SIOSCOPE_EVENTS_LIST (widget));
  GTK_WIDGET_CLASS (sioscope_events_list_parent_class)->unmap (widget);
}

static void
sioscope_events_list_dispose (GObject *object)
{
  SioscopeEventsList *self = SIOSCOPE_EVENTS_LIST (object);

  stop (self);
  g_clear_object (&self->recording);
  g_clear_pointer (&self->by_key, g_hash_table_unref);
  g_clear_pointer (&self->root, gtk_widget_unparent);

  G_OBJECT_CLASS (sioscope_events_list_parent_class)->dispose (object);
}

static void
sioscope_events_list_class_init (SioscopeEventsListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_events_list_dispose;
  widget_class->map = sioscope_events_list_map;
  widget_class->unmap = sioscope_events_list_unmap;

  signals[FILTER] = g_signal_new ("filter", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (SIOSCOPE_TYPE_EVENTS_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-events-list.ui");
  gtk_widget_class_bind_template_child (widget_class, SioscopeEventsList, root);
  gtk_widget_class_bind_template_child (widget_class, SioscopeEventsList, status);
  gtk_widget_class_bind_template_child (widget_class, SioscopeEventsList, stack);
  gtk_widget_class_bind_template_child (widget_class, SioscopeEventsList, message);
  gtk_widget_class_bind_template_child (widget_class, SioscopeEventsList, scroller);
  gtk_widget_class_bind_template_child (widget_class, SioscopeEventsList, items);
  gtk_widget_class_bind_template_child (widget_class, SioscopeEventsList, rest);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_set_css_name (widget_class, "eventslist");
}

static void
sioscope_events_list_init (SioscopeEventsList *self)
{
  self->by_key = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
}

char *
sioscope_events_list_dup_text_for_tests (SioscopeEventsList *self)
{
  g_autoptr(GString) out = g_string_new (NULL);
  GListModel *items = G_LIST_MODEL (self->items);

  if (self->statistics != NULL && *gtk_label_get_text (self->status) == '\0')
    return NULL;
  g_string_append_printf (out, "%s\n", gtk_label_get_text (self->status));
  if (gtk_stack_get_visible_child (self->stack) == GTK_WIDGET (self->message))
    g_string_append_printf (out, "%s\n", gtk_label_get_text (self->message));
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(SioscopeEventsItem) item = g_list_model_get_item (items, i);
      g_autofree char *line = sioscope_events_item_dup_text_for_tests (item);

      g_string_append_printf (out, "%s\n", line);
    }
  if (gtk_widget_get_visible (GTK_WIDGET (self->rest)))
    g_string_append_printf (out, "%s\n", gtk_label_get_text (self->rest));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
sioscope_events_list_get_counting_for_tests (SioscopeEventsList *self)
{
  return self->statistics != NULL;
}
