/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The texts of the details: arguments laid out from the received bytes, the raw packet, the frame and its bytes. */

#include "config.h"

#include "sioscope-details-content.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"
#include "sioscope-looks.h"
#include "sioscope-words.h"

/* A line of a hex dump takes about so many characters for each byte. */
#define HEX_CHARS 5
/* A whole line of one with 16 bytes. */
#define HEX_LINE 78

guint
sioscope_details_content_fit (SioscopeTextPane *pane,
                              GtkWidget        *view)
{
  return sioscope_text_pane_fits (pane, HEX_LINE, gtk_widget_get_width (view)) ? 16 : 8;
}

void
sioscope_details_content_clear (SioscopeDetailsContent *self)
{
  g_clear_object (&self->recording);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  self->row = SIOSCOPE_NO_ROW;
}

void
sioscope_details_content_set (SioscopeDetailsContent *self,
                              SioscopeRecording      *recording,
                              guint64                 row)
{
  SioscopeEntry entry;

  sioscope_details_content_clear (self);
  self->recording = g_object_ref (recording);
  self->row = row;
  if (sioscope_recording_read (recording, row, &entry) && entry.kind == SIOSCOPE_KIND_PACKET && entry.n_attachments > 0)
    self->attachments = sioscope_recording_dup_attachments (recording, row);
}

/* FALSE, and a sentence in @out, if the row is not there any more. */
static gboolean
read_row (SioscopeDetailsContent *self,
          SioscopeEntry          *entry,
          GString                *out)
{
  if (self->recording != NULL && sioscope_recording_read (self->recording, self->row, entry))
    return TRUE;
  g_string_append (out, _("This row is no longer kept"));
  return FALSE;
}

static void
add_run (GString           *out,
         GArray            *runs,
         SioscopeTextStyle  style,
         const char        *text)
{
  SioscopeTextRun run = { out->len, out->len + strlen (text), style };

  g_string_append (out, text);
  g_array_append_val (runs, run);
}

static void
add_heading (GString    *out,
             GArray     *runs,
             const char *text)
{
  if (out->len > 0 && out->str[out->len - 1] != '\n')
    g_string_append_c (out, '\n');
  add_run (out, runs, SIOSCOPE_TEXT_HEADING, text);
  g_string_append_c (out, '\n');
}

/* "Name  value" lines; nothing for what is empty. */
static void
add_fact (GString    *out,
          GArray     *runs,
          const char *name,
          SioSpan     value)
{
  if (value.size == 0)
    return;
  add_run (out, runs, SIOSCOPE_TEXT_NOTE, name);
  g_string_append (out, "  ");
  g_string_append_len (out, value.data, (gssize) value.size);
  g_string_append_c (out, '\n');
}

static void
add_fact_text (GString    *out,
               GArray     *runs,
               const char *name,
               const char *value)
{
  add_fact (out, runs, name, (SioSpan) { value, strlen (value) });
}

static const char *
type_word (SioSpan value)
{
  switch (sio_json_get_type (value))
    {
    case SIO_JSON_OBJECT:
      return _("object");
    case SIO_JSON_ARRAY:
      return _("array");
    case SIO_JSON_STRING:
      return _("string");
    case SIO_JSON_NUMBER:
      return _("number");
    case SIO_JSON_TRUE:
    case SIO_JSON_FALSE:
      return _("boolean");
    case SIO_JSON_NULL:
    default:
      return "null";
    }
}

/* Says behind each placeholder from @start on which attachment it stands for, and how big that is. */
static void
annotate_placeholders (SioscopeDetailsContent *self,
                       GString                *out,
                       gsize                   start,
                       GArray                 *runs)
{
  static const char key[] = "\"_placeholder\"";
  static const char number[] = "\"num\": ";
  g_autoptr(GString) text = NULL;
  const char *p, *end, *found;

  if (self->attachments == NULL || memmem (out->str + start, out->len - start, key, sizeof key - 1) == NULL)
    return;

  text = g_string_new_len (out->str + start, (gssize) (out->len - start));
  g_string_truncate (out, start);
  p = text->str;
  end = text->str + text->len;
  while ((found = memmem (p, (gsize) (end - p), key, sizeof key - 1)) != NULL)
    {
      const char *close = memchr (found, '}', MIN ((gsize) (end - found), 200));
      const char *num = NULL;
      guint64 index;

      if (close != NULL)
        num = memmem (found, (gsize) (close - found), number, sizeof number - 1);
      if (close == NULL)
        close = found + sizeof key - 2;
      g_string_append_len (out, p, (gssize) (close + 1 - p));
      p = close + 1;
      if (num == NULL)
        continue;

      index = g_ascii_strtoull (num + sizeof number - 1, NULL, 10);
      if (index < self->attachments->len)
        {
          GBytes *bytes = g_ptr_array_index (self->attachments, index);
          g_autofree char *size = sioscope_format_size (g_bytes_get_size (bytes));
          g_autofree char *note = g_strdup_printf (_("  attachment %u, %s"), (guint) index, size);

          add_run (out, runs, SIOSCOPE_TEXT_NOTE, note);
        }
      else
        add_run (out, runs, SIOSCOPE_TEXT_NOTE, _("  this attachment has not come"));
    }
  g_string_append_len (out, p, (gssize) (end - p));
}

static gboolean
write_values (SioscopeDetailsContent *self,
              SioSpan                 args,
              guint                   n_args,
              gsize                   limit,
              GString                *out,
              GArray                 *runs)
{
  SioJsonIter iter;
  SioSpan value;
  guint i = 0;

  sio_json_iter_init (&iter, args);
  while (sio_json_iter_next (&iter, &value))
    {
      gsize start;

      if (out->len >= limit)
        return FALSE;
      if (n_args > 1)
        {
          g_autofree char *size = sioscope_format_size (value.size);
          g_autofree char *heading = g_strdup_printf (_("Argument %u of %u · %s · %s"), i + 1, n_args,
                                                      type_word (value), size);

          add_heading (out, runs, heading);
        }
      start = out->len;
      if (sio_json_append_indented (out, value, 2, limit > out->len ? limit - out->len : 0) < value.size)
        {
          annotate_placeholders (self, out, start, runs);
          return FALSE;
        }
      annotate_placeholders (self, out, start, runs);
      g_string_append_c (out, '\n');
      i++;
    }
  return TRUE;
}

static void
write_state (const SioscopeEntry *entry,
             GString             *out,
             GArray              *runs)
{
  g_autofree char *eio = g_strdup_printf ("%u", entry->eio);
  g_autofree char *server = g_strdup_printf ("%u.x", entry->server);
  g_autofree char *interval = sioscope_format_duration ((gint64) entry->ping_interval_ms * 1000);
  g_autofree char *timeout = sioscope_format_duration ((gint64) entry->ping_timeout_ms * 1000);
  g_autofree char *payload = sioscope_format_size ((guint64) MAX (entry->max_payload, 0));
  g_autofree char *delay = sioscope_format_duration ((gint64) entry->delay_ms * 1000);
  g_autofree char *shortest = sioscope_format_duration ((gint64) entry->delay_min_ms * 1000);
  g_autofree char *longest = sioscope_format_duration ((gint64) entry->delay_max_ms * 1000);
  g_autofree char *window = g_strdup_printf (_("%s to %s"), shortest, longest);

  add_fact_text (out, runs, _("Transport"), sioscope_words_transport (entry->transport));
  if (entry->state == SIO_TAP_STATE_OPEN)
    {
      add_fact (out, runs, _("Session"), entry->sid);
      add_fact_text (out, runs, _("Engine.IO"), eio);
      if (entry->server != 0)
        add_fact_text (out, runs, _("Socket.IO"), server);
      add_fact (out, runs, _("Version found"), entry->reason);
      add_fact (out, runs, _("Parser"), entry->parser);
      add_fact_text (out, runs, _("Heartbeat every"), interval);
      add_fact_text (out, runs, _("Lost after another"), timeout);
      add_fact_text (out, runs, _("Largest payload"), entry->max_payload > 0 ? payload : _("not said"));
    }
  if (entry->state == SIO_TAP_STATE_WAITING)
    {
      add_fact_text (out, runs, _("Delay"), delay);
      add_fact_text (out, runs, _("Drawn between"), window);
    }
  if (entry->state == SIO_TAP_STATE_CLOSED || entry->state == SIO_TAP_STATE_ATTEMPT_FAILED)
    add_fact_text (out, runs, _("Tries again by itself"), entry->active ? _("yes") : _("no"));
}

/* The library's lines, which are the same in every language of the desktop. */
static void
write_tls (const SioscopeEntry *entry,
           GString             *out,
           GArray              *runs)
{
  const char *p = entry->tls_certificate.data;
  const char *end = p + entry->tls_certificate.size;

  if (entry->tls_fingerprint.size == 0)
    return;

  add_heading (out, runs, _("Certificate of the server"));
  if (entry->tls_errors != 0)
    {
      g_autofree char *errors = sioscope_looks_dup_certificate_errors (entry->tls_errors);

      add_fact_text (out, runs, entry->status == 0 ? _("Not accepted") : _("Accepted, although"), errors);
    }
  while (p < end)
    {
      const char *newline = memchr (p, '\n', (gsize) (end - p));
      const char *stop = newline != NULL ? newline : end;
      const char *colon = memchr (p, ':', (gsize) (stop - p));
      gsize size = (gsize) (stop - p);

      if (size > 0 && p[size - 1] == '\r')
        size--;
      if (colon != NULL && colon + 2 <= p + size)
        {
          g_autofree char *name = g_strndup (p, (gsize) (colon - p));

          add_fact (out, runs, name, (SioSpan) { colon + 2, (gsize) (p + size - colon - 2) });
        }
      p = stop + 1;
    }
  add_fact (out, runs, _("SHA-256 fingerprint"), entry->tls_fingerprint);
}

static void
write_exchange (const SioscopeEntry *entry,
                GString             *out,
                GArray              *runs)
{
  g_autofree char *status = entry->status != 0 ? g_strdup_printf ("%u", entry->status) : g_strdup (_("none"));
  g_autofree char *took = sioscope_format_duration (entry->duration_us);
  g_autofree char *sent = sioscope_format_size (entry->request_body.size);
  g_autofree char *received = sioscope_format_size (entry->response_body.size);

  add_fact (out, runs, _("Method"), entry->method);
  add_fact (out, runs, _("Address"), entry->uri);
  add_fact_text (out, runs, _("Answer"), status);
  add_fact_text (out, runs, _("Took"), took);
  add_fact_text (out, runs, _("Sent"), sent);
  add_fact_text (out, runs, _("Received"), received);
  write_tls (entry, out, runs);
}

static void
write_facts (const SioscopeEntry *entry,
             GString             *out,
             GArray              *runs)
{
  g_autofree char *code = g_strdup_printf ("%d", entry->error_code);

  if (entry->kind == SIOSCOPE_KIND_STATE)
    write_state (entry, out, runs);
  else if (entry->kind == SIOSCOPE_KIND_HTTP)
    write_exchange (entry, out, runs);
  else if (entry->raw.size > 0)
    {
      add_fact_text (out, runs, _("Transport"), sioscope_words_transport (entry->transport));
      add_fact_text (out, runs, _("Direction"), entry->direction == SIO_DIRECTION_IN ? _("received") : _("sent"));
    }
  add_fact (out, runs, _("Namespace"), entry->nsp);
  add_fact (out, runs, _("Event"), entry->event);
  if (entry->kind != SIOSCOPE_KIND_STATE || entry->state != SIO_TAP_STATE_OPEN)
    add_fact (out, runs, _("Reason"), entry->reason);
  add_fact (out, runs, _("Detail"), entry->message);
  if (entry->error_domain.size > 0)
    {
      add_fact (out, runs, _("Error domain"), entry->error_domain);
      add_fact_text (out, runs, _("Error code"), code);
    }
  if (out->len == 0)
    add_run (out, runs, SIOSCOPE_TEXT_NOTE, _("There is nothing more to say about this row."));
}

/* The arguments of a packet; of other rows: what is known about them. */
gboolean
sioscope_details_content_arguments (gpointer  data,
                                    gsize     limit,
                                    GString  *out,
                                    GArray   *runs)
{
  SioscopeDetailsContent *self = data;
  SioscopeEntry entry;

  if (!read_row (self, &entry, out))
    return TRUE;

  if (entry.kind != SIOSCOPE_KIND_PACKET)
    {
      write_facts (&entry, out, runs);
      if (entry.kind == SIOSCOPE_KIND_SOCKET || entry.kind == SIOSCOPE_KIND_EMIT)
        return write_values (self, entry.args, entry.n_args, limit, out, runs);
      return TRUE;
    }
  if (entry.args.size == 0)
    {
      add_run (out, runs, SIOSCOPE_TEXT_NOTE, _("No arguments."));
      return TRUE;
    }
  return write_values (self, entry.args, entry.n_args, limit, out, runs);
}

static gboolean
add_span (GString *out,
          SioSpan  span,
          gsize    limit)
{
  gsize room = limit > out->len ? limit - out->len : 0;

  g_string_append_len (out, span.data != NULL ? span.data : "", (gssize) MIN (room, span.size));
  return span.size <= room;
}

/* Header lines end with CR LF on the wire; here a CR would be shown as something strange. */
static gboolean
add_headers (GString *out,
             SioSpan  headers,
             gsize    limit)
{
  const char *p = headers.data;
  const char *end = p + headers.size;

  while (p < end && out->len < limit)
    {
      const char *newline = memchr (p, '\n', (gsize) (end - p));
      gsize size = newline != NULL ? (gsize) (newline - p) : (gsize) (end - p);

      g_string_append_len (out, p, (gssize) (size > 0 && p[size - 1] == '\r' ? size - 1 : size));
      g_string_append_c (out, '\n');
      p += size + (newline != NULL);
    }
  return p >= end;
}

static gboolean
write_http (const SioscopeEntry *entry,
            gsize                limit,
            GString             *out,
            GArray              *runs)
{
  g_autofree char *answer = NULL;
  gboolean all;

  add_heading (out, runs, _("Request"));
  all = add_span (out, entry->method, limit);
  g_string_append_c (out, ' ');
  all = add_span (out, entry->uri, limit) && all;
  g_string_append_c (out, '\n');
  all = add_headers (out, entry->request_headers, limit) && all;
  if (entry->request_body.size > 0)
    {
      add_heading (out, runs, _("Body of the request"));
      all = add_span (out, entry->request_body, limit) && all;
    }

  if (entry->status == 0)
    answer = g_strdup (_("No answer came"));
  else
    answer = g_strdup_printf (_("Answer %u"), entry->status);
  add_heading (out, runs, answer);
  all = add_headers (out, entry->response_headers, limit) && all;
  if (entry->response_body.size > 0)
    {
      add_heading (out, runs, _("Body of the answer"));
      all = add_span (out, entry->response_body, limit) && all;
    }
  return all;
}

static gboolean
add_dump (SioscopeDetailsContent *self,
          GString                *out,
          SioSpan                 bytes,
          gsize                   limit)
{
  guint columns = self->columns != 0 ? self->columns : 16;
  gsize room = limit > out->len ? (limit - out->len) / (HEX_CHARS * columns) * columns : 0;

  return sioscope_format_hex (out, bytes, 0, MAX (room, columns), columns) >= bytes.size;
}

/* The bytes as text: of a packet as on the wire, of an exchange its request and answer. */
gboolean
sioscope_details_content_raw (gpointer  data,
                              gsize     limit,
                              GString  *out,
                              GArray   *runs)
{
  SioscopeDetailsContent *self = data;
  SioscopeEntry entry;

  if (!read_row (self, &entry, out))
    return TRUE;
  if (entry.kind == SIOSCOPE_KIND_HTTP)
    return write_http (&entry, limit, out, runs);
  if (entry.raw.size == 0)
    {
      add_run (out, runs, SIOSCOPE_TEXT_NOTE, _("Nothing went over the wire for this row."));
      return TRUE;
    }
  if (entry.wire.size == 0)
    return add_span (out, entry.raw, limit);

  /* Both, the bytes first: they are what went over the wire. */
  {
    g_autofree char *size = sioscope_format_size (entry.wire.size);
    g_autofree char *heading = g_strdup_printf (_("As on the wire · %s"), size);

    add_heading (out, runs, heading);
    if (!add_dump (self, out, entry.wire, limit))
      return FALSE;
    add_heading (out, runs, _("The same packet as Socket.IO writes it in JSON"));
    return add_span (out, entry.raw, limit);
  }
}

/* With another parser binary values are no messages of their own. */
static gboolean
is_inside_message (SioscopeDetailsContent *self,
                   const SioscopeEntry    *entry)
{
  SioscopeEntry packet;

  return entry->kind == SIOSCOPE_KIND_ATTACHMENT && entry->ref != SIOSCOPE_NO_ROW &&
         sioscope_recording_read (self->recording, entry->ref, &packet) && packet.wire.size > 0;
}

/* What carried the row, and its bytes as hexadecimal numbers. */
gboolean
sioscope_details_content_frame (gpointer  data,
                                gsize     limit,
                                GString  *out,
                                GArray   *runs)
{
  SioscopeDetailsContent *self = data;
  g_autofree char *size = NULL;
  g_autofree char *count = NULL;
  g_autofree char *heading = NULL;
  SioscopeEntry entry;
  gboolean all = TRUE;
  SioSpan bytes;
  guint opcode;

  if (!read_row (self, &entry, out))
    return TRUE;

  if (entry.kind == SIOSCOPE_KIND_HTTP)
    {
      if (entry.request_body.size > 0)
        {
          add_heading (out, runs, _("Body of the request"));
          all = add_dump (self, out, entry.request_body, limit);
        }
      if (all && entry.response_body.size > 0)
        {
          add_heading (out, runs, _("Body of the answer"));
          all = add_dump (self, out, entry.response_body, limit);
        }
      if (entry.request_body.size + entry.response_body.size == 0)
        add_run (out, runs, SIOSCOPE_TEXT_NOTE, _("Neither the request nor the answer has a body."));
      return all;
    }
  if (entry.raw.size == 0)
    {
      add_run (out, runs, SIOSCOPE_TEXT_NOTE, _("Nothing went over the wire for this row."));
      return TRUE;
    }

  bytes = entry.wire.size > 0 ? entry.wire : entry.raw;
  opcode = entry.wire.size > 0 ? (entry.wire.data[0] == '4' || entry.wire.data[0] == '{' ? 1 : 2)
           : entry.kind == SIOSCOPE_KIND_FRAME ? entry.opcode : entry.kind == SIOSCOPE_KIND_ATTACHMENT ? 2 : 1;
  count = sioscope_format_count (bytes.size);
  if (is_inside_message (self, &entry))
    heading = g_strdup_printf (_("Inside of its packet’s message · %s bytes"), count);
  else if (entry.kind == SIOSCOPE_KIND_ERROR)
    heading = g_strdup_printf (_("What was wrong · %s bytes"), count);
  else if (entry.transport == SIO_TRANSPORT_KIND_POLLING)
    heading = g_strdup_printf (_("Part of an HTTP body, polling · %s bytes"), count);
  else
    heading = g_strdup_printf (_("WebSocket · %s frame, opcode %u · %s bytes"),
                               opcode == 1 ? _("text") : opcode == 2 ? _("binary") : _("control"), opcode, count);
  add_heading (out, runs, heading);
  return add_dump (self, out, bytes, limit);
}
