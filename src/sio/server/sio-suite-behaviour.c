/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two plain behaviours: what the protocols' public test suites expect of a server, and a bare
 * Engine.IO echo. */

#include "sio-server-private.h"

/* The Socket.IO suite waits two seconds for a connection without CONNECT to be closed. */
#define SUITE_CONNECT_TIMEOUT_MS 1000

static gboolean
suite_connect (gpointer     data,
               const char  *nsp,
               SioSpan      auth,
               char       **refusal)
{
  return g_str_equal (nsp, "/") || g_str_equal (nsp, "/custom");
}

static void
suite_connected (gpointer         data,
                 SioServerSocket *socket,
                 SioSpan          auth)
{
  sio_server_socket_emit (socket, "auth", auth.size > 0 ? auth : SIO_SPAN_LITERAL ("{}"), NULL);
}

static void
suite_event (gpointer              data,
             SioServerSocket      *socket,
             const SioServerEvent *event)
{
  if (sio_span_equals (event->name, "message"))
    sio_server_socket_emit (socket, "message-back", event->args, event->attachments);
  else if (sio_span_equals (event->name, "message-with-ack") && event->id >= 0)
    sio_server_socket_ack (socket, event->id, event->args, event->attachments);
}

/**
 * sio_server_behave_as_test_suite:
 * @self: a server without clients
 *
 * Lets clients into `/` and `/custom`, tells each the auth it came with in an event "auth", answers "message" with
 * "message-back" and acknowledges "message-with-ack", both with the same arguments. A connection that joins no
 * namespace within one second is closed, as the suites expect.
 */
void
sio_server_behave_as_test_suite (SioServer *self)
{
  SioServerBehaviour behaviour = {
    .connect = suite_connect,
    .connected = suite_connected,
    .event = suite_event,
    .connect_timeout_ms = SUITE_CONNECT_TIMEOUT_MS,
  };

  g_return_if_fail (SIO_IS_SERVER (self));

  sio_server_set_behaviour (self, &behaviour, NULL);
}

static void
echo_message (gpointer          data,
              SioServerSession *session,
              gboolean          binary,
              SioSpan           content)
{
  if (binary)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (content.data, content.size);

      sio_server_session_send_binary (session, bytes);
    }
  else
    {
      sio_server_session_send_text (session, content);
    }
}

/**
 * sio_server_behave_as_engine_echo:
 * @self: a server without clients
 *
 * A bare Engine.IO server: every message goes back as it came; there are no namespaces.
 */
void
sio_server_behave_as_engine_echo (SioServer *self)
{
  SioServerBehaviour behaviour = { .message = echo_message };

  g_return_if_fail (SIO_IS_SERVER (self));

  sio_server_set_behaviour (self, &behaviour, NULL);
}
