/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the WebSocket transport needs of SioHttp: messages and their report. */

#pragma once

#include "sio-http.h"
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A server may send so many interim answers before its answer; libsoup would read them for ever. */
#define SIO_HTTP_MAX_INFORMATIONAL 8

SoupSession *sio_http_get_session  (SioHttp          *self);
/* NULL and SIO_ERROR_INVALID_ARGUMENT if the URL makes no URI. */
SoupMessage *sio_http_new_message  (SioHttp          *self,
                                    const char       *method,
                                    gboolean          websocket,
                                    GError          **error);
/* One exchange for the tap. */
void         sio_http_report       (SioHttp          *self,
                                    SoupMessage      *message,
                                    gint64            started_us,
                                    GBytes           *request_body,
                                    SioSpan           response_body,
                                    const GError     *error);
/* SIO_ERROR_REFUSED (or UNSUPPORTED_VERSION for code 5) with the status and what the server said,
 * bounded and escaped. */
GError      *sio_http_refusal_new  (SoupMessage      *message,
                                    SioSpan           body);

G_END_DECLS
