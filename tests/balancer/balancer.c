/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The listening socket is made here and inherited: the port is free, and nobody has to wait for the program. */

#include "balancer.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>

/* Where the child finds the listening socket. */
#define INHERITED_FD 3

struct _Balancer {
  char        *folder;
  char        *url;
  GSubprocess *process;
};

static const char *programs[] = { "nginx", "haproxy" };

static char *
find_program (BalancerKind kind)
{
  char *path = g_find_program_in_path (programs[kind]);

  /* a person's PATH may be without it */
  if (path == NULL)
    {
      path = g_build_filename ("/usr/sbin", programs[kind], NULL);
      if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        g_clear_pointer (&path, g_free);
    }
  return path;
}

gboolean
balancer_is_installed (BalancerKind kind)
{
  g_autofree char *path = find_program (kind);

  return path != NULL;
}

/* Cookies: what nginx sells as "sticky cookie", written out: the answer names the server, the next request's cookie chooses it. */
static char *
configure_nginx (const char     *folder,
                 BalancerMethod  method,
                 guint           port,
                 guint           port_a,
                 guint           port_b)
{
  return g_strdup_printf (
    "daemon off;\n"
    "worker_processes 1;\n"
    "pid %1$s/pid;\n"
    "error_log %1$s/error.log;\n"
    "events { worker_connections 256; }\n"
    "http {\n"
    "  access_log off;\n"
    "  client_body_temp_path %1$s/body;\n"
    "  proxy_temp_path %1$s/proxy;\n"
    "  fastcgi_temp_path %1$s/fastcgi;\n"
    "  uwsgi_temp_path %1$s/uwsgi;\n"
    "  scgi_temp_path %1$s/scgi;\n"
    "  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }\n"
    "  map $cookie_route $target { default nodes; '~^127\\.0\\.0\\.1:\\d+$' $cookie_route; }\n"
    "  upstream nodes { %2$s server 127.0.0.1:%4$u; server 127.0.0.1:%5$u; }\n"
    "  server {\n"
    "    listen 127.0.0.1:%3$u;\n"
    "    location / {\n"
    "      proxy_pass http://%6$s;\n"
    "      %7$s\n"
    "      proxy_http_version 1.1;\n"
    "      proxy_set_header Host $host;\n"
    "      proxy_set_header Upgrade $http_upgrade;\n"
    "      proxy_set_header Connection $connection_upgrade;\n"
    "    }\n"
    "  }\n"
    "}\n",
    folder, method == BALANCER_BY_ADDRESS ? "ip_hash;" : "", port, port_a, port_b,
    method == BALANCER_BY_COOKIE ? "$target" : "nodes",
    method == BALANCER_BY_COOKIE ? "add_header Set-Cookie 'route=$upstream_addr; Path=/; HttpOnly';" : "");
}

static char *
configure_haproxy (BalancerMethod method,
                   guint          port_a,
                   guint          port_b)
{
  return g_strdup_printf (
    "defaults\n"
    "  mode http\n"
    "  timeout connect 10s\n"
    "  timeout client 60s\n"
    "  timeout server 60s\n"
    "  timeout tunnel 60s\n"
    "frontend front\n"
    "  bind fd@%d\n"
    "  default_backend nodes\n"
    "backend nodes\n"
    "  balance %s\n"
    "%s"
    "  server a 127.0.0.1:%u cookie a\n"
    "  server b 127.0.0.1:%u cookie b\n",
    INHERITED_FD, method == BALANCER_BY_ADDRESS ? "source" : "roundrobin",
    method == BALANCER_BY_COOKIE ? "  cookie SERVERID insert indirect nocache httponly\n" : "", port_a, port_b);
}

/* nginx ends its worker with itself when it is asked to end, not when it is killed. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

Balancer *
balancer_start (BalancerKind   kind,
                BalancerMethod method,
                guint          port_a,
                guint          port_b)
{
  Balancer *self = g_new0 (Balancer, 1);
  g_autoptr(GSocket) listener = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *program = find_program (kind);
  g_autofree char *file = NULL;
  g_autofree char *log = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  guint port;

  listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_assert_true (g_socket_bind (listener, any, TRUE, NULL));
  g_assert_true (g_socket_listen (listener, NULL));
  bound = g_socket_get_local_address (listener, NULL);
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));

  self->folder = g_dir_make_tmp ("sioscope-balancer-XXXXXX", &error);
  g_assert_no_error (error);
  /* nginx that root starts works as somebody else */
  g_chmod (self->folder, 0755);
  self->url = g_strdup_printf ("http://127.0.0.1:%u/", port);
  file = g_build_filename (self->folder, "config", NULL);
  log = g_build_filename (self->folder, "output", NULL);
  text = kind == BALANCER_NGINX ? configure_nginx (self->folder, method, port, port_a, port_b)
                                : configure_haproxy (method, port_a, port_b);
  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);

  g_subprocess_launcher_take_fd (launcher, dup (g_socket_get_fd (listener)), INHERITED_FD);
  g_subprocess_launcher_set_stdout_file_path (launcher, log);
  g_subprocess_launcher_set_flags (launcher, G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_subprocess_launcher_unsetenv (launcher, "MALLOC_CHECK_");
  g_subprocess_launcher_unsetenv (launcher, "LD_PRELOAD");
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  if (kind == BALANCER_NGINX)
    {
      /* how one nginx hands its sockets to the next */
      g_subprocess_launcher_setenv (launcher, "NGINX", G_STRINGIFY (INHERITED_FD) ";", TRUE);
      self->process = g_subprocess_launcher_spawn (launcher, &error, program, "-p", self->folder, "-c", file,
                                                   "-e", log, NULL);
    }
  else
    self->process = g_subprocess_launcher_spawn (launcher, &error, program, "-db", "-f", file, NULL);
  g_assert_no_error (error);
  return self;
}

static void
remove_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

void
balancer_stop (Balancer *self)
{
  g_autofree char *log = g_build_filename (self->folder, "output", NULL);
  g_autofree char *said = NULL;

  if (g_subprocess_get_identifier (self->process) == NULL && g_file_get_contents (log, &said, NULL, NULL))
    g_error ("the balancer ended by itself: %s", said);
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->url);
  g_free (self);
}

const char *
balancer_get_url (Balancer *self)
{
  return self->url;
}
