/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "interop.h"

static NodeServer *shared;

guint
interop_get_major (void)
{
  const char *major = g_getenv ("INTEROP_SERVER");

  return major != NULL ? (guint) g_ascii_strtoull (major, NULL, 10) : 4;
}

gboolean
interop_is_msgpack (void)
{
  return g_strcmp0 (g_getenv ("INTEROP_PARSER"), "msgpack") == 0;
}

static NodeServer *
start_server (const char *options)
{
  g_autofree char *module = g_strdup_printf ("socket.io-v%u", interop_get_major ());
  g_autofree char *all = NULL;

  if (!interop_is_msgpack ())
    return node_server_start (module, options);
  if (options == NULL || g_str_equal (options, "{}"))
    return node_server_start (module, "{\"parser\":\"msgpack\"}");
  all = g_strdup_printf ("{\"parser\":\"msgpack\",%s", options + 1);
  return node_server_start (module, all);
}

static void
run (const InteropCase *this,
     Way                way)
{
  const char *transports[3] = { way == WAY_WEBSOCKET ? "websocket" : "polling", NULL, NULL };
  g_autoptr(GError) error = NULL;
  Interop self = { 0 };

  if (interop_get_major () < this->since)
    {
      g_test_skip (this->why_not_before);
      return;
    }
  if (interop_is_msgpack () && this->why_json_only != NULL)
    {
      g_test_skip (this->why_json_only);
      return;
    }
  if (way == WAY_UPGRADE)
    transports[1] = "websocket";

  self.way = way;
  self.own_server = this->server_options != NULL;
  if (self.own_server)
    self.server = start_server (this->server_options);
  else if (shared == NULL)
    shared = start_server (NULL);
  if (!self.own_server)
    self.server = shared;

  self.options = sio_options_new ();
  sio_options_set_transports (self.options, transports, &error);
  g_assert_no_error (error);
  sio_options_set_reconnection_delay_ms (self.options, 20);
  sio_options_set_reconnection_delay_max_ms (self.options, 100);
  if (interop_is_msgpack ())
    {
      g_autoptr(SioParser) parser = sio_msgpack_parser_new ();

      sio_options_set_parser (self.options, parser);
    }

  self.manager = sio_manager_new (node_server_get_url (self.server, "/"), self.options, &error);
  g_assert_no_error (error);
  self.tap = tap_log_new ();
  sio_manager_set_tap (self.manager, SIO_TAP (self.tap));
  self.heard = heard_new ();
  heard_watch_manager (self.heard, self.manager);
  self.socket = sio_manager_get_socket (self.manager, "/", &error);
  g_assert_no_error (error);
  heard_watch_socket (self.heard, self.socket);

  this->body (&self);

  sio_manager_close (self.manager);
  WAIT_FOR (!sio_manager_get_closing (self.manager));
  g_assert_finalize_object (self.manager);
  g_assert_finalize_object (self.options);
  g_assert_finalize_object (self.tap);
  heard_free (self.heard);
  if (self.own_server)
    node_server_stop (self.server);
}

static void
run_polling (gconstpointer data)
{
  run (data, WAY_POLLING);
}

static void
run_websocket (gconstpointer data)
{
  run (data, WAY_WEBSOCKET);
}

static void
run_upgrade (gconstpointer data)
{
  run (data, WAY_UPGRADE);
}

void
interop_add (const InteropCase *cases)
{
  static const struct {
    const char    *name;
    GTestDataFunc  run;
  } ways[] = {
    { "polling", run_polling },
    { "websocket", run_websocket },
    { "upgrade", run_upgrade },
  };

  for (; cases->name != NULL; cases++)
    for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
      {
        g_autofree char *path = g_strdup_printf ("/interop/%s/%s", ways[i].name, cases->name);

        g_test_add_data_func (path, cases, ways[i].run);
      }
}

int
interop_run (void)
{
  int status = g_test_run ();

  g_clear_pointer (&shared, node_server_stop);
  return status;
}

void
interop_connect (Interop *self)
{
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

void
interop_settle (Interop *self)
{
  interop_connect (self);
  if (self->way == WAY_UPGRADE)
    WAIT_FOR (tap_log_count (self->tap, "state upgraded") == 1);
}

SioSocket *
interop_get_socket (Interop    *self,
                    const char *nsp)
{
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, &error);

  g_assert_no_error (error);
  if (socket != self->socket)
    heard_watch_socket (self->heard, socket);
  return socket;
}

SioArguments *
interop_args (const char *args)
{
  SioArguments *arguments = sio_arguments_new ();
  SioSpan span = { args, args != NULL ? strlen (args) : 0 };
  SioSpan element;
  SioJsonIter iter;

  sio_json_iter_init (&iter, span);
  while (span.size > 0 && sio_json_iter_next (&iter, &element))
    {
      g_autoptr(GError) error = NULL;

      sio_arguments_add_json (arguments, element.data, (gssize) element.size, TRUE, &error);
      g_assert_no_error (error);
    }
  return arguments;
}

void
interop_emit (Interop    *self,
              const char *event,
              const char *args)
{
  g_autoptr(SioArguments) arguments = interop_args (args);
  g_autoptr(GError) error = NULL;

  sio_socket_emit (self->socket, event, arguments, NULL, &error);
  g_assert_no_error (error);
}

void
interop_answered_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

SioArguments *
interop_ask (SioSocket     *socket,
             const char    *event,
             SioArguments  *args,
             guint          timeout_ms,
             GError       **error)
{
  SioEmitOptions options = { .timeout_ms = timeout_ms };
  g_autoptr(GAsyncResult) result = NULL;

  sio_socket_emit_with_ack_async (socket, event, args, &options, NULL, interop_answered_cb, &result);
  g_assert_null (result);
  WAIT_FOR (result != NULL);
  return sio_socket_emit_with_ack_finish (socket, result, error);
}

char *
interop_ask_text (Interop    *self,
                  const char *event,
                  const char *args)
{
  g_autoptr(SioArguments) arguments = interop_args (args);
  g_autoptr(SioArguments) answer = NULL;
  g_autoptr(GError) error = NULL;

  answer = interop_ask (self->socket, event, arguments, 15000, &error);
  g_assert_no_error (error);
  return heard_format_args (answer);
}

char *
interop_dup_echoes (Interop *self)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < self->heard->lines->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (self->heard->lines, i), "socket echo:"))
      g_string_append_printf (lines, "%s\n", (char *) g_ptr_array_index (self->heard->lines, i));
  return g_string_free (lines, FALSE);
}
