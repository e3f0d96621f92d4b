/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sio-tap-private.h"

_Thread_local guint sio_tap_depth;

G_DEFINE_INTERFACE (SioTap, sio_tap, G_TYPE_OBJECT)

static void
sio_tap_default_init (SioTapInterface *iface)
{
}
