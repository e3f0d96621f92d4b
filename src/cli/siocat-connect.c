/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat connect: prints what happens until there is a reason to end; standard input says what to do meanwhile. */

#include "siocat-command.h"
#include "siocat-options.h"
#include "siocat-output.h"
#include "siocat-stdin.h"

/* Above this a double does not fit the timer any more; about 24 days. */
#define MAX_DURATION 2000000.0
#define NO_DURATION (-G_MAXDOUBLE)
/* How often to look whether there is room for another line. */
#define RETRY_MS 5

typedef struct {
  char        **namespaces;
  char        **emits;
  char         *show;
  gint64        count;
  double        duration;
  char         *record;
  gboolean      no_stdin;
  gboolean      quiet;
  char        **rest;

  SiocatClient *client;
  SiocatStdin  *input;       /* NULL with --no-stdin */
  gboolean      was_connected;
  gboolean      input_ended;
  guint         retry;       /* 0 unless the input waits for room */
} Connect;

static void
connect_clear (Connect *self)
{
  g_strfreev (self->namespaces);
  g_strfreev (self->emits);
  g_free (self->show);
  g_free (self->record);
  g_strfreev (self->rest);
  g_clear_handle_id (&self->retry, g_source_remove);
  g_clear_pointer (&self->input, siocat_stdin_free);
  g_clear_pointer (&self->client, siocat_client_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Connect, connect_clear)

static void
note_line (Connect    *self,
           guint64     number,
           const char *message)
{
  g_autofree char *text = g_strdup_printf ("line %" G_GUINT64_FORMAT ": %s", number, message);

  siocat_client_note (self->client, "stdin", text);
}

static void
resume (Connect *self)
{
  if (siocat_client_is_busy (self->client))
    return;

  g_clear_handle_id (&self->retry, g_source_remove);
  if (self->input != NULL)
    siocat_stdin_resume (self->input);
}

static gboolean
retry_cb (gpointer data)
{
  Connect *self = data;

  resume (self);

  return self->retry != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
line_cb (gpointer    data,
         const char *line,
         gsize       size,
         guint64     number)
{
  Connect *self = data;
  g_autoptr(GError) error = NULL;

  if (!siocat_command_run (self->client, line, size, &error))
    note_line (self, number, error->message);

  if (!siocat_client_is_busy (self->client))
    return TRUE;

  /* No row tells that the write buffer is empty again. */
  if (self->retry == 0)
    self->retry = g_timeout_add (RETRY_MS, retry_cb, self);

  return FALSE;
}

static void
too_long_cb (gpointer data,
             guint64  number,
             gsize    limit)
{
  g_autofree char *message = g_strdup_printf ("longer than %" G_GSIZE_FORMAT " bytes", limit);

  note_line (data, number, message);
}

static void
end_if_nothing_is_left (Connect *self)
{
  if (self->input_ended && self->count < 0 && self->duration == NO_DURATION && siocat_client_is_idle (self->client))
    siocat_client_end (self->client, SIOCAT_DONE);
}

static void
ended_cb (gpointer      data,
          const GError *error)
{
  Connect *self = data;

  if (error != NULL)
    siocat_client_note (self->client, "stdin", error->message);

  self->input_ended = TRUE;
  end_if_nothing_is_left (self);
}

static void
connected_cb (gpointer data)
{
  Connect *self = data;

  self->was_connected = TRUE;
  for (guint i = 0; self->emits != NULL && self->emits[i] != NULL; i++)
    {
      g_autoptr(SioArguments) args = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *event = NULL;
      const SioEmitOptions options = { 0 };

      /* Checked before; and what is refused all the same, an error line says. */
      if (siocat_parse_event ((SioSpan) { self->emits[i], strlen (self->emits[i]) }, &event, &args, &error))
        siocat_client_emit (self->client, NULL, event, args, &options, NULL);
    }
}

static void
advanced_cb (gpointer data)
{
  Connect *self = data;

  resume (self);
  end_if_nothing_is_left (self);
}

static gboolean
duration_cb (gpointer data)
{
  Connect *self = data;

  siocat_client_end (self->client, self->was_connected ? SIOCAT_DONE : SIOCAT_NOT_CONNECTED);

  return G_SOURCE_REMOVE;
}

static gboolean
check (Connect             *self,
       SioscopePrintDepth  *depth,
       GError             **error)
{
  if (self->count != -1 && !siocat_check_number ("--count", self->count, 1, G_MAXINT64, error))
    return FALSE;

  if (self->duration != NO_DURATION && !(self->duration >= 0 && self->duration <= MAX_DURATION))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--duration: %g is not between 0 and %.0f seconds", self->duration, MAX_DURATION);
      return FALSE;
    }

  if (!siocat_parse_depth (self->show, depth, error))
    return FALSE;

  for (guint i = 0; self->namespaces != NULL && self->namespaces[i] != NULL; i++)
    if (!siocat_check_text ("--namespace", self->namespaces[i], error))
      return FALSE;

  for (guint i = 0; self->emits != NULL && self->emits[i] != NULL; i++)
    {
      g_autoptr(SioArguments) args = NULL;
      g_autofree char *event = NULL;

      if (!siocat_parse_event ((SioSpan) { self->emits[i], strlen (self->emits[i]) }, &event, &args, error))
        {
          g_prefix_error (error, "--emit: ");
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
join_all (Connect  *self,
          GError  **error)
{
  for (guint i = 0; self->namespaces != NULL && self->namespaces[i] != NULL; i++)
    if (!siocat_client_join (self->client, self->namespaces[i], NULL, error))
      {
        g_prefix_error (error, "--namespace: ");
        return FALSE;
      }

  return TRUE;
}

SiocatStatus
siocat_connect (int    argc,
                char **argv)
{
  static const SiocatClientListener client_listener = { connected_cb, NULL, advanced_cb };
  static const SiocatStdinListener stdin_listener = { line_cb, too_long_cb, ended_cb };
  g_auto(Connect) self = { .count = -1, .duration = NO_DURATION };
  const GOptionEntry entries[] = {
    { "namespace", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self.namespaces, "Join this one too; repeatable", "NSP" },
    { "emit", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self.emits, "[\"event\", argument...], when connected; repeatable", "JSON" },
    { "show", 0, 0, G_OPTION_ARG_FILENAME, &self.show, "events, packets or frames (events)", "DEPTH" },
    { "count", 0, 0, G_OPTION_ARG_INT64, &self.count, "Stop after so many received events", "N" },
    { "duration", 0, 0, G_OPTION_ARG_DOUBLE, &self.duration, "Stop after that long", "SECONDS" },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &self.record, "Also write a recording", "FILE" },
    { "no-stdin", 0, 0, G_OPTION_ARG_NONE, &self.no_stdin, "Do not read commands", NULL },
    { "quiet", 0, 0, G_OPTION_ARG_NONE, &self.quiet, "Print errors only, and a summary at the end", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self.rest, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(SiocatOptions) client_options = siocat_options_new ();
  g_autoptr(GOptionContext) context =
    siocat_options_make_context (client_options, "URL",
                                 "Connects, prints what happens, and does what the lines of standard input say.", entries);
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(GError) error = NULL;
  SiocatClientConfig config = { 0 };
  g_autofree char *url = NULL;
  SiocatStatus status;

  if (!siocat_options_parse (context, argc, argv, &status))
    return status;

  options = siocat_options_make (client_options, &error);
  if (options == NULL || !check (&self, &config.depth, &error)
      || !siocat_check_parameters (self.rest, 1, 1, "URL", &error))
    return siocat_complain_of (error);

  url = siocat_options_make_url (client_options, self.rest[0]);
  config.url = url;
  config.auth = siocat_options_get_auth (client_options);
  config.record_path = self.record;
  config.quiet = self.quiet;
  config.count = self.count > 0 ? (guint64) self.count : 0;

  self.client = siocat_client_new (&config, options, &client_listener, &self, &status);
  if (self.client == NULL)
    return status;

  if (!join_all (&self, &error))
    {
      siocat_complain ("%s", error->message);
      return SIOCAT_USAGE;
    }

  if (!self.no_stdin)
    self.input = siocat_stdin_new (&stdin_listener, &self);
  if (self.duration != NO_DURATION)
    g_timeout_add ((guint) (self.duration * 1000 + 0.5), duration_cb, &self);

  return siocat_client_run (self.client);
}
