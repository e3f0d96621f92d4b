/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioManager: one connection to one server: opens engines, reconnects, carries any number of namespaces. */

#pragma once

#include "../sio-options.h"
#include "../sio-tap.h"

G_BEGIN_DECLS

/**
 * SioManager:
 *
 * Lives on the thread-default main context it was made in: all calls, signals and the tap are there.
 * Handlers may do anything, close and dispose included; what a method of the tap asks for is done when it has returned.
 */
#define SIO_TYPE_MANAGER (sio_manager_get_type ())
G_DECLARE_FINAL_TYPE (SioManager, sio_manager, SIO, MANAGER, GObject)

#define SIO_TYPE_MANAGER_STATE (sio_manager_state_get_type ())
GType sio_manager_state_get_type (void);

/**
 * SioManagerEdge:
 * @from: a state
 * @to: one that may follow it
 * @why: what leads there, in English
 *
 * One allowed step of a manager. The same table drives the code, the test that tries every pair, and
 * whoever draws it.
 */
typedef struct {
  SioManagerState from;
  SioManagerState to;
  const char     *why;
} SioManagerEdge;

/* Signals, in socket.io's words: "open", "close" (reason, GError or NULL), "error" (GError),
 * "reconnect-attempt" (guint), "reconnect" (guint), "reconnect-error" (GError), "reconnect-failed", "ping",
 * "pong" (gint64: microseconds; servers 2.x only),
 * "transition" (from, to, why). Properties: state, options, attempt, transport, closing. */
SioManager           *sio_manager_new            (const char       *url,
                                                  SioOptions       *options,
                                                  GError          **error);

SioOptions           *sio_manager_get_options    (SioManager       *self);
SioManagerState       sio_manager_get_state      (SioManager       *self);
guint                 sio_manager_get_attempt    (SioManager       *self);
SioTransportKind      sio_manager_get_transport  (SioManager       *self);
guint                 sio_manager_get_revision   (SioManager       *self); /* of Engine.IO: 3, 4; 0: not known yet */
gboolean              sio_manager_get_closing    (SioManager       *self); /* an engine still writes its goodbye */
guint                 sio_manager_get_unwritten  (SioManager       *self,
                                                  gsize            *bytes); /* packets not known to be written */
const char           *sio_manager_get_nsp        (SioManager       *self); /* the URL's namespace */
const SioManagerEdge *sio_manager_get_edges      (guint            *n_edges);

/* At most one; it is kept alive by the manager. NULL takes it off. */
void                  sio_manager_set_tap        (SioManager       *self,
                                                  SioTap           *tap);

/* The socket of a namespace; made at the first call, the same one afterwards. Not yet connecting. (transfer none) */
SioSocket            *sio_manager_get_socket     (SioManager       *self,
                                                  const char       *nsp,
                                                  GError          **error);

void                  sio_manager_open           (SioManager       *self);
/* Closes the engine and every namespace, stops reconnecting: "forced close". */
void                  sio_manager_close          (SioManager       *self);
/* WAITING: the next attempt starts now. CLOSED, FAILED: opens, active sockets connect again. Else nothing. */
void                  sio_manager_reconnect_now  (SioManager       *self);
/* WAITING or CONNECTING: gives up: FAILED with the reason "stopped". Sockets stay asked for. */
void                  sio_manager_stop_reconnecting (SioManager    *self);
/* Drops the transport as a network failure would. */
void                  sio_manager_cut            (SioManager       *self);

/* For tests: where the jitter's luck comes from. NULL restores g_random_double(). */
void                  sio_manager_set_random_for_tests (SioManager *self,
                                                  double          (*random01) (gpointer data),
                                                  gpointer          data);

G_END_DECLS
