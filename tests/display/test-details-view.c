/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The details of a row: words, arguments as received, raw text, frame; huge and hostile payloads. */

#include "config.h"

#include "sioscope-details-view.h"
#include "sioscope-text-pane.h"
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

static SioscopeDetailsView *
show (ViewFixture *f,
      int          width,
      int          height)
{
  GtkWidget *view = sioscope_details_view_new ();

  sioscope_details_view_set_projection (SIOSCOPE_DETAILS_VIEW (view), f->projection);
  view_fixture_show (f, view, width, height);
  return SIOSCOPE_DETAILS_VIEW (view);
}

/* The first row of a kind, and of a packet type for packets. */
static guint64
find_row (ViewFixture  *f,
          SioscopeKind  kind,
          int           packet_type)
{
  SioscopeEntry entry;

  for (guint64 row = 0; sioscope_recording_read (f->recording, row, &entry); row++)
    if (entry.kind == kind && (kind != SIOSCOPE_KIND_PACKET || (int) entry.packet_type == packet_type))
      return row;
  g_assert_not_reached ();
}

static void
assert_page (SioscopeDetailsView *view,
             const char          *page,
             const char          *wanted)
{
  g_autofree char *text = sioscope_details_view_dup_page_text_for_tests (view, page);

  if (strstr (text, wanted) == NULL)
    g_error ("page %s holds no “%s”: %s", page, wanted, text);
}

static void
test_new_destroy (void)
{
  GtkWidget *view = g_object_ref_sink (sioscope_details_view_new ());

  g_assert_finalize_object (view);
}

static void
test_event (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeDetailsView *view;
  g_autofree char *header = NULL;

  /* Numbers, duplicate keys and escapes stay byte for byte what they were. */
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/admin", "login",
                    "{\"a\":1.0,\"a\":18446744073709551615,\"b\":\"\\u00e9\"}", 7);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/admin", NULL, "true", 7);
  view_fixture_publish (f);
  view = show (f, 460, 320);

  sioscope_details_view_set_row (view, 0);
  header = sioscope_details_view_dup_header_for_tests (view);
  g_assert_nonnull (strstr (header, "login"));
  g_assert_nonnull (strstr (header, "/admin"));
  g_assert_nonnull (strstr (header, "Answered after"));
  assert_page (view, "arguments", "{\n  \"a\": 1.0,\n  \"a\": 18446744073709551615,\n  \"b\": \"\\u00e9\"\n}\n");
  assert_page (view, "raw", "42/admin,7[\"login\",{\"a\":1.0,\"a\":18446744073709551615,\"b\":\"\\u00e9\"}]");
  assert_page (view, "frame", "WebSocket · text frame, opcode 1");
  /* As many bytes beside each other as there is room for. */
  assert_page (view, "frame", "00000000  34 32 2f 61 64 6d 69 6e  42/admin\n00000008  2c 37 5b 22");
  sioscope_details_view_set_page (view, "arguments");
  view_screenshot (f, "details-event");
}

static void
row_activated_cb (SioscopeDetailsView *view,
                  guint64              row,
                  guint64             *seen)
{
  *seen = row;
}

static GtkWidget *
find_button (GtkWidget  *widget,
             const char *label)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_links (ViewFixture   *f,
            gconstpointer  data)
{
  SioscopeDetailsView *view;
  guint64 seen = SIOSCOPE_NO_ROW;

  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/", "save", "1", 3);
  view_fixture_publish (f);
  view = show (f, 460, 320);
  g_signal_connect (view, "row-activated", G_CALLBACK (row_activated_cb), &seen);
  sioscope_details_view_set_row (view, 0);
  {
    g_autofree char *header = sioscope_details_view_dup_header_for_tests (view);

    g_assert_nonnull (strstr (header, "Waiting for the answer"));
  }

  /* The answer comes while the row is being read. */
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/", NULL, "true", 3);
  view_fixture_publish (f);
  {
    g_autofree char *header = sioscope_details_view_dup_header_for_tests (view);

    g_assert_nonnull (strstr (header, "Answered after"));
  }
  g_signal_emit_by_name (find_button (GTK_WIDGET (view), "Show the answer"), "clicked");
  g_assert_cmpuint (seen, ==, 1);
  sioscope_details_view_set_row (view, 1);
  g_signal_emit_by_name (find_button (GTK_WIDGET (view), "Show the event"), "clicked");
  g_assert_cmpuint (seen, ==, 0);
}

static void
test_binary (ViewFixture   *f,
             gconstpointer  data)
{
  SioscopeDetailsView *view;

  view_feed_story (f);
  view = show (f, 460, 320);
  sioscope_details_view_set_row (view, find_row (f, SIOSCOPE_KIND_PACKET, SIO_PACKET_BINARY_EVENT));
  assert_page (view, "arguments", "\"num\": 0\n  }  attachment 0, 19 B\n}");
  g_assert_nonnull (find_button (GTK_WIDGET (view), "Save…"));
  view_screenshot (f, "details-binary");
}

static void
test_other_rows (ViewFixture   *f,
                 gconstpointer  data)
{
  SioscopeDetailsView *view;
  SioscopeEntry entry;

  view_feed_story (f);
  view = show (f, 460, 320);
  sioscope_details_view_set_row (view, find_row (f, SIOSCOPE_KIND_HTTP, 0));
  assert_page (view, "raw", "GET http://localhost:3000/socket.io/");
  assert_page (view, "raw", "Answer 200\nContent-Type: text/plain");
  assert_page (view, "frame", "30 7b 22 73 69 64");
  view_screenshot (f, "details-http-frame");
  sioscope_details_view_set_page (view, "raw");
  view_screenshot (f, "details-http");
  sioscope_details_view_set_page (view, "arguments");

  /* Every row can be shown, whatever it is. */
  for (guint64 row = 0; sioscope_recording_read (f->recording, row, &entry); row++)
    {
      g_autofree char *header = NULL;

      sioscope_details_view_set_row (view, row);
      header = sioscope_details_view_dup_header_for_tests (view);
      g_assert_cmpuint (strlen (header), >, 10);
      for (guint page = 0; page < 3; page++)
        {
          static const char *const pages[] = { "raw", "frame", "arguments" };
          g_autofree char *text = sioscope_details_view_dup_page_text_for_tests (view, pages[page]);

          g_assert_cmpuint (strlen (text), >, 0);
        }
      if (entry.kind == SIOSCOPE_KIND_STATE && entry.state == SIO_TAP_STATE_WAITING)
        {
          assert_page (view, "arguments", "Drawn between");
          view_screenshot (f, "details-waiting");
        }
    }
  sioscope_details_view_set_row (view, SIOSCOPE_NO_ROW);
  view_screenshot (f, "details-empty");
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

/* Shows one huge argument and looks for how long the main loop works without a breath. */
static void
show_huge (ViewFixture *f,
           const char  *args,
           const char  *what)
{
  SioscopeDetailsView *view;
  guint beat;

  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "huge", args, -1);
  view_fixture_publish (f);
  view = show (f, 460, 320);
  view_run_ms (200);

  last_beat_us = test_get_work_us ();
  longest_gap_us = 0;
  beat = g_timeout_add_full (G_PRIORITY_HIGH, 5, beat_cb, NULL, NULL);
  sioscope_details_view_set_row (view, 0);
  view_run_ms (600);
  sioscope_details_view_set_page (view, "raw");
  view_run_ms (600);
  sioscope_details_view_set_page (view, "frame");
  view_run_ms (600);
  sioscope_details_view_set_page (view, "arguments");
  view_run_ms (200);
  g_test_message ("%s: longest stall %.0f ms", what, (double) longest_gap_us / 1000);
  /* Generous: other programs share this processor's caches while it tests. */
  g_assert_cmpint (longest_gap_us, <, 500000);

  longest_gap_us = 0;
  g_signal_emit_by_name (find_button (GTK_WIDGET (view), "Show 1 MB more"), "clicked");
  view_run_ms (600);
  g_test_message ("%s: 1 MB more: longest stall %.0f ms", what, (double) longest_gap_us / 1000);
  g_assert_cmpint (longest_gap_us, <, 1000000);
  g_source_remove (beat);
  {
    g_autofree char *text = sioscope_details_view_dup_page_text_for_tests (view, "arguments");
    g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

    g_assert_cmpuint (strlen (text), >, SIOSCOPE_TEXT_PANE_MORE);
    g_assert_cmpuint (strlen (text), <, 2 * SIOSCOPE_TEXT_PANE_MORE);
    for (guint i = 0; lines[i] != NULL; i++)
      g_assert_cmpint (g_utf8_strlen (lines[i], -1), <=, SIOSCOPE_TEXT_PANE_LINE);
  }
  view_screenshot (f, what);
}

static void
test_huge_string (ViewFixture   *f,
                  gconstpointer  data)
{
  GString *args = g_string_new ("\"");

  while (args->len < 10000000)
    g_string_append (args, "abcdefghi jklmnopqrstuvwxyz é ");
  g_string_append_c (args, '"');
  show_huge (f, args->str, "huge-string");
  g_string_free (args, TRUE);
}

static void
test_huge_array (ViewFixture   *f,
                 gconstpointer  data)
{
  GString *args = g_string_new ("[0");

  while (args->len < 10000000)
    g_string_append (args, ",{\"id\":12345,\"name\":\"somebody\",\"ok\":true}");
  g_string_append_c (args, ']');
  show_huge (f, args->str, "huge-array");
  g_string_free (args, TRUE);
}

/* Nothing reorders, hides or breaks what is shown, and nothing is markup. */
static void
test_hostile (ViewFixture   *f,
              gconstpointer  data)
{
  SioscopeDetailsView *view;
  g_autofree char *header = NULL;
  GString *args = g_string_new ("\"");
  SioTapPacket packet = { .direction = SIO_DIRECTION_IN, .transport = SIO_TRANSPORT_KIND_POLLING,
                          .type = SIO_PACKET_EVENT, .nsp = SIO_SPAN_LITERAL ("/<b>x"), .id = -1, .n_args = 1 };

  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "<b>x</b>\xe2\x80\xae" "fdp", "\"\xe2\x80\xa8\x7f\xef\xbb\xbf\"", -1);
  /* Bytes that are no UTF-8, and NULs: as an unreadable packet is recorded. */
  packet.raw = SIO_SPAN_LITERAL ("42[\"a\",\"\xff\xfe\x00z\"]");
  packet.event = (SioSpan) { packet.raw.data + 3, 3 };
  packet.args = (SioSpan) { packet.raw.data + 7, packet.raw.size - 8 };
  SIO_TAP_GET_IFACE (f->recorder)->packet (SIO_TAP (f->recorder), &packet);
  /* Nothing but what has to be escaped. */
  while (args->len < 2000000)
    g_string_append (args, "\xe2\x80\xae" "a");
  g_string_append_c (args, '"');
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "bidi", args->str, -1);
  view_fixture_publish (f);

  view = show (f, 460, 320);
  sioscope_details_view_set_row (view, 0);
  header = sioscope_details_view_dup_header_for_tests (view);
  g_assert_nonnull (strstr (header, "<b>x</b>\\u{202E}fdp"));
  assert_page (view, "arguments", "\"\\u{2028}\\u{007F}\\u{FEFF}\"");
  view_screenshot (f, "details-hostile");
  sioscope_details_view_set_row (view, 1);
  assert_page (view, "raw", "42[\"a\",\"\xef\xbf\xbd\xef\xbf\xbd\\u{0000}z\"]");
  sioscope_details_view_set_row (view, 2);
  assert_page (view, "arguments", "\\u{202E}a\\u{202E}a");
  view_run_ms (100);
  g_string_free (args, TRUE);
}

static void
test_wide_dump (ViewFixture   *f,
                gconstpointer  data)
{
  SioscopeDetailsView *view;

  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/admin", "login", "1", 7);
  view_fixture_publish (f);
  view = show (f, 1000, 320);
  sioscope_details_view_set_row (view, 0);
  assert_page (view, "frame", "00000000  34 32 2f 61 64 6d 69 6e  2c 37 5b 22");
}

/* What another parser wrote is shown as it was on the wire, beside what it means. */
static void
test_msgpack (ViewFixture   *f,
              gconstpointer  data)
{
  static const char raw[] = "42[\"hello\",{\"n\":1}]";
  static const char wire[] = "\x84\xa4type\x02\xa4" "data\x92\xa5hello\x81\xa1n\x01";
  SioTapPacket packet = {
    .direction = SIO_DIRECTION_IN,
    .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
    .type = SIO_PACKET_EVENT,
    .raw = { raw, sizeof raw - 1 },
    .nsp = { "/", 1 },
    .event = { raw + 3, 7 },
    .args = { raw + 11, 7 },
    .n_args = 1,
    .id = -1,
    .wire = { wire, sizeof wire - 1 },
  };
  SioscopeDetailsView *view;

  SIO_TAP_GET_IFACE (f->recorder)->packet (SIO_TAP (f->recorder), &packet);
  view_fixture_publish (f);
  view = show (f, 460, 400);
  sioscope_details_view_set_row (view, 0);
  assert_page (view, "arguments", "\"n\": 1");
  assert_page (view, "raw", "As on the wire");
  assert_page (view, "raw", "00000000  84 a4 74 79 70 65 02 a4  ..type..");
  assert_page (view, "raw", raw);
  assert_page (view, "frame", "WebSocket · binary frame, opcode 2 · 23 bytes");
  assert_page (view, "frame", "00000000  84 a4 74 79 70 65 02 a4");
  sioscope_details_view_set_page (view, "raw");
  view_run_ms (100);
  view_screenshot (f, "details-msgpack");
}

static void
test_certificate (ViewFixture   *f,
                  gconstpointer  data)
{
  SioHttpExchange exchange = {
    .method = "GET",
    .uri = "https://localhost:3000/socket.io/?EIO=4&transport=polling",
    .request_headers = "",
    .response_headers = "",
    .tls_errors = G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_BAD_IDENTITY,
    .tls_fingerprint = "AB:CD",
    .tls_certificate = "Subject: CN=elsewhere\r\nNot after: 2020-01-01 00:00:00 UTC\r\n",
  };
  SioscopeDetailsView *view;

  SIO_TAP_GET_IFACE (f->recorder)->http (SIO_TAP (f->recorder), &exchange);
  exchange.status = 200;
  SIO_TAP_GET_IFACE (f->recorder)->http (SIO_TAP (f->recorder), &exchange);
  view_fixture_publish (f);
  view = show (f, 460, 400);
  sioscope_details_view_set_row (view, 0);
  assert_page (view, "arguments", "Not accepted  it is for another host, it has expired\n");
  assert_page (view, "arguments", "Subject  CN=elsewhere\nNot after  2020-01-01 00:00:00 UTC\nSHA-256 fingerprint  AB:CD\n");
  sioscope_details_view_set_row (view, 1);
  assert_page (view, "arguments", "Accepted, although  it is for another host, it has expired\n");
}

/* An event that was missed and sent again says so as soon as that is known. */
static void
test_replayed (ViewFixture   *f,
               gconstpointer  data)
{
  SioTapSocketEvent event = { .change = SIO_TAP_SOCKET_CONNECTING, .nsp = "/" };
  SioscopeDetailsView *view;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  SIO_TAP_GET_IFACE (f->recorder)->socket (SIO_TAP (f->recorder), &event);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "missed", "1", -1);
  view_fixture_publish (f);
  view = show (f, 460, 320);
  sioscope_details_view_set_row (view, 1);
  before = sioscope_details_view_dup_header_for_tests (view);
  g_assert_null (strstr (before, "replayed"));

  event.change = SIO_TAP_SOCKET_CONNECTED;
  event.reason = "s";
  event.recovered = TRUE;
  SIO_TAP_GET_IFACE (f->recorder)->socket (SIO_TAP (f->recorder), &event);
  view_fixture_publish (f);
  after = sioscope_details_view_dup_header_for_tests (view);
  g_assert_nonnull (strstr (after, "replayed"));
}

int
main (int   argc,
      char *argv[])
{
  view_test_init (&argc, &argv);
  g_test_add_func ("/details-view/new-destroy", test_new_destroy);
  g_test_add ("/details-view/event", ViewFixture, NULL, set_up, test_event, tear_down);
  g_test_add ("/details-view/links", ViewFixture, NULL, set_up, test_links, tear_down);
  g_test_add ("/details-view/binary", ViewFixture, NULL, set_up, test_binary, tear_down);
  g_test_add ("/details-view/other-rows", ViewFixture, NULL, set_up, test_other_rows, tear_down);
  g_test_add ("/details-view/huge-string", ViewFixture, NULL, set_up, test_huge_string, tear_down);
  g_test_add ("/details-view/huge-array", ViewFixture, NULL, set_up, test_huge_array, tear_down);
  g_test_add ("/details-view/hostile", ViewFixture, NULL, set_up, test_hostile, tear_down);
  g_test_add ("/details-view/wide-dump", ViewFixture, NULL, set_up, test_wide_dump, tear_down);
  g_test_add ("/details-view/msgpack", ViewFixture, NULL, set_up, test_msgpack, tear_down);
  g_test_add ("/details-view/certificate", ViewFixture, NULL, set_up, test_certificate, tear_down);
  g_test_add ("/details-view/replayed", ViewFixture, NULL, set_up, test_replayed, tear_down);
  return g_test_run ();
}
