/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The options that connect, emit and doctor share, as the command line has them. An error names the option. */

#include "siocat-options-private.h"
#include "siocat-output.h"

SiocatOptions *
siocat_options_new (void)
{
  SiocatOptions *self = g_new0 (SiocatOptions, 1);

  self->reconnection_attempts = UNSET;
  self->reconnection_delay = UNSET;
  self->reconnection_delay_max = UNSET;
  self->randomization_factor = UNSET_DOUBLE;
  self->timeout = UNSET;
  self->request_timeout = UNSET;
  self->ack_timeout = UNSET;
  self->retries = UNSET;
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
  g_strfreev (self->protocols);
  g_free (self->parser);
  g_free (self->ca);
  g_free (self->cert);
  g_free (self->key);
  g_free (self->pfx);
  g_free (self->passphrase_file);
  g_strfreev (self->trust);
  g_free (self->proxy);
  g_free (self->local_address);
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
    { "no-trailing-slash", 0, 0, G_OPTION_ARG_NONE, &self->no_trailing_slash, "Do not end the path with a slash", NULL },
    { "server", 0, 0, G_OPTION_ARG_FILENAME, &self->server, "Major version of the server: auto, 2, 3 or 4 (auto)", "VERSION" },
    { "transports", 0, 0, G_OPTION_ARG_FILENAME, &self->transports, "Comma separated, in order (polling,websocket)", "LIST" },
    { "no-upgrade", 0, 0, G_OPTION_ARG_NONE, &self->no_upgrade, "Stay on the first transport", NULL },
    { "remember-upgrade", 0, 0, G_OPTION_ARG_NONE, &self->remember_upgrade, "Begin with the WebSocket if the last one worked", NULL },
    { "try-all-transports", 0, 0, G_OPTION_ARG_NONE, &self->try_all_transports, "If one fails, the next, in the same attempt", NULL },
    { "query", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->query, "Sent with every request; repeatable", "K=V" },
    { "header", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->headers, "Sent with every request; repeatable", "\"K: V\"" },
    { "auth", 0, 0, G_OPTION_ARG_FILENAME, &self->auth, "The auth payload of the URL's namespace", "JSON" },
    { "force-base64", 0, 0, G_OPTION_ARG_NONE, &self->force_base64, "Binary as base64 on every transport", NULL },
    { "no-timestamp", 0, 0, G_OPTION_ARG_NONE, &self->no_timestamp, "No timestamp in polling requests", NULL },
    { "timestamp-param", 0, 0, G_OPTION_ARG_FILENAME, &self->timestamp_param, "Its name (t)", "NAME" },
    { "timestamp-websocket", 0, 0, G_OPTION_ARG_NONE, &self->timestamp_websocket, "A timestamp in the WebSocket's request too", NULL },
    { "protocol", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->protocols, "WebSocket sub-protocol to offer; repeatable", "NAME" },
    { "parser", 0, 0, G_OPTION_ARG_FILENAME, &self->parser, "json or msgpack (json)", "NAME" },
    { "no-compression", 0, 0, G_OPTION_ARG_NONE, &self->no_compression, "Do not offer compression (it never is)", NULL },
    { "with-credentials", 0, 0, G_OPTION_ARG_NONE, &self->with_credentials, "Keep cookies and send them back", NULL },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &self->ca, "Certificates to trust, PEM (the system's)", "FILE" },
    { "cert", 0, 0, G_OPTION_ARG_FILENAME, &self->cert, "Our own certificate, PEM", "FILE" },
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &self->key, "Its key, PEM (in the file of --cert)", "FILE" },
    { "pfx", 0, 0, G_OPTION_ARG_FILENAME, &self->pfx, "Our own certificate and its key, PKCS #12", "FILE" },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &self->passphrase_file, "The key's passphrase is its first line", "FILE" },
    { "insecure", 0, 0, G_OPTION_ARG_NONE, &self->insecure, "Accept any certificate of the server", NULL },
    { "trust", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->trust, "Accept the certificate with this SHA-256; repeatable", "FINGERPRINT" },
    { "proxy", 0, 0, G_OPTION_ARG_FILENAME, &self->proxy, "http://HOST:PORT, socks5://..., or direct:// (the system's)", "URI" },
    { "local-address", 0, 0, G_OPTION_ARG_FILENAME, &self->local_address, "Address of this machine to connect from", "IP" },
    { "no-reconnection", 0, 0, G_OPTION_ARG_NONE, &self->no_reconnection, "One attempt and no other", NULL },
    { "reconnection-attempts", 0, 0, G_OPTION_ARG_INT64, &self->reconnection_attempts, "Give up after this many (never)", "N" },
    { "reconnection-delay", 0, 0, G_OPTION_ARG_INT64, &self->reconnection_delay, "Before the first (1000)", "MS" },
    { "reconnection-delay-max", 0, 0, G_OPTION_ARG_INT64, &self->reconnection_delay_max, "At most (5000)", "MS" },
    { "randomization-factor", 0, 0, G_OPTION_ARG_DOUBLE, &self->randomization_factor, "Of the delay, 0 to 1 (0.5)", "F" },
    { "timeout", 0, 0, G_OPTION_ARG_INT64, &self->timeout, "Of one attempt (20000; 0: none)", "MS" },
    { "request-timeout", 0, 0, G_OPTION_ARG_INT64, &self->request_timeout, "Of one HTTP request, a poll too (none)", "MS" },
    { "ack-timeout", 0, 0, G_OPTION_ARG_INT64, &self->ack_timeout, "How long to wait for an ack (for ever)", "MS" },
    { "retries", 0, 0, G_OPTION_ARG_INT64, &self->retries, "Emit again if no ack came within --ack-timeout (0)", "N" },
    { "max-payload", 0, 0, G_OPTION_ARG_INT64, &self->max_payload, "Largest message taken from the server (104857600)", "BYTES" },
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

SiocatStatus
siocat_complain_of (const GError *error)
{
  siocat_complain ("%s", error->message);

  return error->domain == G_FILE_ERROR ? SIOCAT_FILE : SIOCAT_USAGE;
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
