/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of SioOptions share: its fields and its properties. */

#pragma once

#include "sio-options.h"

G_BEGIN_DECLS

/* Above it libsoup's arithmetic on frame sizes is not to be trusted. */
#define SIO_OPTIONS_MAX_PAYLOAD (256 * 1024 * 1024)
#define SIO_OPTIONS_DEFAULT_MAX_PAYLOAD (16 * 1024 * 1024)

#define SIO_OPTIONS_DEFAULT_PATH "/socket.io/"
#define SIO_OPTIONS_DEFAULT_TIMESTAMP_PARAM "t"

struct _SioOptions {
  GObject parent_instance;

  char     *path;
  char    **transports;
  gboolean  upgrade;
  char    **query;
  char    **extra_headers;
  char     *auth;
  gboolean  force_base64;
  gboolean  timestamp_requests;
  char     *timestamp_param;
  gboolean  reconnection;
  guint     reconnection_attempts;
  guint     reconnection_delay_ms;
  guint     reconnection_delay_max_ms;
  double    randomization_factor;
  guint     timeout_ms;
  guint     ack_timeout_ms;
  gsize     max_payload;
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
  SIO_OPTIONS_N_PROPS
};

extern GParamSpec *sio_options_properties[SIO_OPTIONS_N_PROPS] G_GNUC_INTERNAL;

G_END_DECLS
