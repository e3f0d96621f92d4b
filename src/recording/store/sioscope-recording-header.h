/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a recording's file says of itself before its rows, for whoever needs no more than that. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SioscopeRecordingHeader:
 * @title: what it is of; valid UTF-8, may be empty, not safe to show
 * @client: who wrote it; likewise
 * @start_real_us: the wall clock at time_us 0, since 1970
 * @size: how many bytes it takes: there the rows begin
 *
 * The header of a file.
 */
typedef struct {
  char   *title;
  char   *client;
  gint64  start_real_us;
  guint64 size;
} SioscopeRecordingHeader;

gboolean sioscope_recording_header_read  (SioscopeRecordingHeader  *self,
                                          int                       fd,
                                          guint64                   file_size,
                                          const char               *path,
                                          GError                  **error);
void     sioscope_recording_header_clear (SioscopeRecordingHeader  *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioscopeRecordingHeader, sioscope_recording_header_clear)

G_END_DECLS
