/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flood-sink.h"

#include "flood-private.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK_BYTES (256 * 1024)

typedef struct {
  guint64 n_events;
  guint   credit;
  int     results;
} Sink;

/* The size of the frame that begins here, its head included; 0 if the head is not all there. */
static guint64
get_frame_size (const guint8 *data,
                gsize         size)
{
  guint n_length = 0;
  guint64 length;

  if (size < 2)
    return 0;
  length = data[1] & 0x7f;
  if (length >= 126)
    n_length = length == 126 ? 2 : 8;
  if (size < 2 + n_length)
    return 0;
  if (n_length > 0)
    length = 0;
  for (guint i = 0; i < n_length; i++)
    length = length << 8 | data[2 + i];
  return 2 + n_length + ((data[1] & 0x80) != 0 ? 4 : 0) + length;
}

static void
serve_one (int           fd,
           gconstpointer data)
{
  static const char credit_packet[] = "42[\"credit\"]";
  const Sink *sink = data;
  g_autoptr(GByteArray) credit = g_byte_array_new ();
  g_autofree guint8 *block = g_malloc (BLOCK_BYTES);
  gsize have = 0;   /* bytes of block that are not counted yet */
  guint64 skip = 0; /* bytes of a frame that are still to come */
  guint64 seen = 0;
  gint64 start_us = 0;
  double seconds;

  if (!flood_greet (fd))
    return;
  flood_append_frame (credit, credit_packet, strlen (credit_packet));

  while (seen < sink->n_events)
    {
      ssize_t n = recv (fd, block + have, BLOCK_BYTES - have, 0);
      gsize at = 0;

      if (n <= 0)
        return;
      if (start_us == 0)
        start_us = g_get_monotonic_time ();
      have += (gsize) n;
      while (at < have)
        {
          guint64 now = MIN (skip, have - at);

          if (skip > 0)
            {
              skip -= now;
              at += now;
              if (skip > 0)
                break;
              seen++;
              if (seen % sink->credit == 0 && !flood_write (fd, credit->data, credit->len))
                return;
              continue;
            }
          skip = get_frame_size (block + at, have - at);
          if (skip == 0)
            break;
        }
      memmove (block, block + at, have - at);
      have -= at;
    }
  seconds = (double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
  if (write (sink->results, &seconds, sizeof seconds) != sizeof seconds)
    _exit (1);
}

void
flood_sink_start (FloodSink *self,
                  guint64    n_events,
                  guint      credit)
{
  Sink sink = { n_events, credit, -1 };
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  sink.results = ends[1];
  self->results = ends[0];
  self->pid = flood_fork (&self->port, serve_one, &sink);
  close (ends[1]);
}

double
flood_sink_wait (FloodSink *self)
{
  double seconds = 0;

  if (read (self->results, &seconds, sizeof seconds) != sizeof seconds)
    g_error ("the sink ended");
  return seconds;
}

void
flood_sink_stop (FloodSink *self)
{
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  close (self->results);
}
