/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Standard input, line by line, as fast as somebody takes the lines. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SiocatStdin SiocatStdin;

typedef struct {
  /* line is without its end; number counts from 1. FALSE: enough for now, siocat_stdin_resume() will follow. */
  gboolean (*line)     (gpointer data, const char *line, gsize size, guint64 number);
  /* A line that is too long; it is passed over. */
  void     (*too_long) (gpointer data, guint64 number, gsize limit);
  /* The end, or an error. Nothing after it. */
  void     (*ended)    (gpointer data, const GError *error);
} SiocatStdinListener;

SiocatStdin *siocat_stdin_new    (const SiocatStdinListener *listener,
                                  gpointer                   data);
void         siocat_stdin_free   (SiocatStdin               *self);
void         siocat_stdin_resume (SiocatStdin               *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SiocatStdin, siocat_stdin_free)

G_END_DECLS
