/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the library says, in the words of the command line. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) The options that text names are called as siocat --help does. */
char *siocat_words_name_options (const char *text);

G_END_DECLS
