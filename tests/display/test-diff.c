/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The Diff page of the details: which row is compared with which, what is told, and that huge and hostile payloads do no harm. */

#include "config.h"

#include "sioscope-details-view.h"
#include "sioscope-diff-job.h"
#include "test-util.h"
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

static void
event (ViewFixture  *f,
       SioDirection  direction,
       const char   *nsp,
       const char   *name,
       const char   *args)
{
  view_feed_packet (f, direction, SIO_PACKET_EVENT, nsp, name, args, -1);
}

static SioscopeDetailsView *
show (ViewFixture *f)
{
  GtkWidget *view = sioscope_details_view_new ();

  view_fixture_publish (f);
  sioscope_details_view_set_projection (SIOSCOPE_DETAILS_VIEW (view), f->projection);
  sioscope_details_view_set_page (SIOSCOPE_DETAILS_VIEW (view), "diff");
  view_fixture_show (f, view, 460, 360);
  return SIOSCOPE_DETAILS_VIEW (view);
}

/* What the page says of a row once it has done its work. (transfer full) */
static char *
read_diff (SioscopeDetailsView *view,
           guint64              row)
{
  char *text = NULL;

  sioscope_details_view_set_row (view, row);
  while ((text = sioscope_details_view_dup_page_text_for_tests (view, "diff")) == NULL)
    g_main_context_iteration (NULL, TRUE);
  return text;
}

static void
assert_diff (SioscopeDetailsView *view,
             guint64              row,
             const char          *wanted)
{
  g_autofree char *text = read_diff (view, row);

  if (strstr (text, wanted) == NULL)
    g_error ("row %" G_GUINT64_FORMAT ": no “%s” in: %s", row, wanted, text);
}

static GtkWidget *
find_button (GtkWidget  *widget,
             const char *label)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
row_activated_cb (SioscopeDetailsView *view,
                  guint64              row,
                  guint64             *seen)
{
  *seen = row;
}

static void
test_pictures (ViewFixture         *f,
               SioscopeDetailsView *view,
               const char          *name)
{
  view_run_ms (50);
  view_screenshot (f, name);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
  view_screenshot (f, name);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_LIGHT);
}

static void
test_kinds (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeDetailsView *view;
  guint64 seen = SIOSCOPE_NO_ROW;

  event (f, SIO_DIRECTION_IN, "/", "price", "{\"id\":9007199254740993,\"old\":true,\"n\":1,\"t\":\"x\",\"same\":1.0}");
  /* Neither another name, nor another namespace, nor the other direction, nor what is no event. */
  event (f, SIO_DIRECTION_IN, "/", "other", "1");
  event (f, SIO_DIRECTION_IN, "/admin", "price", "2");
  event (f, SIO_DIRECTION_OUT, "/", "price", "3");
  view_feed_ping (f);
  event (f, SIO_DIRECTION_IN, "/", "price",
         "{\"id\":9007199254740992,\"n\":2,\"t\":null,\"same\":1,\"new\":{\"deep\":[1,2,3]}}");
  view = show (f);

  {
    g_autofree char *text = read_diff (view, 6);

    g_assert_true (g_str_has_prefix (text, "6 differences|Compared with row 0 · "));
    g_assert_nonnull (strstr (text, " earlier|\n"));
    g_assert_nonnull (strstr (text, "changed|arg[0].id|9007199254740993|9007199254740992\n"));
    g_assert_nonnull (strstr (text, "removed|arg[0].old|true|\n"));
    g_assert_nonnull (strstr (text, "changed|arg[0].n|1|2\n"));
    g_assert_nonnull (strstr (text, "other type|arg[0].t|\"x\"|null\n"));
    g_assert_nonnull (strstr (text, "same value, written differently|arg[0].same|1.0|1\n"));
    g_assert_nonnull (strstr (text, "added|arg[0].new||{\"deep\":[1,2,3]}\n"));
  }
  test_pictures (f, view, "diff-kinds");

  g_signal_connect (view, "row-activated", G_CALLBACK (row_activated_cb), &seen);
  g_signal_emit_by_name (find_button (GTK_WIDGET (view), "Show it"), "clicked");
  g_assert_cmpuint (seen, ==, 0);
}

static void
test_words (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeDetailsView *view;

  event (f, SIO_DIRECTION_IN, "/", "tick", "{\"a\":1,\"b\":2}");        /* 0 */
  event (f, SIO_DIRECTION_IN, "/", "tick", "{\"a\":1,\"b\":2}");        /* 1 */
  event (f, SIO_DIRECTION_IN, "/", "tick", "{\"a\":1, \"b\":2}");       /* 2 */
  event (f, SIO_DIRECTION_IN, "/", "tick", "{\"b\":2,\"a\":1.0}");      /* 3 */
  event (f, SIO_DIRECTION_IN, "/", "tick", "");                         /* 4 */
  event (f, SIO_DIRECTION_IN, "/", "tick", "");                         /* 5 */
  view_feed_ping (f);                                                   /* 6, 7 */
  event (f, SIO_DIRECTION_IN, "/", "tick", "{\"a\":");                  /* 8 */
  view = show (f);

  assert_diff (view, 0, "Nothing to compare with: this is the first event of its name");
  test_pictures (f, view, "diff-first");
  assert_diff (view, 1, "Both have the same arguments.");
  assert_diff (view, 1, "Equal|Compared with row 0 · ");
  assert_diff (view, 2, "Both have the same arguments, with other blanks between them.");
  assert_diff (view, 3, "Equal values, written differently|Compared with row 2");
  assert_diff (view, 3, "members in another order|arg[0]|");
  assert_diff (view, 4, "removed|arg[0]|");
  assert_diff (view, 5, "Both have the same arguments.");
  assert_diff (view, 6, "This row is something else.");
  assert_diff (view, 8, "The arguments of one of them cannot be read.");
  assert_diff (view, 8, "Not compared|Compared with row 5");
}

/* An answer is compared with the last answer to an event of the same name, whatever else was answered between. */
static void
test_answers (ViewFixture   *f,
              gconstpointer  data)
{
  SioscopeDetailsView *view;

  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/", "save", "1", 1);  /* 0 */
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/", NULL, "\"ok\"", 1);  /* 1 */
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/", "load", "1", 2);  /* 2 */
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/", NULL, "\"no\"", 2);  /* 3 */
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/", "save", "2", 3);  /* 4: is answered later than the next */
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/", "save", "3", 4);  /* 5 */
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/", NULL, "\"late\"", 4); /* 6 */
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/", NULL, "\"ok\"", 3);  /* 7 */
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/", NULL, "\"?\"", 99);  /* 8: nobody asked */
  view = show (f);

  assert_diff (view, 1, "no event of that name was answered before");
  assert_diff (view, 3, "no event of that name was answered before");
  assert_diff (view, 6, "1 difference|Compared with the answer in row 1 · ");
  assert_diff (view, 6, "changed|arg[0]|\"ok\"|\"late\"\n");
  assert_diff (view, 7, "Compared with the answer in row 1 · ");
  assert_diff (view, 8, "it is not known which event this answers");
}

/* What is shown is bounded, safe, and shows the place where long values differ. */
static void
test_hostile (ViewFixture   *f,
              gconstpointer  data)
{
  SioscopeDetailsView *view;
  g_autoptr(GString) before = g_string_new ("{\"long\":\"");
  g_autoptr(GString) after = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  for (guint i = 0; i < 20000; i++)
    g_string_append (before, "é\xe2\x80\xae");
  after = g_string_new (before->str);
  g_string_append (before, "HERE-A\",\"<b>\xe2\x80\xaex\":1}");
  g_string_append (after, "HERE-B\",\"<b>\xe2\x80\xaex\":2}");
  event (f, SIO_DIRECTION_IN, "/", "x", before->str);
  event (f, SIO_DIRECTION_IN, "/", "x", after->str);
  view = show (f);

  text = read_diff (view, 1);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strstr (text, "\xe2\x80\xae"));
  g_assert_nonnull (strstr (text, "\\u{202E}HERE-A\"|…"));
  g_assert_nonnull (strstr (text, "\\u{202E}HERE-B\"\n"));
  g_assert_nonnull (strstr (text, "<b>"));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_cmpint (g_utf8_strlen (lines[i], -1), <, 4 * SIOSCOPE_DIFF_MAX_CHARS);
  test_pictures (f, view, "diff-hostile");
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

static char *
make_large (gsize       size,
            const char *value)
{
  GString *args = g_string_new ("[0");

  while (args->len < size)
    g_string_append_printf (args, ",{\"id\":%" G_GSIZE_FORMAT ",\"name\":\"somebody\",\"ok\":%s}", args->len, value);
  g_string_append_c (args, ']');
  return g_string_free (args, FALSE);
}

/* A megabyte that differs everywhere, rows changed while it is compared, and one that is too large. */
static void
test_large (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeDetailsView *view;
  g_autofree char *before = make_large (1000000, "true");
  g_autofree char *after = make_large (1000000, "null");
  g_autofree char *huge = make_large (SIOSCOPE_DIFF_MAX_BYTES, "1");
  guint beat;

  event (f, SIO_DIRECTION_IN, "/", "large", before);
  event (f, SIO_DIRECTION_IN, "/", "large", after);
  event (f, SIO_DIRECTION_IN, "/", "large", huge);
  event (f, SIO_DIRECTION_IN, "/", "small", "1");
  event (f, SIO_DIRECTION_IN, "/", "small", "2");
  view = show (f);
  view_run_ms (100);

  last_beat_us = test_get_work_us ();
  longest_gap_us = 0;
  beat = g_timeout_add_full (G_PRIORITY_HIGH, 5, beat_cb, NULL, NULL);
  assert_diff (view, 1, "4096 differences|Compared with row 0");
  assert_diff (view, 1, "There are more differences than are listed.");
  test_pictures (f, view, "diff-large");
  assert_diff (view, 2, "Too large to compare: the arguments of both may have 16 MB together.");
  /* Others are chosen before it is done: the last one is shown. */
  for (guint i = 0; i < 5; i++)
    {
      sioscope_details_view_set_row (view, 1);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      sioscope_details_view_set_row (view, 4);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  assert_diff (view, 4, "1 difference|Compared with row 3");
  assert_diff (view, 4, "changed|arg[0]|1|2\n");
  g_source_remove (beat);
  g_test_message ("longest stall %.0f ms", (double) longest_gap_us / 1000);
  /* Generous, as for the other pages. */
  g_assert_cmpint (longest_gap_us, <, 500000);
}

/* The one before is far away: the way back is gone in slices. */
static void
test_far (ViewFixture   *f,
          gconstpointer  data)
{
  SioscopeDetailsView *view;
  guint beat;

  event (f, SIO_DIRECTION_IN, "/", "rare", "1");
  for (guint i = 0; i < 300000; i++)
    event (f, i % 2 == 0 ? SIO_DIRECTION_OUT : SIO_DIRECTION_IN, "/", i % 2 == 0 ? "rare" : "noise", "0");
  event (f, SIO_DIRECTION_IN, "/", "rare", "2");
  view = show (f);
  last_beat_us = test_get_work_us ();
  longest_gap_us = 0;
  beat = g_timeout_add_full (G_PRIORITY_HIGH, 5, beat_cb, NULL, NULL);
  assert_diff (view, 300001, "changed|arg[0]|1|2\n");
  g_source_remove (beat);
  g_test_message ("longest stall %.0f ms", (double) longest_gap_us / 1000);
  g_assert_cmpint (longest_gap_us, <, 500000);
}

/* It goes away in the middle of its work. */
static void
test_gone (ViewFixture   *f,
           gconstpointer  data)
{
  SioscopeDetailsView *view;
  g_autofree char *large = make_large (1000000, "true");
  gpointer alive;

  event (f, SIO_DIRECTION_IN, "/", "large", large);
  event (f, SIO_DIRECTION_IN, "/", "large", large);
  view = show (f);
  alive = view;
  g_object_add_weak_pointer (G_OBJECT (view), &alive);
  sioscope_details_view_set_row (view, 1);
  gtk_window_destroy (GTK_WINDOW (f->window));
  f->window = NULL;
  WAIT_FOR (alive == NULL);
}

/* An event without ack that went out and was lost says so in the header. */
static void
test_lost (ViewFixture   *f,
           gconstpointer  data)
{
  SioTapPacket packet = {
    .direction = SIO_DIRECTION_OUT, .transport = SIO_TRANSPORT_KIND_POLLING, .type = SIO_PACKET_EVENT,
    .raw = SIO_SPAN_LITERAL ("42[\"save\"]"), .nsp = SIO_SPAN_LITERAL ("/"), .event = SIO_SPAN_LITERAL ("\"save\""),
    .id = -1, .tag = 5,
  };
  SioTapEmit lost = { .fate = SIO_TAP_EMIT_LOST, .nsp = "/", .event = SIO_SPAN_LITERAL ("\"save\""), .id = -1, .tag = 5,
                      .text = "it may be lost: the connection ended while it was being written" };
  SioscopeDetailsView *view;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint64 seen = SIOSCOPE_NO_ROW;

  SIO_TAP_GET_IFACE (f->recorder)->packet (SIO_TAP (f->recorder), &packet);
  view = show (f);
  sioscope_details_view_set_row (view, 0);
  before = sioscope_details_view_dup_header_for_tests (view);
  g_assert_null (strstr (before, "lost"));

  SIO_TAP_GET_IFACE (f->recorder)->emit (SIO_TAP (f->recorder), &lost);
  view_fixture_publish (f);
  after = sioscope_details_view_dup_header_for_tests (view);
  g_assert_nonnull (strstr (after, "May be lost: the connection ended while it was being sent"));
  g_signal_connect (view, "row-activated", G_CALLBACK (row_activated_cb), &seen);
  g_signal_emit_by_name (find_button (GTK_WIDGET (view), "Show what happened"), "clicked");
  g_assert_cmpuint (seen, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  view_test_init (&argc, &argv);
  g_test_add ("/diff/kinds", ViewFixture, NULL, set_up, test_kinds, tear_down);
  g_test_add ("/diff/words", ViewFixture, NULL, set_up, test_words, tear_down);
  g_test_add ("/diff/answers", ViewFixture, NULL, set_up, test_answers, tear_down);
  g_test_add ("/diff/hostile", ViewFixture, NULL, set_up, test_hostile, tear_down);
  g_test_add ("/diff/large", ViewFixture, NULL, set_up, test_large, tear_down);
  g_test_add ("/diff/far", ViewFixture, NULL, set_up, test_far, tear_down);
  g_test_add ("/diff/gone", ViewFixture, NULL, set_up, test_gone, tear_down);
  g_test_add ("/diff/lost", ViewFixture, NULL, set_up, test_lost, tear_down);
  return g_test_run ();
}
