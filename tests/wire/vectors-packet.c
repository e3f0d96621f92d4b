/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The vectors of Socket.IO packets, protocols 4 and 5: encoding byte by byte, decoding step by step. */

#include "vectors.h"
#include "wire/sio-packet.h"

/* The vectors' notation to ours: {"$bin":"<hex>"} is {"$binary":"<base64>"}; JSON has no word for the others. */
static char *
translate (const char *data_json)
{
  GString *out = g_string_new (NULL);
  const char *p = data_json;

  while (*p != '\0')
    {
      const char *end = strchr (p, '}');

      if (g_str_has_prefix (p, "{\"$bin\":\""))
        {
          g_autofree char *hex = g_strndup (p + 9, (gsize) (end - p) - 10);
          g_autoptr(GBytes) bytes = hex_to_bytes (hex);

          g_string_append (out, "{\"$binary\":\"");
          sio_base64_append (out, span_of (bytes).data, span_of (bytes).size);
          g_string_append (out, "\"}");
          p = end + 1;
        }
      else if (g_str_has_prefix (p, "{\"$undefined\"") || g_str_has_prefix (p, "{\"$number\""))
        {
          g_string_append (out, "null");
          p = end + 1;
        }
      else
        {
          g_string_append_c (out, *p++);
        }
    }

  return g_string_free (out, FALSE);
}

/* After reassembly the official decoder says EVENT for BINARY_EVENT; older ones kept the type. */
static SioPacketType
plain_type (gint64 type)
{
  if (type == SIO_PACKET_BINARY_EVENT)
    return SIO_PACKET_EVENT;
  if (type == SIO_PACKET_BINARY_ACK)
    return SIO_PACKET_ACK;
  return (SioPacketType) type;
}

static void
run_packet_encode (JsonObject *vector, GString *expected, GString *ours)
{
  JsonObject *packet = json_object_get_object_member (vector, "packet");
  JsonArray *out = json_object_get_array_member (vector, "out");
  SioPacketType type = (SioPacketType) json_object_get_int_member (packet, "type");
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) json = g_string_new (NULL);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *hex = NULL;

  for (guint i = 0; i < json_array_get_length (out); i++)
    {
      JsonObject *part = json_array_get_object_element (out, i);

      g_string_append_printf (expected, "%s ", get_string (part, get_string (part, "bin") != NULL ? "bin" : "hex"));
    }

  if (get_string (packet, "data_json") != NULL)
    {
      g_autofree char *data = translate (get_string (packet, "data_json"));

      g_assert_true (sio_json_extract_binary (json, (SioSpan) { data, strlen (data) }, attachments, &error));
      g_assert_no_error (error);
    }

  /* With revision 4 the caller says it; here it always follows from what is there. */
  type = plain_type (type);
  if (attachments->len > 0)
    type = type == SIO_PACKET_EVENT ? SIO_PACKET_BINARY_EVENT : SIO_PACKET_BINARY_ACK;
  sio_packet_append_header (text, type, attachments->len, get_string (packet, "nsp"),
                            json_object_get_int_member_with_default (packet, "id", -1));
  g_string_append_len (text, json->str, (gssize) json->len);

  hex = span_to_hex ((SioSpan) { text->str, text->len });
  g_string_append_printf (ours, "%s ", hex);
  for (guint i = 0; i < attachments->len; i++)
    {
      g_autofree char *bin = span_to_hex (span_of (g_ptr_array_index (attachments, i)));

      g_string_append_printf (ours, "%s ", bin);
    }
}

/* By value, numbers as doubles: the vectors were re-serialised by JSON.stringify. */
static gboolean
same_value (JsonNode *a, JsonNode *b)
{
  if (JSON_NODE_TYPE (a) != JSON_NODE_TYPE (b))
    return FALSE;

  if (JSON_NODE_HOLDS_ARRAY (a))
    {
      JsonArray *left = json_node_get_array (a), *right = json_node_get_array (b);

      if (json_array_get_length (left) != json_array_get_length (right))
        return FALSE;
      for (guint i = 0; i < json_array_get_length (left); i++)
        if (!same_value (json_array_get_element (left, i), json_array_get_element (right, i)))
          return FALSE;
      return TRUE;
    }

  if (JSON_NODE_HOLDS_OBJECT (a))
    {
      JsonObject *left = json_node_get_object (a), *right = json_node_get_object (b);
      g_autoptr(GList) names = json_object_get_members (left);

      if (json_object_get_size (left) != json_object_get_size (right))
        return FALSE;
      for (GList *l = names; l != NULL; l = l->next)
        if (!json_object_has_member (right, l->data) ||
            !same_value (json_object_get_member (left, l->data), json_object_get_member (right, l->data)))
          return FALSE;
      return TRUE;
    }

  if (JSON_NODE_HOLDS_NULL (a))
    return TRUE;
  if (json_node_get_value_type (a) == G_TYPE_STRING || json_node_get_value_type (b) == G_TYPE_STRING)
    return g_strcmp0 (json_node_get_string (a), json_node_get_string (b)) == 0;
  if (json_node_get_value_type (a) == G_TYPE_BOOLEAN || json_node_get_value_type (b) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (a) == json_node_get_boolean (b);
  return json_node_get_double (a) == json_node_get_double (b);
}

static JsonNode *
node_of (const char *text, gssize size)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GError) error = NULL;
  JsonNode *node;

  sio_arguments_add_json (args, text, size, FALSE, &error);
  g_assert_no_error (error);
  node = sio_arguments_dup_node (args, 0, &error);
  g_assert_no_error (error);
  return node;
}

/* Appends "TYPE", and beside it what differs in namespace, id and data. */
static void
append_emitted (GString *ours, const SioPacket *packet, GPtrArray *attachments, JsonObject *expected)
{
  const char *data_json = expected != NULL ? get_string (expected, "data_json") : NULL;

  g_string_append (ours, sio_packet_type_get_name (plain_type (packet->type)));
  if (expected == NULL)
    return;

  if (!sio_span_equals (packet->nsp, get_string (expected, "nsp")))
    g_string_append_printf (ours, "(nsp %.*s)", (int) packet->nsp.size, packet->nsp.data);
  if (packet->id != json_object_get_int_member_with_default (expected, "id", -1))
    g_string_append_printf (ours, "(id %" G_GINT64_FORMAT ")", packet->id);

  if (data_json == NULL)
    {
      if (packet->payload.size != 0)
        g_string_append (ours, "(payload)");
    }
  else
    {
      g_autofree char *wanted_text = translate (data_json);
      g_autoptr(GString) text = g_string_new (NULL);
      g_autoptr(JsonNode) wanted = node_of (wanted_text, -1);
      g_autoptr(JsonNode) got = NULL;

      sio_json_append_with_binary (text, packet->payload, attachments);
      got = node_of (text->str, (gssize) text->len);
      if (!same_value (wanted, got))
        g_string_append_printf (ours, "(data %s)", text->str);
    }
}

static void
run_packet_decode (guint revision, JsonObject *vector, GString *expected, GString *ours)
{
  JsonArray *steps = json_object_get_array_member (vector, "steps");
  SioPacketAssembler assembler = { NULL, };
  gboolean failed = FALSE;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonArray *emits = json_object_get_array_member (step, "emits");
      JsonObject *emitted = json_array_get_length (emits) > 0 ? json_array_get_object_element (emits, 0) : NULL;

      g_string_append (expected, i > 0 ? " " : "");
      if (get_string (step, "throws") != NULL)
        g_string_append (expected, "throw");
      else if (emitted != NULL && get_string (emitted, "nsp") == NULL)
        g_string_append (expected, "ignore");
      else if (emitted != NULL)
        g_string_append (expected,
                         sio_packet_type_get_name (plain_type (json_object_get_int_member (emitted, "type"))));
      else
        g_string_append (expected, "wait");
    }

  for (guint i = 0; i < json_array_get_length (steps) && !failed; i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *in = json_object_get_object_member (step, "in");
      JsonArray *emits = json_object_get_array_member (step, "emits");
      JsonObject *emitted = json_array_get_length (emits) > 0 ? json_array_get_object_element (emits, 0) : NULL;
      gboolean binary = get_string (in, "bin") != NULL;
      g_autoptr(GBytes) bytes = hex_to_bytes (get_string (in, binary ? "bin" : "hex"));
      g_autoptr(GError) error = NULL;

      g_string_append (ours, i > 0 ? " " : "");
      if (binary)
        {
          gboolean complete = FALSE;

          if (!sio_packet_assembler_add (&assembler, bytes, 1000000, &complete, &error))
            failed = TRUE;
          else if (complete)
            {
              append_emitted (ours, &assembler.header, assembler.attachments, emitted);
              sio_packet_assembler_clear (&assembler);
            }
          else
            g_string_append (ours, "wait");
        }
      else
        {
          SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;
          SioPacket packet;

          limits.revision = revision;
          if (assembler.owner != NULL || !sio_packet_decode (span_of (bytes), &limits, &packet, &error))
            failed = TRUE;
          else if (packet.n_attachments > 0)
            {
              sio_packet_assembler_begin (&assembler, bytes, &packet);
              g_string_append (ours, "wait");
            }
          else
            append_emitted (ours, &packet, NULL, emitted);
        }

      if (g_error_matches (error, SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION))
        g_string_append (ours, "ignore");
      else if (failed)
        g_string_append (ours, "throw");
    }

  sio_packet_assembler_clear (&assembler);
}

static void
run_packet_of (guint revision, JsonObject *vector, GString *expected, GString *ours)
{
  if (g_str_equal (get_string (vector, "op"), "encode"))
    run_packet_encode (vector, expected, ours);
  else
    run_packet_decode (revision, vector, expected, ours);
}

void
run_sio4_packet (JsonObject *vector, GString *expected, GString *ours)
{
  run_packet_of (4, vector, expected, ours);
}

void
run_sio5_packet (JsonObject *vector, GString *expected, GString *ours)
{
  run_packet_of (5, vector, expected, ours);
}
