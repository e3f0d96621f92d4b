/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SiocatClient: one manager with its recording, printed as it grows, and the decision when it is over. */

#pragma once

#include "siocat.h"
#include "sioscope-print.h"

G_BEGIN_DECLS

typedef struct _SiocatClient SiocatClient;

typedef struct {
  const char         *url;
  const char         *auth;        /* of the URL's namespace; NULL: none */
  const char         *record_path; /* NULL: in memory, and given back as soon as it is printed */
  SioscopePrintDepth  depth;
  gboolean            quiet;       /* print errors only, and a summary at the end */
  guint64             count;       /* end after so many received events; 0: never */
} SiocatClientConfig;

/* What the command wants to hear of. All after the row was printed, from the main loop. Any may be NULL. */
typedef struct {
  /* The URL's namespace was connected for the first time. */
  void (*connected) (gpointer data);
  /* Of an emit that wanted an ack: SIOCAT_DONE answered, SIOCAT_TIMED_OUT, SIOCAT_DISCONNECTED: it can never come. */
  void (*answered)  (gpointer data, guint64 tag, SiocatStatus how);
  /* Something changed: an emit went out, an ack came. Whoever paused may go on. */
  void (*advanced)  (gpointer data);
} SiocatClientListener;

SiocatClient *siocat_client_new        (const SiocatClientConfig   *config,
                                        SioOptions                 *options,
                                        const SiocatClientListener *listener,
                                        gpointer                    data,
                                        SiocatStatus               *status);
void          siocat_client_free       (SiocatClient               *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SiocatClient, siocat_client_free)

/* Connects the URL's namespace and returns when all is over. */
SiocatStatus  siocat_client_run        (SiocatClient               *self);
/* Closes cleanly; siocat_client_run() then returns status. The first call counts. */
void          siocat_client_end        (SiocatClient               *self,
                                        SiocatStatus                status);

SioManager   *siocat_client_get_manager (SiocatClient              *self);
gint64        siocat_client_get_now_us (SiocatClient               *self);
/* An error line, kept in the recording too. */
void          siocat_client_note       (SiocatClient               *self,
                                        const char                 *where,
                                        const char                 *message);
gboolean      siocat_client_join       (SiocatClient               *self,
                                        const char                 *nsp,
                                        const char                 *auth,
                                        GError                    **error);
/* A namespace that was joined before; nsp NULL is the URL's. (transfer none) */
SioSocket    *siocat_client_get_socket (SiocatClient               *self,
                                        const char                 *nsp,
                                        GError                    **error);
/* The emit's tag, or 0. options->tag is made here. */
guint64       siocat_client_emit       (SiocatClient               *self,
                                        const char                 *nsp,
                                        const char                 *event,
                                        SioArguments               *args,
                                        const SioEmitOptions       *options,
                                        GError                    **error);

/* So much is on its way that more should wait. */
gboolean      siocat_client_is_busy    (SiocatClient               *self);
/* No emit waits to be sent, no ack is awaited, and the first connection has been made. */
gboolean      siocat_client_is_idle    (SiocatClient               *self);

G_END_DECLS
