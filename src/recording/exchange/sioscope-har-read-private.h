/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A HAR that is read: what passed, in order of time, and the sessions that it makes. */

#pragma once

#include "sioscope-har-private.h"
#include "sioscope-import-private.h"

G_BEGIN_DECLS

typedef struct _SioscopeHarSession SioscopeHarSession;

/* All sessions, and what was concluded. */
typedef struct {
  SioscopeImport     *import;
  gint64              start_real_us;
  gint64              now_us;       /* of what is being read, in time of the recording; never goes back */
  guint64             n_rows;
  GHashTable         *by_sid;       /* char * to SioscopeHarSession */
  GPtrArray          *sessions;     /* owns them */
  GHashTable         *to_come;      /* char * to how many exchanges of that sid have not begun yet */
  SioscopeHarSession *current;      /* that was opened last */
  SioParser          *msgpack;
  guint               attempt;
  gboolean            said_parallel;
} SioscopeHarSessions;

struct _SioscopeHarSession {
  char             *sid;            /* NULL: not known yet */
  guint             eio;
  guint             n_left;         /* of its WebSockets that have more messages */
  gboolean          is_open;
  gboolean          is_over;
  SioTransportKind  transport;
  struct {
    guint64 row;
    guint   n_left;
    guint   index;
  } pending[2];                     /* the packet that waits for attachments, by direction */
  GHashTable       *namespaces;     /* that are connected; NULL: none was yet */
};

void                sioscope_har_sessions_init  (SioscopeHarSessions *self,
                                                 SioscopeImport      *import,
                                                 gint64               start_real_us);
void                sioscope_har_sessions_clear (SioscopeHarSessions *self);
/* The session that an exchange belongs to: of its sid, or a new one. */
SioscopeHarSession *sioscope_har_sessions_find  (SioscopeHarSessions *self,
                                                 const SioscopeHarAddress *address);
/* Attachments of a packet are still to come. */
gboolean            sioscope_har_session_is_waiting (SioscopeHarSession *session);
/* All of these append rows; FALSE if that fails. */
gboolean            sioscope_har_append         (SioscopeHarSessions *self,
                                                 SioscopeEntry       *entry,
                                                 GError             **error);
gboolean            sioscope_har_note           (SioscopeHarSessions *self,
                                                 const char          *message,
                                                 GError             **error);
gboolean            sioscope_har_say_wrong      (SioscopeHarSessions *self,
                                                 const char          *where,
                                                 const char          *message,
                                                 SioSpan              bytes,
                                                 GError             **error);
/* An exchange begins: a session that is not known yet is connecting. */
gboolean            sioscope_har_session_begin  (SioscopeHarSessions *self,
                                                 SioscopeHarSession  *session,
                                                 SioTransportKind     transport,
                                                 gboolean             has_sid,
                                                 GError             **error);
gboolean            sioscope_har_session_fail   (SioscopeHarSessions *self,
                                                 SioscopeHarSession  *session,
                                                 SioTransportKind     transport,
                                                 SioSpan              message,
                                                 GError             **error);
gboolean            sioscope_har_session_text   (SioscopeHarSessions *self,
                                                 SioscopeHarSession  *session,
                                                 SioDirection         direction,
                                                 SioTransportKind     transport,
                                                 SioSpan              text,
                                                 GError             **error);
gboolean            sioscope_har_session_binary (SioscopeHarSessions *self,
                                                 SioscopeHarSession  *session,
                                                 SioDirection         direction,
                                                 SioTransportKind     transport,
                                                 SioSpan              bytes,
                                                 GError             **error);
gboolean            sioscope_har_session_frame  (SioscopeHarSessions *self,
                                                 SioscopeHarSession  *session,
                                                 SioDirection         direction,
                                                 guint                opcode,
                                                 SioSpan              payload,
                                                 GError             **error);

G_END_DECLS
