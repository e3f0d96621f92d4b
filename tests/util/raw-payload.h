/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Polling bodies as servers write and read them, in both revisions of Engine.IO, apart from the library's own codec. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One packet, "4hello" or a binary one as "b<base64>" ("b4<base64>" in revision 3). */
void       raw_payload_append (GString    *body,
                               guint       eio,
                               const char *packet);
/* The packets of a body; in revision 3 the lengths must be right. (transfer full) */
GPtrArray *raw_payload_split  (guint       eio,
                               const char *body);

G_END_DECLS
