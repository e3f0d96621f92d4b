/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window and its actions share. */

#pragma once

#include "sioscope-keeper.h"
#include "sioscope-preferences.h"
#include "sioscope-recovery-page.h"
#include "sioscope-window.h"

G_BEGIN_DECLS

struct _SioscopeWindow
{
  AdwApplicationWindow parent_instance;

  SioscopeProfileStore *store;
  GListStore *connections;      /* of SioscopeSubject */
  GListStore *recordings;       /* of SioscopeSubject */
  SioscopeKeeper *keeper;
  GPtrArray *ending;            /* of SioscopeRecording: closed, and not finished by their writers yet */
  GPtrArray *unsaved;           /* of SioscopeKept, the newest first; those that are written here are not among them */
  SioscopePreferences *preferences; /* NULL: not open */
  SioscopeSubject *demo;        /* NULL until asked for; emits once when it is there */

  AdwToastOverlay *toasts;
  AdwFlap *flap;
  GtkListBox *connection_list;
  GtkListBox *recording_list;
  GtkWidget *connections_empty;
  GtkWidget *recordings_box;
  GtkListBox *unsaved_list;     /* one row, for all recordings that nobody has saved */
  GtkWidget *unsaved_row;
  GtkLabel *unsaved_title;
  GtkLabel *unsaved_words;
  GtkBox *jobs;
  GtkStack *pages;
  GtkWidget *start_page;
  SioscopeRecoveryPage *recovery_page;

  SioscopePanesShape shape;
  guint shape_source;           /* 0 unless the shape is about to change */
  guint demo_greeted : 1;
  guint show_emitter : 1;
  guint show_details : 1;
  guint looking : 1;            /* after the unsaved recordings */
  guint look_again : 1;
  guint closing : 1;            /* for good: what that loses has been asked */
  guint cancelling : 1;         /* closes as soon as nothing goes on any more */
};

void             sioscope_window_select       (SioscopeWindow      *self,
                                               SioscopeSubject     *subject); /* NULL: the start page */
SioscopeSubject *sioscope_window_get_subject  (SioscopeWindow      *self);    /* NULL: the start page */
SioscopeSubject *sioscope_window_add_profile  (SioscopeWindow      *self,
                                               SioscopeProfile     *profile,
                                               gboolean             saved);
GtkWidget       *sioscope_window_find_page    (SioscopeWindow      *self,
                                               SioscopeSubject     *subject); /* NULL: it has none yet */
void             sioscope_window_connect      (SioscopeWindow      *self,
                                               SioscopeSubject     *subject);
/* Ends it and takes its page away. What is not in the store goes from the list too. */
void             sioscope_window_close        (SioscopeWindow      *self,
                                               SioscopeSubject     *subject);
void             sioscope_window_update_actions (SioscopeWindow    *self);
void             sioscope_window_update_lists (SioscopeWindow      *self);

/* sioscope-window-keep.c */
void             sioscope_window_look_after_recordings (SioscopeWindow *self);
void             sioscope_window_end          (SioscopeWindow      *self,
                                               SioscopeSubject     *subject,
                                               gboolean             tell);
void             sioscope_window_ask_delete   (SioscopeWindow      *self,
                                               const char          *path,
                                               const char          *title);
gboolean         sioscope_window_ask_about_loss (SioscopeWindow    *self,
                                               SioscopeSubject     *subject,
                                               gboolean             all);
gboolean         sioscope_window_ask_about_jobs (SioscopeWindow    *self);
void             sioscope_window_show_preferences (SioscopeWindow  *self);
void             sioscope_window_delete_unsaved (SioscopeWindow    *self,
                                               const char          *path);
void             sioscope_window_unsaved_command_cb (SioscopeWindow *self,
                                               const char          *command,
                                               SioscopeKept        *kept);

/* sioscope-window-save.c */
void             sioscope_window_save         (SioscopeWindow      *self,
                                               SioscopeSubject     *subject);
void             sioscope_window_save_unsaved (SioscopeWindow      *self,
                                               const char          *path);
void             sioscope_window_export       (SioscopeWindow      *self);
void             sioscope_window_export_to    (SioscopeWindow      *self,
                                               SioscopeRecording   *recording,
                                               const SioscopeExportOptions *options,
                                               GFile               *destination);
void             sioscope_window_show_folder  (SioscopeWindow      *self,
                                               GFile               *folder);
void             sioscope_window_tell_written (SioscopeWindow      *self,
                                               const char          *text,
                                               GFile               *file);

/* sioscope-window-open.c: the line of a recording that is open already. (transfer full) */
SioscopeSubject *sioscope_window_find_recording (SioscopeWindow    *self,
                                               const char          *path);
gboolean         sioscope_window_drop_cb      (SioscopeWindow      *self,
                                               const GValue        *value);

/* sioscope-window-actions.c */
void             sioscope_window_install_actions (GtkWidgetClass   *widget_class);
void             sioscope_window_command         (SioscopeWindow   *self,
                                                  SioscopeSubject  *subject,
                                                  const char       *command);

G_END_DECLS
