/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which transport a session begins with, which comes next if that fails, and what the process remembers of it. */

#include "engine-fixture.h"

/* try-all-transports: one of the two always fails, in a way of its own. */

typedef enum {
  FAIL_STATUS,    /* 400 */
  FAIL_DROP,      /* no answer at all */
  FAIL_HANDSHAKE, /* an open packet that is none */
  FAIL_LATE,      /* WebSocket: accepted, then dropped */
  N_FAILURES
} Failure;

typedef struct {
  const char *bad;     /* "polling" or "websocket" */
  Failure     failure;
  gint        n_bad;   /* how often it was asked for */
} Half;

static const char open_packet[] =
  "0{\"sid\":\"s\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";

static void
half_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  Half *half = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      gboolean websocket = raw_request_has_parameter (&request, "transport", "websocket");
      gboolean bad = raw_request_has_parameter (&request, "transport", half->bad);
      const char *packet = bad ? "0{}" : open_packet;

      if (bad)
        {
          g_atomic_int_inc (&half->n_bad);
          if (half->failure == FAIL_DROP)
            return;
          if (half->failure == FAIL_STATUS)
            {
              raw_connection_respond (connection, "400 Bad Request", NULL, "{\"code\":0,\"message\":\"Transport unknown\"}", -1);
              continue;
            }
        }

      if (websocket)
        {
          raw_connection_accept_websocket (connection, &request, NULL, 0);
          if (bad && half->failure == FAIL_LATE)
            return;
          raw_connection_write_frame (connection, 0x81, packet, -1);
          raw_connection_await_end (connection);
        }
      else if (!raw_request_has_parameter (&request, "sid", NULL))
        raw_connection_respond (connection, "200 OK", NULL, packet, -1);
      else
        raw_connection_await_end (connection);
    }
}

static void
test_second_transport (gconstpointer good)
{
  gboolean polling = g_str_equal (good, "polling");

  for (guint failure = 0; failure < N_FAILURES; failure++)
    {
      g_auto (Fixture) fixture;
      Half half = { polling ? "websocket" : "polling", (Failure) failure, 0 };
      g_autofree char *prefix = g_strdup_printf ("connecting 3 %s: %s failed, trying %s", (const char *) good, half.bad,
                                                 (const char *) good);

      if (!polling && failure == FAIL_LATE)
        break;
      fixture_init (&fixture, polling ? "websocket,polling" : "polling,websocket");
      fixture.memory.attempt = 3;
      sio_options_set_try_all_transports (fixture.options, TRUE);
      fixture_use_peer (&fixture, half_script, &half);
      fixture_open_well (&fixture);
      g_assert_cmpint (sio_engine_get_transport (fixture.engine), ==,
                       polling ? SIO_TRANSPORT_KIND_POLLING : SIO_TRANSPORT_KIND_WEBSOCKET);
      g_assert_cmpuint (fixture_count_tap (&fixture, prefix), ==, 1);

      /* what failed is not upgraded to, although the server offers it */
      for (guint i = 0; i < 30; i++)
        g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (half.n_bad, ==, 1);
      g_assert_cmpuint (fixture_count_tap (&fixture, "state "), ==, 1);
    }
}

/* Not asked to, or nothing left: the attempt has failed, with the words of the last failure. */
static void
test_no_second_transport (gconstpointer data)
{
  g_auto (Fixture) fixture;
  gboolean try_all = g_str_equal (data, "both-fail");
  Half half = { NULL, FAIL_STATUS, 0 };

  if (!try_all)
    half.bad = "polling";
  fixture_init (&fixture, "polling,websocket");
  sio_options_set_try_all_transports (fixture.options, try_all);
  fixture_use_peer (&fixture, half_script, &half);
  if (try_all)
    {
      g_autofree char *url = raw_peer_dup_url (fixture.peer);

      g_clear_pointer (&fixture.peer, raw_peer_free);
      fixture_open_url (&fixture, url);
      fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_UNREACHABLE);
      g_assert_cmpuint (fixture_count_tap (&fixture, "connecting 0 websocket: polling failed"), ==, 1);
      g_assert_cmpuint (fixture_count_tap (&fixture, "http GET 0"), ==, 2);
    }
  else
    {
      fixture_open (&fixture);
      fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_REFUSED);
      g_assert_cmpuint (fixture_count_tap (&fixture, "state "), ==, 0);
      g_assert_cmpint (half.n_bad, ==, 1);
    }
}

/* The timeout is the attempt's, whatever is tried in it. */
static void
hanging_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request) && raw_request_has_parameter (&request, "transport", "polling"))
    raw_connection_sleep (connection, 300);
  else
    raw_connection_await_end (connection);
}

static void
test_one_timeout (void)
{
  g_auto (Fixture) fixture;
  gint64 start = g_get_monotonic_time ();

  fixture_init (&fixture, "polling,websocket");
  sio_options_set_try_all_transports (fixture.options, TRUE);
  sio_options_set_timeout_ms (fixture.options, 600);
  fixture_use_peer (&fixture, hanging_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 590 * 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 850 * 1000);
  g_assert_cmpuint (fixture_count_tap (&fixture, "connecting 0 websocket"), ==, 1);
}

static void
test_free_while_switching (void)
{
  g_auto (Fixture) fixture;
  Half half = { "polling", FAIL_STATUS, 0 };

  fixture_init (&fixture, "polling,websocket");
  sio_options_set_try_all_transports (fixture.options, TRUE);
  fixture_use_peer (&fixture, half_script, &half);
  fixture_open (&fixture);
  WAIT_FOR (fixture_count_tap (&fixture, "connecting 0 websocket") == 1);
  g_clear_pointer (&fixture.engine, sio_engine_free);

  g_clear_pointer (&fixture.peer, raw_peer_free);
  fixture_use_peer (&fixture, half_script, &half);
  fixture_open (&fixture);
  sio_engine_cut (fixture.engine); /* on request: nothing else is tried */
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_CLOSED);
}

/* Order */

static void
test_websocket_first (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket,polling");
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  g_assert_cmpint (sio_engine_get_transport (fixture.engine), ==, SIO_TRANSPORT_KIND_WEBSOCKET);
  raw_session_send (fixture.session, "4one");
  WAIT_FOR (fixture_has (&fixture, "text 4one"));
  /* one does not upgrade downwards */
  g_assert_cmpuint (raw_session_get_n_polls (fixture.session), ==, 0);
  g_assert_cmpuint (fixture_count_tap (&fixture, "http "), ==, 1);
}

static void
test_options_not_changed (void)
{
  g_auto (Fixture) fixture;
  Half half = { "websocket", FAIL_STATUS, 0 };

  fixture_init (&fixture, "websocket,polling");
  sio_options_set_try_all_transports (fixture.options, TRUE);
  fixture_use_peer (&fixture, half_script, &half);
  fixture_open_well (&fixture);
  g_assert_cmpstr (sio_options_get_transports (fixture.options)[0], ==, "websocket");
  g_assert_cmpstr (sio_options_get_transports (fixture.options)[1], ==, "polling");
  g_assert_null (sio_options_get_transports (fixture.options)[2]);
}

/* remember-upgrade */

static SioTransportKind
get_first_transport (gboolean remember)
{
  g_auto (Fixture) fixture;
  SioTransportKind kind;

  fixture_init (&fixture, "polling,websocket");
  sio_options_set_upgrade (fixture.options, FALSE);
  sio_options_set_remember_upgrade (fixture.options, remember);
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  kind = sio_engine_get_transport (fixture.engine);
  return kind;
}

static void
upgrade_once (RawUpgrade upgrade)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "polling,websocket");
  fixture_use_session (&fixture, NULL);
  raw_session_set_upgrade (fixture.session, upgrade);
  fixture_open_well (&fixture);
  if (upgrade == RAW_UPGRADE_GOOD)
    WAIT_FOR (fixture_has (&fixture, "upgraded"));
  else
    WAIT_FOR (fixture_has_tap (&fixture, "state upgrade-failed"));
}

static void
test_remember (void)
{
  sio_engine_set_websocket_worked_for_tests (FALSE);
  g_assert_cmpint (get_first_transport (TRUE), ==, SIO_TRANSPORT_KIND_POLLING);
  upgrade_once (RAW_UPGRADE_GOOD);
  g_assert_cmpint (get_first_transport (TRUE), ==, SIO_TRANSPORT_KIND_WEBSOCKET);
  g_assert_cmpint (get_first_transport (TRUE), ==, SIO_TRANSPORT_KIND_WEBSOCKET);
}

static void
test_not_remembered (void)
{
  sio_engine_set_websocket_worked_for_tests (FALSE);
  upgrade_once (RAW_UPGRADE_GOOD);
  g_assert_cmpint (get_first_transport (FALSE), ==, SIO_TRANSPORT_KIND_POLLING);
  /* which opened well over polling, and that is what is remembered */
  g_assert_cmpint (get_first_transport (TRUE), ==, SIO_TRANSPORT_KIND_POLLING);
}

static void
test_forgotten_after_probe (void)
{
  sio_engine_set_websocket_worked_for_tests (TRUE);
  upgrade_once (RAW_UPGRADE_REFUSED);
  g_assert_cmpint (get_first_transport (TRUE), ==, SIO_TRANSPORT_KIND_POLLING);
}

/* With try-all-transports polling takes over in the same attempt. */
static void
test_forgotten_after_handshake (void)
{
  g_auto (Fixture) fixture;
  Half half = { "websocket", FAIL_STATUS, 0 };

  sio_engine_set_websocket_worked_for_tests (TRUE);
  fixture_init (&fixture, "polling,websocket");
  sio_options_set_remember_upgrade (fixture.options, TRUE);
  sio_options_set_try_all_transports (fixture.options, TRUE);
  fixture_use_peer (&fixture, half_script, &half);
  fixture_open_well (&fixture);
  g_assert_cmpuint (fixture_count_tap (&fixture, "connecting 0 polling: websocket failed"), ==, 1);
  g_assert_cmpint (sio_engine_get_transport (fixture.engine), ==, SIO_TRANSPORT_KIND_POLLING);
  g_assert_cmpint (get_first_transport (TRUE), ==, SIO_TRANSPORT_KIND_POLLING);
}

static void
test_remembered_but_not_wanted (void)
{
  g_auto (Fixture) fixture;

  sio_engine_set_websocket_worked_for_tests (TRUE);
  fixture_init (&fixture, "polling");
  sio_options_set_remember_upgrade (fixture.options, TRUE);
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  g_assert_cmpint (sio_engine_get_transport (fixture.engine), ==, SIO_TRANSPORT_KIND_POLLING);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/engine/try-all-transports/second/polling", "polling", test_second_transport);
  g_test_add_data_func ("/engine/try-all-transports/second/websocket", "websocket", test_second_transport);
  g_test_add_data_func ("/engine/try-all-transports/off", "off", test_no_second_transport);
  g_test_add_data_func ("/engine/try-all-transports/both-fail", "both-fail", test_no_second_transport);
  g_test_add_func ("/engine/try-all-transports/one-timeout", test_one_timeout);
  g_test_add_func ("/engine/try-all-transports/freed-or-cut", test_free_while_switching);
  g_test_add_func ("/engine/transports/websocket-first", test_websocket_first);
  g_test_add_func ("/engine/transports/options-not-changed", test_options_not_changed);
  g_test_add_func ("/engine/remember-upgrade/remembered", test_remember);
  g_test_add_func ("/engine/remember-upgrade/not-remembered", test_not_remembered);
  g_test_add_func ("/engine/remember-upgrade/forgotten/probe-fails", test_forgotten_after_probe);
  g_test_add_func ("/engine/remember-upgrade/forgotten/handshake-fails", test_forgotten_after_handshake);
  g_test_add_func ("/engine/remember-upgrade/not-among-transports", test_remembered_but_not_wanted);

  return g_test_run ();
}
