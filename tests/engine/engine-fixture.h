/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the engine's tests share: an engine whose calls are written down as text, and a tap that does the same. */

#pragma once

#include "engine/sio-engine.h"
#include "raw-session.h"
#include "sio-error.h"
#include "test-util.h"

G_BEGIN_DECLS

#define TEST_TYPE_TAP (test_tap_get_type ())
G_DECLARE_FINAL_TYPE (TestTap, test_tap, TEST, TAP, GObject)

struct _TestTap {
  GObject    parent_instance;

  GPtrArray *lines; /* of char *; see the .c for their form */
};

typedef struct {
  RawSession   *session;  /* or NULL, if the test brings its own peer */
  RawPeer      *peer;
  SioEngine    *engine;
  SioOptions   *options;
  SioEngineMemory memory; /* nothing is known, unless the test says so before it opens */
  TestTap      *tap;
  SioTapHandle  handle;

  GPtrArray    *log;      /* "opened", "text …", "binary …", "upgraded", "closed reason" */
  guint         n_texts;
  guint64       n_bytes;
  guint         n_drained;
  guint         eio;      /* opened()'s */
  char         *how;
  guint         n_pings;
  guint         n_pongs;
  gint64        rtt_us;   /* the last pong's */
  GError       *error;    /* closed()'s */
  gboolean      opened;
  gboolean      closed;
  gboolean      count_only; /* texts are counted, not written down */
  GPtrArray    *kept;     /* binary messages, as a listener may keep them; NULL: they are not */
  const char   *free_at;    /* frees the engine inside of the call of that name */
} Fixture;

/* transports: "websocket", "polling" or "polling,websocket". */
void     fixture_init         (Fixture        *self,
                               const char     *transports);
void     fixture_clear        (Fixture        *self);
/* A correct server. open_json as in raw_session_new(). */
void     fixture_use_session  (Fixture        *self,
                               const char     *open_json);
void     fixture_use_peer     (Fixture        *self,
                               RawPeerScript   script,
                               gpointer        data);
/* Makes the engine and opens it. */
void     fixture_open         (Fixture        *self);
void     fixture_open_url     (Fixture        *self,
                               const char     *url);
/* Opens and waits for opened(). */
void     fixture_open_well    (Fixture        *self);
gboolean fixture_send         (Fixture        *self,
                               const char     *text,
                               GError        **error);
gboolean fixture_has          (Fixture        *self,
                               const char     *line);
gboolean fixture_has_tap      (Fixture        *self,
                               const char     *line);
guint    fixture_count_tap    (Fixture        *self,
                               const char     *prefix);
/* Waits for closed() and that nothing follows it. */
void     fixture_expect_closed (Fixture       *self,
                               const char     *reason,
                               GQuark          domain,
                               int             code);
void     fixture_expect_message (Fixture      *self,
                               const char     *part);
/* Waits for the next packet of the client. */
void     fixture_expect_packet (Fixture       *self,
                               const char     *packet);

/* The same body on each transport. data: "websocket" or "polling". */
#define ADD_FOR_EACH_TRANSPORT(name, body)                                             \
  G_STMT_START {                                                                       \
    g_test_add_data_func ("/engine/polling/" name, "polling", body);                   \
    g_test_add_data_func ("/engine/websocket/" name, "websocket", body);               \
  } G_STMT_END

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

G_END_DECLS
