/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The real window in a test: started, sized, pressed, pictured, and closed again. */

#pragma once

#include "sioscope-window.h"

#include "test-util.h"

void            window_util_init       (int            *argc,
                                        char         ***argv);
int             window_util_run        (void);
SioscopeWindow *window_util_open       (int             width,
                                        int             height);
void            window_util_close      (SioscopeWindow *window);
/* Resizes what is shown and waits for it. */
void            window_util_resize     (SioscopeWindow *window,
                                        int             width,
                                        int             height);
void            window_util_dark       (gboolean        dark);
/* Into screenshots/NAME.png of the suite's build folder. */
void            window_util_picture    (SioscopeWindow *window,
                                        const char     *name);
/* The first widget below root that can be seen and whose label, text or placeholder says that. NULL: none. */
GtkWidget      *window_util_find_text  (GtkWidget      *root,
                                        const char     *text);
/* The one with that type name and, if it is not NULL, that buildable id. NULL: none. */
GtkWidget      *window_util_find       (GtkWidget      *root,
                                        const char     *type,
                                        const char     *id);
void            window_util_press      (GtkWidget      *button);
/* The demo, connected, with /admin joined and its echo answered. */
SioscopeWindow *window_util_open_demo  (int             width,
                                        int             height);
/* The one with that type name and that gtk_widget_set_name(). NULL: none. */
GtkWidget      *window_util_find_named (GtkWidget      *root,
                                        const char     *type,
                                        const char     *name);
