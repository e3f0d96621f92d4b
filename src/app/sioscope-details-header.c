/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The header of the details: what the row is, and what became of it, in words. */

#include "config.h"

#include "sioscope-details-view-private.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"
#include "sioscope-words.h"

SioscopeRecording *
sioscope_details_view_get_recording (SioscopeDetailsView *self)
{
  return self->projection != NULL ? sioscope_projection_get_recording (self->projection) : NULL;
}

gboolean
sioscope_details_view_read (SioscopeDetailsView *self,
                            SioscopeEntry       *entry)
{
  return self->projection != NULL && self->row != SIOSCOPE_NO_ROW &&
         sioscope_recording_read (sioscope_details_view_get_recording (self), self->row, entry);
}

/* Of an event that nobody answers: that it did not simply go out. NULL if it did, as far as is known. */
static char *
dup_loss (SioscopeDetailsView *self,
          const SioscopeEntry *entry,
          SioscopeAck         *ack)
{
  guint64 why;

  switch (sioscope_projection_get_fate (self->projection, entry->row, &why))
    {
    case SIOSCOPE_FATE_MAY_BE_LOST:
      *ack = (SioscopeAck) { SIOSCOPE_ACK_ABANDONED, why, -1 };
      return g_strdup (_("May be lost: the connection ended while it was being sent"));
    case SIOSCOPE_FATE_NEVER_SENT:
      *ack = (SioscopeAck) { SIOSCOPE_ACK_ABANDONED, why, -1 };
      return g_strdup (_("Never sent: the connection ended first"));
    case SIOSCOPE_FATE_NONE:
    case SIOSCOPE_FATE_BUFFERED:
    case SIOSCOPE_FATE_HANDED_OVER:
    case SIOSCOPE_FATE_WAITING:
    case SIOSCOPE_FATE_ACKED:
    case SIOSCOPE_FATE_TIMED_OUT:
    case SIOSCOPE_FATE_TRIED_AGAIN:
    case SIOSCOPE_FATE_CANCELLED:
    case SIOSCOPE_FATE_DROPPED:
    case SIOSCOPE_FATE_REFUSED:
    default:
      return NULL;
    }
}

void
sioscope_details_view_show_ack (SioscopeDetailsView *self,
                                const SioscopeEntry *entry)
{
  SioscopeAck ack = { .state = SIOSCOPE_ACK_NONE, .other_row = SIOSCOPE_NO_ROW };
  g_autofree char *words = NULL;
  const char *icon = "sioscope-state-connected-symbolic";

  if (sioscope_words_is_event (entry) || sioscope_words_is_ack (entry))
    {
      ack = sioscope_projection_get_ack (self->projection, self->row);
      words = sioscope_words_ack (entry, &ack, sioscope_recording_get_now_us (sioscope_details_view_get_recording (self)));
      if (ack.state == SIOSCOPE_ACK_NONE)
        words = dup_loss (self, entry, &ack);
    }
  self->other_row = ack.other_row;
  self->ack_open = ack.state == SIOSCOPE_ACK_PENDING && sioscope_recording_get_live (sioscope_details_view_get_recording (self));

  gtk_widget_set_visible (self->ack_box, words != NULL);
  if (words == NULL)
    return;

  gtk_widget_remove_css_class (self->ack_box, "success");
  gtk_widget_remove_css_class (self->ack_box, "warning");
  gtk_widget_remove_css_class (self->ack_box, "error");
  switch (ack.state)
    {
    case SIOSCOPE_ACK_PENDING:
      icon = "sioscope-state-waiting-symbolic";
      gtk_widget_add_css_class (self->ack_box, "warning");
      break;
    case SIOSCOPE_ACK_TIMED_OUT:
    case SIOSCOPE_ACK_ABANDONED:
      icon = "sioscope-state-failed-symbolic";
      gtk_widget_add_css_class (self->ack_box, "error");
      break;
    case SIOSCOPE_ACK_ANSWERED:
    case SIOSCOPE_ACK_NONE:
    default:
      gtk_widget_add_css_class (self->ack_box, "success");
      break;
    }
  gtk_image_set_from_icon_name (self->ack_icon, icon);
  gtk_label_set_text (self->ack_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->link_button), self->other_row != SIOSCOPE_NO_ROW);
  gtk_button_set_label (self->link_button, sioscope_words_is_ack (entry) ? _("Show the event")
                                           : ack.state == SIOSCOPE_ACK_ANSWERED ? _("Show the answer")
                                                                                : _("Show what happened"));
}

void
sioscope_details_view_show_header (SioscopeDetailsView *self,
                                   const SioscopeEntry *entry)
{
  g_autofree char *words = sioscope_words_row (sioscope_details_view_get_recording (self), entry);
  gint64 start = sioscope_recording_get_start_real_us (sioscope_details_view_get_recording (self));
  g_autofree char *clock = sioscope_format_clock (start + entry->time_us);
  g_autofree char *number = sioscope_format_count (self->row);
  g_autofree char *row = g_strdup_printf (_("row %s"), number);
  g_autofree char *nsp = entry->nsp.size > 0 ? sioscope_format_isolated (entry->nsp, 60) : NULL;
  g_autofree char *size = entry->raw.size > 0 ? sioscope_format_size (entry->raw.size) : NULL;
  g_autofree char *id = entry->kind == SIOSCOPE_KIND_PACKET && entry->id >= 0
                          ? g_strdup_printf (_("ack %lld"), (long long) entry->id) : NULL;
  const char *transport = sioscope_words_transport (entry->transport);
  const char *parts[8] = { clock };
  guint n = 1;
  g_autofree char *subtitle = NULL;

  if (nsp != NULL)
    parts[n++] = nsp;
  if (size != NULL)
    parts[n++] = size;
  if (*transport != '\0')
    parts[n++] = transport;
  if (id != NULL)
    parts[n++] = id;
  if (sioscope_projection_get_replayed (self->projection, self->row))
    parts[n++] = _("replayed");
  parts[n++] = row;
  subtitle = g_strjoinv (" · ", (char **) parts);

  gtk_label_set_text (self->title, words);
  gtk_label_set_text (self->subtitle, subtitle);
  sioscope_details_view_show_ack (self, entry);
  gtk_stack_page_set_title (self->arguments_page, entry->kind == SIOSCOPE_KIND_PACKET ? _("Arguments") : _("Facts"));
}
