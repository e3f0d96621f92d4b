/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat: what its files share: the commands and what they exit with. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/* Other people's scripts test these: they never change. */
typedef enum {
  SIOCAT_DONE          = 0, /* as asked */
  SIOCAT_USAGE         = 1,
  SIOCAT_NOT_CONNECTED = 2, /* could not connect, or gave up reconnecting */
  SIOCAT_REFUSED       = 3, /* the namespace was */
  SIOCAT_TIMED_OUT     = 4, /* the acknowledgement did */
  SIOCAT_DISCONNECTED  = 5, /* by the server */
  SIOCAT_FILE          = 6, /* could not be read or written */
} SiocatStatus;

/* argv[0] is the command's name; argv is changed. */
SiocatStatus siocat_connect (int    argc,
                             char **argv);
SiocatStatus siocat_emit    (int    argc,
                             char **argv);
SiocatStatus siocat_doctor  (int    argc,
                             char **argv);
SiocatStatus siocat_serve   (int    argc,
                             char **argv);
SiocatStatus siocat_print   (int    argc,
                             char **argv);

SiocatStatus siocat_run     (int    argc,
                             char **argv);

G_END_DECLS
