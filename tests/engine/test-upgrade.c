/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From polling to WebSocket, well and badly. Engine.IO, "Upgrade". */

#include "engine-fixture.h"

static void
upgrade_init (Fixture    *fixture,
              RawUpgrade  upgrade)
{
  fixture_init (fixture, "polling,websocket");
  fixture_use_session (fixture, NULL);
  raw_session_set_upgrade (fixture->session, upgrade);
}

/* The session works, and over which transport. */
static void
expect_alive (Fixture          *fixture,
              SioTransportKind  kind)
{
  g_assert_cmpint (sio_engine_get_transport (fixture->engine), ==, kind);
  g_assert_true (fixture_send (fixture, "2[\"still\"]", NULL));
  fixture_expect_packet (fixture, "42[\"still\"]");
  raw_session_send (fixture->session, "42[\"here\"]");
  WAIT_FOR (fixture_has (fixture, "text 42[\"here\"]"));
  g_assert_false (fixture->closed);
}

static void
test_good (void)
{
  g_auto (Fixture) fixture;
  guint polls;

  upgrade_init (&fixture, RAW_UPGRADE_GOOD);
  fixture_open_well (&fixture);
  fixture_expect_packet (&fixture, "2probe");
  WAIT_FOR (fixture_has (&fixture, "upgraded"));
  fixture_expect_packet (&fixture, "5");
  expect_alive (&fixture, SIO_TRANSPORT_KIND_WEBSOCKET);

  g_assert_true (fixture_has_tap (&fixture, "engine out websocket 2probe"));
  g_assert_true (fixture_has_tap (&fixture, "engine in websocket 3probe"));
  g_assert_true (fixture_has_tap (&fixture, "engine in polling 6"));
  g_assert_true (fixture_has_tap (&fixture, "engine out websocket 5"));
  g_assert_true (fixture_has_tap (&fixture, "state upgrading"));
  g_assert_true (fixture_has_tap (&fixture, "state upgraded"));
  g_assert_cmpuint (raw_session_get_max_gets (fixture.session), ==, 1);

  /* and polling is over */
  polls = raw_session_get_n_polls (fixture.session);
  raw_session_send (fixture.session, "2");
  fixture_expect_packet (&fixture, "3");
  g_assert_cmpuint (raw_session_get_n_polls (fixture.session), ==, polls);

  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
}

/* Nothing is lost, doubled or reordered while the transports change. */
static void
test_in_order (void)
{
  g_auto (Fixture) fixture;
  guint n_sent = 0;
  guint n_received = 0;
  guint n_wanted = 0;

  upgrade_init (&fixture, RAW_UPGRADE_GOOD);
  fixture_open_well (&fixture);
  while (!fixture_has (&fixture, "upgraded") || n_sent < 500)
    {
      g_autofree char *text = g_strdup_printf ("2[\"n\",%u]", n_sent);
      g_autofree char *reply = g_strdup_printf ("42[\"n\",%u]", n_sent);

      n_sent++;
      g_assert_true (fixture_send (&fixture, text, NULL));
      raw_session_send (fixture.session, reply);
      for (guint i = 0; i < 3; i++)
        g_main_context_iteration (NULL, FALSE);
    }

  while (n_received < n_sent)
    {
      g_autofree char *expected = g_strdup_printf ("42[\"n\",%u]", n_received);
      g_autofree char *packet = NULL;

      while (packet == NULL)
        {
          packet = raw_session_take (fixture.session);
          if (packet == NULL)
            g_main_context_iteration (NULL, TRUE);
          else if (g_str_equal (packet, "2probe") || g_str_equal (packet, "5"))
            g_clear_pointer (&packet, g_free);
        }
      g_assert_cmpstr (packet, ==, expected);
      n_received++;
    }

  WAIT_FOR (fixture.n_texts == n_sent);
  for (guint i = 0; i < fixture.log->len; i++)
    if (g_str_has_prefix (fixture.log->pdata[i], "text "))
      {
        g_autofree char *line = g_strdup_printf ("text 42[\"n\",%u]", n_wanted++);

        g_assert_cmpstr (fixture.log->pdata[i], ==, line);
      }
  g_assert_cmpuint (raw_session_get_max_gets (fixture.session), ==, 1);
  g_assert_cmpuint (raw_session_get_max_posts (fixture.session), ==, 1);
}

static void
test_fails (gconstpointer data)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, (RawUpgrade) GPOINTER_TO_UINT (data));
  fixture_open_well (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrade-failed"));
  if (data != GUINT_TO_POINTER (RAW_UPGRADE_REFUSED))
    fixture_expect_packet (&fixture, "2probe");
  expect_alive (&fixture, SIO_TRANSPORT_KIND_POLLING);
  g_assert_false (fixture_has (&fixture, "upgraded"));
  g_assert_false (fixture_has (&fixture, "text 4early"));
  /* and it is not tried again */
  g_assert_cmpuint (fixture_count_tap (&fixture, "state upgrade-failed"), ==, 1);
}

/* These end after the probe's time. */
static void
test_times_out (gconstpointer data)
{
  g_auto (Fixture) fixture;

  sio_engine_set_probe_timeout_for_tests (1000);
  upgrade_init (&fixture, (RawUpgrade) GPOINTER_TO_UINT (data));
  fixture_open_well (&fixture);
  if (data != GUINT_TO_POINTER (RAW_UPGRADE_NO_NOOP))
    {
      if (data == GUINT_TO_POINTER (RAW_UPGRADE_NO_ANSWER))
        fixture_expect_packet (&fixture, "2probe");
      expect_alive (&fixture, SIO_TRANSPORT_KIND_POLLING); /* meanwhile nothing is held back */
      WAIT_FOR (fixture_has_tap (&fixture, "state upgrade-failed"));
    }
  else
    {
      WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
      g_assert_false (sio_engine_is_writable (fixture.engine));
      g_assert_true (fixture_send (&fixture, "2[\"held\"]", NULL));
      WAIT_FOR (fixture_has_tap (&fixture, "state upgrade-failed"));
      fixture_expect_packet (&fixture, "2probe");
      fixture_expect_packet (&fixture, "42[\"held\"]");
      expect_alive (&fixture, SIO_TRANSPORT_KIND_POLLING);
      g_assert_cmpuint (raw_session_get_max_gets (fixture.session), ==, 1);
    }
  sio_engine_set_probe_timeout_for_tests (0);
}

static void
test_dies_while_pausing (void)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, RAW_UPGRADE_CLOSES_LATE);
  fixture_open_well (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
  g_assert_true (fixture_send (&fixture, "2[\"held\"]", NULL));
  raw_session_release_upgrade (fixture.session);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrade-failed"));
  fixture_expect_packet (&fixture, "2probe");
  fixture_expect_packet (&fixture, "42[\"held\"]");
  expect_alive (&fixture, SIO_TRANSPORT_KIND_POLLING);
}

/* What comes through the poll between "3probe" and "5" is not lost. */
static void
test_message_while_pausing (void)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, RAW_UPGRADE_NO_NOOP);
  fixture_open_well (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
  WAIT_FOR (raw_session_is_poll_pending (fixture.session));
  raw_session_send (fixture.session, "4in between");
  WAIT_FOR (fixture_has (&fixture, "text 4in between"));
  /* that answer ended the poll */
  raw_session_release_upgrade (fixture.session);
  WAIT_FOR (fixture_has (&fixture, "upgraded"));
  fixture_expect_packet (&fixture, "2probe");
  fixture_expect_packet (&fixture, "5");
  expect_alive (&fixture, SIO_TRANSPORT_KIND_WEBSOCKET);
}

static void
test_not_wanted (void)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, RAW_UPGRADE_GOOD);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_open_well (&fixture);
  expect_alive (&fixture, SIO_TRANSPORT_KIND_POLLING);
  g_assert_cmpuint (fixture_count_tap (&fixture, "http GET 101"), ==, 0);
}

static void
test_not_offered (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "polling,websocket");
  fixture_use_session (&fixture, "{\"sid\":\"s\",\"upgrades\":[\"webtransport\"],\"pingInterval\":9999,\"pingTimeout\":9999}");
  fixture_open_well (&fixture);
  expect_alive (&fixture, SIO_TRANSPORT_KIND_POLLING);
}

/* Asked to close while the probe runs: it is dropped and the session ends over polling. */
static void
test_close_while_probing (void)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, RAW_UPGRADE_NO_ANSWER);
  fixture_open_well (&fixture);
  fixture_expect_packet (&fixture, "2probe");
  g_assert_true (fixture_send (&fixture, "2[\"last\"]", NULL));
  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  fixture_expect_packet (&fixture, "42[\"last\"]");
  g_assert_cmpstr (raw_session_get_goodbye (fixture.session), ==, "1");
}

/* Asked to close while transports change: the change is waited for, what waits is written, then the WebSocket is closed. */
static void
test_close_while_pausing (void)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, RAW_UPGRADE_NO_NOOP);
  fixture_open_well (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
  g_assert_true (fixture_send (&fixture, "2[\"last\"]", NULL));
  sio_engine_close (fixture.engine, "forced close");
  g_assert_false (fixture_send (&fixture, "2[\"too late\"]", NULL));
  raw_session_release_upgrade (fixture.session);
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  g_assert_true (fixture_has (&fixture, "upgraded"));
  /* Whoever watches was told of the end already: no state comes after it. */
  g_assert_false (fixture_has_tap (&fixture, "state upgraded"));
  fixture_expect_packet (&fixture, "2probe");
  fixture_expect_packet (&fixture, "5");
  fixture_expect_packet (&fixture, "42[\"last\"]");
  WAIT_FOR (raw_session_get_goodbye (fixture.session) != NULL);
  g_assert_cmpstr (raw_session_get_goodbye (fixture.session), ==, "close");
}

/* Asked to close while transports change, and the change fails: what waits goes over polling, and then it closes. */
static void
test_close_on_upgrade_error (void)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, RAW_UPGRADE_CLOSES_LATE);
  fixture_open_well (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
  g_assert_true (fixture_send (&fixture, "2[\"last\"]", NULL));
  sio_engine_close (fixture.engine, "forced close");
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (fixture.closed);
  g_assert_null (raw_session_get_goodbye (fixture.session));
  raw_session_release_upgrade (fixture.session);
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  g_assert_false (fixture_has (&fixture, "upgraded"));
  fixture_expect_packet (&fixture, "2probe");
  fixture_expect_packet (&fixture, "42[\"last\"]");
  g_assert_cmpstr (raw_session_get_goodbye (fixture.session), ==, "1");
}

/* The same, and the change never ends: nobody waits for ever. */
static void
test_close_while_stuck (void)
{
  g_auto (Fixture) fixture;
  gint64 start;

  upgrade_init (&fixture, RAW_UPGRADE_NO_NOOP);
  fixture_open_well (&fixture);
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
  start = g_get_monotonic_time ();
  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_USEC_PER_SEC);
}

static void
test_free_in_upgraded (void)
{
  g_auto (Fixture) fixture;

  upgrade_init (&fixture, RAW_UPGRADE_GOOD);
  fixture.free_at = "upgraded";
  fixture_open (&fixture);
  WAIT_FOR (fixture.engine == NULL);
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *path; RawUpgrade upgrade; } fails[] = {
    { "/engine/upgrade/refused", RAW_UPGRADE_REFUSED },
    { "/engine/upgrade/message-before-answer", RAW_UPGRADE_WRONG_ANSWER },
    { "/engine/upgrade/closes", RAW_UPGRADE_CLOSES },
  };

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/upgrade/good", test_good);
  g_test_add_func ("/engine/upgrade/in-order", test_in_order);
  for (guint i = 0; i < G_N_ELEMENTS (fails); i++)
    g_test_add_data_func (fails[i].path, GUINT_TO_POINTER (fails[i].upgrade), test_fails);
  g_test_add_data_func ("/engine/upgrade/hangs", GUINT_TO_POINTER (RAW_UPGRADE_HANGS), test_times_out);
  g_test_add_data_func ("/engine/upgrade/no-answer", GUINT_TO_POINTER (RAW_UPGRADE_NO_ANSWER), test_times_out);
  g_test_add_data_func ("/engine/upgrade/no-noop", GUINT_TO_POINTER (RAW_UPGRADE_NO_NOOP), test_times_out);
  g_test_add_func ("/engine/upgrade/dies-while-pausing", test_dies_while_pausing);
  g_test_add_func ("/engine/upgrade/message-while-pausing", test_message_while_pausing);
  g_test_add_func ("/engine/upgrade/not-wanted", test_not_wanted);
  g_test_add_func ("/engine/upgrade/not-offered", test_not_offered);
  g_test_add_func ("/engine/upgrade/close-while-probing", test_close_while_probing);
  g_test_add_func ("/engine/upgrade/close-while-pausing", test_close_while_pausing);
  g_test_add_func ("/engine/upgrade/close-on-upgrade-error", test_close_on_upgrade_error);
  g_test_add_func ("/engine/upgrade/close-while-stuck", test_close_while_stuck);
  g_test_add_func ("/engine/upgrade/free-in-upgraded", test_free_in_upgraded);

  return g_test_run ();
}
