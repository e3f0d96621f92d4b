/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioProxyResolver: which proxy, and how it is used. libsoup asks an HTTP proxy for everything that is not TLS with an
 * absolute URI, WebSockets too, which no proxy understands, and gives no credentials to it. So whatever wants a tunnel
 * (TLS, WebSocket) is given to GIO's own CONNECT, under a name that libsoup does not know. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIO_TYPE_PROXY_RESOLVER (sio_proxy_resolver_get_type ())
G_DECLARE_FINAL_TYPE (SioProxyResolver, sio_proxy_resolver, SIO, PROXY_RESOLVER, GObject)

/* proxy: a URI; "direct://"; NULL: as the system says. tunnel: for TLS and WebSocket. */
GProxyResolver *sio_proxy_resolver_new (const char *proxy,
                                        gboolean    tunnel);

G_END_DECLS
