/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A HAR that is read: its exchanges, and how far each of them has come. */

#pragma once

#include "sioscope-har-read-private.h"

G_BEGIN_DECLS

typedef enum {
  SIOSCOPE_HAR_BEGIN,    /* the request goes out */
  SIOSCOPE_HAR_END,      /* the answer is there */
  SIOSCOPE_HAR_MESSAGES, /* of a WebSocket */
} SioscopeHarStage;

typedef struct {
  SioSpan             text;     /* the entry */
  guint               number;   /* of the entry in the file, from 0 */
  guint               stage;
  gint64              begin_us; /* real time */
  gint64              end_us;
  gint64              next_us;  /* of what comes next */
  SioscopeHarSession *session;  /* NULL: it has not begun */
  const char         *next;     /* of a WebSocket: behind the message read last; NULL: it has no messages */
  guint               message;  /* its number */
} SioscopeHarSource;

typedef struct {
  SioscopeImport      *import;
  SioscopeHarSessions  sessions;
  GArray              *sources;
  GArray              *heap;      /* numbers of sources, the first is next */
  SioSpan              creator;
  SioSpan              browser;
  SioSpan              comment;
  guint                n_sockets;
} SioscopeHar;

/* For messages: the entry's number and place, the field, what was expected there. place: the value, or the entry if it is not there. */
gboolean sioscope_har_refuse     (SioscopeHar             *self,
                                  const SioscopeHarSource *source,
                                  const char              *field,
                                  SioSpan                  place,
                                  const char              *expected,
                                  GError                 **error);
/* "request.postData.text"; empty if it is not there. */
SioSpan  sioscope_har_get        (SioSpan                  object,
                                  const char              *path);
/* The text of a string token, empty if it is none; kept until the next row of the file. */
SioSpan  sioscope_har_unquote    (SioscopeHar             *self,
                                  SioSpan                  token);
/* Sets next_us from the next message of a WebSocket, never back; FALSE if there is none. */
gboolean sioscope_har_look_ahead (SioscopeHarSource       *source);
/* One step. *more FALSE: the source is at its end. */
gboolean sioscope_har_advance    (SioscopeHar             *self,
                                  SioscopeHarSource       *source,
                                  gboolean                *more,
                                  GError                 **error);

G_END_DECLS
