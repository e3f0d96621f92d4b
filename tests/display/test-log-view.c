/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The log: what rows say, following, pausing, filters, keys, and answers. */

#include "config.h"

#include "sioscope-filter-entry.h"
#include "sioscope-log-header.h"
#include "sioscope-search-bar.h"
#include "log-view-util.h"

static void
set_up (ViewFixture   *f,
        gconstpointer  data)
{
  view_fixture_init (f);
}

static void
tear_down (ViewFixture   *f,
           gconstpointer  data)
{
  view_fixture_clear (f);
}

static GtkWidget *
find_labelled (GtkWidget  *widget,
               GType       type,
               const char *part)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && gtk_widget_get_mapped (widget))
    {
      const char *label = GTK_IS_BUTTON (widget) ? gtk_button_get_label (GTK_BUTTON (widget))
                                                 : gtk_label_get_label (GTK_LABEL (widget));

      if (label != NULL && strstr (label, part) != NULL)
        return widget;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_labelled (child, type, part);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
assert_some_row (SioscopeLogView *view,
                 const char      *wanted)
{
  g_autoptr(GString) all = g_string_new (NULL);

  for (guint i = 0; i < log_get_n_shown (view); i++)
    {
      g_autofree char *text = log_dup_row_text (view, i);

      if (text != NULL && strstr (text, wanted) != NULL)
        return;
      g_string_append_printf (all, "\n%s", text);
    }
  g_error ("no row says “%s”:%s", wanted, all->str);
}

static void
test_new_destroy (void)
{
  GtkWidget *view = g_object_ref_sink (sioscope_log_view_new ());

  g_assert_finalize_object (view);
}

/* However often the count was told just before: rows in sight are never counted as none. */
static void
test_count (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeLogView *view;

  view_feed_ping (f);
  sioscope_recorder_flush (f->recorder);
  view = log_show (f, 900, 600);
  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_LABEL, "0 of ") != NULL);

  log_feed_ticks (f, 0, 3);
  WAIT_FOR (log_get_n_shown (view) == 3);
  g_assert_null (find_labelled (GTK_WIDGET (view), GTK_TYPE_LABEL, "0 of "));
}

static void
test_story (ViewFixture   *f,
            gconstpointer  data)
{
  int width = GPOINTER_TO_INT (data);
  g_autofree char *name = g_strdup_printf ("log-%d", width);
  SioscopeLogView *view;

  view_feed_story (f);
  view = log_show (f, width, 820);
  WAIT_FOR (log_get_n_shown (view) == 25 && log_is_at_bottom (view));
  view_screenshot (f, name);

  assert_some_row (view, "|/admin|login|{\"user\":\"ada\",\"roles\":[\"admin\",\"operator\"]}|✓ ");
  assert_some_row (view, "|answer to \u2068login\u2069|{\"ok\":true}|after ");
  assert_some_row (view, "|save|{\"draft\":1}|✕ timed out|");
  assert_some_row (view, "|confirm|{\"order\":9}|Reply|");
  assert_some_row (view, "|[1,2,3],null,true|waiting");
  assert_some_row (view, "|evil\\u{202E}gnp.exe|\"\\u{202E} reversed \\u{2028} line\"|");
  assert_some_row (view, "|Connection lost for ");
  assert_some_row (view, "· The connection was cut|");
  assert_some_row (view, "Attempt 1 failed · \u2068Could not connect to localhost");
  assert_some_row (view, "\u2068/orders\u2069 refused us · \u2068not authorized\u2069|{\"code\":403}|");
  assert_some_row (view, "|63 B");
}

static GtkWidget *
find_header (GtkWidget *root)
{
  GtkWidget *found = NULL;

  if (SIOSCOPE_IS_LOG_HEADER (root))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_header (child);
  return found;
}

/* Rows that come never move what is read; the tail is followed only where the person is at the tail. */
static void
test_follow (ViewFixture   *f,
             gconstpointer  data)
{
  SioscopeLogView *view;
  double value;

  log_feed_ticks (f, 0, 500);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 500 && log_is_at_bottom (view));
  g_assert_true (sioscope_log_view_get_following (view));
  log_feed_ticks (f, 500, 100);
  WAIT_FOR (log_get_n_shown (view) == 600 && log_is_at_bottom (view));

  /* Selecting a row stops following and moves nothing. */
  value = gtk_adjustment_get_value (log_get_position (view));
  log_select (view, 590);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 590);
  g_assert_false (sioscope_log_view_get_following (view));
  log_feed_ticks (f, 600, 1204);
  WAIT_FOR (log_get_n_shown (view) == 1804);
  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_BUTTON, "1\u202f204 new") != NULL);
  g_assert_cmpfloat (gtk_adjustment_get_value (log_get_position (view)), ==, value);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 590);
  view_screenshot (f, "log-new-pill");

  /* The pill brings it back, the selection stays. */
  g_signal_emit_by_name (find_labelled (GTK_WIDGET (view), GTK_TYPE_BUTTON, "new"), "clicked");
  WAIT_FOR (log_is_at_bottom (view) && gtk_adjustment_get_value (log_get_position (view)) > value);
  g_assert_true (sioscope_log_view_get_following (view));
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 590);

  /* Scrolling up stops it, scrolling down to the end begins it again. */
  gtk_adjustment_set_value (log_get_position (view), gtk_adjustment_get_value (log_get_position (view)) - 300);
  WAIT_FOR (!sioscope_log_view_get_following (view));
  value = gtk_adjustment_get_value (log_get_position (view));
  log_feed_ticks (f, 1804, 50);
  WAIT_FOR (log_get_n_shown (view) == 1854);
  view_run_ms (50);
  g_assert_cmpfloat (gtk_adjustment_get_value (log_get_position (view)), ==, value);
  gtk_adjustment_set_value (log_get_position (view), gtk_adjustment_get_upper (log_get_position (view)));
  WAIT_FOR (sioscope_log_view_get_following (view));
  log_feed_ticks (f, 1854, 50);
  WAIT_FOR (log_get_n_shown (view) == 1904 && log_is_at_bottom (view));

  /* A bar above the rows that comes or goes, in the very frame in which rows come, ends nothing. */
  for (guint i = 0; i < 4; i++)
    {
      gtk_widget_set_visible (find_header (GTK_WIDGET (view)), i % 2 == 1);
      log_feed_ticks (f, 1904 + i * 50, 50);
      WAIT_FOR (log_get_n_shown (view) == 1954 + i * 50 && log_is_at_bottom (view));
      g_assert_true (sioscope_log_view_get_following (view));
    }
}

/* A recording in memory gives back its oldest rows: who follows goes on following, and nothing is shown twice or twisted. */
static void
test_discard (ViewFixture   *f,
              gconstpointer  data)
{
  SioscopeLogView *view;
  g_autofree char *text = NULL;

  log_feed_ticks (f, 0, 1000);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 1000 && log_is_at_bottom (view));
  sioscope_recorder_discard_before (f->recorder, 400);
  log_feed_ticks (f, 1000, 100);
  WAIT_FOR (log_get_n_shown (view) == 1100 - sioscope_recording_get_first_row (f->recording) && log_is_at_bottom (view));
  view_run_ms (100);
  g_assert_true (sioscope_log_view_get_following (view));
  text = log_dup_row_text (view, log_get_n_shown (view) - 1);
  g_assert_nonnull (strstr (text, "{\"n\":1099}"));
}

static void
test_pause (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeLogView *view;

  log_feed_ticks (f, 0, 100);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 100);
  sioscope_log_view_set_paused (view, TRUE);
  log_feed_ticks (f, 100, 248);
  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_BUTTON, "248 waiting") != NULL);
  g_assert_cmpuint (log_get_n_shown (view), ==, 100);
  view_screenshot (f, "log-paused");
  sioscope_log_view_set_paused (view, FALSE);
  WAIT_FOR (log_get_n_shown (view) == 348 && log_is_at_bottom (view));

  /* End ends a pause too. */
  sioscope_log_view_set_paused (view, TRUE);
  view_send_key (GTK_WIDGET (log_get_list (view)), GDK_KEY_End, 0);
  g_assert_false (sioscope_log_view_get_paused (view));
}

static void
test_filter (ViewFixture   *f,
             gconstpointer  data)
{
  SioscopeLogView *view;

  log_feed_ticks (f, 0, 1000);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 1000);
  log_select (view, 507);

  sioscope_log_view_set_filter_text (view, "TICK-7");
  WAIT_FOR (log_get_n_shown (view) == 100);
  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_LABEL, "100 of 1\u202f000") != NULL);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 507);
  g_assert_true (gtk_selection_model_is_selected (gtk_list_view_get_model (log_get_list (view)), 50));

  /* The selection outlives a filter that hides it. */
  sioscope_log_view_set_filter_text (view, "\"no such thing\"");
  WAIT_FOR (log_get_n_shown (view) == 0);
  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_LABEL, "Nothing in this recording passes the filter") != NULL);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 507);
  view_screenshot (f, "log-no-result");
  g_signal_emit_by_name (find_labelled (GTK_WIDGET (view), GTK_TYPE_BUTTON, "Clear the filter"), "clicked");
  WAIT_FOR (log_get_n_shown (view) == 1000);
  g_assert_true (gtk_selection_model_is_selected (gtk_list_view_get_model (log_get_list (view)), 507));
  /* And what was read is in sight again, not the first row of all. */
  WAIT_FOR (gtk_adjustment_get_value (log_get_position (view)) <= 507 * SIOSCOPE_LOG_ROW_HEIGHT &&
            gtk_adjustment_get_value (log_get_position (view)) + gtk_adjustment_get_page_size (log_get_position (view)) >=
              508 * SIOSCOPE_LOG_ROW_HEIGHT);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find_labelled (GTK_WIDGET (view), GTK_TYPE_TOGGLE_BUTTON, "In")), FALSE);
  WAIT_FOR (log_get_n_shown (view) == 0);
  sioscope_log_view_clear_filter (view);
  WAIT_FOR (log_get_n_shown (view) == 1000);

  /* What is half written changes nothing. */
  sioscope_log_view_set_filter_text (view, "tick-7");
  WAIT_FOR (log_get_n_shown (view) == 100);
  sioscope_log_view_set_filter_text (view, "tick-7 and (");
  view_run_ms (50);
  g_assert_cmpuint (log_get_n_shown (view), ==, 100);
  /* A kind that is named is shown, whatever its chip says. */
  view_feed_ping (f);
  sioscope_recorder_flush (f->recorder);
  sioscope_log_view_set_filter_text (view, "kind:ping");
  WAIT_FOR (log_get_n_shown (view) == 2);
  sioscope_log_view_clear_filter (view);
  WAIT_FOR (log_get_n_shown (view) == 1000);

  /* A filter works on what is there even while the view is paused. */
  sioscope_log_view_set_paused (view, TRUE);
  sioscope_log_view_set_filter_text (view, "tick-3");
  WAIT_FOR (log_get_n_shown (view) == 100);
}

/* The number in the row at the top, and how far it is cut off. */
static int
get_top (SioscopeLogView *view,
         double          *offset)
{
  double value = gtk_adjustment_get_value (log_get_position (view));
  guint at = (guint) (value / SIOSCOPE_LOG_ROW_HEIGHT);
  g_autofree char *text = log_dup_row_text (view, at);
  const char *number = text != NULL ? strstr (text, "{\"n\":") : NULL;

  *offset = value - at * SIOSCOPE_LOG_ROW_HEIGHT;
  return number != NULL ? atoi (number + 5) : -1;
}

/* The newest rows are there at once; what is found after them comes in front, and what is read stays where it is. */
static void
test_older (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeLogView *view;
  double offset, offset_before;
  int top;

  log_feed_ticks (f, 0, 400000);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 400000 && log_is_at_bottom (view));
  gtk_adjustment_set_value (log_get_position (view), gtk_adjustment_get_value (log_get_position (view)) - 333);
  WAIT_FOR (!sioscope_log_view_get_following (view));
  log_select (view, 399980);

  sioscope_log_view_set_filter_text (view, "/tick-[0-9]/");
  WAIT_FOR (log_get_n_shown (view) < 300000);
  WAIT_FOR (log_get_n_shown (view) > 300 && gtk_selection_model_is_selected (gtk_list_view_get_model (log_get_list (view)),
                                                                              log_get_n_shown (view) - 20));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (view));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (view));
  top = get_top (view, &offset_before);
  g_assert_cmpint (top, >, 399900);
  while (log_get_n_shown (view) < 400000)
    {
      gtk_test_widget_wait_for_draw (GTK_WIDGET (view));
      g_assert_cmpint (get_top (view, &offset), ==, top);
      g_assert_cmpfloat (ABS (offset - offset_before), <=, 1);
    }
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 399980);
  g_assert_false (sioscope_log_view_get_following (view));

  /* Who stands at the end stays there. */
  sioscope_log_view_follow (view);
  WAIT_FOR (log_is_at_bottom (view));
  sioscope_log_view_set_filter_text (view, "/tick-[1-9]/");
  WAIT_FOR (log_get_n_shown (view) == 360000);
  WAIT_FOR (log_is_at_bottom (view));
  g_assert_true (sioscope_log_view_get_following (view));
}

static SioscopeSearchBar *
open_search (SioscopeLogView *view,
             const char      *line)
{
  SioscopeSearchBar *bar;

  sioscope_log_view_focus_search (view);
  bar = SIOSCOPE_SEARCH_BAR (view_find_child (GTK_WIDGET (view), SIOSCOPE_TYPE_SEARCH_BAR));
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (bar)));
  gtk_editable_set_text (GTK_EDITABLE (view_find_child (GTK_WIDGET (bar), GTK_TYPE_SEARCH_ENTRY)), line);
  return bar;
}

/* Searching hides nothing: it says how many there are, goes from one to the next, and begins again at the end. */
static void
test_search (ViewFixture   *f,
             gconstpointer  data)
{
  SioscopeLogView *view;
  SioscopeSearchBar *bar;
  GtkWidget *entry;

  log_feed_ticks (f, 0, 1000);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 1000);
  log_select (view, 505);
  bar = open_search (view, "TICK-7");
  entry = view_find_child (GTK_WIDGET (bar), GTK_TYPE_SEARCH_ENTRY);
  WAIT_FOR (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "100 matches") != NULL);
  g_assert_cmpuint (log_get_n_shown (view), ==, 1000);

  gtk_widget_activate_action (GTK_WIDGET (view), "search.next", NULL);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 507);
  g_assert_nonnull (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "51 of 100"));
  WAIT_FOR (gtk_adjustment_get_value (log_get_position (view)) <= 507 * SIOSCOPE_LOG_ROW_HEIGHT);
  view_screenshot (f, "log-search");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 517);
  view_send_key (entry, GDK_KEY_Return, GDK_SHIFT_MASK);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 507);
  gtk_widget_activate_action (GTK_WIDGET (view), "search.previous", NULL);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 497);

  /* Round it goes, and says so. */
  sioscope_log_view_set_selected_row (view, 998);
  gtk_widget_activate_action (GTK_WIDGET (view), "search.next", NULL);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 7);
  g_assert_nonnull (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "1 of 100, from the top again"));
  gtk_widget_activate_action (GTK_WIDGET (view), "search.previous", NULL);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 997);
  g_assert_nonnull (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "100 of 100, from the end again"));

  /* Within what is shown, and what comes counts too. */
  sioscope_log_view_set_filter_text (view, "{\"n\":99");
  WAIT_FOR (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "1 of 1") != NULL);
  log_feed_ticks (f, 9907, 1);
  WAIT_FOR (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "1 of 2") != NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "no-such");
  WAIT_FOR (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "No match") != NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "size:large");
  WAIT_FOR (find_labelled (GTK_WIDGET (bar), GTK_TYPE_LABEL, "xpected") != NULL);

  g_signal_emit_by_name (entry, "stop-search");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (bar)));
  gtk_widget_activate_action (GTK_WIDGET (view), "search.next", NULL);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 997);
}

static void
test_empty (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeLogView *view = log_show (f, 900, 500);

  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_LABEL, "Nothing has happened yet.") != NULL);
  sioscope_recorder_finish (f->recorder);
  sioscope_log_view_set_projection (view, NULL);
  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_LABEL, "No recording is open.") != NULL);
  sioscope_log_view_set_projection (view, f->projection);
  WAIT_FOR (find_labelled (GTK_WIDGET (view), GTK_TYPE_LABEL, "This recording is empty.") != NULL);
  view_screenshot (f, "log-empty");
}

static void
text_read_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  *(char **) data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
assert_clipboard (SioscopeLogView *view,
                  const char      *wanted)
{
  g_autofree char *text = NULL;

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (view)), NULL, text_read_cb, &text);
  WAIT_FOR (text != NULL);
  g_assert_cmpstr (text, ==, wanted);
}

static void
reply_cb (SioscopeLogView *view,
          guint64          row,
          guint64         *seen)
{
  *seen = row;
}

/* As a press of the first button, for what comes before the list's own doings. */
static void
press (GtkWidget *list,
       double     x,
       double     y)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (list);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_GESTURE_CLICK (controller) && gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == GDK_BUTTON_PRIMARY
          && gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE)
        {
          g_signal_emit_by_name (controller, "pressed", 1, x, y);
          n++;
        }
    }
  g_assert_cmpuint (n, ==, 1);
}

/* At how many places of the line, every four pixels, a press asks for a reply to row 3; elsewhere it asks for none. */
static int
count_replies (GtkWidget *list,
               guint      line,
               int        from,
               int        to,
               guint64   *seen)
{
  int n = 0;

  for (int x = from; x < to; x += 4)
    {
      *seen = SIOSCOPE_NO_ROW;
      press (list, x, (line + 0.5) * SIOSCOPE_LOG_ROW_HEIGHT);
      if (*seen != SIOSCOPE_NO_ROW)
        {
          g_assert_cmpuint (*seen, ==, 3);
          n++;
        }
    }
  return n;
}

/* Reply is pressed where it stands, and nowhere else in its row or in those beside it. */
static void
test_press (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeLogView *view;
  GtkWidget *list;
  guint64 seen;
  int width;

  log_feed_ticks (f, 0, 3);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/admin", "confirm", "{\"order\": 9}", 4);
  sioscope_recorder_flush (f->recorder);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 4);
  list = GTK_WIDGET (log_get_list (view));
  width = gtk_widget_get_width (list);
  g_signal_connect (view, "activate-reply", G_CALLBACK (reply_cb), &seen);

  /* Where it is is known when it has been drawn. */
  WAIT_FOR (count_replies (list, 3, width / 2, width, &seen) > 0);
  g_assert_cmpint (count_replies (list, 3, width / 2, width, &seen), <, 40);
  g_assert_cmpint (count_replies (list, 3, 0, width / 2, &seen), ==, 0);
  for (guint line = 0; line < 6; line++)
    if (line != 3)
      g_assert_cmpint (count_replies (list, line, 0, width, &seen), ==, 0);
}

static void
test_keys (ViewFixture   *f,
           gconstpointer  data)
{
  SioscopeLogView *view;
  GtkWidget *list;
  guint64 seen = SIOSCOPE_NO_ROW;

  log_feed_ticks (f, 0, 3);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/admin", "confirm", "{\"order\": 9}", 4);
  sioscope_recorder_flush (f->recorder);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 4);
  list = GTK_WIDGET (log_get_list (view));
  g_signal_connect (view, "activate-reply", G_CALLBACK (reply_cb), &seen);

  log_select (view, 1);
  view_send_key (list, GDK_KEY_c, GDK_CONTROL_MASK);
  assert_clipboard (view, "42[\"tick-1\",{\"n\":1}]");
  view_send_key (list, GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK);
  assert_clipboard (view, "{\"n\":1}");

  /* Enter on an event that waits for an answer; other rows have none to give. */
  g_signal_emit_by_name (list, "activate", 0);
  g_assert_cmpuint (seen, ==, SIOSCOPE_NO_ROW);
  g_signal_emit_by_name (list, "activate", 3);
  g_assert_cmpuint (seen, ==, 3);
  seen = SIOSCOPE_NO_ROW;
  log_select (view, 3);
  gtk_widget_activate_action (GTK_WIDGET (view), "row.reply", NULL);
  g_assert_cmpuint (seen, ==, 3);

  view_send_key (list, GDK_KEY_Menu, 0);
  WAIT_FOR (view_find_child (GTK_WIDGET (view), GTK_TYPE_POPOVER_MENU) != NULL);
  gtk_popover_popdown (GTK_POPOVER (view_find_child (GTK_WIDGET (view), GTK_TYPE_POPOVER_MENU)));

  gtk_widget_activate_action (GTK_WIDGET (view), "row.filter-namespace", NULL);
  WAIT_FOR (log_get_n_shown (view) == 1);
  gtk_widget_activate_action (GTK_WIDGET (view), "row.filter-event", NULL);
  g_assert_cmpstr (sioscope_filter_entry_get_text (SIOSCOPE_FILTER_ENTRY (view_find_child (GTK_WIDGET (view), SIOSCOPE_TYPE_FILTER_ENTRY))), ==,
                   "event:\"confirm\"");
  WAIT_FOR (log_get_n_shown (view) == 1);

  sioscope_log_view_show_row (view, 0);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (view), ==, 0);
}

/* A missed event says that it was replayed as soon as the answer to CONNECT does. */
static void
test_replayed (ViewFixture   *f,
               gconstpointer  data)
{
  SioTapSocketEvent event = { .change = SIO_TAP_SOCKET_CONNECTING, .nsp = "/" };
  SioscopeLogView *view;

  SIO_TAP_GET_IFACE (f->recorder)->socket (SIO_TAP (f->recorder), &event);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "missed", "1", -1);
  view_fixture_publish (f);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 2);
  assert_some_row (view, "|missed|1|");

  event.change = SIO_TAP_SOCKET_CONNECTED;
  event.reason = "s";
  event.recovered = TRUE;
  SIO_TAP_GET_IFACE (f->recorder)->socket (SIO_TAP (f->recorder), &event);
  view_fixture_publish (f);
  WAIT_FOR (log_get_n_shown (view) == 3);
  assert_some_row (view, "|missed|replayed · 1|");
}

/* The state of an ack changes at the row of its event, while it is shown. */
static void
test_ack (ViewFixture   *f,
          gconstpointer  data)
{
  SioscopeLogView *view;
  g_autofree char *text = NULL;

  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/", "login", "1", 7);
  sioscope_recorder_flush (f->recorder);
  view = log_show (f, 900, 500);
  WAIT_FOR (log_get_n_shown (view) == 1);
  text = log_dup_row_text (view, 0);
  g_assert_nonnull (strstr (text, "|login|1|waiting|"));
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/", NULL, "true", 7);
  sioscope_recorder_flush (f->recorder);
  WAIT_FOR (log_get_n_shown (view) == 2);
  g_free (text);
  text = log_dup_row_text (view, 0);
  g_assert_nonnull (strstr (text, "|login|1|✓ "));
}

int
main (int   argc,
      char *argv[])
{
  view_test_init (&argc, &argv);
  g_test_add_func ("/log-view/new-destroy", test_new_destroy);
  g_test_add ("/log-view/count", ViewFixture, NULL, set_up, test_count, tear_down);
  g_test_add ("/log-view/story/900", ViewFixture, GINT_TO_POINTER (900), set_up, test_story, tear_down);
  g_test_add ("/log-view/story/1600", ViewFixture, GINT_TO_POINTER (1600), set_up, test_story, tear_down);
  g_test_add ("/log-view/story/480", ViewFixture, GINT_TO_POINTER (480), set_up, test_story, tear_down);
  g_test_add ("/log-view/follow", ViewFixture, NULL, set_up, test_follow, tear_down);
  g_test_add ("/log-view/discard", ViewFixture, NULL, set_up, test_discard, tear_down);
  g_test_add ("/log-view/pause", ViewFixture, NULL, set_up, test_pause, tear_down);
  g_test_add ("/log-view/filter", ViewFixture, NULL, set_up, test_filter, tear_down);
  g_test_add ("/log-view/older", ViewFixture, NULL, set_up, test_older, tear_down);
  g_test_add ("/log-view/search", ViewFixture, NULL, set_up, test_search, tear_down);
  g_test_add ("/log-view/empty", ViewFixture, NULL, set_up, test_empty, tear_down);
  g_test_add ("/log-view/press", ViewFixture, NULL, set_up, test_press, tear_down);
  g_test_add ("/log-view/keys", ViewFixture, NULL, set_up, test_keys, tear_down);
  g_test_add ("/log-view/replayed", ViewFixture, NULL, set_up, test_replayed, tear_down);
  g_test_add ("/log-view/ack", ViewFixture, NULL, set_up, test_ack, tear_down);
  return g_test_run ();
}
