/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of SioOptions that are about time: how often, how soon, how long. */

#include "sio-options-private.h"

/**
 * sio_options_get_reconnection_attempts:
 * @self: options
 *
 * Returns: number of retries; see #SioOptions:reconnection-attempts
 */
/**
 * sio_options_set_reconnection_attempts:
 * @self: options
 * @attempts: number of retries; 0 is without end
 *
 * Sets #SioOptions:reconnection-attempts.
 */
SIO_OPTIONS_DEFINE_UINT (reconnection_attempts, RECONNECTION_ATTEMPTS)

/**
 * sio_options_get_reconnection_delay_ms:
 * @self: options
 *
 * Returns: milliseconds; see #SioOptions:reconnection-delay-ms
 */
/**
 * sio_options_set_reconnection_delay_ms:
 * @self: options
 * @delay_ms: milliseconds; 0 means 1000
 *
 * Sets #SioOptions:reconnection-delay-ms.
 */
SIO_OPTIONS_DEFINE_UINT (reconnection_delay_ms, RECONNECTION_DELAY_MS)

/**
 * sio_options_get_reconnection_delay_max_ms:
 * @self: options
 *
 * Returns: milliseconds; see #SioOptions:reconnection-delay-max-ms
 */
/**
 * sio_options_set_reconnection_delay_max_ms:
 * @self: options
 * @delay_max_ms: milliseconds; 0 means 5000
 *
 * Sets #SioOptions:reconnection-delay-max-ms.
 */
SIO_OPTIONS_DEFINE_UINT (reconnection_delay_max_ms, RECONNECTION_DELAY_MAX_MS)

/**
 * sio_options_get_randomization_factor:
 * @self: options
 *
 * Returns: from 0 to 1; see #SioOptions:randomization-factor
 */
double
sio_options_get_randomization_factor (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0.0);

  return self->randomization_factor;
}

/**
 * sio_options_set_randomization_factor:
 * @self: options
 * @factor: brought into 0 to 1; NaN is 0
 *
 * Sets #SioOptions:randomization-factor.
 */
void
sio_options_set_randomization_factor (SioOptions *self, double factor)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  /* Written so that NaN becomes 0. */
  factor = factor > 0.0 ? MIN (factor, 1.0) : 0.0;
  self->is_set |= G_GUINT64_CONSTANT (1) << SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR;
  if (self->randomization_factor == factor)
    return;

  self->randomization_factor = factor;
  g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR]);
}

/**
 * sio_options_get_timeout_ms:
 * @self: options
 *
 * Returns: milliseconds; see #SioOptions:timeout-ms
 */
/**
 * sio_options_set_timeout_ms:
 * @self: options
 * @timeout_ms: milliseconds; 0 is without end
 *
 * Sets #SioOptions:timeout-ms.
 */
SIO_OPTIONS_DEFINE_UINT (timeout_ms, TIMEOUT_MS)

/**
 * sio_options_get_ack_timeout_ms:
 * @self: options
 *
 * Returns: milliseconds; see #SioOptions:ack-timeout-ms
 */
/**
 * sio_options_set_ack_timeout_ms:
 * @self: options
 * @ack_timeout_ms: milliseconds; 0 is without end
 *
 * Sets #SioOptions:ack-timeout-ms.
 */
SIO_OPTIONS_DEFINE_UINT (ack_timeout_ms, ACK_TIMEOUT_MS)

/**
 * sio_options_get_retries:
 * @self: options
 *
 * Returns: the value; see #SioOptions:retries
 */
/**
 * sio_options_set_retries:
 * @self: options
 * @retries: the new value
 *
 * Sets #SioOptions:retries.
 */
SIO_OPTIONS_DEFINE_UINT (retries, RETRIES)

/**
 * sio_options_get_stop_on_refusal:
 * @self: options
 *
 * Returns: the value; see #SioOptions:stop-on-refusal
 */
/**
 * sio_options_set_stop_on_refusal:
 * @self: options
 * @stop_on_refusal: the new value
 *
 * Sets #SioOptions:stop-on-refusal.
 */
SIO_OPTIONS_DEFINE_BOOLEAN (stop_on_refusal, STOP_ON_REFUSAL)
