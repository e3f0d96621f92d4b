/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <locale.h>
#include <signal.h>

#include "siocat.h"

int
main (int    argc,
      char **argv)
{
  /* Not LC_ALL: numbers are printed for machines. */
  setlocale (LC_CTYPE, "");
  /* A reader that went away is an end like any other: the server hears a goodbye. */
  signal (SIGPIPE, SIG_IGN);

  return (int) siocat_run (argc, argv);
}
