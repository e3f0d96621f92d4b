/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64 as Node reads it: url alphabet and missing padding accepted, other characters skipped, the first
 * "=" ends it, dangling bits dropped (vectors eio4-packet/027 to 034). */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

GBytes *sio_base64_decode (const char *text,
                           gsize       size);
void    sio_base64_append (GString    *out,
                           const void *data,
                           gsize       size);

G_END_DECLS
