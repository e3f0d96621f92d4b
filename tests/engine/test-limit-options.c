/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Limits that are options: each is kept to, and its error says which option it was. And bombs: the process stays small. */

#include "engine-fixture.h"

#include <stdio.h>

static const char open_packet[] = "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";

/* After the open packet a WebSocket gets these bytes, for ever if asked; a poll gets them as its body. */
typedef struct {
  const char *bytes;
  gsize       size;
  gboolean    for_ever;
  guint       eio;      /* 3: of the polls; else it is 4 */
} Sent;

static void
sent_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  Sent *sent = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      if (raw_request_has_parameter (&request, "transport", "websocket"))
        {
          raw_connection_accept_websocket (connection, &request, NULL, 0);
          raw_connection_write_frame (connection, 0x81, open_packet, -1);
          while (raw_connection_write (connection, sent->bytes, (gssize) sent->size) && sent->for_ever)
            ;
          raw_connection_await_end (connection);
        }
      else if (!raw_request_has_parameter (&request, "sid", NULL))
        {
          g_autofree char *eio3 = g_strdup_printf ("%u:%s", (guint) strlen (open_packet), open_packet);

          raw_connection_respond (connection, "200 OK", NULL, sent->eio == 3 ? eio3 : open_packet, -1);
        }
      else if (g_str_equal (request.method, "GET") && sent->size > 0)
        {
          raw_connection_respond (connection, "200 OK", NULL, sent->bytes, (gssize) sent->size);
          if (!sent->for_ever)
            sent->size = 0;
        }
      else
        raw_connection_await_end (connection);
    }
}

static void
expect_limit (Fixture    *fixture,
              const char *message)
{
  fixture_expect_closed (fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
  fixture_expect_message (fixture, message);
  g_assert_true (fixture_has_tap (fixture, "error limit 1"));
}

static void
append_fragments (GString *bytes,
                  guint    n)
{
  for (guint i = 0; i < n; i++)
    raw_append_frame (bytes, (i == 0 ? 1 : 0) | (i == n - 1 ? 0x80 : 0), i == 0 ? "4" : "x", 1);
}

static void
test_max_fragments (void)
{
  for (guint n = 5; n <= 6; n++)
    {
      g_auto (Fixture) fixture;
      g_autoptr (GString) bytes = g_string_new (NULL);
      Sent sent;

      append_fragments (bytes, n);
      sent = (Sent) { bytes->str, bytes->len, FALSE, 4 };
      fixture_init (&fixture, "websocket");
      sio_options_set_max_fragments (fixture.options, 5);
      fixture_use_peer (&fixture, sent_script, &sent);
      fixture_open (&fixture);
      if (n == 5)
        WAIT_FOR (fixture_has (&fixture, "text 4xxxx"));
      else
        expect_limit (&fixture, "max-fragments (5)");
    }
}

static void
test_max_packets_per_poll (void)
{
  static const struct { guint eio; const char *body; gboolean passes; } cases[] = {
    { 4, "4a\x1e" "4b\x1e" "4c", TRUE },
    { 4, "4a\x1e" "4b\x1e" "4c\x1e" "4d", FALSE },
    { 3, "2:4a2:4b2:4c", TRUE },
    { 3, "2:4a2:4b2:4c2:4d", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;
      Sent sent = { cases[i].body, strlen (cases[i].body), FALSE, cases[i].eio };

      fixture_init (&fixture, "polling");
      sio_options_set_max_packets_per_poll (fixture.options, 3);
      fixture_use_peer (&fixture, sent_script, &sent);
      fixture_open (&fixture);
      if (cases[i].passes)
        WAIT_FOR (fixture.n_texts == 3);
      else
        {
          expect_limit (&fixture, "max-packets-per-poll: ");
          g_assert_cmpuint (fixture.n_texts, ==, 0);
        }
    }
}

/* The rate is looked at over five seconds. Packets of Engine.IO on either transport, and control frames of the WebSocket. */
static void
test_max_control_rate (gconstpointer data)
{
  gboolean frames = g_str_equal (data, "frames");

  for (guint n = 50; n <= 51; n++)
    {
      g_auto (Fixture) fixture;
      g_autoptr (GString) bytes = g_string_new (NULL);
      Sent sent;

      for (guint i = 0; i < n - 1; i++) /* the open packet is one as well */
        if (frames)
          raw_append_frame (bytes, 0x8a, "x", 1);
        else if (g_str_equal (data, "websocket"))
          raw_append_frame (bytes, 0x81, "6", 1);
        else
          g_string_append (bytes, "6\x1e");
      if (g_str_equal (data, "polling"))
        g_string_append (bytes, "4end");
      else
        raw_append_frame (bytes, 0x81, "4end", 4);

      sent = (Sent) { bytes->str, bytes->len, FALSE, 4 };
      fixture_init (&fixture, frames ? "websocket" : data);
      sio_options_set_max_control_rate (fixture.options, 10);
      fixture_use_peer (&fixture, sent_script, &sent);
      fixture_open (&fixture);
      if (n == 50)
        WAIT_FOR (fixture_has (&fixture, "text 4end"));
      else
        expect_limit (&fixture, "max-control-rate (10 a second, over 5 s)");
    }
}

static void
test_max_queued (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  g_autofree char *large = g_strnfill (2000, 'x');
  g_autoptr (GError) error = NULL;
  Sent sent = { "", 0, FALSE, 4 };

  fixture_init (&fixture, transport);
  sio_options_set_max_queued_packets (fixture.options, 5);
  sio_options_set_max_queued_size (fixture.options, 1000);
  fixture_use_peer (&fixture, sent_script, &sent);
  fixture_open_well (&fixture);

  if (g_str_equal (transport, "websocket"))
    {
      g_autofree char *first = g_strnfill (100000, 'x');

      /* takes all the credit there is, and waits until the system has written it */
      g_assert_true (fixture_send (&fixture, first, NULL));
    }
  else
    g_assert_true (fixture_send (&fixture, "posted", NULL));

  for (guint i = 0; i < 5; i++)
    g_assert_true (fixture_send (&fixture, "waits", NULL));
  g_assert_false (fixture_send (&fixture, "too many", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_assert_nonnull (strstr (error->message, "max-queued-packets 5"));
  g_clear_error (&error);
  g_assert_false (fixture_send (&fixture, large, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_assert_nonnull (strstr (error->message, "max-queued-size 1000"));
}

/* One message is always taken, however large. */
static void
test_one_is_always_taken (gconstpointer transport)
{
  g_auto (Fixture) fixture;
  g_autofree char *large = g_strnfill (200000, 'x');
  g_autofree char *expected = g_strconcat ("4", large, NULL);

  fixture_init (&fixture, transport);
  sio_options_set_max_queued_packets (fixture.options, 1);
  sio_options_set_max_queued_size (fixture.options, 1);
  sio_options_set_upgrade (fixture.options, FALSE);
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  g_assert_true (fixture_send (&fixture, large, NULL));
  fixture_expect_packet (&fixture, expected);
}

/* What is said for one transport counts for that one, and for that one only. */
static void
test_max_payload (gconstpointer transport)
{
  gboolean polling = g_str_equal (transport, "polling");

  for (guint own = 0; own < 2; own++)
    {
      g_auto (Fixture) fixture;
      g_autoptr (GString) bytes = g_string_new (NULL);
      g_autoptr (SioOptions) overrides = sio_options_new ();
      g_autofree char *text = g_strnfill (1500, '4');
      Sent sent;

      if (polling)
        g_string_append (bytes, text);
      else
        raw_append_frame (bytes, 0x81, text, 1500);
      sent = (Sent) { bytes->str, bytes->len, FALSE, 4 };
      fixture_init (&fixture, transport);
      sio_options_set_max_payload (fixture.options, 1400);
      sio_options_set_max_payload (overrides, 1450);
      sio_options_set_transport_options (fixture.options, own == (guint) polling ? SIO_TRANSPORT_KIND_POLLING
                                                                                 : SIO_TRANSPORT_KIND_WEBSOCKET, overrides);
      fixture_use_peer (&fixture, sent_script, &sent);
      fixture_open (&fixture);
      expect_limit (&fixture, own ? "max-payload (1450 bytes)" : "max-payload (1400 bytes)");
    }
}

/* A server that is refused is told the WebSocket's code for it: 1009 is "too big", 1008 "policy violation". */

typedef struct {
  const char *bytes;
  gsize       size;
  guint       code;
  gint        seen; /* in the close frame of the client */
} Refused;

static void
refused_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  Refused *refused = data;
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) payload = g_string_new (NULL);
  guint8 first;

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0)
      || !raw_connection_write_frame (connection, 0x81, open_packet, -1)
      || !raw_connection_write (connection, refused->bytes, (gssize) refused->size))
    return;
  while (raw_connection_read_frame (connection, &first, payload))
    if (first == 0x88 && payload->len == 2)
      {
        g_atomic_int_set (&refused->seen, ((guchar) payload->str[0] << 8) + (guchar) payload->str[1]);
        raw_peer_wake_tests ();
        return;
      }
}

static void
test_close_codes (void)
{
  g_autoptr (GString) noops = g_string_new (NULL);
  g_autoptr (GString) fragments = g_string_new (NULL);
  g_autoptr (GString) pings = g_string_new (NULL);

  for (guint i = 0; i < 60; i++)
    {
      raw_append_frame (noops, 0x81, "6", 1);
      raw_append_frame (pings, 0x89, "x", 1);
    }
  append_fragments (fragments, 6);

  {
    Refused cases[] = {
      { "\x81\x7f\0\0\0\0\x10\0\0\0", 10, 1009, 0 },
      { fragments->str, fragments->len, 1009, 0 },
      { noops->str, noops->len, 1008, 0 },
      { pings->str, pings->len, 1008, 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_auto (Fixture) fixture;
        g_autofree char *line = g_strdup_printf ("frame out 8 %u", cases[i].code);

        fixture_init (&fixture, "websocket");
        sio_options_set_max_fragments (fixture.options, 5);
        sio_options_set_max_control_rate (fixture.options, 10);
        fixture_use_peer (&fixture, refused_script, &cases[i]);
        fixture_open (&fixture);
        expect_limit (&fixture, "max-");
        WAIT_FOR (g_atomic_int_get (&cases[i].seen) != 0);
        g_assert_cmpint (cases[i].seen, ==, (int) cases[i].code);
        g_assert_true (fixture_has_tap (&fixture, line));
      }
  }
}

/* Bombs */

static guint64 memory_before;

static void
expect_small (void)
{
  guint64 peak = test_get_memory ("VmHWM:");

  g_test_message ("%" G_GUINT64_FORMAT " MiB more at the most", (peak - MIN (peak, memory_before)) >> 20);
  /* under a sanitizer memory is not what it is */
#if !defined (__SANITIZE_ADDRESS__)
  g_assert_cmpuint (peak - MIN (peak, memory_before), <, 100 * 1024 * 1024);
#endif
}

typedef enum {
  BOMB_EMPTY_FRAGMENTS, BOMB_TINY_FRAGMENTS, BOMB_LARGE_FRAGMENTS, BOMB_BINARY_FRAGMENTS,
  BOMB_PINGS, BOMB_PONGS, BOMB_NOOPS, BOMB_HEARTBEATS,
} BombKind;

static const struct { const char *path; BombKind kind; const char *message; } websocket_bombs[] = {
  { "/engine/websocket/bombs/empty-fragments",  BOMB_EMPTY_FRAGMENTS,  "max-fragments" },
  { "/engine/websocket/bombs/tiny-fragments",   BOMB_TINY_FRAGMENTS,   "max-fragments" },
  { "/engine/websocket/bombs/large-fragments",  BOMB_LARGE_FRAGMENTS,  "max-payload" },
  { "/engine/websocket/bombs/binary-fragments", BOMB_BINARY_FRAGMENTS, "max-payload" },
  { "/engine/websocket/bombs/ping-frames",      BOMB_PINGS,            "max-control-rate" },
  { "/engine/websocket/bombs/pong-frames",      BOMB_PONGS,            "max-control-rate" },
  { "/engine/websocket/bombs/noops",            BOMB_NOOPS,            "max-control-rate" },
  { "/engine/websocket/bombs/heartbeats",       BOMB_HEARTBEATS,       "max-control-rate" },
};

/* A first fragment, and then the same bytes again and again. */
static void
websocket_bomb_script (RawConnection *connection,
                       guint          n,
                       gpointer       data)
{
  BombKind kind = (BombKind) GPOINTER_TO_UINT (data);
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_autofree char *large = g_strnfill (60000, 'x');

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0)
      || !raw_connection_write_frame (connection, 0x81, open_packet, -1))
    return;
  if (kind <= BOMB_BINARY_FRAGMENTS)
    raw_connection_write_frame (connection, kind == BOMB_BINARY_FRAGMENTS ? 0x02 : 0x01, "4", 1);
  while (bytes->len < 60000)
    switch (kind)
      {
      case BOMB_EMPTY_FRAGMENTS: raw_append_frame (bytes, 0x00, "", 0); break;
      case BOMB_TINY_FRAGMENTS: raw_append_frame (bytes, 0x00, "x", 1); break;
      case BOMB_LARGE_FRAGMENTS:
      case BOMB_BINARY_FRAGMENTS: raw_append_frame (bytes, 0x00, large, 60000); break;
      case BOMB_PINGS: raw_append_frame (bytes, 0x89, large, 125); break;
      case BOMB_PONGS: raw_append_frame (bytes, 0x8a, large, 125); break;
      case BOMB_NOOPS: raw_append_frame (bytes, 0x81, "6", 1); break;
      case BOMB_HEARTBEATS: raw_append_frame (bytes, 0x81, "2", 1); break;
      }
  while (raw_connection_write (connection, bytes->str, (gssize) bytes->len))
    ;
}

static void
test_websocket_bomb (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_auto (Fixture) fixture;

  memory_before = test_reset_peak_memory ();
  fixture_init (&fixture, "websocket");
  fixture_use_peer (&fixture, websocket_bomb_script, GUINT_TO_POINTER (websocket_bombs[i].kind));
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
  fixture_expect_message (&fixture, websocket_bombs[i].message);
  expect_small ();
}

/* A byte of each poll is kept, because its packet has more attachments; the rest of the poll's many megabytes is not. */
static void
slices_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_autoptr (GString) large = g_string_new (NULL);
  g_auto (RawRequest) request = { 0 };
  guint n_polls = 0;

  /* a byte of binary, and 8000001 bytes of text */
  g_string_append_len (large, "\1\2\xff\4x\0\10\0\0\0\0\0\1\xff" "4", 15);
  while (large->len < 15 + 8000000)
    g_string_append_len (large, "xxxxxxxxxx", 10);

  while (raw_connection_read_request (connection, &request))
    if (n_polls++ == 0)
      {
        g_autofree char *open = g_strdup_printf ("%u:%s", (guint) strlen (open_packet), open_packet);

        raw_connection_respond (connection, "200 OK", NULL, open, -1);
      }
    else if (n_polls <= 30)
      raw_connection_respond (connection, "200 OK", NULL, large->str, (gssize) large->len);
    else
      raw_connection_await_end (connection);
}

static void
test_slices (void)
{
  g_auto (Fixture) fixture;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  memory_before = test_reset_peak_memory ();
  fixture_init (&fixture, "polling");
  fixture.kept = kept;
  fixture.count_only = TRUE;
  fixture_use_peer (&fixture, slices_script, NULL);
  fixture_open (&fixture);
  WAIT_FOR (kept->len == 29);
  expect_small ();
}

/* A body of nothing but tiny packets, in either revision. */
static void
test_poll_bomb (gconstpointer data)
{
  guint eio = GPOINTER_TO_UINT (data);
  g_auto (Fixture) fixture;
  g_autoptr (GString) body = g_string_new (NULL);
  Sent sent;

  while (body->len < 15 * 1024 * 1024)
    g_string_append (body, eio == 3 ? "1:61:61:61:61:61:61:61:6" : "6\x1e" "6\x1e" "6\x1e" "6\x1e");
  sent = (Sent) { body->str, body->len, FALSE, eio };
  memory_before = test_reset_peak_memory ();
  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, sent_script, &sent);
  fixture_open (&fixture);
  expect_limit (&fixture, "max-packets-per-poll");
  g_assert_cmpuint (fixture.eio, ==, eio);
  expect_small ();
}

/* Polls that are answered with noops, or with nothing at all, one after the other, as fast as they are asked. */
static void
test_idle_polls (gconstpointer data)
{
  gboolean noops = g_str_equal (data, "noops");
  g_auto (Fixture) fixture;
  Sent sent = { noops ? "6" : "0:0:", noops ? 1 : 4, TRUE, noops ? 4 : 3 };

  memory_before = test_reset_peak_memory ();
  fixture_init (&fixture, "polling");
  sio_options_set_max_control_rate (fixture.options, 100);
  fixture_use_peer (&fixture, sent_script, &sent);
  fixture_open (&fixture);
  expect_limit (&fixture, "max-control-rate");
  expect_small ();
}

/* Fields of the open packet that are too large */

static void
test_large_handshake (gconstpointer transport)
{
  static const struct { const char *before; gsize n; const char *after; const char *message; } cases[] = {
    { "{\"sid\":\"", 257, "\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}", "sid" },
    { "{\"sid\":\"s\",\"upgrades\":[\"", 65, "\"],\"pingInterval\":1,\"pingTimeout\":1}", "upgrades" },
    { "{\"sid\":\"s\",\"upgrades\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"", 1,
      "\"],\"pingInterval\":1,\"pingTimeout\":1}", "upgrades" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":86400001,\"pingTimeout\":1,\"x\":\"", 1, "\"}", "pingInterval" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1e99,\"x\":\"", 1, "\"}", "pingTimeout" },
    { "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1,\"maxPayload\":\"", 1, "\"}", "maxPayload" },
    { "{\"sid\":\"s\",\"x\":\"", 65536, "\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}", "65536" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;
      g_autofree char *long_text = g_strnfill (cases[i].n, 'a');
      g_autofree char *json = g_strconcat (cases[i].before, long_text, cases[i].after, NULL);

      fixture_init (&fixture, transport);
      fixture_use_session (&fixture, json);
      fixture_open (&fixture);
      WAIT_FOR (fixture.closed);
      g_assert_true (fixture_has (&fixture, "closed connect error"));
      g_assert_true (fixture.error->domain == SIO_ERROR);
      fixture_expect_message (&fixture, "handshake: ");
      fixture_expect_message (&fixture, cases[i].message);
      g_assert_cmpuint (strlen (fixture.error->message), <, 1000);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/websocket/limits/max-fragments", test_max_fragments);
  g_test_add_func ("/engine/polling/limits/max-packets-per-poll", test_max_packets_per_poll);
  g_test_add_data_func ("/engine/polling/limits/max-control-rate", "polling", test_max_control_rate);
  g_test_add_data_func ("/engine/websocket/limits/max-control-rate", "websocket", test_max_control_rate);
  g_test_add_data_func ("/engine/websocket/limits/max-control-rate/frames", "frames", test_max_control_rate);
  ADD_FOR_EACH_TRANSPORT ("limits/max-queued", test_max_queued);
  ADD_FOR_EACH_TRANSPORT ("limits/one-is-always-taken", test_one_is_always_taken);
  ADD_FOR_EACH_TRANSPORT ("limits/max-payload", test_max_payload);
  g_test_add_func ("/engine/websocket/limits/close-codes", test_close_codes);
  for (guint i = 0; i < G_N_ELEMENTS (websocket_bombs); i++)
    g_test_add_data_func (websocket_bombs[i].path, GUINT_TO_POINTER (i), test_websocket_bomb);
  g_test_add_data_func ("/engine/polling/bombs/packets", GUINT_TO_POINTER (4), test_poll_bomb);
  g_test_add_data_func ("/engine/polling/bombs/packets-eio3", GUINT_TO_POINTER (3), test_poll_bomb);
  g_test_add_func ("/engine/polling/bombs/slices", test_slices);
  g_test_add_data_func ("/engine/polling/bombs/noop-polls", "noops", test_idle_polls);
  g_test_add_data_func ("/engine/polling/bombs/empty-polls", "nothing", test_idle_polls);
  ADD_FOR_EACH_TRANSPORT ("limits/large-handshakes", test_large_handshake);

  return g_test_run ();
}
