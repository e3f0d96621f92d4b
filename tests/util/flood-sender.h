/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A child process that speaks just enough of WebSocket and Socket.IO to flood one client after the other, and is never the
 * bottleneck: the frames are made once and written in blocks of a quarter megabyte. */

#pragma once

#include <gio/gio.h>

typedef struct {
  GPid  pid;
  guint port;
} FloodSender;

/* Every client that connects gets the open packet; when it has sent "40", the answer and n_events events of
 * event_size bytes each ("42[…]" as a whole), as fast as it takes them. */
void flood_sender_start       (FloodSender *self,
                               gsize        event_size,
                               guint64      n_events);
/* The same at per_second events a second, each with its number: 42["tick",{"id":N,…}], N from FLOOD_FIRST_ID. */
#define FLOOD_FIRST_ID 100000000
void flood_sender_start_paced (FloodSender *self,
                               gsize        event_size,
                               guint64      n_events,
                               guint        per_second);
void flood_sender_stop        (FloodSender *self);
