/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioBufferedStream: a GIOStream around a WebSocket's, whose input reads 256 KiB at a time and, after a few milliseconds of being
 * read without a pause, says WOULD_BLOCK once, so that the main loop breathes under a flood. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIO_TYPE_BUFFERED_STREAM (sio_buffered_stream_get_type ())
G_DECLARE_FINAL_TYPE (SioBufferedStream, sio_buffered_stream, SIO, BUFFERED_STREAM, GIOStream)

/* socket: where the bytes really come from, for sio_buffered_stream_cut(); may be NULL. */
GIOStream *sio_buffered_stream_new (GIOStream         *base,
                                    GSocket           *socket);
/* Ends both directions at once and closes, without waiting for the peer, not even for TLS's goodbye. */
void       sio_buffered_stream_cut (SioBufferedStream *self);

G_END_DECLS
