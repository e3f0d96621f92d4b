/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of the network share: an engine with a tap that keeps every exchange, and helpers in Node.js. */

#pragma once

#include "engine/sio-engine.h"
#include "raw-peer.h"
#include "sio-error.h"
#include "test-util.h"

G_BEGIN_DECLS

typedef struct {
  char                 *method;
  char                 *uri;
  guint                 status;
  char                 *request_headers;
  char                 *response_headers;
  GTlsCertificateFlags  tls_errors;
  char                 *tls_fingerprint;
  char                 *tls_certificate;
  GError               *error;
} Exchange;

#define TYPE_NETWORK_TAP (network_tap_get_type ())
G_DECLARE_FINAL_TYPE (NetworkTap, network_tap, NETWORK, TAP, GObject)

struct _NetworkTap {
  GObject    parent_instance;

  GPtrArray *exchanges; /* of Exchange */
};

typedef struct {
  SioOptions      *options;
  SioEngineMemory  memory;
  NetworkTap      *tap;
  SioTapHandle     handle;
  SioEngine       *engine;

  GPtrArray       *texts;   /* of char *: messages, "4" included */
  gboolean         opened;
  gboolean         upgraded;
  gboolean         closed;
  char            *reason;
  GError          *error;
} Network;

/* transports: "websocket", "polling" or "polling,websocket". */
void        network_init          (Network     *self,
                                   const char  *transports);
void        network_clear         (Network     *self);
/* Another engine with the same options; what the last one did is forgotten. */
void        network_open          (Network     *self,
                                   const char  *url);
void        network_open_well     (Network     *self,
                                   const char  *url);
/* Opens and waits for the failure. Each part must be in its message. */
void        network_expect_failure (Network    *self,
                                   const char  *url,
                                   int          code,
                                   const char  *part,
                                   ...) G_GNUC_NULL_TERMINATED;
void        network_expect_part   (Network     *self,
                                   const char  *part);
/* Joins "/" and has an event echoed. */
void        network_talk          (Network     *self);
void        network_send          (Network     *self,
                                   const char  *text);
/* Waits for a message that begins so. */
const char *network_await         (Network     *self,
                                   const char  *prefix);
Exchange   *network_get_exchange  (Network     *self,
                                   guint        n);

/* Adds body as /GROUP/polling/NAME and /GROUP/websocket/NAME; the transport is its data. */
void        network_add           (const char  *group,
                                   const char  *name,
                                   GTestDataFunc body);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Network, network_clear)

/* A script of tests/network in a process of its own. */
typedef struct _Helper Helper;

Helper     *helper_start          (const char  *script,
                                   const char  *options);
guint       helper_get_port       (Helper      *self);
/* "SCHEME://127.0.0.1:PORT/"; valid as long as self. */
const char *helper_get_url        (Helper      *self,
                                   const char  *scheme);
/* Ends it. (transfer full): all that it printed after its port. */
char       *helper_finish         (Helper      *self);
void        helper_free           (Helper      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Helper, helper_free)

guint       count_parts           (const char  *text,
                                   const char  *part);

G_END_DECLS
