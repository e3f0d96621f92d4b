/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading socket.io-msgpack-parser's messages: a map with type, data, id and nsp, in any order. In revision 4 of
 * Socket.IO's protocol what carries no arguments is the same as JSON text. */

#include "sio-msgpack-private.h"

#include "sio-json-private.h"
#include "sio-packet.h"
#include "../sio-error.h"

#include <math.h>

/* Beyond it a JavaScript peer cannot tell ids apart. */
#define MAX_ID G_GINT64_CONSTANT (9007199254740991)

typedef enum {
  KEY_TYPE,
  KEY_DATA,
  KEY_ID,
  KEY_NSP,
  N_KEYS,
} Key;

static const char * const keys[N_KEYS] = { "type", "data", "id", "nsp" };

/* What the first pass finds. */
typedef struct {
  gboolean         has[N_KEYS];
  guint            type;
  gint64           id;      /* -1: none */
  SioSpan          nsp;
  SioMsgpackToken  data;    /* the outermost token; UNDEFINED if there is none */
  const char      *data_at;
  SioMsgpackNotes  notes;
  GError          *too_deep; /* (nullable): the data nests deeper than it may; nothing else is wrong with it */
} Envelope;

gboolean
sio_msgpack_is_event_or_ack (guint type)
{
  return type != SIO_PACKET_CONNECT && type != SIO_PACKET_DISCONNECT && type != SIO_PACKET_CONNECT_ERROR;
}

/* Socket.IO's own encoding has types of its own for packets with attachments. */
SioPacketType
sio_msgpack_get_text_type (guint type, gboolean binary)
{
  if (type == SIO_PACKET_EVENT || type == SIO_PACKET_BINARY_EVENT)
    return binary ? SIO_PACKET_BINARY_EVENT : SIO_PACKET_EVENT;
  if (type == SIO_PACKET_ACK || type == SIO_PACKET_BINARY_ACK)
    return binary ? SIO_PACKET_BINARY_ACK : SIO_PACKET_ACK;
  return (SioPacketType) type;
}

static guint
get_max_type (guint revision)
{
  return revision == 4 ? SIO_PACKET_BINARY_ACK : SIO_PACKET_CONNECT_ERROR;
}

/* JavaScript has no other numbers: 2.0 is an integer there. */
static gboolean
get_integer (const SioMsgpackToken *token, guint64 max, guint64 *value)
{
  if (token->type == SIO_MSGPACK_UINT)
    *value = token->uint;
  else if (token->type == SIO_MSGPACK_FLOAT && token->number >= 0 && token->number <= (double) MAX_ID
           && floor (token->number) == token->number)
    *value = (guint64) token->number;
  else
    return FALSE;

  return *value <= max;
}

/* It must be a namespace that the text can say: "/admin,". */
static const char *
check_nsp (SioSpan nsp)
{
  if (nsp.size == 0 || nsp.data[0] != '/')
    return "a namespace that does not begin with '/'";
  if (memchr (nsp.data, ',', nsp.size) != NULL)
    return "a namespace with a comma, which socket.io's own encoding does not have";
  if (memchr (nsp.data, '\0', nsp.size) != NULL || !sio_utf8_validate (nsp))
    return "a namespace that is not UTF-8 without NUL";

  return NULL;
}

static gboolean
read_data (SioMsgpackReader *reader, Envelope *envelope, guint max_depth, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  envelope->data_at = reader->next;
  if (!sio_msgpack_read (reader, &envelope->data, error))
    return FALSE;

  reader->next = envelope->data_at;
  if (sio_msgpack_scan (reader, max_depth, &envelope->notes, &local_error))
    return TRUE;
  if (!g_error_matches (local_error, SIO_ERROR, SIO_ERROR_TOO_LARGE))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  envelope->too_deep = g_steal_pointer (&local_error);
  return TRUE;
}

static gboolean
read_known (SioMsgpackReader  *reader,
            Key                key,
            guint              revision,
            guint              max_depth,
            Envelope          *envelope,
            GError           **error)
{
  SioMsgpackToken token;
  const char *wrong;
  guint64 value;

  if (key == KEY_DATA)
    return read_data (reader, envelope, max_depth, error);

  if (!sio_msgpack_read (reader, &token, error))
    return FALSE;

  switch (key)
    {
    case KEY_TYPE:
      if (!get_integer (&token, get_max_type (revision), &value))
        return sio_msgpack_fail (token.offset, error, "the packet's type must be an integer from 0 to %u",
                                 get_max_type (revision));
      envelope->type = (guint) value;
      return TRUE;

    case KEY_ID:
      if (token.type == SIO_MSGPACK_UNDEFINED)
        return TRUE;
      if (!get_integer (&token, MAX_ID, &value))
        return sio_msgpack_fail (token.offset, error, "the packet's id must be an integer from 0 to %" G_GINT64_FORMAT,
                                 MAX_ID);
      envelope->id = (gint64) value;
      return TRUE;

    case KEY_NSP:
      if (token.type != SIO_MSGPACK_STRING)
        return sio_msgpack_fail (token.offset, error, "the namespace is %s, expected a string",
                                 sio_msgpack_type_get_name (token.type));
      wrong = check_nsp (token.bytes);
      if (wrong != NULL)
        return sio_msgpack_fail (token.offset, error, "%s", wrong);
      envelope->nsp = token.bytes;
      return TRUE;

    case KEY_DATA:
    case N_KEYS:
      break;
    }

  g_return_val_if_reached (FALSE);
}

static Key
find_key (SioSpan name)
{
  guint key = 0;

  while (key < N_KEYS && !sio_span_equals (name, keys[key]))
    key++;

  return (Key) key;
}

static gboolean
read_envelope (SioMsgpackReader  *reader,
               guint              revision,
               guint              max_depth,
               Envelope          *envelope,
               GError           **error)
{
  SioMsgpackToken map;

  if (!sio_msgpack_read (reader, &map, error))
    return FALSE;
  if (map.type != SIO_MSGPACK_MAP)
    return sio_msgpack_fail (map.offset, error, "the packet is %s, expected a map",
                             sio_msgpack_type_get_name (map.type));

  for (gsize i = 0; i < map.count; i++)
    {
      SioMsgpackToken name;
      Key key;

      if (!sio_msgpack_read (reader, &name, error))
        return FALSE;
      if (name.type != SIO_MSGPACK_STRING)
        return sio_msgpack_fail (name.offset, error, "a key of the packet is %s, expected a string",
                                 sio_msgpack_type_get_name (name.type));

      /* Whatever else is there is passed over: "options" of JavaScript's client, and what may come. */
      key = find_key (name.bytes);
      if (key == N_KEYS)
        {
          if (!sio_msgpack_skip (reader, 1, error))
            return FALSE;
          continue;
        }

      if (envelope->has[key])
        return sio_msgpack_fail (name.offset, error, "the packet has \"%s\" twice", keys[key]);
      envelope->has[key] = TRUE;
      if (!read_known (reader, key, revision, max_depth, envelope, error))
        return FALSE;
    }

  if (reader->next != reader->end)
    return sio_msgpack_fail ((gsize) (reader->next - reader->start), error,
                             "%" G_GSIZE_FORMAT " bytes behind the packet", (gsize) (reader->end - reader->next));
  if (!envelope->has[KEY_TYPE])
    return sio_msgpack_fail (reader->end - reader->start, error, "the packet has no \"type\"");
  if (!envelope->has[KEY_NSP])
    return sio_msgpack_fail (reader->end - reader->start, error, "the packet has no \"nsp\"");

  return TRUE;
}

/* In the text it would be the packet's id. */
static gboolean
is_number (SioMsgpackType type)
{
  return type == SIO_MSGPACK_UINT || type == SIO_MSGPACK_INT || type == SIO_MSGPACK_FLOAT;
}

static gboolean
check_data (const Envelope *envelope, guint revision, gsize size, GError **error)
{
  SioMsgpackType data = envelope->data.type;
  gsize offset = envelope->has[KEY_DATA] ? envelope->data.offset : size;
  const char *expected = NULL;

  switch (envelope->type)
    {
    case SIO_PACKET_CONNECT:
      if (revision == 4 ? is_number (data) : data != SIO_MSGPACK_MAP && data != SIO_MSGPACK_UNDEFINED)
        expected = "a map or nothing";
      break;

    case SIO_PACKET_DISCONNECT:
      if (data != SIO_MSGPACK_UNDEFINED)
        expected = "nothing";
      break;

    case SIO_PACKET_CONNECT_ERROR:
      if (revision == 4 ? is_number (data) : data != SIO_MSGPACK_MAP && data != SIO_MSGPACK_STRING)
        expected = "a map or a string";
      break;

    default:
      if (data != SIO_MSGPACK_ARRAY)
        expected = "an array";
      break;
    }

  if (expected == NULL)
    return TRUE;
  return sio_msgpack_fail (offset, error, "the data of %s is %s, expected %s",
                           sio_packet_type_get_name (sio_msgpack_get_text_type (envelope->type, FALSE)),
                           envelope->has[KEY_DATA] ? sio_msgpack_type_get_name (data) : "missing", expected);
}

static gboolean
append_header (SioMsgpackOutput  *output,
               SioPacketType      type,
               guint              n_attachments,
               SioSpan            nsp,
               gint64             id,
               GError           **error)
{
  g_autofree char *name = g_strndup (nsp.data, nsp.size);
  gsize before = output->text->len;

  sio_packet_append_header (output->text, type, n_attachments, name, id);
  return sio_msgpack_output_reserve (output, output->text->len - before, error);
}

/* A message that is whole, of which only the data is not to be read: the same packet without arguments. */
static void
append_shallow (const Envelope         *envelope,
                SioMsgpackReader       *reader,
                const SioParserLimits  *limits,
                GString                *packet)
{
  SioMsgpackOutput output = { .text = packet, .max_size = limits->max_size, .max_depth = limits->max_depth };
  SioMsgpackNotes no_notes = { 0 };
  SioPacketType type = sio_msgpack_get_text_type (envelope->type, FALSE);
  gsize before = packet->len;
  gboolean good;

  good = append_header (&output, type, 0, envelope->nsp, envelope->id, NULL);
  g_string_append_c (packet, '[');
  reader->next = envelope->data_at;
  if (good && type == SIO_PACKET_EVENT)
    {
      SioMsgpackToken array, name;
      SioMsgpackReader ahead;

      good = sio_msgpack_read (reader, &array, NULL) && array.count > 0;
      ahead = *reader;
      good = good && sio_msgpack_read (&ahead, &name, NULL)
             && (name.type == SIO_MSGPACK_STRING || is_number (name.type))
             && sio_msgpack_append_json (reader, &no_notes, &output, NULL);
    }
  g_string_append_c (packet, ']');
  if (!good)
    g_string_truncate (packet, before);
}

static gboolean
decode_binary (guint                   revision,
               SioSpan                 message,
               const SioParserLimits  *limits,
               GString                *packet,
               GPtrArray              *attachments,
               GError                **error)
{
  SioMsgpackReader reader = { message.data, message.data, message.data + message.size };
  Envelope envelope = { .id = -1, .data.type = SIO_MSGPACK_UNDEFINED };
  SioMsgpackOutput output = { .text = packet, .max_size = limits->max_size, .max_depth = limits->max_depth };
  gsize before = packet->len;
  guint n_before = attachments->len;
  gboolean ok = FALSE;

  if (!read_envelope (&reader, revision, limits->max_depth, &envelope, error)
      || !check_data (&envelope, revision, message.size, error))
    goto out;
  if (envelope.too_deep != NULL)
    {
      output.too_deep = TRUE;
      g_propagate_error (error, g_steal_pointer (&envelope.too_deep));
      goto out;
    }

  if (sio_msgpack_is_event_or_ack (envelope.type))
    {
      output.attachments = attachments;
      if (envelope.notes.n_binaries > limits->max_attachments)
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                       "msgpack: %" G_GSIZE_FORMAT " binary values in a packet, the limit is %u",
                       envelope.notes.n_binaries, limits->max_attachments);
          goto out;
        }
    }

  if (!append_header (&output, sio_msgpack_get_text_type (envelope.type, envelope.notes.n_binaries > 0),
                      (guint) envelope.notes.n_binaries, envelope.nsp, envelope.id, error))
    goto out;

  if (envelope.data.type != SIO_MSGPACK_UNDEFINED)
    {
      reader.next = envelope.data_at;
      if (!sio_msgpack_append_json (&reader, &envelope.notes, &output, error))
        goto out;
    }
  ok = TRUE;

out:
  if (!ok)
    {
      g_string_truncate (packet, before);
      g_ptr_array_set_size (attachments, (int) n_before);
      if (output.too_deep && sio_msgpack_is_event_or_ack (envelope.type))
        append_shallow (&envelope, &reader, limits, packet);
    }
  sio_msgpack_notes_clear (&envelope.notes);
  g_clear_error (&envelope.too_deep);
  return ok;
}

static gboolean
fail_text (GError **error, const char *what)
{
  g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "packet as JSON text: %s", what);
  return FALSE;
}

/* Revision 4: {"type":0,"nsp":"/"} */
static gboolean
decode_text (SioSpan                 message,
             const SioParserLimits  *limits,
             GString                *packet,
             GError                **error)
{
  SioMsgpackOutput output = { .text = packet, .max_size = limits->max_size, .max_depth = limits->max_depth };
  gsize before = packet->len;
  /* The object of the packet is one level more. */
  guint max_depth = MIN (limits->max_depth, SIO_JSON_HARD_MAX_DEPTH - 1) + 1;
  g_autoptr (GString) nsp = NULL;
  SioSpan token, data;
  SioJsonType json_type;
  const char *wrong;
  gboolean has_data;
  guint64 type;
  guint64 id = 0;
  gboolean has_id;

  if (!sio_json_validate (message.data, message.size, max_depth, &json_type, NULL, error))
    return FALSE;
  if (json_type != SIO_JSON_OBJECT)
    return fail_text (error, "expected an object");

  message.size -= (gsize) (sio_json_skip_blanks (message.data, message.data + message.size) - message.data);
  message.data = sio_json_skip_blanks (message.data, message.data + message.size);

  if (!sio_json_object_get (message, "type", &token) || !sio_json_get_uint (token, SIO_PACKET_BINARY_ACK, &type))
    return fail_text (error, "\"type\" must be an integer from 0 to 6");
  if (!sio_json_object_get (message, "nsp", &token) || token.data[0] != '"')
    return fail_text (error, "\"nsp\" must be a string");

  nsp = sio_json_unquote (token);
  wrong = check_nsp ((SioSpan) { nsp->str, nsp->len });
  if (wrong != NULL)
    return fail_text (error, wrong);

  has_id = sio_json_object_get (message, "id", &token);
  if (has_id && !sio_json_get_uint (token, MAX_ID, &id))
    return fail_text (error, "\"id\" must be an integer from 0 to 9007199254740991");

  has_data = sio_json_object_get (message, "data", &data);
  if (type == SIO_PACKET_DISCONNECT && has_data)
    return fail_text (error, "DISCONNECT has data");
  if (has_data && sio_json_get_type (data) == SIO_JSON_NUMBER)
    return fail_text (error, "the data is a number, which socket.io's own encoding cannot tell from an id");
  if (sio_msgpack_is_event_or_ack ((guint) type) && (!has_data || data.data[0] != '['))
    return fail_text (error, "the data of an event or ack must be an array");

  if (has_data && !sio_msgpack_output_reserve (&output, data.size, error))
    return FALSE;
  if (!append_header (&output, sio_msgpack_get_text_type ((guint) type, FALSE), 0, (SioSpan) { nsp->str, nsp->len },
                      has_id ? (gint64) id : -1, error))
    {
      g_string_truncate (packet, before);
      return FALSE;
    }
  if (has_data)
    g_string_append_len (packet, data.data, (gssize) data.size);

  return TRUE;
}

gboolean
sio_msgpack_decode_packet (guint                   revision,
                           gboolean                is_text,
                           SioSpan                 message,
                           const SioParserLimits  *limits,
                           GString                *packet,
                           GPtrArray              *attachments,
                           GError                **error)
{
  if (message.size == 0)
    message = SIO_SPAN_LITERAL ("");

  if (!is_text)
    return decode_binary (revision, message, limits, packet, attachments, error);
  if (revision == 4)
    return decode_text (message, limits, packet, error);

  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                       "a text message where msgpack is binary: does the server use another parser?");
  return FALSE;
}
