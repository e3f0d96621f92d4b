/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines for people, as the log shows them: one a row, whole, and nothing in them that a terminal would act on. */

#include "sioscope-redactor.h"
#include "sioscope-text-private.h"

typedef struct {
  SioscopeProjection *acks;
  GString            *out;
  GString            *text;
  gint64              start_real_us;
} Lines;

static const char *
get_arrow (const SioscopeEntry *entry)
{
  const char *direction = sioscope_row_direction_word (entry);

  return *direction == '\0' ? "·" : *direction == 'i' ? "←" : "→";
}

static void
add_visible (Lines      *lines,
             const char *before,
             SioSpan     text)
{
  if (text.size == 0)
    return;
  g_string_append (lines->out, before);
  sioscope_append_visible (lines->out, text);
}

static void
add_ack (Lines               *lines,
         const SioscopeEntry *entry)
{
  SioscopeAck ack;

  if (entry->kind != SIOSCOPE_KIND_PACKET || entry->id < 0)
    return;
  ack = sioscope_projection_get_ack (lines->acks, entry->row);
  g_string_append_printf (lines->out, "  ack %" G_GINT64_FORMAT, entry->id);
  switch (ack.state)
    {
    case SIOSCOPE_ACK_PENDING: g_string_append (lines->out, " pending"); break;
    case SIOSCOPE_ACK_TIMED_OUT: g_string_append (lines->out, " timed out"); break;
    case SIOSCOPE_ACK_ABANDONED: g_string_append (lines->out, " abandoned"); break;
    case SIOSCOPE_ACK_ANSWERED:
    case SIOSCOPE_ACK_NONE:
      break;
    }
  if (ack.latency_us >= 0)
    g_string_append_printf (lines->out, " %" G_GINT64_FORMAT ".%03d ms", ack.latency_us / 1000, (int) (ack.latency_us % 1000));
}

static void
add_row (Lines               *lines,
         const SioscopeEntry *entry)
{
  const char *status = sioscope_row_status_word (entry);

  sioscope_append_utc (lines->out, lines->start_real_us + entry->time_us);
  g_string_append_printf (lines->out, " %s ", get_arrow (entry));
  if (entry->kind == SIOSCOPE_KIND_HTTP)
    g_string_append_printf (lines->out, "http %u", entry->status);
  else if (entry->kind != SIOSCOPE_KIND_PACKET || entry->event.size == 0)
    g_string_append (lines->out, sioscope_row_kind_word (entry));
  /* The event and its namespace say more than that it is one. */
  add_visible (lines, entry->kind == SIOSCOPE_KIND_PACKET && entry->event.size != 0 ? "" : " ", entry->nsp);
  if (status != NULL)
    g_string_append_printf (lines->out, " %s", status);
  if (entry->event.size != 0)
    {
      g_autoptr(GString) event = sio_json_unquote (entry->event);

      add_visible (lines, " ", (SioSpan) { event->str, event->len });
    }
  if (entry->kind == SIOSCOPE_KIND_ATTACHMENT)
    g_string_append_printf (lines->out, " %u", entry->index);
  g_string_truncate (lines->text, 0);
  sioscope_append_row_text (lines->text, entry);
  add_visible (lines, "  ", (SioSpan) { lines->text->str, lines->text->len });
  add_ack (lines, entry);
  if (entry->kind == SIOSCOPE_KIND_HTTP)
    g_string_append_printf (lines->out, "  %" G_GINT64_FORMAT " ms", entry->duration_us / 1000);
  if (sioscope_row_size (entry) != 0)
    g_string_append_printf (lines->out, "  %" G_GSIZE_FORMAT " B", sioscope_row_size (entry));
  g_string_append_c (lines->out, '\n');
}

void
sioscope_export_text (SioscopeExporter *self)
{
  const char *title = sioscope_exporter_get_title (self);
  Lines lines = {
    .acks = sioscope_exporter_get_projection (self),
    .out = sioscope_exporter_get_out (self),
    .text = g_string_new (NULL),
    .start_real_us = sioscope_recording_get_start_real_us (sioscope_exporter_get_recording (self)),
  };
  SioscopeEntry entry;

  if (*title != '\0')
    {
      g_string_append (lines.out, "# ");
      sioscope_append_visible (lines.out, (SioSpan) { title, strlen (title) });
      g_string_append_c (lines.out, '\n');
    }
  if (sioscope_exporter_get_redacts (self))
    g_string_append (lines.out, "# credentials are left out: " SIOSCOPE_REDACTED "\n");
  while (sioscope_exporter_next (self, &entry))
    {
      add_row (&lines, &entry);
      if (!sioscope_exporter_flush (self))
        break;
    }
  g_string_free (lines.text, TRUE);
}
