/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is a secret, told by its name: of a header, of a parameter of a URL, of a member of an object. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

gboolean sioscope_sounds_secret  (SioSpan name);
/* Likewise of a header: WebSocket's and CORS's own are none. */
gboolean sioscope_header_sounds_secret (SioSpan name);
/* Whether any name in the query of uri sounds like one; Engine.IO's own sid does not count. */
gboolean sioscope_uri_has_secret (SioSpan uri);
/* Likewise in "Name: value\r\n" lines. */
gboolean sioscope_headers_have_secret (SioSpan headers);

G_END_DECLS
