/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One Engine.IO packet as one WebSocket message. Engine.IO, "WebSocket". */

#pragma once

#include "sio-packet-queue.h"

G_BEGIN_DECLS

/* type: 1 for text, 2 for binary. (transfer full) */
GBytes *sio_websocket_frame_new_text   (SioEnginePacketType  type,
                                        SioSpan              data);
GBytes *sio_websocket_frame_new_binary (guint                eio,
                                        gboolean             force_base64,
                                        GBytes              *message,
                                        guint               *type);

G_END_DECLS
