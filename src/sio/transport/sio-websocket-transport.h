/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* WebSocket: libsoup's, guarded, over the buffered stream, with sending that waits for the peer.
 * Engine.IO, "WebSocket". */

#pragma once

#include "sio-transport.h"

G_BEGIN_DECLS

/* options: of the manager; what they say for a WebSocket is read now. queue: NULL for a probe; set transport->queue when it
 * becomes the current one. */
SioTransport *sio_websocket_transport_new (SioHttp                    *http,
                                           SioOptions                 *options,
                                           SioPacketQueue             *queue,
                                           const SioTransportListener *listener,
                                           gpointer                    data);

void          sio_websocket_transport_refuse (SioTransport            *transport,
                                              guint                    code);

G_END_DECLS
