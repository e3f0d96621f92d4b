/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of both importers share: recordings of real servers, and files in a folder of their own. */

#pragma once

#include "sioscope-import.h"
#include "sioscope-recorder.h"
#include "test-util.h"

typedef struct {
  const char *server;     /* "2", "3", "4" */
  const char *parser;     /* "json", "msgpack" */
  const char *transports; /* "polling", "websocket", "polling,websocket" */
} RealSession;

/* Adds a test for each of them: /PREFIX/SERVER/PARSER/TRANSPORTS. */
void     real_add_tests (const char         *prefix,
                         GTestDataFunc       func);
/* Talks to a real server of that version: every kind of packet with binary both ways, acks both ways, a refusal, a cut and the
 * reconnection after it, a goodbye. */
void     real_record    (const RealSession  *session,
                         const char         *path);

typedef struct {
  char *path;
} Folder;
void     folder_open    (Folder             *self);
char    *folder_path    (Folder             *self,
                         const char         *name);
/* Removes what is in it, and fails if that is something else than the names, which end with NULL. */
void     folder_close   (Folder             *self,
                         ...) G_GNUC_NULL_TERMINATED;

/* With all secrets, or without. */
void     export_to      (SioscopeRecording  *recording,
                         SioscopeFormat      format,
                         const char         *path);
void     export_redacted (SioscopeRecording *recording,
                         SioscopeFormat      format,
                         const char         *path);
void     assert_same_files (const char      *a,
                         const char         *b);
/* Imports the text and gives the error's message: code is what is expected. And nothing is left. */
char    *import_wrong   (const void         *text,
                         gsize               size,
                         SioscopeImportError code);
