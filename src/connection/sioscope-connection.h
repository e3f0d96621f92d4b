/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeConnection: the main thread's handle on one manager that lives on the network thread.
 * Commands go one way, the recording comes the other way; the only room that knows that there are
 * two threads. */

#pragma once

#include "sioscope-profile.h"
#include "sioscope-recording.h"

G_BEGIN_DECLS

/**
 * SioscopeConnection:
 *
 * A manager on the network thread, as the main thread holds it. Main thread only. Disposing of it closes
 * the connection.
 */
#define SIOSCOPE_TYPE_CONNECTION (sioscope_connection_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeConnection, sioscope_connection, SIOSCOPE, CONNECTION, GObject)

/* Makes the recording and the manager; does not connect. recording_path NULL: in memory. The error
 * is the profile's first mistake. */
SioscopeConnection *sioscope_connection_new               (SioscopeProfile     *profile,
                                                           const char          *recording_path,
                                                           GError             **error);
SioscopeProfile    *sioscope_connection_get_profile       (SioscopeConnection  *self);
SioscopeRecording  *sioscope_connection_get_recording     (SioscopeConnection  *self);

/* Commands. None blocks; what came of it is in the recording. What could not be done is an ERROR entry there. */
void                sioscope_connection_open              (SioscopeConnection  *self);
void                sioscope_connection_close             (SioscopeConnection  *self);
void                sioscope_connection_reconnect_now     (SioscopeConnection  *self);
void                sioscope_connection_stop_reconnecting (SioscopeConnection  *self);
void                sioscope_connection_cut               (SioscopeConnection  *self);
gboolean            sioscope_connection_update_options    (SioscopeConnection  *self,
                                                           GError             **error);
/* What the profile's option "ask-auth" does for the URL's namespace and for those that are joined without auth of their own.
 * From the next CONNECT of nsp on the signal "auth-wanted" (nsp, guint request) asks for its auth, each time, until it is
 * answered; FALSE: the option again. */
void                sioscope_connection_ask_auth          (SioscopeConnection  *self,
                                                           const char          *nsp,
                                                           gboolean             ask);
/* auth: JSON object text or NULL. */
void                sioscope_connection_answer_auth       (SioscopeConnection  *self,
                                                           const char          *nsp,
                                                           guint                request,
                                                           const char          *auth);
void                sioscope_connection_join              (SioscopeConnection  *self,
                                                           const char          *nsp,
                                                           const char          *auth); /* NULL: the profile's */
void                sioscope_connection_leave             (SioscopeConnection  *self,
                                                           const char          *nsp);
/* Returns the emit's tag: entries about it carry it. */
guint64             sioscope_connection_emit              (SioscopeConnection  *self,
                                                           const char          *nsp,
                                                           const char          *event,
                                                           SioArguments        *args,
                                                           gboolean             want_ack,
                                                           guint                timeout_ms,
                                                           gboolean             is_volatile);
void                sioscope_connection_reply             (SioscopeConnection  *self,
                                                           const char          *nsp,
                                                           gint64               ack_id,
                                                           SioArguments        *args);

/* The demo server of --demo, on the network thread, started at the first call. Its URL "http://127.0.0.1:PORT". */
char               *sioscope_demo_server_start            (GError             **error);

/* Closes every connection, finishes the recordings and ends the network thread. At program exit;
 * afterwards nothing may be used. */
void                sioscope_network_shutdown             (void);

G_END_DECLS
