/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers and times as people read them, and the sanitiser for what servers send. */

#include "config.h"

#include "sioscope-format.h"

#include <glib/gi18n.h>
#include <time.h>

#define FSI "\xe2\x81\xa8" /* U+2068, first strong isolate */
#define PDI "\xe2\x81\xa9" /* U+2069, pop directional isolate */
#define ELLIPSIS "\xe2\x80\xa6"
#define NARROW_SPACE "\xe2\x80\xaf" /* U+202F, groups digits and never breaks */

/* What reorders, hides or fakes text around it: controls, bidirectional marks, zero-width characters, line separators, fillers, tags. */
static gboolean
must_be_escaped (gunichar c)
{
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
    return TRUE;
  if (c < 0xad)
    return FALSE;

  return c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
         (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0x3164 || c == 0xfeff || c == 0xffa0 ||
         (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static void
note_escape (SioscopeSanitiser *self,
             gsize              start,
             gsize              end)
{
  self->n_escaped++;
  if (self->escapes == NULL)
    return;

  if (self->escapes->len > 0)
    {
      SioscopeTextRange *last = &g_array_index (self->escapes, SioscopeTextRange, self->escapes->len - 1);

      if (last->end == start)
        {
          last->end = end;
          return;
        }
    }
  if (self->escapes->len < self->max_escapes)
    {
      SioscopeTextRange range = { start, end };

      g_array_append_val (self->escapes, range);
    }
}

/**
 * sioscope_sanitiser_append:
 * @self: what is wanted, and where the text stands
 * @out: appended to
 * @text: anything at all
 *
 * Appends @text as it can be shown safely. What would reorder, hide or fake the text around it (C0, C1, bidirectional controls, zero-width
 * characters, line separators, tags) becomes a visible `\u{202E}`; bytes that are no UTF-8 become U+FFFD. Everything else stays as it is.
 *
 * Returns: how many bytes of @text were taken in: less than its size only because of @max_chars
 */
gsize
sioscope_sanitiser_append (SioscopeSanitiser *self,
                           GString           *out,
                           SioSpan            text)
{
  const char *p = text.data;
  const char *end = text.data + text.size;
  gsize written = 0;

  while (p < end && (self->max_chars == 0 || written < self->max_chars))
    {
      gunichar c;
      gsize size = 1;
      gsize start;
      char escape[16];

      if (self->break_after != 0 && self->column >= self->break_after && *p != '\n')
        {
          g_string_append_c (out, '\n');
          self->column = 0;
          self->broken = TRUE;
        }

      if ((guchar) *p < 0x80)
        c = (guchar) *p;
      else
        {
          c = g_utf8_get_char_validated (p, end - p);
          if (c == (gunichar) -1 || c == (gunichar) -2)
            {
              start = out->len;
              g_string_append (out, "\xef\xbf\xbd");
              note_escape (self, start, out->len);
              p++;
              written++;
              self->column++;
              continue;
            }
          size = (gsize) (g_utf8_next_char (p) - p);
        }

      if (self->keep_lines && (c == '\n' || c == '\t'))
        {
          g_string_append_c (out, (char) c);
          self->column = c == '\n' ? 0 : self->column + 1;
          written++;
        }
      else if (G_UNLIKELY (must_be_escaped (c)))
        {
          int n = g_snprintf (escape, sizeof escape, "\\u{%04X}", c);

          start = out->len;
          g_string_append_len (out, escape, n);
          note_escape (self, start, out->len);
          written += (gsize) n;
          self->column += (guint) n;
        }
      else
        {
          g_string_append_len (out, p, (gssize) size);
          written++;
          self->column++;
        }
      p += size;
    }

  return (gsize) (p - text.data);
}

static void
append_short (GString *out,
              SioSpan  text,
              gsize    max_chars)
{
  SioscopeSanitiser sanitiser = { .max_chars = max_chars };

  if (sioscope_sanitiser_append (&sanitiser, out, text) < text.size)
    g_string_append (out, ELLIPSIS);
}

/**
 * sioscope_format_text:
 * @text: anything at all
 * @max_chars: where to cut it, 0 for nowhere
 *
 * Returns: (transfer full): @text sanitised, on one line, with an ellipsis if it was cut; for a label of its own
 */
char *
sioscope_format_text (SioSpan text,
                      gsize   max_chars)
{
  GString *out = g_string_sized_new (MIN (text.size, 512) + 4);

  append_short (out, text, max_chars);
  return g_string_free (out, FALSE);
}

/**
 * sioscope_format_isolated:
 * @text: anything at all
 * @max_chars: where to cut it, 0 for nowhere
 *
 * Returns: (transfer full): like sioscope_format_text(), between FSI and PDI, for use inside of a sentence: right-to-left text inside
 *   cannot move the words around it
 */
char *
sioscope_format_isolated (SioSpan text,
                          gsize   max_chars)
{
  GString *out = g_string_new (FSI);

  append_short (out, text, max_chars);
  g_string_append (out, PDI);
  return g_string_free (out, FALSE);
}

/**
 * sioscope_format_token:
 * @token: a JSON token, usually an event's name with its quotes
 * @max_chars: where to cut it
 *
 * Returns: (transfer full): what a string token says, sanitised; any other token as it stands
 */
char *
sioscope_format_token (SioSpan token,
                       gsize   max_chars)
{
  g_autoptr(GString) name = NULL;
  SioSpan inside = token;

  if (token.size >= 2 && token.data[0] == '"')
    {
      /* A name may be megabytes: only as much as can be shown is decoded. An escape is 12 bytes at most (a surrogate pair), so the cut
       * token holds enough; the cut must not go through an escape. */
      inside = (SioSpan) { token.data + 1, token.size - 2 };
      if (memchr (inside.data, '\\', MIN (inside.size, max_chars * 12)) != NULL)
        {
          if (inside.size > max_chars * 12)
            {
              inside.size = max_chars * 4;
              return sioscope_format_text (inside, max_chars);
            }
          name = sio_json_unquote (token);
          inside = (SioSpan) { name->str, name->len };
        }
    }

  return sioscope_format_text (inside, max_chars);
}

/**
 * sioscope_format_size:
 * @bytes: a size in bytes
 *
 * Returns: (transfer full): such as "48 B", "1.2 kB", "3.4 MB"
 */
char *
sioscope_format_size (guint64 bytes)
{
  double value = (double) bytes / 1000;
  g_autofree char *number = NULL;
  guint unit;

  if (bytes < 1000)
    return g_strdup_printf (_("%u B"), (guint) bytes);

  for (unit = 0; value >= 999.5 && unit < 3; unit++)
    value /= 1000;
  number = g_strdup_printf (value < 9.95 ? "%.1f" : "%.0f", value);

  switch (unit)
    {
    case 0:
      return g_strdup_printf (_("%s kB"), number);
    case 1:
      return g_strdup_printf (_("%s MB"), number);
    case 2:
      return g_strdup_printf (_("%s GB"), number);
    default:
      return g_strdup_printf (_("%s TB"), number);
    }
}

/**
 * sioscope_format_count:
 * @count: how many
 *
 * Returns: (transfer full): the digits in groups of three, "1 204"
 */
char *
sioscope_format_count (guint64 count)
{
  char digits[24];
  GString *out = g_string_new (NULL);
  int n = g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, count);

  for (int i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0 && n > 3)
        g_string_append (out, NARROW_SPACE);
      g_string_append_c (out, digits[i]);
    }
  return g_string_free (out, FALSE);
}

/**
 * sioscope_format_duration:
 * @duration_us: in microseconds; less than 0 is taken as 0
 *
 * Returns: (transfer full): such as "< 0.1 ms", "0.3 ms", "12 ms", "1.2 s", "2 min 5 s", "3 h 4 min"
 */
char *
sioscope_format_duration (gint64 duration_us)
{
  gint64 us = MAX (duration_us, 0);
  gint64 seconds = us / G_USEC_PER_SEC;

  if (us < 50)
    return g_strdup (_("< 0.1 ms"));
  if (us < 950)
    return g_strdup_printf (_("%.1f ms"), (double) us / 1000);
  if (us < 999500)
    return g_strdup_printf (_("%d ms"), (int) ((us + 500) / 1000));
  if (us < 9950000)
    return g_strdup_printf (_("%.1f s"), (double) us / 1e6);
  if (seconds < 60)
    return g_strdup_printf (_("%d s"), (int) seconds);
  if (seconds < 3600)
    return seconds % 60 == 0 ? g_strdup_printf (_("%d min"), (int) (seconds / 60))
                             : g_strdup_printf (_("%d min %d s"), (int) (seconds / 60), (int) (seconds % 60));
  return (seconds / 60) % 60 == 0
           ? g_strdup_printf (_("%lld h"), (long long) (seconds / 3600))
           : g_strdup_printf (_("%lld h %d min"), (long long) (seconds / 3600), (int) (seconds / 60 % 60));
}

/**
 * sioscope_format_delta:
 * @delta_us: since the row before, in microseconds
 *
 * Returns: (transfer full): such as "+0 ms", "+3 ms", "+1.2 s", "+4.5 min": never longer than nine characters in English
 */
char *
sioscope_format_delta (gint64 delta_us)
{
  gint64 us = MAX (delta_us, 0);
  double seconds = (double) us / 1e6;

  if (us < 999500)
    return g_strdup_printf (_("+%d ms"), (int) ((us + 500) / 1000));
  if (seconds < 99.95)
    return g_strdup_printf (_("+%.1f s"), seconds);
  if (seconds < 5997)
    return g_strdup_printf (_("+%.1f min"), seconds / 60);
  return g_strdup_printf (_("+%.1f h"), seconds / 3600);
}

/**
 * sioscope_format_countdown:
 * @left_us: what is left, in microseconds
 *
 * Returns: (transfer full): "2.1 s" with one decimal below a minute, so that it is seen to move; then minutes and seconds
 */
char *
sioscope_format_countdown (gint64 left_us)
{
  gint64 us = MAX (left_us, 0);

  if (us < 60 * G_USEC_PER_SEC)
    return g_strdup_printf (_("%.1f s"), (double) (us / 100000) / 10);
  return g_strdup_printf (_("%d min %d s"), (int) (us / G_USEC_PER_SEC / 60), (int) (us / G_USEC_PER_SEC % 60));
}

/**
 * sioscope_format_clock:
 * @real_us: wall clock, microseconds since the epoch
 *
 * Returns: (transfer full): local time with milliseconds, "12:01:03.114"
 */
char *
sioscope_format_clock (gint64 real_us)
{
  gint64 ms = real_us / 1000;
  time_t seconds = (time_t) (ms / 1000);
  struct tm local = { 0 };

  if (localtime_r (&seconds, &local) == NULL)
    return g_strdup ("--:--:--.---");
  return g_strdup_printf ("%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec, (int) (ms % 1000));
}

/**
 * sioscope_format_since_start:
 * @time_us: microseconds since the recording began
 *
 * Returns: (transfer full): "0:03.114", "1:02:03.114"
 */
char *
sioscope_format_since_start (gint64 time_us)
{
  gint64 ms = MAX (time_us, 0) / 1000;
  gint64 seconds = ms / 1000;

  if (seconds < 3600)
    return g_strdup_printf ("%d:%02d.%03d", (int) (seconds / 60), (int) (seconds % 60), (int) (ms % 1000));
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d.%03d", seconds / 3600, (int) (seconds / 60 % 60),
                          (int) (seconds % 60), (int) (ms % 1000));
}

/**
 * sioscope_format_hex:
 * @out: appended to
 * @bytes: what to dump
 * @offset: where to begin, a multiple of @columns
 * @max_bytes: how many bytes at most
 * @columns: bytes in a line: 8 or 16
 *
 * Appends lines of @columns bytes: offset, hex digits, and printable ASCII.
 *
 * Returns: the offset behind what was dumped
 */
gsize
sioscope_format_hex (GString *out,
                     SioSpan  bytes,
                     gsize    offset,
                     gsize    max_bytes,
                     guint    columns)
{
  static const char digits[] = "0123456789abcdef";
  gsize end = offset + MIN (max_bytes, bytes.size - MIN (offset, bytes.size));

  for (; offset < end; offset += columns)
    {
      gsize n = MIN (columns, end - offset);
      char line[80];
      char *p = line;

      for (gsize i = 0; i < columns; i++)
        {
          guchar c = i < n ? (guchar) bytes.data[offset + i] : 0;

          *p++ = i < n ? digits[c >> 4] : ' ';
          *p++ = i < n ? digits[c & 15] : ' ';
          *p++ = ' ';
          if (i == 7 && columns > 8)
            *p++ = ' ';
        }
      *p++ = ' ';
      for (gsize i = 0; i < n; i++)
        {
          guchar c = (guchar) bytes.data[offset + i];

          *p++ = c >= 0x20 && c < 0x7f ? (char) c : '.';
        }
      g_string_append_printf (out, "%08" G_GSIZE_MODIFIER "x  ", offset);
      g_string_append_len (out, line, p - line);
      g_string_append_c (out, '\n');
    }

  return end;
}
