/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of SioManager share, and what its sockets ask of it. */

#pragma once

#include "sio-manager.h"
#include "../sio-error.h"
#include "sio-outgoing-private.h"
#include "sio-socket-private.h"
#include "../sio-parser.h"
#include "../engine/sio-engine.h"
#include "../wire/sio-backoff.h"
#include "../wire/sio-packet.h"

G_BEGIN_DECLS

#define SIO_MANAGER_MAX_NAMESPACE_SIZE 512

/* One engine, and what it needs while it lives: it may outlive the manager's interest in it. */
typedef struct {
  SioManager   *manager; /* NULL once it is being thrown away */
  SioEngine    *engine;
  SioParser    *parser;  /* NULL: socket.io's own */
  GMainContext *context;
  SioTapHandle  tap;     /* the engine keeps its address */
  guint         depth;   /* the engine is calling us: it must not be freed now */

  GQueue        unwritten; /* of SioOutgoing, in order: sent, and not known to be written */
  gsize         unwritten_size; /* bytes, attachments included */
  guint64       n_sent;  /* messages given to the engine, attachments included */
} SioManagerLink;

struct _SioManager {
  GObject             parent_instance;

  GMainContext       *context;
  SioUrl             *url;
  SioOptions         *options;
  SioTapHandle        tap; /* owns its tap */

  SioManagerState     state;
  guint               attempt;      /* of the reconnection, from 1; 0: the first connection */
  gboolean            reconnecting; /* the attempt that runs or is waited for is not the first */
  guint               n_failures;   /* attempts that failed and sessions that ended at once, since a good one */
  gint64              opened_us;    /* when the session began */
  GSource            *wait_timer;    /* NULL unless WAITING */

  SioManagerLink     *link;    /* NULL unless CONNECTING or OPEN */
  GPtrArray          *leaving; /* of SioManagerLink: still writing their goodbye */
  SioEngineMemory     memory;  /* cookies are made when they are first wanted */
  guint               n_unknown_sessions; /* how many sessions in a row the server did not know any more at once */
  gboolean            congested; /* something was refused by a full engine: push at "drained" */

  guint               revision;    /* of Engine.IO, in this session or the last one: 3 or 4; 0: there was none yet */
  gboolean            doubtful;    /* 4 is a guess: nothing that only a server 3.x or 4.x says was heard yet */
  SioTapStateChange   opened;      /* what was said when it opened; the sid is the engine's to tell */
  gboolean            root_joined; /* Engine.IO 3: the server said that we are in "/", asked for or not */
  gboolean            root_left;   /* Engine.IO 3: we are not any more, and come back only by asking */

  GPtrArray          *sockets; /* of SioSocket, in the order of their making */
  GHashTable         *by_nsp;  /* SioSpan to SioSocket */
  SioSocket          *last_socket; /* the one of the last packet; not owned */

  SioPacketAssembler  assembler;
  SioSpan             assembler_raw; /* the whole header packet; inside of the assembler's owner */
  SioPacketLimits     limits;
  gsize               max_payload;
  guint               n_attachments; /* of the pending packet: how many came */
  gboolean            too_deep;      /* the packet that is being dispatched, or is pending, was not looked into */

  double            (*random01) (gpointer data);
  gpointer            random_data;
  gboolean            announcing; /* "reconnect-attempt" is being said */

  gboolean            held_by_sockets; /* made by sio_io(): a socket that is held holds it, and auto-connect counts */
  char               *io_key; /* NULL unless others may share it: where sio_io() finds it */
  gboolean            disposed;
};

enum {
  SIO_MANAGER_SIGNAL_OPEN,
  SIO_MANAGER_SIGNAL_CLOSE,
  SIO_MANAGER_SIGNAL_ERROR,
  SIO_MANAGER_SIGNAL_RECONNECT_ATTEMPT,
  SIO_MANAGER_SIGNAL_RECONNECT,
  SIO_MANAGER_SIGNAL_RECONNECT_ERROR,
  SIO_MANAGER_SIGNAL_RECONNECT_FAILED,
  SIO_MANAGER_SIGNAL_PING,
  SIO_MANAGER_SIGNAL_PONG,
  SIO_MANAGER_SIGNAL_TRANSITION,
  SIO_MANAGER_N_SIGNALS,
};

extern guint sio_manager_signals[SIO_MANAGER_N_SIGNALS];

/* Socket.IO protocol 4 and not 5: servers 2.x, and 4.x that allow Engine.IO 3. */
static inline gboolean
sio_manager_is_legacy (SioManager *self)
{
  return self->revision == 3;
}

/* sio-io.c */
void         sio_io_hold                 (SioManager      *manager,
                                          SioSocket       *socket);
void         sio_io_release              (SioManager      *manager,
                                          SioSocket       *socket);
void         sio_io_forget               (SioManager      *manager);

/* sio-put-off.c */
typedef void (*SioPutOffFunc) (gpointer object);
/* TRUE while a tap is being told something: func is called with object once that is over, and object is kept until then. */
gboolean     sio_put_off                 (gpointer         object,
                                          GMainContext    *context,
                                          SioPutOffFunc    func);

/* sio-manager-sockets.c */
/* There must be none for nsp. (transfer none) */
SioSocket   *sio_manager_add_socket      (SioManager      *self,
                                          const char      *nsp,
                                          SioOptions      *options,
                                          GError         **error);

/* sio-manager.c */
void         sio_manager_notify_state    (SioManager      *self);
void         sio_manager_notify_attempt  (SioManager      *self);
void         sio_manager_notify_transport (SioManager     *self);
void         sio_manager_notify_closing  (SioManager      *self);

/* sio-manager-state.c */
gboolean     sio_manager_move_to         (SioManager      *self,
                                          SioManagerState  to);

/* sio-manager-learn.c */
/* The session was opened a moment ago; also asked when it has just ended. */
gboolean     sio_manager_is_session_short (SioManager     *self);
/* The open session turned out to be one of Socket.IO 2. */
void         sio_manager_adopt_legacy    (SioManager      *self,
                                          const char      *how);
/* What the end says about the endpoint as a whole. Returns: (transfer full) (nullable): the error in other words. */
GError      *sio_manager_learn_from_end  (SioManager      *self,
                                          const char      *reason,
                                          const GError    *error);

/* sio-manager-reconnect.c */
void         sio_manager_stop_timers     (SioManager      *self);
void         sio_manager_opened          (SioManager      *self,
                                          const SioHandshake *handshake,
                                          guint            eio,
                                          const char      *how);
/* The engine is gone or has to go: reason is socket.io's word. */
void         sio_manager_engine_lost     (SioManager      *self,
                                          const char      *reason,
                                          const GError    *error);
void         sio_manager_reconnection_changed (SioManager *self);

/* For sockets. */
/* A socket left or was sent away. Closes the engine if it was the last one ("forced close"). */
void         sio_manager_socket_left     (SioManager      *self);

/* sio-manager-link.c */
SioManagerLink *sio_manager_link_new     (SioManager      *self);
/* Reports what it still held as lost. */
void         sio_manager_link_free       (SioManagerLink  *link);
gboolean     sio_manager_link_send       (SioManagerLink  *link,
                                          SioOutgoing     *outgoing,
                                          GError         **error);
/* Forgets what is known to be written. */
void         sio_manager_link_settle     (SioManagerLink  *link);
void         sio_manager_let_go          (SioManager      *self,
                                          SioManagerLink  *link,
                                          const char      *reason);
gboolean     sio_manager_link_left       (SioManager      *self,
                                          SioManagerLink  *link);
gboolean     sio_manager_is_ready        (SioManager      *self);
gboolean     sio_manager_send            (SioManager      *self,
                                          SioOutgoing     *outgoing,
                                          GError         **error);

/* sio-manager-receive.c */
/* data: the SioManagerLink. */
void         sio_manager_receive_text    (gpointer         data,
                                          GBytes          *owner,
                                          SioSpan          raw,
                                          SioTransportKind transport);
void         sio_manager_receive_binary  (gpointer         data,
                                          GBytes          *bytes,
                                          SioTransportKind transport);
SioSocket   *sio_manager_look_up         (SioManager      *self,
                                          SioSpan          nsp);

void         sio_manager_tap_error       (SioManager      *self,
                                          const char      *where,
                                          SioError         code,
                                          SioSpan          bytes,
                                          const char      *format,
                                          ...) G_GNUC_PRINTF (5, 6);

G_END_DECLS
