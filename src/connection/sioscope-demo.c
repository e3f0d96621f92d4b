/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The demo server of --demo: one for the program, on the network thread. */

#include "sioscope-connection.h"
#include "sioscope-network-private.h"

typedef struct {
  SioscopeNetwork *network;
  SioServer       *server;
} Demo;

typedef struct {
  SioscopeNetwork *network;
  guint            port;
  GError          *error;
} StartRequest;

static Demo *demo; /* the network thread's; NULL unless it runs */

static void
demo_end (gpointer member,
          gboolean now)
{
  g_assert (member == demo);

  sio_server_close (demo->server);
  g_clear_object (&demo->server);
  sioscope_network_release (demo->network, demo);
  sioscope_network_unref (demo->network);
  g_clear_pointer (&demo, g_free);
}

static void
start_cb (gpointer data)
{
  StartRequest *request = data;

  if (demo == NULL)
    {
      SioServerOptions options = SIO_SERVER_DEFAULT_OPTIONS;
      SioServer *server = sio_server_new (&options, &request->error);

      if (server == NULL)
        return;

      sio_server_behave_as_demo (server);
      demo = g_new (Demo, 1);
      *demo = (Demo) { sioscope_network_ref (request->network), server };
      sioscope_network_hold (demo->network, demo, demo_end);
    }

  request->port = sio_server_get_port (demo->server);
}

/**
 * sioscope_demo_server_start:
 * @error: why the server could not listen
 *
 * Starts the demo server on 127.0.0.1 and a free port, unless it runs already, and waits until it
 * listens, which takes a millisecond or so. It runs until sioscope_network_shutdown().
 *
 * Returns: (transfer full) (nullable): its URL, "http://127.0.0.1:PORT"
 */
char *
sioscope_demo_server_start (GError **error)
{
  g_autoptr(SioscopeNetwork) network = sioscope_network_ref_default ();
  StartRequest request = { .network = network };

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  sioscope_network_call (network, start_cb, &request);
  if (request.error != NULL)
    {
      g_propagate_error (error, request.error);
      return NULL;
    }

  return g_strdup_printf ("http://127.0.0.1:%u", request.port);
}
