/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a server may not do to our time and memory: deadlines, drips, bombs. */

#include "engine-fixture.h"
#include "transport/sio-polling-transport.h"

#include <stdio.h>
#include <string.h>

static const char open_packet[] = "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}";

static guint64 memory_before;

/* How much more than at memory_before was held at a moment. The test's own peer, which lives here too, is in it. */
static guint
get_peak_mib (void)
{
  guint64 peak = test_get_memory ("VmHWM:");

  return (guint) ((peak - MIN (peak, memory_before)) >> 20);
}

/* Under a sanitizer memory is not what it is. */
static gboolean
is_sanitized (void)
{
#if defined (__SANITIZE_ADDRESS__)
  return TRUE;
#else
  return FALSE;
#endif
}

/* Deadlines */

static void
test_post_deadline (void)
{
  g_auto (Fixture) fixture;

  sio_polling_transport_set_post_timeout_for_tests (300);
  fixture_init (&fixture, "polling");
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  raw_session_set_post_status (fixture.session, "");
  g_assert_true (fixture_send (&fixture, "2[\"a\"]", NULL));
  fixture_expect_packet (&fixture, "42[\"a\"]");
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TIMED_OUT);
  fixture_expect_message (&fixture, "POST was not answered in time");
  sio_polling_transport_set_post_timeout_for_tests (0);

  /* the server has it, nobody knows what it did with it, and it is not said twice */
  g_assert_cmpuint (raw_session_get_n_posts (fixture.session), ==, 1);
  g_assert_cmpuint (sio_engine_get_progress (fixture.engine).n_handed, ==, 1);
  g_assert_cmpuint (sio_engine_get_progress (fixture.engine).n_written, ==, 0);
}

/* A poll that is never answered again is a heartbeat that never comes; it has one name. */
static void
test_poll_deadline (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "polling");
  fixture_use_session (&fixture, "{\"sid\":\"raw-session\",\"upgrades\":[],\"pingInterval\":200,\"pingTimeout\":200}");
  fixture_open_well (&fixture);
  raw_session_send (fixture.session, "2");
  fixture_expect_packet (&fixture, "3");
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
}

/* Slow loris: something always comes, and never all of it. The attempt has one deadline for everything. */

typedef enum { DRIP_STATUS, DRIP_HEADERS, DRIP_BODY, DRIP_CHUNKS, N_DRIPS } Drip;

static void
drip_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  static const char *begins[N_DRIPS] = {
    "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nX-Drip: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n0{",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n0{\r\n",
  };
  Drip drip = GPOINTER_TO_UINT (data) % N_DRIPS;
  g_auto (RawRequest) request = { 0 };

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_connection_write (connection, begins[drip], -1);
  while (raw_connection_write (connection, drip == DRIP_CHUNKS ? "1\r\n \r\n" : drip == DRIP_STATUS ? "0" : " ", -1)
         && raw_connection_sleep (connection, 20))
    ;
}

static void
test_drip (gconstpointer data)
{
  for (guint drip = 0; drip < N_DRIPS; drip++)
    {
      g_auto (Fixture) fixture;
      gint64 start = g_get_monotonic_time ();

      if (g_str_equal (data, "websocket") && drip > DRIP_HEADERS)
        break;
      fixture_init (&fixture, data);
      sio_options_set_timeout_ms (fixture.options, 400);
      fixture_use_peer (&fixture, drip_script, GUINT_TO_POINTER (drip));
      fixture_open (&fixture);
      fixture_expect_closed (&fixture, "timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_USEC_PER_SEC);
    }
}

/* One byte at a time over an open WebSocket: only the heartbeat decides. */
static void
drip_frames_script (RawConnection *connection,
                    guint          n,
                    gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autofree char *text = g_strnfill (200, 'x');

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0)
      || !raw_connection_write_frame (connection, 0x81, "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":300}", -1)
      || !raw_connection_write (connection, "\x81\x7e\x10\x00", 4))
    return;
  while (raw_connection_write (connection, "4", 1) && raw_connection_sleep (connection, 10))
    ;
}

static void
test_drip_frames (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  fixture_use_peer (&fixture, drip_frames_script, NULL);
  fixture_open_well (&fixture);
  fixture_expect_closed (&fixture, "ping timeout", SIO_ERROR, SIO_ERROR_TIMED_OUT);
}

/* Bombs */

static void
header_bomb_script (RawConnection *connection,
                    guint          n,
                    gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autofree char *line = g_strnfill (1000, 'h');
  guint n_lines = 0;

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_connection_write (connection, g_str_equal (data, "polling") ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 101 Switching Protocols\r\n", -1);
  while (raw_connection_printf (connection, "X-%u: %s\r\n", n_lines++, line))
    ;
}

static void
test_header_bomb (gconstpointer data)
{
  g_auto (Fixture) fixture;

  memory_before = test_reset_peak_memory ();
  fixture_init (&fixture, data);
  fixture_use_peer (&fixture, header_bomb_script, (gpointer) data);
  fixture_open (&fixture);
  WAIT_FOR (fixture.closed);
  g_assert_false (fixture.opened);
  g_assert_nonnull (fixture.error);
  g_test_message ("%s", fixture.error->message);
  if (!is_sanitized ())
    g_assert_cmpuint (get_peak_mib (), <, 100);
}

/* The largest message that is let through, in one frame or in many, and the ones that are not. */

typedef struct {
  gsize    size;
  gsize    fragment;
  gboolean claimed_only; /* the header says so, the bytes do not come */
} Bomb;

static void
bomb_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  const Bomb *bomb = data;
  g_auto (RawRequest) request = { 0 };
  g_autofree char *text = g_strnfill (bomb->fragment, '4');

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0)
      || !raw_connection_write_frame (connection, 0x81, open_packet, -1))
    return;
  for (gsize sent = 0; sent < bomb->size; sent += bomb->fragment)
    {
      guint64 size = GUINT64_TO_BE ((guint64) (bomb->claimed_only ? bomb->size : bomb->fragment));
      guint8 header[10] = { (sent == 0 ? 1 : 0) | (bomb->claimed_only || sent + bomb->fragment >= bomb->size ? 0x80 : 0), 127 };

      /* in two pieces: a copy of the message would be measured too */
      memcpy (header + 2, &size, 8);
      if (!raw_connection_write (connection, header, sizeof header) || bomb->claimed_only
          || !raw_connection_write (connection, text, (gssize) bomb->fragment))
        break;
    }
  raw_connection_await_end (connection);
}

static void
test_message_bombs (void)
{
  static const struct { Bomb bomb; gboolean passes; } cases[] = {
    { { 16 * 1024 * 1024, 16 * 1024 * 1024, FALSE }, TRUE },
    { { 16 * 1024 * 1024, 64 * 1024, FALSE }, TRUE },
    { { 16 * 1024 * 1024 + 65536, 64 * 1024, FALSE }, FALSE },
    { { 17 * 1024 * 1024, 17 * 1024 * 1024, FALSE }, FALSE },
    { { (gsize) 1 << 40, 1, TRUE }, FALSE },
    { { G_MAXSIZE, 1, TRUE }, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;
      Bomb bomb = cases[i].bomb;

      fixture_init (&fixture, "websocket");
      fixture.count_only = TRUE;
      fixture_use_peer (&fixture, bomb_script, &bomb);
      memory_before = test_reset_peak_memory ();
      fixture_open (&fixture);
      if (cases[i].passes)
        {
          WAIT_FOR (fixture.n_texts == 1 || fixture.closed);
          g_assert_false (fixture.closed);
          g_assert_cmpuint (fixture.n_bytes, ==, bomb.size);
        }
      else
        {
          fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
          fixture_expect_message (&fixture, "max-payload (16777216 bytes)");
          g_assert_true (fixture_has_tap (&fixture, "error limit 1"));
          g_assert_cmpuint (fixture.n_texts, ==, 0);
        }
      g_test_message ("case %u: peak %u MiB", i, get_peak_mib ());
      /* the peer's text is in it */
      if (!is_sanitized ())
        g_assert_cmpuint (get_peak_mib (), <, 100 + bomb.fragment / 1024 / 1024);
    }
}

/* The largest body over polling: as one message, as attachments, as hundreds of thousands of tiny ones. */
static void
body_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  GString *body = data;

  while (TRUE)
    {
      g_auto (RawRequest) request = { 0 };

      if (!raw_connection_read_request (connection, &request))
        return;
      if (!raw_request_has_parameter (&request, "sid", NULL))
        raw_connection_respond (connection, "200 OK", NULL, open_packet, -1);
      else if (body->len > 0)
        {
          raw_connection_respond (connection, "200 OK", NULL, body->str, (gssize) body->len);
          g_string_truncate (body, 0);
        }
      else
        raw_connection_await_end (connection);
    }
}

static void
test_body_bombs (void)
{
  static const char * const units[] = { "4", "bAAAA\x1e" "bAAAA", "42[\"n\"]" };
  const gsize size = 16 * 1024 * 1024;

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_auto (Fixture) fixture;
      g_autoptr (GString) body = g_string_sized_new (size + 64);
      guint wanted = 1;

      /* as many as may be: a million packets, or the sixteen megabytes */
      g_string_append (body, units[i]);
      if (i == 0)
        while (body->len < size)
          g_string_append_c (body, 'x');
      else
        for (; body->len + strlen (units[i]) < size && wanted < (i == 1 ? 400000 : 1000000); wanted++)
          g_string_append_printf (body, "\x1e%s", units[i]);

      fixture_init (&fixture, "polling");
      fixture.count_only = TRUE;
      fixture_use_peer (&fixture, body_script, body);
      memory_before = test_reset_peak_memory ();
      fixture_open (&fixture);
      if (i == 1)
        WAIT_FOR_SECONDS (fixture.log->len >= 2 * wanted || fixture.closed, 60);
      else
        WAIT_FOR_SECONDS (fixture.n_texts == wanted || fixture.closed, 60);
      g_assert_false (fixture.closed);
      g_test_message ("%u units: peak %u MiB", wanted, get_peak_mib ());
      if (!is_sanitized ())
        g_assert_cmpuint (get_peak_mib (), <, 100);
    }
}

/* 101, and then what is no WebSocket; or an open packet and garbage behind it. */
static void
garbage_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (data));
  guint8 garbage[4096];

  for (guint i = 0; i < sizeof garbage; i++)
    garbage[i] = (guint8) g_rand_int (rand);
  if (!raw_connection_read_request (connection, &request))
    return;
  if (GPOINTER_TO_UINT (data) % 2 == 0)
    raw_connection_accept_websocket (connection, &request, garbage, sizeof garbage);
  else if (raw_connection_accept_websocket (connection, &request, NULL, 0)
           && raw_connection_write_frame (connection, 0x81, open_packet, -1))
    raw_connection_write (connection, garbage, sizeof garbage);
}

static void
test_random_frames (void)
{
  for (guint seed = 0; seed < 60; seed++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, "websocket");
      fixture_use_peer (&fixture, garbage_script, GUINT_TO_POINTER (seed));
      fixture_open (&fixture);
      WAIT_FOR (fixture.closed);
      g_assert_cmpint (fixture.opened, ==, seed % 2 == 1);
      g_assert_nonnull (fixture.error);
      g_assert_true (g_utf8_validate (fixture.error->message, -1, NULL));
    }
}

/* An answer to a POST that comes while polling is being paused: the upgrade waits for it. */

typedef struct {
  gint paused;       /* "3probe" was sent */
  gint post_held;
  gint poll_held;
  gint release_post;
  gint release_poll;
  gint upgraded_early;
} Pausing;

static gboolean
await (RawConnection *connection,
       gint          *flag)
{
  while (!g_atomic_int_get (flag))
    if (!raw_connection_sleep (connection, 5))
      return FALSE;
  return TRUE;
}

static void
set (gint *flag)
{
  g_atomic_int_set (flag, 1);
  raw_peer_wake_tests ();
}

static void
pausing_websocket (RawConnection *connection,
                   RawRequest    *request,
                   Pausing       *self)
{
  g_autoptr (GString) payload = g_string_new (NULL);
  guint8 first;

  if (!raw_connection_accept_websocket (connection, request, NULL, 0) || !raw_connection_read_frame (connection, &first, payload)
      || !await (connection, &self->post_held) || !await (connection, &self->poll_held))
    return;
  raw_connection_write_frame (connection, 0x81, "3probe", -1);
  set (&self->paused);
  if (!raw_connection_read_frame (connection, &first, payload))
    return;
  g_assert_cmpstr (payload->str, ==, "5");
  g_atomic_int_set (&self->upgraded_early,
                    !g_atomic_int_get (&self->release_post) || !g_atomic_int_get (&self->release_poll));
  raw_connection_write_frame (connection, 0x81, "4over websocket", -1);
  raw_connection_await_end (connection);
}

static void
pausing_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  Pausing *self = data;

  while (TRUE)
    {
      g_auto (RawRequest) request = { 0 };

      if (!raw_connection_read_request (connection, &request))
        return;
      if (raw_request_has_parameter (&request, "transport", "websocket"))
        {
          pausing_websocket (connection, &request, self);
          return;
        }
      if (!raw_request_has_parameter (&request, "sid", NULL))
        raw_connection_respond (connection, "200 OK", NULL,
                                "0{\"sid\":\"s\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000}", -1);
      else if (g_str_equal (request.method, "POST"))
        {
          set (&self->post_held);
          if (!await (connection, &self->release_post))
            return;
          raw_connection_respond (connection, "200 OK", NULL, "ok", -1);
        }
      else
        {
          set (&self->poll_held);
          if (!await (connection, &self->release_poll))
            return;
          raw_connection_respond (connection, "200 OK", NULL, "4late\x1e" "6", -1);
        }
    }
}

static void
test_answers_while_pausing (gconstpointer data)
{
  g_auto (Fixture) fixture;
  Pausing pausing = { 0 };
  gboolean post_first = g_str_equal (data, "post-first");

  fixture_init (&fixture, "polling,websocket");
  fixture_use_peer (&fixture, pausing_script, &pausing);
  fixture_open_well (&fixture);
  g_assert_true (fixture_send (&fixture, "posted", NULL));
  WAIT_FOR (fixture_has_tap (&fixture, "state upgrading"));
  g_assert_true (fixture_send (&fixture, "held", NULL));
  g_assert_cmpuint (sio_engine_get_progress (fixture.engine).n_handed, ==, 1);

  set (post_first ? &pausing.release_post : &pausing.release_poll);
  if (post_first)
    WAIT_FOR (sio_engine_get_progress (fixture.engine).n_written == 1);
  else
    WAIT_FOR (fixture_has (&fixture, "text 4late"));
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (fixture_has (&fixture, "upgraded"));
  set (post_first ? &pausing.release_poll : &pausing.release_post);

  WAIT_FOR (fixture_has (&fixture, "text 4over websocket"));
  g_assert_true (fixture_has (&fixture, "text 4late"));
  g_assert_false (g_atomic_int_get (&pausing.upgraded_early));
  WAIT_FOR (sio_engine_get_progress (fixture.engine).n_written == 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/limits/post-deadline", test_post_deadline);
  g_test_add_func ("/engine/limits/poll-deadline", test_poll_deadline);
  g_test_add_data_func ("/engine/polling/limits/drip", "polling", test_drip);
  g_test_add_data_func ("/engine/websocket/limits/drip", "websocket", test_drip);
  g_test_add_func ("/engine/websocket/limits/drip-frames", test_drip_frames);
  g_test_add_data_func ("/engine/polling/limits/header-bomb", "polling", test_header_bomb);
  g_test_add_data_func ("/engine/websocket/limits/header-bomb", "websocket", test_header_bomb);
  g_test_add_func ("/engine/websocket/limits/message-bombs", test_message_bombs);
  g_test_add_func ("/engine/polling/limits/body-bombs", test_body_bombs);
  g_test_add_func ("/engine/websocket/limits/random-frames", test_random_frames);
  g_test_add_data_func ("/engine/upgrade/answers-while-pausing/post-first", "post-first", test_answers_while_pausing);
  g_test_add_data_func ("/engine/upgrade/answers-while-pausing/poll-first", "poll-first", test_answers_while_pausing);

  return g_test_run ();
}
