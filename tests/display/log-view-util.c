/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "log-view-util.h"
#include "sioscope-log-row.h"

SioscopeLogView *
log_show (ViewFixture *f,
          int          width,
          int          height)
{
  GtkWidget *view = sioscope_log_view_new ();

  sioscope_log_view_set_projection (SIOSCOPE_LOG_VIEW (view), f->projection);
  view_fixture_show (f, view, width, height);
  return SIOSCOPE_LOG_VIEW (view);
}

void
log_feed_ticks (ViewFixture *f,
                guint        first,
                guint        n)
{
  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *name = g_strdup_printf ("tick-%u", i % 10);
      g_autofree char *args = g_strdup_printf ("{\"n\":%u}", i);

      view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", name, args, -1);
    }
  sioscope_recorder_flush (f->recorder);
}

GtkListView *
log_get_list (SioscopeLogView *view)
{
  return GTK_LIST_VIEW (view_find_child (GTK_WIDGET (view), GTK_TYPE_LIST_VIEW));
}

guint
log_get_n_shown (SioscopeLogView *view)
{
  return g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (log_get_list (view))));
}

GtkAdjustment *
log_get_position (SioscopeLogView *view)
{
  return gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (log_get_list (view)));
}

gboolean
log_is_at_bottom (SioscopeLogView *view)
{
  GtkAdjustment *adj = log_get_position (view);

  return gtk_adjustment_get_value (adj) + gtk_adjustment_get_page_size (adj) >= gtk_adjustment_get_upper (adj) - 1;
}

void
log_select (SioscopeLogView *view,
            guint            at)
{
  gtk_selection_model_select_item (gtk_list_view_get_model (log_get_list (view)), at, TRUE);
}

char *
log_dup_row_text (SioscopeLogView *view,
                  guint            at)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (log_get_list (view))); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *row = gtk_widget_get_first_child (child);

      if (SIOSCOPE_IS_LOG_ROW (row) && sioscope_log_row_get_position (SIOSCOPE_LOG_ROW (row)) == at)
        return sioscope_log_row_dup_text_for_tests (SIOSCOPE_LOG_ROW (row));
    }
  return NULL;
}
