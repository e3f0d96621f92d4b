/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Files that somebody made or broke: cut anywhere, each bit turned over, lengths that lie, and what is no recording at all. There is
 * an error in words or there are rows, never a crash and never a wait. */

#include "every-kind.h"
#include "recording-script.h"
#include "recording-walk.h"
#include "sioscope-recording-private.h"

#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char   *dir;
  char   *path;
  guint8 *bytes;   /* a recording with every kind of row */
  gsize   size;
  GArray *ends;    /* of gsize: where each row ends */

  /* In memory: thousands of files on a disk would measure the disk. */
  int     fd;
  char   *fd_path;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  gsize offset;

  fixture->dir = g_dir_make_tmp ("sioscope-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->dir, "a.sioscope", NULL);
  {
    g_autoptr(SioscopeRecording) recording = sioscope_recording_new (fixture->path, "http://localhost:3000");
    g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);

    script_play (recorder, recording, every_kind_script);
    sioscope_recorder_finish (recorder);
  }
  g_assert_true (g_file_get_contents (fixture->path, (char **) &fixture->bytes, &fixture->size, NULL));
  fixture->ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  for (offset = sioscope_get32 (fixture->bytes + 12); offset < fixture->size;)
    {
      offset += SIOSCOPE_ALIGN8 ((gsize) sioscope_get32 (fixture->bytes + offset));
      g_array_append_val (fixture->ends, offset);
    }
  g_assert_cmpuint (offset, ==, fixture->size);
  fixture->fd = memfd_create ("crafted", MFD_CLOEXEC);
  fixture->fd_path = g_strdup_printf ("/proc/self/fd/%d", fixture->fd);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  close (fixture->fd);
  g_free (fixture->fd_path);
  g_array_unref (fixture->ends);
  g_free (fixture->bytes);
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->dir), ==, 0);
  g_free (fixture->path);
  g_free (fixture->dir);
}

static SioscopeRecording *
open_bytes (Fixture       *fixture,
            const guint8  *bytes,
            gsize          size,
            GError       **error)
{
  g_assert_cmpint (ftruncate (fixture->fd, (off_t) size), ==, 0);
  g_assert_cmpint (pwrite (fixture->fd, bytes, size, 0), ==, size);
  return sioscope_recording_open (fixture->fd_path, error);
}

/* Rows before the cut are there, and words say how many bytes were left out. */
static void
test_cut (Fixture       *fixture,
          gconstpointer  data)
{
  gsize header = sioscope_get32 (fixture->bytes + 12);

  for (gsize size = 0; size <= fixture->size; size++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(SioscopeRecording) opened = open_bytes (fixture, fixture->bytes, size, &error);
      g_autofree char *notice = NULL;
      gsize whole = header;
      guint n_rows = 0;

      if (size < header)
        {
          int code = size < SIOSCOPE_FILE_HEADER_SIZE ? SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING : SIOSCOPE_RECORDING_ERROR_CORRUPT;

          g_assert_null (opened);
          g_assert_error (error, SIOSCOPE_RECORDING_ERROR, code);
          g_assert_nonnull (strstr (error->message, fixture->fd_path));
          g_assert_nonnull (strstr (error->message, "expected"));
          continue;
        }
      g_assert_no_error (error);
      while (n_rows < fixture->ends->len && g_array_index (fixture->ends, gsize, n_rows) <= size)
        whole = g_array_index (fixture->ends, gsize, n_rows++);
      g_assert_cmpuint (sioscope_recording_get_n_rows (opened), ==, n_rows);
      notice = sioscope_recording_dup_notice (opened);
      if (whole == size)
        g_assert_null (notice);
      else
        {
          g_autofree char *expected = g_strdup_printf ("The last %" G_GSIZE_FORMAT " bytes of this recording", size - whole);

          g_assert_true (g_str_has_prefix (notice, expected));
        }
      walk_everything (opened);
    }
}

/* A power failure leaves zeros where the file had grown already. */
static void
test_zeros (Fixture       *fixture,
            gconstpointer  data)
{
  for (gsize zeros = 1; zeros <= 4096; zeros = zeros < 100 ? zeros + 1 : zeros + 333)
    {
      gsize size = fixture->size + zeros;
      g_autofree guint8 *bytes = g_malloc0 (size);
      g_autofree char *expected = g_strdup_printf ("The last %" G_GSIZE_FORMAT " bytes of this recording", zeros);
      g_autofree char *notice = NULL;
      g_autoptr(SioscopeRecording) opened = NULL;

      memcpy (bytes, fixture->bytes, fixture->size);
      opened = open_bytes (fixture, bytes, size, NULL);
      g_assert_cmpuint (sioscope_recording_get_n_rows (opened), ==, fixture->ends->len);
      notice = sioscope_recording_dup_notice (opened);
      g_assert_true (g_str_has_prefix (notice, expected));
    }
}

/* Each bit of the file turned over, as it is and with the checks mended. */
static void
test_bits (Fixture       *fixture,
           gconstpointer  data)
{
  gsize header = sioscope_get32 (fixture->bytes + 12);
  guint n_errors = 0, n_shorter = 0, n_whole = 0;

  for (gsize bit = 0; bit < fixture->size * 8; bit++)
    for (guint mended = 0; mended <= 1; mended++)
      {
        g_autoptr(GError) error = NULL;
        g_autoptr(SioscopeRecording) opened = NULL;
        g_autofree guint8 *bytes = g_memdup2 (fixture->bytes, fixture->size);
        guint64 n_rows;

        bytes[bit / 8] ^= (guint8) (1 << bit % 8);
        if (mended && bit / 8 < header)
          sioscope_put32 (bytes + 36, sioscope_format_check (bytes, 36));
        else if (mended)
          walk_mend_checks (bytes, fixture->size);
        opened = open_bytes (fixture, bytes, fixture->size, &error);
        g_assert_true ((opened == NULL) == (error != NULL));
        if (opened == NULL)
          {
            g_assert_true (error->domain == SIOSCOPE_RECORDING_ERROR);
            n_errors++;
            continue;
          }
        n_rows = sioscope_recording_get_n_rows (opened);
        if (n_rows < fixture->ends->len)
          {
            g_autofree char *notice = sioscope_recording_dup_notice (opened);

            /* With a right check over it a record may well reach over its neighbours. */
            g_assert_true (notice != NULL || mended);
            n_shorter++;
          }
        else
          n_whole++;
        /* Rows before the damage are not touched by it. */
        if (bit / 8 >= header)
          for (guint row = 0; row < fixture->ends->len && g_array_index (fixture->ends, gsize, row) <= bit / 8; row++)
            g_assert_cmpuint (n_rows, >, row);
        walk_everything (opened);
      }
  g_test_message ("%u errors, %u shorter, %u with all rows", n_errors, n_shorter, n_whole);
  g_assert_cmpuint (n_errors, >, 100);
  g_assert_cmpuint (n_shorter, >, 1000);
  g_assert_cmpuint (n_whole, >, 1000);
}

/* Wherever four bytes may be a length or an offset: those that are too large, and those that wrap around. */
static void
test_lengths (Fixture       *fixture,
              gconstpointer  data)
{
  const guint32 lies[] = {
    0, 1, 7, 23, 24, 25, 0x7ffffff8, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffff8, 0xffffffff,
    (guint32) fixture->size, (guint32) fixture->size + 8,
  };
  g_autofree char *copy = g_build_filename (fixture->dir, "copy.sioscope", NULL);

  for (gsize at = 12; at + 4 <= fixture->size; at += 4)
    for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
      {
        g_autoptr(SioscopeRecording) opened = NULL;
        g_autofree guint8 *bytes = g_memdup2 (fixture->bytes, fixture->size);

        sioscope_put32 (bytes + at, lies[i]);
        sioscope_put32 (bytes + 36, sioscope_format_check (bytes, 36));
        walk_mend_checks (bytes, fixture->size);
        opened = open_bytes (fixture, bytes, fixture->size, NULL);
        if (opened == NULL)
          continue;
        walk_everything (opened);
        if (i == 0)
          walk_copy (opened, copy);
      }
}

static void
assert_refused (const char *path,
                GQuark      domain,
                int         code,
                const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) opened = sioscope_recording_open (path, &error);

  g_assert_null (opened);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, path));
  if (strstr (error->message, words) == NULL)
    g_error ("expected \"%s\" in: %s", words, error->message);
}

/* Everything that may stand behind a name. */
static void
test_no_recordings (Fixture       *fixture,
                    gconstpointer  data)
{
  const GQuark own = SIOSCOPE_RECORDING_ERROR;
  g_autofree char *other = g_build_filename (fixture->dir, "other", NULL);
  g_autofree guint8 *bytes = g_memdup2 (fixture->bytes, fixture->size);
  g_autoptr(GError) error = NULL;

  assert_refused (fixture->dir, own, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING, "it is a folder, expected an ordinary file");
  assert_refused ("/dev/null", own, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING, "it is a device, expected an ordinary file");
  assert_refused (other, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No such file");
  g_assert_cmpint (mkfifo (other, 0600), ==, 0);
  assert_refused (other, own, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING, "it is a pipe, expected an ordinary file");
  g_unlink (other);
  g_assert_cmpint (symlink ("nowhere", other), ==, 0);
  assert_refused (other, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No such file");
  g_unlink (other);
  g_assert_cmpint (symlink ("other", other), ==, 0);
  assert_refused (other, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS, "could not be opened");
  g_unlink (other);

  g_assert_true (g_file_set_contents (other, "", 0, &error));
  assert_refused (other, own, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING, "it has 0 bytes, expected a header of at least 40");
  g_assert_true (g_file_set_contents (other, "{\"an\":\"ordinary JSON file, longer than a header\"}", -1, &error));
  assert_refused (other, own, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING, "it does not begin with SIOSCOPE");
  sioscope_put32 (bytes + 8, 2);
  g_assert_true (g_file_set_contents (other, (char *) bytes, (gssize) fixture->size, &error));
  assert_refused (other, own, SIOSCOPE_RECORDING_ERROR_NEWER_VERSION, "version 2 of the format, and this program reads up to version 1");
  sioscope_put32 (bytes + 8, 1);
  sioscope_put32 (bytes + 12, SIOSCOPE_FILE_HEADER_MAX + 8);
  sioscope_put32 (bytes + 36, sioscope_format_check (bytes, 36));
  g_assert_true (g_file_set_contents (other, (char *) bytes, (gssize) fixture->size, &error));
  assert_refused (other, own, SIOSCOPE_RECORDING_ERROR_CORRUPT, "expected 65544 bytes of it");
  g_unlink (other);
}

/* A file that must not be read. In a child, which may have to become somebody else: root reads everything. */
static void
test_unreadable (void)
{
  Fixture fixture;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  set_up (&fixture, NULL);
  g_assert_cmpint (g_chmod (fixture.path, 0), ==, 0);
  g_assert_cmpint (g_chmod (fixture.dir, 0755), ==, 0);
  if (geteuid () == 0)
    g_assert_cmpint (seteuid (65534), ==, 0);
  assert_refused (fixture.path, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "Permission denied");
  if (getuid () == 0)
    g_assert_cmpint (seteuid (0), ==, 0);
  tear_down (&fixture, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/recording/crafted/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("cut", test_cut);
  ADD ("zeros", test_zeros);
  ADD ("bits", test_bits);
  ADD ("lengths", test_lengths);
  ADD ("no-recordings", test_no_recordings);
  g_test_add_func ("/recording/crafted/unreadable", test_unreadable);
  return g_test_run ();
}
