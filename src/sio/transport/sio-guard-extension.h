/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioGuardExtension: sits in a WebSocket as an extension that changes nothing, sees every frame
 * that comes in, and refuses what libsoup 3.2 has no limit for: endless fragments. */

#pragma once

#include <libsoup/soup.h>
#include "../sio-types.h"

G_BEGIN_DECLS

#define SIO_TYPE_GUARD_EXTENSION (sio_guard_extension_get_type ())
G_DECLARE_FINAL_TYPE (SioGuardExtension, sio_guard_extension, SIO, GUARD_EXTENSION, SoupWebsocketExtension)

/* A ping, pong or close frame came; payload as on the wire. */
typedef void (*SioGuardControl) (gpointer data, guint opcode, SioSpan payload);

SioGuardExtension *sio_guard_extension_new     (guint64            max_message_size,
                                                guint              max_fragments,
                                                SioGuardControl    control,
                                                gpointer           data);
/* The callback's data is going away. */
void               sio_guard_extension_release (SioGuardExtension *self);

G_END_DECLS
