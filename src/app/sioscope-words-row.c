/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a row says beside others: one thing that happened writes several rows, and only one of them is to be loud. */

#include "config.h"

#include "sioscope-words.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"

/* Rows of one thing that happened stand this near to each other, and come within this time. */
#define NEAR_ROWS 8
#define NEAR_US (200 * 1000)

static gboolean
read_near (SioscopeRecording   *recording,
           const SioscopeEntry *entry,
           gint64               distance,
           SioscopeEntry       *other)
{
  if (distance < 0 && entry->row < (guint64) -distance)
    return FALSE;
  return sioscope_recording_read (recording, entry->row + (guint64) distance, other) &&
         ABS (other->time_us - entry->time_us) <= NEAR_US;
}

/* The last namespace was closed or refused by the server: nobody here asked for the end of the connection. */
static gboolean
closed_for_want_of_namespaces (SioscopeRecording   *recording,
                               const SioscopeEntry *entry)
{
  SioscopeEntry other;

  if (entry->kind != SIOSCOPE_KIND_STATE || entry->state != SIO_TAP_STATE_CLOSED ||
      !sio_span_equals (entry->reason, "forced close"))
    return FALSE;
  for (gint64 i = 1; i <= NEAR_ROWS && read_near (recording, entry, -i, &other); i++)
    if (other.kind == SIOSCOPE_KIND_SOCKET)
      return (other.socket_change == SIO_TAP_SOCKET_DISCONNECTED && sio_span_equals (other.reason, "io server disconnect")) ||
             (other.socket_change == SIO_TAP_SOCKET_CONNECT_ERROR && !other.active);
  return FALSE;
}

/* A namespace that went down with the attempt to connect: the server never heard of it, so it did not refuse. */
static gboolean
failed_with_its_attempt (SioscopeRecording   *recording,
                         const SioscopeEntry *entry)
{
  SioscopeEntry other;

  if (entry->kind != SIOSCOPE_KIND_SOCKET || entry->socket_change != SIO_TAP_SOCKET_CONNECT_ERROR)
    return FALSE;
  for (gint64 i = 1; i <= NEAR_ROWS && read_near (recording, entry, -i, &other); i++)
    {
      if (other.kind == SIOSCOPE_KIND_STATE)
        return other.state == SIO_TAP_STATE_ATTEMPT_FAILED;
      if (other.kind == SIOSCOPE_KIND_PACKET)
        return FALSE;
    }
  return FALSE;
}

/* The state that changed because of it says the same, right before or after. */
static gboolean
repeated_by_a_state (SioscopeRecording   *recording,
                     const SioscopeEntry *entry)
{
  SioscopeEntry other;

  for (gint64 i = -NEAR_ROWS; i <= NEAR_ROWS; i++)
    if (i != 0 && read_near (recording, entry, i, &other) && other.kind == SIOSCOPE_KIND_STATE &&
        other.message.size > 0 && other.message.size == entry->message.size &&
        memcmp (other.message.data, entry->message.data, other.message.size) == 0)
      return TRUE;
  return FALSE;
}

/**
 * sioscope_words_row:
 * @recording: what @entry was read from
 * @entry: a row
 *
 * Returns: (transfer full): one sentence of bounded length that says what the row is, as sioscope_words_entry() does, with
 *   what the rows around it tell
 */
char *
sioscope_words_row (SioscopeRecording   *recording,
                    const SioscopeEntry *entry)
{
  if (closed_for_want_of_namespaces (recording, entry))
    return g_strdup (_("Closed, since no namespace is left"));
  if (failed_with_its_attempt (recording, entry))
    {
      SioscopeEntry again = *entry;

      again.active = TRUE;
      return sioscope_words_entry (&again);
    }
  return sioscope_words_entry (entry);
}

/**
 * sioscope_words_row_is_error:
 * @recording: what @entry was read from
 * @entry: a row
 *
 * Returns: %TRUE for what a person must not overlook and what no row beside it says already
 */
gboolean
sioscope_words_row_is_error (SioscopeRecording   *recording,
                             const SioscopeEntry *entry)
{
  if (!sioscope_words_is_error (entry))
    return FALSE;
  if (entry->kind == SIOSCOPE_KIND_SOCKET)
    return !failed_with_its_attempt (recording, entry);
  if (entry->kind == SIOSCOPE_KIND_ERROR)
    return !repeated_by_a_state (recording, entry);
  return TRUE;
}
