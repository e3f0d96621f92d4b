/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers, sizes, durations and times as people write them, to ranges. Nothing here goes through floating point. */

#include "sioscope-filter-private.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

typedef struct {
  const char *name;
  gint64      factor;
} Unit;

/* Also in bytes people count by 1024 here, whatever they call it. */
static const Unit sizes[] = {
  { "", 1 }, { "b", 1 }, { "k", 1 << 10 }, { "kb", 1 << 10 }, { "kib", 1 << 10 }, { "m", 1 << 20 }, { "mb", 1 << 20 },
  { "mib", 1 << 20 }, { "g", 1 << 30 }, { "gb", 1 << 30 }, { "gib", 1 << 30 }, { NULL },
};
static const Unit durations[] = {
  { "us", 1 }, { "\302\265s", 1 }, { "\316\274s", 1 }, { "ms", 1000 }, { "s", SECOND }, { "m", 60 * SECOND },
  { "h", 3600 * SECOND }, { NULL },
};
static const Unit numbers[] = { { "", 1 }, { NULL } };

/* Decimal digits with a fraction and a unit. *step: how much the last digit is worth. */
static gboolean
read_quantity (const char *word,
               gsize       size,
               const Unit *units,
               gint64      unitless,
               gint64     *value,
               gint64     *step)
{
  gint64 whole = 0, fraction = 0, scale = 1, factor = unitless;
  gsize i = 0, start;

  for (; i < size && g_ascii_isdigit (word[i]); i++)
    {
      if (i >= 12)
        return FALSE;
      whole = whole * 10 + (word[i] - '0');
    }
  if (i == 0)
    return FALSE;
  if (i + 1 < size && word[i] == '.' && g_ascii_isdigit (word[i + 1]))
    for (i++; i < size && g_ascii_isdigit (word[i]); i++)
      {
        if (scale == 1000000000)
          return FALSE;
        fraction = fraction * 10 + (word[i] - '0');
        scale *= 10;
      }

  start = i;
  if (start < size || unitless == 0)
    {
      for (factor = 0; units->name != NULL && factor == 0; units++)
        if (strlen (units->name) == size - start && g_ascii_strncasecmp (units->name, word + start, size - start) == 0)
          factor = units->factor;
      if (factor == 0)
        return FALSE;
    }
  if (whole > (G_MAXINT64 >> 1) / factor)
    return FALSE;
  *value = whole * factor + fraction * factor / scale;
  if (step != NULL)
    *step = MAX (1, factor / scale);
  return TRUE;
}

static gboolean
read_range (const char *word,
            gsize       size,
            const Unit *units,
            gint64      unitless,
            GArray     *ranges)
{
  FilterRange range = { 0, G_MAXINT64 };
  const char *dots = g_strstr_len (word, (gssize) size, "..");

  if (dots != NULL)
    {
      gsize before = (gsize) (dots - word), after = size - before - 2;

      if (before + after == 0
          || (before != 0 && !read_quantity (word, before, units, unitless, &range.low, NULL))
          || (after != 0 && !read_quantity (dots + 2, after, units, unitless, &range.high, NULL))
          || range.low > range.high)
        return FALSE;
    }
  else
    {
      char sign = size > 0 ? *word : '\0';
      gboolean equal = size > 1 && word[1] == '=' && (sign == '<' || sign == '>');
      gsize skip = sign == '<' || sign == '>' || sign == '=' ? (equal ? 2 : 1) : 0;
      gint64 value;

      if (!read_quantity (word + skip, size - skip, units, unitless, &value, NULL))
        return FALSE;
      if (sign == '>')
        range.low = equal ? value : value + 1;
      else if (sign == '<')
        range.high = equal ? value : value - 1;
      else
        range.low = range.high = value;
    }
  g_array_append_val (ranges, range);
  return TRUE;
}

gboolean
filter_read_number (const char *word,
                    gsize       size,
                    GArray     *ranges)
{
  return read_range (word, size, numbers, 1, ranges);
}

gboolean
filter_read_size (const char *word,
                  gsize       size,
                  GArray     *ranges)
{
  return read_range (word, size, sizes, 1, ranges);
}

gboolean
filter_read_duration (const char *word,
                      gsize       size,
                      GArray     *ranges)
{
  return read_range (word, size, durations, 0, ranges);
}

static SioSpan
span_of (const char *word,
         gsize       size)
{
  return (SioSpan) { word, size };
}

static gboolean
take_decimal (const char  *word,
              gsize        size,
              char       **number)
{
  if (!sioscope_json_is_number (span_of (word, size)))
    return FALSE;
  *number = g_strndup (word, size);
  return TRUE;
}

FilterTest *
filter_read_decimal (const char *word,
                     gsize       size)
{
  FilterTest *test = g_new0 (FilterTest, 1);
  const char *dots = g_strstr_len (word, (gssize) size, "..");
  gboolean good;

  if (dots != NULL)
    {
      gsize before = (gsize) (dots - word), after = size - before - 2;

      good = before + after != 0 && (before == 0 || take_decimal (word, before, &test->low))
             && (after == 0 || take_decimal (dots + 2, after, &test->high));
    }
  else
    {
      char sign = size > 0 ? *word : '\0';
      gboolean equal = size > 1 && word[1] == '=' && (sign == '<' || sign == '>');
      gsize skip = sign == '<' || sign == '>' || sign == '=' ? (equal ? 2 : 1) : 0;

      good = TRUE;
      if (sign != '<')
        good = take_decimal (word + skip, size - skip, &test->low);
      if (good && sign != '>')
        good = take_decimal (word + skip, size - skip, &test->high);
      test->above = sign == '>' && !equal;
      test->below = sign == '<' && !equal;
      /* Without a sign a string that reads so will do as well. */
      if (good && skip == 0)
        test->pattern = filter_pattern_new_exact (word, size);
    }
  if (!good)
    g_clear_pointer (&test, filter_test_free);
  return test;
}

void
filter_test_free (FilterTest *self)
{
  g_clear_pointer (&self->pattern, filter_pattern_free);
  g_free (self->low);
  g_free (self->high);
  g_free (self);
}

/* n digits at word[*at], which goes behind them. */
static gboolean
take_digits (const char *word,
             gsize       size,
             gsize      *at,
             guint       n,
             gint       *value)
{
  *value = 0;
  for (guint i = 0; i < n; i++, (*at)++)
    {
      if (*at >= size || !g_ascii_isdigit (word[*at]))
        return FALSE;
      *value = *value * 10 + (word[*at] - '0');
    }
  return TRUE;
}

/* HH:MM[:SS[.fraction]] as microseconds. */
static gboolean
take_clock (const char *word,
            gsize       size,
            gsize      *at,
            gint64     *us,
            gint64     *step)
{
  gint hours, minutes, seconds = 0;

  /* One digit will do for the hours. */
  if (!take_digits (word, size, at, *at + 1 < size && word[*at + 1] == ':' ? 1 : 2, &hours)
      || *at >= size || word[*at] != ':')
    return FALSE;
  (*at)++;
  if (!take_digits (word, size, at, 2, &minutes) || hours > 23 || minutes > 59)
    return FALSE;
  *step = 60 * SECOND;
  if (*at < size && word[*at] == ':')
    {
      (*at)++;
      if (!take_digits (word, size, at, 2, &seconds) || seconds > 59)
        return FALSE;
      *step = SECOND;
    }
  *us = (hours * 60 + minutes) * 60 * SECOND + seconds * SECOND;
  if (*step == SECOND && *at + 1 < size && word[*at] == '.' && g_ascii_isdigit (word[*at + 1]))
    for ((*at)++; *at < size && g_ascii_isdigit (word[*at]); (*at)++)
      {
        if (*step == 1)
          return FALSE;
        *step /= 10;
        *us += (word[*at] - '0') * *step;
      }
  return TRUE;
}

static gint64
real_us (gint       year,
         gint       month,
         gint       day,
         gint64     clock_us,
         GTimeZone *zone)
{
  gint minutes = (gint) (clock_us / (60 * SECOND));
  g_autoptr(GDateTime) date = g_date_time_new (zone, year, month, day, minutes / 60, minutes % 60, 0);

  return date != NULL ? g_date_time_to_unix (date) * SECOND + clock_us % (60 * SECOND) : G_MININT64;
}

/* YYYY-MM-DD[THH:MM[:SS[.fraction]][Z|+HH:MM]], of the local zone if it says none. */
static gboolean
read_date (const char    *word,
           gsize          size,
           FilterInstant *instant,
           gint64        *step)
{
  g_autoptr(GTimeZone) zone = NULL;
  gint year, month, day;
  gint64 clock_us = 0;
  gsize at = 0;

  if (!take_digits (word, size, &at, 4, &year) || at >= size || word[at++] != '-'
      || !take_digits (word, size, &at, 2, &month) || at >= size || word[at++] != '-'
      || !take_digits (word, size, &at, 2, &day))
    return FALSE;
  *step = 24 * 3600 * SECOND;
  if (at < size && word[at] == 'T')
    {
      at++;
      if (!take_clock (word, size, &at, &clock_us, step))
        return FALSE;
    }
  if (at < size && *step != 24 * 3600 * SECOND)
    {
      g_autofree char *name = g_strndup (word + at, size - at);

      if (strcmp (name, "Z") != 0
          && !(strlen (name) == 6 && (name[0] == '+' || name[0] == '-') && name[3] == ':' && g_ascii_isdigit (name[1])
               && g_ascii_isdigit (name[2]) && g_ascii_isdigit (name[4]) && g_ascii_isdigit (name[5])))
        return FALSE;
      zone = g_time_zone_new_identifier (name);
      at = size;
    }
  else
    zone = g_time_zone_new_local ();
  if (at != size || zone == NULL || year < 1)
    return FALSE;
  instant->base = FILTER_TIME_REAL;
  instant->us = real_us (year, month, day, clock_us, zone);
  return instant->us != G_MININT64;
}

static gboolean
read_instant (const char    *word,
              gsize          size,
              FilterInstant *instant,
              gint64        *step)
{
  gsize at = 0;

  if (size > 1 && word[0] == '-')
    {
      instant->base = FILTER_TIME_END;
      if (!read_quantity (word + 1, size - 1, durations, SECOND, &instant->us, step))
        return FALSE;
      instant->us = -instant->us;
      return TRUE;
    }
  if (size > 4 && word[4] == '-')
    return read_date (word, size, instant, step);
  if (memchr (word, ':', size) != NULL)
    {
      instant->base = FILTER_TIME_CLOCK;
      return take_clock (word, size, &at, &instant->us, step) && at == size;
    }
  instant->base = FILTER_TIME_START;
  return read_quantity (word, size, durations, SECOND, &instant->us, step);
}

gboolean
filter_read_period (const char *word,
                    gsize       size,
                    GArray     *periods)
{
  FilterPeriod period = { { FILTER_TIME_OPEN, 0 }, { FILTER_TIME_OPEN, 0 } };
  const char *dots = g_strstr_len (word, (gssize) size, "..");
  gint64 step;

  if (dots != NULL)
    {
      gsize before = (gsize) (dots - word), after = size - before - 2;

      if (before + after == 0 || (before != 0 && !read_instant (word, before, &period.low, &step))
          || (after != 0 && !read_instant (dots + 2, after, &period.high, &step)))
        return FALSE;
      if (before != 0 && after != 0 && period.low.base == period.high.base && period.low.base != FILTER_TIME_CLOCK
          && period.low.us > period.high.us)
        return FALSE;
    }
  else
    {
      char sign = size > 0 ? *word : '\0';
      gboolean equal = size > 1 && word[1] == '=' && (sign == '<' || sign == '>');
      gsize skip = sign == '<' || sign == '>' || sign == '=' ? (equal ? 2 : 1) : 0;
      FilterInstant instant;

      if (!read_instant (word + skip, size - skip, &instant, &step))
        return FALSE;
      if (sign != '<')
        period.low = instant;
      if (sign == '<' || (sign != '>' && instant.base != FILTER_TIME_END))
        period.high = instant;
      if (sign == '>' && !equal)
        period.low.us++;
      else if (sign == '<' && !equal)
        period.high.us--;
      /* A time is as long as it was written: 12:01 is the whole minute. */
      else if (sign != '>' && sign != '<')
        period.high.us += step - 1;
    }
  g_array_append_val (periods, period);
  return TRUE;
}

static gint64
resolve (const FilterInstant *instant,
         SioscopeRecording   *recording,
         gint64               open)
{
  gint64 start_us = sioscope_recording_get_start_real_us (recording);

  switch (instant->base)
    {
    case FILTER_TIME_START:
      return instant->us;
    case FILTER_TIME_END:
      return sioscope_recording_get_now_us (recording) + instant->us;
    case FILTER_TIME_REAL:
      return instant->us - start_us;
    case FILTER_TIME_CLOCK:
      {
        g_autoptr(GTimeZone) zone = g_time_zone_new_local ();
        g_autoptr(GDateTime) start = g_date_time_new_from_unix_local (start_us / SECOND);
        gint year, month, day;

        if (start == NULL)
          return open;
        g_date_time_get_ymd (start, &year, &month, &day);
        return real_us (year, month, day, instant->us, zone) - start_us;
      }
    case FILTER_TIME_OPEN:
    default:
      return open;
    }
}

GArray *
filter_resolve_periods (GArray            *periods,
                        SioscopeRecording *recording)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (FilterRange));

  for (guint i = 0; i < periods->len; i++)
    {
      const FilterPeriod *period = &g_array_index (periods, FilterPeriod, i);
      FilterRange range = { resolve (&period->low, recording, G_MININT64), resolve (&period->high, recording, G_MAXINT64) };

      /* Over midnight. */
      if (period->low.base == FILTER_TIME_CLOCK && period->high.base == FILTER_TIME_CLOCK && range.high < range.low)
        range.high += 24 * 3600 * SECOND;
      g_array_append_val (ranges, range);
    }
  return ranges;
}
