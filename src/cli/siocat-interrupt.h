/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SIGINT and SIGTERM: the first asks for a clean end, the second ends at once. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From now on; func is called once, from the main loop. */
void     siocat_interrupt_watch      (GSourceFunc  func,
                                      gpointer     data);
gboolean siocat_interrupt_is_pending (void);
/* Readable once there was an interrupt, and for good. -1 before siocat_interrupt_watch(). */
int      siocat_interrupt_get_fd     (void);

G_END_DECLS
