/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioOptions: what io (url, options) takes, under the official names. */

#pragma once

#include "sio-types.h"

G_BEGIN_DECLS

#define SIO_TYPE_OPTIONS (sio_options_get_type ())
/**
 * SioOptions:
 *
 * All of its values are GObject properties too. A manager reads them at each attempt, so that a change
 * takes effect at the next one, as in the official client. An options object belongs to the thread of
 * its manager; sio_options_copy() makes one for another thread.
 */
G_DECLARE_FINAL_TYPE (SioOptions, sio_options, SIO, OPTIONS, GObject)

SioOptions          *sio_options_new                       (void);
SioOptions          *sio_options_copy                      (SioOptions          *self);

const char          *sio_options_get_path                  (SioOptions          *self); /* "/socket.io/" */
void                 sio_options_set_path                  (SioOptions          *self,
                                                            const char          *path);
const char * const  *sio_options_get_transports            (SioOptions          *self); /* polling, websocket */
gboolean             sio_options_set_transports            (SioOptions          *self,
                                                            const char * const  *transports,
                                                            GError             **error);
gboolean             sio_options_get_upgrade               (SioOptions          *self); /* TRUE */
void                 sio_options_set_upgrade               (SioOptions          *self,
                                                            gboolean             upgrade);
const char * const  *sio_options_get_query                 (SioOptions          *self); /* "K=V", not encoded */
void                 sio_options_set_query                 (SioOptions          *self,
                                                            const char * const  *query);
const char * const  *sio_options_get_extra_headers         (SioOptions          *self); /* "Name: value" */
gboolean             sio_options_set_extra_headers         (SioOptions          *self,
                                                            const char * const  *headers,
                                                            GError             **error);
const char          *sio_options_get_auth                  (SioOptions          *self); /* JSON object text, or NULL */
gboolean             sio_options_set_auth                  (SioOptions          *self,
                                                            const char          *auth,
                                                            GError             **error);
gboolean             sio_options_get_force_base64          (SioOptions          *self); /* FALSE */
void                 sio_options_set_force_base64          (SioOptions          *self,
                                                            gboolean             force_base64);
gboolean             sio_options_get_timestamp_requests    (SioOptions          *self); /* TRUE: on polling requests */
void                 sio_options_set_timestamp_requests    (SioOptions          *self,
                                                            gboolean             timestamp_requests);
const char          *sio_options_get_timestamp_param       (SioOptions          *self); /* "t" */
void                 sio_options_set_timestamp_param       (SioOptions          *self,
                                                            const char          *param);
gboolean             sio_options_get_reconnection          (SioOptions          *self); /* TRUE */
void                 sio_options_set_reconnection          (SioOptions          *self,
                                                            gboolean             reconnection);
guint                sio_options_get_reconnection_attempts (SioOptions          *self); /* 0: without end */
void                 sio_options_set_reconnection_attempts (SioOptions          *self,
                                                            guint                attempts);
guint                sio_options_get_reconnection_delay_ms (SioOptions          *self); /* 1000 */
void                 sio_options_set_reconnection_delay_ms (SioOptions          *self,
                                                            guint                delay_ms);
guint                sio_options_get_reconnection_delay_max_ms (SioOptions      *self); /* 5000 */
void                 sio_options_set_reconnection_delay_max_ms (SioOptions      *self,
                                                            guint                delay_max_ms);
double               sio_options_get_randomization_factor  (SioOptions          *self); /* 0.5 */
void                 sio_options_set_randomization_factor  (SioOptions          *self,
                                                            double               factor);
guint                sio_options_get_timeout_ms            (SioOptions          *self); /* 20000; 0: none */
void                 sio_options_set_timeout_ms            (SioOptions          *self,
                                                            guint                timeout_ms);
guint                sio_options_get_ack_timeout_ms        (SioOptions          *self); /* 0: none */
void                 sio_options_set_ack_timeout_ms        (SioOptions          *self,
                                                            guint                ack_timeout_ms);
gsize                sio_options_get_max_payload           (SioOptions          *self); /* 16 MiB, in bytes */
void                 sio_options_set_max_payload           (SioOptions          *self,
                                                            gsize                max_payload);

/* What to speak, and how to begin. */
guint                sio_options_get_server                (SioOptions          *self); /* 0: find out; else 2, 3 or 4 */
gboolean             sio_options_set_server                (SioOptions          *self,
                                                            guint                server,
                                                            GError             **error);
SioParser           *sio_options_get_parser                (SioOptions          *self); /* NULL: socket.io's own, JSON */
void                 sio_options_set_parser                (SioOptions          *self,
                                                            SioParser           *parser);
gboolean             sio_options_get_remember_upgrade      (SioOptions          *self); /* FALSE */
void                 sio_options_set_remember_upgrade      (SioOptions          *self,
                                                            gboolean             remember_upgrade);
gboolean             sio_options_get_try_all_transports    (SioOptions          *self); /* FALSE */
void                 sio_options_set_try_all_transports    (SioOptions          *self,
                                                            gboolean             try_all_transports);
gboolean             sio_options_get_add_trailing_slash    (SioOptions          *self); /* TRUE */
void                 sio_options_set_add_trailing_slash    (SioOptions          *self,
                                                            gboolean             add_trailing_slash);
gboolean             sio_options_get_timestamp_websocket   (SioOptions          *self); /* FALSE: not on the WebSocket's */
void                 sio_options_set_timestamp_websocket   (SioOptions          *self,
                                                            gboolean             timestamp_websocket);
const char * const  *sio_options_get_protocols             (SioOptions          *self); /* WebSocket sub-protocols */
gboolean             sio_options_set_protocols             (SioOptions          *self,
                                                            const char * const  *protocols,
                                                            GError             **error);
/* Of what is set in it, for one transport only. NULL: none. Not changed any more afterwards. */
SioOptions          *sio_options_get_transport_options     (SioOptions          *self,
                                                            SioTransportKind     kind);
void                 sio_options_set_transport_options     (SioOptions          *self,
                                                            SioTransportKind     kind,
                                                            SioOptions          *overrides);

/* What sio_io() does with it. */
gboolean             sio_options_get_force_new             (SioOptions          *self); /* FALSE */
void                 sio_options_set_force_new             (SioOptions          *self,
                                                            gboolean             force_new);
gboolean             sio_options_get_multiplex             (SioOptions          *self); /* TRUE */
void                 sio_options_set_multiplex             (SioOptions          *self,
                                                            gboolean             multiplex);
gboolean             sio_options_get_auto_connect          (SioOptions          *self); /* TRUE */
void                 sio_options_set_auto_connect          (SioOptions          *self,
                                                            gboolean             auto_connect);

/* The network under it. */
gboolean             sio_options_get_with_credentials      (SioOptions          *self); /* FALSE: no cookies */
void                 sio_options_set_with_credentials      (SioOptions          *self,
                                                            gboolean             with_credentials);
const char          *sio_options_get_proxy                 (SioOptions          *self); /* NULL: the system's; "direct://": none */
gboolean             sio_options_set_proxy                 (SioOptions          *self,
                                                            const char          *proxy,
                                                            GError             **error);
const char          *sio_options_get_local_address         (SioOptions          *self); /* NULL: any */
gboolean             sio_options_set_local_address         (SioOptions          *self,
                                                            const char          *address,
                                                            GError             **error);
guint                sio_options_get_request_timeout_ms    (SioOptions          *self); /* 0: none of its own */
void                 sio_options_set_request_timeout_ms    (SioOptions          *self,
                                                            guint                request_timeout_ms);

/* TLS. The files are read at each attempt. */
gboolean             sio_options_get_reject_unauthorized   (SioOptions          *self); /* TRUE */
void                 sio_options_set_reject_unauthorized   (SioOptions          *self,
                                                            gboolean             reject_unauthorized);
const char * const  *sio_options_get_trusted_fingerprints  (SioOptions          *self); /* SHA-256, "AB:CD:…" */
gboolean             sio_options_set_trusted_fingerprints  (SioOptions          *self,
                                                            const char * const  *fingerprints,
                                                            GError             **error);
const char          *sio_options_get_ca_file               (SioOptions          *self); /* PEM; NULL: the system's */
void                 sio_options_set_ca_file               (SioOptions          *self,
                                                            const char          *ca_file);
const char          *sio_options_get_cert_file             (SioOptions          *self); /* PEM */
void                 sio_options_set_cert_file             (SioOptions          *self,
                                                            const char          *cert_file);
const char          *sio_options_get_key_file              (SioOptions          *self); /* PEM; NULL: in cert-file */
void                 sio_options_set_key_file              (SioOptions          *self,
                                                            const char          *key_file);
const char          *sio_options_get_pfx_file              (SioOptions          *self); /* PKCS #12 */
void                 sio_options_set_pfx_file              (SioOptions          *self,
                                                            const char          *pfx_file);
const char          *sio_options_get_passphrase            (SioOptions          *self); /* of the key */
void                 sio_options_set_passphrase            (SioOptions          *self,
                                                            const char          *passphrase);

/* Emitting again until there is an ack. */
guint                sio_options_get_retries               (SioOptions          *self); /* 0: no queue */
void                 sio_options_set_retries               (SioOptions          *self,
                                                            guint                retries);

/* Reconnecting. */
gboolean             sio_options_get_stop_on_refusal       (SioOptions          *self); /* TRUE */
void                 sio_options_set_stop_on_refusal       (SioOptions          *self,
                                                            gboolean             stop_on_refusal);

/* Limits. A value outside of its range is brought there. */
guint                sio_options_get_max_fragments         (SioOptions          *self); /* 16384 a message */
void                 sio_options_set_max_fragments         (SioOptions          *self,
                                                            guint                max_fragments);
guint                sio_options_get_max_packets_per_poll  (SioOptions          *self); /* 1000000 */
void                 sio_options_set_max_packets_per_poll  (SioOptions          *self,
                                                            guint                max_packets_per_poll);
guint                sio_options_get_max_informational     (SioOptions          *self); /* 8 answers 1xx */
void                 sio_options_set_max_informational     (SioOptions          *self,
                                                            guint                max_informational);
guint                sio_options_get_max_attachments       (SioOptions          *self); /* 64, received, a packet */
void                 sio_options_set_max_attachments       (SioOptions          *self,
                                                            guint                max_attachments);
guint                sio_options_get_max_attachments_out   (SioOptions          *self); /* 10, sent, a packet */
void                 sio_options_set_max_attachments_out   (SioOptions          *self,
                                                            guint                max_attachments_out);
guint                sio_options_get_max_depth             (SioOptions          *self); /* 256 levels */
void                 sio_options_set_max_depth             (SioOptions          *self,
                                                            guint                max_depth);
guint                sio_options_get_max_pending_acks      (SioOptions          *self); /* 10000 a namespace, each way */
void                 sio_options_set_max_pending_acks      (SioOptions          *self,
                                                            guint                max_pending_acks);
guint                sio_options_get_max_namespaces        (SioOptions          *self); /* 256 */
void                 sio_options_set_max_namespaces        (SioOptions          *self,
                                                            guint                max_namespaces);
guint                sio_options_get_max_control_rate      (SioOptions          *self); /* 1000 a second, over 5 s */
void                 sio_options_set_max_control_rate      (SioOptions          *self,
                                                            guint                max_control_rate);
guint                sio_options_get_max_queued_packets    (SioOptions          *self); /* 10000 a buffer */
void                 sio_options_set_max_queued_packets    (SioOptions          *self,
                                                            guint                max_queued_packets);
gsize                sio_options_get_max_queued_size       (SioOptions          *self); /* 8 MiB a buffer */
void                 sio_options_set_max_queued_size       (SioOptions          *self,
                                                            gsize                max_queued_size);
guint                sio_options_get_max_cookies           (SioOptions          *self); /* 50, 4 KiB each */
void                 sio_options_set_max_cookies           (SioOptions          *self,
                                                            guint                max_cookies);

G_END_DECLS
