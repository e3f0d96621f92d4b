/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeProjection: what can be concluded from the rows: where the connection stands, its history
 * in segments, namespaces, acks and the fate of emits. Computed from entries alone, so a file gives
 * what the live window showed. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

/**
 * SioscopeProjection:
 *
 * Reads nothing by itself: call sioscope_projection_update(). Any thread, but one at a time.
 */
#define SIOSCOPE_TYPE_PROJECTION (sioscope_projection_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeProjection, sioscope_projection, SIOSCOPE, PROJECTION, GObject)

/**
 * SioscopePhase:
 *
 * Where the connection stands, in one word.
 */
typedef enum {
  SIOSCOPE_PHASE_IDLE,       /* nothing yet, or closed by the person */
  SIOSCOPE_PHASE_CONNECTING,
  SIOSCOPE_PHASE_CONNECTED,
  SIOSCOPE_PHASE_WAITING,
  SIOSCOPE_PHASE_FAILED,     /* gave up */
} SioscopePhase;

/**
 * SioscopeSegment:
 *
 * One stretch of the connection's history. They follow each other without gaps; the last one has
 * `end_us` -1.
 */
typedef struct {
  SioscopePhase    phase;
  SioTransportKind transport;    /* CONNECTED (a change of transport begins a new segment), CONNECTING */
  gint64           start_us;
  gint64           end_us;
  guint            attempt;
  guint            delay_ms;     /* WAITING */
  guint            delay_min_ms;
  guint            delay_max_ms;
  guint64          row;          /* the STATE entry that began it */
  guint64          end_row;      /* the one that ended it, or SIOSCOPE_NO_ROW */
} SioscopeSegment;

/**
 * SioscopeStatus:
 *
 * Where the connection stands. Times are those of #SioscopeEntry.time_us.
 */
typedef struct {
  SioscopePhase    phase;
  SioTransportKind transport;
  gint64           since_us;
  guint            attempt;
  gint64           retry_at_us;   /* WAITING: when the next attempt starts; else -1 */
  guint            eio;
  guint            server;
  guint            ping_interval_ms;
  guint            ping_timeout_ms;
  gint64           last_ping_us;  /* -1: none in this session */
  gint64           rtt_us;        /* last measured round trip: probe, ack or post; -1: none */
  char            *sid;           /* may be NULL */
  char            *how;           /* how the version was found, in English; NULL: it was asked for, or is not known */
  char            *parser;        /* the name of the parser that is spoken; NULL: socket.io's own */
  gboolean         plain;         /* this attempt's requests go over the network as they are: http, ws */
  gboolean         credentials;   /* auth, a token or a cookie was sent on this connection */
  guint            tls_errors;    /* of this attempt's certificate, #GTlsCertificateFlags; 0: nothing, or no TLS */
  gboolean         tls_refused;   /* and that is why there was no answer */
  char            *tls_fingerprint; /* of the certificate; NULL without one */
  char            *tls_certificate; /* "Name: value\r\n" lines; may be NULL */
  char            *reason;        /* why it is not connected, socket.io's word; may be NULL */
  char            *message;       /* the detail; may be NULL */
} SioscopeStatus;

/**
 * SioscopeMarkKind:
 *
 * What happened at one point of the history.
 */
typedef enum {
  SIOSCOPE_MARK_PING,       /* a heartbeat */
  SIOSCOPE_MARK_FAILED,     /* an attempt that failed */
  SIOSCOPE_MARK_LOST,       /* the connection was lost */
  SIOSCOPE_MARK_UPGRADE,    /* the transport changed */
  SIOSCOPE_MARK_REFUSED,    /* a namespace was refused */
  SIOSCOPE_MARK_EMIT_LOST,  /* an emit that will never arrive */
} SioscopeMarkKind;

/**
 * SioscopeMark:
 * @kind: what happened
 * @time_us: when
 * @row: the row that tells it
 */
typedef struct {
  SioscopeMarkKind kind;
  gint64           time_us;
  guint64          row;
} SioscopeMark;

/**
 * SioscopeNamespace:
 *
 * Where one namespace stands.
 */
typedef struct {
  char           *nsp;
  SioSocketState  state;     /* WAITING is told as CONNECTING */
  gboolean        refused;   /* INACTIVE because of CONNECT_ERROR */
  char           *reason;    /* refusal's message, or disconnect reason; NULL while connected */
  char           *id;        /* the socket's id while connected */
  gint64          since_us;
  guint64         row;
} SioscopeNamespace;

/**
 * SioscopeAckState:
 *
 * What became of the ack that an event asks for.
 */
typedef enum {
  SIOSCOPE_ACK_NONE,      /* no ack is wanted */
  SIOSCOPE_ACK_PENDING,
  SIOSCOPE_ACK_ANSWERED,
  SIOSCOPE_ACK_TIMED_OUT,
  SIOSCOPE_ACK_ABANDONED, /* the connection ended first */
} SioscopeAckState;

/**
 * SioscopeAck:
 * @state: what became of it
 * @other_row: of an event: the ACK, or the entry that says it failed; of an ACK: its event; %SIOSCOPE_NO_ROW if
 *   there is none
 * @latency_us: from event to ack, microseconds; -1 unless ANSWERED, or if the rows were discarded
 *
 * An event and its ack, seen from either row.
 */
typedef struct {
  SioscopeAckState state;
  guint64          other_row;
  gint64           latency_us;
} SioscopeAck;

/**
 * SioscopeFate:
 * @SIOSCOPE_FATE_NONE: not an emit of ours, or not known any more
 * @SIOSCOPE_FATE_BUFFERED: waits until the namespace is connected
 * @SIOSCOPE_FATE_HANDED_OVER: went to a transport; no answer was asked for, and nothing else is known
 * @SIOSCOPE_FATE_WAITING: went to a transport; the answer is still to come
 * @SIOSCOPE_FATE_ACKED: was answered
 * @SIOSCOPE_FATE_TIMED_OUT: went to a transport and was not answered in time
 * @SIOSCOPE_FATE_MAY_BE_LOST: went to a transport that ended before there was an answer, or before it is known to be written
 * @SIOSCOPE_FATE_NEVER_SENT: given up before a byte of it left
 * @SIOSCOPE_FATE_TRIED_AGAIN: not answered; the client sends it once more
 * @SIOSCOPE_FATE_CANCELLED: went to a transport; nobody wanted the answer any more
 * @SIOSCOPE_FATE_DROPPED: volatile, and could not go out at once
 * @SIOSCOPE_FATE_REFUSED: could not be sent at all
 *
 * What became of an emit, as far as the rows tell.
 */
typedef enum {
  SIOSCOPE_FATE_NONE,
  SIOSCOPE_FATE_BUFFERED,
  SIOSCOPE_FATE_HANDED_OVER,
  SIOSCOPE_FATE_WAITING,
  SIOSCOPE_FATE_ACKED,
  SIOSCOPE_FATE_TIMED_OUT,
  SIOSCOPE_FATE_MAY_BE_LOST,
  SIOSCOPE_FATE_NEVER_SENT,
  SIOSCOPE_FATE_TRIED_AGAIN,
  SIOSCOPE_FATE_CANCELLED,
  SIOSCOPE_FATE_DROPPED,
  SIOSCOPE_FATE_REFUSED,
} SioscopeFate;

/* Signal: "changed" (guint: SioscopeChanged). */
SioscopeProjection       *sioscope_projection_new             (SioscopeRecording  *recording);
SioscopeRecording        *sioscope_projection_get_recording   (SioscopeProjection *self);

/**
 * SioscopeChanged:
 *
 * Which getters have something new.
 */
typedef enum {
  SIOSCOPE_CHANGED_STATUS     = 1 << 0,
  SIOSCOPE_CHANGED_SEGMENTS   = 1 << 1,
  SIOSCOPE_CHANGED_MARKS      = 1 << 2,
  SIOSCOPE_CHANGED_NAMESPACES = 1 << 3,
  SIOSCOPE_CHANGED_ACKS       = 1 << 4,
  SIOSCOPE_CHANGED_REPLAYED   = 1 << 5, /* rows that were known before turned out to be replayed */
} SioscopeChanged;

/**
 * SioscopeForgotten:
 * @SIOSCOPE_FORGOTTEN_SEGMENTS: the oldest stretches of the history
 * @SIOSCOPE_FORGOTTEN_MARKS: heartbeats and other marks, oldest first
 * @SIOSCOPE_FORGOTTEN_NAMESPACES: namespaces that came when there were too many, or with too long a name
 * @SIOSCOPE_FORGOTTEN_ACKS: events that still waited for their ack: they stay pending for ever
 * @SIOSCOPE_FORGOTTEN_TAGS: where the emits with old tags are
 * @SIOSCOPE_FORGOTTEN_REPLAYS: which events the oldest recoveries brought
 *
 * What a projection does not know any more, because a list was full. Nothing of that happens in an ordinary month.
 */
typedef enum {
  SIOSCOPE_FORGOTTEN_SEGMENTS   = 1 << 0,
  SIOSCOPE_FORGOTTEN_MARKS      = 1 << 1,
  SIOSCOPE_FORGOTTEN_NAMESPACES = 1 << 2,
  SIOSCOPE_FORGOTTEN_ACKS       = 1 << 3,
  SIOSCOPE_FORGOTTEN_TAGS       = 1 << 4,
  SIOSCOPE_FORGOTTEN_REPLAYS    = 1 << 5,
} SioscopeForgotten;

/* Folds in at most max_rows new rows (0: all), emits "changed" (SioscopeChanged) once if something
 * changed; TRUE if rows are left. */
gboolean                  sioscope_projection_update          (SioscopeProjection *self,
                                                               guint64             max_rows);
/* Folds in the rows below end, which must be published. For whoever goes row by row. */
void                      sioscope_projection_update_to       (SioscopeProjection *self,
                                                               guint64             end);
const SioscopeStatus     *sioscope_projection_get_status      (SioscopeProjection *self);
const SioscopeSegment    *sioscope_projection_get_segments    (SioscopeProjection *self,
                                                               guint              *n);
const SioscopeMark       *sioscope_projection_get_marks       (SioscopeProjection *self,
                                                               guint              *n);
const SioscopeNamespace  *sioscope_projection_get_namespaces  (SioscopeProjection *self,
                                                               guint              *n);
/* For an event or ack row. Both ways: our emits that wait for the server, and the server's events that wait for us. */
SioscopeAck               sioscope_projection_get_ack         (SioscopeProjection *self,
                                                               guint64             row);
/* The row of the packet (or of the fate, if it never went out) of the emit with this tag;
 * SIOSCOPE_NO_ROW if not yet. */
guint64                   sioscope_projection_get_emit_row    (SioscopeProjection *self,
                                                               guint64             tag);
/* What became of one emit, by the row of its packet or fate, or by its tag. why_row (out, optional): the row that tells it. */
SioscopeFate              sioscope_projection_get_fate        (SioscopeProjection *self,
                                                               guint64             row,
                                                               guint64            *why_row);
SioscopeFate              sioscope_projection_get_fate_of_tag (SioscopeProjection *self,
                                                               guint64             tag,
                                                               guint64            *why_row);
/* Whether the row is an event that the server had kept while we were away, and sent again on coming back: one that came
 * before CONNECT was answered with the state recovered. What is not decided yet is FALSE. */
gboolean                  sioscope_projection_get_replayed    (SioscopeProjection *self,
                                                               guint64             row);
/* Whether that is open for any event, and for that of entry. */
gboolean                  sioscope_projection_get_joining     (SioscopeProjection *self);
gboolean                  sioscope_projection_get_undecided   (SioscopeProjection *self,
                                                               const SioscopeEntry *entry);
/* How many of our emits wait for the server. */
guint                     sioscope_projection_get_n_pending   (SioscopeProjection *self);
/* What was forgotten because a list was full; and the same in English, NULL if nothing was. */
SioscopeForgotten         sioscope_projection_get_forgotten   (SioscopeProjection *self);
char                     *sioscope_projection_dup_forgotten   (SioscopeProjection *self);

G_END_DECLS
