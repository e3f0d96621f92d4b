/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* backo2's formula. One random number decides both sign and amplitude, and the cap comes after the jitter. */

#include "sio-backoff.h"

#include <math.h>

/* From attempt 1016 on, 2^attempt times the jitter overflows to NaN in the official client, which then waits 0 ms. Far
 * before that every delay is the longest one. */
#define MAX_EXPONENT 31

#define DEFAULT_MIN_MS 1000
#define DEFAULT_MAX_MS 5000

static double
undisturbed (guint attempt, guint min_ms)
{
  return ldexp (min_ms, (int) MIN (attempt, MAX_EXPONENT));
}

static gboolean
is_minus (double random01)
{
  return ((gint64) floor (random01 * 10) & 1) == 0;
}

/* The formula before the cap: whole milliseconds. */
static double
disturbed (guint attempt, guint min_ms, double jitter, double random01)
{
  double ms = undisturbed (attempt, min_ms);

  if (jitter > 0.0 && jitter <= 1.0)
    {
      double deviation = floor (random01 * jitter * ms);

      ms = is_minus (random01) ? ms - deviation : ms + deviation;
    }

  return ms;
}

static void
apply_defaults (guint *min_ms, guint *max_ms)
{
  if (*min_ms == 0)
    *min_ms = DEFAULT_MIN_MS;
  if (*max_ms == 0)
    *max_ms = DEFAULT_MAX_MS;
}

/**
 * sio_backoff_delay_ms:
 * @attempt: which retry, from 0
 * @min_ms: `reconnection-delay`, milliseconds; 0 means 1000
 * @max_ms: `reconnection-delay-max`, milliseconds; 0 means 5000
 * @jitter: `randomization-factor`; outside of (0, 1] there is none
 * @random01: luck, in [0, 1)
 *
 * Returns: the delay before that retry, milliseconds
 */
guint
sio_backoff_delay_ms (guint  attempt,
                      guint  min_ms,
                      guint  max_ms,
                      double jitter,
                      double random01)
{
  g_return_val_if_fail (random01 >= 0.0 && random01 < 1.0, MAX (min_ms, 1));

  apply_defaults (&min_ms, &max_ms);

  return (guint) MIN (disturbed (attempt, min_ms, jitter, random01), (double) max_ms);
}

/**
 * sio_backoff_window_ms:
 * @attempt: which retry, from 0
 * @min_ms: as above
 * @max_ms: as above
 * @jitter: as above
 * @shortest_ms: (out): no delay of this retry is shorter
 * @longest_ms: (out): no delay of this retry is longer
 *
 * What could have been drawn, exactly. The sign is minus where the first decimal of the random number is even and plus
 * where it is odd, so more than nine tenths of the jitter are never taken off; and as the random number is below 1, the
 * whole jitter is never put on.
 */
void
sio_backoff_window_ms (guint   attempt,
                       guint   min_ms,
                       guint   max_ms,
                       double  jitter,
                       guint  *shortest_ms,
                       guint  *longest_ms)
{
  double luckiest = nextafter (1.0, 0.0);
  double unluckiest = 0.9;

  g_return_if_fail (shortest_ms != NULL && longest_ms != NULL);

  apply_defaults (&min_ms, &max_ms);
  while (!is_minus (unluckiest))
    unluckiest = nextafter (unluckiest, 0.0);

  *shortest_ms = (guint) MIN (disturbed (attempt, min_ms, jitter, unluckiest), (double) max_ms);
  *longest_ms = (guint) MIN (disturbed (attempt, min_ms, jitter, luckiest), (double) max_ms);
}
