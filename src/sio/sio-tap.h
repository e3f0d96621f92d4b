/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioTap: what an inspector implements to see everything that a manager does. Every method is a
 * direct call on the manager's thread, in the order in which things happened; nothing is copied,
 * and every span is valid during the call only. Without a tap nothing of this costs anything. */

#pragma once

#include "sio-types.h"

G_BEGIN_DECLS

/**
 * SioTap:
 *
 * What an inspector implements, see #SioTapInterface. Called on the manager's thread.
 */
#define SIO_TYPE_TAP (sio_tap_get_type ())
G_DECLARE_INTERFACE (SioTap, sio_tap, SIO, TAP, GObject)

/**
 * SioHttpExchange:
 * @method: "GET" or "POST"
 * @uri: the whole URI as it was asked for
 * @started_us: monotonic time when it was handed to libsoup, microseconds
 * @ended_us: monotonic time when the last byte or the error came, microseconds
 * @status: the HTTP status, 0 if no answer came
 * @reason: (nullable): the reason phrase
 * @request_headers: "Name: value" lines, each ended by "\r\n"
 * @response_headers: likewise; empty if no answer came
 * @request_body: what was posted
 * @response_body: what came, as far as the limit let it
 * @tls_errors: what was wrong with the server's certificate, accepted or not; 0: nothing, or no TLS
 * @tls_fingerprint: (nullable): SHA-256 of the server's certificate, "AB:CD:…"; %NULL without TLS
 * @tls_certificate: (nullable): whose it is, who issued it and for how long: "Name: value" lines, each ended by "\r\n"
 * @error: (nullable): why it failed, if it did
 *
 * One HTTP request and its answer: a poll, a post, or a WebSocket handshake.
 */
typedef struct {
  const char   *method;
  const char   *uri;
  gint64        started_us;
  gint64        ended_us;
  guint         status;
  const char   *reason;
  const char   *request_headers;
  const char   *response_headers;
  SioSpan       request_body;
  SioSpan       response_body;
  GTlsCertificateFlags tls_errors;
  const char   *tls_fingerprint;
  const char   *tls_certificate;
  const GError *error;
} SioHttpExchange;

/**
 * SioTapPacket:
 * @direction: which way
 * @transport: what carried it
 * @type: the packet's type
 * @raw: the whole Engine.IO text packet, its "4" included, as on the wire; with another parser the same packet in
 *   socket.io's own encoding, and @wire is what was on the wire
 * @nsp: the namespace; "/" where the wire left it out. May point outside of @raw
 * @event: the JSON token of the event's name, quotes included; inside @raw; empty unless an event
 * @args: the JSON text of the arguments without the name, commas between; inside @raw; for CONNECT
 *   and CONNECT_ERROR the whole payload
 * @n_args: how many arguments are in @args (attachments are inside of them)
 * @n_attachments: how many binary attachments follow, each reported with attachment()
 * @id: the ack id, or -1
 * @tag: for what was emitted: the caller's tag of #SioEmitOptions, else 0
 * @wire: with another parser than socket.io's own: the message of that parser, as on the wire; else empty
 *
 * One Socket.IO packet, as it was read or written.
 */
typedef struct {
  SioDirection     direction;
  SioTransportKind transport;
  SioPacketType    type;
  SioSpan          raw;
  SioSpan          nsp;
  SioSpan          event;
  SioSpan          args;
  guint            n_args;
  guint            n_attachments;
  gint64           id;
  guint64          tag;
  SioSpan          wire;
} SioTapPacket;

/**
 * SioTapState:
 *
 * What the connection as a whole came to. The names are those of siocat's "state" lines.
 */
typedef enum {
  SIO_TAP_STATE_CONNECTING, /* an attempt starts; transport says how; attempt 0 is the first one. Again, with the
                             * same attempt, when it goes on in another way: reason says why */
  SIO_TAP_STATE_OPEN,       /* the open packet was read: handshake fields are set; reason: how the revision was found */
  SIO_TAP_STATE_UPGRADING,  /* the probe was answered, polling is being paused */
  SIO_TAP_STATE_UPGRADED,   /* packets now go over transport */
  SIO_TAP_STATE_UPGRADE_FAILED, /* stays on polling; reason says why */
  SIO_TAP_STATE_CLOSED,     /* was open, or was asked to close, and is not any more */
  SIO_TAP_STATE_ATTEMPT_FAILED, /* this attempt ended without an open packet */
  SIO_TAP_STATE_WAITING,    /* until the next attempt: attempt, delay and its window are set */
  SIO_TAP_STATE_FAILED,     /* gave up */
} SioTapState;

/**
 * SioTapStateChange:
 * @state: what it came to
 * @transport: the transport it is about
 * @reason: (nullable): socket.io's own word for it ("transport close", "ping timeout", …) where there is one
 * @error: (nullable): the detail behind @reason
 * @attempt: number of the reconnection attempt, from 1; 0 for the first connection
 * @delay_ms: WAITING: the delay drawn, milliseconds
 * @delay_min_ms: WAITING: the shortest delay the jitter could have drawn
 * @delay_max_ms: WAITING: the longest
 * @will_reconnect: CLOSED and ATTEMPT_FAILED: another attempt follows by itself
 * @sid: OPEN: the engine's session id
 * @eio: OPEN: revision of Engine.IO, 3 or 4
 * @server: OPEN: major version of Socket.IO as far as known, else 0
 * @ping_interval_ms: OPEN
 * @ping_timeout_ms: OPEN
 * @max_payload: OPEN: bytes, 0 if the server said none
 * @parser: (nullable): OPEN: the name of the parser that is spoken; %NULL: socket.io's own
 *
 * One step of the connection.
 */
typedef struct {
  SioTapState      state;
  SioTransportKind transport;
  const char      *reason;
  const GError    *error;
  guint            attempt;
  guint            delay_ms;
  guint            delay_min_ms;
  guint            delay_max_ms;
  gboolean         will_reconnect;
  const char      *sid;
  guint            eio;
  guint            server;
  guint            ping_interval_ms;
  guint            ping_timeout_ms;
  gint64           max_payload;
  const char      *parser;
} SioTapStateChange;

/**
 * SioTapSocketChange:
 *
 * What a namespace came to.
 */
typedef enum {
  SIO_TAP_SOCKET_CONNECTING,    /* CONNECT was sent (the packet is reported too) */
  SIO_TAP_SOCKET_CONNECTED,     /* reason: the socket's id */
  SIO_TAP_SOCKET_CONNECT_ERROR, /* reason: the message; data: JSON or empty; active: tries again by itself */
  SIO_TAP_SOCKET_DISCONNECTED,  /* reason: socket.io's own words; active */
} SioTapSocketChange;

/**
 * SioTapSocketEvent:
 * @change: what it came to
 * @nsp: the namespace
 * @reason: see #SioTapSocketChange
 * @data: JSON text of the refusal's data, or empty
 * @active: the socket will try again by itself
 * @recovered: CONNECTED: the session's state was recovered
 */
typedef struct {
  SioTapSocketChange change;
  const char        *nsp;
  const char        *reason;
  SioSpan            data;
  gboolean           active;
  gboolean           recovered;
} SioTapSocketEvent;

/**
 * SioTapEmitFate:
 *
 * What became of an emit that did not simply go out, or of one that waits for an ack.
 */
typedef enum {
  SIO_TAP_EMIT_BUFFERED,     /* waits in the send buffer until the namespace is connected */
  SIO_TAP_EMIT_DROPPED,      /* volatile and the transport was not writable; will never be sent */
  SIO_TAP_EMIT_REFUSED,      /* could not be sent at all; text says why */
  SIO_TAP_EMIT_ACK_TIMEOUT,  /* the ack did not come in time */
  SIO_TAP_EMIT_ACK_ABANDONED,/* the connection ended first: the ack can never come */
  SIO_TAP_EMIT_LOST,         /* not known to be written when the connection ended; text: had it left the buffer */
} SioTapEmitFate;

/**
 * SioTapEmit:
 * @fate: what became of it
 * @nsp: the namespace
 * @event: the event's name as JSON token, quotes included
 * @args: JSON text of the arguments
 * @id: the ack id, or -1
 * @tag: the caller's tag, or 0
 * @text: (nullable): detail in English
 */
typedef struct {
  SioTapEmitFate fate;
  const char    *nsp;
  SioSpan        event;
  SioSpan        args;
  gint64         id;
  guint64        tag;
  const char    *text;
} SioTapEmit;

/**
 * SioTapInterface:
 * @http: an HTTP exchange ended, well or badly
 * @frame: a WebSocket message (or control frame) or a polling body passed
 * @engine_packet: an Engine.IO packet that is not a text message passed: open, close, ping, pong,
 *   upgrade, noop, and probes. @raw is the whole packet as text, type digit included
 * @packet: a Socket.IO packet passed (an Engine.IO text message)
 * @attachment: a binary Engine.IO message passed; @index counts within its packet from 0
 * @state: the connection moved
 * @socket: a namespace moved
 * @emit: the fate of an emit
 * @error: something was wrong that no other method tells: what was refused, ignored or unreadable.
 *   @where is one of "http", "transport", "engine", "packet", "socket", "limit"; @bytes is what was
 *   wrong, as far as there is something to show
 *
 * Any method may be %NULL.
 */
struct _SioTapInterface {
  GTypeInterface parent_iface;

  void (*http)          (SioTap                  *self,
                         const SioHttpExchange   *exchange);
  void (*frame)         (SioTap                  *self,
                         SioDirection             direction,
                         SioTransportKind         transport,
                         guint                    opcode,
                         SioSpan                  payload);
  void (*engine_packet) (SioTap                  *self,
                         SioDirection             direction,
                         SioTransportKind         transport,
                         SioEnginePacketType      type,
                         SioSpan                  raw);
  void (*packet)        (SioTap                  *self,
                         const SioTapPacket      *packet);
  void (*attachment)    (SioTap                  *self,
                         SioDirection             direction,
                         SioTransportKind         transport,
                         guint                    index,
                         SioSpan                  bytes);
  void (*state)         (SioTap                  *self,
                         const SioTapStateChange *change);
  void (*socket)        (SioTap                  *self,
                         const SioTapSocketEvent *event);
  void (*emit)          (SioTap                  *self,
                         const SioTapEmit        *emit);
  void (*error)         (SioTap                  *self,
                         const char              *where,
                         const GError            *error,
                         SioSpan                  bytes);
};

G_END_DECLS
