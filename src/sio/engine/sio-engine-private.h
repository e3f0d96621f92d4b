/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine's inside, shared by its files: sio-engine.c (life, sending, closing), sio-engine-open.c (which transport,
 * which revision), sio-engine-packets.c (receiving), sio-engine-heartbeat.c, sio-engine-upgrade.c. */

#pragma once

#include "sio-engine.h"
#include "../transport/sio-transport.h"

G_BEGIN_DECLS

typedef enum {
  SIO_ENGINE_STATE_OPENING,
  SIO_ENGINE_STATE_OPEN,
  SIO_ENGINE_STATE_CLOSING,
  SIO_ENGINE_STATE_CLOSED,
} SioEngineState;

#define SIO_ENGINE_N_STATES (SIO_ENGINE_STATE_CLOSED + 1)

typedef struct {
  SioEngineState from;
  SioEngineState to;
  const char    *why;
} SioEngineEdge;

typedef enum {
  SIO_UPGRADE_NONE,
  SIO_UPGRADE_PROBING, /* the second transport's handshake, "2probe", waiting for "3probe" */
  SIO_UPGRADE_PAUSING, /* polling finishes what is in flight; nothing is sent */
  SIO_UPGRADE_DONE,
  SIO_UPGRADE_FAILED,  /* stays on polling for good */
} SioUpgradeState;

struct _SioEngine {
  SioEngineListener   listener;
  gpointer            data;
  const SioTapHandle *tap;
  GMainContext       *context;

  SioOptions         *options;    /* a copy: a change is for the next engine */
  SioHttp            *http;
  SioPacketQueue      queue;
  SioTransport       *transport;  /* NULL once closed */
  SioTransport       *probe;      /* NULL unless an upgrade is going on */
  SioHandshake       *handshake;  /* NULL before the open packet */

  SioEngineState      state;
  SioUpgradeState     upgrade;

  /* the revision of Engine.IO */
  guint               eio;        /* 3 or 4: what is asked for, and from the first answer on what is spoken */
  gboolean            detecting;  /* it is to be found out; else it was asked for by the options */
  gboolean            guessed;    /* taken for 4, because nothing said otherwise */
  gboolean            accepted;   /* the WebSocket's handshake was answered well, and no packet has come yet */
  guint               remembered; /* what the session before spoke, 0: nothing is known */
  const char         *how;        /* how it was found; NULL if it was asked for */
  GSource            *grace;      /* the open packet was read, and who speaks first tells the revision */

  /* how the attempt goes on if a transport fails */
  SioTransportKind    kinds[2];   /* that are left, in the order of the options */
  guint               n_kinds;
  guint               attempt_number;

  /* what closed() will say */
  char               *reason;
  GError             *error;      /* nullable */
  GSource            *closed;     /* calls it */

  GSource            *attempt;    /* no open packet in time */
  GSource            *heartbeat;
  GSource            *probing;    /* no upgrade in time */
  GSource            *closing;    /* no progress while closing */
  GSource            *ping;       /* Engine.IO 3: our next one */
  gint64              deadline_us; /* when the other side is overdue; 0: nothing is awaited */
  gboolean            ping_unwritten; /* Engine.IO 3: the listener does not know of our ping yet */
  guint64             closing_progress;

  gint64              control_since_us;
  guint               n_controls;

  guint               ref_count;
};

extern const SioTransportListener sio_engine_transport_listener;

gboolean     sio_engine_may_move_to      (SioEngineState             from,
                                          SioEngineState             to);

void         sio_engine_move_to          (SioEngine                 *self,
                                          SioEngineState             state);
void         sio_engine_ref_internal     (SioEngine                 *self);
void         sio_engine_unref_internal   (SioEngine                 *self);
GSource     *sio_engine_add_timeout      (SioEngine                 *self,
                                          guint                      ms,
                                          GSourceFunc                callback);
void         sio_engine_stop_source      (GSource                  **source);
/* Ends the session now; closed() follows from the loop. The reason before the open packet was read
 * is "connect error" unless ours is the caller's own word. Copies error. */
void         sio_engine_finish           (SioEngine                 *self,
                                          const char                *reason,
                                          const GError              *error);
/* A transport failed, or what it brought is wrong: "connect error" before the open packet, else reason. */
void         sio_engine_fail             (SioEngine                 *self,
                                          const char                *reason,
                                          const GError              *error);
/* Takes error: what the server sent is not allowed. */
void         sio_engine_fail_malformed   (SioEngine                 *self,
                                          GError                    *error,
                                          SioSpan                    bytes);
void         sio_engine_tap_packet       (SioEngine                 *self,
                                          SioDirection               direction,
                                          SioTransportKind           kind,
                                          SioEnginePacketType        type,
                                          SioSpan                    raw);
/* One more of what costs us and brings nothing. FALSE: that was too much, the session is over. */
gboolean     sio_engine_count_control    (SioEngine                 *self);
/* CLOSING: closes the transport once nothing is left to wait for. */
void         sio_engine_go_on_closing    (SioEngine                 *self);

/* What the options and the memory say, and the first transport. */
void         sio_engine_init_opening     (SioEngine                 *self,
                                          const SioEngineMemory     *memory);
/* Polling's first answer is in this revision. The session may be over afterwards. */
void         sio_engine_take_answer      (SioEngine                 *self,
                                          guint                      eio);
/* The open packet was read: open now, or when it is known what the server speaks. */
void         sio_engine_take_handshake   (SioEngine                 *self);
/* Nothing told: open as the revision that was asked for. */
void         sio_engine_end_grace        (SioEngine                 *self);
/* A message or a ping came: opens, if it is what was waited for. FALSE: whoever was told of it has ended the session. */
gboolean     sio_engine_settle           (SioEngine                 *self,
                                          gboolean                   message);
/* A failure while opening: TRUE if the attempt goes on in another way. */
gboolean     sio_engine_try_another_way  (SioEngine                 *self,
                                          const GError              *error);
/* The same failure, when it does not: in terms of the revision, if that is what was wrong. NULL: it was not. */
GError      *sio_engine_explain_failure  (SioEngine                 *self,
                                          const GError              *error);
gboolean     sio_engine_has_kind         (SioEngine                 *self,
                                          SioTransportKind           kind);
/* The process remembers whether the last WebSocket worked. */
void         sio_engine_note_websocket   (gboolean                   works);

gint64       sio_engine_get_now_us       (void);
void         sio_engine_start_heartbeat  (SioEngine                 *self);
void         sio_engine_stop_heartbeat   (SioEngine                 *self);
void         sio_engine_handle_ping      (SioEngine                 *self);
/* Engine.IO 3: any packet shows that the server is there. */
void         sio_engine_note_heard       (SioEngine                 *self);
void         sio_engine_handle_pong      (SioEngine                 *self);
/* What transports took from the queue is out. */
void         sio_engine_note_written     (SioEngine                 *self);

void         sio_engine_start_upgrade    (SioEngine                 *self);
/* Drops a running upgrade. error NULL: silently, because the session ends. */
void         sio_engine_abandon_upgrade  (SioEngine                 *self,
                                          const GError              *error);
void         sio_engine_finish_upgrade   (SioEngine                 *self);
void         sio_engine_probe_opened     (SioEngine                 *self);
void         sio_engine_probe_text       (SioEngine                 *self,
                                          SioSpan                    unit);

G_END_DECLS
