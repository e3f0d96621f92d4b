/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* RawPeer: a server that does on the wire exactly what a test tells it to, wrong bytes included. A thread for each connection runs the
 * test's script with blocking calls; the test's own thread goes on with its main loop, which is woken whenever something happened. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RawPeer       RawPeer;
typedef struct _RawConnection RawConnection;

/* Runs in a thread of its own; the connection is closed when it returns. n counts connections from 0. */
typedef void (*RawPeerScript) (RawConnection *connection, guint n, gpointer data);

typedef struct {
  char       *method;  /* NULL: nothing read */
  char       *target;  /* path and query */
  GHashTable *headers; /* names in lower case */
  GString    *body;
} RawRequest;

/* Listens on 127.0.0.1, a free port. */
RawPeer    *raw_peer_new                     (RawPeerScript   script,
                                              gpointer        data);
/* Shuts every connection and waits for the scripts. */
void        raw_peer_free                    (RawPeer        *self);
guint       raw_peer_get_port                (RawPeer        *self);
char       *raw_peer_dup_url                 (RawPeer        *self);
guint       raw_peer_get_n_connections       (RawPeer        *self);
/* Something that a test waits for has changed. From any thread. */
void        raw_peer_wake_tests              (void);

/* For scripts. Reading and writing fail (FALSE) when the other side, or raw_peer_free(), has closed. */
gboolean    raw_connection_read_request      (RawConnection  *self,
                                              RawRequest     *request);
void        raw_request_clear                (RawRequest     *request);
/* Whether the query has "name=value"; value NULL: any. */
gboolean    raw_request_has_parameter        (RawRequest     *request,
                                              const char     *name,
                                              const char     *value);
const char *raw_request_get_header           (RawRequest     *request,
                                              const char     *lower_case_name);
gboolean    raw_connection_write             (RawConnection  *self,
                                              const void     *data,
                                              gssize          size);
gboolean    raw_connection_printf            (RawConnection  *self,
                                              const char     *format,
                                              ...) G_GNUC_PRINTF (2, 3);
/* status: "200 OK". extra_headers: NULL or lines each ended by CRLF. Adds Content-Length. */
gboolean    raw_connection_respond           (RawConnection  *self,
                                              const char     *status,
                                              const char     *extra_headers,
                                              const char     *body,
                                              gssize          size);
/* Answers the handshake with 101; more follows it in the same segment. */
gboolean    raw_connection_accept_websocket  (RawConnection  *self,
                                              RawRequest     *request,
                                              const void     *more,
                                              gsize           size);
/* A frame as a server writes it. first: FIN, RSV and opcode, e.g. 0x81 for a whole text message. */
void        raw_append_frame                 (GString        *out,
                                              guint8          first,
                                              const void     *data,
                                              gsize           size);
gboolean    raw_connection_write_frame       (RawConnection  *self,
                                              guint8          first,
                                              const void     *data,
                                              gssize          size);
/* The next frame of the client, unmasked. */
gboolean    raw_connection_read_frame        (RawConnection  *self,
                                              guint8         *first,
                                              GString        *payload);
/* Waits until the client closes, reading and dropping what it sends. */
void        raw_connection_await_end         (RawConnection  *self);
/* Does nothing and reads nothing until the peer is freed or the time is over; FALSE when freed. */
gboolean    raw_connection_sleep             (RawConnection  *self,
                                              guint           ms);
/* The next close is a TCP reset. */
void        raw_connection_reset_on_close    (RawConnection  *self);
void        raw_connection_close             (RawConnection  *self);
/* From another thread: what the script reads ends here, so that it returns and the connection is closed. */
void        raw_connection_interrupt         (RawConnection  *self,
                                              gboolean        reset);
/* So that even a little that is written and not read fills the pipe. */
void        raw_connection_set_small_buffers (RawConnection  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawPeer, raw_peer_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RawRequest, raw_request_clear)

G_END_DECLS
