/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTP long-polling: one GET always in flight, at most one POST beside it. Engine.IO, "HTTP long-polling". */

#pragma once

#include "sio-transport.h"

G_BEGIN_DECLS

/* options: of the manager; what they say for polling is read now. */
SioTransport *sio_polling_transport_new (SioHttp                    *http,
                                         SioOptions                 *options,
                                         SioPacketQueue             *queue,
                                         const SioTransportListener *listener,
                                         gpointer                    data);

void          sio_polling_transport_set_post_timeout_for_tests (guint ms);

G_END_DECLS
