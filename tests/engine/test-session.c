/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a session does with a server that is well, and with one that is not, on either transport. */

#include "engine-fixture.h"

static char *
dup_line (Fixture *self,
          guint    index)
{
  WAIT_FOR (self->log->len > index);
  return g_strdup (self->log->pdata[index]);
}

static void
expect_line (Fixture    *self,
             guint       index,
             const char *expected)
{
  g_autofree char *line = dup_line (self, index);

  g_assert_cmpstr (line, ==, expected);
}

static void
test_open_and_close (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open (&fixture);
  g_assert_null (sio_engine_get_sid (fixture.engine));
  g_assert_false (sio_engine_is_open (fixture.engine));
  WAIT_FOR (fixture.opened);
  g_assert_cmpstr (sio_engine_get_sid (fixture.engine), ==, "raw-session");
  g_assert_false (sio_engine_is_expired (fixture.engine));
  g_assert_cmpuint (fixture_count_tap (&fixture, g_str_equal (transport, "polling") ? "engine in polling 0{"
                                                                                     : "engine in websocket 0{"), ==, 1);
  g_assert_true (fixture_has_tap (&fixture, g_str_equal (transport, "polling") ? "http GET 200" : "http GET 101"));

  sio_engine_close (fixture.engine, "forced close");
  g_assert_false (fixture.closed); /* never from inside of a call */
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  WAIT_FOR (raw_session_get_goodbye (fixture.session) != NULL);
  g_assert_cmpstr (raw_session_get_goodbye (fixture.session), ==, g_str_equal (transport, "polling") ? "1" : "close");
  g_assert_false (fixture_send (&fixture, "2[\"late\"]", NULL));
}

static void
test_messages (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  g_autoptr (GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) header = g_bytes_new_static ("52-[\"€😀\"]", strlen ("52-[\"€😀\"]"));

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);

  g_assert_true (fixture_send (&fixture, "2[\"one\"]", NULL));
  fixture_expect_packet (&fixture, "42[\"one\"]");

  g_ptr_array_add (attachments, g_bytes_new ("\0\1\377", 3));
  g_ptr_array_add (attachments, g_bytes_new (NULL, 0));
  g_assert_true (sio_engine_send (fixture.engine, TRUE, header, attachments, NULL));
  g_assert_true (fixture_send (&fixture, "2[\"next\"]", NULL));
  fixture_expect_packet (&fixture, "452-[\"€😀\"]");
  fixture_expect_packet (&fixture, "bAAH/");
  fixture_expect_packet (&fixture, "b");
  fixture_expect_packet (&fixture, "42[\"next\"]");

  raw_session_send (fixture.session, "42[\"€😀\"]");
  raw_session_send_binary (fixture.session, "\0\1\377", 3);
  raw_session_send_binary (fixture.session, "", 0);
  raw_session_send (fixture.session, "4");
  expect_line (&fixture, 1, "text 42[\"€😀\"]");
  expect_line (&fixture, 2, "binary AAH/");
  expect_line (&fixture, 3, "binary ");
  expect_line (&fixture, 4, "text 4");

  WAIT_FOR (sio_engine_is_writable (fixture.engine));
  g_assert_cmpuint (fixture.n_drained, >, 0);
  if (g_str_equal (transport, "polling"))
    {
      g_assert_cmpuint (raw_session_get_max_gets (fixture.session), ==, 1);
      g_assert_cmpuint (raw_session_get_max_posts (fixture.session), ==, 1);
    }
}

/* Order holds over many messages, and only one request of each kind is ever in flight. */
static void
test_many (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  const guint n = 2000;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("2[\"n\",%u]", i);
      g_autofree char *reply = g_strdup_printf ("42[\"n\",%u]", i);

      g_assert_true (fixture_send (&fixture, text, NULL));
      raw_session_send (fixture.session, reply);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *expected = g_strdup_printf ("42[\"n\",%u]", i);
      g_autofree char *line = g_strconcat ("text ", expected, NULL);

      fixture_expect_packet (&fixture, expected);
      expect_line (&fixture, i + 1, line);
    }
  g_assert_cmpuint (raw_session_get_max_gets (fixture.session), <=, 1);
  g_assert_cmpuint (raw_session_get_max_posts (fixture.session), <=, 1);
}

static void
test_heartbeat (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200}");
  fixture_open_well (&fixture);
  for (guint i = 0; i < 3; i++)
    {
      gint64 until = g_get_monotonic_time () + 250 * 1000;

      raw_session_send (fixture.session, i == 1 ? "2with payload" : "2");
      fixture_expect_packet (&fixture, "3");
      WAIT_FOR (g_get_monotonic_time () > until || fixture.closed || (g_main_context_wakeup (NULL), FALSE));
    }
  g_assert_false (fixture.closed);
  g_assert_cmpuint (fixture_count_tap (&fixture, g_str_equal (transport, "polling") ? "engine out polling 3"
                                                                                     : "engine out websocket 3"), ==, 3);
  /* and then no more */
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  fixture_expect_message (&fixture, "300 + 200 ms");
}

static void
test_ping_timeout (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  gint64 start;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":200,\"pingTimeout\":100}");
  fixture_open_well (&fixture);
  start = g_get_monotonic_time ();
  raw_session_send (fixture.session, "4messages do not count");
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 1300 * 1000);
}

static void
test_server_close (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);
  raw_session_close (fixture.session, "\x0f\xa1why \xe2\x82\xac", 9);
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  fixture_expect_message (&fixture, g_str_equal (transport, "polling") ? "close packet" : "4001: why €");
  if (g_str_equal (transport, "websocket"))
    g_assert_true (fixture_has_tap (&fixture, "frame in 8 4001 why €"));
}

static void
test_dropped (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);
  if (g_str_equal (transport, "polling"))
    WAIT_FOR (raw_session_is_poll_pending (fixture.session));
  raw_session_drop (fixture.session, FALSE);
  WAIT_FOR (fixture.closed);
  g_assert_cmpstr (fixture.log->pdata[1], ==, g_str_equal (transport, "polling") ? "closed transport error"
                                                                                 : "closed transport close");
  g_assert_nonnull (fixture.error);
}

static void
test_reset (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);
  if (g_str_equal (transport, "polling"))
    WAIT_FOR (raw_session_is_poll_pending (fixture.session));
  raw_session_drop (fixture.session, TRUE);
  WAIT_FOR (fixture.closed);
  g_assert_cmpstr (fixture.log->pdata[1], ==, "closed transport error");
  g_assert_nonnull (fixture.error);
}

static void
test_bad_packets (gconstpointer transport)
{
  static const char * const packets[] = { "7", "x", "\xc3\xa9", "0{\"sid\":\"other\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, transport);
      fixture_use_session (&fixture, NULL);
      sio_options_set_upgrade (fixture.options, FALSE);
      fixture_open_well (&fixture);
      raw_session_send (fixture.session, packets[i]);
      fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_true (fixture_has_tap (&fixture, "error engine 0"));
    }
}

static void
test_ignored_packets (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);
  raw_session_send (fixture.session, "6");
  raw_session_send (fixture.session, "3");
  raw_session_send (fixture.session, "5");
  if (g_str_equal (transport, "websocket"))
    raw_session_send (fixture.session, "1"); /* only the close of the WebSocket counts there */
  raw_session_send (fixture.session, "4alive");
  expect_line (&fixture, 1, "text 4alive");
}

static void
test_ping_flood (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);
  for (guint i = 0; i < 5100 && !fixture.closed; i++)
    {
      raw_session_send (fixture.session, "2");
      if (i % 500 == 0)
        g_main_context_iteration (NULL, FALSE);
    }
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
  g_assert_true (fixture_has_tap (&fixture, "error limit 1"));
}

/* Each field of the open packet, wrong. */
static void
test_bad_handshakes (gconstpointer transport)
{
  static const struct { const char *json; const char *message; } cases[] = {
    { "", "" },
    { "{", "" },
    { "[]", "" },
    { "{}", "sid" },
    { "{\"sid\":1,\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}", "sid" },
    { "{\"sid\":\"\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}", "sid" },
    { "{\"sid\":\"a\\u0000b\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}", "sid" },
    { "{\"sid\":\"s\",\"upgrades\":{},\"pingInterval\":1,\"pingTimeout\":1}", "upgrades" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingTimeout\":1}", "pingInterval" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":-1,\"pingTimeout\":1}", "pingInterval" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":0,\"pingTimeout\":1}", "pingInterval" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":1e15,\"pingTimeout\":1}", "pingInterval" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":\"1\",\"pingTimeout\":1}", "pingInterval" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":0}", "pingTimeout" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1,\"maxPayload\":-1}", "maxPayload" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, transport);
      fixture_use_session (&fixture, cases[i].json);
      fixture_open (&fixture);
      fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_MALFORMED);
      fixture_expect_message (&fixture, cases[i].message);
      g_assert_false (fixture.opened);
      g_assert_true (fixture_has_tap (&fixture, "error engine 0"));
    }
}

static void
silent_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request) && raw_request_has_parameter (&request, "transport", "websocket"))
    raw_connection_accept_websocket (connection, &request, NULL, 0);
  raw_connection_await_end (connection);
}

static void
test_attempt_timeout (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_peer (&fixture, silent_script, NULL);
  sio_options_set_timeout_ms (fixture.options, 200);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  /* the exchange that came to nothing is told as well */
  g_assert_cmpuint (fixture_count_tap (&fixture, "http GET"), ==, 1);
}

static void
test_nobody_listens (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  g_autofree char *url = NULL;

  fixture_init (&fixture, transport);
  fixture_use_peer (&fixture, silent_script, NULL);
  url = raw_peer_dup_url (fixture.peer);
  g_clear_pointer (&fixture.peer, raw_peer_free);
  fixture_open_url (&fixture, url);
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_UNREACHABLE);
}

static void
test_close_while_opening (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_peer (&fixture, silent_script, NULL);
  fixture_open (&fixture);
  WAIT_FOR (raw_peer_get_n_connections (fixture.peer) == 1);
  sio_engine_close (fixture.engine, "forced close");
  sio_engine_close (fixture.engine, "again");
  g_assert_false (fixture.closed);
  fixture_expect_closed (&fixture, "forced close", 0, 0);
}

static void
test_cut (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, NULL);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);
  sio_engine_cut (fixture.engine);
  g_assert_false (fixture.closed);
  g_assert_false (sio_engine_is_open (fixture.engine));
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_null (raw_session_get_goodbye (fixture.session));
}

/* The engine may be freed inside of every call that it makes. */
static void
test_free_in_callbacks (gconstpointer transport)
{
  static const char * const calls[] = { "opened", "text", "binary", "drained", "closed" };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, transport);
      fixture.free_at = calls[i];
      fixture_use_session (&fixture, NULL);
      sio_options_set_upgrade (fixture.options, FALSE);
      fixture_open (&fixture);
      WAIT_FOR (fixture.opened);
      if (i > 0)
        {
          raw_session_send (fixture.session, "4one");
          raw_session_send_binary (fixture.session, "two", 3);
          raw_session_send (fixture.session, "4three");
          fixture_send (&fixture, "2[\"four\"]", NULL);
          if (i == 4)
            sio_engine_close (fixture.engine, "forced close");
          WAIT_FOR (fixture.engine == NULL);
        }
      g_assert_null (fixture.engine);
    }
}

/* The clock of the heartbeat, as after a suspend */

static gint64 fake_now_us;

static gint64
fake_clock (void)
{
  return fake_now_us;
}

static void
test_suspend (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fake_now_us = G_USEC_PER_SEC;
  sio_engine_set_clock_for_tests (fake_clock);
  fixture_init (&fixture, transport);
  fixture_use_session (&fixture, "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}");
  fixture_open_well (&fixture);
  fake_now_us += 45 * G_USEC_PER_SEC;
  g_assert_false (sio_engine_is_expired (fixture.engine));
  fake_now_us += 1;
  g_assert_true (sio_engine_is_expired (fixture.engine));
  g_assert_true (sio_engine_is_open (fixture.engine));
  /* the timer finds it within two seconds */
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  sio_engine_set_clock_for_tests (NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_FOR_EACH_TRANSPORT ("open-and-close", test_open_and_close);
  ADD_FOR_EACH_TRANSPORT ("messages", test_messages);
  ADD_FOR_EACH_TRANSPORT ("many", test_many);
  ADD_FOR_EACH_TRANSPORT ("heartbeat", test_heartbeat);
  ADD_FOR_EACH_TRANSPORT ("ping-timeout", test_ping_timeout);
  ADD_FOR_EACH_TRANSPORT ("server-close", test_server_close);
  ADD_FOR_EACH_TRANSPORT ("dropped", test_dropped);
  ADD_FOR_EACH_TRANSPORT ("reset", test_reset);
  ADD_FOR_EACH_TRANSPORT ("bad-packets", test_bad_packets);
  ADD_FOR_EACH_TRANSPORT ("ignored-packets", test_ignored_packets);
  ADD_FOR_EACH_TRANSPORT ("ping-flood", test_ping_flood);
  ADD_FOR_EACH_TRANSPORT ("bad-handshakes", test_bad_handshakes);
  ADD_FOR_EACH_TRANSPORT ("attempt-timeout", test_attempt_timeout);
  ADD_FOR_EACH_TRANSPORT ("nobody-listens", test_nobody_listens);
  ADD_FOR_EACH_TRANSPORT ("close-while-opening", test_close_while_opening);
  ADD_FOR_EACH_TRANSPORT ("cut", test_cut);
  ADD_FOR_EACH_TRANSPORT ("free-in-callbacks", test_free_in_callbacks);
  ADD_FOR_EACH_TRANSPORT ("suspend", test_suspend);

  return g_test_run ();
}
