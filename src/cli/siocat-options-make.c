/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From the words of the command line to SioOptions. */

#include <errno.h>
#include <stdio.h>

#include "siocat-options-private.h"
#include "siocat-output.h"

#define MAX_MS (24 * 60 * 60 * 1000)
#define MAX_PAYLOAD (256 * 1024 * 1024)
#define DEFAULT_MAX_PAYLOAD (100 * 1024 * 1024)
#define MAX_RETRIES 1000000
#define MAX_PASSPHRASE 4096

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
      || !siocat_check_text ("--server", self->server, error)
      || !siocat_check_text ("--parser", self->parser, error)
      || !siocat_check_text ("--proxy", self->proxy, error)
      || !siocat_check_text ("--local-address", self->local_address, error)
      || !check_texts ("--protocol", self->protocols, error)
      || !check_texts ("--trust", self->trust, error)
      || !check_texts ("--query", self->query, error)
      || !check_texts ("--header", self->headers, error))
    return FALSE;

  if (self->parser != NULL && !g_str_equal (self->parser, "json") && !g_str_equal (self->parser, "msgpack"))
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
    { "--request-timeout", self->request_timeout, MAX_MS, sio_options_set_request_timeout_ms },
    { "--ack-timeout", self->ack_timeout, MAX_MS, sio_options_set_ack_timeout_ms },
    { "--retries", self->retries, MAX_RETRIES, sio_options_set_retries },
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

static gboolean
set_server (SiocatOptions  *self,
            SioOptions     *options,
            GError        **error)
{
  static const char * const words[] = { "auto", "1", "2", "3", "4" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (i != 1 && g_strcmp0 (self->server, words[i]) == 0)
      return sio_options_set_server (options, i, error);

  if (self->server == NULL)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--server: \"%s\" is none of auto, 2, 3 and 4", self->server);

  return FALSE;
}

/* An error of a setter, with the option's name in front. */
static gboolean
name_option (gboolean     was_set,
             const char  *option,
             GError     **error)
{
  if (!was_set)
    g_prefix_error (error, "%s: ", option);

  return was_set;
}

static gboolean
set_lists (SiocatOptions  *self,
           SioOptions     *options,
           GError        **error)
{
  if (self->transports != NULL)
    {
      g_auto(GStrv) names = g_strsplit (self->transports, ",", -1);

      if (!name_option (sio_options_set_transports (options, (const char * const *) names, error), "--transports", error))
        return FALSE;
    }

  return name_option (sio_options_set_extra_headers (options, (const char * const *) self->headers, error), "--header", error)
         && name_option (sio_options_set_protocols (options, (const char * const *) self->protocols, error),
                         "--protocol", error)
         && name_option (sio_options_set_trusted_fingerprints (options, (const char * const *) self->trust, error),
                         "--trust", error)
         && name_option (sio_options_set_proxy (options, self->proxy, error), "--proxy", error)
         && name_option (sio_options_set_local_address (options, self->local_address, error), "--local-address", error);
}

/* Looked at now, so that a wrong name is said at once; the library reads them at each attempt. */
static gboolean
check_file (const char  *option,
            const char  *path,
            GError     **error)
{
  FILE *file;
  char byte;

  if (path == NULL)
    return TRUE;

  errno = 0;
  file = fopen (path, "rb");
  if (file != NULL && fread (&byte, 1, 1, file) == 1)
    {
      fclose (file);
      return TRUE;
    }

  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s %s: %s", option, path,
               errno != 0 ? g_strerror (errno) : "the file is empty");
  if (file != NULL)
    fclose (file);

  return FALSE;
}

static gboolean
read_passphrase (SiocatOptions  *self,
                 SioOptions     *options,
                 GError        **error)
{
  char line[MAX_PASSPHRASE + 2] = "";
  FILE *file;
  gboolean complete;

  if (self->passphrase_file == NULL)
    return TRUE;
  if (!check_file ("--passphrase-file", self->passphrase_file, error))
    return FALSE;

  file = fopen (self->passphrase_file, "rb");
  complete = file != NULL && fgets (line, sizeof line, file) != NULL && strlen (line) <= MAX_PASSPHRASE;
  g_clear_pointer (&file, fclose);
  if (complete)
    {
      line[strcspn (line, "\r\n")] = '\0';
      sio_options_set_passphrase (options, line);
    }
  else
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "--passphrase-file %s: its first line is longer than %d bytes",
                 self->passphrase_file, MAX_PASSPHRASE);
  explicit_bzero (line, sizeof line);

  return complete;
}

static gboolean
set_tls (SiocatOptions  *self,
         SioOptions     *options,
         GError        **error)
{
  if (self->key != NULL && self->cert == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--key: --cert is missing, whose key it is");
      return FALSE;
    }
  if (self->pfx != NULL && self->cert != NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--pfx and --cert do not go together");
      return FALSE;
    }

  if (!check_file ("--ca", self->ca, error) || !check_file ("--cert", self->cert, error)
      || !check_file ("--key", self->key, error) || !check_file ("--pfx", self->pfx, error)
      || !read_passphrase (self, options, error))
    return FALSE;

  sio_options_set_ca_file (options, self->ca);
  sio_options_set_cert_file (options, self->cert);
  sio_options_set_key_file (options, self->key);
  sio_options_set_pfx_file (options, self->pfx);
  sio_options_set_reject_unauthorized (options, !self->insecure);

  return TRUE;
}

static gboolean
check_auth (SiocatOptions  *self,
            GError        **error)
{
  g_autoptr(SioOptions) scratch = sio_options_new ();

  /* Only to have it checked: in the options it would go to every namespace. */
  return name_option (self->auth == NULL || sio_options_set_auth (scratch, self->auth, error), "--auth", error);
}

SioOptions *
siocat_options_make (SiocatOptions  *self,
                     GError        **error)
{
  g_autoptr(SioOptions) options = sio_options_new ();

  if (!check_words (self, error) || !set_numbers (self, options, error) || !set_server (self, options, error)
      || !set_lists (self, options, error) || !check_auth (self, error) || !set_tls (self, options, error))
    return NULL;

  if (self->path != NULL)
    sio_options_set_path (options, self->path);
  if (self->query != NULL)
    sio_options_set_query (options, (const char * const *) self->query);
  if (self->timestamp_param != NULL)
    sio_options_set_timestamp_param (options, self->timestamp_param);
  if (g_strcmp0 (self->parser, "msgpack") == 0)
    {
      g_autoptr(SioParser) parser = sio_msgpack_parser_new ();

      sio_options_set_parser (options, parser);
    }
  sio_options_set_add_trailing_slash (options, !self->no_trailing_slash);
  sio_options_set_upgrade (options, !self->no_upgrade);
  sio_options_set_remember_upgrade (options, self->remember_upgrade);
  sio_options_set_try_all_transports (options, self->try_all_transports);
  sio_options_set_force_base64 (options, self->force_base64);
  sio_options_set_timestamp_requests (options, !self->no_timestamp);
  sio_options_set_timestamp_websocket (options, self->timestamp_websocket);
  sio_options_set_with_credentials (options, self->with_credentials);
  /* To the library 0 means without end; to the official client, after which this option is named, it means none. */
  sio_options_set_reconnection (options, !self->no_reconnection && self->reconnection_attempts != 0);

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
