/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a client and its sockets know of each other; behaviours use sio-server-private.h. */

#pragma once

#include "sio-server-private.h"

G_BEGIN_DECLS

struct _SioServerSocket {
  grefcount         ref_count;
  SioServerClient  *client;    /* NULL once it has left */
  SioServerSession *session;   /* owned, so that it may be asked about after the end */
  char             *nsp;
  char             *id;

  GHashTable       *acks;      /* id → PendingAck */
  gint64            next_id;
  gint64            oldest_id; /* no pending ack is older */

  gpointer          data;      /* the behaviour's */
  GDestroyNotify    destroy_data;
};

SioServerSocket *sio_server_socket_new         (SioServerClient  *client,
                                                SioServerSession *session,
                                                const char       *nsp);
void             sio_server_socket_receive_ack (SioServerSocket  *self,
                                                gint64            id,
                                                SioSpan           args,
                                                GPtrArray        *attachments);
void             sio_server_socket_closed      (SioServerSocket  *self,
                                                const char       *reason);
/* Takes the socket out of the client's table, then closes it. */
void             sio_server_client_forget      (SioServerClient  *self,
                                                SioServerSocket  *socket,
                                                const char       *reason);

G_END_DECLS
