/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioCorkedOutput: an output stream that keeps what is written while it is corked and hands all of it on in one piece: libsoup
 * writes frame by frame, and the kernel, TLS and the peer would each have to be woken for every one. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIO_TYPE_CORKED_OUTPUT (sio_corked_output_get_type ())
G_DECLARE_FINAL_TYPE (SioCorkedOutput, sio_corked_output, SIO, CORKED_OUTPUT, GOutputStream)

/* base: one that can be polled. */
GOutputStream *sio_corked_output_new    (GOutputStream   *base);
void           sio_corked_output_cork   (SioCorkedOutput *self);
/* Writes what was kept, as far as it can be without waiting. FALSE: some of it is left. It goes before all that is written
 * later, and a source of the stream says when to try again. What went wrong is said by the next write. */
gboolean       sio_corked_output_uncork (SioCorkedOutput *self);

G_END_DECLS
