/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The delay before the next attempt: arithmetic only. The official client's formula with its overflow mended. */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/* attempt counts from 0; random01 is in [0, 1). jitter outside (0, 1] means none. min and max of 0
 * mean 1000 and 5000. The exponent is clamped to 31 before the jitter, so that the delay never
 * becomes 0 by overflow. Milliseconds. */
guint sio_backoff_delay_ms  (guint   attempt,
                             guint   min_ms,
                             guint   max_ms,
                             double  jitter,
                             double  random01);

/* The shortest and the longest delay that the formula could have drawn for this attempt. */
void  sio_backoff_window_ms (guint   attempt,
                             guint   min_ms,
                             guint   max_ms,
                             double  jitter,
                             guint  *shortest_ms,
                             guint  *longest_ms);

G_END_DECLS
