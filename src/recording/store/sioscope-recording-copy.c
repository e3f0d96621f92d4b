/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Entries to records: the way back from sioscope-recording-read.c. What a recorder wrote comes out byte for byte, so the order of the
 * fields and what is left out are those of sioscope-recorder.c; tests/recording/test-copy.c holds the two together. */

#include "sioscope-recording-copy.h"
#include "sioscope-recording-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stddef.h>
#include <unistd.h>

#include "config.h"

/* Together with the numbers they fit into the header of a file. */
#define TITLE_MAX  ((gsize) 48 << 10)
#define CLIENT_MAX ((gsize) 4 << 10)

typedef enum {
  OF_SPAN,
  OF_INT,     /* gint, gboolean, enums */
  OF_UINT,
  OF_INT64,
  OF_UINT64,
  OF_ID,      /* -1: none */
} FieldType;

typedef struct {
  guint8  number;
  guint8  type;
  guint16 offset;
} Field;

#define FIELD(number, type, member) { SIOSCOPE_FIELD_##number, OF_##type, offsetof (SioscopeEntry, member) }
#define END { 0, 0, 0 }

static const Field http_fields[] = {
  FIELD (METHOD, SPAN, method),
  FIELD (URI, SPAN, uri),
  FIELD (STATUS, UINT, status),
  FIELD (DURATION_US, INT64, duration_us),
  FIELD (REASON, SPAN, reason),
  FIELD (REQUEST_HEADERS, SPAN, request_headers),
  FIELD (RESPONSE_HEADERS, SPAN, response_headers),
  FIELD (REQUEST_BODY, SPAN, request_body),
  FIELD (RESPONSE_BODY, SPAN, response_body),
  FIELD (TLS_ERRORS, UINT, tls_errors),
  FIELD (TLS_FINGERPRINT, SPAN, tls_fingerprint),
  FIELD (TLS_CERTIFICATE, SPAN, tls_certificate),
  FIELD (MESSAGE, SPAN, message),
  FIELD (ERROR_DOMAIN, SPAN, error_domain),
  FIELD (ERROR_CODE, INT, error_code),
  END
};

static const Field state_fields[] = {
  FIELD (WHAT, INT, state),
  FIELD (REASON, SPAN, reason),
  FIELD (MESSAGE, SPAN, message),
  FIELD (ERROR_DOMAIN, SPAN, error_domain),
  FIELD (ERROR_CODE, INT, error_code),
  FIELD (ATTEMPT, UINT, attempt),
  FIELD (DELAY_MS, UINT, delay_ms),
  FIELD (DELAY_MIN_MS, UINT, delay_min_ms),
  FIELD (DELAY_MAX_MS, UINT, delay_max_ms),
  FIELD (ACTIVE, INT, active),
  FIELD (SID, SPAN, sid),
  FIELD (EIO, UINT, eio),
  FIELD (SERVER, UINT, server),
  FIELD (PING_INTERVAL_MS, UINT, ping_interval_ms),
  FIELD (PING_TIMEOUT_MS, UINT, ping_timeout_ms),
  FIELD (MAX_PAYLOAD, INT64, max_payload),
  FIELD (PARSER, SPAN, parser),
  END
};

static const Field socket_fields[] = {
  FIELD (WHAT, INT, socket_change),
  FIELD (NSP, SPAN, nsp),
  FIELD (REASON, SPAN, reason),
  FIELD (ARGS, SPAN, args),
  FIELD (ACTIVE, INT, active),
  FIELD (RECOVERED, INT, recovered),
  /* No recorder says them of a socket; others may. */
  FIELD (MESSAGE, SPAN, message),
  FIELD (ERROR_DOMAIN, SPAN, error_domain),
  FIELD (ERROR_CODE, INT, error_code),
  END
};

static const Field emit_fields[] = {
  FIELD (WHAT, INT, fate),
  FIELD (NSP, SPAN, nsp),
  FIELD (EVENT, SPAN, event),
  FIELD (ARGS, SPAN, args),
  FIELD (N_ARGS, UINT, n_args),
  FIELD (ID, ID, id),
  FIELD (TAG, UINT64, tag),
  FIELD (MESSAGE, SPAN, message),
  /* As above. */
  FIELD (REASON, SPAN, reason),
  FIELD (ERROR_DOMAIN, SPAN, error_domain),
  FIELD (ERROR_CODE, INT, error_code),
  END
};

static const Field note_fields[] = {
  FIELD (REASON, SPAN, reason),
  FIELD (MESSAGE, SPAN, message),
  FIELD (ERROR_DOMAIN, SPAN, error_domain),
  FIELD (ERROR_CODE, INT, error_code),
  END
};

static const Field error_fields[] = {
  FIELD (REASON, SPAN, reason),
  FIELD (MESSAGE, SPAN, message),
  FIELD (ERROR_DOMAIN, SPAN, error_domain),
  FIELD (ERROR_CODE, INT, error_code),
  FIELD (RAW, SPAN, raw),
  END
};

static const Field *
fields_of_kind (SioscopeKind kind)
{
  switch (kind)
    {
    case SIOSCOPE_KIND_HTTP: return http_fields;
    case SIOSCOPE_KIND_STATE: return state_fields;
    case SIOSCOPE_KIND_SOCKET: return socket_fields;
    case SIOSCOPE_KIND_EMIT: return emit_fields;
    case SIOSCOPE_KIND_ERROR: return error_fields;
    case SIOSCOPE_KIND_NOTE: return note_fields;
    case SIOSCOPE_KIND_PACKET:
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
    default: return NULL;
    }
}

static void
add_field (SioscopeFields      *fields,
           const Field         *field,
           const SioscopeEntry *entry)
{
  const void *member = (const guint8 *) entry + field->offset;

  switch ((FieldType) field->type)
    {
    case OF_SPAN:
      sioscope_fields_add_bytes (fields, field->number, ((const SioSpan *) member)->data, ((const SioSpan *) member)->size);
      break;
    case OF_INT: sioscope_fields_add_number (fields, field->number, *(const gint *) member); break;
    case OF_UINT: sioscope_fields_add_number (fields, field->number, *(const guint *) member); break;
    case OF_INT64:
    case OF_UINT64: sioscope_fields_add_number (fields, field->number, *(const gint64 *) member); break;
    case OF_ID:
      if (*(const gint64 *) member >= 0)
        sioscope_fields_add_number (fields, field->number, *(const gint64 *) member);
      break;
    default: g_assert_not_reached ();
    }
}

static gboolean
is_inside (SioSpan whole,
           SioSpan part)
{
  guintptr begin = (guintptr) whole.data, at = (guintptr) part.data;

  return at >= begin && part.size <= whole.size && at - begin <= whole.size - part.size;
}

/* Returns the number of parts. numbers: SIOSCOPE_PACKET_FIELDS_SIZE + 16 bytes. */
static guint
lay_out_packet (const SioscopeEntry *entry,
                SioscopeRecordHead  *head,
                guint8              *numbers,
                guint8              *wire_size,
                struct iovec        *parts)
{
  SioSpan spans[3] = { entry->nsp, entry->event, entry->args };
  gsize size = SIOSCOPE_PACKET_FIELDS_SIZE, extra = entry->raw.size;
  guint n = 2;

  if (sio_span_equals (entry->nsp, "/"))
    spans[0].size = 0;
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      gsize offset = 0;

      if (spans[i].size != 0 && is_inside (entry->raw, spans[i]))
        offset = (gsize) (spans[i].data - entry->raw.data);
      else if (spans[i].size != 0)
        {
          offset = extra;
          extra += spans[i].size;
          parts[n++] = (struct iovec) { (void *) spans[i].data, spans[i].size };
        }
      sioscope_put32 (numbers + 4 + 8 * i, (guint32) offset);
      sioscope_put32 (numbers + 8 + 8 * i, (guint32) spans[i].size);
    }

  sioscope_put32 (numbers, (guint32) entry->raw.size);
  sioscope_put32 (numbers + 28, entry->n_args);
  sioscope_put32 (numbers + 32, entry->n_attachments);
  sioscope_put32 (numbers + 36, entry->packet_type);
  if (entry->id >= 0)
    {
      sioscope_put64 (numbers + size, (guint64) entry->id);
      size += 8;
      head->flags |= SIOSCOPE_PACKET_HAS_ID;
      head->word |= SIOSCOPE_INDEX_HAS_ID;
    }
  if (entry->tag != 0)
    {
      sioscope_put64 (numbers + size, entry->tag);
      size += 8;
      head->flags |= SIOSCOPE_PACKET_HAS_TAG;
      head->word |= SIOSCOPE_INDEX_HAS_TAG;
    }
  if (entry->wire.size != 0)
    {
      sioscope_put32 (wire_size, (guint32) entry->wire.size);
      parts[n++] = (struct iovec) { (void *) entry->wire.data, entry->wire.size };
      parts[n++] = (struct iovec) { wire_size, 4 };
      head->flags |= SIOSCOPE_PACKET_HAS_WIRE;
    }
  parts[0] = (struct iovec) { numbers, size };
  parts[1] = (struct iovec) { (void *) entry->raw.data, entry->raw.size };
  return n;
}

static guint
lay_out_bytes (const SioscopeEntry *entry,
               guint8              *numbers,
               struct iovec        *parts)
{
  gsize size = 8;

  if (entry->kind == SIOSCOPE_KIND_ATTACHMENT)
    {
      sioscope_put64 (numbers, entry->ref);
      sioscope_put32 (numbers + 8, entry->index);
      size = 16;
    }
  else
    sioscope_put32 (numbers, entry->kind == SIOSCOPE_KIND_ENGINE ? (guint) entry->engine_type : entry->opcode);
  sioscope_put32 (numbers + size - 4, (guint32) entry->raw.size);
  parts[0] = (struct iovec) { numbers, size };
  parts[1] = (struct iovec) { (void *) entry->raw.data, entry->raw.size };
  return 2;
}

/* What a reader would take for damage is not written. */
static const char *
find_nonsense (SioscopeRecording   *self,
               const SioscopeEntry *entry)
{
  gboolean is_packet = entry->kind == SIOSCOPE_KIND_PACKET;

  if (entry->kind < SIOSCOPE_KIND_PACKET || entry->kind > SIOSCOPE_KIND_NOTE)
    return "its kind is not known";
  if ((guint) entry->direction > SIO_DIRECTION_OUT || (guint) entry->transport > SIO_TRANSPORT_KIND_WEBSOCKET)
    return "its direction or transport is not known";
  if (entry->time_us < 0)
    return "its time is before the begin";
  if (is_packet && (guint) entry->packet_type > SIO_PACKET_BINARY_ACK)
    return "its packet type is not known";
  if (entry->kind == SIOSCOPE_KIND_ENGINE && (guint) entry->engine_type > SIO_ENGINE_PACKET_NOOP)
    return "its Engine.IO type is not known";
  if (entry->kind == SIOSCOPE_KIND_FRAME && entry->opcode > 15)
    return "its opcode is not known";
  if (entry->kind == SIOSCOPE_KIND_STATE && (guint) entry->state > SIO_TAP_STATE_FAILED)
    return "its state is not known";
  if (entry->kind == SIOSCOPE_KIND_SOCKET && (guint) entry->socket_change > SIO_TAP_SOCKET_DISCONNECTED)
    return "its change is not known";
  if (entry->kind == SIOSCOPE_KIND_EMIT && (guint) entry->fate > SIO_TAP_EMIT_LOST)
    return "its fate is not known";
  /* A packet that was damaged is a row all the same. */
  if (entry->kind == SIOSCOPE_KIND_ATTACHMENT && entry->ref != SIOSCOPE_NO_ROW && entry->ref >= self->writer.next_row)
    return "there is no packet that it could belong to";
  return NULL;
}

static gboolean
is_too_large (const struct iovec *parts,
              guint               n_parts)
{
  gsize left = SIOSCOPE_RECORD_MAX - SIOSCOPE_RECORD_HEADER_SIZE;

  for (guint i = 0; i < n_parts; i++)
    {
      if (parts[i].iov_len > left)
        return TRUE;
      left -= parts[i].iov_len;
    }
  return FALSE;
}

static gboolean
set_write_error (SioscopeRecording  *self,
                 GError            **error)
{
  int failed = self->writer.failed;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failed), "%s could not be written: %s", self->path, g_strerror (failed));
  return FALSE;
}

/* A text for the header of the file: as it is, if there is room for it. */
static char *
dup_short (const char *text,
           gsize       max)
{
  gsize size = strlen (text);
  g_autofree char *whole = NULL;

  if (size > max)
    size = (gsize) (g_utf8_find_prev_char (text, text + max + 1) - text);
  whole = g_strndup (text, size);
  return g_utf8_make_valid (whole, -1);
}

/**
 * sioscope_recording_new_copy:
 * @path: where to make the file, which must not exist
 * @title: (nullable): what the recording is of, for people
 * @client: (nullable): the program that wrote the original; %NULL: this one
 * @start_real_us: the wall clock at `time_us` 0, microseconds since 1970 in UTC
 * @error: where to put what went wrong
 *
 * Makes a recording of entries that come from elsewhere: sioscope_recording_append_entry() for each, then
 * sioscope_recording_finish_copy(). If that is never called, or fails, the file is removed with the recording.
 *
 * All three belong to one thread; any thread may read what is published, which is nothing for certain before the end.
 *
 * Returns: (transfer full): the recording, or %NULL with %G_IO_ERROR; then no file was made
 */
SioscopeRecording *
sioscope_recording_new_copy (const char  *path,
                             const char  *title,
                             const char  *client,
                             gint64       start_real_us,
                             GError     **error)
{
  g_autoptr(SioscopeRecording) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (SIOSCOPE_TYPE_RECORDING, NULL);
  self->path = g_strdup (path);
  self->title = dup_short (title != NULL ? title : "", TITLE_MAX);
  self->client = dup_short (client != NULL ? client : SIOSCOPE_RECORDING_CLIENT, CLIENT_MAX);
  self->start_real_us = start_real_us;
  self->start_monotonic_us = g_get_monotonic_time ();
  self->memory_cap = 0;
  self->live = TRUE;
  self->writer.only_file = TRUE;
  errno = ENOMEM;
  if (!sioscope_recording_reserve_index (self) || !sioscope_recording_create_file (self))
    {
      int saved_errno = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "%s could not be made: %s", path, g_strerror (saved_errno));
      return NULL;
    }
  sioscope_recording_start_buffer (self);
  return g_steal_pointer (&self);
}

/**
 * sioscope_recording_append_entry:
 * @self: a recording that was made with sioscope_recording_new_copy()
 * @entry: what to append
 * @error: where to put what went wrong
 *
 * The first entry is row 0 of the copy, and so on; `row` of @entry is not looked at. Of an attachment `ref` is the row of its packet
 * in the copy, where it must be already. Nothing of @entry is kept.
 *
 * The record is the one that a recorder would have written. The namespace, event and arguments of a packet that point into its `raw`
 * are written as parts of it, and others beside it. An entry of a damaged row is an ordinary one of kind ERROR, with the bytes of the
 * damaged record. What an entry cannot hold, fields of a later version of the format, is left out.
 *
 * Returns: %FALSE if it could not be written; then nor can anything else. With %G_IO_ERROR_INVALID_DATA only @entry was refused, because
 *   it could not be read again, and the copy may go on
 */
gboolean
sioscope_recording_append_entry (SioscopeRecording    *self,
                                 const SioscopeEntry  *entry,
                                 GError              **error)
{
  SioscopeRecordHead head;
  SioscopeFields fields;
  guint8 numbers[SIOSCOPE_PACKET_FIELDS_SIZE + 16], wire_size[4];
  struct iovec parts[7];
  const struct iovec *all = parts;
  const char *nonsense;
  guint n_parts, type = 0;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (self) && self->writer.only_file && self->live, FALSE);
  g_return_val_if_fail (entry != NULL, FALSE);

  if (self->writer.failed != 0)
    return set_write_error (self, error);
  nonsense = find_nonsense (self, entry);
  if (nonsense != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Row %" G_GUINT64_FORMAT " cannot be written: %s",
                   self->writer.next_row, nonsense);
      return FALSE;
    }

  head = (SioscopeRecordHead) {
    .kind = entry->kind,
    .direction = entry->direction,
    .transport = entry->transport,
    .time_us = entry->time_us,
  };
  if (entry->kind == SIOSCOPE_KIND_PACKET)
    {
      type = entry->packet_type;
      n_parts = lay_out_packet (entry, &head, numbers, wire_size, parts);
    }
  else if (fields_of_kind (entry->kind) == NULL)
    {
      type = entry->kind == SIOSCOPE_KIND_ENGINE ? entry->engine_type : 0;
      n_parts = lay_out_bytes (entry, numbers, parts);
    }
  else
    {
      sioscope_fields_init (&fields);
      for (const Field *field = fields_of_kind (entry->kind); field->number != 0; field++)
        add_field (&fields, field, entry);
      all = fields.parts;
      n_parts = fields.n_parts;
    }
  if (is_too_large (all, n_parts))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Row %" G_GUINT64_FORMAT " cannot be written: it is larger than %u bytes",
                   self->writer.next_row, SIOSCOPE_RECORD_MAX);
      return FALSE;
    }

  head.word |= SIOSCOPE_INDEX_CLASS (entry->kind, type, entry->direction);
  if (entry->kind == SIOSCOPE_KIND_PACKET || entry->kind == SIOSCOPE_KIND_SOCKET || entry->kind == SIOSCOPE_KIND_EMIT)
    head.word |= SIOSCOPE_INDEX_NAME_BITS (sioscope_names_get_number (&self->names, entry->nsp, entry->event));
  sioscope_recording_append (self, &head, all, n_parts);
  return self->writer.failed == 0 || set_write_error (self, error);
}

/**
 * sioscope_recording_finish_copy:
 * @self: a recording that was made with sioscope_recording_new_copy()
 * @error: where to put what went wrong
 *
 * Writes the rest and waits until all is on the disk. Then the recording is not live any more, and the file stays.
 *
 * Returns: %FALSE if the file could not be written
 */
gboolean
sioscope_recording_finish_copy (SioscopeRecording  *self,
                                GError            **error)
{
  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (self) && self->writer.only_file && self->live, FALSE);

  if (self->writer.failed == 0)
    sioscope_recording_flush (self);
  /* EINVAL: a file system that has no such thing. */
  if (self->writer.failed == 0 && fdatasync (self->fd) != 0 && errno != EINVAL)
    self->writer.failed = errno;
  if (self->writer.failed != 0)
    return set_write_error (self, error);
  self->writer.dirty = FALSE;
  self->writer.only_file = FALSE;
  sioscope_recording_finish (self);
  return TRUE;
}
