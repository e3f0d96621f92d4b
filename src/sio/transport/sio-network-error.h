/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What GIO, GnuTLS and libsoup say, as SIO_ERROR: what failed, where, and what can be done, with their own words in it. */

#pragma once

#include "sio-http-private.h"

G_BEGIN_DECLS

/* (transfer full) */
GError *sio_network_error_new (const SioHttpTrace *trace,
                               const GError       *error);

G_END_DECLS
