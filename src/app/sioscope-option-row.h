/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeOptionRow: one option of a connection in a list: its title, what it is set to, and under the title what it means or what is wrong. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_OPTION_ROW (sioscope_option_row_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeOptionRow, sioscope_option_row, SIOSCOPE, OPTION_ROW, AdwPreferencesRow)

typedef enum {
  SIOSCOPE_OPTION_SWITCH,
  SIOSCOPE_OPTION_SWITCH_OFF, /* shown the other way round */
  SIOSCOPE_OPTION_CHOICE,
  SIOSCOPE_OPTION_NUMBER,
  SIOSCOPE_OPTION_TEXT,
  SIOSCOPE_OPTION_SECRET,
  SIOSCOPE_OPTION_FILE,
  SIOSCOPE_OPTION_LINES,      /* a list or a longer text */
} SioscopeOptionKind;

/* Static, all of it. */
typedef struct {
  const char         *option;  /* its name in the profile */
  SioscopeOptionKind  kind;
  const char         *title;   /* not translated yet */
  const char         *hint;    /* likewise; may be NULL */
  const char         *warning; /* likewise: said while it is not the default, of switches */
  const char         *values[5];  /* CHOICE: texts of the option, */
  const char         *choices[5]; /* and what is shown for them, not translated yet */
} SioscopeOption;

/* Signal: "changed": by the person or by sioscope_option_row_set_text(). */

GtkWidget            *sioscope_option_row_new           (const SioscopeOption *option);
const SioscopeOption *sioscope_option_row_get_option    (SioscopeOptionRow    *self);
/* As in a profile; "" may be the default. (transfer full) */
char                 *sioscope_option_row_dup_text      (SioscopeOptionRow    *self);
void                  sioscope_option_row_set_text      (SioscopeOptionRow    *self,
                                                         const char           *text);  /* NULL: the default */
/* What it was, and may not be kept on the disk, is asked for again. */
void                  sioscope_option_row_set_forgotten (SioscopeOptionRow    *self,
                                                         gboolean              forgotten);
gboolean              sioscope_option_row_get_changed   (SioscopeOptionRow    *self); /* it is not the default */
gboolean              sioscope_option_row_get_wrong     (SioscopeOptionRow    *self);
void                  sioscope_option_row_focus         (SioscopeOptionRow    *self);

G_END_DECLS
