/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flood-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK_BYTES (256 * 1024)

gboolean
flood_write (int         fd,
             const void *data,
             gsize       size)
{
  const char *next = data;

  while (size > 0)
    {
      ssize_t n = send (fd, next, size, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      next += n;
      size -= (gsize) n;
    }
  return TRUE;
}

void
flood_append_frame (GByteArray *out,
                    const char *text,
                    gsize       size)
{
  guint8 head[10] = { 0x81 };
  guint n = 2;

  if (size < 126)
    head[1] = (guint8) size;
  else if (size < 65536)
    {
      head[1] = 126;
      head[2] = (guint8) (size >> 8);
      head[3] = (guint8) size;
      n = 4;
    }
  else
    {
      head[1] = 127;
      for (guint i = 0; i < 8; i++)
        head[2 + i] = (guint8) ((guint64) size >> (8 * (7 - i)));
      n = 10;
    }
  g_byte_array_append (out, head, n);
  g_byte_array_append (out, (const guint8 *) text, (guint) size);
}

#define ID_PREFIX "42[\"tick\",{\"id\":"
#define ID_OFFSET strlen (ID_PREFIX)
#define ID_DIGITS 9

/* One event of exactly `size` bytes, with the shape of real ones, because parsers are not equally fast with everything: short keys,
 * numbers, short strings and some nesting. 42["tick",{"id":100000000,"up":true,"rows":[{…},…],"s":"…"}] */
static char *
make_event (gsize size)
{
  static const char rows[] = ",\"rows\":[", rows_end[] = "]", end[] = "\"}]", last[] = ",\"s\":\"";
  GString *text = g_string_new (ID_PREFIX "100000000,\"up\":true");
  gsize reserved = strlen (rows_end) + strlen (last) + strlen (end);

  g_assert_cmpuint (size, >=, text->len + strlen (last) + strlen (end));
  for (guint i = 0;; i++)
    {
      g_autofree char *row =
        g_strdup_printf ("%s{\"sku\":\"AB-%04u\",\"price\":%u.%02u,\"qty\":%u,\"tags\":[\"new\",\"eu-%u\"],"
                         "\"at\":{\"lat\":%u.%04u,\"lon\":-%u.%03u},\"ok\":%s,\"note\":null}",
                         i == 0 ? rows : ",", i * 37 % 10000, 1 + i * 7 % 900, i * 13 % 100, 1 + i % 30, 1 + i % 12,
                         40 + i % 20, i * 71 % 10000, 1 + i % 120, i * 17 % 1000, i % 3 == 0 ? "false" : "true");

      if (text->len + strlen (row) + reserved > size)
        {
          if (i > 0)
            g_string_append (text, rows_end);
          break;
        }
      g_string_append (text, row);
    }
  g_string_append (text, last);
  while (text->len + strlen (end) < size)
    g_string_append_c (text, (char) ('a' + text->len % 26));
  g_string_append (text, end);
  g_assert_cmpuint (text->len, ==, size);
  return g_string_free (text, FALSE);
}

/* Reads the client's handshake and answers it. */
static gboolean
accept_handshake (int fd)
{
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *accept = NULL;
  g_autofree char *answer = NULL;
  guint8 digest[20];
  gsize digest_size = sizeof digest;
  char buffer[4096] = "";
  gsize have = 0;
  const char *key;

  while (strstr (buffer, "\r\n\r\n") == NULL)
    {
      ssize_t n = have < sizeof buffer - 1 ? recv (fd, buffer + have, sizeof buffer - 1 - have, 0) : 0;

      if (n <= 0)
        return FALSE;
      have += (gsize) n;
      buffer[have] = '\0';
    }
  key = strcasestr (buffer, "Sec-WebSocket-Key:");
  if (key == NULL)
    return FALSE;
  key += strlen ("Sec-WebSocket-Key:");
  while (*key == ' ')
    key++;
  g_checksum_update (sum, (const guchar *) key, (gssize) strcspn (key, "\r\n"));
  g_checksum_update (sum, (const guchar *) "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", -1);
  g_checksum_get_digest (sum, digest, &digest_size);
  accept = g_base64_encode (digest, digest_size);
  answer = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
  return flood_write (fd, answer, strlen (answer));
}

gboolean
flood_greet (int fd)
{
  static const char open_packet[] = "0{\"sid\":\"flood\",\"upgrades\":[],\"pingInterval\":300000,"
                                    "\"pingTimeout\":200000,\"maxPayload\":1000000}";
  static const char connect_packet[] = "40{\"sid\":\"one\"}";
  g_autoptr(GByteArray) start = g_byte_array_new ();
  char byte[64];

  if (!accept_handshake (fd))
    return FALSE;
  flood_append_frame (start, open_packet, strlen (open_packet));
  if (!flood_write (fd, start->data, start->len))
    return FALSE;
  /* The client's "40", masked: whatever it is, it is the only thing that it sends before it has the answer. */
  if (recv (fd, byte, sizeof byte, 0) <= 0)
    return FALSE;
  g_byte_array_set_size (start, 0);
  flood_append_frame (start, connect_packet, strlen (connect_packet));
  return flood_write (fd, start->data, start->len);
}

static void
write_id (char    *digits,
          guint64  id)
{
  for (guint i = ID_DIGITS; i-- > 0; id /= 10)
    digits[i] = (char) ('0' + id % 10);
}

/* Every 5 ms what is due by then, so that the rate holds however the sleeps come out. */
static void
send_paced (int         fd,
            GByteArray *block,
            gsize       frame_size,
            gsize       text_size,
            guint64     n_events,
            guint       per_second)
{
  gint64 start_us = g_get_monotonic_time ();
  guint64 sent = 0;
  guint per_block = (guint) (block->len / frame_size);

  while (sent < n_events)
    {
      guint64 due = (guint64) (g_get_monotonic_time () - start_us) * per_second / G_USEC_PER_SEC;

      due = MIN (due, n_events);
      while (sent < due)
        {
          guint n = (guint) MIN (due - sent, per_block);

          for (guint i = 0; i < n; i++)
            write_id ((char *) block->data + i * frame_size + (frame_size - text_size) + ID_OFFSET,
                      FLOOD_FIRST_ID + sent + i);
          if (!flood_write (fd, block->data, n * frame_size))
            return;
          sent += n;
        }
      g_usleep (5000);
    }
}

typedef struct {
  gsize   event_size;
  guint64 n_events;
  guint   per_second;
} Flood;

static void
serve_one (int           fd,
           gconstpointer data)
{
  const Flood *flood = data;
  guint64 n_events = flood->n_events;
  g_autoptr(GByteArray) block = g_byte_array_new ();
  g_autofree char *event = make_event (flood->event_size);
  char byte[64];
  guint per_block;

  if (!flood_greet (fd))
    return;

  per_block = (guint) MAX (1, BLOCK_BYTES / (flood->event_size + 10));
  for (guint i = 0; i < per_block; i++)
    flood_append_frame (block, event, flood->event_size);
  if (flood->per_second > 0)
    send_paced (fd, block, block->len / per_block, flood->event_size, n_events, flood->per_second);
  while (flood->per_second == 0 && n_events > 0)
    {
      guint n = (guint) MIN (n_events, per_block);

      if (!flood_write (fd, block->data, block->len / per_block * n))
        return;
      n_events -= n;
    }
  while (recv (fd, byte, sizeof byte, 0) > 0)
    ; /* until the client goes */
}

GPid
flood_fork (guint         *port,
            void         (*serve) (int fd, gconstpointer data),
            gconstpointer  data)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;
  GPid pid;

  g_assert_cmpint (listener, >=, 0);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (listener, 8), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &size), ==, 0);
  *port = ntohs (address.sin_port);

  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      for (;;)
        {
          int fd = accept (listener, NULL, NULL);

          if (fd < 0)
            _exit (1);
          setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          serve (fd, data);
          close (fd);
        }
    }
  close (listener);
  return pid;
}

void
flood_sender_start (FloodSender *self,
                    gsize        event_size,
                    guint64      n_events)
{
  flood_sender_start_paced (self, event_size, n_events, 0);
}

void
flood_sender_start_paced (FloodSender *self,
                          gsize        event_size,
                          guint64      n_events,
                          guint        per_second)
{
  Flood flood = { event_size, n_events, per_second };

  self->pid = flood_fork (&self->port, serve_one, &flood);
}

void
flood_sender_stop (FloodSender *self)
{
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  self->pid = 0;
}
