/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioHttp: one engine's HTTP client: libsoup behind its guards, the URIs with their query, the
 * headers, cookies, TLS and proxies, and the tap's eye on every exchange. Bodies are read with a
 * limit; nothing is followed, decoded or retried. Every error is one of SIO_ERROR. */

#pragma once

#include "../sio-options.h"
#include "../sio-tap-private.h"
#include "../wire/sio-cookie-store.h"
#include "../wire/sio-url.h"

G_BEGIN_DECLS

typedef struct _SioHttp        SioHttp;
typedef struct _SioHttpRequest SioHttpRequest;

/* error: SIO_ERROR, whatever was underneath; see sio-network-error.h and sio-http-refusal.c. The request is gone
 * afterwards. */
typedef void (*SioHttpDone) (gpointer data, GBytes *body, const char *content_type, const GError *error);

/* cookies: the manager's, or NULL; used if the options say "with-credentials". A reference is taken. */
SioHttp        *sio_http_new            (const SioUrl       *url,
                                         SioOptions         *options,
                                         guint               eio,
                                         SioCookieStore     *cookies,
                                         const SioTapHandle *tap);
void            sio_http_free           (SioHttp            *self);
/* The tap hears nothing more. */
void            sio_http_mute           (SioHttp            *self);
/* From now on every URI names the session. NULL: none again. */
void            sio_http_set_sid        (SioHttp            *self,
                                         const char         *sid);
/* The revision of Engine.IO that the URIs ask for. */
void            sio_http_set_eio        (SioHttp            *self,
                                         guint               eio);
guint           sio_http_get_eio        (SioHttp            *self);
/* Polls ask for base64 instead of binary payloads ("b64=1"), as the option force-base64 does for everything. */
void            sio_http_set_poll_base64 (SioHttp           *self,
                                         gboolean            poll_base64);
const SioTapHandle *
                sio_http_get_tap        (SioHttp            *self);
/* Of a WebSocket's message; polls have their own. */
gsize           sio_http_get_max_payload (SioHttp           *self);
/* How far it is: "waiting for the answer of 127.0.0.1:3000"; NULL if no request is under way. (transfer full) */
char           *sio_http_dup_phase      (SioHttp            *self);

/* body NULL: a GET. timeout_ms 0: none but that of the options. done is never called before this returns. */
SioHttpRequest *sio_http_request_new    (SioHttp            *self,
                                         GBytes             *body,
                                         guint               timeout_ms,
                                         SioHttpDone         done,
                                         gpointer            data);
/* Drops the connection; done is not called; the tap hears of it unless the SioHttp is being freed. */
void            sio_http_request_cancel (SioHttpRequest     *request);

G_END_DECLS
