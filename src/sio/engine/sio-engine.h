/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioEngine: one Engine.IO session: handshake, heartbeat, upgrade, write buffer. Made for one
 * attempt and thrown away. */

#pragma once

#include "../sio-options.h"
#include "../sio-tap-private.h"
#include "../wire/sio-cookie-store.h"
#include "../wire/sio-handshake.h"
#include "../wire/sio-url.h"

G_BEGIN_DECLS

typedef struct _SioEngine SioEngine;

/* What a manager knows from its earlier sessions. */
typedef struct {
  guint           revision; /* of Engine.IO, that the last session spoke: 3 or 4; 0: there was none, or an attempt has failed
                             * since. Looked at only if the version is to be found out, and checked again */
  SioCookieStore *cookies;  /* (nullable): a reference is taken */
  guint           attempt;  /* as in SioTapStateChange: which one this is */
} SioEngineMemory;

/* Direct calls, not signals: some of them happen a million times a second. All on the engine's thread. */
typedef struct {
  /* eio: the revision of Engine.IO that is spoken, 3 or 4; how: how that was found, in English, NULL if it was asked for. */
  void (*opened)   (gpointer data, const SioHandshake *handshake, guint eio, const char *how);
  /* A text message. raw begins with its '4' and points into owner; without an owner (NULL) it is
   * gone when this returns. */
  void (*text)     (gpointer data, GBytes *owner, SioSpan raw, SioTransportKind transport);
  void (*binary)   (gpointer data, GBytes *bytes, SioTransportKind transport);
  /* The write buffer is empty and the transport takes more. */
  void (*drained)  (gpointer data);
  void (*upgraded) (gpointer data);
  /* Exactly once, and nothing after it. reason is socket.io's word: "transport close", "transport
   * error", "ping timeout", "forced close", "parse error", or, before opened: "connect error",
   * "timeout". Never from inside a call into the engine. */
  void (*closed)   (gpointer data, const char *reason, const GError *error);
  /* Engine.IO 4: the server's heartbeat came and was answered. 3: ours was written. May be NULL. */
  void (*ping)     (gpointer data);
  /* Engine.IO 3: our heartbeat was answered, after so long. May be NULL. */
  void (*pong)     (gpointer data, gint64 rtt_us);
} SioEngineListener;

/* memory and tap may be NULL; the tap must outlive the engine, and who is in it may change. The attempt's timeout
 * (sio_options_get_timeout_ms()) is the engine's own: closed ("timeout"). */
SioEngine        *sio_engine_new            (const SioUrl            *url,
                                             SioOptions              *options,
                                             const SioEngineMemory   *memory,
                                             const SioTapHandle      *tap,
                                             const SioEngineListener *listener,
                                             gpointer                 data);
void              sio_engine_free           (SioEngine               *self); /* without a word; no callback follows */

void              sio_engine_open           (SioEngine               *self);
/* Waits for the write buffer and a running upgrade, as the official client does. reason is what closed() will say. */
void              sio_engine_close          (SioEngine               *self,
                                             const char              *reason);
/* Drops the transport as a network failure would: closed ("transport close"). */
void              sio_engine_cut            (SioEngine               *self);

/* Queues one message; a text is without the '4'. A message and its attachments stay together. FALSE and
 * SIO_ERROR_FULL if the buffer (options max-queued-size, max-queued-packets, but always one message) is at its limit,
 * SIO_ERROR_CLOSED if it is not open. */
gboolean          sio_engine_send           (SioEngine               *self,
                                             gboolean                 is_text,
                                             GBytes                  *message,
                                             GPtrArray               *attachments,
                                             GError                 **error);

/* The same of a text with its '4', which is written as it is: nothing is copied on the way to a WebSocket. */
gboolean          sio_engine_send_packet    (SioEngine               *self,
                                             GBytes                  *packet,
                                             GPtrArray               *attachments,
                                             GError                 **error);

/* An open session that was taken for Engine.IO 4 turned out to be 3: the namespaces answer as only Socket.IO 2 does. FALSE:
 * it cannot be, or is not wanted, see there. */
gboolean          sio_engine_adopt_eio3     (SioEngine               *self);

/* How far the write buffer came, in messages since the session began; an attachment is one of its
 * own. Counts on after the end. */
typedef struct {
  guint64 n_handed;  /* taken by a transport; what was queued later never left */
  guint64 n_written; /* given to the system (WebSocket), or answered by the server (polling) */
} SioEngineProgress;
SioEngineProgress sio_engine_get_progress   (SioEngine               *self);

gboolean          sio_engine_is_open        (SioEngine               *self);
gboolean          sio_engine_is_writable    (SioEngine               *self); /* for volatile */
gboolean          sio_engine_is_expired     (SioEngine               *self); /* no heartbeat in time, suspend counts */
SioTransportKind  sio_engine_get_transport  (SioEngine               *self);
const char       *sio_engine_get_sid        (SioEngine               *self);

/* For tests: the engine takes this instead of g_get_monotonic_time(). NULL restores it. */
void              sio_engine_set_clock_for_tests (gint64 (*now_us) (void));

/* For tests: instead of 10 s; 0 restores them. */
void              sio_engine_set_probe_timeout_for_tests (guint ms);

/* For tests: forgets, or claims, that the last WebSocket of the process worked (remember-upgrade). */
void              sio_engine_set_websocket_worked_for_tests (gboolean worked);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioEngine, sio_engine_free)

G_END_DECLS
