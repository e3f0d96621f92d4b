/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bombs, with the limits at their defaults: each ends its connection with the error that names the limit, the process stays small, and the
 * next connection is well. Those that end nothing are in test-limits.c and test-hostile.c. */

#include "second-life.h"

#define MEGABYTE (1024 * 1024)

typedef enum {
  BOMB_FRAGMENTS, BOMB_LARGE_FRAGMENTS, BOMB_CLAIMED, BOMB_DEFLATED, BOMB_PINGS, BOMB_NOOPS, BOMB_ATTACHMENTS, BOMB_LARGE_ATTACHMENTS, BOMB_DEPTH,
  BOMB_ACK_ID, BOMB_BODY, BOMB_GZIP, BOMB_PACKETS, BOMB_HEADERS, BOMB_INFORMATIONAL, BOMB_SID, BOMB_HANDSHAKE,
} BombKind;

static const struct {
  const char *name;
  BombKind    kind;
  gboolean    on_polling;
  gboolean    on_websocket;
  const char *reason;
  const char *error;
} bombs[] = {
  /* L1 */
  { "tiny-fragments", BOMB_FRAGMENTS, FALSE, TRUE, "transport error", "max-fragments" },
  { "large-fragments", BOMB_LARGE_FRAGMENTS, FALSE, TRUE, "transport error", "max-payload" },
  { "claimed-size", BOMB_CLAIMED, FALSE, TRUE, "transport error", "max-payload" },
  /* L2: nothing of the kind was offered */
  { "deflated-frame", BOMB_DEFLATED, FALSE, TRUE, "transport error", "what RFC 6455 does not allow" },
  /* L3 */
  { "endless-body", BOMB_BODY, TRUE, FALSE, "transport error", "max-payload" },
  { "compressed-body", BOMB_GZIP, TRUE, FALSE, "transport error", "not valid UTF-8" },
  { "packets", BOMB_PACKETS, TRUE, FALSE, "transport error", "max-packets-per-poll" },
  /* L4 */
  { "headers", BOMB_HEADERS, TRUE, TRUE, NULL, "are larger than 64 KiB" },
  { "informational", BOMB_INFORMATIONAL, TRUE, TRUE, NULL, "more than 8 interim (1xx) answers" },
  /* L5; the body of a poll has the packet's limit already, and two polls of one packet are in test-limits.c */
  { "attachments", BOMB_ATTACHMENTS, TRUE, TRUE, "parse error", "max-attachments" },
  { "large-attachments", BOMB_LARGE_ATTACHMENTS, FALSE, TRUE, "parse error", "max-payload" },
  /* L6, where it has to be understood */
  { "depth", BOMB_DEPTH, TRUE, TRUE, "parse error", "error packet" },
  /* L9 */
  { "ack-id", BOMB_ACK_ID, TRUE, TRUE, "parse error", "error packet" },
  /* L14 */
  { "ping-frames", BOMB_PINGS, FALSE, TRUE, "transport error", "max-control-rate" },
  { "noops", BOMB_NOOPS, TRUE, TRUE, "transport error", "max-control-rate" },
  /* L15 */
  { "sid", BOMB_SID, TRUE, TRUE, NULL, "handshake: " },
  { "handshake", BOMB_HANDSHAKE, TRUE, TRUE, NULL, "handshake: " },
};

/* One packet for the wire, and what is between it and the next one. */
static void
append (GString    *out,
        gboolean    polling,
        const char *packet,
        gsize       size)
{
  if (!polling)
    {
      raw_append_frame (out, 0x81, packet, size);
      return;
    }
  if (out->len > 0)
    g_string_append_c (out, '\x1e');
  g_string_append_len (out, packet, (gssize) size);
}

/* 256 MiB of text. */
static void
compress (GString *out)
{
  g_autoptr (GConverter) converter = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autofree char *text = g_strnfill (MEGABYTE, '4');
  g_autofree char *buffer = g_malloc (MEGABYTE);
  GConverterResult result = G_CONVERTER_CONVERTED;

  for (gsize left = 256 * MEGABYTE; result != G_CONVERTER_FINISHED; )
    {
      gsize n_read;
      gsize n_written;
      g_autoptr (GError) error = NULL;

      result = g_converter_convert (converter, text, MIN (left, MEGABYTE), buffer, MEGABYTE,
                                    left <= MEGABYTE ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS, &n_read, &n_written, &error);
      g_assert_no_error (error);
      left -= n_read;
      g_string_append_len (out, buffer, (gssize) n_written);
    }
}

static void
run (guint    i,
     gboolean polling)
{
  g_autoptr (SioOptions) options = sio_options_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) packet = g_string_new (NULL);
  g_autofree char *text = g_strnfill (9 * MEGABYTE, 'A');
  SecondLife life = { polling ? "polling" : "websocket", 4 };

  switch (bombs[i].kind)
    {
    case BOMB_FRAGMENTS:
      raw_append_frame (out, 0x01, "4", 1);
      for (guint n = 0; n < 20000; n++)
        raw_append_frame (out, 0x00, "x", 1);
      break;
    case BOMB_LARGE_FRAGMENTS:
      raw_append_frame (out, 0x01, text, MEGABYTE);
      for (guint n = 0; n < 17; n++)
        raw_append_frame (out, 0x00, text, MEGABYTE);
      break;
    case BOMB_CLAIMED:
      g_string_append_len (out, "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10);
      break;
    case BOMB_DEFLATED:
      raw_append_frame (out, 0xc1, "\x32\x31\x8a\x56\x4a\x55\x8a\x05\x00", 9);
      break;
    case BOMB_BODY:
      life.http = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
      life.for_ever = TRUE;
      g_string_append_printf (out, "%x\r\n%.*s\r\n", 60000, 60000, text);
      break;
    case BOMB_GZIP:
      /* nobody asked for it: it stays the few bytes that it is */
      life.http = "";
      compress (packet);
      g_string_append_printf (out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                              packet->len);
      g_string_append_len (out, packet->str, (gssize) packet->len);
      break;
    case BOMB_PACKETS:
      /* not noops, which have a limit of their own */
      for (guint n = 0; n < 1000001; n++)
        append (out, TRUE, "42[1]", 5);
      break;
    case BOMB_HEADERS:
      life.http = polling ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 101 Switching Protocols\r\n";
      life.for_ever = TRUE;
      g_string_append_printf (out, "X-H: %.*s\r\n", 1000, text);
      break;
    case BOMB_INFORMATIONAL:
      life.http = "HTTP/1.1 100 Continue\r\n\r\n";
      life.for_ever = TRUE;
      g_string_append (out, life.http);
      break;
    case BOMB_ATTACHMENTS:
      append (out, polling, "4565-[\"e\"]", strlen ("4565-[\"e\"]"));
      break;
    case BOMB_LARGE_ATTACHMENTS:
      g_string_append (packet, "452-[\"e\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
      append (out, polling, packet->str, packet->len);
      raw_append_frame (out, 0x82, text, 9 * MEGABYTE);
      raw_append_frame (out, 0x82, text, 9 * MEGABYTE);
      break;
    case BOMB_DEPTH:
      g_string_append (packet, "44{\"message\":\"no\",\"data\":");
      for (guint n = 0; n < 4 * MEGABYTE; n++)
        g_string_append_c (packet, '[');
      append (out, polling, packet->str, packet->len);
      break;
    case BOMB_ACK_ID:
      g_string_append (packet, "43");
      for (guint n = 0; n < MEGABYTE; n++)
        g_string_append_c (packet, '9');
      g_string_append (packet, "[]");
      append (out, polling, packet->str, packet->len);
      break;
    case BOMB_PINGS:
      for (guint n = 0; n < 1000; n++)
        raw_append_frame (out, 0x89, text, 125);
      life.for_ever = TRUE;
      break;
    case BOMB_NOOPS:
      for (guint n = 0; n < 6000; n++)
        append (out, polling, "6", 1);
      break;
    case BOMB_SID:
      life.at_handshake = TRUE;
      g_string_append_printf (packet, "0{\"sid\":\"%.*s\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}", 257, text);
      append (out, polling, packet->str, packet->len);
      break;
    case BOMB_HANDSHAKE:
      life.at_handshake = TRUE;
      g_string_append_printf (packet, "0{\"x\":\"%s\"}", text);
      append (out, polling, packet->str, packet->len);
      break;
    default:
      g_assert_not_reached ();
    }

  if (bombs[i].kind == BOMB_HEADERS || bombs[i].kind == BOMB_INFORMATIONAL)
    life.at_handshake = TRUE;
  life.bytes = g_string_free_to_bytes (g_steal_pointer (&out));
  second_life_run (&life, options, bombs[i].reason, bombs[i].error);
  g_bytes_unref (life.bytes);
}

static void
run_polling (gconstpointer data)
{
  run (GPOINTER_TO_UINT (data), TRUE);
}

static void
run_websocket (gconstpointer data)
{
  run (GPOINTER_TO_UINT (data), FALSE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bombs); i++)
    {
      g_autofree char *polling = g_strconcat ("/client/polling/bombs/", bombs[i].name, NULL);
      g_autofree char *websocket = g_strconcat ("/client/websocket/bombs/", bombs[i].name, NULL);

      if (bombs[i].on_polling)
        g_test_add_data_func (polling, GUINT_TO_POINTER (i), run_polling);
      if (bombs[i].on_websocket)
        g_test_add_data_func (websocket, GUINT_TO_POINTER (i), run_websocket);
    }

  return g_test_run ();
}
