/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeEntry: one row of a recording, as a reader sees it. Filled by sioscope_recording_read();
 * every span points into the mapped file and lives as long as the recording (rows of a recording in
 * memory: until they are discarded). */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/**
 * SioscopeKind:
 * @SIOSCOPE_KIND_PACKET: a Socket.IO packet; packet_type says which
 * @SIOSCOPE_KIND_ATTACHMENT: a binary message that belongs to the packet at `ref`
 * @SIOSCOPE_KIND_ENGINE: an Engine.IO packet that carries no Socket.IO packet: open, close, ping, pong, upgrade, noop
 * @SIOSCOPE_KIND_FRAME: a WebSocket control frame
 * @SIOSCOPE_KIND_HTTP: an HTTP exchange
 * @SIOSCOPE_KIND_STATE: the connection moved
 * @SIOSCOPE_KIND_SOCKET: a namespace moved
 * @SIOSCOPE_KIND_EMIT: the fate of an emit
 * @SIOSCOPE_KIND_ERROR: something was wrong
 * @SIOSCOPE_KIND_NOTE: the recording about itself: continued in memory, rows discarded, opened after a crash
 *
 * The numbers are those of the file and never change.
 */
typedef enum {
  SIOSCOPE_KIND_PACKET     = 1,
  SIOSCOPE_KIND_ATTACHMENT = 2,
  SIOSCOPE_KIND_ENGINE     = 3,
  SIOSCOPE_KIND_FRAME      = 4,
  SIOSCOPE_KIND_HTTP       = 5,
  SIOSCOPE_KIND_STATE      = 6,
  SIOSCOPE_KIND_SOCKET     = 7,
  SIOSCOPE_KIND_EMIT       = 8,
  SIOSCOPE_KIND_ERROR      = 9,
  SIOSCOPE_KIND_NOTE       = 10,
} SioscopeKind;

#define SIOSCOPE_NO_ROW G_MAXUINT64

/**
 * SioscopeEntry:
 *
 * One row. A field that the row's kind does not have is empty, 0, or -1 where the comment says so.
 */
typedef struct {
  guint64          row;
  SioscopeKind     kind;
  SioDirection     direction;  /* PACKET, ATTACHMENT, ENGINE, FRAME */
  SioTransportKind transport;
  gint64           time_us;    /* since the recording began, monotonic */

  /* PACKET, ATTACHMENT, ENGINE, FRAME, ERROR: the bytes, as on the wire ("42[…]" for a packet).
   * Attachments: the bytes decoded. */
  SioSpan          raw;
  /* PACKET: with another parser than socket.io's own: its message, as on the wire; @raw is the same packet in
   * socket.io's encoding, and the attachments were inside of the message. Else empty. */
  SioSpan          wire;
  /* PACKET, SOCKET, EMIT */
  SioSpan          nsp;
  SioSpan          event;      /* token with its quotes; empty if there is none */
  SioSpan          args;       /* "v,v,v"; CONNECT, CONNECT_ERROR: the payload; SOCKET: data of the refusal */
  guint            n_args;
  guint            n_attachments;
  gint64           id;         /* ack id or -1 */
  guint64          tag;        /* emit tag or 0 */

  SioPacketType       packet_type;        /* PACKET */
  guint64             ref;                /* ATTACHMENT: row of its packet, else SIOSCOPE_NO_ROW */
  guint               index;              /* ATTACHMENT: its number within the packet */
  SioEnginePacketType engine_type;        /* ENGINE */
  guint               opcode;             /* FRAME */
  SioTapState         state;              /* STATE */
  SioTapSocketChange  socket_change;      /* SOCKET */
  SioTapEmitFate      fate;               /* EMIT */

  /* STATE, SOCKET, EMIT, ERROR, NOTE: socket.io's word or the socket's id; and the detail in English.
   * ERROR: reason is `where`. */
  SioSpan          reason;
  SioSpan          message;
  SioSpan          error_domain; /* the GError's, if there was one */
  gint             error_code;
  gboolean         active;       /* SOCKET; STATE: will_reconnect */
  gboolean         recovered;    /* SOCKET */

  /* STATE */
  guint            attempt;
  guint            delay_ms;
  guint            delay_min_ms;
  guint            delay_max_ms;
  SioSpan          sid;
  guint            eio;
  guint            server;
  guint            ping_interval_ms;
  guint            ping_timeout_ms;
  gint64           max_payload;
  SioSpan          parser;       /* the name of the parser that is spoken; empty: socket.io's own */

  /* HTTP. time_us is the end. */
  SioSpan          method;
  SioSpan          uri;
  guint            status;
  gint64           duration_us;
  SioSpan          request_headers;  /* "Name: value\r\n" lines */
  SioSpan          response_headers;
  SioSpan          request_body;
  SioSpan          response_body;
  guint            tls_errors;       /* GTlsCertificateFlags: what was wrong with the certificate, accepted or not */
  SioSpan          tls_fingerprint;  /* SHA-256, "AB:CD:…"; empty without TLS */
  SioSpan          tls_certificate;  /* "Name: value\r\n" lines */
} SioscopeEntry;

G_END_DECLS
