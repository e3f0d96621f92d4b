/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioOptions: a bag of checked values. What cannot be sent is refused when it is set, where the person who wrote it
 * can still be told. */

#include "sio-options.h"

#include "sio-error.h"
#include "wire/sio-json.h"

/* Above it libsoup's arithmetic on frame sizes is not to be trusted. */
#define SIO_OPTIONS_MAX_PAYLOAD (256 * 1024 * 1024)

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
  PROP_0,
  PROP_PATH,
  PROP_TRANSPORTS,
  PROP_UPGRADE,
  PROP_QUERY,
  PROP_EXTRA_HEADERS,
  PROP_AUTH,
  PROP_FORCE_BASE64,
  PROP_TIMESTAMP_REQUESTS,
  PROP_TIMESTAMP_PARAM,
  PROP_RECONNECTION,
  PROP_RECONNECTION_ATTEMPTS,
  PROP_RECONNECTION_DELAY_MS,
  PROP_RECONNECTION_DELAY_MAX_MS,
  PROP_RANDOMIZATION_FACTOR,
  PROP_TIMEOUT_MS,
  PROP_ACK_TIMEOUT_MS,
  PROP_MAX_PAYLOAD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SioOptions, sio_options, G_TYPE_OBJECT)

/* Gives the array as it is to be kept, never NULL. */
static char **
dup_strv (const char * const *strv)
{
  return strv != NULL ? g_strdupv ((char **) strv) : g_new0 (char *, 1);
}

static void
set_strv (SioOptions *self, char ***field, const char * const *value, guint prop)
{
  g_auto(GStrv) copy = dup_strv (value);

  if (g_strv_equal ((const char * const *) *field, (const char * const *) copy))
    return;

  g_strfreev (*field);
  *field = g_steal_pointer (&copy);
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
set_string (SioOptions *self, char **field, const char *value, guint prop)
{
  char *copy;

  if (g_strcmp0 (*field, value) == 0)
    return;

  copy = g_strdup (value);
  g_free (*field);
  *field = copy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
set_boolean (SioOptions *self, gboolean *field, gboolean value, guint prop)
{
  value = !!value;
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
set_uint (SioOptions *self, guint *field, guint value, guint prop)
{
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

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
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_TRANSPORTS:
      g_value_set_boxed (value, self->transports);
      break;
    case PROP_UPGRADE:
      g_value_set_boolean (value, self->upgrade);
      break;
    case PROP_QUERY:
      g_value_set_boxed (value, self->query);
      break;
    case PROP_EXTRA_HEADERS:
      g_value_set_boxed (value, self->extra_headers);
      break;
    case PROP_AUTH:
      g_value_set_string (value, self->auth);
      break;
    case PROP_FORCE_BASE64:
      g_value_set_boolean (value, self->force_base64);
      break;
    case PROP_TIMESTAMP_REQUESTS:
      g_value_set_boolean (value, self->timestamp_requests);
      break;
    case PROP_TIMESTAMP_PARAM:
      g_value_set_string (value, self->timestamp_param);
      break;
    case PROP_RECONNECTION:
      g_value_set_boolean (value, self->reconnection);
      break;
    case PROP_RECONNECTION_ATTEMPTS:
      g_value_set_uint (value, self->reconnection_attempts);
      break;
    case PROP_RECONNECTION_DELAY_MS:
      g_value_set_uint (value, self->reconnection_delay_ms);
      break;
    case PROP_RECONNECTION_DELAY_MAX_MS:
      g_value_set_uint (value, self->reconnection_delay_max_ms);
      break;
    case PROP_RANDOMIZATION_FACTOR:
      g_value_set_double (value, self->randomization_factor);
      break;
    case PROP_TIMEOUT_MS:
      g_value_set_uint (value, self->timeout_ms);
      break;
    case PROP_ACK_TIMEOUT_MS:
      g_value_set_uint (value, self->ack_timeout_ms);
      break;
    case PROP_MAX_PAYLOAD:
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
    case PROP_PATH:
      sio_options_set_path (self, g_value_get_string (value));
      break;
    case PROP_TRANSPORTS:
      sio_options_set_transports (self, g_value_get_boxed (value), &error);
      break;
    case PROP_UPGRADE:
      sio_options_set_upgrade (self, g_value_get_boolean (value));
      break;
    case PROP_QUERY:
      sio_options_set_query (self, g_value_get_boxed (value));
      break;
    case PROP_EXTRA_HEADERS:
      sio_options_set_extra_headers (self, g_value_get_boxed (value), &error);
      break;
    case PROP_AUTH:
      sio_options_set_auth (self, g_value_get_string (value), &error);
      break;
    case PROP_FORCE_BASE64:
      sio_options_set_force_base64 (self, g_value_get_boolean (value));
      break;
    case PROP_TIMESTAMP_REQUESTS:
      sio_options_set_timestamp_requests (self, g_value_get_boolean (value));
      break;
    case PROP_TIMESTAMP_PARAM:
      sio_options_set_timestamp_param (self, g_value_get_string (value));
      break;
    case PROP_RECONNECTION:
      sio_options_set_reconnection (self, g_value_get_boolean (value));
      break;
    case PROP_RECONNECTION_ATTEMPTS:
      sio_options_set_reconnection_attempts (self, g_value_get_uint (value));
      break;
    case PROP_RECONNECTION_DELAY_MS:
      sio_options_set_reconnection_delay_ms (self, g_value_get_uint (value));
      break;
    case PROP_RECONNECTION_DELAY_MAX_MS:
      sio_options_set_reconnection_delay_max_ms (self, g_value_get_uint (value));
      break;
    case PROP_RANDOMIZATION_FACTOR:
      sio_options_set_randomization_factor (self, g_value_get_double (value));
      break;
    case PROP_TIMEOUT_MS:
      sio_options_set_timeout_ms (self, g_value_get_uint (value));
      break;
    case PROP_ACK_TIMEOUT_MS:
      sio_options_set_ack_timeout_ms (self, g_value_get_uint (value));
      break;
    case PROP_MAX_PAYLOAD:
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
  properties[PROP_PATH] =
    g_param_spec_string ("path", NULL, NULL, "/socket.io/", flags);

  /**
   * SioOptions:transports:
   *
   * The transports to use, in order: "polling", "websocket". Setting what sio_options_set_transports() refuses is a
   * programmer's error.
   */
  properties[PROP_TRANSPORTS] =
    g_param_spec_boxed ("transports", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:upgrade:
   *
   * Whether to go from polling to a better transport once connected.
   */
  properties[PROP_UPGRADE] =
    g_param_spec_boolean ("upgrade", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:query:
   *
   * Pairs "K=V" for the address of each request, not encoded.
   */
  properties[PROP_QUERY] =
    g_param_spec_boxed ("query", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:extra-headers:
   *
   * Lines "Name: value" for each request, the WebSocket handshake included. Setting what
   * sio_options_set_extra_headers() refuses is a programmer's error.
   */
  properties[PROP_EXTRA_HEADERS] =
    g_param_spec_boxed ("extra-headers", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * SioOptions:auth:
   *
   * What CONNECT carries: a JSON object as text, or %NULL. Setting what sio_options_set_auth() refuses is a
   * programmer's error.
   */
  properties[PROP_AUTH] =
    g_param_spec_string ("auth", NULL, NULL, NULL, flags);

  /**
   * SioOptions:force-base64:
   *
   * Whether binary goes as base64 over WebSocket too.
   */
  properties[PROP_FORCE_BASE64] =
    g_param_spec_boolean ("force-base64", NULL, NULL, FALSE, flags);

  /**
   * SioOptions:timestamp-requests:
   *
   * Whether polling requests carry a changing parameter, against caches.
   */
  properties[PROP_TIMESTAMP_REQUESTS] =
    g_param_spec_boolean ("timestamp-requests", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:timestamp-param:
   *
   * The name of that parameter.
   */
  properties[PROP_TIMESTAMP_PARAM] =
    g_param_spec_string ("timestamp-param", NULL, NULL, "t", flags);

  /**
   * SioOptions:reconnection:
   *
   * Whether to connect again after the connection was lost or could not be made.
   */
  properties[PROP_RECONNECTION] =
    g_param_spec_boolean ("reconnection", NULL, NULL, TRUE, flags);

  /**
   * SioOptions:reconnection-attempts:
   *
   * How many retries, the first attempt not counted. 0 is without end.
   */
  properties[PROP_RECONNECTION_ATTEMPTS] =
    g_param_spec_uint ("reconnection-attempts", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * SioOptions:reconnection-delay-ms:
   *
   * The delay before the first retry, milliseconds, before the jitter. Doubles each time. 0 means 1000.
   */
  properties[PROP_RECONNECTION_DELAY_MS] =
    g_param_spec_uint ("reconnection-delay-ms", NULL, NULL, 0, G_MAXUINT, 1000, flags);

  /**
   * SioOptions:reconnection-delay-max-ms:
   *
   * No delay is longer, milliseconds, jitter included. 0 means 5000.
   */
  properties[PROP_RECONNECTION_DELAY_MAX_MS] =
    g_param_spec_uint ("reconnection-delay-max-ms", NULL, NULL, 0, G_MAXUINT, 5000, flags);

  /**
   * SioOptions:randomization-factor:
   *
   * The jitter: how large a part of the delay luck decides, from 0 to 1.
   */
  properties[PROP_RANDOMIZATION_FACTOR] =
    g_param_spec_double ("randomization-factor", NULL, NULL, 0.0, 1.0, 0.5, flags);

  /**
   * SioOptions:timeout-ms:
   *
   * How long one attempt to connect may take, milliseconds. 0 is without end.
   */
  properties[PROP_TIMEOUT_MS] =
    g_param_spec_uint ("timeout-ms", NULL, NULL, 0, G_MAXUINT, 20000, flags);

  /**
   * SioOptions:ack-timeout-ms:
   *
   * How long to wait for an acknowledgement where the caller does not say, milliseconds. 0 is without end.
   */
  properties[PROP_ACK_TIMEOUT_MS] =
    g_param_spec_uint ("ack-timeout-ms", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * SioOptions:max-payload:
   *
   * The largest message taken, bytes: a frame, a packet with its attachments, a polling body. Values outside of 1 byte
   * to 256 MiB are brought there.
   */
  properties[PROP_MAX_PAYLOAD] =
    g_param_spec_uint64 ("max-payload", NULL, NULL, 1, SIO_OPTIONS_MAX_PAYLOAD, 100 * 1024 * 1024, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
sio_options_init (SioOptions *self)
{
  static const char * const transports[] = { "polling", "websocket", NULL };

  self->path = g_strdup ("/socket.io/");
  self->transports = dup_strv (transports);
  self->upgrade = TRUE;
  self->query = dup_strv (NULL);
  self->extra_headers = dup_strv (NULL);
  self->timestamp_requests = TRUE;
  self->timestamp_param = g_strdup ("t");
  self->reconnection = TRUE;
  self->reconnection_delay_ms = 1000;
  self->reconnection_delay_max_ms = 5000;
  self->randomization_factor = 0.5;
  self->timeout_ms = 20000;
  self->max_payload = 100 * 1024 * 1024;
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
  for (guint i = 1; i < N_PROPS; i++)
    {
      g_auto(GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (self), properties[i]->name, &value);
      g_object_set_property (G_OBJECT (copy), properties[i]->name, &value);
    }

  return copy;
}

const char *
sio_options_get_path (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return self->path;
}

/**
 * sio_options_set_path:
 * @self: options
 * @path: (nullable): %NULL or "" is "/socket.io/"
 */
void
sio_options_set_path (SioOptions *self, const char *path)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_string (self, &self->path, path != NULL && *path != '\0' ? path : "/socket.io/", PROP_PATH);
}

const char * const *
sio_options_get_transports (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (const char * const *) self->transports;
}

/**
 * sio_options_set_transports:
 * @self: options
 * @transports: in order of preference, at least one
 * @error: return location
 *
 * Fails with %SIO_ERROR_INVALID_ARGUMENT if the list is empty, names one twice, or one that is unknown.
 */
gboolean
sio_options_set_transports (SioOptions          *self,
                            const char * const  *transports,
                            GError             **error)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  if (transports == NULL || transports[0] == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                           "no transport is left, expected \"polling\", \"websocket\" or both");
      return FALSE;
    }

  for (guint i = 0; transports[i] != NULL; i++)
    {
      if (strcmp (transports[i], "polling") != 0 && strcmp (transports[i], "websocket") != 0)
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                       "\"%s\" is not a transport, expected \"polling\" or \"websocket\"", transports[i]);
          return FALSE;
        }
      for (guint k = 0; k < i; k++)
        if (strcmp (transports[i], transports[k]) == 0)
          {
            g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                         "the transport \"%s\" is there twice", transports[i]);
            return FALSE;
          }
    }

  set_strv (self, &self->transports, transports, PROP_TRANSPORTS);
  return TRUE;
}

gboolean
sio_options_get_upgrade (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  return self->upgrade;
}

void
sio_options_set_upgrade (SioOptions *self, gboolean upgrade)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_boolean (self, &self->upgrade, upgrade, PROP_UPGRADE);
}

const char * const *
sio_options_get_query (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (const char * const *) self->query;
}

void
sio_options_set_query (SioOptions *self, const char * const *value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_strv (self, &self->query, value, PROP_QUERY);
}

const char * const *
sio_options_get_extra_headers (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (const char * const *) self->extra_headers;
}

/* The ones that belong to whoever frames the message; set from outside they make it unreadable. */
static const char * const framing_headers[] = {
  "Connection", "Content-Length", "Host", "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key",
  "Sec-WebSocket-Version", "Transfer-Encoding", "Upgrade", NULL,
};

static gboolean
check_header (const char *line, GError **error)
{
  gsize name_size = strcspn (line, ":");
  g_autofree char *name = g_strndup (line, name_size);

  if (name_size == 0 || line[name_size] != ':')
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "the header \"%.80s\" is not \"Name: value\"", line);
      return FALSE;
    }

  /* RFC 9110, "token" */
  for (gsize i = 0; i < name_size; i++)
    if (!g_ascii_isalnum (line[i]) && strchr ("!#$%&'*+-.^_`|~", line[i]) == NULL)
      {
        g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                     "byte %" G_GSIZE_FORMAT " of the header name \"%s\" is not allowed there", i + 1, name);
        return FALSE;
      }

  for (const char *p = line + name_size; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) && *p != '\t')
      {
        g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                     "the value of the header \"%s\" has a control character", name);
        return FALSE;
      }

  for (guint i = 0; framing_headers[i] != NULL; i++)
    if (g_ascii_strcasecmp (name, framing_headers[i]) == 0)
      {
        g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                     "the header \"%s\" is made by the connection itself and cannot be set", framing_headers[i]);
        return FALSE;
      }

  return TRUE;
}

/**
 * sio_options_set_extra_headers:
 * @self: options
 * @headers: (nullable): lines "Name: value"
 * @error: return location
 *
 * Fails with %SIO_ERROR_INVALID_ARGUMENT if a line is none, or a header that frames the message (Host included).
 */
gboolean
sio_options_set_extra_headers (SioOptions          *self,
                               const char * const  *headers,
                               GError             **error)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    if (!check_header (headers[i], error))
      return FALSE;

  set_strv (self, &self->extra_headers, headers, PROP_EXTRA_HEADERS);
  return TRUE;
}

const char *
sio_options_get_auth (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return self->auth;
}

/**
 * sio_options_set_auth:
 * @self: options
 * @auth: (nullable): a JSON object as text; blanks around it are left out
 * @error: return location
 *
 * Fails with %SIO_ERROR_INVALID_ARGUMENT if @auth is no JSON object; servers drop the connection for others.
 */
gboolean
sio_options_set_auth (SioOptions  *self,
                      const char  *auth,
                      GError     **error)
{
  g_autofree char *trimmed = NULL;

  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  if (auth != NULL)
    {
      g_autoptr(GError) local_error = NULL;
      SioJsonType type;

      if (!sio_json_validate (auth, strlen (auth), SIO_JSON_DEFAULT_MAX_DEPTH, &type, NULL, &local_error))
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "auth: %s", local_error->message);
          return FALSE;
        }
      if (type != SIO_JSON_OBJECT)
        {
          g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "auth must be a JSON object, as in {\"token\":\"abc\"}");
          return FALSE;
        }
      trimmed = g_strstrip (g_strdup (auth));
    }

  set_string (self, &self->auth, trimmed, PROP_AUTH);
  return TRUE;
}

gboolean
sio_options_get_force_base64 (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  return self->force_base64;
}

void
sio_options_set_force_base64 (SioOptions *self, gboolean force_base64)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_boolean (self, &self->force_base64, force_base64, PROP_FORCE_BASE64);
}

gboolean
sio_options_get_timestamp_requests (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  return self->timestamp_requests;
}

void
sio_options_set_timestamp_requests (SioOptions *self, gboolean timestamp_requests)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_boolean (self, &self->timestamp_requests, timestamp_requests, PROP_TIMESTAMP_REQUESTS);
}

const char *
sio_options_get_timestamp_param (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return self->timestamp_param;
}

void
sio_options_set_timestamp_param (SioOptions *self, const char *param)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_string (self, &self->timestamp_param, param != NULL && *param != '\0' ? param : "t", PROP_TIMESTAMP_PARAM);
}

gboolean
sio_options_get_reconnection (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);

  return self->reconnection;
}

void
sio_options_set_reconnection (SioOptions *self, gboolean reconnection)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_boolean (self, &self->reconnection, reconnection, PROP_RECONNECTION);
}

guint
sio_options_get_reconnection_attempts (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->reconnection_attempts;
}

void
sio_options_set_reconnection_attempts (SioOptions *self, guint value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->reconnection_attempts, value, PROP_RECONNECTION_ATTEMPTS);
}

guint
sio_options_get_reconnection_delay_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->reconnection_delay_ms;
}

void
sio_options_set_reconnection_delay_ms (SioOptions *self, guint value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->reconnection_delay_ms, value, PROP_RECONNECTION_DELAY_MS);
}

guint
sio_options_get_reconnection_delay_max_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->reconnection_delay_max_ms;
}

void
sio_options_set_reconnection_delay_max_ms (SioOptions *self, guint value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->reconnection_delay_max_ms, value, PROP_RECONNECTION_DELAY_MAX_MS);
}

double
sio_options_get_randomization_factor (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0.0);

  return self->randomization_factor;
}

void
sio_options_set_randomization_factor (SioOptions *self, double factor)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  /* Written so that NaN becomes 0. */
  factor = factor > 0.0 ? MIN (factor, 1.0) : 0.0;
  if (self->randomization_factor == factor)
    return;

  self->randomization_factor = factor;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RANDOMIZATION_FACTOR]);
}

guint
sio_options_get_timeout_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->timeout_ms;
}

void
sio_options_set_timeout_ms (SioOptions *self, guint value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->timeout_ms, value, PROP_TIMEOUT_MS);
}

guint
sio_options_get_ack_timeout_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->ack_timeout_ms;
}

void
sio_options_set_ack_timeout_ms (SioOptions *self, guint value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->ack_timeout_ms, value, PROP_ACK_TIMEOUT_MS);
}

gsize
sio_options_get_max_payload (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->max_payload;
}

void
sio_options_set_max_payload (SioOptions *self, gsize max_payload)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  max_payload = CLAMP (max_payload, 1, SIO_OPTIONS_MAX_PAYLOAD);
  if (self->max_payload == max_payload)
    return;

  self->max_payload = max_payload;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_PAYLOAD]);
}
