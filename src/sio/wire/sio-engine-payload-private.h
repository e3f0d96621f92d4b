/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of polling bodies share: one step of an iterator for each shape of revision 3. */

#pragma once

#include "sio-engine-packet.h"

G_BEGIN_DECLS

/* The same bounds for both shapes, so that what looks like a length is one. More than any body has. */
#define SIO_PAYLOAD_EIO3_MAX_DIGITS 20

#define SIO_PAYLOAD_EIO3_LENGTH_END        ':'
#define SIO_PAYLOAD_EIO3_BINARY_LENGTH_END '\xff'

/* Both set iter->done at the end and on failure. */
gboolean sio_payload_iter_next_eio3_text   (SioPayloadIter  *iter,
                                            SioSpan         *unit,
                                            GError         **error);
gboolean sio_payload_iter_next_eio3_binary (SioPayloadIter  *iter,
                                            SioSpan         *unit,
                                            gboolean        *is_binary,
                                            GError         **error);

/* The length of valid UTF-8 in UTF-16 units: what a JavaScript string says. */
gsize    sio_utf16_length                  (SioSpan          text);

G_END_DECLS
