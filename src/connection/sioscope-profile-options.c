/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The options of a profile as text: what a person typed, what is wrong with it, and what of it may lie on a disk. Names, ranges and
 * defaults are those of the properties of SioOptions; nothing is told twice. */

#include "sioscope-profile-private.h"
#include "sioscope-secrets.h"

#include <errno.h>
#include <unistd.h>

/* Not an option of the library but of who uses it: what it has a function for is asked of the person. */
#define ASK_AUTH "ask-auth"

/* Not here, because a window has no use for them: force-new, multiplex, auto-connect, polling-options, websocket-options. */
static const char * const names[] = {
  "server", "parser", "transports", "upgrade", "remember-upgrade", "try-all-transports", "path", "add-trailing-slash",
  "auth", "ask-auth", "query", "extra-headers", "with-credentials", "force-base64", "timestamp-requests", "timestamp-websocket",
  "timestamp-param", "protocols",
  "ca-file", "cert-file", "key-file", "pfx-file", "passphrase", "reject-unauthorized", "trusted-fingerprints",
  "proxy", "local-address", "timeout-ms", "request-timeout-ms", "ack-timeout-ms", "retries",
  "reconnection", "reconnection-attempts", "reconnection-delay-ms", "reconnection-delay-max-ms",
  "randomization-factor", "stop-on-refusal",
  "max-payload", "max-fragments", "max-packets-per-poll", "max-informational", "max-attachments",
  "max-attachments-out", "max-depth", "max-pending-acks", "max-namespaces", "max-control-rate", "max-queued-packets",
  "max-queued-size", "max-cookies",
  NULL
};

/**
 * sioscope_profile_list_options:
 *
 * Returns: (transfer none): the names of all options that a profile has, %NULL-terminated
 */
const char * const *
sioscope_profile_list_options (void)
{
  return names;
}

static GParamSpec *
find_pspec (const char *name)
{
  g_autoptr(GTypeClass) klass = g_type_class_ref (SIO_TYPE_OPTIONS);

  return g_object_class_find_property (G_OBJECT_CLASS (klass), name);
}

/**
 * sioscope_profile_option_is_list:
 * @name: an option
 *
 * Returns: whether its text is a list, one item a line
 */
gboolean
sioscope_profile_option_is_list (const char *name)
{
  GParamSpec *pspec = find_pspec (name);

  return pspec != NULL && pspec->value_type == G_TYPE_STRV;
}

/**
 * sioscope_profile_dup_option_default:
 * @name: an option
 *
 * Returns: (transfer full): the text of its default; "" if there is none
 */
char *
sioscope_profile_dup_option_default (const char *name)
{
  g_autoptr(SioOptions) options = sio_options_new ();
  g_auto(GValue) value = G_VALUE_INIT;
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (g_str_equal (name, "parser"))
    return g_strdup ("json");
  if (g_str_equal (name, ASK_AUTH))
    return g_strdup ("false");
  g_object_get_property (G_OBJECT (options), name, &value);
  if (G_VALUE_HOLDS_STRING (&value))
    return g_strdup (g_value_get_string (&value) != NULL ? g_value_get_string (&value) : "");
  if (G_VALUE_HOLDS_BOOLEAN (&value))
    return g_strdup (g_value_get_boolean (&value) ? "true" : "false");
  if (G_VALUE_HOLDS_UINT (&value))
    return g_strdup_printf ("%u", g_value_get_uint (&value));
  if (G_VALUE_HOLDS_UINT64 (&value))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, g_value_get_uint64 (&value));
  if (G_VALUE_HOLDS_DOUBLE (&value))
    return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%g", g_value_get_double (&value)));
  return g_value_get_boxed (&value) != NULL ? g_strjoinv ("\n", g_value_get_boxed (&value)) : g_strdup ("");
}

/* The items of a list: lines, without blanks around them; empty ones are none. */
char **
sioscope_profile_split (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      g_strv_builder_add (builder, lines[i]);
  return g_strv_builder_end (builder);
}

G_GNUC_PRINTF (2, 3) static gboolean
fail (GError     **error,
      const char  *format,
      ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, format, args);
  va_end (args);
  return FALSE;
}

static gboolean
apply_list (SioOptions  *options,
            const char  *name,
            const char  *text,
            GError     **error)
{
  g_auto(GStrv) items = sioscope_profile_split (text);
  const char * const *list = (const char * const *) items;

  if (g_str_equal (name, "transports"))
    return sio_options_set_transports (options, list, error);
  if (g_str_equal (name, "extra-headers"))
    return sio_options_set_extra_headers (options, list, error);
  if (g_str_equal (name, "protocols"))
    return sio_options_set_protocols (options, list, error);
  if (g_str_equal (name, "trusted-fingerprints"))
    return sio_options_set_trusted_fingerprints (options, list, error);

  g_assert (g_str_equal (name, "query"));
  for (guint i = 0; items[i] != NULL; i++)
    if (strchr (items[i], '=') == NULL || items[i][0] == '=')
      return fail (error, "“%.80s” is not NAME=VALUE", items[i]);
  sio_options_set_query (options, list);
  return TRUE;
}

static gboolean
apply_string (SioOptions  *options,
              const char  *name,
              const char  *text,
              GError     **error)
{
  if (g_str_equal (name, "auth"))
    return sio_options_set_auth (options, text, error);
  if (g_str_equal (name, "proxy"))
    return sio_options_set_proxy (options, text, error);
  if (g_str_equal (name, "local-address"))
    return sio_options_set_local_address (options, text, error);
  if (g_str_has_suffix (name, "-file"))
    {
      if (!g_path_is_absolute (text))
        return fail (error, "“%.200s” is not a whole path, from / on", text);
      if (access (text, R_OK) != 0)
        return fail (error, "%.200s cannot be read: %s", text, g_strerror (errno));
    }
  g_object_set (options, name, text, NULL);
  return TRUE;
}

static gboolean
apply_number (SioOptions  *options,
              GParamSpec  *pspec,
              const char  *text,
              GError     **error)
{
  guint64 least, most, number;

  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    {
      least = G_PARAM_SPEC_UINT64 (pspec)->minimum;
      most = G_PARAM_SPEC_UINT64 (pspec)->maximum;
    }
  else
    {
      least = G_PARAM_SPEC_UINT (pspec)->minimum;
      most = G_PARAM_SPEC_UINT (pspec)->maximum;
    }
  if (!g_ascii_string_to_unsigned (text, 10, least, most, &number, NULL))
    return fail (error, "“%.40s” is not a whole number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, text, least, most);
  if (g_str_equal (pspec->name, "server"))
    return sio_options_set_server (options, (guint) number, error);
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_object_set (options, pspec->name, number, NULL);
  else
    g_object_set (options, pspec->name, (guint) number, NULL);
  return TRUE;
}

static gboolean
apply_fraction (SioOptions        *options,
                GParamSpecDouble  *pspec,
                const char        *text,
                GError           **error)
{
  char *end;
  double number = g_ascii_strtod (text, &end);

  if (end == text || *end != '\0' || !(number >= pspec->minimum && number <= pspec->maximum))
    return fail (error, "“%.40s” is not a number from %g to %g", text, pspec->minimum, pspec->maximum);
  g_object_set (options, G_PARAM_SPEC (pspec)->name, number, NULL);
  return TRUE;
}

static gboolean
apply_parser (SioOptions  *options,
              const char  *text,
              GError     **error)
{
  g_autoptr(SioParser) parser = NULL;

  if (g_str_equal (text, "msgpack"))
    parser = sio_msgpack_parser_new ();
  else if (!g_str_equal (text, "json"))
    return fail (error, "“%.40s” is neither json nor msgpack", text);
  sio_options_set_parser (options, parser);
  return TRUE;
}

/* options: NULL only checks. */
static gboolean
apply_boolean (SioOptions  *options,
               const char  *name,
               const char  *text,
               GError     **error)
{
  if (!g_str_equal (text, "true") && !g_str_equal (text, "false"))
    return fail (error, "“%.40s” is neither true nor false", text);
  if (options != NULL)
    g_object_set (options, name, g_str_equal (text, "true"), NULL);
  return TRUE;
}

/*< private >
 * Sets one option. On a mistake @options is as it was. */
gboolean
sioscope_profile_apply_option (SioOptions  *options,
                               const char  *name,
                               const char  *text,
                               GError     **error)
{
  GParamSpec *pspec = find_pspec (name);

  if (g_str_equal (name, "parser"))
    return apply_parser (options, text, error);
  if (g_str_equal (name, ASK_AUTH))
    return apply_boolean (NULL, name, text, error);
  if (pspec->value_type == G_TYPE_STRV)
    return apply_list (options, name, text, error);
  if (G_IS_PARAM_SPEC_STRING (pspec))
    return apply_string (options, name, text, error);
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return apply_fraction (options, G_PARAM_SPEC_DOUBLE (pspec), text, error);
  if (!G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return apply_number (options, pspec, text, error);

  return apply_boolean (options, name, text, error);
}

/**
 * sioscope_profile_check_option:
 * @name: one of sioscope_profile_list_options()
 * @text: (nullable): what was typed; %NULL or "" is the default
 * @error: what is wrong with it, for the person: %SIO_ERROR_INVALID_ARGUMENT
 *
 * Returns: whether a connection can be made with that
 */
gboolean
sioscope_profile_check_option (const char  *name,
                               const char  *text,
                               GError     **error)
{
  g_autoptr(SioOptions) options = NULL;

  g_return_val_if_fail (g_strv_contains (names, name), FALSE);

  if (text == NULL || *text == '\0')
    return TRUE;
  options = sio_options_new ();
  return sioscope_profile_apply_option (options, name, text, error);
}

static gsize
name_size (const char *name,
           const char *item)
{
  return strcspn (item, g_str_equal (name, "query") ? "=" : ":");
}

/**
 * sioscope_profile_dup_public_option:
 * @name: one of sioscope_profile_list_options()
 * @text: its text
 *
 * Secrets are: auth and the passphrase; headers and parameters of the query whose names sound like one; user and
 * password of a proxy.
 *
 * Returns: (transfer full) (nullable): what of @text may lie on a disk; %NULL for nothing
 */
char *
sioscope_profile_dup_public_option (const char *name,
                                    const char *text)
{
  g_autoptr(GString) out = NULL;
  g_auto(GStrv) items = NULL;
  gboolean all = TRUE;

  if (g_str_equal (name, "auth") || g_str_equal (name, "passphrase"))
    return NULL;
  if (g_str_equal (name, "proxy"))
    {
      const char *scheme_end = strstr (text, "://");
      const char *rest = scheme_end != NULL ? scheme_end + 3 : text;
      const char *at = g_strrstr_len (rest, (gssize) strcspn (rest, "/?#"), "@");

      if (at == NULL)
        return g_strdup (text);
      return g_strdup_printf ("%.*s%s", (int) (rest - text), text, at + 1);
    }
  if (!g_str_equal (name, "query") && !g_str_equal (name, "extra-headers"))
    return g_strdup (text);

  out = g_string_new (NULL);
  items = sioscope_profile_split (text);
  for (guint i = 0; items[i] != NULL; i++)
    if (sioscope_sounds_secret ((SioSpan) { items[i], name_size (name, items[i]) }))
      all = FALSE;
    else
      g_string_append_printf (out, "%s%s", out->len > 0 ? "\n" : "", items[i]);
  if (all)
    return g_strdup (text);
  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}
