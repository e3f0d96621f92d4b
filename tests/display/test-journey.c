/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole way on a real window: from the demo's first event over an ack, a cut, and the countdown, to being connected again. Once with
 * what the pointer would do; with the keyboard alone it is journey.py, from outside the program. */

#include "config.h"

#include "sioscope-details-view.h"
#include "window-util.h"

static guint64
last_tick (SioscopeRecording *recording)
{
  for (guint64 row = sioscope_recording_get_n_rows (recording); row > 0; row--)
    {
      SioscopeEntry entry;

      if (sioscope_recording_read (recording, row - 1, &entry) && entry.kind == SIOSCOPE_KIND_PACKET &&
          sio_span_equals (entry.event, "\"tick\""))
        return row - 1;
    }
  return SIOSCOPE_NO_ROW;
}

static void
test_pointer (void)
{
  SioscopeWindow *window = window_util_open (1280, 860);
  GtkWidget *root = GTK_WIDGET (window);
  SioscopeConnectionView *view;
  SioscopeSubject *subject;
  SioscopeEmitter *emitter;
  SioscopeDetailsView *details;
  guint64 row = SIOSCOPE_NO_ROW;

  /* From the start page, as a person would. */
  gtk_widget_activate_action (root, "win.demo", NULL);
  view = sioscope_window_get_view (window);
  g_assert_nonnull (view);
  subject = sioscope_connection_view_get_subject (view);
  emitter = sioscope_connection_view_get_emitter (view);
  details = SIOSCOPE_DETAILS_VIEW (window_util_find (root, "SioscopeDetailsView", NULL));
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  WAIT_FOR (window_util_find_text (root, "Socket.IO 4 · Engine.IO 4 · websocket") != NULL);

  /* Events, one of them chosen, its details read. */
  WAIT_FOR ((row = last_tick (sioscope_subject_get_recording (subject))) != SIOSCOPE_NO_ROW);
  sioscope_log_view_show_row (sioscope_connection_view_get_log (view), row);
  g_assert_cmpuint (sioscope_log_view_get_selected_row (sioscope_connection_view_get_log (view)), ==, row);
  g_assert_cmpuint (sioscope_details_view_get_row (details), ==, row);
  {
    g_autofree char *text = sioscope_details_view_dup_page_text_for_tests (details, "arguments");

    g_assert_nonnull (strstr (text, "\"price\""));
  }
  window_util_picture (window, "journey-1-details");

  /* An event of our own, with ack. */
  WAIT_FOR (window_util_find_text (root, "acked in ") != NULL);
  sioscope_emitter_set_event (emitter, "slow");
  window_util_press (window_util_find (GTK_WIDGET (emitter), "GtkButton", "send"));
  WAIT_FOR (window_util_find_text (GTK_WIDGET (emitter), "waiting for ack") != NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (emitter), "acked in ") != NULL);
  window_util_press (window_util_find (GTK_WIDGET (emitter), "GtkButton", "show"));
  g_assert_cmpuint (sioscope_log_view_get_selected_row (sioscope_connection_view_get_log (view)), !=, row);
  window_util_picture (window, "journey-2-ack");

  /* Cut. The countdown and what can be done are in the content, not only behind a button. */
  gtk_widget_activate_action (root, "win.cut", NULL);
  WAIT_FOR (window_util_find_text (root, "Retry 1 in ") != NULL);
  g_assert_nonnull (window_util_find_text (root, "Reconnect Now"));
  g_assert_nonnull (window_util_find_text (root, "Stop"));
  window_util_picture (window, "journey-3-countdown-light");
  window_util_dark (TRUE);
  window_util_picture (window, "journey-3-countdown-dark");
  window_util_dark (FALSE);
  /* On a busy machine the pictures may have taken longer than the delay: then it is cut once more. */
  while (sioscope_subject_get_status (subject)->phase != SIOSCOPE_PHASE_WAITING)
    {
      WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
      gtk_widget_activate_action (root, "win.cut", NULL);
      WAIT_FOR (sioscope_subject_get_status (subject)->phase != SIOSCOPE_PHASE_CONNECTED);
    }
  window_util_press (window_util_find (root, "GtkButton", "trouble_now"));

  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  WAIT_FOR (window_util_find_text (root, "Retry") == NULL);
  WAIT_FOR (window_util_find_text (root, "Socket.IO 4 · Engine.IO 4 · websocket") != NULL);
  window_util_picture (window, "journey-4-connected");
  window_util_close (window);
}

int
main (int argc, char *argv[])
{
  window_util_init (&argc, &argv);

  g_test_add_func ("/journey/pointer", test_pointer);

  return window_util_run ();
}
