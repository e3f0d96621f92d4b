/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeTextPane: text of any size and any content, a piece at a time: sanitised, long lines broken, never more laid out than was asked
 * for. */

#pragma once

#include <gtk/gtk.h>

#include "sio.h"

G_BEGIN_DECLS

#define SIOSCOPE_TEXT_PANE_FIRST ((gsize) 256 * 1024)
#define SIOSCOPE_TEXT_PANE_MORE  ((gsize) 1024 * 1024)
#define SIOSCOPE_TEXT_PANE_LINE  2000

typedef enum {
  SIOSCOPE_TEXT_HEADING, /* a line that says what comes */
  SIOSCOPE_TEXT_NOTE,    /* a remark in the text */
} SioscopeTextStyle;

typedef struct {
  gsize             start;
  gsize             end;
  SioscopeTextStyle style;
} SioscopeTextRun;

/**
 * SioscopeTextSource:
 * @data: the source's own
 * @limit: how many bytes are wanted at most, counted from the beginning
 * @out: appended to
 * @runs: of #SioscopeTextRun: what of @out is ours and not the text's; in order
 *
 * Writes the text from its beginning. With a greater @limit it writes the same and more.
 *
 * Returns: %TRUE if that was all of it
 */
typedef gboolean (*SioscopeTextSource) (gpointer  data,
                                        gsize     limit,
                                        GString  *out,
                                        GArray   *runs);

#define SIOSCOPE_TYPE_TEXT_PANE (sioscope_text_pane_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeTextPane, sioscope_text_pane, SIOSCOPE, TEXT_PANE, GtkWidget)

void  sioscope_text_pane_set_source (SioscopeTextPane   *self,
                                     SioscopeTextSource  source,
                                     gpointer            data,
                                     gboolean            is_json,
                                     gboolean            wraps);
void  sioscope_text_pane_clear      (SioscopeTextPane   *self);
void  sioscope_text_pane_show_more  (SioscopeTextPane   *self);
char *sioscope_text_pane_dup_text_for_tests (SioscopeTextPane *self);
/* Whether so many characters stand in one line without being cut, when it is so wide. */
gboolean   sioscope_text_pane_fits  (SioscopeTextPane *self,
                                     guint             n_chars,
                                     int               width);

G_END_DECLS
