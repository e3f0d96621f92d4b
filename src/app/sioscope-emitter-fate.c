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

/* One story for all tries of an event: TRUE if it was told. row: what says how the last try ended, or nothing. */
static gboolean
sioscope_emitter_tell_try (SioscopeEmitter *self, guint64 row)
{
  g_autofree char *tried = NULL;
  g_autofree char *text = NULL;
  SioscopeEntry entry;

  if (row == SIOSCOPE_NO_ROW || !sioscope_recording_read (sioscope_subject_get_recording (self->subject), row, &entry)
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

static void
sioscope_emitter_tell_ack (SioscopeEmitter *self, guint64 row, gboolean replied)
{
  SioscopeAck ack = sioscope_projection_get_ack (sioscope_subject_get_projection (self->subject), row);
  guint64 shown = ack.other_row != SIOSCOPE_NO_ROW ? ack.other_row : row;
  g_autofree char *latency = NULL;
  g_autofree char *text = NULL;

  switch (ack.state)
    {
    case SIOSCOPE_ACK_PENDING:
      sioscope_emitter_tell (self, _("waiting for ack…"), "state-connecting", row);
      break;
    case SIOSCOPE_ACK_ANSWERED:
      latency = sioscope_format_duration (MAX (ack.latency_us, 0));
      /* Translators: how long after the server's event the reply went out */
      text = replied ? g_strdup_printf (_("replied after %s"), latency)
                     /* Translators: the time between an event and its acknowledgement */
                     : g_strdup_printf (_("acked in %s"), latency);
      sioscope_emitter_tell (self, text, "state-connected", shown);
      break;
    case SIOSCOPE_ACK_TIMED_OUT:
      if (sioscope_emitter_tell_try (self, ack.other_row))
        break;
      latency = sioscope_format_duration ((gint64) self->timeout_ms * 1000);
      /* Translators: the time that was waited for an ack in vain */
      text = g_strdup_printf (_("no ack within %s"), latency);
      sioscope_emitter_tell (self, text, "state-failed", shown);
      break;
    case SIOSCOPE_ACK_ABANDONED:
      if (sioscope_emitter_tell_try (self, ack.other_row))
        break;
      sioscope_emitter_tell (self, _("no ack: the connection ended first"), "state-failed", shown);
      break;
    case SIOSCOPE_ACK_NONE:
    default:
      sioscope_emitter_tell (self, _("sent"), "state-closed", row);
      break;
    }
}

static void
sioscope_emitter_tell_fate (SioscopeEmitter *self, const SioscopeEntry *entry)
{
  g_autofree char *detail = sioscope_format_text (entry->message.size > 0 ? entry->message : entry->reason, 200);
  g_autofree char *text = NULL;

  switch (entry->fate)
    {
    case SIO_TAP_EMIT_BUFFERED:
      sioscope_emitter_tell (self, _("buffered until connected"), "state-waiting", entry->row);
      break;
    case SIO_TAP_EMIT_DROPPED:
      sioscope_emitter_tell (self, _("dropped: it was volatile and could not go out at once"), "state-failed", entry->row);
      break;
    case SIO_TAP_EMIT_LOST:
      sioscope_emitter_tell (self, sioscope_words_loss (entry) == SIOSCOPE_LOSS_NEVER_SENT
                                     ? _("never sent: the connection ended first")
                                     : _("may be lost: the connection ended while it was being sent"),
                             "state-failed", entry->row);
      break;
    case SIO_TAP_EMIT_ACK_TIMEOUT:
      sioscope_emitter_tell (self, _("no ack in time"), "state-failed", entry->row);
      break;
    case SIO_TAP_EMIT_ACK_ABANDONED:
      sioscope_emitter_tell (self, _("no ack: the connection ended first"), "state-failed", entry->row);
      break;
    case SIO_TAP_EMIT_REFUSED:
    default:
      /* Translators: why an event could not be sent at all */
      text = g_strdup_printf (_("not sent: %s"), detail);
      sioscope_emitter_tell (self, text, "state-failed", entry->row);
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
  SioscopeEntry entry;
  guint64 row;

  if (projection == NULL || (self->tag == 0 && self->replied_row == SIOSCOPE_NO_ROW))
    return;

  if (self->replied_row != SIOSCOPE_NO_ROW)
    {
      SioscopeAck ack = sioscope_projection_get_ack (projection, self->replied_row);

      if (ack.state == SIOSCOPE_ACK_PENDING)
        sioscope_emitter_tell (self, _("replying…"), "state-connecting", self->replied_row);
      else
        sioscope_emitter_tell_ack (self, self->replied_row, TRUE);
      return;
    }

  row = sioscope_projection_get_emit_row (projection, self->tag);
  if (row == SIOSCOPE_NO_ROW || !sioscope_recording_read (sioscope_subject_get_recording (self->subject), row, &entry))
    {
      if (sioscope_subject_get_status (self->subject)->phase == SIOSCOPE_PHASE_CONNECTED)
        sioscope_emitter_tell (self, _("sending…"), "state-connecting", SIOSCOPE_NO_ROW);
      else
        sioscope_emitter_tell (self, _("buffered until connected"), "state-waiting", SIOSCOPE_NO_ROW);
      return;
    }
  if (entry.kind == SIOSCOPE_KIND_EMIT)
    sioscope_emitter_tell_fate (self, &entry);
  else if (self->asked_ack)
    sioscope_emitter_tell_ack (self, row, FALSE);
  else
    sioscope_emitter_tell (self, _("sent"), "state-closed", row);
}
