/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* NodeServer: a real Socket.IO server in a process of its own, for the length of a test. */

#pragma once

#include <gio/gio.h>

typedef struct _NodeServer NodeServer;

/* module: "socket.io-v4" (or -v3, -v2) of tests/servers/package.json. options: JSON object text for tests/servers/server.mjs, or NULL.
 * Returns when it listens. Without node or its packages the test fails and says what is missing. */
NodeServer *node_server_start     (const char *module,
                                   const char *options);
/* The same module and options on the same port, after node_server_kill(). */
void        node_server_restart   (NodeServer *self);
void        node_server_kill      (NodeServer *self); /* SIGKILL; returns when it is gone */
void        node_server_freeze    (NodeServer *self); /* SIGSTOP */
void        node_server_thaw      (NodeServer *self); /* SIGCONT */
void        node_server_stop      (NodeServer *self); /* ends it and frees self */

guint       node_server_get_port  (NodeServer *self);
/* "http://127.0.0.1:PORT" and path; valid as long as self. */
const char *node_server_get_url   (NodeServer *self,
                                   const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NodeServer, node_server_stop)
