/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Secrets are seeded into sessions with real servers, in all the places that have them, and looked for in everything that is
 * written without them. And what is no secret is all there. */

#include <glib/gstdio.h>

#include "node-server.h"
#include "recording-script.h"
#include "sioscope-export.h"
#include "test-util.h"

#define AUTH_TOKEN  "auth-tok-1a2b3c4d5e"
#define COOKIE      "s%3Acook-8f7e6d5c.sig"
#define THEME       "dark-theme-9"
#define BEARER      "bearer-authz-77aa88bb"
#define HEADER_KEY  "hdr 5c4b3a2910"
#define PROXY       "cHJveHk6cHJveHktcGFzcy05OQ==" /* proxy:proxy-pass-99 */
#define PROXY_PASS  "proxy-pass-99"
#define QUERY_TOKEN "query tok+2b/4c=6d"
#define URL_PASS    "urlpass-31337x"
#define API_KEY     "key-\\\"quoted\\\"-\\u00e9-42"
#define API_KEY_RAW "key-\"quoted\"-é-42"
#define PASSWORD    "hunter2hunter"
#define OTHER       "Sup3rOtherLeaf"

typedef struct {
  const char *name;
  const char *module;
  const char *transport;
  gboolean    msgpack;
} Session;

static const Session sessions[] = {
  { "v4/polling", "socket.io-v4", "polling", FALSE },
  { "v4/websocket", "socket.io-v4", "websocket", FALSE },
  { "v4/msgpack-polling", "socket.io-v4", "polling", TRUE },
  { "v4/msgpack-websocket", "socket.io-v4", "websocket", TRUE },
  { "v2/polling", "socket.io-v2", "polling", FALSE },
  { "v2/websocket", "socket.io-v2", "websocket", FALSE },
  { "v2/msgpack-websocket", "socket.io-v2", "websocket", TRUE },
};

/* ── The session ── */

static void
add_json (SioArguments *args,
          const char   *json)
{
  g_autoptr(GError) error = NULL;

  sio_arguments_add_json (args, json, -1, FALSE, &error);
  g_assert_no_error (error);
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioArguments) answer = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (answer);
  *(gboolean *) data = TRUE;
}

static void
ask (SioSocket    *socket,
     const char   *event,
     SioArguments *args)
{
  gboolean done = FALSE;

  sio_socket_emit_with_ack_async (socket, event, args, NULL, NULL, answered_cb, &done);
  WAIT_FOR (done);
}

static void
set_true_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static SioscopeRecording *
run_session (const Session *session)
{
  gboolean legacy = g_str_has_suffix (session->module, "v2");
  g_autofree char *server_options = g_strdup_printf (
    "{%s\"cookie\":%s%s}", session->msgpack ? "\"parser\":\"msgpack\"," : "", legacy ? "\"io\"" : "{\"name\":\"io\"}",
    legacy ? "" : ",\"connectionStateRecovery\":{}");
  g_autoptr(NodeServer) server = node_server_start (session->module, server_options);
  g_autoptr(SioOptions) options = sio_options_new ();
  const char * const transports[] = { session->transport, NULL };
  const char * const headers[] = {
    "Cookie: session=" COOKIE "; theme=" THEME, "Authorization: Bearer " BEARER, "Proxy-Authorization: Basic " PROXY,
    "Referer: http://bob:" URL_PASS "@h.example/path?plain=shown-77", "X-Api-Key: " HEADER_KEY, "X-Plain: plain-header-55", NULL,
  };
  const char * const query[] = { "token=" QUERY_TOKEN, "lang=lang-value-66", NULL };
  g_autoptr(SioArguments) secret = sio_arguments_new ();
  g_autoptr(SioArguments) plain = sio_arguments_new ();
  g_autoptr(SioArguments) none = sio_arguments_new ();
  g_autoptr(SioArguments) told = sio_arguments_new ();
  g_autoptr(GBytes) bytes = g_bytes_new_static ("\1\2\3" AUTH_TOKEN "\xff", strlen (AUTH_TOKEN) + 4);
  g_autoptr(GBytes) harmless = g_bytes_new_static ("\1\2harmless-bytes\xff", 17);
  SioscopeRecording *recording = sioscope_recording_new (NULL, "http://bob:" URL_PASS "@127.0.0.1/");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autoptr(SioManager) manager = NULL;
  g_autoptr(GError) error = NULL;
  gboolean refused = FALSE;
  SioSocket *socket, *guarded;

  sio_options_set_transports (options, transports, &error);
  g_assert_no_error (error);
  sio_options_set_extra_headers (options, headers, &error);
  g_assert_no_error (error);
  sio_options_set_query (options, query);
  sio_options_set_auth (options, "{\"token\":\"" AUTH_TOKEN "\",\"user\":\"alice\",\"other\":\"" OTHER "\",\"flag\":true,\"n\":1}", &error);
  g_assert_no_error (error);
  if (session->msgpack)
    {
      g_autoptr(SioParser) parser = sio_msgpack_parser_new ();

      sio_options_set_parser (options, parser);
    }
  manager = sio_manager_new (node_server_get_url (server, "/"), options, &error);
  g_assert_no_error (error);
  sio_manager_set_tap (manager, SIO_TAP (recorder));
  socket = sio_manager_get_socket (manager, "/", &error);
  guarded = sio_manager_get_socket (manager, "/auth", &error);
  sio_socket_connect (socket);
  WAIT_FOR (sio_socket_get_connected (socket));

  add_json (plain, "\"ordinary-value-88\"");
  add_json (plain, "{\"flag\":true,\"n\":1,\"author\":\"Ada L\",\"user\":\"alice\"}");
  sio_arguments_add_binary (plain, harmless);
  ask (socket, "echo", plain);
  add_json (secret, "{\"deep\":[{\"apiKey\":\"" API_KEY "\"},{\"list\":[{\"password\":\"" PASSWORD "\"}]}],\"token\":true,\"shown\":\"shown-99\"}");
  ask (socket, "echo", secret);
  /* by no name: only as a value that is known from elsewhere, also as bytes */
  add_json (told, "\"the password is " PASSWORD ", and " AUTH_TOKEN " the token\"");
  add_json (told, "\"" API_KEY "\"");
  sio_arguments_add_binary (told, bytes);
  ask (socket, "echo", told);
  ask (socket, "handshake", none);
  /* a refusal that gives the token back in its data */
  g_signal_connect_data (guarded, "connect-error", G_CALLBACK (set_true_cb), &refused, NULL, G_CONNECT_SWAPPED);
  sio_socket_connect (guarded);
  WAIT_FOR (refused);
  sioscope_recorder_note (recorder, SIOSCOPE_KIND_ERROR, "test", "GET http://127.0.0.1/?token=query%20tok%2B2b%2F4c%3D6d failed");
  /* with a session that is taken up again, where the server can: the pid is sent */
  if (!legacy)
    {
      sio_manager_cut (manager);
      WAIT_FOR (!sio_socket_get_connected (socket));
      WAIT_FOR (sio_socket_get_connected (socket));
    }
  sio_manager_close (manager);
  WAIT_FOR (!sio_manager_get_closing (manager));
  sio_manager_set_tap (manager, NULL);
  sioscope_recorder_finish (recorder);
  return recording;
}

/* ── Looking for them ── */

static void
add_string (GPtrArray  *list,
            SioSpan     text)
{
  if (text.size >= 4)
    g_ptr_array_add (list, g_strndup (text.data, text.size));
}

static void
add_member (GPtrArray  *list,
            SioSpan     object,
            const char *name)
{
  SioSpan value;

  if (object.size > 2 && *object.data == '{' && sio_json_object_get (object, name, &value) && *value.data == '"')
    add_string (list, (SioSpan) { value.data + 1, value.size - 2 });
}

/* What was chosen by the test, and what the servers chose: session ids, the sockets', the recovery's. */
static GPtrArray *
dup_secrets (SioscopeRecording *recording,
             gboolean           legacy)
{
  static const char * const seeded[] = { AUTH_TOKEN, COOKIE, THEME, BEARER, HEADER_KEY, PROXY, PROXY_PASS, QUERY_TOKEN, URL_PASS, API_KEY_RAW, PASSWORD, OTHER };
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  SioscopeEntry entry;

  /* Servers 2.x have no auth: what would be in it is a text like others. */
  for (guint i = 0; i < G_N_ELEMENTS (seeded); i++)
    if (!legacy || (!g_str_equal (seeded[i], AUTH_TOKEN) && !g_str_equal (seeded[i], OTHER)))
      g_ptr_array_add (list, g_strdup (seeded[i]));
  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    {
      g_assert_true (sioscope_recording_read (recording, row, &entry));
      if (entry.kind == SIOSCOPE_KIND_STATE)
        add_string (list, entry.sid);
      else if (entry.kind == SIOSCOPE_KIND_SOCKET && entry.socket_change == SIO_TAP_SOCKET_CONNECTED)
        add_string (list, entry.reason);
      else if (entry.kind == SIOSCOPE_KIND_PACKET && entry.packet_type == SIO_PACKET_CONNECT)
        {
          add_member (list, entry.args, "sid");
          add_member (list, entry.args, "pid");
        }
    }
  return list;
}

static gboolean
contains (const char *data,
          gsize       size,
          const char *part)
{
  return memmem (data, size, part, strlen (part)) != NULL;
}

static char *
escape (const char *text)
{
  GString *out = g_string_new (NULL);

  sio_json_append_quoted (out, text, -1);
  g_string_truncate (out, out->len - 1);
  g_string_erase (out, 0, 1);
  return g_string_free (out, FALSE);
}

/* Also in what is base64 in it. */
static gboolean
has_secret (const char *data,
            gsize       size,
            const char *secret,
            guint       depth)
{
  g_autofree char *percent = g_uri_escape_string (secret, NULL, FALSE);
  g_autofree char *component = g_uri_escape_string (secret, "!*'()", FALSE);
  g_autofree char *json = escape (secret);
  g_autofree char *twice = escape (json);
  const char *forms[] = { secret, percent, component, json, twice };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (contains (data, size, forms[i]))
      return TRUE;
  for (const char *p = data, *end = data + size; p < end && depth > 0;)
    {
      const char *start = p;

      while (p < end && (g_ascii_isalnum (*p) || *p == '+' || *p == '/' || *p == '='))
        p++;
      if (p - start >= 8)
        for (guint skip = 0; skip < 4; skip++)
          {
            g_autofree char *run = g_strndup (start + skip, (gsize) (p - start - skip));
            gsize decoded_size;
            g_autofree guchar *decoded = g_base64_decode (run, &decoded_size);

            if (has_secret ((const char *) decoded, decoded_size, secret, depth - 1))
              return TRUE;
          }
      p = MAX (p, start + 1);
    }
  return FALSE;
}

static GBytes *
export (SioscopeRecording          *recording,
        SioscopeFormat              format,
        gboolean                    include_secrets,
        const SioscopeExportLines  *lines)
{
  g_autofree char *folder = g_dir_make_tmp ("sioscope-redaction-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "out", NULL);
  SioscopeExportOptions options = { .format = format, .include_secrets = include_secrets, .lines = lines };
  g_autoptr(GError) error = NULL;
  char *content;
  gsize size;

  sioscope_export_file (recording, &options, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &content, &size, &error));
  g_unlink (path);
  g_rmdir (folder);
  return g_bytes_new_take (content, size);
}

static guint
count_lines (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  guint n = 0;

  for (gsize i = 0; i < size; i++)
    n += data[i] == '\n';
  return n;
}

static void
assert_hidden (GBytes     *bytes,
               const char *what,
               GPtrArray  *secrets)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  for (guint i = 0; i < secrets->len; i++)
    if (has_secret (data, size, g_ptr_array_index (secrets, i), 1))
      {
        const char *at = memmem (data, size, g_ptr_array_index (secrets, i), strlen (g_ptr_array_index (secrets, i)));

        if (at != NULL)
          g_test_message ("… %.*s", (int) MIN (200, data + size - MAX (data, at - 100)), MAX (data, at - 100));
        g_test_message ("%s: %s", what, (const char *) g_ptr_array_index (secrets, i));
        g_test_fail ();
      }
  g_assert_true (contains (data, size, "[redacted]"));
}

static void
assert_shown (GBytes     *bytes,
              const char *what,
              gboolean    headers)
{
  static const char * const shown[] = { "ordinary-value-88", "Ada L", "shown-99", "alice", "echo", "handshake" };
  static const char * const in_headers[] = { "plain-header-55", "lang-value-66", "shown-77" };
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    if (!contains (data, size, shown[i]))
      g_error ("%s: %s is hidden", what, shown[i]);
  for (guint i = 0; i < G_N_ELEMENTS (in_headers) && headers; i++)
    if (!contains (data, size, in_headers[i]))
      g_error ("%s: %s is hidden", what, in_headers[i]);
}

/* What still has to be JSON is, and parts of a packet are parts of its bytes. */
static void
assert_consistent (SioscopeRecording *recording,
                   GBytes            *bytes)
{
  g_autofree char *folder = g_dir_make_tmp ("sioscope-redaction-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "out", NULL);
  g_autoptr(SioscopeRecording) copy = NULL;
  g_autoptr(GError) error = NULL;
  guint64 n_rows = sioscope_recording_get_n_rows (recording);
  SioscopeEntry old, entry;

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));
  copy = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (copy), ==, n_rows);
  for (guint64 row = 0; row < n_rows; row++)
    {
      g_autofree char *array = NULL;

      g_assert_true (sioscope_recording_read (recording, row, &old));
      g_assert_true (sioscope_recording_read (copy, row, &entry));
      g_assert_cmpuint (entry.kind, ==, old.kind);
      g_assert_cmpint (entry.time_us, ==, old.time_us);
      g_assert_cmpuint (entry.n_args, ==, old.n_args);
      g_assert_cmpuint (entry.ref, ==, old.ref);
      g_assert_cmpint (entry.id, ==, old.id);
      g_assert_cmpuint (entry.wire.size != 0, ==, old.wire.size != 0);
      g_assert_cmpmem (entry.event.data, entry.event.size, old.event.data, old.event.size);
      if (entry.kind != SIOSCOPE_KIND_PACKET)
        continue;
      array = g_strdup_printf ("[%.*s]", (int) entry.args.size, entry.args.size != 0 ? entry.args.data : "");
      sio_json_validate (array, strlen (array), 64, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (entry.args.size == 0 || contains (entry.raw.data, entry.raw.size, (array[strlen (array) - 1] = '\0', array + 1)));
    }
  g_clear_object (&copy);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_session (gconstpointer data)
{
  const Session *session = data;
  g_autoptr(SioscopeRecording) recording = run_session (session);
  gboolean legacy = g_str_has_prefix (session->name, "v2");
  g_autoptr(GPtrArray) secrets = dup_secrets (recording, legacy);
  g_autoptr(GBytes) plain = export (recording, SIOSCOPE_FORMAT_NDJSON, TRUE, NULL);

  g_assert_cmpuint (secrets->len, >=, legacy ? 12 : 16);
  /* They are where they are looked for. */
  for (guint i = 0; i < secrets->len; i++)
    {
      const char *secret = g_ptr_array_index (secrets, i);

      g_assert_true (has_secret (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain), secret, 1));
    }
  for (guint i = 0; i < SIOSCOPE_N_FORMATS; i++)
    {
      g_autoptr(GBytes) bytes = export (recording, (SioscopeFormat) i, FALSE, NULL);
      g_autoptr(GBytes) with = export (recording, (SioscopeFormat) i, TRUE, NULL);
      const char *word = sioscope_format_get_word ((SioscopeFormat) i);

      assert_hidden (bytes, word, secrets);
      if (i == SIOSCOPE_FORMAT_RECORDING)
        assert_consistent (recording, bytes);
      else if (i != SIOSCOPE_FORMAT_HAR)
        g_assert_cmpuint (count_lines (bytes), ==, count_lines (with) + (i == SIOSCOPE_FORMAT_TEXT));
      if (i != SIOSCOPE_FORMAT_HAR || !session->msgpack)
        assert_shown (bytes, word, i == SIOSCOPE_FORMAT_NDJSON || i == SIOSCOPE_FORMAT_HAR || i == SIOSCOPE_FORMAT_RECORDING);
    }
  for (guint depth = SIOSCOPE_PRINT_EVENTS; depth <= SIOSCOPE_PRINT_FRAMES; depth++)
    {
      SioscopeExportLines lines = { .depth = (SioscopePrintDepth) depth };
      g_autoptr(GBytes) bytes = export (recording, SIOSCOPE_FORMAT_NDJSON, FALSE, &lines);
      g_autoptr(GBytes) with = export (recording, SIOSCOPE_FORMAT_NDJSON, TRUE, &lines);

      assert_hidden (bytes, "lines", secrets);
      g_assert_cmpuint (count_lines (bytes), ==, count_lines (with));
      assert_shown (bytes, "lines", depth == SIOSCOPE_PRINT_FRAMES);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/redaction/session/%s", sessions[i].name);

      g_test_add_data_func (path, &sessions[i], test_session);
    }

  return g_test_run ();
}
