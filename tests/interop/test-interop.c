/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client against a real socket.io from npm, each body over polling, over websocket, and while going from one to the
 * other. INTEROP_SERVER says the server's major version, INTEROP_PARSER how both write packets. */

#include "interop.h"

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  interop_add (interop_connect_cases);
  interop_add (interop_message_cases);
  interop_add (interop_loss_cases);

  return interop_run ();
}
