/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What GIO, GnuTLS and libsoup say, as SIO_ERROR: what failed, where, and what can be done, with their own words in it. */

#pragma once

#include "sio-http-private.h"

G_BEGIN_DECLS

/* (transfer full) */
GError *sio_network_error_new               (const SioHttpTrace *trace,
                                             const GError       *error);
/* What a WebSocket that was open fails with: TOO_LARGE, MALFORMED, or CLOSED if the connection broke. (transfer full) */
GError *sio_network_error_new_for_websocket (const GError       *error,
                                             gsize               max_payload);
/* What a close frame says; code 0: there was none, 1005: without one. (transfer full) */
GError *sio_network_error_new_for_close     (guint               code,
                                             const char         *reason);
/* The same for codes that were registered after libsoup's list was made, which it takes for an error; NULL for all others. */
GError *sio_network_error_new_for_late_code (SioSpan             payload);

G_END_DECLS
