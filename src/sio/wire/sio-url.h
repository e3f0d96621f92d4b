/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What io (url) takes: scheme, host, port, the path that is the namespace, and the query. And the
 * URIs that the engine asks for. */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/**
 * SioUrl:
 * @tls: https or wss
 * @scheme: as written: "http", "https", "ws", "wss"; "http" if there was none
 * @host: without brackets; checked
 * @port: never 0
 * @nsp: "/" or the path, verbatim
 * @query: (nullable): verbatim, without "?"
 *
 * The parts of an address. Free it with sio_url_free().
 */
typedef struct {
  gboolean  tls;
  char     *scheme;
  char     *host;
  guint     port;
  char     *nsp;
  char     *query;
} SioUrl;

SioUrl *sio_url_parse        (const char  *url,
                              GError     **error);
void    sio_url_free         (SioUrl      *self);
/* "http://localhost:3000" + path option, as the official manager cache keys it. */
char   *sio_url_dup_key      (const SioUrl *self,
                              const char  *path);
/* The port is left out if it is the scheme's own. */
char   *sio_url_build        (const SioUrl *self,
                              gboolean      websocket,
                              const char   *path,
                              const char * const *query);
/* Like encodeURIComponent. */
char   *sio_url_escape       (const char   *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioUrl, sio_url_free)

G_END_DECLS
