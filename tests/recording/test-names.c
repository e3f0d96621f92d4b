/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Names have numbers: the same ones live and from the file, limited in number and length, and readable while they are added. */

#include "recording-script.h"
#include "sioscope-recording-private.h"
#include "test-util.h"

#include <glib/gstdio.h>

static const char script[] =
  "1 state connecting\n"
  "2 socket connecting /\n"
  "3 packet out 40\n"
  "4 packet in 42[\"a\",1]\n"
  "5 packet in 42/admin,[\"a\",1]\n"
  "6 packet out 42[\"b\"]\n"
  "7 packet in 42[\"a\",2]\n"
  "8 emit lost /admin 5 a\n"
  "9 packet in 43/admin,5[]\n"
  "10 attachment in 0 x\n"
  "11 socket disconnected /admin\n"
  "12 emit lost / 5 c\n"
  "13 note hello\n"
  "14 packet in 42[\"\\u0061\"]\n";

static const guint numbers[] = { 0, 1, 1, 2, 3, 4, 2, 3, 5, 0, 5, 6, 0, 7 };
static const struct { const char *nsp, *event; } names[] = {
  { "/", "" }, { "/", "\"a\"" }, { "/admin", "\"a\"" }, { "/", "\"b\"" }, { "/admin", "" }, { "/", "\"c\"" },
  { "/", "\"\\u0061\"" },
};

static void
assert_names (SioscopeRecording *recording)
{
  SioscopeName name;

  for (guint row = 0; row < G_N_ELEMENTS (numbers); row++)
    g_assert_cmpuint (sioscope_recording_get_name_number (recording, row), ==, numbers[row]);
  g_assert_cmpuint (sioscope_recording_get_name_number (recording, G_N_ELEMENTS (numbers)), ==, SIOSCOPE_NAME_NONE);

  g_assert_cmpuint (sioscope_recording_get_n_names (recording), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (sioscope_recording_get_name (recording, i + 1, &name));
      g_assert_true (sio_span_equals (name.nsp, names[i].nsp));
      g_assert_true (sio_span_equals (name.event, names[i].event));
    }
  g_assert_false (sioscope_recording_get_name (recording, SIOSCOPE_NAME_NONE, &name));
  g_assert_false (sioscope_recording_get_name (recording, G_N_ELEMENTS (names) + 1, &name));
  g_assert_false (sioscope_recording_get_name (recording, SIOSCOPE_NAME_UNNUMBERED, &name));
}

static void
test_live_and_file (void)
{
  g_autofree char *dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "a.sioscope", NULL);
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "t");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autoptr(SioscopeRecording) opened = NULL;
  g_autoptr(GError) error = NULL;
  SioscopeName name;

  g_assert_cmpuint (sioscope_recording_get_n_names (recording), ==, 0);
  g_assert_false (sioscope_recording_get_name (recording, 1, &name));
  script_play (recorder, recording, script);
  assert_names (recording);
  sioscope_recorder_finish (recorder);

  opened = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  assert_names (opened);
  g_assert_cmpstr (sioscope_recording_get_client (opened), ==, sioscope_recording_get_client (recording));
  g_assert_true (g_str_has_prefix (sioscope_recording_get_client (opened), "sioscope "));
  g_unlink (path);
  g_rmdir (dir);
}

/* Rows in memory are given away, their names are not. */
static void
test_discarded (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  SioscopeName name;

  sioscope_recorder_discard_before (recorder, 12);
  g_assert_cmpuint (sioscope_recording_get_name_number (recording, 3), ==, SIOSCOPE_NAME_NONE);
  g_assert_cmpuint (sioscope_recording_get_name_number (recording, 13), ==, 7);
  g_assert_true (sioscope_recording_get_name (recording, 3, &name));
  g_assert_true (sio_span_equals (name.nsp, "/admin"));
}

static void
append_event (SioscopeRecorder *recorder,
              const char       *nsp,
              const char       *event)
{
  g_autofree char *raw = g_strdup_printf ("42%s,[%s]", nsp, event);
  SioTapPacket packet = {
    .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
    .type = SIO_PACKET_EVENT,
    .raw = { raw, strlen (raw) },
    .nsp = { raw + 2, strlen (nsp) },
    .event = { raw + 4 + strlen (nsp), strlen (event) },
    .id = -1,
  };

  SIO_TAP_GET_IFACE (recorder)->packet (SIO_TAP (recorder), &packet);
}

/* Both are within a limit together: a name of 1 KiB has a number, and one byte more has none, every time. */
static void
test_long (void)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (NULL, "t");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autofree char *text = g_strnfill (1024 - 4 + 1, 'x');
  g_autofree char *longer = g_strdup_printf ("\"%s\"", text);
  g_autofree char *longest = g_strdup_printf ("\"%s\"", text + 1);
  SioscopeName name;

  for (guint i = 0; i < 2; i++)
    {
      append_event (recorder, "/n", longest);
      append_event (recorder, "/n", longer);
    }
  sioscope_recorder_flush (recorder);
  g_assert_cmpuint (sioscope_recording_get_name_number (recording, 0), ==, 1);
  g_assert_cmpuint (sioscope_recording_get_name_number (recording, 1), ==, SIOSCOPE_NAME_UNNUMBERED);
  g_assert_cmpuint (sioscope_recording_get_name_number (recording, 2), ==, 1);
  g_assert_cmpuint (sioscope_recording_get_name_number (recording, 3), ==, SIOSCOPE_NAME_UNNUMBERED);
  g_assert_cmpuint (sioscope_recording_get_n_names (recording), ==, 1);
  g_assert_true (sioscope_recording_get_name (recording, 1, &name));
  g_assert_true (sio_span_equals (name.event, longest));
}

/* A server that makes up names: the first ones have numbers that stay, and what is kept of names stays within bounds. */
static void
assert_bounded (gsize size,
                guint n,
                guint n_numbered)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (NULL, "t");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  SioscopeName name;

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < n; i++)
      {
        g_autofree char *event = g_strdup_printf ("\"%0*u\"", (int) size - 2, i);

        append_event (recorder, "/n", event);
      }
  sioscope_recorder_flush (recorder);
  g_assert_cmpuint (sioscope_recording_get_n_names (recording), ==, n_numbered);
  for (guint64 row = 0; row < 2 * (guint64) n; row += 997)
    {
      guint i = (guint) (row % n);
      g_autofree char *event = g_strdup_printf ("\"%0*u\"", (int) size - 2, i);
      guint number = sioscope_recording_get_name_number (recording, row);

      if (row < sioscope_recording_get_first_row (recording))
        continue;
      g_assert_cmpuint (number, ==, i < n_numbered ? i + 1 : SIOSCOPE_NAME_UNNUMBERED);
      if (number != SIOSCOPE_NAME_UNNUMBERED)
        {
          g_assert_true (sioscope_recording_get_name (recording, number, &name));
          g_assert_true (sio_span_equals (name.event, event));
          g_assert_true (sio_span_equals (name.nsp, "/n"));
        }
    }
}

static void
test_many (void)
{
  assert_bounded (10, 300000, SIOSCOPE_NAME_UNNUMBERED - 1);
}

static void
test_bytes (void)
{
  assert_bounded (1000, 20000, ((16 << 20) - 2) / 1000);
}

typedef struct {
  SioscopeRecording *recording;
  int                over;
} Reader;

static gpointer
reader_thread (gpointer data)
{
  Reader *self = data;
  guint64 row = 0;

  for (;;)
    {
      gboolean over = __atomic_load_n (&self->over, __ATOMIC_ACQUIRE);
      guint64 n_rows = sioscope_recording_get_n_rows (self->recording);

      for (; row < n_rows; row++)
        {
          guint number = sioscope_recording_get_name_number (self->recording, row);
          g_autofree char *event = g_strdup_printf ("\"%" G_GUINT64_FORMAT "\"", row % 70000);
          SioscopeName name;

          g_assert_true (sioscope_recording_get_name (self->recording, number, &name));
          g_assert_true (sio_span_equals (name.event, event));
        }
      if (over)
        return NULL;
    }
}

/* Whoever sees a row sees its name. */
static void
test_thread (void)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (NULL, "t");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  Reader reader = { recording, FALSE };
  GThread *thread = g_thread_new ("reader", reader_thread, &reader);

  for (guint i = 0; i < 200000; i++)
    {
      g_autofree char *event = g_strdup_printf ("\"%u\"", i % 70000);

      append_event (recorder, "/n", event);
      if (i % 100 == 0)
        sioscope_recorder_flush (recorder);
    }
  sioscope_recorder_flush (recorder);
  __atomic_store_n (&reader.over, TRUE, __ATOMIC_RELEASE);
  g_thread_join (thread);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/recording/names/live-and-file", test_live_and_file);
  g_test_add_func ("/recording/names/discarded", test_discarded);
  g_test_add_func ("/recording/names/long", test_long);
  g_test_add_func ("/recording/names/many", test_many);
  g_test_add_func ("/recording/names/bytes", test_bytes);
  g_test_add_func ("/recording/names/thread", test_thread);
  return g_test_run ();
}
