/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The options that connect, emit and doctor share: one per client option. */

#pragma once

#include "siocat.h"
#include "sioscope-print.h"

G_BEGIN_DECLS

typedef struct _SiocatOptions SiocatOptions;

SiocatOptions  *siocat_options_new           (void);
void            siocat_options_free          (SiocatOptions         *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SiocatOptions, siocat_options_free)

/* A context that knows them and, in own, those of the command. */
GOptionContext *siocat_options_make_context  (SiocatOptions         *self,
                                              const char            *parameters,
                                              const char            *summary,
                                              const GOptionEntry    *own);
/* Says what siocat_options_make() or a check found wrong, and what to exit with for it. */
SiocatStatus    siocat_complain_of           (const GError          *error);
/* After parsing. The error names the option; it is of the domain G_FILE_ERROR if a file could not be read. */
SioOptions     *siocat_options_make          (SiocatOptions         *self,
                                              GError               **error);
/* The URL, with --query if it has a query of its own. */
char           *siocat_options_make_url      (SiocatOptions         *self,
                                              const char            *url);
/* --auth; it is for the URL's namespace only. NULL: none. */
const char     *siocat_options_get_auth      (SiocatOptions         *self);

/* Parses, prints help, complains. FALSE: exit with *status. */
gboolean        siocat_options_parse         (GOptionContext        *context,
                                              int                    argc,
                                              char                 **argv,
                                              SiocatStatus          *status);
/* An option's number is at least min and at most max; else an error that names it. */
gboolean        siocat_check_number          (const char            *option,
                                              gint64                 value,
                                              gint64                 min,
                                              gint64                 max,
                                              GError               **error);
/* The text of an argument has to be UTF-8. */
gboolean        siocat_check_text            (const char            *option,
                                              const char            *text,
                                              GError               **error);
/* What stands on the command line beside the options. what names them all: "URL EVENT". */
gboolean        siocat_check_parameters      (char                 **given,
                                              guint                  min,
                                              guint                  max,
                                              const char            *what,
                                              GError               **error);
/* --show; NULL is the default. */
gboolean        siocat_parse_depth           (const char            *text,
                                              SioscopePrintDepth    *depth,
                                              GError               **error);

G_END_DECLS
