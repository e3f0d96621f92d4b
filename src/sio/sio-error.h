/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The library's own errors: one domain, whatever is underneath. */

#pragma once

#include "sio-types.h"

G_BEGIN_DECLS

#define SIO_ERROR (sio_error_quark ())

/**
 * SioError:
 * @SIO_ERROR_MALFORMED: bytes that the protocol does not allow; the message says what, where and what was expected
 * @SIO_ERROR_TOO_LARGE: a limit was reached; the message names it
 * @SIO_ERROR_UNSUPPORTED_VERSION: the other side speaks another revision of the protocol
 * @SIO_ERROR_REFUSED: the server said no: HTTP status, namespace refused, redirect
 * @SIO_ERROR_TIMED_OUT: nothing came in time: attempt, heartbeat, ack
 * @SIO_ERROR_CLOSED: the connection or namespace ended first
 * @SIO_ERROR_INVALID_ARGUMENT: what the caller gave cannot be sent; nothing was sent
 * @SIO_ERROR_FULL: the outgoing buffer is at its limit; nothing was sent
 * @SIO_ERROR_UNREACHABLE: no connection: the name is not known, nobody listens there, the network or the proxy says no,
 *   or it broke before the answer was whole
 * @SIO_ERROR_TLS: no secure connection: the certificate, the key or TLS itself was not accepted by one side
 * @SIO_ERROR_UNAUTHORIZED: the server wants other credentials: 401, 403, Engine.IO's code 4, 407 of a proxy
 * @SIO_ERROR_NOT_SOCKET_IO: something answered that is no Socket.IO server, or not at this path
 * @SIO_ERROR_UNKNOWN_SESSION: the server does not know the session (code 1); with more than one server behind the
 *   address, requests went to different ones
 *
 * By what the caller can do about it. The codes are stable.
 */
typedef enum {
  SIO_ERROR_MALFORMED,
  SIO_ERROR_TOO_LARGE,
  SIO_ERROR_UNSUPPORTED_VERSION,
  SIO_ERROR_REFUSED,
  SIO_ERROR_TIMED_OUT,
  SIO_ERROR_CLOSED,
  SIO_ERROR_INVALID_ARGUMENT,
  SIO_ERROR_FULL,
  SIO_ERROR_UNREACHABLE,
  SIO_ERROR_TLS,
  SIO_ERROR_UNAUTHORIZED,
  SIO_ERROR_NOT_SOCKET_IO,
  SIO_ERROR_UNKNOWN_SESSION,
} SioError;

GQuark sio_error_quark (void);

G_END_DECLS
