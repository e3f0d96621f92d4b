/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The library's own errors. Errors of GIO, TLS and libsoup pass through unchanged. */

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
} SioError;

GQuark sio_error_quark (void);

G_END_DECLS
