/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine's calls and exchanges, kept for the tests to look at. */

#include "network-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

/* The tap */

static void network_tap_iface_init (SioTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (NetworkTap, network_tap, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (SIO_TYPE_TAP, network_tap_iface_init))

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  g_free (self->method);
  g_free (self->uri);
  g_free (self->request_headers);
  g_free (self->response_headers);
  g_free (self->tls_fingerprint);
  g_free (self->tls_certificate);
  g_clear_error (&self->error);
  g_free (self);
}

static void
network_tap_http (SioTap                *tap,
                  const SioHttpExchange *exchange)
{
  Exchange *copy = g_new0 (Exchange, 1);

  copy->method = g_strdup (exchange->method);
  copy->uri = g_strdup (exchange->uri);
  copy->status = exchange->status;
  copy->request_headers = g_strdup (exchange->request_headers);
  copy->response_headers = g_strdup (exchange->response_headers);
  copy->tls_errors = exchange->tls_errors;
  copy->tls_fingerprint = g_strdup (exchange->tls_fingerprint);
  copy->tls_certificate = g_strdup (exchange->tls_certificate);
  copy->error = exchange->error != NULL ? g_error_copy (exchange->error) : NULL;
  g_ptr_array_add (NETWORK_TAP (tap)->exchanges, copy);
}

static void
network_tap_iface_init (SioTapInterface *iface)
{
  iface->http = network_tap_http;
}

static void
network_tap_finalize (GObject *object)
{
  g_ptr_array_unref (NETWORK_TAP (object)->exchanges);
  G_OBJECT_CLASS (network_tap_parent_class)->finalize (object);
}

static void
network_tap_class_init (NetworkTapClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = network_tap_finalize;
}

static void
network_tap_init (NetworkTap *self)
{
  self->exchanges = g_ptr_array_new_with_free_func (exchange_free);
}

/* The listener */

static void
opened_cb (gpointer            data,
           const SioHandshake *handshake,
           guint               eio,
           const char         *how)
{
  ((Network *) data)->opened = TRUE;
}

static void
text_cb (gpointer          data,
         GBytes           *owner,
         SioSpan           raw,
         SioTransportKind  transport)
{
  g_ptr_array_add (((Network *) data)->texts, g_strndup (raw.data, raw.size));
}

static void
binary_cb (gpointer          data,
           GBytes           *bytes,
           SioTransportKind  transport)
{
}

static void
drained_cb (gpointer data)
{
}

static void
upgraded_cb (gpointer data)
{
  ((Network *) data)->upgraded = TRUE;
}

static void
closed_cb (gpointer      data,
           const char   *reason,
           const GError *error)
{
  Network *self = data;

  g_assert_false (self->closed);
  self->closed = TRUE;
  self->reason = g_strdup (reason);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  if (error != NULL)
    g_test_message ("%s: %s", reason, error->message);
}

static const SioEngineListener listener = {
  .opened = opened_cb,
  .text = text_cb,
  .binary = binary_cb,
  .drained = drained_cb,
  .upgraded = upgraded_cb,
  .closed = closed_cb,
};

/* The fixture */

void
network_init (Network    *self,
              const char *transports)
{
  g_auto (GStrv) names = g_strsplit (transports, ",", -1);
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  self->options = sio_options_new ();
  sio_options_set_server (self->options, 4, &error);
  g_assert_no_error (error);
  sio_options_set_transports (self->options, (const char * const *) names, &error);
  g_assert_no_error (error);
  /* whatever the machine's settings are */
  sio_options_set_proxy (self->options, "direct://", &error);
  g_assert_no_error (error);
  sio_options_set_timeout_ms (self->options, 15000);
  self->texts = g_ptr_array_new_with_free_func (g_free);
  self->tap = g_object_new (TYPE_NETWORK_TAP, NULL);
  sio_tap_handle_set (&self->handle, SIO_TAP (self->tap));
}

static void
network_forget (Network *self)
{
  g_clear_pointer (&self->engine, sio_engine_free);
  g_ptr_array_set_size (self->texts, 0);
  g_ptr_array_set_size (self->tap->exchanges, 0);
  g_clear_pointer (&self->reason, g_free);
  g_clear_error (&self->error);
  self->opened = self->closed = self->upgraded = FALSE;
}

void
network_clear (Network *self)
{
  network_forget (self);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  g_clear_object (&self->tap);
  g_clear_object (&self->options);
  g_clear_pointer (&self->memory.cookies, sio_cookie_store_unref);
  /* what libsoup has left to do, so that a leak or a late call shows here */
  for (guint i = 0; i < 20; i++)
    while (g_main_context_iteration (NULL, FALSE))
      ;
}

void
network_open (Network    *self,
              const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioUrl) url = sio_url_parse (text, &error);

  g_assert_no_error (error);
  network_forget (self);
  self->engine = sio_engine_new (url, self->options, &self->memory, &self->handle, &listener, self);
  sio_engine_open (self->engine);
  g_assert_false (self->closed);
}

void
network_open_well (Network    *self,
                   const char *url)
{
  network_open (self, url);
  WAIT_FOR (self->opened || self->closed);
  if (self->closed)
    g_error ("closed instead of opened: %s", self->error != NULL ? self->error->message : "no error");
}

void
network_expect_part (Network    *self,
                     const char *part)
{
  g_assert_nonnull (self->error);
  if (strstr (self->error->message, part) == NULL)
    g_error ("expected \"%s\" in \"%s\"", part, self->error->message);
}

void
network_expect_failure (Network    *self,
                        const char *url,
                        int         code,
                        const char *part,
                        ...)
{
  va_list parts;

  network_open (self, url);
  WAIT_FOR (self->closed);
  g_assert_false (self->opened);
  g_assert_error (self->error, SIO_ERROR, code);
  g_assert_true (g_utf8_validate (self->error->message, -1, NULL));
  va_start (parts, part);
  for (const char *p = part; p != NULL; p = va_arg (parts, const char *))
    network_expect_part (self, p);
  va_end (parts);
}

void
network_send (Network    *self,
              const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  sio_engine_send (self->engine, TRUE, bytes, NULL, &error);
  g_assert_no_error (error);
}

static const char *
find_text (Network    *self,
           const char *prefix)
{
  for (guint i = 0; i < self->texts->len; i++)
    if (g_str_has_prefix (self->texts->pdata[i], prefix))
      return self->texts->pdata[i];
  return NULL;
}

const char *
network_await (Network    *self,
               const char *prefix)
{
  WAIT_FOR (find_text (self, prefix) != NULL || self->closed);
  if (self->closed)
    g_error ("closed: %s: %s", self->reason, self->error != NULL ? self->error->message : "");
  return find_text (self, prefix);
}

void
network_talk (Network *self)
{
  network_send (self, "0");
  network_await (self, "40{");
  network_send (self, "2[\"echo\",\"h\xc3\xa9\"]");
  network_await (self, "42[\"echo\",\"h\xc3\xa9\"]");
}

Exchange *
network_get_exchange (Network *self,
                      guint    n)
{
  g_assert_cmpuint (n, <, self->tap->exchanges->len);
  return self->tap->exchanges->pdata[n];
}

guint
count_parts (const char *text,
             const char *part)
{
  guint n = 0;

  while ((text = strstr (text, part)) != NULL)
    {
      n++;
      text += strlen (part);
    }
  return n;
}

/* Helpers */

struct _Helper {
  GSubprocess      *process;
  GDataInputStream *lines;
  guint             port;
  GPtrArray        *urls;
};

static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

Helper *
helper_start (const char *script,
              const char *options)
{
  Helper *self = g_new0 (Helper, 1);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "network", script, NULL);
  g_autofree char *node = g_find_program_in_path ("node");
  g_autofree char *line = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;

  if (node == NULL)
    g_error ("node is not installed; the tests against real servers need Node.js 18 or newer");
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  /* what is set for our allocator is nothing for V8 */
  g_subprocess_launcher_unsetenv (launcher, "MALLOC_CHECK_");
  g_subprocess_launcher_unsetenv (launcher, "LD_PRELOAD");
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error, node, path, options, NULL);
  g_assert_no_error (error);
  self->urls = g_ptr_array_new_with_free_func (g_free);
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (self->lines, NULL, NULL, &error);
  if (line == NULL || sscanf (line, "port %u", &self->port) != 1)
    g_error ("%s did not say where it listens, but: %s", script, line != NULL ? line : "nothing");
  return self;
}

guint
helper_get_port (Helper *self)
{
  return self->port;
}

const char *
helper_get_url (Helper     *self,
                const char *scheme)
{
  g_ptr_array_add (self->urls, g_strdup_printf ("%s://127.0.0.1:%u/", scheme, self->port));
  return self->urls->pdata[self->urls->len - 1];
}

char *
helper_finish (Helper *self)
{
  GString *text = g_string_new (NULL);
  char *line;

  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
  while ((line = g_data_input_stream_read_line (self->lines, NULL, NULL, NULL)) != NULL)
    {
      g_string_append_printf (text, "%s\n", line);
      g_free (line);
    }
  return g_string_free (text, FALSE);
}

void
helper_free (Helper *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->lines);
  g_object_unref (self->process);
  g_ptr_array_unref (self->urls);
  g_free (self);
}

void
network_add (const char    *group,
             const char    *name,
             GTestDataFunc  body)
{
  static const char * const transports[] = { "polling", "websocket" };

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      g_autofree char *path = g_strdup_printf ("/%s/%s/%s", group, transports[i], name);

      g_test_add_data_func (path, transports[i], body);
    }
}
