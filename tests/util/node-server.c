/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The server prints "port N" when it listens. Its standard input is a pipe that we hold: it ends with us, however we end. */

#include "node-server.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

struct _NodeServer {
  char        *module;
  char        *options;
  guint        port;
  GSubprocess *process; /* NULL while it is dead */
  GPtrArray   *urls;
};

static char *
dup_servers_dir (void)
{
  const char *source_dir = g_getenv ("G_TEST_SRCDIR");

  if (source_dir == NULL)
    g_error ("G_TEST_SRCDIR is not set: run the tests with \"meson test\"");
  return g_build_filename (source_dir, "servers", NULL);
}

/* In the child: a frozen server does not see that its input has ended. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start (NodeServer *self)
{
  g_autofree char *dir = dup_servers_dir ();
  g_autofree char *package = g_build_filename (dir, "node_modules", self->module, "package.json", NULL);
  g_autofree char *node = g_find_program_in_path ("node");
  g_autofree char *options = NULL;
  g_autofree char *line = NULL;
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GDataInputStream) lines = NULL;
  g_autoptr(GError) error = NULL;

  if (node == NULL)
    g_error ("node is not installed; the tests against real servers need Node.js 18 or newer");
  if (!g_file_test (package, G_FILE_TEST_EXISTS))
    g_error ("%s is missing; run \"npm ci\" in %s", package, dir);

  /* the person's options, and the port of the life before */
  if (self->options == NULL || g_str_equal (self->options, "{}"))
    options = g_strdup_printf ("{\"port\":%u}", self->port);
  else
    options = g_strdup_printf ("{\"port\":%u,%s", self->port, strchr (self->options, '{') + 1);

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_set_cwd (launcher, dir);
  /* what is set for our allocator is nothing for V8 */
  g_subprocess_launcher_unsetenv (launcher, "MALLOC_CHECK_");
  g_subprocess_launcher_unsetenv (launcher, "LD_PRELOAD");
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error, node, "server.mjs", self->module, options, NULL);
  if (self->process == NULL)
    g_error ("node did not start: %s", error->message);

  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  if (line == NULL || sscanf (line, "port %u", &self->port) != 1)
    g_error ("%s did not say where it listens, but: %s", self->module, line != NULL ? line : "nothing");
}

NodeServer *
node_server_start (const char *module,
                   const char *options)
{
  NodeServer *self = g_new0 (NodeServer, 1);

  self->module = g_strdup (module);
  self->options = g_strdup (options);
  self->urls = g_ptr_array_new_with_free_func (g_free);
  start (self);
  return self;
}

void
node_server_restart (NodeServer *self)
{
  g_assert_null (self->process);
  start (self);
}

void
node_server_kill (NodeServer *self)
{
  if (self->process == NULL)
    return;
  g_subprocess_send_signal (self->process, SIGKILL);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
}

void
node_server_freeze (NodeServer *self)
{
  g_subprocess_send_signal (self->process, SIGSTOP);
}

void
node_server_thaw (NodeServer *self)
{
  g_subprocess_send_signal (self->process, SIGCONT);
}

void
node_server_stop (NodeServer *self)
{
  node_server_kill (self);
  g_ptr_array_unref (self->urls);
  g_free (self->module);
  g_free (self->options);
  g_free (self);
}

guint
node_server_get_port (NodeServer *self)
{
  return self->port;
}

const char *
node_server_get_url (NodeServer *self,
                     const char *path)
{
  char *url = g_strdup_printf ("http://127.0.0.1:%u%s", self->port, path);

  g_ptr_array_add (self->urls, url);
  return url;
}
