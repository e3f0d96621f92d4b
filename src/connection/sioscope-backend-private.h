/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeBackend: a connection's half on the network thread: its manager and its recorder, and
 * what each command does to them. */

#pragma once

#include "sioscope-network-private.h"
#include "sioscope-recorder.h"

G_BEGIN_DECLS

typedef struct _SioscopeBackend SioscopeBackend;

/* Who is asked for auth, on the main thread. Counted; the last reference may go on either thread. */
typedef struct {
  GWeakRef  connection;
  char     *nsp;
} SioscopeAsker;

SioscopeAsker   *sioscope_asker_new           (gpointer           connection,
                                               const char        *nsp);
SioscopeAsker   *sioscope_asker_ref           (SioscopeAsker     *self);
void             sioscope_asker_unref         (SioscopeAsker     *self);
/* On the main thread: the connection emits "auth-wanted", if it is still there. In sioscope-connection.c. */
void             sioscope_asker_ask           (SioscopeAsker     *self,
                                               guint              request);

/* A command, with the arguments that it needs. */
typedef enum {
  SIOSCOPE_COMMAND_OPEN,
  SIOSCOPE_COMMAND_CLOSE,
  SIOSCOPE_COMMAND_RECONNECT_NOW,
  SIOSCOPE_COMMAND_STOP_RECONNECTING,
  SIOSCOPE_COMMAND_CUT,
  SIOSCOPE_COMMAND_SET_OPTIONS,
  SIOSCOPE_COMMAND_ASK_AUTH,
  SIOSCOPE_COMMAND_ANSWER_AUTH,
  SIOSCOPE_COMMAND_JOIN,
  SIOSCOPE_COMMAND_LEAVE,
  SIOSCOPE_COMMAND_EMIT,
  SIOSCOPE_COMMAND_REPLY,
} SioscopeCommandKind;

typedef struct {
  SioscopeCommandKind  kind;
  char                *nsp;         /* JOIN, LEAVE, EMIT, REPLY */
  char                *auth;        /* JOIN, ANSWER_AUTH: or NULL */
  SioscopeAsker       *asker;       /* ASK_AUTH: or NULL */
  guint                request;     /* ANSWER_AUTH */
  SioOptions          *options;     /* SET_OPTIONS: nobody else holds a reference */
  char                *event;       /* EMIT */
  SioArguments        *args;        /* EMIT, REPLY: or NULL */
  gint64               ack_id;      /* REPLY */
  guint64              tag;         /* EMIT, REPLY */
  gboolean             want_ack;    /* EMIT */
  gboolean             is_volatile; /* EMIT */
  guint                timeout_ms;  /* EMIT */
} SioscopeCommand;

/* The main thread. */
SioscopeBackend *sioscope_backend_new         (const char        *url,
                                               SioOptions        *options,
                                               SioscopeRecording *recording);
void             sioscope_backend_run         (SioscopeBackend   *self,
                                               SioscopeCommand   *command);
void             sioscope_backend_end         (SioscopeBackend   *self);

G_END_DECLS
