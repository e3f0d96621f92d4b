/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of SioOptions one by one. What cannot be sent is refused when it is set, where the person who
 * wrote it can still be told. */

#include "sio-options-private.h"

#include "sio-error.h"
#include "wire/sio-json.h"

/**
 * sio_options_get_path:
 * @self: options
 *
 * Returns: (transfer none): never %NULL; see #SioOptions:path
 */
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
 *
 * Sets #SioOptions:path.
 */
void
sio_options_set_path (SioOptions *self, const char *path)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  if (path == NULL || *path == '\0')
    path = SIO_OPTIONS_DEFAULT_PATH;
  sio_options_assign_string (self, &self->path, path, SIO_OPTIONS_PROP_PATH);
}

/**
 * sio_options_get_transports:
 * @self: options
 *
 * Returns: (transfer none) (array zero-terminated=1): never empty; see #SioOptions:transports
 */
const char * const *
sio_options_get_transports (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (const char * const *) self->transports;
}

/**
 * sio_options_set_transports:
 * @self: options
 * @transports: (array zero-terminated=1): in order of preference, at least one
 * @error: %SIO_ERROR_INVALID_ARGUMENT if the list is empty, names one twice, or one that is unknown
 *
 * Sets #SioOptions:transports, or nothing if it fails.
 *
 * Returns: whether it was set
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

  sio_options_assign_strv (self, &self->transports, transports, SIO_OPTIONS_PROP_TRANSPORTS);
  return TRUE;
}

/**
 * sio_options_get_upgrade:
 * @self: options
 *
 * Returns: whether to upgrade; see #SioOptions:upgrade
 */
/**
 * sio_options_set_upgrade:
 * @self: options
 * @upgrade: whether to upgrade
 *
 * Sets #SioOptions:upgrade.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (upgrade, UPGRADE)

/**
 * sio_options_get_query:
 * @self: options
 *
 * Returns: (transfer none) (array zero-terminated=1): never %NULL; see #SioOptions:query
 */
const char * const *
sio_options_get_query (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return (const char * const *) self->query;
}

/**
 * sio_options_set_query:
 * @self: options
 * @query: (nullable) (array zero-terminated=1): pairs "K=V", not encoded; %NULL for none
 *
 * Sets #SioOptions:query.
 */
void
sio_options_set_query (SioOptions *self, const char * const *query)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  sio_options_assign_strv (self, &self->query, query, SIO_OPTIONS_PROP_QUERY);
}

/**
 * sio_options_get_extra_headers:
 * @self: options
 *
 * Returns: (transfer none) (array zero-terminated=1): never %NULL; see #SioOptions:extra-headers
 */
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

/* RFC 9110, "token" */
gboolean
sio_options_is_token (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("!#$%&'*+-.^_`|~", *text) == NULL)
      return FALSE;
  return TRUE;
}

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

  if (!sio_options_is_token (name))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "the header name \"%.80s\" has a character that is not allowed there", name);
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
 * @headers: (nullable) (array zero-terminated=1): lines "Name: value"; %NULL for none
 * @error: %SIO_ERROR_INVALID_ARGUMENT if a line is none, or a header that frames the message (Host included)
 *
 * Sets #SioOptions:extra-headers, or nothing if it fails.
 *
 * Returns: whether they were set
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

  sio_options_assign_strv (self, &self->extra_headers, headers, SIO_OPTIONS_PROP_EXTRA_HEADERS);
  return TRUE;
}

/**
 * sio_options_get_auth:
 * @self: options
 *
 * Returns: (transfer none) (nullable): text of a JSON object; see #SioOptions:auth
 */
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
 * @error: %SIO_ERROR_INVALID_ARGUMENT if @auth is no JSON object; servers drop the connection for others
 *
 * Sets #SioOptions:auth, or nothing if it fails. Socket.IO protocol 5, "Connection to a namespace".
 *
 * Returns: whether it was set
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
          g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                               "auth must be a JSON object, as in {\"token\":\"abc\"}");
          return FALSE;
        }
      trimmed = g_strstrip (g_strdup (auth));
    }

  sio_options_assign_string (self, &self->auth, trimmed, SIO_OPTIONS_PROP_AUTH);
  return TRUE;
}

/**
 * sio_options_get_force_base64:
 * @self: options
 *
 * Returns: whether binary goes as base64 everywhere; see #SioOptions:force-base64
 */
/**
 * sio_options_set_force_base64:
 * @self: options
 * @force_base64: whether binary goes as base64 everywhere
 *
 * Sets #SioOptions:force-base64.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (force_base64, FORCE_BASE64)

/**
 * sio_options_get_timestamp_requests:
 * @self: options
 *
 * Returns: whether polls carry the parameter; see #SioOptions:timestamp-requests
 */
/**
 * sio_options_set_timestamp_requests:
 * @self: options
 * @timestamp_requests: whether polls carry the parameter
 *
 * Sets #SioOptions:timestamp-requests.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (timestamp_requests, TIMESTAMP_REQUESTS)

/**
 * sio_options_get_timestamp_param:
 * @self: options
 *
 * Returns: (transfer none): never %NULL; see #SioOptions:timestamp-param
 */
const char *
sio_options_get_timestamp_param (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  return self->timestamp_param;
}

/**
 * sio_options_set_timestamp_param:
 * @self: options
 * @param: (nullable): %NULL or "" is "t"
 *
 * Sets #SioOptions:timestamp-param.
 */
void
sio_options_set_timestamp_param (SioOptions *self, const char *param)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  if (param == NULL || *param == '\0')
    param = SIO_OPTIONS_DEFAULT_TIMESTAMP_PARAM;
  sio_options_assign_string (self, &self->timestamp_param, param, SIO_OPTIONS_PROP_TIMESTAMP_PARAM);
}

/**
 * sio_options_get_reconnection:
 * @self: options
 *
 * Returns: whether to reconnect; see #SioOptions:reconnection
 */
/**
 * sio_options_set_reconnection:
 * @self: options
 * @reconnection: whether to reconnect; a manager that waits for its next attempt gives up at %FALSE
 *
 * Sets #SioOptions:reconnection.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (reconnection, RECONNECTION)
