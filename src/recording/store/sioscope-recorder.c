/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The tap: what the library reports comes in, records go out. One record for one thing that
 * happened, one reading of the clock for one record. */

#include "sioscope-recorder.h"
#include "sioscope-recording-private.h"

#define SYNC_INTERVAL_US G_USEC_PER_SEC

/* What a server does wrong is told in more words than it takes to do it. So there is a limit in
 * each second: so many errors, with so many bytes of what was wrong. What passed is recorded as
 * packets in any case. */
#define ERROR_WINDOW_US G_USEC_PER_SEC
#define MAX_ERRORS 100
#define MAX_ERROR_BYTES (1024 * 1024)

struct _SioscopeRecorder {
  GObject parent_instance;

  SioscopeRecording *recording;
  GSource           *source;      /* flushes before the context sleeps; NULL once finished */
  gint64           (*now_us) (void); /* NULL but in tests */

  /* The packet that attachments of a direction belong to, or SIOSCOPE_NO_ROW. */
  guint64            packet_row[2];

  /* The errors of the second that began then. */
  gint64             errors_since_us;
  guint              n_errors;
  gsize              error_bytes;
  guint64            n_untold; /* beyond the limit, and not mentioned yet */
};

static void sioscope_recorder_tap_init (SioTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioscopeRecorder, sioscope_recorder, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIO_TYPE_TAP, sioscope_recorder_tap_init))

static void sioscope_recorder_tell_untold (SioscopeRecorder *self);

typedef struct {
  GSource           source;
  SioscopeRecorder *recorder; /* destroys the source before it dies */
  gboolean          armed;
} FlushSource;

/* Runs before every sleep of the context, and before every dispatch of what is of lower priority. */
static gboolean
flush_source_prepare (GSource *source,
                      gint    *timeout_ms)
{
  FlushSource *flush = (FlushSource *) source;
  SioscopeRecording *recording = flush->recorder->recording;

  *timeout_ms = -1;
  sioscope_recording_flush (recording);
  if ((recording->writer.dirty || flush->recorder->n_untold > 0) && !flush->armed)
    {
      flush->armed = TRUE;
      g_source_set_ready_time (source, g_get_monotonic_time () + SYNC_INTERVAL_US);
    }
  return FALSE;
}

static gboolean
flush_source_dispatch (GSource     *source,
                       GSourceFunc  callback,
                       gpointer     data)
{
  FlushSource *flush = (FlushSource *) source;

  g_source_set_ready_time (source, -1);
  flush->armed = FALSE;
  sioscope_recorder_tell_untold (flush->recorder);
  sioscope_recording_sync_soon (flush->recorder->recording);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs flush_source_funcs = {
  .prepare = flush_source_prepare,
  .dispatch = flush_source_dispatch,
};

static inline gint64
now (SioscopeRecorder *self)
{
  gint64 time_us = G_UNLIKELY (self->now_us != NULL) ? self->now_us () : g_get_monotonic_time ();

  return MAX (0, time_us - self->recording->start_monotonic_us);
}

static inline guint
name_bits (SioscopeRecorder *self,
           SioSpan           nsp,
           SioSpan           event)
{
  return SIOSCOPE_INDEX_NAME_BITS (sioscope_names_get_number (&self->recording->names, nsp, event));
}

static void
append_fields (SioscopeRecorder     *self,
               SioscopeKind          kind,
               SioTransportKind      transport,
               guint                 name,
               const SioscopeFields *fields)
{
  SioscopeRecordHead head = {
    .kind = kind,
    .transport = transport,
    .word = SIOSCOPE_INDEX_CLASS (kind, 0, 0) | name,
    .time_us = now (self),
  };

  sioscope_recording_append (self->recording, &head, fields->parts, fields->n_parts);
}

static inline SioSpan
span_of (const char *text)
{
  return (SioSpan) { text, text != NULL ? strlen (text) : 0 };
}

static void
add_text (SioscopeFields *fields,
          guint           field,
          const char     *text)
{
  if (text != NULL)
    sioscope_fields_add_bytes (fields, field, text, strlen (text));
}

static void
add_error (SioscopeFields *fields,
           const GError   *error)
{
  if (error == NULL)
    return;
  add_text (fields, SIOSCOPE_FIELD_MESSAGE, error->message);
  add_text (fields, SIOSCOPE_FIELD_ERROR_DOMAIN, g_quark_to_string (error->domain));
  sioscope_fields_add_number (fields, SIOSCOPE_FIELD_ERROR_CODE, error->code);
}

static void
sioscope_recorder_http (SioTap                *tap,
                        const SioHttpExchange *exchange)
{
  SioscopeFields fields;

  sioscope_fields_init (&fields);
  add_text (&fields, SIOSCOPE_FIELD_METHOD, exchange->method);
  add_text (&fields, SIOSCOPE_FIELD_URI, exchange->uri);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_STATUS, exchange->status);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_DURATION_US, exchange->ended_us - exchange->started_us);
  add_text (&fields, SIOSCOPE_FIELD_REASON, exchange->reason);
  add_text (&fields, SIOSCOPE_FIELD_REQUEST_HEADERS, exchange->request_headers);
  add_text (&fields, SIOSCOPE_FIELD_RESPONSE_HEADERS, exchange->response_headers);
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_REQUEST_BODY, exchange->request_body.data, exchange->request_body.size);
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_RESPONSE_BODY, exchange->response_body.data, exchange->response_body.size);
  if (exchange->tls_errors != 0)
    sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_TLS_ERRORS, exchange->tls_errors);
  add_text (&fields, SIOSCOPE_FIELD_TLS_FINGERPRINT, exchange->tls_fingerprint);
  add_text (&fields, SIOSCOPE_FIELD_TLS_CERTIFICATE, exchange->tls_certificate);
  add_error (&fields, exchange->error);
  append_fields (SIOSCOPE_RECORDER (tap), SIOSCOPE_KIND_HTTP, SIO_TRANSPORT_KIND_NONE, 0, &fields);
}

/* Engine packets, frames and attachments: some numbers, then the bytes. */
static void
append_bytes (SioscopeRecorder *self,
              SioscopeKind      kind,
              SioDirection      direction,
              SioTransportKind  transport,
              guint             type,
              void             *numbers,
              gsize             numbers_size,
              SioSpan           bytes)
{
  SioscopeRecordHead head = {
    .kind = kind,
    .direction = direction,
    .transport = transport,
    .word = SIOSCOPE_INDEX_CLASS (kind, type, direction),
    .time_us = now (self),
  };
  struct iovec parts[2] = { { numbers, numbers_size }, { (void *) bytes.data, bytes.size } };

  sioscope_recording_append (self->recording, &head, parts, 2);
}

static void
sioscope_recorder_frame (SioTap           *tap,
                         SioDirection      direction,
                         SioTransportKind  transport,
                         guint             opcode,
                         SioSpan           payload)
{
  guint8 numbers[8];

  /* What data frames carry is recorded as packets. RFC 6455 5.5: control frames have the highest bit. */
  if (transport != SIO_TRANSPORT_KIND_WEBSOCKET || opcode < 8)
    return;
  sioscope_put32 (numbers, opcode & 15);
  sioscope_put32 (numbers + 4, (guint32) MIN (payload.size, G_MAXUINT32));
  append_bytes (SIOSCOPE_RECORDER (tap), SIOSCOPE_KIND_FRAME, direction, transport, 0,
                numbers, sizeof numbers, payload);
}

static void
sioscope_recorder_engine_packet (SioTap              *tap,
                                 SioDirection         direction,
                                 SioTransportKind     transport,
                                 SioEnginePacketType  type,
                                 SioSpan              raw)
{
  guint8 numbers[8];

  sioscope_put32 (numbers, type);
  sioscope_put32 (numbers + 4, (guint32) MIN (raw.size, G_MAXUINT32));
  append_bytes (SIOSCOPE_RECORDER (tap), SIOSCOPE_KIND_ENGINE, direction, transport, type,
                numbers, sizeof numbers, raw);
}

static void
sioscope_recorder_attachment (SioTap           *tap,
                              SioDirection      direction,
                              SioTransportKind  transport,
                              guint             index,
                              SioSpan           bytes)
{
  SioscopeRecorder *self = SIOSCOPE_RECORDER (tap);
  guint8 numbers[16];

  sioscope_put64 (numbers, self->packet_row[direction]);
  sioscope_put32 (numbers + 8, index);
  sioscope_put32 (numbers + 12, (guint32) MIN (bytes.size, G_MAXUINT32));
  append_bytes (self, SIOSCOPE_KIND_ATTACHMENT, direction, transport, 0, numbers, sizeof numbers, bytes);
}

static inline guint32
offset_in (SioSpan whole,
           SioSpan part)
{
  return part.size != 0 ? (guint32) (part.data - whole.data) : 0;
}

static inline gboolean
is_inside (SioSpan whole,
           SioSpan part)
{
  return part.size == 0
         || (part.data >= whole.data && part.data - whole.data <= (gssize) (whole.size - part.size)
             && part.size <= whole.size);
}

static void
sioscope_recorder_packet (SioTap             *tap,
                          const SioTapPacket *packet)
{
  SioscopeRecorder *self = (SioscopeRecorder *) tap;
  guint8 fields[SIOSCOPE_PACKET_FIELDS_SIZE + 16], wire_size[4];
  gsize size = SIOSCOPE_PACKET_FIELDS_SIZE;
  SioscopeRecordHead head = {
    .kind = SIOSCOPE_KIND_PACKET,
    .direction = packet->direction,
    .transport = packet->transport,
    .word = SIOSCOPE_INDEX_CLASS (SIOSCOPE_KIND_PACKET, packet->type, packet->direction)
            | name_bits (self, packet->nsp, packet->event),
    .time_us = now (self),
  };
  struct iovec parts[7] = {
    { fields, 0 },
    { (void *) packet->raw.data, packet->raw.size },
  };
  guint n_parts = 2;
  guint32 extra = (guint32) packet->raw.size;
  SioSpan nsp = packet->nsp;
  guint32 offsets[3];
  const SioSpan *spans[3] = { &nsp, &packet->event, &packet->args };
  guint64 row;

  /* The root is not written: most rows have it. */
  if (nsp.size == 1)
    nsp.size = 0;
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      if (G_LIKELY (is_inside (packet->raw, *spans[i])))
        offsets[i] = offset_in (packet->raw, *spans[i]);
      else
        {
          offsets[i] = extra;
          extra += (guint32) spans[i]->size;
          parts[n_parts++] = (struct iovec) { (void *) spans[i]->data, spans[i]->size };
        }
    }

  sioscope_put32 (fields, (guint32) packet->raw.size);
  sioscope_put32 (fields + 4, offsets[0]);
  sioscope_put32 (fields + 8, (guint32) nsp.size);
  sioscope_put32 (fields + 12, offsets[1]);
  sioscope_put32 (fields + 16, (guint32) packet->event.size);
  sioscope_put32 (fields + 20, offsets[2]);
  sioscope_put32 (fields + 24, (guint32) packet->args.size);
  sioscope_put32 (fields + 28, packet->n_args);
  sioscope_put32 (fields + 32, packet->n_attachments);
  sioscope_put32 (fields + 36, packet->type);
  if (packet->id >= 0)
    {
      sioscope_put64 (fields + size, (guint64) packet->id);
      size += 8;
      head.flags |= SIOSCOPE_PACKET_HAS_ID;
      head.word |= SIOSCOPE_INDEX_HAS_ID;
    }
  if (packet->tag != 0)
    {
      sioscope_put64 (fields + size, packet->tag);
      size += 8;
      head.flags |= SIOSCOPE_PACKET_HAS_TAG;
      head.word |= SIOSCOPE_INDEX_HAS_TAG;
    }
  if (G_UNLIKELY (packet->wire.size != 0))
    {
      /* At the end, where a reader that does not know of it does not look. */
      sioscope_put32 (wire_size, (guint32) MIN (packet->wire.size, G_MAXUINT32));
      parts[n_parts++] = (struct iovec) { (void *) packet->wire.data, packet->wire.size };
      parts[n_parts++] = (struct iovec) { wire_size, sizeof wire_size };
      head.flags |= SIOSCOPE_PACKET_HAS_WIRE;
    }
  parts[0].iov_len = size;

  row = sioscope_recording_append (self->recording, &head, parts, n_parts);
  self->packet_row[packet->direction] = packet->n_attachments > 0 ? row : SIOSCOPE_NO_ROW;
}

static void
sioscope_recorder_state (SioTap                 *tap,
                         const SioTapStateChange *change)
{
  SioscopeRecorder *self = SIOSCOPE_RECORDER (tap);
  SioscopeFields fields;

  sioscope_fields_init (&fields);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_WHAT, change->state);
  add_text (&fields, SIOSCOPE_FIELD_REASON, change->reason);
  add_error (&fields, change->error);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_ATTEMPT, change->attempt);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_DELAY_MS, change->delay_ms);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_DELAY_MIN_MS, change->delay_min_ms);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_DELAY_MAX_MS, change->delay_max_ms);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_ACTIVE, change->will_reconnect != FALSE);
  add_text (&fields, SIOSCOPE_FIELD_SID, change->sid);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_EIO, change->eio);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_SERVER, change->server);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_PING_INTERVAL_MS, change->ping_interval_ms);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_PING_TIMEOUT_MS, change->ping_timeout_ms);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_MAX_PAYLOAD, change->max_payload);
  add_text (&fields, SIOSCOPE_FIELD_PARSER, change->parser);
  append_fields (self, SIOSCOPE_KIND_STATE, change->transport, 0, &fields);

  /* A half packet of the session that ended gets nothing of the next one. */
  if (change->state == SIO_TAP_STATE_CLOSED || change->state == SIO_TAP_STATE_CONNECTING)
    self->packet_row[0] = self->packet_row[1] = SIOSCOPE_NO_ROW;
}

static void
sioscope_recorder_socket (SioTap                  *tap,
                          const SioTapSocketEvent *event)
{
  SioscopeRecorder *self = SIOSCOPE_RECORDER (tap);
  SioscopeFields fields;

  sioscope_fields_init (&fields);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_WHAT, event->change);
  add_text (&fields, SIOSCOPE_FIELD_NSP, event->nsp);
  add_text (&fields, SIOSCOPE_FIELD_REASON, event->reason);
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_ARGS, event->data.data, event->data.size);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_ACTIVE, event->active != FALSE);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_RECOVERED, event->recovered != FALSE);
  append_fields (self, SIOSCOPE_KIND_SOCKET, SIO_TRANSPORT_KIND_NONE,
                 name_bits (self, span_of (event->nsp), (SioSpan) { NULL, 0 }), &fields);
}

static void
sioscope_recorder_emit (SioTap           *tap,
                        const SioTapEmit *emit)
{
  SioscopeRecorder *self = SIOSCOPE_RECORDER (tap);
  SioscopeFields fields;
  SioJsonIter iter;
  SioSpan element;
  guint n_args = 0;

  sio_json_iter_init (&iter, emit->args);
  while (sio_json_iter_next (&iter, &element))
    n_args++;

  sioscope_fields_init (&fields);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_WHAT, emit->fate);
  add_text (&fields, SIOSCOPE_FIELD_NSP, emit->nsp);
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_EVENT, emit->event.data, emit->event.size);
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_ARGS, emit->args.data, emit->args.size);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_N_ARGS, n_args);
  if (emit->id >= 0)
    sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_ID, emit->id);
  sioscope_fields_add_number (&fields, SIOSCOPE_FIELD_TAG, (gint64) emit->tag);
  add_text (&fields, SIOSCOPE_FIELD_MESSAGE, emit->text);
  append_fields (self, SIOSCOPE_KIND_EMIT, SIO_TRANSPORT_KIND_NONE,
                 name_bits (self, span_of (emit->nsp), emit->event), &fields);
}

static void
sioscope_recorder_tell_untold (SioscopeRecorder *self)
{
  g_autofree char *message = NULL;

  if (self->n_untold == 0)
    return;

  message = g_strdup_printf ("%" G_GUINT64_FORMAT " more errors within a second are not recorded one by one", self->n_untold);
  self->n_untold = 0;
  sioscope_recorder_note (self, SIOSCOPE_KIND_ERROR, "limit", message);
}

static void
sioscope_recorder_error (SioTap       *tap,
                         const char   *where,
                         const GError *error,
                         SioSpan       bytes)
{
  SioscopeRecorder *self = SIOSCOPE_RECORDER (tap);
  SioscopeFields fields;
  gint64 now_us = now (self);

  if (self->n_errors == 0 || now_us - self->errors_since_us >= ERROR_WINDOW_US)
    {
      sioscope_recorder_tell_untold (self);
      self->errors_since_us = now_us;
      self->n_errors = 0;
      self->error_bytes = 0;
    }
  if (self->n_errors >= MAX_ERRORS)
    {
      self->n_untold++;
      return;
    }
  /* the first one is shown whole, however large; it may be the one that ends the connection */
  if (self->n_errors > 0 && bytes.size > MAX_ERROR_BYTES - MIN (MAX_ERROR_BYTES, self->error_bytes))
    bytes.size = 0;
  self->n_errors++;
  self->error_bytes += bytes.size;

  sioscope_fields_init (&fields);
  add_text (&fields, SIOSCOPE_FIELD_REASON, where);
  add_error (&fields, error);
  sioscope_fields_add_bytes (&fields, SIOSCOPE_FIELD_RAW, bytes.data, bytes.size);
  append_fields (self, SIOSCOPE_KIND_ERROR, SIO_TRANSPORT_KIND_NONE, 0, &fields);
}

/**
 * sioscope_recorder_new:
 * @recording: a recording that was made with sioscope_recording_new()
 *
 * Makes the one writer of @recording. It belongs to the thread of the caller, whose thread-default main context it
 * watches: rows are written at the latest when that context is about to sleep, and asked onto the disk once a second.
 *
 * Returns: (transfer full): the recorder
 */
SioscopeRecorder *
sioscope_recorder_new (SioscopeRecording *recording)
{
  SioscopeRecorder *self;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);
  g_return_val_if_fail (recording->live, NULL);

  self = g_object_new (SIOSCOPE_TYPE_RECORDER, NULL);
  self->recording = g_object_ref (recording);
  self->source = g_source_new (&flush_source_funcs, sizeof (FlushSource));
  ((FlushSource *) self->source)->recorder = self;
  g_source_set_static_name (self->source, "[sioscope] recorder flush");
  g_source_set_priority (self->source, G_PRIORITY_HIGH);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

/**
 * sioscope_recorder_note:
 * @self: a recorder
 * @kind: %SIOSCOPE_KIND_ERROR or %SIOSCOPE_KIND_NOTE
 * @reason: (nullable): of an error: where it happened
 * @message: (nullable): what happened, in English
 *
 * Records what the program itself has to say.
 */
void
sioscope_recorder_note (SioscopeRecorder *self,
                        SioscopeKind      kind,
                        const char       *reason,
                        const char       *message)
{
  SioscopeFields fields;

  g_return_if_fail (kind == SIOSCOPE_KIND_ERROR || kind == SIOSCOPE_KIND_NOTE);

  sioscope_fields_init (&fields);
  add_text (&fields, SIOSCOPE_FIELD_REASON, reason);
  add_text (&fields, SIOSCOPE_FIELD_MESSAGE, message);
  append_fields (self, kind, SIO_TRANSPORT_KIND_NONE, 0, &fields);
}

/**
 * sioscope_recorder_flush:
 * @self: a recorder
 *
 * Writes and publishes every row that was reported so far.
 */
void
sioscope_recorder_flush (SioscopeRecorder *self)
{
  if (self->source != NULL)
    sioscope_recording_flush (self->recording);
}

/**
 * sioscope_recorder_discard_before:
 * @self: a recorder
 * @row: the first row that is still wanted
 *
 * Gives back the memory of older rows. Rows that are in a file are not touched.
 */
void
sioscope_recorder_discard_before (SioscopeRecorder *self,
                                  guint64           row)
{
  if (self->source != NULL)
    sioscope_recording_discard_before (self->recording, row);
}

/**
 * sioscope_recorder_finish:
 * @self: a recorder
 *
 * Flushes; the recording is not live any more, and whatever is reported later is not recorded. May be called again.
 */
void
sioscope_recorder_finish (SioscopeRecorder *self)
{
  if (self->source == NULL)
    return;
  sioscope_recorder_tell_untold (self);
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  sioscope_recording_finish (self->recording);
}

void
sioscope_recorder_set_clock_for_tests (SioscopeRecorder *self,
                                       gint64          (*now_us) (void))
{
  self->now_us = now_us;
}

static void
sioscope_recorder_dispose (GObject *object)
{
  SioscopeRecorder *self = SIOSCOPE_RECORDER (object);

  if (self->recording != NULL)
    sioscope_recorder_finish (self);
  g_clear_object (&self->recording);

  G_OBJECT_CLASS (sioscope_recorder_parent_class)->dispose (object);
}

static void
sioscope_recorder_class_init (SioscopeRecorderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sioscope_recorder_dispose;
}

static void
sioscope_recorder_init (SioscopeRecorder *self)
{
  self->packet_row[0] = self->packet_row[1] = SIOSCOPE_NO_ROW;
}

static void
sioscope_recorder_tap_init (SioTapInterface *iface)
{
  iface->http = sioscope_recorder_http;
  iface->frame = sioscope_recorder_frame;
  iface->engine_packet = sioscope_recorder_engine_packet;
  iface->packet = sioscope_recorder_packet;
  iface->attachment = sioscope_recorder_attachment;
  iface->state = sioscope_recorder_state;
  iface->socket = sioscope_recorder_socket;
  iface->emit = sioscope_recorder_emit;
  iface->error = sioscope_recorder_error;
}
