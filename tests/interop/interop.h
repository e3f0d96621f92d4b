/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fixture of the interop tests: a real server of one major version and with one parser, a manager over one way of
 * transport, and what they said. */

#pragma once

#include "heard.h"
#include "node-server.h"
#include "tap-log.h"
#include "test-util.h"

/* Short, so that a frozen server is noticed soon; long enough for a busy machine. */
#define SHORT_PINGS "{\"pingInterval\":400,\"pingTimeout\":600}"

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

typedef struct {
  const char *name;
  void      (*body) (Interop *self);
  const char *server_options; /* JSON text for a server of its own; NULL: the shared one */
  guint       since;          /* the first major version that has it; 0: all have */
  const char *why_not_before;
  const char *why_json_only;  /* NULL: it is not */
} InteropCase;

/* Ends with a case without a name. */
extern const InteropCase interop_connect_cases[];
extern const InteropCase interop_message_cases[];
extern const InteropCase interop_loss_cases[];

/* What INTEROP_SERVER and INTEROP_PARSER say: 2, 3 or 4, and whether the parser is msgpack in place of JSON. */
guint         interop_get_major  (void);
gboolean      interop_is_msgpack (void);
/* Adds every case three times: /interop/polling/NAME, /interop/websocket/NAME and /interop/upgrade/NAME. */
void          interop_add        (const InteropCase *cases);
int           interop_run        (void);

/* Connects "/" and waits for it. */
void          interop_connect    (Interop     *self);
/* The same, and until it is on the transport where it stays. */
void          interop_settle     (Interop     *self);
/* Another namespace, heard too. */
SioSocket    *interop_get_socket (Interop     *self,
                                  const char  *nsp);
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
/* What came as "echo" in "/", one line each as Heard has them. */
char         *interop_dup_echoes (Interop     *self);
/* A callback whose data is a GAsyncResult * that it sets. */
void          interop_answered_cb (GObject      *source,
                                   GAsyncResult *result,
                                   gpointer      data);
