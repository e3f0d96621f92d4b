/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers of several rounds. */

#pragma once

#include <glib.h>
#include <stdlib.h>

static inline int
bench_compare (const void *a,
               const void *b)
{
  double difference = *(const double *) a - *(const double *) b;

  return (difference > 0) - (difference < 0);
}

/* Sorts values. share: 0.5 is the median, 0.99 the value that one in a hundred exceeds. 0 if there are none. */
static inline double
bench_quantile (double *values,
                gsize   n,
                double  share)
{
  if (n == 0)
    return 0;
  qsort (values, n, sizeof *values, bench_compare);
  return values[MIN (n - 1, (gsize) ((double) n * share))];
}

static inline double
bench_ratio (double a,
             double b)
{
  return b > 0 ? a / b : 0;
}
