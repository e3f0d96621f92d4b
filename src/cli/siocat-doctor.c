/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat doctor: what the doctor finds, a line each, and the verdict. */

#include "siocat-interrupt.h"
#include "siocat-options.h"
#include "siocat-output.h"
#include "siocat-words.h"
#include "sioscope-doctor.h"

typedef struct {
  char         **rest;
  gint64         started_us;
  GCancellable  *cancellable;
} DoctorCommand;

static void
doctor_command_clear (DoctorCommand *self)
{
  g_strfreev (self->rest);
  g_clear_object (&self->cancellable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoctorCommand, doctor_command_clear)

static GString *
begin (DoctorCommand *self,
       const char    *kind)
{
  GString *line = g_string_new (NULL);

  siocat_append_head (line, kind, g_get_monotonic_time () - self->started_us);

  return line;
}

static void
end (DoctorCommand *self,
     GString       *line)
{
  g_string_append (line, "}\n");
  siocat_output_write (line->str, line->len);
  g_string_free (line, TRUE);

  if (siocat_output_is_broken ())
    g_cancellable_cancel (self->cancellable);
}

static void
check_cb (const SioscopeCheck *check,
          gpointer             data)
{
  static const char * const levels[] = { "info", "warning", "error" };
  g_autofree char *message = siocat_words_name_options (check->message);
  GString *line = begin (data, "check");

  g_string_append_printf (line, ",\"name\":\"%s\",\"ok\":%s,\"level\":\"%s\",\"message\":", check->name,
                          check->level == SIOSCOPE_CHECK_INFO ? "true" : "false", levels[check->level]);
  sio_json_append_quoted (line, message, -1);
  if (check->details.size > 0)
    {
      g_string_append_c (line, ',');
      g_string_append_len (line, check->details.data, (gssize) check->details.size);
    }
  end (data, line);
}

static gboolean
interrupted_cb (gpointer data)
{
  DoctorCommand *self = data;

  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_REMOVE;
}

static SiocatStatus
print_verdict (DoctorCommand     *self,
               SioscopeDiagnosis *diagnosis)
{
  static const SiocatStatus statuses[] = {
    [SIOSCOPE_DIAGNOSIS_FINE] = SIOCAT_DONE,
    [SIOSCOPE_DIAGNOSIS_WORKS] = SIOCAT_DONE,
    [SIOSCOPE_DIAGNOSIS_NO_CONNECTION] = SIOCAT_NOT_CONNECTED,
    [SIOSCOPE_DIAGNOSIS_REFUSED] = SIOCAT_REFUSED,
  };
  g_autofree char *message = siocat_words_name_options (diagnosis->message);
  GString *line = begin (self, "verdict");

  g_string_append_printf (line, ",\"ok\":%s,\"errors\":%u,\"warnings\":%u,\"message\":",
                          diagnosis->kind == SIOSCOPE_DIAGNOSIS_FINE ? "true" : "false", diagnosis->n_errors,
                          diagnosis->n_warnings);
  sio_json_append_quoted (line, message, -1);
  end (self, line);
  g_free (diagnosis->message);

  return statuses[diagnosis->kind];
}

SiocatStatus
siocat_doctor (int    argc,
               char **argv)
{
  g_auto(DoctorCommand) self = { .started_us = g_get_monotonic_time (), .cancellable = g_cancellable_new () };
  const GOptionEntry entries[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self.rest, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(SiocatOptions) client_options = siocat_options_new ();
  g_autoptr(GOptionContext) context =
    siocat_options_make_context (client_options, "URL",
                                 "Probes a server and says in words what is wrong. --timeout bounds each check.", entries);
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *url = NULL;
  SioscopeDiagnosis diagnosis;
  SiocatStatus status;

  if (!siocat_options_parse (context, argc, argv, &status))
    return status;

  options = siocat_options_make (client_options, &error);
  if (options == NULL || !siocat_check_parameters (self.rest, 1, 1, "URL", &error))
    return siocat_complain_of (error);

  siocat_interrupt_watch (interrupted_cb, &self);
  url = siocat_options_make_url (client_options, self.rest[0]);
  if (sioscope_doctor_run (url, options, siocat_options_get_auth (client_options), self.cancellable, check_cb, &self,
                           &diagnosis, &error))
    return siocat_output_finish (print_verdict (&self, &diagnosis));

  /* Interrupted, or nobody reads any more: what was said stands. */
  if (g_cancellable_is_cancelled (self.cancellable))
    return siocat_output_finish (SIOCAT_DONE);

  siocat_complain ("URL: %s", error->message);

  return SIOCAT_USAGE;
}
