/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat serve: the embedded server, one line for what each of its clients does. */

#include "siocat-interrupt.h"
#include "siocat-options.h"
#include "siocat-output.h"

#define MAX_MS (24 * 60 * 60 * 1000)
#define MAX_PAYLOAD (256 * 1024 * 1024)

typedef struct {
  gint64     port;
  char      *host;
  char      *path;
  gboolean   no_eio3;
  gint64     ping_interval;
  gint64     ping_timeout;
  gint64     max_payload;
  gboolean   demo;
  gboolean   engine_echo;
  char     **rest;

  gint64     started_us;
  SioServer *server;
  GMainLoop *loop;
  GString   *line; /* the one that is being made */
} Serve;

static void
serve_clear (Serve *self)
{
  g_free (self->host);
  g_free (self->path);
  g_strfreev (self->rest);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_string_free (self->line, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Serve, serve_clear)

static void
begin (Serve      *self,
       const char *kind)
{
  g_string_truncate (self->line, 0);
  siocat_append_head (self->line, kind, g_get_monotonic_time () - self->started_us);
}

static void
add_text (Serve      *self,
          const char *name,
          const char *text)
{
  if (text == NULL)
    return;

  g_string_append_printf (self->line, ",\"%s\":", name);
  sio_json_append_quoted (self->line, text, -1);
}

static void
add_json (Serve      *self,
          const char *name,
          SioSpan     json)
{
  if (json.size == 0)
    return;

  g_string_append_printf (self->line, ",\"%s\":", name);
  sio_json_append_compact (self->line, json);
}

static void
add_args (Serve     *self,
          SioSpan    args,
          GPtrArray *attachments)
{
  g_autoptr(GString) array = g_string_new ("[");
  g_autoptr(GString) compact = g_string_new (NULL);

  g_string_append_len (array, args.size > 0 ? args.data : "", (gssize) args.size);
  g_string_append_c (array, ']');
  sio_json_append_compact (compact, (SioSpan) { array->str, array->len });

  g_string_append (self->line, ",\"args\":");
  if (attachments != NULL && attachments->len > 0)
    sio_json_append_with_binary (self->line, (SioSpan) { compact->str, compact->len }, attachments);
  else
    g_string_append_len (self->line, compact->str, (gssize) compact->len);
}

static void
add_who (Serve      *self,
         const char *client,
         const char *nsp)
{
  add_text (self, "nsp", nsp);
  add_text (self, "client", client);
}

static void
add_direction (Serve        *self,
               SioDirection  direction)
{
  add_text (self, "direction", direction == SIO_DIRECTION_IN ? "in" : "out");
}

static void
add_id (Serve  *self,
        gint64  id)
{
  if (id >= 0)
    g_string_append_printf (self->line, ",\"id\":%" G_GINT64_FORMAT, id);
}

static void
end (Serve *self)
{
  g_string_append (self->line, "}\n");
  siocat_output_write (self->line->str, self->line->len);

  if (siocat_output_is_broken ())
    g_main_loop_quit (self->loop);
}

static void
connected_cb (gpointer    data,
              const char *client,
              const char *nsp,
              SioSpan     auth)
{
  Serve *self = data;

  begin (self, "connect");
  add_who (self, client, nsp);
  add_text (self, "id", client);
  add_json (self, "auth", auth);
  end (self);
}

static void
refused_cb (gpointer    data,
            const char *client,
            const char *nsp,
            const char *message)
{
  Serve *self = data;

  begin (self, "connect_error");
  add_who (self, client, nsp);
  add_text (self, "message", message);
  end (self);
}

static void
disconnected_cb (gpointer    data,
                 const char *client,
                 const char *nsp,
                 const char *reason)
{
  Serve *self = data;

  begin (self, "disconnect");
  add_who (self, client, nsp);
  add_text (self, "reason", reason);
  end (self);
}

static void
event_cb (gpointer      data,
          const char   *client,
          const char   *nsp,
          SioDirection  direction,
          SioSpan       event,
          SioSpan       args,
          GPtrArray    *attachments,
          gint64        id)
{
  Serve *self = data;

  begin (self, "event");
  add_who (self, client, nsp);
  add_direction (self, direction);
  add_json (self, "event", event);
  add_args (self, args, attachments);
  add_id (self, id);
  end (self);
}

static void
ack_cb (gpointer      data,
        const char   *client,
        const char   *nsp,
        SioDirection  direction,
        SioSpan       args,
        GPtrArray    *attachments,
        gint64        id)
{
  Serve *self = data;

  begin (self, "ack");
  add_who (self, client, nsp);
  add_direction (self, direction);
  add_id (self, id);
  add_args (self, args, attachments);
  end (self);
}

static void
engine_cb (gpointer    data,
           const char *sid,
           const char *state,
           const char *detail)
{
  Serve *self = data;

  begin (self, "state");
  add_text (self, "state", state);
  add_text (self, "sid", sid);
  add_text (self, g_str_equal (state, "closed") ? "reason" : "transport", detail);
  if (g_str_equal (state, "open"))
    g_string_append_printf (self->line, ",\"eio\":%u", sio_server_get_eio (self->server, sid));
  end (self);
}

static void
error_cb (gpointer    data,
          const char *where,
          const char *message)
{
  Serve *self = data;

  begin (self, "error");
  add_text (self, "where", where);
  add_text (self, "message", message);
  end (self);
}

static const SioServerListener server_listener = {
  .connected = connected_cb,
  .refused = refused_cb,
  .disconnected = disconnected_cb,
  .event = event_cb,
  .ack = ack_cb,
  .engine = engine_cb,
  .error = error_cb,
};

static gboolean
interrupted_cb (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

static gboolean
make_options (Serve             *self,
              SioServerOptions  *options,
              GError           **error)
{
  if (!siocat_check_number ("--port", self->port, 0, 65535, error)
      || !siocat_check_number ("--ping-interval", self->ping_interval, 1, MAX_MS, error)
      || !siocat_check_number ("--ping-timeout", self->ping_timeout, 1, MAX_MS, error)
      || !siocat_check_number ("--max-payload", self->max_payload, 1, MAX_PAYLOAD, error)
      || !siocat_check_text ("--host", self->host, error)
      || !siocat_check_text ("--path", self->path, error)
      || !siocat_check_parameters (self->rest, 0, 0, "", error))
    return FALSE;

  if (self->demo && self->engine_echo)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "--demo and --engine-echo do not go together");
      return FALSE;
    }

  options->port = (guint) self->port;
  options->ping_interval_ms = (guint) self->ping_interval;
  options->ping_timeout_ms = (guint) self->ping_timeout;
  options->max_payload = (gsize) self->max_payload;
  options->no_eio3 = self->no_eio3;
  if (self->host != NULL)
    options->host = self->host;
  if (self->path != NULL)
    options->path = self->path;

  return TRUE;
}

static SiocatStatus
run (Serve                  *self,
     const SioServerOptions *options)
{
  g_autoptr(SioServer) server = NULL;
  g_autoptr(GError) error = NULL;

  self->started_us = g_get_monotonic_time ();
  server = sio_server_new (options, &error);
  if (server == NULL)
    {
      siocat_complain ("--host %s --port %u: %s", options->host, options->port, error->message);
      return SIOCAT_USAGE;
    }

  self->server = server;
  sio_server_set_listener (server, &server_listener, self);
  if (self->demo)
    sio_server_behave_as_demo (server);
  else if (self->engine_echo)
    sio_server_behave_as_engine_echo (server);
  else
    sio_server_behave_as_test_suite (server);

  self->loop = g_main_loop_new (NULL, FALSE);
  siocat_interrupt_watch (interrupted_cb, self->loop);

  begin (self, "listening");
  g_string_append_printf (self->line, ",\"port\":%u", sio_server_get_port (server));
  add_text (self, "host", options->host);
  add_text (self, "path", options->path);
  end (self);

  g_main_loop_run (self->loop);
  sio_server_close (server);
  sio_server_set_listener (server, NULL, NULL);

  return siocat_output_finish (SIOCAT_DONE);
}

SiocatStatus
siocat_serve (int    argc,
              char **argv)
{
  SioServerOptions options = SIO_SERVER_DEFAULT_OPTIONS;
  g_auto(Serve) self = {
    .ping_interval = options.ping_interval_ms,
    .ping_timeout = options.ping_timeout_ms,
    .max_payload = (gint64) options.max_payload,
    .line = g_string_new (NULL),
  };
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT64, &self.port, "Port to listen on; 0 takes a free one (0)", "N" },
    { "host", 0, 0, G_OPTION_ARG_FILENAME, &self.host, "127.0.0.1, ::1 or localhost (127.0.0.1)", "HOST" },
    { "path", 0, 0, G_OPTION_ARG_FILENAME, &self.path, "Where Socket.IO is served (/socket.io/)", "PATH" },
    { "no-eio3", 0, 0, G_OPTION_ARG_NONE, &self.no_eio3, "Refuse clients of socket.io 2.x (Engine.IO 3)", NULL },
    { "ping-interval", 0, 0, G_OPTION_ARG_INT64, &self.ping_interval, "Between heartbeats (25000)", "MS" },
    { "ping-timeout", 0, 0, G_OPTION_ARG_INT64, &self.ping_timeout, "For the answer to one (20000)", "MS" },
    { "max-payload", 0, 0, G_OPTION_ARG_INT64, &self.max_payload, "Largest message taken (1000000)", "BYTES" },
    { "demo", 0, 0, G_OPTION_ARG_NONE, &self.demo, "Be the demo of the app", NULL },
    { "engine-echo", 0, 0, G_OPTION_ARG_NONE, &self.engine_echo, "Engine.IO only: send every message back", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self.rest, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  SiocatStatus status;

  g_option_context_set_summary (context, "Runs the embedded Socket.IO server until it is interrupted.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!siocat_options_parse (context, argc, argv, &status))
    return status;

  if (!make_options (&self, &options, &error))
    {
      siocat_complain ("%s", error->message);
      return SIOCAT_USAGE;
    }

  return run (&self, &options);
}
