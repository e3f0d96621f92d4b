/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Recordings on damaged input. The checks are mended, so that the damage reaches what reads behind them: whatever it is, each row can
 * be read, printed, folded and copied, index and entries say the same, and no other row suffers. */

#include "every-kind.h"
#include "fuzz.h"
#include "recording-script.h"
#include "recording-walk.h"
#include "sioscope-recording-private.h"

#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORD(text) { text, sizeof (text) - 1 }

/* Headers of fields, sizes that are too large or wrap around, and what packets are made of. */
static const FuzzWord words[] = {
  WORD ("\x05\0\0\0\x08\0\0\0\x01\0\0\0\0\0\0\0"), WORD ("\x06\0\0\0\x02\0\0\0/n\0\0\0\0\0\0"), WORD ("\x09\0\0\0\x08\0\0\0"),
  WORD ("\xff\xff\xff\xff"), WORD ("\xff\xff\xff\x7f"), WORD ("\xf8\xff\xff\xff"), WORD ("\0\0\0\x80"), WORD ("\x18\0\0\0"),
  WORD ("\0\0\0\0\0\0\0\0"), WORD ("\xff\xff\xff\xff\xff\xff\xff\xff"), WORD ("\0\0\0\0\0\0\0\x80"), WORD ("SIOSCOPE"),
  WORD ("42[\"a\",{}]"), WORD ("\"a\""), WORD ("451-/n,7["), WORD ("{\"_placeholder\":true,\"num\":0}"),
};

static GPtrArray *files;   /* of GBytes */
static GPtrArray *records; /* of GBytes, without their padding */
static char *dir;
static char *copy_path;
static char *fd_path;
static int fd;

static SioscopeRecording *
open_bytes (const guint8 *bytes,
            gsize         size)
{
  g_autoptr(GError) error = NULL;
  SioscopeRecording *opened;

  g_assert_cmpint (ftruncate (fd, (off_t) size), ==, 0);
  g_assert_cmpint (pwrite (fd, bytes, size, 0), ==, size);
  opened = sioscope_recording_open (fd_path, &error);
  if (opened == NULL)
    {
      g_assert_true (error->domain == SIOSCOPE_RECORDING_ERROR);
      fuzz_assert_plain (error);
    }
  return opened;
}

static void
check (SioscopeRecording *opened)
{
  walk_everything (opened);
  if (fuzz_luck (64) == 0)
    walk_copy (opened, copy_path);
}

static void
round_file (SioSpan input)
{
  g_autofree guint8 *bytes = g_memdup2 (input.data, input.size);
  g_autoptr(SioscopeRecording) opened = NULL;

  if (input.size >= SIOSCOPE_FILE_HEADER_SIZE && fuzz_luck (4) != 0)
    {
      memcpy (bytes, SIOSCOPE_FORMAT_MAGIC, 8);
      sioscope_put32 (bytes + 8, SIOSCOPE_FORMAT_VERSION);
      sioscope_put32 (bytes + 36, sioscope_format_check (bytes, 36));
      walk_mend_checks (bytes, input.size);
    }
  opened = open_bytes (bytes, input.size);
  if (opened != NULL)
    check (opened);
}

static void
append_record (GByteArray   *file,
               const guint8 *record,
               gsize         size,
               guint32       row)
{
  guint at = file->len;
  guint8 *p;

  g_byte_array_set_size (file, at + (guint) SIOSCOPE_ALIGN8 (MAX (size, SIOSCOPE_RECORD_HEADER_SIZE)));
  p = file->data + at;
  memset (p, 0, file->len - at);
  memcpy (p, record, size);
  sioscope_put32 (p, (guint32) MAX (size, SIOSCOPE_RECORD_HEADER_SIZE));
  sioscope_put32 (p + 16, row);
  sioscope_put32 (p + 20, sioscope_format_check (p, 20));
}

/* One damaged record among good ones: always a row, and the ones around it are as they were. */
static void
round_record (SioSpan input)
{
  g_autoptr(GByteArray) file = g_byte_array_new ();
  GBytes *first = files->pdata[0];
  const guint8 *header = g_bytes_get_data (first, NULL);
  guint n_before = 1 + fuzz_luck (5), n_after = 1 + fuzz_luck (5), n = 0;
  g_autoptr(SioscopeRecording) opened = NULL;
  SioscopeEntry e;

  g_byte_array_append (file, header, sioscope_get32 (header + 12));
  for (guint i = 0; i < n_before + n_after; i++)
    {
      GBytes *record = records->pdata[fuzz_luck (records->len)];

      if (i == n_before)
        append_record (file, (const guint8 *) input.data, input.size, n++);
      append_record (file, g_bytes_get_data (record, NULL), g_bytes_get_size (record), n++);
    }
  opened = open_bytes (file->data, file->len);
  g_assert_nonnull (opened);
  g_assert_cmpuint (sioscope_recording_get_n_rows (opened), ==, n);
  g_assert_null (sioscope_recording_dup_notice (opened));
  for (guint row = 0; row < n; row++)
    {
      g_assert_true (sioscope_recording_read (opened, row, &e));
      /* Attachments look back for their packet, which is not there. */
      if (row != n_before && e.kind == SIOSCOPE_KIND_ERROR)
        g_assert_false (sio_span_equals (e.reason, "recording") && e.raw.size < SIOSCOPE_RECORD_HEADER_SIZE + 16);
    }
  check (opened);
}

static void
load_seeds (void)
{
  g_autofree char *path = g_build_filename (dir, "seed.sioscope", NULL);
  g_autofree char *bytes = NULL;
  gsize size, offset;

  {
    g_autoptr(SioscopeRecording) recording = sioscope_recording_new (path, "http://localhost:3000");
    g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);

    script_play (recorder, recording, every_kind_script);
    sioscope_recorder_finish (recorder);
  }
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_unlink (path);
  files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  records = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  fuzz_add_seed (files, bytes, size);
  for (offset = sioscope_get32 ((guint8 *) bytes + 12); offset < size;)
    {
      gsize record = sioscope_get32 ((guint8 *) bytes + offset);

      fuzz_add_seed (records, bytes + offset, record);
      offset += SIOSCOPE_ALIGN8 (record);
    }
}

int
main (int   argc,
      char *argv[])
{
  static const FuzzRounds rounds[] = {
    { "/fuzz/recording/record", round_record, &records, words, G_N_ELEMENTS (words) },
    { "/fuzz/recording/file", round_file, &files, words, G_N_ELEMENTS (words) },
  };
  int result;

  g_test_init (&argc, &argv, NULL);
  dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  copy_path = g_build_filename (dir, "copy.sioscope", NULL);
  fd = memfd_create ("fuzz", MFD_CLOEXEC);
  fd_path = g_strdup_printf ("/proc/self/fd/%d", fd);
  load_seeds ();

  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    g_test_add_data_func (rounds[i].path, &rounds[i], fuzz_run_rounds);

  result = g_test_run ();
  g_ptr_array_unref (files);
  g_ptr_array_unref (records);
  close (fd);
  g_rmdir (dir);
  g_free (fd_path);
  g_free (copy_path);
  g_free (dir);
  return result;
}
