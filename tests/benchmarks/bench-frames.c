/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The real window while 200,000 events a second arrive over a socket from another process: it follows; a filter is set and it follows
 * what passes; and somebody types. Beside it, in the same run, the same window when nothing happens. Passes and fails nothing.
 *
 * A frame's time is from one GdkFrameClock::before-paint to the next, while a tick callback keeps the clock running; its work is from
 * before-paint to the end of after-paint, by the clock and in the thread's CPU time. What input waits for is measured by a thread that asks the main loop, at the priority of
 * events and at moments that know nothing of frames, to say when it got there. */

#include "window-util.h"

#include "../benchmarks/bench-util.h"
#include "flood-sender.h"
#include "sioscope-log-model.h"
#include "sioscope-window-private.h"

#define PER_SECOND    200000u
#define QUIET_S       3
#define FOLLOW_S      10
#define FILTER_S      10
#define TYPE_S        4
#define N_EVENTS      ((guint64) PER_SECOND * (FOLLOW_S + FILTER_S + TYPE_S + 2))

static FloodSender sender;

/* ── What is measured ── */

typedef struct {
  GArray *times_ms;  /* of double, as all of them */
  GArray *work_ms;
  GArray *cpu_ms;    /* the work in this thread's own time: without what else the machine does */
  GArray *input_ms;
} Figures;

typedef struct {
  GdkFrameClock *clock;
  Figures       *figures;  /* NULL: nothing is measured now */
  gint64         begun_us; /* of the last frame; 0: none */
  gint64         cpu_us;
} Watch;

static Watch watch;

static void
before_paint_cb (GdkFrameClock *clock)
{
  gint64 now_us = g_get_monotonic_time ();

  if (watch.figures != NULL && watch.begun_us != 0)
    {
      double ms = (double) (now_us - watch.begun_us) / 1000;

      g_array_append_val (watch.figures->times_ms, ms);
    }
  watch.begun_us = now_us;
  watch.cpu_us = test_get_work_us ();
}

static void
after_paint_cb (GdkFrameClock *clock)
{
  if (watch.figures != NULL && watch.begun_us != 0)
    {
      double ms = (double) (g_get_monotonic_time () - watch.begun_us) / 1000;

      g_array_append_val (watch.figures->work_ms, ms);
      ms = (double) (test_get_work_us () - watch.cpu_us) / 1000;
      g_array_append_val (watch.figures->cpu_ms, ms);
    }
}

static gboolean
keep_running_cb (GtkWidget     *widget,
                 GdkFrameClock *clock,
                 gpointer       data)
{
  return G_SOURCE_CONTINUE;
}

static gint asking; /* atomic */

static gboolean
asked_cb (gpointer data)
{
  double ms = (double) (g_get_monotonic_time () - *(gint64 *) data) / 1000;

  if (watch.figures != NULL)
    g_array_append_val (watch.figures->input_ms, ms);
  return G_SOURCE_REMOVE;
}

static gpointer
ask (gpointer data)
{
  while (g_atomic_int_get (&asking))
    {
      gint64 *now_us = g_new (gint64, 1);

      g_usleep ((gulong) g_random_int_range (7000, 31000));
      *now_us = g_get_monotonic_time ();
      g_main_context_invoke_full (NULL, GDK_PRIORITY_EVENTS, asked_cb, now_us, g_free);
    }
  return NULL;
}

static gboolean
timeout_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
print_figures (const char *what,
               GArray     *ms)
{
  double *values = (double *) (gpointer) ms->data;

  g_print ("  %-8s p50 %6.1f   p95 %6.1f   p99 %6.1f   most %6.1f   (%u)\n", what, bench_quantile (values, ms->len, 0.5),
           bench_quantile (values, ms->len, 0.95), bench_quantile (values, ms->len, 0.99), bench_quantile (values, ms->len, 1.0),
           ms->len);
}

static void
measure (const char *what,
         int         seconds)
{
  Figures figures = { g_array_new (FALSE, FALSE, sizeof (double)), g_array_new (FALSE, FALSE, sizeof (double)),
                      g_array_new (FALSE, FALSE, sizeof (double)), g_array_new (FALSE, FALSE, sizeof (double)) };
  gboolean over = FALSE;

  g_timeout_add_seconds ((guint) seconds, timeout_cb, &over);
  watch.begun_us = 0;
  watch.figures = &figures;
  while (!over)
    g_main_context_iteration (NULL, TRUE);
  watch.figures = NULL;

  g_print ("%s\n", what);
  print_figures ("frames", figures.times_ms);
  print_figures ("work", figures.work_ms);
  print_figures ("its CPU", figures.cpu_ms);
  print_figures ("input", figures.input_ms);
  g_array_unref (figures.times_ms);
  g_array_unref (figures.work_ms);
  g_array_unref (figures.cpu_ms);
  g_array_unref (figures.input_ms);
}

/* ── What happens ── */

static SioscopeLogModel *
get_model (SioscopeLogView *log)
{
  GtkListView *list = GTK_LIST_VIEW (window_util_find (GTK_WIDGET (log), "GtkListView", NULL));

  return SIOSCOPE_LOG_MODEL (gtk_single_selection_get_model (GTK_SINGLE_SELECTION (gtk_list_view_get_model (list))));
}

typedef struct {
  SioscopeLogView *log;
  guint            n_keys;
  gint64           typed_us;
  GArray          *shown_ms;
} Typist;

/* A key every third of a second, as in a filter that somebody writes and takes back; when the rows are those of it, the next. */
static gboolean
type_cb (gpointer data)
{
  static const char *const lines[] = { "1", "12", "123", "event:tick", "not 7", "arg[0].id:>100500000", "/7[0-4]8/", "" };
  Typist *self = data;

  sioscope_log_view_set_filter_text (self->log, lines[self->n_keys++ % G_N_ELEMENTS (lines)]);
  self->typed_us = g_get_monotonic_time ();
  return G_SOURCE_CONTINUE;
}

static gboolean
shown_cb (GtkWidget     *widget,
          GdkFrameClock *clock,
          gpointer       data)
{
  Typist *self = data;

  if (self->typed_us != 0 && !sioscope_log_model_get_stale (get_model (self->log)))
    {
      double ms = (double) (g_get_monotonic_time () - self->typed_us) / 1000;

      g_array_append_val (self->shown_ms, ms);
      self->typed_us = 0;
    }
  return G_SOURCE_CONTINUE;
}

static guint64
count_events (SioscopeRecording *recording)
{
  guint64 n = 0, n_rows = sioscope_recording_get_n_rows (recording);

  for (guint64 row = 0; row < n_rows; row++)
    n += sioscope_show_of_row (recording, row) == SIOSCOPE_SHOW_EVENTS;
  return n;
}

static void
run (void)
{
  SioscopeWindow *window = window_util_open (1280, 860);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", sender.port);
  g_autoptr (SioscopeProfile) profile = sioscope_profile_new (url);
  const char *transports[] = { "websocket", NULL };
  SioscopeSubject *subject;
  g_autoptr (SioscopeRecording) recording = NULL;
  g_autoptr (GThread) asker = NULL;
  SioscopeLogView *log;
  Typist typist = { .shown_ms = g_array_new (FALSE, FALSE, sizeof (double)) };
  guint source, tick;
  gint64 begin_us;
  guint64 n_events;

  watch.clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  g_signal_connect (watch.clock, "before-paint", G_CALLBACK (before_paint_cb), NULL);
  g_signal_connect_after (watch.clock, "after-paint", G_CALLBACK (after_paint_cb), NULL);
  gtk_widget_add_tick_callback (GTK_WIDGET (window), keep_running_cb, NULL, NULL);
  g_atomic_int_set (&asking, 1);
  asker = g_thread_new ("asker", ask, NULL);

  g_print ("milliseconds; goals: frames p99 20, most 33; input most 50\n");
  g_object_set (profile, "transports", transports, NULL);
  subject = sioscope_window_add_profile (window, profile, FALSE);
  sioscope_window_select (window, subject);
  measure ("nothing happens", QUIET_S);

  begin_us = g_get_monotonic_time ();
  sioscope_window_connect (window, subject);
  WAIT_FOR (sioscope_subject_get_recording (subject) != NULL);
  recording = g_object_ref (sioscope_subject_get_recording (subject));
  WAIT_FOR (sioscope_recording_get_n_rows (recording) > PER_SECOND);
  log = sioscope_connection_view_get_log (sioscope_window_get_view (window));
  measure ("200,000 events a second, following", FOLLOW_S);

  sioscope_log_view_set_filter_text (log, "7");
  sioscope_log_view_follow (log);
  measure ("the same, following with a filter that a third of them passes", FILTER_S);
  g_print ("  shown: %u of %" G_GUINT64_FORMAT "\n", g_list_model_get_n_items (G_LIST_MODEL (get_model (log))),
           sioscope_recording_get_n_rows (recording));

  typist.log = log;
  source = g_timeout_add (333, type_cb, &typist);
  tick = gtk_widget_add_tick_callback (GTK_WIDGET (log), shown_cb, &typist, NULL);
  measure ("the same, while somebody types another filter three times a second", TYPE_S);
  g_source_remove (source);
  gtk_widget_remove_tick_callback (GTK_WIDGET (log), tick);
  print_figures ("to rows", typist.shown_ms);
  g_array_unref (typist.shown_ms);

  WAIT_FOR_SECONDS (sioscope_recording_get_n_rows (recording) >= N_EVENTS, 120);
  n_events = count_events (recording);
  g_print ("sent %" G_GUINT64_FORMAT ", recorded %" G_GUINT64_FORMAT " in %.1f s (%.0f thousand a second)\n", N_EVENTS, n_events,
           (double) (g_get_monotonic_time () - begin_us) / 1e6,
           (double) n_events * 1000 / (double) (g_get_monotonic_time () - begin_us));
  sioscope_log_view_clear_filter (log);
  WAIT_FOR_SECONDS (!sioscope_log_model_get_behind (get_model (log)), 60);
  g_print ("shown without a filter: %u\n", g_list_model_get_n_items (G_LIST_MODEL (get_model (log))));

  g_atomic_int_set (&asking, 0);
  g_thread_join (g_steal_pointer (&asker));
  window_util_close (window);
}

int
main (int    argc,
      char **argv)
{
  int status;

  if (g_getenv ("DISPLAY") == NULL && g_getenv ("WAYLAND_DISPLAY") == NULL)
    {
      g_print ("There is no display: nothing is measured.\n");
      return 0;
    }
  /* Before there are threads: it forks. */
  flood_sender_start_paced (&sender, 50, N_EVENTS, PER_SECOND);
  window_util_init (&argc, &argv);
  /* The test framework tells every g_debug () of the libraries: thousands of lines, and time in the threads that are measured. */
  g_log_set_default_handler (g_log_default_handler, NULL);
  g_test_add_func ("/frames/flood", run);
  status = window_util_run ();
  flood_sender_stop (&sender);
  return status;
}
