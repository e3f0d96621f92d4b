/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeConnectDialog: makes a profile or changes one. What is typed is explained and checked at its field. */

#pragma once

#include <adwaita.h>

#include "sioscope-profile.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_CONNECT_DIALOG (sioscope_connect_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeConnectDialog, sioscope_connect_dialog, SIOSCOPE, CONNECT_DIALOG, AdwWindow)

/* Signals: "accepted" (SioscopeProfile): the profile, new or changed, is as the person wants it. Emitted once, before it closes. */

SioscopeConnectDialog *sioscope_connect_dialog_new        (GtkWindow       *parent,
                                                           SioscopeProfile *edited,   /* NULL: a new one */
                                                           SioscopeProfile *copied);  /* NULL: starts empty */
/* A sentence above the fields; NULL: none. */
void                   sioscope_connect_dialog_set_notice (SioscopeConnectDialog *self,
                                                           const char      *notice);
/* Opens the group of an option and puts the focus on it. */
void                   sioscope_connect_dialog_show_option (SioscopeConnectDialog *self,
                                                           const char      *option);
/* What a URL that is being typed means, in one line; *valid FALSE: what is wrong with it. (transfer full) */
char                  *sioscope_connect_dialog_explain    (const char      *url,
                                                           const char      *path,
                                                           gboolean        *valid);

G_END_DECLS
