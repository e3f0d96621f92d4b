/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* RawSession: a RawPeer that speaks Engine.IO 4, or 3, correctly on polling and WebSocket as long as it is not told otherwise. The test's thread
 * says what the server sends and takes what the client sent; both look the same on either transport. */

#pragma once

#include "raw-peer.h"

G_BEGIN_DECLS

typedef enum {
  RAW_UPGRADE_GOOD,
  RAW_UPGRADE_REFUSED,       /* the second handshake is answered 400 */
  RAW_UPGRADE_HANGS,         /* … never */
  RAW_UPGRADE_NO_ANSWER,     /* "2probe" is not answered */
  RAW_UPGRADE_WRONG_ANSWER,  /* a message comes before "3probe" */
  RAW_UPGRADE_CLOSES,        /* the WebSocket closes after "2probe" */
  RAW_UPGRADE_NO_NOOP,       /* "3probe", but the pending poll is not answered */
  RAW_UPGRADE_CLOSES_LATE,   /* "3probe", the poll stays pending, the WebSocket closes on raw_session_release_upgrade() */
} RawUpgrade;

typedef struct _RawSession RawSession;

/* open_json NULL: a usual open packet with the upgrades ["websocket"] if upgrade is set and intervals of 25 s. */
RawSession *raw_session_new             (const char *open_json);
void        raw_session_free            (RawSession *self);
char       *raw_session_dup_url         (RawSession *self);
/* Before the client comes: Engine.IO 3, whatever it asks for. Binary messages of polls are "b4<base64>". */
void        raw_session_set_eio3        (RawSession *self);
void        raw_session_set_upgrade     (RawSession *self,
                                         RawUpgrade  upgrade);
/* For RAW_UPGRADE_CLOSES_LATE, and lets the poll of RAW_UPGRADE_NO_NOOP be answered. */
void        raw_session_release_upgrade (RawSession *self);
/* The next POSTs get this status line instead of "200 OK"; "" for none at all. NULL: well again. */
void        raw_session_set_post_status (RawSession *self,
                                         const char *status);

/* One packet to the client: "4hello", "2", …; a binary message. */
void        raw_session_send            (RawSession *self,
                                         const char *packet);
void        raw_session_send_binary     (RawSession *self,
                                         const void *data,
                                         gsize       size);
/* The next packet that the client sent, binary messages as "b<base64>", in Engine.IO 3 as "b4<base64>"; NULL: none yet. */
char       *raw_session_take            (RawSession *self);
/* WebSocket: a close frame with this payload, then the end. Polling: a close packet. */
void        raw_session_close           (RawSession *self,
                                         const char *payload,
                                         gsize       size);
/* Drops every connection and forgets the session. libsoup asks again by itself when a reused connection dies without an answer. */
void        raw_session_drop            (RawSession *self,
                                         gboolean    reset);
/* Handshakes, over either transport, upgrades not counted. */
guint       raw_session_get_n_handshakes (RawSession *self);
/* The EIO parameter of the last request, 0: none came. */
guint       raw_session_get_asked_eio   (RawSession *self);
guint       raw_session_get_n_polls     (RawSession *self);
guint       raw_session_get_n_posts     (RawSession *self);
/* The most GETs, and POSTs, that were in flight at a time. */
guint       raw_session_get_max_gets    (RawSession *self);
guint       raw_session_get_max_posts   (RawSession *self);
gboolean    raw_session_is_poll_pending (RawSession *self);
gboolean    raw_session_is_upgraded     (RawSession *self);
/* The close frame or close packet of the client: "close" or "1". NULL: none came. */
const char *raw_session_get_goodbye     (RawSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawSession, raw_session_free)

G_END_DECLS
