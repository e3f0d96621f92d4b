/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From the words of the command line to SioOptions. What this version cannot do yet is refused by
 * name, never swallowed. */

#include "siocat-options.h"
#include "siocat-output.h"

#define UNSET G_MININT64
#define UNSET_DOUBLE (-G_MAXDOUBLE)
#define MAX_MS (24 * 60 * 60 * 1000)
#define MAX_PAYLOAD (256 * 1024 * 1024)
#define DEFAULT_MAX_PAYLOAD (100 * 1024 * 1024)

struct _SiocatOptions {
  char     *path;
  char     *server;
  char     *transports;
  gboolean  no_upgrade;
  char    **query;
  char    **headers;
  char     *auth;
  gboolean  force_base64;
  gboolean  no_timestamp;
  char     *timestamp_param;
  char     *parser;
  gboolean  no_compression;
  gboolean  no_reconnection;
  gint64    reconnection_attempts;
  gint64    reconnection_delay;
  gint64    reconnection_delay_max;
  double    randomization_factor;
  gint64    timeout;
  gint64    ack_timeout;
  gint64    max_payload;
};

static gboolean
unsupported_cb (const char  *option,
                const char  *value,
                gpointer     data,
                GError     **error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
               "%s is not supported by this version of siocat", option);

  return FALSE;
}

SiocatOptions *
siocat_options_new (void)
{
  SiocatOptions *self = g_new0 (SiocatOptions, 1);

  self->reconnection_attempts = UNSET;
  self->reconnection_delay = UNSET;
  self->reconnection_delay_max = UNSET;
  self->randomization_factor = UNSET_DOUBLE;
  self->timeout = UNSET;
  self->ack_timeout = UNSET;
  self->max_payload = UNSET;

  return self;
}

void
siocat_options_free (SiocatOptions *self)
{
  g_free (self->path);
  g_free (self->server);
  g_free (self->transports);
  g_strfreev (self->query);
  g_strfreev (self->headers);
  g_free (self->auth);
  g_free (self->timestamp_param);
  g_free (self->parser);
  g_free (self);
}

GOptionContext *
siocat_options_make_context (SiocatOptions      *self,
                             const char         *parameters,
                             const char         *summary,
                             const GOptionEntry *own)
{
  /* Texts are taken as FILENAME: as the bytes that they are, whatever the locale says. */
  const GOptionEntry entries[] = {
    { "path", 0, 0, G_OPTION_ARG_FILENAME, &self->path, "Where Socket.IO is served (/socket.io/)", "PATH" },
    { "server", 0, 0, G_OPTION_ARG_FILENAME, &self->server, "Major version of the server: auto, 3 or 4", "VERSION" },
    { "transports", 0, 0, G_OPTION_ARG_FILENAME, &self->transports, "Comma separated, in order (polling,websocket)", "LIST" },
    { "no-upgrade", 0, 0, G_OPTION_ARG_NONE, &self->no_upgrade, "Stay on the first transport", NULL },
    { "query", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->query, "Sent with every request; repeatable", "K=V" },
    { "header", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->headers, "Sent with every request; repeatable", "\"K: V\"" },
    { "auth", 0, 0, G_OPTION_ARG_FILENAME, &self->auth, "The auth payload of the URL's namespace", "JSON" },
    { "force-base64", 0, 0, G_OPTION_ARG_NONE, &self->force_base64, "Binary as base64 on every transport", NULL },
    { "no-timestamp", 0, 0, G_OPTION_ARG_NONE, &self->no_timestamp, "No timestamp in polling requests", NULL },
    { "timestamp-param", 0, 0, G_OPTION_ARG_FILENAME, &self->timestamp_param, "Its name (t)", "NAME" },
    { "parser", 0, 0, G_OPTION_ARG_FILENAME, &self->parser, "json", "NAME" },
    { "no-compression", 0, 0, G_OPTION_ARG_NONE, &self->no_compression, "Do not offer compression (it never is)", NULL },
    { "no-reconnection", 0, 0, G_OPTION_ARG_NONE, &self->no_reconnection, "One attempt and no other", NULL },
    { "reconnection-attempts", 0, 0, G_OPTION_ARG_INT64, &self->reconnection_attempts, "Give up after this many (never)", "N" },
    { "reconnection-delay", 0, 0, G_OPTION_ARG_INT64, &self->reconnection_delay, "Before the first (1000)", "MS" },
    { "reconnection-delay-max", 0, 0, G_OPTION_ARG_INT64, &self->reconnection_delay_max, "At most (5000)", "MS" },
    { "randomization-factor", 0, 0, G_OPTION_ARG_DOUBLE, &self->randomization_factor, "Of the delay, 0 to 1 (0.5)", "F" },
    { "timeout", 0, 0, G_OPTION_ARG_INT64, &self->timeout, "Of one attempt (20000; 0: none)", "MS" },
    { "ack-timeout", 0, 0, G_OPTION_ARG_INT64, &self->ack_timeout, "How long to wait for an ack (for ever)", "MS" },
    { "max-payload", 0, 0, G_OPTION_ARG_INT64, &self->max_payload, "Largest message taken from the server (104857600)", "BYTES" },

    { "remember-upgrade", 0, G_OPTION_FLAG_HIDDEN | G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "try-all-transports", 0, G_OPTION_FLAG_HIDDEN | G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "with-credentials", 0, G_OPTION_FLAG_HIDDEN | G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "insecure", 0, G_OPTION_FLAG_HIDDEN | G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "protocol", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "ca", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "cert", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "key", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "passphrase-file", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "proxy", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "local-address", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "retries", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = g_option_context_new (parameters);

  g_option_context_set_summary (context, summary);
  if (own != NULL)
    g_option_context_add_main_entries (context, own, NULL);
  g_option_context_add_main_entries (context, entries, NULL);

  return context;
}

gboolean
siocat_options_parse (GOptionContext  *context,
                      int              argc,
                      char           **argv,
                      SiocatStatus    *status)
{
  g_autoptr(GError) error = NULL;

  /* The program's name in front of "--help" is prgname; argv[0] is the command. */
  g_option_context_set_help_enabled (context, FALSE);
  for (int i = 1; i < argc && !g_str_equal (argv[i], "--"); i++)
    if (g_str_equal (argv[i], "--help") || g_str_equal (argv[i], "-h"))
      {
        g_autofree char *help = NULL;
        g_autofree char *name = g_strconcat ("siocat ", argv[0], NULL);

        g_set_prgname (name);
        help = g_option_context_get_help (context, TRUE, NULL);
        siocat_output_write (help, strlen (help));
        *status = siocat_output_finish (SIOCAT_DONE);
        return FALSE;
      }

  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      siocat_complain ("%s", error->message);
      *status = SIOCAT_USAGE;
      return FALSE;
    }

  return TRUE;
}

gboolean
siocat_check_number (const char  *option,
                     gint64       value,
                     gint64       min,
                     gint64       max,
                     GError     **error)
{
  if (value >= min && value <= max)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "%s: %" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
               option, value, min, max);

  return FALSE;
}

gboolean
siocat_check_text (const char  *option,
                   const char  *text,
                   GError     **error)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: the text is not UTF-8", option);

  return FALSE;
}

gboolean
siocat_check_parameters (char       **given,
                         guint        min,
                         guint        max,
                         const char  *what,
                         GError     **error)
{
  guint n = given != NULL ? g_strv_length (given) : 0;

  if (n < min)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "something is missing: %s", what);
      return FALSE;
    }
  if (n > max)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"%s\" is too much: expected %s", given[max],
                   *what != '\0' ? what : "options only");
      return FALSE;
    }

  for (guint i = 0; i < n; i++)
    if (!siocat_check_text (what, given[i], error))
      return FALSE;

  return TRUE;
}

gboolean
siocat_parse_depth (const char          *text,
                    SioscopePrintDepth  *depth,
                    GError             **error)
{
  static const char * const words[] = { "events", "packets", "frames" };

  *depth = SIOSCOPE_PRINT_EVENTS;
  if (text == NULL)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (text, words[i]))
      {
        *depth = (SioscopePrintDepth) i;
        return TRUE;
      }

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--show: \"%s\" is none of events, packets and frames", text);

  return FALSE;
}

static gboolean
check_texts (const char  *option,
             char       **texts,
             GError     **error)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    if (!siocat_check_text (option, texts[i], error))
      return FALSE;

  return TRUE;
}

static gboolean
check_words (SiocatOptions  *self,
             GError        **error)
{
  if (!siocat_check_text ("--path", self->path, error)
      || !siocat_check_text ("--transports", self->transports, error)
      || !siocat_check_text ("--auth", self->auth, error)
      || !siocat_check_text ("--timestamp-param", self->timestamp_param, error)
      || !check_texts ("--query", self->query, error)
      || !check_texts ("--header", self->headers, error))
    return FALSE;

  if (self->server != NULL && g_str_equal (self->server, "2"))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           "--server 2 (Engine.IO 3) is not supported by this version of siocat");
      return FALSE;
    }
  if (self->server != NULL && !g_str_equal (self->server, "auto") && !g_str_equal (self->server, "3")
      && !g_str_equal (self->server, "4"))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--server: \"%s\" is none of auto, 2, 3 and 4", self->server);
      return FALSE;
    }

  if (self->parser != NULL && g_str_equal (self->parser, "msgpack"))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           "--parser msgpack is not supported by this version of siocat");
      return FALSE;
    }
  if (self->parser != NULL && !g_str_equal (self->parser, "json"))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--parser: \"%s\" is neither json nor msgpack", self->parser);
      return FALSE;
    }

  for (guint i = 0; self->query != NULL && self->query[i] != NULL; i++)
    if (strchr (self->query[i], '=') == NULL || *self->query[i] == '=')
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     "--query: \"%s\" is not of the form K=V", self->query[i]);
        return FALSE;
      }

  return TRUE;
}

static gboolean
set_numbers (SiocatOptions  *self,
             SioOptions     *options,
             GError        **error)
{
  const struct {
    const char *option;
    gint64      value;
    gint64      max;
    void      (*set) (SioOptions *options, guint value);
  } numbers[] = {
    { "--reconnection-attempts", self->reconnection_attempts, G_MAXINT, sio_options_set_reconnection_attempts },
    { "--reconnection-delay", self->reconnection_delay, MAX_MS, sio_options_set_reconnection_delay_ms },
    { "--reconnection-delay-max", self->reconnection_delay_max, MAX_MS, sio_options_set_reconnection_delay_max_ms },
    { "--timeout", self->timeout, MAX_MS, sio_options_set_timeout_ms },
    { "--ack-timeout", self->ack_timeout, MAX_MS, sio_options_set_ack_timeout_ms },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].value != UNSET)
      {
        if (!siocat_check_number (numbers[i].option, numbers[i].value, 0, numbers[i].max, error))
          return FALSE;
        numbers[i].set (options, (guint) numbers[i].value);
      }

  if (self->max_payload == UNSET)
    self->max_payload = DEFAULT_MAX_PAYLOAD;
  if (!siocat_check_number ("--max-payload", self->max_payload, 1, MAX_PAYLOAD, error))
    return FALSE;
  sio_options_set_max_payload (options, (gsize) self->max_payload);

  if (self->randomization_factor != UNSET_DOUBLE)
    {
      if (!(self->randomization_factor >= 0 && self->randomization_factor <= 1))
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "--randomization-factor: %g is not between 0 and 1", self->randomization_factor);
          return FALSE;
        }
      sio_options_set_randomization_factor (options, self->randomization_factor);
    }

  return TRUE;
}

SioOptions *
siocat_options_make (SiocatOptions  *self,
                     GError        **error)
{
  g_autoptr(SioOptions) options = sio_options_new ();

  if (!check_words (self, error) || !set_numbers (self, options, error))
    return NULL;

  if (self->path != NULL)
    sio_options_set_path (options, self->path);
  if (self->query != NULL)
    sio_options_set_query (options, (const char * const *) self->query);
  if (self->timestamp_param != NULL)
    sio_options_set_timestamp_param (options, self->timestamp_param);
  sio_options_set_upgrade (options, !self->no_upgrade);
  sio_options_set_force_base64 (options, self->force_base64);
  sio_options_set_timestamp_requests (options, !self->no_timestamp);
  /* To the library 0 means without end; to the official client, after which this option is named, it means none. */
  sio_options_set_reconnection (options, !self->no_reconnection && self->reconnection_attempts != 0);

  if (self->transports != NULL)
    {
      g_auto(GStrv) names = g_strsplit (self->transports, ",", -1);

      if (!sio_options_set_transports (options, (const char * const *) names, error))
        {
          g_prefix_error (error, "--transports: ");
          return NULL;
        }
    }

  if (self->headers != NULL
      && !sio_options_set_extra_headers (options, (const char * const *) self->headers, error))
    {
      g_prefix_error (error, "--header: ");
      return NULL;
    }

  if (self->auth != NULL)
    {
      g_autoptr(SioOptions) scratch = sio_options_new ();

      /* Only to have it checked: in the options it would go to every namespace. */
      if (!sio_options_set_auth (scratch, self->auth, error))
        {
          g_prefix_error (error, "--auth: ");
          return NULL;
        }
    }

  return g_steal_pointer (&options);
}

/*< private >
 * siocat_options_make_url:
 * @url: as it was given
 *
 * In the official client a query in the URL takes the place of the option. Who gives both wants both:
 * then those of the option are put behind those of the URL.
 *
 * Returns: (transfer full): the URL to connect to
 */
char *
siocat_options_make_url (SiocatOptions *self,
                         const char    *url)
{
  g_autoptr(GString) whole = NULL;
  gsize size = strcspn (url, "#");

  if (self->query == NULL || memchr (url, '?', size) == NULL)
    return g_strdup (url);

  whole = g_string_new_len (url, (gssize) size);
  for (guint i = 0; self->query[i] != NULL; i++)
    {
      const char *value = strchr (self->query[i], '=') + 1;
      g_autofree char *name = g_strndup (self->query[i], (gsize) (value - 1 - self->query[i]));
      g_autofree char *escaped_name = sio_url_escape (name);
      g_autofree char *escaped_value = sio_url_escape (value);

      g_string_append_printf (whole, "%s%s=%s", g_str_has_suffix (whole->str, "?") ? "" : "&", escaped_name, escaped_value);
    }

  return g_string_free (g_steal_pointer (&whole), FALSE);
}

const char *
siocat_options_get_auth (SiocatOptions *self)
{
  return self->auth;
}
