/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Engine.IO 3, asked for by the options: what is on the wire, and a heartbeat that is ours. */

#include "engine-fixture.h"

#define OPEN_FAST "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":200,\"pingTimeout\":300}"

static void
eio3_init (Fixture    *fixture,
           const char *transports,
           const char *open_json)
{
  fixture_init (fixture, transports);
  fixture_use_session (fixture, open_json);
  raw_session_set_eio3 (fixture->session);
  g_assert_true (sio_options_set_server (fixture->options, 2, NULL));
  sio_options_set_upgrade (fixture->options, strchr (transports, ',') != NULL);
}

/* Iterates the loop for so long. */
static void
run_for (guint ms)
{
  gint64 until = g_get_monotonic_time () + (gint64) ms * 1000;

  WAIT_FOR (g_get_monotonic_time () > until || (g_usleep (1000), g_main_context_wakeup (NULL), FALSE));
}

static void
test_handshake (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  eio3_init (&fixture, transport, NULL);
  fixture_open_well (&fixture);
  g_assert_cmpuint (fixture.eio, ==, 3);
  g_assert_null (fixture.how); /* nobody had to find out */
  g_assert_cmpuint (raw_session_get_asked_eio (fixture.session), ==, 3);
  g_assert_cmpuint (raw_session_get_n_handshakes (fixture.session), ==, 1);
}

/* Text and binary, both ways; lengths are UTF-16 units, attachments have their type in front. */
static void
test_messages (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  g_autoptr (GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) header = g_bytes_new_static ("52-[\"€😀\"]", strlen ("52-[\"€😀\"]"));

  eio3_init (&fixture, transport, NULL);
  fixture_open_well (&fixture);

  g_ptr_array_add (attachments, g_bytes_new ("\0\1\377", 3));
  g_ptr_array_add (attachments, g_bytes_new (NULL, 0));
  g_assert_true (sio_engine_send (fixture.engine, TRUE, header, attachments, NULL));
  g_assert_true (fixture_send (&fixture, "2[\"😀\"]", NULL));
  fixture_expect_packet (&fixture, "452-[\"€😀\"]");
  fixture_expect_packet (&fixture, "b4AAH/");
  fixture_expect_packet (&fixture, "b4");
  fixture_expect_packet (&fixture, "42[\"😀\"]");

  raw_session_send (fixture.session, "42[\"€😀\"]");
  raw_session_send_binary (fixture.session, "\0\1\377", 3);
  raw_session_send_binary (fixture.session, "", 0);
  raw_session_send (fixture.session, "b4AAH/"); /* base64 is understood on either transport */
  raw_session_send (fixture.session, "4");
  WAIT_FOR (fixture.log->len == 6);
  g_assert_cmpstr (fixture.log->pdata[1], ==, "text 42[\"€😀\"]");
  g_assert_cmpstr (fixture.log->pdata[2], ==, "binary AAH/");
  g_assert_cmpstr (fixture.log->pdata[3], ==, "binary ");
  g_assert_cmpstr (fixture.log->pdata[4], ==, "binary AAH/");
  g_assert_cmpstr (fixture.log->pdata[5], ==, "text 4");

  if (g_str_equal (transport, "websocket"))
    {
      g_assert_true (fixture_has_tap (&fixture, "frame out 2 \x04"));
      g_assert_true (fixture_has_tap (&fixture, "frame in 2 \x04"));
    }
}

static void
test_force_base64 (gconstpointer data)
{
  guint eio = GPOINTER_TO_UINT (data);
  g_auto (Fixture) fixture;
  g_autoptr (GBytes) message = g_bytes_new_static ("\0\1\377", 3);

  fixture_init (&fixture, "websocket");
  fixture_use_session (&fixture, NULL);
  if (eio == 3)
    raw_session_set_eio3 (fixture.session);
  g_assert_true (sio_options_set_server (fixture.options, eio == 3 ? 2 : 4, NULL));
  sio_options_set_force_base64 (fixture.options, TRUE);
  fixture_open_well (&fixture);
  g_assert_true (sio_engine_send (fixture.engine, FALSE, message, NULL, NULL));
  fixture_expect_packet (&fixture, eio == 3 ? "b4AAH/" : "bAAH/");
  g_assert_true (fixture_has_tap (&fixture, eio == 3 ? "frame out 1 b4AAH/" : "frame out 1 bAAH/"));
}

/* We ping, the server answers, and it goes on. */
static void
test_heartbeat (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  gint64 last = g_get_monotonic_time ();

  eio3_init (&fixture, transport, OPEN_FAST);
  fixture_open_well (&fixture);
  for (guint i = 1; i <= 3; i++)
    {
      fixture_expect_packet (&fixture, "2");
      WAIT_FOR (fixture.n_pings == i || g_str_equal (transport, "polling")); /* written is written */
      g_assert_cmpint (g_get_monotonic_time () - last, >=, 190 * 1000);
      last = g_get_monotonic_time ();
      run_for (20);
      raw_session_send (fixture.session, "3");
      WAIT_FOR (fixture.n_pongs == i);
      g_assert_cmpuint (fixture.n_pings, ==, i);
      g_assert_cmpint (fixture.rtt_us, >=, 15 * 1000);
      g_assert_cmpint (fixture.rtt_us, <, 290 * 1000);
    }
  g_assert_false (fixture.closed);
  g_assert_cmpuint (fixture_count_tap (&fixture, g_str_equal (transport, "polling") ? "engine out polling 2"
                                                                                     : "engine out websocket 2"), ==, 3);
  g_assert_cmpuint (fixture_count_tap (&fixture, g_str_equal (transport, "polling") ? "engine in polling 3"
                                                                                     : "engine in websocket 3"), ==, 3);
}

/* A ping that nobody answers: ping-timeout after it, not ping-interval + ping-timeout. */
static void
test_ping_timeout (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  gint64 start;

  eio3_init (&fixture, transport, OPEN_FAST);
  fixture_open_well (&fixture);
  start = g_get_monotonic_time ();
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  fixture_expect_message (&fixture, "ping-timeout (300 ms) after our ping");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 490 * 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 1500 * 1000);
  g_assert_cmpuint (fixture.n_pings, ==, 1);
}

/* Whatever comes shows that the server is there; without a pong there is no second ping. */
static void
test_any_packet_counts (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  gint64 start;

  eio3_init (&fixture, transport, OPEN_FAST);
  fixture_open_well (&fixture);
  for (guint i = 0; i < 6; i++)
    {
      static const char * const packets[] = { "4text", "b4AQI=", "6" };

      run_for (200);
      g_assert_false (fixture.closed);
      if (i % 3 == 1 && g_str_equal (transport, "websocket"))
        raw_session_send_binary (fixture.session, "\1\2", 2);
      else
        raw_session_send (fixture.session, packets[i % 3]);
    }
  g_assert_cmpuint (fixture.n_pings, ==, 1);
  start = g_get_monotonic_time ();
  /* and from the last one on ping-interval + ping-timeout */
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 450 * 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 1500 * 1000);
}

/* A server that pings is not answered: in Engine.IO 3 only clients do. */
static void
test_server_ping (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  eio3_init (&fixture, transport, NULL);
  fixture_open_well (&fixture);
  raw_session_send (fixture.session, "2");
  raw_session_send (fixture.session, "4after it");
  WAIT_FOR (fixture_has (&fixture, "text 4after it"));
  g_assert_true (fixture_send (&fixture, "2[\"x\"]", NULL));
  fixture_expect_packet (&fixture, "42[\"x\"]");
  g_assert_cmpuint (fixture.n_pings, ==, 0);
  g_assert_true (fixture_has_tap (&fixture, "error engine 2"));
}

/* The clock of the deadline goes on while the machine sleeps. */

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
  eio3_init (&fixture, transport, NULL);
  fixture_open_well (&fixture);
  fake_now_us += 100 * G_USEC_PER_SEC;
  g_assert_false (sio_engine_is_expired (fixture.engine)); /* nothing was heard yet, and nothing is awaited */
  raw_session_send (fixture.session, "4one");
  WAIT_FOR (fixture_has (&fixture, "text 4one"));
  fake_now_us += 45 * G_USEC_PER_SEC;
  g_assert_false (sio_engine_is_expired (fixture.engine));
  fake_now_us += 1;
  g_assert_true (sio_engine_is_expired (fixture.engine));
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  sio_engine_set_clock_for_tests (NULL);
}

static void
test_close (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  eio3_init (&fixture, transport, NULL);
  fixture_open_well (&fixture);
  g_assert_true (fixture_send (&fixture, "2[\"last\"]", NULL));
  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  fixture_expect_packet (&fixture, "42[\"last\"]");
  /* over polling "1:1", which the peer has read with the right length */
  WAIT_FOR (raw_session_get_goodbye (fixture.session) != NULL);
  g_assert_cmpstr (raw_session_get_goodbye (fixture.session), ==, g_str_equal (transport, "polling") ? "1" : "close");
}

static void
test_server_close (void)
{
  g_auto (Fixture) fixture;

  eio3_init (&fixture, "polling", NULL);
  fixture_open_well (&fixture);
  raw_session_send (fixture.session, "1");
  raw_session_send (fixture.session, "4too late");
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  fixture_expect_message (&fixture, "close packet");
}

static void
test_upgrade (void)
{
  g_auto (Fixture) fixture;

  eio3_init (&fixture, "polling,websocket", NULL);
  fixture_open_well (&fixture);
  g_assert_true (fixture_send (&fixture, "2[\"before\"]", NULL));
  WAIT_FOR (fixture_has (&fixture, "upgraded"));
  g_assert_true (fixture_send (&fixture, "2[\"after\"]", NULL));
  raw_session_send_binary (fixture.session, "\1\2", 2);
  WAIT_FOR (fixture_has (&fixture, "binary AQI="));
  g_assert_true (fixture_has_tap (&fixture, "engine in polling 6"));
  g_assert_cmpuint (raw_session_get_asked_eio (fixture.session), ==, 3);
  g_assert_cmpuint (raw_session_get_max_gets (fixture.session), ==, 1);
}

/* Our ping does not wait for an upgrade that hangs, and goes out over what is there then. */
static void
test_ping_while_pausing (void)
{
  g_auto (Fixture) fixture;

  eio3_init (&fixture, "polling,websocket",
             "{\"sid\":\"s\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":5000}");
  raw_session_set_upgrade (fixture.session, RAW_UPGRADE_NO_NOOP);
  fixture_open_well (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
  WAIT_FOR (fixture_count_tap (&fixture, "engine out polling 2") == 1);
  g_assert_cmpuint (fixture.n_pings, ==, 0);
  raw_session_release_upgrade (fixture.session);
  fixture_expect_packet (&fixture, "2probe");
  fixture_expect_packet (&fixture, "5");
  fixture_expect_packet (&fixture, "2");
  WAIT_FOR (fixture.n_pings == 1);
  raw_session_send (fixture.session, "3");
  WAIT_FOR (fixture.n_pongs == 1);
}

static void
test_bad_packets (gconstpointer transport)
{
  /* the last is base64 of an unknown type */
  static const char * const packets[] = { "7", "x", "0{\"sid\":\"other\"}", "bx", "b9AAAA" };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_auto (Fixture) fixture;

      eio3_init (&fixture, transport, NULL);
      fixture_open_well (&fixture);
      raw_session_send (fixture.session, packets[i]);
      fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_true (fixture_has_tap (&fixture, "error engine 0"));
    }
}

/* Bodies in one piece, after a good handshake. */

typedef struct {
  const char *body;
  gsize       size;
} Body;

static void
body_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  Body *body = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      if (!raw_request_has_parameter (&request, "sid", NULL))
        raw_connection_respond (connection, "200 OK", NULL, "73:0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,"
                                "\"pingTimeout\":20000,\"x\":1}2:40", -1);
      else if (body->body != NULL)
        {
          raw_connection_respond (connection, "200 OK", NULL, body->body, (gssize) body->size);
          body->body = NULL;
        }
      else
        raw_connection_await_end (connection);
    }
}

static void
body_init (Fixture *fixture,
           Body    *body)
{
  fixture_init (fixture, "polling");
  g_assert_true (sio_options_set_server (fixture->options, 2, NULL));
  fixture_use_peer (fixture, body_script, body);
  fixture_open (fixture);
}

/* Text, and the binary shape, which counts in bytes and may hold both kinds. */
static void
test_payload_shapes (void)
{
  static const Body bodies[] = {
    { "2:4€0:4:4😀a6:b4AQI=1:6", sizeof "2:4€0:4:4😀a6:b4AQI=1:6" - 1 },
    { "\0\4\xff" "4€" "\0\6\xff" "4😀a" "\1\3\xff\4\1\2" "\0\1\xff" "6", 7 + 9 + 6 + 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_auto (Fixture) fixture;
      Body body = bodies[i];

      body_init (&fixture, &body);
      WAIT_FOR (fixture.log->len == 5 || fixture.closed);
      g_assert_cmpstr (fixture.log->pdata[1], ==, "text 40"); /* in the first answer already */
      g_assert_cmpstr (fixture.log->pdata[2], ==, "text 4€");
      g_assert_cmpstr (fixture.log->pdata[3], ==, "text 4😀a");
      g_assert_cmpstr (fixture.log->pdata[4], ==, "binary AQI=");
    }
}

static void
test_bad_payloads (void)
{
  static const Body bodies[] = {
    { "", 0 }, { "4text", 5 }, { "6:4text", 7 }, { "5:4text3:4", 10 }, { "-1:4", 4 }, { ":4", 2 }, { "x", 1 },
    { "99999999999999999999:4", 22 }, { "5:4tex\xff", 7 }, { "\0\3\xff" "4a", 5 }, { "\1\1\xff\x09", 4 },
    { "\0\2\xff" "4\xff", 5 }, { "\x02\1\xff" "6", 4 },
    { "2:4😀", 7 }, /* would cut a character in two */
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_auto (Fixture) fixture;
      Body body = bodies[i];

      body_init (&fixture, &body);
      fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_cmpuint (fixture_count_tap (&fixture, "error "), ==, 1);
      g_assert_cmpuint (fixture.n_texts, <=, 2);
    }
}

static void
test_free_in_callbacks (gconstpointer transport)
{
  static const char * const calls[] = { "opened", "text", "binary", "ping", "pong", "drained", "closed" };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_auto (Fixture) fixture;

      eio3_init (&fixture, transport, "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":20,\"pingTimeout\":20000}");
      fixture.free_at = calls[i];
      fixture_open (&fixture);
      WAIT_FOR (fixture.opened);
      if (i > 0)
        {
          if (i >= 3)
            {
              fixture_expect_packet (&fixture, "2");
              raw_session_send (fixture.session, "3");
            }
          raw_session_send (fixture.session, "4one");
          raw_session_send_binary (fixture.session, "two", 3);
          if (fixture.engine != NULL)
            fixture_send (&fixture, "2[\"four\"]", NULL);
          if (i == 6)
            sio_engine_close (fixture.engine, "forced close");
          WAIT_FOR (fixture.engine == NULL);
        }
      g_assert_null (fixture.engine);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_FOR_EACH_TRANSPORT ("eio3/handshake", test_handshake);
  ADD_FOR_EACH_TRANSPORT ("eio3/messages", test_messages);
  ADD_FOR_EACH_TRANSPORT ("eio3/heartbeat-is-ours", test_heartbeat);
  ADD_FOR_EACH_TRANSPORT ("eio3/ping-timeout", test_ping_timeout);
  ADD_FOR_EACH_TRANSPORT ("eio3/any-packet-counts", test_any_packet_counts);
  ADD_FOR_EACH_TRANSPORT ("eio3/server-ping-is-ignored", test_server_ping);
  ADD_FOR_EACH_TRANSPORT ("eio3/suspend", test_suspend);
  ADD_FOR_EACH_TRANSPORT ("eio3/close", test_close);
  ADD_FOR_EACH_TRANSPORT ("eio3/bad-packets", test_bad_packets);
  ADD_FOR_EACH_TRANSPORT ("eio3/free-in-callbacks", test_free_in_callbacks);
  g_test_add_data_func ("/engine/websocket/force-base64/eio3", GUINT_TO_POINTER (3), test_force_base64);
  g_test_add_data_func ("/engine/websocket/force-base64/eio4", GUINT_TO_POINTER (4), test_force_base64);
  g_test_add_func ("/engine/polling/eio3/server-close", test_server_close);
  g_test_add_func ("/engine/upgrade/eio3", test_upgrade);
  g_test_add_func ("/engine/upgrade/eio3-ping-while-pausing", test_ping_while_pausing);
  g_test_add_func ("/engine/polling/eio3/payload-shapes", test_payload_shapes);
  g_test_add_func ("/engine/polling/eio3/bad-payloads", test_bad_payloads);

  return g_test_run ();
}
