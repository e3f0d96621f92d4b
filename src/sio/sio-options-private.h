/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of SioOptions share: its fields and its properties. */

#pragma once

#include "sio-options.h"
#include "sio-parser.h"

G_BEGIN_DECLS

/* Above it libsoup's arithmetic on frame sizes is not to be trusted. */
#define SIO_OPTIONS_MAX_PAYLOAD (256 * 1024 * 1024)
#define SIO_OPTIONS_DEFAULT_MAX_PAYLOAD (16 * 1024 * 1024)

#define SIO_OPTIONS_DEFAULT_PATH "/socket.io/"
#define SIO_OPTIONS_DEFAULT_TIMESTAMP_PARAM "t"

struct _SioOptions {
  GObject parent_instance;

  guint64   is_set; /* a bit for each property that somebody set: what transport options override */

  char     *path;
  char    **transports;
  gboolean upgrade;
  char    **query;
  char    **extra_headers;
  char     *auth;
  gboolean force_base64;
  gboolean timestamp_requests;
  char     *timestamp_param;
  gboolean reconnection;
  guint    reconnection_attempts;
  guint    reconnection_delay_ms;
  guint    reconnection_delay_max_ms;
  double   randomization_factor;
  guint    timeout_ms;
  guint    ack_timeout_ms;
  gsize    max_payload;
  guint    server;
  GObject  *parser;
  gboolean remember_upgrade;
  gboolean try_all_transports;
  gboolean add_trailing_slash;
  gboolean timestamp_websocket;
  char    **protocols;
  GObject  *polling_options;
  GObject  *websocket_options;
  gboolean force_new;
  gboolean multiplex;
  gboolean auto_connect;
  gboolean with_credentials;
  char     *proxy;
  char     *local_address;
  guint    request_timeout_ms;
  gboolean reject_unauthorized;
  char    **trusted_fingerprints;
  char     *ca_file;
  char     *cert_file;
  char     *key_file;
  char     *pfx_file;
  char     *passphrase;
  guint    retries;
  gboolean stop_on_refusal;
  guint    max_fragments;
  guint    max_packets_per_poll;
  guint    max_informational;
  guint    max_attachments;
  guint    max_attachments_out;
  guint    max_depth;
  guint    max_pending_acks;
  guint    max_namespaces;
  guint    max_control_rate;
  guint    max_queued_packets;
  gsize    max_queued_size;
  guint    max_cookies;
};

enum {
  SIO_OPTIONS_PROP_0,
  SIO_OPTIONS_PROP_PATH,
  SIO_OPTIONS_PROP_TRANSPORTS,
  SIO_OPTIONS_PROP_UPGRADE,
  SIO_OPTIONS_PROP_QUERY,
  SIO_OPTIONS_PROP_EXTRA_HEADERS,
  SIO_OPTIONS_PROP_AUTH,
  SIO_OPTIONS_PROP_FORCE_BASE64,
  SIO_OPTIONS_PROP_TIMESTAMP_REQUESTS,
  SIO_OPTIONS_PROP_TIMESTAMP_PARAM,
  SIO_OPTIONS_PROP_RECONNECTION,
  SIO_OPTIONS_PROP_RECONNECTION_ATTEMPTS,
  SIO_OPTIONS_PROP_RECONNECTION_DELAY_MS,
  SIO_OPTIONS_PROP_RECONNECTION_DELAY_MAX_MS,
  SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR,
  SIO_OPTIONS_PROP_TIMEOUT_MS,
  SIO_OPTIONS_PROP_ACK_TIMEOUT_MS,
  SIO_OPTIONS_PROP_MAX_PAYLOAD,
  SIO_OPTIONS_PROP_SERVER,
  SIO_OPTIONS_PROP_PARSER,
  SIO_OPTIONS_PROP_REMEMBER_UPGRADE,
  SIO_OPTIONS_PROP_TRY_ALL_TRANSPORTS,
  SIO_OPTIONS_PROP_ADD_TRAILING_SLASH,
  SIO_OPTIONS_PROP_TIMESTAMP_WEBSOCKET,
  SIO_OPTIONS_PROP_PROTOCOLS,
  SIO_OPTIONS_PROP_POLLING_OPTIONS,
  SIO_OPTIONS_PROP_WEBSOCKET_OPTIONS,
  SIO_OPTIONS_PROP_FORCE_NEW,
  SIO_OPTIONS_PROP_MULTIPLEX,
  SIO_OPTIONS_PROP_AUTO_CONNECT,
  SIO_OPTIONS_PROP_WITH_CREDENTIALS,
  SIO_OPTIONS_PROP_PROXY,
  SIO_OPTIONS_PROP_LOCAL_ADDRESS,
  SIO_OPTIONS_PROP_REQUEST_TIMEOUT_MS,
  SIO_OPTIONS_PROP_REJECT_UNAUTHORIZED,
  SIO_OPTIONS_PROP_TRUSTED_FINGERPRINTS,
  SIO_OPTIONS_PROP_CA_FILE,
  SIO_OPTIONS_PROP_CERT_FILE,
  SIO_OPTIONS_PROP_KEY_FILE,
  SIO_OPTIONS_PROP_PFX_FILE,
  SIO_OPTIONS_PROP_PASSPHRASE,
  SIO_OPTIONS_PROP_RETRIES,
  SIO_OPTIONS_PROP_STOP_ON_REFUSAL,
  SIO_OPTIONS_PROP_MAX_FRAGMENTS,
  SIO_OPTIONS_PROP_MAX_PACKETS_PER_POLL,
  SIO_OPTIONS_PROP_MAX_INFORMATIONAL,
  SIO_OPTIONS_PROP_MAX_ATTACHMENTS,
  SIO_OPTIONS_PROP_MAX_ATTACHMENTS_OUT,
  SIO_OPTIONS_PROP_MAX_DEPTH,
  SIO_OPTIONS_PROP_MAX_PENDING_ACKS,
  SIO_OPTIONS_PROP_MAX_NAMESPACES,
  SIO_OPTIONS_PROP_MAX_CONTROL_RATE,
  SIO_OPTIONS_PROP_MAX_QUEUED_PACKETS,
  SIO_OPTIONS_PROP_MAX_QUEUED_SIZE,
  SIO_OPTIONS_PROP_MAX_COOKIES,
  SIO_OPTIONS_N_PROPS
};

G_STATIC_ASSERT (SIO_OPTIONS_N_PROPS <= 64);

extern GParamSpec *sio_options_properties[SIO_OPTIONS_N_PROPS] G_GNUC_INTERNAL;

void        sio_options_install_properties (GObjectClass *object_class) G_GNUC_INTERNAL;

/* What every setter does: notes that the option is set, and tells if it changed. */
void        sio_options_assign_boolean     (SioOptions          *self,
                                            gboolean            *field,
                                            gboolean             value,
                                            guint                prop) G_GNUC_INTERNAL;
/* Brings value into the property's range. */
void        sio_options_assign_uint        (SioOptions          *self,
                                            guint               *field,
                                            guint                value,
                                            guint                prop) G_GNUC_INTERNAL;
void        sio_options_assign_size        (SioOptions          *self,
                                            gsize               *field,
                                            gsize                value,
                                            guint                prop) G_GNUC_INTERNAL;
void        sio_options_assign_string      (SioOptions          *self,
                                            char               **field,
                                            const char          *value,
                                            guint                prop) G_GNUC_INTERNAL;
/* NULL is kept as an empty array. */
void        sio_options_assign_strv        (SioOptions          *self,
                                            char              ***field,
                                            const char * const  *value,
                                            guint                prop) G_GNUC_INTERNAL;
void        sio_options_assign_object      (SioOptions          *self,
                                            GObject            **field,
                                            gpointer             value,
                                            guint                prop) G_GNUC_INTERNAL;

/* The plain pairs of accessors. */
#define SIO_OPTIONS_DEFINE(ctype, assign, name, NAME)                        \
  ctype                                                                      \
  sio_options_get_##name (SioOptions *self)                                  \
  {                                                                          \
    g_return_val_if_fail (SIO_IS_OPTIONS (self), (ctype) 0);                 \
                                                                             \
    return (ctype) self->name;                                               \
  }                                                                          \
                                                                             \
  void                                                                       \
  sio_options_set_##name (SioOptions *self, ctype name)                      \
  {                                                                          \
    g_return_if_fail (SIO_IS_OPTIONS (self));                                \
                                                                             \
    sio_options_assign_##assign (self, &self->name, name, SIO_OPTIONS_PROP_##NAME); \
  }

#define SIO_OPTIONS_DEFINE_BOOLEAN(name, NAME) SIO_OPTIONS_DEFINE (gboolean, boolean, name, NAME)
#define SIO_OPTIONS_DEFINE_UINT(name, NAME)    SIO_OPTIONS_DEFINE (guint, uint, name, NAME)
#define SIO_OPTIONS_DEFINE_SIZE(name, NAME)    SIO_OPTIONS_DEFINE (gsize, size, name, NAME)
#define SIO_OPTIONS_DEFINE_STRING(name, NAME)  SIO_OPTIONS_DEFINE (const char *, string, name, NAME)

/* Whether HTTP takes it as a name. */
gboolean    sio_options_is_token           (const char          *text) G_GNUC_INTERNAL;

/* The options as they count for one transport. (transfer full) */
SioOptions *sio_options_dup_for_transport  (SioOptions          *self,
                                            SioTransportKind     kind);

G_END_DECLS
