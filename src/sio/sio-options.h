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

G_END_DECLS
