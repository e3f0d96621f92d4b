/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a SioServer for the tests in Node.js: prints its port, then what its listener hears, a line
 * each, until standard input ends. */

#include "server/sio-server.h"

#include <stdio.h>
#include <stdlib.h>

static void
connected_cb (gpointer data, const char *client, const char *nsp, SioSpan auth)
{
  printf ("connected %s %.*s\n", nsp, (int) auth.size, auth.data != NULL ? auth.data : "");
}

static void
refused_cb (gpointer data, const char *client, const char *nsp, const char *message)
{
  printf ("refused %s %s\n", nsp, message);
}

static void
disconnected_cb (gpointer data, const char *client, const char *nsp, const char *reason)
{
  printf ("disconnected %s %s\n", nsp, reason);
}

static void
engine_cb (gpointer data, const char *sid, const char *state, const char *detail)
{
  printf ("engine %s %s\n", state, detail);
}

static void
error_cb (gpointer data, const char *where, const char *message)
{
  printf ("error %s: %s\n", where, message);
}

static gboolean
stdin_cb (GIOChannel *channel, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  SioServerOptions options = SIO_SERVER_DEFAULT_OPTIONS;
  SioServerListener listener = {
    .connected = connected_cb, .refused = refused_cb, .disconnected = disconnected_cb,
    .engine = engine_cb, .error = error_cb,
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(SioServer) server = NULL;
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GIOChannel) channel = g_io_channel_unix_new (0);
  const char *behaviour = argc > 1 ? argv[1] : "suite";

  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc > 2)
    options.ping_interval_ms = (guint) atoi (argv[2]);
  if (argc > 3)
    options.ping_timeout_ms = (guint) atoi (argv[3]);
  options.no_eio3 = argc > 4 && g_str_equal (argv[4], "no-eio3");

  server = sio_server_new (&options, &error);
  if (server == NULL)
    g_error ("%s", error->message);
  if (g_str_equal (behaviour, "demo"))
    sio_server_behave_as_demo (server);
  else if (g_str_equal (behaviour, "echo"))
    sio_server_behave_as_engine_echo (server);
  else
    sio_server_behave_as_test_suite (server);
  sio_server_set_listener (server, &listener, NULL);

  printf ("port %u\n", sio_server_get_port (server));
  g_io_add_watch (channel, G_IO_IN | G_IO_HUP, stdin_cb, loop);
  g_main_loop_run (loop);

  return 0;
}
