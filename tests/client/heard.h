/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Heard: what a manager and its sockets said, one line each, in order. */

#pragma once

#include "sio.h"

typedef struct {
  GPtrArray *lines;
  guint      n_events;      /* of all sockets */
  gint64     last_ack_id;   /* of the last event */
} Heard;

Heard      *heard_new          (void);
void        heard_free         (Heard      *self);
void        heard_clear        (Heard      *self);

/* "manager open", "manager close:reason", "socket connect", "socket event:[args]", … with the namespace if it is not "/". */
void        heard_watch_manager (Heard     *self,
                                 SioManager *manager);
void        heard_watch_socket (Heard      *self,
                                SioSocket  *socket);
void        heard_add          (Heard      *self,
                                const char *line);
guint       heard_count        (Heard      *self,
                                const char *line);
/* The first one that begins with prefix, or NULL. */
const char *heard_find         (Heard      *self,
                                const char *prefix);
char       *heard_dup          (Heard      *self);

/* "[1,2]" with attachments as {"$bin":"hex"}. */
char       *heard_format_args  (SioArguments *args);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Heard, heard_free)
