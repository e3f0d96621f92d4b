/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The open packet's JSON. The official client believes it: an interval of -1 or "x" closes at once with "ping
 * timeout". Here each field is checked and named in the error. */

#include "sio-handshake.h"

#include "sio-json-private.h"
#include "sio-printable.h"
#include "../sio-error.h"

#define MAX_SIZE (64 * 1024)
#define MAX_DEPTH 32
#define MAX_SID 256
#define MAX_UPGRADES 16
#define MAX_UPGRADE_NAME 64
#define MAX_INTERVAL_MS 86400000

/* JavaScript numbers above it are no integers any more; as a limit of bytes they mean "none". */
#define MAX_SAFE_INTEGER G_GINT64_CONSTANT (9007199254740991)

static gboolean
fail (const char *field, const char *expected, SioSpan found, GError **error)
{
  g_autofree char *shown = found.size > 0 ? sio_printable (found.data, (gssize) found.size, 60) : g_strdup ("nothing");

  g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
               "handshake: \"%s\" must be %s, found %s", field, expected, shown);
  return FALSE;
}

static gboolean
read_sid (SioSpan json, SioHandshake *self, GError **error)
{
  static const char expected[] = "a string of 1 to 256 printable ASCII characters";
  g_autoptr(GString) sid = NULL;
  SioSpan token = { NULL, 0 };

  if (!sio_json_object_get (json, "sid", &token) || sio_json_get_type (token) != SIO_JSON_STRING)
    return fail ("sid", expected, token, error);

  sid = sio_json_unquote (token);
  if (sid->len < 1 || sid->len > MAX_SID)
    return fail ("sid", expected, token, error);
  for (gsize i = 0; i < sid->len; i++)
    if (!g_ascii_isprint (sid->str[i]))
      return fail ("sid", expected, token, error);

  self->sid = g_string_free (g_steal_pointer (&sid), FALSE);
  return TRUE;
}

static gboolean
read_interval (SioSpan json, const char *field, guint *interval_ms, GError **error)
{
  SioSpan token = { NULL, 0 };
  guint64 value = 0;

  if (!sio_json_object_get (json, field, &token) ||
      !sio_json_get_uint (token, MAX_INTERVAL_MS, &value) || value == 0)
    return fail (field, "an integer from 1 to 86400000", token, error);

  *interval_ms = (guint) value;
  return TRUE;
}

static gboolean
read_upgrades (SioSpan json, SioHandshake *self, GError **error)
{
  static const char expected[] = "an array of at most 16 short strings";
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  SioSpan token = { NULL, 0 };
  SioSpan element;
  SioJsonIter iter;

  if (sio_json_object_get (json, "upgrades", &token) && sio_json_get_type (token) != SIO_JSON_NULL)
    {
      if (sio_json_get_type (token) != SIO_JSON_ARRAY)
        return fail ("upgrades", expected, token, error);

      sio_json_iter_init (&iter, (SioSpan) { token.data + 1, token.size - 2 });
      while (sio_json_iter_next (&iter, &element))
        {
          g_autoptr(GString) name = NULL;

          if (names->len == MAX_UPGRADES || sio_json_get_type (element) != SIO_JSON_STRING)
            return fail ("upgrades", expected, token, error);

          name = sio_json_unquote (element);
          if (name->len > MAX_UPGRADE_NAME || strlen (name->str) != name->len)
            return fail ("upgrades", expected, token, error);
          g_ptr_array_add (names, g_string_free (g_steal_pointer (&name), FALSE));
        }
    }

  g_ptr_array_add (names, NULL);
  self->upgrades = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  return TRUE;
}

static gboolean
read_max_payload (SioSpan json, SioHandshake *self, GError **error)
{
  SioSpan token = { NULL, 0 };
  guint64 value;

  /* A server whose limit is Infinity writes null. */
  if (!sio_json_object_get (json, "maxPayload", &token) || sio_json_get_type (token) == SIO_JSON_NULL)
    return TRUE;

  if (sio_json_get_uint (token, MAX_SAFE_INTEGER, &value))
    {
      self->max_payload = (gint64) value;
      return TRUE;
    }

  /* 1e+21 and the like: as good as no limit. */
  if (sio_json_get_type (token) == SIO_JSON_NUMBER)
    {
      g_autofree char *text = g_strndup (token.data, token.size);

      if (g_ascii_strtod (text, NULL) > (double) MAX_SAFE_INTEGER)
        return TRUE;
    }

  return fail ("maxPayload", "an integer from 0 on", token, error);
}

/**
 * sio_handshake_parse:
 * @json: the payload of the open packet
 * @error: return location
 *
 * Unknown fields are ignored, a missing `upgrades` is none, a missing `maxPayload` no limit. The
 * last of duplicate fields wins.
 *
 * Returns: (transfer full): the handshake, or %NULL with %SIO_ERROR_MALFORMED naming the field, or
 *   %SIO_ERROR_TOO_LARGE for more than 64 KiB
 */
SioHandshake *
sio_handshake_parse (SioSpan json, GError **error)
{
  g_autoptr(SioHandshake) self = NULL;
  g_autoptr(GError) local_error = NULL;
  SioJsonType type;

  if (json.size > MAX_SIZE)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                   "handshake: %" G_GSIZE_FORMAT " bytes, the limit is %d", json.size, MAX_SIZE);
      return NULL;
    }

  if (!sio_json_validate (json.data, json.size, MAX_DEPTH, &type, NULL, &local_error))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "handshake: ");
      return NULL;
    }
  if (type != SIO_JSON_OBJECT)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED, "handshake: the payload is not an object");
      return NULL;
    }

  self = g_new0 (SioHandshake, 1);
  if (!read_sid (json, self, error) ||
      !read_upgrades (json, self, error) ||
      !read_interval (json, "pingInterval", &self->ping_interval_ms, error) ||
      !read_interval (json, "pingTimeout", &self->ping_timeout_ms, error) ||
      !read_max_payload (json, self, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
sio_handshake_free (SioHandshake *self)
{
  if (self == NULL)
    return;

  g_free (self->sid);
  g_strfreev (self->upgrades);
  g_free (self);
}
