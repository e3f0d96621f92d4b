/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The open packet's JSON. Every field is checked: a hostile server must not set our timers.
 * Engine.IO 4, "Handshake". */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

typedef struct {
  char  *sid;                /* 1 to 256 printable ASCII bytes */
  char **upgrades;           /* never NULL; at most 16 */
  guint  ping_interval_ms;   /* 1 to 86 400 000 */
  guint  ping_timeout_ms;    /* 1 to 86 400 000 */
  gint64 max_payload;        /* bytes; 0 if the server said none */
} SioHandshake;

SioHandshake *sio_handshake_parse (SioSpan        json,
                                   GError       **error);
void          sio_handshake_free  (SioHandshake  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioHandshake, sio_handshake_free)

G_END_DECLS
