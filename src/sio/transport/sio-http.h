/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioHttp: one engine's HTTP client: libsoup behind its guards, the URIs with their query, the
 * headers, and the tap's eye on every exchange. Bodies are read with a limit; nothing is followed,
 * decoded, authenticated or retried. */

#pragma once

#include "../sio-options.h"
#include "../sio-tap-private.h"
#include "../wire/sio-url.h"

G_BEGIN_DECLS

typedef struct _SioHttp        SioHttp;
typedef struct _SioHttpRequest SioHttpRequest;

/* error: what GIO or libsoup said, or SIO_ERROR_REFUSED for any status but 200, or a limit. The
 * request is gone afterwards. */
typedef void (*SioHttpDone) (gpointer data, GBytes *body, const char *content_type, const GError *error);

SioHttp        *sio_http_new            (const SioUrl       *url,
                                         SioOptions         *options,
                                         guint               eio,
                                         const SioTapHandle *tap);
void            sio_http_free           (SioHttp            *self);
/* The tap hears nothing more. */
void            sio_http_mute           (SioHttp            *self);
/* From now on every URI names the session. */
void            sio_http_set_sid        (SioHttp            *self,
                                         const char         *sid);
const SioTapHandle *
                sio_http_get_tap        (SioHttp            *self);
gsize           sio_http_get_max_payload (SioHttp           *self);

/* body NULL: a GET. timeout_ms 0: none. done is never called before this returns. */
SioHttpRequest *sio_http_request_new    (SioHttp            *self,
                                         GBytes             *body,
                                         guint               timeout_ms,
                                         SioHttpDone         done,
                                         gpointer            data);
/* Drops the connection; done is not called; the tap hears of it unless the SioHttp is being freed. */
void            sio_http_request_cancel (SioHttpRequest     *request);

G_END_DECLS
