/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeArgumentRow: one argument of an emit: JSON, text, or a file's bytes; checked as it is typed. */

#pragma once

#include <adwaita.h>

#include "sio.h"

G_BEGIN_DECLS

typedef enum {
  SIOSCOPE_ARGUMENT_JSON,
  SIOSCOPE_ARGUMENT_TEXT,
  SIOSCOPE_ARGUMENT_FILE,
} SioscopeArgumentKind;

#define SIOSCOPE_TYPE_ARGUMENT_ROW (sioscope_argument_row_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeArgumentRow, sioscope_argument_row, SIOSCOPE, ARGUMENT_ROW, GtkWidget)

/* Signals: "changed", "remove". */

GtkWidget  *sioscope_argument_row_new         (void);
void        sioscope_argument_row_set_number  (SioscopeArgumentRow  *self,
                                               guint                 number);
void        sioscope_argument_row_set_kind    (SioscopeArgumentRow  *self,
                                               SioscopeArgumentKind  kind);
void        sioscope_argument_row_set_text    (SioscopeArgumentRow  *self,
                                               const char           *text);
void        sioscope_argument_row_load_file   (SioscopeArgumentRow  *self,
                                               GFile                *file);
/* NULL: it can be sent. */
const char *sioscope_argument_row_get_mistake (SioscopeArgumentRow  *self);
gboolean    sioscope_argument_row_append_to   (SioscopeArgumentRow  *self,
                                               SioArguments         *args,
                                               GError              **error);

G_END_DECLS
