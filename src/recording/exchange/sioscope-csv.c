/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A table (RFC 4180). A spreadsheet takes a cell that begins in certain ways for a formula, and a server chooses what its
 * cells begin with: such cells get an apostrophe in front. */

#include "sioscope-print-private.h"
#include "sioscope-text-private.h"

static const char header[] =
  "row,time,seconds,direction,kind,transport,namespace,event,ack id,ack state,latency ms,size bytes,status,text\r\n";

typedef struct {
  SioscopeProjection *acks;
  GString            *out;
  GString            *cell;
  GString            *text;
  gint64              start_real_us;
} Csv;

/* Blanks in front are skipped as spreadsheets do, and what only looks like such a character is one for some of them. */
static gboolean
begins_formula (const char *text)
{
  gunichar c = g_utf8_get_char (text);

  while (c == ' ' || (c > 0x7f && g_unichar_isspace (c)))
    {
      text = g_utf8_next_char (text);
      c = g_utf8_get_char (text);
    }
  return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '|' || c == '%'
         || c == 0xff1d || c == 0xff0b || c == 0xff0d || c == 0xff20 || c == 0x2212;
}

/* What somebody else wrote. */
static void
add_cell (Csv     *csv,
          SioSpan  value)
{
  g_string_append_c (csv->out, ',');
  if (value.size == 0)
    return;
  g_string_truncate (csv->cell, 0);
  sioscope_append_visible (csv->cell, value);
  /* A tab or the like in front is an escape by now, and gets the apostrophe all the same. */
  if (begins_formula (csv->cell->str) || (guchar) *value.data < ' ')
    g_string_prepend_c (csv->cell, '\'');
  if (strpbrk (csv->cell->str, "\",") == NULL && *csv->cell->str != ' ' && csv->cell->str[csv->cell->len - 1] != ' ')
    {
      g_string_append_len (csv->out, csv->cell->str, (gssize) csv->cell->len);
      return;
    }
  g_string_append_c (csv->out, '"');
  for (const char *p = csv->cell->str, *end = p + csv->cell->len; p < end;)
    {
      const char *quote = memchr (p, '"', (gsize) (end - p));

      quote = quote != NULL ? quote + 1 : end;
      g_string_append_len (csv->out, p, quote - p);
      if (quote[-1] == '"')
        g_string_append_c (csv->out, '"');
      p = quote;
    }
  g_string_append_c (csv->out, '"');
}

/* Our own. */
static void
add_word (Csv        *csv,
          const char *word)
{
  g_string_append_c (csv->out, ',');
  if (word != NULL)
    g_string_append (csv->out, word);
}

static void
add_ack (Csv                 *csv,
         const SioscopeEntry *entry)
{
  SioscopeAck ack = { SIOSCOPE_ACK_NONE, SIOSCOPE_NO_ROW, -1 };
  const char *word = NULL;

  if (entry->id >= 0)
    g_string_append_printf (csv->out, ",%" G_GINT64_FORMAT, entry->id);
  else
    g_string_append_c (csv->out, ',');
  if (entry->kind == SIOSCOPE_KIND_PACKET && entry->id >= 0)
    ack = sioscope_projection_get_ack (csv->acks, entry->row);
  switch (ack.state)
    {
    case SIOSCOPE_ACK_PENDING: word = "pending"; break;
    case SIOSCOPE_ACK_ANSWERED: word = "ok"; break;
    case SIOSCOPE_ACK_TIMED_OUT: word = "timeout"; break;
    case SIOSCOPE_ACK_ABANDONED: word = "abandoned"; break;
    case SIOSCOPE_ACK_NONE: break;
    }
  add_word (csv, word);
  g_string_append_c (csv->out, ',');
  if (ack.latency_us >= 0)
    g_string_append_printf (csv->out, "%" G_GINT64_FORMAT ".%03d", ack.latency_us / 1000, (int) (ack.latency_us % 1000));
}

static void
add_status (Csv                 *csv,
            const SioscopeEntry *entry)
{
  if (entry->kind == SIOSCOPE_KIND_HTTP)
    g_string_append_printf (csv->out, ",%u", entry->status);
  else
    add_word (csv, sioscope_row_status_word (entry));
}

static void
add_row (Csv                 *csv,
         const SioscopeEntry *entry)
{
  g_string_append_printf (csv->out, "%" G_GUINT64_FORMAT ",", entry->row);
  sioscope_append_utc (csv->out, csv->start_real_us + entry->time_us);
  g_string_append_printf (csv->out, ",%" G_GINT64_FORMAT ".%06d", entry->time_us / G_USEC_PER_SEC,
                          (int) ABS (entry->time_us % G_USEC_PER_SEC));
  add_word (csv, sioscope_row_direction_word (entry));
  add_word (csv, sioscope_row_kind_word (entry));
  add_word (csv, sioscope_transport_word (entry->transport));
  add_cell (csv, entry->nsp);
  if (entry->event.size != 0)
    {
      g_autoptr(GString) event = sio_json_unquote (entry->event);

      add_cell (csv, (SioSpan) { event->str, event->len });
    }
  else
    add_word (csv, NULL);
  add_ack (csv, entry);
  if (entry->raw.size != 0 || entry->kind == SIOSCOPE_KIND_HTTP)
    g_string_append_printf (csv->out, ",%" G_GSIZE_FORMAT, sioscope_row_size (entry));
  else
    g_string_append_c (csv->out, ',');
  add_status (csv, entry);
  g_string_truncate (csv->text, 0);
  sioscope_append_row_text (csv->text, entry);
  add_cell (csv, (SioSpan) { csv->text->str, csv->text->len });
  g_string_append (csv->out, "\r\n");
}

void
sioscope_export_csv (SioscopeExporter *self)
{
  SioscopeRecording *recording = sioscope_exporter_get_recording (self);
  Csv csv = {
    .acks = sioscope_exporter_get_projection (self),
    .out = sioscope_exporter_get_out (self),
    .cell = g_string_new (NULL),
    .text = g_string_new (NULL),
    .start_real_us = sioscope_recording_get_start_real_us (recording),
  };
  SioscopeEntry entry;

  g_string_append (csv.out, header);
  while (sioscope_exporter_next (self, &entry))
    {
      add_row (&csv, &entry);
      if (!sioscope_exporter_flush (self))
        break;
    }
  g_string_free (csv.cell, TRUE);
  g_string_free (csv.text, TRUE);
}
