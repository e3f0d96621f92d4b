/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What FloodSender and FloodSink share: a child process that greets one client after the other. */

#pragma once

#include "flood-sender.h"

/* A child that listens on a free port and has serve() deal with each client. It ends with us. */
GPid     flood_fork         (guint         *port,
                             void         (*serve) (int fd, gconstpointer data),
                             gconstpointer  data);
/* WebSocket's handshake, the open packet, "40" and its answer. */
gboolean flood_greet        (int            fd);
gboolean flood_write        (int            fd,
                             const void    *data,
                             gsize          size);
/* A text frame of a server. */
void     flood_append_frame (GByteArray    *out,
                             const char    *text,
                             gsize          size);
