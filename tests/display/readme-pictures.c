/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Makes the pictures of the README anew: ninja readme-pictures. The demo, with one cut behind it and an event being read. */

#include "window-util.h"

#include "sioscope-screenshot.h"
#include "sioscope-window-private.h"

static void
let_time_pass (guint seconds)
{
  gint64 end_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  WAIT_FOR_SECONDS (g_get_monotonic_time () >= end_us, seconds + 5);
}

/* The newest event of that name, or SIOSCOPE_NO_ROW. */
static guint64
find_event (SioscopeRecording *recording, const char *token)
{
  SioscopeEntry entry;

  for (guint64 row = sioscope_recording_get_n_rows (recording); row-- > 0;)
    if (sioscope_recording_read (recording, row, &entry) && entry.kind == SIOSCOPE_KIND_PACKET &&
        sio_span_equals (entry.event, token))
      return row;
  return SIOSCOPE_NO_ROW;
}

int
main (int argc, char **argv)
{
  const char *folder = g_getenv ("README_PICTURES");
  SioscopeWindow *window;
  SioscopeSubject *subject;

  g_assert_nonnull (folder);
  window_util_init (&argc, &argv);
  window = window_util_open_demo (1280, 860);
  subject = sioscope_window_get_subject (window);
  let_time_pass (7);
  sioscope_connection_cut (sioscope_subject_get_connection (subject));
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_WAITING);
  WAIT_FOR (sioscope_subject_get_status (subject)->phase == SIOSCOPE_PHASE_CONNECTED);
  {
    g_autoptr (SioArguments) args = sio_arguments_new ();
    g_autoptr (GError) error = NULL;

    g_assert_true (sio_arguments_add_json (args, "{\"order\": 7, \"total\": 1.50}", -1, FALSE, &error));
    let_time_pass (6);
    sioscope_connection_emit (sioscope_subject_get_connection (subject), "/", "echo", args, TRUE, 5000, FALSE);
  }
  let_time_pass (2);
  sioscope_log_view_set_selected_row (sioscope_connection_view_get_log (sioscope_window_get_view (window)),
                                      find_event (sioscope_subject_get_recording (subject), "\"stats\""));
  for (int dark = 0; dark < 2; dark++)
    {
      g_autofree char *path = g_build_filename (folder, dark ? "dark.png" : "light.png", NULL);
      g_autoptr (GError) error = NULL;

      window_util_dark (dark);
      let_time_pass (1);
      gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
      sioscope_screenshot_save (GTK_WIDGET (window), path, &error);
      g_assert_no_error (error);
    }
  window_util_close (window);
  return window_util_run ();
}
