/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sio: the one header that the outside includes. */

#pragma once

#include "sio-types.h"
#include "sio-error.h"
#include "sio-options.h"
#include "sio-parser.h"
#include "sio-arguments.h"
#include "sio-tap.h"
#include "wire/sio-json.h"
#include "wire/sio-base64.h"
#include "wire/sio-backoff.h"
#include "wire/sio-url.h"
#include "client/sio-manager.h"
#include "client/sio-socket.h"
#include "server/sio-server.h"
