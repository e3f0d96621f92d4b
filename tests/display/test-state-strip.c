/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The strip: what it says in each state, how it is walked and zoomed, how often it is drawn, and what a storm costs. */

#include "config.h"

#include "sioscope-state-strip.h"
#include "view-util.h"

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

static SioscopeStateStrip *
show (ViewFixture *f,
      int          width)
{
  GtkWidget *strip = sioscope_state_strip_new ();

  gtk_widget_set_valign (strip, GTK_ALIGN_START);
  sioscope_state_strip_set_projection (SIOSCOPE_STATE_STRIP (strip), f->projection);
  view_fixture_show (f, strip, width, 40);
  return SIOSCOPE_STATE_STRIP (strip);
}

static gboolean
now_is (SioscopeStateStrip *strip,
        const char         *wanted)
{
  g_autofree char *text = sioscope_state_strip_dup_now_text_for_tests (strip);

  return g_str_has_prefix (text, wanted);
}

static void
assert_now (SioscopeStateStrip *strip,
            const char         *wanted)
{
  g_autofree char *text = sioscope_state_strip_dup_now_text_for_tests (strip);

  if (!g_str_has_prefix (text, wanted))
    g_error ("the strip says “%s”, not “%s”", text, wanted);
}

static void
test_new_destroy (void)
{
  GtkWidget *strip = g_object_ref_sink (sioscope_state_strip_new ());

  g_assert_finalize_object (strip);
}

static void
test_states (ViewFixture   *f,
             gconstpointer  data)
{
  SioscopeStateStrip *strip = show (f, 900);

  assert_now (strip, "Closed");
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CONNECTING, .transport = SIO_TRANSPORT_KIND_POLLING });
  view_fixture_publish (f);
  assert_now (strip, "Connecting…");
  g_assert_cmpuint (sioscope_state_strip_get_interval_for_tests (strip), ==, 100);
  view_run_ms (120);
  view_screenshot (f, "strip-connecting");
  view_feed_open (f, SIO_TRANSPORT_KIND_POLLING);
  view_fixture_publish (f);
  assert_now (strip, "Connected");
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CLOSED, .transport = SIO_TRANSPORT_KIND_POLLING,
                                            .reason = "ping timeout", .will_reconnect = TRUE });
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_WAITING, .attempt = 3, .delay_ms = 2900,
                                            .delay_min_ms = 2000, .delay_max_ms = 4000 });
  view_fixture_publish (f);
  g_assert_cmpuint (sioscope_state_strip_get_interval_for_tests (strip), ==, 100);
  assert_now (strip, "Retry 3 in 2.");
  WAIT_FOR (now_is (strip, "Retry 3 in 1."));
  view_screenshot (f, "strip-waiting");
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_FAILED, .reason = "transport error" });
  view_fixture_publish (f);
  assert_now (strip, "Gave up");
  g_assert_cmpuint (sioscope_state_strip_get_interval_for_tests (strip), ==, 1000);
  view_screenshot (f, "strip-failed");

  /* A recording that is not live stands still, and so does what cannot be seen. */
  gtk_widget_set_visible (GTK_WIDGET (strip), FALSE);
  g_assert_cmpuint (sioscope_state_strip_get_interval_for_tests (strip), ==, 0);
  gtk_widget_set_visible (GTK_WIDGET (strip), TRUE);
  g_assert_cmpuint (sioscope_state_strip_get_interval_for_tests (strip), ==, 1000);
  sioscope_recorder_finish (f->recorder);
  assert_now (strip, "Recording of ");
  WAIT_FOR (sioscope_state_strip_get_interval_for_tests (strip) == 0);
}

static void
test_story (ViewFixture   *f,
            gconstpointer  data)
{
  int width = GPOINTER_TO_INT (data);
  g_autofree char *name = g_strdup_printf ("strip-story-%d", width);

  view_feed_story (f);
  show (f, width);
  view_run_ms (100);
  view_screenshot (f, name);
}

static void
row_activated_cb (SioscopeStateStrip *strip,
                  guint64             row,
                  GArray             *rows)
{
  g_array_append_val (rows, row);
}

static void
press (SioscopeStateStrip *strip,
       guint               keyval)
{
  view_send_key (GTK_WIDGET (strip), keyval, 0);
}

/* Arrow keys walk from mark to mark, say what each is, and select its row. */
static void
test_walk (ViewFixture   *f,
           gconstpointer  data)
{
  g_autoptr(GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint64));
  SioscopeStateStrip *strip;
  gboolean lost = FALSE, refused = FALSE, upgraded = FALSE, failed = FALSE;
  guint n;

  view_feed_story (f);
  strip = show (f, 900);
  g_signal_connect (strip, "row-activated", G_CALLBACK (row_activated_cb), rows);
  gtk_widget_grab_focus (GTK_WIDGET (strip));
  press (strip, GDK_KEY_Home);
  do
    {
      g_autofree char *text = sioscope_state_strip_dup_focus_text_for_tests (strip);

      lost = lost || strstr (text, "Connection lost") != NULL;
      refused = refused || strstr (text, "refused us") != NULL;
      upgraded = upgraded || strstr (text, "Now over websocket") != NULL;
      failed = failed || strstr (text, "Attempt 1 failed") != NULL;
      n = rows->len;
      press (strip, GDK_KEY_Right);
    }
  while (rows->len > n);
  g_assert_true (lost && refused && upgraded && failed);
  for (guint i = 1; i < rows->len; i++)
    g_assert_cmpuint (g_array_index (rows, guint64, i), >, g_array_index (rows, guint64, i - 1));

  /* Back again, over the same rows. */
  for (guint i = rows->len; i > 1; i--)
    {
      press (strip, GDK_KEY_Left);
      g_assert_cmpuint (g_array_index (rows, guint64, rows->len - 1), ==, g_array_index (rows, guint64, i - 2));
    }
  press (strip, GDK_KEY_End);
  g_assert_cmpuint (g_array_index (rows, guint64, rows->len - 1), ==, g_array_index (rows, guint64, n - 1));
  gtk_window_set_focus_visible (GTK_WINDOW (f->window), TRUE);
  view_screenshot (f, "strip-focus");
}

/* Zooming in shows the way back; zooming out or Now is the way back. */
static void
test_zoom (ViewFixture   *f,
           gconstpointer  data)
{
  SioscopeStateStrip *strip;
  GtkWidget *now;

  view_feed_story (f);
  strip = show (f, 900);
  now = gtk_widget_get_first_child (GTK_WIDGET (strip));
  while (!GTK_IS_BUTTON (now))
    now = gtk_widget_get_next_sibling (now);
  g_assert_false (gtk_widget_get_visible (now));
  press (strip, GDK_KEY_Home);
  for (guint i = 0; i < 6; i++)
    press (strip, GDK_KEY_plus);
  g_assert_true (gtk_widget_get_visible (now));
  view_run_ms (50);
  view_screenshot (f, "strip-zoomed");
  g_signal_emit_by_name (now, "clicked");
  g_assert_false (gtk_widget_get_visible (now));
  for (guint i = 0; i < 30; i++)
    press (strip, GDK_KEY_plus);
  for (guint i = 0; i < 40; i++)
    press (strip, GDK_KEY_minus);
  g_assert_false (gtk_widget_get_visible (now));
}

/* A hundred thousand cuts and heartbeats cost no more to draw than there are pixels. */
static void
test_storm (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeStateStrip *strip;
  gint64 start;
  gint64 drawn_us;

  for (guint i = 0; i < 25000; i++)
    {
      view_feed_open (f, SIO_TRANSPORT_KIND_WEBSOCKET);
      view_feed_ping (f);
      view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CLOSED, .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
                                                .reason = "transport close", .will_reconnect = TRUE });
      view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_WAITING, .attempt = 1 + i % 100, .delay_ms = 1000,
                                                .delay_min_ms = 500, .delay_max_ms = 1500 });
      view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CONNECTING, .attempt = 1 + i % 100,
                                                .transport = SIO_TRANSPORT_KIND_WEBSOCKET });
    }
  view_fixture_publish (f);
  strip = show (f, 1600);
  press (strip, GDK_KEY_Home);
  for (guint i = 0; i < 8; i++)
    press (strip, GDK_KEY_plus);
  view_run_ms (50);
  start = test_get_work_us ();
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GtkSnapshot) snapshot = gtk_snapshot_new ();
      g_autoptr(GskRenderNode) node = NULL;

      GTK_WIDGET_GET_CLASS (strip)->snapshot (GTK_WIDGET (strip), snapshot);
      node = gtk_snapshot_to_node (snapshot);
    }
  drawn_us = (test_get_work_us () - start) / 20;
  g_test_message ("25 000 cuts: one drawing takes %.1f ms", (double) drawn_us / 1000);
  g_assert_cmpint (drawn_us, <, 100000);
  view_screenshot (f, "strip-storm");
}

int
main (int   argc,
      char *argv[])
{
  view_test_init (&argc, &argv);
  g_test_add_func ("/state-strip/new-destroy", test_new_destroy);
  g_test_add ("/state-strip/states", ViewFixture, NULL, set_up, test_states, tear_down);
  g_test_add ("/state-strip/story/900", ViewFixture, GINT_TO_POINTER (900), set_up, test_story, tear_down);
  g_test_add ("/state-strip/story/360", ViewFixture, GINT_TO_POINTER (360), set_up, test_story, tear_down);
  g_test_add ("/state-strip/walk", ViewFixture, NULL, set_up, test_walk, tear_down);
  g_test_add ("/state-strip/zoom", ViewFixture, NULL, set_up, test_zoom, tear_down);
  g_test_add ("/state-strip/storm", ViewFixture, NULL, set_up, test_storm, tear_down);
  return g_test_run ();
}
