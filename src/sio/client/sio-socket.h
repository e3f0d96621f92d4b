/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioSocket: one namespace of a manager: emit, acks, events, send buffer. */

#pragma once

#include "../sio-arguments.h"

G_BEGIN_DECLS

/**
 * SioSocket:
 *
 * One namespace of a manager, made by sio_manager_get_socket(). Lives on the manager's thread and is kept
 * alive by it; without its manager it does nothing any more.
 */
#define SIO_TYPE_SOCKET (sio_socket_get_type ())
G_DECLARE_FINAL_TYPE (SioSocket, sio_socket, SIO, SOCKET, GObject)

#define SIO_TYPE_SOCKET_STATE (sio_socket_state_get_type ())
GType sio_socket_state_get_type (void);

/**
 * SioEmitOptions:
 * @is_volatile: drop it rather than wait if it cannot be written now
 * @want_ack: ask the server for an ack
 * @timeout_ms: how long to wait for the ack, milliseconds; 0 takes the option ack-timeout
 * @tag: an arbitrary number that the tap gets to see with everything about this emit; 0 for none
 */
typedef struct {
  gboolean is_volatile;
  gboolean want_ack;
  guint    timeout_ms;
  guint64  tag;
} SioEmitOptions;

/**
 * SioEventFunc:
 * @socket: the socket that it passed
 * @event: its name
 * @args: its arguments; ref them to keep them
 * @ack_id: what sio_socket_reply() takes; -1 if no ack is wanted
 * @user_data: what was given with the function
 *
 * Runs on the manager's thread, in the order of the wire.
 */
typedef void (*SioEventFunc) (SioSocket    *socket,
                              const char   *event,
                              SioArguments *args,
                              gint64        ack_id,
                              gpointer      user_data);

/* Signals: "connect", "disconnect" (reason, GError or NULL), "connect-error" (message, data JSON or NULL),
 * "event" (detailed by the event's name; event, args, ack id). Properties: id, nsp, state, connected, active,
 * recovered, auth. */
const char     *sio_socket_get_nsp          (SioSocket             *self);
const char     *sio_socket_get_id           (SioSocket             *self);
SioSocketState  sio_socket_get_state        (SioSocket             *self);
gboolean        sio_socket_get_connected    (SioSocket             *self);
gboolean        sio_socket_get_active       (SioSocket             *self);
SioManager     *sio_socket_get_manager      (SioSocket             *self);
/* JSON object text; NULL: the manager's option. Read at each CONNECT. */
gboolean        sio_socket_set_auth         (SioSocket             *self,
                                             const char            *auth,
                                             GError               **error);

/* The other form of auth: asked at each CONNECT, in place of any value. The answer is given with sio_socket_provide_auth(),
 * at once or later; the number says to which question. NULL: ask no more. */
typedef void  (*SioAuthFunc)                (SioSocket             *socket,
                                             guint                  request,
                                             gpointer               user_data);
void            sio_socket_set_auth_func    (SioSocket             *self,
                                             SioAuthFunc            func,
                                             gpointer               user_data,
                                             GDestroyNotify         destroy);
/* auth: JSON object text or NULL. FALSE with SIO_ERROR_CLOSED if nobody waits for this answer any more. */
gboolean        sio_socket_provide_auth     (SioSocket             *self,
                                             guint                  request,
                                             const char            *auth,
                                             GError               **error);
/* Servers 2.x: what is sent with CONNECT, "K=V", not encoded; NULL: the manager's option and the URL's query. */
void            sio_socket_set_query        (SioSocket             *self,
                                             const char * const    *query);

gboolean        sio_socket_get_recovered    (SioSocket             *self);

void            sio_socket_connect          (SioSocket             *self);
void            sio_socket_disconnect       (SioSocket             *self);

/* FALSE if nothing was sent or buffered. args may be NULL. options may be NULL. */
gboolean        sio_socket_emit             (SioSocket             *self,
                                             const char            *event,
                                             SioArguments          *args,
                                             const SioEmitOptions  *options,
                                             GError               **error);
/* sio_socket_emit() of the event "message". */
gboolean        sio_socket_send             (SioSocket             *self,
                                             SioArguments          *args,
                                             const SioEmitOptions  *options,
                                             GError               **error);
void            sio_socket_emit_with_ack_async  (SioSocket         *self,
                                             const char            *event,
                                             SioArguments          *args,
                                             const SioEmitOptions  *options,
                                             GCancellable          *cancellable,
                                             GAsyncReadyCallback    callback,
                                             gpointer               user_data);
SioArguments   *sio_socket_emit_with_ack_finish (SioSocket         *self,
                                             GAsyncResult          *result,
                                             GError               **error);
/* Answers the server's event. Once; only on the connection that it came over: else an error. */
gboolean        sio_socket_reply            (SioSocket             *self,
                                             gint64                 ack_id,
                                             SioArguments          *args,
                                             guint64                tag,
                                             GError               **error);

guint           sio_socket_on               (SioSocket             *self,
                                             const char            *event,
                                             SioEventFunc           func,
                                             gpointer               user_data,
                                             GDestroyNotify         destroy);
guint           sio_socket_once             (SioSocket             *self,
                                             const char            *event,
                                             SioEventFunc           func,
                                             gpointer               user_data,
                                             GDestroyNotify         destroy);
guint           sio_socket_on_any           (SioSocket             *self,
                                             SioEventFunc           func,
                                             gpointer               user_data,
                                             GDestroyNotify         destroy);
guint           sio_socket_prepend_any      (SioSocket             *self,
                                             SioEventFunc           func,
                                             gpointer               user_data,
                                             GDestroyNotify         destroy);
guint           sio_socket_on_any_outgoing  (SioSocket             *self,
                                             SioEventFunc           func,
                                             gpointer               user_data,
                                             GDestroyNotify         destroy);
guint           sio_socket_prepend_any_outgoing (SioSocket         *self,
                                             SioEventFunc           func,
                                             gpointer               user_data,
                                             GDestroyNotify         destroy);
void            sio_socket_off              (SioSocket             *self,
                                             guint                  handler_id); /* 0: all of them */
/* All functions of one event, NULL: of every event; not those of _on_any() and _on_any_outgoing(). */
void            sio_socket_off_event        (SioSocket             *self,
                                             const char            *event);
void            sio_socket_off_any          (SioSocket             *self);
void            sio_socket_off_any_outgoing (SioSocket             *self);
/* How many there are. */
guint           sio_socket_get_n_listeners  (SioSocket             *self,
                                             const char            *event);
guint           sio_socket_get_n_listeners_any (SioSocket          *self);
guint           sio_socket_get_n_listeners_any_outgoing (SioSocket *self);

/* socket.io's io (url): the socket of the URL's namespace, on a manager that is shared by all sockets of this server and
 * thread (unless force-new, multiplex or a socket of that namespace says otherwise), connecting unless auto-connect is off.
 * The manager lives as long as one of its sockets is held. (transfer full) */
SioSocket      *sio_io                      (const char            *url,
                                             SioOptions            *options,
                                             GError               **error);

G_END_DECLS
