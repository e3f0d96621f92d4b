/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole window with 64 KiB of disk for its recording: the connection lives on, nothing is lost, and the window says why the file ends. */

#include "window-util.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "sioscope-window-private.h"

#define DISK_BYTES (64 * 1024)

static gboolean mounted;

/* A tmpfs where this may mount; elsewhere a limit on the size of files, which is another errno on the same way. */
static void
make_the_disk_small (void)
{
  g_autofree char *folder = sioscope_subject_dup_folder ();
  g_autofree char *size = g_strdup_printf ("size=%d", DISK_BYTES);
  struct rlimit limit = { DISK_BYTES, DISK_BYTES };

  g_assert_nonnull (folder);
  mounted = (unshare (CLONE_NEWNS) == 0 || unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0) &&
            mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
            mount ("tmpfs", folder, "tmpfs", 0, size) == 0;
  if (mounted)
    return;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static GtkWidget *
find_question (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_mapped (window))
        return window;
    }
  return NULL;
}

static void
test_full_disk (void)
{
  SioscopeWindow *window = window_util_open_demo (1100, 760);
  SioscopeSubject *subject = sioscope_window_get_subject (window);
  SioscopeConnection *connection = sioscope_subject_get_connection (subject);
  SioscopeRecording *recording = sioscope_subject_get_recording (subject);
  g_autofree char *text = g_strnfill (20000, 'x');
  g_autofree char *notice = NULL;
  guint64 tag = 0, row = SIOSCOPE_NO_ROW, n_rows;
  SioscopeEntry entry;
  GtkWidget *dialog = NULL;
  const char *name = mounted ? "No space left on device" : "recording goes on in memory";

  /* Each comes back once as its ack: far more than the disk takes. */
  for (int i = 0; i < 8; i++)
    {
      g_autoptr (SioArguments) args = sio_arguments_new ();

      sio_arguments_add_string (args, text);
      tag = sioscope_connection_emit (connection, "/", "echo", args, TRUE, 10000, FALSE);
    }
  WAIT_FOR ((row = sioscope_projection_get_emit_row (sioscope_subject_get_projection (subject), tag)) != SIOSCOPE_NO_ROW);
  WAIT_FOR (sioscope_projection_get_ack (sioscope_subject_get_projection (subject), row).state == SIOSCOPE_ACK_ANSWERED);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (window), name) != NULL);
  notice = sioscope_recording_dup_notice (recording);
  g_test_message ("%s", notice);
  /* Under the other limit the picture could not be written either. */
  if (mounted)
    window_util_picture (window, "full-disk");

  /* The connection goes on, and so do the rows; those of the beginning are still there. */
  n_rows = sioscope_recording_get_n_rows (recording);
  WAIT_FOR (sioscope_recording_get_n_rows (recording) > n_rows + 5);
  g_assert_cmpint (sioscope_subject_get_status (subject)->phase, ==, SIOSCOPE_PHASE_CONNECTED);
  for (guint64 i = 0; i < sioscope_recording_get_n_rows (recording); i++)
    g_assert_true (sioscope_recording_read (recording, i, &entry));

  /* What the disk did not take is not lost unasked: not with the page, not with the window. */
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-page", NULL);
  WAIT_FOR ((dialog = find_question ()) != NULL);
  if (mounted)
    window_util_picture ((SioscopeWindow *) dialog, "full-disk-close");
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (find_question () == NULL);
  g_assert_true (sioscope_window_get_subject (window) == subject);
  g_action_group_activate_action (G_ACTION_GROUP (gtk_window_get_application (GTK_WINDOW (window))), "quit", NULL);
  WAIT_FOR ((dialog = find_question ()) != NULL);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_destroy (GTK_WINDOW (dialog));
  g_assert_cmpint (sioscope_subject_get_status (subject)->phase, ==, SIOSCOPE_PHASE_CONNECTED);

  gtk_window_close (GTK_WINDOW (window));
  WAIT_FOR ((dialog = find_question ()) != NULL);
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "lose");
  gtk_window_destroy (GTK_WINDOW (dialog));
  WAIT_FOR (window == NULL);
}

int
main (int argc, char **argv)
{
  make_the_disk_small ();
  window_util_init (&argc, &argv);
  g_test_add_func ("/full-disk/connection-lives-and-reason-is-shown", test_full_disk);
  return window_util_run ();
}
