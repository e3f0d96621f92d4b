/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Saving bytes, or a file as it is, to one that the person chooses. */

#pragma once

#include <gtk/gtk.h>

#include "sioscope-export.h"

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
void      sioscope_save_copy_async   (GFile                *source,
                                      GFile                *destination,
                                      SioscopeProgress      progress,
                                      gpointer              progress_data,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              data);
gboolean  sioscope_save_copy_finish  (GFile                *source,
                                      GAsyncResult         *result,
                                      GError              **error);

G_END_DECLS
