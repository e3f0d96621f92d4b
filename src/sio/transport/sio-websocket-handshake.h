/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioWebsocketHandshake: asks for a WebSocket and hands over the stream below it, before a byte of it was read. */

#pragma once

#include "sio-http-private.h"

G_BEGIN_DECLS

typedef struct _SioWebsocketHandshake SioWebsocketHandshake;

/* stream, uri set: accepted; else error. socket: below the stream, if known. All are the caller's for the call only. */
typedef void (*SioWebsocketHandshakeDone) (gpointer      data,
                                           GIOStream    *stream,
                                           GSocket      *socket,
                                           GUri         *uri,
                                           const GError *error);

SioWebsocketHandshake *sio_websocket_handshake_new    (SioHttp                   *http,
                                                       SioWebsocketHandshakeDone  done,
                                                       gpointer                   data);
/* done is not called; the tap hears of it. */
void                   sio_websocket_handshake_cancel (SioWebsocketHandshake     *self);

G_END_DECLS
