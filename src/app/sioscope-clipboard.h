/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Copying what came over the wire: exactly these bytes, whatever they are. */

#pragma once

#include <gtk/gtk.h>

#include "sio.h"

G_BEGIN_DECLS

void sioscope_clipboard_copy (GtkWidget *widget,
                              SioSpan    bytes);

G_END_DECLS
