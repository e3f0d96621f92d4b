/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the server's room share. Three layers, each knowing only the one below it:
 *
 *   behaviour   what the server does with what comes: demo, test suite, echo
 *   client      the Socket.IO side of a session: namespaces, events, acks
 *   session     one Engine.IO session: polling, WebSocket, upgrade, heartbeat
 *
 * SioServer listens, checks who is calling and keeps the tables. */

#pragma once

#include "sio-server.h"
#include "../wire/sio-engine-packet.h"
#include "../wire/sio-packet.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define SIO_SERVER_MAX_SESSIONS        64
#define SIO_SERVER_CONNECT_TIMEOUT_MS  45000
#define SIO_SERVER_UPGRADE_TIMEOUT_MS  10000
#define SIO_SERVER_POST_TIMEOUT_MS     30000
#define SIO_SERVER_CLOSE_TIMEOUT_MS    30000
/* The official server looks every 100 ms whether a poll keeps an upgrade waiting. */
#define SIO_SERVER_NOOP_INTERVAL_MS    50
/* What waits for a peer that does not read. */
#define SIO_SERVER_MAX_QUEUE_SIZE      (64 * 1024 * 1024)
#define SIO_SERVER_MAX_QUEUE_PACKETS   200000
/* In one POST. */
#define SIO_SERVER_MAX_PACKETS         10000
/* A body over the limit is read and thrown away so that the answer arrives; beyond this the line is
 * cut. */
#define SIO_SERVER_MAX_DISCARD         (64 * 1024 * 1024)
#define SIO_SERVER_MAX_PENDING_ACKS    256
#define SIO_SERVER_MAX_NAMESPACES      256
#define SIO_SERVER_MAX_ACK_ID          G_GINT64_CONSTANT (9007199254740991)

typedef struct _SioServerSession SioServerSession;
typedef struct _SioServerClient  SioServerClient;
typedef struct _SioServerSocket  SioServerSocket;

/* ---- behaviours -------------------------------------------------------------------------------------------------- */

/* An event as it came. Valid during the call only. */
typedef struct {
  SioSpan    name;        /* plain text; a number as its digits */
  SioSpan    args;        /* JSON, commas between */
  guint      n_args;
  GPtrArray *attachments; /* of GBytes; NULL if there are none */
  gint64     id;          /* -1: no ack is wanted */
} SioServerEvent;

typedef struct {
  /* If set the server is a bare Engine.IO server, and the rest is not used. */
  void     (*message)      (gpointer              data,
                            SioServerSession     *session,
                            gboolean              binary,
                            SioSpan               content);

  /* A client asks for a namespace. FALSE refuses with *refusal, the JSON of the CONNECT_ERROR. */
  gboolean (*connect)      (gpointer              data,
                            const char           *nsp,
                            SioSpan               auth,
                            char                **refusal);
  /* The answer to CONNECT is on its way. */
  void     (*connected)    (gpointer              data,
                            SioServerSocket      *socket,
                            SioSpan               auth);
  void     (*event)        (gpointer              data,
                            SioServerSocket      *socket,
                            const SioServerEvent *event);
  void     (*disconnected) (gpointer              data,
                            SioServerSocket      *socket);
  GDestroyNotify free_data;

  guint          connect_timeout_ms;
} SioServerBehaviour;

void               sio_server_set_behaviour       (SioServer                *self,
                                                   const SioServerBehaviour *behaviour,
                                                   gpointer                  data);

/* ---- sockets: one client in one namespace ------------------------------------------------------------------------ */

/* args NULL tells that the ack will not come any more. */
typedef void (*SioServerAckFunc) (SioServerSocket *socket,
                                  const SioSpan   *args,
                                  GPtrArray       *attachments,
                                  gpointer         data);

SioServerSocket   *sio_server_socket_ref           (SioServerSocket   *self);
void               sio_server_socket_unref         (SioServerSocket   *self);
const char        *sio_server_socket_get_id        (SioServerSocket   *self);
const char        *sio_server_socket_get_nsp       (SioServerSocket   *self);
gboolean           sio_server_socket_is_connected  (SioServerSocket   *self);
gpointer           sio_server_socket_get_data      (SioServerSocket   *self);
void               sio_server_socket_set_data      (SioServerSocket   *self,
                                                    gpointer           data,
                                                    GDestroyNotify     destroy);
void               sio_server_socket_emit          (SioServerSocket   *self,
                                                    const char        *event,
                                                    SioSpan            args,
                                                    GPtrArray         *attachments);
void               sio_server_socket_emit_with_ack (SioServerSocket   *self,
                                                    const char        *event,
                                                    SioSpan            args,
                                                    GPtrArray         *attachments,
                                                    SioServerAckFunc   func,
                                                    gpointer           data);
void               sio_server_socket_ack           (SioServerSocket   *self,
                                                    gint64             id,
                                                    SioSpan            args,
                                                    GPtrArray         *attachments);
/* Sends DISCONNECT; the connection stays. */
void               sio_server_socket_disconnect    (SioServerSocket   *self);
/* Cuts the connection under it without a word. */
void               sio_server_socket_drop          (SioServerSocket   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioServerSocket, sio_server_socket_unref)

/* ---- namespaces: who is in --------------------------------------------------------------------------------------- */

/* (transfer container): holds references, so that the caller may do what it likes with them. Never
 * NULL. */
GPtrArray         *sio_server_list_sockets         (SioServer         *self,
                                                    const char        *nsp);
void               sio_server_broadcast            (SioServer         *self,
                                                    const char        *nsp,
                                                    const char        *event,
                                                    SioSpan            args,
                                                    GPtrArray         *attachments);

/* ---- clients: the Socket.IO side of a session -------------------------------------------------------------------- */

SioServerClient   *sio_server_client_new           (SioServerSession  *session);
void               sio_server_client_free          (SioServerClient   *self);
/* text points into owner. */
void               sio_server_client_receive_text  (SioServerClient   *self,
                                                    GBytes            *owner,
                                                    SioSpan            text);
void               sio_server_client_receive_binary (SioServerClient  *self,
                                                    GBytes            *bytes);
/* Engine.IO 3: lets it into "/" without being asked. */
void               sio_server_client_join_root     (SioServerClient   *self);
/* The session has ended. */
void               sio_server_client_closed        (SioServerClient   *self,
                                                    const char        *reason);

/* ---- sessions: Engine.IO ----------------------------------------------------------------------------------------- */

typedef enum {
  SIO_SERVER_SESSION_OPEN,
  SIO_SERVER_SESSION_CLOSING, /* over for the layers above; a last poll may still fetch what is queued */
  SIO_SERVER_SESSION_CLOSED,
} SioServerSessionState;

typedef struct {
  gboolean  binary;
  GBytes   *content; /* text: with the type's digit in front */
} SioServerFrame;

struct _SioServerSession {
  grefcount              ref_count;
  SioServer             *server;      /* not owned; sessions are closed before it goes */
  char                  *sid;
  SioServerClient       *client;      /* NULL for a bare Engine.IO server */

  SioServerSessionState  state;
  SioTransportKind       transport;   /* POLLING or WEBSOCKET */
  gboolean               failed;      /* ended by a packet that the protocol does not allow */
  guint                  eio;         /* the revision of Engine.IO: 4, or 3 for clients of socket.io 2.x */
  gboolean               base64_polling;   /* b64=1 of the handshake: no binary payload. Engine.IO 3 only */
  gboolean               base64_websocket; /* b64=1 of the WebSocket's request: binary goes as text there */

  GQueue                 queue;       /* of SioServerFrame, not yet handed to a transport */
  gsize                  queue_size;

  SoupServerMessage     *poll;        /* the pending GET, paused; NULL while there is none */
  GSource               *flush_source; /* answers the poll when this turn of the loop has queued all it has */
  GSource               *poll_source; /* watches for a client that hangs up on its poll */
  SoupServerMessage     *post;        /* the POST that is being received; not owned, only compared */

  SoupWebsocketConnection *websocket; /* NULL unless the transport is WEBSOCKET */
  GSource               *write_source; /* waits until the WebSocket takes more */
  SoupWebsocketConnection *probe;     /* a WebSocket that wants to take over; NULL otherwise */
  GSource               *probe_source; /* gives an unfinished upgrade up */
  GSource               *noop_source; /* after 2probe: ends polls that keep the upgrade waiting */

  GSource               *ping_source; /* the next ping, or the deadline of its pong */
  gboolean               pong_awaited;
  gboolean               pong_extended; /* a packet other than pong has extended the deadline, once */
  GSource               *connect_source; /* no namespace joined in time */
  GSource               *close_source; /* while CLOSING */
};

SioServerSession  *sio_server_session_new          (SioServer         *server,
                                                    SioTransportKind   transport,
                                                    guint              eio,
                                                    gboolean           base64);
SioServerSession  *sio_server_session_ref          (SioServerSession  *self);
void               sio_server_session_unref        (SioServerSession  *self);
/* Queues the open packet and starts the heartbeat. */
void               sio_server_session_open         (SioServerSession  *self);
/* Queues a message; it leaves when the transport takes it. */
void               sio_server_session_send_text    (SioServerSession  *self,
                                                    SioSpan            text);
void               sio_server_session_send_binary  (SioServerSession  *self,
                                                    GBytes            *bytes);
/* One packet that came, from whatever transport. text points into owner. */
void               sio_server_session_receive_text (SioServerSession  *self,
                                                    GBytes            *owner,
                                                    SioSpan            text);
void               sio_server_session_receive_binary (SioServerSession *self,
                                                    GBytes            *bytes);
/* In good order: what is queued is delivered first. */
void               sio_server_session_close        (SioServerSession  *self,
                                                    const char        *reason);
/* The session is over now. poll_answer is what a pending poll is told, "1" or "6"; NULL cuts the
 * line. */
void               sio_server_session_end          (SioServerSession  *self,
                                                    const char        *reason,
                                                    const char        *poll_answer);
/* A namespace was joined: the session may stay. */
void               sio_server_session_stop_connect_timeout (SioServerSession *self);
/* A packet that the protocol does not allow: says so and ends the session. */
void               sio_server_session_fail         (SioServerSession  *self,
                                                    const char        *reason,
                                                    const char        *message);
void               sio_server_frame_free           (SioServerFrame    *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioServerSession, sio_server_session_unref)

/* sio-server-polling.c */
void               sio_server_session_handle_get   (SioServerSession  *self,
                                                    SoupServerMessage *message);
void               sio_server_session_begin_post   (SioServerSession  *self,
                                                    SoupServerMessage *message);
void               sio_server_session_handle_post  (SioServerSession  *self,
                                                    SoupServerMessage *message);
/* Answers the pending poll with what is queued, if with_queue, and then with the packet extra
 * (NULL: none). Does nothing without a poll. */
void               sio_server_session_answer_poll  (SioServerSession  *self,
                                                    gboolean           with_queue,
                                                    const char        *extra);
void               sio_server_session_cut_poll     (SioServerSession  *self);

/* Valid UTF-8; NUL is a character like any other here. */
gboolean           sio_server_is_text              (SioSpan            text);

/* sio-server-eio3.c: the encodings of Engine.IO 3. */
typedef struct { const char *next; const char *end; gboolean binary_payload; } SioServerEio3Iter;
void               sio_server_eio3_iter_init       (SioServerEio3Iter *iter,
                                                    SioSpan            body,
                                                    gboolean           binary_payload);
gboolean           sio_server_eio3_iter_next       (SioServerEio3Iter *iter,
                                                    SioSpan           *unit,
                                                    gboolean          *binary,
                                                    GError           **error);
void               sio_server_eio3_append          (GString           *body,
                                                    const SioServerFrame *frame,
                                                    gboolean           binary_payload);
GBytes            *sio_server_eio3_make_frame      (const SioServerFrame *frame);
gboolean           sio_server_eio3_receive_base64  (SioServerSession  *self,
                                                    SioSpan            text);
void               sio_server_eio3_receive_binary  (SioServerSession  *self,
                                                    GBytes            *owner,
                                                    SioSpan            packet);

/* sio-server-websocket.c */
/* Answers the upgrade request and calls back with the connection when the 101 is out. */
typedef void (*SioServerWebsocketFunc) (SioServer               *server,
                                        SoupWebsocketConnection *connection, /* (transfer full) */
                                        gpointer                 data);
void               sio_server_accept_websocket     (SioServer         *self,
                                                    SoupServerMessage *message,
                                                    SioServerWebsocketFunc func,
                                                    gpointer           data,
                                                    GDestroyNotify     destroy);
/* The session was made for it, or upgrades to it. (transfer full) connection */
void               sio_server_session_set_websocket (SioServerSession *self,
                                                    SoupWebsocketConnection *connection);
void               sio_server_session_start_probe  (SioServerSession  *self,
                                                    SoupWebsocketConnection *connection);
void               sio_server_session_stop_probe   (SioServerSession  *self);
void               sio_server_session_write_websocket (SioServerSession *self);
/* Closes in good order, for a while, then by force. (transfer full) connection */
void               sio_server_retire_websocket     (SioServer         *server,
                                                    SoupWebsocketConnection *connection,
                                                    gboolean           at_once);
void               sio_server_session_close_websocket (SioServerSession *self,
                                                    gboolean           at_once);

/* ---- the server, as the layers above see it ---------------------------------------------------------------------- */

const SioServerOptions   *sio_server_get_options   (SioServer         *self);
const SioServerBehaviour *sio_server_get_behaviour (SioServer         *self,
                                                    gpointer          *data);
GMainContext      *sio_server_get_context          (SioServer         *self);
char              *sio_server_generate_id          (SioServer         *self);
SioServerSession  *sio_server_find_session         (SioServer         *self,
                                                    const char        *sid);
guint              sio_server_get_n_sessions       (SioServer         *self);
void               sio_server_add_session          (SioServer         *self,
                                                    SioServerSession  *session);
void               sio_server_remove_session       (SioServer         *self,
                                                    SioServerSession  *session);
void               sio_server_join                 (SioServer         *self,
                                                    SioServerSocket   *socket);
void               sio_server_leave                (SioServer         *self,
                                                    SioServerSocket   *socket);
/* A one-shot or repeating timer on the server's context. (transfer full) */
GSource           *sio_server_add_timeout          (SioServer         *self,
                                                    guint              ms,
                                                    GSourceFunc        func,
                                                    gpointer           data);
void               sio_server_clear_source         (GSource          **source);

/* Reports; each does nothing without a listener. */
void               sio_server_report_connected     (SioServer *self, SioServerSocket *socket, SioSpan auth);
void               sio_server_report_refused       (SioServer *self, const char *sid, const char *nsp,
                                                    const char *message);
void               sio_server_report_disconnected  (SioServer *self, SioServerSocket *socket, const char *reason);
void               sio_server_report_event         (SioServer *self, SioServerSocket *socket,
                                                    SioDirection direction, SioSpan event, SioSpan args,
                                                    GPtrArray *attachments, gint64 id);
void               sio_server_report_ack           (SioServer *self, SioServerSocket *socket,
                                                    SioDirection direction, SioSpan args,
                                                    GPtrArray *attachments, gint64 id);
void               sio_server_report_engine        (SioServer *self, const char *sid, const char *state,
                                                    const char *detail);
void               sio_server_report_error         (SioServer *self, const char *where, const char *message);

/* sio-server-http.c: who may call, and where a request goes. */
void               sio_server_add_handlers         (SioServer         *self,
                                                    SoupServer        *soup);
void               sio_server_respond_error        (SoupServerMessage *message,
                                                    guint              status,
                                                    int                code,
                                                    const char        *text);

/* The body of a request, kept up to the limit only. NULL if it was larger. (transfer full) */
GBytes            *sio_server_take_upload          (SoupServerMessage *message);

/* sio-server-guard.c: limits a WebSocket message that comes in fragments, which libsoup 3.2 does
 * not. */
SoupWebsocketExtension *sio_server_guard_new       (gsize              max_size);

/* sio-server-stream.c: lets the main loop breathe while a peer floods us. (transfer none) both */
GIOStream         *sio_server_stream_new           (GIOStream         *base,
                                                    GSocket           *socket);

G_END_DECLS
