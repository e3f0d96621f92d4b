/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat emit: one event, and its ack if asked. */

#include "siocat-client.h"
#include "siocat-options.h"
#include "siocat-output.h"

typedef struct {
  gboolean      text;
  gboolean      ack;
  char        **rest;

  SiocatClient *client;
  const char   *event;
  SioArguments *args;
  gboolean      emitted;
} Emit;

static void
emit_clear (Emit *self)
{
  g_strfreev (self->rest);
  g_clear_pointer (&self->args, sio_arguments_unref);
  g_clear_pointer (&self->client, siocat_client_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Emit, emit_clear)

static void
connected_cb (gpointer data)
{
  Emit *self = data;
  const SioEmitOptions options = { .want_ack = self->ack };
  g_autoptr(GError) error = NULL;

  self->emitted = TRUE;
  if (siocat_client_emit (self->client, NULL, self->event, self->args, &options, &error) != 0)
    return;

  siocat_complain ("EVENT: %s", error->message);
  siocat_client_end (self->client, SIOCAT_USAGE);
}

static void
answered_cb (gpointer     data,
             guint64      tag,
             SiocatStatus how)
{
  Emit *self = data;

  siocat_client_end (self->client, how);
}

static void
advanced_cb (gpointer data)
{
  Emit *self = data;

  if (self->emitted && siocat_client_is_idle (self->client))
    siocat_client_end (self->client, SIOCAT_DONE);
}

/* JSON; or, with --text, whatever it is; or the bytes of a file. */
static gboolean
add_argument (Emit         *self,
              const char   *text,
              guint         number,
              SiocatStatus *status)
{
  g_autoptr(GError) error = NULL;

  if (*text == '@')
    {
      char *contents;
      gsize size;

      if (g_file_get_contents (text + 1, &contents, &size, &error))
        {
          g_autoptr(GBytes) bytes = g_bytes_new_take (contents, size);

          sio_arguments_add_binary (self->args, bytes);
          return TRUE;
        }

      siocat_complain ("ARG %u: %s", number, error->message);
      *status = SIOCAT_FILE;
      return FALSE;
    }

  if (sio_arguments_add_json (self->args, text, -1, /* binary_notation= */ TRUE, &error))
    return TRUE;

  if (self->text)
    {
      sio_arguments_add_string (self->args, text);
      return TRUE;
    }

  siocat_complain ("ARG %u: %s (--text takes what is not JSON as text)", number, error->message);
  *status = SIOCAT_USAGE;

  return FALSE;
}

SiocatStatus
siocat_emit (int    argc,
             char **argv)
{
  static const SiocatClientListener listener = { connected_cb, answered_cb, advanced_cb };
  g_auto(Emit) self = { .args = sio_arguments_new () };
  const GOptionEntry entries[] = {
    { "text", 0, 0, G_OPTION_ARG_NONE, &self.text, "An ARG that is not JSON is text", NULL },
    { "ack", 0, 0, G_OPTION_ARG_NONE, &self.ack, "Wait for the acknowledgement", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self.rest, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(SiocatOptions) client_options = siocat_options_new ();
  g_autoptr(GOptionContext) context =
    siocat_options_make_context (client_options, "URL EVENT [ARG...]",
                                 "Connects, emits one event and exits. An ARG is JSON, or @FILE for the bytes of a file.\n"
                                 "One that begins with a dash needs -- in front: siocat emit URL -- EVENT -1", entries);
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(GError) error = NULL;
  SiocatClientConfig config = { 0 };
  g_autofree char *url = NULL;
  SiocatStatus status;

  if (!siocat_options_parse (context, argc, argv, &status))
    return status;

  options = siocat_options_make (client_options, &error);
  if (options == NULL || !siocat_check_parameters (self.rest, 2, G_MAXUINT, "URL EVENT", &error))
    return siocat_complain_of (error);

  self.event = self.rest[1];
  for (guint i = 2; self.rest[i] != NULL; i++)
    if (!add_argument (&self, self.rest[i], i - 1, &status))
      return status;

  url = siocat_options_make_url (client_options, self.rest[0]);
  config.url = url;
  config.auth = siocat_options_get_auth (client_options);
  self.client = siocat_client_new (&config, options, &listener, &self, &status);
  if (self.client == NULL)
    return status;

  return siocat_client_run (self.client);
}
