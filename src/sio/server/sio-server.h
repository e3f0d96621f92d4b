/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioServer: the embedded Socket.IO server, for clients of all versions from 2.x on: for trying things out and for tests.
 * Loopback only: SoupServer is not made for strangers. Shares nothing with engine and client, so
 * that it cannot share their bugs. */

#pragma once

#include "../sio-arguments.h"

G_BEGIN_DECLS

/**
 * SioServer:
 *
 * Lives on the thread-default main context it was made in: all calls and callbacks are there.
 */
#define SIO_TYPE_SERVER (sio_server_get_type ())
G_DECLARE_FINAL_TYPE (SioServer, sio_server, SIO, SERVER, GObject)

/**
 * SioServerOptions:
 * @port: 0 takes a free one
 * @host: "127.0.0.1", "::1" or "localhost"; anything else is an error
 * @path: "/socket.io/"
 * @ping_interval_ms: 25000
 * @ping_timeout_ms: 20000
 * @max_payload: bytes, 1000000
 * @no_eio3: refuse clients of socket.io 2.x, which speak Engine.IO 3; %FALSE
 */
typedef struct {
  guint       port;
  const char *host;
  const char *path;
  guint       ping_interval_ms;
  guint       ping_timeout_ms;
  gsize       max_payload;
  gboolean    no_eio3;
} SioServerOptions;

#define SIO_SERVER_DEFAULT_OPTIONS ((SioServerOptions) { 0, "127.0.0.1", "/socket.io/", 25000, 20000, 1000000, FALSE })

/**
 * SioServerListener:
 *
 * What the server reports to whoever prints it; one line of siocat serve each. All on the server's thread, and valid
 * during the call only. client is the socket's id (for refused, which has none, the session's sid). The direction is
 * the server's own: IN came from the client. auth is JSON, of size 0 if none was sent. event is the name's JSON token,
 * quotes included; args what follows, commas between; attachments is NULL if there are none; id is -1 if no ack is
 * wanted. */
typedef struct {
  void (*connected)    (gpointer data, const char *client, const char *nsp, SioSpan auth);
  void (*refused)      (gpointer data, const char *client, const char *nsp, const char *message);
  void (*disconnected) (gpointer data, const char *client, const char *nsp, const char *reason);
  void (*event)        (gpointer data, const char *client, const char *nsp, SioDirection direction,
                        SioSpan event, SioSpan args, GPtrArray *attachments, gint64 id);
  void (*ack)          (gpointer data, const char *client, const char *nsp, SioDirection direction,
                        SioSpan args, GPtrArray *attachments, gint64 id);
  /* state: "open", "upgraded", "closed" */
  void (*engine)       (gpointer data, const char *sid, const char *state, const char *detail);
  void (*error)        (gpointer data, const char *where, const char *message);
} SioServerListener;

/* Lives on the thread-default main context it was made in. */
SioServer  *sio_server_new       (const SioServerOptions  *options,
                                  GError                 **error);
guint       sio_server_get_port  (SioServer               *self);
/* The revision of Engine.IO that a session speaks, 3 or 4; 0 if there is none of this sid. */
guint       sio_server_get_eio   (SioServer               *self,
                                  const char              *sid);
void        sio_server_set_listener (SioServer            *self,
                                  const SioServerListener *listener,
                                  gpointer                 data);
/* What it does with what comes: exactly one of these, before the first client. */
void        sio_server_behave_as_demo        (SioServer   *self); /* siocat serve --demo */
void        sio_server_behave_as_test_suite  (SioServer   *self); /* what the protocols' public test suites expect */
void        sio_server_behave_as_engine_echo (SioServer   *self);
/* Closes every session and stops listening. */
void        sio_server_close     (SioServer               *self);

G_END_DECLS
