/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A manager against a raw session that says what the test wants, and what everybody said. */

#pragma once

#include "heard.h"
#include "raw-session.h"
#include "tap-log.h"
#include "test-util.h"

typedef struct {
  RawSession *session;
  SioOptions *options;
  SioManager *manager;
  SioSocket  *socket; /* of "/" */
  TapLog     *tap;
  Heard      *heard;
} Client;

typedef void (*ClientBody) (Client *self);

/* transport: "polling" or "websocket". The delay before a reconnection is a minute: a test asks for it itself. */
Client       *client_new         (const char  *transport);
/* open_json: of the open packet, NULL for the usual one; url_end: what comes behind the address, which ends in "/" or not. */
Client       *client_new_full    (const char  *transport,
                                  const char  *open_json,
                                  const char  *url_end);
void          client_free        (Client      *self);
/* Adds body as /client/polling/NAME and /client/websocket/NAME. */
void          client_add         (const char  *name,
                                  ClientBody   body);

/* Opens and joins "/": the server's answer is {"sid":"id1"}. */
void          client_connect     (Client      *self);
/* The next packet that the client sends must be this one. */
void          client_expect      (Client      *self,
                                  const char  *packet);
/* Nothing more was sent so far, and what is sent from now on comes after it: the server's ping is answered. */
void          client_expect_nothing (Client   *self);
SioSocket    *client_get_socket  (Client      *self,
                                  const char  *nsp);
gboolean      client_emit        (Client      *self,
                                  const char  *event,
                                  const char  *args); /* one JSON value, or NULL */

/* The connection breaks (reset: as raw_session_drop() does it), and the manager waits for its next attempt. */
void          client_lose        (Client      *self,
                                  gboolean     reset);
/* The next attempt, now; "/" is joined again, without recovery: the server's answer is {"sid":"id2"}. */
void          client_rejoin      (Client      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

/* What came of an event with an ack. */
typedef struct {
  guint         n_calls;
  SioArguments *args;
  GError       *error;
} Answer;

/* A GAsyncReadyCallback; data is the Answer. */
void          answer_cb          (GObject      *source,
                                  GAsyncResult *result,
                                  gpointer      data);
/* It was told exactly once. */
void          answer_clear       (Answer       *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)
