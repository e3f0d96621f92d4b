/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of events: alone over recordings of any size and content, and in the window over the demo. */

#include "config.h"

#include "sioscope-events-item.h"
#include "sioscope-events-list.h"
#include "sioscope-filter-entry.h"
#include "sioscope-filter.h"
#include "sioscope-recorder.h"
#include "window-util.h"

typedef struct {
  SioscopeRecording *recording;
  SioscopeRecorder *recorder;
  GtkWindow *window;
  SioscopeEventsList *list;
} Fixture;

static void
set_up (Fixture *f)
{
  f->recording = sioscope_recording_new (NULL, "http://localhost:3000/");
  f->recorder = sioscope_recorder_new (f->recording);
  f->list = g_object_new (SIOSCOPE_TYPE_EVENTS_LIST, NULL);
  f->window = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (f->window, 600, 420);
  gtk_window_set_child (f->window, GTK_WIDGET (f->list));
}

static gboolean
is_gone (GWeakRef *weak)
{
  g_autoptr (GObject) object = g_weak_ref_get (weak);

  return object == NULL;
}

static void
tear_down (Fixture *f)
{
  gpointer alive = f->list;
  GWeakRef recording;

  sioscope_recorder_finish (f->recorder);
  g_object_add_weak_pointer (G_OBJECT (f->list), &alive);
  gtk_window_destroy (f->window);
  WAIT_FOR (alive == NULL);
  g_clear_object (&f->recorder);
  /* The thread that counted may be the last to let go of it. */
  g_weak_ref_init (&recording, f->recording);
  g_clear_object (&f->recording);
  WAIT_FOR (is_gone (&recording));
  g_weak_ref_clear (&recording);
}

static void
feed (Fixture *f, SioDirection direction, SioPacketType type, SioSpan nsp, SioSpan event, gint64 id)
{
  SioTapPacket packet = {
    .direction = direction, .transport = SIO_TRANSPORT_KIND_WEBSOCKET, .type = type, .raw = SIO_SPAN_LITERAL ("42[…]"),
    .nsp = nsp, .event = event, .id = id,
  };

  SIO_TAP_GET_IFACE (f->recorder)->packet (SIO_TAP (f->recorder), &packet);
}

static void
feed_event (Fixture *f, SioDirection direction, const char *nsp, const char *token, gint64 id)
{
  feed (f, direction, SIO_PACKET_EVENT, (SioSpan) { nsp, strlen (nsp) }, (SioSpan) { token, strlen (token) }, id);
}

/* What the list says, without the rates, which change with the time. (transfer full) (nullable) */
static char *
dup_text (SioscopeEventsList *list)
{
  g_autofree char *shown = sioscope_events_list_dup_text_for_tests (list);
  g_auto (GStrv) lines = shown != NULL ? g_strsplit (shown, "\n", -1) : NULL;

  if (shown == NULL)
    return NULL;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "|", -1);

      if (g_strv_length (parts) != 6)
        continue;
      g_assert_cmpuint (strlen (parts[4]), >, 0);
      g_free (lines[i]);
      lines[i] = g_strjoin ("|", parts[0], parts[1], parts[2], parts[3], parts[5], NULL);
    }
  return g_strjoinv ("\n", lines);
}

static gboolean
says (Fixture *f, const char *text)
{
  g_autofree char *shown = dup_text (f->list);

  return shown != NULL && strstr (shown, text) != NULL;
}

static void
show (Fixture *f)
{
  sioscope_recorder_flush (f->recorder);
  sioscope_events_list_set_recording (f->list, f->recording);
  gtk_window_present (f->window);
  WAIT_FOR (gtk_widget_get_mapped (GTK_WIDGET (f->list)));
}

static void
test_new_destroy (void)
{
  GtkWidget *list = g_object_ref_sink (g_object_new (SIOSCOPE_TYPE_EVENTS_LIST, NULL));

  g_assert_finalize_object (list);
}

static void
test_empty (void)
{
  Fixture f;

  set_up (&f);
  gtk_window_present (f.window);
  WAIT_FOR (says (&f, "Nothing is recorded yet."));
  g_assert_false (sioscope_events_list_get_counting_for_tests (f.list));
  show (&f);
  WAIT_FOR (says (&f, "No events yet.\nEach name gets a line here"));
  /* What comes is listed by itself. */
  feed_event (&f, SIO_DIRECTION_IN, "/", "\"tick\"", -1);
  sioscope_recorder_flush (f.recorder);
  WAIT_FOR (says (&f, "/|tick|in|1|–\n"));
  WAIT_FOR (says (&f, "Rates are those of the last five seconds"));
  tear_down (&f);
}

/* Namespace by namespace, each in the order of first events, and what is new takes its place without the others moving. */
static void
test_lines (void)
{
  Fixture f;

  set_up (&f);
  feed_event (&f, SIO_DIRECTION_IN, "/", "\"tick\"", -1);
  feed_event (&f, SIO_DIRECTION_OUT, "/admin", "\"login\"", 7);
  feed (&f, SIO_DIRECTION_IN, SIO_PACKET_ACK, SIO_SPAN_LITERAL ("/admin"), (SioSpan) { 0 }, 7);
  feed_event (&f, SIO_DIRECTION_OUT, "/", "\"tick\"", -1);
  feed_event (&f, SIO_DIRECTION_IN, "/", "\"tick\"", -1);
  show (&f);
  WAIT_FOR (says (&f, "/|tick|in|2|–\n/|tick|out|1|–\n/admin|login|out|1|"));
  feed_event (&f, SIO_DIRECTION_IN, "/", "\"chat \\u00e9\"", -1);
  sioscope_recorder_flush (f.recorder);
  WAIT_FOR (says (&f, "/|tick|in|2|–\n/|tick|out|1|–\n/|chat é|in|1|–\n/admin|login|out|1|"));

  g_assert_false (says (&f, "/admin|login|out|1|–"));

  /* Nothing is counted while nobody looks, and it begins anew when somebody does. */
  gtk_widget_set_visible (GTK_WIDGET (f.list), FALSE);
  g_assert_false (sioscope_events_list_get_counting_for_tests (f.list));
  feed_event (&f, SIO_DIRECTION_OUT, "/", "\"late\"", -1);
  sioscope_recorder_flush (f.recorder);
  gtk_widget_set_visible (GTK_WIDGET (f.list), TRUE);
  WAIT_FOR (says (&f, "/|late|out|1|–\n"));

  /* Of a file: the whole of it. */
  sioscope_recorder_finish (f.recorder);
  WAIT_FOR (says (&f, "Rates are those of the whole recording"));
  tear_down (&f);
}

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

/* More names than have a place: those with most events are listed, the rest is said. */
static void
test_many (void)
{
  Fixture f;
  g_autofree char *text = NULL;

  set_up (&f);
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *token = g_strdup_printf ("\"event %04u\"", i);

      for (guint j = 0; j < (i >= 1600 ? 2 : 1); j++)
        feed_event (&f, SIO_DIRECTION_IN, "/", token, -1);
    }
  show (&f);
  WAIT_FOR (says (&f, "1 500 rarer ones are not listed: 1 500 events together."));
  text = dup_text (f.list);
  /* The status, the lines, the rest. */
  g_assert_cmpuint (count_lines (text), ==, 1 + SIOSCOPE_EVENTS_MAX_LINES + 1);
  g_assert_nonnull (strstr (text, "|event 1999|in|2|–"));
  g_assert_nonnull (strstr (text, "|event 1600|in|2|"));
  g_assert_nonnull (strstr (text, "|event 0099|in|1|"));
  g_assert_null (strstr (text, "|event 0100|"));
  tear_down (&f);
}

static gint64 longest_gap_us;
static gint64 last_beat_us;

static gboolean
beat_cb (gpointer data)
{
  gint64 now = test_get_work_us ();

  longest_gap_us = MAX (longest_gap_us, now - last_beat_us);
  last_beat_us = now;
  return G_SOURCE_CONTINUE;
}

/* A million rows are counted beside the main thread; and closing the list in the middle is the end of it. */
static void
test_million (void)
{
  Fixture f;
  guint beat;

  set_up (&f);
  for (guint i = 0; i < 1000000; i++)
    feed_event (&f, SIO_DIRECTION_IN, "/", i % 3 == 0 ? "\"tick\"" : "\"tock\"", -1);
  sioscope_recorder_flush (f.recorder);
  last_beat_us = test_get_work_us ();
  longest_gap_us = 0;
  beat = g_timeout_add_full (G_PRIORITY_HIGH, 2, beat_cb, NULL, NULL);
  for (guint i = 0; i < 3; i++)
    {
      show (&f);
      gtk_widget_set_visible (GTK_WIDGET (f.list), FALSE);
      g_assert_false (sioscope_events_list_get_counting_for_tests (f.list));
      gtk_widget_set_visible (GTK_WIDGET (f.list), TRUE);
    }
  WAIT_FOR (says (&f, "/|tick|in|333 334|"));
  WAIT_FOR (says (&f, "/|tock|in|666 666|"));
  g_source_remove (beat);
  g_test_message ("longest stall %.0f ms", (double) longest_gap_us / 1000);
  g_assert_cmpint (longest_gap_us, <, 500000);
  tear_down (&f);
}

/* What a click asks for is of the language, finds exactly that event, and has nothing invisible in it. */
static void
test_filters (void)
{
  static const struct { const char *nsp; const char *token; const char *line; } cases[] = {
    { "/", "\"tick\"", "event:\"tick\" ns:\"/\"" },
    { "/room-*", "\"a*b, (c) or not\"", "event:\"a*b, (c) or not\" ns:\"/room-*\"" },
    { "/a\"b\\c", "\"say \\\"hi\\\" \\\\ \\u00e9\"", "event:\"say \\\"hi\\\" \\\\ \\u00e9\" ns:\"/a\\\"b\\\\c\"" },
    { "/", "\"\xe2\x80\xae" "fdp\"", "event:\"\\u202efdp\" ns:\"/\"" },
    { "/", "\"\xf3\xa0\x80\x81" "tag\"", "event:\"\\udb40\\udc01tag\" ns:\"/\"" },
    { "/\xe2\x80\xa8x", "\"l\"", "event:\"l\" ns:\"/\\u2028x\"" },
    { "/", "\"/regex/\"", "event:\"/regex/\" ns:\"/\"" },
    { "/", "42", "event:\"42\" ns:\"/\"" },
  };
  Fixture f;

  set_up (&f);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    feed_event (&f, SIO_DIRECTION_IN, cases[i].nsp, cases[i].token, -1);
  sioscope_recorder_flush (f.recorder);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = sioscope_events_dup_filter (f.recording, sioscope_recording_get_name_number (f.recording, i));
      g_autoptr (SioscopeFilter) filter = NULL;
      g_autoptr (SioscopeMatcher) matcher = NULL;

      g_assert_cmpstr (line, ==, cases[i].line);
      filter = sioscope_filter_new (line, NULL, NULL);
      g_assert_nonnull (filter);
      matcher = sioscope_matcher_new (filter, f.recording, NULL);
      for (guint row = 0; row < G_N_ELEMENTS (cases); row++)
        if (sioscope_matcher_wants (matcher, row) != (row == i))
          g_error ("%s: row %u", line, row);
    }
  g_assert_null (sioscope_events_dup_filter (f.recording, SIOSCOPE_NAME_UNNUMBERED));
  tear_down (&f);
}

static GtkWidget *
find_list (SioscopeWindow *window)
{
  return window_util_find (GTK_WIDGET (window), "SioscopeEventsList", "events");
}

static gboolean
list_says (SioscopeWindow *window, const char *text)
{
  g_autofree char *shown = sioscope_events_list_dup_text_for_tests (SIOSCOPE_EVENTS_LIST (find_list (window)));

  return shown != NULL && strstr (shown, text) != NULL;
}

/* Into screenshots/NAME.png of the suite's build folder: a popover is a surface of its own. */
static void
picture (GtkWidget *popover, const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.png", name);
  g_autofree char *path = g_build_filename (g_test_get_dir (G_TEST_BUILT), "display", "screenshots", file, NULL);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (popover);
  int width, height;

  for (guint i = 0; i < 3; i++)
    {
      gtk_widget_queue_draw (popover);
      gtk_test_widget_wait_for_draw (popover);
    }
  width = gdk_paintable_get_intrinsic_width (paintable);
  height = gdk_paintable_get_intrinsic_height (paintable);
  {
    g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
    g_autoptr (GskRenderNode) node = NULL;
    g_autoptr (GdkTexture) texture = NULL;

    gdk_paintable_snapshot (paintable, snapshot, width, height);
    node = gtk_snapshot_to_node (snapshot);
    g_assert_nonnull (node);
    texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (popover)), node,
                                           &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
    g_assert_true (gdk_texture_save_to_png (texture, path));
  }
}

static void
test_window (void)
{
  SioscopeWindow *window = window_util_open_demo (900, 600);
  GtkMenuButton *button = GTK_MENU_BUTTON (window_util_find (GTK_WIDGET (window), "GtkMenuButton", "events_button"));
  GtkWidget *popover = GTK_WIDGET (gtk_menu_button_get_popover (button));
  SioscopeFilterEntry *entry = SIOSCOPE_FILTER_ENTRY (window_util_find (GTK_WIDGET (window), "SioscopeFilterEntry", NULL));
  GtkWidget *columns;

  g_assert_false (sioscope_events_list_get_counting_for_tests (SIOSCOPE_EVENTS_LIST (find_list (window))));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.events", NULL);
  WAIT_FOR (list_says (window, "/|echo|out|"));
  WAIT_FOR (list_says (window, "Rates are those of the last five seconds"));
  window_util_picture (window, "events-window-light");
  picture (popover, "events-light");
  window_util_dark (TRUE);
  picture (popover, "events-dark");
  window_util_dark (FALSE);

  columns = window_util_find (popover, "GtkColumnView", NULL);
  g_assert_nonnull (columns);
  g_signal_emit_by_name (columns, "activate", 0);
  WAIT_FOR (!gtk_widget_get_visible (popover));
  g_assert_true (g_str_has_prefix (sioscope_filter_entry_get_text (entry), "event:\""));
  g_assert_nonnull (strstr (sioscope_filter_entry_get_text (entry), "\" ns:\"/"));
  g_assert_false (sioscope_events_list_get_counting_for_tests (SIOSCOPE_EVENTS_LIST (find_list (window))));
  window_util_picture (window, "events-filtered");
  window_util_close (window);
}

/* The Diff page in the smallest window of a laptop. */
static void
test_diff_in_window (void)
{
  SioscopeWindow *window = window_util_open_demo (900, 600);
  GtkWidget *details = window_util_find (GTK_WIDGET (window), "SioscopeDetailsView", NULL);
  SioscopeLogView *log = sioscope_connection_view_get_log (sioscope_window_get_view (window));
  SioscopeRecording *recording = sioscope_projection_get_recording (sioscope_log_view_get_projection (log));
  SioscopeEntry entry;
  guint64 row = SIOSCOPE_NO_ROW;
  guint seen = 0;

  for (guint64 i = 0; row == SIOSCOPE_NO_ROW;)
    if (i == sioscope_recording_get_n_rows (recording))
      g_main_context_iteration (NULL, TRUE);
    else if (sioscope_recording_read (recording, i++, &entry) && entry.kind == SIOSCOPE_KIND_PACKET &&
             entry.direction == SIO_DIRECTION_IN && sio_span_equals (entry.event, "\"tick\"") && ++seen == 2)
      row = entry.row;
  sioscope_log_view_show_row (log, row);
  sioscope_log_view_set_selected_row (log, row);
  gtk_stack_set_visible_child_name (GTK_STACK (window_util_find (details, "GtkStack", "pages")), "diff");
  WAIT_FOR (window_util_find_text (details, "Compared with row") != NULL);
  window_util_picture (window, "diff-window-light");
  window_util_dark (TRUE);
  window_util_picture (window, "diff-window-dark");
  window_util_dark (FALSE);
  window_util_close (window);
}

int
main (int argc, char *argv[])
{
  window_util_init (&argc, &argv);

  g_test_add_func ("/events/new-destroy", test_new_destroy);
  g_test_add_func ("/events/empty", test_empty);
  g_test_add_func ("/events/lines", test_lines);
  g_test_add_func ("/events/many", test_many);
  g_test_add_func ("/events/million", test_million);
  g_test_add_func ("/events/filters", test_filters);
  g_test_add_func ("/events/window", test_window);
  g_test_add_func ("/events/diff-in-window", test_diff_in_window);

  return window_util_run ();
}
