/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeExportDialog: asks what of a recording is written, how, with or without credentials, and where to. */

#pragma once

#include <adwaita.h>

#include "sioscope-export.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_EXPORT_DIALOG (sioscope_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeExportDialog, sioscope_export_dialog, SIOSCOPE, EXPORT_DIALOG, AdwWindow)

/* @name: what the file's name begins with; nothing that a server has chosen. */
SioscopeExportDialog *sioscope_export_dialog_new         (GtkWindow             *parent,
                                                          guint64                n_rows,
                                                          SioscopeFilter        *filter,
                                                          guint64                n_shown,
                                                          gboolean               chosen,
                                                          const char            *name);
/* What was chosen; valid as long as the dialog. */
void                  sioscope_export_dialog_get_options (SioscopeExportDialog  *self,
                                                          SioscopeExportOptions *options);

/* Signals: "accepted" (GFile *destination): all of it was chosen. The dialog closes after that. */

G_END_DECLS
