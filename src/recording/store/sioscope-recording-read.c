/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Records to entries. Nothing that stands in a record is believed: every offset is checked against
 * the record's size, so a hostile file gives an ERROR entry and never a span that points outside of
 * it. No locks, no allocation. */

#include "sioscope-recording-private.h"

static const SioSpan root_nsp = { "/", 1 };

static void
entry_init (SioscopeEntry *entry,
            guint64        row)
{
  memset (entry, 0, sizeof *entry);
  entry->row = row;
  entry->id = -1;
  entry->ref = SIOSCOPE_NO_ROW;
}

static inline SioSpan
span_at (const guint8 *data,
         gsize         offset,
         gsize         size)
{
  return size != 0 ? (SioSpan) { (const char *) data + offset, size } : (SioSpan) { NULL, 0 };
}

static inline gboolean
fits (gsize available,
      gsize offset,
      gsize size)
{
  return offset <= available && size <= available - offset;
}

static gboolean
parse_packet (const guint8  *fields,
              gsize          available,
              guint          flags,
              SioscopeEntry *entry)
{
  gsize raw_size, nsp_offset, nsp_size, event_offset, event_size, args_offset, args_size;
  gsize fields_size = SIOSCOPE_PACKET_FIELDS_SIZE;
  guint32 type;
  const guint8 *body;

  fields_size += (flags & SIOSCOPE_PACKET_HAS_ID) ? 8 : 0;
  fields_size += (flags & SIOSCOPE_PACKET_HAS_TAG) ? 8 : 0;
  if (available < fields_size)
    return FALSE;

  raw_size = sioscope_get32 (fields);
  nsp_offset = sioscope_get32 (fields + 4);
  nsp_size = sioscope_get32 (fields + 8);
  event_offset = sioscope_get32 (fields + 12);
  event_size = sioscope_get32 (fields + 16);
  args_offset = sioscope_get32 (fields + 20);
  args_size = sioscope_get32 (fields + 24);
  type = sioscope_get32 (fields + 36);
  available -= fields_size;
  if (raw_size > available || !fits (available, nsp_offset, nsp_size)
      || !fits (available, event_offset, event_size) || !fits (available, args_offset, args_size)
      || type > SIO_PACKET_BINARY_ACK)
    return FALSE;

  body = fields + fields_size;
  entry->raw = span_at (body, 0, raw_size);
  entry->nsp = nsp_size != 0 ? span_at (body, nsp_offset, nsp_size) : root_nsp;
  entry->event = span_at (body, event_offset, event_size);
  entry->args = span_at (body, args_offset, args_size);
  entry->n_args = sioscope_get32 (fields + 28);
  entry->n_attachments = sioscope_get32 (fields + 32);
  entry->packet_type = (SioPacketType) type;
  fields += SIOSCOPE_PACKET_FIELDS_SIZE;
  if (flags & SIOSCOPE_PACKET_HAS_ID)
    {
      entry->id = MAX (-1, (gint64) sioscope_get64 (fields));
      fields += 8;
    }
  if (flags & SIOSCOPE_PACKET_HAS_TAG)
    entry->tag = sioscope_get64 (fields);
  if (flags & SIOSCOPE_PACKET_HAS_WIRE)
    {
      gsize wire_size;

      if (available < 4)
        return FALSE;
      wire_size = sioscope_get32 (body + available - 4);
      if (wire_size > available - 4)
        return FALSE;
      entry->wire = span_at (body, available - 4 - wire_size, wire_size);
    }
  return TRUE;
}

static gboolean
parse_bytes (const guint8  *fields,
             gsize          available,
             gsize          fields_size,
             SioscopeEntry *entry)
{
  gsize size;

  if (available < fields_size)
    return FALSE;
  size = sioscope_get32 (fields + fields_size - 4);
  if (size > available - fields_size)
    return FALSE;
  entry->raw = span_at (fields + fields_size, 0, size);
  return TRUE;
}

static guint
number_to_uint (guint64 value)
{
  return (guint) MIN (value, G_MAXUINT);
}

/* Which fields a row of the kind has: docs/recording-format.md. */
#define BIT(field) (G_GUINT64_CONSTANT (1) << SIOSCOPE_FIELD_##field)
#define ANY        (BIT (REASON) | BIT (MESSAGE) | BIT (ERROR_DOMAIN) | BIT (ERROR_CODE))

static const guint64 known_fields[] = {
  [SIOSCOPE_KIND_HTTP] = ANY | BIT (METHOD) | BIT (URI) | BIT (STATUS) | BIT (DURATION_US) | BIT (REQUEST_HEADERS)
                         | BIT (RESPONSE_HEADERS) | BIT (REQUEST_BODY) | BIT (RESPONSE_BODY) | BIT (TLS_ERRORS)
                         | BIT (TLS_FINGERPRINT) | BIT (TLS_CERTIFICATE),
  [SIOSCOPE_KIND_STATE] = ANY | BIT (WHAT) | BIT (ACTIVE) | BIT (ATTEMPT) | BIT (DELAY_MS) | BIT (DELAY_MIN_MS)
                          | BIT (DELAY_MAX_MS) | BIT (SID) | BIT (EIO) | BIT (SERVER) | BIT (PING_INTERVAL_MS)
                          | BIT (PING_TIMEOUT_MS) | BIT (MAX_PAYLOAD) | BIT (PARSER),
  [SIOSCOPE_KIND_SOCKET] = ANY | BIT (WHAT) | BIT (NSP) | BIT (ARGS) | BIT (ACTIVE) | BIT (RECOVERED),
  [SIOSCOPE_KIND_EMIT] = ANY | BIT (WHAT) | BIT (NSP) | BIT (EVENT) | BIT (ARGS) | BIT (N_ARGS) | BIT (ID) | BIT (TAG),
  [SIOSCOPE_KIND_ERROR] = ANY | BIT (RAW),
  [SIOSCOPE_KIND_NOTE] = ANY,
};

static gboolean
take_field (SioscopeEntry *entry,
            guint          field,
            SioSpan        value)
{
  guint64 number = value.size == 8 ? sioscope_get64 ((const guint8 *) value.data) : 0;

  /* Of a later version, or of no meaning here. */
  if (field >= 64 || !(known_fields[entry->kind] & (G_GUINT64_CONSTANT (1) << field)))
    return TRUE;

  switch (field)
    {
    case SIOSCOPE_FIELD_REASON: entry->reason = value; break;
    case SIOSCOPE_FIELD_MESSAGE: entry->message = value; break;
    case SIOSCOPE_FIELD_ERROR_DOMAIN: entry->error_domain = value; break;
    case SIOSCOPE_FIELD_ERROR_CODE: entry->error_code = (gint) CLAMP ((gint64) number, G_MININT, G_MAXINT); break;
    case SIOSCOPE_FIELD_NSP: entry->nsp = value; break;
    case SIOSCOPE_FIELD_EVENT: entry->event = value; break;
    case SIOSCOPE_FIELD_ARGS: entry->args = value; break;
    case SIOSCOPE_FIELD_N_ARGS: entry->n_args = number_to_uint (number); break;
    case SIOSCOPE_FIELD_ID: entry->id = MAX (-1, (gint64) number); break;
    case SIOSCOPE_FIELD_TAG: entry->tag = number; break;
    case SIOSCOPE_FIELD_ACTIVE: entry->active = number != 0; break;
    case SIOSCOPE_FIELD_RECOVERED: entry->recovered = number != 0; break;
    case SIOSCOPE_FIELD_ATTEMPT: entry->attempt = number_to_uint (number); break;
    case SIOSCOPE_FIELD_DELAY_MS: entry->delay_ms = number_to_uint (number); break;
    case SIOSCOPE_FIELD_DELAY_MIN_MS: entry->delay_min_ms = number_to_uint (number); break;
    case SIOSCOPE_FIELD_DELAY_MAX_MS: entry->delay_max_ms = number_to_uint (number); break;
    case SIOSCOPE_FIELD_SID: entry->sid = value; break;
    case SIOSCOPE_FIELD_EIO: entry->eio = number_to_uint (number); break;
    case SIOSCOPE_FIELD_SERVER: entry->server = number_to_uint (number); break;
    case SIOSCOPE_FIELD_PING_INTERVAL_MS: entry->ping_interval_ms = number_to_uint (number); break;
    case SIOSCOPE_FIELD_PING_TIMEOUT_MS: entry->ping_timeout_ms = number_to_uint (number); break;
    case SIOSCOPE_FIELD_MAX_PAYLOAD: entry->max_payload = (gint64) number; break;
    case SIOSCOPE_FIELD_METHOD: entry->method = value; break;
    case SIOSCOPE_FIELD_URI: entry->uri = value; break;
    case SIOSCOPE_FIELD_STATUS: entry->status = number_to_uint (number); break;
    case SIOSCOPE_FIELD_DURATION_US: entry->duration_us = (gint64) number; break;
    case SIOSCOPE_FIELD_REQUEST_HEADERS: entry->request_headers = value; break;
    case SIOSCOPE_FIELD_RESPONSE_HEADERS: entry->response_headers = value; break;
    case SIOSCOPE_FIELD_REQUEST_BODY: entry->request_body = value; break;
    case SIOSCOPE_FIELD_RESPONSE_BODY: entry->response_body = value; break;
    case SIOSCOPE_FIELD_RAW: entry->raw = value; break;
    case SIOSCOPE_FIELD_TLS_ERRORS: entry->tls_errors = number_to_uint (number); break;
    case SIOSCOPE_FIELD_TLS_FINGERPRINT: entry->tls_fingerprint = value; break;
    case SIOSCOPE_FIELD_TLS_CERTIFICATE: entry->tls_certificate = value; break;
    case SIOSCOPE_FIELD_PARSER: entry->parser = value; break;
    case SIOSCOPE_FIELD_WHAT:
      if (entry->kind == SIOSCOPE_KIND_STATE)
        entry->state = (SioTapState) number;
      else if (entry->kind == SIOSCOPE_KIND_SOCKET)
        entry->socket_change = (SioTapSocketChange) number;
      else if (entry->kind == SIOSCOPE_KIND_EMIT)
        entry->fate = (SioTapEmitFate) number;
      return number <= (entry->kind == SIOSCOPE_KIND_STATE ? SIO_TAP_STATE_FAILED
                        : entry->kind == SIOSCOPE_KIND_SOCKET ? SIO_TAP_SOCKET_DISCONNECTED
                        : SIO_TAP_EMIT_LOST);
    default:
      g_assert_not_reached ();
    }
  return TRUE;
}

static gboolean
parse_fields (const guint8  *p,
              gsize          available,
              SioscopeEntry *entry)
{
  while (available != 0)
    {
      gsize size, padded;

      if (available < 8)
        return FALSE;
      size = sioscope_get32 (p + 4);
      padded = SIOSCOPE_ALIGN8 (size);
      if (padded > available - 8)
        return FALSE;
      if (!take_field (entry, sioscope_get32 (p) & 0xffff, span_at (p + 8, 0, size)))
        return FALSE;
      p += 8 + padded;
      available -= 8 + padded;
    }
  if (entry->nsp.size == 0
      && (entry->kind == SIOSCOPE_KIND_SOCKET || entry->kind == SIOSCOPE_KIND_EMIT))
    entry->nsp = root_nsp;
  return TRUE;
}

static void
become_damaged (SioscopeEntry *entry,
                const guint8  *record,
                gsize          size,
                const char    *message)
{
  guint64 row = entry->row;
  gint64 time_us = entry->time_us;

  entry_init (entry, row);
  entry->time_us = time_us;
  entry->kind = SIOSCOPE_KIND_ERROR;
  entry->reason = SIO_SPAN_LITERAL ("recording");
  entry->message = (SioSpan) { message, strlen (message) };
  entry->raw = span_at (record, 0, size);
}

/* Fills entry from one record of which available bytes may be looked at. FALSE if it made no sense:
 * entry is of kind ERROR then. */
gboolean
sioscope_recording_parse (const guint8  *record,
                          gsize          available,
                          guint64        row,
                          SioscopeEntry *entry)
{
  gsize size;
  guint kind, flags;
  const guint8 *fields = record + SIOSCOPE_RECORD_HEADER_SIZE;
  gboolean good = FALSE;

  entry_init (entry, row);
  if (available < SIOSCOPE_RECORD_HEADER_SIZE)
    {
      become_damaged (entry, record, 0, "This row is damaged");
      return FALSE;
    }
  size = MIN (sioscope_get32 (record), available);
  if (size < SIOSCOPE_RECORD_HEADER_SIZE)
    {
      become_damaged (entry, record, 0, "This row is damaged");
      return FALSE;
    }

  kind = record[4];
  flags = record[7];
  entry->kind = (SioscopeKind) kind;
  entry->time_us = MAX (0, (gint64) sioscope_get64 (record + 8));
  if (record[5] > SIO_DIRECTION_OUT || record[6] > SIO_TRANSPORT_KIND_WEBSOCKET)
    {
      become_damaged (entry, record, size, "This row is damaged");
      return FALSE;
    }
  entry->direction = (SioDirection) record[5];
  entry->transport = (SioTransportKind) record[6];
  available = size - SIOSCOPE_RECORD_HEADER_SIZE;

  switch (kind)
    {
    case SIOSCOPE_KIND_PACKET:
      good = parse_packet (fields, available, flags, entry);
      break;

    case SIOSCOPE_KIND_ATTACHMENT:
      good = parse_bytes (fields, available, 16, entry);
      if (good)
        {
          entry->ref = sioscope_get64 (fields);
          entry->index = sioscope_get32 (fields + 8);
          /* A packet comes before its attachments: nobody who follows the reference can be sent in circles. */
          good = entry->ref == SIOSCOPE_NO_ROW || entry->ref < row;
        }
      break;

    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
      good = parse_bytes (fields, available, 8, entry);
      if (good && kind == SIOSCOPE_KIND_ENGINE)
        {
          entry->engine_type = (SioEnginePacketType) sioscope_get32 (fields);
          good = sioscope_get32 (fields) <= SIO_ENGINE_PACKET_NOOP;
        }
      else if (good)
        {
          entry->opcode = sioscope_get32 (fields);
          good = entry->opcode <= 15;
        }
      break;

    case SIOSCOPE_KIND_HTTP:
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
      good = parse_fields (fields, available, entry);
      break;

    default:
      become_damaged (entry, record, size, "This row is of a kind that this program does not know");
      return FALSE;
    }

  if (!good)
    become_damaged (entry, record, size, "This row is damaged");
  return good;
}

/* The end first, as the writer sets the begin first: never is a row of the file taken for a discarded one. */
static inline SioscopeHole
read_hole (SioscopeRecording *self)
{
  SioscopeHole hole;

  hole.end = __atomic_load_n (&self->hole_end, __ATOMIC_ACQUIRE);
  hole.start = __atomic_load_n (&self->hole_start, __ATOMIC_ACQUIRE);
  return hole;
}

SioscopeHole
sioscope_recording_get_hole (SioscopeRecording *self)
{
  return read_hole (self);
}

SioscopeIndexWord
sioscope_recording_get_word (SioscopeRecording *self,
                             guint64            row)
{
  SioscopeHole hole;

  if (row >= __atomic_load_n (&self->n_rows, __ATOMIC_ACQUIRE))
    return 0;
  hole = read_hole (self);
  if (row >= hole.start && row < hole.end)
    return 0;
  return self->index[row];
}

gboolean
sioscope_recording_get_stays (SioscopeRecording *self,
                              SioscopeIndexWord  word)
{
  return !__atomic_load_n (&self->has_memory, __ATOMIC_ACQUIRE) || SIOSCOPE_INDEX_OFFSET (word) < self->memory_base;
}

guint64
sioscope_recording_skip_discarded (SioscopeRecording *self,
                                   guint64            row)
{
  SioscopeHole hole = read_hole (self);

  return row >= hole.start && row < hole.end ? hole.end : row;
}

/* Where the record is, and how many bytes of the mapping may be looked at from there. */
static const guint8 *
locate (SioscopeRecording *self,
        SioscopeIndexWord  word,
        gsize             *available)
{
  guint64 offset = SIOSCOPE_INDEX_OFFSET (word);

  if (__atomic_load_n (&self->has_memory, __ATOMIC_ACQUIRE) && offset >= self->memory_base)
    *available = self->memory_base + self->memory_cap - offset;
  else
    {
      guint64 end = __atomic_load_n (&self->file_end, __ATOMIC_ACQUIRE);

      *available = offset < end ? end - offset : 0;
    }
  return self->base + offset;
}

/* The bytes of a row in memory may have been given to a newer one while they were looked at. */
static gboolean
still_there (SioscopeRecording *self,
             guint64            row)
{
  SioscopeHole hole;

  __atomic_thread_fence (__ATOMIC_ACQUIRE);
  hole = read_hole (self);
  return row < hole.start || row >= hole.end;
}

/**
 * sioscope_recording_read:
 * @self: a recording
 * @row: which row
 * @entry: (out caller-allocates): where to put it
 *
 * Any thread, without a lock, well under a microsecond however large the row is. The spans point into the mapping.
 *
 * A recording in memory may discard the row later, at its cap: then its spans remain readable
 * addresses for as long as the recording lives, but the bytes become those of newer rows. Whoever
 * keeps spans for longer than a moment copies them.
 *
 * Returns: %FALSE if the row was discarded or is not there
 */
gboolean
sioscope_recording_read (SioscopeRecording *self,
                         guint64            row,
                         SioscopeEntry     *entry)
{
  SioscopeIndexWord word = sioscope_recording_get_word (self, row);
  const guint8 *record;
  gsize available;

  if (word == 0)
    return FALSE;
  record = locate (self, word, &available);
  sioscope_recording_parse (record, available, row, entry);
  return still_there (self, row);
}

gboolean
sioscope_recording_read_raw (SioscopeRecording *self,
                             guint64            row,
                             SioSpan           *raw)
{
  SioscopeIndexWord word = sioscope_recording_get_word (self, row);
  const guint8 *record;
  gsize available, fields_size = SIOSCOPE_PACKET_FIELDS_SIZE, raw_size;

  if (SIOSCOPE_INDEX_KIND (word) != SIOSCOPE_KIND_PACKET)
    return FALSE;
  record = locate (self, word, &available);
  if (available < SIOSCOPE_RECORD_HEADER_SIZE + SIOSCOPE_PACKET_FIELDS_SIZE + 16)
    return FALSE;
  fields_size += (record[7] & SIOSCOPE_PACKET_HAS_ID) ? 8 : 0;
  fields_size += (record[7] & SIOSCOPE_PACKET_HAS_TAG) ? 8 : 0;
  raw_size = sioscope_get32 (record + SIOSCOPE_RECORD_HEADER_SIZE);
  if (raw_size > available - SIOSCOPE_RECORD_HEADER_SIZE - fields_size)
    return FALSE;
  *raw = span_at (record, SIOSCOPE_RECORD_HEADER_SIZE + fields_size, raw_size);
  return still_there (self, row);
}

/**
 * sioscope_recording_get_kind:
 * @self: a recording
 * @row: which row
 *
 * For whoever walks millions: does not touch the row itself.
 *
 * Returns: its kind, or 0 if the row was discarded or is not there
 */
SioscopeKind
sioscope_recording_get_kind (SioscopeRecording *self,
                             guint64            row)
{
  return SIOSCOPE_INDEX_KIND (sioscope_recording_get_word (self, row));
}

/* Attachments follow their packet without another packet of the same direction in between
 * (Socket.IO protocol 5, "Binary attachments"); anything else may stand among them. */
static guint
walk_attachments (SioscopeRecording *self,
                  guint64            packet_row,
                  guint              n_wanted,
                  GPtrArray         *out,
                  gboolean          *over)
{
  SioDirection direction = SIOSCOPE_INDEX_DIRECTION (sioscope_recording_get_word (self, packet_row));
  guint64 n_rows = sioscope_recording_get_n_rows (self);
  guint n = 0;

  *over = FALSE;
  for (guint64 row = packet_row + 1; row < n_rows && n < n_wanted; row++)
    {
      SioscopeIndexWord word = sioscope_recording_get_word (self, row);
      SioscopeKind kind = SIOSCOPE_INDEX_KIND (word);
      SioscopeEntry entry;

      if (kind == SIOSCOPE_KIND_STATE && sioscope_recording_read (self, row, &entry)
          && (entry.state == SIO_TAP_STATE_CLOSED || entry.state == SIO_TAP_STATE_CONNECTING))
        *over = TRUE;
      if (kind == SIOSCOPE_KIND_PACKET && SIOSCOPE_INDEX_DIRECTION (word) == direction)
        *over = TRUE;
      if (*over)
        return n;
      if (kind != SIOSCOPE_KIND_ATTACHMENT || SIOSCOPE_INDEX_DIRECTION (word) != direction
          || !sioscope_recording_read (self, row, &entry) || entry.ref != packet_row)
        continue;

      n++;
      if (out == NULL)
        continue;
      if (sioscope_recording_get_stays (self, word))
        g_ptr_array_add (out, g_bytes_new_with_free_func (entry.raw.data, entry.raw.size,
                                                          g_object_unref, g_object_ref (self)));
      else
        g_ptr_array_add (out, g_bytes_new (entry.raw.data, entry.raw.size));
    }
  if (n == n_wanted || !sioscope_recording_get_live (self))
    *over = TRUE;
  return n;
}

guint
sioscope_recording_count_attachments (SioscopeRecording *self,
                                      guint64            packet_row,
                                      guint              n_wanted,
                                      gboolean          *over)
{
  return walk_attachments (self, packet_row, n_wanted, NULL, over);
}

/**
 * sioscope_recording_dup_attachments:
 * @self: a recording
 * @packet_row: the row of a packet
 *
 * Returns: (transfer full) (element-type GBytes): its attachments as far as they have come, in
 *   order; empty if it has none
 */
GPtrArray *
sioscope_recording_dup_attachments (SioscopeRecording *self,
                                    guint64            packet_row)
{
  GPtrArray *attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  SioscopeEntry entry;
  gboolean over;

  if (sioscope_recording_read (self, packet_row, &entry) && entry.kind == SIOSCOPE_KIND_PACKET)
    walk_attachments (self, packet_row, entry.n_attachments, attachments, &over);
  return attachments;
}
