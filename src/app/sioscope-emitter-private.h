/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the two halves of the emitter share: the form, and the fate of what was sent. */

#pragma once

#include "sioscope-emitter.h"

G_BEGIN_DECLS

struct _SioscopeEmitter
{
  GtkWidget parent_instance;

  SioscopeSubject *subject; /* NULL before set_subject() */
  guint64 reply_row;        /* the event that is being answered, or SIOSCOPE_NO_ROW */

  guint64 tag;              /* of the last emit; 0 if there was none */
  guint64 replied_row;      /* the event that was answered last, if that came after the last emit; else SIOSCOPE_NO_ROW */
  guint64 fate_row;         /* what "Show" shows, or SIOSCOPE_NO_ROW */
  gboolean asked_ack;
  guint timeout_ms;

  GtkWidget *form;
  GtkStack *mode;
  GtkEntry *event;
  GtkDropDown *nsp;
  GtkStringList *namespaces;
  GtkLabel *reply_title;
  GtkStack *argument_lists;
  GtkBox *arguments;
  GtkBox *reply_arguments;
  GtkWidget *add;
  GtkWidget *switches;
  GtkCheckButton *want_ack;
  GtkSpinButton *timeout;
  GtkCheckButton *is_volatile;
  GtkStack *outcome;
  GtkLabel *obstacle;
  GtkLabel *fate;
  GtkWidget *show;
  GtkWidget *send;
};

void sioscope_emitter_leave_reply (SioscopeEmitter *self);

/* sioscope-emitter-fate.c */
void sioscope_emitter_update_fate (SioscopeEmitter *self);
void sioscope_emitter_tell        (SioscopeEmitter *self,
                                   const char      *text,
                                   const char      *style_class,
                                   guint64          row);

G_END_DECLS
