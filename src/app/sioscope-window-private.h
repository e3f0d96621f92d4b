/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window and its actions share. */

#pragma once

#include "sioscope-window.h"

G_BEGIN_DECLS

struct _SioscopeWindow
{
  AdwApplicationWindow parent_instance;

  SioscopeProfileStore *store;
  GListStore *connections;      /* of SioscopeSubject */
  GListStore *recordings;       /* of SioscopeSubject */
  SioscopeSubject *demo;        /* NULL until asked for; emits once when it is there */

  AdwToastOverlay *toasts;
  AdwFlap *flap;
  GtkListBox *connection_list;
  GtkListBox *recording_list;
  GtkWidget *connections_empty;
  GtkWidget *recordings_box;
  GtkStack *pages;
  GtkWidget *start_page;

  SioscopePanesShape shape;
  guint shape_source;           /* 0 unless the shape is about to change */
  guint demo_greeted : 1;
  guint show_emitter : 1;
  guint show_details : 1;
};

void             sioscope_window_select       (SioscopeWindow      *self,
                                               SioscopeSubject     *subject); /* NULL: the start page */
SioscopeSubject *sioscope_window_get_subject  (SioscopeWindow      *self);    /* NULL: the start page */
SioscopeSubject *sioscope_window_add_profile  (SioscopeWindow      *self,
                                               SioscopeProfile     *profile,
                                               gboolean             saved);
void             sioscope_window_connect      (SioscopeWindow      *self,
                                               SioscopeSubject     *subject);
/* Ends it and takes its page away. What is not in the store goes from the list too. */
void             sioscope_window_close        (SioscopeWindow      *self,
                                               SioscopeSubject     *subject);
void             sioscope_window_update_actions (SioscopeWindow    *self);

/* sioscope-window-actions.c */
void             sioscope_window_install_actions (GtkWidgetClass   *widget_class);
void             sioscope_window_command         (SioscopeWindow   *self,
                                                  SioscopeSubject  *subject,
                                                  const char       *command);

G_END_DECLS
