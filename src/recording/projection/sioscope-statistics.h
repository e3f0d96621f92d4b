/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeStatistics: what can be counted in the rows: events and their rates, latencies of acks, traffic, the fates of emits around
 * cuts, the phases of each attempt, what recoveries brought. Computed from entries alone, so a file gives what the live
 * window showed. docs/projections.md says exactly what each figure means. */

#pragma once

#include "sioscope-projection.h"

G_BEGIN_DECLS

/**
 * SioscopeStatistics:
 *
 * Reads nothing by itself: call sioscope_statistics_update(). Any thread, but one at a time.
 */
#define SIOSCOPE_TYPE_STATISTICS (sioscope_statistics_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeStatistics, sioscope_statistics, SIOSCOPE, STATISTICS, GObject)

/**
 * SioscopeStatisticsPart:
 *
 * What an update changed; or what is not complete, because a list was full.
 */
typedef enum {
  SIOSCOPE_STATISTICS_EVENTS     = 1 << 0,
  SIOSCOPE_STATISTICS_LATENCIES  = 1 << 1,
  SIOSCOPE_STATISTICS_TRAFFIC    = 1 << 2,
  SIOSCOPE_STATISTICS_EMITS      = 1 << 3,
  SIOSCOPE_STATISTICS_HANDSHAKES = 1 << 4,
  SIOSCOPE_STATISTICS_RECOVERIES = 1 << 5,
} SioscopeStatisticsPart;

/**
 * SioscopeEventCount:
 * @name: the recording's number, see sioscope_recording_get_name(); %SIOSCOPE_NAME_UNNUMBERED: all events that have no line of their own
 * @direction: which way
 * @count: how many
 * @bytes: what they and their attachments took as messages
 * @n_replayed: how many of them the server sent again on coming back
 * @first_row: the first one
 * @last_row: the last one: its arguments are the last value
 * @first_us: when the first one came
 * @last_us: when the last one came
 * @n_asked: how many wanted an ack
 * @n_answered: how many got one
 * @n_timed_out: how many did not in time
 * @n_abandoned: how many cannot get one any more
 * @n_pending: how many still wait, or were too many to be waited for
 *
 * The events of one name that went one way.
 */
typedef struct {
  guint        name;
  SioDirection direction;
  guint64      count;
  guint64      bytes;
  guint64      n_replayed;
  guint64      first_row;
  guint64      last_row;
  gint64       first_us;
  gint64       last_us;
  guint64      n_asked;
  guint64      n_answered;
  guint64      n_timed_out;
  guint64      n_abandoned;
  guint64      n_pending;
} SioscopeEventCount;

/**
 * SioscopeLatency:
 * @n: how many acks
 * @min_us: the shortest, microseconds
 * @p50_us: half of them took no longer
 * @p95_us: 95 of 100 took no longer
 * @max_us: the longest
 * @exact: %FALSE: @p50_us and @p95_us are up to 1/64 too large, because there were more than eight million acks
 *
 * How long acks took, from the event's row to the ack's.
 */
typedef struct {
  guint64  n;
  gint64   min_us;
  gint64   p50_us;
  gint64   p95_us;
  gint64   max_us;
  gboolean exact;
} SioscopeLatency;

/**
 * SioscopeTraffic:
 * @messages: Engine.IO packets, by #SioDirection: Socket.IO packets, attachments, pings and the others
 * @bytes: theirs, by #SioDirection
 *
 * What passed.
 */
typedef struct {
  guint64 messages[2];
  guint64 bytes[2];
} SioscopeTraffic;

/**
 * SioscopeEmits:
 * @n_buffered: how many had to wait
 * @n_handed_over: how many went to a transport
 * @n_waiting: of these: whose answer is still to come
 * @n_acked: of these: were answered
 * @n_timed_out: of these: were not answered in time
 * @n_may_be_lost: of these: the transport ended before there was an answer, or before they are known to be written
 * @n_tried_again: tries that were not answered and were not the last
 * @n_cancelled: of these: nobody wanted the answer any more
 * @n_never_sent: given up before a byte of them left
 * @n_dropped: volatile, and could not go out at once
 * @n_refused: could not be sent at all
 *
 * How many of our emits came to what.
 */
typedef struct {
  guint64 n_buffered;
  guint64 n_handed_over;
  guint64 n_waiting;
  guint64 n_acked;
  guint64 n_timed_out;
  guint64 n_may_be_lost;
  guint64 n_tried_again;
  guint64 n_cancelled;
  guint64 n_never_sent;
  guint64 n_dropped;
  guint64 n_refused;
} SioscopeEmits;

/**
 * SioscopeCut:
 * @row: the row that says that the connection ended
 * @time_us: when
 * @asked: the person closed it
 * @open_row: the row that says that it is open again; %SIOSCOPE_NO_ROW if it is not
 * @open_us: when; -1 if it is not
 * @n_in_flight: how many emits had gone to the connection and were not answered, or not known to be written, when it ended
 * @emits: what became of those in flight, and of those that were made before the first namespace was connected again
 *
 * A connection that ended, and its emits.
 */
typedef struct {
  guint64       row;
  gint64        time_us;
  gboolean      asked;
  guint64       open_row;
  gint64        open_us;
  guint64       n_in_flight;
  SioscopeEmits emits;
} SioscopeCut;

/**
 * SioscopeJoin:
 * @name: the recording's number of the namespace; %SIOSCOPE_NAME_UNNUMBERED: it has none
 * @row: CONNECT was sent
 * @time_us: when
 * @answer_row: the answer, or %SIOSCOPE_NO_ROW
 * @took_us: from one to the other; -1 without an answer
 * @refused: the answer was a refusal
 *
 * A namespace that was asked for.
 */
typedef struct {
  guint    name;
  guint64  row;
  gint64   time_us;
  guint64  answer_row;
  gint64   took_us;
  gboolean refused;
} SioscopeJoin;

/**
 * SioscopeHandshake:
 * @row: the row that says that an attempt began
 * @start_us: when. All that follows is in microseconds, and -1 where it did not happen
 * @attempt: its number, 0: the first connection
 * @n_http: how many HTTP exchanges ended before it was open, or had failed
 * @http_row: the last of them: the handshake; %SIOSCOPE_NO_ROW if there was none
 * @request_us: from the begin until its request was sent
 * @http_us: from there until its answer was there
 * @open_us: from the begin until the session was open
 * @joined_us: from the begin until the first namespace was connected
 * @probe_us: the transport that it was to be upgraded to: from the question whether it works to the answer
 * @upgrade_http_row: the HTTP exchange that opened that transport, or %SIOSCOPE_NO_ROW
 * @upgrade_http_us: how long it took
 * @upgrade_us: from the answer to the question until all went over the new transport
 * @upgraded_us: from the begin until then
 * @upgrade_failed_row: why there was no upgrade, or %SIOSCOPE_NO_ROW
 * @failed_row: why there was no session, or %SIOSCOPE_NO_ROW
 * @failed_us: from the begin until then
 *
 * The phases of one attempt.
 */
typedef struct {
  guint64 row;
  gint64  start_us;
  guint   attempt;
  guint   n_http;
  guint64 http_row;
  gint64  request_us;
  gint64  http_us;
  gint64  open_us;
  gint64  joined_us;
  gint64  probe_us;
  guint64 upgrade_http_row;
  gint64  upgrade_http_us;
  gint64  upgrade_us;
  gint64  upgraded_us;
  guint64 upgrade_failed_row;
  guint64 failed_row;
  gint64  failed_us;
} SioscopeHandshake;

/**
 * SioscopeRecovery:
 * @name: the recording's number of the namespace; %SIOSCOPE_NAME_UNNUMBERED: it has none
 * @start_row: CONNECT was sent
 * @end_row: the answer. The events of the namespace that came between the two were replayed
 * @time_us: when the answer came
 * @n_replayed: how many
 * @n_new: how many came since, until the namespace moved again
 *
 * A namespace whose state was recovered.
 */
typedef struct {
  guint   name;
  guint64 start_row;
  guint64 end_row;
  gint64  time_us;
  guint64 n_replayed;
  guint64 n_new;
} SioscopeRecovery;

#define SIOSCOPE_STATISTICS_RATE_WINDOW_US (5 * G_GINT64_CONSTANT (1000000))

SioscopeStatistics       *sioscope_statistics_new            (SioscopeRecording  *recording);
SioscopeRecording        *sioscope_statistics_get_recording  (SioscopeStatistics *self);
/* Folds in at most max_rows new rows (0: all), emits "changed" (guint: SioscopeStatisticsPart) once if something changed; TRUE if rows
 * are left. What the getters returned before is not valid any more. */
gboolean                  sioscope_statistics_update         (SioscopeStatistics *self,
                                                              guint64             max_rows);

/* In the order of their first events. */
const SioscopeEventCount *sioscope_statistics_get_events     (SioscopeStatistics *self,
                                                              guint              *n);
/* The number of its line, or G_MAXUINT. */
guint                     sioscope_statistics_find_event     (SioscopeStatistics *self,
                                                              guint               name,
                                                              SioDirection        direction);
/* Events of a line per second, over the five seconds before now_us, in time_us of the recording. */
double                    sioscope_statistics_get_rate       (SioscopeStatistics *self,
                                                              guint               event,
                                                              gint64              now_us);
/* FALSE if there were none. */
gboolean                  sioscope_statistics_get_latency    (SioscopeStatistics *self,
                                                              guint               event,
                                                              SioscopeLatency    *latency);
/* Bucket i is what passed from i × width up to (i + 1) × width. */
const SioscopeTraffic    *sioscope_statistics_get_traffic    (SioscopeStatistics *self,
                                                              guint              *n,
                                                              gint64             *width_us);
const SioscopeTraffic    *sioscope_statistics_get_total_traffic (SioscopeStatistics *self);
/* What HTTP exchanges took, headers and bodies; messages[0] answers, messages[1] requests. */
const SioscopeTraffic    *sioscope_statistics_get_total_http (SioscopeStatistics *self);
const SioscopeEmits      *sioscope_statistics_get_emits      (SioscopeStatistics *self);
const SioscopeCut        *sioscope_statistics_get_cuts       (SioscopeStatistics *self,
                                                              guint              *n);
const SioscopeHandshake  *sioscope_statistics_get_handshakes (SioscopeStatistics *self,
                                                              guint              *n);
/* The namespaces that were asked for in the session of a handshake, in order. */
const SioscopeJoin       *sioscope_statistics_get_joins      (SioscopeStatistics *self,
                                                              guint               handshake,
                                                              guint              *n);
const SioscopeRecovery   *sioscope_statistics_get_recoveries (SioscopeStatistics *self,
                                                              guint              *n);

/* Of the last row that was folded in; 0 before. */
gint64                    sioscope_statistics_get_end_us     (SioscopeStatistics *self);
/* Rows that were discarded before they could be counted. */
guint64                   sioscope_statistics_get_n_missed   (SioscopeStatistics *self);
/* What is not complete because there was too much of it; and the same in English, NULL if nothing is. */
SioscopeStatisticsPart    sioscope_statistics_get_limits     (SioscopeStatistics *self);
char                     *sioscope_statistics_dup_limits     (SioscopeStatistics *self);

G_END_DECLS
