/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Our own handler instead of g_unix_signal_add(): while standard output blocks, no main loop runs that could notice. */

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "siocat-interrupt.h"

static volatile sig_atomic_t pending;
static int pipe_fds[2] = { -1, -1 };
static GSourceFunc watch_func;
static gpointer watch_data;

static void
signal_cb (int number)
{
  int saved_errno = errno;

  if (pending)
    _exit (128 + number);

  pending = 1;
  if (write (pipe_fds[1], "", 1) < 0)
    _exit (128 + number);
  errno = saved_errno;
}

static gboolean
pipe_cb (int          fd,
         GIOCondition condition,
         gpointer     data)
{
  watch_func (watch_data);

  /* The byte stays in the pipe: whoever polls it later is to know too. */
  return G_SOURCE_REMOVE;
}

void
siocat_interrupt_watch (GSourceFunc func,
                        gpointer    data)
{
  struct sigaction action = { .sa_handler = signal_cb }; /* no SA_RESTART: a blocked write (2) is to return */
  g_autoptr(GError) error = NULL;

  g_assert (pipe_fds[0] < 0);

  if (!g_unix_open_pipe (pipe_fds, FD_CLOEXEC, &error))
    g_error ("%s", error->message);

  watch_func = func;
  watch_data = data;
  g_unix_fd_add_full (G_PRIORITY_HIGH, pipe_fds[0], G_IO_IN, pipe_cb, NULL, NULL);

  sigemptyset (&action.sa_mask);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

gboolean
siocat_interrupt_is_pending (void)
{
  return pending != 0;
}

int
siocat_interrupt_get_fd (void)
{
  return pipe_fds[0];
}
