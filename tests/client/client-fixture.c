/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "client-fixture.h"

Client *
client_new (const char *transport)
{
  return client_new_full (transport, NULL, "");
}

Client *
client_new_full (const char *transport,
                 const char *open_json,
                 const char *url_end)
{
  const char *transports[] = { transport, NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *base = NULL;
  g_autofree char *url = NULL;
  Client *self = g_new0 (Client, 1);

  self->session = raw_session_new (open_json);
  base = raw_session_dup_url (self->session);
  url = g_strconcat (base, url_end, NULL);

  self->options = sio_options_new ();
  sio_options_set_transports (self->options, transports, &error);
  g_assert_no_error (error);
  sio_options_set_reconnection_delay_ms (self->options, 60000);
  sio_options_set_reconnection_delay_max_ms (self->options, 60000);

  self->manager = sio_manager_new (url, self->options, &error);
  g_assert_no_error (error);
  self->tap = tap_log_new ();
  sio_manager_set_tap (self->manager, SIO_TAP (self->tap));
  self->heard = heard_new ();
  heard_watch_manager (self->heard, self->manager);
  self->socket = client_get_socket (self, "/");
  return self;
}

void
client_free (Client *self)
{
  if (self->manager != NULL) /* a test may have let it go */
    g_assert_finalize_object (self->manager);
  g_assert_finalize_object (self->options);
  g_assert_finalize_object (self->tap);
  heard_free (self->heard);
  raw_session_free (self->session);
  g_free (self);
}

typedef struct {
  const char *transport;
  ClientBody  body;
} Case;

static void
run (gconstpointer data)
{
  const Case *this = data;
  Client *self = client_new (this->transport);

  this->body (self);
  client_free (self);
}

void
client_add (const char *name,
            ClientBody  body)
{
  static const char *transports[] = { "polling", "websocket" };

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      g_autofree char *path = g_strdup_printf ("/client/%s/%s", transports[i], name);
      Case *this = g_new0 (Case, 1);

      this->transport = transports[i];
      this->body = body;
      g_test_add_data_func_full (path, this, run, g_free);
    }
}

void
client_connect (Client *self)
{
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

static char *
take (Client *self)
{
  char *sent;

  while ((sent = raw_session_take (self->session)) != NULL && g_str_equal (sent, "1"))
    g_free (sent);
  return sent;
}

void
client_expect (Client     *self,
               const char *packet)
{
  g_autofree char *sent = NULL;

  /* the condition is asked once more after it held; the goodbye of a polling session is the engine's business */
  WAIT_FOR (sent != NULL || (sent = take (self)) != NULL);
  g_assert_cmpstr (sent, ==, packet);
}

void
client_expect_nothing (Client *self)
{
  raw_session_send (self->session, "2");
  client_expect (self, "3");
}

SioSocket *
client_get_socket (Client     *self,
                   const char *nsp)
{
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, &error);

  g_assert_no_error (error);
  heard_watch_socket (self->heard, socket);
  return socket;
}

gboolean
client_emit (Client     *self,
             const char *event,
             const char *args)
{
  g_autoptr(SioArguments) arguments = sio_arguments_new ();
  g_autoptr(GError) error = NULL;

  if (args != NULL)
    sio_arguments_add_json (arguments, args, -1, TRUE, &error);
  g_assert_no_error (error);
  return sio_socket_emit (self->socket, event, arguments, NULL, NULL);
}

void
client_lose (Client   *self,
             gboolean  reset)
{
  raw_session_drop (self->session, reset);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
}

void
client_rejoin (Client *self)
{
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40");
  raw_session_send (self->session, "40{\"sid\":\"id2\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

void
answer_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Answer *answer = data;

  answer->n_calls++;
  answer->args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &answer->error);
  g_assert_true ((answer->args != NULL) != (answer->error != NULL));
}

void
answer_clear (Answer *self)
{
  g_assert_cmpuint (self->n_calls, ==, 1);
  g_clear_pointer (&self->args, sio_arguments_unref);
  g_clear_error (&self->error);
}
