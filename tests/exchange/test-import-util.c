/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "test-import-util.h"

#include "node-server.h"

#include <glib/gstdio.h>
#include <stdarg.h>

static const RealSession real_sessions[] = {
  { "2", "json", "polling" }, { "2", "json", "websocket" }, { "2", "json", "polling,websocket" },
  { "3", "json", "polling" }, { "3", "json", "websocket" }, { "3", "json", "polling,websocket" },
  { "4", "json", "polling" }, { "4", "json", "websocket" }, { "4", "json", "polling,websocket" },
  { "2", "msgpack", "polling" }, { "2", "msgpack", "websocket" },
  { "4", "msgpack", "polling" }, { "4", "msgpack", "polling,websocket" },
};

void
real_add_tests (const char    *prefix,
                GTestDataFunc  func)
{
  for (guint i = 0; i < G_N_ELEMENTS (real_sessions); i++)
    {
      const RealSession *session = &real_sessions[i];
      g_autofree char *path = g_strdup_printf ("%s/%s/%s/%s", prefix, session->server, session->parser, session->transports);

      g_test_add_data_func (path, session, func);
    }
}

static void
emit (SioSocket  *socket,
      const char *event,
      const char *args)
{
  g_autoptr(SioArguments) arguments = sio_arguments_new ();
  g_autoptr(GError) error = NULL;
  SioJsonIter iter;
  SioSpan element;

  sio_json_iter_init (&iter, (SioSpan) { args, strlen (args) });
  while (*args != '\0' && sio_json_iter_next (&iter, &element))
    sio_arguments_add_json (arguments, element.data, (gssize) element.size, TRUE, &error);
  g_assert_no_error (error);
  sio_socket_emit (socket, event, arguments, NULL, &error);
  g_assert_no_error (error);
}

static void
event_cb (SioSocket    *socket,
          const char   *event,
          SioArguments *args,
          gint64        ack_id,
          gpointer      data)
{
  guint *n_events = data;

  (*n_events)++;
  if (ack_id >= 0)
    {
      g_autoptr(SioArguments) answer = sio_arguments_new ();

      sio_arguments_add_json (answer, "{\"$binary\":\"AP8=\"}", -1, TRUE, NULL);
      sio_socket_reply (socket, ack_id, answer, 9, NULL);
    }
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(SioArguments) answer = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, NULL);

  (*(guint *) data)++;
}

static void
ask (SioSocket  *socket,
     const char *event,
     guint       timeout_ms,
     guint      *n_answers)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  SioEmitOptions options = { .timeout_ms = timeout_ms, .tag = 77 };

  sio_socket_emit_with_ack_async (socket, event, args, &options, NULL, answered_cb, n_answers);
}

static void
changed_cb (SioSocket *socket,
            gpointer   a,
            gpointer   b,
            guint     *n)
{
  (*n)++;
}

static void
talk (SioManager *manager)
{
  SioSocket *socket = sio_manager_get_socket (manager, "/", NULL);
  SioSocket *admin = sio_manager_get_socket (manager, "/admin", NULL);
  SioSocket *auth = sio_manager_get_socket (manager, "/auth", NULL);
  guint n_events = 0, n_answers = 0, n_refused = 0;

  sio_socket_on_any (socket, event_cb, &n_events, NULL);
  sio_socket_on_any (admin, event_cb, &n_events, NULL);
  g_signal_connect (auth, "connect-error", G_CALLBACK (changed_cb), &n_refused);
  sio_socket_connect (socket);
  sio_socket_connect (admin);
  sio_socket_connect (auth);
  emit (socket, "echo", "\"before\""); /* buffered */
  WAIT_FOR (sio_socket_get_connected (socket) && sio_socket_get_connected (admin) && n_refused == 1 && n_events == 1);

  emit (socket, "binary", "");
  emit (socket, "echo", "{\"$binary\":\"AQID\"},[1.0, 1e2,\n {\"a\":18446744073709551615}],\"\\ud83d\\ude00 \xc3\xa9\",{\"b\":{\"$binary\":\"\"}}");
  emit (admin, "echo", "{\"$binary\":\"/w==\"},\"of another namespace\"");
  emit (socket, "types", "");
  emit (socket, "ask", "1,{\"$binary\":\"Zm9v\"}");
  WAIT_FOR (n_events == 7); /* the question and what was answered, too */
  ask (socket, "ack-binary", 0, &n_answers);
  ask (admin, "id", 0, &n_answers);
  WAIT_FOR (n_answers == 2);
  ask (socket, "no-ack", 20, &n_answers);
  WAIT_FOR (n_answers == 3);

  /* lost, and back again */
  sio_manager_cut (manager);
  WAIT_FOR (!sio_socket_get_connected (socket));
  WAIT_FOR (sio_socket_get_connected (socket) && sio_socket_get_connected (admin));
  n_events = 0;
  emit (admin, "echo", "{\"$binary\":\"AAA=\"}");
  WAIT_FOR (n_events == 1);
  sio_socket_disconnect (admin);
  emit (socket, "echo", "\"last\"");
  WAIT_FOR (n_events == 2);
}

void
real_record (const RealSession *session,
             const char        *path)
{
  g_autofree char *module = g_strdup_printf ("socket.io-v%s", session->server);
  g_autofree char *server_options = g_strdup_printf ("{\"parser\":\"%s\"}", session->parser);
  g_auto(GStrv) transports = g_strsplit (session->transports, ",", -1);
  g_autoptr(NodeServer) server = node_server_start (module, g_str_equal (session->parser, "msgpack") ? server_options : NULL);
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioManager) manager = NULL;
  g_autoptr(GError) error = NULL;

  sio_options_set_transports (options, (const char * const *) transports, &error);
  g_assert_no_error (error);
  sio_options_set_reconnection_delay_ms (options, 20);
  if (g_str_equal (session->parser, "msgpack"))
    {
      g_autoptr(SioParser) parser = sio_msgpack_parser_new ();

      sio_options_set_parser (options, parser);
    }
  recording = sioscope_recording_new (path, node_server_get_url (server, "/"));
  recorder = sioscope_recorder_new (recording);
  manager = sio_manager_new (node_server_get_url (server, "/"), options, &error);
  g_assert_no_error (error);
  sio_manager_set_tap (manager, SIO_TAP (recorder));
  talk (manager);
  sio_manager_close (manager);
  WAIT_FOR (!sio_manager_get_closing (manager));
  sio_manager_set_tap (manager, NULL);
  sioscope_recorder_finish (recorder);
}

void
folder_open (Folder *self)
{
  g_autoptr(GError) error = NULL;

  self->path = g_dir_make_tmp ("sioscope-exchange-XXXXXX", &error);
  g_assert_no_error (error);
}

char *
folder_path (Folder     *self,
             const char *name)
{
  return g_build_filename (self->path, name, NULL);
}

void
folder_close (Folder *self,
              ...)
{
  va_list names;
  const char *name;

  va_start (names, self);
  while ((name = va_arg (names, const char *)) != NULL)
    {
      g_autofree char *path = folder_path (self, name);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  va_end (names);
  g_assert_cmpint (g_rmdir (self->path), ==, 0);
  g_clear_pointer (&self->path, g_free);
}

static void
export_with (SioscopeRecording *recording,
             SioscopeFormat     format,
             gboolean           include_secrets,
             const char        *path)
{
  SioscopeExportOptions options = { .format = format, .include_secrets = include_secrets };
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileOutputStream) out = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, &error);

  g_assert_no_error (error);
  sioscope_export_write (recording, &options, G_OUTPUT_STREAM (out), NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (G_OUTPUT_STREAM (out), NULL, &error);
  g_assert_no_error (error);
}

void
export_to (SioscopeRecording *recording,
           SioscopeFormat     format,
           const char        *path)
{
  export_with (recording, format, TRUE, path);
}

void
export_redacted (SioscopeRecording *recording,
                 SioscopeFormat     format,
                 const char        *path)
{
  export_with (recording, format, FALSE, path);
}

void
assert_same_files (const char *a,
                   const char *b)
{
  g_autofree char *first = NULL, *second = NULL;
  gsize first_size, second_size;
  gsize at = 0;

  g_assert_true (g_file_get_contents (a, &first, &first_size, NULL));
  g_assert_true (g_file_get_contents (b, &second, &second_size, NULL));
  while (at < MIN (first_size, second_size) && first[at] == second[at])
    at++;
  if (first_size != second_size || at != first_size)
    g_error ("%s (%" G_GSIZE_FORMAT " bytes) and %s (%" G_GSIZE_FORMAT " bytes) differ from byte %" G_GSIZE_FORMAT " on:\n%.200s\n%.200s",
             a, first_size, b, second_size, at, first + (at > 60 ? at - 60 : 0), second + (at > 60 ? at - 60 : 0));
}

char *
import_wrong (const void          *text,
              gsize                size,
              SioscopeImportError  code)
{
  Folder folder;
  g_autofree char *source = NULL, *path = NULL;
  g_autoptr(GError) error = NULL;

  folder_open (&folder);
  source = folder_path (&folder, "source");
  path = folder_path (&folder, "made.sioscope");
  g_assert_true (g_file_set_contents (source, text, (gssize) size, NULL));
  g_assert_false (sioscope_import_file (source, path, NULL, NULL, NULL, &error));
  g_assert_error (error, SIOSCOPE_IMPORT_ERROR, (gint) code);
  folder_close (&folder, "source", NULL);
  return g_strdup (error->message);
}
