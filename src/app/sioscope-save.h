/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Saving bytes to a file that the person chooses. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void      sioscope_save_bytes_async  (GtkWidget            *widget,
                                      GBytes               *bytes,
                                      const char           *name,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              data);
gboolean  sioscope_save_bytes_finish (GtkWidget            *widget,
                                      GAsyncResult         *result,
                                      GError              **error);
char     *sioscope_save_dup_name     (GBytes               *bytes,
                                      const char           *what,
                                      const char           *extension);

G_END_DECLS
