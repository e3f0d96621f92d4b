/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-diff-search.h"

#include "sioscope-words.h"

/* The clock is looked at after so many rows of another name: a few microseconds. */
#define ROWS_AT_ONCE 1024

SioscopeDiffFinding
sioscope_diff_search_start (SioscopeDiffSearch *self,
                            SioscopeProjection *projection,
                            guint64             row)
{
  SioscopeRecording *recording = sioscope_projection_get_recording (projection);
  SioscopeEntry entry;

  *self = (SioscopeDiffSearch) { .projection = projection, .row = row, .event_row = row, .found = SIOSCOPE_NO_ROW };
  if (!sioscope_recording_read (recording, row, &entry))
    return SIOSCOPE_DIFF_GONE;
  if (sioscope_words_is_ack (&entry))
    {
      self->event_row = sioscope_projection_get_ack (projection, row).other_row;
      if (self->event_row == SIOSCOPE_NO_ROW || !sioscope_recording_read (recording, self->event_row, &entry))
        return SIOSCOPE_DIFF_NO_EVENT;
    }
  if (!sioscope_words_is_event (&entry))
    return SIOSCOPE_DIFF_NO_PAYLOAD;
  self->direction = entry.direction;
  self->name = sioscope_recording_get_name_number (recording, self->event_row);
  self->at = self->event_row;
  return SIOSCOPE_DIFF_SEARCHING;
}

static gboolean
span_equal (SioSpan a,
            SioSpan b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

/* TRUE if the row is what is looked for; then it is noted. */
static gboolean
take_row (SioscopeDiffSearch  *self,
          const SioscopeEntry *event,
          guint64              row)
{
  SioscopeEntry entry;
  SioscopeAck ack;

  if (!sioscope_recording_read (sioscope_projection_get_recording (self->projection), row, &entry) ||
      !sioscope_words_is_event (&entry) || entry.direction != self->direction)
    return FALSE;
  /* Beyond the names that have numbers, the names themselves. */
  if (self->name == SIOSCOPE_NAME_UNNUMBERED && (!span_equal (entry.event, event->event) || !span_equal (entry.nsp, event->nsp)))
    return FALSE;
  if (self->event_row == self->row)
    {
      self->found = row;
      return TRUE;
    }
  ack = sioscope_projection_get_ack (self->projection, row);
  if (ack.state != SIOSCOPE_ACK_ANSWERED || ack.other_row == SIOSCOPE_NO_ROW || ack.other_row >= self->row)
    return FALSE;
  self->found = ack.other_row;
  return TRUE;
}

SioscopeDiffFinding
sioscope_diff_search_step (SioscopeDiffSearch *self,
                           gint64              time_us)
{
  SioscopeRecording *recording = sioscope_projection_get_recording (self->projection);
  gint64 until = g_get_monotonic_time () + time_us;
  guint64 first = sioscope_recording_get_first_row (recording);
  SioscopeEntry event;

  if (!sioscope_recording_read (recording, self->event_row, &event))
    return SIOSCOPE_DIFF_GONE;
  for (guint n = 1; self->at > first; n++)
    {
      self->at--;
      if (sioscope_recording_get_name_number (recording, self->at) == self->name)
        {
          if (take_row (self, &event, self->at))
            return SIOSCOPE_DIFF_FOUND;
          n += ROWS_AT_ONCE / 16;
        }
      if (n >= ROWS_AT_ONCE)
        {
          if (g_get_monotonic_time () >= until)
            return SIOSCOPE_DIFF_SEARCHING;
          n = 0;
        }
    }
  return SIOSCOPE_DIFF_FIRST;
}
