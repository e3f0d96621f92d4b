/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The vectors of Engine.IO, revisions 3 and 4: packets, polling bodies, and how many packets go into one. */

#include "vectors.h"
#include "wire/sio-engine-packet.h"

/* "type:t<hex>" or "type:b<hex>": one Engine.IO packet, comparable. */
static char *
describe_expected (JsonObject *packet)
{
  /* Revision 3 has packets of no type, which the engine ignores; they are errors to us. */
  if (get_string (packet, "type") == NULL || g_str_equal (get_string (packet, "type"), "error"))
    return g_strdup ("error:t");
  if (get_string (packet, "bin") != NULL)
    return g_strdup_printf ("%s:b%s", get_string (packet, "type"), get_string (packet, "bin"));
  if (get_string (packet, "text_hex") != NULL)
    return g_strdup_printf ("%s:t%s", get_string (packet, "type"), get_string (packet, "text_hex"));
  return g_strdup_printf ("%s:t", get_string (packet, "type"));
}

static char *
describe_decoded (guint eio, SioSpan unit, gboolean is_binary)
{
  SioEnginePacket packet = { 0, };
  g_autoptr(GError) error = NULL;
  g_autofree char *hex = NULL;
  char *text;

  if (!(is_binary ? sio_engine_packet_decode_binary (eio, unit, &packet, &error)
                  : sio_engine_packet_decode_text (eio, unit, &packet, &error)))
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_null (packet.decoded);
      return g_strdup ("error:t");
    }

  hex = span_to_hex (packet.data);
  text = g_strdup_printf ("%s:%c%s", sio_engine_packet_type_get_name (packet.type), packet.binary ? 'b' : 't', hex);
  sio_engine_packet_clear (&packet);
  return text;
}

static SioEnginePacketType
type_from_name (const char *name)
{
  for (guint i = 0; i <= SIO_ENGINE_PACKET_NOOP; i++)
    if (g_str_equal (sio_engine_packet_type_get_name ((SioEnginePacketType) i), name))
      return (SioEnginePacketType) i;

  g_assert_not_reached ();
}

/* Appends the packet to a body; returns the size that was announced for it. */
static gsize
append_packet (guint eio, GString *body, JsonObject *packet)
{
  gboolean binary = get_string (packet, "bin") != NULL;
  g_autoptr(GBytes) bytes = NULL;

  bytes = hex_to_bytes (binary ? get_string (packet, "bin")
                               : json_object_get_string_member_with_default (packet, "text_hex", ""));
  if (binary)
    {
      sio_payload_append_binary (eio, body, span_of (bytes));
      return sio_payload_binary_size (eio, span_of (bytes));
    }

  sio_payload_append_text (eio, body, type_from_name (get_string (packet, "type")), span_of (bytes));
  return sio_payload_text_size (eio, span_of (bytes));
}

/* One packet outside of a body: what a WebSocket's frame holds. */
static void
append_frame (guint eio, GString *frame, JsonObject *packet, gboolean as_text)
{
  gboolean binary = get_string (packet, "bin") != NULL;
  g_autoptr(GBytes) bytes = NULL;

  bytes = hex_to_bytes (binary ? get_string (packet, "bin")
                               : json_object_get_string_member_with_default (packet, "text_hex", ""));
  if (!binary)
    g_string_append_c (frame, (char) ('0' + type_from_name (get_string (packet, "type"))));
  else if (as_text)
    {
      sio_engine_packet_append_base64 (eio, span_of (bytes), frame);
      return;
    }
  else
    {
      SioSpan prefix = sio_engine_packet_get_binary_prefix (eio);

      g_string_append_len (frame, prefix.data, (gssize) prefix.size);
    }
  g_string_append_len (frame, span_of (bytes).data, (gssize) span_of (bytes).size);
}

static void
run_packet_of (guint eio, JsonObject *vector, GString *expected, GString *ours)
{
  if (g_str_equal (get_string (vector, "op"), "encodePacket"))
    {
      JsonObject *out = json_object_get_object_member (vector, "out");
      g_autoptr(GString) frame = g_string_new (NULL);
      g_autofree char *hex = NULL;

      append_frame (eio, frame, json_object_get_object_member (vector, "packet"),
                    g_str_equal (get_string (out, "opcode"), "text"));
      hex = span_to_hex ((SioSpan) { frame->str, frame->len });
      g_string_append (expected, get_string (out, "hex"));
      g_string_append (ours, hex);
    }
  else
    {
      JsonObject *in = json_object_get_object_member (vector, "in");
      g_autoptr(GBytes) bytes = hex_to_bytes (get_string (in, "hex"));
      g_autofree char *wanted = describe_expected (json_object_get_object_member (vector, "out"));
      g_autofree char *got = describe_decoded (eio, span_of (bytes), g_str_equal (get_string (in, "opcode"), "binary"));

      g_string_append (expected, wanted);
      g_string_append (ours, got);
    }
}

void
run_eio3_packet (JsonObject *vector, GString *expected, GString *ours)
{
  run_packet_of (3, vector, expected, ours);
}

void
run_eio4_packet (JsonObject *vector, GString *expected, GString *ours)
{
  run_packet_of (4, vector, expected, ours);
}

static void
encode_payload (guint eio, JsonObject *vector, GString *expected, GString *ours)
{
  JsonArray *packets = json_object_get_array_member (vector, "packets");
  g_autoptr(GString) body = g_string_new (NULL);
  g_autofree char *hex = NULL;

  for (guint i = 0; i < json_array_get_length (packets); i++)
    append_packet (eio, body, json_array_get_object_element (packets, i));
  hex = span_to_hex ((SioSpan) { body->str, body->len });
  g_string_append (ours, hex);
  g_string_append (expected, get_string (json_object_get_object_member (vector, "out"), "hex"));
}

static void
decode_payload (guint eio, JsonObject *vector, GString *expected, GString *ours)
{
  JsonObject *in = json_object_get_object_member (vector, "in");
  JsonArray *out = json_object_get_array_member (vector, "out");
  g_autoptr(GBytes) body = hex_to_bytes (get_string (in, "hex"));
  g_autoptr(GError) error = NULL;
  SioPayloadShape shape = SIO_PAYLOAD_SHAPE_EIO4;
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;

  if (eio == 3)
    shape = g_str_equal (get_string (in, "content_type"), "application/octet-stream") ? SIO_PAYLOAD_SHAPE_EIO3_BINARY
                                                                                      : SIO_PAYLOAD_SHAPE_EIO3_TEXT;

  for (guint i = 0; i < json_array_get_length (out); i++)
    {
      g_autofree char *wanted = describe_expected (json_array_get_object_element (out, i));

      g_string_append_printf (expected, "%s ", wanted);
    }

  sio_payload_iter_init (&iter, shape, span_of (body));
  while (sio_payload_iter_next (&iter, &unit, &is_binary, &error))
    {
      g_autofree char *got = describe_decoded (eio, unit, is_binary);

      g_string_append_printf (ours, "%s ", got);
      if (g_str_equal (got, "error:t"))
        break;
    }
  if (error != NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_string_append (ours, "error:t ");
    }
}

static void
run_payload_of (guint eio, JsonObject *vector, GString *expected, GString *ours)
{
  if (g_str_equal (get_string (vector, "op"), "encodePayload"))
    encode_payload (eio, vector, expected, ours);
  else
    decode_payload (eio, vector, expected, ours);
}

void
run_eio3_payload (JsonObject *vector, GString *expected, GString *ours)
{
  run_payload_of (3, vector, expected, ours);
}

void
run_eio4_payload (JsonObject *vector, GString *expected, GString *ours)
{
  run_payload_of (4, vector, expected, ours);
}

void
run_slicing (JsonObject *vector, GString *expected, GString *ours)
{
  JsonArray *packets = json_object_get_array_member (vector, "packets");
  JsonArray *posts = json_object_get_array_member (vector, "posts");
  gsize max_payload = (gsize) json_object_get_int_member (vector, "maxPayload");
  guint n = json_array_get_length (packets);
  g_autofree gsize *sizes = g_new0 (gsize, n);

  for (guint i = 0; i < json_array_get_length (posts); i++)
    {
      JsonObject *post = json_array_get_object_element (posts, i);

      g_string_append_printf (expected, "%s%d:%d", i > 0 ? " " : "",
                              (int) json_object_get_int_member (post, "packets"),
                              (int) json_object_get_int_member (post, "bytes"));
    }

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GString) body = g_string_new (NULL);

      sizes[i] = append_packet (4, body, json_array_get_object_element (packets, i));
      g_assert_cmpuint (sizes[i], ==, body->len);
    }

  for (guint i = 0; i < n;)
    {
      guint take = sio_payload_slice (4, sizes + i, n - i, max_payload);
      g_autoptr(GString) body = g_string_new (NULL);

      g_assert_cmpuint (take, >, 0);
      for (guint k = i; k < i + take; k++)
        append_packet (4, body, json_array_get_object_element (packets, k));
      if (max_payload > 0 && take > 1)
        g_assert_cmpuint (body->len, <=, max_payload);
      g_string_append_printf (ours, "%s%u:%" G_GSIZE_FORMAT, i > 0 ? " " : "", take, body->len);
      i += take;
    }
}
