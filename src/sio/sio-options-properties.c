/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of SioOptions: what each option is, its range and its default. */

#include "sio-options-private.h"

GParamSpec *sio_options_properties[SIO_OPTIONS_N_PROPS];

static const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

/* What to say, and to whom. */
static void
make_protocol_properties (void)
{
  /**
   * SioOptions:path:
   *
   * The path of the requests on the server. The namespace is another thing: it stands in the address. A slash is
   * added at the end of it when a request is made.
   */
  sio_options_properties[SIO_OPTIONS_PROP_PATH] =
    g_param_spec_string ("path", NULL, NULL, SIO_OPTIONS_DEFAULT_PATH, flags);

  /**
   * SioOptions:transports:
   *
   * The transports to use, in order: "polling", "websocket". Setting what sio_options_set_transports() refuses is a
   * programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_TRANSPORTS] =
    g_param_spec_boxed ("transports", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:upgrade:
   *
   * Whether to go from polling to a better transport once connected.
   */
  sio_options_properties[SIO_OPTIONS_PROP_UPGRADE] =
    g_param_spec_boolean ("upgrade", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:query:
   *
   * Pairs "K=V" for the address of each request, not encoded.
   */
  sio_options_properties[SIO_OPTIONS_PROP_QUERY] =
    g_param_spec_boxed ("query", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:extra-headers:
   *
   * Lines "Name: value" for each request, the WebSocket handshake included. Setting what
   * sio_options_set_extra_headers() refuses is a programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_EXTRA_HEADERS] =
    g_param_spec_boxed ("extra-headers", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:auth:
   *
   * What CONNECT carries: a JSON object as text, or %NULL. Setting what sio_options_set_auth() refuses is a
   * programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_AUTH] =
    g_param_spec_string ("auth", NULL, NULL, NULL, flags);

  /**
   * SioOptions:force-base64:
   *
   * Whether binary goes as base64 over WebSocket too.
   */
  sio_options_properties[SIO_OPTIONS_PROP_FORCE_BASE64] =
    g_param_spec_boolean ("force-base64", NULL, NULL, FALSE, flags);

  /**
   * SioOptions:timestamp-requests:
   *
   * Whether polling requests carry a changing parameter, against caches.
   */
  sio_options_properties[SIO_OPTIONS_PROP_TIMESTAMP_REQUESTS] =
    g_param_spec_boolean ("timestamp-requests", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:timestamp-param:
   *
   * The name of that parameter.
   */
  sio_options_properties[SIO_OPTIONS_PROP_TIMESTAMP_PARAM] =
    g_param_spec_string ("timestamp-param", NULL, NULL, SIO_OPTIONS_DEFAULT_TIMESTAMP_PARAM, flags);

  /**
   * SioOptions:server:
   *
   * The major version of Socket.IO that the server speaks: 2 (Engine.IO 3), 3 or 4 (both Engine.IO 4), or 0 to find out
   * (protocol: "Detecting the server version"). Setting what sio_options_set_server() refuses is a programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_SERVER] =
    g_param_spec_uint ("server", NULL, NULL, 0, 4, 0, flags);

  /**
   * SioOptions:parser:
   *
   * How packets are written into messages: %NULL is socket.io's own way, JSON. Both sides must use the same one.
   */
  sio_options_properties[SIO_OPTIONS_PROP_PARSER] =
    g_param_spec_object ("parser", NULL, NULL, SIO_TYPE_PARSER, flags);

  /**
   * SioOptions:remember-upgrade:
   *
   * Whether to begin with WebSocket where the last WebSocket of this process worked.
   */
  sio_options_properties[SIO_OPTIONS_PROP_REMEMBER_UPGRADE] =
    g_param_spec_boolean ("remember-upgrade", NULL, NULL, FALSE, flags);

  /**
   * SioOptions:try-all-transports:
   *
   * Whether an attempt that fails with one transport goes on with the next one of #SioOptions:transports.
   */
  sio_options_properties[SIO_OPTIONS_PROP_TRY_ALL_TRANSPORTS] =
    g_param_spec_boolean ("try-all-transports", NULL, NULL, FALSE, flags);

  /**
   * SioOptions:add-trailing-slash:
   *
   * Whether the path of a request ends with a slash, whatever #SioOptions:path ends with.
   */
  sio_options_properties[SIO_OPTIONS_PROP_ADD_TRAILING_SLASH] =
    g_param_spec_boolean ("add-trailing-slash", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:timestamp-websocket:
   *
   * Whether the WebSocket's address carries the changing parameter too: with #SioOptions:timestamp-requests
   * what "true" is to the official client.
   */
  sio_options_properties[SIO_OPTIONS_PROP_TIMESTAMP_WEBSOCKET] =
    g_param_spec_boolean ("timestamp-websocket", NULL, NULL, FALSE, flags);

  /**
   * SioOptions:protocols:
   *
   * The sub-protocols that the WebSocket offers, in order of preference. Setting what sio_options_set_protocols()
   * refuses is a programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_PROTOCOLS] =
    g_param_spec_boxed ("protocols", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:polling-options:
   *
   * What is set in it counts for long-polling in place of what is set here.
   */
  sio_options_properties[SIO_OPTIONS_PROP_POLLING_OPTIONS] =
    g_param_spec_object ("polling-options", NULL, NULL, SIO_TYPE_OPTIONS, flags);

  /**
   * SioOptions:websocket-options:
   *
   * What is set in it counts for WebSocket in place of what is set here.
   */
  sio_options_properties[SIO_OPTIONS_PROP_WEBSOCKET_OPTIONS] =
    g_param_spec_object ("websocket-options", NULL, NULL, SIO_TYPE_OPTIONS, flags);

  /**
   * SioOptions:force-new:
   *
   * sio_io(): whether to make a manager of its own.
   */
  sio_options_properties[SIO_OPTIONS_PROP_FORCE_NEW] =
    g_param_spec_boolean ("force-new", NULL, NULL, FALSE, flags);

  /**
   * SioOptions:multiplex:
   *
   * sio_io(): whether namespaces of one server may share a manager.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MULTIPLEX] =
    g_param_spec_boolean ("multiplex", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:auto-connect:
   *
   * sio_io(): whether the socket connects at once.
   */
  sio_options_properties[SIO_OPTIONS_PROP_AUTO_CONNECT] =
    g_param_spec_boolean ("auto-connect", NULL, NULL, TRUE, flags);
}

/* When, how long, how often. */
static void
make_time_properties (void)
{
  /**
   * SioOptions:reconnection:
   *
   * Whether to connect again after the connection was lost or could not be made.
   */
  sio_options_properties[SIO_OPTIONS_PROP_RECONNECTION] =
    g_param_spec_boolean ("reconnection", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:reconnection-attempts:
   *
   * How many retries, the first attempt not counted. 0 is without end.
   */
  sio_options_properties[SIO_OPTIONS_PROP_RECONNECTION_ATTEMPTS] =
    g_param_spec_uint ("reconnection-attempts", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * SioOptions:reconnection-delay-ms:
   *
   * The delay before the first retry, milliseconds, before the jitter. Doubles each time. 0 means 1000.
   */
  sio_options_properties[SIO_OPTIONS_PROP_RECONNECTION_DELAY_MS] =
    g_param_spec_uint ("reconnection-delay-ms", NULL, NULL, 0, G_MAXUINT, 1000, flags);

  /**
   * SioOptions:reconnection-delay-max-ms:
   *
   * No delay is longer, milliseconds, jitter included. 0 means 5000.
   */
  sio_options_properties[SIO_OPTIONS_PROP_RECONNECTION_DELAY_MAX_MS] =
    g_param_spec_uint ("reconnection-delay-max-ms", NULL, NULL, 0, G_MAXUINT, 5000, flags);

  /**
   * SioOptions:randomization-factor:
   *
   * The jitter: how large a part of the delay luck decides, from 0 to 1.
   */
  sio_options_properties[SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR] =
    g_param_spec_double ("randomization-factor", NULL, NULL, 0.0, 1.0, 0.5, flags);

  /**
   * SioOptions:timeout-ms:
   *
   * How long one attempt to connect may take, milliseconds. 0 is without end.
   */
  sio_options_properties[SIO_OPTIONS_PROP_TIMEOUT_MS] =
    g_param_spec_uint ("timeout-ms", NULL, NULL, 0, G_MAXUINT, 20000, flags);

  /**
   * SioOptions:ack-timeout-ms:
   *
   * How long to wait for an acknowledgement where the caller does not say, milliseconds. 0 is without end.
   */
  sio_options_properties[SIO_OPTIONS_PROP_ACK_TIMEOUT_MS] =
    g_param_spec_uint ("ack-timeout-ms", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * SioOptions:retries:
   *
   * How often an emit is sent again until it is acknowledged. With 0 there is no queue. Use it with
   * #SioOptions:ack-timeout-ms.
   */
  sio_options_properties[SIO_OPTIONS_PROP_RETRIES] =
    g_param_spec_uint ("retries", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * SioOptions:stop-on-refusal:
   *
   * Whether reconnecting stops where trying again cannot help: TLS failed, or the server wants other credentials.
   */
  sio_options_properties[SIO_OPTIONS_PROP_STOP_ON_REFUSAL] =
    g_param_spec_boolean ("stop-on-refusal", NULL, NULL, TRUE, flags);
}

/* What is under HTTP. */
static void
make_network_properties (void)
{
  /**
   * SioOptions:with-credentials:
   *
   * Whether the server's cookies are kept and sent back, over polling and on the WebSocket handshake. In memory only.
   */
  sio_options_properties[SIO_OPTIONS_PROP_WITH_CREDENTIALS] =
    g_param_spec_boolean ("with-credentials", NULL, NULL, FALSE, flags);

  /**
   * SioOptions:proxy:
   *
   * The URI of the proxy: "http://host:port", with "user:password@" in front of the host if it wants them,
   * "socks5://…"; "direct://" for none; %NULL for what the system says. An HTTP proxy is asked for polls by their
   * URI, and to CONNECT for TLS and for every WebSocket; many allow that only to port 443. Setting what
   * sio_options_set_proxy() refuses is a programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_PROXY] =
    g_param_spec_string ("proxy", NULL, NULL, NULL, flags);

  /**
   * SioOptions:local-address:
   *
   * The address of this machine to connect from, or %NULL for any. Setting what sio_options_set_local_address()
   * refuses is a programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_LOCAL_ADDRESS] =
    g_param_spec_string ("local-address", NULL, NULL, NULL, flags);

  /**
   * SioOptions:request-timeout-ms:
   *
   * How long one HTTP request may take, polls included, milliseconds. 0: as long as the protocol allows.
   */
  sio_options_properties[SIO_OPTIONS_PROP_REQUEST_TIMEOUT_MS] =
    g_param_spec_uint ("request-timeout-ms", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * SioOptions:reject-unauthorized:
   *
   * Whether a server's certificate that cannot be verified ends the attempt. With %FALSE anybody may read and
   * change what passes.
   *
   * There is no option for the ciphers, because GIO has none: the system's policy for GnuTLS counts, or the
   * environment variable G_TLS_GNUTLS_PRIORITY, a priority string of GnuTLS read when the program starts.
   */
  sio_options_properties[SIO_OPTIONS_PROP_REJECT_UNAUTHORIZED] =
    g_param_spec_boolean ("reject-unauthorized", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:trusted-fingerprints:
   *
   * SHA-256 fingerprints of certificates that are accepted although they cannot be verified, "AB:CD:…".
   * Setting what sio_options_set_trusted_fingerprints() refuses is a programmer's error.
   */
  sio_options_properties[SIO_OPTIONS_PROP_TRUSTED_FINGERPRINTS] =
    g_param_spec_boxed ("trusted-fingerprints", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:ca-file:
   *
   * A file of certificates (PEM), at most 1 MiB, to trust in place of the system's.
   */
  sio_options_properties[SIO_OPTIONS_PROP_CA_FILE] =
    g_param_spec_string ("ca-file", NULL, NULL, NULL, flags);

  /**
   * SioOptions:cert-file:
   *
   * The client's certificate (PEM), with its chain if it has one.
   */
  sio_options_properties[SIO_OPTIONS_PROP_CERT_FILE] =
    g_param_spec_string ("cert-file", NULL, NULL, NULL, flags);

  /**
   * SioOptions:key-file:
   *
   * The key of #SioOptions:cert-file (PEM); %NULL if it is in the same file.
   */
  sio_options_properties[SIO_OPTIONS_PROP_KEY_FILE] =
    g_param_spec_string ("key-file", NULL, NULL, NULL, flags);

  /**
   * SioOptions:pfx-file:
   *
   * The client's certificate and key in one file (PKCS #12).
   */
  sio_options_properties[SIO_OPTIONS_PROP_PFX_FILE] =
    g_param_spec_string ("pfx-file", NULL, NULL, NULL, flags);

  /**
   * SioOptions:passphrase:
   *
   * What the key is encrypted with.
   */
  sio_options_properties[SIO_OPTIONS_PROP_PASSPHRASE] =
    g_param_spec_string ("passphrase", NULL, NULL, NULL, flags);
}

static void
make_limit_properties (void)
{
  /**
   * SioOptions:max-payload:
   *
   * The largest message taken, bytes: a frame, a packet with its attachments, a polling body.
   * Values outside of 1 byte to 256 MiB are brought there. A server can make us hold about four
   * times as much at a moment, so the default is below the 100 MiB of the official client in
   * Node.js.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_PAYLOAD] =
    g_param_spec_uint64 ("max-payload", NULL, NULL, 1, SIO_OPTIONS_MAX_PAYLOAD,
                         SIO_OPTIONS_DEFAULT_MAX_PAYLOAD, flags);

  /**
   * SioOptions:max-fragments:
   *
   * The most fragments of one WebSocket message.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_FRAGMENTS] =
    g_param_spec_uint ("max-fragments", NULL, NULL, 1, 1048576, 16384, flags);

  /**
   * SioOptions:max-packets-per-poll:
   *
   * The most packets in one body of long-polling.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_PACKETS_PER_POLL] =
    g_param_spec_uint ("max-packets-per-poll", NULL, NULL, 1, 10000000, 1000000, flags);

  /**
   * SioOptions:max-informational:
   *
   * The most interim answers (1xx) before an answer.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_INFORMATIONAL] =
    g_param_spec_uint ("max-informational", NULL, NULL, 0, 1000, 8, flags);

  /**
   * SioOptions:max-attachments:
   *
   * The most binary attachments of one packet received.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_ATTACHMENTS] =
    g_param_spec_uint ("max-attachments", NULL, NULL, 1, 1024, 64, flags);

  /**
   * SioOptions:max-attachments-out:
   *
   * The most binary attachments of one packet sent. Servers with a parser of March 2026 or later take 10.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_ATTACHMENTS_OUT] =
    g_param_spec_uint ("max-attachments-out", NULL, NULL, 1, 1024, 10, flags);

  /**
   * SioOptions:max-depth:
   *
   * How deep the JSON or msgpack of a packet may be nested.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_DEPTH] =
    g_param_spec_uint ("max-depth", NULL, NULL, 1, 1024, 256, flags);

  /**
   * SioOptions:max-pending-acks:
   *
   * The most acknowledgements of one namespace that are waited for, in each direction.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_PENDING_ACKS] =
    g_param_spec_uint ("max-pending-acks", NULL, NULL, 1, 1000000, 10000, flags);

  /**
   * SioOptions:max-namespaces:
   *
   * The most namespaces of one manager.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_NAMESPACES] =
    g_param_spec_uint ("max-namespaces", NULL, NULL, 1, 65536, 256, flags);

  /**
   * SioOptions:max-control-rate:
   *
   * The most packets that carry nothing (pings, pongs, noops), a second, over five seconds.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_CONTROL_RATE] =
    g_param_spec_uint ("max-control-rate", NULL, NULL, 1, 1000000, 1000, flags);

  /**
   * SioOptions:max-queued-packets:
   *
   * The most packets in each buffer that waits to be sent or delivered.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_QUEUED_PACKETS] =
    g_param_spec_uint ("max-queued-packets", NULL, NULL, 1, 1000000, 10000, flags);

  /**
   * SioOptions:max-queued-size:
   *
   * The most bytes in each buffer that waits to be sent or delivered. One packet is always taken.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_QUEUED_SIZE] =
    g_param_spec_uint64 ("max-queued-size", NULL, NULL, 1, 256 * 1024 * 1024, (8 * 1024 * 1024), flags);

  /**
   * SioOptions:max-cookies:
   *
   * The most cookies kept. The oldest makes room.
   */
  sio_options_properties[SIO_OPTIONS_PROP_MAX_COOKIES] =
    g_param_spec_uint ("max-cookies", NULL, NULL, 1, 1000, 50, flags);
}

void
sio_options_install_properties (GObjectClass *object_class)
{
  make_protocol_properties ();
  make_time_properties ();
  make_network_properties ();
  make_limit_properties ();
  g_object_class_install_properties (object_class, SIO_OPTIONS_N_PROPS, sio_options_properties);
}
