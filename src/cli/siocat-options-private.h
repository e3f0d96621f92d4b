/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the command line said, before it is checked. */

#pragma once

#include "siocat-options.h"

G_BEGIN_DECLS

#define UNSET G_MININT64
#define UNSET_DOUBLE (-G_MAXDOUBLE)

struct _SiocatOptions {
  char     *path;
  gboolean  no_trailing_slash;
  char     *server;
  char     *transports;
  gboolean  no_upgrade;
  gboolean  remember_upgrade;
  gboolean  try_all_transports;
  char    **query;
  char    **headers;
  char     *auth;
  gboolean  force_base64;
  gboolean  no_timestamp;
  gboolean  timestamp_websocket;
  char     *timestamp_param;
  char    **protocols;
  char     *parser;
  gboolean  no_compression;
  gboolean  no_reconnection;
  gint64    reconnection_attempts;
  gint64    reconnection_delay;
  gint64    reconnection_delay_max;
  double    randomization_factor;
  gint64    timeout;
  gint64    request_timeout;
  gint64    ack_timeout;
  gint64    retries;
  gint64    max_payload;

  gboolean  with_credentials;
  char     *ca;
  char     *cert;
  char     *key;
  char     *pfx;
  char     *passphrase_file;
  gboolean  insecure;
  char    **trust;
  char     *proxy;
  char     *local_address;
};

G_END_DECLS
