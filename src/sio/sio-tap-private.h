/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the rooms of the library call a tap: a handle that costs one comparison when nobody listens. */

#pragma once

#include "sio-tap.h"

G_BEGIN_DECLS

/* A manager has at most one tap; the vtable is looked up once and not at every packet. */
typedef struct {
  SioTap                *tap;   /* NULL: nobody listens */
  const SioTapInterface *iface; /* valid while tap is set */
} SioTapHandle;

static inline void
sio_tap_handle_set (SioTapHandle *handle,
                    SioTap       *tap)
{
  handle->tap = tap;
  handle->iface = tap != NULL ? SIO_TAP_GET_IFACE (tap) : NULL;
}

/* How many calls of taps are going on in this thread. They are in the middle of things: whatever would open, close or dispose
 * of something waits until they are over. */
extern _Thread_local guint sio_tap_depth;

#define SIO_TAP_CALL(handle, method, ...)                                   \
  G_STMT_START {                                                            \
    if ((handle)->tap != NULL && (handle)->iface->method != NULL)           \
      {                                                                     \
        sio_tap_depth++;                                                    \
        (handle)->iface->method ((handle)->tap, __VA_ARGS__);               \
        sio_tap_depth--;                                                    \
      }                                                                     \
  } G_STMT_END

G_END_DECLS
