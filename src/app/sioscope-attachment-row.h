/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeAttachmentRow: one binary attachment: its number, its size, its first bytes, and a button to save it. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_ATTACHMENT_ROW (sioscope_attachment_row_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeAttachmentRow, sioscope_attachment_row, SIOSCOPE, ATTACHMENT_ROW, GtkWidget)

/* Signals: "save" (GBytes): the person wants to keep it. */

GtkWidget *sioscope_attachment_row_new (guint   index,
                                        GBytes *bytes);

G_END_DECLS
