/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The kinds of rows that a person can show and hide. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

/**
 * SioscopeShow:
 * @SIOSCOPE_SHOW_EVENTS: EVENT and BINARY_EVENT packets
 * @SIOSCOPE_SHOW_ACKS: ACK and BINARY_ACK packets
 * @SIOSCOPE_SHOW_STATES: STATE, SOCKET, CONNECT, DISCONNECT and CONNECT_ERROR packets, EMIT fates, NOTE
 * @SIOSCOPE_SHOW_ERRORS: ERROR
 * @SIOSCOPE_SHOW_HTTP: HTTP
 * @SIOSCOPE_SHOW_ENGINE: Engine.IO packets but heartbeats; attachments; control frames
 * @SIOSCOPE_SHOW_HEARTBEATS: ping and pong
 *
 * What is shown.
 */
typedef enum {
  SIOSCOPE_SHOW_EVENTS     = 1 << 0,
  SIOSCOPE_SHOW_ACKS       = 1 << 1,
  SIOSCOPE_SHOW_STATES     = 1 << 2,
  SIOSCOPE_SHOW_ERRORS     = 1 << 3,
  SIOSCOPE_SHOW_HTTP       = 1 << 4,
  SIOSCOPE_SHOW_ENGINE     = 1 << 5,
  SIOSCOPE_SHOW_HEARTBEATS = 1 << 6,
} SioscopeShow;
#define SIOSCOPE_SHOW_ALL     ((SioscopeShow) 0x7f)
#define SIOSCOPE_SHOW_DEFAULT (SIOSCOPE_SHOW_EVENTS | SIOSCOPE_SHOW_ACKS | SIOSCOPE_SHOW_STATES | SIOSCOPE_SHOW_ERRORS)

/* Of a row, from the index alone; 0 if it is not there. */
SioscopeShow sioscope_show_of_row (SioscopeRecording *recording,
                                   guint64            row);

G_END_DECLS
