/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows to lines. Other programs rely on the kinds and names: more may be added, nothing renamed. */

#include "sioscope-print-private.h"
#include "sioscope-recording-index.h"

#define NAMES_MAX 65536
/* How many rows an event waits for the answer that says whether it is a replayed one. */
#define AHEAD_MAX 65536

static const char *
direction_word (SioDirection direction)
{
  return direction == SIO_DIRECTION_IN ? "in" : "out";
}

static void
add_args (SioscopePrinter     *self,
          GString             *out,
          const SioscopeEntry *entry)
{
  SioSpan array;
  gboolean trusted = self->trusted;

  g_string_assign (self->scratch, "[");
  g_string_append_len (self->scratch, entry->args.data, (gssize) entry->args.size);
  g_string_append_c (self->scratch, ']');
  array = (SioSpan) { self->scratch->str, self->scratch->len };

  if (entry->n_attachments > 0
      && (trusted || sio_json_validate (array.data, array.size, 1024, NULL, NULL, NULL)))
    {
      g_autoptr(GPtrArray) attachments = self->door != NULL
                                         ? sioscope_exporter_dup_attachments (self->door, entry->row)
                                         : sioscope_recording_dup_attachments (self->recording, entry->row);
      g_autoptr(GString) whole = g_string_new (NULL);

      sio_json_append_with_binary (whole, array, attachments);
      sioscope_line_add_json (out, "args", (SioSpan) { whole->str, whole->len }, trusted);
      return;
    }
  sioscope_line_add_json (out, "args", array, trusted);
}

static void
remember_name (SioscopePrinter     *self,
               const SioscopeEntry *entry)
{
  guint64 *row = g_memdup2 (&entry->row, sizeof entry->row);

  /* A server whose events nobody answers must not fill the memory. */
  if (g_hash_table_size (self->names) >= NAMES_MAX)
    g_hash_table_remove_all (self->names);
  g_hash_table_insert (self->names, row,
                       g_bytes_new (entry->event.data, MIN (entry->event.size, 65536)));
}

static void
add_event_of_ack (SioscopePrinter     *self,
                  GString             *out,
                  const SioscopeEntry *entry)
{
  SioscopeAck ack = sioscope_projection_get_ack (self->projection, entry->row);
  SioscopeEntry event;
  GBytes *name;

  if (ack.other_row == SIOSCOPE_NO_ROW)
    return;
  name = g_hash_table_lookup (self->names, &ack.other_row);
  if (name != NULL)
    {
      gsize size;
      const char *data = g_bytes_get_data (name, &size);

      sioscope_line_add_json (out, "event", (SioSpan) { data, size }, self->trusted);
      g_hash_table_remove (self->names, &ack.other_row);
    }
  else if (self->door != NULL ? sioscope_exporter_read (self->door, ack.other_row, &event)
                              : sioscope_recording_read (self->recording, ack.other_row, &event))
    sioscope_line_add_json (out, "event", event.event, self->trusted);
  if (entry->direction == SIO_DIRECTION_IN)
    sioscope_line_add_ms (out, "rtt_ms", ack.latency_us);
}

/* What the row says about how a namespace that is being joined came out; FALSE if nothing. */
static gboolean
tells_answer (SioscopePrinter     *self,
              guint64              row,
              SioSpan              nsp,
              gboolean            *replayed)
{
  SioscopeKind kind = sioscope_recording_get_kind (self->recording, row);
  SioscopeEntry entry;

  if ((kind != SIOSCOPE_KIND_SOCKET && kind != SIOSCOPE_KIND_STATE)
      || !sioscope_recording_read (self->recording, row, &entry))
    return FALSE;
  *replayed = kind == SIOSCOPE_KIND_SOCKET && entry.socket_change == SIO_TAP_SOCKET_CONNECTED && entry.recovered;
  return kind == SIOSCOPE_KIND_STATE ? entry.state == SIO_TAP_STATE_CLOSED
                                     : entry.nsp.size == nsp.size && memcmp (entry.nsp.data, nsp.data, nsp.size) == 0;
}

/* Missed events come before the answer that says that they are ones (Socket.IO, "Connection state recovery"), and the official
 * client too hands them on only then. FALSE: wait for it. */
static gboolean
decide_replayed (SioscopePrinter     *self,
                 const SioscopeEntry *entry,
                 gboolean            *replayed)
{
  guint64 n_rows = sioscope_recording_get_n_rows (self->recording), row;
  guint64 end = MIN (n_rows, entry->row + AHEAD_MAX);
  gboolean found = FALSE;

  *replayed = FALSE;
  if (!sioscope_projection_get_undecided (self->projection, entry))
    return TRUE;
  if (self->answer_nsp != NULL && entry->row < self->answer_row
      && g_bytes_get_size (self->answer_nsp) == entry->nsp.size
      && memcmp (g_bytes_get_data (self->answer_nsp, NULL), entry->nsp.data, entry->nsp.size) == 0)
    {
      *replayed = self->answer_replayed;
      return TRUE;
    }

  for (row = entry->row + 1; row < end && !found; row++)
    found = tells_answer (self, row, entry->nsp, replayed);
  if (!found)
    {
      *replayed = FALSE;
      return end < n_rows || n_rows - entry->row >= AHEAD_MAX || !sioscope_recording_get_live (self->recording);
    }
  g_clear_pointer (&self->answer_nsp, g_bytes_unref);
  self->answer_nsp = g_bytes_new (entry->nsp.data, entry->nsp.size);
  self->answer_row = row - 1;
  self->answer_replayed = *replayed;
  return TRUE;
}

static void
print_event_or_ack (SioscopePrinter     *self,
                    GString             *out,
                    const SioscopeEntry *entry,
                    gboolean             replayed)
{
  gboolean is_ack = entry->packet_type == SIO_PACKET_ACK || entry->packet_type == SIO_PACKET_BINARY_ACK;

  sioscope_line_begin (out, is_ack ? "ack" : "event", entry->time_us);
  sioscope_line_add_text (out, "nsp", entry->nsp);
  sioscope_line_add_word (out, "direction", direction_word (entry->direction));
  if (!is_ack)
    sioscope_line_add_json (out, "event", entry->event, self->trusted);
  add_args (self, out, entry);
  if (entry->id >= 0)
    sioscope_line_add_number (out, "id", entry->id);
  if (replayed)
    sioscope_line_add_bool (out, "replayed", TRUE);
  if (is_ack)
    add_event_of_ack (self, out, entry);
  else if (entry->id >= 0)
    remember_name (self, entry);
  sioscope_line_end (out);
}

static void
print_frame (GString          *out,
             gint64            time_us,
             SioDirection      direction,
             SioTransportKind  transport,
             SioSpan           data,
             gboolean          binary)
{
  sioscope_line_begin (out, "frame", time_us);
  sioscope_line_add_word (out, "direction", direction_word (direction));
  sioscope_line_add_word (out, "transport", sioscope_transport_word (transport));
  sioscope_line_add_data (out, "data", data, binary);
  sioscope_line_end (out);
}

static void
print_packet_line (GString             *out,
                   const SioscopeEntry *entry,
                   const char          *layer,
                   const char          *type,
                   SioSpan              data,
                   gboolean             binary)
{
  sioscope_line_begin (out, "packet", entry->time_us);
  sioscope_line_add_word (out, "layer", layer);
  sioscope_line_add_word (out, "direction", direction_word (entry->direction));
  sioscope_line_add_word (out, "type", type);
  sioscope_line_add_data (out, "data", data, binary);
  sioscope_line_end (out);
}

static gboolean
is_inside_message (SioscopePrinter     *self,
                   const SioscopeEntry *entry)
{
  SioscopeEntry packet;

  return entry->kind == SIOSCOPE_KIND_ATTACHMENT && entry->ref != SIOSCOPE_NO_ROW
         && sioscope_recording_read (self->recording, entry->ref, &packet) && packet.wire.size != 0;
}

/* The two deeper depths. A polling body is printed with its HTTP exchange. */
static void
print_layers (SioscopePrinter     *self,
              GString             *out,
              const SioscopeEntry *entry)
{
  static const char * const engine_types[] = { "open", "close", "ping", "pong", "message", "upgrade", "noop" };
  static const char * const socket_types[] = {
    "connect", "disconnect", "event", "ack", "connect_error", "binary_event", "binary_ack",
  };
  gboolean binary = entry->kind == SIOSCOPE_KIND_ATTACHMENT;
  gboolean other = entry->wire.size != 0;
  SioSpan data = entry->raw;

  /* With another parser the message is what went over the wire, with the attachments in it. */
  if (is_inside_message (self, entry))
    return;
  if (self->depth >= SIOSCOPE_PRINT_FRAMES && entry->transport == SIO_TRANSPORT_KIND_WEBSOCKET)
    print_frame (out, entry->time_us, entry->direction, entry->transport, other ? entry->wire : entry->raw, binary);
  if (self->depth < SIOSCOPE_PRINT_PACKETS || entry->kind == SIOSCOPE_KIND_FRAME)
    return;

  if (!binary && data.size > 0)
    data = (SioSpan) { data.data + 1, data.size - 1 };
  print_packet_line (out, entry, "engine",
                     entry->kind == SIOSCOPE_KIND_ENGINE ? engine_types[entry->engine_type] : "message",
                     other ? entry->wire : data, binary);
  if (entry->kind == SIOSCOPE_KIND_PACKET)
    print_packet_line (out, entry, "socket", socket_types[entry->packet_type], data, FALSE);
}

static void
print_engine (SioscopePrinter     *self,
              GString             *out,
              const SioscopeEntry *entry)
{
  const SioscopeStatus *status = sioscope_projection_get_status (self->projection);

  print_layers (self, out, entry);
  if (entry->direction != SIO_DIRECTION_IN || sio_span_equals (entry->raw, "2probe")
      || sio_span_equals (entry->raw, "3probe"))
    return;
  if (entry->engine_type == SIO_ENGINE_PACKET_PONG && status->eio == 3 && status->rtt_us >= 0)
    {
      sioscope_line_begin (out, "ping", entry->time_us);
      sioscope_line_add_ms (out, "rtt_ms", status->rtt_us);
      sioscope_line_end (out);
    }
  else if (entry->engine_type == SIO_ENGINE_PACKET_PING)
    {
      sioscope_line_begin (out, "ping", entry->time_us);
      sioscope_line_add_ms (out, "since_ms", entry->time_us - self->last_ping_us);
      sioscope_line_end (out);
      self->last_ping_us = entry->time_us;
    }
}

static void
print_http (SioscopePrinter     *self,
            GString             *out,
            const SioscopeEntry *entry)
{
  if (self->depth < SIOSCOPE_PRINT_FRAMES)
    return;
  sioscope_line_begin (out, "http", entry->time_us);
  sioscope_line_add_text (out, "method", entry->method);
  sioscope_line_add_text (out, "url", entry->uri);
  sioscope_line_add_number (out, "status", entry->status);
  sioscope_line_add_ms (out, "ms", entry->duration_us);
  sioscope_line_add_headers (out, "request_headers", entry->request_headers);
  sioscope_line_add_headers (out, "response_headers", entry->response_headers);
  sioscope_line_add_tls (out, entry);
  sioscope_printer_add_message (self, out, entry->message);
  sioscope_line_end (out);
  if (entry->request_body.size != 0)
    print_frame (out, entry->time_us, SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_POLLING, entry->request_body, FALSE);
  if (entry->response_body.size != 0)
    print_frame (out, entry->time_us, SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_POLLING, entry->response_body, FALSE);
}

static void
print_emit (SioscopePrinter     *self,
            GString             *out,
            const SioscopeEntry *entry)
{
  static const char * const messages[] = {
    [SIO_TAP_EMIT_DROPPED] = "the transport was busy: a volatile event was not sent",
    [SIO_TAP_EMIT_REFUSED] = "the event could not be sent",
    [SIO_TAP_EMIT_ACK_ABANDONED] = "the connection ended before the acknowledgement came",
    [SIO_TAP_EMIT_LOST] = "the connection ended before the event was sent",
  };

  if (entry->fate == SIO_TAP_EMIT_BUFFERED)
    return;
  if (entry->fate == SIO_TAP_EMIT_ACK_TIMEOUT)
    {
      /* of an event that is sent again: which try it was */
      sioscope_line_begin (out, "ack_timeout", entry->time_us);
      sioscope_line_add_optional (out, "message", entry->message);
    }
  else
    {
      sioscope_line_begin (out, "error", entry->time_us);
      if (entry->message.size != 0)
        sioscope_printer_add_message (self, out, entry->message);
      else
        sioscope_line_add_word (out, "message", messages[entry->fate]);
      sioscope_line_add_word (out, "where", "emit");
    }
  sioscope_line_add_text (out, "nsp", entry->nsp);
  if (entry->id >= 0)
    sioscope_line_add_number (out, "id", entry->id);
  if (entry->event.size != 0)
    sioscope_line_add_json (out, "event", entry->event, self->trusted);
  sioscope_line_end (out);
}

/* "line 7: …", as siocat notes it, gives the number to machines too. */
static void
add_line_number (GString *out,
                 SioSpan  message)
{
  static const char prefix[] = "line ";
  gsize size = sizeof prefix - 1;
  gint64 number = 0;

  if (message.size <= size || memcmp (message.data, prefix, size) != 0)
    return;

  for (guint n = 0; n < 9 /* no overflow */ && size < message.size && g_ascii_isdigit (message.data[size]); n++)
    number = number * 10 + (message.data[size++] - '0');
  if (size < message.size && message.data[size] == ':' && number > 0)
    sioscope_line_add_number (out, "line", number);
}

void
sioscope_printer_add_message (SioscopePrinter *self,
                              GString         *out,
                              SioSpan          message)
{
  g_autofree char *text = NULL;
  g_autofree char *named = NULL;

  if (message.size == 0 || self->words == NULL)
    {
      sioscope_line_add_optional (out, "message", message);
      return;
    }
  text = g_strndup (message.data, message.size);
  named = self->words (text);
  sioscope_line_add_word (out, "message", named);
}

static void
print_error (SioscopePrinter     *self,
             GString             *out,
             const SioscopeEntry *entry)
{
  sioscope_line_begin (out, "error", entry->time_us);
  sioscope_printer_add_message (self, out, entry->message);
  if (entry->kind == SIOSCOPE_KIND_NOTE)
    sioscope_line_add_word (out, "where", "recording");
  else
    sioscope_line_add_text (out, "where", entry->reason);
  if (sio_span_equals (entry->reason, "stdin"))
    add_line_number (out, entry->message);
  sioscope_line_end (out);
}

static void
print_packet (SioscopePrinter     *self,
              GString             *out,
              const SioscopeEntry *entry,
              gboolean             complete,
              gboolean             replayed)
{
  print_layers (self, out, entry);
  switch (entry->packet_type)
    {
    case SIO_PACKET_EVENT:
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_EVENT:
    case SIO_PACKET_BINARY_ACK:
      /* What lost its attachments never was an event for anybody. */
      if (complete)
        print_event_or_ack (self, out, entry, replayed);
      break;
    case SIO_PACKET_CONNECT:
    case SIO_PACKET_DISCONNECT:
    case SIO_PACKET_CONNECT_ERROR:
      break; /* their SOCKET rows are printed */
    }
}

static void
print_row (SioscopePrinter     *self,
           GString             *out,
           const SioscopeEntry *entry,
           gboolean             complete,
           gboolean             replayed)
{
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
      print_packet (self, out, entry, complete, replayed);
      break;
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_FRAME:
      print_layers (self, out, entry);
      break;
    case SIOSCOPE_KIND_ENGINE:
      print_engine (self, out, entry);
      break;
    case SIOSCOPE_KIND_HTTP:
      print_http (self, out, entry);
      break;
    case SIOSCOPE_KIND_STATE:
      sioscope_printer_print_state (self, out, entry);
      break;
    case SIOSCOPE_KIND_SOCKET:
      sioscope_printer_print_socket (self, out, entry);
      break;
    case SIOSCOPE_KIND_EMIT:
      print_emit (self, out, entry);
      break;
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
      print_error (self, out, entry);
      break;
    }
}

/* A row that is not wanted counts for those that are: an ack names its event, and attempts have numbers. */
static void
pass_row (SioscopePrinter     *self,
          GString             *out,
          const SioscopeEntry *entry)
{
  gsize begin = out->len;

  if (entry->kind == SIOSCOPE_KIND_STATE || entry->kind == SIOSCOPE_KIND_ENGINE)
    print_row (self, out, entry, TRUE, FALSE);
  g_string_truncate (out, begin);
}

/* What was discarded before it could be printed is said, once for each gap. */
static void
print_gap (SioscopePrinter *self,
           GString         *out)
{
  guint64 row = sioscope_recording_skip_discarded (self->recording, self->next_row);
  SioscopeEntry entry;

  if (row <= self->next_row)
    return;
  sioscope_line_begin (out, "error", sioscope_recording_read (self->recording, row, &entry) ? entry.time_us : 0);
  g_string_append_printf (out, ",\"message\":\"%" G_GUINT64_FORMAT " rows were discarded here: the memory for "
                               "the recording was full\",\"where\":\"recording\"", row - self->next_row);
  sioscope_line_end (out);
  self->next_row = row;
}

/**
 * sioscope_printer_new:
 * @recording: what to print
 * @depth: how deep
 *
 * Returns: (transfer full): a printer that stands before the first row
 */
SioscopePrinter *
sioscope_printer_new (SioscopeRecording  *recording,
                      SioscopePrintDepth  depth)
{
  SioscopePrinter *self;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);

  self = g_new0 (SioscopePrinter, 1);
  self->recording = g_object_ref (recording);
  self->projection = sioscope_projection_new (recording);
  self->depth = depth;
  self->trusted = sioscope_recording_get_live (recording);
  self->names = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->scratch = g_string_new (NULL);
  return self;
}

/**
 * sioscope_printer_set_words:
 * @self: a printer
 * @words: (nullable) (scope forever): writes a message of this program anew for whoever reads the lines
 *
 * The library calls its options by its own names; a program may have others for them. Nothing that the server said as an event,
 * an answer or a refusal passes through it.
 */
void
sioscope_printer_set_words (SioscopePrinter    *self,
                            SioscopePrintWords  words)
{
  self->words = words;
}

void
sioscope_printer_set_door (SioscopePrinter  *self,
                           SioscopeExporter *door)
{
  self->door = door;
}

/**
 * sioscope_printer_free:
 * @self: a printer
 */
void
sioscope_printer_free (SioscopePrinter *self)
{
  g_object_unref (self->recording);
  g_object_unref (self->projection);
  g_hash_table_unref (self->names);
  g_clear_pointer (&self->answer_nsp, g_bytes_unref);
  g_string_free (self->scratch, TRUE);
  g_free (self);
}

/**
 * sioscope_printer_next:
 * @self: a printer
 * @out: where to append
 *
 * Appends the lines of the next row: none, one, or several, each ended by "\n". A row whose
 * attachments are still to come is not taken before they are there, or cannot come any more.
 *
 * Returns: %FALSE if there is no further row now
 */
gboolean
sioscope_printer_next (SioscopePrinter *self,
                       GString         *out)
{
  SioscopeEntry entry;
  gboolean complete = TRUE, replayed = FALSE;

  print_gap (self, out);
  if (!sioscope_recording_read (self->recording, self->next_row, &entry))
    {
      /* Discarded in this very moment: the gap is told the next time. */
      return self->next_row < sioscope_recording_get_n_rows (self->recording);
    }

  if (entry.kind == SIOSCOPE_KIND_PACKET && entry.n_attachments > 0)
    {
      gboolean over;

      complete = sioscope_recording_count_attachments (self->recording, self->next_row, entry.n_attachments, &over)
                 == entry.n_attachments;
      if (!complete && !over)
        return FALSE;
    }
  if (entry.kind == SIOSCOPE_KIND_PACKET && !decide_replayed (self, &entry, &replayed))
    return FALSE;

  sioscope_projection_update_to (self->projection, ++self->next_row);
  if (self->door == NULL || sioscope_exporter_wants (self->door, &entry))
    {
      if (self->door != NULL)
        sioscope_exporter_redact (self->door, &entry);
      print_row (self, out, &entry, complete, replayed);
    }
  else
    pass_row (self, out, &entry);
  return TRUE;
}
