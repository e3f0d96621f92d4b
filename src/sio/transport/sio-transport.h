/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioTransport: carries Engine.IO packets as text units and binary messages, by HTTP long-polling
 * or by WebSocket. Frames come in through direct calls to a listener; what goes out is taken from
 * the engine's queue whenever the transport can write. */

#pragma once

#include "../sio-tap-private.h"
#include "../wire/sio-handshake.h"
#include "sio-http.h"
#include "sio-packet-queue.h"

G_BEGIN_DECLS

typedef struct _SioTransport SioTransport;

/* Calls from the transport's sources, on its context. The listener may abandon the transport inside of each. */
typedef struct {
  void (*opened)   (gpointer data, SioTransport *transport); /* WebSocket: the handshake was accepted */
  /* Polling: the first answer is a body of this revision of Engine.IO; after it sio_http_get_eio() is believed. */
  void (*answered) (gpointer data, SioTransport *transport, guint eio);
  /* One text unit, type digit included; unit points into owner, or is only there during the call if that is NULL. */
  void (*text)     (gpointer data, SioTransport *transport, GBytes *owner, SioSpan unit);
  /* One binary unit, in Engine.IO 3 with its type in front. */
  void (*binary)   (gpointer data, SioTransport *transport, GBytes *bytes);
  void (*control)  (gpointer data, SioTransport *transport); /* a ping or pong of the WebSocket itself */
  void (*written)  (gpointer data, SioTransport *transport); /* the system has, or the server answered for, all that was taken */
  void (*drained)  (gpointer data, SioTransport *transport); /* the queue is empty and more may be sent */
  void (*paused)   (gpointer data, SioTransport *transport); /* nothing is in flight, nothing will start */
  /* Once, the last call. reason: "transport close" or "transport error". May come inside of a call
   * into the transport. */
  void (*closed)   (gpointer data, SioTransport *transport, const char *reason, const GError *error);
} SioTransportListener;

typedef struct {
  SioTransportKind kind;

  void     (*open)        (SioTransport *self);
  void     (*start)       (SioTransport *self, const SioHandshake *handshake);
  void     (*flush)       (SioTransport *self);
  gboolean (*is_writable) (SioTransport *self);
  void     (*send_now)    (SioTransport *self, SioEnginePacketType type, SioSpan data);
  void     (*pause)       (SioTransport *self);
  void     (*resume)      (SioTransport *self);
  void     (*close)       (SioTransport *self);
  void     (*abandon)     (SioTransport *self);
  void     (*finalize)    (SioTransport *self);
} SioTransportClass;

struct _SioTransport {
  const SioTransportClass    *klass;
  const SioTransportListener *listener;
  gpointer                    data;

  SioHttp        *http;  /* the engine's; outlives us unless we are dead */
  SioPacketQueue *queue; /* the engine's; NULL while this one only probes */

  guint           ref_count;
  gboolean        dead;  /* abandoned: says nothing more */
};

SioTransport *sio_transport_init    (SioTransport               *self,
                                     const SioTransportClass    *klass,
                                     SioHttp                    *http,
                                     SioPacketQueue             *queue,
                                     const SioTransportListener *listener,
                                     gpointer                    data);
SioTransport *sio_transport_ref     (SioTransport               *self);
void          sio_transport_unref   (SioTransport               *self);
/* Ends it at once, as a network failure would: no more calls, connections are dropped. */
void          sio_transport_abandon (SioTransport               *self);
/* For transports: tells closed() once and abandons. */
void          sio_transport_fail    (SioTransport               *self,
                                     const char                 *reason,
                                     const GError               *error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioTransport, sio_transport_unref)

static inline SioTransportKind
sio_transport_get_kind (SioTransport *self)
{
  return self->klass->kind;
}

/* Asks for the handshake. */
static inline void
sio_transport_open (SioTransport *self)
{
  self->klass->open (self);
}

/* The open packet was read: limits and intervals are known. */
static inline void
sio_transport_start (SioTransport *self, const SioHandshake *handshake)
{
  self->klass->start (self, handshake);
}

/* The queue has something. */
static inline void
sio_transport_flush (SioTransport *self)
{
  self->klass->flush (self);
}

static inline gboolean
sio_transport_is_writable (SioTransport *self)
{
  return self->klass->is_writable (self);
}

/* WebSocket only: past the queue. For the probe, before the queue is ours. */
static inline void
sio_transport_send_now (SioTransport *self, SioEnginePacketType type, SioSpan data)
{
  self->klass->send_now (self, type, data);
}

/* Polling only: starts no new request and calls paused() when those in flight have ended. */
static inline void
sio_transport_pause (SioTransport *self)
{
  self->klass->pause (self);
}

static inline void
sio_transport_resume (SioTransport *self)
{
  self->klass->resume (self);
}

/* Orderly; closed() comes within about two seconds. The queue is no longer looked at. */
static inline void
sio_transport_close (SioTransport *self)
{
  self->klass->close (self);
}

G_END_DECLS
