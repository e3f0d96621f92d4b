/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a row is to a person, from its word in the index alone. */

#include "sioscope-show-private.h"
#include "sioscope-recording-index.h"

static SioscopeShow
show_of_packet (guint type)
{
  switch (type)
    {
    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      return SIOSCOPE_SHOW_EVENTS;
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      return SIOSCOPE_SHOW_ACKS;
    default:
      return SIOSCOPE_SHOW_STATES;
    }
}

SioscopeShow
sioscope_show_of_class (guint low)
{
  guint type = SIOSCOPE_INDEX_TYPE (low);

  switch ((guint) SIOSCOPE_INDEX_KIND (low))
    {
    case SIOSCOPE_KIND_PACKET:
      return show_of_packet (type);
    case SIOSCOPE_KIND_ENGINE:
      return type == SIO_ENGINE_PACKET_PING || type == SIO_ENGINE_PACKET_PONG ? SIOSCOPE_SHOW_HEARTBEATS
             : SIOSCOPE_SHOW_ENGINE;
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_FRAME:
      return SIOSCOPE_SHOW_ENGINE;
    case SIOSCOPE_KIND_HTTP:
      return SIOSCOPE_SHOW_HTTP;
    case SIOSCOPE_KIND_ERROR:
      return SIOSCOPE_SHOW_ERRORS;
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
    case SIOSCOPE_KIND_NOTE:
      return SIOSCOPE_SHOW_STATES;
    default:
      return 0;
    }
}

/**
 * sioscope_show_of_row:
 * @recording: a recording
 * @row: which row
 *
 * For whoever walks millions: does not touch the row itself. Any thread.
 *
 * Returns: what it is, one bit; 0 if the row was discarded, is not there, or is of no kind that we know
 */
SioscopeShow
sioscope_show_of_row (SioscopeRecording *recording,
                      guint64            row)
{
  return sioscope_show_of_class ((guint) sioscope_recording_get_word (recording, row));
}
