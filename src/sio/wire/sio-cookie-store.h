/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioCookieStore: the few cookies that one manager keeps for one host, as the official client does in Node.js: name,
 * value and expiry. In memory only. libsoup's jar is not used: a server can make it crash and crawl. */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/* Name, "=" and value together. What is larger is not kept. */
#define SIO_COOKIE_MAX_SIZE 4096

typedef struct _SioCookieStore SioCookieStore;

SioCookieStore *sio_cookie_store_new        (guint           max_cookies);
SioCookieStore *sio_cookie_store_ref        (SioCookieStore *self);
void            sio_cookie_store_unref      (SioCookieStore *self);
/* One value of a Set-Cookie header. now_us: wall clock, microseconds since 1970. When there is no room the oldest goes. */
void            sio_cookie_store_set        (SioCookieStore *self,
                                             const char     *set_cookie,
                                             gint64          now_us);
/* The value of the Cookie header, or NULL if there is none to send. secure: over TLS. (transfer full) */
char           *sio_cookie_store_dup_header (SioCookieStore *self,
                                             gboolean        secure,
                                             gint64          now_us);
guint           sio_cookie_store_get_size   (SioCookieStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioCookieStore, sio_cookie_store_unref)

G_END_DECLS
