/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioOptions: a bag of checked values as a GObject. What reads, checks and sets them is in sio-options-accessors.c
 * and sio-options-times.c. */

#include "sio-options-private.h"

GParamSpec *sio_options_properties[SIO_OPTIONS_N_PROPS];

G_DEFINE_FINAL_TYPE (SioOptions, sio_options, G_TYPE_OBJECT)

static void
sio_options_finalize (GObject *object)
{
  SioOptions *self = SIO_OPTIONS (object);

  g_free (self->path);
  g_strfreev (self->transports);
  g_strfreev (self->query);
  g_strfreev (self->extra_headers);
  g_free (self->auth);
  g_free (self->timestamp_param);

  G_OBJECT_CLASS (sio_options_parent_class)->finalize (object);
}

static void
sio_options_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  SioOptions *self = SIO_OPTIONS (object);

  switch (prop_id)
    {
    case SIO_OPTIONS_PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case SIO_OPTIONS_PROP_TRANSPORTS:
      g_value_set_boxed (value, self->transports);
      break;
    case SIO_OPTIONS_PROP_UPGRADE:
      g_value_set_boolean (value, self->upgrade);
      break;
    case SIO_OPTIONS_PROP_QUERY:
      g_value_set_boxed (value, self->query);
      break;
    case SIO_OPTIONS_PROP_EXTRA_HEADERS:
      g_value_set_boxed (value, self->extra_headers);
      break;
    case SIO_OPTIONS_PROP_AUTH:
      g_value_set_string (value, self->auth);
      break;
    case SIO_OPTIONS_PROP_FORCE_BASE64:
      g_value_set_boolean (value, self->force_base64);
      break;
    case SIO_OPTIONS_PROP_TIMESTAMP_REQUESTS:
      g_value_set_boolean (value, self->timestamp_requests);
      break;
    case SIO_OPTIONS_PROP_TIMESTAMP_PARAM:
      g_value_set_string (value, self->timestamp_param);
      break;
    case SIO_OPTIONS_PROP_RECONNECTION:
      g_value_set_boolean (value, self->reconnection);
      break;
    case SIO_OPTIONS_PROP_RECONNECTION_ATTEMPTS:
      g_value_set_uint (value, self->reconnection_attempts);
      break;
    case SIO_OPTIONS_PROP_RECONNECTION_DELAY_MS:
      g_value_set_uint (value, self->reconnection_delay_ms);
      break;
    case SIO_OPTIONS_PROP_RECONNECTION_DELAY_MAX_MS:
      g_value_set_uint (value, self->reconnection_delay_max_ms);
      break;
    case SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR:
      g_value_set_double (value, self->randomization_factor);
      break;
    case SIO_OPTIONS_PROP_TIMEOUT_MS:
      g_value_set_uint (value, self->timeout_ms);
      break;
    case SIO_OPTIONS_PROP_ACK_TIMEOUT_MS:
      g_value_set_uint (value, self->ack_timeout_ms);
      break;
    case SIO_OPTIONS_PROP_MAX_PAYLOAD:
      g_value_set_uint64 (value, self->max_payload);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
sio_options_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  SioOptions *self = SIO_OPTIONS (object);
  g_autoptr(GError) error = NULL;

  switch (prop_id)
    {
    case SIO_OPTIONS_PROP_PATH:
      sio_options_set_path (self, g_value_get_string (value));
      break;
    case SIO_OPTIONS_PROP_TRANSPORTS:
      sio_options_set_transports (self, g_value_get_boxed (value), &error);
      break;
    case SIO_OPTIONS_PROP_UPGRADE:
      sio_options_set_upgrade (self, g_value_get_boolean (value));
      break;
    case SIO_OPTIONS_PROP_QUERY:
      sio_options_set_query (self, g_value_get_boxed (value));
      break;
    case SIO_OPTIONS_PROP_EXTRA_HEADERS:
      sio_options_set_extra_headers (self, g_value_get_boxed (value), &error);
      break;
    case SIO_OPTIONS_PROP_AUTH:
      sio_options_set_auth (self, g_value_get_string (value), &error);
      break;
    case SIO_OPTIONS_PROP_FORCE_BASE64:
      sio_options_set_force_base64 (self, g_value_get_boolean (value));
      break;
    case SIO_OPTIONS_PROP_TIMESTAMP_REQUESTS:
      sio_options_set_timestamp_requests (self, g_value_get_boolean (value));
      break;
    case SIO_OPTIONS_PROP_TIMESTAMP_PARAM:
      sio_options_set_timestamp_param (self, g_value_get_string (value));
      break;
    case SIO_OPTIONS_PROP_RECONNECTION:
      sio_options_set_reconnection (self, g_value_get_boolean (value));
      break;
    case SIO_OPTIONS_PROP_RECONNECTION_ATTEMPTS:
      sio_options_set_reconnection_attempts (self, g_value_get_uint (value));
      break;
    case SIO_OPTIONS_PROP_RECONNECTION_DELAY_MS:
      sio_options_set_reconnection_delay_ms (self, g_value_get_uint (value));
      break;
    case SIO_OPTIONS_PROP_RECONNECTION_DELAY_MAX_MS:
      sio_options_set_reconnection_delay_max_ms (self, g_value_get_uint (value));
      break;
    case SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR:
      sio_options_set_randomization_factor (self, g_value_get_double (value));
      break;
    case SIO_OPTIONS_PROP_TIMEOUT_MS:
      sio_options_set_timeout_ms (self, g_value_get_uint (value));
      break;
    case SIO_OPTIONS_PROP_ACK_TIMEOUT_MS:
      sio_options_set_ack_timeout_ms (self, g_value_get_uint (value));
      break;
    case SIO_OPTIONS_PROP_MAX_PAYLOAD:
      sio_options_set_max_payload (self, (gsize) g_value_get_uint64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }

  if (error != NULL)
    g_critical ("SioOptions:%s: %s", pspec->name, error->message);
}

static void
sio_options_class_init (SioOptionsClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = sio_options_finalize;
  object_class->get_property = sio_options_get_property;
  object_class->set_property = sio_options_set_property;

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

  g_object_class_install_properties (object_class, SIO_OPTIONS_N_PROPS, sio_options_properties);
}

static void
sio_options_init (SioOptions *self)
{
  static const char * const transports[] = { "polling", "websocket", NULL };

  self->path = g_strdup (SIO_OPTIONS_DEFAULT_PATH);
  self->transports = g_strdupv ((char **) transports);
  self->upgrade = TRUE;
  self->query = g_new0 (char *, 1);
  self->extra_headers = g_new0 (char *, 1);
  self->timestamp_requests = TRUE;
  self->timestamp_param = g_strdup (SIO_OPTIONS_DEFAULT_TIMESTAMP_PARAM);
  self->reconnection = TRUE;
  self->reconnection_delay_ms = 1000;
  self->reconnection_delay_max_ms = 5000;
  self->randomization_factor = 0.5;
  self->timeout_ms = 20000;
  self->max_payload = SIO_OPTIONS_DEFAULT_MAX_PAYLOAD;
}

/**
 * sio_options_new:
 *
 * Returns: (transfer full): options with the official client's defaults
 */
SioOptions *
sio_options_new (void)
{
  return g_object_new (SIO_TYPE_OPTIONS, NULL);
}

/**
 * sio_options_copy:
 * @self: options
 *
 * Returns: (transfer full): others with the same values, for another thread
 */
SioOptions *
sio_options_copy (SioOptions *self)
{
  SioOptions *copy;

  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  copy = sio_options_new ();
  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    {
      g_auto(GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (self), sio_options_properties[i]->name, &value);
      g_object_set_property (G_OBJECT (copy), sio_options_properties[i]->name, &value);
    }

  return copy;
}
