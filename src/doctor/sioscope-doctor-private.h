/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the doctor's room share. */

#pragma once

#include "sioscope-doctor.h"

G_BEGIN_DECLS

typedef struct {
  SioUrl             *url;
  SioOptions         *options;     /* the caller's */
  const char         *auth;
  guint               timeout_ms;  /* of one check */
  guint               look_ms;     /* of one step without a session */
  GCancellable       *cancellable; /* NULL: it cannot be stopped */
  GMainContext       *context;

  SioscopeDoctorFunc  func;
  gpointer            user_data;
  guint               n_errors;
  guint               n_warnings;
  char               *cause;       /* the message of the error behind the others */
  char               *warning;     /* the first one's message */

  GList              *addresses;   /* of GInetAddress */
  GSocketAddress     *working;     /* one that took a connection; NULL if a proxy is asked */
  char               *proxy;       /* NULL: none */
  gboolean            has_closed_key; /* our certificate cannot be used here, only in the library */
} Doctor;

/* ---- waiting with a deadline ---- */

typedef struct {
  Doctor       *doctor;
  GCancellable *cancellable; /* for the asynchronous call */
  GAsyncResult *result;
  GSource      *deadline;
  gulong        handler;
  gboolean      timed_out;
} DoctorWait;

void          doctor_wait_begin (Doctor              *self,
                                 DoctorWait          *wait);
/* The callback; data is the DoctorWait. */
void          doctor_wait_cb    (GObject             *source,
                                 GAsyncResult        *result,
                                 gpointer             data);
/* Until the callback was called. (transfer none) */
GAsyncResult *doctor_wait       (DoctorWait          *wait);
/* Puts words to an error that the deadline made. */
void          doctor_wait_end   (DoctorWait          *wait,
                                 GError             **error);
gboolean      doctor_stopped    (Doctor              *self);

/* ---- details: members of a JSON object ---- */

void          doctor_add_text   (GString             *details,
                                 const char          *name,
                                 const char          *text); /* NULL: nothing is added */
void          doctor_add_number (GString             *details,
                                 const char          *name,
                                 gint64               value);
void          doctor_add_bool   (GString             *details,
                                 const char          *name,
                                 gboolean             value);
void          doctor_add_json   (GString             *details,
                                 const char          *name,
                                 SioSpan              json);

/* details is freed; it may be NULL. */
void          doctor_report     (Doctor              *self,
                                 const char          *name,
                                 SioscopeCheckLevel   level,
                                 GString             *details,
                                 const char          *format,
                                 ...) G_GNUC_PRINTF (5, 6);

/* ---- sioscope-doctor-network.c: each FALSE if there is no use going on ---- */

gboolean      doctor_check_proxy   (Doctor           *self);
gboolean      doctor_check_name    (Doctor           *self);
gboolean      doctor_check_tcp     (Doctor           *self);
gboolean      doctor_check_tls     (Doctor           *self);
/* To the server, through the proxy if there is one, TLS included. */
GIOStream    *doctor_connect       (Doctor           *self,
                                    GError          **error);
/* A plain http: request to an HTTP proxy names the whole URI. */
gboolean      doctor_asks_proxy    (Doctor           *self);

/* ---- sioscope-doctor-http.c ---- */

typedef struct {
  guint    status;      /* 0: it is no HTTP */
  char    *reason;
  char    *head;        /* the header lines */
  GString *body;        /* the start of it */
  gint64   ms;
} DoctorAnswer;

void          doctor_answer_free   (DoctorAnswer     *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoctorAnswer, doctor_answer_free)

/* query: pieces "K=V", encoded. body NULL: a GET. */
DoctorAnswer *doctor_fetch         (Doctor           *self,
                                    const char       *path,
                                    const char       *file,
                                    const char * const *query,
                                    const char       *body,
                                    GError          **error);
char         *doctor_answer_dup_header (DoctorAnswer *answer,
                                    const char       *name);
/* Engine.IO's error code in the body, or -1. */
int           doctor_answer_get_code (DoctorAnswer   *answer);

/* ---- sioscope-doctor-engine.c: what the server says without a session ---- */

typedef struct {
  gboolean is_engine;
  gboolean polling;      /* the server offers it */
  gboolean websocket;
} DoctorEngine;

gboolean      doctor_check_http    (Doctor           *self,
                                    DoctorEngine     *engine);
void          doctor_check_version (Doctor           *self);
void          doctor_check_eio3    (Doctor           *self);

/* ---- sioscope-doctor-session.c: sessions of the library's own client ---- */

typedef struct {
  gboolean  opened;
  gboolean  joined;
  gboolean  refused;
  gboolean  asked;   /* the namespace was reported on */
  guint     eio;
} DoctorSession;

/* By polling, and from there to the WebSocket. */
void          doctor_check_polling   (Doctor             *self,
                                      const DoctorEngine *engine,
                                      DoctorSession      *session);
/* Asks for the namespace only if polling did not get so far. */
void          doctor_check_websocket (Doctor             *self,
                                      const DoctorEngine *engine,
                                      const DoctorSession *polling,
                                      DoctorSession      *session);

G_END_DECLS
