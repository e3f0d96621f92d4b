/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which steps a manager may make. Who makes them, and when, is in sio-manager-reconnect.c. */

#include "sio-manager-private.h"

static const SioManagerEdge edges[] = {
  { SIO_MANAGER_STATE_CLOSED,     SIO_MANAGER_STATE_CONNECTING, "asked to open" },
  { SIO_MANAGER_STATE_FAILED,     SIO_MANAGER_STATE_CONNECTING, "asked to open" },
  { SIO_MANAGER_STATE_WAITING,    SIO_MANAGER_STATE_CONNECTING, "the delay is over" },
  { SIO_MANAGER_STATE_CONNECTING, SIO_MANAGER_STATE_OPEN,       "the server answered" },
  { SIO_MANAGER_STATE_CONNECTING, SIO_MANAGER_STATE_WAITING,    "the attempt failed" },
  { SIO_MANAGER_STATE_OPEN,       SIO_MANAGER_STATE_WAITING,    "the connection was lost" },
  { SIO_MANAGER_STATE_CONNECTING, SIO_MANAGER_STATE_FAILED,     "gave up" },
  { SIO_MANAGER_STATE_OPEN,       SIO_MANAGER_STATE_FAILED,     "the connection was lost and reconnection is off" },
  { SIO_MANAGER_STATE_WAITING,    SIO_MANAGER_STATE_FAILED,     "asked to stop" },
  { SIO_MANAGER_STATE_CONNECTING, SIO_MANAGER_STATE_CLOSED,     "asked to close" },
  { SIO_MANAGER_STATE_OPEN,       SIO_MANAGER_STATE_CLOSED,     "asked to close" },
  { SIO_MANAGER_STATE_WAITING,    SIO_MANAGER_STATE_CLOSED,     "asked to close" },
  { SIO_MANAGER_STATE_FAILED,     SIO_MANAGER_STATE_CLOSED,     "asked to close" },
};

/**
 * sio_manager_get_edges:
 * @n_edges: (out): how many
 *
 * Returns: (transfer none) (array length=n_edges): every step that a manager may make; static
 */
const SioManagerEdge *
sio_manager_get_edges (guint *n_edges)
{
  g_return_val_if_fail (n_edges != NULL, NULL);

  *n_edges = G_N_ELEMENTS (edges);
  return edges;
}

/* The only place where the state changes. Handlers of "transition" run: the caller looks afterwards at what is left. */
gboolean
sio_manager_move_to (SioManager      *self,
                     SioManagerState  to)
{
  SioManagerState from = self->state;
  const char *why = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (edges) && why == NULL; i++)
    if (edges[i].from == from && edges[i].to == to)
      why = edges[i].why;
  g_return_val_if_fail (why != NULL, FALSE);

  self->state = to;
  sio_manager_notify_state (self);
  g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_TRANSITION], 0, from, to, why);
  return TRUE;
}
