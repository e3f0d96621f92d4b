/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server whose first session says something that no client should take, and whose later ones are well: the client says what was wrong,
 * comes back by itself, and stays small. */

#pragma once

#include "client-fixture.h"

typedef struct {
  const char *transport;    /* "polling" or "websocket" */
  guint       eio;          /* 3 or 4 */
  gboolean    msgpack;
  gboolean    at_handshake; /* bytes are the answer to it; else they come behind CONNECT, on the wire as they are */
  const char *http;         /* polling: written before bytes, in place of a whole answer; NULL: bytes are the body of one */
  const char *content_type; /* of that body, or NULL */
  GBytes     *bytes;
  gboolean    for_ever;     /* bytes again and again, until nobody reads them */

  gint        n_sessions;   /* the rest is private */
  gint        n_polls[8];
} SecondLife;

/* Runs it with these options, which become the manager's: an error that contains error is said, the socket's reason follows, and then the
 * second life. reason "": any; NULL: the first session never began. */
void second_life_run (SecondLife *self,
                      SioOptions *options,
                      const char *reason,
                      const char *error);
