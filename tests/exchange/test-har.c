/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A HAR of ours is one for others too, and holds every event, answer and attachment: what is made of it has them again. */

#include "test-import-util.h"
#include "recording-script.h"

#include <glib/gstdio.h>

static guint
count (const char *text,
       const char *what)
{
  guint n = 0;

  for (const char *p = strstr (text, what); p != NULL; p = strstr (p + 1, what))
    n++;
  return n;
}

/* The schema and what Chrome writes: tests/servers/check-har.mjs. */
static void
assert_valid (const char *path)
{
  g_autofree char *folder = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "servers", NULL);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *words = NULL;

  g_subprocess_launcher_set_cwd (launcher, folder);
  process = g_subprocess_launcher_spawn (launcher, &error, "node", "check-har.mjs", path, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &words, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_successful (process))
    g_error ("%s is no HAR:\n%s", path, words);
}

/* What passed in one direction, in order: packets with what they were read as, and their attachments. */
static char *
list_packets (SioscopeRecording *recording,
              SioDirection       direction)
{
  GString *list = g_string_new (NULL);
  SioscopeEntry entry;

  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    {
      g_autoptr(GPtrArray) attachments = NULL;

      g_assert_true (sioscope_recording_read (recording, row, &entry));
      if (entry.kind != SIOSCOPE_KIND_PACKET || entry.direction != direction)
        continue;
      g_string_append_printf (list, "nsp=%.*s event=%.*s n=%u id=%" G_GINT64_FORMAT, (int) entry.nsp.size, entry.nsp.data,
                              (int) entry.event.size, entry.event.data, entry.n_args, entry.id);
      /* With another parser the wire has no text, and the one that was sent may have been written in another way. */
      if (entry.wire.size == 0)
        g_string_append_printf (list, " args=%.*s raw=%.*s", (int) entry.args.size, entry.args.data, (int) entry.raw.size,
                                entry.raw.data);
      for (gsize i = 0; i < entry.wire.size; i++)
        g_string_append_printf (list, i == 0 ? " wire=%02x" : "%02x", (guchar) entry.wire.data[i]);
      attachments = sioscope_recording_dup_attachments (recording, row);
      g_assert_cmpuint (attachments->len, ==, entry.n_attachments);
      for (guint i = 0; i < attachments->len; i++)
        {
          gsize size;
          const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (attachments, i), &size);

          g_string_append (list, " +");
          for (gsize j = 0; j < size; j++)
            g_string_append_printf (list, "%02x", bytes[j]);
        }
      g_string_append_c (list, '\n');
    }
  return g_string_free (list, FALSE);
}

/* States and namespaces, without what only the client itself can know. */
static char *
list_states (SioscopeRecording *recording)
{
  static const char * const states[] = {
    "connecting", "open", "upgrading", "upgraded", "upgrade-failed", "closed", "attempt-failed", "waiting", "failed",
  };
  static const char * const changes[] = { "connecting", "connected", "refused", "disconnected" };
  GString *list = g_string_new (NULL);
  SioscopeEntry entry;

  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    {
      g_assert_true (sioscope_recording_read (recording, row, &entry));
      if (entry.kind == SIOSCOPE_KIND_STATE)
        g_string_append_printf (list, "%s %.*s\n", states[entry.state], (int) entry.sid.size, entry.sid.data);
      else if (entry.kind == SIOSCOPE_KIND_SOCKET)
        g_string_append_printf (list, "%.*s %s %.*s\n", (int) entry.nsp.size, entry.nsp.data, changes[entry.socket_change],
                                (int) entry.reason.size, entry.reason.data);
      else if (entry.kind == SIOSCOPE_KIND_NOTE || entry.kind == SIOSCOPE_KIND_ERROR)
        g_string_append_printf (list, "! %.*s: %.*s\n", (int) entry.reason.size, entry.reason.data, (int) entry.message.size,
                                entry.message.data);
    }
  return g_string_free (list, FALSE);
}

static SioscopeRecording *
import (const char *source,
        const char *path)
{
  g_autoptr(GError) error = NULL;
  SioscopeRecording *recording;

  g_assert_true (sioscope_import_is_foreign (source));
  sioscope_import_file (source, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  return recording;
}

static void
assert_same_lines (const char *first,
                   const char *second)
{
  g_auto(GStrv) a = g_strsplit (first, "\n", -1);
  g_auto(GStrv) b = g_strsplit (second, "\n", -1);

  for (guint i = 0; a[i] != NULL || b[i] != NULL; i++)
    {
      g_assert_cmpstr (a[i], ==, b[i]);
      if (a[i] == NULL || b[i] == NULL)
        break;
    }
}

static void
assert_same_packets (SioscopeRecording *a,
                     SioscopeRecording *b)
{
  for (guint direction = SIO_DIRECTION_IN; direction <= SIO_DIRECTION_OUT; direction++)
    {
      g_autofree char *first = list_packets (a, (SioDirection) direction);
      g_autofree char *second = list_packets (b, (SioDirection) direction);

      assert_same_lines (first, second);
    }
}

static void
test_real (gconstpointer data)
{
  Folder folder;
  g_autofree char *path = NULL, *har = NULL, *made = NULL, *again = NULL, *made_again = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(SioscopeRecording) imported = NULL;
  g_autoptr(SioscopeRecording) imported_again = NULL;
  g_autoptr(GError) error = NULL;

  folder_open (&folder);
  path = folder_path (&folder, "real.sioscope");
  har = folder_path (&folder, "real.har");
  made = folder_path (&folder, "made.sioscope");
  again = folder_path (&folder, "again.har");
  made_again = folder_path (&folder, "again.sioscope");
  real_record (data, path);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  export_to (recording, SIOSCOPE_FORMAT_HAR, har);
  assert_valid (har);
  imported = import (har, made);
  assert_same_packets (recording, imported);

  /* And what was made of it can be told as a HAR again. */
  export_to (imported, SIOSCOPE_FORMAT_HAR, again);
  assert_valid (again);
  imported_again = import (again, made_again);
  assert_same_packets (recording, imported_again);
  folder_close (&folder, "real.sioscope", "real.har", "made.sioscope", "again.har", "again.sioscope", NULL);
}

/* Without secrets all sessions have the same id: they still follow one another. */
static void
test_redacted (gconstpointer data)
{
  static const RealSession session = { "4", "json", "polling,websocket" };
  Folder folder;
  g_autofree char *path = NULL, *har = NULL, *made = NULL, *states = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(SioscopeRecording) imported = NULL;
  g_autoptr(GError) error = NULL;

  folder_open (&folder);
  path = folder_path (&folder, "real.sioscope");
  har = folder_path (&folder, "real.har");
  made = folder_path (&folder, "made.sioscope");
  real_record (&session, path);
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  export_redacted (recording, SIOSCOPE_FORMAT_HAR, har);
  assert_valid (har);

  imported = import (har, made);
  states = list_states (imported);
  g_assert_null (strstr (states, "several connections"));
  g_assert_cmpuint (count (states, "open [redacted]\n"), ==, 2);
  g_assert_cmpuint (count (states, "closed"), ==, 2);
  g_assert_cmpuint (count (states, "connecting \n"), >=, 2);
  folder_close (&folder, "real.sioscope", "real.har", "made.sioscope", NULL);
}

static char *
export_script (const char *script,
               const char *filter_line)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr(SioscopeFilter) filter = filter_line != NULL ? sioscope_filter_new (filter_line, NULL, NULL) : NULL;
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_HAR, .filter = filter, .include_secrets = TRUE };
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  Folder folder;
  g_autofree char *path = NULL;

  g_assert_true (filter_line == NULL || filter != NULL);
  sioscope_export_write (recording, &options, out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (out, "", 1, NULL, NULL, NULL);
  g_output_stream_close (out, NULL, NULL);
  text = g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (out));

  folder_open (&folder);
  path = folder_path (&folder, "script.har");
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  assert_valid (path);
  folder_close (&folder, "script.har", NULL);
  return g_steal_pointer (&text);
}

static const char upgrade[] =
  "0 state connecting transport=polling\n"
  "10 http GET 200 10 http://h/socket.io/?EIO=4&transport=polling response=0{\"sid\":\"a\"}\n"
  "10 state open transport=polling sid=a eio=4\n"
  "20 http GET 101 5 ws://h/socket.io/?EIO=4&transport=websocket&sid=a\n"
  "31 packet in 42[\"later\"]\n"
  "32 packet in 451-[\"b\",{\"_placeholder\":true,\"num\":0}]\n"
  "32 attachment in 0 xyz\n"
  "33 frame in 9 p\n";

/* Frames as they were: text with its digit, bytes in base64, revision 3 with the byte 4 in front. */
static void
test_frames (void)
{
  g_autofree char *text = export_script (upgrade, NULL);
  g_autofree char *legacy_script = g_strdup (upgrade);
  g_autofree char *legacy = NULL;

  g_assert_cmpuint (count (text, "\"_webSocketMessages\":["), ==, 1);
  g_assert_nonnull (strstr (text, "\"opcode\":1,\"data\":\"42[\\\"later\\\"]\"}"));
  g_assert_nonnull (strstr (text, "\"opcode\":2,\"data\":\"eHl6\"}"));
  g_assert_nonnull (strstr (text, "\"opcode\":9,\"data\":\"cA==\"}"));
  g_assert_nonnull (strstr (text, "\"queryString\":[{\"name\":\"EIO\",\"value\":\"4\"},{\"name\":\"transport\",\"value\":\"polling\"}]"));

  for (char *p = legacy_script; *p != '\0'; p++)
    if (g_ascii_strncasecmp (p, "eio=4", 5) == 0)
      p[4] = '3';
  legacy = export_script (legacy_script, NULL);
  g_assert_nonnull (strstr (legacy, "\"opcode\":2,\"data\":\"BHh5eg==\"}"));
}

/* The messages of a WebSocket need its handshake, whatever the filter says; and what nobody recorded is said to be made up. */
static void
test_without_handshake (void)
{
  g_autofree char *filtered = export_script (upgrade, "event:b");
  g_autofree char *nothing = export_script (upgrade, "event:nothing-of-this-name");
  g_autofree char *unknown = export_script ("0 state connecting transport=websocket\n"
                                            "1 state open transport=websocket sid=a eio=3\n"
                                            "2 packet in 42[\"x\"]\n", NULL);

  g_assert_cmpuint (count (filtered, "startedDateTime"), ==, 1);
  g_assert_nonnull (strstr (filtered, "The filter leaves this exchange out."));
  g_assert_null (strstr (filtered, "later"));
  g_assert_nonnull (strstr (filtered, "\"eHl6\""));
  g_assert_cmpuint (count (nothing, "startedDateTime"), ==, 0);
  g_assert_nonnull (strstr (unknown, "The handshake is not in the recording."));
  g_assert_nonnull (strstr (unknown, "\"url\":\"ws://unknown.invalid/socket.io/?EIO=3&transport=websocket\""));
  g_assert_nonnull (strstr (unknown, "42[\\\"x\\\"]"));
}

static void
test_http (void)
{
  g_autofree char *text =
    export_script ("0 state connecting transport=polling\n"
                   "10 http GET 200 10 http://h/?EIO=4&transport=polling#x response=b"
                   " headers=Cookie:_a=b;_c\r~Set-Cookie:_s=1;_Path=/p;_HttpOnly;_Secure\r~Content-Type:_text/plain\r~\n"
                   "20 http POST 0 5 http://h/?EIO=4&transport=polling request=42[\"\xff\"]\n", NULL);

  g_assert_nonnull (strstr (text, "{\"name\":\"a\",\"value\":\"b\"},{\"name\":\"c\",\"value\":\"\"}"));
  g_assert_nonnull (strstr (text, "\"text\":\"NDJbIv8iXQ==\",\"_encoding\":\"base64\""));
  g_assert_nonnull (strstr (text, "\"status\":0"));
  g_assert_nonnull (strstr (text, "\"time\":10.000"));
}

/* ── What browsers write ── */

static void
test_file (gconstpointer data)
{
  const char *name = data;
  g_autofree char *base = g_strconcat (name, ".har", NULL);
  g_autofree char *expected_base = g_strconcat (name, ".expected", NULL);
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "exchange", "data", base, NULL);
  g_autofree char *expected_path = g_test_build_filename (G_TEST_DIST, "exchange", "data", expected_base, NULL);
  g_autofree char *expected = NULL, *in = NULL, *out = NULL, *states = NULL, *all = NULL, *path = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  Folder folder;

  folder_open (&folder);
  path = folder_path (&folder, "made.sioscope");
  recording = import (source, path);
  in = list_packets (recording, SIO_DIRECTION_IN);
  out = list_packets (recording, SIO_DIRECTION_OUT);
  states = list_states (recording);
  all = g_strconcat ("title ", sioscope_recording_get_title (recording), "\nclient ", sioscope_recording_get_client (recording),
                     "\n\n", states, "\nin\n", in, "\nout\n", out, NULL);
  if (!g_file_get_contents (expected_path, &expected, NULL, NULL))
    g_error ("%s is missing; what came out:\n%s", expected_path, all);
  g_assert_cmpstr (all, ==, expected);
  folder_close (&folder, "made.sioscope", NULL);
}

#define LOG(entries) "{\"log\":{\"version\":\"1.2\",\"entries\":[" entries "]}}"
#define SOCKET(messages) "{\"startedDateTime\":\"2024-01-01T00:00:00.000Z\",\"time\":1,\"request\":{\"method\":\"GET\"," \
  "\"url\":\"ws://h/?EIO=4&transport=websocket\"},\"response\":{\"status\":101},\"_webSocketMessages\":[" messages "]}"

static void
test_wrong (void)
{
  static const struct { const char *text, *message; SioscopeImportError code; } cases[] = {
    { "{}", "neither", SIOSCOPE_IMPORT_ERROR_UNKNOWN },
    { "", "neither", SIOSCOPE_IMPORT_ERROR_UNKNOWN },
    { "SIOSCOPE", "neither", SIOSCOPE_IMPORT_ERROR_UNKNOWN },
    { "{\"log\":[]}", "neither", SIOSCOPE_IMPORT_ERROR_UNKNOWN },
    { "{\"log\":{}}", "byte 9: expected \"entries\" in \"log\"", SIOSCOPE_IMPORT_ERROR_INVALID },
    { "{\"log\":{\"entries\":5}}", "byte 18: expected an array", SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG (""), "nothing of Socket.IO", SIOSCOPE_IMPORT_ERROR_NOTHING },
    { LOG ("1,null,{\"request\":[]},{\"request\":{\"url\":\"http://h/?EIO=4\"}}"), "nothing of Socket.IO", SIOSCOPE_IMPORT_ERROR_NOTHING },
    { LOG ("1,"), "byte 37: expected a value", SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG ("") "x", "expected nothing more", SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG ("{\"request\":{\"url\":\"http://h/?EIO=4&transport=polling\"}}"), "entry 0 (byte 35), startedDateTime: expected a time",
      SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG ("{\"startedDateTime\":\"soon\",\"request\":{\"url\":\"http://h/?EIO=4&transport=polling\"}}"),
      "startedDateTime: expected a time", SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG (SOCKET ("5")), "_webSocketMessages[0]: expected an object, found 5", SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG (SOCKET ("{\"type\":\"send\",\"time\":1,\"opcode\":1,\"data\":\"2\"},{\"type\":\"up\",\"data\":\"2\"}")),
      "_webSocketMessages[1]: expected \"send\" or \"receive\" as \"type\", found \"up\"", SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG (SOCKET ("{\"type\":\"send\",\"opcode\":77,\"data\":\"\"}")), "expected an opcode", SIOSCOPE_IMPORT_ERROR_INVALID },
    { LOG (SOCKET ("{\"type\":\"send\",\"opcode\":1}")), "expected a string as \"data\"", SIOSCOPE_IMPORT_ERROR_INVALID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = import_wrong (cases[i].text, strlen (cases[i].text), cases[i].code);

      if (strstr (message, cases[i].message) == NULL)
        g_error ("%s\ngives: %s\nnot: %s", cases[i].text, message, cases[i].message);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/har/frames", test_frames);
  g_test_add_func ("/har/without-handshake", test_without_handshake);
  g_test_add_func ("/har/http", test_http);
  g_test_add_func ("/har/wrong", test_wrong);
  g_test_add_data_func ("/har/chrome", "chrome", test_file);
  g_test_add_data_func ("/har/firefox", "firefox", test_file);
  g_test_add_data_func ("/har/parallel", "parallel", test_file);
  g_test_add_data_func ("/har/redacted", NULL, test_redacted);
  real_add_tests ("/har/real", test_real);
  return g_test_run ();
}
