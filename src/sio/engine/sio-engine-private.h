/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine's inside, shared by its files: sio-engine.c (life, sending, closing), sio-engine-packets.c (receiving),
 * sio-engine-heartbeat.c, sio-engine-upgrade.c. */

#pragma once

#include "sio-engine.h"
#include "../transport/sio-transport.h"

G_BEGIN_DECLS

/* The revision of Engine.IO that is spoken. */
#define SIO_ENGINE_REVISION 4

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

  SioHttp            *http;
  SioPacketQueue      queue;
  SioTransport       *transport;  /* NULL once closed */
  SioTransport       *probe;      /* NULL unless an upgrade is going on */
  SioHandshake       *handshake;  /* NULL before the open packet */

  SioEngineState      state;
  SioUpgradeState     upgrade;

  /* what closed() will say */
  char               *reason;
  GError             *error;      /* nullable */
  GSource            *closed;     /* calls it */

  GSource            *attempt;    /* no open packet in time */
  GSource            *heartbeat;
  GSource            *probing;    /* no upgrade in time */
  GSource            *closing;    /* no progress while closing */
  gint64              deadline_us; /* when the next ping is overdue; 0: none awaited */
  guint64             closing_progress;

  gint64              control_since_us;
  guint               n_controls;

  guint               timeout_ms;
  gboolean            try_upgrade;
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

gint64       sio_engine_get_now_us       (void);
void         sio_engine_start_heartbeat  (SioEngine                 *self);
void         sio_engine_handle_ping      (SioEngine                 *self);

void         sio_engine_start_upgrade    (SioEngine                 *self);
/* Drops a running upgrade. error NULL: silently, because the session ends. */
void         sio_engine_abandon_upgrade  (SioEngine                 *self,
                                          const GError              *error);
void         sio_engine_finish_upgrade   (SioEngine                 *self);
void         sio_engine_probe_opened     (SioEngine                 *self);
void         sio_engine_probe_text       (SioEngine                 *self,
                                          SioSpan                    unit);

G_END_DECLS
