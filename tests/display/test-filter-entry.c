/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The filter's line, alone in a window: what it tells, when a mistake is said, and what is offered while one types. */

#include "config.h"

#include "sioscope-filter-entry.h"
#include "view-util.h"

typedef struct {
  ViewFixture          view;
  SioscopeFilterEntry *entry;
  GtkEntry            *line;
  GtkText             *text;
  GtkLabel            *mistake;
  GtkPopover          *popover;
  GtkListBox          *offers;
  guint                n_changed;
  guint                n_activate;
  guint                n_stop;
} Fixture;

static void
count_cb (guint *n)
{
  (*n)++;
}

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  view_fixture_init (&f->view);
  view_feed_open (&f->view, SIO_TRANSPORT_KIND_WEBSOCKET);
  view_feed_packet (&f->view, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "chat", "1", -1);
  view_feed_packet (&f->view, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "two words", "2", -1);
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *name = g_strdup_printf ("tick%u", i);

      view_feed_packet (&f->view, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", name, "3", -1);
    }
  view_fixture_publish (&f->view);

  f->entry = SIOSCOPE_FILTER_ENTRY (sioscope_filter_entry_new ());
  sioscope_filter_entry_set_recording (f->entry, f->view.recording);
  g_signal_connect_swapped (f->entry, "changed", G_CALLBACK (count_cb), &f->n_changed);
  g_signal_connect_swapped (f->entry, "activate", G_CALLBACK (count_cb), &f->n_activate);
  g_signal_connect_swapped (f->entry, "stop", G_CALLBACK (count_cb), &f->n_stop);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (f->entry));
  view_fixture_show (&f->view, box, 500, 400);
  f->line = GTK_ENTRY (view_find_child (GTK_WIDGET (f->entry), GTK_TYPE_ENTRY));
  f->text = GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (f->line)));
  f->mistake = GTK_LABEL (gtk_widget_get_next_sibling (GTK_WIDGET (f->line)));
  f->popover = GTK_POPOVER (view_find_child (GTK_WIDGET (f->entry), GTK_TYPE_POPOVER));
  f->offers = GTK_LIST_BOX (view_find_child (GTK_WIDGET (f->popover), GTK_TYPE_LIST_BOX));
  gtk_widget_grab_focus (GTK_WIDGET (f->entry));
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (f->text)));
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  view_fixture_clear (&f->view);
}

/* As a keyboard does: at the cursor. */
static void
type (Fixture    *f,
      const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      g_autofree char *c = g_strndup (p, (gsize) (g_utf8_next_char (p) - p));
      int position = gtk_editable_get_position (GTK_EDITABLE (f->line));

      gtk_editable_insert_text (GTK_EDITABLE (f->line), c, -1, &position);
      gtk_editable_set_position (GTK_EDITABLE (f->line), position);
    }
}

static void
press (Fixture *f,
       guint    keyval)
{
  view_send_key (GTK_WIDGET (f->line), keyval, 0);
}

static gboolean
is_offering (Fixture *f)
{
  return gtk_widget_get_visible (GTK_WIDGET (f->popover));
}

static const char *
get_offer (Fixture *f,
           int      i)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (f->offers, i);

  return row != NULL ? gtk_label_get_text (GTK_LABEL (gtk_list_box_row_get_child (row))) : NULL;
}

static void
test_changed (Fixture       *f,
              gconstpointer  data)
{
  g_autoptr(SioscopeFilter) filter = sioscope_filter_entry_get_filter (f->entry);

  g_assert_true (sioscope_filter_is_everything (filter));
  g_assert_cmpuint (f->n_changed, ==, 0);
  sioscope_filter_entry_set_text (f->entry, "hello");
  g_assert_cmpuint (f->n_changed, ==, 1);
  sioscope_filter_entry_set_text (f->entry, "  hello ");
  g_assert_cmpuint (f->n_changed, ==, 1);
  sioscope_filter_entry_set_text (f->entry, "(hello) ");
  g_assert_cmpuint (f->n_changed, ==, 1);
  sioscope_filter_entry_set_text (f->entry, NULL);
  g_assert_cmpuint (f->n_changed, ==, 2);
  g_assert_cmpstr (sioscope_filter_entry_get_text (f->entry), ==, "");
  g_assert_false (is_offering (f));
}

static void
test_mistake (Fixture       *f,
              gconstpointer  data)
{
  PangoAttrIterator *iter;
  gboolean marked = FALSE;

  sioscope_filter_entry_set_text (f->entry, "chat");
  g_assert_cmpuint (f->n_changed, ==, 1);
  sioscope_filter_entry_set_text (f->entry, "chat size:big");
  g_assert_null (sioscope_filter_entry_get_filter (f->entry));
  /* What is shown stays, and a person who is still typing is left alone. */
  g_assert_cmpuint (f->n_changed, ==, 1);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->mistake)));
  WAIT_FOR (gtk_widget_get_visible (GTK_WIDGET (f->mistake)));
  g_assert_cmpstr (gtk_label_get_text (f->mistake), ==, "Column 11: expected a size such as >1k or 1k..2M");
  gtk_test_accessible_assert_state (f->text, GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);
  gtk_test_accessible_assert_property (f->text, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, gtk_label_get_text (f->mistake));
  iter = pango_attr_list_get_iterator (gtk_entry_get_attributes (f->line));
  do
    {
      int start, end;

      pango_attr_iterator_range (iter, &start, &end);
      if (pango_attr_iterator_get (iter, PANGO_ATTR_UNDERLINE) == NULL)
        continue;
      g_assert_cmpint (start, ==, 10);
      g_assert_cmpint (end, ==, 13);
      marked = TRUE;
    }
  while (pango_attr_iterator_next (iter));
  pango_attr_iterator_destroy (iter);
  g_assert_true (marked);
  view_screenshot (&f->view, "filter-entry-mistake");

  sioscope_filter_entry_set_text (f->entry, "chat size:1k");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->mistake)));
  gtk_test_accessible_assert_state (f->text, GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_FALSE);
  g_assert_cmpuint (f->n_changed, ==, 2);

  /* Who asks is told at once. */
  sioscope_filter_entry_set_text (f->entry, "(chat");
  g_signal_emit_by_name (f->line, "activate");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (f->mistake)));
  g_assert_cmpuint (f->n_activate, ==, 1);
}

static void
test_offers (Fixture       *f,
             gconstpointer  data)
{
  type (f, "ev");
  g_assert_true (is_offering (f));
  g_assert_cmpstr (get_offer (f, 0), ==, "event:");
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (f->text)));
  press (f, GDK_KEY_Tab);
  g_assert_cmpstr (sioscope_filter_entry_get_text (f->entry), ==, "event:");
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (f->text)));
  g_assert_true (is_offering (f));
  g_assert_cmpstr (get_offer (f, 0), ==, "chat");
  view_run_ms (100);
  view_screenshot (&f->view, "filter-entry-offers");

  /* Typing goes on as if nothing were there. */
  type (f, "wor");
  g_assert_cmpstr (get_offer (f, 0), ==, "\"two words\"");
  g_assert_null (get_offer (f, 1));
  press (f, GDK_KEY_Down);
  press (f, GDK_KEY_Return);
  g_assert_cmpstr (sioscope_filter_entry_get_text (f->entry), ==, "event:\"two words\" ");
  g_assert_false (is_offering (f));
  g_assert_cmpuint (f->n_activate, ==, 0);
  g_assert_nonnull (sioscope_filter_entry_get_filter (f->entry));
}

static void
test_keys (Fixture       *f,
           gconstpointer  data)
{
  type (f, "event:tick");
  g_assert_true (is_offering (f));
  g_assert_cmpstr (get_offer (f, 11), ==, "tick11");
  /* Nothing is taken that was not chosen. */
  press (f, GDK_KEY_Down);
  press (f, GDK_KEY_Down);
  press (f, GDK_KEY_Up);
  press (f, GDK_KEY_Up);
  g_assert_null (gtk_list_box_get_selected_row (f->offers));
  for (guint i = 0; i < 12; i++)
    press (f, GDK_KEY_Down);
  g_assert_cmpint (gtk_list_box_row_get_index (gtk_list_box_get_selected_row (f->offers)), ==, 11);
  press (f, GDK_KEY_Escape);
  WAIT_FOR (!is_offering (f));
  g_assert_cmpstr (sioscope_filter_entry_get_text (f->entry), ==, "event:tick");
  press (f, GDK_KEY_Escape);
  g_assert_cmpstr (sioscope_filter_entry_get_text (f->entry), ==, "");
  g_assert_cmpuint (f->n_stop, ==, 0);
  press (f, GDK_KEY_Escape);
  g_assert_cmpuint (f->n_stop, ==, 1);

  /* What is missing is not said before one has stopped choosing. */
  type (f, "event:");
  view_run_ms (700);
  g_assert_true (is_offering (f));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->mistake)));
  press (f, GDK_KEY_Escape);
  WAIT_FOR (gtk_widget_get_visible (GTK_WIDGET (f->mistake)));
  press (f, GDK_KEY_Escape);

  type (f, "kind:p");
  g_assert_cmpstr (get_offer (f, 0), ==, "packet");
  g_assert_cmpstr (get_offer (f, 1), ==, "ping");
  g_signal_emit_by_name (f->offers, "row-activated", gtk_list_box_get_row_at_index (f->offers, 1));
  g_assert_cmpstr (sioscope_filter_entry_get_text (f->entry), ==, "kind:ping ");
}

/* Who knows nothing of the language finds its keys, and who has written a term the others. */
static void
test_asked (Fixture       *f,
            gconstpointer  data)
{
  GtkWidget *scroller;
  int height, needed;

  g_assert_false (is_offering (f));
  press (f, GDK_KEY_Down);
  g_assert_true (is_offering (f));
  g_assert_cmpstr (get_offer (f, 0), ==, "event:");
  press (f, GDK_KEY_Return);
  g_assert_cmpstr (sioscope_filter_entry_get_text (f->entry), ==, "event:");

  sioscope_filter_entry_set_text (f->entry, "hello ");
  g_assert_false (is_offering (f));
  press (f, GDK_KEY_Down);
  g_assert_true (is_offering (f));
  g_assert_cmpstr (get_offer (f, 0), ==, "event:");
  press (f, GDK_KEY_Escape);
  WAIT_FOR (!is_offering (f));

  /* One offer is no higher than itself. */
  sioscope_filter_entry_set_text (f->entry, NULL);
  type (f, "lat");
  g_assert_cmpstr (get_offer (f, 0), ==, "latency:");
  g_assert_null (get_offer (f, 1));
  scroller = gtk_widget_get_ancestor (GTK_WIDGET (f->offers), GTK_TYPE_SCROLLED_WINDOW);
  gtk_widget_measure (scroller, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (f->offers), GTK_ORIENTATION_VERTICAL, -1, NULL, &needed, NULL, NULL);
  g_assert_cmpint (height, ==, needed);
}

int
main (int    argc,
      char **argv)
{
  view_test_init (&argc, &argv);

  g_test_add ("/display/filter-entry/changed", Fixture, NULL, set_up, test_changed, tear_down);
  g_test_add ("/display/filter-entry/mistake", Fixture, NULL, set_up, test_mistake, tear_down);
  g_test_add ("/display/filter-entry/offers", Fixture, NULL, set_up, test_offers, tear_down);
  g_test_add ("/display/filter-entry/keys", Fixture, NULL, set_up, test_keys, tear_down);
  g_test_add ("/display/filter-entry/asked", Fixture, NULL, set_up, test_asked, tear_down);

  return g_test_run ();
}
