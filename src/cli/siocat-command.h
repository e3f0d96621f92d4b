/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a line of standard input asks for. */

#pragma once

#include "siocat-client.h"

G_BEGIN_DECLS

/* ["event", arg…] with the binary notation. */
gboolean siocat_parse_event  (SioSpan        text,
                              char         **event,
                              SioArguments **args,
                              GError       **error);

/* Does it. The error says what is wrong with the line; then nothing happened. */
gboolean siocat_command_run  (SiocatClient  *client,
                              const char    *line,
                              gsize          size,
                              GError       **error);

G_END_DECLS
