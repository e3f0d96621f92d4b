/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of SioSocket share, and what SioManager tells its sockets. */

#pragma once

#include "sio-ack-table-private.h"
#include "sio-listeners-private.h"
#include "sio-outgoing-private.h"
#include "sio-socket.h"
#include "../sio-tap.h"
#include "../wire/sio-packet.h"

G_BEGIN_DECLS

/* Server 4.8 handles a DISCONNECT one turn of its loop late: a CONNECT that is read together with
 * it is a second one to it, for which it closes the whole connection (run). */
#define SIO_SOCKET_REJOIN_DELAY_MS      100

#define SIO_NO_SPAN ((SioSpan) { NULL, 0 })

typedef struct {
  SioSocketState from;
  SioSocketState to;
  const char    *why;
} SioSocketEdge;

typedef struct {
  SioAuthFunc     func;
  gpointer        data;
  GDestroyNotify  destroy;
} SioAuthSource;

/* The question that auth as a function is asked at each CONNECT. */
typedef struct {
  SioAuthSource  *source;   /* an rc box: it may be replaced while it is being asked; NULL: auth is a value */
  guint           number;   /* of the last question, from 1 */
  gboolean        waiting;  /* it was asked and not answered yet */
  gboolean        answered; /* the answer waits for its CONNECT */
  char           *answer;   /* JSON object text; NULL: nothing goes along */
} SioAuthRequest;

struct _SioSocket {
  GObject         parent_instance;

  SioManager     *manager; /* not owned: it owns us; NULL once it is gone */
  char           *nsp;
  SioSpan         nsp_key; /* nsp, as the manager's table looks it up */
  SioOptions     *options; /* auth, retries and ack-timeout are read here: the manager's, or what sio_io() was given */
  char           *auth;    /* JSON object text, or NULL */
  SioAuthRequest  auth_request;
  char          **query;   /* (nullable): servers 2.x: "K=V", instead of the manager's and the URL's */

  SioSocketState  state;
  char           *id;      /* NULL unless CONNECTED */
  char           *session; /* "pid": NULL unless the server can recover sessions */
  char           *offset;  /* of the last event; for the recovery */
  gboolean        recovered;

  gboolean        said_old_server; /* the answer to CONNECT had no id, and that was said */
  gboolean        connect_owed;    /* CONNECT was sent over this engine and not answered yet */
  gboolean        disconnect_owed; /* the server thinks that we are in; say DISCONNECT before anything else */

  gboolean        refused;         /* by a server 2.x: over this engine it is only asked again if the caller asks */

  GSource        *rejoin;          /* NULL unless DISCONNECT was sent over this engine a moment ago, or a CONNECT
                                    * that a server 2.x may accept in silence */

  SioListeners    listeners;

  GQueue          send_buffer; /* of SioOutgoing */
  gsize           send_buffer_size;
  GQueue          retries;     /* of SioRetry: the first one is being sent, over and over */
  gsize           retries_size;
  GQueue          receive_buffer; /* of what came before CONNECT was answered */
  gsize           receive_buffer_size;

  SioAckTable    *acks;
  gint64          next_ack_id;

  GHashTable     *answerable; /* gint64 to its link in answerable_order */
  GQueue          answerable_order; /* of gint64, oldest first */
};

enum {
  SIO_SOCKET_SIGNAL_CONNECT,
  SIO_SOCKET_SIGNAL_DISCONNECT,
  SIO_SOCKET_SIGNAL_CONNECT_ERROR,
  SIO_SOCKET_N_SIGNALS,
};

extern guint sio_socket_signals[SIO_SOCKET_N_SIGNALS];
extern guint sio_socket_event_signal;

/* One machine, one way to move (style: states). */
const SioSocketEdge *sio_socket_get_edges (guint           *n_edges);
gboolean     sio_socket_move_to           (SioSocket       *self,
                                           SioSocketState   to);

SioSocket   *sio_socket_new               (SioManager      *manager,
                                           const char      *nsp,
                                           SioOptions      *options,
                                           GMainContext    *context);

/* What else changes with the state, to whoever watches properties. */
void         sio_socket_notify_state      (SioSocket       *self,
                                           SioSocketState   from);
/* Says DISCONNECT. FALSE if the engine is full: it is said later. */
gboolean     sio_socket_send_disconnect   (SioSocket       *self);
/* Left, refused or sent away: reason is for the tap and, if announce, for "disconnect". The manager
 * may close with it. */
void         sio_socket_become_inactive   (SioSocket       *self,
                                           const char      *reason,
                                           gboolean         announce);

/* The manager is open, or has room again: CONNECT goes out if it is due, then what waited. */
void         sio_socket_push              (SioSocket       *self);

/* A whole packet for this namespace. Anything may be gone afterwards. attachments may be NULL. */
void         sio_socket_handle_packet     (SioSocket       *self,
                                           GBytes          *owner,
                                           SioSpan          raw,
                                           const SioPacket *packet,
                                           GPtrArray       *attachments);

/* The engine ended. In two steps, so that everybody's state is right before the first handler hears of it:
 * _detach() moves and tells the tap, and gives what _announce() needs. */
typedef struct {
  SioSocketState was;
  GPtrArray     *acks; /* of SioPendingAck: abandoned */
} SioSocketLoss;

void         sio_socket_detach            (SioSocket       *self,
                                           const char      *reason,
                                           gboolean         active,
                                           SioSocketLoss   *loss);
void         sio_socket_announce          (SioSocket       *self,
                                           const char      *reason,
                                           const GError    *error,
                                           SioSocketLoss   *loss);
void         sio_socket_emit_connect_error (SioSocket      *self,
                                           const char      *message,
                                           const char      *data);
/* The manager is being disposed. */
void         sio_socket_orphan            (SioSocket       *self);

/* An attempt of the manager failed while this one was asked for. */
void         sio_socket_tap_attempt_failed (SioSocket      *self,
                                           const char      *message,
                                           gboolean         active);

/* sio-socket-state.c */
void         sio_socket_tap_change        (SioSocket       *self,
                                           SioTapSocketChange change,
                                           const char      *reason,
                                           SioSpan          data,
                                           gboolean         active);
void         sio_socket_ignore            (SioSocket       *self,
                                           SioSpan          raw,
                                           const SioPacket *packet,
                                           const char      *why);

/* sio-socket-connect.c */
void         sio_socket_handle_connect    (SioSocket       *self,
                                           const SioPacket *packet,
                                           SioSpan          raw);
void         sio_socket_handle_connect_error (SioSocket    *self,
                                           const SioPacket *packet,
                                           SioSpan          raw);
void         sio_socket_stop_rejoin       (SioSocket       *self);
void         sio_socket_note_root         (SioSocket       *self,
                                           gboolean         joined);

/* sio-socket-auth.c */
/* TRUE if CONNECT may go out now. Else the answer is asked for, or waited for; sio_socket_push() goes on with it. Anything
 * may be gone afterwards. */
gboolean     sio_socket_auth_is_ready     (SioSocket       *self);
/* What goes along with the CONNECT: JSON object text, or NULL. */
const char  *sio_socket_auth_get          (SioSocket       *self);
/* CONNECT was sent, or will not be: an answer that comes now belongs to nothing. */
void         sio_socket_auth_forget       (SioSocket       *self);
void         sio_socket_auth_clear        (SioSocket       *self);

/* sio-socket-receive.c */
void         sio_socket_deliver           (SioSocket       *self,
                                           GBytes          *owner,
                                           const SioPacket *packet,
                                           GPtrArray       *attachments);
void         sio_socket_buffer_received   (SioSocket       *self,
                                           SioSpan          raw,
                                           GPtrArray       *attachments);
void         sio_socket_flush_received    (SioSocket       *self);
void         sio_socket_clear_received    (SioSocket       *self);
void         sio_socket_handle_ack        (SioSocket       *self,
                                           GBytes          *owner,
                                           SioSpan          raw,
                                           const SioPacket *packet,
                                           GPtrArray       *attachments);
void         sio_socket_handle_too_deep   (SioSocket       *self,
                                           SioSpan          raw,
                                           const SioPacket *packet);
void         sio_socket_forget_answerable (SioSocket       *self);

/* TRUE if somebody would hear of an event. */
gboolean     sio_socket_has_audience      (SioSocket       *self);

/* sio-socket-emit.c */
void         sio_socket_flush_sends       (SioSocket       *self);
void         sio_socket_clear_sends       (SioSocket       *self);
gboolean     sio_socket_is_writable       (SioSocket       *self);
gboolean     sio_socket_check_room        (SioSocket       *self,
                                           const char      *what,
                                           const GQueue    *buffer,
                                           gsize            buffered,
                                           const SioOutgoing *outgoing,
                                           GError         **error);
gboolean     sio_socket_emit_try          (SioSocket       *self,
                                           SioRetry        *retry,
                                           GError         **error);
void         sio_socket_tap_emit          (SioSocket       *self,
                                           SioTapEmitFate   fate,
                                           const SioOutgoing *outgoing,
                                           const char      *text);

/* sio-socket-acks.c */
void         sio_socket_expect_ack        (SioSocket       *self,
                                           const SioOutgoing *outgoing,
                                           guint            timeout_ms,
                                           gboolean         buffered,
                                           GTask           *task,
                                           SioRetry        *retry);
/* The event was not sent after all. FALSE if nobody waits for this ack any more: whoever did was told. */
gboolean     sio_socket_forget_ack        (SioSocket       *self,
                                           gint64           id);
void         sio_socket_refuse_ack        (SioSocket       *self,
                                           gint64           id,
                                           const GError    *error);
void         sio_socket_answer_ack        (SioPendingAck   *ack,
                                           SioArguments    *args);
void         sio_socket_acks_expired      (gpointer         data,
                                           GPtrArray       *acks);
GPtrArray   *sio_socket_abandon_acks      (SioSocket       *self,
                                           gboolean         for_ever);
void         sio_socket_fail_acks         (GPtrArray       *acks,
                                           const char      *message);
GSource     *sio_socket_watch_cancellable (SioSocket       *self,
                                           GTask           *task,
                                           GCancellableSourceFunc callback,
                                           gpointer         data,
                                           GDestroyNotify   destroy);

G_END_DECLS
