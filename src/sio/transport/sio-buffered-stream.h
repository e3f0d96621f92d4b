/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioBufferedStream: a GIOStream around a WebSocket's, whose input reads up to a MiB at a time and,
 * after a few milliseconds of being read without a pause, says WOULD_BLOCK once, so that the main
 * loop breathes under a flood. Frames with nothing unusual about them are handed to a callback as
 * they lie in the buffer; whoever reads the stream sees only the others. Its output is a
 * SioCorkedOutput. */

#pragma once

#include <gio/gio.h>

#include "../sio-types.h"

G_BEGIN_DECLS

#define SIO_TYPE_BUFFERED_STREAM (sio_buffered_stream_get_type ())
G_DECLARE_FINAL_TYPE (SioBufferedStream, sio_buffered_stream, SIO, BUFFERED_STREAM, GIOStream)

/* A whole message in one frame: text (1) or binary (2), not masked, no reserved bit, the length
 * written as it must be. FALSE: whoever reads the stream gets the frame instead. The bytes are only
 * there during the call, which may cut the stream. */
typedef gboolean (*SioBufferedStreamFrame) (gpointer data,
                                            guint    opcode,
                                            SioSpan  payload);

/* socket: where the bytes really come from, for sio_buffered_stream_cut(); may be NULL. */
GIOStream *sio_buffered_stream_new (GIOStream         *base,
                                    GSocket           *socket);
/* NULL frame: the data is going away, and the reader gets everything from now on. */
void       sio_buffered_stream_set_frame (SioBufferedStream      *self,
                                          SioBufferedStreamFrame  frame,
                                          gpointer                data);
/* Ends both directions at once and closes, without waiting for the peer, not even for TLS's goodbye. */
void       sio_buffered_stream_cut (SioBufferedStream *self);

G_END_DECLS
