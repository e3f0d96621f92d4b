/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of the views share: a recording in memory that is fed through the tap, as a manager would, a window around a widget, and
 * pictures of it. */

#pragma once

#include <adwaita.h>

#include "sioscope-projection.h"
#include "sioscope-recorder.h"
#include "test-util.h"

typedef struct {
  SioscopeRecording  *recording;
  SioscopeRecorder   *recorder;
  SioscopeProjection *projection;
  GtkWidget          *window;
} ViewFixture;

void view_test_init         (int          *argc,
                             char       ***argv);
void view_fixture_init      (ViewFixture  *f);
void view_fixture_clear     (ViewFixture  *f);
void view_fixture_show      (ViewFixture  *f,
                             GtkWidget    *child,
                             int           width,
                             int           height);
/* Publishes what was fed, and folds it into the projection. */
void view_fixture_publish   (ViewFixture  *f);
/* Runs the main loop for a time: for what is drawn, never for a condition. */
void view_run_ms            (guint         ms);
void view_screenshot        (ViewFixture  *f,
                             const char   *name);
void view_send_key          (GtkWidget    *widget,
                             guint         keyval,
                             GdkModifierType modifiers);
/* The first one of this type, itself included; NULL: none. */
GtkWidget *view_find_child  (GtkWidget    *widget,
                             GType         type);

void view_feed_state        (ViewFixture  *f,
                             SioTapStateChange change);
void view_feed_open         (ViewFixture  *f,
                             SioTransportKind transport);
void view_feed_packet       (ViewFixture  *f,
                             SioDirection  direction,
                             SioPacketType type,
                             const char   *nsp,
                             const char   *event,
                             const char   *args,
                             gint64        id);
void view_feed_ping         (ViewFixture  *f);
void view_feed_http         (ViewFixture  *f);
/* A session with something of everything. */
void view_feed_story        (ViewFixture  *f);
