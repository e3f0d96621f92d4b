/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Entries that were read make the same records again: byte for byte, or it is said why not. */

#include "every-kind.h"
#include "recording-script.h"
#include "sioscope-recording-copy.h"
#include "sioscope-recording-private.h"
#include "test-util.h"

#include <glib/gstdio.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct {
  char *dir;
  char *path;
  char *copy;
  char *again;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->dir, "a.sioscope", NULL);
  fixture->copy = g_build_filename (fixture->dir, "b.sioscope", NULL);
  fixture->again = g_build_filename (fixture->dir, "c.sioscope", NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_unlink (fixture->path);
  g_unlink (fixture->copy);
  g_unlink (fixture->again);
  g_assert_cmpint (g_rmdir (fixture->dir), ==, 0);
  g_free (fixture->path);
  g_free (fixture->copy);
  g_free (fixture->again);
  g_free (fixture->dir);
}

/* What no script says. */
static void
report_more (SioscopeRecorder *recorder)
{
  SioTapInterface *iface = SIO_TAP_GET_IFACE (recorder);
  SioTap *tap = SIO_TAP (recorder);
  g_autofree char *large = g_strnfill (300000, 'x');
  g_autofree char *raw = g_strdup_printf ("42/n,[\"big\",\"%s\"]", large);
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "too late");
  SioTapPacket packet = {
    .transport = SIO_TRANSPORT_KIND_POLLING,
    .type = SIO_PACKET_EVENT,
    .raw = { raw, strlen (raw) },
    .nsp = { raw + 2, 2 },
    .event = { raw + 6, 5 },
    .args = { raw + 12, strlen (raw) - 13 },
    .n_args = 1,
    .id = G_MAXINT64,
    .tag = G_MAXUINT64,
  };
  SioHttpExchange exchange = { .method = "GET", .uri = "http://h/", .error = error, .started_us = 5, .ended_us = 3 };

  iface->packet (tap, &packet);
  /* Beside the packet and not within. */
  packet.nsp = SIO_SPAN_LITERAL ("/beside");
  packet.event = SIO_SPAN_LITERAL ("\"other\"");
  packet.args = (SioSpan) { large, 70001 };
  packet.wire = (SioSpan) { large, 65537 };
  iface->packet (tap, &packet);
  packet = (SioTapPacket) { .direction = SIO_DIRECTION_OUT, .id = -1, .type = SIO_PACKET_BINARY_EVENT, .n_attachments = 3 };
  iface->packet (tap, &packet);
  for (guint i = 0; i < 3; i++)
    iface->attachment (tap, SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_POLLING, i, (SioSpan) { large, i * 100001 });
  iface->http (tap, &exchange);
  iface->error (tap, "engine", error, SIO_SPAN_LITERAL ("\x01wrong\0bytes"));
  iface->error (tap, NULL, NULL, (SioSpan) { NULL, 0 });
  iface->frame (tap, SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_WEBSOCKET, 8, (SioSpan) { NULL, 0 });
  sioscope_recorder_note (recorder, SIOSCOPE_KIND_NOTE, NULL, NULL);
}

static void
write_all (const char *path,
           const char *title)
{
  g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, title);
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);

  g_assert_null (sioscope_recording_dup_notice (recording));
  script_play (recorder, recording, every_kind_script);
  report_more (recorder);
  sioscope_recorder_finish (recorder);
}

static SioscopeRecording *
copy (const char *from,
      const char *to)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) source = sioscope_recording_open (from, &error);
  g_autoptr(SioscopeRecording) result = NULL;
  SioscopeEntry entry;

  g_assert_no_error (error);
  result = sioscope_recording_new_copy (to, sioscope_recording_get_title (source), sioscope_recording_get_client (source),
                                        sioscope_recording_get_start_real_us (source), &error);
  g_assert_no_error (error);
  g_assert_true (sioscope_recording_get_live (result));
  for (guint64 row = 0; row < sioscope_recording_get_n_rows (source); row++)
    {
      g_assert_true (sioscope_recording_read (source, row, &entry));
      g_assert_true (sioscope_recording_append_entry (result, &entry, &error));
      g_assert_no_error (error);
    }
  g_assert_true (sioscope_recording_finish_copy (result, &error));
  g_assert_no_error (error);
  g_assert_false (sioscope_recording_get_live (result));
  g_assert_cmpuint (sioscope_recording_get_n_rows (result), ==, sioscope_recording_get_n_rows (source));
  g_assert_null (sioscope_recording_dup_notice (result));
  for (guint64 row = 0; row < sioscope_recording_get_n_rows (source); row++)
    {
      SioscopeIndexWord ours = sioscope_recording_get_word (result, row), theirs = sioscope_recording_get_word (source, row);

      g_assert_cmphex (SIOSCOPE_INDEX_LOW (ours), ==, SIOSCOPE_INDEX_LOW (theirs));
    }
  return g_steal_pointer (&result);
}

static void
assert_same_bytes (const char *a,
                   const char *b)
{
  g_autofree char *a_bytes = NULL, *b_bytes = NULL;
  gsize a_size, b_size;

  g_assert_true (g_file_get_contents (a, &a_bytes, &a_size, NULL));
  g_assert_true (g_file_get_contents (b, &b_bytes, &b_size, NULL));
  g_assert_cmpmem (a_bytes, a_size, b_bytes, b_size);
}

static void
test_identical (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(SioscopeRecording) result = NULL;
  GStatBuf st;

  write_all (fixture->path, "http://localhost:3000 – \xc3\xa9");
  result = copy (fixture->path, fixture->copy);
  assert_same_bytes (fixture->path, fixture->copy);
  g_assert_cmpint (g_stat (fixture->copy, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
  g_clear_object (&result);
  g_assert_true (g_file_test (fixture->copy, G_FILE_TEST_EXISTS));
}

/* A row that makes no sense is an error with its bytes in the copy, and that is copied like any other. */
static void
test_damaged (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(SioscopeRecording) source = NULL, result = NULL, again = NULL;
  g_autofree char *bytes = NULL;
  gsize size, offset;
  SioscopeEntry entry, copied;

  write_all (fixture->path, "t");
  source = sioscope_recording_open (fixture->path, NULL);
  offset = SIOSCOPE_INDEX_OFFSET (sioscope_recording_get_word (source, 7));
  g_assert_true (g_file_get_contents (fixture->path, &bytes, &size, NULL));
  /* The size of the raw bytes of a packet that has attachments, which then belong to a row that is damaged. */
  sioscope_put32 ((guint8 *) bytes + offset + SIOSCOPE_RECORD_HEADER_SIZE, 0x7fffffff);
  g_clear_object (&source);
  g_assert_true (g_file_set_contents (fixture->path, bytes, (gssize) size, NULL));

  result = copy (fixture->path, fixture->copy);
  source = sioscope_recording_open (fixture->path, NULL);
  g_assert_true (sioscope_recording_read (source, 7, &entry));
  g_assert_true (sioscope_recording_read (result, 7, &copied));
  g_assert_cmpint (copied.kind, ==, SIOSCOPE_KIND_ERROR);
  g_assert_cmpint (copied.time_us, ==, entry.time_us);
  g_assert_cmpmem (copied.raw.data, copied.raw.size, entry.raw.data, entry.raw.size);
  g_assert_cmpmem (copied.message.data, copied.message.size, entry.message.data, entry.message.size);
  again = copy (fixture->copy, fixture->again);
  assert_same_bytes (fixture->copy, fixture->again);
}

/* The header too, up to what there is room for. */
static void
test_titles (Fixture       *fixture,
             gconstpointer  data)
{
  const gsize sizes[] = { 0, 1, 7, 8, 4095, 4096, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *title = g_strnfill (sizes[i], 't');
      g_autoptr(SioscopeRecording) result = NULL;

      write_all (fixture->path, title);
      result = copy (fixture->path, fixture->copy);
      assert_same_bytes (fixture->path, fixture->copy);
      g_unlink (fixture->path);
      g_unlink (fixture->copy);
    }
}

static void
test_long_header (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GString) title = g_string_new (NULL);
  g_autoptr(SioscopeRecording) result = NULL, opened = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 50000; i++)
    g_string_append (title, "é");
  result = sioscope_recording_new_copy (fixture->copy, title->str, title->str, -5, &error);
  g_assert_no_error (error);
  g_assert_true (sioscope_recording_finish_copy (result, &error));
  opened = sioscope_recording_open (fixture->copy, &error);
  g_assert_no_error (error);
  g_assert_true (g_utf8_validate (sioscope_recording_get_title (opened), -1, NULL));
  g_assert_true (g_str_has_prefix (title->str, sioscope_recording_get_title (opened)));
  g_assert_true (g_str_has_prefix (title->str, sioscope_recording_get_client (opened)));
  g_assert_cmpuint (strlen (sioscope_recording_get_title (opened)), >, 40000);
  g_assert_cmpint (sioscope_recording_get_start_real_us (opened), ==, -5);
}

/* Nothing is written over; what was never finished does not stay; what somebody else put in its place does. */
static void
test_files (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(SioscopeRecording) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *nowhere = g_build_filename (fixture->dir, "missing", "a.sioscope", NULL);
  g_autofree char *bytes = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "mine", -1, NULL));
  g_assert_null (sioscope_recording_new_copy (fixture->path, "t", NULL, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (fixture->path, &bytes, NULL, NULL));
  g_assert_cmpstr (bytes, ==, "mine");

  g_assert_null (sioscope_recording_new_copy (nowhere, "t", NULL, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  result = sioscope_recording_new_copy (fixture->copy, "t", NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (fixture->copy, G_FILE_TEST_EXISTS));
  g_clear_object (&result);
  g_assert_false (g_file_test (fixture->copy, G_FILE_TEST_EXISTS));

  result = sioscope_recording_new_copy (fixture->copy, "t", NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_rename (fixture->path, fixture->copy), ==, 0);
  g_clear_object (&result);
  g_assert_true (g_file_test (fixture->copy, G_FILE_TEST_EXISTS));
}

/* An entry that no reader would take is refused, and the copy goes on. */
static void
test_nonsense (Fixture       *fixture,
               gconstpointer  data)
{
  const SioscopeEntry note = { .kind = SIOSCOPE_KIND_NOTE, .id = -1, .ref = SIOSCOPE_NO_ROW };
  SioscopeEntry wrong[12];
  g_autoptr(SioscopeRecording) result = NULL, opened = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    wrong[i] = note;
  wrong[0].kind = (SioscopeKind) 0;
  wrong[1].kind = (SioscopeKind) 11;
  wrong[2].direction = (SioDirection) 2;
  wrong[3].transport = (SioTransportKind) 3;
  wrong[4].time_us = -1;
  wrong[5].kind = SIOSCOPE_KIND_PACKET;
  wrong[5].packet_type = (SioPacketType) 7;
  wrong[6].kind = SIOSCOPE_KIND_ENGINE;
  wrong[6].engine_type = (SioEnginePacketType) 7;
  wrong[7].kind = SIOSCOPE_KIND_FRAME;
  wrong[7].opcode = 16;
  wrong[8].kind = SIOSCOPE_KIND_STATE;
  wrong[8].state = (SioTapState) 9;
  wrong[9].kind = SIOSCOPE_KIND_EMIT;
  wrong[9].fate = (SioTapEmitFate) 6;
  wrong[10].kind = SIOSCOPE_KIND_ATTACHMENT;
  wrong[10].ref = 1;
  wrong[11].raw = (SioSpan) { "", (gsize) 3 << 30 };
  wrong[11].kind = SIOSCOPE_KIND_ERROR;

  result = sioscope_recording_new_copy (fixture->copy, "t", NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (sioscope_recording_append_entry (result, &note, &error));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_false (sioscope_recording_append_entry (result, &wrong[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_nonnull (strstr (error->message, "Row 1 cannot be written"));
      g_clear_error (&error);
    }
  g_assert_true (sioscope_recording_append_entry (result, &note, &error));
  g_assert_true (sioscope_recording_finish_copy (result, &error));
  opened = sioscope_recording_open (fixture->copy, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (opened), ==, 2);
  g_assert_null (sioscope_recording_dup_notice (opened));
}

/* In a child, because a limit on the size of files would hit the test's own output too. */
static void
test_full_disk (void)
{
  struct rlimit limit = { 600000, 600000 };
  Fixture fixture;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strnfill (1000, 'x');
  SioscopeEntry note = { .kind = SIOSCOPE_KIND_NOTE, .message = { text, 1000 } };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  set_up (&fixture, NULL);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  /* The last round: what was appended fits into the buffer, and the end is what fails. */
  for (gsize n = 400; n <= 1000; n += 50)
    {
      g_autoptr(SioscopeRecording) result = sioscope_recording_new_copy (fixture.copy, "t", NULL, 0, &error);
      gboolean good = TRUE;

      g_assert_no_error (error);
      for (gsize i = 0; i < n && good; i++)
        good = sioscope_recording_append_entry (result, &note, &error);
      g_assert_true (good == (error == NULL));
      g_clear_error (&error);
      g_assert_true (sioscope_recording_finish_copy (result, &error) == (n < 600));
      if (n < 600)
        {
          g_assert_no_error (error);
          g_unlink (fixture.copy);
          continue;
        }
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "File too large"));
      g_assert_nonnull (strstr (error->message, fixture.copy));
      g_clear_error (&error);
      g_assert_false (sioscope_recording_append_entry (result, &note, &error));
      g_clear_error (&error);
      g_clear_object (&result);
      g_assert_false (g_file_test (fixture.copy, G_FILE_TEST_EXISTS));
    }
  tear_down (&fixture, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/recording/copy/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("identical", test_identical);
  ADD ("damaged", test_damaged);
  ADD ("titles", test_titles);
  ADD ("long-header", test_long_header);
  ADD ("files", test_files);
  ADD ("nonsense", test_nonsense);
  g_test_add_func ("/recording/copy/full-disk", test_full_disk);
  return g_test_run ();
}
