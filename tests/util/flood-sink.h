/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The other way round: a child process that counts what one client after the other sends, without reading more of it than the
 * frames' heads, and never is the bottleneck. */

#pragma once

#include <gio/gio.h>

typedef struct {
  GPid  pid;
  guint port;
  int   results; /* a pipe: seconds, one double a client */
} FloodSink;

/* Greets as FloodSender does. A client may have 2 * credit events under way: for each credit events that arrived it gets one
 * 42["credit"]. After n_events the connection is closed. */
void   flood_sink_start (FloodSink *self,
                         guint64    n_events,
                         guint      credit);
/* From the first event of a client to its last, in seconds; waits for it. */
double flood_sink_wait  (FloodSink *self);
void   flood_sink_stop  (FloodSink *self);
