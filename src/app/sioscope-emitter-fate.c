/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The line beside Send: what became of the last emit, read from the recording like everything else. */

#include "config.h"

#include "sioscope-emitter-private.h"
#include "sioscope-format.h"
#include "sioscope-looks.h"
#include "sioscope-words.h"

#include <glib/gi18n.h>

/**
 * sioscope_emitter_tell:
 * @self: an emitter
 * @text: what to say
 * @style_class: a state's class
 * @row: what "Show" shows, or %SIOSCOPE_NO_ROW for no such button
 *
 * Says what became of the last emit.
 */
void
sioscope_emitter_tell (SioscopeEmitter *self, const char *text, const char *style_class, guint64 row)
{
  self->fate_row = row;
  gtk_label_set_text (self->fate, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->fate), text);
  sioscope_looks_set_class (self->fate, style_class);
  gtk_widget_set_visible (self->show, row != SIOSCOPE_NO_ROW);
}

/* One story for all tries of an event: TRUE if it was told. row: what says how the last try ended. */
static gboolean
sioscope_emitter_tell_try (SioscopeEmitter *self, guint64 row)
{
  g_autofree char *tried = NULL;
  g_autofree char *text = NULL;
  SioscopeEntry entry;

  if (!sioscope_recording_read (sioscope_subject_get_recording (self->subject), row, &entry)
      || entry.kind != SIOSCOPE_KIND_EMIT)
    return FALSE;
  tried = sioscope_words_try (&entry);
  if (tried == NULL)
    return FALSE;

  /* Translators: which try of an event it was, for example "no ack: try 1 of 3, will be sent again" */
  text = g_strdup_printf (_("no ack: %s"), tried);
  sioscope_emitter_tell (self, text, sioscope_words_will_try (&entry) ? "state-waiting" : "state-failed", row);
  return TRUE;
}

/* The server's event that was answered last. */
static void
sioscope_emitter_tell_reply (SioscopeEmitter *self)
{
  SioscopeAck ack = sioscope_projection_get_ack (sioscope_subject_get_projection (self->subject), self->replied_row);
  g_autofree char *latency = NULL;
  g_autofree char *text = NULL;

  switch (ack.state)
    {
    case SIOSCOPE_ACK_PENDING:
      sioscope_emitter_tell (self, _("replying…"), "state-connecting", self->replied_row);
      break;
    case SIOSCOPE_ACK_ANSWERED:
      latency = sioscope_format_duration (MAX (ack.latency_us, 0));
      /* Translators: how long after the server's event the reply went out */
      text = g_strdup_printf (_("replied after %s"), latency);
      sioscope_emitter_tell (self, text, "state-connected", ack.other_row);
      break;
    case SIOSCOPE_ACK_TIMED_OUT:
    case SIOSCOPE_ACK_ABANDONED:
      sioscope_emitter_tell (self, _("not replied: the connection ended first"), "state-failed",
                             ack.other_row != SIOSCOPE_NO_ROW ? ack.other_row : self->replied_row);
      break;
    case SIOSCOPE_ACK_NONE:
    default:
      sioscope_emitter_tell (self, _("sent"), "state-closed", self->replied_row);
      break;
    }
}

/* why: the row that says so. */
static void
sioscope_emitter_tell_fate (SioscopeEmitter *self, SioscopeFate fate, guint64 why)
{
  SioscopeProjection *projection = sioscope_subject_get_projection (self->subject);
  g_autofree char *duration = NULL;
  g_autofree char *detail = NULL;
  g_autofree char *text = NULL;
  SioscopeEntry entry;

  switch (fate)
    {
    case SIOSCOPE_FATE_BUFFERED:
      sioscope_emitter_tell (self, _("buffered until connected"), "state-waiting", why);
      break;
    case SIOSCOPE_FATE_HANDED_OVER:
      sioscope_emitter_tell (self, _("sent"), "state-closed", why);
      break;
    case SIOSCOPE_FATE_WAITING:
      sioscope_emitter_tell (self, _("waiting for ack…"), "state-connecting", why);
      break;
    case SIOSCOPE_FATE_ACKED:
      duration = sioscope_format_duration (MAX (sioscope_projection_get_ack (projection, why).latency_us, 0));
      /* Translators: the time between an event and its acknowledgement */
      text = g_strdup_printf (_("acked in %s"), duration);
      sioscope_emitter_tell (self, text, "state-connected", why);
      break;
    case SIOSCOPE_FATE_TIMED_OUT:
      duration = sioscope_format_duration ((gint64) self->timeout_ms * 1000);
      /* Translators: the time that was waited for an ack in vain */
      text = g_strdup_printf (_("no ack within %s"), duration);
      sioscope_emitter_tell (self, text, "state-failed", why);
      break;
    case SIOSCOPE_FATE_MAY_BE_LOST:
      sioscope_emitter_tell (self, self->asked_ack ? _("may be lost: the connection ended before the ack")
                                                   : _("may be lost: the connection ended while it was being sent"),
                             "state-failed", why);
      break;
    case SIOSCOPE_FATE_NEVER_SENT:
      if (sioscope_recording_read (sioscope_subject_get_recording (self->subject), why, &entry)
          && entry.fate == SIO_TAP_EMIT_ACK_TIMEOUT)
        sioscope_emitter_tell (self, _("never sent: the time for its ack ended first"), "state-failed", why);
      else
        sioscope_emitter_tell (self, _("never sent: the connection ended first"), "state-failed", why);
      break;
    case SIOSCOPE_FATE_TRIED_AGAIN:
      sioscope_emitter_tell (self, _("no ack: it will be sent again"), "state-waiting", why);
      break;
    case SIOSCOPE_FATE_CANCELLED:
      sioscope_emitter_tell (self, _("sent, and nobody waits for the ack any more"), "state-closed", why);
      break;
    case SIOSCOPE_FATE_DROPPED:
      sioscope_emitter_tell (self, _("dropped: it was volatile and could not go out at once"), "state-failed", why);
      break;
    case SIOSCOPE_FATE_REFUSED:
      if (sioscope_recording_read (sioscope_subject_get_recording (self->subject), why, &entry))
        detail = sioscope_format_text (entry.message.size > 0 ? entry.message : entry.reason, 200);
      /* Translators: why an event could not be sent at all */
      text = g_strdup_printf (_("not sent: %s"), detail != NULL ? detail : "");
      sioscope_emitter_tell (self, text, "state-failed", why);
      break;
    case SIOSCOPE_FATE_NONE:
    default:
      /* No row tells of it yet. */
      if (sioscope_subject_get_status (self->subject)->phase == SIOSCOPE_PHASE_CONNECTED)
        sioscope_emitter_tell (self, _("sending…"), "state-connecting", SIOSCOPE_NO_ROW);
      else
        sioscope_emitter_tell (self, _("buffered until connected"), "state-waiting", SIOSCOPE_NO_ROW);
      break;
    }
}

/**
 * sioscope_emitter_update_fate:
 * @self: an emitter
 *
 * Reads what became of the last emit or reply, and says it.
 */
void
sioscope_emitter_update_fate (SioscopeEmitter *self)
{
  SioscopeProjection *projection = sioscope_subject_get_projection (self->subject);
  SioscopeFate fate;
  guint64 why;

  if (projection == NULL || (self->tag == 0 && self->replied_row == SIOSCOPE_NO_ROW))
    return;

  if (self->replied_row != SIOSCOPE_NO_ROW)
    {
      sioscope_emitter_tell_reply (self);
      return;
    }
  fate = sioscope_projection_get_fate_of_tag (projection, self->tag, &why);
  if (fate == SIOSCOPE_FATE_NONE || !sioscope_emitter_tell_try (self, why))
    sioscope_emitter_tell_fate (self, fate, why);
}
