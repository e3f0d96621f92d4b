/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The emitter against the demo server: what it refuses to send and why, what goes out, and what it says became of it. */

#include "config.h"

#include "sioscope-argument-row.h"
#include "sioscope-emitter-private.h"
#include "sioscope-json-hint.h"
#include "sioscope-recorder.h"
#include "window-util.h"

#include <glib/gstdio.h>

typedef struct {
  SioscopeWindow *window;
  SioscopeEmitter *emitter;
  SioscopeSubject *subject;
  GtkWidget *send;
  GtkWidget *event;
  GtkLabel *fate;
  GtkLabel *obstacle;
} Fixture;

static void
set_up (Fixture *f)
{
  SioscopeConnectionView *view;

  f->window = window_util_open_demo (1280, 860);
  view = sioscope_window_get_view (f->window);
  f->subject = sioscope_connection_view_get_subject (view);
  f->emitter = sioscope_connection_view_get_emitter (view);
  f->send = window_util_find (GTK_WIDGET (f->emitter), "GtkButton", "send");
  f->event = window_util_find (GTK_WIDGET (f->emitter), "GtkEntry", "event");
  f->fate = GTK_LABEL (window_util_find (GTK_WIDGET (f->emitter), "GtkLabel", "fate"));
  f->obstacle = GTK_LABEL (window_util_find (GTK_WIDGET (f->emitter), "GtkLabel", "obstacle"));
}

static SioscopeArgumentRow *
first_argument (Fixture *f)
{
  return SIOSCOPE_ARGUMENT_ROW (window_util_find (GTK_WIDGET (f->emitter), "SioscopeArgumentRow", NULL));
}

static gboolean
fate_says (Fixture *f, const char *text)
{
  return g_str_has_prefix (gtk_label_get_text (f->fate), text);
}

static void
test_hints (void)
{
  static const struct { const char *text; const char *begins; } cases[] = {
    { "1", NULL }, { " {\"a\": [1, 2]} ", NULL }, { "\"😀\"", NULL },
    { "", "Column 1: " }, { "{\"a\":}", "Column 6: " }, { "[1,]", "Column 4: " }, { "'x'", "Column 1: " },
    { "\"😀", "Column 3: " }, { "{\n  \"a\": x\n}", "Line 2, column 8: " }, { "1 2", "Column 3: " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *hint = sioscope_json_hint_for_value (cases[i].text);

      g_test_message ("%s → %s", cases[i].text, hint != NULL ? hint : "fine");
      if (cases[i].begins == NULL)
        g_assert_null (hint);
      else
        {
          g_assert_nonnull (hint);
          g_assert_true (g_str_has_prefix (hint, cases[i].begins));
          g_assert_cmpuint (strlen (hint), >, strlen (cases[i].begins));
        }
    }
}

static void
test_checks (void)
{
  Fixture f;

  set_up (&f);
  g_assert_true (gtk_widget_get_sensitive (f.send));
  gtk_editable_set_text (GTK_EDITABLE (f.event), "");
  g_assert_false (gtk_widget_get_sensitive (f.send));
  g_assert_cmpstr (gtk_label_get_text (f.obstacle), ==, "Name the event");

  gtk_editable_set_text (GTK_EDITABLE (f.event), "echo");
  sioscope_argument_row_set_text (first_argument (&f), "{\"a\": nope}");
  g_assert_false (gtk_widget_get_sensitive (f.send));
  g_assert_true (g_str_has_prefix (gtk_label_get_text (f.obstacle), "Argument 1: Column 7: "));
  g_assert_nonnull (window_util_find_text (GTK_WIDGET (first_argument (&f)), "Column 7: "));
  g_assert_false (sioscope_emitter_send (f.emitter));
  window_util_picture (f.window, "emitter-mistake");

  /* As text it is nothing but text. */
  sioscope_argument_row_set_kind (first_argument (&f), SIOSCOPE_ARGUMENT_TEXT);
  g_assert_true (gtk_widget_get_sensitive (f.send));
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "acked in "));

  {
    /* Byte for byte what was typed, as one string. */
    SioscopeEntry entry;
    guint64 row = sioscope_recording_get_n_rows (sioscope_subject_get_recording (f.subject));
    gboolean found = FALSE;

    while (row > 0 && !found)
      found = sioscope_recording_read (sioscope_subject_get_recording (f.subject), --row, &entry) &&
              entry.kind == SIOSCOPE_KIND_PACKET && entry.direction == SIO_DIRECTION_OUT &&
              entry.packet_type == SIO_PACKET_EVENT;
    g_assert_true (found);
    g_assert_true (sio_span_equals (entry.args, "\"{\\\"a\\\": nope}\""));
  }
  window_util_close (f.window);
}

static void
test_fates (void)
{
  Fixture f;
  GtkWidget *timeout;

  set_up (&f);
  timeout = window_util_find (GTK_WIDGET (f.emitter), "GtkSpinButton", "timeout");

  gtk_editable_set_text (GTK_EDITABLE (f.event), "silent");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (timeout), 300);
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "waiting for ack"));
  WAIT_FOR (fate_says (&f, "no ack within "));
  window_util_picture (f.window, "emitter-timed-out");

  sioscope_emitter_set_want_ack (f.emitter, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (f.event), "chat");
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "sent"));

  /* Closed: it waits for the next connection, and goes out with it. */
  gtk_widget_activate_action (GTK_WIDGET (f.window), "win.cut", NULL);
  WAIT_FOR (sioscope_subject_get_status (f.subject)->phase == SIOSCOPE_PHASE_WAITING);
  gtk_editable_set_text (GTK_EDITABLE (f.event), "echo");
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "buffered until connected"));
  gtk_widget_activate_action (GTK_WIDGET (f.window), "win.reconnect-now", NULL);
  WAIT_FOR (fate_says (&f, "sent"));
  window_util_close (f.window);
}

/* Sent again until it is answered: the tries are one story, and the last one ends it. */
static void
test_retries (void)
{
  Fixture f;
  SioscopeConnection *connection;
  GtkWidget *timeout;

  set_up (&f);
  connection = sioscope_subject_get_connection (f.subject);
  sioscope_profile_set_option (sioscope_connection_get_profile (connection), "retries", "1");
  g_assert_true (sioscope_connection_update_options (connection, NULL));
  timeout = window_util_find (GTK_WIDGET (f.emitter), "GtkSpinButton", "timeout");
  gtk_editable_set_text (GTK_EDITABLE (f.event), "silent");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (timeout), 300);
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "no ack: given up after 2 tries"));

  /* It is lost with the connection and waits for the next one: not the end. */
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (timeout), 60000);
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "waiting for ack"));
  gtk_widget_activate_action (GTK_WIDGET (f.window), "win.cut", NULL);
  WAIT_FOR (fate_says (&f, "no ack: try 1 of 2, will be sent again"));
  window_util_picture (f.window, "emitter-retries");
  gtk_widget_activate_action (GTK_WIDGET (f.window), "win.reconnect-now", NULL);
  WAIT_FOR (fate_says (&f, "waiting for ack"));
  window_util_close (f.window);
}

/* What is said is the fate as the recording tells it: of one that went out and was lost afterwards as well. */
static void
test_told_fates (void)
{
  static const struct {
    gboolean packet;
    gint64 id;
    int fate; /* -1: no more is known */
    const char *text;
    const char *says;
  } cases[] = {
    { TRUE, -1, -1, NULL, "sent" },
    { TRUE, -1, SIO_TAP_EMIT_LOST, "it may be lost: the connection ended while it was being written",
      "may be lost: the connection ended while it was being sent" },
    { TRUE, -1, SIO_TAP_EMIT_LOST, "it was never sent: the connection ended while it waited in the write buffer",
      "never sent: the connection ended first" },
    { FALSE, -1, SIO_TAP_EMIT_LOST, "it was never sent: the connection ended", "never sent: the connection ended first" },
    { FALSE, -1, SIO_TAP_EMIT_BUFFERED, NULL, "buffered until connected" },
    { FALSE, -1, SIO_TAP_EMIT_DROPPED, NULL, "dropped: it was volatile and could not go out at once" },
    { FALSE, -1, SIO_TAP_EMIT_REFUSED, "too large", "not sent: too large" },
    { TRUE, 7, -1, NULL, "waiting for ack…" },
    { TRUE, 7, SIO_TAP_EMIT_ACK_TIMEOUT, NULL, "no ack within 5.0 s" },
    { FALSE, 7, SIO_TAP_EMIT_ACK_TIMEOUT, "no answer in 5000 ms; it was never sent", "never sent: the time for its ack ended first" },
    { TRUE, 7, SIO_TAP_EMIT_ACK_ABANDONED, "transport close", "may be lost: the connection ended before the ack" },
    { TRUE, 7, SIO_TAP_EMIT_ACK_ABANDONED, "transport close; that was try 1 of 2, it will be sent again",
      "no ack: try 1 of 2, will be sent again" },
    { FALSE, -1, -1, NULL, "buffered until connected" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioscopeRecording) recording = sioscope_recording_new (NULL, "http://localhost:3000/");
      g_autoptr (SioscopeRecorder) recorder = sioscope_recorder_new (recording);
      g_autoptr (SioscopeSubject) subject = NULL;
      g_autoptr (SioscopeEmitter) emitter = g_object_ref_sink (g_object_new (SIOSCOPE_TYPE_EMITTER, NULL));
      SioTapPacket packet = {
        .direction = SIO_DIRECTION_OUT, .transport = SIO_TRANSPORT_KIND_POLLING, .type = SIO_PACKET_EVENT,
        .raw = SIO_SPAN_LITERAL ("42[\"save\"]"), .nsp = SIO_SPAN_LITERAL ("/"), .event = SIO_SPAN_LITERAL ("\"save\""),
        .id = cases[i].id, .tag = 5,
      };
      SioTapEmit emit = { .nsp = "/", .event = SIO_SPAN_LITERAL ("\"save\""), .id = cases[i].id, .tag = 5,
                          .fate = MAX (cases[i].fate, 0), .text = cases[i].text };

      if (cases[i].packet)
        SIO_TAP_GET_IFACE (recorder)->packet (SIO_TAP (recorder), &packet);
      if (cases[i].fate >= 0)
        SIO_TAP_GET_IFACE (recorder)->emit (SIO_TAP (recorder), &emit);
      sioscope_recorder_finish (recorder);

      subject = sioscope_subject_new_for_recording (recording, TRUE);
      sioscope_projection_update (sioscope_subject_get_projection (subject), 0);
      sioscope_emitter_set_subject (emitter, subject);
      emitter->tag = 5;
      emitter->asked_ack = cases[i].id >= 0;
      emitter->timeout_ms = 5000;
      sioscope_emitter_update_fate (emitter);
      g_assert_cmpstr (gtk_label_get_text (emitter->fate), ==, cases[i].says);
    }
}

static void
test_file (void)
{
  Fixture f;
  g_autofree char *path = g_build_filename (g_get_home_dir (), "bytes.bin", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, "\0\1\2\377", 4, NULL));
  set_up (&f);
  sioscope_argument_row_load_file (first_argument (&f), file);
  g_assert_false (gtk_widget_get_sensitive (f.send));
  WAIT_FOR (gtk_widget_get_sensitive (f.send));
  gtk_label_set_text (f.fate, "");
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "acked in "));

  {
    SioscopeRecording *recording = sioscope_subject_get_recording (f.subject);
    SioscopeEntry entry;
    guint64 row = sioscope_recording_get_n_rows (recording);
    gboolean found = FALSE;
    g_autoptr (GPtrArray) attachments = NULL;

    while (row > 0 && !found)
      found = sioscope_recording_read (recording, --row, &entry) && entry.kind == SIOSCOPE_KIND_PACKET &&
              entry.direction == SIO_DIRECTION_OUT && entry.packet_type == SIO_PACKET_BINARY_EVENT;
    g_assert_true (found);
    attachments = sioscope_recording_dup_attachments (recording, entry.row);
    g_assert_cmpuint (attachments->len, ==, 1);
    g_assert_cmpmem (g_bytes_get_data (attachments->pdata[0], NULL), g_bytes_get_size (attachments->pdata[0]),
                     "\0\1\2\377", 4);
  }
  window_util_close (f.window);
  g_unlink (path);
}

static guint64
find_confirm (Fixture *f)
{
  SioscopeRecording *recording = sioscope_subject_get_recording (f->subject);

  for (guint64 row = sioscope_recording_get_n_rows (recording); row > 0; row--)
    {
      SioscopeEntry entry;

      if (sioscope_recording_read (recording, row - 1, &entry) && entry.kind == SIOSCOPE_KIND_PACKET &&
          entry.direction == SIO_DIRECTION_IN && entry.id >= 0 && entry.packet_type == SIO_PACKET_EVENT &&
          sioscope_projection_get_ack (sioscope_subject_get_projection (f->subject), row - 1).state == SIOSCOPE_ACK_PENDING)
        return row - 1;
    }
  return SIOSCOPE_NO_ROW;
}

static void
test_reply (void)
{
  Fixture f;
  GtkWidget *argument;
  guint64 row = SIOSCOPE_NO_ROW;

  set_up (&f);
  gtk_editable_set_text (GTK_EDITABLE (f.event), "half a na");
  WAIT_FOR ((row = find_confirm (&f)) != SIOSCOPE_NO_ROW);
  g_signal_emit_by_name (sioscope_connection_view_get_log (sioscope_window_get_view (f.window)), "activate-reply", row);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (f.emitter), "Reply to #") != NULL);
  WAIT_FOR (window_util_find_text (GTK_WIDGET (f.emitter), "confirm on /") != NULL);
  /* The empty argument is no JSON yet. */
  g_assert_false (gtk_widget_get_sensitive (f.send));

  argument = window_util_find (window_util_find (GTK_WIDGET (f.emitter), "GtkBox", "reply_arguments"),
                               "SioscopeArgumentRow", NULL);
  WAIT_FOR (gtk_widget_get_mapped (argument));
  g_assert_true (gtk_widget_is_ancestor (gtk_root_get_focus (GTK_ROOT (f.window)), argument));
  sioscope_argument_row_set_text (SIOSCOPE_ARGUMENT_ROW (argument), "true");
  g_assert_true (gtk_widget_get_sensitive (f.send));
  window_util_picture (f.window, "emitter-reply");
  window_util_press (f.send);
  WAIT_FOR (fate_says (&f, "replied after "));
  /* And the draft is where it was. */
  g_assert_true (gtk_widget_get_mapped (f.event));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (f.event)), ==, "half a na");
  window_util_close (f.window);
}

int
main (int argc, char *argv[])
{
  window_util_init (&argc, &argv);

  g_test_add_func ("/emitter/hints", test_hints);
  g_test_add_func ("/emitter/checks", test_checks);
  g_test_add_func ("/emitter/fates", test_fates);
  g_test_add_func ("/emitter/retries", test_retries);
  g_test_add_func ("/emitter/told-fates", test_told_fates);
  g_test_add_func ("/emitter/file", test_file);
  g_test_add_func ("/emitter/reply", test_reply);

  return window_util_run ();
}
