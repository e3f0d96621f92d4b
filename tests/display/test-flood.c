/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole window under 200,000 events a second for ten seconds: it keeps answering, and its log is complete, in order and cheap. */

#include "window-util.h"

#include "flood-sender.h"
#include "sioscope-window-private.h"

#define PER_SECOND 200000
#define N_EVENTS (PER_SECOND * G_GUINT64_CONSTANT (10))
#define MAX_BYTES_PER_ROW 40

static FloodSender sender;

typedef struct {
  gint64  last_us;
  GArray *gaps_us;
} Pulse;

/* A timer at the priority of input: when it is late, so is a key. */
static gboolean
pulse_cb (gpointer data)
{
  Pulse *self = data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 late_us = now_us - self->last_us - 5000;

  g_array_append_val (self->gaps_us, late_us);
  self->last_us = now_us;
  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 difference = *(const gint64 *) a - *(const gint64 *) b;

  return (difference > 0) - (difference < 0);
}

static void
test_flood (void)
{
  SioscopeWindow *window = window_util_open (1280, 860);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", sender.port);
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new (url);
  const char *transports[] = { "websocket", NULL };
  SioscopeSubject *subject;
  g_autoptr (SioscopeRecording) recording = NULL;
  Pulse pulse = { 0, g_array_new (FALSE, FALSE, sizeof (gint64)) };
  guint source;
  guint64 before, after, n_rows, expected = FLOOD_FIRST_ID, n_events = 0;
  gint64 begin_us, last_us = -1;
  SioscopeEntry entry;

  g_object_set (profile, "transports", transports, NULL);
  subject = sioscope_window_add_profile (window, profile, FALSE);
  sioscope_window_select (window, subject);
  sioscope_window_connect (window, subject);
  WAIT_FOR (sioscope_subject_get_recording (subject) != NULL);
  recording = g_object_ref (sioscope_subject_get_recording (subject));
  WAIT_FOR (sioscope_recording_get_n_rows (recording) > 1000);

  before = test_get_memory ("RssAnon:");
  begin_us = g_get_monotonic_time ();
  pulse.last_us = begin_us;
  source = g_timeout_add_full (G_PRIORITY_DEFAULT, 5, pulse_cb, &pulse, NULL);
  WAIT_FOR_SECONDS (sioscope_recording_get_n_rows (recording) >= N_EVENTS, 120);
  g_source_remove (source);
  after = test_get_memory ("RssAnon:");
  window_util_picture (window, "flood");

  n_rows = sioscope_recording_get_n_rows (recording);
  for (guint64 row = 0; row < n_rows; row++)
    {
      g_assert_true (sioscope_recording_read (recording, row, &entry));
      g_assert_cmpint (entry.time_us, >=, last_us);
      last_us = entry.time_us;
      if (entry.kind != SIOSCOPE_KIND_PACKET || entry.packet_type != SIO_PACKET_EVENT)
        continue;
      /* 42["tick",{"id":N… */
      g_assert_cmpuint (entry.args.size, >, 15);
      g_assert_cmpuint (g_ascii_strtoull (entry.args.data + strlen ("{\"id\":"), NULL, 10), ==, expected);
      expected++;
      n_events++;
    }

  g_array_sort (pulse.gaps_us, compare);
  g_assert_cmpuint (pulse.gaps_us->len, >, 10);
  g_test_message ("%" G_GUINT64_FORMAT " events in %.1f s; input late by p50 %.1f, p99 %.1f, at most %.1f ms; %.1f own bytes a row",
                  n_events, (double) (g_get_monotonic_time () - begin_us) / 1e6,
                  (double) g_array_index (pulse.gaps_us, gint64, pulse.gaps_us->len / 2) / 1000,
                  (double) g_array_index (pulse.gaps_us, gint64, pulse.gaps_us->len * 99 / 100) / 1000,
                  (double) g_array_index (pulse.gaps_us, gint64, pulse.gaps_us->len - 1) / 1000,
                  after > before ? (double) (after - before) / (double) n_rows : 0.0);
  g_assert_cmpuint (n_events, <=, N_EVENTS);
  if (after > before)
    g_assert_cmpuint ((after - before) / n_rows, <, MAX_BYTES_PER_ROW);
  /* Frozen is what it must never be; how smooth it is, the message above tells for this machine. */
  g_assert_cmpint (g_array_index (pulse.gaps_us, gint64, pulse.gaps_us->len - 1), <, G_USEC_PER_SEC);

  g_array_unref (pulse.gaps_us);
  window_util_close (window);
}

int
main (int argc, char **argv)
{
  int status;

  /* Before there are threads: it forks. */
  flood_sender_start_paced (&sender, 50, N_EVENTS, PER_SECOND);
  window_util_init (&argc, &argv);
  g_test_add_func ("/flood/window-keeps-answering", test_flood);
  status = window_util_run ();
  flood_sender_stop (&sender);
  return status;
}
