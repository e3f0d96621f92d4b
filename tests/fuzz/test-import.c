/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Damaged files for both importers: either a recording that can be read and told again, or an error in words and nothing left. What
 * NDJSON was made into is the same again after another way there and back. */

#include "fuzz.h"
#include "sioscope-import.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static GPtrArray *ndjson_seeds; /* of GBytes */
static GPtrArray *har_seeds;
static char *folder, *source_path, *made_path, *again_path;

static void
write_file (const char *path,
            SioSpan     text)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  gsize n = 0;

  g_assert_cmpint (fd, >=, 0);
  while (n < text.size)
    {
      gssize written = write (fd, text.data + n, text.size - n);

      g_assert_cmpint (written, >, 0);
      n += (gsize) written;
    }
  close (fd);
}

static GBytes *
export_bytes (const char     *path,
              SioscopeFormat  format)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) recording = sioscope_recording_open (path, &error);
  g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable ();
  SioscopeExportOptions options = { .format = format, .include_secrets = TRUE };

  g_assert_no_error (error);
  sioscope_export_write (recording, &options, out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (out, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static SioSpan
span_of (GBytes *bytes)
{
  SioSpan span;

  span.data = g_bytes_get_data (bytes, &span.size);
  return span;
}

static gboolean
import_damaged (SioSpan input)
{
  g_autoptr(GError) error = NULL;

  write_file (source_path, input);
  if (sioscope_import_file (source_path, made_path, NULL, NULL, NULL, &error))
    {
      g_assert_no_error (error);
      g_assert_true (sioscope_import_is_foreign (source_path));
      return TRUE;
    }
  g_assert_nonnull (error);
  fuzz_assert_plain (error);
  g_assert_true (error->domain == SIOSCOPE_IMPORT_ERROR || error->domain == G_IO_ERROR);
  g_assert_cmpint (g_access (made_path, F_OK), ==, -1);
  return FALSE;
}

/* There and back once more: whatever was read can be told, and what is told is read as the same. */
static void
assert_comes_back (void)
{
  g_autoptr(GBytes) first = export_bytes (made_path, SIOSCOPE_FORMAT_NDJSON);
  g_autoptr(GBytes) second = NULL;
  g_autoptr(GError) error = NULL;

  write_file (source_path, span_of (first));
  sioscope_import_file (source_path, again_path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  second = export_bytes (again_path, SIOSCOPE_FORMAT_NDJSON);
  g_assert_true (g_bytes_equal (first, second));
  g_assert_cmpint (g_unlink (again_path), ==, 0);
}

/* A HAR of it may hold nothing of Socket.IO; but it can be read. */
static void
assert_makes_har (void)
{
  g_autoptr(GBytes) har = export_bytes (made_path, SIOSCOPE_FORMAT_HAR);
  g_autoptr(GError) error = NULL;

  g_assert_true (sio_json_validate (g_bytes_get_data (har, NULL), g_bytes_get_size (har), 64, NULL, NULL, &error));
  g_assert_no_error (error);
  write_file (source_path, span_of (har));
  if (sioscope_import_file (source_path, again_path, NULL, NULL, NULL, &error))
    g_assert_cmpint (g_unlink (again_path), ==, 0);
  else
    g_assert_error (error, SIOSCOPE_IMPORT_ERROR, SIOSCOPE_IMPORT_ERROR_NOTHING);
}

static void
round_import (SioSpan input)
{
  if (!import_damaged (input))
    return;
  assert_comes_back ();
  assert_makes_har ();
  g_assert_cmpint (g_unlink (made_path), ==, 0);
}

#define WORD(literal) { (literal), sizeof (literal) - 1 }

static const FuzzWord words[] = {
  WORD ("\n"), WORD ("{"), WORD ("}"), WORD ("["), WORD ("]"), WORD (","), WORD (":"), WORD ("\""), WORD ("\\ud800"), WORD ("\\u0000"),
  WORD ("1e999"), WORD ("-1"), WORD ("18446744073709551615"), WORD ("9223372036854775807"), WORD ("0.0000001"), WORD ("null"),
  WORD ("{\"$binary\":\"AAAA\"}"), WORD ("{\"$text\":\"x\"}"), WORD ("{\"kind\":\"note\",\"time\":1}\n"), WORD ("\"ref\":0,"),
  WORD ("\"row\":7,"), WORD ("\"tls_errors\":[\"expired\",64],"), WORD ("\xff"), WORD ("\xed\xa0\x80"), WORD ("\r\n"),
  WORD ("\"_webSocketMessages\":[],"), WORD ("\"opcode\":2,"), WORD ("\"opcode\":8,"), WORD ("EIO=3"), WORD ("EIO=4"),
  WORD ("transport=polling"), WORD ("transport=websocket"), WORD ("&sid=x"), WORD ("\"encoding\":\"base64\","), WORD ("4:40"),
  WORD ("451-[\\\"a\\\",{\\\"_placeholder\\\":true,\\\"num\\\":0}]"), WORD ("0{\\\"sid\\\":\\\"a\\\"}"), WORD ("AAH/NA=="),
  WORD ("2024-01-01T00:00:00Z"), WORD ("9999-12-31T23:59:59.999999Z"), WORD ("0001-01-01T00:00:00Z"), WORD ("\"time\":-5,"),
  WORD ("\"time\":1e300,"), WORD ("[[[[[[[["), WORD ("\"request\":5,"), WORD ("\"entries\":[],"),
};

/* The kinds and fields that a HAR never becomes. */
static const char rest[] =
  "{\"format\":\"sioscope-ndjson\",\"version\":1,\"title\":\"t\",\"client\":\"c\",\"start_us\":-5}\n"
  "{\"kind\":\"emit\",\"time\":0.000001,\"row\":3,\"fate\":\"lost\",\"nsp\":\"/a\",\"event\":{\"$text\":\"x\"},\"args\":[1,{}],\"n_args\":2,"
  "\"id\":7,\"tag\":18446744073709551615,\"message\":{\"$binary\":\"/w==\"}}\n"
  "{\"kind\":\"packet\",\"time\":1,\"row\":5,\"direction\":\"out\",\"transport\":\"websocket\",\"type\":\"binary_event\",\"nsp\":\"/\","
  "\"event\":\"e\",\"args\":[{\"_placeholder\":true,\"num\":0}],\"n_args\":1,\"attachments\":1,"
  "\"raw\":\"451-[\\\"e\\\",{\\\"_placeholder\\\":true,\\\"num\\\":0}]\"}\n"
  "{\"kind\":\"attachment\",\"time\":1,\"row\":6,\"direction\":\"out\",\"transport\":\"websocket\",\"ref\":5,\"index\":0,"
  "\"data\":{\"$binary\":\"AQI=\"}}\n"
  "{\"kind\":\"frame\",\"time\":1,\"row\":9,\"direction\":\"in\",\"transport\":\"websocket\",\"opcode\":9,\"data\":\"p\"}\n"
  "{\"kind\":\"http\",\"time\":2,\"row\":10,\"method\":\"GET\",\"url\":\"http://h/?EIO=4&transport=polling\",\"status\":0,\"ms\":-1.5,"
  "\"domain\":\"d\",\"code\":-3,\"request_headers\":[\"A: b\",\"\"],\"response_headers\":\"x\",\"tls_errors\":[\"expired\",128],"
  "\"tls_certificate\":[{\"$binary\":\"/w==\"}]}\n"
  "{\"kind\":\"error\",\"time\":3,\"row\":11,\"data\":{\"$binary\":\"AP8=\"},\"where\":\"packet\",\"message\":\"m\"}\n"
  "{\"kind\":\"state\",\"time\":4,\"row\":12,\"state\":\"waiting\",\"active\":true,\"delay_ms\":4294967295,\"max_payload\":-1}\n";

static void
load_seeds (void)
{
  static const char * const hars[] = { "chrome.har", "firefox.har", "parallel.har" };

  ndjson_seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  har_seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  fuzz_add_seed (ndjson_seeds, rest, sizeof rest - 1);
  g_assert_true (import_damaged ((SioSpan) { rest, sizeof rest - 1 }));
  g_assert_cmpint (g_unlink (made_path), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (hars); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "exchange", "data", hars[i], NULL);
      g_autofree char *text = NULL;
      g_autoptr(GBytes) lines = NULL;
      g_autoptr(GError) error = NULL;
      gsize size;

      g_file_get_contents (path, &text, &size, &error);
      g_assert_no_error (error);
      fuzz_add_seed (har_seeds, text, size);
      g_assert_true (import_damaged ((SioSpan) { text, size }));
      lines = export_bytes (made_path, SIOSCOPE_FORMAT_NDJSON);
      g_assert_cmpint (g_unlink (made_path), ==, 0);
      fuzz_add_seed (ndjson_seeds, g_bytes_get_data (lines, NULL), g_bytes_get_size (lines));
    }
}

int
main (int   argc,
      char *argv[])
{
  static const FuzzRounds rounds[] = {
    { "/fuzz/import/ndjson", round_import, &ndjson_seeds, words, G_N_ELEMENTS (words) },
    { "/fuzz/import/har", round_import, &har_seeds, words, G_N_ELEMENTS (words) },
  };
  g_autoptr(GError) error = NULL;
  int result;

  /* In memory, where there is a place for it: each round asks its files onto the disk, and would wait for it most of the time. */
  if (g_access ("/dev/shm", W_OK | X_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("sioscope-fuzz-XXXXXX", &error);
  g_assert_no_error (error);
  source_path = g_build_filename (folder, "source", NULL);
  made_path = g_build_filename (folder, "made.sioscope", NULL);
  again_path = g_build_filename (folder, "again.sioscope", NULL);
  load_seeds ();
  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    g_test_add_data_func (rounds[i].path, &rounds[i], fuzz_run_rounds);
  result = g_test_run ();

  /* Nothing else is in it. */
  g_assert_cmpint (g_unlink (source_path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (source_path);
  g_free (made_path);
  g_free (again_path);
  g_free (folder);
  g_ptr_array_unref (ndjson_seeds);
  g_ptr_array_unref (har_seeds);
  return result;
}
