/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One exchange of a HAR, step by step: the request, the answer, the messages of a WebSocket. */

#include "sioscope-har-source-private.h"

#include "wire/sio-base64.h"
#include "wire/sio-engine-packet.h"
#include "wire/sio-json-private.h"

/* As large as a row can be. */
#define MAX_TEXT ((gsize) G_MAXINT32)
/* Messages that are looked at to learn who the server is. */
#define MAX_AHEAD 16

/* ── What is wrong, and where ── */

/* place: the value, or the entry if it is not there. */
gboolean
sioscope_har_refuse (SioscopeHar              *self,
                     const SioscopeHarSource  *source,
                     const char               *field,
                     SioSpan                   place,
                     const char               *expected,
                     GError                  **error)
{
  g_autofree char *found = sioscope_import_quote (place);
  gboolean is_missing = place.data == NULL || place.data == source->text.data;

  g_set_error (error, SIOSCOPE_IMPORT_ERROR, SIOSCOPE_IMPORT_ERROR_INVALID,
               "entry %u (byte %" G_GSIZE_FORMAT "), %s: expected %s, %s%s", source->number,
               (gsize) ((is_missing ? source->text.data : place.data) - self->import->text.data), field, expected,
               is_missing ? "it is not there" : "found ", is_missing ? "" : found);
  return FALSE;
}

/* ── Fields ── */

/* "request.postData.text"; empty if it is not there. */
SioSpan
sioscope_har_get (SioSpan     object,
                  const char *path)
{
  g_auto(GStrv) names = NULL;

  if (strchr (path, '.') == NULL)
    return sio_json_object_get (object, path, &object) ? object : (SioSpan) { NULL, 0 };
  names = g_strsplit (path, ".", -1);
  for (guint i = 0; names[i] != NULL; i++)
    if (!sio_json_object_get (object, names[i], &object))
      return (SioSpan) { NULL, 0 };
  return object;
}

/* A text that browsers wrote may have half a surrogate pair in it: that becomes U+FFFD. Kept until the next row of the file. */
SioSpan
sioscope_har_unquote (SioscopeHar *self,
                      SioSpan      token)
{
  SioSpan text;

  if (token.size < 2 || token.data[0] != '"')
    return (SioSpan) { NULL, 0 };
  if (sioscope_import_text (self->import, token, &text))
    return text;
  return sioscope_import_keep (self->import, g_string_free_to_bytes (sio_json_unquote (token)));
}

static gboolean
read_body (SioscopeHar              *self,
           const SioscopeHarSource  *source,
           SioSpan                   object,
           const char               *field,
           SioSpan                  *body,
           GError                  **error)
{
  SioSpan text = sioscope_har_get (object, "text"), encoding = sioscope_har_get (object, "encoding");

  *body = (SioSpan) { NULL, 0 };
  if (encoding.size == 0)
    encoding = sioscope_har_get (object, "_encoding");
  if (text.size == 0 || text.data[0] == 'n')
    return TRUE;
  if (text.data[0] != '"' || text.size > MAX_TEXT)
    return sioscope_har_refuse (self, source, field, text, "a string", error);
  *body = sioscope_har_unquote (self, text);
  if (encoding.size != 0 && sio_json_token_equals (encoding, "base64") && body->size != 0)
    *body = sioscope_import_keep (self->import, sio_base64_decode (body->data, body->size));
  return TRUE;
}

/* A header of several lines, as Chrome joins those that came more than once, comes apart again. */
static SioSpan
read_headers (SioscopeHar *self,
              SioSpan      array)
{
  GString *lines = g_string_new (NULL);
  SioscopeImportReader reader;
  gboolean first = TRUE;
  SioSpan header;

  sioscope_import_reader_init (&reader, array);
  if (array.size != 0 && sioscope_import_open (&reader, '['))
    while (sioscope_import_more (&reader, &first, ']') && sioscope_import_value (&reader, &header))
      {
        SioSpan name = sioscope_har_unquote (self, sioscope_har_get (header, "name"));
        SioSpan value = sioscope_har_unquote (self, sioscope_har_get (header, "value"));

        if (name.size == 0)
          continue;
        while (TRUE)
          {
            const char *line_end = value.size != 0 ? memchr (value.data, '\n', value.size) : NULL;
            gsize size = line_end != NULL ? (gsize) (line_end - value.data) : value.size;

            g_string_append_len (lines, name.data, (gssize) name.size);
            g_string_append (lines, ": ");
            g_string_append_len (lines, value.data, (gssize) size);
            g_string_append (lines, "\r\n");
            if (line_end == NULL)
              break;
            value = (SioSpan) { line_end + 1, value.size - size - 1 };
          }
      }
  return sioscope_import_keep (self->import, g_string_free_to_bytes (lines));
}

static gboolean
next_message (SioscopeHarSource *source,
              SioSpan           *message)
{
  SioscopeImportReader reader = { .p = source->next, .end = source->text.data + source->text.size };
  gboolean first = source->message == 0;

  if (!sioscope_import_more (&reader, &first, ']') || !sioscope_import_value (&reader, message))
    return FALSE;
  source->next = reader.p;
  return TRUE;
}

/* Looks at the time of the next message and leaves it where it is; never back. FALSE if there is none. */
gboolean
sioscope_har_look_ahead (SioscopeHarSource *source)
{
  const char *here = source->next;
  SioSpan message, time;
  gint64 us;

  if (here == NULL || !next_message (source, &message))
    return FALSE;
  source->next = here;
  time = sioscope_har_get (message, "time");
  if (sioscope_import_int64 (time, 6, TRUE, &us) && us > source->next_us)
    source->next_us = us;
  return TRUE;
}

static void
expect_one_less (SioscopeHar              *self,
                 const SioscopeHarAddress *address)
{
  g_autofree char *sid = g_strndup (address->sid.size != 0 ? address->sid.data : "", address->sid.size);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->sessions.to_come, sid));

  if (n > 1)
    g_hash_table_replace (self->sessions.to_come, g_steal_pointer (&sid), GUINT_TO_POINTER (n - 1));
  else if (n == 1)
    g_hash_table_remove (self->sessions.to_come, sid);
}

/* ── What passed ── */

static gboolean
say_malformed (SioscopeHar  *self,
               const char   *message,
               SioSpan       bytes,
               GError      **error)
{
  return sioscope_har_say_wrong (&self->sessions, "transport", message, bytes, error);
}

static gboolean
receive_binary_unit (SioscopeHar        *self,
                     SioscopeHarSource  *source,
                     SioDirection        direction,
                     SioTransportKind    transport,
                     SioSpan             bytes,
                     GError            **error)
{
  SioscopeHarSession *session = source->session;
  g_autoptr(GError) local_error = NULL;
  SioEnginePacket packet;
  gboolean good;

  if (!sio_engine_packet_decode_binary (session->eio, bytes, &packet, &local_error))
    return sioscope_har_say_wrong (&self->sessions, "engine", local_error->message, bytes, error);
  if (packet.type == SIO_ENGINE_PACKET_MESSAGE)
    good = sioscope_har_session_binary (&self->sessions, session, direction, transport, packet.data, error);
  else
    good = sioscope_har_say_wrong (&self->sessions, "engine", "a binary packet that is no message", bytes, error);
  sio_engine_packet_clear (&packet);
  return good;
}

static gboolean
receive_body (SioscopeHar        *self,
              SioscopeHarSource  *source,
              SioDirection        direction,
              SioSpan             body,
              GError            **error)
{
  SioPayloadShape shape = sio_payload_get_shape (body);
  g_autoptr(GError) local_error = NULL;
  SioPayloadIter iter;
  gboolean is_binary;
  SioSpan unit;

  /* What was asked for and what the server speaks may differ: its first answer shows it. */
  if (direction == SIO_DIRECTION_IN && !source->session->is_open
      && (shape == SIO_PAYLOAD_SHAPE_EIO3_TEXT || shape == SIO_PAYLOAD_SHAPE_EIO3_BINARY))
    source->session->eio = 3;
  if (source->session->eio == 4)
    shape = SIO_PAYLOAD_SHAPE_EIO4;
  else if (shape != SIO_PAYLOAD_SHAPE_EIO3_BINARY)
    shape = SIO_PAYLOAD_SHAPE_EIO3_TEXT;
  if (shape != SIO_PAYLOAD_SHAPE_EIO3_BINARY && !sio_utf8_validate (body))
    return say_malformed (self, "the body is not valid UTF-8", body, error);
  sio_payload_iter_init (&iter, shape, body);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, &local_error))
    {
      gboolean good;

      if (is_binary)
        good = receive_binary_unit (self, source, direction, SIO_TRANSPORT_KIND_POLLING, unit, error);
      else
        good = sioscope_har_session_text (&self->sessions, source->session, direction, SIO_TRANSPORT_KIND_POLLING, unit, error);
      if (!good)
        return FALSE;
    }
  return local_error == NULL || say_malformed (self, local_error->message, body, error);
}

static gboolean
begin_source (SioscopeHar        *self,
              SioscopeHarSource  *source,
              GError            **error)
{
  SioscopeHarAddress address;

  if (source->session != NULL)
    return TRUE;
  sioscope_har_read_address (sioscope_har_unquote (self, sioscope_har_get (source->text, "request.url")), &address);
  expect_one_less (self, &address);
  source->session = sioscope_har_sessions_find (&self->sessions, &address);
  if (address.transport == SIO_TRANSPORT_KIND_WEBSOCKET)
    source->session->n_left++;
  return sioscope_har_session_begin (&self->sessions, source->session, address.transport, address.sid.size != 0, error);
}

static gboolean
read_request (SioscopeHar        *self,
              SioscopeHarSource  *source,
              GError            **error)
{
  SioSpan body;

  return read_body (self, source, sioscope_har_get (source->text, "request.postData"), "request.postData.text", &body, error)
         && (body.size == 0 || receive_body (self, source, SIO_DIRECTION_OUT, body, error));
}

static gboolean
append_http (SioscopeHar        *self,
             SioscopeHarSource  *source,
             SioscopeEntry      *entry,
             GError            **error)
{
  /* Looked for once: behind them there may be the messages of hours. */
  SioSpan request = sioscope_har_get (source->text, "request"), response = sioscope_har_get (source->text, "response");
  guint64 status = 0;

  *entry = (SioscopeEntry) { .kind = SIOSCOPE_KIND_HTTP, .id = -1, .ref = SIOSCOPE_NO_ROW };
  entry->method = sioscope_har_unquote (self, sioscope_har_get (request, "method"));
  entry->uri = sioscope_har_unquote (self, sioscope_har_get (request, "url"));
  sio_json_get_uint (sioscope_har_get (response, "status"), G_MAXUINT, &status);
  entry->status = (guint) status;
  entry->reason = sioscope_har_unquote (self, sioscope_har_get (response, "statusText"));
  entry->message = sioscope_har_unquote (self, sioscope_har_get (response, "_error"));
  entry->duration_us = sioscope_har_add_us (source->end_us, -source->begin_us);
  entry->request_headers = read_headers (self, sioscope_har_get (request, "headers"));
  entry->response_headers = read_headers (self, sioscope_har_get (response, "headers"));
  entry->tls_fingerprint = sioscope_har_unquote (self, sioscope_har_get (source->text, "_tlsFingerprint"));
  if (sio_json_get_uint (sioscope_har_get (source->text, "_tlsErrors"), G_MAXUINT, &status))
    entry->tls_errors = (guint) status;
  return read_body (self, source, sioscope_har_get (request, "postData"), "request.postData.text", &entry->request_body, error)
         && read_body (self, source, sioscope_har_get (response, "content"), "response.content.text", &entry->response_body, error)
         && sioscope_har_append (&self->sessions, entry, error);
}

static gboolean
read_answer (SioscopeHar        *self,
             SioscopeHarSource  *source,
             GError            **error)
{
  SioscopeHarSession *session = source->session;
  SioscopeHarAddress address;
  SioscopeEntry entry;
  gboolean has_sid;

  if (!append_http (self, source, &entry, error))
    return FALSE;
  sioscope_har_read_address (entry.uri, &address);
  has_sid = address.sid.size != 0;
  if (address.transport == SIO_TRANSPORT_KIND_WEBSOCKET)
    {
      if (entry.status == 101 || source->next != NULL)
        return TRUE;
      /* Polling goes on where it was only to be replaced. */
      return has_sid || sioscope_har_session_fail (&self->sessions, session, address.transport, entry.message, error);
    }
  if (entry.status < 200 || entry.status > 299)
    return entry.status == 304 || session->is_over
           || sioscope_har_session_fail (&self->sessions, session, address.transport, entry.message, error);
  if (sio_span_equals (entry.method, "POST"))
    return TRUE;
  if (entry.response_body.size != 0)
    return receive_body (self, source, SIO_DIRECTION_IN, entry.response_body, error);
  return sioscope_har_note (&self->sessions, "The HAR has no body of this answer: the packets in it are missing here.", error);
}

/* What the server says first shows who it is: a namespace is connected without an id, or by a text of msgpack, only by Socket.IO 2,
 * which speaks Engine.IO 3 whatever it was asked for. */
static gboolean
is_of_server_2 (SioscopeHarSource *source)
{
  SioscopeHarSource ahead = *source;
  SioSpan message, type, data;

  for (guint i = 0; i < MAX_AHEAD; i++)
    {
      ahead.message++;
      if (!next_message (&ahead, &message))
        return FALSE;
      type = sioscope_har_get (message, "type");
      data = sioscope_har_get (message, "data");
      if (type.size != 0 && sio_json_token_equals (type, "receive") && data.size > 3 && data.data[0] == '"' && data.data[1] == '4')
        return sio_span_equals (data, "\"40\"") || data.data[2] == '{';
    }
  return FALSE;
}

static gboolean
read_message (SioscopeHar        *self,
              SioscopeHarSource  *source,
              SioSpan             message,
              GError            **error)
{
  SioscopeHarSession *session = source->session;
  SioSpan type = sioscope_har_get (message, "type"), opcode_text = sioscope_har_get (message, "opcode");
  SioSpan data = sioscope_har_get (message, "data");
  g_autofree char *field = g_strdup_printf ("_webSocketMessages[%u]", source->message);
  SioDirection direction = SIO_DIRECTION_IN;
  gint64 opcode = 1;
  SioSpan text;

  if (message.data[0] != '{')
    return sioscope_har_refuse (self, source, field, message, "an object", error);
  if (opcode_text.size != 0 && opcode_text.data[0] != 'n'
      && (!sioscope_import_int64 (opcode_text, 0, FALSE, &opcode) || opcode < -1 || opcode > 15))
    return sioscope_har_refuse (self, source, field, opcode_text, "an opcode from 0 to 15, or -1", error);
  if (data.size < 2 || data.data[0] != '"' || data.size > MAX_TEXT)
    return sioscope_har_refuse (self, source, field, data.size != 0 ? data : message, "a string as \"data\"", error);
  text = sioscope_har_unquote (self, data);
  /* Chrome tells errors as messages. */
  if (opcode == -1 || (type.size != 0 && sio_json_token_equals (type, "error")))
    {
      g_autofree char *words = g_strndup (text.size != 0 ? text.data : "", text.size);

      return say_malformed (self, words, (SioSpan) { NULL, 0 }, error);
    }
  if (type.size != 0 && sio_json_token_equals (type, "send"))
    direction = SIO_DIRECTION_OUT;
  else if (type.size == 0 || !sio_json_token_equals (type, "receive"))
    return sioscope_har_refuse (self, source, field, type.size != 0 ? type : message, "\"send\" or \"receive\" as \"type\"", error);

  if (direction == SIO_DIRECTION_IN && !session->is_open && session->eio == 4 && is_of_server_2 (source))
    session->eio = 3;
  if (opcode == 0 || opcode == 1)
    return sioscope_har_session_text (&self->sessions, session, direction, SIO_TRANSPORT_KIND_WEBSOCKET, text, error);
  if (text.size != 0)
    text = sioscope_import_keep (self->import, sio_base64_decode (text.data, text.size));
  if (opcode == 2)
    return receive_binary_unit (self, source, direction, SIO_TRANSPORT_KIND_WEBSOCKET, text, error);
  return sioscope_har_session_frame (&self->sessions, session, direction, (guint) opcode, text, error);
}

/* FALSE in *more: the source is at its end. */
gboolean
sioscope_har_advance (SioscopeHar        *self,
                      SioscopeHarSource  *source,
                      gboolean           *more,
                      GError            **error)
{
  SioSpan message;

  *more = TRUE;
  self->sessions.now_us = MAX (self->sessions.now_us, sioscope_har_add_us (source->next_us, -self->sessions.start_real_us));
  if (!begin_source (self, source, error))
    return FALSE;
  switch ((SioscopeHarStage) source->stage)
    {
    case SIOSCOPE_HAR_BEGIN:
      source->stage = SIOSCOPE_HAR_END;
      source->next_us = source->end_us;
      return read_request (self, source, error);

    case SIOSCOPE_HAR_END:
      if (!read_answer (self, source, error))
        return FALSE;
      source->stage = SIOSCOPE_HAR_MESSAGES;
      break;

    case SIOSCOPE_HAR_MESSAGES:
      if (!next_message (source, &message) || !read_message (self, source, message, error))
        return FALSE;
      source->message++;
      break;
    }

  *more = sioscope_har_look_ahead (source);
  if (!*more && source->session->n_left > 0)
    source->session->n_left--;
  return TRUE;
}
