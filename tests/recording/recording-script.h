/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A recording made from text: one line is one thing that the library reported, at a time of our choosing.
 *
 *   MS state WORD [transport=polling|websocket] [attempt=N] [delay=MS] [min=MS] [max=MS] [again=1] [reason=…] [message=…] [sid=…] [eio=N]
 *   MS packet in|out RAW [tag=N] [wire=TEXT]       RAW is the Engine.IO packet; no blanks in it
 *   MS attachment in|out INDEX TEXT
 *   MS engine in|out RAW
 *   MS frame in|out OPCODE TEXT
 *   MS http METHOD STATUS DURATION_MS URI [request=…] [response=…] [headers=…] [tls=FLAGS] [fingerprint=…] [certificate=…]
 *   MS socket WORD NSP [reason=…] [data=…] [again=1] [recovered=1]
 *   MS emit WORD NSP ID EVENT [args=…] [tag=N] [text=…]
 *   MS error WHERE MESSAGE · MS note MESSAGE
 * In values "_" stands for a blank and "~" for a line end. */

#pragma once

#include "sioscope-recorder.h"

G_BEGIN_DECLS

void               script_play    (SioscopeRecorder  *recorder,
                                   SioscopeRecording *recording,
                                   const char        *script);
/* In memory, flushed, not finished: *recorder is given to the caller. */
SioscopeRecording *script_record  (const char        *script,
                                   SioscopeRecorder **recorder);

G_END_DECLS
