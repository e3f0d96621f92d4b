/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat: which command it is. */

#include "config.h"

#include "siocat.h"
#include "siocat-output.h"

static const struct {
  const char   *name;
  SiocatStatus (*run) (int argc, char **argv);
  const char   *summary;
} commands[] = {
  { "connect", siocat_connect, "connect, print what happens, read commands from standard input" },
  { "emit",    siocat_emit,    "connect, emit once, wait for the ack if asked, exit" },
  { "doctor",  siocat_doctor,  "probe a server and say in words what is wrong" },
  { "serve",   siocat_serve,   "run the embedded Socket.IO server" },
  { "print",   siocat_print,   "print a recording" },
};

static char *
make_help (void)
{
  GString *help = g_string_new ("Usage:\n"
                                "  siocat connect [OPTION...] URL\n"
                                "  siocat emit    [OPTION...] URL EVENT [ARG...]\n"
                                "  siocat doctor  [OPTION...] URL\n"
                                "  siocat serve   [OPTION...]\n"
                                "  siocat print   [OPTION...] FILE\n"
                                "\n"
                                "Commands:\n");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (help, "  %-8s %s\n", commands[i].name, commands[i].summary);

  g_string_append (help,
                   "\n"
                   "  siocat COMMAND --help tells the options of a command, siocat --version the version.\n"
                   "  What happens is printed as one JSON object a line.\n"
                   "\n"
                   "Exit status:\n"
                   "  0 done as asked\n"
                   "  1 wrong usage\n"
                   "  2 could not connect, or gave up reconnecting\n"
                   "  3 namespace refused\n"
                   "  4 acknowledgement timed out\n"
                   "  5 disconnected by the server\n"
                   "  6 a file could not be read or written\n");

  return g_string_free (help, FALSE);
}

SiocatStatus
siocat_run (int    argc,
            char **argv)
{
  const char *name = argc > 1 ? argv[1] : NULL;
  g_autofree char *help = make_help ();

  g_set_prgname ("siocat");

  if (name == NULL)
    {
      siocat_complain ("a command is missing: connect, emit, doctor, serve or print (siocat --help tells more)");
      return SIOCAT_USAGE;
    }

  if (g_str_equal (name, "--help") || g_str_equal (name, "-h") || g_str_equal (name, "help"))
    {
      siocat_output_write (help, strlen (help));
      return siocat_output_finish (SIOCAT_DONE);
    }

  if (g_str_equal (name, "--version"))
    {
      siocat_output_write ("siocat " SIOSCOPE_VERSION "\n", strlen ("siocat " SIOSCOPE_VERSION "\n"));
      return siocat_output_finish (SIOCAT_DONE);
    }

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (name, commands[i].name))
      return commands[i].run (argc - 1, argv + 1);

  if (*name == '-')
    siocat_complain ("%s: an option needs its command in front of it: siocat COMMAND %s", name, name);
  else
    siocat_complain ("%s is no command; there are connect, emit, doctor, serve and print", name);

  return SIOCAT_USAGE;
}
