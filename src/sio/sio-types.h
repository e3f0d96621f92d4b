/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The enums and tiny value types that every room of the library shares. */

#pragma once

#include <gio/gio.h>
#include <string.h>

G_BEGIN_DECLS

typedef struct _SioOptions   SioOptions;
typedef struct _SioParser    SioParser;
typedef struct _SioArguments SioArguments;
typedef struct _SioManager   SioManager;
typedef struct _SioSocket    SioSocket;
typedef struct _SioTap       SioTap;

/**
 * SioSpan:
 * @data: (nullable): the first byte; not NUL-terminated; %NULL only if @size is 0
 * @size: how many bytes
 *
 * A piece of somebody else's bytes. It lives as long as the bytes that it points into.
 */
typedef struct {
  const char *data;
  gsize       size;
} SioSpan;

#define SIO_SPAN_LITERAL(text) ((SioSpan) { (text), sizeof (text) - 1 })

static inline gboolean
sio_span_equals (SioSpan a, const char *b)
{
  return a.size == strlen (b) && (a.size == 0 || memcmp (a.data, b, a.size) == 0);
}

/**
 * SioDirection:
 * @SIO_DIRECTION_IN: from the server to us
 * @SIO_DIRECTION_OUT: from us to the server
 */
typedef enum {
  SIO_DIRECTION_IN,
  SIO_DIRECTION_OUT,
} SioDirection;

/**
 * SioTransportKind:
 * @SIO_TRANSPORT_KIND_NONE: no transport has been chosen yet, or it does not matter
 * @SIO_TRANSPORT_KIND_POLLING: HTTP long-polling
 * @SIO_TRANSPORT_KIND_WEBSOCKET: WebSocket
 */
typedef enum {
  SIO_TRANSPORT_KIND_NONE,
  SIO_TRANSPORT_KIND_POLLING,
  SIO_TRANSPORT_KIND_WEBSOCKET,
} SioTransportKind;

/**
 * SioEnginePacketType:
 *
 * The digit in front of an Engine.IO packet. Engine.IO 3 and 4, "Packet types".
 */
typedef enum {
  SIO_ENGINE_PACKET_OPEN    = 0,
  SIO_ENGINE_PACKET_CLOSE   = 1,
  SIO_ENGINE_PACKET_PING    = 2,
  SIO_ENGINE_PACKET_PONG    = 3,
  SIO_ENGINE_PACKET_MESSAGE = 4,
  SIO_ENGINE_PACKET_UPGRADE = 5,
  SIO_ENGINE_PACKET_NOOP    = 6,
} SioEnginePacketType;

/**
 * SioPacketType:
 *
 * The digit in front of a Socket.IO packet. Socket.IO protocol 5, "Packet types".
 */
typedef enum {
  SIO_PACKET_CONNECT       = 0,
  SIO_PACKET_DISCONNECT    = 1,
  SIO_PACKET_EVENT         = 2,
  SIO_PACKET_ACK           = 3,
  SIO_PACKET_CONNECT_ERROR = 4,
  SIO_PACKET_BINARY_EVENT  = 5,
  SIO_PACKET_BINARY_ACK    = 6,
} SioPacketType;

/**
 * SioManagerState:
 * @SIO_MANAGER_STATE_CLOSED: nothing is going on, and nothing will by itself
 * @SIO_MANAGER_STATE_CONNECTING: an attempt is running: handshake asked for, no open packet yet
 * @SIO_MANAGER_STATE_OPEN: the engine is open
 * @SIO_MANAGER_STATE_WAITING: the delay before the next attempt is running
 * @SIO_MANAGER_STATE_FAILED: gave up: the attempts are used up, or reconnection is off
 *
 * Where a manager is. See sio_manager_get_edges() for the steps that are allowed.
 */
typedef enum {
  SIO_MANAGER_STATE_CLOSED,
  SIO_MANAGER_STATE_CONNECTING,
  SIO_MANAGER_STATE_OPEN,
  SIO_MANAGER_STATE_WAITING,
  SIO_MANAGER_STATE_FAILED,
} SioManagerState;

/**
 * SioSocketState:
 * @SIO_SOCKET_STATE_INACTIVE: not asked for, left, refused, or sent away by the server
 * @SIO_SOCKET_STATE_WAITING: asked for; the manager is not open yet
 * @SIO_SOCKET_STATE_CONNECTING: CONNECT was sent
 * @SIO_SOCKET_STATE_CONNECTED: the server answered CONNECT
 *
 * Where a namespace is.
 */
typedef enum {
  SIO_SOCKET_STATE_INACTIVE,
  SIO_SOCKET_STATE_WAITING,
  SIO_SOCKET_STATE_CONNECTING,
  SIO_SOCKET_STATE_CONNECTED,
} SioSocketState;

G_END_DECLS
