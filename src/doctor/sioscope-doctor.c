/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The order of the checks, what they share, and the verdict. */

#include "sioscope-doctor-private.h"

#define DEFAULT_TIMEOUT_MS 20000
/* What listens, but keeps silent, is not waited for so long, unless another timeout than usual is set. */
#define LOOK_MS 5000

/* ---- waiting ---- */

static gboolean
deadline_cb (gpointer data)
{
  DoctorWait *wait = data;

  wait->timed_out = TRUE;
  g_cancellable_cancel (wait->cancellable);

  return G_SOURCE_REMOVE;
}

static void
stopped_cb (GCancellable *cancellable,
            gpointer      data)
{
  g_cancellable_cancel (data);
}

void
doctor_wait_begin (Doctor     *self,
                   DoctorWait *wait)
{
  *wait = (DoctorWait) { .doctor = self, .cancellable = g_cancellable_new () };
  wait->deadline = g_timeout_source_new (self->look_ms);
  g_source_set_callback (wait->deadline, deadline_cb, wait, NULL);
  g_source_attach (wait->deadline, self->context);
  if (self->cancellable != NULL)
    wait->handler = g_cancellable_connect (self->cancellable, G_CALLBACK (stopped_cb), wait->cancellable, NULL);
}

void
doctor_wait_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  DoctorWait *wait = data;

  wait->result = g_object_ref (result);
}

GAsyncResult *
doctor_wait (DoctorWait *wait)
{
  while (wait->result == NULL)
    g_main_context_iteration (wait->doctor->context, TRUE);

  return wait->result;
}

void
doctor_wait_end (DoctorWait  *wait,
                 GError     **error)
{
  if (wait->timed_out && error != NULL && *error != NULL)
    {
      g_clear_error (error);
      g_set_error (error, SIO_ERROR, SIO_ERROR_TIMED_OUT, "nothing came within %u ms", wait->doctor->look_ms);
    }

  if (wait->handler != 0)
    g_cancellable_disconnect (wait->doctor->cancellable, wait->handler);
  g_source_destroy (wait->deadline);
  g_source_unref (wait->deadline);
  g_object_unref (wait->cancellable);
  g_clear_object (&wait->result);
}

gboolean
doctor_stopped (Doctor *self)
{
  return g_cancellable_is_cancelled (self->cancellable);
}

/* ---- details ---- */

static void
add_name (GString    *details,
          const char *name)
{
  g_string_append_printf (details, "%s\"%s\":", details->len > 0 ? "," : "", name);
}

void
doctor_add_text (GString    *details,
                 const char *name,
                 const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    return;

  valid = g_utf8_make_valid (text, -1);
  add_name (details, name);
  sio_json_append_quoted (details, valid, -1);
}

void
doctor_add_number (GString    *details,
                   const char *name,
                   gint64      value)
{
  add_name (details, name);
  g_string_append_printf (details, "%" G_GINT64_FORMAT, value);
}

void
doctor_add_bool (GString    *details,
                 const char *name,
                 gboolean    value)
{
  add_name (details, name);
  g_string_append (details, value ? "true" : "false");
}

void
doctor_add_json (GString    *details,
                 const char *name,
                 SioSpan     json)
{
  if (json.size == 0)
    return;

  add_name (details, name);
  sio_json_append_compact (details, json);
}

void
doctor_report (Doctor             *self,
               const char         *name,
               SioscopeCheckLevel  level,
               GString            *details,
               const char         *format,
               ...)
{
  g_autofree char *text = NULL;
  g_autofree char *message = NULL;
  SioscopeCheck check;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  message = g_utf8_make_valid (text, -1);

  self->n_errors += level == SIOSCOPE_CHECK_ERROR;
  self->n_warnings += level == SIOSCOPE_CHECK_WARNING;
  /* A session that breaks for want of stickiness is the effect, not the cause. */
  if (level == SIOSCOPE_CHECK_ERROR && (self->cause == NULL || g_str_equal (name, "sticky")))
    {
      g_free (self->cause);
      self->cause = g_strdup (message);
    }
  if (level == SIOSCOPE_CHECK_WARNING && self->warning == NULL)
    self->warning = g_strdup (message);

  check = (SioscopeCheck) { .name = name, .level = level, .message = message };
  if (details != NULL)
    check.details = (SioSpan) { details->str, details->len };
  /* What is found while it is being stopped is only that it is being stopped. */
  if (!doctor_stopped (self))
    self->func (&check, self->user_data);
  if (details != NULL)
    g_string_free (details, TRUE);
}

/* ---- the order ---- */

static void
check_all (Doctor        *self,
           DoctorSession *polling,
           DoctorSession *websocket)
{
  DoctorEngine engine = { 0 };

  if (!doctor_check_proxy (self) || !doctor_check_name (self) || !doctor_check_tcp (self))
    return;
  if (self->timeout_ms == DEFAULT_TIMEOUT_MS)
    self->look_ms = LOOK_MS;
  if (!doctor_check_tls (self) || doctor_stopped (self))
    return;
  if (!doctor_check_http (self, &engine) || doctor_stopped (self))
    return;

  doctor_check_version (self);
  if (engine.polling && !doctor_stopped (self))
    doctor_check_polling (self, &engine, polling);
  if (!doctor_stopped (self))
    doctor_check_websocket (self, &engine, polling, websocket);
  if (engine.polling && polling->eio == 4 && !doctor_stopped (self))
    doctor_check_eio3 (self);
}

static void
conclude (Doctor              *self,
          const DoctorSession *polling,
          const DoctorSession *websocket,
          SioscopeDiagnosis   *diagnosis)
{
  const char *cause = self->cause != NULL ? self->cause : "no reason was found";

  *diagnosis = (SioscopeDiagnosis) { .n_errors = self->n_errors, .n_warnings = self->n_warnings };
  if (!polling->opened && !websocket->opened)
    {
      diagnosis->kind = SIOSCOPE_DIAGNOSIS_NO_CONNECTION;
      diagnosis->message = g_strdup_printf ("No connection: %s", cause);
    }
  else if (!polling->joined && !websocket->joined)
    {
      gboolean refused = polling->refused || websocket->refused;

      diagnosis->kind = refused ? SIOSCOPE_DIAGNOSIS_REFUSED : SIOSCOPE_DIAGNOSIS_NO_CONNECTION;
      diagnosis->message = g_strdup_printf ("%s: %s", refused ? "The server answers, but the namespace is refused"
                                                              : "The server answers, but the namespace does not", cause);
    }
  else if (self->n_errors + self->n_warnings > 0)
    {
      diagnosis->kind = SIOSCOPE_DIAGNOSIS_WORKS;
      diagnosis->message = g_strdup_printf ("It works, but not everything is fine (%u error%s, %u warning%s): %s",
                                            self->n_errors, self->n_errors == 1 ? "" : "s",
                                            self->n_warnings, self->n_warnings == 1 ? "" : "s",
                                            self->n_errors > 0 ? self->cause : self->warning);
    }
  else
    {
      diagnosis->kind = SIOSCOPE_DIAGNOSIS_FINE;
      diagnosis->message = g_strdup ("All is fine");
    }
}

/**
 * sioscope_doctor_run:
 * @url: what `io (url)` takes
 * @options: how to connect; they are not changed. The option timeout bounds each check; at its usual value a look at
 *   a port that is open takes less
 * @auth: (nullable): JSON object text, the auth of the URL's namespace
 * @cancellable: (nullable): stops it soon
 * @func: told what each check found, in order, from within this call
 * @user_data: passed to it
 * @diagnosis: (out caller-allocates): the verdict; g_free() its message
 * @error: %SIO_ERROR_INVALID_ARGUMENT if @url is none, %G_IO_ERROR_CANCELLED if it was stopped
 *
 * Probes a server. Blocks until it is done, and runs the thread-default main context meanwhile: a program with windows calls
 * it in a thread that has pushed one of its own.
 *
 * Of the sessions that it opens each is closed in good order. Before it knows that there is a Socket.IO server it asks only
 * what has no effect.
 *
 * Returns: whether there is a diagnosis
 */
gboolean
sioscope_doctor_run (const char          *url,
                     SioOptions          *options,
                     const char          *auth,
                     GCancellable        *cancellable,
                     SioscopeDoctorFunc   func,
                     gpointer             user_data,
                     SioscopeDiagnosis   *diagnosis,
                     GError             **error)
{
  Doctor self = { .options = options, .auth = auth, .cancellable = cancellable, .func = func, .user_data = user_data };
  DoctorSession polling = { 0 };
  DoctorSession websocket = { 0 };

  g_return_val_if_fail (url != NULL && SIO_IS_OPTIONS (options) && func != NULL && diagnosis != NULL, FALSE);

  self.url = sio_url_parse (url, error);
  if (self.url == NULL)
    return FALSE;

  self.timeout_ms = sio_options_get_timeout_ms (options) > 0 ? sio_options_get_timeout_ms (options) : DEFAULT_TIMEOUT_MS;
  self.look_ms = self.timeout_ms;
  self.context = g_main_context_ref_thread_default ();

  check_all (&self, &polling, &websocket);
  if (!doctor_stopped (&self))
    conclude (&self, &polling, &websocket, diagnosis);

  g_main_context_unref (self.context);
  g_list_free_full (self.addresses, g_object_unref);
  g_clear_object (&self.working);
  g_free (self.proxy);
  g_free (self.cause);
  g_free (self.warning);
  sio_url_free (self.url);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
