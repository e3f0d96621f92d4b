/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of SioHttp share: what the options say for one transport, and what is seen of one request. */

#pragma once

#include "sio-http.h"
#include "sio-tls.h"
#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * SioHttpSide:
 * @session: with the proxy, the addresses and the trust of these options
 * @identity_error: (nullable): why the options' files cannot be used; every request fails with it
 * @path: with a slash at the end or without, as it is asked for
 * @query: the person's own "k=v", encoded
 * @timestamp_param: (nullable): %NULL for no timestamps
 *
 * What the options mean for the requests of one transport.
 */
typedef struct {
  SoupSession     *session;
  SioTls           tls;
  GError          *identity_error;

  char            *path;
  gboolean         slash;
  GPtrArray       *query;
  GPtrArray       *headers;          /* "Name: value" */
  char           **protocols;        /* NULL: none */
  char            *timestamp_param;
  char            *proxy;            /* NULL: the system's */
  char            *local_address;    /* NULL: any */
  gboolean         force_base64;
  gboolean         with_credentials;
  guint            request_timeout_ms;
  guint            max_informational;
  gsize            max_payload;
} SioHttpSide;

void         sio_http_side_init     (SioHttpSide      *self,
                                     const SioUrl     *url,
                                     SioOptions       *options,
                                     SioTransportKind  kind);
void         sio_http_side_clear    (SioHttpSide      *self);
/* The headers of a request, a proxy's included. cookies: a Cookie header's value or NULL. */
void         sio_http_side_add_headers (const SioHttpSide  *self,
                                        SoupMessageHeaders *headers,
                                        const char         *cookies,
                                        gboolean            tls);

/* What a refusal may say; the rest of it is not read. */
#define SIO_HTTP_MAX_REFUSAL_SIZE (64 * 1024)

/* Where a request is: for the words when it gets no further. */
typedef enum {
  SIO_HTTP_PHASE_STARTING,
  SIO_HTTP_PHASE_RESOLVING,
  SIO_HTTP_PHASE_CONNECTING,
  SIO_HTTP_PHASE_PROXY,
  SIO_HTTP_PHASE_TLS,
  SIO_HTTP_PHASE_SENDING,
  SIO_HTTP_PHASE_WAITING,
  SIO_HTTP_PHASE_READING,
} SioHttpPhase;

/**
 * SioHttpTrace:
 *
 * One message as libsoup's signals tell of it. Part of the request that it belongs to.
 */
typedef struct {
  SioHttp              *http;         /* NULL: not attached */
  const SioHttpSide    *side;
  SoupMessage          *message;
  GCancellable         *cancellable;

  SioHttpPhase          phase;
  char                 *address;      /* "127.0.0.1:443", who was last connected to; NULL: nobody yet */
  char                 *proxy;        /* likewise, if it is a proxy */
  GSocket              *socket;       /* NULL until connected */
  GTlsCertificate      *certificate;  /* the server's; NULL without TLS */
  GTlsCertificateFlags  tls_errors;
  guint                 n_informational;
  GError               *own_error;    /* why we cancelled it ourselves */
} SioHttpTrace;

void         sio_http_trace_attach  (SioHttpTrace     *self,
                                     SioHttp          *http,
                                     SoupMessage      *message,
                                     GCancellable     *cancellable,
                                     gboolean          websocket);
/* Listens no more; what it knows stays. */
void         sio_http_trace_detach  (SioHttpTrace     *self);
void         sio_http_trace_clear   (SioHttpTrace     *self);
/* "waiting for the answer of 127.0.0.1:3000" (transfer full) */
char        *sio_http_trace_dup_phase (const SioHttpTrace *self);
/* Ends it with our own words. Takes error; the first one counts. */
void         sio_http_trace_cancel  (SioHttpTrace     *self,
                                     GError           *error);

/* In sio-http.c. */
const SioHttpSide *sio_http_get_side (SioHttp         *self,
                                     gboolean          websocket);
/* NULL and an error if the URL makes no URI, or the options' files cannot be used. */
SoupMessage *sio_http_new_message   (SioHttp          *self,
                                     const char       *method,
                                     gboolean          websocket,
                                     GError          **error);
/* The answer's cookies are taken, and the exchange goes to the tap. */
void         sio_http_report        (SioHttp          *self,
                                     const SioHttpTrace *trace,
                                     gint64            started_us,
                                     GBytes           *request_body,
                                     SioSpan           response_body,
                                     const GError     *error);
/* Those that are under way, oldest first. */
void         sio_http_add_trace     (SioHttp          *self,
                                     SioHttpTrace     *trace);
void         sio_http_remove_trace  (SioHttp          *self,
                                     SioHttpTrace     *trace);
gboolean     sio_http_has_session   (SioHttp          *self);
const SioUrl *sio_http_get_url      (SioHttp          *self);

/* In sio-http-refusal.c: SIO_ERROR for a status that is not the one that was hoped for, with what the server said, bounded
 * and escaped. */
GError      *sio_http_refusal_new   (const SioHttpTrace *trace,
                                     SioSpan           body);
/* Its headers are here, and nothing of its body must be asked for. */
gboolean     sio_http_is_unreadable_refusal (const SioHttpTrace *trace);
/* NULL, or what a body of status 200 is instead of an Engine.IO answer: a web page. */
GError      *sio_http_check_page    (const SioHttpTrace *trace,
                                     SioSpan           body);

G_END_DECLS
