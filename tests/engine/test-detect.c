/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which revision of Engine.IO a server speaks: found out by itself, remembered, or asked for in vain. */

#include "engine-fixture.h"

/* Nothing in it tells the revision. */
#define OPEN_PLAIN "{\"sid\":\"s\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000}"

static void
detect_init (Fixture    *fixture,
             const char *transports,
             guint       spoken,
             const char *open_json,
             guint       remembered)
{
  fixture_init (fixture, transports);
  sio_options_set_upgrade (fixture->options, strchr (transports, ',') != NULL);
  fixture_use_session (fixture, open_json);
  if (spoken == 3)
    raw_session_set_eio3 (fixture->session);
  fixture->memory.revision = remembered;
}

static void
expect_found (Fixture    *fixture,
              guint       eio,
              const char *how)
{
  WAIT_FOR (fixture->opened || fixture->closed);
  g_assert_false (fixture->closed);
  g_assert_cmpuint (fixture->eio, ==, eio);
  if (how == NULL)
    g_assert_null (fixture->how);
  else if (strstr (fixture->how, how) == NULL)
    g_error ("expected \"%s\" in \"%s\"", how, fixture->how);
}

/* It works in the revision that was found: both ways, text and binary. */
static void
expect_works (Fixture *fixture,
              guint    eio)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\1\2", 2);

  g_assert_true (fixture_send (fixture, "2[\"€\"]", NULL));
  g_assert_true (sio_engine_send (fixture->engine, FALSE, bytes, NULL, NULL));
  fixture_expect_packet (fixture, "42[\"€\"]");
  fixture_expect_packet (fixture, eio == 3 ? "b4AQI=" : "bAQI=");
  raw_session_send (fixture->session, "42[\"😀\"]");
  raw_session_send_binary (fixture->session, "\3", 1);
  WAIT_FOR (fixture_has (fixture, "binary Aw=="));
  g_assert_true (fixture_has (fixture, "text 42[\"😀\"]"));
}

/* Polling */

static void
test_polling (void)
{
  static const struct { guint spoken; const char *open; guint remembered; const char *how; } cases[] = {
    { 4, NULL, 0, "maxPayload: Socket.IO 4.5 or later" },
    { 4, OPEN_PLAIN, 0, "begins with a packet" },
    { 4, OPEN_PLAIN, 4, "begins with a packet" },
    { 4, OPEN_PLAIN, 3, "asked for 3, as in the session before, going on with 4" },
    { 4, NULL, 3, "asked for 3, as in the session before, going on with 4" },
    { 3, OPEN_PLAIN, 0, "begins with a length, as only Engine.IO 3 does: asked for 4, going on with 3" },
    { 3, NULL, 0, "asked for 4, going on with 3" }, /* 4.5 with allowEIO3 says maxPayload in both */
    { 3, OPEN_PLAIN, 4, "asked for 4, going on with 3" },
    { 3, OPEN_PLAIN, 3, "asked for Engine.IO 3, as in the session before" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;

      detect_init (&fixture, "polling", cases[i].spoken, cases[i].open, cases[i].remembered);
      fixture_open (&fixture);
      expect_found (&fixture, cases[i].spoken, cases[i].how);
      expect_works (&fixture, cases[i].spoken);
      /* one session, which goes on in the revision that was found */
      g_assert_cmpuint (raw_session_get_n_handshakes (fixture.session), ==, 1);
      g_assert_cmpuint (raw_session_get_asked_eio (fixture.session), ==, cases[i].spoken);
      g_assert_cmpuint (fixture_count_tap (&fixture, "state connecting"), ==, 0);
      sio_engine_close (fixture.engine, "forced close");
      fixture_expect_closed (&fixture, "forced close", 0, 0);
      g_assert_cmpstr (raw_session_get_goodbye (fixture.session), ==, "1");
    }
}

/* The requests of a session with a server 4.x are those of a client that knows: one GET until it is open, and no other
 * parameter than b64 that it ignores. */
static void
test_no_extra_round_trip (void)
{
  guint n_requests[2];

  for (guint known = 0; known < 2; known++)
    {
      g_auto (Fixture) fixture;

      detect_init (&fixture, "polling", 4, NULL, 0);
      if (known)
        g_assert_true (sio_options_set_server (fixture.options, 4, NULL));
      fixture_open_well (&fixture);
      g_assert_cmpuint (fixture_count_tap (&fixture, "http "), ==, 1);
      g_assert_cmpuint (fixture_count_tap (&fixture, "uri "), ==, 1);
      for (guint i = 0; i < fixture.tap->lines->len; i++)
        if (g_str_has_prefix (fixture.tap->lines->pdata[i], "uri "))
          g_assert_cmpint (strstr (fixture.tap->lines->pdata[i], "&b64=1") != NULL, ==, !known);
      raw_session_send (fixture.session, "4one");
      WAIT_FOR (fixture_has (&fixture, "text 4one"));
      /* and it is not asked for any longer */
      WAIT_FOR (raw_session_is_poll_pending (fixture.session));
      for (guint i = 1; i < fixture.tap->lines->len; i++)
        if (g_str_has_prefix (fixture.tap->lines->pdata[i], "uri ") && strstr (fixture.tap->lines->pdata[i], "sid="))
          g_assert_null (strstr (fixture.tap->lines->pdata[i], "b64"));
      n_requests[known] = raw_session_get_n_polls (fixture.session) + raw_session_get_n_posts (fixture.session)
                          + raw_session_get_n_handshakes (fixture.session);
      g_assert_cmpuint (raw_session_get_n_handshakes (fixture.session), ==, 1);
    }
  g_assert_cmpuint (n_requests[0], ==, n_requests[1]);
}

/* The revision that was found is that of the upgrade as well. */
static void
test_upgrade (void)
{
  g_auto (Fixture) fixture;

  detect_init (&fixture, "polling,websocket", 3, OPEN_PLAIN, 0);
  fixture_open (&fixture);
  expect_found (&fixture, 3, "going on with 3");
  WAIT_FOR (fixture_has (&fixture, "upgraded"));
  g_assert_cmpuint (raw_session_get_asked_eio (fixture.session), ==, 3);
  fixture_expect_packet (&fixture, "2probe");
  fixture_expect_packet (&fixture, "5");
  expect_works (&fixture, 3);
}

/* Socket.IO 1 without "b64" answers in the binary shape, where lengths are digits by value; and 2 greets in the first body. */
static void
binary_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  static const char first[] = "\0\6\5\xff" "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":2500,\"pingTimeout\":2000}"
                              "\0\2\xff" "40" "\1\3\xff\4\1\2";
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    if (!raw_request_has_parameter (&request, "sid", NULL))
      raw_connection_respond (connection, "200 OK", "Content-Type: application/octet-stream\r\n", first, sizeof first - 1);
    else
      raw_connection_await_end (connection);
}

static void
test_binary_shape (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, binary_script, NULL);
  fixture_open (&fixture);
  expect_found (&fixture, 3, "going on with 3");
  WAIT_FOR (fixture.log->len == 3);
  g_assert_cmpstr (fixture.log->pdata[1], ==, "text 40");
  g_assert_cmpstr (fixture.log->pdata[2], ==, "binary AQI=");
}

/* A body that holds no packet, in turns with a refusal of the revision that it showed. */
static void
empty_script (RawConnection *connection,
              guint          n,
              gpointer       data)
{
  guint *n_requests = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    if (g_atomic_int_add ((gint *) n_requests, 1) % 2 == 0)
      raw_connection_respond (connection, "200 OK", NULL, "0:0:0:", 6);
    else
      raw_connection_respond (connection, "400 Bad Request", NULL, "{\"code\":5,\"message\":\"Unsupported protocol version\"}", -1);
}

static void
test_empty_answer (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_auto (Fixture) fixture;
      guint n_requests = 0;

      fixture_init (&fixture, "polling");
      fixture.memory.revision = i == 0 ? 0 : 2 + i;
      fixture_use_peer (&fixture, empty_script, &n_requests);
      fixture_open (&fixture);
      fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_MALFORMED);
      fixture_expect_message (&fixture, "expected an open packet: 0:0:0:");
      g_assert_cmpint (g_atomic_int_get ((gint *) &n_requests), ==, 1);
    }
}

/* WebSocket alone */

static void
test_websocket (void)
{
  static const struct {
    guint spoken; const char *open; guint remembered; const char *first; const char *how; gboolean at_once; guint asked;
  } cases[] = {
    { 4, NULL, 0, NULL, "maxPayload: Socket.IO 4.5 or later", TRUE, 4 },
    { 4, NULL, 4, NULL, "maxPayload: Socket.IO 4.5 or later", TRUE, 4 },
    { 4, OPEN_PLAIN, 4, NULL, "as in the session before", TRUE, 4 },
    { 4, OPEN_PLAIN, 0, NULL, "did not speak first", FALSE, 4 },
    { 4, OPEN_PLAIN, 0, "2", "sent a ping", TRUE, 4 },
    { 3, OPEN_PLAIN, 0, "40", "spoke first, as only Socket.IO 2 does: asked for Engine.IO 4, going on with 3", TRUE, 4 },
    { 3, OPEN_PLAIN, 0, "44\"no\"", "spoke first", TRUE, 4 },
    { 3, OPEN_PLAIN, 3, NULL, "as in the session before", TRUE, 3 },
    { 3, NULL, 3, NULL, "as in the session before", TRUE, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;
      gint64 start = g_get_monotonic_time ();

      detect_init (&fixture, "websocket", cases[i].spoken, cases[i].open, cases[i].remembered);
      if (cases[i].first != NULL)
        raw_session_send (fixture.session, cases[i].first);
      fixture_open (&fixture);
      expect_found (&fixture, cases[i].spoken, cases[i].how);
      if (cases[i].at_once)
        g_assert_cmpint (g_get_monotonic_time () - start, <, 250 * 1000);
      else
        g_assert_cmpint (g_get_monotonic_time () - start, >=, 295 * 1000);
      if (g_strcmp0 (cases[i].first, "2") == 0)
        {
          g_assert_cmpuint (fixture.n_pings, ==, 1);
          fixture_expect_packet (&fixture, "3");
        }
      else if (cases[i].first != NULL)
        {
          g_autofree char *line = g_strconcat ("text ", cases[i].first, NULL);

          WAIT_FOR (fixture.log->len == 2); /* what told it is not lost */
          g_assert_cmpstr (fixture.log->pdata[1], ==, line);
        }
      expect_works (&fixture, cases[i].spoken);
      g_assert_cmpuint (raw_session_get_n_handshakes (fixture.session), ==, 1);
      g_assert_cmpuint (raw_session_get_asked_eio (fixture.session), ==, cases[i].asked);
    }
}

/* Nothing told within the time, and then the namespaces did. */
static void
test_adopt (void)
{
  g_auto (Fixture) fixture;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\1\2", 2);

  detect_init (&fixture, "websocket", 3, "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":400,\"pingTimeout\":5000}", 0);
  fixture_open (&fixture);
  expect_found (&fixture, 4, "taken for Engine.IO 4");
  raw_session_send (fixture.session, "40");
  WAIT_FOR (fixture_has (&fixture, "text 40"));
  g_assert_true (sio_engine_adopt_eio3 (fixture.engine));
  g_assert_true (sio_engine_adopt_eio3 (fixture.engine));
  expect_works (&fixture, 3);
  fixture_expect_packet (&fixture, "2"); /* and now it is us who ping */
  raw_session_send (fixture.session, "3");
  WAIT_FOR (fixture.n_pongs == 1);
}

/* A server that has shown what it speaks does not become another. */
static void
test_adopt_refused (void)
{
  static const struct { const char *transports; const char *open; const char *first; } cases[] = {
    { "websocket", NULL, NULL }, { "polling", OPEN_PLAIN, NULL }, { "websocket", OPEN_PLAIN, "2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;

      detect_init (&fixture, cases[i].transports, 4, cases[i].open, 0);
      if (cases[i].first != NULL)
        raw_session_send (fixture.session, cases[i].first);
      fixture_open_well (&fixture);
      g_assert_false (sio_engine_adopt_eio3 (fixture.engine));
      if (cases[i].first != NULL)
        fixture_expect_packet (&fixture, "3");
      expect_works (&fixture, 4);
    }
}

/* While it is waited for who speaks first */

static void
grace_script (RawConnection *connection,
              guint          n,
              gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) frames = g_string_new (NULL);

  raw_connection_read_request (connection, &request);
  raw_append_frame (frames, 0x81, "0" OPEN_PLAIN, strlen ("0" OPEN_PLAIN));
  if (data != NULL)
    raw_append_frame (frames, 0x81, data, strlen (data));
  raw_connection_accept_websocket (connection, &request, frames->str, frames->len);
  if (data != NULL)
    raw_connection_await_end (connection);
}

static void
test_grace_bad_packets (void)
{
  static const char * const packets[] = { "0" OPEN_PLAIN, "7", "x" };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, "websocket");
      fixture_use_peer (&fixture, grace_script, (gpointer) packets[i]);
      fixture_open (&fixture);
      /* it was open, only not said yet */
      fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_true (fixture.opened);
    }
}

static void
test_grace_lost (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  fixture_use_peer (&fixture, grace_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_true (fixture.opened);
}

static void
test_grace_ended (gconstpointer data)
{
  g_auto (Fixture) fixture;
  gboolean frees = g_str_equal (data, "freed");

  fixture_init (&fixture, "websocket");
  fixture_use_peer (&fixture, grace_script, (gpointer) "6");
  fixture_open (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "engine in websocket 6"));
  g_assert_false (fixture.opened);
  if (frees)
    g_clear_pointer (&fixture.engine, sio_engine_free);
  else
    {
      sio_engine_close (fixture.engine, "forced close");
      fixture_expect_closed (&fixture, "forced close", 0, 0);
    }
  g_assert_false (fixture.opened);
}

static void
test_grace_freed_in_opened (void)
{
  static const char * const firsts[] = { "40", "2", "7", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (firsts); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, "websocket");
      fixture.free_at = "opened";
      fixture_use_peer (&fixture, grace_script, (gpointer) firsts[i]);
      fixture_open (&fixture);
      WAIT_FOR (fixture.engine == NULL);
    }
}

/* A server that refuses Engine.IO 3, as 3.1 and 4.x do */

static void
refuses_eio3_script (RawConnection *connection,
                     guint          n,
                     gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      gboolean wrong = raw_request_has_parameter (&request, "EIO", "3");

      if (raw_request_has_parameter (&request, "transport", "websocket"))
        {
          raw_connection_accept_websocket (connection, &request, NULL, 0);
          if (wrong && data != NULL)
            {
              raw_connection_write (connection, data, -1); /* 4.x */
              return;
            }
          if (!wrong)
            raw_connection_write_frame (connection, 0x81, "0" OPEN_PLAIN, -1);
          raw_connection_await_end (connection); /* 3.1 says nothing */
        }
      else if (wrong)
        raw_connection_respond (connection, "400 Bad Request", "Content-Type: application/json\r\n",
                                "{\"code\":5,\"message\":\"Unsupported protocol version\"}", -1);
      else if (!raw_request_has_parameter (&request, "sid", NULL))
        raw_connection_respond (connection, "200 OK", NULL, "0" OPEN_PLAIN, -1);
      else
        raw_connection_await_end (connection);
    }
}

static const char garbage[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-type: text/html\r\n\r\n";

/* It was a server 2.x the last time: the same attempt goes on, and whoever watches hears why. */
static void
test_refused_remembered (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  g_autofree char *prefix = g_strdup_printf ("connecting 7 %s: the server does not take Engine.IO 3", (const char *) transport);

  fixture_init (&fixture, transport);
  fixture.memory.revision = 3;
  fixture.memory.attempt = 7;
  fixture_use_peer (&fixture, refuses_eio3_script, (gpointer) garbage);
  fixture_open (&fixture);
  expect_found (&fixture, 4, "asked again, for 4");
  g_assert_cmpuint (fixture_count_tap (&fixture, prefix), ==, 1);
  g_assert_cmpuint (fixture_count_tap (&fixture, "state connecting"), ==, 1);
}

static void
test_refused_forced (gconstpointer transport)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, transport);
  g_assert_true (sio_options_set_server (fixture.options, 2, NULL));
  fixture_use_peer (&fixture, refuses_eio3_script, (gpointer) garbage);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION);
  fixture_expect_message (&fixture, "does not take Engine.IO 3, which the option \"server\" asks for: set it to 4");
}

/* 3.1 accepts the WebSocket and says nothing. */
static void
test_silence_forced (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  g_assert_true (sio_options_set_server (fixture.options, 2, NULL));
  sio_options_set_timeout_ms (fixture.options, 300);
  fixture_use_peer (&fixture, refuses_eio3_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "timeout", SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION);
  fixture_expect_message (&fixture, "no open packet came");
}

/* An error that has nothing to do with the revision keeps its own words. */
static void
test_forced_other_errors (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  g_assert_true (sio_options_set_server (fixture.options, 2, NULL));
  fixture_use_session (&fixture, "{}");
  raw_session_set_eio3 (fixture.session);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_MALFORMED);
  fixture_expect_message (&fixture, "sid");
}

/* Asked for by the options, and the server speaks another one */
static void
test_forced_polling (void)
{
  static const struct { guint server; guint spoken; const char *message; } cases[] = {
    { 2, 4, "the server speaks Engine.IO 4, which is Socket.IO 3 and 4, but the option \"server\" asks for Socket.IO 2" },
    { 3, 3, "the server speaks Engine.IO 3, which is Socket.IO 2, but the option \"server\" asks for Socket.IO 3 or 4" },
    { 4, 3, "set it to 2, or to 0 to find out" },
    { 2, 3, NULL }, { 3, 4, NULL }, { 4, 4, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;

      detect_init (&fixture, "polling", cases[i].spoken, OPEN_PLAIN, cases[i].server == 2 ? 4 : 3); /* not believed */
      g_assert_true (sio_options_set_server (fixture.options, cases[i].server, NULL));
      fixture_open (&fixture);
      if (cases[i].message == NULL)
        {
          expect_found (&fixture, cases[i].spoken, NULL);
          expect_works (&fixture, cases[i].spoken);
        }
      else
        {
          fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION);
          fixture_expect_message (&fixture, cases[i].message);
          g_assert_cmpuint (raw_session_get_n_handshakes (fixture.session), ==, 1);
        }
    }
}

/* Over WebSocket it is the namespaces that tell; no time is spent on waiting for them. */
static void
test_forced_websocket (void)
{
  g_auto (Fixture) fixture;
  gint64 start = g_get_monotonic_time ();

  detect_init (&fixture, "websocket", 3, OPEN_PLAIN, 0);
  g_assert_true (sio_options_set_server (fixture.options, 4, NULL));
  raw_session_send (fixture.session, "40");
  fixture_open (&fixture);
  expect_found (&fixture, 4, NULL);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 250 * 1000);
  WAIT_FOR (fixture_has (&fixture, "text 40"));
  g_assert_false (sio_engine_adopt_eio3 (fixture.engine));
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION);
  fixture_expect_message (&fixture, "the server speaks Engine.IO 3");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/detect/polling", test_polling);
  g_test_add_func ("/engine/detect/polling/binary-shape", test_binary_shape);
  g_test_add_func ("/engine/detect/polling/empty-answer", test_empty_answer);
  g_test_add_func ("/engine/detect/no-extra-round-trip", test_no_extra_round_trip);
  g_test_add_func ("/engine/detect/upgrade", test_upgrade);
  g_test_add_func ("/engine/detect/websocket", test_websocket);
  g_test_add_func ("/engine/detect/websocket/adopt", test_adopt);
  g_test_add_func ("/engine/detect/websocket/adopt-refused", test_adopt_refused);
  g_test_add_func ("/engine/detect/websocket/grace/bad-packets", test_grace_bad_packets);
  g_test_add_func ("/engine/detect/websocket/grace/lost", test_grace_lost);
  g_test_add_data_func ("/engine/detect/websocket/grace/closed", "closed", test_grace_ended);
  g_test_add_data_func ("/engine/detect/websocket/grace/freed", "freed", test_grace_ended);
  g_test_add_func ("/engine/detect/websocket/grace/freed-in-opened", test_grace_freed_in_opened);
  g_test_add_data_func ("/engine/detect/remembered/refused/polling", "polling", test_refused_remembered);
  g_test_add_data_func ("/engine/detect/remembered/refused/websocket", "websocket", test_refused_remembered);
  g_test_add_data_func ("/engine/detect/forced/refused/polling", "polling", test_refused_forced);
  g_test_add_data_func ("/engine/detect/forced/refused/websocket", "websocket", test_refused_forced);
  g_test_add_func ("/engine/detect/forced/silence", test_silence_forced);
  g_test_add_func ("/engine/detect/forced/other-errors", test_forced_other_errors);
  g_test_add_func ("/engine/detect/forced/polling", test_forced_polling);
  g_test_add_func ("/engine/detect/forced/websocket", test_forced_websocket);

  return g_test_run ();
}
