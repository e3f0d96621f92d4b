/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fixture of the interop tests: a real server, a manager over one way of transport, and what they said. */

#pragma once

#include "heard.h"
#include "node-server.h"
#include "tap-log.h"
#include "test-util.h"

typedef enum {
  WAY_POLLING,
  WAY_WEBSOCKET,
  WAY_UPGRADE, /* starts on polling and goes over to websocket while the test runs */
} Way;

typedef struct {
  Way         way;
  NodeServer *server; /* shared by all tests of a program, unless own_server */
  gboolean    own_server;
  SioOptions *options;
  SioManager *manager;
  SioSocket  *socket; /* of "/" */
  TapLog     *tap;
  Heard      *heard;
} Interop;

typedef void (*InteropBody) (Interop *self);

/* Adds body three times: /interop/polling/NAME, /interop/websocket/NAME and /interop/upgrade/NAME. server_options: JSON text for
 * a server of its own, or NULL for the shared one. */
void          interop_add        (const char  *name,
                                  InteropBody  body,
                                  const char  *server_options);
int           interop_run        (void);
/* The npm package of the server: "socket.io-v4", or what INTEROP_MODULE says. */
const char   *interop_get_module (void);

/* Connects "/" and waits for it. */
void          interop_connect    (Interop     *self);
void          interop_emit       (Interop     *self,
                                  const char  *event,
                                  const char  *args); /* JSON values, commas between; {"$binary":…} is binary */
SioArguments *interop_args       (const char  *args);
/* Emits with ack on socket and waits for the answer. */
SioArguments *interop_ask        (SioSocket   *socket,
                                  const char  *event,
                                  SioArguments *args,
                                  guint        timeout_ms,
                                  GError     **error);
char         *interop_ask_text   (Interop     *self,
                                  const char  *event,
                                  const char  *args);
