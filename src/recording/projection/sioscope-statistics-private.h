/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The insides of the statistics: what folding a row changes. */

#pragma once

#include "sioscope-latencies-private.h"
#include "sioscope-replays-private.h"
#include "sioscope-statistics.h"
#include "sioscope-waiting-private.h"

G_BEGIN_DECLS

#define SIOSCOPE_STATISTICS_NO_EVENT G_MAXUINT

/* The last five seconds of one line, in tenths of a second. */
#define SIOSCOPE_RATE_SLOTS 50
typedef struct {
  gint64  last; /* the number of the latest tenth */
  guint32 counts[SIOSCOPE_RATE_SLOTS];
} SioscopeRate;

typedef struct {
  SioscopeRate      rate;
  SioscopeLatencies latencies;
  guint             nsp;         /* its number among those of the replays; G_MAXUINT: not looked for, or none */
  guint64           n_undecided; /* events that may turn out to be replayed */
} SioscopeEventState;

typedef struct {
  guint64 n_undecided;
  guint64 n_other;     /* of those: of the line of all others */
  guint64 recovery;    /* the number of the recovery that it is in, from 1; 0: none */
} SioscopeNspState;

typedef struct {
  guint64  row;     /* the last packet */
  guint    event;   /* its line */
  gboolean message; /* it and its attachments were one message */
} SioscopeLastPacket;

struct _SioscopeStatistics {
  GObject parent_instance;

  SioscopeRecording      *recording;
  guint64                 next_row;
  guint64                 n_missed;
  gint64                  now_us;    /* the latest time of a row */
  SioscopeStatisticsPart  limits;

  GArray                 *events;    /* of SioscopeEventCount */
  GArray                 *states;    /* of SioscopeEventState, of the same lines */
  GArray                 *lines[2];  /* by direction and name: of guint32, the line and 1 */
  guint                   others[2]; /* the line of all others */
  guint64                 n_latencies;
  gboolean                coarse;
  SioscopeLastPacket      last[2];
  SioscopeWaiting         waiting;   /* data: line in the low half, the number of its cut (from 1) in the high one */

  GArray                 *traffic;   /* of SioscopeTraffic */
  gint64                  width_us;
  SioscopeTraffic         total;
  SioscopeTraffic         http;

  SioscopeEmits           emits;
  SioscopeCut             ending;    /* what is said of a connection before the row that says that it ended */
  GArray                 *cuts;      /* of SioscopeCut */
  guint64                 n_cuts_forgotten;
  SioscopeRowMap          cut_of_tag; /* of what was buffered in a cut */
  gboolean                session;   /* open */
  gboolean                away;      /* since the last cut no namespace was connected */

  GArray                 *handshakes; /* of SioscopeHandshake */
  GArray                 *join_starts; /* of guint64, of each handshake: the number of its first join */
  GArray                 *joins;      /* of SioscopeJoin */
  guint64                 n_joins_forgotten;
  gint64                  probe_us;    /* when the question went out; -1: none is under way */
  gint64                  upgrading_us;

  SioscopeReplays         replays;
  GArray                 *nsps;       /* of SioscopeNspState, by number */
  GArray                 *recoveries; /* of SioscopeRecovery */
  guint64                 n_recoveries_forgotten;
  guint                   n_recovered; /* namespaces that are in a recovery */
};

/* Each returns the SioscopeStatisticsPart flags of what it changed. */
guint sioscope_statistics_fold_packet     (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry,
                                           guint                name);
guint sioscope_statistics_fold_attachment (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);
/* The server's events cannot be answered any more: everywhere, or (nsp not empty) in a namespace. */
guint sioscope_statistics_abandon_in      (SioscopeStatistics  *self,
                                           SioSpan              nsp);
guint sioscope_statistics_fold_replays    (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry,
                                           guint                name);
void  sioscope_statistics_count_traffic   (SioscopeStatistics  *self,
                                           SioDirection         direction,
                                           gsize                bytes);
guint sioscope_statistics_fold_http       (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);
double sioscope_rate_get                  (const SioscopeRate  *self,
                                           gint64               now_us);

guint sioscope_statistics_fold_emit       (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);
/* Our event goes out: the number of the cut that it waited in, from 1; 0: none. */
guint64 sioscope_statistics_hand_over     (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);
void  sioscope_statistics_acked           (SioscopeStatistics  *self,
                                           const SioscopeAsked *event);
guint sioscope_statistics_cut_state       (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);

guint sioscope_statistics_phase_state     (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);
guint sioscope_statistics_phase_http      (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);
guint sioscope_statistics_phase_engine    (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry);
guint sioscope_statistics_phase_socket    (SioscopeStatistics  *self,
                                           const SioscopeEntry *entry,
                                           guint                name);

G_END_DECLS
