/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of SioOptions that are about time: how often, how soon, how long. */

#include "sio-options-private.h"

static void
set_uint (SioOptions *self, guint *field, guint value, guint prop)
{
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[prop]);
}

/**
 * sio_options_get_reconnection_attempts:
 * @self: options
 *
 * Returns: number of retries; see #SioOptions:reconnection-attempts
 */
guint
sio_options_get_reconnection_attempts (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->reconnection_attempts;
}

/**
 * sio_options_set_reconnection_attempts:
 * @self: options
 * @attempts: number of retries; 0 is without end
 *
 * Sets #SioOptions:reconnection-attempts.
 */
void
sio_options_set_reconnection_attempts (SioOptions *self, guint attempts)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->reconnection_attempts, attempts, SIO_OPTIONS_PROP_RECONNECTION_ATTEMPTS);
}

/**
 * sio_options_get_reconnection_delay_ms:
 * @self: options
 *
 * Returns: milliseconds; see #SioOptions:reconnection-delay-ms
 */
guint
sio_options_get_reconnection_delay_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->reconnection_delay_ms;
}

/**
 * sio_options_set_reconnection_delay_ms:
 * @self: options
 * @delay_ms: milliseconds; 0 means 1000
 *
 * Sets #SioOptions:reconnection-delay-ms.
 */
void
sio_options_set_reconnection_delay_ms (SioOptions *self, guint delay_ms)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->reconnection_delay_ms, delay_ms, SIO_OPTIONS_PROP_RECONNECTION_DELAY_MS);
}

/**
 * sio_options_get_reconnection_delay_max_ms:
 * @self: options
 *
 * Returns: milliseconds; see #SioOptions:reconnection-delay-max-ms
 */
guint
sio_options_get_reconnection_delay_max_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->reconnection_delay_max_ms;
}

/**
 * sio_options_set_reconnection_delay_max_ms:
 * @self: options
 * @delay_max_ms: milliseconds; 0 means 5000
 *
 * Sets #SioOptions:reconnection-delay-max-ms.
 */
void
sio_options_set_reconnection_delay_max_ms (SioOptions *self, guint delay_max_ms)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->reconnection_delay_max_ms, delay_max_ms, SIO_OPTIONS_PROP_RECONNECTION_DELAY_MAX_MS);
}

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
guint
sio_options_get_timeout_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->timeout_ms;
}

/**
 * sio_options_set_timeout_ms:
 * @self: options
 * @timeout_ms: milliseconds; 0 is without end
 *
 * Sets #SioOptions:timeout-ms.
 */
void
sio_options_set_timeout_ms (SioOptions *self, guint timeout_ms)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->timeout_ms, timeout_ms, SIO_OPTIONS_PROP_TIMEOUT_MS);
}

/**
 * sio_options_get_ack_timeout_ms:
 * @self: options
 *
 * Returns: milliseconds; see #SioOptions:ack-timeout-ms
 */
guint
sio_options_get_ack_timeout_ms (SioOptions *self)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), 0);

  return self->ack_timeout_ms;
}

/**
 * sio_options_set_ack_timeout_ms:
 * @self: options
 * @ack_timeout_ms: milliseconds; 0 is without end
 *
 * Sets #SioOptions:ack-timeout-ms.
 */
void
sio_options_set_ack_timeout_ms (SioOptions *self, guint ack_timeout_ms)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  set_uint (self, &self->ack_timeout_ms, ack_timeout_ms, SIO_OPTIONS_PROP_ACK_TIMEOUT_MS);
}
