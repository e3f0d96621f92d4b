/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A WebSocket server that is hostile, broken, or gone. */

#include "engine-fixture.h"

#include <sys/resource.h>

#define OPEN "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"

/* Accepts, opens the session, then does what the test wants. */
typedef void (*After) (RawConnection *connection);

static void
accept_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) frame = g_string_new (NULL);

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_append_frame (frame, 0x81, OPEN, strlen (OPEN));
  raw_connection_accept_websocket (connection, &request, frame->str, frame->len);
  ((After) data) (connection);
}

static void
open_with (Fixture *fixture,
           After    after)
{
  fixture_init (fixture, "websocket");
  fixture_use_peer (fixture, accept_script, after);
  fixture_open (fixture);
}

/* The open packet and messages in the same segment as the 101. */

static void
same_segment_script (RawConnection *connection,
                     guint          n,
                     gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) frames = g_string_new (NULL);

  raw_connection_read_request (connection, &request);
  raw_append_frame (frames, 0x81, OPEN, strlen (OPEN));
  raw_append_frame (frames, 0x81, "4one", 4);
  raw_append_frame (frames, 0x82, "\1\2", 2);
  raw_append_frame (frames, 0x88, "\x03\xe8", 2);
  raw_connection_accept_websocket (connection, &request, frames->str, frames->len);
  raw_connection_await_end (connection);
}

static void
test_same_segment (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  fixture_use_peer (&fixture, same_segment_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_cmpuint (fixture.log->len, ==, 4);
  g_assert_cmpstr (fixture.log->pdata[0], ==, "opened");
  g_assert_cmpstr (fixture.log->pdata[1], ==, "text 4one");
  g_assert_cmpstr (fixture.log->pdata[2], ==, "binary AQI=");
  fixture_expect_message (&fixture, "code 1000");
}

/* Endings */

static void
half_a_frame (RawConnection *connection)
{
  raw_connection_write (connection, "\x81\x7e\x10\x00" "4half", 9);
}

static void
plain_eof (RawConnection *connection)
{
}

static void
close_invalid_code (RawConnection *connection)
{
  raw_connection_write (connection, "\x88\x02\x00\x05", 4);
  raw_connection_await_end (connection);
}

static void
never_closes (RawConnection *connection)
{
  raw_connection_write (connection, "\x88\x02\x03\xe9", 4);
  raw_connection_sleep (connection, 20000);
}

static void
test_half_frame (void)
{
  g_auto (Fixture) fixture;

  open_with (&fixture, half_a_frame);
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  fixture_expect_message (&fixture, "no close frame");
  g_assert_cmpuint (fixture.n_texts, ==, 0);
}

static void
test_eof (void)
{
  g_auto (Fixture) fixture;

  open_with (&fixture, plain_eof);
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  fixture_expect_message (&fixture, "no close frame");
}

static void
test_invalid_close_code (void)
{
  g_auto (Fixture) fixture;

  open_with (&fixture, close_invalid_code);
  WAIT_FOR (fixture.closed);
  g_assert_true (fixture_has (&fixture, "closed transport error"));
  g_assert_nonnull (fixture.error);
}

/* The server said goodbye, but keeps the connection: not our two seconds and a half. */
static void
test_close_without_end (void)
{
  g_auto (Fixture) fixture;
  gint64 start;

  open_with (&fixture, never_closes);
  WAIT_FOR (fixture.opened);
  start = g_get_monotonic_time ();
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  fixture_expect_message (&fixture, "code 1001");
  g_assert_cmpint (g_get_monotonic_time () - start, <, 3 * G_USEC_PER_SEC);
}

static void
sleeps (RawConnection *connection)
{
  raw_connection_sleep (connection, 20000);
}

/* And the same when it is us who say goodbye and nobody answers. */
static void
test_close_unanswered (void)
{
  g_auto (Fixture) fixture;
  gint64 start;

  open_with (&fixture, sleeps);
  WAIT_FOR (fixture.opened);
  start = g_get_monotonic_time ();
  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 3 * G_USEC_PER_SEC);
}

/* Wrong bytes */

static void
garbage (RawConnection *connection)
{
  /* what a 4.x server writes into a WebSocket that asked for EIO=3 */
  raw_connection_write (connection, "HTTP/1.1 400 Bad Request\r\n\r\n", -1);
}

/* Libsoup repeats its error as long as bytes come: one is enough for us. */
static void
endless_garbage (RawConnection *connection)
{
  g_autofree char *bytes = g_malloc (65536);

  memset (bytes, 0xf3, 65536);
  for (guint i = 0; i < 200 && raw_connection_write (connection, bytes, 65536); i++)
    ;
}

static void
huge_header (RawConnection *connection)
{
  raw_connection_write (connection, "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff" "4", 11);
  raw_connection_await_end (connection);
}

static void
masked (RawConnection *connection)
{
  raw_connection_write (connection, "\x81\x81\x00\x00\x00\x00" "4", 7);
  raw_connection_await_end (connection);
}

static void
invalid_utf8 (RawConnection *connection)
{
  raw_connection_write_frame (connection, 0x81, "4\xff\xfe", 3);
  raw_connection_await_end (connection);
}

static void
test_wrong_bytes (gconstpointer data)
{
  g_auto (Fixture) fixture;

  open_with (&fixture, (After) data);
  WAIT_FOR (fixture.closed);
  g_assert_cmpuint (fixture.log->len, ==, 2);
  g_assert_true (g_str_has_prefix (fixture.log->pdata[1], "closed transport"));
  g_assert_nonnull (fixture.error);
  g_assert_cmpuint (fixture_count_tap (&fixture, "error "), <=, 1);
}

static void
test_huge_header (void)
{
  g_auto (Fixture) fixture;

  open_with (&fixture, huge_header);
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
  fixture_expect_message (&fixture, "max-payload");
  g_assert_true (fixture_has_tap (&fixture, "error limit 1"));
}

/* Fragments */

static void
fragments (RawConnection *connection)
{
  raw_connection_write_frame (connection, 0x01, "4fr", 3);
  raw_connection_write_frame (connection, 0x89, "ping", 4);
  raw_connection_write_frame (connection, 0x00, "", 0);
  raw_connection_write_frame (connection, 0x80, "agments", 7);
  raw_connection_await_end (connection);
}

static void
test_fragments (void)
{
  g_auto (Fixture) fixture;

  open_with (&fixture, fragments);
  WAIT_FOR (fixture_has (&fixture, "text 4fragments"));
  g_assert_true (fixture_has_tap (&fixture, "frame in 9 ping"));
  g_assert_true (fixture_has_tap (&fixture, "frame out 10 ping"));
  g_assert_true (fixture_has_tap (&fixture, "frame in 1 4fragments"));
}

static void
endless_tiny (RawConnection *connection)
{
  g_autoptr (GString) many = g_string_new (NULL);

  raw_connection_write_frame (connection, 0x01, "4", 1);
  for (guint i = 0; i < 1000; i++)
    raw_append_frame (many, 0x00, "x", 1);
  while (raw_connection_write (connection, many->str, (gssize) many->len))
    ;
}

static void
endless_large (RawConnection *connection)
{
  g_autofree char *data = g_malloc0 (60000);

  raw_connection_write_frame (connection, 0x02, "4", 1);
  while (raw_connection_write_frame (connection, 0x00, data, 60000))
    ;
}

/* The address sanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define MAX_GROWTH_KIB (800 * 1024)
#else
#define MAX_GROWTH_KIB (60 * 1024)
#endif

static long
get_max_rss_kib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

static void
test_endless_fragments (gconstpointer data)
{
  g_auto (Fixture) fixture;
  long before = get_max_rss_kib ();

  fixture_init (&fixture, "websocket");
  sio_options_set_max_payload (fixture.options, 4 * 1024 * 1024);
  fixture_use_peer (&fixture, accept_script, (gpointer) data);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
  g_assert_cmpint (get_max_rss_kib () - before, <, MAX_GROWTH_KIB);
}

/* Floods */

static void
websocket_pings (RawConnection *connection)
{
  g_autoptr (GString) many = g_string_new (NULL);

  for (guint i = 0; i < 500; i++)
    raw_append_frame (many, 0x89, "x", 1);
  while (raw_connection_write (connection, many->str, (gssize) many->len))
    ;
}

static void
test_websocket_ping_flood (void)
{
  g_auto (Fixture) fixture;

  open_with (&fixture, websocket_pings);
  fixture.handle.tap = NULL; /* the flood need not be written down */
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
}

static void
flood (RawConnection *connection)
{
  g_autoptr (GString) many = g_string_new (NULL);

  for (guint i = 0; i < 2000; i++)
    raw_append_frame (many, 0x81, "42[\"flood\",1]", 13);
  while (raw_connection_write (connection, many->str, (gssize) many->len))
    ;
}

static gboolean
tick_cb (gpointer data)
{
  gint64 *ticks = data;
  gint64 now = test_get_work_us ();

  if (ticks[0] != 0)
    ticks[1] = MAX (ticks[1], now - ticks[0]);
  ticks[0] = now;
  ticks[2]++;
  return G_SOURCE_CONTINUE;
}

/* Under a flood timers run, commands are written, and the heartbeat's own work is done. */
static void
test_loop_breathes (void)
{
  g_auto (Fixture) fixture;
  gint64 ticks[3] = { 0 };
  gint64 asked;
  guint source;

  open_with (&fixture, flood);
  fixture.handle.tap = NULL;
  fixture.count_only = TRUE;
  WAIT_FOR (fixture.n_texts > 10000);

  source = g_timeout_add (2, tick_cb, ticks);
  WAIT_FOR (ticks[2] >= 100 && fixture.n_texts > 100000);
  g_source_remove (source);
  g_test_message ("most work between two ticks of a 2 ms timer: %" G_GINT64_FORMAT " ms, %u messages", ticks[1] / 1000, fixture.n_texts);
  g_assert_cmpint (ticks[1], <, 400 * 1000); /* libsoup alone: more than a second */

  g_assert_true (fixture_send (&fixture, "2[\"command\"]", NULL));
  asked = test_get_work_us ();
  WAIT_FOR (sio_engine_is_writable (fixture.engine));
  g_assert_cmpint (test_get_work_us () - asked, <, 400 * 1000);
}

/* Sending to somebody who does not read */

static void
never_reads (RawConnection *connection)
{
  raw_connection_set_small_buffers (connection);
  raw_connection_sleep (connection, 30000);
}

static void
test_not_read (void)
{
  g_auto (Fixture) fixture;
  g_autofree char *text = g_strnfill (10000, 'x');
  g_autoptr (GError) error = NULL;
  long before;
  guint n = 0;

  open_with (&fixture, never_reads);
  WAIT_FOR (fixture.opened);
  fixture.handle.tap = NULL;
  before = get_max_rss_kib ();
  for (guint i = 0; i < 20000 && error == NULL; i++)
    {
      if (fixture_send (&fixture, text, &error))
        n++;
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_assert_cmpuint (n, >, 800); /* 8 MiB and what the system took */
  g_assert_cmpuint (n, <, 2000);
  g_assert_false (sio_engine_is_writable (fixture.engine));
  g_assert_cmpint (get_max_rss_kib () - before, <, MAX_GROWTH_KIB);

  /* closing does not wait for ever either */
  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
}

static guint64 n_read;

static void
reads_late (RawConnection *connection)
{
  g_autoptr (GString) payload = g_string_new (NULL);
  guint8 first;

  raw_connection_sleep (connection, 300);
  while (raw_connection_read_frame (connection, &first, payload) && (first & 0x0f) != 8)
    {
      n_read++;
      raw_peer_wake_tests ();
    }
}

/* What was taken is written once the peer reads, and the engine says that it may go on. */
static void
test_read_late (void)
{
  g_auto (Fixture) fixture;
  g_autofree char *text = g_strnfill (10000, 'x');
  guint n = 0;

  n_read = 0;
  open_with (&fixture, reads_late);
  WAIT_FOR (fixture.opened);
  fixture.handle.tap = NULL;
  while (n < 5000)
    {
      if (fixture_send (&fixture, text, NULL))
        n++;
      else
        {
          guint drained = fixture.n_drained;

          WAIT_FOR (fixture.n_drained > drained);
        }
    }
  WAIT_FOR (n_read == n);
  WAIT_FOR (sio_engine_is_writable (fixture.engine));
}

static void
test_one_huge_message (void)
{
  g_auto (Fixture) fixture;
  g_autofree char *text = g_strnfill (20 * 1024 * 1024, 'x');

  n_read = 0;
  open_with (&fixture, reads_late);
  WAIT_FOR (fixture.opened);
  fixture.handle.tap = NULL;
  g_assert_true (fixture_send (&fixture, text, NULL));
  WAIT_FOR_SECONDS (n_read == 1, 60);
}

/* Handshakes */

static void
answer_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request))
    raw_connection_write (connection, data, -1);
  raw_connection_await_end (connection);
}

static void
test_refused (void)
{
  static const struct { const char *answer; const char *message; SioError code; } cases[] = {
    { "HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nBad request", "HTTP 400 Bad Request", SIO_ERROR_REFUSED },
    { "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", domain=\"http:/x\"\r\n"
      "Content-Length: 0\r\n\r\n", "HTTP 401", SIO_ERROR_UNAUTHORIZED },
    { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", "not a WebSocket handshake: HTTP 200", SIO_ERROR_REFUSED },
    { "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n",
      "redirects to http://elsewhere.test/", SIO_ERROR_REFUSED },
    { "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n", "Retry-After: 30", SIO_ERROR_REFUSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, "websocket");
      fixture_use_peer (&fixture, answer_script, (gpointer) cases[i].answer);
      fixture_open (&fixture);
      fixture_expect_closed (&fixture, "connect error", SIO_ERROR, (int) cases[i].code);
      fixture_expect_message (&fixture, cases[i].message);
      g_assert_cmpuint (fixture_count_tap (&fixture, "http GET"), ==, 1);
      g_assert_cmpuint (raw_peer_get_n_connections (fixture.peer), ==, 1);
    }
}

static void
endless_1xx_script (RawConnection *connection,
                    guint          n,
                    gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  raw_connection_read_request (connection, &request);
  while (raw_connection_write (connection, "HTTP/1.1 100 Continue\r\n\r\n", -1))
    ;
}

static void
test_endless_1xx (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_peer (&fixture, endless_1xx_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
}

static void
binary_first_script (RawConnection *connection,
                     guint          n,
                     gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) frame = g_string_new (NULL);

  raw_connection_read_request (connection, &request);
  raw_append_frame (frame, 0x82, "0{}", 3);
  raw_connection_accept_websocket (connection, &request, frame->str, frame->len);
  raw_connection_await_end (connection);
}

static void
test_binary_first (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  fixture_use_peer (&fixture, binary_first_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_MALFORMED);
  fixture_expect_message (&fixture, "binary");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/websocket/same-segment", test_same_segment);
  g_test_add_func ("/engine/websocket/half-frame", test_half_frame);
  g_test_add_func ("/engine/websocket/eof", test_eof);
  g_test_add_func ("/engine/websocket/invalid-close-code", test_invalid_close_code);
  g_test_add_func ("/engine/websocket/close-without-end", test_close_without_end);
  g_test_add_func ("/engine/websocket/close-unanswered", test_close_unanswered);
  g_test_add_data_func ("/engine/websocket/garbage", garbage, test_wrong_bytes);
  g_test_add_data_func ("/engine/websocket/endless-garbage", endless_garbage, test_wrong_bytes);
  g_test_add_data_func ("/engine/websocket/masked", masked, test_wrong_bytes);
  g_test_add_data_func ("/engine/websocket/invalid-utf8", invalid_utf8, test_wrong_bytes);
  g_test_add_func ("/engine/websocket/huge-header", test_huge_header);
  g_test_add_func ("/engine/websocket/fragments", test_fragments);
  g_test_add_data_func ("/engine/websocket/endless-tiny-fragments", endless_tiny, test_endless_fragments);
  g_test_add_data_func ("/engine/websocket/endless-large-fragments", endless_large, test_endless_fragments);
  g_test_add_func ("/engine/websocket/websocket-ping-flood", test_websocket_ping_flood);
  g_test_add_func ("/engine/websocket/loop-breathes", test_loop_breathes);
  g_test_add_func ("/engine/websocket/not-read", test_not_read);
  g_test_add_func ("/engine/websocket/read-late", test_read_late);
  g_test_add_func ("/engine/websocket/one-huge-message", test_one_huge_message);
  g_test_add_func ("/engine/websocket/refused", test_refused);
  g_test_add_data_func ("/engine/websocket/endless-1xx", "websocket", test_endless_1xx);
  g_test_add_data_func ("/engine/polling/endless-1xx", "polling", test_endless_1xx);
  g_test_add_func ("/engine/websocket/binary-first", test_binary_first);

  return g_test_run ();
}
