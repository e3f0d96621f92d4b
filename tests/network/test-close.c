/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How an open WebSocket ends, in words: close frames of every kind, frames that are none, and connections that break. */

#include "network-fixture.h"

#define OPEN "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}"

/* The code and the reason are the server's words. */

typedef struct {
  guint       code;
  const char *reason;
  SioError    error;
  const char *words;
  gboolean    stays; /* never hangs up */
} Goodbye;

static void
goodbye_script (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  const Goodbye *goodbye = data;
  g_autoptr (GString) payload = g_string_new (NULL);
  g_auto (RawRequest) request = { 0 };
  guint8 first;

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0)
      || !raw_connection_write_frame (connection, 0x81, OPEN, -1))
    return;
  if (goodbye->code != 0)
    {
      g_string_append_c (payload, (char) (goodbye->code >> 8));
      g_string_append_c (payload, (char) (goodbye->code & 0xff));
    }
  g_string_append (payload, goodbye->reason);
  raw_connection_write_frame (connection, 0x88, payload->str, (gssize) payload->len);
  /* a server hangs up when it has its answer */
  if (goodbye->stays)
    raw_connection_await_end (connection);
  else
    raw_connection_read_frame (connection, &first, payload);
}

static void
test_goodbyes (void)
{
  static const Goodbye goodbyes[] = {
    { 0, "", SIO_ERROR_CLOSED, "the server closed the WebSocket without a code" },
    { 1000, "", SIO_ERROR_CLOSED, "the server closed the WebSocket with code 1000" },
    { 1000, "", SIO_ERROR_CLOSED, "the server closed the WebSocket with code 1000", TRUE },
    { 1001, "going away", SIO_ERROR_CLOSED, "with code 1001: going away" },
    { 1009, "", SIO_ERROR_CLOSED, "with code 1009" },
    { 1011, "oops", SIO_ERROR_CLOSED, "with code 1011: oops" },
    { 1012, "service restart", SIO_ERROR_CLOSED, "with code 1012: service restart" },
    { 1013, "", SIO_ERROR_CLOSED, "with code 1013" },
    { 1014, "bad gateway", SIO_ERROR_CLOSED, "with code 1014: bad gateway" },
    { 3000, "", SIO_ERROR_CLOSED, "with code 3000" },
    { 4000, "\x1b[31mred\n", SIO_ERROR_CLOSED, "with code 4000: \\u{001B}[31mred" },
    { 4999, "\xe2\x80\xaeright", SIO_ERROR_CLOSED, "with code 4999: \\u{202E}right" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (goodbyes); i++)
    {
      g_autoptr (RawPeer) peer = raw_peer_new (goodbye_script, (gpointer) &goodbyes[i]);
      g_autofree char *url = raw_peer_dup_url (peer);
      g_auto (Network) network;

      network_init (&network, "websocket");
      network_open_well (&network, url);
      WAIT_FOR (network.closed);
      g_assert_cmpstr (network.reason, ==, "transport close");
      g_assert_error (network.error, SIO_ERROR, (int) goodbyes[i].error);
      network_expect_part (&network, goodbyes[i].words);
    }
}

/* Not a close frame, or not one that may be. */

typedef struct {
  const char *bytes;
  gsize       size;
  SioError    error;
  const char *words;
} Wrong;

static void
wrong_script (RawConnection *connection,
              guint          n,
              gpointer       data)
{
  const Wrong *wrong = data;
  g_auto (RawRequest) request = { 0 };

  if (!raw_connection_read_request (connection, &request)
      || !raw_connection_accept_websocket (connection, &request, NULL, 0)
      || !raw_connection_write_frame (connection, 0x81, OPEN, -1))
    return;
  if (wrong->bytes == NULL)
    raw_connection_reset_on_close (connection);
  else
    {
      raw_connection_write (connection, wrong->bytes, (gssize) wrong->size);
      if (wrong->error != SIO_ERROR_CLOSED)
        raw_connection_await_end (connection);
    }
}

static void
test_wrong (void)
{
  static const Wrong wrongs[] = {
    { "\x88\x02\x00\x05", 4, SIO_ERROR_MALFORMED, "what RFC 6455 does not allow on a WebSocket: a wrong frame (" },
    { "\x88\x02\x03\xed", 4, SIO_ERROR_MALFORMED, "a wrong frame (" }, /* 1005 is for those who got none */
    { "\x88\x01\x03", 3, SIO_ERROR_MALFORMED, "a wrong frame (" },
    { "\xc1\x01x", 3, SIO_ERROR_MALFORMED, "a wrong frame (" },
    { "\x81\x82mask..", 8, SIO_ERROR_MALFORMED, "a wrong frame (" },
    { "\x81\x02" "4\xff", 4, SIO_ERROR_MALFORMED, "text that is not UTF-8 (" },
    { "\x81\x7f\x00\x00\x00\x00\x7f\xff\xff\xff", 10, SIO_ERROR_TOO_LARGE, "max-payload" },
    /* what a server 4.x has for Engine.IO 3 after it has accepted it */
    { "HTTP/1.1 400 Bad Request\r\n\r\n", 28, SIO_ERROR_CLOSED, "the connection was lost" },
    { NULL, 0, SIO_ERROR_CLOSED, "the connection was lost" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrongs); i++)
    {
      g_autoptr (RawPeer) peer = raw_peer_new (wrong_script, (gpointer) &wrongs[i]);
      g_autofree char *url = raw_peer_dup_url (peer);
      g_auto (Network) network;

      network_init (&network, "websocket");
      network_open (&network, url);
      WAIT_FOR (network.closed);
      g_assert_error (network.error, SIO_ERROR, (int) wrongs[i].error);
      network_expect_part (&network, wrongs[i].words);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/close/codes-and-reasons", test_goodbyes);
  g_test_add_func ("/close/wrong-frames-and-lost-connections", test_wrong);

  return g_test_run ();
}
