/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sio-error.h"

/**
 * sio_error_quark:
 *
 * Returns: the domain of #SioError
 */
G_DEFINE_QUARK (sio-error-quark, sio_error)
